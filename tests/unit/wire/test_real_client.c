#include "tests/unit/wire/caller.h"

#include "harness/wire/process.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* The outcome of a GET to a peer that answers so and then does that. */
static enum call_outcome outcome_with(struct wire *w, const char *answer,
                                      enum peer_then then, uint64_t timeout_ms)
{
    struct peer p;
    struct seen s = {0};
    peer_open(&p, w, answer, then);
    const struct call spec = {.fresh = true, .timeout_ns = timeout_ms * NS_PER_MS};
    const enum call_outcome o = get(w, &s, &spec, p.url, NULL);
    if (o != CALL_ANSWERED)
        assert_true(s.detail[0]);
    else
        assert_string_equal(s.detail, "");
    seen_done(&s);
    peer_done(&p);
    return o;
}

static void answered(void **state)
{
    struct wire *w = *state;
    struct peer p;
    struct seen s = {0};
    peer_open(
        &p, w,
        "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n"
        "HTTP/1.1 404 Weg\r\nA: 1\r\nb:  2 \r\nA: 3\r\nEmpty:\r\nFold: x\r\n  y\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nTrail: t\r\n\r\n",
        PEER_KEEP);
    assert_int_equal(get(w, &s, NULL, p.url, NULL), CALL_ANSWERED);
    assert_int_equal(s.response.status, 404);
    assert_int_equal(s.response.body_n, 5);
    assert_string_equal(s.response.body, "abcde");
    assert_int_equal(s.response.fields.n, 6);
    assert_string_equal(s.response.fields.v[0].name, "A");
    assert_string_equal(s.response.fields.v[0].value, "1");
    assert_string_equal(s.response.fields.v[1].name, "b");
    assert_string_equal(s.response.fields.v[1].value, "2");
    assert_string_equal(s.response.fields.v[2].value, "3");
    assert_string_equal(http_fields_get(&s.response.fields, "empty"), "");
    assert_string_equal(http_fields_get(&s.response.fields, "fold"), "x y");
    assert_null(http_fields_get(&s.response.fields, "Trail"));
    assert_null(http_fields_get(&s.response.fields, "X-Interim"));
    assert_true(s.began <= s.first_byte && s.first_byte <= s.ended);
    assert_false(s.reused);
    seen_done(&s);
    peer_done(&p);
}

/* Nothing is added but Host and User-Agent; the target stays as it is. */
static void request_as_given(void **state)
{
    struct wire *w = *state;
    struct peer p;
    struct seen s = {0};
    peer_open(&p, w, OK_ANSWER, PEER_KEEP);
    struct http_request q;
    http_request_init(&q);
    http_request_line(&q, "GET", "/a/../b%2Fc//d?x=%00&y=a b|c");
    http_fields_add(&q.fields, "X-One", "1");
    http_fields_add(&q.fields, "x-one", "2");
    http_fields_add(&q.fields, "X-Empty", "");
    char *url = xasprintf("%s/base/", p.url);
    assert_int_equal(get(w, &s, NULL, url, &q), CALL_ANSWERED);
    char *want = xasprintf("GET /base/a/../b%%2Fc//d?x=%%00&y=a b|c HTTP/1.1\r\n"
                           "Host: 127.0.0.1:%d\r\n"
                           "User-Agent: koppelproef/" KOPPELPROEF_VERSION "\r\n"
                           "X-One: 1\r\nx-one: 2\r\nX-Empty:\r\n\r\n",
                           p.port);
    assert_string_equal(p.got.p, want);
    free(want);
    free(url);
    http_request_done(&q);
    seen_done(&s);
    peer_done(&p);
}

