#include "harness/wire/tcp.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/wire/real.h"
#include "harness/wire/tcp_parse.h"

#define KEPT_MAX   ((size_t)64 * 1024)
#define PIECE_MAX  ((size_t)64 * 1024)
#define TIMEOUT_NS (30 * NS_PER_S)

struct tcp_peer {
    struct real *real;
    struct tcp_peer *prev, *next;
    tcp_call_cb *cb;
    void *arg;
    uv_tcp_t tcp;
    uv_getaddrinfo_t resolve;
    uv_connect_t connect;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct wire_timer *deadline, *gap;
    struct addrinfo *addresses, *next_address; /* of a host name */
    bool resolving;                            /* libuv holds `resolve` */
    bool closing, closed;
    char *bytes;
    size_t n;
    uint64_t total, sent; /* of the whole stream, repeats included */
    size_t piece;         /* the most that one write sends */
    uint64_t gap_ns;
    bool half_close;
    struct tcp_result result;
    struct buf kept;
    char out[PIECE_MAX], in[PIECE_MAX];
};

/* ---- the end ---- */

/* Frees it once libuv holds nothing of it any more. */
static void peer_free(struct tcp_peer *p)
{
    if (!p->closed || p->resolving)
        return;
    uv_freeaddrinfo(p->addresses);
    free(p->bytes);
    buf_done(&p->kept);
    free(p);
}

static void peer_closed(uv_handle_t *h)
{
    struct tcp_peer *p = h->data;
    p->closed = true;
    peer_free(p);
}

/* Lets go of the loop; the memory follows. */
static void peer_drop(struct tcp_peer *p)
{
    struct wire *w = &p->real->wire;
    p->closing = true;
    wire_timer_cancel(w, p->deadline);
    wire_timer_cancel(w, p->gap);
    if (p->prev)
        p->prev->next = p->next;
    else
        p->real->peers = p->next;
    if (p->next)
        p->next->prev = p->prev;
    if (p->resolving)
        uv_cancel((uv_req_t *)&p->resolve);
    if (!uv_is_closing((uv_handle_t *)&p->tcp)) /* else it is about to be reopened */
        uv_close((uv_handle_t *)&p->tcp, peer_closed);
}

/* Tells the caller. `outcome` is for when nothing came back. */
static void peer_finish(struct tcp_peer *p, enum call_outcome outcome)
{
    struct tcp_result *r = &p->result;
    r->ended = when_monotonic();
    r->outcome = p->kept.n ? CALL_ANSWERED : outcome;
    r->bytes = p->kept.n ? p->kept.p : "";
    r->n = p->kept.n;
    r->responses = tcp_count_responses(r->bytes, r->n, &r->status);
    peer_drop(p);
    p->cb(p->arg, r); /* p lives until its handle is closed, later on the loop */
}

static void peer_late(void *arg)
{
    struct tcp_peer *p = arg;
    p->deadline = NULL;
    peer_finish(p, CALL_TIMEOUT);
}

/* What a libuv error on an open connection means. */
static enum call_outcome outcome_of(ssize_t rc)
{
    return rc == UV_ECONNRESET || rc == UV_EPIPE ? CALL_RESET : CALL_OTHER;
}

/* ---- reading ---- */

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *b)
{
    (void)hint;
    struct tcp_peer *p = h->data;
    *b = uv_buf_init(p->in, sizeof p->in);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct tcp_peer *p = s->data;
    if (n == UV_EOF) {
        peer_finish(p, CALL_ANSWERED);
    } else if (n < 0) {
        peer_finish(p, outcome_of(n));
    } else if (n > 0) {
        const size_t room = KEPT_MAX - p->kept.n;
        buf_add(&p->kept, b->base, (size_t)n < room ? (size_t)n : room);
        if (p->kept.n == KEPT_MAX)
            peer_finish(p, CALL_ANSWERED);
    }
}

/* ---- sending ---- */

static void peer_send(struct tcp_peer *p);

static void peer_gap_over(void *arg)
{
    struct tcp_peer *p = arg;
    p->gap = NULL;
    peer_send(p);
}

static void on_shutdown(uv_shutdown_t *q, int status)
{
    (void)q;
    (void)status;
}

/* A failed write is not the end: the peer may have answered before it closed. What
 * reading gives decides. */
static void on_written(uv_write_t *q, int status)
{
    struct tcp_peer *p = q->data;
    if (p->closing || status)
        return;
    struct wire *w = &p->real->wire;
    if (p->sent < p->total && p->gap_ns)
        p->gap = wire_timer(w, wire_now(w) + p->gap_ns, peer_gap_over, p);
    else
        peer_send(p);
}

