/* The result in the Common Test Report Format (ctrf.io): a test per requirement. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/base/when.h"
#include "harness/report/page.h"
#include "harness/report/texts.h"

enum status { PASSED, FAILED, SKIPPED, PENDING, OTHER, STATUSES };

static const char *const statuses[STATUSES] = {"passed", "failed", "skipped", "pending",
                                               "other"};

/* What is not judged is pending, what does not apply is skipped. */
static enum status status_of(const char *verdict)
{
    return !strcmp(verdict, "pass") || !strcmp(verdict, "warn")    ? PASSED
           : !strcmp(verdict, "fail") || !strcmp(verdict, "flaky") ? FAILED
           : !strcmp(verdict, "not-applicable")                    ? SKIPPED
           : !strcmp(verdict, "error")                             ? OTHER
                                                                   : PENDING;
}

static json_t *test(const json_t *q, enum lang lang)
{
    const char *verdict = member(q, "verdict");
    json_t *o = json_pack(
        "{ss,ss,si,ss,ss,s[ss],s{ss,ss}}", "name", member(q, "id"), "status",
        statuses[status_of(verdict)], "duration", 0, "message", member(q, "reason"),
        "rawStatus", verdict, "tags", member(q, "role"),
        member_is(q, "level", "S") ? "should" : "must", "extra", "text",
        member(q, lang == LANG_NL ? "nl" : "en"), "source", member(q, "source"));
    if (!strcmp(verdict, "flaky"))
        json_object_set_new(o, "flaky", json_true());
    if (*member(q, "blame"))
        json_object_set_new(json_object_get(o, "extra"), "blame",
                            json_string(member(q, "blame")));
    return o;
}

/* In a member for what the format does not know. */
static void put_measured(json_t *summary, const json_t *result, enum lang lang)
{
    const json_t *systems = json_object_get(result, "systems");
    json_t *measured = json_object();
    for (size_t i = 0; i < json_array_size(systems); i++) {
        const char *role = member(json_array_get(systems, i), "role");
        char *said = text_measured(result, role, lang);
        if (said)
            json_object_set_new(measured, role, json_string(said));
        free(said);
    }
    if (json_object_size(measured))
        json_object_set_new(summary, "extra", json_pack("{sO}", "measured", measured));
    json_decref(measured);
}

int report_ctrf(const char *path, const json_t *result, enum lang lang, struct err *e)
{
    const json_t *list = json_object_get(result, "requirements");
    const char *started = member(result, "started");
    double seconds = json_number_value(json_object_get(result, "seconds"));
    json_int_t counts[STATUSES] = {0};
    json_t *tests = json_array();
    when_t start = 0;
    if (when_parse(started, strlen(started), &start))
        start = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *q = json_array_get(list, i);
        counts[status_of(member(q, "verdict"))]++;
        json_array_append_new(tests, test(q, lang));
    }
    json_t *summary =
        json_pack("{sI,sI,sI}", "tests", (json_int_t)json_array_size(tests), "start",
                  (json_int_t)(start / NS_PER_MS), "stop",
                  (json_int_t)(start / NS_PER_MS) + (json_int_t)(seconds * 1000));
    for (int i = 0; i < STATUSES; i++)
        json_object_set_new(summary, statuses[i], json_integer(counts[i]));
    json_t *whole =
        json_pack("{ss,ss,s{s{ss,ss},so,so}}", "reportFormat", "CTRF", "specVersion",
                  "0.0.0", "results", "tool", "name", "koppelproef", "version",
                  member(result, "koppelproef"), "summary", summary, "tests", tests);
    put_measured(summary, result, lang);
    char *text = json_dumps(whole, JSON_INDENT(1));
    int rc = file_write(path, text, strlen(text), e);
    free(text);
    json_decref(whole);
    return rc;
}
