/* Taking in, seen from the wire: KP-INT-*, KP-ORD-*, KP-STA-*. */
#include "kp_lab.h"

static void an_accepted_melding_is_served(void **state)
{
    struct kp *k = *state;
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 1, "RECEIVED", T0)), 202);
    assert_int_equal(kp_number(k, "aangenomen"), 1);
    assert_int_equal(kp_number(k, "dubbel"), 0);
    json_t *v = kp_read(k, NULL, 0, NULL);
    assert_int_equal(json_array_size(v), 1);
    /* These keys are all that may be there (KP-LEV-01, -03). */
    assert_int_equal(json_object_size(json_array_get(v, 0)), 7);
    assert_int_equal(json_integer_value(json_at(v, "/0/volgnummer")), 1);
    assert_int_equal(strlen(kp_text(v, 0, "/aanmeldId")), 36);
    assert_string_equal(kp_text(v, 0, "/bsn"), BSN);
    assert_string_equal(kp_text(v, 0, "/status"), "RECEIVED");
    assert_string_equal(kp_text(v, 0, "/statusBegin"), T0);
    assert_string_equal(kp_text(v, 0, "/instelling/code"), "25LH");
    assert_string_equal(kp_text(v, 0, "/instelling/naam"), "ROC Mídden Nederland");
    assert_string_equal(kp_text(v, 0, "/opleiding/code"), "25655");
    assert_string_equal(kp_text(v, 0, "/opleiding/naam"), "Mbo-Verpleegkundige");
    json_decref(v);
}

static void the_same_again_is_dubbel_by_value(void **state)
{
    struct kp *k = *state;
    json_t *m = kp_with(kp_melding(k, 1, "RECEIVED", T0), "caketenid",
                        "1b4e28ba-2fa1-4d8e-9c35-8f6f0d2c7a10");
    json_t *again = json_object();
    const char *key;
    json_t *v;
    json_object_set(again, "identificatie", json_object_get(m, "identificatie"));
    json_object_foreach (m, key, v)
        json_object_set(again, key, v); /* another key order */
    kp_with(again, "meldingId", "00000000-0000-4000-8000-00000000ABCD");
    kp_with(m, "meldingId", "00000000-0000-4000-8000-00000000abcd");
    kp_with(again, "caketenid", "1B4E28BA-2FA1-4D8E-9C35-8F6F0D2C7A10");
    kp_with(again, "begindatum", "2023-05-02T08:00:00.000Z");
    /* Twice in one batch, and once more. */
    assert_int_equal(kp_give_list(k, k->sis, json_pack("[O,O]", m, again)), 202);
    assert_int_equal(kp_number(k, "aangenomen"), 1);
    assert_int_equal(kp_number(k, "dubbel"), 1);
    assert_int_equal(kp_give(k, k->sis, again), 202);
    assert_int_equal(kp_number(k, "aangenomen"), 0);
    assert_int_equal(kp_number(k, "dubbel"), 1);
    json_decref(m);
    json_t *all = kp_read(k, NULL, 0, NULL);
    assert_int_equal(json_integer_value(json_at(all, "/0/volgnummer")), 1);
    json_decref(all);
}

static void another_content_under_one_id_is_refused_whole(void **state)
{
    struct kp *k = *state;
    static const char *const other[][2] = {
        {"status", "OFFERED"},
        {"begindatum", "2023-05-02T08:00:00.001Z"},
        {"bsn", "999990408"},
        {"opleidingcode", "25604"},
        {"leertrajectmbo", "BBL"},
        {"startmoment", "2023-08-01"},
        {"ketenid", "25LH:00000002"},
        {"identificatie", "FYSIEK"},
        {"caketenid", "1b4e28ba-2fa1-4d8e-9c35-8f6f0d2c7a10"}};
    json_t *m = kp_melding(k, 1, "RECEIVED", T0);
    assert_int_equal(kp_give(k, k->sis, json_copy(m)), 202);
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        json_t *changed = kp_with(json_copy(m), other[i][0], other[i][1]);
        json_t *fine = kp_melding(k, 50, "RECEIVED", T0);
        assert_int_equal(kp_give_list(k, k->sis, json_pack("[o,o]", fine, changed)), 409);
        assert_string_equal(kp_code(k), "melding-afwijkend");
    }
    /* Also within one batch. */
    json_t *a = kp_melding(k, 60, "RECEIVED", T0);
    json_t *b = kp_with(json_copy(a), "status", "OFFERED");
    assert_int_equal(kp_give_list(k, k->sis, json_pack("[o,o]", a, b)), 409);
    json_t *all = kp_read(k, NULL, 0, NULL);
    assert_int_equal(json_array_size(all),
                     1); /* the first stands, nothing else came in */
    assert_string_equal(kp_text(all, 0, "/status"), "RECEIVED");
    json_decref(all);
    json_decref(m);
}

