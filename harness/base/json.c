/* JSON values: pointers, equality, and where they stand in their source text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"

/* The text itself: a place is found by walking it again, token by token of the pointer,
 * which needs no table of all places for the few that are asked for. */
struct json_places {
    char *text;
    size_t n;
};

struct json_places *json_places_new(const char *text, size_t n)
{
    struct json_places *p = xcalloc(1, sizeof *p);

    p->text = xmemdup(text, n);
    p->n = n;
    return p;
}

void json_places_free(struct json_places *p)
{
    if (!p)
        return;
    free(p->text);
    free(p);
}

/* All skips stop at the NUL behind the text, so that they end on broken JSON too. */
static const char *skip_space(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

/* s at the opening quote; returns what is behind the closing one. */
static const char *skip_string(const char *s)
{
    for (s++; *s && *s != '"'; s++)
        if (*s == '\\' && s[1])
            s++;
    return *s ? s + 1 : s;
}

static const char *skip_value(const char *s)
{
    size_t depth = 0;

    do {
        s = skip_space(s);
        if (*s == '"') {
            s = skip_string(s);
        } else if (*s == '{' || *s == '[') {
            depth++;
            s++;
        } else if (*s == '}' || *s == ']') {
            if (depth > 0)
                depth--;
            s++;
        } else if (*s == ',' || *s == ':') {
            s++;
        } else {
            s += strcspn(s, " \t\r\n,:{}[]\"");
        }
    } while (depth > 0 && *s);
    return s;
}

/* Whether the quoted key at s is `token`. */
static bool key_is(const char *s, const char *token)
{
    const char *end = skip_string(s);
    size_t n = (size_t)(end - s);
    json_t *key;
    bool same;

    if (!memchr(s, '\\', n))
        return n >= 2 && strlen(token) == n - 2 && memcmp(s + 1, token, n - 2) == 0;
    key = json_loadb(s, n, JSON_DECODE_ANY, NULL);
    same = key && strcmp(json_string_value(key), token) == 0;
    json_decref(key);
    return same;
}

/* An array index of RFC 6901 section 4: no sign, no leading zero. */
static bool index_of(const char *token, size_t *out)
{
    size_t v = 0, n = strlen(token);

    if (n == 0 || n > 9 || (token[0] == '0' && n > 1))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (token[i] < '0' || token[i] > '9')
            return false;
        v = v * 10 + (size_t)(token[i] - '0');
    }
    *out = v;
    return true;
}

/* The member or element `token` of the value at s, NULL when there is none. */
static const char *child(const char *s, const char *token)
{
    bool object = *s == '{';
    size_t wanted = 0;

    if (!object && (*s != '[' || !index_of(token, &wanted)))
        return NULL;
    s = skip_space(s + 1);
    for (size_t i = 0; *s && *s != '}' && *s != ']'; i++) {
        bool hit = i == wanted;

        if (object) {
            if (*s != '"')
                return NULL;
            hit = key_is(s, token);
            s = skip_space(skip_string(s));
            if (*s == ':')
                s = skip_space(s + 1);
        }
        if (hit)
            return s;
        s = skip_space(skip_value(s));
        if (*s == ',')
            s = skip_space(s + 1);
    }
    return NULL;
}

/* Takes the next token off a pointer, unescaped; the caller frees. NULL at the end. */
static char *next_token(const char **pointer)
{
    const char *s = *pointer;
    size_t n, to = 0;
    char *token;

    if (*s != '/')
        return NULL;
    n = strcspn(++s, "/");
    token = xmalloc(n + 1);
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '~' && i + 1 < n && (s[i + 1] == '0' || s[i + 1] == '1'))
            token[to++] = s[++i] == '0' ? '~' : '/';
        else
            token[to++] = s[i];
    }
    token[to] = '\0';
    *pointer = s + n;
    return token;
}

void json_places_find(const struct json_places *p, const char *pointer, int *line,
                      int *column)
{
    const char *at = skip_space(p->text), *next = at;
    char *token;
    int l = 1, c = 1;

    while (next && (token = next_token(&pointer))) {
        next = child(at, token);
        if (next)
            at = next;
        free(token);
    }
    for (const char *s = p->text; s < at; s++) {
        if (*s == '\n') {
            l++;
            c = 1;
        } else if (((unsigned char)*s & 0xC0) != 0x80) { /* characters, not bytes */
            c++;
        }
    }
    *line = l;
    *column = c;
}

const char *json_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

json_t *json_at(const json_t *root, const char *pointer)
{
    /* jansson's look-ups take no const; the tree isn't touched. */
    union {
        const json_t *in;
        json_t *out;
    } at = {.in = root};
    char *token;

    if (pointer[0] && pointer[0] != '/')
        return NULL;
    while (at.out && (token = next_token(&pointer))) {
        size_t i;

        if (json_is_object(at.out))
            at.out = json_object_get(at.out, token);
        else if (json_is_array(at.out) && index_of(token, &i))
            at.out = json_array_get(at.out, i);
        else
            at.out = NULL;
        free(token);
    }
    return at.out;
}

