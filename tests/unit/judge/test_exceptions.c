/* Waivers and baselines: what counts for the exit code, and what a verdict says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/judge/judge.h"

#define SYSTEM "Voorbeeld" /* the name in the journals; their run was on 2023-05-10 */

static struct requirements *requirements;

static int setup(void **state)
{
    struct err e = {0};
    (void)state;
    return requirements_load(SOURCE_DIR "/fixtures/requirements.json", &requirements, &e);
}

static int teardown(void **state)
{
    (void)state;
    requirements_free(requirements);
    return 0;
}

static json_t *judged(const char *name, const json_t *waivers, const json_t *baseline)
{
    const struct exceptions x = {
        .waivers = waivers, .baseline = baseline, .baseline_digest = "d1"};
    char *path = xasprintf("%s/tests/cases/judge/%s/journal.jsonl", SOURCE_DIR, name);
    struct err e = {0};
    json_t *result = NULL;
    if (judge_journal_with(path, requirements, &x, &result, &e))
        fail_msg("%s: %s", name, e.text);
    free(path);
    return result;
}

static json_t *waiver(const char *id, const char *expires, const char *system,
                      const char *scenario)
{
    return json_pack("{ss,ss,ss,ss,ss,ss*,ss*}", "requirement", id, "reason", "r",
                     "owner", "o", "link", "https://x.example", "expires", expires,
                     "system", system, "scenario", scenario);
}

static json_t *of(const json_t *result, const char *id)
{
    json_t *list = json_object_get(result, "requirements");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!strcmp(json_text(json_array_get(list, i), "id"), id))
            return json_array_get(list, i);
    fail_msg("%s is not in the result", id);
    return NULL;
}

static void codes(const json_t *result, const char *want)
{
    char *seen = json_dumps(json_object_get(result, "exitCodes"), JSON_COMPACT);
    assert_string_equal(seen, want);
    free(seen);
}

/* The only requirement of a journal that fails, is waived, by `more` or by nothing. */
struct row {
    const char *expires, *system, *scenario; /* of the waiver */
    const char *verdict, *exit, *state;
};

static void waived_failure(void **state)
{
    static const struct row rows[] = {
        {"2023-05-10", NULL, NULL, "conform with waivers", "[0]", "used"},
        {"2023-05-11", SYSTEM, NULL, "conform with waivers", "[0]", "used"},
        {"2023-05-11", NULL, "fresh", "conform with waivers", "[0]", "used"},
        {"2023-05-09", NULL, NULL, "not conform", "[8]", "expired"},
        {"2023-05-11", "another", NULL, "not conform", "[1]", "unused"},
        {"2023-05-09", "another", NULL, "not conform", "[1]", "unused"},
        {"2023-05-11", NULL, "another", "not conform", "[1]", "unused"},
        {"2023-05-09", NULL, "another", "not conform", "[1,8]", "expired"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];
        json_t *list = json_array();
        json_array_append_new(list,
                              waiver("KP-LEV-08", r->expires, r->system, r->scenario));
        json_t *result = judged("late-in-the-feed", list, NULL);
        json_t *q = of(result, "KP-LEV-08");
        assert_string_equal(json_text(q, "verdict"), "fail");
        assert_string_equal(json_text(result, "verdict"), r->verdict);
        codes(result, r->exit);
        assert_string_equal(
            json_text(json_array_get(json_object_get(result, "waivers"), 0), "state"),
            r->state);
        bool covered = !strcmp(r->state, "used") || !strcmp(r->exit, "[8]");
        assert_int_equal(json_object_get(q, "waived") != NULL, covered);
        json_decref(result);
        json_decref(list);
    }
}

static void stale(void **state)
{
    json_t *list = json_array();
    (void)state;
    json_array_append_new(list, waiver("KP-LEV-08", "2999-01-01", NULL, NULL));
    json_t *result = judged("fresh", list, NULL);
    assert_string_equal(json_text(result, "verdict"), "conform");
    codes(result, "[8]");
    assert_null(json_object_get(of(result, "KP-LEV-08"), "waived"));
    json_decref(result);
    json_decref(list);
}

/* Trouble that isn't the system's is never waived. */
static void error_is_not_waived(void **state)
{
    json_t *plain = judged("aborted-harness", NULL, NULL), *list = json_array();
    json_t *all = json_object_get(plain, "requirements");
    (void)state;
    for (size_t i = 0; i < json_array_size(all); i++)
        json_array_append_new(list, waiver(json_text(json_array_get(all, i), "id"),
                                           "2999-01-01", NULL, NULL));
    json_t *result = judged("aborted-harness", list, NULL);
    assert_int_equal(json_integer_value(json_object_get(result, "exitCode")),
                     EXIT_HARNESS);
    assert_string_equal(json_text(result, "verdict"), "error");
    size_t errors = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *w = json_array_get(json_object_get(result, "waivers"), i);
        const json_t *q = of(result, json_text(w, "requirement"));
        if (strcmp(json_text(q, "verdict"), "error"))
            continue;
        errors++;
        assert_string_equal(json_text(w, "state"), "unused");
        assert_null(json_object_get(q, "waived"));
    }
    assert_true(errors > 0);
    json_decref(result);
    json_decref(list);
    json_decref(plain);
}

