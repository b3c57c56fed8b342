/*
 * The mapping, on a profile that has nothing on the wire in common with proef-1
 * (tests/cases/profile/anders), and the refusal of profiles that leave something out.
 */
#include <unistd.h>

#include "harness/base/file.h"
#include "tests/unit/profile/t.h"

static struct profile *p;

static int setup(void **state)
{
    (void)state;
    p = load(CASES "/anders", "anders");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    profile_free(p);
    return 0;
}

static void round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        enum op op = samples[i].op;
        json_t *request = js(samples[i].request), *answer = js(samples[i].answer);
        json_t *read = NULL, *understood = NULL, *faults = NULL;
        struct http_request req;
        struct http_response resp;
        struct rejection why;
        if (op != OP_TOKEN) {
            rejection_init(&why);
            profile_ask(p, op, request, "sleutel", &req);
            assert_field(&req.fields, "X-Api-Key", "sleutel");
            assert_string_equal(profile_bearer(p, &req), "sleutel");
            assert_int_equal(profile_route(p, req.method, req.target, &why), op);
            assert_int_equal(profile_read(p, op, &req, &read, &why), 0);
            assert_json_new(read, samples[i].request);
            profile_answer(p, op, &req, answer, &resp);
            assert_true(profile_understand(p, op, &resp, &understood, &faults));
            assert_json_new(faults, "[]");
            assert_json_new(understood, samples[i].answer);
            rejection_done(&why);
            http_request_done(&req);
            http_response_done(&resp);
        }
        json_decref(request);
        json_decref(answer);
    }
}

static void wire_forms(void **state)
{
    json_t *request = js("{'statusmeldingen':[" MELDING "]}");
    json_t *answer = js("{'aanmeldstatussen':[" ENTRY "," LAPSED "],'volgende':'x',"
                        "'meer':true}");
    struct http_request req;
    struct http_response resp;
    (void)state;
    profile_ask(p, OP_INDIENEN, request, NULL, &req);
    assert_string_equal(req.target, "/api/v2/berichten");
    assert_json_new(
        json_loads(req.body, 0, NULL),
        "{'gegevens':{'berichten':[{'id':'1b4e28ba-2fa1-4d8e-9c35-8f6f0d2c7a10',"
        "'aanmeldnummer':'25LH:90001234',"
        "'herkomst':{'cambo':'2b4e28ba-2fa1-4d8e-9c35-8f6f0d2c7a11','bron':'SIS'},"
        "'persoon':{'burgerservicenummer':'999990019','vastgesteld':'D'},"
        "'brin':'25LH','instroomOpleiding':{'code':'25655','leertraject':'BOL',"
        "'start':'2023-08-01'},"
        "'stand':{'code':'AO','sinds':'2023-05-02T08:15:30Z'}}]}}");
    profile_answer(p, OP_OPHALEN, NULL, answer, &resp);
    assert_json_new(body_json(&resp),
                    "{'gegevens':{'wijzigingen':[{'nr':7,"
                    "'aanmelding':'5f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c11',"
                    "'persoon':{'burgerservicenummer':'999990019'},'code':'AO',"
                    "'sinds':'2023-05-02T08:15:30Z','brin':'25LH',"
                    "'instellingNaam':'ROC Midden Nederland',"
                    "'instroomOpleiding':{'crebo':'25655','naam':'Mbo-Verpleegkundige'}},"
                    "{'nr':9,'aanmelding':'5f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c11',"
                    "'weg':true}]},'vervolg':{'vanaf':'x','nogMeer':true}}");
    http_request_done(&req);
    http_response_done(&resp);
    json_decref(request);
    json_decref(answer);
}

/* What is wrong on purpose is sent as it is: unknown keys, codes and types. */
static void passed_on(void **state)
{
    json_t *request = js("{'statusmeldingen':[{'ouder':'Jansen','status':'CREATED',"
                         "'bsn':5,'begindatum':'gisteren'},7],'extra':[1]}");
    struct http_request req;
    (void)state;
    profile_ask(p, OP_INDIENEN, request, NULL, &req);
    assert_json_new(
        json_loads(req.body, 0, NULL),
        "{'gegevens':{'berichten':[{'ouder':'Jansen','stand':{'code':'CREATED',"
        "'sinds':'gisteren'},'persoon':{'burgerservicenummer':5}},7]},"
        "'extra':[1]}");
    http_request_done(&req);
    json_decref(request);
}

