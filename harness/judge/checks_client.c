/* What an overstapsysteem does on the wire (OS-OPH-*), as our koppelpunt sees it. Each
 * check is silent where a trial gives nothing to see. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/checks_list.h"
#include "harness/judge/client_view.h"

static int by_time(const void *a, const void *b)
{
    const struct request *x = *(const struct request *const *)a;
    const struct request *y = *(const struct request *const *)b;
    return (x->began > y->began) - (x->began < y->began);
}

void client_log_init(struct client_log *c, struct history *h)
{
    *c = (struct client_log){.h = h, .interval = h->interval};
    c->v = xcalloc(h->n_requests + 1, sizeof(*c->v));
    for (size_t i = 0; i < h->n_requests; i++)
        if (request_of_system(h, &h->requests[i]))
            c->v[c->n++] = &h->requests[i];
    qsort(c->v, c->n, sizeof(*c->v), by_time);
}

void client_log_done(struct client_log *c)
{
    free(c->v);
}

uint64_t client_patience(const struct client_log *c)
{
    return 2 * c->interval + (uint64_t)NS_PER_S;
}

uint64_t client_quiet_until(const struct client_log *c, uint64_t from)
{
    uint64_t until = c->h->ended;
    for (size_t i = 0; i < c->h->n_moments; i++) {
        const struct moment_event *m = &c->h->moments[i];
        bool ours = m->kind == MOMENT_STARTED || m->kind == MOMENT_GONE ||
                    m->kind == MOMENT_RELOADED || m->kind == MOMENT_DISTURBED;
        if (ours && m->t >= from && m->t < until)
            until = m->t;
    }
    return until;
}

bool client_disturbed(const struct client_log *c, uint64_t from, uint64_t to)
{
    return client_quiet_until(c, from) < to;
}

bool client_restarted(const struct client_log *c, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < c->h->n_moments; i++) {
        const struct moment_event *m = &c->h->moments[i];
        if (m->kind == MOMENT_STARTED && m->t >= from && m->t <= to)
            return true;
    }
    return false;
}

bool client_asked(const struct client_log *c, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < c->h->n_moments; i++) {
        const struct moment_event *m = &c->h->moments[i];
        if (m->kind == MOMENT_ASKED && m->t <= to && m->until >= from)
            return true;
    }
    return false;
}

bool client_good_page(const struct request *r)
{
    return r->kind == REQUEST_FETCH && r->whole && !r->fault;
}

bool client_failed(const struct request *r)
{
    return !r->answered || r->status >= 500 || r->status == 429;
}

static const struct request *next_fetch(const struct client_log *c, size_t after)
{
    for (size_t i = after + 1; i < c->n; i++)
        if (c->v[i]->kind == REQUEST_FETCH)
            return c->v[i];
    return NULL;
}

/* ---- OS-OPH-01 ---- */

static bool same_place(const struct request *a, const struct request *b)
{
    return a->has_sinds == b->has_sinds && a->sinds == b->sinds;
}

/* What became of a page after which there was more. */
static void page_with_more(struct look *l, const struct client_log *c, size_t at)
{
    const struct request *p = c->v[at];
    const struct request *next = next_fetch(c, at);
    for (size_t i = at + 1; i < c->n; i++) {
        const struct request *r = c->v[i];
        if (r->kind != REQUEST_FETCH)
            continue;
        if (r->has_sinds && r->sinds == p->volgende) {
            look_good(l, p->seq);
            return;
        }
        if (same_place(r, p))
            return; /* read once more: then that page counts */
    }
    uint64_t until = client_quiet_until(c, p->began);
    if (next && next->began <= until)
        look_bad(
            l, p->seq, next->seq,
            json_sprintf("sinds=%s", names_at(c->h->texts, p->volgende)),
            json_string(next->has_sinds ? names_at(c->h->texts, next->sinds) : "<undef>"),
            "there was more after this page, but it was not asked for");
    else if (c->interval && until > p->ended + client_patience(c))
        look_bad(l, p->seq, 0,
                 json_sprintf("sinds=%s", names_at(c->h->texts, p->volgende)),
                 json_string("<undef>"),
                 "there was more after this page, but no further request came");
}

