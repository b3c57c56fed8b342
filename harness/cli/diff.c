/* koppelproef diff: what changed between two runs. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/bundle.h"

const struct cli_option cli_diff_options[] = {
    {"format", 'f', "text|json|markdown", "how it is written (default: text)"},
    {"lang", 'l', "nl|en", "language of what is said (default: from LANG)"},
    {NULL, 0, NULL, NULL},
};

struct diff {
    const char *name[2]; /* as they were given: before, after */
    json_t *result[2];
    json_t *changes; /* results_compare */
    enum lang lang;
    FILE *f;
};

/* ---- reading ---- */

/* The result of a folder, a result.json or a bundle. */
static int read_one(const char *given, json_t **out, struct err *e)
{
    struct folder_lock lock = {0};
    struct stat st;
    char *path = cli_path(given), *file = NULL;
    int rc = stat(path, &st) ? err_set(e, E_INVALID, "there is no %s", path) : 0;
    bool folder = !rc && S_ISDIR(st.st_mode);
    if (!rc)
        rc = cli_folder_lock(path, false, &lock, e);
    if (!rc && !folder && bundle_looks_like(path)) {
        rc = bundle_result(path, out, e);
    } else if (!rc) {
        file = folder ? xasprintf("%s/result.json", path) : xstrdup(path);
        rc = file_read_json(file, out, e);
        if (rc == E_NOTFOUND) {
            err_clear(e);
            rc =
                err_set(e, E_INVALID,
                        "%s has no result.json: `koppelproef judge %s --out %s` makes it",
                        path, path, path);
        }
    }
    if (!rc) {
        rc = baseline_check(*out, e);
        if (rc)
            err_at(e, file ? file : path, 0, 0, NULL);
    }
    cli_folder_unlock(&lock);
    free(file);
    free(path);
    return rc;
}

/* ---- writing ---- */

static const char *in(const struct diff *d, const char *nl, const char *en)
{
    return d->lang == LANG_NL ? nl : en;
}

static const char *word(const struct diff *d, const char *change)
{
    static const struct {
        const char *name, *nl, *en;
    } words[] = {
        {"new-fail", "nieuwe fout", "new fail"},
        {"disappeared", "verdwenen", "disappeared"},
        {"not-observed", "niet meer gezien", "not seen any more"},
        {"changed", "veranderd", "changed"},
        {"findings", "andere bevindingen", "other findings"},
        {"appeared", "erbij gekomen", "appeared"},
        {"fixed", "hersteld", "fixed"},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(words[i].name, change))
            return in(d, words[i].nl, words[i].en);
    return change;
}

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_text(o, key);
    return s ? s : "-";
}

/* "Voorbeeld 4.2, not conform" */
static char *about(const json_t *result)
{
    const json_t *systems = json_object_get(result, "systems");
    struct buf b;
    buf_init(&b, 4000);
    for (size_t i = 0; i < json_array_size(systems); i++) {
        const json_t *s = json_array_get(systems, i);
        buf_addf(&b, "%s %s, ", text(s, "name"), text(s, "version"));
    }
    buf_adds(&b, text(result, "verdict"));
    return buf_take(&b, NULL);
}

/* "2 new fail, 1 fixed" */
static char *sums(const struct diff *d)
{
    json_t *counts = json_object_get(d->changes, "counts"), *n;
    const char *name;
    struct buf b;
    buf_init(&b, 4000);
    json_object_foreach (counts, name, n)
        if (strcmp(name, "same") && json_integer_value(n))
            buf_addf(&b, "%s%lld %s", b.n ? ", " : "", (long long)json_integer_value(n),
                     word(d, name));
    if (!b.n)
        buf_adds(&b, json_is_true(json_object_get(d->changes, "same"))
                         ? in(d, "geen verschil", "no difference")
                         : in(d, "geen eis veranderde, het oordeel wel",
                              "no requirement changed, the verdict did"));
    return buf_take(&b, NULL);
}

