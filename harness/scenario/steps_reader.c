/* What overstapsystemen and the koppelpunt are made to do: fetch, restart, be killed, be
 * down, show another certificate. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

#define FETCH_TIMEOUT (40 * (uint64_t)NS_PER_S)
#define AGAIN_GAP     (200 * (uint64_t)NS_PER_MS)

/* ---- fetching ---- */

static void await_runs(struct lane *l);
static void ask_again(void *arg);

/* An overstapsysteem of ours waits as long as the koppelpunt under test asks it to with
 * Retry-After; meanwhile it answers 503. That is no failure of anybody (CONTRACT.md 2),
 * within the time that a koppelpunt has. */
static bool only_waits(const struct lane *l, const struct observed *o)
{
    const char *want = json_text(lane_step(l), "answer");
    bool wants_ok = !want || !strcmp(want, "ok");
    uint64_t patience = (uint64_t)(l->t->patience * (double)NS_PER_S);
    return l->t->koppelpunt_tested && wants_ok && o->answered && o->status == 503 &&
           !json_is_true(json_object_get(lane_step(l), "may fail")) &&
           !l->t->end_outcome && wire_now(l->t->wire) < l->step_began + patience;
}

static void fetched(void *arg, const struct observed *o)
{
    struct lane *l = arg;
    if (only_waits(l, o)) {
        l->t->waiting++;
        wire_timer(l->t->wire, wire_now(l->t->wire) + AGAIN_GAP, ask_again, l);
        return;
    }
    if (o->answered && o->status == 404) { /* declared, but not there: no fault of it */
        await_runs(l);
        return;
    }
    const json_t *step = lane_step(l);
    struct reader *r = lane_reader(l);
    const char *want = json_text(step, "answer");
    bool succeeded = o->answered && o->status == 200;
    bool may_fail = json_is_true(json_object_get(step, "may fail"));
    bool right = may_fail || (want && strcmp(want, "ok") ? o->answered && o->status == 503
                                                         : succeeded);
    char *why = NULL;
    if (!right)
        why = o->answered
                  ? xasprintf("the fetch that was asked for (ophalen) answered %d",
                              o->status)
                  : xasprintf("the fetch that was asked for (ophalen) got no answer: %s",
                              o->detail);
    /* A fetch by an overstapsysteem of ours fails only through the koppelpunt under test.
     */
    struct outcome out = {
        .met = right,
        .what = "a fetch when it is asked for",
        .why = why,
        .blame = r->under_test || l->t->koppelpunt_tested ? "system" : "harness",
        .expected = json_string(want ? want : "ok"),
        .seen = json_integer(o->answered ? o->status : 0),
        .proves = l->t->koppelpunt_tested && !json_object_get(step, "proves")
                      ? "KP-INT-01"
                      : NULL,
    };
    if (right && (may_fail || !json_object_get(step, "proves"))) {
        json_decref(out.expected);
        json_decref(out.seen);
    } else {
        lane_expect(l, &out);
    }
    free(why);
    lane_next(l);
}

/* A system without `ophalen`: two whole runs must end, so that one of them began after
 * this step. */
static bool two_runs_done(struct lane *l, uint64_t base)
{
    return l->t->fetch_runs_done >= base + 2;
}

static void runs_awaited(struct lane *l, bool met)
{
    bool told = !met || json_object_get(lane_step(l), "proves");
    if (told && !l->t->end_outcome) {
        struct outcome o = {.met = met,
                            .what = "the system fetches by itself",
                            .why = met ? NULL
                                       : "the overstapsysteem did not finish fetching in "
                                         "time",
                            .expected = json_string("two whole fetches"),
                            .seen = json_integer((json_int_t)l->t->fetch_runs_done)};
        lane_expect(l, &o);
    }
    lane_next(l);
}

/* A fetch that can't succeed leaves no trace of its end here: an attempt has certainly
 * been made when the longest gap between two is over (8 intervals; CONTRACT.md 7). */
