/*
 * The door in memory: a queue of events ordered by (time, insertion) under a clock that
 * jumps from one event to the next. Calls reach the handler of the listener they name
 * without any socket, so that hours of conversation run in milliseconds, the same way
 * each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/wire/wire.h"

enum { DEFAULT_MAX_BODY = 64 << 20 };
#define DEFAULT_TIMEOUT (30 * (uint64_t)NS_PER_S)

/* An event of the queue: a timer of the user's, or one of our own. */
struct wire_timer {
    uint64_t at, order;
    size_t position; /* in the heap */
    wire_timer_cb *cb;
    void *arg;
};

struct memory {
    struct wire wire; /* first: a struct wire * is this */
    when_t epoch;
    uint64_t now, order;
    bool stopped;
    struct wire_timer **heap;
    size_t n, cap;
    struct wire_listener *listeners;
    struct wire_call *calls;
    struct inbound *inbounds;
    int last_number;
};

struct wire_listener {
    struct memory *w;
    struct wire_listener *next;
    int number;
    char url[40];
    size_t max_body;
    wire_request_cb *on_request;
    void *arg;
};

struct wire_call {
    struct memory *w;
    struct wire_call *prev, *next;
    char *url;
    struct http_request request;
    size_t max_body;
    enum call_cut cut;
    wire_call_cb *cb;
    void *arg;
    struct wire_timer *timeout; /* NULL once the outcome is known */
    struct wire_timer *step;    /* what happens next to it: arrival, or its callback */
    struct inbound *inbound;    /* while the other side holds the request */
    struct call_result result;
};

/* A request at a listener. It outlives its call when that gives up, and its listener when
 * that is closed, until the reply has been given. */
struct inbound {
    struct memory *w;
    struct inbound *prev, *next;
    struct wire_call *call; /* NULL: nobody waits any more */
    struct wire_listener *listener;
    struct http_request request;
    struct http_reply reply;
    struct wire_timer *delivery; /* set once the reply has been given */
};

static struct memory *memory_of(struct wire *w)
{
    return (struct memory *)(void *)w;
}

/* ---- the queue ---- */

