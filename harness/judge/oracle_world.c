/* Reads a history into aanmeldingen and acts, and the last audit into a state. */
#include "harness/judge/oracle_world.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

/* ---- the aanmeldingen of a scenario ---- */

static uint32_t root_of(struct world *w, uint32_t at)
{
    while (w->v[at].parent != at) {
        w->v[at].parent = w->v[w->v[at].parent].parent;
        at = w->v[at].parent;
    }
    return at;
}

static uint32_t subject_of_key(struct world *w, uint16_t instelling, uint32_t key)
{
    uint32_t *place = lookup_at(w->keys, (uint64_t)instelling << 32 | key);
    if (!*place) {
        list_add(w->v, w->n, w->cap);
        w->v[w->n - 1] =
            (struct subject){.parent = (uint32_t)w->n - 1, .instelling = instelling};
        *place = (uint32_t)w->n;
    }
    return root_of(w, *place - 1);
}

/* Same ketenid or same caketenid at one instelling is one aanmelding. Whether two are one
 * is unknown while only a message of unknown fate says so. */
static void unite(struct world *w, const struct melding *m, bool certain)
{
    uint32_t a = subject_of_key(w, m->instelling, m->ketenid);
    if (!m->caketenid)
        return;
    uint32_t b = subject_of_key(w, m->instelling, m->caketenid);
    if (a == b)
        return;
    struct subject *x = &w->v[a], *y = &w->v[b];
    if (!certain && x->n_acts && y->n_acts) {
        x->doubtful = y->doubtful = true;
        return;
    }
    y->parent = a;
    x->doubtful = x->doubtful || y->doubtful;
}

static uint32_t find_subject(struct world *w, const struct melding *m)
{
    uint32_t key = m->ketenid ? m->ketenid : m->caketenid;
    uint32_t at = subject_of_key(w, m->instelling, key);
    w->v[at].doubtful = w->v[at].doubtful || !key;
    return at;
}

/* ---- what happened to them ---- */

static bool same_message(const struct melding *a, const struct melding *b)
{
    return a->ketenid == b->ketenid && a->bsn == b->bsn &&
           a->instelling == b->instelling && a->opleiding == b->opleiding &&
           a->status == b->status && a->begin == b->begin;
}

static void add_act(struct world *w, uint32_t subject, const struct act *a)
{
    list_add(w->acts, w->n_acts, w->cap_acts);
    w->acts[w->n_acts - 1] = (struct act_item){.a = *a};
    struct subject *s = &w->v[subject];
    if (s->last)
        w->acts[s->last - 1].next = (uint32_t)w->n_acts;
    else
        s->first = (uint32_t)w->n_acts;
    s->last = (uint32_t)w->n_acts;
    s->n_acts++;
}

/* Whether it was taken in is certain: it was accepted, and as the scenario expected. */
static bool certain(const struct world *w, const struct write *wr)
{
    const char *step = names_at(w->h->texts, wr->step);
    return wr->fate == FATE_ACCEPTED &&
           !names_find(w->h->failed_steps, step, strlen(step));
}

/* The same meldingId again: it settles what was unknown, and changes nothing else. */
static void repeated(struct world *w, uint32_t subject, struct once *o,
                     const struct write *wr, const struct melding *m)
{
    struct act *a = &w->acts[o->act - 1].a;
    struct subject *s = &w->v[subject];
    s->repeated = true;
    if (!same_message(o->m, m)) {
        /* Should have been refused (KP-INT-03); the first stands if there was one. */
        s->doubtful = s->doubtful || !a->certain;
    } else if (!a->certain && certain(w, wr)) {
        a->certain = true;
        a->to = wr->ended;
    }
}

