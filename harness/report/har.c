/* The exchanges of a journal as an HTTP Archive 1.2, for the tools that read one. All is
 * masked already: it was when it was journalled. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/base/when.h"
#include "harness/report/report.h"
#include "harness/wire/journal.h"

#ifndef KOPPELPROEF_VERSION
#define KOPPELPROEF_VERSION "0"
#endif
#define HAR_MAX   (192u << 20)
#define ENTRY_MAX (1u << 20)

struct har {
    struct buf b;
    when_t wall; /* at t = 0 */
    size_t entries, left_out;
};

static json_int_t integer(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_text(o, key);
    return s ? s : "";
}

static json_t *headers(const json_t *message, const char **type)
{
    const json_t *fields = json_object_get(message, "fields");
    json_t *list = json_array();
    *type = "";
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);
        const char *name = json_string_value(json_array_get(field, 0));
        const char *value = json_string_value(json_array_get(field, 1));
        if (!name || !value)
            continue;
        if (!strcasecmp(name, "Content-Type"))
            *type = value;
        json_array_append_new(list, json_pack("{ss,ss}", "name", name, "value", value));
    }
    return list;
}

static json_t *query(const char *target)
{
    json_t *list = json_array();
    for (const char *at = strchr(target, '?'); at && *at;) {
        size_t n = strcspn(++at, "&"), name = strcspn(at, "=&");
        char *key = xstrndup(at, name);
        char *value = xstrndup(at + name + (name < n), n - name - (name < n));
        if (n)
            json_array_append_new(list,
                                  json_pack("{ss,ss}", "name", key, "value", value));
        free(key);
        free(value);
        at += n;
    }
    return list;
}

/* The length of a body: of the whole where the journal has its beginning only. */
static json_int_t size_of(const json_t *message)
{
    json_int_t bytes = integer(message, "bytes");
    return bytes ? bytes
                 : (json_int_t)json_string_length(json_object_get(message, "body"));
}

static json_t *request(const json_t *x)
{
    const json_t *m = json_object_get(x, "request");
    const char *type, *target = text(m, "target"), *url = text(x, "url");
    size_t n = strlen(url);
    json_t *fields = headers(m, &type);
    char *whole = *target != '/' && strstr(target, "://")
                      ? xstrdup(target)
                      : xasprintf("%.*s%s", n ? (int)(n - (url[n - 1] == '/')) : 17,
                                  n ? url : "http://koppelpunt", target);
    json_t *o =
        json_pack("{ss,ss,ss,s[],so,so,si,sI}", "method", text(m, "method"), "url", whole,
                  "httpVersion", "HTTP/1.1", "cookies", "headers", fields, "queryString",
                  query(target), "headersSize", -1, "bodySize", size_of(m));
    if (json_object_get(m, "body"))
        json_object_set_new(
            o, "postData",
            json_pack("{ss,sO}", "mimeType", type, "text", json_object_get(m, "body")));
    free(whole);
    return o;
}

/* Without an answer the status is 0, as browsers write it. */
static json_t *response(const json_t *x)
{
    const json_t *m = json_object_get(x, "response");
    const char *type;
    json_t *fields = headers(m, &type);
    json_t *content =
        json_pack("{sI,ss}", "size", size_of(m), "mimeType", *type ? type : "x-unknown");
    if (json_object_get(m, "body"))
        json_object_set(content, "text", json_object_get(m, "body"));
    return json_pack("{sI,ss,ss,s[],so,so,ss,si,sI}", "status", integer(m, "status"),
                     "statusText", "", "httpVersion", "HTTP/1.1", "cookies", "headers",
                     fields, "content", content, "redirectURL", "", "headersSize", -1,
                     "bodySize", size_of(m));
}

static void entry(struct har *h, const json_t *x)
{
    char at[32];
    when_t when = h->wall + integer(x, "began");
    double ms = (double)(integer(x, "ended") - integer(x, "began")) / (double)NS_PER_MS;
    ms = ms > 0 ? ms : 0;
    when_format(when - when % NS_PER_MS, at);
    json_t *o =
        json_pack("{ss,sf,so,so,s{},s{si,sf,si},ss,ss,ss,ss,sI}", "startedDateTime", at,
                  "time", ms, "request", request(x), "response", response(x), "cache",
                  "timings", "send", 0, "wait", ms, "receive", 0, "_from",
                  text(x, "from"), "_to", text(x, "to"), "_scenario", text(x, "scenario"),
                  "_outcome", text(x, "outcome"), "_seq", integer(x, "seq"));
    char *line = o ? json_dumps(o, JSON_COMPACT) : NULL;
    size_t n = line ? strlen(line) : 0;
    if (n && n <= ENTRY_MAX && h->b.n + n < HAR_MAX - 1000) {
        buf_adds(&h->b, h->entries++ ? ",\n" : "\n");
        buf_add(&h->b, line, n);
    } else {
        h->left_out++;
    }
    free(line);
    json_decref(o);
}

static int each(void *arg, json_t *event)
{
    struct har *h = arg;
    const char *kind = text(event, "kind"), *wall = text(event, "wall");
    if (!strcmp(kind, "run") && !h->wall && when_parse(wall, strlen(wall), &h->wall))
        h->wall = 0;
    if (!strcmp(kind, "exchange"))
        entry(h, event);
    return 0;
}

int report_har(const char *path, const char *journal_path, struct err *e)
{
    struct har h = {.entries = 0};
    buf_init(&h.b, HAR_MAX);
    buf_addf(&h.b,
             "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"koppelproef\","
             "\"version\":\"%s\"},\"entries\":[",
             KOPPELPROEF_VERSION);
    int rc = journal_read(journal_path, each, &h, NULL, e);
    buf_adds(&h.b, "]");
    if (h.left_out)
        buf_addf(&h.b, ",\"comment\":\"%zu exchanges are in the journal only\"",
                 h.left_out);
    buf_adds(&h.b, "}}\n");
    if (!rc)
        rc = file_write(path, h.b.p, h.b.n, e);
    buf_done(&h.b);
    return rc;
}
