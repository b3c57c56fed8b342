/* Workflow commands of GitHub Actions, read back as its runner reads them
 * (actions/runner, ActionCommand.TryParseV2: the properties end at the first "::", are
 * parted by "," and
 * "=", and are unescaped after that). */
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
#include "harness/report/report.h"

/* ---- the reader ---- */

/* "%XX" of these, in this order; "%25" last, so that "%253A" is "%3A". */
static char *unescaped(const char *s, size_t n, bool property)
{
    static const char *const pairs[][2] = {
        {"%0D", "\r"}, {"%0A", "\n"}, {"%3A", ":"}, {"%2C", ","}, {"%25", "%"}};
    char *text = xstrndup(s, n);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        if (!property && (i == 2 || i == 3))
            continue;
        for (char *at = text; (at = strstr(at, pairs[i][0])); at++) {
            *at = *pairs[i][1];
            memmove(at + 1, at + 3, strlen(at + 3) + 1);
        }
    }
    return text;
}

/* {"command","message", and each property}; NULL: the line is no command. */
static json_t *command_of(const char *line)
{
    const char *start = line + strspn(line, " \t");
    if (strncmp(start, "::", 2))
        return NULL;
    start += 2;
    const char *end = strstr(start, "::");
    if (!end)
        return NULL;
    size_t name = strcspn(start, " ");
    if (start + name > end)
        name = (size_t)(end - start);
    json_t *o = json_pack("{ss%}", "command", start, name);
    const char *at = start + name;
    while (at < end) {
        at += strspn(at, " ");
        size_t n = strcspn(at, ",");
        if (at + n > end)
            n = (size_t)(end - at);
        size_t key = strcspn(at, "=");
        assert_true(key < n);
        char *k = xstrndup(at, key), *v = unescaped(at + key + 1, n - key - 1, true);
        assert_int_equal(json_object_set_new(o, k, json_string(v)), 0);
        free(k);
        free(v);
        at += n + (at + n < end);
    }
    char *message = unescaped(end + 2, strlen(end + 2), false);
    json_object_set_new(o, "message", json_string(message));
    free(message);
    return o;
}

struct lines {
    json_t *commands, *others;
};

static struct lines read_lines(char *text)
{
    struct lines l = {json_array(), json_array()};
    for (char *line = text, *next; *line; line = next) {
        next = strchr(line, '\n');
        assert_non_null(next);
        *next++ = '\0';
        assert_null(strchr(line, '\r'));
        json_t *c = command_of(line);
        if (c)
            json_array_append_new(l.commands, c);
        else
            json_array_append_new(l.others, json_string(line));
    }
    return l;
}

/* ---- results ---- */

#define NASTY "50%0A of \"a,b\": x::y\r\n::error::no\x1b[31m"

static json_t *requirement(const char *id, const char *verdict, const char *reason)
{
    return json_pack("{ss,ss,ss,ss,ss,ss,s[]}", "id", id, "level", "M", "verdict",
                     verdict, "reason", reason, "nl", "Een eis.", "en", "A rule.",
                     "findings");
}

static void finding(json_t *q, const char *verdict, const char *scenario)
{
    json_array_append_new(json_object_get(q, "findings"),
                          json_pack("{ss,ss,ss,ss,ss,ss}", "verdict", verdict, "scenario",
                                    scenario, "role", "koppelpunt", "step", "/steps/3",
                                    "expected", NASTY, "seen", "none"));
}

static struct lines report(json_t *list, enum lang lang, report_place_fn *place)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    json_t *r = json_pack("{so}", "requirements", list);
    report_github(f, r, lang, place, NULL);
    fclose(f);
    struct lines l = read_lines(text);
    free(text);
    json_decref(r);
    return l;
}

static void lines_done(struct lines *l)
{
    json_decref(l->commands);
    json_decref(l->others);
}

static const char *member(const struct lines *l, size_t i, const char *key)
{
    const char *s = json_text(json_array_get(l->commands, i), key);
    return s ? s : "-";
}

static bool in_a_corner(void *arg, const char *role, const char *scenario,
                        const char *step, char **file, int *line)
{
    (void)arg;
    assert_string_equal(role, "koppelpunt");
    assert_string_equal(step, "/steps/3");
    if (strcmp(scenario, "mine"))
        return false;
    *file = xstrdup("my, dir/100%2C:a.json");
    *line = 14;
    return true;
}

/* ---- tests ---- */

static void escapes(void **state)
{
    json_t *list = json_array(), *q = requirement("KP-A-01", "fail", NASTY);
    (void)state;
    finding(q, "warn", "other");
    finding(q, "fail", "mine");
    json_array_append_new(list, q);
    struct lines l = report(list, LANG_EN, in_a_corner);
    assert_int_equal(json_array_size(l.commands), 1);
    assert_int_equal(json_array_size(l.others), 0);
    assert_string_equal(member(&l, 0, "command"), "error");
    assert_string_equal(member(&l, 0, "title"), "KP-A-01 FAIL");
    assert_string_equal(member(&l, 0, "file"), "my, dir/100%2C:a.json");
    assert_string_equal(member(&l, 0, "line"), "14");
    const char *message = member(&l, 0, "message");
    assert_non_null(
        strstr(message, "A rule.\nWhy: 50%0A of \"a,b\": x::y\r\n::error::no [31m"));
    assert_non_null(strstr(message, "\nscenario mine, /steps/3"));
    lines_done(&l);
}

