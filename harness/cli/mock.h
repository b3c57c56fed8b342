/*
 * A mock that stands by itself: `koppelproef mock koppelpunt|overstapsysteem`. mock.c has
 * what both have in common; each role makes itself, and says how to talk to it.
 */
#ifndef CLI_MOCK_H
#define CLI_MOCK_H

#include "harness/cli/cli.h"
#include "mocks/host.h"
#include "mocks/mutants.h"

/* The same clients, secrets and persons in every mock of this machine, so that two of
 * them find one another without options. Only on loopback; elsewhere a fresh one is
 * drawn. */
#define MOCK_SEED 1

/* Any free port, unless the user names one. */
#define MOCK_LISTEN "127.0.0.1:0"

struct mock {
    const struct cli_args *args;
    struct profile *profile;
    uint64_t seed;
    const struct mutant *mutant; /* NULL: the reference */
    int plays;                   /* which of the role's mutants, MUTANT_SCOUT, or 0 */
    const char *state;           /* NULL: nothing is kept */
    char address[256];           /* to listen on */
    int port;
    struct wire *wire;
    struct journal *journal; /* NULL: none */
    struct role *role;       /* until the host has taken it */
    struct host *host;

    /* koppelpunt */
    json_t *provisioning;
    char *clients_file;
    bool clients_made; /* by us, from the seed */
    int memory;        /* a file in memory that holds them, or -1 */
    size_t pupils;
    bool old_tls;                             /* a mutant */
    char *tls_cert, *tls_key, *tls_client_ca; /* PEM; NULL: plain HTTP, no certificates */

    /* overstapsysteem */
    char *url, *token_url, *client_id, *client_secret;
    char *notify_url; /* NULL: it wants no notifications */
    double interval;
};

struct moment mock_now(const struct mock *m);
/* Makes m->role. */
int mock_koppelpunt(struct mock *m, struct err *e);
int mock_overstapsysteem(struct mock *m, struct err *e);
/* Takes N synthetic aanmeldingen in, for --pupils. */
int mock_preload(struct mock *m, struct err *e);
/* How to talk to it, to standard output. */
void mock_koppelpunt_talk(const struct mock *m);
void mock_overstapsysteem_talk(const struct mock *m);

/* The token endpoint of a koppelpunt at `url`, by the profile; the caller frees. */
char *mock_token_url(const struct profile *p, const char *url);

#endif
