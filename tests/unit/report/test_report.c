/* The same result on a terminal, as JUnit and as JSON. */
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
#include "harness/report/texts.h"

static json_t *requirement(const char *id, const char *role, const char *verdict,
                           const char *blame, const char *reason)
{
    json_t *r = json_pack("{ss,ss,ss,ss,ss,ss,ss,s[]}", "id", id, "level", "M", "role",
                          role, "verdict", verdict, "reason", reason, "nl",
                          "Een eis van één zin, die lang genoeg is om over meer dan een "
                          "regel te gaan wanneer zij niet goed is gegaan.",
                          "en", "A requirement of one sentence.", "findings");
    if (blame)
        json_object_set_new(r, "blame", json_string(blame));
    return r;
}

static void finding(json_t *r, const char *reason, const char *seen)
{
    json_array_append_new(json_object_get(r, "findings"),
                          json_pack("{ss,ss,sO,ss,ss,ss,s[ii],ss,ss}", "scenario", "late",
                                    "check", "state", "verdict",
                                    json_object_get(r, "verdict"), "reason", reason,
                                    "blame", "system", "step", "/steps/3", "seqs", 12, 15,
                                    "expected", "ENROLLED", "seen", seen));
}

/* One of each verdict. */
static json_t *result(void)
{
    json_t *o = json_pack(
        "{ss,ss,si,s[ii],si,si,s{si,si,si,si,si,si,si},s[],s[{ss,ss,sf}],si,ss,ss,ss,"
        "s[{ss,ss,ss}],s[s]}",
        "koppelproef", "1.2", "verdict", "not conform", "exitCode", 1, "exitCodes", 1, 4,
        "planned", 7, "judged", 5, "counts", "pass", 1, "fail", 1, "warn", 1,
        "not-applicable", 1, "not-observed", 1, "inconclusive", 1, "error", 1,
        "requirements", "scenarios", "name", "late", "role", "koppelpunt", "seconds",
        1.25, "seed", 42, "planDigest", "abc", "profile", "proef-1", "started",
        "2023-05-10T10:00:00Z", "systems", "name", "Voorbeeld", "version", "4.2", "role",
        "koppelpunt", "uncovered", "KP-XXX-01");
    json_t *list = json_object_get(o, "requirements");
    json_t *fail =
        requirement("KP-AAA-02", "koppelpunt", "fail", "system", "it is <wrong>");
    finding(fail, "it is <wrong>", "RECEIVED & \033[31mmore");
    json_array_append_new(
        list, requirement("KP-AAA-01", "koppelpunt", "pass", NULL, "held 3 times"));
    json_array_append_new(list, fail);
    json_array_append_new(list, requirement("KP-AAA-03", "koppelpunt", "warn", "system",
                                            "should be better"));
    json_array_append_new(list, requirement("KP-AAA-04", "koppelpunt", "not-applicable",
                                            "configuration", "not declared"));
    json_array_append_new(list,
                          requirement("OS-AAA-05", "overstapsysteem", "not-observed",
                                      "environment", "unreachable"));
    json_array_append_new(list, requirement("OS-AAA-06", "overstapsysteem",
                                            "inconclusive", "system", "too soon"));
    json_array_append_new(list, requirement("KT-07", "keten", "error", "harness",
                                            "our own message was wrong"));
    return o;
}

static char *console(const json_t *r, enum lang lang, bool colour)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    assert_non_null(f);
    report_console(f, r, "build/run/1", lang, colour);
    fclose(f);
    return text;
}

static size_t place(const char *text, const char *what)
{
    const char *p = strstr(text, what);
    if (!p)
        fail_msg("\"%s\" is not in:\n%s", what, text);
    return (size_t)(p - text);
}

