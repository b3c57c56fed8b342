#!/bin/sh
# A full run of the bundled reference implementations: conform, nothing left out, and the
# same said by exit status and result.json. Usage: tests/reference.sh KOPPELPROEF FOLDER
set -u
koppelproef=$1 folder=$2 failed=0

rm -rf "$folder"
"$koppelproef" run --seed 20230501 --lang en --out "$folder"
status=$?

check() { # a sentence, and the status of what it says
    if [ "$2" = 0 ]; then
        echo "ok - $1"
    else
        echo "not ok - $1"
        failed=1
    fi
}

[ "$status" = 0 ]
check "exit status 0, was $status" $?
"$koppelproef" validate tests/cases/result/reference.json "$folder/result.json"
check "result.json says conform, with all that was planned judged" $?
planned=$(sed -n 's/.*"planned": *\([0-9]*\).*/\1/p' "$folder/result.json" | head -n 1)
judged=$(sed -n 's/.*"judged": *\([0-9]*\).*/\1/p' "$folder/result.json" | head -n 1)
[ -n "$planned" ] && [ "$planned" = "$judged" ]
check "planned $planned, judged $judged" $?
# The journal is whole: its last line says how the run ended.
tail -n 1 "$folder/journal.jsonl" | grep -q '"kind":"end","reason":"finished"'
check "the journal is whole" $?
exit $failed
