#include "host_lab.h"

static void a_role_answers_at_once(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, false);
    lab_host(&lab, false);
    assert_int_equal(lab.puppet->ticks, 1); /* by host_new */
    for (int i = 1; i <= 3; i++) {
        fetch(&lab, "intergrip", &g);
        assert_int_equal(g.outcome, CALL_ANSWERED);
        assert_int_equal(g.status, 200);
        assert_int_equal(lab.puppet->requests, i);
        assert_non_null(strstr(g.body, "\"volgende\""));
    }
    assert_int_equal(lab.seen, 3);
    assert_string_equal(lab.seen_op, "aanmeldstatussen.ophalen");
    assert_int_equal(g.at, 0); /* not a nanosecond of virtual time went by */
    got_done(&g);
    lab_end(&lab);
}

static void a_parked_reply_comes_later(void **state)
{
    (void)state;
    struct lab lab;
    struct got a = {0}, b = {0};
    lab_begin(&lab, true);
    lab.puppet->park = true;
    lab_host(&lab, false);
    send_to(&lab, "GET", FEED, "a", NULL, &a);
    send_to(&lab, "GET", FEED, "b", NULL, &b);
    wire_run(lab.wire);
    assert_int_equal(a.status, 200);
    assert_int_equal(b.status, 200);
    assert_int_equal(a.at, 5 * SECOND); /* when its tick came */
    assert_int_equal(lab.puppet->ticks, 2);
    read_lines(&lab);
    assert_int_equal(
        json_integer_value(json_object_get(line_of(&lab, "exchange", 0), "began")), 0);
    assert_int_equal(
        json_integer_value(json_object_get(line_of(&lab, "exchange", 1), "ended")),
        (json_int_t)(5 * SECOND));
    got_done(&a);
    got_done(&b);
    lab_end(&lab);
}

static void a_second_reply_to_one_ticket_is_dropped(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, false);
    lab.puppet->twice = true;
    lab_host(&lab, false);
    for (int i = 1; i <= 2; i++) {
        fetch(&lab, NULL, &g);
        assert_int_equal(g.status, 200);
        assert_int_equal(g.n, i);
    }
    lab.puppet->delay_ns = SECOND; /* also while the first one waits */
    fetch(&lab, NULL, &g);
    assert_int_equal(g.at, SECOND);
    assert_int_equal(g.status, 200);
    assert_int_equal(lab.seen, 3);
    got_done(&g);
    lab_end(&lab);
}

static void the_earliest_wish_is_granted_once(void **state)
{
    (void)state;
    struct lab lab;
    lab_begin(&lab, false);
    lab.puppet->wake[0] = 9 * SECOND;
    lab.puppet->wake[1] = 3 * SECOND;
    lab.puppet->wake[2] = 6 * SECOND;
    lab.puppet->wakes = 3;
    lab_host(&lab, false);
    wire_run(lab.wire);
    assert_int_equal(lab.puppet->ticks, 2);
    assert_int_equal(lab.puppet->ticked_at[0], 0);
    assert_int_equal(lab.puppet->ticked_at[1], 3 * SECOND);
    /* It is gone then: a later wish is heard again. */
    struct got g = {0};
    lab.puppet->park = true;
    fetch(&lab, NULL, &g);
    assert_int_equal(lab.puppet->ticked_at[2], 8 * SECOND);
    got_done(&g);
    lab_end(&lab);
}

/* A later wish does not push an earlier one aside, also from another function. */
static void an_earlier_wish_stands(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, false);
    lab.puppet->wake[0] = 2 * SECOND;
    lab.puppet->wakes = 1;
    lab.puppet->park = true; /* wishes five seconds */
    lab_host(&lab, false);
    fetch(&lab, NULL, &g);
    assert_int_equal(g.at, 2 * SECOND);
    assert_int_equal(lab.puppet->ticks, 2);
    got_done(&g);
    lab_end(&lab);
}

