/*
 * The faults of one host (mocks/host.h): which were set, which one a request meets, and
 * what it makes of an answer. Knows no door; the host decides when.
 */
#ifndef MOCKS_HOST_FAULTS_H
#define MOCKS_HOST_FAULTS_H

#include "mocks/host.h"

/* A fault as it was set. Counted references: a parked request keeps its fault. */
struct fault {
    struct host_fault f; /* strings are owned */
    int refs;
    long matched; /* requests that it counted so far */
    bool cleared; /* no longer set; its edit must not be called any more */
};

struct faults {
    struct fault **v; /* in the order in which they were set */
    size_t n;
    struct last *last; /* good answers, for replay_last and old_page */
    size_t n_last;
};

void host_faults_done(struct faults *fs);
/* Adds; one of the same id is replaced. */
struct fault *host_faults_set(struct faults *fs, const struct host_fault *f);
/* Takes one fault of that id out (NULL: any); NULL when there is none left. The caller
 * ends it with host_fault_unref. */
struct fault *host_faults_take(struct faults *fs, const char *id);
void host_fault_unref(struct fault *f);

/* Counts the request for every fault that it matches, and returns the one it meets (with
 * a reference for the caller), or NULL. A fault whose turn it is, but which another one
 * set earlier pushes aside, or which has nothing to replay yet, waits for the next
 * request. */
struct fault *host_faults_meet(struct faults *fs, enum op op, const char *from);
/* The request was counted, but the fault could do nothing with it: its turn comes again.
 */
void host_fault_miss(struct fault *f);

/* True when the fault makes an answer without the role. */
bool host_fault_answers(const struct fault *f);
struct fault_scene {
    const struct profile *profile; /* may be NULL */
    enum op op;
    const char *from;
    const struct http_request *req;
    when_t wall;
};
/* Answered whole and with success: kept for replay_last and old_page. */
void host_faults_remember(struct faults *fs, const struct fault_scene *scene,
                          const struct http_response *r);
/* Changes *reply (the role's; or an empty one with status 0 when the role was not asked).
 * False: it could do nothing with it, *reply is unchanged. */
bool host_fault_apply(const struct faults *fs, const struct fault *f,
                      const struct fault_scene *scene, struct http_reply *reply);

/* The journal's event: {"id","phase","on","what"}. */
json_t *host_fault_event(const struct fault *f, const char *phase);

#endif
