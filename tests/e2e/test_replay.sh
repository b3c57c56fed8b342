# replay: what failed in an earlier run, done again.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

# last: the last line of out
last() { tail -n 1 out; }

mkdir system
mock_iut system/iut.json koppelpunt kp-arrival-order
mock_iut mended.json koppelpunt
mock_iut os.json overstapsysteem
exits "a run that fails" 1 "$K" run volgorde --iut system/iut.json --seed 7 --patience 2 \
    --quiet --out run

# A koppelpunt: the same, mended, with another defect.
koppelpunt() {
    mock_iut other.json koppelpunt kp-withdrawn-kept-back
    exits "the same again" 1 "$K" replay ../run --out again --lang en
    has "the same: told of the finding" out \
        '^  same  *KP-ORD-01  *FAIL, expectation /steps/4: aanmelding a'
    n=$(grep -c ': same$' out)
    is "the same: all of them" "replayed $n: same $n, gone 0, other 0" "$(last)"
    has "the same: only what had failed" again/journal.jsonl '"select":\["equal-times-highest-rank",'
    hasnt "the same: not what passed" again/journal.jsonl 'koppelpunt/switch-of-opleiding'
    has "the same: of which run it is" again/journal.jsonl '"replayOf":{"planDigest":"[0-9a-f]*","seed":7}'
    check "the same: a folder as run makes it" test -s again/report.html
    if command -v jq >/dev/null; then
        # Whatever our sources sent, but times, tokens and ports; the other scenarios aside.
        cat >sent.jq <<'END'
[inputs | select(.kind == "exchange" and .side == "client" and (.from | test("^(sis|cambo)")))]
| group_by(.scenario)[][] | {scenario, from, op, target: .request.target, body: .request.body,
    fields: [.request.fields[] | select(.[0] | test("^(Authorization|Host)$") | not)]}
END
        jq -cn -f sent.jq again/journal.jsonl >sent.again
        jq -r .scenario sent.again | sort -u >names
        jq -cn -f sent.jq ../run/journal.jsonl | grep -F -f names >sent.run
        check "what is sent is the same" cmp sent.run sent.again
        check "and it is not nothing" test "$(wc -l <sent.run)" -gt 20
    else
        skip "what is sent is the same" "there is no jq"
    fi

    exits "a mended system" 0 "$K" replay ../run --iut ../mended.json --lang nl --out ../good
    is "a mended system: gone" "opnieuw gedaan $n: hetzelfde 0, weg $n, anders 0" "$(last)"
    has "a mended system: of the finding" out '^  weg  *KP-ORD-01  *FOUT, expectation /steps/4: '

    exits "another defect" 1 "$K" replay ../run moments-not-texts --iut other.json --lang en
    is "another defect: other" "replayed 1: same 0, gone 0, other 1" "$(last)"
    has "another defect: what is now" out '^  other  *KP-ORD-01  *FAIL, expectation /steps/'
    has "another defect: what was" out '^  *it was: FAIL, expectation /steps/'

    exits "by requirement" 1 "$K" replay ../run KP-ORD-02 --lang en --format json
    has "by requirement: those with such a finding" out '"scenario": "equal-times-highest-rank"'
    hasnt "by requirement: no others" out '"scenario": "moments-not-texts"'
    echo '{"type": "object", "required": ["scenarios", "same", "folders", "exitCode"]}' >form.json
    check "as JSON: one value" "$K" validate form.json out
    exits "by check" 1 "$K" replay ../run expectation --lang en --quiet
    is "by check: all of them" "replayed $n: same $n, gone 0, other 0" "$(last)"
}

