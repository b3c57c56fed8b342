/* The only file that includes zlib. */
#include "harness/base/tarball.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "harness/base/digest.h"
#include "harness/base/mem.h"

enum {
    BLOCK = 512,
    NAME_MAX_USTAR = 100, /* and a prefix of 155 */
    PREFIX_MAX_USTAR = 155,
    CHUNK = 64 << 10,
    GZIP = 15 + 16, /* windowBits for a gzip wrapper (zlib.h) */
};
#define SIZE_MAX_USTAR 077777777777ULL /* eleven octal digits */

/* ---- the form ---- */

/* No part of a name may lead out of the folder it is unpacked in. */
static bool name_fits(const char *name)
{
    if (!*name || *name == '/' || strlen(name) > NAME_MAX_USTAR + PREFIX_MAX_USTAR)
        return false;
    for (const char *at = name; *at; at++) {
        size_t n = strcspn(at, "/");

        if (n == 0 || (n <= 2 && strspn(at, ".") >= n))
            return false;
        at += n;
        if (!*at)
            return true;
    }
    return false; /* it ends with a slash */
}

/* Where to cut a long name: the slash goes. 0: it need not be. */
static int prefix_length(const char *name, size_t *prefix)
{
    size_t n = strlen(name);

    *prefix = 0;
    if (n <= NAME_MAX_USTAR)
        return 0;
    for (size_t i = n - NAME_MAX_USTAR - 1; i <= PREFIX_MAX_USTAR && i < n; i++)
        if (name[i] == '/') {
            *prefix = i;
            return 0;
        }
    return -1;
}

/* The one header that a name and a size have. 0, or -1 when they don't fit. */
static int make_header(const char *name, uint64_t size, char out[BLOCK])
{
    size_t prefix;
    unsigned sum = 0;

    if (!name_fits(name) || prefix_length(name, &prefix) || size > SIZE_MAX_USTAR)
        return -1;
    memset(out, 0, BLOCK);
    memcpy(out + 345, name, prefix);
    name += prefix ? prefix + 1 : 0;
    memcpy(out, name, strlen(name));
    memcpy(out + 100, "0000644", 7);
    memcpy(out + 108, "0000000", 7);
    memcpy(out + 116, "0000000", 7);
    snprintf(out + 124, 12, "%011llo", (unsigned long long)size);
    memcpy(out + 136, "00000000000", 11);
    memset(out + 148, ' ', 8);
    out[156] = '0';
    memcpy(out + 257,
           "ustar\0"
           "00",
           8);
    memcpy(out + 329, "0000000", 7); /* devices: as GNU tar has it */
    memcpy(out + 337, "0000000", 7);
    for (int i = 0; i < BLOCK; i++)
        sum += (unsigned char)out[i];
    snprintf(out + 148, 8, "%06o", sum);
    out[155] = ' ';
    return 0;
}

static size_t padding(uint64_t size)
{
    return (size_t)((BLOCK - size % BLOCK) % BLOCK);
}

/* ---- writing ---- */

struct tarball_writer {
    char *path, *temporary;
    FILE *f;
    z_stream z;
    bool zlib;
    unsigned char out[CHUNK];
};

static int init_deflate(z_stream *z)
{
    return deflateInit2(z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, 8,
                        Z_DEFAULT_STRATEGY) == Z_OK
               ? 0
               : -1;
}

static int write_error(const struct tarball_writer *w, struct err *e)
{
    return err_set(e, E_ENV, "can't write %s: %s", w->path, strerror(errno));
}

int tarball_create(const char *path, struct tarball_writer **out, struct err *e)
{
    struct tarball_writer *w = xcalloc(1, sizeof *w);

    w->path = xstrdup(path);
    w->temporary = xasprintf("%s.%ld.tmp", path, (long)getpid());
    w->f = fopen(w->temporary, "wxe");
    w->zlib = w->f && !init_deflate(&w->z);
    if (!w->zlib) {
        int rc = write_error(w, e);

        tarball_drop(w);
        return rc;
    }
    *out = w;
    return 0;
}

static int put(struct tarball_writer *w, const void *p, size_t n, int flush,
               struct err *e)
{
    union { /* zlib only reads it */
        const void *in;
        Bytef *out;
    } bytes = {.in = p};

