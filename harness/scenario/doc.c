#include "harness/scenario/doc.h"

#include <string.h>

#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

static const char *const types[] = {
    [KEY_TEXT] = "a text",
    [KEY_BOOL] = "true or false",
    [KEY_COUNT] = "a whole number, 0 or more",
    [KEY_STATUS] = "a status, or null",
    [KEY_REPORTS] = "a status, {\"status\": ...} or a list of these",
    [KEY_TIME] = "a moment (2023-05-01T08:00:00Z), or +1s or -1h from now",
    [KEY_DURATION] = "a duration (5s, 3 intervals)",
    [KEY_APPLICATION] = "an application of \"given\"",
    [KEY_PUPIL] = "a pupil of \"given\"",
    [KEY_APPLICATIONS] = "a list of applications of \"given\"",
    [KEY_PUPILS] = "a list of pupils of \"given\"",
    [KEY_SCHOOL] = "a school's code, or a pupil (then its school)",
    [KEY_SEES] = "{application: status or null}",
    [KEY_ANSWER] = "the word for an answer, or a list of them",
    [KEY_WORD] = "one of some words",
    [KEY_STEPS] = "a list of steps",
    [KEY_OBJECT] = "an object",
    [KEY_IDS] = "a list of ids of requirements",
    [KEY_OP] = "an operation",
    [KEY_FAULT] = "a fault",
    [KEY_ANY] = "anything",
};

static const char *type_of(enum key_type t)
{
    return (size_t)t < ARRAY_LEN(types) && types[t] ? types[t] : "anything";
}

/* The preflight's own verbs are for nobody else. */
static const struct verb *verb_at(size_t i)
{
    for (const struct verb *const *table = verb_tables; *table; table++)
        for (const struct verb *v = *table; v->actor; v++)
            if (*table != preflight_verbs && i-- == 0)
                return v;
    return NULL;
}

bool doc_verb_at(size_t i, struct doc_verb *out)
{
    const struct verb *v = verb_at(i);
    if (v)
        *out = (struct doc_verb){.actor = v->actor,
                                 .verb = v->verb,
                                 .by_value = v->by_value,
                                 .subject = v->by_value ? NULL : type_of(v->subject),
                                 .doc = v->doc};
    return v != NULL;
}

bool doc_key_at(size_t i, size_t k, struct doc_key *out)
{
    const struct verb *v = verb_at(i);
    const struct verb_key *key = v ? v->keys : NULL;
    while (key && key->name && k--)
        key++;
    if (!key || !key->name)
        return false;
    *out = (struct doc_key){.name = key->name,
                            .type = strcmp(key->name, "distorted") ? type_of(key->type)
                                                                   : "a distortion",
                            .required = key->required,
                            .words = key->type == KEY_WORD ? key->words : NULL};
    return true;
}

bool doc_distortion_at(size_t i, struct doc_distortion *out)
{
    const struct distortion *d = distortions;
    while (d->name && i--)
        d++;
    if (!d->name)
        return false;
    *out = (struct doc_distortion){.name = d->name,
                                   .answer = d->answer,
                                   .requirement = d->requirement,
                                   .doc = d->doc};
    return true;
}

char *doc_step(const json_t *step)
{
    return step_sentence(step);
}
