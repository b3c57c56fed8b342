# list, explain, lint, provision and validate.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

for what in scenarios requirements profiles steps checks distortions; do
    exits "list $what" 0 "$K" list $what
    check "list $what: something" test -s out
    "$K" list $what --format json >$what.json 2>err
    echo '{"type":"array","minItems":1,"items":{"type":"object"}}' >schema.json
    exits "list $what as JSON" 0 "$K" validate schema.json $what.json
done
has "requirements: the text in English" requirements.json '"en": "'
exits "list requirements in Dutch" 0 "$K" list requirements --lang nl
has "requirements: in Dutch" out 'statusmelding'
has "requirements: those that no scenario proves are counted" out 'proven by no scenario'
exits "list requirements of a role" 0 "$K" list requirements --role overstapsysteem --lang en
has "requirements of a role: these" out '^OS-VER-01'
hasnt "requirements of a role: not those" out '^KP-'
has "requirements: never judged yet" out 'last verdict: -; scenarios [1-9][0-9]*, checks'
mkdir judged
echo '{"requirements": [{"id": "OS-VER-01", "verdict": "warn"}]}' >judged/result.json
exits "requirements with the scores of a run" 0 "$K" list requirements --run judged --lang en
is "requirements: one was judged" 1 "$(grep -c 'last verdict: warn; ' out)"
has "requirements: the others were not" out 'last verdict: -; '
"$K" list requirements --run judged --format json >scores.json 2>err
has "requirements as JSON: the score" scores.json '"score": "warn"'
mkdir -p build/run
ln -s ../../judged build/run/latest
exits "requirements with the scores of the last run" 0 "$K" list requirements --lang en
has "requirements: the last run's" out 'last verdict: warn; '
refused "a run that is not there" 2 'nowhere/result.json' "$K" list requirements --run nowhere

exits "list steps" 0 "$K" list steps
has "steps: a verb with its keys" out '{"overstapsysteem": "fetches"}'
hasnt "steps: not the preflight's own" out '"preflight"'

exits "explain a requirement" 0 "$K" explain KP-ORD-01 --lang en
has "explain: its level" out '^KP-ORD-01  MUST'
has "explain: a scenario that proves it" out 'late-message-after-enrolment'
exits "explain a scenario" 0 "$K" explain late-message-after-enrolment --lang nl
has "explain: title" out 'Laat bericht na inschrijving'
has "explain: steps" out '1\. sis a reports ENROLLED'
scenario mine both
exits "explain a file" 0 "$K" explain mine.json
has "explain: a file" out 'A short trial'
LC_ALL=nl_NL.UTF-8 "$K" explain KP-ORD-01 >out 2>err
has "the language is that of the user" out 'verplicht'

exits "lint what is bundled" 0 "$K" lint
has "lint: no faults" out ' 0 faults'
scenario good both
sed 's/"KP-INT-01"/"KP-INT-77"/' good.json | sed 's/"good"/"wrong-id"/' >wrong-id.json
sed 's/"reports": "RECEIVED"/"reprots": "RECEIVED"/' good.json | sed 's/"good"/"typo"/' >typo.json
sed 's/"role": "both"/"role": "overstapsysteem"/' good.json | sed 's/"good"/"role"/' >role.json
printf '{"role":"koppelpunt","name":"X","version":"1","start":["x"],"capabilites":[]}' >iut.json
printf '{"scenario": "broken",,}' >broken.json
printf '{"one": 1}' >other.json
exits "lint good" 0 "$K" lint good.json
mkdir faulty
mv wrong-id.json typo.json role.json iut.json broken.json faulty
cp other.json faulty
exits "lint all" 2 "$K" lint faulty
has "lint: unknown requirement with its place" out '^faulty/wrong-id.json:5:27: there is no requirement KP-INT-77; did you mean'
has "lint: typo in a verb" out '^faulty/typo.json:13:5: .*"reprots"'
has "lint: the other role's requirement" out '^faulty/role.json:5:14: KP-ORD-01 is asked of koppelpunt'
has "lint: iut.json" out '^faulty/iut.json:1:75: .*did you mean "capabilities"'
has "lint: no JSON" out '^faulty/broken.json:1:23: '
has "lint: other JSON in a folder is let be" out '^5 files, 6 faults$'
exits "lint other JSON by name" 2 "$K" lint other.json
has "lint: other JSON by name" out '^other.json:1:1: this is no scenario'
cp good.json again.json
exits "lint a name twice" 2 "$K" lint good.json again.json
has "lint: the name twice" out '^again.json:2:.*used by good.json already'
refused "lint nothing there" 2 'there is no file or folder nowhere' "$K" lint nowhere
mkdir empty
refused "lint an empty folder" 2 'nothing to check' "$K" lint empty

exits "provision" 0 "$K" provision --seed 5 --out p.json
is "provision: only for its owner" 600 "$(stat -c %a p.json)"
has "provision: clients" p.json '"soort": "overstapsysteem"'
refused "provision never over another" 2 'exists already' "$K" provision --out p.json
"$K" provision --seed 5 >q.json
is "the same seed, the same secrets" "$(grep clientSecret p.json)" "$(grep clientSecret q.json)"
"$K" provision --seed 6 >r.json
check "another seed, other secrets" test "$(grep clientSecret p.json)" != "$(grep clientSecret r.json)"
refused "provision where nothing can be written" 3 "can't write" "$K" provision --out p.json/x
full() { "$K" provision >/dev/full; }
[ -e /dev/full ] && refused "provision on a full disk" 3 "can't write standard output" full

echo '{"type":"string"}' >schema.json
echo '"x"' >valid.json
echo '1' >invalid.json
exits "validate" 0 "$K" validate schema.json valid.json
exits "validate what is invalid" 1 "$K" validate schema.json invalid.json
exits "validate without a schema" 2 "$K" validate nowhere.json valid.json
refused "validate with a typo" 2 'did you mean "--format' "$K" validate --fromat json a b
finish
