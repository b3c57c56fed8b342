# Rounds: --repeat and --for, flaky systems, what clean rounds show, --require-reliability.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

scenario short koppelpunt

# system NAME STARTS...: a koppelpunt that counts its starts in its folder and misbehaves at
# those that are named, or at each ("all"). A round starts it twice: preflight, scenario.
system() {
    name=$1
    shift
    mkdir "$name"
    cat >"$name/start.sh" <<END
#!/bin/sh
echo start >>starts
n=\$(wc -l <starts | tr -d ' ')
case " $* " in
*" \$n "* | *" all "*) exec "$K" mock koppelpunt --mutant kp-arrival-order ;;
esac
exec "$K" mock koppelpunt
END
    chmod +x "$name/start.sh"
    cat >"$name/iut.json" <<END
{"role": "koppelpunt", "name": "$name", "version": "1", "start": ["./start.sh"],
 "capabilities": ["reload", "restart", "zoeken", "stand"]}
END
}
# value FILE KEY: of the first member with that name
value() { sed -n "s/^ *\"$2\": *\(.*[^,]\),*\$/\1/p" "$1" | head -n 1; }
# Members of one requirement, a line each.
of_requirement() { awk -v id="\"$2\"" '/^  \{/ {b=""} {b=b "\n" $0} /^  \}/ {if (index(b, "\"id\": " id)) print b}' "$1"; }

# One that never fails: n of n, and what that shows.
system clean none
exits "clean rounds" 0 "$K" run short.json --iut clean/iut.json --repeat 6 --out c --lang en
is "clean: 6 rounds of two starts" 12 "$(wc -l <clean/starts | tr -d ' ')"
is "clean: so many rounds" "6" "$(value c/result.json rounds)"
is "clean: so many of them clean" "6" "$(value c/result.json clean)"
# 0.05^(1/6) = 0.606962...
has "clean: the bound" c/result.json '"lower": 0.60696'
has "clean: in words" out '^Reliability: 6 of 6 rounds clean. With 95 % confidence'
check "clean: the journal is whole" whole c/journal.jsonl
is "clean: rounds in the journal" 6 "$(grep -c '"kind":"run"' c/journal.jsonl)"
is "clean: only the first has all" 1 "$(grep -c '"kind":"run".*"planned"' c/journal.jsonl)"
is "clean: one end says finished" "1 5" \
    "$(grep -c '"kind":"end","reason":"finished"' c/journal.jsonl) $(grep -c '"kind":"end","reason":"round"' c/journal.jsonl)"
