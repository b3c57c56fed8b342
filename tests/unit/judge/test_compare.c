/* What changed between two results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/judge/judge.h"

static void every_pair_of_verdicts_has_its_change(void **state)
{
    (void)state;
    /* was (down): none pass n/a warn unseen unsure flaky fail error */
    static const char *const wanted[] = {
        /* now:           - P A W N I ~ F E */
        /* none         */ "= a a a a a ! ! a",
        /* pass         */ "- = - c u c ! ! c",
        /* n/a          */ "- c = c c c ! ! c",
        /* warn         */ "- f - = c c ! ! c",
        /* not-observed */ "- f c c = c ! ! c",
        /* inconclusive */ "- f c c c = ! ! c",
        /* flaky        */ "- f - c c c = c c",
        /* fail         */ "- f - c c c c = c",
        /* error        */ "- f c c c c ! ! =",
    };
    static const char letters[CHANGE_COUNT + 1] = "=!-ucxaf";
    for (int was = VERDICT_NONE; was <= VERDICT_ERROR; was++)
        for (int now = VERDICT_NONE; now <= VERDICT_ERROR; now++) {
            char is = letters[change_of((enum verdict)was, (enum verdict)now)];
            if (is != wanted[was][2 * now])
                fail_msg("%s -> %s: %c", verdict_name((enum verdict)was),
                         verdict_name((enum verdict)now), is);
        }
}

static void verdicts_are_known_by_name(void **state)
{
    (void)state;
    for (int v = VERDICT_PASS; v <= VERDICT_ERROR; v++)
        assert_int_equal(verdict_by_name(verdict_name((enum verdict)v)), v);
    assert_int_equal(verdict_by_name("passed"), VERDICT_NONE);
    assert_int_equal(verdict_by_name(NULL), VERDICT_NONE);
}

/* 'quoted' JSON of a result. */
static json_t *result(const char *requirements, const char *verdict, int code)
{
    char *text = xasprintf("{'profile':'proef-1','verdict':'%s','exitCode':%d,"
                           "'systems':[{'role':'koppelpunt'}],'requirements':[%s]}",
                           verdict, code, requirements);
    for (char *c = text; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    json_t *o = json_loads(text, 0, NULL);
    assert_non_null(o);
    free(text);
    return o;
}

static const char *at(const json_t *o, const char *pointer)
{
    const char *s = json_string_value(json_at(o, pointer));
    return s ? s : "";
}

static void requirements_are_compared_worst_first(void **state)
{
    (void)state;
    json_t *a = result("{'id':'A','verdict':'fail'},{'id':'B','verdict':'pass'},"
                       "{'id':'C','verdict':'pass'},{'id':'D','verdict':'pass'},"
                       "{'id':'E','verdict':'warn'}",
                       "not conform", 1);
    json_t *b = result("{'id':'A','verdict':'pass'},{'id':'B','verdict':'not-observed'},"
                       "{'id':'C','verdict':'fail','reason':'late'},"
                       "{'id':'E','verdict':'warn'},{'id':'F','verdict':'pass'}",
                       "not conform", 1);
    json_t *c = results_compare(a, b);
    static const char *const rows[][4] = {{"C", "new-fail", "pass", "fail"},
                                          {"D", "disappeared", "pass", ""},
                                          {"B", "not-observed", "pass", "not-observed"},
                                          {"F", "appeared", "", "pass"},
                                          {"A", "fixed", "fail", "pass"}};
    assert_true(json_is_false(json_object_get(c, "same")));
    assert_int_equal(json_array_size(json_object_get(c, "requirements")),
                     ARRAY_LEN(rows));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static const char *const members[] = {"id", "change", "was", "verdict"};
        for (size_t k = 0; k < ARRAY_LEN(members); k++) {
            char pointer[60];
            snprintf(pointer, sizeof pointer, "/requirements/%zu/%s", i, members[k]);
            assert_string_equal(at(c, pointer), rows[i][k]);
        }
    }
    assert_string_equal(at(c, "/requirements/0/reason"), "late");
    assert_int_equal(json_integer_value(json_at(c, "/counts/same")), 1);
    assert_int_equal(json_integer_value(json_at(c, "/counts/fixed")), 1);
    json_decref(c);
    json_decref(a);
    json_decref(b);
}