static void what_it_serves_is_journalled(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, true);
    lab_host(&lab, true);
    send_to(&lab, "GET", FEED "?limiet=5&sinds=c1", "overstapsysteem:intergrip", NULL,
            &g);
    wire_run(lab.wire);
    read_lines(&lab);
    assert_int_equal(count_of(&lab, "exchange"), 1);
    json_t *x = line_of(&lab, "exchange", 0);
    assert_string_equal(member(x, "from"), "overstapsysteem:intergrip");
    assert_string_equal(member(x, "to"), "koppelpunt");
    assert_string_equal(member(x, "side"), "server");
    assert_string_equal(member(x, "op"), "aanmeldstatussen.ophalen");
    assert_string_equal(member(x, "outcome"), "answered");
    assert_string_equal(member(x, "scenario"), "a-scenario");
    assert_string_equal(member(x, "fault"), "<undef>");
    assert_string_equal(member(x, "url"), "<undef>");
    json_t *message = json_object_get(x, "message"),
           *answer = json_object_get(x, "answer");
    assert_string_equal(member(message, "sinds"), "c1");
    assert_int_equal(json_integer_value(json_object_get(message, "limiet")), 5);
    assert_string_equal(member(answer, "volgende"), "c1");
    assert_int_equal(json_array_size(json_object_get(answer, "aanmeldstatussen")), 1);
    assert_true(json_is_array(json_object_get(x, "faults")));
    assert_int_equal(json_array_size(json_object_get(x, "faults")), 0);
    got_done(&g);
    lab_end(&lab);
}

/* The faults on the server's side are those of what was asked, never of our answer. */
static void the_faults_are_those_of_the_peer(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, true);
    lab.puppet->text = "{\"verkeerd\":1}";
    lab_host(&lab, true);
    send_to(&lab, "POST", "/v1/statusmeldingen", "sis:25LH", "{\"statusmeldingen\":[{}]}",
            &g);
    send_to(&lab, "GET", FEED, "x", NULL, &g);
    send_to(&lab, "GET", FEED "?limiet=0", "x", NULL, &g);
    wire_run(lab.wire);
    read_lines(&lab);
    json_t *x = line_of(&lab, "exchange", 0);
    assert_string_equal(member(x, "op"), "statusmeldingen.indienen");
    assert_true(json_array_size(json_object_get(x, "faults")) > 3);
    assert_null(json_object_get(x, "message"));
    x = line_of(&lab, "exchange", 1);
    assert_int_equal(json_array_size(json_object_get(x, "faults")), 0);
    assert_null(json_object_get(x, "answer"));
    x = line_of(&lab, "exchange", 2);
    json_t *fault = json_array_get(json_object_get(x, "faults"), 0);
    assert_string_equal(member(fault, "pointer"), "/limiet");
    assert_string_not_equal(member(fault, "reden"), "<undef>");
    got_done(&g);
    lab_end(&lab);
}

static void a_wrong_media_type_is_a_fault_of_the_whole(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, true);
    lab_host(&lab, true);
    send_to(&lab, "POST", "/v1/statusmeldingen", "x", NULL, &g); /* no body, no type */
    wire_run(lab.wire);
    read_lines(&lab);
    json_t *fault =
        json_array_get(json_object_get(line_of(&lab, "exchange", 0), "faults"), 0);
    assert_string_equal(member(fault, "pointer"), "");
    assert_string_equal(member(fault, "reden"), "status-415");
    got_done(&g);
    lab_end(&lab);
}

static void without_canonical_exchanges_are_bare(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, true);
    lab_host(&lab, false);
    fetch(&lab, "x", &g);
    read_lines(&lab);
    json_t *x = line_of(&lab, "exchange", 0);
    assert_string_equal(member(x, "op"), "aanmeldstatussen.ophalen");
    assert_null(json_object_get(x, "message"));
    assert_null(json_object_get(x, "answer"));
    assert_null(json_object_get(x, "faults"));
    got_done(&g);
    lab_end(&lab);
}

static void large_bodies_are_not_read(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, true);
    lab_host(&lab, true);
    size_t sizes[] = {300 << 10, 500 << 10}; /* beyond canonical, beyond the listener's */
    for (size_t i = 0; i < 2; i++) {
        char *body = xmalloc(sizes[i] + 1);
        memset(body, ' ', sizes[i]);
        body[sizes[i]] = '\0';
        send_to(&lab, "POST", "/v1/statusmeldingen", "x", body, &g);
        wire_run(lab.wire);
        free(body);
        assert_int_equal(g.status, 202);
        assert_true(lab.puppet->body_n == (i == 0 ? sizes[i] : SIZE_MAX));
    }
    read_lines(&lab);
    for (size_t i = 0; i < 2; i++) {
        json_t *x = line_of(&lab, "exchange", i);
        assert_null(json_object_get(x, "message"));
        assert_null(json_object_get(x, "faults"));
        assert_non_null(json_object_get(x, "answer"));
    }
    got_done(&g);
    lab_end(&lab);
}

