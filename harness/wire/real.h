/*
 * The inside of the real door, shared by the files that make it up: real.c (loop, timers,
 * signals), client.c and call.c (libcurl), server.c and inbound.c (libmicrohttpd), tcp.c
 * and process.c. Nobody else includes this.
 */
#ifndef WIRE_REAL_H
#define WIRE_REAL_H

#include <uv.h>

#include "harness/wire/wire.h"

struct client;
struct process;
struct tcp_peer;

struct real {
    struct wire wire; /* first: a struct wire * of this door is a struct real * */
    uv_loop_t loop;
    uv_timer_t hold; /* keeps the loop alive while `held` pieces of work are under way */
    size_t held;
    struct wire_timer *timers;
    struct client *client;
    struct wire_listener *listeners;
    struct inbound *orphans; /* requests whose listener is gone and whose reply is owed */
    struct tcp_peer *peers;
    struct process *processes;
    uv_signal_t signals[3];
    bool signals_on;
    wire_signal_cb *on_signal;
    void *on_signal_arg;
};

extern const struct wire_ops real_ops;

static inline struct real *real_of(struct wire *w)
{
    return (struct real *)w;
}
/* Is this the real door? The functions that only it offers assert so. */
bool real_is(const struct wire *w);

/* Work under way whose handles don't keep the loop alive by themselves. */
void real_hold(struct real *r);
void real_release(struct real *r);

/* The time-out to hand to uv_timer_start so that it never fires before `at`
 * (when_monotonic): libuv counts whole milliseconds from a cached time. */
uint64_t real_delay_ms(struct real *r, uint64_t at);

/* client.c */
struct client *client_new(struct real *r, struct err *e);
void client_free(struct client *c); /* calls under way end without a callback */
struct wire_call *client_call(struct wire *w, const struct call *c, wire_call_cb *cb,
                              void *arg);
void client_call_cancel(struct wire *w, struct wire_call *c);

/* server.c */
int server_listen(struct wire *w, const struct listen *l, struct wire_listener **out,
                  struct err *e);
const char *server_url(struct wire_listener *l);
void server_close(struct wire *w, struct wire_listener *l);
void server_free_orphans(struct real *r);

/* inbound.c */
void inbound_reply(struct wire *w, struct inbound *in, struct http_reply *reply);

/* tcp.c, process.c: end everything under way without a callback */
void tcp_free_all(struct real *r);
void process_free_all(struct real *r);

#endif
