#include "mocks/overstapsysteem.h"

#include <stdlib.h>

#include "harness/base/mem.h"
#include "mocks/os_fetch.h"
#include "mocks/os_mutate.h"
#include "mocks/os_notify.h"
#include "mocks/os_observer.h"
#include "mocks/os_store.h"

struct overstapsysteem {
    struct role role; /* first */
    struct os_store *store;
    struct os_fetch *fetch;
    struct os_mutate *mutate;
    struct os_notify *notify; /* NULL: it wants no notifications */
};

static struct overstapsysteem *self(struct role *r)
{
    return (struct overstapsysteem *)r;
}

static void request(struct role *r, uint64_t ticket, const struct http_request *req,
                    struct moment now, struct outbox *out)
{
    struct overstapsysteem *o = self(r);
    if (!os_notify_request(o->notify, ticket, req, now, out))
        os_observer_request(o->store, o->fetch, o->mutate, ticket, req, now, out);
}

static void answer(struct role *r, uint64_t id, const struct call_result *res,
                   struct moment now, struct outbox *out)
{
    struct overstapsysteem *o = self(r);
    if (!os_notify_answer(o->notify, id, res, now, out))
        os_fetch_answer(o->fetch, id, res, now, out);
    os_notify_look(o->notify, now, out);
}

static void tick(struct role *r, struct moment now, struct outbox *out)
{
    os_fetch_tick(self(r)->fetch, now, out);
}

/* Nothing of an overstapsysteem's configuration is in a file that may change. */
static int reload(struct role *r, struct moment now, struct err *e)
{
    (void)r, (void)now, (void)e;
    return 0;
}

static void free_role(struct role *r)
{
    struct overstapsysteem *o = self(r);
    os_mutate_free(o->mutate);
    os_notify_free(o->notify);
    os_fetch_free(o->fetch);
    os_store_close(o->store);
    free(o);
}

static const struct role_ops ops = {
    .name = "overstapsysteem",
    .request = request,
    .answer = answer,
    .tick = tick,
    .reload = reload,
    .free = free_role,
};

int overstapsysteem_new(const struct overstapsysteem_config *c, struct moment now,
                        struct role **out, struct err *e)
{
    struct overstapsysteem *o = xcalloc(1, sizeof(*o));
    o->role.ops = &ops;
    int rc = os_mutate_new(c->mutant, &o->mutate, e);
    if (rc == 0)
        rc = os_store_open(c->state_dir, c->mutant, &o->store, e);
    if (rc == 0)
        rc = os_fetch_new(c, o->store, now, &o->fetch, e);
    if (rc) {
        free_role(&o->role);
        return rc;
    }
    o->notify = os_notify_new(c, o->fetch);
    *out = &o->role;
    return 0;
}
