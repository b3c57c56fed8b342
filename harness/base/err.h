/*
 * What went wrong, in one sentence for a person, with the place. Functions that can
 * fail return 0 or a negative E_* and take a `struct err *` last (NULL: not wanted).
 * The first error set wins: a caller may add the place it knows, never replace the text.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum {
    E_INVALID = -1,  /* input or configuration is wrong: exit 2 */
    E_ENV = -2,      /* files, network, other processes: exit 3 */
    E_NOTFOUND = -3, /* the thing asked for does not exist */
    E_TOOBIG = -4,   /* a stated maximum was reached */
    E_HARNESS = -5,  /* our own fault: exit 5 */
};

struct err {
    bool set;
    int code;          /* the E_* */
    char text[600];    /* one sentence, no newline, no final full stop needed */
    char file[300];    /* "" when not known */
    int line, column;  /* 0 when not known */
    char pointer[300]; /* JSON pointer; "" when not known */
};

/* Sets *e unless it is set already (or NULL). Returns `code`, so one can
 * `return err_set(e, E_INVALID, "...")`. */
int err_set(struct err *e, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Fills in the place where it is still unknown. `file` and `pointer` may be NULL. */
void err_at(struct err *e, const char *file, int line, int column, const char *pointer);

/* "file:line:column: text (at /pointer)", leaving out what is not known. Returns a
 * string that the caller frees. */
char *err_sentence(const struct err *e);

void err_clear(struct err *e);

#endif
