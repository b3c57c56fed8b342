/*
 * Doing again what an earlier run did: what its journal says about it, and how what came
 * of it the second time compares. Only `replay` and its tests include this.
 */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include "harness/cli/trying.h"

/* ---- the earlier run (replay_record.c) ---- */

/* A scenario of the run that can be done again. */
struct recorded_scenario {
    size_t role;        /* index in cli_roles */
    const char *name;   /* borrowed from the journal, as all here */
    const json_t *plan; /* its entry in `planned` (journal-kinds.md) */
    const json_t *proves;
    const char *verdict, *outcome; /* outcome: NULL when it did not end */
    bool began;
    json_t *findings;          /* as findings_of */
    struct scenario *scenario; /* read from the journal's text; NULL until it is wanted */
    bool wanted;
};

struct recorded {
    char *journal;
    json_t *runs[2];             /* the `run` event by role; NULL: not tried */
    json_t *ends;                /* "role/scenario": outcome, null when it only began */
    json_t *took;                /* "role/scenario": ns that its slowest met one took */
    json_t *result;              /* as judged now */
    struct recorded_scenario *v; /* in the order of the plan, role after role */
    size_t n;
};
/* `path`: the folder of a run, its journal, or a bundle. E_INVALID when it is none, or
 * one that does not say what was done. */
int recorded_read(const char *path, const struct requirements *r, struct recorded *out,
                  struct err *e);
void recorded_done(struct recorded *r);
/* The first `run` event. */
const json_t *recorded_run(const struct recorded *r);
/* Marks what the words name: a scenario, a requirement, a check; none: all that began and
 * did not pass. *n: how many. E_INVALID for a word that means nothing in this run. */
int recorded_select(struct recorded *r, char *const *words, size_t n_words,
                    const struct requirements *q, size_t *n, struct err *e);
/* Reads what is wanted from the journal's text. */
int recorded_load(struct recorded *r, const struct tables *t, struct err *e);
/* The system of that role as it was told then. E_INVALID with what to do when it can't be
 * had from the journal. */
int recorded_iut(const struct recorded *r, size_t role, struct iut **out, struct err *e);
/* One sentence when what tried it then differs from what tries it now: our binary, the
 * profile and so on, and texts of wanted scenarios. The caller frees; NULL: nothing. */
char *recorded_changes(const struct recorded *r, const json_t *digests);

/* ---- the comparison (replay_compare.c) ---- */

enum again {
    AGAIN_SAME,  /* it came back */
    AGAIN_GONE,  /* it was looked at, and is right now */
    AGAIN_OTHER, /* something else is wrong, or it could not be seen */
    AGAIN_COUNT
};
/* "same", "gone", "other". */
const char *again_name(enum again a);

/* The findings of a scenario in a result, each with its "requirement". New reference. */
json_t *findings_of(const json_t *result, const char *role, const char *scenario);
/* Compares by requirement and check: [{"again", "requirement", "check", "verdict",
 * "step", "reason", "was": {"check","verdict","step","reason"}}], a finding that is new
 * has no "was", one that is gone tells what it was. `ended`: this time the conversation
 * came to its end, so that what has no finding is right. *all: for the scenario. */
json_t *compare_findings(const json_t *was, const json_t *now, bool ended,
                         enum again *all);

/* ---- the command (replay.c, shrink.c) ---- */

struct replay {
    const struct cli_args *args;
    enum lang lang;
    uint64_t seed, within; /* ns */
    double times, patience;
    bool json, quiet, shrink;

    struct requirements *requirements;
    struct recorded recorded;
    const char *profile_name;
    struct profile *profile;
    struct tables *tables;
    struct iut *iut[2]; /* by index in cli_roles; NULL: not tried */
    json_t *digests, *options;
    json_t *outcomes, *folders; /* by "role/scenario"; of each time */
};
/* A trial of this kind; what it tries is still to be filled in. */
void replay_trying(const struct replay *r, struct trying *t);
/* What its journal says about it. New reference. */
json_t *replay_options(const struct replay *r);
/* --shrink. Returns the exit code. */
int shrink(struct replay *r);

#endif
