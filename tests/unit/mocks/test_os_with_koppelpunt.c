/* The two reference systems together, without a wire between them, in every profile: what
 * the sources reported is what a school sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "mocks/koppelpunt.h"
#include "mocks/outbox.h"
#include "mocks/overstapsysteem.h"

#define SECOND ((uint64_t)NS_PER_S)
#define EPOCH  (1684108800 * NS_PER_S) /* 2023-05-15T00:00:00Z */
#define LOTTE  "999990019"

struct pair {
    struct profile *profile;
    struct role *kp, *os;
    struct overstapsysteem_config config;
    char dir[64];
    uint64_t mono;
    size_t calls, tokens;
    int last_status; /* of a reply of the overstapsysteem */
    json_t *last_body;
};

static struct moment now(const struct pair *p)
{
    return (struct moment){p->mono, EPOCH + (when_t)p->mono};
}

static void drain(struct pair *p, struct outbox *out);

/* Carries one call to the koppelpunt and the answer back. */
static void carry(struct pair *p, struct outgoing *call, struct outbox *out)
{
    struct outbox answer;
    struct http_reply reply;
    uint64_t ticket;
    outbox_init(&answer);
    p->calls++;
    p->tokens += call->op == OP_TOKEN;
    p->kp->ops->request(p->kp, 7, &call->request, now(p), &answer);
    assert_true(outbox_take_reply(&answer, &ticket, &reply));
    struct call_result r = {.outcome = CALL_ANSWERED, .response = reply.response};
    p->mono += NS_PER_MS;
    p->os->ops->answer(p->os, call->id, &r, now(p), out);
    http_reply_done(&reply);
    outbox_done(&answer);
}

static void drain(struct pair *p, struct outbox *out)
{
    struct outgoing call;
    struct http_reply reply;
    uint64_t ticket;
    while (outbox_take_call(out, &call)) {
        carry(p, &call, out);
        outgoing_done(&call);
    }
    while (outbox_take_reply(out, &ticket, &reply)) {
        p->last_status = reply.response.status;
        json_decref(p->last_body);
        p->last_body = json_loadb(reply.response.body ? reply.response.body : "",
                                  reply.response.body_n, 0, NULL);
        http_reply_done(&reply);
    }
    outbox_done(out);
}

static int ask(struct pair *p, const char *target, const char *body)
{
    struct outbox out;
    struct http_request req;
    outbox_init(&out);
    http_request_init(&req);
    http_request_line(&req, "POST", target);
    http_request_body(&req, xstrdup(body), strlen(body));
    p->os->ops->request(p->os, 1, &req, now(p), &out);
    http_request_done(&req);
    p->last_status = 0;
    drain(p, &out);
    return p->last_status;
}

/* The one status that the school sees of Lotte; "" for none, "?" for several. */
static const char *sees(struct pair *p)
{
    assert_int_equal(
        ask(p, "/waarnemingen", "{\"school\":\"02QZ00\",\"bsn\":\"" LOTTE "\"}"), 200);
    const json_t *list = json_object_get(p->last_body, "aanmeldingen");
    if (json_array_size(list) != 1)
        return json_array_size(list) ? "?" : "";
    return json_string_value(json_object_get(json_array_get(list, 0), "status"));
}

static void melding(struct pair *p, int n, const char *bsn, const char *ketenid,
                    const char *status, const char *begin)
{
    struct err e = {0};
    char id[37];
    snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012d", n);
    json_t *m =
        json_pack("[{ss,ss,ss,ss,ss,ss,ss,ss,ss,ss}]", "meldingId", id, "ketenid",
                  ketenid, "bsn", bsn, "instellingserkenningscode", "25LH",
                  "opleidingcode", "25655", "leertrajectmbo", "BOL", "status", status,
                  "begindatum", begin, "statussource", "SIS", "identificatie", "DIGID");
    if (koppelpunt_preload(p->kp, m, now(p), &e))
        fail_msg("%s", e.text);
    json_decref(m);
}

static void crowd(struct pair *p, int n)
{
    for (int i = 0; i < n; i++) {
        char bsn[16], ketenid[32];
        int sum = 0, number = 10000000 + i;
        snprintf(bsn, sizeof(bsn), "%08d0", number);
        for (int k = 0; k < 8; k++)
            sum += (9 - k) * (bsn[k] - '0');
        if (sum % 11 == 10)
            continue;
        bsn[8] = (char)('0' + sum % 11);
        snprintf(ketenid, sizeof(ketenid), "25LH:%08d", i);
        melding(p, 1000 + i, bsn, ketenid, "RECEIVED", "2023-05-02T08:00:00Z");
    }
}

