#include "harness/wire/memo.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

#define PLACES 256

struct place {
    char *text; /* the key, then what was made of it; NULL: free */
    size_t key_n, made_n;
};
struct memo {
    struct place v[PLACES];
};

struct memo *memo_new(void)
{
    return xcalloc(1, sizeof(struct memo));
}

void memo_free(struct memo *m)
{
    for (size_t i = 0; m && i < PLACES; i++)
        free(m->v[i].text);
    free(m);
}

/* Where a key belongs: eight bytes at a time, multiplied and folded. */
static size_t place_of(const char *key, size_t n)
{
    uint64_t h = n, word;

    for (; n >= sizeof word; key += sizeof word, n -= sizeof word) {
        memcpy(&word, key, sizeof word);
        h = (h ^ word) * 0x9E3779B97F4A7C15u;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, key, n);
    h = (h ^ word) * 0x9E3779B97F4A7C15u;
    return (size_t)(h >> 56) % PLACES;
}

const char *memo_get(const struct memo *m, const char *key, size_t n, size_t *made_n)
{
    const struct place *p = &m->v[place_of(key, n)];

    if (!p->text || p->key_n != n || memcmp(p->text, key, n) != 0)
        return NULL;
    *made_n = p->made_n;
    return p->text + n;
}

void memo_put(struct memo *m, const char *key, size_t n, const char *made, size_t made_n)
{
    struct place *p = &m->v[place_of(key, n)];

    if (n > MEMO_KEY_MAX)
        return;
    p->text = xrealloc(p->text, n + made_n);
    memcpy(p->text, key, n);
    memcpy(p->text + n, made, made_n);
    p->key_n = n;
    p->made_n = made_n;
}
