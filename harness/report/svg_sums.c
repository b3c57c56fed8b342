/* Pictures of sums over a run: who sent how much, from which region, how fast. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/report/svg.h"

#define WIDE     900
#define LABEL    290
#define BAR_MAX  20 /* instellingen drawn; the table has them all */
#define BAR      24
#define LISTED   250 /* instellingen in the table */
#define LETTER   6.4
#define NAME_MAX 43

static void picture_begin(struct page *p, int height, const char *nl, const char *en)
{
    put(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    say_in(p, nl, en);
    putf(p,
         "\"><svg role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
         "aria-label=\"",
         WIDE, height, WIDE, height);
    say_in(p, nl, en);
    put(p, "\">\n");
}

static void picture_end(struct page *p)
{
    put(p, "</svg></div>\n");
}

static void behind(struct page *p)
{
    put(p, "<details><summary>");
    say_in(p, "Als tabel", "As a table");
    put(p, "</summary>");
}

/* ---- statuses per instelling ---- */

struct sent {
    const char *code;
    struct place sum;
};

static size_t total(const struct place *s)
{
    return s->sis + s->cambo + s->refused;
}

static int by_total(const void *a, const void *b)
{
    const struct sent *x = a, *y = b;
    size_t m = total(&x->sum), n = total(&y->sum);
    return m != n ? (m < n) - (m > n) : strcmp(x->code, y->code);
}

static struct sent *sorted(const struct tape *t, size_t *n)
{
    struct sent *v = xcalloc(map_count(t->places) + 1, sizeof *v);
    *n = 0;
    for (struct map_item *i = map_first(t->places); i; i = map_next(i)) {
        const struct place *s = map_value(i);
        v[(*n)++] = (struct sent){map_key(i), *s};
    }
    qsort(v, *n, sizeof *v, by_total);
    return v;
}

static const json_t *known_place(const json_t *known, const char *code)
{
    return json_object_get(json_object_get(known, "instellingen"), code);
}

static void bar(struct page *p, const struct sent *s, const json_t *known, size_t most,
                int y)
{
    const size_t parts[] = {s->sum.sis, s->sum.cambo, s->sum.refused};
    static const char *const fills[] = {"class=\"fa\"", "fill=\"url(#hatch)\"",
                                        "class=\"fx\""};
    double x = LABEL, room = WIDE - LABEL - 60;
    char *label = xasprintf("%s %.*s", s->code, NAME_MAX,
                            member(known_place(known, s->code), "name"));
    putf(p, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LABEL - 8, y + 15);
    say_cut(p, label, NAME_MAX);
    put(p, "</text>");
    free(label);
    for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
        double w = room * (double)parts[k] / (double)most;
        if (parts[k])
            putf(p, "<rect %s x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"16\"/>",
                 fills[k], x, y + 3, w);
        x += w;
    }
    putf(p, "<text x=\"%.1f\" y=\"%d\">%zu</text>\n", x + 6, y + 15, total(&s->sum));
}

static void places_key(struct page *p)
{
    static const struct {
        const char *fill, *text[2];
    } rows[] = {
        {"class=\"fa\"", {"SIS, aangenomen", "SIS, accepted"}},
        {"fill=\"url(#hatch)\"", {"CAMBO, aangenomen", "CAMBO, accepted"}},
        {"class=\"fx\"", {"geweigerd of zonder antwoord", "refused or unanswered"}}};
    put(p, "<ul class=\"key\">");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        putf(p,
             "<li><svg width=\"22\" height=\"14\" aria-hidden=\"true\"><rect %s "
             "x=\"1\" y=\"1\" width=\"20\" height=\"12\"/></svg>",
             rows[i].fill);
        say_in(p, rows[i].text[0], rows[i].text[1]);
        put(p, "</li>");
    }
    put(p, "</ul>\n");
}

static void places_table(struct page *p, const struct sent *v, size_t n,
                         const json_t *known)
{
    static const struct head heads[] = {{"Instelling", "Instelling", false},
                                        {"SIS", "SIS", true},
                                        {"CAMBO", "CAMBO", true},
                                        {"Geweigerd", "Refused", true}};
    behind(p);
    table_begin(p, "Statussen per instelling en bron",
                "Statuses per instelling and source", heads, ARRAY_LEN(heads));
    for (size_t i = 0; i < n && i < LISTED; i++) {
        const size_t parts[] = {v[i].sum.sis, v[i].sum.cambo, v[i].sum.refused};
        put(p, "<tr>");
        cell_begin(p, &heads[0]);
        say(p, v[i].code);
        put(p, " ");
        say_cut(p, member(known_place(known, v[i].code), "name"), 80);
        put(p, "</td>");
        for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
            cell_begin(p, &heads[k + 1]);
            putf(p, "%zu</td>", parts[k]);
        }
        put(p, "</tr>\n");
    }
    table_end(p);
    put(p, "</details>\n");
}

