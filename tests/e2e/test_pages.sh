# The pages of a broken system with a name that is out for trouble: what others' parsers
# make of them, who can read them, and whether the curl lines work.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

cat >iut.json <<END
{"role": "koppelpunt",
 "name": "<script>alert(1)</script> \"'& \u202eabc\u0007 </title> كوب",
 "version": "4.2 <b>", "goLive": "2099-02-03",
 "start": ["$K", "mock", "koppelpunt", "--mutant", "kp-no-elfproef"],
 "capabilities": ["reload", "restart", "zoeken", "stand"]}
END
exits "a broken system" 1 "$K" run --iut iut.json KP-INT-05 KP-ORD-02 digid-is-down \
    --out run --quiet --lang nl
front=run/report.html
has "the first screen says it" $front 'NIET CONFORM'
has "and whether it may go live" $front 'Zo kan dit nog niet live'
has "and what may come of it" $front 'Meldingen kunnen verkeerd'
has "and that not all was tried" $front 'Dit was een keuze uit de proef'
has "and until when" $front 'tot 3 februari 2099'
has "and what it is" $front 'geen certificaat'
has "the day is in the journal" run/journal.jsonl '"goLive":"2099-02-03"'
has "in English too" run/report.en.html 'days left, until 3 February 2099'
has "who is to blame" $front '<dt>Ligt aan</dt><dd><strong>het systeem</strong>'
has "expected beside seen" $front '>Verwacht</h4>.*'
has "the flow of statuses" $front 'Van status naar status'
has "DigiD stands apart" run/scenarios/koppelpunt-digid-is-down.html '>DigiD</text>'
hasnt "its name is no markup" $front '<script'
has "but it can be read" $front '&lt;script&gt;alert(1)&lt;/script&gt;'
has "a mark that turns the writing is shown" $front '\[U+202E\]abc'
cp run/report.html before.html
exits "judged and reported later" 0 "$K" report run --lang nl
check "the days stay the same" cmp before.html run/report.html
check "no page fetches or runs anything" sh -c \
    "! grep -rlE '<script|<link|<img|<iframe|src=|@import|url\(http| on[a-z]+=\"' run --include='*.html'"

find run -name '*.html' >pages
if command -v xmllint >/dev/null; then
    while read -r page; do check "$page is XML" xmllint --noout "$page"; done <pages
else
    skip "XML" "there is no xmllint"
fi
python=
for p in python3 /usr/bin/python3; do
    "$p" -c 'import html5lib' 2>/dev/null && python=$p && break
done
if [ "$python" ]; then
    cat >html5.py <<'END'
import html5lib, sys
for name in open("pages").read().split():
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(open(name, encoding="utf-8", newline="").read())
    assert not parser.errors, (name, parser.errors[:3])
END
    check "the pages are HTML" "$python" html5.py
else
    skip "HTML" "there is no html5lib"
fi
if command -v python3 >/dev/null; then
    cat >readable.py <<'END'
# What WCAG asks of markup: languages, headings in order, heads of tables, names of what is
# drawn, one way through with the keyboard.
import sys
from xml.etree import ElementTree
SVG = "{http://www.w3.org/2000/svg}"
for name in open("pages").read().split():
    text = open(name, encoding="utf-8").read().split("\n", 1)[1]
    root = ElementTree.fromstring(text)
    where = lambda e: f"{name}: {ElementTree.tostring(e, encoding='unicode')[:120]}"
    assert root.get("lang") in ("nl", "en"), name
    assert root.find("head/title").text.strip(), name
    levels = [int(e.tag[1]) for e in root.iter() if len(e.tag) == 2 and e.tag[0] == "h" and e.tag[1].isdigit()]
    assert levels[0] == 1 and levels.count(1) == 1, (name, levels)
    for a, b in zip(levels, levels[1:]):
        assert b <= a + 1, (name, levels)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids)), (name, "an id twice")
    for table in root.iter("table"):
        assert table.find("caption").text.strip(), where(table)
        heads = table.findall("thead/tr/th")
        assert heads and all(h.get("scope") == "col" and h.text.strip() for h in heads), where(table)
        assert all(len(r) == len(heads) for r in table.findall("tbody/tr")), where(table)
    outer = [e for e in root.iter("svg") if not any(e is c for p in root.iter("svg") for c in p.iter("svg") if c is not p)]
    for svg in outer:
        assert svg.get("aria-hidden") == "true" or (svg.get("role") == "img" and svg.get("aria-label")), where(svg)
    for e in root.iter():
        assert e.get("tabindex") in (None, "0"), where(e)
        if e.get("role") == "region":
            assert e.get("aria-label"), where(e)
        if e.tag == "a":
            assert "".join(e.itertext()).strip(), where(e)
    body = list(root.find("body"))
    assert body[0].tag == "a" and body[0].get("href") == "#main", name
    assert [e for e in root.iter("main")][0].get("id") == "main", name
    if "report" in name:
        assert len(text.encode()) < 1 << 20, name
END
    check "who can't see or point can read them" python3 readable.py
    cat >curl.py <<'END'
# The first curl lines of a page that send a message, to be run.
import sys
from xml.etree import ElementTree
root = ElementTree.fromstring(open("run/report.html", encoding="utf-8").read().split("\n", 1)[1])
for pre in root.iter("pre"):
    text = "".join(pre.itertext())
    if text.startswith("URL=") and "POST" in text and "$TOKEN" in text:
        text = text.replace(text.split("\n")[0], f"URL='{sys.argv[1]}'")
        print(text.replace("SECRET='SECRET'", f"SECRET='{sys.argv[2]}'"), end="")
        break
END
    if command -v curl >/dev/null; then
        mock kp koppelpunt
        exits "the clients of the mock" 0 "$K" provision --seed 1 --out clients.json
        secret=$(sed -n '/"sis-25LH"/,/}/s/.*"clientSecret": *"\([^"]*\)".*/\1/p' clients.json | head -n 1)
        [ "$secret" ] || secret=$(sed 's/.*"sis-25LH"[^}]*"clientSecret": *"\([^"]*\)".*/\1/' clients.json | head -n 1)
        check "a curl line is in the page" sh -c "python3 curl.py '$url' '$secret' >again.sh"
        exits "it runs" 0 sh again.sh
        has "a correct koppelpunt refuses that message" out '^HTTP/1.1 400'
        has "for the number" out 'bsn'
    else
        skip "curl lines" "there is no curl"
    fi
else
    skip "pages for everybody" "there is no python3"
fi
finish
