/* What a journal says about the run that it is of, so that it can be done again. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/bundle.h"
#include "harness/cli/replay.h"

/* ---- reading ---- */

static size_t role_index(const char *role)
{
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++)
        if (role && !strcmp(role, cli_roles[k]))
            return k;
    return ARRAY_LEN(cli_roles);
}

static int on_line(void *arg, json_t *e)
{
    struct recorded *r = arg;
    const char *kind = json_text(e, "kind"), *name = json_text(e, "scenario");
    if (!kind)
        return 0;
    if (!strcmp(kind, "run")) {
        size_t k = role_index(json_text(e, "role"));
        if (k < ARRAY_LEN(cli_roles) && !r->runs[k])
            r->runs[k] = json_incref(e);
    } else if (!strcmp(kind, "scenario") && name) {
        const char *outcome = json_text(e, "outcome");
        json_object_set_new(r->ends, name, outcome ? json_string(outcome) : json_null());
    } else if (!strcmp(kind, "expectation") && name &&
               json_is_true(json_object_get(e, "met"))) {
        json_int_t took = json_integer_value(json_object_get(e, "took"));
        if (took > json_integer_value(json_object_get(r->took, name)))
            json_object_set_new(r->took, name, json_integer(took));
    }
    return 0;
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

static const char *verdict_of(const struct recorded *r, const char *role,
                              const char *name)
{
    const json_t *list = json_object_get(r->result, "scenarios");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *s = json_array_get(list, i);
        if (!strcmp(json_text(s, "name"), name) && !strcmp(json_text(s, "role"), role))
            return json_text(s, "verdict");
    }
    return "none";
}

/* `planned` says "role/name". */
static void add(struct recorded *r, size_t k, const json_t *plan)
{
    const char *key = json_text(plan, "scenario");
    size_t prefix = strlen(cli_roles[k]) + 1;
    if (!key || strlen(key) <= prefix)
        return;
    const json_t *end = json_object_get(r->ends, key);
    r->v = xrealloc(r->v, (r->n + 1) * sizeof *r->v);
    r->v[r->n++] = (struct recorded_scenario){
        .role = k,
        .name = key + prefix,
        .plan = plan,
        .proves = json_object_get(plan, "proves"),
        .verdict = verdict_of(r, cli_roles[k], key + prefix),
        .outcome = json_string_value(end),
        .began = end != NULL,
        .findings = findings_of(r->result, cli_roles[k], key + prefix),
    };
}

/* What a recorded run is read with. */
struct reading {
    struct recorded *out;
    const struct requirements *requirements;
};

static int read_journal(void *arg, const char *file, struct err *e)
{
    struct reading *r = arg;
    bool torn;
    int rc = journal_read(file, on_line, r->out, &torn, e);
    if (!rc && !recorded_run(r->out)) {
        rc =
            err_set(e, E_INVALID, "this journal holds no run: nothing can be done again");
        err_at(e, file, 0, 0, NULL);
    }
    return rc ? rc : judge_journal(file, r->requirements, &r->out->result, e);
}

int recorded_read(const char *path, const struct requirements *q, struct recorded *out,
                  struct err *e)
{
    *out = (struct recorded){
        .journal = find_journal(path), .ends = json_object(), .took = json_object()};
    struct reading r = {out, q};
    int rc = bundle_looks_like(out->journal)
                 ? bundle_file(out->journal, "journal.jsonl", read_journal, &r, e)
                 : read_journal(&r, out->journal, e);
    for (size_t k = 0; k < ARRAY_LEN(cli_roles) && !rc; k++) {
        const json_t *planned = json_object_get(out->runs[k], "planned");
        for (size_t i = 0; i < json_array_size(planned); i++)
            add(out, k, json_array_get(planned, i));
    }
    return rc;
}

void recorded_done(struct recorded *r)
{
    for (size_t i = 0; i < r->n; i++) {
        json_decref(r->v[i].findings);
        scenario_free(r->v[i].scenario);
    }
    free(r->v);
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++)
        json_decref(r->runs[k]);
    json_decref(r->ends);
    json_decref(r->took);
    json_decref(r->result);
    free(r->journal);
    *r = (struct recorded){0};
}

const json_t *recorded_run(const struct recorded *r)
{
    return r->runs[0] ? r->runs[0] : r->runs[1];
}

/* ---- what is meant ---- */

static bool is_scenario(const struct recorded_scenario *s, const char *word)
{
    return !strcmp(s->name, word) || !strcmp(json_text(s->plan, "scenario"), word);
}

static bool has_finding(const struct recorded_scenario *s, const char *word)
{
    for (size_t i = 0; i < json_array_size(s->findings); i++) {
        const json_t *f = json_array_get(s->findings, i);
        if (!strcmp(json_text(f, "requirement"), word) ||
            !strcmp(json_text(f, "check"), word))
            return true;
    }
    return false;
}

static bool did_not_pass(const struct recorded_scenario *s)
{
    return s->began && strcmp(s->verdict, "pass") && strcmp(s->verdict, "not-applicable");
}

/* Is this the name of anything that a run could have found? */
static bool known(const struct recorded *r, const char *word,
                  const struct requirements *q)
{
    bool found = requirements_find(q, word) || !strcmp(word, "expectation");
    for (size_t i = 0; judge_check(i) && !found; i++)
        found = !strcmp(judge_check(i)->name, word);
    for (size_t i = 0; i < r->n && !found; i++)
        found = is_scenario(&r->v[i], word);
    return found;
}

