#include "harness/judge/uptime.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/calls.h"
#include "harness/judge/words.h"

#define DOWN_MAX 200 /* down intervals that are told one by one */
#define PARTS    120 /* of the line */

enum state { UNKNOWN, UP, DOWN, OURS, STATES };

static const char *const state_names[STATES] = {
    [UNKNOWN] = "unknown", [UP] = "up", [DOWN] = "down", [OURS] = "ours"};

/* A piece of one conversation. */
struct piece {
    uint64_t from, to;
    enum state state;
};

enum cause { STOPPED, KILLED, FAULT, RELOAD, OWN };

static const char *const cause_names[] = {[STOPPED] = "stopped by us",
                                          [KILLED] = "killed by us",
                                          [FAULT] = "fault of ours",
                                          [RELOAD] = "reload",
                                          [OWN] = "own"};

#define SEQS 4

/* A time in which it did not answer. */
struct down {
    uint64_t from, to;
    uint64_t able; /* since when it could answer again */
    enum cause cause;
    bool over; /* it did answer again */
    char *scenario;
    uint64_t seqs[SEQS];
    size_t n_seqs;
};

struct uptime {
    struct piece *pieces;
    size_t n_pieces, cap_pieces;
    struct down *downs;
    size_t n_downs, cap_downs;
    size_t conversations;
};

struct watch {
    struct uptime *u;
    const struct history *h;
    bool seen;       /* it answered or failed at some time */
    bool is_down;    /* `now` is going on */
    bool gone;       /* it ended; nobody has missed it yet */
    bool reloaded;   /* and has not answered since */
    uint64_t last;   /* until when it is known how it was */
    uint64_t failed; /* end of the last failing call while it was down */
    size_t piece;    /* its last one, + 1 */
    struct down now;
};

/* ---- pieces ---- */

static void piece(struct watch *w, uint64_t from, uint64_t to, enum state state)
{
    struct uptime *u = w->u;
    if (to <= from)
        return;
    struct piece *p = w->piece ? &u->pieces[w->piece - 1] : NULL;
    if (p && p->state == state && p->to == from) {
        p->to = to;
        return;
    }
    list_add(u->pieces, u->n_pieces, u->cap_pieces);
    u->pieces[u->n_pieces - 1] = (struct piece){from, to, state};
    w->piece = u->n_pieces;
}

/* It was up when it last answered; what of the time from then to `t`? */
static void bridge(struct watch *w, uint64_t t)
{
    if (!w->seen || t <= w->last)
        return;
    piece(w, w->last, t, t - w->last <= UPTIME_SILENCE ? UP : UNKNOWN);
    w->last = t;
}

static void seen_from(struct watch *w, uint64_t t)
{
    if (w->seen)
        return;
    w->seen = true;
    w->last = t;
    w->u->conversations++;
}

/* ---- going down and coming back ---- */

static void add_seq(struct down *d, uint64_t seq)
{
    if (d->n_seqs < SEQS - 1) /* the last place is for the recovery */
        d->seqs[d->n_seqs++] = seq;
}

static void goes_down(struct watch *w, uint64_t t, enum cause cause, uint64_t seq)
{
    seen_from(w, t);
    bridge(w, t);
    uint64_t from = t > w->last ? t : w->last;
    w->is_down = true;
    w->failed = from;
    w->now = (struct down){.from = from, .able = from, .cause = cause};
    add_seq(&w->now, seq);
}

static void down_over(struct watch *w, uint64_t to, bool over)
{
    struct uptime *u = w->u;
    struct down *d = &w->now;
    d->to = to > d->from ? to : d->from;
    d->over = over;
    d->scenario = xstrdup(w->h->name);
    piece(w, d->from, d->to, d->cause == OWN ? DOWN : OURS);
    list_add(u->downs, u->n_downs, u->cap_downs);
    u->downs[u->n_downs - 1] = *d;
    w->is_down = w->gone = false;
    w->last = d->to;
}