static bool never_done(struct lane *l, uint64_t base)
{
    (void)l;
    (void)base;
    return false;
}

static void gap_over(struct lane *l, bool met)
{
    (void)met;
    lane_next(l);
}

static bool must_fail(const json_t *step)
{
    const char *want = json_text(step, "answer");
    return json_is_true(json_object_get(step, "may fail")) ||
           (want && strcmp(want, "ok"));
}

/* What a system does that can't be asked to fetch. */
static void await_runs(struct lane *l)
{
    struct trial *t = l->t;
    if (must_fail(lane_step(l)))
        trial_wait(l, never_done, 0, (uint64_t)(9 * t->interval * (double)NS_PER_S),
                   gap_over);
    else
        trial_wait(l, two_runs_done, t->fetch_runs_done,
                   lane_duration(l, "within", t->patience), runs_awaited);
}

static void ask_to_fetch(struct lane *l)
{
    observer_ask(l, lane_reader(l), "ophalen", json_object(), FETCH_TIMEOUT, fetched, l);
}

static void ask_again(void *arg)
{
    struct lane *l = arg;
    l->t->waiting--;
    ask_to_fetch(l);
}

static void reader_fetches(struct lane *l, const json_t *step)
{
    (void)step;
    struct trial *t = l->t;
    struct reader *r = lane_reader(l);
    if (!r->under_test || (observer_present(t, r) && iut_has(t->c.iut, "ophalen")))
        ask_to_fetch(l);
    else
        await_runs(l);
}

/* ---- a newcomer, and own data ---- */

static void reader_joins(struct lane *l, const json_t *step)
{
    struct err e = {0};
    const char *name = json_text(step, "which");
    if (!map_get(l->t->readers, name) && !setup_reader(l->t, name, &e)) {
        lane_stop(l, "harness", e.text);
        return;
    }
    lane_next(l);
}

static void told(void *arg, const struct observed *o)
{
    struct lane *l = arg;
    bool right = o->answered && o->status / 100 == 2;
    if (!right) {
        bool absent = o->answered && o->status == 404;
        struct outcome out = {.met = absent ? -1 : 0,
                              .what = "the observer takes what it is told",
                              .why = absent
                                         ? "the observer does not have this operation"
                                         : "the observer did not take what it was told",
                              .expected = json_integer(204),
                              .seen = json_integer(o->answered ? o->status : 0)};
        lane_expect(l, &out);
    }
    lane_next(l);
}

static json_t *own_entry(struct lane *l, const char *name, const char *status)
{
    char begin[32];
    struct application *a = lane_application(l, name);
    const struct opleiding *o = tables_opleiding(l->t->tables, a->a.opleiding);
    const struct instelling *i = tables_instelling(l->t->tables, a->a.instelling);
    when_t at = a->a.begin ? a->a.begin : a->clock - 3600 * NS_PER_S;
    const char *wish = json_text(lane_step(l), "began");
    uint64_t ns;
    if (wish && (*wish == '+' || *wish == '-') && !when_parse_duration(wish + 1, &ns))
        at = wire_wall(l->t->wire) / NS_PER_S * NS_PER_S +
             (*wish == '+' ? 1 : -1) * (when_t)ns;
    else if (wish && strcmp(wish, "same"))
        when_parse(wish, strlen(wish), &at);
    return json_pack("{ss,s{ss,ss},s{ss,ss},ss,ss}", "bsn", a->a.person->bsn,
                     "instelling", "code", a->a.instelling, "naam", i ? i->name : "",
                     "opleiding", "code", a->a.opleiding, "naam", o ? o->name : "",
                     "status", status, "statusBegin", when_format(at, begin));
}

static void reader_has_own(struct lane *l, const json_t *step)
{
    json_t *list = json_array(), *status;
    const char *name;
    struct reader *r = lane_reader(l);
    json_t *all = json_object_get(step, "applications");
    json_object_foreach (all, name, status) {
        json_array_append_new(list, own_entry(l, name, json_string_value(status)));
    }
    observer_ask(l, r, "eigen-aanmeldingen", json_pack("{so}", "aanmeldingen", list),
                 10 * (uint64_t)NS_PER_S, told, l);
}

