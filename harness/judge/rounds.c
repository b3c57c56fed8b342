#include "harness/judge/rounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/bound.h"

#define CONFIDENCE 0.95
#define LISTED_MAX 100 /* rounds that are named one by one */

/* ---- one round ---- */

/* The first finding that is trouble of another than the system. */
static void look_for_trouble(const struct pair *p, struct round *r)
{
    for (size_t i = 0; i < p->n_findings && !r->why; i++) {
        const struct finding *f = &p->findings[i];
        struct concerns c = {0};
        concerns_add(&c, f->verdict, f->blame, f->quiet, false);
        if (!c.environment && !c.configuration && !c.harness)
            continue;
        r->blame = f->blame;
        r->why = xasprintf("%s in %s: %s", p->requirement->id, p->scenario->name,
                           f->reason ? f->reason : "");
    }
}

struct round round_of(const struct judging *j, bool cut)
{
    struct round r = {.why = xstrdup(j->trouble.why), .blame = j->trouble.blame};
    bool passed = false;
    const struct requirement_result *q;
    if (!r.why && cut)
        r.why = xstrdup("it was cut off");
    for (size_t i = 0; (q = verdicts_requirement(j->now, i)); i++)
        for (const struct pair *p = q->pairs; p; p = p->next) {
            r.failed = r.failed || p->failed;
            passed = passed || p->verdict == VERDICT_PASS;
            look_for_trouble(p, &r);
        }
    if (!r.why && !passed && !r.failed)
        r.why = xstrdup("nothing passed in it");
    return r;
}

/* ---- all of them ---- */

/* What was judged in another round and could not be judged in this one: whether it would
 * have failed is not known. NULL: there is no such thing. */
static const char *undecided(const struct judging *j, size_t round)
{
    const struct requirement_result *q;
    for (size_t i = 0; (q = verdicts_requirement(j->verdicts, i)); i++) {
        enum verdict v = (enum verdict)q->rounds.v[round];
        if ((v == VERDICT_NONE || v == VERDICT_NOT_OBSERVED ||
             v == VERDICT_INCONCLUSIVE) &&
            q->rounds.failed + q->rounds.held)
            return q->requirement->id;
    }
    return NULL;
}

bool round_clean(const struct judging *j, size_t round)
{
    const struct round *r = &j->rounds[round];
    return !r->failed && !r->why && !undecided(j, round);
}

struct sums {
    size_t clean, failed, unproven;
    json_t *failed_rounds, *void_rounds;
};

static void note_void(struct sums *s, size_t round, const char *why, const char *blame)
{
    if (s->unproven++ >= LISTED_MAX)
        return;
    json_t *o = json_pack("{sI,ss}", "round", (json_int_t)round, "why", why);
    if (blame)
        json_object_set_new(o, "blame", json_string(blame));
    json_array_append_new(s->void_rounds, o);
}

static void add_up(const struct judging *j, struct sums *s)
{
    for (size_t i = 0; i < j->n_rounds; i++) {
        const struct round *r = &j->rounds[i];
        const char *id = r->failed || r->why ? NULL : undecided(j, i);
        if (r->failed) {
            if (s->failed++ < LISTED_MAX)
                json_array_append_new(s->failed_rounds, json_integer((json_int_t)i + 1));
        } else if (r->why) {
            note_void(s, i + 1, r->why, r->blame);
        } else if (id) {
            char *why = xasprintf("%s was judged in other rounds, and not in this", id);
            note_void(s, i + 1, why, NULL);
            free(why);
        } else {
            s->clean++;
        }
    }
}

/* What goes into the result: a digit behind the ninth says nothing, and rounding it up
 * would promise more than was shown. */
static double lower(size_t clean, size_t of, double confidence)
{
    return floor(bound_lower(clean, of, confidence) * 1e9) / 1e9;
}

static json_t *scenarios_json(const struct judging *j, double confidence)
{
    struct scenario_result **v;
    size_t n = verdicts_scenarios(j->verdicts, &v);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        size_t failed = v[i]->rounds.failed, of = failed + v[i]->rounds.held;
        if (!json_array_size(v[i]->proves)) /* it proves nothing: the preflight */
            continue;
        json_array_append_new(
            list,
            json_pack("{ss,ss,sI,sI,so}", "name", v[i]->name, "role", v[i]->role, "of",
                      (json_int_t)of, "failed", (json_int_t)failed, "lower",
                      of ? json_real(lower(of - failed, of, confidence)) : json_null()));
    }
    return list;
}

