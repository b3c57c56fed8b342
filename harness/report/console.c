/* The result for a terminal: first what is wrong and what to do about it, then the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/report/lines.h"
#include "harness/report/page.h"
#include "harness/report/texts.h"

#define INDENT    15 /* of a requirement's text */
#define LABEL     10 /* of "Why", "Where" below it */
#define JSON_SHOW 240
#define FINDINGS  3 /* per requirement; the rest is in the files */

struct console {
    FILE *f;
    enum lang lang;
    bool colour;
    const json_t *result;
};

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static const char *colour_of(const char *verdict)
{
    static const char *const colours[][2] = {{"pass", "\033[32m"},
                                             {"conform", "\033[32m"},
                                             {"conform with waivers", "\033[32m"},
                                             {"fail", "\033[1;31m"},
                                             {"flaky", "\033[1;31m"},
                                             {"not conform", "\033[1;31m"},
                                             {"error", "\033[1;35m"},
                                             {"warn", "\033[33m"},
                                             {"not-observed", "\033[36m"},
                                             {"inconclusive", "\033[36m"}};
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
    size_t wide = lines_columns(words, strlen(words));
    lines_spaces(c->f, width > wide ? width - wide : 1);
}

/* ---- one requirement ---- */

static void labelled(const struct console *c, enum text label, const char *s)
{
    if (!*s)
        return;
    const char *l = text_of(label, c->lang);
    lines_spaces(c->f, INDENT);
    fputs(l, c->f);
    size_t wide = lines_columns(l, strlen(l));
    lines_spaces(c->f, wide < LABEL ? LABEL - wide : 1);
    lines_wrapped(c->f, s, INDENT + LABEL, INDENT + LABEL);
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
    if (json_object_get(f, "round"))
        buf_addf(&b, ", %s %" JSON_INTEGER_FORMAT, text_of(TEXT_ROUND, c->lang),
                 json_integer_value(json_object_get(f, "round")));
    for (size_t i = 0; i < json_array_size(seqs); i++)
        buf_addf(&b, ",%s%s %" JSON_INTEGER_FORMAT, i ? "" : " ",
                 i ? "" : text_of(TEXT_LINES, c->lang),
                 json_integer_value(json_array_get(seqs, i)));
    labelled(c, TEXT_WHERE, b.p ? b.p : "");
    buf_done(&b);
}

/* A reason that is only there in English stands in quotes within Dutch. */
static void why(const struct console *c, const char *reason)
{
    char *said = text_reason(reason, c->lang);
    if (!said && *reason)
        said = xasprintf("\"%s\"", reason);
    labelled(c, TEXT_WHY, said ? said : "");
    free(said);
}

/* The findings that make the verdict. */
static void findings(const struct console *c, const json_t *r)
{
    const json_t *list = json_object_get(r, "findings");
    const char *said = "";
    size_t shown = 0, same = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *f = json_array_get(list, i);
        if (!telling(r, f))
            continue;
        same++;
        if (shown++ >= FINDINGS)
            continue;
        if (strcmp(said, text(f, "reason")))
            why(c, text(f, "reason"));
        said = text(f, "reason");
        valued(c, TEXT_EXPECTED, json_object_get(f, "expected"));
        valued(c, TEXT_SEEN, json_object_get(f, "seen"));
        place(c, f);
    }
    if (!same)
        why(c, text(r, "reason"));
    if (same > FINDINGS) {
        lines_spaces(c->f, INDENT + LABEL);
        fprintf(c->f, "%zu %s\n", same - FINDINGS, text_of(TEXT_MORE, c->lang));
    }
}

/* Who agreed to it, until when, and why. */
static void waived(const struct console *c, const json_t *r)
{
    const json_t *w = json_object_get(r, "waived");
    bool expired = json_is_true(json_object_get(w, "expired"));
    if (!w)
        return;
    char *line = xasprintf("%s %s, %s (%s)",
                           text_of(expired ? TEXT_UNTIL_GONE : TEXT_UNTIL, c->lang),
                           text(w, "expires"), text(w, "owner"), text(w, "link"));
    labelled(c, TEXT_WAIVED, text(w, "reason"));
    lines_spaces(c->f, INDENT + LABEL);
    lines_wrapped(c->f, line, INDENT + LABEL, INDENT + LABEL);
    free(line);
}

/* The entry of a requirement in one of the baseline's lists; NULL: it is not there. */
static const json_t *listed(const struct console *c, const char *list, const char *id)
{
    const json_t *l = json_object_get(json_object_get(c->result, "baseline"), list);
    for (size_t i = 0; i < json_array_size(l); i++)
        if (!strcmp(text(json_array_get(l, i), "id"), id))
            return json_array_get(l, i);
    return NULL;
}

