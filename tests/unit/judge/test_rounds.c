/* Journals with rounds: what is flaky, which rounds are clean, what they show. A round of
 * a scenario is a letter:
 *   p  its requirement KP-INT-03 is met     f  it is not
 *   e  it is not, by our environment        u  it could not be observed
 *   n  nothing was said about it            c  the journal breaks off in it
 *   g  the preflight failed                 t  it is met, and there was other trouble
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/judge/judge.h"

#define ID    "KP-INT-03"
#define FLAGS (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))

static struct requirements *requirements;

static int setup(void **state)
{
    struct err e = {0};
    (void)state;
    return requirements_load(SOURCE_DIR "/fixtures/requirements.json", &requirements, &e);
}

static int teardown(void **state)
{
    (void)state;
    requirements_free(requirements);
    return 0;
}

/* ---- journals ---- */

struct journal {
    struct buf b;
    unsigned seq;
};

static void line(struct journal *j, const char *rest)
{
    j->seq++;
    buf_addf(&j->b, "{\"seq\":%u,\"t\":%u000000,%s}\n", j->seq, j->seq, rest);
}

static void expectation(struct journal *j, const char *scenario, char what)
{
    char text[400];
    if (!strchr("pfeut", what))
        return;
    snprintf(
        text, sizeof text,
        "\"kind\":\"expectation\",\"scenario\":\"koppelpunt/%s\",\"step\":\"/steps/1\","
        "\"proves\":[\"" ID "\"],\"what\":\"it came true\",\"met\":%s,"
        "\"why\":\"%s\"%s",
        scenario,
        strchr("pt", what) ? "true"
        : what == 'u'      ? "null"
                           : "false",
        strchr("pt", what) ? "" : "it did not",
        what == 'e' ? ",\"blame\":\"environment\"" : "");
    line(j, text);
}

static void conversation(struct journal *j, const char *scenario, char what)
{
    char text[1200];
    snprintf(text, sizeof text,
             "\"kind\":\"scenario\",\"scenario\":\"koppelpunt/%s\",\"phase\":\"start\","
             "\"proves\":[\"" ID "\"],\"title\":{\"nl\":\"s\",\"en\":\"s\"}",
             scenario);
    line(j, text);
    /* An answer of the contract: the koppelpunt did something that only a real one does.
     */
    snprintf(text, sizeof text,
             "\"kind\":\"exchange\",\"scenario\":\"koppelpunt/%s\",\"from\":"
             "\"overstapsysteem:intergrip\",\"to\":\"koppelpunt\",\"side\":\"client\","
             "\"op\":\"token\",\"began\":1,\"ended\":2,\"outcome\":\"answered\","
             "\"request\":{\"method\":\"POST\",\"target\":\"/v1/x\",\"fields\":"
             "[[\"X-Request-Id\",\"kp-1\"]]},\"response\":{\"status\":200,\"fields\":"
             "[[\"API-Version\",\"1.0.0\"],[\"Cache-Control\",\"no-store\"],"
             "[\"X-Content-Type-Options\",\"nosniff\"],[\"X-Frame-Options\",\"DENY\"],"
             "[\"Content-Security-Policy\",\"frame-ancestors 'none'\"],"
             "[\"X-Request-Id\",\"kp-1\"],[\"Content-Type\",\"application/json\"]]},"
             "\"answer\":{\"access_token\":\"secret~0000000001\","
             "\"token_type\":\"Bearer\",\"expires_in\":900}",
             scenario);
    line(j, text);
    expectation(j, scenario, what);
    if (what == 't')
        line(j, "\"kind\":\"trouble\",\"blame\":\"harness\",\"text\":\"we lost count\"");
    if (what == 'c')
        return;
    snprintf(text, sizeof text,
             "\"kind\":\"scenario\",\"scenario\":\"koppelpunt/%s\",\"phase\":\"end\","
             "\"outcome\":\"completed\"",
             scenario);
    line(j, text);
}

