/*
 * The outbox of mocks/role.h: collects what a role wants to happen while one of its
 * functions runs, to be drained afterwards by whoever called it (the host, or a unit
 * test). Order is kept among replies and among calls. Nothing is allocated for a single
 * reply.
 */
#ifndef MOCKS_OUTBOX_H
#define MOCKS_OUTBOX_H

#include "mocks/role.h"

/* A call as it waits to be sent; everything in it is owned. */
struct outgoing {
    uint64_t id;
    enum op op;
    char *url;
    struct http_request request;
    uint64_t timeout_ns;
    enum call_trust trust;
    char *ca_file;   /* NULL: none */
    json_t *message; /* NULL: none */
};
void outgoing_done(struct outgoing *c);

struct outbox_letter {
    uint64_t ticket;
    struct http_reply reply;
};

/* Open so that it can stand on the stack; use the functions only. */
struct outbox {
    struct outbox_letter first; /* the common case needs no allocation */
    struct outbox_letter *more; /* replies after the first */
    size_t replies, replies_taken, more_cap;
    struct outgoing *calls;
    size_t n_calls, calls_taken, calls_cap;
    bool wakes;
    uint64_t wake_at;
};

void outbox_init(struct outbox *o);
void outbox_done(struct outbox *o); /* drops what was not taken */

/* The next reply, in the order given; false when there is none left. The caller then owns
 * *reply's contents. */
bool outbox_take_reply(struct outbox *o, uint64_t *ticket, struct http_reply *reply);
/* The next call; the caller ends it with outgoing_done. */
bool outbox_take_call(struct outbox *o, struct outgoing *call);
/* The earliest wake wished for; false when none was. */
bool outbox_take_wake(struct outbox *o, uint64_t *at);
/* Nothing left to take. */
bool outbox_empty(const struct outbox *o);

#endif
