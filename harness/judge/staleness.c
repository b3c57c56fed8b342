/* Follows each aanmelding from its source to the school. The causes are of the present
 * truth: whenever something happens to it, the time until then goes to the old cause. */
#include "harness/judge/staleness.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/staleness_parts.h"
#include "harness/judge/words.h"

static uint64_t count(const json_t *o, const char *key)
{
    json_int_t v = json_integer_value(json_object_get(o, key));
    return v > 0 ? (uint64_t)v : 0;
}

/* ---- what the sources hold ---- */

static struct person *person_of(struct stale *st, uint32_t bsn)
{
    uint32_t *place = lookup_at(st->by_bsn, bsn);
    if (!*place) {
        list_add(st->people, st->n_people, st->cap_people);
        st->people[st->n_people - 1] = (struct person){.bsn = bsn};
        *place = (uint32_t)st->n_people;
    }
    return &st->people[*place - 1];
}

static struct subject *subject_of(struct stale *st, uint32_t ketenid, uint32_t bsn,
                                  uint64_t t)
{
    uint32_t *place = lookup_at(st->by_ketenid, ketenid);
    if (*place)
        return &st->v[*place - 1];
    list_add(st->v, st->n, st->cap);
    struct subject *s = &st->v[st->n - 1];
    *s = (struct subject){.born = t, .since = t};
    *place = (uint32_t)st->n;
    if (bsn) {
        struct person *p = person_of(st, bsn);
        s->person = (uint32_t)(p - st->people) + 1;
        s->next = p->first;
        p->first = *place;
    }
    return s;
}

/* By time, at equal times by rank: which of two statuses holds (CONTRACT.md 4). */
static bool holds(const struct holding *new, const struct holding *old)
{
    if (new->begin != old->begin)
        return new->begin > old->begin;
    return new->status >= old->status || !old->present;
}

static void becomes(struct subject *s, const struct holding *new)
{
    const struct holding *old = &s->truth;
    bool same = old->present == new->present && old->status == new->status &&
                old->opleiding == new->opleiding;
    if (!same)
        s->at = (struct progress){0};
    uint64_t seq = same ? old->seq : new->seq;
    s->truth = *new;
    s->truth.seq = seq;
}

/* Sources send no finer times than these (CONTRACT.md, section 8). */
static when_t whole_ms(when_t t)
{
    when_t rest = t % NS_PER_MS;
    return t - (rest < 0 ? rest + NS_PER_MS : rest);
}

static void on_truth(struct stale *st, const json_t *e)
{
    struct history *h = st->h;
    const char *status = text(e, "status"), *begin = text(e, "begin");
    uint64_t t = count(e, "t");
    uint32_t ketenid = names_id(h->texts, text(e, "ketenid"));
    if (!ketenid || !status)
        return;
    size_t before = st->n;
    struct subject *s = subject_of(st, ketenid, names_id(h->texts, text(e, "bsn")), t);
    struct holding new = {.present = *status != 0,
                          .status = (uint8_t)status_by_name(status),
                          .opleiding = (uint16_t)names_id(h->codes, text(e, "opleiding")),
                          .silent = json_is_true(json_object_get(e, "silent")),
                          .seq = count(e, "seq")};
    if (begin)
        when_parse(begin, strlen(begin), &new.begin);
    new.begin = whole_ms(new.begin);
    if (s->merged && s->person) /* it went on elsewhere: what holds is not plain */
        stale_person(st, s)->own = true;
    s->name = names_id(h->texts, text(e, "application"));
    s->instelling = (uint16_t)names_id(h->codes, text(e, "instelling"));
    /* What it changes silently it holds; a message that comes late, or that a stand spoke
     * about, changes nothing. */
    bool late = !new.silent && ((st->n == before && !holds(&new, &s->truth)) ||
                                (s->settled && new.begin <= s->peildatum) || !*status);
    if (!late || st->n > before)
        becomes(s, &new);
    stale_settle(st, s, t);
}

/* ---- what is sent ---- */

/* Two ketenids of one caketenid are one aanmelding: the one that speaks goes on. */
static struct subject *sent_subject(struct stale *st, const struct saying *m, uint64_t t)
{
    uint32_t at = m->key ? lookup_get(st->by_ketenid, m->key) : 0;
    if (m->other) {
        uint32_t *other = lookup_at(st->by_caketenid, m->other);
        if (at && *other && *other != at) {
            st->v[*other - 1].merged = true;
            stale_dies(st, &st->v[*other - 1], t);
        }
        if (at)
            *other = at;
        at = *other;
    }
    return at ? &st->v[at - 1] : NULL;
}

