/*
 * What a run measures beside its verdicts: "reliability" in result.json (result.md). All
 * of it is near-linear in the journal, and of a conversation that is over only sums,
 * durations and pieces of time are kept.
 */
#ifndef JUDGE_MEASURE_H
#define JUDGE_MEASURE_H

#include "harness/judge/history.h"

struct measure;
struct measure *measure_new(void);
void measure_free(struct measure *m);
json_t *measure_json(struct measure *m);
/* The figures that belong to a requirement, as a sentence; NULL: none. The caller frees.
 */
char *measure_sentence(const struct measure *m, const char *requirement);

/* One conversation. The history is told first of everything. Sets h->stale. */
struct measured;
struct measured *measured_new(struct measure *m, struct history *h);
void measured_exchange(struct measured *c, const struct seen_exchange *x);
void measured_event(struct measured *c, const char *kind, const json_t *event);
/* It is over: its figures are added up; what the checks look at stays until it is freed.
 */
void measured_close(struct measured *c);
void measured_free(struct measured *c);

#endif
