/*
 * The client's side: writing requests, and reading whatever comes back. Reading is
 * tolerant on purpose: what is wrong becomes a fault, and all that can still be
 * understood is handed on, so that one defect never hides another.
 */
#include "harness/profile/profile_data.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

/* ---- asking ---- */

static char *target_of(const struct profile *p, enum op op, const json_t *canonical)
{
    struct buf b;
    size_t n;
    buf_init(&b, MAX_BODY);
    buf_adds(&b, p->ops[op].path ? p->ops[op].path : "/");
    if (op == OP_OPHALEN)
        paging_ask(p, canonical, &b);
    if (p->ops[op].with_id) {
        const char *id = json_string_value(json_object_get(canonical, "abonnementId"));
        char *coded = http_percent_encode(id && *id ? id : "-");
        buf_adds(&b, coded);
        free(coded);
    }
    return buf_take(&b, &n);
}

/* RFC 6749 section 2.3.1. */
static void add_basic(const json_t *canonical, struct http_request *out)
{
    const char *id = json_string_value(json_object_get(canonical, "clientId"));
    const char *secret = json_string_value(json_object_get(canonical, "clientSecret"));
    if (!id)
        return;
    char *first = http_percent_encode(id),
         *second = http_percent_encode(secret ? secret : "");
    char *pair = xasprintf("%s:%s", first, second);
    char *coded = http_base64(pair, strlen(pair));
    char *field = xasprintf("Basic %s", coded);
    http_fields_set(&out->fields, "Authorization", field);
    char *all[] = {first, second, pair, coded, field};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        free(all[i]);
}

static char *form_of(const json_t *canonical)
{
    const char *scope = json_string_value(json_object_get(canonical, "scope"));
    char *coded = scope ? http_percent_encode(scope) : NULL;
    char *form = xasprintf("grant_type=client_credentials%s%s", coded ? "&scope=" : "",
                           coded ? coded : "");
    free(coded);
    return form;
}

void profile_ask(const struct profile *p, enum op op, const json_t *canonical,
                 const char *token, struct http_request *out)
{
    const struct operation *o = &p->ops[op];
    http_request_init(out);
    char *target = target_of(p, op, canonical), *body = NULL;
    http_request_line(out, o->method, target);
    free(target);
    char *accept = xasprintf("%s, %s", p->media, p->media_problem);
    http_fields_add(&out->fields, "Accept", accept);
    free(accept);
    if (token) {
        char *v = xasprintf("%s%s", p->auth == AUTH_BEARER ? "Bearer " : "", token);
        http_fields_set(&out->fields, p->auth_field, v);
        free(v);
    }
    if (o->body == BODY_FORM) {
        add_basic(canonical, out);
        http_fields_set(&out->fields, "Content-Type",
                        "application/x-www-form-urlencoded");
        body = form_of(canonical);
    } else if (o->body == BODY_JSON) {
        json_t *wire = map_write(o->request, canonical);
        http_fields_set(&out->fields, "Content-Type", o->media);
        body = json_dumps(wire, JSON_COMPACT | JSON_ENCODE_ANY);
        json_decref(wire);
        if (!body)
            body = xstrdup("{}");
    }
    if (body)
        http_request_body(out, body, strlen(body));
}

/* ---- understanding ---- */

static void add_fault(json_t *faults, const char *pointer, const char *reden,
                      const char *text)
{
    json_array_append_new(faults, json_pack("{s:s, s:s, s:s}", "pointer", pointer,
                                            "reden", reden, "text", text));
}

/* Media type of a body that has to be `media`. */
static void check_media(const struct http_response *resp, const char *media,
                        json_t *faults)
{
    const char *type = http_fields_get(&resp->fields, "Content-Type");
    if (!type)
        add_fault(faults, "", "mediatype-ontbreekt", "has no Content-Type");
    else if (!http_media_is(type, media))
        add_fault(faults, "", "onjuist-mediatype",
                  "has another media type than it must have");
}

