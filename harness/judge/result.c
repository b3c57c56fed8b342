/* The result as JSON: requirements, scenarios, counts, exit codes. */
#include "harness/judge/result.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/baseline.h"
#include "harness/judge/measure.h"
#include "harness/judge/rounds.h"
#include "harness/judge/waivers.h"
#include "harness/judge/words.h"

#ifndef KOPPELPROEF_VERSION
#define KOPPELPROEF_VERSION "0"
#endif

/* Nothing was selected: then every requirement of the role is planned, also one that no
 * scenario proves, so that a gap in the suite can never look like conformity. */
static bool whole(const struct judging *j, const char *role)
{
    for (size_t i = 0; i < j->n_trials; i++)
        if (is(role, j->trials[i]->role) &&
            json_is_true(json_object_get(j->trials[i]->run, "whole")))
            return true;
    return false;
}

static bool declared(const struct judging *j, const struct requirement *q)
{
    for (size_t i = 0; i < j->n_trials; i++) {
        const json_t *iut = json_object_get(j->trials[i]->run, "iut");
        const json_t *all = json_object_get(iut, "capabilities");
        for (size_t k = 0; is(q->role, j->trials[i]->role) && k < json_array_size(all);
             k++)
            if (is(json_string_value(json_array_get(all, k)), q->capability))
                return true;
    }
    return false;
}

/* ---- findings ---- */

static json_t *finding_json(const struct pair *p, const struct finding *f)
{
    json_t *seqs = json_array();
    for (size_t i = 0; i < f->n_seqs; i++)
        json_array_append_new(seqs, json_integer((json_int_t)f->seqs[i]));
    json_t *o = json_pack("{ss,ss,ss,ss,ss*,so}", "scenario", p->scenario->name, "role",
                          p->scenario->role, "check", f->check, "verdict",
                          verdict_name(f->verdict), "reason", f->reason, "seqs", seqs);
    if (f->round)
        json_object_set_new(o, "round", json_integer(f->round));
    if (f->blame)
        json_object_set_new(o, "blame", json_string(f->blame));
    if (f->step)
        json_object_set_new(o, "step", json_string(f->step));
    if (f->expected)
        json_object_set(o, "expected", f->expected);
    if (f->seen)
        json_object_set(o, "seen", f->seen);
    return o;
}

static void count_findings(const struct requirement_result *r, size_t *passes,
                           size_t *scenarios, size_t *more)
{
    for (const struct pair *p = r->pairs; p; p = p->next) {
        *passes += p->passes;
        *scenarios += p->passes > 0;
        *more += p->more;
    }
}

/* What passed, how often, and what was measured. */
static char *passed(const struct judging *j, const struct requirement_result *r,
                    const struct pair *decides)
{
    size_t passes = 0, scenarios = 0, more = 0;
    count_findings(r, &passes, &scenarios, &more);
    char *figures = measure_sentence(j->measure, r->requirement->id);
    char *out = xasprintf("held %zu time%s in %zu scenario%s%s%s, first: %s", passes,
                          passes == 1 ? "" : "s", scenarios, scenarios == 1 ? "" : "s",
                          figures ? "; " : "", figures ? figures : "",
                          decides && decides->reason ? decides->reason : "?");
    free(figures);
    return out;
}

/* For a pass, what was seen how often; for the rest the sentence of the pair that
 * decides. */
static char *reason_of(const struct judging *j, const struct requirement_result *r,
                       enum verdict v, const struct pair *decides)
{
    if (v == VERDICT_PASS)
        return passed(j, r, decides);
    for (size_t i = 0; !decides && i < j->n_trials; i++)
        if (j->trials[i]->preflight && is(r->requirement->role, j->trials[i]->role))
            return xstrdup(j->trials[i]->preflight);
    if (!decides && v == VERDICT_NOT_APPLICABLE)
        return xasprintf("the capability \"%s\" is not declared",
                         r->requirement->capability);
    if (!decides)
        return xstrdup("nothing was seen in this run by which it could be judged");
    if (v == VERDICT_FLAKY)
        return xasprintf("failed in %zu of %zu rounds, first in round %u: %s",
                         r->rounds.failed, r->rounds.failed + r->rounds.held,
                         r->rounds.failed_in[0], decides->reason ? decides->reason : "");
    return xstrdup(decides->reason ? decides->reason : "");
}

