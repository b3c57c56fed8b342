/* The result as TAP 14 (testanything.org): a test per requirement. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/report/page.h"
#include "harness/report/texts.h"

#define TAP_MAX (16u << 20)

/* A description: "#" would begin a directive, and a line is one line. */
static void description(struct buf *b, const char *s)
{
    for (; *s; s++) {
        if (*s == '#' || *s == '\\')
            buf_addc(b, '\\');
        buf_addc(b, (unsigned char)*s < 0x20 || *s == 0x7f ? ' ' : *s);
    }
}

/* A JSON text is a double-quoted scalar of YAML. */
static void yaml(struct buf *b, const char *key, const char *s)
{
    if (!*s)
        return;
    buf_addf(b, "  %s: \"", key);
    buf_add_json(b, s, strlen(s));
    buf_adds(b, "\"\n");
}

static void test(struct buf *b, size_t number, const json_t *q, enum lang lang)
{
    const char *verdict = member(q, "verdict");
    bool bad = blocking(verdict);
    buf_addf(b, "%sok %zu - ", bad ? "not " : "", number);
    description(b, member(q, "id"));
    buf_addc(b, ' ');
    description(b, member(q, lang == LANG_NL ? "nl" : "en"));
    if (!strcmp(verdict, "not-applicable")) {
        buf_adds(b, " # SKIP ");
        description(b, member(q, "reason"));
    }
    buf_addc(b, '\n');
    if (!bad && strcmp(verdict, "warn"))
        return;
    buf_adds(b, "  ---\n");
    yaml(b, "verdict", verdict);
    yaml(b, "message", member(q, "reason"));
    yaml(b, "blame", member(q, "blame"));
    yaml(b, "todo", text_advice(verdict, member(q, "blame"), lang));
    buf_adds(b, "  ...\n");
}

int report_tap(const char *path, const json_t *result, enum lang lang, struct err *e)
{
    const json_t *list = json_object_get(result, "requirements");
    struct buf b;
    buf_init(&b, TAP_MAX);
    buf_addf(&b, "TAP version 14\n1..%zu\n", json_array_size(list));
    for (size_t i = 0; i < json_array_size(list); i++)
        test(&b, i + 1, json_array_get(list, i), lang);
    int rc = b.full ? err_set(e, E_TOOBIG, "the TAP report would pass 16 MiB")
                    : file_write(path, b.p, b.n, e);
    buf_done(&b);
    return rc;
}
