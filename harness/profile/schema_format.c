/*
 * JSON Schema: the values of `format` (validation 7.3), each with the grammar of its RFC.
 * idn-email and idn-hostname are known but not checked: they need IDNA's tables.
 */
#include <stdio.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/profile/schema_impl.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool is_alnum(char c)
{
    return is_digit(c) || is_alpha(c);
}

static bool is_hex(char c)
{
    return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static bool one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

/* Two digits as a number, or -1. */
static int two(const char *s)
{
    return is_digit(s[0]) && is_digit(s[1]) ? (s[0] - '0') * 10 + s[1] - '0' : -1;
}

/* ---- RFC 3339 ---- */

static bool date_ok(const char *s, size_t n)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, last;

    if (n != 10 || s[4] != '-' || s[7] != '-' || two(s) < 0 || two(s + 2) < 0)
        return false;
    year = two(s) * 100 + two(s + 2);
    month = two(s + 5);
    day = two(s + 8);
    if (month < 1 || month > 12)
        return false;
    last = days[month - 1];
    if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
        last = 29;
    return day >= 1 && day <= last;
}

/* full-time; a leap second only where UTC can have one, at 23:59:60Z. */
static bool time_ok(const char *s, size_t n)
{
    int hour, minute, second, offset = 0;
    size_t i = 8;

    if (n < 9 || s[2] != ':' || s[5] != ':')
        return false;
    hour = two(s);
    minute = two(s + 3);
    second = two(s + 6);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    if (s[i] == '.') {
        size_t first = ++i;

        while (i < n && is_digit(s[i]))
            i++;
        if (i == first)
            return false;
    }
    if (i >= n)
        return false;
    if (s[i] == 'Z' || s[i] == 'z') {
        if (i + 1 != n)
            return false;
    } else {
        int h, m;

        if ((s[i] != '+' && s[i] != '-') || n - i != 6 || s[i + 3] != ':')
            return false;
        h = two(s + i + 1);
        m = two(s + i + 4);
        if (h < 0 || h > 23 || m < 0 || m > 59)
            return false;
        offset = (h * 60 + m) * (s[i] == '+' ? -1 : 1);
    }
    return second < 60 || (hour * 60 + minute + offset + 2 * 1440) % 1440 == 1439;
}

static bool date_time_ok(const char *s, size_t n)
{
    return n > 11 && date_ok(s, 10) && (s[10] == 'T' || s[10] == 't') &&
           time_ok(s + 11, n - 11);
}

/* RFC 3339 appendix A: PnW, or units in falling order without a gap (P1Y1D is none). */
static bool duration_ok(const char *s, size_t n)
{
    const char *units = "YMD", *left;
    size_t i = 1, digits;
    bool any = false, clock = false;

    if (n < 3 || s[0] != 'P')
        return false;
    left = units;
    while (i < n) {
        if (s[i] == 'T' && !clock) {
            left = "HMS";
            clock = true;
            any = false;
            i++;
            continue;
        }
        for (digits = i; i < n && is_digit(s[i]); i++)
            ;
        if (i == digits || i == n)
            return false;
        if (s[i] == 'W')
            return i == n - 1 && digits == 1;
        if (any ? s[i] != *left || !*left : !one_of(s[i], left))
            return false;
        left = strchr(left, s[i]) + 1;
        any = true;
        i++;
    }
    return any;
}

/* ---- numbers of the net ---- */

static bool ipv4_ok(const char *s, size_t n)
{
    int parts = 0;

    for (size_t i = 0; parts < 4; parts++) {
        size_t first = i;
        int v = 0;

        while (i < n && i - first < 4 && is_digit(s[i]))
            v = v * 10 + s[i++] - '0';
        if (i == first || i - first > 3 || v > 255 || (i - first > 1 && s[first] == '0'))
            return false;
        if (parts == 3)
            return i == n;
        if (i == n || s[i++] != '.')
            return false;
    }
    return false;
}

/* RFC 4291 section 2.2, without a zone. */
static bool ipv6_ok(const char *s, size_t n)
{
    int groups = 0;
    bool gap = false;
    size_t i = 0;

    if (n >= 2 && s[0] == ':' && s[1] == ':') {
        gap = true;
        i = 2;
        if (n == 2)
            return true;
    }
    for (;;) {
        size_t first = i;

        while (i < n && i - first < 4 && is_hex(s[i]))
            i++;
        if (i < n && s[i] == '.' && i > first) { /* the last 32 bits as IPv4 */
            groups += 2;
            return ipv4_ok(s + first, n - first) && (gap ? groups < 8 : groups == 8);
        }
        if (i == first)
            return false;
        groups++;
        if (i == n)
            return gap ? groups < 8 : groups == 8;
        if (s[i++] != ':' || groups > 7)
            return false;
        if (i < n && s[i] == ':') {
            if (gap)
                return false;
            gap = true;
            if (++i == n)
                return groups < 8;
        }
    }
}

