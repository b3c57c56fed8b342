#!/bin/sh
# Runs each test_*.sh in a folder of its own and adds up what they say. Called by `make
# e2e`, which sets KOPPELPROEF (the binary) and PEER (tests/e2e/peer.c, built).
# Arguments: names of tests (default: all).
set -u
here=$(cd "$(dirname "$0")" && pwd)
export KOPPELPROEF="${KOPPELPROEF:?the binary that is tested}" PEER="${PEER:?the peer}" E2E="$here"
export LC_ALL=C.UTF-8
unset NO_COLOR KOPPELPROEF_FIXTURES KOPPELPROEF_PROFILE IUT_STATE_DIR IUT_CLIENTS_FILE \
    KOPPELPUNT_LISTEN KOPPELPUNT_URL WAARNEMER_LISTEN 2>/dev/null
all=$(mktemp -d)
trap 'rm -rf "$all"' EXIT
passed=0 failed=0
[ $# -gt 0 ] || set -- "$here"/test_*.sh
for test; do
    name=$(basename "$test" .sh)
    mkdir "$all/$name"
    (cd "$all/$name" && T="$all/$name" TMPDIR="$all/$name" sh "$here/$name.sh") >"$all/$name.tap" 2>&1
    code=$?
    sed -e "s/^\(not \)\{0,1\}ok /&${name#test_}: /" -e '/^done$/d' "$all/$name.tap"
    ok=$(grep -c '^ok ' "$all/$name.tap")
    bad=$(grep -c '^not ok ' "$all/$name.tap")
    if ! grep -q '^done$' "$all/$name.tap"; then
        echo "not ok ${name#test_}: ended early with status $code"
        bad=$((bad + 1))
    fi
    passed=$((passed + ok)) failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
