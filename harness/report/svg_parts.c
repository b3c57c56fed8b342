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
    const char *ground;  /* class of what is below the pattern; NULL: there is none */
    const char *pattern; /* in a square of 6 */
    int turned;
} fills[FILL_COUNT] = {
    [FILL_A] = {" class=\"fa\"", NULL, NULL, 0},
    [FILL_B] = {" fill=\"url(#fill-b)\"", "fb", "M0 0V6", 45},
    [FILL_C] = {" fill=\"url(#fill-c)\"", "fc", "M0 3H6", 0},
    [FILL_D] = {" fill=\"url(#fill-d)\"", "box", "M3 0V6M0 3H6", 0},
    [FILL_E] = {" fill=\"url(#fill-e)\"", "fe", "M2 2h2v2h-2z", 0},
    [FILL_BAD] = {" fill=\"url(#fill-f)\"", "fr", "M0 0V6", -45},
    [FILL_G] = {" fill=\"url(#fill-g)\"", "box", "M3 0V6", 0},
    [FILL_H] = {" fill=\"url(#fill-h)\"", "fb", "M2 2h2v2h-2z", 0},
    [FILL_I] = {" fill=\"url(#fill-i)\"", "fc", "M3 0V6M0 3H6", 45},
    [FILL_J] = {" fill=\"url(#fill-j)\"", "fa", "M0 0V6", -45},
    [FILL_NONE] = {" class=\"fx\"", NULL, NULL, 0},
};

void fill_patterns(struct page *p)
{
    put(p, "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>");
    for (int i = 0; i < FILL_COUNT; i++)
        if (fills[i].pattern)
            putf(p,
                 "<pattern id=\"fill-%c\" width=\"6\" height=\"6\" "
                 "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(%d)\">"
                 "<rect class=\"%s\" width=\"6\" height=\"6\"/><path class=\"ink\" "
                 "d=\"%s\"/></pattern>",
                 'a' + i, fills[i].turned, fills[i].ground, fills[i].pattern);
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

/* ---- over time ---- */

#define HIGH  120 /* of the highest column */
#define TOP   18
#define TICKS 4

static double sum_of(const struct stack *s, size_t i)
{
    double sum = 0;
    for (size_t k = 0; k < s->n_parts; k++)
        sum += s->v[i * s->n_parts + k];
    return sum;
}

static void columns(struct page *p, const struct stack *s, double most)
{
    double start = s->from[0], length = s->end - start;
    for (size_t i = 0; i < s->n; i++) {
        double to = i + 1 < s->n ? s->from[i + 1] : s->end, y = TOP + HIGH;
        double x = 100 * (s->from[i] - start) / length;
        double wide = 100 * (to - s->from[i]) / length;
        for (size_t k = 0; k < s->n_parts; k++) {
            double high = HIGH * s->v[i * s->n_parts + k] / most;
            if (high <= 0 || wide <= 0)
                continue;
            y -= high;
            putf(p, "<rect%s x=\"%.2f%%\" y=\"%.1f\" width=\"%.2f%%\" height=\"%.1f\"/>",
                 fill_of(s->fills[k]), x, y, wide, high);
        }
        put(p, "\n");
    }
}

void picture_stack(struct page *p, const struct stack *s)
{
    double most = 0;
    for (size_t i = 0; i < s->n; i++)
        most = sum_of(s, i) > most ? sum_of(s, i) : most;
    if (!s->n || most <= 0 || s->end <= s->from[0])
        return;
    picture_begin(p, TOP + HIGH + 24, s->label);
    columns(p, s, most);
    putf(p,
         "<line class=\"l\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/><line class=\"l\" "
         "x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/><text class=\"m\" x=\"0\" "
         "y=\"12\">%.3g</text>\n",
         TOP, TOP, TOP + HIGH, TOP + HIGH, most);
    for (int k = 0; k <= TICKS; k++)
        putf(p,
             "<text class=\"m\" x=\"%d%%\" y=\"%d\" text-anchor=\"%s\">%.1f s</text>\n",
             100 * k / TICKS, TOP + HIGH + 18,
             k == 0       ? "start"
             : k == TICKS ? "end"
                          : "middle",
             s->from[0] + (s->end - s->from[0]) * k / TICKS);
    picture_end(p);
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
