/* What was measured of the system's reliability (result.json, reliability). */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/report/html.h"
#include "harness/report/svg.h"
#include "harness/report/svg_parts.h"
#include "harness/report/texts.h"

#define DOWN_LISTED 40

static double real(const json_t *o, const char *key)
{
    return json_number_value(json_object_get(o, key));
}

/* A number of the result, or a dash: it has null where nothing can be told. */
static void cell_number(struct page *p, const struct head *head, const json_t *v,
                        int decimals)
{
    cell_begin(p, head);
    if (json_is_number(v))
        put_number(p, json_number_value(v), decimals);
    else
        put(p, "–");
    cell_end(p);
}

static void cell_text(struct page *p, const struct head *head, const char *text)
{
    cell_begin(p, head);
    say_cut(p, text, 200);
    cell_end(p);
}

static struct words titled(const json_t *o, struct words what, char nl[120], char en[120])
{
    snprintf(nl, 120, "%s: %s", text_role(member(o, "role"), LANG_NL), what.nl);
    snprintf(en, 120, "%s: %s", text_role(member(o, "role"), LANG_EN), what.en);
    return (struct words){nl, en};
}

/* ---- calls ---- */

static const char *kind_of(const struct page *p, const char *kind)
{
    static const struct {
        const char *kind, *nl;
    } rows[] = {{"timeout", "te laat"},          {"reset", "verbroken"},
                {"refused", "niet bereikbaar"},  {"truncated", "afgekapt"},
                {"dropped", "weggevallen"},      {"silent", "geen antwoord"},
                {"unreachable", "onbereikbaar"}, {"tls", "beveiliging (TLS)"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (p->lang == LANG_NL && !strcmp(rows[i].kind, kind))
            return rows[i].nl;
    return kind;
}

static void failures(struct page *p, const struct head *head, const json_t *kinds)
{
    const char *kind;
    json_t *n;
    size_t i = 0;
    cell_begin(p, head);
    json_object_foreach ((json_t *)(uintptr_t)kinds, kind, n) {
        putf(p, "%s%lld× ", i++ ? ", " : "", (long long)json_integer_value(n));
        say_cut(p, kind_of(p, kind), 40);
    }
    put(p, i ? "" : "–");
    cell_end(p);
}

static void operations(struct page *p, const json_t *list)
{
    static const struct head heads[] = {
        {"Operatie", "Operation", false},
        {"Door", "By", false},
        {"Aantal", "Calls", true},
        {"Gelukt", "Succeeded", true},
        {"Mislukt", "Failed", false},
        {"Door de proef zelf", "Provoked by the trial", true},
        {"Afloop onbekend", "Outcome unknown", true},
        {"p50 (ms)", "p50 (ms)", true},
        {"p99 (ms)", "p99 (ms)", true},
        {"p50 mislukt (ms)", "p50 failed (ms)", true},
    };
    if (!json_array_size(list))
        return;
    put(p, "<h3>");
    say_in(p, "Verzoeken en hun afloop", "Requests and how they ended");
    put(p, "</h3>\n");
    table_begin(p, "Verzoeken per operatie", "Requests per operation", heads,
                ARRAY_LEN(heads));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i), *good = json_object_get(o, "success");
        put(p, "<tr>");
        cell_text(p, &heads[0], member(o, "op"));
        cell_text(p, &heads[1],
                  member_is(o, "by", "system") ? text_role(member(o, "role"), p->lang)
                                               : "koppelproef");
        cell_number(p, &heads[2], json_object_get(o, "calls"), 0);
        cell_number(p, &heads[3], json_object_get(o, "ok"), 0);
        failures(p, &heads[4], json_object_get(o, "failures"));
        cell_number(p, &heads[5], json_object_get(o, "provoked"), 0);
        cell_number(p, &heads[6], json_object_get(o, "unknown"), 0);
        cell_number(p, &heads[7], json_object_get(good, "p50"), 1);
        cell_number(p, &heads[8], json_object_get(good, "p99"), 1);
        cell_number(p, &heads[9], json_object_get(json_object_get(o, "failure"), "p50"),
                    1);
        put(p, "</tr>\n");
    }
    table_end(p);
}

/* ---- availability ---- */

static const char *cause_of_absence(const struct page *p, const char *cause)
{
    static const struct {
        const char *cause, *text[2];
    } rows[] = {{"stopped by us", {"door de proef gestopt", "stopped by the trial"}},
                {"killed by us", {"door de proef afgebroken", "killed by the trial"}},
                {"fault of ours", {"storing van de proef", "fault of the trial"}},
                {"reload", {"opnieuw laden", "reload"}},
                {"own", {"het systeem zelf", "the system itself"}}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!strcmp(rows[i].cause, cause))
            return rows[i].text[p->lang];
    return cause;
}

