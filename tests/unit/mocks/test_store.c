/* The store by itself: event order, identity, standen and the feed, each case by hand. */
#include "store_lab.h"

static struct melding melding(uint32_t keten, enum status status, when_t begin)
{
    return lab_melding(keten, status, begin);
}

static void the_latest_begindatum_counts_whatever_the_arrival(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding a = melding(1, STATUS_ENROLLED, 20),
                   b = melding(1, STATUS_RECEIVED, 10);
    give(s, a);
    give(s, b);
    struct seen v = read_all(s, NULL, 10);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.e[0].status, STATUS_ENROLLED);
    assert_int_equal(v.e[0].status_begin, 20);
    assert_int_equal(store_last(s), 1); /* the late one made no change */
    store_free(s);
}

static void rank_decides_at_equal_times(void **state)
{
    (void)state;
    static const enum status rank[] = {STATUS_REJECTED, STATUS_WITHDRAWN, STATUS_RECEIVED,
                                       STATUS_OFFERED, STATUS_ENROLLED};
    for (size_t i = 0; i < ARRAY_LEN(rank); i++)
        for (size_t j = 0; j < ARRAY_LEN(rank); j++) {
            struct store *s = lab_store(0);
            give(s, melding(1, rank[i], 10));
            give(s, melding(1, rank[j], 10));
            struct seen v = read_all(s, NULL, 10);
            assert_int_equal(v.n, 1);
            assert_int_equal(v.e[0].status, rank[i > j ? i : j]);
            store_free(s);
        }
}

static void final_statuses_are_left_again(void **state)
{
    (void)state;
    static const enum status final[] = {STATUS_REJECTED, STATUS_WITHDRAWN,
                                        STATUS_ENROLLED};
    for (size_t i = 0; i < ARRAY_LEN(final); i++) {
        struct store *s = lab_store(0);
        give(s, melding(1, final[i], 10));
        give(s, melding(1, STATUS_RECEIVED, 11));
        assert_int_equal(read_all(s, NULL, 10).e[0].status, STATUS_RECEIVED);
        store_free(s);
    }
}

static void a_repeat_makes_no_change(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    for (when_t t = 10; t < 20; t++)
        give(s, melding(1, STATUS_ENROLLED, t));
    give(s, melding(1, STATUS_ENROLLED, 15));
    assert_int_equal(store_last(s), 1);
    /* But it orders: the last repeat was at 19. */
    give(s, melding(1, STATUS_WITHDRAWN, 18));
    assert_int_equal(read_all(s, NULL, 10).e[0].status, STATUS_ENROLLED);
    /* And since then it began again. */
    assert_int_equal(read_all(s, NULL, 10).e[0].status_begin, 19);
    give(s, melding(1, STATUS_WITHDRAWN, 19));
    assert_int_equal(read_all(s, NULL, 10).e[0].status, STATUS_ENROLLED);
    give(s, melding(1, STATUS_WITHDRAWN, 20));
    assert_int_equal(read_all(s, NULL, 10).e[0].status, STATUS_WITHDRAWN);
    store_free(s);
}

static void at_equal_time_and_status_the_last_arrival_counts(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding m = melding(1, STATUS_RECEIVED, 10);
    give(s, m);
    struct store_entry before = read_all(s, NULL, 10).e[0];
    m.opleiding = 7;
    give(s, m);
    struct seen v = read_all(s, NULL, 10);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.e[0].opleiding, 7);
    assert_int_equal(v.e[0].aanmelding, before.aanmelding); /* same aanmeldId */
    assert_true(v.e[0].volgnummer > before.volgnummer);
    store_free(s);
}

static void another_bsn_is_one_change_of_one_aanmelding(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding m = melding(1, STATUS_RECEIVED, 10);
    struct reader r = {0};
    give(s, m);
    reader_fetch(&r, s, 10);
    m.person = 2000;
    give(s, m);
    struct seen v = reader_changes(&r, s, 10);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.e[0].bsn, 2000);
    assert_int_equal(found(s, 1000), 0);
    assert_int_equal(found(s, 2000), 1);
    m.person = 3000; /* a number without BSN: it lapses */
    m.is_bsn = false;
    m.begin = 11;
    give(s, m);
    v = reader_changes(&r, s, 10);
    assert_int_equal(v.n, 1);
    assert_true(v.e[0].vervallen);
    assert_int_equal(read_all(s, NULL, 10).n, 0);
    assert_int_equal(found(s, 2000) + found(s, 3000), 0);
    store_free(s);
}

