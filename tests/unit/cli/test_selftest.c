/* What a mutant was to turn red against what turned red: every verdict has its own case,
 * and each sentence names what differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/selftest.h"

static const struct mutant defect = {"kp-wrong",        "koppelpunt", MUTANT_DEFECT, 1,
                                     "KP-B-02 KP-A-01", "fout",       "wrong"};
static const struct mutant unusual = {"kp-odd", "koppelpunt", MUTANT_UNUSUAL, 2,
                                      "",       "vreemd",     "odd"};
static const struct mutant null_system = {"kp-null", "koppelpunt", MUTANT_NULL, 3,
                                          "",        "niets",      "nothing"};

/* One that ran to its end; `reds` and `errors` are ids with spaces between. */
static struct tried tried_of(const struct mutant *m, const char *reds, const char *errors,
                             bool effect, int exit_code)
{
    const struct mutant as_reds = {.reds = reds}, as_errors = {.reds = errors};
    return (struct tried){.mutant = m,
                          .reds = tried_expected(&as_reds),
                          .errors = tried_expected(&as_errors),
                          .exit_code = exit_code,
                          .judged = true,
                          .effect = effect};
}

static void verdicts(void **state)
{
    (void)state;
    static const struct {
        const struct mutant *m;
        const char *reds, *errors;
        bool effect;
        int exit_code;
        enum tried_verdict verdict;
        const char *why; /* within the sentence */
    } cases[] = {
        {&defect, "KP-A-01 KP-B-02", "", true, 1, TRIED_KILLED, ""},
        {&defect, "KP-B-02 KP-A-01", "", false, 1, TRIED_KILLED, ""},
        {&defect, "KP-A-01", "", true, 1, TRIED_OTHER_REASON, "missing KP-B-02"},
        {&defect, "KP-A-01 KP-B-02 KP-C-03", "", true, 1, TRIED_OTHER_REASON,
         "too many KP-C-03"},
        {&defect, "KP-C-03", "", true, 1, TRIED_OTHER_REASON,
         "missing KP-A-01 KP-B-02; too many KP-C-03"},
        {&defect, "KP-A-01 KP-B-02", "KP-D-04", true, 5, TRIED_OTHER_REASON,
         "error KP-D-04"},
        {&defect, "", "KP-A-01 KP-B-02", true, 5, TRIED_OTHER_REASON, "error KP-A-01"},
        {&defect, "", "", true, 0, TRIED_SURVIVED, "missing KP-A-01 KP-B-02"},
        {&defect, "", "", true, 4, TRIED_SURVIVED, "exit status 4"},
        {&defect, "", "", false, 0, TRIED_VOID, "never behaved otherwise"},
        {&defect, "", "", false, 3, TRIED_OTHER_REASON, "exit status 3"},
        {&unusual, "", "", true, 0, TRIED_GREEN, ""},
        {&unusual, "KP-A-01", "", true, 1, TRIED_BLAMED, "too many KP-A-01"},
        {&unusual, "", "KP-A-01", true, 5, TRIED_BLAMED, "error KP-A-01"},
        {&unusual, "", "", true, 4, TRIED_BLAMED, "exit status 4"},
        {&unusual, "", "", false, 0, TRIED_VOID, "never behaved otherwise"},
        {&null_system, "KP-A-01", "", false, 1, TRIED_NOTHING, ""},
        {&null_system, "", "", false, 3, TRIED_NOTHING, ""},
        {&null_system, "", "", false, 0, TRIED_SCORED, "exit status 0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct tried t = tried_of(cases[i].m, cases[i].reds, cases[i].errors,
                                  cases[i].effect, cases[i].exit_code);
        char *why = tried_why(&t);
        if (tried_judge(&t) != cases[i].verdict)
            fail_msg("case %zu: %s, not %s", i, tried_name(tried_judge(&t)),
                     tried_name(cases[i].verdict));
        if (!strstr(why, cases[i].why))
            fail_msg("case %zu: \"%s\" lacks \"%s\"", i, why, cases[i].why);
        free(why);
        tried_done(&t);
    }
}

