/*
 * What a server reads of a request: the first byte chooses profile and operation, then
 * comes the query up to a newline, then the body. A refusal can be written down, is
 * readable JSON of the status it says, and holds no personal number (KP-TOE-05).
 */
#include "tests/fuzz/fuzz.h"

#include "harness/profile/profile.h"

static const struct profile *profile_of(unsigned which)
{
    static struct profile *p[2];
    static const char *const names[2] = {"proef-1", "proef-2"};
    struct err e = {0};
    which %= 2;
    if (!p[which])
        must(profile_load(profile_dir(), names[which], &p[which], &e) == 0);
    return p[which];
}

static void refuse(const struct profile *p, const struct http_request *req,
                   const struct rejection *why)
{
    struct http_response out;
    must(why->problem > PROBLEM_NONE && why->problem < PROBLEM_COUNT);
    http_response_init(&out);
    profile_refuse(p, req, why, &out);
    must(out.status == problem_status(why->problem));
    json_t *body = json_loadb(out.body, out.body_n, 0, NULL);
    must(json_is_object(body));
    json_decref(body);
    must(!mask_needed(out.body, out.body_n));
    http_response_done(&out);
}

static void read_body(const struct profile *p, enum op op, const struct http_request *req)
{
    json_t *canonical = NULL;
    struct rejection why;
    rejection_init(&why);
    if (profile_read(p, op, req, &canonical, &why) == 0)
        must(canonical);
    else
        refuse(p, req, &why);
    json_decref(canonical);
    rejection_done(&why);
}

static void read_target(const struct profile *p, const struct http_request *req)
{
    struct fetch_query query;
    struct rejection why;
    rejection_init(&why);
    if (profile_route(p, req->method, req->target, &why) == OP_NONE)
        refuse(p, req, &why);
    rejection_done(&why);
    rejection_init(&why);
    if (profile_fetch_query(p, req->target, &query, &why) == 0)
        must(query.limiet == -1 || query.limiet >= 1);
    else
        refuse(p, req, &why);
    rejection_done(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_request req;
    if (size == 0)
        return 0;
    const struct profile *p = profile_of(data[0]);
    enum op op = (enum op)(1 + (data[0] >> 1) % (OP_COUNT - 1));
    if (op == OP_TOKEN && data[0] % 2) /* proef-2 has keys, no tokens */
        return 0;
    const uint8_t *line = memchr(data + 1, '\n', size - 1);
    size_t target_n = line ? (size_t)(line - data) - 1 : size - 1;
    http_request_init(&req);
    profile_ask(p, op, NULL, "x", &req);
    char *more = xstrndup((const char *)data + 1, target_n);
    char *target = xasprintf("%s%s", *more == '/' ? "" : req.target, more);
    free(req.target);
    req.target = target;
    free(more);
    free(req.body);
    req.body = NULL;
    req.body_n = 0;
    if (line) {
        size_t n = size - 2 - target_n;
        http_request_body(&req, xmemdup(line + 1, n), n);
    }
    read_body(p, op, &req);
    read_target(p, &req);
    http_request_done(&req);
    return 0;
}
