/* What the sub-commands share: sentences, exit codes, and loading what they work on. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"

#define FILE_MAX ((size_t)64 << 20)

const char *const cli_roles[2] = {"koppelpunt", "overstapsysteem"};

/* ---- sentences and exit codes ---- */

void cli_say(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = xvasprintf(fmt, ap);
    va_end(ap);
    fprintf(stderr, "koppelproef: %s\n", text);
    free(text);
}

int cli_exit_of(int rc)
{
    switch (rc) {
    case 0:
        return EXIT_CONFORM;
    case E_ENV:
        return EXIT_ENVIRONMENT;
    case E_HARNESS:
        return EXIT_HARNESS;
    default: /* E_INVALID, E_NOTFOUND, E_TOOBIG: what we were told to read */
        return EXIT_USAGE;
    }
}

/* Many readers know the file and the pointer; people want the line. */
static void locate(struct err *e)
{
    char *text = NULL;
    size_t n = 0;
    int line = 0, column = 0;
    if (!e->file[0] || !e->pointer[0] || e->line ||
        file_read(e->file, FILE_MAX, &text, &n, NULL))
        return;
    struct json_places *places = json_places_new(text, n);
    json_places_find(places, e->pointer, &line, &column);
    err_at(e, NULL, line, column, NULL);
    json_places_free(places);
    free(text);
}

int cli_fail(const struct err *e)
{
    struct err placed = *e;
    locate(&placed);
    char *sentence = err_sentence(&placed);
    cli_say("%s", sentence);
    free(sentence);
    return cli_exit_of(e->code);
}

int cli_flush(int exit_code)
{
    errno = 0;
    bool lost = fflush(stdout) || ferror(stdout);
    int why = errno;
    clearerr(stdout);
    if (!lost || why == EPIPE)
        return exit_code;
    cli_say("standard output can't be written%s%s", why ? ": " : "",
            why ? strerror(why) : "");
    return cli_worse(exit_code, EXIT_ENVIRONMENT);
}

char *cli_path(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    return xstrndup(path, n);
}

/* Koppelvlak section 5: highest concern first; interrupted says why the rest is missing.
 */
static size_t concern(int exit_code)
{
    static const int order[] = {EXIT_INTERRUPTED, EXIT_HARNESS,    EXIT_USAGE,
                                EXIT_ENVIRONMENT, EXIT_FAILED,     6,
                                EXIT_WAIVER,      EXIT_INCOMPLETE, 7};
    size_t i = 0;
    while (i < ARRAY_LEN(order) && order[i] != exit_code)
        i++;
    return i;
}

int cli_worse(int a, int b)
{
    return concern(a) <= concern(b) ? a : b;
}

const char *cli_suggestion(char *out, size_t n, const char *word,
                           const char *const *words, size_t n_words)
{
    const char *near = word_nearest(word, words, n_words);
    snprintf(out, n, "%s%s%s", near ? "; did you mean \"" : "", near ? near : "",
             near ? "\"?" : "");
    return out;
}

int cli_lang(const struct cli_args *a, enum lang *out, struct err *e)
{
    static const char *const words[] = {"nl", "en"};
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *told = cli_value(a, "lang"), *found = NULL;
    size_t index;
    if (told) {
        int rc = cli_word("--lang", told, words, ARRAY_LEN(words), &index, e);
        if (!rc)
            *out = index == 0 ? LANG_NL : LANG_EN;
        return rc;
    }
    for (size_t i = 0; i < ARRAY_LEN(variables) && !found; i++)
        found = cli_value_or(a, NULL, variables[i], NULL);
    *out = found && !strncmp(found, "nl", 2) ? LANG_NL : LANG_EN;
    return 0;
}

bool cli_colour(FILE *f)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fileno(f)) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

char *cli_binary(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    /* A binary that was replaced since can still be started through the link. */
    return xstrdup(n > 0 && access(path, X_OK) == 0 ? path : "/proc/self/exe");
}

char *cli_absolute(const char *path)
{
    if (path[0] == '/')
        return xstrdup(path);
    char *here = getcwd(NULL, 0);
    char *whole = xasprintf("%s/%s", here ? here : ".", path);
    free(here);
    return whole;
}

/* ---- loading ---- */

/* No other file may call itself by this profile's name: nobody would know which of the
 * two was tried. What can't be read is beside the point here. */
static int called_twice(char *const *names, const char *name, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; names[i] && !rc; i++) {
        json_t *other = NULL;
        char *path = xasprintf("%s/profiles/%s.json", profile_dir(), names[i]);
        const char *called = NULL;
        if (strcmp(names[i], name) != 0 && !file_read_json(path, &other, NULL))
            called = json_string_value(json_object_get(other, "profile"));
        if (called && !strcmp(called, name)) {
            rc = err_set(e, E_INVALID,
                         "two profiles have the name \"%s\": this one and %s.json", name,
                         name);
            err_at(e, path, 0, 0, "/profile");
        }
        json_decref(other);
        free(path);
    }
    return rc;
}

int cli_load_profile(const char *name, struct profile **out, struct err *e)
{
    char **names = NULL, near[120];
    size_t n = 0;
    bool known = false;
    struct err unread = {0};
    if (profile_list(profile_dir(), &names, &unread))
        return err_set(e, E_ENV,
                       "the fixtures are not found (%s): set KOPPELPROEF_FIXTURES",
                       unread.text);
    for (; names[n]; n++)
        known = known || !strcmp(names[n], name);
    int rc = 0;
    if (!known) {
        cli_suggestion(near, sizeof near, name, (const char *const *)names, n);
        rc = err_set(e, E_INVALID, "there is no profile \"%s\"%s%s", name, near,
                     *near ? "" : "; see `koppelproef list profiles`");
    } else {
        rc = called_twice(names, name, e);
    }
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
    return rc ? rc : profile_load(profile_dir(), name, out, e);
}

int cli_load_tables(struct tables **out, struct err *e)
{
    return tables_load(profile_dir(), out, e);
}

int cli_load_requirements(struct requirements **out, struct err *e)
{
    char *path = xasprintf("%s/requirements.json", profile_dir());
    int rc = requirements_load(path, out, e);
    free(path);
    return rc;
}

int cli_role(const struct cli_args *a, const char **out, struct err *e)
{
    const char *told = cli_value(a, "role");
    size_t index;
    *out = NULL;
    if (!told)
        return 0;
    int rc = cli_word("--role", told, cli_roles, ARRAY_LEN(cli_roles), &index, e);
    if (!rc)
        *out = cli_roles[index];
    return rc;
}

int cli_load_iut(const char *path, const char *profile, struct iut **out, struct err *e)
{
    struct iut *i = NULL;
    int rc = iut_load(path, &i, e);
    if (rc)
        return rc;
    if (!iut_speaks(i, profile)) {
        rc = err_set(
            e, E_INVALID,
            "the system does not speak profile %s: name it in \"profiles\", or choose "
            "another with --profile",
            profile);
        err_at(e, path, 0, 0, NULL);
        iut_free(i);
        return rc;
    }
    *out = i;
    return 0;
}
