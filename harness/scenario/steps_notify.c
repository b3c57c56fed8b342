/*
 * Notifications: an overstapsystem that we play subscribes at the koppelpunt under test
 * and looks at what comes, when and how often (KP-NOT-02..04); the koppelpunt that we
 * play loses one (OS-NOT-01).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/scenario/receiver.h"

#define MS 1000000ULL
/* A notification that was on its way when 410 was answered is no breach. */
#define GONE_GRACE (300 * MS)
/* The contract's gap after the n-th failure is 25 * 4^n s; a gap that is half as long
 * again as the one before has certainly grown, whatever the machine did in between. */
#define GAP_FIRST  25.0
#define GAP_FACTOR 4.0
#define GROWN      1.5
#define SILENCE    5.0
#define PAGES_MAX  10000

static const char *text(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

/* What an expectation of this step speaks for. */
static const char *proves(const struct lane *l, const char *otherwise)
{
    return json_object_get(lane_step(l), "proves") ? NULL : otherwise;
}

/* It may have happened before anybody waits for it. */
static void wait_for(struct lane *l, bool (*ready)(struct lane *l, uint64_t base),
                     uint64_t base, uint64_t within,
                     void (*done)(struct lane *l, bool met))
{
    if (ready(l, base))
        done(l, true);
    else
        trial_wait(l, ready, base, within, done);
}

static struct client *party(struct lane *l)
{
    const char *which = text(lane_step(l), "which");
    return which ? trial_client(l->t, which) : l->t->main_reader->client;
}

static void not_observed(struct lane *l, const char *only, const char *what,
                         const char *why)
{
    struct outcome o = {.met = -1, .what = what, .why = why, .proves = proves(l, only)};
    lane_expect(l, &o);
    lane_next(l);
}

/* The party of the step and its receiver; NULL after the lane was stopped or went on. */
static struct receiver *receiver(struct lane *l)
{
    struct client *c = party(l);
    struct receiver *r = c ? receiver_find(l->t, c) : NULL;
    if (!r)
        lane_stop(l, "harness",
                  "this overstapsysteem has not subscribed in this scenario");
    return r;
}

/* ---- subscribing ---- */

struct subscribing {
    struct lane *l;
    struct receiver *r;
};

static void subscribed(void *arg, const struct said *s)
{
    struct subscribing *k = arg;
    struct lane *l = k->l;
    struct receiver *r = k->r;
    const char *id = text(s->answer, "abonnementId"),
               *url = text(s->answer, "callbackUrl");
    bool ok = !strcmp(s->word, "ok") && id && url;
    char *why = NULL;
    if (!ok)
        why = xasprintf("subscribing on notifications was answered %s (%d)", s->word,
                        s->status);
    else if (strcmp(url, r->url))
        why = xstrdup("the abonnement is for another address than was given");
    else if (r->abonnement && strcmp(id, r->abonnement))
        why = xstrdup("the same address again became another abonnement");
    struct outcome o = {.met = !why,
                        .what = "an abonnement on notifications",
                        .why = why,
                        .expected = json_string("ok"),
                        .seen = json_string(s->word),
                        .proves = proves(l, "KP-NOT-02")};
    lane_expect(l, &o);
    if (ok) {
        free(r->abonnement);
        r->abonnement = xstrdup(id);
    }
    free(why);
    free(k);
    lane_next(l);
}

/* A koppelpunt that runs elsewhere can't reach our loopback. */
static bool reachable(const struct trial *t)
{
    const char *url = t->koppelpunt_url, *host = strstr(url, "://");
    host = host ? host + 3 : url;
    return t->c.iut->start || !strncmp(host, "127.", 4) ||
           !strncmp(host, "localhost", 9) || !strncmp(host, "[::1]", 5);
}

static void reader_subscribes(struct lane *l, const json_t *step)
{
    struct err e = {0};
    struct client *c = party(l);
    (void)step;
    if (!reachable(l->t)) {
        lane_stop(l, "environment",
                  "notifications are received on the loopback only, and this koppelpunt "
                  "runs elsewhere");
        return;
    }
    struct receiver *r = c ? receiver_of(l->t, c, &e) : NULL;
    if (!r) {
        lane_stop(l, "harness", c ? e.text : "there is no such overstapsysteem");
        return;
    }
    struct subscribing *k = xcalloc(1, sizeof *k);
    *k = (struct subscribing){l, r};
    json_t *m = json_pack("{ss}", "callbackUrl", r->url);
    struct ask a = {.op = OP_ABONNEREN,
                    .message = m,
                    .client = c,
                    .patient = true,
                    .persistent = true};
    trial_ask(l, &a, subscribed, k);
    json_decref(m);
}

static void unsubscribed(void *arg, const struct said *s)
{
    struct subscribing *k = arg;
    struct lane *l = k->l;
    bool ok = !strcmp(s->word, "ok");
    char *why =
        ok ? NULL
           : xasprintf("ending an abonnement was answered %s (%d)", s->word, s->status);
    struct outcome o = {.met = ok,
                        .what = "an abonnement is ended",
                        .why = why,
                        .expected = json_string("ok"),
                        .seen = json_string(s->word),
                        .proves = proves(l, "KP-NOT-04")};
    lane_expect(l, &o);
    if (ok && !k->r->gone_at)
        k->r->gone_at = s->ended;
    free(why);
    free(k);
    lane_next(l);
}

static void reader_unsubscribes(struct lane *l, const json_t *step)
{
    (void)step;
    struct receiver *r = receiver(l);
    if (!r)
        return;
    if (!r->abonnement) {
        not_observed(l, "KP-NOT-04", "an abonnement is ended", "there is no abonnement");
        return;
    }
    struct subscribing *k = xcalloc(1, sizeof *k);
    *k = (struct subscribing){l, r};
    json_t *m = json_pack("{ss}", "abonnementId", r->abonnement);
    struct ask a = {
        .op = OP_OPZEGGEN, .message = m, .client = r->client, .patient = true};
    trial_ask(l, &a, unsubscribed, k);
    json_decref(m);
}

static const char *const answers[] = {
    [RECEIVER_OK] = "ok",          [RECEIVER_UNAVAILABLE] = "unavailable",
    [RECEIVER_GONE] = "gone",      [RECEIVER_REDIRECT] = "redirect",
    [RECEIVER_SILENT] = "silence", NULL};

static void reader_answers(struct lane *l, const json_t *step)
{
    struct receiver *r = receiver(l);
    if (!r)
        return;
    for (size_t i = 0; answers[i]; i++)
        if (!strcmp(answers[i], text(step, "with")))
            r->answer = (enum receiver_answer)i;
    r->settled = r->n;
    lane_next(l);
}

/* ---- is notified ---- */

/* What a gap after so many failures is in this trial, in seconds. */
static double gap_due(const struct lane *l, unsigned failures)
{
    double gap = GAP_FIRST * (l->t->c.iut->start ? NOTIFICATION_SCALE : 1);
    for (unsigned i = 1; i < failures; i++)
        gap *= GAP_FACTOR;
    return failures ? gap : 0;
}

/* After failures the next attempt may be long in coming. */
static uint64_t notified_within(const struct lane *l, const struct receiver *r)
{
    return lane_duration(l, "within", l->t->patience + 2 * gap_due(l, r->failed));
}

/* A notification that came since and tells of all that the feed holds; or one that can't
 * be read, which is another requirement's matter. */
static bool told_all(struct lane *l, uint64_t base)
{
    const struct receiver *r = receiver_find(l->t, party(l));
    for (size_t i = base; i < r->n; i++)
        if (!r->v[i].readable || r->v[i].upto >= r->last)
            return true;
    return false;
}

static void told(struct lane *l, bool met)
{
    struct receiver *r = receiver_find(l->t, party(l));
    char *why = NULL;
    if (l->t->end_outcome) {
        lane_next(l);
        return;
    }
    if (!met)
        why =
            r->n > r->settled
                ? xasprintf("the last notification tells up to volgnummer %lld, the feed "
                            "goes up to %lld",
                            (long long)r->v[r->n - 1].upto, (long long)r->last)
                : xstrdup("there was a change, and no notification came");
    struct outcome o = {.met = met,
                        .what = "a notification of the change",
                        .why = why,
                        .expected = json_sprintf("a notification up to volgnummer %lld",
                                                 (long long)r->last),
                        .seen = json_sprintf("%zu notifications", r->n - r->settled),
                        .proves = proves(l, "KP-NOT-02"),
                        .within = notified_within(l, r)};
    lane_expect(l, &o);
    r->settled = r->n;
    free(why);
    lane_next(l);
}

struct reading {
    struct lane *l;
    struct receiver *r;
    int pages;
};

static void read_page(struct reading *k);

static void page_came(void *arg, const struct said *s)
{
    struct reading *k = arg;
    struct lane *l = k->l;
    struct receiver *r = k->r;
    const json_t *list = json_object_get(s->answer, "aanmeldstatussen");
    json_t *next = json_object_get(s->answer, "volgende");
    bool ok = !strcmp(s->word, "ok") && json_is_string(next);
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        json_int_t n =
            json_integer_value(json_object_get(json_array_get(list, i), "volgnummer"));
        r->last = n > r->last ? n : r->last;
    }
    if (ok || s->status == 410) {
        json_decref(r->cursor);
        r->cursor = ok ? json_incref(next) : NULL;
    }
    bool more = json_is_true(json_object_get(s->answer, "meer")) || s->status == 410;
    if ((ok || s->status == 410) && more && ++k->pages < PAGES_MAX) {
        read_page(k);
        return;
    }
    free(k);
    if (ok)
        wait_for(l, told_all, r->settled, notified_within(l, r), told);
    else
        not_observed(l, "KP-NOT-02", "a notification of the change",
                     "the feed could not be read, so nobody knows of what it must tell");
}

