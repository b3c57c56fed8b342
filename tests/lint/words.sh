#!/bin/sh
# Words that may not stand where they don't belong. One line of TAP for each rule; run from
# the top of the tree.
set -u
failed=0

rule() { # what it says, and what breaks it
    if [ -z "$2" ]; then
        echo "ok - $1"
    else
        printf 'not ok - %s\n%s\n' "$1" "$2"
        failed=1
    fi
}

calls() { # calls in C of the functions in $1, below the folders that follow
    names=$1
    shift
    grep -rnE "(^|[^_a-zA-Z0-9>.])($names)\(" --include='*.[ch]' "$@" |
        grep -vE ':[0-9]+: *(/?\*|//)'
}

everything() {
    find . \( -name .git -o -name build \) -prune -o -type f -print0
}

# The paths of all profiles are the profiles' own: no scenario, step, check or role says one.
paths=$(sed -n 's/.*"path": *"\([^"]*\)".*/\1/p' fixtures/profiles/*.json | sort -u)
[ -n "$paths" ] || rule "profiles have paths" "none found in fixtures/profiles"
rule "only the profile knows a path on the wire" "$(grep -rnF -- "$paths" scenarios \
    harness/scenario harness/judge harness/report harness/cli mocks)"

# Nothing in the tree depends on where it lies.
here=$(pwd)
case $here in
/*/*) ;;
*) here=/home ;;
esac
rule "no path of some machine" "$(everything | xargs -0 grep -nF -e "$here/" \
    -e "$here\"" -e "/home/" -e "/root/" | grep -v '^./tests/lint/words.sh:')"

# Functions that cut off, lock up or depend on hidden state.
rule "no banned function" "$(calls \
    'atoi|strtok|sprintf|strcpy|strcat|strncpy|gets|rand|time|localtime|system|sleep' \
    harness mocks tests)"
rule "memory comes from mem.h" "$(
    calls 'malloc|calloc|realloc|strdup|strndup|asprintf' harness mocks |
        grep -v '^harness/base/mem.c:')"
rule "the time comes from when.h" "$(calls 'clock_gettime|gettimeofday' harness mocks |
    grep -v '^harness/base/when')"

rule "a file holds one concept" "$(find harness mocks tests -name '*.[ch]' \
    -exec awk 'END { if (FNR > 800) print FILENAME ": " FNR " lines" }' {} \;)"

exit $failed
