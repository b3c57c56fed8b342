/* From status to status: the statuses below each other, steps forward as arcs on the
 * right, steps back on the left. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/mem.h"
#include "harness/report/svg.h"
#include "harness/report/svg_parts.h"

#define ROW    54 /* between two statuses */
#define WIDE   124
#define HIGH   38
#define COLUMN 36 /* between the arcs of a length and those of the next */
#define EDGE   28 /* room for a number beside the outermost arc */

/* From top to bottom. STATUS_NONE: where every aanmelding begins. */
static const enum status order[] = {STATUS_NONE,     STATUS_SUBMITTED, STATUS_RECEIVED,
                                    STATUS_OFFERED,  STATUS_ENROLLED,  STATUS_REJECTED,
                                    STATUS_WITHDRAWN};
#define NODES ARRAY_LEN(order)

static const char *plain(const struct page *p, enum status s)
{
    static const char *const words[STATUS_COUNT][2] = {
        [STATUS_NONE] = {"nog niets", "nothing yet"},
        [STATUS_SUBMITTED] = {"aangemeld", "applied"},
        [STATUS_RECEIVED] = {"ontvangen", "received"},
        [STATUS_OFFERED] = {"aangeboden", "offered"},
        [STATUS_ENROLLED] = {"ingeschreven", "enrolled"},
        [STATUS_REJECTED] = {"afgewezen", "rejected"},
        [STATUS_WITHDRAWN] = {"ingetrokken", "withdrawn"}};
    return words[s][p->lang];
}

static const char *code(const struct page *p, enum status s)
{
    return s == STATUS_NONE ? either(p, "begin", "start") : status_name(s);
}

/* How far from the statuses the arcs over `length` rows reach, by the lengths there are.
 */
struct columns {
    int at[2][NODES]; /* forward, back */
    int side[2];      /* pixels needed */
};

static size_t step(const struct flow *f, size_t from, size_t to)
{
    return f->steps[order[from]][order[to]];
}

static void columns_init(struct columns *c, const struct flow *f)
{
    for (int back = 0; back < 2; back++) {
        int n = 0;
        for (size_t length = 1; length < NODES; length++) {
            bool any = false;
            for (size_t i = 0; i + length < NODES; i++)
                any = any || (back ? step(f, i + length, i) : step(f, i, i + length));
            n += any;
            c->at[back][length] = n * COLUMN - COLUMN / 3;
        }
        c->side[back] = n ? n * COLUMN + EDGE : 4;
    }
}

static void draw_step(struct page *p, const struct columns *c, size_t from, size_t to,
                      size_t n, size_t most)
{
    bool back = to < from;
    size_t length = back ? from - to : to - from;
    int sign = back ? -1 : 1, x = c->side[1] + (back ? 0 : WIDE);
    int reach = c->at[back][length], a = (int)from * ROW + HIGH / 2 + 6;
    int b = (int)to * ROW + HIGH / 2 - 2, middle = (a + b) / 2;
    double thick = 1 + 4 * log1p((double)n) / log1p((double)most);
    char text[16];
    putf(p,
         "<path class=\"ar%s\" stroke-width=\"%.1f\" style=\"stroke-width:%.1fpx\" "
         "d=\"M%d %dC%d %d %d %d %d %d\"/><path class=\"tip\" d=\"M%d %dl%d -5v10z\"/>",
         back ? " back" : "", thick, thick, x, a, x + sign * reach * 4 / 3, a,
         x + sign * reach * 4 / 3, b, x + sign * 7, b, x, b, sign * 9);
    putf(p, "<text class=\"halo\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
         x + sign * (reach + 3), middle + 4, back ? "end" : "start",
         short_number(n, text));
}

static void draw_status(struct page *p, const struct flow *f, size_t i, int x)
{
    enum status s = order[i];
    int y = (int)i * ROW;
    char text[16];
    putf(p,
         "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/>"
         "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" class=\"strong\">",
         x, y + 2, WIDE, HIGH, x + WIDE / 2, y + 18);
    say(p, code(p, s));
    putf(p, "</text><text class=\"m\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
         x + WIDE / 2, y + 33);
    say(p, plain(p, s));
    if (f->last[s])
        putf(p, " (%s)", short_number(f->last[s], text));
    put(p, "</text>\n");
}

