/*
 * A baseline: the result of an earlier run, against which only what got worse counts for
 * the exit code. The verdict itself stays absolute.
 */
#ifndef JUDGE_BASELINE_H
#define JUDGE_BASELINE_H

#include "harness/judge/result.h"

struct baseline;
struct baseline *baseline_new(const struct exceptions *x); /* NULL: there is none */
void baseline_free(struct baseline *b);                    /* NULL is fine */

/* Was this already so: a failure then and now, or something that was not settled then
 * either. False without a baseline. An error is never known: it says nothing. */
bool baseline_knows(const struct baseline *b, const char *id, enum verdict now);
/* Notes a requirement of this run. */
void baseline_note(struct baseline *b, const char *id, enum verdict now);
/* After the last one. *disappeared: whether a requirement that was judged then is not
 * in this run, or is not applicable any more. */
json_t *baseline_json(struct baseline *b, bool *disappeared);

#endif
