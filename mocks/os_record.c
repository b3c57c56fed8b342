#include "mocks/os_record.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/err.h"
#include "harness/base/mem.h"

enum kind {
    KIND_PAGE = 'P',
    KIND_RESTART = 'R',
    KIND_PUPILS = 'S',
    KIND_OWN = 'O',
    KIND_HOLD = 'H',
    KIND_PLACE = 'K',
    KIND_STATES = 'E',
};

/* ---- writing ---- */

static void begin(struct buf *b, enum kind kind)
{
    buf_reset(b);
    buf_addc(b, (char)kind);
}

static void put_number(struct buf *b, int64_t n)
{
    buf_add(b, &n, sizeof(n));
}

/* Length, bytes and a NUL, so that a reader can point into the record. */
static void put_text(struct buf *b, const char *s)
{
    uint32_t n = (uint32_t)strlen(s);
    buf_add(b, &n, sizeof(n));
    buf_add(b, s, (size_t)n + 1);
}

static void put_course(struct buf *b, const char *instelling, const char *instelling_naam,
                       const char *opleiding, const char *opleiding_naam)
{
    put_text(b, instelling);
    put_text(b, instelling_naam);
    put_text(b, opleiding);
    put_text(b, opleiding_naam);
}

void os_record_page(struct buf *out, const struct os_page *p)
{
    begin(out, KIND_PAGE);
    put_number(out, (p->begins ? 1 : 0) | (p->ends ? 2 : 0));
    put_text(out, p->cursor);
    put_number(out, (int64_t)p->listed);
    put_number(out, (int64_t)p->n);
    for (size_t i = 0; i < p->n; i++) {
        const struct os_item *it = &p->items[i];
        put_number(out, it->volgnummer);
        put_text(out, it->id);
        buf_addc(out, it->vervallen ? 1 : 0);
        if (it->vervallen)
            continue;
        put_number(out, it->bsn);
        buf_addc(out, (char)it->status);
        put_number(out, it->begin);
        put_course(out, it->instelling, it->instelling_naam, it->opleiding,
                   it->opleiding_naam);
    }
}

void os_record_restart(struct buf *out)
{
    begin(out, KIND_RESTART);
}

void os_record_pupils(struct buf *out, const char *school, const uint32_t *bsns, size_t n)
{
    begin(out, KIND_PUPILS);
    put_text(out, school);
    put_number(out, (int64_t)n);
    buf_add(out, bsns, n * sizeof(*bsns));
}

void os_record_own(struct buf *out, const struct os_own *own, size_t n)
{
    begin(out, KIND_OWN);
    put_number(out, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        put_number(out, own[i].bsn);
        buf_addc(out, (char)own[i].status);
        put_number(out, own[i].begin);
        put_course(out, own[i].instelling, own[i].instelling_naam, own[i].opleiding,
                   own[i].opleiding_naam);
    }
}

void os_record_hold(struct buf *out, when_t until)
{
    begin(out, KIND_HOLD);
    put_number(out, until);
}

void os_record_place(struct buf *out, const struct os_place *p)
{
    begin(out, KIND_PLACE);
    put_number(out, (p->cursor ? 1 : 0) | (p->full ? 2 : 0));
    put_text(out, p->cursor ? p->cursor : "");
    put_number(out, (int64_t)p->listed);
}

void os_record_states(struct buf *out)
{
    begin(out, KIND_STATES);
}

void os_record_add_state(struct buf *out, const struct os_state *s)
{
    put_text(out, s->id);
    put_number(out, s->top);
    put_number(out, s->lapsed);
    buf_addc(out, s->seen ? 1 : 0);
    if (s->top < 0)
        return;
    put_number(out, s->bsn);
    put_course(out, s->instelling, s->instelling_naam, s->opleiding, s->opleiding_naam);
    put_number(out, (int64_t)s->n_marks);
    for (size_t i = 0; i < s->n_marks; i++) {
        put_number(out, s->marks[i].volgnummer);
        put_number(out, s->marks[i].begin);
        buf_addc(out, (char)s->marks[i].status);
    }
}

/* ---- reading ---- */

struct reader {
    const char *p;
    size_t n;
    bool bad; /* ran past the end: all that was read since is zero or "" */
};

static const void *get(struct reader *r, size_t n)
{
    if (r->bad || n > r->n) {
        r->bad = true;
        return NULL;
    }
    const char *at = r->p;
    r->p += n;
    r->n -= n;
    return at;
}

static int64_t get_number(struct reader *r)
{
    int64_t n = 0;
    const void *at = get(r, sizeof(n));
    if (at)
        memcpy(&n, at, sizeof(n));
    return n;
}

static int get_byte(struct reader *r)
{
    const unsigned char *at = get(r, 1);
    return at ? *at : 0;
}

