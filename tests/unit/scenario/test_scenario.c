/* Reading scenarios: every fault is found before anything is sent, with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/profile/profile.h"
#include "harness/scenario/scenario.h"

static struct tables *tables;

static int load_text(const char *text, struct scenario **out, struct err *e)
{
    char path[] = "/tmp/koppelproef-test-XXXXXX.json";
    int fd = mkstemps(path, 5);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (long)strlen(text));
    close(fd);
    int rc = scenario_load(path, tables, out, e);
    unlink(path);
    return rc;
}

/* Lines 1 to 5 are the same in every case; the steps begin at line 6. */
#define HEAD                                                                             \
    "{\"scenario\": \"t\", \"role\": \"both\", \"proves\": [\"KP-ORD-01\"],\n"           \
    " \"title\": {\"nl\": \"proef\", \"en\": \"trial\"},\n"                              \
    " \"given\": {\"pupils\": {\"lotte\": {\"school\": \"02QZ00\"}},\n"                  \
    "  \"applications\": {\"a\": {\"pupil\": \"lotte\", \"instelling\": \"25LH\"}}},\n"  \
    " \"steps\": [\n"
#define TAIL "]}\n"

struct bad {
    const char *steps;
    int line, column;
    const char *pointer, *says;
};

static const struct bad bads[] = {
    {"  {\"sis\": \"a\", \"report\": \"ENROLLED\"}", 6, 3, "/steps/0",
     "did you mean \"reports\""},
    {"  {\"siss\": \"a\", \"reports\": \"ENROLLED\"}", 6, 3, "/steps/0",
     "did you mean \"sis\""},
    {"  {\"sis\": \"a\", \"reports\": \"ENROLED\"}", 6, 27, "/steps/0/reports",
     "did you mean \"ENROLLED\""},
    {"  {\"sis\": \"a\", \"reports\": 7}", 6, 27, "/steps/0/reports", "status"},
    {"  {\"sis\": \"b\", \"reports\": \"ENROLLED\"}", 6, 11, "/steps/0/sis",
     "application \"b\""},
    {"  {\"sis\": \"a\", \"reports\": \"ENROLLED\", \"begann\": \"same\"}", 6, 49,
     "/steps/0/begann", "did you mean \"began\""},
    {"  {\"sis\": \"a\", \"reports\": \"ENROLLED\", \"began\": \"yesterday\"}", 6, 48,
     "/steps/0/began", "time"},
    {"  {\"school\": \"lote\", \"sees\": {\"a\": \"ENROLLED\"}}", 6, 14,
     "/steps/0/school", "did you mean \"lotte\""},
    {"  {\"school\": \"lotte\", \"sees\": {\"b\": \"ENROLLED\"}}", 6, 37,
     "/steps/0/sees/b", "application \"b\""},
    {"  {\"school\": \"lotte\", \"sees\": {\"a\": null}, \"within\": \"soon\"}", 6, 54,
     "/steps/0/within", "duration"},
    {"  {\"overstapsysteem\": \"fetch\"}", 6, 3, "/steps/0", "did you mean \"fetches\""},
    {"  {\"koppelpunt\": \"explodes\", \"which\": \"voroc\"}", 6, 3, "/steps/0",
     "\"explodes\" is not known"},
    {"  {\"together\": [{\"sis\": \"a\", \"reports\": \"X\"}]}", 6, 41,
     "/steps/0/together/0/reports", "status \"X\""},
    {"  {\"fault\": {\"on\": \"aanmeldstatussen.ophalen\", \"kind\": \"rest\"}}", 6, 56,
     "/steps/0/fault/kind", "did you mean \"reset\""},
    {"  {\"fault\": {\"on\": \"iets\", \"kind\": \"reset\"}}", 6, 20, "/steps/0/fault/on",
     "operation"},
    {"  {\"client\": \"voroc\", \"asks\": \"aanmeldstatussen.ophaal\"}", 6, 31,
     "/steps/0/asks", "did you mean \"aanmeldstatussen.ophalen\""},
    {"  {\"sis\": \"a\", \"reports\": \"ENROLLED\", \"distorted\": \"failing nummer\"}",
     6, 52, "/steps/0/distorted", "did you mean \"failing number\""},
    {"  \"now\"", 6, 3, "/steps/0", "object"},
};

