#include "harness/judge/freshness.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

/* A status that one side has and the next one is to get. */
struct item {
    struct saying said;
    uint64_t since;
    bool over; /* it got on, or something newer took its place */
};

struct fresh {
    struct freshness *sum;
    const struct relay *relay;
    bool koppelpunt;
    struct item *v;
    size_t n, cap;
    struct lookup *by_content; /* -> item + 1 */
    struct lookup *by_key;     /* aanmelding -> its newest item + 1 */
    struct lookup *seen;       /* content -> place of its first sight + 1 */
    struct lookup *asked;      /* person -> place of the last question + 1 */
    uint64_t *times;           /* what those places hold */
    size_t n_times, cap_times;
    uint64_t last_round; /* begin of the last page that was the end of a round */
};

struct fresh *fresh_new(struct freshness *sum, const struct history *h,
                        const struct relay *r)
{
    struct fresh *f = xcalloc(1, sizeof *f);
    f->sum = sum;
    f->relay = r;
    f->koppelpunt = !strcmp(h->trial->role, "koppelpunt");
    f->by_content = lookup_new();
    f->by_key = lookup_new();
    f->seen = lookup_new();
    f->asked = lookup_new();
    return f;
}

/* The time that a table holds for a key; `made`: it is new. */
static uint64_t *time_at(struct fresh *f, struct lookup *t, uint64_t key, bool *made)
{
    uint32_t *place = lookup_at(t, key);
    *made = !*place;
    if (!*place) {
        list_add(f->times, f->n_times, f->cap_times);
        *place = (uint32_t)f->n_times;
    }
    return &f->times[*place - 1];
}

static uint64_t time_of(const struct fresh *f, const struct lookup *t, uint64_t key)
{
    uint32_t place = lookup_get(t, key);
    return place ? f->times[place - 1] : 0;
}

static bool deliverable(const struct saying *s)
{
    return !s->lapsed && s->bsn && s->status != STATUS_SUBMITTED &&
           s->status != STATUS_NONE;
}

static bool newer(const struct saying *a, const struct saying *b)
{
    return a->begin != b->begin ? a->begin > b->begin : a->status >= b->status;
}

/* ---- one side has it ---- */

static void arrives(struct fresh *f, const struct saying *s, const struct relayed *x)
{
    uint32_t *newest = lookup_at(f->by_key, s->key);
    struct item *old = *newest ? &f->v[*newest - 1] : NULL;
    uint64_t content = saying_content(s);
    if (old && !newer(s, &old->said))
        return; /* a late one: it changes nothing */
    if (old && old->said.status == s->status && old->said.opleiding == s->opleiding &&
        old->said.bsn == s->bsn)
        return; /* said again */
    if (old)
        old->over = true;
    list_add(f->v, f->n, f->cap);
    struct item *i = &f->v[f->n - 1];
    *i = (struct item){.said = *s, .since = x->ended};
    *newest = *lookup_at(f->by_content, content) = (uint32_t)f->n;
    uint64_t seen = time_of(f, f->seen, content);
    i->over = seen != 0;
    if (seen >= x->began && seen) /* it was there before its answer came back */
        samples_add(&f->sum->took, seen > i->since ? seen - i->since : 0);
}

/* It is no more: nobody waits for it. */
static void ends(struct fresh *f, uint32_t key)
{
    uint32_t at = lookup_get(f->by_key, key);
    if (at)
        f->v[at - 1].over = true;
}

/* What a stand does to an aanmelding is the oracle's business. */
static void stand(struct fresh *f, uint16_t instelling)
{
    for (size_t i = 0; i < f->n; i++)
        f->v[i].over = f->v[i].over || f->v[i].said.instelling == instelling;
}

static void sent(struct fresh *f, const struct relayed *x)
{
    if (x->fate == FATE_REFUSED)
        return;
    if (x->stand)
        stand(f, x->instelling);
    for (size_t i = 0; i < x->n && !x->stand; i++)
        if (x->fate == FATE_ACCEPTED && deliverable(&x->v[i]))
            arrives(f, &x->v[i], x);
        else
            ends(f, x->v[i].key);
}

/* ---- the next one has it ---- */

static void gets_on(struct fresh *f, const struct saying *s, uint64_t t)
{
    bool made;
    uint64_t content = saying_content(s);
    uint64_t *first = time_at(f, f->seen, content, &made);
    if (made)
        *first = t;
    uint32_t at = lookup_get(f->by_content, content);
    struct item *i = at ? &f->v[at - 1] : NULL;
    if (!i || i->over)
        return;
    i->over = true;
    samples_add(&f->sum->took, t > i->since ? t - i->since : 0);
}

static void asks(struct fresh *f, uint32_t bsn, uint64_t t)
{
    bool made;
    *time_at(f, f->asked, bsn, &made) = t;
}

static void shown(struct fresh *f, const struct relayed *x)
{
    size_t n;
    const uint32_t *pupils = relay_pupils(f->relay, x->school, &n);
    for (size_t i = 0; i < n; i++)
        if (!x->asked || x->asked == pupils[i])
            asks(f, pupils[i], x->began);
    for (size_t i = 0; i < x->n; i++)
        gets_on(f, &x->v[i], x->ended);
}

static void page(struct fresh *f, const struct relayed *x)
{
    if (!x->whole || x->fault)
        return;
    if (!x->meer)
        f->last_round = x->began;
    for (size_t i = 0; i < x->n; i++) {
        const struct saying *s = &x->v[i];
        if (f->koppelpunt && !s->lapsed)
            gets_on(f, s, x->ended);
        else if (!f->koppelpunt && deliverable(s))
            arrives(f, s, x);
        else if (!f->koppelpunt)
            ends(f, s->key);
    }
}

void fresh_exchange(struct fresh *f, const struct relayed *x)
{
    bool ours = x->reader == relay_reader(f->relay);
    if (x->kind == RELAY_SENT && f->koppelpunt)
        sent(f, x);
    else if (x->kind == RELAY_PAGE && (f->koppelpunt || ours))
        page(f, x);
    else if (x->kind == RELAY_SHOWN && !f->koppelpunt && ours)
        shown(f, x);
}

/* ---- the end ---- */

void fresh_end(struct fresh *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct item *v = &f->v[i];
        uint64_t looked =
            f->koppelpunt ? f->last_round : time_of(f, f->asked, v->said.bsn);
        f->sum->open += !v->over && looked > v->since;
    }
    lookup_free(f->by_content);
    lookup_free(f->by_key);
    lookup_free(f->seen);
    lookup_free(f->asked);
    free(f->times);
    free(f->v);
    free(f);
}

void freshness_done(struct freshness *f)
{
    samples_done(&f->took);
}

json_t *freshness_json(struct freshness *f, const char *role)
{
    bool koppelpunt = !strcmp(role, "koppelpunt");
    if (!f->took.n && !f->open)
        return NULL;
    json_t *o = samples_json(&f->took);
    json_object_set_new(o, "role", json_string(role));
    json_object_set_new(
        o, "what",
        koppelpunt ? json_pack("{ss,ss}", "nl", "van aangenomen tot in de feed", "en",
                               "from accepted to in the feed")
                   : json_pack("{ss,ss}", "nl", "van geleverd tot te zien voor de school",
                               "en", "from delivered to shown at the school"));
    json_object_set_new(o, "open", json_integer((json_int_t)f->open));
    json_object_set_new(o, "histogram", samples_histogram(&f->took));
    return o;
}
