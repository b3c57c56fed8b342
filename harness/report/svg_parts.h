/*
 * What pictures have in common. A picture of sums is as wide as the page: in it x is in
 * percent and y in pixels, so that letters stay readable on a telephone.
 */
#ifndef REPORT_SVG_PARTS_H
#define REPORT_SVG_PARTS_H

#include "harness/report/page.h"

struct words {
    const char *nl, *en;
};

/* <figure> with its heading and a line of explanation (may be empty). */
void figure_begin(struct page *p, struct words title, struct words text);
void figure_end(struct page *p);
/* The svg itself; the label says what it shows to who can't see it. */
void picture_begin(struct page *p, int height, struct words label);
void picture_end(struct page *p);
/* <details> for the table that says the same; ends with table_end, then behind_end. */
void behind_begin(struct page *p);
void behind_end(struct page *p);

/* Ways to fill, told apart by pattern as well as by colour. */
enum fill {
    FILL_A,
    FILL_B,
    FILL_C,
    FILL_D,
    FILL_E,
    FILL_BAD, /* what is the system's own */
    FILL_G,
    FILL_H,
    FILL_I,
    FILL_J,
    FILL_NONE,
    FILL_COUNT
};
/* The patterns, once in a page: their ids must be unique in it. */
void fill_patterns(struct page *p);
/* `class="..."` or `fill="..."`, with a blank before it. */
const char *fill_of(enum fill f);
/* The list that says which is which. */
struct key_row {
    enum fill fill;
    struct words text;
};
void picture_key(struct page *p, const struct key_row *rows, size_t n);

/* Columns of parts on top of each other, over time in seconds; a moment lasts until the
 * next. `v`: n_parts numbers for each of the n columns. Nothing when all are 0. */
struct stack {
    const double *from, *v;
    double end; /* of the last column */
    size_t n, n_parts;
    const enum fill *fills;
    struct words label;
};
void picture_stack(struct page *p, const struct stack *s);

/* "999", "12k", "3M": for where there is little room; the table has the number. */
char *short_number(size_t n, char out[16]);

#endif
