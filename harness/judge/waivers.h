/*
 * Waivers: deviations that were agreed upon, each with a reason, an owner and a last day.
 * A waiver never makes a requirement pass. It keeps what it covers out of exit codes 1
 * and 4; one that is expired, or that covers nothing because the requirement passes, is a
 * concern of its own (8), so that the list can't rot.
 */
#ifndef JUDGE_WAIVERS_H
#define JUDGE_WAIVERS_H

#include "harness/judge/result.h"

struct waiver {
    const json_t *entry; /* as it was given */
    const char *requirement, *system, *scenario;
    bool expired, used, stale;
};
struct waivers;

/* Of the trials' exceptions; dated by the start of the first trial. */
struct waivers *waivers_new(const struct judging *j);
void waivers_free(struct waivers *w);

/* The waiver for what was found of a requirement in a scenario; `p` is NULL when no
 * scenario judged it. One that still holds goes before an expired one. NULL: none. */
struct waiver *waivers_cover(struct waivers *w, const struct requirement *q,
                             const struct pair *p);
/* Can a waiver be about this verdict? Never about an error or a pass. */
bool waivable(enum verdict v);
/* Marks what is stale now that the requirement has its verdict. */
void waivers_settle(struct waivers *w, const struct requirement_result *r,
                    enum verdict v);
/* Whether any is expired or stale. */
bool waivers_concern(const struct waivers *w);
/* How many still hold and cover something. */
size_t waivers_holding(const struct waivers *w);
/* The list with each one's "state" added. */
json_t *waivers_json(const struct waivers *w);

#endif
