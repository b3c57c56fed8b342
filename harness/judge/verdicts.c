/* The lattice of verdicts, the plan against what was judged, and exit codes. */
#include "harness/judge/verdicts.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/names.h"

struct verdicts {
    const struct requirements *requirements;
    struct map *scenarios; /* "role/name" -> struct scenario_result */
    struct scenario_result **list;
    size_t n_scenarios, cap_scenarios;
    struct map *pairs;                  /* "role/name id" -> struct pair */
    struct requirement_result *results; /* in the order of the requirements */
    struct map *by_id;                  /* -> struct requirement_result */
};

const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {
        [VERDICT_NONE] = "none",
        [VERDICT_PASS] = "pass",
        [VERDICT_NOT_APPLICABLE] = "not-applicable",
        [VERDICT_WARN] = "warn",
        [VERDICT_NOT_OBSERVED] = "not-observed",
        [VERDICT_INCONCLUSIVE] = "inconclusive",
        [VERDICT_FLAKY] = "flaky",
        [VERDICT_FAIL] = "fail",
        [VERDICT_ERROR] = "error",
    };
    return (size_t)v < ARRAY_LEN(names) ? names[v] : "none";
}

enum verdict broken(const struct requirement *q)
{
    return q->level == 'S' ? VERDICT_WARN : VERDICT_FAIL;
}

struct verdicts *verdicts_new(const struct requirements *r)
{
    struct verdicts *v = xcalloc(1, sizeof *v);
    size_t n = requirements_count(r);
    v->requirements = r;
    v->scenarios = map_new();
    v->pairs = map_new();
    v->by_id = map_new();
    v->results = xcalloc(n + 1, sizeof *v->results);
    for (size_t i = 0; i < n; i++) {
        v->results[i].requirement = requirements_at(r, i);
        map_put(v->by_id, requirements_at(r, i)->id, &v->results[i]);
    }
    return v;
}

static void finding_done(struct finding *f)
{
    free(f->reason);
    free(f->step);
    json_decref(f->expected);
    json_decref(f->seen);
}

static void pair_free(void *arg)
{
    struct pair *p = arg;
    for (size_t i = 0; i < p->n_findings; i++)
        finding_done(&p->findings[i]);
    free(p->findings);
    free(p->reason);
    free(p->blame);
    free(p);
}

static void scenario_free(void *arg)
{
    struct scenario_result *s = arg;
    json_decref(s->title);
    json_decref(s->proves);
    free(s->name);
    free(s->role);
    free(s->outcome);
    free(s->why);
    free(s->blame);
    free(s->pairs);
    free(s->rounds.v);
    free(s);
}

void verdicts_free(struct verdicts *v)
{
    if (!v)
        return;
    map_free(v->pairs, pair_free);
    map_free(v->scenarios, scenario_free);
    map_free(v->by_id, NULL);
    for (size_t i = 0; i < requirements_count(v->requirements); i++)
        free(v->results[i].rounds.v);
    free(v->list);
    free(v->results);
    free(v);
}

struct scenario_result *verdicts_scenario(struct verdicts *v, const char *role,
                                          const char *name)
{
    char *key = xasprintf("%s/%s", role, name);
    struct scenario_result *s = map_get(v->scenarios, key);
    if (!s) {
        s = xcalloc(1, sizeof *s);
        s->name = xstrdup(name);
        s->role = xstrdup(role);
        map_put(v->scenarios, key, s);
        list_add(v->list, v->n_scenarios, v->cap_scenarios);
        v->list[v->n_scenarios - 1] = s;
    }
    free(key);
    return s;
}

struct pair *verdicts_pair(struct verdicts *v, struct scenario_result *s, const char *id)
{
    struct requirement_result *r = id ? map_get(v->by_id, id) : NULL;
    if (!r ||
        (strcmp(r->requirement->role, s->role) && strcmp(r->requirement->role, "keten")))
        return NULL;
    char *key = xasprintf("%s/%s %s", s->role, s->name, id);
    struct pair *p = map_get(v->pairs, key);
    if (!p) {
        p = xcalloc(1, sizeof *p);
        p->requirement = r->requirement;
        p->scenario = s;
        map_put(v->pairs, key, p);
        s->pairs = xrealloc(s->pairs, (s->n_pairs + 1) * sizeof(*s->pairs));
        s->pairs[s->n_pairs++] = p;
        if (r->last)
            r->last->next = p;
        else
            r->pairs = p;
        r->last = p;
    }
    free(key);
    return p;
}

void verdicts_plan(struct verdicts *v, struct scenario_result *s, const char *id)
{
    struct pair *p = verdicts_pair(v, s, id);
    if (!p)
        return;
    p->planned = true;
    ((struct requirement_result *)map_get(v->by_id, id))->planned = true;
}

void verdicts_plan_role(struct verdicts *v, const char *role)
{
    for (size_t i = 0; i < requirements_count(v->requirements); i++) {
        struct requirement_result *r = &v->results[i];
        if (r->requirement->everywhere && !strcmp(r->requirement->role, role))
            r->planned = true;
    }
}

