#include "mocks/store.h"

#include <assert.h>
#include <stdlib.h>

#include "harness/base/mem.h"
#include "mocks/store_rows.h"

#define MAX_ROWS (1U << 30)
#define CROWD    20 /* rows after which a mutant errs */

struct store *store_new(const struct sip_key *key, uint64_t shuffle)
{
    struct store *s = xcalloc(1, sizeof *s);
    s->key = *key;
    s->shuffle = shuffle;
    s->feed = feed_new();
    table_init(&s->ids, key, 16, 16);
    table_init(&s->ketens, key, 6, 4);
    table_init(&s->cas, key, 18, 4);
    s->peildata = xmalloc(sizeof *s->peildata);
    s->peildata[0] = INT64_MIN;
    s->n_peildata = 1;
    return s;
}

void store_mutate(struct store *s, int mutant, when_t start)
{
    s->mutant = (enum kp_mutant)mutant;
    s->start = start;
}

void store_free(struct store *s)
{
    if (!s)
        return;
    feed_free(s->feed);
    table_done(&s->ids);
    table_done(&s->ketens);
    table_done(&s->cas);
    free(s->rows);
    free(s->persons);
    free(s->peildata);
    free(s->echoes);
    free(s);
}

size_t store_count(const struct store *s)
{
    return s->n - s->merged;
}

size_t store_bytes(const struct store *s)
{
    return sizeof *s + s->cap * sizeof *s->rows + table_bytes(&s->ids) +
           table_bytes(&s->ketens) + table_bytes(&s->cas) +
           s->n_persons * sizeof *s->persons + s->n_peildata * sizeof *s->peildata +
           feed_bytes(s->feed) + s->cap_echoes * sizeof *s->echoes;
}

bool store_room(const struct store *s, size_t meldingen)
{
    /* A melding makes at most one row, and with a merge four entries. A stand may lapse
     * every row besides. */
    uint64_t rows = (uint64_t)s->n + meldingen;
    return rows < MAX_ROWS && store_last(s) + rows + 4 * (uint64_t)meldingen < FEED_MAX;
}

/* ---- order ---- */
struct state state_of(const struct melding *m)
{
    return (struct state){.begin = m->begin,
                          .person = m->person,
                          .opleiding = m->opleiding,
                          .status = (uint8_t)m->status,
                          .is_bsn = m->is_bsn};
}

int event_cmp(when_t a_begin, uint8_t a_status, when_t b_begin, uint8_t b_status)
{
    if (a_begin != b_begin)
        return a_begin < b_begin ? -1 : 1;
    return (int)a_status - (int)b_status; /* enum status is in ascending rank */
}

static struct state state_of_row(const struct row *r)
{
    return (struct state){.begin = r->begin,
                          .person = r->person,
                          .opleiding = r->opleiding,
                          .status = r->status,
                          .is_bsn = r->flags & ROW_BSN};
}

/* The same status of the same person for the same opleiding. */
bool row_same(const struct row *r, const struct state *to)
{
    return r->status == to->status && r->opleiding == to->opleiding &&
           r->person == to->person && !(r->flags & ROW_BSN) == !to->is_bsn;
}

/* KP-LEV-12: SUBMITTED and persons without a BSN are not delivered. */
bool row_deliverable(const struct store *s, const struct row *r)
{
    if (r->flags & (ROW_LAPSED | ROW_MERGED))
        return false;
    switch (r->status) {
    case STATUS_NONE:
        return false;
    case STATUS_SUBMITTED:
        return r->flags & ROW_BSN && store_is(s, KP_SUBMITTED_SERVED);
    case STATUS_WITHDRAWN:
        return r->flags & ROW_BSN && !store_is(s, KP_WITHDRAWN_KEPT_BACK);
    case STATUS_REJECTED:
        return r->flags & ROW_BSN && !store_is(s, KP_OBJECTION_KEPT_BACK);
    default:
        return r->flags & ROW_BSN || store_is(s, KP_NO_BSN_SERVED);
    }
}

