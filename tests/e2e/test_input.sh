# Wrong input of `run` and `preflight`: one sentence, the place, the right exit code.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

scenario good both
wrong() { # NAME SED PATTERN
    sed "$2" good.json >"$1.json"
    refused "$1" 2 "$3" "$K" run "$1.json"
}
wrong verb 's/"reports": "RECEIVED"/"reprots": "RECEIVED"/' 'verb.json:13:5: .*reprots.*(at /steps/2)'
wrong actor 's/{"school": "lotte"/{"shcool": "lotte"/' 'actor.json:12:.*did you mean "school"'
wrong type 's/"age": 16/"age": "sixteen"/' 'type.json:7:.*(at /given/pupils/lotte/age)'
wrong key 's/"began": "2023-04-01T09:00:00Z"/"begon": "x"/' 'key.json:13:.*did you mean "began"'
wrong pupil 's/"pupil": "lotte"/"pupil": "lotje"/' 'pupil.json:8:.*no pupil "lotje"'
wrong status 's/"reports": "RECEIVED"/"reports": "RECIEVED"/' 'status.json:13:.*did you mean "RECEIVED"'
wrong code 's/"25LH"/"99ZZ"/' 'code.json:8:.*99ZZ'
wrong json 's/"role": "both",/"role": "both"/' 'json.json:5:'
printf '' >empty.json
refused "empty file" 2 'empty.json' "$K" run empty.json

# Fixtures of one's own, each with one thing wrong.
fixtures() { # NAME
    cp -R "$(dirname "$K")/../fixtures" "$1"
}
with() { # NAME FIXTURES PATTERN: by every way in which a profile is read
    refused "$1: run" 2 "$3" env KOPPELPROEF_FIXTURES="$PWD/$2" "$K" run good.json
    refused "$1: mock" 2 "$3" env KOPPELPROEF_FIXTURES="$PWD/$2" "$K" mock koppelpunt
    refused "$1: selftest" 2 "$3" env KOPPELPROEF_FIXTURES="$PWD/$2" "$K" selftest kp-slow
}
fixtures less
sed '/"notificaties.opzeggen": {/,/^    },/d' less/profiles/proef-1.json >changed
mv changed less/profiles/proef-1.json
with "a profile without an operation" less \
    "less/profiles/proef-1.json: the operation 'notificaties.opzeggen' is missing"
fixtures odd
sed 's/"type": "object"/"type": "object", "minimumm": 3/' \
    odd/schemas/proef-1/aanmeldstatus.json >changed
mv changed odd/schemas/proef-1/aanmeldstatus.json
with "a schema with an unknown keyword" odd \
    'aanmeldstatus.json:[0-9]*:[0-9]*: unknown keyword "minimumm", did you mean "minimum"'
fixtures twins
sed 's/"profile": "proef-2"/"profile": "proef-1"/' \
    twins/profiles/proef-2.json >twins/profiles/proef-3.json
with "two profiles of one name" twins 'proef-3.json:2:14: two profiles have the name "proef-1"'

refused "unknown selector" 2 'did you mean "KP-ORD-01"' "$K" run KP-ORD-1
refused "unknown file" 2 'nowhere.json' "$K" run nowhere.json
mkdir none
refused "empty folder" 4 'no scenarios below none' "$K" run none/
scenario only-kp koppelpunt
refused "nothing of that role" 4 'none of the 1 selected' "$K" run only-kp.json --role overstapsysteem
mkdir two
cp good.json two/a.json
cp good.json two/b.json
refused "a name twice" 2 'used by two/a.json already' "$K" run two/
refused "a name twice, elsewhere" 2 'used by' "$K" run good.json two/a.json
is "nothing was made for all this" "" "$(ls -d build 2>/dev/null)"

iut() { # FILE JSON
    printf '%s\n' "$2" >"$1"
}
iut ok.json '{"role":"koppelpunt","name":"X","version":"1","start":["true"]}'
refused "iut: not there" 2 'nowhere.json' "$K" preflight --iut nowhere.json
refused "iut: none given" 2 'iut FILE' "$K" preflight
iut a.json '{"role":"koppelpunt","name":"X","version":"1","baseUrl":"127.0.0.1:1","provisioning":"p.json"}'
refused "iut: no address" 2 'a.json:1:.*http://' "$K" preflight --iut a.json
iut b.json '{"role":"koppelpunt","name":"X","version":"1","start":["x"],"bseUrl":"http://x"}'
refused "iut: unknown key" 2 'b.json:1:.*did you mean "baseUrl"' "$K" preflight --iut b.json
iut c.json '{"role":"koppelpnt","name":"X","version":"1","start":["x"]}'
refused "iut: role" 2 'c.json:1:.*(at /role)' "$K" preflight --iut c.json
iut d.json '{"role":"koppelpunt","name":"X","version":"1","start":["x"],"profiles":["proef-2"]}'
refused "iut: profile" 2 'does not speak profile proef-1' "$K" preflight --iut d.json
refused "iut: the other role" 2 'leave --role out' "$K" run good.json --iut ok.json --role overstapsysteem
iut e.json '{"role":"koppelpunt","name":"X","version":"1","baseUrl":"http://127.0.0.1:1","provisioning":"nowhere.json"}'
refused "iut: provisioning is not there" 2 'nowhere.json' "$K" preflight --iut e.json

touch file
refused "out below a file" 3 'choose another folder with --out' "$K" run good.json --out file/x
refused "out in /proc" 3 'choose another folder with --out' "$K" run good.json --out /proc/koppelproef
mkdir old
echo '{"seq":1}' >old/journal.jsonl
refused "out with an earlier run" 2 'holds an earlier run' "$K" run good.json --out old
is "the earlier run is untouched" '{"seq":1}' "$(cat old/journal.jsonl)"
touch build
refused "no place for build/run" 3 'with --out' "$K" run good.json
rm build
if [ "$(id -u)" != 0 ]; then
    mkdir closed
    chmod 500 closed
    refused "out that is closed to us" 3 'Permission denied' "$K" run good.json --out closed
else
    skip "out that is closed to us" "root may write anywhere"
fi
finish
