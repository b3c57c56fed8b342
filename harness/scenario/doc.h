/*
 * What scenarios can say, for people: the verbs with their keys, the distortions, and the
 * steps of a scenario as sentences. It is read from the tables that the checking at load
 * uses, so that it cannot differ from them.
 */
#ifndef SCENARIO_DOC_H
#define SCENARIO_DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct doc_verb {
    const char *actor; /* first key of the step */
    const char *verb;  /* its value, or the key that tells verbs apart */
    bool by_value; /* {"overstapsysteem": "fetches"}; else {"sis": "a", "reports": ...} */
    const char *subject; /* what the first key's value is, when not by_value */
    const char *doc;
};
/* Verb i in the order of the tables; false when there are no more. */
bool doc_verb_at(size_t i, struct doc_verb *out);

struct doc_key {
    const char *name;
    const char *type; /* "a status", "a duration such as 5s", ... */
    bool required;
    const char *const
        *words; /* when it is one of some words; ends with NULL. Else NULL */
};
/* Key k of verb i; false when there are no more. */
bool doc_key_at(size_t i, size_t k, struct doc_key *out);

struct doc_distortion {
    const char *name, *answer, *requirement, *doc;
};
bool doc_distortion_at(size_t i, struct doc_distortion *out);

/* "sis a reports ENROLLED"; the caller frees. Steps within it are not told. */
char *doc_step(const json_t *step);

#endif
