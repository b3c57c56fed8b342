/* What a mutant was to turn red against what turned red. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/cli/selftest.h"

static const char *const names[TRIED_VERDICTS] = {
    [TRIED_KILLED] = "killed",     [TRIED_OTHER_REASON] = "for another reason",
    [TRIED_SURVIVED] = "survived", [TRIED_VOID] = "void",
    [TRIED_GREEN] = "green",       [TRIED_BLAMED] = "blamed",
    [TRIED_NOTHING] = "nothing",   [TRIED_SCORED] = "scored",
};

const char *tried_name(enum tried_verdict v)
{
    return names[v];
}

bool tried_well(enum tried_verdict v)
{
    return v == TRIED_KILLED || v == TRIED_GREEN || v == TRIED_NOTHING;
}

void tried_done(struct tried *t)
{
    json_decref(t->reds);
    json_decref(t->errors);
    json_decref(t->where);
    free(t->why);
    *t = (struct tried){0};
}

/* ---- sets of ids ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds the words of a text, sorted, each once. */
static json_t *words_of(const char *text)
{
    char *copy = xstrdup(text ? text : "");
    const char **word = xcalloc(strlen(copy) / 2 + 1, sizeof *word);
    size_t n = 0;
    for (char *at = copy; *at;) {
        size_t len = strcspn(at, " ");
        if (len)
            word[n++] = at;
        at += len;
        if (*at)
            *at++ = 0;
    }
    qsort(word, n, sizeof *word, by_text);
    json_t *out = json_array();
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp(word[i], word[i - 1]) != 0)
            json_array_append_new(out, json_string(word[i]));
    free(word);
    free(copy);
    return out;
}

static bool holds(const json_t *ids, const char *id)
{
    for (size_t i = 0; i < json_array_size(ids); i++)
        if (!strcmp(json_string_value(json_array_get(ids, i)), id))
            return true;
    return false;
}

static bool within(const json_t *a, const json_t *b)
{
    for (size_t i = 0; i < json_array_size(a); i++)
        if (!holds(b, json_string_value(json_array_get(a, i))))
            return false;
    return true;
}

json_t *tried_expected(const struct mutant *m)
{
    return words_of(m->reds);
}

bool tried_states(const struct mutant *m, const char *requirement)
{
    json_t *expected = tried_expected(m);
    bool states = m->kind == MUTANT_DEFECT && holds(expected, requirement);
    json_decref(expected);
    return states;
}

/* ---- the verdict ---- */

bool tried_conform(const struct tried *t)
{
    return t->judged && (t->exit_code == EXIT_CONFORM ||
                         (t->exit_code == EXIT_INCOMPLETE && t->small && !t->unseen));
}

/* A crash or an exit status alone is no kill: the stated checks must have seen it, and
 * none of them may have been kept from looking. */
static enum tried_verdict judge_defect(const struct tried *t)
{
    if (!t->judged)
        return TRIED_OTHER_REASON;
    json_t *expected = tried_expected(t->mutant);
    size_t stated = json_array_size(expected);
    bool same = within(expected, t->reds) && within(t->reds, expected);
    json_decref(expected);
    if (json_array_size(t->errors))
        return TRIED_OTHER_REASON;
    if (same && stated)
        return TRIED_KILLED;
    if (json_array_size(t->reds))
        return TRIED_OTHER_REASON;
    if (t->effect)
        return TRIED_SURVIVED;
    return tried_conform(t) ? TRIED_VOID : TRIED_OTHER_REASON;
}

enum tried_verdict tried_judge(const struct tried *t)
{
    switch (t->mutant->kind) {
    case MUTANT_UNUSUAL:
        if (json_array_size(t->reds) || json_array_size(t->errors) || !tried_conform(t))
            return TRIED_BLAMED;
        return t->effect ? TRIED_GREEN : TRIED_VOID;
    case MUTANT_NULL:
        return t->judged && t->passed + t->small == 0 && t->exit_code > EXIT_CONFORM
                   ? TRIED_NOTHING
                   : TRIED_SCORED;
    case MUTANT_DEFECT:
        break;
    }
    return judge_defect(t);
}

/* ---- sentences ---- */

static void add_ids(struct buf *b, const char *before, const json_t *ids,
                    const json_t *but_not)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        if (!but_not || !holds(but_not, id))
            buf_addf(b, "%s%s", n++ ? " " : before, id);
    }
}

char *tried_ids(const struct tried *t)
{
    struct buf b;
    size_t n;
    buf_init(&b, 8000);
    add_ids(&b, "; red ", t->reds, NULL);
    add_ids(&b, "; error ", t->errors, NULL);
    if (t->unseen)
        buf_addf(&b, "; %zu not observed", t->unseen);
    buf_addf(&b, "; exit status %d", t->exit_code);
    char *text = buf_take(&b, &n), *out = xstrdup(text + 2);
    free(text);
    return out;
}

char *tried_why(const struct tried *t)
{
    struct buf b;
    size_t n;
    json_t *expected = tried_expected(t->mutant);
    buf_init(&b, 8000);
    if (!t->judged)
        buf_addf(&b, "; its run left no result (%s)",
                 t->why ? t->why : "and said nothing");
    add_ids(&b, "; missing ", expected, t->reds);
    add_ids(&b, "; too many ", t->reds, expected);
    add_ids(&b, "; error ", t->errors, NULL);
    if (t->mutant->kind == MUTANT_NULL && t->passed)
        buf_addf(&b, "; %zu passed", t->passed);
    if (t->mutant->kind != MUTANT_DEFECT || !json_array_size(t->reds))
        buf_addf(&b, "; exit status %d", t->exit_code);
    if (t->unseen && t->mutant->kind != MUTANT_NULL)
        buf_addf(&b, "; %zu not observed", t->unseen);
    if (!t->effect && t->mutant->kind != MUTANT_NULL)
        buf_addf(&b, "; it never behaved otherwise");
    json_decref(expected);
    char *text = buf_take(&b, &n), *out = xstrdup(n > 2 ? text + 2 : "");
    free(text);
    return out;
}

/* ---- the score ---- */

void score_add(struct score *s, const struct mutant *m, enum tried_verdict v)
{
    s->n[v]++;
    s->void_unusual += v == TRIED_VOID && m->kind != MUTANT_DEFECT;
}

static size_t defects(const struct score *s)
{
    return s->n[TRIED_KILLED] + s->n[TRIED_OTHER_REASON] + s->n[TRIED_SURVIVED] +
           s->n[TRIED_VOID] - s->void_unusual;
}

bool score_well(const struct score *s, size_t all)
{
    size_t well = 0;
    for (int v = 0; v < TRIED_VERDICTS; v++)
        well += tried_well((enum tried_verdict)v) ? s->n[v] : 0;
    return all > 0 && well == all;
}

char *score_others(const struct score *s)
{
    return xasprintf("unusual %zu: green %zu, blamed %zu, void %zu; null systems %zu: "
                     "nothing passed with %zu",
                     s->n[TRIED_GREEN] + s->n[TRIED_BLAMED] + s->void_unusual,
                     s->n[TRIED_GREEN], s->n[TRIED_BLAMED], s->void_unusual,
                     s->n[TRIED_NOTHING] + s->n[TRIED_SCORED], s->n[TRIED_NOTHING]);
}

char *score_line(const struct score *s)
{
    return xasprintf("mutants %zu: killed %zu, for another reason %zu, survived %zu, "
                     "void %zu",
                     defects(s), s->n[TRIED_KILLED], s->n[TRIED_OTHER_REASON],
                     s->n[TRIED_SURVIVED], s->n[TRIED_VOID] - s->void_unusual);
}
