/*
 * The outside of an overstapsysteem for its tests: a virtual clock, a small koppelpunt
 * with one feed, and answers that are set in advance to be given instead. Include after
 * cmocka.
 */
#ifndef TESTS_OS_FAKE_H
#define TESTS_OS_FAKE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "mocks/outbox.h"
#include "mocks/overstapsysteem.h"

#define SECOND ((uint64_t)NS_PER_S)
#define EPOCH  (1682899200 * NS_PER_S) /* 2023-05-01T00:00:00Z */
#define BIRTH  (1000 * SECOND)         /* monotonic time at EPOCH */

/* Instead of the koppelpunt's own answer, on the next `count` calls of `op`. */
struct instead {
    enum op op;
    int count;
    enum call_outcome outcome; /* ANSWERED: with what follows */
    int status;
    const char *type, *body, *field, *value; /* one extra field */
    uint64_t delay; /* also possible with status 0: the own answer, later */
};

struct request_seen {
    uint64_t at; /* since BIRTH */
    enum op op;
    char url[64], target[160], token[64];
    uint64_t timeout;
    enum call_trust trust;
};

struct reply_seen {
    uint64_t ticket, at;
    int status;
    char retry_after[40], allow[16];
    uint64_t delay;
    json_t *body;
};

struct fake {
    struct profile *profile;
    struct overstapsysteem_config config;
    char dir[64];
    struct role *role;
    struct outbox out;
    uint64_t mono, wake; /* absolute; wake UINT64_MAX: none */
    /* one call can be under way */
    bool calling, answered_late;
    uint64_t call_id, answer_at;
    struct call_result result;
    /* the koppelpunt */
    json_t *feed;
    int page, epoch, tokens, token_seconds;
    char token[16];
    uint64_t token_end;
    struct instead instead[16];
    size_t n_instead;
    /* what was seen */
    struct request_seen seen[4096];
    size_t n;
    struct reply_seen replies[256];
    size_t n_replies;
    uint64_t tickets;
};

static inline struct moment fake_now(const struct fake *f)
{
    return (struct moment){f->mono, EPOCH + (when_t)(f->mono - BIRTH)};
}

/* ---- the koppelpunt ---- */

static inline void fake_json(struct http_response *r, int status, const char *type,
                             json_t *body)
{
    r->status = status;
    http_fields_add(&r->fields, "Content-Type", type);
    char *text = json_dumps(body, 0);
    http_response_body(r, text, strlen(text));
    json_decref(body);
}

static inline void fake_problem(struct http_response *r, int status, const char *code,
                                const char *aansluitdatum)
{
    char type[80];
    snprintf(type, sizeof(type), "urn:problem:koppelpunt:%s", code);
    json_t *body =
        json_pack("{s:s,s:s,s:i,s:s,s:s*}", "type", type, "title", "t", "status", status,
                  "detail", "d", "aansluitdatum", aansluitdatum);
    fake_json(r, status, "application/problem+json", body);
}

static inline void fake_page(struct fake *f, const struct http_request *req,
                             struct http_response *r)
{
    struct fetch_query q;
    struct rejection why;
    int epoch = 0;
    size_t from = 0;
    rejection_init(&why);
    assert_int_equal(profile_fetch_query(f->profile, req->target, &q, &why), 0);
    rejection_done(&why);
    const char *token = profile_bearer(f->profile, req);
    if (!token || strcmp(token, f->token) != 0 || f->mono >= f->token_end) {
        fake_problem(r, 401, "niet-aangemeld", NULL);
        return;
    }
    if (q.has_sinds) {
        assert_int_equal(sscanf(q.sinds, "c%d.%zu", &epoch, &from), 2);
        if (epoch != f->epoch) {
            fake_problem(r, 410, "cursor-verlopen", NULL);
            return;
        }
    }
    json_t *list = json_array();
    size_t all = json_array_size(f->feed), n = 0;
    int limit = q.limiet > 0 ? q.limiet : f->page;
    for (; from + n < all && n < (size_t)limit; n++)
        json_array_append(list, json_array_get(f->feed, from + n));
    char next[40];
    snprintf(next, sizeof(next), "c%d.%zu", f->epoch, from + n);
    fake_json(r, 200, "application/json",
              json_pack("{s:o,s:s,s:b}", "aanmeldstatussen", list, "volgende", next,
                        "meer", from + n < all));
}

