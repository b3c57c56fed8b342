/* Mutants about a whole request: how it is taken, and which ones are refused. */
#include "mocks/kp_mutate.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/koppelpunt_role.h"

#define DEEP 1000

/* ---- what is remembered ---- */
void kp_memory_done(struct kp_memory *m)
{
    map_free(m->met, NULL);
    map_free(m->readers, NULL);
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

size_t kp_new_reader(struct kp_memory *m, const char *who)
{
    if (!m->readers)
        m->readers = map_new();
    return map_put(m->readers, who, m) ? 0 : map_count(m->readers);
}

bool kp_same_fields(const struct http_fields *a, const struct http_fields *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->v[i].name, b->v[i].name) != 0 ||
            strcmp(a->v[i].value, b->v[i].value) != 0)
            return false;
    return true;
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

/* Each "12345678" of the body: only a number without its first zero looks like that. */
static void add_zero(struct http_request *r)
{
    char *body = xmalloc(2 * r->body_n + 1), *to = body;
    for (size_t i = 0; i < r->body_n; i++) {
        const char *c = r->body + i;
        *to++ = *c;
        if (*c == '"' && strspn(c + 1, "0123456789") == 8 && c[9] == '"')
            *to++ = '0';
    }
    *to = '\0';
    http_request_body(r, body, (size_t)(to - body));
}

/* A fraction of another length than three is cut off before it is looked at. */
static void any_fraction(struct http_request *r)
{
    char *body = xmalloc(r->body_n + 1), *to = body;
    for (size_t i = 0; i < r->body_n; i++) {
        size_t digits = r->body[i] == '.' ? strspn(r->body + i + 1, "0123456789") : 0;
        if (digits && digits != 3 && !strncmp(r->body + i + 1 + digits, "Z\"", 2))
            i += digits;
        else
            *to++ = r->body[i];
    }
    *to = '\0';
    http_request_body(r, body, (size_t)(to - body));
}

static const struct {
    enum kp_mutant mutant;
    void (*change)(struct http_request *r);
} request_changes[] = {
    {KP_SLASH_SERVED, cut_slash},    {KP_ANY_MEDIA, any_media},
    {KP_ACCEPT_IGNORED, any_accept}, {KP_ADDS_ZERO, add_zero},
    {KP_ANY_FRACTION, any_fraction},
};

static bool same_request(const struct http_request *a, const struct http_request *b)
{
    return !strcmp(a->target, b->target) && kp_same_fields(&a->fields, &b->fields) &&
           a->body_n == b->body_n;
}

const struct http_request *kp_mutate_request(const struct koppelpunt *k,
                                             const struct http_request *req,
                                             struct http_request *copy)
{
    for (size_t i = 0; i < ARRAY_LEN(request_changes); i++) {
        if (!kp_plays(k, request_changes[i].mutant))
            continue;
        http_request_copy(copy, req);
        copy->peer = req->peer;
        request_changes[i].change(copy);
        if (!same_request(copy, req) && kp_is(k, request_changes[i].mutant))
            return copy;
        http_request_done(copy);
        http_request_init(copy);
    }
    return req;
}

const char *kp_face(struct koppelpunt *k, const struct http_request *req)
{
    const char *id = koppelpunt_client_of(&k->role, req);
    const char *v = http_fields_get(&req->fields, "Authorization");
    return id ? id : v ? v : "nobody";
}

/* ---- requests that are refused ---- */

static bool first_call(struct koppelpunt *k, const struct http_request *req)
{
    return kp_new_face(&k->memory, kp_face(k, req));
}

static bool is_deep(struct koppelpunt *k, const struct http_request *req)
{
    size_t depth = 0;
    (void)k;
    for (size_t i = 0; req->body && i < req->body_n && depth < DEEP; i++)
        depth = req->body[i] == '[' || req->body[i] == '{' ? depth + 1 : 0;
    return depth == DEEP;
}

static bool asks_openapi(struct koppelpunt *k, const struct http_request *req)
{
    struct rejection ignored;
    rejection_init(&ignored);
    enum op op = profile_route(k->profile, req->method, req->target, &ignored);
    rejection_done(&ignored);
    return op == OP_OPENAPI;
}

static const struct {
    enum kp_mutant mutant;
    bool (*meets)(struct koppelpunt *k, const struct http_request *req);
    enum problem problem;
} refusals[] = {
    {KP_FIRST_CALL_503, first_call, PROBLEM_UNAVAILABLE},
    {KP_FIRST_CALL_429, first_call, PROBLEM_TOO_MANY},
    {KP_DEEP_500, is_deep, PROBLEM_INTERNAL},
    {KP_OPENAPI_LOCKED, asks_openapi, PROBLEM_UNAUTHENTICATED},
};

bool kp_mutant_refuses(struct koppelpunt *k, const struct http_request *req,
                       struct rejection *why)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        if (kp_plays(k, refusals[i].mutant) && refusals[i].meets(k, req) &&
            kp_is(k, refusals[i].mutant)) {
            why->problem = refusals[i].problem;
            why->retry_after = 1;
            return true;
        }
    return false;
}
