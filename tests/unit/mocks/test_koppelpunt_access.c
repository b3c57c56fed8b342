/* Who may do what, and the general rules of the wire: KP-TOE-*, KP-API-*. */
#include "kp_lab.h"

static const char *field(const struct kp *k, const char *name)
{
    const char *v = http_fields_get(&k->response.fields, name);
    return v ? v : "";
}

static int fetch_with(struct kp *k, const char *token)
{
    return kp_ask(k, OP_OPHALEN, json_object(), token);
}

/* Changes one member of one client and reloads. */
static int reload_with(struct kp *k, const char *id, const char *key, json_t *value)
{
    struct err e = {0};
    json_t *p = kp_provisioning(), *list = json_object_get(p, "clients");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!strcmp(kp_text(list, i, "/clientId"), id)) {
            if (value)
                json_object_set_new(json_array_get(list, i), key, value);
            else if (key)
                json_object_del(json_array_get(list, i), key);
            else
                json_array_remove(list, i);
            break;
        }
    kp_write(k, p);
    return k->role->ops->reload(k->role, k->now, &e);
}

static void a_token_is_given_for_the_right_credentials(void **state)
{
    struct kp *k = *state;
    assert_int_equal(kp_try_token(k, "intergrip", "secret 4", NULL), 200);
    assert_string_equal(json_string_value(json_object_get(k->answer, "token_type")),
                        "Bearer");
    assert_int_equal(kp_number(k, "expires_in"), 900);
    const char *token = json_string_value(json_object_get(k->answer, "access_token"));
    assert_true(strlen(token) >= 32);
    assert_string_not_equal(token, k->intergrip);
    /* A secret with characters that need coding (RFC 6749 section 2.3.1). */
    assert_int_equal(kp_try_token(k, "sis-25PZ", "secret:2/+%", NULL), 200);
}

static void wrong_credentials_get_none(void **state)
{
    struct kp *k = *state;
    static const char *const wrong[][2] = {
        {"intergrip", "secret 3"}, {"intergrip", ""},      {"intergrip", "secret 44"},
        {"intergrip", "secret "},  {"nobody", "secret 4"}, {"", "secret 4"}};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(kp_try_token(k, wrong[i][0], wrong[i][1], NULL), 401);
        assert_string_equal(json_string_value(json_object_get(k->answer, "error")),
                            "invalid_client");
        assert_int_equal(strncmp(field(k, "WWW-Authenticate"), "Basic", 5), 0);
    }
    struct http_request req;
    profile_ask(k->profile, OP_TOKEN, NULL, NULL, &req); /* no credentials at all */
    http_fields_remove(&req.fields, "Authorization");
    assert_int_equal(kp_send(k, OP_TOKEN, &req), 401);
}

static void scopes_are_those_of_the_soort(void **state)
{
    struct kp *k = *state;
    static const char *const wrong[] = {
        "statusmeldingen:indienen", "aanmeldstatussen:lezen statusmeldingen:indienen",
        "aanmeldstatussen", "aanmeldstatussen:lezen ", "*"};
    assert_int_equal(kp_try_token(k, "intergrip", "secret 4", "aanmeldstatussen:lezen"),
                     200);
    assert_int_equal(kp_try_token(k, "intergrip", "secret 4",
                                  "aanmeldstatussen:lezen aanmeldstatussen:lezen"),
                     200);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(kp_try_token(k, "intergrip", "secret 4", wrong[i]), 400);
        assert_string_equal(json_string_value(json_object_get(k->answer, "error")),
                            "invalid_scope");
    }
    assert_int_equal(kp_try_token(k, "cambo", "secret 3", "statusmeldingen:indienen"),
                     200);
    assert_int_equal(kp_try_token(k, "cambo", "secret 3", "aanmeldstatussen:lezen"), 400);
}

