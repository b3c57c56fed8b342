#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/map.h"
#include "harness/base/mem.h"

static void puts_gets_and_takes(void **state)
{
    struct map *m = map_new();
    char key[] = "a";
    int one = 1, two = 2;

    (void)state;
    assert_null(map_get(m, "a"));
    assert_null(map_take(m, "a"));
    assert_null(map_put(m, key, &one));
    key[0] = 'z'; /* the map has a copy */
    assert_ptr_equal(map_get(m, "a"), &one);
    assert_null(map_get(m, "z"));
    assert_ptr_equal(map_put(m, "a", &two), &one);
    assert_int_equal(map_count(m), 1);
    assert_ptr_equal(map_take(m, "a"), &two);
    assert_null(map_get(m, "a"));
    assert_int_equal(map_count(m), 0);
    assert_null(map_put(m, "", &one));
    assert_ptr_equal(map_get(m, ""), &one);
    map_free(m, NULL);
    map_free(NULL, free);
}

static void keeps_the_order_of_insertion(void **state)
{
    struct map *m = map_new();
    char key[16], *gone;
    int at = 0;

    (void)state;
    assert_null(map_first(m));
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof key, "k%d", (i * 7919) % 1000);
        assert_null(map_put(m, key, xstrdup(key)));
    }
    gone = map_take(m, "k0"); /* the first */
    assert_string_equal(gone, "k0");
    free(gone);
    gone = map_put(m, "k7919", xstrdup("new"));
    assert_null(gone);
    gone = map_put(m, "k919", xstrdup("changed")); /* the second: keeps its place */
    assert_string_equal(gone, "k919");
    free(gone);
    for (struct map_item *i = map_first(m); i; i = map_next(i)) {
        at++;
        if (at == 1) {
            assert_string_equal(map_key(i), "k919");
            assert_string_equal(map_value(i), "changed");
        } else if (at < 1000) {
            snprintf(key, sizeof key, "k%d", (at * 7919) % 1000);
            assert_string_equal(map_key(i), key);
            assert_string_equal(map_value(i), key);
        } else {
            assert_string_equal(map_key(i), "k7919");
        }
    }
    assert_int_equal(at, 1000);
    map_free(m, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_gets_and_takes),
        cmocka_unit_test(keeps_the_order_of_insertion),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
