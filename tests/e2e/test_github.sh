# --github: annotations for GitHub Actions and its job summary.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

mkdir work
cd work || exit 1
scenario mine koppelpunt
cat >iut.json <<END
{"role": "koppelpunt", "name": "Wrong ::error::x", "version": "1",
 "start": ["$K", "mock", "koppelpunt", "--mutant", "kp-arrival-order"],
 "capabilities": ["reload", "restart", "zoeken", "stand"]}
END
line=$(grep -n '"school": "lotte", "sees"' mine.json | tail -n 1 | sed 's/:.*//')
export GITHUB_WORKSPACE="$PWD" GITHUB_STEP_SUMMARY="$PWD/summary.md"

echo '# What was there' >summary.md
exits "a run" 1 "$K" run mine.json --iut iut.json --patience 1 --out r --lang en --github
has "an error at the step" out "^::error title=KP-ORD-01 FAIL,file=mine.json,line=$line::The current status"
is "nothing else is a command" "1 1" \
    "$(grep -c '^::stop-commands::koppelproef-[0-9a-f]*$' out) $(grep -c '^::koppelproef-[0-9a-f]*::$' out)"
first=$(grep -n '^::stop-commands' out | sed 's/:.*//') last=$(grep -n '^::koppelproef-' out | sed 's/:.*//')
is "what the system says is within" "" \
    "$(sed "${first},${last}d" out | grep -v '^::error title=')"
has "the summary: what was there stays" summary.md '^# What was there$'
has "the summary: the report behind it" summary.md '^# koppelproef: NOT CONFORM'
has "the summary: what blocks" summary.md '^- \*\*KP-ORD-01\*\*'
exits "quietly" 1 "$K" judge r --quiet --github --lang nl
is "quietly: only annotations" "" "$(grep -v '^::error title=' out)"
has "in Dutch" out '^::error title=KP-ORD-01 FOUT,file=mine.json'
is "the summary: once more" 2 "$(grep -c '^# koppelproef: ' summary.md)"
exits "with the reports" 0 "$K" report r --format markdown --out more --github
has "with the reports: also" out '^::error title=KP-ORD-01'

# What is outside the workspace, or gone, is in no file of the change.
GITHUB_WORKSPACE=/nowhere "$K" judge r --quiet --github --lang en >out
has "another workspace: no file" out '^::error title=KP-ORD-01 FAIL::'
mv mine.json gone.json
"$K" judge r --quiet --github --lang en >out
has "a file that is gone: no file" out '^::error title=KP-ORD-01 FAIL::'
mv gone.json mine.json
(unset GITHUB_WORKSPACE && "$K" judge r --quiet --github --lang en) >out
has "no workspace: the working directory" out '^::error title=KP-ORD-01 FAIL,file=mine.json'
mkdir sub
(cd sub && GITHUB_WORKSPACE='' "$K" judge ../r --quiet --github --lang en) >out
has "no workspace: what is not below it" out '^::error title=KP-ORD-01 FAIL::'

# The summary of a step holds 1 MiB.
size() { wc -c <"$1" | tr -d ' '; }
head -c 1048000 /dev/zero | tr '\0' x >summary.md
exits "a summary that is nearly full" 1 "$K" judge r --quiet --github --lang en
check "nearly full: it stays below" test "$(size summary.md)" -le 1048576
check "nearly full: some of it is there" test "$(size summary.md)" -gt 1048000
has "nearly full: it says so" summary.md '^(The rest is in report.html.)$'
head -c 1048576 /dev/zero | tr '\0' x >summary.md
exits "a full summary" 1 "$K" judge r --quiet --github --lang en
is "full: it stays as it is" 1048576 "$(size summary.md)"
export GITHUB_STEP_SUMMARY="$PWD/none/summary.md"
exits "a summary that can't be written" 3 "$K" judge r --quiet --github
has "can't be written: says so" err 'job summary .*none/summary.md'
unset GITHUB_STEP_SUMMARY
exits "no summary" 1 "$K" judge r --quiet --github --lang en
has "no summary: annotations" out '^::error'
exits "without --github" 1 "$K" judge r --lang en
hasnt "without --github: no command" out '^::'
finish