/* ---- findings ---- */

void pair_pass(struct pair *p, const char *reason)
{
    p->passes++;
    if (p->verdict != VERDICT_NONE)
        return;
    p->verdict = VERDICT_PASS;
    free(p->reason);
    p->reason = xstrdup(reason);
}

void pair_unearned(struct pair *p)
{
    p->passes = 0;
    if (p->verdict != VERDICT_PASS)
        return;
    p->verdict = VERDICT_NONE;
    free(p->reason);
    p->reason = NULL;
}

void pair_add(struct pair *p, struct finding *f)
{
    p->failed = p->failed || f->verdict == VERDICT_FAIL;
    if (f->verdict > p->verdict) {
        p->verdict = f->verdict;
        free(p->reason);
        free(p->blame);
        p->reason = xstrdup(f->reason);
        p->blame = xstrdup(f->blame);
    }
    if (p->n_findings == FINDINGS_MAX) {
        p->more++;
        finding_done(f);
    } else {
        p->findings = xrealloc(p->findings, (p->n_findings + 1) * sizeof(*p->findings));
        p->findings[p->n_findings++] = *f;
    }
    *f = (struct finding){0};
}

/* ---- closing ---- */

size_t verdicts_scenarios(const struct verdicts *v, struct scenario_result ***out)
{
    *out = v->list;
    return v->n_scenarios;
}

const struct requirement_result *verdicts_requirement(const struct verdicts *v, size_t i)
{
    return i < requirements_count(v->requirements) ? &v->results[i] : NULL;
}

/* Nothing planned may vanish: the reason says where it got lost. */
static void close_pair(struct pair *p)
{
    const struct scenario_result *s = p->scenario;
    struct finding f = {.verdict = VERDICT_NOT_OBSERVED, .check = "plan"};
    if (p->verdict != VERDICT_NONE)
        return;
    if (!s->outcome) {
        f.reason = xstrdup(s->seconds > 0 ? "the run ended in the middle of this scenario"
                                          : "the run ended before this scenario began");
    } else if (!strcmp(s->outcome, "completed")) {
        f.blame = "harness";
        f.reason = xstrdup("the scenario ran to its end, but nothing in it settled this "
                           "requirement");
    } else {
        f.blame = "environment";
        f.reason = xasprintf("the scenario was %s%s%s", s->outcome, s->why ? ": " : "",
                             s->why ? s->why : "");
    }
    pair_add(p, &f);
}

void verdicts_close(struct verdicts *v)
{
    for (struct map_item *i = map_first(v->pairs); i; i = map_next(i)) {
        struct pair *p = map_value(i);
        if (p->planned)
            close_pair(p);
    }
}

/* ---- rounds ---- */

void verdicts_cut(struct verdicts *v)
{
    for (struct map_item *i = map_first(v->pairs); i; i = map_next(i)) {
        struct pair *p = map_value(i);
        size_t kept = 0;
        if (p->verdict <= VERDICT_WARN)
            continue;
        for (size_t k = 0; k < p->n_findings; k++)
            if (p->findings[k].verdict == VERDICT_FAIL)
                p->findings[kept++] = p->findings[k];
            else
                finding_done(&p->findings[k]);
        p->n_findings = kept;
        p->verdict = p->failed ? VERDICT_FAIL : VERDICT_NONE;
        if (kept && p->findings[0].reason) {
            free(p->reason);
            free(p->blame);
            p->reason = xstrdup(p->findings[0].reason);
            p->blame = xstrdup(p->findings[0].blame);
        }
    }
}

static void by_round_add(struct by_round *r, enum verdict v, bool failed)
{
    list_add(r->v, r->n, r->cap);
    r->v[r->n - 1] = (uint8_t)v;
    if (failed && r->failed < ROUNDS_NAMED)
        r->failed_in[r->failed] = (uint32_t)r->n;
    r->failed += failed;
    r->held += v == VERDICT_PASS || v == VERDICT_WARN;
}

/* The worst findings of all rounds are kept, of equal ones the first. */
static void keep_finding(struct pair *p, struct finding *f)
{
    size_t least = 0;
    if (p->n_findings < FINDINGS_MAX) {
        p->findings = xrealloc(p->findings, (p->n_findings + 1) * sizeof(*p->findings));
        p->findings[p->n_findings++] = *f;
        return;
    }
    for (size_t i = 1; i < p->n_findings; i++)
        if (p->findings[i].verdict <= p->findings[least].verdict)
            least = i;
    p->more++;
    if (f->verdict <= p->findings[least].verdict) {
        finding_done(f);
        return;
    }
    finding_done(&p->findings[least]);
    p->findings[least] = *f;
}

static void fold_pair(struct pair *p, struct pair *round, unsigned number)
{
    p->planned = p->planned || round->planned;
    p->failed = p->failed || round->failed;
    p->passes += round->passes;
    p->more += round->more;
    if (round->verdict > p->verdict) {
        free(p->reason);
        free(p->blame);
        p->verdict = round->verdict;
        p->reason = xstrdup(round->reason);
        p->blame = xstrdup(round->blame);
    }
    for (size_t i = 0; i < round->n_findings; i++) {
        round->findings[i].round = number;
        keep_finding(p, &round->findings[i]);
    }
    round->n_findings = 0;
}

