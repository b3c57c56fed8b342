/*
 * From verdicts to result.json (result.md).
 */
#ifndef JUDGE_RESULT_H
#define JUDGE_RESULT_H

#include "harness/judge/history.h"
#include "harness/judge/verdicts.h"
#include "harness/wire/journal.h"

/* A journal while it is judged. */
struct judging {
    const struct requirements *requirements;
    const struct exceptions *exceptions; /* never NULL */
    struct verdicts *verdicts;
    struct trial_view **trials;
    size_t n_trials, cap_trials;
    struct map *going; /* scenarios that have not ended */
    size_t lines;
    bool torn, harness_trouble;
    struct journal_sum sum;
};

json_t *result_make(const struct judging *j);

#endif
