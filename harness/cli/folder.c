/* The folder of a run, and the link to the last one. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/base/when.h"
#include "harness/cli/cli.h"

#define RUNS      "build/run"
#define SAME_TIME 100 /* runs that may begin within one second */

/* 20261123-160501 */
static void stamp(when_t wall, char out[16])
{
    char text[32];
    when_format(wall, text); /* 2026-11-23T16:05:01... */
    snprintf(out, 16, "%.4s%.2s%.2s-%.2s%.2s%.2s", text, text + 5, text + 8, text + 11,
             text + 14, text + 17);
}

static int refuse(struct err *e, const char *what, const char *path)
{
    return err_set(e, E_ENV, "can't %s %s: %s; choose another folder with --out", what,
                   path, strerror(errno));
}

/* build/run/latest -> name, in one step. What is in the way stays, and is said. */
static void link_latest(const char *name)
{
    struct stat st;
    char *temporary = xasprintf("%s/.latest.%ld", RUNS, (long)getpid());
    if (!lstat(RUNS "/latest", &st) && !S_ISLNK(st.st_mode)) {
        cli_say("%s is no link, so it was left alone; this run is in %s/%s",
                RUNS "/latest", RUNS, name);
    } else if (symlink(name, temporary) || rename(temporary, RUNS "/latest")) {
        cli_say("the link %s could not be made: %s", RUNS "/latest", strerror(errno));
        unlink(temporary);
    }
    free(temporary);
}

static int make_new(when_t wall, char **out, struct err *e)
{
    struct err unmade = {0};
    char at[16];
    stamp(wall, at);
    if (file_mkdirs(RUNS, &unmade))
        return err_set(e, E_ENV, "%s; choose another folder with --out", unmade.text);
    for (int i = 1; i <= SAME_TIME; i++) {
        char *name = i == 1 ? xstrdup(at) : xasprintf("%s-%d", at, i);
        char *path = xasprintf("%s/%s", RUNS, name);
        int made = mkdir(path, 0777), why = errno;
        if (!made) {
            link_latest(name);
            *out = cli_absolute(path);
        }
        errno = why;
        int rc = made && why != EEXIST ? refuse(e, "make folder", path) : 0;
        free(name);
        free(path);
        if (!made || rc)
            return rc;
    }
    return err_set(e, E_ENV, "%s holds too many runs of this second; use --out", RUNS);
}

static int make_told(const char *told, char **out, struct err *e)
{
    struct err unmade = {0};
    struct stat st;
    if (file_mkdirs(told, &unmade))
        return err_set(e, E_ENV, "%s; choose another folder with --out", unmade.text);
    char *journal = xasprintf("%s/journal.jsonl", told);
    int rc = 0;
    if (!lstat(journal, &st))
        rc = err_set(
            e, E_INVALID,
            "%s holds an earlier run already, which is never written over: choose "
            "another folder with --out, or remove it",
            told);
    else if (access(told, W_OK | X_OK))
        rc = refuse(e, "write in", told);
    if (!rc)
        *out = cli_absolute(told);
    free(journal);
    return rc;
}

/* ---- who writes in it ---- */

int cli_folder_lock(const char *path, bool writing, struct folder_lock *out,
                    struct err *e)
{
    struct stat st;
    bool folder = !stat(path, &st) && S_ISDIR(st.st_mode);
    char *dir = folder ? xstrdup(path) : file_beside(path, ".");
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
    /* A file system without locks has none: then it is on trust. */
    if (fd >= 0 && flock(fd, (writing ? LOCK_EX : LOCK_SH) | LOCK_NB) &&
        errno == EWOULDBLOCK) {
        rc = err_set(e, E_INVALID,
                     writing
                         ? "somebody is reading or writing in %s: choose another "
                           "folder with --out"
                         : "%s is still being written by a run: wait until it has ended",
                     path);
        close(fd);
        fd = -1;
    }
    out->fd_plus_one = fd + 1;
    free(dir);
    return rc;
}

void cli_folder_unlock(struct folder_lock *l)
{
    if (l->fd_plus_one)
        close(l->fd_plus_one - 1);
    l->fd_plus_one = 0;
}

int cli_folder(const char *told, when_t wall, char **out, struct err *e)
{
    return told ? make_told(told, out, e) : make_new(wall, out, e);
}

int cli_temporary(char **out, struct err *e)
{
    const char *tmp = getenv("TMPDIR");
    char *folder = xasprintf("%s/koppelproef-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    int rc = mkdtemp(folder) ? 0
                             : err_set(e, E_ENV, "can't make a folder %s: %s", folder,
                                       strerror(errno));
    if (rc)
        free(folder);
    else
        *out = folder;
    return rc;
}