static void answers(struct watch *w, uint64_t began, uint64_t ended, uint64_t seq)
{
    seen_from(w, began);
    if (w->gone && began <= w->now.from)
        return; /* it was answered just before it went */
    w->reloaded = false;
    if (w->is_down) {
        if (began < w->now.from && ended <= w->now.from)
            return;
        if (w->now.n_seqs < SEQS)
            w->now.seqs[w->now.n_seqs++] = seq;
        down_over(w, ended, true);
        return;
    }
    bridge(w, began);
    piece(w, w->last, ended, UP);
    w->last = ended > w->last ? ended : w->last;
}

static void fails(struct watch *w, const struct seen_exchange *x)
{
    if (w->is_down) {
        w->gone = false; /* somebody missed it */
        w->failed = x->ended > w->failed ? x->ended : w->failed;
        add_seq(&w->now, x->seq);
        return;
    }
    goes_down(w, x->began, w->reloaded ? RELOAD : x->fault ? FAULT : OWN, x->seq);
    w->failed = x->ended;
}

/* ---- what is seen ---- */

/* A refusal for the time being, which says when to come back: it neither answered nor
 * failed. */
static bool busy(const struct seen_exchange *x)
{
    return x->answered && (x->status == 429 || x->status == 503) &&
           message_field(x->response, "Retry-After", 0);
}

/* A broken request may be answered by closing the connection. */
static bool says_nothing(const struct seen_exchange *x)
{
    return busy(x) || (!call_well(x) && (x->raw || x->manipulated || x->fault) &&
                       !(x->answered && x->status < 500));
}

void watch_exchange(struct watch *w, const struct seen_exchange *x)
{
    enum side_of_call side = call_side(w->h, x);
    /* An observer's 503 says that its fetch did not succeed. */
    bool told = x->answered && (x->status < 500 || is(x->op, "waarnemer.ophalen"));
    if (side == CALL_NONE || (side == CALL_LABORATORY && says_nothing(x)))
        return;
    if (side == CALL_SYSTEM) /* a sign of life, whatever we said to it */
        answers(w, x->began, x->began, x->seq);
    else if (told && x->status)
        answers(w, x->began, x->ended, x->seq);
    else
        fails(w, x);
}

static void on_system(struct watch *w, const char *phase, uint64_t t, uint64_t seq)
{
    static const struct {
        const char *phase;
        enum cause cause;
    } ends[] = {{"stopped", STOPPED}, {"killed", KILLED}, {"exited", OWN}};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        if (!is(phase, ends[i].phase))
            continue;
        if (w->is_down && ends[i].cause == OWN)
            return;
        if (w->is_down) /* what we do now ends what it did by itself */
            down_over(w, t, false);
        goes_down(w, t, ends[i].cause, seq);
        w->gone = true;
    }
    if (is(phase, "started") && w->is_down) {
        w->gone = false;
        w->now.able = t;
    }
    if (is(phase, "reloaded"))
        w->reloaded = true;
    if (is(phase, "ready"))
        answers(w, t, t, seq);
}

void watch_event(struct watch *w, const char *kind, const json_t *e)
{
    if (is(kind, "system"))
        on_system(w, json_string_value(json_object_get(e, "phase")),
                  (uint64_t)json_integer_value(json_object_get(e, "t")),
                  (uint64_t)json_integer_value(json_object_get(e, "seq")));
}

struct watch *watch_new(struct uptime *u, const struct history *h)
{
    struct watch *w = xcalloc(1, sizeof *w);
    w->u = u;
    w->h = h;
    return w;
}

/* That we stopped it at the end is no failure; that it ended by itself is one. */
void watch_end(struct watch *w)
{
    uint64_t end = w->h->ended;
    if (w->is_down && w->gone && w->now.cause != OWN)
        w->is_down = false;
    else if (w->is_down)
        down_over(w, w->now.cause == OWN && !w->gone && w->failed < end ? w->failed : end,
                  false);
    if (w->seen)
        piece(w, w->last, end, UNKNOWN);
    free(w);
}

