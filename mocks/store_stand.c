/* Standen: a full picture of one instelling at its peildatum (CONTRACT.md 5). A
 * stand counts over every melding up to its peildatum, a later stand over an earlier one;
 * what is newer than the peildatum stays as it is. */
#include <stdlib.h>

#include "harness/base/mem.h"
#include "mocks/store_rows.h"

struct held {
    uint32_t row;
    size_t i; /* entry */
};

/* The index of a peildatum, added when it is new. */
static uint32_t peildatum_index(struct store *s, when_t peildatum)
{
    for (size_t i = s->n_peildata; i-- > 1;)
        if (s->peildata[i] == peildatum)
            return (uint32_t)i;
    s->peildata = xrealloc(s->peildata, (s->n_peildata + 1) * sizeof *s->peildata);
    s->peildata[s->n_peildata] = peildatum;
    return (uint32_t)s->n_peildata++;
}

/* May a stand of this peildatum decide on the row? */
static bool open_to(const struct store *s, const struct row *r, when_t peildatum)
{
    bool older =
        r->flags & ROW_LAPSED || r->status == STATUS_NONE || r->begin <= peildatum;
    bool last =
        row_settled(s, r) <= peildatum || (older && store_is(s, KP_OLD_STAND_COUNTS));
    return (last && older) || store_is(s, KP_STAND_OVER_NEWER);
}

static void settle(struct store *s, struct row *r, uint32_t index)
{
    if (s->peildata[r->settled] < s->peildata[index])
        r->settled = index;
}

/* One entry that counts for its row. True when it changed something. */
static bool take_entry(struct store *s, uint32_t row, const struct melding *m,
                       uint32_t index)
{
    struct row *r = &s->rows[row];
    struct state to = state_of(m);
    bool may = open_to(s, r, s->peildata[index]);
    settle(s, r, index);
    if (!may || (r->status != STATUS_NONE && !row_same(r, &to) &&
                 store_is(s, KP_STAND_NO_REPAIR)))
        return false;
    if (r->status != STATUS_NONE && store_is(s, KP_STAND_RETELLS))
        store_lapse(s, row);
    /* A repeat left two begindatums that are both right: shown and begin. */
    if (!(r->flags & ROW_LAPSED) && row_same(r, &to) &&
        (to.begin == r->begin || to.begin == r->shown))
        return false;
    store_replace(s, row, &to);
    s->rows[row].arrival = s->arrivals;
    return true;
}

/* What the stand does not hold lapses. What CAMBO submitted and no SIS has spoken of is
 * left alone: the SIS can't know it yet. */
static size_t lapse_absent(struct store *s, uint16_t instelling, uint32_t index)
{
    size_t lapsed = 0;
    if (store_is(s, KP_ABSENT_STAYS))
        return 0;
    for (uint32_t i = 0; i < s->n; i++) {
        struct row *r = &s->rows[i];
        if (r->instelling != instelling || r->flags & (ROW_MERGED | ROW_HELD) ||
            r->status == STATUS_NONE ||
            (r->status == STATUS_SUBMITTED && !(r->flags & ROW_LAPSED)) ||
            !open_to(s, r, s->peildata[index]))
            continue;
        settle(s, r, index);
        if (r->flags & ROW_LAPSED)
            continue;
        store_lapse(s, i);
        lapsed++;
    }
    return lapsed;
}

/* By row; of one row's entries the one that counts comes last. */
static int held_cmp(const void *pa, const void *pb, void *arg)
{
    const struct held *a = pa, *b = pb;
    const struct melding *v = arg;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    const struct melding *ma = &v[a->i], *mb = &v[b->i];
    int c = event_cmp(ma->begin, (uint8_t)ma->status, mb->begin, (uint8_t)mb->status);
    return c ? c : a->i < b->i ? -1 : 1;
}

void store_stand(struct store *s, uint16_t instelling, when_t peildatum,
                 const struct melding *v, size_t n, struct stand_counts *out)
{
    struct stand_counts counts = {0};
    struct held *held = xcalloc(n + 1, sizeof *held);
    uint32_t index = peildatum_index(s, peildatum);
    s->arrivals++;
    /* First who is who: a caketenid may make one of two rows, also of two entries. */
    for (size_t i = 0; i < n; i++)
        held[i] = (struct held){store_link(s, &v[i]), i};
    for (size_t i = 0; i < n; i++)
        held[i].row = store_find(s, held[i].row);
    /* qsort_r does not change what arg points to. */
    union {
        const struct melding *in;
        void *out;
    } arg = {v};
    qsort_r(held, n, sizeof *held, held_cmp, arg.out);
    for (size_t i = 0; i < n; i++) {
        s->rows[held[i].row].flags |= ROW_HELD;
        bool counts_here = i + 1 == n || held[i + 1].row != held[i].row;
        if (counts_here && take_entry(s, held[i].row, &v[held[i].i], index))
            counts.gewijzigd++;
        else
            counts.gelijk++;
    }
    counts.vervallen = lapse_absent(s, instelling, index);
    for (size_t i = 0; i < n; i++)
        s->rows[held[i].row].flags &= (uint8_t)~ROW_HELD;
    free(held);
    *out = counts;
}
