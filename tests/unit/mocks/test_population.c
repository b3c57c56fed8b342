#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/domain.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "mocks/population.h"

#define FIXTURES SOURCE_DIR "/fixtures"

/* ---- tables ---- */

static void the_tables_are_complete(void **state)
{
    (void)state;
    struct tables *t = NULL;
    struct err e = {0};
    assert_int_equal(tables_load(FIXTURES, &t, &e), 0);
    assert_int_equal(t->n_regions, 39);
    assert_int_equal(t->n_instellingen, 57);
    assert_true(t->n_opleidingen > 100);
    for (size_t i = 0; i < t->n_regions; i++) {
        int number = t->regions[i].number;
        assert_int_equal(number, i + 1);
        assert_non_null(tables_instelling_in(t, number, 0));
        const struct school *a = tables_school_in(t, number, 0);
        const struct school *b = tables_school_in(t, number, 1);
        assert_non_null(a);
        assert_ptr_not_equal(a, b);
        assert_int_equal(a->region, number);
        assert_int_equal(b->region, number);
    }
    assert_string_equal(tables_instelling(t, "25LH")->name, "ROC Midden Nederland");
    assert_int_equal(tables_instelling(t, "25LH")->region, 19);
    assert_string_equal(tables_opleiding(t, "25655")->name, "Mbo-Verpleegkundige");
    assert_int_equal(tables_opleiding(t, "25655")->level, 4);
    assert_int_equal(tables_opleiding(t, "1002O2412")->level, 0);
    assert_non_null(tables_school(t, "02QZ00"));
    assert_null(tables_instelling(t, "99ZZ"));
    assert_null(tables_opleiding(t, "00000"));
    assert_null(tables_school(t, "02QZ01"));
    tables_free(t);
    tables_free(NULL);
}

static void the_codes_have_the_contracts_forms(void **state)
{
    (void)state;
    struct tables *t = NULL;
    assert_int_equal(tables_load(FIXTURES, &t, NULL), 0);
    const char *digits = "0123456789", *capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (size_t i = 0; i < t->n_instellingen; i++) {
        const char *c = t->instellingen[i].code;
        assert_int_equal(strlen(c), 4);
        assert_int_equal(strspn(c, digits), 2);
        assert_int_equal(strspn(c + 2, capitals), 2);
    }
    for (size_t i = 0; i < t->n_schools; i++) {
        const char *c = t->schools[i].code;
        assert_int_equal(strlen(c), 6);
        assert_int_equal(strspn(c, digits), 2);
        assert_int_equal(strspn(c + 2, capitals), 2);
        assert_int_equal(strspn(c + 4, digits), 2);
    }
    size_t vavo = 0;
    for (size_t i = 0; i < t->n_opleidingen; i++) {
        const char *c = t->opleidingen[i].code;
        size_t n = strspn(c, digits);
        bool rio = n == 4 && c[4] == 'O' && strspn(c + 5, digits) == 4 && strlen(c) == 9;
        assert_true(rio || (strlen(c) == n && (n == 4 || n == 5)));
        vavo += t->opleidingen[i].level == 0;
    }
    assert_true(vavo >= 2);
    tables_free(t);
}

static void a_region_wraps_and_begins_with_its_own(void **state)
{
    (void)state;
    struct tables *t = NULL;
    assert_int_equal(tables_load(FIXTURES, &t, NULL), 0);
    /* Rijnmond has several of its own, HMC teaches there too. */
    size_t n = 1;
    const struct instelling *first = tables_instelling_in(t, 29, 0);
    while (tables_instelling_in(t, 29, n) != first)
        n++;
    assert_true(n >= 6);
    assert_int_equal(first->region, 29);
    assert_string_equal(tables_instelling_in(t, 29, n - 1)->code, "02PG");
    assert_int_not_equal(tables_instelling_in(t, 29, n - 1)->region, 29);
    assert_ptr_equal(tables_instelling_in(t, 29, 3), tables_instelling_in(t, 29, n + 3));
    /* No main seat lies in Zeeuwsch-Vlaanderen; Scalda teaches there. */
    assert_string_equal(tables_instelling_in(t, 33, 0)->code, "25PV");
    assert_null(tables_instelling_in(t, 0, 0));
    assert_null(tables_instelling_in(t, 40, 0));
    assert_null(tables_school_in(t, -1, 0));
    tables_free(t);
}