    w->z.next_in = bytes.out;
    w->z.avail_in = (uInt)n;
    do {
        w->z.next_out = w->out;
        w->z.avail_out = CHUNK;
        deflate(&w->z, flush);
        size_t made = CHUNK - w->z.avail_out;
        if (fwrite(w->out, 1, made, w->f) != made)
            return write_error(w, e);
    } while (w->z.avail_out == 0);
    return 0;
}

static int put_header(struct tarball_writer *w, const char *name, uint64_t size,
                      struct err *e)
{
    char header[BLOCK];

    if (make_header(name, size, header))
        return err_set(e, E_TOOBIG, "%s has no place in a tar archive", name);
    return put(w, header, BLOCK, Z_NO_FLUSH, e);
}

static int put_padding(struct tarball_writer *w, uint64_t size, struct err *e)
{
    static const char zeros[BLOCK];

    return put(w, zeros, padding(size), Z_NO_FLUSH, e);
}

int tarball_add(struct tarball_writer *w, const char *name, const void *p, size_t n,
                struct err *e)
{
    int rc = put_header(w, name, n, e);

    for (size_t at = 0; !rc && at < n; at += CHUNK)
        rc = put(w, (const char *)p + at, n - at < CHUNK ? n - at : CHUNK, Z_NO_FLUSH, e);
    return rc ? rc : put_padding(w, n, e);
}

int tarball_add_file(struct tarball_writer *w, const char *name, const char *path,
                     struct err *e)
{
    char chunk[CHUNK];
    struct stat st;
    FILE *f = fopen(path, "re");
    uint64_t left;
    int rc;

    if (!f || fstat(fileno(f), &st)) {
        rc = err_set(e, E_ENV, "can't read %s: %s", path, strerror(errno));
        if (f)
            fclose(f);
        return rc;
    }
    left = (uint64_t)st.st_size;
    rc = put_header(w, name, left, e);
    while (!rc && left > 0) {
        size_t n = fread(chunk, 1, left < CHUNK ? (size_t)left : CHUNK, f);

        if (n == 0)
            rc = err_set(e, E_ENV, "%s became shorter while it was read", path);
        else
            rc = put(w, chunk, n, Z_NO_FLUSH, e);
        left -= n;
    }
    fclose(f);
    return rc ? rc : put_padding(w, (uint64_t)st.st_size, e);
}

int tarball_finish(struct tarball_writer *w, struct err *e)
{
    static const char end[2 * BLOCK];
    int rc = put(w, end, sizeof end, Z_FINISH, e);

    if (!rc && fflush(w->f))
        rc = write_error(w, e);
    if (!rc && rename(w->temporary, w->path))
        rc = write_error(w, e);
    tarball_drop(w);
    return rc;
}

void tarball_drop(struct tarball_writer *w)
{
    if (!w)
        return;
    if (w->zlib)
        deflateEnd(&w->z);
    if (w->f) {
        fclose(w->f);
        unlink(w->temporary); /* gone already when all went well */
    }
    free(w->temporary);
    free(w->path);
    free(w);
}

/* ---- reading ---- */

struct tarball_entry {
    struct reading *r;
    char name[NAME_MAX_USTAR + PREFIX_MAX_USTAR + 2];
    uint64_t size, left;
};

/* The same packed once more, beside the file as it is. */
struct again {
    FILE *f;
    z_stream z;
    bool differs;
};

struct reading {
    const char *path;
    FILE *f;
    z_stream z;
    struct again again;
    bool over; /* the gzip stream came to its end */
    uint64_t unpacked, files, most;
    unsigned char in[CHUNK];
};

static int damaged(const struct reading *r, const char *what, struct err *e)
{
    return err_set(e, E_INVALID, "%s %s", r->path, what);
}

