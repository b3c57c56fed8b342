/*
 * What the tests of the host share: a door in memory, a role that does as it is told, a
 * caller that keeps what came back, and the journal's lines.
 */
#ifndef TESTS_HOST_LAB_H
#define TESTS_HOST_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mem.h"
#include "mocks/host.h"

#define SECOND ((uint64_t)NS_PER_S)

struct lab;

struct puppet {
    struct role role;
    struct lab *lab;
    int requests, ticks, answers, reloads;
    bool park; /* replies only when told: at the next tick */
    uint64_t tickets[16];
    size_t parked;
    int reply_no;      /* of those at a tick: to tell them apart */
    bool twice;        /* replies twice to one ticket */
    uint64_t delay_ns; /* of its own replies */
    uint64_t seen_at;  /* when it last saw a request */
    uint64_t ticked_at[8];
    size_t body_n;    /* of the last request */
    uint64_t wake[4]; /* wishes that it utters at its first tick */
    size_t wakes;
    const char *calls;         /* URL that it calls at its first tick; NULL: none */
    const char *text;          /* answers this to ophalen instead */
    enum call_outcome outcome; /* of its call */
    int status;
    uint64_t answered_id;
};

struct got {
    int n; /* callbacks so far */
    enum call_outcome outcome;
    int status;
    uint64_t at;
    char *body;
    char *retry_after, *location, *type, *request_id;
    struct wire *stop; /* the door to stop when it came; NULL: none */
};

struct lab {
    struct wire *wire;
    struct profile *profile;
    struct host *host;
    struct puppet *puppet;
    struct journal *journal;
    char dir[64], path[80];
    json_t *lines; /* of the journal */
    int seen;
    char seen_op[64];
    bool down_when_seen;
};

/* ---- the puppet ---- */

static struct puppet *puppet_of(struct role *r)
{
    return (struct puppet *)(void *)r;
}

static void puppet_reply(struct puppet *p, uint64_t ticket,
                         const struct http_request *req, struct outbox *o)
{
    const struct profile *profile = p->lab->profile;
    struct http_reply reply;
    http_reply_init(&reply);
    struct rejection why;
    rejection_init(&why);
    enum op op = req ? profile_route(profile, req->method, req->target, &why) : OP_NONE;
    json_t *c = NULL;
    if (op == OP_OPHALEN) {
        char cursor[16];
        snprintf(cursor, sizeof cursor, "c%d", p->requests);
        c = json_pack("{s:[{s:i,s:s,s:b}],s:s,s:b}", "aanmeldstatussen", "volgnummer", 7,
                      "aanmeldId", "a-7", "vervallen", 1, "volgende", cursor, "meer", 0);
        profile_answer(profile, op, req, c, &reply.response);
        if (p->text)
            http_response_body(&reply.response, xstrdup(p->text), strlen(p->text));
    } else if (op == OP_INDIENEN) {
        c = json_pack("{s:i,s:i}", "aangenomen", p->requests, "dubbel", 0);
        profile_answer(profile, op, req, c, &reply.response);
    } else {
        reply.response.status = req ? 404 : 200;
        char *text = xasprintf("{\"a\":%d}", req ? 1 : p->reply_no);
        http_response_body(&reply.response, text, strlen(text));
    }
    json_decref(c);
    rejection_done(&why);
    reply.delay_ns = p->delay_ns;
    outbox_reply(o, ticket, &reply);
}

static void puppet_request(struct role *r, uint64_t ticket,
                           const struct http_request *req, struct moment now,
                           struct outbox *o)
{
    struct puppet *p = puppet_of(r);
    p->requests++;
    p->seen_at = now.mono;
    p->body_n = req->body_n;
    if (p->park) {
        p->tickets[p->parked++] = ticket;
        outbox_wake(o, now.mono + 5 * SECOND);
        return;
    }
    puppet_reply(p, ticket, req, o);
    if (p->twice)
        puppet_reply(p, ticket, req, o);
}

static void puppet_answer(struct role *r, uint64_t id, const struct call_result *res,
                          struct moment now, struct outbox *o)
{
    (void)now;
    (void)o;
    struct puppet *p = puppet_of(r);
    p->answers++;
    p->answered_id = id;
    p->outcome = res->outcome;
    p->status = res->response.status;
}

