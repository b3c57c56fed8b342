#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/flat.h"
#include "harness/base/mem.h"
#include "harness/base/rng.h"

/* The tree of the value at *i, which goes on behind it. */
static json_t *tree(const struct flat *f, uint32_t *i)
{
    const struct flat_value *v = &f->v[*i];
    const char *text = v->type == FLAT_STRING ? flat_text(f, *i) : NULL;
    json_t *out = NULL;
    (*i)++;
    switch (v->type) {
    case FLAT_NULL:
        return json_null();
    case FLAT_FALSE:
    case FLAT_TRUE:
        return json_boolean(v->type == FLAT_TRUE);
    case FLAT_INTEGER:
        return json_integer(v->u.integer);
    case FLAT_STRING:
        assert_int_equal(text[v->u.string.n], '\0');
        return json_stringn(text, v->u.string.n);
    case FLAT_ARRAY:
        out = json_array();
        for (uint32_t k = 0; k < v->u.count; k++)
            json_array_append_new(out, tree(f, i));
        break;
    case FLAT_OBJECT:
        out = json_object();
        for (uint32_t k = 0; k < v->u.count; k++) {
            uint32_t key = (*i)++;
            assert_int_equal(f->v[key].type, FLAT_STRING);
            assert_int_equal(f->v[key].next, *i);
            json_object_set_new(out, flat_text(f, key), tree(f, i));
        }
        break;
    }
    assert_int_equal(v->next, *i);
    return out;
}

/* What is read, is what jansson reads. Returns whether it was read. */
static bool as_jansson(struct flat *f, const char *text, size_t n)
{
    char *exact = xmalloc(n ? n : 1); /* so that a sanitizer sees a step too far */
    memcpy(exact, text, n);
    bool taken = flat_read(f, exact, n);
    json_t *want = json_loadb(exact, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    if (taken) {
        uint32_t i = 0;
        json_t *have = tree(f, &i);
        if (!want || !json_equal(have, want))
            fail_msg("read otherwise than by jansson: %.*s", (int)n, exact);
        assert_int_equal(i, f->n);
        json_decref(have);
    } else {
        assert_int_equal(f->n, 0);
    }
    json_decref(want);
    free(exact);
    return taken;
}

static void plain_json_is_read(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        " \t\r\n{ \"a\" : [ 1 , -2,0,true,false , null ] } \n",
        "\"\"",
        "\"twaalf letters en nog veel meer dan acht\"",
        "\"\xC3\xAB\xE2\x82\xAC\xF0\x9F\x98\x80 en meer\"",
        "\"Financi\xC3\xABle \\\"dienst\\\" \\\\ \\/ \\b\\f\\n\\r\\t|\"",
        "\"\\u0041\\u00eB\\u20AC\\ud83D\\uDe00x\"",
        "\"\x7F\"",
        "{\"a\":{\"b\":[[],[[7]],{}]},\"c\":\"d\",\"\":1}",
        "{\"\\u0061\":1,\"b\":2}",
        "-0",
        "999999999999999999",
        "-999999999999999999",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    };
    struct flat f;
    (void)state;
    flat_init(&f);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!as_jansson(&f, texts[i], strlen(texts[i])))
            fail_msg("not read: %s", texts[i]);
    flat_done(&f);
}

static void all_else_is_left(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "[1,]",
        "[1 2]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1}}",
        "{} {}",
        "{\"a\":1,\"b\":2,\"a\":3}", /* a key twice */
        "{\"a\":1,\"\\u0061\":3}",
        "\"abc",
        "\"a\nb\"",
        "\"\\x\"",
        "\"\\u00g0\"",
        "\"\\u12",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\xC0\x80\"",
        "\"\xED\xA0\x80\"",
        "\"\xF5\x80\x80\x80\"",
        "\"\xE2\x82\"",
        "\"\xFF\"",
        "01",
        "-",
        "+1",
        "1.0",
        "1e2",
        "1E2",
        "1000000000000000000", /* fits, but not for sure */
        "nul",
        "True",
        "truer",
        "\xEF\xBB\xBF{}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    };
    struct flat f;
    (void)state;
    flat_init(&f);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (as_jansson(&f, texts[i], strlen(texts[i])))
            fail_msg("read: %s", texts[i]);
    assert_false(as_jansson(&f, "{}\0", 3));
    assert_false(as_jansson(&f, "\"a\0b\"", 5));
    assert_false(flat_read(&f, NULL, 0));
    flat_done(&f);
}