/* Sends the next piece of the stream, that is `bytes` over and over. */
static void peer_send(struct tcp_peer *p)
{
    if (p->sent == p->total) {
        if (p->half_close)
            uv_shutdown(&p->shutdown, (uv_stream_t *)&p->tcp, on_shutdown);
        return;
    }
    size_t n = 0;
    while (n < p->piece && p->sent < p->total) {
        const size_t at = (size_t)(p->sent % p->n);
        size_t m = p->n - at;
        if (m > p->piece - n)
            m = p->piece - n;
        memcpy(p->out + n, p->bytes + at, m);
        n += m;
        p->sent += m;
    }
    const uv_buf_t b = uv_buf_init(p->out, (unsigned)n);
    p->write.data = p;
    uv_write(&p->write, (uv_stream_t *)&p->tcp, &b, 1, on_written);
}

/* ---- beginning ---- */

static void peer_connect(struct tcp_peer *p, const struct sockaddr *a);

/* Takes the next address of the host name with a new socket. */
static void peer_reopen(uv_handle_t *h)
{
    struct tcp_peer *p = h->data;
    if (p->closing) {
        peer_closed(h);
        return;
    }
    uv_tcp_init(&p->real->loop, &p->tcp);
    const struct addrinfo *a = p->next_address;
    p->next_address = a->ai_next;
    peer_connect(p, a->ai_addr);
}

static void on_connected(uv_connect_t *q, int status)
{
    struct tcp_peer *p = q->data;
    if (p->closing)
        return;
    if (status && p->next_address) {
        uv_close((uv_handle_t *)&p->tcp, peer_reopen);
        return;
    }
    if (status) {
        peer_finish(p, status == UV_ETIMEDOUT ? CALL_TIMEOUT : CALL_REFUSED);
        return;
    }
    uv_tcp_nodelay(&p->tcp, 1); /* each piece of a trickle is a segment of its own */
    uv_read_start((uv_stream_t *)&p->tcp, on_alloc, on_read);
    peer_send(p);
}

/* It failed before libuv took it on: the caller hears that from the loop too. */
static void peer_hopeless(void *arg)
{
    struct tcp_peer *p = arg;
    p->gap = NULL;
    peer_finish(p, p->result.outcome);
}

static void peer_give_up(struct tcp_peer *p, enum call_outcome outcome)
{
    p->result.outcome = outcome;
    p->gap = wire_timer(&p->real->wire, 0, peer_hopeless, p);
}

static void peer_connect(struct tcp_peer *p, const struct sockaddr *a)
{
    p->connect.data = p;
    if (uv_tcp_connect(&p->connect, &p->tcp, a, on_connected))
        peer_give_up(p, CALL_REFUSED);
}

static void on_resolved(uv_getaddrinfo_t *q, int status, struct addrinfo *a)
{
    struct tcp_peer *p = q->data;
    p->resolving = false;
    p->addresses = a;
    if (p->closing) {
        peer_free(p);
    } else if (status || !a) {
        peer_finish(p, CALL_RESOLVE);
    } else {
        p->next_address = a->ai_next;
        peer_connect(p, a->ai_addr);
    }
}

/* Connects at once to a numeric address, else looks the name up (on libuv's threads). */
static void peer_find(struct tcp_peer *p, const char *host, int port)
{
    struct sockaddr_storage a;
    if (uv_ip4_addr(host, port, (struct sockaddr_in *)&a) == 0 ||
        uv_ip6_addr(host, port, (struct sockaddr_in6 *)&a) == 0) {
        peer_connect(p, (const struct sockaddr *)&a);
        return;
    }
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    const struct addrinfo hints = {.ai_flags = AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    p->resolve.data = p;
    p->resolving = true;
    if (uv_getaddrinfo(&p->real->loop, &p->resolve, on_resolved, host, service, &hints)) {
        p->resolving = false;
        peer_give_up(p, CALL_RESOLVE);
    }
}

void tcp_call(struct wire *w, const struct tcp_call *c, tcp_call_cb *cb, void *arg)
{
    assert(real_is(w));
    struct real *r = real_of(w);
    struct tcp_peer *p = xcalloc(1, sizeof *p);
    p->real = r;
    p->cb = cb;
    p->arg = arg;
    p->bytes = xmemdup(c->bytes, c->n);
    p->n = c->n;
    p->total = (uint64_t)c->n * (c->repeat ? c->repeat : 1);
    p->piece = c->trickle && c->trickle < PIECE_MAX ? c->trickle : PIECE_MAX;
    p->gap_ns = c->trickle ? c->trickle_gap_ns : 0;
    p->half_close = c->half_close;
    p->result.began = when_monotonic();
    buf_init(&p->kept, KEPT_MAX);
    uv_tcp_init(&r->loop, &p->tcp);
    p->tcp.data = p;
    p->next = r->peers;
    if (p->next)
        p->next->prev = p;
    r->peers = p;
    const uint64_t limit = c->timeout_ns ? c->timeout_ns : (uint64_t)TIMEOUT_NS;
    p->deadline = wire_timer(w, p->result.began + limit, peer_late, p);
    peer_find(p, c->host, c->port);
}

void tcp_free_all(struct real *r)
{
    while (r->peers)
        peer_drop(r->peers);
}