static void puppet_tick(struct role *r, struct moment now, struct outbox *o)
{
    struct puppet *p = puppet_of(r);
    p->ticked_at[p->ticks++ % 8] = now.mono;
    for (size_t i = 0; p->ticks == 1 && i < p->wakes; i++)
        outbox_wake(o, p->wake[i]);
    for (size_t i = 0; i < p->parked; i++) {
        p->reply_no = (int)i;
        puppet_reply(p, p->tickets[i], NULL, o);
    }
    p->parked = 0;
    if (p->ticks == 1 && p->calls) {
        json_t *message = json_pack("{s:s}", "sinds", "x");
        struct role_call call = {.id = 77,
                                 .op = OP_OPHALEN,
                                 .url = p->calls,
                                 .timeout_ns = 9 * SECOND,
                                 .message = message};
        profile_ask(p->lab->profile, OP_OPHALEN, message, NULL, &call.request);
        outbox_call(o, &call);
        json_decref(message);
    }
}

static int puppet_reload(struct role *r, struct moment now, struct err *e)
{
    (void)now;
    return ++puppet_of(r)->reloads > 1 ? err_set(e, E_INVALID, "not again") : 0;
}

static void puppet_free(struct role *r)
{
    free(puppet_of(r));
}

static struct puppet *puppet_new(struct lab *lab, bool overstapsysteem)
{
    static const struct role_ops koppelpunt = {"koppelpunt",  puppet_request,
                                               puppet_answer, puppet_tick,
                                               puppet_reload, puppet_free};
    static const struct role_ops other = {
        "overstapsysteem", puppet_request, puppet_answer, puppet_tick, NULL, puppet_free};
    struct puppet *p = xcalloc(1, sizeof *p);
    p->role.ops = overstapsysteem ? &other : &koppelpunt;
    p->lab = lab;
    return p;
}

/* ---- the laboratory ---- */

/* The caller says in a field who it is. */
static const char *who(void *arg, const struct http_request *req)
{
    (void)arg;
    return http_fields_get(&req->fields, "X-Who");
}

static void seen(void *arg, const struct exchange *x)
{
    struct lab *lab = arg;
    lab->seen++;
    snprintf(lab->seen_op, sizeof lab->seen_op, "%s", x->operation);
    if (lab->down_when_seen)
        host_down(lab->host);
}

static void listen_at(struct lab *lab)
{
    struct listen l = {.host = "127.0.0.1", .max_body = 400 << 10};
    struct err e = {0};
    assert_int_equal(host_listen(lab->host, &l, &e), 0);
}

/* Keeps `lab` where it is: puppets and callbacks point at it. */
static void lab_begin(struct lab *lab, bool journal)
{
    memset(lab, 0, sizeof *lab);
    struct err e = {0};
    when_t epoch = 0;
    assert_int_equal(when_parse("2023-05-01T00:00:00Z", 20, &epoch), 0);
    lab->wire = wire_memory_new(epoch);
    if (profile_load(SOURCE_DIR "/fixtures", "proef-1", &lab->profile, &e) != 0)
        fail_msg("%s", e.text);
    if (journal) {
        snprintf(lab->dir, sizeof lab->dir, "/tmp/koppelproef-host-XXXXXX");
        assert_non_null(mkdtemp(lab->dir));
        snprintf(lab->path, sizeof lab->path, "%s/journal", lab->dir);
        struct mask mask;
        mask_init(&mask, 1);
        assert_int_equal(journal_open(lab->path, &mask, 0, &lab->journal, &e), 0);
    }
    lab->puppet = puppet_new(lab, false);
}

/* Puts the puppet behind the door. */
static void lab_host(struct lab *lab, bool canonical)
{
    struct host_config c = {.wire = lab->wire,
                            .journal = lab->journal,
                            .scenario = "a-scenario",
                            .actor = "koppelpunt",
                            .peer = "elsewhere",
                            .profile = lab->profile,
                            .canonical = canonical,
                            .who = who,
                            .seen = seen,
                            .arg = lab};
    lab->host = host_new(&c, &lab->puppet->role);
    listen_at(lab);
}