static void a_run_without_a_result_is_no_kill(void **state)
{
    (void)state;
    struct tried t = tried_of(&defect, "", "", true, -1);
    t.judged = false;
    t.why = xstrdup("it crashed");
    assert_int_equal(tried_judge(&t), TRIED_OTHER_REASON);
    char *why = tried_why(&t);
    assert_non_null(strstr(why, "left no result (it crashed)"));
    free(why);
    t.mutant = &null_system;
    assert_int_equal(tried_judge(&t), TRIED_SCORED);
    t.mutant = &unusual;
    assert_int_equal(tried_judge(&t), TRIED_BLAMED);
    tried_done(&t);
}

/* What was right with a small crowd is no gap, and no pass either. */
static void what_was_tried_in_small(void **state)
{
    (void)state;
    struct tried t = tried_of(&unusual, "", "", true, 4);
    t.small = 1;
    assert_int_equal(tried_judge(&t), TRIED_GREEN);
    t.unseen = 1;
    assert_int_equal(tried_judge(&t), TRIED_BLAMED);
    tried_done(&t);
    t = tried_of(&null_system, "", "", true, 4);
    assert_int_equal(tried_judge(&t), TRIED_NOTHING);
    t.small = 1;
    assert_int_equal(tried_judge(&t), TRIED_SCORED);
    tried_done(&t);
}

static void a_null_system_that_scores(void **state)
{
    (void)state;
    struct tried t = tried_of(&null_system, "KP-A-01", "", false, 1);
    t.passed = 1;
    assert_int_equal(tried_judge(&t), TRIED_SCORED);
    char *why = tried_why(&t);
    assert_non_null(strstr(why, "1 passed"));
    free(why);
    tried_done(&t);
}

/* Nothing stated can't be killed: a row without reds says nothing about a check. */
static void nothing_stated(void **state)
{
    (void)state;
    struct mutant none = defect;
    none.reds = "";
    struct tried t = tried_of(&none, "", "", true, 0);
    assert_int_equal(tried_judge(&t), TRIED_SURVIVED);
    tried_done(&t);
}

static void what_is_stated(void **state)
{
    (void)state;
    assert_true(tried_states(&defect, "KP-A-01"));
    assert_true(tried_states(&defect, "KP-B-02"));
    assert_false(tried_states(&defect, "KP-A-0"));
    assert_false(tried_states(&defect, "KP-A-011"));
    assert_false(tried_states(&unusual, ""));
}

static void the_score(void **state)
{
    (void)state;
    static const struct {
        const struct mutant *m;
        enum tried_verdict v;
    } all[] = {{&defect, TRIED_KILLED},       {&defect, TRIED_KILLED},
               {&defect, TRIED_VOID},         {&unusual, TRIED_VOID},
               {&defect, TRIED_SURVIVED},     {&defect, TRIED_OTHER_REASON},
               {&unusual, TRIED_GREEN},       {&unusual, TRIED_BLAMED},
               {&null_system, TRIED_NOTHING}, {&null_system, TRIED_SCORED}};
    struct score s = {0}, well = {0};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        score_add(&s, all[i].m, all[i].v);
        if (tried_well(all[i].v))
            score_add(&well, all[i].m, all[i].v);
    }
    char *line = score_line(&s), *others = score_others(&s);
    assert_string_equal(line,
                        "mutants 5: killed 2, for another reason 1, survived 1, void 1");
    assert_string_equal(others, "unusual 3: green 1, blamed 1, void 1; null systems 2: "
                                "nothing passed with 1");
    free(line);
    free(others);
    assert_false(score_well(&s, ARRAY_LEN(all)));
    assert_true(score_well(&well, 4));
    assert_false(score_well(&well, 5)); /* one that never ended */
    assert_false(score_well(&(struct score){0}, 0));
}

/* ---- reading ---- */

static void reads(const struct mutant *m, const char *reds)
{
    static const char result[] =
        "{\"requirements\":["
        "{\"id\":\"KP-A-01\",\"role\":\"koppelpunt\",\"verdict\":\"fail\"},"
        "{\"id\":\"KP-B-02\",\"role\":\"koppelpunt\",\"verdict\":\"pass\"},"
        "{\"id\":\"OS-A-01\",\"role\":\"overstapsysteem\",\"verdict\":\"fail\"},"
        "{\"id\":\"KT-A-01\",\"role\":\"keten\",\"verdict\":\"warn\"},"
        "{\"id\":\"KT-B-02\",\"role\":\"keten\",\"verdict\":\"fail\"}]}";
    char folder[] = "/tmp/test_selftest.XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *path = xasprintf("%s/result.json", folder);
    assert_int_equal(file_write(path, result, strlen(result), NULL), 0);
    struct tried t = {.mutant = m};
    tried_read(folder, "koppelpunt", &t);
    const struct mutant as_reds = {.reds = reds};
    json_t *want = tried_expected(&as_reds);
    assert_true(json_equal(t.reds, want));
    json_decref(want);
    tried_done(&t);
    assert_int_equal(file_rmtree(folder, NULL), 0);
    free(path);
}

