/* A conversation: lifelines, arrows, and bands for what else happened. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/report/svg.h"
#include "harness/report/texts.h"

#define LEFT 84 /* room for the time */
#define HEAD 40
#define ROW  30

const char *party_name(const struct page *p, enum party who)
{
    static const char *const names[PARTY_COUNT][2] = {
        [PARTY_APPLICANT] = {"aanmelder", "applicant"},
        [PARTY_PARENT] = {"ouder", "parent"},
        [PARTY_DIGID] = {"DigiD", "DigiD"},
        [PARTY_CAMBO] = {"CAMBO", "CAMBO"},
        [PARTY_SIS] = {"SIS", "SIS"},
        [PARTY_KOPPELPUNT] = {"koppelpunt", "koppelpunt"},
        [PARTY_OVERSTAPSYSTEEM] = {"overstapsysteem", "overstapsysteem"},
        [PARTY_SCHOOL] = {"school", "school"},
        [PARTY_OTHER] = {"iemand anders", "somebody else"}};
    return names[who][p->lang];
}

/* ---- a row in words ---- */

static const char *operation(const struct page *p, const char *what)
{
    static const struct {
        const char *op, *text[2];
    } rows[] = {{"token", {"vraagt een token", "asks a token"}},
                {"statusmeldingen.indienen", {"meldt", "reports"}},
                {"standen.indienen", {"stuurt de stand", "sends its stand"}},
                {"aanmeldstatussen.ophalen", {"haalt op", "fetches"}},
                {"aanmeldstatussen.zoeken", {"zoekt", "searches"}},
                {"waarnemer.waarnemingen", {"kijkt", "looks"}},
                {"waarnemer.leerlingen", {"noemt zijn leerlingen", "names its pupils"}},
                {"waarnemer.ophalen", {"vraagt op te halen", "asks to fetch"}},
                {"gezondheid", {"vraagt hoe het gaat", "asks for its health"}},
                {"openapi", {"vraagt openapi.json", "asks openapi.json"}}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!strcmp(rows[i].op, what))
            return rows[i].text[p->lang];
    return what;
}

static void words_call(const struct page *p, const struct row *r, struct buf *out)
{
    bool sends = r->what[0] == 's'; /* what was sent stands before the answer */
    if (r->times > 1)
        buf_addf(out, "%zu× ", r->times);
    buf_adds(out, operation(p, r->what));
    if (sends && r->note)
        buf_addf(out, " %s", r->note);
    buf_adds(out, " → ");
    bool shown = !sends && r->note;
    if (r->outcome)
        buf_adds(out, r->outcome);
    else if (!shown || r->status != 200)
        buf_addf(out, "%d%s", r->status, shown ? " " : "");
    if (shown)
        buf_addf(out, "%s%s", r->outcome ? " " : "", r->note);
    if (r->fault)
        buf_addf(out, " [%s]", r->fault);
}

/* What a fault does, in parts; what has no Dutch (a type, a header field) stays. */
static void words_parts(const struct page *p, const char *what, struct buf *out)
{
    while (*what) {
        const char *end = strstr(what, ", ");
        size_t n = end ? (size_t)(end - what) : strlen(what);
        char *part = xstrndup(what, n), *said = text_reason(part, p->lang);
        buf_adds(out, said ? said : part);
        buf_adds(out, end ? ", " : "");
        free(said);
        free(part);
        what += n + (end ? 2 : 0);
    }
}

static void words_fault(const struct page *p, const struct row *r, struct buf *out)
{
    static const char *const phases[][2] = {
        {"", ""}, {"gezet", "set"}, {"treft", "hits"}, {"voorbij", "over"}};
    buf_addf(out, "%s %s %s: ", either(p, "storing", "fault"), r->fault ? r->fault : "",
             phases[r->status][p->lang]);
    words_parts(p, r->what ? r->what : "", out);
    buf_addf(out, "%s%s", r->note && *r->note ? ", " : "", r->note ? r->note : "");
}

