/*
 * Calls to and from the system under test, counted per operation: how many went well, how
 * the others failed, how long each took (result.md, "operations").
 */
#ifndef JUDGE_CALLS_H
#define JUDGE_CALLS_H

#include <jansson.h>

#include "harness/judge/history.h"

/* How a call to or from the system under test ended, as far as it tells about it. */
enum side_of_call {
    CALL_NONE, /* not one of its calls */
    CALL_LABORATORY,
    CALL_SYSTEM,
};
enum side_of_call call_side(const struct history *h, const struct seen_exchange *x);
/* It was answered below 400 (and not sent on elsewhere). */
bool call_well(const struct seen_exchange *x);

/* What is counted of one role under test, over all its conversations. */
struct calls;
struct calls *calls_new(void);
void calls_free(struct calls *c);
/* Appends its rows to `list`. */
void calls_json(struct calls *c, const char *role, json_t *list);

/* Of one conversation: failures that may turn out to be meant, until the expectation of
 * their step is settled. */
struct calls_open;
struct calls_open *calls_open_new(struct calls *c, const struct history *h);
void calls_open_free(struct calls_open *o);
void calls_exchange(struct calls_open *o, const struct seen_exchange *x);
void calls_event(struct calls_open *o, const char *kind, const json_t *event);

#endif
