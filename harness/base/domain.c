#include "harness/base/domain.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/err.h"
#include "harness/base/mem.h"

static const char *const names[STATUS_COUNT] = {
    [STATUS_NONE] = "",
    [STATUS_REJECTED] = "REJECTED",
    [STATUS_WITHDRAWN] = "WITHDRAWN",
    [STATUS_SUBMITTED] = "SUBMITTED",
    [STATUS_RECEIVED] = "RECEIVED",
    [STATUS_OFFERED] = "OFFERED",
    [STATUS_ENROLLED] = "ENROLLED",
};

const char *status_name(enum status s)
{
    return (unsigned)s < STATUS_COUNT ? names[s] : "";
}

enum status status_by_name(const char *s)
{
    for (enum status i = STATUS_REJECTED; s && i < STATUS_COUNT; i++)
        if (strcmp(names[i], s) == 0)
            return i;
    return STATUS_NONE;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The weighted sum of nine digits modulo 11, or -1 when it is no such number. */
static int elfproef(const char *s, size_t n)
{
    int sum = 0;
    bool zero = true;

    if (!s || n != 9)
        return -1;
    for (int i = 0; i < 9; i++) {
        int d = s[i] - '0';

        if (!digit(s[i]))
            return -1;
        zero = zero && d == 0;
        sum += i < 8 ? (9 - i) * d : -d;
    }
    return zero ? -1 : (sum + 11) % 11;
}

bool bsn_valid(const char *s, size_t n)
{
    return elfproef(s, n) == 0;
}

bool onderwijsnummer_valid(const char *s, size_t n)
{
    return elfproef(s, n) == 5;
}

static bool hex_digit(char c)
{
    return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* How many of the digits at s[start] end an escape that began before them ("%20",
 * "\u0022"): 0 when there is none. */
static size_t escape_tail(const char *s, size_t start)
{
    for (size_t back = 1; back <= 5 && back <= start; back++) {
        const char *c = s + start - back;

        if (*c == '%' && back <= 2)
            return 3 - back;
        if (*c == 'u' && back <= 4 && back < start && c[-1] == '\\')
            return 5 - back;
        if (!hex_digit(*c))
            return 0;
    }
    return 0;
}

static bool uuid_at(const char *s)
{
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? s[i] != '-' : !hex_digit(s[i]))
            return false;
    }
    return true;
}

/* Nine digits inside a digest (32 or more hex digits) or in the last group of a UUID are
 * no number of a person; one in five of such runs would pass a test by chance. */
static bool inside_hex(const char *s, size_t n, size_t at)
{
    size_t from = at, to = at + 9;

    while (from > 0 && at - from < 64 && hex_digit(s[from - 1]))
        from--;
    while (to < n && to - at < 64 && hex_digit(s[to]))
        to++;
    if (to - from >= 32)
        return true;
    return to - from == 12 && from >= 24 && uuid_at(s + from - 24);
}

/* The next number to mask in s from *at on: sets *at to where it begins. `bsn` tells
 * which of the two it is. */
static bool next_number(const char *s, size_t n, size_t *at, bool *bsn)
{
    size_t i = *at;

    while (i + 9 <= n) {
        size_t start, tail, from;

        if (!digit(s[i])) {
            /* A run of nine that begins within the next nine bytes covers s[i + 9]. */
            if (i + 9 >= n)
                break;
            for (i += 9; digit(s[i]) && digit(s[i - 1]);)
                i--;
            continue;
        }
        start = i;
        while (i < n && digit(s[i]))
            i++;
        if (start >= 2 && s[start - 1] == '.' && digit(s[start - 2]))
            continue; /* the fraction of a time, or of any number */
        tail = i - start > 9 ? escape_tail(s, start) : 0;
        from = start + tail;
        if (i - from != 9 || inside_hex(s, n, from))
            continue;
        if (bsn_valid(s + from, 9) || onderwijsnummer_valid(s + from, 9)) {
            *bsn = bsn_valid(s + from, 9);
            *at = from;
            return true;
        }
    }
    return false;
}

int mask_add(const struct mask *m, struct buf *out, const char *s, size_t n)
{
    size_t from = 0, at = 0;
    bool bsn = false;

    while (next_number(s, n, &at, &bsn)) {
        char tag[11];

        buf_add(out, s + from, at - from);
        mask_tag(m, s + at, 9, tag);
        buf_adds(out, bsn ? "bsn~" : "own~");
        buf_add(out, tag, 10);
        from = at += 9;
    }
    return buf_add(out, s + from, n - from);
}

char *mask_text(const struct mask *m, const char *s)
{
    struct buf b;

    buf_init(&b, SIZE_MAX);
    mask_add(m, &b, s, strlen(s));
    return buf_take(&b, NULL);
}

/* Nine of the ten hex digits behind a "~" may happen to pass a test. */
static bool inside_mask(const char *s, size_t n, size_t at)
{
    size_t from = at;

    while (from > 0 && at - from < 2 && hex_digit(s[from - 1]))
        from--;
    if (from == 0 || s[from - 1] != '~' || from + 10 > n)
        return false;
    for (size_t i = from; i < from + 10; i++)
        if (!hex_digit(s[i]))
            return false;
    return from + 10 == n || !hex_digit(s[from + 10]);
}

bool mask_find(const char *s, size_t n, size_t *at)
{
    bool bsn;

    while (next_number(s, n, at, &bsn)) {
        if (!inside_mask(s, n, *at))
            return true;
        *at += 9;
    }
    return false;
}

bool mask_needed(const char *s, size_t n)
{
    size_t at = 0;
    bool bsn;

    return next_number(s, n, &at, &bsn);
}

bool mask_present(const char *s, size_t n)
{
    for (size_t i = 0; i + 14 <= n; i++) {
        size_t k = 4;

        if (s[i + 3] != '~' || (memcmp(s + i, "bsn", 3) && memcmp(s + i, "own", 3)))
            continue;
        while (k < 14 && hex_digit(s[i + k]))
            k++;
        if (k == 14)
            return true;
    }
    return false;
}
