/*
 * Where a koppelpunt under test sends its notifications: a listener of one of the
 * overstapsystemen that we play, which keeps and journals what comes.
 */
#ifndef SCENARIO_RECEIVER_H
#define SCENARIO_RECEIVER_H

#include "harness/scenario/trial.h"

enum receiver_answer {
    RECEIVER_OK,
    RECEIVER_UNAVAILABLE,
    RECEIVER_GONE,
    RECEIVER_REDIRECT,
    RECEIVER_SILENT,
};

/* One notification as it came. */
struct notified {
    uint64_t at;
    char *id;        /* of the event; "" when it has none */
    bool readable;   /* it says up to which volgnummer */
    json_int_t upto; /* then that */
};

struct receiver {
    struct receiver *next;
    struct trial *t;
    struct client *client;
    struct wire_listener *listener;
    char *url;
    char *abonnement; /* its id; NULL: none now */
    enum receiver_answer answer;
    struct notified *v;
    size_t n, cap;
    size_t settled;   /* of v: those before this one are dealt with */
    unsigned failed;  /* in a row: not acknowledged */
    uint64_t gone_at; /* the first notification that was answered 410; 0: none */
    bool followed;    /* a redirect was followed */
    json_t *cursor;   /* where its reading of the feed is, or NULL */
    json_int_t last;  /* volgnummer of the feed, as far as it was read */
};

/* The receiver of this client, listening; NULL with *e set when it can't. */
struct receiver *receiver_of(struct trial *t, struct client *c, struct err *e);
/* The same, when it is there already. */
struct receiver *receiver_find(const struct trial *t, const struct client *c);

#endif
