/* The table of the koppelpunt's mutants, and that each of them behaves otherwise than the
 * reference in one long story: a mutant that changed nothing would prove nothing. */
#include "tests/unit/mocks/kp_lab.h"

#include <unistd.h>

#include "mocks/kp_mutants.h"

/* ---- the table ---- */

static json_t *requirements(void)
{
    json_t *root = NULL;
    char *path = xasprintf("%s/requirements.json", profile_dir());
    assert_int_equal(file_read_json(path, &root, NULL), 0);
    free(path);
    return root;
}

static bool names(const char *list, const char *id, size_t n)
{
    for (const char *at = list; (at = strstr(at, id)); at += n)
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return true;
    return false;
}

static const json_t *find(const json_t *root, const char *id)
{
    const json_t *list = json_object_get(root, "requirements");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        if (!strcmp(json_string_value(json_object_get(r, "id")), id))
            return r;
    }
    return NULL;
}

static void the_table_is_well_formed(void **state)
{
    bool used[KP_MUTANT_COUNT] = {false};
    (void)state;
    for (const struct mutant *m = koppelpunt_mutants; m->name; m++) {
        assert_string_equal(m->role, "koppelpunt");
        assert_ptr_equal(mutant_find(m->name), m); /* so names are unique */
        assert_memory_equal(m->name, "kp-", 3);
        assert_true(m->nl[0] && m->nl[strlen(m->nl) - 1] == '.');
        assert_true(m->en[0] && m->en[strlen(m->en) - 1] == '.');
        if (m->kind == MUTANT_NULL)
            continue;
        assert_in_range(m->which, 1, KP_MUTANT_COUNT - 1);
        assert_false(used[m->which]);
        used[m->which] = true;
    }
    for (int i = 1; i < KP_MUTANT_COUNT; i++)
        if (!used[i])
            fail_msg("mutant %d has no name", i);
}

static void reds_are_requirements_of_a_koppelpunt(void **state)
{
    json_t *root = requirements();
    (void)state;
    for (const struct mutant *m = koppelpunt_mutants; m->name; m++) {
        char *reds = xstrdup(m->reds), *rest = reds, *id;
        assert_int_equal(m->kind == MUTANT_DEFECT, *reds != 0);
        while ((id = strsep(&rest, " ")) && *reds) {
            const json_t *r = find(root, id);
            const char *role = json_string_value(json_object_get(r, "role"));
            if (!role || (strcmp(role, "koppelpunt") && strcmp(role, "keten")))
                fail_msg("%s turns \"%s\" red, which is none", m->name, id);
            /* Said once. */
            assert_false(rest && names(rest, id, strlen(id)));
        }
        free(reds);
    }
    json_decref(root);
}

static void every_requirement_can_turn_red(void **state)
{
    json_t *root = requirements();
    const json_t *list = json_object_get(root, "requirements");
    (void)state;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        const char *id = json_string_value(json_object_get(r, "id"));
        bool found = false;
        if (strcmp(json_string_value(json_object_get(r, "role")), "koppelpunt"))
            continue;
        for (const struct mutant *m = koppelpunt_mutants; m->name; m++)
            found = found || names(m->reds, id, strlen(id));
        if (!found)
            fail_msg("no mutant turns %s red", id);
    }
    json_decref(root);
}

/* ---- the story ---- */

/* Everything that was answered, as text. */
struct story {
    struct kp *k;
    struct buf told;
    char *late, *gone; /* tokens */
    char *cursor;
    unsigned ids;
};

static void tell_reply(struct story *s, const struct http_reply *reply)
{
    const struct http_response *r = &reply->response;
    buf_addf(&s->told, "%d after %llu\n", r->status, (unsigned long long)reply->delay_ns);
    for (size_t i = 0; i < r->fields.n; i++)
        buf_addf(&s->told, "%s: %s\n", r->fields.v[i].name, r->fields.v[i].value);
    buf_add(&s->told, r->body ? r->body : "", r->body_n);
    buf_addc(&s->told, '\n');
}

/* Sends and frees the request; the answer's canonical form is a new reference or NULL. */
static json_t *send(struct story *s, enum op op, struct http_request *req)
{
    struct kp *k = s->k;
    struct outbox out;
    struct http_reply reply;
    uint64_t ticket;
    json_t *answer = NULL, *faults = NULL;
    outbox_init(&out);
    req->peer = k->peer;
    k->role->ops->request(k->role, ++k->tickets, req, k->now, &out);
    assert_true(outbox_take_reply(&out, &ticket, &reply));
    outbox_done(&out);
    tell_reply(s, &reply);
    profile_understand(k->profile, op, &reply.response, &answer, &faults);
    json_decref(faults);
    http_reply_done(&reply);
    http_request_done(req);
    return answer;
}

