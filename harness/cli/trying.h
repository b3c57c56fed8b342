/*
 * One trial of systems with scenarios, from an empty folder to its verdicts: what `run`
 * and `replay` do, whatever they were asked. Its own state is in here and nowhere else,
 * so that several can follow each other in one process.
 */
#ifndef CLI_TRYING_H
#define CLI_TRYING_H

#include "harness/cli/cli.h"

struct trying {
    /* What is to be tried; all borrowed until trying_done. */
    const char *profile_name;
    const struct profile *profile;
    const struct tables *tables;
    const struct requirements *requirements;
    const struct exceptions *exceptions; /* NULL: none */
    const json_t *digests, *options; /* for the journal (journal-kinds.md); NULL: none */
    uint64_t seed;
    double jobs, patience;    /* 0: the runner's own */
    unsigned repeat;          /* rounds, or */
    double for_seconds;       /* for how long; both 0: one run without rounds */
    bool whole;               /* every requirement of the roles is planned */
    const struct iut *iut[2]; /* by index in cli_roles; NULL: not tried */
    struct scenario *const *scenarios[2];
    size_t n_scenarios[2];
    const char *out; /* the folder; NULL: build/run/TIME */
    enum lang lang;
    bool github;
    bool quiet;     /* no progress on the terminal */
    uint64_t until; /* when_monotonic(): interrupted then; 0: never */
    /* Signals were blocked by the caller, who does more than this; they are heard while
     * it runs. */
    bool signals_blocked;

    /* What comes of it; read only. */
    char *folder; /* absolute */
    json_t *result;
    bool interrupted;

    /* Its own. */
    struct folder_lock lock;
    struct wire *wire;
    struct journal *journal;
    struct runner *runner;
    struct judging *judging;
    unsigned round, unclean; /* the round that is going on; those that were not clean */
    bool terminal, shown, journal_lost;
    uint64_t next_line;
};

/* Makes the folder, runs, and judges whatever ended the run early; `result` has the
 * verdicts. Returns the exit code so far; what went wrong has been said. */
int trying_run(struct trying *t);
/* result.json, junit.xml and the pages into the folder, and the report on the terminal
 * when `console`. Returns the worse of `code` and its own. */
int trying_report(struct trying *t, bool console, int code);
void trying_done(struct trying *t);
/* SIG_BLOCK or SIG_UNBLOCK the signals that interrupt. True when one is waiting. */
bool trying_signals(int how);

#endif