static void every_fault_is_named_and_nothing_kept(void **state)
{
    struct kp *k = *state;
    json_t *list = json_array();
    json_array_append_new(list, kp_melding(k, 1, "RECEIVED", T0)); /* right */
    json_array_append_new(list,
                          kp_with(kp_melding(k, 2, "RECEIVED", T0), "bsn", "999990018"));
    json_array_append_new(
        list, kp_with(kp_with(kp_melding(k, 3, "RECEIVED", T0), "bsn", NULL),
                      "onderwijsnummer", BSN)); /* a bsn in the other's field */
    json_array_append_new(list,
                          kp_with(kp_melding(k, 4, "RECEIVED", T0), "bsn", "101000012"));
    json_array_append_new(
        list, kp_with(kp_melding(k, 5, "RECEIVED", T0), "onderwijsnummer", "101000012"));
    json_array_append_new(list, kp_with(kp_melding(k, 6, "RECEIVED", T0), "bsn", NULL));
    json_array_append_new(
        list, kp_with(kp_melding(k, 7, "RECEIVED", T0), "opleidingcode", "99999"));
    json_array_append_new(
        list, kp_with(kp_melding(k, 8, "RECEIVED", T0), "identificatie", "GEEN"));
    json_array_append_new(
        list, kp_with(kp_melding(k, 9, "RECEIVED", T0), "statussource", "CAMBO"));
    json_array_append_new(list, kp_melding(k, 10, "SUBMITTED", T0));
    json_array_append_new(list,
                          kp_melding(k, 11, "RECEIVED", "2023-05-02T12:05:00.001Z"));
    json_array_append_new(
        list, kp_with(kp_melding(k, 12, "RECEIVED", T0), "ketenid", "25PZ:00000012"));
    json_array_append_new(
        list, kp_melding(k, 13, "RECEIVED", "2023-05-02T12:05:00Z")); /* right */
    assert_int_equal(kp_give_list(k, k->sis, list), 400);
    assert_string_equal(kp_code(k), "ongeldige-invoer");
    assert_true(kp_names(k, "/statusmeldingen/1/bsn", "elfproef"));
    assert_true(kp_names(k, "/statusmeldingen/2/onderwijsnummer", "elfproef"));
    assert_true(kp_names(k, "/statusmeldingen/3/bsn", "elfproef"));
    assert_true(kp_names(k, "/statusmeldingen/4/bsn", NULL));
    assert_true(kp_names(k, "/statusmeldingen/4/onderwijsnummer", NULL));
    assert_true(kp_names(k, "/statusmeldingen/5/bsn", NULL));
    assert_true(kp_names(k, "/statusmeldingen/6/opleidingcode", NULL));
    assert_true(
        kp_names(k, "/statusmeldingen/7/identificatie", "identificatie-ontbreekt"));
    assert_true(kp_names(k, "/statusmeldingen/8/statussource", NULL));
    assert_true(kp_names(k, "/statusmeldingen/9/status", NULL));
    assert_true(kp_names(k, "/statusmeldingen/10/begindatum", NULL));
    assert_true(kp_names(k, "/statusmeldingen/11/ketenid", NULL));
    assert_int_equal(kp_fouten(k), 12); /* and no other */
    assert_null(strstr(k->response.body, "999990018"));
    assert_null(strstr(k->response.body, "101000012"));
    assert_null(strstr(k->response.body, "99999"));
    assert_int_equal(kp_count(k), 0);
}

