# Waivers: what was agreed upon counts no more, and a list that rots does.
. "$E2E/lib.sh"

# A run of one scenario; then the same journal with an expectation that was not met.
exits "run" 0 "$K" run late-message-after-enrolment --role koppelpunt --seed 1 --out run
mkdir bad
sed '/"kind":"expectation".*"step":".steps.4"/s/"met":true/"met":false,"blame":"system","why":"planted"/' \
    run/journal.jsonl | unchained >bad/journal.jsonl
exits "without waivers" 1 "$K" judge bad --lang en --out plain
ids=$(sed -n 's/.*blocks-conformity\.\([A-Z0-9-]*\)".*/\1/p' plain/junit.xml)
is "something fails" 1 "$([ -n "$ids" ] && echo 1)"

# list EXPIRES [MORE]: a waiver for all that fails
list() {
    for id in $ids; do
        printf '{"requirement": "%s", "reason": "known <to> us", "owner": "team intake",\n' "$id"
        printf ' "link": "https://issues.example/1", "expires": "%s"},\n' "$1"
    done | sed -e '$s/,$//' -e '1s/^/[/' -e '$s/$/]/'
}
list 2999-12-31 >w.json
exits "waived" 0 "$K" judge bad --waivers w.json --lang en --out waived
has "waived: the headline" out 'Result: CONFORM with [1-9][0-9]* waiver'
has "waived: the reason" out 'Waived *known <to> us'
has "waived: owner and last day" out 'until 2999-12-31, team intake'
has "waived: the verdict stays" out '^  FAIL '
has "waived: skipped in JUnit" waived/junit.xml '<skipped message="waived until 2999-12-31 by team intake (https://issues.example/1): known &lt;to&gt; us; fail:'
hasnt "waived: no failure in JUnit" waived/junit.xml '<failure'
hasnt "waived: nothing blocks" waived/junit.xml blocks-conformity
has "waived: in the result" waived/result.json '"verdict": "conform with waivers"'
has "waived: the requirement still fails" waived/result.json '"verdict": "fail"'
has "waived: its state" waived/result.json '"state": "used"'
exits "waived, in Dutch" 0 "$K" judge bad --waivers w.json --lang nl
has "waived, in Dutch: the headline" out 'Uitslag: CONFORM met [1-9][0-9]* ontheffing'

list 2020-01-01 >old.json
exits "expired" 8 "$K" judge bad --waivers old.json --lang en --out expired
has "expired: the headline" out 'Result: NOT CONFORM (Exit code 8)'
has "expired: says so" out 'EXPIRED after 2020-01-01'
has "expired: a failure in JUnit" expired/junit.xml '<failure'
exits "expired: its page" 0 "$K" report bad --waivers old.json --lang en --out expired
has "expired: who agreed on it" expired/report.html 'data-h="Owner">team intake<'
has "expired: and that it is over" expired/report.html 'data-h="State">expired; take it out'

exits "stale" 8 "$K" judge run --waivers w.json --lang en
has "stale: says so" out '(team intake, 2999-12-31): not needed any more'
has "stale: conform all the same" out 'Result: CONFORM (Exit code 8)'
exits "stale, in a run" 8 "$K" run late-message-after-enrolment --role koppelpunt --seed 1 \
    --waivers w.json --quiet --out again

# Wrong lists: one sentence with the place.
wrong() { # NAME PATTERN: w is the list
    printf '%s\n' "$w" >wrong.json
    refused "$1" 2 "$2" "$K" judge run --waivers wrong.json
}
rest='"reason": "r", "owner": "o", "link": "https://x.example", "expires": "2999-01-01"'
w="[{\"requirement\": \"KP-ORD-01\", $rest},
 {\"requirement\": \"KP-ORD-l2\", $rest}]"
wrong "unknown requirement" 'wrong.json:2:18: .*"KP-ORD-l2"; did you mean "KP-ORD-[0-9]*"?'
w="[{\"requirement\": \"KP-ORD-01\", $rest},
 {\"requirement\": \"KP-ORD-01\", $rest}]"
wrong "the same twice" 'wrong.json:2:18: KP-ORD-01 has a waiver already'
w='[{"requirement": "KP-ORD-01", "reason": "r", "owner": "o",
 "link": "https://x.example", "expires": "2999-02-30"}]'
wrong "no date" 'wrong.json:2:42: .*date'
w='[{"requirement": "KP-ORD-01", "reason": "r", "link": "https://x.example", "expires": "2999-02-01"}]'
wrong "no owner" 'wrong.json:1:2: .*owner'
w="[{\"requirement\": \"KP-ORD-01\", $rest, \"until\": 1}]"
wrong "unknown member" 'wrong.json:1:[0-9]*: .*until'
w='{}'
wrong "no list" 'wrong.json:1:1: '
w='[{"requirement"'
wrong "no JSON" 'wrong.json'
refused "no file" 2 'none.json' "$K" judge run --waivers none.json
refused "a run with a wrong list" 2 'wrong.json' "$K" run --waivers wrong.json
finish
