#include "tests/unit/wire/peer.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/wire/server.h"
#include "harness/wire/tcp.h"

/* A role of the smallest kind: answers as the test says, and remembers what it saw. */
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
static char *ask_raw(struct role *r, const char *bytes, struct raw *raw)
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

static int count_of(const char *text, const char *word)
{
    int n = 0;
    for (const char *p = text; (p = strcasestr(p, word)); p++)
        n++;
    return n;
}

/* ---- the tests ---- */

static void reply_at_once(void **state)
{
    struct role r;
    struct seen s = {0};
    role_open(&r, *state);
    http_fields_add(&r.fields, "X-A", "1");
    http_fields_add(&r.fields, "x-a", "2");
    http_fields_add(&r.fields, "Content-Length", "99");
    http_fields_add(&r.fields, "Content-Type", "text/plain");
    for (int i = 0; i < 3; i++) {
        ask(&r, &s, "GET", "/v1/x?y=%2F", NULL, 0);
        assert_int_equal(s.outcome, CALL_ANSWERED);
        assert_int_equal(s.response.status, 200);
        assert_string_equal(s.response.body, "hallo");
    }
    assert_int_equal(r.requests, 3);
    assert_string_equal(r.method, "GET");
    assert_string_equal(r.target, "/v1/x?y=%2F");
    assert_null(r.body_in);
    assert_int_equal(r.body_n, 0);
    assert_non_null(http_fields_get(&r.fields_in, "host"));
    role_done(&r);
    http_response_done(&s.response);
}