static void pack_again(struct again *a, const void *p, size_t n, int flush)
{
    unsigned char made[CHUNK], is[CHUNK];
    union {
        const void *in;
        Bytef *out;
    } bytes = {.in = p};

    if (a->differs)
        return;
    a->z.next_in = bytes.out;
    a->z.avail_in = (uInt)n;
    do {
        a->z.next_out = made;
        a->z.avail_out = CHUNK;
        deflate(&a->z, flush);
        size_t k = CHUNK - a->z.avail_out;
        a->differs = fread(is, 1, k, a->f) != k || memcmp(made, is, k) != 0;
    } while (a->z.avail_out == 0 && !a->differs);
}

/* Exactly n bytes of the archive. */
static int get(struct reading *r, void *p, size_t n, struct err *e)
{
    r->unpacked += n;
    if (r->unpacked > r->most)
        return err_set(e, E_TOOBIG,
                       "%s would unpack to more than %llu bytes, which no "
                       "bundle does",
                       r->path, (unsigned long long)r->most);
    r->z.next_out = p;
    r->z.avail_out = (uInt)n;
    while (r->z.avail_out > 0) {
        if (r->z.avail_in == 0) {
            r->z.next_in = r->in;
            r->z.avail_in = (uInt)fread(r->in, 1, CHUNK, r->f);
        }
        if (r->over || r->z.avail_in == 0)
            return damaged(r, "is cut off", e);
        int z = inflate(&r->z, Z_NO_FLUSH);
        r->over = z == Z_STREAM_END;
        if (z != Z_OK && z != Z_STREAM_END)
            return damaged(r, "is damaged", e);
    }
    pack_again(&r->again, p, n, Z_NO_FLUSH);
    return 0;
}

/* Behind the last block nothing may follow, neither packed nor plain. */
static int get_end(struct reading *r, struct err *e)
{
    unsigned char more;

    while (!r->over) {
        if (r->z.avail_in == 0) {
            r->z.next_in = r->in;
            r->z.avail_in = (uInt)fread(r->in, 1, CHUNK, r->f);
            if (r->z.avail_in == 0)
                return damaged(r, "is cut off", e);
        }
        r->z.next_out = &more;
        r->z.avail_out = 1;
        int z = inflate(&r->z, Z_NO_FLUSH);
        if ((z != Z_OK && z != Z_STREAM_END) || r->z.avail_out == 0)
            return damaged(r, "is damaged", e);
        r->over = z == Z_STREAM_END;
    }
    if (r->z.avail_in > 0 || fread(&more, 1, 1, r->f) == 1)
        return damaged(r, "goes on behind its end", e);
    pack_again(&r->again, "", 0, Z_FINISH);
    return 0;
}

static int get_zeros(struct reading *r, size_t n, struct err *e)
{
    char block[BLOCK];
    int rc = get(r, block, n, e);

    for (size_t i = 0; !rc && i < n; i++)
        if (block[i])
            rc = damaged(r, "is damaged", e);
    return rc;
}

const char *tarball_name(const struct tarball_entry *t)
{
    return t->name;
}

uint64_t tarball_size(const struct tarball_entry *t)
{
    return t->size;
}

int tarball_save(struct tarball_entry *t, const char *path, char digest[65],
                 struct err *e)
{
    char chunk[CHUNK];
    FILE *f = fopen(path, "wxe");
    struct digest *d = digest_new();
    int rc = f ? 0 : err_set(e, E_ENV, "can't write %s: %s", path, strerror(errno));

    while (!rc && t->left > 0) {
        size_t n = t->left < CHUNK ? (size_t)t->left : CHUNK;

        rc = get(t->r, chunk, n, e);
        digest_add(d, chunk, rc ? 0 : n);
        t->left -= n;
        if (!rc && fwrite(chunk, 1, n, f) != n)
            rc = err_set(e, E_ENV, "can't write %s: %s", path, strerror(errno));
    }
    if (f && fclose(f) && !rc)
        rc = err_set(e, E_ENV, "can't write %s: %s", path, strerror(errno));
    if (digest)
        digest_so_far(d, digest);
    digest_free(d);
    return rc;
}

static int pass_over(struct tarball_entry *t, struct err *e)
{
    char chunk[CHUNK];
    int rc = 0;

    while (!rc && t->left > 0) {
        size_t n = t->left < CHUNK ? (size_t)t->left : CHUNK;

        rc = get(t->r, chunk, n, e);
        t->left -= n;
    }
    return rc;
}

