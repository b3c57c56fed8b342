#include "mocks/os_view.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"

/* More marks than this of one aanmelding are no honest feed: see mark_add. */
#define MARKS_MAX 64

/* Code and name of an instelling or opleiding, kept once. */
struct name {
    char *code, *text;
};

struct entry {
    struct entry *of_person; /* the next aanmelding of the same person */
    const struct name *instelling, *opleiding;
    int64_t top, lapsed; /* as in struct os_state */
    size_t place;        /* in view.entries */
    uint32_t bsn;
    uint32_t generation;
    unsigned n_marks;
    /* Newest volgnummer last, latest status first: a mark is only kept while no other one
     * has both a higher volgnummer and a later status. So marks[0] is the status of this
     * life, and when a vervallen comes that cuts the oldest numbers off, the next one is.
     * One mark is the rule: it then sits in the struct. */
    struct os_mark one, *many;
    char id[];
};

/* Regional data of our own. */
struct own {
    struct own *next;
    const struct name *instelling, *opleiding;
    when_t begin;
    enum status status;
};

struct person {
    struct entry *entries;
    struct own *own;
};

struct school {
    uint32_t *bsns; /* ascending, each once */
    size_t n;
};

struct os_view {
    struct map *by_id;   /* -> struct entry */
    struct map *persons; /* nine digits -> struct person */
    struct map *names;   /* -> struct name */
    struct map *schools; /* -> struct school */
    struct entry **entries;
    size_t n, cap, live, n_own;
    char *cursor;
    bool full;
    uint64_t listed;
    uint32_t generation; /* of the last full state that was begun */
    struct buf key;      /* for name_get */
};

static char *digits(uint32_t bsn, char out[16])
{
    snprintf(out, 16, "%09" PRIu32, bsn);
    return out;
}

/* The order rule: later moment, then higher rank (OS-VER-01). */
static int later(when_t begin_a, enum status a, when_t begin_b, enum status b)
{
    if (begin_a != begin_b)
        return begin_a > begin_b ? 1 : -1;
    return (a > b) - (a < b);
}

struct os_view *os_view_new(void)
{
    struct os_view *v = xcalloc(1, sizeof(*v));
    v->by_id = map_new();
    v->persons = map_new();
    v->names = map_new();
    v->schools = map_new();
    buf_init(&v->key, SIZE_MAX);
    return v;
}

static void free_name(void *p)
{
    struct name *n = p;
    free(n->code);
    free(n->text);
    free(n);
}

static void free_person(void *p)
{
    struct person *person = p;
    for (struct own *o = person->own, *next; o; o = next) {
        next = o->next;
        free(o);
    }
    free(person);
}

static void free_school(void *p)
{
    struct school *s = p;
    free(s->bsns);
    free(s);
}

static void free_entry(void *p)
{
    struct entry *e = p;
    free(e->many);
    free(e);
}

void os_view_free(struct os_view *v)
{
    if (!v)
        return;
    map_free(v->by_id, free_entry);
    map_free(v->persons, free_person);
    map_free(v->names, free_name);
    map_free(v->schools, free_school);
    free(v->entries);
    free(v->cursor);
    buf_done(&v->key);
    free(v);
}

/* The length in front keeps "a"+"bc" and "ab"+"c" apart. */
static const struct name *name_get(struct os_view *v, const char *code, const char *text)
{
    buf_reset(&v->key);
    buf_addf(&v->key, "%zu:", strlen(code));
    buf_adds(&v->key, code);
    buf_adds(&v->key, text);
    assert(!v->key.full);
    struct name *name = map_get(v->names, v->key.p);
    if (!name) {
        name = xcalloc(1, sizeof(*name));
        name->code = xstrdup(code);
        name->text = xstrdup(text);
        map_put(v->names, v->key.p, name);
    }
    return name;
}

static struct person *person_get(struct os_view *v, uint32_t bsn)
{
    char key[16];
    struct person *p = map_get(v->persons, digits(bsn, key));
    if (!p) {
        p = xcalloc(1, sizeof(*p));
        map_put(v->persons, key, p);
    }
    return p;
}

/* ---- marks ---- */

static const struct os_mark *marks_of(const struct entry *e)
{
    return e->many ? e->many : &e->one;
}

static void marks_set(struct entry *e, const struct os_mark *m, size_t n)
{
    struct os_mark *old = e->many;
    e->many = NULL;
    if (n == 1)
        e->one = m[0];
    else if (n > 1)
        e->many = (void *)xmemdup(m, n * sizeof(*m));
    e->n_marks = (unsigned)n;
    free(old);
}