static void bodies(void **state)
{
    struct wire *w = *state;
    static const struct {
        const char *method, *body, *length;
    } cases[] = {
        {"POST", "{\"a\":1}", "Content-Length: 7\r\n"},
        {"POST", NULL, "Content-Length: 0\r\n"},
        {"PUT", NULL, "Content-Length: 0\r\n"},
        {"DELETE", NULL, NULL},
        {"DELETE", "x", "Content-Length: 1\r\n"},
        {"OPTIONS", NULL, NULL},
        {"GET", "zz", "Content-Length: 2\r\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct peer p;
        struct seen s = {0};
        peer_open(&p, w, OK_ANSWER, PEER_KEEP);
        const char *body = cases[i].body;
        p.wait_body = body ? strlen(body) : 0;
        struct http_request q;
        http_request_init(&q);
        http_request_line(&q, cases[i].method, "/");
        if (body)
            http_request_body(&q, xstrdup(body), strlen(body));
        assert_int_equal(get(w, &s, NULL, p.url, &q), CALL_ANSWERED);
        char *line = xasprintf("%s / HTTP/1.1\r\n", cases[i].method);
        assert_int_equal(strncmp(p.got.p, line, strlen(line)), 0);
        free(line);
        if (cases[i].length)
            assert_non_null(strstr(p.got.p, cases[i].length));
        else
            assert_null(strstr(p.got.p, "Content-Length"));
        assert_null(strstr(p.got.p, "Content-Type"));
        if (body)
            assert_string_equal(strstr(p.got.p, "\r\n\r\n") + 4, body);
        http_request_done(&q);
        seen_done(&s);
        peer_done(&p);
    }
}

/* No "Expect: 100-continue", which would cost a second of waiting. */
static void large_body(void **state)
{
    struct wire *w = *state;
    struct peer p;
    struct seen s = {0};
    const size_t n = 3 << 20;
    peer_open(&p, w, OK_ANSWER, PEER_KEEP);
    p.wait_body = n;
    struct http_request q;
    http_request_init(&q);
    http_request_line(&q, "POST", "/");
    char *body = xmalloc(n + 1);
    memset(body, 'b', n);
    body[n] = '\0';
    http_request_body(&q, body, n);
    assert_int_equal(get(w, &s, NULL, p.url, &q), CALL_ANSWERED);
    assert_null(strstr(p.got.p, "Expect"));
    http_request_done(&q);
    seen_done(&s);
    peer_done(&p);
}

static void head_request(void **state)
{
    struct wire *w = *state;
    struct peer p;
    struct seen s = {0};
    peer_open(&p, w, "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n", PEER_KEEP);
    struct http_request q;
    http_request_init(&q);
    http_request_line(&q, "HEAD", "/");
    assert_int_equal(get(w, &s, NULL, p.url, &q), CALL_ANSWERED);
    assert_int_equal(strncmp(p.got.p, "HEAD / ", 7), 0);
    assert_int_equal(s.response.body_n, 0);
    http_request_done(&q);
    seen_done(&s);
    peer_done(&p);
}

static void outcomes(void **state)
{
    struct wire *w = *state;
    static const struct {
        const char *answer;
        enum peer_then then;
        enum call_outcome want;
    } cases[] = {
        {OK_ANSWER, PEER_CLOSE, CALL_ANSWERED},
        {"HTTP/1.0 200 OK\r\n\r\nuntil close", PEER_CLOSE, CALL_ANSWERED},
        {"HTTP/1.1 204 No Content\r\n\r\n", PEER_KEEP, CALL_ANSWERED},
        {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: "
         "0\r\n\r\n",
         PEER_KEEP, CALL_ANSWERED}, /* not followed */
        {NULL, PEER_CLOSE, CALL_RESET},
        {NULL, PEER_RESET, CALL_RESET},
        {"", PEER_CLOSE, CALL_RESET},
        {"SSH-2.0-OpenSSH_9.2\r\n", PEER_KEEP, CALL_NOT_HTTP},
        {"SSH-2.0-OpenSSH_9.2\r\n", PEER_CLOSE, CALL_NOT_HTTP},
        {"<html>hallo</html>", PEER_CLOSE, CALL_NOT_HTTP},
        {"HTTP/1.1 abc\r\n\r\n", PEER_CLOSE, CALL_NOT_HTTP},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", PEER_KEEP,
         CALL_NOT_HTTP},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", PEER_CLOSE, CALL_TRUNCATED},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", PEER_RESET, CALL_TRUNCATED},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
         PEER_CLOSE, CALL_TRUNCATED},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", PEER_CLOSE,
         CALL_TRUNCATED},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", PEER_CLOSE, CALL_TRUNCATED},
        {"HTTP/1.1 200 OK\r\nContent-Ty", PEER_CLOSE, CALL_TRUNCATED},
        {"HTTP/1.1 200 OK\r\nA: b\r\n", PEER_CLOSE, CALL_TRUNCATED},
        {"HTTP/1.1 100 Continue\r\n\r\n", PEER_CLOSE, CALL_RESET}, /* no response yet */
        {"HTTP/1.1 100 Continue\r\n\r\n", PEER_RESET, CALL_RESET},
        {"HTTP/1.1 200 OK\r\nA: b\r\n", PEER_RESET, CALL_TRUNCATED},
        {"HTTP/1.1 200 OK", PEER_CLOSE, CALL_RESET}, /* not even a status line */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const enum call_outcome o = outcome_with(w, cases[i].answer, cases[i].then, 5000);
        if (o != cases[i].want)
            fail_msg("case %zu (%s): %s, want %s", i, cases[i].answer,
                     call_outcome_name(o), call_outcome_name(cases[i].want));
    }
}

