/* --github: annotations on standard output, and the job summary. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "harness/wire/journal.h"

#define SUMMARY_MAX  (1u << 20) /* of a step: GitHub refuses what is larger */
#define SCENARIO_MAX (1u << 20)

/* ---- where scenarios stand ---- */

/* "role/name" -> the file that it was read from, as the journal says. */
static int note_file(void *arg, json_t *event)
{
    struct map *files = arg;
    const json_t *planned = json_object_get(event, "planned");
    const char *kind = json_text(event, "kind");
    if (!kind || strcmp(kind, "run"))
        return 1; /* those of all roles come first */
    for (size_t i = 0; i < json_array_size(planned); i++) {
        const json_t *p = json_array_get(planned, i);
        const char *name = json_text(p, "scenario"), *file = json_text(p, "file");
        if (name && file)
            free(map_put(files, name, xstrdup(file)));
    }
    return 0;
}

struct workspace {
    struct map *files;
    char *root; /* absolute, without a slash at its end */
};

/* What comes behind the root in the path of something in it, else NULL. */
static const char *below(const char *root, const char *path)
{
    size_t n = strlen(root);
    return !strncmp(path, root, n) && path[n] == '/' && !strstr(path, "/../")
               ? path + n + 1
               : NULL;
}

static bool place_of(void *arg, const char *role, const char *scenario, const char *step,
                     char **file, int *line)
{
    const struct workspace *w = arg;
    char *key = xasprintf("%s/%s", role, scenario), *text = NULL;
    const char *path = map_get(w->files, key);
    const char *relative = path ? below(w->root, path) : NULL;
    struct err none = {0};
    size_t n = 0;
    int column = 0;
    free(key);
    if (!relative || file_read(path, SCENARIO_MAX, &text, &n, &none))
        return false;
    struct json_places *places = json_places_new(text, n);
    json_places_find(places, step, line, &column);
    json_places_free(places);
    free(text);
    *file = xstrdup(relative);
    return true;
}

static char *workspace_root(void)
{
    const char *told = getenv("GITHUB_WORKSPACE");
    char *root = realpath(told && *told ? told : ".", NULL);
    return root ? root : xstrdup("/nowhere");
}

/* ---- the job summary ---- */

/* As much of it as there is room for, whole lines, and what became of the rest. */
static size_t fitting(const struct buf *text, size_t room, const char *note)
{
    if (text->n <= room)
        return text->n;
    size_t n = room > strlen(note) ? room - strlen(note) : 0;
    while (n > 0 && text->p[n - 1] != '\n')
        n--;
    return n;
}

static int write_whole(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno != EINTR)
            return -1;
        p += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

static int append(const char *path, const struct buf *text, enum lang lang, struct err *e)
{
    const char *note = lang == LANG_NL ? "\n(De rest staat in report.html.)\n"
                                       : "\n(The rest is in report.html.)\n";
    struct stat st;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666), failed = fd < 0;
    if (!failed)
        failed = fstat(fd, &st);
    if (!failed) {
        size_t size = (size_t)st.st_size;
        size_t room = size < SUMMARY_MAX ? SUMMARY_MAX - size : 0;
        size_t n = fitting(text, room, note);
        failed = n && write_whole(fd, text->p, n);
        if (!failed && n && n < text->n)
            failed = write_whole(fd, note, strlen(note));
    }
    int why = errno;
    if (fd >= 0)
        close(fd);
    return failed ? err_set(e, E_ENV, "can't write the job summary %s: %s", path,
                            strerror(why))
                  : 0;
}

/* ---- both ---- */

int cli_github(const char *journal, const json_t *result, enum lang lang, struct err *e)
{
    const char *summary = getenv("GITHUB_STEP_SUMMARY");
    struct workspace w = {.files = map_new(), .root = workspace_root()};
    struct buf text;
    int rc = journal_read(journal, note_file, w.files, NULL, e);
    if (!rc)
        report_github(stdout, result, lang, place_of, &w);
    if (!rc && summary && *summary) {
        rc = report_markdown_text(&text, result, lang, e);
        if (!rc)
            rc = append(summary, &text, lang, e);
        buf_done(&text);
    }
    map_free(w.files, free);
    free(w.root);
    return rc;
}

void cli_console(const json_t *result, const char *out_dir, enum lang lang, bool github)
{
    uint64_t word = rng_fresh_seed();
    if (github) /* what a system under test says is no command */
        printf("::stop-commands::koppelproef-%016llx\n", (unsigned long long)word);
    report_console(stdout, result, out_dir, lang, cli_colour(stdout));
    if (github)
        printf("::koppelproef-%016llx::\n", (unsigned long long)word);
}
