/* The view of an overstapsysteem against a naive model that keeps everything, over many
 * random sequences, and by way of its records on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base/buf.h"
#include "harness/base/rng.h"
#include "mocks/os_record.h"
#include "tests/unit/mocks/os_view_words.h"

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
        cmocka_unit_test(agrees_with_a_naive_model),
        cmocka_unit_test(order_of_arrival_is_irrelevant),
        cmocka_unit_test(broken_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
