/*
 * The store against models that know nothing of how it works: the whole history is looked
 * at afterwards, by the contract's words. And against readers that page while others
 * write. Every sequence is drawn from its number, so that a failing one can be run again.
 */
#include "store_lab.h"

#include <stdio.h>

#define SEQUENCES 1500 /* of each kind */
#define OPS       40
#define KETENS    6
#define READERS   3

enum op_kind { OP_MELDING, OP_STAND };
struct op {
    enum op_kind kind;
    struct melding m;
    when_t peildatum;
    struct melding v[KETENS];
    size_t n;
};

/* Which things a sequence has in it. */
struct mix {
    bool ca, standen, submitted, persons;
    bool flips; /* another opleiding or person at the very same time, and back */
};

static struct melding draw_melding(struct rng *r, const struct mix *mix, uint16_t unique)
{
    static const enum status some[] = {STATUS_REJECTED, STATUS_WITHDRAWN,
                                       STATUS_RECEIVED, STATUS_OFFERED,
                                       STATUS_ENROLLED, STATUS_SUBMITTED};
    struct melding m = lab_melding((uint32_t)rng_below(r, KETENS),
                                   some[rng_below(r, mix->submitted ? 6 : 5)],
                                   10 * (when_t)rng_below(r, 12));
    /* Without flips ketenids that turn out to be one speak of the same. */
    uint32_t who = mix->ca && !mix->flips ? 0 : m.keten;
    m.opleiding = (uint16_t)(who * 2 + (uint32_t)(m.begin / 50));
    if (mix->flips && rng_below(r, 6) == 0)
        m.opleiding = (uint16_t)(100 + unique);
    m.person = 1000 + who;
    if (mix->flips && rng_below(r, 8) == 0)
        m.person = 5000U + unique;
    if (mix->persons && (mix->flips ? rng_below(r, 10) == 0 : m.begin == 70))
        m.is_bsn = false;
    if (mix->ca && rng_below(r, 3) == 0) {
        m.has_ca = true;
        m.ca[0] = (uint8_t)(1 + rng_below(r, 4));
    }
    return m;
}

static struct op draw(struct rng *r, const struct mix *mix, uint16_t i)
{
    struct op op = {.m = draw_melding(r, mix, i)};
    if (!mix->standen || rng_below(r, 8) != 0)
        return op;
    op.kind = OP_STAND;
    op.peildatum = 10 * (when_t)rng_below(r, 13) + 5;
    for (uint32_t k = 0; k < KETENS; k++) {
        if (rng_below(r, 3) == 0)
            continue;
        struct melding m = draw_melding(r, mix, (uint16_t)(i * 10U + k));
        m.keten = k;
        m.begin = 10 * (when_t)rng_below(r, (uint64_t)(op.peildatum / 10) + 1);
        op.v[op.n++] = m;
    }
    return op;
}

static void run(struct store *s, const struct op *op)
{
    struct stand_counts c;
    if (op->kind == OP_MELDING) {
        give(s, op->m);
        return;
    }
    store_stand(s, 0, op->peildatum, op->v, op->n, &c);
    assert_int_equal(c.gewijzigd + c.gelijk, op->n);
    uint32_t last = store_last(s);
    /* The same stand again changes nothing at all (KP-STA-01). */
    store_stand(s, 0, op->peildatum, op->v, op->n, &c);
    assert_int_equal(c.gewijzigd, 0);
    assert_int_equal(c.vervallen, 0);
    assert_int_equal(store_last(s), last);
}

static int key_cmp(const struct melding *a, const struct melding *b)
{
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return (int)a->status - (int)b->status;
}

static bool same_content(const struct melding *a, const struct melding *b)
{
    return a->status == b->status && a->opleiding == b->opleiding &&
           a->person == b->person && a->is_bsn == b->is_bsn;
}

