#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"

static const char sample[] = "\n"
                             "{\n"
                             "  \"a\": {\"b\": [1, 22,\n"
                             "\t{\"c\":true}, \"],}\" , null]},\n"
                             "  \"na\\u0061m\\/x\" :\n"
                             "      \"q\\\"uote\",\n"
                             "  \"\xC3\xABn\": 1, \"twee\":  -2.5e3,\r\n"
                             "  \"\": [ ],\n"
                             "  \"m~n\": [[],[[7]]], \"0\": {}\n"
                             "}\n";

static void values_have_their_place(void **state)
{
    static const struct {
        const char *pointer;
        int line, column;
    } rows[] = {
        {"", 2, 1},
        {"/a", 3, 8},
        {"/a/b", 3, 14},
        {"/a/b/0", 3, 15},
        {"/a/b/1", 3, 18},
        {"/a/b/2", 4, 2},
        {"/a/b/2/c", 4, 7},
        {"/a/b/3", 4, 14},
        {"/a/b/4", 4, 22},
        {"/naam~1x", 6, 7},
        {"/\xC3\xABn", 7, 9},
        {"/twee", 7, 21},
        {"/", 8, 7},
        {"/m~0n", 9, 10},
        {"/m~0n/0", 9, 11},
        {"/m~0n/1", 9, 14},
        {"/m~0n/1/0/0", 9, 16},
        {"/0", 9, 27},
        /* absent: the nearest parent that is there */
        {"/none", 2, 1},
        {"/a/none/x", 3, 8},
        {"/a/b/5", 3, 14},
        {"/a/b/01", 3, 14},
        {"/a/b/-", 3, 14},
        {"/a/b/0/x", 3, 15},
        {"/naam~1x/0", 6, 7},
        {"/m~0n/0/0", 9, 11},
    };
    struct json_places *p = json_places_new(sample, sizeof sample - 1);
    json_t *json = json_loads(sample, JSON_REJECT_DUPLICATES, NULL);

    (void)state;
    assert_non_null(json);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int line = 0, column = 0;

        json_places_find(p, rows[i].pointer, &line, &column);
        if (line != rows[i].line || column != rows[i].column)
            fail_msg("%s: %d:%d, not %d:%d", rows[i].pointer, line, column, rows[i].line,
                     rows[i].column);
    }
    json_decref(json);
    json_places_free(p);
    json_places_free(NULL);
}

/* Whatever form a text has, the value found at a place is the value at the pointer. */
static void check_all(const char *text, const struct json_places *p, const json_t *root,
                      const json_t *at, struct buf *pointer)
{
    int line, column;
    const char *s = text;
    json_error_t why;
    json_t *found, *child;
    const char *key;
    size_t i, n = pointer->n;

    assert_true(json_equal((json_t *)(uintptr_t)json_at(root, n ? pointer->p : ""),
                           (json_t *)(uintptr_t)at));
    json_places_find(p, n ? pointer->p : "", &line, &column);
    for (int l = 1; l < line; l++)
        s = strchr(s, '\n') + 1;
    found = json_loads(s + column - 1, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &why);
    assert_non_null(found);
    assert_true(json_same(found, at));
    json_decref(found);
    json_object_foreach ((json_t *)(uintptr_t)at, key, child) {
        json_pointer_add(pointer, key);
        check_all(text, p, root, child, pointer);
        pointer->p[pointer->n = n] = '\0';
    }
    json_array_foreach (at, i, child) {
        buf_addf(pointer, "/%zu", i);
        check_all(text, p, root, child, pointer);
        pointer->p[pointer->n = n] = '\0';
    }
}

static void every_place_holds_its_value(void **state)
{
    static const size_t styles[] = {JSON_INDENT(2), JSON_INDENT(4) | JSON_SORT_KEYS,
                                    JSON_COMPACT, 0};
    json_t *json = json_loads("{\"a/b\":{\"~\":[1,{\"x\":\"}]\\\"\",\"y\":[[],[{}]]}]},"
                              "\"k\":[null,true,-1.5,\"\\\\\"],\"\":\"e\"}",
                              0, NULL);

    (void)state;
    assert_non_null(json);
    for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
        char *text = json_dumps(json, styles[i]);
        struct json_places *p = json_places_new(text, strlen(text));
        struct buf pointer;

        buf_init(&pointer, 1000);
        buf_adds(&pointer, "");
        check_all(text, p, json, json, &pointer);
        buf_done(&pointer);
        json_places_free(p);
        free(text);
    }
    json_decref(json);
}

static void broken_text_is_survived(void **state)
{
    static const char *const texts[] = {"",      "{",          "{\"a\"", "{\"a\":",  "[",
                                        "[1,",   "{\"a\":\"x", "{\"a\\", "}",        "{]",
                                        "{1:2}", "[}",         "\"",     "{\"a\" 1}"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct json_places *p = json_places_new(texts[i], strlen(texts[i]));
        int line = 0, column = 0;

        json_places_find(p, "/a/0/b", &line, &column);
        assert_int_equal(line, 1);
        assert_in_range(column, 1, 8);
        json_places_free(p);
    }
}

static bool same(const char *a, const char *b)
{
    json_t *x = json_loads(a, JSON_DECODE_ANY, NULL),
           *y = json_loads(b, JSON_DECODE_ANY, NULL);
    int one, two;

    assert_non_null(x);
    assert_non_null(y);
    one = json_same(x, y);
    two = json_same(y, x);
    assert_int_equal(one, two);
    json_decref(x);
    json_decref(y);
    return one;
}

