/*
 * When and how an overstapsysteem fetches: its token, its pages, and its manners. A fetch
 * is one run to the end of the feed; it succeeds or it fails, and either way what was
 * taken in before stands.
 */
#ifndef MOCKS_OS_FETCH_H
#define MOCKS_OS_FETCH_H

#include "mocks/os_store.h"
#include "mocks/overstapsysteem.h"
#include "mocks/role.h"

struct os_fetch;

/* Borrows the store and the profile; copies the rest of the configuration. The first
 * fetch is due at once. 0, or E_INVALID for a URL that is none. */
int os_fetch_new(const struct overstapsysteem_config *c, struct os_store *store,
                 struct moment now, struct os_fetch **out, struct err *e);
void os_fetch_free(struct os_fetch *f);

/* Begins what is due, and wishes to be woken for what is to come. */
void os_fetch_tick(struct os_fetch *f, struct moment now, struct outbox *out);
void os_fetch_answer(struct os_fetch *f, uint64_t id, const struct call_result *res,
                     struct moment now, struct outbox *out);
/* There is news: fetches now when all is well, or again after the fetch that is going on.
 * While the koppelpunt fails it changes nothing: the next attempt brings the news too. */
void os_fetch_soon(struct os_fetch *f, struct moment now, struct outbox *out);
/* Somebody wants a fetch now: `ticket` is replied to when it ended (200, 503), or at once
 * while the koppelpunt asked to be left alone (503 with Retry-After). */
void os_fetch_ask(struct os_fetch *f, uint64_t ticket, struct moment now,
                  struct outbox *out);

#endif
