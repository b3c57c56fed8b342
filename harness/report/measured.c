/* What was measured of each system, in a sentence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/report/page.h"
#include "harness/report/texts.h"

#define TEXT (4u << 10)

static const char *in(enum lang lang, const char *nl, const char *en)
{
    return lang == LANG_NL ? nl : en;
}

/* With one decimal, and the language's own point. */
static void number(struct buf *b, double v, enum lang lang)
{
    char text[40];
    snprintf(text, sizeof text, "%.1f", v);
    for (char *c = text; *c; c++)
        if (*c == '.' && lang == LANG_NL)
            *c = ',';
    buf_adds(b, text);
}

static const json_t *of_role(const json_t *list, const char *role)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (member_is(json_array_get(list, i), "role", role))
            return json_array_get(list, i);
    return NULL;
}

static json_int_t whole(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

/* Calls, and how many of them failed by whose doing. False: there were none. */
static bool calls(struct buf *b, const json_t *figures, const char *role, enum lang lang)
{
    const json_t *list = json_object_get(figures, "operations");
    json_int_t n = 0, failed = 0, provoked = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        if (!member_is(o, "role", role))
            continue;
        n += whole(o, "calls");
        failed += whole(o, "calls") - whole(o, "ok");
        provoked += whole(o, "provoked");
    }
    if (n)
        buf_addf(b, "%lld %s %lld %s %lld %s", (long long)n,
                 in(lang, "verzoeken, waarvan", "calls,"), (long long)(failed - provoked),
                 in(lang, "uit zichzelf mislukt en", "failed by themselves and"),
                 (long long)provoked, in(lang, "door de proef", "by the trial"));
    return n > 0;
}

static void downs(struct buf *b, const json_t *o, enum lang lang)
{
    const json_t *list = json_object_get(o, "down");
    size_t own = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        own += member_is(json_array_get(list, i), "cause", "own");
    if (o)
        buf_addf(b, "; %zu %s", own,
                 in(lang, "keer uit zichzelf weg", "times down by itself"));
}

static void freshness(struct buf *b, const json_t *o, enum lang lang)
{
    static const char *const keys[] = {"p50", "p99"};
    if (!json_is_number(json_object_get(o, "p50")))
        return;
    buf_addf(b, "; %s",
             member(json_object_get(o, "what"), lang == LANG_NL ? "nl" : "en"));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const json_t *v = json_object_get(o, keys[i]);
        if (!json_is_number(v))
            continue;
        buf_addf(b, "%s %s ", i ? "," : "", keys[i]);
        number(b, json_number_value(v), lang);
        buf_adds(b, " ms");
    }
}

static void staleness(struct buf *b, const json_t *o, enum lang lang)
{
    double own =
        json_number_value(json_object_get(json_object_get(o, "causes"), "system"));
    if (!o)
        return;
    buf_adds(b, in(lang, "; te zien was ", "; what was shown was stale for "));
    number(b, 100 * json_number_value(json_object_get(o, "stale")), lang);
    buf_adds(b, in(lang, " % van de tijd verouderd, door het systeem zelf ",
                   " % of the time, by the system itself "));
    number(b, 100 * own, lang);
    buf_adds(b, " %");
}

char *text_measured(const json_t *result, const char *role, enum lang lang)
{
    const json_t *figures = json_object_get(result, "reliability");
    struct buf b;
    char *out = NULL;
    buf_init(&b, TEXT);
    if (calls(&b, figures, role, lang)) {
        downs(&b, of_role(json_object_get(figures, "availability"), role), lang);
        freshness(&b, of_role(json_object_get(figures, "freshness"), role), lang);
        staleness(&b, of_role(json_object_get(figures, "staleness"), role), lang);
        buf_addc(&b, '.');
        out = xstrdup(b.p);
    }
    buf_done(&b);
    return out;
}
