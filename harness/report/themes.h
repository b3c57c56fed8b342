/*
 * What requirements are about, for people who don't read requirements: a theme has all
 * whose id begins alike, a name, and what may happen when one of them isn't met.
 */
#ifndef REPORT_THEMES_H
#define REPORT_THEMES_H

#include "harness/report/report.h"

struct theme {
    const char *prefix; /* "KP-ORD-" */
    const char *name[2], *harm[2];
};

/* Of an id, never NULL: what has no theme of its own shares a last one. */
const struct theme *theme_of(const char *id);

#endif
