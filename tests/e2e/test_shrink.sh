# replay --shrink: the fewest steps that still fail, as a file that runs.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

# steps FILE: its steps, without spaces
steps() { tr -d ' \n' <"$1" | sed 's/.*"steps":\(\[.*\]\),"drawn".*/\1/'; }
# shrinks MUTANT ROLE SCENARIO REQUIREMENT STEPS: to exactly these (a pattern)
shrinks() {
    mock_iut bad.json "$2" "$1"
    mock_iut good.json "$2"
    exits "$1: it fails" 1 "$K" run "$3" --iut bad.json --seed 7 --patience 2 --quiet --out run
    exits "$1: shrunk, it still fails" 1 "$K" replay run "$3" "$4" --shrink --out left.json --lang en
    has "$1: how far" out "^shrunk from [0-9]* steps to [0-9]* in [0-9]* tries: $T/left.json$"
    hasnt "$1: searched to the end" out 'not searched'
    steps left.json >left.steps
    has "$1: what is left" left.steps "^\\[$5\\]$"
    check "$1: it is a scenario" "$K" lint left.json
    exits "$1: a right system passes it" 0 "$K" run left.json --iut good.json --quiet --out right
    exits "$1: whatever the seed" 1 "$K" run left.json --iut bad.json --seed 8 --patience 2 \
        --quiet --out again
    has "$1: for the same reason" again/result.json "\"id\": \"$4\""
    # The same persons: the same numbers of their aanmeldingen, whatever the seed.
    keten() { grep '"kind":"truth"' "$1/journal.jsonl" | grep -o '"ketenid":"[^"]*"' | sort -u; }
    keten run >run.ids
    keten again >again.ids
    if [ -s again.ids ]; then check "$1: with the same persons" grep -q -x -F -f again.ids run.ids; fi
}
order() {
    shrinks kp-arrival-order koppelpunt late-message-after-enrolment KP-ORD-01 \
        '{"sis":"a","reports":"ENROLLED","began":"2023-05-02T10:00:00Z"},{"sis":"a","reports":"RECEIVED","began":"2023-04-01T09:00:00Z"},{"school":"lotte","sees":{"a":"ENROLLED"},"for":"2intervals"}'
}
reply() {
    shrinks kp-repeat-counts koppelpunt lost-reply-and-retry KP-INT-02 \
        '{"sis":"a","reports":"RECEIVED"},{"sis":"a","reports":"RECEIVED","again":true,"counts":{"aangenomen":0,"dubbel":1}}'
}
canary() {
    shrinks kp-unknown-field-served koppelpunt fields-outside-the-contract KP-LEV-02 \
        '{"sis":"a","reports":"RECEIVED","distorted":"parent","proves":."KP-INT-09".}'
}
# A failure that comes at times: of a started scenario each second one, as preflight and
# reference are started too.
flaky() {
    mock_iut bad.json koppelpunt kp-arrival-order
    exits "at times: it fails" 1 "$K" run late-message-after-enrolment --iut bad.json --seed 7 \
        --patience 2 --quiet --out run
    cat >start.sh <<END
n=\$((\$(cat "$T/starts") + 1))
echo \$n >"$T/starts"
[ \$((n % 4)) = 0 ] && exec "$K" mock koppelpunt --mutant kp-arrival-order
exec "$K" mock koppelpunt
END
    printf '{"role":"koppelpunt","name":"Soms","version":"1","start":["sh","./start.sh"],"capabilities":["reload"]}\n' \
        >flaky.json
    echo 0 >starts
    exits "at times: told so" 1 "$K" replay run KP-ORD-01 --shrink --iut flaky.json --lang en \
        --format json
    has "at times: said" err 'KP-ORD-01 by expectation fails sometimes (1 of 2)'
    has "at times: in the outcome" out '"flaky": true'
    has "at times: never twice in a row, so nothing could be left out" out '"steps": 5'
    has "at times: it came back" out '"failsAgain": true'
}
in_parallel order reply canary flaky

# ---- what does not go to the end ----
run=order/run
exits "the time is up" 1 "$K" replay $run KP-ORD-01 --shrink --within 6s --out some.json --lang en
has "the time is up: said" out 'not searched to the end: the time was up'
check "the time is up: what was found is a scenario" "$K" lint some.json
background cut "$K" replay $run KP-ORD-01 --shrink --out cut.json --lang nl
await cut.err '^try ' || await cut.err '^try ' || not_ok "a try is told"
kill -INT "$pid"
ends "interrupted" 130 "$pid"
has "interrupted: said" cut 'niet ten einde gezocht: onderbroken'
check "interrupted: what was found is a scenario" "$K" lint cut.json
exits "a mended system" 6 "$K" replay $run KP-ORD-01 --shrink --iut order/good.json
has "a mended system: nothing to shrink" err 'did not fail again in 2 tries'
refused "nothing that the system broke" 4 'nothing to' "$K" replay order/right --shrink
refused "a wrong duration" 2 '\-\-within is a duration' "$K" replay $run --shrink --within soon
refused "--times" 2 'leave --times out' "$K" replay $run --shrink --times 3
finish