static void timeouts(void **state)
{
    struct wire *w = *state;
    assert_int_equal(outcome_with(w, NULL, PEER_KEEP, 40), CALL_TIMEOUT);
    assert_int_equal(
        outcome_with(w, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", PEER_KEEP, 40),
        CALL_TIMEOUT);
}

static void refused_and_unknown(void **state)
{
    struct wire *w = *state;
    struct seen s = {0};
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d", process_free_port("127.0.0.1"));
    assert_int_equal(get(w, &s, NULL, url, NULL), CALL_REFUSED);
    assert_int_equal(s.first_byte, 0);
    seen_done(&s);
    /* A label of over 63 letters is no name: the resolver says so without asking anybody.
     */
    assert_int_equal(
        get(w, &s, NULL,
            "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaaaaaaaaaaaaaaaaaa.invalid",
            NULL),
        CALL_RESOLVE);
    seen_done(&s);
    assert_int_equal(get(w, &s, NULL, "ftp://127.0.0.1/", NULL), CALL_OTHER);
    assert_non_null(strstr(s.detail, "ftp://"));
    seen_done(&s);
}

static void too_large(void **state)
{
    struct wire *w = *state;
    struct peer p;
    struct seen s = {0};
    peer_open(&p, w, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0123456789a",
              PEER_KEEP);
    const struct call small = {.pool = "a", .max_body = 10};
    const struct call exact = {.pool = "a", .max_body = 11};
    assert_int_equal(get(w, &s, &small, p.url, NULL), CALL_TOO_LARGE);
    assert_int_equal(s.response.status, 200);
    seen_done(&s);
    assert_int_equal(get(w, &s, &exact, p.url, NULL), CALL_ANSWERED);
    assert_int_equal(s.response.body_n, 11);
    seen_done(&s);
    peer_done(&p);
}

/* Header fields without end: libcurl stops at 300 KiB, in one line at 100 KiB. */
static void huge_fields(void **state)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_adds(&b, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 3000; i++)
        buf_addf(&b, "X-Field-%d: %0100d\r\n", i, i);
    buf_adds(&b, "Content-Length: 0\r\n\r\n");
    assert_int_equal(outcome_with(*state, b.p, PEER_KEEP, 5000), CALL_TOO_LARGE);
    buf_reset(&b);
    buf_adds(&b, "HTTP/1.1 200 OK\r\nX-Long: ");
    for (int i = 0; i < 3000; i++)
        buf_addf(&b, "%0100d", i);
    buf_adds(&b, "\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(outcome_with(*state, b.p, PEER_KEEP, 5000), CALL_TOO_LARGE);
    buf_done(&b);
}

static void drop_reply(void **state)
{
    struct wire *w = *state;
    struct peer p;
    struct seen s = {0};
    peer_open(&p, w, "HTTP/1.1 100 Continue\r\n\r\n" OK_ANSWER, PEER_KEEP);
    p.wait_body = 7;
    struct http_request q;
    http_request_init(&q);
    http_request_line(&q, "POST", "/");
    http_request_body(&q, xstrdup("whole it"), 8);
    p.wait_body = 8;
    const struct call spec = {.fresh = true, .cut = CALL_DROP_REPLY};
    assert_int_equal(get(w, &s, &spec, p.url, &q), CALL_DROPPED);
    assert_int_equal(s.response.status == 200, 0);
    assert_null(s.response.body);
    assert_string_equal(strstr(p.got.p, "\r\n\r\n") + 4, "whole it");
    http_request_done(&q);
    seen_done(&s);
    peer_done(&p);
    /* Nothing came that could be dropped. */
    peer_open(&p, w, NULL, PEER_CLOSE);
    assert_int_equal(get(w, &s, &spec, p.url, NULL), CALL_RESET);
    seen_done(&s);
    peer_done(&p);
}

/* Connections are kept within one pool and never shared between pools. */
static void pools(void **state)
{
    struct wire *w = *state;
    struct peer p;
    struct seen s = {0};
    peer_open(&p, w, OK_ANSWER, PEER_KEEP);
    const struct call a = {.pool = "a"}, b = {.pool = "b"};
    const struct call fresh = {.pool = "a", .fresh = true};
    static const struct {
        int which;
        bool reused;
        int connections;
    } steps[] = {{0, false, 1}, {0, true, 1}, {1, false, 2}, {1, true, 2},
                 {2, false, 3}, {0, true, 3}, {2, false, 4}};
    const struct call *const specs[] = {&a, &b, &fresh};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        assert_int_equal(get(w, &s, specs[steps[i].which], p.url, NULL), CALL_ANSWERED);
        assert_int_equal(s.reused, steps[i].reused);
        assert_int_equal(p.connections, steps[i].connections);
        seen_done(&s);
    }
    peer_done(&p);
}