static inline void fake_token(struct fake *f, struct http_response *r)
{
    snprintf(f->token, sizeof(f->token), "t%d", ++f->tokens);
    f->token_end = f->mono + (uint64_t)f->token_seconds * SECOND;
    fake_json(r, 200, "application/json",
              json_pack("{s:s,s:s,s:i}", "access_token", f->token, "token_type", "Bearer",
                        "expires_in", f->token_seconds));
}

static inline struct instead *fake_instead_for(struct fake *f, enum op op)
{
    for (size_t i = 0; i < f->n_instead; i++)
        if (f->instead[i].op == op && f->instead[i].count > 0)
            return &f->instead[i];
    return NULL;
}

static inline void fake_call(struct fake *f, struct outgoing *c)
{
    assert_false(f->calling); /* never two at once */
    assert_true(f->n < ARRAY_LEN(f->seen));
    struct request_seen *s = &f->seen[f->n++];
    const char *token = profile_bearer(f->profile, &c->request);
    s->at = f->mono - BIRTH;
    s->op = c->op;
    s->timeout = c->timeout_ns;
    s->trust = c->trust;
    snprintf(s->url, sizeof(s->url), "%s", c->url);
    snprintf(s->target, sizeof(s->target), "%s", c->request.target);
    snprintf(s->token, sizeof(s->token), "%s", token ? token : "");
    f->calling = true;
    f->call_id = c->id;
    f->answer_at = f->mono;
    f->result = (struct call_result){.outcome = CALL_ANSWERED};
    http_response_init(&f->result.response);
    struct instead *in = fake_instead_for(f, c->op);
    if (in) {
        in->count--;
        f->answer_at += in->delay;
        f->result.outcome = in->outcome;
        if (in->outcome == CALL_TIMEOUT)
            f->answer_at = f->mono + c->timeout_ns;
    }
    if (in && in->status) {
        f->result.response.status = in->status;
        if (in->type)
            http_fields_add(&f->result.response.fields, "Content-Type", in->type);
        if (in->field)
            http_fields_add(&f->result.response.fields, in->field, in->value);
        if (in->body)
            http_response_body(&f->result.response, xstrdup(in->body), strlen(in->body));
    } else if (f->result.outcome == CALL_ANSWERED && c->op == OP_TOKEN) {
        fake_token(f, &f->result.response);
    } else if (f->result.outcome == CALL_ANSWERED) {
        fake_page(f, &c->request, &f->result.response);
    }
}

/* ---- time ---- */

static inline void fake_drain(struct fake *f)
{
    uint64_t ticket, at;
    struct http_reply reply;
    struct outgoing call;
    while (outbox_take_reply(&f->out, &ticket, &reply)) {
        assert_true(f->n_replies < ARRAY_LEN(f->replies));
        struct reply_seen *s = &f->replies[f->n_replies++];
        const char *after = http_fields_get(&reply.response.fields, "Retry-After");
        const char *allow = http_fields_get(&reply.response.fields, "Allow");
        *s = (struct reply_seen){.ticket = ticket, .at = f->mono - BIRTH};
        s->status = reply.response.status;
        s->delay = reply.delay_ns;
        snprintf(s->retry_after, sizeof(s->retry_after), "%s", after ? after : "");
        snprintf(s->allow, sizeof(s->allow), "%s", allow ? allow : "");
        if (reply.response.body)
            s->body = json_loadb(reply.response.body, reply.response.body_n, 0, NULL);
        http_reply_done(&reply);
    }
    while (outbox_take_call(&f->out, &call)) {
        fake_call(f, &call);
        outgoing_done(&call);
    }
    if (outbox_take_wake(&f->out, &at) && at < f->wake)
        f->wake = at;
}