/* What goes over the wire: each of the server's own fields once, the role's in order. */
static void reply_raw(void **state)
{
    struct role r;
    struct raw raw;
    role_open(&r, *state);
    http_fields_add(&r.fields, "X-A", "1");
    http_fields_add(&r.fields, "x-a", "2");
    http_fields_add(&r.fields, "Content-Length", "99");
    http_fields_add(&r.fields, "Transfer-Encoding", "chunked");
    http_fields_add(&r.fields, "Date", "Mon, 01 May 2023 00:00:00 GMT");
    char *t = ask_raw(&r, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &raw);
    assert_int_equal(raw.status, 200);
    assert_int_equal(count_of(t, "Content-Length:"), 1);
    assert_non_null(strstr(t, "Content-Length: 5\r\n"));
    assert_int_equal(count_of(t, "Transfer-Encoding"), 0);
    assert_int_equal(count_of(t, "\nDate:"), 1);
    assert_non_null(strstr(t, "Mon, 01 May 2023"));
    assert_true(strstr(t, "X-A: 1\r\n") < strstr(t, "x-a: 2\r\n"));
    assert_non_null(strstr(t, "\r\n\r\nhallo"));
    free(t);

    t = ask_raw(&r, "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &raw);
    assert_string_equal(r.method, "HEAD");
    assert_non_null(strstr(t, "Content-Length: 5\r\n"));
    assert_null(strstr(t, "hallo"));
    free(t);

    r.status = 204;
    r.body = NULL;
    t = ask_raw(&r, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &raw);
    assert_int_equal(raw.status, 204);
    assert_int_equal(count_of(t, "Content-Length:"), 0);
    free(t);
    role_done(&r);
}

/* Requests that follow each other on one connection, sent together. */
static void pipelined(void **state)
{
    struct role r;
    struct raw raw;
    role_open(&r, *state);
    char *t = ask_raw(&r,
                      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
                      "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                      "GET /3%2f?a=b&c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                      &raw);
    assert_int_equal(raw.responses, 3);
    assert_int_equal(r.requests, 3);
    assert_string_equal(r.target, "/3%2f?a=b&c");
    free(t);
    role_done(&r);
}

static void request_body(void **state)
{
    struct role r;
    struct seen s = {0};
    struct raw raw;
    role_open(&r, *state);
    ask(&r, &s, "POST", "/", "{\"a\":1}", 0);
    assert_string_equal(r.body_in, "{\"a\":1}");
    assert_int_equal(r.body_n, 7);
    char *t = ask_raw(&r,
                      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                      "Connection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                      &raw);
    assert_int_equal(raw.status, 200);
    assert_string_equal(r.body_in, "abcde");
    free(t);

    char *large = xmalloc(1002);
    memset(large, 'x', 1001);
    large[1001] = '\0';
    ask(&r, &s, "POST", "/", large + 1, 0);
    assert_int_equal(r.body_n, 1000);
    r.status = 413;
    ask(&r, &s, "POST", "/", large, 0);
    assert_int_equal(r.body_n, SIZE_MAX);
    assert_null(r.body_in);
    assert_int_equal(s.response.status, 413);
    ask(&r, &s, "POST", "/", "", 0);
    assert_int_equal(r.body_n, 0);
    assert_null(r.body_in);
    free(large);
    role_done(&r);
    http_response_done(&s.response);
}

static void raw_target_and_fields(void **state)
{
    struct role r;
    struct raw raw;
    struct buf q;
    role_open(&r, *state);
    buf_init(&q, 1 << 20);
    buf_adds(&q,
             "GET /a/../b%00c%2F?x=%26&y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    for (int i = 0; i < 200; i++)
        buf_addf(&q, "X-Field-%03d: %0100d\r\n", i, i);
    buf_adds(&q, "X-Empty:\r\n\r\n");
    char *t = ask_raw(&r, q.p, &raw);
    assert_int_equal(raw.status, 200);
    assert_string_equal(r.target, "/a/../b%00c%2F?x=%26&y");
    assert_int_equal(r.fields_in.n, 203);
    assert_string_equal(r.fields_in.v[201].name, "X-Field-199");
    assert_string_equal(http_fields_get(&r.fields_in, "x-empty"), "");
    free(t);

    buf_reset(&q);
    buf_adds(&q, "GET /");
    for (int i = 0; i < 300; i++)
        buf_adds(&q, "0123456789");
    buf_adds(&q, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    t = ask_raw(&r, q.p, &raw);
    assert_int_equal(strlen(r.target), 3001);
    free(t);
    buf_done(&q);
    role_done(&r);
}

/* libmicrohttpd refuses these itself; what was begun for them must not be lost. */
static void malformed(void **state)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon here\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\r\n\r\nnonsense\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    struct role r;
    role_open(&r, *state);
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        struct raw raw = {.w = *state};
        const struct tcp_call c = {.host = "127.0.0.1",
                                   .port = port_in(wire_listener_url(r.w, r.l)),
                                   .bytes = requests[i],
                                   .n = strlen(requests[i]),
                                   .half_close = true,
                                   .timeout_ns = 200 * NS_PER_MS};
        tcp_call(r.w, &c, on_raw, &raw);
        wire_run(r.w);
        free(raw.text);
    }
    assert_null(r.l->inbounds);
    struct seen s = {0};
    ask(&r, &s, "GET", "/", NULL, 0);
    assert_int_equal(s.response.status, 200);
    http_response_done(&s.response);
    role_done(&r);
}

static void parked(void **state)
{
    struct wire *w = *state;
    struct role r;
    role_open(&r, w);
    r.park = true;
    struct http_request q;
    http_request_init(&q);
    http_request_line(&q, "POST", "/parked");
    http_request_body(&q, xstrdup("lang"), 4);
    struct seen s[3] = {{.w = w}, {.w = w}, {.w = w}};
    for (int i = 0; i < 3; i++) {
        const struct call c = {
            .url = wire_listener_url(w, r.l), .fresh = true, .request = &q};
        wire_call(w, &c, on_result, &s[i]);
    }
    http_request_done(&q);
    while (r.parked_n < 3)
        wire_run(w);
    assert_int_equal(s[0].calls + s[1].calls + s[2].calls, 0);
    for (int i = 2; i >= 0; i--) {
        assert_string_equal(r.parked_request[i]->target, "/parked");
        assert_string_equal(r.parked_request[i]->body, "lang");
        role_reply(&r, r.parked[i]);
    }
    while (s[0].calls + s[1].calls + s[2].calls < 3)
        wire_run(w);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(s[i].outcome, CALL_ANSWERED);
        assert_string_equal(s[i].response.body, "hallo");
        http_response_done(&s[i].response);
    }
    role_done(&r);
}

static void delayed(void **state)
{
    struct role r;
    struct seen s = {0};
    role_open(&r, *state);
    r.delay_ns = 30 * NS_PER_MS;
    ask(&r, &s, "GET", "/", NULL, 0);
    assert_int_equal(s.outcome, CALL_ANSWERED);
    assert_true(s.took >= (uint64_t)30 * NS_PER_MS);
    http_response_done(&s.response);
    role_done(&r);
}

static void cuts(void **state)
{
    static const struct {
        enum http_cut cut;
        const char *method, *body;
        enum call_outcome want;
        uint64_t delay_ms;
    } cases[] = {
        {CUT_RESET, "GET", "hallo", CALL_RESET, 0},
        {CUT_RESET, "POST", "hallo", CALL_RESET, 5},
        {CUT_TRUNCATE, "GET", "hallo", CALL_TRUNCATED, 0},
        {CUT_TRUNCATE, "GET", "hallo", CALL_TRUNCATED, 5},
        {CUT_TRUNCATE, "GET", "x", CALL_TRUNCATED, 0},
        {CUT_TRUNCATE, "GET", NULL, CALL_TRUNCATED, 0},
        {CUT_TRUNCATE, "HEAD", "hallo", CALL_RESET, 0}, /* no body to cut */
        {CUT_SILENT, "GET", "hallo", CALL_TIMEOUT, 0},
        {CUT_SILENT, "GET", "hallo", CALL_TIMEOUT, 5},
        {CUT_NONE, "GET", "hallo", CALL_ANSWERED, 0},
    };
    struct role r;
    role_open(&r, *state);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct seen s = {0};
        r.cut = cases[i].cut;
        r.body = cases[i].body;
        r.delay_ns = cases[i].delay_ms * NS_PER_MS;
        ask(&r, &s, cases[i].method, "/", NULL, r.cut == CUT_SILENT ? 40 : 5000);
        if (s.outcome != cases[i].want)
            fail_msg("case %zu: %s, want %s", i, call_outcome_name(s.outcome),
                     call_outcome_name(cases[i].want));
        if (s.outcome == CALL_TRUNCATED) {
            assert_int_equal(s.response.status, 200);
            assert_int_equal(s.response.body_n,
                             cases[i].body ? strlen(cases[i].body) / 2 : 0);
        }
        http_response_done(&s.response);
    }
    role_done(&r);
}