/* Takes the reference to `message`. */
static json_t *ask(struct story *s, enum op op, const char *token, json_t *message)
{
    struct http_request req;
    profile_ask(s->k->profile, op, message, token, &req);
    http_fields_set(&req.fields, "X-Request-Id", "vraag-1");
    json_decref(message);
    return send(s, op, &req);
}

/* A request that is wrong in its form. */
static void ask_badly(struct story *s, enum op op, const char *token, const char *how,
                      json_t *message)
{
    struct http_request req;
    profile_ask(s->k->profile, op, message, token, &req);
    json_decref(message);
    assert_int_equal(profile_manipulate(s->k->profile, op, how, &req), 0);
    json_decref(send(s, op, &req));
}

static char *token(struct story *s, const char *id, const char *secret)
{
    json_t *a = ask(s, OP_TOKEN, NULL,
                    json_pack("{ss,ss}", "clientId", id, "clientSecret", secret));
    if (!json_object_get(a, "access_token")) { /* one that must be asked again */
        json_decref(a);
        a = ask(s, OP_TOKEN, NULL,
                json_pack("{ss,ss}", "clientId", id, "clientSecret", secret));
    }
    const char *text = json_string_value(json_object_get(a, "access_token"));
    char *own = xstrdup(text ? text : "none");
    json_decref(a);
    return own;
}

static json_t *melding(struct story *s, int n, const char *status, int minutes)
{
    char id[37], keten[24];
    snprintf(id, sizeof id, "00000000-0000-4000-8000-%012x", ++s->ids);
    snprintf(keten, sizeof keten, "25LH:%08d", n);
    return json_pack("{ss,ss,ss,ss,ss,ss,ss,ss,ss,ss}", "meldingId", id, "ketenid", keten,
                     "bsn", n % 2 ? "999990019" : "123456782",
                     "instellingserkenningscode", "25LH", "opleidingcode", "25655",
                     "leertrajectmbo", "BOL", "status", status, "begindatum",
                     minute(minutes), "statussource", "SIS", "identificatie", "DIGID");
}

static void give(struct story *s, const char *token, json_t *m)
{
    json_decref(ask(s, OP_INDIENEN, token, json_pack("{s[o]}", "statusmeldingen", m)));
}

/* A right one of the first SIS. */
static void report(struct story *s, int n, const char *status, int minutes)
{
    give(s, s->k->sis, melding(s, n, status, minutes));
}

/* One of the first SIS with one field otherwise. */
static void report_with(struct story *s, int n, const char *key, const char *value)
{
    give(s, s->k->sis, kp_with(melding(s, n, "RECEIVED", 1), key, value));
}

static void give_stand(struct story *s, int peildatum, json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        kp_with(json_array_get(list, i), "meldingId", NULL);
    json_decref(ask(s, OP_STAND, s->k->sis,
                    json_pack("{ss,ss,so}", "instellingserkenningscode", "25LH",
                              "peildatum", minute(peildatum), "aanmeldingen", list)));
}

/* A page; the cursor moves on. */
static void page(struct story *s, const char *token, bool from_cursor, int limiet)
{
    json_t *m = json_object();
    if (from_cursor && s->cursor)
        json_object_set_new(m, "sinds", json_string(s->cursor));
    if (limiet)
        json_object_set_new(m, "limiet", json_integer(limiet));
    json_t *a = ask(s, OP_OPHALEN, token, m);
    const char *next = json_string_value(json_object_get(a, "volgende"));
    if (next) {
        free(s->cursor);
        s->cursor = xstrdup(next);
    }
    json_decref(a);
}

static void search(struct story *s, const char *bsn)
{
    json_decref(ask(s, OP_ZOEKEN, s->k->intergrip, json_pack("{s[s]}", "bsns", bsn)));
}

/* ---- its chapters ---- */

