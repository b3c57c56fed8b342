#include "host_lab.h"

static struct host_fault fault(const char *id)
{
    return (struct host_fault){.id = id, .nth = 1, .count = 1, .retry_after = -1};
}

static void feed_lab(struct lab *lab, bool journal)
{
    lab_begin(lab, journal);
    lab_host(lab, true);
}

/* ---- which request ---- */

static void nth_and_count_are_exact(void **state)
{
    (void)state;
    static const struct {
        int nth, count;
        const char *hits; /* per request */
    } cases[] = {
        {1, 1, "x....."}, {2, 1, ".x...."}, {2, 3, ".xxx.."},
        {1, 0, "xxxxxx"}, {3, 0, "..xxxx"}, {0, 1, "x....."},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct lab lab;
        struct got g = {0};
        feed_lab(&lab, true);
        struct host_fault f = fault("f");
        f.nth = cases[i].nth;
        f.count = cases[i].count;
        f.status = 503;
        host_fault_set(lab.host, &f);
        size_t hits = 0;
        for (size_t k = 0; cases[i].hits[k]; k++) {
            fetch(&lab, "x", &g);
            bool hit = cases[i].hits[k] == 'x';
            assert_int_equal(g.status, hit ? 503 : 200);
            hits += hit;
        }
        read_lines(&lab);
        assert_int_equal(count_of(&lab, "fault"), 1 + hits); /* set, and each hit */
        assert_int_equal(lab.puppet->requests, strlen(cases[i].hits) - hits);
        got_done(&g);
        lab_end(&lab);
    }
}

static void only_the_operation_and_caller_named_are_counted(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, true);
    struct host_fault f = fault("f");
    f.op = OP_OPHALEN;
    f.from = "digidoor";
    f.nth = 2;
    f.status = 503;
    host_fault_set(lab.host, &f);
    fetch(&lab, "digidoor", &g); /* 1 */
    assert_int_equal(g.status, 200);
    fetch(&lab, "intergrip", &g);
    assert_int_equal(g.status, 200);
    send_to(&lab, "GET", "/v1/gezondheid", "digidoor", NULL, &g);
    wire_run(lab.wire);
    assert_int_equal(g.status, 404); /* as the puppet has it */
    fetch(&lab, "digidoor", &g);     /* 2 */
    assert_int_equal(g.status, 503);
    fetch(&lab, "digidoor", &g);
    assert_int_equal(g.status, 200);
    got_done(&g);
    lab_end(&lab);
}

/* Two faults whose turn it is on one request: the second one waits, neither is lost. */
static void two_faults_take_turns(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, false);
    struct host_fault a = fault("a"), b = fault("b"), c = fault("c");
    a.status = 500;
    b.status = 503;
    c.status = 429;
    c.nth = 2;
    host_fault_set(lab.host, &a);
    host_fault_set(lab.host, &b);
    host_fault_set(lab.host, &c);
    static const int want[] = {500, 503, 429, 200};
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        fetch(&lab, "x", &g);
        assert_int_equal(g.status, want[i]);
    }
    got_done(&g);
    lab_end(&lab);
}

static void setting_again_replaces_and_clearing_ends(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, true);
    struct host_fault f = fault("f");
    f.count = 0;
    f.status = 500;
    host_fault_set(lab.host, &f);
    f.status = 503;
    host_fault_set(lab.host, &f);
    fetch(&lab, "x", &g);
    assert_int_equal(g.status, 503);
    host_fault_clear(lab.host, "other");
    fetch(&lab, "x", &g);
    assert_int_equal(g.status, 503);
    host_fault_clear(lab.host, "f");
    fetch(&lab, "x", &g);
    assert_int_equal(g.status, 200);
    host_fault_set(lab.host, &f);
    f.id = "g";
    host_fault_set(lab.host, &f);
    host_fault_clear(lab.host, NULL);
    fetch(&lab, "x", &g);
    assert_int_equal(g.status, 200);
    read_lines(&lab);
    static const char *const phases[] = {"set", "set", "hit",     "hit",    "cleared",
                                         "set", "set", "cleared", "cleared"};
    assert_int_equal(count_of(&lab, "fault"), ARRAY_LEN(phases));
    for (size_t i = 0; i < ARRAY_LEN(phases); i++)
        assert_string_equal(member(line_of(&lab, "fault", i), "phase"), phases[i]);
    got_done(&g);
    lab_end(&lab);
}