static void absences(struct page *p, const json_t *o)
{
    static const struct head heads[] = {{"Oorzaak", "Cause", false},
                                        {"Vanaf (s)", "From (s)", true},
                                        {"Tot (s)", "To (s)", true},
                                        {"Hersteld na (s)", "Recovered after (s)", true},
                                        {"Scenario", "Scenario", false}};
    const json_t *list = json_object_get(o, "down");
    size_t n = json_array_size(list);
    behind_begin(p);
    table_begin(p, "Wanneer het systeem niet bereikbaar was",
                "When the system could not be reached", heads, ARRAY_LEN(heads));
    for (size_t i = 0; i < n && i < DOWN_LISTED; i++) {
        const json_t *down = json_array_get(list, i);
        put(p, "<tr>");
        cell_text(p, &heads[0], cause_of_absence(p, member(down, "cause")));
        cell_number(p, &heads[1], json_object_get(down, "from"), 3);
        cell_number(p, &heads[2], json_object_get(down, "to"), 3);
        cell_number(p, &heads[3], json_object_get(down, "recovered"), 3);
        cell_text(p, &heads[4], member(down, "scenario"));
        put(p, "</tr>\n");
    }
    table_end(p);
    size_t more = (n > DOWN_LISTED ? n - DOWN_LISTED : 0) + (size_t)real(o, "more");
    if (more)
        putf(p, "<p class=\"small\">%zu %s</p>", more,
             either(p, "keer meer staat in result.json.", "more are in result.json."));
    behind_end(p);
}

static void share(struct page *p, const char *nl, const char *en, const json_t *v)
{
    if (!json_is_number(v))
        return;
    put(p, "<li>");
    say_in(p, nl, en);
    put(p, ": <strong>");
    put_number(p, floor(json_number_value(v) * 1e5) / 1e3, 3); /* 99.9999 is not 100 */
    put(p, "%</strong></li>");
}

static void availability(struct page *p, const json_t *o)
{
    static const char *const parts[] = {"up", "down", "ours", "unknown"};
    static const enum fill fills[] = {FILL_A, FILL_BAD, FILL_B, FILL_NONE};
    static const struct key_row key[] = {
        {FILL_A, {"bereikbaar", "up"}},
        {FILL_BAD, {"weg, door het systeem zelf", "down, by the system itself"}},
        {FILL_B, {"weg, door de proef", "down, by the trial"}},
        {FILL_NONE, {"niemand vroeg iets", "nobody asked"}}};
    const json_t *line = json_object_get(o, "line");
    size_t n = json_array_size(line);
    double *from = xcalloc(n + 1, sizeof *from), *v = xcalloc(n * 4 + 1, sizeof *v);
    char nl[120], en[120];
    struct words title =
        titled(o, (struct words){"bereikbaarheid", "availability"}, nl, en);
    for (size_t i = 0; i < n; i++) {
        const json_t *part = json_array_get(line, i);
        from[i] = real(part, "from");
        for (size_t k = 0; k < ARRAY_LEN(parts); k++)
            v[i * 4 + k] = real(part, parts[k]);
    }
    figure_begin(p, title,
                 (struct words){"Hoeveel gesprekken tegelijk het systeem konden "
                                "bereiken, in de tijd. Elk gesprek heeft een eigen "
                                "systeem als de proef het start.",
                                "How many conversations at once could reach the system, "
                                "over time. Each conversation has a system of its own "
                                "when the trial starts it."});
    put(p, "<ul>");
    share(p, "bereikbaar", "up", json_object_get(o, "up"));
    share(p, "bereikbaar, zonder wat de proef zelf deed",
          "up, leaving out what the trial did itself", json_object_get(o, "ownUp"));
    put(p, "</ul>\n");
    picture_stack(p, &(struct stack){.from = from,
                                     .v = v,
                                     .n = n,
                                     .n_parts = 4,
                                     .fills = fills,
                                     .end = real(json_array_get(line, n - 1), "to"),
                                     .label = title});
    picture_key(p, key, ARRAY_LEN(key));
    absences(p, o);
    figure_end(p);
    free(from);
    free(v);
}

/* ---- freshness ---- */

#define BAR   22
#define LABEL 98 /* pixels: "tot 100000 ms" */

