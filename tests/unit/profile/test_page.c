/*
 * Pages written the quick way are the same, byte for byte, as those of the mapping; and
 * the published OpenAPI document says what the profile does.
 */
#include "harness/base/file.h"
#include "tests/unit/profile/t.h"

static const struct {
    const char *dir, *name;
} profiles[] = {
    {FIXTURES, "proef-1"}, {FIXTURES, "proef-2"}, {CASES "/anders", "anders"}};

static const struct entry entries[] = {
    {.volgnummer = 7,
     .aanmeld_id = "5f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c11",
     .bsn = "000000012",
     .status = STATUS_RECEIVED,
     .status_begin = 1683015330 * NS_PER_S,
     .instelling = "25LH",
     .instelling_naam = "ROC \"Midden\" Neder\\land \xc3\xa9\x01",
     .opleiding = "25655",
     .opleiding_naam = "Mbo-Verpleegkundige"},
    {.volgnummer = 9007199254740991,
     .aanmeld_id = "6f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c12",
     .vervallen = true},
    {.volgnummer = 10,
     .aanmeld_id = "7f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c13",
     .bsn = "999990019",
     .status = STATUS_ENROLLED,
     .status_begin = 1683015330 * NS_PER_S + 125 * NS_PER_MS,
     .instelling = "27YU",
     .instelling_naam = "ROC van Twente",
     .opleiding = "5512",
     .opleiding_naam = "Vavo"},
};

static json_t *canonical_entry(const struct entry *e)
{
    char when[32];
    if (e->vervallen)
        return json_pack("{s:I, s:s, s:b}", "volgnummer", (json_int_t)e->volgnummer,
                         "aanmeldId", e->aanmeld_id, "vervallen", 1);
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s}}",
                     "volgnummer", (json_int_t)e->volgnummer, "aanmeldId", e->aanmeld_id,
                     "bsn", e->bsn, "status", status_name(e->status), "statusBegin",
                     when_format(e->status_begin, when), "instelling", "code",
                     e->instelling, "naam", e->instelling_naam, "opleiding", "code",
                     e->opleiding, "naam", e->opleiding_naam);
}

static void assert_same(const struct http_response *a, const struct http_response *b)
{
    json_t *x = body_json(a), *y = body_json(b);
    assert_int_equal(a->status, b->status);
    if (!json_equal(x, y))
        fail_msg("%s\n%s", a->body, b->body);
    json_decref(x);
    json_decref(y);
    assert_int_equal(strlen(a->body), a->body_n);
    assert_int_equal(a->fields.n, b->fields.n);
    for (size_t i = 0; i < a->fields.n; i++)
        assert_field(&b->fields, a->fields.v[i].name, a->fields.v[i].value);
}

static void compare_pages(const struct profile *p, size_t n, bool search)
{
    enum op op = search ? OP_ZOEKEN : OP_OPHALEN;
    struct page *pg = profile_page_new(p, op);
    struct http_request req;
    struct http_response quick, slow;
    json_t *list = json_array(), *canonical = NULL, *faults = NULL;
    http_request_init(&req);
    http_fields_add(&req.fields, "X-Request-Id", "r1");
    http_fields_add(&req.fields, "X-Correlation-Id", "r2");
    for (size_t i = 0; i < n; i++) {
        profile_page_add(pg, &entries[i % ARRAY_LEN(entries)]);
        json_array_append_new(list, canonical_entry(&entries[i % ARRAY_LEN(entries)]));
    }
    json_t *answer = search ? json_pack("{s:o}", "aanmeldstatussen", list)
                            : json_pack("{s:o, s:s, s:b}", "aanmeldstatussen", list,
                                        "volgende", "a\"b", "meer", n % 2);
    profile_page_answer(pg, &req, search ? NULL : "a\"b", n % 2, &quick);
    profile_answer(p, op, &req, answer, &slow);
    assert_same(&quick, &slow);
    assert_true(profile_understand(p, op, &quick, &canonical, &faults));
    if (!search)
        assert_json(faults, "[]"); /* valid against the schema */
    if (!search && !strcmp(profile_name(p), "proef-2"))
        json_object_set_new(answer, "volgende", json_string(n % 2 ? "2@a\"b" : "1@a\"b"));
    assert_true(json_equal(canonical, answer));
    json_decref(canonical);
    json_decref(faults);
    json_decref(answer);
    http_request_done(&req);
    http_response_done(&quick);
    http_response_done(&slow);
}

static void pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        struct profile *p = load(profiles[i].dir, profiles[i].name);
        for (size_t n = 0; n <= 6; n++) {
            compare_pages(p, n, false);
            compare_pages(p, n, true);
        }
        compare_pages(p, 1000, false);
        profile_free(p);
    }
}

