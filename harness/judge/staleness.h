/*
 * How what a school is shown differs from what the source holds, for how long, and why
 * (KT-08, D10; result.md, "staleness"). Every aanmelding of a pupil whose school asks is
 * followed from source to school; each moment that it is not shown as it is has a cause.
 */
#ifndef JUDGE_STALENESS_H
#define JUDGE_STALENESS_H

#include "harness/judge/checks.h"
#include "harness/judge/relay.h"

/* Why it is not shown as it is; the names are in result.md. */
enum stale_cause {
    STALE_NOT, /* it is shown as it is */
    STALE_SILENT,
    STALE_NOT_SENT,
    STALE_REFUSED,
    STALE_IN_KOPPELPUNT,
    STALE_NOT_DELIVERABLE,
    STALE_BEFORE_DATE,
    STALE_NOT_FETCHED,
    STALE_FAULT,
    STALE_NOT_LOOKED,
    STALE_SYSTEM,
    STALE_CAUSES
};
const char *stale_cause_name(enum stale_cause c);

/* Of one role under test, over all conversations. */
struct stale_span {
    uint64_t from, to;
    enum stale_cause cause; /* STALE_NOT: the aanmelding was there, whatever was shown */
};
struct stale_sum {
    struct stale_span *spans;
    size_t n, cap;
    size_t aanmeldingen;
    uint64_t total[STALE_CAUSES]; /* ns; [STALE_NOT]: of all, stale or not */
    uint64_t longest[STALE_CAUSES];
};
void stale_sum_done(struct stale_sum *s);
/* One row of "staleness", or NULL when nothing was measured. */
json_t *stale_json(const struct stale_sum *s, const char *role);
/* The figures in a sentence, for a requirement that passed; NULL: nothing was measured.
 * The caller frees. */
char *stale_sentence(const struct stale_sum *const *sums, size_t n);

/* One conversation. */
struct stale;
struct stale *stale_new(struct history *h, const struct relay *r);
void stale_free(struct stale *st);
void stale_exchange(struct stale *st, const struct seen_exchange *x,
                    const struct relayed *r);
void stale_event(struct stale *st, const char *kind, const json_t *event);
/* The conversation is over; its figures go into `sum`. */
void stale_close(struct stale *st, struct stale_sum *sum);

#endif
