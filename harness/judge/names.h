/*
 * Small numbers for texts, and tables from 64-bit keys: what keeps a history of millions
 * of lines small. Numbers count from 1; 0 is "none".
 */
#ifndef JUDGE_NAMES_H
#define JUDGE_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct names;

struct names *names_new(void);
void names_free(struct names *n);
/* The number of a text, given out at its first use; 0 for NULL and "". */
uint32_t names_id(struct names *n, const char *s);
uint32_t names_find(const struct names *n, const char *s, size_t len); /* 0: never seen */
const char *names_at(const struct names *n, uint32_t id);              /* "" for 0 */
size_t names_count(const struct names *n);

/* From a 64-bit key to a 32-bit value. */
struct lookup;

struct lookup *lookup_new(void);
void lookup_free(struct lookup *t);
/* The place of the key's value, made (0) at its first use. Valid until the next call. */
uint32_t *lookup_at(struct lookup *t, uint64_t key);
uint32_t lookup_get(const struct lookup *t, uint64_t key); /* 0: not there */

/* Grows a list by one element; returns its index. */
#define list_add(list, n, cap)                                                           \
    ((n) == (cap) ? (void)((list) = xrealloc((list), ((cap) = (cap) ? 2 * (cap) : 16) *  \
                                                         sizeof *(list)))                \
                  : (void)0,                                                             \
     (n)++)

#endif
