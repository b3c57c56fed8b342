/*
 * Puts a role behind a door: gives it requests, answers and the time, carries its outbox
 * out, injects the faults that were set, and journals every exchange.
 */
#ifndef MOCKS_HOST_H
#define MOCKS_HOST_H

#include "harness/wire/journal.h"
#include "mocks/role.h"

struct host;

struct host_config {
    struct wire *wire;
    struct journal *journal; /* NULL: none */
    const char *scenario;    /* for the journal; NULL */
    const char *actor;       /* "koppelpunt", "overstapsysteem:intergrip" */
    const char *peer;        /* whom it calls: "koppelpunt"; "" when it calls nobody */
    const struct profile *profile; /* to name operations and read canonical messages */
    bool canonical; /* journal canonical messages too (off: bare exchanges, fast) */
    /* Who calls? From a request: the actor's name, for `from` in the journal. NULL:
     * "client". */
    const char *(*who)(void *arg, const struct http_request *req);
    /* Sees every exchange after it was journalled; may be NULL. May do anything to the
     * host but free it. */
    void (*seen)(void *arg, const struct exchange *x);
    void *arg;
};
/* Takes the role (freed with the host). Calls role tick() once at once. */
struct host *host_new(const struct host_config *c, struct role *role);
void host_free(struct host *h);
/* Starts to listen; the URL is valid until host_free. `l` names host, port and TLS only.
 */
int host_listen(struct host *h, const struct listen *l, struct err *e);
const char *host_url(const struct host *h);
/* Stops answering (connections are refused), and back again on the same port. */
void host_down(struct host *h);
int host_up(struct host *h, struct err *e);
int host_reload(struct host *h, struct err *e);

/* A fault on what the host serves: the nth matching request from now (1: the next), and
 * `count` of them in a row (0: until cleared). A request meets one fault at most: another
 * whose turn it is as well waits for the next one, and so does one that can do nothing
 * with this answer (replay_last or old_page with nothing to replay, edit of a refusal).
 */
struct host_fault {
    const char *id;
    enum op op;       /* OP_NONE: any */
    const char *from; /* actor; NULL: any */
    int nth, count;
    /* Phase: false = before the role sees it (which it then does not, unless there is
     * only a delay, a truncation, an edit or a duplicate), true = after its side effect.
     */
    bool after;
    int status;            /* answer this status instead (0: leave) */
    double retry_after;    /* with status; < 0: none */
    bool retry_after_date; /* as an HTTP-date */
    uint64_t delay_ns;
    enum http_cut cut;
    const char *body, *content_type; /* answer this body instead (NULL: leave) */
    const char *location;            /* for a redirect */
    /* Answer what was answered last time on this operation, to this caller, with success.
     */
    bool replay_last;
    /* Put the entries of the first page that this caller got on this page, in the place
     * of what stands there; the cursor is of now. */
    bool old_page;
    bool duplicate; /* handle the request twice, answer the second */
    /* Change the answer's canonical body: called with a copy; NULL when not wanted. */
    void (*edit)(void *arg, json_t *canonical);
    void *edit_arg;
};
void host_fault_set(struct host *h, const struct host_fault *f); /* strings are copied */
void host_fault_clear(struct host *h, const char *id);           /* NULL: all */

#endif
