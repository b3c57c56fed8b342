#include "mocks/koppelpunt_notify.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/koppelpunt_role.h"

/* The gap after the n-th failure is 25 * 4^n s; from n = 8 on (19 days) it stays. */
#define GAP_FIRST  25.0
#define GAP_FACTOR 4.0
#define GAP_LAST   8
#define SILENCE    (5 * (uint64_t)NS_PER_S) /* a failure too */
#define PER_CLIENT 100                      /* abonnementen */
#define SOURCE     "urn:nld:oin:00000099000000009000:systeem:koppelpunt"

struct abonnement {
    struct abonnement *next;
    char id[37];
    char *client;          /* its clientId */
    char *url;             /* as it was given */
    char *origin, *target; /* the parts of it */
    uint64_t told;         /* acknowledged up to here */
    /* The one event under way. */
    bool open;
    uint64_t upto;
    char event[37];
    unsigned tries;   /* failed so far, in this life */
    uint64_t next_at; /* not before */
    uint64_t call;    /* 0: nothing is on its way */
};

struct notify {
    double scale;
    struct abonnement *first;
    uint64_t last_call;
    unsigned long made; /* abonnementen, for their ids */
    bool lose_next;
    unsigned long lost;
};

struct notify *notify_new(double scale)
{
    struct notify *n = xcalloc(1, sizeof *n);
    n->scale = scale;
    return n;
}

static void abonnement_free(struct abonnement *a)
{
    free(a->client);
    free(a->url);
    free(a->origin);
    free(a->target);
    free(a);
}

void notify_free(struct notify *n)
{
    while (n && n->first) {
        struct abonnement *a = n->first;
        n->first = a->next;
        abonnement_free(a);
    }
    free(n);
}

/* ---- the list ---- */

static struct abonnement *find(const struct notify *n, const char *client, const char *id,
                               const char *url)
{
    for (struct abonnement *a = n->first; a; a = a->next)
        if ((!client || !strcmp(a->client, client)) && (!id || !strcmp(a->id, id)) &&
            (!url || !strcmp(a->url, url)))
            return a;
    return NULL;
}

static size_t count_of(const struct notify *n, const char *client)
{
    size_t count = 0;
    for (const struct abonnement *a = n->first; a; a = a->next)
        count += !client || !strcmp(a->client, client);
    return count;
}

static struct abonnement *add(struct notify *n, const char *id, const char *client,
                              const char *url, uint64_t told)
{
    struct abonnement *a = xcalloc(1, sizeof *a), **end = &n->first;
    const char *host = strstr(url, "://") + 3, *path = host + strcspn(host, "/?");
    snprintf(a->id, sizeof a->id, "%s", id);
    a->client = xstrdup(client);
    a->url = xstrdup(url);
    a->origin = xstrndup(url, (size_t)(path - url));
    a->target = xasprintf("%s%s", *path == '/' ? "" : "/", path);
    a->told = told;
    while (*end)
        end = &(*end)->next;
    *end = a;
    n->made++;
    return a;
}

static void drop(struct notify *n, struct abonnement *gone)
{
    for (struct abonnement **p = &n->first; *p; p = &(*p)->next)
        if (*p == gone) {
            *p = gone->next;
            abonnement_free(gone);
            return;
        }
}

/* The id of the event that tells up to there: the same in every life. */
static void event_of(const struct koppelpunt *k, const struct abonnement *a,
                     uint64_t upto, char out[37])
{
    char purpose[80];
    struct rng r;
    snprintf(purpose, sizeof purpose, "notification %s %llu", a->id,
             (unsigned long long)upto);
    rng_init(&r, k->seed, "koppelpunt", purpose);
    rng_uuid(&r, out);
}

static void open_event(const struct koppelpunt *k, struct abonnement *a, uint64_t upto)
{
    a->open = true;
    a->upto = upto;
    a->tries = 0;
    a->next_at = 0;
    event_of(k, a, upto, a->event);
}

