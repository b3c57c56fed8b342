#include "mocks/os_view.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/os_view_parts.h"

/* More marks than this of one aanmelding are no honest feed: see view_add_mark. */
#define MARKS_MAX 64
/* What one mutant takes of a page. */
#define LARGE_PAGE 12

char *view_digits(uint32_t bsn, char out[16])
{
    snprintf(out, 16, "%09" PRIu32, bsn);
    return out;
}

int view_later(when_t begin_a, enum status a, when_t begin_b, enum status b)
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
    struct view_label *n = p;
    free(n->code);
    free(n->text);
    free(n);
}

static void free_person(void *p)
{
    struct view_person *person = p;
    for (struct view_own *o = person->own, *next; o; o = next) {
        next = o->next;
        free(o);
    }
    free(person);
}

void view_free_school(void *p)
{
    struct view_school *s = p;
    free(s->bsns);
    free(s);
}

static void free_entry(void *p)
{
    struct view_entry *e = p;
    free(e->many);
    free(e);
}

void os_view_mutate(struct os_view *v, int mutant)
{
    v->mutant = mutant;
}

void os_view_heard(struct os_view *v, size_t listed)
{
    v->quiet = listed ? 0 : v->quiet + 1;
}

void os_view_free(struct os_view *v)
{
    if (!v)
        return;
    map_free(v->by_id, free_entry);
    map_free(v->persons, free_person);
    map_free(v->names, free_name);
    map_free(v->schools, view_free_school);
    free(v->entries);
    free(v->cursor);
    buf_done(&v->key);
    free(v);
}

/* The length in front keeps "a"+"bc" and "ab"+"c" apart. */
const struct view_label *view_label(struct os_view *v, const char *code, const char *text)
{
    buf_reset(&v->key);
    buf_addf(&v->key, "%zu:", strlen(code));
    buf_adds(&v->key, code);
    buf_adds(&v->key, text);
    assert(!v->key.full);
    struct view_label *name = map_get(v->names, v->key.p);
    if (!name) {
        name = xcalloc(1, sizeof(*name));
        name->code = xstrdup(code);
        name->text = xstrdup(text);
        map_put(v->names, v->key.p, name);
    }
    return name;
}

struct view_person *view_person_of(struct os_view *v, uint32_t bsn)
{
    char key[16];
    struct view_person *p = map_get(v->persons, view_digits(bsn, key));
    if (!p) {
        p = xcalloc(1, sizeof(*p));
        map_put(v->persons, key, p);
    }
    return p;
}

/* ---- marks ---- */

const struct os_mark *view_marks(const struct view_entry *e)
{
    return e->many ? e->many : &e->one;
}

static void marks_set(struct view_entry *e, const struct os_mark *m, size_t n)
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

void view_clear_marks(struct view_entry *e)
{
    marks_set(e, NULL, 0);
}

/* Adds one, unless a newer or equal number already says something as late or later; and
 * removes those to which that now applies. */
