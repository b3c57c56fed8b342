/*
 * Mutants: the reference roles with one named defect each, so that every check can be
 * seen to fail for its own reason; variants that are correct but unusual, which must turn
 * nothing red; and null systems, of which nothing may pass. `koppelproef mock ROLE
 * --mutant NAME` plays one, `koppelproef selftest` tries them all.
 */
#ifndef MOCKS_MUTANTS_H
#define MOCKS_MUTANTS_H

#include <stdbool.h>
#include <stddef.h>

enum mutant_kind {
    MUTANT_DEFECT,  /* must turn exactly `reds` red */
    MUTANT_UNUSUAL, /* correct: must turn nothing red */
    MUTANT_NULL,    /* does nothing sensible: nothing may pass */
};

struct mutant {
    const char *name; /* "kp-arrival-order", "os-forgets-cursor" */
    const char *role; /* "koppelpunt" or "overstapsysteem" */
    enum mutant_kind kind;
    int which;        /* enum kp_mutant or enum os_mutant */
    const char *reds; /* requirement ids, separated by spaces; "" for the other kinds */
    const char *nl, *en; /* what is wrong (or unusual), in one sentence */
};

/* Both end with name NULL. */
extern const struct mutant koppelpunt_mutants[];      /* mocks/kp_mutants.c */
extern const struct mutant overstapsysteem_mutants[]; /* mocks/os_mutants.c */

/* NULL when there is none of that name. */
const struct mutant *mutant_find(const char *name);
/* All of both roles, one after the other; NULL behind the last one. */
const struct mutant *mutant_at(size_t i);
/* Is it about tokens, and so the reference itself in a profile without them? */
bool mutant_of_tokens(const struct mutant *m);
/* The one of its reds that takes tokens, so that it is none in a profile without; or
 * NULL. */
const char *mutant_red_of_tokens(const struct mutant *m);
const char *mutant_kind_name(enum mutant_kind kind); /* "defect", "unusual", "null" */

/* This text as one shows it who takes its UTF-8 for Latin-1; the caller frees it. */
char *mutant_encoded_twice(const char *text);

/* A mutant that never behaved otherwise proves nothing about a check, so each says once,
 * on standard error, that it did: */
#define MUTANT_EFFECT "the mutant took effect"
void mutant_hit(void);

/* Played instead of a mutant: the reference itself, which says on standard error, once of
 * each, which mutants would behave otherwise here. A conversation in which a mutant is
 * not named goes with it as with the reference. */
#define MUTANT_SCOUT   (-1)
#define MUTANT_REACHED "here would differ: "
/* Before the first question of a scout: whose mutants (mutants.h's tables) it looks for.
 */
void mutant_scout(const struct mutant *table);
/* What a mutant does or, of a scout, would do. True for the mutant that is played: then
 * it also counts as having taken effect. */
bool mutant_asked(int played, int which);
/* Is `which` the one that is played? Asked last, when all else says that it makes a
 * difference here. */
static inline bool mutant_is(int played, int which)
{
    return played != 0 && mutant_asked(played, which);
}

#endif