static void add_message(struct world *w, const struct write *wr, const struct melding *m)
{
    uint32_t at = find_subject(w, m);
    uint32_t *place = m->id ? lookup_at(w->ids, m->id) : NULL;
    if (place && *place) {
        repeated(w, at, &w->once[*place - 1], wr, m);
        return;
    }
    struct act a = {.m = m,
                    .certain = certain(w, wr),
                    .seq = wr->seq,
                    .from = wr->began,
                    .to = wr->ended};
    add_act(w, at, &a);
    if (place) {
        list_add(w->once, w->n_once, w->cap_once);
        w->once[w->n_once - 1] = (struct once){.act = (uint32_t)w->n_acts, .m = m};
        *place = (uint32_t)w->n_once;
    }
}

/* A stand concerns every aanmelding of its instelling that is known by then. */
static void add_stand(struct world *w, const struct write *wr, uint32_t number)
{
    for (size_t i = wr->first; i < wr->first + wr->n; i++) {
        uint32_t at = find_subject(w, &w->h->meldingen[i]);
        w->v[at].held_by = number;
        w->v[at].held_as = (uint32_t)i;
    }
    for (uint32_t i = 0; i < w->n; i++) {
        struct subject *s = &w->v[i];
        if (s->parent != i || s->instelling != wr->instelling)
            continue;
        bool held = s->held_by == number;
        struct act a = {.m = held ? &w->h->meldingen[s->held_as] : NULL,
                        .stand = true,
                        .certain = certain(w, wr),
                        .peildatum = wr->peildatum,
                        .seq = wr->seq,
                        .from = wr->began,
                        .to = wr->ended};
        add_act(w, i, &a);
    }
}

/* An unknown stand that was sent again and accepted is settled by that. */
static bool settled_later(const struct world *w, size_t at)
{
    const struct write *a = &w->h->writes[at];
    for (size_t i = at + 1; i < w->h->n_writes; i++) {
        const struct write *b = &w->h->writes[i];
        if (b->stand && b->fate == FATE_ACCEPTED && b->instelling == a->instelling &&
            b->peildatum == a->peildatum && b->n == a->n)
            return true;
    }
    return false;
}

static void read_writes(struct world *w)
{
    const struct history *h = w->h;
    for (int pass = 0; pass < 2; pass++) /* who is who: first by what is certain */
        for (size_t i = 0; i < h->n_writes; i++)
            for (size_t k = h->writes[i].first; k < h->writes[i].first + h->writes[i].n;
                 k++)
                if ((h->writes[i].fate == FATE_ACCEPTED) == !pass &&
                    h->writes[i].fate != FATE_REFUSED)
                    unite(w, &h->meldingen[k], !pass);
    for (size_t i = 0; i < h->n_writes; i++) {
        const struct write *wr = &h->writes[i];
        for (size_t k = wr->first; k < wr->first + wr->n; k++) {
            const struct melding *m = &h->meldingen[k];
            *lookup_at(w->people, m->bsn) = 1;
            if (!wr->stand && wr->fate != FATE_REFUSED)
                add_message(w, wr, m);
            if (!wr->stand && wr->fate == FATE_REFUSED) {
                uint32_t at = find_subject(w, m);
                w->v[at].refused_bsn = m->bsn;
            }
        }
        if (wr->stand && wr->fate != FATE_REFUSED &&
            (wr->fate == FATE_ACCEPTED || !settled_later(w, i)))
            add_stand(w, wr, (uint32_t)i + 1);
    }
}

/* ---- the reading ---- */

static bool by_reader(const struct world *w, const struct request *r)
{
    const char *from = names_at(w->h->texts, r->from);
    const char *reader = names_at(w->h->texts, w->audit->reader);
    const char *colon = strchr(from, ':');
    return r->from == w->audit->reader || (colon && !strcmp(colon + 1, reader));
}

static bool in_audit(const struct world *w, const struct request *r)
{
    return r->kind == REQUEST_FETCH && !r->at_server && r->whole &&
           r->began >= w->audit->began && r->ended <= w->audit->ended && by_reader(w, r);
}

