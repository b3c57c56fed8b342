/* Small numbers for texts, and tables from 64-bit keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/names.h"

static void texts(void **state)
{
    struct names *n = names_new();
    char s[80000];
    (void)state;
    assert_int_equal(names_id(n, NULL), 0);
    assert_int_equal(names_id(n, ""), 0);
    assert_string_equal(names_at(n, 0), "");
    for (uint32_t i = 1; i <= 5000; i++) {
        snprintf(s, sizeof s, "text-%u", i);
        assert_int_equal(names_id(n, s), i);
    }
    assert_int_equal(names_id(n, "text-4999"), 4999);
    assert_string_equal(names_at(n, 77), "text-77");
    assert_int_equal(names_find(n, "text-12 and more", 7), 12);
    assert_int_equal(names_find(n, "text-12 and more", 6), 1);
    assert_int_equal(names_find(n, "none", 4), 0);
    assert_int_equal(names_count(n), 5000);
    memset(s, 'x', sizeof s - 1); /* longer than a chunk */
    s[sizeof s - 1] = 0;
    uint32_t id = names_id(n, s);
    assert_string_equal(names_at(n, id), s);
    assert_string_equal(names_at(n, id + 1), "");
    names_free(n);
    names_free(NULL);
}

static void lookups(void **state)
{
    struct lookup *t = lookup_new();
    (void)state;
    for (uint64_t i = 0; i < 10000; i++)
        *lookup_at(t, i << 32) = (uint32_t)i + 1;
    for (uint64_t i = 0; i < 10000; i++)
        assert_int_equal(lookup_get(t, i << 32), i + 1);
    assert_int_equal(lookup_get(t, 5), 0);
    assert_int_equal(*lookup_at(t, 5), 0);
    lookup_free(t);
    lookup_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(lookups),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
