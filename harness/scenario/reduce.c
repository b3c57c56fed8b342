#include "harness/scenario/reduce.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "harness/scenario/scenario.h"

#define REGIONS 39

struct reducing {
    json_t *best;
    const struct tables *tables;
    reduce_ask *ask;
    void *arg;
    struct map *seen; /* texts that were asked about, or can't be run */
    size_t asked;
    bool stopped;
};

size_t reduce_steps(const json_t *steps)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        if (json_is_array(step)) /* a lane within "together" */
            n += reduce_steps(step);
        else
            n += 1 + reduce_steps(json_object_get(step, "together")) +
                 reduce_steps(json_object_get(step, "steps"));
    }
    return n;
}

/* ---- one question ---- */

static bool can_be_run(const struct reducing *r, const json_t *candidate)
{
    struct scenario *s = NULL;
    int rc = scenario_from(candidate, "", "", r->tables, &s, NULL);
    scenario_free(rc ? NULL : s);
    return rc == 0;
}

/* Takes the candidate; it becomes the best when it is of use. */
static bool attempt(struct reducing *r, json_t *candidate)
{
    char *text = json_dumps(candidate, JSON_COMPACT);
    bool fresh = !r->stopped && !map_get(r->seen, text), kept = false;
    if (fresh)
        map_put(r->seen, text, r);
    free(text);
    if (fresh && can_be_run(r, candidate)) {
        r->asked++;
        enum reduce_answer answer = r->ask(r->arg, candidate);
        r->stopped = answer == REDUCE_STOP;
        kept = answer == REDUCE_KEEPS;
    }
    if (!kept) {
        json_decref(candidate);
        return false;
    }
    json_decref(r->best);
    r->best = candidate;
    return true;
}

/* ---- parts, by JSON pointer into the best ---- */

static json_t *part(const struct reducing *r, const char *pointer)
{
    return json_at(r->best, pointer);
}

/* How many elements or members it has. */
static size_t size_of(const struct reducing *r, const char *pointer)
{
    const json_t *v = part(r, pointer);
    return json_is_object(v) ? json_object_size(v) : json_array_size(v);
}

static void remove_range(json_t *v, size_t from, size_t n)
{
    if (json_is_array(v)) {
        while (n--)
            json_array_remove(v, from);
        return;
    }
    void *at = json_object_iter(v);
    while (from--)
        at = json_object_iter_next(v, at);
    char **keys = xcalloc(n + 1, sizeof *keys);
    for (size_t i = 0; i < n; i++, at = json_object_iter_next(v, at))
        keys[i] = xstrdup(json_object_iter_key(at));
    for (size_t i = 0; i < n; i++) {
        json_object_del(v, keys[i]);
        free(keys[i]);
    }
    free(keys);
}

static bool without(struct reducing *r, const char *pointer, size_t from, size_t n)
{
    json_t *candidate = json_deep_copy(r->best);
    remove_range(json_at(candidate, pointer), from, n);
    return attempt(r, candidate);
}

/* Leaves elements out of a list, or members out of an object: halves first, then smaller
 * parts, at last each alone. What comes last goes first: it hangs on what is before it.
 * At least `least` stay. */
static bool thin(struct reducing *r, const char *pointer, size_t least)
{
    bool any = false;
    size_t chunk = size_of(r, pointer);
    while (chunk > 0 && !r->stopped) {
        for (size_t at = size_of(r, pointer); at > 0;) {
            size_t from = at > chunk ? at - chunk : 0;
            if (size_of(r, pointer) - (at - from) >= least)
                any |= without(r, pointer, from, at - from);
            at = from;
        }
        chunk = chunk > 1 ? (chunk + 1) / 2 : 0;
    }
    return any;
}

static bool replace(struct reducing *r, const char *pointer, json_t *value)
{
    json_t *candidate = json_deep_copy(r->best);
    const char *last = strrchr(pointer, '/');
    char *above = xstrndup(pointer, (size_t)(last - pointer));
    json_t *parent = json_at(candidate, above);
    if (json_is_array(parent))
        json_array_set_new(parent, (size_t)strtoul(last + 1, NULL, 10), value);
    else
        json_object_set_new(parent, last + 1, value);
    free(above);
    return attempt(r, candidate);
}

/* A number down to 1, or as far as it goes when less is not enough. */
static bool lower(struct reducing *r, const char *pointer)
{
    json_int_t low = 1, high = json_integer_value(part(r, pointer));
    bool any = false;
    if (high <= 1 || replace(r, pointer, json_integer(1)))
        return high > 1;
    while (high - low > 1 && !r->stopped) {
        json_int_t middle = low + (high - low) / 2;
        if (replace(r, pointer, json_integer(middle))) {
            high = middle;
            any = true;
        } else {
            low = middle;
        }
    }
    return any;
}

/* ---- within a step ---- */

/* The elements of `list` in the place of the step at (steps, i). */
static bool spliced(struct reducing *r, const char *steps, size_t i, const json_t *list)
{
    json_t *candidate = json_deep_copy(r->best), *to = json_at(candidate, steps);
    json_array_remove(to, i);
    for (size_t k = 0; k < json_array_size(list); k++)
        json_array_insert_new(to, i + k, json_deep_copy(json_array_get(list, k)));
    return attempt(r, candidate);
}

