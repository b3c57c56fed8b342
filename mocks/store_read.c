/* Serving: the feed's entries filled in, the index of persons, aanmeldIds, and the order
 * of changes when a trial wants it shuffled. */
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/digest.h"
#include "harness/base/mem.h"
#include "mocks/store_rows.h"

#define USE_PERSON 0x706572736f6eU
#define USE_ID     0x61616e6d656c64U
#define BUCKETS    1024

uint32_t store_last(const struct store *s)
{
    return feed_last(s->feed);
}

/* ---- who is who ---- */
static size_t bucket(const struct store *s, uint32_t person)
{
    return (size_t)siphash(&s->key, USE_PERSON, &person, sizeof person) &
           (s->n_persons - 1);
}

static void link_person(struct store *s, uint32_t row)
{
    uint32_t *head = &s->persons[bucket(s, s->rows[row].person)];
    s->rows[row].next = *head;
    *head = row;
}

static void grow_persons(struct store *s)
{
    s->n_persons = s->n_persons ? 2 * s->n_persons : BUCKETS;
    s->persons = xrealloc(s->persons, s->n_persons * sizeof *s->persons);
    for (size_t i = 0; i < s->n_persons; i++)
        s->persons[i] = NO_ROW;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->rows[i].volg)
            link_person(s, i);
}

void store_index(struct store *s, uint32_t row)
{
    if (++s->served > s->n_persons)
        grow_persons(s); /* links this one too */
    else
        link_person(s, row);
}

void store_unindex(struct store *s, uint32_t row)
{
    uint32_t *at = &s->persons[bucket(s, s->rows[row].person)];
    while (*at != row)
        at = &s->rows[*at].next;
    *at = s->rows[row].next;
    s->rows[row].next = NO_ROW;
    s->served--;
}

/* What an aanmeldId is made from: all that tells the aanmelding from others. A mutant
 * puts more in than should be. */
struct id_source {
    uint32_t aanmelding, life;
    when_t start;
};

void store_aanmeld_id(const struct store *s, uint32_t aanmelding, char out[37])
{
    static const char hex[] = "0123456789abcdef";
    struct id_source from = {.aanmelding = aanmelding};
    if (store_is(s, KP_IDS_FROM_BSN)) {
        snprintf(out, 37, "a%u-%09u", (unsigned)aanmelding,
                 (unsigned)s->rows[aanmelding].person);
        return;
    }
    if (store_is(s, KP_IDS_HASH_BSN)) {
        char number[16], hash[65];
        snprintf(number, sizeof number, "%09u", (unsigned)s->rows[aanmelding].person);
        digest_hex(number, 9, hash);
        snprintf(out, 37, "%.16s-%u", hash, (unsigned)aanmelding);
        return;
    }
    if (s->rows[aanmelding].lapse && store_is(s, KP_IDS_PER_LIFE))
        from.life = s->rows[aanmelding].lapse;
    if (s->start && store_is(s, KP_IDS_PER_START))
        from.start = s->start;
    uint64_t half[2] = {siphash(&s->key, USE_ID, &from, sizeof from),
                        siphash(&s->key, USE_ID + 1, &from, sizeof from)};
    half[0] = (half[0] & ~0xF000ULL) | 0x4000; /* version 4, RFC 9562 section 5.4 */
    half[1] = (half[1] & ~(3ULL << 62)) | 2ULL << 62;
    char *p = out;
    for (int i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *p++ = '-';
        *p++ = hex[half[i / 16] >> (60 - 4 * (i % 16)) & 15];
    }
    *p = 0;
}

