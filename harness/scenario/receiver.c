#include "harness/scenario/receiver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

#define PATH      "/notificaties"
#define ELSEWHERE "/notificaties/verhuisd"
#define BODY_MAX  (1u << 20)

/* ---- what came ---- */

static json_t *faults_of(const struct rejection *why)
{
    char reden[16];
    if (json_array_size(why->fouten) > 0)
        return json_incref(why->fouten);
    snprintf(reden, sizeof reden, "status-%d", problem_status(why->problem));
    return json_pack("[{ss,ss}]", "pointer", "", "reden", reden);
}

/* The event, as far as it can be read, and what is wrong with it. */
static json_t *read_event(const struct trial *t, const struct http_request *req,
                          json_t **faults)
{
    struct rejection why;
    json_t *event = NULL;
    rejection_init(&why);
    if (profile_read(t->profile, OP_MELDEN, req, &event, &why)) {
        *faults = faults_of(&why);
        event = json_incref(why.readable);
    } else {
        *faults = json_array();
    }
    rejection_done(&why);
    return event;
}

static void keep(struct receiver *r, const json_t *event)
{
    const char *id = json_string_value(json_object_get(event, "id"));
    const json_t *upto = json_object_get(event, "totVolgnummer");
    if (r->n == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 16;
        r->v = xrealloc(r->v, r->cap * sizeof *r->v);
    }
    r->v[r->n++] = (struct notified){.at = wire_now(r->t->wire),
                                     .id = xstrdup(id ? id : ""),
                                     .readable = json_is_integer(upto),
                                     .upto = json_integer_value(upto)};
}

static void record(struct receiver *r, const struct http_request *req,
                   const struct http_reply *reply, json_t *event, json_t *faults)
{
    uint64_t now = wire_now(r->t->wire);
    struct exchange x = {
        .scenario = r->t->c.name,
        .from = "koppelpunt",
        .to = r->client->actor,
        .side = "server",
        .operation = op_name(OP_MELDEN),
        .began = now,
        .ended = now,
        .outcome = reply->cut == CUT_SILENT ? "silent" : "answered",
        .request = req,
        .response = reply->cut == CUT_SILENT ? NULL : &reply->response,
        .message = event,
        .faults = faults,
    };
    journal_exchange(r->t->journal, &x);
}

static void make_reply(struct receiver *r, struct http_reply *reply)
{
    static const int statuses[] = {[RECEIVER_OK] = 204,
                                   [RECEIVER_UNAVAILABLE] = 503,
                                   [RECEIVER_GONE] = 410,
                                   [RECEIVER_REDIRECT] = 307,
                                   [RECEIVER_SILENT] = 204};
    reply->response.status = statuses[r->answer];
    if (r->answer == RECEIVER_REDIRECT) {
        char *where =
            xasprintf("%s" ELSEWHERE, wire_listener_url(r->t->wire, r->listener));
        http_fields_add(&reply->response.fields, "Location", where);
        free(where);
    }
    if (r->answer == RECEIVER_SILENT)
        reply->cut = CUT_SILENT;
    r->failed = r->answer == RECEIVER_OK ? 0 : r->failed + 1;
    if (r->answer == RECEIVER_GONE && !r->gone_at)
        r->gone_at = wire_now(r->t->wire);
}

static void notified(struct receiver *r, const struct http_request *req,
                     struct http_reply *reply)
{
    json_t *faults = NULL, *event = read_event(r->t, req, &faults);
    make_reply(r, reply);
    keep(r, event);
    record(r, req, reply, event, faults);
    json_decref(event);
    json_decref(faults);
}

/* Anything else than a notification is only answered. A sender may first ask whether it
 * may send (CloudEvents, HTTP webhook, section 4). */
static void on_request(void *arg, struct inbound *in, const struct http_request *req)
{
    struct receiver *r = arg;
    struct http_reply reply;
    http_reply_init(&reply);
    size_t path = strcspn(req->target, "?");
    bool post = !strcmp(req->method, "POST");
    if (path == strlen(PATH) && !strncmp(req->target, PATH, path) && post) {
        notified(r, req, &reply);
    } else if (!strcmp(req->method, "OPTIONS")) {
        reply.response.status = 200;
        http_fields_add(&reply.response.fields, "WebHook-Allowed-Origin", "*");
        http_fields_add(&reply.response.fields, "Allow", "POST");
    } else {
        r->followed = r->followed || (path == strlen(ELSEWHERE) &&
                                      !strncmp(req->target, ELSEWHERE, path) && post);
        reply.response.status = 404;
    }
    struct trial *t = r->t;
    wire_reply(t->wire, in, &reply);
    trial_happened(t);
}

/* ---- receivers ---- */

struct receiver *receiver_find(const struct trial *t, const struct client *c)
{
    struct receiver *r = t->receivers;
    while (r && r->client != c)
        r = r->next;
    return r;
}

struct receiver *receiver_of(struct trial *t, struct client *c, struct err *e)
{
    struct receiver *r = receiver_find(t, c);
    if (r)
        return r;
    r = xcalloc(1, sizeof *r);
    r->t = t;
    r->client = c;
    struct listen l = {
        .host = "127.0.0.1", .max_body = BODY_MAX, .on_request = on_request, .arg = r};
    if (wire_listen(t->wire, &l, &r->listener, e)) {
        free(r);
        return NULL;
    }
    r->url = xasprintf("%s" PATH, wire_listener_url(t->wire, r->listener));
    r->next = t->receivers;
    t->receivers = r;
    return r;
}

void receivers_free(struct trial *t)
{
    while (t->receivers) {
        struct receiver *r = t->receivers;
        t->receivers = r->next;
        wire_listener_close(t->wire, r->listener);
        for (size_t i = 0; i < r->n; i++)
            free(r->v[i].id);
        free(r->v);
        free(r->url);
        free(r->abonnement);
        json_decref(r->cursor);
        free(r);
    }
}

bool trial_has_notifications(const struct trial *t)
{
    return scenario_needs(t->c.scenario, "notificaties");
}