static void members_are_found(void **state)
{
    static const char text[] =
        "{\"a\":{\"b\":\"in\"},\"b\":\"out\",\"c\":[{\"d\":1}],\"\":true}";
    struct flat f;
    (void)state;
    flat_init(&f);
    assert_true(flat_read(&f, text, sizeof text - 1));
    assert_string_equal(flat_text(&f, flat_get(&f, 0, "b", 1)), "out");
    assert_string_equal(flat_text(&f, flat_get(&f, flat_get(&f, 0, "a", 1), "b", 1)),
                        "in");
    assert_int_equal(f.v[flat_get(&f, 0, "", 0)].type, FLAT_TRUE);
    assert_int_equal(flat_get(&f, 0, "d", 1), 0);
    assert_int_equal(flat_get(&f, 0, "bb", 2), 0);
    assert_int_equal(flat_get(&f, flat_get(&f, 0, "c", 1), "d", 1), 0);
    assert_int_equal(flat_get(&f, flat_get(&f, 0, "b", 1), "b", 1), 0);
    flat_done(&f);
}

static void too_many_members_are_left(void **state)
{
    struct flat f;
    char key[8];
    (void)state;
    flat_init(&f);
    for (int n = FLAT_MEMBERS; n <= FLAT_MEMBERS + 1; n++) {
        json_t *o = json_object();
        for (int i = 0; i < n; i++) {
            snprintf(key, sizeof key, "k%d", i);
            json_object_set_new(o, key, json_integer(i));
        }
        char *text = json_dumps(o, 0);
        assert_int_equal(as_jansson(&f, text, strlen(text)), n == FLAT_MEMBERS);
        free(text);
        json_decref(o);
    }
    flat_done(&f);
}

/* Bytes changed, removed and doubled at random, in a text that has everything. */
static void broken_texts_are_read_as_by_jansson(void **state)
{
    static const char whole[] =
        "{\"lijst\":[{\"n\":7,\"id\":\"5f0c1d5e\",\"naam\":\"Financi\xC3\xABle\"},"
        "{\"n\":-12,\"weg\":true,\"t\":\"\\u00eb\\n\\ud83d\\ude00\"}, [], {}, null],\n"
        " \"volgende\" : \"c2Vp\\\\bj05\" , \"meer\":false}";
    static const char odd[] = "\"\\{}[]:,0-.eu tf\n\x01\xC3\xAB\xE2\x82\xF0";
    struct flat f;
    struct rng r;
    size_t taken = 0;
    (void)state;
    flat_init(&f);
    rng_init(&r, 1, "flat", "test");
    for (int round = 0; round < 20000; round++) {
        char text[2 * sizeof whole];
        size_t n = sizeof whole - 1;
        memcpy(text, whole, n);
        for (uint64_t k = 1 + rng_below(&r, 3); k > 0; k--) {
            size_t at = rng_below(&r, n), len = 1 + rng_below(&r, 4);
            if (at + len > n || n + len > sizeof text)
                continue;
            switch (rng_below(&r, 3)) {
            case 0:
                text[at] = odd[rng_below(&r, sizeof odd - 1)];
                break;
            case 1:
                memmove(text + at, text + at + len, n - at - len);
                n -= len;
                break;
            default:
                memmove(text + at + len, text + at, n - at);
                n += len;
            }
        }
        taken += as_jansson(&f, text, n);
    }
    assert_in_range(taken, 1000, 19000); /* both happen */
    flat_done(&f);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_json_is_read),
        cmocka_unit_test(all_else_is_left),
        cmocka_unit_test(members_are_found),
        cmocka_unit_test(too_many_members_are_left),
        cmocka_unit_test(broken_texts_are_read_as_by_jansson),
    };
    return cmocka_run_group_tests_name("flat", tests, NULL, NULL);
}