/* Adds one, unless a newer or equal number already says something as late or later; and
 * removes those to which that now applies. */
static void mark_add(struct entry *e, const struct os_mark *m)
{
    struct os_mark kept[MARKS_MAX + 1];
    const struct os_mark *old = marks_of(e);
    size_t n = 0;
    bool placed = false;
    for (size_t i = 0; i < e->n_marks; i++) {
        int order = later(old[i].begin, old[i].status, m->begin, m->status);
        if (old[i].volgnummer >= m->volgnummer && order >= 0)
            return;
        if (old[i].volgnummer <= m->volgnummer && order <= 0)
            continue;
        if (!placed && old[i].volgnummer > m->volgnummer) {
            kept[n++] = *m;
            placed = true;
        }
        kept[n++] = old[i];
    }
    if (!placed)
        kept[n++] = *m;
    if (n > MARKS_MAX) {
        /* Give up one that would only show after a vervallen between two old numbers. */
        memmove(&kept[1], &kept[2], (n - 2) * sizeof(*kept));
        n--;
    }
    marks_set(e, kept, n);
}

/* Removes the marks up to and with this number. */
static void marks_cut(struct entry *e, int64_t volgnummer)
{
    struct os_mark kept[MARKS_MAX];
    const struct os_mark *old = marks_of(e);
    size_t n = 0;
    for (size_t i = 0; i < e->n_marks; i++)
        if (old[i].volgnummer > volgnummer)
            kept[n++] = old[i];
    marks_set(e, kept, n);
}

/* ---- entries ---- */

static struct entry *entry_new(struct os_view *v, const char *id)
{
    size_t n = strlen(id);
    struct entry *e = xcalloc(1, sizeof(*e) + n + 1);
    memcpy(e->id, id, n);
    e->top = e->lapsed = -1;
    if (v->n == v->cap) {
        v->cap = v->cap ? 2 * v->cap : 64;
        v->entries = xrealloc(v->entries, v->cap * sizeof(*v->entries));
    }
    e->place = v->n;
    v->entries[v->n++] = e;
    map_put(v->by_id, id, e);
    return e;
}

static void person_unlink(struct os_view *v, struct entry *e)
{
    char key[16];
    struct person *p = map_get(v->persons, digits(e->bsn, key));
    assert(p);
    struct entry **at = &p->entries;
    while (*at != e)
        at = &(*at)->of_person;
    *at = e->of_person;
    e->of_person = NULL;
    if (!p->entries && !p->own)
        free_person(map_take(v->persons, key));
}

static void person_link(struct os_view *v, struct entry *e, uint32_t bsn)
{
    struct person *p = person_get(v, bsn);
    e->bsn = bsn;
    e->of_person = p->entries;
    p->entries = e;
}

/* Ends a life: what is left tells nothing about a person (OS-VER-07). */
static void entry_end(struct os_view *v, struct entry *e)
{
    if (e->top < 0)
        return;
    person_unlink(v, e);
    e->top = -1;
    e->bsn = 0;
    e->instelling = e->opleiding = NULL;
    marks_set(e, NULL, 0);
    v->live--;
}

static void entry_drop(struct os_view *v, struct entry *e)
{
    entry_end(v, e);
    struct entry *last = v->entries[--v->n];
    v->entries[e->place] = last;
    last->place = e->place;
    map_take(v->by_id, e->id);
    free_entry(e);
}

/* Instelling, opleiding and person follow the highest volgnummer. */
static void entry_identify(struct os_view *v, struct entry *e, const struct os_item *it)
{
    if (e->top < 0)
        v->live++;
    else if (e->bsn != it->bsn)
        person_unlink(v, e);
    if (e->top < 0 || e->bsn != it->bsn)
        person_link(v, e, it->bsn);
    e->instelling = name_get(v, it->instelling, it->instelling_naam);
    e->opleiding = name_get(v, it->opleiding, it->opleiding_naam);
    e->top = it->volgnummer;
}

