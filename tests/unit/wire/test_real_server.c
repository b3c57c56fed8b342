#include "tests/unit/wire/role.h"

#include "harness/wire/server.h"

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

/* The end of the stream may come together with half of a request: nobody waits then. */
static void half_a_request(void **state)
{
    static const char *const requests[] = {
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\n{\"a\":[",
    };
    struct role r;
    role_open(&r, *state);
    for (size_t i = 0; i < 20; i++) {
        struct raw raw = {.w = *state};
        const char *bytes = requests[i % ARRAY_LEN(requests)];
        const struct tcp_call c = {.host = "127.0.0.1",
                                   .port = port_in(wire_listener_url(r.w, r.l)),
                                   .bytes = bytes,
                                   .n = strlen(bytes),
                                   .half_close = true,
                                   .timeout_ns = 5 * NS_PER_S};
        tcp_call(r.w, &c, on_raw, &raw);
        wire_run(r.w);
        assert_int_not_equal(raw.outcome, CALL_TIMEOUT);
        free(raw.text);
    }
    assert_int_equal(r.requests, 0);
    assert_null(r.l->inbounds);
    role_done(&r);
}

/* What hides behind a request with two lengths is not answered (RFC 9112 section 6.3). */
static void two_lengths(void **state)
{
    struct role r;
    struct raw raw;
    role_open(&r, *state);
    char *t = ask_raw(&r,
                      "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                      "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n",
                      &raw);
    assert_int_equal(raw.responses, 1);
    assert_int_equal(r.requests, 1);
    assert_int_equal(count_of(t, "Connection: close"), 1);
    free(t);
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
        cmocka_unit_test_setup_teardown(half_a_request, setup, teardown),
        cmocka_unit_test_setup_teardown(two_lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(parked, setup, teardown),
        cmocka_unit_test_setup_teardown(delayed, setup, teardown),
        cmocka_unit_test_setup_teardown(cuts, setup, teardown),
        cmocka_unit_test_setup_teardown(reset_is_reset, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