check "clean: the first round's folder stays" test -d c/koppelpunt/short/state
is "clean: no other stays" "" "$(ls -d c/round-* 2>/dev/null)"
is "clean: the same persons in each round" 1 \
    "$(grep '"kind":"truth"' c/journal.jsonl | sed 's/.*"bsn":"\([^"]*\)".*/\1/' | sort -u | wc -l | tr -d ' ')"
exits "clean: enough for 0.6" 0 "$K" judge c --quiet --require-reliability 0.6
exits "clean: not for 0.7" 6 "$K" judge c --lang en --require-reliability 0.7@0.95
has "not shown: says what would do" out '70 %: NOT SHOWN; 3 further clean rounds'
exits "clean: 0.7 with less confidence" 0 "$K" judge c --quiet --require-reliability 0.7@0.8
exits "clean: required of the run itself" 6 "$K" run short.json --iut clean/iut.json --repeat 1 \
    --out c6 --quiet --require-reliability 0.8
has "clean: still conform" c6/result.json '"verdict": "conform"'

# One that fails one time in five: start 6 is the scenario of round 3.
system seldom 6
exits "one round of five fails" 6 "$K" run short.json --iut seldom/iut.json --repeat 5 --patience 1 --out s --lang en
has "flaky: the result" s/result.json '^ "verdict": "not conform"'
of_requirement s/result.json KP-ORD-01 >q
has "flaky: the requirement" q '"verdict": "flaky"'
has "flaky: how often" q '"failed": 1'
has "flaky: of how many" q '"of": 5'
has "flaky: in which round" q '"round": 3'
has "flaky: in words" q '"failed in 1 of 5 rounds, first in round 3: '
is "flaky: clean rounds" "4" "$(value s/result.json clean)"
has "flaky: the report" out 'FLAKY'
has "flaky: where" out 'round 3, journal line'
has "flaky: in junit a failure" s/junit.xml '<failure message="failed in 1 of 5'
is "flaky: only the round that failed is kept" "s/round-3" "$(ls -d s/round-*)"
check "flaky: with what the system said" test -f s/round-3/koppelpunt/short/stderr.txt
exits "flaky: judged again" 6 "$K" judge s --quiet --out s-again
is "flaky: the same" "$(grep -v '"seconds"\|"started"' s/result.json)" \
    "$(grep -v '"seconds"\|"started"' s-again/result.json)"
exits "flaky: all formats" 0 "$K" report s --format markdown,tap,ctrf,csv,html --out s-more --lang en
has "flaky: ctrf" s-more/ctrf.json '"flaky": true'
has "flaky: tap" s-more/report.tap '^not ok .* KP-ORD-01'
has "flaky: markdown" s-more/report.md 'Reliability'
has "flaky: csv" s-more/requirements.csv '"flaky"'
has "flaky: the page of the scenario is that of the round" s-more/scenarios/koppelpunt-short.html 'KP-ORD-01'

# One that always fails: that is no flakiness.
system broken all
exits "all rounds fail" 1 "$K" run short.json --iut broken/iut.json --repeat 2 --patience 1 --out b --quiet
of_requirement b/result.json KP-ORD-01 >q
has "always: fail" q '"verdict": "fail"'
is "always: none clean" "0" "$(value b/result.json clean)"

# One that does not come up at all: no further round is tried.
system absent none
echo 'exit 3' >absent/start.sh
exits "no system" 4 "$K" run short.json --iut absent/iut.json --repeat 5 --out a --quiet
is "no system: one round" 1 "$(grep -c '"kind":"run"' a/journal.jsonl)"
has "no system: why" a/journal.jsonl '"kind":"end","reason":"finished","why":"the preflight failed"'

# --for: no round begins after that time, and there is always one.
exits "for a moment" 0 "$K" run short.json --iut clean/iut.json --for 1ms --out f1 --quiet
is "for a moment: one round" 1 "$(grep -c '"kind":"run"' f1/journal.jsonl)"
has "for a moment: asked" f1/result.json '"for": 0.001'
exits "for a second" 0 "$K" run short.json --iut clean/iut.json --for 1s --out f2 --quiet
rounds=$(grep -c '"kind":"run"' f2/journal.jsonl)
check "for a second: some round" test "$rounds" -ge 1
# It was decided to begin a round after the one before had ended, and within the second.
late=$(awk '
    { t = $0; sub(/.*"t":/, "", t); t += 0 }
    /"kind":"run"/ { if (!n++) first = t; else if (ended >= first + 1000000000) late++ }
    /"kind":"end"/ { ended = t }
    END { print late + 0 }' f2/journal.jsonl)
is "for a second: none began later" 0 "$late"

# A system that keeps running has persons in each round that it has not seen.
"$K" provision --out provisioning.json --seed 5 >/dev/null 2>&1
mock running koppelpunt --clients provisioning.json
cat >running.json <<END
{"role": "koppelpunt", "name": "Running", "version": "1", "baseUrl": "$url",
 "provisioning": "provisioning.json", "capabilities": ["zoeken", "stand"]}
END
exits "a running system" 0 "$K" run short.json --iut running.json --repeat 3 --out r --quiet
is "a running system: fresh persons" 3 \
    "$(grep '"kind":"truth"' r/journal.jsonl | sed 's/.*"bsn":"\([^"]*\)".*/\1/' | sort -u | wc -l | tr -d ' ')"
is "a running system: the journal says so" 3 "$(grep -c '"persons":"fresh"' r/journal.jsonl)"

# An overstapsysteem that keeps running calls us at one address, conversation after
# conversation. What listened there is gone when the next one begins.
scenario one overstapsysteem
sed -i 's/"KP-ORD-01", "KP-INT-01"/"OS-VER-01"/' one.json
sed 's/"one"/"two"/' one.json >two.json
secret=$(grep -A1 '"clientId": "intergrip"' provisioning.json | sed -n 's/.*"clientSecret": "\(.*\)".*/\1/p')
peer closed # a port that nobody has
kill "$pid"
wait "$pid" 2>/dev/null
mock reader overstapsysteem --koppelpunt "http://127.0.0.1:$port" --client-secret "$secret" --interval 0.2
cat >reader.json <<END
{"role": "overstapsysteem", "name": "Reader", "version": "1", "observer": "$url",
 "koppelpuntListen": "127.0.0.1:$port", "ophaalintervalSeconds": 0.2,
 "provisioning": "provisioning.json", "capabilities": ["observer"]}
END
exits "a running overstapsysteem" 0 "$K" run one.json two.json --iut reader.json --repeat 2 --out o --quiet
is "a running overstapsysteem: clean rounds" "2" "$(value o/result.json clean)"

# Interrupted: what is complete is judged.
background run-int "$K" run short.json --iut clean/iut.json --for 10m --out i
await i/journal.jsonl '"round":3'
kill -INT "$pid"
ends "interrupted: exit 130" 130 "$pid"
check "interrupted: the journal is whole" whole i/journal.jsonl
has "interrupted: the result says so" i/result.json '"verdict": "interrupted"'
of_requirement i/result.json KP-ORD-01 >q
has "interrupted: complete rounds are judged" q '"verdict": "pass"'
check "interrupted: and counted" test "$(value i/result.json clean)" -ge 2

# Killed between rounds: more was to come.
grep -n '"kind":"end","reason":"round"' c/journal.jsonl | sed -n '4s/:.*//p' >line
head -n "$(cat line)" c/journal.jsonl >four.jsonl
exits "killed after four rounds" 130 "$K" judge four.jsonl --quiet --out four
is "killed: what is there counts" "4" "$(value four/result.json clean)"

# Wrong values.
for wrong in 0 1 1.5 -0.5 0.9@ 0.9@0 0.9@1 0.9@x @0.9 x nan 1e-1 0.9@0.95x ''; do
    refused "reliability \"$wrong\"" 2 'require-reliability must be' \
        "$K" judge c --require-reliability "$wrong"
done
for wrong in 0 -1 1.5 x 10000000; do
    refused "repeat $wrong" 2 'repeat must be' "$K" run short.json --repeat "$wrong"
done
for wrong in 0s 10 x 10d -5s 2000h ''; do
    refused "for \"$wrong\"" 2 'for must be a time' "$K" run short.json --for "$wrong"
done
refused "repeat and for" 2 'both say how many' "$K" run short.json --for 1m --repeat 3
finish