static void words_system(const struct page *p, const struct row *r, struct buf *out)
{
    static const struct {
        const char *phase, *text[2];
    } rows[] = {{"started", {"wordt gestart", "is started"}},
                {"ready", {"is klaar", "is ready"}},
                {"stopping", {"moet stoppen", "is told to stop"}},
                {"stopped", {"is gestopt", "was stopped"}},
                {"killed", {"is afgeschoten", "was killed"}},
                {"exited", {"stopte uit zichzelf", "ended by itself"}},
                {"reloaded", {"las zijn gegevens opnieuw", "read its data again"}}};
    const char *text = r->what ? r->what : "";
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!strcmp(rows[i].phase, text))
            text = rows[i].text[p->lang];
    buf_addf(out, "%s %s", either(p, "het systeem", "the system"), text);
    if (r->note)
        buf_addf(out, ": %s", r->note);
}

static void words_reason(const struct page *p, const char *reason, struct buf *out)
{
    char *said = reason ? text_reason(reason, p->lang) : NULL;
    buf_adds(out, said ? said : reason ? reason : "");
    free(said);
}

static void words_expect(const struct page *p, const struct row *r, struct buf *out)
{
    static const char *const met[][2] = {{"? niet te zien", "? not to be seen"},
                                         {"✗ niet zoals verwacht", "✗ not as expected"},
                                         {"✓ zoals verwacht", "✓ as expected"}};
    const char *what = r->status != 1 && r->outcome ? r->outcome : r->what;
    buf_addf(out, "%s: ", met[r->status + 1][p->lang]);
    words_reason(p, what, out);
}

static void words_event(const struct page *p, const struct row *r, struct buf *out)
{
    static const struct {
        const char *what, *text[2];
    } rows[] = {{"fails", {"valt uit", "fails"}},
                {"recovers", {"werkt weer", "works again"}},
                {"waits", {"kan niet inloggen en wacht", "can't log in and waits"}},
                {"confirmation", {"bevestigt de aanmelding", "confirms the application"}},
                {"stands", {"maakt bezwaar", "objects"}},
                {"withdrawn", {"trekt het bezwaar in", "takes the objection back"}}};
    const char *text = r->what;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!strcmp(rows[i].what, text))
            text = rows[i].text[p->lang];
    buf_adds(out, text);
    if (r->note)
        buf_addf(out, " (%s)", r->note);
}

void row_words(const struct page *p, const struct row *r, struct buf *out)
{
    switch (r->kind) {
    case ROW_CALL:
        words_call(p, r, out);
        break;
    case ROW_TRUTH:
        buf_addf(out, "%s: %s", r->note ? r->note : "?", r->what);
        break;
    case ROW_EVENT:
        words_event(p, r, out);
        break;
    case ROW_FAULT:
        words_fault(p, r, out);
        break;
    case ROW_SYSTEM:
        words_system(p, r, out);
        break;
    case ROW_EXPECT:
        words_expect(p, r, out);
        break;
    case ROW_TROUBLE:
        words_reason(p, r->what, out);
        break;
    }
}

/* ---- the picture ---- */

struct lanes {
    int at[PARTY_COUNT]; /* x; 0: not in it */
    int between;         /* two lifelines */
    int width;
};

static bool between_parties(const struct row *r)
{
    return r->kind == ROW_CALL || r->kind == ROW_TRUTH || r->kind == ROW_EVENT;
}

/* People have little to say: with many in a picture they stand closer together. */
#define CLOSE 96
#define FEW   5

static int box_of(const struct lanes *l, int party)
{
    return party < PARTY_CAMBO && l->between < 180 ? CLOSE - 8 : 140;
}

static void lanes_init(struct lanes *l, const struct scene *s, size_t from, size_t to)
{
    bool used[PARTY_COUNT] = {[PARTY_KOPPELPUNT] = true, [PARTY_OVERSTAPSYSTEEM] = true};
    int n = 0, x = LEFT + 76;
    memset(l, 0, sizeof *l);
    for (size_t i = from; i < to; i++)
        if (between_parties(&s->rows[i]))
            used[s->rows[i].from] = used[s->rows[i].to] = true;
    for (int k = 0; k < PARTY_COUNT; k++)
        n += used[k];
    l->between = n < FEW        ? 240
                 : n == FEW     ? 220
                 : n == FEW + 1 ? 180
                 : n == FEW + 2 ? 176
                                : 150;
    if (box_of(l, 0) < 140 && (used[PARTY_APPLICANT] || used[PARTY_PARENT]))
        x = LEFT + CLOSE / 2 + 4;
    for (int k = 0, before = -1; k < PARTY_COUNT; k++) {
        if (!used[k])
            continue;
        if (before >= 0)
            x += (box_of(l, before) + box_of(l, k)) / 2 + l->between - 140;
        if (before >= 0 && box_of(l, before) < 140)
            x -= l->between - 148;
        l->at[k] = x;
        before = k;
    }
    l->width = x + 84;
}