static void a_hit_is_named_in_the_journal(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, true);
    struct host_fault f = fault("first-page-503");
    f.op = OP_OPHALEN;
    f.status = 503;
    f.retry_after = 7;
    host_fault_set(lab.host, &f);
    fetch(&lab, "x", &g);
    fetch(&lab, "x", &g);
    read_lines(&lab);
    json_t *hit = line_of(&lab, "fault", 1);
    assert_string_equal(member(hit, "id"), "first-page-503");
    assert_string_equal(member(hit, "phase"), "hit");
    assert_string_equal(member(hit, "on"), "aanmeldstatussen.ophalen");
    assert_string_equal(member(hit, "what"),
                        "status 503, Retry-After 7 s, before the handler");
    assert_string_equal(member(hit, "scenario"), "a-scenario");
    json_t *x = line_of(&lab, "exchange", 0);
    assert_string_equal(member(x, "fault"), "first-page-503");
    assert_true(json_integer_value(json_object_get(hit, "seq")) <
                json_integer_value(json_object_get(x, "seq")));
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(x, "answer"), "status")), 503);
    assert_string_equal(member(line_of(&lab, "exchange", 1), "fault"), "<undef>");
    got_done(&g);
    lab_end(&lab);
}

/* ---- phases ---- */

static void before_leaves_the_role_alone_and_after_does_not(void **state)
{
    (void)state;
    for (int after = 0; after < 2; after++) {
        struct lab lab;
        struct got g = {0};
        feed_lab(&lab, true);
        struct host_fault f = fault("f");
        f.after = after == 1;
        f.cut = CUT_RESET;
        host_fault_set(lab.host, &f);
        fetch(&lab, "x", &g);
        assert_int_equal(g.outcome, CALL_RESET);
        assert_int_equal(lab.puppet->requests, after);
        read_lines(&lab);
        json_t *x = line_of(&lab, "exchange", 0);
        assert_string_equal(member(x, "outcome"), "reset");
        assert_string_equal(member(x, "fault"), "f");
        assert_null(json_object_get(x, "response"));
        got_done(&g);
        lab_end(&lab);
    }
}

static void a_delay_comes_before_or_after_the_side_effect(void **state)
{
    (void)state;
    for (int after = 0; after < 2; after++) {
        struct lab lab;
        struct got g = {0};
        feed_lab(&lab, true);
        struct host_fault f = fault("f");
        f.after = after == 1;
        f.delay_ns = 4 * SECOND;
        host_fault_set(lab.host, &f);
        fetch(&lab, "x", &g);
        assert_int_equal(g.status, 200);
        assert_int_equal(g.at, 4 * SECOND);
        assert_int_equal(lab.puppet->requests, 1);
        assert_int_equal(lab.puppet->seen_at, after ? 0 : 4 * SECOND);
        read_lines(&lab);
        assert_int_equal(
            json_integer_value(json_object_get(line_of(&lab, "exchange", 0), "ended")),
            (json_int_t)(4 * SECOND));
        assert_int_equal(count_of(&lab, "fault"), 2); /* set, hit once */
        got_done(&g);
        lab_end(&lab);
    }
}

static void a_delay_goes_with_the_rest(void **state)
{
    (void)state;
    for (int after = 0; after < 2; after++) {
        struct lab lab;
        struct got g = {0};
        feed_lab(&lab, false);
        struct host_fault f = fault("f");
        f.after = after == 1;
        f.delay_ns = 2 * SECOND;
        f.status = 500;
        lab.puppet->delay_ns = SECOND; /* the role's own adds up */
        host_fault_set(lab.host, &f);
        fetch(&lab, "x", &g);
        assert_int_equal(g.status, 500);
        assert_int_equal(g.at, after ? 3 * SECOND : 2 * SECOND);
        assert_int_equal(lab.puppet->requests, after);
        got_done(&g);
        lab_end(&lab);
    }
}

