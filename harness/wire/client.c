/*
 * libcurl's multi interface on libuv. One multi handle per pool, so that actors never
 * share a connection. Two things keep the cost per request low: a socket stays watched
 * for reading between two requests (libcurl stops and starts it each time, which would be
 * two epoll_ctl calls), and a timer is only moved when it has to fire earlier.
 */
#include "harness/wire/client.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/map.h"
#include "harness/base/mem.h"

#define NEVER UINT64_MAX
/* Pools that nobody used for this long are closed once there are many. It is libcurl's
 * own maximum age of an idle connection. */
#define POOL_IDLE_NS  (118 * NS_PER_S)
#define POOLS_MANY    64
#define EASY_SPARE    256
#define POOL_IDLE_MAX 1000L /* idle connections kept in one pool */

struct pool {
    struct client *client;
    char *name;
    CURLM *multi;
    uv_timer_t timer;
    uint64_t deadline; /* when libcurl wants to be called */
    uint64_t armed;    /* when the timer fires: never later than the deadline */
    size_t calls;
    uint64_t used; /* when the last call began or ended */
};

/* The loop's eye on one socket. */
struct watch {
    uv_poll_t uv;
    struct client *client;
    struct pool *pool;
    curl_socket_t fd;
    int wanted;  /* what libcurl asked for */
    int watched; /* what the loop looks at: may be more, corrected when it happens */
};

struct client {
    struct real *real;
    struct map *pools; /* name -> struct pool */
    struct wire_call *calls;
    struct watch **watches; /* by descriptor */
    size_t watches_n;
    CURL *spare[EASY_SPARE];
    size_t spare_n;
};

/* ---- completion ---- */

/* Puts the easy handle aside for a next call. */
static void call_release_easy(struct client *cl, struct wire_call *c)
{
    if (!c->easy)
        return;
    if (cl->spare_n < EASY_SPARE) {
        curl_easy_reset(c->easy);
        cl->spare[cl->spare_n++] = c->easy;
    } else {
        curl_easy_cleanup(c->easy);
    }
    c->easy = NULL;
}

static void call_unlink(struct wire_call *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        c->client->calls = c->next;
    if (c->next)
        c->next->prev = c->prev;
}

/* Takes the call out of its pool's multi handle. */
static void call_leave_pool(struct wire_call *c)
{
    if (!c->pool)
        return;
    curl_multi_remove_handle(c->pool->multi, c->easy);
    c->pool->calls--;
    c->pool->used = when_monotonic();
    c->pool = NULL;
}

/* Tells the caller; the call is gone afterwards. */
static void call_finish(struct wire_call *c)
{
    struct client *cl = c->client;
    call_leave_pool(c);
    call_release_easy(cl, c);
    call_unlink(c);
    c->over = true;
    c->result.ended = when_monotonic();
    c->cb(c->arg, &c->result);
    call_free(c);
    real_release(cl->real);
}

/* Finishes every call that libcurl is done with. Callbacks may start and cancel calls. */
static void pool_drain(struct pool *p)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(p->multi, &left));) {
        if (m->msg != CURLMSG_DONE)
            continue;
        struct wire_call *c = NULL;
        const CURLcode code = m->data.result; /* m is gone once the handle is removed */
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&c);
        call_conclude(c, code);
        call_finish(c);
    }
}

/* ---- timers ---- */

static void pool_timer_fired(uv_timer_t *h);

static void pool_arm(struct pool *p)
{
    p->armed = p->deadline;
    uv_timer_start(&p->timer, pool_timer_fired, real_delay_ms(p->client->real, p->armed),
                   0);
}

