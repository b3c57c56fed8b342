/*
 * What staleness.c follows, staleness_cause.c explains and staleness_tell.c tells. Of
 * those only.
 */
#ifndef JUDGE_STALENESS_PARTS_H
#define JUDGE_STALENESS_PARTS_H

#include "harness/judge/staleness.h"

/* What a source holds of an aanmelding. */
struct holding {
    bool present; /* false: deleted, or left out of its last stand */
    uint8_t status;
    uint16_t opleiding;
    when_t begin;
    bool silent; /* it told nobody */
    uint64_t seq;
};

/* How far that got. Times; 0: not there. */
struct progress {
    bool tried;
    enum fate fate; /* when tried */
    bool fault;     /* we spoilt that */
    uint64_t sent, sent_seq;
    uint64_t in_feed; /* in a page to whoever */
    uint64_t missed;  /* begin of the last round that could have held it and did not */
    uint64_t missed_seq;
    uint64_t delivered, delivered_seq;
    bool spoilt; /* after that, a fault of ours hit a fetch */
};

struct subject {
    uint32_t name, person; /* in the scenario; place + 1 */
    uint32_t next;         /* of the same person, + 1 */
    uint16_t instelling;
    bool numberless; /* sent with an onderwijsnummer: nobody is to see it */
    bool merged;     /* it turned out to be the same as another */
    bool settled;    /* by a stand of this peildatum */
    when_t peildatum;
    struct holding truth;
    struct progress at;
    enum stale_cause cause;
    uint64_t since, born, died; /* died 0: it lives */
    uint32_t held;              /* the last round that held it */
    uint32_t stale_at;          /* its place in the list of the stale ones, + 1 */
};

struct person {
    uint32_t bsn, first; /* subject + 1 */
    uint32_t school;     /* that asked last */
    uint64_t asked, asked_seq;
    uint32_t first_shown; /* + 1 */
    bool own; /* others know better: the system got data of its own, or the number changed
               */
};

struct shown {
    uint16_t instelling, opleiding;
    uint8_t status;
    uint32_t next; /* + 1 */
};

/* A round of pages, from its first one to the one that says there is no more. */
struct round {
    uint64_t began;
    uint32_t number;
    bool going, full;
};

struct stale_past {
    uint32_t subject;
    struct stale_span span;
};

struct stale {
    struct history *h;
    const struct relay *relay;
    bool koppelpunt;
    struct subject *v;
    size_t n, cap;
    struct person *people;
    size_t n_people, cap_people;
    struct shown *shown;
    size_t n_shown, cap_shown;
    uint32_t free_shown;
    struct lookup *by_ketenid, *by_bsn, *by_caketenid, *by_entry; /* -> place + 1 */
    uint32_t *stale;                                              /* places */
    size_t n_stale, cap_stale;
    struct round round, audit;
    uint32_t rounds;
    uint32_t reader;
    bool connects;      /* the reader may fetch from `from` on */
    uint64_t connected; /* t of that; 0: all the time */
    bool down;          /* we keep the system down */
    bool fault;      /* we spoilt a fetch, or our koppelpunt, and none was good since */
    bool disturbed;  /* at any time: that, or the system began a new life */
    uint64_t closed; /* t of the end; 0: it goes on */
    struct stale_past *past;
    size_t n_past, cap_past;
};

/* Shown as it is? */
bool stale_is_fresh(const struct stale *st, const struct subject *s);
/* Something happened to it at `t`: from then on its cause may be another. */
void stale_settle(struct stale *st, struct subject *s, uint64_t t);
void stale_settle_person(struct stale *st, const struct person *p, uint64_t t);
/* Something happened that concerns all; those that are fresh stay so. */
void stale_settle_all(struct stale *st, uint64_t t);
/* The time until `t` goes to the cause that there is. */
void stale_account(struct stale *st, struct subject *s, uint64_t t);
/* It is followed no further. */
void stale_dies(struct stale *st, struct subject *s, uint64_t t);
static inline struct person *stale_person(const struct stale *st, const struct subject *s)
{
    return s->person ? &st->people[s->person - 1] : NULL;
}
/* Somebody asked about it, and nothing but the chain decides what is to be shown. */
static inline bool stale_measured(const struct stale *st, const struct subject *s)
{
    const struct person *p = stale_person(st, s);
    return p && p->asked && !p->own;
}

#endif
