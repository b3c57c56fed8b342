#include "harness/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/err.h"
#include "harness/base/mem.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_done(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.max = b->max};
}

void buf_reset(struct buf *b)
{
    b->n = 0;
    b->full = false;
    if (b->p)
        b->p[0] = '\0';
}

/* Makes room for n more bytes and the NUL, or sets `full`. */
static int reserve(struct buf *b, size_t n)
{
    size_t cap;

    if (b->full || n > b->max - b->n || b->n + n >= SIZE_MAX / 2) {
        b->full = true;
        return E_TOOBIG;
    }
    if (b->n + n < b->cap)
        return 0;
    cap = b->cap ? b->cap : 64;
    while (cap <= b->n + n)
        cap *= 2;
    b->p = xrealloc(b->p, cap);
    b->cap = cap;
    return 0;
}

int buf_add(struct buf *b, const void *p, size_t n)
{
    int rc = reserve(b, n);

    if (rc)
        return rc;
    if (n > 0)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = '\0';
    return 0;
}

int buf_adds(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

int buf_addc(struct buf *b, char c)
{
    int rc = reserve(b, 1);

    if (rc)
        return rc;
    b->p[b->n++] = c;
    b->p[b->n] = '\0';
    return 0;
}

int buf_addf(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap, again;
    int n, rc;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(small, sizeof small, fmt, ap);
    if (n >= 0 && (size_t)n < sizeof small) {
        rc = buf_add(b, small, (size_t)n);
    } else {
        char *s = xvasprintf(fmt, again);
        rc = buf_adds(b, s);
        free(s);
    }
    va_end(again);
    va_end(ap);
    return rc;
}

size_t utf8_length(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    unsigned char low = 0x80, high = 0xBF;
    size_t len;

    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xC2 && s[0] <= 0xDF)
        len = 2;
    else if (s[0] >= 0xE0 && s[0] <= 0xEF)
        len = 3;
    else if (s[0] >= 0xF0 && s[0] <= 0xF4)
        len = 4;
    else
        return 0;
    if (len > n)
        return 0;
    if (s[0] == 0xE0)
        low = 0xA0; /* overlong */
    else if (s[0] == 0xED)
        high = 0x9F; /* surrogates */
    else if (s[0] == 0xF0)
        low = 0x90;
    else if (s[0] == 0xF4)
        high = 0x8F;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (s[i] < 0x80 || s[i] > 0xBF)
            return 0;
    return len;
}

static bool json_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void add_json_escape(struct buf *b, unsigned char c)
{
    static const char *const names[256] = {
        ['"'] = "\\\"", ['\\'] = "\\\\", ['\b'] = "\\b", ['\f'] = "\\f",
        ['\n'] = "\\n", ['\r'] = "\\r",  ['\t'] = "\\t",
    };

    if (names[c])
        buf_adds(b, names[c]);
    else
        buf_addf(b, "\\u%04x", c);
}

/* Undoes a partly done addition when the maximum was met on the way. */
static int settle(struct buf *b, size_t before)
{
    if (!b->full)
        return 0;
    if (b->n > before) {
        b->n = before;
        b->p[before] = '\0';
    }
    return E_TOOBIG;
}

/* Adds the beginning of u, as far as it is ASCII that needs no more than a backslash:
 * most of what is written, JSON within JSON above all. Returns how much that was. */
static size_t add_json_ascii(struct buf *b, const unsigned char *u, size_t n)
{
    size_t i = 0;

    if (n > (b->max - b->n) / 2 || reserve(b, 2 * n))
        return 0; /* it may not fit: byte by byte, then */
    char *out = b->p + b->n;
    for (; i < n; i++) {
        if (u[i] == '"' || u[i] == '\\')
            *out++ = '\\';
        else if (!json_plain(u[i]))
            break;
        *out++ = (char)u[i];
    }
    *out = '\0';
    b->n = (size_t)(out - b->p);
    return i;
}

int buf_add_json(struct buf *b, const char *s, size_t n)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t before = b->n, from = 0, i = 0;

    if (reserve(b, n))
        return E_TOOBIG;
    from = i = add_json_ascii(b, u, n);
    for (;;) {
        size_t len;

        while (i < n && json_plain(u[i]))
            i++;
        if (i == n)
            break;
        len = u[i] < 0x80 ? 0 : utf8_length(s + i, n - i);
        if (len > 0) {
            i += len;
            continue;
        }
        buf_add(b, s + from, i - from);
        if (u[i] < 0x80)
            add_json_escape(b, u[i]);
        else
            buf_adds(b, replacement);
        from = ++i;
    }
    buf_add(b, s + from, n - from);
    return settle(b, before);
}

/* XML 1.0 section 2.2 (Char): all but U+FFFE, U+FFFF and the C0 controls other than tab,
 * LF and CR. Surrogates are refused by utf8_length already. */
static bool xml_char(const unsigned char *u, size_t len)
{
    if (len == 1)
        return u[0] >= 0x20 || u[0] == '\t' || u[0] == '\n' || u[0] == '\r';
    return !(len == 3 && u[0] == 0xEF && u[1] == 0xBF && u[2] >= 0xBE);
}

int buf_add_xml(struct buf *b, const char *s)
{
    /* CR as a reference: a parser would turn it into LF (section 2.11). */
    static const char *const names[128] = {
        ['&'] = "&amp;",  ['<'] = "&lt;",   ['>'] = "&gt;",
        ['"'] = "&quot;", ['\''] = "&#39;", ['\r'] = "&#13;",
    };
    const unsigned char *u = (const unsigned char *)s;
    size_t n = strlen(s), before = b->n;

    for (size_t i = 0; i < n;) {
        size_t len = utf8_length(s + i, n - i);

        if (len == 0 || !xml_char(u + i, len))
            buf_adds(b, replacement);
        else if (len == 1 && names[u[i]])
            buf_adds(b, names[u[i]]);
        else
            buf_add(b, s + i, len);
        i += len ? len : 1;
    }
    return settle(b, before);
}

char *buf_take(struct buf *b, size_t *n)
{
    char *p = b->p ? b->p : xstrdup("");

    if (n)
        *n = b->n;
    if (!b->p || b->n == 0)
        p[0] = '\0';
    *b = (struct buf){.max = b->max};
    return p;
}
