/* Walks along the pages that each reader read, following its cursors. */
#include "harness/judge/checks_list.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

/* How long a change may take to reach the feed (KP-LEV-08). */
#define DELAY_MAX (60 * (uint64_t)NS_PER_S)
#define DELAY_AIM (5 * (uint64_t)NS_PER_S)
/* Below this number of messages a 99th percentile says nothing. */
#define AIM_MESSAGES 100

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t x = a * 0x9e3779b97f4a7c15u + b;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* One number for what an entry or a message says about an aanmelding. */
static uint64_t feed_content(uint32_t bsn, uint16_t instelling, uint16_t opleiding,
                             uint8_t status, when_t begin)
{
    uint64_t who = (uint64_t)bsn << 32 | (uint64_t)instelling << 16 | opleiding;
    return mix(mix(who, status), (uint64_t)begin);
}

static uint64_t content_of(const struct entry *e)
{
    return feed_content(e->bsn, e->instelling, e->opleiding, e->status, e->begin);
}

/* A reading: the pages from one start, as far as the reader followed them. */
struct chain {
    uint64_t began;
    bool full; /* began without a cursor, and its first run of pages is not over */
    bool held; /* that run has entries */
};
/* Where a cursor stands: in which chain, after which volgnummer. */
struct mark {
    uint32_t chain;
    uint64_t volgnummer;
};

struct walk {
    struct history *h;
    struct look order, resend, full, ids;
    struct chain *chains;
    size_t n_chains, cap_chains;
    struct mark *marks;
    size_t n_marks, cap_marks;
    struct lookup *cursors; /* reader, cursor -> mark + 1 */
    struct lookup *latest;  /* chain, aanmeldId -> entry + 1 */
    struct lookup *first;   /* reader, aanmeldId, content -> request + 1 */
    struct lookup *any;     /* the same for whoever was the first reader */
    struct lookup *sent;    /* content -> how many messages said so */
    struct lookup *status;  /* content without its begin -> the same */
    struct lookup *place;   /* aanmeldId -> instelling */
    struct lookup *lives;   /* person, instelling, opleiding -> aanmeldIds */
    struct lookup *keys;    /* the same -> ketenids */
    struct lookup *known;   /* pairs that were counted */
    bool stands;
};

/* ---- what was sent ---- */

static uint64_t triple(uint32_t bsn, uint16_t instelling, uint16_t opleiding)
{
    return (uint64_t)bsn << 32 | (uint64_t)instelling << 16 | opleiding;
}

/* Counts `key` in `table` once per different `part`. */
static void count_once(struct walk *w, struct lookup *table, uint64_t key, uint64_t part)
{
    uint32_t *seen = lookup_at(w->known, mix(key, part));
    if (*seen)
        return;
    *seen = 1;
    ++*lookup_at(table, key);
}

static void count_sent(struct walk *w)
{
    const struct history *h = w->h;
    for (size_t i = 0; i < h->n_writes; i++) {
        const struct write *wr = &h->writes[i];
        if (wr->fate == FATE_REFUSED)
            continue;
        w->stands = w->stands || wr->stand;
        for (size_t k = wr->first; k < wr->first + wr->n; k++) {
            const struct melding *m = &h->meldingen[k];
            ++*lookup_at(w->status,
                         feed_content(m->bsn, m->instelling, m->opleiding, m->status, 0));
            ++*lookup_at(w->sent, feed_content(m->bsn, m->instelling, m->opleiding,
                                               m->status, m->begin));
            count_once(w, w->keys, triple(m->bsn, m->instelling, m->opleiding),
                       (uint64_t)m->ketenid | 1ull << 62);
        }
    }
}

/* Did exactly the same come in more than once? KP-ORD-04 asks that it changes nothing. */
static bool sent_again(const struct walk *w, const struct entry *e)
{
    return lookup_get(w->sent, content_of(e)) > 1;
}

/* Did the same status come in more than once, perhaps with another begin? Then a change
 * of volgnummer may have a cause: a repeat may or may not move statusBegin. */
static bool repeated(const struct walk *w, const struct entry *e)
{
    return lookup_get(w->status, feed_content(e->bsn, e->instelling, e->opleiding,
                                              e->status, 0)) > 1;
}

/* ---- one entry after another ---- */

static uint64_t with_reader(uint32_t reader, uint32_t other)
{
    return (uint64_t)reader << 32 | other;
}

static json_t *number(uint64_t v)
{
    return json_integer((json_int_t)v);
}

/* What a page said of an aanmelding, as a key. */
static uint64_t said(const struct entry *e)
{
    return mix(e->id, e->lapsed ? 1 : content_of(e));
}

/* Where this was said before the reading began: to the same reader, or on one page to
 * anybody (a page is of one moment, so that no copy that lags behind can explain it). */