/* An upper estimate of the width of a character at 12 px; 0 within one (UTF-8). */
static double width_of(unsigned char c)
{
    if ((c & 0xC0) == 0x80)
        return 0;
    return c >= 'A' && c <= 'Z' ? 8.2 : c >= '0' && c <= '9' ? 7.7 : 6.5;
}

/* Text that fits into `room` pixels; the whole in a title. */
static void fitted(struct page *p, const char *s, double x, int y, double room,
                   const char *class, const char *anchor)
{
    double wide = 0;
    size_t n = 0;
    for (size_t i = 0; s[i]; i++) {
        wide += width_of((unsigned char)s[i]);
        if (wide <= room - 8)
            n = i + 1;
    }
    putf(p, "<text x=\"%.0f\" y=\"%d\" class=\"%s\" text-anchor=\"%s\">", x, y, class,
         anchor);
    if (wide > room) {
        char *cut = xstrndup(s, n);
        put(p, "<title>");
        say(p, s);
        put(p, "</title>");
        say(p, cut);
        put(p, "…");
        free(cut);
    } else {
        say(p, s);
    }
    put(p, "</text>");
}

static void draw_call(struct page *p, const struct lanes *l, const struct row *r, int y,
                      const char *words)
{
    int a = l->at[r->from], b = l->at[r->to], line = y + 21;
    bool bad = r->outcome || r->status >= 400 || r->fault ||
               (r->kind == ROW_EVENT && !strcmp(r->what, "waits"));
    const char *ink = bad ? " bad" : "";
    if (a == b) {
        fitted(p, words, a + 8, y + 19, l->between - 20, bad ? "halo tb" : "halo",
               "start");
        return;
    }
    int step = b > a ? 1 : -1;
    putf(p, "<path class=\"ar%s\"%s d=\"M%d %dH%d\"/>", ink,
         r->outcome ? " stroke-dasharray=\"6 4\"" : "", a, line, b - step * 6);
    putf(p, "<path class=\"tip%s\" d=\"M%d %dl%d -4v8z\"/>", ink, b, line, -step * 8);
    fitted(p, words, (a + b) / 2.0, y + 14, abs(b - a) - 14, bad ? "halo tb" : "halo",
           "middle");
}

static void draw_truth(struct page *p, const struct lanes *l, const struct row *r, int y,
                       const char *words)
{
    int a = l->at[r->from], b = l->at[r->to];
    if (a != b) {
        draw_call(p, l, r, y, words);
        return;
    }
    putf(p, "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" rx=\"4\"/>",
         a - box_of(l, r->from) / 2, y + 5, box_of(l, r->from));
    fitted(p, words, a, y + 19, box_of(l, r->from) - 2, "", "middle");
}

static void draw_band(struct page *p, const struct lanes *l, const struct row *r, int y,
                      const char *words)
{
    const char *box = r->kind == ROW_FAULT                      ? "fault"
                      : r->kind == ROW_SYSTEM                   ? "down"
                      : r->kind == ROW_EXPECT && r->status == 0 ? "hot"
                                                                : "box";
    putf(p, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"22\" rx=\"4\"/>",
         box, LEFT, y + 4, l->width - LEFT - 6);
    fitted(p, words, LEFT + 10, y + 19, l->width - LEFT - 24,
           r->kind == ROW_EXPECT ? r->status == 0   ? "tb"
                                   : r->status == 1 ? "tg"
                                                    : ""
                                 : "",
           "start");
}

