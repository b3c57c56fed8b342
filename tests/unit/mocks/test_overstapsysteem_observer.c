/* The observer of an overstapsysteem: what it shows to whom, what it refuses, and a fetch
 * on demand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/mocks/os_fake.h"

#define SAM "000000012" /* leading zeros are part of a number */
#define MS  NS_PER_MS

static int post(struct fake *f, const char *target, const char *body)
{
    return status_of(f, observe(f, "POST", target, body));
}

/* OS-INZ-01, OS-INZ-03 */
static void a_school_sees_its_own_pupils(void **state)
{
    struct fake *f = *state;
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    feed_add(f, "b", SAM, "OFFERED", DAY2);
    fake_start(f);
    fake_until(f, 0);
    assert_string_equal(sees(f, "02QZ00"), ""); /* an unknown school */
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\",\"" LOTTE "\"]}");
    pupils(f, "{\"school\":\"Sint-Jan, vestiging Noord\",\"bsns\":[\"" SAM "\"]}");
    assert_string_equal(sees(f, "02QZ00"), LOTTE " 25655 RECEIVED " DAY1 "; ");
    assert_string_equal(sees(f, "Sint-Jan, vestiging Noord"),
                        SAM " 25655 OFFERED " DAY2 "; ");
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[\"" SAM "\"]}"); /* replaced */
    assert_string_equal(sees(f, "02QZ00"), SAM " 25655 OFFERED " DAY2 "; ");
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[]}");
    assert_string_equal(sees(f, "02QZ00"), "");
}

/* OS-VER-11, OS-INZ-04: the answer, to the letter. */
static void the_answer(void **state)
{
    struct fake *f = *state;
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    json_object_set_new(
        json_array_get(f->feed, 0), "instelling",
        json_pack("{s:s,s:s}", "code", "25LH", "naam", "Caf\u00e9 \"Noord\""));
    fake_start(f);
    fake_until(f, 0);
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\"]}");
    const struct reply_seen *r =
        reply_to(f, observe(f, "POST", "/waarnemingen",
                            "{\"school\":\"02QZ00\",\"bsn\":\"" LOTTE "\"}"));
    json_t *want =
        json_pack("{s:[{s:{s:s,s:s},s:{s:s,s:s},s:s,s:s}]}", "aanmeldingen", "instelling",
                  "code", "25LH", "naam", "Caf\u00e9 \"Noord\"", "opleiding", "code",
                  "25655", "naam", "Vpk", "status", "RECEIVED", "statusBegin", DAY1);
    assert_int_equal(r->status, 200);
    assert_true(json_equal(r->body, want));
    json_object_set_new(json_array_get(json_object_get(want, "aanmeldingen"), 0), "bsn",
                        json_string(LOTTE));
    r = reply_to(f, observe(f, "POST", "/waarnemingen?x=1", "{\"school\":\"02QZ00\"}"));
    assert_true(json_equal(r->body, want));
    r = reply_to(f, observe(f, "POST", "/waarnemingen",
                            "{\"school\":\"02QZ00\",\"bsn\":\"" SAM "\"}"));
    assert_int_equal(r->status, 200); /* not her school's pupil: nothing, and no sign */
    assert_int_equal(json_array_size(json_object_get(r->body, "aanmeldingen")), 0);
    json_decref(want);
}

/* OS-VER-08 */
static void own_data(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 0);
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\"]}");
#define OWN(course, status, day)                                                         \
    "{\"bsn\":\"" LOTTE "\",\"instelling\":{\"code\":\"25LH\",\"naam\":\"ROC\"},"        \
    "\"opleiding\":{\"code\":\"" course "\",\"naam\":\"Vpk\"},\"status\":\"" status      \
    "\","                                                                                \
    "\"statusBegin\":\"" day "\"}"
    assert_int_equal(post(f, "/eigen-aanmeldingen",
                          "{\"aanmeldingen\":[" OWN("25655", "OFFERED", DAY2) "," OWN(
                              "25100", "RECEIVED", DAY1) "]}"),
                     204);
    assert_string_equal(sees(f, "02QZ00"), LOTTE " 25100 RECEIVED " DAY1 "; " LOTTE
                                                 " 25655 OFFERED " DAY2 "; ");
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    fake_until(f, SECOND);
    assert_string_equal(sees(f, "02QZ00"), LOTTE " 25100 RECEIVED " DAY1 "; " LOTTE
                                                 " 25655 OFFERED " DAY2 "; ");
    feed_add(f, "a", LOTTE, "WITHDRAWN", DAY3);
    fake_until(f, 2 * SECOND);
    assert_string_equal(sees(f, "02QZ00"), LOTTE " 25100 RECEIVED " DAY1 "; " LOTTE
                                                 " 25655 WITHDRAWN " DAY3 "; ");
    assert_int_equal(post(f, "/eigen-aanmeldingen", "{\"aanmeldingen\":[]}"), 204);
}