static void another_grant_is_not_supported(void **state)
{
    struct kp *k = *state;
    struct http_request req;
    json_t *m = json_pack("{ss,ss}", "clientId", "cambo", "clientSecret", "secret 3");
    profile_ask(k->profile, OP_TOKEN, m, NULL, &req);
    json_decref(m);
    http_request_body(&req, xstrdup("grant_type=password"), 19);
    assert_int_equal(kp_send(k, OP_TOKEN, &req), 400);
    assert_string_equal(json_string_value(json_object_get(k->answer, "error")),
                        "unsupported_grant_type");
}

static void without_a_valid_token_it_is_401(void **state)
{
    struct kp *k = *state;
    static const enum op ops[] = {OP_INDIENEN, OP_STAND, OP_OPHALEN, OP_ZOEKEN};
    static const char *const tokens[] = {NULL, "x", "secret 4", "Bearer"};
    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        for (size_t j = 0; j < ARRAY_LEN(tokens); j++) {
            assert_int_equal(kp_ask(k, ops[i], json_object(), tokens[j]), 401);
            assert_string_equal(kp_code(k), "niet-aangemeld");
            assert_int_equal(strncmp(field(k, "WWW-Authenticate"), "Bearer", 6), 0);
        }
}

static void a_token_ends_at_its_time(void **state)
{
    struct kp *k = *state;
    kp_pass(k, 899.9);
    assert_int_equal(fetch_with(k, k->intergrip), 200);
    kp_pass(k, 0.1);
    assert_int_equal(fetch_with(k, k->intergrip), 401);
    /* Who it was is still known to the laboratory. */
    struct http_request req;
    profile_ask(k->profile, OP_OPHALEN, NULL, k->intergrip, &req);
    assert_string_equal(koppelpunt_client_of(k->role, &req), "intergrip");
    http_request_done(&req);
    profile_ask(k->profile, OP_OPHALEN, NULL, "x", &req);
    assert_null(koppelpunt_client_of(k->role, &req));
    http_request_done(&req);
}

static void tokens_are_never_given_again(void **state)
{
    struct kp *k = *state;
    char *before = xstrdup(k->intergrip), *sis = xstrdup(k->sis);
    kp_restart(k);
    assert_string_not_equal(before, k->intergrip);
    assert_int_equal(fetch_with(k, before), 401);
    assert_int_equal(fetch_with(k, sis), 401);
    koppelpunt_end_tokens(k->role);
    assert_int_equal(fetch_with(k, k->intergrip), 401);
    kp_login(k);
    assert_int_equal(fetch_with(k, k->intergrip), 200);
    free(before);
    free(sis);
}

static void the_wrong_soort_is_403_without_data(void **state)
{
    struct kp *k = *state;
    kp_give(k, k->sis, kp_melding(k, 1, "RECEIVED", T0));
    const char *const writers[] = {k->sis, k->cambo};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(fetch_with(k, writers[i]), 403);
        assert_string_equal(kp_code(k), "niet-toegestaan");
        assert_null(strstr(k->response.body, BSN));
        assert_int_equal(
            kp_ask(k, OP_ZOEKEN, json_pack("{s[s]}", "bsns", BSN), writers[i]), 403);
    }
    assert_int_equal(kp_give(k, k->intergrip, kp_melding(k, 2, "RECEIVED", T0)), 403);
    assert_int_equal(kp_count(k), 1);
}

static void nobody_is_served_before_its_aansluitdatum(void **state)
{
    struct kp *k = *state;
    assert_int_equal(
        reload_with(k, "intergrip", "aansluitdatum", json_string("2023-05-02T12:00:10Z")),
        0);
    kp_login(k); /* a token it does get */
    assert_int_equal(fetch_with(k, k->intergrip), 403);
    assert_string_equal(kp_code(k), "nog-niet-aangesloten");
    assert_string_equal(json_string_value(json_object_get(k->answer, "aansluitdatum")),
                        "2023-05-02T12:00:10Z");
    kp_pass(k, 9.999);
    assert_int_equal(fetch_with(k, k->intergrip), 403);
    assert_int_equal(kp_ask(k, OP_ZOEKEN, json_pack("{s[s]}", "bsns", BSN), k->intergrip),
                     403);
    kp_pass(k, 0.001);
    assert_int_equal(fetch_with(k, k->intergrip), 200);
    /* None at all: not connected. */
    assert_int_equal(reload_with(k, "intergrip", "aansluitdatum", NULL), 0);
    assert_int_equal(fetch_with(k, k->intergrip), 403);
    assert_string_equal(kp_code(k), "nog-niet-aangesloten");
    assert_null(json_object_get(k->answer, "aansluitdatum"));
}