/* Lets time pass until `at` since BIRTH, inclusive. */
static inline void fake_until(struct fake *f, uint64_t at)
{
    for (;;) {
        uint64_t next = f->calling && f->answer_at < f->wake ? f->answer_at : f->wake;
        if (next > BIRTH + at)
            break;
        if (next > f->mono)
            f->mono = next;
        if (f->calling && next == f->answer_at) {
            f->calling = false;
            struct call_result r = f->result;
            f->role->ops->answer(f->role, f->call_id, &r, fake_now(f), &f->out);
            http_response_done(&r.response);
        } else {
            f->wake = UINT64_MAX;
            f->role->ops->tick(f->role, fake_now(f), &f->out);
        }
        fake_drain(f);
    }
    if (f->mono < BIRTH + at)
        f->mono = BIRTH + at;
}

static inline uint64_t fake_time(const struct fake *f)
{
    return f->mono - BIRTH;
}

/* ---- starting, stopping ---- */

static inline void fake_start(struct fake *f)
{
    struct err e = {0};
    int rc = overstapsysteem_new(&f->config, fake_now(f), &f->role, &e);
    if (rc)
        fail_msg("%s", e.text);
    f->wake = UINT64_MAX;
    f->role->ops->tick(f->role, fake_now(f), &f->out); /* as the host does */
    fake_drain(f);
}

/* As kill -9: nothing is asked of the role any more. */
static inline void fake_kill(struct fake *f)
{
    if (f->role)
        f->role->ops->free(f->role);
    f->role = NULL;
    if (f->calling)
        http_response_done(&f->result.response);
    f->calling = false;
    outbox_done(&f->out);
}

static inline void fake_forget(struct fake *f)
{
    for (size_t i = 0; i < f->n_replies; i++)
        json_decref(f->replies[i].body);
    f->n_replies = 0;
    f->n = 0;
}

static inline int fake_setup(void **state)
{
    struct fake *f = xcalloc(1, sizeof(*f));
    struct err e = {0};
    if (profile_load(profile_dir(), "proef-1", &f->profile, &e)) {
        print_error("%s\n", e.text);
        return -1;
    }
    snprintf(f->dir, sizeof(f->dir), "/tmp/koppelproef-os-XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    f->config = (struct overstapsysteem_config){.profile = f->profile,
                                                .url = "http://kp",
                                                .token_url = "http://kp/oauth2/token",
                                                .client_id = "intergrip",
                                                .client_secret = "geheim",
                                                .interval_ns = SECOND,
                                                .state_dir = f->dir,
                                                .seed = 1};
    f->mono = BIRTH;
    f->wake = UINT64_MAX;
    f->feed = json_array();
    f->page = 500;
    f->epoch = 1;
    f->token_seconds = 900;
    outbox_init(&f->out);
    *state = f;
    return 0;
}

static inline int fake_teardown(void **state)
{
    struct fake *f = *state;
    fake_kill(f);
    fake_forget(f);
    json_decref(f->feed);
    profile_free(f->profile);
    file_rmtree(f->dir, NULL);
    free(f);
    return 0;
}

/* ---- words for tests ---- */

static inline json_t *entry_of(int volgnummer, const char *id, const char *bsn,
                               const char *status, const char *begin)
{
    return json_pack("{s:i,s:s,s:s*,s:s,s:s,s:{s:s,s:s},s:{s:s,s:s}}", "volgnummer",
                     volgnummer, "aanmeldId", id, "bsn", bsn, "status", status,
                     "statusBegin", begin, "instelling", "code", "25LH", "naam", "ROC",
                     "opleiding", "code", "25655", "naam", "Vpk");
}

