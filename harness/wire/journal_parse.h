/*
 * One line of a journal into JSON, several times as fast as jansson's own reader: it
 * takes what a journal is made of (ASCII or UTF-8 texts, whole numbers, plain escapes),
 * and small texts and header fields that come again are made once and shared. Everything
 * else, and everything that is wrong, is left to jansson, so that both give the same
 * values and the same faults.
 */
#ifndef WIRE_JOURNAL_PARSE_H
#define WIRE_JOURNAL_PARSE_H

#include <jansson.h>
#include <stddef.h>

struct line_parser;
struct line_parser *line_parser_new(void);
void line_parser_free(struct line_parser *p);
/* NULL: not a line for this reader. Values in it may be shared: they are not to be
 * changed. */
json_t *line_parse(struct line_parser *p, const char *text, size_t n);

#endif
