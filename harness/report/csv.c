/* The result as CSV (RFC 4180): a row per requirement. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/report/page.h"

#define CSV_MAX (16u << 20)

/* Always quoted. What a spreadsheet would take for a formula gets an apostrophe. */
static void cell(struct buf *b, const char *s, bool last)
{
    buf_addc(b, '"');
    if (*s && strchr("=+-@\t\r", *s))
        buf_addc(b, '\'');
    for (; *s; s++) {
        if (*s == '"')
            buf_addc(b, '"');
        buf_addc(b, *s);
    }
    buf_adds(b, last ? "\"\r\n" : "\",");
}

static void row(struct buf *b, const json_t *q, enum lang lang)
{
    static const char *const members[] = {"id",     "level", "role",  "verdict",
                                          "reason", "blame", "source"};
    const json_t *scenarios = json_object_get(q, "scenarios");
    struct buf names;
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        cell(b, member(q, members[i]), false);
    buf_init(&names, CSV_MAX);
    for (size_t i = 0; i < json_array_size(scenarios); i++) {
        const char *name = json_string_value(json_array_get(scenarios, i));
        buf_addf(&names, "%s%s", i ? " " : "", name ? name : "");
    }
    cell(b, names.p ? names.p : "", false);
    buf_done(&names);
    cell(b, member(q, lang == LANG_NL ? "nl" : "en"), true);
}

int report_csv(const char *path, const json_t *result, enum lang lang, struct err *e)
{
    const json_t *list = json_object_get(result, "requirements");
    struct buf b;
    buf_init(&b, CSV_MAX);
    buf_adds(&b, "\"id\",\"level\",\"role\",\"verdict\",\"reason\",\"blame\",\"source\","
                 "\"scenarios\",\"text\"\r\n");
    for (size_t i = 0; i < json_array_size(list); i++)
        row(&b, json_array_get(list, i), lang);
    int rc = b.full ? err_set(e, E_TOOBIG, "the CSV report would pass 16 MiB")
                    : file_write(path, b.p, b.n, e);
    buf_done(&b);
    return rc;
}