static void take_item(struct os_view *v, const struct os_item *it)
{
    struct os_mark known = {0};
    struct entry *e = map_get(v->by_id, it->id);
    if (!e) {
        e = entry_new(v, it->id);
    } else if (e->generation != v->generation) {
        /* The first sight of it in a full state: that is its state now, whatever was
         * held. Numbers may have begun again (they may after a 410), so nothing is
         * compared. */
        if (e->n_marks)
            known = marks_of(e)[0];
        entry_end(v, e);
        e->lapsed = -1;
    }
    e->generation = v->generation;
    if (it->vervallen) {
        if (it->volgnummer > e->lapsed)
            e->lapsed = it->volgnummer;
        if (e->top <= e->lapsed)
            entry_end(v, e);
        else
            marks_cut(e, e->lapsed);
        return;
    }
    if (it->volgnummer <= e->lapsed)
        return; /* an old page */
    if (it->volgnummer > e->top)
        entry_identify(v, e, it);
    /* With an unknown status the last known one stands (OS-VER-04). */
    struct os_mark m = {it->volgnummer, it->begin, it->status};
    if (m.status == STATUS_NONE && known.status != STATUS_NONE)
        m = (struct os_mark){it->volgnummer, known.begin, known.status};
    if (m.status != STATUS_NONE)
        mark_add(e, &m);
}

/* ---- the feed ---- */

const char *os_view_cursor(const struct os_view *v)
{
    return v->cursor;
}

static void set_cursor(struct os_view *v, const char *cursor)
{
    char *old = v->cursor;
    v->cursor = xstrdup(cursor);
    free(old);
}

void os_view_take_page(struct os_view *v, const struct os_page *p)
{
    if (p->begins) {
        v->full = true;
        v->listed = 0;
        v->generation++;
    }
    v->listed += p->listed;
    for (size_t i = 0; i < p->n; i++)
        take_item(v, &p->items[i]);
    set_cursor(v, p->cursor);
    if (!p->ends || !v->full)
        return;
    v->full = false;
    for (size_t i = 0; i < v->n;) /* a dropped one is replaced by the last */
        if (v->entries[i]->generation != v->generation)
            entry_drop(v, v->entries[i]);
        else
            i++;
}

bool os_view_would_empty(const struct os_view *v, const struct os_page *p)
{
    uint64_t before = p->begins ? 0 : v->listed;
    return (p->begins || v->full) && p->ends && before + p->listed == 0 && v->live > 0;
}

void os_view_restart(struct os_view *v)
{
    set_cursor(v, NULL);
    v->full = false;
    v->listed = 0;
}

size_t os_view_count(const struct os_view *v)
{
    return v->live;
}

/* ---- from the observer's side ---- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void os_view_set_pupils(struct os_view *v, const char *school, const uint32_t *bsns,
                        size_t n)
{
    struct school *s = xcalloc(1, sizeof(*s));
    if (n > 0) {
        s->bsns = (void *)xmemdup(bsns, n * sizeof(*bsns));
        qsort(s->bsns, n, sizeof(*bsns), by_number);
        for (size_t i = 0; i < n; i++)
            if (i == 0 || s->bsns[i] != s->bsns[i - 1])
                s->bsns[s->n++] = s->bsns[i];
    }
    s = map_put(v->schools, school, s);
    if (s)
        free_school(s);
}

static bool same_course(const struct name *instelling, const struct name *opleiding,
                        const char *instelling_code, const char *opleiding_code)
{
    return strcmp(instelling->code, instelling_code) == 0 &&
           strcmp(opleiding->code, opleiding_code) == 0;
}

void os_view_add_own(struct os_view *v, const struct os_own *in)
{
    struct person *p = person_get(v, in->bsn);
    struct own *o = p->own;
    while (o && !same_course(o->instelling, o->opleiding, in->instelling, in->opleiding))
        o = o->next;
    if (!o) {
        o = xcalloc(1, sizeof(*o));
        o->next = p->own;
        p->own = o;
        v->n_own++;
    } else if (later(in->begin, in->status, o->begin, o->status) < 0) {
        return;
    }
    o->instelling = name_get(v, in->instelling, in->instelling_naam);
    o->opleiding = name_get(v, in->opleiding, in->opleiding_naam);
    o->begin = in->begin;
    o->status = in->status;
}

/* The delivered aanmelding that own data is the same as: the newest in the feed. */
static const struct entry *twin(const struct person *p, const struct own *o)
{
    const struct entry *best = NULL;
    for (const struct entry *e = p->entries; e; e = e->of_person)
        if (same_course(e->instelling, e->opleiding, o->instelling->code,
                        o->opleiding->code) &&
            (!best || e->top > best->top))
            best = e;
    return best;
}

static void shown(uint32_t bsn, const struct name *instelling,
                  const struct name *opleiding, when_t begin, enum status status,
                  os_shown_cb *each, void *arg)
{
    struct os_own s = {.bsn = bsn,
                       .instelling = instelling->code,
                       .instelling_naam = instelling->text,
                       .opleiding = opleiding->code,
                       .opleiding_naam = opleiding->text,
                       .status = status,
                       .begin = begin};
    each(arg, &s);
}

