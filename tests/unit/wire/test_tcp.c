#include "tests/unit/wire/peer.h"

#include "harness/wire/process.h"
#include "harness/wire/tcp.h"
#include "harness/wire/tcp_parse.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

struct seen {
    struct wire *w;
    int calls;
    bool in_start;
    enum call_outcome outcome;
    int status, responses;
    size_t n;
    char text[256];
    uint64_t took;
};

static void on_result(void *arg, const struct tcp_result *r)
{
    struct seen *s = arg;
    assert_false(s->in_start);
    s->calls++;
    s->outcome = r->outcome;
    s->status = r->status;
    s->responses = r->responses;
    s->n = r->n;
    s->took = r->ended - r->began;
    snprintf(s->text, sizeof s->text, "%s", r->bytes);
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

static struct seen call(struct wire *w, const struct tcp_call *c)
{
    struct seen s = {.w = w, .in_start = true};
    tcp_call(w, c, on_result, &s);
    s.in_start = false;
    wire_run(w);
    assert_int_equal(s.calls, 1);
    return s;
}

static struct tcp_call to(int port, const char *bytes)
{
    return (struct tcp_call){.host = "127.0.0.1",
                             .port = port,
                             .bytes = bytes,
                             .n = strlen(bytes),
                             .timeout_ns = 5 * NS_PER_S};
}

static void answered(void **state)
{
    struct peer p;
    peer_open(&p, *state, OK_ANSWER, PEER_CLOSE);
    struct tcp_call c = to(p.port, "GET / HTTP/1.1\r\n\r\n");
    struct seen s = call(*state, &c);
    assert_int_equal(s.outcome, CALL_ANSWERED);
    assert_int_equal(s.status, 200);
    assert_int_equal(s.responses, 1);
    assert_string_equal(s.text, OK_ANSWER);
    assert_string_equal(p.got.p, "GET / HTTP/1.1\r\n\r\n");
    c.host = "localhost";
    s = call(*state, &c);
    assert_int_equal(s.outcome,
                     CALL_ANSWERED); /* where ::1 comes first, the second try */
    peer_done(&p);
}

static void outcomes(void **state)
{
    struct wire *w = *state;
    static const struct {
        const char *answer;
        enum peer_then then;
        enum call_outcome want;
        int responses;
    } cases[] = {
        {NULL, PEER_CLOSE, CALL_ANSWERED,
         0}, /* closed cleanly: a refusal that is allowed */
        {NULL, PEER_RESET, CALL_RESET, 0},
        {NULL, PEER_KEEP, CALL_TIMEOUT, 0},
        {OK_ANSWER, PEER_KEEP, CALL_ANSWERED, 1}, /* at the deadline */
        {OK_ANSWER, PEER_RESET, CALL_ANSWERED, 1},
        {OK_ANSWER OK_ANSWER, PEER_CLOSE, CALL_ANSWERED, 2},
        {"nonsense", PEER_CLOSE, CALL_ANSWERED, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct peer p;
        peer_open(&p, w, cases[i].answer, cases[i].then);
        struct tcp_call c = to(p.port, "x\r\n\r\n");
        c.timeout_ns = 50 * NS_PER_MS;
        const struct seen s = call(w, &c);
        if (s.outcome != cases[i].want || s.responses != cases[i].responses)
            fail_msg("case %zu: %s, %d responses", i, call_outcome_name(s.outcome),
                     s.responses);
        peer_done(&p);
    }
    struct tcp_call c = to(process_free_port("127.0.0.1"), "x");
    assert_int_equal(call(w, &c).outcome, CALL_REFUSED);
    c.host = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "a.invalid";
    assert_int_equal(call(w, &c).outcome, CALL_RESOLVE);
}

static void repeated(void **state)
{
    struct peer p;
    peer_open(&p, *state, OK_ANSWER, PEER_CLOSE);
    p.wait_body = 3 * 1000000 - 4;
    struct tcp_call c = to(p.port, "\r\n\r\nabcdef");
    c.bytes = "\r\n\r\nabcdef";
    c.n = 10;
    c.repeat = 300000;
    const struct seen s = call(*state, &c);
    assert_int_equal(s.status, 200);
    assert_int_equal(p.got.n, 3000000);
    assert_memory_equal(p.got.p + 2999990, "\r\n\r\nabcdef", 10);
    peer_done(&p);
}

static void trickled(void **state)
{
    struct peer p;
    peer_open(&p, *state, OK_ANSWER, PEER_CLOSE);
    struct tcp_call c = to(p.port, "GET / HTTP\r\n\r\n");
    c.trickle = 3;
    c.trickle_gap_ns = 2 * NS_PER_MS;
    const struct seen s = call(*state, &c);
    assert_int_equal(s.status, 200);
    assert_string_equal(p.got.p, "GET / HTTP\r\n\r\n");
    assert_true(s.took >= (uint64_t)4 * 2 * NS_PER_MS); /* five pieces */
    peer_done(&p);
}

static void answer_ok(void *arg, struct inbound *in, const struct http_request *q)
{
    struct http_reply r;
    http_reply_init(&r);
    r.response.status = 200;
    http_response_body(&r.response, xstrdup(q->target), strlen(q->target));
    wire_reply(arg, in, &r);
}

/* After half_close the peer sees the end of the stream, and can still answer. */
static void half_closed(void **state)
{
    struct wire *w = *state;
    const struct listen spec = {.host = "127.0.0.1", .on_request = answer_ok, .arg = w};
    struct wire_listener *l;
    assert_int_equal(wire_listen(w, &spec, &l, NULL), 0);
    const int port = (int)strtol(strrchr(wire_listener_url(w, l), ':') + 1, NULL, 10);
    struct tcp_call c = to(port, "GET /een HTTP/1.1\r\nHost: x\r\n\r\n"
                                 "GET /twee HTTP/1.1\r\nHost: x\r\n\r\n");
    c.half_close = true;
    const struct seen s = call(w, &c);
    assert_int_equal(s.outcome, CALL_ANSWERED);
    assert_int_equal(s.status, 200);
    assert_true(s.took < (uint64_t)4 * NS_PER_S); /* the server closed: no deadline */
    wire_listener_close(w, l);
}

static void limited(void **state)
{
    struct peer p;
    char *large = xmalloc(200001);
    memset(large, 'x', 200000);
    large[200000] = '\0';
    peer_open(&p, *state, large, PEER_KEEP);
    struct tcp_call c = to(p.port, "x\r\n\r\n");
    const struct seen s = call(*state, &c);
    assert_int_equal(s.outcome, CALL_ANSWERED);
    assert_int_equal(s.n, 65536);
    assert_true(s.took < (uint64_t)4 * NS_PER_S);
    peer_done(&p);
    free(large);
}

static void free_under_way(void **state)
{
    (void)state;
    struct wire *w;
    assert_int_equal(wire_real_new(&w, NULL), 0);
    struct peer p;
    struct seen s = {.w = w};
    peer_open(&p, w, NULL, PEER_KEEP);
    struct tcp_call c = to(p.port, "abc\r\n");
    c.trickle = 1;
    c.trickle_gap_ns = NS_PER_S;
    tcp_call(w, &c, on_result, &s);
    uv_run(&real_of(w)->loop, UV_RUN_ONCE);
    tcp_call(w, &c, on_result, &s);
    c.host = "localhost";
    tcp_call(w, &c, on_result, &s);
    peer_close(&p);
    wire_free(w);
    buf_done(&p.got);
    assert_int_equal(s.calls, 0);
}

static void counting(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int count, status;
    } cases[] = {
        {"", 0, 0},
        {"HTTP/1.1", 0, 0},
        {"HTTP/1.1 2", 0, 0},
        {"HTTP/1.1 404 x", 1, 404},
        {OK_ANSWER, 1, 200},
        {OK_ANSWER OK_ANSWER OK_ANSWER, 3, 200},
        {"HTTP/1.1 400 Bad\r\nContent-Length: 14\r\n\r\nHTTP/1.1 200 a" OK_ANSWER, 2,
         400},
        {"HTTP/1.1 400 Bad\r\n\r\nHTTP/1.1 200 until close", 1, 400},
        {"HTTP/1.1 100 Continue\r\n\r\n" OK_ANSWER, 1, 200},
        {"HTTP/1.1 204 No\r\n\r\nHTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n" OK_ANSWER,
         3, 204},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1a;x=y\r\n"
         "abcdefghijklmnopqrstuvwxyz\r\n0\r\nTrail: x\r\n\r\n" OK_ANSWER,
         2, 200},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 1, 200},
        {"HTTP/1.1 200 OK\nContent-Length:1\n\nxHTTP/1.0 500 y\n\n", 2, 200},
        {"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999999\r\n\r\nx" OK_ANSWER, 1,
         200},
        {"HTTP/1.1 100 Continue", 0, 0},
        {"HTTP/1.1 204 broke off\r\nX: y", 1, 204},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int status = -1;
        const int count =
            tcp_count_responses(cases[i].text, strlen(cases[i].text), &status);
        if (count != cases[i].count || status != cases[i].status)
            fail_msg("case %zu: %d responses, status %d", i, count, status);
    }
}

int main(int argc, char **argv)
{
    mem_install();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answered, setup, teardown),
        cmocka_unit_test_setup_teardown(outcomes, setup, teardown),
        cmocka_unit_test_setup_teardown(repeated, setup, teardown),
        cmocka_unit_test_setup_teardown(trickled, setup, teardown),
        cmocka_unit_test_setup_teardown(half_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(limited, setup, teardown),
        cmocka_unit_test(free_under_way),
        cmocka_unit_test(counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
