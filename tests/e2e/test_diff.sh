# What changed between two runs.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

exits "run" 0 "$K" run late-message-after-enrolment --role koppelpunt --seed 1 --quiet --out good
cp -R good bad
sed '/"kind":"expectation".*"step":".steps.4"/s/"met":true/"met":false,"blame":"system","why":"planted"/' \
    good/journal.jsonl | unchained >bad/journal.jsonl
exits "the bad one" 1 "$K" judge bad --quiet --out bad

exits "the same" 0 "$K" diff good good --lang en
has "the same: so it says" out '^no difference'
exits "a new fail" 1 "$K" diff good bad --lang en
has "a new fail: the requirement" out '^KP-[A-Z]*-[0-9]*  new fail  pass -> fail'
has "a new fail: scenario, check and why" out '^    late-message-after-enrolment, expectation: - -> fail: planted'
has "a new fail: counted" out '^[1-9][0-9]* new fail$'
has "a new fail: what was compared" out '^After   bad (reference koppelpunt [0-9.]*, not conform)'
exits "fixed" 1 "$K" diff bad good/result.json --lang nl
has "fixed: the requirement" out '^KP-[A-Z]*-[0-9]*  hersteld  fail -> pass'
exits "as JSON" 1 "$K" diff good bad --format json
has "as JSON: not the same" out '"same": false'
has "as JSON: the change" out '"change": "new-fail"'
exits "as Markdown" 1 "$K" diff good bad --format markdown --lang en
has "as Markdown: the table" out '^| KP-[A-Z]*-[0-9]* | new fail | pass | fail | .*planted'
exits "a bundle" 0 "$K" bundle good --quiet
exits "with a bundle" 1 "$K" diff good.tar.gz bad --lang en
has "with a bundle: the change" out 'new fail'
sed 's/"id": "KP-ORD-01"/"id": "KP-OLD-99"/' good/result.json >other.json
exits "one gone, one more" 1 "$K" diff other.json good --lang en
has "one gone" out '^KP-OLD-99  disappeared  pass -> -'
has "one more" out '^KP-ORD-01  appeared  - -> pass'

sed 's/"profile": "proef-1"/"profile": "proef-2"/' good/result.json >other.json
refused "another profile" 2 'the first is of profile proef-1, the second of proef-2' "$K" diff good other.json
sed 's/"role": "koppelpunt"/"role": "overstapsysteem"/' good/result.json >other.json
refused "another role" 2 'only the first has a koppelpunt under test' "$K" diff good other.json
echo '{}' >other.json
refused "no result" 2 'other.json: this is no result.json' "$K" diff good other.json
mkdir empty
refused "an empty folder" 2 'empty has no result.json' "$K" diff good empty
refused "nothing there" 2 'there is no nowhere' "$K" diff good nowhere
refused "one run" 2 'diff needs more' "$K" diff good
refused "an unknown format" 2 'it is text, json or markdown' "$K" diff good bad --format html
head -c 1000 good.tar.gz >cut.tar.gz
refused "a bundle cut off" 2 'koppelproef: cut.tar.gz is cut off' "$K" diff good cut.tar.gz
finish
