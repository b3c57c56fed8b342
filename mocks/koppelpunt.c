#include "mocks/koppelpunt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/koppelpunt_role.h"

typedef bool handler(struct koppelpunt *k, const struct client *from,
                     const struct http_request *req, struct moment now,
                     struct http_response *out, struct rejection *why);

/* ---- the token endpoint (RFC 6749 section 4.4) ---- */

/* What clients of this soort may ask for. */
static const char *scope_of(const struct koppelpunt *k, enum soort soort)
{
    return profile_scope(k->profile,
                         soort == SOORT_OVERSTAPSYSTEEM ? OP_OPHALEN : OP_INDIENEN);
}

/* Every scope asked for, one space between them, is the client's. None asked: all. */
static bool scope_allowed(const char *asked, const char *own)
{
    size_t n = own ? strlen(own) : 0;
    if (!asked)
        return true;
    for (;;) {
        size_t one = strcspn(asked, " ");
        if (one != n || strncmp(asked, own ? own : "", n))
            return false;
        if (!asked[one])
            return true;
        asked += one + 1;
    }
}

/* Does this client show its own certificate? In the strict level it must: one that our
 * authority gave out, with the client's OIN (CONTRACT.md 11). */
static bool shows_own_certificate(const struct koppelpunt *k, const struct client *c,
                                  const struct http_request *req)
{
    const struct http_peer *peer = req->peer;
    if (!k->strict)
        return true;
    if (!peer || !peer->digest[0])
        return kp_is(k, KP_NO_CERTIFICATE_NEEDED);
    if (!peer->verified)
        return kp_is(k, KP_ANY_ISSUER);
    return (c->oin && strcmp(c->oin, peer->serial) == 0) || kp_is(k, KP_OIN_UNCHECKED);
}

static bool refuse_token(struct rejection *why, enum problem problem, const char *error)
{
    why->problem = problem;
    why->oauth_error = error;
    return false;
}

static bool give_token(struct koppelpunt *k, const struct client *from,
                       const struct http_request *req, struct moment now,
                       struct http_response *out, struct rejection *why)
{
    json_t *asked = NULL;
    (void)from;
    if (profile_read(k->profile, OP_TOKEN, req, &asked, why))
        return false;
    const char *id = json_string_value(json_object_get(asked, "clientId"));
    const char *secret = json_string_value(json_object_get(asked, "clientSecret"));
    const char *scope = json_string_value(json_object_get(asked, "scope"));
    struct client *who = clients_login(k->clients, id ? id : "", secret ? secret : "");
    bool ok = false;
    /* A withdrawn client is refused here too; before its aansluitdatum one is not. */
    if (!who || who->ingetrokken || !shows_own_certificate(k, who, req)) {
        refuse_token(why, PROBLEM_UNAUTHENTICATED, "invalid_client");
    } else if (!scope_allowed(scope, scope_of(k, who->soort)) &&
               !kp_is(k, KP_SCOPE_UNCHECKED)) {
        rejection_add(why, PROBLEM_INVALID, "/scope", "onbekende-scope");
        refuse_token(why, PROBLEM_INVALID, "invalid_scope");
    } else {
        const struct token *t =
            clients_token(k->clients, who, req->peer ? req->peer->digest : "", now.mono);
        json_t *answer =
            json_pack("{ss,ss,sI}", "access_token", t->text, "token_type", "Bearer",
                      "expires_in", (json_int_t)k->clients->token_seconds);
        profile_answer(k->profile, OP_TOKEN, req, answer, out);
        json_decref(answer);
        ok = true;
    }
    json_decref(asked);
    return ok;
}

/* ---- open to everybody ---- */
static bool give_openapi(struct koppelpunt *k, const struct client *from,
                         const struct http_request *req, struct moment now,
                         struct http_response *out, struct rejection *why)
{
    (void)from;
    (void)now;
    (void)why;
    profile_answer(k->profile, OP_OPENAPI, req, NULL, out);
    return true;
}

static bool give_health(struct koppelpunt *k, const struct client *from,
                        const struct http_request *req, struct moment now,
                        struct http_response *out, struct rejection *why)
{
    (void)from;
    (void)now;
    (void)why;
    json_t *answer = json_pack("{ss}", "status", "ok");
    profile_answer(k->profile, OP_GEZONDHEID, req, answer, out);
    json_decref(answer);
    return true;
}

