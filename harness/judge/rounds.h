/*
 * The rounds of a run: which were clean, and what they show (bound.h). A round has failed
 * when a MUST failed in it; it is void, neither clean nor failed, when trouble that is
 * not the system's, or something that could not be seen, kept it from proving what
 * another round did. Nothing is tried again for being void.
 */
#ifndef JUDGE_ROUNDS_H
#define JUDGE_ROUNDS_H

#include "harness/judge/result.h"

/* Of the round whose verdicts are in j->now, closed. `cut`: it did not come to its end.
 */
struct round round_of(const struct judging *j, bool cut);

/* Of a round that is over, counted from 0. */
bool round_clean(const struct judging *j, size_t round);

/* reliability.trials of result.json. */
json_t *rounds_json(const struct judging *j);
/* Sets "flaky" of a requirement or scenario that is. */
void rounds_flaky(json_t *o, const struct by_round *r);
/* The first round in which it was as bad as it ever was: from 1. */
size_t rounds_telling(const struct by_round *r);

#endif
