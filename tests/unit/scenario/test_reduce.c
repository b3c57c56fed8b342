/* Reducing scenarios, with answers that are known: what is left is needed, nothing is
 * asked twice or could not be run, and the same answers give the same result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "harness/base/rng.h"
#include "harness/profile/profile.h"
#include "harness/scenario/reduce.h"
#include "harness/scenario/scenario.h"

#define STEPS 14

static struct tables *tables;

/* Who is asked: of use is what holds all of `needs` in this order, and what `also` says.
 */
struct sage {
    const char *const *needs; /* texts within the scenario; ends with NULL */
    bool (*also)(const struct sage *s, const json_t *scenario);
    uint64_t seed;
    size_t asked, most; /* most: then it says stop; 0: never */
    struct map *before;
    char *journal; /* the questions, for comparing */
};

static char *text_of(const json_t *v)
{
    return json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
}

static bool of_use(const struct sage *s, const json_t *scenario)
{
    char *text = text_of(scenario);
    const char *at = text;
    for (size_t i = 0; s->needs && s->needs[i] && at; i++) {
        at = strstr(at, s->needs[i]);
        at = at ? at + strlen(s->needs[i]) : NULL;
    }
    bool yes = at && (!s->also || s->also(s, scenario));
    free(text);
    return yes;
}

static enum reduce_answer ask(void *arg, const json_t *scenario)
{
    struct sage *s = arg;
    struct scenario *checked = NULL;
    struct err e = {0};
    char *text = text_of(scenario);
    if (scenario_from(scenario, "", "", tables, &checked, &e))
        fail_msg("can't be run: %s %s", e.pointer, e.text);
    scenario_free(checked);
    assert_null(map_get(s->before, text));
    map_put(s->before, text, s);
    char *more = xasprintf("%s%s\n", s->journal ? s->journal : "", text);
    free(s->journal);
    s->journal = more;
    free(text);
    if (s->most && s->asked == s->most)
        return REDUCE_STOP;
    s->asked++;
    return of_use(s, scenario) ? REDUCE_KEEPS : REDUCE_LOSES;
}

static struct reduced reduce(struct sage *s, const char *given, const char *steps)
{
    struct reduced out;
    json_error_t e;
    char *text =
        xasprintf("{\"scenario\":\"t\",\"role\":\"both\",\"proves\":[\"KP-ORD-01\"],"
                  "\"title\":{\"nl\":\"proef\",\"en\":\"trial\"},"
                  "\"given\":%s,\"steps\":%s}",
                  given, steps);
    json_t *root = json_loads(text, 0, &e);
    if (!root)
        fail_msg("%s in %s", e.text, text);
    s->before = map_new();
    s->asked = 0;
    free(s->journal);
    s->journal = NULL;
    assert_true(of_use(s, root));
    reduce_scenario(root, tables, ask, s, &out);
    assert_true(of_use(s, out.scenario));
    assert_int_equal(out.from, reduce_steps(json_object_get(root, "steps")));
    assert_int_equal(out.steps, reduce_steps(json_object_get(out.scenario, "steps")));
    map_free(s->before, NULL);
    json_decref(root);
    free(text);
    return out;
}

static void steps_are(const struct reduced *r, const char *expected)
{
    char *seen = text_of(json_object_get(r->scenario, "steps"));
    assert_string_equal(seen, expected);
    free(seen);
}

static void given_is(const struct reduced *r, const char *expected)
{
    char *seen = text_of(json_object_get(r->scenario, "given"));
    assert_string_equal(seen, expected);
    free(seen);
}

#define GIVEN                                                                            \
    "{\"pupils\":{\"p\":{\"school\":\"02QZ00\"},\"q\":{\"school\":\"02QZ00\"}},"         \
    "\"applications\":{\"a\":{\"pupil\":\"p\"},\"b\":{\"pupil\":\"p\"},"                 \
    "\"c\":{\"pupil\":\"q\"}}}"

/* Step i of many, each of which can be told from the others. */
static char *many_steps(size_t n)
{
    char *all = xstrdup("[");
    for (size_t i = 0; i < n; i++) {
        char *more = xasprintf("%s%s{\"sis\":\"a\",\"reports\":\"RECEIVED\","
                               "\"began\":\"2023-05-02T10:%02zu:00Z\"}",
                               all, i ? "," : "", i);
        free(all);
        all = more;
    }
    char *out = xasprintf("%s]", all);
    free(all);
    return out;
}

/* ---- exactly what is needed ---- */

