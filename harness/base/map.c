#include "harness/base/map.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

#define uthash_malloc(n) xmalloc(n)
#include <uthash.h>

struct map_item {
    char *key;
    void *value;
    UT_hash_handle hh;
};

struct map {
    struct map_item *items;
};

struct map *map_new(void)
{
    return xcalloc(1, sizeof(struct map));
}

void map_free(struct map *m, void (*free_value)(void *))
{
    struct map_item *i, *next;

    if (!m)
        return;
    HASH_ITER(hh, m->items, i, next)
    {
        HASH_DEL(m->items, i);
        if (free_value)
            free_value(i->value);
        free(i->key);
        free(i);
    }
    free(m);
}

static struct map_item *find(const struct map *m, const char *key)
{
    struct map_item *i = NULL;

    HASH_FIND(hh, m->items, key, strlen(key), i);
    return i;
}

void *map_get(const struct map *m, const char *key)
{
    struct map_item *i = find(m, key);

    return i ? i->value : NULL;
}

void *map_put(struct map *m, const char *key, void *value)
{
    struct map_item *i = find(m, key);
    void *former = NULL;

    if (i) {
        former = i->value;
        i->value = value;
        return former;
    }
    i = xcalloc(1, sizeof *i);
    i->key = xstrdup(key);
    i->value = value;
    HASH_ADD_KEYPTR(hh, m->items, i->key, strlen(i->key), i);
    return former;
}

void *map_take(struct map *m, const char *key)
{
    struct map_item *i = find(m, key);
    void *value;

    if (!i)
        return NULL;
    HASH_DEL(m->items, i);
    value = i->value;
    free(i->key);
    free(i);
    return value;
}

size_t map_count(const struct map *m)
{
    return HASH_COUNT(m->items);
}

struct map_item *map_first(const struct map *m)
{
    return m->items;
}

struct map_item *map_next(const struct map_item *i)
{
    return i->hh.next;
}

const char *map_key(const struct map_item *i)
{
    return i->key;
}

void *map_value(const struct map_item *i)
{
    return i->value;
}