static void on_the_terminal(void **state)
{
    json_t *r = result();
    char *t = console(r, LANG_NL, false);
    (void)state;
    assert_true(place(t, "KP-AAA-02") < place(t, "KP-AAA-03"));
    assert_true(place(t, "KP-AAA-03") < place(t, "KP-AAA-01"));
    assert_true(place(t, "KP-AAA-01") < place(t, "OS-AAA-06"));
    assert_true(place(t, "OS-AAA-06") < place(t, "KT-07"));
    assert_true(place(t, "KT-07") < place(t, "5/7 eisen beoordeeld: 1 goed"));
    place(t, "Koppelpunt: Voorbeeld 4.2");
    place(t, "it is <wrong>");
    place(t, "scenario late, stap /steps/3, journaalregel 12, 15");
    place(t, "Ligt aan  het systeem");
    place(t, "Herstel dit in het systeem");
    place(t, "NIET CONFORM");
    place(t, "(Afsluitcode 1)");
    place(t, "KP-XXX-01");
    place(t, "Bestanden: build/run/1");
    assert_null(strchr(t, '\033')); /* neither ours nor a peer's */
    free(t);
    t = console(r, LANG_EN, false);
    place(t, "5/7 requirements judged: 1 pass");
    place(t, "NOT CONFORM");
    place(t, "Due to    the system under test");
    assert_null(strstr(t, "Herstel"));
    free(t);
    json_decref(r);
}

/* What isn't applicable takes one line, and the same advice is given once. */
static void in_short(void **state)
{
    json_t *r = result();
    json_t *list = json_object_get(r, "requirements");
    (void)state;
    json_object_set_new(json_array_get(list, 3), "capability", json_string("strict"));
    json_array_append_new(
        list, requirement("KP-AAA-09", "koppelpunt", "fail", "system", "also wrong"));
    char *t = console(r, LANG_EN, false);
    const char *line = t + place(t, "KP-AAA-04");
    const char *end = strchr(line, '\n');
    assert_non_null(end);
    assert_true(place(line, "(not declared: strict)\n") < (size_t)(end - line));
    place(t, "(KP-AAA-02, KP-AAA-09)");
    const char *advice = text_advice("fail", "system", LANG_EN);
    assert_null(strstr(t + place(t, advice) + 1, advice));
    free(t);
    json_decref(r);
}

/* By a waiver a failure is skipped in JUnit and blocks nothing, until it expires. */
static void waived(void **state)
{
    json_t *r = result();
    json_t *fail = json_array_get(json_object_get(r, "requirements"), 1);
    char path[] = "/tmp/koppelproef-waived-XXXXXX", *xml = NULL;
    size_t n;
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    for (int expired = 0; expired < 2; expired++) {
        json_object_set_new(fail, "waived",
                            json_pack("{ss,ss,ss,ss,sb}", "reason", "known <it>", "owner",
                                      "team", "link", "https://x.example", "expires",
                                      "2027-01-31", "expired", expired));
        assert_int_equal(report_junit(path, r, LANG_EN, NULL), 0);
        assert_int_equal(file_read(path, 1u << 20, &xml, &n, NULL), 0);
        assert_int_equal(strstr(xml, "<failure") != NULL, expired);
        assert_int_equal(strstr(xml, "blocks-conformity.KP-AAA-02") != NULL, expired);
        assert_int_equal(strstr(xml, "waived until 2027-01-31 by team "
                                     "(https://x.example): known &lt;it&gt;") != NULL,
                         !expired);
        free(xml);
        char *t = console(r, LANG_EN, false);
        place(t, "  Waived    known <it>");
        place(t, expired ? "EXPIRED after 2027-01-31" : "until 2027-01-31, team");
        free(t);
    }
    remove(path);
    json_decref(r);
}

/* No line is wider than 100 columns. */
static void widths(void **state)
{
    json_t *r = result();
    char *t = console(r, LANG_NL, false);
    size_t column = 0;
    (void)state;
    for (const char *p = t; *p; p++) {
        column = *p == '\n' ? 0 : column + (((unsigned char)*p & 0xC0) != 0x80);
        assert_true(column <= 100);
    }
    free(t);
    json_decref(r);
}

static void colours(void **state)
{
    json_t *r = result();
    char *t = console(r, LANG_NL, true);
    (void)state;
    place(t, "\033[1;31mFOUT\033[0m");
    assert_null(strstr(t, "\033[31mmore")); /* a peer's text can't colour */
    free(t);
    json_decref(r);
}