static void form(struct story *s)
{
    struct kp *k = s->k;
    struct http_request req;
    char *deep = xmalloc(5001);
    static const char *const bad[] = {"wrong-content-type", "malformed-json",
                                      "wrong-method",       "trailing-slash",
                                      "oversized",          "deep"};
    json_decref(ask(s, OP_GEZONDHEID, NULL, json_object()));
    json_decref(ask(s, OP_OPENAPI, NULL, json_object()));
    ask_badly(s, OP_GEZONDHEID, NULL, "unknown-path", json_object());
    ask_badly(s, OP_GEZONDHEID, NULL, "not-acceptable", json_object());
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ask_badly(s, OP_INDIENEN, k->sis, bad[i],
                  json_pack("{s[o]}", "statusmeldingen", melding(s, 90, "RECEIVED", 1)));
    memset(deep, '[', 5000);
    deep[5000] = 0;
    profile_ask(k->profile, OP_INDIENEN, NULL, k->sis, &req);
    http_request_body(&req, deep, 5000);
    json_decref(send(s, OP_INDIENEN, &req));
    profile_ask(k->profile, OP_INDIENEN, NULL, NULL, &req);
    http_fields_set(&req.fields, "Content-Length", "4");
    http_fields_set(&req.fields, "Transfer-Encoding", "chunked");
    json_decref(send(s, OP_INDIENEN, &req));
}

static void accessing(struct story *s)
{
    struct kp *k = s->k;
    page(s, NULL, false, 0);
    page(s, "nobody-gave-this", false, 0);
    page(s, s->late, false, 0);
    page(s, s->gone, false, 0);
    page(s, k->sis, false, 0);
    give(s, k->intergrip, melding(s, 91, "RECEIVED", 1));
    json_decref(ask(s, OP_TOKEN, NULL,
                    json_pack("{ss,ss,ss}", "clientId", "intergrip", "clientSecret",
                              "secret 4", "scope", "statusmeldingen:indienen")));
}

/* What must be refused. */
static void refusals(struct story *s)
{
    struct kp *k = s->k;
    json_t *both = json_pack("[oo]", melding(s, 1, "RECEIVED", 1),
                             kp_with(melding(s, 2, "RECEIVED", 1), "status", "NOOIT"));
    json_decref(ask(s, OP_INDIENEN, k->sis, json_pack("{so}", "statusmeldingen", both)));
    both = json_pack("[oo]", kp_with(melding(s, 3, "RECEIVED", 1), "status", NULL),
                     kp_with(melding(s, 4, "RECEIVED", 1), "ketenid", NULL));
    json_decref(ask(s, OP_INDIENEN, k->sis, json_pack("{so}", "statusmeldingen", both)));
    report_with(s, 5, "bsn", "999990018");
    report_with(s, 5, "bsn", "999990014"); /* remainder 5: an onderwijsnummer */
    report_with(s, 5, "onderwijsnummer", "999990014");
    report_with(s, 5, "bsn", "12345611"); /* right with a zero in front */
    report_with(s, 5, "instellingserkenningscode", "25PZ");
    report_with(s, 5, "ketenid", "25PZ:00000005");
    report_with(s, 5, "status", "SUBMITTED");
    report_with(s, 5, "statussource", "CAMBO");
    report_with(s, 5, "identificatie", "GEEN");
    give(s, s->k->sis, kp_with(melding(s, 5, "WITHDRAWN", 1), "identificatie", "GEEN"));
    report_with(s, 5, "ouder", "Een Ouder");
    report_with(s, 5, "opleidingcode", "99999");
    report_with(s, 5, "begindatum", "2023-05-02T12:10:00Z");
    report_with(s, 5, "begindatum", "2023-05-02T08:15:30.5Z");
    report_with(s, 6, "begindatum", "2023-05-02T12:01:00Z");
    json_t *m = melding(s, 7, "SUBMITTED", 1);
    kp_with(kp_with(m, "statussource", "CAMBO"), "ketenid", "99XX:00000001");
    give(s, k->cambo, kp_with(m, "instellingserkenningscode", "99XX"));
}

