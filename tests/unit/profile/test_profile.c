/*
 * The server's side of a profile, on proef-1: routing, queries, reading, answering,
 * refusing.
 */
#include "tests/unit/profile/t.h"

static struct profile *p;

static int setup(void **state)
{
    (void)state;
    p = load(FIXTURES, "proef-1");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    profile_free(p);
    return 0;
}

/* ---- names and routes ---- */

static void names(void **state)
{
    char **list = NULL;
    bool found = false;
    (void)state;
    assert_string_equal(profile_name(p), "proef-1");
    assert_string_equal(op_name(OP_STAND), "standen.indienen");
    assert_string_equal(op_name(OP_NONE), "");
    assert_int_equal(op_by_name("aanmeldstatussen.zoeken"), OP_ZOEKEN);
    assert_int_equal(op_by_name("aanmeldstatussen"), OP_NONE);
    assert_int_equal(op_by_name(""), OP_NONE);
    assert_int_equal(problem_status(PROBLEM_GONE), 410);
    assert_int_equal(profile_list(FIXTURES, &list, NULL), 0);
    for (size_t i = 0; list[i]; i++) {
        found = found || !strcmp(list[i], "proef-1");
        free(list[i]);
    }
    free(list);
    assert_true(found);
}

/* Said by the environment, else found from the binary or the source tree. */
static void places(void **state)
{
    (void)state;
    assert_int_equal(setenv("KOPPELPROEF_FIXTURES", "/er/gens", 1), 0);
    assert_string_equal(profile_dir(), "/er/gens");
    assert_int_equal(setenv("KOPPELPROEF_FIXTURES", "", 1), 0);
    struct profile *q = load(profile_dir(), "proef-1");
    profile_free(q);
    assert_int_equal(unsetenv("KOPPELPROEF_FIXTURES"), 0);
    q = load(profile_dir(), "proef-2");
    profile_free(q);
    assert_int_equal(setenv("KOPPELPROEF_SCENARIOS", "/er/anders", 1), 0);
    assert_string_equal(profile_scenarios_dir(), "/er/anders");
    assert_int_equal(unsetenv("KOPPELPROEF_SCENARIOS"), 0);
    assert_string_equal(strrchr(profile_scenarios_dir(), '/'), "/scenarios");
}

static void answer_words(void **state)
{
    (void)state;
    assert_string_equal(profile_answer_word(202), "ok");
    assert_string_equal(profile_answer_word(302), "redirect");
    assert_string_equal(profile_answer_word(400), "invalid");
    assert_string_equal(profile_answer_word(409), "conflict");
    assert_string_equal(profile_answer_word(503), "unavailable");
    assert_string_equal(profile_answer_word(502), "server-error");
    assert_string_equal(profile_answer_word(418), "other");
    assert_string_equal(profile_answer_word(0), "other");
}

