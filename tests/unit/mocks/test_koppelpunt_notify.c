/*
 * The koppelpunt's notifications: abonnementen, what is told to them and how often, under
 * a time that the test moves.
 */
#include "tests/unit/mocks/kp_lab.h"

#include "mocks/kp_mutants.h"

#define URL   "https://overstap.example/notificaties?x=1"
#define OTHER "http://127.0.0.1:9000/hier"

static int setup(void **state)
{
    if (kp_setup(state))
        return 1;
    struct kp *k = *state;
    k->config.notification_scale = 0.01; /* 250 ms, 1 s, 4 s ... */
    k->role->ops->free(k->role);
    kp_start(k);
    return 0;
}

static char *subscribe(struct kp *k, const char *url)
{
    assert_int_equal(
        kp_ask(k, OP_ABONNEREN, json_pack("{ss}", "callbackUrl", url), k->intergrip),
        201);
    assert_int_equal(json_array_size(k->faults), 0);
    assert_string_equal(json_string_value(json_object_get(k->answer, "callbackUrl")),
                        url);
    return xstrdup(json_string_value(json_object_get(k->answer, "abonnementId")));
}

static int unsubscribe(struct kp *k, const char *id)
{
    return kp_ask(k, OP_OPZEGGEN, json_pack("{ss}", "abonnementId", id), k->intergrip);
}

static void report(struct kp *k, int n, const char *status, int begin)
{
    json_t *m = kp_melding(k, n, status, minute(begin));
    assert_int_equal(
        kp_ask(k, OP_INDIENEN, json_pack("{s[o]}", "statusmeldingen", m), k->sis), 202);
}

static void tick(struct kp *k)
{
    struct outbox out;
    outbox_init(&out);
    k->role->ops->tick(k->role, k->now, &out);
    kp_collect(k, &out);
    outbox_done(&out);
}

/* Takes the one call that waits; the caller ends it. */
static struct outgoing taken(struct kp *k)
{
    assert_int_equal(k->n_calls, 1);
    k->n_calls = 0;
    return k->calls[0];
}

/* How the call ends; status 0: not at all. */
static void answered(struct kp *k, struct outgoing *c, enum call_outcome how, int status,
                     const char *retry_after)
{
    struct call_result res = {.outcome = how};
    struct outbox out;
    http_response_init(&res.response);
    res.response.status = status;
    if (retry_after)
        http_fields_add(&res.response.fields, "Retry-After", retry_after);
    outbox_init(&out);
    k->role->ops->answer(k->role, c->id, &res, k->now, &out);
    kp_collect(k, &out);
    outbox_done(&out);
    http_response_done(&res.response);
    outgoing_done(c);
}

static json_t *event_of(struct kp *k, const struct outgoing *c)
{
    struct rejection why;
    json_t *event = NULL;
    rejection_init(&why);
    assert_int_equal(profile_read(k->profile, OP_MELDEN, &c->request, &event, &why), 0);
    rejection_done(&why);
    return event;
}

static json_int_t upto(struct kp *k, const struct outgoing *c)
{
    json_t *event = event_of(k, c);
    json_int_t n = json_integer_value(json_object_get(event, "totVolgnummer"));
    json_decref(event);
    return n;
}

static char *id_of(struct kp *k, const struct outgoing *c)
{
    json_t *event = event_of(k, c);
    char *id = xstrdup(json_string_value(json_object_get(event, "id")));
    json_decref(event);
    return id;
}

static void ok(struct kp *k, struct outgoing *c)
{
    answered(k, c, CALL_ANSWERED, 204, NULL);
}

/* ---- */

static void an_event_is_thin(void **state)
{
    struct kp *k = *state;
    char *id = subscribe(k, URL);
    assert_int_equal(k->n_calls, 0); /* it begins at now */
    report(k, 1, "RECEIVED", 0);
    struct outgoing c = taken(k);
    assert_int_equal(c.op, OP_MELDEN);
    assert_string_equal(c.url, "https://overstap.example");
    assert_string_equal(c.request.method, "POST");
    assert_string_equal(c.request.target, "/notificaties?x=1");
    assert_int_equal(c.timeout_ns, 5 * NS_PER_S);
    assert_int_equal(c.trust, TRUST_PROPER);
    assert_string_equal(http_fields_get(&c.request.fields, "Content-Type"),
                        "application/cloudevents+json");
    assert_null(http_fields_get(&c.request.fields, "Authorization"));
    json_t *wire = json_loadb(c.request.body, c.request.body_n, 0, NULL);
    assert_int_equal(json_object_size(wire), 7);
    assert_string_equal(json_string_value(json_object_get(wire, "specversion")), "1.0");
    assert_string_equal(json_string_value(json_object_get(wire, "type")),
                        "nl.koppelpunt.aanmeldstatussen-gewijzigd");
    assert_ptr_equal(
        strstr(json_string_value(json_object_get(wire, "source")), "urn:nld:oin:"),
        json_string_value(json_object_get(wire, "source")));
    json_t *data = json_pack("{si}", "totVolgnummer", 1);
    assert_true(json_equal(json_object_get(wire, "data"), data));
    assert_null(strstr(c.request.body, BSN));
    json_decref(data);
    json_decref(wire);
    ok(k, &c);
    tick(k);
    assert_int_equal(k->n_calls, 0);
    assert_int_equal(k->wake_at, 0);
    free(id);
}

