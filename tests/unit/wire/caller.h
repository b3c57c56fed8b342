/* One call through the real client, run to its end, and what came of it. */
#ifndef TEST_CALLER_H
#define TEST_CALLER_H

#include "tests/unit/wire/peer.h"

/* What came of one call. */
struct seen {
    struct wire *w;
    int calls;     /* of the callback */
    bool in_start; /* wire_call is on the stack */
    enum call_outcome outcome;
    struct http_response response;
    bool reused;
    uint64_t began, first_byte, ended;
    char detail[300];
};

static void on_result(void *arg, const struct call_result *r)
{
    struct seen *s = arg;
    assert_false(s->in_start);
    s->calls++;
    s->outcome = r->outcome;
    s->reused = r->reused;
    s->began = r->began;
    s->first_byte = r->first_byte;
    s->ended = r->ended;
    snprintf(s->detail, sizeof s->detail, "%s", r->detail);
    http_response_done(&s->response);
    http_response_copy(&s->response, &r->response);
    wire_stop(s->w);
}

static int setup(void **state)
{
    struct wire *w;
    assert_int_equal(wire_real_new(&w, NULL), 0);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    wire_free(*state);
    return 0;
}

/* Starts a call; `spec` may be NULL. */
static struct wire_call *start(struct wire *w, struct seen *s, const struct call *spec,
                               const char *url, struct http_request *q)
{
    struct call c = spec ? *spec : (struct call){.pool = "test"};
    c.url = url;
    c.request = q;
    http_response_init(&s->response);
    s->w = w;
    s->calls = 0;
    s->in_start = true;
    struct wire_call *call = wire_call(w, &c, on_result, s);
    s->in_start = false;
    return call;
}

/* One GET (or what `q` says) and its outcome. */
static enum call_outcome get(struct wire *w, struct seen *s, const struct call *spec,
                             const char *url, struct http_request *q)
{
    struct http_request own;
    http_request_init(&own);
    http_request_line(&own, "GET", "/v1/x");
    start(w, s, spec, url, q ? q : &own);
    http_request_done(&own); /* all was copied */
    wire_run(w);
    assert_int_equal(s->calls, 1);
    return s->outcome;
}

static void seen_done(struct seen *s)
{
    http_response_done(&s->response);
}

#endif