when_t row_settled(const struct store *s, const struct row *r)
{
    return s->peildata[r->settled];
}

/* ---- what is served ---- */
/* Takes the current entry back, if there is one. */
static bool retract(struct store *s, uint32_t row)
{
    struct row *r = &s->rows[row];
    if (r->volg == 0)
        return false;
    if (r->volg > s->dealt)
        store_echo(s, row, r->status, r->shown);
    store_unindex(s, row);
    feed_drop(s->feed, r->volg);
    r->volg = 0;
    return true;
}

/* Readers are told that what they hold of this row has ended. */
static void tell_lapse(struct store *s, uint32_t row)
{
    struct row *r = &s->rows[row];
    feed_drop(s->feed, r->lapse);
    r->lapse = feed_append(s->feed, FEED_LAPSE, row);
}

void store_replace(struct store *s, uint32_t row, const struct state *to)
{
    struct row *r = &s->rows[row];
    if (r->volg && row_same(r, to) && r->shown == to->begin) {
        r->begin = to->begin;
        return; /* nothing that a reader could see (KP-ORD-05) */
    }
    bool backwards = event_cmp(to->begin, to->status, r->shown, r->status) < 0;
    bool served = retract(s, row);
    r->begin = r->shown = to->begin;
    r->status = to->status;
    r->opleiding = to->opleiding;
    r->person = to->person;
    r->flags &= (uint8_t) ~(ROW_LAPSED | ROW_BSN);
    r->flags |= to->is_bsn ? ROW_BSN : 0;
    bool serve = row_deliverable(s, r);
    /* Readers order by statusBegin and rank: to go back, one life ends and another begins
     * (CONTRACT.md 6). */
    if (served && (!serve || backwards))
        tell_lapse(s, row);
    if (serve) {
        r->volg = feed_append(s->feed, FEED_CURRENT, row);
        if (r->told < UINT8_MAX)
            r->told++;
        store_index(s, row);
    }
}

static void tell_anew(struct store *s, uint32_t row)
{
    if (!s->rows[row].volg)
        return;
    feed_drop(s->feed, s->rows[row].volg);
    s->rows[row].volg = feed_append(s->feed, FEED_CURRENT, row);
}

void store_renumber(struct store *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        tell_anew(s, i);
}

void store_lapse(struct store *s, uint32_t row)
{
    struct row *r = &s->rows[row];
    bool served = retract(s, row);
    r->flags |= ROW_LAPSED;
    r->flags &= (uint8_t)~ROW_BSN;
    if (!store_is(s, KP_LAPSED_KEEPS_BSN) && s->mutant != KP_IDS_FROM_BSN &&
        s->mutant != KP_IDS_HASH_BSN)
        r->person = 0;
    if (served)
        tell_lapse(s, row);
}

/* ---- identity ---- */
uint32_t store_find(const struct store *s, uint32_t row)
{
    while (s->rows[row].flags & ROW_MERGED)
        row = s->rows[row].next;
    return row;
}

static void keten_key(const struct melding *m, unsigned char key[6])
{
    memcpy(key, &m->instelling, 2);
    memcpy(key + 2, &m->keten, 4);
}

static void ca_key(const struct melding *m, unsigned char key[18])
{
    memcpy(key, &m->instelling, 2);
    memcpy(key + 2, m->ca, 16);
}

static uint32_t look_up(const struct store *s, const struct table *t, const void *key)
{
    const void *v = table_get(t, key);
    uint32_t row;
    if (!v)
        return NO_ROW;
    memcpy(&row, v, 4);
    return store_find(s, row - 1);
}

static void set_key(struct table *t, const void *key, uint32_t row)
{
    row++; /* all zero is empty */
    table_put(t, key, &row);
}

