# The reports of a run, and the same once more from its journal, read by others' parsers.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

scenario good overstapsysteem
sed -i 's/"KP-ORD-01", "KP-INT-01"/"OS-VER-01"/' good.json
exits "a run" 0 "$K" run good.json --seed 7 --out run --quiet --lang nl
check "it has a report" grep -q '<html lang="nl">' run/report.html
check "in the other language too" grep -q '<html lang="en">' run/report.en.html
check "and a page for the scenario" grep -q '<svg' run/scenarios/overstapsysteem-good.html
sed -n 's/.*href="\(scenarios[^"]*\)".*/\1/p' run/report.html run/report.en.html >links
while read -r link; do
    check "the link to $link leads somewhere" test -s "run/$link"
done <links

all=html,json,junit,markdown,tap,ctrf,csv,har
mkdir again
cp run/journal.jsonl again/journal.jsonl
exits "from the journal alone" 0 "$K" report again/journal.jsonl --format "$all" --lang nl
is "a line for each format" 8 "$(wc -l <out | tr -d ' ')"
while read -r file; do
    check "$file is there" test -s "$file"
done <out
for file in report.html report.en.html result.json junit.xml scenarios/overstapsysteem-good.html; do
    check "the same $file" cmp "run/$file" "again/$file"
done

# Which mutants stand beside a requirement: those that a selftest killed, else as stated.
selftest() { # FILE PROFILE
    version=$("$K" --version | sed 's/.* //')
    printf '{"koppelproef": "%s", "profile": "%s", "mutants": [
 {"name": "os-text-times", "verdict": "killed", "reds": ["OS-VER-01"]},
 {"name": "os-no-rank", "verdict": "survived", "reds": []}]}\n' "$version" "$2" >"$1"
}
has "mutants as stated" run/report.en.html 'Stated mutants'
has "mutants as stated: all of them" run/report.en.html '<code>os-no-rank</code>'
selftest killed.json proef-1
exits "with a selftest" 0 "$K" report again/journal.jsonl --selftest killed.json --lang en --out proven
has "with a selftest: proven" proven/report.html 'Proven by'
has "with a selftest: by what it killed" proven/report.html '<code>os-text-times</code>'
hasnt "with a selftest: not by what survived" proven/report.html 'os-no-rank'
check "with a selftest: it is kept beside the report" test -s proven/selftest.json
cp run/journal.jsonl proven/journal.jsonl
exits "with a selftest beside it" 0 "$K" report proven --lang en
has "with a selftest beside it: proven" proven/report.html 'Proven by'
selftest other.json proef-2
refused "a selftest of another profile" 2 'other.json: this is a selftest in profile proef-2' \
    "$K" report again/journal.jsonl --selftest other.json
echo '{}' >none.json
refused "no selftest" 2 'none.json: this is no selftest.json' \
    "$K" report again/journal.jsonl --selftest none.json

exits "of a folder" 0 "$K" report run
check "it stays there" test -s run/report.html
is "two languages, no more" "report.html report.nl.html" "$(cd run && echo report*.html)"
refused "an unknown format" 2 'markdown' "$K" report run --format markdow
refused "no format at all" 2 'format' "$K" report run --format html,,tap
refused "no such run" 2 'nowhere' "$K" report nowhere
sed '$d' again/journal.jsonl >cut.jsonl
exits "of one without its end" 0 "$K" report cut.jsonl --out cut --lang en
hasnt "no link to what is not there" cut/report.html 'href="\(journal\|result\|junit\)'
has "it says so" cut/report.html 'INTERRUPTED'

# A journal with failures, from somewhere else.
bad=$E2E/../cases/judge/client-number-in-uri/journal.jsonl
exits "of a bad one" 0 "$K" report "$bad" --format "$all" --out bad --lang en
has "what is wrong" bad/report.html 'NOT CONFORM'
has "what is not ok" bad/report.tap '^not ok [0-9]* - OS-OPH-12 '