/* RFC 1123 section 2.1. A label "xn--..." is only checked for its characters. */
static bool hostname_ok(const char *s, size_t n)
{
    size_t label = 0;

    if (n == 0 || n > 253)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '.') {
            if (label == 0 || s[i - 1] == '-')
                return false;
            label = 0;
        } else {
            if (!is_alnum(s[i]) && (s[i] != '-' || label == 0))
                return false;
            /* RFC 5891 section 4.2.3.1: "--" third and fourth only in an A-label */
            if (label == 3 && s[i] == '-' && s[i - 1] == '-' &&
                ((s[i - 3] | 32) != 'x' || (s[i - 2] | 32) != 'n'))
                return false;
            if (++label > 63)
                return false;
        }
    }
    return label > 0 && s[n - 1] != '-';
}

/* RFC 5321 section 4.1.2, Mailbox. */
static bool email_ok(const char *s, size_t n)
{
    size_t i = 0;

    if (n > 0 && s[0] == '"') {
        for (i = 1; i < n && s[i] != '"'; i++) {
            if (s[i] == '\\')
                i++;
            if (i >= n || s[i] < 32 || s[i] > 126)
                return false;
        }
        if (i++ >= n)
            return false;
    } else {
        for (; i < n && s[i] != '@'; i++) {
            if (s[i] == '.' ? i == 0 || s[i - 1] == '.'
                            : !is_alnum(s[i]) && !one_of(s[i], "!#$%&'*+-/=?^_`{|}~"))
                return false;
        }
        if (i == 0 || s[i - 1] == '.')
            return false;
    }
    if (i > 64 || i >= n || s[i++] != '@')
        return false;
    s += i;
    n -= i;
    if (n < 2 || s[0] != '[')
        return hostname_ok(s, n);
    if (s[n - 1] != ']')
        return false;
    if (n > 7 && memcmp(s + 1, "IPv6:", 5) == 0)
        return ipv6_ok(s + 6, n - 7);
    return ipv4_ok(s + 1, n - 2);
}

/* ---- RFC 3986 and 3987 ---- */

/* n bytes of unreserved, sub-delims, percent-encoded and `more`. `iri`: also characters
 * beyond ASCII (which of them, 3987's ucschar, is not looked at). */
static bool uri_chars(const char *s, size_t n, const char *more, bool iri)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '%') {
            if (n - i < 3 || !is_hex(s[i + 1]) || !is_hex(s[i + 2]))
                return false;
            i += 2;
        } else if (!is_alnum(s[i]) && !one_of(s[i], "-._~!$&'()*+,;=") &&
                   !one_of(s[i], more) && !(iri && (unsigned char)s[i] >= 0x80)) {
            return false;
        }
    }
    return true;
}

static bool authority_ok(const char *s, size_t n, bool iri)
{
    const char *at = memchr(s, '@', n), *close;
    size_t host;

    if (at) {
        if (!uri_chars(s, (size_t)(at - s), ":", iri))
            return false;
        n -= (size_t)(at + 1 - s);
        s = at + 1;
    }
    if (n > 0 && s[0] == '[') {
        close = memchr(s, ']', n);
        if (!close)
            return false;
        host = (size_t)(close - s) + 1;
        if (host > 2 && (s[1] | 32) == 'v') { /* IPvFuture */
            size_t i = 2;

            while (is_hex(s[i]))
                i++;
            if (i == 2 || s[i] != '.' || i + 2 >= host ||
                !uri_chars(s + i + 1, host - i - 2, ":", false))
                return false;
        } else if (!ipv6_ok(s + 1, host - 2)) {
            return false;
        }
    } else {
        const char *colon = memchr(s, ':', n);

        host = colon ? (size_t)(colon - s) : n;
        if (!uri_chars(s, host, "", iri))
            return false;
    }
    if (host == n)
        return true;
    if (s[host] != ':')
        return false;
    for (size_t i = host + 1; i < n; i++)
        if (!is_digit(s[i]))
            return false;
    return true;
}

