/*
 * Notifications at the overstapsysteem: when it subscribes, and that it fetches soon
 * after one but relies on none, under a virtual clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mocks/os_mutants.h"
#include "tests/unit/mocks/os_fake.h"

#define TAKEN                                                                            \
    "{\"abonnementId\":\"a\",\"callbackUrl\":\"http://127.0.0.1:9000/notificaties\"}"
#define EVENT                                                                            \
    "{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"urn:nld:oin:x\","                \
    "\"type\":\"nl.koppelpunt.aanmeldstatussen-gewijzigd\","                             \
    "\"data\":{\"totVolgnummer\":7}}"

static void answers(struct fake *f, int status, const char *body)
{
    set_instead(f, (struct instead){.op = OP_ABONNEREN,
                                    .count = 100,
                                    .outcome = CALL_ANSWERED,
                                    .status = status,
                                    .type = "application/json",
                                    .body = body});
}

static int setup(void **state)
{
    if (fake_setup(state))
        return -1;
    struct fake *f = *state;
    f->config.notify_url = "http://127.0.0.1:9000";
    f->config.interval_ns = 10 * SECOND;
    return 0;
}

static size_t count(const struct fake *f, enum op op)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        n += f->seen[i].op == op;
    return n;
}

static int notify(struct fake *f, const char *type, const char *body)
{
    struct http_request req;
    http_request_init(&req);
    http_request_line(&req, "POST", "/notificaties");
    http_fields_add(&req.fields, "Content-Type", type);
    http_request_body(&req, xstrdup(body), strlen(body));
    uint64_t ticket = ++f->tickets;
    f->role->ops->request(f->role, ticket, &req, fake_now(f), &f->out);
    http_request_done(&req);
    fake_drain(f);
    return status_of(f, ticket);
}

static int told(struct fake *f)
{
    return notify(f, "application/cloudevents+json; charset=utf-8", EVENT);
}

/* ---- */

static void subscribes_after_the_first_fetch(void **state)
{
    struct fake *f = *state;
    answers(f, 201, TAKEN);
    fake_start(f);
    fake_until(f, 0);
    /* token, page, abonnement, and a page for what came in between */
    assert_int_equal(f->n, 4);
    assert_int_equal(f->seen[1].op, OP_OPHALEN);
    assert_int_equal(f->seen[2].op, OP_ABONNEREN);
    assert_string_equal(f->seen[2].target, "/v1/abonnementen");
    assert_string_equal(f->seen[2].token, "t1");
    assert_int_equal(f->seen[3].op, OP_OPHALEN);
    fake_until(f, 35 * SECOND);
    assert_int_equal(count(f, OP_ABONNEREN), 1);
    assert_int_equal(count(f, OP_OPHALEN), 5);
}

static void tries_again_with_each_fetch(void **state)
{
    struct fake *f = *state;
    answers(f, 503, NULL);
    fake_start(f);
    fake_until(f, 25 * SECOND);
    assert_int_equal(count(f, OP_OPHALEN), 3);
    assert_int_equal(count(f, OP_ABONNEREN), 3);
}

static void takes_no_for_an_answer(void **state)
{
    struct fake *f = *state;
    answers(f, 404, NULL);
    fake_start(f);
    fake_until(f, 25 * SECOND);
    assert_int_equal(count(f, OP_OPHALEN), 3);
    assert_int_equal(count(f, OP_ABONNEREN), 1);
}

static void not_before_a_fetch_succeeds(void **state)
{
    struct fake *f = *state;
    answers(f, 201, TAKEN);
    set_instead(
        f, (struct instead){
               .op = OP_OPHALEN, .count = 2, .outcome = CALL_ANSWERED, .status = 503});
    fake_start(f);
    fake_until(f, 15 * SECOND);
    assert_int_equal(count(f, OP_ABONNEREN), 0);
    fake_until(f, 65 * SECOND);
    assert_int_equal(count(f, OP_ABONNEREN), 1);
}