static void one_abonnement_per_address(void **state)
{
    struct kp *k = *state;
    char *a = subscribe(k, URL), *b = subscribe(k, URL), *c = subscribe(k, OTHER);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_int_equal(koppelpunt_abonnementen(k->role), 2);
    assert_int_equal(unsubscribe(k, a), 204);
    assert_null(k->response.body);
    assert_int_equal(unsubscribe(k, a), 404);
    assert_int_equal(unsubscribe(k, "nothing%20of yours/?"), 404);
    report(k, 1, "RECEIVED", 0);
    struct outgoing call = taken(k);
    assert_string_equal(call.url, "http://127.0.0.1:9000");
    assert_string_equal(call.request.target, "/hier");
    ok(k, &call);
    free(a), free(b), free(c);
}

static void addresses(void **state)
{
    static const struct {
        const char *url;
        int status;
    } cases[] = {
        {"https://overstap.example", 201},
        {"https://overstap.example:8443/a/b?c=d", 201},
        {"http://127.0.0.1:1/x", 201},
        {"http://127.3.2.1/x", 201},
        {"http://localhost:8080/x", 201},
        {"http://[::1]:8080/x", 201},
        {"http://overstap.example/x", 400},
        {"http://127.0.0.1.example/x", 400},
        {"http://localhost.example/x", 400},
        {"http://10.0.0.1/x", 400},
        {"https://user@overstap.example/x", 400},
        {"https://overstap.example/x#y", 400},
        {"https:///x", 400},
        {"ftp://127.0.0.1/x", 400},
        {"file:///etc/passwd", 400},
        {"", 400},
    };
    struct kp *k = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int got = kp_ask(k, OP_ABONNEREN, json_pack("{ss}", "callbackUrl", cases[i].url),
                         k->intergrip);
        if (got != cases[i].status)
            fail_msg("%s: %d", cases[i].url, got);
        if (got == 400)
            assert_true(kp_names(k, "/callbackUrl", NULL));
    }
    assert_int_equal(kp_ask(k, OP_ABONNEREN, json_object(), k->intergrip), 400);
    assert_int_equal(kp_ask(k, OP_ABONNEREN, json_pack("{ss}", "callbackUrl", URL), NULL),
                     401);
    assert_int_equal(
        kp_ask(k, OP_ABONNEREN, json_pack("{ss}", "callbackUrl", URL), k->sis), 403);
}

static void not_without_bound(void **state)
{
    struct kp *k = *state;
    char url[60];
    for (int i = 0; i < 100; i++) {
        snprintf(url, sizeof url, "https://overstap.example/%d", i);
        free(subscribe(k, url));
    }
    assert_int_equal(
        kp_ask(k, OP_ABONNEREN, json_pack("{ss}", "callbackUrl", URL), k->intergrip),
        400);
    assert_true(kp_names(k, "/callbackUrl", "te-veel-abonnementen"));
    free(subscribe(k, url)); /* one that is there already */
}

/* While one is under way no other goes out; then one tells all that came meanwhile. */
static void changes_are_gathered(void **state)
{
    struct kp *k = *state;
    free(subscribe(k, URL));
    report(k, 1, "RECEIVED", 0);
    struct outgoing c = taken(k);
    assert_int_equal(upto(k, &c), 1);
    report(k, 2, "RECEIVED", 0);
    report(k, 3, "RECEIVED", 0);
    assert_int_equal(k->n_calls, 0);
    char *first = id_of(k, &c);
    ok(k, &c);
    c = taken(k);
    assert_int_equal(upto(k, &c), 3);
    char *second = id_of(k, &c);
    assert_string_not_equal(first, second);
    ok(k, &c);
    assert_int_equal(k->n_calls, 0);
    free(first), free(second);
}