void check_follows(struct look *l)
{
    struct client_log c;
    client_log_init(&c, l->h);
    for (size_t i = 0; i < c.n; i++)
        if (client_good_page(c.v[i]) && c.v[i]->meer)
            page_with_more(l, &c, i);
    client_log_done(&c);
}

/* ---- OS-OPH-02 ---- */

/* From the end of a reading that began then to whatever it asks next. Processing a
 * reading may take as long again as its pages did. */
static void gap(struct look *l, const struct client_log *c, const struct request *a,
                const struct request *b, uint64_t began)
{
    uint64_t until = client_quiet_until(c, a->began);
    if (until < a->ended)
        return;
    if (b && b->began > until)
        b = NULL; /* what comes after something else happened is its consequence */
    else if (b)
        until = b->began;
    if (until < a->ended)
        return;
    uint64_t took = until - a->ended;
    if (took > client_patience(c) + (a->ended - began))
        look_bad(l, a->seq, b ? b->seq : 0,
                 json_sprintf("within %.1f s", (double)c->interval / (double)NS_PER_S),
                 json_sprintf("%.1f s", (double)took / (double)NS_PER_S),
                 "it fetched nothing by itself for %.1f s, its interval is %.1f s",
                 (double)took / (double)NS_PER_S, (double)c->interval / (double)NS_PER_S);
    else if (b && !client_asked(c, a->ended, b->began))
        look_good(l, b->seq);
}

void check_by_itself(struct look *l)
{
    struct client_log c;
    client_log_init(&c, l->h);
    const struct request *first = NULL;
    for (size_t i = 0; c.interval && i < c.n; i++) {
        const struct request *r = c.v[i];
        if (!client_good_page(r))
            continue;
        first = first && r->has_sinds ? first : r;
        if (r->meer)
            continue;
        gap(l, &c, r, i + 1 < c.n ? c.v[i + 1] : NULL, first->began);
        first = NULL;
    }
    client_log_done(&c);
}

/* ---- OS-OPH-03 ---- */

struct resume {
    const struct request *last; /* ended a whole reading; NULL: it holds no cursor */
    const struct request *first_full;
    size_t starts, fulls;
};

static void reading_begins(struct look *l, const struct client_log *c, struct resume *s,
                           const struct request *r)
{
    if (!s->last)
        return;
    s->starts++;
    if (r->has_sinds) {
        if (r->sinds == s->last->volgende)
            look_good(l, r->seq);
        return;
    }
    s->fulls++;
    if (!s->first_full)
        s->first_full = r;
    if (client_restarted(c, s->last->ended, r->began))
        look_bad(l, s->last->seq, r->seq, json_string("its cursor"),
                 json_string("<undef>"),
                 "after a restart it fetched everything again instead of going on");
}

void check_resumes(struct look *l)
{
    struct client_log c;
    struct resume s = {0};
    bool running = false; /* in the middle of a reading */
    client_log_init(&c, l->h);
    for (size_t i = 0; i < c.n; i++) {
        const struct request *r = c.v[i];
        if (r->kind != REQUEST_FETCH)
            continue;
        if (!running)
            reading_begins(l, &c, &s, r);
        if (r->status == 410 || r->status == 400 || r->fault)
            s.last = NULL; /* to begin anew is right, or at least its own good right */
        running = client_good_page(r) && r->meer;
        if (client_good_page(r) && !r->meer)
            s.last = r;
    }
    if (s.starts >= 2 && s.fulls * 2 > s.starts)
        look_bad(l, s.first_full->seq, 0, json_string("its cursor"),
                 json_string("<undef>"),
                 "%zu of %zu times it fetched everything again instead of going on",
                 s.fulls, s.starts);
    client_log_done(&c);
}

/* ---- OS-OPH-04 ---- */

void check_gone(struct look *l)
{
    struct client_log c;
    client_log_init(&c, l->h);
    for (size_t i = 0; i < c.n; i++) {
        const struct request *r = c.v[i], *next = next_fetch(&c, i);
        if (r->kind != REQUEST_FETCH || r->status != 410 || !r->answered ||
            !r->has_sinds || !next)
            continue;
        /* Killed right after it, it knows nothing of the 410. */
        if (client_restarted(&c, r->ended, next->began))
            continue;
        if (!next->has_sinds)
            look_good(l, next->seq);
        else if (next->sinds == r->sinds && next->began >= r->ended)
            look_bad(l, r->seq, next->seq, json_string("no sinds"),
                     json_string(names_at(c.h->texts, next->sinds)),
                     "after 410 it came back with the same cursor");
    }
    client_log_done(&c);
}

