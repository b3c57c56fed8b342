/*
 * Reading the body of a request: media type, encoding, size, JSON, schema, and then the
 * canonical message. No value of a field ever gets into a rejection, only its place.
 */
#include "harness/profile/profile_data.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mem.h"

/* Whether a media type's charset, if any, is UTF-8 (RFC 9110 section 8.3.2). */
static bool charset_is_utf8(const char *content_type)
{
    const char *at = strchr(content_type, ';');
    while (at) {
        at += 1 + strspn(at + 1, " \t");
        if (!strncasecmp(at, "charset=", 8)) {
            at += 8;
            at += *at == '"';
            size_t n = strcspn(at, "\"; \t");
            return n == 5 && !strncasecmp(at, "utf-8", 5);
        }
        at = strchr(at, ';');
    }
    return true;
}

static const char *form_media = "application/x-www-form-urlencoded";

/* Header fields and size. False with *why filled. */
static bool check_body(const struct operation *o, const struct http_request *req,
                       struct rejection *why)
{
    const char *type = http_fields_get(&req->fields, "Content-Type");
    const char *encoding = http_fields_get(&req->fields, "Content-Encoding");
    const char *media = o->body == BODY_FORM ? form_media : o->media;
    if (!type || !http_media_is(type, media) || !charset_is_utf8(type))
        rejection_add(why, PROBLEM_MEDIA_TYPE, NULL, NULL);
    else if (encoding && *encoding && strcasecmp(encoding, "identity"))
        rejection_add(why, PROBLEM_MEDIA_TYPE, NULL, NULL);
    else if (req->body_n > o->limit) /* also SIZE_MAX: the door read no further */
        rejection_add(why, PROBLEM_TOO_LARGE, NULL, NULL);
    return why->problem == PROBLEM_NONE;
}

/* ---- JSON ---- */

/* The schema's faults as fouten: canonical pointer, and as it stands on the wire. */
static void add_faults(const struct operation *o, const json_t *faults,
                       struct rejection *why)
{
    size_t i;
    json_t *f;
    json_array_foreach (faults, i, f) {
        const char *wire = json_string_value(json_object_get(f, "pointer"));
        const char *reden = json_string_value(json_object_get(f, "reden"));
        struct buf pointer;
        buf_init(&pointer, MAX_BODY);
        map_pointer_to_canonical(o->request, wire ? wire : "", &pointer);
        rejection_add(why, PROBLEM_INVALID, pointer.n ? pointer.p : "", reden);
        json_t *last = json_array_get(why->fouten, json_array_size(why->fouten) - 1);
        json_object_set_new(last, "wire", json_string(wire ? wire : ""));
        buf_done(&pointer);
    }
}

static int read_json(const struct operation *o, const struct http_request *req,
                     json_t **canonical, struct rejection *why)
{
    json_error_t error;
    json_t *plain = flat_request(o, req->body, req->body_n);
    if (plain) {
        *canonical = plain;
        return 0;
    }
    json_t *wire = json_loadb(req->body ? req->body : "", req->body_n,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!wire) {
        rejection_add(why, PROBLEM_INVALID, "", "ongeldige-json");
        return E_INVALID;
    }
    json_t *faults = json_array();
    bool valid = schema_valid(o->request_schema, wire, faults, MAX_FAULTS);
    map_check_times(o->request, wire, faults);
    valid = valid && !json_array_size(faults);
    if (valid) {
        *canonical = map_read(o->request, wire, true);
    } else {
        add_faults(o, faults, why);
        if (why->problem == PROBLEM_NONE)
            why->problem = PROBLEM_INVALID;
        if (json_is_object(wire))
            why->readable = map_read(o->request, wire, true);
    }
    json_decref(faults);
    json_decref(wire);
    return valid ? 0 : E_INVALID;
}

/* ---- the token's form ---- */

/* RFC 6749 section 5.2. The message says where, never what. */
static int refuse_token(struct rejection *why, enum problem problem, const char *error,
                        const char *pointer, const char *reden)
{
    rejection_add(why, problem, pointer, reden);
    why->oauth_error = error;
    return E_INVALID;
}

static int read_token(const struct http_request *req, json_t **canonical,
                      struct rejection *why)
{
    json_t *form = NULL;
    bool twice = false;
    char *id = NULL, *secret = NULL;
    int r = 0;
    if (!form_read(req->body ? req->body : "", req->body_n, &form, &twice))
        return refuse_token(why, PROBLEM_INVALID, "invalid_request", "",
                            "ongeldig-formulier");
    const char *grant = json_string_value(json_object_get(form, "grant_type"));
    const char *scope = json_string_value(json_object_get(form, "scope"));
    if (twice)
        r = refuse_token(why, PROBLEM_INVALID, "invalid_request", "", "dubbel");
    else if (!grant || !*grant)
        r = refuse_token(why, PROBLEM_INVALID, "invalid_request", "/grant_type",
                         "verplicht");
    else if (strcmp(grant, "client_credentials"))
        r = refuse_token(why, PROBLEM_INVALID, "unsupported_grant_type", "/grant_type",
                         "onbekende-waarde");
    else if (!basic_read(http_fields_get(&req->fields, "Authorization"), &id, &secret))
        r = refuse_token(why, PROBLEM_UNAUTHENTICATED, "invalid_client", NULL, NULL);
    if (r == 0) {
        json_t *c = json_object();
        json_object_set_new(c, "clientId", json_string(id));
        json_object_set_new(c, "clientSecret", json_string(secret));
        if (scope && *scope)
            json_object_set_new(c, "scope", json_string(scope));
        /* Credentials that are no UTF-8 can't be anybody's. */
        if (json_object_size(c) < 2 || !json_object_get(c, "clientSecret")) {
            json_decref(c);
            r = refuse_token(why, PROBLEM_UNAUTHENTICATED, "invalid_client", NULL, NULL);
        } else {
            *canonical = c;
        }
    }
    json_decref(form);
    free(id);
    free(secret);
    return r;
}

/* ---- the id in a path ---- */

/* What can be no id, is none of ours: the role answers 404. */
static void read_id(const struct operation *o, const struct http_request *req,
                    json_t *canonical)
{
    char id[200];
    const char *at = req->target ? strstr(req->target, o->path) : NULL;
    if (!at)
        return;
    at += o->path_n;
    if (query_decode(at, strcspn(at, "?"), id, sizeof id))
        json_object_set_new(canonical, "abonnementId", json_string(id));
}

/* ---- the whole ---- */

int profile_read(const struct profile *p, enum op op, const struct http_request *req,
                 json_t **canonical, struct rejection *why)
{
    const struct operation *o = &p->ops[op];
    if (op == OP_OPHALEN)
        return paging_read(p, req, canonical, why);
    if (o->body == BODY_NONE) {
        *canonical = json_object();
        if (o->with_id)
            read_id(o, req, *canonical);
        return 0;
    }
    if (!check_body(o, req, why)) {
        if (op == OP_TOKEN)
            why->oauth_error = "invalid_request";
        return E_INVALID;
    }
    return o->body == BODY_FORM ? read_token(req, canonical, why)
                                : read_json(o, req, canonical, why);
}