static void faults_of_form_and_of_meaning_are_named_together(void **state)
{
    struct kp *k = *state;
    json_t *list = json_array(), *extra = kp_melding(k, 1, "RECEIVED", T0);
    json_object_set_new(extra, "extraOndersteuning", json_string("ja"));
    json_object_set_new(extra, "ouder", json_pack("{ss}", "naam", "P. de Canarie"));
    json_array_append_new(list, extra);
    json_array_append_new(list,
                          kp_with(kp_melding(k, 2, "RECEIVED", T0), "bsn", "999990018"));
    json_array_append_new(list,
                          kp_with(kp_melding(k, 3, "RECEIVED", T0), "ketenid", NULL));
    json_t *typed = kp_melding(k, 4, "RECEIVED", T0);
    json_object_set_new(typed, "bsn", json_integer(999990019));
    json_array_append_new(list, typed);
    json_array_append_new(list, json_string("nothing"));
    assert_int_equal(kp_give_list(k, k->sis, list), 400);
    assert_true(kp_names(k, "/statusmeldingen/0/extraOndersteuning", NULL));
    assert_true(kp_names(k, "/statusmeldingen/0/ouder", NULL));
    assert_true(kp_names(k, "/statusmeldingen/1/bsn", "elfproef"));
    assert_true(kp_names(k, "/statusmeldingen/2/ketenid", NULL));
    assert_true(kp_names(k, "/statusmeldingen/3/bsn", NULL));
    assert_true(kp_names(k, "/statusmeldingen/4", NULL));
    assert_int_equal(kp_fouten(k), 6);
    assert_null(strstr(k->response.body, "Canarie"));
    assert_int_equal(kp_count(k), 0);
    /* Not even in what is kept. */
    char *log;
    size_t n;
    char path[120];
    snprintf(path, sizeof path, "%s/koppelpunt.log", k->state);
    assert_int_equal(file_read(path, 1 << 20, &log, &n, NULL), 0);
    assert_null(strstr(log, "Canarie"));
    assert_null(strstr(log, BSN));
    free(log);
}

static void a_batch_holds_1_to_500(void **state)
{
    struct kp *k = *state;
    json_t *list = json_array();
    assert_int_equal(kp_give_list(k, k->sis, json_array()), 400);
    assert_int_equal(kp_fouten(k), 1);
    for (int i = 0; i < 500; i++)
        json_array_append_new(list, kp_melding(k, i, "RECEIVED", T0));
    assert_int_equal(kp_give_list(k, k->sis, json_incref(list)), 202);
    assert_int_equal(kp_number(k, "aangenomen"), 500);
    json_array_append_new(list, kp_melding(k, 500, "RECEIVED", T0));
    assert_int_equal(kp_give_list(k, k->sis, list), 400);
    assert_int_equal(kp_fouten(k), 1);
    assert_true(kp_names(k, "/statusmeldingen", NULL));
}

static void a_sis_only_sends_for_its_own_brin(void **state)
{
    struct kp *k = *state;
    json_t *foreign = kp_with(
        kp_with(kp_melding(k, 1, "RECEIVED", T0), "instellingserkenningscode", "25PZ"),
        "ketenid", "25PZ:00000001");
    assert_int_equal(
        kp_give_list(k, k->sis,
                     json_pack("[o,O]", kp_melding(k, 2, "RECEIVED", T0), foreign)),
        403);
    assert_string_equal(kp_code(k), "niet-toegestaan");
    assert_int_equal(kp_count(k), 0);
    assert_int_equal(kp_give(k, k->sis2, json_copy(foreign)), 202);
    /* Its own, but in no table: 400. */
    kp_with(kp_with(foreign, "instellingserkenningscode", "99ZZ"), "ketenid",
            "99ZZ:00000001");
    assert_int_equal(kp_give(k, k->sis2, foreign), 400);
    assert_true(kp_names(k, "/statusmeldingen/0/instellingserkenningscode", NULL));
}

