#include <stdio.h>
#include <stdlib.h>

#include "harness/base/mem.h"
#include "mocks/host_internal.h"

/* ---- tickets ---- */

static struct pending *pending_take(struct host *h)
{
    if (h->n_spare == 0) {
        size_t n = h->n_pending;
        h->pending = xrealloc(h->pending, (n + 1) * sizeof *h->pending);
        h->spare = xrealloc(h->spare, (n + 1) * sizeof *h->spare);
        h->pending[n] = xcalloc(1, sizeof **h->pending);
        h->pending[n]->host = h;
        h->pending[n]->index = (uint32_t)n;
        h->spare[h->n_spare++] = (uint32_t)n;
        h->n_pending++;
    }
    struct pending *p = h->pending[h->spare[--h->n_spare]];
    p->used = true;
    p->in = NULL;
    p->req = NULL;
    p->op = OP_NONE;
    p->operation = "";
    p->from[0] = '\0';
    p->fault = NULL;
    p->hit = p->answered = false;
    p->timer = NULL;
    return p;
}

static void pending_release(struct pending *p)
{
    struct host *h = p->host;
    wire_timer_cancel(h->c.wire, p->timer);
    if (p->answered)
        http_reply_done(&p->reply);
    host_fault_unref(p->fault);
    p->used = false;
    p->generation++;
    h->spare[h->n_spare++] = p->index;
}

static uint64_t ticket_of(const struct pending *p)
{
    return (uint64_t)p->generation << 32 | p->index;
}

/* NULL when it was answered before, or dropped because the host went down. */
static struct pending *pending_of(const struct host *h, uint64_t ticket)
{
    size_t i = (size_t)(ticket & UINT32_MAX);
    if (i >= h->n_pending || !h->pending[i]->used ||
        h->pending[i]->generation != (uint32_t)(ticket >> 32))
        return NULL;
    return h->pending[i];
}

/* ---- what is seen ---- */

static bool watched(const struct host *h)
{
    return h->c.journal || h->c.seen || h->faults.n > 0 || h->keep_last;
}

/* Names operation and caller: only where somebody wants to know. */
static void identify(const struct host *h, struct pending *p)
{
    const char *from = NULL, *observed = NULL;
    if (h->observer && (observed = host_observer_operation(p->req->target))) {
        p->operation = observed;
    } else if (h->c.profile) {
        struct rejection why;
        rejection_init(&why);
        p->op = profile_route(h->c.profile, p->req->method, p->req->target, &why);
        p->operation = p->op == OP_NONE ? "" : op_name(p->op);
        rejection_done(&why);
    }
    if (h->c.who)
        from = h->c.who(h->c.arg, p->req);
    if (!from)
        from = observed ? "waarnemer" : "client";
    snprintf(p->from, sizeof p->from, "%s", from);
}

/* What became of the connection, seen from the caller. */
static const char *outcome_of(enum http_cut cut)
{
    switch (cut) {
    case CUT_RESET:
        return call_outcome_name(CALL_RESET);
    case CUT_TRUNCATE:
        return call_outcome_name(CALL_TRUNCATED);
    case CUT_SILENT:
        return call_outcome_name(CALL_TIMEOUT);
    case CUT_NONE:
        break;
    }
    return call_outcome_name(CALL_ANSWERED);
}

static void record_served(struct host *h, const struct pending *p,
                          const struct http_reply *reply)
{
    bool sent = reply->cut == CUT_NONE || reply->cut == CUT_TRUNCATE;
    struct exchange x = {.scenario = h->c.scenario,
                         .from = p->from,
                         .to = h->c.actor,
                         .side = "server",
                         .operation = p->operation,
                         .began = p->began,
                         .ended = wire_now(h->c.wire),
                         .outcome = outcome_of(reply->cut),
                         .request = p->req,
                         .response = sent ? &reply->response : NULL,
                         .fault = p->hit ? p->fault->f.id : NULL};
    host_record(&h->c, &x, p->op, NULL);
}

static void note_hit(struct host *h, struct pending *p)
{
    if (!p->hit)
        host_note_fault(h, p->fault, "hit");
    p->hit = true;
}

/* ---- replies ---- */

/* No page without entries is larger than this: what is need not be read to know. */
#define EMPTY_PAGE_MAX 4096

/* Worth answering again: a page without entries would show nothing the second time. */
static bool worth_keeping(const struct host *h, const struct pending *p,
                          const struct http_reply *reply)
{
    json_t *page = NULL, *faults = NULL;
    bool keep = h->keep_last && p->op != OP_NONE && reply->cut == CUT_NONE;
    if (!keep || p->op != OP_OPHALEN || !h->c.profile)
        return keep;
    if (reply->response.body_n > EMPTY_PAGE_MAX)
        return true;
    (void)profile_understand(h->c.profile, p->op, &reply->response, &page, &faults);
    keep = json_array_size(json_object_get(page, "aanmeldstatussen")) > 0;
    json_decref(page);
    json_decref(faults);
    return keep;
}

