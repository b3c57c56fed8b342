/* What came of findings: same, gone or other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/replay.h"

/* Findings as {requirement check verdict step}; each line of a case is what was, what is,
 * whether the conversation ended, what comes of the scenario and of each finding. */
#define F(q, c, v, s)                                                                    \
    "{\"requirement\":\"" q "\",\"check\":\"" c "\",\"verdict\":\"" v "\",\"step\":\"" s \
    "\",\"reason\":\"r\"}"
#define FAIL_3   F("KP-ORD-01", "expectation", "fail", "/steps/3")
#define FAIL_5   F("KP-ORD-01", "expectation", "fail", "/steps/5")
#define CHECK    F("KP-ORD-01", "feed-keys", "fail", "")
#define OTHER_3  F("KP-INT-01", "expectation", "fail", "/steps/3")
#define UNSEEN   F("KP-ORD-01", "scenario", "not-observed", "")
#define UNSEEN_2 F("KP-TOE-01", "capabilities", "not-observed", "")
#define ERROR_3  F("KP-ORD-01", "expectation", "error", "/steps/3")

static const struct {
    const char *was, *now;
    bool ended;
    const char *all, *each;
} cases[] = {
    {FAIL_3, FAIL_3, true, "same", "same"},
    {FAIL_3, FAIL_3, false, "same", "same"},
    {FAIL_3, "", true, "gone", "gone"},
    {FAIL_3, "", false, "other", "other"},
    {FAIL_3, FAIL_5, true, "other", "other"},
    {FAIL_3, CHECK, true, "other", "other"},
    {FAIL_3, ERROR_3, true, "other", "other"},
    {FAIL_3, UNSEEN, true, "other", "other"},
    {FAIL_3, OTHER_3, true, "other", "gone other"},
    {FAIL_3 "," FAIL_5, FAIL_5, true, "same", "same"},
    {FAIL_3 "," CHECK, FAIL_3, true, "same", "same gone"},
    {FAIL_3 "," CHECK, CHECK, true, "same", "gone same"},
    {FAIL_3 "," OTHER_3, OTHER_3, true, "same", "gone same"},
    {FAIL_3 "," UNSEEN, FAIL_3 "," UNSEEN, true, "same", "same same"},
    /* What could not be observed then either says nothing about what was mended. */
    {FAIL_3 "," UNSEEN_2, UNSEEN_2, true, "gone", "gone same"},
    {UNSEEN_2, UNSEEN_2, true, "same", "same"},
    {UNSEEN_2, "", true, "gone", "gone"},
};

static json_t *list_of(const char *findings)
{
    char *text = xasprintf("[%s]", findings);
    json_t *list = json_loads(text, 0, NULL);
    assert_non_null(list);
    free(text);
    return list;
}

static void what_came_of_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum again all;
        json_t *was = list_of(cases[i].was), *now = list_of(cases[i].now);
        json_t *out = compare_findings(was, now, cases[i].ended, &all);
        char *each = xstrdup("");
        for (size_t k = 0; k < json_array_size(out); k++) {
            char *more = xasprintf("%s%s%s", each, k ? " " : "",
                                   json_text(json_array_get(out, k), "again"));
            free(each);
            each = more;
        }
        if (strcmp(each, cases[i].each) || strcmp(again_name(all), cases[i].all))
            fail_msg("case %zu: %s (%s)", i, again_name(all), each);
        free(each);
        json_decref(out);
        json_decref(now);
        json_decref(was);
    }
}

/* Only of that scenario, in the trial of that role. */
static void whose_findings(void **state)
{
    (void)state;
    json_t *result =
        json_loads("{\"requirements\":[{\"id\":\"KT-01\",\"findings\":["
                   "{\"scenario\":\"late\",\"role\":\"koppelpunt\",\"check\":\"a\"},"
                   "{\"scenario\":\"late\",\"role\":\"overstapsysteem\",\"check\":\"b\"},"
                   "{\"scenario\":\"later\",\"role\":\"koppelpunt\",\"check\":\"c\"}]}]}",
                   0, NULL);
    json_t *list = findings_of(result, "overstapsysteem", "late");
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_text(json_array_get(list, 0), "check"), "b");
    assert_string_equal(json_text(json_array_get(list, 0), "requirement"), "KT-01");
    json_decref(list);
    json_decref(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_of_it),
        cmocka_unit_test(whose_findings),
    };
    mem_install();
    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
