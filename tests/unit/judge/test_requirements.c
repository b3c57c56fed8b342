/* fixtures/requirements.json as it stands, and files that must be refused. */
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
#include "harness/judge/judge.h"

#define FIXTURE SOURCE_DIR "/fixtures/requirements.json"

static void fixture(void **state)
{
    struct requirements *r = NULL;
    struct err e = {0};
    size_t of_role[3] = {0};
    (void)state;
    assert_int_equal(requirements_load(FIXTURE, &r, &e), 0);
    for (size_t i = 0; i < requirements_count(r); i++) {
        const struct requirement *q = requirements_at(r, i);
        const char *roles[] = {"koppelpunt", "overstapsysteem", "keten"};
        const char *prefixes[] = {"KP-", "OS-", "KT-"};
        for (size_t k = 0; k < 3; k++)
            if (!strcmp(q->role, roles[k])) {
                of_role[k]++;
                assert_memory_equal(q->id, prefixes[k], 3);
            }
        assert_true(q->level == 'M' || q->level == 'S');
        assert_true(strlen(q->nl) > 20 && strlen(q->en) > 20);
        assert_string_not_equal(q->nl, q->en);
        assert_ptr_equal(requirements_find(r, q->id), q);
    }
    assert_true(of_role[0] >= 63 && of_role[1] >= 34 && of_role[2] == 8);
    assert_null(requirements_find(r, "KP-API-99"));
    assert_null(requirements_at(r, requirements_count(r)));
    assert_int_equal(requirements_find(r, "KP-ORD-04")->level, 'S');
    assert_string_equal(requirements_find(r, "KP-NOT-03")->capability, "notificaties");
    assert_string_equal(requirements_find(r, "KP-INT-08")->source, "D4 O");
    assert_true(requirements_find(r, "KP-API-01")->everywhere);
    assert_null(requirements_find(r, "KP-API-01")->capability);
    requirements_free(r);
}

/* Every check names a requirement that exists. */
static void checks_have_requirements(void **state)
{
    struct requirements *r = NULL;
    struct err e = {0};
    const struct check_info *c, *d;
    size_t n = 0;
    (void)state;
    assert_int_equal(requirements_load(FIXTURE, &r, &e), 0);
    for (; (c = judge_check(n)); n++) {
        if (!requirements_find(r, c->requirement))
            fail_msg("check %s is of %s, which does not exist", c->name, c->requirement);
        assert_true(strlen(c->looks_at) > 5);
        for (size_t k = 0; k < n; k++) {
            d = judge_check(k);
            assert_string_not_equal(c->name, d->name);
        }
    }
    assert_true(n >= 40);
    requirements_free(r);
}

#define ONE                                                                              \
    "\"id\":\"KP-X-01\",\"role\":\"koppelpunt\",\"level\":\"M\",\"source\":[\"O\"],"     \
    "\"everywhere\":false,\"capability\":null,\"nl\":\"a\",\"en\":\"b\""

static void refused(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"{\"requirements\":[]}", "no requirements"},
        {"{\"requirements\":[{" ONE "},{" ONE "}]}", "twice"},
        {"{\"requirements\":[{" ONE ",\"extra\":1}]}", "/requirements/0/extra"},
        {"{\"requirements\":[{\"id\":\"KP-X-01\"}]}", "/requirements/0/role"},
        {"{\"requirements\":[{" ONE "},{\"id\":\"B\",\"role\":\"bank\",\"level\":\"M\","
         "\"source\":[\"O\"],\"everywhere\":false,\"capability\":null,\"nl\":\"a\","
         "\"en\":\"b\"}]}",
         "/requirements/1/role"},
        {"{\"requirements\":[{\"id\":\"B\",\"role\":\"keten\",\"level\":\"X\","
         "\"source\":[\"O\"],\"everywhere\":false,\"capability\":null,\"nl\":\"a\","
         "\"en\":\"b\"}]}",
         "not M or S"},
        {"{\"requirements\":[{\"id\":\"B\",\"role\":\"keten\",\"level\":\"M\","
         "\"source\":[],\"everywhere\":false,\"capability\":null,\"nl\":\"a\","
         "\"en\":\"b\"}]}",
         "source"},
        {"[1,2", "1"},
    };
    char path[] = "/tmp/koppelproef-requirements-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct requirements *r = NULL;
        struct err e = {0};
        assert_int_equal(file_write(path, cases[i].text, strlen(cases[i].text), &e), 0);
        assert_int_not_equal(requirements_load(path, &r, &e), 0);
        assert_null(r);
        char *sentence = err_sentence(&e);
        if (!strstr(sentence, cases[i].says))
            fail_msg("case %zu says: %s", i, sentence);
        free(sentence);
    }
    unlink(path);
    struct requirements *r = NULL;
    struct err e = {0};
    assert_int_not_equal(requirements_load("/nowhere/requirements.json", &r, &e), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixture),
        cmocka_unit_test(checks_have_requirements),
        cmocka_unit_test(refused),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
