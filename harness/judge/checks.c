/* The list of all checks, and what they report with. */
#include "harness/judge/checks_list.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

#define KOPPELPUNT      "koppelpunt"
#define OVERSTAPSYSTEEM "overstapsysteem"
#define ANYBODY         NULL
#define CHECK(name, requirement, role, exchange, end, looks_at)                          \
    {{name, requirement, looks_at}, role, exchange, end},

static const struct check checks[] = {CHECKS(CHECK)};

bool check_applies(const struct check *c, const char *role)
{
    return !c->role || !strcmp(c->role, role);
}

bool check_measures(const char *requirement)
{
    return !strcmp(requirement, "KT-08");
}

size_t checks_count(void)
{
    return ARRAY_LEN(checks);
}

const struct check *checks_at(size_t i)
{
    return i < ARRAY_LEN(checks) ? &checks[i] : NULL;
}

const struct check_info *judge_check(size_t i)
{
    const struct check *c = checks_at(i);
    return c ? &c->info : NULL;
}

void tally_done(struct tally *t)
{
    for (size_t i = 0; i < t->n_breaches; i++) {
        free(t->breaches[i].reason);
        json_decref(t->breaches[i].expected);
        json_decref(t->breaches[i].seen);
    }
    *t = (struct tally){0};
}

void look_good(struct look *l, uint64_t seq)
{
    struct tally *t = l->tally;
    if (t->good < TALLY_SEQS)
        t->good_seqs[t->good] = seq;
    t->good++;
}

/* Keeps the first few breaches whole and counts the rest; what is less makes place. */
static void look_breach(struct look *l, enum breach_kind kind, uint64_t seq,
                        uint64_t seq2, json_t *expected, json_t *seen, const char *fmt,
                        va_list ap)
{
    struct tally *t = l->tally;
    struct breach *place = NULL;
    t->bad++;
    if (t->n_breaches < TALLY_BREACHES)
        place = &t->breaches[t->n_breaches++];
    for (size_t i = 0; !place && kind == BREACH && i < t->n_breaches; i++)
        if (t->breaches[i].kind != BREACH)
            place = &t->breaches[i];
    if (!place) {
        json_decref(expected);
        json_decref(seen);
        return;
    }
    free(place->reason);
    json_decref(place->expected);
    json_decref(place->seen);
    *place = (struct breach){.kind = kind,
                             .reason = xvasprintf(fmt, ap),
                             .seqs = {seq, seq2},
                             .expected = expected,
                             .seen = seen};
}

void look_bad(struct look *l, uint64_t seq, uint64_t seq2, json_t *expected, json_t *seen,
              const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    look_breach(l, BREACH, seq, seq2, expected, seen, fmt, ap);
    va_end(ap);
}

void look_should(struct look *l, uint64_t seq, uint64_t seq2, json_t *expected,
                 json_t *seen, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    look_breach(l, BREACH_SHOULD, seq, seq2, expected, seen, fmt, ap);
    va_end(ap);
}

void look_unsure(struct look *l, uint64_t seq, uint64_t seq2, json_t *expected,
                 json_t *seen, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    look_breach(l, BREACH_UNSURE, seq, seq2, expected, seen, fmt, ap);
    va_end(ap);
}

bool of_koppelpunt(const struct seen_exchange *x)
{
    return x->at_client && x->answered && x->status && x->to &&
           !strcmp(x->to, "koppelpunt");
}

const char *asked(const struct seen_exchange *x)
{
    return *x->op ? x->op : x->target ? x->target : "an unknown path";
}

struct look look_for(const struct look *l, const char *check)
{
    struct look out = *l;
    for (size_t i = 0; i < checks_count(); i++)
        if (!strcmp(checks_at(i)->info.name, check)) {
            out.check = checks_at(i);
            out.tally = &l->h->tallies[i];
        }
    return out;
}
