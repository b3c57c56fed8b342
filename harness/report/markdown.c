/* The result as Markdown: the outcome, what blocks, and the table of requirements. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/report/page.h"
#include "harness/report/texts.h"

#define MARKDOWN_MAX (900u << 10) /* GitHub refuses a job summary of 1 MiB */
#define REASON_MAX   300

/* Text that stays text: no markup, no new line, no cell of a table, no HTML. */
static void plain(struct buf *b, const char *s, size_t max)
{
    for (size_t i = 0; s[i]; i++) {
        if (i >= max && ((unsigned char)s[i] & 0xC0) != 0x80) {
            buf_adds(b, "…");
            return;
        }
        if (s[i] == '<')
            buf_adds(b, "&lt;");
        else if (s[i] == '&')
            buf_adds(b, "&amp;");
        else if (strchr("\\`*_{}[]#|>~@!", s[i]))
            buf_addf(b, "\\%c", s[i]);
        else
            buf_addc(b, (unsigned char)s[i] < 0x20 || s[i] == 0x7f ? ' ' : s[i]);
    }
}

static const char *in(enum lang lang, const char *nl, const char *en)
{
    return lang == LANG_NL ? nl : en;
}

static void head(struct buf *b, const json_t *result, enum lang lang)
{
    const json_t *systems = json_object_get(result, "systems");
    buf_adds(b, "# koppelproef: ");
    plain(b, text_overall(member(result, "verdict"), lang), 200);
    buf_adds(b, "\n\n");
    for (size_t i = 0; i < json_array_size(systems); i++) {
        const json_t *o = json_array_get(systems, i);
        buf_addf(b, "- %s: **", text_role(member(o, "role"), lang));
        plain(b, member(o, "name"), 200);
        buf_addc(b, ' ');
        plain(b, member(o, "version"), 100);
        buf_adds(b, "**\n");
    }
    buf_addf(b, "- %s: ", in(lang, "profiel", "profile"));
    plain(b, member(result, "profile"), 100);
    buf_addf(b, "\n- %lld/%lld %s\n- seed %lld\n\n",
             (long long)json_integer_value(json_object_get(result, "judged")),
             (long long)json_integer_value(json_object_get(result, "planned")),
             text_of(TEXT_COUNTS, lang),
             (long long)json_integer_value(json_object_get(result, "seed")));
    for (size_t i = 0; i < json_array_size(systems); i++) {
        const char *role = member(json_array_get(systems, i), "role");
        char *said = text_measured(result, role, lang);
        if (said) {
            buf_addf(b, "**%s.** ", text_role(role, lang));
            plain(b, said, 1000);
            buf_adds(b, "\n\n");
        }
        free(said);
    }
    char *trials = text_trials(result, lang);
    if (trials) {
        buf_addf(b, "**%s.** ", text_of(TEXT_RELIABILITY, lang));
        plain(b, trials, 2000);
        buf_adds(b, "\n\n");
    }
    free(trials);
}

static void block(struct buf *b, const json_t *q, enum lang lang)
{
    const char *advice = text_advice(member(q, "verdict"), member(q, "blame"), lang);
    buf_adds(b, "- **");
    plain(b, member(q, "id"), 40);
    buf_addf(b, "** (%s): ", text_verdict(member(q, "verdict"), lang));
    plain(b, member(q, in(lang, "nl", "en")), 1000);
    buf_addf(b, "  \n  %s: ", text_of(TEXT_WHY, lang));
    char *said = text_reason(member(q, "reason"), lang);
    plain(b, said ? said : member(q, "reason"), REASON_MAX);
    free(said);
    if (*member(q, "blame"))
        buf_addf(b, "  \n  %s: %s", text_of(TEXT_BLAME, lang),
                 text_blame(member(q, "blame"), lang));
    if (*advice)
        buf_addf(b, "  \n  %s: %s", text_of(TEXT_DO, lang), advice);
    buf_addc(b, '\n');
}

static void in_the_way(struct buf *b, const json_t *list, enum lang lang)
{
    bool any = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *q = json_array_get(list, i);
        if (!blocking(member(q, "verdict")))
            continue;
        if (!any)
            buf_addf(b, "## %s\n\n",
                     in(lang, "Wat staat in de weg", "What stands in the way"));
        any = true;
        block(b, q, lang);
    }
    if (any)
        buf_addc(b, '\n');
}

int report_markdown_text(struct buf *out, const json_t *result, enum lang lang,
                         struct err *e)
{
    const json_t *list = json_object_get(result, "requirements");
    buf_init(out, MARKDOWN_MAX);
    head(out, result, lang);
    in_the_way(out, list, lang);
    buf_addf(out, "## %s\n\n| %s | %s | %s |\n|---|---|---|\n",
             in(lang, "De eisen", "The requirements"), in(lang, "Eis", "Requirement"),
             text_of(TEXT_RESULT, lang), in(lang, "Tekst", "Text"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *q = json_array_get(list, i);
        buf_adds(out, "| ");
        plain(out, member(q, "id"), 40);
        buf_addf(out, " | %s | ", text_verdict(member(q, "verdict"), lang));
        plain(out, member(q, in(lang, "nl", "en")), 1000);
        buf_adds(out, " |\n");
    }
    buf_addf(out, "\n%s\n", text_of(TEXT_SELF_TEST, lang));
    return out->full ? err_set(e, E_TOOBIG, "the Markdown report would pass 900 KiB") : 0;
}

int report_markdown(const char *path, const json_t *result, enum lang lang, struct err *e)
{
    struct buf b;
    int rc = report_markdown_text(&b, result, lang, e);
    if (!rc)
        rc = file_write(path, b.p, b.n, e);
    buf_done(&b);
    return rc;
}
