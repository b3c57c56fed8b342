/* JUnit XML in the Jenkins/surefire form: a suite per role, a case per requirement. The
 * name of a case is the id alone, which never changes its meaning, so that a history over
 * runs holds together in every language. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/report/texts.h"

#define XML_MAX (28u << 20) /* GitLab refuses files of 30 MB */

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static bool is(const json_t *o, const char *key, const char *value)
{
    return !strcmp(text(o, key), value);
}

static void attribute(struct buf *b, const char *name, const char *value)
{
    buf_addf(b, " %s=\"", name);
    buf_add_xml(b, value);
    buf_addc(b, '"');
}

static void property(struct buf *b, const char *name, const char *value)
{
    buf_adds(b, "      <property");
    attribute(b, "name", name);
    attribute(b, "value", value);
    buf_adds(b, "/>\n");
}

/* A MUST was broken, always or at times. */
static bool failed(const json_t *r)
{
    return is(r, "verdict", "fail") || is(r, "verdict", "flaky");
}

/* By a waiver that still holds. */
static bool waived(const json_t *r)
{
    const json_t *w = json_object_get(r, "waived");
    return w && !json_is_true(json_object_get(w, "expired"));
}

/* What keeps a system from being conform; a warning, a waiver and what does not apply do
 * not. */
static bool blocks(const json_t *r)
{
    return !waived(r) && !is(r, "verdict", "pass") && !is(r, "verdict", "warn") &&
           !is(r, "verdict", "not-applicable");
}

static bool skipped(const json_t *r)
{
    return waived(r) || is(r, "verdict", "not-applicable") ||
           is(r, "verdict", "not-observed") || is(r, "verdict", "inconclusive");
}

struct suite {
    const json_t *result;
    const char *role;
    enum lang lang;
    size_t tests, failures, errors, skipped;
    double seconds;
};

static void count(struct suite *s)
{
    const json_t *list = json_object_get(s->result, "requirements");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        if (!is(r, "role", s->role))
            continue;
        s->tests++;
        s->failures += failed(r) && !waived(r);
        s->errors += is(r, "verdict", "error");
        s->skipped += skipped(r);
    }
    list = json_object_get(s->result, "scenarios");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (is(json_array_get(list, i), "role", s->role))
            s->seconds +=
                json_number_value(json_object_get(json_array_get(list, i), "seconds"));
}

static void properties(struct buf *b, const struct suite *s)
{
    static const char *const members[] = {"verdict", "profile", "planDigest"};
    const json_t *systems = json_object_get(s->result, "systems");
    const json_t *list = json_object_get(s->result, "requirements");
    buf_adds(b, "    <properties>\n");
    property(b, "koppelproef", text(s->result, "koppelproef"));
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        property(b, members[i], text(s->result, members[i]));
    char *seed = json_dumps(json_object_get(s->result, "seed"), JSON_ENCODE_ANY);
    property(b, "seed", seed ? seed : "");
    free(seed);
    for (size_t i = 0; i < json_array_size(systems); i++) {
        const json_t *o = json_array_get(systems, i);
        char *name = is(o, "role", s->role)
                         ? xasprintf("%s %s", text(o, "name"), text(o, "version"))
                         : NULL;
        if (name)
            property(b, "system", name);
        free(name);
    }
    char *measured = text_measured(s->result, s->role, LANG_EN);
    if (measured)
        property(b, "measured", measured);
    free(measured);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        if (!is(r, "role", s->role) || !blocks(r))
            continue;
        char *name = xasprintf("blocks-conformity.%s", text(r, "id"));
        property(b, name, text(r, "verdict"));
        free(name);
    }
    buf_adds(b, "    </properties>\n");
}

