/*
 * A map from a string to a pointer (uthash inside, keys copied). Iteration is in order
 * of insertion. The map never frees values unless told so at map_free.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>

struct map;

struct map *map_new(void);
void map_free(struct map *m, void (*free_value)(void *)); /* both may be NULL */
void *map_get(const struct map *m, const char *key);      /* NULL: not there */
/* Sets key to value and returns the former value or NULL. */
void *map_put(struct map *m, const char *key, void *value);
void *map_take(struct map *m, const char *key); /* removes, returns the value or NULL */
size_t map_count(const struct map *m);

/* for (struct map_item *i = map_first(m); i; i = map_next(i)) ... ; removing while
 * iterating is not allowed. */
struct map_item;
struct map_item *map_first(const struct map *m);
struct map_item *map_next(const struct map_item *i);
const char *map_key(const struct map_item *i);
void *map_value(const struct map_item *i);

#endif
