/* Interned texts and 64-bit tables, both with open addressing (linear probing). */
#include "harness/judge/names.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

#define CHUNK (64u << 10)

struct chunk {
    struct chunk *next;
    size_t used, size;
    char bytes[];
};

struct names {
    struct chunk *chunks;
    const char **texts; /* texts[id]; texts[0] is "" */
    size_t n, cap;
    uint32_t *slots; /* ids; 0 is free */
    size_t n_slots;  /* a power of two */
};

/* FNV-1a, 64 bits, with its high half folded in. */
static size_t hash_text(const char *s, size_t n)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 1099511628211u;
    return (size_t)(h ^ h >> 32);
}

struct names *names_new(void)
{
    struct names *n = xcalloc(1, sizeof *n);
    n->n_slots = 64;
    n->slots = xcalloc(n->n_slots, sizeof *n->slots);
    n->cap = 32;
    n->texts = xcalloc(n->cap, sizeof *n->texts);
    n->texts[0] = "";
    n->n = 1;
    return n;
}

void names_free(struct names *n)
{
    if (!n)
        return;
    for (struct chunk *c = n->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(n->texts);
    free(n->slots);
    free(n);
}

static const char *keep(struct names *n, const char *s, size_t len)
{
    struct chunk *c = n->chunks;
    if (!c || c->size - c->used < len + 1) {
        size_t size = len + 1 > CHUNK ? len + 1 : CHUNK;
        c = xmalloc(sizeof *c + size);
        *c = (struct chunk){.next = n->chunks, .size = size};
        n->chunks = c;
    }
    char *place = c->bytes + c->used;
    memcpy(place, s, len);
    place[len] = 0;
    c->used += len + 1;
    return place;
}

/* The slot that holds the text, or the free one where it belongs. */
static size_t slot_of(const struct names *n, const char *s, size_t len)
{
    size_t i = hash_text(s, len) & (n->n_slots - 1);
    while (n->slots[i]) {
        const char *t = n->texts[n->slots[i]];
        if (strncmp(t, s, len) == 0 && t[len] == 0)
            break;
        i = (i + 1) & (n->n_slots - 1);
    }
    return i;
}

static void names_grow(struct names *n)
{
    free(n->slots);
    n->n_slots *= 2;
    n->slots = xcalloc(n->n_slots, sizeof *n->slots);
    for (uint32_t id = 1; id < n->n; id++)
        n->slots[slot_of(n, n->texts[id], strlen(n->texts[id]))] = id;
}

uint32_t names_find(const struct names *n, const char *s, size_t len)
{
    return s && len ? n->slots[slot_of(n, s, len)] : 0;
}

uint32_t names_id(struct names *n, const char *s)
{
    size_t len = s ? strlen(s) : 0;
    if (!len)
        return 0;
    size_t slot = slot_of(n, s, len);
    if (n->slots[slot])
        return n->slots[slot];
    if (n->n == n->cap)
        n->texts = xrealloc(n->texts, (n->cap *= 2) * sizeof *n->texts);
    uint32_t id = (uint32_t)n->n++;
    n->texts[id] = keep(n, s, len);
    n->slots[slot] = id;
    if (n->n * 2 > n->n_slots)
        names_grow(n);
    return id;
}

const char *names_at(const struct names *n, uint32_t id)
{
    return id < n->n ? n->texts[id] : "";
}

size_t names_count(const struct names *n)
{
    return n->n - 1;
}

/* ---- tables ---- */

struct slot {
    uint64_t key;
    uint32_t value;
    uint32_t used;
};

struct lookup {
    struct slot *slots;
    size_t n, n_slots;
};

struct lookup *lookup_new(void)
{
    struct lookup *t = xcalloc(1, sizeof *t);
    t->n_slots = 64;
    t->slots = xcalloc(t->n_slots, sizeof *t->slots);
    return t;
}

void lookup_free(struct lookup *t)
{
    if (!t)
        return;
    free(t->slots);
    free(t);
}

/* The finaliser of splitmix64. */
static size_t hash_key(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (size_t)(x ^ x >> 31);
}

static struct slot *lookup_slot(const struct lookup *t, uint64_t key)
{
    size_t i = hash_key(key) & (t->n_slots - 1);
    while (t->slots[i].used && t->slots[i].key != key)
        i = (i + 1) & (t->n_slots - 1);
    return &t->slots[i];
}

static void lookup_grow(struct lookup *t)
{
    struct slot *old = t->slots;
    size_t n = t->n_slots;
    t->n_slots *= 2;
    t->slots = xcalloc(t->n_slots, sizeof *t->slots);
    for (size_t i = 0; i < n; i++)
        if (old[i].used)
            *lookup_slot(t, old[i].key) = old[i];
    free(old);
}

uint32_t *lookup_at(struct lookup *t, uint64_t key)
{
    struct slot *s = lookup_slot(t, key);
    if (!s->used) {
        if (++t->n * 2 > t->n_slots) {
            lookup_grow(t);
            s = lookup_slot(t, key);
        }
        *s = (struct slot){.key = key, .used = 1};
    }
    return &s->value;
}

uint32_t lookup_get(const struct lookup *t, uint64_t key)
{
    const struct slot *s = lookup_slot(t, key);
    return s->used ? s->value : 0;
}