static void a_repeat_begins_anew_after_what_came_between(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding other = melding(1, STATUS_ENROLLED, 10);
    other.opleiding = 7;
    give(s, melding(1, STATUS_ENROLLED, 10));
    give(s, melding(1, STATUS_ENROLLED, 20));
    give(s, other); /* at the first one's moment, but it came later */
    struct seen v = read_all(s, NULL, 10);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.e[0].opleiding, 0);
    assert_int_equal(v.e[0].status_begin, 20);
    store_free(s);
}

static void what_is_not_deliverable_is_not_served(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding own = melding(2, STATUS_RECEIVED, 10);
    own.is_bsn = false;
    give(s, melding(1, STATUS_SUBMITTED, 10));
    give(s, own);
    assert_int_equal(store_last(s), 0);
    give(s, melding(1, STATUS_WITHDRAWN, 11));
    assert_int_equal(read_all(s, NULL, 10).n, 1);
    store_free(s);
}

static void a_caketenid_ties_two_ketenids(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding cambo = melding(1, STATUS_SUBMITTED, 10),
                   sis = melding(2, STATUS_RECEIVED, 12);
    cambo.has_ca = sis.has_ca = true;
    cambo.ca[3] = sis.ca[3] = 9;
    give(s, cambo);
    give(s, sis);
    assert_int_equal(store_count(s), 1);
    give(s,
         melding(1, STATUS_WITHDRAWN, 13)); /* CAMBO's ketenid, now without caketenid */
    struct seen v = read_all(s, NULL, 10);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.e[0].status, STATUS_WITHDRAWN);
    /* The same caketenid at another instelling is another aanmelding. */
    sis.instelling = 1;
    give(s, sis);
    assert_int_equal(store_count(s), 2);
    store_free(s);
}

static void two_that_turn_out_to_be_one_become_one(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding a = melding(1, STATUS_RECEIVED, 10),
                   b = melding(2, STATUS_OFFERED, 12);
    struct reader r = {0};
    b.has_ca = true;
    give(s, a);
    give(s, b);
    reader_fetch(&r, s, 10);
    assert_int_equal(reader_count(&r), 2);
    a.has_ca = true;
    a.begin = 11;
    give(s, a); /* late, but it tells that they are one */
    reader_fetch(&r, s, 10);
    assert_int_equal(reader_count(&r), 1);
    assert_int_equal(store_count(s), 1);
    struct seen v = read_all(s, NULL, 10);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.e[0].status, STATUS_OFFERED);
    assert_int_equal(v.e[0].aanmelding, 0); /* the oldest stays */
    assert_int_equal(found(s, 1000), 1);
    store_free(s);
}

/* ---- standen ---- */

static struct stand_counts stand(struct store *s, when_t peildatum, struct melding *v,
                                 size_t n)
{
    struct stand_counts c;
    store_stand(s, 0, peildatum, v, n, &c);
    return c;
}

static struct melding tied(struct melding m)
{
    m.has_ca = true;
    m.ca[5] = 1;
    return m;
}

static void the_one_that_readers_know_stays(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct reader r = {0};
    give(s, tied(melding(1, STATUS_SUBMITTED, 10))); /* the oldest, but never served */
    give(s, melding(2, STATUS_RECEIVED, 12));
    reader_fetch(&r, s, 10);
    give(s, tied(melding(2, STATUS_OFFERED, 13)));
    struct seen v = reader_changes(&r, s, 10);
    assert_int_equal(v.n, 1); /* no lapse: readers saw one all the time */
    assert_int_equal(v.e[0].aanmelding, 1);
    assert_int_equal(v.e[0].status, STATUS_OFFERED);
    store_free(s);
}

static void a_stand_counts_for_all_ketenids_of_one_aanmelding(void **state)
{
    (void)state;
    for (uint32_t held = 1; held <= 2; held++) {
        struct store *s = lab_store(0);
        struct melding m = melding(held, STATUS_RECEIVED, 5);
        give(s, melding(1, STATUS_ENROLLED, 10));
        give(s, melding(2, STATUS_ENROLLED, 10));
        assert_int_equal(stand(s, 20, &m, 1).vervallen, 1);
        /* One of the two is in the stand: so they are, as one. */
        give(s, tied(melding(1, STATUS_REJECTED, 4)));
        give(s, tied(melding(2, STATUS_REJECTED, 4)));
        struct seen v = read_all(s, NULL, 10);
        assert_int_equal(v.n, 1);
        assert_int_equal(v.e[0].status, STATUS_RECEIVED);
        store_free(s);
    }
}