/* ---- kinds ---- */

static void a_status_is_a_problem_of_the_contract(void **state)
{
    (void)state;
    static const int statuses[] = {400, 401, 403, 404, 410, 413, 415, 429, 500, 503};
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, false);
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct host_fault f = fault("f");
        f.status = statuses[i];
        f.after = i % 2 == 1;
        host_fault_set(lab.host, &f);
        fetch(&lab, "x", &g);
        assert_int_equal(g.status, statuses[i]);
        assert_string_equal(g.type, "application/problem+json");
        assert_non_null(strstr(g.body, "\"status\""));
        assert_null(g.retry_after);
    }
    /* One that the contract doesn't know has no body. */
    struct host_fault f = fault("f");
    f.status = 502;
    host_fault_set(lab.host, &f);
    fetch(&lab, "x", &g);
    assert_int_equal(g.status, 502);
    assert_true(!g.body || g.body[0] == '\0');
    got_done(&g);
    lab_end(&lab);
}

static void retry_after_is_seconds_or_a_date(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, false);
    static const struct {
        double seconds;
        bool date;
        const char *want;
    } cases[] = {{0, false, "0"},
                 {3, false, "3"},
                 {0.2, false, "1"},
                 {2, true, "Mon, 01 May 2023 00:00:02 GMT"},
                 {2.5, true, "Mon, 01 May 2023 00:00:03 GMT"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct host_fault f = fault("f");
        f.status = i % 2 ? 503 : 500; /* on a status that has none by itself, too */
        f.retry_after = cases[i].seconds;
        f.retry_after_date = cases[i].date;
        host_fault_set(lab.host, &f);
        fetch(&lab, "x", &g);
        assert_non_null(g.retry_after);
        assert_string_equal(g.retry_after, cases[i].want);
    }
    got_done(&g);
    lab_end(&lab);
}

static void an_answer_is_cut_short(void **state)
{
    (void)state;
    for (int after = 0; after < 2; after++) {
        struct lab lab;
        struct got g = {0};
        feed_lab(&lab, true);
        fetch(&lab, "x", &g);
        size_t whole = strlen(g.body);
        struct host_fault f = fault("f");
        f.cut = CUT_TRUNCATE;
        f.after = after == 1;
        host_fault_set(lab.host, &f);
        fetch(&lab, "x", &g);
        assert_int_equal(g.outcome, CALL_TRUNCATED);
        assert_int_equal(strlen(g.body), whole / 2);
        assert_int_equal(lab.puppet->requests, 2); /* there must be an answer to cut */
        read_lines(&lab);
        json_t *x = line_of(&lab, "exchange", 1);
        assert_string_equal(member(x, "outcome"), "truncated");
        assert_null(json_object_get(x, "answer"));
        /* With a body of its own the role is not needed. */
        f.body = "half of this";
        f.after = false;
        host_fault_set(lab.host, &f);
        fetch(&lab, "x", &g);
        assert_string_equal(g.body, "half o");
        assert_int_equal(lab.puppet->requests, 2);
        got_done(&g);
        lab_end(&lab);
    }
}

static void silence_lasts_until_the_caller_gives_up(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, true);
    struct host_fault f = fault("f");
    f.cut = CUT_SILENT;
    f.after = true;
    host_fault_set(lab.host, &f);
    fetch(&lab, "x", &g);
    assert_int_equal(g.outcome, CALL_TIMEOUT);
    assert_int_equal(g.at, 20 * SECOND);
    assert_int_equal(lab.puppet->requests, 1);
    read_lines(&lab);
    assert_string_equal(member(line_of(&lab, "exchange", 0), "outcome"), "timeout");
    got_done(&g);
    lab_end(&lab);
}

