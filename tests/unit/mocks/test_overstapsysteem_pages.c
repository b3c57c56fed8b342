/* An overstapsysteem under virtual time: when it asks, what it asks, and what it does
 * with each kind of answer. The requirement that a test is about stands before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/mocks/os_fake.h"

static void some_feed(struct fake *f, int n)
{
    static const char *const bsns[] = {LOTTE, "000000012", "999990007"};
    for (int i = 0; i < n; i++) {
        char id[16];
        snprintf(id, sizeof(id), "id%d", i);
        feed_add(f, id, bsns[i % 3], "RECEIVED", DAY1);
    }
}

static void lotte(struct fake *f)
{
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\"]}");
}

#define SEES_LOTTE(status, day) LOTTE " 25655 " status " " day "; "

/* ---- full states ---- */

/* OS-OPH-04 */
static void lapsed_cursor(void **state)
{
    struct fake *f = *state;
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    feed_add(f, "b", LOTTE, "ENROLLED", DAY2);
    fake_start(f);
    lotte(f);
    fake_until(f, 0);
    json_array_clear(f->feed);
    feed_add(f, "b", LOTTE, "OFFERED", DAY1); /* corrected backwards meanwhile */
    feed_add(f, "c", LOTTE, "RECEIVED", DAY3);
    f->epoch = 2;
    f->page = 1;
    fake_forget(f);
    fake_until(f, SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 3); /* 410, without sinds, next page */
    assert_string_equal(nth(f, OP_OPHALEN, 1)->target, "/v1/aanmeldstatussen");
    assert_string_equal(sees(f, "02QZ00"),
                        SEES_LOTTE("OFFERED", DAY1) SEES_LOTTE("RECEIVED", DAY3));
}

static void lapsed_again_in_a_later_fetch(void **state)
{
    struct fake *f = *state;
    some_feed(f, 3);
    fake_start(f);
    fake_until(f, 0);
    for (int i = 1; i <= 3; i++) {
        f->epoch++;
        fake_forget(f);
        fake_until(f, (uint64_t)i * SECOND);
        assert_int_equal(asked(f, OP_OPHALEN), 2);
    }
}

static void only_one_restart_per_fetch(void **state)
{
    struct fake *f = *state;
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    fake_start(f);
    lotte(f);
    fake_until(f, 0);
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 3, .status = 410});
    fake_forget(f);
    fake_until(f, SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 2);
    fake_until(f, 3 * SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 3);
    assert_string_equal(nth(f, OP_OPHALEN, 2)->target, "/v1/aanmeldstatussen");
    assert_string_equal(sees(f, "02QZ00"), SEES_LOTTE("RECEIVED", DAY1));
    fake_until(f, 7 * SECOND);
    assert_string_equal(nth(f, OP_OPHALEN, 3)->target, "/v1/aanmeldstatussen");
    fake_until(f, 8 * SECOND);
    assert_string_equal(nth(f, OP_OPHALEN, 4)->target, "/v1/aanmeldstatussen?sinds=c1.1");
}

/* Neither when the second 410 comes on a later page of the full state. */
static void only_one_restart_per_run(void **state)
{
    struct fake *f = *state;
    some_feed(f, 3);
    fake_start(f);
    fake_until(f, 0);
    f->page = 1;
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 410});
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1});
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 410});
    fake_forget(f);
    fake_until(f, SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 3);
    fake_until(f, 3 * SECOND);
    assert_string_equal(nth(f, OP_OPHALEN, 3)->target, "/v1/aanmeldstatussen");
}

/* A koppelpunt may answer 400 for a cursor that can't be one of its own. */
static void foreign_cursor(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 0);
    set_instead(f,
                (struct instead){.op = OP_OPHALEN,
                                 .count = 1,
                                 .status = 400,
                                 .type = "application/problem+json",
                                 .body = "{\"type\":\"urn:x:ongeldige-cursor\",\"title\":"
                                         "\"t\",\"status\":400,\"detail\":\"d\"}"});
    fake_forget(f);
    fake_until(f, SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 2);
    assert_string_equal(nth(f, OP_OPHALEN, 1)->target, "/v1/aanmeldstatussen");
}