void view_add_mark(struct view_entry *e, const struct os_mark *m)
{
    struct os_mark kept[MARKS_MAX + 1];
    const struct os_mark *old = view_marks(e);
    size_t n = 0;
    bool placed = false;
    for (size_t i = 0; i < e->n_marks; i++) {
        int order = view_later(old[i].begin, old[i].status, m->begin, m->status);
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
static void marks_cut(struct view_entry *e, int64_t volgnummer)
{
    struct os_mark kept[MARKS_MAX];
    const struct os_mark *old = view_marks(e);
    size_t n = 0;
    for (size_t i = 0; i < e->n_marks; i++)
        if (old[i].volgnummer > volgnummer)
            kept[n++] = old[i];
    marks_set(e, kept, n);
}

/* ---- entries ---- */

struct view_entry *view_new_entry(struct os_view *v, const char *id)
{
    size_t n = strlen(id);
    struct view_entry *e = xcalloc(1, sizeof(*e) + n + 1);
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

static void person_unlink(struct os_view *v, struct view_entry *e)
{
    char key[16];
    struct view_person *p = map_get(v->persons, view_digits(e->bsn, key));
    assert(p);
    struct view_entry **at = &p->entries;
    while (*at != e)
        at = &(*at)->of_person;
    *at = e->of_person;
    e->of_person = NULL;
    if (!p->entries && !p->own)
        free_person(map_take(v->persons, key));
}

static void person_link(struct os_view *v, struct view_entry *e, uint32_t bsn)
{
    struct view_person *p = view_person_of(v, bsn);
    e->bsn = bsn;
    e->of_person = p->entries;
    p->entries = e;
}

/* Ends a life: what is left tells nothing about a person (OS-VER-07). */
static void entry_end(struct os_view *v, struct view_entry *e)
{
    if (e->top < 0)
        return;
    person_unlink(v, e);
    e->top = -1;
    e->bsn = 0;
    e->instelling = e->opleiding = NULL;
    e->copies = 0;
    if (!e->n_marks || !mutant_is(v->mutant, OS_PAST_LIFE_COUNTS))
        marks_set(e, NULL, 0);
    v->live--;
}

static void entry_drop(struct os_view *v, struct view_entry *e)
{
    entry_end(v, e);
    struct view_entry *last = v->entries[--v->n];
    v->entries[e->place] = last;
    last->place = e->place;
    map_take(v->by_id, e->id);
    free_entry(e);
}

void view_identify(struct os_view *v, struct view_entry *e, const struct os_item *it)
{
    if (e->top < 0)
        v->live++;
    else if (e->bsn != it->bsn)
        person_unlink(v, e);
    if (e->top < 0 || e->bsn != it->bsn)
        person_link(v, e, it->bsn);
    e->instelling = view_label(v, it->instelling, it->instelling_naam);
    e->opleiding = view_label(v, it->opleiding, it->opleiding_naam);
    e->top = it->volgnummer;
}

static void take_item(struct os_view *v, const struct os_item *it)
{
    struct os_mark known = {0};
    struct view_entry *e = map_get(v->by_id, it->id);
    if (it->vervallen && mutant_is(v->mutant, OS_LAPSED_STAYS))
        return;
    if (!e) {
        e = view_new_entry(v, it->id);
    } else if (e->generation != v->generation) {
        /* The first sight of it in a full state: that is its state now, whatever was
         * held. Numbers may have begun again (they may after a 410), so nothing is
         * compared. */
        if (e->n_marks)
            known = view_marks(e)[0];
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
    if (it->volgnummer <= e->lapsed && !mutant_is(v->mutant, OS_OLD_PAGE_REVIVES))
        return; /* an old page */
    if (e->lapsed >= 0 && mutant_is(v->mutant, OS_LAPSE_FOR_EVER))
        return;
    if (e->top >= 0 && it->volgnummer > e->top &&
        strcmp(e->opleiding->code, it->opleiding) != 0 &&
        mutant_is(v->mutant, OS_FIRST_OPLEIDING_STAYS))
        e->top = it->volgnummer;
    if (it->volgnummer > e->top)
        view_identify(v, e, it);
    /* With an unknown status the last known one stands (OS-VER-04). */
    struct os_mark m = {it->volgnummer, it->begin, it->status};
    if (m.status == STATUS_NONE && known.status != STATUS_NONE)
        m = (struct os_mark){it->volgnummer, known.begin, known.status};
    if (view_mutate_mark(v, e, &m) && m.status != STATUS_NONE)
        view_add_mark(e, &m);
}

/* ---- the feed ---- */

const char *os_view_cursor(const struct os_view *v)
{
    return v->cursor;
}

void view_set_cursor(struct os_view *v, const char *cursor)
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
    size_t n = p->n;
    if (n > LARGE_PAGE && mutant_is(v->mutant, OS_LARGE_PAGES_CUT))
        n = LARGE_PAGE;
    for (size_t i = 0; i < n; i++)
        take_item(v, &p->items[i]);
    view_set_cursor(v, p->cursor);
    if (!p->ends || !v->full)
        return;
    v->full = false;
    for (size_t i = 0; i < v->n;) /* a dropped one is replaced by the last */
        if (v->entries[i]->generation != v->generation &&
            !mutant_is(v->mutant, OS_KEEPS_GONE_AT_410))
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
    view_set_cursor(v, NULL);
    v->full = false;
    v->listed = 0;
}

size_t os_view_count(const struct os_view *v)
{
    return v->live;
}