struct uptime *uptime_new(void)
{
    return xcalloc(1, sizeof(struct uptime));
}

void uptime_free(struct uptime *u)
{
    for (size_t i = 0; u && i < u->n_downs; i++)
        free(u->downs[i].scenario);
    if (u) {
        free(u->downs);
        free(u->pieces);
    }
    free(u);
}

/* ---- telling ---- */

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static json_t *down_json(const struct down *d)
{
    json_t *seqs = json_array();
    for (size_t i = 0; i < d->n_seqs; i++)
        json_array_append_new(seqs, json_integer((json_int_t)d->seqs[i]));
    return json_pack("{sf,sf,ss,ss,so,so}", "from", seconds(d->from), "to",
                     seconds(d->to), "cause", cause_names[d->cause], "scenario",
                     d->scenario, "seqs", seqs, "recovered",
                     d->over ? json_real(seconds(d->to - d->able)) : json_null());
}

/* What it did by itself first, then in order of time. */
static int by_weight(const void *a, const void *b)
{
    const struct down *x = a, *y = b;
    if ((x->cause == OWN) != (y->cause == OWN))
        return x->cause == OWN ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

static json_t *downs_json(struct uptime *u)
{
    json_t *list = json_array();
    if (u->n_downs)
        qsort(u->downs, u->n_downs, sizeof *u->downs, by_weight);
    for (size_t i = 0; i < u->n_downs && i < DOWN_MAX; i++)
        json_array_append_new(list, down_json(&u->downs[i]));
    return list;
}

static json_t *line_json(const struct uptime *u, uint64_t from, uint64_t to)
{
    double parts[PARTS][STATES];
    double width = (double)(to - from) / PARTS;
    json_t *list = json_array();
    memset(parts, 0, sizeof parts);
    for (size_t i = 0; i < u->n_pieces && width > 0; i++) {
        const struct piece *p = &u->pieces[i];
        double a = (double)(p->from - from) / width, b = (double)(p->to - from) / width;
        for (size_t k = (size_t)a; k < PARTS && (double)k < b; k++) {
            double lo = a > (double)k ? a : (double)k;
            double hi = b < (double)k + 1 ? b : (double)k + 1;
            parts[k][p->state] += hi - lo;
        }
    }
    for (size_t k = 0; k < PARTS && width > 0; k++) {
        json_t *o = json_object();
        double at = (double)from + (double)k * width;
        json_object_set_new(o, "from", json_real(at / (double)NS_PER_S));
        json_object_set_new(o, "to", json_real((at + width) / (double)NS_PER_S));
        for (size_t s = 0; s < STATES; s++)
            json_object_set_new(o, state_names[s], json_real(parts[k][s]));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *share(uint64_t up, uint64_t down)
{
    return up + down ? json_real((double)up / (double)(up + down)) : json_null();
}

json_t *uptime_json(struct uptime *u, const char *role)
{
    uint64_t sums[STATES] = {0}, from = UINT64_MAX, to = 0;
    for (size_t i = 0; i < u->n_pieces; i++) {
        const struct piece *p = &u->pieces[i];
        sums[p->state] += p->to - p->from;
        from = p->from < from ? p->from : from;
        to = p->to > to ? p->to : to;
    }
    if (!u->n_pieces)
        return NULL;
    return json_pack(
        "{ss,sf,sf,sI,sf,sf,so,so,so,sI,so}", "role", role, "from", seconds(from), "to",
        seconds(to), "conversations", (json_int_t)u->conversations, "observed",
        seconds(sums[UP] + sums[DOWN] + sums[OURS]), "unknown", seconds(sums[UNKNOWN]),
        "up", share(sums[UP], sums[DOWN] + sums[OURS]), "ownUp",
        share(sums[UP], sums[DOWN]), "down", downs_json(u), "more",
        (json_int_t)(u->n_downs > DOWN_MAX ? u->n_downs - DOWN_MAX : 0), "line",
        line_json(u, from, to));
}