/* A flaky requirement shows the failures, with their rounds, and counts as one. */
static void flaky(void **state)
{
    json_t *r = result();
    json_t *q = json_array_get(json_object_get(r, "requirements"), 1);
    char path[] = "/tmp/koppelproef-flaky-XXXXXX", *xml = NULL;
    size_t n;
    int fd = mkstemp(path);
    (void)state;
    close(fd);
    json_object_set_new(q, "verdict", json_string("flaky"));
    json_object_set_new(q, "reason",
                        json_string("failed in 1 of 50 rounds, first in round 17: x"));
    json_object_set_new(json_array_get(json_object_get(q, "findings"), 0), "round",
                        json_integer(17));
    char *t = console(r, LANG_NL, true);
    place(t, "\033[1;31mWISSELEND\033[0m");
    place(t, "it is <wrong>");
    place(t, "scenario late, stap /steps/3, ronde 17, journaalregel 12, 15");
    free(t);
    assert_int_equal(report_junit(path, r, LANG_EN, NULL), 0);
    assert_int_equal(file_read(path, 1u << 20, &xml, &n, NULL), 0);
    place(xml, " tests=\"4\" failures=\"1\"");
    place(xml, "<failure message=\"failed in 1 of 50 rounds");
    place(xml, "blocks-conformity.KP-AAA-02\" value=\"flaky\"");
    free(xml);
    remove(path);
    json_decref(r);
}

static void reliability(json_t *r, const char *json)
{
    json_t *trials = json_loads(json, 0, NULL);
    assert_non_null(trials);
    json_object_set_new(r, "reliability", json_pack("{so}", "trials", trials));
}

/* What the rounds showed, in a sentence; nothing of a run that had one. */
static void rounds(void **state)
{
    json_t *r = result();
    (void)state;
    reliability(r, "{\"rounds\":1,\"clean\":1,\"failed\":0,\"void\":0,\"lower\":0.05,"
                   "\"confidence\":0.95,\"promised\":null,\"shown\":null}");
    assert_null(text_trials(r, LANG_EN));
    reliability(r, "{\"rounds\":52,\"clean\":49,\"failed\":1,\"void\":2,"
                   "\"lower\":0.908601869,\"confidence\":0.95,\"promised\":0.99,"
                   "\"shown\":false,\"asked\":{\"repeat\":60},\"failedRounds\":[17],"
                   "\"voidRounds\":[{\"round\":4,\"why\":\"the disk is full\"},"
                   "{\"round\":5,\"why\":\"x\"}],\"furtherCleanRuns\":"
                   "[{\"level\":0.99,\"runs\":423}]}");
    char *t = text_trials(r, LANG_EN);
    assert_string_equal(
        t,
        "49 of 50 rounds clean, 1 failed (round 17). 60 were asked for. 2 rounds prove "
        "nothing, the first: round 4 (the disk is full). With 95 % confidence at least "
        "90.86 % of rounds are clean. What is required is 99 %: NOT SHOWN; 423 further "
        "clean rounds would do.");
    free(t);
    t = text_trials(r, LANG_NL);
    place(t, "Met 95 % zekerheid is minstens 90,86 % van de rondes schoon.");
    free(t);
    t = console(r, LANG_EN, false);
    place(t, "\nReliability: 49 of 50 rounds clean");
    free(t);
    reliability(r, "{\"rounds\":30,\"clean\":30,\"failed\":0,\"void\":0,"
                   "\"lower\":0.904966147,\"confidence\":0.95,\"promised\":null,"
                   "\"shown\":null,\"asked\":{\"for\":60},\"failedRounds\":[],"
                   "\"voidRounds\":[],\"furtherCleanRuns\":[{\"level\":0.9,\"runs\":0},"
                   "{\"level\":0.95,\"runs\":29},{\"level\":0.99,\"runs\":269}]}");
    t = text_trials(r, LANG_EN);
    assert_string_equal(
        t, "30 of 30 rounds clean. With 95 % confidence at least 90.49 % of "
           "rounds are clean. To show more: 29 further clean rounds for 95 %, "
           "269 further clean rounds for 99 %.");
    free(t);
    json_decref(r);
}

