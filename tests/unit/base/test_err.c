#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "harness/base/err.h"

static void sentence(const struct err *e, const char *wanted)
{
    char *s = err_sentence(e);

    assert_string_equal(s, wanted);
    free(s);
}

static void the_first_error_wins(void **state)
{
    struct err e = {0};

    (void)state;
    assert_int_equal(err_set(&e, E_INVALID, "no %s", "luck"), E_INVALID);
    assert_int_equal(err_set(&e, E_ENV, "other"), E_ENV);
    assert_true(e.set);
    assert_int_equal(e.code, E_INVALID);
    sentence(&e, "no luck");
    assert_int_equal(err_set(NULL, E_HARNESS, "nobody looks"), E_HARNESS);
    err_clear(&e);
    assert_false(e.set);
    assert_int_equal(err_set(&e, E_ENV, "other"), E_ENV);
    sentence(&e, "other");
}

static void the_place_is_added_where_unknown(void **state)
{
    struct err e = {0};

    (void)state;
    err_set(&e, E_INVALID, "wrong");
    err_at(&e, NULL, 0, 0, "/steps/1");
    sentence(&e, "wrong (at /steps/1)");
    err_at(&e, NULL, 7, 3, "/other");
    sentence(&e, "line 7, column 3: wrong (at /steps/1)");
    err_at(&e, "a.json", 9, 9, NULL);
    sentence(&e, "a.json:7:3: wrong (at /steps/1)");
    err_at(NULL, "a", 1, 1, "/");
    err_clear(&e);
    err_set(&e, E_INVALID, "wrong");
    err_at(&e, "a.json", 0, 0, NULL);
    sentence(&e, "a.json: wrong");
}

static void long_text_is_cut_between_characters_and_kept_to_a_line(void **state)
{
    char text[1400];
    struct err e = {0};

    (void)state;
    for (size_t i = 0; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "\xC3\xAB", 2);
    text[sizeof text - 2] = '\0';
    err_set(&e, E_INVALID, "x%s", text);
    assert_int_equal(strlen(e.text) % 2, 1); /* x and whole characters */
    assert_true(strlen(e.text) > 590 && strlen(e.text) < sizeof e.text);
    err_clear(&e);
    err_set(&e, E_INVALID, "a\nb");
    sentence(&e, "a b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_error_wins),
        cmocka_unit_test(the_place_is_added_where_unknown),
        cmocka_unit_test(long_text_is_cut_between_characters_and_kept_to_a_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
