/*
 * The records of an overstapsysteem's log: what each says, and applying one to a view.
 * Numbers are in the machine's own byte order: a log is read where it was written.
 */
#ifndef MOCKS_OS_RECORD_H
#define MOCKS_OS_RECORD_H

#include "harness/base/buf.h"
#include "mocks/os_view.h"

/* Each empties `out` and writes one record; `out->full` tells that it did not fit. */
void os_record_page(struct buf *out, const struct os_page *p);
void os_record_restart(struct buf *out);
void os_record_pupils(struct buf *out, const char *school, const uint32_t *bsns,
                      size_t n);
void os_record_own(struct buf *out, const struct os_own *own, size_t n);
void os_record_hold(struct buf *out, when_t until);
void os_record_place(struct buf *out, const struct os_place *p);
/* A batch of aanmeldingen: begin, then add as many as wanted. */
void os_record_states(struct buf *out);
void os_record_add_state(struct buf *out, const struct os_state *s);

/* 0, or E_INVALID when it is no record (then the view may be changed in part: give up).
 */
int os_record_apply(const void *p, size_t n, struct os_view *v, when_t *held);

#endif
