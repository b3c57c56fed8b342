/*
 * Inside the fetch: its state, for the two files that it is written in.
 */
#ifndef MOCKS_OS_FETCH_PARTS_H
#define MOCKS_OS_FETCH_PARTS_H

#include "mocks/os_fetch.h"
#include "mocks/os_mutants.h"
#include "mocks/os_page.h"

#define SECOND ((uint64_t)NS_PER_S)

enum state { IDLE, WANTS_TOKEN, WANTS_PAGE };

struct tickets {
    uint64_t *v;
    size_t n, cap;
};

/* What a mutant holds that the reference doesn't. */
struct os_mutation {
    struct os_reading *later; /* pages of this run, not taken in yet */
    size_t n_later;
    bool gave_up, redirected;
    bool pausing; /* before the next page, until next_at */
};

/* A URL as the door wants it: the origin, and the path that goes before the target. */
struct address {
    char *origin, *path;
};

struct os_fetch {
    int mutant; /* enum os_mutant */
    bool lenient;
    const struct profile *profile;
    struct os_store *store;
    struct address api, token_endpoint;
    char *client_id, *client_secret, *ca_file;
    uint64_t interval;
    int limiet;
    bool has_aansluitdatum;
    when_t aansluitdatum;
    struct rng rng;

    enum state state;
    uint64_t last_id;     /* of a call; an answer to an older one is not ours any more */
    uint64_t began;       /* this fetch */
    uint64_t asked;       /* the last request */
    uint64_t next_at;     /* the next fetch that nobody has to ask for; NEVER */
    uint64_t hold_until;  /* Retry-After; 0: none */
    uint64_t early_until; /* told that the date has not come: nothing till then */
    uint64_t gap;         /* from start to start while it fails; 0: all is well */

    bool by_key; /* the profile knows no tokens: the secret itself is sent */
    char *token;
    uint64_t token_until;
    bool token_untried; /* got in this fetch, and nothing was answered on it yet */
    bool renewed;       /* a 401 in this fetch has led to a new token */
    bool restarted;     /* a 410 in this fetch has led to a full state */
    bool begins;        /* the page that is asked for is the first of a full state */
    unsigned empty;     /* pages in a row */
    uint64_t runs;      /* fetches that succeeded */
    bool soon;          /* there is news since this fetch began */
    bool notified;      /* the koppelpunt tells of news */
    struct os_mutation mutation;
    struct tickets served;  /* to be told how this fetch ends */
    struct tickets waiting; /* came while it ran: they get the next */
};

static inline struct os_manner fetch_manner(const struct os_fetch *f)
{
    return (struct os_manner){.mutant = f->mutant, .lenient = f->lenient};
}

/* ---- os_fetch.c ---- */
/* The next request of this fetch: a page, or first the token for it. */
void fetch_ask_next(struct os_fetch *f, struct moment now, struct outbox *out);
void fetch_ask_token(struct os_fetch *f, struct moment now, struct outbox *out);
void fetch_ask_page(struct os_fetch *f, struct moment now, struct outbox *out);
void fetch_send(struct os_fetch *f, enum op op, const struct address *to,
                struct http_request *req, const json_t *message, struct moment now,
                struct outbox *out);
void fetch_drop_token(struct os_fetch *f);
/* How long an answer asks to wait (Retry-After); 0: it doesn't. */
uint64_t fetch_wait_of(const struct os_fetch *f, const struct http_response *resp,
                       struct moment now);
/* The three ways in which a fetch ends. `resp` is the answer that made it fail, NULL when
 * there was none. */
void fetch_succeed(struct os_fetch *f, struct moment now, struct outbox *out);
void fetch_fail(struct os_fetch *f, const struct http_response *resp, const char *why,
                struct moment now, struct outbox *out);
/* The koppelpunt is well and we are early: no failure, one request per interval, or at
 * the moment that it names if that is sooner. */
void fetch_wait_for_date(struct os_fetch *f, const struct http_response *resp,
                         const json_t *problem, struct moment now, struct outbox *out);

/* ---- os_fetch_mutate.c: the mutants' own ways; nothing for the reference ---- */
void fetch_mutate_ask(struct os_fetch *f, struct http_request *req);
/* An answer that the mutant deals with itself: true when it did. */
bool fetch_mutate_answer(struct os_fetch *f, const struct call_result *res,
                         struct moment now, struct outbox *out);
/* The same for a page that can be used. */
bool fetch_mutate_page(struct os_fetch *f, struct os_reading *r, struct moment now,
                       struct outbox *out);
/* When to come back after a failure. */
void fetch_mutate_gap(struct os_fetch *f, struct moment now);
/* What is left of a run that failed. */
void fetch_mutate_drop(struct os_fetch *f);

#endif
