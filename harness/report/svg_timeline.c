/* The time of one scenario: what went well, what failed, and under which fault. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/report/svg.h"
#include "harness/report/svg_parts.h"

#define LANE   42 /* pixels: its name, and what is on it */
#define NAME   18 /* of these for the name */
#define SPANS  12 /* bands drawn */
#define LETTER 1  /* percent of the width, at least */

struct span {
    const char *label;
    uint64_t from, to;
    bool fault; /* else the system was away */
};

struct line {
    const struct scene *s;
    uint64_t from, to;
    struct span spans[SPANS];
    size_t n;
};

static bool failed(const struct row *r)
{
    return r->outcome || r->status >= 500 || r->status == 429;
}

static struct span *open_span(struct line *l, const char *label, bool fault)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->spans[i].fault == fault && l->spans[i].to == l->to &&
            (!fault || (label && !strcmp(l->spans[i].label, label))))
            return &l->spans[i];
    return NULL;
}

static void span(struct line *l, const char *label, uint64_t from, bool fault)
{
    if (l->n < SPANS)
        l->spans[l->n++] = (struct span){label, from, l->to, fault};
}

/* Faults from set to over (the end when nobody said so), the system from gone to back. */
static void spans(struct line *l)
{
    bool was_up = false;
    for (size_t i = 0; i < l->s->n; i++) {
        const struct row *r = &l->s->rows[i];
        if (r->kind == ROW_FAULT && r->fault) {
            struct span *open = open_span(l, r->fault, true);
            if (r->status == 1 && !open)
                span(l, r->fault, r->t, true);
            if (r->status == 3 && open)
                open->to = r->t;
        } else if (r->kind == ROW_SYSTEM && r->what) {
            struct span *away = open_span(l, NULL, false);
            if (!strcmp(r->what, "ready") && away)
                away->to = r->t;
            else if (was_up && !away && strcmp(r->what, "ready") &&
                     strcmp(r->what, "started") && strcmp(r->what, "reloaded"))
                span(l, "", r->t, false);
            was_up = was_up || !strcmp(r->what, "ready");
        }
    }
}

/* In percent of the width. */
static double at(const struct line *l, uint64_t t)
{
    double part = t <= l->from ? 0 : (double)(t - l->from) / (double)(l->to - l->from);
    return (part > 1 ? 1 : part) * 100;
}

static void lane(struct page *p, int y, const char *nl, const char *en)
{
    putf(p,
         "<line class=\"l\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/><text x=\"0\" "
         "y=\"%d\" class=\"halo m\">",
         y + LANE - 4, y + LANE - 4, y + 13);
    say_in(p, nl, en);
    put(p, "</text>\n");
}

static void calls(struct page *p, const struct line *l, bool bad, int y)
{
    for (size_t i = 0; i < l->s->n; i++) {
        const struct row *r = &l->s->rows[i];
        if (r->kind != ROW_CALL || failed(r) != bad ||
            (r->from != PARTY_OVERSTAPSYSTEEM && r->to != PARTY_KOPPELPUNT &&
             r->to != PARTY_OVERSTAPSYSTEEM))
            continue;
        double from = at(l, r->began), wide = at(l, r->t) - from;
        putf(p,
             "<rect class=\"%s\" x=\"%.2f%%\" y=\"%d\" width=\"%.2f%%\" height=\"16\"/>",
             bad ? "fr" : "fg", from > 99.7 ? 99.7 : from, y + NAME + 2,
             wide < 0.3 ? 0.3 : wide);
    }
    put(p, "\n");
}