static void draw_row(struct page *p, const struct lanes *l, const struct scene *s,
                     size_t i, int y, bool hot)
{
    const struct row *r = &s->rows[i];
    struct buf words;
    buf_init(&words, 2000);
    row_words(p, r, &words);
    if (hot)
        putf(p,
             "<rect class=\"hot\" x=\"2\" y=\"%d\" width=\"%d\" height=\"%d\" "
             "rx=\"4\"/>",
             y + 1, l->width - 4, ROW - 2);
    uint64_t at = r->began > s->began ? r->began - s->began : 0;
    putf(p, "<text class=\"m\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s%.3f s</text>",
         LEFT - 10, y + 19, hot ? "▶ " : "", (double)at / 1e9);
    if (r->kind == ROW_CALL)
        draw_call(p, l, r, y, words.p ? words.p : "");
    else if (between_parties(r))
        draw_truth(p, l, r, y, words.p ? words.p : "");
    else
        draw_band(p, l, r, y, words.p ? words.p : "");
    put(p, "\n");
    buf_done(&words);
}

void svg_sequence(struct page *p, const struct scene *s, size_t from, size_t to,
                  const bool *hot)
{
    struct lanes l;
    int height = HEAD + ROW * (int)(to - from) + 12;
    lanes_init(&l, s, from, to);
    putf(p,
         "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
         "<svg role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
         "aria-label=\"%s\">\n",
         either(p, "Gesprek", "Conversation"), l.width, height, l.width, height,
         either(p, "Het gesprek als volgordediagram; de tabel eronder zegt hetzelfde",
                "The conversation as a sequence diagram; the table below says the same"));
    for (int k = 0; k < PARTY_COUNT; k++) {
        if (!l.at[k])
            continue;
        putf(p,
             "<path class=\"l\" d=\"M%d %dV%d\"/><rect class=\"box\" x=\"%d\" y=\"6\" "
             "width=\"%d\" height=\"26\" rx=\"5\"/><text x=\"%d\" y=\"24\" "
             "text-anchor=\"middle\">",
             l.at[k], HEAD - 8, height - 6, l.at[k] - box_of(&l, k) / 2, box_of(&l, k),
             l.at[k]);
        say(p, party_name(p, (enum party)k));
        put(p, "</text>\n");
    }
    for (size_t i = from; i < to; i++)
        draw_row(p, &l, s, i, HEAD + ROW * (int)(i - from), hot && hot[i]);
    put(p, "</svg></div>\n");
}

/* ---- the table ---- */

void table_sequence(struct page *p, const struct scene *s, size_t from, size_t to,
                    const bool *hot)
{
    static const struct head heads[] = {{"Na", "After", true},
                                        {"Wie", "Who", false},
                                        {"Wat", "What", false},
                                        {"Journaalregel", "Journal line", true}};
    table_begin(p, "Het gesprek, regel voor regel", "The conversation, line by line",
                heads, ARRAY_LEN(heads));
    for (size_t i = from; i < to; i++) {
        const struct row *r = &s->rows[i];
        struct buf words;
        buf_init(&words, 2000);
        row_words(p, r, &words);
        uint64_t at = r->began > s->began ? r->began - s->began : 0;
        put(p, "<tr>");
        cell_begin(p, &heads[0]);
        put(p, hot && hot[i] ? "▶ " : "");
        put_number(p, (double)at / 1e9, 3);
        put(p, " s</td>");
        cell_begin(p, &heads[1]);
        if (between_parties(r))
            say(p, r->who ? r->who : party_name(p, r->from));
        if (r->kind == ROW_CALL || (r->kind == ROW_EVENT && r->from != r->to)) {
            put(p, " → ");
            say(p, party_name(p, r->to));
        }
        put(p, "</td>");
        cell_begin(p, &heads[2]);
        say(p, words.p ? words.p : "");
        put(p, "</td>");
        cell_begin(p, &heads[3]);
        putf(p, "%llu", (unsigned long long)r->seq);
        if (r->times > 1)
            putf(p, "–%llu", (unsigned long long)r->last_seq);
        put(p, "</td></tr>\n");
        buf_done(&words);
    }
    table_end(p);
}