static void routes(void **state)
{
    static const struct {
        const char *method, *target;
        enum op op;
        enum problem problem;
        const char *allow;
    } t[] = {
        {"POST", "/oauth2/token", OP_TOKEN, 0, ""},
        {"POST", "/v1/statusmeldingen", OP_INDIENEN, 0, ""},
        {"POST", "/v1/standen", OP_STAND, 0, ""},
        {"GET", "/v1/aanmeldstatussen", OP_OPHALEN, 0, ""},
        {"GET", "/v1/aanmeldstatussen?sinds=a%2Fb&limiet=3", OP_OPHALEN, 0, ""},
        {"GET", "http://h:1/v1/aanmeldstatussen?limiet=3", OP_OPHALEN, 0, ""},
        {"POST", "/v1/aanmeldstatussen/zoekopdrachten", OP_ZOEKEN, 0, ""},
        {"GET", "/v1/openapi.json", OP_OPENAPI, 0, ""},
        {"GET", "/v1/gezondheid", OP_GEZONDHEID, 0, ""},
        {"GET", "/v1/gezondheid/", OP_NONE, PROBLEM_NOT_FOUND, ""},
        {"GET", "/v1/Gezondheid", OP_NONE, PROBLEM_NOT_FOUND, ""},
        {"GET", "/v1", OP_NONE, PROBLEM_NOT_FOUND, ""},
        {"GET", "", OP_NONE, PROBLEM_NOT_FOUND, ""},
        {"GET", "http://h", OP_NONE, PROBLEM_NOT_FOUND, ""},
        {"GET", "/v1/aanmeldstatusse", OP_NONE, PROBLEM_NOT_FOUND, ""},
        {"DELETE", "/v1/aanmeldstatussen", OP_NONE, PROBLEM_METHOD, "GET"},
        {"get", "/v1/aanmeldstatussen", OP_NONE, PROBLEM_METHOD, "GET"},
        {"GET", "/v1/standen?x=1", OP_NONE, PROBLEM_METHOD, "POST"},
        {"POST", "/v1/abonnementen", OP_ABONNEREN, 0, ""},
        {"DELETE", "/v1/abonnementen/a%2Fb?x=1", OP_OPZEGGEN, 0, ""},
        {"DELETE", "/v1/abonnementen", OP_NONE, PROBLEM_METHOD, "POST"},
        {"POST", "/v1/abonnementen/a", OP_NONE, PROBLEM_METHOD, "DELETE"},
        {"DELETE", "/v1/abonnementen/", OP_NONE, PROBLEM_NOT_FOUND, ""},
        {"DELETE", "/v1/abonnementen/?x=1", OP_NONE, PROBLEM_NOT_FOUND, ""},
        {"DELETE", "/v1/abonnementen/a/", OP_NONE, PROBLEM_NOT_FOUND, ""},
        {"DELETE", "/v1/abonnementen/a/b", OP_NONE, PROBLEM_NOT_FOUND, ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct rejection why;
        rejection_init(&why);
        assert_int_equal(profile_route(p, t[i].method, t[i].target, &why), t[i].op);
        assert_int_equal(why.problem, t[i].problem);
        assert_string_equal(why.allow, t[i].allow);
        rejection_done(&why);
    }
}

static void fetch_queries(void **state)
{
    static const struct {
        const char *target;
        bool has_sinds;
        const char *sinds;
        int limiet;
        enum problem problem;
        const char *fouten;
    } t[] = {
        {"/x", false, "", -1, 0, NULL},
        {"/x?", false, "", -1, 0, NULL},
        {"/x?limiet=1", false, "", 1, 0, NULL},
        {"/x?limiet=1000&sinds=a%2fb+c%20d", true, "a/b+c d", 1000, 0, NULL},
        {"/x?onbekend&a=b&sinds=q", true, "q", -1, 0, NULL},
        {"/x?limiet=1001", false, "", 0, PROBLEM_INVALID,
         "[{'pointer':'/limiet','reden':'buiten-bereik'}]"},
        {"/x?limiet=0", false, "", 0, PROBLEM_INVALID,
         "[{'pointer':'/limiet','reden':'buiten-bereik'}]"},
        {"/x?limiet=", false, "", 0, PROBLEM_INVALID,
         "[{'pointer':'/limiet','reden':'buiten-bereik'}]"},
        {"/x?limiet=-1", false, "", 0, PROBLEM_INVALID,
         "[{'pointer':'/limiet','reden':'buiten-bereik'}]"},
        {"/x?limiet=%31", false, "", 0, PROBLEM_INVALID,
         "[{'pointer':'/limiet','reden':'buiten-bereik'}]"},
        {"/x?limiet=99999999999999999999", false, "", 0, PROBLEM_INVALID,
         "[{'pointer':'/limiet','reden':'buiten-bereik'}]"},
        {"/x?limiet=5&limiet=5", false, "", 5, PROBLEM_INVALID,
         "[{'pointer':'/limiet','reden':'dubbel'}]"},
        {"/x?sinds=", true, "", -1, PROBLEM_CURSOR_INVALID,
         "[{'pointer':'/sinds','reden':'ongeldige-cursor'}]"},
        {"/x?sinds=%zz", true, NULL, -1, PROBLEM_CURSOR_INVALID,
         "[{'pointer':'/sinds','reden':'ongeldige-cursor'}]"},
        {"/x?sinds=a%00b", true, NULL, -1, PROBLEM_CURSOR_INVALID,
         "[{'pointer':'/sinds','reden':'ongeldige-cursor'}]"},
        {"/x?sinds=a&sinds=b", true, "a", -1, PROBLEM_INVALID,
         "[{'pointer':'/sinds','reden':'dubbel'}]"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct fetch_query q;
        struct rejection why;
        rejection_init(&why);
        int r = profile_fetch_query(p, t[i].target, &q, &why);
        assert_int_equal(r, t[i].problem ? E_INVALID : 0);
        assert_int_equal(why.problem, t[i].problem);
        assert_int_equal(q.has_sinds, t[i].has_sinds);
        assert_int_equal(q.limiet, t[i].limiet);
        if (t[i].sinds)
            assert_string_equal(q.sinds, t[i].sinds);
        if (t[i].fouten)
            assert_json(why.fouten, t[i].fouten);
        rejection_done(&why);
    }
}

static void fetch_query_long_cursor(void **state)
{
    char target[700] = "/x?sinds=";
    struct fetch_query q;
    struct rejection why;
    (void)state;
    memset(target + 9, 'a', 511);
    rejection_init(&why);
    assert_int_equal(profile_fetch_query(p, target, &q, &why), 0);
    assert_int_equal(strlen(q.sinds), 511);
    target[9 + 511] = 'a';
    assert_int_equal(profile_fetch_query(p, target, &q, &why), E_INVALID);
    assert_int_equal(why.problem, PROBLEM_CURSOR_INVALID);
    rejection_done(&why);
}

static void bearer(void **state)
{
    static const struct {
        const char *field, *token;
    } t[] = {{"Bearer abc", "abc"}, {"bearer  abc", "abc"}, {"Basic abc", NULL},
             {"Bearer ", NULL},     {"Bearer", NULL},       {"abc", NULL}};
    struct http_request req;
    (void)state;
    http_request_init(&req);
    assert_null(profile_bearer(p, &req));
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        http_fields_set(&req.fields, "authorization", t[i].field);
        const char *have = profile_bearer(p, &req);
        if (t[i].token) {
            assert_non_null(have);
            assert_string_equal(have, t[i].token);
        } else {
            assert_null(have);
        }
    }
    http_request_done(&req);
    assert_string_equal(profile_scope(p, OP_STAND), "statusmeldingen:indienen");
    assert_string_equal(profile_scope(p, OP_ZOEKEN), "aanmeldstatussen:lezen");
    assert_null(profile_scope(p, OP_GEZONDHEID));
    assert_null(profile_scope(p, OP_TOKEN));
}

static void acceptable(void **state)
{
    static const struct {
        const char *accept;
        bool ok;
    } t[] = {
        {NULL, true},
        {"", true},
        {"application/json", true},
        {"Application/JSON", true},
        {"application/json;charset=utf-8", true},
        {"application/*", true},
        {"*/*", true},
        {"text/html, application/json;q=0.1", true},
        {"text/html,*/*;q=0.8", true},
        {"application/json, application/problem+json", true},
        {"text/html", false},
        {"application/xml", false},
        {"application/problem+json", false},
        {"application/jsonp", false},
        {"application/json;q=0", false},
        {"*/*, application/json;q=0", false},
        {"*/*;q=0, application/json", true},
        {"text/*", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct http_request req;
        http_request_init(&req);
        if (t[i].accept)
            http_fields_add(&req.fields, "Accept", t[i].accept);
        if (profile_acceptable(p, OP_OPHALEN, &req) != t[i].ok)
            fail_msg("Accept: %s", t[i].accept);
        http_request_done(&req);
    }
}

/* ---- reading ---- */

/* What the client writes the server reads, and the other way round. */
static void round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        json_t *request = js(samples[i].request), *answer = js(samples[i].answer);
        json_t *read = NULL, *understood = NULL, *faults = NULL;
        struct http_request req;
        struct http_response resp;
        struct rejection why;
        rejection_init(&why);
        profile_ask(p, samples[i].op, request, NULL, &req);
        assert_int_equal(profile_route(p, req.method, req.target, &why), samples[i].op);
        assert_int_equal(profile_read(p, samples[i].op, &req, &read, &why), 0);
        assert_int_equal(why.problem, PROBLEM_NONE);
        assert_json_new(read, samples[i].request);
        profile_answer(p, samples[i].op, &req, answer, &resp);
        assert_field(&resp.fields, "Content-Type", "application/json");
        assert_true(profile_understand(p, samples[i].op, &resp, &understood, &faults));
        assert_json_new(faults, "[]");
        assert_json_new(understood, samples[i].answer);
        rejection_done(&why);
        http_request_done(&req);
        http_response_done(&resp);
        json_decref(request);
        json_decref(answer);
    }
}

