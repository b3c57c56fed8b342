/* Serving and keeping, seen from the wire: KP-LEV-*, KP-ORD-05, KP-ROB-01. */
#include "kp_lab.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static void give_many(struct kp *k, int from, int to)
{
    json_t *list = json_array();
    for (int i = from; i < to; i++)
        json_array_append_new(list, kp_melding(k, i, "RECEIVED", T0));
    assert_int_equal(kp_give_list(k, k->sis, list), 202);
}

static void pages_honour_limiet(void **state)
{
    struct kp *k = *state;
    static const int limits[] = {1, 2, 7, 50, 1000};
    give_many(k, 0, 60);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        json_t *v = kp_read(k, NULL, limits[i], NULL);
        assert_int_equal(json_array_size(v), 60);
        for (size_t j = 1; j < 60; j++)
            assert_true(
                json_integer_value(json_object_get(json_array_get(v, j), "volgnummer")) >
                json_integer_value(
                    json_object_get(json_array_get(v, j - 1), "volgnummer")));
        json_decref(v);
    }
    assert_int_equal(kp_page(k, NULL, 60), 200); /* exactly full: no more */
    assert_true(json_is_false(json_object_get(k->answer, "meer")));
    assert_int_equal(kp_page(k, NULL, 59), 200);
    assert_true(json_is_true(json_object_get(k->answer, "meer")));
    assert_int_equal(kp_page(k, NULL, 1001), 400);
    assert_true(kp_names(k, "/limiet", NULL));
    give_many(k, 100, 600);
    assert_int_equal(kp_page(k, NULL, 0), 200); /* 500 when not asked otherwise */
    assert_int_equal(json_array_size(json_object_get(k->answer, "aanmeldstatussen")),
                     500);
}

static void an_empty_feed_has_a_cursor_too(void **state)
{
    struct kp *k = *state;
    char *cursor = NULL;
    assert_int_equal(kp_page(k, NULL, 0), 200);
    assert_int_equal(json_array_size(json_object_get(k->answer, "aanmeldstatussen")), 0);
    assert_true(json_is_false(json_object_get(k->answer, "meer")));
    cursor = xstrdup(json_string_value(json_object_get(k->answer, "volgende")));
    assert_true(strlen(cursor) > 0);
    give_many(k, 0, 3);
    json_t *v = kp_read(k, cursor, 0, &cursor);
    assert_int_equal(json_array_size(v), 3);
    json_decref(v);
    v = kp_read(k, cursor, 0, &cursor);
    assert_int_equal(json_array_size(v), 0);
    json_decref(v);
    free(cursor);
}

static void who_pages_while_others_write_misses_nothing(void **state)
{
    struct kp *k = *state;
    struct {
        char id[40], status[16];
        json_int_t number;
    } held[200];
    size_t n = 0;
    char *cursor = NULL;
    bool meer = true;
    give_many(k, 0, 40);
    for (int round = 0; meer; round++) {
        assert_int_equal(kp_page(k, cursor, 3), 200);
        json_t *list = json_object_get(k->answer, "aanmeldstatussen");
        for (size_t i = 0; i < json_array_size(list); i++) {
            size_t j = 0;
            json_int_t number = json_integer_value(
                json_object_get(json_array_get(list, i), "volgnummer"));
            while (j < n && strcmp(held[j].id, kp_text(list, i, "/aanmeldId")))
                j++;
            if (j == n)
                held[n++].number = 0;
            assert_true(number > held[j].number);
            /* Another number, then also another status (KP-ORD-05). */
            assert_true(!held[j].number ||
                        strcmp(held[j].status, kp_text(list, i, "/status")));
            snprintf(held[j].id, sizeof held[j].id, "%s", kp_text(list, i, "/aanmeldId"));
            snprintf(held[j].status, sizeof held[j].status, "%s",
                     kp_text(list, i, "/status"));
            held[j].number = number;
        }
        meer = json_is_true(json_object_get(k->answer, "meer"));
        free(cursor);
        cursor = xstrdup(json_string_value(json_object_get(k->answer, "volgende")));
        if (round < 8) { /* behind and before the reader, and new ones */
            kp_give(k, k->sis, kp_melding(k, round, "OFFERED", minute(1)));
            kp_give(k, k->sis, kp_melding(k, 39 - round, "OFFERED", minute(1)));
            kp_give(k, k->sis, kp_melding(k, 100 + round, "RECEIVED", minute(1)));
            kp_give(k, k->sis, kp_melding(k, 20, "RECEIVED", T0)); /* a repeat */
        }
    }
    json_t *v = kp_read(k, NULL, 0, NULL);
    assert_int_equal(json_array_size(v), n);
    assert_int_equal(n, 48);
    for (size_t i = 0; i < json_array_size(v); i++) {
        size_t j = 0;
        while (j < n && strcmp(held[j].id, kp_text(v, i, "/aanmeldId")))
            j++;
        assert_true(j < n);
        assert_string_equal(held[j].status, kp_text(v, i, "/status"));
    }
    json_decref(v);
    free(cursor);
}