/* ---- restarts ---- */

static void system_back(void *arg, bool ok, const char *blame, const char *why)
{
    struct lane *l = arg;
    struct trial *t = l->t;
    if (!ok) {
        lane_stop(l, blame, why);
        return;
    }
    for (size_t i = 0; t->koppelpunt_tested && i < t->n_clients; i++) {
        /* Tokens may end at a restart (CONTRACT.md 3). */
        free(t->client_list[i]->token);
        t->client_list[i]->token = NULL;
    }
    lane_next(l);
}

static void restart_system(struct lane *l, bool kill)
{
    sut_restart(l->t->sut, kill, system_back, l);
}

static void reader_restarts(struct lane *l, const json_t *step)
{
    if (lane_reader(l)->under_test)
        restart_system(l, !strcmp(json_text(step, "overstapsysteem"), "is killed"));
    else
        lane_next(l); /* ours keeps nothing that a restart could show */
}

static void koppelpunt_restarts(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    struct err e = {0};
    if (t->koppelpunt_tested)
        restart_system(l, !strcmp(json_text(step, "koppelpunt"), "is killed"));
    else if (setup_koppelpunt_again(t, &e))
        lane_stop(l, "harness", e.text);
    else
        lane_next(l);
}

static void koppelpunt_down(struct lane *l, const json_t *step)
{
    (void)step;
    if (l->t->koppelpunt)
        host_down(l->t->koppelpunt);
    lane_next(l);
}

static void koppelpunt_up(struct lane *l, const json_t *step)
{
    struct err e = {0};
    (void)step;
    if (l->t->koppelpunt && host_up(l->t->koppelpunt, &e))
        lane_stop(l, "harness", e.text);
    else
        lane_next(l);
}

static void koppelpunt_lapses(struct lane *l, const json_t *step)
{
    (void)step;
    if (l->t->koppelpunt_role)
        koppelpunt_lapse_cursors(l->t->koppelpunt_role);
    lane_next(l);
}

static void koppelpunt_tokens(struct lane *l, const json_t *step)
{
    (void)step;
    if (l->t->koppelpunt_role)
        koppelpunt_end_tokens(l->t->koppelpunt_role);
    lane_next(l);
}

static void koppelpunt_certificate(struct lane *l, const json_t *step)
{
    struct err e = {0};
    if (l->t->koppelpunt && setup_certificate(l->t, json_text(step, "kind"), &e))
        lane_stop(l, "harness", e.text);
    else
        lane_next(l);
}

/* ---- what the koppelpunt sees of the system's requests ---- */

/* By when it began: on a busy machine we may only come to it when it was allowed again.
 */
static bool request_came(struct lane *l, uint64_t base)
{
    return l->t->fetch_requests > base && l->t->last_fetch_begin < l->quiet_until;
}

static void quiet_over(struct lane *l, bool came)
{
    if (l->t->end_outcome) { /* it was not waited to the end */
        lane_next(l);
        return;
    }
    struct outcome o = {
        .met = !came,
        .what = "no request to fetch for a while",
        .why = came ? "the overstapsysteem asked for aanmeldstatussen when it "
                      "should not have"
                    : NULL,
        .expected = json_string("no request"),
        .seen = json_string(came ? "a request" : "no request"),
        .within = lane_duration(l, "for", 3 * l->t->interval)};
    lane_expect(l, &o);
    lane_next(l);
}

static void koppelpunt_sees_none(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    uint64_t now = wire_now(t->wire);
    uint64_t from = t->last_fetch_begin ? t->last_fetch_begin : now;
    (void)step;
    l->quiet_until = from + lane_duration(l, "for", 3 * t->interval);
    trial_wait(l, request_came, t->fetch_requests,
               l->quiet_until > now ? l->quiet_until - now : 0, quiet_over);
}