static inline void feed_add(struct fake *f, const char *id, const char *bsn,
                            const char *status, const char *begin)
{
    json_array_append_new(
        f->feed, entry_of((int)json_array_size(f->feed) + 1, id, bsn, status, begin));
}

static inline void feed_lapse(struct fake *f, const char *id)
{
    json_array_append_new(f->feed, json_pack("{s:i,s:s,s:b}", "volgnummer",
                                             (int)json_array_size(f->feed) + 1,
                                             "aanmeldId", id, "vervallen", 1));
}

static inline struct instead *set_instead(struct fake *f, struct instead in)
{
    for (size_t i = 0; i < f->n_instead; i++)
        if (f->instead[i].count == 0) {
            f->instead[i] = in;
            return &f->instead[i];
        }
    assert_true(f->n_instead < ARRAY_LEN(f->instead));
    f->instead[f->n_instead] = in;
    return &f->instead[f->n_instead++];
}

/* Asks the observer; the reply is at the end of f->replies once it came. */
static inline uint64_t observe(struct fake *f, const char *method, const char *target,
                               const char *body)
{
    struct http_request req;
    http_request_init(&req);
    http_request_line(&req, method, target);
    if (body)
        http_request_body(&req, xstrdup(body), strlen(body));
    uint64_t ticket = ++f->tickets;
    f->role->ops->request(f->role, ticket, &req, fake_now(f), &f->out);
    http_request_done(&req);
    fake_drain(f);
    return ticket;
}

static inline const struct reply_seen *reply_to(const struct fake *f, uint64_t ticket)
{
    for (size_t i = 0; i < f->n_replies; i++)
        if (f->replies[i].ticket == ticket)
            return &f->replies[i];
    return NULL;
}

static inline int status_of(const struct fake *f, uint64_t ticket)
{
    const struct reply_seen *r = reply_to(f, ticket);
    return r ? r->status : 0;
}

static inline void pupils(struct fake *f, const char *body)
{
    assert_int_equal(status_of(f, observe(f, "POST", "/leerlingen", body)), 204);
}

static inline int compare_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What a school sees, as sorted "bsn opleiding status begin; ..." (static text). */
static inline const char *sees(struct fake *f, const char *school)
{
    static char text[8192];
    char ask[128], *lines[128];
    snprintf(ask, sizeof(ask), "{\"school\":\"%s\"}", school);
    const struct reply_seen *r = reply_to(f, observe(f, "POST", "/waarnemingen", ask));
    assert_non_null(r);
    assert_int_equal(r->status, 200);
    size_t i, n = 0, at = 0;
    json_t *a;
    json_array_foreach (json_object_get(r->body, "aanmeldingen"), i, a) {
        assert_true(n < ARRAY_LEN(lines));
        lines[n++] = xasprintf(
            "%s %s %s %s; ", json_string_value(json_object_get(a, "bsn")),
            json_string_value(json_object_get(json_object_get(a, "opleiding"), "code")),
            json_string_value(json_object_get(a, "status")),
            json_string_value(json_object_get(a, "statusBegin")));
    }
    qsort(lines, n, sizeof(*lines), compare_text);
    text[0] = '\0';
    for (i = 0; i < n; i++) {
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s", lines[i]);
        free(lines[i]);
    }
    return text;
}

/* How many requests of an operation were seen. */
static inline size_t asked(const struct fake *f, enum op op)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        n += f->seen[i].op == op;
    return n;
}

/* The nth (from 0) request of an operation. */
static inline const struct request_seen *nth(const struct fake *f, enum op op, size_t n)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->seen[i].op == op && n-- == 0)
            return &f->seen[i];
    fail_msg("there was no such request");
    return NULL;
}

#define LOTTE "999990019"
#define DAY1  "2023-04-01T08:00:00Z"
#define DAY2  "2023-04-02T08:00:00Z"
#define DAY3  "2023-04-03T08:00:00Z"

#endif
