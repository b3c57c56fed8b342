/*
 * Notifications, at the overstapsysteem: it subscribes once it has fetched, and fetches
 * soon after each notification. It relies on none of them: its own interval goes on
 * (OS-NOT-01).
 */
#ifndef MOCKS_OS_NOTIFY_H
#define MOCKS_OS_NOTIFY_H

#include "mocks/os_fetch.h"

struct os_notify;

/* NULL when the configuration names no notify_url. Borrows the fetch and the profile. */
struct os_notify *os_notify_new(const struct overstapsysteem_config *c,
                                struct os_fetch *fetch);
void os_notify_free(struct os_notify *n);

/* Deals with a notification; false: the request is none. */
bool os_notify_request(struct os_notify *n, uint64_t ticket,
                       const struct http_request *req, struct moment now,
                       struct outbox *out);
/* After anything happened: subscribes when it is time to. */
void os_notify_look(struct os_notify *n, struct moment now, struct outbox *out);
/* False when the call was not ours. */
bool os_notify_answer(struct os_notify *n, uint64_t id, const struct call_result *res,
                      struct moment now, struct outbox *out);

#endif
