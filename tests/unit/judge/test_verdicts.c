/* A verdict only gets worse and keeps its first reason; exit codes by concern. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/verdicts.h"

static struct requirements *requirements;

static int setup(void **state)
{
    (void)state;
    return requirements_load(SOURCE_DIR "/fixtures/requirements.json", &requirements,
                             NULL);
}

static int teardown(void **state)
{
    (void)state;
    requirements_free(requirements);
    return 0;
}

static void add(struct pair *p, enum verdict v, const char *reason, const char *blame)
{
    struct finding f = {
        .verdict = v, .check = "test", .reason = xstrdup(reason), .blame = blame};
    pair_add(p, &f);
    assert_null(f.reason);
}

/* From every verdict to every other one: the worse of the two stays. */
static void only_gets_worse(void **state)
{
    (void)state;
    for (int a = VERDICT_PASS; a <= VERDICT_ERROR; a++)
        for (int b = VERDICT_PASS; b <= VERDICT_ERROR; b++) {
            struct verdicts *v = verdicts_new(requirements);
            struct scenario_result *s = verdicts_scenario(v, "koppelpunt", "s");
            struct pair *p = verdicts_pair(v, s, "KP-INT-01");
            add(p, (enum verdict)a, "first", "system");
            add(p, (enum verdict)b, "second", "harness");
            assert_int_equal(p->verdict, a > b ? a : b);
            assert_string_equal(p->reason, b > a ? "second" : "first");
            assert_string_equal(p->blame, b > a ? "harness" : "system");
            pair_pass(p, "third");
            assert_int_equal(p->verdict, a > b ? a : b);
            verdicts_free(v);
        }
}

static void plan(void **state)
{
    struct verdicts *v = verdicts_new(requirements);
    struct scenario_result *s = verdicts_scenario(v, "koppelpunt", "s"), **all;
    const struct requirement_result *r = NULL;
    const struct pair *decides;
    (void)state;
    assert_ptr_equal(verdicts_scenario(v, "koppelpunt", "s"), s);
    assert_ptr_not_equal(verdicts_scenario(v, "overstapsysteem", "s"), s);
    assert_int_equal(verdicts_scenarios(v, &all), 2);
    assert_null(verdicts_pair(v, s, "OS-VER-01")); /* not of this role */
    assert_null(verdicts_pair(v, s, "KP-XYZ-01"));
    assert_non_null(verdicts_pair(v, s, "KT-01")); /* of the whole chain */
    verdicts_plan(v, s, "KP-INT-03");
    verdicts_plan(v, s, "KP-INT-06");
    pair_pass(verdicts_pair(v, s, "KP-INT-06"), "it was refused");
    verdicts_close(v);
    for (size_t i = 0; (r = verdicts_requirement(v, i)); i++) {
        enum verdict w = requirement_verdict(r, &decides);
        if (!strcmp(r->requirement->id, "KP-INT-03"))
            assert_int_equal(w, VERDICT_NOT_OBSERVED);
        else if (!strcmp(r->requirement->id, "KP-INT-06"))
            assert_int_equal(w, VERDICT_PASS);
        else
            assert_int_equal(w, VERDICT_NONE);
        assert_int_equal(decides != NULL, w != VERDICT_NONE);
    }
    verdicts_free(v);
}

/* Passes that were not earned go; what else was found stays. */
static void unearned(void **state)
{
    struct verdicts *v = verdicts_new(requirements);
    struct scenario_result *s = verdicts_scenario(v, "koppelpunt", "s");
    struct pair *p = verdicts_pair(v, s, "KP-INT-01");
    struct pair *q = verdicts_pair(v, s, "KP-INT-02");
    (void)state;
    pair_pass(p, "x");
    pair_pass(p, "y");
    assert_int_equal(p->passes, 2);
    assert_string_equal(p->reason, "x");
    pair_unearned(p);
    assert_int_equal(p->verdict, VERDICT_NONE);
    assert_null(p->reason);
    pair_pass(q, "x");
    add(q, VERDICT_FAIL, "wrong", "system");
    pair_unearned(q);
    assert_int_equal(q->verdict, VERDICT_FAIL);
    assert_string_equal(q->reason, "wrong");
    verdicts_free(v);
}

static void many_findings(void **state)
{
    struct verdicts *v = verdicts_new(requirements);
    struct pair *p =
        verdicts_pair(v, verdicts_scenario(v, "koppelpunt", "s"), "KP-INT-01");
    (void)state;
    for (int i = 0; i < FINDINGS_MAX + 7; i++)
        add(p, VERDICT_WARN, "again", "system");
    add(p, VERDICT_FAIL, "the worst is last", "system");
    assert_int_equal(p->n_findings, FINDINGS_MAX);
    assert_int_equal(p->more, 8);
    assert_int_equal(p->verdict, VERDICT_FAIL);
    assert_string_equal(p->reason, "the worst is last");
    verdicts_free(v);
}

static void exit_codes(void **state)
{
    static const struct {
        struct concerns c;
        int first;
        size_t n;
    } cases[] = {
        {{0}, 0, 1},
        {{.failed = true}, 1, 1},
        {{.incomplete = true}, 4, 1},
        {{.failed = true, .incomplete = true}, 1, 2},
        {{.environment = true, .failed = true, .incomplete = true}, 3, 3},
        {{.configuration = true, .environment = true, .failed = true}, 2, 3},
        {{.harness = true, .configuration = true, .environment = true}, 5, 3},
        {{.interrupted = true, .harness = true}, 130, 2},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_t *list = json_array();
        assert_int_equal(concerns_codes(&cases[i].c, list), cases[i].first);
        assert_int_equal(json_array_size(list), cases[i].n);
        json_decref(list);
    }
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(verdict_name(VERDICT_NOT_APPLICABLE), "not-applicable");
    assert_string_equal(verdict_name(VERDICT_ERROR), "error");
    assert_string_equal(verdict_name((enum verdict)99), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_gets_worse), cmocka_unit_test(plan),
        cmocka_unit_test(unearned),        cmocka_unit_test(many_findings),
        cmocka_unit_test(exit_codes),      cmocka_unit_test(names),
    };
    mem_install();
    return cmocka_run_group_tests(tests, setup, teardown);
}
