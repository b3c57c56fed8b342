/* What staleness.c followed: figures, and the verdict on what is stale in the end. */
#include "harness/judge/staleness.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/checks_list.h"
#include "harness/judge/staleness_parts.h"

#define MOMENTS 200

const char *stale_cause_name(enum stale_cause c)
{
    static const char *const names[STALE_CAUSES] = {
        [STALE_NOT] = "",
        [STALE_SILENT] = "silent",
        [STALE_NOT_SENT] = "not sent",
        [STALE_REFUSED] = "refused",
        [STALE_IN_KOPPELPUNT] = "in koppelpunt",
        [STALE_NOT_DELIVERABLE] = "not deliverable",
        [STALE_BEFORE_DATE] = "before aansluitdatum",
        [STALE_NOT_FETCHED] = "not fetched",
        [STALE_FAULT] = "fault of ours",
        [STALE_NOT_LOOKED] = "not looked",
        [STALE_SYSTEM] = "system",
    };
    return names[c];
}

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

/* ---- figures ---- */

void stale_sum_done(struct stale_sum *s)
{
    free(s->spans);
    *s = (struct stale_sum){0};
}

struct part {
    double ns[STALE_CAUSES];
};

/* How much of each span lies in each part of the time from `from` on. */
static void spread(const struct stale_sum *s, uint64_t from, double width,
                   struct part parts[MOMENTS])
{
    for (size_t i = 0; i < s->n; i++) {
        const struct stale_span *p = &s->spans[i];
        double a = (double)(p->from - from), b = (double)(p->to - from);
        for (size_t k = (size_t)(a / width); k < MOMENTS && (double)k * width < b; k++) {
            double lo = (double)k * width, hi = lo + width;
            parts[k].ns[p->cause] += (b < hi ? b : hi) - (a > lo ? a : lo);
        }
    }
}

static json_t *moments_json(const struct stale_sum *s)
{
    uint64_t from = UINT64_MAX, to = 0;
    for (size_t i = 0; i < s->n; i++) {
        from = s->spans[i].from < from ? s->spans[i].from : from;
        to = s->spans[i].to > to ? s->spans[i].to : to;
    }
    struct part *parts = xcalloc(MOMENTS, sizeof *parts);
    double width = (double)(to - from) / MOMENTS;
    json_t *list = json_array();
    spread(s, from, width, parts);
    for (size_t k = 0; k < MOMENTS; k++) {
        json_t *stale = json_object();
        for (size_t c = STALE_NOT + 1; c < STALE_CAUSES; c++)
            if (parts[k].ns[c] > 0)
                json_object_set_new(stale, stale_cause_name((enum stale_cause)c),
                                    json_real(parts[k].ns[c] / width));
        json_array_append_new(
            list,
            json_pack("{sf,sf,so}", "t",
                      ((double)from + (double)k * width) / (double)NS_PER_S,
                      "aanmeldingen", parts[k].ns[STALE_NOT] / width, "stale", stale));
    }
    free(parts);
    return list;
}

static uint64_t stale_time(const struct stale_sum *s)
{
    uint64_t all = 0;
    for (size_t c = STALE_NOT + 1; c < STALE_CAUSES; c++)
        all += s->total[c];
    return all;
}

json_t *stale_json(const struct stale_sum *s, const char *role)
{
    json_t *causes = json_object(), *longest = json_object();
    double whole = (double)s->total[STALE_NOT];
    if (!s->n || !s->total[STALE_NOT]) {
        json_decref(causes);
        json_decref(longest);
        return NULL;
    }
    for (size_t c = STALE_NOT + 1; c < STALE_CAUSES; c++) {
        const char *name = stale_cause_name((enum stale_cause)c);
        if (!s->total[c])
            continue;
        json_object_set_new(causes, name, json_real((double)s->total[c] / whole));
        json_object_set_new(longest, name, json_real(seconds(s->longest[c])));
    }
    return json_pack("{ss,sI,sf,sf,so,so,so}", "role", role, "aanmeldingen",
                     (json_int_t)s->aanmeldingen, "seconds", seconds(s->total[STALE_NOT]),
                     "stale", (double)stale_time(s) / whole, "causes", causes, "longest",
                     longest, "moments", moments_json(s));
}

char *stale_sentence(const struct stale_sum *const *sums, size_t n)
{
    struct stale_sum all = {0};
    for (size_t i = 0; i < n; i++) {
        all.aanmeldingen += sums[i]->aanmeldingen;
        for (size_t c = 0; c < STALE_CAUSES; c++)
            all.total[c] += sums[i]->total[c];
    }
    if (!all.total[STALE_NOT])
        return NULL;
    double whole = (double)all.total[STALE_NOT];
    char *out =
        xasprintf("of %zu aanmeldingen %.1f %% of %.1f s was stale", all.aanmeldingen,
                  100 * (double)stale_time(&all) / whole, seconds(all.total[STALE_NOT]));
    for (size_t c = STALE_NOT + 1, told = 0; c < STALE_CAUSES; c++) {
        if (!all.total[c])
            continue;
        char *more = xasprintf("%s%s %s %.1f %%", out, told++ ? "," : ":",
                               stale_cause_name((enum stale_cause)c),
                               100 * (double)all.total[c] / whole);
        free(out);
        out = more;
    }
    return out;
}