static void a_body_is_replaced(void **state)
{
    (void)state;
    for (int after = 0; after < 2; after++) {
        struct lab lab;
        struct got g = {0};
        feed_lab(&lab, true);
        struct host_fault f = fault("f");
        f.body = "<html>onderhoud</html>";
        f.content_type = "text/html";
        f.after = after == 1;
        host_fault_set(lab.host, &f);
        fetch(&lab, "x", &g);
        assert_int_equal(g.status, 200);
        assert_string_equal(g.body, "<html>onderhoud</html>");
        assert_string_equal(g.type, "text/html");
        assert_int_equal(lab.puppet->requests, after);
        read_lines(&lab);
        assert_null(json_object_get(line_of(&lab, "exchange", 0), "answer"));
        f = fault("f"); /* a status of its own, and no type */
        f.body = "{}";
        f.status = 500;
        f.after = after == 1;
        host_fault_set(lab.host, &f);
        fetch(&lab, "x", &g);
        assert_int_equal(g.status, 500);
        assert_string_equal(g.body, "{}");
        f = fault("f"); /* a good page under a wrong type */
        f.content_type = "text/plain";
        host_fault_set(lab.host, &f);
        fetch(&lab, "x", &g);
        assert_string_equal(g.type, "text/plain");
        assert_non_null(strstr(g.body, "volgende"));
        got_done(&g);
        lab_end(&lab);
    }
}

static void a_redirect_has_a_location(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, false);
    struct host_fault f = fault("f");
    f.location = "http://memory-99/elsewhere";
    host_fault_set(lab.host, &f);
    fetch(&lab, "x", &g);
    assert_int_equal(g.status, 307);
    assert_string_equal(g.location, "http://memory-99/elsewhere");
    f.status = 302;
    host_fault_set(lab.host, &f);
    fetch(&lab, "x", &g);
    assert_int_equal(g.status, 302);
    assert_int_equal(lab.puppet->requests, 0);
    got_done(&g);
    lab_end(&lab);
}

static void the_last_answer_is_given_again(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, true);
    struct host_fault f = fault("again");
    f.replay_last = true;
    host_fault_set(lab.host, &f);
    fetch(&lab, "a", &g); /* nothing to give again yet: the fault waits */
    assert_non_null(strstr(g.body, "\"c1\""));
    fetch(&lab, "b", &g); /* somebody else's */
    assert_non_null(strstr(g.body, "\"c2\""));
    fetch(&lab, "a", &g);
    assert_non_null(strstr(g.body, "\"c1\""));
    assert_string_equal(g.request_id, "a");
    assert_int_equal(lab.puppet->requests, 2);
    fetch(&lab, "a", &g); /* once only */
    assert_non_null(strstr(g.body, "\"c3\""));
    read_lines(&lab);
    assert_string_equal(member(line_of(&lab, "exchange", 2), "fault"), "again");
    assert_int_equal(count_of(&lab, "fault"), 2);
    got_done(&g);
    lab_end(&lab);
}

#define PAGE(n, cursor)                                                                  \
    "{\"aanmeldstatussen\":[{\"volgnummer\":" n ",\"aanmeldId\":\"a-1\","                \
    "\"vervallen\":true}],\"volgende\":\"" cursor "\",\"meer\":false}"

/* The entries of the first page that this caller got, with the cursor of now. */
static void an_old_page_comes_again(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, true);
    lab.puppet->text = PAGE("1", "first");
    fetch(&lab, "a", &g);
    lab.puppet->text = PAGE("4", "then");
    fetch(&lab, "b", &g);
    fetch(&lab, "a", &g);
    lab.puppet->text = PAGE("5", "now");
    struct host_fault f = fault("old");
    f.op = OP_OPHALEN;
    f.old_page = true;
    host_fault_set(lab.host, &f);
    fetch(&lab, "a", &g);
    assert_non_null(strstr(g.body, "\"volgnummer\":1,"));
    assert_null(strstr(g.body, "\"volgnummer\":5,"));
    assert_non_null(strstr(g.body, "\"now\""));
    fetch(&lab, "a", &g); /* once only */
    assert_non_null(strstr(g.body, "\"volgnummer\":5,"));
    read_lines(&lab);
    assert_string_equal(member(line_of(&lab, "exchange", 3), "fault"), "old");
    got_done(&g);
    lab_end(&lab);
}