static void a_stand_counts_over_what_turns_out_to_be_the_same(void **state)
{
    (void)state;
    for (uint32_t first = 1; first <= 2; first++) {
        struct store *s = lab_store(0);
        struct melding held = tied(melding(1, STATUS_RECEIVED, 5));
        if (first == 2) /* so that either of the two may be the older row */
            give(s, melding(2, STATUS_SUBMITTED, 1));
        stand(s, 20, &held, 1);
        give(s, melding(2, STATUS_OFFERED, 10)); /* late, of one that was never known */
        assert_int_equal(read_all(s, NULL, 10).n, 2);
        give(s, tied(melding(2, STATUS_REJECTED, 3)));
        struct seen v = read_all(s, NULL, 10);
        assert_int_equal(v.n, 1);
        assert_int_equal(v.e[0].status, STATUS_RECEIVED);
        give(s, melding(2, STATUS_ENROLLED, 20)); /* counted over, under either ketenid */
        assert_int_equal(read_all(s, NULL, 10).e[0].status, STATUS_RECEIVED);
        give(s, melding(2, STATUS_ENROLLED, 21));
        assert_int_equal(read_all(s, NULL, 10).e[0].status, STATUS_ENROLLED);
        store_free(s);
    }
}

static void two_entries_of_one_aanmelding_are_one_change(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding v[] = {tied(melding(1, STATUS_ENROLLED, 12)),
                          tied(melding(2, STATUS_RECEIVED, 10))};
    give(s, melding(1, STATUS_RECEIVED, 5));
    give(s, melding(2, STATUS_RECEIVED, 6));
    for (int round = 0; round < 2; round++) {
        struct stand_counts c = stand(s, 20, v, 2);
        assert_int_equal(c.gewijzigd, round == 0);
        assert_int_equal(c.gelijk, round == 0 ? 1 : 2);
        assert_int_equal(c.vervallen, 0);
        assert_int_equal(read_all(s, NULL, 10).n, 1);
        assert_int_equal(read_all(s, NULL, 10).e[0].status, STATUS_ENROLLED);
    }
    store_free(s);
}

static void a_stand_knows_a_repeat(void **state)
{
    (void)state;
    static const when_t both[] = {10, 15};
    for (int i = 0; i < 2; i++) {
        struct store *s = lab_store(0);
        struct melding held = melding(1, STATUS_ENROLLED, both[i]);
        give(s, melding(1, STATUS_ENROLLED, 10));
        give(s, melding(1, STATUS_ENROLLED, 15));
        assert_int_equal(stand(s, 20, &held, 1).gelijk, 1);
        assert_int_equal(store_last(s), 1);
        store_free(s);
    }
}

static void what_cambo_submitted_does_not_lapse(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    give(s, melding(1, STATUS_SUBMITTED, 10));
    assert_int_equal(stand(s, 20, NULL, 0).vervallen, 0);
    give(s, melding(1, STATUS_RECEIVED, 15)); /* nothing was settled */
    assert_int_equal(read_all(s, NULL, 10).n, 1);
    store_free(s);
}

static void only_the_last_lapse_is_kept(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct store_reader at = {0};
    give(s, melding(1, STATUS_RECEIVED, 1));
    for (when_t t = 10; t < 100; t += 10) {
        stand(s, t, NULL, 0);
        give(s, melding(1, STATUS_RECEIVED, t + 1));
    }
    struct seen v = read_all(s, &at, 10);
    assert_int_equal(v.n, 2);
    assert_true(v.e[0].vervallen);
    store_free(s);
}

