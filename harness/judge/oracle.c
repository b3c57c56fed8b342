/* Compares the last full reading of a scenario with what must be in it. */
#include "harness/judge/oracle_world.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/checks_list.h"

/* 1 August 2023, when the onderwijsovereenkomst was abolished (KP-ORD-06). */
#define AUGUST_2023 ((when_t)1690848000 * NS_PER_S)

/* What makes an aanmelding a witness for a requirement beyond KP-INT-01. */
enum feature {
    F_ANY = 1 << 0,
    F_REPEATED = 1 << 1, /* a meldingId came more than once */
    F_MERGED = 1 << 2,   /* several sources or ketenids */
    F_LATE = 1 << 3,     /* something arrived after what follows it in time */
    F_EQUAL = 1 << 4,    /* two statuses of one moment */
    F_LEFT = 1 << 5,     /* REJECTED, WITHDRAWN or ENROLLED was left again */
    F_OFFERED = 1 << 6,  /* OFFERED after 1 August 2023 */
    F_STAND = 1 << 7,    /* a stand held it */
    F_LAPSED = 1 << 8,   /* a stand did not hold it */
    F_HIDDEN = 1 << 9,   /* SUBMITTED, or a person without BSN */
    F_REFUSED = 1 << 10, /* everything about it was refused */
    F_RESTART = 1 << 11, /* accepted before the system went down */
};

/* One row per requirement that a reading can settle; a row only speaks where the scenario
 * proves its requirement, but the first always does. */
static const struct {
    const char *check;
    unsigned features;
} rows[] = {
    {"state", F_ANY},
    {"state-repeated", F_REPEATED},
    {"state-refused-batch", F_REFUSED},
    {"state-refused-fields", F_REFUSED},
    {"state-merged", F_MERGED},
    {"state-late", F_LATE},
    {"state-equal-times", F_EQUAL},
    {"state-left-again", F_LEFT},
    {"state-offered", F_OFFERED},
    {"state-hidden", F_HIDDEN},
    {"state-stand", F_STAND},
    {"state-lapsed", F_LAPSED},
    {"state-restart", F_RESTART},
    {"state-overload", F_ANY},
    {"state-all-regions", F_ANY},
    {"state-objection", F_ANY},
};

/* ---- witnesses ---- */

struct compared {
    struct world w;
    struct look looks[ARRAY_LEN(rows)];
    bool speaks[ARRAY_LEN(rows)];
};

/* An aanmelding with what may be shown of it. */
struct weighed {
    struct act *acts;
    struct state states[ORACLE_STATES];
    size_t n_states;
    bool may_be_absent;
};

static bool went_down(const struct world *w, uint64_t after)
{
    for (size_t i = 0; i < w->h->n_moments; i++) {
        const struct moment_event *m = &w->h->moments[i];
        if (m->kind == MOMENT_GONE && m->t >= after && m->t <= w->audit->began)
            return true;
    }
    return false;
}

static unsigned features_of_pair(const struct melding *a, const struct melding *earlier)
{
    if (a->status == earlier->status)
        return 0;
    if (a->begin == earlier->begin)
        return F_EQUAL;
    if (a->begin < earlier->begin)
        return F_LATE;
    return earlier->status == STATUS_REJECTED || earlier->status == STATUS_WITHDRAWN ||
                   earlier->status == STATUS_ENROLLED
               ? F_LEFT
               : 0;
}

/* Enough for what a scenario does to one aanmelding; nightly re-sends are many. */
#define LOOK_BACK 8

static unsigned features_of_act(const struct act *acts, size_t at)
{
    const struct melding *a = acts[at].m, *first = acts[0].m;
    unsigned f = 0;
    if (acts[at].stand) {
        bool before = false;
        for (size_t k = 0; k < at; k++)
            before = before || (acts[k].m && acts[k].m->begin <= acts[at].peildatum);
        return a ? F_STAND : before ? F_LAPSED : 0;
    }
    if (first && (a->cambo != first->cambo || a->ketenid != first->ketenid))
        f |= F_MERGED;
    for (size_t k = at > LOOK_BACK ? at - LOOK_BACK : 0; k < at; k++)
        if (acts[k].m && !acts[k].stand)
            f |= features_of_pair(a, acts[k].m);
    return f;
}

static unsigned features_of(const struct world *w, const struct subject *s,
                            const struct weighed *v)
{
    const struct state *state = &v->states[0];
    unsigned f = F_ANY | (s->repeated ? F_REPEATED : 0) | (state->held ? F_HIDDEN : 0);
    if (!s->n_acts)
        return F_REFUSED;
    for (size_t i = 0; i < s->n_acts; i++) {
        f |= features_of_act(v->acts, i);
        f |= v->acts[i].certain && went_down(w, v->acts[i].to) ? F_RESTART : 0;
    }
    if (state->present && state->status == STATUS_OFFERED &&
        state->begins[0] >= AUGUST_2023)
        f |= F_OFFERED;
    return f;
}

