/* The result as workflow commands of GitHub Actions: annotations, which show at the lines
 * of a change ("Workflow commands for GitHub Actions", docs.github.com). */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/report/page.h"
#include "harness/report/texts.h"

#define SHOWN     10 /* of each kind: GitHub shows no more in a step */
#define MESSAGE   4000
#define JSON_SHOW 300
#define LINE      (64u << 10)

enum kind { ERRORS, WARNINGS, KINDS };
static const char *const kinds[KINDS] = {"error", "warning"};

/* ---- one command ---- */

/* A command is one line; a property ends at "," or ":". */
static void escaped(struct buf *b, const char *s, bool property)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            buf_addf(b, "%%%02X", c);
        else
            buf_addc(b, c < 0x20 || c == 0x7f ? ' ' : *s);
    }
}

/* At most n bytes, not in the middle of a character. */
static int cut(const char *s, size_t n)
{
    size_t length = strlen(s);
    if (length <= n)
        return (int)length;
    while (n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80)
        n--;
    return (int)n;
}

static void command(FILE *f, enum kind k, const char *file, int line, const char *title,
                    const char *message)
{
    struct buf b;
    buf_init(&b, LINE);
    buf_addf(&b, "::%s title=", kinds[k]);
    escaped(&b, title, true);
    if (file) {
        buf_adds(&b, ",file=");
        escaped(&b, file, true);
        buf_addf(&b, ",line=%d", line);
    }
    buf_adds(&b, "::");
    escaped(&b, message, false);
    fprintf(f, "%s\n", b.p);
    buf_done(&b);
}

/* ---- requirements ---- */

static bool known(const json_t *result, const char *id)
{
    const json_t *list = json_object_get(json_object_get(result, "baseline"), "known");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (member_is(json_array_get(list, i), "id", id))
            return true;
    return false;
}

/* KINDS: there is nothing to annotate. What was agreed upon, or was so already in the
 * baseline, is no news. */
static enum kind kind_of(const json_t *result, const json_t *q)
{
    const json_t *waived = json_object_get(q, "waived");
    if ((waived && !json_is_true(json_object_get(waived, "expired"))) ||
        known(result, member(q, "id")))
        return KINDS;
    return blocking(member(q, "verdict"))    ? ERRORS
           : member_is(q, "verdict", "warn") ? WARNINGS
                                             : KINDS;
}

static void value(struct buf *b, enum text label, const json_t *v, enum lang lang)
{
    char *dump = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (dump)
        buf_addf(b, "\n%s: %.*s%s", text_of(label, lang), cut(dump, JSON_SHOW), dump,
                 strlen(dump) > JSON_SHOW ? " ..." : "");
    free(dump);
}

/* The first finding that makes the verdict; NULL: there is none. */
static const json_t *first_of(const json_t *q)
{
    const json_t *list = json_object_get(q, "findings");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (telling(q, json_array_get(list, i)))
            return json_array_get(list, i);
    return NULL;
}

static void annotate(FILE *f, const json_t *q, enum kind k, enum lang lang,
                     report_place_fn *place, void *arg)
{
    const json_t *finding = first_of(q);
    const char *reason = member(q, "reason");
    char *said = text_reason(reason, lang), *file = NULL;
    int line = 1;
    struct buf b;
    char *title =
        xasprintf("%s %s", member(q, "id"), text_verdict(member(q, "verdict"), lang));
    buf_init(&b, LINE);
    buf_addf(&b, "%s\n%s: %.*s", member(q, lang == LANG_NL ? "nl" : "en"),
             text_of(TEXT_WHY, lang), cut(said ? said : reason, MESSAGE),
             said ? said : reason);
    value(&b, TEXT_EXPECTED, json_object_get(finding, "expected"), lang);
    value(&b, TEXT_SEEN, json_object_get(finding, "seen"), lang);
    if (finding)
        buf_addf(&b, "\n%s %s%s%s", text_of(TEXT_SCENARIO, lang),
                 member(finding, "scenario"), *member(finding, "step") ? ", " : "",
                 member(finding, "step"));
    if (!finding || !place ||
        !place(arg, member(finding, "role"), member(finding, "scenario"),
               member(finding, "step"), &file, &line))
        file = NULL;
    command(f, k, file, line, title, b.p);
    buf_done(&b);
    free(file);
    free(title);
    free(said);
}

/* What is behind the first ten, by name. */
static void rest(FILE *f, const json_t *left, enum lang lang)
{
    struct buf b;
    if (!json_array_size(left))
        return;
    buf_init(&b, LINE);
    for (size_t i = 0; i < json_array_size(left); i++)
        buf_addf(&b, "%s%s", i ? " " : "", json_string_value(json_array_get(left, i)));
    fprintf(f, "koppelproef: %zu %s: %s\n", json_array_size(left),
            lang == LANG_NL ? "eisen meer, zonder annotatie"
                            : "requirements more, without an annotation",
            b.p);
    buf_done(&b);
}

/* What no requirement says: less was shown than was required. */
static size_t not_shown(FILE *f, const json_t *result, enum lang lang)
{
    const json_t *trials =
        json_object_get(json_object_get(result, "reliability"), "trials");
    if (!json_is_false(json_object_get(trials, "shown")))
        return 0;
    char *said = text_trials(result, lang);
    command(f, ERRORS, NULL, 0, text_of(TEXT_RELIABILITY, lang), said ? said : "");
    free(said);
    return 1;
}

void report_github(FILE *f, const json_t *result, enum lang lang, report_place_fn *place,
                   void *arg)
{
    const json_t *list = json_object_get(result, "requirements");
    size_t shown[KINDS] = {not_shown(f, result, lang), 0};
    json_t *left = json_array();
    for (int rank = 0; rank < VERDICT_RANKS; rank++)
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *q = json_array_get(list, i);
            enum kind k = kind_of(result, q);
            if (k == KINDS || verdict_rank(member(q, "verdict")) != rank)
                continue;
            if (shown[k]++ < SHOWN)
                annotate(f, q, k, lang, place, arg);
            else
                json_array_append_new(left, json_string(member(q, "id")));
        }
    rest(f, left, lang);
    json_decref(left);
}
