/*
 * Files and JSON from files. Errors say which file and why in one sentence.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "harness/base/err.h"

/* Reads a whole file of at most `max` bytes; *out is NUL-terminated, the caller frees. */
int file_read(const char *path, size_t max, char **out, size_t *n, struct err *e);
/* Writes in one step: a temporary file beside it, then rename. */
int file_write(const char *path, const void *p, size_t n, struct err *e);
/* mkdir -p. */
int file_mkdirs(const char *path, struct err *e);
/* Removes a folder and all in it; an absent one is fine. Never follows links. */
int file_rmtree(const char *path, struct err *e);
/* dirname(a)/b, or b when it is absolute; the caller frees. */
char *file_beside(const char *a, const char *b);
/* Sorted names in a folder (no dot files); the caller frees each and the array. */
int file_list(const char *dir, char ***names, size_t *n, struct err *e);

/* Reads strict JSON: duplicate keys, trailing text and bad UTF-8 are refused. The error
 * has file, line and column. */
int file_read_json(const char *path, json_t **out, struct err *e);

/* Where JSON values stand in their source text, so that a fault found later (by schema or
 * by meaning) can be reported with line and column. Built by a second, light scan. */
struct json_places;
struct json_places *json_places_new(const char *text, size_t n);
void json_places_free(struct json_places *p);
/* The place of the value at a JSON pointer (RFC 6901); of its nearest existing parent
 * when it is absent. Lines and columns count from 1. */
void json_places_find(const struct json_places *p, const char *pointer, int *line,
                      int *column);

/* Equality by value: 1 equals 1.0, object order is irrelevant. */
int json_same(const json_t *a, const json_t *b);
/* The first place where two values differ (json_same): adds its pointer, and gives what
 * stands there, NULL for nothing; borrowed. False when they are the same. */
struct buf;
bool json_difference(const json_t *a, const json_t *b, struct buf *pointer,
                     const json_t **in_a, const json_t **in_b);
/* The text of a member; NULL when it is absent or no text. Borrowed. */
const char *json_text(const json_t *object, const char *key);
/* Looks a JSON pointer up; borrowed, NULL when absent. */
json_t *json_at(const json_t *root, const char *pointer);
/* Appends "/token" with ~ and / escaped (RFC 6901 section 3). */
void json_pointer_add(struct buf *pointer, const char *token);
/* The word of `words` (n of them) nearest to `word` within edit distance 2 (or a third of
 * its length), or NULL: for "did you mean". */
const char *word_nearest(const char *word, const char *const *words, size_t n);

#endif
