/* How an overstapsysteem behaves when the koppelpunt fails: Retry-After, growing gaps and
 * its token (OS-OPH-05, OS-OPH-06; CONTRACT.md 3 and 7). */
#include "harness/base/mem.h"
#include "harness/judge/checks_list.h"
#include "harness/judge/client_view.h"

#define EARLY     (50 * (uint64_t)NS_PER_MS) /* a timer may be this much early */
#define DATE_FINE (1 * (uint64_t)NS_PER_S)   /* an HTTP-date has whole seconds */
#define DAY       86400.0                    /* Retry-After is honoured up to 24 h */
/* An HTTP library may repeat a request whose connection was lost, once and at once. */
#define SAME_TRY (50 * (uint64_t)NS_PER_MS)
/* Attempts that a growing back-off may need before its gaps reach the interval. */
#define RAMP 6
/* One request may come so late on a busy machine that the gap after it looks shorter. */
#define ONE_LATE (500 * (uint64_t)NS_PER_MS)
/* What comes within this part of the interval after a failure belongs to the same fetch.
 */
#define AT_ONCE 20

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

/* ---- Retry-After ---- */

static void one_retry_after(struct look *l, const struct client_log *c, size_t at)
{
    const struct request *a = c->v[at];
    if (a->retry_after < 0 || a->retry_after > DAY || a->status < 400 || !a->answered)
        return;
    uint64_t due = a->ended + (uint64_t)(a->retry_after * (double)NS_PER_S);
    uint64_t slack = EARLY + (a->retry_date ? DATE_FINE : 0);
    for (size_t i = at + 1; i < c->n; i++) {
        const struct request *b = c->v[i];
        if (b->kind != a->kind || b->began < a->ended)
            continue;
        if (client_restarted(c, a->ended, b->began))
            return;
        if (b->began + slack < due)
            look_bad(l, a->seq, b->seq, json_sprintf("%.2f s", a->retry_after),
                     json_sprintf("%.2f s", seconds(b->began - a->ended)),
                     "asked to wait %.1f s, it came back after %.2f s", a->retry_after,
                     seconds(b->began - a->ended));
        else if (a->retry_after > 0)
            look_good(l, b->seq);
        return;
    }
}

/* ---- growing gaps ---- */

/* One attempt: a request, with the repetition of a library taken as the same one. */
struct attempt {
    const struct request *first, *last;
    bool failed;
};

/* A gap that was shorter than the one before it. */
struct shrink {
    uint64_t from, to; /* how long they were; from 0: none yet */
    uint64_t seq, next;
};

struct failing {
    struct look *l;
    const struct client_log *c;
    struct attempt prev;
    bool has_prev, has_gap;
    uint64_t gap_end, gap_start; /* the gap before: from its end, from its start */
    uint64_t since;              /* first failure of the period */
    struct shrink shrink;        /* the first one that may have been an accident */
    size_t attempts;
};

/* Two more than at every interval, and the ramp of a back-off that begins small. */
static void storm(struct failing *f, const struct request *last)
{
    uint64_t period = last->began - f->since;
    if (f->attempts <= RAMP + 2 * (size_t)(period / f->c->interval))
        return;
    look_bad(f->l, last->seq, 0, json_string("growing gaps"),
             json_sprintf("%zu requests in %.2f s", f->attempts, seconds(period)),
             "while the koppelpunt failed it made %zu requests in %.1f s", f->attempts,
             seconds(period));
}

/* One gap may begin late and the next one end late, on a busy machine. */
static uint64_t allowed_shrink(uint64_t gap)
{
    return gap / 10 > 3 * EARLY ? gap / 10 : 3 * EARLY;
}

static void tell_shrink(struct failing *f, const struct shrink *s)
{
    look_bad(f->l, s->seq, s->next, json_sprintf("at least %.2f s", seconds(s->from)),
             json_sprintf("%.2f s", seconds(s->to)),
             "after a further failure it came back sooner (%.2f s) than before (%.2f s)",
             seconds(s->to), seconds(s->from));
}

/* After one late request the next gaps are as long again as the two beside it were on
 * average; when they are not, it was not that. */
static void weigh(struct failing *f, uint64_t gap)
{
    uint64_t mean = (f->shrink.from + f->shrink.to) / 2;
    if (f->shrink.from && gap + allowed_shrink(mean) < mean) {
        tell_shrink(f, &f->shrink);
        f->shrink.from = 0;
    }
}

/* One request that was late makes the gap before it longer and the one after it shorter
 * by as much. Twice in a scenario, or by more than that, is no accident. */
static void shrinks(struct failing *f, const struct shrink *s)
{
    if (f->shrink.from)
        tell_shrink(f, &f->shrink);
    if (f->shrink.from || s->from - s->to > 2 * ONE_LATE)
        tell_shrink(f, s);
    else
        f->shrink = *s;
}

/* The gap between two attempts, the first of which failed. Measured from end to start and
 * from start to start: one of them must not shrink, whichever the system goes by. */
