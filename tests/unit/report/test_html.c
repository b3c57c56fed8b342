/* The HTML report: whole pages in both languages, nothing of a peer as markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/domain.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/report/finding.h"
#include "harness/report/report.h"
#include "harness/report/tape.h"
#include "harness/wire/journal.h"

#define NASTY  "\"'><script>alert(1)</script><!-- ]]> &amp; \x01"
#define FOLDER "/tmp/koppelproef-html-XXXXXX"

struct place_of {
    char dir[sizeof FOLDER];
    char *journal;
};

static int setup(void **state)
{
    struct place_of *p = xcalloc(1, sizeof *p);
    memcpy(p->dir, FOLDER, sizeof FOLDER);
    if (!mkdtemp(p->dir))
        return -1;
    p->journal = xasprintf("%s/journal.jsonl", p->dir);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place_of *p = *state;
    file_rmtree(p->dir, NULL);
    free(p->journal);
    free(p);
    return 0;
}

/* ---- a small run ---- */

static void call(struct journal *j, const char *from, const char *op, uint64_t began,
                 int status, const char *body, const char *message)
{
    json_t *x = json_pack(
        "{ss,ss,ss,ss,ss,ss,sI,sI,ss,s{ss,ss,s[[ss][ss]],ss},s{si,s[],ss}}", "from", from,
        "to", "koppelpunt", "side", "client", "op", op, "url", "http://127.0.0.1:4711/",
        "tokenUrl", "http://127.0.0.1:4711/oauth2/token", "began", (json_int_t)began,
        "ended", (json_int_t)(began + 2000000), "outcome", "answered", "request",
        "method", "POST", "target", "/v1/x?a='" NASTY, "fields", "Authorization",
        "Bearer secret~0123456789", "X-Test", NASTY, "body",
        "{\"bsn\":\"bsn~0123456789\",\"it\":\"it's\"}", "response", "status", status,
        "fields", "body", body);
    if (message)
        json_object_set_new(x, "message", json_loads(message, 0, NULL));
    journal_event(j, began + 2000000, "exchange", "koppelpunt/late", x);
}

static void event(struct journal *j, uint64_t t, const char *kind, json_t *o)
{
    journal_event(j, t, kind, "koppelpunt/late", o);
}

/* Seq 4 is the exchange that the finding points at. */
static void write_journal(const char *path)
{
    struct mask mask;
    struct journal *j;
    mask_init(&mask, 1);
    assert_int_equal(journal_open(path, &mask, 0, &j, NULL), 0);
    event(j, 10, "scenario", json_pack("{ss}", "phase", "start"));
    event(j, 1000000, "fault",
          json_pack("{ss,ss,ss,ss}", "id", "f1", "phase", "set", "on", NASTY, "what",
                    "503"));
    event(j, 2000000, "truth",
          json_pack("{ss,ss,ss}", "source", "cambo", "application", "a", "status",
                    "SUBMITTED"));
    call(j, "sis:25LH", "statusmeldingen.indienen", 3000000, 503, NASTY,
         "{\"statusmeldingen\":[{\"status\":\"RECEIVED\",\"statussource\":\"SIS\","
         "\"instellingserkenningscode\":\"25LH\"}]}");
    for (uint64_t i = 0; i < 6; i++)
        call(j, "overstapsysteem:x", "aanmeldstatussen.ophalen", 10000000 + i * 3000000,
             200, "{}", NULL);
    event(j, 40000000, "expectation",
          json_pack("{ss,sb,ss}", "what", NASTY, "met", 0, "why", NASTY));
    event(j, 50000000, "scenario",
          json_pack("{ss,ss}", "phase", "end", "outcome", "completed"));
    journal_close(j);
}

