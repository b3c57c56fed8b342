/* Percentiles and histograms of what was worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "harness/base/mem.h"
#include "harness/base/when.h"
#include "harness/judge/samples.h"

#define MS ((uint64_t)NS_PER_MS)

/* n, n - 1, ..., 1 milliseconds. */
static void fill(struct samples *s, unsigned n)
{
    for (unsigned i = n; i > 0; i--)
        samples_add(s, i * MS);
}

static void nearest_rank(void **state)
{
    (void)state;
    struct samples s = {0};
    fill(&s, 10);
    assert_int_equal(samples_percentile(&s, 500), 5000); /* ceil(0.5 * 10) = the 5th */
    assert_int_equal(samples_percentile(&s, 900), 9000);
    assert_int_equal(samples_percentile(&s, 1000), 10000);
    samples_add(&s, 11 * MS); /* one more: ceil(0.5 * 11) = the 6th */
    assert_int_equal(samples_percentile(&s, 500), 6000);
    assert_int_equal(samples_percentile(&s, 900), 10000);
    samples_done(&s);
    fill(&s, 1000);
    assert_int_equal(samples_percentile(&s, 990), 990000);
    assert_int_equal(samples_percentile(&s, 999), 999000);
    samples_done(&s);
}

/* p90 needs 10, p99 100, p99.9 1000; the median and the largest need one. */
static void not_beyond_the_sample(void **state)
{
    (void)state;
    static const struct {
        unsigned n, permille;
        int64_t us; /* -1: can't be told */
    } cases[] = {
        {0, 500, -1},   {0, 1000, -1},       {1, 500, 1000}, {1, 1000, 1000},
        {9, 900, -1},   {10, 900, 9000},     {99, 990, -1},  {100, 990, 99000},
        {999, 999, -1}, {1000, 999, 999000},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct samples s = {0};
        fill(&s, cases[i].n);
        assert_int_equal(samples_percentile(&s, cases[i].permille), cases[i].us);
        samples_done(&s);
    }
}

static void as_json(void **state)
{
    (void)state;
    struct samples s = {0};
    fill(&s, 10);
    json_t *o = samples_json(&s);
    json_t *want = json_pack("{si,sf,sf,sn,sn,sf}", "n", 10, "p50", 5.0, "p90", 9.0,
                             "p99", "p999", "max", 10.0);
    assert_true(json_equal(o, want));
    json_decref(want);
    json_decref(o);
    samples_done(&s);
    o = samples_json(&s);
    assert_true(json_is_null(json_object_get(o, "p50")));
    assert_true(json_is_null(json_object_get(o, "max")));
    json_decref(o);
}

/* 1, 2, 2.001, 30 and 400 ms: bounds are 1 2 5 10 20 50 100 200 500. */
static void histogram(void **state)
{
    (void)state;
    struct samples s = {0};
    samples_add(&s, 400 * MS);
    samples_add(&s, 1 * MS);
    samples_add(&s, 2 * MS + 1000);
    samples_add(&s, 2 * MS);
    samples_add(&s, 30 * MS);
    json_t *o = samples_histogram(&s);
    json_t *want =
        json_pack("[[f,i],[f,i],[f,i],[f,i],[f,i],[f,i],[f,i],[f,i],[f,i]]", 1.0, 1, 2.0,
                  1, 5.0, 1, 10.0, 0, 20.0, 0, 50.0, 1, 100.0, 0, 200.0, 0, 500.0, 1);
    assert_true(json_equal(o, want));
    json_decref(want);
    json_decref(o);
    samples_done(&s);
    samples_add(&s, 30 * MS); /* what is empty before the first is left out */
    o = samples_histogram(&s);
    want = json_pack("[[f,i]]", 50.0, 1);
    assert_true(json_equal(o, want));
    json_decref(want);
    json_decref(o);
    samples_done(&s);
}

/* The order in which they come is of no matter, nor is looking in between. */
static void any_order(void **state)
{
    (void)state;
    struct samples a = {0}, b = {0};
    for (unsigned i = 0; i < 100; i++) {
        samples_add(&a, i * MS);
        samples_add(&b, (99 - i) * MS);
        samples_percentile(&b, 500);
    }
    json_t *x = samples_json(&a), *y = samples_json(&b);
    assert_true(json_equal(x, y));
    json_decref(x);
    json_decref(y);
    samples_done(&a);
    samples_done(&b);
    samples_add(&a, (uint64_t)5000 * NS_PER_S); /* as long as can be kept */
    assert_int_equal(samples_percentile(&a, 1000), UINT32_MAX);
    samples_done(&a);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest_rank), cmocka_unit_test(not_beyond_the_sample),
        cmocka_unit_test(as_json),      cmocka_unit_test(histogram),
        cmocka_unit_test(any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
