/*
 * A role of the smallest kind for the tests of the server door, and ways to ask it:
 * through our own client and raw.
 */
#ifndef TEST_ROLE_H
#define TEST_ROLE_H

#include "tests/unit/wire/peer.h"

#include "harness/wire/tcp.h"

/* Answers as the test says, and remembers what it saw. */
struct role {
    struct wire *w;
    struct wire_listener *l;
    int status;
    const char *body;
    struct http_fields fields; /* of every reply */
    uint64_t delay_ns;
    enum http_cut cut;
    bool park;  /* don't reply: the test does */
    bool close; /* close the listener inside on_request */
    int requests;
    struct inbound *parked[64];
    const struct http_request *parked_request[64];
    int parked_n;
    char *method, *target, *body_in;
    size_t body_n;
    struct http_fields fields_in;
};

static void role_reply(struct role *r, struct inbound *in)
{
    struct http_reply reply;
    http_reply_init(&reply);
    reply.response.status = r->status;
    http_fields_copy(&reply.response.fields, &r->fields);
    if (r->body)
        http_response_body(&reply.response, xstrdup(r->body), strlen(r->body));
    reply.delay_ns = r->delay_ns;
    reply.cut = r->cut;
    wire_reply(r->w, in, &reply);
    assert_null(reply.response.body); /* taken over */
}

static void on_request(void *arg, struct inbound *in, const struct http_request *q)
{
    struct role *r = arg;
    r->requests++;
    free(r->method);
    free(r->target);
    free(r->body_in);
    http_fields_done(&r->fields_in);
    r->method = xstrdup(q->method);
    r->target = xstrdup(q->target);
    r->body_in = q->body ? xmemdup(q->body, q->body_n) : NULL;
    r->body_n = q->body_n;
    http_fields_copy(&r->fields_in, &q->fields);
    if (r->close)
        wire_listener_close(r->w, r->l);
    if (r->park) {
        r->parked_request[r->parked_n] = q;
        r->parked[r->parked_n++] = in;
        wire_stop(r->w);
    } else {
        role_reply(r, in);
    }
}

static void role_open(struct role *r, struct wire *w)
{
    *r = (struct role){.w = w, .status = 200, .body = "hallo"};
    const struct listen spec = {
        .host = "127.0.0.1", .max_body = 1000, .on_request = on_request, .arg = r};
    assert_int_equal(wire_listen(w, &spec, &r->l, NULL), 0);
}

static void role_done(struct role *r)
{
    if (!r->close)
        wire_listener_close(r->w, r->l);
    free(r->method);
    free(r->target);
    free(r->body_in);
    http_fields_done(&r->fields_in);
    http_fields_done(&r->fields);
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

static int port_in(const char *url)
{
    return (int)strtol(strrchr(url, ':') + 1, NULL, 10);
}

/* ---- asking, through our own client and raw ---- */

struct seen {
    struct wire *w;
    int calls;
    enum call_outcome outcome;
    struct http_response response;
    uint64_t took;
};

static void on_result(void *arg, const struct call_result *r)
{
    struct seen *s = arg;
    s->calls++;
    s->outcome = r->outcome;
    s->took = r->ended - r->began;
    http_response_done(&s->response);
    http_response_copy(&s->response, &r->response);
    wire_stop(s->w);
}

static void ask(struct role *r, struct seen *s, const char *method, const char *target,
                const char *body, uint64_t timeout_ms)
{
    struct http_request q;
    http_request_init(&q);
    http_request_line(&q, method, target);
    if (body)
        http_request_body(&q, xstrdup(body), strlen(body));
    http_response_done(&s->response);
    *s = (struct seen){.w = r->w};
    const struct call c = {.url = wire_listener_url(r->w, r->l),
                           .pool = "test",
                           .request = &q,
                           .fresh = r->cut != CUT_NONE,
                           .timeout_ns = timeout_ms * NS_PER_MS};
    wire_call(r->w, &c, on_result, s);
    http_request_done(&q);
    wire_run(r->w);
}

struct raw {
    struct wire *w;
    enum call_outcome outcome;
    int status, responses;
    char *text;
};

static void on_raw(void *arg, const struct tcp_result *r)
{
    struct raw *raw = arg;
    raw->outcome = r->outcome;
    raw->status = r->status;
    raw->responses = r->responses;
    raw->text = xstrndup(r->bytes, r->n);
    wire_stop(raw->w);
}

/* Sends bytes, half-closes, and gives all that came back, to be freed. */
__attribute__((unused)) static char *ask_raw(struct role *r, const char *bytes,
                                             struct raw *raw)
{
    *raw = (struct raw){.w = r->w};
    const struct tcp_call c = {.host = "127.0.0.1",
                               .port = port_in(wire_listener_url(r->w, r->l)),
                               .bytes = bytes,
                               .n = strlen(bytes),
                               .timeout_ns = 5 * NS_PER_S};
    tcp_call(r->w, &c, on_raw, raw);
    wire_run(r->w);
    return raw->text;
}

__attribute__((unused)) static int count_of(const char *text, const char *word)
{
    int n = 0;
    for (const char *p = text; (p = strcasestr(p, word)); p++)
        n++;
    return n;
}

#endif
