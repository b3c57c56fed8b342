#include "harness/scenario/runner_parts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/digest.h"
#include "harness/base/mem.h"
#include "harness/scenario/preflight.h"
#include "harness/wire/process.h"

#define REAP_GAP (20 * (uint64_t)NS_PER_MS)
/* Several start at the same time on the same machine. */
#define START_ROOM      3
#define INTERRUPT_GRACE (2 * (uint64_t)NS_PER_S)

static void go_on(struct runner *r);

struct runner *runner_new(const struct runner_config *c)
{
    struct runner *r = xcalloc(1, sizeof *r);
    r->c = *c;
    if (r->c.jobs < 1)
        r->c.jobs = 4;
    return r;
}

static int longest_first(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    if (x->length > y->length || x->length < y->length)
        return x->length < y->length ? 1 : -1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* The longest first, so that the run doesn't end with one that is waited for alone. With
 * a system that keeps running they follow each other, in the plan's order. */
static void take_turns(struct leg *g)
{
    g->turns = xcalloc(g->n + 1, sizeof *g->turns);
    for (size_t i = 0; i < g->n; i++)
        g->turns[i] = (struct turn){i, scenario_length(g->v[i])};
    if (g->iut->start)
        qsort(g->turns, g->n, sizeof *g->turns, longest_first);
}

void runner_add(struct runner *r, const struct iut *iut, struct scenario *const *v,
                size_t n)
{
    struct leg *g = &r->legs[r->n_legs++];
    g->r = r;
    g->iut = iut;
    g->v = xcalloc(n + 1, sizeof *g->v);
    for (size_t i = 0; i < n; i++)
        if (!scenario_needs(v[i], "tokens") || profile_scope(r->c.profile, OP_OPHALEN))
            g->v[g->n++] = v[i]; /* else there is nothing of it in this profile */
    g->population = iut->start ? NULL : population_new(r->c.seed, true);
    g->preflight = preflight_scenario(iut->role);
    g->faults = json_array();
    take_turns(g);
    r->total += g->n;
}

/* ---- the plan ---- */

/* Of a scenario with a system of its own: whatever else is in the run, it has the same
 * persons. */
static struct population *population_of(const struct runner *r, const struct scenario *s)
{
    return population_new(scenario_seed(s, r->c.seed), false);
}

static void plan_digest(struct runner *r, char out[65])
{
    struct digest *d = digest_new();
    char line[160];
    snprintf(line, sizeof line, "%llu %s", (unsigned long long)r->c.seed,
             profile_name(r->c.profile));
    digest_add(d, line, strlen(line));
    for (size_t i = 0; i < r->n_legs; i++) {
        struct leg *g = &r->legs[i];
        struct population *all = g->iut->start ? NULL : population_new(r->c.seed, true);
        digest_add(d, g->iut->role, strlen(g->iut->role));
        for (size_t k = 0; k < g->n; k++) {
            char *text = json_dumps(g->v[k]->root, JSON_COMPACT | JSON_SORT_KEYS);
            digest_add(d, text, strlen(text));
            free(text);
            struct population *own = all ? NULL : population_of(r, g->v[k]);
            setup_plan_persons(own ? own : all, r->c.tables, g->v[k], g->v[k]->drawn_as,
                               d);
            population_free(own);
        }
        population_free(all);
    }
    digest_end(d, out);
}

int runner_plan_digest(struct runner *r, char out[65], struct err *e)
{
    char again[65];
    plan_digest(r, r->digest);
    plan_digest(r, again);
    if (strcmp(r->digest, again))
        return err_set(e, E_HARNESS, "the same seed gave two different plans");
    snprintf(out, 65, "%s", r->digest);
    return 0;
}

/* The rounds of a system with a state of its own for each are alike. One that keeps
 * running has seen the persons of earlier rounds: it gets others. */
static char *drawn_as(const struct leg *g, const struct scenario *s)
{
    return g->population && g->r->round > 1
               ? xasprintf("%s, round %u", s->drawn_as, g->r->round)
               : xstrdup(s->drawn_as);
}

/* A system that keeps running knows everybody of the run: the persons of all scenarios in
 * the plan's order, so that a clash of numbers is resolved the same way whichever
 * conversation comes first. */
static void draw_persons(struct leg *g)
{
    if (!g->population)
        return;
    struct digest *d = digest_new();
    char unused[65];
    for (size_t k = 0; k < g->n; k++) {
        char *as = drawn_as(g, g->v[k]);
        setup_plan_persons(g->population, g->r->c.tables, g->v[k], as, d);
        free(as);
    }
    digest_end(d, unused);
}

/* ---- conversations ---- */

static void reap(void *arg)
{
    struct runner *r = arg;
    r->reaper = NULL;
    for (struct going **p = &r->going; *p;) {
        struct going *g = *p;
        if (!g->over || g->t->waiting) {
            p = &g->next;
            continue;
        }
        *p = g->next;
        trial_free(g->t);
        population_free(g->population);
        free(g->name);
        free(g->dir);
        free(g->drawn_as);
        free(g);
    }
    if (!r->stopping)
        go_on(r);
    /* One turn more when all are gone: what they were still calling is cancelled then. */
    if (r->stopping && !r->going && r->all_reaped)
        wire_stop(r->c.wire);
    else if (!r->reaper && (r->stopping || r->going))
        r->reaper = wire_timer(r->c.wire, wire_now(r->c.wire) + REAP_GAP, reap, r);
    r->all_reaped = !r->going;
}

static void progress(struct runner *r)
{
    const char *waits = "";
    for (struct going *g = r->going; g && !*waits; g = g->next)
        if (!g->over)
            waits = g->name;
    char text[300] = "";
    if (*waits)
        for (struct going *g = r->going; g; g = g->next)
            if (g->name == waits)
                snprintf(text, sizeof text, "%s: %s", g->name, trial_waits_for(g->t));
    if (r->c.progress)
        r->c.progress(r->c.arg, r->done, r->total, text);
}

static void preflight_event(struct leg *g)
{
    journal_event(g->r->c.journal, wire_now(g->r->c.wire), "preflight", NULL,
                  json_pack("{ss,sb,sO}", "role", g->iut->role, "ok", g->ready, "faults",
                            g->faults));
}

static void preflight_ended(struct leg *g, const struct trial *t)
{
    preflight_collect(t, g->faults);
    g->start_took = sut_start_took(t->sut);
    g->ready = json_array_size(g->faults) == 0;
    g->failed = !g->ready;
    preflight_event(g);
    if (g->failed) {
        g->next = g->n; /* none of its scenarios can be tried */
        g->r->done += g->n;
    }
}

static void conversation_ended(void *arg, struct trial *t)
{
    struct going *g = arg;
    struct runner *r = g->leg->r;
    g->over = true;
    g->leg->running--;
    r->running--;
    if (t->c.preflight)
        preflight_ended(g->leg, t);
    else
        r->done++;
    progress(r);
    if (!r->reaper)
        r->reaper = wire_timer(r->c.wire, wire_now(r->c.wire) + REAP_GAP, reap, r);
    go_on(r);
}

static void start(struct leg *leg, struct scenario *s, json_t *preflight)
{
    struct runner *r = leg->r;
    struct going *g = xcalloc(1, sizeof *g);
    g->leg = leg;
    g->name = xasprintf("%s/%s", leg->iut->role, s->name);
    char *folder = runner_round_dir(r->c.run_dir, r->round);
    g->dir = xasprintf("%s/%s", folder, g->name);
    free(folder);
    g->drawn_as = drawn_as(leg, s);
    g->population = leg->population ? NULL : population_of(r, s);
    struct trial_config tc = {.run = &r->c,
                              .iut = leg->iut,
                              .scenario = s,
                              .population =
                                  leg->population ? leg->population : g->population,
                              .drawn_as = g->drawn_as,
                              .generation = leg->population ? r->round - 1 : 0,
                              .name = g->name,
                              .dir = g->dir,
                              .provisioning = leg->provisioning,
                              .ended = conversation_ended,
                              .arg = g,
                              .start_allowance = START_ROOM * leg->start_took,
                              .preflight = preflight};
    g->t = trial_new(&tc);
    g->next = r->going;
    r->going = g;
    leg->running++;
    r->running++;
    trial_start(g->t);
    progress(r);
}

/* A system that its owner keeps running takes one conversation at a time, and calls us at
 * one address: the last one must be gone, with all that listened there. */
static bool room_in(const struct leg *leg)
{
    const struct going *g = leg->r->going;
    while (g && g->leg != leg)
        g = g->next;
    return leg->iut->start || !g;
}

/* For another round that draws as many as each of those before it. */
static bool has_room(const struct population *p, size_t rounds)
{
    size_t persons, ketenids;
    population_drawn(p, &persons, &ketenids);
    return population_room(p, persons / rounds, ketenids / rounds);
}

/* Why no further round follows, though more were asked for; NULL: it does. */
static const char *no_more(const struct runner *r)
{
    for (size_t i = 0; i < r->n_legs; i++) {
        const struct leg *g = &r->legs[i];
        if (g->failed)
            return "the preflight failed";
        if (g->population && !has_room(g->population, r->round))
            return "there are no fresh persons any more";
    }
    return NULL;
}

static bool wanted(const struct runner *r)
{
    double gone = (double)(wire_now(r->c.wire) - r->began) / (double)NS_PER_S;
    return !r->interrupted && !r->only_preflight &&
           (r->round < r->c.repeat || gone < r->c.for_seconds);
}

static void all_done(struct runner *r)
{
    if (r->stopping)
        return;
    r->stopping = true;
    const char *why = wanted(r) ? no_more(r) : NULL;
    r->more = wanted(r) && !why;
    journal_event(r->c.journal, wire_now(r->c.wire), "end", NULL,
                  json_pack("{ss,ss*}", "reason",
                            r->interrupted ? "interrupted"
                            : r->more      ? "round"
                                           : "finished",
                            "why", why));
    if (!r->reaper)
        r->reaper = wire_timer(r->c.wire, wire_now(r->c.wire), reap, r);
}

/* Whose turn it is, of the systems that are ready: the longest conversation, but those
 * that must follow each other begin as early as they can. NULL: nobody's now. */
static struct leg *next_leg(struct runner *r)
{
    struct leg *best = NULL;
    for (size_t i = 0; i < r->n_legs; i++) {
        struct leg *g = &r->legs[i];
        if (!g->ready || g->next >= g->n || !room_in(g))
            continue;
        if (!g->iut->start)
            return g;
        if (!best || g->turns[g->next].length > best->turns[best->next].length)
            best = g;
    }
    return best;
}

static void go_on(struct runner *r)
{
    bool left = false, more = !r->interrupted && !r->only_preflight;
    struct leg *g;
    while (more && r->running < (size_t)r->c.jobs && (g = next_leg(r)))
        start(g, g->v[g->turns[g->next++].at], NULL);
    for (size_t i = 0; i < r->n_legs && !r->interrupted; i++) {
        g = &r->legs[i];
        left = left || (more && g->ready && g->next < g->n) || (!g->ready && !g->failed);
    }
    if (!left && r->running == 0)
        all_done(r);
}

static int load_provisioning(struct leg *g, struct err *e)
{
    if (!g->iut->provisioning || g->iut->start || g->provisioning)
        return 0;
    int rc = provisioning_load(g->iut->provisioning, &g->provisioning, e);
    if (rc)
        err_at(e, g->iut->provisioning, 0, 0, NULL);
    return rc;
}

static void patience_over(void *arg)
{
    struct runner *r = arg;
    process_kill_all();
    all_done(r);
    wire_stop(r->c.wire);
}

void runner_interrupt(struct runner *r)
{
    if (r->interrupted) { /* asked twice: at once */
        patience_over(r);
        return;
    }
    r->interrupted = true;
    for (struct going *g = r->going; g; g = g->next)
        if (!g->over)
            trial_abort(g->t, "environment", "the run was interrupted");
    wire_timer(r->c.wire, wire_now(r->c.wire) + INTERRUPT_GRACE, patience_over, r);
    go_on(r);
}

bool runner_interrupted(const struct runner *r)
{
    return r->interrupted;
}

/* As it was before anything ran, but for what the rounds share. */
static void begin_round(struct runner *r)
{
    if (!r->round++)
        r->began = wire_now(r->c.wire);
    r->done = 0;
    r->stopping = r->more = false;
    for (size_t i = 0; i < r->n_legs; i++) {
        struct leg *g = &r->legs[i];
        g->next = 0;
        g->ready = g->failed = false;
        json_array_clear(g->faults);
        draw_persons(g);
        if (r->round > 1)
            run_tells_round(g);
        else
            run_tells_itself(g);
    }
}

bool runner_more(const struct runner *r)
{
    return r->more;
}

char *runner_round_dir(const char *run_dir, unsigned round)
{
    return round > 1 ? xasprintf("%s/round-%u", run_dir, round) : xstrdup(run_dir);
}

int runner_run(struct runner *r, struct err *e)
{
    int rc = 0;
    if (!*r->digest)
        rc = runner_plan_digest(r, r->digest, e);
    for (size_t i = 0; i < r->n_legs && !rc; i++)
        rc = load_provisioning(&r->legs[i], e);
    if (rc)
        return rc;
    begin_round(r);
    for (size_t i = 0; i < r->n_legs; i++)
        start(&r->legs[i], r->legs[i].preflight, r->legs[i].faults);
    if (r->n_legs == 0)
        all_done(r);
    rc = wire_run(r->c.wire);
    return rc ? rc : journal_failed(r->c.journal, e);
}

int runner_preflight(struct runner *r, void (*fault)(void *, const char *, const char *),
                     void *arg, struct err *e)
{
    r->only_preflight = true;
    int rc = runner_run(r, e);
    for (size_t i = 0; i < r->n_legs && !rc; i++) {
        for (size_t k = 0; k < json_array_size(r->legs[i].faults); k++) {
            const json_t *f = json_array_get(r->legs[i].faults, k);
            const char *blame = json_string_value(json_object_get(f, "blame"));
            fault(arg, blame, json_string_value(json_object_get(f, "text")));
            int one = !strcmp(blame, "configuration") ? E_INVALID : E_ENV;
            rc = rc == E_INVALID ? rc : one;
        }
    }
    return rc;
}

void runner_free(struct runner *r)
{
    if (!r)
        return;
    wire_timer_cancel(r->c.wire, r->reaper);
    for (struct going *g = r->going, *next; g; g = next) {
        /* Only after an interrupt: the process ends, and callbacks may still be due. */
        next = g->next;
    }
    for (size_t i = 0; i < r->n_legs; i++) {
        free(r->legs[i].turns);
        population_free(r->legs[i].population);
        scenario_free(r->legs[i].preflight);
        json_decref(r->legs[i].faults);
        json_decref(r->legs[i].provisioning);
        free(r->legs[i].v);
    }
    free(r);
}