static void what_is_wrong_is_400(void **state)
{
    struct fake *f = *state;
    static const struct {
        const char *target, *body;
    } wrong[] = {
        {"/waarnemingen", NULL},
        {"/waarnemingen", "[]"},
        {"/waarnemingen", "{"},
        {"/waarnemingen", "{}"},
        {"/waarnemingen", "{\"school\":7}"},
        {"/waarnemingen", "{\"school\":\"a\",\"school\":\"b\"}"},
        {"/waarnemingen", "{\"school\":\"12345678901234567890123456789012345678901\"}"},
        {"/waarnemingen", "{\"school\":\"02QZ00\",\"bsn\":\"999990018\"}"},
        {"/waarnemingen", "{\"school\":\"02QZ00\",\"bsn\":999990019}"},
        {"/waarnemingen", "{\"school\":\"02QZ00\",\"bsn\":null}"},
        {"/leerlingen", "{\"school\":\"02QZ00\"}"},
        {"/leerlingen", "{\"bsns\":[]}"},
        {"/leerlingen", "{\"school\":\"02QZ00\",\"bsns\":\"" LOTTE "\"}"},
        {"/leerlingen", "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\",\"12\"]}"},
        {"/eigen-aanmeldingen", "{}"},
        {"/eigen-aanmeldingen", "{\"aanmeldingen\":[{}]}"},
        {"/eigen-aanmeldingen",
         "{\"aanmeldingen\":[" OWN("25655", "OFFERED", DAY2) "," OWN("25655", "LOST",
                                                                     DAY2) "]}"},
        {"/eigen-aanmeldingen",
         "{\"aanmeldingen\":[" OWN("25655", "OFFERED", "2023") "]}"},
        {"/eigen-aanmeldingen", "{\"aanmeldingen\":[" OWN("", "OFFERED", DAY2) "]}"},
    };
    fake_start(f);
    fake_until(f, 0);
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\"]}");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        const struct reply_seen *r =
            reply_to(f, observe(f, "POST", wrong[i].target, wrong[i].body));
        if (!r || r->status != 400)
            fail_msg("taken: %s", wrong[i].body ? wrong[i].body : "(nothing)");
        char *text = json_dumps(r->body, 0);
        assert_int_equal(json_integer_value(json_object_get(r->body, "status")), 400);
        assert_false(mask_needed(text, strlen(text))); /* no number comes back */
        free(text);
    }
    assert_string_equal(sees(f, "02QZ00"), ""); /* nothing of it was taken */
}

static void a_school_of_40_characters(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 0);
    pupils(f, "{\"school\":\"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
              "1234567890123456789012345678\u00e9\u00e9\",\"bsns\":[]}");
    pupils(f, "{\"school\":\"1234567890123456789012345678901234567890\",\"bsns\":[]}");
}

static void unknown_operations(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 0);
    static const char *const unknown[] = {
        "/",       "/waarnemingen/",       "/Waarnemingen",
        "/ophale", "/v1/aanmeldstatussen", "/ophalen2"};
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
        assert_int_equal(post(f, unknown[i], "{}"), 404);
    const struct reply_seen *r = reply_to(f, observe(f, "GET", "/waarnemingen", NULL));
    assert_int_equal(r->status, 405);
    assert_string_equal(r->allow, "POST");
    struct http_request req;
    http_request_init(&req);
    http_request_line(&req, "POST", "/leerlingen");
    req.body_n = SIZE_MAX; /* the door: larger than agreed */
    f->role->ops->request(f->role, 99, &req, fake_now(f), &f->out);
    http_request_done(&req);
    fake_drain(f);
    assert_int_equal(status_of(f, 99), 413);
}

