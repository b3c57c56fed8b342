/* JSON Schema: numbers, and elements that must differ. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/profile/schema_impl.h"

__extension__ typedef unsigned __int128 u128;

enum kind kind_of(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return KIND_OBJECT;
    case JSON_ARRAY:
        return KIND_ARRAY;
    case JSON_STRING:
        return KIND_STRING;
    case JSON_INTEGER:
        return KIND_INTEGER;
    case JSON_REAL: {
        double d = json_real_value(v);

        return d <= floor(d) ? KIND_INTEGER : KIND_FRACTION;
    }
    case JSON_TRUE:
    case JSON_FALSE:
        return KIND_BOOLEAN;
    case JSON_NULL:
        break;
    }
    return KIND_NULL;
}

static int compare_doubles(double a, double b)
{
    return (a > b) - (a < b);
}

/* An integer with a real, without rounding the integer to 53 bits. */
static int compare_mixed(json_int_t i, double d)
{
    json_int_t whole;

    if (d >= 9223372036854775808.0)
        return -1;
    if (d < -9223372036854775808.0)
        return 1;
    whole = (json_int_t)d; /* towards zero */
    if (i != whole)
        return i < whole ? -1 : 1;
    return compare_doubles((double)whole, d);
}

int number_compare(const json_t *a, const json_t *b)
{
    if (json_is_integer(a) && json_is_integer(b)) {
        json_int_t x = json_integer_value(a), y = json_integer_value(b);

        return (x > y) - (x < y);
    }
    if (json_is_integer(a))
        return compare_mixed(json_integer_value(a), json_real_value(b));
    if (json_is_integer(b))
        return -compare_mixed(json_integer_value(b), json_real_value(a));
    return compare_doubles(json_real_value(a), json_real_value(b));
}

/* |v| as digits * 10^exponent: of a real its shortest decimal text that reads back as the
 * same number, which is what was written unless that had more than 17 digits. */
static void decimal_of(const json_t *v, uint64_t *digits, int *exponent)
{
    char text[64], *e;
    double d;

    *exponent = 0;
    *digits = 0;
    if (json_is_integer(v)) {
        json_int_t i = json_integer_value(v);

        *digits = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
        return;
    }
    d = fabs(json_real_value(v));
    for (int precision = 14; precision <= 16; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, d);
        if (compare_doubles(strtod(text, NULL), d) == 0)
            break;
    }
    e = strchr(text, 'e');
    *exponent = (int)strtol(e + 1, NULL, 10);
    for (const char *s = text; s < e; s++) {
        if (*s == '.')
            continue;
        *digits = *digits * 10 + (uint64_t)(*s - '0');
        if (s > text)
            (*exponent)--;
    }
    while (*digits && *digits % 10 == 0) {
        *digits /= 10;
        (*exponent)++;
    }
}

/* Exact in decimal: 0.0075 is a multiple of 0.0001, and 1e308 overflows nothing. */
bool number_is_multiple(const json_t *v, const json_t *of)
{
    uint64_t a, b;
    u128 rest, scale;
    int ea, eb;

    decimal_of(v, &a, &ea);
    decimal_of(of, &b, &eb);
    if (a == 0)
        return true;
    if (b == 0) /* refused at load; a real can still be too small to print */
        return false;
    if (ea >= eb) { /* a * 10^(ea - eb) mod b */
        rest = a % b;
        for (int i = eb; i < ea && rest; i++)
            rest = rest * 10 % b;
        return rest == 0;
    }
    scale = b; /* a mod b * 10^(eb - ea); a has at most 19 digits */
    for (int i = ea; i < eb; i++) {
        scale *= 10;
        if (scale > a)
            return false;
    }
    return a % scale == 0;
}