/* A refusal in between is not what is meant by the last answer, a slow page is. */
static void a_failure_is_never_given_again(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, false);
    struct host_fault f = fault("again"), bad = fault("bad"), slow = fault("slow");
    f.replay_last = true;
    f.after = true;
    f.nth = 3;
    bad.status = 503;
    bad.nth = 2;
    host_fault_set(lab.host, &f);
    host_fault_set(lab.host, &bad);
    slow.delay_ns = SECOND;
    host_fault_set(lab.host, &slow);
    fetch(&lab, "a", &g);
    assert_int_equal(g.at, SECOND);
    fetch(&lab, "a", &g);
    assert_int_equal(g.status, 503);
    fetch(&lab, "a", &g);
    assert_int_equal(g.status, 200);
    assert_non_null(strstr(g.body, "\"c1\""));
    assert_int_equal(lab.puppet->requests, 2); /* after its side effect */
    got_done(&g);
    lab_end(&lab);
}

static void a_duplicate_is_handled_twice_and_answered_once(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, true);
    struct host_fault f = fault("twice");
    f.op = OP_INDIENEN;
    f.duplicate = true;
    host_fault_set(lab.host, &f);
    send_to(&lab, "POST", "/v1/statusmeldingen", "sis", "{}", &g);
    wire_run(lab.wire);
    assert_int_equal(g.n, 1);
    assert_int_equal(lab.puppet->requests, 2);
    assert_non_null(strstr(g.body, "2")); /* the second answer */
    assert_int_equal(lab.seen, 1);
    read_lines(&lab);
    assert_int_equal(count_of(&lab, "exchange"), 1);
    assert_string_equal(member(line_of(&lab, "exchange", 0), "fault"), "twice");
    send_to(&lab, "POST", "/v1/statusmeldingen", "sis", "{}", &g);
    wire_run(lab.wire);
    assert_int_equal(lab.puppet->requests, 3);
    got_done(&g);
    lab_end(&lab);
}

static void a_duplicate_may_be_parked_too(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, true);
    lab.puppet->park = true;
    lab_host(&lab, true);
    struct host_fault f = fault("twice");
    f.duplicate = true;
    host_fault_set(lab.host, &f);
    fetch(&lab, "x", &g);
    assert_int_equal(lab.puppet->requests, 2);
    assert_int_equal(g.status, 200);
    assert_int_equal(g.n, 1);
    assert_int_equal(lab.seen, 1);
    got_done(&g);
    lab_end(&lab);
}

static void cursor_to_z(void *arg, json_t *canonical)
{
    ++*(int *)arg;
    json_object_set_new(canonical, "volgende", json_string("zz"));
    json_t *entry = json_array_get(json_object_get(canonical, "aanmeldstatussen"), 0);
    json_object_set_new(entry, "volgnummer", json_integer(99));
}

static void an_edit_changes_the_meaning(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    int edits = 0;
    feed_lab(&lab, true);
    struct host_fault f = fault("edit");
    f.edit = cursor_to_z;
    f.edit_arg = &edits;
    host_fault_set(lab.host, &f);
    /* No answer of success: nothing to edit, and its turn is not lost. */
    send_to(&lab, "GET", "/nowhere", "x", NULL, &g);
    wire_run(lab.wire);
    assert_int_equal(edits, 0);
    fetch(&lab, "x", &g);
    assert_int_equal(edits, 1);
    assert_int_equal(g.status, 200);
    assert_string_equal(g.type, "application/json");
    json_t *body = json_loads(g.body, 0, NULL);
    assert_string_equal(member(body, "volgende"), "zz");
    json_t *entry = json_array_get(json_object_get(body, "aanmeldstatussen"), 0);
    assert_int_equal(json_integer_value(json_object_get(entry, "volgnummer")), 99);
    assert_string_equal(member(entry, "aanmeldId"), "a-7");
    json_decref(body);
    fetch(&lab, "x", &g);
    assert_int_equal(edits, 1);
    read_lines(&lab);
    assert_string_equal(member(line_of(&lab, "exchange", 0), "fault"), "<undef>");
    assert_string_equal(member(line_of(&lab, "exchange", 1), "fault"), "edit");
    assert_string_equal(
        member(json_object_get(line_of(&lab, "exchange", 1), "answer"), "volgende"),
        "zz");
    assert_int_equal(count_of(&lab, "fault"), 2);
    got_done(&g);
    lab_end(&lab);
}