static const char *const answers[] = {"ok", "unavailable", NULL};
static const char *const kinds[] = {"good",        "expired",   "wrong-host",
                                    "self-signed", "untrusted", NULL};

static const struct verb_key fetch_keys[] = {
    {"which", KEY_TEXT, false, NULL},    {"answer", KEY_WORD, false, answers},
    {"may fail", KEY_BOOL, false, NULL}, {"within", KEY_DURATION, false, NULL},
    {"proves", KEY_IDS, false, NULL},    {NULL, KEY_ANY, false, NULL}};
static const struct verb_key join_keys[] = {{"which", KEY_TEXT, true, NULL},
                                            {NULL, KEY_ANY, false, NULL}};
static const struct verb_key own_keys[] = {{"applications", KEY_SEES, true, NULL},
                                           {"which", KEY_TEXT, false, NULL},
                                           {"began", KEY_TIME, false, NULL},
                                           {"proves", KEY_IDS, false, NULL},
                                           {NULL, KEY_ANY, false, NULL}};
static const struct verb_key which_keys[] = {{"which", KEY_TEXT, false, NULL},
                                             {NULL, KEY_ANY, false, NULL}};
static const struct verb_key no_keys[] = {{NULL, KEY_ANY, false, NULL}};
static const struct verb_key certificate_keys[] = {{"kind", KEY_WORD, true, kinds},
                                                   {NULL, KEY_ANY, false, NULL}};
static const struct verb_key quiet_keys[] = {{"for", KEY_DURATION, false, NULL},
                                             {"proves", KEY_IDS, false, NULL},
                                             {NULL, KEY_ANY, false, NULL}};

const struct verb reader_verbs[] = {
    {"overstapsysteem", "fetches", true, KEY_ANY, reader_fetches,
     "an overstapsysteem fetches now, and the step ends when it has", fetch_keys},
    {"overstapsysteem", "joins", true, KEY_ANY, reader_joins,
     "another overstapsysteem, played by us, begins", join_keys},
    {"overstapsysteem", "has its own", true, KEY_ANY, reader_has_own,
     "the overstapsysteem is given regional aanmeldingen of its own", own_keys},
    {"overstapsysteem", "restarts", true, KEY_ANY, reader_restarts,
     "it is stopped and started again", which_keys},
    {"overstapsysteem", "is killed", true, KEY_ANY, reader_restarts,
     "it is killed without warning and started again", which_keys},
    {"koppelpunt", "restarts", true, KEY_ANY, koppelpunt_restarts,
     "the koppelpunt is stopped and started again", no_keys},
    {"koppelpunt", "is killed", true, KEY_ANY, koppelpunt_restarts,
     "the koppelpunt is killed without warning and started again", no_keys},
    {"koppelpunt", "goes down", true, KEY_ANY, koppelpunt_down,
     "the koppelpunt (played by us) can't be reached", no_keys},
    {"koppelpunt", "comes back", true, KEY_ANY, koppelpunt_up,
     "the koppelpunt (played by us) can be reached again", no_keys},
    {"koppelpunt", "forgets cursors", true, KEY_ANY, koppelpunt_lapses,
     "all cursors handed out lapse: the next use is answered \"gone\"", no_keys},
    {"koppelpunt", "ends tokens", true, KEY_ANY, koppelpunt_tokens,
     "all tokens end at once", no_keys},
    {"koppelpunt", "shows certificate", true, KEY_ANY, koppelpunt_certificate,
     "the koppelpunt (played by us) shows a certificate of this kind from now on",
     certificate_keys},
    {"koppelpunt", "sees no fetch", true, KEY_ANY, koppelpunt_sees_none,
     "the overstapsysteem under test asks for nothing during this time, counted from its "
     "last request",
     quiet_keys},
    {NULL, NULL, false, KEY_ANY, NULL, NULL, NULL},
};
