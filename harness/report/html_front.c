/* The first page: the outcome in plain words on the first screen, then the grounds. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mem.h"
#include "harness/report/finding.h"
#include "harness/report/html.h"
#include "harness/report/svg.h"
#include "harness/report/svg_parts.h"
#include "harness/report/texts.h"

#define BODIES_UNTIL   (350u << 10) /* beyond this size bodies are left to other pages */
#define FINDINGS_UNTIL (600u << 10) /* and beyond this all findings */
#define BODY_MAX       2500
#define PER_QUESTION   2

static const char *const roles[] = {"koppelpunt", "overstapsysteem", "keten"};

static const json_t *requirements(const struct html *h)
{
    return json_object_get(h->result, "requirements");
}

/* ---- requirements ---- */

#define REQUIREMENT_HEADS 5
/* Seen to turn red by a selftest, or only said to. */
static const struct head stated_heads[REQUIREMENT_HEADS] = {
    {"Eis", "Requirement", false},
    {"Uitslag", "Verdict", false},
    {"Tekst", "Text", false},
    {"Bron", "Source", false},
    {"Opgegeven mutanten", "Stated mutants", false}};
static const struct head proven_heads[REQUIREMENT_HEADS] = {
    {"Eis", "Requirement", false},
    {"Uitslag", "Verdict", false},
    {"Tekst", "Text", false},
    {"Bron", "Source", false},
    {"Bewezen met", "Proven by", false}};

static bool proven(const struct html *h)
{
    return json_is_true(json_object_get(h->known, "proven"));
}

static const struct head *requirement_heads(const struct html *h)
{
    return proven(h) ? proven_heads : stated_heads;
}

static void mutants(struct page *p, const struct html *h, const char *id)
{
    const json_t *list = json_object_get(json_object_get(h->known, "mutants"), id);
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n; i++) {
        put(p, i ? ", <code>" : "<code>");
        say(p, json_string_value(json_array_get(list, i)));
        put(p, "</code>");
    }
    if (!n)
        put(p, "–");
}

static void requirement_row(struct page *p, const struct html *h, const json_t *q)
{
    const char *verdict = member(q, "verdict"), *id = member(q, "id");
    bool more = strcmp(verdict, "pass") && strcmp(verdict, "not-applicable");
    const struct head *heads = requirement_heads(h);
    put(p, "<tr>");
    cell_begin(p, &heads[0]);
    if (more) {
        put(p, "<a href=\"#f-");
        say(p, id);
        put(p, "\">");
    }
    say(p, id);
    put(p, more ? "</a>" : "");
    putf(p, " <span class=\"small\">%s</span></td>",
         member_is(q, "level", "S") ? either(p, "aanbevolen", "advised")
                                    : either(p, "verplicht", "required"));
    cell_begin(p, &heads[1]);
    badge(p, verdict);
    waiver_words(p, q);
    put(p, "</td>");
    cell_begin(p, &heads[2]);
    say(p, member(q, either(p, "nl", "en")));
    put(p, "</td>");
    cell_begin(p, &heads[3]);
    say(p, member(q, "source"));
    put(p, "</td>");
    cell_begin(p, &heads[4]);
    mutants(p, h, id);
    put(p, "</td></tr>\n");
}

static void requirement_tables(struct page *p, const struct html *h)
{
    put(p, "<section id=\"requirements\"><h2>");
    say_in(p, "De eisen", "The requirements");
    put(p, "</h2><p class=\"small\">");
    say_in(
        p,
        "Bron: L wet, D de presentatie van 2023 met haar dia, P openbare pagina's, S1 de "
        "openbare export, ADR de NL API Design Rules, O eigen keuze van dit "
        "proefprofiel. ",
        "Source: L the law, D the presentation of 2023 with its slide, P public pages, "
        "S1 the public export, ADR the NL API Design Rules, O a choice of this trial "
        "profile. ");
    if (proven(h))
        say_in(p,
               "Bewezen met: de systemen met een bekend gebrek waarop deze eis in "
               "koppelproef selftest rood werd; zonder zo'n systeem zegt goed minder.",
               "Proven by: the systems with a known defect on which this requirement "
               "turned red in koppelproef selftest; without one, a pass says less.");
    else
        say_in(p,
               "Opgegeven mutanten: de systemen met een bekend gebrek waarop deze eis "
               "rood hoort te worden. Of dat zo is, toont koppelproef selftest; zonder "
               "zo'n systeem zegt goed minder.",
               "Stated mutants: the systems with a known defect on which this "
               "requirement should turn red. Whether it does, koppelproef selftest "
               "shows; without one, a pass says less.");
    put(p, "</p>\n");
    for (size_t k = 0; k < ARRAY_LEN(roles); k++) {
        bool any = false;
        for (size_t i = 0; i < json_array_size(requirements(h)); i++) {
            const json_t *q = json_array_get(requirements(h), i);
            if (!member_is(q, "role", roles[k]))
                continue;
            if (!any)
                table_begin(p, text_role(roles[k], LANG_NL), text_role(roles[k], LANG_EN),
                            requirement_heads(h), REQUIREMENT_HEADS);
            any = true;
            requirement_row(p, h, q);
        }
        if (any)
            table_end(p);
    }
    put(p, "</section>\n");
}