/* Without escapes in it the text itself is the same. */
static void page_text(void **state)
{
    struct profile *p = load(FIXTURES, "proef-1");
    struct page *pg = profile_page_new(p, OP_OPHALEN);
    struct http_response resp;
    (void)state;
    profile_page_add(pg, &entries[1]);
    profile_page_add(pg, &entries[2]);
    profile_page_answer(pg, NULL, "v", true, &resp);
    assert_string_equal(
        resp.body,
        "{\"aanmeldstatussen\":[{\"volgnummer\":9007199254740991,"
        "\"aanmeldId\":\"6f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c12\",\"vervallen\":true},"
        "{\"volgnummer\":10,\"aanmeldId\":\"7f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c13\","
        "\"bsn\":\"999990019\",\"status\":\"ENROLLED\","
        "\"statusBegin\":\"2023-05-02T08:15:30.125Z\","
        "\"instelling\":{\"code\":\"27YU\",\"naam\":\"ROC van Twente\"},"
        "\"opleiding\":{\"code\":\"5512\",\"naam\":\"Vavo\"}}],"
        "\"volgende\":\"v\",\"meer\":true}");
    http_response_done(&resp);
    profile_free(p);
}

/* ---- the OpenAPI document ---- */

/* Follows a local reference. */
static json_t *resolved(const json_t *doc, json_t *node)
{
    const char *ref = json_string_value(json_object_get(node, "$ref"));
    if (!ref)
        return node;
    json_t *to = ref[0] == '#' ? json_at(doc, ref + 1) : NULL;
    if (!to)
        fail_msg("%s leads nowhere", ref);
    return to;
}

/* Every $ref in the document leads somewhere. */
static void check_refs(const json_t *doc, json_t *node)
{
    const char *key;
    json_t *v;
    size_t i;
    json_array_foreach (node, i, v)
        check_refs(doc, v);
    if (json_is_object(node))
        (void)resolved(doc, node);
    json_object_foreach (node, key, v)
        check_refs(doc, v);
}

/* Where an operation's path stands in the document, below the server's base. */
static json_t *operation_in(const json_t *doc, const json_t *data, const json_t *op)
{
    const char *path = json_string_value(json_object_get(op, "path"));
    const char *base = json_string_value(json_object_get(data, "base"));
    char method[16] = "";
    if (!strncmp(path, base, strlen(base)))
        path += strlen(base);
    const char *m = json_string_value(json_object_get(op, "method"));
    for (size_t i = 0; m[i]; i++)
        method[i] = (char)(m[i] | 0x20);
    return json_object_get(json_object_get(json_object_get(doc, "paths"), path), method);
}

static void check_responses(const json_t *doc, const json_t *data, const json_t *op,
                            json_t *documented)
{
    json_t *responses = json_object_get(documented, "responses"), *r, *name;
    json_t *problems = json_object_get(op, "problems");
    const char *key;
    size_t i, k;
    char status[16];
    (void)snprintf(status, sizeof status, "%d",
                   (int)json_integer_value(json_object_get(op, "status")));
    assert_non_null(json_object_get(responses, status));
    json_object_foreach (responses, key, r) {
        json_t *fields = json_object_get(data, "fields"), *field,
               *full = resolved(doc, r);
        assert_true(json_is_string(json_object_get(full, "description")));
        json_array_foreach (fields, i, field)
            assert_non_null(json_object_get(json_object_get(full, "headers"),
                                            json_string_value(json_array_get(field, 0))));
        /* Each documented failure is one that the profile has. */
        bool known = !strcmp(key, status);
        json_array_foreach (problems, k, name)
            for (enum problem q = PROBLEM_NONE + 1; q < PROBLEM_COUNT; q++) {
                json_t *text = json_object_get(
                    json_object_get(json_object_get(data, "problems"), "list"),
                    json_string_value(name));
                const char *code = json_string_value(json_object_get(text, "code"));
                known = known ||
                        (atol(key) == problem_status(q) && code &&
                         strstr(json_string_value(json_object_get(full, "description")),
                                code));
            }
        if (!known)
            fail_msg("%s is documented but not in the profile", key);
    }
}

static void openapi_is_true(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        struct profile *p = load(profiles[i].dir, profiles[i].name);
        const json_t *doc = profile_openapi(p);
        json_t *data = NULL, *op, *item, *documented;
        const char *name, *path, *method;
        size_t in_profile = 0, in_document = 0;
        char *file = xasprintf("%s/profiles/%s.json", profiles[i].dir, profiles[i].name);
        assert_int_equal(file_read_json(file, &data, NULL), 0);
        free(file);
        check_refs(doc, (json_t *)(uintptr_t)doc);
        json_object_foreach (json_object_get(data, "operations"), name, op) {
            if (!json_object_get(op, "path"))
                continue; /* a callback */
            documented = operation_in(doc, data, op);
            if (!documented)
                fail_msg("%s is not documented", name);
            check_responses(doc, data, op, documented);
            in_profile++;
        }
        json_object_foreach (json_object_get(doc, "paths"), path, item)
            json_object_foreach (item, method, documented)
                in_document += strcmp(method, "servers") != 0;
        assert_int_equal(in_document, in_profile);
        json_decref(data);
        profile_free(p);
    }
}

