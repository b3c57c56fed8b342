#include "harness/judge/samples.h"

#include <stdbool.h>
#include <stdlib.h>

#include "harness/base/mem.h"
#include "harness/base/when.h"
#include "harness/judge/names.h"

#define NS_PER_US 1000

void samples_add(struct samples *s, uint64_t ns)
{
    uint64_t us = ns / NS_PER_US;
    list_add(s->us, s->n, s->cap);
    s->us[s->n - 1] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

void samples_done(struct samples *s)
{
    free(s->us);
    *s = (struct samples){0};
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void sort(struct samples *s)
{
    if (s->sorted < s->n)
        qsort(s->us, s->n, sizeof *s->us, ascending);
    s->sorted = s->n;
}

int64_t samples_percentile(struct samples *s, unsigned permille)
{
    bool always = permille <= 500 || permille == 1000; /* the median, the largest */
    if (!s->n || (!always && s->n * (1000 - permille) < 1000))
        return -1;
    sort(s);
    size_t rank = (s->n * permille + 999) / 1000;
    return s->us[rank ? rank - 1 : 0];
}

static json_t *ms(int64_t us)
{
    return us < 0 ? json_null() : json_real((double)us / 1000);
}

json_t *samples_json(struct samples *s)
{
    return json_pack(
        "{sI,so,so,so,so,so}", "n", (json_int_t)s->n, "p50",
        ms(samples_percentile(s, 500)), "p90", ms(samples_percentile(s, 900)), "p99",
        ms(samples_percentile(s, 990)), "p999", ms(samples_percentile(s, 999)), "max",
        ms(samples_percentile(s, 1000)));
}

json_t *samples_histogram(struct samples *s)
{
    static const unsigned steps[] = {1, 2, 5};
    json_t *list = json_array();
    size_t at = 0;
    sort(s);
    uint64_t decade = 1000; /* one millisecond */
    for (size_t k = 0; at < s->n; k++) {
        uint64_t upper = decade * steps[k % ARRAY_LEN(steps)];
        size_t n = 0;
        for (; at < s->n && s->us[at] <= upper; at++)
            n++;
        if (n || json_array_size(list))
            json_array_append_new(
                list, json_pack("[f,I]", (double)upper / 1000, (json_int_t)n));
        if (k % ARRAY_LEN(steps) == 2)
            decade *= 10;
    }
    return list;
}