/* ---- findings ---- */

static bool has_finding(const json_t *q)
{
    return !member_is(q, "verdict", "pass") && !member_is(q, "verdict", "not-applicable");
}

static void findings_of(struct page *p, struct finding_view *v, const json_t *q,
                        size_t most)
{
    const json_t *list = json_object_get(q, "findings");
    size_t n = json_array_size(list), shown = 0;
    put(p, "<div id=\"f-");
    say(p, member(q, "id"));
    put(p, "\">");
    /* First those of the verdict itself: the rest is what came of it. */
    for (size_t i = 0; i < n && shown < most && p->b.n < FINDINGS_UNTIL; i++) {
        const json_t *f = json_array_get(list, i);
        if (!telling(q, f))
            continue;
        v->body_max = p->b.n < BODIES_UNTIL ? BODY_MAX : 0;
        finding_article(p, v, q, f);
        shown++;
    }
    if (!n)
        finding_none(p, v, q);
    else if (n > shown)
        putf(
            p, "<p class=\"small\">%zu %s</p>", n - shown,
            either(p, "bevindingen meer bij deze eis: zie de pagina's van de scenario's.",
                   "more findings of this requirement: see the pages of the scenarios."));
    put(p, "</div>\n");
}

static void findings_begin(struct page *p)
{
    put(p, "<section id=\"findings\"><h2>");
    say_in(p, "Bevindingen", "Findings");
    put(p, "</h2>\n");
    curl_words(p);
}

/* The worst first. */
static void findings(struct page *p, const struct html *h)
{
    struct finding_view v = {
        .result = h->result, .tape = h->tape, .heading = 3, .link = true};
    const json_t *cause = html_one_cause(h);
    bool any = false;
    for (int rank = 0; rank < VERDICT_RANKS; rank++)
        for (size_t i = 0; i < json_array_size(requirements(h)); i++) {
            const json_t *q = json_array_get(requirements(h), i);
            if (verdict_rank(member(q, "verdict")) != rank || !has_finding(q))
                continue;
            if (!any)
                findings_begin(p);
            any = true;
            if (cause && q != cause && html_in_the_way(q)) {
                put(p, "<span id=\"f-");
                say(p, member(q, "id"));
                put(p, "\"></span>");
                continue; /* it would say the same again */
            }
            findings_of(p, &v, q, q == cause ? 1 : PER_QUESTION);
        }
    if (any)
        put(p, "</section>\n");
}

/* ---- scenarios ---- */

static void scenarios(struct page *p, const struct html *h)
{
    static const struct head heads[] = {{"Scenario", "Scenario", false},
                                        {"Rol", "Role", false},
                                        {"Uitslag", "Verdict", false},
                                        {"Toont aan", "Proves", false},
                                        {"Seconden", "Seconds", true}};
    const json_t *list = json_object_get(h->result, "scenarios");
    if (!json_array_size(list))
        return;
    put(p, "<section id=\"scenarios\"><h2>");
    say_in(p, "De scenario's", "The scenarios");
    put(p, "</h2>\n");
    table_begin(p, "Elk gesprek dat is gevoerd, met zijn pagina",
                "Each conversation, with its page", heads, ARRAY_LEN(heads));
    for (size_t i = 0; i < json_array_size(list) && p->b.n < FINDINGS_UNTIL + 150000;
         i++) {
        const json_t *s = json_array_get(list, i), *proves = json_object_get(s, "proves");
        char *file = page_of(p, member(s, "role"), member(s, "name"));
        put(p, "<tr>");
        cell_begin(p, &heads[0]);
        putf(p, "<a href=\"scenarios/%s\">", file);
        say_cut(p, title_of(p, json_object_get(s, "title"), member(s, "name")), 200);
        put(p, "</a></td>");
        cell_begin(p, &heads[1]);
        say(p, member(s, "role"));
        put(p, "</td>");
        cell_begin(p, &heads[2]);
        badge(p, member(s, "verdict"));
        put(p, "</td>");
        cell_begin(p, &heads[3]);
        for (size_t k = 0; k < json_array_size(proves) && k < 30; k++) {
            put(p, k ? ", " : "");
            say_cut(p, json_string_value(json_array_get(proves, k)), 40);
        }
        put(p, "</td>");
        cell_begin(p, &heads[4]);
        put_number(p, json_number_value(json_object_get(s, "seconds")), 2);
        put(p, "</td></tr>\n");
        free(file);
    }
    table_end(p);
    put(p, "</section>\n");
}

/* ---- the run ---- */

/* Those beside the page, and how long the journal is. */
static void files(struct page *p, const struct html *h)
{
    static const char *const names[] = {"journal.jsonl", "result.json", "junit.xml"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *path = xasprintf("%s/%s", h->dir, names[i]);
        bool there = access(path, R_OK) == 0;
        put(p, i ? ", " : "");
        if (there)
            putf(p, "<a href=\"%s\">%s</a>", names[i], names[i]);
        else
            put(p, names[i]);
        if (i == 0)
            putf(p, " (%zu %s)", h->tape->lines, either(p, "regels", "lines"));
        free(path);
    }
}