/* What one aanmelding should be. */
struct expected {
    bool live;
    struct melding m;
    when_t begins[OPS * 2]; /* any of these is a right statusBegin */
    size_t n_begins;
};

static bool expected_served(const struct expected *x)
{
    return x->live && x->m.is_bsn && x->m.status != STATUS_SUBMITTED;
}

static bool fits(const struct store_entry *e, const struct expected *x)
{
    if (!expected_served(x) || e->status != x->m.status ||
        e->opleiding != x->m.opleiding || e->bsn != x->m.person)
        return false;
    for (size_t b = 0; b < x->n_begins; b++)
        if (e->status_begin == x->begins[b])
            return true;
    return false;
}

/* Finds an expectation of its own for entry i, moving others where that helps. */
static bool place(const struct seen *v, size_t i, const struct expected *x, size_t n,
                  size_t owner[KETENS], bool tried[KETENS])
{
    for (size_t j = 0; j < n; j++) {
        if (tried[j] || !fits(&v->e[i], &x[j]))
            continue;
        tried[j] = true;
        if (owner[j] == SIZE_MAX || place(v, owner[j], x, n, owner, tried)) {
            owner[j] = i;
            return true;
        }
    }
    return false;
}

/* Exactly the expected ones are served, in whatever order. */
static void assert_state(struct store *s, const struct expected *x, size_t n)
{
    struct seen v = read_all(s, NULL, 5);
    size_t want = 0, owner[KETENS];
    for (size_t i = 0; i < n; i++) {
        want += expected_served(&x[i]);
        owner[i] = SIZE_MAX;
    }
    assert_int_equal(v.n, want);
    for (size_t i = 0; i < v.n; i++) {
        bool tried[KETENS] = {false};
        assert_true(place(&v, i, x, n, owner, tried));
        assert_true(found(s, v.e[i].bsn) >= 1);
    }
}

/* ---- first model: meldingen only ---- */
static size_t root(const size_t *parent, size_t i)
{
    while (parent[i] != i)
        i = parent[i];
    return i;
}

/* Identity: ketenids that share a caketenid, in any of the meldingen, are one. */
static void identities(const struct op *ops, size_t n, size_t parent[KETENS])
{
    for (size_t i = 0; i < KETENS; i++)
        parent[i] = i;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (ops[i].m.has_ca && ops[j].m.has_ca && ops[i].m.ca[0] == ops[j].m.ca[0])
                parent[root(parent, ops[i].m.keten)] = root(parent, ops[j].m.keten);
}

/* The meldingen of one identity in event order, equal ones as they came; the last one
 * counts, and its status began with any of those of the same content right before it. */
static void expect_meldingen(const struct op *ops, size_t n, const size_t *parent,
                             size_t id, struct expected *x)
{
    const struct melding *v[OPS];
    size_t k = 0;
    *x = (struct expected){0};
    for (size_t i = 0; i < n; i++)
        if (root(parent, ops[i].m.keten) == id)
            v[k++] = &ops[i].m;
    for (size_t i = 1; i < k; i++)
        for (size_t j = i; j > 0 && key_cmp(v[j - 1], v[j]) > 0; j--) {
            const struct melding *t = v[j];
            v[j] = v[j - 1];
            v[j - 1] = t;
        }
    if (k == 0)
        return;
    x->live = true;
    x->m = *v[k - 1];
    for (size_t i = k; i-- > 0 && same_content(v[i], v[k - 1]);)
        x->begins[x->n_begins++] = v[i]->begin;
}

static void readers_read(struct reader *readers, struct rng *r, struct store *s)
{
    for (int i = 0; i < READERS; i++)
        if (rng_below(r, 3) == 0)
            reader_page(&readers[i], s, 1 + rng_below(r, 3));
}

static void readers_end(struct reader *readers, struct store *s)
{
    for (int i = 0; i < READERS; i++) {
        reader_fetch(&readers[i], s, 2);
        assert_reader_holds_state(&readers[i], s);
    }
}

