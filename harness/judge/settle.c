#include "harness/judge/settle.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/checks.h"
#include "harness/judge/words.h"

const char *settle_blame(const char *s)
{
    static const char *const known[] = {"system", "configuration", "environment",
                                        "harness"};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (is(s, known[i]))
            return known[i];
    return is(s, "not-declared") ? "configuration" : "system";
}

/* What is wrong, and by whose doing: only the system can break a requirement. */
static enum verdict verdict_by_blame(const struct requirement *q, const char *blame)
{
    if (is(blame, "system"))
        return broken(q);
    return is(blame, "configuration") ? VERDICT_NOT_OBSERVED : VERDICT_ERROR;
}

void settle_expectation(struct judging *j, struct going *g, const json_t *e)
{
    const json_t *met = json_object_get(e, "met"), *ids = json_object_get(e, "proves");
    const char *why = text(e, "why"), *what = text(e, "what");
    const char *blame = settle_blame(text(e, "blame"));
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        struct pair *p = id ? verdicts_pair(j->now, g->result, id) : NULL;
        if (!p || check_measures(id))
            continue;
        if (json_is_true(met)) {
            pair_pass(p, what);
            continue;
        }
        const char *said = why && *why                  ? why
                           : json_is_false(met) && what ? what
                                                        : "it could not be observed";
        uint64_t seqs[2];
        struct finding f = {
            .verdict = json_is_false(met) ? verdict_by_blame(p->requirement, blame)
                                          : VERDICT_NOT_OBSERVED,
            .check = "expectation",
            .reason =
                reported_reason(g->reported, said, json_object_get(e, "expected"), seqs),
            .blame = blame,
            .step = xstrdup(text(e, "step")),
            .expected = json_incref(json_object_get(e, "expected")),
            .seen = json_incref(json_object_get(e, "seen")),
            .quiet = !json_is_false(met),
        };
        for (size_t k = 0; k < ARRAY_LEN(seqs); k++)
            if (seqs[k])
                f.seqs[f.n_seqs++] = seqs[k];
        f.seqs[f.n_seqs++] = (uint64_t)json_integer_value(json_object_get(e, "seq"));
        pair_add(p, &f);
    }
}

static void breach_finding(struct pair *p, const struct check *c, const struct tally *t)
{
    for (size_t i = 0; i < t->n_breaches; i++) {
        const struct breach *b = &t->breaches[i];
        struct finding f = {
            .verdict = b->kind == BREACH_SHOULD   ? VERDICT_WARN
                       : b->kind == BREACH_UNSURE ? VERDICT_INCONCLUSIVE
                                                  : broken(p->requirement),
            .check = c->info.name,
            .reason = i + 1 == t->n_breaches && t->bad > t->n_breaches
                          ? xasprintf("%s (and %zu times more)", b->reason,
                                      t->bad - t->n_breaches)
                          : xstrdup(b->reason),
            .blame = "system",
            .expected = json_incref(b->expected),
            .seen = json_incref(b->seen),
        };
        for (size_t k = 0; k < ARRAY_LEN(b->seqs); k++)
            if (b->seqs[k])
                f.seqs[f.n_seqs++] = b->seqs[k];
        pair_add(p, &f);
    }
}

static char *witness(const struct check *c, const struct tally *t)
{
    char *lines = xstrdup("");
    for (size_t i = 0; i < t->good && i < TALLY_SEQS; i++) {
        char *more = xasprintf("%s%s%llu", lines, i ? ", " : "",
                               (unsigned long long)t->good_seqs[i]);
        free(lines);
        lines = more;
    }
    char *out = xasprintf("%s: right %zu times (journal lines %s%s)", c->info.looks_at,
                          t->good, lines, t->good > TALLY_SEQS ? ", ..." : "");
    free(lines);
    return out;
}

/* What the checks over the exchanges saw. A pass is only earned where the scenario ran to
 * its end, the system did something real, and something that was expected came true. */
static void check_findings(struct judging *j, struct going *g, bool earned)
{
    for (size_t i = 0; i < checks_count(); i++) {
        const struct check *c = checks_at(i);
        struct tally *t = &g->h->tallies[i];
        if (!check_applies(c, g->h->trial->role) || (!t->good && !t->bad))
            continue;
        if (!t->bad && (!earned || !g->h->met))
            continue;
        struct pair *p = verdicts_pair(j->now, g->result, c->info.requirement);
        if (!p)
            continue;
        breach_finding(p, c, t);
        if (t->good && !t->bad) {
            char *reason = witness(c, t);
            pair_pass(p, reason);
            free(reason);
        }
    }
}

/* ---- the end of a scenario ---- */

struct finding settle_plain(enum verdict v, const char *check, const char *blame,
                            char *reason)
{
    return (struct finding){
        .verdict = v, .check = check, .blame = blame, .reason = reason};
}