static void bands(struct page *p, const struct line *l, bool fault, int top, int y)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct span *b = &l->spans[i];
        if (b->fault != fault)
            continue;
        double from = at(l, b->from), wide = at(l, b->to) - from;
        putf(p,
             "<rect class=\"%s\" x=\"%.2f%%\" y=\"%d\" width=\"%.2f%%\" height=\"%d\"/>",
             fault ? "fault" : "down", from, top, wide < 0.4 ? 0.4 : wide,
             y - top + LANE - 4);
        if (fault && wide > (double)strlen(b->label) * LETTER * 2) {
            putf(p, "<text x=\"%.2f%%\" dx=\"3\" y=\"%d\">", from, y + NAME + 15);
            say(p, b->label);
            put(p, "</text>\n");
        }
    }
}

static void spans_table(struct page *p, const struct line *l)
{
    static const struct head heads[] = {
        {"Wat", "What", false}, {"Vanaf", "From", true}, {"Tot", "To", true}};
    put(p, "<details><summary>");
    say_in(p, "Als tabel", "As a table");
    put(p, "</summary>");
    table_begin(p, "Storingen en afwezigheid", "Faults and absences", heads,
                ARRAY_LEN(heads));
    for (size_t i = 0; i < l->n; i++) {
        const struct span *b = &l->spans[i];
        put(p, "<tr>");
        cell_begin(p, &heads[0]);
        if (b->fault) {
            say_in(p, "storing ", "fault ");
            say(p, b->label);
        } else {
            say_in(p, "het systeem was weg", "the system was away");
        }
        put(p, "</td>");
        cell_begin(p, &heads[1]);
        put_number(p, (double)(b->from - l->from) / 1e9, 3);
        put(p, " s</td>");
        cell_begin(p, &heads[2]);
        put_number(p, (double)(b->to - l->from) / 1e9, 3);
        put(p, " s</td></tr>\n");
    }
    table_end(p);
    put(p, "</details>\n");
}

void svg_timeline(struct page *p, const struct scene *s)
{
    struct line l = {.s = s, .from = s->began, .to = s->ended};
    bool any = false;
    for (size_t i = 0; i < s->n; i++) {
        any = any || s->rows[i].kind == ROW_FAULT ||
              (s->rows[i].kind == ROW_CALL && failed(&s->rows[i]));
        l.to = s->rows[i].t > l.to ? s->rows[i].t : l.to;
    }
    if (l.to > l.from)
        spans(&l);
    if (l.n && !l.spans[l.n - 1].fault && l.spans[l.n - 1].to == l.to)
        l.n--; /* at the end it is stopped by us */
    if (l.to <= l.from || (!any && !l.n))
        return;
    put(p, "<section><h2>");
    say_in(p, "Bereikbaarheid en storingen", "Availability and faults");
    put(p, "</h2><figure><figcaption>");
    say_in(
        p,
        "Elk streepje is een verzoek aan of van het systeem; de banden zijn de "
        "storingen die de proef veroorzaakte en de tijd dat het systeem weg was.",
        "Each stroke is a request to or from the system; the bands are the faults that "
        "the trial caused and the time that the system was away.");
    put(p, "</figcaption>");
    picture_begin(p, LANE * 4 + 24,
                  (struct words){"Bereikbaarheid en storingen in de tijd",
                                 "Availability and faults over time"});
    bands(p, &l, true, 0, LANE * 2);
    bands(p, &l, false, 0, LANE * 3);
    lane(p, 0, "beantwoord", "answered");
    lane(p, LANE, "mislukt", "failed");
    lane(p, LANE * 2, "storing", "fault");
    lane(p, LANE * 3, "systeem weg", "system away");
    calls(p, &l, false, 0);
    calls(p, &l, true, LANE);
    for (int k = 0; k <= 4; k++)
        putf(p, "<text class=\"m\" x=\"%d%%\" y=\"%d\" text-anchor=\"%s\">%.1f s</text>",
             k * 25, LANE * 4 + 16,
             k == 4 ? "end"
             : k    ? "middle"
                    : "start",
             (double)(l.to - l.from) / 1e9 * k / 4);
    picture_end(p);
    spans_table(p, &l);
    put(p, "</figure></section>\n");
}