static void statuses(void **state)
{
    static const struct {
        enum op op;
        int status;
    } t[] = {{OP_TOKEN, 200},  {OP_INDIENEN, 202}, {OP_STAND, 202},     {OP_OPHALEN, 200},
             {OP_ZOEKEN, 200}, {OP_OPENAPI, 200},  {OP_GEZONDHEID, 200}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        json_t *empty = json_object();
        struct http_response resp;
        profile_answer(p, t[i].op, NULL, empty, &resp);
        assert_int_equal(resp.status, t[i].status);
        assert_field(&resp.fields, "API-Version", "1.0.0");
        assert_field(&resp.fields, "Cache-Control", "no-store");
        assert_field(&resp.fields, "X-Content-Type-Options", "nosniff");
        assert_field(&resp.fields, "X-Frame-Options", "DENY");
        assert_field(&resp.fields, "Content-Security-Policy", "frame-ancestors 'none'");
        http_response_done(&resp);
        json_decref(empty);
    }
}

/* Makes a request of `op` with this body and reads it; the rejection tells. */
static void refuse_body(enum op op, const char *type, const char *encoding,
                        const char *text, size_t n, struct rejection *why)
{
    struct http_request req;
    json_t *read = NULL;
    http_request_init(&req);
    http_request_line(&req, "POST", "/v1/statusmeldingen");
    if (type)
        http_fields_add(&req.fields, "Content-Type", type);
    if (encoding)
        http_fields_add(&req.fields, "Content-Encoding", encoding);
    if (n == SIZE_MAX)
        req.body_n = SIZE_MAX;
    else
        http_request_body(&req, xmemdup(text, n), n);
    rejection_init(why);
    assert_int_equal(profile_read(p, op, &req, &read, why), E_INVALID);
    assert_null(read);
    http_request_done(&req);
}

