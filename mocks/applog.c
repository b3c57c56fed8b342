#include "mocks/applog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"

#define HEAD       18 /* "LLLLLLLL CCCCCCCC " */
#define MAX_RECORD ((size_t)256 << 20)

struct applog {
    char *path;
    int fd;
    bool sync, broken;
    uint64_t size;
    struct buf line;
};

/* FNV-1a, folded to 32 bits: enough to tell a torn record from a whole one. */
static uint32_t checksum(const char *p, size_t n)
{
    uint64_t h = 0xCBF29CE484222325U;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * 0x100000001B3U;
    return (uint32_t)(h ^ (h >> 32));
}

/* Eight lower-case hex digits. */
static bool hex8(const char *p, uint32_t *out)
{
    uint32_t v = 0;
    for (int i = 0; i < 8; i++) {
        char c = p[i];
        if (c >= '0' && c <= '9')
            v = v << 4 | (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            v = v << 4 | (uint32_t)(c - 'a' + 10);
        else
            return false;
    }
    *out = v;
    return true;
}

/* The record at p: its payload's length, or false when it is not whole. */
static bool whole(const char *p, size_t left, size_t *payload)
{
    uint32_t n, sum;
    if (left < HEAD + 1 || !hex8(p, &n) || p[8] != ' ' || !hex8(p + 9, &sum) ||
        p[17] != ' ')
        return false;
    if (left - HEAD - 1 < n || p[HEAD + n] != '\n' || checksum(p + HEAD, n) != sum)
        return false;
    *payload = n;
    return true;
}

/* Is there a whole record anywhere behind a bad one? Then it was not the last. */
static bool more_behind(const char *p, size_t left)
{
    size_t payload;
    for (const char *end = p + left, *nl; (nl = memchr(p, '\n', (size_t)(end - p)));
         p = nl + 1)
        if (whole(nl + 1, (size_t)(end - nl - 1), &payload))
            return true;
    return false;
}

/* Hands every whole record to the callback; *good is where they end. */
static int replay(struct applog *l, const char *p, size_t n, applog_record_cb *record,
                  void *arg, size_t *good, struct err *e)
{
    size_t at = 0, payload;
    while (at < n && whole(p + at, n - at, &payload)) {
        int rc = record(arg, p + at + HEAD, payload, e);
        if (rc) {
            err_at(e, l->path, 0, 0, NULL);
            return rc;
        }
        at += HEAD + payload + 1;
    }
    if (at < n && more_behind(p + at, n - at))
        return err_set(e, E_ENV,
                       "%s is damaged at byte %zu: a bad record with others behind it",
                       l->path, at);
    *good = at;
    return 0;
}

static int read_all(struct applog *l, applog_record_cb *record, void *arg, struct err *e)
{
    struct stat st;
    if (fstat(l->fd, &st))
        return err_set(e, E_ENV, "can't look at %s: %s", l->path, strerror(errno));
    size_t n = (size_t)st.st_size, good = 0;
    if (n > 0) {
        char *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, l->fd, 0);
        if (p == MAP_FAILED)
            return err_set(e, E_ENV, "can't read %s: %s", l->path, strerror(errno));
        int rc = replay(l, p, n, record, arg, &good, e);
        munmap(p, n);
        if (rc)
            return rc;
    }
    if (good < n && ftruncate(l->fd, (off_t)good))
        return err_set(e, E_ENV, "can't drop the torn end of %s: %s", l->path,
                       strerror(errno));
    l->size = good;
    return 0;
}

int applog_open(const char *path, bool sync, applog_record_cb *record, void *arg,
                struct applog **out, struct err *e)
{
    struct applog *l = xcalloc(1, sizeof *l);
    l->path = xstrdup(path);
    l->sync = sync;
    buf_init(&l->line, MAX_RECORD + HEAD + 1);
    int rc = 0;
    l->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (l->fd < 0)
        rc = err_set(e, E_ENV, "can't open %s: %s", path, strerror(errno));
    else if (flock(l->fd, LOCK_EX | LOCK_NB))
        rc = err_set(e, E_ENV, "%s is in use by another process", path);
    else
        rc = read_all(l, record, arg, e);
    if (rc) {
        applog_close(l);
        return rc;
    }
    *out = l;
    return 0;
}

void applog_close(struct applog *l)
{
    if (!l)
        return;
    if (l->fd >= 0)
        close(l->fd);
    buf_done(&l->line);
    free(l->path);
    free(l);
}

/* After a write that failed: leaves nothing of it behind, or gives the log up. */
static int undo(struct applog *l, const char *why, struct err *e)
{
    if (ftruncate(l->fd, (off_t)l->size))
        l->broken = true;
    return err_set(e, E_ENV, "can't write to %s: %s", l->path, why);
}

int applog_append(struct applog *l, const char *p, size_t n, struct err *e)
{
    if (l->broken)
        return err_set(e, E_ENV, "an earlier write to %s failed", l->path);
    if (n > MAX_RECORD)
        return err_set(e, E_ENV, "a record for %s is too large", l->path);
    buf_reset(&l->line);
    buf_addf(&l->line, "%08x %08x ", (unsigned)n, (unsigned)checksum(p, n));
    buf_add(&l->line, p, n);
    buf_addc(&l->line, '\n');
    ssize_t w;
    do
        w = write(l->fd, l->line.p, l->line.n);
    while (w < 0 && errno == EINTR);
    if (w < 0)
        return undo(l, strerror(errno), e);
    if ((size_t)w != l->line.n)
        return undo(l, "only a part fitted", e);
    if (l->sync && fdatasync(l->fd))
        return undo(l, strerror(errno), e);
    l->size += l->line.n;
    if (l->line.cap > (1U << 20)) {
        buf_done(&l->line);
        buf_init(&l->line, MAX_RECORD + HEAD + 1);
    }
    return 0;
}

uint64_t applog_size(const struct applog *l)
{
    return l->size;
}