static void an_unknown_caller_is_a_client(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, true);
    lab_host(&lab, true);
    send_to(&lab, "GET", "/nowhere", NULL, NULL, &g);
    wire_run(lab.wire);
    read_lines(&lab);
    assert_string_equal(member(line_of(&lab, "exchange", 0), "from"), "client");
    assert_string_equal(member(line_of(&lab, "exchange", 0), "op"), "");
    got_done(&g);
    lab_end(&lab);
}

static void an_observers_operations_have_names(void **state)
{
    (void)state;
    static const char *const paths[] = {"/waarnemingen", "/leerlingen",
                                        "/eigen-aanmeldingen", "/ophalen?x=1", "/anders"};
    static const char *const names[] = {"waarnemer.waarnemingen", "waarnemer.leerlingen",
                                        "waarnemer.eigen-aanmeldingen",
                                        "waarnemer.ophalen", ""};
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, true);
    free(lab.puppet);
    lab.puppet = puppet_new(&lab, true);
    lab_host(&lab, true);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        send_to(&lab, "POST", paths[i], NULL, "{\"school\":\"02QZ00\"}", &g);
        wire_run(lab.wire);
    }
    read_lines(&lab);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        json_t *x = line_of(&lab, "exchange", i);
        assert_string_equal(member(x, "op"), names[i]);
        assert_string_equal(member(x, "from"), names[i][0] ? "waarnemer" : "client");
        if (!names[i][0])
            continue;
        assert_string_equal(member(json_object_get(x, "message"), "school"), "02QZ00");
        assert_int_equal(
            json_integer_value(json_object_get(json_object_get(x, "answer"), "a")), 1);
    }
    got_done(&g);
    lab_end(&lab);
}

/* Two hosts: the one calls the other. */
static void what_it_calls_is_journalled(void **state)
{
    (void)state;
    struct lab lab, far;
    lab_begin(&lab, true);
    memset(&far, 0, sizeof far);
    far.wire = lab.wire;
    far.profile = lab.profile;
    far.puppet = puppet_new(&far, false);
    far.puppet->text = "{\"aanmeldstatussen\":[],\"meer\":false}"; /* no volgende */
    lab_host(&far, false);
    lab.puppet->calls = host_url(far.host);
    lab_host(&lab, true);
    wire_run(lab.wire);
    assert_int_equal(far.puppet->requests, 1);
    assert_int_equal(lab.puppet->answers, 1);
    assert_int_equal(lab.puppet->answered_id, 77);
    assert_int_equal(lab.puppet->outcome, CALL_ANSWERED);
    assert_int_equal(lab.puppet->status, 200);
    read_lines(&lab);
    json_t *x = line_of(&lab, "exchange", 0);
    assert_string_equal(member(x, "from"), "koppelpunt");
    assert_string_equal(member(x, "to"), "elsewhere");
    assert_string_equal(member(x, "side"), "client");
    assert_string_equal(member(x, "op"), "aanmeldstatussen.ophalen");
    assert_string_equal(member(x, "url"), host_url(far.host));
    assert_string_equal(member(json_object_get(x, "message"), "sinds"), "x");
    json_t *fault = json_array_get(json_object_get(x, "faults"), 0);
    assert_string_equal(member(fault, "pointer"), "/volgende");
    host_free(far.host);
    lab_end(&lab);
}

static void a_lost_call_is_told_and_journalled(void **state)
{
    (void)state;
    struct lab lab;
    lab_begin(&lab, true);
    lab.puppet->calls = "http://memory-99";
    lab_host(&lab, true);
    wire_run(lab.wire);
    assert_int_equal(lab.puppet->outcome, CALL_REFUSED);
    read_lines(&lab);
    json_t *x = line_of(&lab, "exchange", 0);
    assert_string_equal(member(x, "outcome"), "refused");
    assert_string_not_equal(member(x, "detail"), "<undef>");
    assert_null(json_object_get(x, "response"));
    assert_null(json_object_get(x, "answer"));
    lab_end(&lab);
}

