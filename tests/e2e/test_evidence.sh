# What a run leaves by which it can be done again and checked, also by others.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"
fixtures=$E2E/../../fixtures

scenario short koppelpunt
exits "a run" 0 "$K" run short.json --seed 7 --jobs 2 --out run --quiet --lang en
grep '"kind":"run"' run/journal.jsonl >event

# ---- the journal says by what the run was made ----
sum() { sha256sum "$@" | cut -c1-64; }
told() { sed -n "s/.*\"digests\":{[^}]*\"$1\":\"\([0-9a-f]*\)\".*/\1/p" event; }
is "our binary" "$(sum "$K")" "$(told binary)"
is "the requirements" "$(sum "$fixtures/requirements.json")" "$(told requirements)"
is "the profile and its schemas" "$(cd "$fixtures" &&
    sha256sum profiles/proef-1.json schemas/proef-1/*.json | sum)" "$(told profile)"
is "the tables" "$(cd "$fixtures" && sha256sum instellingen.json opleidingen.json \
    regions.json schools.json | sum)" "$(told tables)"
own=$(sed -n 's/.*"family":"[^"]*","digest":"\([0-9a-f]*\)".*/\1/p' event)
is "all scenarios" "$(echo "$own" | sum)" "$(told scenarios)"
has "its options" event '"options":{"select":\["short.json"\],"profile":"proef-1","jobs":2}'
has "its system" event '"configuration":{"bundled":true}'
if command -v jq >/dev/null; then
    is "the scenario is there whole" "$(jq -cS . short.json)" "$(jq -cS '.planned[0].text' event)"
    is "with its digest" "$(jq -cS . short.json | tr -d '\n' | sum)" "$own"
else
    skip "the scenario's text" "there is no jq"
fi
finish