static void show_person(const struct person *p, uint32_t bsn, os_shown_cb *each,
                        void *arg)
{
    for (const struct entry *e = p->entries; e; e = e->of_person) {
        struct os_mark best = {0};
        if (e->n_marks)
            best = marks_of(e)[0];
        for (const struct own *o = p->own; o; o = o->next)
            if (twin(p, o) == e &&
                (best.status == STATUS_NONE ||
                 later(o->begin, o->status, best.begin, best.status) > 0))
                best = (struct os_mark){0, o->begin, o->status};
        if (best.status != STATUS_NONE)
            shown(bsn, e->instelling, e->opleiding, best.begin, best.status, each, arg);
    }
    for (const struct own *o = p->own; o; o = o->next)
        if (!twin(p, o))
            shown(bsn, o->instelling, o->opleiding, o->begin, o->status, each, arg);
}

void os_view_show(const struct os_view *v, const char *school, const uint32_t *bsn,
                  os_shown_cb *each, void *arg)
{
    const struct school *s = map_get(v->schools, school);
    if (!s || s->n == 0)
        return;
    const uint32_t *from = s->bsns;
    size_t n = s->n;
    if (bsn) {
        from = bsearch(bsn, s->bsns, s->n, sizeof(*bsn), by_number);
        n = from ? 1 : 0;
    }
    for (size_t i = 0; i < n; i++) {
        char key[16];
        const struct person *p = map_get(v->persons, digits(from[i], key));
        if (p)
            show_person(p, from[i], each, arg);
    }
}

/* ---- for a copy on disk ---- */

size_t os_view_weight(const struct os_view *v)
{
    size_t n = (v->n + v->n_own) * 130;
    for (struct map_item *i = map_first(v->schools); i; i = map_next(i)) {
        const struct school *s = map_value(i);
        n += 64 + s->n * sizeof(*s->bsns);
    }
    return n;
}

void os_view_place(const struct os_view *v, struct os_place *out)
{
    *out = (struct os_place){.cursor = v->cursor, .full = v->full, .listed = v->listed};
}

void os_view_set_place(struct os_view *v, const struct os_place *p)
{
    set_cursor(v, p->cursor);
    v->full = p->full;
    v->listed = p->listed;
    v->generation++; /* so that `seen` of what follows can be told */
}

void os_view_put(struct os_view *v, const struct os_state *s)
{
    if (map_get(v->by_id, s->id))
        return;
    struct entry *e = entry_new(v, s->id);
    e->lapsed = s->lapsed;
    e->generation = v->generation - (s->seen ? 0 : 1);
    if (s->top < 0)
        return;
    struct os_item it = {.volgnummer = s->top,
                         .bsn = s->bsn,
                         .instelling = s->instelling,
                         .instelling_naam = s->instelling_naam,
                         .opleiding = s->opleiding,
                         .opleiding_naam = s->opleiding_naam};
    entry_identify(v, e, &it);
    for (size_t i = 0; i < s->n_marks; i++)
        mark_add(e, &s->marks[i]);
}

void os_view_each(const struct os_view *v, os_state_cb *each, void *arg)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct entry *e = v->entries[i];
        struct os_state s = {.id = e->id,
                             .top = e->top,
                             .lapsed = e->lapsed,
                             .seen = e->generation == v->generation,
                             .bsn = e->bsn,
                             .marks = marks_of(e),
                             .n_marks = e->n_marks};
        if (e->top >= 0) {
            s.instelling = e->instelling->code;
            s.instelling_naam = e->instelling->text;
            s.opleiding = e->opleiding->code;
            s.opleiding_naam = e->opleiding->text;
        }
        each(arg, &s);
    }
}

void os_view_each_school(const struct os_view *v, os_pupils_cb *each, void *arg)
{
    for (struct map_item *i = map_first(v->schools); i; i = map_next(i)) {
        const struct school *s = map_value(i);
        each(arg, map_key(i), s->bsns, s->n);
    }
}

void os_view_each_own(const struct os_view *v, os_shown_cb *each, void *arg)
{
    for (struct map_item *i = map_first(v->persons); i; i = map_next(i)) {
        const struct person *p = map_value(i);
        uint32_t bsn = (uint32_t)strtoul(map_key(i), NULL, 10);
        for (const struct own *o = p->own; o; o = o->next)
            shown(bsn, o->instelling, o->opleiding, o->begin, o->status, each, arg);
    }
}
