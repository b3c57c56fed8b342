/* What the pages are made of: the status flow, the day of going live, themes, and text of
 * strangers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/report/flow.h"
#include "harness/report/go_live.h"
#include "harness/report/page.h"
#include "harness/report/themes.h"

/* ---- the flow ---- */

static void sent(struct flow_notes *n, const char *ketenid, const char *caketenid,
                 const char *status, const char *begin)
{
    json_t *m =
        json_pack("{ss,ss*,ss*,ss,ss}", "instellingserkenningscode", "25LH", "ketenid",
                  ketenid, "caketenid", caketenid, "status", status, "begindatum", begin);
    flow_note(n, m, NULL);
    json_decref(m);
}

static void test_steps_by_begin_not_by_arrival(void **state)
{
    struct flow_notes *n = flow_notes_new();
    struct flow f = {0};
    (void)state;
    sent(n, "25LH:1", NULL, "ENROLLED", "2023-05-03T00:00:00Z");
    sent(n, "25LH:1", NULL, "RECEIVED", "2023-05-01T00:00:00Z");
    sent(n, "25LH:1", NULL, "OFFERED", "2023-05-02T02:00:00+02:00");
    sent(n, "25LH:1", NULL, "OFFERED", "2023-05-02T00:00:00Z"); /* again */
    sent(n, "25LH:1", NULL, "OFFERED", "2023-05-02T05:00:00Z"); /* nightly */
    flow_count(&f, n);
    assert_int_equal(f.aanmeldingen, 1);
    assert_int_equal(f.statuses, 3);
    assert_int_equal(f.steps[STATUS_NONE][STATUS_RECEIVED], 1);
    assert_int_equal(f.steps[STATUS_RECEIVED][STATUS_OFFERED], 1);
    assert_int_equal(f.steps[STATUS_OFFERED][STATUS_ENROLLED], 1);
    assert_int_equal(f.steps[STATUS_OFFERED][STATUS_OFFERED], 0);
    assert_int_equal(f.last[STATUS_ENROLLED], 1);
    flow_notes_free(n);
}

/* CAMBO's and the SIS's messages have one caketenid; the second SIS one ketenid. */
static void test_one_aanmelding_of_several_keys(void **state)
{
    struct flow_notes *n = flow_notes_new();
    struct flow f = {0};
    (void)state;
    sent(n, "25LH:7", "c-1", "SUBMITTED", "2023-05-01T00:00:00Z");
    sent(n, "25LH:8", NULL, "REJECTED", "2023-05-04T00:00:00Z");
    sent(n, NULL, "c-1", "RECEIVED", "2023-05-02T00:00:00Z");
    sent(n, "25LH:8", "c-1", "OFFERED", "2023-05-03T00:00:00Z");
    sent(n, "25LH:9", NULL, "OFFERED", "2023-05-03T00:00:00Z"); /* another one */
    flow_count(&f, n);
    assert_int_equal(f.aanmeldingen, 2);
    assert_int_equal(f.steps[STATUS_SUBMITTED][STATUS_RECEIVED], 1);
    assert_int_equal(f.steps[STATUS_OFFERED][STATUS_REJECTED], 1);
    assert_int_equal(f.last[STATUS_REJECTED], 1);
    assert_int_equal(f.last[STATUS_OFFERED], 1);
    /* What was counted is not counted again. */
    flow_count(&f, n);
    assert_int_equal(f.aanmeldingen, 2);
    flow_notes_free(n);
}

/* A final status may be left again; at equal times the highest rank is the last. */
static void test_leaving_final_ones(void **state)
{
    struct flow_notes *n = flow_notes_new();
    struct flow f = {0};
    (void)state;
    sent(n, "25LH:1", NULL, "WITHDRAWN", "2023-05-01T00:00:00Z");
    sent(n, "25LH:1", NULL, "ENROLLED", "2023-05-02T00:00:00Z");
    sent(n, "25LH:1", NULL, "RECEIVED", "2023-05-02T00:00:00Z");
    sent(n, "25LH:2", NULL, "NONSENSE", "2023-05-02T00:00:00Z");
    sent(n, "25LH:2", NULL, "RECEIVED", "yesterday");
    sent(n, NULL, NULL, "RECEIVED", "2023-05-02T00:00:00Z");
    flow_count(&f, n);
    assert_int_equal(f.aanmeldingen, 1);
    assert_int_equal(f.steps[STATUS_WITHDRAWN][STATUS_RECEIVED], 1);
    assert_int_equal(f.steps[STATUS_RECEIVED][STATUS_ENROLLED], 1);
    assert_int_equal(f.last[STATUS_ENROLLED], 1);
    flow_notes_free(n);
}

/* ---- going live ---- */

