#include "harness/base/flat.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"

#define DIGITS_MAX 18 /* of a number that surely fits */

/* The text is read where it was copied to. Behind it stands a NUL, which is no part of
 * any JSON: everything that goes on while it likes what it sees ends there. */
struct reading {
    struct flat *f;
    char *at, *end;
    int depth;
};

void flat_init(struct flat *f)
{
    *f = (struct flat){0};
}

void flat_done(struct flat *f)
{
    free(f->v);
    free(f->text);
    *f = (struct flat){0};
}

static struct flat_value *add(struct flat *f, enum flat_type type)
{
    if (f->n == f->cap) {
        f->cap = f->cap ? 2 * f->cap : 64;
        f->v = xrealloc(f->v, f->cap * sizeof *f->v);
    }
    struct flat_value *v = &f->v[f->n++];
    v->type = type;
    v->next = (uint32_t)f->n;
    return v;
}

static void skip_space(struct reading *r)
{
    while (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')
        r->at++;
}

/* ---- strings ---- */

static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Behind a run of plain bytes, eight at a time: the sign bit of a byte of `odd` is set
 * when that byte isn't plain (a false alarm costs little). */
static char *behind_plain(char *s, const char *end)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t w;
    for (; end - s >= (long)sizeof w; s += sizeof w) {
        memcpy(&w, s, sizeof w);
        uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
        if ((w | (w - ones * 0x20) | (quote - ones) | (slash - ones)) & high)
            break;
    }
    while (plain((unsigned char)*s))
        s++;
    return s;
}