static void close_event(struct abonnement *a)
{
    if (a->upto > a->told)
        a->told = a->upto;
    a->open = false;
}

/* ---- what survives ---- */

static int keep(struct koppelpunt *k, json_t *record)
{
    int rc = k->log ? state_record(k, record, NULL) : 0;
    json_decref(record);
    return rc;
}

static json_t *record(const char *what, const char *id, uint64_t upto)
{
    return json_pack("{ss,ss,sI}", "notificatie", what, "id", id, "tot",
                     (json_int_t)upto);
}

bool notify_is_record(const json_t *o)
{
    return json_object_get(o, "notificatie") != NULL;
}

static bool replay_new(struct koppelpunt *k, const json_t *o, const char *id,
                       uint64_t upto)
{
    const char *client = json_string_value(json_object_get(o, "client"));
    const char *url = json_string_value(json_object_get(o, "url"));
    if (!client || !url || !strstr(url, "://"))
        return false;
    if (!mutant_is(k->mutant, KP_NOTIFY_FORGETS))
        add(k->notify, id, client, url, upto);
    return true;
}

/* Of an abonnement that ended later nothing is left to be done. */
bool notify_replay(struct koppelpunt *k, const json_t *o)
{
    const char *what = json_string_value(json_object_get(o, "notificatie"));
    const char *id = json_string_value(json_object_get(o, "id"));
    uint64_t upto = (uint64_t)json_integer_value(json_object_get(o, "tot"));
    if (!what || !id)
        return false;
    if (!k->notify) /* none are offered in this life */
        return true;
    if (!strcmp(what, "abonnement"))
        return replay_new(k, o, id, upto);
    struct abonnement *a = find(k->notify, NULL, id, NULL);
    if (a && !strcmp(what, "gemeld")) {
        open_event(k, a, upto);
    } else if (a && !strcmp(what, "bevestigd")) {
        a->upto = upto;
        close_event(a);
    } else if (a && !strcmp(what, "beeindigd")) {
        drop(k->notify, a);
    }
    return true;
}

/* ---- subscribing ---- */

static bool refuse(struct rejection *why, enum problem problem)
{
    why->problem = problem;
    why->retry_after = 1;
    return false;
}

static struct abonnement *subscribe(struct koppelpunt *k, const struct client *from,
                                    const char *url, struct rejection *why)
{
    struct notify *n = k->notify;
    struct abonnement *a = find(n, from->id, NULL, url);
    char id[37], purpose[64];
    struct rng r;
    if (a)
        return a;
    if (count_of(n, from->id) >= PER_CLIENT) {
        rejection_add(why, PROBLEM_INVALID, "/callbackUrl", "te-veel-abonnementen");
        return NULL;
    }
    snprintf(purpose, sizeof purpose, "abonnement %lu %lld", n->made,
             (long long)k->began);
    rng_init(&r, k->seed, "koppelpunt", purpose);
    rng_uuid(&r, id);
    uint64_t told = store_last(k->store);
    if (keep(k, json_pack("{ss,ss,ss,ss,sI}", "notificatie", "abonnement", "id", id,
                          "client", from->id, "url", url, "tot", (json_int_t)told))) {
        refuse(why, PROBLEM_UNAVAILABLE);
        return NULL;
    }
    return add(n, id, from->id, url, told);
}

bool notify_subscribe(struct koppelpunt *k, const struct client *from,
                      const struct http_request *req, struct moment now,
                      struct http_response *out, struct rejection *why)
{
    json_t *asked = NULL;
    (void)now;
    if (!k->notify)
        return refuse(why, PROBLEM_NOT_FOUND);
    if (profile_read(k->profile, OP_ABONNEREN, req, &asked, why))
        return false;
    const char *url = json_string_value(json_object_get(asked, "callbackUrl"));
    const struct abonnement *a = subscribe(k, from, url, why);
    if (a) {
        json_t *answer =
            json_pack("{ss,ss}", "abonnementId", a->id, "callbackUrl", a->url);
        profile_answer(k->profile, OP_ABONNEREN, req, answer, out);
        json_decref(answer);
    }
    json_decref(asked);
    return a != NULL;
}

