/*
 * The day on which a system is to go live, and how far off that was on the day of the
 * run.
 */
#ifndef REPORT_GO_LIVE_H
#define REPORT_GO_LIVE_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/report/report.h"

struct go_live {
    int year, month, day;
    long days; /* from the day of the run (UTC); negative: it was before the run */
    bool told; /* by iut.json (goLive); else it is the next 1 May after the run */
};

/* Both days come from the result, so a report made later says the same. False when the
 * result does not tell when the run was. */
bool go_live_of(const json_t *result, struct go_live *out);
/* "1 mei 2027", "1 May 2027". */
char *go_live_day(const struct go_live *g, char out[40], enum lang lang);

#endif
