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
    struct buf b, entry;
    when_t wall; /* at t = 0 */
    size_t entries, left_out;
};

/* Written without jansson's objects: there are as many entries as exchanges. */

static json_int_t integer(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_text(o, key);
    return s ? s : "";
}

static void add_string(struct buf *b, const char *s, size_t n)
{
    buf_addc(b, '"');
    buf_add_json(b, s, n);
    buf_addc(b, '"');
}

/* ,"key":"text" */
static void add_member(struct buf *b, const char *key, const char *s, size_t n)
{
    buf_addf(b, ",\"%s\":", key);
    add_string(b, s, n);
}

static void add_value(struct buf *b, const char *key, const json_t *v)
{
    add_member(b, key, json_string_value(v), json_string_length(v));
}

/* Returns the media type, or "". */
static const char *headers(struct buf *b, const json_t *message)
{
    const json_t *fields = json_object_get(message, "fields");
    const char *type = "";
    size_t n = 0;
    buf_adds(b, ",\"headers\":[");
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);
        const json_t *name = json_array_get(field, 0), *value = json_array_get(field, 1);
        if (!json_is_string(name) || !json_is_string(value))
            continue;
        if (!strcasecmp(json_string_value(name), "Content-Type"))
            type = json_string_value(value);
        buf_adds(b, n++ ? ",{\"name\":" : "{\"name\":");
        add_string(b, json_string_value(name), json_string_length(name));
        add_value(b, "value", value);
        buf_addc(b, '}');
    }
    buf_addc(b, ']');
    return type;
}

static void query(struct buf *b, const char *target)
{
    size_t count = 0;
    buf_adds(b, ",\"queryString\":[");
    for (const char *at = strchr(target, '?'); at && *at;) {
        size_t n = strcspn(++at, "&"), name = strcspn(at, "=&");
        if (n) {
            buf_adds(b, count++ ? ",{\"name\":" : "{\"name\":");
            add_string(b, at, name);
            add_member(b, "value", at + name + (name < n), n - name - (name < n));
            buf_addc(b, '}');
        }
        at += n;
    }
    buf_addc(b, ']');
}

/* The length of a body: of the whole where the journal has its beginning only. */
static long long size_of(const json_t *message)
{
    json_int_t bytes = integer(message, "bytes");
    return bytes ? bytes
                 : (long long)json_string_length(json_object_get(message, "body"));
}

static void sizes(struct buf *b, const json_t *message)
{
    buf_addf(b, ",\"headersSize\":-1,\"bodySize\":%lld", size_of(message));
}

static void request(struct buf *b, const json_t *x)
{
    const json_t *m = json_object_get(x, "request"), *body = json_object_get(m, "body");
    const char *method = text(m, "method"), *target = text(m, "target");
    const char *url = text(x, "url");
    size_t n = strlen(url);
    bool whole = *target != '/' && strstr(target, "://");
    buf_adds(b, ",\"request\":{\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],\"url\":\"");
    if (!whole && n)
        buf_add_json(b, url, n - (url[n - 1] == '/'));
    else if (!whole)
        buf_adds(b, "http://koppelpunt");
    buf_add_json(b, target, strlen(target));
    buf_addc(b, '"');
    add_member(b, "method", method, strlen(method));
    const char *type = headers(b, m);
    query(b, target);
    sizes(b, m);
    if (json_is_string(body)) {
        buf_adds(b, ",\"postData\":{\"mimeType\":");
        add_string(b, type, strlen(type));
        add_value(b, "text", body);
        buf_addc(b, '}');
    }
    buf_addc(b, '}');
}

/* Without an answer the status is 0, as browsers write it. */
static void response(struct buf *b, const json_t *x)
{
    const json_t *m = json_object_get(x, "response"), *body = json_object_get(m, "body");
    buf_addf(b,
             ",\"response\":{\"status\":%lld,\"statusText\":\"\","
             "\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],\"redirectURL\":\"\"",
             (long long)integer(m, "status"));
    const char *type = headers(b, m);
    sizes(b, m);
    buf_addf(b, ",\"content\":{\"size\":%lld", size_of(m));
    add_member(b, "mimeType", *type ? type : "x-unknown",
               *type ? strlen(type) : strlen("x-unknown"));
    if (json_is_string(body))
        add_value(b, "text", body);
    buf_adds(b, "}}");
}

static void entry(struct har *h, const json_t *x)
{
    static const char *const ours[][2] = {{"_from", "from"},
                                          {"_to", "to"},
                                          {"_scenario", "scenario"},
                                          {"_outcome", "outcome"}};
    struct buf *b = &h->entry;
    char at[32];
    when_t when = h->wall + integer(x, "began");
    double ms = (double)(integer(x, "ended") - integer(x, "began")) / (double)NS_PER_MS;
    ms = ms > 0 ? ms : 0;
    when_format(when - when % NS_PER_MS, at);
    buf_reset(b);
    buf_addf(b,
             "{\"startedDateTime\":\"%s\",\"time\":%.6f,\"cache\":{},\"timings\":"
             "{\"send\":0,\"wait\":%.6f,\"receive\":0},\"_seq\":%lld",
             at, ms, ms, (long long)integer(x, "seq"));
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        add_member(b, ours[i][0], text(x, ours[i][1]), strlen(text(x, ours[i][1])));
    request(b, x);
    response(b, x);
    buf_addc(b, '}');
    if (b->full || h->b.n + b->n >= HAR_MAX - 1000) {
        h->left_out++;
        return;
    }
    buf_adds(&h->b, h->entries++ ? ",\n" : "\n");
    buf_add(&h->b, b->p, b->n);
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
    buf_init(&h.entry, ENTRY_MAX);
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
    buf_done(&h.entry);
    buf_done(&h.b);
    return rc;
}
