/*
 * Pages with a number and a snapshot token (proef-2), and all of proef-2 both ways.
 */
#include "tests/unit/profile/t.h"

static struct profile *p;

static int setup(void **state)
{
    (void)state;
    p = load(FIXTURES, "proef-2");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    profile_free(p);
    return 0;
}

/* Valid against the strict schemas, and the same message at the other end. */
static void round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        enum op op = samples[i].op;
        if (op == OP_TOKEN)
            continue;
        json_t *request = js(samples[i].request), *answer = js(samples[i].answer);
        json_t *read = NULL, *understood = NULL, *faults = NULL;
        struct http_request req;
        struct http_response resp;
        struct rejection why;
        rejection_init(&why);
        profile_ask(p, op, request, "sleutel", &req);
        assert_field(&req.fields, "X-Api-Key", "sleutel");
        assert_string_equal(profile_bearer(p, &req), "sleutel");
        assert_null(profile_scope(p, op));
        assert_int_equal(profile_route(p, req.method, req.target, &why), op);
        assert_int_equal(profile_read(p, op, &req, &read, &why), 0);
        assert_json_new(read, samples[i].request);
        profile_answer(p, op, &req, answer, &resp);
        assert_true(profile_understand(p, op, &resp, &understood, &faults));
        assert_json_new(faults, "[]");
        if (op == OP_OPHALEN)
            json_object_set_new(answer, "volgende", json_string("2@x"));
        assert_true(json_equal(understood, answer));
        json_decref(understood);
        json_decref(request);
        json_decref(answer);
        rejection_done(&why);
        http_request_done(&req);
        http_response_done(&resp);
    }
}

/* Asks with the cursor the client holds ("" at first) and gives its next one, which the
 * caller frees. The server sees `token` and answers with `answer` as its own cursor. */
static char *turn(const char *cursor, const char *target, const char *token,
                  const char *answer, bool meer)
{
    json_t *ask = *cursor ? json_pack("{s:s}", "sinds", cursor) : json_object();
    json_t *page = json_pack("{s:[], s:s, s:b}", "aanmeldstatussen", "volgende", answer,
                             "meer", meer);
    json_t *understood = NULL, *faults = NULL, *read = NULL;
    struct http_request req;
    struct http_response resp, again;
    struct fetch_query q;
    struct rejection why;
    profile_ask(p, OP_OPHALEN, ask, NULL, &req);
    assert_string_equal(req.target, target);
    rejection_init(&why);
    assert_int_equal(profile_fetch_query(p, req.target, &q, &why), 0);
    assert_string_equal(q.sinds, token);
    assert_int_equal(profile_read(p, OP_OPHALEN, &req, &read, &why), 0);
    assert_true(json_equal(read, ask)); /* both ends speak of the same cursor */
    profile_answer(p, OP_OPHALEN, &req, page, &resp);
    assert_true(profile_understand(p, OP_OPHALEN, &resp, &understood, &faults));
    assert_json_new(faults, "[]");
    /* What was understood and is written again (an edited answer) is the same. */
    profile_answer(p, OP_OPHALEN, &req, understood, &again);
    assert_string_equal(again.body, resp.body);
    char *next = xstrdup(json_string_value(json_object_get(understood, "volgende")));
    json_decref(ask);
    json_decref(page);
    json_decref(read);
    json_decref(understood);
    rejection_done(&why);
    http_request_done(&req);
    http_response_done(&resp);
    http_response_done(&again);
    return next;
}

static void conversation(void **state)
{
    static const char path[] = "/koppelpunt/api/v2/aanmeldingen/statussen";
    static const struct {
        const char *query, *token, *answer;
        bool meer;
        const char *next;
    } t[] = {
        {"", "", "A", true, "2@A"},
        {"?momentopname=A&pagina=2", "A", "B", true, "3@B"},
        {"?momentopname=B&pagina=3", "B", "C=", false, "1@C="},
        {"?momentopname=C%3D&pagina=1", "C=", "D", true, "2@D"},
    };
    char *cursor = xstrdup("");
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        char *target = xasprintf("%s%s", path, t[i].query);
        char *next = turn(cursor, target, t[i].token, t[i].answer, t[i].meer);
        assert_string_equal(next, t[i].next);
        free(target);
        free(cursor);
        cursor = next;
    }
    free(cursor);
}

static void odd_cursors(void **state)
{
    static const struct {
        const char *sinds, *query;
    } t[] = {
        {"onzin", "?momentopname=onzin"},
        {"@x", "?momentopname=%40x"},
        {"1234567890@x", "?momentopname=1234567890%40x"}, /* no page has ten digits */
        {"12@", "?momentopname=&pagina=12"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        json_t *ask = json_pack("{s:s}", "sinds", t[i].sinds);
        struct http_request req;
        profile_ask(p, OP_OPHALEN, ask, NULL, &req);
        assert_string_equal(strchr(req.target, '?'), t[i].query);
        http_request_done(&req);
        json_decref(ask);
    }
}

static void wrong_numbers(void **state)
{
    static const struct {
        const char *target, *reden;
    } t[] = {
        {"/x?pagina=0", "buiten-bereik"},
        {"/x?pagina=", "buiten-bereik"},
        {"/x?momentopname=a&pagina=x", "buiten-bereik"},
        {"/x?momentopname=a&pagina=1&pagina=2", "dubbel"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct fetch_query q;
        struct rejection why;
        rejection_init(&why);
        assert_int_equal(profile_fetch_query(p, t[i].target, &q, &why), E_INVALID);
        assert_int_equal(why.problem, PROBLEM_INVALID);
        json_t *f = json_array_get(why.fouten, 0);
        assert_string_equal(json_string_value(json_object_get(f, "pointer")), "/pagina");
        assert_string_equal(json_string_value(json_object_get(f, "reden")), t[i].reden);
        rejection_done(&why);
    }
}

/* What a search for the current state with both ends looks like on the wire. */
static void wire_form(void **state)
{
    json_t *answer = js("{'aanmeldstatussen':[" ENTRY "],'volgende':'tok','meer':true}");
    struct http_request req;
    struct http_response resp;
    (void)state;
    http_request_init(&req);
    http_request_line(
        &req, "GET", "/koppelpunt/api/v2/aanmeldingen/statussen?momentopname=a&pagina=4");
    profile_answer(p, OP_OPHALEN, &req, answer, &resp);
    assert_json_new(body_json(&resp),
                    "{'gegevens':{'aanmeldstatussen':[{'volgorde':7,"
                    "'aanmelding':'5f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c11',"
                    "'burgerservicenummer':'999990019','statuscode':'AO',"
                    "'ingangstijdstip':'2023-05-02T08:15:30Z','brin':'25LH',"
                    "'instellingsnaam':'ROC Midden Nederland','instroomOpleiding':"
                    "{'code':'25655','omschrijving':'Mbo-Verpleegkundige'}}]},"
                    "'bladzijde':{'momentopname':'tok','meer':true,'nummer':4}}");
    http_request_done(&req);
    http_response_done(&resp);
    json_decref(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips), cmocka_unit_test(conversation),
        cmocka_unit_test(odd_cursors), cmocka_unit_test(wrong_numbers),
        cmocka_unit_test(wire_form),
    };
    mem_install();
    return cmocka_run_group_tests(tests, setup, teardown);
}