static void every_fault_has_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bads); i++) {
        char *text = xasprintf("%s%s%s", HEAD, bads[i].steps, TAIL);
        struct scenario *s = NULL;
        struct err e = {0};
        int rc = load_text(text, &s, &e);
        if (rc != E_INVALID || e.line != bads[i].line || e.column != bads[i].column ||
            strcmp(e.pointer, bads[i].pointer) || !strstr(e.text, bads[i].says))
            fail_msg("case %zu %s: rc %d %d:%d %s %s", i, bads[i].steps, rc, e.line,
                     e.column, e.pointer, e.text);
        free(text);
    }
}

static void a_good_one_is_read(void **state)
{
    (void)state;
    struct scenario *s = NULL;
    struct err e = {0};
    int rc =
        load_text(HEAD "  {\"sis\": \"a\", \"reports\": \"ENROLLED\"},\n"
                       "  {\"school\": \"lotte\", \"sees\": {\"a\": \"ENROLLED\"}}" TAIL,
                  &s, &e);
    if (rc)
        fail_msg("%s", e.text);
    assert_string_equal(s->name, "t");
    assert_true(scenario_for(s, "koppelpunt"));
    assert_true(scenario_for(s, "overstapsysteem"));
    assert_true(scenario_proves(s, "KP-ORD-01"));
    assert_false(scenario_proves(s, "KP-ORD-02"));
    assert_int_equal(json_array_size(s->steps), 2);
    scenario_free(s);
}

static void outer_form(void **state)
{
    (void)state;
    struct scenario *s = NULL;
    struct err e = {0};
    assert_int_equal(load_text("{\"scenario\": \"t\"}", &s, &e), E_INVALID);
    e = (struct err){0};
    assert_int_equal(load_text("{\"scenario\": \"t\",\n \"scenario\": \"u\"}", &s, &e),
                     E_INVALID);
    assert_int_equal(e.line, 2);
    e = (struct err){0};
    assert_int_equal(
        load_text("{\"scenario\": \"t\", \"role\": \"sis\", \"proves\": [\"KP-ORD-01\"],"
                  "\"title\": {\"nl\": \"proef\", \"en\": \"trial\"}, \"steps\": [{}]}",
                  &s, &e),
        E_INVALID);
    assert_string_equal(e.pointer, "/role");
}

static void names_are_unique(void **state)
{
    (void)state;
    char dir[] = "/tmp/koppelproef-test-XXXXXX";
    assert_non_null(mkdtemp(dir));
    struct err e = {0};
    const char *text = HEAD "  {\"sis\": \"a\", \"reports\": \"ENROLLED\"}" TAIL;
    for (int i = 0; i < 2; i++) {
        char *path = xasprintf("%s/%d.json", dir, i);
        assert_int_equal(file_write(path, text, strlen(text), &e), 0);
        free(path);
    }
    struct scenarios all = {0};
    assert_int_equal(scenarios_load(dir, tables, &all, &e), E_INVALID);
    assert_non_null(strstr(e.text, "used by"));
    scenarios_done(&all);
    assert_int_equal(file_rmtree(dir, &e), 0);
}

/* "drawn" says by whose name and seed; without it they are the scenario's and the run's.
 * The digest is of the text, whatever its spaces and order. */
