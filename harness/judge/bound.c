#include "harness/judge/bound.h"

#include <math.h>

#define MOST_ROUNDS 1000000000u /* beyond these nobody waits for an answer */

/* log C(n, i) + i log q + (n - i) log p: exactly i rounds of n not clean. */
static double log_term(double n, double i, double p)
{
    int sign;
    double ways =
        lgamma_r(n + 1, &sign) - lgamma_r(i + 1, &sign) - lgamma_r(n - i + 1, &sign);
    return ways + (i > 0 ? i * log1p(-p) : 0) + (n - i) * log(p);
}

/* P(at most f of n not clean), when each is clean with chance p; 0 < p < 1. The sum goes
 * from its largest term to both sides, by the ratio of neighbours, until the rest is
 * nothing beside it. */
static double at_most(double f, double n, double p)
{
    double q = 1 - p, mode = floor((n + 1) * q), from = f < mode ? f : mode;
    double first = log_term(n, from, p), sum = 1, term = 1;
    for (double i = from; i > 0; i--) {
        term *= i * p / ((n - i + 1) * q);
        sum += term;
        if (term < sum * 1e-18)
            break;
    }
    term = 1;
    for (double i = from; i < f; i++) {
        term *= (n - i) * q / ((i + 1) * p);
        sum += term;
        if (term < sum * 1e-18)
            break;
    }
    return exp(first + log(sum));
}

bool bound_shows(uint64_t k, uint64_t n, double confidence, double p)
{
    if (p <= 0)
        return true;
    if (!k || p >= 1)
        return false;
    /* All clean: p^n <= 1 - confidence, without a sum. */
    if (k == n)
        return (double)n * log(p) <= log1p(-confidence);
    return at_most((double)(n - k), (double)n, p) <= 1 - confidence;
}

double bound_lower(uint64_t k, uint64_t n, double confidence)
{
    if (!k || !n)
        return 0;
    if (k == n) /* (1 - confidence)^(1/n) */
        return exp(log1p(-confidence) / (double)n);
    double low = 0, high = 1;
    for (;;) { /* what is returned is shown: the bound is never too high */
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            return low;
        if (bound_shows(k, n, confidence, middle))
            low = middle;
        else
            high = middle;
    }
}

uint64_t bound_further(uint64_t k, uint64_t n, double confidence, double p)
{
    uint64_t low = 0, high = 1; /* low does not show it, high does */
    if (bound_shows(k, n, confidence, p))
        return 0;
    while (!bound_shows(k + high, n + high, confidence, p)) {
        low = high;
        if (high > MOST_ROUNDS)
            return BOUND_NEVER;
        high *= 2;
    }
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (bound_shows(k + middle, n + middle, confidence, p))
            high = middle;
        else
            low = middle;
    }
    return high;
}
