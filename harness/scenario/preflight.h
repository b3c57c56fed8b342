/* The conversation before the first one; see preflight.c. */
#ifndef SCENARIO_PREFLIGHT_H
#define SCENARIO_PREFLIGHT_H

#include "harness/scenario/trial.h"

/* A scenario that consists of the preflight of a role; freed by scenario_free. */
struct scenario *preflight_scenario(const char *role);
/* Adds why the trial itself came to an early end, when nothing more telling was found. */
void preflight_collect(const struct trial *t, json_t *faults);

#endif
