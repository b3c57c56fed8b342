/* Mutants about a finished answer. What the wire calls things is the profile's: here a
 * number of a person is found by what it means, and a list of faults by being one. */
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

/* The first number of a person in meldingen that were sent; the caller frees. */
static char *asked_bsn(struct koppelpunt *k, const struct http_request *req)
{
    struct rejection why;
    json_t *message = NULL;
    char *found = NULL;
    rejection_init(&why);
    if (profile_route(k->profile, req->method, req->target, &why) == OP_INDIENEN)
        profile_read(k->profile, OP_INDIENEN, req, &message, &why);
    const json_t *read = message ? message : why.readable;
    const json_t *list = json_object_get(read, "statusmeldingen");
    for (size_t i = 0; i < json_array_size(list) && !found; i++)
        found =
            xstrdup(json_string_value(json_object_get(json_array_get(list, i), "bsn")));
    json_decref(message);
    rejection_done(&why);
    return found;
}

/* The first text under one of these keys, however deep. Borrowed. */
static const char *text_under(const json_t *v, const char *const *keys)
{
    const char *key, *found = NULL;
    json_t *at;
    for (size_t i = 0; i < json_array_size(v) && !found; i++)
        found = text_under(json_array_get(v, i), keys);
    if (!json_is_object(v))
        return found;
    for (size_t i = 0; keys[i] && !found; i++)
        found = json_string_value(json_object_get(v, keys[i]));
    json_object_foreach ((json_t *)(uintptr_t)v, key, at)
        found = found ? found : text_under(at, keys);
    return found;
}

static char *asked_outside_contract(const struct http_request *req)
{
    static const char *const keys[] = {
        "ouder", "extraOndersteuning", "geslacht", "adres", "naam", "cijfers", NULL};
    json_t *body = req->body ? json_loadb(req->body, req->body_n, 0, NULL) : NULL;
    char *found = xstrdup(text_under(body, keys));
    json_decref(body);
    return found;
}

void kp_keep_text(struct koppelpunt *k, const struct http_request *req)
{
    free(k->memory.kept);
    k->memory.kept = asked_outside_contract(req);
}

/* Another answer in its place. */
static void answer_anew(const struct koppelpunt *k, enum op op,
                        const struct http_request *req, const json_t *message,
                        struct http_response *r)
{
    struct http_response other;
    profile_answer(k->profile, op, req, message, &other);
    http_response_done(r);
    *r = other;
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

/* The list in an answer: of a problem its faults, whatever the profile calls them. */
static const char *list_in(const json_t *body)
{
    const char *key, *found = NULL;
    json_t *v;
    json_object_foreach ((json_t *)(uintptr_t)body, key, v)
        found = json_is_array(v) ? key : found;
    return found;
}

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
    const char *key = list_in(body);
    json_t *list = key ? json_object_get(body, key) : NULL;
    while (json_array_size(list) > 1)
        json_array_remove(list, 1);
    if (body)
        set_body(d->r, body, 0);
}

static void no_faults(struct edited *d)
{
    json_t *body = body_of(d->r);
    const char *key = list_in(body);
    if (key)
        json_object_del(body, key);
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
    add_detail(d, asked_bsn(d->k, d->req));
}

static void echo_field(struct edited *d)
{
    add_detail(d, asked_outside_contract(d->req));
}

static void bsn_field(struct edited *d)
{
    char *bsn = asked_bsn(d->k, d->req);
    if (bsn)
        http_fields_add(&d->r->fields, "X-Betreft", bsn);
    free(bsn);
}

static bool both_lengths(const struct http_request *req)
{
    return http_fields_get(&req->fields, "Content-Length") &&
           http_fields_get(&req->fields, "Transfer-Encoding");
}

/* Lets a request through that has two lengths, as a chain of servers does in which each
 * believes another one. */
static void welcome_smuggler(struct edited *d)
{
    if (!both_lengths(d->req))
        return;
    json_t *nothing = json_pack("{si,si}", "aangenomen", 0, "dubbel", 0);
    answer_anew(d->k, OP_INDIENEN, d->req, nothing, d->r);
    http_fields_set(&d->r->fields, "Connection", "keep-alive");
    json_decref(nothing);
}