static void refused_before_the_schema(void **state)
{
    static const char json[] = "{\"statusmeldingen\":[]}";
    static const struct {
        const char *type, *encoding, *text;
        size_t n;
        enum problem problem;
        const char *fouten;
    } t[] = {
        {NULL, NULL, json, sizeof json - 1, PROBLEM_MEDIA_TYPE, NULL},
        {"text/plain", NULL, json, sizeof json - 1, PROBLEM_MEDIA_TYPE, NULL},
        {"application/jsonp", NULL, json, sizeof json - 1, PROBLEM_MEDIA_TYPE, NULL},
        {"application/json;charset=latin1", NULL, json, sizeof json - 1,
         PROBLEM_MEDIA_TYPE, NULL},
        {"application/json; a=b; charset=\"utf-16\"", NULL, json, sizeof json - 1,
         PROBLEM_MEDIA_TYPE, NULL},
        {"application/json", "gzip", json, sizeof json - 1, PROBLEM_MEDIA_TYPE, NULL},
        {"application/json", NULL, NULL, SIZE_MAX, PROBLEM_TOO_LARGE, NULL},
        {"application/json", NULL, "", 0, PROBLEM_INVALID,
         "[{'pointer':'','reden':'ongeldige-json'}]"},
        {"application/json", NULL, "{\"statusmeldingen\":[}", 20, PROBLEM_INVALID,
         "[{'pointer':'','reden':'ongeldige-json'}]"},
        {"application/json", NULL, "{\"a\":1,\"a\":1}", 13, PROBLEM_INVALID,
         "[{'pointer':'','reden':'ongeldige-json'}]"},
        {"application/json", NULL, "{\"a\":\"\xff\"}", 9, PROBLEM_INVALID,
         "[{'pointer':'','reden':'ongeldige-json'}]"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct rejection why;
        refuse_body(OP_INDIENEN, t[i].type, t[i].encoding, t[i].text, t[i].n, &why);
        assert_int_equal(why.problem, t[i].problem);
        if (t[i].fouten)
            assert_json(why.fouten, t[i].fouten);
        else
            assert_null(why.fouten);
        rejection_done(&why);
    }
}

/* The limit itself is allowed, one byte more is not; white space counts. */
static void size_limit(void **state)
{
    static const char text[] = "{\"bsns\":[\"999990019\"]}";
    const size_t limit = 4194304;
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        struct http_request req;
        struct rejection why;
        json_t *read = NULL;
        char *big = xmalloc(limit + extra + 1);
        memset(big, ' ', limit + extra);
        big[limit + extra] = '\0';
        memcpy(big, text, sizeof text - 1);
        http_request_init(&req);
        http_fields_add(&req.fields, "Content-Type", "application/json;charset=UTF-8");
        http_fields_add(&req.fields, "Content-Encoding", "identity");
        http_request_body(&req, big, limit + extra);
        rejection_init(&why);
        assert_int_equal(profile_read(p, OP_ZOEKEN, &req, &read, &why),
                         extra ? E_INVALID : 0);
        assert_int_equal(why.problem, extra ? PROBLEM_TOO_LARGE : PROBLEM_NONE);
        json_decref(read);
        rejection_done(&why);
        http_request_done(&req);
    }
}