/* The schemas as the $defs of one schema, so that our own compiler can judge them. */
static json_t *as_defs(const json_t *schemas)
{
    static const char from[] = "\"#/components/schemas/";
    char *text = json_dumps(schemas, 0);
    struct buf b;
    buf_init(&b, 1 << 20);
    for (char *at = text, *next; *at; at = next) {
        next = strstr(at, from);
        size_t n = next ? (size_t)(next - at) : strlen(at);
        buf_add(&b, at, n);
        if (next)
            buf_adds(&b, "\"#/$defs/");
        next = next ? next + sizeof from - 1 : at + n;
    }
    json_t *defs = json_loadb(b.p, b.n, 0, NULL);
    assert_non_null(defs);
    buf_done(&b);
    free(text);
    return defs;
}

/* Each published schema compiles, and its own examples satisfy it. */
static void openapi_schemas(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        struct profile *p = load(profiles[i].dir, profiles[i].name);
        json_t *schemas = as_defs(json_at(profile_openapi(p), "/components/schemas"));
        json_t *one, *example;
        const char *name;
        size_t k, examples = 0;
        json_object_foreach (schemas, name, one) {
            struct schema *s = NULL;
            struct err e = {0};
            char *ref = xasprintf("#/$defs/%s", name);
            json_t *root = json_pack("{s:s, s:O}", "$ref", ref, "$defs", schemas);
            if (schema_compile(root, name, NULL, &s, &e) != 0)
                fail_msg("%s: %s", name, e.text);
            json_array_foreach (json_object_get(one, "examples"), k, example) {
                if (!schema_valid(s, example, NULL, 0))
                    fail_msg("example %zu of %s", k, name);
                examples++;
            }
            schema_free(s);
            json_decref(root);
            free(ref);
        }
        assert_true(json_object_size(schemas) >= 4);
        assert_true(i > 1 || examples > 20);
        json_decref(schemas);
        profile_free(p);
    }
}

/* The examples of problems are problem documents. */
static void openapi_problems(void **state)
{
    struct profile *p = load(FIXTURES, "proef-1");
    struct schema *s = NULL;
    json_t *r, *x;
    const char *name, *code;
    size_t n = 0;
    (void)state;
    assert_int_equal(schema_load(FIXTURES "/schemas/proef-1/problem.json", &s, NULL), 0);
    json_object_foreach (json_at(profile_openapi(p), "/components/responses"), name, r)
        json_object_foreach (json_at(r, "/content/application~1problem+json/examples"),
                             code, x) {
            json_t *v = json_object_get(x, "value"), *faults = json_array();
            if (!schema_valid(s, v, faults, 0))
                fail_msg("%s: %s", code, json_dumps(faults, 0));
            assert_non_null(strstr(json_string_value(json_object_get(v, "type")), code));
            json_decref(faults);
            n++;
        }
    assert_true(n >= 14);
    schema_free(s);
    profile_free(p);
}

static void openapi_is_served(void **state)
{
    struct profile *p = load(FIXTURES, "proef-1");
    struct http_response resp;
    json_t *canonical = NULL, *faults = NULL;
    (void)state;
    profile_answer(p, OP_OPENAPI, NULL, NULL, &resp);
    assert_field(&resp.fields, "Access-Control-Allow-Origin", "*");
    assert_field(&resp.fields, "Content-Type", "application/json");
    assert_true(profile_understand(p, OP_OPENAPI, &resp, &canonical, &faults));
    assert_json_new(faults, "[]");
    assert_true(json_equal(canonical, profile_openapi(p)));
    assert_json(json_object_get(canonical, "openapi"), "'3.1.0'");
    assert_json(json_at(canonical, "/info/version"), "'1.0.0'");
    assert_non_null(json_at(canonical, "/info/contact/email"));
    assert_json(json_at(canonical, "/servers/0/url"), "'{adres}/v1'");
    assert_json(json_at(canonical, "/paths/~1aanmeldstatussen/get/security"),
                "[{'oauth2':['aanmeldstatussen:lezen']}]");
    assert_json(json_at(canonical, "/paths/~1gezondheid/get/security"), "[]");
    json_decref(canonical);
    http_response_done(&resp);
    profile_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages),
        cmocka_unit_test(page_text),
        cmocka_unit_test(openapi_is_true),
        cmocka_unit_test(openapi_schemas),
        cmocka_unit_test(openapi_problems),
        cmocka_unit_test(openapi_is_served),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