/* ---- KT-08 ---- */

/* How long it may take: a koppelpunt what KP-LEV-08 allows, less a tenth, since nobody
 * looks on the stroke; an overstapsysteem from a page to its screen, or to its next
 * fetch, longer than any two of its intervals, for slow machines. */
static uint64_t patience(const struct stale *st)
{
    return st->koppelpunt ? st->h->trial->patience / 10 * 9
                          : 4 * st->h->interval + 2 * (uint64_t)NS_PER_S;
}

static json_t *status_json(bool present, uint8_t status)
{
    return json_string(present ? status_name((enum status)status) : "not shown");
}

/* What the school was last shown at that place. */
static json_t *seen_json(const struct stale *st, const struct subject *s)
{
    const struct person *p = stale_person(st, s);
    for (uint32_t i = p->first_shown; i; i = st->shown[i - 1].next) {
        const struct shown *w = &st->shown[i - 1];
        if (w->instelling == s->instelling &&
            (w->opleiding == s->truth.opleiding || !w->next))
            return status_json(true, w->status);
    }
    return status_json(false, 0);
}

/* How it came to be the system's own; NULL: there is another cause, or it may still
 * come. */
struct guilt {
    const char *where;
    uint64_t since, since_seq, until;
};

static bool found_guilty(const struct stale *st, const struct subject *s, bool feed_wrong,
                         struct guilt *g)
{
    const struct progress *p = &s->at;
    uint64_t asked = stale_person(st, s)->asked;
    bool in = p->tried && p->fate == FATE_ACCEPTED;
    if (s->truth.present && (s->truth.status == STATUS_SUBMITTED || s->numberless))
        return false;
    if (st->koppelpunt) {
        *g = (struct guilt){"accepted by the koppelpunt", p->sent, p->sent_seq,
                            st->audit.began > st->round.began ? st->audit.began
                                                              : st->round.began};
        return in && feed_wrong && (!p->in_feed || p->delivered) &&
               g->until >= p->sent + patience(st);
    }
    if (p->delivered && !p->spoilt) {
        *g = (struct guilt){"delivered to the overstapsysteem", p->delivered,
                            p->delivered_seq, asked};
        return asked >= p->delivered + patience(st);
    }
    uint64_t from = p->sent > st->connected ? p->sent : st->connected;
    *g = (struct guilt){"ready to be fetched by the overstapsysteem", from, p->sent_seq,
                        asked};
    return in && !p->delivered && !p->missed && !st->disturbed && st->connects &&
           st->h->interval && asked >= from + patience(st);
}

/* Others find a koppelpunt's feed wrong too: the oracle in the last full reading
 * (KP-INT-01), or, where the scenario stopped before it, an expectation. What follows
 * from many messages is theirs to say. */
static bool feed_wrong(const struct look *l)
{
    struct look state = look_for(l, "state");
    for (size_t i = 0; i < state.tally->n_breaches; i++)
        if (state.tally->breaches[i].kind == BREACH)
            return true;
    return l->h->unmet > 0;
}

static void judge_one(struct look *l, const struct stale *st, const struct subject *s,
                      bool wrong)
{
    const struct person *p = stale_person(st, s);
    const struct holding *t = &s->truth;
    struct guilt g;
    if (stale_is_fresh(st, s) || !found_guilty(st, s, wrong, &g)) {
        look_good(l, p->asked_seq);
        return;
    }
    look_bad(l, g.since_seq, p->asked_seq, status_json(t->present, t->status),
             seen_json(st, s),
             "aanmelding %s at %s is %s for its source since journal line %llu; that was "
             "%s, and %.1f s later its school is not shown so (D10)",
             names_at(st->h->texts, s->name), names_at(st->h->codes, s->instelling),
             t->present ? status_name((enum status)t->status) : "no more",
             (unsigned long long)t->seq, g.where, seconds(g.until - g.since));
}

void check_staleness(struct look *l)
{
    const struct stale *st = l->h->stale;
    bool planned = false;
    for (size_t i = 0; i < json_array_size(l->h->proves); i++) {
        const char *id = json_string_value(json_array_get(l->h->proves, i));
        planned = planned || (id && !strcmp(id, l->check->info.requirement));
    }
    if (!st || !planned) /* elsewhere it is measured, and judged by what is tried there */
        return;
    bool wrong = st->koppelpunt && feed_wrong(l);
    for (size_t i = 0; i < st->n; i++)
        if (stale_measured(st, &st->v[i]) && !st->v[i].died)
            judge_one(l, st, &st->v[i], wrong);
}