static void a_stand_repairs_what_was_silent_and_only_that(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct reader r = {0};
    for (uint32_t k = 1; k <= 4; k++)
        give(s, melding(k, STATUS_RECEIVED, 10));
    reader_fetch(&r, s, 10);
    struct melding v[] = {melding(1, STATUS_RECEIVED, 10),
                          melding(2, STATUS_ENROLLED, 15), melding(3, STATUS_REJECTED, 9),
                          melding(5, STATUS_OFFERED, 12)};
    struct stand_counts c = stand(s, 20, v, 4);
    assert_int_equal(c.gewijzigd, 3);
    assert_int_equal(c.gelijk, 1);
    assert_int_equal(c.vervallen, 1);
    /* 2 forwards, 3 backwards in two steps, 5 new, 4 gone; 1 untouched. */
    struct seen ch = reader_changes(&r, s, 10);
    assert_int_equal(ch.n, 5);
    size_t lapses = 0;
    for (size_t i = 0; i < ch.n; i++)
        lapses += ch.e[i].vervallen;
    assert_int_equal(lapses, 2);
    assert_reader_holds_state(&r, s);
    /* Again: nothing. */
    c = stand(s, 20, v, 4);
    assert_int_equal(c.gewijzigd, 0);
    assert_int_equal(c.gelijk, 4);
    assert_int_equal(c.vervallen, 0);
    assert_int_equal(reader_changes(&r, s, 10).n, 0);
    store_free(s);
}

static void a_late_melding_does_not_undo_a_stand(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding held = melding(1, STATUS_OFFERED, 5);
    give(s, melding(1, STATUS_RECEIVED, 10));
    give(s, melding(2, STATUS_RECEIVED, 10));
    stand(s, 20, &held, 1);
    give(s, melding(1, STATUS_ENROLLED, 15)); /* counted over */
    give(s, melding(2, STATUS_ENROLLED, 20)); /* not brought back */
    struct seen v = read_all(s, NULL, 10);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.e[0].status, STATUS_OFFERED);
    assert_int_equal(v.e[0].status_begin, 5);
    give(s, melding(3, STATUS_ENROLLED, 15));  /* never known: as usual */
    give(s, melding(2, STATUS_WITHDRAWN, 21)); /* newer: it comes back */
    v = read_all(s, NULL, 10);
    assert_int_equal(v.n, 3);
    assert_int_equal(v.e[2].aanmelding, 1); /* under the same aanmeldId */
    assert_int_equal(v.e[2].status, STATUS_WITHDRAWN);
    store_free(s);
}

static void an_older_stand_settles_nothing_that_a_newer_did(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding new[] = {melding(1, STATUS_ENROLLED, 30)};
    struct melding old[] = {melding(1, STATUS_RECEIVED, 10),
                            melding(2, STATUS_RECEIVED, 10)};
    give(s, melding(2, STATUS_RECEIVED, 10));
    assert_int_equal(stand(s, 40, new, 1).vervallen, 1);
    struct stand_counts c = stand(s, 20, old, 2);
    assert_int_equal(c.gewijzigd, 0);
    assert_int_equal(c.gelijk, 2);
    struct seen v = read_all(s, NULL, 10);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.e[0].status, STATUS_ENROLLED);
    /* Nor does an older empty one. */
    c = stand(s, 20, NULL, 0);
    assert_int_equal(c.vervallen, 0);
    assert_int_equal(read_all(s, NULL, 10).n, 1);
    store_free(s);
}

static void what_is_newer_than_the_peildatum_stays(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding held = melding(1, STATUS_RECEIVED, 10);
    give(s, melding(1, STATUS_ENROLLED, 30));
    give(s, melding(2, STATUS_ENROLLED, 30));
    struct stand_counts c = stand(s, 20, &held, 1);
    assert_int_equal(c.gewijzigd, 0);
    assert_int_equal(c.gelijk, 1);
    assert_int_equal(c.vervallen, 0);
    assert_int_equal(store_last(s), 2);
    store_free(s);
}

static void an_empty_stand_lapses_all_of_its_instelling(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding other = melding(9, STATUS_RECEIVED, 10);
    other.instelling = 1;
    struct reader r = {0};
    for (uint32_t k = 0; k < 100; k++)
        give(s, melding(k, STATUS_RECEIVED, 10));
    give(s, other);
    reader_fetch(&r, s, 7);
    assert_int_equal(stand(s, 20, NULL, 0).vervallen, 100);
    assert_int_equal(read_all(s, NULL, 10).n, 1); /* no lapses in a full state */
    reader_fetch(&r, s, 7);
    assert_int_equal(reader_count(&r), 1);
    assert_int_equal(found(s, 1000), 1);
    /* Back again: a new life, with an older statusBegin. */
    struct melding v = melding(3, STATUS_REJECTED, 2);
    assert_int_equal(stand(s, 25, &v, 1).gewijzigd, 1);
    reader_fetch(&r, s, 7);
    assert_reader_holds_state(&r, s);
    store_free(s);
}

