/* How fast the system answered, per operation. */
#include <math.h>
#include <stdlib.h>

#include "harness/base/mem.h"
#include "harness/report/svg.h"
#include "harness/report/svg_parts.h"

#define ROW      38
#define NAME_MAX 43

static const struct head latency_heads[] = {
    {"Operatie", "Operation", false}, {"Aantal", "Number", true},
    {"p50 (ms)", "p50 (ms)", true},   {"p95 (ms)", "p95 (ms)", true},
    {"p99 (ms)", "p99 (ms)", true},   {"Langste (ms)", "Longest (ms)", true}};

static void latency_table(struct page *p, const struct tape *t)
{
    static const double quantiles[] = {0.5, 0.95, 0.99, 1};
    behind_begin(p);
    table_begin(p, "Hoe snel het systeem antwoordde", "How fast the system answered",
                latency_heads, ARRAY_LEN(latency_heads));
    for (struct map_item *i = map_first(t->latencies); i; i = map_next(i)) {
        struct latency *l = map_value(i);
        put(p, "<tr>");
        cell_begin(p, &latency_heads[0]);
        say_cut(p, map_key(i), 80);
        put(p, "</td>");
        cell_begin(p, &latency_heads[1]);
        putf(p, "%zu</td>", l->n);
        for (size_t k = 0; k < ARRAY_LEN(quantiles); k++) {
            double ms = latency_quantile(l, quantiles[k]);
            cell_begin(p, &latency_heads[k + 2]);
            if (ms < 0)
                put(p, "–</td>");
            else
                put_number(p, ms, 1), put(p, "</td>");
        }
        put(p, "</tr>\n");
    }
    table_end(p);
    behind_end(p);
}

struct scale {
    double low, high; /* log10 of milliseconds */
};

/* In percent of the width. */
static double place_at(const struct scale *s, double ms)
{
    double v = (log10(ms > 0.01 ? ms : 0.01) - s->low) / (s->high - s->low);
    return 4 + 90 * v;
}

static void latency_row(struct page *p, const struct scale *s, const char *name,
                        struct latency *l, int y)
{
    double p50 = latency_quantile(l, 0.5), p95 = latency_quantile(l, 0.95);
    double longest = latency_quantile(l, 1);
    double from = place_at(s, p50 < 0 ? longest : p50), to = place_at(s, longest);
    put(p, "<text x=\"0\"");
    putf(p, " y=\"%d\" class=\"halo\">", y + 14);
    say_cut(p, name, NAME_MAX);
    putf(p,
         "</text><line class=\"ar\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" "
         "y2=\"%d\"/>",
         from, to, y + 26, y + 26);
    if (p50 >= 0)
        putf(p,
             "<circle class=\"fa\" cx=\"%.2f%%\" cy=\"%d\" r=\"5\"><title>p50 %.1f "
             "ms</title></circle>",
             from, y + 26, p50);
    if (p95 >= 0)
        putf(p,
             "<svg x=\"%.2f%%\" y=\"%d\" overflow=\"visible\"><rect class=\"fb\" "
             "x=\"-4\" width=\"8\" height=\"12\"><title>p95 %.1f ms</title></rect>"
             "</svg>",
             place_at(s, p95), y + 20, p95);
    putf(p,
         "<line class=\"ar\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" y2=\"%d\"><title>"
         "max %.1f ms</title></line>\n",
         to, to, y + 19, y + 33, longest);
}

static void latency_axis(struct page *p, const struct scale *s, int height)
{
    for (double v = s->low; v <= s->high + 0.01; v += 1) {
        double ms = pow(10, v), x = place_at(s, ms);
        putf(p,
             "<line class=\"l\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"4\" y2=\"%d\"/><text "
             "class=\"m\" x=\"%.2f%%\" y=\"%d\" text-anchor=\"middle\">%g ms</text>\n",
             x, x, height - 20, x, height - 6, ms);
    }
}

void svg_latencies(struct page *p, const struct tape *t)
{
    struct scale s = {3, 1};
    int height = ROW * (int)map_count(t->latencies) + 30, y = 2;
    if (!map_count(t->latencies))
        return;
    for (struct map_item *i = map_first(t->latencies); i; i = map_next(i)) {
        struct latency *l = map_value(i);
        double p50 = latency_quantile(l, 0.5), high = latency_quantile(l, 1);
        double low = p50 < 0 ? high : p50;
        low = floor(log10(low > 0.01 ? low : 0.01));
        high = ceil(log10(high > 0.01 ? high : 0.01));
        s.low = low < s.low ? low : s.low;
        s.high = high > s.high ? high : s.high;
    }
    figure_begin(
        p,
        (struct words){"Hoe snel het systeem antwoordde", "How fast the system answered"},
        (struct words){
            "Per operatie: de helft van de antwoorden kwam binnen de tijd bij het rondje "
            "(p50), 95% binnen die bij het blokje (p95), alle binnen die bij het "
            "streepje. Wat te weinig antwoorden heeft voor een p95, heeft er geen. De "
            "schaal is logaritmisch, en deze tijden zijn die van een proef.",
            "Per operation: half of the answers came within the time at the circle "
            "(p50), "
            "95% within that at the block (p95), all within that at the bar. Where there "
            "are too few answers for a p95, there is none. The scale is logarithmic, and "
            "these times are those of a trial."});
    picture_begin(
        p, height,
        (struct words){"Antwoordtijden per operatie", "Response times per operation"});
    latency_axis(p, &s, height);
    for (struct map_item *i = map_first(t->latencies); i; i = map_next(i), y += ROW)
        latency_row(p, &s, map_key(i), map_value(i), y);
    picture_end(p);
    latency_table(p, t);
    figure_end(p);
}
