/* Calls to the koppelpunt, made by the parties that the laboratory plays: tokens, the
 * faults on our own side, patience with an overloaded server, and the journal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

#define TRIES_MAX     40
#define REPEAT_GAP    (150 * (uint64_t)NS_PER_MS)
#define PATIENCE_MAX  20.0 /* seconds of Retry-After that we sit out */
#define ANSWER_WITHIN (20 * (uint64_t)NS_PER_S)

struct asking {
    struct trial *t;
    struct ask a;
    json_t *message;
    char *manipulate, *reader, *request_id;
    char pointer[200];
    said_cb *cb;
    void *arg;
    int tries, unknown, refused;
    bool token_renewed, had_token_refused;
    uint64_t began;
    struct own_fault *fault;
    bool second; /* the repetition that a "twice" fault asks for */
    struct pending pending;
    struct wire_call *call;   /* under way, or NULL */
    struct wire_timer *timer; /* until the same is sent again, or NULL */
};

static void asking_send(struct asking *k);

static void asking_free(struct asking *k)
{
    trial_settled(&k->pending);
    json_decref(k->message);
    free(k->manipulate);
    free(k->reader);
    free(k->request_id);
    free(k);
}

bool trial_has_tokens(const struct trial *t)
{
    return profile_scope(t->profile, OP_OPHALEN) != NULL;
}

char *trial_token_url(const struct trial *t)
{
    if (!trial_has_tokens(t))
        return xstrdup(t->koppelpunt_url);
    if (t->c.iut->token_url)
        return xstrdup(t->c.iut->token_url);
    struct http_request req;
    http_request_init(&req);
    profile_ask(t->profile, OP_TOKEN, NULL, NULL, &req);
    char *url = xasprintf("%s%s", t->koppelpunt_url, req.target);
    http_request_done(&req);
    return url;
}

/* The first own fault that this call meets now; counts. */
static struct own_fault *fault_for(struct asking *k)
{
    struct trial *t = k->t;
    for (size_t i = 0; k->a.use_faults && i < t->n_faults; i++) {
        struct own_fault *f = &t->faults[i];
        size_t n = strlen(f->from);
        if (f->op != k->a.op || (n && strncmp(k->a.client->actor, f->from, n)))
            continue;
        if (f->nth > 1) {
            f->nth--;
            continue;
        }
        if (f->count == 0)
            continue;
        f->count--;
        f->hit = true;
        t->fault_hits++;
        trial_event(t, "fault",
                    json_pack("{ss,ss,ss,ss}", "id", f->id, "phase", "hit", "on",
                              op_name(f->op), "what",
                              f->twice ? "sent twice" : "reply lost"));
        trial_happened(t);
        return f;
    }
    return NULL;
}

static void tell(struct asking *k, const struct call_result *r, const json_t *answer,
                 const json_t *faults)
{
    const struct http_response *response =
        r && r->outcome == CALL_ANSWERED ? &r->response : NULL;
    struct said s = {
        .outcome = r ? r->outcome : CALL_OTHER,
        .status = response ? response->status : 0,
        .word = response ? profile_answer_word(response->status)
                         : call_outcome_name(r ? r->outcome : CALL_OTHER),
        .answer = answer,
        .faults = faults,
        .detail = r ? r->detail : "the conversation was ended",
        .response = response,
        .tries = k->tries,
        .began = k->began,
        .ended = wire_now(k->t->wire),
    };
    k->cb(k->arg, &s);
    asking_free(k);
}

/* What was sent and came back, for the judge. What the koppelpunt that we play ourselves
 * was asked is journalled where it arrives. */
