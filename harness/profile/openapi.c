/*
 * The OpenAPI 3.1 document of a profile, made of the profile's file and its schemas: 3.1
 * uses JSON Schema 2020-12 as it is, so the schemas that are published are the very ones
 * that messages are checked with. (https://spec.openapis.org/oas/v3.1.0)
 */
#include "harness/profile/profile_data.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"

#define SCHEMAS "#/components/schemas/"

static const char *text_of(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static json_t *ref_to(const char *where, const char *name)
{
    return json_pack("{s:o}", "$ref", json_sprintf("#/components/%s/%s", where, name));
}

/* "geldige-aanmeldstatus.json" -> "GeldigeAanmeldstatus"; appended to b. */
static void add_pascal(struct buf *b, const char *kebab)
{
    bool upper = true;
    for (const char *c = kebab; *c && *c != '.'; c++) {
        if (isalnum((unsigned char)*c))
            buf_addc(b, upper ? (char)toupper((unsigned char)*c) : *c);
        upper = !isalnum((unsigned char)*c);
    }
}

/* "statusmeldingen.indienen" -> "statusmeldingenIndienen". */
static json_t *operation_id(const char *name)
{
    struct buf b;
    bool upper = false;
    buf_init(&b, 1000);
    for (const char *c = name; *c; c++) {
        if (*c != '.')
            buf_addc(&b, upper ? (char)toupper((unsigned char)*c) : *c);
        upper = *c == '.';
    }
    json_t *id = json_string(b.p);
    buf_done(&b);
    return id;
}

/* ---- schemas ---- */

static int add_schema(const struct profile *p, json_t *schemas, const char *file,
                      struct err *e);

/* Turns each $ref to a file into one to a component, and adds that component. */
static int mend_refs(const struct profile *p, json_t *schemas, json_t *node,
                     struct err *e)
{
    const char *key;
    json_t *v;
    size_t i;
    int r = 0;
    json_array_foreach (node, i, v)
        r = r ? r : mend_refs(p, schemas, v, e);
    if (!json_is_object(node) || r != 0)
        return r;
    const char *ref = text_of(node, "$ref");
    if (ref && *ref != '#') {
        struct buf b;
        buf_init(&b, 1000);
        buf_adds(&b, SCHEMAS);
        add_pascal(&b, ref);
        r = add_schema(p, schemas, ref, e);
        json_object_set_new(node, "$ref", json_string(b.p));
        buf_done(&b);
    }
    json_object_foreach (node, key, v)
        if (r == 0 && strcmp(key, "examples") && strcmp(key, "enum") &&
            strcmp(key, "const"))
            r = mend_refs(p, schemas, v, e);
    return r;
}

static int add_schema(const struct profile *p, json_t *schemas, const char *file,
                      struct err *e)
{
    struct buf name;
    json_t *schema = NULL;
    int r = 0;
    buf_init(&name, 1000);
    add_pascal(&name, file);
    if (!json_object_get(schemas, name.p)) {
        char *path = xasprintf("%s/%s", p->schemas_dir, file);
        r = file_read_json(path, &schema, e);
        free(path);
    }
    if (schema) {
        json_object_del(schema, "$schema");
        json_object_del(schema, "$id");
        json_object_set_new(schemas, name.p, schema);
        r = mend_refs(p, schemas, schema, e);
    }
    buf_done(&name);
    return r;
}

static json_t *schema_ref(const char *file)
{
    struct buf b;
    buf_init(&b, 1000);
    add_pascal(&b, file);
    json_t *ref = ref_to("schemas", b.p);
    buf_done(&b);
    return ref;
}

static json_t *content(const char *media, const char *file)
{
    return json_pack("{s:{s:o}}", media, "schema", schema_ref(file));
}

/* ---- header fields ---- */

static json_t *header(const char *description, const char *constant)
{
    json_t *schema = json_pack("{s:s}", "type", "string");
    if (constant)
        json_object_set_new(schema, "const", json_string(constant));
    return json_pack("{s:s, s:b, s:o}", "description", description, "required",
                     constant != NULL, "schema", schema);
}

static json_t *headers_component(const struct profile *p)
{
    json_t *h = json_object();
    for (size_t i = 0; i < p->general.n; i++) {
        const struct http_field *f = &p->general.v[i];
        bool version = !strcasecmp(f->name, "API-Version");
        json_object_set_new(
            h, f->name,
            header(version ? "Versie van de interface (semver), op elk antwoord."
                           : "Op elk antwoord.",
                   f->value));
    }
    json_object_set_new(
        h, p->request_id,
        header("De waarde uit het verzoek, als die 1 tot en met 200 afdrukbare "
               "ASCII-tekens heeft en geen persoonsnummer bevat.",
               NULL));
    json_object_set_new(
        h, "WWW-Authenticate",
        header("Hoe de client zich moet aanmelden (RFC 9110, RFC 6750).", NULL));
    json_object_set_new(h, "Allow", header("De methoden die dit adres wel kent.", NULL));
    json_object_set_new(
        h, "Retry-After",
        header("Na hoeveel seconden, of op welk tijdstip (HTTP-date), het "
               "opnieuw kan.",
               NULL));
    return h;
}

static json_t *headers_of(const struct profile *p, int status, const json_t *own)
{
    static const struct {
        int status;
        const char *name;
    } special[] = {{401, "WWW-Authenticate"},
                   {405, "Allow"},
                   {429, "Retry-After"},
                   {503, "Retry-After"}};
    json_t *h = json_object(), *v;
    size_t i;
    for (i = 0; i < p->general.n; i++)
        json_object_set_new(h, p->general.v[i].name,
                            ref_to("headers", p->general.v[i].name));
    json_object_set_new(h, p->request_id, ref_to("headers", p->request_id));
    for (i = 0; i < ARRAY_LEN(special); i++)
        if (special[i].status == status)
            json_object_set_new(h, special[i].name, ref_to("headers", special[i].name));
    json_array_foreach (own, i, v)
        json_object_set_new(
            h, json_string_value(json_array_get(v, 0)),
            header("Op dit antwoord.", json_string_value(json_array_get(v, 1))));
    return h;
}

/* ---- problems ---- */

static json_t *problem_example(const struct profile *p, enum problem i)
{
    char *text = xasprintf("%s}", p->problems[i].head);
    json_t *v = json_loads(text, 0, NULL);
    free(text);
    const char *fouten = p->problem->v[0].at[0];
    if (i == PROBLEM_INVALID)
        json_object_set_new(v, fouten,
                            json_pack("[{s:s, s:s}]", p->fout->v[0].at[0], "/veld",
                                      p->fout->v[1].at[0], "ongeldige-waarde"));
    if (i == PROBLEM_NOT_CONNECTED)
        json_object_set_new(v, p->problem->v[1].at[0],
                            json_string("2023-05-01T00:00:00Z"));
    return json_pack("{s:o}", "value", v);
}

/* The response for all problems of one status that an operation may have; named after
 * their codes and shared by the operations that have the same. */
static json_t *problem_response(const struct profile *p, const json_t *names, int status,
                                json_t *responses)
{
    struct buf name, text;
    const char *schema = text_of(json_object_get(p->data, "problems"), "schema");
    const json_t *list = json_object_get(json_object_get(p->data, "problems"), "list");
    json_t *examples = json_object(), *v;
    size_t k;
    buf_init(&name, 1000);
    buf_init(&text, 10000);
    json_array_foreach (names, k, v) {
        for (enum problem i = PROBLEM_NONE + 1; i < PROBLEM_COUNT; i++) {
            if (strcmp(profile_model_problems[i].name, json_string_value(v)) ||
                profile_model_problems[i].status != status)
                continue;
            add_pascal(&name, p->problems[i].code);
            buf_addf(&text, "%s`%s`: %s", text.n ? "\n\n" : "", p->problems[i].code,
                     text_of(json_object_get(list, json_string_value(v)), "detail"));
            json_object_set_new(examples, p->problems[i].code, problem_example(p, i));
        }
    }
    json_t *c = content(p->media_problem, schema);
    json_object_set_new(json_object_get(c, p->media_problem), "examples", examples);
    if (!json_object_get(responses, name.p))
        json_object_set_new(responses, name.p,
                            json_pack("{s:s, s:o, s:o}", "description", text.p, "headers",
                                      headers_of(p, status, NULL), "content",
                                      json_incref(c)));
    json_decref(c);
    json_t *ref = ref_to("responses", name.p);
    buf_done(&name);
    buf_done(&text);
    return ref;
}

static json_t *responses_of(const struct profile *p, const struct operation *o,
                            const json_t *d, json_t *responses)
{
    char status[16];
    json_t *all = json_object(), *v;
    const json_t *problems = json_object_get(d, "problems");
    size_t k;
    (void)snprintf(status, sizeof status, "%d", o->status);
    json_t *ok = json_pack("{s:s, s:o}", "description", "Gelukt.", "headers",
                           headers_of(p, o->status, json_object_get(d, "fields")));
    if (text_of(d, "response"))
        json_object_set_new(ok, "content", content(p->media, text_of(d, "response")));
    json_object_set_new(all, status, ok);
    json_array_foreach (problems, k, v) {
        for (enum problem i = PROBLEM_NONE + 1; i < PROBLEM_COUNT; i++) {
            int s = profile_model_problems[i].status;
            (void)snprintf(status, sizeof status, "%d", s);
            if (!strcmp(profile_model_problems[i].name, json_string_value(v)) &&
                !json_object_get(all, status))
                json_object_set_new(all, status,
                                    problem_response(p, problems, s, responses));
        }
    }
    return all;
}

/* ---- operations ---- */

static json_t *parameters_component(const struct profile *p)
{
    json_t *all = json_object();
    json_object_set_new(
        all, "Sinds",
        json_pack(
            "{s:s, s:s, s:b, s:s, s:{s:s, s:i, s:i}}", "name", p->key_sinds, "in",
            "query", "required", 0, "description",
            "De waarde van het laatste antwoord waarmee verder wordt gelezen; weglaten "
            "geeft de volledige stand. Een waarde die niet meer wordt bewaard is 410.",
            "schema", "type", "string", "minLength", 1, "maxLength", 511));
    json_object_set_new(
        all, "Limiet",
        json_pack("{s:s, s:s, s:b, s:s, s:{s:s, s:i, s:i, s:i}}", "name", p->key_limiet,
                  "in", "query", "required", 0, "description",
                  "Ten hoogste zoveel regels. Een bladzijde mag minder hebben, ook geen.",
                  "schema", "type", "integer", "minimum", 1, "maximum", p->page_max,
                  "default", p->page_default));
    if (p->key_pagina)
        json_object_set_new(
            all, "Pagina",
            json_pack(
                "{s:s, s:s, s:b, s:s, s:{s:s, s:i, s:i}}", "name", p->key_pagina, "in",
                "query", "required", 0, "description",
                "Nummer van de bladzijde bij de momentopname; na de laatste bladzijde 1.",
                "schema", "type", "integer", "minimum", 1, "default", 1));
    json_object_set_new(
        all, "RequestId",
        json_pack("{s:s, s:s, s:b, s:s, s:{s:s, s:i, s:i}}", "name", p->request_id, "in",
                  "header", "required", 0, "description",
                  "Kenmerk van de client; komt terug op het antwoord.", "schema", "type",
                  "string", "minLength", 1, "maxLength", 200));
    return all;
}

static json_t *security_of(const struct profile *p, enum op op)
{
    if (op == OP_TOKEN)
        return json_pack("[{s:[]}]", "client");
    if (op == OP_OPENAPI || op == OP_GEZONDHEID)
        return json_array();
    if (p->auth == AUTH_API_KEY)
        return json_pack("[{s:[]}]", "sleutel");
    return json_pack("[{s:[s]}]", "oauth2", p->ops[op].scope);
}

static json_t *security_schemes(const struct profile *p)
{
    const json_t *auth = json_object_get(p->data, "authentication");
    json_t *scopes = json_object_get(auth, "scopes");
    if (p->auth == AUTH_API_KEY)
        return json_pack("{s:{s:s, s:s, s:s}}", "sleutel", "type", "apiKey", "in",
                         "header", "name", p->auth_field);
    return json_pack("{s:{s:s, s:s}, s:{s:s, s:{s:{s:s, s:O}}}}", "client", "type",
                     "http", "scheme", "basic", "oauth2", "type", "oauth2", "flows",
                     "clientCredentials", "tokenUrl", p->ops[OP_TOKEN].path, "scopes",
                     scopes);
}

/* Who an operation is for. */
static const char *const tags[OP_COUNT] = {[OP_TOKEN] = "Toegang",
                                           [OP_INDIENEN] = "Bronnen",
                                           [OP_STAND] = "Bronnen",
                                           [OP_OPHALEN] = "Overstapsystemen",
                                           [OP_ZOEKEN] = "Overstapsystemen",
                                           [OP_OPENAPI] = "Beheer",
                                           [OP_GEZONDHEID] = "Beheer",
                                           [OP_ABONNEREN] = "Overstapsystemen",
                                           [OP_OPZEGGEN] = "Overstapsystemen"};

/* What is between the braces of a path, as a parameter. */
static json_t *path_parameter(const json_t *d)
{
    const char *path = text_of(d, "path"), *name = strchr(path, '{') + 1;
    return json_pack("{s:o, s:s, s:b, s:{s:s, s:i}}", "name",
                     json_stringn(name, strcspn(name, "}")), "in", "path", "required", 1,
                     "schema", "type", "string", "minLength", 1);
}

static json_t *request_body(const struct operation *o, const json_t *d, const char *media)
{
    return json_pack("{s:b, s:o, s:o}", "required", 1, "description",
                     json_sprintf("Ten hoogste %zu bytes.", o->limit), "content",
                     content(media, text_of(d, "request")));
}

/* What the koppelpunt sends to the address of an abonnement. */
static json_t *callbacks(const struct profile *p)
{
    const struct operation *o = &p->ops[OP_MELDEN];
    const json_t *d = json_object_get(json_object_get(p->data, "operations"), o->name);
    struct buf url;
    buf_init(&url, 1000);
    profile_wire_pointer(p, OP_ABONNEREN, "/callbackUrl", &url);
    json_t *post =
        json_pack("{s:o, s:O, s:O, s:o, s:{s:{s:s}, s:{s:s}}}", "operationId",
                  operation_id(o->name), "summary", json_object_get(d, "title"),
                  "description", json_object_get(d, "description"), "requestBody",
                  request_body(o, d, o->media), "responses", "2XX", "description",
                  "Bevestigd.", "410", "description", "Het abonnement eindigt.");
    json_t *item = json_pack("{s:o}", "post", post), *one = json_object();
    char *key = xasprintf("{$request.body#%s}", url.p);
    json_object_set_new(one, key, item);
    free(key);
    buf_done(&url);
    return json_pack("{s:o}", "aanmeldstatussenGewijzigd", one);
}

static json_t *operation_of(const struct profile *p, enum op op, const json_t *d,
                            json_t *responses)
{
    const struct operation *o = &p->ops[op];
    json_t *out = json_object(), *parameters = json_array();
    json_object_set_new(out, "operationId", operation_id(o->name));
    json_object_set_new(out, "tags", json_pack("[s]", tags[op]));
    json_object_set(out, "summary", json_object_get(d, "title"));
    if (text_of(d, "description"))
        json_object_set(out, "description", json_object_get(d, "description"));
    json_object_set_new(out, "security", security_of(p, op));
    if (op == OP_OPHALEN) {
        json_array_append_new(parameters, ref_to("parameters", "Sinds"));
        if (p->key_pagina)
            json_array_append_new(parameters, ref_to("parameters", "Pagina"));
        json_array_append_new(parameters, ref_to("parameters", "Limiet"));
    }
    if (o->with_id)
        json_array_append_new(parameters, path_parameter(d));
    json_array_append_new(parameters, ref_to("parameters", "RequestId"));
    json_object_set_new(out, "parameters", parameters);
    if (o->body != BODY_NONE)
        json_object_set_new(out, "requestBody",
                            request_body(o, d,
                                         o->body == BODY_FORM
                                             ? "application/x-www-form-urlencoded"
                                             : o->media));
    if (op == OP_ABONNEREN)
        json_object_set_new(out, "callbacks", callbacks(p));
    json_object_set_new(out, "responses", responses_of(p, o, d, responses));
    return out;
}

static json_t *servers(const char *base)
{
    return json_pack("[{s:o, s:{s:{s:s, s:s}}}]", "url", json_sprintf("{adres}%s", base),
                     "variables", "adres", "default", "https://koppelpunt.example",
                     "description", "Waar de dienst draait.");
}

static json_t *paths_of(const struct profile *p, json_t *responses)
{
    json_t *paths = json_object();
    const json_t *all = json_object_get(p->data, "operations");
    const char *base = text_of(p->data, "base");
    size_t n = strlen(base);
    for (enum op op = OP_NONE + 1; op < OP_COUNT; op++) {
        const struct operation *o = &p->ops[op];
        const json_t *d = json_object_get(all, op_name(op));
        const char *path = text_of(d, "path");
        if (!path) /* not in this profile, or a call to somewhere else */
            continue;
        bool below = !strncmp(path, base, n) && path[n] == '/';
        path += below ? n : 0;
        json_t *item = json_object_get(paths, path);
        if (!item) {
            item = json_object();
            json_object_set_new(paths, path, item);
            if (!below)
                json_object_set_new(item, "servers", servers(""));
        }
        char method[16] = "";
        for (size_t i = 0; o->method[i] && i + 1 < sizeof method; i++)
            method[i] = (char)tolower((unsigned char)o->method[i]);
        json_object_set_new(item, method, operation_of(p, op, d, responses));
    }
    return paths;
}

/* ---- the document ---- */

static int all_schemas(const struct profile *p, json_t *schemas, struct err *e)
{
    const char *key;
    json_t *d;
    int r = add_schema(p, schemas,
                       text_of(json_object_get(p->data, "problems"), "schema"), e);
    json_object_foreach (json_object_get(p->data, "operations"), key, d) {
        const char *request = text_of(d, "request");
        if (r == 0 && request)
            r = add_schema(p, schemas, request, e);
        if (r == 0 && text_of(d, "response"))
            r = add_schema(p, schemas, text_of(d, "response"), e);
    }
    return r;
}

int openapi_make(struct profile *p, struct err *e)
{
    json_t *schemas = json_object(), *responses = json_object();
    int r = all_schemas(p, schemas, e);
    json_t *info = json_object();
    json_object_set(info, "title", json_object_get(p->data, "title"));
    json_object_set(info, "version", json_object_get(p->data, "version"));
    if (text_of(p->data, "description"))
        json_object_set(info, "description", json_object_get(p->data, "description"));
    json_object_set(info, "contact", json_object_get(p->data, "contact"));
    json_t *doc = json_object();
    json_object_set_new(doc, "openapi", json_string("3.1.0"));
    json_object_set_new(doc, "info", info);
    json_object_set_new(doc, "servers", servers(text_of(p->data, "base")));
    json_object_set_new(doc, "tags",
                        json_pack("[{s:s}, {s:s}, {s:s}, {s:s}]", "name", "Toegang",
                                  "name", "Bronnen", "name", "Overstapsystemen", "name",
                                  "Beheer"));
    json_object_set_new(doc, "paths", paths_of(p, responses));
    json_object_set_new(
        doc, "components",
        json_pack("{s:o, s:o, s:o, s:o, s:o}", "schemas", schemas, "responses", responses,
                  "parameters", parameters_component(p), "headers", headers_component(p),
                  "securitySchemes", security_schemes(p)));
    p->openapi = doc;
    p->ops[OP_OPENAPI].document = json_dumps(doc, JSON_INDENT(2));
    if (p->ops[OP_OPENAPI].document)
        p->ops[OP_OPENAPI].document_n = strlen(p->ops[OP_OPENAPI].document);
    return r;
}
