/* The page of one scenario: what is wrong with it, and the whole conversation. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/report/finding.h"
#include "harness/report/html.h"
#include "harness/report/svg.h"

#define BODY_MAX     8000
#define FINDINGS_MAX 25
#define DRAWN_MAX    160 /* rows of the whole conversation in one picture */
#define LISTED_MAX   700
#define BEFORE       14 /* rows around what a finding points at */
#define AFTER        3

static bool about(const json_t *requirement, const json_t *finding,
                  const json_t *scenario)
{
    return member_is(finding, "scenario", member(scenario, "name")) &&
           (member_is(requirement, "role", member(scenario, "role")) ||
            member_is(requirement, "role", "keten"));
}

/* Calls `each` for every finding of the scenario. */
static void each_finding(const struct html *h, const json_t *scenario,
                         void (*each)(void *arg, const json_t *requirement,
                                      const json_t *finding),
                         void *arg)
{
    const json_t *list = json_object_get(h->result, "requirements");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *q = json_array_get(list, i), *f = json_object_get(q, "findings");
        for (size_t k = 0; k < json_array_size(f); k++)
            if (about(q, json_array_get(f, k), scenario))
                each(arg, q, json_array_get(f, k));
    }
}

/* ---- what findings point at ---- */

struct marks {
    const struct scene *s;
    bool *hot;
    size_t first; /* s->n: nothing */
};

static void mark(void *arg, const json_t *requirement, const json_t *finding)
{
    struct marks *m = arg;
    const json_t *seqs = json_object_get(finding, "seqs");
    (void)requirement;
    for (size_t i = 0; i < json_array_size(seqs); i++) {
        json_int_t seq = json_integer_value(json_array_get(seqs, i));
        for (size_t k = 0; k < m->s->n; k++) {
            const struct row *r = &m->s->rows[k];
            if (seq != (json_int_t)r->seq)
                continue;
            m->hot[k] = true;
            m->first = k < m->first ? k : m->first;
        }
    }
}

/* ---- sections ---- */

static void head(struct page *p, const json_t *scenario, const struct scene *s)
{
    const char *name = member(scenario, "name");
    const char *title = title_of(p, json_object_get(scenario, "title"), name);
    struct page twin = {.tail = *p->tail ? "" : either(p, ".en", ".nl")};
    char *other = page_of(&twin, member(scenario, "role"), name);
    page_begin(p, title);
    put(p, "<header><nav aria-label=\"");
    say_in(p, "Waar u bent", "Where you are");
    putf(p, "\"><ul><li><a href=\"../report%s.html\">", p->tail);
    say_in(p, "← Naar het verslag", "← To the report");
    putf(p, "</a></li><li><a href=\"%s\" lang=\"%s\" hreflang=\"%s\">%s</a></li>", other,
         either(p, "en", "nl"), either(p, "en", "nl"),
         either(p, "English", "Nederlands"));
    free(other);
    put(p, "</ul></nav></header>\n<main id=\"main\"><h1>");
    say(p, title);
    put(p, "</h1><p>");
    badge(p, member(scenario, "verdict"));
    if (!member_is(scenario, "verdict", "pass")) {
        put(p, " ");
        say_reason(p, member(scenario, "reason"), 600);
    }
    put(p, "</p><dl class=\"facts\"><dt>Scenario</dt><dd><code>");
    say(p, name);
    put(p, "</code></dd><dt>");
    say_in(p, "Rol", "Role");
    put(p, "</dt><dd>");
    say(p, member(scenario, "role"));
    put(p, "</dd><dt>");
    say_in(p, "Toont aan", "Proves");
    put(p, "</dt><dd>");
    const json_t *proves = json_object_get(scenario, "proves");
    for (size_t i = 0; i < json_array_size(proves); i++) {
        put(p, i ? ", " : "");
        say(p, json_string_value(json_array_get(proves, i)));
    }
    put(p, "</dd><dt>");
    say_in(p, "Duur", "Took");
    put(p, "</dt><dd>");
    put_number(p, json_number_value(json_object_get(scenario, "seconds")), 2);
    put(p, " s</dd>");
    const double peak = json_number_value(json_object_get(scenario, "peak"));
    if (peak > 0) {
        put(p, "<dt>");
        say_in(p, "Geheugen van het systeem, hoogstens", "Memory of the system, at most");
        put(p, "</dt><dd>");
        put_number(p, peak / (1 << 20), 0);
        put(p, " MiB</dd>");
    }
    if (s && s->why) {
        put(p, "<dt>");
        say_in(p, "Afloop", "Ended");
        put(p, "</dt><dd>");
        say_reason(p, s->why, 600);
        put(p, "</dd>");
    }
    put(p, "</dl>\n");
}

