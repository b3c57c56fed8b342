/*
 * How aanmeldingen went from status to status: counted over all that sources sent and the
 * koppelpunt accepted, in the order of the moments at which the statuses began.
 */
#ifndef REPORT_FLOW_H
#define REPORT_FLOW_H

#include <jansson.h>

#include "harness/base/domain.h"

struct flow {
    /* From (STATUS_NONE: from nothing, its first status) to. A status that is sent again
     * is no step. */
    size_t steps[STATUS_COUNT][STATUS_COUNT];
    size_t last[STATUS_COUNT]; /* aanmeldingen that it was the last status of */
    size_t aanmeldingen, statuses;
    bool full; /* more than we keep: not all is counted */
};

/* What was accepted in one scenario, until it is counted. */
struct flow_notes;

struct flow_notes *flow_notes_new(void);
void flow_notes_free(struct flow_notes *n);
/* One status of a message that was accepted, in its canonical form; `instelling` is that
 * of the message, for one that names none itself, and may be NULL. */
void flow_note(struct flow_notes *n, const json_t *melding, const char *instelling);
/* Adds what was noted and forgets it. Messages with the same ketenid or the same
 * caketenid at one instelling are of one aanmelding (KP-INT-10). */
void flow_count(struct flow *f, struct flow_notes *n);

#endif
