#include "harness/wire/journal_parse.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

#define SHARED_SLOTS 2048u /* a power of two */
#define SHARED_MAX   120   /* bytes of source text of a value that is shared */
#define DEPTH_MAX    100
#define DIGITS_MAX   18 /* of a number that surely fits */

/* A value by its source text. */
struct shared {
    char text[SHARED_MAX];
    uint32_t n;
    json_t *value;
};

struct line_parser {
    struct shared *shared;
    char *scratch; /* a text without its escapes, a key with its end */
    size_t cap;
    const char *at, *end; /* the line */
    int depth;
};

struct line_parser *line_parser_new(void)
{
    struct line_parser *p = xcalloc(1, sizeof *p);
    p->shared = xcalloc(SHARED_SLOTS, sizeof *p->shared);
    return p;
}

void line_parser_free(struct line_parser *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < SHARED_SLOTS; i++)
        json_decref(p->shared[i].value);
    free(p->shared);
    free(p->scratch);
    free(p);
}

/* ---- shared values ---- */

/* FNV-1a, eight bytes at a time: only a guess at the slot, the text decides. */
static struct shared *slot_of(struct line_parser *p, const char *text, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u ^ n, word;
    for (; n >= sizeof word; text += sizeof word, n -= sizeof word) {
        memcpy(&word, text, sizeof word);
        h = (h ^ word) * 0x9E3779B97F4A7C15u;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, text, n);
    h = (h ^ word) * 0x9E3779B97F4A7C15u;
    return &p->shared[(h >> 40) & (SHARED_SLOTS - 1)];
}

static json_t *shared_get(struct shared *s, const char *text, size_t n)
{
    return s->value && s->n == n && !memcmp(s->text, text, n) ? json_incref(s->value)
                                                              : NULL;
}

static void shared_put(struct shared *s, const char *text, size_t n, json_t *value)
{
    json_decref(s->value);
    memcpy(s->text, text, n);
    s->n = (uint32_t)n;
    s->value = json_incref(value);
}

/* ---- texts ---- */

static char *scratch(struct line_parser *p, size_t n)
{
    if (n > p->cap) {
        p->cap = n * 2;
        p->scratch = xrealloc(p->scratch, p->cap);
    }
    return p->scratch;
}

/* Bytes that end a run of plain ones: the quote, a backslash, a control character and all
 * that isn't ASCII. */
static bool plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Behind a run of plain bytes. Eight at a time (the sign bit of a byte of `odd` is set
 * when it isn't plain; a false alarm only costs the slow way). */
static const char *behind_plain(const char *s, const char *end)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t w;
    for (; end - s >= (long)sizeof w; s += sizeof w) {
        memcpy(&w, s, sizeof w);
        uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
        uint64_t odd = (w | (w - ones * 0x20) | (quote - ones) | (slash - ones)) & high;
        if (odd)
            break;
    }
    while (s < end && plain(*s))
        s++;
    return s;
}

/* From behind the opening quote to the closing one; NULL when there is none. */
static const char *text_end(const struct line_parser *p, bool *escaped, bool *ascii)
{
    const char *s = p->at;
    *escaped = false;
    *ascii = true;
    for (;; s++) {
        s = behind_plain(s, p->end);
        if (s >= p->end || (unsigned char)*s < 0x20)
            return NULL;
        if (*s == '"')
            return s;
        if (*s == '\\') {
            *escaped = true;
            if (++s >= p->end)
                return NULL;
        } else {
            *ascii = false;
        }
    }
}

/* Takes the escapes out, but for \u; -1 when there is one of those or an unknown one. */
static long unescape(struct line_parser *p, const char *s, const char *end)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char *out = scratch(p, (size_t)(end - s) + 1), *o = out;
    while (s < end) {
        const char *run = memchr(s, '\\', (size_t)(end - s));
        size_t n = (size_t)((run ? run : end) - s);
        memcpy(o, s, n);
        o += n;
        s += n;
        if (!run)
            break;
        const char *k = strchr(from, s[1]);
        if (!k || !*k)
            return -1;
        *o++ = to[k - from];
        s += 2;
    }
    return o - out;
}

static json_t *parse_text(struct line_parser *p)
{
    bool escaped, ascii;
    p->at++;
    const char *s = p->at, *end = text_end(p, &escaped, &ascii);
    size_t n = end ? (size_t)(end - s) : 0;
    if (!end)
        return NULL;
    p->at = end + 1;
    if (escaped) {
        long plain_n = unescape(p, s, end);
        if (plain_n < 0)
            return NULL;
        return ascii ? json_stringn_nocheck(p->scratch, (size_t)plain_n)
                     : json_stringn(p->scratch, (size_t)plain_n);
    }
    if (!ascii || n > 32) /* ids and the like seldom come again */
        return ascii ? json_stringn_nocheck(s, n) : json_stringn(s, n);
    struct shared *slot = slot_of(p, s - 1, n + 2);
    json_t *v = shared_get(slot, s - 1, n + 2);
    if (!v) {
        v = json_stringn_nocheck(s, n);
        shared_put(slot, s - 1, n + 2, v);
    }
    return v;
}