/* What a header must look like follows from its name and size. */
static int read_header(struct reading *r, const char header[BLOCK],
                       struct tarball_entry *t, struct err *e)
{
    char wanted[BLOCK];
    const char *prefix = header + 345;
    char size[12] = "";

    if (memcmp(header + 257, "ustar", 5))
        return damaged(r, "is no tar archive of koppelproef", e);
    snprintf(t->name, sizeof t->name, "%.*s%s%.*s", PREFIX_MAX_USTAR, prefix,
             *prefix ? "/" : "", NAME_MAX_USTAR, header);
    t->r = r;
    memcpy(size, header + 124, sizeof size - 1);
    t->size = t->left = strtoull(size, NULL, 8);
    if (header[156] != '0')
        return err_set(e, E_INVALID, "%s holds %s, which is no regular file", r->path,
                       t->name);
    if (!name_fits(t->name))
        return err_set(e, E_INVALID, "%s holds a file \"%s\", which may not be unpacked",
                       r->path, t->name);
    if (make_header(t->name, t->size, wanted) || memcmp(header, wanted, BLOCK))
        return damaged(r, "is damaged, or was made by something else", e);
    return 0;
}

static int read_entries(struct reading *r, uint64_t files, tarball_cb *entry, void *arg,
                        struct err *e)
{
    char header[BLOCK];
    int rc;

    while (!(rc = get(r, header, BLOCK, e)) && header[0]) {
        struct tarball_entry t = {0};

        if (++r->files > files)
            return err_set(e, E_TOOBIG, "%s holds more than %llu files", r->path,
                           (unsigned long long)files);
        rc = read_header(r, header, &t, e);
        if (!rc)
            rc = entry(arg, &t, e);
        if (!rc)
            rc = pass_over(&t, e);
        if (!rc)
            rc = get_zeros(r, padding(t.size), e);
        if (rc)
            return rc;
    }
    for (int i = 0; !rc && i < BLOCK; i++)
        if (header[i])
            rc = damaged(r, "is damaged", e);
    if (!rc)
        rc = get_zeros(r, BLOCK, e);
    return rc ? rc : get_end(r, e);
}

/* As we write it: deflate, no flags, no time, an ordinary level, Unix (RFC 1952 2.3). */
static int check_gzip(struct reading *r, struct err *e)
{
    static const unsigned char wanted[10] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3};

    r->z.avail_in = (uInt)fread(r->in, 1, CHUNK, r->f);
    r->z.next_in = r->in;
    if (r->z.avail_in < sizeof wanted || memcmp(r->in, wanted, 2))
        return damaged(r, "is no gzip file", e);
    if (memcmp(r->in, wanted, sizeof wanted))
        return damaged(r, "is damaged, or was made by something else", e);
    return 0;
}

int tarball_read(const char *path, const struct tarball_limits *limits, tarball_cb *entry,
                 void *arg, bool *repacked, struct err *e)
{
    struct reading *r = xcalloc(1, sizeof *r);
    struct stat st;
    int rc = 0;

    r->path = path;
    r->f = fopen(path, "re");
    if (!r->f || fstat(fileno(r->f), &st))
        rc = err_set(e, errno == ENOENT ? E_NOTFOUND : E_ENV, "can't read %s: %s", path,
                     strerror(errno));
    else if (inflateInit2(&r->z, GZIP) != Z_OK || init_deflate(&r->again.z))
        rc = err_set(e, E_HARNESS, "zlib can't be used");
    r->again.f = rc ? NULL : fopen(path, "re");
    r->again.differs = !r->again.f;
    if (!rc) {
        r->most = (uint64_t)st.st_size * limits->ratio + (1u << 20);
        r->most = r->most < limits->bytes ? r->most : limits->bytes;
        rc = check_gzip(r, e);
        if (!rc)
            rc = read_entries(r, limits->files, entry, arg, e);
        inflateEnd(&r->z);
        deflateEnd(&r->again.z);
    }
    if (!rc && repacked)
        *repacked = r->again.differs;
    if (r->again.f)
        fclose(r->again.f);
    if (r->f)
        fclose(r->f);
    free(r);
    return rc;
}
