#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/wire/wire.h"

#define S ((uint64_t)NS_PER_S)

/* What happened, as text: "name@seconds ...". */
struct bench {
    struct wire *w;
    struct buf log;
    struct wire_listener *listener;
    struct http_reply reply; /* what the handler answers, copied */
    bool park;
    struct inbound *parked;
    struct http_request seen;
    struct wire_timer *victim;
    struct wire_call *call;
};

static struct bench *bench_new(void)
{
    struct bench *b = xcalloc(1, sizeof *b);

    b->w = wire_memory_new(1000 * NS_PER_S);
    buf_init(&b->log, 100000);
    buf_adds(&b->log, "");
    http_reply_init(&b->reply);
    b->reply.response.status = 200;
    return b;
}

static void bench_free(struct bench *b)
{
    wire_free(b->w);
    buf_done(&b->log);
    http_reply_done(&b->reply);
    http_request_done(&b->seen);
    free(b);
}

static void note(struct bench *b, const char *what)
{
    buf_addf(&b->log, "%s%s@%g", b->log.n ? " " : "", what, (double)wire_now(b->w) / 1e9);
}

static void on_request(void *arg, struct inbound *in, const struct http_request *req)
{
    struct bench *b = arg;
    struct http_reply r;

    note(b, "request");
    http_request_done(&b->seen);
    http_request_copy(&b->seen, req);
    if (b->park) {
        b->parked = in;
        return;
    }
    http_reply_init(&r);
    http_response_copy(&r.response, &b->reply.response);
    r.delay_ns = b->reply.delay_ns;
    r.cut = b->reply.cut;
    wire_reply(b->w, in, &r);
    assert_null(r.response.body); /* its contents were taken */
    assert_int_equal(r.response.status, 0);
    note(b, "replied");
}

static void on_result(void *arg, const struct call_result *r)
{
    struct bench *b = arg;
    char text[200];

    snprintf(text, sizeof text, "%s:%d:%s", call_outcome_name(r->outcome),
             r->response.status, r->response.body ? r->response.body : "-");
    note(b, text);
    assert_true(r->ended == wire_now(b->w));
    assert_true(r->began <= r->ended);
    assert_true(r->first_byte ==
                (r->response.status || r->outcome == CALL_DROPPED ? r->ended : 0));
    b->call = NULL;
}

static const char *listen_at(struct bench *b, int port, size_t max_body)
{
    struct listen l = {.host = "127.0.0.1",
                       .port = port,
                       .max_body = max_body,
                       .on_request = on_request,
                       .arg = b};
    struct err e = {0};

    assert_int_equal(wire_listen(b->w, &l, &b->listener, &e), 0);
    return wire_listener_url(b->w, b->listener);
}

static void send_to(struct bench *b, const char *url, struct call c)
{
    struct http_request r;

    http_request_init(&r);
    http_request_line(&r, "POST", "/p?q=%20");
    http_fields_add(&r.fields, "X-A", "b");
    http_request_body(&r, xstrdup("hello"), 5);
    c.url = url;
    c.pool = "p";
    c.request = &r;
    b->call = wire_call(b->w, &c, on_result, b);
    http_request_done(&r); /* borrowed during wire_call only */
    note(b, "sent");
}

static void reply_body(struct bench *b, const char *text)
{
    http_response_body(&b->reply.response, xstrdup(text), strlen(text));
}

static void expect(struct bench *b, const char *wanted)
{
    assert_int_equal(wire_run(b->w), 0);
    assert_string_equal(b->log.p, wanted);
    bench_free(b);
}

/* ---- clock and timers ---- */

static void tick_a(void *arg)
{
    note(arg, "a");
}
static void tick_b(void *arg)
{
    note(arg, "b");
}
static void tick_stop(void *arg)
{
    note(arg, "stop");
    wire_stop(((struct bench *)arg)->w);
}
static void tick_past(void *arg)
{
    struct bench *b = arg;

    note(b, "past");
    wire_timer(b->w, 0, tick_b, b); /* past: at once, but not from inside */
    note(b, "set");
}
static void tick_cancel(void *arg)
{
    struct bench *b = arg;

    note(b, "cancel");
    wire_timer_cancel(b->w, b->victim);
}