static json_t *result(void)
{
    return json_pack(
        "{ss,ss,si,si,si,s{si,si},s[{ss,ss,ss,ss,ss,ss,ss,ss,ss,s[{ss,ss,ss,ss,ss,ss,s[i]"
        ","
        "ss,ss}]}],s[{ss,ss,ss,ss,sf,s{ss,ss},s[s]},{ss,ss,ss}],si,ss,ss,s{ss,ss},s[{ss,"
        "ss,ss}],s[s]}",
        "koppelproef", "1.2", "verdict", "not conform", "exitCode", 1, "planned", 1,
        "judged", 1, "counts", "pass", 0, "fail", 1, "requirements", "id", "KP-AAA-01",
        "level", "M", "role", "koppelpunt", "verdict", "fail", "blame", "system",
        "reason", NASTY, "source", "O", "nl", "De eis.", "en", "The rule.", "findings",
        "scenario", "late", "check", "state", "verdict", "fail", "reason", NASTY, "blame",
        "system", "step", "/steps/1", "seqs", 4, "expected", NASTY, "seen", "RECEIVED",
        "scenarios", "name", "late", "role", "koppelpunt", "verdict", "fail", "reason",
        NASTY, "seconds", 0.05, "title", "nl", "Laat bericht", "en", "Late message",
        "proves", "KP-AAA-01", "name", "../../" NASTY, "role", "koppelpunt", "verdict",
        "pass", "seed", 42, "profile", "proef-1", "started", "<b>23-05-10T10:00:00Z",
        "iut", "name", NASTY, "role", "koppelpunt", "systems", "name", NASTY, "version",
        NASTY, "role", "koppelpunt", "uncovered", NASTY);
}

static char *page(const struct place_of *p, const char *name)
{
    char *path = xasprintf("%s/%s", p->dir, name), *text = NULL;
    size_t n = 0;
    assert_int_equal(file_read(path, 4u << 20, &text, &n, NULL), 0);
    free(path);
    assert_int_equal(n, strlen(text));
    return text;
}

static bool has(const char *text, const char *what)
{
    return strstr(text, what) != NULL;
}

/* ---- a strict reader of markup ---- */

static const char *name_end(const char *s)
{
    while (isalnum((unsigned char)*s) || *s == '-' || *s == ':')
        s++;
    return s;
}

/* Every element is closed in order, every attribute quoted, every "&" an entity. */
static void assert_whole(const char *text)
{
    char open[64][24];
    size_t depth = 0;
    const char *s = strchr(text, '\n'); /* behind the doctype */
    for (; *s; s++) {
        if (*s == '&')
            assert_true(!strncmp(s, "&amp;", 5) || !strncmp(s, "&lt;", 4) ||
                        !strncmp(s, "&gt;", 4) || !strncmp(s, "&quot;", 6) ||
                        !strncmp(s, "&apos;", 6) || !strncmp(s, "&#39;", 5));
        assert_true((unsigned char)*s >= 0x20 || *s == '\n' || *s == '\t');
        if (*s != '<')
            continue;
        bool closes = *++s == '/';
        const char *end = name_end(s += closes);
        size_t n = (size_t)(end - s);
        assert_in_range(n, 1, 23);
        if (closes) {
            assert_true(depth > 0);
            depth--;
            assert_int_equal(strlen(open[depth]), n);
            assert_memory_equal(open[depth], s, n);
            assert_int_equal(*end, '>');
            s = end;
            continue;
        }
        snprintf(open[depth], sizeof open[depth], "%.*s", (int)n, s);
        for (s = end; *s == ' ';) {
            const char *value = name_end(++s);
            assert_true(value > s);
            assert_memory_equal(value, "=\"", 2);
            s = value + 2 + strcspn(value + 2, "\"<");
            assert_int_equal(*s++, '"');
        }
        if (*s == '/')
            s++;
        else
            depth++;
        assert_int_equal(*s, '>');
        assert_true(depth < 64);
    }
    assert_int_equal(depth, 0);
}

/* ---- the tests ---- */