/* A reset is one, not a mere close. */
static void reset_is_reset(void **state)
{
    struct role r;
    struct raw raw;
    role_open(&r, *state);
    r.cut = CUT_RESET;
    free(ask_raw(&r, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &raw));
    assert_int_equal(raw.outcome, CALL_RESET);
    role_done(&r);
}

/* The listener goes while a reply is owed: the peer is cut off, the role's request stays
 * readable, and its late reply is harmless. */
static void close_while_parked(void **state)
{
    struct wire *w = *state;
    for (int given = 0; given < 2; given++) {
        struct role r;
        struct seen s = {0};
        role_open(&r, w);
        r.park = true;
        ask(&r, &s, "POST", "/later", "blijft", 0);
        assert_int_equal(r.parked_n, 1);
        wire_listener_close(w, r.l);
        r.close = true; /* for role_done */
        wire_run(w);
        assert_int_equal(s.outcome, CALL_RESET);
        assert_string_equal(r.parked_request[0]->method, "POST");
        assert_string_equal(r.parked_request[0]->target, "/later");
        assert_string_equal(r.parked_request[0]->body, "blijft");
        assert_non_null(http_fields_get(&r.parked_request[0]->fields, "Host"));
        if (given)
            role_reply(&r, r.parked[0]); /* else: freed with the door */
        http_response_done(&s.response);
        role_done(&r);
    }
}