/* One application from CAMBO on, an own number, and things said twice. */
static void identity(struct story *s)
{
    struct kp *k = s->k;
    static const char ca[] = "5c1f1d3e-1111-4222-8333-444455556666";
    json_t *m = kp_with(melding(s, 10, "SUBMITTED", 1), "statussource", "CAMBO");
    give(s, k->cambo, kp_with(m, "caketenid", ca));
    give(s, k->sis, kp_with(melding(s, 10, "RECEIVED", 2), "caketenid", ca));
    give(s, k->sis, kp_with(melding(s, 11, "OFFERED", 3), "caketenid", ca));
    give(s, k->cambo, kp_with(melding(s, 12, "SUBMITTED", 1), "statussource", "CAMBO"));
    m = kp_with(melding(s, 13, "ENROLLED", 2), "bsn", NULL);
    give(s, k->sis, kp_with(m, "onderwijsnummer", "999990014"));
    m = melding(s, 14, "RECEIVED", 2);
    give(s, k->sis, json_incref(m));
    give(s, k->sis, json_deep_copy(m));
    give(s, k->sis, kp_with(m, "status", "OFFERED"));
    report(s, 14, "RECEIVED", 4);
}

static void order(struct story *s)
{
    static const struct {
        int n;
        const char *status;
        int minutes;
    } lines[] = {
        {20, "ENROLLED", 9}, {20, "RECEIVED", 5}, {21, "ENROLLED", 9},
        {21, "RECEIVED", 9}, {22, "ENROLLED", 5}, {22, "RECEIVED", 9},
        {23, "REJECTED", 5}, {24, "RECEIVED", 5}, {24, "OFFERED", 6},
        {24, "ENROLLED", 7}, {25, "RECEIVED", 5}, {25, "WITHDRAWN", 6},
        {26, "RECEIVED", 5}, {26, "REJECTED", 6},
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        report(s, lines[i].n, lines[i].status, lines[i].minutes);
}

/* OFFERED after August 2023 needs a later day. */
static void later_years(struct story *s)
{
    struct moment now = s->k->now;
    s->k->now.wall = at("2023-09-02T12:00:00Z");
    give(s, s->k->sis,
         kp_with(melding(s, 27, "OFFERED", 0), "begindatum", "2023-09-01T12:00:00Z"));
    s->k->now = now;
}

static void reading(struct story *s)
{
    struct kp *k = s->k;
    page(s, k->intergrip, false, 3);
    report(s, 20, "REJECTED", 11); /* while it pages */
    for (int i = 0; i < 12; i++)
        page(s, k->intergrip, true, 3);
    for (int i = 0; i < 4; i++) /* dawdles */
        page(s, k->intergrip, false, 1);
    page(s, s->late, false, 0);
    page(s, k->intergrip, false, 1001);
    page(s, k->intergrip, false, 0);
    give(s, k->sis2,
         kp_with(kp_with(melding(s, 30, "RECEIVED", 1), "ketenid", "25PZ:00000030"),
                 "instellingserkenningscode", "25PZ"));
    char *elsewhere = token(s, "sis-01AA", "secret 8");
    give(s, elsewhere,
         kp_with(kp_with(melding(s, 31, "RECEIVED", 1), "ketenid", "01AA:00000031"),
                 "instellingserkenningscode", "01AA"));
    free(elsewhere);
    page(s, k->intergrip, true, 0);
    search(s, "999990019");
    search(s, "111222333");
    json_decref(
        ask(s, OP_OPHALEN, k->intergrip, json_pack("{ss}", "sinds", "verzonnen")));
    koppelpunt_lapse_cursors(k->role);
    page(s, k->intergrip, true, 0);
    char *newcomer = token(s, "nieuw", "secret 7");
    page(s, newcomer, false, 0);
    free(newcomer);
    page(s, k->intergrip, false, 0); /* and so on from here */
}

static void standen(struct story *s)
{
    report(s, 41, "RECEIVED", 30);
    report(s, 42, "RECEIVED", 30);
    report(s, 43, "ENROLLED", 50);
    give_stand(s, 40,
               json_pack("[ooo]", melding(s, 41, "RECEIVED", 30),
                         melding(s, 42, "OFFERED", 35), melding(s, 43, "RECEIVED", 30)));
    report(s, 24, "OFFERED", 20); /* late, of one that lapsed */
    report(s, 25, "OFFERED", 40); /* and of the peildatum itself */
    give_stand(s, 38, json_pack("[o]", melding(s, 42, "ENROLLED", 36))); /* older */
    page(s, s->k->intergrip, true, 0);
    page(s, s->k->intergrip, false, 0);
    report(s, 24, "OFFERED", 55); /* and back */
    page(s, s->k->intergrip, false, 0);
}

static void many(struct story *s)
{
    for (int i = 0; i < 25; i++)
        report(s, 100 + i, "RECEIVED", 1);
    page(s, s->k->intergrip, false, 0);
}

/* More than it takes in one second, and what is then reported. */
static void too_much(struct story *s)
{
    kp_pass(s->k, 10);
    for (int i = 0; i < 210; i++)
        page(s, s->k->intergrip, false, 1);
    kp_pass(s->k, 1.5);
    report(s, 50, "ENROLLED", 1);
    page(s, s->k->intergrip, true, 0);
}

static void tokens(struct story *s)
{
    struct kp *k = s->k;
    free(k->sis);
    free(k->sis2);
    free(k->cambo);
    free(k->intergrip);
    free(s->late);
    k->sis = token(s, "sis-25LH", "secret 1");
    k->sis2 = token(s, "sis-25PZ", "secret:2/+%");
    k->cambo = token(s, "cambo", "secret 3");
    k->intergrip = token(s, "intergrip", "secret 4");
    s->late = token(s, "laat", "secret 5");
}

static void withdraw(struct story *s)
{
    json_t *no = json_pack("{sb}", "ingetrokken", 1);
    s->gone = token(s, "weg", "secret 6");
    assert_int_equal(koppelpunt_set_client(s->k->role, "weg", no, NULL), 0);
    json_decref(no);
}

/* A kill and a new start. The last record was never written by a mutant that waits. */
static void killed(struct story *s)
{
    struct kp *k = s->k;
    char *log = NULL, *path = xasprintf("%s/koppelpunt.log", k->state);
    size_t n = 0;
    assert_int_equal(file_read(path, 1 << 24, &log, &n, NULL), 0);
    k->role->ops->free(k->role);
    assert_int_equal(file_write(path, log, n, NULL), 0);
    free(log);
    free(path);
    kp_pass(k, 1);
    assert_int_equal(koppelpunt_new(&k->config, k->now, &k->role, NULL), 0);
    tokens(s);
    page(s, k->intergrip, false, 0);
}

/* Clients of the story: also one whose date was half a minute ago, and one that goes. */
static json_t *story_clients(void)
{
    json_t *p = kp_provisioning(), *list = json_object_get(p, "clients");
    json_array_append_new(
        list, json_pack("{ss,ss,ss,ss,ss}", "clientId", "laat", "clientSecret",
                        "secret 5", "soort", "overstapsysteem", "oin",
                        "00000099000000002001", "aansluitdatum", "2023-05-02T12:00:00Z"));
    json_array_append_new(
        list, json_pack("{ss,ss,ss,ss,ss}", "clientId", "weg", "clientSecret", "secret 6",
                        "soort", "overstapsysteem", "oin", "00000099000000002002",
                        "aansluitdatum", "2023-05-01T00:00:00Z"));
    json_array_append_new(
        list, json_pack("{ss,ss,ss,ss,ss}", "clientId", "nieuw", "clientSecret",
                        "secret 7", "soort", "overstapsysteem", "oin",
                        "00000099000000002003", "aansluitdatum", "2023-05-01T00:00:00Z"));
    json_array_append_new(list,
                          json_pack("{ss,ss,ss,ss,s[s]}", "clientId", "sis-01AA",
                                    "clientSecret", "secret 8", "soort", "sis", "oin",
                                    "0000000700001AA00000", "brins", "01AA"));
    json_array_append_new(json_object_get(p, "instellingen"),
                          json_pack("{ss,ss}", "code", "01AA", "naam", "Elders"));
    return p;
}

/* In the strict level: with certificates of all kinds, and over TLS 1.1. */
static void strict_life(struct story *s, int mutant)
{
    static const struct http_peer peers[] = {
        {false, true, "00000099000000002000", "own"},
        {false, false, "", ""},
        {false, false, "00000099000000002000", "of another authority"},
        {false, true, "00000099000000001000", "of another client"},
        {false, true, "00000099000000002000", "also its own"},
        {true, true, "00000099000000002000", "own"},
    };
    void *state = NULL;
    assert_int_equal(kp_setup(&state), 0);
    struct kp *k = s->k = state;
    k->role->ops->free(k->role);
    file_rmtree(k->state, NULL);
    k->config.mutant = mutant;
    k->config.strict = true;
    assert_int_equal(koppelpunt_new(&k->config, k->now, &k->role, NULL), 0);
    if (koppelpunt_takes_old_tls(k->role)) /* so its listener does */
        buf_adds(&s->told, "TLS 1.1\n");
    k->peer = &peers[0];
    char *own = token(s, "intergrip", "secret 4");
    for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
        k->peer = &peers[i];
        free(token(s, "intergrip", "secret 4"));
        json_decref(ask(s, OP_OPHALEN, own, json_object()));
    }
    free(own);
    kp_teardown(&state);
}