/* ---- values ---- */

static json_t *parse_value(struct line_parser *p);

/* A whole number in jansson's range for sure; NULL for any other. */
static json_t *parse_number(struct line_parser *p)
{
    const char *s = p->at;
    bool negative = *s == '-';
    json_int_t v = 0;
    size_t digits = 0;
    s += negative;
    for (; s < p->end && *s >= '0' && *s <= '9'; s++, digits++)
        v = digits < DIGITS_MAX ? v * 10 + (*s - '0') : v;
    bool odd = s < p->end && (*s == '.' || *s == 'e' || *s == 'E');
    bool zeros = digits > 1 && p->at[negative] == '0';
    if (!digits || digits > DIGITS_MAX || odd || zeros)
        return NULL;
    p->at = s;
    return json_integer(negative ? -v : v);
}

static json_t *parse_word(struct line_parser *p)
{
    static const struct {
        const char *word;
        size_t n;
        json_t *(*make)(void);
    } words[] = {
        {"true", 4, json_true}, {"false", 5, json_false}, {"null", 4, json_null}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if ((size_t)(p->end - p->at) >= words[i].n &&
            !memcmp(p->at, words[i].word, words[i].n)) {
            p->at += words[i].n;
            return words[i].make();
        }
    return NULL;
}

/* Two plain texts, as a header field is written; its source text, or 0. */
static size_t pair_length(const struct line_parser *p)
{
    const char *s = p->at, *last = p->end - p->at > SHARED_MAX ? s + SHARED_MAX : p->end;
    static const char *const between[] = {"[\"", "\",\"", "\"]"};
    for (size_t i = 0; i < ARRAY_LEN(between); i++) {
        size_t n = strlen(between[i]);
        if ((size_t)(last - s) < n || memcmp(s, between[i], n))
            return 0;
        s += n;
        while (i < 2 && s < last && plain(*s))
            s++;
    }
    return (size_t)(s - p->at);
}

/* What comes behind a value: 1 more, 0 the end, -1 neither. */
static int behind(struct line_parser *p, char close)
{
    if (p->at >= p->end || (*p->at != ',' && *p->at != close))
        return -1;
    return *p->at++ == ',';
}

static json_t *parse_list(struct line_parser *p)
{
    size_t n = pair_length(p);
    const char *text = p->at;
    struct shared *slot = n ? slot_of(p, text, n) : NULL;
    json_t *list = n ? shared_get(slot, text, n) : NULL;
    int more = 1;
    if (list) {
        p->at += n;
        return list;
    }
    list = json_array();
    p->at++;
    if (p->at < p->end && *p->at == ']') {
        p->at++;
        return list;
    }
    while (more > 0) {
        json_t *v = parse_value(p);
        if (!v) {
            more = -1;
            break;
        }
        json_array_append_new(list, v);
        more = behind(p, ']');
    }
    if (more < 0) {
        json_decref(list);
        return NULL;
    }
    if (n) {
        slot = slot_of(p, text, n);
        shared_put(slot, text, n, list);
    }
    return list;
}

static bool parse_member(struct line_parser *p, json_t *object)
{
    bool escaped, ascii;
    if (p->at >= p->end || *p->at++ != '"')
        return false;
    const char *key = p->at, *end = text_end(p, &escaped, &ascii);
    if (!end || escaped || !ascii || end + 1 >= p->end || end[1] != ':')
        return false;
    p->at = end + 2;
    json_t *v = parse_value(p);
    if (!v)
        return false;
    json_object_setn_new_nocheck(object, key, (size_t)(end - key), v);
    return true;
}

static json_t *parse_object(struct line_parser *p)
{
    json_t *object = json_object();
    int more = 1;
    p->at++;
    if (p->at < p->end && *p->at == '}') {
        p->at++;
        return object;
    }
    while (more > 0)
        more = parse_member(p, object) ? behind(p, '}') : -1;
    if (more == 0)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *parse_value(struct line_parser *p)
{
    json_t *v = NULL;
    if (p->at >= p->end || p->depth >= DEPTH_MAX)
        return NULL;
    p->depth++;
    switch (*p->at) {
    case '"':
        v = parse_text(p);
        break;
    case '{':
        v = parse_object(p);
        break;
    case '[':
        v = parse_list(p);
        break;
    case 't':
    case 'f':
    case 'n':
        v = parse_word(p);
        break;
    default:
        v = parse_number(p);
    }
    p->depth--;
    return v;
}

json_t *line_parse(struct line_parser *p, const char *text, size_t n)
{
    if (n == 0 || *text != '{')
        return NULL;
    p->at = text;
    p->end = text + n;
    p->depth = 0;
    json_t *v = parse_object(p);
    if (v && p->at != p->end) {
        json_decref(v);
        return NULL;
    }
    return v;
}