/* ---- overtaken and repeated statuses, told on purpose ---- */
void store_echo(struct store *s, uint32_t row, enum status status, when_t begin)
{
    const struct row *r = &s->rows[row];
    if (!s->shuffle)
        return;
    (void)store_is(s, KP_OVERTAKEN_TOLD);
    if (s->n_echoes == s->cap_echoes) {
        s->cap_echoes += s->cap_echoes / 2 + 64;
        s->echoes = xrealloc(s->echoes, s->cap_echoes * sizeof *s->echoes);
    }
    s->echoes[s->n_echoes] = (struct echo){row, r->person, r->lapse, status, begin};
    feed_append(s->feed, FEED_ECHO, (uint32_t)s->n_echoes++);
}

/* Is it still a status of what the row is now, overtaken or the same again? */
static bool echo_counts(const struct store *s, const struct echo *e)
{
    const struct row *r = &s->rows[e->row];
    return r->volg && r->lapse == e->life && r->person == e->person &&
           event_cmp(e->begin, (uint8_t)e->status, r->shown, r->status) <= 0;
}

bool store_undealt(const struct store *s)
{
    return s->shuffle && s->dealt < store_last(s);
}

static void dealt(void *arg, const struct feed_entry *e)
{
    struct store *s = arg;
    if (e->kind == FEED_CURRENT)
        s->rows[e->ref].volg = e->number;
}

void store_deal(struct store *s)
{
    char purpose[32];
    struct rng r;
    snprintf(purpose, sizeof purpose, "deal %u", (unsigned)s->dealt);
    rng_init(&r, s->shuffle, "koppelpunt", purpose);
    feed_shuffle(s->feed, s->dealt, &r, dealt, s);
    s->dealt = store_last(s);
}

/* ---- reading ---- */
static void fill(const struct store *s, uint32_t row, uint32_t number,
                 struct store_entry *out)
{
    const struct row *r = &s->rows[row];
    *out = (struct store_entry){.volgnummer = number,
                                .aanmelding = row,
                                .bsn = r->person,
                                .status = (enum status)r->status,
                                .status_begin = r->shown,
                                .instelling = r->instelling,
                                .opleiding = r->opleiding};
}

/* The entry as a reader sees it; false when there is nothing to see. */
static bool entry_of(const struct store *s, const struct feed_entry *e, uint32_t snapshot,
                     struct store_entry *out)
{
    const struct echo *echo;
    switch (e->kind) {
    case FEED_CURRENT:
        fill(s, e->ref, e->number, out);
        return true;
    case FEED_LAPSE:
        *out = (struct store_entry){.volgnummer = e->number,
                                    .aanmelding = e->ref,
                                    .vervallen = true,
                                    .bsn = s->rows[e->ref].person};
        return e->number > snapshot;
    case FEED_ECHO:
        echo = &s->echoes[e->ref];
        if (e->number <= snapshot || !echo_counts(s, echo))
            return false;
        fill(s, echo->row, e->number, out);
        out->status = echo->status;
        out->status_begin = echo->begin;
        return true;
    }
    return false;
}

size_t store_read(struct store *s, struct store_reader *at, size_t max,
                  struct store_entry *out, bool *meer)
{
    struct feed_entry e;
    struct store_entry beyond;
    size_t n = 0, place = feed_seek(s->feed, at->position);
    *meer = false;
    while (feed_step(s->feed, &place, &e)) {
        if (!entry_of(s, &e, at->snapshot, n < max ? &out[n] : &beyond))
            continue;
        if (n == max) {
            *meer = true;
            break;
        }
        at->position = e.number;
        n++;
    }
    if (!*meer)
        at->position = store_last(s);
    if (at->position >= at->snapshot)
        at->snapshot = 0;
    return n;
}

void store_search(const struct store *s, uint32_t bsn, store_entry_cb *seen, void *arg)
{
    if (s->n_persons == 0)
        return;
    for (uint32_t i = s->persons[bucket(s, bsn)]; i != NO_ROW; i = s->rows[i].next) {
        struct store_entry e;
        if (s->rows[i].person != bsn)
            continue;
        fill(s, i, s->rows[i].volg, &e);
        seen(arg, &e);
    }
}