static void down_refuses_and_up_comes_back_on_the_same_port(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    struct err e = {0};
    lab_begin(&lab, true);
    lab_host(&lab, false);
    char *url = xstrdup(host_url(lab.host));
    assert_int_equal(host_up(lab.host, &e), 0); /* it is up: nothing happens */
    fetch(&lab, NULL, &g);
    assert_int_equal(g.outcome, CALL_ANSWERED);
    host_down(lab.host);
    host_down(lab.host);
    fetch(&lab, NULL, &g);
    assert_int_equal(g.outcome, CALL_REFUSED);
    assert_int_equal(host_up(lab.host, &e), 0);
    assert_string_equal(host_url(lab.host), url);
    fetch(&lab, NULL, &g);
    assert_int_equal(g.outcome, CALL_ANSWERED);
    assert_int_equal(lab.puppet->requests, 2);
    free(url);
    got_done(&g);
    lab_end(&lab);
}

static void down_resets_what_is_parked(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, true);
    lab.puppet->park = true;
    lab_host(&lab, false);
    send_to(&lab, "GET", FEED, "x", NULL, &g);
    run_until(&lab, SECOND);
    assert_int_equal(lab.puppet->requests, 1);
    assert_int_equal(g.n, 0);
    host_down(lab.host);
    lab.puppet->park = false;
    wire_run(lab.wire); /* the tick answers a ticket that is gone */
    assert_int_equal(lab.puppet->ticks, 2);
    assert_int_equal(g.n, 1);
    assert_int_equal(g.outcome, CALL_RESET);
    read_lines(&lab);
    assert_int_equal(count_of(&lab, "exchange"), 1);
    assert_string_equal(member(line_of(&lab, "exchange", 0), "outcome"), "reset");
    assert_null(json_object_get(line_of(&lab, "exchange", 0), "response"));
    got_done(&g);
    lab_end(&lab);
}

/* A ticket is used again after a fall; the late reply must not reach its new owner. */
static void an_old_ticket_answers_nobody_else(void **state)
{
    (void)state;
    struct lab lab;
    struct got a = {0}, b = {0};
    struct err e = {0};
    lab_begin(&lab, false);
    lab.puppet->park = true;
    lab_host(&lab, false);
    send_to(&lab, "GET", FEED, "a", NULL, &a);
    run_until(&lab, SECOND);
    host_down(lab.host);
    assert_int_equal(host_up(lab.host, &e), 0);
    send_to(&lab, "GET", FEED, "b", NULL, &b);
    wire_run(lab.wire); /* the tick replies to both tickets, the old one first */
    assert_int_equal((uint32_t)lab.puppet->tickets[0], (uint32_t)lab.puppet->tickets[1]);
    assert_int_equal(a.outcome, CALL_RESET);
    assert_int_equal(b.n, 1);
    assert_string_equal(b.body, "{\"a\":1}");
    got_done(&a);
    got_done(&b);
    lab_end(&lab);
}

static void going_down_while_seen_is_fine(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    lab_begin(&lab, true);
    lab_host(&lab, true);
    lab.down_when_seen = true;
    fetch(&lab, "x", &g);
    assert_int_equal(lab.seen, 1);
    fetch(&lab, "x", &g);
    assert_int_equal(g.outcome, CALL_REFUSED);
    got_done(&g);
    lab_end(&lab);
}

/* Nothing is left behind: the sanitizers look. */
static void it_can_end_in_the_middle_of_things(void **state)
{
    (void)state;
    struct lab lab;
    struct got a = {0}, b = {0};
    lab_begin(&lab, true);
    lab.puppet->park = true;
    lab.puppet->calls = "http://memory-99";
    lab_host(&lab, true);
    struct host_fault f = {.id = "slow", .delay_ns = 9 * SECOND, .retry_after = -1};
    send_to(&lab, "GET", FEED, "a", NULL, &a);
    run_until(&lab, SECOND);
    host_fault_set(lab.host, &f);
    send_to(&lab, "GET", FEED, "b", NULL, &b);
    run_until(&lab, 2 * SECOND);
    assert_int_equal(lab.puppet->requests, 1);
    int was_seen = lab.seen;
    lab_end(&lab);
    assert_int_equal(lab.seen, was_seen); /* its owner is not bothered any more */
    assert_int_equal(a.outcome, CALL_RESET);
    assert_int_equal(b.outcome, CALL_RESET);
    got_done(&a);
    got_done(&b);
}