/* ---- /ophalen ---- */

static void waits_for_the_fetch(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 100 * MS);
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .delay = 300 * MS});
    uint64_t ticket = observe(f, "POST", "/ophalen", "");
    fake_until(f, 400 * MS - 1);
    assert_null(reply_to(f, ticket));
    fake_until(f, 400 * MS);
    assert_int_equal(status_of(f, ticket), 200);
}

/* While a fetch runs, what changed after its page was read must still be fetched. */
static void fetches_again_after_the_running_one(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 100 * MS);
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\"]}");
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .delay = 300 * MS});
    uint64_t first = observe(f, "POST", "/ophalen", "");
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1); /* the answer under way lacks it */
    fake_until(f, 200 * MS);
    uint64_t second = observe(f, "POST", "/ophalen", "");
    uint64_t third = observe(f, "POST", "/ophalen", "");
    fake_forget(f);
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .delay = 50 * MS});
    fake_until(f, 400 * MS);
    assert_int_equal(status_of(f, first), 200);
    assert_null(reply_to(f, second));
    fake_until(f, 450 * MS);
    assert_int_equal(status_of(f, second), 200);
    assert_int_equal(status_of(f, third), 200);
    assert_int_equal(asked(f, OP_OPHALEN), 1); /* one fetch for both */
    assert_string_equal(sees(f, "02QZ00"), LOTTE " 25655 RECEIVED " DAY1 "; ");
}

/* The running fetch is told to wait: those that came meanwhile hear it too. */
static void retry_after_while_others_wait(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 100 * MS);
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .status = 503,
                                    .delay = 100 * MS,
                                    .field = "Retry-After",
                                    .value = "9"});
    uint64_t first = observe(f, "POST", "/ophalen", "");
    uint64_t second = observe(f, "POST", "/ophalen", "");
    fake_forget(f);
    fake_until(f, 8 * SECOND);
    assert_int_equal(status_of(f, first), 503);
    assert_string_equal(reply_to(f, first)->retry_after, "9");
    assert_int_equal(status_of(f, second), 503);
    assert_string_equal(reply_to(f, second)->retry_after, "9");
    assert_int_equal(f->n, 0);
}

static void a_failed_fetch_is_503(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 100 * MS);
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 500});
    assert_int_equal(post(f, "/ophalen", ""), 0);
    fake_until(f, 100 * MS);
    assert_int_equal(f->replies[f->n_replies - 1].status, 503);
    /* The one that came while the failing one ran starts a new one. */
    set_instead(
        f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 500, .delay = MS});
    uint64_t first = observe(f, "POST", "/ophalen", "");
    uint64_t second = observe(f, "POST", "/ophalen", "");
    fake_until(f, 200 * MS);
    assert_int_equal(status_of(f, first), 503);
    assert_int_equal(status_of(f, second), 200);
}

/* OS-INZ-02: an aanmelding is just an aanmelding, whatever the region of its instelling.
 */
static void another_region(void **state)
{
    struct fake *f = *state;
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    json_object_set_new(json_array_get(f->feed, 0), "instelling",
                        json_pack("{s:s,s:s}", "code", "04EM", "naam", "Ver weg"));
    fake_start(f);
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\"]}");
    fake_until(f, 0);
    assert_string_equal(sees(f, "02QZ00"), LOTTE " 25655 RECEIVED " DAY1 "; ");
}

#define T(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        T(a_school_sees_its_own_pupils),
        T(the_answer),
        T(own_data),
        T(what_is_wrong_is_400),
        T(a_school_of_40_characters),
        T(unknown_operations),
        T(waits_for_the_fetch),
        T(fetches_again_after_the_running_one),
        T(retry_after_while_others_wait),
        T(a_failed_fetch_is_503),
        T(another_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
