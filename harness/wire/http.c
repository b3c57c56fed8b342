#include "harness/wire/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mem.h"
#include "harness/base/when.h"
#include "harness/wire/wire.h"

/* ---- header fields ---- */

void http_fields_add(struct http_fields *f, const char *name, const char *value)
{
    if (f->n == f->cap) {
        f->cap = f->cap ? 2 * f->cap : 8;
        f->v = xrealloc(f->v, f->cap * sizeof *f->v);
    }
    f->v[f->n++] = (struct http_field){xstrdup(name), xstrdup(value)};
}

static void field_done(struct http_field *f)
{
    free(f->name);
    free(f->value);
}

/* Removes those of that name from index `from` on. */
static void remove_from(struct http_fields *f, const char *name, size_t from)
{
    size_t to = from;

    for (size_t i = from; i < f->n; i++) {
        if (strcasecmp(f->v[i].name, name) == 0)
            field_done(&f->v[i]);
        else
            f->v[to++] = f->v[i];
    }
    if (f->n > to)
        f->n = to;
}

void http_fields_set(struct http_fields *f, const char *name, const char *value)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcasecmp(f->v[i].name, name) == 0) {
            struct http_field was = f->v[i];

            f->v[i] = (struct http_field){xstrdup(name), xstrdup(value)};
            remove_from(f, f->v[i].name, i + 1);
            field_done(&was);
            return;
        }
    http_fields_add(f, name, value);
}

void http_fields_remove(struct http_fields *f, const char *name)
{
    remove_from(f, name, 0);
}

const char *http_fields_get(const struct http_fields *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcasecmp(f->v[i].name, name) == 0)
            return f->v[i].value;
    return NULL;
}

void http_fields_done(struct http_fields *f)
{
    for (size_t i = 0; i < f->n; i++)
        field_done(&f->v[i]);
    free(f->v);
    *f = (struct http_fields){0};
}

void http_fields_copy(struct http_fields *to, const struct http_fields *from)
{
    *to = (struct http_fields){0};
    for (size_t i = 0; i < from->n; i++)
        http_fields_add(to, from->v[i].name, from->v[i].value);
}

/* ---- messages ---- */

void http_request_init(struct http_request *r)
{
    *r = (struct http_request){0};
}

void http_request_done(struct http_request *r)
{
    free(r->method);
    free(r->target);
    free(r->body);
    http_fields_done(&r->fields);
    http_request_init(r);
}

void http_request_copy(struct http_request *to, const struct http_request *from)
{
    http_request_init(to);
    to->method = xstrdup(from->method);
    to->target = xstrdup(from->target);
    http_fields_copy(&to->fields, &from->fields);
    to->body = from->body ? xmemdup(from->body, from->body_n) : NULL;
    to->body_n = from->body_n; /* also SIZE_MAX without a body: larger than allowed */
}

void http_request_line(struct http_request *r, const char *method, const char *target)
{
    char *m = xstrdup(method), *t = xstrdup(target);

    free(r->method);
    free(r->target);
    r->method = m;
    r->target = t;
}

/* The same bytes with a NUL behind them. */
static char *terminated(char *body, size_t n)
{
    if (!body)
        return NULL;
    body = xrealloc(body, n + 1);
    body[n] = '\0';
    return body;
}

void http_request_body(struct http_request *r, char *body, size_t n)
{
    if (r->body != body)
        free(r->body);
    r->body = terminated(body, n);
    r->body_n = body ? n : 0;
}

void http_response_init(struct http_response *r)
{
    *r = (struct http_response){0};
}

void http_response_done(struct http_response *r)
{
    free(r->body);
    http_fields_done(&r->fields);
    http_response_init(r);
}

void http_response_copy(struct http_response *to, const struct http_response *from)
{
    http_response_init(to);
    to->status = from->status;
    http_fields_copy(&to->fields, &from->fields);
    to->body = from->body ? xmemdup(from->body, from->body_n) : NULL;
    to->body_n = from->body_n;
}

void http_response_body(struct http_response *r, char *body, size_t n)
{
    if (r->body != body)
        free(r->body);
    r->body = terminated(body, n);
    r->body_n = body ? n : 0;
}

void http_reply_init(struct http_reply *r)
{
    *r = (struct http_reply){0};
}

void http_reply_done(struct http_reply *r)
{
    http_response_done(&r->response);
    http_reply_init(r);
}

/* ---- names and header values ---- */

bool http_media_is(const char *content_type, const char *type)
{
    size_t n;

    if (!content_type)
        return false;
    content_type += strspn(content_type, " \t");
    n = strcspn(content_type, "; \t");
    if (strlen(type) != n || strncasecmp(content_type, type, n) != 0)
        return false;
    content_type += n;
    content_type += strspn(content_type, " \t");
    return *content_type == '\0' || *content_type == ';';
}

/* RFC 9110 section 15, with 428, 429, 431 and 511 of RFC 6585. */
const char *http_status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } rows[] = {
        {100, "Continue"},
        {101, "Switching Protocols"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {203, "Non-Authoritative Information"},
        {204, "No Content"},
        {205, "Reset Content"},
        {206, "Partial Content"},
        {300, "Multiple Choices"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {305, "Use Proxy"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {407, "Proxy Authentication Required"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {511, "Network Authentication Required"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].status == status)
            return rows[i].text;
    return "";
}

double http_retry_after(const struct http_fields *f, int64_t now)
{
    const char *value = http_fields_get(f, "Retry-After");
    size_t digits;
    when_t at;

    if (!value)
        return -1;
    value += strspn(value, " \t");
    digits = strspn(value, "0123456789");
    if (digits > 0) {
        double seconds = 0;

        if (value[digits + strspn(value + digits, " \t")] != '\0')
            return -1;
        for (size_t i = 0; i < digits && i < 18; i++)
            seconds = seconds * 10 + (value[i] - '0');
        return seconds;
    }
    if (when_parse_http(value, &at))
        return -1;
    return at > now ? (double)at / 1e9 - (double)now / 1e9 : 0;
}

const char *call_outcome_name(enum call_outcome o)
{
    static const char *const names[] = {
        [CALL_ANSWERED] = "answered",
        [CALL_REFUSED] = "refused",
        [CALL_RESOLVE] = "resolve",
        [CALL_TIMEOUT] = "timeout",
        [CALL_RESET] = "reset",
        [CALL_TRUNCATED] = "truncated",
        [CALL_TLS] = "tls",
        [CALL_NOT_HTTP] = "not-http",
        [CALL_TOO_LARGE] = "too-large",
        [CALL_DROPPED] = "dropped",
        [CALL_CANCELLED] = "cancelled",
        [CALL_OTHER] = "other",
    };

    return (unsigned)o < ARRAY_LEN(names) ? names[o] : "other";
}
