/* The other formats: texts from a peer stay texts in each of them. */
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
#include "harness/report/report.h"

#define NASTY  "=1+1|<b>`x`\"\n# SKIP no\\"
#define FOLDER "/tmp/koppelproef-formats-XXXXXX"

struct files {
    char dir[sizeof FOLDER];
    char *path;
};

static int setup(void **state)
{
    struct files *f = xcalloc(1, sizeof *f);
    memcpy(f->dir, FOLDER, sizeof FOLDER);
    if (!mkdtemp(f->dir))
        return -1;
    f->path = xasprintf("%s/out", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct files *f = *state;
    file_rmtree(f->dir, NULL);
    free(f->path);
    free(f);
    return 0;
}

static void requirement(json_t *list, const char *verdict, const char *level)
{
    char *id = xasprintf("KP-AAA-%02zu", json_array_size(list) + 1);
    json_array_append_new(list, json_pack("{ss,ss,ss,ss,ss,ss,ss,ss,ss,s[ss]}", "id", id,
                                          "level", level, "role", "koppelpunt", "verdict",
                                          verdict, "blame", "system", "reason", NASTY,
                                          "source", "O", "nl", "Een eis.", "en",
                                          "A rule #1.", "scenarios", "one", "two"));
    free(id);
}

/* One of each verdict, in the order of result.md. */
static json_t *result(void)
{
    static const char *const verdicts[] = {
        "pass",         "fail",         "warn",  "not-applicable",
        "not-observed", "inconclusive", "error", "flaky"};
    json_t *list = json_array();
    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
        requirement(list, verdicts[i], i == 2 ? "S" : "M");
    return json_pack("{ss,ss,si,si,so,si,ss,ss,sf,s[{ss,ss,ss}]}", "koppelproef", "1.2",
                     "verdict", "not conform", "planned", 8, "judged", 6, "requirements",
                     list, "seed", 42, "profile", "proef-1", "started",
                     "2023-05-10T10:00:00Z", "seconds", 1.5, "systems", "name", NASTY,
                     "version", "4", "role", "koppelpunt");
}

static char *written(const struct files *f)
{
    char *text;
    size_t n;
    assert_int_equal(file_read(f->path, 1u << 20, &text, &n, NULL), 0);
    return text;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

static void test_tap(void **state)
{
    struct files *f = *state;
    json_t *r = result();
    assert_int_equal(report_tap(f->path, r, LANG_EN, NULL), 0);
    char *text = written(f);
    assert_memory_equal(text, "TAP version 14\n1..8\n", 20);
    assert_int_equal(count(text, "\nok "), 3);
    assert_int_equal(count(text, "\nnot ok "), 5);
    assert_non_null(strstr(text, "\nok 1 - KP-AAA-01 A rule \\#1.\n"));
    /* Only what does not apply is skipped, whatever a reason says. */
    assert_int_equal(count(text, " # SKIP "), 1);
    assert_non_null(strstr(text, "ok 4 - KP-AAA-04 A rule \\#1. # SKIP =1+1"));
    assert_non_null(strstr(text, "  message: \"=1+1|<b>`x`\\\"\\n# SKIP no\\\\\"\n"));
    assert_int_equal(count(text, "  ---\n"), 6);
    assert_int_equal(count(text, "  ...\n"), 6);
    free(text);
    json_decref(r);
}

static void test_csv(void **state)
{
    struct files *f = *state;
    json_t *r = result();
    assert_int_equal(report_csv(f->path, r, LANG_NL, NULL), 0);
    char *text = written(f);
    assert_int_equal(count(text, "\r\n"), 9);
    assert_non_null(strstr(text, "\"KP-AAA-01\",\"M\",\"koppelpunt\",\"pass\","));
    assert_non_null(strstr(text, ",\"'=1+1|<b>`x`\"\"\n# SKIP no\\\","));
    assert_null(strstr(text, "\"=1"));
    assert_non_null(strstr(text, "\"one two\",\"Een eis.\"\r\n"));
    free(text);
    json_decref(r);
}

static void test_markdown(void **state)
{
    struct files *f = *state;
    json_t *r = result();
    assert_int_equal(report_markdown(f->path, r, LANG_EN, NULL), 0);
    char *text = written(f);
    assert_memory_equal(text, "# koppelproef: NOT CONFORM\n", 27);
    assert_null(strstr(text, "<b>"));
    assert_non_null(strstr(text, "=1+1\\|&lt;b\\>\\`x\\`\" \\# SKIP no\\\\"));
    assert_int_equal(count(text, "\n- **KP-AAA-"), 5); /* what blocks */
    assert_int_equal(count(text, "\n| KP-AAA-"), 8);
    free(text);
    json_decref(r);
}

static void test_ctrf(void **state)
{
    struct files *f = *state;
    json_t *r = result(), *o;
    assert_int_equal(report_ctrf(f->path, r, LANG_EN, NULL), 0);
    assert_int_equal(file_read_json(f->path, &o, NULL), 0);
    json_t *want =
        json_pack("{si,si,si,si,si,si,sI,sI}", "tests", 8, "passed", 2, "failed", 2,
                  "skipped", 1, "pending", 2, "other", 1, "start",
                  (json_int_t)1683712800000, "stop", (json_int_t)1683712801500);
    assert_true(json_same(json_at(o, "/results/summary"), want));
    assert_string_equal(json_string_value(json_at(o, "/results/tests/1/message")), NASTY);
    assert_true(json_is_true(json_at(o, "/results/tests/7/flaky")));
    assert_null(json_at(o, "/results/tests/1/flaky"));
    assert_string_equal(json_string_value(json_at(o, "/results/tests/2/tags/1")),
                        "should");
    json_decref(want);
    json_decref(o);
    json_decref(r);
}

static void test_har(void **state)
{
    static const char lines[] =
        "{\"seq\":1,\"t\":0,\"kind\":\"run\",\"wall\":\"2023-05-10T10:00:00.123456789Z\"}"
        "\n"
        "{\"seq\":2,\"t\":5,\"kind\":\"exchange\",\"from\":\"cambo\",\"to\":"
        "\"koppelpunt\","
        "\"url\":\"http://h:1/\",\"began\":1000000000,\"ended\":1002500000,\"outcome\":"
        "\"answered\",\"request\":{\"method\":\"POST\",\"target\":\"/v1/x?a=1&b&c=%22\","
        "\"fields\":[[\"Content-Type\",\"text/x\"]],\"body\":\"<\\\"\"},"
        "\"response\":{\"status\":201,\"fields\":[],\"body\":\"ab\",\"bytes\":40000}}\n"
        "{\"seq\":3,\"t\":6,\"kind\":\"exchange\",\"began\":9,\"ended\":1,\"outcome\":"
        "\"timeout\",\"request\":{\"method\":\"GET\",\"target\":\"/v1/y?\"}}\n"
        "{\"seq\":4,\"t\":7,\"kind\":\"exchange\"}\n"
        "{\"seq\":5,\"t\":7,\"kin";
    struct files *f = *state;
    char *journal = xasprintf("%s/journal.jsonl", f->dir);
    json_t *o;
    assert_int_equal(file_write(journal, lines, sizeof lines - 1, NULL), 0);
    assert_int_equal(report_har(f->path, journal, NULL), 0);
    assert_int_equal(file_read_json(f->path, &o, NULL), 0);
    const json_t *entries = json_at(o, "/log/entries");
    assert_int_equal(json_array_size(entries), 3);
    assert_string_equal(json_string_value(json_at(entries, "/0/startedDateTime")),
                        "2023-05-10T10:00:01.123Z");
    assert_true(json_number_value(json_at(entries, "/0/time")) == 2.5);
    assert_string_equal(json_string_value(json_at(entries, "/0/request/url")),
                        "http://h:1/v1/x?a=1&b&c=%22");
    json_t *query = json_pack("[{ss,ss},{ss,ss},{ss,ss}]", "name", "a", "value", "1",
                              "name", "b", "value", "", "name", "c", "value", "%22");
    assert_true(json_same(json_at(entries, "/0/request/queryString"), query));
    assert_string_equal(json_string_value(json_at(entries, "/0/request/postData/text")),
                        "<\"");
    assert_int_equal(json_integer_value(json_at(entries, "/0/response/bodySize")), 40000);
    assert_int_equal(json_integer_value(json_at(entries, "/1/response/status")), 0);
    assert_true(json_number_value(json_at(entries, "/1/time")) == 0);
    json_decref(query);
    json_decref(o);
    unlink(journal);
    assert_int_equal(report_har(f->path, journal, NULL), E_NOTFOUND);
    free(journal);
}

/* Nothing at all in a result is no reason to fail. */
static void test_empty(void **state)
{
    struct files *f = *state;
    json_t *r = json_object();
    assert_int_equal(report_tap(f->path, r, LANG_NL, NULL), 0);
    assert_int_equal(report_csv(f->path, r, LANG_NL, NULL), 0);
    assert_int_equal(report_markdown(f->path, r, LANG_NL, NULL), 0);
    assert_int_equal(report_ctrf(f->path, r, LANG_NL, NULL), 0);
    char *text = written(f);
    assert_non_null(strstr(text, "CTRF"));
    free(text);
    json_decref(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tap, setup, teardown),
        cmocka_unit_test_setup_teardown(test_csv, setup, teardown),
        cmocka_unit_test_setup_teardown(test_markdown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ctrf, setup, teardown),
        cmocka_unit_test_setup_teardown(test_har, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
