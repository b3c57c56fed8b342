/* koppelproef bundle: a run in one file that can be handed on. */
#include "harness/cli/bundle.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/base/tarball.h"

const struct cli_option cli_bundle_options[] = {
    {"out", 'o', "FILE", "where to (default: FOLDER.tar.gz)"},
    {"lang", 'l', "nl|en", "language of what is said (default: from LANG)"},
    {"quiet", 'q', NULL, "say nothing but what is wrong"},
    {NULL, 0, NULL, NULL},
};

static int pack(const char *out, const struct bundle *b, const json_t *statement,
                struct err *e)
{
    struct tarball_writer *w = NULL;
    char *dump = json_dumps(statement, JSON_INDENT(1));
    char *text = xasprintf("%s\n", dump);
    int rc = tarball_create(out, &w, e);
    if (!rc)
        rc = tarball_add(w, "statement.json", text, strlen(text), e);
    for (size_t i = 0; i < b->n && !rc; i++) {
        const struct bundle_item *f = &b->v[i];
        rc = f->text ? tarball_add(w, f->name, f->text, f->n, e)
                     : tarball_add_file(w, f->name, f->path, e);
    }
    if (rc)
        tarball_drop(w);
    else
        rc = tarball_finish(w, e);
    free(text);
    free(dump);
    return rc;
}

/* Evidence that does not hold is not handed on. */
static int must_match(struct verifying *v, struct err *e)
{
    bool edited;
    int rc = verify_folder(v, &edited, e);
    if (!rc && !v->given)
        return err_set(e, E_INVALID,
                       "%s has no result.json: `koppelproef report %s --format "
                       "json,junit,html` makes the reports",
                       v->shown, v->shown);
    if (!rc && v->other_data)
        return err_set(
            e, E_INVALID,
            "%s was made with another profile, requirements or tables than "
            "those of this koppelproef: make the bundle with the one of the run",
            v->shown);
    if (!rc && v->wrong && v->other)
        return err_set(
            e, E_INVALID,
            "%s was made by another build of koppelproef, and not all of it can "
            "be made again with this one: make the bundle with the one of the "
            "run",
            v->shown);
    if (!rc && v->wrong)
        return err_set(
            e, E_INVALID,
            "%s does not follow from its journal: `koppelproef verify %s` tells "
            "where; no bundle was made",
            v->shown, v->shown);
    return rc;
}

static int say_made(const struct verifying *v, const char *out, size_t files,
                    struct err *e)
{
    char digest[65];
    uint64_t bytes = 0;
    int rc = digest_file(out, digest, &bytes, e);
    if (rc || v->quiet)
        return rc;
    printf(verify_in(v,
                     "%s: %zu bestanden, %.1f MB, sha256 %s\n"
                     "Niet ondertekend; hoe dat gaat staat in README.md, \"Evidence\".\n",
                     "%s: %zu files, %.1f MB, sha256 %s\n"
                     "Not signed; README.md, \"Evidence\", says how to.\n"),
           out, files + 1, (double)bytes / 1e6, digest);
    return 0;
}

static int make(struct verifying *v, const char *out, struct err *e)
{
    struct bundle b = {0};
    json_t *statement = NULL;
    int rc = must_match(v, e);
    if (!rc)
        rc = bundle_gather(&b, v, profile_dir(), e);
    if (!rc)
        rc = bundle_private(&b, v, e);
    if (!rc) {
        statement = bundle_statement(&b, v);
        rc = pack(out, &b, statement, e);
    }
    if (!rc)
        rc = say_made(v, out, b.n, e);
    json_decref(statement);
    bundle_done(&b);
    return rc;
}

int cmd_bundle(const struct cli_args *a)
{
    struct folder_lock lock = {0};
    struct verifying v = {.silent = true};
    struct err e = {0};
    struct stat st;
    const char *told = cli_value(a, "out");
    int rc = cli_operands(a, 1, 1, &e);
    char *folder = rc ? NULL : cli_path(a->operand[0]);
    char *out = told ? xstrdup(told) : xasprintf("%s.tar.gz", folder ? folder : "");
    if (!rc)
        rc = cli_lang(a, &v.lang, &e);
    if (!rc && (stat(folder, &st) || !S_ISDIR(st.st_mode)))
        rc = err_set(&e, E_INVALID, "%s is not the folder of a run", folder);
    if (!rc)
        rc = cli_folder_lock(folder, false, &lock, &e);
    if (!rc) {
        v.folder = v.shown = folder;
        v.quiet = cli_value(a, "quiet") != NULL;
        rc = make(&v, out, &e);
        verify_done(&v);
    }
    cli_folder_unlock(&lock);
    free(out);
    free(folder);
    return rc ? cli_fail(&e) : EXIT_CONFORM;
}
