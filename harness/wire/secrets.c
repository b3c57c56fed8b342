#include "harness/wire/secrets.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mem.h"

bool secrets_named(const char *name, size_t n)
{
    static const char *const names[] = {
        "client_secret", "clientSecret",     "access_token",
        "accessToken",   "client_assertion", "clientAssertion",
        "refresh_token", "id_token",         "password",
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
            return true;
    return false;
}

/* Every form that is looked for below holds one of these, told by their marked letter:
 * se(c)ret to(k)en a(ss)ertion pa(ss)word Bearer( ) Basic( ) ey(J). One pass over the
 * bytes: this looks at every string of every line. */
bool secrets_possible(const char *s, size_t n)
{
    static const bool marked[256] = {
        ['c'] = true, ['k'] = true, ['s'] = true, [' '] = true, ['J'] = true};

    for (size_t i = 2; i < n; i++) {
        const char *c = s + i;

        if (!marked[(unsigned char)*c])
            continue;
        if ((*c == 'c' && c[-1] == 'e' && i + 3 < n && memcmp(c, "cret", 4) == 0) ||
            (*c == 'k' && c[-1] == 'o' && i + 2 < n && memcmp(c, "ken", 3) == 0) ||
            (*c == 's' && c[-1] == 's' && (c[-2] | 0x20) == 'a') ||
            (*c == ' ' && i >= 6 && (c[-1] | 0x20) == 'r' && (c[-6] | 0x20) == 'b') ||
            (*c == ' ' && i >= 5 && (c[-1] | 0x20) == 'c' && (c[-5] | 0x20) == 'b') ||
            (*c == 'J' && c[-1] == 'y' && c[-2] == 'e'))
            return true;
    }
    return false;
}

void secrets_add_value(const struct mask *m, struct buf *out, const char *s, size_t n)
{
    char tag[11];

    if (n == 0)
        return; /* an absent credential is no secret, and a judge wants to see it */
    mask_tag(m, s, n, tag);
    buf_adds(out, "secret~");
    buf_add(out, tag, 10);
}

void secrets_add_authorization(const struct mask *m, struct buf *out, const char *s)
{
    size_t scheme = strcspn(s, " "), space = strspn(s + scheme, " "), n;

    if (s[scheme] == '\0') { /* no scheme, or nothing but one */
        static const char *const schemes[] = {"Basic", "Bearer", "DPoP", "Negotiate"};

        for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
            if (strcasecmp(s, schemes[i]) == 0) {
                buf_adds(out, s);
                return;
            }
        secrets_add_value(m, out, s, scheme);
        return;
    }
    buf_add(out, s, scheme + space);
    s += scheme + space;
    n = strlen(s);
    while (n > 0 && s[n - 1] == ' ')
        n--;
    secrets_add_value(m, out, s, n);
}

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-';
}

/* token68 of RFC 9110 section 11.2, without its padding. */
static bool token_char(char c)
{
    return word_char(c) || c == '.' || c == '~' || c == '+' || c == '/';
}

