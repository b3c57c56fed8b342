/*
 * What a role is: a state and four functions. A role is pure: it takes a request, an
 * answer or the time, and says in its outbox what it wants to send. It knows no socket,
 * no clock and no random source but what it is handed. mocks/host.h puts one behind a
 * door.
 */
#ifndef MOCKS_ROLE_H
#define MOCKS_ROLE_H

#include "harness/base/rng.h"
#include "harness/profile/profile.h"
#include "harness/wire/wire.h"

/* What a role wants to happen, collected while one of its functions runs. */
struct outbox;

/* A reply to the request `ticket`; takes the contents of *reply. May come later than the
 * request() that brought the ticket. */
void outbox_reply(struct outbox *o, uint64_t ticket, struct http_reply *reply);

struct role_call {
    uint64_t id;                 /* the role's own; comes back in answer() */
    enum op op;                  /* for the journal */
    const char *url;             /* base URL */
    struct http_request request; /* contents are taken */
    uint64_t timeout_ns;
    enum call_trust trust;
    const char *ca_file;
    const json_t *message; /* canonical, for the journal; borrowed, may be NULL */
};
/* Sends a call; takes the contents of c->request. */
void outbox_call(struct outbox *o, struct role_call *c);
/* Wishes to see tick() at this monotonic moment (the earliest wish wins; a wish is gone
 * once tick() ran). */
void outbox_wake(struct outbox *o, uint64_t at);

/* Now, on both clocks. */
struct moment {
    uint64_t mono;
    when_t wall;
};

struct role;
struct role_ops {
    const char *name; /* "koppelpunt", "overstapsysteem" */
    void (*request)(struct role *r, uint64_t ticket, const struct http_request *req,
                    struct moment now, struct outbox *out);
    void (*answer)(struct role *r, uint64_t id, const struct call_result *res,
                   struct moment now, struct outbox *out);
    void (*tick)(struct role *r, struct moment now, struct outbox *out);
    /* Configuration changed on disk (SIGHUP). 0, or E_*: the old one stays in force. */
    int (*reload)(struct role *r, struct moment now, struct err *e);
    void (*free)(struct role *r);
};
struct role {
    const struct role_ops *ops;
};

#endif