static uint32_t new_row(struct store *s, uint16_t instelling)
{
    if (s->n == s->cap) {
        s->cap += s->cap / 8 + 64;
        s->rows = xrealloc(s->rows, s->cap * sizeof *s->rows);
    }
    s->rows[s->n] = (struct row){.instelling = instelling, .next = NO_ROW};
    return (uint32_t)s->n++;
}

/* Of two rows that are one: does b's state count, rather than a's? A stand counts over
 * all up to its peildatum; what came after it is ordered as ever. */
static bool prefer(const struct store *s, const struct row *a, const struct row *b)
{
    when_t sa = row_settled(s, a), sb = row_settled(s, b);
    bool la = a->flags & ROW_LAPSED, lb = b->flags & ROW_LAPSED;
    if (a->status == STATUS_NONE || b->status == STATUS_NONE)
        return a->status == STATUS_NONE;
    if (sa == sb && la != lb)
        return la;
    if (sa > sb && (lb || b->begin <= sa))
        return false;
    if (sb > sa && (la || a->begin <= sb))
        return true;
    if (la != lb)
        return la;
    int c = event_cmp(b->begin, b->status, a->begin, a->status);
    return c > 0 || (c == 0 && b->arrival > a->arrival);
}

/* Makes row b part of row a. */
static uint32_t merge(struct store *s, uint32_t ia, uint32_t ib)
{
    /* The one that readers know stays; of two the oldest. */
    bool known_a = s->rows[ia].volg || s->rows[ia].lapse;
    bool known_b = s->rows[ib].volg || s->rows[ib].lapse;
    if (known_b != known_a ? known_b : ib < ia) {
        uint32_t t = ia;
        ia = ib;
        ib = t;
    }
    struct row *a = &s->rows[ia], *b = &s->rows[ib];
    bool other = prefer(s, a, b);
    struct row from = other ? *b : *a;
    if (s->peildata[b->settled] > s->peildata[a->settled])
        a->settled = b->settled;
    bool gone = from.flags & ROW_LAPSED;
    store_lapse(s, ib);
    b->flags |= ROW_MERGED;
    b->next = ia;
    s->merged++;
    if (from.status == STATUS_NONE)
        return ia;
    if (gone) {
        a->begin = from.begin;
        a->status = from.status;
        if (!(a->flags & ROW_LAPSED))
            store_lapse(s, ia);
    } else if (other || a->shown != a->begin) {
        /* The other's history may lie between a's first and last repeat. */
        struct state to = state_of_row(&from);
        store_replace(s, ia, &to);
    }
    a->arrival = from.arrival;
    return ia;
}

uint32_t store_link(struct store *s, const struct melding *m)
{
    unsigned char keten[6], ca[18];
    keten_key(m, keten);
    ca_key(m, ca);
    uint32_t row = look_up(s, &s->ketens, keten), known = row;
    uint32_t by_ca = m->has_ca ? look_up(s, &s->cas, ca) : NO_ROW;
    if (row == NO_ROW)
        row = by_ca != NO_ROW ? by_ca : new_row(s, m->instelling);
    if (known == NO_ROW)
        set_key(&s->ketens, keten, row);
    if (m->has_ca && by_ca == NO_ROW)
        set_key(&s->cas, ca, row);
    else if (m->has_ca && by_ca != row)
        row = merge(s, row, by_ca);
    return row;
}

/* ---- meldingen ---- */
enum known store_known(const struct store *s, const struct melding *m)
{
    const void *content = table_get(&s->ids, m->id);
    if (!content)
        return MELDING_NEW;
    return memcmp(content, m->content, 16) ? MELDING_OTHER : MELDING_SAME;
}

static bool is_final(uint8_t status)
{
    return status == STATUS_REJECTED || status == STATUS_WITHDRAWN ||
           status == STATUS_ENROLLED;
}

