/* The states of one aanmelding: a simulation for each way in which the open questions can
 * be answered (CONTRACT.md 4 to 6: taking in, standen, order). */
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/oracle.h"

#define TOGGLES_MAX 8

/* How a system may answer what the contract leaves open. */
struct choice {
    bool keeps_first_begin; /* a repeat with another begindatum does not move statusBegin
                             */
    bool keeps_submitted;   /* a stand does not lapse what is only SUBMITTED */
};

struct sim {
    struct choice choice;
    const struct melding *now; /* NULL: nothing, or lapsed */
    when_t begins[ORACLE_BEGINS];
    size_t n_begins;
    bool known;
    bool settled; /* by a stand of this peildatum */
    when_t peildatum;
    when_t latest;                   /* begindatum */
    const struct melding *seen[256]; /* all that counted, for "nothing in between" */
    size_t n_seen;
};

/* By time, at equal times by rank. */
static int compare(const struct melding *a, const struct melding *b)
{
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return (a->status > b->status) - (a->status < b->status);
}

static bool same_content(const struct melding *a, const struct melding *b)
{
    return a->bsn == b->bsn && a->opleiding == b->opleiding;
}

static void add_begin(struct sim *s, when_t begin)
{
    for (size_t i = 0; i < s->n_begins; i++)
        if (s->begins[i] == begin)
            return;
    if (s->n_begins < ORACLE_BEGINS)
        s->begins[s->n_begins++] = begin;
    else
        s->begins[ORACLE_BEGINS - 1] = begin; /* the newest takes the last place */
}

static void becomes(struct sim *s, const struct melding *m)
{
    s->now = m;
    s->n_begins = 0;
    add_begin(s, m->begin);
}

static bool between(const struct sim *s, const struct melding *a, const struct melding *b)
{
    for (size_t i = 0; i < s->n_seen; i++)
        if (s->seen[i]->status != b->status && compare(s->seen[i], a) > 0 &&
            compare(s->seen[i], b) < 0)
            return true;
    return false;
}

static void newer(struct sim *s, const struct melding *m)
{
    bool repeat = m->status == s->now->status;
    if (!repeat) {
        becomes(s, m);
        return;
    }
    add_begin(s, m->begin);
    if (!s->choice.keeps_first_begin || !same_content(m, s->now))
        s->now = m;
}

static void message(struct sim *s, const struct melding *m)
{
    s->known = true;
    if (s->settled && m->begin <= s->peildatum)
        return; /* the stand spoke about that time */
    if (m->begin > s->latest || !s->now)
        s->latest = m->begin;
    if (s->n_seen < ARRAY_LEN(s->seen))
        s->seen[s->n_seen++] = m;
    if (!s->now) {
        becomes(s, m);
        return;
    }
    int order = compare(m, s->now);
    if (order > 0)
        newer(s, m);
    else if (order == 0)
        s->now = m; /* another opleiding or person: the last arrival counts */
    else if (m->status == s->now->status && !between(s, m, s->now))
        add_begin(s, m->begin);
}

static void stand(struct sim *s, const struct act *a)
{
    if (!s->known && !a->m)
        return;
    if (s->known && ((s->settled && s->peildatum > a->peildatum) ||
                     (s->latest > a->peildatum && (s->now || !s->settled))))
        return;
    if (!a->m && s->now && s->now->status == STATUS_SUBMITTED &&
        s->choice.keeps_submitted)
        return;
    s->known = s->settled = true;
    s->peildatum = a->peildatum;
    if (!a->m) {
        s->now = NULL;
        return;
    }
    bool same = s->now && s->now->status == a->m->status && same_content(s->now, a->m);
    s->latest = a->m->begin;
    if (same) {
        add_begin(s, a->m->begin);
        s->now = a->m;
    } else {
        becomes(s, a->m);
    }
}

static void result(const struct sim *s, struct state *out)
{
    const struct melding *m = s->now;
    *out = (struct state){0};
    if (!m)
        return;
    out->held = true;
    if (m->status == STATUS_SUBMITTED || !m->bsn)
        return;
    *out = (struct state){.present = true,
                          .status = m->status,
                          .bsn = m->bsn,
                          .instelling = m->instelling,
                          .opleiding = m->opleiding,
                          .n_begins = s->n_begins};
    memcpy(out->begins, s->begins, s->n_begins * sizeof *s->begins);
}

/* SUBMITTED on top of a status that was delivered: the contract does not say. */
static bool undefined(const struct sim *s)
{
    bool other = false;
    for (size_t i = 0; i < s->n_seen; i++)
        other = other || (s->seen[i]->status != STATUS_SUBMITTED && s->seen[i]->bsn);
    return s->now && s->now->status == STATUS_SUBMITTED && other;
}

