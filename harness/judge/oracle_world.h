/*
 * What the oracle compares: the aanmeldingen of a scenario with all that happened to
 * them, and the entries that the last full reading ended with.
 */
#ifndef JUDGE_ORACLE_WORLD_H
#define JUDGE_ORACLE_WORLD_H

#include "harness/judge/oracle.h"

/* An aanmelding: what one ketenid or caketenid of an instelling stands for. */
struct subject {
    uint32_t parent;      /* of the union; itself: a root, the only ones that count */
    uint32_t first, last; /* acts, + 1 */
    size_t n_acts;        /* 0: everything about it was refused */
    bool repeated;        /* a meldingId of it came more than once */
    bool doubtful;        /* what it is can't be known */
    uint16_t instelling;
    uint32_t refused_bsn; /* of the last message about it that was refused */
    uint32_t held_by;     /* the stand, + 1, that holds it; while stands are read */
    uint32_t held_as;
    uint32_t match; /* the entry of the reading that shows it, + 1 */
};

struct act_item {
    struct act a;
    uint32_t next; /* + 1 */
};

struct once {     /* a meldingId */
    uint32_t act; /* + 1 */
    const struct melding *m;
};

struct world {
    struct history *h;
    struct subject *v;
    size_t n, cap;
    struct act_item *acts;
    size_t n_acts, cap_acts;
    struct once *once;
    size_t n_once, cap_once;
    struct lookup *keys;   /* instelling, ketenid or caketenid -> subject + 1 */
    struct lookup *ids;    /* meldingId -> once + 1 */
    struct lookup *people; /* bsn -> 1: in this scenario */
    const struct audit *audit;
    uint32_t *final; /* the reading: indices of entries */
    size_t n_final, cap_final;
    uint32_t *owner; /* final -> the subject that it shows, + 1 */
    uint32_t *next;  /* final -> the next of the same person and instelling, + 1 */
    struct lookup *by_person; /* bsn, instelling -> first of them, + 1 */
};

/* False when the scenario has no complete reading to compare with. */
bool world_init(struct world *w, struct history *h);
void world_done(struct world *w);

const struct entry *world_entry(const struct world *w, uint32_t at);
/* The first entry of a person at an instelling, + 1; w->next leads on. */
uint32_t world_entries_of(const struct world *w, uint32_t bsn, uint16_t instelling);
/* The acts of a subject in order of arrival; the caller frees. */
struct act *world_acts(const struct world *w, const struct subject *s);

#endif
