/*
 * Words for the tests of an overstapsysteem's view. Include after cmocka.
 */
#ifndef TESTS_OS_VIEW_WORDS_H
#define TESTS_OS_VIEW_WORDS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/os_view.h"

#define SCHOOL "02QZ00"
#define LOTTE  999990019U
#define SAM    12U /* 000000012 */

/* All that a school sees, one line per aanmelding, sorted. */
struct lines {
    char v[64][96];
    size_t n;
    char text[64 * 96];
};

static inline void add_line(void *arg, const struct os_own *s)
{
    struct lines *l = arg;
    assert_true(l->n < 64);
    snprintf(l->v[l->n++], sizeof(l->v[0]), "%09u %s/%s %s/%s %s %lld\n", s->bsn,
             s->instelling, s->instelling_naam, s->opleiding, s->opleiding_naam,
             status_name(s->status), (long long)s->begin);
}

static inline int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static inline const char *join(struct lines *l)
{
    qsort(l->v, l->n, sizeof(l->v[0]), by_text);
    l->text[0] = '\0';
    for (size_t i = 0, at = 0; i < l->n; i++)
        at += (size_t)snprintf(l->text + at, sizeof(l->text) - at, "%s", l->v[i]);
    return l->text;
}

static inline const char *seen(const struct os_view *v, struct lines *l)
{
    *l = (struct lines){0};
    os_view_show(v, SCHOOL, NULL, add_line, l);
    return join(l);
}

static inline struct os_view *view_with_pupils(void)
{
    struct os_view *v = os_view_new();
    const uint32_t bsns[] = {LOTTE, SAM, LOTTE};
    os_view_set_pupils(v, SCHOOL, bsns, ARRAY_LEN(bsns));
    return v;
}

static inline struct os_item entry(int64_t volgnummer, const char *id, enum status status,
                                   when_t begin)
{
    return (struct os_item){.volgnummer = volgnummer,
                            .id = id,
                            .bsn = LOTTE,
                            .status = status,
                            .begin = begin,
                            .instelling = "25LH",
                            .instelling_naam = "ROC",
                            .opleiding = "25655",
                            .opleiding_naam = "Vpk"};
}

static inline struct os_item lapse(int64_t volgnummer, const char *id)
{
    return (struct os_item){.volgnummer = volgnummer, .id = id, .vervallen = true};
}

static inline void take(struct os_view *v, bool begins, bool ends, const char *cursor,
                        size_t n, const struct os_item *items)
{
    struct os_page p = {.begins = begins,
                        .ends = ends,
                        .cursor = cursor,
                        .listed = n,
                        .items = items,
                        .n = n};
    os_view_take_page(v, &p);
}

static inline void take_one(struct os_view *v, struct os_item item)
{
    take(v, false, true, "c", 1, &item);
}

static inline void expect(const struct os_view *v, const char *want)
{
    struct lines l;
    assert_string_equal(seen(v, &l), want);
}

#define AS(status, begin) "999990019 25LH/ROC 25655/Vpk " status " " #begin "\n"

#endif