static void pointers(void **state)
{
    static const struct {
        enum op op;
        const char *canonical, *wire;
    } t[] = {
        {OP_INDIENEN, "", ""},
        {OP_INDIENEN, "/statusmeldingen", "/gegevens/berichten"},
        {OP_INDIENEN, "/statusmeldingen/3", "/gegevens/berichten/3"},
        {OP_INDIENEN, "/statusmeldingen/3/bsn",
         "/gegevens/berichten/3/persoon/burgerservicenummer"},
        {OP_INDIENEN, "/statusmeldingen/0/status", "/gegevens/berichten/0/stand/code"},
        {OP_INDIENEN, "/statusmeldingen/0/ouder~1", "/gegevens/berichten/0/ouder~1"},
        {OP_STAND, "/peildatum", "/kop/peil"},
        {OP_STAND, "/aanmeldingen/12/ketenid", "/gegevens/aanmeldingen/12/aanmeldnummer"},
        {OP_ZOEKEN, "/bsns/2", "/personen/burgerservicenummers/2"},
        {OP_OPHALEN, "/sinds", "/vanaf"},
        {OP_OPHALEN, "/limiet", "/aantal"},
        {OP_GEZONDHEID, "/a/b", "/a/b"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct buf wire, back;
        buf_init(&wire, 1000);
        buf_init(&back, 1000);
        profile_wire_pointer(p, t[i].op, t[i].canonical, &wire);
        profile_canonical_pointer(p, t[i].op, t[i].wire, &back);
        assert_string_equal(wire.n ? wire.p : "", t[i].wire);
        assert_string_equal(back.n ? back.p : "", t[i].canonical);
        buf_done(&wire);
        buf_done(&back);
    }
}

/* Faults are canonical for the role, and at their wire's place for the peer. */
static void refusal_speaks_wire(void **state)
{
    static const char text[] =
        "{\"gegevens\":{\"berichten\":[{\"id\":\"1\",\"bsn\":\"x\",\"aanmeldnummer\":"
        "\"1\","
        "\"herkomst\":{\"bron\":\"SIS\"},\"brin\":\"25LH\",\"instroomOpleiding\":"
        "{\"code\":\"1\"},\"stand\":{\"code\":\"AO\",\"sinds\":\"2023-05-02T08:15:30Z\"},"
        "\"persoon\":{\"burgerservicenummer\":\"12\",\"vastgesteld\":\"D\"}}]}}";
    struct http_request req;
    struct rejection why;
    struct http_response resp;
    json_t *read = NULL;
    (void)state;
    http_request_init(&req);
    http_request_line(&req, "POST", "/api/v2/berichten");
    http_fields_add(&req.fields, "Content-Type", "application/json");
    http_fields_add(&req.fields, "X-Correlation-Id", "abc");
    body(&req, text);
    rejection_init(&why);
    assert_int_equal(profile_read(p, OP_INDIENEN, &req, &read, &why), E_INVALID);
    assert_int_equal(json_array_size(why.fouten), 2);
    assert_json(json_object_get(json_array_get(why.fouten, 0), "pointer"),
                "'/statusmeldingen/0/bsn'"); /* the unknown key, not the field */
    assert_json(json_object_get(json_array_get(why.fouten, 1), "pointer"),
                "'/statusmeldingen/0/bsn'");
    rejection_add(&why, PROBLEM_INVALID, "/statusmeldingen/0/bsn", "elfproef");
    profile_refuse(p, &req, &why, &resp);
    assert_field(&resp.fields, "X-Correlation-Id", "abc");
    json_t *doc = body_json(&resp), *list = json_object_get(doc, "invalidParams");
    assert_json(json_object_get(doc, "type"),
                "'https://voorbeeld.example/fouten/ongeldige-invoer'");
    assert_json(json_object_get(json_array_get(list, 0), "plaats"),
                "'/gegevens/berichten/0/bsn'");
    assert_json(json_object_get(json_array_get(list, 1), "plaats"),
                "'/gegevens/berichten/0/persoon/burgerservicenummer'");
    assert_json(json_array_get(list, 2),
                "{'plaats':'/gegevens/berichten/0/persoon/burgerservicenummer',"
                "'waarom':'E11'}");
    json_decref(doc);

    /* And the client reads it back in the contract's words. */
    json_t *canonical = NULL, *faults = NULL;
    assert_true(profile_understand(p, OP_INDIENEN, &resp, &canonical, &faults));
    assert_json_new(faults, "[]");
    assert_json(json_object_get(canonical, "code"), "'ongeldige-invoer'");
    assert_json(json_array_get(json_object_get(canonical, "fouten"), 2),
                "{'pointer':'/statusmeldingen/0/bsn','reden':'elfproef'}");
    json_decref(canonical);
    http_response_done(&resp);

    why.problem = PROBLEM_GONE;
    profile_refuse(p, &req, &why, &resp);
    assert_non_null(strstr(resp.body, "fouten/te-oud\""));
    assert_true(profile_understand(p, OP_INDIENEN, &resp, &canonical, &faults));
    assert_json(json_object_get(canonical, "code"), "'cursor-verlopen'");
    json_decref(canonical);
    json_decref(faults);
    rejection_done(&why);
    http_response_done(&resp);
    http_request_done(&req);
}

/* A wire code is never taken for the canonical one of the same letters. */
static void codes_do_not_leak(void **state)
{
    struct http_response resp;
    json_t *canonical = NULL, *faults = NULL;
    static const char text[] =
        "{\"gegevens\":{\"wijzigingen\":[{\"nr\":1,\"aanmelding\":\"a\",\"code\":"
        "\"RECEIVED\"},{\"nr\":2,\"aanmelding\":\"b\",\"code\":\"XX\"}]},\"vervolg\":"
        "{\"vanaf\":\"q\",\"nogMeer\":false}}";
    (void)state;
    http_response_init(&resp);
    resp.status = 200;
    http_fields_add(&resp.fields, "Content-Type", "application/json");
    http_response_body(&resp, xstrdup(text), sizeof text - 1);
    assert_true(profile_understand(p, OP_OPHALEN, &resp, &canonical, &faults));
    assert_int_equal(json_array_size(faults), 2);
    assert_json(json_object_get(json_array_get(faults, 1), "canonical"),
                "'/aanmeldstatussen/1/status'");
    assert_json(json_object_get(canonical, "aanmeldstatussen"),
                "[{'volgnummer':1,'aanmeldId':'a','status':'?RECEIVED'},"
                "{'volgnummer':2,'aanmeldId':'b','status':'XX'}]");
    json_decref(canonical);
    json_decref(faults);
    http_response_done(&resp);
}

static void no_token_operation(void **state)
{
    struct rejection why;
    struct http_response resp;
    (void)state;
    rejection_init(&why);
    assert_int_equal(profile_route(p, "POST", "/oauth2/token", &why), OP_NONE);
    why.problem = PROBLEM_UNAUTHENTICATED;
    profile_refuse(p, NULL, &why, &resp);
    assert_field(&resp.fields, "WWW-Authenticate", "ApiKey realm=\"test\"");
    http_response_done(&resp);
    rejection_done(&why);
}

/* ---- profiles that are not whole ---- */

struct change {
    const char *parent, *key; /* what is taken out or set */
    const char *value;        /* NULL: taken out */
    const char *complaint;
};

static void assert_refused(const char *dir, const struct change *c)
{
    json_t *data = NULL;
    struct err e = {0};
    struct profile *q = NULL;
    char *path = xasprintf("%s/profiles/proef-1.json", dir);
    assert_int_equal(file_read_json(FIXTURES "/profiles/proef-1.json", &data, NULL), 0);
    json_t *parent = json_at(data, c->parent);
    assert_non_null(parent);
    if (c->value)
        json_object_set_new(parent, c->key, js(c->value));
    else
        assert_int_equal(json_object_del(parent, c->key), 0);
    assert_int_equal(json_dump_file(data, path, JSON_INDENT(2)), 0);
    assert_int_not_equal(profile_load(dir, "proef-1", &q, &e), 0);
    char *sentence = err_sentence(&e);
    if (!strstr(sentence, c->complaint))
        fail_msg("%s, not: %s", sentence, c->complaint);
    free(sentence);
    free(path);
    json_decref(data);
}

static void incomplete_profiles(void **state)
{
    static const struct change t[] = {
        {"/operations", "standen.indienen", NULL, "'standen.indienen' is missing"},
        {"/operations", "token", NULL, "'token' is missing"},
        {"/messages", "opleiding", NULL, "message 'opleiding' is missing"},
        {"/messages/statusmelding", "begindatum", NULL,
         "message 'statusmelding' does not map the field 'begindatum'"},
        {"/messages/aanmeldstatus", "statusBegin", "''",
         "gives the field 'statusBegin' no"},
        {"/messages/aanmeldstatus", "statusBegin", "'a//b'", "'a//b' is no path"},
        {"/messages/aanmeldstatus", "statusBegin", "'status'", "at one place"},
        {"/messages/statusmelding", "begindatun", "'x'", "did you mean begindatum"},
        {"/messages/fout", "pointer", "'a/b'", "'pointer' must be one key"},
        {"/codes", "statussource", NULL, "code table 'statussource' is missing"},
        {"/codes/status", "OFFERED", NULL, "'status' does not map the code 'OFFERED'"},
        {"/codes/status", "CREATED", "'C'", "'CREATED', which is no code"},
        {"/codes/status", "OFFERED", "'ENROLLED'", "alike"},
        {"/problems/list", "gone", NULL, "problem 'gone' is missing"},
        {"/operations/standen.indienen", "body", NULL, "must have a JSON body"},
        {"/operations/standen.indienen", "limit", NULL, "no limit"},
        {"/operations/standen.indienen", "path", "'/v1/statusmeldingen'",
         "the same address"},
        {"/operations/standen.indienen", "request", "'bestaat-niet.json'",
         "bestaat-niet.json"},
        {"/operations/standen.indienen", "path", "5",
         "/operations/standen.indienen/path"},
        {"/operations", "onbekend",
         "{'method':'GET','path':'/v1/"
         "x','title':'x','status':200,'response':'token.json'}",
         "'onbekend' is no operation"},
        {"/paging", "sinds", NULL, "'sinds'"},
        {"/authentication", "scopes", NULL, "no scopes"},
        {"/authentication", "mode", "'api-key'", "no header field"},
        {"", "profile", "'proef-9'", "calls itself 'proef-9'"},
        {"", "version", NULL, "version"},
        {"", "versoin", "'1'", "versoin"},
    };
    char dir[] = "/tmp/test-profile-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(dir));
    char *profiles = xasprintf("%s/profiles", dir),
         *schemas = xasprintf("%s/schemas", dir);
    assert_int_equal(file_mkdirs(profiles, NULL), 0);
    assert_int_equal(symlink(FIXTURES "/schemas", schemas), 0);
    for (size_t i = 0; i < ARRAY_LEN(t); i++)
        assert_refused(dir, &t[i]);
    assert_int_equal(unlink(schemas), 0);
    assert_int_equal(file_rmtree(dir, NULL), 0);
    free(profiles);
    free(schemas);
}

static void unknown_profiles(void **state)
{
    struct err e = {0};
    struct profile *q = NULL;
    (void)state;
    assert_int_not_equal(profile_load(FIXTURES, "bestaat-niet", &q, &e), 0);
    assert_non_null(strstr(e.text, "bestaat-niet"));
    err_clear(&e);
    assert_int_equal(profile_load(FIXTURES, "../profiles/proef-1", &q, &e), E_INVALID);
    assert_null(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),         cmocka_unit_test(wire_forms),
        cmocka_unit_test(passed_on),           cmocka_unit_test(pointers),
        cmocka_unit_test(refusal_speaks_wire), cmocka_unit_test(codes_do_not_leak),
        cmocka_unit_test(no_token_operation),  cmocka_unit_test(incomplete_profiles),
        cmocka_unit_test(unknown_profiles),
    };
    mem_install();
    return cmocka_run_group_tests(tests, setup, teardown);
}
