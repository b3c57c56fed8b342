#include "mocks/os_fetch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/os_fetch_parts.h"
#include "mocks/os_observer.h"

#define NEVER UINT64_MAX
/* A mutant's: so many intervals after the aansluitdatum. */
#define LATE_START 10

/* The contract's fine print under "Failing": a gap of up to 8 intervals, Retry-After up
 * to 24 h, a silent request given up within max(2 s, 4 intervals) and 30 s at most. The
 * last leaves a tenth for the way to the peer and back. */
#define GAP_MOST      8
#define HOLD_MAX      (24 * 3600 * SECOND)
#define SILENCE_LEAST (2 * SECOND)
#define SILENCE_MOST  (30 * SECOND)
#define SILENCE_ALONE (10 * SECOND) /* when there is no interval */

/* ---- small things ---- */

static void tickets_add(struct tickets *t, uint64_t ticket)
{
    if (t->n == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 8;
        t->v = xrealloc(t->v, t->cap * sizeof(*t->v));
    }
    t->v[t->n++] = ticket;
}

static void address_done(struct address *a)
{
    free(a->origin);
    free(a->path);
}

static int address_read(const char *url, const char *what, struct address *out,
                        struct err *e)
{
    const char *host = url ? strstr(url, "://") : NULL;
    size_t n = host ? strcspn(host + 3, "/?#") : 0;
    if (n == 0)
        return err_set(e, E_INVALID, "the URL of the %s is not given or is none", what);
    const char *path = host + 3 + n;
    size_t path_n = strcspn(path, "#");
    while (path_n > 0 && path[path_n - 1] == '/')
        path_n--;
    out->origin = xstrndup(url, (size_t)(path - url));
    out->path = xstrndup(path, path_n);
    return 0;
}

/* Before its aansluitdatum a system asks nothing (OS-OPH-14). */
static bool too_early(const struct os_fetch *f, struct moment now)
{
    return f->has_aansluitdatum && now.wall < f->aansluitdatum &&
           !mutant_is(f->mutant, OS_ASKS_BEFORE_DATE) &&
           !mutant_is(f->mutant, OS_HAMMERS_BEFORE_DATE);
}

static bool held(const struct os_fetch *f, struct moment now)
{
    return f->hold_until > now.mono;
}

