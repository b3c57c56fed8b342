/* Why an aanmelding is not shown as it is, and for how long. */
#include "harness/base/mem.h"
#include "harness/judge/staleness_parts.h"

static bool shows(const struct stale *st, const struct person *p, uint16_t instelling,
                  uint16_t opleiding, int status)
{
    for (uint32_t i = p->first_shown; i; i = st->shown[i - 1].next) {
        const struct shown *w = &st->shown[i - 1];
        if (w->instelling == instelling && w->opleiding == opleiding &&
            (status < 0 || w->status == status))
            return true;
    }
    return false;
}

/* Another aanmelding of this person with the same instelling and opleiding. */
static bool twin(const struct stale *st, const struct person *p, const struct subject *s)
{
    for (uint32_t i = p->first; i; i = st->v[i - 1].next) {
        const struct subject *o = &st->v[i - 1];
        if (o != s && o->truth.present && o->instelling == s->instelling &&
            o->truth.opleiding == s->truth.opleiding)
            return true;
    }
    return false;
}

bool stale_is_fresh(const struct stale *st, const struct subject *s)
{
    const struct person *p = stale_person(st, s);
    const struct holding *t = &s->truth;
    if (t->present)
        return p && shows(st, p, s->instelling, t->opleiding, t->status);
    return !p || !shows(st, p, s->instelling, t->opleiding, -1) || twin(st, p, s);
}

static enum stale_cause cause_on_road(const struct stale *st, const struct subject *s,
                                      uint64_t t)
{
    if (!st->connects || t < st->connected)
        return STALE_BEFORE_DATE;
    if (st->down || st->fault)
        return STALE_FAULT;
    if (!s->at.missed || s->at.in_feed)
        return STALE_NOT_FETCHED;
    /* What our own koppelpunt does not serve got lost in what we did to it. */
    return !st->koppelpunt && st->disturbed ? STALE_FAULT : STALE_IN_KOPPELPUNT;
}

static enum stale_cause cause_at_source(const struct stale *st, const struct subject *s)
{
    if (s->at.tried && s->at.fate == FATE_REFUSED)
        return STALE_REFUSED;
    if ((s->at.tried && s->at.fault) || (st->koppelpunt && st->down))
        return STALE_FAULT;
    return s->truth.silent && !s->at.tried ? STALE_SILENT : STALE_NOT_SENT;
}

static enum stale_cause cause_of(const struct stale *st, const struct subject *s,
                                 uint64_t t)
{
    const struct person *p = stale_person(st, s);
    if (stale_is_fresh(st, s))
        return STALE_NOT;
    if (s->truth.present && (s->truth.status == STATUS_SUBMITTED || s->numberless))
        return STALE_NOT_DELIVERABLE;
    if (s->at.delivered && (st->down || s->at.spoilt))
        return STALE_FAULT;
    if (s->at.delivered)
        return p && p->asked > s->at.delivered ? STALE_SYSTEM : STALE_NOT_LOOKED;
    if (s->at.tried && s->at.fate == FATE_ACCEPTED)
        return cause_on_road(st, s, t);
    return cause_at_source(st, s);
}

static void keep(struct stale *st, const struct subject *s, uint64_t from, uint64_t to,
                 enum stale_cause cause)
{
    if (to <= from || cause == STALE_NOT)
        return;
    list_add(st->past, st->n_past, st->cap_past);
    st->past[st->n_past - 1] =
        (struct stale_past){.subject = (uint32_t)(s - st->v), .span = {from, to, cause}};
}

void stale_account(struct stale *st, struct subject *s, uint64_t t)
{
    uint64_t date = st->connected;
    if (s->cause == STALE_BEFORE_DATE && st->connects && date > s->since && date < t) {
        keep(st, s, s->since, date, STALE_BEFORE_DATE);
        keep(st, s, date, t, STALE_NOT_FETCHED);
    } else {
        keep(st, s, s->since, t, s->cause);
    }
    s->since = t > s->since ? t : s->since;
}

/* The list of those that are stale now. */
static void enlist(struct stale *st, struct subject *s, bool stale)
{
    if (stale == (s->stale_at != 0))
        return;
    if (stale) {
        list_add(st->stale, st->n_stale, st->cap_stale);
        st->stale[st->n_stale - 1] = (uint32_t)(s - st->v);
        s->stale_at = (uint32_t)st->n_stale;
        return;
    }
    uint32_t last = st->stale[--st->n_stale];
    st->stale[s->stale_at - 1] = last;
    st->v[last].stale_at = s->stale_at;
    s->stale_at = 0;
}

void stale_settle(struct stale *st, struct subject *s, uint64_t t)
{
    if (s->died)
        return;
    enum stale_cause c = cause_of(st, s, t);
    if (c == s->cause)
        return;
    stale_account(st, s, t);
    s->cause = c;
    enlist(st, s, c != STALE_NOT);
}

void stale_settle_person(struct stale *st, const struct person *p, uint64_t t)
{
    for (uint32_t i = p->first; i; i = st->v[i - 1].next)
        stale_settle(st, &st->v[i - 1], t);
}

void stale_settle_all(struct stale *st, uint64_t t)
{
    for (size_t i = st->n_stale; i-- > 0;)
        stale_settle(st, &st->v[st->stale[i]], t);
}

void stale_dies(struct stale *st, struct subject *s, uint64_t t)
{
    if (s->died)
        return;
    stale_account(st, s, t);
    s->died = t;
    enlist(st, s, false);
}