static void who_missed_the_lapse_still_hears_of_it_before_the_return(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct reader r = {0};
    struct melding m = melding(1, STATUS_RECEIVED, 2);
    give(s, melding(1, STATUS_ENROLLED, 10));
    reader_fetch(&r, s, 10);
    stand(s, 20, NULL, 0);
    stand(s, 30, &m, 1);
    struct seen v = reader_changes(&r, s, 10);
    assert_int_equal(v.n, 2);
    assert_true(v.e[0].vervallen);
    assert_int_equal(v.e[1].status, STATUS_RECEIVED);
    assert_true(v.e[1].volgnummer > v.e[0].volgnummer);
    assert_reader_holds_state(&r, s);
    store_free(s);
}

static void a_switch_of_opleiding_keeps_or_makes_an_aanmelding(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding m = melding(1, STATUS_RECEIVED, 10),
                   other = melding(2, STATUS_RECEIVED, 10);
    give(s, m);
    m.opleiding = 3;
    m.begin = 11;
    give(s, m);
    struct seen v = read_all(s, NULL, 10);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.e[0].aanmelding, 0);
    assert_int_equal(v.e[0].opleiding, 3);
    other.opleiding = 4; /* a new ketenid */
    give(s, other);
    assert_int_equal(read_all(s, NULL, 10).n, 2);
    store_free(s);
}

static void meldingen_are_known_by_id_and_content(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    struct melding m = melding(1, STATUS_RECEIVED, 10);
    m.id[0] = 1;
    m.content[0] = 5;
    assert_int_equal(store_known(s, &m), MELDING_NEW);
    store_melding(s, &m);
    assert_int_equal(store_known(s, &m), MELDING_SAME);
    m.content[1] = 6;
    assert_int_equal(store_known(s, &m), MELDING_OTHER);
    store_free(s);
}

static void aanmeldids_are_uuids_that_differ_by_key(void **state)
{
    (void)state;
    char a[37], b[37], c[37];
    struct store *s = lab_store(0);
    struct store *other = store_new(&(struct sip_key){{8, 9}}, 0);
    for (uint32_t n = 0; n < 3; n++) {
        give(s, melding(n, STATUS_RECEIVED, 10));
        give(other, melding(n, STATUS_RECEIVED, 10));
    }
    store_aanmeld_id(s, 1, a);
    store_aanmeld_id(s, 2, b);
    store_aanmeld_id(other, 1, c);
    assert_int_equal(strlen(a), 36);
    assert_true(a[14] == '4' && strchr("89ab", a[19]));
    assert_string_not_equal(a, b);
    assert_string_not_equal(a, c);
    store_aanmeld_id(s, 1, b);
    assert_string_equal(a, b);
    store_free(s);
    store_free(other);
}

static void overtaken_statuses_are_told_in_another_order_when_wished(void **state)
{
    (void)state;
    bool turned = false;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct store *s = lab_store(seed);
        struct reader r = {0};
        store_deal(s);
        reader_fetch(&r, s, 10);
        for (int i = 0; i < 4; i++)
            give(s, melding(1, (enum status)(STATUS_RECEIVED + i % 3), 10 + i));
        assert_true(store_undealt(s));
        store_deal(s);
        assert_false(store_undealt(s));
        struct seen v = reader_changes(&r, s, 10);
        assert_int_equal(v.n, 4);
        for (size_t i = 1; i < v.n; i++) {
            assert_true(v.e[i].volgnummer > v.e[i - 1].volgnummer);
            turned |= v.e[i].status_begin < v.e[i - 1].status_begin;
        }
        assert_reader_holds_state(&r, s);
        assert_int_equal(read_all(s, NULL, 10).n, 1); /* a full state: each once */
        /* Once lapsed nothing of it is told any more. */
        stand(s, 100, NULL, 0);
        store_deal(s);
        v = reader_changes(&r, s, 10);
        assert_int_equal(v.n, 1);
        assert_true(v.e[0].vervallen);
        store_free(s);
    }
    assert_true(turned);
}