/* Each finding of a case, for the body of its <failure> and the like. */
static void findings(struct buf *b, const json_t *r, enum lang lang)
{
    const json_t *list = json_object_get(r, "findings");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *f = json_array_get(list, i);
        char *line =
            xasprintf("%s: %s (%s %s%s%s)\n", text_verdict(text(f, "verdict"), lang),
                      text(f, "reason"), text_of(TEXT_SCENARIO, lang),
                      text(f, "scenario"), *text(f, "step") ? ", " : "", text(f, "step"));
        buf_add_xml(b, line);
        free(line);
        for (int k = 0; k < 2; k++) {
            const json_t *v = json_object_get(f, k ? "seen" : "expected");
            char *dump = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
            if (dump) {
                buf_addf(b, "  %s: ", text_of(k ? TEXT_SEEN : TEXT_EXPECTED, lang));
                buf_add_xml(b, dump);
                buf_addc(b, '\n');
            }
            free(dump);
        }
    }
    const char *advice = text_advice(text(r, "verdict"), text(r, "blame"), lang);
    buf_addf(b, "%s: ", text_of(TEXT_DO, lang));
    buf_add_xml(b, advice);
    buf_addc(b, '\n');
}

/* The message of what is skipped; the caller frees. */
static char *skip_message(const json_t *r)
{
    const json_t *w = json_object_get(r, "waived");
    if (!waived(r))
        return xasprintf("%s: %s", text(r, "verdict"), text(r, "reason"));
    return xasprintf("waived until %s by %s (%s): %s; %s: %s", text(w, "expires"),
                     text(w, "owner"), text(w, "link"), text(w, "reason"),
                     text(r, "verdict"), text(r, "reason"));
}

static void outcome(struct buf *b, const json_t *r, enum lang lang)
{
    const char *verdict = text(r, "verdict");
    const char *element = skipped(r)                  ? NULL
                          : failed(r)                 ? "failure"
                          : is(r, "verdict", "error") ? "error"
                                                      : NULL;
    char *message = skipped(r) ? skip_message(r) : xstrdup(text(r, "reason"));
    if (element) {
        buf_addf(b, "      <%s", element);
        attribute(b, "message", message);
        attribute(b, "type", *text(r, "blame") ? text(r, "blame") : verdict);
        buf_addc(b, '>');
        findings(b, r, lang);
        buf_addf(b, "</%s>\n", element);
    } else if (skipped(r)) {
        buf_adds(b, "      <skipped");
        attribute(b, "message", message);
        buf_adds(b, "/>\n");
    }
    free(message);
}

static void testcase(struct buf *b, const struct suite *s, const json_t *r)
{
    buf_adds(b, "    <testcase");
    char *class = xasprintf("koppelproef.%s", s->role);
    attribute(b, "name", text(r, "id"));
    attribute(b, "classname", class);
    buf_adds(b, " time=\"0.000\">\n");
    free(class);
    outcome(b, r, s->lang);
    buf_adds(b, "      <system-out>");
    buf_add_xml(b, text(r, s->lang == LANG_NL ? "nl" : "en"));
    buf_addc(b, '\n');
    if (is(r, "verdict", "warn"))
        findings(b, r, s->lang);
    else
        buf_add_xml(b, text(r, "reason"));
    buf_adds(b, "</system-out>\n    </testcase>\n");
}

static void suite(struct buf *b, struct suite *s)
{
    const json_t *list = json_object_get(s->result, "requirements");
    char stamp[20] = "";
    count(s);
    if (s->tests == 0)
        return;
    buf_adds(b, "  <testsuite");
    char *name = xasprintf("koppelproef.%s", s->role);
    attribute(b, "name", name);
    free(name);
    buf_addf(
        b, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\"",
        s->tests, s->failures, s->errors, s->skipped, s->seconds);
    if (strlen(text(s->result, "started")) >= 19) {
        memcpy(stamp, text(s->result, "started"), 19);
        attribute(b, "timestamp", stamp);
    }
    buf_adds(b, ">\n");
    properties(b, s);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (is(json_array_get(list, i), "role", s->role))
            testcase(b, s, json_array_get(list, i));
    buf_adds(b, "  </testsuite>\n");
}

int report_junit(const char *path, const json_t *result, enum lang lang, struct err *e)
{
    static const char *const roles[] = {"koppelpunt", "overstapsysteem", "keten"};
    struct buf b;
    buf_init(&b, XML_MAX);
    buf_adds(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        struct suite s = {.result = result, .role = roles[i], .lang = lang};
        suite(&b, &s);
    }
    buf_adds(&b, "</testsuites>\n");
    int rc = b.full ? err_set(e, E_TOOBIG, "the JUnit report would be larger than 28 MiB")
                    : file_write(path, b.p, b.n, e);
    buf_done(&b);
    return rc;
}
