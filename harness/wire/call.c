/*
 * One call through libcurl: what is set, what its callbacks collect, and how libcurl's
 * result becomes a call_outcome. The request goes out as it was given: besides Host,
 * Content-Length and, where absent, User-Agent nothing is added to it.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mem.h"
#include "harness/wire/client.h"

#define TIMEOUT_DEFAULT  (30 * NS_PER_S)
#define MAX_BODY_DEFAULT ((size_t)64 << 20)
#define USER_AGENT       "koppelproef/" KOPPELPROEF_VERSION

/* ---- the response, as it comes in ---- */

static char *trimmed(const char *p, size_t n)
{
    while (n && (*p == ' ' || *p == '\t'))
        p++, n--;
    while (n && isspace((unsigned char)p[n - 1]))
        n--;
    return xstrndup(p, n);
}

/* Glues a folded line (RFC 9112 section 5.2) onto the field before it. */
static void field_continues(struct http_fields *f, const char *line, size_t n)
{
    if (!f->n)
        return;
    struct http_field *last = &f->v[f->n - 1];
    char *more = trimmed(line, n);
    char *value = xasprintf("%s %s", last->value, more);
    free(more);
    free(last->value);
    last->value = value;
}

static void field_line(struct http_fields *f, const char *line, size_t n)
{
    const char *colon = memchr(line, ':', n);
    if (!colon)
        return;
    char *name = trimmed(line, (size_t)(colon - line));
    char *value = trimmed(colon + 1, n - (size_t)(colon - line) - 1);
    http_fields_add(f, name, value);
    free(name);
    free(value);
}

/* "HTTP/1.1 200 OK": the three digits, or 0. */
static int status_of(const char *line, size_t n)
{
    const char *sp = memchr(line, ' ', n);
    if (!sp || n - (size_t)(sp - line) < 4)
        return 0;
    int status = 0;
    for (int i = 1; i <= 3; i++) {
        if (!isdigit((unsigned char)sp[i]))
            return 0;
        status = status * 10 + (sp[i] - '0');
    }
    return status;
}

/* Called by libcurl with one line at a time, of interim responses and trailers too. */
static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
    struct wire_call *c = arg;
    struct http_response *r = &c->result.response;
    const size_t n = size * count;
    if (!c->result.first_byte)
        c->result.first_byte = when_monotonic();
    if (!c->fields_open) {
        if (c->fields_done || n < 5 || memcmp(line, "HTTP/", 5) != 0)
            return n; /* a trailer field: not part of what we judge */
        const int status = status_of(line, n);
        if (c->drop_reply && status >= 200) {
            c->dropped = true;
            return 0;
        }
        http_response_done(r);
        http_response_init(r);
        r->status = status;
        c->fields_open = true;
    } else if (line[0] == '\r' || line[0] == '\n') {
        c->fields_open = false;
        c->fields_done = r->status >= 200;
    } else if (line[0] == ' ' || line[0] == '\t') {
        field_continues(&r->fields, line, n);
    } else {
        field_line(&r->fields, line, n);
    }
    return n;
}

static size_t on_body(char *p, size_t size, size_t count, void *arg)
{
    struct wire_call *c = arg;
    const size_t n = size * count;
    if (buf_add(&c->body, p, n)) {
        c->too_large = true;
        return 0;
    }
    return n;
}

/* Comes just before libcurl sends the request. When a reused connection dies before a
 * byte of the response, libcurl (7.88) sends the request again by itself, a POST too: the
 * second time is refused here, so that one call is at most one request on the wire. */
static int on_prereq(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    (void)peer;
    (void)local;
    (void)peer_port;
    (void)local_port;
    struct wire_call *c = arg;
    if (c->sent) {
        c->again = true;
        return CURL_PREREQFUNC_ABORT;
    }
    c->sent = true;
    c->result.reused = !c->opened;
    return CURL_PREREQFUNC_OK;
}

/* ---- the request ---- */

static void header_add(struct wire_call *c, const char *line)
{
    struct curl_slist *l = curl_slist_append(c->headers, line);
    if (l)
        c->headers = l;
}

/* The header fields, and the removal of those that libcurl would add by itself. */
static void prepare_fields(struct wire_call *c, const struct http_request *q)
{
    static const char *const unwanted[] = {"Expect", "Accept", "Content-Type"};
    char line[64];
    for (size_t i = 0; i < ARRAY_LEN(unwanted); i++)
        if (!http_fields_get(&q->fields, unwanted[i])) {
            snprintf(line, sizeof line, "%s:", unwanted[i]);
            header_add(c, line);
        }
    for (size_t i = 0; i < q->fields.n; i++) {
        const struct http_field *f = &q->fields.v[i];
        /* "Name;" is how libcurl is told to send a field without a value. */
        char *s = f->value[0] ? xasprintf("%s: %s", f->name, f->value)
                              : xasprintf("%s;", f->name);
        header_add(c, s);
        free(s);
    }
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    if (!http_fields_get(&q->fields, "User-Agent"))
        curl_easy_setopt(c->easy, CURLOPT_USERAGENT, USER_AGENT);
}

