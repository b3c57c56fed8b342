/* Mutants about a whole request or a finished answer. A wire name here is that of
 * proef-1: mutants are tried in that profile. */
#include "mocks/kp_mutate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mem.h"
#include "mocks/koppelpunt_role.h"

#define SLOW_NS      (NS_PER_S / 10)
#define SLOWED_NS    (6 * NS_PER_S)
#define SLOW_READ_NS (15 * NS_PER_S)
#define FLOOD        20 /* so many are no slow reader any more */
#define DEEP         1000

/* ---- what is remembered ---- */
void kp_memory_done(struct kp_memory *m)
{
    map_free(m->met, NULL);
    free(m->slow);
    free(m->kept);
    *m = (struct kp_memory){0};
}

bool kp_new_face(struct kp_memory *m, const char *who)
{
    if (!m->met)
        m->met = map_new();
    return !map_put(m->met, who, m);
}

/* ---- the request ---- */
static void cut_slash(struct http_request *r)
{
    size_t n = strcspn(r->target, "?");
    if (n > 1 && r->target[n - 1] == '/')
        memmove(r->target + n - 1, r->target + n, strlen(r->target + n) + 1);
}

static void any_media(struct http_request *r)
{
    const char *type = http_fields_get(&r->fields, "Content-Type");
    if (type && !http_media_is(type, "application/x-www-form-urlencoded"))
        http_fields_set(&r->fields, "Content-Type", "application/json");
    http_fields_remove(&r->fields, "Content-Encoding");
}

static void any_accept(struct http_request *r)
{
    http_fields_remove(&r->fields, "Accept");
}

static const struct {
    enum kp_mutant mutant;
    void (*change)(struct http_request *r);
} request_changes[] = {
    {KP_SLASH_SERVED, cut_slash},
    {KP_ANY_MEDIA, any_media},
    {KP_ACCEPT_IGNORED, any_accept},
};

const struct http_request *kp_mutate_request(const struct koppelpunt *k,
                                             const struct http_request *req,
                                             struct http_request *copy)
{
    for (size_t i = 0; i < ARRAY_LEN(request_changes); i++) {
        if (request_changes[i].mutant != k->mutant)
            continue;
        http_request_copy(copy, req);
        request_changes[i].change(copy);
        mutant_hit();
        return copy;
    }
    return req;
}

/* Who calls: the token's client, or who shows the same credentials. */
static const char *face(struct koppelpunt *k, const struct http_request *req)
{
    const char *id = koppelpunt_client_of(&k->role, req);
    const char *v = http_fields_get(&req->fields, "Authorization");
    return id ? id : v ? v : "nobody";
}

static bool both_lengths(const struct http_request *req)
{
    return http_fields_get(&req->fields, "Content-Length") &&
           http_fields_get(&req->fields, "Transfer-Encoding");
}

static bool is_deep(const struct http_request *req)
{
    size_t depth = 0;
    for (size_t i = 0; req->body && i < req->body_n && depth < DEEP; i++)
        depth = req->body[i] == '[' || req->body[i] == '{' ? depth + 1 : 0;
    return depth == DEEP;
}

bool kp_mutant_refuses(struct koppelpunt *k, const struct http_request *req,
                       struct rejection *why)
{
    enum problem p = PROBLEM_NONE;
    switch (k->mutant) {
    case KP_FIRST_CALL_503:
        p = kp_new_face(&k->memory, face(k, req)) ? PROBLEM_UNAVAILABLE : PROBLEM_NONE;
        break;
    case KP_FIRST_CALL_429:
        p = kp_new_face(&k->memory, face(k, req)) ? PROBLEM_TOO_MANY : PROBLEM_NONE;
        break;
    case KP_DEEP_500:
        p = is_deep(req) ? PROBLEM_INTERNAL : PROBLEM_NONE;
        break;
    case KP_OPENAPI_LOCKED:
        p = strstr(req->target, "openapi") ? PROBLEM_UNAUTHENTICATED : PROBLEM_NONE;
        break;
    default:
        break;
    }
    if (p == PROBLEM_NONE)
        return false;
    why->problem = p;
    why->retry_after = 1;
    mutant_hit();
    return true;
}

/* ---- the answer's body ---- */
static json_t *body_of(const struct http_response *r)
{
    return r->body ? json_loadb(r->body, r->body_n, 0, NULL) : NULL;
}

/* Takes the reference. */
static void set_body(struct http_response *r, json_t *body, size_t flags)
{
    char *text = json_dumps(body, flags);
    http_response_body(r, text, strlen(text));
    json_decref(body);
}

/* The first text of that key in what was asked; the caller frees. */
static char *asked_text(const struct http_request *req, const char *key)
{
    json_t *body = req->body ? json_loadb(req->body, req->body_n, 0, NULL) : NULL;
    const json_t *list = json_object_get(body, "statusmeldingen");
    char *found = NULL;
    for (size_t i = 0; i < json_array_size(list) && !found; i++) {
        const char *v = json_string_value(json_object_get(json_array_get(list, i), key));
        found = v ? xstrdup(v) : NULL;
    }
    json_decref(body);
    return found;
}