/* The whole story, with this mutant; the caller frees. */
static char *live(int mutant)
{
    void *state = NULL;
    size_t n;
    struct story s = {0};
    assert_int_equal(kp_setup(&state), 0);
    s.k = state;
    buf_init(&s.told, 64 << 20);
    s.k->role->ops->free(s.k->role);
    file_rmtree(s.k->state, NULL);
    kp_write(s.k, story_clients());
    s.k->config.mutant = mutant;
    s.k->config.overload = 200;
    assert_int_equal(koppelpunt_new(&s.k->config, s.k->now, &s.k->role, NULL), 0);
    s.k->now.wall -= 10 * NS_PER_S;
    tokens(&s);
    page(&s, s.late, false, 0); /* before its date */
    kp_pass(s.k, 40);
    withdraw(&s);
    form(&s);
    accessing(&s);
    refusals(&s);
    kp_pass(s.k, 2);
    identity(&s);
    order(&s);
    later_years(&s);
    kp_pass(s.k, 2);
    reading(&s);
    kp_pass(s.k, 2);
    standen(&s);
    many(&s);
    too_much(&s);
    report(&s, 60, "ENROLLED", 1);
    killed(&s);
    kp_pass(s.k, 2000); /* tokens are old */
    page(&s, s.k->intergrip, false, 0);
    free(s.late);
    free(s.gone);
    free(s.cursor);
    kp_teardown(&state);
    strict_life(&s, mutant);
    char *told = buf_take(&s.told, &n);
    return told;
}

