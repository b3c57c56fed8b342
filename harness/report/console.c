/* The result for a terminal: first what is wrong and what to do about it, then the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/report/texts.h"

#define WIDTH     96
#define INDENT    15 /* of a requirement's text */
#define LABEL     10 /* of "Why", "Where" below it */
#define JSON_SHOW 240
#define FINDINGS  3 /* per requirement; the rest is in the files */

struct console {
    FILE *f;
    enum lang lang;
    bool colour;
};

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* ---- putting words in lines ---- */

/* Characters, not bytes. */
static size_t columns(const char *s, size_t n)
{
    size_t c = 0;
    for (size_t i = 0; i < n; i++)
        c += ((unsigned char)s[i] & 0xC0) != 0x80;
    return c;
}

static void spaces(FILE *f, size_t n)
{
    while (n-- > 0)
        fputc(' ', f);
}

/* A peer's text may hold anything: no control character reaches the terminal. */
static void put(FILE *f, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        fputc(c < 0x20 || c == 0x7f ? '?' : c, f);
    }
}

/* From column `at`, broken between words at WIDTH; further lines begin at `indent`. */
static void wrapped(FILE *f, const char *s, size_t at, size_t indent)
{
    bool first = true;
    while (*s) {
        size_t n = strcspn(s, " \n"), wide = columns(s, n);
        if (!first && at + 1 + wide > WIDTH) {
            fputc('\n', f);
            spaces(f, indent);
            at = indent;
        } else if (!first) {
            fputc(' ', f);
            at++;
        }
        put(f, s, n);
        at += wide;
        s += n;
        s += strspn(s, " \n");
        first = false;
    }
    fputc('\n', f);
}

/* One line, cut with "..." where it is too long. */
static void cut(FILE *f, const char *s, size_t room)
{
    size_t n = strlen(s);
    if (columns(s, n) <= room) {
        put(f, s, n);
    } else {
        size_t at = 0;
        for (size_t c = 0; c < room - 3; c++)
            for (at++; ((unsigned char)s[at] & 0xC0) == 0x80;)
                at++;
        put(f, s, at);
        fputs("...", f);
    }
    fputc('\n', f);
}

static const char *colour_of(const char *verdict)
{
    static const char *const colours[][2] = {
        {"pass", "\033[32m"},         {"conform", "\033[32m"},
        {"fail", "\033[1;31m"},       {"not conform", "\033[1;31m"},
        {"error", "\033[1;35m"},      {"warn", "\033[33m"},
        {"not-observed", "\033[36m"}, {"inconclusive", "\033[36m"}};
    for (size_t i = 0; i < ARRAY_LEN(colours); i++)
        if (!strcmp(colours[i][0], verdict))
            return colours[i][1];
    return "";
}

static void coloured(const struct console *c, const char *verdict, const char *words,
                     size_t width)
{
    const char *on = c->colour ? colour_of(verdict) : "";
    fprintf(c->f, "%s%s%s", on, words, *on ? "\033[0m" : "");
    size_t wide = columns(words, strlen(words));
    spaces(c->f, width > wide ? width - wide : 1);
}

/* ---- one requirement ---- */

static void labelled(const struct console *c, enum text label, const char *s)
{
    if (!*s)
        return;
    const char *l = text_of(label, c->lang);
    spaces(c->f, INDENT);
    fputs(l, c->f);
    size_t wide = columns(l, strlen(l));
    spaces(c->f, wide < LABEL ? LABEL - wide : 1);
    wrapped(c->f, s, INDENT + LABEL, INDENT + LABEL);
}

/* A value on one line, not too long. */
static void valued(const struct console *c, enum text label, const json_t *v)
{
    if (!v || json_is_null(v))
        return;
    char *dump = json_is_string(v) ? xstrdup(json_string_value(v))
                                   : json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
    if (dump && strlen(dump) > JSON_SHOW) {
        size_t n = JSON_SHOW;
        while (((unsigned char)dump[n] & 0xC0) == 0x80)
            n--;
        char *shorter = xasprintf("%.*s ...", (int)n, dump);
        free(dump);
        dump = shorter;
    }
    labelled(c, label, dump ? dump : "");
    free(dump);
}

static void place(const struct console *c, const json_t *f)
{
    struct buf b;
    const json_t *seqs = json_object_get(f, "seqs");
    buf_init(&b, 4096);
    buf_addf(&b, "%s %s", text_of(TEXT_SCENARIO, c->lang), text(f, "scenario"));
    if (*text(f, "step"))
        buf_addf(&b, ", %s %s", text_of(TEXT_STEP, c->lang), text(f, "step"));
    for (size_t i = 0; i < json_array_size(seqs); i++)
        buf_addf(&b, ",%s%s %" JSON_INTEGER_FORMAT, i ? "" : " ",
                 i ? "" : text_of(TEXT_LINES, c->lang),
                 json_integer_value(json_array_get(seqs, i)));
    labelled(c, TEXT_WHERE, b.p ? b.p : "");
    buf_done(&b);
}