static const char *get_text(struct reader *r)
{
    uint32_t n = 0;
    const void *at = get(r, sizeof(n));
    if (at)
        memcpy(&n, at, sizeof(n));
    const char *s = get(r, (size_t)n + 1);
    if (s && s[n] != '\0')
        r->bad = true;
    return s && !r->bad ? s : "";
}

/* How many things follow, each of at least `least` bytes: never more than there is room
 * for, so that a damaged count can't ask for memory. */
static size_t get_count(struct reader *r, size_t least)
{
    int64_t n = get_number(r);
    if (n < 0 || (uint64_t)n > r->n / least) {
        r->bad = true;
        return 0;
    }
    return (size_t)n;
}

static enum status get_status(struct reader *r)
{
    int s = get_byte(r);
    if (s >= STATUS_COUNT)
        r->bad = true;
    return r->bad ? STATUS_NONE : (enum status)s;
}

static void apply_page(struct reader *r, struct os_view *v)
{
    int64_t flags = get_number(r);
    struct os_page p = {.begins = flags & 1, .ends = flags & 2};
    p.cursor = get_text(r);
    p.listed = (size_t)get_number(r);
    p.n = get_count(r, 14);
    struct os_item *items = xcalloc(p.n + 1, sizeof(*items));
    for (size_t i = 0; i < p.n; i++) {
        struct os_item *it = &items[i];
        it->volgnummer = get_number(r);
        it->id = get_text(r);
        it->vervallen = get_byte(r);
        if (it->vervallen)
            continue;
        it->bsn = (uint32_t)get_number(r);
        it->status = get_status(r);
        it->begin = get_number(r);
        it->instelling = get_text(r);
        it->instelling_naam = get_text(r);
        it->opleiding = get_text(r);
        it->opleiding_naam = get_text(r);
    }
    p.items = items;
    if (!r->bad)
        os_view_take_page(v, &p);
    free(items);
}

static void apply_pupils(struct reader *r, struct os_view *v)
{
    const char *school = get_text(r);
    size_t n = get_count(r, sizeof(uint32_t));
    const void *at = get(r, n * sizeof(uint32_t));
    if (!at)
        return;
    uint32_t *bsns = (void *)xmemdup(at, n * sizeof(*bsns)); /* aligned */
    os_view_set_pupils(v, school, bsns, n);
    free(bsns);
}

static void apply_own(struct reader *r, struct os_view *v)
{
    size_t n = get_count(r, 1);
    for (size_t i = 0; i < n && !r->bad; i++) {
        struct os_own o = {0};
        o.bsn = (uint32_t)get_number(r);
        o.status = get_status(r);
        o.begin = get_number(r);
        o.instelling = get_text(r);
        o.instelling_naam = get_text(r);
        o.opleiding = get_text(r);
        o.opleiding_naam = get_text(r);
        if (!r->bad)
            os_view_add_own(v, &o);
    }
}

static void apply_place(struct reader *r, struct os_view *v)
{
    int64_t flags = get_number(r);
    struct os_place p = {.full = flags & 2};
    const char *cursor = get_text(r);
    p.cursor = flags & 1 ? cursor : NULL;
    p.listed = (uint64_t)get_number(r);
    if (!r->bad)
        os_view_set_place(v, &p);
}

static void apply_state(struct reader *r, struct os_view *v)
{
    struct os_state s = {.id = get_text(r)};
    struct os_mark *marks = NULL;
    s.top = get_number(r);
    s.lapsed = get_number(r);
    s.seen = get_byte(r);
    if (s.top >= 0) {
        s.bsn = (uint32_t)get_number(r);
        s.instelling = get_text(r);
        s.instelling_naam = get_text(r);
        s.opleiding = get_text(r);
        s.opleiding_naam = get_text(r);
        s.n_marks = get_count(r, 17);
        marks = xcalloc(s.n_marks + 1, sizeof(*marks));
        for (size_t i = 0; i < s.n_marks; i++) {
            marks[i].volgnummer = get_number(r);
            marks[i].begin = get_number(r);
            marks[i].status = get_status(r);
        }
        s.marks = marks;
    }
    if (!r->bad)
        os_view_put(v, &s);
    free(marks);
}

int os_record_apply(const void *p, size_t n, struct os_view *v, when_t *held)
{
    struct reader r = {.p = p, .n = n};
    switch (get_byte(&r)) {
    case KIND_PAGE:
        apply_page(&r, v);
        break;
    case KIND_RESTART:
        os_view_restart(v);
        break;
    case KIND_PUPILS:
        apply_pupils(&r, v);
        break;
    case KIND_OWN:
        apply_own(&r, v);
        break;
    case KIND_HOLD:
        *held = get_number(&r);
        break;
    case KIND_PLACE:
        apply_place(&r, v);
        break;
    case KIND_STATES:
        while (r.n > 0 && !r.bad)
            apply_state(&r, v);
        break;
    default:
        r.bad = true;
    }
    return r.bad || r.n > 0 ? E_INVALID : 0;
}
