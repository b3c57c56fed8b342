# Help, version and "did you mean".
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

exits "help" 0 "$K" --help
has "help lists run" out '^  run '
cp out top
exits "help by word" 0 "$K" help
is "help is the same by word" "$(cat top)" "$(cat out)"
exits "version" 0 "$K" --version
has "version has a number" out '^koppelproef [0-9][0-9.]*$'
exits "nothing" 2 "$K"
has "nothing: the help" err '^usage: '

for c in run mock preflight provision list explain lint judge report selftest validate completion manual; do
    exits "$c --help" 0 "$K" $c --help
    has "$c --help: usage" out "^usage: koppelproef $c"
    has "$c --help: its summary is that of the table" top \
        "$(sed -n "s/^$c: \(.*\)\.\$/\1/p" out)"
    cp out page
    exits "help $c" 0 "$K" help $c
    is "help $c is the same page" "$(cat page)" "$(cat out)"
done
hasnt "what is hidden stays hidden" top __exec

refused "unknown command" 2 'did you mean "run"' "$K" rnu
refused "unknown command, nothing near" 2 'koppelproef --help' "$K" tromboneplayer
refused "unknown option" 2 'did you mean "--help"' "$K" --hepl
refused "unknown option of run" 2 'did you mean "--out"' "$K" run --otu x
refused "unknown letter" 2 'run has no option -z' "$K" run -z
refused "option without its value" 2 '--seed N' "$K" run --seed
refused "switch with a value" 2 '--quiet takes no value' "$K" run --quiet=yes
refused "option twice" 2 'twice' "$K" run --seed 1 --seed 2
refused "seed that is no number" 2 '--seed' "$K" run --seed twelve
refused "seed that is too large" 2 '2^53' "$K" run --seed 9007199254740992
refused "negative jobs" 2 '--jobs' "$K" run --jobs -1
refused "no jobs" 2 '--jobs' "$K" run --jobs 0
refused "half a job" 2 'whole number' "$K" run --jobs 1.5
refused "language" 2 'nl or en' "$K" run --lang de
refused "role" 2 'did you mean "koppelpunt"' "$K" run --role koppelpnt
refused "profile" 2 'did you mean "proef-' "$K" run --profile prof-1
refused "what to list" 2 'did you mean "scenarios"' "$K" list scenaros
refused "list nothing" 2 'koppelproef list scenarios|' "$K" list
refused "too much" 2 'does not know what to do with "b"' "$K" explain a b
refused "explain" 2 'did you mean "KP-ORD-01"' "$K" explain KP-ORD-1
refused "operand after --" 2 '"--lang" is no requirement' "$K" explain -- --lang
finish
