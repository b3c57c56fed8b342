# selftest: mutants in laboratories of their own.
# shellcheck source=tests/e2e/lib.sh
. "$E2E/lib.sh"

exits "list mutants" 0 "$K" list mutants --lang en
has "mutants: a defect with what it turns red" out 'defect: OS-OPH-12'
exits "list mutants of a role" 0 "$K" list mutants --role overstapsysteem
hasnt "mutants of a role: not those of the other" out '^kp-'
exits "list mutants as JSON" 0 "$K" list mutants --format json
has "mutants as JSON: what is unusual" out '"kind": "unusual"'
exits "explain a requirement" 0 "$K" explain OS-OPH-12 --lang en
has "explain: what makes it fail" out '^  os-bsn-in-uri: '

refused "a mutant that is not there" 2 'did you mean "os-bsn-in-uri"' "$K" selftest os-bsn-in-url
refused "a mutant of the other role" 2 'is one of a koppelpunt' "$K" selftest os-bsn-in-uri --role koppelpunt
refused "a wrong option" 2 'did you mean "--jobs"' "$K" selftest --job 2
refused "no mutant in this profile" 2 'is about tokens, which profile proef-2 does not have' \
    "$K" selftest os-token-per-fetch --profile proef-2
check "nothing was begun" test ! -e build

exits "a defect and a null system" 0 "$K" selftest os-bsn-in-uri os-null-empty --out lab --seed 7
has "selftest: killed by its own requirement" out ' os-bsn-in-uri  *killed  *OS-OPH-12$'
has "selftest: with nothing nothing passed" out ' os-null-empty  *nothing'
is "selftest: the last line" "mutants 1: killed 1, for another reason 0, survived 0, void 0" \
    "$(tail -n 1 out)"
check "selftest: the run is there" test -s lab/os-bsn-in-uri/result.json
has "selftest: as JSON" lab/selftest.json '"killed": 1'
check "selftest: the mutant said that it took effect" \
    grep -rq 'the mutant took effect' lab/os-bsn-in-uri/overstapsysteem

# From three on the reference goes ahead.
exits "with a scout" 0 "$K" selftest os-trusts-any-name os-text-times os-ignores-retry-date \
    --out scouted --seed 7
is "with a scout: all killed" \
    "mutants 3: killed 3, for another reason 0, survived 0, void 0" "$(tail -n 1 out)"
has "with a scout: what was spared" out 'differ there: [1-9][0-9]*$'
check "with a scout: the reference's own run is there" \
    test -s scouted/scout-overstapsysteem/result.json
check "with a scout: one conversation was enough for os-trusts-any-name" \
    test "$(find scouted/os-trusts-any-name/overstapsysteem -mindepth 1 -maxdepth 1 | wc -l)" -lt 4
refused "a scout is no mutant" 2 'scout is of a mock without' \
    "$K" mock koppelpunt --scout --mutant kp-slow

E2E_MARK=selftest.$$ background running "$K" selftest --role overstapsysteem --out cut
until_true test -s cut/scout-overstapsysteem/journal.jsonl || not_ok "a run begins"
kill -TERM "$pid"
ends "selftest: an interrupt ends it" 130 "$pid"
until_true nobody_left selftest.$$ && ok "selftest: an interrupt leaves nobody behind"
finish
