#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/base/when.h"
#include "harness/wire/http.h"
#include "harness/wire/wire.h"

static void fields_keep_order_and_duplicates(void **state)
{
    struct http_fields f = {0}, copy;

    (void)state;
    http_fields_add(&f, "A", "1");
    http_fields_add(&f, "b", "2");
    http_fields_add(&f, "a", "3");
    http_fields_copy(&copy, &f);
    assert_string_equal(http_fields_get(&f, "a"), "1");
    assert_null(http_fields_get(&f, "ab"));
    http_fields_set(&f, "a",
                    http_fields_get(&f, "A")); /* its own value, all but one gone */
    assert_int_equal(f.n, 2);
    assert_string_equal(f.v[0].name, "a");
    assert_string_equal(f.v[0].value, "1");
    assert_string_equal(f.v[1].name, "b");
    http_fields_set(&f, "C", "4");
    assert_int_equal(f.n, 3);
    http_fields_remove(&f, "B");
    assert_int_equal(f.n, 2);
    assert_string_equal(f.v[1].name, "C");
    http_fields_remove(&f, "none");
    http_fields_done(&f);
    assert_null(http_fields_get(&f, "a"));
    assert_int_equal(copy.n, 3);
    assert_string_equal(copy.v[2].value, "3");
    http_fields_done(&copy);
}

static void messages_are_copied_deeply(void **state)
{
    struct http_request r, copy;

    (void)state;
    http_request_init(&r);
    http_request_line(&r, "POST", "/a?b");
    http_request_line(&r, r.method, "/c"); /* from its own text */
    http_fields_add(&r.fields, "X", "y");
    http_request_body(&r, xmemdup("a\0b", 3), 3);
    http_request_copy(&copy, &r);
    http_request_body(&r, NULL, 0);
    assert_null(r.body);
    http_request_done(&r);
    assert_string_equal(copy.method, "POST");
    assert_string_equal(copy.target, "/c");
    assert_string_equal(http_fields_get(&copy.fields, "x"), "y");
    assert_int_equal(copy.body_n, 3);
    assert_memory_equal(copy.body, "a\0b", 4);
    http_request_done(&copy);
    assert_null(copy.method);
    http_request_done(&copy);
}

static void a_body_gets_a_nul_behind_it(void **state)
{
    struct http_response r, copy;
    char *exact = malloc(3);

    (void)state;
    assert_non_null(exact);
    memcpy(exact, "abc", 3);
    http_response_init(&r);
    r.status = 201;
    http_response_body(&r, exact, 3);
    assert_string_equal(r.body, "abc");
    http_response_copy(&copy, &r);
    http_response_done(&r);
    assert_int_equal(copy.status, 201);
    assert_string_equal(copy.body, "abc");
    http_response_done(&copy);
    http_response_copy(&copy, &r); /* one without a body */
    assert_null(copy.body);
    http_response_done(&copy);
}

static void query_parameters_are_found(void **state)
{
    static const char *const rows[][3] = {
        {"/a?sinds=x&aantal=5", "aantal", "5"},
        {"/a?sinds=x&aantal=5", "sinds", "x"},
        {"/a?sinds=x&aantal=5", "inds", NULL},
        {"/a?sinds=x&sinds=y", "sinds", "x"},
        {"/a", "a", NULL},
        {"/a=b", "/a", NULL},
        {"/a?", "", NULL},
        {"a=1&b=2", "b", "2"},
        {"/a?b", "b", ""},
        {"/a?b=", "b", ""},
        {"/a?b=c=d", "b", "c=d"},
        {"/a?b=1+2%202%2B", "b", "1+2 2+"},
        {"/a?b=%C3%AB%c3%ab", "b", "\xC3\xAB\xC3\xAB"},
        {"/a?b=%4&c=%", "b", "%4"},
        {"/a?b=%4&c=%", "c", "%"},
        {"/a?b=%zz%00x", "b", "%zz%00x"},
        {"/a?%62=1", "b", "1"},
        {"/a?&&b=1", "b", "1"},
        {"/a?x=?&b=1", "b", "1"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *value = http_query_get(rows[i][0], rows[i][1]);

        if (rows[i][2]) {
            assert_non_null(value);
            assert_string_equal(value, rows[i][2]);
        } else {
            assert_null(value);
        }
        free(value);
    }
}

static void percent_encoding_leaves_the_unreserved(void **state)
{
    char *s = http_percent_encode("aZ09-._~ /?#%+&=\xC3\xAB"), *target, *back;

    (void)state;
    assert_string_equal(s, "aZ09-._~%20%2F%3F%23%25%2B%26%3D%C3%AB");
    target = xasprintf("/x?v=%s", s);
    back = http_query_get(target, "v");
    assert_string_equal(back, "aZ09-._~ /?#%+&=\xC3\xAB");
    free(s);
    free(target);
    free(back);
}

/* RFC 4648 section 10. */
static void base64_goes_both_ways(void **state)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    static const char *const bad[] = {
        "Zg",   "Zg=",      "Zg===", "Z===", "====",  "Zm9v Zg==",
        "Zm9-", "Zg==Zg==", "Zh==",  "Zm9=", "Zm9v\n"};
    unsigned char all[256];
    char *s, *back;
    size_t n;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        s = http_base64(rows[i][0], strlen(rows[i][0]));
        assert_string_equal(s, rows[i][1]);
        back = http_base64_decode(s, &n);
        assert_non_null(back);
        assert_int_equal(n, strlen(rows[i][0]));
        assert_string_equal(back, rows[i][0]);
        free(s);
        free(back);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        n = 42;
        assert_null(http_base64_decode(bad[i], &n));
        assert_int_equal(n, 42);
    }
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (unsigned char)(255 - i);
    s = http_base64(all, sizeof all);
    back = http_base64_decode(s, &n);
    assert_int_equal(n, sizeof all);
    assert_memory_equal(back, all, sizeof all);
    free(s);
    free(back);
}

