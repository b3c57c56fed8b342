/*
 * What sources reported of each aanmelding of a scenario, so that an expectation about a
 * school that was not met can name the message behind it.
 */
#ifndef JUDGE_REPORTED_H
#define JUDGE_REPORTED_H

#include <jansson.h>
#include <stdint.h>

struct reported;
struct reported *reported_new(void);
void reported_free(struct reported *r);
/* Any journal line of the scenario; those of kind "truth" and of the observer count. */
void reported_event(struct reported *r, const char *kind, const json_t *event);
/* `why` of an unmet expectation, "aanmelding a (25LH, 25655) is shown as RECEIVED", with
 * what should have been shown and who reported that: the caller frees. seqs[0] and
 * seqs[1]: that line, and the answer that showed something else; 0: there is none. */
char *reported_reason(const struct reported *r, const char *why, const json_t *expected,
                      uint64_t seqs[2]);

#endif
