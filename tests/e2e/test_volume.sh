# A crowd: full by default, smaller with --volume, which proves nothing of the full size.
# And the longest conversation is started first.
. "$E2E/lib.sh"

refused "no crowd at all" 2 '--volume' "$K" run --volume 0
refused "more than there are" 2 '--volume' "$K" run --volume 800001
refused "half a person" 2 'whole number' "$K" run --volume 1.5

some() { "$K" run a-full-state-of-many late-message-after-enrolment --role overstapsysteem \
    --seed 7 --jobs 1 --quiet --lang en "$@"; }
exits "a smaller one" 4 some --volume 1500 --out small
requirement() { # ID: from its id to the end of its reason
    sed -n "/\"id\": *\"$1\"/,/\"reason\"/p" small/result.json
}
requirement OS-VER-10 >it
has "is not observed for the full size" it '"verdict": *"not-observed"'
has "and says so" it 'right with 1500 aanmeldingen, and was not tried with the full 450000'
requirement OS-VER-01 >it
has "what has no crowd passes" it '"verdict": *"pass"'
has "the journal: its size" small/journal.jsonl \
    '"phase":"start".*"crowd":{"aanmeldingen":1500,"status":"RECEIVED","of":450000}'
has "the journal: the option" small/journal.jsonl '"options":{[^}]*"volume":1500'
has "the plan has that text" small/journal.jsonl \
    '"text":{"scenario":"a-full-state-of-many".*"crowd":{"aanmeldingen":1500'
has "memory: in the journal" small/journal.jsonl '"peak":[1-9][0-9]*,"phase":"stopped"'
sed -n '/"name": *"a-full-state-of-many"/,/"proves"/p' small/result.json >it
has "memory: in the result" it '"peak": *[1-9][0-9]\{6,8\}[,]*$'
has "memory: on its page" small/scenarios/overstapsysteem-a-full-state-of-many.html \
    'Memory of the system, at most</dt><dd>[0-9]* MiB'

starts() { sed -n 's/.*"kind":"scenario","scenario":"\([^"]*\)","phase":"start".*/\1/p' "$1"; }
is "the longest first" "overstapsysteem/preflight overstapsysteem/a-full-state-of-many \
overstapsysteem/late-message-after-enrolment" "$(starts small/journal.jsonl | tr '\n' ' ' | sed 's/ $//')"

plan() { sed -n 's/.*"planDigest":"\([0-9a-f]*\)".*/\1/p' "$1/journal.jsonl" | head -n 1; }
exits "another size" 4 some --volume 1400 --out other
is "is another plan" 1 "$([ "$(plan small)" != "$(plan other)" ] && echo 1)"
exits "the same size" 4 some --volume 1500 --out again
is "is the same plan" "$(plan small)" "$(plan again)"
finish