/* All faults are named, the values are not, and what could be read is there. */
static void schema_faults(void **state)
{
    static const char text[] =
        "{\"statusmeldingen\":[{\"meldingId\":\"geen uuid\",\"ouder\":\"Jansen\","
        "\"bsn\":\"123456782\",\"status\":\"FOUT\",\"begindatum\":\"2023-02-30T08:00:"
        "00Z\"},"
        "5]}";
    static const char *const pointers[] = {
        "/statusmeldingen/0/meldingId", "/statusmeldingen/0/ouder",
        "/statusmeldingen/0/status",    "/statusmeldingen/0/begindatum",
        "/statusmeldingen/0/ketenid",   "/statusmeldingen/1"};
    struct rejection why;
    struct http_response resp;
    (void)state;
    refuse_body(OP_INDIENEN, "application/json", NULL, text, sizeof text - 1, &why);
    assert_int_equal(why.problem, PROBLEM_INVALID);
    for (size_t i = 0; i < ARRAY_LEN(pointers); i++) {
        size_t k, found = 0;
        json_t *f;
        json_array_foreach (why.fouten, k, f)
            found +=
                !strcmp(json_string_value(json_object_get(f, "pointer")), pointers[i]);
        if (found != 1)
            fail_msg("%s is named %zu times", pointers[i], found);
    }
    assert_json(why.readable,
                "{'statusmeldingen':[{'meldingId':'geen uuid','bsn':'123456782',"
                "'status':'FOUT'},{}]}");
    profile_refuse(p, NULL, &why, &resp);
    assert_null(strstr(resp.body, "123456782"));
    assert_null(strstr(resp.body, "Jansen"));
    assert_null(strstr(resp.body, "geen uuid"));
    http_response_done(&resp);
    rejection_done(&why);
}

