/* Reads a journal once, scenario by scenario, and turns what the checks saw into
 * findings. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/checks.h"
#include "harness/judge/measure.h"
#include "harness/judge/reported.h"
#include "harness/judge/result.h"
#include "harness/judge/rounds.h"
#include "harness/judge/settle.h"
#include "harness/judge/words.h"
#include "harness/wire/journal.h"

/* How long a koppelpunt may take to show what it accepted (KP-LEV-08). */
#define PATIENCE   (60 * (uint64_t)NS_PER_S)
#define ROUNDS_MAX 10000000

/* ---- trials ---- */

static void plan(struct judging *j, struct trial_view *t)
{
    const json_t *planned = json_object_get(t->run, "planned");
    size_t n = strlen(t->role);
    verdicts_plan_role(j->now, t->role);
    for (size_t i = 0; i < json_array_size(planned); i++) {
        const json_t *p = json_array_get(planned, i);
        const char *name = text(p, "scenario");
        if (!name)
            continue;
        if (!strncmp(name, t->role, n) && name[n] == '/')
            name += n + 1;
        struct scenario_result *s = verdicts_scenario(j->now, t->role, name);
        if (!s->title)
            s->title = json_incref(json_object_get(p, "title"));
        const json_t *ids = json_object_get(p, "proves");
        if (!s->proves)
            s->proves = json_incref(json_object_get(p, "proves"));
        for (size_t k = 0; k < json_array_size(ids); k++)
            verdicts_plan(j->now, s, json_string_value(json_array_get(ids, k)));
    }
}

static struct trial_view *trial_new(struct judging *j, json_t *e)
{
    struct trial_view *t = xcalloc(1, sizeof *t);
    const char *role = text(e, "role"), *wall = text(e, "wall");
    json_int_t interval = json_integer_value(json_object_get(e, "interval"));
    json_int_t patience = json_integer_value(json_object_get(e, "patience"));
    t->role = xstrdup(role ? role : "");
    t->run = json_incref(e);
    t->has_wall = wall && when_parse(wall, strlen(wall), &t->wall) == 0;
    t->interval = interval > 0 ? (uint64_t)interval : 0;
    t->patience = patience > 0 ? (uint64_t)patience : PATIENCE;
    t->numbers = names_new();
    list_add(j->trials, j->n_trials, j->cap_trials);
    j->trials[j->n_trials - 1] = t;
    return t;
}

/* A further round of a role's trial says only what is new: the rest is as in the first.
 */
static struct trial_view *trial_again(const struct judging *j, const char *role)
{
    for (size_t i = 0; i < j->n_trials; i++) {
        struct trial_view *t = j->trials[i];
        if (!is(role, t->role))
            continue;
        free(t->end);
        t->end = NULL;
        t->grounded = false;
        return t;
    }
    return NULL;
}

static void on_run(struct judging *j, json_t *e)
{
    json_int_t round = json_integer_value(json_object_get(e, "round"));
    struct trial_view *t = NULL;
    if (round > 1 && round > (json_int_t)j->round && !j->over)
        judging_round_over(j);
    if (round > 1)
        t = trial_again(j, text(e, "role"));
    if (round > (json_int_t)j->round && round <= ROUNDS_MAX)
        j->round = (unsigned)round;
    j->over = false;
    plan(j, t ? t : trial_new(j, e));
}

/* Whose trial an event belongs to: as it says, else the last one that began. */
static struct trial_view *trial_of(const struct judging *j, const json_t *e)
{
    const char *role = text(e, "role"), *scenario = text(e, "scenario");
    for (size_t i = j->n_trials; i-- > 0;) {
        struct trial_view *t = j->trials[i];
        size_t n = strlen(t->role);
        if (is(role, t->role) ||
            (!role && scenario && !strncmp(scenario, t->role, n) && scenario[n] == '/'))
            return t;
    }
    return j->n_trials ? j->trials[j->n_trials - 1] : NULL;
}

static void on_preflight(struct judging *j, const json_t *e)
{
    struct trial_view *t = trial_of(j, e);
    if (!t || !json_is_false(json_object_get(e, "ok")))
        return;
    t->grounded = true;
    if (t->preflight)
        return;
    const json_t *fault = json_array_get(json_object_get(e, "faults"), 0);
    const char *why = text(fault, "text"), *blame = text(fault, "blame");
    t->preflight = xstrdup(why ? why : "the preflight failed");
    t->preflight_blame = xstrdup(blame ? blame : "configuration");
}

