/* What changed between two results, by requirement and by check. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "harness/judge/judge.h"

const char *change_name(enum change c)
{
    static const char *const names[CHANGE_COUNT] = {
        [CHANGE_NONE] = "same",
        [CHANGE_NEW_FAIL] = "new-fail",
        [CHANGE_DISAPPEARED] = "disappeared",
        [CHANGE_UNSEEN] = "not-observed",
        [CHANGE_OTHER] = "changed",
        [CHANGE_FINDINGS] = "findings",
        [CHANGE_APPEARED] = "appeared",
        [CHANGE_FIXED] = "fixed",
    };
    return names[c];
}

enum verdict verdict_by_name(const char *name)
{
    for (enum verdict v = VERDICT_PASS; name && v <= VERDICT_ERROR; v++)
        if (!strcmp(name, verdict_name(v)))
            return v;
    return VERDICT_NONE;
}

static bool fails(enum verdict v)
{
    return v == VERDICT_FAIL || v == VERDICT_FLAKY;
}

static bool judged(enum verdict v)
{
    return v == VERDICT_PASS || v == VERDICT_WARN || fails(v);
}

enum change change_of(enum verdict was, enum verdict now)
{
    if (was == now)
        return CHANGE_NONE;
    if (fails(now) && !fails(was))
        return CHANGE_NEW_FAIL;
    if (now == VERDICT_NONE || (now == VERDICT_NOT_APPLICABLE && judged(was)))
        return CHANGE_DISAPPEARED;
    if (was == VERDICT_PASS && now == VERDICT_NOT_OBSERVED)
        return CHANGE_UNSEEN;
    if (was == VERDICT_NONE)
        return CHANGE_APPEARED;
    if (now == VERDICT_PASS && was > VERDICT_NOT_APPLICABLE)
        return CHANGE_FIXED;
    return CHANGE_OTHER;
}

/* ---- whether they can be compared ---- */

static bool has_role(const json_t *result, const char *role)
{
    const json_t *systems = json_object_get(result, "systems");
    for (size_t i = 0; i < json_array_size(systems); i++)
        if (!strcmp(json_text(json_array_get(systems, i), "role"), role))
            return true;
    return false;
}

/* A role that only `a` has; NULL: none. */
static const char *role_of_one(const json_t *a, const json_t *b)
{
    const json_t *systems = json_object_get(a, "systems");
    for (size_t i = 0; i < json_array_size(systems); i++) {
        const char *role = json_text(json_array_get(systems, i), "role");
        if (!has_role(b, role))
            return role;
    }
    return NULL;
}

int results_fit(const json_t *before, const json_t *after, struct err *e)
{
    const char *was = json_text(before, "profile"), *now = json_text(after, "profile");
    const char *first = role_of_one(before, after), *second = role_of_one(after, before);
    const char *role = first ? first : second;
    if (strcmp(was, now))
        return err_set(e, E_INVALID,
                       "the first is of profile %s, the second of %s: they can't be "
                       "compared",
                       was, now);
    if (role)
        return err_set(e, E_INVALID,
                       "only the %s has a%s %s under test: they can't be compared",
                       first ? "first" : "second", role[0] == 'o' ? "n" : "", role);
    return 0;
}

/* ---- findings ---- */

/* What a check said in a scenario; the worst of it. */
struct said {
    const json_t *finding;
    enum verdict verdict;
};

static void free_said(void *s)
{
    free(s);
}

static struct map *findings_of(const json_t *requirement)
{
    const json_t *list = json_object_get(requirement, "findings");
    struct map *m = map_new();
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *f = json_array_get(list, i);
        const char *scenario = json_text(f, "scenario"), *check = json_text(f, "check");
        enum verdict v = verdict_by_name(json_text(f, "verdict"));
        char *key = xasprintf("%s\n%s", scenario ? scenario : "", check ? check : "");
        struct said *s = map_get(m, key);
        if (!s)
            map_put(m, key, s = xcalloc(1, sizeof *s));
        if (v > s->verdict)
            *s = (struct said){f, v};
        free(key);
    }
    return m;
}

static void set_text(json_t *o, const char *key, const char *text)
{
    if (text)
        json_object_set_new(o, key, json_string(text));
}