static json_t *requirement_json(const struct judging *j,
                                const struct requirement_result *r, enum verdict v,
                                const struct pair *decides)
{
    const struct requirement *q = r->requirement;
    const char level[2] = {q->level, 0};
    char *reason = reason_of(j, r, v, decides);
    json_t *scenarios = json_array(), *findings = json_array();
    for (const struct pair *p = r->pairs; p; p = p->next) {
        if (p->planned)
            json_array_append_new(scenarios, json_string(p->scenario->name));
        for (size_t i = 0; i < p->n_findings; i++)
            json_array_append_new(findings, finding_json(p, &p->findings[i]));
    }
    json_t *o = json_pack("{ss,ss,ss,ss,ss,ss,ss,ss,so,so}", "id", q->id, "level", level,
                          "role", q->role, "verdict", verdict_name(v), "reason", reason,
                          "source", q->source, "nl", q->nl, "en", q->en, "scenarios",
                          scenarios, "findings", findings);
    if (decides && decides->blame && v != VERDICT_PASS)
        json_object_set_new(o, "blame", json_string(decides->blame));
    if (v == VERDICT_NOT_APPLICABLE && q->capability)
        json_object_set_new(o, "capability", json_string(q->capability));
    rounds_flaky(o, &r->rounds);
    free(reason);
    return o;
}

/* ---- the whole ---- */

struct sums {
    size_t planned, judged, counts[VERDICT_ERROR + 1];
    /* What the verdict rests on, and what the exit code counts: the second leaves out
     * what is waived, be it too long, and what a baseline knew. */
    struct concerns verdict, exit;
    struct waivers *waivers;
    struct baseline *baseline;
};

/* One thing that was found in a pair, or that nothing was found at all (p NULL). */
static void add_found(struct sums *s, const struct requirement *q, const struct pair *p,
                      enum verdict v, const char *blame, bool quiet)
{
    struct waiver *waiver = waivable(v) ? waivers_cover(s->waivers, q, p) : NULL;
    if (waiver)
        waiver->used = true;
    concerns_add(&s->verdict, v, blame, quiet, waiver && !waiver->expired);
    concerns_add(&s->exit, v, blame, quiet,
                 waiver || baseline_knows(s->baseline, q->id, v));
}

/* A failure that was not there in every round counts as that. */
static enum verdict at_times(const struct requirement_result *r, enum verdict v)
{
    return v == VERDICT_FAIL && flaky(&r->rounds) ? VERDICT_FLAKY : v;
}

/* All that is wrong, not only what decides: a failure behind an error is still one. */
static void add_concerns(struct sums *s, const struct requirement_result *r,
                         enum verdict v)
{
    const struct requirement *q = r->requirement;
    bool unseen = v == VERDICT_NOT_OBSERVED;
    for (const struct pair *p = r->pairs; p; p = p->next) {
        for (size_t i = 0; i < p->n_findings; i++)
            add_found(s, q, p, at_times(r, p->findings[i].verdict), p->findings[i].blame,
                      p->findings[i].quiet);
        if (p->more) /* the worst may be among those that were only counted */
            add_found(s, q, p, at_times(r, p->verdict), p->blame,
                      p->verdict == VERDICT_NOT_OBSERVED);
        unseen = unseen && p->verdict != VERDICT_NOT_OBSERVED;
    }
    if (unseen)
        add_found(s, q, NULL, v, NULL, true);
    waivers_settle(s->waivers, r, v);
    if (s->baseline)
        baseline_note(s->baseline, q->id, v);
}