static const struct request *known_before(const struct walk *w, const struct request *r,
                                          const struct chain *c, const struct entry *e,
                                          bool one_page)
{
    uint32_t at = lookup_get(w->first, mix(said(e), r->from));
    if (!at && one_page)
        at = lookup_get(w->any, said(e));
    const struct request *before = at ? &w->h->requests[at - 1] : NULL;
    return before && before->ended < c->began ? before : NULL;
}

/* The same aanmelding for the second time along one reading. */
static void met_again(struct walk *w, const struct request *r, const struct chain *c,
                      const struct entry *old, const struct entry *e)
{
    bool same = !old->lapsed && !e->lapsed && content_of(old) == content_of(e);
    bool one_page = old >= &w->h->entries[r->first];
    const struct request *before;
    if (same && !repeated(w, e)) {
        if (e->volgnummer != old->volgnummer)
            look_bad(&w->order, r->seq, 0, number(old->volgnummer), number(e->volgnummer),
                     "the unchanged status of aanmelding %s came twice, under two "
                     "volgnummers",
                     names_at(w->h->texts, e->id));
        if (c->full)
            look_bad(&w->full, r->seq, 0, json_string("each aanmelding once"),
                     json_string(names_at(w->h->texts, e->id)),
                     "a full reading holds an aanmelding twice");
    } else if (same) {
        if (sent_again(w, e) && !w->stands)
            look_should(
                &w->resend, r->seq, 0, number(old->volgnummer), number(e->volgnummer),
                "the status of aanmelding %s was only sent again, and made a change in "
                "the feed",
                names_at(w->h->texts, e->id));
    } else if (c->full && !w->stands && (before = known_before(w, r, c, e, one_page))) {
        /* The older of the two is only right when the change was on its way. */
        look_bad(&w->full, r->seq, before->seq, json_string("the current status only"),
                 json_string(names_at(w->h->texts, e->id)),
                 "a full reading holds a status that was overtaken before it began");
    }
}

/* An aanmelding that lapsed before the reading began is not in a full state. */
static void met_lapsed(struct walk *w, const struct request *r, const struct chain *c,
                       const struct entry *e)
{
    const struct request *before = known_before(w, r, c, e, !r->has_sinds);
    if (c->full && before)
        look_bad(&w->full, r->seq, before->seq, json_string("live aanmeldingen only"),
                 json_string(names_at(w->h->texts, e->id)),
                 "a full reading holds an aanmelding that had lapsed before it began");
}

static void note_life(struct walk *w, const struct request *r, const struct entry *e)
{
    const char *id = names_at(w->h->texts, e->id);
    uint32_t *place = lookup_at(w->place, e->id);
    if (e->lapsed)
        return;
    if (*place && *place != e->instelling)
        look_bad(&w->ids, r->seq, 0, json_string(names_at(w->h->codes, *place)),
                 json_string(names_at(w->h->codes, e->instelling)),
                 "the aanmeldId %s stood for an aanmelding at another instelling before",
                 id);
    *place = e->instelling;
    const char *mask = strchr(id, '~');
    if (mask && mask - id >= 3 && names_find(w->h->trial->numbers, mask - 3, 14))
        look_bad(&w->ids, r->seq, 0, json_string("nothing personal"), json_string(id),
                 "an aanmeldId holds a personal number");
    uint64_t key = triple(e->bsn, e->instelling, e->opleiding);
    uint32_t had = lookup_get(w->lives, key), may = lookup_get(w->keys, key);
    count_once(w, w->lives, key, (uint64_t)e->id | 1ull << 63);
    uint32_t lives = lookup_get(w->lives, key);
    if (may && lives > may && lives > had)
        look_bad(&w->ids, r->seq, 0, number(may), number(lives),
                 "one aanmelding was delivered under %u different aanmeldIds", lives);
}

static void walk_entry(struct walk *w, const struct request *r, uint32_t chain,
                       uint64_t *after, size_t at)
{
    const struct entry *e = &w->h->entries[at];
    const struct chain *c = &w->chains[chain];
    bool rises = e->volgnummer > *after;
    if (*after && !rises)
        look_bad(&w->order, r->seq, 0,
                 json_sprintf("more than %llu", (unsigned long long)*after),
                 number(e->volgnummer), "the volgnummer does not rise");
    else if (*after)
        look_good(&w->order, r->seq);
    if (rises)
        *after = e->volgnummer;
    uint32_t *latest = lookup_at(w->latest, with_reader(chain + 1, e->id));
    uint32_t old = *latest;
    *latest = (uint32_t)at + 1;
    /* A page that is read once more from an older cursor says nothing new. */
    if (old && (!rises || e->volgnummer > w->h->entries[old - 1].volgnummer))
        met_again(w, r, c, &w->h->entries[old - 1], e);
    if (!old && e->lapsed)
        met_lapsed(w, r, c, e);
    uint32_t *first = lookup_at(w->first, mix(said(e), r->from));
    uint32_t *any = lookup_at(w->any, said(e));
    if (*first)
        look_good(&w->ids, r->seq); /* recognised again */
    else
        *first = (uint32_t)(r - w->h->requests) + 1;
    if (!*any)
        *any = *first;
    note_life(w, r, e);
}

