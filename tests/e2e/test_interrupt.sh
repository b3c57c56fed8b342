# Interrupted and killed runs: nothing is left behind, and the journal stands.
. "$E2E/lib.sh"

for how in INT TERM; do
    E2E_MARK=$how-$$ background run-$how "$K" run --out r-$how
    await r-$how/journal.jsonl '"kind":"scenario".*"phase":"start"'
    kill -$how $pid
    ends "SIG$how: exit 130" 130 $pid
    until_true nobody_left "$how-$$" && ok "SIG$how: no process is left" ||
        not_ok "SIG$how: no process is left"
    whole r-$how/journal.jsonl && ok "SIG$how: the journal is whole" ||
        not_ok "SIG$how: the journal is whole"
    has "SIG$how: its last line says so" r-$how/journal.jsonl '"reason":"interrupted"'
    has "SIG$how: the result says so" r-$how/result.json '"verdict": *"interrupted"'
    has "SIG$how: the result has the code" r-$how/result.json '"exitCode": *130'
done

E2E_MARK=KILL-$$ background run-KILL "$K" run --out r-KILL
await r-KILL/journal.jsonl '"kind":"scenario".*"phase":"start"'
kill -9 $pid
{ wait $pid; } 2>/dev/null
until_true nobody_left "KILL-$$" && ok "SIGKILL: no process is left" ||
    not_ok "SIGKILL: no process is left"
# Of the last line at most a part is there.
sed '$d' r-KILL/journal.jsonl >but-last
whole but-last && ok "SIGKILL: the journal stands" || not_ok "SIGKILL: the journal stands"
echo done
