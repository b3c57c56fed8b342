/*
 * Notifications of the koppelpunt: abonnementen, and telling each that there is something
 * to fetch (CONTRACT.md 10; KP-NOT-01..04). A notification says up to
 * which volgnummer there is news and nothing else. At least once: it is repeated with
 * growing gaps until it is acknowledged (2xx), or the abonnement ends (410). One is under
 * way per abonnement; what changes meanwhile is told by the next.
 */
#ifndef MOCKS_KOPPELPUNT_NOTIFY_H
#define MOCKS_KOPPELPUNT_NOTIFY_H

#include "mocks/role.h"

struct client;
struct koppelpunt;
struct notify;

/* `scale`: factor on the gaps. */
struct notify *notify_new(double scale);
void notify_free(struct notify *n); /* NULL is fine */

/* The two operations. False with *why filled. */
bool notify_subscribe(struct koppelpunt *k, const struct client *from,
                      const struct http_request *req, struct moment now,
                      struct http_response *out, struct rejection *why);
bool notify_unsubscribe(struct koppelpunt *k, const struct client *from,
                        const struct http_request *req, struct moment now,
                        struct http_response *out, struct rejection *why);

/* Sends what is due and wishes to be woken for what is to come. */
void notify_run(struct koppelpunt *k, struct moment now, struct outbox *out);
void notify_answer(struct koppelpunt *k, uint64_t id, const struct call_result *res,
                   struct moment now, struct outbox *out);

/* ---- what survives: a record of the state's log is told to it again ---- */
/* Is it a record of ours, and could it be read? */
bool notify_is_record(const json_t *record);
bool notify_replay(struct koppelpunt *k, const json_t *record);

/* ---- for the laboratory ---- */
size_t notify_count(const struct notify *n);
/* The next notification gets lost as though it had been acknowledged. */
void notify_lose_next(struct notify *n);
/* So many were lost by that. */
unsigned long notify_lost(const struct notify *n);

#endif