/* The same from inside on_request, with and without a reply. */
static void close_inside(void **state)
{
    struct wire *w = *state;
    for (int park = 0; park < 2; park++) {
        struct role r;
        struct seen s = {0};
        role_open(&r, w);
        char *url = xstrdup(wire_listener_url(w, r.l));
        r.close = true;
        r.park = park;
        ask(&r, &s, "GET", "/", NULL, 0);
        if (!s.calls)
            wire_run(w);
        assert_int_equal(s.calls, 1);
        assert_true(s.outcome == CALL_RESET || (!park && s.outcome == CALL_ANSWERED));
        if (park)
            role_reply(&r, r.parked[0]);
        /* nothing listens there now */
        struct http_request q;
        http_request_init(&q);
        http_request_line(&q, "GET", "/");
        const struct call c = {.url = url, .fresh = true, .request = &q};
        wire_call(w, &c, on_result, &s);
        wire_run(w);
        assert_int_equal(s.outcome, CALL_REFUSED);
        http_request_done(&q);
        http_response_done(&s.response);
        free(url);
        role_done(&r);
    }
}

/* Closed with a delayed and with a silent reply under way. */
static void close_while_waiting(void **state)
{
    struct wire *w = *state;
    for (int silent = 0; silent < 2; silent++) {
        struct role r;
        struct seen s = {0};
        role_open(&r, w);
        r.park = true;
        ask(&r, &s, "GET", "/", NULL, 0);
        r.cut = silent ? CUT_SILENT : CUT_NONE;
        r.delay_ns = silent ? 0 : 60 * NS_PER_S;
        role_reply(&r, r.parked[0]);
        role_done(&r);
        wire_run(w);
        assert_int_equal(s.outcome, CALL_RESET);
        http_response_done(&s.response);
    }
}

static void listen_errors(void **state)
{
    struct wire *w = *state;
    struct role r;
    role_open(&r, w);
    struct err e = {0};
    struct wire_listener *l = NULL;
    struct listen spec = {.host = "127.0.0.1",
                          .port = port_in(wire_listener_url(w, r.l)),
                          .on_request = on_request};
    assert_int_equal(wire_listen(w, &spec, &l, &e), E_ENV);
    assert_non_null(strstr(e.text, "in use"));
    assert_null(l);
    err_clear(&e);
    spec = (struct listen){.host = "127.0.0.1",
                           .tls_cert = "no certificate",
                           .tls_key = "no key",
                           .on_request = on_request};
    assert_int_equal(wire_listen(w, &spec, &l, &e), E_ENV);
    assert_non_null(strstr(e.text, "certificate"));
    assert_null(l);
    wire_listener_close(w, NULL);
    role_done(&r);
}

