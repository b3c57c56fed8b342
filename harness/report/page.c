/* The parts that all pages share. */
#include "harness/report/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/report/texts.h"

#ifndef KOPPELPROEF_VERSION
#define KOPPELPROEF_VERSION "0"
#endif

void put(struct page *p, const char *markup)
{
    buf_adds(&p->b, markup);
}

void putf(struct page *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *s = xvasprintf(fmt, ap);
    va_end(ap);
    buf_adds(&p->b, s);
    free(s);
}

/* Marks that turn the direction of writing, and control characters: a page shows what was
 * there and is not changed by it. The length of the one at s, 0 when there is none; *code
 * is its number. */
static size_t unseen(const unsigned char *s, unsigned *code)
{
    if (s[0] == 0x7f || (s[0] == 0xC2 && s[1] >= 0x80 && s[1] <= 0x9F)) {
        *code = s[0] == 0x7f ? 0x7f : s[1];
        return s[0] == 0x7f ? 1 : 2;
    }
    if (s[0] == 0xD8 && s[1] == 0x9C) {
        *code = 0x061C;
        return 2;
    }
    if (s[0] != 0xE2 || (s[1] != 0x80 && s[1] != 0x81))
        return 0;
    *code = 0x2000u + (s[1] & 1u) * 0x40 + (s[2] & 0x3Fu);
    bool marks = (*code >= 0x200E && *code <= 0x200F) ||
                 (*code >= 0x2028 && *code <= 0x202E) ||
                 (*code >= 0x2066 && *code <= 0x2069);
    return marks ? 3 : 0;
}

void say(struct page *p, const char *text)
{
    const unsigned char *s = (const unsigned char *)(text ? text : ""), *from = s;
    unsigned code;
    for (; *s; s++) {
        size_t n = *s < 0x7f ? 0 : unseen(s, &code);
        if (!n)
            continue;
        char *head = xstrndup((const char *)from, (size_t)(s - from));
        buf_add_xml(&p->b, head);
        buf_addf(&p->b, "[U+%04X]", code);
        free(head);
        from = s + n;
        s = from - 1;
    }
    buf_add_xml(&p->b, (const char *)from);
}

bool shown_whole(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    unsigned code;
    for (; *s; s++)
        if ((*s < 0x20 && *s != '\n' && *s != '\t') || (*s >= 0x7f && unseen(s, &code)))
            return false;
    return true;
}

void say_cut(struct page *p, const char *text, size_t max)
{
    size_t n = text ? strlen(text) : 0;
    if (n <= max) {
        say(p, text);
        return;
    }
    for (n = max; n && ((unsigned char)text[n] & 0xC0) == 0x80;)
        n--;
    char *head = xstrndup(text, n);
    say(p, head);
    put(p, " …");
    free(head);
}

void name_of(struct page *p, const char *name, size_t max)
{
    put(p, "<bdi>");
    say_cut(p, name, max);
    put(p, "</bdi>");
}

const char *either(const struct page *p, const char *nl, const char *en)
{
    return p->lang == LANG_NL ? nl : en;
}

void say_in(struct page *p, const char *nl, const char *en)
{
    say(p, either(p, nl, en));
}

void say_reason(struct page *p, const char *reason, size_t max)
{
    char *said = text_reason(reason, p->lang);
    put(p, said ? "<span>" : "<span lang=\"en\">");
    say_cut(p, said ? said : reason, max);
    put(p, "</span>");
    free(said);
}

void put_number(struct page *p, double v, int decimals)
{
    char text[64];
    snprintf(text, sizeof text, "%.*f", decimals, v);
    if (p->lang == LANG_NL && strchr(text, '.'))
        *strchr(text, '.') = ',';
    put(p, text);
}

void badge(struct page *p, const char *verdict)
{
    static const struct {
        const char *verdict, *class, *sign;
    } rows[] = {{"pass", "good", "✓"},         {"conform", "good", "✓"},
                {"fail", "bad", "✗"},          {"not conform", "bad", "✗"},
                {"flaky", "bad", "~"},         {"warn", "warn", "!"},
                {"error", "bad", "!"},         {"incomplete", "skip", "?"},
                {"interrupted", "skip", "?"},  {"not-observed", "skip", "?"},
                {"inconclusive", "skip", "?"}, {"not-applicable", "na", "–"}};
    const char *class = "na", *sign = "–";
    for (size_t i = 0; verdict && i < ARRAY_LEN(rows); i++)
        if (!strcmp(rows[i].verdict, verdict)) {
            class = rows[i].class;
            sign = rows[i].sign;
        }
    putf(p, "<span class=\"badge %s\"><span aria-hidden=\"true\">%s</span> ", class,
         sign);
    say(p, text_verdict(verdict, p->lang));
    put(p, "</span>");
}

