# What the tests share; read by each test_*.sh, which runs in the empty folder $T.
K=$KOPPELPROEF
pids=
trap 'kill -9 $pids 2>/dev/null' EXIT

ok() { echo "ok $1"; }
not_ok() {
    echo "not ok $1"
    shift
    for line; do echo "# $line"; done
}
skip() { echo "ok $1 # SKIP $2"; }

# check NAME COMMAND...
check() {
    name=$1
    shift
    if "$@" >check.out 2>&1; then ok "$name"; else
        not_ok "$name" "failed: $*"
        head -n 5 check.out | sed 's/^/#   /'
    fi
}
# The last line of each test: run.sh looks for it.
finish() { echo "done"; }
# is NAME EXPECTED SEEN
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "expected: $2" "seen: $3"; fi; }
# has NAME FILE PATTERN (basic regular expression)
has() {
    if grep -q -e "$3" "$2"; then ok "$1"; else
        not_ok "$1" "no \"$3\" in $2:"
        head -n 20 "$2" | sed 's/^/#   /'
    fi
}
hasnt() {
    if grep -q -e "$3" "$2"; then
        not_ok "$1" "\"$3\" in $2:"
        grep -e "$3" "$2" | head -n 5 | sed 's/^/#   /'
    else ok "$1"; fi
}
# exits NAME CODE COMMAND...: its output is in out and err
exits() {
    name=$1 want=$2
    shift 2
    "$@" >out 2>err </dev/null
    code=$?
    if [ $code = "$want" ]; then ok "$name: exit $want"; else
        not_ok "$name: exit $want" "seen: $code"
        head -n 5 err | sed 's/^/#   /'
    fi
}
# refused NAME CODE PATTERN COMMAND...: exactly one sentence on standard error
refused() {
    name=$1 pattern=$3 want=$2
    shift 3
    exits "$name" "$want" "$@"
    is "$name: one sentence" "1 1" "$(wc -l <err | tr -d ' ') $(grep -c '^koppelproef: ' err)"
    has "$name: says so" err "$pattern"
}
# await FILE PATTERN: until a line is there, 20 s at most
await() {
    tries=0
    until grep -q -e "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 400 ]; then
            echo "# no \"$2\" in $1"
            return 1
        fi
        sleep 0.05
    done
}
# until_true COMMAND...: 20 s at most
until_true() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -gt 400 ] && return 1
        sleep 0.05
    done
}
# background FILE COMMAND...: output in FILE and FILE.err, pid in "$pid"
background() {
    file=$1
    shift
    "$@" >"$file" 2>"$file.err" </dev/null &
    pid=$!
    pids="$pids $pid"
}
# peer KIND: sets $port and "$pid"
peer() {
    background "peer-$1" "$PEER" "$1"
    await "peer-$1" '^ready' || not_ok "the peer $1 starts"
    # shellcheck disable=SC2034 # for who called
    port=$(sed -n 's/^ready //p' "peer-$1")
}
# mock FILE ARGUMENTS...: a mock on a port of its own; sets $url and "$pid"
mock() {
    file=$1
    shift
    background "$file" "$K" mock "$@" --listen 127.0.0.1:0
    await "$file" 'Ctrl-C' || not_ok "the mock starts" "$(cat "$file.err")"
    # shellcheck disable=SC2034 # for who called
    url=$(sed -n 's/.* at \(http:[^ ,]*\).*/\1/p' "$file" | head -n 1)
}
# ends NAME CODE PID
ends() {
    wait "$3"
    is "$1" "$2" "$?"
}
# Is anybody left that was started with this value of E2E_MARK?
somebody_left() { grep -l -a -s "E2E_MARK=$1" /proc/[0-9]*/environ | grep -q .; }
nobody_left() { ! somebody_left "$1"; }
# whole JOURNAL: every line is a JSON object with seq, t and kind
whole() {
    { echo '['; sed '$!s/$/,/' "$1"; echo ']'; } >whole.json
    echo '{"type":"array","minItems":1,"items":{"type":"object","required":["seq","t","kind"]}}' \
        >whole-schema.json
    "$K" validate whole-schema.json whole.json
}
# A journal without its chains, as one made by hand: only then it may be edited.
unchained() { sed 's/,"chain":"[0-9a-f]*"}$/}/'; }
# scenario NAME ROLE: a short one of our own
scenario() {
    cat >"$1.json" <<END
{
  "scenario": "$1",
  "title": {"nl": "Een korte proef", "en": "A short trial"},
  "role": "$2",
  "proves": ["KP-ORD-01", "KP-INT-01"],
  "given": {
    "pupils": {"lotte": {"school": "02QZ00", "age": 16}},
    "applications": {"a": {"pupil": "lotte", "instelling": "25LH", "opleiding": "25655"}}
  },
  "steps": [
    {"sis": "a", "reports": "ENROLLED", "began": "2023-05-02T10:00:00Z"},
    {"school": "lotte", "sees": {"a": "ENROLLED"}},
    {"sis": "a", "reports": "RECEIVED", "began": "2023-04-01T09:00:00Z"},
    {"school": "lotte", "sees": {"a": "ENROLLED"}}
  ]
}
END
}
# mock_iut FILE ROLE [MUTANT]: the system under test is a mock, with that defect
mock_iut() {
    has=
    [ "$2" = koppelpunt ] && has='"reload","restart","zoeken","stand"'
    [ "$2" = overstapsysteem ] && has='"observer","ophalen","eigen-aanmeldingen","restart"'
    printf '{"role":"%s","name":"Proefsysteem","version":"1","start":["%s","mock","%s"%s],"capabilities":[%s]}\n' \
        "$2" "$K" "$2" "${3:+,\"--mutant\",\"$3\"}" "$has" >"$1"
}
# in_parallel FUNCTION...: most of the time is waiting. Each has a folder of its own.
in_parallel() {
    for part; do
        mkdir "$part"
        (cd "$part" && T=$T/$part && "$part" && ok "$part, to its end") >"$part.tap" 2>&1 &
    done
    wait
    for part; do
        cat "$part.tap"
        grep -q "^ok $part, to its end" "$part.tap" || not_ok "$part, to its end"
    done
}
