/*
 * The server's side: which operation a request is, what its query and token say, and the
 * answer or refusal with all its fields. Reading bodies is in profile_read.c.
 */
#include "harness/profile/profile_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mem.h"

/* ---- rejections ---- */

void rejection_init(struct rejection *r)
{
    *r = (struct rejection){0};
}

void rejection_done(struct rejection *r)
{
    json_decref(r->fouten);
    json_decref(r->readable);
    *r = (struct rejection){0};
}

void rejection_add(struct rejection *r, enum problem problem,
                   const char *canonical_pointer, const char *reden)
{
    if (r->problem == PROBLEM_NONE)
        r->problem = problem;
    if (!canonical_pointer)
        return;
    if (!r->fouten)
        r->fouten = json_array();
    if (json_array_size(r->fouten) >= MAX_FAULTS)
        return;
    json_t *f = json_object();
    json_object_set_new(f, "pointer", json_string(canonical_pointer));
    json_object_set_new(f, "reden", json_string(reden ? reden : "ongeldig"));
    json_array_append_new(r->fouten, f);
}

/* ---- routing ---- */

/* The path of a target and its length; the absolute form of RFC 9112 section 3.2.2 too.
 */
static const char *path_of(const char *target, size_t *n)
{
    if (!strncasecmp(target, "http://", 7) || !strncasecmp(target, "https://", 8)) {
        const char *slash = strchr(strstr(target, "://") + 3, '/');
        target = slash ? slash : "/";
    }
    *n = strcspn(target, "?");
    return target;
}

static bool at_path(const struct operation *o, const char *path, size_t n)
{
    if (!o->path || n < o->path_n || memcmp(o->path, path, o->path_n) != 0)
        return false;
    return o->with_id ? n > o->path_n && !memchr(path + o->path_n, '/', n - o->path_n)
                      : n == o->path_n;
}

enum op profile_route(const struct profile *p, const char *method, const char *target,
                      struct rejection *why)
{
    size_t n;
    const char *path = path_of(target, &n);
    bool known = false;
    for (enum op op = OP_NONE + 1; op < OP_COUNT; op++) {
        if (!at_path(&p->ops[op], path, n))
            continue;
        if (!strcmp(p->ops[op].method, method))
            return op;
        known = true;
    }
    why->problem = known ? PROBLEM_METHOD : PROBLEM_NOT_FOUND;
    why->allow[0] = '\0';
    for (enum op op = OP_NONE + 1; known && op < OP_COUNT; op++) {
        size_t used = strlen(why->allow);
        if (at_path(&p->ops[op], path, n))
            (void)snprintf(why->allow + used, sizeof why->allow - used, "%s%s",
                           used ? ", " : "", p->ops[op].method);
    }
    return OP_NONE;
}

/* ---- tokens, scopes, Accept ---- */

const char *profile_bearer(const struct profile *p, const struct http_request *req)
{
    const char *v = http_fields_get(&req->fields, p->auth_field);
    if (!v)
        return NULL;
    if (p->auth == AUTH_BEARER) {
        if (strncasecmp(v, "Bearer ", 7) != 0)
            return NULL;
        v += 7;
    }
    v += strspn(v, " ");
    return *v ? v : NULL;
}

const char *profile_scope(const struct profile *p, enum op op)
{
    return p->auth == AUTH_BEARER ? p->ops[op].scope : NULL;
}

/* RFC 9110 section 12.4.2: the weight of one media range; 1 when it has none. */
static double weight(const char *range, size_t n)
{
    for (const char *at = range; (at = memchr(at, ';', n - (size_t)(at - range)));) {
        at++;
        at += strspn(at, " \t");
        if ((size_t)(at - range) + 2 <= n && (*at | 0x20) == 'q' && at[1] == '=')
            return strtod(at + 2, NULL);
        if ((size_t)(at - range) >= n)
            break;
    }
    return 1;
}

/* How closely a media range names the type: 3 itself, 2 "type/" and star, 1 anything, 0.
 */