/* A journal with the scenario "a", and "b" when it is not NULL: a letter per round. */
static void journal(struct journal *j, const char *a, const char *b)
{
    size_t n = strlen(a);
    char text[700];
    buf_init(&j->b, 64u << 20);
    j->seq = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0)
            snprintf(
                text, sizeof text,
                "\"kind\":\"run\",\"role\":\"koppelpunt\",\"profile\":\"proef-1\","
                "\"seed\":1,\"wall\":\"2023-05-10T10:00:00Z\",\"iut\":{\"name\":\"V\","
                "\"version\":\"1\",\"capabilities\":[]},\"round\":1,\"repeat\":%zu,"
                "\"planned\":[{\"scenario\":\"koppelpunt/a\",\"proves\":[\"" ID "\"]}"
                "%s]",
                n, b ? ",{\"scenario\":\"koppelpunt/b\",\"proves\":[\"" ID "\"]}" : "");
        else
            snprintf(text, sizeof text,
                     "\"kind\":\"run\",\"role\":\"koppelpunt\",\"round\":%zu", i + 1);
        line(j, text);
        line(j, a[i] == 'g'
                    ? "\"kind\":\"preflight\",\"ok\":false,\"faults\":[{\"blame\":"
                      "\"environment\",\"text\":\"nothing listens\"}]"
                    : "\"kind\":\"preflight\",\"ok\":true,\"faults\":[]");
        if (a[i] != 'g')
            conversation(j, "a", a[i]);
        if (a[i] != 'g' && a[i] != 'c' && b)
            conversation(j, "b", b[i]);
        if (a[i] != 'c' && (!b || b[i] != 'c'))
            line(j, i + 1 < n ? "\"kind\":\"end\",\"reason\":\"round\""
                              : "\"kind\":\"end\",\"reason\":\"finished\"");
    }
}

static json_t *judged_with(const char *a, const char *b, const struct exceptions *x)
{
    char path[] = "/tmp/koppelproef-rounds-XXXXXX";
    struct err e = {0};
    struct journal j;
    json_t *result = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    journal(&j, a, b);
    assert_int_equal(file_write(path, j.b.p, j.b.n, &e), 0);
    buf_done(&j.b);
    if (judge_journal_with(path, requirements, x, &result, &e))
        fail_msg("%s: %s", a, e.text);
    unlink(path);
    return result;
}

static json_t *judged(const char *a, const char *b)
{
    return judged_with(a, b, NULL);
}

/* ---- what is in a result ---- */

static const json_t *of(const json_t *result, const char *list, const char *key,
                        const char *id)
{
    const json_t *all = json_object_get(result, list);
    for (size_t i = 0; i < json_array_size(all); i++)
        if (!strcmp(json_text(json_array_get(all, i), key), id))
            return json_array_get(all, i);
    fail_msg("%s is not in the result", id);
    return NULL;
}

static const json_t *requirement(const json_t *result)
{
    return of(result, "requirements", "id", ID);
}

static const json_t *trials(const json_t *result)
{
    return json_object_get(json_object_get(result, "reliability"), "trials");
}

static void same(const json_t *seen, const char *want)
{
    char *text = seen ? json_dumps(seen, FLAGS) : xstrdup("-");
    assert_string_equal(text, want);
    free(text);
}

static double real(const json_t *o, const char *key)
{
    return json_number_value(json_object_get(o, key));
}

/* ---- verdicts ---- */