/* "together" of one, or a "for each" that names nobody: what is in it alone. */
static bool unwrap(struct reducing *r, const char *steps, size_t i)
{
    const json_t *step = json_array_get(part(r, steps), i);
    const json_t *together = json_object_get(step, "together");
    const json_t *within = json_object_get(step, "steps");
    if (json_array_size(together) == 1) {
        const json_t *only = json_array_get(together, 0);
        return spliced(r, steps, i, json_is_array(only) ? only : together);
    }
    if (!json_is_array(within))
        return false;
    char *text = json_dumps(within, JSON_COMPACT);
    bool named = strstr(text, "\"each\"") != NULL;
    free(text);
    return !named && spliced(r, steps, i, within);
}

static bool simpler_steps(struct reducing *r, const char *pointer);

/* Batches, what a school is to see, numbers of times. */
static bool simpler_values(struct reducing *r, const char *step)
{
    static const char *const lists[] = {"reports", "sees", "sees only", "has"};
    static const char *const numbers[] = {"times", "count", "entries", "fault/nth",
                                          "fault/count"};
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        char *at = xasprintf("%s/%s", step, lists[i]);
        if (size_of(r, at) > 1)
            any |= thin(r, at, 1);
        if (!strcmp(lists[i], "reports") && json_array_size(part(r, at)) == 1)
            any |= replace(r, at, json_incref(json_array_get(part(r, at), 0)));
        free(at);
    }
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        char *at = xasprintf("%s/%s", step, numbers[i]);
        any |= lower(r, at);
        free(at);
    }
    return any;
}

static bool simpler_step(struct reducing *r, const char *steps, size_t i)
{
    char *step = xasprintf("%s/%zu", steps, i);
    char *together = xasprintf("%s/together", step), *each = xasprintf("%s/steps", step);
    bool any = false;
    if (json_is_array(part(r, step))) /* a lane within "together" */
        any = simpler_steps(r, step);
    if (json_is_array(part(r, together)))
        any |= simpler_steps(r, together);
    if (json_is_array(part(r, each)))
        any |= simpler_steps(r, each);
    any |= simpler_values(r, step);
    any |= unwrap(r, steps, i);
    free(each);
    free(together);
    free(step);
    return any;
}

static bool simpler_steps(struct reducing *r, const char *pointer)
{
    bool any = thin(r, pointer, 1);
    for (size_t i = size_of(r, pointer); i-- > 0;)
        any |= simpler_step(r, pointer, i);
    return any;
}

/* ---- what is given ---- */

static bool leave_out(struct reducing *r, const char *of, const char *member)
{
    json_t *candidate = json_deep_copy(r->best), *from = json_at(candidate, of);
    if (json_object_del(from, member)) {
        json_decref(candidate);
        return false;
    }
    return attempt(r, candidate);
}

/* All of them, named one by one, so that they can be left out. */
static bool name_regions(struct reducing *r)
{
    json_t *all = json_array();
    if (!part(r, "/given/per region") || json_is_array(part(r, "/given/regions"))) {
        json_decref(all);
        return false;
    }
    for (int i = 1; i <= REGIONS; i++)
        json_array_append_new(all, json_integer(i));
    return replace(r, "/given/regions", all);
}

static bool simpler_given(struct reducing *r)
{
    static const char *const maps[] = {
        "/given/applications", "/given/pupils", "/given/per region/applications",
        "/given/per region/pupils", "/given/overstapsystemen"};
    static const char *const optional[] = {"crowd",  "shuffle", "page",     "certificate",
                                           "tokens", "cursors", "interval", "regions"};
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(maps); i++)
        if (part(r, maps[i]))
            any |= thin(r, maps[i], 0);
    if (part(r, "/given/per region") &&
        !json_object_size(part(r, "/given/per region/pupils")))
        any |= leave_out(r, "/given", "per region");
    if (part(r, "/given/overstapsystemen") &&
        !json_object_size(part(r, "/given/overstapsystemen")))
        any |= leave_out(r, "/given", "overstapsystemen");
    for (size_t i = 0; i < ARRAY_LEN(optional); i++)
        if (strcmp(optional[i], "regions") || !part(r, "/given/per region"))
            any |= leave_out(r, "/given", optional[i]);
    any |= name_regions(r);
    if (json_is_array(part(r, "/given/regions")))
        any |= thin(r, "/given/regions", 1);
    any |= lower(r, "/given/crowd/aanmeldingen");
    return any;
}

void reduce_scenario(const json_t *root, const struct tables *t, reduce_ask *ask,
                     void *arg, struct reduced *out)
{
    struct reducing r = {.best = json_deep_copy(root),
                         .tables = t,
                         .ask = ask,
                         .arg = arg,
                         .seen = map_new()};
    bool any = true;
    while (any && !r.stopped) {
        any = simpler_steps(&r, "/steps");
        any |= simpler_given(&r);
    }
    *out = (struct reduced){
        .scenario = r.best,
        .asked = r.asked,
        .from = reduce_steps(json_object_get(root, "steps")),
        .steps = reduce_steps(json_object_get(r.best, "steps")),
        .whole = !r.stopped,
    };
    map_free(r.seen, NULL);
}