/* Thousands of idle connections leave the server answering. */
static void idle_connections(void **state)
{
    enum { COUNT = 2000 };
    struct wire *w = *state;
    struct role r;
    struct seen s = {0};
    role_open(&r, w);
    struct sockaddr_in a = {.sin_family = AF_INET};
    a.sin_port = htons((uint16_t)port_in(wire_listener_url(w, r.l)));
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int *fds = xcalloc(COUNT, sizeof *fds);
    for (int i = 0; i < COUNT; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_true(fds[i] >= 0);
        assert_int_equal(connect(fds[i], (struct sockaddr *)&a, sizeof a), 0);
    }
    for (int i = 0; i < 5; i++) {
        ask(&r, &s, "GET", "/", NULL, 0);
        assert_int_equal(s.outcome, CALL_ANSWERED);
    }
    /* and each of them is being served */
    static const char q[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(send(fds[i], q, sizeof q - 1, MSG_NOSIGNAL), sizeof q - 1);
    while (r.requests < COUNT + 5)
        uv_run(&real_of(w)->loop, UV_RUN_ONCE);
    for (int i = 0; i < COUNT; i++)
        close(fds[i]);
    free(fds);
    http_response_done(&s.response);
    role_done(&r);
}

/* ---- timers, running, signals ---- */

struct order {
    struct wire *w;
    char seen[16];
    size_t n;
    uint64_t at[16];
    struct wire_timer *victim;
};

static void tick(struct order *o, char c)
{
    o->at[o->n] = wire_now(o->w);
    o->seen[o->n++] = c;
}

static void tick_a(void *arg)
{
    tick(arg, 'a');
}

static void tick_b(void *arg)
{
    struct order *o = arg;
    tick(o, 'b');
    wire_timer_cancel(o->w, o->victim);
    wire_timer(o->w, 0, tick_a, o); /* past: at once, but not from inside */
    tick(o, '.');
}

static void timers(void **state)
{
    struct wire *w = *state;
    struct order o = {.w = w};
    const uint64_t now = wire_now(w);
    const uint64_t late = now + 7 * NS_PER_MS + 300000;
    wire_timer(w, late, tick_a, &o);
    wire_timer(w, now + 2 * NS_PER_MS, tick_b, &o);
    o.victim = wire_timer(w, now + 4 * NS_PER_MS, tick_a, &o);
    wire_timer_cancel(w, NULL);
    assert_int_equal(o.n, 0);
    assert_int_equal(wire_run(w), 0); /* ends: nothing is left to do */
    assert_string_equal(o.seen, "b.aa");
    assert_true(o.at[3] >= late); /* never early */
    assert_true(wire_wall(w) > 0);
    wire_timer(w, wire_now(w) + 60 * (uint64_t)NS_PER_S, tick_a, &o); /* freed unfired */
}

static void stop_now(void *arg)
{
    wire_stop(arg);
}

static void stopping(void **state)
{
    struct wire *w = *state;
    struct order o = {.w = w};
    wire_timer(w, wire_now(w) + 20 * NS_PER_MS, tick_a, &o);
    wire_timer(w, 0, stop_now, w);
    wire_run(w);
    assert_int_equal(o.n, 0);
    wire_stop(w); /* before it runs: the next run ends at once */
    wire_run(w);
    assert_int_equal(o.n, 0);
    wire_run(w);
    assert_int_equal(o.n, 1);
}

static void on_signal(void *arg, int signum)
{
    struct order *o = arg;
    tick(o, signum == SIGHUP ? 'h' : signum == SIGTERM ? 't' : 'i');
    wire_stop(o->w);
}

static void signals(void **state)
{
    struct wire *w = *state;
    struct order o = {.w = w};
    wire_real_on_signal(w, on_signal, &o);
    static const int numbers[] = {SIGHUP, SIGTERM, SIGINT};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        raise(numbers[i]);
        wire_run(w);
    }
    assert_string_equal(o.seen, "hti");
}

int main(int argc, char **argv)
{
    mem_install();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reply_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(reply_raw, setup, teardown),
        cmocka_unit_test_setup_teardown(pipelined, setup, teardown),
        cmocka_unit_test_setup_teardown(request_body, setup, teardown),
        cmocka_unit_test_setup_teardown(raw_target_and_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(malformed, setup, teardown),
        cmocka_unit_test_setup_teardown(parked, setup, teardown),
        cmocka_unit_test_setup_teardown(delayed, setup, teardown),
        cmocka_unit_test_setup_teardown(cuts, setup, teardown),
        cmocka_unit_test_setup_teardown(reset_is_reset, setup, teardown),
        cmocka_unit_test_setup_teardown(close_while_parked, setup, teardown),
        cmocka_unit_test_setup_teardown(close_inside, setup, teardown),
        cmocka_unit_test_setup_teardown(close_while_waiting, setup, teardown),
        cmocka_unit_test_setup_teardown(listen_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(idle_connections, setup, teardown),
        cmocka_unit_test_setup_teardown(timers, setup, teardown),
        cmocka_unit_test_setup_teardown(stopping, setup, teardown),
        cmocka_unit_test_setup_teardown(signals, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
