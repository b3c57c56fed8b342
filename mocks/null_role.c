#include "mocks/null_role.h"

#include <stdlib.h>

#include "harness/base/mem.h"

struct null_role {
    struct role role; /* first */
    struct role_ops ops;
    enum null_kind kind;
    char *last; /* the body before this one; NULL: none yet */
    size_t last_n;
};

static void answer_with(const char *body, size_t n, uint64_t ticket, struct outbox *out)
{
    struct http_reply reply;
    http_reply_init(&reply);
    reply.response.status = 200;
    http_fields_add(&reply.response.fields, "Content-Type", "application/json");
    http_response_body(&reply.response, xmemdup(body, n), n);
    outbox_reply(out, ticket, &reply);
}

static void request(struct role *r, uint64_t ticket, const struct http_request *req,
                    struct moment now, struct outbox *out)
{
    struct null_role *z = (struct null_role *)r;
    bool has_body = req->body && req->body_n && req->body_n != SIZE_MAX;
    const char *body = has_body ? req->body : "{}";
    size_t n = has_body ? req->body_n : 2;
    (void)now;
    if (z->kind == NULL_EMPTY)
        answer_with("{}", 2, ticket, out);
    else if (z->kind == NULL_ECHO)
        answer_with(body, n, ticket, out);
    else if (z->kind == NULL_REPLAY)
        answer_with(z->last ? z->last : "{}", z->last ? z->last_n : 2, ticket, out);
    free(z->last);
    z->last = xmemdup(body, n);
    z->last_n = n;
}

static void answer(struct role *r, uint64_t id, const struct call_result *res,
                   struct moment now, struct outbox *out)
{
    (void)r, (void)id, (void)res, (void)now, (void)out;
}

static void tick(struct role *r, struct moment now, struct outbox *out)
{
    (void)r, (void)now, (void)out;
}

static int reload(struct role *r, struct moment now, struct err *e)
{
    (void)r, (void)now, (void)e;
    return 0;
}

static void free_role(struct role *r)
{
    struct null_role *z = (struct null_role *)r;
    free(z->last);
    free(z);
}

struct role *null_role_new(const char *name, enum null_kind kind)
{
    struct null_role *z = xcalloc(1, sizeof(*z));
    z->kind = kind;
    z->ops = (struct role_ops){.name = name,
                               .request = request,
                               .answer = answer,
                               .tick = tick,
                               .reload = reload,
                               .free = free_role};
    z->role.ops = &z->ops;
    return &z->role;
}