static void record(struct asking *k, const struct http_request *req, enum op op,
                   const struct call_result *r, json_t *message, json_t *answer,
                   json_t *faults)
{
    struct trial *t = k->t;
    if (!t->koppelpunt_tested)
        return;
    struct exchange x = {
        .scenario = t->c.name,
        .from = k->reader     ? k->reader
                : k->a.client ? k->a.client->actor
                              : "nobody",
        .to = "koppelpunt",
        .side = "client",
        .operation = op_name(op),
        .url = t->koppelpunt_url,
        .began = r->began,
        .ended = r->ended,
        .outcome = call_outcome_name(r->outcome),
        .request = req,
        .response = r->outcome == CALL_ANSWERED ? &r->response : NULL,
        .fault = k->fault ? k->fault->id : NULL,
        .message = message,
        .answer = answer,
        .faults = faults,
        .step = k->pointer,
    };
    json_t *extra = NULL;
    const char *wrong = k->manipulate  ? k->manipulate
                        : k->a.old_tls ? "TLS 1.1"
                                       : k->a.certificate;
    if (op == k->a.op && (wrong || k->a.token != TOKEN_OWN || k->a.token_of))
        extra = json_pack("{ss*,ss,ss*}", "manipulated", wrong, "token",
                          k->a.token == TOKEN_NONE      ? "none"
                          : k->a.token == TOKEN_INVALID ? "invalid"
                          : k->a.token == TOKEN_OLD     ? "expired"
                          : k->a.token_of               ? "foreign"
                                                        : "own",
                          "tokenOf", k->a.token_of ? k->a.token_of->actor : NULL);
    if (op == k->a.op && trial_has_tokens(t) && profile_scope(t->profile, op)) {
        /* So that whoever repeats this call by hand knows where to get a token. */
        char *url = trial_token_url(t);
        extra = extra ? extra : json_object();
        json_object_set_new(extra, "tokenUrl", json_string(url));
        free(url);
    }
    x.extra = extra;
    journal_exchange(t->journal, &x);
    json_decref(extra);
}

/* One call under way: the asking it is for, and the request for the journal. */
struct sending {
    struct asking *k;
    struct http_request req;
    enum op op;
};

static void again_later(void *arg)
{
    struct asking *k = arg;
    k->timer = NULL;
    k->t->waiting--;
    if (k->t->end_outcome)
        tell(k, NULL, NULL, NULL);
    else
        asking_send(k);
}

/* The trial is aborted: no more waiting. */
static void asking_hurry(struct pending *p)
{
    struct asking *k =
        (struct asking *)(void *)((char *)p - offsetof(struct asking, pending));
    struct wire *w = k->t->wire;
    if (k->call) {
        wire_call_cancel(w, k->call);
    } else if (k->timer) {
        wire_timer_cancel(w, k->timer);
        k->timer = wire_timer(w, wire_now(w), again_later, k);
    }
}

static void again_in(struct asking *k, double seconds)
{
    struct trial *t = k->t;
    t->waiting++;
    k->timer =
        wire_timer(t->wire, wire_now(t->wire) + (uint64_t)(seconds * (double)NS_PER_S),
                   again_later, k);
}

/* True when the same is to be sent again, and has been arranged. */
static bool repeats(struct asking *k, const struct call_result *r)
{
    if (k->t->end_outcome || k->tries >= TRIES_MAX)
        return false;
    if (r->outcome == CALL_ANSWERED) {
        int status = r->response.status;
        double wait = http_retry_after(&r->response.fields, wire_wall(k->t->wire));
        if (k->a.patient && (status == 429 || status == 503) && wait >= 0 &&
            wait <= PATIENCE_MAX) {
            again_in(k, wait);
            return true;
        }
        if (status == 401 && k->a.token == TOKEN_OWN && !k->a.token_of &&
            !k->manipulate && k->a.patient && !k->token_renewed && k->a.client &&
            k->a.client->token) {
            /* Tokens may end at a restart: one new one, as any client would. */
            k->token_renewed = true;
            free(k->a.client->old_token);
            k->a.client->old_token = k->a.client->token;
            k->a.client->token = NULL;
            again_in(k, 0);
            return true;
        }
        if (k->fault && k->fault->twice && !k->second) {
            k->second = true;
            again_in(k, 0);
            return true;
        }
        return false;
    }
    if (!k->a.persistent)
        return false;
    if (r->outcome == CALL_TIMEOUT) /* each of these takes long: one more is enough */
        k->unknown += 4;
    if (r->outcome == CALL_REFUSED ? ++k->refused > 30 : ++k->unknown > 5)
        return false;
    again_in(k, (double)REPEAT_GAP / (double)NS_PER_S);
    return true;
}