/* A reused connection that dies under a request: said, never sent again by itself. */
static void no_silent_retry(void **state)
{
    struct wire *w = *state;
    static const char *const methods[] = {"GET", "POST"};
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        struct peer p;
        struct seen s = {0};
        peer_open(&p, w, OK_ANSWER, PEER_CLOSE);
        p.close_from = 2;
        struct http_request q;
        http_request_init(&q);
        http_request_line(&q, methods[i], "/");
        assert_int_equal(get(w, &s, NULL, p.url, &q), CALL_ANSWERED);
        seen_done(&s);
        assert_int_equal(get(w, &s, NULL, p.url, &q), CALL_RESET);
        assert_true(s.reused);
        assert_int_equal(p.requests, 2);
        assert_int_equal(p.connections, 1);
        seen_done(&s);
        /* and the next call begins anew */
        p.close_from = 0;
        p.then = PEER_KEEP;
        assert_int_equal(get(w, &s, NULL, p.url, &q), CALL_ANSWERED);
        assert_false(s.reused);
        http_request_done(&q);
        seen_done(&s);
        peer_done(&p);
    }
}

static void ignore_timer(void *arg)
{
    wire_stop(arg);
}

static void cancelling(void **state)
{
    struct wire *w = *state;
    struct peer p;
    struct seen s = {0};
    peer_open(&p, w, NULL, PEER_KEEP);
    struct http_request q;
    http_request_init(&q);
    http_request_line(&q, "GET", "/");
    struct wire_call *c = start(w, &s, NULL, p.url, &q);
    wire_timer(w, wire_now(w) + 5 * NS_PER_MS, ignore_timer, w);
    wire_run(w); /* the request is under way */
    assert_int_equal(s.calls, 0);
    wire_call_cancel(w, c);
    wire_call_cancel(w, c);
    assert_int_equal(s.calls, 0);
    wire_run(w);
    assert_int_equal(s.calls, 1);
    assert_int_equal(s.outcome, CALL_CANCELLED);
    seen_done(&s);
    /* at once, before the loop had a look at it */
    c = start(w, &s, NULL, p.url, &q);
    wire_call_cancel(w, c);
    wire_run(w);
    assert_int_equal(s.calls, 1);
    assert_int_equal(s.outcome, CALL_CANCELLED);
    assert_int_equal(wire_run(w), 0); /* nothing is left: it ends by itself */
    assert_int_equal(s.calls, 1);
    http_request_done(&q);
    seen_done(&s);
    peer_done(&p);
}

struct pair {
    struct wire *w;
    struct wire_call *mine, *other;
};

static void cancel_inside(void *arg, const struct call_result *r)
{
    struct pair *p = arg;
    assert_int_equal(r->outcome, CALL_ANSWERED);
    wire_call_cancel(p->w, p->mine); /* over already: harmless */
    wire_call_cancel(p->w, p->other);
    p->mine = NULL;
}