static void weigh(const struct world *w, const struct subject *s, struct weighed *v)
{
    v->acts = world_acts(w, s);
    v->n_states = oracle_states(v->acts, s->n_acts, v->states);
    v->may_be_absent = false;
    for (size_t i = 0; i < v->n_states; i++)
        v->may_be_absent = v->may_be_absent || !v->states[i].present;
}

/* ---- who is shown by which entry ---- */

static bool allowed(const struct state *states, size_t n, const struct entry *e)
{
    for (size_t i = 0; i < n; i++)
        if (state_matches(&states[i], e))
            return true;
    return false;
}

/* Gives the subject an entry that shows one of its states; an owner that can do with
 * another one makes place (an augmenting path, Kuhn). */
static bool find_entry(struct world *w, uint32_t at, uint32_t *tried, uint32_t turn)
{
    struct weighed v;
    bool found = false;
    weigh(w, &w->v[at], &v);
    for (size_t i = 0; i < v.n_states && !found; i++) {
        const struct state *s = &v.states[i];
        uint32_t k = s->present ? world_entries_of(w, s->bsn, s->instelling) : 0;
        for (; k && !found; k = w->next[k - 1]) {
            if (tried[k - 1] == turn || !state_matches(s, world_entry(w, k - 1)))
                continue;
            tried[k - 1] = turn;
            if (w->owner[k - 1] && !find_entry(w, w->owner[k - 1] - 1, tried, turn))
                continue;
            w->owner[k - 1] = at + 1;
            w->v[at].match = k;
            found = true;
            break;
        }
    }
    free(v.acts);
    return found;
}

/* Those that must be there choose first. */
static void assign(struct world *w)
{
    uint32_t *tried = xcalloc(w->n_final + 1, sizeof *tried); /* in whose turn */
    for (int optional = 0; optional < 2; optional++)
        for (uint32_t i = 0; i < w->n; i++) {
            struct subject *s = &w->v[i];
            struct weighed v;
            if (s->parent != i || !s->n_acts || s->doubtful)
                continue;
            weigh(w, s, &v);
            s->doubtful = !v.n_states;
            if (v.n_states && v.may_be_absent == optional)
                find_entry(w, i, tried, i + 1);
            free(v.acts);
        }
    free(tried);
}

/* ---- telling ---- */

static json_t *state_json(const struct world *w, const struct state *s)
{
    char begin[32];
    if (!s->present)
        return json_string("not delivered");
    return json_pack("{ss,ss,ss,ss,ss}", "bsn", names_at(w->h->texts, s->bsn),
                     "instelling", names_at(w->h->codes, s->instelling), "opleiding",
                     names_at(w->h->codes, s->opleiding), "status",
                     status_name((enum status)s->status), "statusBegin",
                     when_format(s->begins[0], begin));
}

static json_t *entry_json(const struct world *w, const struct entry *e)
{
    if (!e)
        return json_string("not delivered");
    struct state s = {.present = true,
                      .status = e->status,
                      .bsn = e->bsn,
                      .instelling = e->instelling,
                      .opleiding = e->opleiding,
                      .begins = {e->begin}};
    return state_json(w, &s);
}

struct mismatch {
    const struct state *must;
    const struct entry *shown; /* NULL: nothing */
    uint64_t seq;
    bool unsure;
    const char *sentence;
};

/* Tells every row that this aanmelding is a witness for. */
static void tell(struct compared *c, unsigned features, const struct mismatch *m)
{
    uint64_t audit = c->w.audit->seq;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct look *l = &c->looks[i];
        if (!(features & rows[i].features) || !c->speaks[i])
            continue;
        if (!m)
            look_good(l, audit);
        else if (m->unsure)
            look_unsure(
                l, m->seq, audit, state_json(&c->w, m->must), entry_json(&c->w, m->shown),
                "%s, but the reading began within the time that a change may take",
                m->sentence);
        else
            look_bad(l, m->seq, audit, state_json(&c->w, m->must),
                     entry_json(&c->w, m->shown), "%s", m->sentence);
    }
}

/* The feed still shows what was right before something that came less than the time ago
 * that a change may take (KP-LEV-08). */