static void read_page(struct reading *k)
{
    json_t *m = json_object();
    if (k->r->cursor)
        json_object_set(m, "sinds", k->r->cursor);
    struct ask a = {.op = OP_OPHALEN,
                    .message = m,
                    .client = k->r->client,
                    .patient = true,
                    .persistent = true};
    trial_ask(k->l, &a, page_came, k);
    json_decref(m);
}

static void reader_is_notified(struct lane *l, const json_t *step)
{
    (void)step;
    struct receiver *r = receiver(l);
    if (!r)
        return;
    struct reading *k = xcalloc(1, sizeof *k);
    *k = (struct reading){l, r, 0};
    read_page(k);
}

/* ---- is notified again ---- */

static size_t times(const struct lane *l)
{
    const json_t *n = json_object_get(lane_step(l), "times");
    return json_is_integer(n) ? (size_t)json_integer_value(n) : 2;
}

/* What the contract's gaps take, and as much again. */
static double retries_take(const struct lane *l, const struct receiver *r)
{
    double sum = 5;
    for (unsigned i = 1; i <= times(l); i++)
        sum += 2 * gap_due(l, i) + (r->answer == RECEIVER_SILENT ? SILENCE : 0);
    return sum;
}

static bool came_again(struct lane *l, uint64_t base)
{
    return receiver_find(l->t, party(l))->n > base + times(l);
}

