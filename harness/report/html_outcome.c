/* The first screen: who was tried, conform or not, what is in the way, what to do. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/report/go_live.h"
#include "harness/report/html.h"
#include "harness/report/texts.h"
#include "harness/report/themes.h"

#define IDS_SHOWN 8 /* of one theme, or one advice */

static const json_t *requirements(const struct html *h)
{
    return json_object_get(h->result, "requirements");
}

/* What is waived, for as long as that holds, stands in nobody's way. */
bool html_in_the_way(const json_t *q)
{
    const json_t *waived = json_object_get(q, "waived");
    return blocking(member(q, "verdict")) &&
           (!waived || json_is_true(json_object_get(waived, "expired")));
}

/* ---- the verdict ---- */

struct counted {
    size_t failed, flaky, unseen, troubled; /* requirements that are in the way */
    size_t advised;                         /* and that are not, but could be better */
};

static struct counted count(const struct html *h)
{
    struct counted c = {0};
    for (size_t i = 0; i < json_array_size(requirements(h)); i++) {
        const json_t *q = json_array_get(requirements(h), i);
        c.advised += member_is(q, "verdict", "warn");
        if (!html_in_the_way(q))
            continue;
        if (member_is(q, "verdict", "fail"))
            c.failed++;
        else if (member_is(q, "verdict", "flaky"))
            c.flaky++;
        else if (member_is(q, "verdict", "error"))
            c.troubled++;
        else
            c.unseen++;
    }
    return c;
}

static const char *overall_class(const char *verdict)
{
    return !strncmp(verdict, "conform", 7)                                ? "good"
           : !strcmp(verdict, "not conform") || !strcmp(verdict, "error") ? "bad"
                                                                          : "skip";
}

static const char *overall_sign(const char *verdict)
{
    return !strncmp(verdict, "conform", 7)   ? "✓"
           : !strcmp(verdict, "not conform") ? "✗"
           : !strcmp(verdict, "error")       ? "!"
                                             : "?";
}

/* May it go live, as far as this trial can tell? */
static const char *in_short(const struct page *p, const char *verdict)
{
    static const struct {
        const char *verdict, *text[2];
    } rows[] = {
        {"conform",
         {"Deze proef vond niets dat in de weg staat om live te gaan.",
          "This trial found nothing that stands in the way of going live."}},
        {"conform with waivers",
         {"Deze proef vond niets dat in de weg staat om live te gaan, behalve waarvoor "
          "een ontheffing is afgesproken.",
          "This trial found nothing that stands in the way of going live, other than "
          "what is waived."}},
        {"not conform", {"Zo kan dit nog niet live.", "It can't go live like this yet."}},
        {"incomplete",
         {"Of dit live kan, is nog niet te zeggen: niet alles was te zien.",
          "Whether it can go live can't be told yet: not all could be seen."}},
        {"error",
         {"Of dit live kan, is niet te zeggen: de proef zelf verliep niet goed.",
          "Whether it can go live can't be told: the trial itself did not go well."}},
        {"interrupted",
         {"Of dit live kan, is niet te zeggen: de proef is afgebroken.",
          "Whether it can go live can't be told: the trial was interrupted."}}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!strcmp(rows[i].verdict, verdict))
            return rows[i].text[p->lang];
    return "";
}

/* "2 eisen niet gehaald", with a comma or an end. */
static void counted_words(struct page *p, const struct counted *c)
{
    const struct {
        size_t n;
        const char *one[2], *more[2];
    } rows[] = {
        {c->failed,
         {"eis niet gehaald", "requirement not met"},
         {"eisen niet gehaald", "requirements not met"}},
        {c->flaky,
         {"eis soms niet gehaald", "requirement not met at times"},
         {"eisen soms niet gehaald", "requirements not met at times"}},
        {c->troubled,
         {"eis niet beoordeeld door een storing", "requirement not judged for trouble"},
         {"eisen niet beoordeeld door een storing",
          "requirements not judged for trouble"}},
        {c->unseen,
         {"eis niet te beoordelen", "requirement could not be judged"},
         {"eisen niet te beoordelen", "requirements could not be judged"}},
        {c->advised,
         {"aanbeveling niet gevolgd", "advice not followed"},
         {"aanbevelingen niet gevolgd", "pieces of advice not followed"}},
    };
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!rows[i].n)
            continue;
        putf(p, "%s%zu %s", any ? ", " : " ", rows[i].n,
             rows[i].n == 1 ? rows[i].one[p->lang] : rows[i].more[p->lang]);
        any = true;
    }
    put(p, any ? "." : "");
}

