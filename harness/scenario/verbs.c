/* Finding the verb of a step, and checking its keys and values at load. */
#include "harness/scenario/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"

const struct verb *const verb_tables[] = {
    source_verbs,  digid_verbs, raw_verbs,       reader_verbs, school_verbs, client_verbs,
    control_verbs, load_verbs,  preflight_verbs, parent_verbs, notify_verbs, NULL};

#define WORDS_MAX 64

struct words {
    const char *v[WORDS_MAX];
    size_t n;
};

static void words_add(struct words *w, const char *word)
{
    for (size_t i = 0; i < w->n; i++)
        if (!strcmp(w->v[i], word))
            return;
    if (w->n < WORDS_MAX)
        w->v[w->n++] = word;
}

/* "...; did you mean "x"?", or the whole list when nothing is near. */
static int unknown(struct err *e, const char *what, const char *word,
                   const struct words *w)
{
    const char *near = word_nearest(word, w->v, w->n);
    if (near)
        return err_set(e, E_INVALID, "%s \"%s\" is not known; did you mean \"%s\"?", what,
                       word, near);
    struct buf list;
    buf_init(&list, 400);
    for (size_t i = 0; i < w->n; i++)
        buf_addf(&list, "%s%s", i ? ", " : "", w->v[i]);
    int rc = err_set(e, E_INVALID, "%s \"%s\" is not known; there are: %s", what, word,
                     list.p ? list.p : "");
    buf_done(&list);
    return rc;
}

static const char *first_key(const json_t *step)
{
    void *i = json_object_iter((json_t *)(uintptr_t)step);
    return i ? json_object_iter_key(i) : NULL;
}

/* Which of an actor's verbs: by the value of the first key, or by a key beside it. */
static const struct verb *verb_of(const json_t *step, const char *actor,
                                  struct words *verbs)
{
    const json_t *value = json_object_get(step, actor);
    for (const struct verb *const *table = verb_tables; *table; table++) {
        for (const struct verb *v = *table; v->actor; v++) {
            if (strcmp(v->actor, actor))
                continue;
            words_add(verbs, v->verb);
            if (!v->by_value && json_object_get(step, v->verb))
                return v;
            if (v->by_value &&
                (!strcmp(v->verb, actor) ||
                 (json_is_string(value) && !strcmp(json_string_value(value), v->verb))))
                return v;
        }
    }
    return NULL;
}

static bool actor_known(const char *actor, struct words *actors)
{
    bool known = false;
    for (const struct verb *const *table = verb_tables; *table; table++)
        for (const struct verb *v = *table; v->actor; v++) {
            words_add(actors, v->actor);
            known = known || !strcmp(v->actor, actor);
        }
    return known;
}

static bool told_by_value(const char *actor)
{
    for (const struct verb *const *table = verb_tables; *table; table++)
        for (const struct verb *v = *table; v->actor; v++)
            if (!strcmp(v->actor, actor) && !v->by_value)
                return false;
    return true;
}

const struct verb *verb_find(const json_t *step, struct err *e)
{
    struct words actors = {.n = 0}, verbs = {.n = 0};
    const char *actor = first_key(step);
    if (!actor) {
        err_set(e, E_INVALID, "a step is an object whose first key is the actor");
        return NULL;
    }
    if (!actor_known(actor, &actors)) {
        unknown(e, "the actor or control word", actor, &actors);
        return NULL;
    }
    const struct verb *v = verb_of(step, actor, &verbs);
    if (v)
        return v;
    /* The wrong word is the first key that no verb of this actor has, or the value:
     * always the value of an actor whose verbs are all told by it. */
    const json_t *value = json_object_get(step, actor);
    const char *key, *wrong = NULL;
    json_t *other;
    json_object_foreach ((json_t *)(uintptr_t)step, key, other) {
        if (strcmp(key, actor) && !wrong)
            wrong = key;
    }
    if (json_is_string(value) && verbs.n &&
        (!wrong || told_by_value(actor) ||
         word_nearest(json_string_value(value), verbs.v, verbs.n)))
        wrong = json_string_value(value);
    unknown(e, "what this actor does,", wrong ? wrong : "(nothing)", &verbs);
    return NULL;
}

/* ---- values ---- */

