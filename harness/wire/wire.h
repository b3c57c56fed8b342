/*
 * The door. All that a role or a scenario knows of time and network: the clock, timers,
 * calls to a peer and listeners for peers. Two doors exist: the real one (libuv, libcurl
 * multi, libmicrohttpd on external epoll; wire_real_new) and the one in memory under a
 * virtual clock (wire_memory_new), in which time only moves when nothing is left to do.
 *
 * One loop, one thread, no locks. Callbacks are never made from inside the function that
 * starts the work. All strings passed in are copied.
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/when.h"
#include "harness/wire/http.h"

struct wire;
struct wire_timer;
struct wire_call;
struct wire_listener;
struct inbound; /* a request that waits for its reply */

enum call_outcome {
    CALL_ANSWERED,  /* a whole response was read */
    CALL_REFUSED,   /* no connection (nothing listens, unreachable) */
    CALL_RESOLVE,   /* the host name has no address */
    CALL_TIMEOUT,   /* unknown whether it was done */
    CALL_RESET,     /* connection lost before a response; unknown whether it was done */
    CALL_TRUNCATED, /* the response broke off */
    CALL_TLS,       /* handshake or certificate */
    CALL_NOT_HTTP,  /* what came back is no HTTP */
    CALL_TOO_LARGE, /* the response passed max_body */
    CALL_DROPPED,   /* our own fault injection: reply not read on purpose */
    CALL_CANCELLED,
    CALL_OTHER,
};
const char *call_outcome_name(enum call_outcome o); /* "answered", "refused", ... */

/* Faults on the client's side of a call. */
enum call_cut {
    CALL_WHOLE,
    CALL_DROP_REPLY, /* send the whole request; when the reply starts, close unread */
};

/* Whom a call believes. All but the first are for trials of a careless client. */
enum call_trust {
    TRUST_PROPER,   /* the certificate is good, and the host's */
    TRUST_ANY_NAME, /* the certificate is good, whoever's it is */
    TRUST_ANYBODY,
};

struct call {
    const char *url;  /* "http://127.0.0.1:1234"; request.target is appended */
    const char *pool; /* connections are shared only within one pool (one actor) */
    struct http_request *request; /* borrowed during wire_call only */
    uint64_t timeout_ns;          /* 0: 30 s */
    size_t max_body;              /* 0: 64 MiB */
    bool fresh; /* a new connection, closed afterwards. Default for anything that is not
                   idempotent: a reused connection may die under the request, which gives
                   CALL_RESET with `reused` (never a silent second sending). */
    enum call_cut cut;
    enum call_trust trust;
    const char *ca_file; /* the only trust anchor; NULL: the system's */
    const char *cert_file, *key_file;
    bool old_tls; /* offer nothing newer than TLS 1.1 */
};

struct call_result {
    enum call_outcome outcome;
    struct http_response response;     /* as far as it came; borrowed */
    uint64_t began, first_byte, ended; /* monotonic ns; first_byte 0 when none */
    bool reused;
    char detail[300]; /* libcurl's own words, for people */
};

typedef void wire_timer_cb(void *arg);
typedef void wire_call_cb(void *arg, const struct call_result *r);
/* `req` is borrowed until the reply is given. Every inbound must get wire_reply exactly
 * once, now or later (a parked reply). */
typedef void wire_request_cb(void *arg, struct inbound *in,
                             const struct http_request *req);

struct listen {
    const char *host; /* "127.0.0.1" */
    int port;         /* 0: any */
    size_t max_body;  /* larger: on_request sees body NULL and body_n = SIZE_MAX, so that
                         the role itself answers 413 */
    /* PEM texts; both NULL: plain HTTP */
    const char *tls_cert, *tls_key;
    /* Asks every peer for a certificate of this authority (PEM): see http_request.peer.
     * Who has none is let in; what that means is the role's business. */
    const char *tls_client_ca;
    bool old_tls; /* accept TLS 1.1 too, for a careless server; otherwise 1.2 or higher */
    wire_request_cb *on_request;
    void *arg;
};