/* OS-OPH-13: an empty full state by mistake. */
static void empty_list_by_mistake(void **state)
{
    struct fake *f = *state;
    static const char *const empty =
        "{\"aanmeldstatussen\":[],\"volgende\":\"c2.0\",\"meer\":false}";
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    fake_start(f);
    lotte(f);
    fake_until(f, 0);
    f->epoch = 2;
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 410});
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .status = 200,
                                    .type = "application/json",
                                    .body = empty});
    fake_forget(f);
    fake_until(f, 2 * SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 2);
    assert_string_equal(sees(f, "02QZ00"), SEES_LOTTE("RECEIVED", DAY1));
    fake_until(f, 3 * SECOND);
    assert_string_equal(nth(f, OP_OPHALEN, 2)->target, "/v1/aanmeldstatussen");
    /* An empty list with a cursor is the quiet that it seems. */
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .status = 200,
                                    .type = "application/json",
                                    .body = empty});
    fake_until(f, 5 * SECOND);
    assert_string_equal(nth(f, OP_OPHALEN, 4)->target, "/v1/aanmeldstatussen?sinds=c2.0");
}

/* The same, spread over pages: it is asked for without a cursor again. */
static void empty_pages_by_mistake(void **state)
{
    struct fake *f = *state;
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    fake_start(f);
    lotte(f);
    fake_until(f, 0);
    f->epoch = 2;
    static const char *const pages[] = {
        "{\"aanmeldstatussen\":[],\"volgende\":\"c2.1\",\"meer\":true}",
        "{\"aanmeldstatussen\":[],\"volgende\":\"c2.1\",\"meer\":false}"};
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 410});
    for (size_t i = 0; i < 2; i++)
        set_instead(f, (struct instead){.op = OP_OPHALEN,
                                        .count = 1,
                                        .status = 200,
                                        .type = "application/json",
                                        .body = pages[i]});
    fake_forget(f);
    fake_until(f, 2 * SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 3);
    assert_string_equal(sees(f, "02QZ00"), SEES_LOTTE("RECEIVED", DAY1));
    fake_until(f, 3 * SECOND);
    assert_string_equal(nth(f, OP_OPHALEN, 3)->target, "/v1/aanmeldstatussen");
    assert_string_equal(sees(f, "02QZ00"), SEES_LOTTE("RECEIVED", DAY1));
}

/* OS-OPH-07, OS-OPH-08: a full state that breaks off goes on; till then all is shown. */
static void broken_off_in_the_middle(void **state)
{
    struct fake *f = *state;
    feed_add(f, "old", LOTTE, "RECEIVED", DAY1);
    fake_start(f);
    lotte(f);
    fake_until(f, 0);
    json_array_clear(f->feed);
    f->epoch = 2;
    f->page = 1;
    feed_add(f, "a", LOTTE, "OFFERED", DAY1);
    feed_add(f, "b", LOTTE, "OFFERED", DAY2);
    fake_forget(f);
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 2}); /* 410, page 1 */
    set_instead(
        f, (struct instead){.op = OP_OPHALEN, .count = 1, .outcome = CALL_TRUNCATED});
    fake_until(f, 2 * SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 3);
    assert_string_equal(sees(f, "02QZ00"),
                        SEES_LOTTE("OFFERED", DAY1) SEES_LOTTE("RECEIVED", DAY1));
    fake_until(f, 3 * SECOND);
    assert_string_equal(nth(f, OP_OPHALEN, 3)->target, "/v1/aanmeldstatussen?sinds=c2.1");
    assert_string_equal(sees(f, "02QZ00"),
                        SEES_LOTTE("OFFERED", DAY1) SEES_LOTTE("OFFERED", DAY2));
}

/* ---- what the answer says ---- */

