/* The view of an overstapsysteem: what it shows follows from what was seen, not from the
 * order in which it came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/base/rng.h"
#include "mocks/os_record.h"
#include "mocks/os_view.h"

#define SCHOOL "02QZ00"
#define LOTTE  999990019U
#define SAM    12U /* 000000012 */

/* ---- helpers ---- */

/* All that a school sees, one line per aanmelding, sorted. */
struct lines {
    char v[64][96];
    size_t n;
    char text[64 * 96];
};

static void add_line(void *arg, const struct os_own *s)
{
    struct lines *l = arg;
    assert_true(l->n < 64);
    snprintf(l->v[l->n++], sizeof(l->v[0]), "%09u %s/%s %s/%s %s %lld\n", s->bsn,
             s->instelling, s->instelling_naam, s->opleiding, s->opleiding_naam,
             status_name(s->status), (long long)s->begin);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static const char *join(struct lines *l)
{
    qsort(l->v, l->n, sizeof(l->v[0]), by_text);
    l->text[0] = '\0';
    for (size_t i = 0, at = 0; i < l->n; i++)
        at += (size_t)snprintf(l->text + at, sizeof(l->text) - at, "%s", l->v[i]);
    return l->text;
}

static const char *seen(const struct os_view *v, struct lines *l)
{
    *l = (struct lines){0};
    os_view_show(v, SCHOOL, NULL, add_line, l);
    return join(l);
}

static struct os_view *view_with_pupils(void)
{
    struct os_view *v = os_view_new();
    const uint32_t bsns[] = {LOTTE, SAM, LOTTE};
    os_view_set_pupils(v, SCHOOL, bsns, ARRAY_LEN(bsns));
    return v;
}

static struct os_item entry(int64_t volgnummer, const char *id, enum status status,
                            when_t begin)
{
    return (struct os_item){.volgnummer = volgnummer,
                            .id = id,
                            .bsn = LOTTE,
                            .status = status,
                            .begin = begin,
                            .instelling = "25LH",
                            .instelling_naam = "ROC",
                            .opleiding = "25655",
                            .opleiding_naam = "Vpk"};
}

static struct os_item lapse(int64_t volgnummer, const char *id)
{
    return (struct os_item){.volgnummer = volgnummer, .id = id, .vervallen = true};
}

static void take(struct os_view *v, bool begins, bool ends, const char *cursor, size_t n,
                 const struct os_item *items)
{
    struct os_page p = {.begins = begins,
                        .ends = ends,
                        .cursor = cursor,
                        .listed = n,
                        .items = items,
                        .n = n};
    os_view_take_page(v, &p);
}

static void take_one(struct os_view *v, struct os_item item)
{
    take(v, false, true, "c", 1, &item);
}

static void expect(const struct os_view *v, const char *want)
{
    struct lines l;
    assert_string_equal(seen(v, &l), want);
}

#define AS(status, begin) "999990019 25LH/ROC 25655/Vpk " status " " #begin "\n"

/* ---- order ---- */

static void latest_begin_wins(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    take(v, true, true, "c0", 0, NULL);
    take_one(v, entry(1, "a", STATUS_ENROLLED, 50));
    expect(v, AS("ENROLLED", 50));
    take_one(v, entry(2, "a", STATUS_RECEIVED, 40));
    expect(v, AS("ENROLLED", 50));
    take_one(v, entry(3, "a", STATUS_OFFERED, 60));
    expect(v, AS("OFFERED", 60)); /* a downgrade is shown */
    take_one(v, entry(4, "a", STATUS_REJECTED, 70));
    take_one(v, entry(5, "a", STATUS_ENROLLED, 65));
    expect(v, AS("REJECTED", 70));
    take_one(v, entry(6, "a", STATUS_RECEIVED, 80)); /* reopened */
    expect(v, AS("RECEIVED", 80));
    os_view_free(v);
}

static void rank_decides_at_equal_times(void **state)
{
    (void)state;
    static const enum status up[] = {STATUS_REJECTED, STATUS_WITHDRAWN, STATUS_SUBMITTED,
                                     STATUS_RECEIVED, STATUS_OFFERED,   STATUS_ENROLLED};
    for (int turn = 0; turn < 2; turn++)
        for (size_t low = 0; low < 6; low++)
            for (size_t high = low + 1; high < 6; high++) {
                struct os_view *v = view_with_pupils();
                take(v, true, true, "c0", 0, NULL);
                take_one(v, entry(1, "a", up[turn ? low : high], 50));
                take_one(v, entry(2, "a", up[turn ? high : low], 50));
                char want[96];
                snprintf(want, sizeof(want), "999990019 25LH/ROC 25655/Vpk %s 50\n",
                         status_name(up[high]));
                expect(v, want);
                os_view_free(v);
            }
}

static void the_same_again_changes_nothing(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    struct os_item page[] = {entry(1, "a", STATUS_RECEIVED, 10), lapse(2, "a"),
                             entry(3, "a", STATUS_WITHDRAWN, 5),
                             entry(4, "b", STATUS_OFFERED, 7)};
    const char *want = AS("OFFERED", 7) AS("WITHDRAWN", 5);
    take(v, true, true, "c1", 4, page);
    expect(v, want);
    take(v, false, true, "c1", 4, page);
    take(v, false, true, "c1", 4, page);
    expect(v, want);
    assert_int_equal(os_view_count(v), 2);
    os_view_free(v);
}

static void several_aanmeldingen_of_one_person(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    struct os_item page[] = {entry(1, "a", STATUS_RECEIVED, 10),
                             entry(2, "b", STATUS_RECEIVED, 10),
                             entry(3, "c", STATUS_RECEIVED, 10)};
    page[1].opleiding = "25100";
    take(v, true, true, "c", 3, page); /* a and c differ in their aanmeldId only */
    expect(v, "999990019 25LH/ROC 25100/Vpk RECEIVED 10\n" AS("RECEIVED", 10)
                  AS("RECEIVED", 10));
    os_view_free(v);
}

static void course_and_person_follow_the_number(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    struct os_item moved = entry(9, "a", STATUS_RECEIVED, 10);
    moved.opleiding = "25100";
    moved.opleiding_naam = "ICT";
    moved.bsn = SAM;
    take(v, true, true, "c0", 0, NULL);
    take_one(v, moved);
    take_one(v, entry(8, "a", STATUS_ENROLLED, 20)); /* later status, older course */
    expect(v, "000000012 25LH/ROC 25100/ICT ENROLLED 20\n");
    take_one(v, entry(10, "a", STATUS_RECEIVED, 5));
    expect(v, AS("ENROLLED", 20));
    os_view_free(v);
}

/* ---- lapsing ---- */

static void lapsed_is_gone_and_may_return(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    take(v, true, true, "c0", 0, NULL);
    take_one(v, entry(5, "a", STATUS_ENROLLED, 50));
    take_one(v, lapse(6, "a"));
    expect(v, "");
    assert_int_equal(os_view_count(v), 0);
    take_one(v, entry(5, "a", STATUS_ENROLLED, 50)); /* old pages */
    take_one(v, entry(6, "a", STATUS_ENROLLED, 60));
    expect(v, "");
    take_one(v, entry(7, "a", STATUS_RECEIVED, 10)); /* a new life, an older moment */
    expect(v, AS("RECEIVED", 10));
    take_one(v, lapse(4, "a"));
    expect(v, AS("RECEIVED", 10));
    os_view_free(v);
}

/* A vervallen that comes after what came after it: only the new life counts. */
static void late_lapse_cuts_the_past_off(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    take(v, true, true, "c0", 0, NULL);
    take_one(v, entry(1, "a", STATUS_ENROLLED, 90));
    take_one(v, entry(3, "a", STATUS_RECEIVED, 10));
    expect(v, AS("ENROLLED", 90));
    take_one(v, lapse(2, "a"));
    expect(v, AS("RECEIVED", 10));
    os_view_free(v);
}

static void lapse_of_an_unknown_one(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    take(v, true, true, "c0", 0, NULL);
    take_one(v, lapse(4, "a"));
    take_one(v, entry(3, "a", STATUS_RECEIVED, 10));
    expect(v, "");
    os_view_free(v);
}

/* ---- the unexpected ---- */

static void unknown_status_keeps_the_last_known(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    take(v, true, true, "c0", 0, NULL);
    take_one(v, entry(1, "a", STATUS_NONE, 10));
    expect(v, "");
    take_one(v, entry(2, "a", STATUS_RECEIVED, 20));
    take_one(v, entry(3, "a", STATUS_NONE, 30));
    expect(v, AS("RECEIVED", 20));
    take_one(v, entry(4, "a", STATUS_OFFERED, 40));
    expect(v, AS("OFFERED", 40));
    os_view_restart(v); /* also over a full state */
    struct os_item unknown = entry(1, "a", STATUS_NONE, 50);
    take(v, true, true, "d1", 1, &unknown);
    expect(v, AS("OFFERED", 40));
    os_view_free(v);
}

static void many_marks_are_bounded(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    take(v, true, true, "c0", 0, NULL);
    for (int i = 0; i < 1000; i++)
        take_one(v, entry(i, "a", STATUS_RECEIVED, 1000 - i));
    expect(v, AS("RECEIVED", 1000));
    take_one(v, lapse(998, "a"));
    expect(v, AS("RECEIVED", 1));
    os_view_free(v);
}

/* ---- full states ---- */

static void full_state_drops_what_it_does_not_hold(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    struct os_item first[] = {entry(10, "a", STATUS_RECEIVED, 1),
                              entry(11, "b", STATUS_RECEIVED, 2), lapse(12, "gone")};
    take(v, true, true, "c", 3, first);
    os_view_restart(v);
    assert_null(os_view_cursor(v));
    expect(v, AS("RECEIVED", 1) AS("RECEIVED", 2));      /* the old view stands */
    struct os_item b = entry(1, "b", STATUS_OFFERED, 1); /* numbers began again */
    struct os_item c = entry(2, "c", STATUS_OFFERED, 7);
    take(v, true, false, "d1", 1, &b);
    expect(v, AS("OFFERED", 1) AS("RECEIVED", 1)); /* b's state is what is said now */
    take(v, false, true, "d2", 1, &c);
    expect(v, AS("OFFERED", 1) AS("OFFERED", 7));
    assert_string_equal(os_view_cursor(v), "d2");
    struct os_item back = entry(3, "gone", STATUS_RECEIVED, 3);
    take_one(v, back); /* the old vervallen 12 does not count any more */
    expect(v, AS("OFFERED", 1) AS("OFFERED", 7) AS("RECEIVED", 3));
    os_view_free(v);
}

static void full_state_interrupted_by_another(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    struct os_item first[] = {entry(1, "a", STATUS_RECEIVED, 1),
                              entry(2, "b", STATUS_RECEIVED, 2)};
    take(v, true, true, "c", 2, first);
    os_view_restart(v);
    take(v, true, false, "d1", 1, &first[0]);
    os_view_restart(v); /* the cursor of the middle lapsed too */
    take(v, true, true, "e1", 1, &first[1]);
    expect(v, AS("RECEIVED", 2));
    os_view_free(v);
}

static void empty_full_state_is_a_mistake(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    struct os_page empty = {.begins = true, .ends = true, .cursor = "x"};
    struct os_page more = {.begins = true, .ends = false, .cursor = "y"};
    struct os_page last = {.ends = true, .cursor = "z"};
    assert_false(os_view_would_empty(v, &empty)); /* nothing is held yet */
    struct os_item a = entry(1, "a", STATUS_RECEIVED, 1);
    take(v, true, true, "c", 1, &a);
    assert_false(os_view_would_empty(v, &last)); /* a quiet moment, no full state */
    os_view_restart(v);
    assert_true(os_view_would_empty(v, &empty));
    assert_false(os_view_would_empty(v, &more));
    os_view_take_page(v, &more);
    assert_true(os_view_would_empty(v, &last));
    last.listed = 1; /* one entry is enough, also of a person without a BSN */
    assert_false(os_view_would_empty(v, &last));
    os_view_free(v);
}

/* ---- schools and own data ---- */

static void a_school_sees_its_own_pupils(void **state)
{
    (void)state;
    struct os_view *v = os_view_new();
    struct os_item page[] = {entry(1, "a", STATUS_RECEIVED, 1),
                             entry(2, "b", STATUS_RECEIVED, 2)};
    page[1].bsn = SAM;
    take(v, true, true, "c", 2, page);
    expect(v, "");
    uint32_t lotte = LOTTE, sam = SAM;
    struct lines l;
    os_view_set_pupils(v, SCHOOL, &lotte, 1);
    os_view_set_pupils(v, "other", &sam, 1);
    expect(v, AS("RECEIVED", 1));
    l = (struct lines){0};
    os_view_show(v, SCHOOL, &sam, add_line, &l);
    assert_int_equal(l.n, 0);
    os_view_show(v, "other", &sam, add_line, &l);
    assert_int_equal(l.n, 1);
    os_view_show(v, "unknown", NULL, add_line, &l);
    assert_int_equal(l.n, 1);
    os_view_set_pupils(v, SCHOOL, NULL, 0); /* she left */
    expect(v, "");
    os_view_free(v);
}

static void own_data_merges(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    struct os_own own = {.bsn = LOTTE,
                         .instelling = "25LH",
                         .instelling_naam = "own",
                         .opleiding = "25655",
                         .opleiding_naam = "own",
                         .status = STATUS_OFFERED,
                         .begin = 50};
    os_view_add_own(v, &own);
    expect(v, "999990019 25LH/own 25655/own OFFERED 50\n");
    take(v, true, true, "c0", 0, NULL);
    take_one(v,
             entry(1, "a", STATUS_NONE, 99)); /* unknown: what we have ourselves stands */
    expect(v, AS("OFFERED", 50));
    take_one(v, entry(2, "a", STATUS_RECEIVED, 40));
    expect(v, AS("OFFERED", 50));
    take_one(v, entry(3, "a", STATUS_RECEIVED, 50)); /* the rank decides here too */
    expect(v, AS("OFFERED", 50));
    take_one(v, entry(4, "a", STATUS_REJECTED, 60));
    expect(v, AS("REJECTED", 60));
    own.begin = 45; /* older than what we have: no news */
    own.status = STATUS_ENROLLED;
    os_view_add_own(v, &own);
    own.begin = 70;
    own.status = STATUS_RECEIVED;
    os_view_add_own(v, &own);
    expect(v, AS("RECEIVED", 70));
    own.opleiding = "25100"; /* another opleiding is another aanmelding */
    os_view_add_own(v, &own);
    expect(v, AS("RECEIVED", 70) "999990019 25LH/own 25100/own RECEIVED 70\n");
    os_view_free(v);
}

/* Of two delivered aanmeldingen of the same course, own data is the newest one. */
static void own_data_merges_with_the_newest(void **state)
{
    (void)state;
    struct os_view *v = view_with_pupils();
    struct os_own own = {.bsn = LOTTE,
                         .instelling = "25LH",
                         .instelling_naam = "own",
                         .opleiding = "25655",
                         .opleiding_naam = "own",
                         .status = STATUS_ENROLLED,
                         .begin = 50};
    struct os_item page[] = {entry(1, "a", STATUS_WITHDRAWN, 10),
                             entry(2, "b", STATUS_RECEIVED, 20)};
    take(v, true, true, "c", 2, page);
    os_view_add_own(v, &own);
    expect(v, AS("ENROLLED", 50) AS("WITHDRAWN", 10));
    os_view_free(v);
}

/* ---- against a naive model ---- */

enum { IDS = 4, EVENTS = 14, HISTORY = 64, ROUNDS = 3000 };

/* The model keeps everything and looks it all through at the end. */
struct model {
    struct os_item past[IDS][HISTORY];
    size_t n[IDS];
    bool full, met[IDS];
    struct os_own own[8];
    size_t n_own;
};

static const char *const ids[IDS] = {"a", "b", "c", "d"};

static bool beats(when_t begin, enum status s, when_t begin_b, enum status b)
{
    return begin > begin_b || (begin == begin_b && s > b);
}

/* The state of one aanmelding by the contract's words. False: not held, or lapsed. */
static bool model_state(const struct model *m, int id, struct os_item *who,
                        struct os_mark *what)
{
    int64_t cut = -1, top = -1;
    *what = (struct os_mark){0};
    for (size_t i = 0; i < m->n[id]; i++)
        if (m->past[id][i].vervallen && m->past[id][i].volgnummer > cut)
            cut = m->past[id][i].volgnummer;
    for (size_t i = 0; i < m->n[id]; i++) {
        const struct os_item *it = &m->past[id][i];
        if (it->vervallen || it->volgnummer <= cut)
            continue;
        if (it->volgnummer > top) {
            top = it->volgnummer;
            *who = *it;
        }
        if (it->status &&
            (!what->status || beats(it->begin, it->status, what->begin, what->status)))
            *what = (struct os_mark){it->volgnummer, it->begin, it->status};
    }
    return top >= 0;
}

static void model_item(struct model *m, const struct os_item *it)
{
    int id = it->id[0] - 'a';
    struct os_item copy = *it;
    if (m->full && !m->met[id]) {
        struct os_item who;
        struct os_mark what;
        bool held = model_state(m, id, &who, &what);
        m->n[id] = 0;
        if (held && what.status && !it->vervallen && !it->status) {
            copy.status = what.status;
            copy.begin = what.begin;
        }
    }
    m->met[id] = true;
    assert_true(m->n[id] < HISTORY);
    m->past[id][m->n[id]++] = copy;
}

static void model_page(struct model *m, const struct os_page *p)
{
    if (p->begins) {
        m->full = true;
        memset(m->met, 0, sizeof(m->met));
    }
    for (size_t i = 0; i < p->n; i++)
        model_item(m, &p->items[i]);
    if (p->ends && m->full) {
        m->full = false;
        for (int id = 0; id < IDS; id++)
            if (!m->met[id])
                m->n[id] = 0;
    }
}

static bool same_course(const struct os_own *o, const struct os_item *it)
{
    return o->bsn == it->bsn && !strcmp(o->instelling, it->instelling) &&
           !strcmp(o->opleiding, it->opleiding);
}

static void model_own(struct model *m, const struct os_own *o)
{
    for (size_t i = 0; i < m->n_own; i++) {
        struct os_own *old = &m->own[i];
        if (old->bsn != o->bsn || strcmp(old->instelling, o->instelling) ||
            strcmp(old->opleiding, o->opleiding))
            continue;
        if (!beats(old->begin, old->status, o->begin, o->status))
            *old = *o;
        return;
    }
    assert_true(m->n_own < ARRAY_LEN(m->own));
    m->own[m->n_own++] = *o;
}

static const char *model_seen(const struct model *m, struct lines *l)
{
    struct os_item who[IDS];
    struct os_mark what[IDS];
    bool there[IDS];
    *l = (struct lines){0};
    for (int id = 0; id < IDS; id++)
        there[id] = model_state(m, id, &who[id], &what[id]);
    for (size_t i = 0; i < m->n_own; i++) {
        int twin = -1;
        for (int id = 0; id < IDS; id++)
            if (there[id] && same_course(&m->own[i], &who[id]) &&
                (twin < 0 || who[id].volgnummer > who[twin].volgnummer))
                twin = id;
        if (twin < 0)
            add_line(l, &m->own[i]);
        else if (!what[twin].status || beats(m->own[i].begin, m->own[i].status,
                                             what[twin].begin, what[twin].status))
            what[twin] = (struct os_mark){0, m->own[i].begin, m->own[i].status};
    }
    for (int id = 0; id < IDS; id++) {
        struct os_own o = {.bsn = who[id].bsn,
                           .instelling = who[id].instelling,
                           .instelling_naam = who[id].instelling_naam,
                           .opleiding = who[id].opleiding,
                           .opleiding_naam = who[id].opleiding_naam,
                           .status = what[id].status,
                           .begin = what[id].begin};
        if (there[id] && what[id].status)
            add_line(l, &o);
    }
    return join(l);
}

static struct os_item random_item(struct rng *r, int64_t volgnummer)
{
    static const char *const courses[] = {"25655", "25100"};
    if (rng_below(r, 6) == 0)
        return lapse(volgnummer, ids[rng_below(r, IDS)]);
    struct os_item it =
        entry(volgnummer, ids[rng_below(r, IDS)], (enum status)rng_below(r, STATUS_COUNT),
              (when_t)rng_below(r, 5));
    it.bsn = rng_below(r, 4) ? LOTTE : SAM;
    it.opleiding = courses[rng_below(r, 2)];
    return it;
}

/* A copy by way of the log's records: what is on disk says the same. */
static struct os_view *copy_by_records(const struct os_view *v);

struct copying {
    struct buf b;
    struct os_view *to;
};

static void apply(struct copying *c)
{
    when_t held;
    assert_false(c->b.full);
    assert_int_equal(os_record_apply(c->b.p, c->b.n, c->to, &held), 0);
}

static void copy_state(void *arg, const struct os_state *s)
{
    struct copying *c = arg;
    os_record_states(&c->b);
    os_record_add_state(&c->b, s);
    apply(c);
}

static void copy_pupils(void *arg, const char *school, const uint32_t *bsns, size_t n)
{
    struct copying *c = arg;
    os_record_pupils(&c->b, school, bsns, n);
    apply(c);
}

static void copy_own(void *arg, const struct os_own *own)
{
    struct copying *c = arg;
    os_record_own(&c->b, own, 1);
    apply(c);
}

static struct os_view *copy_by_records(const struct os_view *v)
{
    struct copying c = {.to = os_view_new()};
    struct os_place place;
    buf_init(&c.b, 1 << 20);
    os_view_place(v, &place);
    os_record_place(&c.b, &place);
    apply(&c);
    os_view_each(v, copy_state, &c);
    os_view_each_school(v, copy_pupils, &c);
    os_view_each_own(v, copy_own, &c);
    buf_done(&c.b);
    return c.to;
}

static void page_by_record(struct os_view *v, const struct os_page *p)
{
    struct copying c = {.to = v};
    buf_init(&c.b, 1 << 20);
    os_record_page(&c.b, p);
    apply(&c);
    buf_done(&c.b);
}

static void compare(const struct model *m, const struct os_view *v, int round, int step)
{
    struct lines want, have;
    if (strcmp(model_seen(m, &want), seen(v, &have)))
        fail_msg("round %d step %d:\nwanted\n%shave\n%s", round, step, want.text,
                 have.text);
}

static void round_of_events(int round)
{
    struct rng r;
    struct model *m = xcalloc(1, sizeof(*m));
    struct os_view *v = view_with_pupils();
    struct os_item feed[EVENTS];
    rng_init(&r, (uint64_t)round, "os_view", "property");
    for (int i = 0; i < EVENTS; i++)
        feed[i] = random_item(&r, i + 1);
    bool begins = true;
    for (int step = 0; step < 12; step++) {
        /* Any of the events, in any order, also again. */
        struct os_item items[4];
        struct os_page p = {.begins = begins, .cursor = "c", .items = items};
        p.ends = rng_below(&r, 3) != 0;
        p.n = p.listed = rng_below(&r, 5);
        for (size_t i = 0; i < p.n; i++)
            items[i] = feed[rng_below(&r, EVENTS)];
        model_page(m, &p);
        page_by_record(v, &p);
        compare(m, v, round, step);
        begins = rng_below(&r, 10) == 0;
        if (begins)
            os_view_restart(v);
        if (rng_below(&r, 8) == 0) {
            struct os_own o = {.bsn = LOTTE,
                               .instelling = "25LH",
                               .instelling_naam = "own",
                               .opleiding = rng_below(&r, 2) ? "25655" : "25100",
                               .opleiding_naam = "own",
                               .status =
                                   (enum status)(1 + rng_below(&r, STATUS_COUNT - 1)),
                               .begin = (when_t)rng_below(&r, 6)};
            model_own(m, &o);
            os_view_add_own(v, &o);
            compare(m, v, round, step);
        }
        if (rng_below(&r, 10) == 0) {
            struct os_view *copy = copy_by_records(v);
            os_view_free(v);
            v = copy;
            compare(m, v, round, step);
        }
    }
    os_view_free(v);
    free(m);
}

static void agrees_with_a_naive_model(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++)
        round_of_events(round);
}

