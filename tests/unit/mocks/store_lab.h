/* What the tests of the store share: making meldingen, reading the feed whole, and a
 * reader that follows the contract's rules (CONTRACT.md 6) and nothing
 * else. */
#ifndef TEST_STORE_LAB_H
#define TEST_STORE_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/base/rng.h"
#include "mocks/store.h"

#define MAX_SEEN 60100 /* static, so that a failing assert leaks nothing */

struct seen {
    const struct store_entry *e;
    size_t n;
};

static inline struct store *lab_store(uint64_t shuffle)
{
    return store_new(&(struct sip_key){{0x0123456789abcdef, 42}}, shuffle);
}

static inline struct melding lab_melding(uint32_t keten, enum status status, when_t begin)
{
    return (struct melding){.content = {1},
                            .keten = keten,
                            .person = 1000,
                            .is_bsn = true,
                            .status = status,
                            .begin = begin};
}

/* Takes it in under an id of its own. */
static inline void give(struct store *s, struct melding m)
{
    static uint32_t ids;
    ids++;
    memcpy(m.id, &ids, sizeof ids);
    store_melding(s, &m);
}

/* All that is there behind *at (NULL: a full state), in pages of `max`. */
static inline struct seen read_all(struct store *s, struct store_reader *at, size_t max)
{
    static struct store_entry all[MAX_SEEN];
    struct store_reader own = {0, store_last(s)};
    size_t n = 0;
    bool meer;
    if (!at)
        at = &own;
    do {
        uint32_t before = at->position;
        size_t got = store_read(s, at, max, all + n, &meer);
        assert_true(got <= max);
        assert_true(!meer || at->position > before);
        n += got;
    } while (meer);
    for (size_t i = 1; i < n; i++)
        assert_true(all[i].volgnummer > all[i - 1].volgnummer);
    return (struct seen){all, n};
}

static inline void count_entry(void *arg, const struct store_entry *e)
{
    (void)e;
    ++*(size_t *)arg;
}

static inline size_t found(const struct store *s, uint32_t bsn)
{
    size_t n = 0;
    store_search(s, bsn, count_entry, &n);
    return n;
}

/* ---- a reader ---- */
#define MAX_IDS 256

struct reader {
    bool began, flips;
    struct store_reader at;
    struct {
        struct store_entry e; /* volgnummer 0: none */
        uint32_t lapse, top;  /* the last vervallen; the highest volgnummer read */
        bool seen;            /* in this full run */
    } held[MAX_IDS];
    bool full;
};

static inline bool later(const struct store_entry *a, const struct store_entry *b)
{
    if (a->status_begin != b->status_begin)
        return a->status_begin > b->status_begin;
    if (a->status != b->status)
        return a->status > b->status;
    return a->volgnummer > b->volgnummer;
}

static inline void reader_take(struct reader *r, const struct store_entry *e)
{
    assert_true(e->aanmelding < MAX_IDS);
    struct store_entry *h = &r->held[e->aanmelding].e;
    uint32_t *lapse = &r->held[e->aanmelding].lapse, *top = &r->held[e->aanmelding].top;
    assert_true(e->volgnummer > *top);
    /* Never the same again under another number (KP-ORD-05). Only who goes to another
     * opleiding and back at one and the same moment may look so to who missed the step.
     */
    assert_false(!r->flips && !e->vervallen && h->volgnummer && h->volgnummer == *top &&
                 h->status == e->status && h->status_begin == e->status_begin &&
                 h->opleiding == e->opleiding && h->bsn == e->bsn);
    *top = e->volgnummer;
    r->held[e->aanmelding].seen = true;
    if (e->vervallen) {
        *lapse = e->volgnummer;
        h->volgnummer = 0;
        return;
    }
    struct store_entry next = h->volgnummer && later(h, e) ? *h : *e;
    next.opleiding = e->opleiding; /* these follow the highest volgnummer */
    next.instelling = e->instelling;
    next.bsn = e->bsn;
    *h = next;
}

static inline bool reader_page(struct reader *r, struct store *s, size_t max)
{
    struct store_entry page[64];
    bool meer;
    assert_true(max <= ARRAY_LEN(page));
    if (!r->began) {
        r->began = r->full = true;
        r->at = (struct store_reader){0, store_last(s)};
    }
    size_t n = store_read(s, &r->at, max, page, &meer);
    for (size_t i = 0; i < n; i++)
        reader_take(r, &page[i]);
    if (!meer && r->full) {
        for (size_t i = 0; i < MAX_IDS; i++)
            if (!r->held[i].seen)
                r->held[i].e.volgnummer = 0;
        r->full = false;
    }
    return meer;
}

/* One run of pages to its end. */
static inline void reader_fetch(struct reader *r, struct store *s, size_t max)
{
    while (reader_page(r, s, max))
        ;
}

/* As reader_fetch; what it read. Only for what fits a test's own eye. */
static inline struct seen reader_changes(struct reader *r, struct store *s, size_t max)
{
    struct store_reader at = r->at;
    struct seen v = read_all(s, &at, max);
    reader_fetch(r, s, max);
    return v;
}

static inline size_t reader_count(const struct reader *r)
{
    size_t n = 0;
    for (size_t i = 0; i < MAX_IDS; i++)
        n += r->held[i].e.volgnummer != 0;
    return n;
}

/* What the reader shows is the current state, entry for entry. */
static inline void assert_reader_holds_state(const struct reader *r, struct store *s)
{
    struct seen v = read_all(s, NULL, 16);
    assert_int_equal(reader_count(r), v.n);
    for (size_t i = 0; i < v.n; i++) {
        const struct store_entry *h = &r->held[v.e[i].aanmelding].e, *e = &v.e[i];
        assert_true(h->volgnummer != 0);
        assert_int_equal(h->status, e->status);
        assert_int_equal(h->status_begin, e->status_begin);
        assert_int_equal(h->opleiding, e->opleiding);
        assert_int_equal(h->instelling, e->instelling);
        assert_int_equal(h->bsn, e->bsn);
    }
}

#endif