/* Passes of a scenario that proved nothing. */
static void unearned(struct going *g, const char *blame, const char *why)
{
    for (size_t i = 0; i < g->result->n_pairs; i++) {
        struct pair *p = g->result->pairs[i];
        if (!p->passes)
            continue;
        pair_unearned(p);
        struct finding f =
            settle_plain(VERDICT_NOT_OBSERVED, "scenario", blame, xstrdup(why));
        pair_add(p, &f);
    }
}

/* What was right with a crowd smaller than it should be, says nothing of the full size.
 */
static void too_small(struct judging *j, struct going *g)
{
    const struct history *h = g->h;
    for (size_t i = 0; h->crowd_of && i < json_array_size(h->proves); i++) {
        const char *id = json_string_value(json_array_get(h->proves, i));
        struct pair *p = id ? verdicts_pair(j->now, g->result, id) : NULL;
        if (!p || !p->passes)
            continue;
        pair_unearned(p);
        struct finding f = settle_plain(
            VERDICT_NOT_OBSERVED, "crowd", NULL,
            xasprintf("it was right with %llu aanmeldingen, and was not tried with "
                      "the full %llu",
                      (unsigned long long)h->crowd, (unsigned long long)h->crowd_of));
        f.quiet = true;
        pair_add(p, &f);
    }
}

/* What the scenario still had to prove when it broke off. */
static void unsettled(struct judging *j, struct going *g, const char *blame,
                      const char *why)
{
    const struct history *h = g->h;
    bool skipped = is(h->outcome, "skipped");
    for (size_t i = 0; i < json_array_size(h->proves); i++) {
        const char *id = json_string_value(json_array_get(h->proves, i));
        struct pair *p = id ? verdicts_pair(j->now, g->result, id) : NULL;
        if (!p || p->verdict != VERDICT_NONE)
            continue;
        /* What hangs on a capability that the contract leaves free, and is not declared.
         */
        bool optional = is(h->capability, p->requirement->capability);
        struct finding f;
        if (skipped && is(h->blame, "not-declared"))
            f = settle_plain(optional ? VERDICT_NOT_APPLICABLE : VERDICT_NOT_OBSERVED,
                             "capabilities", "configuration", xstrdup(why));
        else if (skipped || !blame || is(blame, "environment") ||
                 is(h->outcome, "stopped")) /* after a finding that stands already */
            f = settle_plain(VERDICT_NOT_OBSERVED, "scenario", blame, xstrdup(why));
        else
            f = settle_plain(verdict_by_blame(p->requirement, blame), "scenario", blame,
                             xstrdup(why));
        f.quiet = skipped;
        pair_add(p, &f);
    }
}

static size_t system_requests(const struct history *h)
{
    size_t n = 0;
    for (size_t i = 0; i < h->n_requests; i++)
        n +=
            h->requests[i].kind == REQUEST_FETCH && request_of_system(h, &h->requests[i]);
    return n;
}

static void run_checks_end(struct history *h)
{
    for (size_t i = 0; i < checks_count(); i++) {
        const struct check *c = checks_at(i);
        struct look l = {.check = c, .h = h, .tally = &h->tallies[i]};
        if (c->end && check_applies(c, h->trial->role))
            c->end(&l);
    }
}

void settle_scenario(struct judging *j, struct going *g)
{
    struct history *h = g->h;
    bool completed = is(h->outcome, "completed");
    const char *blame = h->outcome ? settle_blame(h->blame) : NULL;
    const char *why = h->why && *h->why ? h->why
                      : h->outcome      ? "the scenario did not run to its end"
                                        : "the run ended in the middle of this scenario";
    measured_close(g->measured);
    run_checks_end(h);
    h->real += system_requests(h);
    g->result->seconds = (double)(h->ended - h->began) / (double)NS_PER_S;
    g->result->peak = h->peak;
    free(g->result->outcome); /* a journal may tell of it twice */
    free(g->result->why);
    free(g->result->blame);
    g->result->outcome = xstrdup(h->outcome);
    g->result->why = xstrdup(h->why);
    g->result->blame = xstrdup(h->blame);
    check_findings(j, g, completed && h->real);
    if (!completed) {
        /* First what nothing was said about, then what only seemed to be right. */
        unsettled(j, g, blame, why);
        unearned(g, blame, why);
    } else if (!h->real) {
        unearned(
            g, "system",
            is(h->trial->role, "koppelpunt")
                ? "the koppelpunt gave no answer of the contract in this scenario, so "
                  "that nothing is proven by it"
                : "the overstapsysteem fetched nothing in this scenario, so that nothing "
                  "is proven by it");
    }
    too_small(j, g);
    measured_free(g->measured);
    reported_free(g->reported);
    history_free(h);
    free(g);
}