static json_t *of_cambo(json_t *m)
{
    return kp_with(m, "statussource", "CAMBO");
}

static void each_source_sends_its_own_statuses(void **state)
{
    struct kp *k = *state;
    static const char *const statuses[] = {"SUBMITTED", "RECEIVED",  "OFFERED",
                                           "REJECTED",  "WITHDRAWN", "ENROLLED"};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        bool submitted = i == 0, withdrawn = i == 4;
        json_t *m = kp_melding(k, (int)i, statuses[i], T0);
        assert_int_equal(kp_give(k, k->sis, m), submitted ? 400 : 202);
        m = of_cambo(kp_melding(k, (int)i, statuses[i], T0));
        assert_int_equal(kp_give(k, k->cambo, m), submitted || withdrawn ? 202 : 400);
        m = kp_melding(k, (int)i, statuses[i], T0);
        assert_int_equal(kp_give(k, k->cambo, m), 400); /* says SIS */
        assert_true(kp_names(k, "/statusmeldingen/0/statussource", NULL));
    }
    /* SUBMITTED needs no identification; WITHDRAWN does. */
    assert_int_equal(kp_give(k, k->cambo,
                             kp_with(of_cambo(kp_melding(k, 20, "SUBMITTED", T0)),
                                     "identificatie", "GEEN")),
                     202);
    assert_int_equal(kp_give(k, k->cambo,
                             kp_with(of_cambo(kp_melding(k, 20, "WITHDRAWN", T0)),
                                     "identificatie", "GEEN")),
                     400);
    assert_true(
        kp_names(k, "/statusmeldingen/0/identificatie", "identificatie-ontbreekt"));
}

static void cambo_and_the_sis_speak_of_one_aanmelding(void **state)
{
    struct kp *k = *state;
    const char *ca = "1b4e28ba-2fa1-4d8e-9c35-8f6f0d2c7a10";
    json_t *m =
        kp_with(of_cambo(kp_melding(k, 1, "SUBMITTED", minute(1))), "caketenid", ca);
    assert_int_equal(kp_give(k, k->cambo, m), 202);
    assert_int_equal(kp_count(k), 0); /* KP-LEV-12 */
    m = kp_with(kp_melding(k, 2, "RECEIVED", minute(2)), "caketenid",
                "1B4E28BA-2FA1-4D8E-9C35-8F6F0D2C7A10");
    assert_int_equal(kp_give(k, k->sis, m), 202);
    m = of_cambo(kp_melding(k, 1, "WITHDRAWN", minute(3)));
    assert_int_equal(kp_give(k, k->cambo, m), 202);
    json_t *v = kp_read(k, NULL, 0, NULL);
    assert_int_equal(json_array_size(v), 1);
    assert_string_equal(kp_text(v, 0, "/status"), "WITHDRAWN");
    json_decref(v);
}

static void a_person_without_bsn_is_taken_in_but_not_delivered(void **state)
{
    struct kp *k = *state;
    json_t *m = kp_with(kp_with(kp_melding(k, 1, "RECEIVED", T0), "bsn", NULL),
                        "onderwijsnummer", "101000012");
    assert_int_equal(kp_give(k, k->sis, m), 202);
    assert_int_equal(kp_count(k), 0);
    kp_restart(k);
    assert_int_equal(kp_count(k), 0);
}

static void leading_zeros_stay(void **state)
{
    struct kp *k = *state;
    const char *bsn = "000000012"; /* 2*1 - 2 = 0 */
    assert_int_equal(
        kp_give(k, k->sis, kp_with(kp_melding(k, 1, "RECEIVED", T0), "bsn", bsn)), 202);
    json_t *v = kp_read(k, NULL, 0, NULL);
    assert_string_equal(kp_text(v, 0, "/bsn"), bsn);
    json_decref(v);
    assert_int_equal(kp_ask(k, OP_ZOEKEN, json_pack("{s[s]}", "bsns", bsn), k->intergrip),
                     200);
    assert_int_equal(json_array_size(json_object_get(k->answer, "aanmeldstatussen")), 1);
}

