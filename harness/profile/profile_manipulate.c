/*
 * Requests that are wrong on purpose, made from right ones, so that no scenario has to
 * know a path, a media type or a limit.
 */
#include "harness/profile/profile_data.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

typedef int manipulate(const struct profile *p, enum op op, struct http_request *req);

/* Puts `insert` between the path and the query. */
static void after_path(struct http_request *req, const char *insert)
{
    size_t n = strcspn(req->target, "?");
    char *target = xasprintf("%.*s%s%s", (int)n, req->target, insert, req->target + n);
    free(req->target);
    req->target = target;
}

static void replace_body(struct http_request *req, struct buf *b)
{
    size_t n;
    char *body = buf_take(b, &n);
    http_request_body(req, body, n);
}

static int unknown_path(const struct profile *p, enum op op, struct http_request *req)
{
    (void)p;
    (void)op;
    after_path(req, "-bestaat-niet");
    return 0;
}

static int trailing_slash(const struct profile *p, enum op op, struct http_request *req)
{
    (void)p;
    (void)op;
    after_path(req, "/");
    return 0;
}

/* A method that this path does not have; without a body where the original has none. */
static int wrong_method(const struct profile *p, enum op op, struct http_request *req)
{
    static const char *const methods[] = {"PUT", "DELETE", "PATCH", "POST"};
    (void)op;
    for (size_t i = req->body ? 0 : 1; i < ARRAY_LEN(methods); i++) {
        struct rejection why;
        rejection_init(&why);
        profile_route(p, methods[i], req->target, &why);
        bool found = why.problem == PROBLEM_METHOD;
        rejection_done(&why);
        if (found) {
            free(req->method);
            req->method = xstrdup(methods[i]);
            return 0;
        }
    }
    return E_NOTFOUND;
}

static int wrong_content_type(const struct profile *p, enum op op,
                              struct http_request *req)
{
    if (p->ops[op].body == BODY_NONE)
        return E_NOTFOUND;
    http_fields_set(&req->fields, "Content-Type", "text/plain");
    return 0;
}

static int wrong_charset(const struct profile *p, enum op op, struct http_request *req)
{
    if (p->ops[op].body != BODY_JSON)
        return E_NOTFOUND;
    char *type = xasprintf("%s; charset=iso-8859-1", p->media);
    http_fields_set(&req->fields, "Content-Type", type);
    free(type);
    return 0;
}

static int content_encoding(const struct profile *p, enum op op, struct http_request *req)
{
    if (p->ops[op].body == BODY_NONE)
        return E_NOTFOUND;
    http_fields_set(&req->fields, "Content-Encoding", "gzip");
    return 0;
}

static int not_acceptable(const struct profile *p, enum op op, struct http_request *req)
{
    (void)p;
    (void)op;
    http_fields_set(&req->fields, "Accept", "application/xml");
    return 0;
}

static int malformed_json(const struct profile *p, enum op op, struct http_request *req)
{
    struct buf b;
    if (p->ops[op].body != BODY_JSON || !req->body_n)
        return E_NOTFOUND;
    buf_init(&b, MAX_BODY);
    buf_add(&b, req->body, req->body_n - 1); /* all but its last brace */
    replace_body(req, &b);
    return 0;
}

/* The first member twice: {"a":1,"a":1,...}. */
static int duplicate_key(const struct profile *p, enum op op, struct http_request *req)
{
    if (p->ops[op].body != BODY_JSON || !req->body_n)
        return E_NOTFOUND;
    json_t *wire = json_loadb(req->body, req->body_n, 0, NULL);
    void *first = json_object_iter(wire);
    if (!first) {
        json_decref(wire);
        return E_NOTFOUND;
    }
    struct buf b;
    const char *key = json_object_iter_key(first);
    char *value =
        json_dumps(json_object_iter_value(first), JSON_COMPACT | JSON_ENCODE_ANY);
    const char *rest = memchr(req->body, '{', req->body_n);
    buf_init(&b, MAX_BODY);
    buf_adds(&b, "{\"");
    buf_add_json(&b, key, strlen(key));
    buf_addf(&b, "\":%s,", value);
    buf_add(&b, rest + 1, req->body_n - (size_t)(rest + 1 - req->body));
    replace_body(req, &b);
    free(value);
    json_decref(wire);
    return 0;
}

/* One byte over the limit, by white space: nothing else is wrong with it. */
static int oversized(const struct profile *p, enum op op, struct http_request *req)
{
    size_t limit = p->ops[op].limit, n = req->body_n;
    if (p->ops[op].body != BODY_JSON || !n || n > limit)
        return E_NOTFOUND;
    char *body = xmalloc(limit + 2);
    memset(body, ' ', limit + 1);
    memcpy(body, req->body, n);
    body[limit + 1] = '\0';
    http_request_body(req, body, limit + 1);
    return 0;
}

/* Arrays a hundred thousand deep, where the body should be. */
static int deep(const struct profile *p, enum op op, struct http_request *req)
{
    enum { DEPTH = 100000 };
    if (p->ops[op].body != BODY_JSON)
        return E_NOTFOUND;
    char *body = xmalloc(2 * DEPTH + 1);
    memset(body, '[', DEPTH);
    memset(body + DEPTH, ']', DEPTH);
    body[2 * DEPTH] = '\0';
    http_request_body(req, body, 2 * (size_t)DEPTH);
    return 0;
}

static int empty_body(const struct profile *p, enum op op, struct http_request *req)
{
    if (p->ops[op].body == BODY_NONE)
        return E_NOTFOUND;
    http_request_body(req, xstrdup(""), 0);
    return 0;
}

static int extra_query_key(const struct profile *p, enum op op, struct http_request *req)
{
    (void)p;
    (void)op;
    char *target =
        xasprintf("%s%conbekend=1", req->target, strchr(req->target, '?') ? '&' : '?');
    free(req->target);
    req->target = target;
    return 0;
}

/* In the order of profile_manipulations. */
static manipulate *const functions[] = {
    unknown_path,   trailing_slash,   wrong_method,   wrong_content_type,
    wrong_charset,  content_encoding, not_acceptable, malformed_json,
    duplicate_key,  oversized,        deep,           empty_body,
    extra_query_key};

const char *const profile_manipulations[] = {"unknown-path",
                                             "trailing-slash",
                                             "wrong-method",
                                             "wrong-content-type",
                                             "wrong-charset",
                                             "content-encoding",
                                             "not-acceptable",
                                             "malformed-json",
                                             "duplicate-key",
                                             "oversized",
                                             "deep",
                                             "empty-body",
                                             "extra-query-key",
                                             NULL};

int profile_manipulate(const struct profile *p, enum op op, const char *how,
                       struct http_request *req)
{
    for (size_t i = 0; profile_manipulations[i]; i++)
        if (!strcmp(profile_manipulations[i], how))
            return functions[i](p, op, req);
    return E_NOTFOUND;
}