static void sent(struct subject *s, const struct relayed *x)
{
    struct progress *p = &s->at;
    if (p->tried && p->fate == FATE_ACCEPTED)
        return;
    p->tried = true;
    p->fate = x->fate;
    p->fault = x->fault;
    p->sent = x->ended;
    p->sent_seq = x->seq;
}

/* A stand says what its source held at the peildatum. */
static bool stand_speaks(const struct subject *s, const struct relayed *x)
{
    return !(s->settled && s->peildatum > x->peildatum) && s->truth.begin <= x->peildatum;
}

static void stand_entry(struct subject *s, const struct saying *m,
                        const struct relayed *x)
{
    if (!stand_speaks(s, x))
        return;
    struct holding new = {.present = true,
                          .status = m->status,
                          .opleiding = m->opleiding,
                          .begin = m->begin,
                          .silent = s->truth.silent,
                          .seq = x->seq};
    becomes(s, &new);
}

static void stand(struct stale *st, const struct relayed *x)
{
    struct lookup *held = lookup_new();
    for (size_t i = 0; i < x->n; i++) {
        struct subject *s = sent_subject(st, &x->v[i], x->ended);
        if (!s)
            continue;
        *lookup_at(held, (uint64_t)(s - st->v)) = 1;
        if (x->fate == FATE_ACCEPTED)
            stand_entry(s, &x->v[i], x);
    }
    for (size_t i = 0; i < st->n; i++) {
        struct subject *s = &st->v[i];
        if (s->instelling != x->instelling || !stand_speaks(s, x))
            continue;
        bool in = lookup_get(held, i);
        if (!in && s->truth.present && s->truth.status == STATUS_SUBMITTED)
            continue; /* whether it lapses is open */
        if (!in && s->truth.present && x->fate == FATE_ACCEPTED) {
            struct holding none = s->truth;
            none.present = false;
            none.seq = x->seq;
            becomes(s, &none);
        }
        sent(s, x);
        s->settled = s->settled || x->fate == FATE_ACCEPTED;
        if (x->fate == FATE_ACCEPTED)
            s->peildatum = x->peildatum;
        stale_settle(st, s, x->ended);
    }
    lookup_free(held);
}

static void on_sent(struct stale *st, const struct relayed *x)
{
    if (x->stand) {
        stand(st, x);
        return;
    }
    for (size_t i = 0; i < x->n; i++) {
        const struct saying *m = &x->v[i];
        struct subject *s = sent_subject(st, m, x->ended);
        struct person *p = s ? stale_person(st, s) : NULL;
        if (p && m->bsn && m->bsn != p->bsn)
            p->own = true;
        if (!s || !s->truth.present || m->status != s->truth.status ||
            m->opleiding != s->truth.opleiding || whole_ms(m->begin) != s->truth.begin)
            continue;
        s->numberless = !m->bsn;
        sent(s, x);
        stale_settle(st, s, x->ended);
    }
}

/* ---- what is delivered ---- */

static void reached(struct stale *st, struct subject *s, const struct relayed *x)
{
    struct progress *p = &s->at;
    if (!p->in_feed)
        p->in_feed = x->ended;
    if (x->reader == st->reader && (!p->delivered || p->spoilt)) {
        p->delivered = x->ended;
        p->delivered_seq = x->seq;
        p->spoilt = false;
    }
    stale_settle(st, s, x->ended);
}

/* An entry that shows somebody. */
static void live_entry(struct stale *st, const struct saying *e, const struct relayed *x,
                       const struct round *round)
{
    uint32_t at = lookup_get(st->by_bsn, e->bsn);
    const struct person *p = at ? &st->people[at - 1] : NULL;
    for (uint32_t i = p ? p->first : 0; i; i = st->v[i - 1].next) {
        struct subject *s = &st->v[i - 1];
        if (s->instelling != e->instelling || s->truth.opleiding != e->opleiding)
            continue;
        uint32_t *known = lookup_at(st->by_entry, e->key);
        bool right = s->truth.present && s->truth.status == e->status;
        if (!*known || right)
            *known = i;
        s->held = round ? round->number : s->held;
        if (right)
            reached(st, s, x);
    }
}

static void lapsed_entry(struct stale *st, const struct saying *e,
                         const struct relayed *x)
{
    uint32_t at = lookup_get(st->by_entry, e->key);
    struct subject *s = at ? &st->v[at - 1] : NULL;
    if (s && !s->truth.present)
        reached(st, s, x);
    else if (s && x->reader == st->reader)
        s->at.delivered = 0; /* it is to come again */
}

