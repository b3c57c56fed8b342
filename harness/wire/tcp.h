/*
 * A raw TCP client for what libcurl can't say: broken, huge, trickling, smuggled
 * requests. Sends bytes as told and reads what comes back until close, a limit or a
 * deadline.
 */
#ifndef WIRE_TCP_H
#define WIRE_TCP_H

#include "harness/wire/wire.h"

struct tcp_call {
    const char *host;
    int port;
    const char *bytes;
    size_t n;
    size_t repeat;  /* send `bytes` this many times (0: once): for huge requests */
    size_t trickle; /* bytes per piece; 0: all at once */
    uint64_t trickle_gap_ns;
    bool half_close;     /* shut down sending after the last byte */
    uint64_t timeout_ns; /* whole call */
};
struct tcp_result {
    enum call_outcome outcome; /* ANSWERED: something came back or it was closed cleanly;
                                  REFUSED, RESET, TIMEOUT as for calls */
    int status;    /* of the first status line in what came back; 0 when none */
    int responses; /* how many status lines came back (smuggling shows here), those inside
                      a body and interim ones (1xx) not counted */
    const char *bytes; /* at most 64 KiB of what came back; borrowed */
    size_t n;
    uint64_t began, ended;
};
typedef void tcp_call_cb(void *arg, const struct tcp_result *r);
/* Real door only. The callback comes exactly once, never from inside. */
void tcp_call(struct wire *real, const struct tcp_call *c, tcp_call_cb *cb, void *arg);

#endif