static void fetches_soon_after_one(void **state)
{
    struct fake *f = *state;
    answers(f, 201, TAKEN);
    fake_start(f);
    fake_until(f, 3 * SECOND);
    fake_forget(f);
    assert_int_equal(told(f), 204);
    fake_until(f, 3 * SECOND);
    assert_int_equal(f->n, 1);
    assert_int_equal(f->seen[0].at, 3 * SECOND);
    /* and ten seconds later as always */
    fake_until(f, 12 * SECOND);
    assert_int_equal(f->n, 1);
    fake_until(f, 13 * SECOND);
    assert_int_equal(f->n, 2);
}

static void one_during_a_fetch_leads_to_another(void **state)
{
    struct fake *f = *state;
    answers(f, 201, TAKEN);
    fake_start(f);
    fake_until(f, 3 * SECOND);
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .outcome = CALL_ANSWERED,
                                    .delay = 2 * SECOND});
    fake_forget(f);
    assert_int_equal(told(f), 204);
    fake_until(f, 4 * SECOND);
    for (int i = 0; i < 5; i++)
        assert_int_equal(told(f), 204);
    assert_int_equal(f->n, 1);
    fake_until(f, 9 * SECOND);
    assert_int_equal(f->n, 2); /* one for all five */
    assert_int_equal(f->seen[1].at, 5 * SECOND);
}

/* OS-OPH-05: while the koppelpunt fails, its own gaps count. */
static void does_not_hurry_a_koppelpunt_that_fails(void **state)
{
    struct fake *f = *state;
    answers(f, 201, TAKEN);
    fake_start(f);
    fake_until(f, 3 * SECOND);
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .outcome = CALL_ANSWERED,
                                    .status = 503,
                                    .field = "Retry-After",
                                    .value = "30"});
    assert_int_equal(told(f), 204);
    fake_until(f, 4 * SECOND);
    fake_forget(f);
    assert_int_equal(told(f), 204);
    fake_until(f, 32 * SECOND);
    assert_int_equal(f->n, 0);
    fake_until(f, 33 * SECOND);
    assert_int_equal(f->n, 1);
}

static void what_is_no_notification(void **state)
{
    struct fake *f = *state;
    answers(f, 201, TAKEN);
    fake_start(f);
    fake_until(f, 3 * SECOND);
    fake_forget(f);
    assert_int_equal(notify(f, "application/json", EVENT), 415);
    assert_int_equal(notify(f, "application/cloudevents+json", "{}"), 400);
    assert_int_equal(notify(f, "application/cloudevents+json", "?"), 400);
    assert_int_equal(status_of(f, observe(f, "GET", "/notificaties", NULL)), 404);
    assert_int_equal(f->n, 0);
}

static void without_notifications(void **state)
{
    struct fake *f = *state;
    f->config.notify_url = NULL;
    fake_start(f);
    fake_until(f, 5 * SECOND);
    assert_int_equal(count(f, OP_ABONNEREN), 0);
    assert_int_equal(told(f), 404);
}

/* OS-NOT-01, and what breaks it. */
static void relies_on_none(void **state)
{
    struct fake *f = *state;
    answers(f, 201, TAKEN);
    fake_start(f);
    fake_until(f, 35 * SECOND);
    assert_int_equal(count(f, OP_OPHALEN), 5);
    fake_kill(f);
    fake_forget(f);
    f->config.mutant = OS_ONLY_NOTIFIED;
    fake_start(f);
    fake_until(f, 100 * SECOND);
    assert_int_equal(count(f, OP_OPHALEN), 2);
    assert_int_equal(told(f), 204);
    fake_until(f, 200 * SECOND);
    assert_int_equal(count(f, OP_OPHALEN), 3);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, fake_teardown)
    const struct CMUnitTest tests[] = {
        TEST(subscribes_after_the_first_fetch),
        TEST(tries_again_with_each_fetch),
        TEST(takes_no_for_an_answer),
        TEST(not_before_a_fetch_succeeds),
        TEST(fetches_soon_after_one),
        TEST(one_during_a_fetch_leads_to_another),
        TEST(does_not_hurry_a_koppelpunt_that_fails),
        TEST(what_is_no_notification),
        TEST(without_notifications),
        TEST(relies_on_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
