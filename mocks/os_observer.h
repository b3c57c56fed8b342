/*
 * The observer (waarnemer) of an overstapsysteem: JSON over POST, outside the profile.
 * /waarnemingen, /leerlingen, /eigen-aanmeldingen and /ophalen.
 */
#ifndef MOCKS_OS_OBSERVER_H
#define MOCKS_OS_OBSERVER_H

#include "mocks/os_fetch.h"
#include "mocks/os_mutate.h"
#include "mocks/os_store.h"
#include "mocks/role.h"

void os_observer_request(struct os_store *store, struct os_fetch *fetch,
                         const struct os_mutate *mutate, uint64_t ticket,
                         const struct http_request *req, struct moment now,
                         struct outbox *out);

/* Replies to a ticket: `body` (taken) is JSON text or NULL for none; `retry_after`
 * seconds, 0 for none. A status of 400 or more with a body is a problem (RFC 9457). */
void os_observer_reply(struct outbox *out, uint64_t ticket, int status, char *body,
                       size_t body_n, uint64_t retry_after);
/* The same for what went wrong, in one sentence that holds nothing personal. */
void os_observer_refuse(struct outbox *out, uint64_t ticket, int status, const char *why,
                        uint64_t retry_after);

#endif