static void pool_timer_fired(uv_timer_t *h)
{
    struct pool *p = h->data;
    p->armed = NEVER;
    if (p->deadline == NEVER)
        return;
    if (when_monotonic() < p->deadline) { /* moved away since it was armed */
        pool_arm(p);
        return;
    }
    p->deadline = NEVER;
    int running;
    curl_multi_socket_action(p->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    pool_drain(p);
}

static int on_curl_timer(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    struct pool *p = arg;
    p->deadline = ms < 0 ? NEVER : when_monotonic() + (uint64_t)ms * NS_PER_MS;
    if (p->deadline < p->armed)
        pool_arm(p);
    return 0;
}

/* ---- sockets ---- */

static void watch_closed(uv_handle_t *h)
{
    free(h->data);
}

static struct watch *watch_get(const struct client *cl, curl_socket_t fd)
{
    return (size_t)fd < cl->watches_n ? cl->watches[fd] : NULL;
}

/* NULL when the loop can't watch it. */
static struct watch *watch_new(struct client *cl, curl_socket_t fd)
{
    if ((size_t)fd >= cl->watches_n) {
        const size_t n = ((size_t)fd + 64) * 2;
        cl->watches = xrealloc(cl->watches, n * sizeof *cl->watches);
        memset(cl->watches + cl->watches_n, 0, (n - cl->watches_n) * sizeof *cl->watches);
        cl->watches_n = n;
    }
    struct watch *w = xcalloc(1, sizeof *w);
    if (uv_poll_init_socket(&cl->real->loop, &w->uv, fd)) {
        free(w);
        return NULL;
    }
    uv_unref((uv_handle_t *)&w->uv); /* the calls keep the loop alive, see real_hold */
    w->client = cl;
    w->fd = fd;
    w->uv.data = w;
    cl->watches[fd] = w;
    return w;
}

static void watch_free(struct watch *w)
{
    w->client->watches[w->fd] = NULL;
    uv_close((uv_handle_t *)&w->uv, watch_closed);
}

static void watch_event(uv_poll_t *h, int status, int events);

/* Lets the loop look at exactly what libcurl wants. */
static void watch_apply(struct watch *w)
{
    if (w->watched == w->wanted)
        return;
    w->watched = w->wanted;
    if (w->wanted)
        uv_poll_start(&w->uv, w->wanted, watch_event);
    else
        uv_poll_stop(&w->uv);
}

static void watch_event(uv_poll_t *h, int status, int events)
{
    struct watch *w = h->data;
    if (status < 0) /* EPOLLERR: libuv has stopped watching */
        w->watched = 0;
    else if (!(events & w->wanted)) {
        watch_apply(w);
        return;
    }
    /* With the error alone libcurl would not read what came before it. */
    const int seen = status < 0 ? w->wanted : events & w->wanted;
    const int mask = (status < 0 ? CURL_CSELECT_ERR : 0) |
                     (seen & UV_READABLE ? CURL_CSELECT_IN : 0) |
                     (seen & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
    if (!w->wanted)
        return; /* an idle connection died: libcurl looks before it uses it again */

    struct client *cl = w->client;
    struct pool *p = w->pool;
    const curl_socket_t fd = w->fd;
    int running;
    curl_multi_socket_action(p->multi, fd, mask, &running);
    struct watch *still = watch_get(cl, fd);
    if (still == w && w->wanted & ~w->watched)
        watch_apply(w);
    pool_drain(p);
}

/* libcurl (7.88) closes a socket that never came to be a connection by itself, as it does
 * those of its resolver; only for the sockets of connections it calls
 * client_close_socket. So a socket is only kept watched once a request was sent on it. */
static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
    (void)unused;
    struct pool *p = arg;
    struct watch *w = watch_get(p->client, fd);
    if (what == CURL_POLL_REMOVE) {
        struct wire_call *c = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&c);
        if (w && c && c->sent)
            w->wanted = 0; /* stays watched: the next request is likely to come soon */
        else if (w)
            watch_free(w);
        return 0;
    }
    if (!w)
        w = watch_new(p->client, fd);
    if (!w)
        return 0; /* the call will end by its time-out */
    w->pool = p;
    w->wanted = (what & CURL_POLL_IN ? UV_READABLE : 0) |
                (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    if (w->wanted & ~w->watched)
        watch_apply(w);
    return 0;
}

curl_socket_t client_open_socket(void *call, curlsocktype type, struct curl_sockaddr *a)
{
    (void)type;
    struct wire_call *c = call;
    c->opened = true;
    if (c->sent) { /* a silent retry: see on_prereq in call.c */
        c->again = true;
        return CURL_SOCKET_BAD;
    }
    const int fd =
        socket(a->family, a->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->protocol);
    if (fd < 0)
        c->socket_errno = errno;
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

int client_close_socket(void *client, curl_socket_t fd)
{
    struct watch *w = watch_get(client, fd);
    if (w)
        watch_free(w);
    return close(fd);
}

/* ---- pools ---- */

static void pool_timer_closed(uv_handle_t *h)
{
    struct pool *p = h->data;
    free(p->name);
    free(p);
}

static void pool_free(struct pool *p)
{
    curl_multi_cleanup(p->multi); /* closes its connections: client_close_socket */
    p->deadline = NEVER;
    uv_close((uv_handle_t *)&p->timer, pool_timer_closed);
}

/* Closes pools that were not used for long. */
static void pools_sweep(struct client *cl)
{
    const uint64_t now = when_monotonic();
    for (bool again = true; again;) {
        again = false;
        for (struct map_item *i = map_first(cl->pools); i; i = map_next(i)) {
            struct pool *p = map_value(i);
            if (p->calls || now - p->used < (uint64_t)POOL_IDLE_NS)
                continue;
            map_take(cl->pools, p->name);
            pool_free(p);
            again = true;
            break;
        }
    }
}

static struct pool *pool_get(struct client *cl, const char *name)
{
    struct pool *p = map_get(cl->pools, name);
    if (p)
        return p;
    if (map_count(cl->pools) >= POOLS_MANY)
        pools_sweep(cl);
    CURLM *multi = curl_multi_init();
    if (!multi)
        return NULL;
    p = xcalloc(1, sizeof *p);
    p->client = cl;
    p->name = xstrdup(name);
    p->multi = multi;
    p->deadline = p->armed = NEVER;
    uv_timer_init(&cl->real->loop, &p->timer);
    uv_unref((uv_handle_t *)&p->timer);
    p->timer.data = p;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, p);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, p);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, POOL_IDLE_MAX);
    map_put(cl->pools, name, p);
    return p;
}