static void test_pages_of_both_languages(void **state)
{
    struct place_of *p = *state;
    static const char *const names[] = {"report.html", "report.en.html",
                                        "scenarios/koppelpunt-late.html",
                                        "scenarios/koppelpunt-late.en.html"};
    json_t *r = result();
    write_journal(p->journal);
    assert_int_equal(report_html(p->dir, r, p->journal, NULL, LANG_NL, NULL), 0);
    json_decref(r);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *text = page(p, names[i]);
        assert_whole(text);
        assert_false(has(text, "<script"));
        assert_false(has(text, "<!--"));
        assert_false(has(text, "src="));
        assert_false(has(text, "url(http"));
        assert_true(has(text, i % 2 ? "<html lang=\"en\">" : "<html lang=\"nl\">"));
        assert_true(has(text, i % 2 ? "The rule." : "De eis."));
        assert_false(has(text, i % 2 ? "De eis." : "The rule."));
        assert_true(has(text, "&lt;script&gt;"));
        assert_true(has(text, "koppelproef replay . late"));
        assert_true(has(text, "<main id=\"main\">"));
        free(text);
    }
}

static void test_what_a_finding_shows(void **state)
{
    struct place_of *p = *state;
    json_t *r = result();
    write_journal(p->journal);
    assert_int_equal(report_html(p->dir, r, p->journal, NULL, LANG_EN, NULL), 0);
    char *front = page(p, "report.html"),
         *own = page(p, "scenarios/koppelpunt-late.html");
    char *dutch = page(p, "report.nl.html");
    assert_true(has(front, "NOT CONFORM"));
    assert_true(has(dutch, "NIET CONFORM"));
    assert_true(has(front, "href=\"scenarios/koppelpunt-late.html\""));
    assert_true(has(dutch, "href=\"scenarios/koppelpunt-late.nl.html\""));
    assert_true(has(own, ">Expected<"));
    assert_true(has(own, ">Seen<"));
    assert_true(has(own, "the system under test"));
    assert_true(has(own, "503"));
    assert_true(has(own, "6× fetches → 200")); /* equal calls are one row */
    assert_true(has(own, "fault f1 set"));
    free(front);
    free(dutch);
    free(own);
    json_decref(r);
}

/* A scenario's name is somebody's text: its page stays in its folder. */
static void test_names_of_pages(void **state)
{
    struct place_of *p = *state;
    char **names;
    size_t n;
    json_t *r = result();
    write_journal(p->journal);
    assert_int_equal(report_html(p->dir, r, p->journal, NULL, LANG_NL, NULL), 0);
    char *folder = xasprintf("%s/scenarios", p->dir);
    assert_int_equal(file_list(folder, &names, &n, NULL), 0);
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++) {
        assert_memory_equal(names[i], "koppelpunt-", 11);
        free(names[i]);
    }
    free(names);
    free(folder);
    json_decref(r);
}

/* Whatever is missing from a result or a journal, there is a page. */
static void test_missing_data(void **state)
{
    struct place_of *p = *state;
    struct err e = {0};
    json_t *r = json_object();
    assert_int_equal(file_write(p->journal, "", 0, NULL), 0);
    assert_int_equal(report_html(p->dir, r, p->journal, NULL, LANG_NL, NULL), 0);
    char *text = page(p, "report.html");
    assert_whole(text);
    free(text);
    json_object_set_new(r, "requirements", json_pack("[{}{ss}]", "verdict", "fail"));
    json_object_set_new(r, "scenarios", json_pack("[{}]"));
    const char *line = "{\"seq\":1,\"kind\":\"exchange\",\"scenario\":\"x\"}\n"
                       "{\"seq\":2,\"kind\":\"exchange\",\"scenario\":\"x\","
                       "\"from\":\"y\"}\n{\"seq\":3,\"kind\":\"fault\","
                       "\"scenario\":\"x\"}\n{\"seq\":4,\"ki";
    assert_int_equal(file_write(p->journal, line, strlen(line), NULL), 0);
    assert_int_equal(report_html(p->dir, r, p->journal, NULL, LANG_EN, NULL), 0);
    text = page(p, "report.html");
    assert_whole(text);
    free(text);
    unlink(p->journal);
    assert_int_equal(report_html(p->dir, r, p->journal, NULL, LANG_EN, &e), E_NOTFOUND);
    json_decref(r);
}