static bool only_late(const struct world *w, const struct subject *s,
                      const struct weighed *v, const struct entry *shown)
{
    struct state before[ORACLE_STATES];
    for (size_t n = s->n_acts; n-- > 0;) {
        if (v->acts[n].to + w->h->trial->patience < w->audit->began)
            return false;
        size_t n_states = oracle_states(v->acts, n, before);
        if (shown && allowed(before, n_states, shown))
            return true;
        for (size_t i = 0; !shown && i < n_states; i++)
            if (!before[i].present)
                return true;
    }
    return false;
}

/* An entry of this person at this instelling that shows nobody else. 0: none. */
static uint32_t shown_instead(const struct world *w, const struct weighed *v)
{
    for (size_t i = 0; i < v->n_states; i++) {
        uint32_t k = world_entries_of(w, v->states[i].bsn, v->states[i].instelling);
        for (; k && v->states[i].present; k = w->next[k - 1])
            if (!w->owner[k - 1])
                return k;
    }
    return 0;
}

static void compare_one(struct compared *c, uint32_t at)
{
    struct world *w = &c->w;
    struct subject *s = &w->v[at];
    struct weighed v;
    weigh(w, s, &v);
    unsigned features = features_of(w, s, &v);
    if (!s->n_acts || s->match || v.may_be_absent) {
        tell(c, features, NULL);
    } else {
        const struct state *must = &v.states[0];
        uint32_t k = shown_instead(w, &v);
        const struct entry *shown = k ? world_entry(w, k - 1) : NULL;
        bool same =
            shown && shown->status == must->status && shown->opleiding == must->opleiding;
        struct mismatch m = {
            .must = must,
            .shown = shown,
            .seq = v.acts[s->n_acts - 1].seq,
            .unsure = only_late(w, s, &v, shown),
            .sentence = !shown ? "an accepted aanmelding is not in the feed"
                        : same
                            ? "the feed shows another begin than that of the status"
                            : "the feed does not show the status that follows from what "
                              "was accepted"};
        if (k)
            w->owner[k - 1] = at + 1;
        tell(c, features, &m);
    }
    free(v.acts);
}

/* Was this person ever in what was said about the subject? */
static bool about(const struct subject *s, const struct weighed *v, uint32_t bsn)
{
    for (size_t i = 0; i < s->n_acts; i++)
        if (v->acts[i].m && v->acts[i].m->bsn == bsn)
            return true;
    return !s->n_acts && s->refused_bsn == bsn;
}

/* What is shown although nothing that was accepted makes it so. */
static void surplus(struct compared *c, uint32_t at)
{
    static const struct state none;
    struct world *w = &c->w;
    const struct entry *e = world_entry(w, at);
    struct mismatch m = {.must = &none,
                         .shown = e,
                         .seq = w->audit->seq,
                         .sentence = "the feed shows an aanmelding that nothing accepted "
                                     "makes so"};
    unsigned features = F_ANY;
    for (uint32_t i = 0; i < w->n; i++) {
        struct subject *s = &w->v[i];
        struct weighed v;
        if (s->parent != i || s->instelling != e->instelling)
            continue;
        weigh(w, s, &v);
        if (about(s, &v, e->bsn)) {
            if (s->doubtful) {
                free(v.acts);
                return; /* it may be that one */
            }
            features |= features_of(w, s, &v);
            m.unsure = m.unsure || (!s->match && only_late(w, s, &v, e));
        }
        free(v.acts);
    }
    tell(c, features, &m);
}

/* Each needs a walk over all aanmeldingen; more of them say nothing more. */
#define SURPLUS_MAX 100

static void compare(struct compared *c)
{
    struct world *w = &c->w;
    size_t left = SURPLUS_MAX;
    assign(w);
    for (uint32_t i = 0; i < w->n; i++)
        if (w->v[i].parent == i && !w->v[i].doubtful)
            compare_one(c, i);
    for (uint32_t i = 0; i < w->n_final && left; i++) {
        const struct entry *e = world_entry(w, i);
        /* A person whom this scenario does not know belongs to another conversation. */
        if (e->lapsed || w->owner[i] || !lookup_get(w->people, e->bsn))
            continue;
        left--;
        surplus(c, i);
    }
}

static bool proves(const struct history *h, const char *id)
{
    for (size_t i = 0; i < json_array_size(h->proves); i++) {
        const char *p = json_string_value(json_array_get(h->proves, i));
        if (p && !strcmp(p, id))
            return true;
    }
    return false;
}

void check_oracle(struct look *l)
{
    struct compared c;
    bool any = world_init(&c.w, l->h);
    for (size_t i = 0; any && i < ARRAY_LEN(rows); i++) {
        c.looks[i] = look_for(l, rows[i].check);
        c.speaks[i] = i == 0 || proves(l->h, c.looks[i].check->info.requirement);
    }
    if (any)
        compare(&c);
    world_done(&c.w);
}
