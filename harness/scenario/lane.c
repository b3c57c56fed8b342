/* Lanes: the order of steps, sub-lanes, and expectations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

/* Seconds for a full state where a system promises nothing. */
#define FULL_STATE_WITHIN 60.0

static void lane_begin_step(void *arg);

static struct lane *lane_new(struct trial *t, struct lane *parent, const json_t *steps,
                             const char *pointer, const struct lane_item *item)
{
    struct lane *l = xcalloc(1, sizeof *l);
    l->t = t;
    l->parent = parent;
    l->steps = steps;
    l->pointer = xstrdup(pointer);
    if (item)
        l->item = *item;
    return l;
}

static void lane_free(struct lane *l)
{
    free(l->pointer);
    free(l->items);
    free(l);
}

const json_t *lane_step(const struct lane *l)
{
    return json_array_get(l->steps, l->at);
}

void lane_pointer(const struct lane *l, char *out, size_t n)
{
    snprintf(out, n, "%s/%zu", l->pointer, l->at);
}

/* Every turn goes over the loop, so that a step that is done at once can't recurse. */
static void soon(struct lane *l)
{
    l->t->waiting++;
    wire_timer(l->t->wire, wire_now(l->t->wire), lane_begin_step, l);
}

static void step_event(struct lane *l, const char *phase, const char *text)
{
    char pointer[200];
    lane_pointer(l, pointer, sizeof pointer);
    trial_event(l->t, "step",
                json_pack("{ss,ss,ss*}", "step", pointer, "phase", phase, "text", text));
}

static void lane_over(struct lane *l)
{
    struct lane *parent = l->parent;
    if (l->items && ++l->at_item < l->n_items && !l->t->end_outcome) {
        l->item = l->items[l->at_item];
        l->at = 0;
        soon(l);
        return;
    }
    if (!parent) {
        l->when_done(l);
        return;
    }
    lane_free(l);
    if (--parent->children == 0)
        lane_next(parent);
}

/* ---- names that the checking at load can't know to be there ---- */

/* What `v` names and this lane does not have: somebody of a region or of "each" outside
 * "for each". NULL: nothing. */
static const char *absent(const struct lane *l, enum key_type type, const json_t *v)
{
    const char *name = json_string_value(v), *missing = NULL;
    const json_t *of = json_object_get(v, "application");
    json_t *member;
    switch (type) {
    case KEY_APPLICATION:
        return name && !lane_application(l, name) ? name : NULL;
    case KEY_PUPIL:
        return name && !lane_pupil(l, name) ? name : NULL;
    case KEY_PUPILS:
    case KEY_REPORTS:
        for (size_t i = 0; i < json_array_size(v) && !missing; i++)
            missing = absent(l, type == KEY_PUPILS ? KEY_PUPIL : KEY_REPORTS,
                             json_array_get(v, i));
        return missing ? missing : of ? absent(l, KEY_APPLICATION, of) : NULL;
    case KEY_SEES:
        json_object_foreach ((json_t *)(uintptr_t)v, name, member)
            if (!lane_application(l, name))
                missing = name;
        return missing;
    default:
        return NULL;
    }
}

/* "which" is a reader that is there already, or for notifications a client, or who joins.
 */
static bool reader_present(const struct lane *l, const struct verb *v, const char *which)
{
    for (const struct verb *n = notify_verbs; n->actor; n++)
        if (n == v)
            return trial_client(l->t, which);
    return !strcmp(v->verb, "joins") || lane_reader(l);
}

static const char *nobody(const struct lane *l, const struct verb *v, const json_t *step)
{
    const char *which = json_text(step, "which");
    const char *missing =
        v->by_value ? NULL : absent(l, v->subject, json_object_get(step, v->actor));
    for (const struct verb_key *k = v->keys; k->name && !missing; k++)
        missing = absent(l, k->type, json_object_get(step, k->name));
    if (!missing && which && !reader_present(l, v, which))
        missing = which;
    return missing;
}

static void lane_begin_step(void *arg)
{
    struct lane *l = arg;
    struct trial *t = l->t;
    t->waiting--;
    if (t->end_outcome || l->at >= json_array_size(l->steps)) {
        lane_over(l);
        return;
    }
    const json_t *step = lane_step(l);
    const struct verb *v = verb_find(step, NULL);
    char *text = step_sentence(step);
    step_event(l, "start", text);
    snprintf(t->waits_for, sizeof t->waits_for, "%s", text);
    free(text);
    l->step_began = wire_now(t->wire);
    const char *missing = nobody(l, v, step);
    if (missing) {
        char *why = xasprintf("the scenario names \"%s\" where there is none", missing);
        lane_stop(l, "configuration", why);
        free(why);
        return;
    }
    v->begin(l, step);
}

void lane_next(struct lane *l)
{
    step_event(l, "end", NULL);
    l->at++;
    soon(l);
}

void lane_spawn(struct lane *parent, const json_t *steps, const char *pointer,
                const char *scope, const char *each)
{
    struct lane *l = lane_new(parent->t, parent, steps, pointer, &parent->item);
    if (*scope)
        snprintf(l->item.scope, sizeof l->item.scope, "%s", scope);
    if (*each)
        snprintf(l->item.each, sizeof l->item.each, "%s", each);
    parent->children++;
    soon(l);
}