/* A finding is never a pass: what is gone is mended, when the scenario was still run. */
static void add_finding(json_t *list, const struct said *was, const struct said *now)
{
    enum change c =
        change_of(was ? was->verdict : VERDICT_NONE, now ? now->verdict : VERDICT_NONE);
    const json_t *f = now ? now->finding : was ? was->finding : NULL;
    if (!c)
        return;
    json_t *o = json_pack("{ss}", "change", change_name(c));
    set_text(o, "scenario", json_text(f, "scenario"));
    set_text(o, "check", json_text(f, "check"));
    set_text(o, "was", was ? verdict_name(was->verdict) : NULL);
    set_text(o, "verdict", now ? verdict_name(now->verdict) : NULL);
    set_text(o, "reason", json_text(f, "reason"));
    json_array_append_new(list, o);
}

static json_t *compare_findings(const json_t *was, const json_t *now)
{
    struct map *before = findings_of(was), *after = findings_of(now);
    json_t *list = json_array();
    for (struct map_item *i = map_first(after); i; i = map_next(i))
        add_finding(list, map_get(before, map_key(i)), map_value(i));
    for (struct map_item *i = map_first(before); i; i = map_next(i))
        if (!map_get(after, map_key(i)))
            add_finding(list, map_value(i), NULL);
    map_free(before, free_said);
    map_free(after, free_said);
    return list;
}

/* ---- requirements ---- */

struct comparing {
    json_t *of[CHANGE_COUNT]; /* lists of requirements */
};

static void compare_one(struct comparing *c, const json_t *was, const json_t *now)
{
    const json_t *r = now ? now : was;
    enum verdict then = verdict_by_name(json_text(was, "verdict"));
    enum verdict is = verdict_by_name(json_text(now, "verdict"));
    enum change change = change_of(then, is);
    json_t *findings = compare_findings(was, now);
    if (!change && json_array_size(findings))
        change = CHANGE_FINDINGS;
    json_t *o =
        json_pack("{ss,ss}", "id", json_text(r, "id"), "change", change_name(change));
    set_text(o, "was", then ? verdict_name(then) : NULL);
    set_text(o, "verdict", is ? verdict_name(is) : NULL);
    set_text(o, "reason", json_text(now, "reason"));
    json_object_set_new(o, "findings", findings);
    json_array_append_new(c->of[change], o);
}

static struct map *requirements_of(const json_t *result)
{
    json_t *list = json_object_get(result, "requirements");
    struct map *m = map_new();
    for (size_t i = 0; i < json_array_size(list); i++)
        map_put(m, json_text(json_array_get(list, i), "id"), json_array_get(list, i));
    return m;
}

static bool set_both(json_t *out, const char *key, const json_t *before,
                     const json_t *after)
{
    json_t *was = json_object_get(before, key), *now = json_object_get(after, key);
    json_object_set_new(out, key, json_pack("{sO*,sO*}", "was", was, "now", now));
    return json_same(was, now);
}

json_t *results_compare(const json_t *before, const json_t *after)
{
    struct comparing c = {0};
    struct map *was = requirements_of(before), *now = requirements_of(after);
    json_t *all = json_array(), *counts = json_object(), *out = json_object();
    for (size_t i = 0; i < CHANGE_COUNT; i++)
        c.of[i] = json_array();
    for (struct map_item *i = map_first(now); i; i = map_next(i))
        compare_one(&c, map_get(was, map_key(i)), map_value(i));
    for (struct map_item *i = map_first(was); i; i = map_next(i))
        if (!map_get(now, map_key(i)))
            compare_one(&c, map_value(i), NULL);
    for (enum change i = CHANGE_NONE; i < CHANGE_COUNT; i++) {
        json_object_set_new(counts, change_name(i),
                            json_integer((json_int_t)json_array_size(c.of[i])));
        if (i != CHANGE_NONE)
            json_array_extend(all, c.of[i]);
        json_decref(c.of[i]);
    }
    bool verdict = set_both(out, "verdict", before, after);
    bool code = set_both(out, "exitCode", before, after);
    json_object_set_new(out, "same",
                        json_boolean(verdict && code && !json_array_size(all)));
    json_object_set_new(out, "counts", counts);
    json_object_set_new(out, "requirements", all);
    map_free(was, NULL);
    map_free(now, NULL);
    return out;
}