/* A newline at the end is no part of any pattern; times of sources have 0 or 3 digits. */
static void strictness(void **state)
{
    static const struct {
        const char *key, *value;
        bool ok;
    } t[] = {
        {"bsn", "999990019", true},
        {"bsn", "999990019\\n", false},
        {"bsn", "99999001", false},
        {"ketenid", "25LH:90001234", true},
        {"ketenid", "25lh:90001234", false},
        {"opleidingcode", "25655", true},
        {"opleidingcode", "1234O5678", true},
        {"opleidingcode", "123456", false},
        {"begindatum", "2023-05-02T08:15:30.125Z", true},
        {"begindatum", "2023-05-02T08:15:30.12Z", false},
        {"begindatum", "2023-05-02T08:15:30+00:00", false},
        {"begindatum", "2023-05-02T08:15:30z", false},
        {"begindatum", "2023-02-30T08:15:30Z", false},
        {"begindatum", "2023-05-02T23:59:60Z", false},
        {"startmoment", "2023-02-30", false},
        {"startmoment", "2024-02-29", true},
        {"status", "CREATED", false},
        {"identificatie", "", false},
        {"meldingId", "1B4E28BA-2FA1-4D8E-9C35-8F6F0D2C7A10", true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        json_t *message = js("{'statusmeldingen':[" MELDING "]}"), *read = NULL;
        json_t *melding = json_array_get(json_object_get(message, "statusmeldingen"), 0);
        char *quoted = xasprintf("\"%s\"", t[i].value);
        struct http_request req;
        struct rejection why;
        json_object_set_new(melding, t[i].key, json_loads(quoted, JSON_DECODE_ANY, NULL));
        profile_ask(p, OP_INDIENEN, message, NULL, &req);
        rejection_init(&why);
        int r = profile_read(p, OP_INDIENEN, &req, &read, &why);
        if ((r == 0) != t[i].ok)
            fail_msg("%s: %s", t[i].key, t[i].value);
        json_decref(read);
        json_decref(message);
        free(quoted);
        rejection_done(&why);
        http_request_done(&req);
    }
}

static void batch_sizes(void **state)
{
    static const struct {
        size_t n;
        const char *fouten;
    } t[] = {{0, ""}, {1, NULL}, {500, NULL}, {501, ""}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        json_t *melding = js(MELDING), *list = json_array(), *read = NULL;
        for (size_t k = 0; k < t[i].n; k++)
            json_array_append(list, melding);
        json_t *message = json_pack("{s:o}", "statusmeldingen", list);
        struct http_request req;
        struct rejection why;
        profile_ask(p, OP_INDIENEN, message, NULL, &req);
        rejection_init(&why);
        int r = profile_read(p, OP_INDIENEN, &req, &read, &why);
        assert_int_equal(r, t[i].fouten ? E_INVALID : 0);
        if (t[i].fouten) {
            assert_int_equal(json_array_size(why.fouten), 1); /* one fault: the list */
            json_t *f = json_array_get(why.fouten, 0);
            assert_string_equal(json_string_value(json_object_get(f, "pointer")),
                                "/statusmeldingen");
        }
        json_decref(read);
        json_decref(message);
        json_decref(melding);
        rejection_done(&why);
        http_request_done(&req);
    }
}

/* ---- the token ---- */

static void token_requests(void **state)
{
    static const struct {
        const char *basic, *form, *error;
        int status;
    } t[] = {
        {"Basic aWQ6c2VjcmV0", "grant_type=client_credentials", NULL, 0},
        {"basic aWQ6c2VjcmV0", "grant_type=client%5Fcredentials&scope=", NULL, 0},
        {NULL, "grant_type=client_credentials", "invalid_client", 401},
        {"Bearer x", "grant_type=client_credentials", "invalid_client", 401},
        {"Basic !!!", "grant_type=client_credentials", "invalid_client", 401},
        {"Basic aWQ=", "grant_type=client_credentials", "invalid_client", 401},
        {"Basic aWQ6c2VjcmV0", "", "invalid_request", 400},
        {"Basic aWQ6c2VjcmV0", "grant_type=password", "unsupported_grant_type", 400},
        {"Basic aWQ6c2VjcmV0", "grant_type=client_credentials&grant_type=a",
         "invalid_request", 400},
        {"Basic aWQ6c2VjcmV0", "grant_type=%zz", "invalid_request", 400},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct http_request req;
        struct rejection why;
        json_t *read = NULL;
        http_request_init(&req);
        http_request_line(&req, "POST", "/oauth2/token");
        http_fields_add(&req.fields, "Content-Type", "application/x-www-form-urlencoded");
        if (t[i].basic)
            http_fields_add(&req.fields, "Authorization", t[i].basic);
        body(&req, t[i].form);
        rejection_init(&why);
        int r = profile_read(p, OP_TOKEN, &req, &read, &why);
        assert_int_equal(r, t[i].error ? E_INVALID : 0);
        if (t[i].error) {
            struct http_response resp;
            profile_refuse(p, &req, &why, &resp);
            json_t *doc = body_json(&resp);
            assert_int_equal(resp.status, t[i].status);
            assert_string_equal(json_string_value(json_object_get(doc, "error")),
                                t[i].error);
            if (t[i].status == 401)
                assert_field(&resp.fields, "WWW-Authenticate",
                             "Basic realm=\"koppelpunt\"");
            json_decref(doc);
            http_response_done(&resp);
        } else {
            assert_json_new(read, "{'clientId':'id','clientSecret':'secret'}");
        }
        rejection_done(&why);
        http_request_done(&req);
    }
}

/* ---- refusals ---- */

static void refusals(void **state)
{
    static const struct {
        enum problem problem;
        int status;
        const char *code, *field, *value;
    } t[] = {
        {PROBLEM_INVALID, 400, "ongeldige-invoer", NULL, NULL},
        {PROBLEM_CURSOR_INVALID, 400, "ongeldige-cursor", NULL, NULL},
        {PROBLEM_UNAUTHENTICATED, 401, "niet-aangemeld", "WWW-Authenticate",
         "Bearer realm=\"koppelpunt\", error=\"invalid_token\""},
        {PROBLEM_FORBIDDEN, 403, "niet-toegestaan", NULL, NULL},
        {PROBLEM_NOT_CONNECTED, 403, "nog-niet-aangesloten", NULL, NULL},
        {PROBLEM_WITHDRAWN, 403, "ingetrokken", NULL, NULL},
        {PROBLEM_NOT_FOUND, 404, "niet-gevonden", NULL, NULL},
        {PROBLEM_METHOD, 405, "methode-niet-toegestaan", "Allow", "GET"},
        {PROBLEM_NOT_ACCEPTABLE, 406, "niet-acceptabel", NULL, NULL},
        {PROBLEM_CONFLICT, 409, "melding-afwijkend", NULL, NULL},
        {PROBLEM_GONE, 410, "cursor-verlopen", NULL, NULL},
        {PROBLEM_TOO_LARGE, 413, "te-groot", NULL, NULL},
        {PROBLEM_MEDIA_TYPE, 415, "mediatype-niet-ondersteund", NULL, NULL},
        {PROBLEM_TOO_MANY, 429, "te-veel-verzoeken", "Retry-After", "3"},
        {PROBLEM_UNAVAILABLE, 503, "niet-beschikbaar", "Retry-After", "3"},
        {PROBLEM_INTERNAL, 500, "interne-fout", NULL, NULL},
    };
    struct http_request req;
    struct schema *schema = NULL;
    (void)state;
    assert_int_equal(ARRAY_LEN(t), PROBLEM_COUNT - 1);
    assert_int_equal(schema_load(FIXTURES "/schemas/proef-1/problem.json", &schema, NULL),
                     0);
    http_request_init(&req);
    http_request_line(&req, "GET", "/v1/aanmeldstatussen");
    http_fields_add(&req.fields, "Authorization", "Bearer verlopen");
    http_fields_add(&req.fields, "X-Request-Id", "kenmerk-1");
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct rejection why;
        struct http_response resp;
        json_t *canonical = NULL, *faults = NULL;
        rejection_init(&why);
        why.problem = t[i].problem;
        why.retry_after = 2.2;
        (void)snprintf(why.allow, sizeof why.allow, "GET");
        profile_refuse(p, &req, &why, &resp);
        assert_int_equal(resp.status, t[i].status);
        assert_int_equal(problem_status(t[i].problem), t[i].status);
        assert_field(&resp.fields, "Content-Type", "application/problem+json");
        assert_field(&resp.fields, "API-Version", "1.0.0");
        assert_field(&resp.fields, "Cache-Control", "no-store");
        assert_field(&resp.fields, "X-Request-Id", "kenmerk-1");
        if (t[i].field)
            assert_field(&resp.fields, t[i].field, t[i].value);
        else
            assert_int_equal(resp.fields.n, 7);
        json_t *doc = body_json(&resp);
        assert_true(schema_valid(schema, doc, NULL, 0));
        assert_int_equal(json_object_get(doc, "fouten") != NULL, t[i].status == 400);
        json_decref(doc);
        assert_true(profile_understand(p, OP_OPHALEN, &resp, &canonical, &faults));
        assert_json_new(faults, "[]");
        assert_string_equal(json_string_value(json_object_get(canonical, "code")),
                            t[i].code);
        json_decref(canonical);
        http_response_done(&resp);
        rejection_done(&why);
    }
    schema_free(schema);
    http_request_done(&req);
}

