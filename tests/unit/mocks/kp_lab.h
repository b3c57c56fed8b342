/* A koppelpunt driven by nothing but HTTP messages, as its tests share it. */
#ifndef TEST_KP_LAB_H
#define TEST_KP_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "mocks/koppelpunt.h"
#include "mocks/outbox.h"

#define T0  "2023-05-02T08:00:00Z"
#define BSN "999990019"

struct kp {
    char dir[64], clients[80], state[80];
    struct profile *profile;
    struct role *role;
    struct koppelpunt_config config;
    struct moment now;
    uint64_t tickets, ids;
    char *sis, *sis2, *cambo, *intergrip; /* tokens */
    const struct http_peer *peer;         /* at the other end of TLS; NULL: plain */
    /* the last answer */
    int status;
    struct http_response response;
    json_t *answer; /* canonical; NULL: none */
    json_t *faults; /* of the profile with the answer: always to be empty */
    /* what it wants to send, and to be woken for */
    struct outgoing calls[16];
    size_t n_calls;
    uint64_t wake_at; /* 0: no wish */
};

static inline when_t at(const char *s)
{
    when_t t;
    assert_int_equal(when_parse(s, strlen(s), &t), 0);
    return t;
}

/* "2023-05-02T08:MM:00Z" for small tests: minutes after T0. */
static inline const char *minute(int m)
{
    static char text[8][32];
    static int i;
    return when_format(at(T0) + m * 60 * NS_PER_S, text[++i % 8]);
}

static inline void kp_forget(struct kp *k)
{
    http_response_done(&k->response);
    json_decref(k->answer);
    json_decref(k->faults);
    k->answer = k->faults = NULL;
    http_response_init(&k->response);
}

/* Only one that gives notifications wants anything beside answering. */
static inline void kp_collect(struct kp *k, struct outbox *out)
{
    assert_true(k->config.notification_scale > 0 || outbox_empty(out));
    while (k->n_calls < ARRAY_LEN(k->calls) &&
           outbox_take_call(out, &k->calls[k->n_calls]))
        k->n_calls++;
    if (!outbox_take_wake(out, &k->wake_at))
        k->wake_at = 0;
    assert_true(outbox_empty(out));
}

/* Sends a request and understands the answer as one to `op`; frees the request. */
static inline int kp_send(struct kp *k, enum op op, struct http_request *req)
{
    struct outbox out;
    struct http_reply reply;
    uint64_t ticket = 0;
    outbox_init(&out);
    kp_forget(k);
    req->peer = k->peer;
    k->role->ops->request(k->role, ++k->tickets, req, k->now, &out);
    assert_true(outbox_take_reply(&out, &ticket, &reply)); /* at once, and */
    assert_int_equal(ticket, k->tickets);
    k->response = reply.response;
    kp_collect(k, &out); /* once */
    outbox_done(&out);
    http_request_done(req);
    k->status = k->response.status;
    profile_understand(k->profile, op, &k->response, &k->answer, &k->faults);
    if (k->status == 200 || k->status == 202 || k->status >= 400) {
        char *text = json_dumps(k->faults, 0);
        if (json_array_size(k->faults))
            print_error("answer %d: %s\n%s\n", k->status, text, k->response.body);
        free(text);
        assert_int_equal(json_array_size(k->faults), 0);
    }
    /* What every answer has (KP-API-01, -02). */
    assert_string_equal(http_fields_get(&k->response.fields, "API-Version"), "1.0.0");
    assert_string_equal(http_fields_get(&k->response.fields, "Cache-Control"),
                        "no-store");
    return k->status;
}

/* Takes the reference to `message`. */
static inline int kp_ask(struct kp *k, enum op op, json_t *message, const char *token)
{
    struct http_request req;
    profile_ask(k->profile, op, message, token, &req);
    json_decref(message);
    return kp_send(k, op, &req);
}

static inline const char *kp_code(const struct kp *k)
{
    const char *s = json_string_value(json_object_get(k->answer, "code"));
    return s ? s : "";
}

/* A fault at this pointer with this reden is named. */
static inline bool kp_names(const struct kp *k, const char *pointer, const char *reden)
{
    const json_t *list = json_object_get(k->answer, "fouten");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *f = json_array_get(list, i);
        if (!strcmp(json_string_value(json_object_get(f, "pointer")), pointer) &&
            (!reden || !strcmp(json_string_value(json_object_get(f, "reden")), reden)))
            return true;
    }
    return false;
}

