# Does what a run left follow from its journal? Also when somebody was at it.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

for name in short shorter shortest; do scenario $name koppelpunt; done
exits "a run" 0 "$K" run short.json shorter.json shortest.json --seed 7 --out run --quiet --lang nl
exits "it matches" 0 "$K" verify run --lang en
has "it matches: the journal is whole" out '^journal.jsonl *whole: [0-9]* lines, sha256 [0-9a-f]\{16\}'
has "it matches: the verdict" out '^It matches: conform (exit code 0)'
for file in result.json junit.xml report.html report.en.html; do
    has "it matches: $file" out "^$file *same"
done
has "it matches: the pages" out '^scenarios/ *6 same'
has "it matches: the system's own files" out '^koppelpunt/ *not ours'
exits "in Dutch" 0 "$K" verify run --lang nl
has "in Dutch: so it says" out '^Klopt: conform (afsluitcode 0)'
exits "quietly" 0 "$K" verify run --quiet
is "quietly: nothing" "" "$(cat out err)"
cp -R run all
exits "all formats" 0 "$K" report all --format html,json,junit,markdown,tap,ctrf,csv,har --lang en
exits "all formats, in the other language" 0 "$K" verify all --lang en
has "all formats: the last one too" out '^exchanges.har *same'
"$K" report all --format markdown --lang nl >/dev/null
exits "a report in another language than the pages" 0 "$K" verify all --lang en

# somebody NAME: a copy to be spoilt
somebody() { rm -rf spoilt; cp -R run spoilt; }
# differs NAME CODE PATTERN
differs() {
    exits "$1" "$2" "$K" verify spoilt --lang en
    cat out err >both
    has "$1: says so" both "$3"
    hasnt "$1: does not match" out '^It matches'
}
somebody
sed -i 's/"verdict": "conform"/"verdict": "not conform"/' spoilt/result.json
differs "a verdict that was changed" 1 '^result.json *differs at /verdict: it says "not conform", by the journal "conform"'
somebody
sed -i '0,/"verdict": "pass"/s//"verdict": "fail"/' spoilt/result.json
differs "a requirement that was changed" 1 'differs at /requirements/0/verdict: it says "fail", by the journal "pass"'
somebody
sed -i 's/"exitCode": 0,/"exitCode": 0, "remark": "approved",/' spoilt/result.json
differs "a member that was added" 1 'differs at /remark: it says "approved", by the journal nothing'
somebody
echo '{' >spoilt/result.json
differs "a result that is no JSON" 1 '^result.json *spoilt/result.json:2:1'
somebody
rm spoilt/result.json
differs "no result" 1 '^result.json *missing'
somebody
sed -i '4s/tests="/tests="1/' spoilt/junit.xml
cmp -s run/junit.xml spoilt/junit.xml && sed -i '4s/./x/' spoilt/junit.xml
differs "a changed junit.xml" 1 '^junit.xml *differs from line 4, column [0-9]* on: '
somebody
printf x >>spoilt/report.html
differs "a byte behind a page" 1 '^report.html *differs from line [0-9]*, column 1 on: "x", by the journal ""'
somebody
rm spoilt/scenarios/koppelpunt-short.en.html
differs "a page that is gone" 1 '^scenarios/koppelpunt-short.en.html *missing'
somebody
sed -i 's/<html/<HTML/' spoilt/scenarios/*
differs "all pages changed" 1 '^scenarios/koppelpunt-short.en.html *differs from line 2, column 2'
is "all pages changed: a few are named" 5 "$(grep -c '^scenarios/k' out)"
has "all pages changed: the rest is counted" out '^scenarios/ *1 more differ or are missing'
somebody
sed -i '3s/"t":[0-9]*/"t":1/' spoilt/journal.jsonl
differs "an edited journal" 1 'journal.jsonl:4: the journal was edited: .* line 3'
refused "judging an edited journal" 2 'journal.jsonl:4: the journal was edited' "$K" judge spoilt
refused "reporting an edited journal" 2 'journal.jsonl:4: the journal was edited' "$K" report spoilt
somebody
sed -i 3d spoilt/journal.jsonl
differs "a line taken out of the journal" 1 'journal.jsonl:3: the journal was edited'
somebody
sed -i 3p spoilt/journal.jsonl
differs "a line twice in the journal" 1 'journal.jsonl:4: the journal was edited'
somebody
sed -i '$s/finished/finisheD/' spoilt/journal.jsonl
differs "an edited last line" 1 '^journal.jsonl *its last line ([0-9]*) was changed'
somebody
sed -i '$d' spoilt/journal.jsonl
differs "a journal without its end" 1 '^journal.jsonl *cut off: result.json was made of [0-9]* lines, here are [0-9]*'
somebody
truncate -s -20 spoilt/journal.jsonl
differs "a journal cut in a line" 1 '^journal.jsonl *cut off'
has "a journal cut in a line: by the journal" out '^It does not match: by the journal interrupted (exit code 130)'
somebody
unchained <run/journal.jsonl >spoilt/journal.jsonl
differs "a journal without chains" 1 '^journal.jsonl *has no chains'
somebody
sed '1s/"requirements":"[0-9a-f]\{4\}/"requirements":"0000/' run/journal.jsonl | unchained >spoilt/journal.jsonl
"$K" judge spoilt --out spoilt --quiet
differs "made by other requirements" 4 '^requirements *made with other requirements than ours (sha256 0000'
has "made by other requirements: whose fault" out 'The difference may be ours'

