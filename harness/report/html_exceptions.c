/* What was agreed upon or known beforehand: waivers, and what a baseline says. */
#include <string.h>

#include "harness/base/mem.h"
#include "harness/report/html.h"
#include "harness/report/texts.h"

static const json_t *waivers(const struct html *h)
{
    return json_object_get(h->result, "waivers");
}

static const json_t *baseline(const struct html *h)
{
    return json_object_get(h->result, "baseline");
}

bool html_has_exceptions(const struct html *h)
{
    return json_array_size(waivers(h)) > 0 || baseline(h);
}

static const char *state_of(const struct page *p, const char *state)
{
    static const struct {
        const char *state;
        enum text text;
    } rows[] = {
        {"expired", TEXT_EXPIRED}, {"stale", TEXT_STALE}, {"unused", TEXT_UNUSED}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!strcmp(rows[i].state, state))
            return text_of(rows[i].text, p->lang);
    return either(p, "gebruikt", "used");
}

static void waivers_table(struct page *p, const json_t *list)
{
    static const struct head heads[] = {
        {"Eis", "Requirement", false},  {"Scenario", "Scenario", false},
        {"Reden", "Reason", false},     {"Van", "Owner", false},
        {"Tot en met", "Until", false}, {"Stand", "State", false}};
    static const char *const keys[] = {"requirement", "scenario", "reason", "owner",
                                       "expires"};
    if (!json_array_size(list))
        return;
    table_begin(p, "Afgesproken ontheffingen", "Waivers that were agreed upon", heads,
                ARRAY_LEN(heads));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *w = json_array_get(list, i);
        put(p, "<tr>");
        for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
            cell_begin(p, &heads[k]);
            say_cut(p, *member(w, keys[k]) ? member(w, keys[k]) : "–", 400);
            cell_end(p);
        }
        cell_begin(p, &heads[ARRAY_LEN(keys)]);
        say(p, state_of(p, member(w, "state")));
        put(p, "</td></tr>\n");
    }
    table_end(p);
}

static void baseline_list(struct page *p, const json_t *list, enum text label)
{
    size_t n = json_array_size(list);
    putf(p, "<dt>%s</dt><dd>%zu", text_of(label, p->lang), n);
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(list, i);
        put(p, i ? ", " : ": ");
        say_cut(p, json_is_string(o) ? json_string_value(o) : member(o, "id"), 80);
    }
    put(p, "</dd>");
}

void html_exceptions(struct page *p, const struct html *h)
{
    static const struct {
        const char *list;
        enum text label;
    } rows[] = {{"new", TEXT_N_NEW},
                {"disappeared", TEXT_N_GONE},
                {"fixed", TEXT_N_FIXED},
                {"known", TEXT_N_KNOWN}};
    const json_t *base = baseline(h);
    if (!html_has_exceptions(h))
        return;
    put(p, "<section id=\"exceptions\"><h2>");
    say_in(p, "Afgesproken en bekend", "Agreed upon and known");
    put(p, "</h2>\n");
    waivers_table(p, waivers(h));
    if (base) {
        put(p, "<h3>");
        say_in(p, "Vergeleken met de nulmeting", "Compared with the baseline");
        put(p, "</h3><dl class=\"facts\">");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            baseline_list(p, json_object_get(base, rows[i].list), rows[i].label);
        put(p, "</dl>\n");
    }
    put(p, "</section>\n");
}
