/*
 * How long a status takes to get on: from the answer that accepted it to the feed, from
 * the page that delivered it to the school (result.md, "freshness").
 */
#ifndef JUDGE_FRESHNESS_H
#define JUDGE_FRESHNESS_H

#include "harness/judge/relay.h"
#include "harness/judge/samples.h"

/* Of one role under test, over all conversations. */
struct freshness {
    struct samples took;
    size_t open; /* looked for in vain */
};
void freshness_done(struct freshness *f);
/* One row of "freshness", or NULL when nothing was seen. */
json_t *freshness_json(struct freshness *f, const char *role);

/* One conversation. */
struct fresh;
struct fresh *fresh_new(struct freshness *f, const struct history *h,
                        const struct relay *r);
void fresh_exchange(struct fresh *f, const struct relayed *x);
/* Counts what is still open; frees. */
void fresh_end(struct fresh *f);

#endif