/* What blocks is an error, a SHOULD a warning; flaky shows where it failed. */
static void kinds(void **state)
{
    static const struct {
        const char *verdict, *command;
    } rows[] = {{"fail", "error"},
                {"error", "error"},
                {"not-observed", "error"},
                {"inconclusive", "error"},
                {"flaky", "error"},
                {"warn", "warning"},
                {"pass", NULL},
                {"not-applicable", NULL}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *q = requirement("KP-A-01", rows[i].verdict, "why");
        finding(q, strcmp(rows[i].verdict, "flaky") ? rows[i].verdict : "fail", "mine");
        struct lines l = report(json_pack("[o]", q), LANG_NL, in_a_corner);
        assert_int_equal(json_array_size(l.commands), rows[i].command != NULL);
        if (rows[i].command) {
            assert_string_equal(member(&l, 0, "command"), rows[i].command);
            assert_string_equal(member(&l, 0, "line"), "14");
        }
        lines_done(&l);
    }
}

static void only_ten(void **state)
{
    json_t *list = json_array();
    (void)state;
    for (int i = 0; i < 13; i++) {
        char id[24];
        snprintf(id, sizeof id, "KP-W-%02d", i);
        json_array_append_new(list, requirement(id, "warn", "w"));
        snprintf(id, sizeof id, "KP-E-%02d", i);
        json_array_append_new(list,
                              requirement(id, i == 12 ? "fail" : "not-observed", "e"));
    }
    struct lines l = report(list, LANG_EN, NULL);
    size_t errors = 0, warnings = 0;
    for (size_t i = 0; i < json_array_size(l.commands); i++) {
        errors += !strcmp(member(&l, i, "command"), "error");
        warnings += !strcmp(member(&l, i, "command"), "warning");
        assert_string_equal(member(&l, i, "file"), "-");
    }
    assert_int_equal(errors, 10);
    assert_int_equal(warnings, 10);
    assert_string_equal(member(&l, 0, "title"), "KP-E-12 FAIL"); /* the worst first */
    assert_int_equal(json_array_size(l.others), 1);
    const char *rest = json_string_value(json_array_get(l.others, 0));
    assert_string_equal(rest, "koppelproef: 6 requirements more, without an annotation: "
                              "KP-E-09 KP-E-10 KP-E-11 KP-W-10 KP-W-11 KP-W-12");
    lines_done(&l);
}

/* What was agreed upon, or was so before, is no news; what expired is. */
static void agreed(void **state)
{
    (void)state;
    json_t *q = requirement("KP-A-01", "fail", "x"),
           *p = requirement("KP-A-02", "fail", "x");
    json_object_set_new(q, "waived", json_pack("{sb}", "expired", 0));
    json_object_set_new(p, "waived", json_pack("{sb}", "expired", 1));
    struct lines l = report(json_pack("[oo]", q, p), LANG_EN, NULL);
    assert_int_equal(json_array_size(l.commands), 1);
    assert_string_equal(member(&l, 0, "title"), "KP-A-02 FAIL");
    lines_done(&l);

    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    json_t *r = json_pack("{s[o],s{s[{ss}]}}", "requirements",
                          requirement("KP-A-03", "fail", "x"), "baseline", "known", "id",
                          "KP-A-03");
    report_github(f, r, LANG_EN, NULL, NULL);
    fclose(f);
    assert_string_equal(text, "");
    free(text);
    json_decref(r);
}

static void less_than_required(void **state)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    json_t *r =
        json_pack("{s[],s{s{si,si,si,si,sf,sf,sf,sb,s[{sf,si}]}}}", "requirements",
                  "reliability", "trials", "rounds", 3, "clean", 3, "failed", 0, "void",
                  0, "lower", 0.3684, "confidence", 0.95, "promised", 0.9, "shown", 0,
                  "furtherCleanRuns", "level", 0.9, "runs", 26);
    (void)state;
    report_github(f, r, LANG_EN, NULL, NULL);
    fclose(f);
    struct lines l = read_lines(text);
    assert_int_equal(json_array_size(l.commands), 1);
    assert_string_equal(member(&l, 0, "title"), "Reliability");
    assert_non_null(strstr(member(&l, 0, "message"), "36.84 % of rounds"));
    assert_non_null(strstr(member(&l, 0, "message"), "26 further clean rounds"));
    lines_done(&l);
    free(text);
    json_decref(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(kinds),
        cmocka_unit_test(only_ten),
        cmocka_unit_test(agreed),
        cmocka_unit_test(less_than_required),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