/* A mutant that never lets this melding decide. */
static bool ignores(const struct store *s, const struct row *r, const struct melding *m)
{
    if (!(r->flags & ROW_LAPSED) && is_final(r->status) && m->status != r->status &&
        store_is(s, KP_FINAL_STICKS))
        return true;
    if (r->status == STATUS_NONE && m->status == STATUS_REJECTED &&
        store_is(s, KP_REJECTED_NOT_FIRST))
        return true;
    /* Publishes an aanmelding twice a day at most. */
    return r->told >= 2 && store_is(s, KP_HELD_BACK);
}

/* As event_cmp, with what mutants make of equal times. */
static int order(const struct store *s, const struct melding *m, const struct row *r)
{
    int c = event_cmp(m->begin, (uint8_t)m->status, r->begin, r->status);
    if (c < 0 && store_is(s, KP_ARRIVAL_ORDER))
        return 1;
    if (c && m->begin == r->begin) {
        if (store_is(s, KP_TIES_LOWEST_RANK))
            return -c;
        if (c < 0 && store_is(s, KP_TIES_BY_ARRIVAL))
            return 0;
    }
    return c;
}

/* Does this melding decide what the row is now? */
static bool overtakes(const struct store *s, const struct row *r, const struct melding *m)
{
    when_t settled = row_settled(s, r);
    if (m->begin <= settled && !store_is(s, KP_LATE_REVIVES) &&
        !(m->begin == settled && store_is(s, KP_PEILDATUM_REVIVES)))
        return false; /* a stand counts over it */
    if (ignores(s, r, m))
        return false;
    if (r->flags & ROW_LAPSED || r->status == STATUS_NONE)
        return true;
    return order(s, m, r) >= 0;
}

/* A melding that comes too late to decide. When it falls between a status and its repeat,
 * the status that stands began at the repeat. */
static void late(struct store *s, uint32_t row, const struct melding *m)
{
    struct row *r = &s->rows[row];
    struct state to = state_of(m);
    if (r->flags & ROW_LAPSED || m->begin <= row_settled(s, r))
        return;
    if (row_same(r, &to))
        return;
    if (row_deliverable(s, r) && to.is_bsn && to.person == r->person &&
        to.status != STATUS_SUBMITTED)
        store_echo(s, row, m->status, m->begin);
    if (event_cmp(to.begin, to.status, r->shown, r->status) >= 0) {
        to = state_of_row(r);
        store_replace(s, row, &to);
    }
}

/* For a mutant that mixes up persons: one of another instelling. */
static uint32_t someone_elsewhere(const struct store *s, uint32_t row)
{
    uint32_t other = row - 1;
    while (other && s->rows[other].instelling == s->rows[row].instelling)
        other--;
    return s->rows[other].person;
}

void store_melding(struct store *s, const struct melding *m)
{
    table_put(&s->ids, m->id, m->content);
    uint32_t row = store_link(s, m), arrival = ++s->arrivals;
    struct row *r = &s->rows[row];
    struct state to = state_of(m);
    if (row == CROWD && store_is(s, KP_CROSSES))
        to.person = someone_elsewhere(s, row);
    if (!overtakes(s, r, m)) {
        late(s, row, m);
        return;
    }
    r->arrival = arrival;
    bool repeat = !(r->flags & ROW_LAPSED) && row_same(r, &to);
    /* With shuffle a repeat moves the begin, which is allowed too: so a burst is told. */
    if (!repeat ||
        (r->shown != to.begin && (s->shuffle || store_is(s, KP_BEGIN_MOVES)))) {
        store_replace(s, row, &to);
        return;
    }
    if (store_is(s, KP_RESEND_NEW_NUMBER))
        tell_anew(s, row);
    r->begin = to.begin; /* a repeat (KP-ORD-04) */
    if (row_deliverable(s, r) && s->mutant != KP_OVERTAKEN_TOLD)
        store_echo(s, row, r->status, r->shown);
}
