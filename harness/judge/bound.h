/*
 * What a number of rounds shows about a system: the exact one-sided lower bound of
 * Clopper and Pearson (Biometrika 26, 1934) on the chance that a round is clean. No
 * normal approximation: with few failures that is the wrong one.
 */
#ifndef JUDGE_BOUND_H
#define JUDGE_BOUND_H

#include <stdbool.h>
#include <stdint.h>

/* The largest p (to the precision of a double) with P(at least k clean of n | p) <=
 * 1 - confidence: the chance of a clean round is at least that, except in a share
 * 1 - confidence of all trials. 0 when k or n is 0; 0 < confidence < 1; k <= n. */
double bound_lower(uint64_t k, uint64_t n, double confidence);
/* Whether that bound is at least p. Not by way of the bound, which was rounded. */
bool bound_shows(uint64_t k, uint64_t n, double confidence, double p);

/* No answer below a thousand million rounds. */
#define BOUND_NEVER UINT64_MAX
/* How many further rounds, all clean, would show p; 0: it is shown already. */
uint64_t bound_further(uint64_t k, uint64_t n, double confidence, double p);

#endif
