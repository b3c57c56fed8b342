/*
 * The change feed: which volgnummer stands for what, in order. An aanmelding has at most
 * one current entry, and beside it the last lapse (vervallen): a reader that holds an
 * earlier life must see that one ended before it sees the next, because the new entry may
 * have an older statusBegin. What is superseded is dropped; dropped places are skipped in
 * constant time on the average and given back when they outnumber the live ones, so that
 * a page costs the same at ten thousand and at a million aanmeldingen.
 *
 * And the cursors into it: self-contained, signed with the store's key, so that they need
 * no memory and survive a restart.
 */
#ifndef MOCKS_FEED_H
#define MOCKS_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/rng.h"
#include "harness/base/when.h"
#include "mocks/siphash.h"

/* Volgnummers are 1.. FEED_MAX; rows below 2^30. */
#define FEED_MAX UINT32_MAX

enum feed_kind {
    FEED_CURRENT, /* the status of an aanmelding; ref: its row */
    FEED_LAPSE,   /* ref: the row that lapsed */
    FEED_ECHO,    /* an overtaken status, told on purpose; ref: the store's own */
};
struct feed_entry {
    uint32_t number;
    enum feed_kind kind;
    uint32_t ref;
};

struct feed;
struct feed *feed_new(void);
void feed_free(struct feed *f);
/* The volgnummer that it got: one more than the last. */
uint32_t feed_append(struct feed *f, enum feed_kind kind, uint32_t ref);
/* Drops the entry of that volgnummer; 0 is none. */
void feed_drop(struct feed *f, uint32_t number);
/* The last volgnummer given out; 0: none yet. */
uint32_t feed_last(const struct feed *f);
size_t feed_bytes(const struct feed *f);

/* Reading: a place right behind volgnummer `after`, and the live entries from there. A
 * place is good until the next append or drop. */
size_t feed_seek(const struct feed *f, uint32_t after);
bool feed_step(struct feed *f, size_t *place, struct feed_entry *out);

/* Deals the volgnummers behind `after` out again among the entries that hold them now;
 * entries do not pass a lapse. Tells who got which. */
typedef void feed_moved_cb(void *arg, const struct feed_entry *e);
void feed_shuffle(struct feed *f, uint32_t after, struct rng *r, feed_moved_cb *moved,
                  void *arg);

/* ---- cursors ---- */
#define CURSOR_TEXT 66

struct cursor {
    uint32_t position; /* all up to this volgnummer has been served */
    uint32_t snapshot; /* the last volgnummer when this run of a full state began: lapses
                          up to it are not served; 0: a run of changes */
    uint32_t epoch, generation; /* of the store */
    when_t issued;
};
void cursor_write(const struct sip_key *key, const struct cursor *c,
                  char out[CURSOR_TEXT + 1]);
/* False when the text is no cursor that this key made. */
bool cursor_read(const struct sip_key *key, const char *text, struct cursor *out);

#endif