static void timers_come_in_order_of_time_then_insertion(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    wire_timer(b->w, 3 * S, tick_a, b);
    wire_timer(b->w, 1 * S, tick_a, b);
    wire_timer(b->w, 3 * S, tick_b, b);
    wire_timer(b->w, 2 * S, tick_past, b);
    wire_timer(b->w, 2 * S, tick_a, b);
    assert_true(wire_now(b->w) == 0);
    assert_true(wire_wall(b->w) == 1000 * NS_PER_S);
    assert_int_equal(wire_run(b->w), 0);
    assert_true(wire_now(b->w) == 3 * S);
    assert_true(wire_wall(b->w) == 1003 * NS_PER_S);
    expect(b, "a@1 past@2 set@2 a@2 b@2 a@3 b@3");
}

static void a_cancelled_timer_neither_fires_nor_moves_time(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    b->victim = wire_timer(b->w, 9 * S, tick_a, b);
    wire_timer(b->w, 1 * S, tick_cancel, b);
    wire_timer_cancel(b->w, NULL);
    assert_int_equal(wire_run(b->w), 0);
    assert_true(wire_now(b->w) == 1 * S);
    expect(b, "cancel@1");
}

static void a_stopped_run_can_go_on(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    wire_timer(b->w, 1 * S, tick_stop, b);
    wire_timer(b->w, 1 * S, tick_a, b);
    assert_int_equal(wire_run(b->w), 0);
    assert_string_equal(b->log.p, "stop@1");
    expect(b, "stop@1 a@1");
}

struct many {
    struct wire *w;
    uint64_t last;
    size_t fired;
};
static void count(void *arg)
{
    struct many *m = arg;

    assert_true(wire_now(m->w) >= m->last);
    m->last = wire_now(m->w);
    m->fired++;
}

static void the_queue_keeps_its_order_under_cancelling(void **state)
{
    struct many m = {.w = wire_memory_new(0)};
    struct wire_timer *timers[1000];
    uint64_t x = 88172645463325252U;
    size_t left = ARRAY_LEN(timers);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        timers[i] = wire_timer(m.w, x % 500, count, &m);
    }
    for (size_t i = 0; i < ARRAY_LEN(timers); i++)
        if (i % 3 == 1) {
            wire_timer_cancel(m.w, timers[i]);
            left--;
        }
    assert_int_equal(wire_run(m.w), 0);
    assert_int_equal(m.fired, left);
    wire_free(m.w);
}

/* ---- calls ---- */

static void a_call_reaches_the_handler_and_back(void **state)
{
    struct bench *b = bench_new();
    const char *url = listen_at(b, 0, 0);

    (void)state;
    assert_string_equal(url, "http://memory-1");
    reply_body(b, "hi");
    send_to(b, "http://memory-1/base", (struct call){0});
    assert_int_equal(wire_run(b->w), 0);
    assert_string_equal(b->seen.method, "POST");
    assert_string_equal(b->seen.target, "/base/p?q=%20");
    assert_string_equal(http_fields_get(&b->seen.fields, "x-a"), "b");
    assert_string_equal(b->seen.body, "hello");
    /* sent, asked and answered each after the other had returned, in no time */
    expect(b, "sent@0 request@0 replied@0 answered:200:hi@0");
}

static void a_delay_is_waited_for(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    b->reply.delay_ns = 5 * S;
    reply_body(b, "hi");
    send_to(b, listen_at(b, 0, 0), (struct call){0});
    expect(b, "sent@0 request@0 replied@0 answered:200:hi@5");
}