/* How many were seen within which time. */
static void distribution(struct page *p, const json_t *o)
{
    const json_t *all = json_object_get(o, "histogram");
    size_t n = json_array_size(all);
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        double v = json_number_value(json_array_get(json_array_get(all, i), 1));
        most = v > most ? v : most;
    }
    if (most <= 0)
        return;
    picture_begin(p, BAR * (int)n + 4,
                  (struct words){"Na hoeveel tijd hoeveel statussen te zien waren",
                                 "After how much time how many statuses were seen"});
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(all, i);
        double v = json_number_value(json_array_get(row, 1));
        putf(p,
             "<text x=\"0\" y=\"%d\">%s %g ms</text><svg x=\"%d\" y=\"%d\" "
             "overflow=\"visible\"><rect class=\"fa\" width=\"%.2f%%\" height=\"14\"/>"
             "<text x=\"%.2f%%\" dx=\"6\" y=\"12\">%.0f</text></svg>\n",
             BAR * (int)i + 15, either(p, "tot", "to"),
             json_number_value(json_array_get(row, 0)), LABEL, BAR * (int)i + 3,
             55 * v / most, 55 * v / most, v);
    }
    picture_end(p);
}

static void freshness(struct page *p, const json_t *list)
{
    static const struct head heads[] = {{"Weg", "Road", false},
                                        {"Aantal", "Number", true},
                                        {"p50 (ms)", "p50 (ms)", true},
                                        {"p90 (ms)", "p90 (ms)", true},
                                        {"p99 (ms)", "p99 (ms)", true},
                                        {"Langste (ms)", "Longest (ms)", true},
                                        {"Nooit gezien", "Never seen", true}};
    static const char *const keys[] = {"n", "p50", "p90", "p99", "max", "open"};
    if (!json_array_size(list))
        return;
    put(p, "<h3>");
    say_in(p, "Hoe vers: van aangenomen tot te zien", "How fresh: from accepted to seen");
    put(p, "</h3><p class=\"small\">");
    say_in(p, "Bovengrenzen: er wordt niet de hele tijd gekeken.",
           "Upper bounds: nobody looks all the time.");
    put(p, "</p>\n");
    table_begin(p, "Tijd tot een status te zien was", "Time until a status was seen",
                heads, ARRAY_LEN(heads));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        put(p, "<tr>");
        cell_text(p, &heads[0],
                  title_of(p, json_object_get(o, "what"), member(o, "role")));
        for (size_t k = 0; k < ARRAY_LEN(keys); k++)
            cell_number(p, &heads[k + 1], json_object_get(o, keys[k]),
                        k == 0 || k == 5 ? 0 : 1);
        put(p, "</tr>\n");
    }
    table_end(p);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        put(p, "<figure><figcaption>");
        say(p, title_of(p, json_object_get(o, "what"), member(o, "role")));
        put(p, "</figcaption>");
        distribution(p, o);
        figure_end(p);
    }
}

/* ---- staleness ---- */

static const struct {
    const char *cause;
    struct key_row key;
} causes[] = {
    {"system", {FILL_BAD, {"door het systeem", "by the system"}}},
    {"silent",
     {FILL_B, {"niet gemeld (tot de stand)", "not reported (until the stand)"}}},
    {"not sent", {FILL_C, {"nog niet verzonden", "not sent yet"}}},
    {"refused", {FILL_D, {"geweigerd", "refused"}}},
    {"in koppelpunt",
     {FILL_A, {"aangenomen, nog niet geleverd", "accepted, not delivered yet"}}},
    {"not deliverable", {FILL_G, {"mag niet worden getoond", "not to be shown"}}},
    {"before aansluitdatum",
     {FILL_H, {"voor de aansluitdatum", "before the aansluitdatum"}}},
    {"not fetched", {FILL_E, {"nog niet opgehaald", "not fetched yet"}}},
    {"fault of ours", {FILL_I, {"storing van de proef", "fault of the trial"}}},
    {"not looked",
     {FILL_J, {"geleverd, nog niet gekeken", "delivered, nobody has looked"}}},
};
#define CAUSES ARRAY_LEN(causes)

static void causes_table(struct page *p, const json_t *o)
{
    static const struct head heads[] = {{"Oorzaak", "Cause", false},
                                        {"Deel van de tijd", "Share of the time", true},
                                        {"Langst (s)", "Longest (s)", true}};
    behind_begin(p);
    table_begin(p, "Waarom wat te zien was, afweek van de bron",
                "Why what was seen differed from its source", heads, ARRAY_LEN(heads));
    for (size_t k = 0; k < CAUSES; k++) {
        const json_t *part =
            json_object_get(json_object_get(o, "causes"), causes[k].cause);
        if (!part)
            continue;
        put(p, "<tr>");
        cell_text(p, &heads[0], either(p, causes[k].key.text.nl, causes[k].key.text.en));
        cell_begin(p, &heads[1]);
        put_number(p, json_number_value(part) * 100, 3);
        put(p, "%</td>");
        cell_number(p, &heads[2],
                    json_object_get(json_object_get(o, "longest"), causes[k].cause), 3);
        put(p, "</tr>\n");
    }
    table_end(p);
    behind_end(p);
}

