/*
 * What a conversation proves: its expectations and what the checks saw become findings on
 * the requirements that it is to prove.
 */
#ifndef JUDGE_SETTLE_H
#define JUDGE_SETTLE_H

#include "harness/judge/measure.h"
#include "harness/judge/reported.h"
#include "harness/judge/result.h"

/* A scenario that is going on. */
struct going {
    struct history *h;
    struct measured *measured;
    struct reported *reported;
    struct scenario_result *result;
};

/* Whose doing, as an event names it; "system" when it names nobody: an expectation is
 * about the system. Never NULL. */
const char *settle_blame(const char *named);
/* A finding without lines or values. `check` and `blame` are borrowed, `reason` is taken.
 */
struct finding settle_plain(enum verdict v, const char *check, const char *blame,
                            char *reason);
/* An expectation was settled. */
void settle_expectation(struct judging *j, struct going *g, const json_t *e);
/* The scenario is over, or the journal is: settles what it was to prove, and frees g. */
void settle_scenario(struct judging *j, struct going *g);

#endif
