/*
 * One request on the server's side. A reply given inside on_request goes out at once; any
 * other is parked: the connection is suspended until the reply, and its moment, are
 * there.
 */
#include "harness/wire/server.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "harness/base/mem.h"

#define SPARE_MAX     256
#define BODY_KEEP     ((size_t)64 * 1024) /* a spare inbound keeps no larger buffer */
#define BODY_OVER_MAX ((size_t)256 << 20) /* past max_body, after which we hang up */

/* libmicrohttpd's strings are const for it and read-only for us; struct http_field is not
 * const, because elsewhere it owns its strings. */
static char *borrowed(const char *s)
{
    union {
        const char *in;
        char *out;
    } u = {s ? s : ""};
    return u.out;
}

static int fd_of(struct MHD_Connection *c)
{
    return MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* ---- life ---- */

static void inbound_link(struct inbound **head, struct inbound *in)
{
    in->prev = NULL;
    in->next = *head;
    if (in->next)
        in->next->prev = in;
    *head = in;
}

static void inbound_unlink(struct inbound *in)
{
    struct inbound **head = in->listener ? &in->listener->inbounds : &in->real->orphans;
    if (in->prev)
        in->prev->next = in->next;
    else
        *head = in->next;
    if (in->next)
        in->next->prev = in->prev;
}

static void gone_closed(uv_handle_t *h)
{
    free(h);
}

static void gone_stop(struct inbound *in)
{
    if (in->gone)
        uv_close((uv_handle_t *)in->gone, gone_closed);
    in->gone = NULL;
}

/* Frees what hangs on it, but for the body's buffer. */
static void inbound_empty(struct inbound *in)
{
    gone_stop(in);
    wire_timer_cancel(&in->real->wire, in->delay);
    in->delay = NULL;
    if (in->detached) {
        free(in->request.method);
        http_fields_done(&in->request.fields);
    } else if (in->request.fields.v != in->fields) {
        free(in->request.fields.v);
    }
    if (in->request.target != in->target)
        free(in->request.target);
    http_reply_done(&in->reply);
}

void inbound_free(struct inbound *in)
{
    inbound_unlink(in);
    inbound_empty(in);
    buf_done(&in->body);
    free(in);
}

/* Ready for a next request of the same listener, without a new allocation. */
static void inbound_recycle(struct inbound *in)
{
    struct wire_listener *l = in->listener;
    if (l->spare_n == SPARE_MAX || l->closing) {
        inbound_free(in);
        return;
    }
    inbound_unlink(in);
    inbound_empty(in);
    if (in->body.cap > BODY_KEEP)
        buf_done(&in->body);
    in->next = l->spare;
    l->spare = in;
    l->spare_n++;
}

void *inbound_begin(void *cls, const char *uri, struct MHD_Connection *c)
{
    struct wire_listener *l = cls;
    struct inbound *in = l->spare;
    if (in) {
        l->spare = in->next;
        l->spare_n--;
    } else {
        in = xmalloc(sizeof *in);
        buf_init(&in->body, l->max_body);
    }
    if (in->body.cap)
        buf_reset(&in->body);
    else
        buf_init(&in->body, l->max_body);
    in->real = l->real;
    in->listener = l;
    in->connection = c;
    in->phase = INBOUND_NEW;
    in->replied = in->body_over = in->detached = in->two_lengths = false;
    in->delay = NULL;
    in->gone = NULL;
    http_request_init(&in->request);
    http_reply_init(&in->reply);
    in->request.fields.v = in->fields;
    in->request.fields.cap = INBOUND_FIELDS;
    const size_t n = strlen(uri);
    in->request.target = n < sizeof in->target ? in->target : xmalloc(n + 1);
    memcpy(in->request.target, uri, n + 1);
    inbound_link(&l->inbounds, in);
    return in;
}

/* Copies what lies in libmicrohttpd's memory, which is about to go, for a role that still
 * owes the reply. */
static void inbound_detach(struct inbound *in)
{
    struct http_fields own;
    http_fields_copy(&own, &in->request.fields);
    if (in->request.fields.v != in->fields)
        free(in->request.fields.v);
    in->request.fields = own;
    in->request.method = xstrdup(in->request.method);
    in->detached = true;
    inbound_unlink(in);
    in->listener = NULL;
    in->connection = NULL;
    inbound_link(&in->real->orphans, in);
}

void inbound_end_all(struct wire_listener *l)
{
    for (struct inbound *in = l->inbounds, *next; in; in = next) {
        next = in->next;
        if (in->phase != INBOUND_PARKED)
            continue;
        gone_stop(in);
        MHD_resume_connection(in->connection);
        if (!in->replied)
            inbound_detach(in);
        else
            in->phase = INBOUND_ENDED;
    }
}

/* libmicrohttpd (0.9.75) misses the end of the stream when it came together with the
 * request, and would keep the connection until it times out. Shutting it down for reading
 * makes an event of it. */
static void notice_half_close(int fd)
{
    char byte;
    if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        shutdown(fd, SHUT_RD);
}

void inbound_completed(void *cls, struct MHD_Connection *c, void **inbound,
                       enum MHD_RequestTerminationCode why)
{
    (void)cls;
    if (why == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        notice_half_close(fd_of(c));
    struct inbound *in = *inbound;
    *inbound = NULL;
    if (in && in->listener) /* else the reply is still owed: it is freed with that */
        inbound_recycle(in);
}

/* ---- the reply ---- */

struct cut_body {
    char *p;
    size_t n;
    int fd;
};

/* Gives the first half of the body and then breaks off. The shutdown makes sure that the
 * daemon's epoll has an event: without one libmicrohttpd (0.9.75) forgets to close. */
static ssize_t cut_read(void *arg, uint64_t pos, char *to, size_t max)
{
    const struct cut_body *b = arg;
    if (pos >= b->n) {
        shutdown(b->fd, SHUT_RDWR);
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    const size_t left = b->n - (size_t)pos;
    const size_t n = left < max ? left : max;
    memcpy(to, b->p + pos, n);
    return (ssize_t)n;
}

static void cut_free(void *arg)
{
    struct cut_body *b = arg;
    free(b->p);
    free(b);
}

/* The response with its body, which moves out of the reply. */
static struct MHD_Response *response_new(struct inbound *in)
{
    struct http_response *r = &in->reply.response;
    char *body = r->body;
    const size_t n = body ? r->body_n : 0;
    r->body = NULL;
    r->body_n = 0;
    if (in->reply.cut == CUT_TRUNCATE) {
        struct cut_body *b = xmalloc(sizeof *b);
        *b = (struct cut_body){body, n / 2, fd_of(in->connection)};
        /* An empty body can only break off when it is chunked: before its last chunk. */
        return MHD_create_response_from_callback(n ? n : MHD_SIZE_UNKNOWN, 16 * 1024,
                                                 cut_read, b, cut_free);
    }
    if (n)
        return MHD_create_response_from_buffer_with_free_callback(n, body, free);
    free(body);
    return MHD_create_response_from_buffer(0, borrowed(""), MHD_RESPMEM_PERSISTENT);
}

/* libmicrohttpd makes these itself, and would send them twice. */
static bool made_by_server(const char *name)
{
    return strcasecmp(name, "Content-Length") == 0 ||
           strcasecmp(name, "Transfer-Encoding") == 0;
}

/* Makes close() send a reset. */
static void linger_off(struct MHD_Connection *c)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_of(c), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* Has the response a body on the wire (RFC 9112 section 6.3)? */
static bool body_goes_out(const struct inbound *in)
{
    const int status = in->reply.response.status;
    return strcmp(in->request.method, "HEAD") != 0 && status != 204 && status != 304;
}

/* A request with two lengths may hide another one: the connection closes after its answer
 * (RFC 9112 section 6.3), unless a role that plays a careless server says otherwise. */
static void close_after_two_lengths(const struct inbound *in, struct MHD_Response *m)
{
    if (in->two_lengths && !http_fields_get(&in->reply.response.fields, "Connection"))
        MHD_add_response_header(m, "Connection", "close");
}

/* Hands the reply to libmicrohttpd. */
static enum MHD_Result inbound_answer(struct inbound *in)
{
    struct http_response *r = &in->reply.response;
    if (in->reply.cut == CUT_RESET ||
        (in->reply.cut == CUT_TRUNCATE && !body_goes_out(in))) {
        linger_off(in->connection);
        return MHD_NO;
    }
    struct MHD_Response *m = response_new(in);
    for (size_t i = 0; i < r->fields.n; i++)
        if (!made_by_server(r->fields.v[i].name))
            MHD_add_response_header(m, r->fields.v[i].name, r->fields.v[i].value);
    close_after_two_lengths(in, m);
    const enum MHD_Result rc = MHD_queue_response(in->connection, (unsigned)r->status, m);
    MHD_destroy_response(m);
    return rc;
}

static void inbound_resume(struct inbound *in, enum inbound_phase phase)
{
    gone_stop(in);
    in->phase = phase;
    MHD_resume_connection(in->connection);
    listener_wake(in->listener);
}

static void gone_event(uv_poll_t *h, int status, int events)
{
    struct inbound *in = h->data;
    if (status < 0 || events & UV_DISCONNECT)
        inbound_resume(in, INBOUND_ENDED);
}

/* A suspended connection is not looked at by libmicrohttpd: without this, a peer that
 * gave up would stay until the listener closes. */
static void gone_watch(struct inbound *in)
{
    uv_poll_t *h = xcalloc(1, sizeof *h);
    if (uv_poll_init(&in->real->loop, h, fd_of(in->connection))) {
        free(h);
        return;
    }
    h->data = in;
    uv_unref((uv_handle_t *)h);
    uv_poll_start(h, UV_DISCONNECT, gone_event);
    in->gone = h;
}

/* The time of a parked reply has come. */
static void inbound_due(void *arg)
{
    struct inbound *in = arg;
    in->delay = NULL;
    if (in->reply.cut == CUT_SILENT)
        gone_watch(in);
    else
        inbound_resume(in, INBOUND_READY);
}

/* Sees to the reply of a suspended connection. */
static void inbound_settle(struct inbound *in)
{
    struct wire *w = &in->real->wire;
    if (in->reply.delay_ns)
        in->delay = wire_timer(w, wire_now(w) + in->reply.delay_ns, inbound_due, in);
    else
        inbound_due(in);
}

void inbound_reply(struct wire *w, struct inbound *in, struct http_reply *reply)
{
    (void)w;
    assert(!in->replied);
    in->replied = true;
    in->reply = *reply;
    http_reply_init(reply);
    if (!in->listener)
        inbound_free(in);
    else if (in->phase == INBOUND_PARKED)
        inbound_settle(in);
}

/* ---- the request ---- */

static enum MHD_Result take_field(void *cls, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void)kind;
    struct inbound *in = cls;
    struct http_fields *f = &in->request.fields;
    if (f->n == f->cap) {
        const size_t cap = f->cap * 2;
        struct http_field *v = xmalloc(cap * sizeof *v);
        memcpy(v, f->v, f->n * sizeof *v);
        if (f->v != in->fields)
            free(f->v);
        f->v = v;
        f->cap = cap;
    }
    f->v[f->n++] = (struct http_field){borrowed(name), borrowed(value)};
    return MHD_YES;
}

/* The whole body is read even when it is too large: a client that is still sending would
 * otherwise get a reset in place of the answer. */
static enum MHD_Result take_body(struct inbound *in, const char *p, size_t n)
{
    if (!in->body_over && buf_add(&in->body, p, n))
        in->body_over = true;
    if (!in->body_over)
        return MHD_YES;
    in->request.body_n += n;
    return in->request.body_n > BODY_OVER_MAX ? MHD_NO : MHD_YES;
}

/* The request is whole: asks for the reply. */
static enum MHD_Result inbound_ask(struct inbound *in)
{
    struct wire_listener *l = in->listener;
    struct http_request *q = &in->request;
    MHD_get_connection_values(in->connection, MHD_HEADER_KIND, take_field, in);
    if (in->body_over) {
        q->body_n = SIZE_MAX;
    } else if (in->body.n) {
        q->body = in->body.p;
        q->body_n = in->body.n;
    }
    in->two_lengths = http_fields_get(&q->fields, "Transfer-Encoding") &&
                      http_fields_get(&q->fields, "Content-Length");
    if (l->tls) {
        tls_peer_read(in->connection, &in->peer);
        q->peer = &in->peer;
    }
    in->phase = INBOUND_ASKED;
    l->on_request(l->arg, in, q);
    if (in->replied && !in->reply.delay_ns && in->reply.cut != CUT_SILENT)
        return inbound_answer(in);
    in->phase = INBOUND_PARKED;
    MHD_suspend_connection(in->connection);
    if (in->replied)
        inbound_settle(in);
    return MHD_YES;
}

enum MHD_Result inbound_access(void *cls, struct MHD_Connection *c, const char *url,
                               const char *method, const char *version,
                               const char *upload, size_t *upload_n, void **inbound)
{
    (void)url;
    (void)version;
    struct wire_listener *l = cls;
    struct inbound *in = *inbound;
    if (l->closing)
        return MHD_NO;
    switch (in->phase) {
    case INBOUND_NEW:
        in->request.method = borrowed(method);
        in->phase = INBOUND_BODY;
        if (strcmp(method, "GET") != 0) /* half a request may be all there is */
            notice_half_close(fd_of(c));
        return MHD_YES;
    case INBOUND_BODY:
        if (*upload_n) {
            const enum MHD_Result rc = take_body(in, upload, *upload_n);
            *upload_n = 0;
            notice_half_close(fd_of(c));
            return rc;
        }
        return inbound_ask(in);
    case INBOUND_READY:
        return inbound_answer(in);
    case INBOUND_ASKED:
    case INBOUND_PARKED:
    case INBOUND_ENDED:
        break;
    }
    return MHD_NO;
}
