/*
 * The contract's rules for one aanmelding, written down once more and on their own: which
 * states may a koppelpunt deliver, given what it accepted and what it may have accepted?
 * Several, where the contract leaves a choice or an answer was lost. Shares no code with
 * any implementation.
 */
#ifndef JUDGE_ORACLE_H
#define JUDGE_ORACLE_H

#include "harness/judge/history.h"

/* Something that concerned an aanmelding: a message, or a stand that held it or not. */
struct act {
    const struct melding *m; /* NULL: a stand in which it is absent */
    bool stand;
    bool certain;      /* false: perhaps it was never taken in */
    when_t peildatum;  /* of a stand */
    uint64_t seq;      /* its line */
    uint64_t from, to; /* it was taken in at some time between these */
};

#define ORACLE_BEGINS 6
#define ORACLE_STATES 64

/* A state that may be delivered. */
struct state {
    bool present; /* false: not in the feed */
    bool held;    /* known, but not to be delivered (SUBMITTED, no BSN) */
    uint8_t status;
    uint32_t bsn;
    uint16_t instelling, opleiding;
    when_t begins[ORACLE_BEGINS]; /* each is an accepted statusBegin */
    size_t n_begins;
};

/* The allowed states after the acts, which are in order of `to`. Returns how many; 0 when
 * there are too many open questions, or the contract does not say. */
size_t oracle_states(const struct act *acts, size_t n, struct state out[ORACLE_STATES]);

bool state_matches(const struct state *s, const struct entry *e);

#endif