static void test_days_to_go(void **state)
{
    static const struct {
        const char *started, *told;
        long days;
        const char *day;
    } rows[] = {
        {"2026-11-23T18:47:01.023638567Z", NULL, 159, "1 mei 2027"},
        {"2026-11-23T18:47:01Z", "2027-02-01", 70, "1 februari 2027"},
        {"2026-11-23T23:59:59Z", "2026-11-24", 1, "24 november 2026"},
        {"2026-11-23T00:00:00Z", "2026-11-23", 0, "23 november 2026"},
        {"2026-11-23T12:00:00Z", "2026-11-20", -3, "20 november 2026"},
        {"2027-04-30T12:00:00Z", NULL, 1, "1 mei 2027"},
        {"2027-05-01T00:00:00Z", NULL, 366, "1 mei 2028"}, /* the next one */
        {"2027-05-02T00:00:00Z", NULL, 365, "1 mei 2028"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *r = json_pack("{ss,s[{},{ss*}]}", "started", rows[i].started, "systems",
                              "goLive", rows[i].told);
        struct go_live g;
        char day[40];
        assert_true(go_live_of(r, &g));
        assert_int_equal(g.days, rows[i].days);
        assert_int_equal(g.told, rows[i].told != NULL);
        assert_string_equal(go_live_day(&g, day, LANG_NL), rows[i].day);
        json_decref(r);
    }
    json_t *r = json_pack("{ss}", "started", "<b>");
    struct go_live g;
    assert_false(go_live_of(r, &g));
    json_decref(r);
}

/* ---- themes ---- */

static void test_every_requirement_has_a_theme(void **state)
{
    json_t *root = NULL;
    (void)state;
    assert_int_equal(
        file_read_json(SOURCE_DIR "/fixtures/requirements.json", &root, NULL), 0);
    const json_t *list = json_object_get(root, "requirements");
    assert_true(json_array_size(list) > 90);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_text(json_array_get(list, i), "id");
        const struct theme *t = theme_of(id);
        if (!*t->prefix || !*t->harm[LANG_NL] || !*t->harm[LANG_EN])
            fail_msg("%s has no theme", id);
    }
    assert_string_equal(theme_of("XX-1")->prefix, "");
    json_decref(root);
}

/* ---- text of strangers ---- */

static void assert_said(const char *text, const char *shown)
{
    struct page p = {.tail = ""};
    buf_init(&p.b, 10000);
    say(&p, text);
    assert_string_equal(p.b.p ? p.b.p : "", shown);
    buf_done(&p.b);
}

static void test_hostile_text(void **state)
{
    (void)state;
    assert_said("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;");
    assert_said("a\x01z\x7f", "a\xEF\xBF\xBDz[U+007F]");
    assert_said("\xff\xc3", "\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_said("\xE2\x80\xAE"
                "abc\xE2\x80\xAC!",
                "[U+202E]abc[U+202C]!");
    assert_said("\xE2\x81\xA6\xE2\x80\x8F\xD8\x9C\xC2\x85",
                "[U+2066][U+200F][U+061C][U+0085]");
    assert_said("kop \xD9\x83\xD9\x88\xD8\xA8 \xE2\x80\x93 \xE2\x82\xAC",
                "kop \xD9\x83\xD9\x88\xD8\xA8 \xE2\x80\x93 \xE2\x82\xAC"); /* as it is */
    assert_said("\xE2", "\xEF\xBF\xBD");
    assert_true(shown_whole("as it is\n\t\xE2\x82\xAC"));
    assert_false(shown_whole("a\x01"));
    assert_false(shown_whole("a\xE2\x80\xAE"));
}

static void test_json_for_reading(void **state)
{
    struct page p = {.tail = ""};
    json_t *v =
        json_pack("{ss,s[iii],s[{ss,ss},{ss}],s{},s[]}", "a", "b<", "n", 1, 2, 3, "list",
                  "one", "something long enough to need a line of its own, yes", "two",
                  "and this", "three", "3", "none", "empty");
    (void)state;
    buf_init(&p.b, 10000);
    say_json(&p, v, 5000);
    assert_string_equal(
        p.b.p,
        "{\n  &quot;a&quot;: &quot;b&lt;&quot;,\n  &quot;n&quot;: [1, 2, 3],\n"
        "  &quot;list&quot;: [\n    {\n      &quot;one&quot;: &quot;something long "
        "enough to need a line of its own, yes&quot;,\n      &quot;two&quot;: "
        "&quot;and this&quot;\n    },\n    {&quot;three&quot;: &quot;3&quot;}\n  ],"
        "\n  &quot;none&quot;: {},\n  &quot;empty&quot;: []\n}");
    buf_reset(&p.b);
    say_json(&p, json_object_get(v, "a"), 5000);
    assert_string_equal(p.b.p, "b&lt;"); /* a text alone has no quotes */
    buf_reset(&p.b);
    say_json(&p, NULL, 5000);
    assert_string_equal(p.b.p, "–");
    buf_done(&p.b);
    json_decref(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_by_begin_not_by_arrival),
        cmocka_unit_test(test_one_aanmelding_of_several_keys),
        cmocka_unit_test(test_leaving_final_ones),
        cmocka_unit_test(test_days_to_go),
        cmocka_unit_test(test_every_requirement_has_a_theme),
        cmocka_unit_test(test_hostile_text),
        cmocka_unit_test(test_json_for_reading),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