static void what_is_not_delivered_is_not_told(void **state)
{
    struct kp *k = *state;
    free(subscribe(k, URL));
    json_t *m = kp_melding(k, 1, "SUBMITTED", minute(0));
    json_object_set_new(m, "statussource", json_string("CAMBO"));
    json_object_set_new(m, "caketenid",
                        json_string("00000000-0000-4000-8000-00000000aaaa"));
    assert_int_equal(
        kp_ask(k, OP_INDIENEN, json_pack("{s[o]}", "statusmeldingen", m), k->cambo), 202);
    assert_int_equal(k->n_calls, 0);
    report(k, 2, "RECEIVED", 0);
    struct outgoing c = taken(k);
    ok(k, &c);
    report(k, 2, "RECEIVED", 0); /* a repeat */
    assert_int_equal(k->n_calls, 0);
}

/* KP-NOT-03: the same event after 250 ms, 1 s, 4 s, ... */
static void again_with_growing_gaps(void **state)
{
    static const struct {
        enum call_outcome how;
        int status;
    } ways[] = {{CALL_ANSWERED, 503},
                {CALL_TIMEOUT, 0},
                {CALL_ANSWERED, 302},
                {CALL_REFUSED, 0},
                {CALL_ANSWERED, 404}};
    struct kp *k = *state;
    uint64_t gap = 250 * NS_PER_MS;
    free(subscribe(k, URL));
    report(k, 1, "RECEIVED", 0);
    struct outgoing c = taken(k);
    char *first = id_of(k, &c);
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        answered(k, &c, ways[i].how, ways[i].status, NULL);
        assert_int_equal(k->n_calls, 0);
        assert_int_equal(k->wake_at, k->now.mono + gap);
        kp_pass(k, (double)gap / NS_PER_S - 0.001);
        report(k, 10 + (int)i, "RECEIVED", 0); /* no reason to hurry */
        assert_int_equal(k->n_calls, 0);
        kp_pass(k, 0.001);
        tick(k);
        c = taken(k);
        char *id = id_of(k, &c);
        assert_string_equal(id, first);
        assert_int_equal(upto(k, &c), 1);
        free(id);
        gap *= 4;
    }
    ok(k, &c);
    c = taken(k); /* what came meanwhile */
    assert_int_equal(upto(k, &c), 6);
    answered(k, &c, CALL_ANSWERED, 500, NULL);
    assert_int_equal(k->wake_at,
                     k->now.mono + 250 * NS_PER_MS); /* from the start again */
    free(first);
}

static void waits_as_long_as_it_is_asked(void **state)
{
    struct kp *k = *state;
    free(subscribe(k, URL));
    report(k, 1, "RECEIVED", 0);
    struct outgoing c = taken(k);
    answered(k, &c, CALL_ANSWERED, 429, "7");
    assert_int_equal(k->wake_at, k->now.mono + 7 * NS_PER_S);
}

/* KP-NOT-04 */
static void gone_is_gone(void **state)
{
    struct kp *k = *state;
    char *a = subscribe(k, URL);
    report(k, 1, "RECEIVED", 0);
    struct outgoing c = taken(k);
    answered(k, &c, CALL_ANSWERED, 410, NULL);
    assert_int_equal(koppelpunt_abonnementen(k->role), 0);
    report(k, 2, "RECEIVED", 0);
    tick(k);
    assert_int_equal(k->n_calls, 0);
    assert_int_equal(unsubscribe(k, a), 404);
    kp_restart(k);
    report(k, 3, "RECEIVED", 0);
    assert_int_equal(k->n_calls, 0);
    char *b = subscribe(k, URL);
    assert_string_not_equal(a, b);
    free(a), free(b);
}

static void ended_under_way(void **state)
{
    struct kp *k = *state;
    char *a = subscribe(k, URL);
    report(k, 1, "RECEIVED", 0);
    struct outgoing c = taken(k);
    assert_int_equal(unsubscribe(k, a), 204);
    answered(k, &c, CALL_ANSWERED, 503, NULL);
    assert_int_equal(k->wake_at, 0);
    free(a);
}

static void withdrawn_is_silent(void **state)
{
    struct kp *k = *state;
    free(subscribe(k, URL));
    json_t *change = json_pack("{sb}", "ingetrokken", 1);
    assert_int_equal(koppelpunt_set_client(k->role, "intergrip", change, NULL), 0);
    report(k, 1, "RECEIVED", 0);
    tick(k);
    assert_int_equal(k->n_calls, 0);
    json_object_set_new(change, "ingetrokken", json_false());
    assert_int_equal(koppelpunt_set_client(k->role, "intergrip", change, NULL), 0);
    tick(k);
    struct outgoing c = taken(k);
    ok(k, &c);
    json_decref(change);
}