static void flow_table(struct page *p, const struct flow *f)
{
    static const struct head heads[] = {
        {"Van", "From", false}, {"Naar", "To", false}, {"Aantal", "Number", true}};
    static const struct head ends[] = {{"Laatste status", "Last status", false},
                                       {"Aanmeldingen", "Aanmeldingen", true}};
    behind_begin(p);
    table_begin(p, "Stappen van status naar status", "Steps from status to status", heads,
                ARRAY_LEN(heads));
    for (size_t i = 0; i < NODES; i++)
        for (size_t k = 0; k < NODES; k++) {
            if (!step(f, i, k))
                continue;
            put(p, "<tr>");
            cell_begin(p, &heads[0]);
            putf(p, "%s</td>", code(p, order[i]));
            cell_begin(p, &heads[1]);
            putf(p, "%s</td>", code(p, order[k]));
            cell_begin(p, &heads[2]);
            putf(p, "%zu</td></tr>\n", step(f, i, k));
        }
    table_end(p);
    table_begin(p, "Waar het bij bleef", "Where it ended", ends, ARRAY_LEN(ends));
    for (size_t i = 1; i < NODES; i++) {
        put(p, "<tr>");
        cell_begin(p, &ends[0]);
        putf(p, "%s</td>", code(p, order[i]));
        cell_begin(p, &ends[1]);
        putf(p, "%zu</td></tr>\n", f->last[order[i]]);
    }
    table_end(p);
    behind_end(p);
}

static void draw(struct page *p, const struct flow *f)
{
    struct columns c;
    size_t most = 1;
    columns_init(&c, f);
    int width = c.side[0] + c.side[1] + WIDE, height = (int)NODES * ROW - ROW + HIGH + 6;
    for (size_t i = 0; i < NODES * NODES; i++)
        if (step(f, i / NODES, i % NODES) > most)
            most = step(f, i / NODES, i % NODES);
    putf(p,
         "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><svg "
         "role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
         "aria-label=\"%s\">\n",
         either(p, "Van status naar status", "From status to status"), width, height,
         width, height,
         either(p,
                "Statussen onder elkaar, met pijlen van de ene naar de andere; de tabel "
                "eronder zegt hetzelfde",
                "Statuses below each other, with arrows from one to another; the table "
                "below says the same"));
    for (size_t i = 0; i < NODES; i++)
        for (size_t k = 0; k < NODES; k++)
            if (step(f, i, k))
                draw_step(p, &c, i, k, step(f, i, k), most);
    for (size_t i = 0; i < NODES; i++)
        draw_status(p, f, i, c.side[1]);
    put(p, "</svg></div>\n");
}

void svg_flow(struct page *p, const struct tape *t)
{
    const struct flow *f = &t->flow;
    char nl[500], en[500];
    if (!f->aanmeldingen)
        return;
    snprintf(nl, sizeof nl,
             "%zu aanmeldingen, in de volgorde waarin hun statussen begonnen: rechts de "
             "stappen vooruit, links (gestreept) die terug, ook uit een status die voor "
             "definitief doorgaat. Tussen haakjes staat bij hoeveel het de laatste was. "
             "Geteld is wat is aangenomen; een herhaling is geen stap.%s",
             f->aanmeldingen, f->full ? " Niet alles kon worden geteld." : "");
    snprintf(en, sizeof en,
             "%zu aanmeldingen, in the order in which their statuses began: on the right "
             "the steps forward, on the left (dashed) those back, also out of a status "
             "that counts as final. In brackets for how many it was the last. Counted is "
             "what was accepted; a repeat is no step.%s",
             f->aanmeldingen, f->full ? " Not all could be counted." : "");
    figure_begin(p, (struct words){"Van status naar status", "From status to status"},
                 (struct words){nl, en});
    draw(p, f);
    flow_table(p, f);
    figure_end(p);
}
