/*
 * Inside the koppelpunt: its state, and the parts that its files share. koppelpunt.c
 * routes and admits, koppelpunt_intake.c takes in, koppelpunt_serve.c serves,
 * koppelpunt_state.c keeps.
 */
#ifndef MOCKS_KOPPELPUNT_ROLE_H
#define MOCKS_KOPPELPUNT_ROLE_H

#include "mocks/applog.h"
#include "mocks/koppelpunt.h"
#include "mocks/koppelpunt_clients.h"
#include "mocks/koppelpunt_notify.h"
#include "mocks/kp_mutate.h"
#include "mocks/store.h"

struct koppelpunt {
    struct role role; /* first: a struct role * is one of these */
    const struct profile *profile;
    struct clients *clients;
    struct store *store;
    struct applog *log; /* NULL: nothing is kept */
    struct sip_key key;
    uint64_t seed, shuffle; /* as the state began */
    uint32_t epoch;         /* which state: cursors of another one are gone */
    uint32_t generation;    /* of cursors: those of an earlier one are gone */
    double cursor_seconds;
    bool strict, empty_pages, odd_cursors;
    int overload;    /* requests of one client in a second; 0: no bound */
    size_t page_max; /* 0: the contract's */
    struct store_entry *page;
    size_t page_cap;
    enum kp_mutant mutant;
    when_t began;            /* this life of the process */
    struct kp_memory memory; /* of a mutant */
    struct buf unwritten;    /* likewise: a record that only a clean end writes */
    struct notify *notify;   /* NULL: no notifications are offered */
};

/* Is this the mutant that is played, here where it makes a difference? Asked last. */
static inline bool kp_is(const struct koppelpunt *k, enum kp_mutant m)
{
    return mutant_is((int)k->mutant, (int)m);
}

/* Is it worth looking whether this mutant makes a difference here? */
static inline bool kp_plays(const struct koppelpunt *k, enum kp_mutant m)
{
    return k->mutant == m || k->mutant == KP_SCOUT;
}

/* ---- koppelpunt_state.c ---- */
/* Opens the state folder, if there is one, and rebuilds what was acknowledged; begins a
 * state where there is none. Makes key and store. */
int state_open(struct koppelpunt *k, const char *dir, when_t now, struct err *e);
/* Each writes one record: 0, or E_ENV and nothing may be acknowledged. */
int state_meldingen(struct koppelpunt *k, const struct melding *v, size_t n,
                    struct err *e);
int state_stand(struct koppelpunt *k, uint16_t instelling, when_t peildatum,
                const struct melding *v, size_t n, struct err *e);
int state_deal(struct koppelpunt *k, struct err *e);
int state_generation(struct koppelpunt *k, struct err *e);
/* Any other record; it comes back to notify_replay. */
int state_record(struct koppelpunt *k, const json_t *record, struct err *e);
/* A clean end. */
void state_close(struct koppelpunt *k);

/* ---- koppelpunt_intake.c ---- */
/* Both read the body, check everything and answer. False with *why filled. */
bool intake_meldingen(struct koppelpunt *k, const struct client *from,
                      const struct http_request *req, struct moment now,
                      struct http_response *out, struct rejection *why);
bool intake_stand(struct koppelpunt *k, const struct client *from,
                  const struct http_request *req, struct moment now,
                  struct http_response *out, struct rejection *why);

/* ---- koppelpunt_serve.c ---- */
bool serve_changes(struct koppelpunt *k, const struct client *from,
                   const struct http_request *req, struct moment now,
                   struct http_response *out, struct rejection *why);
bool serve_search(struct koppelpunt *k, const struct client *from,
                  const struct http_request *req, struct moment now,
                  struct http_response *out, struct rejection *why);

#endif