static void start(struct pair *p, const char *profile)
{
    struct err e = {0};
    struct koppelpunt_config k = {
        .state_dir = NULL, .cursor_seconds = -1, .seed = 1, .page_max = 3};
    if (profile_load(profile_dir(), profile, &p->profile, &e))
        fail_msg("%s", e.text);
    char *clients = xasprintf("%s/clients.json", p->dir);
    char *state = xasprintf("%s/%s", p->dir, profile);
    static const char text[] =
        "{\"clients\":[{\"clientId\":\"intergrip\",\"clientSecret\":\"ge:heim 1\","
        "\"soort\":\"overstapsysteem\",\"oin\":\"00000099000000002000\","
        "\"aansluitdatum\":\"2023-05-15T00:00:10Z\"}],"
        "\"instellingen\":[{\"code\":\"25LH\",\"naam\":\"ROC Midden Nederland\"}],"
        "\"opleidingen\":[{\"code\":\"25655\",\"naam\":\"Mbo-Verpleegkundige\"}],"
        "\"tokenSeconds\":900}";
    assert_int_equal(file_write(clients, text, strlen(text), NULL), 0);
    k.profile = p->profile;
    k.clients_file = clients;
    if (koppelpunt_new(&k, now(p), &p->kp, &e))
        fail_msg("%s", e.text);
    p->config = (struct overstapsysteem_config){.profile = p->profile,
                                                .url = "http://kp",
                                                .token_url = "http://kp/oauth2/token",
                                                .client_id = "intergrip",
                                                .client_secret = "ge:heim 1",
                                                .state_dir = state,
                                                .seed = 1};
    if (overstapsysteem_new(&p->config, now(p), &p->os, &e))
        fail_msg("%s", e.text);
    free(clients);
    free(state);
}

static void stop(struct pair *p)
{
    p->os->ops->free(p->os);
    p->kp->ops->free(p->kp);
    profile_free(p->profile);
}

/* Told when its date has not come, then everything that matters to a school. */
static void a_trial(struct pair *p, const char *profile)
{
    start(p, profile);
    crowd(p, 20);
    melding(p, 1, LOTTE, "25LH:90000001", "ENROLLED", "2023-05-10T08:00:00Z");
    assert_int_equal(
        ask(p, "/leerlingen", "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\"]}"), 204);
    assert_int_equal(ask(p, "/ophalen", ""), 503); /* too early */
    p->mono += 20 * SECOND;
    assert_int_equal(ask(p, "/ophalen", ""), 200);
    assert_string_equal(sees(p), "ENROLLED");
    melding(p, 2, LOTTE, "25LH:90000001", "RECEIVED", "2023-05-01T08:00:00Z");
    assert_int_equal(ask(p, "/ophalen", ""), 200);
    assert_string_equal(sees(p), "ENROLLED");
    melding(p, 3, LOTTE, "25LH:90000001", "REJECTED", "2023-05-11T08:00:00Z");
    p->calls = 0;
    assert_int_equal(ask(p, "/ophalen", ""), 200);
    assert_string_equal(sees(p), "REJECTED");
    assert_int_equal(p->calls, 1); /* the change alone, with the token it had */
    koppelpunt_lapse_cursors(p->kp);
    assert_int_equal(ask(p, "/ophalen", ""), 200);
    assert_string_equal(sees(p), "REJECTED");
    koppelpunt_end_tokens(p->kp);
    melding(p, 4, LOTTE, "25LH:90000001", "OFFERED", "2023-05-12T08:00:00Z");
    assert_int_equal(ask(p, "/ophalen", ""), 200);
    assert_string_equal(sees(p), "OFFERED");
    /* A restart goes on where it was. */
    struct err e = {0};
    char *state = xasprintf("%s/%s", p->dir, profile);
    p->config.state_dir = state;
    p->os->ops->free(p->os);
    assert_int_equal(overstapsysteem_new(&p->config, now(p), &p->os, &e), 0);
    free(state);
    assert_string_equal(sees(p), "OFFERED");
    p->calls = p->tokens = 0;
    assert_int_equal(ask(p, "/ophalen", ""), 200);
    assert_int_equal(p->calls - p->tokens, 1);
    stop(p);
}

static void in_every_profile(void **state)
{
    char **names = NULL;
    struct err e = {0};
    size_t n = 0;
    (void)state;
    assert_int_equal(profile_list(profile_dir(), &names, &e), 0);
    for (; names[n]; n++) {
        struct pair p = {.dir = "/tmp/koppelproef-pair-XXXXXX"};
        assert_non_null(mkdtemp(p.dir));
        a_trial(&p, names[n]);
        json_decref(p.last_body);
        file_rmtree(p.dir, NULL);
        free(names[n]);
    }
    free(names);
    assert_true(n >= 1);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_every_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