static size_t token_length(const char *s, size_t n)
{
    size_t i = 0;

    while (i < n && token_char(s[i]))
        i++;
    return i;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One credential in the text: what stands there, and the value it means. */
struct found {
    size_t from, to;
    char *value; /* decoded; NULL: as it stands */
    size_t value_n;
};

/* Form and query: name=value up to '&' or what can't be in one. Decoded as
 * application/x-www-form-urlencoded. */
static void form_value(const char *s, size_t n, size_t from, struct found *f)
{
    size_t to = from, k = 0;

    while (to < n && !memchr("&# \t\r\n\"'<>,;", s[to], 13))
        to++;
    f->from = from;
    f->to = to;
    f->value = xmalloc(to - from + 1);
    for (size_t i = from; i < to; i++) {
        int high = s[i] == '%' && i + 2 < to ? hex_value(s[i + 1]) : -1;
        int low = high >= 0 ? hex_value(s[i + 2]) : -1;

        if (low >= 0) {
            f->value[k++] = (char)(high * 16 + low);
            i += 2;
        } else {
            f->value[k++] = s[i] == '+' ? ' ' : s[i];
        }
    }
    f->value_n = k;
}

/* JSON: `from` is behind the opening quote. Escapes are undone ("\/" as PHP writes it),
 * those beyond ASCII stay as they are. */
static void json_value(const char *s, size_t n, size_t from, struct found *f)
{
    size_t to = from, k = 0;

    while (to < n && s[to] != '"')
        to += s[to] == '\\' && to + 1 < n ? 2 : 1;
    f->from = from;
    f->to = to;
    f->value = xmalloc(to - from + 1);
    for (size_t i = from; i < to; i++) {
        if (s[i] == '\\' && i + 5 < to && memcmp(s + i + 1, "u00", 3) == 0 &&
            hex_value(s[i + 4]) >= 0 && hex_value(s[i + 5]) >= 0) {
            f->value[k++] = (char)(hex_value(s[i + 4]) * 16 + hex_value(s[i + 5]));
            i += 5;
        } else {
            if (s[i] == '\\' && i + 1 < to)
                i++;
            f->value[k++] = s[i];
        }
    }
    f->value_n = k;
}

static size_t skip_space(const char *s, size_t n, size_t i)
{
    while (i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n'))
        i++;
    return i;
}

/* name=... or "name":"..." where the word s[from, to) is a secret's name. */
static bool after_name(const char *s, size_t n, size_t from, size_t to, struct found *f)
{
    size_t i = to;

    if (!secrets_named(s + from, to - from))
        return false;
    if (i < n && s[i] == '=') {
        form_value(s, n, i + 1, f);
        return f->to > f->from;
    }
    if (i >= n || s[i] != '"' || from == 0 || s[from - 1] != '"')
        return false;
    i = skip_space(s, n, i + 1);
    if (i >= n || s[i] != ':')
        return false;
    i = skip_space(s, n, i + 1);
    if (i >= n || s[i] != '"')
        return false;
    json_value(s, n, i + 1, f);
    return f->to > f->from;
}

/* "Bearer <token>" in prose: at least 16 characters with a digit among them, and not the
 * parameter of a challenge (Bearer realm="..."). */
static bool after_scheme(const char *s, size_t n, size_t from, size_t to, struct found *f)
{
    size_t i = to + 1, len, pad = 0;
    bool digit = false;

    if (to - from != 5 && to - from != 6)
        return false;
    if (strncasecmp(s + from, "basic", to - from) != 0 &&
        strncasecmp(s + from, "bearer", to - from) != 0)
        return false;
    if (to >= n || s[to] != ' ')
        return false;
    len = token_length(s + i, n - i);
    while (i + len + pad < n && s[i + len + pad] == '=')
        pad++;
    for (size_t k = 0; k < len; k++)
        digit = digit || (s[i + k] >= '0' && s[i + k] <= '9');
    if (len < 16 || !digit ||
        (pad > 0 && i + len + pad < n &&
         (s[i + len + pad] == '"' || token_char(s[i + len + pad]))))
        return false;
    f->from = i;
    f->to = i + len + pad;
    return true;
}

/* A JSON Web Token: three parts of base64url, the first beginning with {" (eyJ). */
static bool web_token(const char *s, size_t n, size_t from, struct found *f)
{
    size_t i = from, parts = 1;

    if (n - from < 36 || memcmp(s + from, "eyJ", 3) != 0)
        return false;
    for (; i < n && (word_char(s[i]) || s[i] == '.'); i++)
        if (s[i] == '.')
            parts++;
    if (parts < 3 || i - from < 36)
        return false;
    f->from = from;
    f->to = i;
    return true;
}

void secrets_add(const struct mask *m, struct buf *out, const char *s, size_t n)
{
    size_t done = 0, i = 0;

    while (i < n) {
        struct found f = {0};
        size_t from = i;

        if (!word_char(s[i])) {
            i++;
            continue;
        }
        while (i < n && word_char(s[i]))
            i++;
        if (!after_name(s, n, from, i, &f) && !after_scheme(s, n, from, i, &f) &&
            !web_token(s, n, from, &f)) {
            free(f.value);
            continue;
        }
        buf_add(out, s + done, f.from - done);
        if (f.value)
            secrets_add_value(m, out, f.value, f.value_n);
        else
            secrets_add_value(m, out, s + f.from, f.to - f.from);
        free(f.value);
        done = i = f.to;
    }
    buf_add(out, s + done, n - done);
}