static void finding_text(const struct diff *d, const json_t *f)
{
    fprintf(d->f, "    %s, %s: %s -> %s: %s\n", text(f, "scenario"), text(f, "check"),
            text(f, "was"), text(f, "verdict"), text(f, "reason"));
}

static void as_text(const struct diff *d)
{
    const json_t *list = json_object_get(d->changes, "requirements");
    const char *const nl[] = {"Eerst", "Nu"}, *const en[] = {"Before", "After"};
    char *all = sums(d);
    for (int k = 0; k < 2; k++) {
        char *s = about(d->result[k]);
        fprintf(d->f, "%-7s %s (%s)\n", in(d, nl[k], en[k]), d->name[k], s);
        free(s);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        const json_t *findings = json_object_get(r, "findings");
        fprintf(d->f, "%s  %s  %s -> %s\n", text(r, "id"), word(d, text(r, "change")),
                text(r, "was"), text(r, "verdict"));
        for (size_t k = 0; k < json_array_size(findings); k++)
            finding_text(d, json_array_get(findings, k));
    }
    fprintf(d->f, "%s\n", all);
    free(all);
}

/* A text in a cell: a bar or a line's end would end it. */
static void cell(const struct diff *d, const char *s)
{
    fputs(" ", d->f);
    for (; *s; s++) {
        if (strchr("|\\<>[]*_`", *s))
            fputc('\\', d->f);
        fputc(*s == '\n' || *s == '\r' ? ' ' : *s, d->f);
    }
    fputs(" |", d->f);
}

static void as_markdown(const struct diff *d)
{
    const json_t *list = json_object_get(d->changes, "requirements");
    char *all = sums(d), *was = about(d->result[0]), *now = about(d->result[1]);
    fprintf(d->f, "### koppelproef: %s\n\n|", all);
    cell(d, in(d, "eis", "requirement"));
    cell(d, in(d, "wat", "what"));
    cell(d, was);
    cell(d, now);
    cell(d, in(d, "waarom", "why"));
    fputs("\n|---|---|---|---|---|\n", d->f);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        fputs("|", d->f);
        cell(d, text(r, "id"));
        cell(d, word(d, text(r, "change")));
        cell(d, text(r, "was"));
        cell(d, text(r, "verdict"));
        cell(d, text(r, "reason"));
        fputs("\n", d->f);
    }
    free(all);
    free(was);
    free(now);
}

static void as_json(const struct diff *d)
{
    char *dump = json_dumps(d->changes, JSON_INDENT(1));
    fprintf(d->f, "%s\n", dump);
    free(dump);
}

static void (*const writers[])(const struct diff *d) = {as_text, as_json, as_markdown};

int cmd_diff(const struct cli_args *a)
{
    static const char *const formats[] = {"text", "json", "markdown"};
    struct diff d = {.f = stdout};
    struct err e = {0};
    size_t format = 0;
    int code = EXIT_CONFORM, rc = cli_operands(a, 2, 2, &e);
    if (!rc)
        rc = cli_lang(a, &d.lang, &e);
    if (!rc)
        rc = cli_word("--format", cli_value_or(a, "format", NULL, "text"), formats,
                      ARRAY_LEN(formats), &format, &e);
    for (int k = 0; k < 2 && !rc; k++) {
        d.name[k] = a->operand[k];
        rc = read_one(a->operand[k], &d.result[k], &e);
    }
    if (!rc)
        rc = results_fit(d.result[0], d.result[1], &e);
    if (!rc) {
        d.changes = results_compare(d.result[0], d.result[1]);
        writers[format](&d);
        code =
            json_is_true(json_object_get(d.changes, "same")) ? EXIT_CONFORM : EXIT_FAILED;
    }
    json_decref(d.changes);
    json_decref(d.result[0]);
    json_decref(d.result[1]);
    return rc ? cli_fail(&e) : code;
}