static char *asked_outside_contract(const struct http_request *req)
{
    static const char *const keys[] = {
        "ouder", "extraOndersteuning", "geslacht", "adres", "naam", "cijfers"};
    char *found = NULL;
    for (size_t i = 0; i < ARRAY_LEN(keys) && !found; i++)
        found = asked_text(req, keys[i]);
    return found;
}

void kp_keep_text(struct koppelpunt *k, const struct http_request *req)
{
    free(k->memory.kept);
    k->memory.kept = asked_outside_contract(req);
}

/* ---- edits of any answer ---- */

/* What an edit may look at. */
struct edited {
    struct koppelpunt *k;
    const struct http_request *req;
    struct http_reply *reply;
    struct http_response *r; /* of the reply */
    struct moment now;
    const char *text; /* of its row */
    int number;
};

static void drop_field(struct edited *d)
{
    http_fields_remove(&d->r->fields, d->text);
}

static void set_type(struct edited *d)
{
    http_fields_set(&d->r->fields, "Content-Type", d->text);
}

static void drop_member(struct edited *d)
{
    json_t *body = body_of(d->r);
    json_object_del(body, d->text);
    if (body)
        set_body(d->r, body, 0);
}

/* Another status, also in the problem. */
static void set_status(struct edited *d)
{
    json_t *body = body_of(d->r);
    d->r->status = d->number;
    if (json_object_get(body, "status"))
        json_object_set_new(body, "status", json_integer(d->number));
    if (body)
        set_body(d->r, body, 0);
}

static void first_fault_only(struct edited *d)
{
    json_t *body = body_of(d->r);
    json_t *list = json_object_get(body, "fouten");
    while (json_array_size(list) > 1)
        json_array_remove(list, 1);
    if (body)
        set_body(d->r, body, 0);
}

/* Takes `more` (NULL is fine). */
static void add_detail(struct edited *d, char *more)
{
    json_t *body = more ? body_of(d->r) : NULL;
    const char *detail = json_string_value(json_object_get(body, "detail"));
    if (body) {
        json_object_set_new(body, "detail",
                            json_sprintf("%s (%s)", detail ? detail : "", more));
        set_body(d->r, body, 0);
    }
    free(more);
}

static void echo_bsn(struct edited *d)
{
    add_detail(d, asked_text(d->req, "bsn"));
}

static void echo_field(struct edited *d)
{
    add_detail(d, asked_outside_contract(d->req));
}

static void bsn_field(struct edited *d)
{
    char *bsn = asked_text(d->req, "bsn");
    if (bsn)
        http_fields_add(&d->r->fields, "X-Betreft", bsn);
    free(bsn);
}

/* Lets a request through that has two lengths, as a chain of servers does in which each
 * believes another one. */
static void welcome_smuggler(struct edited *d)
{
    if (!both_lengths(d->req))
        return;
    d->r->status = 202;
    http_fields_set(&d->r->fields, "Connection", "keep-alive");
    http_fields_set(&d->r->fields, "Content-Type", "application/json");
    set_body(d->r, json_pack("{si,si}", "aangenomen", 0, "dubbel", 0), 0);
}

/* While one reader asks for the same small page again and again, everybody else waits. */
static void slow_reader_slows(struct edited *d)
{
    struct kp_memory *m = &d->k->memory;
    const char *who = face(d->k, d->req), *query = strchr(d->req->target, '?');
    if (query && strcmp(query, "?limiet=1") == 0 && ++m->pages > 2) {
        free(m->slow);
        m->slow = xstrdup(who);
        m->slow_until = m->pages < FLOOD ? d->now.mono + SLOW_READ_NS : 0;
    }
    if (d->now.mono < m->slow_until && strcmp(m->slow, who) != 0)
        d->reply->delay_ns = SLOWED_NS;
}

static void slow(struct edited *d)
{
    d->reply->delay_ns = SLOW_NS;
}

static void closes(struct edited *d)
{
    http_fields_set(&d->r->fields, "Connection", "close");
}

static void lower_case(struct edited *d)
{
    for (size_t i = 0; i < d->r->fields.n; i++)
        for (char *c = d->r->fields.v[i].name; *c; c++)
            *c = (char)tolower((unsigned char)*c);
}

static void retry_at_date(struct edited *d)
{
    char date[32];
    http_fields_set(&d->r->fields, "Retry-After",
                    when_format_http(d->now.wall + 2 * NS_PER_S, date));
}

