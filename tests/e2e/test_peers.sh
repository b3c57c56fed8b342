# Systems that are not there, or are no koppelpunt: each gets its own sentence, and nothing
# shellcheck source=tests/e2e/lib.sh
# of it becomes a verdict.
. "$E2E/lib.sh"

"$K" provision --seed 5 --out p.json >/dev/null
iut() { # FILE PORT
    printf '{"role":"koppelpunt","name":"X","version":"1","baseUrl":"http://127.0.0.1:%s","provisioning":"p.json"}\n' "$2" >"$1"
}
peer silent
iut silent.json "$port"
background silent "$K" preflight --iut silent.json
silent="$pid" # takes as long as we are patient; looked at last

peer closed
iut closed.json "$port"
exits "nothing listens" 3 "$K" preflight --iut closed.json
has "nothing listens: says so" err 'nothing listens at http://127.0.0.1:'
has "nothing listens: what is fine" out '^ok: closed.json describes X 1, a koppelpunt'
scenario good koppelpunt
exits "run, and nothing listens" 3 "$K" run good.json --iut closed.json --out r1
has "run: the journal says why" r1/journal.jsonl 'nothing listens at'
hasnt "run: nothing passed" r1/result.json '"verdict": *"pass"'
hasnt "run: nothing failed" r1/result.json '"verdict": *"fail"'

peer nothttp
iut nothttp.json "$port"
exits "no HTTP" 3 "$K" preflight --iut nothttp.json
has "no HTTP: says so" err 'does not speak HTTP'

peer always200
iut always200.json "$port"
exits "always 200" 2 "$K" preflight --iut always200.json
has "always 200: says so" err 'no koppelpunt'
exits "run against always 200" 2 "$K" run good.json --iut always200.json --out r2
hasnt "always 200 passes nothing" r2/result.json '"verdict": *"pass"'

printf '{"role":"koppelpunt","name":"X","version":"1","start":["./nowhere"]}' >start.json
exits "a start command that is not there" 2 "$K" preflight --iut start.json
has "a start command that is not there: says so" err 'nowhere'
printf '{"role":"koppelpunt","name":"X","version":"1","start":["false"]}' >false.json
"$K" preflight --iut false.json >out 2>err
has "a system that ends at once: says so" err 'ended'

mock kp koppelpunt --clients p.json
iut good-iut.json "$(echo "$url" | sed 's/.*://')"
exits "a good one" 0 "$K" preflight --iut good-iut.json
is "a good one: only ok" "$(wc -l <out)" "$(grep -c '^ok: ' out)"
"$K" provision --seed 6 --out p6.json >/dev/null
sed 's/p.json/p6.json/' good-iut.json >other-iut.json
exits "other secrets" 2 "$K" preflight --iut other-iut.json
has "other secrets: says so" err 'refused client'

wait "$silent"
is "accepts and says nothing: exit 3" 3 $?
has "accepts and says nothing: says so" silent.err 'does not answer'
# A slow starter still sees both sides of its clients' aansluitdata.
cat >slow.json <<END
{"role": "koppelpunt", "name": "Slow", "version": "1",
 "start": ["sh", "-c", "sleep 3.5; exec '$K' mock koppelpunt"], "capabilities": ["reload"]}
END
exits "a slow starter" 0 "$K" run each-from-its-own-date --iut slow.json --out r3
has "a slow starter: the refusal was seen" out '^  pass  *KP-TOE-03'
# A system of ours to start whose observer talks nonsense is to blame itself.
cat >nonsense.json <<END
{"role": "overstapsysteem", "name": "Nonsense", "version": "1",
 "start": ["$PEER", "nothttp"], "capabilities": ["observer"]}
END
"$K" preflight --iut nonsense.json >out 2>err
has "an observer that talks nonsense is the system's" err \
    '^koppelproef: system: the observer of the system, at http://127.0.0.1:.*stderr.txt$'
finish
