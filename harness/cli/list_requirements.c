/* koppelproef list requirements: by what each can be judged, beside how it was judged
 * last. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/list.h"
#include "harness/cli/selftest.h"

#define INDENT "              "

/* ---- what can be judged ---- */

static json_t *provers(const struct scenarios *all, const char *id)
{
    json_t *names = json_array();
    for (size_t i = 0; i < all->n; i++)
        if (scenario_proves(all->v[i], id))
            json_array_append_new(names, json_string(all->v[i]->name));
    return names;
}

static json_t *checks_of(const char *id)
{
    const struct check_info *c;
    json_t *names = json_array();
    for (size_t i = 0; (c = judge_check(i)); i++)
        if (!strcmp(c->requirement, id))
            json_array_append_new(names, json_string(c->name));
    return names;
}

/* How many mutants must turn it red. */
static size_t count_mutants(const char *id)
{
    const struct mutant *m;
    size_t n = 0;
    for (size_t i = 0; (m = mutant_at(i)); i++)
        n += tried_states(m, id);
    return n;
}

/* ---- what was ---- */

/* The verdicts of a run; NULL when there is none, which only matters when it was named.
 */
static int read_scores(const struct listing *l, json_t **out, struct err *e)
{
    json_t *result = NULL;
    char *path = xasprintf("%s/result.json", l->run ? l->run : CLI_LATEST_RUN);
    int rc = file_read_json(path, &result, l->run ? e : NULL);
    free(path);
    if (!rc) {
        *out = json_object();
        const json_t *all = json_object_get(result, "requirements");
        for (size_t i = 0; i < json_array_size(all); i++) {
            const json_t *q = json_array_get(all, i);
            json_object_set(*out, list_text(q, "id"), json_object_get(q, "verdict"));
        }
    }
    json_decref(result);
    return rc && l->run ? E_INVALID : 0;
}

int list_gather_requirements(const struct listing *l, json_t *out, struct err *e)
{
    struct scenarios all = {0};
    struct requirements *r = NULL;
    json_t *scores = NULL;
    int rc = cli_load_requirements(&r, e);
    if (!rc)
        rc = list_load_scenarios(&all, e);
    if (!rc)
        rc = read_scores(l, &scores, e);
    for (size_t i = 0; !rc && i < requirements_count(r); i++) {
        const struct requirement *q = requirements_at(r, i);
        char level[2] = {q->level, 0};
        if (l->role && strcmp(q->role, l->role) && strcmp(q->role, "keten"))
            continue;
        json_array_append_new(
            out,
            json_pack("{ss,ss,ss,ss,s{ss,ss},sb,ss?,so,so,sI,sO?}", "id", q->id, "level",
                      level, "role", q->role, "source", q->source, "text", "nl", q->nl,
                      "en", q->en, "everywhere", q->everywhere, "capability",
                      q->capability, "scenarios", provers(&all, q->id), "checks",
                      checks_of(q->id), "mutants", (json_int_t)count_mutants(q->id),
                      "score", json_object_get(scores, q->id)));
    }
    json_decref(scores);
    scenarios_done(&all);
    requirements_free(r);
    return rc;
}

/* ---- as text ---- */

static size_t size_of(const json_t *q, const char *key)
{
    return json_array_size(json_object_get(q, key));
}

static bool unproven(const json_t *q)
{
    return !size_of(q, "scenarios") && !json_is_true(json_object_get(q, "everywhere"));
}

static void print_one(const struct listing *l, const json_t *q, bool nl)
{
    const char *score = list_text(q, "score");
    size_t scenarios = size_of(q, "scenarios"), checks = size_of(q, "checks");
    long mutants = (long)json_integer_value(json_object_get(q, "mutants"));
    printf("%-10s %s  %s\n", list_text(q, "id"), list_text(q, "level"),
           list_in_lang(l, json_object_get(q, "text")));
    printf(INDENT "%s: %s; ", nl ? "laatste oordeel" : "last verdict",
           *score ? score : "-");
    if (json_is_true(json_object_get(q, "everywhere")))
        printf("%s",
               nl ? "elke uitwisseling van elke run, " : "every exchange of any run, ");
    printf(nl ? "scenario's %zu, controles %zu, mutanten %ld\n"
              : "scenarios %zu, checks %zu, mutants %ld\n",
           scenarios, checks, mutants);
    list_words(INDENT, json_object_get(q, "scenarios"));
    if (unproven(q))
        printf(INDENT "(no scenario)");
    if (scenarios || unproven(q))
        putchar('\n');
}

void list_print_requirements(const struct listing *l, const json_t *all)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        print_one(l, json_array_get(all, i), l->lang == LANG_NL);
        n += unproven(json_array_get(all, i));
    }
    printf("\n%zu requirements; %zu of them proven by no scenario%s",
           json_array_size(all), n, n ? ":" : "\n");
    for (size_t i = 0; i < json_array_size(all) && n; i++)
        if (unproven(json_array_get(all, i)))
            printf(" %s", list_text(json_array_get(all, i), "id"));
    if (n)
        putchar('\n');
}
