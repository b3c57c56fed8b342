#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/wire/memo.h"

static void put(struct memo *m, const char *key, const char *made)
{
    memo_put(m, key, strlen(key), made, strlen(made));
}

/* What is known of a key is what was put under it last; NULL when nothing is. */
static const char *got(const struct memo *m, const char *key)
{
    static char text[256];
    size_t n;
    const char *made = memo_get(m, key, strlen(key), &n);

    if (!made)
        return NULL;
    snprintf(text, sizeof text, "%.*s", (int)n, made);
    return text;
}

static void remembers_the_last(void **state)
{
    struct memo *m = memo_new();

    (void)state;
    assert_null(got(m, "a"));
    put(m, "a", "\"a\"");
    put(m, "", "\"\"");
    assert_string_equal(got(m, "a"), "\"a\"");
    assert_string_equal(got(m, ""), "\"\"");
    put(m, "a", "longer than before");
    assert_string_equal(got(m, "a"), "longer than before");
    put(m, "a", "");
    assert_string_equal(got(m, "a"), "");
    assert_null(got(m, "b"));
    memo_free(m);
    memo_free(NULL);
}

/* With far more keys than places, what is known is still right. */
static void never_another_keys(void **state)
{
    struct memo *m = memo_new();
    size_t known = 0;

    (void)state;
    for (int i = 0; i < 5000; i++) {
        char key[32];

        snprintf(key, sizeof key, "%*d", 1 + i % 20, i);
        put(m, key, key);
    }
    for (int i = 0; i < 5000; i++) {
        char key[32];

        snprintf(key, sizeof key, "%*d", 1 + i % 20, i);
        if (!got(m, key))
            continue;
        known++;
        assert_string_equal(got(m, key), key);
    }
    assert_true(known > 0);
    memo_free(m);
}

static void keys_with_nul_and_long_ones(void **state)
{
    char big[MEMO_KEY_MAX + 1];
    struct memo *m = memo_new();
    size_t n;

    (void)state;
    memo_put(m, "x\0y", 3, "1", 1);
    memo_put(m, "x\0z", 3, "2", 1);
    assert_memory_equal(memo_get(m, "x\0y", 3, &n), "1", 1);
    assert_memory_equal(memo_get(m, "x\0z", 3, &n), "2", 1);
    assert_null(memo_get(m, "x", 1, &n));
    memset(big, 'k', sizeof big);
    memo_put(m, big, sizeof big, "no", 2);
    assert_null(memo_get(m, big, sizeof big, &n));
    memo_put(m, big, MEMO_KEY_MAX, "yes", 3);
    assert_non_null(memo_get(m, big, MEMO_KEY_MAX, &n));
    assert_int_equal(n, 3);
    memo_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remembers_the_last),
        cmocka_unit_test(never_another_keys),
        cmocka_unit_test(keys_with_nul_and_long_ones),
    };

    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
