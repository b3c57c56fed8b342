/* Which scenarios are meant: by family, name, requirement, file or folder. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"

struct selecting {
    const struct tables *tables;
    const struct requirements *requirements;
    struct cli_selection *out;
    const struct scenarios *library; /* the bundled ones; empty when not needed */
    struct err *e;
};

/* Reads from a path into a set of its own. */
static int read_set(struct selecting *s, const char *path, size_t *index)
{
    struct cli_selection *o = s->out;
    struct scenarios set = {0};
    int rc = scenarios_load(path, s->tables, &set, s->e);
    /* Kept also after a fault: what was read before it has to be freed. */
    o->owned = xrealloc(o->owned, (o->n_owned + 1) * sizeof *o->owned);
    o->owned[o->n_owned] = set;
    *index = o->n_owned++;
    return rc;
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Adds it, or the roles when it is there already. */
static int add(struct selecting *s, struct scenario *one, const bool role[2])
{
    struct cli_selection *o = s->out;
    size_t i = 0;
    while (i < o->n && strcmp(o->v[i].scenario->name, one->name))
        i++;
    if (i < o->n && !same_file(o->v[i].scenario->file, one->file)) {
        int rc = err_set(s->e, E_INVALID, "the name \"%s\" is used by %s already",
                         one->name, o->v[i].scenario->file);
        err_at(s->e, one->file, 0, 0, "/scenario");
        return rc;
    }
    if (i == o->n) {
        o->v = xrealloc(o->v, (o->n + 1) * sizeof *o->v);
        o->v[o->n++] = (struct cli_selected){.scenario = one};
    }
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++)
        o->v[i].role[k] |= role[k] && scenario_for(one, cli_roles[k]);
    return 0;
}

static const bool both[2] = {true, true};

static int add_path(struct selecting *s, const char *given)
{
    size_t index;
    char *path = cli_path(given);
    int rc = read_set(s, path, &index);
    const struct scenarios set = s->out->owned[index];
    for (size_t i = 0; i < set.n && !rc; i++)
        rc = add(s, set.v[i], both);
    if (!rc && !set.n && !s->out->nothing)
        s->out->nothing = xasprintf("there are no scenarios below %s", path);
    free(path);
    return rc;
}

/* The scenarios that prove a requirement, in trials of its role only. */
static int add_requirement(struct selecting *s, const struct requirement *q)
{
    bool keten = !strcmp(q->role, "keten"), any = false, role[2];
    int rc = 0;
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++)
        role[k] = keten || !strcmp(q->role, cli_roles[k]);
    for (size_t i = 0; i < s->library->n && !rc; i++) {
        if (!scenario_proves(s->library->v[i], q->id))
            continue;
        any = true;
        rc = add(s, s->library->v[i], role);
    }
    if (!any && !s->out->nothing)
        s->out->nothing =
            xasprintf("no scenario of this edition proves %s%s", q->id,
                      q->everywhere ? "; it is judged over all traffic of any run" : "");
    return rc;
}

static int unknown(struct selecting *s, const char *selector)
{
    size_t n = 0, max = 2 * s->library->n + requirements_count(s->requirements);
    const char **words = xcalloc(max + 1, sizeof *words);
    char near[200];
    for (size_t i = 0; i < s->library->n; i++) {
        words[n++] = s->library->v[i]->name;
        words[n++] = s->library->v[i]->family;
    }
    for (size_t i = 0; i < requirements_count(s->requirements); i++)
        words[n++] = requirements_at(s->requirements, i)->id;
    cli_suggestion(near, sizeof near, selector, words, n);
    free(words);
    return err_set(s->e, E_INVALID,
                   "\"%s\" is no family, scenario, requirement, file or folder%s%s",
                   selector, near, *near ? "" : "; see `koppelproef list scenarios`");
}

static int add_selector(struct selecting *s, const char *selector)
{
    bool found = false;
    int rc = 0;
    for (size_t i = 0; i < s->library->n && !rc; i++) {
        struct scenario *one = s->library->v[i];
        if (strcmp(one->family, selector) && strcmp(one->name, selector))
            continue;
        found = true;
        rc = add(s, one, both);
    }
    if (found || rc)
        return rc;
    const struct requirement *q = requirements_find(s->requirements, selector);
    if (q)
        return add_requirement(s, q);
    struct stat st;
    if (!stat(selector, &st))
        return add_path(s, selector);
    return unknown(s, selector);
}

static bool is_path(const char *selector)
{
    size_t n = strlen(selector);
    return strchr(selector, '/') || (n > 5 && !strcmp(selector + n - 5, ".json"));
}

int cli_select(char *const *selector, size_t n, const struct tables *t,
               const struct requirements *r, struct cli_selection *out, struct err *e)
{
    *out = (struct cli_selection){0};
    struct selecting s = {.tables = t, .requirements = r, .out = out, .e = e};
    struct scenarios library = {0};
    bool wanted = n == 0;
    int rc = 0;
    for (size_t i = 0; i < n; i++)
        wanted = wanted || !is_path(selector[i]);
    /* The bundled ones are read only when they are meant: a fault in one of them is
     * beside the point for who gives a file of his own. */
    size_t index = 0;
    if (wanted)
        rc = read_set(&s, profile_scenarios_dir(), &index);
    if (wanted && !rc)
        library = out->owned[index]; /* a copy: `owned` grows */
    s.library = &library;
    for (size_t i = 0; i < library.n && !n && !rc; i++)
        rc = add(&s, library.v[i], both);
    for (size_t i = 0; i < n && !rc; i++)
        rc = is_path(selector[i]) ? add_path(&s, selector[i])
                                  : add_selector(&s, selector[i]);
    return rc;
}

void cli_selection_done(struct cli_selection *s)
{
    for (size_t i = 0; i < s->n_owned; i++)
        scenarios_done(&s->owned[i]);
    free(s->owned);
    free(s->v);
    free(s->nothing);
    *s = (struct cli_selection){0};
}
