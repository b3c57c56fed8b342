/* koppelproef report: the reports of an earlier run once more, from its journal alone. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "mocks/mutants.h"

const struct cli_option cli_report_options[] = {
    {"format", 'f', "LIST", "which, with commas between (default: html)"},
    {"out", 'o', "DIR", "where to (default: the folder of the run)"},
    {"lang", 'l', "nl|en", "language of the report (default: from LANG)"},
    {"waivers", 'w', "FILE", "known deviations that were agreed upon"},
    {"baseline", 'b', "FILE", "result.json of an earlier run: only what is worse counts"},
    CLI_RELIABILITY_OPTION,
    CLI_GITHUB_OPTION,
    {NULL, 0, NULL, NULL},
};

/* ---- what the journal does not say ---- */

static json_t *known_mutants(void)
{
    json_t *all = json_object();
    const struct mutant *m;
    for (size_t i = 0; (m = mutant_at(i)); i++) {
        const char *id = m->reds + strspn(m->reds, " ");
        for (size_t n; (n = strcspn(id, " ")) > 0; id += n, id += strspn(id, " ")) {
            char *key = xstrndup(id, n);
            json_t *list = json_object_get(all, key);
            if (!list) {
                list = json_array();
                json_object_set_new(all, key, list);
            }
            json_array_append_new(list, json_string(m->name));
            free(key);
        }
    }
    return all;
}

json_t *cli_known(const struct tables *t)
{
    json_t *instellingen = json_object(), *regions = json_object();
    for (size_t i = 0; i < t->n_instellingen; i++)
        json_object_set_new(instellingen, t->instellingen[i].code,
                            json_pack("{ss,si}", "name", t->instellingen[i].name,
                                      "region", t->instellingen[i].region));
    for (size_t i = 0; i < t->n_regions; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", t->regions[i].number);
        json_object_set_new(regions, key, json_string(t->regions[i].name));
    }
    return json_pack("{so,so,so}", "instellingen", instellingen, "regions", regions,
                     "mutants", known_mutants());
}

int cli_write_pages(const char *folder, const json_t *result, const struct tables *t,
                    enum lang lang, struct err *e)
{
    char *journal = xasprintf("%s/journal.jsonl", folder);
    json_t *known = cli_known(t);
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
    if (!rc) {
        known = cli_known(tables);
        struct cli_rendering r = {out ? out : home, journal, result, known, lang};
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
