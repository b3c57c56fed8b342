#!/bin/sh
# Runs tests and counts: run.sh LOGS [@JOBS] NAME=COMMAND... [@JOBS] ...
# Each command's output is kept in LOGS. Its lines "ok ..." and "not ok ..." (TAP, as cmocka
# and our own scripts write them) are one test each; a command without any is one test, and
# so is the ending of a command that fails although all its lines are ok. At most JOBS
# commands run at the same time; those behind the next @JOBS begin when all before are done.
# The last line is "N passed, N failed". LIMIT: seconds for one command.
set -u
export CMOCKA_MESSAGE_OUTPUT=TAP
: "${LIMIT:=300}"
# A make in a command can't take part in the jobs of the make that called us.
MAKEFLAGS=$(echo "${MAKEFLAGS-}" | sed 's/ -j[0-9]*//g; s/ --jobserver-[a-z]*=[^ ]*//g')

# One command: run.sh --one LOGS NAME=COMMAND
if [ "$1" = --one ]; then
    logs=$2 name=${3%%=*} log=$2/$(echo "${3%%=*}" | tr / .)
    timeout -k 5 "$LIMIT" sh -c "${3#*=}" >"$log" 2>&1 </dev/null
    status=$?
    awk -v name="$name" -v status=$status -v v="${V-}" '
        /^(ok|not ok) .*# SKIP/ { skipped++; next }
        /^ok([ \t]|$)/ { passed++ }
        /^not ok([ \t]|$)/ { failed++ }
        { line[NR] = $0 }
        END {
            if (!failed && (status != 0 || !passed && !skipped)) {
                if (status) failed++; else passed++
            }
            printf "  TEST  %s  %d passed", name, passed
            if (skipped) printf ", %d skipped", skipped
            if (failed) printf ", %d failed (exit status %d)", failed, status
            printf "\n"
            from = v ? 1 : NR > 60 ? NR - 59 : 1
            if (from > 1 && failed)
                for (i = 1; i < from; i++)
                    if (line[i] ~ /^not ok/) print "    " line[i]
            if (failed || v)
                for (i = from; i <= NR; i++) if (line[i] != "") print "    " line[i]
        }' "$log" >"$log.said"
    cat "$log.said"
    exit 0
fi

logs=$1 jobs=1
shift
rm -rf "$logs"
mkdir -p "$logs" || exit 1
while [ $# -gt 0 ]; do
    case $1 in
    @*) jobs=${1#@} ;;
    *)
        : >"$logs/.batch"
        while [ $# -gt 0 ] && [ "${1#@}" = "$1" ]; do
            printf '%s\0' "$1" >>"$logs/.batch"
            shift
        done
        xargs -0 -n 1 -P "$jobs" sh "$0" --one "$logs" <"$logs/.batch"
        continue
        ;;
    esac
    shift
done

cat "$logs"/*.said 2>/dev/null | awk '
    $1 == "TEST" {
        for (i = 3; i <= NF; i++) {
            if ($i ~ /^passed/) passed += $(i - 1)
            if ($i ~ /^failed/) failed += $(i - 1)
        }
    }
    END {
        printf "%d passed, %d failed\n", passed, failed
        exit failed || !passed
    }'