/* Method and body. POST, PUT and PATCH without a body say so with Content-Length: 0
 * (RFC 9110 section 8.6). */
static void prepare_body(struct wire_call *c, const struct http_request *q)
{
    CURL *h = c->easy;
    const bool expects_body = strcmp(q->method, "POST") == 0 ||
                              strcmp(q->method, "PUT") == 0 ||
                              strcmp(q->method, "PATCH") == 0;
    if (strcmp(q->method, "HEAD") == 0) {
        curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
        return;
    }
    if (!q->body && !expects_body) {
        curl_easy_setopt(h, CURLOPT_HTTPGET, 1L);
    } else {
        c->request_body = xmemdup(q->body ? q->body : "", q->body ? q->body_n : 0);
        curl_easy_setopt(h, CURLOPT_POST, 1L);
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)(q->body ? q->body_n : 0));
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, c->request_body);
    }
    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, q->method);
}

/* Splits the base URL into what libcurl connects to and the path that goes before the
 * request's target: the target then reaches the wire byte for byte. */
static int prepare_url(struct wire_call *c, const char *url, const char *target)
{
    const bool http = strncasecmp(url, "http://", 7) == 0;
    if (!http && strncasecmp(url, "https://", 8) != 0) {
        snprintf(c->result.detail, sizeof c->result.detail,
                 "no http or https URL: %.200s", url);
        return E_INVALID;
    }
    const char *authority = url + (http ? 7 : 8);
    size_t host_n = strcspn(authority, "/?#");
    size_t path_n = strlen(authority + host_n);
    if (path_n && authority[host_n + path_n - 1] == '/' && target[0] == '/')
        path_n--;
    c->target = xasprintf("%.*s%s", (int)path_n, authority + host_n, target);
    if (!c->target[0]) {
        free(c->target);
        c->target = xstrdup("/");
    }
    host_n += (size_t)(authority - url);
    c->url = xasprintf("%.*s/", (int)host_n, url);
    curl_easy_setopt(c->easy, CURLOPT_URL, c->url);
    curl_easy_setopt(c->easy, CURLOPT_REQUEST_TARGET, c->target);
    return 0;
}

static void prepare_tls(CURL *h, const struct call *spec)
{
    /* A session of an earlier connection would let an actor skip the handshake that is to
     * be tested. */
    curl_easy_setopt(h, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    if (spec->ca_file) {
        curl_easy_setopt(h, CURLOPT_CAINFO, spec->ca_file);
        curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
        curl_easy_setopt(h, CURLOPT_CA_CACHE_TIMEOUT, 0L); /* the file may change */
    }
    if (spec->trust != TRUST_PROPER)
        curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 0L);
    if (spec->trust == TRUST_ANYBODY)
        curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 0L);
    if (spec->cert_file)
        curl_easy_setopt(h, CURLOPT_SSLCERT, spec->cert_file);
    if (spec->key_file)
        curl_easy_setopt(h, CURLOPT_SSLKEY, spec->key_file);
    if (spec->old_tls) {
        curl_easy_setopt(h, CURLOPT_SSLVERSION,
                         (long)CURL_SSLVERSION_TLSv1_1 | CURL_SSLVERSION_MAX_TLSv1_1);
        /* OpenSSL would refuse by itself to offer what old versions sign with. */
        curl_easy_setopt(h, CURLOPT_SSL_CIPHER_LIST, "ALL:@SECLEVEL=0");
    }
}

int call_prepare(struct wire_call *c, const struct call *spec)
{
    CURL *h = c->easy;
    buf_init(&c->body, spec->max_body ? spec->max_body : MAX_BODY_DEFAULT);
    http_response_init(&c->result.response);
    c->drop_reply = spec->cut == CALL_DROP_REPLY;
    if (prepare_url(c, spec->url, spec->request->target ? spec->request->target : ""))
        return E_INVALID;

    const uint64_t ns = spec->timeout_ns ? spec->timeout_ns : (uint64_t)TIMEOUT_DEFAULT;
    const long ms = (long)((ns + NS_PER_MS - 1) / NS_PER_MS);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, ms);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, ms);
    curl_easy_setopt(h, CURLOPT_PRIVATE, c);
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, c->words);
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(h, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, on_prereq);
    curl_easy_setopt(h, CURLOPT_PREREQDATA, c);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, client_open_socket);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, c);
    if (spec->fresh) {
        curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
    }
    prepare_tls(h, spec);
    prepare_fields(c, spec->request);
    prepare_body(c, spec->request);
    return 0;
}