void json_pointer_add(struct buf *pointer, const char *token)
{
    buf_addc(pointer, '/');
    for (; *token; token++) {
        if (*token == '~')
            buf_adds(pointer, "~0");
        else if (*token == '/')
            buf_adds(pointer, "~1");
        else
            buf_addc(pointer, *token);
    }
}

/* An integer and a real, compared without rounding the integer. */
static bool same_mixed(json_int_t i, double d)
{
    return d >= -9223372036854775808.0 && d < 9223372036854775808.0 &&
           (double)(json_int_t)d == d && (json_int_t)d == i;
}

static bool same_number(const json_t *a, const json_t *b)
{
    if (json_is_integer(a) && json_is_integer(b))
        return json_integer_value(a) == json_integer_value(b);
    if (json_is_integer(a))
        return same_mixed(json_integer_value(a), json_real_value(b));
    if (json_is_integer(b))
        return same_mixed(json_integer_value(b), json_real_value(a));
    return !(json_real_value(a) < json_real_value(b)) &&
           !(json_real_value(a) > json_real_value(b));
}

static bool same_object(const json_t *a, const json_t *b)
{
    union {
        const json_t *in;
        json_t *out;
    } left = {.in = a};
    const char *key;
    json_t *value;

    if (json_object_size(a) != json_object_size(b))
        return false;
    json_object_foreach (left.out, key, value) {
        json_t *other = json_object_get(b, key);

        if (!other || !json_same(value, other))
            return false;
    }
    return true;
}

int json_same(const json_t *a, const json_t *b)
{
    if (!a || !b)
        return a == b;
    if (json_is_number(a) && json_is_number(b))
        return same_number(a, b);
    if (json_typeof(a) != json_typeof(b))
        return false;
    switch (json_typeof(a)) {
    case JSON_OBJECT:
        return same_object(a, b);
    case JSON_ARRAY:
        if (json_array_size(a) != json_array_size(b))
            return false;
        for (size_t i = 0; i < json_array_size(a); i++)
            if (!json_same(json_array_get(a, i), json_array_get(b, i)))
                return false;
        return true;
    case JSON_STRING:
        return json_string_length(a) == json_string_length(b) &&
               memcmp(json_string_value(a), json_string_value(b),
                      json_string_length(a)) == 0;
    case JSON_INTEGER:
    case JSON_REAL:
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        break;
    }
    return true;
}

/* The first member that both have not, or not the same: in the order of a, then of b. */
static const char *member_that_differs(const json_t *a, const json_t *b)
{
    union {
        const json_t *in;
        json_t *out;
    } left = {.in = a}, right = {.in = b};
    const char *key;
    json_t *value;

    json_object_foreach (left.out, key, value)
        if (!json_same(value, json_object_get(b, key)))
            return key;
    json_object_foreach (right.out, key, value)
        if (!json_object_get(a, key))
            return key;
    return NULL;
}

bool json_difference(const json_t *a, const json_t *b, struct buf *pointer,
                     const json_t **in_a, const json_t **in_b)
{
    if (json_same(a, b))
        return false;
    for (;;) {
        *in_a = a;
        *in_b = b;
        if (json_is_object(a) && json_is_object(b)) {
            const char *key = member_that_differs(a, b);

            json_pointer_add(pointer, key);
            a = json_object_get(a, key);
            b = json_object_get(b, key);
        } else if (json_is_array(a) && json_is_array(b)) {
            char index[24];
            size_t i = 0;

            while (json_array_get(a, i) &&
                   json_same(json_array_get(a, i), json_array_get(b, i)))
                i++;
            snprintf(index, sizeof index, "%zu", i);
            json_pointer_add(pointer, index);
            a = json_array_get(a, i);
            b = json_array_get(b, i);
        } else {
            return true;
        }
    }
}

/* Levenshtein distance, where two neighbours that changed places count as one. */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), d;
    size_t *rows = xcalloc(3 * (m + 1), sizeof *rows);
    size_t *old = rows, *last = rows + m + 1, *row = rows + 2 * (m + 1);

    for (size_t j = 0; j <= m; j++)
        last[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *spare = old;

        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);

            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                old[j - 2] + 1 < best)
                best = old[j - 2] + 1;
            row[j] = best;
        }
        old = last;
        last = row;
        row = spare;
    }
    d = last[m];
    free(rows);
    return d;
}

const char *word_nearest(const char *word, const char *const *words, size_t n)
{
    size_t len = strlen(word), limit = len / 3 > 2 ? len / 3 : 2, best = limit + 1;
    const char *found = NULL;

    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, words[i]);

        /* A distance of the whole word would make any short word near. */
        if (d < best && d < len && d < strlen(words[i])) {
            best = d;
            found = words[i];
        }
    }
    return found;
}