if command -v xmllint >/dev/null; then
    for page in again/report.html again/report.en.html bad/report.html bad/scenarios/*; do
        check "$page is whole" xmllint --noout "$page"
    done
else
    skip "whole pages" "there is no xmllint"
fi
if command -v python3 >/dev/null; then
    cat >read.py <<'END'
import csv, json, re, sys
from datetime import datetime
from xml.etree import ElementTree
folder = sys.argv[1]
def load(name): return json.load(open(f"{folder}/{name}"))
result = load("result.json")
wanted = {q["id"]: q["verdict"] for q in result["requirements"]}
blocks = {i for i, v in wanted.items() if v not in ("pass", "warn", "not-applicable")}

rows = list(csv.DictReader(open(f"{folder}/requirements.csv", newline="")))
assert {r["id"]: r["verdict"] for r in rows} == wanted, "csv"
assert not any(v[:1] in ("=", "+", "-", "@") for r in rows for v in r.values()), "formula"

ctrf = load("ctrf.json")["results"]
summary = ctrf["summary"]
states = ("passed", "failed", "skipped", "pending", "other")
assert summary["tests"] == len(ctrf["tests"]) == sum(summary[s] for s in states), "ctrf"
assert {t["name"]: t["rawStatus"] for t in ctrf["tests"]} == wanted, "ctrf"
assert all(t["status"] in states and t["duration"] >= 0 for t in ctrf["tests"]), "ctrf"

# What was measured is told everywhere, in JUnit always in English.
figures = summary.get("extra", {}).get("measured", {})
asked = {o["role"] for o in result["reliability"]["operations"]}
junit = ElementTree.parse(f"{folder}/junit.xml").getroot()
said = [p.get("value") for p in junit.iter("property") if p.get("name") == "measured"]
assert set(figures) == asked and len(said) == len(asked) and all(said), "measured"
markdown = " ".join(open(f"{folder}/report.md").read().split())
assert all(s in markdown for s in figures.values()), "measured"

tap = open(f"{folder}/report.tap").read().split("\n")
tests = [m for m in (re.match(r"(not )?ok (\d+) - (\S+)", l) for l in tap) if m]
assert tap[0] == "TAP version 14" and tap[1] == f"1..{len(wanted)}", "tap"
assert [int(m[2]) for m in tests] == list(range(1, len(wanted) + 1)), "tap"
assert {m[3] for m in tests if m[1]} == blocks, "tap"
assert tap.count("  ---") == tap.count("  ..."), "tap"

har = load("exchanges.har")["log"]
journal = [json.loads(l) for l in open(sys.argv[2])]
exchanges = [e for e in journal if e["kind"] == "exchange"]
assert har["version"] == "1.2" and len(har["entries"]) == len(exchanges) > 0, "har"
for h, e in zip(har["entries"], exchanges):
    datetime.fromisoformat(h["startedDateTime"].replace("Z", "+00:00"))
    assert h["request"]["url"].startswith("http") and h["time"] >= 0, "har"
    assert h["request"]["method"] == e["request"]["method"], "har"
    assert h["response"]["status"] == e.get("response", {}).get("status", 0), "har"
    for k in ("cookies", "headers", "queryString", "headersSize", "bodySize", "httpVersion"):
        assert k in h["request"], k
    for k in ("content", "redirectURL", "headersSize", "statusText"):
        assert k in h["response"], k
    assert {"send", "wait", "receive"} <= set(h["timings"]) and "cache" in h, "har"

text = open(f"{folder}/report.md").read()
table = [l for l in text.split("\n") if re.match(r"\| [A-Z]+", l)][1:]
assert len(table) >= len(wanted) and all(l.count(" | ") == 2 for l in table), "markdown"
print("read", len(wanted), "requirements and", len(exchanges), "exchanges")
END
    cat >links.py <<'END'
import os, re, sys
for root, _, files in os.walk(sys.argv[1]):
    for name in (f for f in files if f.endswith(".html")):
        text = open(os.path.join(root, name)).read()
        ids = set(re.findall(r' id="([^"]*)"', text))
        for link in re.findall(r'href="([^"]*)"', text):
            there = link[1:] in ids if link[0] == "#" else os.path.exists(os.path.join(root, link))
            assert there, f"{root}/{name}: {link}"
END
    for folder in run again bad cut; do
        check "every link of $folder leads somewhere" python3 links.py "$folder"
    done
    check "others can read them" python3 read.py again again/journal.jsonl
    check "also what is wrong" python3 read.py bad "$bad"
else
    skip "others can read them" "there is no python3"
fi
finish