static void outcome(struct page *p, const struct html *h)
{
    const char *verdict = member(h->result, "verdict");
    struct counted c = count(h);
    putf(p,
         "<div class=\"verdict %s\"><p class=\"big\"><span aria-hidden=\"true\">%s"
         "</span> ",
         overall_class(verdict), overall_sign(verdict));
    say(p, text_overall(verdict, p->lang));
    put(p, "</p><p><strong>");
    say(p, in_short(p, verdict));
    put(p, "</strong>");
    counted_words(p, &c);
    putf(p, "</p><p>%lld %s %lld %s.",
         (long long)json_integer_value(json_object_get(h->result, "judged")),
         either(p, "van de", "of"),
         (long long)json_integer_value(json_object_get(h->result, "planned")),
         either(p, "eisen zijn beoordeeld", "requirements were judged"));
    if (h->tape->runs && !h->tape->whole) {
        put(p, " ");
        say_in(p,
               "Dit was een keuze uit de proef; over de andere eisen zegt dit verslag "
               "niets.",
               "This was a selection of the trial; of the other requirements this report "
               "says nothing.");
    }
    put(p, "</p>");
    char *rounds = text_trials(h->result, p->lang);
    if (rounds) {
        put(p, "<p>");
        say(p, rounds);
        put(p, "</p>");
    }
    free(rounds);
    put(p, "</div>\n");
}

/* ---- who, when, until when ---- */

static void systems(struct page *p, const struct html *h)
{
    const json_t *list = json_object_get(h->result, "systems");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        put(p, "<dt>");
        say(p, text_role(member(o, "role"), p->lang));
        put(p, "</dt><dd><strong>");
        name_of(p, *member(o, "name") ? member(o, "name") : "?", 200);
        put(p, " ");
        name_of(p, member(o, "version"), 100);
        put(p, "</strong></dd>");
    }
}

static void days_left(struct page *p, const struct go_live *g)
{
    if (g->days > 1)
        putf(p, "%s%ld %s ", either(p, "nog ", ""), g->days,
             either(p, "dagen, tot", "days left, until"));
    else if (g->days == 1)
        put(p, either(p, "nog 1 dag, tot ", "1 day left, until "));
    else if (g->days == 0)
        put(p, either(p, "op de dag van deze proef: ", "on the day of this trial: "));
    else
        putf(
            p, "%ld %s ", -g->days,
            either(p, g->days == -1 ? "dag voor deze proef:" : "dagen voor deze proef:",
                   g->days == -1 ? "day before this trial:" : "days before this trial:"));
}

static void going_live(struct page *p, const struct html *h)
{
    struct go_live g;
    char day[40];
    if (!go_live_of(h->result, &g))
        return;
    put(p, "<dt>");
    say_in(p, "Livegang", "Going live");
    put(p, "</dt><dd><strong>");
    days_left(p, &g);
    say(p, go_live_day(&g, day, p->lang));
    put(p, "</strong> <span class=\"small\">");
    if (g.told)
        say_in(p, "(geteld vanaf de dag van de proef)",
               "(counted from the day of the trial)");
    else
        say_in(p, "(de eerstvolgende 1 mei; een andere dag is op te geven in iut.json)",
               "(the next 1 May; iut.json can tell another day)");
    put(p, "</span></dd>");
}

static void facts(struct page *p, const struct html *h)
{
    put(p, "<dl class=\"facts\">");
    systems(p, h);
    going_live(p, h);
    put(p, "<dt>");
    say_in(p, "Profiel", "Profile");
    put(p, "</dt><dd>");
    say(p, member(h->result, "profile"));
    put(p, ". ");
    say(p, text_of(TEXT_SELF_TEST, p->lang));
    put(p, "</dd><dt>");
    say_in(p, "Gestart", "Started");
    put(p, "</dt><dd>");
    const char *started = member(h->result, "started"); /* 2026-11-23T16:05:01... */
    if (strlen(started) >= 19) {
        char *shown = xasprintf("%.10s %.8s UTC", started, started + 11);
        say(p, shown);
        free(shown);
    }
    put(p, " (");
    put_number(p, json_number_value(json_object_get(h->result, "seconds")), 1);
    put(p, " s)</dd></dl>\n");
}

/* ---- what is in the way ---- */

/* The first of all that is in the way when one and the same reason is behind it all, as
 * when the system never started; else NULL. */
const json_t *html_one_cause(const struct html *h)
{
    const json_t *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(requirements(h)); i++) {
        const json_t *q = json_array_get(requirements(h), i);
        if (!html_in_the_way(q))
            continue;
        first = first ? first : q;
        n++;
        if (!*member(q, "reason") || !member_is(q, "reason", member(first, "reason")))
            return NULL;
    }
    return n > 1 ? first : NULL;
}

static void tell_cause(struct page *p, const json_t *cause, size_t n)
{
    putf(p, "<p>%s %zu: <strong>",
         either(p, "Eén oorzaak voor alle", "One cause for all"), n);
    say_reason(p, member(cause, "reason"), 600);
    put(p, "</strong>");
    if (*member(cause, "blame")) {
        putf(p, " (%s ", either(p, "ligt aan", "due to"));
        say(p, text_blame(member(cause, "blame"), p->lang));
        put(p, ")");
    }
    put(p, "</p>");
}