static void media_types_are_compared_without_parameters(void **state)
{
    (void)state;
    assert_true(http_media_is("application/json", "application/json"));
    assert_true(http_media_is("Application/JSON; charset=utf-8", "application/json"));
    assert_true(http_media_is(" application/json ;x", "application/json"));
    assert_false(http_media_is("application/problem+json", "application/json"));
    assert_false(http_media_is("application/json2", "application/json"));
    assert_false(http_media_is("application/json x", "application/json"));
    assert_false(http_media_is("", "application/json"));
    assert_false(http_media_is(NULL, "application/json"));
}

static void retry_after_is_read_in_both_forms(void **state)
{
    static const struct {
        const char *value;
        double seconds;
    } rows[] = {
        {"0", 0},
        {"120", 120},
        {" 7 ", 7},
        {"Sun, 06 Nov 1994 08:49:47 GMT", 10},
        {"Sun, 06 Nov 1994 08:49:27 GMT", 0},
        {"-1", -1},
        {"1.5", -1},
        {"5s", -1},
        {"", -1},
        {"soon", -1},
        {"999999999999999999999999", 1e18},
    };
    struct http_fields f = {0};
    when_t now;

    (void)state;
    assert_int_equal(when_parse_http("Sun, 06 Nov 1994 08:49:37 GMT", &now), 0);
    assert_true(http_retry_after(&f, now) < 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double got, off;

        http_fields_set(&f, "retry-after", rows[i].value);
        got = http_retry_after(&f, now);
        off = got - rows[i].seconds;
        if (off > 1e3 || (got < 1e9 && off > 1e-6) || off < -1e-6)
            fail_msg("\"%s\": %f", rows[i].value, got);
    }
    http_fields_done(&f);
}

static void statuses_and_outcomes_have_names(void **state)
{
    (void)state;
    assert_string_equal(http_status_text(200), "OK");
    assert_string_equal(http_status_text(503), "Service Unavailable");
    assert_string_equal(http_status_text(299), "");
    assert_string_equal(call_outcome_name(CALL_ANSWERED), "answered");
    assert_string_equal(call_outcome_name(CALL_TOO_LARGE), "too-large");
    for (int a = CALL_ANSWERED; a <= CALL_OTHER; a++)
        for (int b = a + 1; b <= CALL_OTHER; b++)
            assert_string_not_equal(call_outcome_name((enum call_outcome)a),
                                    call_outcome_name((enum call_outcome)b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_keep_order_and_duplicates),
        cmocka_unit_test(messages_are_copied_deeply),
        cmocka_unit_test(a_body_gets_a_nul_behind_it),
        cmocka_unit_test(query_parameters_are_found),
        cmocka_unit_test(percent_encoding_leaves_the_unreserved),
        cmocka_unit_test(base64_goes_both_ways),
        cmocka_unit_test(media_types_are_compared_without_parameters),
        cmocka_unit_test(retry_after_is_read_in_both_forms),
        cmocka_unit_test(statuses_and_outcomes_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