bool check_number(struct run *r, const struct node *n, const json_t *v,
                  const struct at *at)
{
    const struct numbers *k = n->numbers;
    const struct {
        const json_t *limit;
        const char *keyword, *text;
        int sign, least; /* wrong when sign * (v <=> limit) < least */
    } rows[] = {
        {k->minimum, "minimum", "at least", 1, 0},
        {k->exclusive_minimum, "exclusiveMinimum", "more than", 1, 1},
        {k->maximum, "maximum", "at most", -1, 0},
        {k->exclusive_maximum, "exclusiveMaximum", "less than", -1, 1},
    };
    bool ok = true;

    for (size_t i = 0; i < ARRAY_LEN(rows) && run_on(r, ok); i++)
        if (rows[i].limit &&
            rows[i].sign * number_compare(v, rows[i].limit) < rows[i].least)
            ok = fault_limit(r, n, at, rows[i].keyword, "buiten-bereik",
                             "must be %s %.15g", rows[i].text,
                             json_number_value(rows[i].limit));
    if (run_on(r, ok) && k->multiple_of && !number_is_multiple(v, k->multiple_of))
        ok =
            fault_limit(r, n, at, "multipleOf", "buiten-bereik",
                        "must be a multiple of %.15g", json_number_value(k->multiple_of));
    return ok;
}

bool number_count(const json_t *v, size_t *out)
{
    double d;

    if (json_is_integer(v)) {
        if (json_integer_value(v) < 0)
            return false;
        *out = (size_t)json_integer_value(v);
        return true;
    }
    if (!json_is_real(v) || kind_of(v) != KIND_INTEGER)
        return false;
    d = json_real_value(v);
    if (d < 0)
        return false;
    *out = d < 9e18 ? (size_t)d : SIZE_MAX;
    return true;
}

/* Equal values (json_same) have equal hashes. Two levels deep is enough to tell most
 * objects apart. */
static uint64_t value_hash(const json_t *v, int depth)
{
    json_t *inner = (json_t *)(uintptr_t)v;
    uint64_t h = json_typeof(v) * 0x9E3779B97F4A7C15u;
    const char *key;
    json_t *member;
    size_t i;

    switch (json_typeof(v)) {
    case JSON_STRING:
        return h ^ name_hash(json_string_value(v), json_string_length(v));
    case JSON_INTEGER:
    case JSON_REAL: {
        double d = json_number_value(v) + 0.0; /* no negative zero */
        uint64_t bits;

        memcpy(&bits, &d, sizeof bits);
        return (bits ^ (bits >> 29)) * 0xBF58476D1CE4E5B9u;
    }
    case JSON_ARRAY:
        h += json_array_size(v);
        if (depth > 0)
            json_array_foreach (v, i, member)
                h = (h ^ value_hash(member, depth - 1)) * 0x94D049BB133111EBu;
        return h;
    case JSON_OBJECT:
        h += json_object_size(v);
        json_object_foreach (inner, key, member) /* in any order */
            h += (name_hash(key, strlen(key)) ^
                  (depth > 0 ? value_hash(member, depth - 1) : 0)) *
                 0x94D049BB133111EBu;
        return h;
    default:
        return h;
    }
}

struct uniques {
    const json_t *array;
    size_t next, mask;
    struct {
        uint64_t hash;
        size_t index; /* counts from 1; 0: free */
    } slots[];
};

struct uniques *uniques_new(const json_t *array)
{
    size_t room = 4;
    struct uniques *u;

    while (room < 2 * json_array_size(array))
        room *= 2;
    u = xcalloc(1, sizeof *u + room * sizeof u->slots[0]);
    u->array = array;
    u->mask = room - 1;
    return u;
}

void uniques_free(struct uniques *u)
{
    free(u);
}

bool uniques_next(struct uniques *u, size_t *index, size_t *earlier)
{
    size_t size = json_array_size(u->array);

    while (u->next < size) {
        size_t at = u->next++;
        const json_t *v = json_array_get(u->array, at);
        uint64_t h = value_hash(v, 2);
        size_t i = (size_t)(h ^ (h >> 32)) & u->mask;

        for (; u->slots[i].index; i = (i + 1) & u->mask) {
            size_t other = u->slots[i].index - 1;

            if (u->slots[i].hash == h && json_same(v, json_array_get(u->array, other))) {
                *index = at;
                *earlier = other;
                return true;
            }
        }
        u->slots[i].hash = h;
        u->slots[i].index = at + 1;
    }
    return false;
}

bool all_unique(const json_t *array)
{
    size_t n = json_array_size(array), at, earlier;
    struct uniques *u;
    bool found;

    if (n <= 8) {
        for (size_t i = 1; i < n; i++)
            for (size_t k = 0; k < i; k++)
                if (json_same(json_array_get(array, i), json_array_get(array, k)))
                    return false;
        return true;
    }
    u = uniques_new(array);
    found = uniques_next(u, &at, &earlier);
    uniques_free(u);
    return !found;
}