# What is no run.
cat >waivers.json <<'END'
[{"requirement": "KP-ORD-01", "reason": "r", "owner": "o", "link": "https://issues.example/1", "expires": "2999-12-31"}]
END
mkdir empty foreign
refused "nothing there" 2 'there is no nowhere' "$K" verify nowhere
refused "an empty folder" 2 'empty holds no journal.jsonl' "$K" verify empty
echo '{"event":1}' >foreign/journal.jsonl
refused "a foreign journal" 2 'foreign/journal.jsonl is no journal of koppelproef' "$K" verify foreign
: >foreign/journal.jsonl
refused "an empty journal" 2 'is no journal of koppelproef' "$K" verify foreign
refused "a file" 2 'waivers.json is neither the folder of a run nor a bundle' "$K" verify waivers.json
refused "no operand" 2 'verify needs more' "$K" verify

# With what was agreed upon.
exits "with a waiver that is stale" 8 "$K" judge run --waivers waivers.json --baseline run/result.json --quiet --out judged
cp run/journal.jsonl judged
exits "with exceptions: reports" 0 "$K" report judged --format html,json,junit --waivers waivers.json --baseline run/result.json --lang en
exits "with exceptions" 0 "$K" verify judged --lang en
has "with exceptions: the waiver" out 'with 1 waiver(s), as in result.json'
has "with exceptions: the baseline" out "against the baseline in result.json (sha256 $(sha256sum run/result.json | cut -c1-12))"
has "with exceptions: the verdict" out '^It matches: conform (exit code 8)'
sed -i 's/2999-12-31/2999-12-30/' judged/result.json
sed -i 's/"requirement": "KP-ORD-01"/"requirement": "KP-ORD-99"/' judged/result.json
exits "with a waiver for nothing" 1 "$K" verify judged --lang en
has "with a waiver for nothing: says so" err 'result.json: there is no requirement "KP-ORD-99"'

# While it is being written, and after it was killed.
background going.log "$K" run --out going --quiet
await going/journal.jsonl '"kind":"scenario".*"phase":"start"'
refused "still being written" 2 'going is still being written by a run' "$K" verify going
refused "still being written: judge" 2 'still being written' "$K" judge going
refused "still being written: report" 2 'still being written' "$K" report going/journal.jsonl
kill -9 "$pid"
{ wait "$pid"; } 2>/dev/null
exits "killed" 1 "$K" verify going --lang en
cat out err >both
has "killed: says so" both 'the journal has no end: the run was killed'
exits "killed, and judged" 0 "$K" report going --format json,junit,html --lang en
exits "killed, judged, verified" 0 "$K" verify going --lang en
has "killed, judged, verified: not conform" out '^It matches: interrupted (exit code 130)'
finish
