#include "mocks/os_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "mocks/applog.h"
#include "mocks/os_record.h"

#define RECORD_MAX ((size_t)200 << 20)
#define BATCH      ((size_t)1 << 20) /* a compacted log has records of about this size */
/* A log is written anew when it is larger than this, and than so many times what it says.
 */
#define COMPACT_MIN   ((uint64_t)4 << 20)
#define COMPACT_TIMES 3

struct os_store {
    struct os_view *view;
    struct applog *log; /* NULL: nothing is kept */
    struct buf record;
    when_t held;
};

static int replay(void *arg, const char *p, size_t n, struct err *e)
{
    struct os_store *s = arg;
    if (os_record_apply(p, n, s->view, &s->held))
        return err_set(e, E_ENV, "the log holds a record that can't be read");
    return 0;
}

/* ---- compaction ---- */

/* A log that is written anew: what is held now, and nothing of how it came to be. */
struct copy {
    struct applog *log;
    struct buf record;
    int rc;
    struct err *e;
};

static void copy_write(struct copy *c)
{
    if (c->rc == 0 && c->record.full)
        c->rc = err_set(c->e, E_ENV, "a record of the compacted log is too large");
    if (c->rc == 0)
        c->rc = applog_append(c->log, c->record.p, c->record.n, c->e);
}

static void copy_state(void *arg, const struct os_state *s)
{
    struct copy *c = arg;
    if (c->record.n > BATCH) {
        copy_write(c);
        os_record_states(&c->record);
    }
    os_record_add_state(&c->record, s);
}

static void copy_pupils(void *arg, const char *school, const uint32_t *bsns, size_t n)
{
    struct copy *c = arg;
    os_record_pupils(&c->record, school, bsns, n);
    copy_write(c);
}

static void copy_own(void *arg, const struct os_own *own)
{
    struct copy *c = arg;
    os_record_own(&c->record, own, 1);
    copy_write(c);
}

static int no_record(void *arg, const char *p, size_t n, struct err *e)
{
    (void)arg, (void)p, (void)n, (void)e;
    return 0;
}

static int write_copy(const struct os_store *s, const char *path, struct applog **out,
                      struct err *e)
{
    struct copy c = {.e = e};
    if (remove(path) && errno != ENOENT)
        return err_set(e, E_ENV, "can't remove %s: %s", path, strerror(errno));
    c.rc = applog_open(path, false, no_record, NULL, &c.log, e);
    if (c.rc)
        return c.rc;
    buf_init(&c.record, RECORD_MAX);
    struct os_place place;
    os_view_place(s->view, &place);
    os_record_place(&c.record, &place);
    copy_write(&c);
    os_record_states(&c.record);
    os_view_each(s->view, copy_state, &c);
    copy_write(&c);
    os_view_each_school(s->view, copy_pupils, &c);
    os_view_each_own(s->view, copy_own, &c);
    os_record_hold(&c.record, s->held);
    copy_write(&c);
    buf_done(&c.record);
    if (c.rc == 0)
        *out = c.log;
    else
        applog_close(c.log);
    return c.rc;
}

/* Writes the log anew when it has become much larger than what it says. The new one takes
 * the old one's place in one step, so a kill leaves either. */
static int compact(struct os_store *s, const char *path, struct err *e)
{
    struct applog *log = NULL;
    uint64_t size = applog_size(s->log);
    if (size < COMPACT_MIN || size / COMPACT_TIMES < os_view_weight(s->view))
        return 0;
    char *beside = xasprintf("%s.new", path);
    int rc = write_copy(s, beside, &log, e);
    if (rc == 0 && rename(beside, path)) {
        rc = err_set(e, E_ENV, "can't rename %s: %s", beside, strerror(errno));
        applog_close(log);
    } else if (rc == 0) {
        applog_close(s->log);
        s->log = log;
    }
    free(beside);
    return rc;
}

/* ---- opening ---- */

int os_store_open(const char *dir, int mutant, struct os_store **out, struct err *e)
{
    int rc = 0;
    struct os_store *s = xcalloc(1, sizeof(*s));
    s->view = os_view_new();
    os_view_mutate(s->view, mutant);
    buf_init(&s->record, RECORD_MAX);
    if (dir) {
        char *path = xasprintf("%s/overstapsysteem.log", dir);
        rc = file_mkdirs(dir, e);
        if (rc == 0)
            rc = applog_open(path, false, replay, s, &s->log, e);
        if (rc == 0)
            rc = compact(s, path, e);
        free(path);
    }
    if (rc)
        os_store_close(s);
    else
        *out = s;
    return rc;
}

void os_store_close(struct os_store *s)
{
    if (!s)
        return;
    applog_close(s->log);
    os_view_free(s->view);
    buf_done(&s->record);
    free(s);
}

const struct os_view *os_store_view(const struct os_store *s)
{
    return s->view;
}

when_t os_store_held(const struct os_store *s)
{
    return s->held;
}

/* ---- changes: first the log, then the view ---- */

static int keep(struct os_store *s, struct err *e)
{
    if (s->record.full)
        return err_set(e, E_ENV, "a record for the log is too large");
    if (!s->log)
        return 0;
    return applog_append(s->log, s->record.p, s->record.n, e);
}

int os_store_page(struct os_store *s, const struct os_page *p, struct err *e)
{
    struct os_place place;
    os_view_heard(s->view, p->listed);
    os_view_place(s->view, &place);
    /* Nothing new, the same place: a quiet night doesn't fill the disk. */
    if (!p->begins && !place.full && p->listed == 0 && place.cursor &&
        strcmp(place.cursor, p->cursor) == 0)
        return 0;
    os_record_page(&s->record, p);
    int rc = keep(s, e);
    if (rc == 0)
        os_view_take_page(s->view, p);
    return rc;
}

int os_store_restart(struct os_store *s, struct err *e)
{
    if (!os_view_cursor(s->view))
        return 0;
    os_record_restart(&s->record);
    int rc = keep(s, e);
    if (rc == 0)
        os_view_restart(s->view);
    return rc;
}

int os_store_pupils(struct os_store *s, const char *school, const uint32_t *bsns,
                    size_t n, struct err *e)
{
    os_record_pupils(&s->record, school, bsns, n);
    int rc = keep(s, e);
    if (rc == 0)
        os_view_set_pupils(s->view, school, bsns, n);
    return rc;
}

int os_store_own(struct os_store *s, const struct os_own *own, size_t n, struct err *e)
{
    os_record_own(&s->record, own, n);
    int rc = keep(s, e);
    for (size_t i = 0; rc == 0 && i < n; i++)
        os_view_add_own(s->view, &own[i]);
    return rc;
}

int os_store_hold(struct os_store *s, when_t until, struct err *e)
{
    os_record_hold(&s->record, until);
    int rc = keep(s, e);
    if (rc == 0)
        s->held = until;
    return rc;
}
