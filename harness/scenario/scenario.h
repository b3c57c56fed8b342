/*
 * Scenarios: conversations written as data. This module reads and checks them; nothing is
 * sent. A scenario that was read without an error can be run: every name in it exists,
 * every verb is known and every value has the right form.
 */
#ifndef SCENARIO_SCENARIO_H
#define SCENARIO_SCENARIO_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "mocks/population.h"

struct scenario {
    char *file;
    char *name;       /* unique within a run */
    char *family;     /* the folder it is in */
    json_t *root;     /* the whole file */
    const char *role; /* "koppelpunt", "overstapsysteem" or "both" */
    const json_t *title, *proves, *needs, *given, *steps; /* borrowed from root */
    /* By which persons, numbers and ids are drawn: "drawn", else its name and the run's
     * seed. */
    const char *drawn_as;
    bool own_seed;
    uint64_t seed; /* when own_seed */
};

/* Reads one file. E_INVALID with file:line:column and pointer. */
int scenario_load(const char *path, const struct tables *tables, struct scenario **out,
                  struct err *e);
/* One that was read already, such as from a journal. `file` is what messages say and
 * `family` the folder; errors have a pointer and no line. */
int scenario_from(const json_t *root, const char *file, const char *family,
                  const struct tables *tables, struct scenario **out, struct err *e);
/* The seed of all that is drawn for it. */
uint64_t scenario_seed(const struct scenario *s, uint64_t run_seed);
/* About how many seconds a conversation takes with a system that is well: to know which
 * ones to start first, and for nothing else. */
double scenario_length(const struct scenario *s);
/* Makes a crowd of more than `most` aanmeldingen that small, and says in its text how
 * large it was ("of"). True when it did. */
bool scenario_limit_crowd(struct scenario *s, size_t most);
void scenario_free(struct scenario *s);
/* SHA-256 of its text without white space and with sorted members. */
void scenario_digest(const struct scenario *s, char out[65]);
/* True when the scenario can be run with this role under test. */
bool scenario_for(const struct scenario *s, const char *role);
/* Is this among its "needs"? */
bool scenario_needs(const struct scenario *s, const char *capability);
bool scenario_proves(const struct scenario *s, const char *requirement);

struct scenarios {
    struct scenario **v;
    size_t n;
};
/* Reads all *.json below a folder (sorted by path), or the one file. Names must be
 * unique. Stops at the first fault. */
int scenarios_load(const char *path, const struct tables *tables, struct scenarios *out,
                   struct err *e);
void scenarios_done(struct scenarios *s);

#endif
