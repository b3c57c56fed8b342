/*
 * What a check is: a function over every exchange of a scenario, one over its end, or
 * both. It names its requirement and what it looks at, calls look_good for each witness
 * and look_bad for each breach, and computes no verdict.
 */
#ifndef JUDGE_CHECKS_H
#define JUDGE_CHECKS_H

#include "harness/judge/history.h"
#include "harness/judge/judge.h"

#define TALLY_SEQS     3
#define TALLY_BREACHES 5

enum breach_kind {
    BREACH,        /* of the requirement, by its level */
    BREACH_SHOULD, /* a SHOULD within a MUST: only warns */
    BREACH_UNSURE, /* can't be decided: inconclusive */
};
struct breach {
    enum breach_kind kind;
    char *reason;
    uint64_t seqs[2]; /* 0: none */
    json_t *expected, *seen;
};
/* What one check saw in one scenario. */
struct tally {
    size_t good, bad;
    uint64_t good_seqs[TALLY_SEQS];
    struct breach breaches[TALLY_BREACHES];
    size_t n_breaches;
};
void tally_done(struct tally *t);

struct look {
    const struct check *check;
    struct history *h;
    struct tally *tally;
};
void look_good(struct look *l, uint64_t seq);
/* Takes expected and seen (each may be NULL). */
void look_bad(struct look *l, uint64_t seq, uint64_t seq2, json_t *expected, json_t *seen,
              const char *fmt, ...) __attribute__((format(printf, 6, 7)));
void look_should(struct look *l, uint64_t seq, uint64_t seq2, json_t *expected,
                 json_t *seen, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
void look_unsure(struct look *l, uint64_t seq, uint64_t seq2, json_t *expected,
                 json_t *seen, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

struct check {
    struct check_info info;
    const char *role; /* under test; NULL: whichever */
    void (*exchange)(struct look *l, const struct seen_exchange *x);
    void (*end)(struct look *l);
};

/* True when the check is made in a trial of this role. */
bool check_applies(const struct check *c, const char *role);

/* Measured: its check alone can settle it, and an expectation of a scenario that proves
 * it says nothing about it. */
bool check_measures(const char *requirement);

size_t checks_count(void);
const struct check *checks_at(size_t i);

/* Another check's look at the same scenario, for what one walk finds for several. */
struct look look_for(const struct look *l, const char *check);

/* An answered request to the koppelpunt under test. */
bool of_koppelpunt(const struct seen_exchange *x);
/* What was asked, for a sentence: the operation, or the path when it is none. */
const char *asked(const struct seen_exchange *x);

#endif
