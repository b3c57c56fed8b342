/*
 * Who may do what: the provisioning file (CONTRACT.md 9), its clients and code
 * tables, and the tokens given to them.
 */
#ifndef MOCKS_KOPPELPUNT_CLIENTS_H
#define MOCKS_KOPPELPUNT_CLIENTS_H

#include <jansson.h>

#include "harness/base/map.h"
#include "harness/base/rng.h"
#include "harness/profile/profile.h"
#include "mocks/role.h"

enum soort { SOORT_SIS, SOORT_CAMBO, SOORT_OVERSTAPSYSTEEM, SOORT_COUNT };

struct client {
    char *id, *secret, *oin;
    enum soort soort;
    char **brins; /* sis */
    size_t n_brins;
    bool connects; /* has an aansluitdatum */
    when_t aansluitdatum;
    bool ingetrokken;
    bool gone;       /* no longer in the file; kept because tokens point here */
    uint64_t second; /* the last one in which it asked something */
    int in_second;   /* how often */
};

/* A table of codes and names. An index, once given, stays: the store holds it. */
struct code {
    char *code, *name;
    bool known; /* in the file as it is now */
};
struct codes {
    struct map *index; /* code -> position + 1 */
    struct code *v;
    size_t n, cap;
};
#define NO_CODE UINT16_MAX
uint16_t codes_find(const struct codes *c, const char *code); /* known ones; or NO_CODE */
/* Also makes one that is not in the file: what was taken in under an earlier file. */
uint16_t codes_intern(struct codes *c, const char *code);

struct token {
    char *text;
    struct client *client;
    uint64_t expires; /* monotonic */
    char bound[65];   /* digest of the certificate that it was given to; "": none */
    bool ended;
    struct token *next; /* the one given next */
};

struct clients {
    char *file;
    struct map *by_id; /* clientId -> struct client */
    struct codes instellingen, opleidingen;
    uint64_t token_seconds;
    struct map *tokens; /* text -> struct token */
    struct token *oldest, *newest;
    struct rng rng;
};

/* `rng` is for tokens. */
int clients_new(const char *file, const struct rng *rng, struct clients **out,
                struct err *e);
void clients_free(struct clients *c);
/* Reads the file again. On failure everything stays as it was. */
int clients_reload(struct clients *c, struct err *e);
/* Changes one client as a reload would; NULL changes nothing. */
int clients_change(struct clients *c, const char *id, const json_t *changes,
                   struct err *e);

/* The client of these credentials, or NULL; takes as long for any of them. */
struct client *clients_login(const struct clients *c, const char *id, const char *secret);
/* The client whose secret this is: where a profile has keys instead of tokens. */
struct client *clients_by_key(const struct clients *c, const char *key);
bool client_owns(const struct client *c, const char *brin);

/* `certificate`: digest of the one that the client showed, "": none. */
const struct token *clients_token(struct clients *c, struct client *who,
                                  const char *certificate, uint64_t now);
const struct token *clients_find_token(const struct clients *c, const char *text);
void clients_end_tokens(struct clients *c);

/* ---- koppelpunt_provisioning.c ---- */
/* Checks a whole provisioning file's content. E_INVALID with one sentence and pointer. */
int provisioning_check(const json_t *root, struct err *e);
/* One client of it; `pointer` says where it stands. */
int provisioning_check_client(const json_t *client, const char *pointer, struct err *e);
enum soort soort_by_name(const char *name); /* SOORT_COUNT: unknown */

#endif
