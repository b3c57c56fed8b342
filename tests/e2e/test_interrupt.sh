# Interrupted and killed runs: nothing is left behind, and the journal stands.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

for how in INT TERM; do
    background run-$how env E2E_MARK=$how-$$ "$K" run --out r-$how
    await r-$how/journal.jsonl '"kind":"scenario".*"phase":"start"'
    check "SIG$how: there are processes to leave" somebody_left "$how-$$"
    kill -$how "$pid"
    ends "SIG$how: exit 130" 130 "$pid"
    check "SIG$how: no process is left" until_true nobody_left "$how-$$"
    check "SIG$how: the journal is whole" whole r-$how/journal.jsonl
    has "SIG$how: its last line says so" r-$how/journal.jsonl '"reason":"interrupted"'
    has "SIG$how: the result says so" r-$how/result.json '"verdict": *"interrupted"'
    has "SIG$how: the result has the code" r-$how/result.json '"exitCode": *130'
done

# While it is judged, or while the reports are made: nothing is half there.
scenario short koppelpunt
mkdir r-late
mkfifo r-late/report.html # nobody reads it: the run waits there
background late "$K" run short.json --role koppelpunt --out r-late --quiet
until_true test -s r-late/junit.xml
kill -INT "$pid"
ends "while reports are made: exit 130" 130 "$pid"
is "while reports are made: one sentence" 1 "$(grep -c '^koppelproef: interrupted; the journal is whole' late.err)"
check "while reports are made: the journal is whole" whole r-late/journal.jsonl
is "while reports are made: no half files" "" "$(find r-late -name '*tmp*')"
rm r-late/report.html
exits "while reports are made: the rest follows" 0 "$K" report r-late
check "while reports are made: all is there" test -s r-late/report.html

background run-KILL env E2E_MARK=KILL-$$ "$K" run --out r-KILL
await r-KILL/journal.jsonl '"kind":"scenario".*"phase":"start"'
kill -9 "$pid"
{ wait "$pid"; } 2>/dev/null
check "SIGKILL: no process is left" until_true nobody_left "KILL-$$"
# Of the last line at most a part is there.
sed '$d' r-KILL/journal.jsonl >but-last
check "SIGKILL: the journal stands" whole but-last
finish
