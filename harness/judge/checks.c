/* The list of all checks, and what they report with. */
#include "harness/judge/checks.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

static const struct check *const tables[] = {checks_wire,   checks_feed,   checks_access,
                                             checks_privacy, checks_client, checks_oracle};

size_t checks_count(void)
{
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        for (const struct check *c = tables[i]; c->info.name; c++)
            n++;
    return n;
}

const struct check *checks_at(size_t at)
{
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        for (const struct check *c = tables[i]; c->info.name; c++)
            if (at-- == 0)
                return c;
    return NULL;
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
static void look_breach(struct look *l, enum breach_kind kind, uint64_t seq, uint64_t seq2,
                        json_t *expected, json_t *seen, const char *fmt, va_list ap)
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
    return x->at_client && x->answered && x->status && x->to && !strcmp(x->to, "koppelpunt");
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
