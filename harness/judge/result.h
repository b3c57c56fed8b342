/*
 * From verdicts to result.json (result.md).
 */
#ifndef JUDGE_RESULT_H
#define JUDGE_RESULT_H

#include "harness/judge/history.h"
#include "harness/judge/verdicts.h"
#include "harness/wire/journal.h"

/* What became of a round. */
struct round {
    bool failed;       /* a MUST, by the system */
    char *why;         /* it proves nothing: the first trouble in it; NULL: none */
    const char *blame; /* for that, or NULL */
};

/* A journal while it is judged. */
struct judging {
    const struct requirements *requirements;
    const struct exceptions *exceptions; /* never NULL */
    struct verdicts *verdicts;           /* of all rounds that are over */
    struct verdicts *now;                /* of the round that is being read */
    struct measure *measure;             /* of all rounds */
    struct trial_view **trials;
    size_t n_trials, cap_trials;
    struct round *rounds;
    size_t n_rounds, cap_rounds;
    unsigned round;    /* the number of the one that is being read; 0: the run has none */
    bool over;         /* that one was added to the others */
    struct map *going; /* scenarios that have not ended */
    size_t lines;
    struct journal_reader *reader; /* opened by the first reading */
    bool torn, harness_trouble;
    struct journal_sum sum;
    struct round trouble; /* of this round, as the journal itself tells it */
};

json_t *result_make(const struct judging *j);

#endif
