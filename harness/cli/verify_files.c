/* The reports of a run beside those that its journal gives: which are the same? */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/verify.h"

#define REPORT_MAX ((size_t)512 << 20)
#define EXCERPT    40
#define PAGES_SAID 5 /* one fault is often in all pages */

const char *verify_in(const struct verifying *v, const char *nl, const char *en)
{
    return v->lang == LANG_NL ? nl : en;
}

void verify_say(const struct verifying *v, bool wrong, const char *file, const char *fmt,
                ...)
{
    if (v->silent || (v->quiet && !wrong))
        return;
    va_list ap;
    va_start(ap, fmt);
    char *text = xvasprintf(fmt, ap);
    va_end(ap);
    fprintf(v->quiet ? stderr : stdout, "%-24s %s\n", file, text);
    free(text);
}

static char *path_in(const char *folder, const char *name)
{
    return xasprintf("%s/%s", folder, name);
}

static bool is_file(const char *folder, const char *name)
{
    struct stat st;
    char *path = path_in(folder, name);
    bool yes = !lstat(path, &st) && S_ISREG(st.st_mode);
    free(path);
    return yes;
}

/* ---- making them anew ---- */

/* The language of the page that has no language in its name; else `otherwise`. */
static enum lang language_of(const struct verifying *v, enum lang otherwise)
{
    char *path = path_in(v->folder, "report.html"), start[400] = "";
    FILE *f = fopen(path, "re");
    if (f && fread(start, 1, sizeof start - 1, f) == 0)
        start[0] = 0;
    if (f)
        fclose(f);
    free(path);
    return strstr(start, "<html lang=\"nl\"")   ? LANG_NL
           : strstr(start, "<html lang=\"en\"") ? LANG_EN
                                                : otherwise;
}

/* Those that every run leaves, and those that are there. */
static bool wanted(const struct verifying *v, const char *file)
{
    return !strcmp(file, "result.json") || !strcmp(file, "junit.xml") ||
           !strcmp(file, "report.html") || is_file(v->folder, file);
}

/* The front page links to the files that stand beside it. */
static int stand_in(const char *folder, struct err *e)
{
    char *path = path_in(folder, "journal.jsonl");
    int rc = file_write(path, "", 0, e);
    free(path);
    return rc;
}

static int make(struct verifying *v, enum lang lang, struct err *e)
{
    const char *file;
    char *folder = NULL;
    int rc = cli_temporary(&folder, e);
    if (rc)
        return rc;
    v->made[lang] = folder;
    struct cli_rendering r = {folder, v->journal, v->result, v->known, lang};
    rc = stand_in(folder, e);
    for (size_t i = 0; !rc && (file = cli_format_file(i)); i++)
        if (wanted(v, file))
            rc = cli_format_write(&r, i, e);
    return rc;
}

/* ---- comparing ---- */

/* Up to the end of the line, and not in the middle of a character. */
static char *excerpt(const char *at, const char *end)
{
    size_t n = 0;
    while (at + n < end && n < EXCERPT && at[n] != '\n' && at[n] != '\r')
        n++;
    while (n > 0 && at + n < end && ((unsigned char)at[n] & 0xC0) == 0x80)
        n--;
    return n ? xstrndup(at, n) : xstrdup("");
}

static void say_where(const struct verifying *v, const char *name, const char *a,
                      size_t an, const char *b, size_t bn)
{
    size_t i = 0, line = 1, column = 1;
    for (; i < an && i < bn && a[i] == b[i]; i++) {
        column = a[i] == '\n' ? 1 : column + 1;
        line += a[i] == '\n';
    }
    char *here = excerpt(a + i, a + an), *there = excerpt(b + i, b + bn);
    verify_say(v, true, name,
               verify_in(v,
                         "verschilt vanaf regel %zu, kolom %zu: \"%s\", volgens het "
                         "journaal \"%s\"",
                         "differs from line %zu, column %zu on: \"%s\", by the journal "
                         "\"%s\""),
               line, column, here, there);
    free(here);
    free(there);
}

/* Byte for byte. `say`: name the first difference. */
static int same_bytes(struct verifying *v, const char *made, const char *name, bool say,
                      bool *same, struct err *e)
{
    char *a = NULL, *b = NULL, *here = path_in(v->folder, name);
    char *there = path_in(made, name);
    size_t an = 0, bn = 0;
    int rc = file_read(here, REPORT_MAX, &a, &an, e);
    if (!rc)
        rc = file_read(there, REPORT_MAX, &b, &bn, e);
    *same = !rc && an == bn && !memcmp(a, b, an);
    if (!rc && !*same && say)
        say_where(v, name, a, an, b, bn);
    free(a);
    free(b);
    free(here);
    free(there);
    return rc;
}

static char *short_json(const struct verifying *v, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (!text)
        return xstrdup(verify_in(v, "niets", "nothing"));
    if (strlen(text) <= 2 * EXCERPT)
        return text;
    char *start = excerpt(text, text + strlen(text));
    char *cut = xasprintf("%s...", start);
    free(start);
    free(text);
    return cut;
}

/* result.json, member by member. */
static int same_members(struct verifying *v, const char *made, bool *same, struct err *e)
{
    char *path = path_in(made, "result.json");
    json_t *anew = NULL;
    const json_t *here = NULL, *there = NULL;
    struct buf pointer;
    int rc = file_read_json(path, &anew, e);
    buf_init(&pointer, 4096);
    buf_adds(&pointer, "");
    *same = !rc && !json_difference(v->given, anew, &pointer, &here, &there);
    if (!rc && !*same) {
        char *a = short_json(v, here), *b = short_json(v, there);
        verify_say(v, true, "result.json",
                   verify_in(v,
                             "verschilt bij %s: daar staat %s, volgens het journaal %s",
                             "differs at %s: it says %s, by the journal %s"),
                   pointer.n ? pointer.p : "/", a, b);
        free(a);
        free(b);
    }
    buf_done(&pointer);
    json_decref(anew);
    free(path);
    return rc;
}