static int closeness(const char *range, size_t n, const char *type)
{
    const char *slash = strchr(type, '/');
    size_t major = (size_t)(slash - type) + 1;
    while (n && (range[n - 1] == ' ' || range[n - 1] == '\t'))
        n--;
    if (n == strlen(type) && !strncasecmp(range, type, n))
        return 3;
    if (n == major + 1 && range[major] == '*' && !strncasecmp(range, type, major))
        return 2;
    return n == 3 && !memcmp(range, "*/*", 3);
}

bool profile_acceptable(const struct profile *p, enum op op,
                        const struct http_request *req)
{
    int best = 0;
    double q = 0;
    bool any = false;
    (void)op; /* every operation answers with the same media type */
    for (size_t i = 0; i < req->fields.n; i++) {
        if (strcasecmp(req->fields.v[i].name, "Accept") != 0)
            continue;
        const char *at = req->fields.v[i].value;
        for (at += strspn(at, " \t,"); *at; at += strspn(at, " \t,")) {
            size_t n = strcspn(at, ",");
            any = true;
            int close = closeness(at, strcspn(at, ",;"), p->media);
            if (close > best) {
                best = close;
                q = weight(at, n);
            }
            at += n;
        }
    }
    return !any || (best > 0 && q > 0);
}

/* ---- answering ---- */

/* 1-200 printable ASCII characters without a free-standing nine-digit number that passes
 * the elfproef (CONTRACT.md 2). Digits inside a UUID are not free-standing. */
static bool may_echo(const char *id)
{
    size_t n = strlen(id);
    if (n < 1 || n > 200)
        return false;
    for (size_t i = 0; i < n; i++)
        if (id[i] < ' ' || id[i] > '~')
            return false;
    return !mask_needed(id, n);
}

void answer_fields(const struct profile *p, const struct http_fields *ready,
                   const struct http_request *req, struct http_response *out)
{
    const char *id = req ? http_fields_get(&req->fields, p->request_id) : NULL;
    http_response_init(out);
    http_fields_copy(&out->fields, ready);
    if (id && may_echo(id))
        http_fields_add(&out->fields, p->request_id, id);
    for (size_t i = 0; req && req->peer && i < p->over_tls.n; i++)
        http_fields_add(&out->fields, p->over_tls.v[i].name, p->over_tls.v[i].value);
}

