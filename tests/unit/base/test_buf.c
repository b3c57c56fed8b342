#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"

static void grows_and_stays_terminated(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 10000);
    assert_null(b.p);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(buf_addc(&b, (char)('a' + i % 26)), 0);
    assert_int_equal(b.n, 1000);
    assert_int_equal(strlen(b.p), 1000);
    assert_int_equal(b.p[999], 'a' + 999 % 26);
    buf_reset(&b);
    assert_string_equal(b.p, "");
    assert_int_equal(buf_addf(&b, "%d-%s", 42, "x"), 0);
    assert_string_equal(b.p, "42-x");
    buf_done(&b);
    assert_null(b.p);
}

static void formats_what_is_longer_than_its_own_space(void **state)
{
    char text[1000];
    struct buf b;

    (void)state;
    memset(text, 'q', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    buf_init(&b, 2000);
    assert_int_equal(buf_addf(&b, "<%s>", text), 0);
    assert_int_equal(b.n, 1001);
    assert_int_equal(b.p[0], '<');
    assert_int_equal(b.p[1000], '>');
    buf_done(&b);
}

static void nothing_is_added_beyond_the_maximum(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 5);
    assert_int_equal(buf_adds(&b, "abc"), 0);
    assert_false(b.full);
    assert_int_equal(buf_adds(&b, "def"), E_TOOBIG);
    assert_true(b.full);
    assert_string_equal(b.p, "abc");
    assert_int_equal(buf_adds(&b, "d"), E_TOOBIG); /* full stays */
    assert_string_equal(b.p, "abc");
    buf_reset(&b);
    assert_false(b.full);
    assert_int_equal(buf_adds(&b, "fghij"), 0);
    assert_string_equal(b.p, "fghij");
    buf_done(&b);
}

/* Room for what it becomes, though not for what it might have become. */
static void json_that_just_fits_is_added(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 6);
    assert_int_equal(buf_addc(&b, '<'), 0);
    assert_int_equal(buf_add_json(&b, "ab\"c", 4), 0);
    assert_string_equal(b.p, "<ab\\\"c");
    assert_int_equal(b.n, 6);
    assert_int_equal(buf_add_json(&b, "", 0), 0);
    assert_int_equal(buf_add_json(&b, "d", 1), E_TOOBIG);
    assert_string_equal(b.p, "<ab\\\"c");
    buf_done(&b);
}

static void an_escape_that_passes_the_maximum_leaves_no_half(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 8);
    assert_int_equal(buf_adds(&b, "ab"), 0);
    assert_int_equal(buf_add_json(&b, "x\n\n\n", 4), E_TOOBIG);
    assert_string_equal(b.p, "ab");
    buf_reset(&b);
    assert_int_equal(buf_add_xml(&b, "ab&&"), E_TOOBIG);
    assert_string_equal(b.p, "");
    buf_done(&b);
}

static void json_is_escaped(void **state)
{
    static const struct {
        const char *in;
        size_t n;
        const char *out;
    } rows[] = {
        {"plain", 5, "plain"},
        {"a\"b\\c/", 6, "a\\\"b\\\\c/"},
        {"\b\f\n\r\t\x01\x1f\x7f", 8, "\\b\\f\\n\\r\\t\\u0001\\u001f\x7f"},
        {"a\0b", 3, "a\\u0000b"},
        {"\xC3\xAB\xE2\x82\xAC\xF0\x9F\x98\x80", 9,
         "\xC3\xAB\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"\xC3", 1, "\xEF\xBF\xBD"},                                   /* broken off */
        {"\xC0\xAF", 2, "\xEF\xBF\xBD\xEF\xBF\xBD"},                   /* overlong */
        {"\xED\xA0\x80x", 4, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx"}, /* surrogate */
        {"\xF4\x90\x80\x80", 4, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xE0\x9F\xBF", 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"a\xFFz", 3, "a\xEF\xBF\xBDz"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b;

        buf_init(&b, 100);
        assert_int_equal(buf_add_json(&b, rows[i].in, rows[i].n), 0);
        assert_string_equal(b.p, rows[i].out);
        buf_done(&b);
    }
}

static void xml_is_escaped(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 200);
    assert_int_equal(
        buf_add_xml(&b, "<a b=\"c\" d='e'>&\x01\x0b\n\xEF\xBF\xBF\xFF\xC3\xAB"), 0);
    assert_string_equal(b.p,
                        "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;"
                        "\xEF\xBF\xBD\xEF\xBF\xBD\n\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xAB");
    buf_done(&b);
}

static void taking_hands_the_bytes_out(void **state)
{
    struct buf b;
    size_t n = 99;
    char *s;

    (void)state;
    buf_init(&b, 100);
    s = buf_take(&b, &n);
    assert_string_equal(s, "");
    assert_int_equal(n, 0);
    free(s);
    buf_add(&b, "a\0b", 3);
    s = buf_take(&b, &n);
    assert_int_equal(n, 3);
    assert_memory_equal(s, "a\0b", 4);
    free(s);
    assert_null(b.p);
    assert_int_equal(buf_adds(&b, "again"), 0);
    assert_string_equal(b.p, "again");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_stays_terminated),
        cmocka_unit_test(formats_what_is_longer_than_its_own_space),
        cmocka_unit_test(nothing_is_added_beyond_the_maximum),
        cmocka_unit_test(json_that_just_fits_is_added),
        cmocka_unit_test(an_escape_that_passes_the_maximum_leaves_no_half),
        cmocka_unit_test(json_is_escaped),
        cmocka_unit_test(xml_is_escaped),
        cmocka_unit_test(taking_hands_the_bytes_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
