#include "mocks/os_fetch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/os_observer.h"
#include "mocks/os_page.h"

#define NEVER  UINT64_MAX
#define SECOND ((uint64_t)NS_PER_S)

/* The contract's fine print under "Failing": a gap of up to 8 intervals, Retry-After up
 * to 24 h, a silent request given up within max(2 s, 4 intervals) and 30 s at most. The
 * last leaves a tenth for the way to the peer and back. */
#define GAP_DOUBLINGS 3
#define HOLD_MAX      (24 * 3600 * SECOND)
#define SILENCE_LEAST (2 * SECOND)
#define SILENCE_MOST  (30 * SECOND)
#define SILENCE_ALONE (10 * SECOND) /* when there is no interval */
/* A run of so many empty pages that all promise more will not end. */
#define EMPTY_MAX 1000
/* A token that does not say how long it lives is trusted this long. */
#define TOKEN_UNTOLD 60

enum state { IDLE, WANTS_TOKEN, WANTS_PAGE };

struct tickets {
    uint64_t *v;
    size_t n, cap;
};

/* A URL as the door wants it: the origin, and the path that goes before the target. */
struct address {
    char *origin, *path;
};

struct os_fetch {
    const struct profile *profile;
    struct os_store *store;
    struct address api, token_endpoint;
    char *client_id, *client_secret, *ca_file;
    uint64_t interval;
    int limiet;
    bool has_aansluitdatum;
    when_t aansluitdatum;
    struct rng rng;

    enum state state;
    uint64_t last_id;    /* of a call; an answer to an older one is not ours any more */
    uint64_t began;      /* this fetch */
    uint64_t asked;      /* the last request */
    uint64_t next_at;    /* the next fetch that nobody has to ask for; NEVER */
    uint64_t hold_until; /* Retry-After; 0: none */
    unsigned failures;   /* in a row */

    bool by_key; /* the profile knows no tokens: the secret itself is sent */
    char *token;
    uint64_t token_until;
    bool token_untried;     /* got in this fetch, and nothing was answered on it yet */
    bool renewed;           /* a 401 in this fetch has led to a new token */
    bool restarted;         /* a 410 in this fetch has led to a full state */
    bool begins;            /* the page that is asked for is the first of a full state */
    unsigned empty;         /* pages in a row */
    struct tickets served;  /* to be told how this fetch ends */
    struct tickets waiting; /* came while it ran: they get the next */
};

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
    return f->has_aansluitdatum && now.wall < f->aansluitdatum;
}

static bool held(const struct os_fetch *f, struct moment now)
{
    return f->hold_until > now.mono;
}

static uint64_t later_of(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t patience(const struct os_fetch *f)
{
    uint64_t most = later_of(SILENCE_LEAST, 4 * f->interval);
    if (f->interval == 0)
        most = SILENCE_ALONE;
    if (most > SILENCE_MOST)
        most = SILENCE_MOST;
    return most - most / 10;
}

static void drop_token(struct os_fetch *f)
{
    free(f->token);
    f->token = NULL;
}

/* ---- asking ---- */

/* A fresh request id, without what could be taken for somebody's number. */
static void sign(struct os_fetch *f, struct http_request *req)
{
    char id[37];
    do
        rng_uuid(&f->rng, id);
    while (mask_needed(id, strlen(id)));
    http_fields_set(&req->fields, "X-Request-Id", id);
}

static void send_call(struct os_fetch *f, enum op op, const struct address *to,
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
                          .ca_file = f->ca_file,
                          .message = message};
    outbox_call(out, &c);
}

static void ask_token(struct os_fetch *f, struct moment now, struct outbox *out)
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
    drop_token(f);
    f->state = WANTS_TOKEN;
    send_call(f, OP_TOKEN, &f->token_endpoint, &req, tell, now, out);
    json_decref(ask);
    json_decref(tell);
}

static void ask_page(struct os_fetch *f, struct moment now, struct outbox *out)
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
    send_call(f, OP_OPHALEN, &f->api, &req, ask, now, out);
    json_decref(ask);
}

static void ask_next(struct os_fetch *f, struct moment now, struct outbox *out)
{
    if (f->by_key && !f->token)
        f->token = xstrdup(f->client_secret);
    if (f->token && (f->by_key || now.mono < f->token_until))
        ask_page(f, now, out);
    else
        ask_token(f, now, out);
}

