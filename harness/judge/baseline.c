#include "harness/judge/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"

struct baseline {
    const struct exceptions *x;
    struct map *was, *seen; /* id -> entry of the baseline */
    json_t *fresh, *fixed, *known, *gone;
};

/* ---- what may be a baseline ---- */

int baseline_check(const json_t *baseline, struct err *e)
{
    const json_t *list = json_object_get(baseline, "requirements");
    const json_t *systems = json_object_get(baseline, "systems");
    const char *overall = json_text(baseline, "verdict");
    if (!json_text(baseline, "koppelproef") || !json_text(baseline, "profile") ||
        !overall || !json_is_array(list) || !json_array_size(systems))
        return err_set(e, E_INVALID, "this is no result.json of koppelproef");
    for (size_t i = 0; i < json_array_size(systems); i++)
        if (!json_text(json_array_get(systems, i), "role"))
            return err_set(e, E_INVALID, "system %zu of this result has no role", i + 1);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        if (!json_text(r, "id") || !verdict_by_name(json_text(r, "verdict")))
            return err_set(e, E_INVALID,
                           "requirement %zu of this result has no id or no verdict",
                           i + 1);
    }
    if (!strcmp(overall, "interrupted"))
        return err_set(e, E_INVALID,
                       "this is the result of an interrupted run, by which nothing can "
                       "be measured");
    return 0;
}

static bool has_role(const json_t *systems, const char *role)
{
    for (size_t i = 0; i < json_array_size(systems); i++)
        if (!strcmp(json_text(json_array_get(systems, i), "role"), role))
            return true;
    return false;
}

int baseline_fits(const json_t *baseline, const char *profile, const char *const *roles,
                  size_t n_roles, struct err *e)
{
    const char *was = json_text(baseline, "profile");
    const json_t *systems = json_object_get(baseline, "systems");
    if (!profile || strcmp(was, profile))
        return err_set(e, E_INVALID, "the baseline is of profile %s, this run of %s", was,
                       profile ? profile : "none");
    for (size_t i = 0; i < n_roles; i++)
        if (!has_role(systems, roles[i]))
            return err_set(e, E_INVALID,
                           "the baseline is not of a%s %s, which is under test here",
                           roles[i][0] == 'o' ? "n" : "", roles[i]);
    for (size_t i = 0; i < json_array_size(systems); i++) {
        const char *role = json_text(json_array_get(systems, i), "role");
        size_t k = 0;
        while (k < n_roles && strcmp(roles[k], role))
            k++;
        if (k == n_roles)
            return err_set(e, E_INVALID,
                           "the baseline is of a%s %s too, which is not under test here",
                           role[0] == 'o' ? "n" : "", role);
    }
    return 0;
}

/* ---- comparing ---- */

struct baseline *baseline_new(const struct exceptions *x)
{
    const json_t *list = json_object_get(x->baseline, "requirements");
    if (!x->baseline)
        return NULL;
    struct baseline *b = xcalloc(1, sizeof *b);
    *b = (struct baseline){.x = x,
                           .was = map_new(),
                           .seen = map_new(),
                           .fresh = json_array(),
                           .fixed = json_array(),
                           .known = json_array(),
                           .gone = json_array()};
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *r = json_array_get(list, i);
        map_put(b->was, json_text(r, "id"), r);
    }
    return b;
}

void baseline_free(struct baseline *b)
{
    if (!b)
        return;
    map_free(b->was, NULL);
    map_free(b->seen, NULL);
    json_decref(b->fresh);
    json_decref(b->fixed);
    json_decref(b->known);
    json_decref(b->gone);
    free(b);
}

/* VERDICT_NONE: it was not in that run. */
static enum verdict was(const struct baseline *b, const char *id)
{
    const json_t *r = map_get(b->was, id);
    return r ? verdict_by_name(json_text(r, "verdict")) : VERDICT_NONE;
}

bool baseline_knows(const struct baseline *b, const char *id, enum verdict now)
{
    enum verdict then = b ? was(b, id) : VERDICT_NONE;
    if (now == VERDICT_NOT_OBSERVED || now == VERDICT_INCONCLUSIVE)
        return then >= VERDICT_NOT_OBSERVED;
    if (now == VERDICT_FLAKY) /* it failed then: always, or at times too */
        return then == VERDICT_FLAKY || then == VERDICT_FAIL;
    return then == now && (now == VERDICT_FAIL || now == VERDICT_WARN);
}

static void note_add(json_t *list, const char *id, enum verdict then, enum verdict now)
{
    json_t *o = json_pack("{ss}", "id", id);
    if (then)
        json_object_set_new(o, "was", json_string(verdict_name(then)));
    if (now)
        json_object_set_new(o, "verdict", json_string(verdict_name(now)));
    json_array_append_new(list, o);
}

void baseline_note(struct baseline *b, const char *id, enum verdict now)
{
    enum verdict then = was(b, id);
    enum change change = change_of(then, now);
    map_put(b->seen, id, b);
    if (change == CHANGE_FIXED)
        note_add(b->fixed, id, then, now);
    else if (change == CHANGE_DISAPPEARED)
        /* What was judged and is no longer declared has not been mended. */
        note_add(b->gone, id, then, now);
    else if (baseline_knows(b, id, now))
        note_add(b->known, id, then, now);
    else if (now > VERDICT_NOT_APPLICABLE && (now != VERDICT_WARN || then < VERDICT_WARN))
        note_add(b->fresh, id, then, now);
}

/* As much of the baseline as it takes to judge against it once more. */
static json_t *essence(const json_t *baseline)
{
    static const char *const copied[] = {"koppelproef", "verdict", "profile"};
    const json_t *list = json_object_get(baseline, "requirements");
    const json_t *all = json_object_get(baseline, "systems");
    json_t *o = json_object(), *systems = json_array(), *requirements = json_array();
    for (size_t i = 0; i < ARRAY_LEN(copied); i++)
        json_object_set(o, copied[i], json_object_get(baseline, copied[i]));
    for (size_t i = 0; i < json_array_size(all); i++)
        json_array_append_new(
            systems,
            json_pack("{ss}", "role", json_text(json_array_get(all, i), "role")));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        json_array_append_new(requirements,
                              json_pack("{ss,ss}", "id", json_text(r, "id"), "verdict",
                                        json_text(r, "verdict")));
    }
    json_object_set_new(o, "systems", systems);
    json_object_set_new(o, "requirements", requirements);
    return o;
}

json_t *baseline_json(struct baseline *b, bool *disappeared)
{
    const json_t *list = json_object_get(b->x->baseline, "requirements");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        const char *id = json_text(r, "id");
        if (!map_get(b->seen, id))
            note_add(b->gone, id, verdict_by_name(json_text(r, "verdict")), VERDICT_NONE);
    }
    *disappeared = json_array_size(b->gone) > 0;
    return json_pack("{ss,sO,sO,sO,sO,so}", "digest", b->x->baseline_digest, "new",
                     b->fresh, "fixed", b->fixed, "disappeared", b->gone, "known",
                     b->known, "of", essence(b->x->baseline));
}
