/* koppelproef judge: verdicts and reports once more, from a journal alone. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"

const struct cli_option cli_judge_options[] = {
    {"out", 'o', "DIR", "write result.json and junit.xml there"},
    {"waivers", 'w', "FILE", "known deviations that were agreed upon"},
    {"baseline", 'b', "FILE", "result.json of an earlier run: only what is worse counts"},
    CLI_RELIABILITY_OPTION,
    {"lang", 'l', "nl|en", "language of the report (default: from LANG)"},
    CLI_GITHUB_OPTION,
    {"quiet", 'q', NULL, "no report on the terminal"},
    {NULL, 0, NULL, NULL},
};

int cli_write_reports(const char *folder, const json_t *result, enum lang lang,
                      struct err *e)
{
    char *json = xasprintf("%s/result.json", folder);
    char *junit = xasprintf("%s/junit.xml", folder);
    int rc = report_json(json, result, e);
    if (!rc)
        rc = report_junit(junit, result, lang, e);
    free(json);
    free(junit);
    return rc;
}

/* The journal in a folder, or the file itself. The caller frees. */
static char *find_journal(const char *given)
{
    struct stat st;
    char *path = cli_path(given);
    if (stat(path, &st) || !S_ISDIR(st.st_mode))
        return path;
    char *journal = xasprintf("%s/journal.jsonl", path);
    free(path);
    return journal;
}

int cmd_judge(const struct cli_args *a)
{
    struct requirements *requirements = NULL;
    struct cli_exceptions exceptions = {0};
    struct folder_lock lock = {0};
    struct err e = {0};
    json_t *result = NULL;
    enum lang lang = LANG_EN;
    const char *out = cli_value(a, "out");
    bool github = cli_value(a, "github") != NULL;
    int code = EXIT_CONFORM, rc = cli_operands(a, 1, 1, &e);
    char *journal = rc ? NULL : find_journal(a->operand[0]);
    if (!rc)
        rc = cli_lang(a, &lang, &e);
    if (!rc)
        rc = cli_load_requirements(&requirements, &e);
    if (!rc)
        rc = cli_load_exceptions(a, requirements, &exceptions, &e);
    if (!rc)
        rc = cli_folder_lock(journal, false, &lock, &e);
    if (!rc)
        rc = judge_journal_with(journal, requirements, &exceptions.view, &result, &e);
    if (!rc && out)
        rc = file_mkdirs(out, &e);
    if (!rc && out)
        rc = cli_write_reports(out, result, lang, &e);
    if (!rc)
        code = (int)json_integer_value(json_object_get(result, "exitCode"));
    if (!rc && !cli_value(a, "quiet"))
        cli_console(result, out ? out : a->operand[0], lang, github);
    if (!rc && github)
        rc = cli_github(journal, result, lang, &e);
    json_decref(result);
    cli_exceptions_done(&exceptions);
    requirements_free(requirements);
    cli_folder_unlock(&lock);
    free(journal);
    return rc ? cli_worse(code, cli_fail(&e)) : code;
}
