/* What came of a replay, for a terminal. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/report/texts.h"

#define REASON_WIDTH 160

/* "same" is "hetzelfde". */
static const char *again_word(const char *again, enum lang lang)
{
    if (lang == LANG_EN)
        return again;
    return !strcmp(again, "same")   ? "hetzelfde"
           : !strcmp(again, "gone") ? "weg"
                                    : "anders";
}

/* "FAIL, expectation /steps/3: ..." */
static void put_finding(FILE *f, const json_t *o, enum lang lang)
{
    const char *step = json_text(o, "step"), *reason = json_text(o, "reason");
    char *own = text_reason(reason ? reason : "", lang);
    fprintf(f, "%s, %s%s%s: %.*s\n", text_verdict(json_text(o, "verdict"), lang),
            json_text(o, "check"), step ? " " : "", step ? step : "", REASON_WIDTH,
            own      ? own
            : reason ? reason
                     : "");
    free(own);
}

static void finding(FILE *f, const json_t *o, enum lang lang)
{
    const char *again = json_text(o, "again");
    const json_t *was = json_object_get(o, "was");
    fprintf(f, "  %-10s %-10s ", again_word(again, lang), json_text(o, "requirement"));
    put_finding(f, o, lang);
    if (strcmp(again, "other") || !was)
        return;
    fprintf(f, "  %-21s %s: ", "", lang == LANG_NL ? "het was" : "it was");
    put_finding(f, was, lang);
}

/* That something was not reached follows from what stopped it, which is told. */
static bool follows(const json_t *findings, const json_t *o)
{
    bool unreached = !strcmp(json_text(o, "check"), "scenario") &&
                     !strcmp(json_text(o, "verdict"), "not-observed");
    for (size_t i = 0; i < json_array_size(findings) && unreached; i++)
        if (strcmp(json_text(json_array_get(findings, i), "check"), "scenario"))
            return true;
    return false;
}

/* How often, when it was to be done more than once. */
static void put_times(FILE *f, const json_t *o, const json_t *outcome, enum lang lang)
{
    long long at = json_integer_value(json_object_get(o, "times"));
    long long most = json_integer_value(json_object_get(outcome, "atMost"));
    bool nl = lang == LANG_NL;
    if (most <= 1)
        return;
    if (!strcmp(json_text(o, "again"), "same"))
        fprintf(f,
                nl ? ", kwam terug in keer %lld van %lld"
                   : ", came back in time %lld of %lld",
                at, most);
    else
        fprintf(f,
                nl ? ", kwam niet terug in %lld van %lld keer"
                   : ", did not come back in %lld of %lld times",
                at, most);
}

void report_replay(FILE *f, const json_t *outcome, enum lang lang)
{
    const json_t *scenarios = json_object_get(outcome, "scenarios");
    const json_t *folders = json_object_get(outcome, "folders");
    static const char *const fates[] = {"same", "gone", "other"};
    for (size_t i = 0; i < json_array_size(scenarios); i++) {
        const json_t *o = json_array_get(scenarios, i);
        const json_t *findings = json_object_get(o, "findings");
        fprintf(f, "%s (%s): %s", json_text(o, "scenario"),
                text_role(json_text(o, "role"), lang),
                again_word(json_text(o, "again"), lang));
        put_times(f, o, outcome, lang);
        fputc('\n', f);
        for (size_t k = 0; k < json_array_size(findings); k++)
            if (!follows(findings, json_array_get(findings, k)))
                finding(f, json_array_get(findings, k), lang);
    }
    for (size_t i = 0; i < json_array_size(folders); i++)
        fprintf(f, "%s: %s\n", text_of(TEXT_FILES, lang),
                json_string_value(json_array_get(folders, i)));
    fprintf(f, "%s %lld:", lang == LANG_NL ? "opnieuw gedaan" : "replayed",
            (long long)json_integer_value(json_object_get(outcome, "replayed")));
    for (size_t i = 0; i < 3; i++)
        fprintf(f, "%s %s %lld", i ? "," : "", again_word(fates[i], lang),
                (long long)json_integer_value(json_object_get(outcome, fates[i])));
    fputc('\n', f);
}