static void swap_text(char **a, char **b)
{
    char *c = *a;
    *a = *b;
    *b = c;
}

/* The outcome that stays is that of the first round that did not go to its end. */
static void fold_scenario(struct scenario_result *s, struct scenario_result *round)
{
    const char *reason;
    bool failed = false;
    if (!s->title)
        s->title = json_incref(round->title);
    if (!s->proves)
        s->proves = json_incref(round->proves);
    if (!s->rounds.n || (s->outcome && !strcmp(s->outcome, "completed"))) {
        swap_text(&s->outcome, &round->outcome);
        swap_text(&s->why, &round->why);
        swap_text(&s->blame, &round->blame);
    }
    s->seconds += round->seconds;
    s->peak = round->peak > s->peak ? round->peak : s->peak;
    for (size_t i = 0; i < round->n_pairs; i++)
        failed = failed || round->pairs[i]->failed;
    by_round_add(&s->rounds, scenario_verdict(round, &reason), failed);
}

void verdicts_fold(struct verdicts *v, struct verdicts *round, unsigned number)
{
    for (size_t i = 0; i < round->n_scenarios; i++) {
        struct scenario_result *s = round->list[i];
        fold_scenario(verdicts_scenario(v, s->role, s->name), s);
    }
    for (size_t i = 0; i < requirements_count(v->requirements); i++) {
        struct requirement_result *all = &v->results[i], *r = &round->results[i];
        const struct pair *decides;
        bool failed = false;
        all->planned = all->planned || r->planned;
        for (const struct pair *p = r->pairs; p; p = p->next)
            failed = failed || p->failed;
        by_round_add(&all->rounds, requirement_verdict(r, &decides), failed);
    }
    for (struct map_item *i = map_first(round->pairs); i; i = map_next(i)) {
        struct pair *p = map_value(i);
        struct scenario_result *s =
            verdicts_scenario(v, p->scenario->role, p->scenario->name);
        fold_pair(verdicts_pair(v, s, p->requirement->id), p, number);
    }
}

bool flaky(const struct by_round *r)
{
    return r->failed && r->held;
}

static enum verdict over_rounds(enum verdict worst, const struct by_round *r)
{
    return worst == VERDICT_FAIL && flaky(r) ? VERDICT_FLAKY : worst;
}

enum verdict requirement_verdict(const struct requirement_result *r,
                                 const struct pair **decides)
{
    enum verdict worst = VERDICT_NONE;
    *decides = NULL;
    for (const struct pair *p = r->pairs; p; p = p->next)
        if (p->verdict > worst) {
            worst = p->verdict;
            *decides = p;
        }
    return over_rounds(worst, &r->rounds);
}

enum verdict scenario_verdict(const struct scenario_result *s, const char **reason)
{
    enum verdict worst = VERDICT_NONE;
    *reason = NULL;
    for (size_t i = 0; i < s->n_pairs; i++)
        if (s->pairs[i]->verdict > worst) {
            worst = s->pairs[i]->verdict;
            *reason = s->pairs[i]->reason;
        }
    return over_rounds(worst, &s->rounds);
}

void concerns_add(struct concerns *c, enum verdict v, const char *blame, bool quiet,
                  bool excused)
{
    bool environment = blame && !strcmp(blame, "environment");
    bool configuration = blame && !strcmp(blame, "configuration");
    c->failed = c->failed || (v == VERDICT_FAIL && !excused);
    c->reliability = c->reliability || (v == VERDICT_FLAKY && !excused);
    c->incomplete =
        c->incomplete ||
        ((v == VERDICT_NOT_OBSERVED || v == VERDICT_INCONCLUSIVE) && !excused);
    if (!quiet && (v == VERDICT_ERROR || v == VERDICT_NOT_OBSERVED)) {
        c->environment = c->environment || environment;
        c->configuration = c->configuration || configuration;
    }
    c->harness = c->harness || (v == VERDICT_ERROR && !environment);
}

int concerns_codes(const struct concerns *c, json_t *list)
{
    const struct {
        bool applies;
        enum exit_code code;
    } order[] = {
        {c->interrupted, EXIT_INTERRUPTED}, {c->harness, EXIT_HARNESS},
        {c->configuration, EXIT_USAGE},     {c->environment, EXIT_ENVIRONMENT},
        {c->failed, EXIT_FAILED},           {c->reliability, EXIT_RELIABILITY},
        {c->waiver, EXIT_WAIVER},           {c->incomplete, EXIT_INCOMPLETE},
    };
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        if (order[i].applies)
            json_array_append_new(list, json_integer(order[i].code));
    if (!json_array_size(list))
        json_array_append_new(list, json_integer(EXIT_CONFORM));
    return (int)json_integer_value(json_array_get(list, 0));
}
