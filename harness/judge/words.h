/*
 * Looking at the words of events and results.
 */
#ifndef JUDGE_WORDS_H
#define JUDGE_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

/* A member that is a text; NULL when it is absent or something else. */
static inline const char *text(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

/* The same word? Never when one of them is missing. */
static inline bool is(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

#endif