static void a_lapse_carries_no_personal_data(void **state)
{
    struct kp *k = *state;
    char *cursor = NULL;
    give_many(k, 0, 2);
    json_t *v = kp_read(k, NULL, 0, &cursor);
    char id[40];
    snprintf(id, sizeof id, "%s", kp_text(v, 1, "/aanmeldId"));
    json_decref(v);
    kp_stand(k, minute(5), json_pack("[o]", kp_entry(k, 0, "RECEIVED", T0)));
    v = kp_read(k, cursor, 0, &cursor);
    assert_int_equal(json_array_size(v), 1);
    assert_int_equal(json_object_size(json_array_get(v, 0)), 3);
    assert_true(json_is_true(json_at(v, "/0/vervallen")));
    assert_string_equal(kp_text(v, 0, "/aanmeldId"), id);
    json_decref(v);
    assert_int_equal(kp_count(k), 1); /* none in a full state */
    /* It comes back under the same aanmeldId, with a higher volgnummer (KP-LEV-13). */
    kp_give(k, k->sis, kp_melding(k, 1, "OFFERED", minute(6)));
    v = kp_read(k, cursor, 0, &cursor);
    assert_int_equal(json_array_size(v), 1);
    assert_string_equal(kp_text(v, 0, "/aanmeldId"), id);
    assert_string_equal(kp_text(v, 0, "/status"), "OFFERED");
    json_decref(v);
    free(cursor);
}

static void what_is_no_cursor_of_ours_is_refused(void **state)
{
    struct kp *k = *state;
    char *cursor = NULL;
    give_many(k, 0, 3);
    json_decref(kp_read(k, NULL, 2, &cursor));
    static const char *const wrong[] = {
        "x", "0", "-1", "999999999999", "../../etc/passwd", "%00", "null"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(kp_page(k, wrong[i], 0), 400);
        assert_string_equal(kp_code(k), "ongeldige-cursor");
        assert_null(strstr(k->response.body, "passwd"));
    }
    /* Not one digit of one can be another. */
    for (size_t i = 0; i < strlen(cursor); i++) {
        char c = cursor[i];
        cursor[i] = c == '0' ? '1' : '0';
        assert_int_equal(kp_page(k, cursor, 0), 400);
        cursor[i] = c;
    }
    assert_int_equal(kp_page(k, cursor, 0), 200);
    struct http_request req;
    profile_ask(k->profile, OP_OPHALEN, NULL, k->intergrip, &req);
    free(req.target);
    req.target = xstrdup("/v1/aanmeldstatussen?sinds=");
    assert_int_equal(kp_send(k, OP_OPHALEN, &req), 400);
    free(cursor);
}

static void cursors_lapse_after_their_time(void **state)
{
    struct kp *k = *state;
    char *cursor = NULL;
    k->config.cursor_seconds = 10;
    kp_restart(k);
    give_many(k, 0, 3);
    json_decref(kp_read(k, NULL, 0, &cursor));
    kp_pass(k, 10);
    json_decref(kp_read(k, cursor, 0, &cursor)); /* a new one each time */
    kp_pass(k, 10);
    assert_int_equal(kp_page(k, cursor, 0), 200);
    kp_pass(k, 0.001);
    assert_int_equal(kp_page(k, cursor, 0), 410);
    assert_string_equal(kp_code(k), "cursor-verlopen");
    assert_int_equal(kp_count(k), 3); /* beginning again works */
    free(cursor);
}

static void the_laboratory_lapses_cursors(void **state)
{
    struct kp *k = *state;
    char *cursor = NULL;
    give_many(k, 0, 3);
    json_decref(kp_read(k, NULL, 0, &cursor));
    koppelpunt_lapse_cursors(k->role);
    assert_int_equal(kp_page(k, cursor, 0), 410);
    kp_restart(k);
    assert_int_equal(kp_page(k, cursor, 0), 410);
    json_decref(kp_read(k, NULL, 0, &cursor));
    assert_int_equal(kp_page(k, cursor, 0), 200);
    free(cursor);
}