/* ---- the baseline ---- */

static size_t length(const json_t *result, const char *list)
{
    return json_array_size(json_object_get(json_object_get(result, "baseline"), list));
}

static void sizes(const json_t *result, size_t fresh, size_t fixed, size_t known,
                  size_t disappeared)
{
    assert_int_equal(length(result, "new"), fresh);
    assert_int_equal(length(result, "fixed"), fixed);
    assert_int_equal(length(result, "known"), known);
    assert_int_equal(length(result, "disappeared"), disappeared);
}

/* What a failure counts for, by what it was before. */
static void against_each_verdict(void **state)
{
    static const struct {
        const char *was; /* NULL: it was not there */
        const char *exit;
        size_t known;
    } rows[] = {{"fail", "[0]", 1},         {"pass", "[1]", 0}, {"warn", "[1]", 0},
                {"not-observed", "[1]", 0}, {NULL, "[1,4]", 0}, {"error", "[1]", 0}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *before = judged("late-in-the-feed", NULL, NULL);
        json_t *q = of(before, "KP-LEV-08");
        if (rows[i].was)
            json_object_set_new(q, "verdict", json_string(rows[i].was));
        else
            json_object_set_new(q, "id", json_string("KP-ORD-01"));
        json_t *result = judged("late-in-the-feed", NULL, before);
        codes(result, rows[i].exit);
        sizes(result, !rows[i].known, 0, rows[i].known, rows[i].was ? 0 : 1);
        assert_string_equal(json_text(result, "verdict"), "not conform");
        assert_string_equal(json_text(json_object_get(result, "baseline"), "digest"),
                            "d1");
        json_decref(result);
        json_decref(before);
    }
}

static void fixed_and_unseen(void **state)
{
    json_t *good = judged("fresh", NULL, NULL);
    json_t *bad = judged("late-in-the-feed", NULL, NULL);
    (void)state;
    json_t *result = judged("fresh", NULL, bad);
    codes(result, "[0]");
    sizes(result, 0, 1, 0, 0);
    json_decref(result);
    /* always-200 proves nothing: what was judged then is not observed now. */
    json_t *before = judged("always-200", NULL, NULL);
    result = judged("always-200", NULL, before);
    size_t n = json_array_size(json_object_get(before, "requirements"));
    codes(result, "[4]"); /* nothing passed: that is never excused */
    sizes(result, 0, 0, n, 0);
    json_decref(result);
    json_t *q = json_array_get(json_object_get(before, "requirements"), 0);
    json_object_set_new(q, "verdict", json_string("pass"));
    result = judged("always-200", NULL, before);
    sizes(result, 1, 0, n - 1, 0);
    json_decref(result);
    json_decref(before);
    json_decref(good);
    json_decref(bad);
}

static void refused(json_t *baseline, const char *sentence)
{
    static const char *const roles[] = {"koppelpunt"};
    struct err e = {0};
    int rc = baseline_check(baseline, &e);
    if (!rc)
        rc = baseline_fits(baseline, "proef-1", roles, 1, &e);
    assert_int_equal(rc, E_INVALID);
    if (!strstr(e.text, sentence))
        fail_msg("\"%s\" does not say \"%s\"", e.text, sentence);
}

static void unfit(void **state)
{
    json_t *b = judged("fresh", NULL, NULL);
    json_t *system = json_array_get(json_object_get(b, "systems"), 0);
    json_t *list = json_object_get(b, "requirements");
    json_t *nothing = json_array(), *second = json_deep_copy(system);
    (void)state;
    refused(nothing, "no result.json");
    json_object_set_new(b, "profile", json_string("proef-2"));
    refused(b, "of profile proef-2, this run of proef-1");
    json_object_set_new(b, "profile", json_string("proef-1"));
    json_object_set_new(second, "role", json_string("overstapsysteem"));
    json_array_append_new(json_object_get(b, "systems"), second);
    refused(b, "of an overstapsysteem too");
    json_array_remove(json_object_get(b, "systems"), 0);
    refused(b, "not of a koppelpunt");
    json_object_set_new(b, "verdict", json_string("interrupted"));
    refused(b, "interrupted run");
    json_object_set_new(json_array_get(list, 0), "verdict", json_string("fine"));
    refused(b, "requirement 1 of this result has no id or no verdict");
    json_decref(nothing);
    json_decref(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waived_failure),      cmocka_unit_test(stale),
        cmocka_unit_test(error_is_not_waived), cmocka_unit_test(against_each_verdict),
        cmocka_unit_test(fixed_and_unseen),    cmocka_unit_test(unfit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
