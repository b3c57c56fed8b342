/* What the run of a mutant, or of the reference with a scout, left in its folder. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/selftest.h"

#define STDERR_MAX ((size_t)4 << 20)

static bool is_one_of(const char *word, const char *a, const char *b)
{
    return !strcmp(word, a) || !strcmp(word, b);
}

/* Right, and not observed for nothing but the size of its crowd. */
static bool only_small(const json_t *q)
{
    const json_t *findings = json_object_get(q, "findings");
    size_t n = json_array_size(findings), small = 0;
    for (size_t i = 0; i < n; i++) {
        const char *check =
            json_string_value(json_object_get(json_array_get(findings, i), "check"));
        small += check && !strcmp(check, "crowd");
    }
    return n && small == n;
}

/* The chain breaks with many a link: of what is of no role, a defect only answers for
 * what it states. What is correct breaks nothing of it. */
static bool counts(const struct mutant *m, const char *own, const char *role,
                   const char *id)
{
    if (strcmp(role, "keten") != 0)
        return !strcmp(role, own);
    return !m || m->kind == MUTANT_UNUSUAL || (id && tried_states(m, id));
}

static void read_requirement(const json_t *q, const char *own, struct tried *t)
{
    const char *role = json_string_value(json_object_get(q, "role"));
    const char *verdict = json_string_value(json_object_get(q, "verdict"));
    json_t *id = json_object_get(q, "id");
    if (!role || !verdict || !counts(t->mutant, own, role, json_string_value(id)))
        return;
    if (is_one_of(verdict, "fail", "warn"))
        json_array_append(t->reds, id);
    else if (!strcmp(verdict, "error"))
        json_array_append(t->errors, id);
    else if (!strcmp(verdict, "pass"))
        t->passed++;
    else if (is_one_of(verdict, "not-observed", "inconclusive"))
        ++*(only_small(q) ? &t->small : &t->unseen);
}

static void read_result(const char *folder, const char *role, struct tried *t)
{
    json_t *result = NULL;
    char *path = xasprintf("%s/result.json", folder);
    t->judged = file_read_json(path, &result, NULL) == 0;
    free(path);
    const json_t *all = json_object_get(result, "requirements");
    for (size_t i = 0; i < json_array_size(all); i++)
        read_requirement(json_array_get(all, i), role, t);
    json_decref(result);
}

/* The first line that the run itself wrote to standard error. */
static void read_why(const char *folder, struct tried *t)
{
    char *path = xasprintf("%s/stderr.txt", folder), *text = NULL;
    size_t n;
    if (file_read(path, STDERR_MAX, &text, &n, NULL) == 0 && n)
        t->why = xstrndup(text, strcspn(text, "\n"));
    free(text);
    free(path);
}

/* Did the system of this conversation say that its defect took effect? */
static bool said_so(const char *folder, const char *conversation)
{
    char *path = xasprintf("%s/%s/stderr.txt", folder, conversation), *text = NULL;
    size_t n;
    bool said = file_read(path, STDERR_MAX, &text, &n, NULL) == 0 &&
                strstr(text, MUTANT_EFFECT) != NULL;
    free(text);
    free(path);
    return said;
}

static void read_effect(const char *folder, const char *role, struct tried *t)
{
    char **names = NULL, *under = xasprintf("%s/%s", folder, role);
    size_t n = 0;
    if (file_list(under, &names, &n, NULL) == 0) {
        for (size_t i = 0; i < n; i++) {
            t->conversations += strcmp(names[i], TRIED_PREFLIGHT) != 0;
            if (said_so(under, names[i]))
                json_array_append_new(t->where, json_string(names[i]));
            free(names[i]);
        }
        free(names);
    }
    free(under);
    t->effect = json_array_size(t->where) > 0;
}

void tried_read(const char *folder, const char *role, struct tried *t)
{
    t->reds = json_array();
    t->errors = json_array();
    t->where = json_array();
    read_result(folder, role, t);
    if (!t->judged)
        read_why(folder, t);
    read_effect(folder, role, t);
}

/* ---- the scout ---- */

/* Puts the conversation under each mutant that its scout named. */
static void read_reached(const char *under, const char *conversation, json_t *reached)
{
    char *path = xasprintf("%s/%s/stderr.txt", under, conversation), *text = NULL;
    size_t n;
    if (file_read(path, STDERR_MAX, &text, &n, NULL))
        text = xstrdup("");
    for (const char *at = text; (at = strstr(at, MUTANT_REACHED));) {
        at += strlen(MUTANT_REACHED);
        char *mutant = xstrndup(at, strcspn(at, "\n"));
        json_t *list = json_object_get(reached, mutant);
        if (!list)
            json_object_set_new(reached, mutant, list = json_array());
        const json_t *last = json_array_get(list, json_array_size(list) - 1);
        if (!last || strcmp(json_string_value(last), conversation) != 0)
            json_array_append_new(list, json_string(conversation));
        free(mutant);
    }
    free(text);
    free(path);
}

char *scouted_read(const char *folder, const char *role, const struct tried *t,
                   struct scouted *out)
{
    char **names = NULL, *under = xasprintf("%s/%s", folder, role);
    size_t n = 0;
    struct err e = {0};
    if (!tried_conform(t)) {
        char *ids = tried_ids(t);
        char *why = xasprintf(
            "the reference %s itself is not conform (%s; see %s), so nothing can be "
            "said of its mutants",
            role,
            t->judged ? ids
            : t->why  ? t->why
                      : "its run left no result",
            folder);
        free(ids);
        free(under);
        return why;
    }
    if (file_list(under, &names, &n, &e))
        n = 0;
    *out = (struct scouted){.reached = json_object()};
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], TRIED_PREFLIGHT) != 0) {
            read_reached(under, names[i], out->reached);
            out->all++;
        }
        free(names[i]);
    }
    free(names);
    free(under);
    return NULL;
}