static int unknown(const struct recorded *r, const char *word,
                   const struct requirements *q, struct err *e)
{
    size_t n = 0, checks = 0;
    char near[200];
    while (judge_check(checks))
        checks++;
    const char **words =
        xcalloc(r->n + requirements_count(q) + checks + 1, sizeof *words);
    for (size_t i = 0; i < r->n; i++)
        words[n++] = r->v[i].name;
    for (size_t i = 0; i < requirements_count(q); i++)
        words[n++] = requirements_at(q, i)->id;
    for (size_t i = 0; i < checks; i++)
        words[n++] = judge_check(i)->name;
    cli_suggestion(near, sizeof near, word, words, n);
    free(words);
    return err_set(e, E_INVALID,
                   "\"%s\" is no scenario of that run, no requirement and no check%s",
                   word, near);
}

int recorded_select(struct recorded *r, char *const *words, size_t n_words,
                    const struct requirements *q, size_t *n, struct err *e)
{
    *n = 0;
    for (size_t k = 0; k < n_words; k++)
        if (!known(r, words[k], q))
            return unknown(r, words[k], q, e);
    for (size_t i = 0; i < r->n; i++) {
        struct recorded_scenario *s = &r->v[i];
        s->wanted = n_words == 0 && did_not_pass(s);
        for (size_t k = 0; k < n_words && !s->wanted; k++)
            s->wanted =
                did_not_pass(s) && (is_scenario(s, words[k]) || has_finding(s, words[k]));
        *n += s->wanted;
    }
    return 0;
}

/* ---- as it was then ---- */

int recorded_load(struct recorded *r, const struct tables *t, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < r->n && !rc; i++) {
        struct recorded_scenario *s = &r->v[i];
        const json_t *text = json_object_get(s->plan, "text");
        const char *family = json_text(s->plan, "family");
        if (!s->wanted || s->scenario)
            continue;
        if (!json_is_object(text)) {
            rc = err_set(e, E_INVALID,
                         "the journal does not hold the text of %s: it is of an earlier "
                         "edition, use `koppelproef run %s --seed N`",
                         s->name, s->name);
            err_at(e, r->journal, 0, 0, NULL);
        } else {
            char *place = xasprintf("%s in %s", s->name, r->journal);
            rc = scenario_from(text, place, family ? family : "", t, &s->scenario, e);
            free(place);
        }
    }
    return rc;
}

/* What is masked in a journal can't be used. */
static bool masked(const json_t *v)
{
    static const char *const marks[] = {"secret~", "bsn~", "own~"};
    const char *key;
    json_t *member;
    if (json_is_string(v))
        for (size_t i = 0; i < ARRAY_LEN(marks); i++)
            if (strstr(json_string_value(v), marks[i]))
                return true;
    for (size_t i = 0; i < json_array_size(v); i++)
        if (masked(json_array_get(v, i)))
            return true;
    json_object_foreach ((json_t *)(uintptr_t)v, key, member)
        if (masked(member))
            return true;
    return false;
}

/* As the file says it, when that still says the same. */
static int iut_of_file(const char *file, const json_t *content, struct iut **out,
                       struct err *e)
{
    struct iut *i = NULL;
    struct err unread = {0};
    if (!iut_load(file, &i, &unread) && json_equal(i->content, content)) {
        *out = i;
        return 0;
    }
    iut_free(i);
    return err_set(e, E_INVALID,
                   "a journal holds no credentials, and %s is not there any more as it "
                   "was: give the iut.json with --iut",
                   file);
}

int recorded_iut(const struct recorded *r, size_t role, struct iut **out, struct err *e)
{
    const json_t *conf = json_object_get(r->runs[role], "configuration");
    const json_t *content = json_object_get(conf, "content");
    const char *file = json_text(conf, "file"), *folder = json_text(conf, "folder");
    struct stat st;
    if (json_is_true(json_object_get(conf, "bundled"))) {
        char *binary = cli_binary();
        *out = iut_reference(cli_roles[role], binary);
        free(binary);
        return 0;
    }
    if (!file || !folder || !json_is_object(content))
        return err_set(e, E_INVALID,
                       "the journal does not say how the %s was reached: give its "
                       "iut.json with --iut",
                       cli_roles[role]);
    if (stat(folder, &st) || !S_ISDIR(st.st_mode))
        return err_set(e, E_INVALID,
                       "the folder of the %s in that run, %s, is not here: give its "
                       "iut.json with --iut",
                       cli_roles[role], folder);
    if (masked(content))
        return iut_of_file(file, content, out, e);
    /* Its paths are of that folder, wherever a link to the file led. */
    const char *slash = strrchr(file, '/');
    char *there = xasprintf("%s/%s", folder, slash ? slash + 1 : file);
    int rc = iut_from(content, there, out, e);
    free(there);
    return rc;
}

char *recorded_changes(const struct recorded *r, const json_t *digests)
{
    static const char *const what[] = {"binary", "profile", "requirements", "tables"};
    const json_t *then = json_object_get(recorded_run(r), "digests");
    struct buf list;
    buf_init(&list, 4000);
    for (size_t i = 0; i < ARRAY_LEN(what); i++) {
        const char *a = json_text(then, what[i]), *b = json_text(digests, what[i]);
        if (!a || !b || strcmp(a, b))
            buf_addf(&list, "%s%s", list.n ? ", " : "", what[i]);
    }
    for (size_t i = 0; i < r->n; i++) {
        const char *told = json_text(r->v[i].plan, "digest");
        char own[65];
        if (!r->v[i].scenario)
            continue;
        scenario_digest(r->v[i].scenario, own);
        if (!told || strcmp(told, own))
            buf_addf(&list, "%sthe text of %s", list.n ? ", " : "", r->v[i].name);
    }
    char *out = list.n ? xasprintf("not as in that run: %s; what comes of it may differ "
                                   "for that alone",
                                   list.p)
                       : NULL;
    buf_done(&list);
    return out;
}
