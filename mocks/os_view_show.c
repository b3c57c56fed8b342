/* The view's other side: schools, own data, what is shown, and copies for the disk. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/os_view_parts.h"

/* ---- from the observer's side ---- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void os_view_set_pupils(struct os_view *v, const char *school, const uint32_t *bsns,
                        size_t n)
{
    struct view_school *s = xcalloc(1, sizeof(*s));
    const struct view_school *old = map_get(v->schools, school);
    size_t left = old && mutant_is(v->mutant, OS_LEFT_PUPILS_STAY) ? old->n : 0;
    if (n + left > 0) {
        s->bsns = xcalloc(n + left, sizeof(*bsns));
        for (size_t i = 0; i < n + left; i++)
            s->bsns[i] = i < n ? bsns[i] : old->bsns[i - n];
        n += left;
        qsort(s->bsns, n, sizeof(*bsns), by_number);
        for (size_t i = 0; i < n; i++)
            if (i == 0 || s->bsns[i] != s->bsns[i - 1])
                s->bsns[s->n++] = s->bsns[i];
    }
    s = map_put(v->schools, school, s);
    if (s)
        view_free_school(s);
}

static bool same_course(const struct view_label *instelling,
                        const struct view_label *opleiding, const char *instelling_code,
                        const char *opleiding_code)
{
    return strcmp(instelling->code, instelling_code) == 0 &&
           strcmp(opleiding->code, opleiding_code) == 0;
}

void os_view_add_own(struct os_view *v, const struct os_own *in)
{
    struct view_person *p = view_person_of(v, in->bsn);
    struct view_own *o = p->own;
    while (o && !same_course(o->instelling, o->opleiding, in->instelling, in->opleiding))
        o = o->next;
    if (!o) {
        o = xcalloc(1, sizeof(*o));
        o->next = p->own;
        p->own = o;
        v->n_own++;
    } else if (view_later(in->begin, in->status, o->begin, o->status) < 0) {
        return;
    }
    o->instelling = view_label(v, in->instelling, in->instelling_naam);
    o->opleiding = view_label(v, in->opleiding, in->opleiding_naam);
    o->begin = in->begin;
    o->status = in->status;
}

/* The delivered aanmelding that own data is the same as: the newest in the feed. */
static const struct view_entry *twin(const struct os_view *v, const struct view_person *p,
                                     const struct view_own *o)
{
    const struct view_entry *best = NULL;
    if (p->entries && mutant_is(v->mutant, OS_OWN_DOUBLED))
        return NULL;
    for (const struct view_entry *e = p->entries; e; e = e->of_person)
        if (same_course(e->instelling, e->opleiding, o->instelling->code,
                        o->opleiding->code) &&
            (!best || e->top > best->top))
            best = e;
    return best;
}

static void shown(uint32_t bsn, const struct view_label *instelling,
                  const struct view_label *opleiding, when_t begin, enum status status,
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

/* Is own data to be shown in place of what was delivered? */
static bool own_counts(const struct os_view *v, const struct view_own *o,
                       const struct os_mark *delivered)
{
    bool later = delivered->status == STATUS_NONE ||
                 view_later(o->begin, o->status, delivered->begin, delivered->status) > 0;
    return later ? !mutant_is(v->mutant, OS_OWN_IGNORED)
                 : mutant_is(v->mutant, OS_OWN_WINS);
}

static void show_person(const struct os_view *v, const struct view_person *p,
                        uint32_t bsn, os_shown_cb *each, void *arg)
{
    for (const struct view_entry *e = p->entries; e; e = e->of_person) {
        struct os_mark best = {0};
        if (!view_mutate_shows(v, p, e))
            continue;
        if (e->n_marks)
            best = view_marks(e)[0];
        for (const struct view_own *o = p->own; o; o = o->next)
            if (twin(v, p, o) == e && own_counts(v, o, &best))
                best = (struct os_mark){0, o->begin, o->status};
        for (unsigned i = 0; best.status != STATUS_NONE && i <= e->copies; i++)
            shown(bsn, e->instelling, e->opleiding, best.begin, best.status, each, arg);
    }
    for (const struct view_own *o = p->own; o; o = o->next)
        if (!twin(v, p, o))
            shown(bsn, o->instelling, o->opleiding, o->begin, o->status, each, arg);
}

/* A mutant's: whoever asks. */
static void show_all(const struct os_view *v, const uint32_t *bsn, os_shown_cb *each,
                     void *arg)
{
    for (struct map_item *i = map_first(v->persons); i; i = map_next(i)) {
        uint32_t whose = (uint32_t)strtoul(map_key(i), NULL, 10);
        if (!bsn || *bsn == whose)
            show_person(v, map_value(i), whose, each, arg);
    }
}

void os_view_show(const struct os_view *v, const char *school, const uint32_t *bsn,
                  os_shown_cb *each, void *arg)
{
    const struct view_school *s = map_get(v->schools, school);
    if (mutant_is(v->mutant, OS_ALL_TO_ALL)) {
        show_all(v, bsn, each, arg);
        return;
    }
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
        const struct view_person *p = map_get(v->persons, view_digits(from[i], key));
        if (p)
            show_person(v, p, from[i], each, arg);
    }
}

/* ---- for a copy on disk ---- */

size_t os_view_weight(const struct os_view *v)
{
    size_t n = (v->n + v->n_own) * 130;
    for (struct map_item *i = map_first(v->schools); i; i = map_next(i)) {
        const struct view_school *s = map_value(i);
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
    view_set_cursor(v, p->cursor);
    v->full = p->full;
    v->listed = p->listed;
    v->generation++; /* so that `seen` of what follows can be told */
}

void os_view_put(struct os_view *v, const struct os_state *s)
{
    if (map_get(v->by_id, s->id))
        return;
    struct view_entry *e = view_new_entry(v, s->id);
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
    view_identify(v, e, &it);
    for (size_t i = 0; i < s->n_marks; i++)
        view_add_mark(e, &s->marks[i]);
}

void os_view_each(const struct os_view *v, os_state_cb *each, void *arg)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct view_entry *e = v->entries[i];
        struct os_state s = {.id = e->id,
                             .top = e->top,
                             .lapsed = e->lapsed,
                             .seen = e->generation == v->generation,
                             .bsn = e->bsn,
                             .marks = view_marks(e),
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
        const struct view_school *s = map_value(i);
        each(arg, map_key(i), s->bsns, s->n);
    }
}

void os_view_each_own(const struct os_view *v, os_shown_cb *each, void *arg)
{
    for (struct map_item *i = map_first(v->persons); i; i = map_next(i)) {
        const struct view_person *p = map_value(i);
        uint32_t bsn = (uint32_t)strtoul(map_key(i), NULL, 10);
        for (const struct view_own *o = p->own; o; o = o->next)
            shown(bsn, o->instelling, o->opleiding, o->begin, o->status, each, arg);
    }
}