static void only_needed_steps_stay(void **state)
{
    (void)state;
    static const char *const needs[] = {"10:03:00", "10:04:00", "10:11:00", NULL};
    struct sage s = {.needs = needs};
    char *steps = many_steps(STEPS);
    struct reduced r = reduce(&s, GIVEN, steps);
    assert_true(r.whole);
    assert_int_equal(r.steps, 3);
    assert_int_equal(r.from, STEPS);
    assert_int_equal(r.asked, s.asked);
    given_is(&r, "{\"pupils\":{\"p\":{\"school\":\"02QZ00\"}},\"applications\":{\"a\":"
                 "{\"pupil\":\"p\"}}}");
    json_decref(r.scenario);
    free(steps);
    free(s.journal);
}

static void steps_within_steps(void **state)
{
    (void)state;
    static const char *const needs[] = {"WITHDRAWN", "OFFERED", "ENROLLED", NULL};
    struct sage s = {.needs = needs};
    struct reduced r =
        reduce(&s, GIVEN,
               "[{\"together\":["
               "  [{\"sis\":\"a\",\"reports\":\"RECEIVED\"},"
               "   {\"sis\":\"a\",\"reports\":\"WITHDRAWN\"}],"
               "  {\"sis\":\"b\",\"reports\":\"RECEIVED\"}]},"
               " {\"for each\":\"pupil\",\"together\":true,\"steps\":["
               "  {\"sis\":\"b\",\"reports\":[\"RECEIVED\",\"OFFERED\",\"REJECTED\"]},"
               "  {\"school\":\"p\",\"sees\":{\"a\":\"RECEIVED\",\"b\":\"REJECTED\"}}]},"
               " {\"school\":\"p\",\"sees\":{\"a\":\"REJECTED\",\"b\":\"ENROLLED\"}}]");
    assert_int_equal(r.from, 8);
    steps_are(&r, "[{\"sis\":\"a\",\"reports\":\"WITHDRAWN\"},"
                  "{\"sis\":\"b\",\"reports\":\"OFFERED\"},"
                  "{\"school\":\"p\",\"sees\":{\"b\":\"ENROLLED\"}}]");
    json_decref(r.scenario);
    free(s.journal);
}

/* A step for "each" means nothing outside its list. */
static void each_stays_where_it_is(void **state)
{
    (void)state;
    static const char *const needs[] = {"\"each\"", "RECEIVED", NULL};
    struct sage s = {.needs = needs};
    struct reduced r =
        reduce(&s, GIVEN,
               "[{\"for each\":\"application\",\"together\":true,\"steps\":["
               "{\"sis\":\"each\",\"reports\":\"RECEIVED\"},"
               "{\"sis\":\"each\",\"reports\":\"OFFERED\"}]}]");
    steps_are(&r, "[{\"for each\":\"application\",\"together\":true,\"steps\":["
                  "{\"sis\":\"each\",\"reports\":\"RECEIVED\"}]}]");
    json_decref(r.scenario);
    free(s.journal);
}

/* ---- numbers and regions ---- */

static bool so_many(const struct sage *s, const json_t *scenario)
{
    json_int_t least = (json_int_t)s->seed;
    return json_integer_value(json_at(scenario, "/steps/0/times")) >= least &&
           json_integer_value(json_at(scenario, "/given/crowd/aanmeldingen")) >=
               20 * least;
}

static void numbers_go_down_to_what_is_needed(void **state)
{
    (void)state;
    for (uint64_t least = 2; least <= 200; least++) {
        struct sage s = {.also = so_many, .seed = least};
        struct reduced r =
            reduce(&s,
                   "{\"pupils\":{\"p\":{}},\"applications\":{\"a\":{\"pupil\":\"p\"}},"
                   "\"crowd\":{\"aanmeldingen\":5000,\"status\":\"RECEIVED\"},"
                   "\"page\":100}",
                   "[{\"sis\":\"a\",\"reports\":\"RECEIVED\",\"times\":200}]");
        json_t *times = json_at(r.scenario, "/steps/0/times");
        json_t *crowd = json_at(r.scenario, "/given/crowd/aanmeldingen");
        assert_int_equal(json_integer_value(times), least);
        assert_int_equal(json_integer_value(crowd), 20 * least);
        assert_null(json_at(r.scenario, "/given/page"));
        json_decref(r.scenario);
        free(s.journal);
    }
}

static bool region_12(const struct sage *s, const json_t *scenario)
{
    (void)s;
    const json_t *regions = json_at(scenario, "/given/regions");
    bool found = !json_is_array(regions);
    for (size_t i = 0; i < json_array_size(regions); i++)
        found = found || json_integer_value(json_array_get(regions, i)) == 12;
    return found;
}