static void a_withdrawn_client_is_refused_at_once(void **state)
{
    struct kp *k = *state;
    assert_int_equal(fetch_with(k, k->intergrip), 200);
    assert_int_equal(reload_with(k, "intergrip", "ingetrokken", json_true()), 0);
    assert_int_equal(fetch_with(k, k->intergrip), 403);
    assert_string_equal(kp_code(k), "ingetrokken");
    assert_int_equal(kp_try_token(k, "intergrip", "secret 4", NULL), 401);
    assert_int_equal(reload_with(k, "intergrip", NULL, NULL), 0); /* removed */
    assert_int_equal(fetch_with(k, k->intergrip), 401);
    assert_int_equal(kp_try_token(k, "intergrip", "secret 4", NULL), 401);
    assert_int_equal(reload_with(k, "sis-25LH", "ingetrokken", json_true()), 0);
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 1, "RECEIVED", T0)), 403);
    assert_int_equal(fetch_with(k, k->intergrip), 200); /* there again */
}

static void a_new_client_appears_at_a_reload(void **state)
{
    struct kp *k = *state;
    json_t *p = kp_provisioning();
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 1, "RECEIVED", T0)), 202);
    json_array_append_new(json_object_get(p, "clients"),
                          json_pack("{ss,ss,ss,ss}", "clientId", "voroc", "clientSecret",
                                    "s", "soort", "overstapsysteem", "aansluitdatum",
                                    "2023-05-02T00:00:00Z"));
    json_array_remove(json_object_get(p, "opleidingen"), 0); /* 25655 */
    json_object_set_new(p, "tokenSeconds", json_integer(2));
    kp_write(k, p);
    assert_int_equal(k->role->ops->reload(k->role, k->now, NULL), 0);
    char *token = kp_token(k, "voroc", "s");
    assert_int_equal(kp_number(k, "expires_in"), 2);
    assert_int_equal(fetch_with(k, token), 200); /* the full state (KP-LEV-10) */
    json_t *v = json_object_get(k->answer, "aanmeldstatussen");
    assert_int_equal(json_array_size(v), 1);
    assert_string_equal(kp_text(v, 0, "/opleiding/naam"), "Mbo-Verpleegkundige");
    kp_pass(k, 2);
    assert_int_equal(fetch_with(k, token), 401);
    assert_int_equal(kp_give(k, k->sis, kp_melding(k, 2, "RECEIVED", T0)), 400);
    /* What was taken in under the earlier file stays, also over a restart. */
    kp_restart(k);
    v = kp_read(k, NULL, 0, NULL);
    assert_int_equal(json_array_size(v), 1);
    assert_string_equal(kp_text(v, 0, "/opleiding/code"), "25655");
    json_decref(v);
    free(token);
}

static void an_unreadable_file_leaves_the_old_one_in_force(void **state)
{
    struct kp *k = *state;
    struct err e = {0};
    assert_int_equal(file_write(k->clients, "{", 1, NULL), 0);
    assert_int_equal(k->role->ops->reload(k->role, k->now, &e), E_INVALID);
    assert_true(e.line > 0);
    assert_int_equal(fetch_with(k, k->intergrip), 200);
    assert_int_equal(reload_with(k, "intergrip", "soort", json_string("school")),
                     E_INVALID);
    assert_int_equal(fetch_with(k, k->intergrip), 200);
}

