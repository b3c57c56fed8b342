#include "mocks/table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/base/mem.h"

#define USE_TABLE 0x7461626c65U

__extension__ typedef unsigned __int128 wide;

void table_init(struct table *t, const struct sip_key *key, size_t key_n, size_t value_n)
{
    *t = (struct table){.key = *key, .key_n = key_n, .value_n = value_n};
}

void table_done(struct table *t)
{
    free(t->v);
    t->v = NULL;
    t->n = t->cap = 0;
}

size_t table_bytes(const struct table *t)
{
    return t->cap * (t->key_n + t->value_n);
}

static bool empty(const struct table *t, const unsigned char *at)
{
    for (size_t i = 0; i < t->value_n; i++)
        if (at[t->key_n + i])
            return false;
    return true;
}

/* The place of the key, or the empty place where it would go. */
static unsigned char *place(const struct table *t, const void *key)
{
    size_t width = t->key_n + t->value_n;
    uint64_t h = siphash(&t->key, USE_TABLE, key, t->key_n);
    size_t i = (size_t)(((wide)h * t->cap) >> 64);
    for (;;) {
        unsigned char *at = t->v + i * width;
        if (empty(t, at) || !memcmp(at, key, t->key_n))
            return at;
        if (++i == t->cap)
            i = 0;
    }
}

const void *table_get(const struct table *t, const void *key)
{
    if (t->n == 0)
        return NULL;
    const unsigned char *at = place(t, key);
    return empty(t, at) ? NULL : at + t->key_n;
}

static void grow(struct table *t)
{
    struct table old = *t;
    size_t width = t->key_n + t->value_n;
    t->cap = old.cap + old.cap / 2 + 16;
    t->v = xcalloc(t->cap, width);
    for (size_t i = 0; i < old.cap; i++) {
        const unsigned char *from = old.v + i * width;
        if (!empty(&old, from))
            memcpy(place(t, from), from, width);
    }
    free(old.v);
}

void table_put(struct table *t, const void *key, const void *value)
{
    if (t->n * 5 >= t->cap * 4)
        grow(t);
    unsigned char *at = place(t, key);
    if (empty(t, at))
        t->n++;
    memcpy(at, key, t->key_n);
    memcpy(at + t->key_n, value, t->value_n);
    assert(!empty(t, at));
}