static void answered(void *arg, const struct call_result *r)
{
    struct sending *s = arg;
    struct asking *k = s->k;
    json_t *answer = NULL, *faults = NULL;
    k->call = NULL;
    k->t->waiting--;
    if (r->outcome == CALL_ANSWERED)
        profile_understand(k->t->profile, s->op, &r->response, &answer, &faults);
    record(k, &s->req, s->op, r, k->message, answer, faults);
    if (!repeats(k, r))
        tell(k, r, answer, faults);
    json_decref(answer);
    json_decref(faults);
    http_request_done(&s->req);
    free(s);
}

static struct sending *sending_new(struct asking *k, enum op op)
{
    struct sending *s = xcalloc(1, sizeof *s);
    s->k = k;
    s->op = op;
    http_request_init(&s->req);
    return s;
}

/* Strict level: whose certificate goes along, and of which kind. A token that is only
 * fetched on the way is asked for as its owner should. */
static void choose_certificate(const struct asking *k, bool on_the_way, char **cert_file,
                               char **key_file)
{
    const char *kind = k->a.certificate && !on_the_way ? k->a.certificate : "own";
    const struct client *c = on_the_way && k->a.token_of ? k->a.token_of : k->a.client;
    struct err e = {0};
    if (!strncmp(kind, "of ", 3)) {
        c = trial_client(k->t, kind + 3);
        kind = "own";
    }
    if (k->t->strict && c && strcmp(kind, "none") != 0)
        (void)trial_certificate(k->t, c, kind, cert_file, key_file, &e);
}

static void call(struct asking *k, struct sending *s, const char *url, enum call_cut cut,
                 wire_call_cb *cb)
{
    struct trial *t = k->t;
    char *cert_file = NULL, *key_file = NULL;
    bool on_the_way = s->op != k->a.op;
    choose_certificate(k, on_the_way, &cert_file, &key_file);
    struct call c = {
        .url = url,
        .pool = k->a.client ? k->a.client->actor : "nobody",
        .request = &s->req,
        .timeout_ns = k->a.timeout_ns ? k->a.timeout_ns : ANSWER_WITHIN,
        /* What is not idempotent must not be sent twice unseen. Reading goes over one
         * connection, so that a token is looked at for each request (KP-TOE-01). */
        .fresh = strcmp(s->req.method ? s->req.method : "POST", "GET") != 0,
        .cut = cut,
        .ca_file = t->ca_file,
        .cert_file = cert_file,
        .key_file = key_file,
        .old_tls = k->a.old_tls && !on_the_way,
    };
    t->waiting++;
    k->call = wire_call(t->wire, &c, cb, s);
    free(cert_file);
    free(key_file);
}

static void token_came(void *arg, const struct call_result *r)
{
    struct sending *s = arg;
    struct asking *k = s->k;
    struct client *c = k->a.token_of ? k->a.token_of : k->a.client;
    json_t *answer = NULL, *faults = NULL;
    k->call = NULL;
    k->t->waiting--;
    if (r->outcome == CALL_ANSWERED)
        profile_understand(k->t->profile, OP_TOKEN, &r->response, &answer, &faults);
    record(k, &s->req, OP_TOKEN, r, NULL, answer, faults);
    const char *token = json_string_value(json_object_get(answer, "access_token"));
    if (r->outcome == CALL_ANSWERED && r->response.status == 200 && token && *token) {
        double life = json_number_value(json_object_get(answer, "expires_in"));
        /* Renewed a little early, so that a call in flight does not meet its end. */
        double safe = life > 20 ? life - 10 : life * 0.6;
        free(c->token);
        c->token = xstrdup(token);
        c->token_until = r->ended + (uint64_t)(safe * (double)NS_PER_S);
        asking_send(k);
    } else if (!repeats(k, r)) {
        tell(k, r, answer, faults);
    }
    json_decref(answer);
    json_decref(faults);
    http_request_done(&s->req);
    free(s);
}