static void staleness(struct page *p, const json_t *o)
{
    const json_t *moments = json_object_get(o, "moments");
    size_t n = json_array_size(moments), shown = 0;
    double *from = xcalloc(n + 1, sizeof *from), *v = xcalloc(n * CAUSES + 1, sizeof *v);
    enum fill fills[CAUSES];
    struct key_row key[CAUSES];
    char nl[120], en[120], text_nl[300], text_en[300];
    struct words title =
        titled(o,
               (struct words){"waar wat te zien was, afweek van de bron",
                              "where what was seen differed from its source"},
               nl, en);
    for (size_t i = 0; i < n; i++) {
        const json_t *at = json_array_get(moments, i);
        from[i] = real(at, "t");
        for (size_t k = 0; k < CAUSES; k++)
            v[i * CAUSES + k] = real(json_object_get(at, "stale"), causes[k].cause);
    }
    for (size_t k = 0; k < CAUSES; k++) {
        fills[k] = causes[k].key.fill;
        if (json_object_get(json_object_get(o, "causes"), causes[k].cause))
            key[shown++] = causes[k].key;
    }
    snprintf(
        text_nl, sizeof text_nl,
        "Van %.0f aanmeldingen, in de tijd: bij hoeveel de school (of wie leest) iets "
        "anders had dan de bron, en waardoor.",
        real(o, "aanmeldingen"));
    snprintf(
        text_en, sizeof text_en,
        "Of %.0f aanmeldingen, over time: for how many the school (or who reads) had "
        "something else than the source, and why.",
        real(o, "aanmeldingen"));
    figure_begin(p, title, (struct words){text_nl, text_en});
    picture_stack(p, &(struct stack){.from = from,
                                     .v = v,
                                     .n = n ? n - 1 : 0,
                                     .n_parts = CAUSES,
                                     .fills = fills,
                                     .end = n ? from[n - 1] : 0,
                                     .label = title});
    picture_key(p, key, shown);
    causes_table(p, o);
    figure_end(p);
    free(from);
    free(v);
}

/* ---- rounds ---- */

static void rounds(struct page *p, const struct html *h, const json_t *trials)
{
    static const struct head heads[] = {
        {"Scenario", "Scenario", false},
        {"Rol", "Role", false},
        {"Rondes", "Rounds", true},
        {"Mislukt", "Failed", true},
        {"Minstens schoon (ondergrens)", "Clean at least (lower bound)", true}};
    const json_t *list = json_object_get(trials, "scenarios");
    char *text = text_trials(h->result, p->lang);
    if (!text)
        return;
    put(p, "<h3>");
    say_in(p, "Herhaald", "Repeated");
    put(p, "</h3><p>");
    say(p, text);
    free(text);
    put(p, "</p><p class=\"small\">");
    say(p, member(json_object_get(trials, "note"), either(p, "nl", "en")));
    put(p, "</p>\n<details><summary>");
    say_in(p, "Per scenario", "By scenario");
    put(p, "</summary>");
    table_begin(p, "Hoe vaak elk scenario mislukte", "How often each scenario failed",
                heads, ARRAY_LEN(heads));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i), *lower = json_object_get(o, "lower");
        put(p, "<tr>");
        cell_text(p, &heads[0], member(o, "name"));
        cell_text(p, &heads[1], member(o, "role"));
        cell_number(p, &heads[2], json_object_get(o, "of"), 0);
        cell_number(p, &heads[3], json_object_get(o, "failed"), 0);
        cell_begin(p, &heads[4]);
        if (json_is_number(lower)) {
            put_number(p, floor(json_number_value(lower) * 1e4) / 1e2, 2);
            put(p, "%");
        } else {
            put(p, "–");
        }
        put(p, "</td></tr>\n");
    }
    table_end(p);
    behind_end(p);
}

/* ---- the section ---- */

bool html_has_reliability(const struct html *h)
{
    return json_object_size(json_object_get(h->result, "reliability")) > 0;
}

void html_reliability(struct page *p, const struct html *h)
{
    const json_t *all = json_object_get(h->result, "reliability");
    const json_t *up = json_object_get(all, "availability");
    const json_t *stale = json_object_get(all, "staleness");
    if (!html_has_reliability(h))
        return;
    put(p, "<section id=\"reliability\"><h2>");
    say_in(p, "Betrouwbaarheid", "Reliability");
    put(p, "</h2>\n");
    rounds(p, h, json_object_get(all, "trials"));
    for (size_t i = 0; i < json_array_size(up); i++)
        availability(p, json_array_get(up, i));
    freshness(p, json_object_get(all, "freshness"));
    for (size_t i = 0; i < json_array_size(stale); i++)
        staleness(p, json_array_get(stale, i));
    svg_latencies(p, json_object_get(all, "operations"));
    operations(p, json_object_get(all, "operations"));
    put(p, "</section>\n");
}