static uint64_t later_of(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t patience(const struct os_fetch *f)
{
    uint64_t most = later_of(SILENCE_LEAST, 4 * f->interval);
    if (f->interval == 0)
        most = SILENCE_ALONE;
    most = least_of(most, SILENCE_MOST);
    return most - most / 10;
}

void fetch_drop_token(struct os_fetch *f)
{
    free(f->token);
    f->token = NULL;
}

/* ---- asking ---- */

static size_t longest_digits(const char *s)
{
    size_t longest = 0, n = 0;
    for (; *s; s++) {
        n = *s >= '0' && *s <= '9' ? n + 1 : 0;
        longest = n > longest ? n : longest;
    }
    return longest;
}

/* A fresh request id, without what could be taken for somebody's number: a koppelpunt
 * need not echo one that holds nine digits (CONTRACT.md 2). */
static void sign(struct os_fetch *f, struct http_request *req)
{
    char id[37];
    do
        rng_uuid(&f->rng, id);
    while (longest_digits(id) >= 9);
    http_fields_set(&req->fields, "X-Request-Id", id);
}

/* Which server it believes. */
static enum call_trust trust(const struct os_fetch *f, const struct address *to)
{
    if (strncmp(to->origin, "https:", 6) != 0)
        return TRUST_PROPER;
    return mutant_is(f->mutant, OS_TRUSTS_ANYBODY)    ? TRUST_ANYBODY
           : mutant_is(f->mutant, OS_TRUSTS_ANY_NAME) ? TRUST_ANY_NAME
                                                      : TRUST_PROPER;
}

void fetch_send(struct os_fetch *f, enum op op, const struct address *to,
                struct http_request *req, const json_t *message, struct moment now,
                struct outbox *out)
{
    sign(f, req);
    f->asked = now.mono;
    struct role_call c = {.id = ++f->last_id,
                          .op = op,
                          .url = to->origin,
                          .request = *req,
                          .timeout_ns = patience(f),
                          .trust = trust(f, to),
                          .ca_file = f->ca_file,
                          .message = message};
    outbox_call(out, &c);
}

void fetch_ask_token(struct os_fetch *f, struct moment now, struct outbox *out)
{
    struct http_request req;
    json_t *ask = json_pack("{s:s, s:s}", "clientId", f->client_id, "clientSecret",
                            f->client_secret);
    json_t *tell =
        json_pack("{s:s}", "clientId", f->client_id); /* no secret in a journal */
    profile_ask(f->profile, OP_TOKEN, ask, NULL, &req);
    if (*f->token_endpoint.path) {
        free(req.target);
        req.target = xstrdup(f->token_endpoint.path);
    }
    fetch_drop_token(f);
    f->state = WANTS_TOKEN;
    fetch_send(f, OP_TOKEN, &f->token_endpoint, &req, tell, now, out);
    json_decref(ask);
    json_decref(tell);
}

void fetch_ask_page(struct os_fetch *f, struct moment now, struct outbox *out)
{
    struct http_request req;
    const char *cursor = os_view_cursor(os_store_view(f->store));
    json_t *ask = json_object();
    if (cursor)
        json_object_set_new(ask, "sinds", json_string(cursor));
    if (f->limiet > 0)
        json_object_set_new(ask, "limiet", json_integer(f->limiet));
    profile_ask(f->profile, OP_OPHALEN, ask, f->token, &req);
    if (*f->api.path) {
        char *target = xasprintf("%s%s", f->api.path, req.target);
        free(req.target);
        req.target = target;
    }
    f->state = WANTS_PAGE;
    f->begins = !cursor;
    fetch_mutate_ask(f, &req);
    fetch_send(f, OP_OPHALEN, &f->api, &req, ask, now, out);
    json_decref(ask);
}

void fetch_ask_next(struct os_fetch *f, struct moment now, struct outbox *out)
{
    if (f->token && mutant_is(f->mutant, OS_TOKEN_PER_REQUEST))
        fetch_drop_token(f);
    if (f->by_key && !f->token)
        f->token = xstrdup(f->client_secret);
    if (f->token && (f->by_key || now.mono < f->token_until))
        fetch_ask_page(f, now, out);
    else
        fetch_ask_token(f, now, out);
}

static void begin(struct os_fetch *f, struct moment now, struct outbox *out)
{
    f->began = now.mono;
    f->token_untried = f->renewed = f->restarted = f->soon = false;
    f->empty = 0;
    if (f->token && mutant_is(f->mutant, OS_TOKEN_PER_FETCH))
        fetch_drop_token(f);
    if (os_view_cursor(os_store_view(f->store)) && mutant_is(f->mutant, OS_REFETCHES_ALL))
        (void)os_store_restart(f->store, NULL);
    fetch_ask_next(f, now, out);
}

/* ---- ending ---- */

static void refuse(struct os_fetch *f, uint64_t ticket, const char *why,
                   struct moment now, struct outbox *out)
{
    uint64_t seconds = 0;
    if (held(f, now))
        seconds = (f->hold_until - now.mono + SECOND - 1) / SECOND;
    os_observer_refuse(out, ticket, 503, why, seconds);
}

/* Tells those who waited for this fetch, and goes on with those who came meanwhile. `why`
 * is NULL when it succeeded. */
static void end(struct os_fetch *f, const char *why, struct moment now,
                struct outbox *out)
{
    f->state = IDLE;
    for (size_t i = 0; i < f->served.n; i++)
        if (why)
            refuse(f, f->served.v[i], why, now, out);
        else
            os_observer_reply(out, f->served.v[i], 200, NULL, 0, 0);
    f->served.n = 0;
    struct tickets next = f->waiting;
    f->waiting = (struct tickets){0};
    for (size_t i = 0; i < next.n; i++)
        os_fetch_ask(f, next.v[i], now, out);
    /* Those that found the next fetch begun by the first of them are part of it. */
    for (size_t i = 0; i < f->waiting.n; i++)
        tickets_add(&f->served, f->waiting.v[i]);
    f->waiting.n = 0;
    free(next.v);
    os_fetch_tick(f, now, out);
}

void fetch_succeed(struct os_fetch *f, struct moment now, struct outbox *out)
{
    f->gap = 0;
    f->hold_until = 0;
    f->runs++;
    f->next_at = f->interval ? f->began + f->interval : NEVER;
    if (f->notified && f->interval && mutant_is(f->mutant, OS_ONLY_NOTIFIED))
        f->next_at = NEVER;
    if (f->interval && mutant_is(f->mutant, OS_NEVER_BY_ITSELF))
        f->next_at = NEVER;
    if (f->interval && f->runs >= 3 && mutant_is(f->mutant, OS_FETCHES_SELDOM))
        f->next_at += 8 * f->interval;
    if (f->soon)
        f->next_at = now.mono;
    end(f, NULL, now, out);
}

uint64_t fetch_wait_of(const struct os_fetch *f, const struct http_response *resp,
                       struct moment now)
{
    when_t date;
    const char *text = http_fields_get(&resp->fields, "Retry-After");
    double seconds = http_retry_after(&resp->fields, now.wall);
    if (!text || !(seconds > 0))
        return 0;
    if (mutant_is(f->mutant, OS_IGNORES_RETRY_AFTER) ||
        (when_parse_http(text, &date) == 0 &&
         mutant_is(f->mutant, OS_IGNORES_RETRY_DATE)))
        return 0;
    if (seconds >= (double)(HOLD_MAX / SECOND))
        return HOLD_MAX;
    /* To the nanosecond, which a double can't hold of a date: never a moment too early.
     */
    if (when_parse_http(text, &date) == 0)
        return date > now.wall ? (uint64_t)(date - now.wall) : 0;
    return (uint64_t)ceil(seconds * (double)SECOND);
}

/* Retry-After of a failing answer: from now on nothing is asked until then, also not
 * after a restart (OS-OPH-05). */
static void hold(struct os_fetch *f, const struct http_response *resp, struct moment now)
{
    uint64_t wait = resp ? fetch_wait_of(f, resp, now) : 0;
    if (wait == 0)
        return;
    f->hold_until = now.mono + wait;
    /* When it can't be kept it still holds as long as we run. */
    (void)os_store_hold(f->store, now.wall + (when_t)wait, NULL);
}

void fetch_fail(struct os_fetch *f, const struct http_response *resp, const char *why,
                struct moment now, struct outbox *out)
{
    hold(f, resp, now);
    uint64_t most = GAP_MOST * f->interval;
    f->gap = least_of(f->gap ? 2 * f->gap : 2 * f->interval, most);
    f->next_at = NEVER;
    if (f->interval) {
        f->next_at = later_of(f->asked + f->gap, f->hold_until);
        /* After a longer wait that was asked for, the next gap is no shorter. */
        f->gap = least_of(f->next_at - f->asked, most);
    }
    fetch_mutate_gap(f, now);
    end(f, why, now, out);
}

/* The koppelpunt is well and we are early: no failure, one request per interval, or at
 * the moment that it names if that is sooner. */
void fetch_wait_for_date(struct os_fetch *f, const struct http_response *resp,
                         const json_t *problem, struct moment now, struct outbox *out)
{
    when_t date;
    const char *text = json_string_value(json_object_get(problem, "aansluitdatum"));
    hold(f, resp, now);
    f->gap = 0;
    f->next_at = NEVER;
    if (f->interval) {
        bool hammers = mutant_is(f->mutant, OS_HAMMERS_BEFORE_DATE);
        f->next_at = f->asked + (hammers ? f->interval / 5 : f->interval);
        if (text && when_parse(text, strlen(text), &date) == 0 && date > now.wall &&
            (uint64_t)(date - now.wall) < f->interval &&
            now.mono + (uint64_t)(date - now.wall) < f->next_at)
            f->next_at = now.mono + (uint64_t)(date - now.wall);
        f->next_at = later_of(f->next_at, f->hold_until);
        f->early_until = f->next_at;
    }
    end(f, "the koppelpunt says that the aansluitdatum has not come", now, out);
}

/* ---- when ---- */

void os_fetch_tick(struct os_fetch *f, struct moment now, struct outbox *out)
{
    if (f->mutation.pausing && now.mono < f->next_at) {
        outbox_wake(out, f->next_at);
        return;
    }
    if (f->mutation.pausing) {
        f->mutation.pausing = false;
        fetch_ask_next(f, now, out);
        return;
    }
    if (f->state != IDLE || f->next_at == NEVER)
        return;
    if (now.mono >= f->next_at && !too_early(f, now)) {
        begin(f, now, out);
        return;
    }
    uint64_t at = later_of(f->next_at, now.mono);
    if (too_early(f, now)) {
        /* Looked at once per interval, so that a clock that is set is noticed. */
        uint64_t left = (uint64_t)(f->aansluitdatum - now.wall);
        at = later_of(at, now.mono + (left < f->interval ? left : f->interval));
    }
    outbox_wake(out, at);
}

void os_fetch_soon(struct os_fetch *f, struct moment now, struct outbox *out)
{
    if (f->state != IDLE) {
        f->soon = true;
    } else if (!f->gap && !held(f, now) && now.mono >= f->early_until) {
        f->next_at = now.mono;
        os_fetch_tick(f, now, out);
    }
}

void os_fetch_ask(struct os_fetch *f, uint64_t ticket, struct moment now,
                  struct outbox *out)
{
    if (f->state != IDLE) {
        tickets_add(&f->waiting, ticket);
    } else if (held(f, now) && !mutant_is(f->mutant, OS_ASKED_IN_SPITE_OF_HOLD)) {
        refuse(f, ticket, "the koppelpunt asked to wait", now, out);
    } else if (too_early(f, now) || now.mono < f->early_until) {
        refuse(f, ticket, "the aansluitdatum has not come", now, out);
    } else if (f->mutation.gave_up) {
        refuse(f, ticket, "a fetch failed before", now, out);
    } else {
        tickets_add(&f->served, ticket);
        begin(f, now, out);
    }
}

/* ---- making ---- */

int os_fetch_new(const struct overstapsysteem_config *c, struct os_store *store,
                 struct moment now, struct os_fetch **out, struct err *e)
{
    struct os_fetch *f = xcalloc(1, sizeof(*f));
    int rc = address_read(c->url, "koppelpunt", &f->api, e);
    if (rc == 0)
        rc = address_read(c->token_url, "token endpoint", &f->token_endpoint, e);
    if (rc) {
        os_fetch_free(f);
        return rc;
    }
    f->profile = c->profile;
    f->store = store;
    f->client_id = xstrdup(c->client_id ? c->client_id : "");
    f->client_secret = xstrdup(c->client_secret ? c->client_secret : "");
    f->ca_file = xstrdup(c->ca_file);
    f->by_key = !profile_scope(c->profile, OP_OPHALEN);
    f->interval = c->interval_ns;
    if (f->interval && mutant_is(c->mutant, OS_EARLY_IN_INTERVAL))
        f->interval -= f->interval / 10;
    f->limiet = mutant_is(c->mutant, OS_LIMIET_3)      ? 3
                : mutant_is(c->mutant, OS_LIMIET_1000) ? 1000
                                                       : c->limiet;
    f->mutant = c->mutant;
    f->lenient = c->lenient;
    f->has_aansluitdatum = c->has_aansluitdatum;
    f->aansluitdatum = c->aansluitdatum;
    if (f->has_aansluitdatum && now.wall < f->aansluitdatum &&
        mutant_is(c->mutant, OS_STARTS_LATE))
        f->aansluitdatum += LATE_START * (when_t)f->interval;
    rng_init(&f->rng, c->seed, "overstapsysteem", "request-id");
    if (os_view_cursor(os_store_view(store)) && mutant_is(c->mutant, OS_FORGETS_CURSOR))
        (void)os_store_restart(store, NULL);
    when_t held_until = os_store_held(store);
    if (held_until > now.wall) {
        uint64_t left = (uint64_t)(held_until - now.wall);
        f->hold_until = now.mono + (left < HOLD_MAX ? left : HOLD_MAX);
    }
    f->next_at = f->interval ? later_of(now.mono, f->hold_until) : NEVER;
    *out = f;
    return 0;
}

void os_fetch_free(struct os_fetch *f)
{
    if (!f)
        return;
    address_done(&f->api);
    address_done(&f->token_endpoint);
    free(f->client_id);
    free(f->client_secret);
    free(f->ca_file);
    fetch_drop_token(f);
    fetch_mutate_drop(f);
    free(f->served.v);
    free(f->waiting.v);
    free(f);
}