/* Whoever clears an edit may free what it points at. */
static void a_cleared_edit_is_not_called(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    feed_lab(&lab, true);
    int *edits = xcalloc(1, sizeof *edits);
    struct host_fault f = fault("edit");
    f.edit = cursor_to_z;
    f.edit_arg = edits;
    f.delay_ns = 4 * SECOND;
    host_fault_set(lab.host, &f);
    send_to(&lab, "GET", FEED, "x", NULL, &g);
    run_until(&lab, SECOND);
    host_fault_clear(lab.host, "edit");
    assert_int_equal(*edits, 0);
    free(edits);
    wire_run(lab.wire);
    assert_int_equal(g.at, 4 * SECOND);
    assert_non_null(strstr(g.body, "\"c1\""));
    got_done(&g);
    lab_end(&lab);
}

static void without_journal_faults_work_as_well(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, false);
    struct host_config c = {
        .wire = lab.wire, .actor = "koppelpunt", .profile = lab.profile, .who = who};
    lab.host = host_new(&c, &lab.puppet->role);
    listen_at(&lab);
    fetch(&lab, "x", &g);
    struct host_fault f = fault("f");
    f.op = OP_OPHALEN;
    f.from = "x";
    f.status = 503;
    host_fault_set(lab.host, &f);
    fetch(&lab, "y", &g);
    assert_int_equal(g.status, 200);
    fetch(&lab, "x", &g);
    assert_int_equal(g.status, 503);
    f.status = 0;
    f.replay_last = true;
    host_fault_set(lab.host, &f);
    fetch(&lab, "x", &g); /* answers are kept from here on */
    fetch(&lab, "x", &g);
    assert_int_equal(lab.puppet->requests, 3);
    assert_int_equal(g.status, 200);
    assert_int_equal(lab.seen, 0);
    got_done(&g);
    lab_end(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nth_and_count_are_exact),
        cmocka_unit_test(only_the_operation_and_caller_named_are_counted),
        cmocka_unit_test(two_faults_take_turns),
        cmocka_unit_test(setting_again_replaces_and_clearing_ends),
        cmocka_unit_test(a_hit_is_named_in_the_journal),
        cmocka_unit_test(before_leaves_the_role_alone_and_after_does_not),
        cmocka_unit_test(a_delay_comes_before_or_after_the_side_effect),
        cmocka_unit_test(a_delay_goes_with_the_rest),
        cmocka_unit_test(a_status_is_a_problem_of_the_contract),
        cmocka_unit_test(retry_after_is_seconds_or_a_date),
        cmocka_unit_test(an_answer_is_cut_short),
        cmocka_unit_test(silence_lasts_until_the_caller_gives_up),
        cmocka_unit_test(a_body_is_replaced),
        cmocka_unit_test(a_redirect_has_a_location),
        cmocka_unit_test(the_last_answer_is_given_again),
        cmocka_unit_test(an_old_page_comes_again),
        cmocka_unit_test(a_failure_is_never_given_again),
        cmocka_unit_test(a_duplicate_is_handled_twice_and_answered_once),
        cmocka_unit_test(a_duplicate_may_be_parked_too),
        cmocka_unit_test(an_edit_changes_the_meaning),
        cmocka_unit_test(a_cleared_edit_is_not_called),
        cmocka_unit_test(without_journal_faults_work_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