/* Four hex digits; -1 when they are none. */
static long hex4(const char *s)
{
    long v = 0;
    for (int i = 0; i < 4; i++) {
        char c = s[i];
        if (c >= '0' && c <= '9')
            v = v * 16 + (c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            v = v * 16 + ((c | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return v;
}

static char *put_utf8(char *to, long c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    } else {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    }
    return to;
}

/* \uXXXX at `s`, or two of them for a character beyond the first plane. Returns what is
 * behind, NULL for half of a pair and for U+0000. */
static const char *take_u(const char *s, char **to)
{
    long c = hex4(s + 2);
    s += 6;
    if (c <= 0 || (c >= 0xDC00 && c <= 0xDFFF))
        return NULL;
    if (c >= 0xD800 && c <= 0xDBFF) {
        long low = s[0] == '\\' && s[1] == 'u' ? hex4(s + 2) : -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return NULL;
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        s += 6;
    }
    *to = put_utf8(*to, c);
    return s;
}

/* The escape at s. Decoded, none is longer than it was written. */
static const char *take_escape(const char *s, char **to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    if (s[1] == 'u')
        return take_u(s, to);
    const char *k = s[1] ? strchr(from, s[1]) : NULL;
    if (!k)
        return NULL;
    *(*to)++ = into[k - from];
    return s + 2;
}

/* Goes on at the first byte of a string that isn't plain; `from` is where the string
 * began. Returns its length, -1 when it is none. */
static long rest_of_string(struct reading *r, const char *from)
{
    char *to = r->at;
    const char *s = r->at;
    while (*s != '"') {
        size_t n = 1;
        if (*s == '\\') {
            if (!(s = take_escape(s, &to)))
                return -1;
            continue;
        }
        if ((unsigned char)*s < 0x20 || !(n = utf8_length(s, (size_t)(r->end - s))))
            return -1;
        memmove(to, s, n);
        to += n;
        s += n;
    }
    *to = '\0';
    r->at += s + 1 - r->at;
    return to - from;
}

static bool read_string(struct reading *r)
{
    char *from = ++r->at;
    r->at = behind_plain(from, r->end);
    long n = r->at - from;
    if (*r->at == '"')
        *r->at++ = '\0';
    else if ((n = rest_of_string(r, from)) < 0)
        return false;
    struct flat_value *v = add(r->f, FLAT_STRING);
    v->u.string.at = (uint32_t)(from - r->f->text);
    v->u.string.n = (uint32_t)n;
    return true;
}

/* ---- values ---- */

static bool read_number(struct reading *r)
{
    char *s = r->at;
    bool negative = *s == '-';
    int64_t v = 0;
    int digits = 0;
    s += negative;
    bool zero = *s == '0';
    for (; *s >= '0' && *s <= '9'; s++)
        if (++digits <= DIGITS_MAX)
            v = v * 10 + (*s - '0');
    if (!digits || digits > DIGITS_MAX || (zero && digits > 1) || *s == '.' ||
        (*s | 0x20) == 'e')
        return false;
    r->at = s;
    add(r->f, FLAT_INTEGER)->u.integer = negative ? -v : v;
    return true;
}

static bool read_word(struct reading *r, const char *word, size_t n, enum flat_type type)
{
    if (strncmp(r->at, word, n))
        return false;
    r->at += n;
    add(r->f, type);
    return true;
}

static bool read_value(struct reading *r);

/* What comes behind an element or a member: true when there is one more. */
static bool more(struct reading *r, char close, bool *ok)
{
    skip_space(r);
    *ok = *r->at == ',' || *r->at == close;
    return *ok && *r->at++ == ',';
}

static bool read_array(struct reading *r)
{
    struct flat *f = r->f;
    size_t here = f->n;
    uint32_t count = 0;
    bool ok = true, go_on;
    add(f, FLAT_ARRAY);
    r->at++;
    skip_space(r);
    go_on = *r->at != ']';
    r->at += !go_on;
    while (go_on) {
        if (!read_value(r))
            return false;
        count++;
        go_on = more(r, ']', &ok);
    }
    f->v[here].u.count = count;
    f->v[here].next = (uint32_t)f->n;
    return ok;
}

uint32_t flat_get(const struct flat *f, uint32_t object, const char *key, size_t n)
{
    const struct flat_value *o = &f->v[object];
    if (o->type != FLAT_OBJECT)
        return 0;
    for (uint32_t i = object + 1; i < o->next; i = f->v[i + 1].next)
        if (f->v[i].u.string.n == n && !memcmp(flat_text(f, i), key, n))
            return i + 1;
    return 0;
}

/* A key, its colon and its value. A key that the object has already is jansson's. */
static bool read_member(struct reading *r, size_t object)
{
    struct flat *f = r->f;
    size_t key = f->n;
    skip_space(r);
    if (*r->at != '"' || !read_string(r))
        return false;
    f->v[object].next = (uint32_t)key; /* so far */
    if (flat_get(f, (uint32_t)object, flat_text(f, (uint32_t)key), f->v[key].u.string.n))
        return false;
    skip_space(r);
    return *r->at++ == ':' && read_value(r);
}

static bool read_object(struct reading *r)
{
    struct flat *f = r->f;
    size_t here = f->n;
    uint32_t count = 0;
    bool ok = true, go_on;
    add(f, FLAT_OBJECT);
    r->at++;
    skip_space(r);
    go_on = *r->at != '}';
    r->at += !go_on;
    while (go_on) {
        if (++count > FLAT_MEMBERS || !read_member(r, here))
            return false;
        go_on = more(r, '}', &ok);
    }
    f->v[here].u.count = count;
    f->v[here].next = (uint32_t)f->n;
    return ok;
}

static bool read_value(struct reading *r)
{
    bool ok = false;
    if (++r->depth > FLAT_DEPTH)
        return false;
    skip_space(r);
    switch (*r->at) {
    case '{':
        ok = read_object(r);
        break;
    case '[':
        ok = read_array(r);
        break;
    case '"':
        ok = read_string(r);
        break;
    case 't':
        ok = read_word(r, "true", 4, FLAT_TRUE);
        break;
    case 'f':
        ok = read_word(r, "false", 5, FLAT_FALSE);
        break;
    case 'n':
        ok = read_word(r, "null", 4, FLAT_NULL);
        break;
    default:
        ok = read_number(r);
    }
    r->depth--;
    return ok;
}

bool flat_read(struct flat *f, const char *s, size_t n)
{
    f->n = 0;
    if (!s || n >= UINT32_MAX)
        return false;
    if (n >= f->text_cap) {
        f->text_cap = n + 1;
        f->text = xrealloc(f->text, f->text_cap);
    }
    if (f->cap < n / 16) { /* about what a page needs */
        f->cap = n / 16;
        f->v = xrealloc(f->v, f->cap * sizeof *f->v);
    }
    memcpy(f->text, s, n);
    f->text[n] = '\0';
    struct reading r = {.f = f, .at = f->text, .end = f->text + n};
    bool ok = read_value(&r);
    if (ok) /* what went wrong may have ended behind the text */
        skip_space(&r);
    if (!ok || r.at != r.end)
        f->n = 0;
    return f->n > 0;
}