static void one_region_is_enough(void **state)
{
    (void)state;
    static const char *const needs[] = {"per region", "RECEIVED", NULL};
    struct sage s = {.needs = needs, .also = region_12};
    struct reduced r = reduce(&s,
                              "{\"regions\":\"all\",\"per region\":{\"pupils\":{\"p\":{},"
                              "\"q\":{}},\"applications\":{\"a\":{\"pupil\":\"p\"}}}}",
                              "[{\"for each\":\"region\",\"together\":true,\"steps\":["
                              "{\"sis\":\"a\",\"reports\":\"RECEIVED\"}]}]");
    given_is(&r, "{\"regions\":[12],\"per region\":{\"pupils\":{\"p\":{}},"
                 "\"applications\":{\"a\":{\"pupil\":\"p\"}}}}");
    json_decref(r.scenario);
    free(s.journal);
}

/* ---- whatever the answers ---- */

/* Answers of which nothing can be said but that they are always the same. */
static bool any_answer(const struct sage *s, const json_t *scenario)
{
    struct rng rng;
    const json_t *steps = json_object_get(scenario, "steps");
    if (json_array_size(steps) == STEPS)
        return true;
    char *text = text_of(steps);
    rng_init(&rng, s->seed, text, "answer");
    free(text);
    return rng_below(&rng, 3) == 0;
}

static void no_step_can_be_left_out(const struct sage *s, const json_t *scenario)
{
    size_t n = json_array_size(json_object_get(scenario, "steps"));
    for (size_t i = 0; i < n && n > 1; i++) {
        json_t *less = json_deep_copy(scenario);
        json_array_remove(json_object_get(less, "steps"), i);
        assert_false(of_use(s, less));
        json_decref(less);
    }
}

static void what_is_left_is_minimal(void **state)
{
    (void)state;
    char *steps = many_steps(STEPS);
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct sage s = {.also = any_answer, .seed = seed};
        struct reduced r = reduce(&s, GIVEN, steps);
        assert_true(r.whole);
        no_step_can_be_left_out(&s, r.scenario);
        assert_true(r.asked <= STEPS * STEPS);
        char *journal = s.journal;
        s.journal = NULL;
        struct reduced again = reduce(&s, GIVEN, steps);
        assert_string_equal(journal, s.journal);
        assert_true(json_equal(r.scenario, again.scenario));
        json_decref(r.scenario);
        json_decref(again.scenario);
        free(journal);
        free(s.journal);
    }
    free(steps);
}

static void it_ends_when_it_is_told_to(void **state)
{
    (void)state;
    static const char *const needs[] = {"10:03:00", NULL};
    char *steps = many_steps(STEPS);
    for (size_t most = 1; most < 6; most++) {
        struct sage s = {.needs = needs, .most = most};
        struct reduced r = reduce(&s, GIVEN, steps);
        assert_false(r.whole);
        assert_int_equal(r.asked, most + 1);
        assert_true(r.steps <= STEPS);
        json_decref(r.scenario);
        free(s.journal);
    }
    free(steps);
}

/* Every scenario that is shipped, by an answer that takes anything: one step is left, and
 * nothing that can't be run was asked about. */
static void whatever_a_scenario_holds(void **state)
{
    (void)state;
    struct scenarios all = {0};
    struct err e = {0};
    assert_int_equal(scenarios_load(profile_scenarios_dir(), tables, &all, &e), 0);
    for (size_t i = 0; i < all.n; i++) {
        struct sage s = {.before = map_new()};
        struct reduced r;
        reduce_scenario(all.v[i]->root, tables, ask, &s, &r);
        char *left = text_of(json_object_get(r.scenario, "steps"));
        assert_int_equal(r.steps, strstr(left, "\"each\"") ? 2 : 1);
        assert_true(r.asked < 200);
        free(left);
        json_decref(r.scenario);
        map_free(s.before, NULL);
        free(s.journal);
    }
    scenarios_done(&all);
}

static int setup(void **state)
{
    struct err e = {0};
    (void)state;
    mem_install();
    return tables_load(profile_dir(), &tables, &e);
}

static int teardown(void **state)
{
    (void)state;
    tables_free(tables);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_needed_steps_stay),
        cmocka_unit_test(steps_within_steps),
        cmocka_unit_test(each_stays_where_it_is),
        cmocka_unit_test(numbers_go_down_to_what_is_needed),
        cmocka_unit_test(one_region_is_enough),
        cmocka_unit_test(what_is_left_is_minimal),
        cmocka_unit_test(it_ends_when_it_is_told_to),
        cmocka_unit_test(whatever_a_scenario_holds),
    };
    return cmocka_run_group_tests_name("reduce", tests, setup, teardown);
}