static double gap_after(const struct receiver *r, size_t i)
{
    return (double)(r->v[i + 1].at - r->v[i].at) / (double)NS_PER_S;
}

/* What is wrong with the attempts since `first`; the caller frees. */
static char *attempts_wrong(const struct lane *l, const struct receiver *r, size_t first)
{
    if (r->n <= first)
        return xstrdup("there was a change, and no notification came");
    if (r->n - first <= times(l))
        return xasprintf("a notification that was not acknowledged came again %zu times, "
                         "not %zu",
                         r->n - first - 1, times(l));
    if (r->followed)
        return xstrdup("it followed the redirect with which a notification was answered");
    for (size_t i = first; i + 1 < r->n; i++)
        if (strcmp(r->v[i].id, r->v[i + 1].id))
            return xstrdup("the notification that came again has another id");
    for (size_t i = first; i + 2 < r->n && r->answer != RECEIVER_SILENT; i++)
        if (gap_after(r, i + 1) < GROWN * gap_after(r, i))
            return xasprintf("the gaps do not grow: %.2f s, then %.2f s", gap_after(r, i),
                             gap_after(r, i + 1));
    return NULL;
}

static void again(struct lane *l, bool met)
{
    struct receiver *r = receiver_find(l->t, party(l));
    size_t first = r->settled;
    (void)met;
    if (l->t->end_outcome) {
        lane_next(l);
        return;
    }
    char *why = attempts_wrong(l, r, first);
    json_t *gaps = json_array();
    for (size_t i = first; i + 1 < r->n; i++)
        json_array_append_new(gaps, json_sprintf("%.2f s", gap_after(r, i)));
    struct outcome o = {
        .met = !why,
        .what = "a notification that was not acknowledged comes again, with the same id",
        .why = why,
        .expected = json_sprintf("%zu times again, with growing gaps", times(l)),
        .seen = gaps,
        .proves = proves(l, "KP-NOT-03"),
        .within = lane_duration(l, "within", retries_take(l, r))};
    lane_expect(l, &o);
    r->settled = r->n;
    free(why);
    lane_next(l);
}