static bool before(const struct wire_timer *a, const struct wire_timer *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void place(struct memory *w, struct wire_timer *t, size_t position)
{
    w->heap[position] = t;
    t->position = position;
}

static void sift_up(struct memory *w, struct wire_timer *t, size_t i)
{
    while (i > 0 && before(t, w->heap[(i - 1) / 2])) {
        place(w, w->heap[(i - 1) / 2], i);
        i = (i - 1) / 2;
    }
    place(w, t, i);
}

static void sift_down(struct memory *w, struct wire_timer *t, size_t i)
{
    for (;;) {
        size_t child = 2 * i + 1;

        if (child + 1 < w->n && before(w->heap[child + 1], w->heap[child]))
            child++;
        if (child >= w->n || !before(w->heap[child], t))
            break;
        place(w, w->heap[child], i);
        i = child;
    }
    place(w, t, i);
}

static struct wire_timer *event_new(struct memory *w, uint64_t at, wire_timer_cb *cb,
                                    void *arg)
{
    struct wire_timer *t = xcalloc(1, sizeof *t);

    t->at = at > w->now ? at : w->now;
    t->order = w->order++;
    t->cb = cb;
    t->arg = arg;
    if (w->n == w->cap) {
        w->cap = w->cap ? 2 * w->cap : 64;
        w->heap = xrealloc(w->heap, w->cap * sizeof(struct wire_timer *));
    }
    sift_up(w, t, w->n++);
    return t;
}

/* Takes an event out of the queue; the caller frees it. */
static void event_take(struct memory *w, struct wire_timer *t)
{
    size_t i = t->position;
    struct wire_timer *last = w->heap[--w->n];

    if (last == t)
        return;
    if (i > 0 && before(last, w->heap[(i - 1) / 2]))
        sift_up(w, last, i);
    else
        sift_down(w, last, i);
}

static void event_cancel(struct memory *w, struct wire_timer **t)
{
    if (!*t)
        return;
    event_take(w, *t);
    free(*t);
    *t = NULL;
}

/* ---- inbound requests ---- */

static void inbound_free(struct inbound *in)
{
    if (in->prev)
        in->prev->next = in->next;
    else
        in->w->inbounds = in->next;
    if (in->next)
        in->next->prev = in->prev;
    if (in->call)
        in->call->inbound = NULL;
    event_cancel(in->w, &in->delivery);
    http_request_done(&in->request);
    http_reply_done(&in->reply);
    free(in);
}

/* ---- calls ---- */

static void call_free(struct wire_call *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        c->w->calls = c->next;
    if (c->next)
        c->next->prev = c->prev;
    if (c->inbound)
        c->inbound->call = NULL;
    event_cancel(c->w, &c->timeout);
    event_cancel(c->w, &c->step);
    free(c->url);
    http_request_done(&c->request);
    http_response_done(&c->result.response);
    free(c);
}

/* Event: tells the caller. */
static void call_tell(void *arg)
{
    struct wire_call *c = arg;

    c->step = NULL;
    c->cb(c->arg, &c->result);
    call_free(c);
}

/* Settles the outcome. The callback comes as an event of its own, now. */
static void call_end(struct wire_call *c, enum call_outcome outcome, const char *detail)
{
    event_cancel(c->w, &c->timeout);
    event_cancel(c->w, &c->step);
    if (c->inbound)
        c->inbound->call = NULL;
    c->inbound = NULL;
    c->result.outcome = outcome;
    c->result.ended = c->w->now;
    snprintf(c->result.detail, sizeof c->result.detail, "%s", detail);
    c->step = event_new(c->w, c->w->now, call_tell, c);
}

/* Event: the time is over. */
static void call_timeout(void *arg)
{
    struct wire_call *c = arg;

    c->timeout = NULL;
    call_end(c, CALL_TIMEOUT, "no answer within the time allowed");
}

/* The listener of a URL, and the path that the URL holds beside it. */
static struct wire_listener *find_listener(struct memory *w, const char *url,
                                           const char **path)
{
    for (struct wire_listener *l = w->listeners; l; l = l->next) {
        size_t n = strlen(l->url);

        if (strncmp(url, l->url, n) == 0 && (url[n] == '\0' || url[n] == '/')) {
            *path = url + n;
            return l;
        }
    }
    return NULL;
}

/* The request as the listener's handler sees it. */
static struct inbound *inbound_new(struct wire_call *c, struct wire_listener *l,
                                   const char *path)
{
    struct memory *w = c->w;
    struct inbound *in = xcalloc(1, sizeof *in);
    char *target;

    in->w = w;
    in->call = c;
    in->listener = l;
    in->request = c->request;
    http_request_init(&c->request);
    target = xasprintf("%s%s", path, in->request.target ? in->request.target : "");
    free(in->request.target);
    in->request.target = target;
    if (l->max_body > 0 && in->request.body_n > l->max_body) {
        http_request_body(&in->request, NULL, 0);
        in->request.body_n = SIZE_MAX;
    }
    in->next = w->inbounds;
    if (in->next)
        in->next->prev = in;
    w->inbounds = in;
    c->inbound = in;
    return in;
}

/* Event: the request reaches the other side. */
static void call_arrive(void *arg)
{
    struct wire_call *c = arg;
    const char *path;
    struct wire_listener *l = find_listener(c->w, c->url, &path);
    struct inbound *in;

    c->step = NULL;
    if (!l) {
        char detail[300];
        bool ours = strncmp(c->url, "http://memory-", 14) == 0;

        snprintf(detail, sizeof detail, "%s %.200s",
                 ours ? "nothing listens at" : "no such host in memory:", c->url);
        call_end(c, ours ? CALL_REFUSED : CALL_RESOLVE, detail);
        return;
    }
    in = inbound_new(c, l, path);
    l->on_request(l->arg, in, &in->request);
}

static struct wire_call *memory_call(struct wire *wire, const struct call *spec,
                                     wire_call_cb *cb, void *arg)
{
    struct memory *w = memory_of(wire);
    struct wire_call *c = xcalloc(1, sizeof *c);
    uint64_t timeout = spec->timeout_ns ? spec->timeout_ns : DEFAULT_TIMEOUT;

    c->w = w;
    c->url = xstrdup(spec->url);
    http_request_copy(&c->request, spec->request);
    c->max_body = spec->max_body ? spec->max_body : DEFAULT_MAX_BODY;
    c->cut = spec->cut;
    c->cb = cb;
    c->arg = arg;
    c->result.began = w->now;
    c->next = w->calls;
    if (c->next)
        c->next->prev = c;
    w->calls = c;
    c->step = event_new(w, w->now, call_arrive, c);
    c->timeout = event_new(w, w->now + timeout < w->now ? UINT64_MAX : w->now + timeout,
                           call_timeout, c);
    return c;
}

static void memory_call_cancel(struct wire *wire, struct wire_call *c)
{
    (void)wire;
    if (c->timeout) /* else the outcome is known and the callback on its way */
        call_end(c, CALL_CANCELLED, "cancelled");
}

/* ---- replies ---- */

/* RFC 9112 section 6.3: these never have a body. */
static bool bodyless(const struct inbound *in)
{
    int status = in->reply.response.status;

    return status == 204 || status == 304 || (status >= 100 && status < 200) ||
           (in->request.method && strcmp(in->request.method, "HEAD") == 0);
}

/* What the caller gets to see of a reply that has begun. */
static void call_answered(struct wire_call *c, struct inbound *in)
{
    struct http_response *r = &in->reply.response;

    c->result.first_byte = c->w->now;
    if (c->cut == CALL_DROP_REPLY) {
        call_end(c, CALL_DROPPED, "the reply was left unread on purpose");
        return;
    }
    if (bodyless(in))
        http_response_body(r, NULL, 0);
    if (in->reply.cut == CUT_TRUNCATE)
        http_response_body(r, r->body, r->body_n / 2);
    c->result.response = *r;
    http_response_init(r);
    if (c->result.response.body_n > c->max_body) {
        http_response_body(&c->result.response, c->result.response.body, c->max_body);
        call_end(c, CALL_TOO_LARGE, "the response is larger than allowed");
    } else if (in->reply.cut == CUT_TRUNCATE) {
        call_end(c, CALL_TRUNCATED, "the response broke off");
    } else {
        call_end(c, CALL_ANSWERED, "");
    }
}

/* Event: the reply is due at the caller's. */
static void deliver(void *arg)
{
    struct inbound *in = arg;
    struct wire_call *c = in->call;

    in->delivery = NULL;
    if (c && in->reply.cut == CUT_RESET)
        call_end(c, CALL_RESET, "the connection was reset");
    else if (c && in->reply.cut != CUT_SILENT)
        call_answered(c, in);
    inbound_free(in); /* after CUT_SILENT the caller waits until its time is over */
}

static void memory_reply(struct wire *wire, struct inbound *in, struct http_reply *reply)
{
    struct memory *w = memory_of(wire);
    uint64_t at = w->now + (in->call ? reply->delay_ns : 0);

    in->reply = *reply;
    http_reply_init(reply);
    in->delivery = event_new(w, at < w->now ? UINT64_MAX : at, deliver, in);
}

/* ---- listeners ---- */

static bool number_taken(const struct memory *w, int number)
{
    for (const struct wire_listener *l = w->listeners; l; l = l->next)
        if (l->number == number)
            return true;
    return false;
}

/* A port that is asked for becomes the number, so that a listener can come back under the
 * URL it had. */
static int memory_listen(struct wire *wire, const struct listen *spec,
                         struct wire_listener **out, struct err *e)
{
    struct memory *w = memory_of(wire);
    int number = spec->port;
    struct wire_listener *l;

    if (number && number_taken(w, number))
        return err_set(e, E_ENV, "can't listen at http://memory-%d: it is in use",
                       number);
    while (number == 0 || number_taken(w, number))
        number = ++w->last_number;
    l = xcalloc(1, sizeof *l);
    l->w = w;
    l->number = number;
    snprintf(l->url, sizeof l->url, "http://memory-%d", number);
    l->max_body = spec->max_body;
    l->on_request = spec->on_request;
    l->arg = spec->arg;
    l->next = w->listeners;
    w->listeners = l;
    *out = l;
    return 0;
}

static const char *memory_listener_url(struct wire_listener *l)
{
    return l->url;
}

static void memory_listener_close(struct wire *wire, struct wire_listener *l)
{
    struct memory *w = memory_of(wire);
    struct wire_listener **at = &w->listeners;

    for (struct inbound *in = w->inbounds; in; in = in->next) {
        if (in->listener != l)
            continue;
        in->listener = NULL;
        if (in->call)
            call_end(in->call, CALL_RESET, "the connection was closed without an answer");
    }
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    free(l);
}

/* ---- clock and loop ---- */

static uint64_t memory_now(struct wire *w)
{
    return memory_of(w)->now;
}

static when_t memory_wall(struct wire *w)
{
    return memory_of(w)->epoch + (when_t)memory_of(w)->now;
}

static struct wire_timer *memory_timer(struct wire *w, uint64_t at, wire_timer_cb *cb,
                                       void *arg)
{
    return event_new(memory_of(w), at, cb, arg);
}

static void memory_timer_cancel(struct wire *w, struct wire_timer *t)
{
    event_cancel(memory_of(w), &t);
}

static int memory_run(struct wire *wire)
{
    struct memory *w = memory_of(wire);

    while (!w->stopped && w->n > 0) {
        struct wire_timer *t = w->heap[0];
        wire_timer_cb *cb = t->cb;
        void *arg = t->arg;

        event_take(w, t);
        w->now = t->at;
        free(t);
        cb(arg);
    }
    w->stopped = false;
    return 0;
}

static void memory_stop(struct wire *w)
{
    memory_of(w)->stopped = true;
}

static void memory_free(struct wire *wire)
{
    struct memory *w = memory_of(wire);

    while (w->inbounds)
        inbound_free(w->inbounds);
    while (w->calls)
        call_free(w->calls);
    while (w->listeners) {
        struct wire_listener *l = w->listeners;

        w->listeners = l->next;
        free(l);
    }
    while (w->n > 0)
        free(w->heap[--w->n]);
    free(w->heap);
    free(w);
}

struct wire *wire_memory_new(when_t epoch)
{
    static const struct wire_ops ops = {
        .now = memory_now,
        .wall = memory_wall,
        .timer = memory_timer,
        .timer_cancel = memory_timer_cancel,
        .call = memory_call,
        .call_cancel = memory_call_cancel,
        .listen = memory_listen,
        .listener_url = memory_listener_url,
        .listener_close = memory_listener_close,
        .reply = memory_reply,
        .run = memory_run,
        .stop = memory_stop,
        .free = memory_free,
    };
    struct memory *w = xcalloc(1, sizeof *w);

    w->wire.ops = &ops;
    w->epoch = epoch;
    return &w->wire;
}