/* Does it ask for the first page again, one entry at a time? */
static bool dawdles(const struct edited *d)
{
    struct rejection ignored;
    struct fetch_query q = {0};
    rejection_init(&ignored);
    bool pages = profile_route(d->k->profile, d->req->method, d->req->target, &ignored) ==
                     OP_OPHALEN &&
                 profile_fetch_query(d->k->profile, d->req->target, &q, &ignored) == 0;
    rejection_done(&ignored);
    return pages && q.limiet == 1 && !q.has_sinds;
}

/* While one reader asks for the same small page again and again, everybody else waits. */
static void slow_reader_slows(struct edited *d)
{
    struct kp_memory *m = &d->k->memory;
    const char *who = kp_face(d->k, d->req);
    if (dawdles(d) && ++m->dawdled > 2) {
        free(m->slow);
        m->slow = xstrdup(who);
        m->slow_until = m->dawdled < FLOOD ? d->now.mono + SLOW_READ_NS : 0;
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

/* Of a fault's two texts one is a place: a JSON pointer, or empty. */
static void own_reason(json_t *fault)
{
    const char *key;
    json_t *v;
    json_object_foreach (fault, key, v) {
        const char *text = json_string_value(v);
        if (text && *text && *text != '/' && strcmp(text, "identificatie-ontbreekt"))
            json_object_set_new(fault, key, json_string("onjuist"));
    }
}

/* Texts of its own, and members that RFC 9457 allows. Codes are the contract's. */
static void own_words(struct edited *d)
{
    json_t *body = body_of(d->r);
    const char *key = list_in(body);
    json_t *list = key ? json_object_get(body, key) : NULL;
    const char *type = json_string_value(json_object_get(body, "type"));
    const char *code = type ? type + strlen(type) : NULL;
    while (code && code > type && *code != ':' && *code != '/')
        code--;
    for (size_t i = 0; i < json_array_size(list); i++)
        own_reason(json_array_get(list, i));
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
    {KP_NO_FOUTEN, 400, no_faults, NULL, 0},
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

/* ---- the answer as a whole ---- */

static bool same_reply(const struct http_reply *a, const struct http_reply *b)
{
    const struct http_response *x = &a->response, *y = &b->response;
    return a->delay_ns == b->delay_ns && a->cut == b->cut && x->status == y->status &&
           x->body_n == y->body_n &&
           (x->body_n == 0 || memcmp(x->body, y->body, x->body_n) == 0) &&
           kp_same_fields(&x->fields, &y->fields);
}

/* One edit on a copy, which takes the answer's place where that makes a difference. */
static void try_edit(const struct row_of_edit *row, struct edited *d)
{
    struct http_reply *reply = d->reply, copy = *reply;
    http_response_copy(&copy.response, &reply->response);
    d->reply = &copy;
    d->r = &copy.response;
    d->text = row->text;
    d->number = row->number;
    row->edit(d);
    bool other = !same_reply(&copy, reply) && kp_is(d->k, row->mutant);
    if (other) {
        http_reply_done(reply);
        *reply = copy;
    } else {
        http_response_done(&copy.response);
    }
    d->reply = reply;
    d->r = &reply->response;
}

static void mutate_served(struct koppelpunt *k, const struct http_request *req,
                          struct http_response *r)
{
    struct rejection ignored;
    json_t *page = NULL, *faults = NULL;
    rejection_init(&ignored);
    enum op op = profile_route(k->profile, req->method, req->target, &ignored);
    if (r->status == 200 && (op == OP_OPHALEN || op == OP_ZOEKEN) &&
        profile_understand(k->profile, op, r, &page, &faults) &&
        kp_mutate_served(k, page))
        answer_anew(k, op, req, page, r);
    rejection_done(&ignored);
    json_decref(page);
    json_decref(faults);
}

void kp_mutate_reply(struct koppelpunt *k, const struct http_request *req,
                     struct moment now, struct http_reply *reply)
{
    struct edited d = {.k = k, .req = req, .reply = reply, .now = now};
    mutate_served(k, req, &reply->response);
    for (size_t i = 0; i < ARRAY_LEN(edits); i++)
        if (kp_plays(k, edits[i].mutant) &&
            concerns(edits[i].status, reply->response.status))
            try_edit(&edits[i], &d);
}
