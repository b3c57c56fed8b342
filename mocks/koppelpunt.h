/*
 * The koppelpunt: takes statusmeldingen and standen in, orders them by event time and
 * rank, and serves aanmeldstatussen as a change feed. What it accepted survives kill -9
 * (an append log in state_dir, written before the answer).
 */
#ifndef MOCKS_KOPPELPUNT_H
#define MOCKS_KOPPELPUNT_H

#include "mocks/role.h"

struct koppelpunt_config {
    const struct profile *profile; /* borrowed, must outlive the role */
    const char *clients_file;      /* the provisioning file (README: provisioning) */
    const char *state_dir;         /* NULL: nothing is kept */
    double cursor_seconds;         /* < 0: cursors are held for ever */
    uint64_t seed;                 /* for tokens and aanmeldIds */
    int overload; /* more requests of one client than this in one second are answered
                     429 with Retry-After (KP-ROB-02); 0: no bound */
    int page_max; /* serve at most this many entries per page (0: the contract's) */
    /* Deliver the changes of one read in another order of statusBegin (the contract
     * allows any), by this seed; 0: as they come. */
    uint64_t shuffle;
    /* What the contract allows and few readers meet: an empty page with "meer" after each
     * page but the last, and cursors that have to be percent-encoded. */
    bool empty_pages, odd_cursors;
    /* Offers notifications, with this factor on the gaps between attempts; 0: offers none
     * (abonnementen are 404). */
    double notification_scale;
    bool strict; /* the strict level (CONTRACT.md 11): clients show certificates */
    int mutant;  /* enum kp_mutant; 0: none */
};
/* 0 or E_*. */
int koppelpunt_new(const struct koppelpunt_config *c, struct moment now,
                   struct role **out, struct err *e);

/* Is its listener to accept TLS 1.1 too? Only that of a mutant. */
bool koppelpunt_takes_old_tls(const struct role *r);

/* For the laboratory, when it plays the koppelpunt itself: */
/* The clientId of a request's token (also expired ones), or NULL. Borrowed. */
const char *koppelpunt_client_of(struct role *r, const struct http_request *req);
/* Forgets all cursors handed out so far: the next use of one is 410. */
void koppelpunt_lapse_cursors(struct role *r);
/* Abonnementen on notifications that there are now. */
size_t koppelpunt_abonnementen(struct role *r);
/* The next notification gets lost on its way as though it had been acknowledged; how many
 * did so far. */
void koppelpunt_lose_notification(struct role *r);
unsigned long koppelpunt_lost_notifications(struct role *r);
/* Ends all tokens now. */
void koppelpunt_end_tokens(struct role *r);
/* Takes canonical meldingen in without the wire (a crowd for the volume family). */
int koppelpunt_preload(struct role *r, const json_t *statusmeldingen, struct moment now,
                       struct err *e);
/* Changes what a client may do (NULL leaves): as a reload would. */
int koppelpunt_set_client(struct role *r, const char *client_id, const json_t *changes,
                          struct err *e);
/* Memory in use by the store and number of aanmeldingen, for the benchmark. */
void koppelpunt_figures(struct role *r, size_t *bytes, size_t *aanmeldingen);

#endif