# One that fails at times: the third time that it is tried.
flaky() {
    cat >start.sh <<END
n=\$((\$(cat "$T/starts") + 1))
echo \$n >"$T/starts"
[ \$n = 6 ] && exec "$K" mock koppelpunt --mutant kp-arrival-order
exec "$K" mock koppelpunt
END
    printf '{"role":"koppelpunt","name":"Soms","version":"1","start":["sh","./start.sh"],"capabilities":["reload"]}\n' \
        >flaky.json
    echo 0 >starts
    exits "one that fails at times" 1 "$K" replay ../run jump-enrolment --times 5 --lang en \
        --iut flaky.json --out times
    has "at times: when it came back" out ': same, came back in time 3 of 5$'
    check "at times: not once more" test "$(echo times/*)" = "times/1 times/2 times/3"
    echo 10 >starts
    exits "one that does not come back" 0 "$K" replay ../run jump-enrolment --times 2 --lang nl \
        --iut flaky.json
    has "does not come back: said" out ': weg, kwam niet terug in 2 van 2 keer$'
}

# An overstapsysteem likewise.
overstapsysteem() {
    mock_iut os-bad.json overstapsysteem os-follows-redirect
    mock_iut os-good.json overstapsysteem
    mock_iut os-other.json overstapsysteem os-gives-up
    exits "an overstapsysteem that fails" 1 "$K" run OS-OPH-10 --iut os-bad.json --seed 3 \
        --quiet --out os
    exits "an overstapsysteem: the same again" 1 "$K" replay os OS-OPH-10 --lang en
    has "an overstapsysteem: same" out '^replayed [1-9][0-9]*: same [1-9][0-9]*, gone 0, other 0$'
    exits "an overstapsysteem that was mended" 0 "$K" replay os OS-OPH-10 --lang en --iut os-good.json
    has "an overstapsysteem: gone" out '^replayed [1-9][0-9]*: same 0, gone [1-9][0-9]*, other 0$'
    exits "an overstapsysteem with another defect" 1 "$K" replay os OS-OPH-10 --lang en --iut os-other.json
    has "an overstapsysteem: other" out '^replayed [1-9][0-9]*: same 0, gone 0, other [1-9][0-9]*$'
    exits "a bundle is made" 0 "$K" bundle os --out os.tgz --quiet
    exits "a bundle" 1 "$K" replay os.tgz --lang en
    has "a bundle: same" out '^replayed [1-9][0-9]*: same [1-9][0-9]*, gone 0, other 0$'
    head -c 2000 os.tgz >half.tgz
    refused "half a bundle" 2 'half.tgz' "$K" replay half.tgz
}

# One that keeps running has seen the persons of that run.
running() {
    "$K" provision --out p.json --seed 5 >provision.out
    mock running-kp koppelpunt --clients p.json --mutant kp-arrival-order
    printf '{"role":"koppelpunt","name":"Loopt","version":"1","baseUrl":"%s","provisioning":"p.json","capabilities":["zoeken","stand"]}\n' \
        "$url" >running.json
    exits "one that keeps running fails" 1 "$K" run late-message-after-enrolment \
        --iut running.json --seed 7 --patience 2 --quiet --out first
    exits "one that keeps running: again" 1 "$K" replay first --lang en --out second
    is "one that keeps running: same" "replayed 1: same 1, gone 0, other 0" "$(last)"
    has "one that keeps running: with others, said" err 'knows the persons of that run: others are drawn, with seed [0-9]* (--seed 7 has the same ones)$'
    keten() { grep '"kind":"truth"' "$1/journal.jsonl" | grep -o '"ketenid":"[^"]*"' | sort -u; }
    keten first >first.ids
    keten second >second.ids
    check "one that keeps running: they are others" test -s first.ids
    check "one that keeps running: all of them" sh -c '! grep -q -x -F -f first.ids second.ids'
    "$K" replay first --seed 7 --quiet --out third >out 2>err
    hasnt "with its own seed: not said" err 'others are drawn'
    keten third >third.ids
    check "with its own seed: the same persons" cmp first.ids third.ids
    kill "$pid"
}

