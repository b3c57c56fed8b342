# Whole runs against the bundled reference implementations.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

scenario good both
sed -i 's/"KP-INT-01"/"KP-INT-01", "OS-VER-01"/' good.json
exits "a short run" 0 "$K" run good.json --seed 7
has "the report is on standard output" out 'KP-ORD-01'
hasnt "no colour without a terminal" out "$(printf '\033')"
hasnt "no line is rewritten without a terminal" err "$(printf '[\033\r]')"
has "the seed is said" err 'seed 7'
is "build/run/latest is a link" "$(cd build/run && echo 2*)" "$(readlink build/run/latest)"
for f in journal.jsonl result.json junit.xml; do
    check "there is a $f" test -s build/run/latest/$f
done
check "the journal is whole" whole build/run/latest/journal.jsonl
has "result.json: the seed" build/run/latest/result.json '"seed": *7[,}]*$'
has "result.json: how long" build/run/latest/result.json '"seconds"'
has "result.json: the code of the process" build/run/latest/result.json '"exitCode": *0'
plan=$(sed -n 's/.*, plan //p' err)
exits "again, in a folder of its own, quietly" 0 "$K" run good.json --seed 7 --out own --quiet
is "quiet on standard output" "" "$(cat out)"
is "quiet on standard error" "" "$(cat err)"
digest=$(sed -n 's/.*"planDigest": *"\([0-9a-f]*\)".*/\1/p' own/result.json)
case $digest in
"$plan"*) ok "the same seed gives the same plan" ;;
*) not_ok "the same seed gives the same plan" "$plan" "$digest" ;;
esac
exits "the same folder again" 2 "$K" run good.json --out own

# The journal alone gives the same verdicts again.
exits "judge the folder" 0 "$K" judge own --out again
is "the same verdicts" "$(grep -c '"verdict": *"pass"' own/result.json)" \
    "$(grep -c '"verdict": *"pass"' again/result.json)"
check "and its own junit.xml" test -s again/junit.xml
exits "judge the file" 0 "$K" judge own/journal.jsonl --quiet
sed '$d' own/journal.jsonl >cut.jsonl
exits "judge one without its end" 130 "$K" judge cut.jsonl --quiet
refused "judge nothing" 2 'nowhere' "$K" judge nowhere

# On a terminal.
if command -v script >/dev/null; then
    esc=$(printf '\033')
    script -qec "'$K' run good.json --out t1 --role koppelpunt" /dev/null >terminal </dev/null
    has "a terminal: the line is rewritten" terminal "$esc\[K"
    has "a terminal: colour" terminal "$esc\[[0-9;]*m"
    NO_COLOR=1 script -qec "'$K' run good.json --out t2 --role koppelpunt" /dev/null >terminal </dev/null
    hasnt "a terminal, NO_COLOR: none" terminal "$esc\[[0-9;]*m"
else
    skip "a terminal" "there is no script(1)"
fi

# Without the standard three: the journal may not take their place.
"$K" run good.json --out closed --role koppelpunt <&- >&- 2>&-
is "without standard files: exit 0" 0 $?
check "without standard files: the journal is whole" whole closed/journal.jsonl
if [ -e /dev/full ]; then
    "$K" run good.json --out full --role koppelpunt --quiet >/dev/full 2>err
    is "quiet needs no standard output" 0 $?
    "$K" list profiles >/dev/full 2>err
    is "a full standard output: exit 3" 3 $?
    has "a full standard output: says so" err 'standard output'
fi

rm -rf build
mkdir -p build/run/latest
echo mine >build/run/latest/file
exits "one role, by its own selection" 0 "$K" run good.json --role koppelpunt --lang nl
is "what is in the way of latest stays" mine "$(cat build/run/latest/file)"
has "and is said" err 'is no link'
hasnt "the other role is not tried" build/run/*/journal.jsonl '"role":"overstapsysteem"'

exits "by requirement" 0 "$K" run KP-ORD-01 --out req --seed 7
has "by requirement: what proves it" req/journal.jsonl 'late-message-after-enrolment'
hasnt "by requirement: its role only" req/journal.jsonl '"kind":"run".*"role":"overstapsysteem"'

# A full disk: what can't be journalled is not worth doing, and no verdict stands.
mkdir small
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=48k none small 2>/dev/null; then
    exits "a full disk" 3 "$K" run good.json --out small/r
    has "a full disk: says so" err 'No space left'
    umount small
else
    skip "a full disk" "no tmpfs can be mounted here"
fi
finish