/* Trouble that is not the system's: the round proves nothing. */
static void on_trouble(struct judging *j, const json_t *e)
{
    const char *blame = settle_blame(text(e, "blame")), *why = text(e, "text");
    j->harness_trouble = j->harness_trouble || is(text(e, "blame"), "harness");
    if (is(blame, "system") || j->trouble.why)
        return;
    j->trouble.why = xstrdup(why ? why : "something went wrong");
    j->trouble.blame = blame;
}

/* Ends the trial that it names, or all of them. */
static void on_end(struct judging *j, const json_t *e)
{
    const char *role = text(e, "role"), *reason = text(e, "reason");
    for (size_t i = 0; i < j->n_trials; i++) {
        struct trial_view *t = j->trials[i];
        if (!t->end && (!role || is(role, t->role)))
            t->end = xstrdup(reason ? reason : "");
        t->exit = (int)json_integer_value(json_object_get(e, "exit"));
    }
}

/* ---- lines ---- */

static void scenario_begins(struct judging *j, const json_t *e, const char *key)
{
    struct trial_view *t = trial_of(j, e);
    if (!t || map_get(j->going, key))
        return;
    struct going *g = xcalloc(1, sizeof *g);
    g->h = history_new(t, e);
    g->measured = measured_new(j->measure, g->h);
    g->reported = reported_new();
    g->result = verdicts_scenario(j->now, t->role, g->h->name);
    if (!g->result->title)
        g->result->title = json_incref(g->h->title);
    if (!g->result->proves)
        g->result->proves = json_incref(g->h->proves);
    g->result->seconds = 1e-9; /* it has begun */
    for (size_t i = 0; i < json_array_size(g->h->proves); i++)
        verdicts_plan(j->now, g->result,
                      json_string_value(json_array_get(g->h->proves, i)));
    map_put(j->going, key, g);
}

static void exchange(struct going *g, const json_t *e)
{
    struct seen_exchange x;
    exchange_read(e, &x);
    g->h->ended = x.ended > g->h->ended ? x.ended : g->h->ended;
    history_exchange(g->h, &x);
    measured_exchange(g->measured, &x);
    for (size_t i = 0; i < checks_count(); i++) {
        const struct check *c = checks_at(i);
        struct look l = {.check = c, .h = g->h, .tally = &g->h->tallies[i]};
        if (c->exchange && check_applies(c, g->h->trial->role))
            c->exchange(&l, &x);
    }
}

static void scenario_line(struct judging *j, json_t *e, const char *kind, const char *key)
{
    if (is(kind, "scenario") && is(text(e, "phase"), "start"))
        scenario_begins(j, e, key);
    struct going *g = map_get(j->going, key);
    if (!g)
        return; /* what comes after its end is no part of it */
    reported_event(g->reported, kind, e);
    if (is(kind, "exchange")) {
        exchange(g, e);
        return;
    }
    history_event(g->h, kind, e);
    measured_event(g->measured, kind, e);
    if (is(kind, "expectation"))
        settle_expectation(j, g, e);
    if (is(kind, "scenario") && is(text(e, "phase"), "end")) {
        map_take(j->going, key);
        settle_scenario(j, g);
    }
}

static int on_line(void *arg, json_t *e)
{
    struct judging *j = arg;
    const char *kind = text(e, "kind"), *scenario = text(e, "scenario");
    struct trial_view *t = trial_of(j, e);
    j->lines++;
    if (t)
        t->last = (uint64_t)json_integer_value(json_object_get(e, "t"));
    if (is(kind, "run"))
        on_run(j, e);
    else if (is(kind, "preflight"))
        on_preflight(j, e);
    else if (is(kind, "trouble"))
        on_trouble(j, e);
    else if (is(kind, "end"))
        on_end(j, e);
    else if (scenario)
        scenario_line(j, e, kind, scenario);
    return 0;
}

/* ---- what was going on at the end ---- */

static void finish_all(struct judging *j)
{
    for (struct map_item *i = map_first(j->going); i; i = map_next(i))
        settle_scenario(j, map_value(i));
    map_free(j->going, NULL);
    j->going = map_new();
}

/* With a failed preflight nothing of that role was tried: one reason for all. */
static void preflight_failed(struct judging *j, const struct trial_view *t)
{
    struct scenario_result **list;
    size_t n = verdicts_scenarios(j->now, &list);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; !strcmp(list[i]->role, t->role) && k < list[i]->n_pairs; k++) {
            struct pair *p = list[i]->pairs[k];
            struct finding f =
                settle_plain(VERDICT_NOT_OBSERVED, "preflight",
                             settle_blame(t->preflight_blame), xstrdup(t->preflight));
            pair_unearned(p);
            pair_add(p, &f);
        }
}