/* ---- who may ---- */
#define BIT(soort) (1U << (soort))

static const struct {
    handler *handle;
    unsigned soorten; /* who may; 0: everybody, without a token */
} operations[OP_COUNT] = {
    [OP_TOKEN] = {give_token, 0},
    [OP_INDIENEN] = {intake_meldingen, BIT(SOORT_SIS) | BIT(SOORT_CAMBO)},
    [OP_STAND] = {intake_stand, BIT(SOORT_SIS)},
    [OP_OPHALEN] = {serve_changes, BIT(SOORT_OVERSTAPSYSTEEM)},
    [OP_ZOEKEN] = {serve_search, BIT(SOORT_OVERSTAPSYSTEEM)},
    [OP_OPENAPI] = {give_openapi, 0},
    [OP_GEZONDHEID] = {give_health, 0},
    [OP_ABONNEREN] = {notify_subscribe, BIT(SOORT_OVERSTAPSYSTEEM)},
    [OP_OPZEGGEN] = {notify_unsubscribe, BIT(SOORT_OVERSTAPSYSTEEM)},
};

/* A profile without scopes has keys instead of tokens: the clientSecret is the key. */
static bool has_keys(const struct koppelpunt *k)
{
    return !profile_scope(k->profile, OP_OPHALEN);
}

/* A mutant that does not look at tokens takes anybody for the first client that may. */
static const struct client *first_that_may(const struct koppelpunt *k, enum op op)
{
    for (struct map_item *i = map_first(k->clients->by_id); i; i = map_next(i)) {
        const struct client *c = map_value(i);
        if (operations[op].soorten & BIT(c->soort) && !c->gone)
            return c;
    }
    return NULL;
}

/* A token only serves who holds the key of the certificate that it was given to (RFC 8705
 * section 3). */
static bool bound_to_peer(const struct koppelpunt *k, const struct token *t,
                          const struct http_request *req)
{
    const struct http_peer *peer = req->peer;
    if (!k->strict)
        return true;
    if (!peer || !peer->digest[0])
        return kp_is(k, KP_NO_CERTIFICATE_NEEDED);
    return strcmp(t->bound, peer->digest) == 0 || kp_is(k, KP_TOKEN_UNBOUND);
}

/* The client that a request says it is, when that is true now; or NULL. */
static const struct client *authenticate(const struct koppelpunt *k, enum op op,
                                         const struct http_request *req,
                                         struct moment now)
{
    const char *bearer = profile_bearer(k->profile, req);
    if (!bearer)
        return kp_is(k, KP_NO_TOKEN_NEEDED) ? first_that_may(k, op) : NULL;
    if (has_keys(k)) {
        const struct client *c = clients_by_key(k->clients, bearer);
        return c && shows_own_certificate(k, c, req) ? c : NULL;
    }
    const struct token *t = clients_find_token(k->clients, bearer);
    if (!t && kp_is(k, KP_ANY_TOKEN))
        return first_that_may(k, op);
    bool lives = t && (now.mono < t->expires || kp_is(k, KP_TOKEN_FOR_EVER));
    return lives && !t->ended && !t->client->gone && bound_to_peer(k, t, req) ? t->client
                                                                              : NULL;
}

static bool connected(const struct koppelpunt *k, const struct client *c, when_t now)
{
    const when_t minute = 60 * NS_PER_S;
    if (c->soort != SOORT_OVERSTAPSYSTEEM)
        return true;
    if (!c->connects || now < c->aansluitdatum)
        return kp_is(k, KP_DATE_IGNORED);
    return now >= c->aansluitdatum + minute || !kp_is(k, KP_DATE_LATE);
}

