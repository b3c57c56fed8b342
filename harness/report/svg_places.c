/* Who sent how much: per instelling and statussource, and per region. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/report/svg.h"
#include "harness/report/svg_parts.h"

#define BAR      40  /* pixels for one instelling: its name, its bar */
#define BAR_MAX  20  /* instellingen drawn; the table has them all */
#define LISTED   250 /* instellingen in the table */
#define NAME_MAX 43

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
    const struct {
        size_t n;
        enum fill fill;
    } parts[] = {
        {s->sum.sis, FILL_A}, {s->sum.cambo, FILL_B}, {s->sum.refused, FILL_NONE}};
    double x = 0;
    putf(p, "<text x=\"0\" y=\"%d\">", y + 13);
    say_cut(p, s->code, 12);
    put(p, " ");
    say_cut(p, member(known_place(known, s->code), "name"), NAME_MAX);
    put(p, "</text>");
    for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
        double w = 85 * (double)parts[k].n / (double)most;
        if (parts[k].n)
            putf(p, "<rect%s x=\"%.2f%%\" y=\"%d\" width=\"%.2f%%\" height=\"16\"/>",
                 fill_of(parts[k].fill), x, y + 18, w);
        x += w;
    }
    putf(p, "<text x=\"%.2f%%\" dx=\"6\" y=\"%d\">%zu</text>\n", x, y + 31,
         total(&s->sum));
}

static void places_table(struct page *p, const struct sent *v, size_t n,
                         const json_t *known)
{
    static const struct head heads[] = {{"Instelling", "Instelling", false},
                                        {"SIS", "SIS", true},
                                        {"CAMBO", "CAMBO", true},
                                        {"Geweigerd", "Refused", true}};
    behind_begin(p);
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
    behind_end(p);
}

void svg_places(struct page *p, const struct tape *t, const json_t *known)
{
    static const struct words title = {"Statussen per instelling en bron",
                                       "Statuses per instelling and source"};
    static const struct key_row key[] = {
        {FILL_A, {"SIS, aangenomen", "SIS, accepted"}},
        {FILL_B, {"CAMBO, aangenomen", "CAMBO, accepted"}},
        {FILL_NONE, {"geweigerd of zonder antwoord", "refused or unanswered"}}};
    size_t n;
    struct sent *v = sorted(t, &n);
    size_t shown = n < BAR_MAX ? n : BAR_MAX;
    if (n) {
        figure_begin(
            p, title,
            shown < n
                ? (struct words){"Wat de bronnen het koppelpunt hebben gestuurd. De "
                                 "grootste twintig; de tabel heeft er meer.",
                                 "What the sources sent to the koppelpunt. The "
                                 "largest twenty; the table has more."}
                : (struct words){"Wat de bronnen het koppelpunt hebben gestuurd.",
                                 "What the sources sent to the koppelpunt."});
        picture_begin(p, BAR * (int)shown + 4, title);
        for (size_t i = 0; i < shown; i++)
            bar(p, &v[i], known, total(&v[0].sum), BAR * (int)i);
        picture_end(p);
        picture_key(p, key, ARRAY_LEN(key));
        places_table(p, v, n, known);
        figure_end(p);
    }
    free(v);
}

/* ---- regions ---- */

#define REGIONS 39
#define ACROSS  13 /* cells of a row */
#define CELL    60 /* its height: the number, the colour, how many */

static void region_table(struct page *p, const size_t *sum, const json_t *names)
{
    static const struct head heads[] = {{"Regio", "Region", false},
                                        {"Statussen", "Statuses", true}};
    behind_begin(p);
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
    behind_end(p);
}

static void region_cell(struct page *p, int region, size_t n, size_t most)
{
    const double wide = 100.0 / ACROSS;
    int y = (region - 1) / ACROSS * CELL;
    double x = (region - 1) % ACROSS * wide, middle = x + wide / 2 - 0.2;
    double shade = n ? 0.2 + 0.8 * log1p((double)n) / log1p((double)most) : 0;
    char text[16];
    putf(p,
         "<text class=\"m\" x=\"%.2f%%\" y=\"%d\" text-anchor=\"middle\">%d</text>"
         "<rect class=\"box\" x=\"%.2f%%\" y=\"%d\" width=\"%.2f%%\" "
         "height=\"16\"/>",
         middle, y + 13, region, x, y + 18, wide - 0.4);
    if (n)
        putf(p,
             "<rect class=\"fa\" fill-opacity=\"%.2f\" x=\"%.2f%%\" y=\"%d\" "
             "width=\"%.2f%%\" height=\"16\"/>",
             shade, x, y + 18, wide - 0.4);
    putf(p, "<text x=\"%.2f%%\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", middle,
         y + 48, n ? short_number(n, text) : "–");
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
    char nl[120], en[120];
    snprintf(nl, sizeof nl,
             "%zu van de 39 RMC-regio's deden mee. Boven het vakje het "
             "nummer, eronder het aantal statussen.",
             touched);
    snprintf(en, sizeof en,
             "%zu of the 39 RMC regions took part. Above the cell its "
             "number, below it how many statuses.",
             touched);
    figure_begin(p, (struct words){"Regio's", "Regions"}, (struct words){nl, en});
    picture_begin(p, CELL * ((REGIONS + ACROSS - 1) / ACROSS),
                  (struct words){"Statussen per regio", "Statuses per region"});
    for (int i = 1; i <= REGIONS; i++)
        region_cell(p, i, sum[i], most);
    picture_end(p);
    region_table(p, sum, json_object_get(known, "regions"));
    figure_end(p);
}