/* The waiver by which a requirement counts as waived: all that is wrong with it is
 * covered, and this covers the part that decides. NULL: none. */
static const struct waiver *waived(const struct sums *s,
                                   const struct requirement_result *r, enum verdict v,
                                   const struct pair *decides)
{
    for (const struct pair *p = r->pairs; p && waivable(v); p = p->next)
        if (waivable(p->verdict) && !waivers_cover(s->waivers, r->requirement, p))
            return NULL;
    return waivable(v) ? waivers_cover(s->waivers, r->requirement, decides) : NULL;
}

static json_t *waived_json(const struct waiver *w)
{
    json_t *o = json_deep_copy(w->entry);
    json_object_del(o, "requirement");
    json_object_set_new(o, "expired", json_boolean(w->expired));
    return o;
}

static json_t *requirements_json(const struct judging *j, struct sums *s,
                                 json_t *uncovered)
{
    json_t *list = json_array();
    for (size_t i = 0; i < requirements_count(j->requirements); i++) {
        const struct requirement_result *r = verdicts_requirement(j->verdicts, i);
        const struct requirement *q = r->requirement;
        const struct pair *decides;
        enum verdict v = requirement_verdict(r, &decides);
        if (!r->planned && v == VERDICT_NONE) {
            if (!whole(j, q->role))
                continue;
            json_array_append_new(uncovered, json_string(q->id));
        }
        if (v == VERDICT_NONE && q->capability && !declared(j, q))
            v = VERDICT_NOT_APPLICABLE;
        else if (v == VERDICT_NONE)
            v = VERDICT_NOT_OBSERVED;
        s->planned++;
        s->judged += v != VERDICT_NOT_OBSERVED && v != VERDICT_INCONCLUSIVE;
        s->counts[v]++;
        add_concerns(s, r, v);
        json_t *o = requirement_json(j, r, v, decides);
        const struct waiver *w = waived(s, r, v, decides);
        if (w)
            json_object_set_new(o, "waived", waived_json(w));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *scenarios_json(const struct judging *j)
{
    struct scenario_result **v;
    size_t n = verdicts_scenarios(j->verdicts, &v);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        const char *reason;
        if (!json_array_size(v[i]->proves)) /* it proves nothing: the preflight */
            continue;
        enum verdict worst = scenario_verdict(v[i], &reason);
        json_t *o = json_pack(
            "{ss,ss,ss,ss,sf}", "name", v[i]->name, "role", v[i]->role, "verdict",
            verdict_name(worst == VERDICT_NONE ? VERDICT_NOT_OBSERVED : worst), "reason",
            reason ? reason : "nothing of it was judged", "seconds", v[i]->seconds);
        if (v[i]->title)
            json_object_set(o, "title", v[i]->title);
        if (v[i]->peak)
            json_object_set_new(o, "peak", json_integer((json_int_t)v[i]->peak));
        rounds_flaky(o, &v[i]->rounds);
        if (j->round)
            json_object_set_new(o, "round",
                                json_integer((json_int_t)rounds_telling(&v[i]->rounds)));
        json_object_set_new(o, "proves",
                            v[i]->proves ? json_incref(v[i]->proves) : json_array());
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *counts_json(const struct sums *s)
{
    static const enum verdict order[] = {VERDICT_PASS,           VERDICT_FAIL,
                                         VERDICT_FLAKY,          VERDICT_WARN,
                                         VERDICT_NOT_APPLICABLE, VERDICT_NOT_OBSERVED,
                                         VERDICT_INCONCLUSIVE,   VERDICT_ERROR};
    json_t *o = json_object();
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        json_object_set_new(o, verdict_name(order[i]),
                            json_integer((json_int_t)s->counts[order[i]]));
    return o;
}

/* The concern that an exit code stands for; one that we don't know is our own fault. */
static bool *concern_of(struct concerns *c, int exit_code)
{
    switch (exit_code) {
    case EXIT_INTERRUPTED:
        return &c->interrupted;
    case EXIT_USAGE:
        return &c->configuration;
    case EXIT_ENVIRONMENT:
        return &c->environment;
    case EXIT_FAILED:
        return &c->failed;
    case EXIT_RELIABILITY:
        return &c->reliability;
    case EXIT_WAIVER:
        return &c->waiver;
    case EXIT_INCOMPLETE:
        return &c->incomplete;
    default:
        return &c->harness;
    }
}

void result_lost(json_t *result, int exit_code, const char *why)
{
    struct concerns c = {0};
    json_t *was = json_object_get(result, "exitCodes"), *codes = json_array();
    for (size_t i = 0; i < json_array_size(was); i++) {
        int code = (int)json_integer_value(json_array_get(was, i));
        /* It looks interrupted because its end is not there; that was nobody's wish. */
        if (code != EXIT_CONFORM && code != EXIT_INTERRUPTED)
            *concern_of(&c, code) = true;
    }
    *concern_of(&c, exit_code) = true;
    json_object_set_new(result, "exitCode", json_integer(concerns_codes(&c, codes)));
    json_object_set_new(result, "exitCodes", codes);
    json_object_set_new(result, "verdict", json_string("error"));
    json_object_set_new(result, "lost",
                        json_pack("{si,ss}", "exit", exit_code, "text", why));
}

/* Concerns of the run itself: an interruption, a failed preflight, our own trouble. */
static void run_concerns(const struct judging *j, struct concerns *c)
{
    for (size_t i = 0; i < j->n_trials; i++) {
        const struct trial_view *t = j->trials[i];
        if (is(t->end, "failed"))
            *concern_of(c, t->exit) = true;
        else
            c->interrupted = c->interrupted || !is(t->end, "finished");
        if (!t->preflight)
            continue;
        c->incomplete = true;
        c->harness = c->harness || is(t->preflight_blame, "harness");
        c->configuration = c->configuration || is(t->preflight_blame, "configuration");
        c->environment = c->environment || is(t->preflight_blame, "environment");
    }
    c->interrupted = c->interrupted || j->torn;
    c->harness = c->harness || j->harness_trouble;
}

static const char *overall(const struct concerns *c, bool waivers)
{
    if (c->interrupted)
        return "interrupted";
    if (c->harness || c->configuration || c->environment)
        return "error";
    if (c->failed || c->reliability)
        return "not conform";
    if (c->incomplete)
        return "incomplete";
    return waivers ? "conform with waivers" : "conform";
}

/* The same member of all trials: as it is in the first. */
static void copy(json_t *out, const char *to, const struct judging *j, const char *from)
{
    json_t *v = json_object_get(j->trials[0]->run, from);
    if (v)
        json_object_set(out, to, v);
}

static json_t *systems_json(const struct judging *j)
{
    json_t *list = json_array();
    for (size_t i = 0; i < j->n_trials; i++) {
        json_t *iut = json_object_get(j->trials[i]->run, "iut");
        json_t *o = json_is_object(iut) ? json_copy(iut) : json_object();
        json_object_set_new(o, "role", json_string(j->trials[i]->role));
        json_array_append_new(list, o);
    }
    return list;
}

/* On what the result rests: which journal, and by what the run was made. */
static json_t *evidence_json(const struct judging *j)
{
    json_t *digests = json_object_get(j->trials[0]->run, "digests");
    json_t *journal = json_pack("{ss,sI,sI,sb}", "sha256", j->sum.sha256, "lines",
                                (json_int_t)j->sum.lines, "bytes",
                                (json_int_t)j->sum.bytes, "chained", (int)j->sum.chained);
    json_t *scenarios = json_object(), *o = json_pack("{so}", "journal", journal);
    for (size_t i = 0; i < j->n_trials; i++) {
        json_t *own = json_object_get(j->trials[i]->run, "digests");
        json_t *all = json_object_get(own, "scenarios");
        if (all)
            json_object_set(scenarios, j->trials[i]->role, all);
    }
    if (json_is_object(digests)) {
        digests = json_copy(digests);
        json_object_set_new(o, "digests", digests);
        json_object_set_new(digests, "scenarios", scenarios);
    } else {
        json_decref(scenarios);
    }
    return o;
}

/* When the run began, by whole seconds. */
static void started(const struct trial_view *t, json_t *out)
{
    char wall[32];
    if (t->has_wall)
        json_object_set_new(out, "started",
                            json_string(when_format(t->wall - t->wall % NS_PER_S, wall)));
}

/* Concerns about the exceptions themselves; notes them in the result. */
static void exceptions(const struct judging *j, struct sums *s, json_t *out)
{
    bool disappeared;
    s->exit.waiver = waivers_concern(s->waivers);
    if (j->exceptions->waivers)
        json_object_set_new(out, "waivers", waivers_json(s->waivers));
    if (!s->baseline)
        return;
    json_object_set_new(out, "baseline", baseline_json(s->baseline, &disappeared));
    s->exit.incomplete = s->exit.incomplete || disappeared;
}

/* What the rounds show, beside the other figures of reliability. */
static void trials(const struct judging *j, struct concerns *exit, json_t *out)
{
    json_t *figures = measure_json(j->measure), *shown = rounds_json(j);
    exit->reliability =
        exit->reliability || json_is_false(json_object_get(shown, "shown"));
    json_object_set_new(figures, "trials", shown);
    json_object_set_new(out, "reliability", figures);
}

json_t *result_make(const struct judging *j)
{
    struct sums s = {.waivers = waivers_new(j), .baseline = baseline_new(j->exceptions)};
    uint64_t last = 0;
    json_t *uncovered = json_array(), *codes = json_array(), *out = json_object();
    json_t *requirements = requirements_json(j, &s, uncovered);
    json_t *systems = systems_json(j);
    struct concerns *both[] = {&s.verdict, &s.exit};
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        run_concerns(j, both[i]);
        /* Green must be earned: a run that proved nothing is incomplete. */
        both[i]->incomplete = both[i]->incomplete || !s.counts[VERDICT_PASS];
    }
    for (size_t i = 0; i < j->n_trials; i++)
        last = j->trials[i]->last > last ? j->trials[i]->last : last;
    json_object_set_new(out, "koppelproef", json_string(KOPPELPROEF_VERSION));
    json_object_set_new(out, "verdict",
                        json_string(overall(&s.verdict, waivers_holding(s.waivers) > 0)));
    exceptions(j, &s, out);
    trials(j, &s.exit, out);
    int code = concerns_codes(&s.exit, codes);
    json_object_set_new(out, "exitCode", json_integer(code));
    json_object_set_new(out, "exitCodes", codes);
    json_object_set_new(out, "planned", json_integer((json_int_t)s.planned));
    json_object_set_new(out, "judged", json_integer((json_int_t)s.judged));
    json_object_set_new(out, "counts", counts_json(&s));
    json_object_set_new(out, "requirements", requirements);
    json_object_set_new(out, "scenarios", scenarios_json(j));
    copy(out, "seed", j, "seed");
    copy(out, "planDigest", j, "planDigest");
    copy(out, "profile", j, "profile");
    started(j->trials[0], out);
    json_object_set_new(out, "seconds", json_real((double)last / (double)NS_PER_S));
    json_object_set(out, "iut", json_array_get(systems, 0));
    json_object_set_new(out, "systems", systems);
    json_object_set_new(out, "uncovered", uncovered);
    json_object_set_new(out, "evidence", evidence_json(j));
    waivers_free(s.waivers);
    baseline_free(s.baseline);
    return out;
}
