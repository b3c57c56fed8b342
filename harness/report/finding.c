/* One finding, as an article of a page. */
#include "harness/report/finding.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/report/texts.h"

#define REASON_MAX  1200
#define VALUE_MAX   4000
#define ENTRIES_MAX 30

static void dt(struct page *p, const char *nl, const char *en)
{
    put(p, "<dt>");
    say_in(p, nl, en);
    put(p, "</dt><dd>");
}

/* The first exchange that the finding points at, or that settled what it points at. */
static const json_t *exchange_of(const struct tape *t, const json_t *finding)
{
    const json_t *seqs = json_object_get(finding, "seqs");
    for (size_t i = 0; t && i < json_array_size(seqs); i++) {
        const struct witness *w =
            tape_witness(t, (uint64_t)json_integer_value(json_array_get(seqs, i)));
        if (w && w->exchange)
            return w->exchange;
    }
    return NULL;
}

/* ---- the rest ---- */

static const char *part(const json_t *entry, const char *what, const char *key)
{
    return member(json_object_get(entry, what), key);
}

/* What a school was shown, a line for each aanmelding. False when it is something else.
 */
static bool entries(struct page *p, const json_t *v)
{
    const json_t *list = json_object_get(v, "aanmeldingen");
    size_t n = json_array_size(list);
    if (json_object_size(v) != 1 || !n || n > ENTRIES_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!*member(json_array_get(list, i), "status") ||
            !*part(json_array_get(list, i), "opleiding", "code"))
            return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(list, i);
        static const char *const whats[] = {"instelling", "opleiding"};
        say_cut(p, member(o, "status"), 80);
        putf(p, " %s ", either(p, "sinds", "since"));
        say_cut(p, member(o, "statusBegin"), 80);
        for (size_t k = 0; k < ARRAY_LEN(whats); k++) {
            putf(p, "\n  %s ", whats[k]);
            say_cut(p, part(o, whats[k], "code"), 80);
            put(p, " ");
            say_cut(p, part(o, whats[k], "naam"), 120);
        }
        if (*member(o, "bsn")) {
            put(p, "\n  ");
            say_cut(p, member(o, "bsn"), 80);
        }
        put(p, "\n");
    }
    return true;
}

static void compared(struct page *p, const struct finding_view *v, const json_t *finding)
{
    static const enum text labels[] = {TEXT_EXPECTED, TEXT_SEEN};
    if (!json_object_get(finding, "expected") && !json_object_get(finding, "seen"))
        return;
    put(p, "<div class=\"two\">");
    for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
        putf(p, "<div><h%d>", v->heading + 1);
        say(p, text_of(labels[i], p->lang));
        putf(p, "</h%d><pre tabindex=\"0\">", v->heading + 1);
        const json_t *value = json_object_get(finding, i ? "seen" : "expected");
        char *said =
            json_is_string(value) ? text_reason(json_string_value(value), p->lang) : NULL;
        if (said)
            say_cut(p, said, VALUE_MAX);
        else if (!entries(p, value))
            say_json(p, value, VALUE_MAX);
        free(said);
        put(p, "</pre></div>");
    }
    put(p, "</div>\n");
}

static void rule(struct page *p, const json_t *q)
{
    dt(p, "De regel", "The rule");
    say(p, member(q, either(p, "nl", "en")));
    put(p, " <span class=\"small\">(");
    say_in(p, "bron: ", "source: ");
    say(p, member(q, "source"));
    put(p, ")</span></dd>");
}

