/* The quick reader of journal lines gives what jansson gives, or leaves it to jansson. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/wire/journal_parse.h"

#define CASES SOURCE_DIR "/tests/cases/judge"

/* What it takes is what jansson reads. Returns whether it took it. */
static bool same(struct line_parser *p, const char *text, size_t n)
{
    json_t *want = json_loadb(text, n, JSON_ALLOW_NUL, NULL);
    json_t *seen = line_parse(p, text, n);
    bool took = seen != NULL;
    if (seen && (!want || !json_equal(want, seen)))
        fail_msg("read otherwise: %.*s", (int)n, text);
    json_decref(want);
    json_decref(seen);
    return took;
}

static void takes(void **state)
{
    static const char *const lines[] = {
        "{}",
        "{\"a\":[]}",
        "{\"a\":[[\"b\",\"c\"],[\"b\",\"c\"],[\"b\",\"d\"],[\"b\",\"c\",\"d\"],[\"b\"]]}",
        "{\"a\":{\"b\":{\"c\":[true,false,null,0,-0,7,-7,999999999999999999]}}}",
        "{\"a\":\"\",\"b\":\"one\",\"c\":\"one\",\"d\":[\"one\"]}",
        "{\"a\":\"\\\"q\\\\\\/\\b\\f\\n\\r\\t\\\"\"}",
        "{\"a\":\"12345678901234567890123456789012 longer than what is shared\"}",
        "{\"a\":\"1234567\\\\1234567\\\"\"}",
        "{\"a\":\"na\xc3\xafve \xe2\x82\xac, long enough to be read by eights\"}",
        "{\"a\":[\"\xc3\xa9\",\"\xc3\xa9\"]}",
        "{\"a\":1,\"b\":2,\"a\":3}",
    };
    struct line_parser *p = line_parser_new();
    (void)state;
    for (size_t round = 0; round < 2; round++) /* the second finds what is shared */
        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
            if (!same(p, lines[i], strlen(lines[i])))
                fail_msg("not taken: %s", lines[i]);
    line_parser_free(p);
}

/* Rare or wrong: jansson says what is with it. */
static void leaves(void **state)
{
    static const char *const lines[] = {
        "",
        "[]",
        "1",
        " {}",
        "{} ",
        "{}}",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{\"a\":[1,]}",
        "{\"a\":[1 ]}",
        "{\"a\":[\"b\",\"c\"",
        "{\"a\":[\"b\",\"c]}",
        "{a:1}",
        "{\"a\" :1}",
        "{\"a\":\"b}",
        "{\"a\":\"b\\\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\",
        "{\"a\\n\":1}",
        "{\"\xc3\xa9\":1}",
        "{\"a\":\"tab\there, long enough to be read by eights\"}",
        "{\"a\":\"\xff long enough to be read by eights\"}",
        "{\"a\":[\"b\",\"\x01\"]}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":+1}",
        "{\"a\":1.5}",
        "{\"a\":1e3}",
        "{\"a\":1234567890123456789}",
        "{\"a\":tru}",
        "{\"a\":nulll}",
    };
    struct line_parser *p = line_parser_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (same(p, lines[i], strlen(lines[i])))
            fail_msg("taken: %s", lines[i]);
    char *deep = xmalloc(2000);
    memcpy(deep, "{\"a\":", 5);
    memset(deep + 5, '[', 995);
    memset(deep + 1000, ']', 995);
    deep[1995] = '}';
    assert_false(same(p, deep, 1996));
    free(deep);
    line_parser_free(p);
}

/* Each line cut at each place, in a block of its own so that reading behind it shows. */
static void torn(void **state)
{
    static const char line[] =
        "{\"a\":[[\"b\",\"c\"],[\"b\\\"\",\"d\"]],\"e\":{\"f\":-12},"
        "\"g\":\"\xc3\xa9\",\"h\":true,\"i\":\"plain and longer\"}";
    struct line_parser *p = line_parser_new();
    (void)state;
    for (size_t n = 0; n < sizeof line - 1; n++) {
        char *part = xmalloc(n + !n);
        memcpy(part, line, n);
        assert_false(same(p, part, n));
        free(part);
    }
    assert_true(same(p, line, sizeof line - 1));
    line_parser_free(p);
}

/* Every journal of the cases. */
static void journals(void **state)
{
    struct line_parser *p = line_parser_new();
    size_t n, took = 0, all = 0;
    char **names;
    struct err e = {0};
    (void)state;
    assert_int_equal(file_list(CASES, &names, &n, &e), 0);
    for (size_t i = 0; i < n; i++) {
        char *path = xasprintf("%s/%s/journal.jsonl", CASES, names[i]), *text = NULL;
        size_t size = 0;
        if (file_read(path, 64u << 20, &text, &size, NULL))
            size = 0;
        for (const char *s = text; size && s < text + size; all++) {
            const char *end = memchr(s, '\n', (size_t)(text + size - s));
            end = end ? end : text + size;
            took += same(p, s, (size_t)(end - s));
            s = end + 1;
        }
        free(text);
        free(path);
        free(names[i]);
    }
    free(names);
    line_parser_free(p);
    assert_true(all > 1000 && took > all * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes),
        cmocka_unit_test(leaves),
        cmocka_unit_test(torn),
        cmocka_unit_test(journals),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