#define FOUND(s, c, v)                                                                   \
    "{'scenario':'" s "','check':'" c "','verdict':'" v "','reason':'r'}"

static void findings_are_compared_below_them(void **state)
{
    (void)state;
    json_t *a = result(
        "{'id':'A','verdict':'fail','findings':[" FOUND("s", "x", "fail") "," FOUND(
            "s", "x", "warn") "," FOUND("t", "x", "fail") "]}",
        "not conform", 1);
    json_t *b = result(
        "{'id':'A','verdict':'fail','findings':[" FOUND("s", "x", "warn") "," FOUND(
            "s", "x", "fail") "," FOUND("t", "y", "fail") "]}",
        "not conform", 1);
    json_t *c = results_compare(a, b), *same = results_compare(a, a);
    assert_true(json_is_true(json_object_get(same, "same")));
    assert_string_equal(at(c, "/requirements/0/change"), "findings");
    assert_int_equal(json_array_size(json_at(c, "/requirements/0/findings")), 2);
    assert_string_equal(at(c, "/requirements/0/findings/0/check"), "y");
    assert_string_equal(at(c, "/requirements/0/findings/0/change"), "new-fail");
    assert_string_equal(at(c, "/requirements/0/findings/1/change"), "disappeared");
    assert_string_equal(at(c, "/requirements/0/findings/1/scenario"), "t");
    json_decref(same);
    json_decref(c);
    json_decref(a);
    json_decref(b);
}

static void another_verdict_alone_is_a_change(void **state)
{
    (void)state;
    json_t *a = result("{'id':'A','verdict':'fail'}", "not conform", 1);
    json_t *b = result("{'id':'A','verdict':'fail'}", "not conform", 0);
    json_t *c = results_compare(a, b);
    assert_true(json_is_false(json_object_get(c, "same")));
    assert_int_equal(json_array_size(json_object_get(c, "requirements")), 0);
    assert_int_equal(json_integer_value(json_at(c, "/exitCode/was")), 1);
    json_decref(c);
    json_decref(a);
    json_decref(b);
}

static void only_the_same_trials_are_compared(void **state)
{
    (void)state;
    struct err e = {0};
    json_t *a = result("", "conform", 0), *b = result("", "conform", 0);
    assert_int_equal(results_fit(a, b, &e), 0);
    json_object_set_new(b, "profile", json_string("proef-2"));
    assert_int_equal(results_fit(a, b, &e), E_INVALID);
    assert_non_null(
        strstr(e.text, "the first is of profile proef-1, the second of proef-2"));
    json_object_set_new(b, "profile", json_string("proef-1"));
    json_object_set_new(
        b, "systems",
        json_pack("[{ss},{ss}]", "role", "koppelpunt", "role", "overstapsysteem"));
    err_clear(&e);
    assert_int_equal(results_fit(a, b, &e), E_INVALID);
    assert_non_null(strstr(e.text, "only the second has an overstapsysteem"));
    err_clear(&e);
    assert_int_equal(results_fit(b, a, &e), E_INVALID);
    assert_non_null(strstr(e.text, "only the first has an overstapsysteem"));
    json_decref(a);
    json_decref(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_verdicts_has_its_change),
        cmocka_unit_test(verdicts_are_known_by_name),
        cmocka_unit_test(requirements_are_compared_worst_first),
        cmocka_unit_test(findings_are_compared_below_them),
        cmocka_unit_test(another_verdict_alone_is_a_change),
        cmocka_unit_test(only_the_same_trials_are_compared),
    };

    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
