/*
 * `koppelproef selftest`: each mutant against the scenarios, and whether exactly the
 * stated requirements turned red. selftest.c has the command, selftest_plan.c which
 * scenarios each mutant has to be tried in, selftest_pool.c the child processes (one
 * laboratory each), selftest_read.c what a child left behind, and selftest_verdict.c the
 * comparison, which knows no files.
 *
 * A mutant is only tried in the conversations in which it could differ: first the
 * reference itself goes through all of them with a scout (mocks/mutants.h) that names
 * the mutants which would do otherwise there. In every other conversation a mutant does
 * what the reference did, and that was right.
 */
#ifndef CLI_SELFTEST_H
#define CLI_SELFTEST_H

#include "harness/cli/cli.h"
#include "mocks/mutants.h"

/* What was seen of one mutant, or of the reference. */
struct tried {
    const struct mutant *mutant; /* NULL: the reference */
    json_t *reds;   /* sorted ids with verdict fail or warn, of its role; of the chain
                       those that it states, and all when it is no defect */
    json_t *errors; /* ids with verdict error */
    size_t passed, unseen; /* of its role: pass; not-observed or inconclusive */
    size_t small;          /* right, but only tried in small (--volume): in neither */
    int exit_code;         /* of its run; -1: none */
    bool judged;           /* there is a result.json */
    char *why;             /* without one: what its run said, or NULL */
    bool effect;           /* the mutant said that its defect took effect */
    json_t *where;         /* in which conversations, by name */
    size_t conversations;  /* that were held */
    double seconds;
};
void tried_done(struct tried *t);

enum tried_verdict {
    TRIED_KILLED,       /* a defect: exactly the stated set is red */
    TRIED_OTHER_REASON, /* another set, or only errors */
    TRIED_SURVIVED,     /* it behaved otherwise, and nothing is red */
    TRIED_VOID,         /* it never behaved otherwise: nothing is known */
    TRIED_GREEN,        /* unusual: nothing red */
    TRIED_BLAMED,       /* unusual: something red, or not conform */
    TRIED_NOTHING,      /* null: no requirement passed */
    TRIED_SCORED,       /* null: some passed */
    TRIED_VERDICTS
};
enum tried_verdict tried_judge(const struct tried *t);
const char *tried_name(enum tried_verdict v); /* "killed", "for another reason" */
/* Conform, as far as it was tried: some of it only in small. */
bool tried_conform(const struct tried *t);
/* Is it as it must be? */
bool tried_well(enum tried_verdict v);
/* What was expected and seen, for one that is not well. The caller frees. */
char *tried_why(const struct tried *t);
/* What was red, an error, or not observed. The caller frees. */
char *tried_ids(const struct tried *t);
/* A mutant's stated reds, sorted. */
json_t *tried_expected(const struct mutant *m);
/* Is this requirement among the mutant's stated reds? */
bool tried_states(const struct mutant *m, const char *requirement);

/* How many of which verdict. */
struct score {
    size_t n[TRIED_VERDICTS];
    size_t void_unusual; /* those of TRIED_VOID that are no defects */
};
void score_add(struct score *s, const struct mutant *m, enum tried_verdict v);
bool score_well(const struct score *s, size_t all);
/* "mutants N: killed K, for another reason A, survived S, void V": the caller frees. */
char *score_line(const struct score *s);
/* The line before it, about unusual and null systems. The caller frees. */
char *score_others(const struct score *s);

/* The conversation that every run begins with, whatever was selected. */
#define TRIED_PREFLIGHT "preflight"
/* Reads what a run left in `folder` into *t: reds, errors, effect. */
void tried_read(const char *folder, const char *role, struct tried *t);

/* ---- which scenarios ---- */

/* What the reference of one role met on its way through all scenarios. */
struct scouted {
    json_t *reached; /* {mutant: [scenarios in which it would differ]}; NULL: not known */
    size_t all;      /* scenarios of this role */
};
/* Reads the scout's run; NULL, or why nothing is known: a sentence, the caller frees. */
char *scouted_read(const char *folder, const char *role, const struct tried *t,
                   struct scouted *out);
void scouted_done(struct scouted *s);

/* One run: a mutant, or (NULL) the reference with its scout. */
struct attempt {
    const struct mutant *mutant;
    const char *role;
    json_t *scenarios; /* names; NULL: all of them */
};
/* The scenarios for a mutant: NULL for all of them, or a new list, which may be empty. */
json_t *scouted_choose(const struct scouted *s, const struct mutant *m);
/* A conversation in which the mutant took effect and of which the scout knew nothing, or
 * NULL. */
const char *scouted_missed(const struct scouted *s, const struct tried *t);

/* ---- the children ---- */

struct pool_config {
    const struct attempt *v;
    size_t n;
    const char *folder, *profile; /* folder: absolute */
    uint64_t seed;
    int jobs;
    /* Each as it ends, in any order. *t is the callee's only while it runs. */
    void (*ended)(void *arg, const struct attempt *a, const char *folder,
                  const struct tried *t);
    void *arg;
};
/* Tries all of them. 0, E_* when it could not, *interrupted when it was told to stop. */
int pool_run(const struct pool_config *c, bool *interrupted, struct err *e);

#endif