void svg_places(struct page *p, const struct tape *t, const json_t *known)
{
    size_t n;
    struct sent *v = sorted(t, &n);
    size_t shown = n < BAR_MAX ? n : BAR_MAX;
    if (n) {
        put(p, "<figure><figcaption><h3>");
        say_in(p, "Statussen per instelling en bron",
               "Statuses per instelling and source");
        put(p, "</h3>");
        say_in(p, "Wat de bronnen het koppelpunt hebben gestuurd.",
               "What the sources sent to the koppelpunt.");
        if (shown < n) {
            put(p, " ");
            say_in(p, "De grootste twintig; de tabel heeft ze alle.",
                   "The largest twenty; the table has them all.");
        }
        put(p, "</figcaption>");
        picture_begin(p, BAR * (int)shown + 10, "Statussen per instelling en bron",
                      "Statuses per instelling and source");
        put(p, "<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" "
               "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
               "<rect class=\"fb\" width=\"6\" height=\"6\"/><path "
               "class=\"ar\" d=\"M0 0V6\"/></pattern></defs>\n");
        for (size_t i = 0; i < shown; i++)
            bar(p, &v[i], known, total(&v[0].sum), 4 + BAR * (int)i);
        picture_end(p);
        places_key(p);
        places_table(p, v, n, known);
        put(p, "</figure>\n");
    }
    free(v);
}

/* ---- regions ---- */

#define REGIONS 39
#define CELL    22

static void region_table(struct page *p, const size_t *sum, const json_t *names)
{
    static const struct head heads[] = {{"Regio", "Region", false},
                                        {"Statussen", "Statuses", true}};
    behind(p);
    table_begin(p, "Statussen per RMC-regio", "Statuses per RMC region", heads,
                ARRAY_LEN(heads));
    for (int i = 1; i <= REGIONS; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        put(p, "<tr>");
        cell_begin(p, &heads[0]);
        putf(p, "%d ", i);
        say(p, member(names, key));
        put(p, "</td>");
        cell_begin(p, &heads[1]);
        putf(p, "%zu</td></tr>\n", sum[i]);
    }
    table_end(p);
    put(p, "</details>\n");
}

void svg_regions(struct page *p, const struct tape *t, const json_t *known)
{
    size_t sum[REGIONS + 1] = {0}, most = 0, touched = 0;
    for (struct map_item *i = map_first(t->places); i; i = map_next(i)) {
        const json_t *place = known_place(known, map_key(i));
        json_int_t region = json_integer_value(json_object_get(place, "region"));
        if (region >= 1 && region <= REGIONS)
            sum[region] += total(map_value(i));
    }
    for (int i = 1; i <= REGIONS; i++) {
        most = sum[i] > most ? sum[i] : most;
        touched += sum[i] > 0;
    }
    if (!most)
        return;
    put(p, "<figure><figcaption><h3>");
    say_in(p, "Regio's", "Regions");
    put(p, "</h3>");
    putf(p, "%zu ", touched);
    say_in(p, "van de 39 RMC-regio's deden mee; hoe voller de kleur, hoe meer statussen.",
           "of the 39 RMC regions took part; the fuller the colour, the more statuses.");
    put(p, "</figcaption>");
    picture_begin(p, 66, "Regio's", "Regions");
    for (int i = 1; i <= REGIONS; i++) {
        int x = 16 + (i - 1) * CELL;
        double shade =
            sum[i] ? 0.2 + 0.8 * log1p((double)sum[i]) / log1p((double)most) : 0;
        putf(p,
             "<rect class=\"box\" x=\"%d\" y=\"8\" width=\"20\" height=\"32\"/><rect "
             "class=\"fa\" fill-opacity=\"%.2f\" x=\"%d\" y=\"8\" width=\"20\" "
             "height=\"32\"><title>%zu</title></rect><text x=\"%d\" y=\"56\" "
             "text-anchor=\"middle\">%d</text>\n",
             x, shade, x, sum[i], x + 10, i);
    }
    picture_end(p);
    region_table(p, sum, json_object_get(known, "regions"));
    put(p, "</figure>\n");
}