static void the_laboratory_changes_a_client(void **state)
{
    struct kp *k = *state;
    struct err e = {0};
    json_t *on = json_pack("{sb}", "ingetrokken", 1),
           *off = json_pack("{sb}", "ingetrokken", 0);
    json_t *later = json_pack("{ss}", "aansluitdatum", "2023-06-01T00:00:00Z");
    json_t *none = json_pack("{sn}", "aansluitdatum");
    json_t *wrong = json_pack("{ss}", "soort", "school");
    assert_int_equal(koppelpunt_set_client(k->role, "intergrip", on, &e), 0);
    assert_int_equal(fetch_with(k, k->intergrip), 403);
    assert_int_equal(koppelpunt_set_client(k->role, "intergrip", off, &e), 0);
    assert_int_equal(fetch_with(k, k->intergrip), 200);
    assert_int_equal(koppelpunt_set_client(k->role, "intergrip", later, &e), 0);
    assert_int_equal(fetch_with(k, k->intergrip), 403);
    assert_int_equal(koppelpunt_set_client(k->role, "intergrip", NULL, &e), 0);
    assert_int_equal(fetch_with(k, k->intergrip), 403);
    assert_int_equal(koppelpunt_set_client(k->role, "intergrip", none, &e), 0);
    assert_int_equal(fetch_with(k, k->intergrip), 403);
    assert_int_equal(koppelpunt_set_client(k->role, "nobody", on, &e), E_NOTFOUND);
    err_clear(&e);
    assert_int_equal(koppelpunt_set_client(k->role, "intergrip", wrong, &e), E_INVALID);
    json_decref(on);
    json_decref(off);
    json_decref(later);
    json_decref(none);
    json_decref(wrong);
}