static void verdicts_over_rounds(void **state)
{
    static const struct {
        const char *a, *b, *verdict, *codes, *flaky, *clean, *failed, *void_;
    } rows[] = {
        /* KP-API-01 and others are never seen here: that is so in every round (4). */
        {"ppppp", NULL, "pass", "[4]", "-", "5", "[]", "[]"},
        {"fffff", NULL, "fail", "[1,4]", "-", "0", "[1,2,3,4,5]", "[]"},
        {"ppfpp", NULL, "flaky", "[6,4]", "{\"failed\":1,\"of\":5,\"rounds\":[3]}", "4",
         "[3]", "[]"},
        {"fpfpp", NULL, "flaky", "[6,4]", "{\"failed\":2,\"of\":5,\"rounds\":[1,3]}", "3",
         "[1,3]", "[]"},
        /* Failed by one scenario or the other, but in all rounds. */
        {"ffp", "ppf", "fail", "[1,4]", "-", "0", "[1,2,3]", "[]"},
        /* Not judged in the others: no reason to call that passed. */
        {"fuu", NULL, "fail", "[1,4]", "-", "0", "[1]", "[2,3]"},
        {"fup", NULL, "flaky", "[6,4]", "{\"failed\":1,\"of\":2,\"rounds\":[1]}", "1",
         "[1]", "[2]"},
        /* What is judged elsewhere and could not be judged here might have failed. */
        {"pup", NULL, "not-observed", "[4]", "-", "2", "[]", "[2]"},
        {"pnp", NULL, "not-observed", "[4]", "-", "2", "[]", "[2]"},
        {"ppp", "pup", "not-observed", "[4]", "-", "2", "[]", "[2]"},
        {"uuu", NULL, "not-observed", "[4]", "-", "0", "[]", "[1,2,3]"},
        /* Trouble of ours is nobody's failure, and is not forgotten. */
        {"pep", NULL, "error", "[3,4]", "-", "2", "[]", "[2]"},
        {"ptp", NULL, "pass", "[5,4]", "-", "2", "[]", "[2]"},
        {"fep", NULL, "error", "[3,6,4]", "{\"failed\":1,\"of\":2,\"rounds\":[1]}", "1",
         "[1]", "[2]"},
        {"ppg", NULL, "not-observed", "[3,4]", "-", "2", "[]", "[3]"},
        /* A failure is one, whatever else there was in that round. */
        {"pfp", "pep", "error", "[3,6,4]", "{\"failed\":1,\"of\":3,\"rounds\":[2]}", "2",
         "[2]", "[]"},
        /* Cut off: what is complete is judged. */
        {"ppc", NULL, "pass", "[130,4]", "-", "2", "[]", "[3]"},
        {"ppp", "ppc", "pass", "[130,4]", "-", "2", "[]", "[3]"},
        {"pfc", NULL, "flaky", "[130,6,4]", "{\"failed\":1,\"of\":2,\"rounds\":[2]}", "1",
         "[2]", "[3]"},
        {"c", NULL, "not-observed", "[130,4]", "-", "0", "[]", "[1]"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *r = judged(rows[i].a, rows[i].b);
        const json_t *t = trials(r), *v = json_object_get(t, "voidRounds");
        json_t *numbers = json_array();
        print_message("%s %s\n", rows[i].a, rows[i].b ? rows[i].b : "");
        assert_string_equal(json_text(requirement(r), "verdict"), rows[i].verdict);
        same(json_object_get(r, "exitCodes"), rows[i].codes);
        same(json_object_get(requirement(r), "flaky"), rows[i].flaky);
        same(json_object_get(t, "clean"), rows[i].clean);
        same(json_object_get(t, "failedRounds"), rows[i].failed);
        for (size_t k = 0; k < json_array_size(v); k++)
            json_array_append(numbers, json_object_get(json_array_get(v, k), "round"));
        same(numbers, rows[i].void_);
        assert_int_equal(json_integer_value(json_object_get(t, "rounds")),
                         strlen(rows[i].a));
        assert_int_equal(json_integer_value(json_object_get(t, "clean")) +
                             json_integer_value(json_object_get(t, "failed")) +
                             json_integer_value(json_object_get(t, "void")),
                         strlen(rows[i].a));
        json_decref(numbers);
        json_decref(r);
    }
}

/* A run with rounds to come is not over, whatever its last line. */
static void more_was_to_come(void **state)
{
    char path[] = "/tmp/koppelproef-rounds-XXXXXX";
    struct err e = {0};
    struct journal j;
    json_t *result = NULL;
    (void)state;
    close(mkstemp(path));
    journal(&j, "ppp", NULL);
    char *third = strstr(j.b.p, "\"round\":3");
    while (*third != '\n')
        third--;
    assert_int_equal(file_write(path, j.b.p, (size_t)(third + 1 - j.b.p), &e), 0);
    assert_int_equal(judge_journal(path, requirements, &result, &e), 0);
    assert_string_equal(json_text(result, "verdict"), "interrupted");
    same(json_object_get(trials(result), "clean"), "2");
    same(json_object_get(trials(result), "asked"), "{\"repeat\":3}");
    unlink(path);
    buf_done(&j.b);
    json_decref(result);
}

static void in_words(void **state)
{
    (void)state;
    json_t *r = judged("ppfpf", NULL);
    const json_t *q = requirement(r), *f = json_object_get(q, "findings");
    assert_string_equal(json_text(r, "verdict"), "not conform");
    assert_string_equal(json_text(q, "reason"),
                        "failed in 2 of 5 rounds, first in round 3: it did not");
    assert_string_equal(json_text(q, "blame"), "system");
    assert_int_equal(json_array_size(f), 2);
    same(json_object_get(json_array_get(f, 0), "round"), "3");
    same(json_object_get(json_array_get(f, 1), "round"), "5");
    same(json_object_get(json_object_get(r, "counts"), "flaky"), "1");
    const json_t *s = of(r, "scenarios", "name", "a");
    assert_string_equal(json_text(s, "verdict"), "flaky");
    same(json_object_get(s, "flaky"), "{\"failed\":2,\"of\":5,\"rounds\":[3,5]}");
    same(json_object_get(s, "round"), "3");
    json_decref(r);
    r = judged("ppp", NULL);
    same(json_object_get(of(r, "scenarios", "name", "a"), "round"), "1");
    json_decref(r);
}

/* The first findings are kept, and a worse one drives out a lesser one. */
static void many_findings(void **state)
{
    char letters[65];
    (void)state;
    memset(letters, 'u', 64);
    letters[64] = 0;
    letters[60] = 'f';
    letters[0] = 'p';
    json_t *r = judged(letters, NULL);
    const json_t *q = requirement(r), *f = json_object_get(q, "findings");
    size_t fails = 0;
    assert_string_equal(json_text(q, "verdict"), "flaky");
    assert_int_equal(json_array_size(f), 20);
    for (size_t i = 0; i < json_array_size(f); i++)
        fails += !strcmp(json_text(json_array_get(f, i), "verdict"), "fail");
    assert_int_equal(fails, 1);
    json_decref(r);
}

/* ---- what is shown ---- */

static void bound(void **state)
{
    char letters[301];
    (void)state;
    memset(letters, 'p', 300);
    letters[300] = 0;
    const struct exceptions x = {.promised = 0.99, .confidence = 0.95};
    json_t *r = judged_with(letters, NULL, &x);
    const json_t *t = trials(r);
    assert_true(fabs(real(t, "lower") - pow(0.05, 1.0 / 300)) < 2e-9);
    assert_true(json_is_true(json_object_get(t, "shown")));
    same(json_object_get(t, "furtherCleanRuns"), "[{\"level\":0.99,\"runs\":0}]");
    same(json_object_get(r, "exitCodes"), "[4]");
    json_decref(r);
    letters[298] = 0;
    r = judged_with(letters, NULL, &x);
    t = trials(r);
    assert_true(json_is_false(json_object_get(t, "shown")));
    same(json_object_get(t, "furtherCleanRuns"), "[{\"level\":0.99,\"runs\":1}]");
    same(json_object_get(r, "exitCodes"), "[6,4]");
    assert_string_equal(json_text(requirement(r), "verdict"), "pass");
    json_decref(r);
    /* A void round adds nothing, a failed one costs. */
    letters[297] = 'u';
    letters[296] = 'f';
    r = judged_with(letters, NULL, &x);
    t = trials(r);
    same(json_object_get(t, "clean"), "296");
    same(json_object_get(t, "failed"), "1");
    assert_true(fabs(real(t, "rate") - 296.0 / 297) < 1e-12);
    same(json_object_get(t, "furtherCleanRuns"), "[{\"level\":0.99,\"runs\":176}]");
    const json_t *s = json_array_get(json_object_get(t, "scenarios"), 0);
    same(json_object_get(s, "of"), "297");
    same(json_object_get(s, "failed"), "1");
    json_decref(r);
}

static void nothing_promised(void **state)
{
    (void)state;
    json_t *r = judged("pppppppppp", NULL);
    const json_t *t = trials(r);
    assert_true(json_is_null(json_object_get(t, "promised")));
    assert_true(json_is_null(json_object_get(t, "shown")));
    assert_true(fabs(real(t, "lower") - 0.741134449) < 2e-9);
    same(json_object_get(t, "furtherCleanRuns"),
         "[{\"level\":0.9,\"runs\":19},{\"level\":0.95,\"runs\":49},"
         "{\"level\":0.99,\"runs\":289}]");
    assert_non_null(json_text(json_object_get(t, "note"), "nl"));
    json_decref(r);
    r = judged("u", NULL);
    assert_true(json_is_null(json_object_get(trials(r), "rate")));
    assert_true(real(trials(r), "lower") == 0);
    json_decref(r);
}

/* ---- with exceptions ---- */

static void waived(void **state)
{
    (void)state;
    json_t *w = json_pack("[{ss,ss,ss,ss,ss}]", "requirement", ID, "reason", "r", "owner",
                          "o", "link", "https://x.example", "expires", "2023-05-10");
    const struct exceptions x = {.waivers = w};
    json_t *r = judged_with("pfp", NULL, &x);
    assert_string_equal(json_text(requirement(r), "verdict"), "flaky");
    same(json_object_get(r, "exitCodes"), "[4]");
    assert_non_null(json_object_get(requirement(r), "waived"));
    same(json_object_get(trials(r), "failedRounds"), "[2]"); /* a round is what it is */
    json_decref(r);
    json_decref(w);
}

static void against_baseline(void **state)
{
    static const struct {
        const char *then, *now, *codes, *list;
    } rows[] = {{"ppp", "pfp", "[6]", "new"},
                {"pfp", "pfp", "[0]", "known"},
                {"fff", "pfp", "[0]", "known"}, /* less than it was */
                {"pfp", "fff", "[1,4]", "new"},
                {"pfp", "ppp", "[0]", "fixed"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *then = judged(rows[i].then, NULL);
        const struct exceptions x = {.baseline = then, .baseline_digest = "d"};
        json_t *r = judged_with(rows[i].now, NULL, &x);
        print_message("%s -> %s\n", rows[i].then, rows[i].now);
        same(json_object_get(r, "exitCodes"), rows[i].codes);
        const json_t *list =
            json_object_get(json_object_get(r, "baseline"), rows[i].list);
        bool found = false;
        for (size_t k = 0; k < json_array_size(list); k++)
            found = found || !strcmp(json_text(json_array_get(list, k), "id"), ID);
        assert_true(found);
        json_decref(r);
        json_decref(then);
    }
}

/* ---- while the journal grows ---- */

static void as_it_grows(void **state)
{
    static const char letters[] = "pfupe";
    static const bool clean[] = {true, false, false, true, false};
    char path[] = "/tmp/koppelproef-rounds-XXXXXX";
    struct err e = {0};
    struct journal j;
    json_t *parts = NULL, *whole = NULL;
    (void)state;
    int fd = mkstemp(path);
    journal(&j, letters, NULL);
    struct judging *u = judging_new(requirements, NULL);
    char *at = j.b.p;
    for (size_t i = 0; i < strlen(letters); i++) {
        char *end = strstr(at, "\"kind\":\"end\"");
        size_t n = (size_t)(strchr(end, '\n') + 1 - at);
        assert_int_equal(write(fd, at, n), (ssize_t)n);
        assert_int_equal(judging_read(u, path, &e), 0);
        assert_int_equal(judging_round_over(u), clean[i]);
        at += n;
    }
    assert_int_equal(judging_result(u, path, &parts, &e), 0);
    assert_int_equal(judge_journal(path, requirements, &whole, &e), 0);
    assert_true(json_equal(parts, whole));
    judging_free(u);
    json_decref(parts);
    json_decref(whole);
    buf_done(&j.b);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_over_rounds),
        cmocka_unit_test(more_was_to_come),
        cmocka_unit_test(in_words),
        cmocka_unit_test(many_findings),
        cmocka_unit_test(bound),
        cmocka_unit_test(nothing_promised),
        cmocka_unit_test(waived),
        cmocka_unit_test(against_baseline),
        cmocka_unit_test(as_it_grows),
    };
    mem_install();
    return cmocka_run_group_tests(tests, setup, teardown);
}