/* ---- calls ---- */

/* Ends a call outside libcurl (cancelled, or never begun), from the loop. */
static void call_end_later(void *arg)
{
    call_finish(arg);
}

static void call_defer(struct wire_call *c, enum call_outcome outcome)
{
    c->result.outcome = outcome;
    c->over = true;
    wire_timer(&c->client->real->wire, 0, call_end_later, c);
}

struct wire_call *client_call(struct wire *w, const struct call *spec, wire_call_cb *cb,
                              void *arg)
{
    struct client *cl = real_of(w)->client;
    struct wire_call *c = xcalloc(1, sizeof *c);
    c->client = cl;
    c->cb = cb;
    c->arg = arg;
    c->result.began = when_monotonic();
    c->next = cl->calls;
    if (c->next)
        c->next->prev = c;
    cl->calls = c;
    real_hold(cl->real);

    c->easy = cl->spare_n ? cl->spare[--cl->spare_n] : curl_easy_init();
    struct pool *p = c->easy ? pool_get(cl, spec->pool ? spec->pool : "") : NULL;
    if (!p) {
        snprintf(c->result.detail, sizeof c->result.detail, "libcurl gives no handle");
    } else if (!call_prepare(c, spec)) {
        curl_easy_setopt(c->easy, CURLOPT_CLOSESOCKETFUNCTION, client_close_socket);
        curl_easy_setopt(c->easy, CURLOPT_CLOSESOCKETDATA, cl);
        c->pool = p;
        p->calls++;
        p->used = c->result.began;
        const CURLMcode rc = curl_multi_add_handle(p->multi, c->easy);
        if (rc == CURLM_OK)
            return c;
        c->pool = NULL;
        p->calls--;
        snprintf(c->result.detail, sizeof c->result.detail, "%s",
                 curl_multi_strerror(rc));
    }
    call_defer(c, CALL_OTHER);
    return c;
}

void client_call_cancel(struct wire *w, struct wire_call *c)
{
    (void)w;
    if (c->over)
        return;
    call_leave_pool(c);
    call_defer(c, CALL_CANCELLED);
}

/* ---- making and ending ---- */

struct client *client_new(struct real *r, struct err *e)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
        err_set(e, E_ENV, "libcurl cannot be initialised");
        return NULL;
    }
    struct client *cl = xcalloc(1, sizeof *cl);
    cl->real = r;
    cl->pools = map_new();
    return cl;
}

void client_free(struct client *cl)
{
    if (!cl)
        return;
    while (cl->calls) {
        struct wire_call *c = cl->calls;
        call_leave_pool(c);
        call_release_easy(cl, c);
        call_unlink(c);
        call_free(c);
        real_release(cl->real);
    }
    for (struct map_item *i = map_first(cl->pools); i; i = map_next(i))
        pool_free(map_value(i));
    map_free(cl->pools, NULL);
    for (size_t i = 0; i < cl->watches_n; i++)
        assert(!cl->watches[i]);
    free(cl->watches);
    while (cl->spare_n)
        curl_easy_cleanup(cl->spare[--cl->spare_n]);
    curl_global_cleanup();
    free(cl);
}
