#include "mocks/os_notify.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/os_fetch_parts.h"
#include "mocks/os_observer.h"

#define PATH "/notificaties"
/* Ids of our calls: the fetch counts its own from 1. */
#define OURS    (1ULL << 63)
#define SILENCE (5 * SECOND)

enum subscription { NOT_YET, ASKED, SUBSCRIBED, NOT_OFFERED };

struct os_notify {
    struct os_fetch *fetch;
    char *callback;
    enum subscription state;
    uint64_t runs; /* of the fetch, when it was asked for */
};

struct os_notify *os_notify_new(const struct overstapsysteem_config *c,
                                struct os_fetch *fetch)
{
    if (!c->notify_url)
        return NULL;
    struct os_notify *n = xcalloc(1, sizeof *n);
    n->fetch = fetch;
    n->callback = xasprintf("%s" PATH, c->notify_url);
    return n;
}

void os_notify_free(struct os_notify *n)
{
    if (n)
        free(n->callback);
    free(n);
}

/* ---- subscribing ---- */

/* After a fetch that succeeded, with the token that it had: one try for each fetch. */
void os_notify_look(struct os_notify *n, struct moment now, struct outbox *out)
{
    struct http_request req;
    if (!n || n->state != NOT_YET || n->runs == n->fetch->runs || !n->fetch->token)
        return;
    struct os_fetch *f = n->fetch;
    json_t *ask = json_pack("{ss}", "callbackUrl", n->callback);
    profile_ask(f->profile, OP_ABONNEREN, ask, f->token, &req);
    if (*f->api.path) {
        char *target = xasprintf("%s%s", f->api.path, req.target);
        free(req.target);
        req.target = target;
    }
    struct role_call c = {.id = OURS,
                          .op = OP_ABONNEREN,
                          .url = f->api.origin,
                          .request = req,
                          .timeout_ns = SILENCE,
                          .trust = TRUST_PROPER,
                          .ca_file = f->ca_file,
                          .message = ask};
    outbox_call(out, &c);
    json_decref(ask);
    n->state = ASKED;
    n->runs = f->runs;
    (void)now;
}

/* What changed between the last fetch and the abonnement is told by nobody: fetch again.
 * A koppelpunt without notifications is not asked twice. */
bool os_notify_answer(struct os_notify *n, uint64_t id, const struct call_result *res,
                      struct moment now, struct outbox *out)
{
    if (id != OURS)
        return false;
    int status = res->outcome == CALL_ANSWERED ? res->response.status : 0;
    n->state = status / 100 == 2                                 ? SUBSCRIBED
               : status == 404 || status == 405 || status == 501 ? NOT_OFFERED
                                                                 : NOT_YET;
    if (n->state == SUBSCRIBED) {
        n->fetch->notified = true;
        os_fetch_soon(n->fetch, now, out);
    }
    return true;
}

/* ---- being told ---- */

bool os_notify_request(struct os_notify *n, uint64_t ticket,
                       const struct http_request *req, struct moment now,
                       struct outbox *out)
{
    size_t path = strcspn(req->target, "?");
    json_t *event = NULL;
    struct rejection why;
    if (!n || path != sizeof PATH - 1 || strncmp(req->target, PATH, path) != 0 ||
        strcmp(req->method, "POST") != 0)
        return false;
    rejection_init(&why);
    if (profile_read(n->fetch->profile, OP_MELDEN, req, &event, &why)) {
        os_observer_refuse(out, ticket, problem_status(why.problem),
                           "this is no notification", 0);
    } else {
        os_observer_reply(out, ticket, 204, NULL, 0, 0);
        os_fetch_soon(n->fetch, now, out);
    }
    rejection_done(&why);
    json_decref(event);
    return true;
}