struct articles {
    struct page *p;
    struct finding_view view;
    size_t n;
};

static void article(void *arg, const json_t *requirement, const json_t *finding)
{
    struct articles *a = arg;
    if (a->n++ == 0) {
        put(a->p, "<section><h2>");
        say_in(a->p, "Bevindingen", "Findings");
        put(a->p, "</h2>\n");
        curl_words(a->p);
    }
    if (a->n <= FINDINGS_MAX)
        finding_article(a->p, &a->view, requirement, finding);
}

static void findings(struct page *p, const struct html *h, const json_t *scenario)
{
    struct articles a = {
        .p = p,
        .view = {
            .result = h->result, .tape = h->tape, .body_max = BODY_MAX, .heading = 3}};
    each_finding(h, scenario, article, &a);
    if (a.n > FINDINGS_MAX) {
        putf(p, "<p>%zu ", a.n - FINDINGS_MAX);
        say_in(p, "bevindingen meer staan in result.json.",
               "more findings are in result.json.");
        put(p, "</p>");
    }
    if (a.n)
        put(p, "</section>\n");
}

/* All of it, for who asks: the picture up to its maximum, the rest in the table. */
static void whole(struct page *p, const struct scene *s, const bool *hot, bool open)
{
    size_t drawn = s->n < DRAWN_MAX ? s->n : DRAWN_MAX;
    size_t listed = s->n < LISTED_MAX ? s->n : LISTED_MAX;
    putf(p, "<details%s><summary>", open ? " open=\"open\"" : "");
    say_in(p, "Het hele gesprek", "The whole conversation");
    put(p, "</summary>\n");
    svg_sequence(p, s, 0, drawn, hot);
    if (drawn < s->n) {
        putf(p, "<p class=\"small\">%zu ", s->n - drawn);
        say_in(p, "regels meer staan niet in de tekening.",
               "more lines are not in the picture.");
        put(p, "</p>");
    }
    put(p, "</details>\n<details><summary>");
    say_in(p, "Als tabel", "As a table");
    put(p, "</summary>\n");
    table_sequence(p, s, 0, listed, hot);
    if (listed < s->n || s->dropped) {
        putf(p, "<p class=\"small\">%zu ", s->n - listed + s->dropped);
        say_in(p, "regels staan alleen in journal.jsonl.",
               "lines are in journal.jsonl only.");
        put(p, "</p>");
    }
    put(p, "</details>\n");
}

static void conversation(struct page *p, const struct html *h, const json_t *scenario,
                         const struct scene *s)
{
    struct marks m = {.s = s, .hot = xcalloc(s->n + 1, sizeof(bool)), .first = s->n};
    each_finding(h, scenario, mark, &m);
    put(p, "<section><h2>");
    say_in(p, "Het gesprek", "The conversation");
    put(p, "</h2>\n");
    if (m.first < s->n) {
        size_t from = m.first > BEFORE ? m.first - BEFORE : 0;
        size_t to = m.first + AFTER + 1 < s->n ? m.first + AFTER + 1 : s->n;
        put(p, "<figure><figcaption>");
        say_in(p, "Wat vooraf ging aan de eerste bevinding (▶).",
               "What led to the first finding (▶).");
        put(p, "</figcaption>");
        svg_sequence(p, s, from, to, m.hot);
        put(p, "</figure>\n");
    }
    whole(p, s, m.hot, m.first == s->n && s->n <= 40);
    put(p, "</section>\n");
    free(m.hot);
}

void html_scenario(struct page *p, const struct html *h, const json_t *scenario,
                   const struct scene *s)
{
    head(p, scenario, s);
    findings(p, h, scenario);
    if (s && s->n) {
        conversation(p, h, scenario, s);
        svg_timeline(p, s);
    } else {
        put(p, "<p>");
        say_in(p, "Van dit scenario staat geen gesprek in het journaal.",
               "The journal holds no conversation of this scenario.");
        put(p, "</p>");
    }
    put(p, "</main>\n");
    page_end(p);
}