struct wire_ops {
    uint64_t (*now)(struct wire *w);
    when_t (*wall)(struct wire *w);
    struct wire_timer *(*timer)(struct wire *w, uint64_t at, wire_timer_cb *cb,
                                void *arg);
    void (*timer_cancel)(struct wire *w, struct wire_timer *t);
    struct wire_call *(*call)(struct wire *w, const struct call *c, wire_call_cb *cb,
                              void *arg);
    void (*call_cancel)(struct wire *w, struct wire_call *c);
    int (*listen)(struct wire *w, const struct listen *l, struct wire_listener **out,
                  struct err *e);
    const char *(*listener_url)(struct wire_listener *l);
    void (*listener_close)(struct wire *w, struct wire_listener *l);
    void (*reply)(struct wire *w, struct inbound *in, struct http_reply *reply);
    int (*run)(struct wire *w);
    void (*stop)(struct wire *w);
    void (*free)(struct wire *w);
};

struct wire {
    const struct wire_ops *ops;
};

/* The real door. SIGPIPE is ignored by this call. */
int wire_real_new(struct wire **out, struct err *e);
/* The door in memory. `epoch` is wall time at virtual 0. Its listeners have URLs
 * "http://memory-N". */
struct wire *wire_memory_new(when_t epoch);

static inline uint64_t wire_now(struct wire *w) /* monotonic ns */
{
    return w->ops->now(w);
}
static inline when_t wire_wall(struct wire *w)
{
    return w->ops->wall(w);
}
/* Calls cb once at `at` (at once, but never from inside, when it is past). The timer is
 * gone when cb is entered. */
static inline struct wire_timer *wire_timer(struct wire *w, uint64_t at,
                                            wire_timer_cb *cb, void *arg)
{
    return w->ops->timer(w, at, cb, arg);
}
static inline void wire_timer_cancel(struct wire *w, struct wire_timer *t)
{
    if (t)
        w->ops->timer_cancel(w, t);
}
/* Always calls cb exactly once, also after a cancel (CALL_CANCELLED) - except when the
 * door is freed first. */
static inline struct wire_call *wire_call(struct wire *w, const struct call *c,
                                          wire_call_cb *cb, void *arg)
{
    return w->ops->call(w, c, cb, arg);
}
static inline void wire_call_cancel(struct wire *w, struct wire_call *c)
{
    if (c)
        w->ops->call_cancel(w, c);
}
static inline int wire_listen(struct wire *w, const struct listen *l,
                              struct wire_listener **out, struct err *e)
{
    return w->ops->listen(w, l, out, e);
}
/* "http://127.0.0.1:41234", owned by the listener. */
static inline const char *wire_listener_url(struct wire *w, struct wire_listener *l)
{
    return w->ops->listener_url(l);
}
/* Stops listening; parked requests are closed without an answer, and a later wire_reply
 * for one of them is harmless. NULL is fine. */
static inline void wire_listener_close(struct wire *w, struct wire_listener *l)
{
    if (l)
        w->ops->listener_close(w, l);
}
/* Takes the contents of *reply (re-initialised on return). */
static inline void wire_reply(struct wire *w, struct inbound *in,
                              struct http_reply *reply)
{
    w->ops->reply(w, in, reply);
}
/* Runs until wire_stop, or until nothing is left to do. 0 or E_*. */
static inline int wire_run(struct wire *w)
{
    return w->ops->run(w);
}
static inline void wire_stop(struct wire *w)
{
    w->ops->stop(w);
}
static inline void wire_free(struct wire *w)
{
    if (w)
        w->ops->free(w);
}

/* Signals, on the real door only: cb is called on the loop for SIGINT, SIGTERM, SIGHUP.
 */
typedef void wire_signal_cb(void *arg, int signum);
void wire_real_on_signal(struct wire *w, wire_signal_cb *cb, void *arg);

#endif
