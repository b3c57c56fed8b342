# The manual page and the completions say what --help says.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

exits "manual" 0 "$K" manual
cp out page
has "manual: its first line" page '^koppelproef(1) "koppelproef [0-9.]*" "User commands"$'
"$K" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' >commands
is "manual: every command" "$(cat commands)" "$(sed -n 's/^## //p' page)"
for c in $(cat commands); do
    "$K" "$c" --help | grep -o -e '--[a-z][a-z-]*' | sort -u | grep -v -x -e --help >wanted
    sed -n "/^## $c\$/,/^##* /p" page | tr -d '\\' | grep -o -e '--[a-z][a-z-]*' | sort -u >seen
    is "manual: the options of $c" "" "$(grep -v -x -F -f seen wanted)"
done
if command -v scdoc >/dev/null; then
    check "manual: scdoc takes it" sh -c 'scdoc <page >koppelproef.1 && test -s koppelproef.1'
else
    skip "manual: scdoc takes it" "no scdoc"
fi
refused "manual with a word" 2 'does not know' "$K" manual me

refused "completion of no shell" 2 'koppelproef completion bash|zsh|fish' "$K" completion
refused "completion of another shell" 2 'did you mean "bash"' "$K" completion tcsh
for shell in bash zsh fish; do
    exits "completion $shell" 0 "$K" completion $shell
    cp out $shell
    command -v $shell >/dev/null || continue
    check "completion $shell: it can be read" $shell -n $shell
done

# complete WORD...: what bash offers for the last of them
PATH=$(dirname "$K"):$PATH
export PATH
cat >ask <<'END'
source ./bash
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_koppelproef
printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
END
offers() {
    name=$1 want=$2
    shift 2
    is "completion: $name" "$want " "$(bash ask koppelproef "$@")"
}
offers "a command" "preflight" pref
offers "an option" "--out" run --o
offers "a letter's value" "proef-1 proef-2" run -p ''
offers "words" "en nl" run --lang ''
offers "a value after =" "nl" judge --lang = n
offers "a scenario" "late-message-after-enrolment" run late-m
offers "requirements" "KP-ORD-01 KP-ORD-02 KP-ORD-03 KP-ORD-04 KP-ORD-05 KP-ORD-06" explain KP-ORD
offers "a role" "koppelpunt" mock k
offers "a mutant" "kp-arrival-order" selftest kp-arrival-o
offers "a kind" "mutants" list mut
offers "a file" "commands" judge comm
offers "nothing that is not there" "" run tromboneplayer

exits "names of requirements" 0 "$K" list requirements --format names
is "names: one on each line" "" "$(grep -v -x '[A-Z]*-[A-Z]*-*[0-9]*' out)"
finish