/* May this client do this now? NULL with *why filled when not. */
static const struct client *admit(const struct koppelpunt *k, enum op op,
                                  const struct http_request *req, struct moment now,
                                  struct rejection *why)
{
    const struct client *c = authenticate(k, op, req, now);
    if (!c) {
        why->problem = PROBLEM_UNAUTHENTICATED;
    } else if (c->ingetrokken && !kp_is(k, KP_WITHDRAWN_LIVES)) {
        why->problem =
            kp_is(k, KP_WITHDRAWN_IS_401) ? PROBLEM_UNAUTHENTICATED : PROBLEM_WITHDRAWN;
    } else if (!(operations[op].soorten & BIT(c->soort)) &&
               !kp_is(k, KP_SOORT_UNCHECKED)) {
        why->problem = PROBLEM_FORBIDDEN;
    } else if (!connected(k, c, now.wall)) {
        why->problem =
            kp_is(k, KP_DATE_NO_REASON) ? PROBLEM_FORBIDDEN : PROBLEM_NOT_CONNECTED;
        why->aansluitdatum = c->connects ? c->aansluitdatum : 0;
    } else {
        return c;
    }
    return NULL;
}

/* Counts this request; true when it is one too many of its client for this second. */
static bool overloaded(struct koppelpunt *k, const struct client *from, struct moment now,
                       struct rejection *why)
{
    const uint64_t second = now.mono / NS_PER_S;
    struct client *c = k->overload ? map_get(k->clients->by_id, from->id) : NULL;
    if (!c)
        return false;
    if (second != c->second) {
        c->second = second;
        c->in_second = 0;
    }
    if (++c->in_second <= k->overload)
        return false;
    k->memory.full_until = now.mono + 2 * NS_PER_S;
    why->problem = PROBLEM_TOO_MANY;
    why->retry_after = 1;
    return true;
}

/* The answer, or false with *why filled. */
static bool answer_request(struct koppelpunt *k, const struct http_request *req,
                           struct moment now, struct http_response *out,
                           struct rejection *why)
{
    const struct client *from = NULL;
    enum op op = profile_route(k->profile, req->method, req->target, why);
    if (op == OP_NONE && !authenticate(k, op, req, now) &&
        kp_is(k, KP_AUTHENTICATES_FIRST))
        why->problem = PROBLEM_UNAUTHENTICATED;
    if (op == OP_NONE)
        return false;
    if (operations[op].soorten &&
        (!(from = admit(k, op, req, now, why)) || overloaded(k, from, now, why)))
        return false;
    if (!profile_acceptable(k->profile, op, req)) {
        why->problem = PROBLEM_NOT_ACCEPTABLE;
        return false;
    }
    return operations[op].handle(k, from, req, now, out, why);
}

/* ---- the role ---- */
static void answer_as_mutant(struct koppelpunt *k, const struct http_request *req,
                             struct moment now, struct http_reply *reply,
                             struct rejection *why)
{
    struct http_request copy;
    http_request_init(&copy);
    const struct http_request *taken = kp_mutate_request(k, req, &copy);
    if (kp_mutant_refuses(k, taken, why) ||
        !answer_request(k, taken, now, &reply->response, why))
        profile_refuse(k->profile, taken, why, &reply->response);
    kp_mutate_reply(k, taken, now, reply);
    http_request_done(&copy);
}

static void request(struct role *r, uint64_t ticket, const struct http_request *req,
                    struct moment now, struct outbox *out)
{
    struct koppelpunt *k = (struct koppelpunt *)r;
    struct rejection why;
    struct http_reply reply;
    http_reply_init(&reply);
    rejection_init(&why);
    if (k->mutant != KP_MUTANT_NONE)
        answer_as_mutant(k, req, now, &reply, &why);
    else if (!answer_request(k, req, now, &reply.response, &why))
        profile_refuse(k->profile, req, &why, &reply.response);
    rejection_done(&why);
    outbox_reply(out, ticket, &reply);
    notify_run(k, now, out);
}

/* It calls nobody but those who want notifications. */
static void answer(struct role *r, uint64_t id, const struct call_result *res,
                   struct moment now, struct outbox *out)
{
    notify_answer((struct koppelpunt *)r, id, res, now, out);
}

static void tick(struct role *r, struct moment now, struct outbox *out)
{
    notify_run((struct koppelpunt *)r, now, out);
}

static int reload(struct role *r, struct moment now, struct err *e)
{
    (void)now;
    return clients_reload(((struct koppelpunt *)r)->clients, e);
}

