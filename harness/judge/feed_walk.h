/* What only shows along the pages of a feed: order, doubles, stable ids, delay. */
#ifndef JUDGE_FEED_WALK_H
#define JUDGE_FEED_WALK_H

#include "harness/judge/checks.h"

/* KP-ORD-04, KP-ORD-05, KP-LEV-05, KP-LEV-13 in one walk over all readings. */
void feed_walk(struct look *l);
/* KP-LEV-08. */
void feed_freshness(struct look *l);

/* One number for what an entry or a message says about an aanmelding. */
uint64_t feed_content(uint32_t bsn, uint16_t instelling, uint16_t opleiding, uint8_t status,
                      when_t begin);

#endif