/* ---- OS-OPH-08 ---- */

/* The page whose `volgende` this cursor was, among those that never arrived whole. */
static const struct request *lost_with(const struct client_log *c,
                                       const struct request *r)
{
    const char *sinds = names_at(c->h->texts, r->sinds);
    char *quoted = xasprintf("\"%s\"", sinds);
    const struct request *found = NULL;
    for (size_t i = 0; !found && i < c->h->n_lost; i++) {
        const struct request *p = &c->h->requests[c->h->lost[i].request];
        if (p->began < r->began && strstr(c->h->lost[i].body, quoted))
            found = p;
    }
    free(quoted);
    return found;
}

void check_processed_first(struct look *l)
{
    struct client_log c;
    struct lookup *got = lookup_new(); /* cursors of pages that arrived whole */
    bool lost = false;
    client_log_init(&c, l->h);
    for (size_t i = 0; i < c.n; i++) {
        const struct request *r = c.v[i];
        if (r->kind != REQUEST_FETCH)
            continue;
        const struct request *p =
            r->has_sinds && !lookup_get(got, r->sinds) ? lost_with(&c, r) : NULL;
        if (p)
            look_bad(l, p->seq, r->seq,
                     json_string("the cursor of a page that it got whole"),
                     json_string(names_at(c.h->texts, r->sinds)),
                     "it went on behind a page that never arrived whole");
        else if (lost && (!r->has_sinds || lookup_get(got, r->sinds)))
            look_good(l, r->seq);
        lost = r->status == 200 && !r->answered;
        if (r->whole && r->volgende)
            *lookup_at(got, r->volgende) = 1;
    }
    lookup_free(got);
    client_log_done(&c);
}

/* ---- OS-OPH-14 ---- */

/* The connecting date of the system under test, when it lies within the scenario. */
static bool date_of(const struct client_log *c, uint64_t *at)
{
    const struct history *h = c->h;
    const char *role = "overstapsysteem";
    uint32_t who = c->n ? c->v[0]->from : 0;
    size_t candidates = 0;
    for (size_t i = 0; i < h->n_clients; i++) {
        const struct client_view *v = &h->clients[i];
        const char *name = names_at(h->texts, v->name);
        if (who ? v->name != who
                : strncmp(name, role, strlen(role)) ||
                      names_find(h->ours, name, strlen(name)))
            continue;
        candidates++;
        if (!v->connects || !h->trial->has_wall)
            return false;
        when_t from = v->from - trial_wall(h->trial, 0);
        if (from <= (when_t)h->began || from >= (when_t)h->ended)
            return false;
        *at = (uint64_t)from;
    }
    return candidates == 1;
}

void check_from_date(struct look *l)
{
    struct client_log c;
    uint64_t date, early = 0, early_seqs[2] = {0, 0}, first = 0, first_seq = 0;
    client_log_init(&c, l->h);
    bool known = c.interval && date_of(&c, &date);
    for (size_t i = 0; known && i < c.n; i++) {
        const struct request *r = c.v[i];
        if (r->kind != REQUEST_FETCH)
            continue;
        if (r->began < date) {
            early_seqs[early++ ? 1 : 0] = r->seq;
        } else if (!first) {
            first = r->began;
            first_seq = r->seq;
        }
    }
    if (known && early > (date - l->h->began) / c.interval + 2)
        look_bad(l, early_seqs[0], early_seqs[1],
                 json_string("at most one request per interval"),
                 json_integer((json_int_t)early),
                 "before its aansluitdatum it made %llu requests",
                 (unsigned long long)early);
    uint64_t until = first ? first : l->h->ended;
    if (known && until > date + client_patience(&c) && !client_disturbed(&c, date, until))
        look_bad(l, first_seq, 0, json_string("a fetch within one interval of the date"),
                 first ? json_sprintf("%.1f s later",
                                      (double)(first - date) / (double)NS_PER_S)
                       : json_string("<undef>"),
                 "it did not begin to fetch at its aansluitdatum");
    else if (known && first)
        look_good(l, first_seq);
    client_log_done(&c);
}
