/*
 * Takes out of a scenario what it does not need to be of use, by asking: delta debugging
 * (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002) over
 * its steps, then over the steps within them, batches, expectations, numbers, and what is
 * given. Which scenario is of use is for the one who asks.
 */
#ifndef SCENARIO_REDUCE_H
#define SCENARIO_REDUCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "mocks/population.h"

enum reduce_answer {
    REDUCE_KEEPS, /* of use still: go on from here */
    REDUCE_LOSES,
    REDUCE_STOP, /* no more questions: the best so far is the result */
};
/* Is this scenario of use? It was checked: it can be run. Borrowed. */
typedef enum reduce_answer reduce_ask(void *arg, const json_t *scenario);

struct reduced {
    json_t *scenario;
    size_t asked;       /* questions; nothing is asked twice */
    size_t from, steps; /* steps before and after, those within steps too */
    bool whole; /* asked to the end: no single step can be left out. False after a stop */
};
/* `root` is of use and can be run. The same answers give the same questions and the same
 * result. The caller frees out->scenario. */
void reduce_scenario(const json_t *root, const struct tables *t, reduce_ask *ask,
                     void *arg, struct reduced *out);
/* How many steps there are, those within steps too. */
size_t reduce_steps(const json_t *steps);

#endif
