/* The text forms that HTTP carries: percent-encoding, query parameters, base64. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/wire/http.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Broken escapes stay as they are; so does %00, which a C string can't hold. */
static char *percent_decode(const char *s, size_t n)
{
    char *out = xmalloc(n + 1);
    size_t to = 0;

    for (size_t i = 0; i < n; i++) {
        int high = s[i] == '%' && i + 2 < n ? hex_value(s[i + 1]) : -1;
        int low = high >= 0 ? hex_value(s[i + 2]) : -1;

        if (low >= 0 && high + low > 0) {
            out[to++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[to++] = s[i];
        }
    }
    out[to] = '\0';
    return out;
}

char *http_query_get(const char *target, const char *name)
{
    const char *s = strchr(target, '?');

    if (s)
        s++;
    else if (target[0] == '/')
        return NULL;
    else
        s = target;
    for (;;) {
        size_t n = strcspn(s, "&"), key_n = 0;
        char *key;
        bool same;

        while (key_n < n && s[key_n] != '=')
            key_n++;
        key = percent_decode(s, key_n);
        same = n > 0 && strcmp(key, name) == 0;
        free(key);
        if (same)
            return key_n < n ? percent_decode(s + key_n + 1, n - key_n - 1) : xstrdup("");
        if (s[n] == '\0')
            return NULL;
        s += n + 1;
    }
}

char *http_percent_encode(const char *s)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~";
    size_t n = strlen(s), to = 0;
    char *out = xmalloc(3 * n + 1);

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (strchr(plain, c)) {
            out[to++] = s[i];
        } else {
            out[to++] = '%';
            out[to++] = digits[c >> 4];
            out[to++] = digits[c & 15];
        }
    }
    out[to] = '\0';
    return out;
}

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *http_base64(const void *p, size_t n)
{
    const unsigned char *u = p;
    char *out = xmalloc((n + 2) / 3 * 4 + 1);
    size_t to = 0;

    for (size_t i = 0; i < n; i += 3) {
        unsigned v = (unsigned)u[i] << 16;

        if (i + 1 < n)
            v |= (unsigned)u[i + 1] << 8;
        if (i + 2 < n)
            v |= u[i + 2];
        out[to++] = base64[v >> 18];
        out[to++] = base64[v >> 12 & 63];
        out[to++] = i + 1 < n ? base64[v >> 6 & 63] : '=';
        out[to++] = i + 2 < n ? base64[v & 63] : '=';
    }
    out[to] = '\0';
    return out;
}

/* Padding is required and the bits it leaves over must be zero (RFC 4648 section 3.5). */
char *http_base64_decode(const char *s, size_t *n)
{
    size_t len = strlen(s), pad = 0, to = 0;
    unsigned v = 0;
    char *out;

    if (len % 4)
        return NULL;
    while (pad < 2 && pad < len && s[len - 1 - pad] == '=')
        pad++;
    out = xmalloc(len / 4 * 3 + 1);
    for (size_t i = 0; i < len - pad; i++) {
        const char *c = strchr(base64, s[i]);

        if (!c) {
            free(out);
            return NULL;
        }
        v = v << 6 | (unsigned)(c - base64);
        if (i % 4 == 3) {
            out[to++] = (char)(v >> 16 & 255);
            out[to++] = (char)(v >> 8 & 255);
            out[to++] = (char)(v & 255);
            v = 0;
        }
    }
    if ((pad == 1 && v & 3) || (pad == 2 && v & 15)) {
        free(out);
        return NULL;
    }
    if (pad == 1) {
        out[to++] = (char)(v >> 10 & 255);
        out[to++] = (char)(v >> 2 & 255);
    } else if (pad == 2) {
        out[to++] = (char)(v >> 4 & 255);
    }
    out[to] = '\0';
    *n = to;
    return out;
}
