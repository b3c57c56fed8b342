#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/host_internal.h"

/* ---- calls ---- */

static void record_called(struct host *h, const struct flight *f,
                          const struct call_result *res)
{
    json_t *extra = NULL;
    if (res->outcome != CALL_ANSWERED && res->detail[0])
        extra = json_pack("{s:s}", "detail", res->detail);
    struct exchange x = {.scenario = h->c.scenario,
                         .from = h->c.actor,
                         .to = h->c.peer,
                         .side = "client",
                         .operation = f->out.op == OP_NONE ? "" : op_name(f->out.op),
                         .url = f->out.url,
                         .began = res->began,
                         .ended = res->ended,
                         .outcome = call_outcome_name(res->outcome),
                         .request = &f->out.request,
                         .response = res->response.status ? &res->response : NULL,
                         .extra = extra};
    host_record(&h->c, &x, f->out.op, f->out.message);
    json_decref(extra);
}

static void flight_unlink(struct flight *f)
{
    if (f->prev)
        f->prev->next = f->next;
    else
        f->host->flights = f->next;
    if (f->next)
        f->next->prev = f->prev;
}

static void on_answer(void *arg, const struct call_result *res)
{
    struct flight *f = arg;
    struct host *h = f->host;
    if (!h) {
        free(f);
        return;
    }
    flight_unlink(f);
    if (h->c.journal || h->c.seen)
        record_called(h, f, res);
    struct outbox o;
    outbox_init(&o);
    h->role->ops->answer(h->role, f->out.id, res, host_moment(h), &o);
    outgoing_done(&f->out);
    free(f);
    host_deliver(h, &o);
}

void host_start_call(struct host *h, struct outgoing *out)
{
    struct flight *f = xcalloc(1, sizeof *f);
    f->host = h;
    f->out = *out;
    f->next = h->flights;
    if (f->next)
        f->next->prev = f;
    h->flights = f;
    const char *method = f->out.request.method;
    struct call call = {.url = f->out.url,
                        .pool = h->c.actor,
                        .request = &f->out.request,
                        .timeout_ns = f->out.timeout_ns,
                        /* What is not idempotent must not be sent twice unseen. */
                        .fresh = !method || strcmp(method, "GET") != 0,
                        .trust = f->out.trust,
                        .ca_file = f->out.ca_file};
    f->call = wire_call(h->c.wire, &call, on_answer, f);
}

void host_drop_calls(struct host *h)
{
    while (h->flights) {
        struct flight *f = h->flights;
        flight_unlink(f);
        outgoing_done(&f->out);
        f->host = NULL;
        wire_call_cancel(h->c.wire, f->call);
    }
}