/* Of the chain a defect answers for what it states, what is unusual for everything. */
static void of_the_chain_what_is_stated(void **state)
{
    (void)state;
    const struct mutant none = {
        .name = "m", .role = "koppelpunt", .kind = MUTANT_DEFECT, .reds = "KP-A-01"};
    struct mutant states = none, odd = none;
    states.reds = "KP-A-01 KT-B-02";
    odd.kind = MUTANT_UNUSUAL;
    odd.reds = "";
    reads(&none, "KP-A-01");
    reads(&states, "KP-A-01 KT-B-02");
    reads(&odd, "KP-A-01 KT-A-01 KT-B-02");
}

/* ---- the tables ---- */

/* A defect only where the scout named it; what is unusual or null everywhere. */
static void scenarios_for_a_mutant(void **state)
{
    (void)state;
    struct scouted s = {.reached = json_pack("{s[ss]}", "kp-wrong", "one", "two"),
                        .all = 5};
    json_t *list = scouted_choose(&s, &defect);
    assert_int_equal(json_array_size(list), 2);
    json_decref(list);
    const struct mutant never = {.name = "kp-never", .kind = MUTANT_DEFECT};
    list = scouted_choose(&s, &never);
    assert_int_equal(json_array_size(list), 0);
    assert_non_null(list);
    json_decref(list);
    assert_null(scouted_choose(&s, &unusual));
    assert_null(scouted_choose(&s, &null_system));
    scouted_done(&s);
    assert_null(scouted_choose(&s, &defect)); /* nothing is known: everywhere */
}

static void what_a_scout_missed(void **state)
{
    (void)state;
    struct scouted s = {.reached = json_pack("{s[ss]}", "kp-wrong", "one", "two")};
    struct tried t = {.mutant = &defect,
                      .where = json_pack("[sss]", TRIED_PREFLIGHT, "two", "one")};
    assert_null(scouted_missed(&s, &t));
    json_array_append_new(t.where, json_string("three"));
    assert_string_equal(scouted_missed(&s, &t), "three");
    t.mutant = &unusual;
    assert_null(scouted_missed(&s, &t));
    tried_done(&t);
    scouted_done(&s);
}

/* Each stated requirement exists, and is one of the mutant's own role or of the chain. */
static void every_row_is_sound(void **state)
{
    (void)state;
    struct requirements *r = NULL;
    const struct mutant *m;
    assert_int_equal(cli_load_requirements(&r, NULL), 0);
    for (size_t i = 0; (m = mutant_at(i)); i++) {
        if (mutant_find(m->name) != m)
            fail_msg("%s: there are two of this name", m->name);
        if (!m->nl || !*m->nl || !m->en || !*m->en)
            fail_msg("%s: no sentence", m->name);
        json_t *reds = tried_expected(m);
        if ((m->kind == MUTANT_DEFECT) != (json_array_size(reds) > 0))
            fail_msg("%s: a defect, and only a defect, states what it turns red",
                     m->name);
        for (size_t k = 0; k < json_array_size(reds); k++) {
            const char *id = json_string_value(json_array_get(reds, k));
            const struct requirement *q = requirements_find(r, id);
            if (!q || (strcmp(q->role, m->role) != 0 && strcmp(q->role, "keten") != 0))
                fail_msg("%s: there is no %s of its role", m->name, id);
        }
        json_decref(reds);
    }
    requirements_free(r);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts),
        cmocka_unit_test(a_run_without_a_result_is_no_kill),
        cmocka_unit_test(what_was_tried_in_small),
        cmocka_unit_test(a_null_system_that_scores),
        cmocka_unit_test(nothing_stated),
        cmocka_unit_test(what_is_stated),
        cmocka_unit_test(the_score),
        cmocka_unit_test(of_the_chain_what_is_stated),
        cmocka_unit_test(scenarios_for_a_mutant),
        cmocka_unit_test(what_a_scout_missed),
        cmocka_unit_test(every_row_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