/* One set of events, each order: always the same end. */
static void order_of_arrival_is_irrelevant(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct rng r;
        struct os_item feed[8];
        struct lines first, l;
        rng_init(&r, (uint64_t)round, "os_view", "order");
        for (int i = 0; i < 8; i++) {
            feed[i] = random_item(&r, i + 1);
            if (rng_below(&r, 2))
                feed[i].id = "a";
        }
        for (int order = 0; order < 4; order++) {
            struct os_view *v = view_with_pupils();
            take(v, true, true, "c", 0, NULL);
            for (int i = 0; i < 8; i++)
                take_one(v, feed[i]);
            if (order == 0)
                seen(v, &first);
            assert_string_equal(seen(v, &l), first.text);
            os_view_free(v);
            for (size_t i = 7; i > 0; i--) {
                size_t j = rng_below(&r, i + 1);
                struct os_item t = feed[i];
                feed[i] = feed[j];
                feed[j] = t;
            }
        }
    }
}

/* A record cut anywhere, or with a byte changed, is refused or read; never worse. */
static void broken_records(void **state)
{
    (void)state;
    struct buf b;
    when_t held;
    buf_init(&b, 1 << 20);
    struct os_item items[] = {entry(1, "a", STATUS_RECEIVED, 10), lapse(2, "b")};
    struct os_page p = {
        .begins = true, .ends = true, .cursor = "c", .listed = 2, .items = items, .n = 2};
    os_record_page(&b, &p);
    for (size_t n = 0; n < b.n; n++) {
        char *cut = xmemdup(b.p, n);
        struct os_view *v = os_view_new();
        assert_int_not_equal(os_record_apply(cut, n, v, &held), 0);
        assert_int_equal(os_view_count(v), 0); /* a page is taken whole or not */
        os_view_free(v);
        free(cut);
    }
    for (size_t i = 0; i < b.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            char *bad = xmemdup(b.p, b.n);
            bad[i] = (char)(bad[i] ^ (1 << bit));
            struct os_view *v = os_view_new();
            (void)os_record_apply(bad, b.n, v, &held);
            os_view_free(v);
            free(bad);
        }
    buf_done(&b);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latest_begin_wins),
        cmocka_unit_test(rank_decides_at_equal_times),
        cmocka_unit_test(the_same_again_changes_nothing),
        cmocka_unit_test(several_aanmeldingen_of_one_person),
        cmocka_unit_test(course_and_person_follow_the_number),
        cmocka_unit_test(lapsed_is_gone_and_may_return),
        cmocka_unit_test(late_lapse_cuts_the_past_off),
        cmocka_unit_test(lapse_of_an_unknown_one),
        cmocka_unit_test(unknown_status_keeps_the_last_known),
        cmocka_unit_test(many_marks_are_bounded),
        cmocka_unit_test(full_state_drops_what_it_does_not_hold),
        cmocka_unit_test(full_state_interrupted_by_another),
        cmocka_unit_test(empty_full_state_is_a_mistake),
        cmocka_unit_test(a_school_sees_its_own_pupils),
        cmocka_unit_test(own_data_merges),
        cmocka_unit_test(own_data_merges_with_the_newest),
        cmocka_unit_test(agrees_with_a_naive_model),
        cmocka_unit_test(order_of_arrival_is_irrelevant),
        cmocka_unit_test(broken_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