void lane_spawn_sequence(struct lane *parent, const json_t *steps, const char *pointer,
                         const struct lane_item *items, size_t n)
{
    struct lane *l = lane_new(parent->t, parent, steps, pointer, &items[0]);
    l->items = xcalloc(n, sizeof *l->items);
    l->n_items = n;
    memcpy(l->items, items, n * sizeof *items);
    parent->children++;
    soon(l);
}

static void stop(struct lane *l, const char *outcome, const char *blame, const char *why)
{
    struct trial *t = l->t;
    if (!t->end_outcome) {
        t->end_outcome = outcome;
        t->end_blame = xstrdup(blame);
        t->end_why = xstrdup(why);
    }
    trial_happened(t);
    lane_next(l);
}

void lane_stop(struct lane *l, const char *blame, const char *why)
{
    stop(l, "aborted", blame, why);
}

void lane_unreached(struct lane *l, const char *why)
{
    stop(l, "stopped", "system", why);
}

/* "a" within the lane of region 12 means "a@12" where that exists. */
static void *scoped(const struct lane *l, const struct map *m, const char *name)
{
    if (!strcmp(name, "each"))
        name = l->item.each;
    if (*l->item.scope) {
        char full[160];
        snprintf(full, sizeof full, "%s%s", name, l->item.scope);
        void *v = map_get(m, full);
        if (v)
            return v;
    }
    return map_get(m, name);
}

struct application *lane_application(const struct lane *l, const char *name)
{
    return scoped(l, l->t->applications, name);
}

struct pupil *lane_pupil(const struct lane *l, const char *name)
{
    return scoped(l, l->t->pupils, name);
}

struct reader *lane_reader(const struct lane *l)
{
    const char *which = json_string_value(json_object_get(lane_step(l), "which"));
    if (!which)
        return l->t->main_reader;
    return map_get(l->t->readers, strcmp(which, "each") ? which : l->item.each);
}

uint64_t lane_duration(const struct lane *l, const char *key, double otherwise)
{
    const char *s = json_string_value(json_object_get(lane_step(l), key));
    uint64_t ns;
    if (!s)
        return (uint64_t)(otherwise * (double)NS_PER_S);
    if (!strcmp(s, "promised")) { /* volledigeStandSeconds of the iut.json (OS-VER-10) */
        double promise = l->t->c.iut->full_state_seconds;
        return (uint64_t)((promise > 0 ? promise : FULL_STATE_WITHIN) * (double)NS_PER_S);
    }
    if (strstr(s, "interval"))
        return (uint64_t)(strtod(s, NULL) * l->t->interval * (double)NS_PER_S);
    if (when_parse_duration(s, &ns))
        return 0;
    /* A koppelpunt's minute to show something is what --patience replaces. */
    double patience = l->t->c.run->patience;
    bool minute = !strcmp(key, "within") && ns == 60 * (uint64_t)NS_PER_S;
    if (minute && l->t->koppelpunt_tested && patience > 0)
        return (uint64_t)(patience * (double)NS_PER_S);
    return ns;
}

/* The requirements of this trial's role that a step speaks for. */
static json_t *proven_by(const struct lane *l, const char *only)
{
    const char *prefix = l->t->koppelpunt_tested ? "KP-" : "OS-";
    const json_t *ids = json_object_get(lane_step(l), "proves");
    json_t *out = json_array();
    if (!ids)
        ids = l->t->c.scenario->proves;
    if (only)
        json_array_append_new(out, json_string(only));
    for (size_t i = 0; !only && i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        if (!strncmp(id, prefix, 3) || !strncmp(id, "KT-", 3))
            json_array_append_new(out, json_string(id));
    }
    return out;
}

void lane_expect(struct lane *l, struct outcome *o)
{
    struct trial *t = l->t;
    char pointer[200];
    lane_pointer(l, pointer, sizeof pointer);
    json_t *e =
        json_pack("{ss,so,ss,so,ss*,ss*}", "step", pointer, "proves",
                  proven_by(l, o->proves), "what", o->what ? o->what : "", "met",
                  o->met < 0 ? json_null() : json_boolean(o->met), "why", o->why, "blame",
                  o->met == 1 ? NULL
                  : o->blame  ? o->blame
                              : "system");
    uint64_t now = wire_now(t->wire);
    json_object_set_new(e, "expected", o->expected ? o->expected : json_null());
    json_object_set_new(e, "seen", o->seen ? o->seen : json_string("<undef>"));
    json_object_set_new(
        e, "took",
        json_integer((json_int_t)(now - (o->began ? o->began : l->step_began))));
    json_object_set_new(e, "within", json_integer((json_int_t)o->within));
    trial_event(t, "expectation", e);
    if (o->met == 0)
        t->failed_hard = true;
}

/* ---- the root ---- */

struct lane *lane_root(struct trial *t, void (*when_done)(struct lane *l))
{
    struct lane *l = lane_new(t, NULL, t->c.scenario->steps, "/steps", NULL);
    l->when_done = when_done;
    soon(l);
    return l;
}

void lane_root_free(struct lane *l)
{
    if (l)
        lane_free(l);
}