bool notify_unsubscribe(struct koppelpunt *k, const struct client *from,
                        const struct http_request *req, struct moment now,
                        struct http_response *out, struct rejection *why)
{
    json_t *asked = NULL;
    (void)now;
    if (!k->notify)
        return refuse(why, PROBLEM_NOT_FOUND);
    if (profile_read(k->profile, OP_OPZEGGEN, req, &asked, why))
        return false;
    const char *id = json_string_value(json_object_get(asked, "abonnementId"));
    struct abonnement *a = id ? find(k->notify, from->id, id, NULL) : NULL;
    bool ok = false;
    if (!a) {
        refuse(why, PROBLEM_NOT_FOUND);
    } else if (keep(k, record("beeindigd", a->id, a->told))) {
        refuse(why, PROBLEM_UNAVAILABLE);
    } else {
        drop(k->notify, a);
        profile_answer(k->profile, OP_OPZEGGEN, req, NULL, out);
        ok = true;
    }
    json_decref(asked);
    return ok;
}

/* ---- telling ---- */

/* A mutant tells whose status has changed. */
static void add_person(struct koppelpunt *k, json_t *event)
{
    struct store_reader at = {0, store_last(k->store)};
    struct store_entry e;
    bool more;
    if (store_read(k->store, &at, 1, &e, &more) == 1 && !e.vervallen &&
        mutant_is(k->mutant, KP_NOTIFY_PERSONAL))
        json_object_set_new(event, "subject", json_sprintf("%09u", (unsigned)e.bsn));
}

static void new_id_each_time(const struct koppelpunt *k, struct abonnement *a)
{
    char purpose[80];
    struct rng r;
    if (!a->tries || !mutant_is(k->mutant, KP_NOTIFY_NEW_IDS))
        return;
    snprintf(purpose, sizeof purpose, "again %s %u", a->event, a->tries);
    rng_init(&r, k->seed, "koppelpunt", purpose);
    rng_uuid(&r, a->event);
}

/* As readers see it: one that is odd counts in thousands (kp_mutate_served.c). */
static json_int_t volgnummer_of(const struct koppelpunt *k, uint64_t n)
{
    return (json_int_t)n * (k->mutant == KP_GAPS_OF_1000 ? 1000 : 1);
}

static void send(struct koppelpunt *k, struct abonnement *a, struct moment now,
                 struct outbox *out)
{
    struct http_request req;
    char when[32];
    new_id_each_time(k, a);
    json_t *event =
        json_pack("{ss,ss,ss,ss,ss,ss,sI}", "specversion", "1.0", "id", a->event,
                  "source", SOURCE, "type", "aanmeldstatussen-gewijzigd", "time",
                  when_format(now.wall / NS_PER_MS * NS_PER_MS, when), "datacontenttype",
                  "application/json", "totVolgnummer", volgnummer_of(k, a->upto));
    if (k->mutant != KP_MUTANT_NONE)
        add_person(k, event);
    profile_ask(k->profile, OP_MELDEN, event, NULL, &req);
    free(req.target);
    req.target = xstrdup(a->target);
    http_fields_remove(&req.fields, "Accept"); /* nothing of the answer is read */
    struct role_call c = {.id = a->call = ++k->notify->last_call,
                          .op = OP_MELDEN,
                          .url = a->origin,
                          .request = req,
                          .timeout_ns = SILENCE,
                          .trust = TRUST_PROPER,
                          .message = event};
    outbox_call(out, &c);
    json_decref(event);
}

/* Abonnementen of a client that may fetch nothing are silent. */
static bool may_hear(const struct koppelpunt *k, const struct abonnement *a)
{
    const struct client *c = map_get(k->clients->by_id, a->client);
    return c && !c->gone && !c->ingetrokken;
}