static void fetch_token(struct asking *k, struct client *c)
{
    struct sending *s = sending_new(k, OP_TOKEN);
    json_t *m = json_pack("{ss,ss}", "clientId", c->id, "clientSecret", c->secret);
    profile_ask(k->t->profile, OP_TOKEN, m, NULL, &s->req);
    json_decref(m);
    char *url = trial_token_url(k->t);
    char *path = strchr(strstr(url, "://") + 3, '/');
    free(s->req.target);
    s->req.target = xstrdup(path ? path : "/");
    if (path)
        *path = 0;
    call(k, s, url, CALL_WHOLE, token_came);
    free(url);
}

/* The token to send; *fetch is set when one must be asked for first. */
static const char *token_for(struct asking *k, bool *fetch)
{
    struct client *c = k->a.token_of ? k->a.token_of : k->a.client;
    *fetch = false;
    switch (k->a.token) {
    case TOKEN_NONE:
        return NULL;
    case TOKEN_INVALID:
        return "bm8tb25lLWhhbmRlZC10aGlzLW91dA";
    case TOKEN_OLD:
        return c && c->old_token ? c->old_token : c ? c->token : NULL;
    case TOKEN_OWN:
        break;
    }
    if (!c || k->a.op == OP_TOKEN || k->a.op == OP_OPENAPI || k->a.op == OP_GEZONDHEID)
        return NULL;
    if (!trial_has_tokens(k->t))
        return c->secret; /* a profile with keys: the secret itself goes along */
    if (c->token && wire_now(k->t->wire) >= c->token_until) {
        free(c->old_token);
        c->old_token = c->token;
        c->token = NULL;
    }
    *fetch = !c->token;
    return c->token;
}

static void asking_send(struct asking *k)
{
    struct trial *t = k->t;
    bool fetch;
    const char *token = token_for(k, &fetch);
    if (fetch) {
        fetch_token(k, k->a.token_of ? k->a.token_of : k->a.client);
        return;
    }
    struct sending *s = sending_new(k, k->a.op);
    profile_ask(t->profile, k->a.op, k->message, token, &s->req);
    http_fields_set(&s->req.fields, "X-Request-Id", k->request_id);
    if (k->manipulate)
        profile_manipulate(t->profile, k->a.op, k->manipulate, &s->req);
    k->tries++;
    if (!k->second)
        k->fault = fault_for(k);
    call(k, s, t->koppelpunt_url,
         k->fault && !k->fault->twice ? k->fault->cut : CALL_WHOLE, answered);
}

static void first_send(void *arg)
{
    struct asking *k = arg;
    k->t->waiting--;
    asking_send(k);
}

void trial_ask(struct lane *l, const struct ask *a, said_cb *cb, void *arg)
{
    struct trial *t = l->t;
    struct asking *k = xcalloc(1, sizeof *k);
    k->t = t;
    k->a = *a;
    k->message = a->message ? json_deep_copy(a->message) : json_object();
    k->manipulate = xstrdup(a->manipulate);
    k->reader = xstrdup(a->reader);
    k->request_id = a->request_id ? xstrdup(a->request_id)
                                  : xasprintf("kp-%zu-%s", ++t->deliveries,
                                              a->client ? a->client->id : "nobody");
    k->cb = cb;
    k->arg = arg;
    k->began = wire_now(t->wire);
    trial_pending(t, &k->pending, asking_hurry);
    if (l->steps)
        lane_pointer(l, k->pointer, sizeof k->pointer);
    t->waiting++;
    wire_timer(t->wire, wire_now(t->wire), first_send, k);
}
