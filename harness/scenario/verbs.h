/* Checking of steps at load: what a scenario says must mean something. */
#ifndef SCENARIO_VERBS_H
#define SCENARIO_VERBS_H

#include "harness/base/buf.h"
#include "harness/scenario/trial.h"

struct checking {
    const json_t *given;
    const struct tables *tables;
    struct buf *pointer; /* where we are; on a fault, where it is */
    struct err *e;
};

int check_steps(struct checking *c, const json_t *steps);
int check_distortion(const struct checking *c, const json_t *v);
/* Shortens the pointer to n bytes. */
void checking_back(struct checking *c, size_t n);

#endif
