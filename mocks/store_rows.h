/*
 * Inside the store: its rows and tables, shared by store.c (meldingen, identity),
 * store_stand.c (standen) and store_read.c (serving).
 */
#ifndef MOCKS_STORE_ROWS_H
#define MOCKS_STORE_ROWS_H

#include "mocks/feed.h"
#include "mocks/kp_mutants.h"
#include "mocks/store.h"
#include "mocks/table.h"

#define NO_ROW UINT32_MAX

enum {
    ROW_BSN = 1,    /* person is a BSN, not an onderwijsnummer */
    ROW_LAPSED = 2, /* by a stand; person is wiped */
    ROW_MERGED = 4, /* turned out to be another row: `next` */
    ROW_HELD = 8,   /* by the stand that is being taken in */
};
/* One aanmelding: 48 bytes. */
struct row {
    when_t begin;     /* with status: orders what comes later */
    when_t shown;     /* statusBegin: a repeat moves begin, not this */
    uint32_t volg;    /* volgnummer of its current entry; 0: is not served */
    uint32_t lapse;   /* volgnummer of its last vervallen; 0: never */
    uint32_t arrival; /* of the melding that counts */
    uint32_t settled; /* index of the latest peildatum that decided on it; 0: none */
    uint32_t person;
    uint32_t next; /* served: next of the same bucket of persons */
    uint16_t instelling, opleiding;
    uint8_t status, flags; /* STATUS_NONE: only its keys are known yet */
    uint8_t told;          /* how often it was served, for mutants; at most 255 */
};

/* An overtaken status that is told on purpose. It counts while the row is in the same
 * life and still the same person's. */
struct echo {
    uint32_t row, person, life;
    enum status status;
    when_t begin;
};

struct store {
    struct sip_key key;
    struct row *rows;
    size_t n, cap, merged;
    struct table ids;    /* meldingId -> content */
    struct table ketens; /* instelling, ketenid -> row */
    struct table cas;    /* instelling, caketenid -> row */
    uint32_t *persons;   /* buckets: the first served row of a BSN, or NO_ROW */
    size_t n_persons, served;
    when_t *peildata; /* [0] is before everything */
    size_t n_peildata;
    struct feed *feed;
    uint32_t arrivals;
    uint64_t shuffle;
    uint32_t dealt; /* volgnummers up to here have their final order */
    struct echo *echoes;
    size_t n_echoes, cap_echoes;
    enum kp_mutant mutant;
    when_t start; /* of the process, for a mutant */
};

/* Is this the mutant that is played, here where it makes a difference? Asked last. */
static inline bool store_is(const struct store *s, enum kp_mutant m)
{
    return mutant_is((int)s->mutant, (int)m);
}

/* What a row is to become. */
struct state {
    when_t begin;
    uint32_t person;
    uint16_t opleiding;
    uint8_t status;
    bool is_bsn;
};
struct state state_of(const struct melding *m);
/* Event order: begindatum, then rank. <0, 0, >0. */
int event_cmp(when_t a_begin, uint8_t a_status, when_t b_begin, uint8_t b_status);
bool row_same(const struct row *r, const struct state *to);
bool row_deliverable(const struct store *s, const struct row *r);
when_t row_settled(const struct store *s, const struct row *r);

/* The row of a melding's keys, made when there is none; two rows that turn out to be one
 * are merged. */
uint32_t store_link(struct store *s, const struct melding *m);
/* Where a row has gone since. */
uint32_t store_find(const struct store *s, uint32_t row);
/* Sets the state, and the feed accordingly. */
void store_replace(struct store *s, uint32_t row, const struct state *to);
void store_lapse(struct store *s, uint32_t row);

void store_index(struct store *s, uint32_t row);
void store_unindex(struct store *s, uint32_t row);
/* With shuffle: tells an overtaken status of this row too. */
void store_echo(struct store *s, uint32_t row, enum status status, when_t begin);

#endif