/* A callback may cancel its own call and another one. */
static void cancel_from_callback(void **state)
{
    struct pair pair = {.w = *state};
    struct wire *w = *state;
    struct peer p, silent;
    struct seen s = {0};
    peer_open(&p, w, OK_ANSWER, PEER_KEEP);
    peer_open(&silent, w, NULL, PEER_KEEP);
    struct http_request q;
    http_request_init(&q);
    http_request_line(&q, "GET", "/");
    pair.other = start(w, &s, NULL, silent.url, &q);
    const struct call spec = {.url = p.url, .request = &q, .pool = "test"};
    pair.mine = wire_call(w, &spec, cancel_inside, &pair);
    wire_run(w);
    assert_null(pair.mine);
    assert_int_equal(s.calls, 1);
    assert_int_equal(s.outcome, CALL_CANCELLED);
    http_request_done(&q);
    seen_done(&s);
    peer_done(&p);
    peer_done(&silent);
}

/* The door may be freed with a call under way: no callback, no leak. */
static void free_under_way(void **state)
{
    (void)state;
    struct wire *w;
    assert_int_equal(wire_real_new(&w, NULL), 0);
    struct peer p;
    struct seen s = {0};
    peer_open(&p, w, NULL, PEER_KEEP);
    struct http_request q;
    http_request_init(&q);
    http_request_line(&q, "POST", "/");
    start(w, &s, NULL, p.url, &q);
    wire_timer(w, wire_now(w) + 5 * NS_PER_MS, ignore_timer, w);
    wire_run(w);
    start(w, &s, NULL, p.url, &q);
    wire_call_cancel(w, start(w, &s, NULL, "mailto:x", &q));
    http_request_done(&q);
    peer_close(&p);
    wire_free(w);
    buf_done(&p.got);
    assert_int_equal(s.calls, 0);
}

static void proxies_ignored(void **state)
{
    struct wire *w = *state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    assert_int_equal(outcome_with(w, OK_ANSWER, PEER_KEEP, 5000), CALL_ANSWERED);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
}

struct many {
    struct wire *w;
    int left, answered;
};

static void on_many(void *arg, const struct call_result *r)
{
    struct many *m = arg;
    m->answered += r->outcome == CALL_ANSWERED;
    if (--m->left == 0)
        wire_stop(m->w);
}

static void many_at_once(void **state)
{
    struct wire *w = *state;
    struct peer p;
    peer_open(&p, w, OK_ANSWER, PEER_KEEP);
    struct http_request q;
    http_request_init(&q);
    http_request_line(&q, "GET", "/");
    struct many m = {w, 300, 0};
    char pool[16];
    for (int i = 0; i < 300; i++) {
        snprintf(pool, sizeof pool, "p%d", i % 100);
        const struct call c = {.url = p.url, .request = &q, .pool = pool};
        wire_call(w, &c, on_many, &m);
    }
    wire_run(w);
    assert_int_equal(m.answered, 300);
    assert_int_equal(p.requests, 300);
    http_request_done(&q);
    peer_done(&p);
}

int main(int argc, char **argv)
{
    mem_install();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answered, setup, teardown),
        cmocka_unit_test_setup_teardown(request_as_given, setup, teardown),
        cmocka_unit_test_setup_teardown(bodies, setup, teardown),
        cmocka_unit_test_setup_teardown(large_body, setup, teardown),
        cmocka_unit_test_setup_teardown(head_request, setup, teardown),
        cmocka_unit_test_setup_teardown(outcomes, setup, teardown),
        cmocka_unit_test_setup_teardown(timeouts, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_and_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(too_large, setup, teardown),
        cmocka_unit_test_setup_teardown(huge_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(drop_reply, setup, teardown),
        cmocka_unit_test_setup_teardown(pools, setup, teardown),
        cmocka_unit_test_setup_teardown(no_silent_retry, setup, teardown),
        cmocka_unit_test_setup_teardown(cancelling, setup, teardown),
        cmocka_unit_test_setup_teardown(cancel_from_callback, setup, teardown),
        cmocka_unit_test(free_under_way),
        cmocka_unit_test_setup_teardown(proxies_ignored, setup, teardown),
        cmocka_unit_test_setup_teardown(many_at_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
