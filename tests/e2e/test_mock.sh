# The mocks that stand by themselves.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

refused "mock nothing" 2 'koppelproef mock koppelpunt|overstapsysteem' "$K" mock
refused "mock something else" 2 'did you mean "koppelpunt"' "$K" mock koppelpnt
refused "the other role's option" 2 'is for a koppelpunt' "$K" mock overstapsysteem --pupils 3
refused "no address" 2 'HOST:PORT' "$K" mock koppelpunt --listen 8180x
refused "no profile" 2 'there is no profile "proef-9"' "$K" mock koppelpunt --profile proef-9
refused "no profile, by environment" 2 'proef-9' env KOPPELPROEF_PROFILE=proef-9 "$K" mock koppelpunt
refused "no clients" 2 'nowhere.json' "$K" mock koppelpunt --clients nowhere.json
printf '{"clients":[' >torn.json
refused "torn clients" 2 'torn.json:1:' env IUT_CLIENTS_FILE=torn.json "$K" mock koppelpunt
printf '{"clients":[{"clientId":"a","clientSecret":"b","soort":"siss","oin":"00000099000000001000"}],"instellingen":[],"opleidingen":[]}' >kind.json
refused "a client of no kind" 2 'kind.json:1:.*(at /clients/0/soort)' "$K" mock koppelpunt --clients kind.json
refused "state below a file" 3 'torn.json' "$K" mock koppelpunt --state torn.json/x
refused "no koppelpunt" 2 'where the koppelpunt is' "$K" mock overstapsysteem
refused "no URL" 2 'http://' "$K" mock overstapsysteem --koppelpunt example
refused "no such client" 2 'client-secret' "$K" mock overstapsysteem --koppelpunt http://127.0.0.1:9 --client-id nobody
refused "no date" 2 'KOPPELPUNT_AANSLUITDATUM' env KOPPELPUNT_AANSLUITDATUM=soon "$K" mock overstapsysteem --koppelpunt http://127.0.0.1:9

mock kp koppelpunt --pupils 3
kp="$pid" kp_url=$url
refused "an occupied port" 3 'Address already in use' "$K" mock koppelpunt --listen "${url#http://}"
if command -v curl >/dev/null; then
    grep 'aanmeldstatussen' kp | grep curl >fetch.sh
    sh fetch.sh >page 2>err
    is "the printed line fetches" 3 "$(grep -o '"aanmeldId"' page | wc -l | tr -d ' ')"
    grep 'statusmeldingen' kp | grep curl >send.sh
    sh send.sh >answer 2>err
    has "the printed line sends" answer '"aangenomen": *1'
    sh send.sh >answer 2>err
    has "and once more is a repeat" answer '"dubbel": *1'
    sh fetch.sh >page 2>err
    is "what was sent is fetched" 4 "$(grep -o '"aanmeldId"' page | wc -l | tr -d ' ')"

    mock os overstapsysteem --koppelpunt "$kp_url" --interval 0
    grep 'curl' os >talk.sh
    sh talk.sh >seen 2>err
    has "an overstapsysteem of the same seed shows them" seen '"status": *"RECEIVED"'
    kill "$pid"
    ends "the overstapsysteem stops clean" 0 "$pid"

    mock two koppelpunt --pupils 2 --profile proef-2
    grep 'curl' two | head -n 1 >two.sh
    sh two.sh >page 2>err
    has "the second profile's line works too" page '"code"\|"[a-zA-Z]*":'
    hasnt "and is no refusal" page '"status": *4'
    kill "$pid"
    wait "$pid"

    # Killed, and back with what it had acknowledged.
    mock before koppelpunt --state state
    grep 'statusmeldingen' before | grep curl >send.sh
    sh send.sh >answer 2>err
    has "taken in" answer '"aangenomen": *1'
    grep 'aanmeldstatussen' before | grep curl | sed 's/.*/&/' >fetch.sh
    sh fetch.sh >one 2>err
    kill -9 "$pid"
    { wait "$pid"; } 2>/dev/null
    mock after koppelpunt --state state
    grep 'aanmeldstatussen' after | grep curl >fetch.sh
    sh fetch.sh >two 2>err
    is "the same after a kill" "$(grep -o '"aanmeldId": *"[^"]*"' one)" "$(grep -o '"aanmeldId": *"[^"]*"' two)"
    is "its clients are only its owner's" 600 "$(stat -c %a state/clients.json)"
    refused "the state is in use" 3 'state' "$K" mock koppelpunt --state state --listen 127.0.0.1:0

    cp state/clients.json good-clients.json
    echo '{' >state/new.json
    mv state/new.json state/clients.json
    kill -HUP "$pid"
    check "a torn file at SIGHUP is said" await after.err 'stays in force'
    sh fetch.sh >three 2>err
    is "and what was in force stays" "$(grep -o '"aanmeldId": *"[^"]*"' two)" "$(grep -o '"aanmeldId": *"[^"]*"' three)"
    sed 's/"ingetrokken": *false/"ingetrokken":true/' good-clients.json >state/new.json
    mv state/new.json state/clients.json
    kill -HUP "$pid"
    check "a good file at SIGHUP is read" await after '^read again'
    sh fetch.sh >four 2>err
    hasnt "who was withdrawn gets nothing" four aanmeldId
    kill "$pid"
    ends "SIGTERM: exit 0" 0 "$pid"

    peer closed
    mock alone overstapsysteem --koppelpunt "http://127.0.0.1:$port" --interval 0.05 --client-secret x
    check "an overstapsysteem stands without a koppelpunt" until_true curl -s -f \
        "$url/waarnemingen" -H 'Content-Type: application/json' -d '{"school":"02QZ00"}'
    check "and goes on" kill -0 "$pid"
    kill -INT "$pid"
    ends "SIGINT: exit 0" 0 "$pid"
else
    skip "talking to a mock" "there is no curl"
fi
kill "$kp"
ends "the koppelpunt stops clean" 0 "$kp"
refused "a journal that is there already" 2 'exists already' "$K" mock koppelpunt --journal fetch.sh --listen 127.0.0.1:0
if [ -e /dev/full ] && command -v curl >/dev/null; then
    mock full koppelpunt --journal /dev/full
    until_true curl -s "$url/v1/gezondheid"
    kill "$pid"
    ends "a journal on a full disk: exit 3" 3 "$pid"
fi

printf -- '-----BEGIN CERTIFICATE-----\n' >half.pem
refused "a key without a certificate" 2 'need one another' "$K" mock koppelpunt --tls-key half.pem
echo nothing >nothing.pem
refused "what is no PEM" 2 'nothing.pem holds nothing in PEM form' "$K" mock koppelpunt \
    --tls-cert nothing.pem --tls-key nothing.pem
refused "strict without https" 2 'client-ca needs --tls-cert' "$K" mock koppelpunt --client-ca half.pem
refused "a certificate that is none" 3 'is the certificate right' "$K" mock koppelpunt \
    --tls-cert half.pem --tls-key half.pem
refused "https of an overstapsysteem" 2 'koppelpunt' "$K" mock overstapsysteem \
    --koppelpunt http://127.0.0.1:1 --tls-cert half.pem
finish