static void a_call_in_flight_ends_with_the_host(void **state)
{
    (void)state;
    struct lab lab;
    lab_begin(&lab, false);
    lab.puppet->calls = "http://memory-99";
    lab_host(&lab, false);
    host_free(lab.host); /* the call has not been answered yet */
    lab.host = NULL;
    lab_end(&lab);
}

/* The same through sockets: a door more, nothing else. */
static void the_real_door_will_do(void **state)
{
    (void)state;
    struct lab lab;
    struct got g = {0};
    struct err e = {0};
    lab_begin(&lab, true);
    wire_free(lab.wire);
    assert_int_equal(wire_real_new(&lab.wire, &e), 0);
    g.stop = lab.wire;
    lab_host(&lab, true);
    fetch(&lab, "x", &g);
    assert_int_equal(g.outcome, CALL_ANSWERED);
    assert_non_null(strstr(g.body, "\"c1\""));
    char *url = xstrdup(host_url(lab.host));
    host_down(lab.host);
    fetch(&lab, "x", &g);
    assert_int_equal(g.outcome, CALL_REFUSED);
    assert_int_equal(host_up(lab.host, &e), 0);
    assert_string_equal(host_url(lab.host), url);
    struct host_fault f = {
        .id = "f", .delay_ns = NS_PER_MS, .status = 503, .retry_after = 1};
    f.count = 1;
    host_fault_set(lab.host, &f);
    fetch(&lab, "x", &g);
    assert_int_equal(g.status, 503);
    assert_string_equal(g.retry_after, "1");
    lab.puppet->park = true;
    send_to(&lab, "GET", FEED, "x", NULL, &g);
    /* The role wishes five seconds; the host goes down as soon as it holds the request.
     */
    while (lab.puppet->requests < 2)
        run_until(&lab, wire_now(lab.wire) + NS_PER_MS);
    host_down(lab.host);
    while (g.n < 4)
        wire_run(lab.wire);
    assert_int_equal(g.outcome, CALL_RESET);
    read_lines(&lab);
    assert_int_equal(count_of(&lab, "exchange"), 3);
    free(url);
    got_done(&g);
    host_free(lab.host);
    lab.host = NULL;
    run_until(&lab, wire_now(lab.wire) + NS_PER_MS);
    lab_end(&lab);
}

static void reload_reaches_the_role(void **state)
{
    (void)state;
    struct lab lab;
    struct err e = {0};
    lab_begin(&lab, false);
    lab_host(&lab, false);
    assert_int_equal(host_reload(lab.host, &e), 0);
    assert_int_equal(lab.puppet->reloads, 1);
    assert_int_equal(host_reload(lab.host, &e), E_INVALID);
    assert_string_equal(e.text, "not again");
    lab_end(&lab);
    lab_begin(&lab, false);
    free(lab.puppet);
    lab.puppet = puppet_new(&lab, true); /* knows no reload */
    lab_host(&lab, false);
    assert_int_equal(host_reload(lab.host, NULL), 0);
    lab_end(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_answers_at_once),
        cmocka_unit_test(a_parked_reply_comes_later),
        cmocka_unit_test(a_second_reply_to_one_ticket_is_dropped),
        cmocka_unit_test(the_earliest_wish_is_granted_once),
        cmocka_unit_test(an_earlier_wish_stands),
        cmocka_unit_test(what_it_serves_is_journalled),
        cmocka_unit_test(the_faults_are_those_of_the_peer),
        cmocka_unit_test(a_wrong_media_type_is_a_fault_of_the_whole),
        cmocka_unit_test(without_canonical_exchanges_are_bare),
        cmocka_unit_test(large_bodies_are_not_read),
        cmocka_unit_test(an_unknown_caller_is_a_client),
        cmocka_unit_test(an_observers_operations_have_names),
        cmocka_unit_test(what_it_calls_is_journalled),
        cmocka_unit_test(a_lost_call_is_told_and_journalled),
        cmocka_unit_test(down_refuses_and_up_comes_back_on_the_same_port),
        cmocka_unit_test(down_resets_what_is_parked),
        cmocka_unit_test(an_old_ticket_answers_nobody_else),
        cmocka_unit_test(going_down_while_seen_is_fine),
        cmocka_unit_test(it_can_end_in_the_middle_of_things),
        cmocka_unit_test(a_call_in_flight_ends_with_the_host),
        cmocka_unit_test(the_real_door_will_do),
        cmocka_unit_test(reload_reaches_the_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
