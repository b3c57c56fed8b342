/* The first screen: who was tried, conform or not, what is in the way, what to do. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/report/html.h"
#include "harness/report/texts.h"

#define BLOCKING_SHOWN 8

static const json_t *requirements(const struct html *h)
{
    return json_object_get(h->result, "requirements");
}

static void systems(struct page *p, const struct html *h)
{
    const json_t *list = json_object_get(h->result, "systems");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        put(p, "<dt>");
        say(p, text_role(member(o, "role"), p->lang));
        put(p, "</dt><dd><strong>");
        say_cut(p, *member(o, "name") ? member(o, "name") : "?", 200);
        put(p, " ");
        say_cut(p, member(o, "version"), 100);
        put(p, "</strong></dd>");
    }
}

static void facts(struct page *p, const struct html *h)
{
    put(p, "<dl class=\"facts\">");
    systems(p, h);
    put(p, "<dt>");
    say_in(p, "Profiel", "Profile");
    put(p, "</dt><dd>");
    say(p, member(h->result, "profile"));
    put(p, "</dd><dt>");
    say_in(p, "Gestart", "Started");
    put(p, "</dt><dd>");
    const char *started = member(h->result, "started"); /* 2026-11-23T16:05:01... */
    if (strlen(started) >= 19) {
        char *shown = xasprintf("%.10s %.8s UTC", started, started + 11);
        say(p, shown);
        free(shown);
    }
    putf(p, " (%.1f s)</dd></dl>\n",
         json_number_value(json_object_get(h->result, "seconds")));
}

static const char *overall_class(const char *verdict)
{
    return !strcmp(verdict, "conform")                                    ? "good"
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

/* What is waived, for as long as that holds, stands in nobody's way. */
bool html_in_the_way(const json_t *q)
{
    const json_t *waived = json_object_get(q, "waived");
    return blocking(member(q, "verdict")) &&
           (!waived || json_is_true(json_object_get(waived, "expired")));
}

static size_t count_blocking(const struct html *h)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(requirements(h)); i++)
        n += html_in_the_way(json_array_get(requirements(h), i));
    return n;
}

/* What is to be done, each advice once, with how many requirements it concerns. */
static void to_do(struct page *p, const struct html *h)
{
    struct map *seen = map_new();
    for (size_t i = 0; i < json_array_size(requirements(h)); i++) {
        const json_t *q = json_array_get(requirements(h), i);
        const char *advice =
            text_advice(member(q, "verdict"), member(q, "blame"), p->lang);
        if (!*advice || member_is(q, "verdict", "not-applicable"))
            continue;
        size_t n = (size_t)(uintptr_t)map_get(seen, advice);
        map_put(seen, advice, (void *)(uintptr_t)(n + 1));
    }
    if (map_count(seen)) {
        put(p, "<h2>");
        say_in(p, "Wat nu te doen", "What to do next");
        put(p, "</h2><ul>");
    }
    for (struct map_item *i = map_first(seen); i; i = map_next(i)) {
        size_t n = (size_t)(uintptr_t)map_value(i);
        put(p, "<li>");
        say(p, map_key(i));
        putf(p, " <span class=\"small\">(%zu %s)</span></li>", n,
             n == 1 ? either(p, "eis", "requirement")
                    : either(p, "eisen", "requirements"));
    }
    if (map_count(seen))
        put(p, "</ul>\n");
    map_free(seen, NULL);
}

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
         either(p, "Één oorzaak voor alle", "One cause for all"), n);
    say_reason(p, member(cause, "reason"), 600);
    put(p, "</strong>");
    if (*member(cause, "blame")) {
        putf(p, " (%s ", either(p, "ligt aan", "due to"));
        say(p, text_blame(member(cause, "blame"), p->lang));
        put(p, ")");
    }
    put(p, "</p>");
}

static void blocks(struct page *p, const struct html *h)
{
    size_t n = count_blocking(h), shown = 0;
    if (!n)
        return;
    put(p, "<h2>");
    say_in(p, "Wat staat in de weg", "What stands in the way");
    put(p, "</h2>");
    if (html_one_cause(h))
        tell_cause(p, html_one_cause(h), n);
    put(p, "<ul>");
    for (size_t i = 0; i < json_array_size(requirements(h)) && shown < BLOCKING_SHOWN;
         i++) {
        const json_t *q = json_array_get(requirements(h), i);
        if (!html_in_the_way(q))
            continue;
        shown++;
        put(p, "<li>");
        badge(p, member(q, "verdict"));
        put(p, " <a href=\"#f-");
        say(p, member(q, "id"));
        put(p, "\">");
        say(p, member(q, "id"));
        put(p, "</a>: ");
        say(p, member(q, either(p, "nl", "en")));
        put(p, "</li>");
    }
    put(p, "</ul>");
    if (n > shown) {
        putf(p, "<p>%s %zu %s</p>", either(p, "En nog", "And"), n - shown,
             either(p, "eisen, zie <a href=\"#requirements\">de eisen</a>.",
                    "more, see <a href=\"#requirements\">the requirements</a>."));
    }
    put(p, "\n");
}

static void outcome(struct page *p, const struct html *h)
{
    const char *verdict = member(h->result, "verdict");
    const json_t *counts = json_object_get(h->result, "counts");
    const char *key;
    json_t *value;
    putf(p,
         "<div class=\"verdict %s\"><p class=\"big\"><span aria-hidden=\"true\">%s"
         "</span> ",
         overall_class(verdict), overall_sign(verdict));
    say(p, text_overall(verdict, p->lang));
    putf(p, "</p><p>%lld %s %lld %s: ",
         (long long)json_integer_value(json_object_get(h->result, "judged")),
         either(p, "van de", "of"),
         (long long)json_integer_value(json_object_get(h->result, "planned")),
         either(p, "eisen beoordeeld", "requirements judged"));
    bool first = true;
    json_object_foreach ((json_t *)(uintptr_t)counts, key, value) {
        if (!json_integer_value(value))
            continue;
        putf(p, "%s%lld ", first ? "" : ", ", (long long)json_integer_value(value));
        say(p, text_verdict(key, p->lang));
        first = false;
    }
    put(p, ".</p></div>\n");
}

void html_outcome(struct page *p, const struct html *h)
{
    outcome(p, h);
    facts(p, h);
    blocks(p, h);
    to_do(p, h);
}
