/*
 * When the system under test answered, and when it did not (result.md, "availability").
 * Each conversation is a life of its own; what is known of them is laid side by side.
 */
#ifndef JUDGE_UPTIME_H
#define JUDGE_UPTIME_H

#include <jansson.h>

#include "harness/judge/history.h"

/* Between two answers with more than this between them nobody knows. */
#define UPTIME_SILENCE (10 * (uint64_t)NS_PER_S)

struct uptime;
struct uptime *uptime_new(void);
void uptime_free(struct uptime *u);
/* One row of "availability", or NULL when nothing was seen. */
json_t *uptime_json(struct uptime *u, const char *role);

/* One conversation. */
struct watch;
struct watch *watch_new(struct uptime *u, const struct history *h);
void watch_exchange(struct watch *w, const struct seen_exchange *x);
void watch_event(struct watch *w, const char *kind, const json_t *event);
/* Its figures go into the uptime it was made for; frees. */
void watch_end(struct watch *w);

#endif