static void order_is_by_begindatum_then_rank(void **state)
{
    struct kp *k = *state;
    char *cursor = NULL;
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 1, "ENROLLED", minute(9))), 202);
    json_decref(kp_read(k, NULL, 0, &cursor));
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 1, "RECEIVED", minute(1))), 202);
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 1, "OFFERED", minute(9))), 202);
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 1, "ENROLLED", minute(9))), 202);
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 1, "ENROLLED", minute(12))), 202);
    json_t *v = kp_read(k, cursor, 0, &cursor);
    assert_int_equal(json_array_size(v), 0); /* no change at all (KP-ORD-04) */
    json_decref(v);
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 1, "REJECTED", minute(13))), 202);
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 1, "RECEIVED", minute(14))), 202);
    v = kp_read(k, cursor, 0, &cursor);
    assert_int_equal(json_array_size(v), 1); /* overtaken before it was read */
    assert_string_equal(kp_text(v, 0, "/status"), "RECEIVED");
    json_decref(v);
    free(cursor);
}

static void times_are_compared_as_moments(void **state)
{
    struct kp *k = *state;
    assert_int_equal(
        kp_give(k, k->sis, kp_melding(k, 1, "RECEIVED", "2023-05-02T08:00:00.900Z")),
        202);
    assert_int_equal(
        kp_give(k, k->sis, kp_melding(k, 1, "REJECTED", "2023-05-02T08:00:01Z")), 202);
    json_t *v = kp_read(k, NULL, 0, NULL);
    assert_string_equal(kp_text(v, 0, "/status"), "REJECTED");
    json_decref(v);
}

/* ---- standen ---- */

static void a_stand_is_answered_with_its_counts(void **state)
{
    struct kp *k = *state;
    for (int i = 1; i <= 4; i++)
        kp_give(k, k->sis, kp_melding(k, i, "RECEIVED", minute(1)));
    json_t *list = json_pack("[o,o,o]", kp_entry(k, 1, "RECEIVED", minute(1)),
                             kp_entry(k, 2, "ENROLLED", minute(2)),
                             kp_entry(k, 7, "OFFERED", minute(2)));
    assert_int_equal(kp_stand(k, minute(5), json_incref(list)), 202);
    assert_int_equal(kp_number(k, "gewijzigd"), 2);
    assert_int_equal(kp_number(k, "gelijk"), 1);
    assert_int_equal(kp_number(k, "vervallen"), 2);
    assert_int_equal(kp_count(k), 3);
    assert_int_equal(kp_stand(k, minute(5), list), 202);
    assert_int_equal(kp_number(k, "gelijk"), 3);
    assert_int_equal(kp_number(k, "gewijzigd") + kp_number(k, "vervallen"), 0);
    /* A late melding older than the peildatum brings nothing back (KP-STA-02). */
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 3, "ENROLLED", minute(4))), 202);
    assert_int_equal(kp_number(k, "aangenomen"), 1);
    assert_int_equal(kp_count(k), 3);
    assert_int_equal(kp_stand(k, minute(6), json_array()), 202);
    assert_int_equal(kp_number(k, "vervallen"), 3);
    assert_int_equal(kp_count(k), 0);
}

static void the_faults_of_a_stand_are_named(void **state)
{
    struct kp *k = *state;
    kp_give(k, k->sis, kp_melding(k, 1, "RECEIVED", minute(1)));
    json_t *list = json_array();
    json_array_append_new(list, kp_entry(k, 1, "RECEIVED", T0));
    json_array_append_new(list, kp_entry(k, 1, "OFFERED", T0)); /* twice */
    json_array_append_new(list,
                          kp_with(kp_entry(k, 2, "RECEIVED", T0), "bsn", "999990018"));
    json_array_append_new(list, kp_entry(k, 3, "SUBMITTED", T0));
    json_array_append_new(list, kp_melding(k, 4, "RECEIVED", T0)); /* a meldingId */
    assert_int_equal(kp_stand(k, "2023-05-02T12:05:01Z", list), 400);
    assert_true(kp_names(k, "/peildatum", NULL));
    assert_true(kp_names(k, "/aanmeldingen/1/ketenid", NULL));
    assert_true(kp_names(k, "/aanmeldingen/2/bsn", "elfproef"));
    assert_true(kp_names(k, "/aanmeldingen/3/status", NULL));
    assert_true(kp_names(k, "/aanmeldingen/4/meldingId", NULL));
    assert_int_equal(kp_fouten(k), 5);
    assert_int_equal(kp_count(k), 1);
}