static bool name_exists(const struct checking *c, const char *kind, const char *name)
{
    const json_t *given = c->given;
    if (!strcmp(name, "each"))
        return true;
    if (json_object_get(json_object_get(given, kind), name))
        return true;
    return json_object_get(json_object_get(json_object_get(given, "per region"), kind),
                           name);
}

static int no_such(const struct checking *c, const char *kind, const char *what,
                   const char *name)
{
    struct words w = {.n = 0};
    const char *key;
    json_t *v;
    json_object_foreach (json_object_get(c->given, kind), key, v)
        words_add(&w, key);
    json_object_foreach (json_object_get(json_object_get(c->given, "per region"), kind),
                         key, v)
        words_add(&w, key);
    return unknown(c->e, what, name, &w);
}

static int check_application(const struct checking *c, const json_t *v)
{
    const char *name = json_string_value(v);
    if (!name)
        return err_set(c->e, E_INVALID, "this must be the name of an application");
    return name_exists(c, "applications", name)
               ? 0
               : no_such(c, "applications", "application", name);
}

static int check_pupil(const struct checking *c, const json_t *v)
{
    const char *name = json_string_value(v);
    if (!name)
        return err_set(c->e, E_INVALID, "this must be the name of a pupil");
    return name_exists(c, "pupils", name) ? 0 : no_such(c, "pupils", "pupil", name);
}

static int check_status(const struct checking *c, const json_t *v)
{
    struct words w = {.n = 0};
    if (json_is_null(v))
        return 0;
    if (json_is_array(v)) {
        for (size_t i = 0; i < json_array_size(v); i++) {
            int rc = check_status(c, json_array_get(v, i));
            if (rc)
                return rc;
        }
        return 0;
    }
    const char *s = json_string_value(v);
    if (s && status_by_name(s) != STATUS_NONE)
        return 0;
    for (enum status x = STATUS_NONE + 1; x < STATUS_COUNT; x++)
        words_add(&w, status_name(x));
    return unknown(c->e, "status", s ? s : "(no text)", &w);
}

static int check_sees(struct checking *c, const json_t *v)
{
    const char *name;
    json_t *want;
    if (!json_is_object(v))
        return err_set(c->e, E_INVALID, "this must be an object {application: status}");
    json_object_foreach ((json_t *)(uintptr_t)v, name, want) {
        size_t n = c->pointer->n;
        json_pointer_add(c->pointer, name);
        int rc = name_exists(c, "applications", name)
                     ? check_status(c, want)
                     : no_such(c, "applications", "application", name);
        if (rc)
            return rc;
        checking_back(c, n);
    }
    return 0;
}

static int check_duration(const struct checking *c, const json_t *v)
{
    uint64_t ns;
    const char *s = json_string_value(v);
    char *end = NULL;
    if (s && !strcmp(s, "promised"))
        return 0;
    if (s && strstr(s, "interval") && strtod(s, &end) > 0 && end != s &&
        (!strcmp(end, " interval") || !strcmp(end, " intervals")))
        return 0;
    if (s && !when_parse_duration(s, &ns))
        return 0;
    return err_set(c->e, E_INVALID,
                   "this must be a duration such as \"500ms\", \"5s\", "
                   "\"3 intervals\" or \"promised\"");
}

static int check_time(const struct checking *c, const json_t *v)
{
    uint64_t ns;
    when_t t;
    const char *s = json_string_value(v);
    if (s && (!strcmp(s, "same") ||
              ((*s == '+' || *s == '-') && !when_parse_duration(s + 1, &ns)) ||
              !when_parse(s, strlen(s), &t)))
        return 0;
    return err_set(c->e, E_INVALID,
                   "this must be a time such as \"2023-05-02T10:00:00Z\", "
                   "\"-1h\" (from now) or \"same\"");
}

static int check_reports(struct checking *c, const json_t *v)
{
    if (!json_is_array(v) && !json_is_object(v))
        return check_status(c, v);
    if (json_is_object(v)) {
        const json_t *status = json_object_get(v, "status");
        const json_t *other = json_object_get(v, "application");
        const json_t *wrong = json_object_get(v, "distorted");
        int rc = status ? check_status(c, status) : 0;
        if (!rc && other)
            rc = check_application(c, other);
        if (!rc && wrong && !distortion_find(json_string_value(wrong)))
            rc = check_distortion(c, wrong);
        return rc;
    }
    for (size_t i = 0; i < json_array_size(v); i++) {
        char index[24];
        size_t n = c->pointer->n;
        snprintf(index, sizeof index, "%zu", i);
        json_pointer_add(c->pointer, index);
        int rc = check_reports(c, json_array_get(v, i));
        if (rc)
            return rc;
        checking_back(c, n);
    }
    return 0;
}