static void cuts_are_seen_as_what_they_are(void **state)
{
    static const struct {
        enum http_cut cut;
        enum call_cut call;
        const char *wanted;
    } rows[] = {
        {CUT_RESET, CALL_WHOLE, "sent@0 request@0 replied@0 reset:0:-@1"},
        {CUT_TRUNCATE, CALL_WHOLE, "sent@0 request@0 replied@0 truncated:200:hal@1"},
        {CUT_SILENT, CALL_WHOLE, "sent@0 request@0 replied@0 timeout:0:-@30"},
        {CUT_NONE, CALL_DROP_REPLY, "sent@0 request@0 replied@0 dropped:0:-@1"},
        {CUT_RESET, CALL_DROP_REPLY, "sent@0 request@0 replied@0 reset:0:-@1"},
        {CUT_TRUNCATE, CALL_DROP_REPLY, "sent@0 request@0 replied@0 dropped:0:-@1"},
        {CUT_SILENT, CALL_DROP_REPLY, "sent@0 request@0 replied@0 timeout:0:-@30"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench *b = bench_new();

        b->reply.delay_ns = 1 * S;
        b->reply.cut = rows[i].cut;
        reply_body(b, "halves");
        send_to(b, listen_at(b, 0, 0), (struct call){.cut = rows[i].call});
        expect(b, rows[i].wanted);
    }
}

static void an_answer_that_comes_too_late_is_lost(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    b->reply.delay_ns = 5 * S;
    send_to(b, listen_at(b, 0, 0), (struct call){.timeout_ns = 2 * S});
    expect(b, "sent@0 request@0 replied@0 timeout:0:-@2");
}

static void answer_parked(void *arg)
{
    struct bench *b = arg;
    struct http_reply r;

    http_reply_init(&r);
    r.response.status = 202;
    note(b, "answer");
    wire_reply(b->w, b->parked, &r);
}

static void a_parked_request_is_answered_later(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    b->park = true;
    send_to(b, listen_at(b, 0, 0), (struct call){0});
    wire_timer(b->w, 7 * S, answer_parked, b);
    expect(b, "sent@0 request@0 answer@7 answered:202:-@7");
}

static void a_parked_request_outlives_its_caller(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    b->park = true;
    send_to(b, listen_at(b, 0, 0), (struct call){.timeout_ns = 1 * S});
    wire_timer(b->w, 7 * S, answer_parked, b);
    expect(b, "sent@0 request@0 timeout:0:-@1 answer@7");
}

static void close_listener(void *arg)
{
    struct bench *b = arg;

    note(b, "close");
    wire_listener_close(b->w, b->listener);
    note(b, "closed");
}

static void closing_drops_parked_requests_and_refuses_new_ones(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    b->park = true;
    send_to(b, listen_at(b, 0, 0), (struct call){0});
    wire_timer(b->w, 1 * S, close_listener, b);
    wire_timer(b->w, 2 * S, answer_parked, b); /* harmless */
    assert_int_equal(wire_run(b->w), 0);
    send_to(b, "http://memory-1", (struct call){0});
    expect(b,
           "sent@0 request@0 close@1 closed@1 reset:0:-@1 answer@2 sent@2 refused:0:-@2");
}

static void closing_breaks_answers_on_their_way(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    b->reply.delay_ns = 5 * S;
    send_to(b, listen_at(b, 0, 0), (struct call){0});
    wire_timer(b->w, 1 * S, close_listener, b);
    expect(b, "sent@0 request@0 replied@0 close@1 closed@1 reset:0:-@1");
}

static void a_listener_comes_back_under_its_url(void **state)
{
    struct bench *b = bench_new();
    struct listen l = {
        .host = "127.0.0.1", .port = 8080, .on_request = on_request, .arg = b};
    struct wire_listener *second = NULL;
    struct err e = {0};

    (void)state;
    assert_string_equal(listen_at(b, 8080, 0), "http://memory-8080");
    assert_int_equal(wire_listen(b->w, &l, &second, &e), E_ENV);
    assert_non_null(strstr(e.text, "in use"));
    assert_null(second);
    wire_listener_close(b->w, b->listener);
    wire_listener_close(b->w, NULL);
    assert_string_equal(listen_at(b, 8080, 0), "http://memory-8080");
    send_to(b, "http://memory-8080", (struct call){0});
    expect(b, "sent@0 request@0 replied@0 answered:200:-@0");
}

static void what_does_not_exist_is_not_reached(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    listen_at(b, 0, 0);
    send_to(b, "http://memory-11", (struct call){0});
    send_to(b, "http://example.nl", (struct call){0});
    expect(b, "sent@0 sent@0 refused:0:-@0 resolve:0:-@0");
}

static void cancel_call(void *arg)
{
    struct bench *b = arg;

    wire_call_cancel(b->w, b->call);
    note(b, "cancel");
    wire_call_cancel(b->w, b->call); /* twice is no harm */
}

static void a_cancelled_call_still_calls_back_once(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    b->reply.delay_ns = 5 * S;
    send_to(b, listen_at(b, 0, 0), (struct call){0});
    cancel_call(b); /* before it was sent */
    assert_int_equal(wire_run(b->w), 0);
    assert_string_equal(b->log.p, "sent@0 cancel@0 cancelled:0:-@0");
    send_to(b, wire_listener_url(b->w, b->listener), (struct call){0});
    wire_timer(b->w, 1 * S, cancel_call, b);
    wire_call_cancel(b->w, NULL);
    expect(b, "sent@0 cancel@0 cancelled:0:-@0 sent@0 request@0 replied@0 cancel@1 "
              "cancelled:0:-@1");
}

static void maxima_are_kept(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    reply_body(b, "larger");
    send_to(b, listen_at(b, 0, 4), (struct call){.max_body = 5});
    assert_int_equal(wire_run(b->w), 0);
    assert_null(b->seen.body);
    assert_true(b->seen.body_n == SIZE_MAX);
    expect(b, "sent@0 request@0 replied@0 too-large:200:large@0");
}

static void some_answers_never_have_a_body(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    reply_body(b, "body");
    b->reply.response.status = 204;
    send_to(b, listen_at(b, 0, 5), (struct call){.max_body = 5});
    expect(b, "sent@0 request@0 replied@0 answered:204:-@0");
}

static void freeing_in_the_middle_leaks_nothing(void **state)
{
    struct bench *b = bench_new();

    (void)state;
    b->park = true;
    send_to(b, listen_at(b, 0, 0), (struct call){0});
    wire_timer(b->w, 1 * S, tick_stop, b);
    wire_timer(b->w, 2 * S, tick_a, b);
    assert_int_equal(wire_run(b->w), 0);
    b->park = false;
    b->reply.delay_ns = S;
    send_to(b, "http://memory-1", (struct call){0});
    wire_timer(b->w, 1 * S, tick_stop, b);
    assert_int_equal(wire_run(b->w), 0);
    send_to(b, "http://memory-1", (struct call){0});
    assert_string_equal(b->log.p,
                        "sent@0 request@0 stop@1 sent@1 request@1 replied@1 stop@1 "
                        "sent@1");
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_come_in_order_of_time_then_insertion),
        cmocka_unit_test(a_cancelled_timer_neither_fires_nor_moves_time),
        cmocka_unit_test(a_stopped_run_can_go_on),
        cmocka_unit_test(the_queue_keeps_its_order_under_cancelling),
        cmocka_unit_test(a_call_reaches_the_handler_and_back),
        cmocka_unit_test(a_delay_is_waited_for),
        cmocka_unit_test(cuts_are_seen_as_what_they_are),
        cmocka_unit_test(an_answer_that_comes_too_late_is_lost),
        cmocka_unit_test(a_parked_request_is_answered_later),
        cmocka_unit_test(a_parked_request_outlives_its_caller),
        cmocka_unit_test(closing_drops_parked_requests_and_refuses_new_ones),
        cmocka_unit_test(closing_breaks_answers_on_their_way),
        cmocka_unit_test(a_listener_comes_back_under_its_url),
        cmocka_unit_test(what_does_not_exist_is_not_reached),
        cmocka_unit_test(a_cancelled_call_still_calls_back_once),
        cmocka_unit_test(maxima_are_kept),
        cmocka_unit_test(some_answers_never_have_a_body),
        cmocka_unit_test(freeing_in_the_middle_leaks_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