static void a_wrong_provisioning_file_is_refused_with_its_place(void **state)
{
    struct kp *k = *state;
    static const struct {
        const char *json, *pointer, *text;
    } cases[] = {
        {"[]", "", "object"},
        {"{}", "/clients", "missing"},
        {"{\"clients\":[],\"instellingen\":[],\"opleidingen\":[],\"tokenSecond\":1}",
         "/tokenSecond", "did you mean 'tokenSeconds'"},
        {"{\"clients\":[],\"instellingen\":[]}", "/opleidingen", "missing"},
        {"{\"clients\":[],\"instellingen\":[{\"code\":\"25LH\"}],\"opleidingen\":[]}",
         "/instellingen/0/naam", "missing"},
        {"{\"clients\":[],\"instellingen\":[{\"code\":\"LH25\",\"naam\":\"x\"}],"
         "\"opleidingen\":[]}",
         "/instellingen/0/code", "code"},
        {"{\"clients\":[],\"instellingen\":[],\"opleidingen\":[{\"code\":\"1\",\"naam\":"
         "\"x\"},"
         "{\"code\":\"1\",\"naam\":\"y\"}]}",
         "/opleidingen/1/code", "twice"},
        {"{\"clients\":[],\"instellingen\":[],\"opleidingen\":[],\"tokenSeconds\":0}",
         "/tokenSeconds", "1 to 86400"},
        {"{\"clients\":[{\"clientId\":\"a\",\"clientSecret\":\"b\",\"soort\":\"sis\"}]}",
         "/clients/0/brins", "BRIN"},
        {"{\"clients\":[{\"clientId\":\"a\",\"clientSecret\":\"b\",\"soort\":\"sis\","
         "\"brins\":[\"25LH\",\"25lh\"]}]}",
         "/clients/0/brins/1", "BRIN"},
        {"{\"clients\":[{\"clientId\":\"a\",\"clientSecret\":\"\",\"soort\":\"cambo\"}]}",
         "/clients/0/clientSecret", "empty"},
        {"{\"clients\":[{\"clientId\":\"a\",\"clientSecret\":\"b\",\"soort\":\"cambo\"},"
         "{\"clientId\":\"a\",\"clientSecret\":\"c\",\"soort\":\"cambo\"}]}",
         "/clients/1/clientId", "twice"},
        {"{\"clients\":[{\"clientId\":\"a\",\"clientSecret\":\"b\",\"soort\":\"cambo\","
         "\"aansluitdatum\":\"2023-05-02T00:00:00Z\"}]}",
         "/clients/0/aansluitdatum", "only an overstapsysteem"},
        {"{\"clients\":[{\"clientId\":\"a\",\"clientSecret\":\"b\","
         "\"soort\":\"overstapsysteem\",\"aansluitdatum\":\"2023-04-30T23:59:59Z\"}]}",
         "/clients/0/aansluitdatum", "before"},
        {"{\"clients\":[{\"clientId\":\"a\",\"clientSecret\":\"b\","
         "\"soort\":\"overstapsysteem\",\"ingetrokken\":\"nee\"}]}",
         "/clients/0/ingetrokken", "true or false"},
        {"{\"clients\":[{\"clientId\":\"a\",\"clientSecret\":\"b\","
         "\"soort\":\"overstapsysteem\",\"oin\":\"123\"}]}",
         "/clients/0/oin", "OIN"},
        {"{\"clients\":[{\"clientId\":\"a\",\"clientSecret\":\"b\","
         "\"soort\":\"overstapsysteem\",\"aansluitdatum\":null}]}",
         "/clients/0/aansluitdatum", "null"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err e = {0};
        struct role *r = NULL;
        struct koppelpunt_config c = k->config;
        c.state_dir = NULL;
        assert_int_equal(
            file_write(k->clients, cases[i].json, strlen(cases[i].json), NULL), 0);
        assert_int_equal(koppelpunt_new(&c, k->now, &r, &e), E_INVALID);
        assert_null(r);
        assert_string_equal(e.pointer, cases[i].pointer);
        assert_string_equal(e.file, k->clients);
        if (!strstr(e.text, cases[i].text))
            print_error("'%s' is not in '%s'\n", cases[i].text, e.text);
        assert_non_null(strstr(e.text, cases[i].text));
    }
}

/* ---- the general wire ---- */

static void what_is_open_needs_no_token(void **state)
{
    struct kp *k = *state;
    assert_int_equal(kp_ask(k, OP_GEZONDHEID, NULL, NULL), 200);
    assert_true(json_is_object(k->answer));
    assert_int_equal(kp_ask(k, OP_OPENAPI, NULL, NULL), 200);
    assert_true(json_equal(k->answer, profile_openapi(k->profile)));
}

static void every_answer_has_the_general_fields(void **state)
{
    struct kp *k = *state;
    const char *const tokens[] = {k->intergrip, k->sis, NULL};
    for (size_t i = 0; i < 3; i++) {
        struct http_request req;
        profile_ask(k->profile, OP_OPHALEN, NULL, tokens[i], &req);
        http_fields_set(&req.fields, "X-Request-Id",
                        i == 2 ? "id " BSN : "an id 999990018");
        kp_send(k, OP_OPHALEN, &req);
        assert_string_equal(field(k, "X-Content-Type-Options"), "nosniff");
        assert_string_equal(field(k, "X-Frame-Options"), "DENY");
        assert_string_equal(field(k, "Content-Security-Policy"),
                            "frame-ancestors 'none'");
        assert_string_equal(field(k, "X-Request-Id"), i == 2 ? "" : "an id 999990018");
    }
}

static int manipulated(struct kp *k, enum op op, const char *how)
{
    struct http_request req;
    json_t *m = op == OP_INDIENEN ? json_pack("{s[o]}", "statusmeldingen",
                                              kp_melding(k, 1, "RECEIVED", T0))
                                  : json_object();
    profile_ask(k->profile, op, m, op == OP_INDIENEN ? k->sis : k->intergrip, &req);
    json_decref(m);
    assert_int_equal(profile_manipulate(k->profile, op, how, &req), 0);
    return kp_send(k, op, &req);
}

static void wrong_requests_get_their_own_code(void **state)
{
    struct kp *k = *state;
    assert_int_equal(manipulated(k, OP_OPHALEN, "unknown-path"), 404);
    assert_int_equal(manipulated(k, OP_OPHALEN, "trailing-slash"), 404);
    assert_int_equal(manipulated(k, OP_OPHALEN, "wrong-method"), 405);
    assert_string_equal(field(k, "Allow"), "GET");
    assert_int_equal(manipulated(k, OP_OPHALEN, "not-acceptable"), 406);
    assert_int_equal(manipulated(k, OP_INDIENEN, "not-acceptable"), 406);
    assert_int_equal(manipulated(k, OP_INDIENEN, "wrong-content-type"), 415);
    assert_int_equal(manipulated(k, OP_INDIENEN, "wrong-charset"), 415);
    assert_int_equal(manipulated(k, OP_INDIENEN, "content-encoding"), 415);
    assert_int_equal(manipulated(k, OP_INDIENEN, "malformed-json"), 400);
    assert_int_equal(manipulated(k, OP_INDIENEN, "duplicate-key"), 400);
    assert_int_equal(manipulated(k, OP_INDIENEN, "empty-body"), 400);
    assert_int_equal(manipulated(k, OP_INDIENEN, "deep"), 400);
    assert_int_equal(manipulated(k, OP_INDIENEN, "oversized"), 413);
    assert_int_equal(kp_count(k), 0);
    /* A body that the door read no further. */
    struct http_request req;
    profile_ask(k->profile, OP_INDIENEN, NULL, k->sis, &req);
    http_request_body(&req, NULL, 0);
    req.body_n = SIZE_MAX;
    assert_int_equal(kp_send(k, OP_INDIENEN, &req), 413);
}

static void a_second_start_on_one_folder_is_refused(void **state)
{
    struct kp *k = *state;
    struct role *r = NULL;
    struct err e = {0};
    assert_int_equal(koppelpunt_new(&k->config, k->now, &r, &e), E_ENV);
    assert_true(e.set);
    assert_null(r);
}

/* CONTRACT.md 11: the certificate says who it is, and a token only works with its own. */
static void in_the_strict_level_certificates_count(void **state)
{
    static const struct {
        struct http_peer peer;
        int token, page;
    } cases[] = {
        {{false, true, "00000099000000002000", "own"}, 200, 200},
        {{false, false, "", ""}, 401, 401},
        {{false, false, "00000099000000002000", "forged"}, 401, 401},
        {{false, true, "00000099000000001000", "another's"}, 401, 401},
        /* A token is bound to one certificate, not to the name in it. */
        {{false, true, "00000099000000002000", "renewed"}, 200, 401},
    };
    struct kp *k = *state;
    k->role->ops->free(k->role);
    k->config.strict = true;
    assert_int_equal(koppelpunt_new(&k->config, k->now, &k->role, NULL), 0);
    assert_int_equal(kp_try_token(k, "intergrip", "secret 4", NULL), 401); /* plain */
    free(k->intergrip);
    k->peer = &cases[0].peer;
    k->intergrip = kp_token(k, "intergrip", "secret 4");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        k->peer = &cases[i].peer;
        assert_int_equal(kp_try_token(k, "intergrip", "secret 4", NULL), cases[i].token);
        assert_int_equal(fetch_with(k, k->intergrip), cases[i].page);
        assert_string_not_equal(field(k, "Strict-Transport-Security"), "");
    }
    k->peer = NULL;
    assert_int_equal(fetch_with(k, k->intergrip), 401);
    assert_string_equal(field(k, "Strict-Transport-Security"), "");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, kp_setup, kp_teardown)
    const struct CMUnitTest tests[] = {
        T(a_token_is_given_for_the_right_credentials),
        T(wrong_credentials_get_none),
        T(scopes_are_those_of_the_soort),
        T(another_grant_is_not_supported),
        T(without_a_valid_token_it_is_401),
        T(a_token_ends_at_its_time),
        T(tokens_are_never_given_again),
        T(the_wrong_soort_is_403_without_data),
        T(nobody_is_served_before_its_aansluitdatum),
        T(a_withdrawn_client_is_refused_at_once),
        T(a_new_client_appears_at_a_reload),
        T(an_unreadable_file_leaves_the_old_one_in_force),
        T(the_laboratory_changes_a_client),
        T(a_wrong_provisioning_file_is_refused_with_its_place),
        T(what_is_open_needs_no_token),
        T(every_answer_has_the_general_fields),
        T(wrong_requests_get_their_own_code),
        T(in_the_strict_level_certificates_count),
        T(a_second_start_on_one_folder_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
