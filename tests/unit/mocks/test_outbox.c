#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/outbox.h"

static void give(struct outbox *o, uint64_t ticket, int status)
{
    struct http_reply r;
    http_reply_init(&r);
    r.response.status = status;
    http_response_body(&r.response, xstrdup("body"), 4);
    outbox_reply(o, ticket, &r);
    assert_int_equal(r.response.status, 0); /* the contents were taken */
    assert_null(r.response.body);
}

static void one_reply_needs_no_memory(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    assert_true(outbox_empty(&o));
    for (int round = 0; round < 3; round++) {
        give(&o, 7, 200 + round);
        assert_false(outbox_empty(&o));
        assert_null(o.more);
        uint64_t ticket = 0;
        struct http_reply r;
        assert_true(outbox_take_reply(&o, &ticket, &r));
        assert_int_equal(ticket, 7);
        assert_int_equal(r.response.status, 200 + round);
        assert_string_equal(r.response.body, "body");
        http_reply_done(&r);
        assert_false(outbox_take_reply(&o, &ticket, &r));
        assert_true(outbox_empty(&o));
    }
    outbox_done(&o);
}

static void replies_keep_their_order(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    for (uint64_t i = 0; i < 50; i++)
        give(&o, 100 + i, (int)(200 + i));
    uint64_t ticket = 0;
    struct http_reply r;
    for (uint64_t i = 0; i < 50; i++) {
        assert_true(outbox_take_reply(&o, &ticket, &r));
        assert_int_equal(ticket, 100 + i);
        assert_int_equal(r.response.status, 200 + i);
        http_reply_done(&r);
    }
    assert_false(outbox_take_reply(&o, &ticket, &r));
    outbox_done(&o);
}

static void calls_are_owned(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    char url[] = "http://memory-1";
    for (uint64_t i = 0; i < 9; i++) {
        json_t *message = json_pack("{s:I}", "n", (json_int_t)i);
        struct role_call c = {
            .id = i, .op = OP_OPHALEN, .url = url, .timeout_ns = 5, .message = message};
        http_request_init(&c.request);
        http_request_line(&c.request, "GET", "/x");
        c.ca_file = i % 2 ? "ca.pem" : NULL;
        outbox_call(&o, &c);
        json_decref(message);
        assert_null(c.request.method);
    }
    memset(url, 'z', strlen(url)); /* the caller's string may change afterwards */
    struct outgoing g;
    for (uint64_t i = 0; i < 5; i++) {
        assert_true(outbox_take_call(&o, &g));
        assert_int_equal(g.id, i);
        assert_int_equal(g.op, OP_OPHALEN);
        assert_int_equal(g.timeout_ns, 5);
        assert_string_equal(g.url, "http://memory-1");
        assert_string_equal(g.request.target, "/x");
        assert_int_equal(json_integer_value(json_object_get(g.message, "n")), i);
        if (i % 2)
            assert_string_equal(g.ca_file, "ca.pem");
        else
            assert_null(g.ca_file);
        outgoing_done(&g);
    }
    assert_false(outbox_empty(&o));
    outbox_done(&o); /* four are left, LeakSanitizer sees whether they go */
    assert_true(outbox_empty(&o));
}

static void the_earliest_wake_wins(void **state)
{
    (void)state;
    struct outbox o;
    outbox_init(&o);
    uint64_t at = 99;
    assert_false(outbox_take_wake(&o, &at));
    outbox_wake(&o, 30);
    outbox_wake(&o, 10);
    outbox_wake(&o, 20);
    assert_true(outbox_take_wake(&o, &at));
    assert_int_equal(at, 10);
    assert_false(outbox_take_wake(&o, &at));
    outbox_wake(&o, 40); /* the former, earlier wish is gone */
    assert_true(outbox_take_wake(&o, &at));
    assert_int_equal(at, 40);
    outbox_wake(&o, 0);
    assert_true(outbox_take_wake(&o, &at));
    assert_int_equal(at, 0);
    outbox_done(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_reply_needs_no_memory),
        cmocka_unit_test(replies_keep_their_order),
        cmocka_unit_test(calls_are_owned),
        cmocka_unit_test(the_earliest_wake_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
