/*
 * The client's side of a profile: asking, understanding what comes back however odd it
 * is, and requests that are wrong on purpose.
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

/* ---- asking ---- */

static void asks(void **state)
{
    static const struct {
        enum op op;
        const char *canonical, *method, *target;
        bool has_body;
    } t[] = {
        {OP_OPHALEN, "{}", "GET", "/v1/aanmeldstatussen", false},
        {OP_OPHALEN, "{'limiet':5}", "GET", "/v1/aanmeldstatussen?limiet=5", false},
        {OP_OPHALEN, "{'limiet':1001,'sinds':'a=b&c+/ \u00e9'}", "GET",
         "/v1/aanmeldstatussen?sinds=a%3Db%26c%2B%2F%20%C3%A9&limiet=1001", false},
        {OP_OPHALEN, "{'limiet':'x y'}", "GET", "/v1/aanmeldstatussen?limiet=x%20y",
         false},
        {OP_ZOEKEN, "{'bsns':['999990019']}", "POST",
         "/v1/aanmeldstatussen/zoekopdrachten", true},
        {OP_GEZONDHEID, "{}", "GET", "/v1/gezondheid", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        json_t *c = js(t[i].canonical);
        struct http_request req;
        profile_ask(p, t[i].op, c, "tok", &req);
        assert_string_equal(req.method, t[i].method);
        assert_string_equal(req.target, t[i].target);
        assert_null(strstr(req.target, "999990019"));
        assert_int_equal(req.body != NULL, t[i].has_body);
        assert_field(&req.fields, "Authorization", "Bearer tok");
        assert_true(profile_acceptable(p, t[i].op, &req));
        assert_int_equal(http_fields_get(&req.fields, "Content-Type") != NULL,
                         t[i].has_body);
        http_request_done(&req);
        json_decref(c);
    }
}

/* RFC 6749 section 2.3.1: both halves are form-encoded before base64. */
static void ask_token(void **state)
{
    json_t *c = js("{'clientId':'a:b','clientSecret':'c d%','scope':'x:y z'}");
    struct http_request req;
    (void)state;
    profile_ask(p, OP_TOKEN, c, NULL, &req);
    assert_string_equal(req.target, "/oauth2/token");
    assert_field(&req.fields, "Authorization", "Basic YSUzQWI6YyUyMGQlMjU=");
    assert_field(&req.fields, "Content-Type", "application/x-www-form-urlencoded");
    assert_string_equal(req.body, "grant_type=client_credentials&scope=x%3Ay%20z");
    http_request_done(&req);
    json_decref(c);
}

/* ---- understanding ---- */

#define PAGE(entries) "{'aanmeldstatussen':[" entries "],'volgende':'x','meer':false}"

struct heard {
    enum op op;
    int status;
    const char *type, *text;
    bool usable;
    const char *canonical; /* NULL: not compared */
    const char *redens;    /* "pointer reden" of each fault, joined by "; " */
};

static void check_heard(const struct heard *h)
{
    struct http_response resp;
    struct buf redens;
    json_t *canonical = NULL, *faults = NULL, *f;
    size_t i;
    char *text = xstrdup(h->text);
    for (char *c = text; *c; c++)
        if (*c == '\'')
            *c = '"';
    http_response_init(&resp);
    resp.status = h->status;
    if (h->type)
        http_fields_add(&resp.fields, "Content-Type", h->type);
    http_response_body(&resp, text, strlen(text));
    bool usable = profile_understand(p, h->op, &resp, &canonical, &faults);
    buf_init(&redens, 10000);
    json_array_foreach (faults, i, f)
        buf_addf(&redens, "%s%s %s", i ? "; " : "",
                 json_string_value(json_object_get(f, "pointer")),
                 json_string_value(json_object_get(f, "reden")));
    if (usable != h->usable || strcmp(redens.n ? redens.p : "", h->redens))
        fail_msg("%d %s: usable %d, faults: %s", h->status, h->text, usable,
                 redens.n ? redens.p : "");
    if (h->canonical)
        assert_json(canonical, h->canonical);
    buf_done(&redens);
    json_decref(canonical);
    json_decref(faults);
    http_response_done(&resp);
}

#define JSON "application/json"
#define PROB "application/problem+json"

static void understands(void **state)
{
    static const struct heard t[] = {
        {OP_OPHALEN, 200, JSON, PAGE(ENTRY), true, PAGE(ENTRY), ""},
        {OP_OPHALEN, 200, "application/json;charset=utf-8", PAGE(""), true, PAGE(""), ""},
        {OP_OPHALEN, 200, NULL, PAGE(""), true, PAGE(""), " mediatype-ontbreekt"},
        {OP_OPHALEN, 200, "text/html", PAGE(""), true, PAGE(""), " onjuist-mediatype"},
        {OP_OPHALEN, 200, "text/html", "<h1>Onderhoud</h1>", false, NULL,
         " onjuist-mediatype;  ongeldige-json"},
        {OP_OPHALEN, 206, JSON, PAGE(""), true, PAGE(""), " onverwachte-status"},
        {OP_OPHALEN, 204, NULL, "", false, NULL, " mediatype-ontbreekt;  ongeldige-json"},
        {OP_OPHALEN, 302, NULL, "", false, NULL, ""},
        {OP_OPHALEN, 0, NULL, "", false, NULL, ""},
        {OP_NONE, 200, JSON, "{}", false, NULL, ""},
        {OP_NONE, 404, PROB,
         "{'type':'x:niet-gevonden','title':'t','status':404,'detail':'d'}", true,
         "{'status':404,'code':'niet-gevonden','title':'t','detail':'d'}", ""},
        {OP_OPHALEN, 200, JSON,
         "{'aanmeldstatussen':[],'volgende':'x','meer':false,'meer':true}", true,
         "{'aanmeldstatussen':[],'volgende':'x','meer':true}", " dubbele-sleutel"},
        {OP_INDIENEN, 202, JSON, "{'aangenomen':2.0,'dubbel':0}", true,
         "{'aangenomen':2,'dubbel':0}", ""},
        {OP_INDIENEN, 200, JSON, "{'aangenomen':2,'dubbel':0}", true,
         "{'aangenomen':2,'dubbel':0}", " onverwachte-status"},
        {OP_TOKEN, 200, JSON, "{'access_token':'t','token_type':'bearer','expires_in':9}",
         true, "{'access_token':'t','token_type':'bearer','expires_in':9}", ""},
        {OP_GEZONDHEID, 200, JSON, "{'a':1}", true, "{'a':1}", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++)
        check_heard(&t[i]);
}

/* Answers that break the schema: which places are named, and what can still be read. */
static void schema_faults(void **state)
{
    static const struct {
        const char *text, *pointer;
        bool usable;
        const char *first; /* the first entry as it was read */
    } t[] = {
        {PAGE("{'volgnummer':7,'aanmeldId':'a','bsn':'999990019','status':'CREATED',"
              "'statusBegin':'2023-05-02T08:15:30.1234Z','instelling':{'code':'25LH',"
              "'naam':'R'},'opleiding':{'code':'25655','naam':'V'}}"),
         "/aanmeldstatussen/0/status", true,
         "{'volgnummer':7,'aanmeldId':'a','bsn':'999990019','status':'CREATED',"
         "'statusBegin':'2023-05-02T08:15:30.123400000Z','instelling':{'code':'25LH',"
         "'naam':'R'},'opleiding':{'code':'25655','naam':'V'}}"},
        {PAGE("{'volgnummer':7,'aanmeldId':'a','bsn':'999990019','status':'RECEIVED',"
              "'statusBegin':'2023-05-02T08:15:30Z','geslacht':'V','instelling':{'code':"
              "'25LH','naam':'R'},'opleiding':{'code':'25655','naam':'V'}}"),
         "/aanmeldstatussen/0/geslacht", true,
         "{'volgnummer':7,'aanmeldId':'a','bsn':'999990019','status':'RECEIVED',"
         "'statusBegin':'2023-05-02T08:15:30Z','instelling':{'code':'25LH','naam':'R'},"
         "'opleiding':{'code':'25655','naam':'V'}}"},
        {PAGE("{'volgnummer':'7','aanmeldId':5,'vervallen':true}"),
         "/aanmeldstatussen/0/volgnummer", true, "{'vervallen':true}"},
        {PAGE("{'volgnummer':7,'aanmeldId':'a','vervallen':true,'bsn':'999990019'}"),
         "/aanmeldstatussen/0/bsn", true,
         "{'volgnummer':7,'aanmeldId':'a','vervallen':true,'bsn':'999990019'}"},
        {PAGE("{'volgnummer':7,'aanmeldId':'a','bsn':'999990019','status':'RECEIVED',"
              "'statusBegin':'2023-05-02T10:15:30+02:00','instelling':{'code':'25LH',"
              "'naam':'R'},'opleiding':{'code':'25655','naam':'V'}}"),
         "/aanmeldstatussen/0/statusBegin", true, NULL},
        {PAGE("5"), "/aanmeldstatussen/0", true, NULL},
        {"{'aanmeldstatussen':[],'volgende':'x'}", "/meer", false, NULL},
        {"{'aanmeldstatussen':[],'volgende':'','meer':true}", "/volgende", true, NULL},
        {"{'aanmeldstatussen':{},'volgende':'x','meer':true}", "/aanmeldstatussen", false,
         NULL},
        {"[]", "", false, NULL},
        {"{'aanmeldstatussen':[],'volgende':'x','meer':false,'totaal':0}", "/totaal",
         true, NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        json_t *wire = js(t[i].text), *canonical = NULL, *faults = NULL, *f;
        size_t k, found = 0;
        struct http_response resp;
        http_response_init(&resp);
        resp.status = 200;
        http_fields_add(&resp.fields, "Content-Type", JSON);
        char *text = json_dumps(wire, 0);
        http_response_body(&resp, text, strlen(text));
        assert_int_equal(profile_understand(p, OP_OPHALEN, &resp, &canonical, &faults),
                         t[i].usable);
        json_array_foreach (faults, k, f) {
            found +=
                !strcmp(json_string_value(json_object_get(f, "pointer")), t[i].pointer);
            assert_true(json_is_string(json_object_get(f, "reden")));
            assert_true(json_is_string(json_object_get(f, "text")));
        }
        if (!found)
            fail_msg("%s: no fault at %s", t[i].text, t[i].pointer);
        if (t[i].first)
            assert_json(json_array_get(json_object_get(canonical, "aanmeldstatussen"), 0),
                        t[i].first);
        json_decref(canonical);
        json_decref(faults);
        json_decref(wire);
        http_response_done(&resp);
    }
}

static void understands_problems(void **state)
{
    static const struct heard t[] = {
        {OP_INDIENEN, 400, PROB,
         "{'type':'https://x/y/ongeldige-invoer','title':'t','status':400,'detail':'d',"
         "'fouten':[{'pointer':'/statusmeldingen/0/bsn','reden':'elfproef'}],'extra':1}",
         true,
         "{'fouten':[{'pointer':'/statusmeldingen/0/"
         "bsn','reden':'elfproef'}],'status':400,"
         "'code':'ongeldige-invoer','title':'t','detail':'d'}",
         ""},
        {OP_OPHALEN, 403, PROB,
         "{'type':'urn:a:nog-niet-aangesloten','title':'t','status':403,'detail':'d',"
         "'aansluitdatum':'2023-05-01T00:00:00Z'}",
         true,
         "{'aansluitdatum':'2023-05-01T00:00:00Z','status':403,"
         "'code':'nog-niet-aangesloten','title':'t','detail':'d'}",
         ""},
        {OP_OPHALEN, 500, PROB,
         "{'type':'about:blank','title':'t','status':400,'detail':'d'}", true,
         "{'status':500,'code':'','title':'t','detail':'d'}", "/status status-wijkt-af"},
        {OP_OPHALEN, 503, "text/html", "<p>", false, NULL,
         " onjuist-mediatype;  ongeldige-json"},
        {OP_TOKEN, 401, PROB,
         "{'type':'a:niet-aangemeld','title':'t','status':401,'detail':'d',"
         "'error':'invalid_client'}",
         true,
         "{'status':401,'code':'niet-aangemeld','title':'t','detail':'d',"
         "'error':'invalid_client'}",
         ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++)
        check_heard(&t[i]);
}

/* A bare RFC 6749 error is no problem document, but its error can be read. */
static void bare_token_error(void **state)
{
    struct http_response resp;
    json_t *canonical = NULL, *faults = NULL;
    (void)state;
    http_response_init(&resp);
    resp.status = 400;
    http_fields_add(&resp.fields, "Content-Type", JSON);
    http_response_body(&resp, xstrdup("{\"error\":\"invalid_scope\"}"), 25);
    assert_true(profile_understand(p, OP_TOKEN, &resp, &canonical, &faults));
    assert_json_new(canonical, "{'status':400,'code':'','error':'invalid_scope'}");
    assert_true(json_array_size(faults) >= 5); /* the type and four members */
    json_decref(faults);
    http_response_done(&resp);
}

/* ---- wrong on purpose ---- */

/* The status with which proef-1's own server side refuses a request. */
static int refused_with(struct http_request *req)
{
    struct rejection why;
    json_t *read = NULL;
    rejection_init(&why);
    enum op op = profile_route(p, req->method, req->target, &why);
    if (op != OP_NONE && !profile_acceptable(p, op, req))
        why.problem = PROBLEM_NOT_ACCEPTABLE;
    if (op != OP_NONE && why.problem == PROBLEM_NONE)
        (void)profile_read(p, op, req, &read, &why);
    int status = problem_status(why.problem);
    json_decref(read);
    rejection_done(&why);
    return status;
}

static void manipulations(void **state)
{
    /* status per operation: indienen (a body), ophalen (none), token (a form);
     * -1: has no such fault */
    static const struct {
        const char *how;
        int indienen, ophalen, token;
    } t[] = {
        {"unknown-path", 404, 404, 404},
        {"trailing-slash", 404, 404, 404},
        {"wrong-method", 405, 405, 405},
        {"wrong-content-type", 415, -1, 415},
        {"wrong-charset", 415, -1, -1},
        {"content-encoding", 415, -1, 415},
        {"not-acceptable", 406, 406, 406},
        {"malformed-json", 400, -1, -1},
        {"duplicate-key", 400, -1, -1},
        {"oversized", 413, -1, -1},
        {"deep", 400, -1, -1},
        {"empty-body", 400, -1, 400},
        {"extra-query-key", 0, 0, 0},
    };
    static const char *const requests[] = {"{'statusmeldingen':[" MELDING "]}",
                                           "{'sinds':'abc'}",
                                           "{'clientId':'a','clientSecret':'b'}"};
    static const enum op ops[] = {OP_INDIENEN, OP_OPHALEN, OP_TOKEN};
    size_t n = 0;
    (void)state;
    while (profile_manipulations[n])
        n++;
    assert_int_equal(n, ARRAY_LEN(t));
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        const int want[] = {t[i].indienen, t[i].ophalen, t[i].token};
        for (size_t k = 0; k < ARRAY_LEN(ops); k++) {
            json_t *c = js(requests[k]);
            struct http_request req;
            profile_ask(p, ops[k], c, NULL, &req);
            assert_int_equal(refused_with(&req), 0);
            int r = profile_manipulate(p, ops[k], t[i].how, &req);
            assert_int_equal(r, want[k] < 0 ? E_NOTFOUND : 0);
            int status = refused_with(&req);
            if (status != (want[k] < 0 ? 0 : want[k]))
                fail_msg("%s of %s: %d", t[i].how, op_name(ops[k]), status);
            http_request_done(&req);
            json_decref(c);
        }
    }
    struct http_request req;
    http_request_init(&req);
    assert_int_equal(profile_manipulate(p, OP_INDIENEN, "onbekend", &req), E_NOTFOUND);
    http_request_done(&req);
}

/* A doubled key has the same value twice: nothing else is wrong with that request. */
static void duplicate_key_is_all(void **state)
{
    json_t *c = js("{'statusmeldingen':[" MELDING "]}");
    struct http_request req;
    (void)state;
    profile_ask(p, OP_INDIENEN, c, NULL, &req);
    char *before = xstrdup(req.body);
    assert_int_equal(profile_manipulate(p, OP_INDIENEN, "duplicate-key", &req), 0);
    json_t *a = json_loads(before, 0, NULL),
           *b = json_loadb(req.body, req.body_n, 0, NULL);
    assert_true(json_equal(a, b));
    assert_true(req.body_n > strlen(before));
    json_decref(a);
    json_decref(b);
    json_decref(c);
    free(before);
    http_request_done(&req);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks),
        cmocka_unit_test(ask_token),
        cmocka_unit_test(understands),
        cmocka_unit_test(schema_faults),
        cmocka_unit_test(understands_problems),
        cmocka_unit_test(bare_token_error),
        cmocka_unit_test(manipulations),
        cmocka_unit_test(duplicate_key_is_all),
    };
    mem_install();
    return cmocka_run_group_tests(tests, setup, teardown);
}
