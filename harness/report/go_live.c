#include "harness/report/go_live.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/when.h"

#define DAY (86400 * NS_PER_S)

/* The members of a date that is known to be one. */
static void take_apart(const char *date, struct go_live *g)
{
    int *const parts[] = {&g->year, &g->month, &g->day};
    for (size_t i = 0, at = 0; i < 3; i++, at++)
        for (*parts[i] = 0; date[at] >= '0' && date[at] <= '9'; at++)
            *parts[i] = *parts[i] * 10 + (date[at] - '0');
}

/* From 1 May on the overstapsystemen can connect (D8). */
static when_t next_first_of_may(when_t run, char date[16])
{
    char text[32];
    struct go_live now;
    when_t day = 0;
    take_apart(when_format(run, text), &now);
    for (int year = now.year; year <= now.year + 1; year++) {
        snprintf(date, 16, "%04d-05-01", year % 10000);
        if (!when_parse_date(date, strlen(date), &day) && day > run)
            break;
    }
    return day;
}

bool go_live_of(const json_t *result, struct go_live *out)
{
    const char *started = json_text(result, "started"), *told = NULL;
    const json_t *systems = json_object_get(result, "systems");
    char may[16];
    when_t run, day;
    if (!started || when_parse(started, strlen(started), &run))
        return false;
    run -= ((run % DAY) + DAY) % DAY;
    for (size_t i = 0; i < json_array_size(systems) && !told; i++)
        told = json_text(json_array_get(systems, i), "goLive");
    if (told && when_parse_date(told, strlen(told), &day))
        told = NULL;
    if (!told)
        day = next_first_of_may(run, may);
    *out = (struct go_live){.told = told, .days = (long)((day - run) / DAY)};
    take_apart(told ? told : may, out);
    return true;
}

char *go_live_day(const struct go_live *g, char out[40], enum lang lang)
{
    static const char *const months[][2] = {
        {"januari", "January"}, {"februari", "February"}, {"maart", "March"},
        {"april", "April"},     {"mei", "May"},           {"juni", "June"},
        {"juli", "July"},       {"augustus", "August"},   {"september", "September"},
        {"oktober", "October"}, {"november", "November"}, {"december", "December"}};
    const char *month = months[(g->month + 11) % 12][lang];
    snprintf(out, 40, "%d %s %d", g->day % 100, month, g->year % 10000);
    return out;
}
