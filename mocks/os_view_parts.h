/*
 * Inside the view: what it is made of, for the two files that it is written in.
 */
#ifndef MOCKS_OS_VIEW_PARTS_H
#define MOCKS_OS_VIEW_PARTS_H

#include "harness/base/buf.h"
#include "harness/base/map.h"
#include "mocks/os_mutants.h"
#include "mocks/os_view.h"

/* Code and name of an instelling or opleiding, kept once. */
struct view_label {
    char *code, *text;
};

struct view_entry {
    struct view_entry *of_person; /* the next aanmelding of the same person */
    const struct view_label *instelling, *opleiding;
    int64_t top, lapsed; /* as in struct os_state */
    size_t place;        /* in view.entries */
    uint32_t bsn;
    uint32_t generation;
    unsigned n_marks;
    bool hidden;     /* a mutant's: not shown */
    unsigned copies; /* a mutant's: shown so many times more */
    /* Newest volgnummer last, latest status first: a mark is only kept while no other one
     * has both a higher volgnummer and a later status. So marks[0] is the status of this
     * life, and when a vervallen comes that cuts the oldest numbers off, the next one is.
     * One mark is the rule: it then sits in the struct. */
    struct os_mark one, *many;
    char id[];
};

/* Regional data of our own. */
struct view_own {
    struct view_own *next;
    const struct view_label *instelling, *opleiding;
    when_t begin;
    enum status status;
};

struct view_person {
    struct view_entry *entries;
    struct view_own *own;
};

struct view_school {
    uint32_t *bsns; /* ascending, each once */
    size_t n;
};

struct os_view {
    int mutant;          /* enum os_mutant */
    unsigned quiet;      /* empty readings in a row, for a mutant */
    struct map *by_id;   /* -> struct view_entry */
    struct map *persons; /* nine digits -> struct view_person */
    struct map *names;   /* -> struct view_label */
    struct map *schools; /* -> struct view_school */
    struct view_entry **entries;
    size_t n, cap, live, n_own;
    char *cursor;
    bool full;
    uint64_t listed;
    uint32_t generation; /* of the last full state that was begun */
    struct buf key;      /* for view_label */
};

/* ---- os_view.c ---- */
/* Nine digits: how a person is found. */
char *view_digits(uint32_t bsn, char out[16]);
/* The order rule: later moment, then higher rank (OS-VER-01). Negative, 0, positive. */
int view_later(when_t begin_a, enum status a, when_t begin_b, enum status b);
const struct view_label *view_label(struct os_view *v, const char *code,
                                    const char *text);
/* Made when it is not there. */
struct view_person *view_person_of(struct os_view *v, uint32_t bsn);
const struct os_mark *view_marks(const struct view_entry *e);
void view_add_mark(struct view_entry *e, const struct os_mark *m);
void view_clear_marks(struct view_entry *e);
struct view_entry *view_new_entry(struct os_view *v, const char *id);
/* Instelling, opleiding and person follow the highest volgnummer. */
void view_identify(struct os_view *v, struct view_entry *e, const struct os_item *it);
void view_set_cursor(struct os_view *v, const char *cursor);
void view_free_school(void *school);

/* ---- os_view_mutate.c: the mutants' own rules; nothing for the reference ---- */
/* About to add a mark: false when this mutant doesn't. May change both. */
bool view_mutate_mark(const struct os_view *v, struct view_entry *e, struct os_mark *m);
/* False when this mutant doesn't show the entry. */
bool view_mutate_shows(const struct os_view *v, const struct view_person *p,
                       const struct view_entry *e);

#endif
