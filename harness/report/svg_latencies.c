/* How fast the system answered, per operation (result.json, reliability.operations). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/mem.h"
#include "harness/report/svg.h"
#include "harness/report/svg_parts.h"

#define ROW      38
#define NAME_MAX 60
#define SHORTEST 0.01 /* ms: what is shorter is drawn so */

struct scale {
    double low, high; /* log10 of milliseconds */
};

/* Calls of the laboratory: what the system asks of us tells how fast we are. */
static bool drawn(const json_t *operation)
{
    const json_t *good = json_object_get(operation, "success");
    return member_is(operation, "by", "laboratory") &&
           json_is_number(json_object_get(good, "max"));
}

/* A percentile in milliseconds, or -1: the sample can't tell it. */
static double quantile(const json_t *operation, const char *key)
{
    const json_t *v = json_object_get(json_object_get(operation, "success"), key);
    return json_is_number(v) ? json_number_value(v) : -1;
}

static double shortest(double ms)
{
    return ms > SHORTEST ? ms : SHORTEST;
}

/* In percent of the width. */
static double place_at(const struct scale *s, double ms)
{
    return 4 + 90 * (log10(shortest(ms)) - s->low) / (s->high - s->low);
}

static void mark(struct page *p, const struct scale *s, const char *what, double ms,
                 const char *shape, int y)
{
    if (ms < 0)
        return;
    putf(p,
         "<svg x=\"%.2f%%\" y=\"%d\" overflow=\"visible\">%s<title>%s %.1f "
         "ms</title></%s></svg>",
         place_at(s, ms), y, shape, what, ms, shape[1] == 'c' ? "circle" : "path");
}

static void latency_row(struct page *p, const struct scale *s, const json_t *o, int y)
{
    double p50 = quantile(o, "p50"), longest = quantile(o, "max");
    double from = place_at(s, p50 < 0 ? longest : p50), to = place_at(s, longest);
    putf(p, "<text x=\"0\" y=\"%d\" class=\"halo\">", y + 14);
    say_cut(p, member(o, "op"), NAME_MAX);
    putf(p, "</text><line class=\"ar\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" y2=\"%d\"/>",
         from, to, y + 26, y + 26);
    mark(p, s, "p50", p50, "<circle class=\"fa\" r=\"5\">", y + 26);
    mark(p, s, "p90", quantile(o, "p90"), "<path class=\"fb\" d=\"M-4 -6h8v12h-8z\">",
         y + 26);
    mark(p, s, "p99", quantile(o, "p99"), "<path class=\"fc\" d=\"M0 -7l7 12h-14z\">",
         y + 26);
    mark(p, s, "max", longest, "<path class=\"ar\" d=\"M0 -7v14\">", y + 26);
    put(p, "\n");
}

static void axis(struct page *p, const struct scale *s, int height)
{
    for (double v = s->low; v <= s->high + 0.01; v += 1) {
        double ms = pow(10, v), x = place_at(s, ms);
        putf(p,
             "<line class=\"l\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"4\" y2=\"%d\"/><text "
             "class=\"m\" x=\"%.2f%%\" y=\"%d\" text-anchor=\"middle\">%g ms</text>\n",
             x, x, height - 20, x, height - 6, ms);
    }
}

static void latency_table(struct page *p, const json_t *list)
{
    static const struct head heads[] = {
        {"Operatie", "Operation", false}, {"Aantal", "Number", true},
        {"p50 (ms)", "p50 (ms)", true},   {"p90 (ms)", "p90 (ms)", true},
        {"p99 (ms)", "p99 (ms)", true},   {"Langste (ms)", "Longest (ms)", true}};
    static const char *const keys[] = {"n", "p50", "p90", "p99", "max"};
    behind_begin(p);
    table_begin(p, "Hoe snel het systeem antwoordde", "How fast the system answered",
                heads, ARRAY_LEN(heads));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        if (!drawn(o))
            continue;
        put(p, "<tr>");
        cell_begin(p, &heads[0]);
        say_cut(p, member(o, "op"), 80);
        cell_end(p);
        for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
            double v = quantile(o, keys[k]);
            cell_begin(p, &heads[k + 1]);
            if (v < 0)
                put(p, "–");
            else
                put_number(p, v, k ? 1 : 0);
            cell_end(p);
        }
        put(p, "</tr>\n");
    }
    table_end(p);
    behind_end(p);
}

static size_t scale_of(const json_t *list, struct scale *s)
{
    size_t n = 0;
    *s = (struct scale){3, 1};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        if (!drawn(o))
            continue;
        double p50 = quantile(o, "p50"), max = quantile(o, "max");
        double low = floor(log10(shortest(p50 < 0 ? max : p50)));
        double high = ceil(log10(shortest(max)));
        s->low = low < s->low ? low : s->low;
        s->high = high > s->high ? high : s->high;
        n++;
    }
    return n;
}

void svg_latencies(struct page *p, const json_t *operations)
{
    struct scale s;
    size_t n = scale_of(operations, &s);
    int height = ROW * (int)n + 30, y = 2;
    if (!n)
        return;
    figure_begin(
        p,
        (struct words){"Hoe snel het systeem antwoordde", "How fast the system answered"},
        (struct words){
            "Per operatie: de helft van de antwoorden kwam binnen de tijd bij het rondje "
            "(p50), 90% binnen die bij het blokje (p90), 99% binnen die bij het "
            "driehoekje (p99), alle binnen die bij het streepje. Wat te weinig "
            "antwoorden "
            "heeft voor een p90 of p99, heeft er geen. De schaal is logaritmisch, en "
            "deze "
            "tijden zijn die van een proef.",
            "Per operation: half of the answers came within the time at the circle "
            "(p50), "
            "90% within that at the block (p90), 99% within that at the triangle (p99), "
            "all within that at the bar. Where there are too few answers for a p90 or "
            "p99, there is none. The scale is logarithmic, and these times are those of "
            "a "
            "trial."});
    picture_begin(
        p, height,
        (struct words){"Antwoordtijden per operatie", "Response times per operation"});
    axis(p, &s, height);
    for (size_t i = 0; i < json_array_size(operations); i++)
        if (drawn(json_array_get(operations, i))) {
            latency_row(p, &s, json_array_get(operations, i), y);
            y += ROW;
        }
    picture_end(p);
    latency_table(p, operations);
    figure_end(p);
}