static void only_the_own_sis_gives_a_stand(void **state)
{
    struct kp *k = *state;
    json_t *m = json_pack("{ss,ss,s[]}", "instellingserkenningscode", "25LH", "peildatum",
                          T0, "aanmeldingen");
    kp_give(k, k->sis, kp_melding(k, 1, "RECEIVED", T0));
    assert_int_equal(kp_ask(k, OP_STAND, json_incref(m), k->sis2), 403);
    assert_int_equal(kp_ask(k, OP_STAND, json_incref(m), k->cambo), 403);
    assert_int_equal(kp_ask(k, OP_STAND, json_incref(m), k->intergrip), 403);
    assert_int_equal(kp_count(k), 1);
    kp_with(m, "instellingserkenningscode", "99ZZ");
    assert_int_equal(kp_ask(k, OP_STAND, json_incref(m), k->sis2), 400);
    assert_true(kp_names(k, "/instellingserkenningscode", NULL));
    /* One stand is of one instelling, also for a SIS that has two. */
    kp_with(m, "instellingserkenningscode", "25PZ");
    json_object_set_new(
        m, "aanmeldingen",
        json_pack("[o]", kp_with(kp_with(kp_entry(k, 1, "RECEIVED", T0),
                                         "instellingserkenningscode", "30RR"),
                                 "ketenid", "30RR:00000001")));
    assert_int_equal(kp_ask(k, OP_STAND, m, k->sis2), 400);
    assert_true(kp_names(k, "/aanmeldingen/0/instellingserkenningscode", NULL));
    assert_int_equal(kp_fouten(k), 1);
}

static void a_crowd_can_be_preloaded(void **state)
{
    struct kp *k = *state;
    json_t *list = json_array();
    struct err e = {0};
    for (int i = 0; i < 6000; i++)
        json_array_append_new(list, kp_melding(k, i, "RECEIVED", T0));
    json_array_append_new(list, of_cambo(kp_melding(k, 1, "WITHDRAWN", T0)));
    assert_int_equal(koppelpunt_preload(k->role, list, k->now, &e), 0);
    size_t bytes = 0, n = 0;
    koppelpunt_figures(k->role, &bytes, &n);
    assert_int_equal(n, 6000);
    assert_true(bytes > 6000 * 50 && bytes < 6000 * 300);
    assert_int_equal(kp_count(k), 6000);
    kp_with(json_array_get(list, 5), "bsn", "999990018");
    assert_int_equal(koppelpunt_preload(k->role, list, k->now, &e), E_INVALID);
    assert_string_equal(e.pointer, "/statusmeldingen/5/bsn");
    json_decref(list);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, kp_setup, kp_teardown)
    const struct CMUnitTest tests[] = {
        T(an_accepted_melding_is_served),
        T(the_same_again_is_dubbel_by_value),
        T(another_content_under_one_id_is_refused_whole),
        T(every_fault_is_named_and_nothing_kept),
        T(faults_of_form_and_of_meaning_are_named_together),
        T(a_batch_holds_1_to_500),
        T(a_sis_only_sends_for_its_own_brin),
        T(each_source_sends_its_own_statuses),
        T(cambo_and_the_sis_speak_of_one_aanmelding),
        T(a_person_without_bsn_is_taken_in_but_not_delivered),
        T(leading_zeros_stay),
        T(order_is_by_begindatum_then_rank),
        T(times_are_compared_as_moments),
        T(a_stand_is_answered_with_its_counts),
        T(the_faults_of_a_stand_are_named),
        T(only_the_own_sis_gives_a_stand),
        T(a_crowd_can_be_preloaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