static int keep_line(void *arg, json_t *event)
{
    json_array_append(arg, event);
    return 0;
}

/* Reads the journal as it stands now. */
static void read_lines(struct lab *lab)
{
    bool torn = true;
    struct err e = {0};
    json_decref(lab->lines);
    lab->lines = json_array();
    assert_int_equal(journal_read(lab->path, keep_line, lab->lines, &torn, &e), 0);
    assert_false(torn);
}

static void lab_end(struct lab *lab)
{
    host_free(lab->host);
    wire_run(lab->wire);
    wire_free(lab->wire);
    profile_free(lab->profile);
    journal_close(lab->journal);
    json_decref(lab->lines);
    if (lab->path[0]) {
        unlink(lab->path);
        rmdir(lab->dir);
    }
}

/* The n-th line (from 0) of a kind; fails when there is none. */
static json_t *line_of(struct lab *lab, const char *kind, size_t n)
{
    size_t i;
    json_t *line;
    json_array_foreach (lab->lines, i, line) {
        if (strcmp(json_string_value(json_object_get(line, "kind")), kind) == 0 &&
            n-- == 0)
            return line;
    }
    fail_msg("the journal has no such line of kind %s", kind);
    return NULL;
}

static size_t count_of(struct lab *lab, const char *kind)
{
    size_t i, n = 0;
    json_t *line;
    json_array_foreach (lab->lines, i, line)
        n += strcmp(json_string_value(json_object_get(line, "kind")), kind) == 0;
    return n;
}

static const char *member(const json_t *line, const char *key)
{
    const char *s = json_string_value(json_object_get(line, key));
    return s ? s : "<undef>";
}

static void stop(void *arg)
{
    wire_stop(arg);
}

/* Runs until virtual time is `at`. */
static void run_until(struct lab *lab, uint64_t at)
{
    wire_timer(lab->wire, at, stop, lab->wire);
    wire_run(lab->wire);
}

/* ---- the caller ---- */

static char *copy_of(const struct http_fields *f, const char *name)
{
    return xstrdup(http_fields_get(f, name));
}

static void got_done(struct got *g)
{
    free(g->body);
    free(g->retry_after);
    free(g->location);
    free(g->type);
    free(g->request_id);
    memset(g, 0, sizeof *g);
}

static void on_got(void *arg, const struct call_result *r)
{
    struct got *g = arg;
    int n = g->n + 1;
    struct wire *door = g->stop;
    got_done(g);
    g->n = n;
    g->stop = door;
    if (door)
        wire_stop(door);
    g->outcome = r->outcome;
    g->status = r->response.status;
    g->at = r->ended;
    g->body = r->response.body ? xmemdup(r->response.body, r->response.body_n) : NULL;
    g->retry_after = copy_of(&r->response.fields, "Retry-After");
    g->location = copy_of(&r->response.fields, "Location");
    g->type = copy_of(&r->response.fields, "Content-Type");
    g->request_id = copy_of(&r->response.fields, "X-Request-Id");
}

/* Starts a call to the host; the answer comes with wire_run. */
static void send_to(struct lab *lab, const char *method, const char *target,
                    const char *from, const char *body, struct got *g)
{
    struct http_request req;
    http_request_init(&req);
    http_request_line(&req, method, target);
    if (from) {
        http_fields_add(&req.fields, "X-Who", from);
        http_fields_add(&req.fields, "X-Request-Id", from);
    }
    if (body) {
        http_fields_add(&req.fields, "Content-Type", "application/json");
        http_request_body(&req, xstrdup(body), strlen(body));
    }
    struct call c = {.url = host_url(lab->host),
                     .pool = "test",
                     .request = &req,
                     .timeout_ns = 20 * SECOND};
    wire_call(lab->wire, &c, on_got, g);
    http_request_done(&req);
}

#define FEED "/v1/aanmeldstatussen"

/* One fetch, to its end. */
static void fetch(struct lab *lab, const char *from, struct got *g)
{
    int before = g->n;
    send_to(lab, "GET", FEED, from, NULL, g);
    wire_run(lab->wire);
    assert_int_equal(g->n, before + 1);
}

#endif