static void reader_is_notified_again(struct lane *l, const json_t *step)
{
    (void)step;
    struct receiver *r = receiver(l);
    if (r)
        wait_for(l, came_again, r->settled,
                 lane_duration(l, "within", retries_take(l, r)), again);
}

/* ---- is not notified ---- */

static bool came_after(struct lane *l, uint64_t moment)
{
    const struct receiver *r = receiver_find(l->t, party(l));
    return r->n && r->v[r->n - 1].at > moment;
}

static void quiet_over(struct lane *l, bool came)
{
    if (l->t->end_outcome) {
        lane_next(l);
        return;
    }
    struct outcome o = {
        .met = !came,
        .what = "no notification after the abonnement has ended",
        .why = came ? "a notification came although the abonnement had ended" : NULL,
        .expected = json_string("no notification"),
        .seen = json_string(came ? "a notification" : "no notification"),
        .proves = proves(l, "KP-NOT-04"),
        .within = lane_duration(l, "for", 2)};
    lane_expect(l, &o);
    lane_next(l);
}

static void reader_is_not_notified(struct lane *l, const json_t *step)
{
    (void)step;
    struct receiver *r = receiver(l);
    if (!r)
        return;
    if (!r->gone_at) {
        not_observed(l, "KP-NOT-04", "no notification after the abonnement has ended",
                     "no notification came that could be answered with 410");
        return;
    }
    wait_for(l, came_after, r->gone_at + GONE_GRACE, lane_duration(l, "for", 2),
             quiet_over);
}

/* ---- the koppelpunt that we play ---- */

static bool has_abonnement(struct lane *l, uint64_t base)
{
    return koppelpunt_abonnementen(l->t->koppelpunt_role) > base;
}

static void abonnement_awaited(struct lane *l, bool met)
{
    if (met || l->t->end_outcome)
        lane_next(l);
    else
        not_observed(l, NULL, "the overstapsysteem subscribes on notifications",
                     "the overstapsysteem declares notificaties and did not subscribe");
}

static void koppelpunt_sees_abonnement(struct lane *l, const json_t *step)
{
    (void)step;
    if (l->t->koppelpunt_role)
        wait_for(l, has_abonnement, 0, lane_duration(l, "within", l->t->patience),
                 abonnement_awaited);
    else
        lane_next(l);
}

