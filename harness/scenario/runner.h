/*
 * Runs scenarios against systems under test: plans, starts, keeps several conversations
 * going on one loop, and writes the journal. It judges nothing.
 */
#ifndef SCENARIO_RUNNER_H
#define SCENARIO_RUNNER_H

#include "harness/scenario/iut.h"
#include "harness/scenario/scenario.h"
#include "harness/wire/journal.h"

struct runner_config {
    struct wire *wire;
    struct journal *journal;
    const struct profile *profile;
    const struct tables *tables;
    uint64_t seed;
    const char *run_dir; /* for the systems' own folders and outputs */
    int jobs;            /* conversations at the same time with systems we start */
    double patience;     /* seconds to wait for what a koppelpunt must show; 0: 60 */
    /* What the journal is to say about how this run was made (journal-kinds.md); NULL:
     * nothing. */
    const json_t *digests, *options;
    /* Rounds: so many, or for so long (no new one begins after that). Both 0: one run,
     * which has no rounds. */
    unsigned repeat;
    double for_seconds;
    bool whole; /* nothing was selected: every requirement of the role is planned, also
                   one that no scenario proves */
    /* Called as conversations begin and end, for the progress line. */
    void (*progress)(void *arg, size_t done, size_t total, const char *waiting_for);
    void *arg;
};

struct runner;
struct runner *runner_new(const struct runner_config *c);
/* Adds a role's trial: its system and the scenarios to be run. Nothing starts yet. The
 * arguments are borrowed until runner_free. */
void runner_add(struct runner *r, const struct iut *iut, struct scenario *const *v,
                size_t n);
/* SHA-256 over what will be done: scenarios, persons, seed, profile. The same arguments
 * give the same digest (rule 10); it is computed twice and compared. */
int runner_plan_digest(struct runner *r, char out[65], struct err *e);
/* Preflight of every trial, then the scenarios. Ends when all is done or runner_interrupt
 * was called. 0, or E_* for what kept it from running at all (the journal says so too).
 * With rounds it is one of them; the next follows by calling it again, while runner_more.
 */
int runner_run(struct runner *r, struct err *e);
/* Another round is to follow: so the journal says. */
bool runner_more(const struct runner *r);
/* Where the systems' folders of a round are, counted from 1. The caller frees. */
char *runner_round_dir(const char *run_dir, unsigned round);
/* From a signal callback: finish off, stop what was started, end the journal. */
void runner_interrupt(struct runner *r);
bool runner_interrupted(const struct runner *r);
void runner_free(struct runner *r);

/* `koppelproef preflight`: only the checks. Writes each fault as a sentence to f. Returns
 * 0, E_INVALID (configuration) or E_ENV. */
int runner_preflight(struct runner *r,
                     void (*fault)(void *arg, const char *blame, const char *text),
                     void *arg, struct err *e);

/* The provisioning file for a system that keeps running (koppelproef provision). */
json_t *runner_provisioning(const struct tables *t, uint64_t seed, when_t now);

#endif
