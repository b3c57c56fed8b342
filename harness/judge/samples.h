/*
 * Durations, kept one by one: percentiles are exact, by nearest rank, and never beyond
 * what the number of samples can tell.
 */
#ifndef JUDGE_SAMPLES_H
#define JUDGE_SAMPLES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct samples {
    uint32_t *us; /* microseconds; what is longer than 71 minutes counts as that */
    size_t n, cap;
    size_t sorted; /* so many at the beginning are in order */
};
void samples_add(struct samples *s, uint64_t ns);
void samples_done(struct samples *s);

/* The nearest rank: the smallest sample that at least `permille` of all do not exceed.
 * Microseconds; < 0 when there are too few: a percentile p needs 1 / (1 - p) samples. */
int64_t samples_percentile(struct samples *s, unsigned permille);
/* {"n","p50","p90","p99","p999","max"}, milliseconds or null (result.md). */
json_t *samples_json(struct samples *s);
/* [[upper ms, n], ...]: bounds grow by 1, 2, 5; each counts what is above the one before
 * it. Empty ones at both ends are left out. */
json_t *samples_histogram(struct samples *s);

#endif
