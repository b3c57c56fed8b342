#include "mocks/feed.h"

#include <assert.h>
#include <stdlib.h>

#include "harness/base/mem.h"

#define DEAD       3U
#define KIND_OF(w) ((w) >> 30)
#define REF_OF(w)  ((w)&0x3FFFFFFFU)

struct slot {
    uint32_t number;
    uint32_t word; /* kind in the top two bits, ref below; dead: how far to skip */
};
struct feed {
    struct slot *v;
    size_t n, cap, dead;
    uint32_t last;
};

struct feed *feed_new(void)
{
    return xcalloc(1, sizeof(struct feed));
}

void feed_free(struct feed *f)
{
    if (!f)
        return;
    free(f->v);
    free(f);
}

uint32_t feed_last(const struct feed *f)
{
    return f->last;
}

size_t feed_bytes(const struct feed *f)
{
    return sizeof *f + f->cap * sizeof *f->v;
}

/* Gives the dropped places back; numbers stay what they are. */
static void compact(struct feed *f)
{
    size_t to = 0;
    for (size_t i = 0; i < f->n; i++)
        if (KIND_OF(f->v[i].word) != DEAD)
            f->v[to++] = f->v[i];
    f->n = to;
    f->dead = 0;
}

uint32_t feed_append(struct feed *f, enum feed_kind kind, uint32_t ref)
{
    assert(f->last < FEED_MAX && ref <= REF_OF(~0U));
    if (f->dead > 1024 && f->dead > f->n / 2)
        compact(f);
    if (f->n == f->cap) {
        f->cap += f->cap / 4 + 64;
        f->v = xrealloc(f->v, f->cap * sizeof *f->v);
    }
    f->v[f->n++] = (struct slot){++f->last, (uint32_t)kind << 30 | ref};
    return f->last;
}

/* The first place whose number is above `after`. */
size_t feed_seek(const struct feed *f, uint32_t after)
{
    size_t low = 0, high = f->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (f->v[mid].number <= after)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void feed_drop(struct feed *f, uint32_t number)
{
    if (number == 0)
        return;
    size_t i = feed_seek(f, number - 1);
    assert(i < f->n && f->v[i].number == number && KIND_OF(f->v[i].word) != DEAD);
    f->v[i].word = DEAD << 30 | 1;
    f->dead++;
}

/* The first live place from i on; shortens the way for the next reader. */
static size_t alive(struct feed *f, size_t i)
{
    size_t to = i;
    while (to < f->n && KIND_OF(f->v[to].word) == DEAD)
        to += REF_OF(f->v[to].word);
    while (i < to) {
        size_t next = i + REF_OF(f->v[i].word);
        f->v[i].word = DEAD << 30 | (uint32_t)(to - i);
        i = next;
    }
    return to;
}

bool feed_step(struct feed *f, size_t *place, struct feed_entry *out)
{
    size_t i = alive(f, *place);
    *place = i;
    if (i >= f->n)
        return false;
    *out = (struct feed_entry){f->v[i].number, (enum feed_kind)KIND_OF(f->v[i].word),
                               REF_OF(f->v[i].word)};
    *place = i + 1;
    return true;
}

/* Fisher-Yates over the live places of [from, to). */
static void shuffle_run(struct feed *f, size_t from, size_t to, struct rng *r,
                        feed_moved_cb *moved, void *arg)
{
    for (size_t n = to - from; n > 1; n--) {
        size_t a = from + n - 1, b = from + (size_t)rng_below(r, n);
        uint32_t w = f->v[a].word;
        f->v[a].word = f->v[b].word;
        f->v[b].word = w;
    }
    for (size_t i = from; i < to; i++)
        moved(arg,
              &(struct feed_entry){f->v[i].number, (enum feed_kind)KIND_OF(f->v[i].word),
                                   REF_OF(f->v[i].word)});
}

void feed_shuffle(struct feed *f, uint32_t after, struct rng *r, feed_moved_cb *moved,
                  void *arg)
{
    compact(f); /* so that a run is a range without holes */
    size_t from = feed_seek(f, after);
    for (size_t i = from; i <= f->n; i++) {
        if (i < f->n && KIND_OF(f->v[i].word) != FEED_LAPSE)
            continue;
        shuffle_run(f, from, i, r, moved, arg);
        from = i + 1;
    }
}

/* ---- cursors ---- */
#define USE_CURSOR 0x637572736f72U
#define PAYLOAD    25
#define FORMAT     1

static void put(unsigned char *to, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = (unsigned char)(v >> 8 * i);
}

static uint64_t get(const unsigned char *from, int n)
{
    uint64_t v = 0;
    for (int i = 0; i < n; i++)
        v |= (uint64_t)from[i] << 8 * i;
    return v;
}

void cursor_write(const struct sip_key *key, const struct cursor *c,
                  char out[CURSOR_TEXT + 1])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char b[PAYLOAD + 8];
    b[0] = FORMAT;
    put(b + 1, c->position, 4);
    put(b + 5, c->snapshot, 4);
    put(b + 9, c->epoch, 4);
    put(b + 13, c->generation, 4);
    put(b + 17, (uint64_t)c->issued, 8);
    put(b + PAYLOAD, siphash(key, USE_CURSOR, b, PAYLOAD), 8);
    for (size_t i = 0; i < sizeof b; i++) {
        out[2 * i] = hex[b[i] >> 4];
        out[2 * i + 1] = hex[b[i] & 15];
    }
    out[CURSOR_TEXT] = 0;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool cursor_read(const struct sip_key *key, const char *text, struct cursor *out)
{
    unsigned char b[PAYLOAD + 8];
    if (strlen(text) != CURSOR_TEXT)
        return false;
    for (size_t i = 0; i < sizeof b; i++) {
        int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        b[i] = (unsigned char)(high << 4 | low);
    }
    if (b[0] != FORMAT || get(b + PAYLOAD, 8) != siphash(key, USE_CURSOR, b, PAYLOAD))
        return false;
    *out = (struct cursor){.position = (uint32_t)get(b + 1, 4),
                           .snapshot = (uint32_t)get(b + 5, 4),
                           .epoch = (uint32_t)get(b + 9, 4),
                           .generation = (uint32_t)get(b + 13, 4),
                           .issued = (when_t)get(b + 17, 8)};
    return true;
}