/* The findings that make the verdict. */
static void findings(const struct console *c, const json_t *r)
{
    const json_t *list = json_object_get(r, "findings");
    const char *said = "";
    size_t shown = 0, same = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *f = json_array_get(list, i);
        if (strcmp(text(f, "verdict"), text(r, "verdict")))
            continue;
        same++;
        if (shown++ >= FINDINGS)
            continue;
        if (strcmp(said, text(f, "reason")))
            labelled(c, TEXT_WHY, text(f, "reason"));
        said = text(f, "reason");
        valued(c, TEXT_EXPECTED, json_object_get(f, "expected"));
        valued(c, TEXT_SEEN, json_object_get(f, "seen"));
        place(c, f);
    }
    if (!same)
        labelled(c, TEXT_WHY, text(r, "reason"));
    if (same > FINDINGS) {
        spaces(c->f, INDENT + LABEL);
        fprintf(c->f, "%zu %s\n", same - FINDINGS, text_of(TEXT_MORE, c->lang));
    }
}

static void requirement(const struct console *c, const json_t *r)
{
    const char *verdict = text(r, "verdict"), *blame = text(r, "blame");
    const char *words = text(r, c->lang == LANG_NL ? "nl" : "en");
    fputs("  ", c->f);
    coloured(c, verdict, text_verdict(verdict, c->lang), INDENT - 2);
    fprintf(c->f, "%-10s", text(r, "id"));
    if (!strcmp(verdict, "pass")) {
        cut(c->f, words, WIDTH - INDENT - 10);
        return;
    }
    wrapped(c->f, words, INDENT + 10, INDENT + 10);
    findings(c, r);
    if (*blame && strcmp(verdict, "not-applicable"))
        labelled(c, TEXT_BLAME, text_blame(blame, c->lang));
    labelled(c, TEXT_DO, text_advice(verdict, blame, c->lang));
    fputc('\n', c->f);
}

/* ---- the whole ---- */

/* What is worst comes first. */
static const char *const order[] = {
    "error", "fail", "inconclusive", "not-observed", "warn", "not-applicable", "pass"};

static void role(const struct console *c, const json_t *result, const char *name)
{
    const json_t *list = json_object_get(result, "requirements");
    bool titled = false;
    for (size_t v = 0; v < ARRAY_LEN(order); v++)
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *r = json_array_get(list, i);
            if (strcmp(text(r, "role"), name) || strcmp(text(r, "verdict"), order[v]))
                continue;
            if (!titled)
                fprintf(c->f, "\n%s\n", text_role(name, c->lang));
            titled = true;
            requirement(c, r);
        }
}

static void head(const struct console *c, const json_t *result)
{
    const json_t *systems = json_object_get(result, "systems");
    fprintf(c->f, "koppelproef %s", text(result, "koppelproef"));
    if (*text(result, "profile"))
        fprintf(c->f, ", %s", text(result, "profile"));
    fputc('\n', c->f);
    for (size_t i = 0; i < json_array_size(systems); i++) {
        const json_t *s = json_array_get(systems, i);
        char *line = xasprintf("%s: %s %s", text_role(text(s, "role"), c->lang),
                               text(s, "name"), text(s, "version"));
        wrapped(c->f, line, 0, 4);
        free(line);
    }
}

static void counts(const struct console *c, const json_t *result)
{
    const json_t *n = json_object_get(result, "counts");
    int planned = (int)json_integer_value(json_object_get(result, "planned"));
    int judged = (int)json_integer_value(json_object_get(result, "judged"));
    bool first = true;
    fprintf(c->f, "\n%d/%d %s:", judged, planned, text_of(TEXT_COUNTS, c->lang));
    for (size_t i = ARRAY_LEN(order); i-- > 0;) {
        int k = (int)json_integer_value(json_object_get(n, order[i]));
        if (k == 0)
            continue;
        fprintf(c->f, "%s %d ", first ? "" : ",", k);
        const char *word = text_verdict(order[i], c->lang);
        const char *on = c->colour ? colour_of(order[i]) : "";
        fprintf(c->f, "%s%s%s", on, word, *on ? "\033[0m" : "");
        first = false;
    }
    fputc('\n', c->f);
}

static void uncovered(const struct console *c, const json_t *result)
{
    const json_t *ids = json_object_get(result, "uncovered");
    struct buf b;
    if (!json_array_size(ids))
        return;
    buf_init(&b, 64u << 10);
    buf_addf(&b, "%s:", text_of(TEXT_UNCOVERED, c->lang));
    for (size_t i = 0; i < json_array_size(ids); i++)
        buf_addf(&b, " %s", json_string_value(json_array_get(ids, i)));
    wrapped(c->f, b.p, 0, 2);
    buf_done(&b);
}

void report_console(FILE *f, const json_t *result, const char *out_dir, enum lang lang,
                    bool colour)
{
    static const char *const roles[] = {"koppelpunt", "overstapsysteem", "keten"};
    struct console c = {.f = f, .lang = lang, .colour = colour};
    const char *verdict = text(result, "verdict");
    head(&c, result);
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        role(&c, result, roles[i]);
    if (!json_array_size(json_object_get(result, "requirements")))
        fprintf(f, "\n%s\n", text_of(TEXT_EMPTY, lang));
    counts(&c, result);
    uncovered(&c, result);
    fprintf(f, "%s: ", text_of(TEXT_RESULT, lang));
    coloured(&c, verdict, text_overall(verdict, lang), 0);
    fprintf(f, "(%s %d)\n", text_of(TEXT_EXIT, lang),
            (int)json_integer_value(json_object_get(result, "exitCode")));
    wrapped(f, text_of(TEXT_SELF_TEST, lang), 0, 0);
    if (out_dir)
        fprintf(f, "%s: %s\n", text_of(TEXT_FILES, lang), out_dir);
}
