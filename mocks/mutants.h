/*
 * Mutants: the reference roles with one named defect each, so that every check can be seen
 * to fail for its own reason; variants that are correct but unusual, which must turn
 * nothing red; and null systems, of which nothing may pass. `koppelproef mock ROLE --mutant
 * NAME` plays one, `koppelproef selftest` tries them all.
 */
#ifndef MOCKS_MUTANTS_H
#define MOCKS_MUTANTS_H

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
extern const struct mutant koppelpunt_mutants[]; /* mocks/kp_mutants.c */
extern const struct mutant overstapsysteem_mutants[]; /* mocks/os_mutants.c */

/* NULL when there is none of that name. */
const struct mutant *mutant_find(const char *name);

#endif