static void against_baseline(const struct console *c, const json_t *r)
{
    const json_t *fresh = listed(c, "new", text(r, "id"));
    if (listed(c, "known", text(r, "id")))
        labelled(c, TEXT_BASELINE, text_of(TEXT_KNOWN, c->lang));
    if (!fresh)
        return;
    const char *was = text(fresh, "was");
    char *line = xasprintf("%s%s%s%s", text_of(TEXT_NEW, c->lang), *was ? " (" : "",
                           *was ? text_verdict(was, c->lang) : "", *was ? ")" : "");
    labelled(c, TEXT_BASELINE, line);
    free(line);
}

/* Whether one line says it all: nothing is wrong, and nothing is to be done. */
static bool in_short(const char *verdict)
{
    return !strcmp(verdict, "pass") || !strcmp(verdict, "not-applicable");
}

/* "the words of it (capability not declared: x)", the words cut. */
static void one_line(const struct console *c, const json_t *r, const char *words)
{
    size_t room = LINES_WIDTH - INDENT - 10;
    const char *capability = text(r, "capability");
    char *because = NULL;
    if (*capability)
        because = xasprintf(" (%s: %s)", text_of(TEXT_UNDECLARED, c->lang), capability);
    else if (strcmp(text(r, "verdict"), "pass"))
        because = xasprintf(" (\"%.40s\")", text(r, "reason"));
    size_t wide = because ? lines_columns(because, strlen(because)) : 0;
    lines_cut(c->f, words, wide + 20 < room ? room - wide : 20);
    if (because)
        lines_cut(c->f, because, wide);
    fputc('\n', c->f);
    free(because);
}

static void requirement(const struct console *c, const json_t *r)
{
    const char *verdict = text(r, "verdict"), *blame = text(r, "blame");
    const char *words = text(r, c->lang == LANG_NL ? "nl" : "en");
    fputs("  ", c->f);
    coloured(c, verdict, text_verdict(verdict, c->lang), INDENT - 2);
    fprintf(c->f, "%-10s", text(r, "id"));
    if (in_short(verdict)) {
        one_line(c, r, words);
        return;
    }
    lines_wrapped(c->f, words, INDENT + 10, INDENT + 10);
    waived(c, r);
    against_baseline(c, r);
    findings(c, r);
    labelled(c, TEXT_BLAME, text_blame(blame, c->lang));
    fputc('\n', c->f);
}

/* ---- the whole ---- */

/* What is worst comes first. */
static const char *const order[] = {"error",          "fail",         "flaky",
                                    "inconclusive",   "not-observed", "warn",
                                    "not-applicable", "pass"};

/* What to do about a requirement; "" when there is nothing. */
static const char *advice(const struct console *c, const json_t *r)
{
    const json_t *w = json_object_get(r, "waived");
    if (in_short(text(r, "verdict")))
        return "";
    if (w)
        return text_of(json_is_true(json_object_get(w, "expired")) ? TEXT_DO_EXPIRED
                                                                   : TEXT_DO_WAIVED,
                       c->lang);
    return text_advice(text(r, "verdict"), text(r, "blame"), c->lang);
}

/* The requirements of a role, worst first; `list` is a new array. */
static json_t *of_role(const json_t *result, const char *name)
{
    const json_t *all = json_object_get(result, "requirements");
    json_t *list = json_array();
    for (size_t v = 0; v < ARRAY_LEN(order); v++)
        for (size_t i = 0; i < json_array_size(all); i++) {
            json_t *r = json_array_get(all, i);
            if (!strcmp(text(r, "role"), name) && !strcmp(text(r, "verdict"), order[v]))
                json_array_append(list, r);
        }
    return list;
}

/* The same advice once, with all that it is about. */
static void to_do(const struct console *c, const json_t *list)
{
    bool titled = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *what = advice(c, json_array_get(list, i));
        struct buf b;
        size_t k = 0;
        while (k < i && strcmp(advice(c, json_array_get(list, k)), what))
            k++;
        if (!*what || k < i)
            continue;
        if (!titled)
            fprintf(c->f, "  %s\n", text_of(TEXT_DO, c->lang));
        titled = true;
        buf_init(&b, 64u << 10);
        buf_addf(&b, "- %s", what);
        for (; k < json_array_size(list); k++)
            if (!strcmp(advice(c, json_array_get(list, k)), what))
                buf_addf(&b, "%s%s", k == i ? " (" : ", ",
                         text(json_array_get(list, k), "id"));
        buf_addc(&b, ')');
        lines_spaces(c->f, 4);
        lines_wrapped(c->f, b.p, 4, 6);
        buf_done(&b);
    }
}

static void role(const struct console *c, const char *name)
{
    json_t *list = of_role(c->result, name);
    if (json_array_size(list))
        fprintf(c->f, "\n%s\n", text_role(name, c->lang));
    for (size_t i = 0; i < json_array_size(list); i++)
        requirement(c, json_array_get(list, i));
    to_do(c, list);
    json_decref(list);
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
        lines_wrapped(c->f, line, 0, 4);
        free(line);
    }
}