static void refusal_members(void **state)
{
    struct rejection why;
    struct http_response resp;
    struct http_request req;
    (void)state;
    http_request_init(&req);
    http_request_line(&req, "GET", "/v1/aanmeldstatussen");
    rejection_init(&why);
    rejection_add(&why, PROBLEM_NOT_CONNECTED, NULL, NULL);
    assert_int_equal(when_parse("2023-05-01T00:00:00Z", 20, &why.aansluitdatum), 0);
    profile_refuse(p, &req, &why, &resp);
    assert_json_new(body_json(&resp),
                    "{'type':'urn:koppelproef:problem:nog-niet-aangesloten',"
                    "'title':'Nog niet aangesloten','status':403,"
                    "'detail':'Deze client wordt bediend vanaf de aansluitdatum.',"
                    "'aansluitdatum':'2023-05-01T00:00:00Z'}");
    http_response_done(&resp);
    rejection_done(&why);

    /* No token sent: no error in the challenge (RFC 6750 section 3.1). */
    rejection_init(&why);
    rejection_add(&why, PROBLEM_UNAUTHENTICATED, NULL, NULL);
    profile_refuse(p, &req, &why, &resp);
    assert_field(&resp.fields, "WWW-Authenticate", "Bearer realm=\"koppelpunt\"");
    http_response_done(&resp);
    rejection_done(&why);
    http_request_done(&req);
}