/* Puts one broken table beside whole ones. */
static int load_with(const char *name, const char *text, struct err *e)
{
    char dir[] = "/tmp/koppelproef-tables-XXXXXX";
    assert_non_null(mkdtemp(dir));
    static const char *const names[] = {"regions", "instellingen", "opleidingen",
                                        "schools"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *from = xasprintf(FIXTURES "/%s.json", names[i]);
        char *to = xasprintf("%s/%s.json", dir, names[i]);
        char *p = NULL;
        size_t n = 0;
        assert_int_equal(file_read(from, 1 << 20, &p, &n, NULL), 0);
        if (strcmp(name, names[i]) == 0)
            assert_int_equal(file_write(to, text, strlen(text), NULL), 0);
        else
            assert_int_equal(file_write(to, p, n, NULL), 0);
        free(p);
        free(from);
        free(to);
    }
    struct tables *t = NULL;
    int rc = tables_load(dir, &t, e);
    assert_true((rc == 0) == (t != NULL));
    tables_free(t);
    assert_int_equal(file_rmtree(dir, NULL), 0);
    return rc;
}

static void broken_tables_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *table, *text, *pointer;
    } cases[] = {
        {"regions", "{\"regions\":[]}", ""},
        {"regions", "{\"regions\":[{\"number\":1}]}", "/regions/0"},
        {"regions",
         "{\"regions\":[{\"number\":1,\"name\":\"a\"},{\"number\":1,\"name\":\"b\"}]}",
         "/regions/1"},
        {"instellingen", "{}", ""},
        {"instellingen",
         "{\"instellingen\":[{\"code\":\"25LH\",\"name\":\"x\",\"region\":40}]}",
         "/instellingen/0"},
        {"instellingen",
         "{\"instellingen\":[{\"code\":\"25LH\",\"name\":\"x\",\"region\":1,\"regions\":["
         "77]}]}",
         "/instellingen/0"},
        /* thirty-eight regions have none then */
        {"instellingen",
         "{\"instellingen\":[{\"code\":\"25LH\",\"name\":\"x\",\"region\":1}]}", ""},
        {"opleidingen", "{\"opleidingen\":[{\"code\":\"1\",\"name\":\"x\",\"level\":5}]}",
         "/opleidingen/0"},
        {"schools",
         "{\"schools\":[{\"code\":\"99AA00\",\"name\":\"x\",\"region\":1,\"kind\":"
         "\"pro\"},"
         "{\"code\":\"99AA00\",\"name\":\"y\",\"region\":2,\"kind\":\"pro\"}]}",
         "/schools/1"},
        {"schools", "{\"schools\":[", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err e = {0};
        assert_int_equal(load_with(cases[i].table, cases[i].text, &e), E_INVALID);
        assert_true(e.set);
        assert_string_not_equal(e.file, "");
        assert_string_equal(e.pointer, cases[i].pointer);
    }
    struct err e = {0};
    struct tables *t = NULL;
    assert_true(tables_load("/nonexistent", &t, &e) < 0);
    assert_true(e.set);
    assert_null(t);
}

/* ---- persons ---- */

/* The test's own sum, so that the rule is stated twice. */
static int rest_of(const char *s)
{
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += (9 - i) * (s[i] - '0');
    return ((sum - (s[8] - '0')) % 11 + 11) % 11;
}