static bool reference_ok(const char *s, size_t n, bool absolute, bool iri)
{
    const char *end = s + n, *hash = memchr(s, '#', n), *query, *slash;
    size_t scheme = 0;

    if (hash) {
        if (!uri_chars(hash + 1, (size_t)(end - hash - 1), ":@/?", iri))
            return false;
        end = hash;
    }
    query = memchr(s, '?', (size_t)(end - s));
    if (query) {
        if (!uri_chars(query + 1, (size_t)(end - query - 1), ":@/?", iri))
            return false;
        end = query;
    }
    while (s + scheme < end && (is_alnum(s[scheme]) || one_of(s[scheme], "+-.")))
        scheme++;
    if (scheme > 0 && is_alpha(s[0]) && s + scheme < end && s[scheme] == ':') {
        s += scheme + 1;
    } else {
        const char *colon = memchr(s, ':', (size_t)(end - s));

        slash = memchr(s, '/', (size_t)(end - s));
        if (absolute || (colon && (!slash || colon < slash))) /* path-noscheme */
            return false;
    }
    if (end - s >= 2 && s[0] == '/' && s[1] == '/') {
        s += 2;
        slash = memchr(s, '/', (size_t)(end - s));
        if (!authority_ok(s, (size_t)((slash ? slash : end) - s), iri))
            return false;
        s = slash ? slash : end;
    }
    return uri_chars(s, (size_t)(end - s), ":@/", iri);
}

static bool uri_ok(const char *s, size_t n)
{
    return reference_ok(s, n, true, false);
}

static bool uri_reference_ok(const char *s, size_t n)
{
    return reference_ok(s, n, false, false);
}

static bool iri_ok(const char *s, size_t n)
{
    return reference_ok(s, n, true, true);
}

static bool iri_reference_ok(const char *s, size_t n)
{
    return reference_ok(s, n, false, true);
}

/* What stands between braces (RFC 6570 section 2.2): an operator and variables. */
static bool expression_ok(const char *s, size_t n)
{
    size_t i = n > 0 && one_of(s[0], "+#./;?&=,!@|") ? 1 : 0;

    for (;;) {
        size_t first = i;

        while (i < n && (is_alnum(s[i]) || one_of(s[i], "_.%"))) {
            if (s[i] == '%' && (n - i < 3 || !is_hex(s[i + 1]) || !is_hex(s[i + 2])))
                return false;
            if (s[i] == '.' && i > first && s[i - 1] == '.')
                return false;
            i++;
        }
        if (i == first || s[first] == '.' || s[i - 1] == '.')
            return false;
        if (i < n && s[i] == '*') {
            i++;
        } else if (i < n && s[i] == ':') {
            size_t digits = ++i;

            while (i < n && is_digit(s[i]))
                i++;
            if (i == digits || i - digits > 4 || s[digits] == '0')
                return false;
        }
        if (i == n)
            return true;
        if (s[i++] != ',')
            return false;
    }
}

static bool uri_template_ok(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '{') {
            const char *close = memchr(s + i, '}', n - i);

            if (!close || !expression_ok(s + i + 1, (size_t)(close - s) - i - 1))
                return false;
            i = (size_t)(close - s);
        } else if (s[i] == '%') {
            if (n - i < 3 || !is_hex(s[i + 1]) || !is_hex(s[i + 2]))
                return false;
        } else if ((unsigned char)s[i] <= 32 || s[i] == 127 ||
                   one_of(s[i], "\"'<>\\^`|}")) {
            return false;
        }
    }
    return true;
}

/* ---- the rest ---- */

static bool uuid_ok(const char *s, size_t n)
{
    if (n != 36)
        return false;
    for (size_t i = 0; i < n; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-' : !is_hex(s[i]))
            return false;
    return true;
}

/* RFC 6901 section 3. */
static bool json_pointer_ok(const char *s, size_t n)
{
    if (n > 0 && s[0] != '/')
        return false;
    for (size_t i = 0; i < n; i++)
        if (s[i] == '~' && (i + 1 == n || (s[i + 1] != '0' && s[i + 1] != '1')))
            return false;
    return true;
}

static bool relative_pointer_ok(const char *s, size_t n)
{
    size_t i = 0;

    while (i < n && is_digit(s[i]))
        i++;
    if (i == 0 || (i > 1 && s[0] == '0'))
        return false;
    return (i + 1 == n && s[i] == '#') || json_pointer_ok(s + i, n - i);
}

static const struct format formats[] = {
    {"date-time", date_time_ok},
    {"date", date_ok},
    {"time", time_ok},
    {"duration", duration_ok},
    {"email", email_ok},
    {"idn-email", NULL},
    {"hostname", hostname_ok},
    {"idn-hostname", NULL},
    {"ipv4", ipv4_ok},
    {"ipv6", ipv6_ok},
    {"uri", uri_ok},
    {"uri-reference", uri_reference_ok},
    {"iri", iri_ok},
    {"iri-reference", iri_reference_ok},
    {"uuid", uuid_ok},
    {"uri-template", uri_template_ok},
    {"json-pointer", json_pointer_ok},
    {"relative-json-pointer", relative_pointer_ok},
    {"regex", regex_is_valid},
};

const struct format *format_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (strcmp(name, formats[i].name) == 0)
            return &formats[i];
    return NULL;
}
