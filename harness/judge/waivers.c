#include "harness/judge/waivers.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"

struct waivers {
    const struct judging *j;
    struct waiver *v;
    size_t n;
};

struct waivers *waivers_new(const struct judging *j)
{
    const json_t *list = j->exceptions->waivers;
    struct waivers *w = xcalloc(1, sizeof *w);
    char today[32];
    when_format(j->trials[0]->wall, today);
    w->j = j;
    w->n = json_array_size(list);
    w->v = xcalloc(w->n + 1, sizeof *w->v);
    for (size_t i = 0; i < w->n; i++) {
        const json_t *o = json_array_get(list, i);
        const char *expires = json_text(o, "expires");
        w->v[i] = (struct waiver){.entry = o,
                                  .requirement = json_text(o, "requirement"),
                                  .system = json_text(o, "system"),
                                  .scenario = json_text(o, "scenario"),
                                  /* Full dates sort as texts; the day itself is in. */
                                  .expired = expires && strncmp(expires, today, 10) < 0};
    }
    return w;
}

void waivers_free(struct waivers *w)
{
    free(w->v);
    free(w);
}

bool waivable(enum verdict v)
{
    return v == VERDICT_WARN || v == VERDICT_FAIL || v == VERDICT_FLAKY ||
           v == VERDICT_NOT_OBSERVED || v == VERDICT_INCONCLUSIVE;
}

/* Is the system that it names under test in this role ("keten": in any)? */
static bool of_system(const struct waivers *w, const struct waiver *waiver,
                      const char *role)
{
    for (size_t i = 0; waiver->system && i < w->j->n_trials; i++) {
        const struct trial_view *t = w->j->trials[i];
        const char *name = json_text(json_object_get(t->run, "iut"), "name");
        if (name && !strcmp(name, waiver->system) &&
            (!strcmp(role, "keten") || !strcmp(role, t->role)))
            return true;
    }
    return !waiver->system;
}

static bool covers(const struct waivers *w, const struct waiver *waiver,
                   const struct requirement *q, const struct pair *p)
{
    if (strcmp(waiver->requirement, q->id))
        return false;
    if (waiver->scenario && (!p || strcmp(waiver->scenario, p->scenario->name)))
        return false;
    return of_system(w, waiver, p ? p->scenario->role : q->role);
}

struct waiver *waivers_cover(struct waivers *w, const struct requirement *q,
                             const struct pair *p)
{
    struct waiver *expired = NULL;
    for (size_t i = 0; i < w->n; i++) {
        if (!covers(w, &w->v[i], q, p))
            continue;
        if (!w->v[i].expired)
            return &w->v[i];
        if (!expired)
            expired = &w->v[i];
    }
    return expired;
}

void waivers_settle(struct waivers *w, const struct requirement_result *r, enum verdict v)
{
    for (size_t i = 0; i < w->n; i++) {
        struct waiver *waiver = &w->v[i];
        if (strcmp(waiver->requirement, r->requirement->id))
            continue;
        if (!waiver->scenario) {
            waiver->stale =
                v == VERDICT_PASS && of_system(w, waiver, r->requirement->role);
            continue;
        }
        for (const struct pair *p = r->pairs; p; p = p->next)
            if (covers(w, waiver, r->requirement, p) && p->verdict == VERDICT_PASS)
                waiver->stale = true;
    }
}

/* One for a system that is not under test here is no matter of this run. */
static bool concerns(const struct waivers *w, const struct waiver *waiver)
{
    return waiver->stale || (waiver->expired && of_system(w, waiver, "keten"));
}

bool waivers_concern(const struct waivers *w)
{
    for (size_t i = 0; i < w->n; i++)
        if (concerns(w, &w->v[i]))
            return true;
    return false;
}

size_t waivers_holding(const struct waivers *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        n += w->v[i].used && !w->v[i].expired;
    return n;
}

json_t *waivers_json(const struct waivers *w)
{
    json_t *list = json_array();
    for (size_t i = 0; i < w->n; i++) {
        const struct waiver *waiver = &w->v[i];
        const char *state = "unused";
        if (waiver->expired && concerns(w, waiver))
            state = "expired";
        else if (waiver->stale)
            state = "stale";
        else if (waiver->used)
            state = "used";
        json_t *o = json_deep_copy(waiver->entry);
        json_object_set_new(o, "state", json_string(state));
        json_array_append_new(list, o);
    }
    return list;
}