static void persons_have_sound_numbers(void **state)
{
    (void)state;
    struct population *p = population_new(42, false);
    for (int i = 0; i < 500; i++) {
        char name[24];
        snprintf(name, sizeof name, "pupil%d", i);
        const struct person *who = population_person(p, "a-scenario", name, NULL);
        assert_int_equal(strlen(who->bsn), 9);
        assert_int_equal(strlen(who->onderwijsnummer), 9);
        assert_int_equal(strncmp(who->bsn, "9999", 4), 0);
        assert_int_equal(rest_of(who->bsn), 0);
        assert_int_equal(rest_of(who->onderwijsnummer), 5);
        assert_true(bsn_valid(who->bsn, 9));
        assert_true(onderwijsnummer_valid(who->onderwijsnummer, 9));
        assert_true(strlen(who->first) > 0 && strlen(who->last) > 0);
        assert_non_null(strchr(who->parent, ' '));
    }
    population_free(p);
    population_free(NULL);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* All 9,091 numbers are used before one comes from elsewhere, and none twice. */
static void no_two_names_share_a_number(void **state)
{
    (void)state;
    enum { N = 9200 };
    struct population *p = population_new(1, false);
    char(*numbers)[10] = xcalloc(N, sizeof *numbers);
    size_t outside = 0;
    for (int i = 0; i < N; i++) {
        char name[24];
        snprintf(name, sizeof name, "%d", i);
        const struct person *who = population_person(p, "crowded", name, NULL);
        memcpy(numbers[i], who->bsn, 10);
        outside += strncmp(who->bsn, "9999", 4) != 0;
        assert_true(bsn_valid(who->bsn, 9));
    }
    assert_int_equal(outside, N - 9091);
    qsort(numbers, N, sizeof *numbers, by_text);
    for (int i = 1; i < N; i++)
        assert_string_not_equal(numbers[i - 1], numbers[i]);
    free(numbers);
    population_free(p);
}

static void the_same_seed_gives_the_same_person(void **state)
{
    (void)state;
    struct population *a = population_new(7, false), *b = population_new(7, false);
    struct population *other = population_new(8, false);
    const struct person *first = population_person(a, "s", "lotte", NULL);
    struct person kept = *first;
    /* Another population meets other names first. */
    population_person(b, "s", "sem", NULL);
    population_person(b, "t", "lotte", NULL);
    const struct person *again = population_person(b, "s", "lotte", NULL);
    assert_memory_equal(&kept, again, sizeof kept);
    assert_ptr_equal(population_person(a, "s", "lotte", NULL), first);
    assert_string_not_equal(population_person(other, "s", "lotte", NULL)->bsn, kept.bsn);
    assert_string_not_equal(population_person(a, "t", "lotte", NULL)->bsn, kept.bsn);
    assert_string_not_equal(population_person(a, "s", "sem", NULL)->bsn, kept.bsn);
    population_free(a);
    population_free(b);
    population_free(other);
}

static int age_on(const char *birth, int year, int month, int day)
{
    int y = 0, m = 0, d = 0;
    assert_int_equal(sscanf(birth, "%4d-%2d-%2d", &y, &m, &d), 3);
    return year - y - (month < m || (month == m && day < d));
}

static void ages_are_exact_on_the_first_of_august(void **state)
{
    (void)state;
    struct population *p = population_new(3, false);
    for (int i = 0; i < 4000; i++) {
        char name[24];
        struct person_wish wish = {.age = 12 + i % 15};
        snprintf(name, sizeof name, "w%d", i);
        const struct person *who = population_person(p, "ages", name, &wish);
        when_t when;
        assert_int_equal(when_parse_date(who->birth, 10, &when), 0);
        assert_int_equal(age_on(who->birth, 2023, 8, 1), wish.age);
    }
    bool seen[4] = {false};
    for (int i = 0; i < 100; i++) {
        char name[24];
        snprintf(name, sizeof name, "u%d", i);
        int age = age_on(population_person(p, "ages", name, NULL)->birth, 2023, 8, 1);
        assert_in_range(age, 15, 18);
        seen[age - 15] = true;
    }
    assert_true(seen[0] && seen[1] && seen[2] && seen[3]);
    population_free(p);
}

static void leading_zeros_are_valid_and_distinct(void **state)
{
    (void)state;
    struct population *p = population_new(5, false);
    char seen[60][10];
    for (int i = 0; i < 60; i++) {
        char name[24];
        struct person_wish wish = {.age = 16, .leading_zeros = true};
        snprintf(name, sizeof name, "z%d", i);
        const struct person *who = population_person(p, "zeros", name, &wish);
        assert_true(bsn_valid(who->bsn, 9));
        /* There are eight of the shortest; the others are a little longer. */
        assert_int_equal(strncmp(who->bsn, i < 8 ? "0000000" : "00000", i < 8 ? 7 : 5),
                         0);
        memcpy(seen[i], who->bsn, 10);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(seen[k], seen[i]);
    }
    population_free(p);
}

static void a_wide_population_stays_clear_of_the_crowd(void **state)
{
    (void)state;
    struct population *p = population_new(11, true);
    char last[10];
    population_crowd(p, 499999, last);
    for (int i = 0; i < 300; i++) {
        char name[24];
        snprintf(name, sizeof name, "n%d", i);
        const struct person *who = population_person(p, "wide", name, NULL);
        assert_int_equal(strncmp(who->bsn, "99", 2), 0);
        assert_int_not_equal(strncmp(who->bsn, "9999", 4), 0);
        assert_true(bsn_valid(who->bsn, 9));
        assert_true(onderwijsnummer_valid(who->onderwijsnummer, 9));
        assert_true(strcmp(who->bsn, last) > 0); /* beyond a crowd of half a million */
    }
    population_free(p);
}

/* Ascending and valid at each index means distinct; the 900,000th is the last one. */
static void the_crowd_is_a_bijection(void **state)
{
    (void)state;
    struct population *p = population_new(1, true);
    char before[10] = "", now[10];
    for (size_t n = 0; n < 900000; n++) {
        population_crowd(p, n, now);
        if (strcmp(before, now) >= 0 || rest_of(now) != 0)
            fail_msg("%zu: %s after %s", n, now, before);
        memcpy(before, now, sizeof before);
    }
    assert_int_equal(strncmp(before, "9998", 4), 0);
    population_crowd(p, 0, now);
    assert_int_equal(strncmp(now, "990000", 6), 0);
    population_free(p);
}

static void ketenids_are_stable_and_distinct(void **state)
{
    (void)state;
    struct population *p = population_new(9, false), *q = population_new(9, false);
    enum { KETENS = 5000 };
    char a[16], b[16];
    char(*ids)[16] = xcalloc(KETENS, sizeof *ids);
    population_ketenid(p, "s", "x", "25LH", a);
    assert_int_equal(strlen(a), 13);
    assert_int_equal(strncmp(a, "25LH:90", 7), 0);
    assert_int_equal(strspn(a + 5, "0123456789"), 8);
    population_ketenid(p, "s", "x", "25LH", b);
    assert_string_equal(a, b);
    population_ketenid(q, "s", "x", "25LH", b);
    assert_string_equal(a, b);
    /* Enough to meet a clash or two of a million. */
    for (int i = 0; i < KETENS; i++) {
        char name[24];
        snprintf(name, sizeof name, "y%d", i);
        population_ketenid(p, "s", name, "25LH", ids[i]);
    }
    qsort(ids, KETENS, sizeof *ids, by_text);
    for (int i = 1; i < KETENS; i++)
        assert_string_not_equal(ids[i - 1], ids[i]);
    free(ids);
    population_free(p);
    population_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_complete),
        cmocka_unit_test(the_codes_have_the_contracts_forms),
        cmocka_unit_test(a_region_wraps_and_begins_with_its_own),
        cmocka_unit_test(broken_tables_are_refused),
        cmocka_unit_test(persons_have_sound_numbers),
        cmocka_unit_test(no_two_names_share_a_number),
        cmocka_unit_test(the_same_seed_gives_the_same_person),
        cmocka_unit_test(ages_are_exact_on_the_first_of_august),
        cmocka_unit_test(leading_zeros_are_valid_and_distinct),
        cmocka_unit_test(a_wide_population_stays_clear_of_the_crowd),
        cmocka_unit_test(the_crowd_is_a_bijection),
        cmocka_unit_test(ketenids_are_stable_and_distinct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