static void everything_survives_a_restart(void **state)
{
    struct kp *k = *state;
    char *cursor = NULL, *middle = NULL;
    json_t *m = kp_melding(k, 7, "RECEIVED", T0);
    give_many(k, 0, 20);
    kp_give(k, k->sis, json_copy(m));
    kp_give(k, k->sis,
            kp_with(kp_melding(k, 3, "RECEIVED", T0), "opleidingcode", "25604"));
    kp_stand(k, minute(5),
             json_pack("[o,o]", kp_entry(k, 3, "ENROLLED", minute(2)),
                       kp_entry(k, 30, "RECEIVED", minute(2))));
    kp_give(k, k->sis, kp_melding(k, 12, "RECEIVED", minute(7)));
    assert_int_equal(kp_page(k, NULL, 1), 200);
    middle = xstrdup(json_string_value(json_object_get(k->answer, "volgende")));
    json_t *before = kp_read(k, NULL, 0, &cursor);
    json_t *rest = kp_read(k, middle, 0, NULL);
    k->config.seed = 8; /* of what starts from now on; a state keeps its own */
    kp_restart(k);
    json_t *after = kp_read(k, NULL, 0, NULL);
    assert_int_equal(json_array_size(before), 3);
    assert_true(json_equal(before, after)); /* number for number, id for id */
    json_decref(after);
    after = kp_read(k, middle, 0, NULL);
    assert_true(json_equal(rest, after));
    assert_int_equal(json_array_size(after), 2);
    json_decref(after);
    after = kp_read(k, cursor, 0, NULL);
    assert_int_equal(json_array_size(after), 0);
    json_decref(after);
    /* What was taken in before is known. */
    assert_int_equal(kp_give(k, k->sis, json_copy(m)), 202);
    assert_int_equal(kp_number(k, "dubbel"), 1);
    assert_int_equal(kp_give(k, k->sis, kp_with(m, "status", "OFFERED")), 409);
    /* And a stand still counts. */
    kp_give(k, k->sis, kp_melding(k, 5, "ENROLLED", minute(4)));
    assert_int_equal(kp_count(k), 3);
    json_decref(before);
    json_decref(rest);
    free(cursor);
    free(middle);
}

static void a_torn_record_is_dropped(void **state)
{
    struct kp *k = *state;
    char path[120], *log;
    size_t n;
    give_many(k, 0, 3);
    snprintf(path, sizeof path, "%s/koppelpunt.log", k->state);
    give_many(k, 10, 11);
    assert_int_equal(file_read(path, 1 << 20, &log, &n, NULL), 0);
    k->role->ops->free(k->role);
    assert_int_equal(truncate(path, (off_t)n - 5), 0);
    kp_start(k);
    assert_int_equal(kp_count(k), 3);
    give_many(k, 20, 22);
    kp_restart(k);
    assert_int_equal(kp_count(k), 5);
    free(log);
}