# The journal alone, elsewhere, and broken ones.
journal() {
    mkdir elsewhere
    cp ../run/journal.jsonl elsewhere/j.jsonl
    exits "the journal alone" 1 "$K" replay elsewhere/j.jsonl jump-enrolment --lang en
    is "the journal alone: same" "replayed 1: same 1, gone 0, other 0" "$(last)"
    head -c "$(($(wc -c <../run/journal.jsonl) - 20))" ../run/journal.jsonl >torn.jsonl
    exits "a torn last line" 1 "$K" replay torn.jsonl jump-enrolment --lang en
    is "a torn last line: same" "replayed 1: same 1, gone 0, other 0" "$(last)"
    line=$(grep -n '"phase":"end".*jump-enrolment\|jump-enrolment.*"phase":"end"' ../run/journal.jsonl |
        tail -n 1 | cut -d: -f1)
    head -n "$((line + 3))" ../run/journal.jsonl >killed.jsonl
    exits "a run that was killed" 1 "$K" replay killed.jsonl jump-enrolment --lang en
    is "a run that was killed: same" "replayed 1: same 1, gone 0, other 0" "$(last)"
    sed '3s/^./x/' ../run/journal.jsonl >edited.jsonl
    refused "a journal that is none" 2 'edited.jsonl:3' "$K" replay edited.jsonl
    echo '{"seq":1,"t":0,"kind":"trouble"}' >empty.jsonl
    refused "a journal without a run" 2 'holds no run' "$K" replay empty.jsonl
    refused "no journal" 2 'nowhere' "$K" replay nowhere
    sed "s|\"folder\":\"$(dirname "$T")/system\"|\"folder\":\"/nowhere\"|" ../run/journal.jsonl | unchained >moved.jsonl
    refused "a system that is not here" 2 '/nowhere, is not here: give its iut.json with --iut' \
        "$K" replay moved.jsonl
    exits "unless it is given" 0 "$K" replay moved.jsonl jump-enrolment --iut ../mended.json --quiet
    sed 's/"text":{"scenario":"jump-enrolment","title":{"nl":"Alles in/&!/' \
        ../run/journal.jsonl | unchained >other-text.jsonl
    exits "another text" 0 "$K" replay other-text.jsonl jump-enrolment --iut ../mended.json --quiet
    has "another text: said" err 'not as in that run: the text of jump-enrolment'
    has "another text: also beside today's" err 'the scenario jump-enrolment has changed since'
    sed 's/"binary":"../"binary":"zz/' ../run/journal.jsonl | unchained >other-binary.jsonl
    exits "another edition" 0 "$K" replay other-binary.jsonl jump-enrolment --iut ../mended.json --quiet
    has "another edition: said" err 'not as in that run: binary; '

    sed 's/"binary":"../"binary":"zz/' ../run/journal.jsonl >edited-too.jsonl
    refused "an edited journal" 2 'the journal was edited' "$K" replay edited-too.jsonl
}

# What can't be meant.
wrong() {
    refused "an unknown word" 2 'did you mean "KP-ORD-02"' "$K" replay ../run KP-ORD-O2
    refused "an unknown scenario" 2 'did you mean "jump-enrolment"' "$K" replay ../run jump-enrolments
    refused "what has no finding" 4 'KP-TOE-05 has no finding' "$K" replay ../run KP-TOE-05
    refused "a scenario that passed" 4 'nothing to replay: switch-of-opleiding' \
        "$K" replay ../run switch-of-opleiding
    refused "a run in which all passed" 4 'nothing to replay: each scenario that began' \
        "$K" replay ../good
    refused "a system of the other role" 2 'os.json: this is an overstapsysteem' \
        "$K" replay ../run --iut ../os.json
    refused "no RUN" 2 'argument\|operand\|missing\|FOLDER' "$K" replay
}

in_parallel koppelpunt flaky overstapsysteem running journal
in_parallel wrong

# What the iut.json says today does not matter.
mock_iut system/iut.json koppelpunt
exits "the file of the system changed" 1 "$K" replay run late-message-after-enrolment --lang en
is "the system is the one of that run" "replayed 1: same 1, gone 0, other 0" "$(last)"
finish