/* ---- rounds ---- */

/* It did not come to its end: interrupted, killed, or the journal broke off. */
static bool cut_off(const struct judging *j)
{
    for (size_t i = 0; i < j->n_trials; i++)
        if (!is(j->trials[i]->end, "finished") && !is(j->trials[i]->end, "round"))
            return true;
    return false;
}

bool judging_round_over(struct judging *j)
{
    /* With whole rounds before it, what a cut one did not get to is no gap. */
    bool cut = cut_off(j), partial = cut && j->n_rounds;
    finish_all(j);
    for (size_t i = 0; i < j->n_trials; i++)
        if (j->trials[i]->grounded)
            preflight_failed(j, j->trials[i]);
    if (partial)
        verdicts_cut(j->now);
    else
        verdicts_close(j->now);
    list_add(j->rounds, j->n_rounds, j->cap_rounds);
    j->rounds[j->n_rounds - 1] = round_of(j, cut);
    verdicts_fold(j->verdicts, j->now, j->round);
    verdicts_free(j->now);
    j->now = verdicts_new(j->requirements);
    free(j->trouble.why);
    j->trouble = (struct round){0};
    j->over = true;
    return round_clean(j, j->n_rounds - 1);
}

/* ---- the whole ---- */

/* Whether the exceptions can be held against this journal. */
static int exceptions_fit(const struct judging *j, struct err *e)
{
    const struct exceptions *x = j->exceptions;
    const char **roles = xcalloc(j->n_trials + 1, sizeof *roles);
    int rc = 0;
    for (size_t i = 0; i < j->n_trials; i++)
        roles[i] = j->trials[i]->role;
    if (x->baseline)
        rc = baseline_fits(x->baseline, text(j->trials[0]->run, "profile"), roles,
                           j->n_trials, e);
    if (!rc && x->waivers && !j->trials[0]->has_wall)
        rc = err_set(e, E_INVALID,
                     "the journal does not say when the run was, so that no waiver can "
                     "be dated");
    free(roles);
    return rc;
}

struct judging *judging_new(const struct requirements *r, const struct exceptions *x)
{
    static const struct exceptions none = {0};
    struct judging *j = xcalloc(1, sizeof *j);
    j->requirements = r;
    j->exceptions = x ? x : &none;
    j->verdicts = verdicts_new(r);
    j->now = verdicts_new(r);
    j->measure = measure_new();
    j->going = map_new();
    return j;
}

void judging_free(struct judging *j)
{
    if (!j)
        return;
    finish_all(j);
    map_free(j->going, NULL);
    journal_reader_close(j->reader);
    for (size_t i = 0; i < j->n_trials; i++) {
        struct trial_view *t = j->trials[i];
        json_decref(t->run);
        names_free(t->numbers);
        free(t->role);
        free(t->preflight);
        free(t->preflight_blame);
        free(t->end);
        free(t);
    }
    for (size_t i = 0; i < j->n_rounds; i++)
        free(j->rounds[i].why);
    free(j->rounds);
    free(j->trials);
    free(j->trouble.why);
    verdicts_free(j->verdicts);
    verdicts_free(j->now);
    measure_free(j->measure);
    free(j);
}

int judging_read(struct judging *j, const char *journal_path, struct err *e)
{
    int rc = j->reader
                 ? 0
                 : journal_reader_open(journal_path, on_line, j, &j->sum, &j->reader, e);
    return rc ? rc : journal_reader_go(j->reader, &j->torn, e);
}

int judging_result(struct judging *j, const char *journal_path, json_t **result,
                   struct err *e)
{
    if (!j->n_trials)
        return err_set(e, E_INVALID,
                       "the journal %s has no \"run\" line: it is of no trial",
                       journal_path);
    int rc = exceptions_fit(j, e);
    if (rc)
        return rc;
    journal_reader_close(j->reader); /* from here on the sum stands */
    j->reader = NULL;
    if (!j->over)
        judging_round_over(j);
    *result = result_make(j);
    return 0;
}

int judge_journal(const char *journal_path, const struct requirements *r, json_t **result,
                  struct err *e)
{
    return judge_journal_with(journal_path, r, NULL, result, e);
}

int judge_journal_with(const char *journal_path, const struct requirements *r,
                       const struct exceptions *x, json_t **result, struct err *e)
{
    struct judging *j = judging_new(r, x);
    int rc = judging_read(j, journal_path, e);
    if (!rc)
        rc = judging_result(j, journal_path, result, e);
    judging_free(j);
    return rc;
}
