/*
 * About how long a conversation takes, read off its text: what it says that takes time.
 * Only the order in which conversations are started depends on it.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/scenario/scenario.h"

#define START      0.3   /* of a system under test */
#define STEP       0.02  /* one request and its answer */
#define PER_PERSON 30e-6 /* of a crowd: sent, fetched, fetched again */

struct measuring {
    double interval, seconds;
};

/* "5s", "+5s", "3 intervals"; 0 for all else. */
static double seconds_of(const struct measuring *m, const json_t *v)
{
    const char *s = json_is_string(v) ? json_string_value(v) : "";
    char *end;
    uint64_t ns;
    s += *s == '+';
    double n = strtod(s, &end);
    if (n > 0 && !strncmp(end, " interval", 9))
        return n * m->interval;
    return when_parse_duration(s, &ns) ? 0 : (double)ns / (double)NS_PER_S;
}

static double number_of(const json_t *step, const char *key)
{
    const json_t *v = json_object_get(step, key);
    return json_is_integer(v) ? (double)json_integer_value(v) : 1;
}

/* Nobody hurries after a failure: the gaps grow to 8 intervals (CONTRACT.md 7). */
static double gaps(double failures)
{
    double sum = 0, gap = 1;
    for (; failures >= 1; failures--, gap = gap < 8 ? 2 * gap : 8)
        sum += gap;
    return sum;
}

static void measure(struct measuring *m, const json_t *v);

static void measure_member(struct measuring *m, const json_t *object, const char *key,
                           const json_t *v)
{
    if (!strcmp(key, "for") || !strcmp(key, "retry after") || !strcmp(key, "delay"))
        m->seconds += seconds_of(m, v);
    else if (!strcmp(key, "kind")) /* of a fault */
        m->seconds += gaps(number_of(object, "count")) * m->interval;
    else if (!strcmp(key, "sees") || !strcmp(key, "wait"))
        m->seconds += m->interval;
    else if (json_is_string(v) && !strcmp(json_string_value(v), "is notified again"))
        m->seconds += 2.5 * number_of(object, "times"); /* of 25 and 100 s, at 1 in 50 */
    else if (json_is_string(v) && !strcmp(json_string_value(v), "silence"))
        m->seconds += 5; /* CONTRACT.md 10 */
    measure(m, v);
}

static void measure(struct measuring *m, const json_t *v)
{
    union { /* jansson iterates objects that are not const only */
        const json_t *in;
        json_t *out;
    } u = {.in = v};
    const char *key;
    json_t *member;
    size_t i;
    if (json_is_object(v))
        m->seconds += STEP;
    json_object_foreach (u.out, key, member)
        measure_member(m, v, key, member);
    json_array_foreach (v, i, member)
        measure(m, member);
}

/* The longest that something given makes it wait for: a date of connection, a token's
 * end. */
static double longest_given(const struct measuring *m, const json_t *v)
{
    union {
        const json_t *in;
        json_t *out;
    } u = {.in = v};
    const char *key;
    json_t *member;
    double longest = seconds_of(m, v);
    json_object_foreach (u.out, key, member) {
        double s = strcmp(key, "interval") ? longest_given(m, member) : 0;
        longest = s > longest ? s : longest;
    }
    return longest;
}

double scenario_length(const struct scenario *s)
{
    const json_t *crowd =
        json_object_get(json_object_get(s->given, "crowd"), "aanmeldingen");
    struct measuring m = {.interval = 0.5};
    double interval = seconds_of(&m, json_object_get(s->given, "interval"));
    m.interval = interval > 0 ? interval : m.interval;
    measure(&m, s->steps);
    return START + m.seconds + longest_given(&m, s->given) +
           PER_PERSON * (double)json_integer_value(crowd);
}