/* The level that is promised, or else those that people promise. */
static json_t *further_json(size_t clean, size_t of, double confidence, double promised)
{
    static const double usual[] = {0.9, 0.95, 0.99};
    json_t *list = json_array();
    for (size_t i = 0; i < (promised > 0 ? 1 : ARRAY_LEN(usual)); i++) {
        double level = promised > 0 ? promised : usual[i];
        uint64_t runs = bound_further(clean, of, confidence, level);
        json_array_append_new(list, json_pack("{sf,so}", "level", level, "runs",
                                              runs == BOUND_NEVER
                                                  ? json_null()
                                                  : json_integer((json_int_t)runs)));
    }
    return list;
}

/* What the run was asked to do, as its first line says. */
static json_t *asked(const struct judging *j)
{
    static const char *const keys[] = {"repeat", "for"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        json_t *v = json_object_get(j->trials[0]->run, keys[i]);
        if (v)
            return json_pack("{sO}", keys[i], v);
    }
    return NULL;
}

json_t *rounds_json(const struct judging *j)
{
    const struct exceptions *x = j->exceptions;
    double confidence = x->promised > 0 ? x->confidence : CONFIDENCE;
    struct sums s = {.failed_rounds = json_array(), .void_rounds = json_array()};
    add_up(j, &s);
    size_t of = s.clean + s.failed;
    json_t *o =
        json_pack("{sI,sI,sI,sI,so,sf,sf}", "rounds", (json_int_t)j->n_rounds, "clean",
                  (json_int_t)s.clean, "failed", (json_int_t)s.failed, "void",
                  (json_int_t)s.unproven, "rate",
                  of ? json_real((double)s.clean / (double)of) : json_null(),
                  "confidence", confidence, "lower", lower(s.clean, of, confidence));
    json_object_set_new(o, "promised",
                        x->promised > 0 ? json_real(x->promised) : json_null());
    json_object_set_new(
        o, "shown",
        x->promised > 0
            ? json_boolean(of && bound_shows(s.clean, of, confidence, x->promised))
            : json_null());
    json_object_set_new(o, "furtherCleanRuns",
                        further_json(s.clean, of, confidence, x->promised));
    json_object_set_new(o, "failedRounds", s.failed_rounds);
    json_object_set_new(o, "voidRounds", s.void_rounds);
    json_t *wanted = asked(j);
    if (wanted)
        json_object_set_new(o, "asked", wanted);
    if (j->round)
        json_object_set_new(o, "scenarios", scenarios_json(j, confidence));
    json_object_set_new(
        o, "note",
        json_pack("{ss,ss}", "nl",
                  "De grens geldt voor rondes die niet van elkaar afhangen. Deze waren "
                  "op dezelfde machine, na elkaar en met dezelfde gesprekken: wat de ene "
                  "ronde raakt, kan ook de volgende raken.",
                  "en",
                  "The bound holds for rounds that do not depend on each other. These "
                  "were on the same machine, one after the other and with the same "
                  "conversations: what touches one may touch the next."));
    return o;
}

/* ---- one requirement or scenario ---- */

size_t rounds_telling(const struct by_round *r)
{
    size_t worst = 0;
    for (size_t i = 1; i < r->n; i++)
        if (r->v[i] > r->v[worst])
            worst = i;
    return worst + 1;
}

void rounds_flaky(json_t *o, const struct by_round *r)
{
    json_t *list;
    if (!flaky(r))
        return;
    list = json_array();
    for (size_t i = 0; i < r->failed && i < ROUNDS_NAMED; i++)
        json_array_append_new(list, json_integer((json_int_t)r->failed_in[i]));
    json_object_set_new(o, "flaky",
                        json_pack("{sI,sI,so}", "failed", (json_int_t)r->failed, "of",
                                  (json_int_t)(r->failed + r->held), "rounds", list));
}
