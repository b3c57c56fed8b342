/* koppelproef report: the reports of an earlier run once more, from its journal alone. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "harness/cli/selftest.h"
#include "mocks/mutants.h"

const struct cli_option cli_report_options[] = {
    {"format", 'f', "LIST", "which, with commas between (default: html)"},
    {"out", 'o', "DIR", "where to (default: the folder of the run)"},
    {"lang", 'l', "nl|en", "language of the report (default: from LANG)"},
    {"waivers", 'w', "FILE", "known deviations that were agreed upon"},
    {"baseline", 'b', "FILE", "result.json of an earlier run: only what is worse counts"},
    {"selftest", 0, "FILE",
     "selftest.json: what the report says to be proven\n(default: the one in its folder, "
     "if there is one)"},
    CLI_RELIABILITY_OPTION,
    CLI_GITHUB_OPTION,
    {NULL, 0, NULL, NULL},
};

/* ---- what the journal does not say ---- */

/* Puts the mutant under each requirement that it turns red. */
static void turns_red(json_t *all, const char *mutant, const json_t *reds)
{
    for (size_t i = 0; i < json_array_size(reds); i++) {
        const char *id = json_string_value(json_array_get(reds, i));
        json_t *list = id ? json_object_get(all, id) : NULL;
        if (id && !list)
            json_object_set_new(all, id, list = json_array());
        json_array_append_new(list, json_string(mutant));
    }
}

static json_t *stated_mutants(void)
{
    json_t *all = json_object();
    const struct mutant *m;
    for (size_t i = 0; (m = mutant_at(i)); i++) {
        json_t *reds = tried_expected(m);
        turns_red(all, m->name, reds);
        json_decref(reds);
    }
    return all;
}

static json_t *killed_mutants(const json_t *selftest)
{
    json_t *all = json_object();
    const json_t *list = json_object_get(selftest, "mutants");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(m, "name"));
        const char *verdict = json_string_value(json_object_get(m, "verdict"));
        if (name && verdict && !strcmp(verdict, tried_name(TRIED_KILLED)))
            turns_red(all, name, json_object_get(m, "reds"));
    }
    return all;
}

/* A selftest says something of a report when the same checks judged, in the same form. */
static int read_selftest(const char *path, const char *profile, json_t **out,
                         struct err *e)
{
    json_t *selftest = NULL;
    int rc = file_read_json(path, &selftest, e);
    const char *version = json_string_value(json_object_get(selftest, "koppelproef"));
    const char *of = json_string_value(json_object_get(selftest, "profile"));
    if (!rc && (!version || !of || !json_object_get(selftest, "mutants")))
        rc = err_set(e, E_INVALID, "this is no selftest.json");
    else if (!rc && strcmp(version, KOPPELPROEF_VERSION) != 0)
        rc = err_set(e, E_INVALID, "this is a selftest of koppelproef %s, not of %s",
                     version, KOPPELPROEF_VERSION);
    else if (!rc && profile && strcmp(of, profile) != 0)
        rc = err_set(e, E_INVALID,
                     "this is a selftest in profile %s, and the run is in %s", of,
                     profile);
    if (rc) {
        err_at(e, path, 0, 0, NULL);
        json_decref(selftest);
        return E_INVALID;
    }
    *out = selftest;
    return 0;
}

json_t *cli_known(const struct tables *t, const char *folder, const json_t *result)
{
    json_t *instellingen = json_object(), *regions = json_object(), *selftest = NULL;
    for (size_t i = 0; i < t->n_instellingen; i++)
        json_object_set_new(instellingen, t->instellingen[i].code,
                            json_pack("{ss,si}", "name", t->instellingen[i].name,
                                      "region", t->instellingen[i].region));
    for (size_t i = 0; i < t->n_regions; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", t->regions[i].number);
        json_object_set_new(regions, key, json_string(t->regions[i].name));
    }
    char *path = xasprintf("%s/" CLI_SELFTEST_FILE, folder);
    const char *profile = json_string_value(json_object_get(result, "profile"));
    bool proven = read_selftest(path, profile, &selftest, NULL) == 0;
    json_t *known = json_pack(
        "{so,so,so,sb}", "instellingen", instellingen, "regions", regions, "mutants",
        proven ? killed_mutants(selftest) : stated_mutants(), "proven", proven);
    json_decref(selftest);
    free(path);
    return known;
}

/* Puts the selftest that was named beside the report: it is part of what it says. */
static int keep_selftest(const char *file, const char *folder, const json_t *result,
                         struct err *e)
{
    json_t *selftest = NULL;
    const char *profile = json_string_value(json_object_get(result, "profile"));
    int rc = read_selftest(file, profile, &selftest, e);
    if (!rc)
        rc = file_mkdirs(folder, e);
    if (!rc) {
        char *path = xasprintf("%s/" CLI_SELFTEST_FILE, folder);
        char *text = json_dumps(selftest, JSON_INDENT(1));
        rc = file_write(path, text, strlen(text), e);
        free(text);
        free(path);
    }
    json_decref(selftest);
    return rc;
}

int cli_write_pages(const char *folder, const json_t *result, const struct tables *t,
                    enum lang lang, struct err *e)
{
    char *journal = xasprintf("%s/journal.jsonl", folder);
    json_t *known = cli_known(t, folder, result);
    int rc = report_html(folder, result, journal, known, lang, e);
    json_decref(known);
    free(journal);
    return rc;
}

/* ---- the formats ---- */