static void begin(struct os_fetch *f, struct moment now, struct outbox *out)
{
    f->began = now.mono;
    f->token_untried = f->renewed = f->restarted = false;
    f->empty = 0;
    ask_next(f, now, out);
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

static void succeed(struct os_fetch *f, struct moment now, struct outbox *out)
{
    f->failures = 0;
    f->hold_until = 0;
    f->next_at = f->interval ? f->began + f->interval : NEVER;
    end(f, NULL, now, out);
}

/* How long an answer asks to wait; 0: it doesn't. */
static uint64_t wait_of(const struct http_response *resp, struct moment now)
{
    when_t date;
    const char *text = http_fields_get(&resp->fields, "Retry-After");
    double seconds = http_retry_after(&resp->fields, now.wall);
    if (!text || !(seconds > 0))
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
    uint64_t wait = resp ? wait_of(resp, now) : 0;
    if (wait == 0)
        return;
    f->hold_until = now.mono + wait;
    /* When it can't be kept it still holds as long as we run. */
    (void)os_store_hold(f->store, now.wall + (when_t)wait, NULL);
}

/* `resp` is the answer that made it fail, NULL when there was none. */
static void fail(struct os_fetch *f, const struct http_response *resp, const char *why,
                 struct moment now, struct outbox *out)
{
    hold(f, resp, now);
    if (f->failures < GAP_DOUBLINGS)
        f->failures++;
    f->next_at = NEVER;
    if (f->interval)
        f->next_at = later_of(f->asked + (f->interval << f->failures), f->hold_until);
    end(f, why, now, out);
}

/* The koppelpunt is well and we are early: no failure, one request per interval, or at
 * the moment that it names if that is sooner. */
static void wait_for_date(struct os_fetch *f, const struct http_response *resp,
                          const json_t *problem, struct moment now, struct outbox *out)
{
    when_t date;
    const char *text = json_string_value(json_object_get(problem, "aansluitdatum"));
    hold(f, resp, now);
    f->failures = 0;
    f->next_at = NEVER;
    if (f->interval) {
        f->next_at = f->asked + f->interval;
        if (text && when_parse(text, strlen(text), &date) == 0 && date > now.wall &&
            (uint64_t)(date - now.wall) < f->interval &&
            now.mono + (uint64_t)(date - now.wall) < f->next_at)
            f->next_at = now.mono + (uint64_t)(date - now.wall);
        f->next_at = later_of(f->next_at, f->hold_until);
    }
    end(f, "the koppelpunt says that the aansluitdatum has not come", now, out);
}

/* ---- answers ---- */

static void take_token(struct os_fetch *f, const struct http_response *resp,
                       struct moment now, struct outbox *out)
{
    json_t *message = NULL, *faults = NULL;
    bool usable = resp->status == 200 &&
                  profile_understand(f->profile, OP_TOKEN, resp, &message, &faults);
    const char *token = NULL, *type = NULL;
    double lifetime = TOKEN_UNTOLD;
    if (usable) {
        const json_t *expires = json_object_get(message, "expires_in");
        token = json_string_value(json_object_get(message, "access_token"));
        type = json_string_value(json_object_get(message, "token_type"));
        if (expires)
            lifetime = json_number_value(expires);
    }
    if (token && *token && type && strcasecmp(type, "Bearer") == 0 && lifetime > 0) {
        if (lifetime > 1e6)
            lifetime = 1e6;
        /* Given up shortly before its end, counted from when it was asked for. */
        double margin = lifetime / 10 < 5 ? lifetime / 10 : 5;
        f->token = xstrdup(token);
        f->token_until = f->asked + (uint64_t)((lifetime - margin) * (double)SECOND);
        f->token_untried = true;
        ask_page(f, now, out);
    } else {
        fail(f, resp, "the token endpoint gave no token", now, out);
    }
    json_decref(message);
    json_decref(faults);
}

static void take_page(struct os_fetch *f, const struct http_response *resp,
                      struct moment now, struct outbox *out)
{
    struct os_reading r;
    const struct os_view *view = os_store_view(f->store);
    const char *sent = os_view_cursor(view);
    const char *why = os_page_read(f->profile, resp, &r);
    if (why) {
        fail(f, resp, why, now, out);
        return;
    }
    bool ends = r.page.ends;
    r.page.begins = f->begins;
    f->empty = r.page.listed ? 0 : f->empty + 1;
    if (!ends && sent && strcmp(sent, r.page.cursor) == 0) {
        why = "the page promises more and its cursor stands still";
    } else if (!ends && f->empty >= EMPTY_MAX) {
        why = "there is no end to the empty pages";
    } else if (os_view_would_empty(view, &r.page)) {
        /* Not believed (OS-OPH-13): what is held stands, and is asked for anew. */
        (void)os_store_restart(f->store, NULL);
        why = "the full state is empty, while aanmeldingen are held";
    } else if (os_store_page(f->store, &r.page, NULL)) {
        why = "the page could not be kept";
    }
    os_reading_done(&r);
    f->token_untried = false;
    if (why)
        fail(f, resp, why, now, out);
    else if (ends)
        succeed(f, now, out);
    else
        ask_next(f, now, out);
}

/* 401: one new token per fetch, and none when this one is as new as can be (OS-OPH-06).
 */
static void token_refused(struct os_fetch *f, const struct http_response *resp,
                          struct moment now, struct outbox *out)
{
    drop_token(f);
    if (f->by_key || f->renewed || f->token_untried || wait_of(resp, now) > 0) {
        fail(f, resp, "the koppelpunt refuses the token", now, out);
        return;
    }
    f->renewed = true;
    ask_token(f, now, out);
}

/* The cursor is not held any more: from the start again, once per fetch (OS-OPH-04). What
 * is shown stands until the full state is complete. */
static void cursor_refused(struct os_fetch *f, const struct http_response *resp,
                           struct moment now, struct outbox *out)
{
    bool again = !f->begins && !f->restarted && wait_of(resp, now) == 0;
    if (os_store_restart(f->store, NULL) == 0 && again) {
        f->restarted = true;
        ask_next(f, now, out);
    } else {
        fail(f, resp, "the koppelpunt refuses the cursor", now, out);
    }
}

static void page_refused(struct os_fetch *f, const struct http_response *resp,
                         struct moment now, struct outbox *out)
{
    json_t *problem = NULL, *faults = NULL;
    (void)profile_understand(f->profile, OP_OPHALEN, resp, &problem, &faults);
    const char *code = json_string_value(json_object_get(problem, "code"));
    char why[64];
    snprintf(why, sizeof(why), "the koppelpunt answered %d", resp->status);
    if (resp->status == 410 ||
        (resp->status == 400 && code && strcmp(code, "ongeldige-cursor") == 0))
        cursor_refused(f, resp, now, out);
    else if (resp->status == 401)
        token_refused(f, resp, now, out);
    else if (resp->status == 403 && code && strcmp(code, "nog-niet-aangesloten") == 0)
        wait_for_date(f, resp, problem, now, out);
    else
        fail(f, resp, why, now, out);
    json_decref(problem);
    json_decref(faults);
}

void os_fetch_answer(struct os_fetch *f, uint64_t id, const struct call_result *res,
                     struct moment now, struct outbox *out)
{
    if (f->state == IDLE || id != f->last_id)
        return;
    if (res->outcome != CALL_ANSWERED) {
        char why[64];
        snprintf(why, sizeof(why), "the koppelpunt can't be read: %s",
                 call_outcome_name(res->outcome));
        fail(f, NULL, why, now, out);
    } else if (f->state == WANTS_TOKEN) {
        take_token(f, &res->response, now, out);
    } else if (res->response.status == 200) {
        take_page(f, &res->response, now, out);
    } else {
        page_refused(f, &res->response, now, out); /* a redirect too: never followed */
    }
}

/* ---- when ---- */

void os_fetch_tick(struct os_fetch *f, struct moment now, struct outbox *out)
{
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

void os_fetch_ask(struct os_fetch *f, uint64_t ticket, struct moment now,
                  struct outbox *out)
{
    if (f->state != IDLE) {
        tickets_add(&f->waiting, ticket);
    } else if (held(f, now)) {
        refuse(f, ticket, "the koppelpunt asked to wait", now, out);
    } else if (too_early(f, now)) {
        refuse(f, ticket, "the aansluitdatum has not come", now, out);
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
    f->limiet = c->limiet;
    f->has_aansluitdatum = c->has_aansluitdatum;
    f->aansluitdatum = c->aansluitdatum;
    rng_init(&f->rng, c->seed, "overstapsysteem", "request-id");
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
    drop_token(f);
    free(f->served.v);
    free(f->waiting.v);
    free(f);
}