int check_distortion(const struct checking *c, const json_t *v)
{
    struct words w = {.n = 0};
    const char *s = json_string_value(v);
    if (s && distortion_find(s))
        return 0;
    for (const struct distortion *d = distortions; d->name; d++)
        words_add(&w, d->name);
    return unknown(c->e, "distortion", s ? s : "(no text)", &w);
}

static const char *const answer_words[] = {"ok",
                                           "invalid",
                                           "unauthenticated",
                                           "forbidden",
                                           "not-found",
                                           "method-not-allowed",
                                           "not-acceptable",
                                           "conflict",
                                           "gone",
                                           "too-large",
                                           "unsupported-media-type",
                                           "too-many",
                                           "unavailable",
                                           "redirect",
                                           "server-error",
                                           "tls",
                                           "other",
                                           NULL};

static int check_word(const struct checking *c, const json_t *v, const char *const *words)
{
    struct words w = {.n = 0};
    const char *s = json_string_value(v);
    for (size_t i = 0; words[i]; i++) {
        words_add(&w, words[i]);
        if (s && !strcmp(s, words[i]))
            return 0;
    }
    return unknown(c->e, "the word", s ? s : "(no text)", &w);
}

static int check_words(struct checking *c, const json_t *v)
{
    if (!json_is_array(v))
        return check_word(c, v, answer_words);
    int rc = 0;
    for (size_t i = 0; i < json_array_size(v) && !rc; i++)
        rc = check_word(c, json_array_get(v, i), answer_words);
    return rc;
}

static int check_names(const struct checking *c, const json_t *v, const char *of,
                       int (*check)(const struct checking *c, const json_t *v))
{
    if (!json_is_array(v))
        return err_set(c->e, E_INVALID, "this must be a list of %s' names", of);
    int rc = 0;
    for (size_t i = 0; i < json_array_size(v) && !rc; i++)
        rc = check(c, json_array_get(v, i));
    return rc;
}

static int check_school(const struct checking *c, const json_t *v)
{
    const char *s = json_string_value(v);
    if (s && (name_exists(c, "pupils", s) || tables_school(c->tables, s)))
        return 0;
    if (s && strlen(s) == 6 && s[0] >= '0' && s[0] <= '9')
        return err_set(c->e, E_INVALID, "school %s is not in fixtures/schools.json", s);
    return check_pupil(c, v);
}

static int check_op(const struct checking *c, const json_t *v)
{
    struct words w = {.n = 0};
    const char *s = json_string_value(v);
    if (s && op_by_name(s) != OP_NONE)
        return 0;
    for (enum op o = OP_NONE + 1; o < OP_COUNT; o++)
        words_add(&w, op_name(o));
    return unknown(c->e, "operation", s ? s : "(no text)", &w);
}

static int check_ids(const struct checking *c, const json_t *v)
{
    for (size_t i = 0; i < json_array_size(v); i++)
        if (!json_is_string(json_array_get(v, i)))
            return err_set(c->e, E_INVALID, "proves is a list of requirement ids");
    return json_is_array(v)
               ? 0
               : err_set(c->e, E_INVALID, "proves is a list of requirement ids");
}

static int check_fault(const struct checking *c, const json_t *v)
{
    char at[64] = "";
    int rc = fault_check(v, at, sizeof at, c->e);
    if (rc)
        buf_adds(c->pointer, at);
    return rc;
}