static int as_html(const struct cli_rendering *r, const char *path, struct err *e)
{
    (void)path; /* pages of several names */
    return report_html(r->folder, r->result, r->journal, r->known, r->lang, e);
}

static int as_json(const struct cli_rendering *r, const char *path, struct err *e)
{
    return report_json(path, r->result, e);
}

static int as_junit(const struct cli_rendering *r, const char *path, struct err *e)
{
    return report_junit(path, r->result, r->lang, e);
}

static int as_markdown(const struct cli_rendering *r, const char *path, struct err *e)
{
    return report_markdown(path, r->result, r->lang, e);
}

static int as_tap(const struct cli_rendering *r, const char *path, struct err *e)
{
    return report_tap(path, r->result, r->lang, e);
}

static int as_ctrf(const struct cli_rendering *r, const char *path, struct err *e)
{
    return report_ctrf(path, r->result, r->lang, e);
}

static int as_csv(const struct cli_rendering *r, const char *path, struct err *e)
{
    return report_csv(path, r->result, r->lang, e);
}

static int as_har(const struct cli_rendering *r, const char *path, struct err *e)
{
    return report_har(path, r->journal, e);
}

static const struct format {
    const char *name, *file;
    int (*write)(const struct cli_rendering *r, const char *path, struct err *e);
} formats[] = {{"json", "result.json", as_json},
               {"junit", "junit.xml", as_junit},
               {"markdown", "report.md", as_markdown},
               {"tap", "report.tap", as_tap},
               {"ctrf", "ctrf.json", as_ctrf},
               {"csv", "requirements.csv", as_csv},
               {"har", "exchanges.har", as_har},
               /* last: it links to what is there */
               {"html", "report.html", as_html}};

const char *cli_format_file(size_t i)
{
    return i < ARRAY_LEN(formats) ? formats[i].file : NULL;
}

int cli_format_write(const struct cli_rendering *r, size_t i, struct err *e)
{
    char *path = xasprintf("%s/%s", r->folder, formats[i].file);
    int rc = formats[i].write(r, path, e);
    free(path);
    return rc;
}

/* Which of them the list names: bits by index. */
static int read_formats(const char *list, unsigned *out, struct err *e)
{
    const char *names[ARRAY_LEN(formats)];
    unsigned asked = 0;
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        names[i] = formats[i].name;
    for (const char *at = list; !rc; at++) {
        size_t n = strcspn(at, ","), index = 0;
        char *word = xstrndup(at, n);
        rc = cli_word("--format", word, names, ARRAY_LEN(names), &index, e);
        asked |= 1u << index;
        free(word);
        at += n;
        if (!*at)
            break;
    }
    if (!rc)
        *out = asked;
    return rc;
}

static int write_all(const struct cli_rendering *r, unsigned asked, struct err *e)
{
    int rc = file_mkdirs(r->folder, e);
    for (size_t i = 0; i < ARRAY_LEN(formats) && !rc; i++) {
        if (!(asked >> i & 1))
            continue;
        rc = cli_format_write(r, i, e);
        if (!rc)
            printf("%s/%s\n", r->folder, formats[i].file);
    }
    return rc;
}

/* Of a file. The caller frees. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return !slash          ? xstrdup(".")
           : slash == path ? xstrdup("/")
                           : xstrndup(path, (size_t)(slash - path));
}

int cmd_report(const struct cli_args *a)
{
    struct requirements *requirements = NULL;
    struct cli_exceptions exceptions = {0};
    struct tables *tables = NULL;
    struct folder_lock lock = {0};
    struct err e = {0};
    struct stat st;
    json_t *result = NULL, *known = NULL;
    enum lang lang = LANG_EN;
    unsigned asked = 0;
    int rc = cli_operands(a, 1, 1, &e);
    char *given = rc ? NULL : cli_path(a->operand[0]);
    bool folder = given && !stat(given, &st) && S_ISDIR(st.st_mode);
    char *journal = folder ? xasprintf("%s/journal.jsonl", given) : xstrdup(given);
    char *home = folder ? xstrdup(given) : given ? folder_of(given) : NULL;
    const char *out = cli_value(a, "out");
    if (!rc)
        rc = read_formats(cli_value_or(a, "format", NULL, "html"), &asked, &e);
    if (!rc)
        rc = cli_lang(a, &lang, &e);
    if (!rc)
        rc = cli_load_requirements(&requirements, &e);
    if (!rc)
        rc = cli_load_tables(&tables, &e);
    if (!rc)
        rc = cli_load_exceptions(a, requirements, &exceptions, &e);
    if (!rc)
        rc = cli_folder_lock(journal, false, &lock, &e);
    if (!rc)
        rc = judge_journal_with(journal, requirements, &exceptions.view, &result, &e);
    const char *to = out ? out : home, *selftest = cli_value(a, "selftest");
    if (!rc && selftest)
        rc = keep_selftest(selftest, to, result, &e);
    if (!rc) {
        known = cli_known(tables, to, result);
        struct cli_rendering r = {to, journal, result, known, lang};
        rc = write_all(&r, asked, &e);
    }
    if (!rc && cli_value(a, "github"))
        rc = cli_github(journal, result, lang, &e);
    json_decref(known);
    json_decref(result);
    tables_free(tables);
    cli_exceptions_done(&exceptions);
    requirements_free(requirements);
    cli_folder_unlock(&lock);
    free(home);
    free(journal);
    free(given);
    return rc ? cli_fail(&e) : EXIT_CONFORM;
}
