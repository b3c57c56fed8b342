/* What the run of a mutant left in its folder. */
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
 * what it states. What is correct but unusual breaks nothing of it. */
static bool counts(const struct mutant *m, const char *role, const char *id)
{
    if (strcmp(role, "keten") != 0)
        return !strcmp(role, m->role);
    return m->kind == MUTANT_UNUSUAL || (id && tried_states(m, id));
}

static void read_requirement(const json_t *q, struct tried *t)
{
    const char *role = json_string_value(json_object_get(q, "role"));
    const char *verdict = json_string_value(json_object_get(q, "verdict"));
    json_t *id = json_object_get(q, "id");
    if (!role || !verdict || !counts(t->mutant, role, json_string_value(id)))
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

static void read_result(const char *folder, struct tried *t)
{
    json_t *result = NULL;
    char *path = xasprintf("%s/result.json", folder);
    t->judged = file_read_json(path, &result, NULL) == 0;
    free(path);
    const json_t *all = json_object_get(result, "requirements");
    for (size_t i = 0; i < json_array_size(all); i++)
        read_requirement(json_array_get(all, i), t);
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

static void read_effect(const char *folder, struct tried *t)
{
    char **names = NULL, *under = xasprintf("%s/%s", folder, t->mutant->role);
    size_t n = 0;
    if (file_list(under, &names, &n, NULL) == 0) {
        for (size_t i = 0; i < n; i++) {
            t->effect = t->effect || said_so(under, names[i]);
            free(names[i]);
        }
        free(names);
    }
    free(under);
}

void tried_read(const char *folder, struct tried *t)
{
    t->reds = json_array();
    t->errors = json_array();
    read_result(folder, t);
    if (!t->judged)
        read_why(folder, t);
    read_effect(folder, t);
}
