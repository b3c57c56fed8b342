/*
 * The view of an overstapsysteem, kept on disk: every change is one record of an append
 * log, written before it shows. A page and the cursor behind it are one record, so after
 * kill -9 the view and the place in the feed still belong together (OS-OPH-07,
 * OS-OPH-08).
 */
#ifndef MOCKS_OS_STORE_H
#define MOCKS_OS_STORE_H

#include "harness/base/err.h"
#include "mocks/os_view.h"

struct os_store;

/* Opens what is kept in `dir` (made when absent), or keeps nothing when it is NULL.
 * `mutant` is for the view. E_ENV when the folder or the log can't be used. */
int os_store_open(const char *dir, int mutant, struct os_store **out, struct err *e);
void os_store_close(struct os_store *s);
const struct os_view *os_store_view(const struct os_store *s);

/* Each: 0, or E_ENV when it could not be written; then nothing changed. */
int os_store_page(struct os_store *s, const struct os_page *p, struct err *e);
int os_store_restart(struct os_store *s, struct err *e);
int os_store_pupils(struct os_store *s, const char *school, const uint32_t *bsns,
                    size_t n, struct err *e);
int os_store_own(struct os_store *s, const struct os_own *own, size_t n, struct err *e);
/* Until when the koppelpunt asked to be left alone. */
int os_store_hold(struct os_store *s, when_t until, struct err *e);
when_t os_store_held(const struct os_store *s);

#endif
