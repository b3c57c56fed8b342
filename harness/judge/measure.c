#include "harness/judge/measure.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/calls.h"
#include "harness/judge/freshness.h"
#include "harness/judge/relay.h"
#include "harness/judge/staleness.h"
#include "harness/judge/uptime.h"

#define ROLES 4

/* One role under test. */
struct of_role {
    char *role;
    struct calls *calls;
    struct uptime *uptime;
    struct freshness freshness;
    struct stale_sum stale;
};

struct measure {
    struct of_role roles[ROLES];
    size_t n;
};

struct measured {
    struct of_role *role;
    struct history *h;
    struct relay *relay;
    struct calls_open *calls;
    struct watch *watch;
    struct fresh *fresh;
    struct stale *stale;
};

struct measure *measure_new(void)
{
    return xcalloc(1, sizeof(struct measure));
}

void measure_free(struct measure *m)
{
    for (size_t i = 0; m && i < m->n; i++) {
        struct of_role *r = &m->roles[i];
        free(r->role);
        calls_free(r->calls);
        uptime_free(r->uptime);
        freshness_done(&r->freshness);
        stale_sum_done(&r->stale);
    }
    free(m);
}

static struct of_role *role_of(struct measure *m, const char *role)
{
    for (size_t i = 0; i < m->n; i++)
        if (!strcmp(m->roles[i].role, role))
            return &m->roles[i];
    if (m->n == ROLES) /* there are two; a journal may say what it likes */
        return &m->roles[ROLES - 1];
    struct of_role *r = &m->roles[m->n++];
    *r = (struct of_role){
        .role = xstrdup(role), .calls = calls_new(), .uptime = uptime_new()};
    return r;
}

/* ---- one conversation ---- */

struct measured *measured_new(struct measure *m, struct history *h)
{
    struct measured *c = xcalloc(1, sizeof *c);
    c->role = role_of(m, h->trial->role);
    c->h = h;
    c->relay = relay_new(h);
    c->calls = calls_open_new(c->role->calls, h);
    c->watch = watch_new(c->role->uptime, h);
    c->fresh = fresh_new(&c->role->freshness, h, c->relay);
    c->stale = h->stale = stale_new(h, c->relay);
    return c;
}

void measured_exchange(struct measured *c, const struct seen_exchange *x)
{
    struct relayed r;
    calls_exchange(c->calls, x);
    watch_exchange(c->watch, x);
    relay_read(c->relay, x, &r);
    fresh_exchange(c->fresh, &r);
    stale_exchange(c->stale, x, &r);
}

void measured_event(struct measured *c, const char *kind, const json_t *e)
{
    calls_event(c->calls, kind, e);
    watch_event(c->watch, kind, e);
    relay_event(c->relay, kind, e);
    stale_event(c->stale, kind, e);
}

void measured_close(struct measured *c)
{
    watch_end(c->watch);
    fresh_end(c->fresh);
    stale_close(c->stale, &c->role->stale);
    c->watch = NULL;
    c->fresh = NULL;
}

void measured_free(struct measured *c)
{
    if (!c)
        return;
    calls_open_free(c->calls);
    stale_free(c->stale);
    relay_free(c->relay);
    c->h->stale = NULL;
    free(c);
}

/* ---- telling ---- */

static void append(json_t *list, json_t *row)
{
    if (row)
        json_array_append_new(list, row);
}

json_t *measure_json(struct measure *m)
{
    json_t *operations = json_array(), *availability = json_array();
    json_t *freshness = json_array(), *staleness = json_array();
    for (size_t i = 0; i < m->n; i++) {
        struct of_role *r = &m->roles[i];
        calls_json(r->calls, r->role, operations);
        append(availability, uptime_json(r->uptime, r->role));
        append(freshness, freshness_json(&r->freshness, r->role));
        append(staleness, stale_json(&r->stale, r->role));
    }
    return json_pack("{so,so,so,so}", "operations", operations, "availability",
                     availability, "freshness", freshness, "staleness", staleness);
}

char *measure_sentence(const struct measure *m, const char *requirement)
{
    const struct stale_sum *sums[ROLES];
    for (size_t i = 0; i < m->n; i++)
        sums[i] = &m->roles[i].stale;
    return strcmp(requirement, "KT-08") ? NULL : stale_sentence(sums, m->n);
}
