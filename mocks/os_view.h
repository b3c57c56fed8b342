/*
 * What an overstapsysteem knows and shows: the delivered aanmeldingen by aanmeldId, the
 * regional data of its own, the pupils of each school, and its place in the feed. What is
 * shown follows from the set of entries that was seen, never from their order of arrival.
 * This file keeps nothing on disk and knows no wire; mocks/os_store.h does the first.
 */
#ifndef MOCKS_OS_VIEW_H
#define MOCKS_OS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/domain.h"
#include "harness/base/when.h"

struct os_view;

/* An entry of the feed. Strings are borrowed; those after `vervallen` are only read when
 * that is false. */
struct os_item {
    int64_t volgnummer; /* 0 or more */
    const char *id;     /* aanmeldId */
    bool vervallen;
    uint32_t bsn;       /* its nine digits as a number */
    enum status status; /* NONE: a status that is not in the contract */
    when_t begin;
    const char *instelling, *instelling_naam;
    const char *opleiding, *opleiding_naam;
};

/* A page of the feed, to be taken in as one. */
struct os_page {
    bool begins;        /* asked for without a cursor: a full state begins */
    bool ends;          /* nothing more for now */
    const char *cursor; /* for the next request */
    size_t listed; /* entries on the page, also those that were left out of `items` */
    const struct os_item *items;
    size_t n;
};

/* A status with its moment and the volgnummer that brought it. */
struct os_mark {
    int64_t volgnummer;
    when_t begin;
    enum status status;
};

/* The whole of an aanmelding, for a copy on disk. */
struct os_state {
    const char *id;
    int64_t
        top; /* highest volgnummer of this life; -1: lapsed, and only `lapsed` counts */
    int64_t lapsed; /* highest volgnummer of a vervallen; -1: none */
    bool seen;      /* in the full state that is being read, or was read last */
    uint32_t bsn;
    const char *instelling, *instelling_naam;
    const char *opleiding, *opleiding_naam;
    const struct os_mark *marks;
    size_t n_marks;
};

/* An aanmelding that the system has from elsewhere. */
struct os_own {
    uint32_t bsn;
    const char *instelling, *instelling_naam;
    const char *opleiding, *opleiding_naam;
    enum status status;
    when_t begin;
};

struct os_view *os_view_new(void);
void os_view_free(struct os_view *v);
/* Gives it a defect (enum os_mutant), before anything is taken in. */
void os_view_mutate(struct os_view *v, int mutant);
/* A page was read, with so many entries: some mutants grow restless. */
void os_view_heard(struct os_view *v, size_t listed);

/* ---- the feed ---- */
/* Where to go on: NULL when a full state is to be asked for. */
const char *os_view_cursor(const struct os_view *v);
void os_view_take_page(struct os_view *v, const struct os_page *p);
/* True when taking `p` would end a full state in which nothing at all was listed while
 * aanmeldingen are held: by the contract that is a mistake of the koppelpunt. */
bool os_view_would_empty(const struct os_view *v, const struct os_page *p);
/* Forgets the cursor; all that is shown stands until the next full state is complete. */
void os_view_restart(struct os_view *v);
/* Aanmeldingen held now, lapsed ones not counted. */
size_t os_view_count(const struct os_view *v);

/* ---- from the observer's side ---- */
/* Replaces the pupils of a school. */
void os_view_set_pupils(struct os_view *v, const char *school, const uint32_t *bsns,
                        size_t n);
/* Adds, or updates where this is not older than what is held. */
void os_view_add_own(struct os_view *v, const struct os_own *o);
/* Calls `each` for every aanmelding that `school` may see: of one pupil, or of all when
 * `bsn` is NULL. A number that is not a pupil of the school shows nothing. */
typedef void os_shown_cb(void *arg, const struct os_own *shown);
void os_view_show(const struct os_view *v, const char *school, const uint32_t *bsn,
                  os_shown_cb *each, void *arg);

/* ---- for a copy on disk ---- */
/* About how many bytes such a copy takes. */
size_t os_view_weight(const struct os_view *v);
struct os_place {
    const char *cursor; /* NULL: none */
    bool full;          /* a full state is being read */
    uint64_t listed;    /* in it so far */
};
void os_view_place(const struct os_view *v, struct os_place *out);
void os_view_set_place(struct os_view *v, const struct os_place *p);
void os_view_put(struct os_view *v, const struct os_state *s);
typedef void os_state_cb(void *arg, const struct os_state *s);
typedef void os_pupils_cb(void *arg, const char *school, const uint32_t *bsns, size_t n);
void os_view_each(const struct os_view *v, os_state_cb *each, void *arg);
void os_view_each_school(const struct os_view *v, os_pupils_cb *each, void *arg);
void os_view_each_own(const struct os_view *v, os_shown_cb *each, void *arg);

#endif
