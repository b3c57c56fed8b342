#include "harness/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"

enum { JSON_FILE_MAX = 256 << 20 };

/* From errno. E_ENV, or E_NOTFOUND when what was to be read isn't there. */
static int fail(struct err *e, const char *what, const char *path)
{
    int why = errno;
    bool reading = strncmp(what, "read", 4) == 0;

    return err_set(e, reading && why == ENOENT ? E_NOTFOUND : E_ENV, "can't %s %s: %s",
                   what, path, strerror(why));
}

int file_read(const char *path, size_t max, char **out, size_t *n, struct err *e)
{
    char chunk[65536];
    struct buf b;
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
    ssize_t got;

    if (fd < 0)
        return fail(e, "read", path);
    buf_init(&b, max);
    for (;;) {
        got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            rc = fail(e, "read", path);
        else if (buf_add(&b, chunk, (size_t)got))
            rc = err_set(e, E_TOOBIG, "%s is larger than %zu bytes", path, max);
        if (rc || got == 0)
            break;
    }
    close(fd);
    if (rc) {
        buf_done(&b);
        return rc;
    }
    *out = buf_take(&b, n);
    return 0;
}

static int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, p, n);

        if (done < 0 && errno != EINTR)
            return -1;
        if (done > 0) {
            p += done;
            n -= (size_t)done;
        }
    }
    return 0;
}

int file_write(const char *path, const void *p, size_t n, struct err *e)
{
    struct stat st;
    bool special = stat(path, &st) == 0 && !S_ISREG(st.st_mode); /* /dev/stdout, a pipe */
    char *temp = special ? xstrdup(path) : xasprintf("%s.%ld.tmp", path, (long)getpid());
    int rc = 0, fd;

    fd = open(temp, O_WRONLY | O_CLOEXEC | O_CREAT | (special ? 0 : O_TRUNC), 0666);
    if (fd < 0) {
        rc = fail(e, "write", path);
    } else if (write_all(fd, p, n)) {
        rc = fail(e, "write", path);
        close(fd);
    } else if (close(fd)) {
        rc = fail(e, "write", path);
    } else if (!special && rename(temp, path)) {
        rc = fail(e, "write", path);
    }
    if (rc && !special && fd >= 0)
        unlink(temp);
    free(temp);
    return rc;
}

int file_mkdirs(const char *path, struct err *e)
{
    char *copy = xstrdup(path);
    struct stat st;
    int rc = 0;

    for (char *p = copy + 1; !rc && copy[0]; p++) {
        char was = *p;

        if (was != '/' && was != '\0')
            continue;
        *p = '\0';
        if (mkdir(copy, 0777) && errno != EEXIST)
            rc = fail(e, "make folder", copy);
        *p = was;
        if (was == '\0')
            break;
    }
    if (!rc && path[0] && (stat(path, &st) || !S_ISDIR(st.st_mode)))
        rc =
            err_set(e, E_ENV, "can't make folder %s: there is a file of that name", path);
    free(copy);
    return rc;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int file_rmtree(const char *path, struct err *e)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return 0;
    return fail(e, "remove", path);
}

char *file_beside(const char *a, const char *b)
{
    const char *slash = strrchr(a, '/');

    if (b[0] == '/' || !slash)
        return xstrdup(b);
    return xasprintf("%.*s/%s", (int)(slash - a), a, b);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int file_list(const char *dir, char ***names, size_t *n, struct err *e)
{
    DIR *d = opendir(dir);
    char **v = NULL;
    size_t count = 0, cap = 0;
    struct dirent *entry;

    if (!d)
        return fail(e, "read folder", dir);
    for (errno = 0; (entry = readdir(d)); errno = 0) {
        if (entry->d_name[0] == '.')
            continue;
        if (count == cap)
            v = xrealloc(v, (cap = cap ? 2 * cap : 16) * sizeof *v);
        v[count++] = xstrdup(entry->d_name);
    }
    if (errno) {
        int rc = fail(e, "read folder", dir);

        closedir(d);
        while (count > 0)
            free(v[--count]);
        free(v);
        return rc;
    }
    closedir(d);
    if (!v)
        v = xmalloc(sizeof *v);
    qsort(v, count, sizeof *v, by_name);
    *names = v;
    *n = count;
    return 0;
}

int file_read_json(const char *path, json_t **out, struct err *e)
{
    json_error_t why;
    json_t *json;
    char *text;
    size_t n;
    int rc = file_read(path, JSON_FILE_MAX, &text, &n, e);

    if (rc)
        return rc;
    json = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    free(text);
    if (!json) {
        err_set(e, E_INVALID, "%s", why.text);
        err_at(e, path, why.line > 0 ? why.line : 1, why.column > 0 ? why.column : 1,
               NULL);
        return E_INVALID;
    }
    *out = json;
    return 0;
}