static void equality_is_by_value(void **state)
{
    (void)state;
    assert_true(same("1", "1.0"));
    assert_true(same("-0.0", "0"));
    assert_true(same("1e2", "100"));
    assert_true(same("{\"a\":[1,{\"b\":null}],\"c\":\"x\"}",
                     "{\"c\":\"x\",\"a\":[1.0,{\"b\":null}]}"));
    assert_false(same("1", "2"));
    assert_false(same("1", "1.5"));
    assert_false(same("1", "\"1\""));
    assert_false(same("1", "true"));
    assert_false(same("true", "false"));
    assert_false(same("null", "false"));
    assert_false(same("[1,2]", "[2,1]"));
    assert_false(same("[1]", "[1,1]"));
    assert_false(same("{\"a\":1}", "{\"a\":1,\"b\":1}"));
    assert_false(same("{\"a\":1}", "{\"b\":1}"));
    assert_false(same("\"a\"", "\"A\""));
    /* 2^53 + 1 is not the real 2^53, to which it would be rounded */
    assert_false(same("9007199254740993", "9007199254740992.0"));
    assert_false(same("9223372036854775807", "9223372036854775808.0"));
    assert_true(json_same(NULL, NULL));
    assert_false(json_same(NULL, json_null()));
}

static void pointers_are_looked_up(void **state)
{
    json_t *json = json_loads("{\"a\":[1,{\"b/c\":2,\"m~n\":3,\"\":4}]}", 0, NULL);

    (void)state;
    assert_ptr_equal(json_at(json, ""), json);
    assert_int_equal(json_integer_value(json_at(json, "/a/0")), 1);
    assert_int_equal(json_integer_value(json_at(json, "/a/1/b~1c")), 2);
    assert_int_equal(json_integer_value(json_at(json, "/a/1/m~0n")), 3);
    assert_int_equal(json_integer_value(json_at(json, "/a/1/")), 4);
    assert_null(json_at(json, "a"));
    assert_null(json_at(json, "/a/2"));
    assert_null(json_at(json, "/a/01"));
    assert_null(json_at(json, "/a/-1"));
    assert_null(json_at(json, "/a/0/x"));
    assert_null(json_at(json, "/b"));
    json_decref(json);
}

static void pointers_are_made(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    json_pointer_add(&b, "a/b~c");
    json_pointer_add(&b, "");
    json_pointer_add(&b, "0");
    assert_string_equal(b.p, "/a~1b~0c//0");
    buf_done(&b);
}

static void the_first_difference_is_found(void **state)
{
    static const struct {
        const char *a, *b, *pointer, *in_a, *in_b; /* NULL: nothing there */
    } rows[] = {
        {"{\"a\":[1,{\"b\":2}]}", "{\"a\":[1.0,{\"b\":2}]}", NULL, NULL, NULL},
        {"1", "2", "", "1", "2"},
        {"{\"a\":1}", "[1]", "", "{\"a\":1}", "[1]"},
        {"{\"a\":[1,{\"b/c\":2}]}", "{\"a\":[1,{\"b/c\":3}]}", "/a/1/b~1c", "2", "3"},
        {"{\"a\":1,\"b\":2}", "{\"a\":1}", "/b", "2", NULL},
        {"{\"a\":1}", "{\"b\":2,\"a\":1}", "/b", NULL, "2"},
        {"[1,2]", "[1,2,3]", "/2", NULL, "3"},
        {"[[],[1]]", "[[],[]]", "/1/0", "1", NULL},
        {"{\"a\":null}", "{\"a\":false}", "/a", "null", "false"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *a = json_loads(rows[i].a, JSON_DECODE_ANY, NULL);
        json_t *b = json_loads(rows[i].b, JSON_DECODE_ANY, NULL);
        const json_t *in_a = NULL, *in_b = NULL;
        struct buf pointer;

        buf_init(&pointer, 1000);
        buf_adds(&pointer, "");
        assert_int_equal(json_difference(a, b, &pointer, &in_a, &in_b),
                         rows[i].pointer != NULL);
        assert_string_equal(pointer.p, rows[i].pointer ? rows[i].pointer : "");
        for (int k = 0; k < 2; k++) {
            const char *wanted = k ? rows[i].in_b : rows[i].in_a;
            const json_t *got = k ? in_b : in_a;
            json_t *v = wanted ? json_loads(wanted, JSON_DECODE_ANY, NULL) : NULL;

            assert_int_equal(wanted == NULL, got == NULL);
            assert_true(json_same(got, v));
            json_decref(v);
        }
        buf_done(&pointer);
        json_decref(a);
        json_decref(b);
    }
}

static void the_nearest_word_is_found(void **state)
{
    static const char *const words[] = {"status",    "statusBegin", "instelling",
                                        "opleiding", "bsn",         "for"};
#define NEAREST(w) word_nearest(w, words, ARRAY_LEN(words))

    (void)state;
    assert_string_equal(NEAREST("status"), "status");
    assert_string_equal(NEAREST("stauts"), "status");
    assert_string_equal(NEAREST("statsbegn"), "statusBegin");
    assert_string_equal(NEAREST("instellingcode"), "instelling");
    assert_string_equal(NEAREST("ople1ding"), "opleiding");
    assert_string_equal(NEAREST("bns"), "bsn");
    assert_null(NEAREST("ketenid"));
    assert_null(NEAREST("xy"));
    assert_null(NEAREST(""));
    assert_null(word_nearest("a", NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_their_place),
        cmocka_unit_test(every_place_holds_its_value),
        cmocka_unit_test(broken_text_is_survived),
        cmocka_unit_test(equality_is_by_value),
        cmocka_unit_test(pointers_are_looked_up),
        cmocka_unit_test(pointers_are_made),
        cmocka_unit_test(the_first_difference_is_found),
        cmocka_unit_test(the_nearest_word_is_found),
    };

    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
