#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "harness/base/err.h"
#include "harness/base/when.h"

static when_t parsed(const char *s)
{
    when_t t = -1;

    assert_int_equal(when_parse_offset(s, strlen(s), &t), 0);
    return t;
}

static void date_times_are_read(void **state)
{
    static const struct {
        const char *text;
        when_t t;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.5Z", 500000000},
        {"1970-01-01T00:00:00.000000001Z", 1},
        {"1969-12-31T23:59:59.999999999Z", -1},
        {"2023-05-02T08:15:30Z", 1683015330000000000},
        {"2024-02-29T00:00:00.123Z", 1709164800123000000},
        {"2000-02-29T00:00:00Z", 951782400000000000},
        {"2262-04-11T23:47:16.854775807Z", INT64_MAX},
        {"1677-09-21T00:12:43.145224192Z", INT64_MIN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        when_t t = 42;

        assert_int_equal(when_parse(rows[i].text, strlen(rows[i].text), &t), 0);
        assert_true(t == rows[i].t);
    }
}

static void what_is_no_date_time_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "2023-05-02",
        "2023-05-02T08:15:30",
        "2023-05-02t08:15:30Z",
        "2023-05-02T08:15:30z",
        "2023-05-02 08:15:30Z",
        "2023-05-02T08:15Z",
        "2023-05-02T24:00:00Z",
        "2023-05-02T23:60:00Z",
        "2016-12-31T23:59:60Z", /* a leap second, which the contract leaves out */
        "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2023-13-01T00:00:00Z",
        "2023-00-01T00:00:00Z",
        "2023-01-00T00:00:00Z",
        "2023-04-31T00:00:00Z",
        "2023-05-02T08:15:30.Z",
        "2023-05-02T08:15:30.1234567890Z",
        "2023-05-02T08:15:30,5Z",
        "2023-05-02T08:15:30+00:00",
        "2023-05-02T08:15:30Z ",
        " 2023-05-02T08:15:30Z",
        "2023-05-02T08:15:30ZZ",
        "2023-5-02T08:15:30Z",
        "2262-04-11T23:47:16.854775808Z",
        "1677-09-21T00:12:43.145224191Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        when_t t = 42;

        assert_int_equal(when_parse(rows[i], strlen(rows[i]), &t), E_INVALID);
        assert_true(t == 42);
    }
}

static void only_n_bytes_are_looked_at(void **state)
{
    when_t t = 42;

    (void)state;
    assert_int_equal(when_parse("1970-01-01T00:00:01Zrest", 20, &t), 0);
    assert_true(t == NS_PER_S);
    assert_int_equal(when_parse("1970-01-01T00:00:01Z", 19, &t), E_INVALID);
}

static void offsets_are_taken_into_account(void **state)
{
    when_t t;

    (void)state;
    assert_true(parsed("2023-05-02T10:15:30+02:00") == parsed("2023-05-02T08:15:30Z"));
    assert_true(parsed("2023-05-01T23:45:00-05:30") == parsed("2023-05-02T05:15:00Z"));
    assert_true(parsed("2023-05-02T08:15:30-00:00") == parsed("2023-05-02T08:15:30Z"));
    assert_int_equal(when_parse_offset("2023-05-02T08:15:30+24:00", 25, &t), E_INVALID);
    assert_int_equal(when_parse_offset("2023-05-02T08:15:30+0200", 24, &t), E_INVALID);
    assert_int_equal(when_parse_offset("2023-05-02T08:15:30+02:60", 25, &t), E_INVALID);
    assert_int_equal(when_parse_offset("2023-05-02T08:15:30", 19, &t), E_INVALID);
}

static void dates_are_read(void **state)
{
    when_t t;

    (void)state;
    assert_int_equal(when_parse_date("2023-05-02", 10, &t), 0);
    assert_true(t == parsed("2023-05-02T00:00:00Z"));
    assert_int_equal(when_parse_date("2023-05-32", 10, &t), E_INVALID);
    assert_int_equal(when_parse_date("2023-05-02Z", 11, &t), E_INVALID);
}

static void moments_are_written_as_short_as_exact(void **state)
{
    static const char *const rows[] = {
        "2023-05-02T08:15:30Z",           "2023-05-02T08:15:30.120Z",
        "2023-05-02T08:15:30.000001000Z", "1969-12-31T23:59:59.999999999Z",
        "1969-12-31T23:59:59.001Z",       "2262-04-11T23:47:16.854775807Z",
        "1677-09-21T00:12:43.145224192Z",
    };
    char out[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(when_format(parsed(rows[i]), out), rows[i]);
}

/* Every day of eight centuries' worth of leap rules that fit, against the C library. */
static void the_calendar_agrees_with_the_c_library(void **state)
{
    char out[32], wanted[32];

    (void)state;
    for (int64_t day = -106000; day < 106000; day += 3) {
        time_t s = (time_t)(day * 86400 + 3661);
        struct tm tm;

        assert_non_null(gmtime_r(&s, &tm));
        strftime(wanted, sizeof wanted, "%Y-%m-%dT%H:%M:%SZ", &tm);
        assert_string_equal(when_format(s * NS_PER_S, out), wanted);
        assert_true(parsed(wanted) == s * NS_PER_S);
        strftime(wanted, sizeof wanted, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        assert_string_equal(when_format_http(s * NS_PER_S, out), wanted);
    }
}

static void http_dates_are_read_in_all_three_forms(void **state)
{
    static const char *const good[] = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    };
    static const char *const bad[] = {
        "",
        "120",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun,",
        "Sun Nov  6 08:49:37 19945",
        "1994-11-06T08:49:37Z",
    };
    when_t t;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        t = 0;
        assert_int_equal(when_parse_http(good[i], &t), 0);
        assert_true(t == parsed("1994-11-06T08:49:37Z"));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(when_parse_http(bad[i], &t), E_INVALID);
}

static void durations_are_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t ns;
    } good[] = {
        {"250ms", 250000000},  {"30s", 30000000000},         {"5m", 300000000000},
        {"2h", 7200000000000}, {"1.5s", 1500000000},         {"0s", 0},
        {"0.25ms", 250000},    {"1.000000001s", 1000000001},
    };
    static const char *const bad[] = {
        "",
        "s",
        "5",
        "-5s",
        "+5s",
        "5 s",
        "5sec",
        "1.s",
        ".5s",
        "1e3s",
        "5S",
        "5d",
        "99999999999999999999s",
        "18446744073709551615s",
        "1.5.5s",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint64_t ns = 42;

        assert_int_equal(when_parse_duration(good[i].text, &ns), 0);
        assert_true(ns == good[i].ns);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t ns = 42;

        assert_int_equal(when_parse_duration(bad[i], &ns), E_INVALID);
        assert_true(ns == 42);
    }
}

static void the_monotonic_clock_does_not_go_back(void **state)
{
    uint64_t before = when_monotonic();

    (void)state;
    assert_true(when_monotonic() >= before);
    assert_true(when_wall() > parsed("2023-01-01T00:00:00Z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_times_are_read),
        cmocka_unit_test(what_is_no_date_time_is_refused),
        cmocka_unit_test(only_n_bytes_are_looked_at),
        cmocka_unit_test(offsets_are_taken_into_account),
        cmocka_unit_test(dates_are_read),
        cmocka_unit_test(moments_are_written_as_short_as_exact),
        cmocka_unit_test(the_calendar_agrees_with_the_c_library),
        cmocka_unit_test(http_dates_are_read_in_all_three_forms),
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(the_monotonic_clock_does_not_go_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
