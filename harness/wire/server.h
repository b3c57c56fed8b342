/*
 * The server half of the real door, between server.c (listeners on the loop) and
 * inbound.c (one request: collecting it, parking it, giving its reply).
 */
#ifndef WIRE_SERVER_H
#define WIRE_SERVER_H

#include <microhttpd.h>

#include "harness/base/buf.h"
#include "harness/wire/real.h"

#define INBOUND_FIELDS 32
#define INBOUND_TARGET 256

enum inbound_phase {
    INBOUND_NEW,    /* its request line was read */
    INBOUND_BODY,   /* its body is coming */
    INBOUND_ASKED,  /* on_request is running */
    INBOUND_PARKED, /* suspended: the reply is owed, or waits for its time */
    INBOUND_READY,  /* its reply can go out */
    INBOUND_ENDED,  /* to be closed without an answer */
};

struct inbound {
    struct real *real;
    struct wire_listener *listener; /* NULL: closed meanwhile, only the reply is owed */
    struct inbound *prev, *next;
    struct MHD_Connection *connection;
    enum inbound_phase phase;
    bool replied;
    struct http_request request; /* name, values and method lie in libmicrohttpd's memory
                                    until inbound_detach */
    struct http_reply reply;
    struct wire_timer *delay;
    uv_poll_t *gone; /* looks whether the peer of a silent reply has gone */
    struct buf body;
    bool body_over;
    struct http_peer peer; /* with TLS */
    bool detached;         /* the request's memory is its own */
    bool two_lengths;      /* Content-Length and Transfer-Encoding */
    struct http_field fields[INBOUND_FIELDS];
    char target[INBOUND_TARGET];
};

struct wire_listener {
    struct real *real;
    struct wire_listener *prev, *next;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
    uv_timer_t timer;
    int open_handles;
    uint64_t armed; /* when the timer fires; UINT64_MAX: it doesn't */
    bool running;   /* libmicrohttpd is on the stack */
    bool closing;
    char *url;
    bool tls;
    size_t max_body;
    wire_request_cb *on_request;
    void *arg;
    struct inbound *inbounds; /* those that libmicrohttpd knows */
    struct inbound *spare;
    size_t spare_n;
};

/* Lets the daemon run soon: it is not told of resumed connections by its epoll. */
void listener_wake(struct wire_listener *l);

/* libmicrohttpd's callbacks; cls is the listener */
void *inbound_begin(void *cls, const char *uri, struct MHD_Connection *c);
enum MHD_Result inbound_access(void *cls, struct MHD_Connection *c, const char *url,
                               const char *method, const char *version,
                               const char *upload, size_t *upload_n, void **inbound);
void inbound_completed(void *cls, struct MHD_Connection *c, void **inbound,
                       enum MHD_RequestTerminationCode why);

/* Who is at the other end (tls_peer.c). */
void tls_peer_read(struct MHD_Connection *c, struct http_peer *out);

/* The listener is about to end: lets go of everything suspended. */
void inbound_end_all(struct wire_listener *l);
/* Frees, whatever its state. */
void inbound_free(struct inbound *in);

#endif