static void role_free(struct role *r)
{
    struct koppelpunt *k = (struct koppelpunt *)r;
    state_close(k);
    kp_memory_done(&k->memory);
    notify_free(k->notify);
    store_free(k->store);
    clients_free(k->clients);
    free(k->page);
    free(k);
}

static const struct role_ops ops = {
    .name = "koppelpunt",
    .request = request,
    .answer = answer,
    .tick = tick,
    .reload = reload,
    .free = role_free,
};

int koppelpunt_new(const struct koppelpunt_config *c, struct moment now,
                   struct role **out, struct err *e)
{
    struct koppelpunt *k = xcalloc(1, sizeof *k);
    k->role.ops = &ops;
    k->profile = c->profile;
    k->seed = c->seed;
    k->mutant = (enum kp_mutant)c->mutant;
    k->shuffle = k->mutant == KP_OVERTAKEN_TOLD ? c->seed | 1 : c->shuffle;
    k->cursor_seconds = c->cursor_seconds;
    k->overload = c->overload;
    k->strict = c->strict;
    k->empty_pages = c->empty_pages;
    k->odd_cursors = c->odd_cursors;
    k->page_max = c->page_max > 0 ? (size_t)c->page_max : 0;
    if (k->mutant == KP_PAGES_OF_3 || k->mutant == KP_EMPTY_PAGES)
        k->page_max = 3;
    if (c->notification_scale > 0)
        k->notify = notify_new(c->notification_scale);
    /* Never the same tokens again after a restart: who had one may be somebody else now.
     */
    char purpose[80];
    struct rng rng;
    snprintf(purpose, sizeof purpose, "tokens %lld %llu", (long long)now.wall,
             (unsigned long long)now.mono);
    rng_init(&rng, c->seed, "koppelpunt", purpose);
    int rc = clients_new(c->clients_file, &rng, &k->clients, e);
    if (!rc)
        rc = state_open(k, c->state_dir, now.wall, e);
    if (rc) {
        role_free(&k->role);
        return rc;
    }
    *out = &k->role;
    return 0;
}

bool koppelpunt_takes_old_tls(const struct role *r)
{
    const struct koppelpunt *k = (const struct koppelpunt *)r;
    return k->strict && kp_is(k, KP_OLD_TLS);
}

/* ---- for the laboratory ---- */
const char *koppelpunt_client_of(struct role *r, const struct http_request *req)
{
    const struct koppelpunt *k = (struct koppelpunt *)r;
    const char *bearer = profile_bearer(k->profile, req);
    if (!bearer)
        return NULL;
    if (has_keys(k)) {
        const struct client *c = clients_by_key(k->clients, bearer);
        return c ? c->id : NULL;
    }
    const struct token *t = clients_find_token(k->clients, bearer);
    return t ? t->client->id : NULL;
}

void koppelpunt_lapse_cursors(struct role *r)
{
    struct koppelpunt *k = (struct koppelpunt *)r;
    k->generation++;
    state_generation(k, NULL); /* at worst they live again after a restart */
}

size_t koppelpunt_abonnementen(struct role *r)
{
    return notify_count(((struct koppelpunt *)r)->notify);
}

void koppelpunt_lose_notification(struct role *r)
{
    notify_lose_next(((struct koppelpunt *)r)->notify);
}

unsigned long koppelpunt_lost_notifications(struct role *r)
{
    return notify_lost(((struct koppelpunt *)r)->notify);
}

void koppelpunt_end_tokens(struct role *r)
{
    clients_end_tokens(((struct koppelpunt *)r)->clients);
}

int koppelpunt_set_client(struct role *r, const char *client_id, const json_t *changes,
                          struct err *e)
{
    struct koppelpunt *k = (struct koppelpunt *)r;
    return changes ? clients_change(k->clients, client_id, changes, e) : 0;
}

void koppelpunt_figures(struct role *r, size_t *bytes, size_t *aanmeldingen)
{
    const struct koppelpunt *k = (struct koppelpunt *)r;
    if (bytes)
        *bytes = store_bytes(k->store);
    if (aanmeldingen)
        *aanmeldingen = store_count(k->store);
}