static void random_meldingen(const struct mix *mix)
{
    for (uint64_t q = 0; q < SEQUENCES; q++) {
        struct rng r;
        struct op ops[OPS];
        struct reader readers[READERS] = {0};
        struct expected x[KETENS];
        size_t parent[KETENS];
        rng_init(&r, q, "store", "meldingen");
        for (int i = 0; i < READERS; i++)
            readers[i].flips = mix->flips;
        struct store *s = lab_store(0);
        for (size_t i = 0; i < OPS; i++) {
            ops[i] = draw(&r, mix, (uint16_t)i);
            run(s, &ops[i]);
            readers_read(readers, &r, s);
        }
        identities(ops, OPS, parent);
        for (size_t k = 0; k < KETENS; k++)
            expect_meldingen(ops, OPS, parent, k, &x[k]);
        assert_state(s, x, KETENS);
        readers_end(readers, s);
        store_free(s);
    }
}

static void random_meldingen_end_as_the_model_says(void **state)
{
    (void)state;
    random_meldingen(&(struct mix){.ca = true, .submitted = true, .persons = true});
}

static void random_flips_end_as_the_model_says(void **state)
{
    (void)state;
    random_meldingen(
        &(struct mix){.ca = true, .submitted = true, .persons = true, .flips = true});
}

static void the_order_of_arrival_makes_no_difference(void **state)
{
    (void)state;
    const struct mix mix = {.ca = false};
    for (uint64_t q = 0; q < SEQUENCES; q++) {
        struct rng r;
        struct op ops[OPS];
        struct seen v;
        struct store_entry first[KETENS];
        size_t n = 0;
        rng_init(&r, q, "store", "arrival");
        for (size_t i = 0; i < OPS; i++) {
            ops[i] = draw(&r, &mix, (uint16_t)i);
            ops[i].m.opleiding = 1; /* at equal times arrival may count for this one */
        }
        for (int round = 0; round < 2; round++) {
            struct store *s = lab_store(0);
            for (size_t i = 0; i < OPS; i++)
                run(s, &ops[i]);
            v = read_all(s, NULL, 16);
            assert_true(round == 0 || v.n == n);
            for (size_t i = 0; i < v.n; i++) {
                size_t j = v.e[i].bsn - 1000;
                assert_true(j < KETENS);
                if (round == 0)
                    first[j] = v.e[i];
                assert_int_equal(first[j].status, v.e[i].status);
            }
            n = v.n;
            store_free(s);
            for (size_t i = OPS - 1; i > 0; i--) {
                size_t j = rng_below(&r, i + 1);
                struct op t = ops[i];
                ops[i] = ops[j];
                ops[j] = t;
            }
        }
    }
}

/* ---- second model: with standen ---- */

/* The stand that counts for one ketenid: of those that could know of it the latest
 * peildatum, of equal ones the last. Whatever is not after it is forgotten. */
static void expect_stand(const struct op *ops, size_t n, uint32_t keten,
                         struct expected *x)
{
    const struct op *counts = NULL;
    const struct melding *entry = NULL, *best = NULL;
    bool known = false;
    *x = (struct expected){0};
    for (size_t i = 0; i < n; i++) {
        if (ops[i].kind == OP_MELDING) {
            known |= ops[i].m.keten == keten;
            continue;
        }
        const struct melding *held = NULL;
        for (size_t j = 0; j < ops[i].n; j++)
            if (ops[i].v[j].keten == keten)
                held = &ops[i].v[j];
        known |= held != NULL;
        if (known && (!counts || ops[i].peildatum >= counts->peildatum)) {
            counts = &ops[i];
            entry = held;
        }
    }
    best = entry;
    for (size_t i = 0; i < n; i++)
        if (ops[i].kind == OP_MELDING && ops[i].m.keten == keten &&
            (!counts || ops[i].m.begin > counts->peildatum) &&
            (!best || key_cmp(&ops[i].m, best) >= 0))
            best = &ops[i].m;
    if (!best)
        return;
    x->live = true;
    x->m = *best;
    for (size_t i = 0; i < n; i++) {
        if (ops[i].kind == OP_MELDING && ops[i].m.keten == keten &&
            same_content(&ops[i].m, best))
            x->begins[x->n_begins++] = ops[i].m.begin;
        /* A stand leaves what is newer than its peildatum as it is: also the statusBegin
         * of a repeat of what an earlier stand held. */
        for (size_t j = 0; ops[i].kind == OP_STAND && j < ops[i].n; j++)
            if (ops[i].v[j].keten == keten && same_content(&ops[i].v[j], best))
                x->begins[x->n_begins++] = ops[i].v[j].begin;
    }
}

