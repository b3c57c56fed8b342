#include "harness/base/when.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/base/err.h"

static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct civil {
    int year, month, day, hour, minute, second;
};

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar, and back
 * (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

static void civil_from_days(int64_t days, struct civil *c)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    c->year = (int)(yoe + era * 400 + (c->month <= 2));
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

/* The moment, or E_INVALID when there is no such date or it does not fit. */
static int moment(const struct civil *c, int64_t offset_s, int64_t ns, when_t *out)
{
    int64_t s;
    when_t t;

    if (c->month < 1 || c->month > 12 || c->day < 1 ||
        c->day > month_days(c->year, c->month) || c->hour > 23 || c->minute > 59 ||
        c->second > 59)
        return E_INVALID;
    s = days_from_civil(c->year, c->month, c->day) * 86400 + c->hour * 3600 +
        c->minute * 60 + c->second - offset_s;
    if (s < 0 && ns > 0) { /* so that the very first second doesn't overflow half way */
        s += 1;
        ns -= NS_PER_S;
    }
    if (__builtin_mul_overflow(s, NS_PER_S, &t) || __builtin_add_overflow(t, ns, &t))
        return E_INVALID;
    *out = t;
    return 0;
}

/* Exactly `digits` digits at s[*at]; moves *at. */
static bool number(const char *s, size_t n, size_t *at, int digits, int *out)
{
    int v = 0;

    if (*at + (size_t)digits > n)
        return false;
    for (int i = 0; i < digits; i++) {
        char c = s[*at + (size_t)i];

        if (c < '0' || c > '9')
            return false;
        v = v * 10 + (c - '0');
    }
    *at += (size_t)digits;
    *out = v;
    return true;
}

static bool one(const char *s, size_t n, size_t *at, char c)
{
    if (*at >= n || s[*at] != c)
        return false;
    ++*at;
    return true;
}

static bool full_date(const char *s, size_t n, size_t *at, struct civil *c)
{
    return number(s, n, at, 4, &c->year) && one(s, n, at, '-') &&
           number(s, n, at, 2, &c->month) && one(s, n, at, '-') &&
           number(s, n, at, 2, &c->day);
}

static bool clock_time(const char *s, size_t n, size_t *at, struct civil *c)
{
    return number(s, n, at, 2, &c->hour) && one(s, n, at, ':') &&
           number(s, n, at, 2, &c->minute) && one(s, n, at, ':') &&
           number(s, n, at, 2, &c->second);
}

/* "" or "." and 1 to 9 digits. */
static bool fraction(const char *s, size_t n, size_t *at, int64_t *ns)
{
    int64_t unit = NS_PER_S, v = 0;
    int digit;

    *ns = 0;
    if (!one(s, n, at, '.'))
        return true;
    while (unit > 1 && number(s, n, at, 1, &digit)) {
        unit /= 10;
        v += digit * unit;
    }
    *ns = v;
    return unit < NS_PER_S;
}

/* "Z", or with `any` also +hh:mm and -hh:mm. */
static bool offset(const char *s, size_t n, size_t *at, bool any, int64_t *seconds)
{
    int hour, minute;
    bool west;

    *seconds = 0;
    if (one(s, n, at, 'Z'))
        return true;
    if (!any || *at >= n || (s[*at] != '+' && s[*at] != '-'))
        return false;
    west = s[(*at)++] == '-';
    if (!number(s, n, at, 2, &hour) || !one(s, n, at, ':') ||
        !number(s, n, at, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *seconds = (hour * 3600 + minute * 60) * (west ? -1 : 1);
    return true;
}

static int date_time(const char *s, size_t n, bool any_offset, when_t *out)
{
    struct civil c = {0};
    int64_t ns, seconds;
    size_t at = 0;

    if (!s || !full_date(s, n, &at, &c) || !one(s, n, &at, 'T') ||
        !clock_time(s, n, &at, &c) || !fraction(s, n, &at, &ns) ||
        !offset(s, n, &at, any_offset, &seconds) || at != n)
        return E_INVALID;
    return moment(&c, seconds, ns, out);
}

int when_parse(const char *s, size_t n, when_t *out)
{
    return date_time(s, n, false, out);
}

int when_parse_offset(const char *s, size_t n, when_t *out)
{
    return date_time(s, n, true, out);
}

int when_parse_date(const char *s, size_t n, when_t *out)
{
    struct civil c = {0};
    size_t at = 0;

    if (!s || !full_date(s, n, &at, &c) || at != n)
        return E_INVALID;
    return moment(&c, 0, 0, out);
}

/* Splits a moment; returns the nanoseconds within the second. */
static int64_t split(when_t t, struct civil *c, int *weekday)
{
    int64_t s = t / NS_PER_S, ns = t % NS_PER_S, days, rest;

    if (ns < 0) {
        ns += NS_PER_S;
        s--;
    }
    days = s / 86400;
    rest = s % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    civil_from_days(days, c);
    c->hour = (int)(rest / 3600);
    c->minute = (int)(rest / 60 % 60);
    c->second = (int)(rest % 60);
    *weekday = (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    return ns;
}

char *when_format(when_t t, char out[32])
{
    struct civil c;
    int weekday, n;
    int64_t ns = split(t, &c, &weekday);

    n = snprintf(out, 32, "%04u-%02u-%02uT%02u:%02u:%02u", (unsigned)c.year % 10000,
                 (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)c.hour % 100,
                 (unsigned)c.minute % 100, (unsigned)c.second % 100);
    if (ns % NS_PER_MS)
        n += snprintf(out + n, 32 - (size_t)n, ".%09" PRId64, ns);
    else if (ns)
        n += snprintf(out + n, 32 - (size_t)n, ".%03" PRId64, (int64_t)(ns / NS_PER_MS));
    snprintf(out + n, 32 - (size_t)n, "Z");
    return out;
}

char *when_format_http(when_t t, char out[32])
{
    struct civil c;
    int weekday;

    split(t, &c, &weekday);
    snprintf(out, 32, "%s, %02u %s %04u %02u:%02u:%02u GMT", day_names[weekday],
             (unsigned)c.day % 100, month_names[c.month - 1], (unsigned)c.year % 10000,
             (unsigned)c.hour % 100, (unsigned)c.minute % 100, (unsigned)c.second % 100);
    return out;
}

static bool month_by_name(const char *s, size_t n, size_t *at, int *month)
{
    for (int i = 0; i < 12 && *at + 3 <= n; i++)
        if (memcmp(s + *at, month_names[i], 3) == 0) {
            *at += 3;
            *month = i + 1;
            return true;
        }
    return false;
}

/* Any of the three forms of RFC 9110 section 5.6.7, which a recipient must accept. The
 * name of the day is passed over. */
int when_parse_http(const char *s, when_t *out)
{
    struct civil c = {0};
    size_t n = strlen(s), at = strcspn(s, ", ");
    bool ok;

    if (at < 3 || at == n)
        return E_INVALID;
    if (s[at] == ' ') { /* asctime: Sun Nov  6 08:49:37 1994 */
        at++;
        ok = month_by_name(s, n, &at, &c.month) && one(s, n, &at, ' ') &&
             (one(s, n, &at, ' ') ? number(s, n, &at, 1, &c.day)
                                  : number(s, n, &at, 2, &c.day)) &&
             one(s, n, &at, ' ') && clock_time(s, n, &at, &c) && one(s, n, &at, ' ') &&
             number(s, n, &at, 4, &c.year);
    } else {
        bool old; /* Sunday, 06-Nov-94 08:49:37 GMT */

        at++;
        ok = one(s, n, &at, ' ') && number(s, n, &at, 2, &c.day);
        old = ok && at < n && s[at] == '-';
        ok = ok && one(s, n, &at, old ? '-' : ' ') &&
             month_by_name(s, n, &at, &c.month) && one(s, n, &at, old ? '-' : ' ') &&
             number(s, n, &at, old ? 2 : 4, &c.year) && one(s, n, &at, ' ') &&
             clock_time(s, n, &at, &c) && n - at == 4 && memcmp(s + at, " GMT", 4) == 0;
        at += 4;
        if (old)
            c.year += c.year < 70 ? 2000 : 1900;
    }
    if (!ok || at != n)
        return E_INVALID;
    return moment(&c, 0, 0, out);
}

int when_parse_duration(const char *s, uint64_t *ns)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {
        {"ms", 1000000U},
        {"s", 1000000000U},
        {"m", 60000000000U},
        {"h", 3600000000000U},
    };
    size_t whole = s ? strspn(s, "0123456789") : 0, digits;
    const char *part, *unit;
    uint64_t size = 0, v = 0, tenth;

    if (whole == 0)
        return E_INVALID;
    part = s + whole + (s[whole] == '.');
    digits = s[whole] == '.' ? strspn(part, "0123456789") : 0;
    if (s[whole] == '.' && digits == 0)
        return E_INVALID;
    unit = part + digits;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(unit, units[i].name) == 0)
            size = units[i].ns;
    if (size == 0)
        return E_INVALID;
    for (size_t i = 0; i < whole; i++)
        if (__builtin_mul_overflow(v, 10U, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s[i] - '0'), &v))
            return E_INVALID;
    if (__builtin_mul_overflow(v, size, &v))
        return E_INVALID;
    tenth = size;
    for (size_t i = 0; i < digits; i++) {
        tenth /= 10;
        if (__builtin_add_overflow(v, (uint64_t)(part[i] - '0') * tenth, &v))
            return E_INVALID;
    }
    *ns = v;
    return 0;
}

static int64_t read_clock(clockid_t id)
{
    struct timespec ts = {0};

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

when_t when_wall(void)
{
    return read_clock(CLOCK_REALTIME);
}

uint64_t when_monotonic(void)
{
    return (uint64_t)read_clock(CLOCK_MONOTONIC);
}
