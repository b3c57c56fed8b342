/*
 * The mutants of the koppelpunt that are about a whole request or a finished answer: how
 * a request is met before the koppelpunt sees it, and what becomes of its answer. What a
 * mutant gets wrong in between stands at its own place in the koppelpunt.
 */
#ifndef MOCKS_KP_MUTATE_H
#define MOCKS_KP_MUTATE_H

#include "harness/base/map.h"
#include "mocks/kp_mutants.h"
#include "mocks/role.h"

struct koppelpunt;

/* What mutants remember; all zero at the start. */
struct kp_memory {
    struct map *met;     /* who called before */
    struct map *readers; /* who read before */
    uint64_t full_until; /* it was overloaded a moment ago */
    uint64_t slow_until;
    char *slow; /* by whose slowness */
    unsigned long pages, dawdled;
    char *kept; /* a text that should not have been kept */
};
void kp_memory_done(struct kp_memory *m);
/* Was this one never met before? */
bool kp_new_face(struct kp_memory *m, const char *who);
/* How many readers there are, when this one is new; 0 when it isn't. */
size_t kp_new_reader(struct kp_memory *m, const char *who);

/* Who calls: the token's client, or who shows the same credentials. Borrowed. */
const char *kp_face(struct koppelpunt *k, const struct http_request *req);
bool kp_same_fields(const struct http_fields *a, const struct http_fields *b);

/* Keeps a text of the request that is outside the contract. */
void kp_keep_text(struct koppelpunt *k, const struct http_request *req);

/* The request as a mutant takes it: *copy changed (then the caller ends it), or `req`. */
const struct http_request *kp_mutate_request(const struct koppelpunt *k,
                                             const struct http_request *req,
                                             struct http_request *copy);
/* True when a mutant meets the request with *why instead of dealing with it. */
bool kp_mutant_refuses(struct koppelpunt *k, const struct http_request *req,
                       struct rejection *why);

/* ---- kp_mutate_reply.c ---- */
void kp_mutate_reply(struct koppelpunt *k, const struct http_request *req,
                     struct moment now, struct http_reply *reply);

/* ---- kp_mutate_served.c ---- */
/* Edits the canonical body of a page or a search. False: it is as it was. */
bool kp_mutate_served(const struct koppelpunt *k, json_t *body);

#endif