static void random_standen(bool flips)
{
    const struct mix mix = {.standen = true, .persons = true, .flips = flips};
    for (uint64_t q = 0; q < SEQUENCES; q++) {
        struct rng r;
        struct op ops[OPS];
        struct reader readers[READERS] = {0};
        struct expected x[KETENS];
        rng_init(&r, q, "store", "standen");
        for (int i = 0; i < READERS; i++)
            readers[i].flips = flips;
        struct store *s = lab_store(0);
        for (size_t i = 0; i < OPS; i++) {
            ops[i] = draw(&r, &mix, (uint16_t)i);
            run(s, &ops[i]);
            readers_read(readers, &r, s);
        }
        for (uint32_t k = 0; k < KETENS; k++)
            expect_stand(ops, OPS, k, &x[k]);
        assert_state(s, x, KETENS);
        readers_end(readers, s);
        store_free(s);
    }
}

static void random_standen_end_as_the_model_says(void **state)
{
    (void)state;
    random_standen(false);
    random_standen(true);
}

/* Everything together: readers agree with the state, and the same calls give the same
 * store, number for number: that is what a restart does. */
static void random_everything(uint64_t shuffle, bool flips)
{
    const struct mix mix = {true, true, true, true, flips};
    for (uint64_t q = 0; q < SEQUENCES; q++) {
        struct rng r;
        struct reader readers[READERS] = {0};
        struct store *s = lab_store(shuffle), *again = lab_store(shuffle);
        rng_init(&r, q, "store", "everything");
        for (int i = 0; i < READERS; i++)
            readers[i].flips = flips || shuffle;
        for (size_t i = 0; i < OPS; i++) {
            struct op op = draw(&r, &mix, (uint16_t)i);
            run(s, &op);
            run(again, &op);
            if (rng_below(&r, 3) == 0 || i + 1 == OPS) {
                store_deal(s);
                store_deal(again);
                if (i + 1 < OPS)
                    readers_read(readers, &r, s);
            }
        }
        readers_end(readers, s);
        struct store_entry first[KETENS * 2];
        struct seen v = read_all(s, NULL, 16);
        size_t n = v.n;
        assert_true(n <= KETENS);
        memcpy(first, v.e, n * sizeof *first);
        v = read_all(again, NULL, 16);
        assert_int_equal(v.n, n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(v.e[i].volgnummer, first[i].volgnummer);
            assert_int_equal(v.e[i].aanmelding, first[i].aanmelding);
            assert_int_equal(v.e[i].status_begin, first[i].status_begin);
        }
        store_free(s);
        store_free(again);
    }
}

static void random_everything_in_order(void **state)
{
    (void)state;
    random_everything(0, false);
    random_everything(0, true);
}

static void random_everything_shuffled(void **state)
{
    (void)state;
    random_everything(77, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_meldingen_end_as_the_model_says),
        cmocka_unit_test(random_flips_end_as_the_model_says),
        cmocka_unit_test(the_order_of_arrival_makes_no_difference),
        cmocka_unit_test(random_standen_end_as_the_model_says),
        cmocka_unit_test(random_everything_in_order),
        cmocka_unit_test(random_everything_shuffled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
