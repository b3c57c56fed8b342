/*
 * All that a report says in words of its own, in both languages.
 */
#ifndef REPORT_TEXTS_H
#define REPORT_TEXTS_H

#include "harness/report/report.h"

enum text {
    TEXT_RESULT, /* "Result" */
    TEXT_WHY,
    TEXT_WHERE,
    TEXT_SCENARIO,
    TEXT_STEP,
    TEXT_RELIABILITY, /* label */
    TEXT_ROUND,
    TEXT_LINES,
    TEXT_EXPECTED,
    TEXT_SEEN,
    TEXT_BLAME,
    TEXT_DO,
    TEXT_MORE,      /* after a number: "more findings" */
    TEXT_COUNTS,    /* after "98/105": "requirements judged" */
    TEXT_UNCOVERED, /* "not covered by any scenario of this edition" */
    TEXT_FILES,
    TEXT_EMPTY, /* nothing was planned */
    TEXT_EXIT,
    TEXT_SELF_TEST,  /* what kind of statement this is */
    TEXT_UNDECLARED, /* before the name of a capability */
    TEXT_WAIVED,     /* label */
    TEXT_UNTIL,      /* before the last day of a waiver */
    TEXT_UNTIL_GONE, /* the same when it is over */
    TEXT_WITH,       /* "conform with 2 waivers" */
    TEXT_WAIVER,
    TEXT_WAIVERS,
    TEXT_OF_WAIVED, /* after a number: "of these waived" */
    TEXT_DO_WAIVED,
    TEXT_DO_EXPIRED,
    TEXT_EXPIRED, /* what is with a waiver, and what to do */
    TEXT_STALE,
    TEXT_UNUSED,
    TEXT_BASELINE, /* label */
    TEXT_KNOWN,
    TEXT_NEW,         /* a verdict in brackets follows: what it was */
    TEXT_NOTHING_NEW, /* not conform, but the exit code is 0 */
    TEXT_N_NEW,       /* after a number, of requirements */
    TEXT_N_GONE,
    TEXT_N_FIXED,
    TEXT_N_KNOWN,
    TEXT_COUNT
};
const char *text_of(enum text t, enum lang lang);

/* Of a verdict, blame, overall verdict or role as it stands in the result; the word
 * itself when it is unknown. */
const char *text_verdict(const char *verdict, enum lang lang);
const char *text_overall(const char *verdict, enum lang lang);
const char *text_blame(const char *blame, enum lang lang);
const char *text_role(const char *role, enum lang lang);
/* What to do next about a verdict by somebody's doing (blame may be NULL). */
const char *text_advice(const char *verdict, const char *blame, enum lang lang);

/* What the rounds of a run show (trials.c); NULL for a run of one round of which nothing
 * was required. The caller frees. */
char *text_trials(const json_t *result, enum lang lang);

/* What was measured of a system of that role (measured.c); NULL: nothing. The caller
 * frees. */
char *text_measured(const json_t *result, const char *role, enum lang lang);

/* A reason of the result in that language; the caller frees. NULL: it is only there in
 * English. */
char *text_reason(const char *reason, enum lang lang);
/* The table behind it, for its test. */
struct text_reason_row {
    const char *en, *nl;
};
size_t text_reason_rows(const struct text_reason_row **out);

#endif
