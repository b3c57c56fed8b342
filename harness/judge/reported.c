#include "harness/judge/reported.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/map.h"
#include "harness/base/mem.h"

struct reported {
    struct map *by_name; /* application -> json array of truth lines, in order */
    uint64_t observed;   /* the last line in which the observer answered */
};

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static void free_list(void *list)
{
    json_decref(list);
}

struct reported *reported_new(void)
{
    struct reported *r = xcalloc(1, sizeof *r);
    r->by_name = map_new();
    return r;
}

void reported_free(struct reported *r)
{
    if (r)
        map_free(r->by_name, free_list);
    free(r);
}

void reported_event(struct reported *r, const char *kind, const json_t *event)
{
    const char *name = text(event, "application");
    if (!strcmp(kind, "exchange") && !strncmp(text(event, "op"), "waarnemer.", 10))
        r->observed = (uint64_t)json_integer_value(json_object_get(event, "seq"));
    if (strcmp(kind, "truth") != 0 || !*name)
        return;
    json_t *list = map_get(r->by_name, name);
    if (!list)
        map_put(r->by_name, name, list = json_array());
    json_array_append_new(
        list, json_pack("{ss,ss,ss,sI}", "source", text(event, "source"), "status",
                        text(event, "status"), "begin", text(event, "begin"), "seq",
                        json_integer_value(json_object_get(event, "seq"))));
}

/* Is this the status that was expected: a name, or one of a list? */
static bool wanted(const json_t *want, const char *status)
{
    for (size_t i = 0; i < json_array_size(want); i++)
        if (wanted(json_array_get(want, i), status))
            return true;
    return json_is_string(want) && !strcmp(json_string_value(want), status);
}

/* "aanmelding NAME (...": NAME, or NULL when the sentence is about something else. */
static char *named(const char *why)
{
    static const char begin[] = "aanmelding ";
    const char *name = why + sizeof begin - 1;
    const char *end = strncmp(why, begin, sizeof begin - 1) ? NULL : strstr(name, " (");
    return end ? xstrndup(name, (size_t)(end - name)) : NULL;
}

char *reported_reason(const struct reported *r, const char *why, const json_t *expected,
                      uint64_t seqs[2])
{
    char *name = named(why), *out = NULL;
    const json_t *want =
        name ? json_object_get(json_object_get(expected, "sees"), name) : NULL;
    const json_t *list = want ? map_get(r->by_name, name) : NULL;
    seqs[0] = seqs[1] = 0;
    for (size_t i = json_array_size(list); i-- > 0 && !out;) {
        const json_t *t = json_array_get(list, i);
        if (!wanted(want, text(t, "status")))
            continue;
        seqs[0] = (uint64_t)json_integer_value(json_object_get(t, "seq"));
        seqs[1] = r->observed;
        out = xasprintf("%s, but %s reported %s with begin %s (journal line %llu)", why,
                        text(t, "source"), text(t, "status"), text(t, "begin"),
                        (unsigned long long)seqs[0]);
    }
    free(name);
    return out ? out : xstrdup(why);
}
