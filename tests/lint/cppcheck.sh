#!/bin/sh
# cppcheck over everything; each finding is a fault. Usage: tests/lint/cppcheck.sh CACHE
set -eu
mkdir -p "$1"
# ctuuninitvar takes the filling of an output for a use of it.
exec cppcheck --quiet --error-exitcode=1 --std=c11 --language=c -j 2 \
    --cppcheck-build-dir="$1" --inline-suppr -I. -D_GNU_SOURCE \
    --library=tests/lint/jansson.cfg --enable=warning,performance,portability \
    --suppress=ctuuninitvar --suppress=missingInclude --suppress=missingIncludeSystem \
    --template='{file}:{line}:{column}: {message} [{id}]' \
    harness mocks
