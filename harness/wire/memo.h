/*
 * Remembers what was made of a short text, so that the many texts that come again in
 * every exchange (header fields, names, methods) are made into JSON once. A fixed number
 * of places; a newcomer takes the place of what was there.
 */
#ifndef WIRE_MEMO_H
#define WIRE_MEMO_H

#include <stddef.h>

#define MEMO_KEY_MAX 192 /* longer texts are not worth it */

struct memo;

struct memo *memo_new(void);
void memo_free(struct memo *m);
/* What was made of the key; NULL when it is not known. Good until the next memo_put. */
const char *memo_get(const struct memo *m, const char *key, size_t n, size_t *made_n);
/* Copies both. A key longer than MEMO_KEY_MAX is not kept. */
void memo_put(struct memo *m, const char *key, size_t n, const char *made, size_t made_n);

#endif