static void what_cannot_be_kept_is_not_accepted(void **state)
{
    struct kp *k = *state;
    struct rlimit old, none;
    give_many(k, 0, 1);
    json_t *m = kp_melding(k, 1, "RECEIVED", T0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    none = old;
    none.rlim_cur = 10;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    int status = kp_give(k, k->sis, json_copy(m));
    const char *retry = http_fields_get(&k->response.fields, "Retry-After");
    bool has_retry = retry && strtol(retry, NULL, 10) >= 1;
    int stand = kp_stand(k, minute(5), json_array());
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(status, 503);
    assert_int_equal(stand, 503);
    assert_true(has_retry);
    assert_int_equal(kp_count(k), 1);
    assert_int_equal(kp_give(k, k->sis, m), 202); /* repeated: new, not dubbel */
    assert_int_equal(kp_number(k, "aangenomen"), 1);
    kp_restart(k);
    assert_int_equal(kp_count(k), 2);
}

static void without_a_folder_nothing_is_kept(void **state)
{
    struct kp *k = *state;
    char *cursor = NULL;
    k->config.state_dir = NULL;
    kp_restart(k);
    give_many(k, 0, 3);
    json_decref(kp_read(k, NULL, 0, &cursor));
    kp_restart(k);
    assert_int_equal(kp_page(k, cursor, 0), 410); /* not a silent gap */
    assert_int_equal(kp_count(k), 0);
    give_many(k, 0, 9); /* nor when its numbers are there again */
    assert_int_equal(kp_page(k, cursor, 0), 410);
    free(cursor);
}

static void searching_finds_all_of_a_person(void **state)
{
    struct kp *k = *state;
    give_many(k, 0, 3);
    kp_give(k, k->sis, kp_with(kp_melding(k, 9, "ENROLLED", T0), "bsn", "999990408"));
    assert_int_equal(kp_ask(k, OP_ZOEKEN,
                            json_pack("{s[s,s,s]}", "bsns", BSN, "999990421", BSN),
                            k->intergrip),
                     200);
    json_t *v = json_incref(json_object_get(k->answer, "aanmeldstatussen"));
    assert_int_equal(json_array_size(v), 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(kp_text(v, i, "/bsn"), BSN);
    /* The same entries as in the feed. */
    json_t *feed = kp_read(k, NULL, 3, NULL);
    assert_true(json_equal(json_array_get(feed, 0), json_array_get(v, 0)));
    json_decref(feed);
    json_decref(v);
    /* Nobody known: nothing to tell it apart. */
    assert_int_equal(
        kp_ask(k, OP_ZOEKEN, json_pack("{s[s]}", "bsns", "999990421"), k->intergrip),
        200);
    assert_string_equal(k->response.body, "{\"aanmeldstatussen\":[]}");
    /* Lapsed: likewise. */
    kp_stand(k, minute(5), json_array());
    assert_int_equal(kp_ask(k, OP_ZOEKEN, json_pack("{s[s]}", "bsns", BSN), k->intergrip),
                     200);
    assert_string_equal(k->response.body, "{\"aanmeldstatussen\":[]}");
}

static void a_wrong_search_is_refused_by_place(void **state)
{
    struct kp *k = *state;
    json_t *m = json_pack("{s[s,s,s]}", "bsns", BSN, "999990018", "12");
    assert_int_equal(kp_ask(k, OP_ZOEKEN, m, k->intergrip), 400);
    assert_true(kp_names(k, "/bsns/1", "elfproef"));
    assert_true(kp_names(k, "/bsns/2", NULL));
    assert_int_equal(kp_fouten(k), 2);
    assert_null(strstr(k->response.body, "999990018"));
    m = json_pack("{s[s]}", "bsns", "999990018");
    assert_int_equal(kp_ask(k, OP_ZOEKEN, m, k->intergrip), 400);
    json_t *many = json_array();
    for (int i = 0; i < 101; i++)
        json_array_append_new(many, json_string(BSN));
    assert_int_equal(kp_ask(k, OP_ZOEKEN, json_pack("{so}", "bsns", many), k->intergrip),
                     400);
    assert_int_equal(kp_ask(k, OP_ZOEKEN, json_pack("{s[]}", "bsns"), k->intergrip), 400);
}

static void a_smaller_page_may_be_set(void **state)
{
    struct kp *k = *state;
    k->config.page_max = 2;
    kp_restart(k);
    give_many(k, 0, 5);
    assert_int_equal(kp_page(k, NULL, 100), 200);
    assert_int_equal(json_array_size(json_object_get(k->answer, "aanmeldstatussen")), 2);
    assert_true(json_is_true(json_object_get(k->answer, "meer")));
    assert_int_equal(kp_count(k), 5);
}

static void changes_may_come_in_another_order(void **state)
{
    struct kp *k = *state;
    bool turned = false;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        char *cursor = NULL;
        snprintf(k->state, sizeof k->state, "%s/shuffle%d", k->dir, (int)seed);
        k->config.shuffle = seed;
        kp_restart(k);
        give_many(k, 10, 15);
        json_decref(kp_read(k, NULL, 0, &cursor));
        kp_give(k, k->sis, kp_melding(k, 1, "RECEIVED", minute(1)));
        kp_give(k, k->sis, kp_melding(k, 1, "OFFERED", minute(2)));
        kp_give(k, k->sis, kp_melding(k, 1, "ENROLLED", minute(3)));
        json_t *v = kp_read(k, cursor, 0, NULL);
        assert_int_equal(json_array_size(v), 3);
        for (size_t i = 1; i < 3; i++)
            turned |= strcmp(kp_text(v, i - 1, "/statusBegin"),
                             kp_text(v, i, "/statusBegin")) > 0;
        assert_int_equal(kp_count(k), 6); /* a full state: each once */
        kp_restart(k);
        json_t *again = kp_read(k, cursor, 0, NULL);
        assert_true(json_equal(v, again));
        json_decref(v);
        json_decref(again);
        free(cursor);
    }
    assert_true(turned);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, kp_setup, kp_teardown)
    const struct CMUnitTest tests[] = {
        T(pages_honour_limiet),
        T(an_empty_feed_has_a_cursor_too),
        T(who_pages_while_others_write_misses_nothing),
        T(a_lapse_carries_no_personal_data),
        T(what_is_no_cursor_of_ours_is_refused),
        T(cursors_lapse_after_their_time),
        T(the_laboratory_lapses_cursors),
        T(everything_survives_a_restart),
        T(a_torn_record_is_dropped),
        T(what_cannot_be_kept_is_not_accepted),
        T(without_a_folder_nothing_is_kept),
        T(searching_finds_all_of_a_person),
        T(a_wrong_search_is_refused_by_place),
        T(a_smaller_page_may_be_set),
        T(changes_may_come_in_another_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