static void what_is_drawn(void **state)
{
    (void)state;
    struct err e = {0};
    struct scenario *plain, *like;
    assert_int_equal(
        load_text(HEAD "  {\"sis\": \"a\", \"reports\": \"ENROLLED\"}" TAIL, &plain, &e),
        0);
    json_t *root = json_deep_copy(plain->root);
    json_object_set_new(root, "scenario", json_string("t-shrunk"));
    json_object_set_new(root, "drawn", json_pack("{ss,si}", "as", "t", "seed", 7));
    assert_int_equal(scenario_from(root, "journal", "volgorde", tables, &like, &e), 0);
    assert_string_equal(plain->drawn_as, "t");
    assert_int_equal(scenario_seed(plain, 5), 5);
    assert_string_equal(like->drawn_as, "t");
    assert_string_equal(like->family, "volgorde");
    assert_int_equal(scenario_seed(like, 5), 7);
    char a[65], b[65];
    scenario_digest(plain, a);
    scenario_digest(like, b);
    assert_string_not_equal(a, b);
    scenario_free(like);
    json_object_set_new(root, "drawn", json_pack("{ss}", "like", "t"));
    assert_int_equal(scenario_from(root, "journal", "", tables, &like, &e), E_INVALID);
    assert_string_equal(e.file, "journal");
    assert_string_equal(e.pointer, "/drawn/like");
    json_decref(root);
    scenario_free(plain);
}

/* Every scenario that is shipped can be read. */
static void shipped_ones_are_good(void **state)
{
    (void)state;
    struct scenarios all = {0};
    struct err e = {0};
    if (scenarios_load(profile_scenarios_dir(), tables, &all, &e))
        fail_msg("%s:%d:%d %s %s", e.file, e.line, e.column, e.pointer, e.text);
    assert_true(all.n >= 24);
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

/* With a system that answers at once; `given` has members before pupils. */
static double length_of(const char *given, const char *steps)
{
    struct scenario *s = NULL;
    struct err e = {0};
    char *text = xasprintf(
        "{\"scenario\": \"t\", \"role\": \"both\", \"proves\": [\"KP-ORD-01\"],"
        "\"title\": {\"nl\": \"proef\", \"en\": \"trial\"}, \"given\": {%s"
        "\"pupils\": {\"lotte\": {\"school\": \"02QZ00\"}}, \"applications\": {\"a\": "
        "{\"pupil\": \"lotte\", \"instelling\": \"25LH\"}}}, \"steps\": [%s]}",
        given, steps);
    if (load_text(text, &s, &e))
        fail_msg("%s", e.text);
    double length = scenario_length(s);
    scenario_free(s);
    free(text);
    return length;
}

/* Only about, but never so wrong that a long one is started last. */
static void a_conversation_is_as_long_as_it_says(void **state)
{
    static const char sees[] = "{\"school\": \"lotte\", \"sees\": {}, \"for\": \"%s\"}";
    static const char fails[] =
        "{\"fault\": {\"on\": \"aanmeldstatussen.ophalen\", \"from\": "
        "\"overstapsysteem\", \"kind\": \"status\", \"status\": 500, \"count\": %d}}";
    (void)state;
    char *five = xasprintf(sees, "5s"), *eight = xasprintf(sees, "8 intervals");
    char *once = xasprintf(fails, 1), *nine = xasprintf(fails, 9);
    double least = length_of("", "{\"sis\": \"a\", \"reports\": \"ENROLLED\"}");
    assert_true(least < 1);
    assert_true(length_of("", five) > 5 && length_of("", five) < 6.5);
    assert_true(length_of("", eight) > 4 && length_of("", eight) < 5.5);
    assert_true(length_of("\"interval\": \"100ms\",", eight) < 1.5);
    assert_true(length_of("", once) < least + 1.5);
    assert_true(length_of("", nine) > 20); /* the gaps grow */
    assert_true(length_of("\"overstapsystemen\": {\"laat\": {\"connects\": \"+5s\"}},",
                          "{\"wait\": \"aansluitdatum\", \"of\": \"laat\"}") > 5);
    assert_true(length_of("\"crowd\": {\"aanmeldingen\": 450000, \"status\": "
                          "\"RECEIVED\"},",
                          once) > 8);
    free(five);
    free(eight);
    free(once);
    free(nine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_its_place),
        cmocka_unit_test(a_good_one_is_read),
        cmocka_unit_test(outer_form),
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(shipped_ones_are_good),
        cmocka_unit_test(what_is_drawn),
        cmocka_unit_test(a_conversation_is_as_long_as_it_says),
    };
    return cmocka_run_group_tests_name("scenario", tests, setup, teardown);
}
