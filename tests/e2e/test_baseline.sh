# A baseline: only what got worse counts for the exit status, the verdict stays.
. "$E2E/lib.sh"

exits "run" 0 "$K" run late-message-after-enrolment --role koppelpunt --seed 1 --out run
mkdir bad
sed '/"kind":"expectation".*"step":".steps.4"/s/"met":true/"met":false,"blame":"system","why":"planted"/' \
    run/journal.jsonl | unchained >bad/journal.jsonl
exits "the bad one" 1 "$K" judge bad --out bad
cp run/result.json good.json

exits "known" 0 "$K" judge bad --baseline bad/result.json --lang en --out known
has "known: said at the requirement" out 'Baseline  known: it was so then'
has "known: counted" out '^Baseline: [1-9][0-9]* known: KP-'
has "known: nothing new" out '^Baseline: 0 new'
has "known: not conform all the same" out 'NOT CONFORM (nothing new since the baseline; Exit code 0)'
has "known: in the result" known/result.json '"verdict": "not conform"'
digest=$(sha256sum bad/result.json | cut -d' ' -f1)
has "known: against what" known/result.json "\"digest\": \"$digest\""

exits "new" 1 "$K" judge bad --baseline good.json --lang en
has "new: said at the requirement" out 'Baseline  new (pass)'
has "new: counted" out '^Baseline: [1-9][0-9]* new: KP-'

exits "new: its page" 0 "$K" report bad --baseline good.json --lang en --out page
has "new: counted on it" page/report.html '<dt>new</dt><dd>[1-9][0-9]*: KP-'

exits "fixed" 0 "$K" judge run --baseline bad/result.json --lang en
has "fixed: counted" out '^Baseline: [1-9][0-9]* fixed: KP-'
has "fixed: conform" out 'Result: CONFORM (Exit code 0)'

sed 's/"id": "KP-ORD-01"/"id": "KP-OLD-99"/' good.json >gone.json
exits "disappeared" 4 "$K" judge run --baseline gone.json --lang nl
has "disappeared: named" out 'Nulmeting: 1 verdwenen: KP-OLD-99'
exits "a run with a baseline" 0 "$K" run late-message-after-enrolment --role koppelpunt \
    --seed 1 --quiet --baseline good.json --out again
has "a run with a baseline: in its result" again/result.json '"baseline": {'

# What can't be held against this run.
sed 's/"profile": "proef-1"/"profile": "proef-2"/' good.json >other.json
refused "another profile" 2 'other.json: the baseline is of profile proef-2, this run of proef-1' \
    "$K" run late-message-after-enrolment --role koppelpunt --baseline other.json --out never
is "another profile: nothing was run" "" "$(ls -d never 2>/dev/null)"
refused "another profile, when judging" 2 'proef-2' "$K" judge run --baseline other.json
refused "another role" 2 'not of an overstapsysteem' \
    "$K" run late-message-after-enrolment --role overstapsysteem --baseline good.json --out never
echo '{"verdict": "conform"}' >form.json
refused "no result" 2 'form.json: this is no result.json' "$K" judge run --baseline form.json
echo '{' >form.json
refused "no JSON" 2 'form.json' "$K" judge run --baseline form.json
refused "no file" 2 'none.json' "$K" judge run --baseline none.json
finish