static void pretty(struct edited *d)
{
    json_t *body = body_of(d->r);
    if (body)
        set_body(d->r, body, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
}

static void media_parameters(struct edited *d)
{
    const char *type = http_fields_get(&d->r->fields, "Content-Type");
    char *longer = type ? xasprintf("%s; charset=UTF-8", type) : NULL;
    if (longer)
        http_fields_set(&d->r->fields, "Content-Type", longer);
    free(longer);
}

/* Texts of its own, and members that RFC 9457 allows. Codes are the contract's. */
static void own_words(struct edited *d)
{
    json_t *body = body_of(d->r), *list = json_object_get(body, "fouten");
    const char *type = json_string_value(json_object_get(body, "type"));
    const char *code = type ? strrchr(type, ':') : NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *f = json_array_get(list, i);
        const char *why = json_string_value(json_object_get(f, "reden"));
        if (why && strcmp(why, "identificatie-ontbreekt"))
            json_object_set_new(f, "reden", json_string("onjuist"));
    }
    if (code) {
        json_t *own = json_sprintf("https://koppelpunt.example/fouten/%s", code + 1);
        json_object_set_new(body, "type", own);
        json_object_set_new(body, "title", json_string("Er ging iets mis"));
        json_object_set_new(body, "detail", json_string("Zie de documentatie."));
        json_object_set_new(body, "instance", json_string("urn:voorval:4711"));
    }
    if (body)
        set_body(d->r, body, 0);
}

/* ---- which edit belongs to which mutant ---- */
enum { ANY = 0, OK = -1, ERROR = -2 }; /* or one status */

static const struct row_of_edit {
    enum kp_mutant mutant;
    int status; /* of the answers that are edited */
    void (*edit)(struct edited *d);
    const char *text;
    int number;
} edits[] = {
    {KP_FIRST_FAULT_ONLY, 400, first_fault_only, NULL, 0},
    {KP_UNKNOWN_FIELD_ECHOED, 400, echo_field, NULL, 0},
    {KP_BSN_IN_PROBLEM, ERROR, echo_bsn, NULL, 0},
    {KP_BSN_IN_FIELD, OK, bsn_field, NULL, 0},
    {KP_NO_API_VERSION, ANY, drop_field, "API-Version", 0},
    {KP_STORABLE, ANY, drop_field, "Cache-Control", 0},
    {KP_NO_SNIFF_RULE, ANY, drop_field, "X-Content-Type-Options", 0},
    {KP_NO_REQUEST_ID, ANY, drop_field, "X-Request-Id", 0},
    {KP_PROBLEM_AS_JSON, ERROR, set_type, "application/json", 0},
    {KP_PROBLEM_NO_DETAIL, ERROR, drop_member, "detail", 0},
    {KP_INVALID_IS_422, 400, set_status, NULL, 422},
    {KP_NO_FOUTEN, 400, drop_member, "fouten", 0},
    {KP_BARE_401, 401, drop_field, "WWW-Authenticate", 0},
    {KP_NO_ALLOW, 405, drop_field, "Allow", 0},
    {KP_METHOD_IS_404, 405, set_status, NULL, 404},
    {KP_NO_RETRY_AFTER, 429, drop_field, "Retry-After", 0},
    {KP_UNKNOWN_PATH_IS_400, 404, set_status, NULL, 400},
    {KP_MEDIA_IS_400, 415, set_status, NULL, 400},
    {KP_OVERLOAD_500, 429, set_status, NULL, 500},
    {KP_LARGE_IS_500, 413, set_status, NULL, 500},
    {KP_SLOW_READER_SLOWS, ANY, slow_reader_slows, NULL, 0},
    {KP_SMUGGLED, ANY, welcome_smuggler, NULL, 0},
    {KP_SLOW, ANY, slow, NULL, 0},
    {KP_CLOSES, ANY, closes, NULL, 0},
    {KP_LOWER_CASE_FIELDS, ANY, lower_case, NULL, 0},
    {KP_FIRST_CALL_429, 429, retry_at_date, NULL, 0},
    {KP_PRETTY_JSON, ANY, pretty, NULL, 0},
    {KP_MEDIA_PARAMETERS, ANY, media_parameters, NULL, 0},
    {KP_OWN_WORDS, ERROR, own_words, NULL, 0},
};

static bool concerns(int wanted, int status)
{
    switch (wanted) {
    case ANY:
        return true;
    case OK:
        return status / 100 == 2;
    case ERROR:
        return status >= 400;
    default:
        return status == wanted;
    }
}

static void mutate_served(struct koppelpunt *k, struct http_response *r)
{
    json_t *body = r->status == 200 ? body_of(r) : NULL;
    if (!json_object_get(body, "aanmeldstatussen")) {
        json_decref(body);
        return;
    }
    kp_mutate_served(k, body);
    set_body(r, body, 0);
}

void kp_mutate_reply(struct koppelpunt *k, const struct http_request *req,
                     struct moment now, struct http_reply *reply)
{
    mutate_served(k, &reply->response);
    for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
        const struct row_of_edit *row = &edits[i];
        struct edited d = {.k = k,
                           .req = req,
                           .reply = reply,
                           .r = &reply->response,
                           .now = now,
                           .text = row->text,
                           .number = row->number};
        if (row->mutant != k->mutant || !concerns(row->status, reply->response.status))
            continue;
        row->edit(&d);
        mutant_hit();
    }
}
