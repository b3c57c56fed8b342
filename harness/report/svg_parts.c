#include "harness/report/svg_parts.h"

#include <stdio.h>

#include "harness/base/mem.h"

static void said(struct page *p, struct words w)
{
    say_in(p, w.nl, w.en);
}

void figure_begin(struct page *p, struct words title, struct words text)
{
    put(p, "<figure><figcaption><h3>");
    said(p, title);
    put(p, "</h3>");
    said(p, text);
    put(p, "</figcaption>");
}

void figure_end(struct page *p)
{
    put(p, "</figure>\n");
}

void picture_begin(struct page *p, int height, struct words label)
{
    putf(p,
         "<div class=\"picture\"><svg role=\"img\" width=\"100%%\" height=\"%d\" "
         "aria-label=\"",
         height);
    said(p, label);
    put(p, "\">\n");
}

void picture_end(struct page *p)
{
    put(p, "</svg></div>\n");
}

void behind_begin(struct page *p)
{
    put(p, "<details><summary>");
    say_in(p, "Als tabel", "As a table");
    put(p, "</summary>");
}

void behind_end(struct page *p)
{
    put(p, "</details>\n");
}

/* ---- ways to fill ---- */

static const struct {
    const char *use;     /* in an element */
    const char *pattern; /* what is drawn over the ground; NULL: no pattern needed */
    const char *ground;  /* class */
} fills[FILL_COUNT] = {
    [FILL_A] = {" class=\"fa\"", NULL, NULL},
    [FILL_B] = {" fill=\"url(#fill-b)\"", "M0 0V6", "fb"},
    [FILL_C] = {" fill=\"url(#fill-c)\"", "M0 0H6M0 3H6", "fc"},
    [FILL_D] = {" fill=\"url(#fill-d)\"", "M0 0V6M0 0H6", "box"},
    [FILL_E] = {" fill=\"url(#fill-e)\"", "M1 1h2v2h-2z", "fe"},
    [FILL_F] = {" class=\"fr\"", NULL, NULL},
    [FILL_NONE] = {" class=\"fx\"", NULL, NULL},
};

void fill_patterns(struct page *p)
{
    put(p, "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>");
    for (int i = 0; i < FILL_COUNT; i++)
        if (fills[i].pattern)
            putf(p,
                 "<pattern id=\"fill-%c\" width=\"6\" height=\"6\" "
                 "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
                 "<rect class=\"%s\" width=\"6\" height=\"6\"/><path class=\"ink\" "
                 "d=\"%s\"/></pattern>",
                 'a' + i, fills[i].ground, fills[i].pattern);
    put(p, "</defs></svg>\n");
}

const char *fill_of(enum fill f)
{
    return fills[f].use;
}

void picture_key(struct page *p, const struct key_row *rows, size_t n)
{
    put(p, "<ul class=\"key\">");
    for (size_t i = 0; i < n; i++) {
        putf(p,
             "<li><svg width=\"22\" height=\"14\" aria-hidden=\"true\"><rect%s x=\"1\" "
             "y=\"1\" width=\"20\" height=\"12\"/></svg>",
             fill_of(rows[i].fill));
        said(p, rows[i].text);
        put(p, "</li>");
    }
    put(p, "</ul>\n");
}

char *short_number(size_t n, char out[16])
{
    if (n < 1000)
        snprintf(out, 16, "%zu", n);
    else if (n < 1000000)
        snprintf(out, 16, "%zuk", n / 1000);
    else
        snprintf(out, 16, "%zuM", n / 1000000 % 100000);
    return out;
}