/* At least once, whatever happened to the process in between; and the same id. */
static void survives(void **state)
{
    struct kp *k = *state;
    char *a = subscribe(k, URL);
    kp_restart(k);
    assert_int_equal(koppelpunt_abonnementen(k->role), 1);
    char *again = subscribe(k, URL);
    assert_string_equal(a, again);
    report(k, 1, "RECEIVED", 0);
    struct outgoing c = taken(k);
    char *id = id_of(k, &c);
    outgoing_done(&c); /* killed before any answer */
    kp_restart(k);     /* its first request brings it out */
    c = taken(k);
    char *other = id_of(k, &c);
    assert_string_equal(id, other);
    ok(k, &c);
    kp_restart(k);
    tick(k);
    assert_int_equal(k->n_calls, 0); /* acknowledged before */
    assert_int_equal(unsubscribe(k, a), 204);
    kp_restart(k);
    assert_int_equal(koppelpunt_abonnementen(k->role), 0);
    free(a), free(again), free(id), free(other);
}

static void not_offered(void **state)
{
    struct kp *k = *state;
    free(subscribe(k, URL));
    k->config.notification_scale = 0;
    kp_restart(k); /* with records of abonnementen in its log */
    assert_int_equal(
        kp_ask(k, OP_ABONNEREN, json_pack("{ss}", "callbackUrl", URL), k->intergrip),
        404);
    assert_int_equal(unsubscribe(k, "x"), 404);
    report(k, 1, "RECEIVED", 0);
    assert_int_equal(koppelpunt_abonnementen(k->role), 0);
    koppelpunt_lose_notification(k->role);
    assert_int_equal(koppelpunt_lost_notifications(k->role), 0);
}

static void one_gets_lost(void **state)
{
    struct kp *k = *state;
    free(subscribe(k, URL));
    koppelpunt_lose_notification(k->role);
    report(k, 1, "RECEIVED", 0);
    assert_int_equal(k->n_calls, 0);
    assert_int_equal(koppelpunt_lost_notifications(k->role), 1);
    tick(k);
    assert_int_equal(k->n_calls, 0);
    report(k, 2, "RECEIVED", 0);
    struct outgoing c = taken(k);
    assert_int_equal(upto(k, &c), 2);
    ok(k, &c);
}

/* ---- mutants ---- */

static void as(struct kp *k, enum kp_mutant which)
{
    k->role->ops->free(k->role);
    file_rmtree(k->state, NULL);
    k->config.mutant = which;
    kp_start(k);
    free(subscribe(k, URL));
    report(k, 1, "RECEIVED", 0);
}

static void mutants(void **state)
{
    struct kp *k = *state;
    as(k, KP_NOTIFY_PERSONAL);
    struct outgoing c = taken(k);
    assert_non_null(strstr(c.request.body, BSN));
    ok(k, &c);

    as(k, KP_NOTIFY_ONCE);
    c = taken(k);
    answered(k, &c, CALL_ANSWERED, 503, NULL);
    assert_int_equal(k->wake_at, 0);

    as(k, KP_NOTIFY_NEW_IDS);
    c = taken(k);
    char *first = id_of(k, &c);
    answered(k, &c, CALL_ANSWERED, 503, NULL);
    kp_pass(k, 1);
    tick(k);
    c = taken(k);
    char *second = id_of(k, &c);
    assert_string_not_equal(first, second);
    ok(k, &c);
    free(first), free(second);

    as(k, KP_NOTIFY_EVEN_GAPS);
    for (int i = 0; i < 3; i++) {
        c = taken(k);
        answered(k, &c, CALL_ANSWERED, 503, NULL);
        assert_int_equal(k->wake_at, k->now.mono + 250 * NS_PER_MS);
        kp_pass(k, 0.25);
        tick(k);
    }
    c = taken(k);
    ok(k, &c);

    as(k, KP_NOTIFY_AFTER_410);
    c = taken(k);
    answered(k, &c, CALL_ANSWERED, 410, NULL);
    report(k, 2, "RECEIVED", 0);
    c = taken(k);
    ok(k, &c);

    as(k, KP_NOTIFY_SOMETIMES);
    c = taken(k);
    ok(k, &c);
    report(k, 2, "RECEIVED", 0);
    assert_int_equal(k->n_calls, 0);

    as(k, KP_NOTIFY_FORGETS);
    c = taken(k);
    ok(k, &c);
    kp_restart(k);
    assert_int_equal(koppelpunt_abonnementen(k->role), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, kp_teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_event_is_thin),
        TEST(one_abonnement_per_address),
        TEST(addresses),
        TEST(not_without_bound),
        TEST(changes_are_gathered),
        TEST(what_is_not_delivered_is_not_told),
        TEST(again_with_growing_gaps),
        TEST(waits_as_long_as_it_is_asked),
        TEST(gone_is_gone),
        TEST(ended_under_way),
        TEST(withdrawn_is_silent),
        TEST(survives),
        TEST(not_offered),
        TEST(one_gets_lost),
        TEST(mutants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