/* What was measured, as result.md has it; null where nothing can be told. */
static const char reliability[] =
    "{\"operations\":[{\"role\":\"koppelpunt\",\"op\":\"token\",\"by\":\"laboratory\","
    "\"calls\":12,\"ok\":10,\"failures\":{\"timeout\":1,\"<b>\":1},\"provoked\":1,"
    "\"unknown\":1,\"success\":{\"n\":10,\"p50\":1.5,\"p90\":2.25,\"p99\":null,"
    "\"p999\":null,\"max\":30},\"failure\":{\"n\":0,\"p50\":null,\"max\":null}},"
    "{\"role\":\"koppelpunt\",\"op\":\"ours\",\"by\":\"system\",\"calls\":1,\"ok\":1,"
    "\"success\":{\"n\":1,\"max\":7}}],"
    "\"availability\":[{\"role\":\"koppelpunt\",\"up\":0.9999999,\"ownUp\":null,"
    "\"down\":[{\"from\":1.5,\"to\":2,\"cause\":\"own\",\"scenario\":\"<i>\","
    "\"recovered\":null}],\"more\":3,\"line\":[{\"from\":0,\"to\":1,\"up\":1,\"down\":0,"
    "\"ours\":0,\"unknown\":0},{\"from\":1,\"to\":2,\"up\":0,\"down\":0.5,\"ours\":0.25,"
    "\"unknown\":0.25}]}],"
    "\"freshness\":[{\"role\":\"koppelpunt\",\"what\":{\"nl\":\"de weg\",\"en\":\"the "
    "way\"},\"n\":3,\"p50\":4,\"p90\":null,\"max\":9,\"open\":2,\"histogram\":[[5,2],"
    "[10,1]]}],"
    "\"staleness\":[{\"role\":\"koppelpunt\",\"aanmeldingen\":5,\"seconds\":2,"
    "\"causes\":{\"system\":0.25,\"silent\":0},\"longest\":{\"system\":0.5},"
    "\"moments\":[{\"t\":0,\"stale\":{\"system\":2}},{\"t\":1,\"stale\":{}}]}],"
    "\"trials\":{\"rounds\":3,\"clean\":2,\"failed\":1,\"void\":0,\"asked\":{\"repeat\":"
    "3},"
    "\"confidence\":0.95,\"lower\":0.13,\"promised\":null,\"shown\":null,"
    "\"furtherCleanRuns\":[],\"failedRounds\":[2],\"scenarios\":[{\"name\":\"late\","
    "\"role\":\"koppelpunt\",\"of\":3,\"failed\":1,\"lower\":0.1353}],"
    "\"note\":{\"nl\":\"n\",\"en\":\"n\"}}}";

static void test_what_was_measured(void **state)
{
    static const char *const shown[] = {"Koppelpunt: bereikbaarheid",
                                        "<strong>99,999%</strong>", /* never rounded up */
                                        "het systeem zelf</td>",
                                        "3 keer meer staat in",
                                        "&lt;i&gt;",
                                        ">de weg<",
                                        "tot 5 ms",
                                        "door het systeem</td>",
                                        "25,000%",
                                        "1× te laat, 1× &lt;b&gt;",
                                        "p90 2.2 ms",
                                        "2 van 3 rondes schoon, 1 mislukt (ronde 2).",
                                        "13,53%",
                                        "fill=\"url(#fill-f)\""};
    static const char *const hidden[] = {"zonder wat de proef zelf deed", "p99 30",
                                         "p50 7.0", "100,000%"};
    struct place_of *p = *state;
    json_t *r = result();
    json_object_set_new(r, "reliability", json_loads(reliability, 0, NULL));
    write_journal(p->journal);
    assert_int_equal(report_html(p->dir, r, p->journal, NULL, LANG_NL, NULL), 0);
    char *text = page(p, "report.html");
    assert_whole(text);
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        if (!has(text, shown[i]))
            fail_msg("not there: %s", shown[i]);
    for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
        if (has(text, hidden[i]))
            fail_msg("there: %s", hidden[i]);
    free(text);
    json_decref(r);
}