/* OS-OPH-13, OS-OPH-08: none of these moves the cursor or changes what is shown. */
static void answers_that_are_no_page(void **state)
{
    struct fake *f = *state;
#define ENTRY(rest)                                                                      \
    "{\"aanmeldstatussen\":[{" rest "}],\"volgende\":\"z\",\"meer\":false}"
#define COURSE                                                                           \
    ",\"instelling\":{\"code\":\"25LH\",\"naam\":\"R\"},"                                \
    "\"opleiding\":{\"code\":\"25655\",\"naam\":\"V\"}"
#define WHO "\"volgnummer\":9,\"aanmeldId\":\"a\",\"bsn\":\"" LOTTE "\""
    static const struct {
        const char *type, *body;
    } bad[] = {
        {"text/html", "<html>Onderhoud</html>"},
        {"text/html", "{\"aanmeldstatussen\":[],\"volgende\":\"z\",\"meer\":false}"},
        {NULL, "{\"aanmeldstatussen\":[],\"volgende\":\"z\",\"meer\":false}"},
        {"application/json", NULL},
        {"application/json", ""},
        {"application/json", "[]"},
        {"application/json", "{}"},
        {"application/json", "{\"aanmeldstatussen\":[],\"volgende\":\"z\""},
        {"application/json",
         "{\"aanmeldstatussen\":{},\"volgende\":\"z\",\"meer\":false}"},
        {"application/json",
         "{\"aanmeldstatussen\":[],\"volgende\":\"\",\"meer\":false}"},
        {"application/json", "{\"aanmeldstatussen\":[],\"volgende\":7,\"meer\":false}"},
        {"application/json", "{\"aanmeldstatussen\":[],\"meer\":false}"},
        {"application/json", "{\"aanmeldstatussen\":[],\"volgende\":\"z\"}"},
        {"application/json",
         "{\"aanmeldstatussen\":[7],\"volgende\":\"z\",\"meer\":false}"},
        /* entries: no id, no number, no time, a time with an offset, a day that is none
         */
        {"application/json", ENTRY("\"volgnummer\":9,\"vervallen\":true")},
        {"application/json", ENTRY("\"aanmeldId\":\"a\",\"vervallen\":true")},
        {"application/json", ENTRY("\"volgnummer\":\"9\",\"aanmeldId\":\"a\","
                                   "\"vervallen\":true")},
        {"application/json", ENTRY(WHO ",\"vervallen\":\"ja\"")},
        {"application/json", ENTRY(WHO ",\"status\":\"OFFERED\"" COURSE)},
        {"application/json", ENTRY(WHO ",\"statusBegin\":\"" DAY2 "\"" COURSE)},
        {"application/json",
         ENTRY(WHO ",\"status\":\"OFFERED\","
                   "\"statusBegin\":\"2023-04-02T08:00:00+02:00\"" COURSE)},
        {"application/json",
         ENTRY(WHO ",\"status\":\"OFFERED\","
                   "\"statusBegin\":\"2023-02-30T08:00:00Z\"" COURSE)},
        {"application/json",
         ENTRY(WHO ",\"status\":7,\"statusBegin\":\"" DAY2 "\"" COURSE)},
        {"application/json",
         ENTRY(WHO ",\"status\":\"OFFERED\",\"statusBegin\":\"" DAY2 "\"")},
        /* a bsn of the wrong kind is not the same as none: after the repair it must come
         */
        {"application/json",
         ENTRY("\"volgnummer\":9,\"aanmeldId\":\"a\",\"bsn\":999990019,\"status\":"
               "\"OFFERED\",\"statusBegin\":\"" DAY2 "\"" COURSE)},
        {"application/json",
         ENTRY("\"volgnummer\":9,\"aanmeldId\":\"a\",\"bsn\":\"12345678\",\"status\":"
               "\"OFFERED\",\"statusBegin\":\"" DAY2 "\"" COURSE)},
    };
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        uint64_t start = fake_time(f);
        fake_start(f);
        lotte(f);
        fake_until(f, start);
        fake_forget(f);
        set_instead(f, (struct instead){.op = OP_OPHALEN,
                                        .count = 1,
                                        .status = 200,
                                        .type = bad[i].type,
                                        .body = bad[i].body});
        fake_until(f, start + 3 * SECOND);
        if (asked(f, OP_OPHALEN) != 2 || nth(f, OP_OPHALEN, 1)->at != start + 3 * SECOND)
            fail_msg("taken for a page: %s", bad[i].body);
        assert_string_equal(nth(f, OP_OPHALEN, 1)->target,
                            "/v1/aanmeldstatussen?sinds=c1.1");
        assert_string_equal(sees(f, "02QZ00"), SEES_LOTTE("RECEIVED", DAY1));
        fake_kill(f);
    }
}