static bool same_state(const struct state *a, const struct state *b)
{
    if (a->present != b->present || a->held != b->held)
        return false;
    if (!a->present)
        return true;
    return a->status == b->status && a->bsn == b->bsn && a->opleiding == b->opleiding &&
           a->n_begins == b->n_begins &&
           !memcmp(a->begins, b->begins, a->n_begins * sizeof *a->begins);
}

static bool add_state(struct state *out, size_t *n, const struct state *s)
{
    for (size_t i = 0; i < *n; i++)
        if (same_state(&out[i], s))
            return true;
    if (*n == ORACLE_STATES)
        return false;
    out[(*n)++] = *s;
    return true;
}

/* ---- open questions ---- */

/* The order of two acts that overlapped in time matters for these only. */
static bool order_matters(const struct act *a, const struct act *b)
{
    if (b->from >= a->to)
        return false;
    if (a->stand || b->stand)
        return true;
    return a->m->begin == b->m->begin && a->m->status == b->m->status &&
           !same_content(a->m, b->m);
}

struct toggle {
    bool swap; /* acts i and i + 1; else: act i happened at all */
    size_t at;
};

static size_t toggles_of(const struct act *acts, size_t n, struct toggle out[TOGGLES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        bool swap = i + 1 < n && order_matters(&acts[i], &acts[i + 1]);
        for (int k = 0; k < 2; k++) {
            if (k ? !swap : acts[i].certain)
                continue;
            if (count == TOGGLES_MAX)
                return TOGGLES_MAX + 1;
            out[count++] = (struct toggle){.swap = k == 1, .at = i};
        }
    }
    return count;
}

static bool chosen(const struct toggle *t, size_t n, unsigned answers, bool swap,
                   size_t at)
{
    for (size_t i = 0; i < n; i++)
        if (t[i].swap == swap && t[i].at == at)
            return answers >> i & 1;
    return false;
}

static void one_act(struct sim *s, const struct act *a)
{
    if (a->stand)
        stand(s, a);
    else
        message(s, a->m);
}

/* One way of answering everything. False when the contract does not say what follows. */
static bool simulate(const struct act *acts, size_t n, const struct toggle *t, size_t n_t,
                     unsigned answers, struct choice choice, struct state *out)
{
    struct sim s = {.choice = choice};
    for (size_t i = 0; i < n; i++) {
        bool skip = !acts[i].certain && chosen(t, n_t, answers, false, i);
        bool swap = i + 1 < n && chosen(t, n_t, answers, true, i);
        if (swap) {
            if (acts[i + 1].certain || !chosen(t, n_t, answers, false, i + 1))
                one_act(&s, &acts[i + 1]);
            if (!skip)
                one_act(&s, &acts[i]);
            i++;
        } else if (!skip) {
            one_act(&s, &acts[i]);
        }
    }
    result(&s, out);
    return !undefined(&s);
}

/* Which choices can make a difference here: bits as in the loop below. */
static int open_choices(const struct act *acts, size_t n)
{
    size_t stands = 0, submitted = 0, all[STATUS_COUNT] = {0};
    bool repeat = false;
    for (size_t i = 0; i < n; i++) {
        stands += acts[i].stand;
        if (!acts[i].m)
            continue;
        submitted += acts[i].m->status == STATUS_SUBMITTED;
        repeat = repeat || all[acts[i].m->status % STATUS_COUNT]++;
    }
    return (repeat ? 1 : 0) | (stands && submitted ? 2 : 0);
}

size_t oracle_states(const struct act *acts, size_t n, struct state out[ORACLE_STATES])
{
    struct toggle t[TOGGLES_MAX];
    size_t n_t = toggles_of(acts, n, t), count = 0;
    int choices = open_choices(acts, n);
    if (n_t > TOGGLES_MAX)
        return 0;
    for (unsigned answers = 0; answers < 1u << n_t; answers++)
        for (int k = 0; k < 4; k++) {
            if (k & ~choices)
                continue;
            struct state s;
            struct choice choice = {.keeps_first_begin = k & 1, .keeps_submitted = k & 2};
            if (!simulate(acts, n, t, n_t, answers, choice, &s) ||
                !add_state(out, &count, &s))
                return 0;
        }
    return count;
}

bool state_matches(const struct state *s, const struct entry *e)
{
    if (!s->present || s->status != e->status || s->bsn != e->bsn ||
        s->instelling != e->instelling || s->opleiding != e->opleiding)
        return false;
    for (size_t i = 0; i < s->n_begins; i++)
        if (s->begins[i] == e->begin)
            return true;
    return false;
}
