#include "harness/wire/real.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "harness/base/mem.h"

/* Enough for thousands of idle connections; more would only slow down the programs that
 * we start and that close every possible descriptor. */
#define FILES_WANTED 65536

struct wire_timer {
    uv_timer_t uv;
    struct real *real;
    struct wire_timer *prev, *next;
    wire_timer_cb *cb;
    void *arg;
};

static const int signal_numbers[3] = {SIGINT, SIGTERM, SIGHUP};

/* ---- time and timers ---- */

static uint64_t real_now(struct wire *w)
{
    (void)w;
    return when_monotonic();
}

static when_t real_wall(struct wire *w)
{
    (void)w;
    return when_wall();
}

uint64_t real_delay_ms(struct real *r, uint64_t at)
{
    const uint64_t at_ms = at / NS_PER_MS + (at % NS_PER_MS != 0);
    const uint64_t loop_ms = uv_now(&r->loop);
    return at_ms > loop_ms ? at_ms - loop_ms : 0;
}

static void timer_closed(uv_handle_t *h)
{
    free(h->data);
}

/* Takes the timer out of the door's list; its memory goes when libuv let go of it. */
static void timer_drop(struct wire_timer *t)
{
    if (t->prev)
        t->prev->next = t->next;
    else
        t->real->timers = t->next;
    if (t->next)
        t->next->prev = t->prev;
    uv_close((uv_handle_t *)&t->uv, timer_closed);
}

static void timer_fired(uv_timer_t *h)
{
    struct wire_timer *t = h->data;
    wire_timer_cb *cb = t->cb;
    void *arg = t->arg;
    timer_drop(t);
    cb(arg);
}

static struct wire_timer *real_timer(struct wire *w, uint64_t at, wire_timer_cb *cb,
                                     void *arg)
{
    struct real *r = real_of(w);
    struct wire_timer *t = xcalloc(1, sizeof *t);
    t->real = r;
    t->cb = cb;
    t->arg = arg;
    t->next = r->timers;
    if (t->next)
        t->next->prev = t;
    r->timers = t;
    uv_timer_init(&r->loop, &t->uv);
    t->uv.data = t;
    uv_timer_start(&t->uv, timer_fired, real_delay_ms(r, at), 0);
    return t;
}

static void real_timer_cancel(struct wire *w, struct wire_timer *t)
{
    (void)w;
    timer_drop(t);
}

/* ---- the loop ---- */

static void hold_fired(uv_timer_t *h)
{
    (void)h;
}

void real_hold(struct real *r)
{
    if (r->held++ == 0)
        uv_ref((uv_handle_t *)&r->hold);
}

void real_release(struct real *r)
{
    assert(r->held > 0);
    if (--r->held == 0)
        uv_unref((uv_handle_t *)&r->hold);
}

/* Runs until wire_stop. Also ends when nothing is left that could ever call anybody: to
 * wait then would be to wait for ever. */
static int real_run(struct wire *w)
{
    uv_run(&real_of(w)->loop, UV_RUN_DEFAULT);
    return 0;
}

static void real_stop(struct wire *w)
{
    uv_stop(&real_of(w)->loop);
}

/* ---- signals ---- */

static void signal_came(uv_signal_t *h, int signum)
{
    struct real *r = h->data;
    if (r->on_signal)
        r->on_signal(r->on_signal_arg, signum);
}

void wire_real_on_signal(struct wire *w, wire_signal_cb *cb, void *arg)
{
    assert(real_is(w));
    struct real *r = real_of(w);
    r->on_signal = cb;
    r->on_signal_arg = arg;
    if (r->signals_on)
        return;
    r->signals_on = true;
    for (size_t i = 0; i < ARRAY_LEN(signal_numbers); i++) {
        uv_signal_init(&r->loop, &r->signals[i]);
        r->signals[i].data = r;
        uv_signal_start(&r->signals[i], signal_came, signal_numbers[i]);
    }
}

/* ---- making and ending ---- */

static void raise_file_limit(void)
{
    struct rlimit have;
    if (getrlimit(RLIMIT_NOFILE, &have) || have.rlim_cur >= FILES_WANTED)
        return;
    have.rlim_cur = have.rlim_max < FILES_WANTED ? have.rlim_max : FILES_WANTED;
    setrlimit(RLIMIT_NOFILE, &have);
}

int wire_real_new(struct wire **out, struct err *e)
{
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();

    struct real *r = xcalloc(1, sizeof *r);
    r->wire.ops = &real_ops;
    const int rc = uv_loop_init(&r->loop);
    if (rc) {
        free(r);
        return err_set(e, E_ENV, "cannot make an event loop: %s", uv_strerror(rc));
    }
    uv_timer_init(&r->loop, &r->hold);
    uv_timer_start(&r->hold, hold_fired, UINT64_MAX / 2, 0);
    uv_unref((uv_handle_t *)&r->hold);
    r->client = client_new(r, e);
    if (!r->client) {
        r->wire.ops->free(&r->wire);
        return E_ENV;
    }
    *out = &r->wire;
    return 0;
}

static void real_free(struct wire *w)
{
    struct real *r = real_of(w);
    client_free(r->client);
    while (r->listeners)
        server_close(w, r->listeners);
    server_free_orphans(r);
    tcp_free_all(r);
    process_free_all(r);
    while (r->timers)
        timer_drop(r->timers);
    if (r->signals_on)
        for (size_t i = 0; i < ARRAY_LEN(signal_numbers); i++)
            uv_close((uv_handle_t *)&r->signals[i], NULL);
    uv_close((uv_handle_t *)&r->hold, NULL);
    while (uv_run(&r->loop, UV_RUN_DEFAULT)) /* lets the closing handles go */
        continue;                            /* also after a wire_stop that nobody saw */
    const int rc = uv_loop_close(&r->loop);
    assert(rc == 0);
    (void)rc;
    free(r);
}

const struct wire_ops real_ops = {
    .now = real_now,
    .wall = real_wall,
    .timer = real_timer,
    .timer_cancel = real_timer_cancel,
    .call = client_call,
    .call_cancel = client_call_cancel,
    .listen = server_listen,
    .listener_url = server_url,
    .listener_close = server_close,
    .reply = inbound_reply,
    .run = real_run,
    .stop = real_stop,
    .free = real_free,
};

bool real_is(const struct wire *w)
{
    return w->ops == &real_ops;
}