/* ---- latencies ---- */

static const struct head latency_heads[] = {
    {"Operatie", "Operation", false}, {"Aantal", "Number", true},
    {"p50 (ms)", "p50 (ms)", true},   {"p95 (ms)", "p95 (ms)", true},
    {"p99 (ms)", "p99 (ms)", true},   {"Langste (ms)", "Longest (ms)", true}};

static void latency_table(struct page *p, const struct tape *t)
{
    static const double quantiles[] = {0.5, 0.95, 0.99, 1};
    behind(p);
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
                putf(p, "%.1f</td>", ms);
        }
        put(p, "</tr>\n");
    }
    table_end(p);
    put(p, "</details>\n");
}

struct scale {
    double low, high; /* log10 of milliseconds */
};

static double place_at(const struct scale *s, double ms)
{
    double v = (log10(ms > 0.01 ? ms : 0.01) - s->low) / (s->high - s->low);
    return LABEL + v * (WIDE - LABEL - 40);
}

static void latency_row(struct page *p, const struct scale *s, const char *name,
                        struct latency *l, int y)
{
    double p50 = latency_quantile(l, 0.5), p95 = latency_quantile(l, 0.95);
    double longest = latency_quantile(l, 1);
    double from = place_at(s, p50 < 0 ? longest : p50), to = place_at(s, longest);
    putf(p, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LABEL - 8, y + 15);
    say_cut(p, name, NAME_MAX);
    putf(p, "</text><path class=\"ar\" d=\"M%.1f %dH%.1f\"/>", from, y + 11, to);
    if (p50 >= 0)
        putf(p,
             "<circle class=\"fa\" cx=\"%.1f\" cy=\"%d\" r=\"5\"><title>p50 %.1f "
             "ms</title></circle>",
             from, y + 11, p50);
    if (p95 >= 0)
        putf(p,
             "<rect class=\"fb\" x=\"%.1f\" y=\"%d\" width=\"8\" height=\"12\"><title>"
             "p95 %.1f ms</title></rect>",
             place_at(s, p95) - 4, y + 5, p95);
    putf(p, "<path class=\"ar\" d=\"M%.1f %dv14\"><title>max %.1f ms</title></path>\n",
         to, y + 4, longest);
}

static void latency_axis(struct page *p, const struct scale *s, int height)
{
    for (double v = s->low; v <= s->high + 0.01; v += 1) {
        double ms = pow(10, v), x = place_at(s, ms);
        putf(p,
             "<path class=\"l\" d=\"M%.1f 4V%d\"/><text class=\"m\" x=\"%.1f\" "
             "y=\"%d\" text-anchor=\"middle\">%g ms</text>\n",
             x, height - 20, x, height - 6, ms);
    }
}

void svg_latencies(struct page *p, const struct tape *t)
{
    struct scale s = {3, 1};
    int height = BAR * (int)map_count(t->latencies) + 30, y = 2;
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
    put(p, "<figure><figcaption><h3>");
    say_in(p, "Hoe snel het systeem antwoordde", "How fast the system answered");
    put(p, "</h3>");
    say_in(p,
           "Per operatie: de helft van de antwoorden kwam binnen de tijd bij het rondje "
           "(p50), 95% binnen die bij het blokje (p95), alle binnen die bij het "
           "streepje. Wat te "
           "weinig antwoorden heeft voor een p95, heeft er geen. De schaal is "
           "logaritmisch, en deze tijden zijn die van een proef.",
           "Per operation: half of the answers came within the time at the circle (p50), "
           "95% within that at the block (p95), all within that at the bar. Where there "
           "are too "
           "few answers for a p95, there is none. The scale is logarithmic, and these "
           "times are those of a trial.");
    put(p, "</figcaption>");
    picture_begin(p, height, "Antwoordtijden per operatie",
                  "Response times per operation");
    latency_axis(p, &s, height);
    for (struct map_item *i = map_first(t->latencies); i; i = map_next(i), y += BAR)
        latency_row(p, &s, map_key(i), map_value(i), y);
    picture_end(p);
    latency_table(p, t);
    put(p, "</figure>\n");
}
