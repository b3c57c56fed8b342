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

background run-KILL env E2E_MARK=KILL-$$ "$K" run --out r-KILL
await r-KILL/journal.jsonl '"kind":"scenario".*"phase":"start"'
kill -9 "$pid"
{ wait "$pid"; } 2>/dev/null
check "SIGKILL: no process is left" until_true nobody_left "KILL-$$"
# Of the last line at most a part is there.
sed '$d' r-KILL/journal.jsonl >but-last
check "SIGKILL: the journal stands" whole but-last
finish