/* OS-VER-04: new keys and statuses do not stop the feed. */
static void what_is_merely_new(void **state)
{
    struct fake *f = *state;
    lotte((fake_start(f), f));
    fake_until(f, 0);
    json_t *e = entry_of(1, "a", LOTTE, "RECEIVED", DAY1);
    json_object_set_new(e, "kleur", json_string("blauw"));
    json_object_set_new(json_object_get(e, "instelling"), "brin", json_string("25LH"));
    json_array_append_new(f->feed, e);
    feed_add(f, "a", LOTTE, "PENDING", DAY2);
    feed_add(f, "b", LOTTE, "PENDING", DAY2);
    feed_add(f, "c", NULL, "RECEIVED", DAY1); /* a person without a BSN */
    feed_add(f, "d", LOTTE, "SUBMITTED", "2023-04-03T08:00:00.123456789Z");
    fake_until(f, SECOND);
    assert_string_equal(sees(f, "02QZ00"),
                        SEES_LOTTE("RECEIVED", DAY1)
                            SEES_LOTTE("SUBMITTED", "2023-04-03T08:00:00.123456789Z"));
    fake_forget(f);
    fake_until(f, 2 * SECOND);
    assert_string_equal(nth(f, OP_OPHALEN, 0)->target, "/v1/aanmeldstatussen?sinds=c1.5");
}

/* After the repair of a faulty entry nothing is missing. */
static void repaired_entry(void **state)
{
    struct fake *f = *state;
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    feed_add(f, "b", LOTTE, "RECEIVED", DAY2);
    json_object_del(json_array_get(f->feed, 0), "opleiding");
    fake_start(f);
    lotte(f);
    fake_until(f, SECOND);
    assert_string_equal(sees(f, "02QZ00"), "");
    json_object_set_new(json_array_get(f->feed, 0), "opleiding",
                        json_pack("{s:s,s:s}", "code", "25655", "naam", "Vpk"));
    fake_until(f, 2 * SECOND);
    assert_string_equal(sees(f, "02QZ00"),
                        SEES_LOTTE("RECEIVED", DAY1) SEES_LOTTE("RECEIVED", DAY2));
}

/* OS-VER-01, 02, 05, 07, 09 through the whole of it. */
static void shows_what_holds(void **state)
{
    struct fake *f = *state;
    feed_add(f, "a", LOTTE, "ENROLLED", DAY2);
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    fake_start(f);
    lotte(f);
    fake_until(f, 0);
    assert_string_equal(sees(f, "02QZ00"), SEES_LOTTE("ENROLLED", DAY2));
    for (int i = 0; i < 4; i++)
        feed_add(f, "a", LOTTE, "REJECTED", DAY3);
    fake_until(f, SECOND);
    assert_string_equal(sees(f, "02QZ00"), SEES_LOTTE("REJECTED", DAY3));
    feed_lapse(f, "a");
    fake_until(f, 2 * SECOND);
    assert_string_equal(sees(f, "02QZ00"), "");
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    fake_until(f, 3 * SECOND);
    assert_string_equal(sees(f, "02QZ00"), SEES_LOTTE("RECEIVED", DAY1));
}

#define T(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        T(lapsed_cursor),
        T(lapsed_again_in_a_later_fetch),
        T(only_one_restart_per_fetch),
        T(only_one_restart_per_run),
        T(foreign_cursor),
        T(empty_list_by_mistake),
        T(empty_pages_by_mistake),
        T(broken_off_in_the_middle),
        T(answers_that_are_no_page),
        T(what_is_merely_new),
        T(repaired_entry),
        T(shows_what_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