static void about(struct page *p, const struct html *h)
{
    const json_t *uncovered = json_object_get(h->result, "uncovered");
    put(p, "<section id=\"about\"><h2>");
    say_in(p, "Over deze proef", "About this trial");
    put(p, "</h2><dl class=\"facts\"><dt>Seed</dt><dd>");
    putf(p, "%lld", (long long)json_integer_value(json_object_get(h->result, "seed")));
    put(p, "</dd><dt>");
    say_in(p, "Plan (sha256)", "Plan (sha256)");
    put(p, "</dt><dd><code>");
    say(p, member(h->result, "planDigest"));
    put(p, "</code></dd><dt>");
    say_in(p, "Afsluitcode", "Exit code");
    putf(p, "</dt><dd>%lld</dd><dt>",
         (long long)json_integer_value(json_object_get(h->result, "exitCode")));
    say_in(p, "Bestanden", "Files");
    put(p, "</dt><dd>");
    files(p, h);
    put(p, "</dd>");
    if (json_array_size(uncovered)) {
        put(p, "<dt>");
        say(p, text_of(TEXT_UNCOVERED, p->lang));
        put(p, "</dt><dd>");
        for (size_t i = 0; i < json_array_size(uncovered); i++) {
            put(p, i ? ", " : "");
            say_cut(p, json_string_value(json_array_get(uncovered, i)), 40);
        }
        put(p, "</dd>");
    }
    put(p, "</dl><p>");
    say_in(p,
           "Dezelfde seed geeft dezelfde vragen van onze kant; het systeem zelf kan elke "
           "keer anders antwoorden.",
           "The same seed gives the same questions from our side; the system itself may "
           "answer differently each time.");
    put(p, "</p></section>\n");
}

static bool has_findings(const struct html *h)
{
    for (size_t i = 0; i < json_array_size(requirements(h)); i++)
        if (has_finding(json_array_get(requirements(h), i)))
            return true;
    return false;
}

static void navigation(struct page *p, const struct html *h)
{
    static const struct {
        const char *id, *text[2];
    } rows[] = {{"findings", {"Bevindingen", "Findings"}},
                {"exceptions", {"Afgesproken en bekend", "Agreed upon and known"}},
                {"requirements", {"Eisen", "Requirements"}},
                {"scenarios", {"Scenario's", "Scenarios"}},
                {"reliability", {"Betrouwbaarheid", "Reliability"}},
                {"pictures", {"Cijfers", "Figures"}},
                {"about", {"Over deze proef", "About this trial"}}};
    const bool shown[ARRAY_LEN(rows)] = {
        has_findings(h),
        html_has_exceptions(h),
        true,
        json_array_size(json_object_get(h->result, "scenarios")) > 0,
        html_has_reliability(h),
        true,
        true};
    put(p, "<nav aria-label=\"");
    say_in(p, "Op deze pagina", "On this page");
    put(p, "\"><ul>");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (shown[i])
            putf(p, "<li><a href=\"#%s\">%s</a></li>", rows[i].id, rows[i].text[p->lang]);
    putf(p, "<li><a href=\"report%s.html\" lang=\"%s\" hreflang=\"%s\">%s</a></li>",
         *p->tail ? "" : either(p, ".en", ".nl"), either(p, "en", "nl"),
         either(p, "en", "nl"), either(p, "English", "Nederlands"));
    put(p, "</ul></nav>\n");
}

void html_front(struct page *p, const struct html *h)
{
    const json_t *first = json_array_get(json_object_get(h->result, "systems"), 0);
    bool one = json_array_size(json_object_get(h->result, "systems")) == 1;
    const char *report = either(p, "Verslag", "Report");
    char *title =
        one ? xasprintf("%s: %.200s", report, member(first, "name"))
            : xstrdup(either(p, "Verslag van koppelproef", "Report of koppelproef"));
    page_begin(p, title);
    put(p, "<header>");
    navigation(p, h);
    put(p, "</header>\n<main id=\"main\"><h1>");
    if (one) {
        putf(p, "%s: ", report);
        name_of(p, member(first, "name"), 200);
    } else {
        say(p, title);
    }
    put(p, "</h1>\n");
    free(title);
    html_outcome(p, h);
    findings(p, h);
    html_exceptions(p, h);
    requirement_tables(p, h);
    scenarios(p, h);
    fill_patterns(p);
    html_reliability(p, h);
    put(p, "<section id=\"pictures\"><h2>");
    say_in(p, "Cijfers", "Figures");
    put(p, "</h2>\n");
    svg_places(p, h->tape, h->known);
    svg_flow(p, h->tape);
    svg_regions(p, h->tape, h->known);
    put(p, "</section>\n");
    about(p, h);
    put(p, "</main>\n");
    page_end(p);
}