static int check_value(struct checking *c, const struct verb_key *k, const json_t *v)
{
    switch (k->type) {
    case KEY_TEXT:
        if (!strcmp(k->name, "distorted"))
            return check_distortion(c, v);
        return json_is_string(v) ? 0 : err_set(c->e, E_INVALID, "this must be a text");
    case KEY_BOOL:
        return json_is_boolean(v)
                   ? 0
                   : err_set(c->e, E_INVALID, "this must be true or false");
    case KEY_COUNT:
        return json_is_integer(v) && json_integer_value(v) >= 0
                   ? 0
                   : err_set(c->e, E_INVALID, "this must be a whole number, 0 or more");
    case KEY_STATUS:
        return check_status(c, v);
    case KEY_REPORTS:
        return check_reports(c, v);
    case KEY_TIME:
        return check_time(c, v);
    case KEY_DURATION:
        return check_duration(c, v);
    case KEY_APPLICATION:
        return check_application(c, v);
    case KEY_PUPIL:
        return check_pupil(c, v);
    case KEY_PUPILS:
        return check_names(c, v, "pupils", check_pupil);
    case KEY_APPLICATIONS:
        return check_names(c, v, "applications", check_application);
    case KEY_SCHOOL:
        return check_school(c, v);
    case KEY_SEES:
        return check_sees(c, v);
    case KEY_ANSWER:
        return check_words(c, v);
    case KEY_WORD:
        return check_word(c, v, k->words);
    case KEY_STEPS:
        return check_steps(c, v);
    case KEY_OBJECT:
        return json_is_object(v) ? 0 : err_set(c->e, E_INVALID, "this must be an object");
    case KEY_IDS:
        return check_ids(c, v);
    case KEY_OP:
        return check_op(c, v);
    case KEY_FAULT:
        return check_fault(c, v);
    case KEY_ANY:
        return 0;
    }
    return 0;
}

/* ---- steps ---- */

void checking_back(struct checking *c, size_t n)
{
    c->pointer->n = n;
    if (c->pointer->p)
        c->pointer->p[n] = 0;
}

static const struct verb_key *key_of(const struct verb *v, const char *name)
{
    for (const struct verb_key *k = v->keys; k->name; k++)
        if (!strcmp(k->name, name))
            return k;
    return NULL;
}

static int check_keys(struct checking *c, const struct verb *v, const json_t *step)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)step, key, value) {
        const struct verb_key *k = key_of(v, key);
        struct verb_key subject = {v->actor, v->subject, true, NULL};
        size_t n = c->pointer->n;
        json_pointer_add(c->pointer, key);
        if (!k && !strcmp(key, v->actor) && !v->by_value)
            k = &subject;
        if (!k && !strcmp(key, v->actor)) {
            checking_back(c, n);
            continue;
        }
        if (!k) {
            struct words w = {.n = 0};
            for (const struct verb_key *x = v->keys; x->name; x++)
                words_add(&w, x->name);
            return unknown(c->e, "the key", key, &w);
        }
        int rc = check_value(c, k, value);
        if (rc)
            return rc;
        checking_back(c, n);
    }
    for (const struct verb_key *k = v->keys; k->name; k++)
        if (k->required && !json_object_get(step, k->name))
            return err_set(c->e, E_INVALID, "\"%s\" is needed here", k->name);
    return 0;
}

static int check_step(struct checking *c, const json_t *step)
{
    if (json_is_array(step))
        return check_steps(c, step);
    if (!json_is_object(step))
        return err_set(c->e, E_INVALID,
                       "a step is an object whose first key is the actor");
    const struct verb *v = verb_find(step, c->e);
    return v ? check_keys(c, v, step) : E_INVALID;
}

int check_steps(struct checking *c, const json_t *steps)
{
    if (!json_is_array(steps))
        return err_set(c->e, E_INVALID, "steps are a list");
    for (size_t i = 0; i < json_array_size(steps); i++) {
        char index[24];
        size_t n = c->pointer->n;
        snprintf(index, sizeof index, "%zu", i);
        json_pointer_add(c->pointer, index);
        int rc = check_step(c, json_array_get(steps, i));
        if (rc)
            return rc;
        checking_back(c, n);
    }
    return 0;
}

/* "sis a reports ENROLLED": the step's texts and scalars in the order in which they
 * stand. */
char *step_sentence(const json_t *step)
{
    struct buf b;
    const char *key;
    json_t *v;
    buf_init(&b, 150);
    json_object_foreach ((json_t *)(uintptr_t)step, key, v) {
        char *text = json_is_string(v) ? xstrdup(json_string_value(v))
                     : json_is_array(v) && !strcmp(key, "together")
                         ? xasprintf("(%zu)", json_array_size(v))
                     : !strcmp(key, "steps")
                         ? xstrdup("...")
                         : json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
        buf_addf(&b, "%s%s %s", b.n ? " " : "", key, text ? text : "");
        free(text);
    }
    return buf_take(&b, NULL);
}
