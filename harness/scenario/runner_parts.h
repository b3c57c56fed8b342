/*
 * Within the runner: what it keeps (runner.c), and what a run tells of itself at its
 * beginning (run_event.c).
 */
#ifndef SCENARIO_RUNNER_PARTS_H
#define SCENARIO_RUNNER_PARTS_H

#include "harness/scenario/runner.h"

/* The place of a scenario in the plan, and about how long its conversation takes. */
struct turn {
    size_t at;
    double length;
};

/* One role's trial: a system and the scenarios to be run against it. */
struct leg {
    struct runner *r;
    const struct iut *iut;
    struct scenario **v; /* the plan */
    struct turn *turns;  /* n of them: the order in which they are started */
    size_t n, next, running;
    json_t *provisioning;          /* of a system that keeps running, else NULL */
    struct population *population; /* of a system that keeps running, else NULL */
    struct scenario *preflight;
    json_t *faults; /* of the preflight */
    bool ready, failed;
    uint64_t start_took; /* of the system, at the preflight */
};

/* A conversation in its own folder, from start until its memory is gone. */
struct going {
    struct leg *leg;
    struct trial *t;
    char *name, *dir, *drawn_as;
    struct population *population; /* its own, or NULL */
    bool over;
    struct going *next;
};

struct runner {
    struct runner_config c;
    struct leg legs[4];
    size_t n_legs;
    struct going *going;
    size_t running, done, total;
    bool interrupted, stopping, only_preflight, all_reaped;
    unsigned round; /* from 1 */
    uint64_t began; /* the first round */
    bool more;      /* rounds */
    struct wire_timer *reaper;
    char digest[65];
    int rc;
    struct err err;
};

/* The `run` line of a role's trial (journal-kinds.md): of its first round, with
 * everything by which it can be done again, and of a later one. */
void run_tells_itself(struct leg *g);
void run_tells_round(struct leg *g);

#endif
