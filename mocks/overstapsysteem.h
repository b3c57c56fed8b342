/*
 * An overstapsysteem: a client that fetches the change feed by itself, pages, keeps its
 * cursor and its view durably in one step, merges with its own regional data, shows each
 * school its own pupils, and answers the observer (waarnemer).
 */
#ifndef MOCKS_OVERSTAPSYSTEEM_H
#define MOCKS_OVERSTAPSYSTEEM_H

#include "mocks/role.h"

struct overstapsysteem_config {
    const struct profile *profile; /* borrowed */
    const char *url, *token_url;   /* as KOPPELPUNT_URL, KOPPELPUNT_TOKEN_URL */
    const char *client_id, *client_secret;
    const char *ca_file;  /* may be NULL */
    uint64_t interval_ns; /* start to start; 0: fetches only when told */
    bool has_aansluitdatum;
    when_t aansluitdatum;
    const char *state_dir; /* NULL: nothing is kept */
    uint64_t seed;
    /* Where its own listener is reached ("http://127.0.0.1:9000"): it subscribes on
     * notifications. NULL: it wants none. */
    const char *notify_url;
    int limiet; /* asks for this page size; 0: the server's default */
    /* Takes what can be read of entries with faults: a trial of a koppelpunt wants to see
     * what it shows, and its faults are the judge's. Off: as the contract says. */
    bool lenient;
    int mutant; /* enum os_mutant; 0: the reference */
};
int overstapsysteem_new(const struct overstapsysteem_config *c, struct moment now,
                        struct role **out, struct err *e);

#endif
