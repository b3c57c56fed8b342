#include "mocks/outbox.h"

#include <stdlib.h>

#include "harness/base/mem.h"

void outgoing_done(struct outgoing *c)
{
    free(c->url);
    free(c->ca_file);
    http_request_done(&c->request);
    json_decref(c->message);
    *c = (struct outgoing){0};
}

void outbox_init(struct outbox *o)
{
    *o = (struct outbox){0};
}

void outbox_done(struct outbox *o)
{
    uint64_t ticket;
    struct http_reply reply;
    while (outbox_take_reply(o, &ticket, &reply))
        http_reply_done(&reply);
    struct outgoing call;
    while (outbox_take_call(o, &call))
        outgoing_done(&call);
    free(o->more);
    free(o->calls);
    outbox_init(o);
}

void outbox_reply(struct outbox *o, uint64_t ticket, struct http_reply *reply)
{
    struct outbox_letter *l = &o->first;
    if (o->replies > 0) {
        if (o->replies - 1 == o->more_cap) {
            o->more_cap = o->more_cap ? 2 * o->more_cap : 8;
            o->more = xrealloc(o->more, o->more_cap * sizeof *o->more);
        }
        l = &o->more[o->replies - 1];
    }
    *l = (struct outbox_letter){.ticket = ticket, .reply = *reply};
    o->replies++;
    http_reply_init(reply);
}

void outbox_call(struct outbox *o, struct role_call *c)
{
    if (o->n_calls == o->calls_cap) {
        o->calls_cap = o->calls_cap ? 2 * o->calls_cap : 4;
        o->calls = xrealloc(o->calls, o->calls_cap * sizeof *o->calls);
    }
    /* Counting a reference changes nothing that the role can see of its message. */
    json_t *message = (json_t *)(uintptr_t)c->message;
    o->calls[o->n_calls++] = (struct outgoing){
        .id = c->id,
        .op = c->op,
        .url = xstrdup(c->url),
        .request = c->request,
        .timeout_ns = c->timeout_ns,
        .trust = c->trust,
        .ca_file = xstrdup(c->ca_file),
        .message = json_incref(message),
    };
    http_request_init(&c->request);
}

void outbox_wake(struct outbox *o, uint64_t at)
{
    if (!o->wakes || at < o->wake_at)
        o->wake_at = at;
    o->wakes = true;
}

bool outbox_take_reply(struct outbox *o, uint64_t *ticket, struct http_reply *reply)
{
    if (o->replies_taken == o->replies) {
        o->replies = o->replies_taken = 0;
        return false;
    }
    size_t i = o->replies_taken++;
    const struct outbox_letter *l = i == 0 ? &o->first : &o->more[i - 1];
    *ticket = l->ticket;
    *reply = l->reply;
    return true;
}

bool outbox_take_call(struct outbox *o, struct outgoing *call)
{
    if (o->calls_taken == o->n_calls) {
        o->n_calls = o->calls_taken = 0;
        return false;
    }
    *call = o->calls[o->calls_taken++];
    return true;
}

bool outbox_take_wake(struct outbox *o, uint64_t *at)
{
    if (!o->wakes)
        return false;
    *at = o->wake_at;
    o->wakes = false;
    return true;
}

bool outbox_empty(const struct outbox *o)
{
    return o->replies_taken == o->replies && o->calls_taken == o->n_calls && !o->wakes;
}
