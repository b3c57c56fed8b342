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

/* The hash beside the id: another text is told apart without a look at it. */
struct place {
    uint32_t hash, id; /* id 0: free */
};

struct names {
    struct chunk *chunks;
    const char **texts; /* texts[id]; texts[0] is "" */
    size_t n, cap;
    struct place *slots;
    size_t n_slots; /* a power of two */
};

/* Eight bytes at a time, each mixed in by a multiplication (of FNV and splitmix64). */
static uint32_t hash_text(const char *s, size_t n)
{
    uint64_t h = 14695981039346656037u ^ n, word;
    for (; n >= sizeof word; s += sizeof word, n -= sizeof word) {
        memcpy(&word, s, sizeof word);
        h = (h ^ word) * 0x9E3779B97F4A7C15u;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, s, n);
    h = (h ^ word) * 0x9E3779B97F4A7C15u;
    h = (h ^ h >> 32) * 0xbf58476d1ce4e5b9u;
    return (uint32_t)(h >> 32);
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
static struct place *slot_of(const struct names *n, uint32_t hash, const char *s,
                             size_t len)
{
    size_t i = hash & (n->n_slots - 1);
    for (; n->slots[i].id; i = (i + 1) & (n->n_slots - 1)) {
        if (n->slots[i].hash != hash)
            continue;
        const char *t = n->texts[n->slots[i].id];
        if (strncmp(t, s, len) == 0 && t[len] == 0)
            break;
    }
    return &n->slots[i];
}

static void names_grow(struct names *n)
{
    struct place *old = n->slots;
    size_t n_old = n->n_slots;
    n->n_slots *= 2;
    n->slots = xcalloc(n->n_slots, sizeof *n->slots);
    for (size_t k = 0; k < n_old; k++) {
        size_t i = old[k].hash & (n->n_slots - 1);
        if (!old[k].id)
            continue;
        while (n->slots[i].id)
            i = (i + 1) & (n->n_slots - 1);
        n->slots[i] = old[k];
    }
    free(old);
}

uint32_t names_find(const struct names *n, const char *s, size_t len)
{
    return s && len ? slot_of(n, hash_text(s, len), s, len)->id : 0;
}

uint32_t names_id(struct names *n, const char *s)
{
    size_t len = s ? strlen(s) : 0;
    if (!len)
        return 0;
    uint32_t hash = hash_text(s, len);
    struct place *slot = slot_of(n, hash, s, len);
    if (slot->id)
        return slot->id;
    if (n->n == n->cap)
        n->texts = xrealloc(n->texts, (n->cap *= 2) * sizeof *n->texts);
    uint32_t id = (uint32_t)n->n++;
    n->texts[id] = keep(n, s, len);
    *slot = (struct place){hash, id};
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
