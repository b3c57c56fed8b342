/*
 * Putting an HTML page together: escaped text, words in two languages side by side, and
 * what all pages share (head, style, foot). No script, nothing from the network.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/report/report.h"

struct page {
    struct buf b;
    enum lang lang;
    const char *root; /* from this page to the folder of the run: "" or "../" */
    const char *tail; /* between name and ".html" in this language: "" or ".en" */
};

/* Markup of ours, as it is. */
void put(struct page *p, const char *markup);
void putf(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Text of anybody, escaped; the second of at most `max` bytes. */
void say(struct page *p, const char *text);
void say_cut(struct page *p, const char *text, size_t max);
/* Does a page show every character of it as it is? */
bool shown_whole(const char *text);
/* As say_cut, for names that somebody gave: their direction of writing ends with them. */
void name_of(struct page *p, const char *name, size_t max);
/* The words in the language of the page. */
const char *either(const struct page *p, const char *nl, const char *en);
/* Escaped, in the language of the page. */
void say_in(struct page *p, const char *nl, const char *en);
/* A reason of the result in the language of the page; one that is only there in English
 * is marked so. */
void say_reason(struct page *p, const char *reason, size_t max);
/* A JSON value for reading, at most `max` bytes of it; a text alone without quotes. */
void say_json(struct page *p, const json_t *v, size_t max);
/* With so many decimals; behind a comma in Dutch. */
void put_number(struct page *p, double v, int decimals);
/* A verdict: a sign and a word, so that nothing hangs on colour. */
void badge(struct page *p, const char *verdict);

/* `<table>` with its caption and heads, each {nl, en}; ends before the first row. */
struct head {
    const char *nl, *en;
    bool number; /* to be aligned as such */
};
void table_begin(struct page *p, const char *caption_nl, const char *caption_en,
                 const struct head *heads, size_t n);
void table_end(struct page *p);
/* `<td>` that names its column where there is no room for a table. */
void cell_begin(struct page *p, const struct head *head);
void cell_end(struct page *p);

void page_begin(struct page *p, const char *title);
void page_end(struct page *p);

/* The name of a scenario's page, without the folder: safe whatever the names hold. The
 * caller frees. */
char *page_of(const struct page *p, const char *role, const char *name);

/* result.json's members, "" when absent. */
const char *member(const json_t *o, const char *key);
bool member_is(const json_t *o, const char *key, const char *value);
/* The title of a scenario in the language of the page, or its name. */
const char *title_of(const struct page *p, const json_t *title, const char *name);
/* " (waived until ...)", or nothing when the requirement is not. */
void waiver_words(struct page *p, const json_t *requirement);
/* Worst first: 0 a failure, 1 trouble, 2 what could not be seen, 3 a warning, 4 no more
 * to be said. */
#define VERDICT_RANKS 5
int verdict_rank(const char *verdict);
/* A finding that makes the verdict of its requirement: the others came with it. */
bool telling(const json_t *requirement, const json_t *finding);
/* What keeps a system from being conform. */
bool blocking(const char *verdict);

/* The style sheet, in pieces; ends with NULL (page_style.c). */
extern const char *const page_style[];

#endif
