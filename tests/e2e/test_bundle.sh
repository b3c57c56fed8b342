# A run in one file, and what happens to one on its way.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

scenario short koppelpunt
exits "a run" 0 "$K" run short.json --seed 7 --out run --quiet --lang nl
exits "a bundle" 0 "$K" bundle run --lang en
has "a bundle: where, and its digest" out "^run.tar.gz: [0-9]* files, .*sha256 $(sha256sum run.tar.gz | cut -c1-64)"
has "a bundle: not signed" out '^Not signed'
exits "it verifies" 0 "$K" verify run.tar.gz --lang en
has "it verifies: the statement" out '^statement.json *same: [0-9]* files, PASSED'
has "it verifies: a report" out '^report.html *same'
has "it verifies: the verdict" out '^It matches: conform (exit code 0)'
hasnt "it verifies: packed by us" out 'packed otherwise'
exits "once more" 0 "$K" bundle run -o again.tar.gz --quiet
is "once more: nothing to say" "" "$(cat out err)"
check "once more: the same bytes" cmp run.tar.gz again.tar.gz
cp -R run elsewhere
exits "from another folder" 0 "$K" bundle elsewhere --quiet
check "from another folder: the same bytes" cmp run.tar.gz elsewhere.tar.gz

# What is in it: any tar unpacks it, and packs the same.
mkdir in
check "tar unpacks it" tar -C in -xzf run.tar.gz
tar tzf run.tar.gz >list
for file in statement.json journal.jsonl result.json junit.xml report.html report.en.html \
    scenarios/koppelpunt-short.html inputs/requirements.json inputs/profiles/proef-1.json \
    inputs/schemas/proef-1/bsn.json inputs/scenarios/koppelpunt/short.json inputs/regions.json; do
    check "it holds $file" grep -qx "$file" list
done
hasnt "not what the system wrote" list '^koppelpunt/\|/state\|std'
check "the journal is the run's" cmp run/journal.jsonl in/journal.jsonl
is "it begins with the statement" statement.json "$(head -n 1 list)"
# pack NAME: the folder `in` as a bundle
pack() {
    (cd in && tar --format=ustar --no-recursion --hard-dereference -b 1 --mode=0644 --owner=0 --group=0 \
        --numeric-owner --mtime=@0 -cf - -T ../list) | gzip -n >"$1.tar.gz"
}
pack same
check "tar packs the same" cmp in/journal.jsonl run/journal.jsonl
exits "packed by another" 0 "$K" verify same.tar.gz --lang en
has "an unpacked bundle is a folder" in/statement.json 'in-toto.io/Statement/v1'
exits "unpacked" 0 "$K" verify in --lang en
if command -v python3 >/dev/null; then
    cat >statement.py <<'END'
