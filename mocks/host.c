#include "mocks/host.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/host_internal.h"

struct moment host_moment(const struct host *h)
{
    return (struct moment){.mono = wire_now(h->c.wire), .wall = wire_wall(h->c.wire)};
}

/* ---- time ---- */

static void tick(struct host *h)
{
    struct outbox o;
    outbox_init(&o);
    h->wakes = false;
    h->role->ops->tick(h->role, host_moment(h), &o);
    host_deliver(h, &o);
}

static void on_timer(void *arg)
{
    struct host *h = arg;
    h->timer = NULL;
    tick(h);
}

/* The earliest wish wins. */
static void wake(struct host *h, uint64_t at)
{
    if (h->wakes && h->wake_at <= at)
        return;
    h->wakes = true;
    h->wake_at = at;
    wire_timer_cancel(h->c.wire, h->timer);
    h->timer = wire_timer(h->c.wire, at, on_timer, h);
}

void host_deliver(struct host *h, struct outbox *o)
{
    uint64_t ticket, at;
    struct http_reply reply;
    struct outgoing out;
    while (outbox_take_reply(o, &ticket, &reply))
        host_answered(h, ticket, &reply);
    while (outbox_take_call(o, &out))
        host_start_call(h, &out);
    if (outbox_take_wake(o, &at))
        wake(h, at);
    outbox_done(o);
}

/* ---- life ---- */

struct host *host_new(const struct host_config *c, struct role *role)
{
    struct host *h = xcalloc(1, sizeof *h);
    h->c = *c;
    h->c.scenario = xstrdup(c->scenario);
    h->c.actor = xstrdup(c->actor ? c->actor : role->ops->name);
    h->c.peer = xstrdup(c->peer ? c->peer : "");
    h->role = role;
    h->observer = strcmp(role->ops->name, "overstapsysteem") == 0;
    /* Only where faults may come: a mock that journals bare exchanges knows none until
     * one is set. */
    h->keep_last = c->journal && c->canonical;
    tick(h);
    return h;
}

void host_free(struct host *h)
{
    if (!h)
        return;
    h->c.seen = NULL; /* its owner is on the way out too */
    host_down(h);
    wire_timer_cancel(h->c.wire, h->timer);
    host_drop_calls(h);
    host_faults_done(&h->faults);
    h->role->ops->free(h->role);
    for (size_t i = 0; i < h->n_pending; i++)
        free(h->pending[i]);
    free(h->pending);
    free(h->spare);
    free(h->url);
    free((void *)(uintptr_t)h->spec.host);
    free((void *)(uintptr_t)h->spec.tls_cert);
    free((void *)(uintptr_t)h->spec.tls_key);
    free((void *)(uintptr_t)h->spec.tls_client_ca);
    free((void *)(uintptr_t)h->c.scenario);
    free((void *)(uintptr_t)h->c.actor);
    free((void *)(uintptr_t)h->c.peer);
    free(h);
}

/* The port that a listener got, from its URL ("http://127.0.0.1:41234"; the door in
 * memory says "http://memory-7"), to come back on the same one. */
static int port_of(const char *url)
{
    size_t n = strlen(url), digits = n;
    while (digits > 0 && url[digits - 1] >= '0' && url[digits - 1] <= '9')
        digits--;
    long port = digits < n ? strtol(url + digits, NULL, 10) : 0;
    return port > 0 && port <= INT_MAX ? (int)port : 0;
}

int host_listen(struct host *h, const struct listen *l, struct err *e)
{
    assert(!h->url); /* once; host_up() brings it back */
    struct listen spec = *l;
    spec.on_request = host_on_request;
    spec.arg = h;
    struct wire_listener *listener = NULL;
    int rc = wire_listen(h->c.wire, &spec, &listener, e);
    if (rc < 0)
        return rc;
    h->listener = listener;
    h->url = xstrdup(wire_listener_url(h->c.wire, listener));
    h->spec = spec;
    h->spec.port = l->port ? l->port : port_of(h->url);
    h->spec.host = xstrdup(l->host);
    h->spec.tls_cert = xstrdup(l->tls_cert);
    h->spec.tls_key = xstrdup(l->tls_key);
    h->spec.tls_client_ca = xstrdup(l->tls_client_ca);
    return 0;
}

const char *host_url(const struct host *h)
{
    return h->url;
}

void host_down(struct host *h)
{
    /* First the requests, so that each still has a listener to be reset on. */
    host_drop_pending(h);
    wire_listener_close(h->c.wire, h->listener);
    h->listener = NULL;
}

int host_up(struct host *h, struct err *e)
{
    if (h->listener)
        return 0;
    if (!h->url)
        return err_set(e, E_HARNESS, "%s never listened, it can't come back", h->c.actor);
    return wire_listen(h->c.wire, &h->spec, &h->listener, e);
}

int host_reload(struct host *h, struct err *e)
{
    if (!h->role->ops->reload)
        return 0;
    return h->role->ops->reload(h->role, host_moment(h), e);
}

/* ---- faults ---- */

void host_note_fault(struct host *h, const struct fault *f, const char *phase)
{
    if (h->c.journal)
        journal_event(h->c.journal, wire_now(h->c.wire), "fault", h->c.scenario,
                      host_fault_event(f, phase));
}

void host_fault_set(struct host *h, const struct host_fault *f)
{
    h->keep_last = h->keep_last || f->replay_last || f->old_page;
    host_note_fault(h, host_faults_set(&h->faults, f), "set");
}

void host_fault_clear(struct host *h, const char *id)
{
    for (struct fault *f; (f = host_faults_take(&h->faults, id));) {
        host_note_fault(h, f, "cleared");
        host_fault_unref(f);
    }
}