static void one_gap(struct failing *f, const struct attempt *a, const struct attempt *b)
{
    const struct client_log *c = f->c;
    uint64_t from_end =
        b->first->began > a->last->ended ? b->first->began - a->last->ended : 0;
    uint64_t from_start = b->first->began - a->first->began;
    bool own = a->last->retry_after < 0 &&
               !client_disturbed(c, a->first->began, b->first->began) &&
               !client_asked(c, a->first->began, b->first->began);
    if (own)
        weigh(f, from_end);
    if (own && f->has_gap && f->gap_end < 8 * c->interval) {
        if (from_end + allowed_shrink(f->gap_end) < f->gap_end &&
            from_start + allowed_shrink(f->gap_start) < f->gap_start)
            shrinks(f,
                    &(struct shrink){f->gap_end, from_end, a->last->seq, b->first->seq});
        else
            look_good(f->l, b->first->seq);
    }
    f->has_gap = own;
    f->gap_end = from_end;
    f->gap_start = from_start;
}

static void add_attempt(struct failing *f, const struct attempt *a)
{
    if (f->has_prev && f->prev.failed)
        one_gap(f, &f->prev, a);
    if (!a->failed) {
        f->has_gap = false;
        f->attempts = 0;
    } else {
        if (!f->attempts++)
            f->since = a->first->began;
        storm(f, a->last);
    }
    f->prev = *a;
    f->has_prev = true;
}

static bool repeated_by_library(const struct request *a, const struct request *b)
{
    return a->kind == b->kind && !a->answered && b->began >= a->began &&
           b->began < a->ended + SAME_TRY && a->has_sinds == b->has_sinds &&
           a->sinds == b->sinds;
}

static void gaps(struct look *l, const struct client_log *c)
{
    struct failing f = {.l = l, .c = c};
    for (size_t i = 0; i < c->n; i++) {
        const struct request *r = c->v[i];
        if (r->kind == REQUEST_TOKEN && !client_failed(r))
            continue; /* only on the way to a fetch */
        struct attempt a = {.first = r, .last = r, .failed = client_failed(r)};
        if (i + 1 < c->n && repeated_by_library(r, c->v[i + 1])) {
            a.last = c->v[++i];
            a.failed = client_failed(a.last);
        }
        add_attempt(&f, &a);
    }
}

void check_retry_gaps(struct look *l)
{
    struct client_log c;
    client_log_init(&c, l->h);
    for (size_t i = 0; i < c.n; i++)
        one_retry_after(l, &c, i);
    if (c.interval)
        gaps(l, &c);
    client_log_done(&c);
}

/* ---- tokens ---- */

struct tokens {
    const struct request *held;    /* the last token that it got; NULL: none */
    const struct request *refused; /* the last 401 since then */
    size_t refusals;               /* how many of them */
    const struct request *renewed; /* the last one that followed a 401 */
    bool failed;                   /* the last request for one did */
    size_t needless;
    const struct request *first_needless;
};

/* A token may be renewed somewhat before it ends. */
static bool due(const struct request *held, uint64_t now)
{
    double life = held->expires, age = seconds(now - held->ended);
    return life <= 0 || age >= life / 2 || life - age <= 60;
}

/* It asked at once, and it had tried the token before only once. Else it is another
 * fetch: a quick retry is allowed (CONTRACT.md 7). */
static bool same_fetch(const struct client_log *c, const struct tokens *t,
                       const struct request *r)
{
    return t->renewed && t->refusals == 1 &&
           r->began - t->refused->ended < c->interval / AT_ONCE &&
           !client_asked(c, t->renewed->began, r->began);
}

static void token_asked(struct look *l, const struct client_log *c, struct tokens *t,
                        const struct request *r)
{
    bool cause = !t->held || t->failed || due(t->held, r->began) ||
                 client_restarted(c, t->held->ended, r->began);
    if (t->refused) {
        if (same_fetch(c, t, r))
            look_bad(l, t->renewed->seq, r->seq, json_string("one new token"),
                     json_string("another one"),
                     "within one fetch it asked for a second token after a second 401");
        t->renewed = r;
    } else if (!cause) {
        t->needless++;
        if (!t->first_needless)
            t->first_needless = r;
    }
    t->failed = !r->whole;
    if (r->whole)
        t->held = r;
    t->refused = NULL;
    t->refusals = 0;
}

void check_tokens(struct look *l)
{
    struct client_log c;
    struct tokens t = {0};
    struct lookup *used = lookup_new();
    client_log_init(&c, l->h);
    for (size_t i = 0; i < c.n; i++) {
        const struct request *r = c.v[i];
        if (r->kind == REQUEST_TOKEN) {
            token_asked(l, &c, &t, r);
            continue;
        }
        if (r->status == 401) {
            t.refused = r;
            t.refusals++;
        }
        uint32_t *times = r->token ? lookup_at(used, r->token) : NULL;
        if (times && (*times)++ && r->whole)
            look_good(l, r->seq);
    }
    /* One may have a cause that we can't see; a habit has not. */
    if (t.needless >= 2)
        look_bad(l, t.first_needless->seq, 0, json_string("its token until it expires"),
                 json_sprintf("%zu tokens without a cause", t.needless),
                 "it asked for a new token %zu times while it held a good one",
                 t.needless);
    lookup_free(used);
    client_log_done(&c);
}
