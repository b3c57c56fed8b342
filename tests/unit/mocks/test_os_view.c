/* The view of an overstapsysteem: what it shows follows from what was seen, not from the
 * order in which it came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/mocks/os_view_words.h"

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
    last.listed = 0;
    more.listed = 1; /* on whichever page */
    os_view_take_page(v, &more);
    more.begins = false;
    more.listed = 0;
    os_view_take_page(v, &more);
    assert_false(os_view_would_empty(v, &last));
    more.begins = true; /* but not in a run that was given up */
    os_view_restart(v);
    os_view_take_page(v, &more);
    assert_true(os_view_would_empty(v, &last));
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