static void empty(void **state)
{
    json_t *r =
        json_pack("{ss,si,s[]}", "verdict", "incomplete", "exitCode", 4, "requirements");
    char *t = console(r, LANG_EN, false);
    (void)state;
    place(t, "Nothing was judged.");
    free(t);
    json_decref(r);
}

static char *temporary(void)
{
    char *path = xstrdup("/tmp/koppelproef-report-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    return path;
}

static void junit(void **state)
{
    json_t *r = result();
    char *path = temporary(), *t = NULL;
    size_t n;
    struct err e = {0};
    (void)state;
    assert_int_equal(report_junit(path, r, LANG_EN, &e), 0);
    assert_int_equal(file_read(path, 1 << 20, &t, &n, &e), 0);
    place(t, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>");
    place(t, "<testsuite name=\"koppelproef.koppelpunt\" tests=\"4\" failures=\"1\" "
             "errors=\"0\" "
             "skipped=\"1\" time=\"1.250\" timestamp=\"2023-05-10T10:00:00\">");
    place(t, "<testsuite name=\"koppelproef.overstapsysteem\" tests=\"2\" failures=\"0\" "
             "errors=\"0\" skipped=\"2\"");
    place(
        t,
        "<testsuite name=\"koppelproef.keten\" tests=\"1\" failures=\"0\" errors=\"1\"");
    place(t, "<failure message=\"it is &lt;wrong&gt;\" type=\"system\">");
    place(t, "<skipped message=\"not-applicable: not declared\"/>");
    place(t, "<skipped message=\"inconclusive: too soon\"/>");
    place(t, "<error message=\"our own message was wrong\" type=\"harness\">");
    place(t, "<property name=\"blocks-conformity.OS-AAA-05\" value=\"not-observed\"/>");
    place(t, "<property name=\"seed\" value=\"42\"/>");
    assert_null(strstr(t, "blocks-conformity.KP-AAA-04"));
    assert_null(strchr(t, '\033'));
    free(t);
    assert_int_not_equal(report_junit("/nowhere/at/all.xml", r, LANG_EN, &e), 0);
    unlink(path);
    free(path);
    json_decref(r);
}

static void json(void **state)
{
    json_t *r = result(), *back = NULL;
    char *path = temporary();
    struct err e = {0};
    (void)state;
    assert_int_equal(report_json(path, r, &e), 0);
    assert_int_equal(file_read_json(path, &back, &e), 0);
    assert_true(json_same(r, back));
    unlink(path);
    free(path);
    json_decref(back);
    json_decref(r);
}

/* Every text exists in both languages, and they differ in kind, not in number. */
static void both_languages(void **state)
{
    static const char *const verdicts[] = {"fail",          "warn",  "not-observed",
                                           "error",         "flaky", "inconclusive",
                                           "not-applicable"};
    static const char *const blames[] = {NULL, "system", "configuration", "environment",
                                         "harness"};
    (void)state;
    for (int t = 0; t < TEXT_COUNT; t++)
        for (int l = LANG_NL; l <= LANG_EN; l++) {
            assert_non_null(text_of((enum text)t, (enum lang)l));
            assert_true(*text_of((enum text)t, (enum lang)l));
        }
    for (size_t v = 0; v < ARRAY_LEN(verdicts); v++)
        for (size_t b = 0; b < ARRAY_LEN(blames); b++) {
            const char *nl = text_advice(verdicts[v], blames[b], LANG_NL);
            const char *en = text_advice(verdicts[v], blames[b], LANG_EN);
            assert_true(*nl && *en);
            assert_string_not_equal(nl, en);
        }
    assert_string_equal(text_verdict("something", LANG_NL), "something");
    assert_string_equal(text_blame("system", LANG_NL), "het systeem");
    assert_string_equal(text_advice("pass", NULL, LANG_NL), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_the_terminal), cmocka_unit_test(in_short),
        cmocka_unit_test(waived),          cmocka_unit_test(widths),
        cmocka_unit_test(colours),         cmocka_unit_test(empty),
        cmocka_unit_test(junit),           cmocka_unit_test(json),
        cmocka_unit_test(both_languages),  cmocka_unit_test(flaky),
        cmocka_unit_test(rounds),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