static size_t count_waived(const json_t *result)
{
    const json_t *list = json_object_get(result, "requirements");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *w = json_object_get(json_array_get(list, i), "waived");
        n += w && !json_is_true(json_object_get(w, "expired"));
    }
    return n;
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
    size_t waived = count_waived(result);
    if (waived)
        fprintf(c->f, " (%zu %s)", waived, text_of(TEXT_OF_WAIVED, c->lang));
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
    lines_wrapped(c->f, b.p, 0, 2);
    buf_done(&b);
}

/* The waivers that are used, counted; those that must be seen to, named. */
static void waivers(const struct console *c)
{
    static const enum text of[] = {TEXT_EXPIRED, TEXT_STALE, TEXT_UNUSED};
    static const char *const states[] = {"expired", "stale", "unused"};
    const json_t *list = json_object_get(c->result, "waivers");
    for (size_t k = 0; k < ARRAY_LEN(states); k++)
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *w = json_array_get(list, i);
            if (strcmp(text(w, "state"), states[k]))
                continue;
            char *line =
                xasprintf("%s %s%s%s (%s, %s): %s", text_of(TEXT_WAIVER, c->lang),
                          text(w, "requirement"), *text(w, "scenario") ? " " : "",
                          text(w, "scenario"), text(w, "owner"), text(w, "expires"),
                          text_of(of[k], c->lang));
            lines_wrapped(c->f, line, 0, 2);
            free(line);
        }
}

static void baseline(const struct console *c)
{
    static const char *const lists[] = {"new", "disappeared", "fixed", "known"};
    static const enum text words[] = {TEXT_N_NEW, TEXT_N_GONE, TEXT_N_FIXED,
                                      TEXT_N_KNOWN};
    const json_t *b = json_object_get(c->result, "baseline");
    for (size_t k = 0; b && k < ARRAY_LEN(lists); k++) {
        const json_t *list = json_object_get(b, lists[k]);
        struct buf line;
        buf_init(&line, 64u << 10);
        buf_addf(&line, "%s: %zu %s", text_of(TEXT_BASELINE, c->lang),
                 json_array_size(list), text_of(words[k], c->lang));
        for (size_t i = 0; i < json_array_size(list); i++)
            buf_addf(&line, "%s %s", i ? "" : ":", text(json_array_get(list, i), "id"));
        lines_wrapped(c->f, line.p, 0, 2);
        buf_done(&line);
    }
}

static void measured(const struct console *c)
{
    const json_t *systems = json_object_get(c->result, "systems");
    for (size_t i = 0; i < json_array_size(systems); i++) {
        const char *role = text(json_array_get(systems, i), "role");
        char *said = text_measured(c->result, role, c->lang);
        char *line = xasprintf("%s: %s", text_role(role, c->lang), said);
        if (said)
            lines_wrapped(c->f, line, 0, 2);
        free(line);
        free(said);
    }
}

static void trials(const struct console *c)
{
    char *said = text_trials(c->result, c->lang);
    char *line = xasprintf("%s: %s", text_of(TEXT_RELIABILITY, c->lang), said);
    if (said)
        lines_wrapped(c->f, line, 0, 2);
    free(line);
    free(said);
}

static void headline(const struct console *c)
{
    const char *verdict = text(c->result, "verdict");
    const json_t *list = json_object_get(c->result, "waivers");
    size_t used = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        used += !strcmp(text(json_array_get(list, i), "state"), "used");
    char *words =
        strcmp(verdict, "conform with waivers")
            ? xstrdup(text_overall(verdict, c->lang))
            : xasprintf("%s %s %zu %s", text_overall("conform", c->lang),
                        text_of(TEXT_WITH, c->lang), used,
                        text_of(used == 1 ? TEXT_WAIVER : TEXT_WAIVERS, c->lang));
    fprintf(c->f, "%s: ", text_of(TEXT_RESULT, c->lang));
    coloured(c, verdict, words, 0);
    int code = (int)json_integer_value(json_object_get(c->result, "exitCode"));
    bool excused = !code && strncmp(verdict, "conform", strlen("conform"));
    fprintf(c->f, "(%s%s%s %d)\n", excused ? text_of(TEXT_NOTHING_NEW, c->lang) : "",
            excused ? "; " : "", text_of(TEXT_EXIT, c->lang), code);
    free(words);
}

void report_console(FILE *f, const json_t *result, const char *out_dir, enum lang lang,
                    bool colour)
{
    static const char *const roles[] = {"koppelpunt", "overstapsysteem", "keten"};
    struct console c = {.f = f, .lang = lang, .colour = colour, .result = result};
    head(&c, result);
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        role(&c, roles[i]);
    if (!json_array_size(json_object_get(result, "requirements")))
        fprintf(f, "\n%s\n", text_of(TEXT_EMPTY, lang));
    counts(&c, result);
    uncovered(&c, result);
    waivers(&c);
    baseline(&c);
    measured(&c);
    trials(&c);
    headline(&c);
    lines_wrapped(f, text_of(TEXT_SELF_TEST, lang), 0, 0);
    if (out_dir)
        fprintf(f, "%s: %s\n", text_of(TEXT_FILES, lang), out_dir);
}
