#include "harness/report/flow.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/base/when.h"

#define NOTES_MAX 1000000

struct note {
    uint64_t key, other; /* of its ketenid and caketenid; 0: it has none */
    when_t begin;
    enum status status;
};

struct flow_notes {
    struct note *v;
    size_t n, cap;
    bool full;
};

struct flow_notes *flow_notes_new(void)
{
    return xcalloc(1, sizeof(struct flow_notes));
}

void flow_notes_free(struct flow_notes *n)
{
    if (n)
        free(n->v);
    free(n);
}

/* FNV-1a, of an id at an instelling. */
static uint64_t key_of(const char *instelling, const char *id)
{
    const char *const parts[] = {instelling, "/", id};
    uint64_t h = 14695981039346656037u;
    if (!id || !instelling)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        for (const char *s = parts[i]; *s; s++)
            h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h ? h : 1;
}

void flow_note(struct flow_notes *n, const json_t *melding, const char *instelling)
{
    const char *own = json_text(melding, "instellingserkenningscode");
    instelling = own ? own : instelling;
    const char *begin = json_text(melding, "begindatum");
    const char *status = json_text(melding, "status");
    struct note x = {.key = key_of(instelling, json_text(melding, "ketenid")),
                     .other = key_of(instelling, json_text(melding, "caketenid")),
                     .status = status ? status_by_name(status) : STATUS_NONE};
    if (x.status == STATUS_NONE || !begin || (!x.key && !x.other) ||
        when_parse_offset(begin, strlen(begin), &x.begin))
        return;
    if (n->n == NOTES_MAX) {
        n->full = true;
        return;
    }
    if (n->n == n->cap) {
        n->cap = n->cap ? n->cap * 2 : 64;
        n->v = xrealloc(n->v, n->cap * sizeof *n->v);
    }
    n->v[n->n++] = x;
}

/* ---- which messages are of one aanmelding ---- */

struct union_of {
    uint64_t *keys; /* open addressing; 0: free */
    uint32_t *parent;
    size_t mask;
};

static uint32_t place(struct union_of *u, uint64_t key)
{
    size_t i = (size_t)(key ^ key >> 32) & u->mask;
    while (u->keys[i] && u->keys[i] != key)
        i = (i + 1) & u->mask;
    if (!u->keys[i]) {
        u->keys[i] = key;
        u->parent[i] = (uint32_t)i;
    }
    return (uint32_t)i;
}

static uint32_t root(struct union_of *u, uint64_t key)
{
    uint32_t i = place(u, key);
    while (u->parent[i] != i)
        i = u->parent[i] = u->parent[u->parent[i]];
    return i;
}

/* Afterwards `key` is the same for all of one aanmelding. */
static void unite(struct flow_notes *n)
{
    struct union_of u = {.mask = 63};
    while (u.mask < n->n * 4)
        u.mask = u.mask * 2 + 1;
    u.keys = xcalloc(u.mask + 1, sizeof *u.keys);
    u.parent = xcalloc(u.mask + 1, sizeof *u.parent);
    for (size_t i = 0; i < n->n; i++) {
        struct note *x = &n->v[i];
        x->key = x->key ? x->key : x->other;
        if (x->other) {
            uint32_t a = root(&u, x->key);
            u.parent[root(&u, x->other)] = a;
        }
    }
    for (size_t i = 0; i < n->n; i++)
        n->v[i].key = root(&u, n->v[i].key);
    free(u.keys);
    free(u.parent);
}

/* At equal moments the highest rank comes last: it decides (KP-ORD-02). */
static int in_order(const void *a, const void *b)
{
    const struct note *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->status > y->status) - (x->status < y->status);
}

void flow_count(struct flow *f, struct flow_notes *n)
{
    unite(n);
    if (n->n)
        qsort(n->v, n->n, sizeof *n->v, in_order);
    for (size_t i = 0; i < n->n; i++) {
        const struct note *x = &n->v[i];
        bool first = i == 0 || n->v[i - 1].key != x->key;
        enum status before = first ? STATUS_NONE : n->v[i - 1].status;
        f->aanmeldingen += first;
        if (before != x->status) {
            f->steps[before][x->status]++;
            f->statuses++;
        }
        if (i + 1 == n->n || n->v[i + 1].key != x->key)
            f->last[x->status]++;
    }
    f->full = f->full || n->full;
    n->n = 0;
    n->full = false;
}