static void where(struct page *p, const struct finding_view *v, const json_t *q,
                  const json_t *finding)
{
    const char *name = member(finding, "scenario");
    const json_t *seqs = json_object_get(finding, "seqs");
    const char *role = member(json_object_get(v->result, "iut"), "role");
    const json_t *all = json_object_get(v->result, "scenarios");
    bool linked = false;
    for (size_t i = 0; i < json_array_size(all); i++)
        if (member_is(json_array_get(all, i), "name", name) &&
            (member_is(json_array_get(all, i), "role", member(q, "role")) ||
             member_is(q, "role", "keten"))) {
            role = member(json_array_get(all, i), "role");
            linked = v->link; /* only these have a page */
        }
    dt(p, "Scenario", "Scenario");
    char *file = page_of(p, role, name);
    if (linked)
        putf(p, "<a href=\"%sscenarios/%s\">", p->root, file);
    say(p, name);
    if (linked)
        put(p, "</a>");
    free(file);
    if (*member(finding, "step")) {
        putf(p, ", %s ", text_of(TEXT_STEP, p->lang));
        say(p, member(finding, "step"));
    }
    for (size_t i = 0; i < json_array_size(seqs); i++)
        putf(p, "%s%lld", i ? ", " : either(p, "; journaalregel ", "; journal line "),
             (long long)json_integer_value(json_array_get(seqs, i)));
    put(p, "</dd>");
}

static void advice(struct page *p, const char *verdict, const char *blame)
{
    const char *text = text_advice(verdict, blame, p->lang);
    if (!*text)
        return;
    dt(p, "Te doen", "To do");
    say(p, text);
    put(p, "</dd>");
}

static const char *shade(const char *verdict)
{
    return !strcmp(verdict, "fail") || !strcmp(verdict, "flaky") ||
                   !strcmp(verdict, "error")
               ? "bad"
           : !strcmp(verdict, "warn") ? "warn"
                                      : "skip";
}

static void begin(struct page *p, const struct finding_view *v, const json_t *q,
                  const char *verdict, const char *reason)
{
    putf(p, "<article class=\"finding %s\"><h%d>", shade(verdict), v->heading);
    say(p, member(q, "id"));
    put(p, " ");
    badge(p, verdict);
    waiver_words(p, q);
    putf(p, "</h%d><p class=\"why\">", v->heading);
    say_reason(p, reason, REASON_MAX);
    put(p, "</p>\n<dl class=\"facts\">");
}

static void blamed(struct page *p, const char *blame)
{
    if (!*blame)
        return;
    dt(p, "Ligt aan", "Due to");
    put(p, "<strong>");
    say(p, text_blame(blame, p->lang));
    put(p, "</strong></dd>");
}

void finding_article(struct page *p, const struct finding_view *v, const json_t *q,
                     const json_t *finding)
{
    const char *verdict = member(finding, "verdict");
    const json_t *x = v->body_max ? exchange_of(v->tape, finding) : NULL;
    struct buf again;
    begin(p, v, q, verdict, member(finding, "reason"));
    blamed(p, member(finding, "blame"));
    if (json_object_get(finding, "round")) {
        dt(p, "Ronde", "Round");
        putf(p, "%lld</dd>",
             (long long)json_integer_value(json_object_get(finding, "round")));
    }
    rule(p, q);
    where(p, v, q, finding);
    advice(p, verdict, member(finding, "blame"));
    put(p, "</dl>\n");
    compared(p, v, finding);
    if (x)
        finding_exchange(p, v, x);
    buf_init(&again, 2000);
    replay_add(&again, member(finding, "scenario"));
    putf(p, "<h%d>", v->heading + 1);
    say_in(p, "Nog eens, in de map van deze proef",
           "Once more, in the folder of this run");
    putf(p, "</h%d><pre tabindex=\"0\">", v->heading + 1);
    say(p, again.p);
    put(p, "</pre></article>\n");
    buf_done(&again);
}

void finding_none(struct page *p, const struct finding_view *v, const json_t *q)
{
    begin(p, v, q, member(q, "verdict"), member(q, "reason"));
    blamed(p, member(q, "blame"));
    rule(p, q);
    advice(p, member(q, "verdict"), member(q, "blame"));
    put(p, "</dl></article>\n");
}