/* Something new for it, and nothing under way: the next event. False when it can't be
 * kept; then it is tried again with the next occasion. */
static bool begin_event(struct koppelpunt *k, struct abonnement *a)
{
    uint64_t last = store_last(k->store);
    if (last <= a->told)
        return false;
    /* A mutant that tells a change once in a while only. */
    if (a->told && last % 2 == 0 && mutant_is(k->mutant, KP_NOTIFY_SOMETIMES)) {
        a->told = last;
        return false;
    }
    if (keep(k, record("gemeld", a->id, last)))
        return false;
    open_event(k, a, last);
    return true;
}

static bool lost(struct koppelpunt *k, struct abonnement *a)
{
    if (!k->notify->lose_next)
        return false;
    k->notify->lose_next = false;
    k->notify->lost++;
    close_event(a);
    keep(k, record("bevestigd", a->id, a->told));
    return true;
}

void notify_run(struct koppelpunt *k, struct moment now, struct outbox *out)
{
    if (!k->notify || !k->notify->first)
        return;
    if (store_undealt(k->store) && !state_deal(k, NULL))
        store_deal(k->store);
    for (struct abonnement *a = k->notify->first; a; a = a->next) {
        if (a->call || !may_hear(k, a) || (!a->open && !begin_event(k, a)))
            continue;
        if (a->next_at > now.mono)
            outbox_wake(out, a->next_at);
        else if (!lost(k, a))
            send(k, a, now, out);
    }
}

/* ---- what comes of it ---- */

static uint64_t gap(const struct koppelpunt *k, const struct abonnement *a,
                    const struct call_result *res, when_t now)
{
    double seconds = GAP_FIRST, asked = -1;
    for (unsigned n = 1; n < a->tries && n <= GAP_LAST; n++)
        if (!mutant_is(k->mutant, KP_NOTIFY_EVEN_GAPS))
            seconds *= GAP_FACTOR;
    seconds *= k->notify->scale;
    /* CloudEvents' webhook: a receiver may ask for more time. */
    if (res->outcome == CALL_ANSWERED)
        asked = http_retry_after(&res->response.fields, now);
    if (asked > seconds)
        seconds = asked < 86400 ? asked : 86400;
    return (uint64_t)(seconds * (double)NS_PER_S);
}

static void failed(struct koppelpunt *k, struct abonnement *a,
                   const struct call_result *res, struct moment now)
{
    if (mutant_is(k->mutant, KP_NOTIFY_ONCE)) {
        close_event(a);
        return;
    }
    a->tries++;
    a->next_at = now.mono + gap(k, a, res, now.wall);
}

void notify_answer(struct koppelpunt *k, uint64_t id, const struct call_result *res,
                   struct moment now, struct outbox *out)
{
    struct abonnement *a = k->notify ? k->notify->first : NULL;
    while (a && a->call != id)
        a = a->next;
    if (!a)
        return; /* it was given up meanwhile */
    a->call = 0;
    int status = res->outcome == CALL_ANSWERED ? res->response.status : 0;
    if (status / 100 == 2) {
        close_event(a);
        /* At worst it is told once more after a restart. */
        keep(k, record("bevestigd", a->id, a->told));
    } else if (status == 410 && !mutant_is(k->mutant, KP_NOTIFY_AFTER_410)) {
        keep(k, record("beeindigd", a->id, a->told));
        drop(k->notify, a);
    } else if (status == 410) {
        close_event(a);
    } else {
        failed(k, a, res, now);
    }
    notify_run(k, now, out);
}

/* ---- for the laboratory ---- */

size_t notify_count(const struct notify *n)
{
    return n ? count_of(n, NULL) : 0;
}

void notify_lose_next(struct notify *n)
{
    if (n)
        n->lose_next = true;
}

unsigned long notify_lost(const struct notify *n)
{
    return n ? n->lost : 0;
}