/* Nobody has an abonnement in this story: test_koppelpunt_notify.c. */
static bool in_story(int which)
{
    return which < KP_NOTIFY_PERSONAL || which > KP_NOTIFY_AFTER_410;
}

static void every_mutant_behaves_otherwise(void **state)
{
    char *reference = live(KP_MUTANT_NONE), *again = live(KP_MUTANT_NONE);
    (void)state;
    size_t void_ones = 0;
    assert_string_equal(reference, again);
    for (int i = 1; i < KP_MUTANT_COUNT; i++) {
        char *told = live(i);
        bool same = in_story(i) && !strcmp(told, reference);
        void_ones += same;
        if (same)
            for (const struct mutant *m = koppelpunt_mutants; m->name; m++)
                if (m->which == i)
                    print_error("%s is void\n", m->name);
        free(told);
    }
    assert_int_equal(void_ones, 0);
    free(reference);
    free(again);
}

/* What the scout said, and that it changed nothing. The caller frees. */
static char *scouted(const char *reference)
{
    char path[] = "/tmp/scout-XXXXXX", *said = NULL;
    size_t n;
    int to = mkstemp(path), stderr_was = dup(STDERR_FILENO);
    assert_true(to >= 0 && stderr_was >= 0);
    mutant_scout(koppelpunt_mutants);
    dup2(to, STDERR_FILENO);
    char *told = live(MUTANT_SCOUT);
    dup2(stderr_was, STDERR_FILENO);
    close(stderr_was);
    close(to);
    assert_string_equal(told, reference);
    free(told);
    assert_int_equal(file_read(path, (size_t)1 << 20, &said, &n, NULL), 0);
    unlink(path);
    return said;
}

/* In this story every mutant behaves otherwise, so a scout must name them all. */
static void a_scout_names_every_defect(void **state)
{
    char *reference = live(KP_MUTANT_NONE), *said = scouted(reference);
    (void)state;
    for (const struct mutant *m = koppelpunt_mutants; m->name; m++) {
        char *line = xasprintf(MUTANT_REACHED "%s\n", m->name);
        size_t times = 0;
        for (const char *at = said; (at = strstr(at, line)); at++)
            times++;
        if (times > 1 || (m->kind == MUTANT_DEFECT && !times && in_story(m->which)))
            fail_msg("%s was named %zu times", m->name, times);
        free(line);
    }
    free(reference);
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_well_formed),
        cmocka_unit_test(reds_are_requirements_of_a_koppelpunt),
        cmocka_unit_test(every_requirement_can_turn_red),
        cmocka_unit_test(every_mutant_behaves_otherwise),
        cmocka_unit_test(a_scout_names_every_defect),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