/* ---- page after page ---- */

static uint32_t chain_new(struct walk *w, const struct request *r)
{
    list_add(w->chains, w->n_chains, w->cap_chains);
    w->chains[w->n_chains - 1] = (struct chain){.began = r->began, .full = !r->has_sinds};
    return (uint32_t)w->n_chains - 1;
}

static void walk_page(struct walk *w, const struct request *r)
{
    struct mark m = {0};
    uint32_t known =
        r->has_sinds ? lookup_get(w->cursors, with_reader(r->from, r->sinds)) : 0;
    if (known)
        m = w->marks[known - 1];
    else
        m.chain = chain_new(w, r);
    for (size_t i = r->first; i < r->first + r->n; i++)
        walk_entry(w, r, m.chain, &m.volgnummer, i);
    struct chain *c = &w->chains[m.chain];
    c->held = c->held || (c->full && r->n);
    if (c->full && !r->meer) {
        if (c->held)
            look_good(&w->full, r->seq);
        c->full = false;
    }
    uint32_t *mark = lookup_at(w->cursors, with_reader(r->from, r->volgende));
    if (!*mark) {
        list_add(w->marks, w->n_marks, w->cap_marks);
        *mark = (uint32_t)w->n_marks;
    }
    w->marks[*mark - 1] = m;
}

static bool is_page(const struct request *r)
{
    return r->kind == REQUEST_FETCH && !r->at_server && r->whole;
}

/* Messages that repeated a status and left the feed as it was. */
static void good_resends(struct walk *w)
{
    const struct history *h = w->h;
    uint64_t sent = 0;
    bool read_after = false;
    for (size_t i = 0; i < h->n_writes; i++)
        if (h->writes[i].ended > sent)
            sent = h->writes[i].ended;
    for (size_t i = 0; i < h->n_requests; i++)
        read_after = read_after || (is_page(&h->requests[i]) && !h->requests[i].meer &&
                                    h->requests[i].began > sent);
    if (w->stands || !read_after)
        return;
    for (size_t i = 0; i < h->n_requests; i++) {
        const struct request *r = &h->requests[i];
        for (size_t k = r->first; k < r->first + r->n; k++)
            if (!h->entries[k].lapsed && sent_again(w, &h->entries[k]))
                look_good(&w->resend, r->seq);
    }
}

void check_feed_walk(struct look *l)
{
    struct walk w = {.h = l->h, .order = *l};
    struct lookup **tables[] = {&w.cursors, &w.latest, &w.first, &w.any,  &w.sent,
                                &w.status,  &w.place,  &w.lives, &w.keys, &w.known};
    w.resend = look_for(l, "resends");
    w.full = look_for(l, "full-state");
    w.ids = look_for(l, "aanmeld-ids");
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        *tables[i] = lookup_new();
    count_sent(&w);
    for (size_t i = 0; i < l->h->n_requests; i++)
        if (is_page(&l->h->requests[i]))
            walk_page(&w, &l->h->requests[i]);
    good_resends(&w);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        lookup_free(*tables[i]);
    free(w.chains);
    free(w.marks);
}

/* ---- KP-LEV-08 ---- */

/* The message that decides about an aanmelding at the end, when that is plain. */
struct subject {
    uint32_t write, melding;
    bool doubtful;
};

struct fresh {
    struct history *h;
    struct subject *v;
    size_t n, cap;
    struct lookup *by_key;   /* instelling, ketenid -> subject + 1 */
    struct lookup *by_other; /* instelling, caketenid -> ketenid */
    struct lookup *stands;   /* instelling -> 1: a stand spoke about it */
    struct lookup *seen;     /* reader, content -> request + 1 */
    /* Of each request: when its reader had last read all there was, request + 1. */
    uint32_t *before;
    size_t late, judged;
};