/* ---- the outcome ---- */

static const struct {
    CURLcode code;
    enum call_outcome outcome;
} outcomes[] = {
    {CURLE_COULDNT_RESOLVE_HOST, CALL_RESOLVE},
    {CURLE_COULDNT_CONNECT, CALL_REFUSED},
    {CURLE_OPERATION_TIMEDOUT, CALL_TIMEOUT},
    {CURLE_GOT_NOTHING, CALL_RESET},
    {CURLE_SEND_ERROR, CALL_RESET},
    {CURLE_RECV_ERROR, CALL_RESET},
    {CURLE_PARTIAL_FILE, CALL_TRUNCATED},
    {CURLE_WEIRD_SERVER_REPLY, CALL_NOT_HTTP},
    {CURLE_UNSUPPORTED_PROTOCOL, CALL_NOT_HTTP}, /* HTTP/0.9, HTTP/2 unasked */
    {CURLE_BAD_CONTENT_ENCODING, CALL_NOT_HTTP},
    {CURLE_FILESIZE_EXCEEDED, CALL_TOO_LARGE},
    {CURLE_SSL_CONNECT_ERROR, CALL_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, CALL_TLS},
    {CURLE_SSL_CERTPROBLEM, CALL_TLS},
    {CURLE_SSL_CIPHER, CALL_TLS},
    {CURLE_SSL_CACERT_BADFILE, CALL_TLS},
    {CURLE_SSL_CRL_BADFILE, CALL_TLS},
    {CURLE_SSL_ISSUER_ERROR, CALL_TLS},
    {CURLE_SSL_INVALIDCERTSTATUS, CALL_TLS},
    {CURLE_SSL_CLIENTCERT, CALL_TLS},
    {CURLE_USE_SSL_FAILED, CALL_TLS},
};

/* Did our own machine refuse the socket? Then the peer is not to blame. */
static bool out_of_sockets(const struct wire_call *c)
{
    long os = 0;
    curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os);
    return c->socket_errno || os == EADDRNOTAVAIL || os == EMFILE || os == ENFILE ||
           os == ENOBUFS || os == ENOMEM;
}

/* The connection was lost: before the response (an interim one is none) or in it? */
static enum call_outcome lost(const struct wire_call *c)
{
    return c->result.response.status >= 200 ? CALL_TRUNCATED : CALL_RESET;
}

/* libcurl's code, made precise by what the callbacks saw. */
static enum call_outcome outcome_of(const struct wire_call *c, CURLcode code)
{
    if (c->dropped)
        return CALL_DROPPED;
    if (c->too_large)
        return CALL_TOO_LARGE;
    if (c->again)
        return CALL_RESET;
    if (code == CURLE_OK) /* libcurl is content with header fields that break off */
        return c->fields_done ? CALL_ANSWERED : lost(c);
    enum call_outcome o = CALL_OTHER;
    for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
        if (outcomes[i].code == code)
            o = outcomes[i].outcome;
    if (o == CALL_REFUSED && out_of_sockets(c))
        return CALL_OTHER;
    if (o == CALL_RESET && strstr(c->words, "in chunked-encoding"))
        return CALL_NOT_HTTP;
    if (o == CALL_RESET && strstr(c->words, "Too large response headers"))
        return CALL_TOO_LARGE; /* over 300 KiB in all */
    /* With TLS 1.3 the refusal of a client certificate comes after the handshake. */
    if (o == CALL_RESET && strstr(c->words, " alert "))
        return CALL_TLS;
    if (o == CALL_RESET)
        return lost(c);
    if (code == CURLE_OUT_OF_MEMORY && c->result.first_byte) /* a field over 100 KiB */
        return CALL_TOO_LARGE;
    return o;
}

void call_conclude(struct wire_call *c, CURLcode code)
{
    struct call_result *r = &c->result;
    r->outcome = outcome_of(c, code);
    const char *words = "";
    if (c->again)
        words = "the reused connection was lost before a response; not sent again";
    else if (r->outcome == CALL_OTHER && c->socket_errno)
        words = strerror(c->socket_errno);
    else if (r->outcome != CALL_ANSWERED)
        words = c->words[0] ? c->words : curl_easy_strerror(code);
    snprintf(r->detail, sizeof r->detail, "%s", words);
    if (c->body.n) {
        size_t n;
        char *body = buf_take(&c->body, &n);
        http_response_body(&r->response, body, n);
    }
}

void call_free(struct wire_call *c)
{
    curl_slist_free_all(c->headers);
    free(c->url);
    free(c->target);
    free(c->request_body);
    buf_done(&c->body);
    http_response_done(&c->result.response);
    free(c);
}
