/* More than a koppelpunt can take: requests that are sent as fast as they go, until it
 * must refuse some (KP-ROB-02). How much that is, its iut.json says (overloadAt). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

/* How many are under way at once when only a number of requests is told. */
#define AT_ONCE 48
/* Twice the bound at once, and again, so that one full second of it is met. */
#define TIMES 3

struct flood {
    struct lane *l;
    struct client *client;
    size_t total, sent, open, at_once;
    size_t ok, refused, wrong;
    char wrong_word[40];
    uint64_t began;
};

static void flood_more(struct flood *f);

/* A bound per second was passed for certain when the whole flood was well above it. */
static bool fast_enough(const struct flood *f)
{
    double seconds = (double)(wire_now(f->l->t->wire) - f->began) / (double)NS_PER_S;
    int bound = f->l->t->c.iut->overload_requests;
    return bound <= 0 || (double)f->sent > 1.25 * bound * seconds;
}

static void flood_over(struct flood *f)
{
    struct lane *l = f->l;
    struct trial *t = l->t;
    char *why = NULL;
    bool slow = !f->wrong && !f->refused && !fast_enough(f);
    if (f->wrong)
        why = xasprintf(
            "under load %zu of %zu calls were answered otherwise than ok, 429 or "
            "503: %s",
            f->wrong, f->sent, f->wrong_word);
    else if (slow)
        why =
            xstrdup("this machine could not make as many calls as the iut.json says that "
                    "it takes (overloadAt)");
    else if (!f->refused)
        why = xasprintf(
            "none of %zu calls was refused, though the iut.json says that it is "
            "overloaded by this (overloadAt)",
            f->sent);
    struct outcome o = {.met = slow ? -1 : !why,
                        .what = "too many calls at once are refused with 429 or 503",
                        .why = why,
                        .blame = t->koppelpunt_tested ? "system" : "harness",
                        .expected = json_string("ok, too-many or unavailable"),
                        .seen = json_pack("{sI,sI,sI}", "ok", (json_int_t)f->ok,
                                          "refused", (json_int_t)f->refused, "otherwise",
                                          (json_int_t)f->wrong)};
    lane_expect(l, &o);
    free(why);
    free(f);
    lane_next(l);
}

static void flood_said(void *arg, const struct said *s)
{
    struct flood *f = arg;
    f->open--;
    if (!strcmp(s->word, "ok")) {
        f->ok++;
    } else if (!strcmp(s->word, "too-many") || !strcmp(s->word, "unavailable")) {
        f->refused++;
    } else {
        f->wrong++;
        snprintf(f->wrong_word, sizeof f->wrong_word, "%s", s->word);
    }
    flood_more(f);
}

static void flood_more(struct flood *f)
{
    struct trial *t = f->l->t;
    bool enough = f->refused >= 3 || t->end_outcome;
    json_t *m = json_pack("{si}", "limiet", 1);
    while (!enough && f->sent < f->total && f->open < f->at_once) {
        struct ask a = {.op = OP_OPHALEN, .message = m, .client = f->client};
        f->sent++;
        f->open++;
        trial_ask(f->l, &a, flood_said, f);
    }
    json_decref(m);
    if (!f->open)
        flood_over(f);
}

/* The token first, patiently: it is not what is being flooded. */
static void flood_token(void *arg, const struct said *s)
{
    struct flood *f = arg;
    (void)s;
    f->began = wire_now(f->l->t->wire);
    flood_more(f);
}

static void client_floods(struct lane *l, const json_t *step)
{
    struct flood *f = xcalloc(1, sizeof *f);
    const struct iut *iut = l->t->c.iut;
    f->l = l;
    f->client = trial_client(l->t, json_string_value(json_object_get(step, "client")));
    f->at_once =
        iut->overload_connections > 0 ? (size_t)iut->overload_connections * 2 : AT_ONCE;
    f->total = iut->overload_requests > 0 ? (size_t)iut->overload_requests * TIMES
                                          : f->at_once * TIMES;
    if (f->at_once > 1000)
        f->at_once = 1000;
    json_t *m = json_object();
    struct ask a = {.op = OP_OPHALEN, .message = m, .client = f->client, .patient = true};
    trial_ask(l, &a, flood_token, f);
    json_decref(m);
}

static const char *const until[] = {"it refuses", NULL};
static const struct verb_key flood_keys[] = {{"calls until", KEY_WORD, true, until},
                                             {"proves", KEY_IDS, false, NULL},
                                             {NULL, KEY_ANY, false, NULL}};

const struct verb load_verbs[] = {
    {"client", "calls until", false, KEY_ANY, client_floods,
     "a party calls as fast as it can until the koppelpunt refuses (overloadAt in the "
     "iut.json)",
     flood_keys},
    {NULL, NULL, false, KEY_ANY, NULL, NULL, NULL},
};
