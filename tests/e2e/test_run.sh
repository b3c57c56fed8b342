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
