/*
 * What the files of the host share. host.c: life, time, carrying the outbox out;
 * host_serve.c: requests, their tickets and faults; host_call.c: the role's own calls.
 */
#ifndef MOCKS_HOST_INTERNAL_H
#define MOCKS_HOST_INTERNAL_H

#include "mocks/host.h"
#include "mocks/host_faults.h"
#include "mocks/host_record.h"
#include "mocks/outbox.h"

/* A request at the role, or on its way there or back. They are kept for reuse: the usual
 * request is answered without any allocation here. */
struct pending {
    struct host *host;
    uint32_t index, generation; /* together its ticket */
    bool used;
    struct inbound *in; /* NULL: the first of a pair, whose answer nobody gets */
    const struct http_request *req;
    uint64_t began;
    enum op op;
    const char *operation;
    char from[80];
    struct fault *fault; /* the one it met; a reference */
    bool hit;            /* and it was put in */
    bool answered;       /* the reply waits for its time */
    struct http_reply reply;
    struct wire_timer *timer;
};

/* A call of the role's on its way. When the host goes first, only this remains until the
 * door has called back. */
struct flight {
    struct host *host; /* NULL: gone */
    struct flight *prev, *next;
    struct outgoing out;
    struct wire_call *call;
};

struct host {
    struct host_config c; /* strings are owned */
    struct role *role;
    bool observer;  /* it serves an overstapsysteem's observer */
    bool keep_last; /* somebody may want the last answers again */
    struct listen spec;
    struct wire_listener *listener;
    char *url;
    struct pending **pending; /* by index */
    size_t n_pending;
    uint32_t *spare; /* indices that are free */
    size_t n_spare;
    struct flight *flights;
    struct faults faults;
    struct wire_timer *timer;
    bool wakes;
    uint64_t wake_at;
};

struct moment host_moment(const struct host *h);
/* Carries out what the role put into its outbox, and ends the outbox. */
void host_deliver(struct host *h, struct outbox *o);
void host_note_fault(struct host *h, const struct fault *f, const char *phase);

/* host_serve.c */
void host_on_request(void *host, struct inbound *in, const struct http_request *req);
/* The role's reply to a ticket; one to a ticket that is gone is dropped. */
void host_answered(struct host *h, uint64_t ticket, struct http_reply *reply);
/* Resets every request that is still open. */
void host_drop_pending(struct host *h);

/* host_call.c */
/* Starts a call; takes the contents of *out. */
void host_start_call(struct host *h, struct outgoing *out);
/* Cancels all calls; the role hears of none of them. */
void host_drop_calls(struct host *h);

#endif