/* The last step. The exchange is journalled before the peer can act on the answer, so
 * that the order of lines is an order of causes. */
static void send_reply(struct host *h, struct pending *p, struct http_reply *reply)
{
    struct pending served = *p; /* gone before anybody looks: seen() may take us down */
    struct fault *fault = p->fault;
    p->fault = NULL;
    pending_release(p);
    if (worth_keeping(h, &served, reply))
        host_faults_remember(&h->faults,
                             &(struct fault_scene){.profile = h->c.profile,
                                                   .op = served.op,
                                                   .from = served.from},
                             &reply->response);
    if (h->c.journal || h->c.seen)
        record_served(h, &served, reply);
    host_fault_unref(fault);
    wire_reply(h->c.wire, served.in, reply);
}

static void on_reply_due(void *arg)
{
    struct pending *p = arg;
    struct http_reply reply = p->reply;
    p->timer = NULL;
    http_reply_init(&p->reply);
    send_reply(p->host, p, &reply);
}

/* Sends now, or when its delay is over: the host waits itself, so that the journal's line
 * is written when the answer goes. */
static void send_or_hold(struct host *h, struct pending *p, struct http_reply *reply,
                         uint64_t delay_ns)
{
    if (delay_ns == 0) {
        send_reply(h, p, reply);
        return;
    }
    p->answered = true;
    p->reply = *reply;
    http_reply_init(reply);
    p->timer = wire_timer(h->c.wire, wire_now(h->c.wire) + delay_ns, on_reply_due, p);
}

static bool put_in(struct host *h, struct pending *p, struct http_reply *reply)
{
    struct fault_scene scene = {.profile = h->c.profile,
                                .op = p->op,
                                .from = p->from,
                                .req = p->req,
                                .wall = wire_wall(h->c.wire)};
    return host_fault_apply(&h->faults, p->fault, &scene, reply);
}

void host_answered(struct host *h, uint64_t ticket, struct http_reply *reply)
{
    struct pending *p = pending_of(h, ticket);
    if (!p || p->answered || !p->in) {
        http_reply_done(reply);
        if (p && !p->in)
            pending_release(p);
        return;
    }
    uint64_t delay = reply->delay_ns;
    reply->delay_ns = 0;
    if (p->fault) {
        if (put_in(h, p, reply)) {
            note_hit(h, p);
            /* A fault before the handler has had its delay before the handler. */
            delay += p->fault->f.after ? p->fault->f.delay_ns : 0;
        } else if (!p->hit) {
            host_fault_miss(p->fault);
        }
    }
    send_or_hold(h, p, reply, delay);
}

/* ---- requests ---- */

static void ask(struct host *h, struct pending *p)
{
    struct outbox o;
    outbox_init(&o);
    h->role->ops->request(h->role, ticket_of(p), p->req, host_moment(h), &o);
    host_deliver(h, &o);
}

/* Lets the role have the request; twice where the fault says so. */
static void ask_role(struct host *h, struct pending *p)
{
    if (p->fault && p->fault->f.duplicate) {
        struct pending *twin = pending_take(h);
        twin->req = p->req;
        ask(h, twin);
    }
    ask(h, p);
}

/* A fault before the handler, its delay over. */
static void meet(struct host *h, struct pending *p)
{
    if (!host_fault_answers(p->fault)) {
        ask_role(h, p);
        return;
    }
    struct http_reply reply;
    http_reply_init(&reply);
    put_in(h, p, &reply);
    note_hit(h, p);
    send_reply(h, p, &reply);
}

static void on_meet_due(void *arg)
{
    struct pending *p = arg;
    p->timer = NULL;
    meet(p->host, p);
}

void host_on_request(void *arg, struct inbound *in, const struct http_request *req)
{
    struct host *h = arg;
    struct pending *p = pending_take(h);
    p->in = in;
    p->req = req;
    p->began = wire_now(h->c.wire);
    if (watched(h))
        identify(h, p);
    if (h->faults.n > 0)
        p->fault = host_faults_meet(&h->faults, p->op, p->from);
    if (!p->fault || p->fault->f.after) {
        ask_role(h, p);
    } else if (p->fault->f.delay_ns) {
        note_hit(h, p);
        p->timer = wire_timer(h->c.wire, p->began + p->fault->f.delay_ns, on_meet_due, p);
    } else {
        meet(h, p);
    }
}

void host_drop_pending(struct host *h)
{
    struct http_reply reply;
    for (size_t i = 0; i < h->n_pending; i++) {
        struct pending *p = h->pending[i];
        if (!p->used)
            continue;
        struct inbound *in = p->in;
        http_reply_init(&reply);
        reply.cut = CUT_RESET;
        if (in)
            send_reply(h, p, &reply);
        else
            pending_release(p);
    }
}
