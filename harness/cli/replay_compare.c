/* What was found in a scenario, and what is found in it now: same, gone or other. */
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/replay.h"

static const char *const names[AGAIN_COUNT] = {"same", "gone", "other"};

const char *again_name(enum again a)
{
    return names[a];
}

json_t *findings_of(const json_t *result, const char *role, const char *scenario)
{
    json_t *out = json_array();
    const json_t *requirements = json_object_get(result, "requirements");
    for (size_t i = 0; i < json_array_size(requirements); i++) {
        const json_t *q = json_array_get(requirements, i);
        const json_t *findings = json_object_get(q, "findings");
        for (size_t k = 0; k < json_array_size(findings); k++) {
            json_t *f = json_array_get(findings, k);
            if (strcmp(json_text(f, "scenario"), scenario) ||
                strcmp(json_text(f, "role"), role))
                continue;
            json_t *one = json_copy(f);
            json_object_set(one, "requirement", json_object_get(q, "id"));
            json_array_append_new(out, one);
        }
    }
    return out;
}

static bool equal(const json_t *a, const json_t *b, const char *member)
{
    const char *x = json_text(a, member), *y = json_text(b, member);
    return !strcmp(x ? x : "", y ? y : "");
}

/* Of one requirement, by one check, with one verdict. */
static bool same_group(const json_t *a, const json_t *b)
{
    return equal(a, b, "requirement") && equal(a, b, "check") && equal(a, b, "verdict");
}

/* Is there one of this group at this step? */
static const json_t *at_step(const json_t *list, const json_t *f)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *g = json_array_get(list, i);
        if (same_group(f, g) && equal(f, g, "step"))
            return g;
    }
    return NULL;
}

static bool first_of_group(const json_t *list, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (same_group(json_array_get(list, i), json_array_get(list, at)))
            return false;
    return true;
}

/* The first of this group, or of this requirement, that has no counterpart. */
static const json_t *instead(const json_t *was, const json_t *now, const json_t *f)
{
    const json_t *found = NULL;
    for (size_t i = json_array_size(now); i-- > 0;) {
        const json_t *g = json_array_get(now, i);
        if (equal(f, g, "requirement") &&
            (!found || same_group(f, g) || !same_group(f, found)) && !at_step(was, g))
            found = g;
    }
    return found;
}

/* One that came back at one of its steps. */
static const json_t *back(const json_t *was, const json_t *now, const json_t *f)
{
    for (size_t i = 0; i < json_array_size(was); i++) {
        const json_t *w = json_array_get(was, i);
        const json_t *found = same_group(w, f) ? at_step(now, w) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

static json_t *entry(enum again a, const json_t *f)
{
    static const char *const members[] = {"requirement", "check", "verdict",
                                          "blame",       "step",  "reason"};
    json_t *o = json_pack("{ss}", "again", names[a]);
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (json_object_get(f, members[i]))
            json_object_set(o, members[i], json_object_get(f, members[i]));
    return o;
}

static json_t *entry_was(enum again a, const json_t *f, const json_t *was)
{
    json_t *o = entry(a, f), *then = entry(a, was);
    json_object_del(then, "again");
    json_object_del(then, "requirement");
    json_object_set_new(o, "was", then);
    return o;
}

static bool told(const json_t *list, const json_t *f)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (same_group(json_array_get(list, i), f))
            return true;
    return false;
}

/* What was there, and what has become of it. */
static json_t *fate(const json_t *was, const json_t *now, const json_t *f, bool ended)
{
    const json_t *found = back(was, now, f);
    if (found)
        return entry_was(AGAIN_SAME, found, f);
    found = instead(was, now, f);
    if (found)
        return entry_was(AGAIN_OTHER, found, f);
    if (ended)
        return entry_was(AGAIN_GONE, f, f);
    json_t *o = entry_was(AGAIN_OTHER, f, f);
    json_object_set_new(o, "verdict", json_string("not-observed"));
    json_object_set_new(o, "reason",
                        json_string("the conversation ended before this could be seen"));
    return o;
}

/* What was not observed then and is not now says nothing about what was wrong. */
static enum again overall(const json_t *list)
{
    bool any[AGAIN_COUNT] = {false}, matter = false;
    for (int pass = 0; pass < 2 && !matter; pass++)
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *o = json_array_get(list, i);
            const char *again = json_text(o, "again");
            const char *verdict = json_text(o, "verdict");
            if (pass == 0 && !strcmp(again, names[AGAIN_SAME]) &&
                (!strcmp(verdict, "not-observed") || !strcmp(verdict, "not-applicable")))
                continue;
            matter = true;
            for (size_t a = 0; a < AGAIN_COUNT; a++)
                any[a] = any[a] || !strcmp(again, names[a]);
        }
    return any[AGAIN_OTHER] ? AGAIN_OTHER : any[AGAIN_SAME] ? AGAIN_SAME : AGAIN_GONE;
}

json_t *compare_findings(const json_t *was, const json_t *now, bool ended,
                         enum again *all)
{
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(was); i++)
        if (first_of_group(was, i))
            json_array_append_new(out, fate(was, now, json_array_get(was, i), ended));
    for (size_t i = 0; i < json_array_size(now); i++) {
        const json_t *f = json_array_get(now, i);
        if (first_of_group(now, i) && !told(out, f))
            json_array_append_new(out, entry(AGAIN_OTHER, f));
    }
    *all = overall(out);
    return out;
}