void profile_answer(const struct profile *p, enum op op, const struct http_request *req,
                    const json_t *canonical, struct http_response *out)
{
    const struct operation *o = &p->ops[op];
    answer_fields(p, &o->fields, req, out);
    out->status = o->status;
    if (o->document && !json_object_size(canonical)) {
        http_response_body(out, xmemdup(o->document, o->document_n), o->document_n);
        return;
    }
    if (o->status == 204)
        return;
    json_t *wire = op == OP_OPHALEN ? paging_answer(p, req, canonical)
                                    : map_write(o->response, canonical);
    char *text = json_dumps(wire, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(wire);
    if (!text) /* no message at all: an empty object is the least */
        text = xstrdup("{}");
    http_response_body(out, text, strlen(text));
}

/* ---- refusing ---- */

/* A pointer as it may be shown: in a key with nine or more digits every digit is masked.
 */
static void add_pointer(struct buf *b, const char *pointer)
{
    char *shown = xstrdup(pointer);
    for (char *at = shown; *at;) {
        size_t n = 1 + strcspn(at + 1, "/"), digits = 0;
        for (size_t i = 0; i < n; i++)
            digits += at[i] >= '0' && at[i] <= '9';
        for (size_t i = 0; digits >= 9 && i < n; i++)
            if (at[i] >= '0' && at[i] <= '9')
                at[i] = '*';
        at += n;
    }
    buf_add_json(b, shown, strlen(shown));
    free(shown);
}

static void add_fout(const struct profile *p, enum op op, const char *canonical,
                     const char *wire, const char *reden, struct buf *b)
{
    struct buf pointer;
    const char *code = code_wire(&p->reden, reden);
    const char *at_pointer = p->fout->v[0].at[0], *at_reden = p->fout->v[1].at[0];
    buf_init(&pointer, MAX_BODY);
    if (wire)
        buf_adds(&pointer, wire);
    else
        profile_wire_pointer(p, op, canonical, &pointer);
    buf_addf(b, "{\"%s\":\"", at_pointer);
    add_pointer(b, pointer.n ? pointer.p : "");
    buf_addf(b, "\",\"%s\":\"", at_reden);
    buf_add_json(b, code ? code : reden, strlen(code ? code : reden));
    buf_adds(b, "\"}");
    buf_done(&pointer);
}

static void add_fouten(const struct profile *p, enum op op, const struct rejection *why,
                       struct buf *b)
{
    size_t i, n = json_array_size(why->fouten);
    json_t *f;
    bool invalid = why->problem == PROBLEM_INVALID;
    if (!n && !invalid && why->problem != PROBLEM_CURSOR_INVALID)
        return;
    buf_addf(b, ",\"%s\":[", p->problem->v[0].at[0]);
    if (!n) /* 400 always names at least one fault */
        add_fout(p, op, invalid ? "" : "/sinds", NULL,
                 invalid ? "ongeldige-invoer" : "ongeldige-cursor", b);
    json_array_foreach (why->fouten, i, f) {
        if (i)
            buf_addc(b, ',');
        add_fout(p, op, json_string_value(json_object_get(f, "pointer")),
                 json_string_value(json_object_get(f, "wire")),
                 json_string_value(json_object_get(f, "reden")), b);
    }
    buf_addc(b, ']');
}

/* RFC 6750 section 3: an error only when a token was sent. */
static void add_challenge(const struct profile *p, enum op op,
                          const struct http_request *req, struct http_fields *f)
{
    const char *token = req ? profile_bearer(p, req) : NULL;
    const char *scheme = op == OP_TOKEN            ? "Basic"
                         : p->auth == AUTH_API_KEY ? "ApiKey"
                                                   : "Bearer";
    char *v = xasprintf("%s realm=\"%s\"%s", scheme, p->realm,
                        op != OP_TOKEN && p->auth == AUTH_BEARER && token
                            ? ", error=\"invalid_token\""
                            : "");
    http_fields_add(f, "WWW-Authenticate", v);
    free(v);
}

/* Rounded up, at least 1: a peer that comes back too early is refused again. */
static long whole_seconds(double seconds)
{
    long whole = seconds < 1e9 ? (long)seconds : 1000000000L;
    whole += (double)whole < seconds;
    return whole < 1 ? 1 : whole;
}

static void add_special_fields(const struct profile *p, enum op op,
                               const struct http_request *req,
                               const struct rejection *why, enum problem problem,
                               struct http_fields *f)
{
    char text[32];
    switch (problem) {
    case PROBLEM_UNAUTHENTICATED:
        add_challenge(p, op, req, f);
        break;
    case PROBLEM_METHOD:
        http_fields_add(f, "Allow", why->allow);
        break;
    case PROBLEM_TOO_MANY:
    case PROBLEM_UNAVAILABLE:
        (void)snprintf(text, sizeof text, "%ld", whole_seconds(why->retry_after));
        http_fields_add(f, "Retry-After", text);
        break;
    default:
        break;
    }
}

void profile_refuse(const struct profile *p, const struct http_request *req,
                    const struct rejection *why, struct http_response *out)
{
    struct rejection ignored;
    struct buf b;
    size_t n;
    /* To refuse for no reason at all would be our own fault: say so. */
    enum problem problem = why->problem == PROBLEM_NONE ? PROBLEM_INTERNAL : why->problem;
    const struct problem_data *d = &p->problems[problem];
    rejection_init(&ignored);
    enum op op = req && req->method && req->target
                     ? profile_route(p, req->method, req->target, &ignored)
                     : OP_NONE;
    buf_init(&b, MAX_BODY);
    buf_add(&b, d->head, d->head_n);
    add_fouten(p, op, why, &b);
    if (problem == PROBLEM_NOT_CONNECTED && why->aansluitdatum) {
        char when[32];
        buf_addf(&b, ",\"%s\":\"%s\"", p->problem->v[1].at[0],
                 when_format(why->aansluitdatum, when));
    }
    if (why->oauth_error)
        buf_addf(&b, ",\"error\":\"%s\"", why->oauth_error);
    buf_addc(&b, '}');
    answer_fields(p, &p->problem_fields, req, out);
    add_special_fields(p, op, req, why, problem, &out->fields);
    out->status = problem_status(problem);
    char *body = buf_take(&b, &n);
    http_response_body(out, body, n);
    rejection_done(&ignored);
}