static void an_echo_ends_with_its_life_and_its_person(void **state)
{
    (void)state;
    struct store *s = lab_store(5);
    struct store_reader at = {0};
    give(s, melding(1, STATUS_RECEIVED, 10));
    give(s, melding(1, STATUS_OFFERED, 11));
    stand(s, 100, NULL, 0);
    give(s, melding(1, STATUS_ENROLLED, 101)); /* another life */
    store_deal(s);
    struct seen v = read_all(s, &at, 10);
    assert_int_equal(v.n, 2);
    assert_true(v.e[0].vervallen);
    assert_int_equal(v.e[1].status, STATUS_ENROLLED);
    give(s, melding(1, STATUS_OFFERED, 102));
    struct melding m = melding(1, STATUS_ENROLLED, 103);
    m.person = 2000; /* another number: the old one is told no more */
    give(s, m);
    store_deal(s);
    v = read_all(s, &at, 10);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.e[0].bsn, 2000);
    store_free(s);
}

static void it_stays_compact(void **state)
{
    (void)state;
    struct store *s = lab_store(0);
    const uint32_t n = 60000;
    for (uint32_t i = 0; i < n; i++) {
        struct melding m = melding(i, STATUS_RECEIVED, 10);
        m.person = 1000 + i;
        m.has_ca = i % 2;
        memcpy(m.ca, &i, sizeof i);
        give(s, m);
    }
    size_t bytes = store_bytes(s);
    assert_true(bytes / n <= 200);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(found(s, 1000 + i), 1);
    /* Superseding everything, over and over, does not make the feed grow. */
    for (int round = 1; round <= 3; round++)
        for (uint32_t i = 0; i < n; i++) {
            struct melding m = melding(i, STATUS_ENROLLED, 10 * (round + 1));
            m.person = 1000 + i;
            m.opleiding = (uint16_t)(round % 2);
            memcpy(m.id, &round, sizeof round); /* the ids are not what is measured */
            store_melding(s, &m);
        }
    assert_true((store_bytes(s) - bytes) / n <= 14); /* room for as many dead as live */
    struct seen v = read_all(s, NULL, 5);
    assert_int_equal(v.n, n);
    store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_begindatum_counts_whatever_the_arrival),
        cmocka_unit_test(rank_decides_at_equal_times),
        cmocka_unit_test(final_statuses_are_left_again),
        cmocka_unit_test(a_repeat_makes_no_change),
        cmocka_unit_test(at_equal_time_and_status_the_last_arrival_counts),
        cmocka_unit_test(another_bsn_is_one_change_of_one_aanmelding),
        cmocka_unit_test(what_is_not_deliverable_is_not_served),
        cmocka_unit_test(a_caketenid_ties_two_ketenids),
        cmocka_unit_test(two_that_turn_out_to_be_one_become_one),
        cmocka_unit_test(a_stand_repairs_what_was_silent_and_only_that),
        cmocka_unit_test(a_late_melding_does_not_undo_a_stand),
        cmocka_unit_test(an_older_stand_settles_nothing_that_a_newer_did),
        cmocka_unit_test(what_is_newer_than_the_peildatum_stays),
        cmocka_unit_test(an_empty_stand_lapses_all_of_its_instelling),
        cmocka_unit_test(who_missed_the_lapse_still_hears_of_it_before_the_return),
        cmocka_unit_test(a_switch_of_opleiding_keeps_or_makes_an_aanmelding),
        cmocka_unit_test(meldingen_are_known_by_id_and_content),
        cmocka_unit_test(aanmeldids_are_uuids_that_differ_by_key),
        cmocka_unit_test(overtaken_statuses_are_told_in_another_order_when_wished),
        cmocka_unit_test(a_repeat_begins_anew_after_what_came_between),
        cmocka_unit_test(the_one_that_readers_know_stays),
        cmocka_unit_test(a_stand_counts_for_all_ketenids_of_one_aanmelding),
        cmocka_unit_test(a_stand_counts_over_what_turns_out_to_be_the_same),
        cmocka_unit_test(two_entries_of_one_aanmelding_are_one_change),
        cmocka_unit_test(a_stand_knows_a_repeat),
        cmocka_unit_test(what_cambo_submitted_does_not_lapse),
        cmocka_unit_test(only_the_last_lapse_is_kept),
        cmocka_unit_test(an_echo_ends_with_its_life_and_its_person),
        cmocka_unit_test(it_stays_compact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
