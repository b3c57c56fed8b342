/*
 * A scripted peer for the tests of the real door: a TCP server on the same loop that
 * collects what it is sent, gives a fixed answer and then does one thing. It knows
 * nothing of HTTP but where a header section ends.
 */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/wire/real.h"

enum peer_then { PEER_KEEP, PEER_CLOSE, PEER_RESET };

struct peer {
    uv_tcp_t server;
    char url[64];
    int port;
    const char *answer; /* NULL: none */
    enum peer_then then;
    int close_from;   /* from this request on (0: every) no answer, only `then` */
    size_t wait_body; /* answer only when this many bytes came after the fields */
    int connections, requests;
    struct peer_connection *open;
    struct buf got; /* everything, of all connections */
};

struct peer_connection {
    uv_tcp_t tcp;
    uv_write_t write;
    struct peer *peer;
    struct peer_connection *prev, *next;
    struct buf got;
    char in[65536];
};

static void peer_connection_closed(uv_handle_t *h)
{
    struct peer_connection *c = h->data;
    buf_done(&c->got);
    free(c);
}

static void peer_connection_close(struct peer_connection *c, bool reset)
{
    if (uv_is_closing((uv_handle_t *)&c->tcp))
        return;
    if (c->prev)
        c->prev->next = c->next;
    else
        c->peer->open = c->next;
    if (c->next)
        c->next->prev = c->prev;
    if (reset)
        uv_tcp_close_reset(&c->tcp, peer_connection_closed);
    else
        uv_close((uv_handle_t *)&c->tcp, peer_connection_closed);
}

static void peer_then(struct peer_connection *c)
{
    if (c->peer->then != PEER_KEEP)
        peer_connection_close(c, c->peer->then == PEER_RESET);
}

static void peer_written(uv_write_t *q, int status)
{
    (void)status;
    peer_then(q->data);
}

static void peer_alloc(uv_handle_t *h, size_t hint, uv_buf_t *b)
{
    (void)hint;
    struct peer_connection *c = h->data;
    *b = uv_buf_init(c->in, sizeof c->in);
}

static void peer_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct peer_connection *c = s->data;
    struct peer *p = c->peer;
    if (n < 0) {
        peer_connection_close(c, false);
        return;
    }
    buf_add(&p->got, b->base, (size_t)n);
    buf_add(&c->got, b->base, (size_t)n);
    const char *end = c->got.n ? strstr(c->got.p, "\r\n\r\n") : NULL;
    if (!end || c->got.n - (size_t)(end + 4 - c->got.p) < p->wait_body)
        return;
    buf_reset(&c->got);
    p->requests++;
    if (!p->answer || (p->close_from && p->requests >= p->close_from)) {
        peer_then(c);
        return;
    }
    if (p->close_from == 0 || p->requests < p->close_from) {
        union {
            const char *in;
            char *out;
        } u = {p->answer};
        const uv_buf_t out = uv_buf_init(u.out, (unsigned)strlen(p->answer));
        c->write.data = c;
        uv_write(&c->write, s, &out, 1, p->close_from ? NULL : peer_written);
    }
}

static void peer_accept(uv_stream_t *s, int status)
{
    struct peer *p = s->data;
    (void)status;
    struct peer_connection *c = xcalloc(1, sizeof *c);
    c->peer = p;
    buf_init(&c->got, (size_t)16 << 20);
    uv_tcp_init(s->loop, &c->tcp);
    c->tcp.data = c;
    p->connections++;
    c->next = p->open;
    if (c->next)
        c->next->prev = c;
    p->open = c;
    uv_accept(s, (uv_stream_t *)&c->tcp);
    uv_unref((uv_handle_t *)&c->tcp);
    uv_read_start((uv_stream_t *)&c->tcp, peer_alloc, peer_read);
}

__attribute__((unused)) static void peer_open(struct peer *p, struct wire *w,
                                              const char *answer, enum peer_then then)
{
    *p = (struct peer){.answer = answer, .then = then};
    buf_init(&p->got, (size_t)16 << 20);
    struct sockaddr_in a;
    assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &a), 0);
    uv_tcp_init(&real_of(w)->loop, &p->server);
    p->server.data = p;
    assert_int_equal(uv_tcp_bind(&p->server, (struct sockaddr *)&a, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&p->server, 1024, peer_accept), 0);
    int n = sizeof a;
    uv_tcp_getsockname(&p->server, (struct sockaddr *)&a, &n);
    p->port = (int)(((a.sin_port & 0xff) << 8) | (a.sin_port >> 8));
    snprintf(p->url, sizeof p->url, "http://127.0.0.1:%d", p->port);
    uv_unref((uv_handle_t *)&p->server);
}

/* Lets go of the loop, which must run once more before *p goes. */
__attribute__((unused)) static void peer_close(struct peer *p)
{
    while (p->open)
        peer_connection_close(p->open, false);
    uv_close((uv_handle_t *)&p->server, NULL);
}

/* Must come before wire_free. */
__attribute__((unused)) static void peer_done(struct peer *p)
{
    peer_close(p);
    uv_run(p->server.loop, UV_RUN_NOWAIT);
    buf_done(&p->got);
}

#endif