static void pointers_are_masked(void **state)
{
    static const struct {
        const char *pointer, *shown;
    } t[] = {
        {"/statusmeldingen/0/999990019", "/statusmeldingen/0/*********"},
        {"/statusmeldingen/12345678/é99.99.90.019",
         "/statusmeldingen/12345678/é**.**.**.***"},
        {"/statusmeldingen/0/a\"b", "/statusmeldingen/0/a\"b"},
        {"", ""},
        {"/12345678/123", "/12345678/123"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct rejection why;
        struct http_response resp;
        rejection_init(&why);
        rejection_add(&why, PROBLEM_INVALID, t[i].pointer, "onbekend-veld");
        profile_refuse(p, NULL, &why, &resp);
        json_t *doc = body_json(&resp);
        json_t *f = json_array_get(json_object_get(doc, "fouten"), 0);
        assert_string_equal(json_string_value(json_object_get(f, "pointer")), t[i].shown);
        json_decref(doc);
        http_response_done(&resp);
        rejection_done(&why);
    }
}

static void at_most_a_thousand_faults(void **state)
{
    struct rejection why;
    (void)state;
    rejection_init(&why);
    for (int i = 0; i < 1500; i++)
        rejection_add(&why, PROBLEM_INVALID, "/a", "b");
    assert_int_equal(json_array_size(why.fouten), 1000);
    rejection_done(&why);
}

static void request_ids(void **state)
{
    char long_id[202];
    const struct {
        const char *id;
        bool echoed;
    } t[] = {
        {"a", true},
        {"~ !\"#", true},
        {"123456789", true},  /* fails the elfproef */
        {"1999990019", true}, /* ten digits */
        {"999990019", false},
        {"x-999990019-y", false},
        {"1.999990019", true}, /* a fraction */
        {"6ce623d4-db12-459e-9637-874214348fa8", true},
        {"00000000000", true},
        {"caf\xc3\xa9", false},
        {"a\tb", false},
        {"", false},
        {long_id, false},
        {long_id + 1, true},
    };
    (void)state;
    memset(long_id, 'x', 201);
    long_id[201] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct http_request req;
        struct http_response resp;
        http_request_init(&req);
        http_fields_add(&req.fields, "x-request-id", t[i].id);
        profile_answer(p, OP_GEZONDHEID, &req, NULL, &resp);
        const char *have = http_fields_get(&resp.fields, "X-Request-Id");
        if ((have != NULL) != t[i].echoed)
            fail_msg("X-Request-Id: %s", t[i].id);
        if (have)
            assert_string_equal(have, t[i].id);
        http_response_done(&resp);
        http_request_done(&req);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(places),
        cmocka_unit_test(answer_words),
        cmocka_unit_test(routes),
        cmocka_unit_test(fetch_queries),
        cmocka_unit_test(fetch_query_long_cursor),
        cmocka_unit_test(bearer),
        cmocka_unit_test(acceptable),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(statuses),
        cmocka_unit_test(refused_before_the_schema),
        cmocka_unit_test(size_limit),
        cmocka_unit_test(schema_faults),
        cmocka_unit_test(strictness),
        cmocka_unit_test(batch_sizes),
        cmocka_unit_test(token_requests),
        cmocka_unit_test(refusals),
        cmocka_unit_test(refusal_members),
        cmocka_unit_test(pointers_are_masked),
        cmocka_unit_test(at_most_a_thousand_faults),
        cmocka_unit_test(request_ids),
    };
    mem_install();
    return cmocka_run_group_tests(tests, setup, teardown);
}