static inline size_t kp_fouten(const struct kp *k)
{
    return json_array_size(json_object_get(k->answer, "fouten"));
}

static inline int kp_try_token(struct kp *k, const char *id, const char *secret,
                               const char *scope)
{
    json_t *m = json_pack("{ss,ss}", "clientId", id, "clientSecret", secret);
    if (scope)
        json_object_set_new(m, "scope", json_string(scope));
    return kp_ask(k, OP_TOKEN, m, NULL);
}

static inline char *kp_token(struct kp *k, const char *id, const char *secret)
{
    assert_int_equal(kp_try_token(k, id, secret, NULL), 200);
    return xstrdup(json_string_value(json_object_get(k->answer, "access_token")));
}

static inline json_t *kp_provisioning(void)
{
    return json_pack(
        "{s:[{ss,ss,ss,ss,s[s]},{ss,ss,ss,ss,s[sss]},{ss,ss,ss,ss},{ss,ss,ss,ss,ss,sb}],"
        "s:[{ss,ss},{ss,ss},{ss,ss}],s:[{ss,ss},{ss,ss}],si}",
        "clients", "clientId", "sis-25LH", "clientSecret", "secret 1", "soort", "sis",
        "oin", "0000000700025LH00000", "brins", "25LH", "clientId", "sis-25PZ",
        "clientSecret", "secret:2/+%", "soort", "sis", "oin", "0000000700025PZ00000",
        "brins", "25PZ", "30RR", "99ZZ", "clientId", "cambo", "clientSecret", "secret 3",
        "soort", "cambo", "oin", "00000099000000001000", "clientId", "intergrip",
        "clientSecret", "secret 4", "soort", "overstapsysteem", "oin",
        "00000099000000002000", "aansluitdatum", "2023-05-01T00:00:00Z", "ingetrokken", 0,
        "instellingen", "code", "25LH", "naam", "ROC Mídden Nederland", "code", "25PZ",
        "naam", "ROC van Amsterdam", "code", "30RR", "naam", "MBO Amersfoort",
        "opleidingen", "code", "25655", "naam", "Mbo-Verpleegkundige", "code", "25604",
        "naam", "Software \"developer\"", "tokenSeconds", 900);
}

static inline void kp_write(struct kp *k, json_t *provisioning)
{
    char *text = json_dumps(provisioning, 0);
    assert_int_equal(file_write(k->clients, text, strlen(text), NULL), 0);
    free(text);
    json_decref(provisioning);
}

static inline void kp_login(struct kp *k)
{
    char **all[] = {&k->sis, &k->sis2, &k->cambo, &k->intergrip};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        free(*all[i]);
    k->sis = kp_token(k, "sis-25LH", "secret 1");
    k->sis2 = kp_token(k, "sis-25PZ", "secret:2/+%");
    k->cambo = kp_token(k, "cambo", "secret 3");
    k->intergrip = kp_token(k, "intergrip", "secret 4");
}

static inline void kp_start(struct kp *k)
{
    struct err e = {0};
    int rc = koppelpunt_new(&k->config, k->now, &k->role, &e);
    if (rc)
        print_error("%s\n", e.text);
    assert_int_equal(rc, 0);
    kp_login(k);
}

/* A kill and a start a second later, on the same folder. */
static inline void kp_restart(struct kp *k)
{
    k->role->ops->free(k->role);
    k->now.wall += NS_PER_S;
    k->now.mono += NS_PER_S;
    kp_start(k);
}

static inline void kp_pass(struct kp *k, double seconds)
{
    k->now.wall += (when_t)(seconds * NS_PER_S);
    k->now.mono += (uint64_t)(seconds * NS_PER_S);
}

static inline int kp_setup(void **state)
{
    struct kp *k = xcalloc(1, sizeof *k);
    struct err e = {0};
    snprintf(k->dir, sizeof k->dir, "/tmp/koppelproef-kp-XXXXXX");
    if (!mkdtemp(k->dir))
        return 1;
    snprintf(k->clients, sizeof k->clients, "%s/clients.json", k->dir);
    snprintf(k->state, sizeof k->state, "%s/state", k->dir);
    if (profile_load(profile_dir(), "proef-1", &k->profile, &e)) {
        print_error("%s\n", e.text);
        return 1;
    }
    k->now = (struct moment){1000 * NS_PER_S, at("2023-05-02T12:00:00Z")};
    k->config = (struct koppelpunt_config){.profile = k->profile,
                                           .clients_file = k->clients,
                                           .state_dir = k->state,
                                           .cursor_seconds = -1,
                                           .seed = 7};
    kp_write(k, kp_provisioning());
    kp_start(k);
    *state = k;
    return 0;
}