/* A whole round is over: what could have been in it and was not? */
static void round_over(struct stale *st, const struct round *r, const struct relayed *x)
{
    for (size_t i = st->n_stale; i-- > 0;) {
        struct subject *s = &st->v[st->stale[i]];
        struct progress *p = &s->at;
        if (!p->tried || p->fate != FATE_ACCEPTED || p->sent > r->began)
            continue;
        if (!s->truth.present && r->full && s->held != r->number) {
            /* What a full state does not hold is no more. */
            reached(st, s, x);
        } else if (!p->in_feed) {
            p->missed = r->began;
            p->missed_seq = x->seq;
        }
    }
    if (!x->audit)
        st->fault = false;
    stale_settle_all(st, x->ended);
}

/* Whatever was delivered may be lost by this. */
static void disturbed(struct stale *st, uint64_t t)
{
    st->disturbed = true;
    for (size_t i = 0; i < st->n; i++)
        st->v[i].at.spoilt = st->v[i].at.delivered != 0;
    stale_settle_all(st, t);
}

static void fetch_failed(struct stale *st, const struct relayed *x)
{
    st->round.going = false;
    if (!x->fault)
        return;
    st->fault = true;
    disturbed(st, x->ended);
}

static void on_page(struct stale *st, const struct relayed *x)
{
    bool ours = x->reader == st->reader;
    if (ours && (!x->whole || x->fault))
        fetch_failed(st, x);
    if (!x->whole || x->fault)
        return;
    struct round *r = x->audit ? &st->audit : ours ? &st->round : NULL;
    if (r && (!r->going || x->full))
        *r = (struct round){
            .began = x->began, .number = ++st->rounds, .going = true, .full = x->full};
    for (size_t i = 0; i < x->n; i++)
        if (x->v[i].lapsed)
            lapsed_entry(st, &x->v[i], x);
        else
            live_entry(st, &x->v[i], x, r);
    if (r && !x->meer) {
        round_over(st, r, x);
        r->going = false;
    }
}

/* ---- what is shown ---- */

static void forget(struct stale *st, struct person *p)
{
    while (p->first_shown) {
        struct shown *w = &st->shown[p->first_shown - 1];
        uint32_t next = w->next;
        w->next = st->free_shown;
        st->free_shown = p->first_shown;
        p->first_shown = next;
    }
}

static void show(struct stale *st, const struct saying *a)
{
    uint32_t at = lookup_get(st->by_bsn, a->bsn), place = st->free_shown;
    if (!at)
        return;
    if (place) {
        st->free_shown = st->shown[place - 1].next;
    } else {
        list_add(st->shown, st->n_shown, st->cap_shown);
        place = (uint32_t)st->n_shown;
    }
    struct person *p = &st->people[at - 1];
    st->shown[place - 1] = (struct shown){.instelling = a->instelling,
                                          .opleiding = a->opleiding,
                                          .status = a->status,
                                          .next = p->first_shown};
    p->first_shown = place;
}

/* Only a school whose pupil it is has a right to see anything. */
static void on_shown(struct stale *st, const struct relayed *x)
{
    size_t n;
    const uint32_t *pupils = relay_pupils(st->relay, x->school, &n);
    if (x->reader != st->reader ||
        (x->asked && !relay_belongs(st->relay, x->school, x->asked)))
        return;
    if (x->asked) {
        pupils = &x->asked;
        n = 1;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t at = lookup_get(st->by_bsn, pupils[i]);
        struct person *p = at ? &st->people[at - 1] : person_of(st, pupils[i]);
        forget(st, p);
        p->school = x->school;
        p->asked = x->began;
        p->asked_seq = x->seq;
    }
    for (size_t i = 0; i < x->n; i++)
        if (relay_belongs(st->relay, x->school, x->v[i].bsn))
            show(st, &x->v[i]);
    for (size_t i = 0; i < n; i++)
        stale_settle_person(st, person_of(st, pupils[i]), x->ended);
}

/* From when on the reader may fetch, as its client was last provisioned. */
static void on_client(struct stale *st, uint64_t t)
{
    const struct history *h = st->h;
    uint32_t reader = st->reader;
    for (size_t i = 0; i < h->n_clients; i++) {
        const struct client_view *c = &h->clients[i];
        if (c->soort != 'o' || (reader && c->name != reader))
            continue;
        when_t at = h->trial->has_wall ? c->from - h->trial->wall : 0;
        st->connects = c->connects && !c->withdrawn;
        st->connected = at > 0 ? (uint64_t)at : 0;
        if (!reader)
            break; /* the first is the one that most conversations are about */
    }
    stale_settle_all(st, t);
}