static void koppelpunt_loses(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    (void)step;
    if (t->koppelpunt_role)
        koppelpunt_lose_notification(t->koppelpunt_role);
    trial_event(t, "fault",
                json_pack("{ss,ss,ss,ss}", "id", "lost-notification", "phase", "set",
                          "on", op_name(OP_MELDEN), "what",
                          "the next notification gets lost"));
    lane_next(l);
}

static bool lost_one(struct lane *l, uint64_t base)
{
    return koppelpunt_lost_notifications(l->t->koppelpunt_role) > base;
}

static void loss_awaited(struct lane *l, bool met)
{
    struct trial *t = l->t;
    if (met)
        trial_event(t, "fault",
                    json_pack("{ss,ss,ss}", "id", "lost-notification", "phase", "hit",
                              "what", "a notification got lost"));
    if (met || t->end_outcome)
        lane_next(l);
    else
        not_observed(l, NULL, "a notification gets lost", "there was none to be lost");
}

static void koppelpunt_has_lost(struct lane *l, const json_t *step)
{
    (void)step;
    if (l->t->koppelpunt_role)
        wait_for(l, lost_one, 0, lane_duration(l, "within", l->t->patience),
                 loss_awaited);
    else
        lane_next(l);
}

/* ---- the verbs ---- */

#define END                                                                              \
    {                                                                                    \
        NULL, KEY_ANY, false, NULL                                                       \
    }
#define WHICH                                                                            \
    {                                                                                    \
        "which", KEY_TEXT, false, NULL                                                   \
    }
#define PROVES                                                                           \
    {                                                                                    \
        "proves", KEY_IDS, false, NULL                                                   \
    }
static const struct verb_key which_keys[] = {WHICH, PROVES, END};
static const struct verb_key answer_keys[] = {
    WHICH, {"with", KEY_WORD, true, answers}, END};
static const struct verb_key within_keys[] = {
    WHICH, {"within", KEY_DURATION, false, NULL}, PROVES, END};
static const struct verb_key again_keys[] = {WHICH,
                                             {"times", KEY_COUNT, false, NULL},
                                             {"within", KEY_DURATION, false, NULL},
                                             PROVES,
                                             END};
static const struct verb_key quiet_keys[] = {
    WHICH, {"for", KEY_DURATION, false, NULL}, PROVES, END};
static const struct verb_key wait_keys[] = {{"within", KEY_DURATION, false, NULL}, END};
static const struct verb_key no_keys[] = {END};

const struct verb notify_verbs[] = {
    {"overstapsysteem", "subscribes", true, KEY_ANY, reader_subscribes,
     "an overstapsysteem of ours wants notifications; again: the same abonnement",
     which_keys},
    {"overstapsysteem", "unsubscribes", true, KEY_ANY, reader_unsubscribes,
     "it ends its abonnement", which_keys},
    {"overstapsysteem", "answers notifications", true, KEY_ANY, reader_answers,
     "from now on it answers every notification like this", answer_keys},
    {"overstapsysteem", "is notified", true, KEY_ANY, reader_is_notified,
     "since it was last, a notification came up to the last volgnummer of the feed",
     within_keys},
    {"overstapsysteem", "is notified again", true, KEY_ANY, reader_is_notified_again,
     "the same notification comes so many times more (2), with growing gaps", again_keys},
    {"overstapsysteem", "is not notified", true, KEY_ANY, reader_is_not_notified,
     "its abonnement has ended, and nothing comes during this time", quiet_keys},
    {"koppelpunt", "sees an abonnement", true, KEY_ANY, koppelpunt_sees_abonnement,
     "the overstapsysteem under test has subscribed on notifications", wait_keys},
    {"koppelpunt", "loses a notification", true, KEY_ANY, koppelpunt_loses,
     "the next notification of the koppelpunt (played by us) gets lost", no_keys},
    {"koppelpunt", "has lost a notification", true, KEY_ANY, koppelpunt_has_lost,
     "it did get lost", wait_keys},
    {NULL, NULL, false, KEY_ANY, NULL, NULL, NULL},
};
