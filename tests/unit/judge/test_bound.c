/* The bound of Clopper and Pearson against published figures, the closed form, and sums
 * made in another way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "harness/base/mem.h"
#include "harness/judge/bound.h"

static void near(double seen, double expected, double by)
{
    if (!(fabs(seen - expected) <= by))
        fail_msg("expected %.12g, is %.12g", expected, seen);
}

/* NIST/SEMATECH e-Handbook of Statistical Methods 7.2.4.1: 4 of 20, 90 % on both sides.
 */
static void handbook(void **state)
{
    (void)state;
    near(bound_lower(4, 20, 0.95), 0.071354, 5e-7);
    near(1 - bound_lower(16, 20, 0.95), 0.401029, 1e-6);
}

/* S.S. Wilks, Annals of Mathematical Statistics 12 (1941): the least n that shows 95 % at
 * 95 % when 0, 1, 2, ... are not clean; and those of the plans without a failure. */
static void sample_sizes(void **state)
{
    static const uint64_t wilks[] = {59, 93, 124, 153, 181, 208, 234, 260, 286, 311};
    static const struct {
        double p, confidence;
        uint64_t n;
    } clean[] = {{0.90, 0.90, 22},   {0.90, 0.95, 29},  {0.90, 0.99, 44},
                 {0.95, 0.90, 45},   {0.95, 0.95, 59},  {0.95, 0.99, 90},
                 {0.99, 0.90, 230},  {0.99, 0.95, 299}, {0.99, 0.99, 459},
                 {0.999, 0.95, 2995}};
    (void)state;
    for (uint64_t f = 0; f < ARRAY_LEN(wilks); f++) {
        assert_true(bound_shows(wilks[f] - f, wilks[f], 0.95, 0.95));
        assert_false(bound_shows(wilks[f] - f - 1, wilks[f] - 1, 0.95, 0.95));
        assert_int_equal(bound_further(0, f, 0.95, 0.95), wilks[f] - f);
    }
    for (size_t i = 0; i < ARRAY_LEN(clean); i++) {
        assert_int_equal(bound_further(0, 0, clean[i].confidence, clean[i].p),
                         clean[i].n);
        assert_int_equal(bound_further(10, 10, clean[i].confidence, clean[i].p),
                         clean[i].n - 10);
    }
}

/* All clean: 1 - (1 - (1 - c)^(1/n)) of the failures. */
static void closed_form(void **state)
{
    static const double confidences[] = {0.5, 0.9, 0.95, 0.99, 0.999999};
    static const uint64_t sizes[] = {1, 2, 3, 10, 50, 1000, 100000};
    (void)state;
    for (size_t c = 0; c < ARRAY_LEN(confidences); c++)
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
            near(bound_lower(sizes[i], sizes[i], confidences[c]),
                 pow(1 - confidences[c], 1.0 / (double)sizes[i]), 1e-14);
    near(bound_lower(1, 1, 0.95), 0.05, 1e-15);
}

static void edges(void **state)
{
    (void)state;
    assert_true(bound_lower(0, 0, 0.95) == 0);
    assert_true(bound_lower(0, 1, 0.95) == 0);
    assert_true(bound_lower(0, 100000, 0.95) == 0);
    /* One clean of n: 1 - c^(1/n). */
    near(bound_lower(1, 10, 0.95), 1 - pow(0.95, 0.1), 1e-13);
    near(bound_lower(1, 100000, 0.95), 1 - pow(0.95, 1e-5), 1e-13);
    assert_true(bound_shows(0, 0, 0.95, 0));
    assert_false(bound_shows(5, 5, 0.95, 1));
    assert_int_equal(bound_further(5, 5, 0.95, 1), BOUND_NEVER);
    assert_int_equal(bound_further(299, 299, 0.95, 0.99), 0);
    assert_int_equal(bound_further(298, 298, 0.95, 0.99), 1);
}

/* Computed with 30 digits or more (mpmath), as the root of the binomial tail. */
static void many_digits(void **state)
{
    static const struct {
        uint64_t k, n;
        double confidence, lower;
    } rows[] = {
        {8, 10, 0.95, 0.4930986989367976},
        {49, 50, 0.95, 0.9086018692803026},
        {47, 50, 0.99, 0.8127907438347052},
        {950, 1000, 0.95, 0.9371365964876203},
        {50000, 100000, 0.95, 0.4973942822602835},
        {99999, 100000, 0.95, 0.9999525622428261},
        {99000, 100000, 0.999, 0.9889893403774748},
        {3, 100000, 0.95, 8.176962810387594e-6},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        near(bound_lower(rows[i].k, rows[i].n, rows[i].confidence), rows[i].lower, 1e-11);
}

/* P(at least k of n), term by term from Pascal's triangle. */
static long double tail(unsigned k, unsigned n, long double p)
{
    long double row[41] = {1};
    for (unsigned i = 1; i <= n; i++)
        for (unsigned j = i; j > 0; j--)
            row[j] += row[j - 1];
    long double sum = 0;
    for (unsigned j = k; j <= n; j++)
        sum += row[j] * powl(p, j) * powl(1 - p, n - j);
    return sum;
}

/* What the bound says of itself, for every k of every n to 40; and never too high. */
static void by_definition(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 40; n++)
        for (unsigned k = 1; k <= n; k++) {
            double lower = bound_lower(k, n, 0.95);
            near((double)tail(k, n, lower), 0.05, 1e-12);
            assert_true(lower > bound_lower(k - 1, n, 0.95));
            if (k < n)
                assert_true(lower < bound_lower(k, n - 1, 0.95));
            assert_true(k == n || bound_shows(k, n, 0.95, lower));
            assert_false(bound_shows(k, n, 0.95, lower + 1e-9));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handbook),    cmocka_unit_test(sample_sizes),
        cmocka_unit_test(closed_form), cmocka_unit_test(edges),
        cmocka_unit_test(many_digits), cmocka_unit_test(by_definition),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
