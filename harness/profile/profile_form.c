/*
 * Percent-encoding and forms: the query of a target, the body of a token request
 * (application/x-www-form-urlencoded) and HTTP Basic (RFC 7617; RFC 6749 section 2.3.1
 * form-encodes both halves first).
 */
#include "harness/profile/profile_data.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mem.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character or escape at s[*i]; -1 when the escape is bad or gives NUL. */
static int next_byte(const char *s, size_t n, size_t *i)
{
    if (s[*i] != '%')
        return (unsigned char)s[(*i)++];
    int high = *i + 1 < n ? hex(s[*i + 1]) : -1, low = *i + 2 < n ? hex(s[*i + 2]) : -1;
    *i += 3;
    return high < 0 || low < 0 || high + low == 0 ? -1 : high * 16 + low;
}

bool query_decode(const char *s, size_t n, char *out, size_t cap)
{
    size_t used = 0;
    for (size_t i = 0; i < n;) {
        int c = next_byte(s, n, &i);
        if (c < 0 || used + 1 >= cap)
            return false;
        out[used++] = (char)c;
    }
    out[used] = '\0';
    return true;
}

bool form_decode(char *s)
{
    for (char *c = s; *c; c++)
        if (*c == '+')
            *c = ' ';
    size_t n = strlen(s);
    return query_decode(s, n, s, n + 1);
}

bool form_read(const char *body, size_t n, json_t **out, bool *twice)
{
    json_t *form = json_object();
    bool ok = !memchr(body, '\0', n);
    *twice = false;
    for (size_t i = 0; ok && i < n;) {
        const char *end = memchr(body + i, '&', n - i);
        size_t len = end ? (size_t)(end - body) - i : n - i;
        char *name = xstrndup(body + i, len), *value = strchr(name, '=');
        char *text = xstrdup(value ? value + 1 : "");
        if (value)
            *value = '\0';
        json_t *v = form_decode(name) && form_decode(text) ? json_string(text) : NULL;
        *twice = *twice || json_object_get(form, name);
        ok = v && (!len || json_object_set_new(form, name, v) == 0);
        if (v && !len)
            json_decref(v);
        free(name);
        free(text);
        i += len + 1;
    }
    if (ok)
        *out = form;
    else
        json_decref(form);
    return ok;
}

bool basic_read(const char *authorization, char **id, char **secret)
{
    size_t n = 0;
    if (!authorization || strncasecmp(authorization, "Basic ", 6) != 0)
        return false;
    authorization += 6 + strspn(authorization + 6, " ");
    char *pair = http_base64_decode(authorization, &n);
    char *colon = pair && !memchr(pair, '\0', n) ? strchr(pair, ':') : NULL;
    bool ok = colon != NULL;
    if (ok) {
        *colon = '\0';
        char *first = xstrdup(pair), *second = xstrdup(colon + 1);
        ok = form_decode(first) && form_decode(second) && *first;
        if (ok) {
            *id = first;
            *secret = second;
        } else {
            free(first);
            free(second);
        }
    }
    free(pair);
    return ok;
}