import hashlib, json
s = json.load(open("in/statement.json"))
assert s["_type"] == "https://in-toto.io/Statement/v1"
assert s["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
names = [line.strip() for line in open("list")]
assert [x["name"] for x in s["subject"]] == names[1:]
for x in s["subject"]:
    assert hashlib.sha256(open("in/" + x["name"], "rb").read()).hexdigest() == x["digest"]["sha256"]
p, r = s["predicate"], json.load(open("in/result.json"))
assert p["result"] == "PASSED"
by = lambda v: [q["id"] for q in r["requirements"] if q["verdict"] == v]
assert p["passedTests"] == by("pass") and p["passedTests"]
assert p["failedTests"] == by("fail") == [] and p["warnedTests"] == by("warn")
d = {x["name"]: x["digest"]["sha256"] for x in p["configuration"]}
e = r["evidence"]["digests"]
assert d["requirements"] == e["requirements"] and d["profile"] == e["profile"] and d["binary"] == e["binary"]
a = next(x for x in s["subject"] if x["name"] == "journal.jsonl")["annotations"]
assert a["systems"] == [{"role": "koppelpunt", "name": "reference koppelpunt", "version": r["koppelproef"]}]
assert a["seed"] == 7 and a["verdict"] == "conform"
END
    check "the statement" python3 statement.py
else
    skip "the statement" "there is no python3"
fi
if command -v openssl >/dev/null; then
    openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null
    openssl pkey -in key.pem -pubout -out public.pem
    check "it can be signed" openssl pkeyutl -sign -inkey key.pem -rawin -in run.tar.gz -out run.sig
    check "and the signature checked" openssl pkeyutl -verify -pubin -inkey public.pem -rawin \
        -in run.tar.gz -sigfile run.sig
else
    skip "it can be signed" "there is no openssl"
fi

# tampered NAME CODE PATTERN: what is in bad.tar.gz
tampered() {
    exits "$1" "$2" "$K" verify bad.tar.gz --lang en
    cat out err >both
    has "$1: says so" both "$3"
    hasnt "$1: does not match" out '^It matches'
}
fresh() { rm -rf in && mkdir in && tar -C in -xzf run.tar.gz && tar tzf run.tar.gz >list; }
# digests: the statement says what is there now
digests() {
    for file; do
        was=$(tar -xzOf run.tar.gz "$file" | sha256sum | cut -c1-64)
        sed -i "s/$was/$(sha256sum "in/$file" | cut -c1-64)/" in/statement.json
    done
}
size=$(wc -c <run.tar.gz)
for at in 9 $((size / 3)) $((size / 2)) $((size - 5)); do
    cp run.tar.gz bad.tar.gz
    printf '\252' | dd of=bad.tar.gz bs=1 seek="$at" conv=notrunc 2>/dev/null
    cmp -s run.tar.gz bad.tar.gz && printf '\125' | dd of=bad.tar.gz bs=1 seek="$at" conv=notrunc 2>/dev/null
    "$K" verify bad.tar.gz >out 2>err
    code=$?
    check "byte $at of $size changed: exit $code" test $code = 1 -o $code = 2
    is "byte $at changed: one sentence" 1 "$(grep -c '^koppelproef: ' err)"
done
head -c $((size / 2)) run.tar.gz >bad.tar.gz
tampered "cut off" 1 'bad.tar.gz is cut off'
head -c 5 run.tar.gz >bad.tar.gz
tampered "cut off at once" 2 'bad.tar.gz'
{ cat run.tar.gz; echo more; } >bad.tar.gz
tampered "something behind it" 1 'goes on behind its end'

fresh
sed -i 's/CONFORM/Conform/' in/report.html
pack bad
tampered "a changed report" 1 'holds another report.html than its statement says'
digests report.html
pack bad
tampered "a changed report and its digest" 1 '^report.html *differs from line'
fresh
sed -i 's/"result": "PASSED"/"result": "WARNED"/' in/statement.json
pack bad
tampered "a changed statement" 1 '^statement.json *differs at /predicate/result'
fresh
sed -i 's/"name": "reference koppelpunt"/"name": "our koppelpunt"/' in/statement.json
pack bad
tampered "a system of another name" 1 'differs at /subject/[0-9]*/annotations/systems/0/name'
fresh
sed -i 's/"level": "S"/"level": "M"/' in/inputs/requirements.json
digests inputs/requirements.json
pack bad
tampered "other requirements" 1 '^inputs/ *requirements: not what the run used'
fresh
sed -i 's/ENROLLED/OFFERED/' in/inputs/scenarios/koppelpunt/short.json
digests inputs/scenarios/koppelpunt/short.json
pack bad
tampered "another scenario" 1 '^statement.json *differs at /subject/'
fresh
sed -i '/junit.xml/d' list
pack bad
tampered "a file less" 1 'lacks junit.xml, which its statement names'
fresh
echo x >in/extra.txt && echo extra.txt >>list
pack bad
tampered "a file more" 1 'holds extra.txt, which its statement does not name'
fresh
echo list >>list && cp list in/list && echo journal.jsonl >>list && sed -i '/^list$/d' list
pack bad
tampered "a file twice" 1 'holds journal.jsonl twice'
fresh
{ sed 1d list; echo statement.json; } >other && mv other list
pack bad
tampered "the statement last" 2 'is no bundle of koppelproef'
fresh
ln -s /etc/passwd in/link && echo link >>list
pack bad
tampered "a link" 1 'holds link, which is no regular file'
fresh
echo x >outside
(cd in && tar --format=ustar -P -b 1 --mode=0644 --owner=0 --group=0 --numeric-owner --mtime=@0 \
    -cf - statement.json ../outside) | gzip -n >bad.tar.gz
tampered "a path that leads out" 1 'holds a file "../outside", which may not be unpacked'
fresh
head -c 300000000 /dev/zero >in/report.html
pack bad
rm in/report.html
tampered "a bomb" 1 'would unpack to more than'
fresh
(cd in && tar --format=ustar --no-recursion -b 1 --mode=0600 --owner=0 --group=0 --numeric-owner \
    --mtime=@0 -cf - -T ../list) | gzip -n >bad.tar.gz
tampered "another mode" 2 'is damaged, or was made by something else'
echo x | gzip -n >bad.tar.gz
tampered "a foreign file" 2 'bad.tar.gz'
tar czf bad.tar.gz in/statement.json
tampered "a foreign archive" 2 'bad.tar.gz'

# What is not handed on.
somebody() { rm -rf spoilt spoilt.tar.gz && cp -R run spoilt; }
somebody
sed -i 's/"verdict": "conform"/"verdict": "not conform"/' spoilt/result.json
refused "what does not verify" 2 'spoilt does not follow from its journal' "$K" bundle spoilt
rm spoilt/result.json
refused "without a result" 2 'spoilt has no result.json' "$K" bundle spoilt
mkdir -p nothing/in
refused "no run" 2 'in holds no journal' "$K" bundle nothing/in
refused "a file" 2 'list is not the folder of a run' "$K" bundle list
refused "nowhere to" 3 "can't write nowhere/x.tar.gz" "$K" bundle run -o nowhere/x.tar.gz
# chained: what a run would have written; standard input: a journal without chains
chained() {
    : >so-far
    while IFS= read -r line; do
        sum=$(sha256sum <so-far | cut -c1-16)
        printf '%s,"chain":"%s"}\n' "${line%\}}" "$sum" >>so-far
    done
    cat so-far
}
unchained <run/journal.jsonl | chained >rechained
check "chains are what they are said to be" cmp rechained run/journal.jsonl
# leak WHAT SED: the journal edited by who knows how, with all that follows from it
leak() {
    somebody
    unchained <run/journal.jsonl | sed "$2" | chained >spoilt/journal.jsonl
    cmp -s spoilt/journal.jsonl run/journal.jsonl && not_ok "$1: the journal is another"
    "$K" report spoilt --format json,junit,html --lang nl >/dev/null
    "$K" verify spoilt --quiet || not_ok "$1: it verifies"
}
# withheld NAME LINE-OF KIND PATTERN
withheld() {
    refused "$1" 2 "$2" "$K" bundle spoilt
    hasnt "$1: not the number itself" err '123456782\|Kanarie'
    is "$1: nothing is left" "" "$(ls spoilt.tar.gz* 2>/dev/null)"
}
leak "a number" '10s/"t":/"note":"of 123456782.","t":/'
withheld "a number" 'journal.jsonl:10: [a-z]* holds the number of a person that is not masked, in its note'
leak "a number as a key" '10s/"t":/"note":{"123456782":1},"t":/'
withheld "a number as a key" 'journal.jsonl:10: '
leak "a number in a message" '/"kind":"exchange"/s/"message":{"/"message":{"bsn":123456782,"/'
withheld "a number in a message" 'exchange holds the number of a person that is not masked, in its message'
leak "an onderwijsnummer" '10s/"t":/"note":"101000012","t":/'
withheld "an onderwijsnummer" 'journal.jsonl:10: '
leak "what is no number of a person" '10s/"t":/"note":"123456783 1123456782 2.123456782","took":123456782,"t":/'
exits "what is no number of a person" 0 "$K" bundle spoilt --quiet
planted='{"seq":0,"t":1,"kind":"canary","scenario":"koppelpunt/short","what":"adres","text":"Kanariestraat 5"}'
leak "a planted text" "20i $planted
21s/\"t\":/\"note\":\"in de Kanariestraat 5\",\"t\":/"
withheld "a planted text" 'journal.jsonl:22: [a-z]* holds a text that was planted and may be found nowhere, in its note'
leak "where it was planted" "20i $planted
/\"from\":\"sis/s/\"message\":{/\"message\":{\"adres\":\"Kanariestraat 5\",/"
exits "where it was planted" 0 "$K" bundle spoilt --quiet
# A system that gives away what was planted: that it did is the evidence.
printf '{"role":"koppelpunt","name":"M","version":"1","start":["%s","mock","koppelpunt","--mutant",
  "kp-unknown-field-echoed"],"capabilities":["reload","restart","zoeken","stand"]}' "$K" >iut.json
exits "what a system gave away" 1 "$K" run fields-outside-the-contract --iut iut.json --quiet --out leaked
check "what a system gave away: in an answer" grep -q '"response":{[^}]*Kanariestraat' leaked/journal.jsonl
exits "what a system gave away: judged, so handed on" 0 "$K" bundle leaked --quiet
check "what a system gave away: failed" sh -c "tar xzOf leaked.tar.gz statement.json | grep -q '\"result\": \"FAILED\"'"
exits "what a system gave away: verified" 0 "$K" verify leaked.tar.gz --quiet

rm -rf in && mkdir in && tar -C in -xzf spoilt.tar.gz && tar tzf spoilt.tar.gz >list
cp spoilt.tar.gz run.tar.gz
unchained <in/journal.jsonl | sed '10s/"t":/"note":"123456782","t":/' | chained >leaking
cp leaking in/journal.jsonl
"$K" report in --format json,junit,html --lang nl >/dev/null
# shellcheck disable=SC2046 # a name on each line, without spaces
digests $(sed 1d list)
pack bad
tampered "a bundle with a number" 1 'journal.jsonl:10: [a-z]* holds the number of a person'
finish
