#include "tests/unit/wire/role.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

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
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    /* 2,000 where the machine allows it: both ends are ours. */
    const int count = (int)(limit.rlim_cur < 4200 ? limit.rlim_cur : 4200) / 2 - 100;
    struct wire *w = *state;
    struct role r;
    struct seen s = {0};
    role_open(&r, w);
    struct sockaddr_in a = {.sin_family = AF_INET};
    a.sin_port = htons((uint16_t)port_in(wire_listener_url(w, r.l)));
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int *fds = xcalloc((size_t)count, sizeof *fds);
    for (int i = 0; i < count; i++) {
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
    for (int i = 0; i < count; i++)
        assert_int_equal(send(fds[i], q, sizeof q - 1, MSG_NOSIGNAL), sizeof q - 1);
    while (r.requests < count + 5)
        uv_run(&real_of(w)->loop, UV_RUN_ONCE);
    for (int i = 0; i < count; i++)
        close(fds[i]);
    free(fds);
    http_response_done(&s.response);
    role_done(&r);
}

int main(int argc, char **argv)
{
    mem_install();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(close_while_parked, setup, teardown),
        cmocka_unit_test_setup_teardown(close_inside, setup, teardown),
        cmocka_unit_test_setup_teardown(close_while_waiting, setup, teardown),
        cmocka_unit_test_setup_teardown(listen_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(idle_connections, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