/* The body as JSON; NULL when it is none. A key twice is a fault, not the end. */
static json_t *parse(const struct http_response *resp, json_t *faults)
{
    json_error_t error;
    const char *body = resp->body ? resp->body : "";
    json_t *v =
        json_loadb(body, resp->body_n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (v)
        return v;
    v = json_loadb(body, resp->body_n, JSON_DECODE_ANY, &error);
    if (v)
        add_fault(faults, "", "dubbele-sleutel", "has an object with a key twice");
    else
        add_fault(faults, "", "ongeldige-json", "is no JSON");
    return v;
}

/* Adds what the pointers mean canonically, for reports that speak no wire. */
static void add_canonical_pointers(const struct shape *s, json_t *faults)
{
    size_t i;
    json_t *f;
    json_array_foreach (faults, i, f) {
        const char *pointer = json_string_value(json_object_get(f, "pointer"));
        struct buf b;
        if (!s || !pointer || json_object_get(f, "canonical"))
            continue;
        buf_init(&b, MAX_BODY);
        map_pointer_to_canonical(s, pointer, &b);
        json_object_set_new(f, "canonical", json_string(b.n ? b.p : ""));
        buf_done(&b);
    }
}

static bool understand_success(const struct profile *p, enum op op, const json_t *wire,
                               const struct http_response *resp, json_t **canonical,
                               json_t *faults)
{
    const struct operation *o = &p->ops[op];
    if (resp->status != o->status)
        add_fault(faults, "", "onverwachte-status",
                  "is answered with another 2xx status");
    (void)schema_valid(o->response_schema, wire, faults, MAX_FAULTS);
    map_check_times(o->response, wire, faults);
    add_canonical_pointers(o->response, faults);
    if (!json_is_object(wire))
        return false;
    *canonical = map_read(o->response, wire, false);
    if (op == OP_OPHALEN)
        paging_understood(p, paging_number(p, wire), *canonical);
    if (o->response)
        return map_complete(o->response, *canonical);
    return o->body != BODY_FORM || json_is_string(json_object_get(wire, "access_token"));
}

/* 204: there is nothing to be read (RFC 9110 section 15.3.5). */
static bool understand_nothing(const struct http_response *resp, json_t **canonical,
                               json_t *faults)
{
    if (resp->status != 204)
        add_fault(faults, "", "onverwachte-status",
                  "is answered with another 2xx status");
    *canonical = json_object();
    return true;
}

/* The code of a problem: the last part of `type`, as the contract names it. */
static const char *problem_code(const struct profile *p, const json_t *wire)
{
    const char *type = json_string_value(json_object_get(wire, "type"));
    if (!type || !strcmp(type, "about:blank")) /* RFC 9457 section 4.2.1: no code */
        return "";
    const char *last = type;
    for (const char *c = type; *c; c++)
        if (*c == ':' || *c == '/')
            last = c + 1;
    for (enum problem i = PROBLEM_NONE + 1; i < PROBLEM_COUNT; i++)
        if (!strcmp(p->problems[i].code, last))
            return profile_model_problems[i].code;
    return last;
}

/* The faults a problem names, with canonical pointers and codes. */
static void read_fouten(const struct profile *p, enum op op, json_t *problem)
{
    size_t i;
    json_t *f;
    json_array_foreach (json_object_get(problem, "fouten"), i, f) {
        const char *pointer = json_string_value(json_object_get(f, "pointer"));
        const char *reden = json_string_value(json_object_get(f, "reden"));
        const char *code = reden ? code_canonical(&p->reden, reden) : NULL;
        struct buf b;
        if (code)
            json_object_set_new(f, "reden", json_string(code));
        if (!pointer)
            continue;
        buf_init(&b, MAX_BODY);
        profile_canonical_pointer(p, op, pointer, &b);
        json_object_set_new(f, "pointer", json_string(b.n ? b.p : ""));
        buf_done(&b);
    }
}

static bool understand_problem(const struct profile *p, enum op op, const json_t *wire,
                               int status, json_t **canonical, json_t *faults)
{
    static const char *const texts[] = {"title", "detail", "error"};
    (void)schema_valid(p->problem_schema, wire, faults, MAX_FAULTS);
    if (!json_is_object(wire))
        return false;
    const json_t *said = json_object_get(wire, "status");
    if (json_is_integer(said) && json_integer_value(said) != status)
        add_fault(faults, "/status", "status-wijkt-af",
                  "is not the status of the response");
    map_check_times(p->problem, wire, faults);
    json_t *c = map_read(p->problem, wire, false);
    json_object_set_new(c, "status", json_integer(status));
    json_object_set_new(c, "code", json_string(problem_code(p, wire)));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (json_is_string(json_object_get(wire, texts[i])))
            json_object_set(c, texts[i], json_object_get(wire, texts[i]));
    read_fouten(p, op, c);
    *canonical = c;
    return true;
}

bool profile_understand(const struct profile *p, enum op op,
                        const struct http_response *resp, json_t **canonical,
                        json_t **faults)
{
    const struct operation *o = &p->ops[op];
    bool ok = resp->status / 100 == 2, usable = false;
    *canonical = NULL;
    *faults = json_array();
    if (ok && o->path && o->status == 204)
        return understand_nothing(resp, canonical, *faults);
    if ((!ok && resp->status < 400) || (ok && !o->path))
        return false; /* a redirect, or nothing of the contract */
    check_media(resp, ok ? p->media : p->media_problem, *faults);
    if (ok && (*canonical = flat_response(p, op, resp)))
        return true;
    json_t *wire = parse(resp, *faults);
    if (wire && ok)
        usable = understand_success(p, op, wire, resp, canonical, *faults);
    else if (wire)
        usable = understand_problem(p, op, wire, resp->status, canonical, *faults);
    json_decref(wire);
    return usable;
}

/* ---- pointers ---- */

/* The query parameters of ophalen, as pointers name them: "/sinds". */
static bool query_pointer(const struct profile *p, enum op op, const char *pointer,
                          bool to_wire, struct buf *out)
{
    const char *const canonical[] = {"sinds", "limiet"};
    const char *const wire[] = {p->key_sinds, p->key_limiet};
    for (size_t i = 0; op == OP_OPHALEN && i < ARRAY_LEN(wire); i++) {
        const char *from = to_wire ? canonical[i] : wire[i];
        const char *to = to_wire ? wire[i] : canonical[i];
        if (pointer[0] == '/' && !strcmp(pointer + 1, from)) {
            buf_addf(out, "/%s", to);
            return true;
        }
    }
    return false;
}

void profile_wire_pointer(const struct profile *p, enum op op, const char *canonical,
                          struct buf *out)
{
    if (!query_pointer(p, op, canonical, true, out))
        map_pointer_to_wire(p->ops[op].request, canonical, out);
}

void profile_canonical_pointer(const struct profile *p, enum op op, const char *wire,
                               struct buf *out)
{
    if (!query_pointer(p, op, wire, false, out))
        map_pointer_to_canonical(p->ops[op].request, wire, out);
}