/* Which of two entries of one aanmeldId a reader shows: a lapse ends what was before it,
 * and within one life the latest begin counts, at equal times the highest rank (section
 * 8, Order). */
static uint32_t read_on(const struct entry *entries, uint32_t old, uint32_t new)
{
    const struct entry *a = &entries[old], *b = &entries[new];
    if (b->volgnummer < a->volgnummer)
        return old;
    if (a->lapsed || b->lapsed || b->begin != a->begin)
        return a->lapsed || b->lapsed || b->begin > a->begin ? new : old;
    return b->status >= a->status ? new : old;
}

/* The state that the last complete audit ends with. False when there is none. */
static bool read_audit(struct world *w)
{
    const struct history *h = w->h;
    for (size_t i = h->n_audits; !w->audit && i-- > 0;)
        if (h->audits[i].complete && h->audits[i].ended)
            w->audit = &h->audits[i];
    if (!w->audit)
        return false;
    struct lookup *last = lookup_new(); /* aanmeldId -> final + 1 */
    bool begun = false, whole = false;
    for (size_t i = 0; i < h->n_requests; i++) {
        const struct request *r = &h->requests[i];
        if (!in_audit(w, r))
            continue;
        if (!r->has_sinds) { /* it began anew */
            lookup_free(last);
            last = lookup_new();
            w->n_final = 0;
            begun = true;
        }
        whole = begun && !r->meer;
        for (size_t k = r->first; k < r->first + r->n; k++) {
            uint32_t *place = lookup_at(last, h->entries[k].id);
            if (!*place) {
                list_add(w->final, w->n_final, w->cap_final);
                w->final[w->n_final - 1] = (uint32_t)k;
                *place = (uint32_t)w->n_final;
            } else {
                w->final[*place - 1] =
                    read_on(h->entries, w->final[*place - 1], (uint32_t)k);
            }
        }
    }
    lookup_free(last);
    return whole;
}

static void index_reading(struct world *w)
{
    w->owner = xcalloc(w->n_final + 1, sizeof *w->owner);
    w->next = xcalloc(w->n_final + 1, sizeof *w->next);
    for (size_t i = 0; i < w->n_final; i++) {
        const struct entry *e = &w->h->entries[w->final[i]];
        if (e->lapsed)
            continue;
        uint32_t *first = lookup_at(w->by_person, (uint64_t)e->bsn << 16 | e->instelling);
        w->next[i] = *first;
        *first = (uint32_t)i + 1;
    }
}

/* ---- whole ---- */

bool world_init(struct world *w, struct history *h)
{
    *w = (struct world){.h = h,
                        .keys = lookup_new(),
                        .ids = lookup_new(),
                        .people = lookup_new(),
                        .by_person = lookup_new()};
    if (!read_audit(w))
        return false;
    read_writes(w);
    index_reading(w);
    return true;
}

void world_done(struct world *w)
{
    lookup_free(w->keys);
    lookup_free(w->ids);
    lookup_free(w->people);
    lookup_free(w->by_person);
    free(w->v);
    free(w->acts);
    free(w->once);
    free(w->final);
    free(w->owner);
    free(w->next);
}

const struct entry *world_entry(const struct world *w, uint32_t at)
{
    return &w->h->entries[w->final[at]];
}

uint32_t world_entries_of(const struct world *w, uint32_t bsn, uint16_t instelling)
{
    return lookup_get(w->by_person, (uint64_t)bsn << 16 | instelling);
}

static int by_arrival(const void *a, const void *b)
{
    const struct act *x = a, *y = b;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

struct act *world_acts(const struct world *w, const struct subject *s)
{
    struct act *acts = xmalloc((s->n_acts + 1) * sizeof *acts);
    size_t n = 0;
    for (uint32_t i = s->first; i; i = w->acts[i - 1].next)
        acts[n++] = w->acts[i - 1].a;
    qsort(acts, n, sizeof *acts, by_arrival);
    return acts;
}