static inline int kp_teardown(void **state)
{
    struct kp *k = *state;
    kp_forget(k);
    for (size_t i = 0; i < k->n_calls; i++)
        outgoing_done(&k->calls[i]);
    if (k->role)
        k->role->ops->free(k->role);
    profile_free(k->profile);
    file_rmtree(k->dir, NULL);
    free(k->sis);
    free(k->sis2);
    free(k->cambo);
    free(k->intergrip);
    free(k);
    return 0;
}

/* ---- messages ---- */

/* A right melding of sis-25LH; `n` is in ketenid and (when new) meldingId. */
static inline json_t *kp_melding(struct kp *k, int n, const char *status,
                                 const char *begin)
{
    char id[37], keten[24];
    snprintf(id, sizeof id, "00000000-0000-4000-8000-%012llx",
             (unsigned long long)++k->ids);
    snprintf(keten, sizeof keten, "25LH:%08d", n);
    return json_pack("{ss,ss,ss,ss,ss,ss,ss,ss,ss,ss}", "meldingId", id, "ketenid", keten,
                     "bsn", BSN, "instellingserkenningscode", "25LH", "opleidingcode",
                     "25655", "leertrajectmbo", "BOL", "status", status, "begindatum",
                     begin, "statussource", "SIS", "identificatie", "DIGID");
}

static inline json_t *kp_with(json_t *m, const char *key, const char *value)
{
    if (value)
        json_object_set_new(m, key, json_string(value));
    else
        json_object_del(m, key);
    return m;
}

/* An entry of a stand. */
static inline json_t *kp_entry(struct kp *k, int n, const char *status, const char *begin)
{
    return kp_with(kp_melding(k, n, status, begin), "meldingId", NULL);
}

static inline int kp_give_list(struct kp *k, const char *token, json_t *list)
{
    return kp_ask(k, OP_INDIENEN, json_pack("{so}", "statusmeldingen", list), token);
}

static inline int kp_give(struct kp *k, const char *token, json_t *melding)
{
    return kp_give_list(k, token, json_pack("[o]", melding));
}

static inline int kp_stand(struct kp *k, const char *peildatum, json_t *list)
{
    return kp_ask(k, OP_STAND,
                  json_pack("{ss,ss,so}", "instellingserkenningscode", "25LH",
                            "peildatum", peildatum, "aanmeldingen", list),
                  k->sis);
}

static inline json_int_t kp_number(const struct kp *k, const char *key)
{
    return json_integer_value(json_object_get(k->answer, key));
}

static inline int kp_page(struct kp *k, const char *sinds, int limiet)
{
    json_t *m = json_object();
    if (sinds)
        json_object_set_new(m, "sinds", json_string(sinds));
    if (limiet)
        json_object_set_new(m, "limiet", json_integer(limiet));
    return kp_ask(k, OP_OPHALEN, m, k->intergrip);
}

/* A whole run of pages from `sinds` (NULL: the full state): its entries, new reference.
 * The cursor after it goes into *next (freed and replaced). */
static inline json_t *kp_read(struct kp *k, const char *sinds, int limiet, char **next)
{
    json_t *all = json_array();
    char *cursor = xstrdup(sinds);
    bool meer;
    do {
        assert_int_equal(kp_page(k, cursor, limiet), 200);
        json_t *list = json_object_get(k->answer, "aanmeldstatussen");
        const char *volgende = json_string_value(json_object_get(k->answer, "volgende"));
        meer = json_is_true(json_object_get(k->answer, "meer"));
        assert_true(json_array_size(list) <= (limiet ? (size_t)limiet : 500));
        assert_true(!meer || !cursor || strcmp(cursor, volgende));
        free(cursor);
        cursor = xstrdup(volgende);
        json_array_extend(all, list);
    } while (meer);
    if (next) {
        free(*next);
        *next = cursor;
    } else {
        free(cursor);
    }
    return all;
}

static inline size_t kp_count(struct kp *k)
{
    json_t *all = kp_read(k, NULL, 0, NULL);
    size_t n = json_array_size(all);
    json_decref(all);
    return n;
}

static inline const char *kp_text(const json_t *list, size_t i, const char *pointer)
{
    const char *s = json_string_value(json_at(json_array_get(list, i), pointer));
    return s ? s : "";
}

#endif