/* What the system knows by itself may be newer than what the source sent. */
static void own_data(struct stale *st, const struct seen_exchange *x)
{
    const char *body = text(x->request, "body");
    json_t *o = body ? json_loads(body, 0, NULL) : NULL;
    const json_t *list = json_object_get(o, "aanmeldingen");
    for (size_t i = 0; i < json_array_size(list); i++) {
        uint32_t bsn = names_id(st->h->texts, text(json_array_get(list, i), "bsn"));
        if (bsn)
            person_of(st, bsn)->own = true;
    }
    json_decref(o);
}

static void find_reader(struct stale *st, uint64_t t)
{
    uint32_t reader = relay_reader(st->relay);
    if (reader == st->reader)
        return;
    st->reader = reader;
    on_client(st, t);
}

void stale_exchange(struct stale *st, const struct seen_exchange *x,
                    const struct relayed *r)
{
    find_reader(st, x->ended);
    if (r->kind == RELAY_SENT)
        on_sent(st, r);
    else if (r->kind == RELAY_PAGE)
        on_page(st, r);
    else if (r->kind == RELAY_SHOWN)
        on_shown(st, r);
    else if (x->at_client && is(x->op, "waarnemer.eigen-aanmeldingen"))
        own_data(st, x);
}

/* ---- around it ---- */

/* Only a new life can have lost what the old one got; the last one just ends. */
static void on_system(struct stale *st, const char *phase, uint64_t t)
{
    if (is(phase, "stopped") || is(phase, "killed"))
        st->down = true;
    else if (is(phase, "started") && st->down)
        disturbed(st, t);
    else if (is(phase, "ready"))
        st->down = false;
    else
        return;
    stale_settle_all(st, t);
}

static void on_step(struct stale *st, const json_t *e)
{
    const char *said = text(e, "text");
    if (st->koppelpunt || !is(text(e, "phase"), "start") || !said ||
        strncmp(said, "koppelpunt", 10))
        return;
    st->fault = true; /* we do something to the koppelpunt that we play */
    disturbed(st, count(e, "t"));
}

/* Who is no longer a pupil of the school that asked is not followed any longer. */
static void on_school(struct stale *st, uint64_t t)
{
    for (size_t i = 0; i < st->n_people; i++) {
        const struct person *p = &st->people[i];
        if (!p->asked || relay_belongs(st->relay, p->school, p->bsn))
            continue;
        for (uint32_t k = p->first; k; k = st->v[k - 1].next)
            stale_dies(st, &st->v[k - 1], t);
    }
}

void stale_event(struct stale *st, const char *kind, const json_t *e)
{
    if (is(kind, "truth"))
        on_truth(st, e);
    else if (is(kind, "client"))
        on_client(st, count(e, "t"));
    else if (is(kind, "system"))
        on_system(st, text(e, "phase"), count(e, "t"));
    else if (is(kind, "step"))
        on_step(st, e);
    else if (is(kind, "school"))
        on_school(st, count(e, "t"));
}

/* ---- life ---- */

struct stale *stale_new(struct history *h, const struct relay *r)
{
    struct stale *st = xcalloc(1, sizeof *st);
    st->h = h;
    st->relay = r;
    st->koppelpunt = is(h->trial->role, "koppelpunt");
    st->connects = true;
    st->by_ketenid = lookup_new();
    st->by_bsn = lookup_new();
    st->by_caketenid = lookup_new();
    st->by_entry = lookup_new();
    return st;
}

void stale_free(struct stale *st)
{
    if (!st)
        return;
    lookup_free(st->by_ketenid);
    lookup_free(st->by_bsn);
    lookup_free(st->by_caketenid);
    lookup_free(st->by_entry);
    free(st->v);
    free(st->people);
    free(st->shown);
    free(st->stale);
    free(st->past);
    free(st);
}

void stale_close(struct stale *st, struct stale_sum *sum)
{
    st->closed = st->h->ended;
    for (size_t i = 0; i < st->n; i++) {
        struct subject *s = &st->v[i];
        uint64_t end = s->died ? s->died : st->closed;
        if (!s->died)
            stale_account(st, s, end);
        if (!stale_measured(st, s) || end <= s->born)
            continue;
        sum->aanmeldingen++;
        list_add(sum->spans, sum->n, sum->cap);
        sum->spans[sum->n - 1] = (struct stale_span){s->born, end, STALE_NOT};
        sum->total[STALE_NOT] += end - s->born;
    }
    for (size_t i = 0; i < st->n_past; i++) {
        const struct stale_span *p = &st->past[i].span;
        if (!stale_measured(st, &st->v[st->past[i].subject]))
            continue;
        list_add(sum->spans, sum->n, sum->cap);
        sum->spans[sum->n - 1] = *p;
        uint64_t took = p->to - p->from, *longest = &sum->longest[p->cause];
        sum->total[p->cause] += took;
        *longest = took > *longest ? took : *longest;
    }
}