/* Requirements that belong together, in the order in which they were met. */
struct group {
    const char *what;
    const struct theme *theme;
    const json_t *v[IDS_SHOWN];
    size_t n, failed;
};

static void group_free(void *p)
{
    free(p);
}

static void group_add(struct map *groups, const char *key, const struct theme *theme,
                      const json_t *q)
{
    struct group *g = map_get(groups, key);
    if (!g) {
        map_put(groups, key, g = xcalloc(1, sizeof *g));
        g->what = key;
        g->theme = theme;
    }
    if (g->n < IDS_SHOWN)
        g->v[g->n] = q;
    g->n++;
    g->failed += member_is(q, "verdict", "fail") || member_is(q, "verdict", "flaky");
}

static void group_ids(struct page *p, const struct group *g, bool verdicts)
{
    const char *last = "";
    for (size_t i = 0; i < g->n && i < IDS_SHOWN; i++) {
        const char *verdict = member(g->v[i], "verdict");
        if (i)
            put(p, ", ");
        if (verdicts && strcmp(verdict, last))
            badge(p, verdict);
        last = verdict;
        putf(p, "%s<a href=\"#f-", verdicts ? " " : "");
        say(p, member(g->v[i], "id"));
        put(p, "\">");
        say(p, member(g->v[i], "id"));
        put(p, "</a>");
    }
    if (g->n > IDS_SHOWN)
        putf(p, " %s %zu", either(p, "en nog", "and"), g->n - IDS_SHOWN);
}

/* What failed before what could not be seen. */
static void blocks(struct page *p, const struct html *h)
{
    struct map *groups = map_new();
    size_t n = 0;
    for (int pass = 0; pass < 3; pass++)
        for (size_t i = 0; i < json_array_size(requirements(h)); i++) {
            const json_t *q = json_array_get(requirements(h), i);
            const struct theme *theme = theme_of(member(q, "id"));
            if (!html_in_the_way(q) || verdict_rank(member(q, "verdict")) != pass)
                continue;
            group_add(groups, theme->prefix, theme, q);
            n++;
        }
    if (n) {
        put(p, "<h2>");
        say_in(p, "Wat staat in de weg", "What stands in the way");
        put(p, "</h2>");
        if (html_one_cause(h))
            tell_cause(p, html_one_cause(h), n);
        put(p, "<ul class=\"blocks\">");
        for (struct map_item *i = map_first(groups); i; i = map_next(i)) {
            const struct group *g = map_value(i);
            put(p, "<li><strong>");
            say(p, g->theme->name[p->lang]);
            put(p, "</strong><br/>");
            say(p, g->failed ? g->theme->harm[p->lang]
                             : either(p, "Of dit goed gaat, was nog niet te zien.",
                                      "Whether this goes well could not be seen yet."));
            put(p, " ");
            put(p, "<span class=\"small\">");
            group_ids(p, g, true);
            put(p, "</span></li>");
        }
        put(p, "</ul>\n");
    }
    map_free(groups, group_free);
}

/* What is to be done, each advice once, with the requirements that it concerns. */
static void to_do(struct page *p, const struct html *h)
{
    struct map *groups = map_new();
    for (int pass = 0; pass < 4; pass++)
        for (size_t i = 0; i < json_array_size(requirements(h)); i++) {
            const json_t *q = json_array_get(requirements(h), i);
            const char *verdict = member(q, "verdict");
            const char *advice = text_advice(verdict, member(q, "blame"), p->lang);
            if (*advice && verdict_rank(verdict) == pass)
                group_add(groups, advice, NULL, q);
        }
    bool conform = !strncmp(member(h->result, "verdict"), "conform", 7);
    if (map_count(groups) || conform) {
        put(p, "<h2>");
        say_in(p, "Wat nu te doen", "What to do next");
        put(p, "</h2><ol>");
        for (struct map_item *i = map_first(groups); i; i = map_next(i)) {
            put(p, "<li>");
            say(p, map_key(i));
            put(p, " <span class=\"small\">(");
            group_ids(p, map_value(i), false);
            put(p, ")</span></li>");
        }
        if (conform) {
            put(p, "<li>");
            say_in(p,
                   "Bewaar de map met dit verslag, en draai de proef opnieuw bij elke "
                   "nieuwe versie.",
                   "Keep the folder with this report, and run the trial again with each "
                   "new version.");
            put(p, "</li>");
        }
        put(p, "</ol>\n");
    }
    map_free(groups, group_free);
}

void html_outcome(struct page *p, const struct html *h)
{
    outcome(p, h);
    facts(p, h);
    blocks(p, h);
    to_do(p, h);
}