/* ---- tables ---- */

void table_begin(struct page *p, const char *caption_nl, const char *caption_en,
                 const struct head *heads, size_t n)
{
    put(p, "<table><caption>");
    say_in(p, caption_nl, caption_en);
    put(p, "</caption><thead><tr>");
    for (size_t i = 0; i < n; i++) {
        putf(p, "<th scope=\"col\"%s>", heads[i].number ? " class=\"n\"" : "");
        say_in(p, heads[i].nl, heads[i].en);
        put(p, "</th>");
    }
    put(p, "</tr></thead><tbody>\n");
}

void table_end(struct page *p)
{
    put(p, "</tbody></table>\n");
}

void cell_begin(struct page *p, const struct head *head)
{
    putf(p, "<td%s data-h=\"", head->number ? " class=\"n\"" : "");
    say_in(p, head->nl, head->en);
    put(p, "\">");
}

void cell_end(struct page *p)
{
    put(p, "</td>");
}

/* ---- the page ---- */

void page_begin(struct page *p, const char *title)
{
    putf(p, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\"/>\n",
         either(p, "nl", "en"));
    /* Also when served by a stranger: nothing is run, nothing is fetched. */
    put(p, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
           "style-src 'unsafe-inline'\"/>\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
           "<title>");
    say(p, title);
    put(p, "</title>\n<style>");
    for (size_t i = 0; page_style[i]; i++)
        put(p, page_style[i]);
    put(p, "</style>\n</head>\n<body>\n<a class=\"jump\" href=\"#main\">");
    say_in(p, "Naar de inhoud", "To the content");
    put(p, "</a>\n");
}

void page_end(struct page *p)
{
    put(p, "<footer><p>");
    say(p, text_of(TEXT_SELF_TEST, p->lang));
    putf(p, "</p><p>koppelproef %s. ", KOPPELPROEF_VERSION);
    say_in(p, "Nummers van personen en geheimen zijn gemaskeerd.",
           "Numbers of persons and secrets are masked.");
    put(p, "</p></footer>\n</body>\n</html>\n");
}

char *page_of(const struct page *p, const char *role, const char *name)
{
    char *s = xasprintf("%.60s-%.160s%s.html", role, name, p->tail);
    for (char *c = s; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-_."
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                    *c) ||
            (c == s && *c == '.'))
            *c = '_';
    return s;
}

/* ---- the result ---- */

const char *member(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

bool member_is(const json_t *o, const char *key, const char *value)
{
    return !strcmp(member(o, key), value);
}

const char *title_of(const struct page *p, const json_t *title, const char *name)
{
    const char *s = member(title, either(p, "nl", "en"));
    return *s ? s : name;
}

void waiver_words(struct page *p, const json_t *requirement)
{
    const json_t *w = json_object_get(requirement, "waived");
    if (!w)
        return;
    put(p, " <span class=\"small\">(");
    say(p, json_is_true(json_object_get(w, "expired"))
               ? either(p, "ontheffing verlopen, gold tot en met ",
                        "waiver expired, held until ")
               : either(p, "ontheffing tot en met ", "waived until "));
    say_cut(p, member(w, "expires"), 40);
    put(p, ": ");
    say_cut(p, member(w, "reason"), 300);
    put(p, ")</span>");
}

bool telling(const json_t *requirement, const json_t *finding)
{
    return member_is(finding, "verdict", member(requirement, "verdict")) ||
           (member_is(requirement, "verdict", "flaky") &&
            member_is(finding, "verdict", "fail"));
}

int verdict_rank(const char *verdict)
{
    static const char *const rows[][2] = {{"fail", "flaky"},
                                          {"error", NULL},
                                          {"not-observed", "inconclusive"},
                                          {"warn", NULL}};
    int rank = 0;
    for (; rank < (int)ARRAY_LEN(rows); rank++)
        for (size_t i = 0; i < ARRAY_LEN(rows[rank]) && rows[rank][i]; i++)
            if (!strcmp(rows[rank][i], verdict))
                return rank;
    return rank;
}

bool blocking(const char *verdict)
{
    return strcmp(verdict, "pass") && strcmp(verdict, "warn") &&
           strcmp(verdict, "not-applicable");
}