/* A report that was asked for in the other language is as good. */
static int in_other_language(struct verifying *v, enum lang lang, const char *name,
                             bool *same, struct err *e)
{
    enum lang other = lang == LANG_NL ? LANG_EN : LANG_NL;
    int rc = v->made[other] ? 0 : make(v, other, e);
    return rc ? rc : same_bytes(v, v->made[other], name, false, same, e);
}

static void note(struct verifying *v, const char *name, enum verify_state state)
{
    map_put(v->ours, name, (void *)(uintptr_t)state);
    v->wrong += state != VERIFY_SAME;
    v->pages += state != VERIFY_SAME && !strncmp(name, "scenarios/", 10);
}

static int compare(struct verifying *v, enum lang lang, const char *name, struct err *e)
{
    bool same = false, result = !strcmp(name, "result.json");
    bool html = strstr(name, ".html") != NULL;
    bool page = !strncmp(name, "scenarios/", 10);
    bool say = !page || v->pages < PAGES_SAID;
    int rc = 0;
    if (!is_file(v->folder, name)) {
        note(v, name, VERIFY_MISSING);
        if (say)
            verify_say(v, true, name, "%s", verify_in(v, "ontbreekt", "missing"));
        return 0;
    }
    if (result && !v->given) { /* what is wrong with it has been said */
        note(v, name, VERIFY_DIFFERS);
        return 0;
    }
    rc = result ? same_members(v, v->made[lang], &same, e)
                : same_bytes(v, v->made[lang], name, html && say, &same, e);
    if (!rc && !same && !result && !html)
        rc = in_other_language(v, lang, name, &same, e);
    if (!rc && !same && !result && !html) /* now say where */
        rc = same_bytes(v, v->made[lang], name, true, &same, e);
    note(v, name, same ? VERIFY_SAME : VERIFY_DIFFERS);
    return rc;
}

/* ---- all of them ---- */

/* Regular files below `folder`, one level of folders deep, sorted by name. */
static int names_in(const char *folder, const char *below, struct map *out, struct err *e)
{
    char **names = NULL, *dir = *below ? path_in(folder, below) : xstrdup(folder);
    size_t n = 0;
    int rc = file_list(dir, &names, &n, e);
    for (size_t i = 0; i < n; i++) {
        struct stat st;
        char *name = *below ? path_in(below, names[i]) : xstrdup(names[i]);
        char *path = path_in(folder, name);
        bool known = !lstat(path, &st);
        if (!rc && known && S_ISDIR(st.st_mode) && !*below && !strcmp(name, "scenarios"))
            rc = names_in(folder, name, out, e);
        else if (known && S_ISDIR(st.st_mode)) {
            char *shown = xasprintf("%s/", name);
            map_put(out, shown, out);
            free(shown);
        } else {
            map_put(out, name, out);
        }
        free(path);
        free(name);
        free(names[i]);
    }
    free(names);
    free(dir);
    return rc;
}

/* The pages of scenarios are many: those that are the same are counted. */
static void say_same(const struct verifying *v)
{
    const char *same = verify_in(v, "gelijk", "same");
    size_t pages = 0;
    for (struct map_item *i = map_first(v->ours); i; i = map_next(i)) {
        bool page = !strncmp(map_key(i), "scenarios/", 10);
        if ((uintptr_t)map_value(i) != VERIFY_SAME)
            continue;
        pages += page;
        if (!page)
            verify_say(v, false, map_key(i), "%s", same);
    }
    if (pages)
        verify_say(v, false, "scenarios/", verify_in(v, "%zu gelijk", "%zu same"), pages);
}

static bool of_bundle(const char *name)
{
    return !strcmp(name, "inputs/") || !strcmp(name, "statement.json");
}

int verify_files(struct verifying *v, struct err *e)
{
    struct map *here = map_new(), *there = map_new();
    enum lang lang = language_of(v, v->lang);
    v->known = cli_known(v->tables, v->folder, v->result);
    int rc = make(v, lang, e);
    if (!rc)
        rc = names_in(v->made[lang], "", there, e);
    for (struct map_item *i = map_first(there); i && !rc; i = map_next(i))
        if (strcmp(map_key(i), "journal.jsonl"))
            rc = compare(v, lang, map_key(i), e);
    if (!rc)
        rc = names_in(v->folder, "", here, e);
    for (struct map_item *i = map_first(here); i && !rc; i = map_next(i))
        if (strcmp(map_key(i), "journal.jsonl") &&
            strcmp(map_key(i), CLI_SELFTEST_FILE) && !map_get(v->ours, map_key(i)) &&
            !(v->bundle && of_bundle(map_key(i))))
            map_put(v->foreign, map_key(i), v);
    if (!rc) {
        if (v->pages > PAGES_SAID)
            verify_say(v, true, "scenarios/",
                       verify_in(v, "nog %zu verschillen of ontbreken",
                                 "%zu more differ or are missing"),
                       v->pages - PAGES_SAID);
        say_same(v);
        for (struct map_item *i = map_first(v->foreign); i; i = map_next(i))
            verify_say(
                v, false, map_key(i), "%s",
                verify_in(v, "niet van ons: niet vergeleken", "not ours: not compared"));
    }
    map_free(here, NULL);
    map_free(there, NULL);
    return rc;
}