static void fresh_melding(struct fresh *f, uint32_t write, uint32_t at)
{
    const struct write *w = &f->h->writes[write];
    const struct melding *m = &f->h->meldingen[at];
    uint32_t *place = lookup_at(f->by_key, (uint64_t)m->instelling << 32 | m->ketenid);
    if (!*place) {
        list_add(f->v, f->n, f->cap);
        f->v[f->n - 1] = (struct subject){.write = write, .melding = at};
        *place = (uint32_t)f->n;
    }
    struct subject *s = &f->v[*place - 1];
    const struct melding *old = &f->h->meldingen[s->melding];
    /* A repeat may or may not move statusBegin; a stand, another person or a second
     * ketenid make it another story: those are the oracle's. */
    s->doubtful = s->doubtful || w->stand || w->fate != FATE_ACCEPTED ||
                  m->bsn != old->bsn || (m != old && m->status == old->status);
    if (m->caketenid) {
        uint32_t *other =
            lookup_at(f->by_other, (uint64_t)m->instelling << 32 | m->caketenid);
        s->doubtful = s->doubtful || (*other && *other != m->ketenid);
        *other = m->ketenid;
    }
    if (m->begin > old->begin || (m->begin == old->begin && m->status > old->status)) {
        s->write = write;
        s->melding = at;
    }
}

static void fresh_subject(struct fresh *f, struct look *l, const struct subject *s,
                          uint32_t reader)
{
    const struct history *h = f->h;
    const struct write *w = &h->writes[s->write];
    const struct melding *m = &h->meldingen[s->melding];
    uint64_t content =
        feed_content(m->bsn, m->instelling, m->opleiding, m->status, m->begin);
    uint32_t first = lookup_get(f->seen, mix(content, reader));
    if (!first)
        return; /* never seen is not late: that is KP-INT-01's */
    const struct request *without =
        f->before[first - 1] ? &h->requests[f->before[first - 1] - 1] : NULL;
    uint64_t late = without && without->began > w->ended ? without->began - w->ended : 0;
    f->judged++;
    f->late += late > DELAY_AIM;
    if (late > DELAY_MAX)
        look_bad(l, w->seq, without->seq, json_string("60 s"),
                 json_sprintf("%.1f s", (double)late / (double)NS_PER_S),
                 "an accepted message was not in the feed of %s after %.1f s",
                 names_at(h->texts, reader), (double)late / (double)NS_PER_S);
    else
        look_good(l, w->seq);
}

static void fresh_readers(struct fresh *f, struct look *l)
{
    struct history *h = f->h;
    struct lookup *readers = lookup_new(), *whole = lookup_new();
    for (size_t i = 0; i < h->n_requests; i++) {
        const struct request *r = &h->requests[i];
        if (!is_page(r))
            continue;
        f->before[i] = lookup_get(whole, r->from);
        if (!r->meer)
            *lookup_at(whole, r->from) = (uint32_t)i + 1;
        for (size_t k = r->first; k < r->first + r->n; k++) {
            uint32_t *seen = lookup_at(f->seen, mix(content_of(&h->entries[k]), r->from));
            if (!*seen)
                *seen = (uint32_t)i + 1;
        }
    }
    for (size_t i = 0; i < h->n_requests; i++) {
        uint32_t *known = lookup_at(readers, h->requests[i].from);
        if (*known || !is_page(&h->requests[i]))
            continue;
        *known = 1;
        for (size_t k = 0; k < f->n; k++) {
            const struct melding *m = &h->meldingen[f->v[k].melding];
            if (!f->v[k].doubtful && m->bsn && m->status != STATUS_SUBMITTED &&
                !lookup_get(f->stands, m->instelling))
                fresh_subject(f, l, &f->v[k], h->requests[i].from);
        }
    }
    lookup_free(readers);
    lookup_free(whole);
}

void check_freshness(struct look *l)
{
    struct fresh f = {.h = l->h,
                      .by_key = lookup_new(),
                      .by_other = lookup_new(),
                      .stands = lookup_new(),
                      .seen = lookup_new()};
    for (size_t i = 0; i < l->h->n_writes; i++) {
        const struct write *w = &l->h->writes[i];
        if (w->stand && w->fate != FATE_REFUSED)
            *lookup_at(f.stands, w->instelling) = 1;
        for (size_t k = w->first; w->fate != FATE_REFUSED && k < w->first + w->n; k++)
            fresh_melding(&f, (uint32_t)i, (uint32_t)k);
    }
    f.before = xcalloc(l->h->n_requests + 1, sizeof *f.before);
    fresh_readers(&f, l);
    if (f.judged >= AIM_MESSAGES && f.late * 100 > f.judged)
        look_should(l, 0, 0, json_string("99 in 100 within 5 s"),
                    json_sprintf("%zu of %zu later", f.late, f.judged),
                    "more than 1 in 100 messages took longer than 5 s to be in the feed");
    lookup_free(f.by_key);
    lookup_free(f.by_other);
    lookup_free(f.stands);
    lookup_free(f.seen);
    free(f.before);
    free(f.v);
}
