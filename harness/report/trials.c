/* What the rounds of a run show, in sentences. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/report/page.h"
#include "harness/report/texts.h"

#define NAMED  8 /* rounds that a sentence names */
#define REASON 200
#define TEXT   (16u << 10)

static json_int_t number(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

/* "94.18 %": what is shown is never rounded up. */
static void percent(struct buf *b, double share, enum lang lang)
{
    char text[32];
    snprintf(text, sizeof text, "%.10g", floor(share * 1e4 + 1e-6) / 100);
    for (char *c = text; *c; c++)
        if (*c == '.' && lang == LANG_NL)
            *c = ',';
    buf_addf(b, "%s %%", text);
}

static const char *in(enum lang lang, const char *nl, const char *en)
{
    return lang == LANG_NL ? nl : en;
}

static void failed_ones(struct buf *b, const json_t *trials, enum lang lang)
{
    const json_t *list = json_object_get(trials, "failedRounds");
    size_t n = json_array_size(list);
    json_int_t failed = number(trials, "failed");
    if (!failed)
        return;
    buf_addf(b, ", %lld %s", (long long)failed,
             in(lang, "mislukt (ronde", "failed (round"));
    for (size_t i = 0; i < n && i < NAMED; i++)
        buf_addf(b, "%s %lld", i ? "," : "",
                 (long long)json_integer_value(json_array_get(list, i)));
    buf_adds(b, failed > NAMED ? ", ...)" : ")");
}

static void void_ones(struct buf *b, const json_t *trials, enum lang lang)
{
    const json_t *first = json_array_get(json_object_get(trials, "voidRounds"), 0);
    json_int_t n = number(trials, "void");
    if (!n)
        return;
    char *why = text_reason(member(first, "why"), lang);
    buf_addf(b, " %lld %s %s %lld (%.*s).", (long long)n,
             n == 1 ? in(lang, "ronde telt niet mee:", "round proves nothing:")
                    : in(lang, "rondes tellen niet mee, de eerste:",
                         "rounds prove nothing, the first:"),
             text_of(TEXT_ROUND, lang), (long long)number(first, "round"), REASON,
             why ? why : member(first, "why"));
    free(why);
}

static void bound(struct buf *b, const json_t *trials, enum lang lang)
{
    double confidence = json_number_value(json_object_get(trials, "confidence"));
    if (!number(trials, "clean") && !number(trials, "failed"))
        return;
    buf_adds(b, in(lang, " Met ", " With "));
    percent(b, confidence, lang);
    buf_adds(b, in(lang, " zekerheid is minstens ", " confidence at least "));
    percent(b, json_number_value(json_object_get(trials, "lower")), lang);
    buf_adds(b, in(lang, " van de rondes schoon.", " of rounds are clean."));
}

static void runs(struct buf *b, const json_t *further, enum lang lang)
{
    const json_t *n = json_object_get(further, "runs");
    if (json_is_null(n))
        buf_adds(b, in(lang, "meer schone rondes dan iemand afwacht",
                       "more clean rounds than anybody waits for"));
    else
        buf_addf(b, "%s%lld %s%s", in(lang, "nog ", ""), (long long)json_integer_value(n),
                 in(lang, "schone ronde", "further clean round"),
                 json_integer_value(n) == 1 ? "" : "s");
}

static void promised(struct buf *b, const json_t *trials, enum lang lang)
{
    const json_t *list = json_object_get(trials, "furtherCleanRuns");
    const json_t *level = json_object_get(trials, "promised");
    bool shown = json_is_true(json_object_get(trials, "shown")), any = false;
    if (json_is_number(level)) {
        buf_adds(b, in(lang, " Gevraagd is ", " What is required is "));
        percent(b, json_number_value(level), lang);
        if (shown) {
            buf_adds(b, in(lang, ": aangetoond.", ": shown."));
            return;
        }
        buf_adds(b, in(lang, ": NIET AANGETOOND; ", ": NOT SHOWN; "));
        runs(b, json_array_get(list, 0), lang);
        buf_adds(b, in(lang, " zouden dat doen.", " would do."));
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *further = json_array_get(list, i);
        if (json_is_integer(json_object_get(further, "runs")) && !number(further, "runs"))
            continue;
        buf_adds(b, any ? ", " : in(lang, " Om meer aan te tonen: ", " To show more: "));
        runs(b, further, lang);
        buf_adds(b, in(lang, " voor ", " for "));
        percent(b, json_number_value(json_object_get(further, "level")), lang);
        any = true;
    }
    if (any)
        buf_addc(b, '.');
}

char *text_trials(const json_t *result, enum lang lang)
{
    const json_t *trials =
        json_object_get(json_object_get(result, "reliability"), "trials");
    const json_t *asked = json_object_get(trials, "asked");
    json_int_t clean = number(trials, "clean"), of = clean + number(trials, "failed");
    struct buf b;
    if (!trials || (!asked && !json_is_number(json_object_get(trials, "promised"))))
        return NULL;
    buf_init(&b, TEXT);
    buf_addf(&b, "%lld %s %lld %s", (long long)clean, in(lang, "van", "of"),
             (long long)of, in(lang, "rondes schoon", "rounds clean"));
    failed_ones(&b, trials, lang);
    buf_addc(&b, '.');
    if (number(trials, "rounds") < number(asked, "repeat"))
        buf_addf(&b, "%s %lld%s", in(lang, " Gevraagd waren er", ""),
                 (long long)number(asked, "repeat"), in(lang, ".", " were asked for."));
    void_ones(&b, trials, lang);
    bound(&b, trials, lang);
    promised(&b, trials, lang);
    char *text = xstrdup(b.p);
    buf_done(&b);
    return text;
}
