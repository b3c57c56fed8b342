/*
 * Words put in lines for a terminal. Nothing that a peer wrote can control it.
 */
#ifndef REPORT_LINES_H
#define REPORT_LINES_H

#include <stddef.h>
#include <stdio.h>

#define LINES_WIDTH 96

/* Characters, not bytes. */
size_t lines_columns(const char *s, size_t n);
void lines_spaces(FILE *f, size_t n);
/* From column `at`, broken between words at LINES_WIDTH; further lines begin at `indent`.
 */
void lines_wrapped(FILE *f, const char *s, size_t at, size_t indent);
/* In at most `room` columns, cut with "..." where it is too long. */
void lines_cut(FILE *f, const char *s, size_t room);

#endif
