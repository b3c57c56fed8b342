/*
 * HTTP messages as plain data: what roles, profile and journal speak about. No socket.
 */
#ifndef WIRE_HTTP_H
#define WIRE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_field {
    char *name, *value;
};
/* Header fields in order, duplicates kept. */
struct http_fields {
    struct http_field *v;
    size_t n, cap;
};

/* Who is at the other end of a TLS connection, as far as the door could verify it. */
struct http_peer {
    bool old_tls; /* older than TLS 1.2 */
    bool
        verified; /* showed a certificate of the listener's client authority, valid now */
    char serial[64]; /* that certificate's subject serialNumber (the OIN); "": none */
    char digest[65]; /* SHA-256 of the certificate (x5t#S256, RFC 8705 section 3.1) */
};

struct http_request {
    char *method;
    char *target; /* origin-form as it is on the wire: raw path and query */
    struct http_fields fields;
    char *body; /* NULL when there is none; else NUL-terminated beyond body_n */
    size_t body_n;
    const struct http_peer *peer; /* NULL: no TLS. Borrowed, not in copies */
};

struct http_response {
    int status;
    struct http_fields fields;
    char *body;
    size_t body_n;
};

/* How a server door is to deliver a reply: the faults that a reply can carry. */
enum http_cut {
    CUT_NONE,     /* whole */
    CUT_RESET,    /* TCP reset (or close where the transport can't) with no byte sent */
    CUT_TRUNCATE, /* header fields and half of the body, then close */
    CUT_SILENT,   /* no answer at all until the peer gives up */
};

struct http_reply {
    struct http_response response;
    uint64_t delay_ns; /* wait this long before the first byte */
    enum http_cut cut;
};

/* _init zeroes; _done frees the contents; _copy makes a deep copy into uninitialised *to.
 */
void http_fields_add(struct http_fields *f, const char *name, const char *value);
/* Replaces all of that name (compared without case), or adds. */
void http_fields_set(struct http_fields *f, const char *name, const char *value);
void http_fields_remove(struct http_fields *f, const char *name);
/* The first value of that name (compared without case), or NULL. */
const char *http_fields_get(const struct http_fields *f, const char *name);
void http_fields_done(struct http_fields *f);
void http_fields_copy(struct http_fields *to, const struct http_fields *from);

void http_request_init(struct http_request *r);
void http_request_done(struct http_request *r);
void http_request_copy(struct http_request *to, const struct http_request *from);
/* Sets method and target (copied). */
void http_request_line(struct http_request *r, const char *method, const char *target);
/* Takes body (may be NULL), allocated with malloc, ownership moves. */
void http_request_body(struct http_request *r, char *body, size_t n);

void http_response_init(struct http_response *r);
void http_response_done(struct http_response *r);
void http_response_copy(struct http_response *to, const struct http_response *from);
void http_response_body(struct http_response *r, char *body, size_t n);

void http_reply_init(struct http_reply *r);
void http_reply_done(struct http_reply *r);

/* The value of a query parameter, percent-decoded ('+' stays '+': RFC 3986), the caller
 * frees; NULL when absent. `target` may hold a path or be the query alone after '?'. */
char *http_query_get(const char *target, const char *name);
/* Percent-encodes all but RFC 3986 unreserved characters; the caller frees. */
char *http_percent_encode(const char *s);
/* base64 of n bytes (RFC 4648 section 4), and back; the caller frees. Decode gives NULL
 * on bad input; *n is set. */
char *http_base64(const void *p, size_t n);
char *http_base64_decode(const char *s, size_t *n);
/* Type and subtype of a media type without parameters, compared without case. */
bool http_media_is(const char *content_type, const char *type);
/* "OK", "Not Found", ...; "" when unknown. */
const char *http_status_text(int status);
/* Retry-After: seconds or an HTTP-date (RFC 9110 section 10.2.3), as seconds from `now`
 * (when_t), never negative; -1 when absent or unreadable. */
double http_retry_after(const struct http_fields *f, int64_t now);

#endif