/* One cause of everything is told once, not with every requirement. */
static void test_one_cause(void **state)
{
    struct place_of *p = *state;
    json_t *r = result(), *list = json_object_get(r, "requirements");
    json_t *q = json_array_get(list, 0);
    json_object_set_new(q, "reason", json_string("it never became ready"));
    json_object_set_new(json_array_get(json_object_get(q, "findings"), 0), "reason",
                        json_string("it never became ready"));
    for (int i = 0; i < 5; i++)
        json_array_append_new(list, json_deep_copy(q));
    write_journal(p->journal);
    assert_int_equal(report_html(p->dir, r, p->journal, NULL, LANG_EN, NULL), 0);
    char *text = page(p, "report.html");
    assert_whole(text);
    assert_true(has(text, "One cause for all 6"));
    const char *first = strstr(text, "<article");
    assert_non_null(first);
    assert_null(strstr(first + 1, "<article"));
    free(text);
    json_array_append_new(list, json_pack("{ss,ss,ss}", "verdict", "fail", "reason",
                                          "another one", "role", "koppelpunt"));
    assert_int_equal(report_html(p->dir, r, p->journal, NULL, LANG_EN, NULL), 0);
    text = page(p, "report.html");
    assert_false(has(text, "One cause"));
    free(text);
    json_decref(r);
}

/* Hundreds of failures with large values stay below the limit of the first page. */
static void test_first_page_is_bounded(void **state)
{
    struct place_of *p = *state;
    json_t *r = result(), *list = json_object_get(r, "requirements");
    char *large = xmalloc(20001);
    memset(large, '<', 20000);
    large[20000] = 0;
    json_t *q = json_array_get(list, 0),
           *f = json_array_get(json_object_get(q, "findings"), 0);
    json_object_set_new(f, "seen", json_string(large));
    for (int i = 0; i < 300; i++) {
        json_t *copy = json_deep_copy(q);
        json_object_set_new(copy, "reason", json_sprintf("reason %d", i));
        json_array_append_new(list, copy);
    }
    write_journal(p->journal);
    assert_int_equal(report_html(p->dir, r, p->journal, NULL, LANG_NL, NULL), 0);
    char *text = page(p, "report.html");
    assert_in_range(strlen(text), 300000, (1u << 20) - 1);
    assert_whole(text);
    free(text);
    free(large);
    json_decref(r);
}

static void test_curl(void **state)
{
    struct place_of *p = *state;
    struct tape *t;
    struct buf b;
    json_t *r = result();
    write_journal(p->journal);
    assert_int_equal(tape_read(p->journal, r, &t, NULL), 0);
    const struct witness *w = tape_witness(t, 4);
    assert_non_null(w);
    buf_init(&b, 10000);
    assert_true(curl_add(&b, w->exchange, NULL));
    assert_true(has(b.p, "URL='http://127.0.0.1:4711'\n"));
    assert_true(has(b.p, "SECRET='SECRET'\n"));
    assert_true(has(b.p, "TOKEN=$(curl -s \"$URL\"'/oauth2/token'"
                         " -u 'sis-25LH:'\"$SECRET\" "));
    assert_true(has(b.p, "-H \"Authorization: Bearer $TOKEN\""));
    assert_true(has(b.p, "\"it\":\"it'\\''s\"")); /* quoted for a shell */
    const char *bsn = strstr(b.p, "BSN1='");
    assert_non_null(bsn);
    assert_true(bsn_valid(bsn + 6, 9));
    assert_true(has(b.p, "{\"bsn\":\"'\"$BSN1\"'\",")); /* outside the quotes */
    assert_false(has(b.p, "bsn~"));
    json_t *cut = json_deep_copy(w->exchange);
    json_object_set_new(json_object_get(cut, "request"), "bytes", json_integer(99999));
    assert_false(curl_add(&b, cut, NULL));
    json_decref(cut);
    buf_done(&b);
    tape_free(t);
    json_decref(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pages_of_both_languages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_a_finding_shows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_of_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_data, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_was_measured, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_cause, setup, teardown),
        cmocka_unit_test_setup_teardown(test_first_page_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_curl, setup, teardown),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
