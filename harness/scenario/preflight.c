/* Preflight: can the two sides reach one another at all, with these credentials? What is
 * wrong here is not the fault of what is under test, and is said in one sentence with
 * what to mend. It runs as a conversation of its own, so that what it does is journalled.
 */
#include "harness/scenario/preflight.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

/* Clocks further apart than this make tests about times worthless. */
#define CLOCK_TOLERANCE 30.0

static void add_fault(struct trial *t, const char *blame, char *text)
{
    if (t->c.preflight)
        json_array_append_new(t->c.preflight,
                              json_pack("{ss,ss}", "blame", blame, "text", text));
    free(text);
}

/* Why there was no answer, and what to do. */
static void no_answer(struct trial *t, const char *url, const struct said *s)
{
    const char *d = s->detail ? s->detail : "";
    switch (s->outcome) {
    case CALL_REFUSED:
        add_fault(
            t, "environment",
            xasprintf("nothing listens at %s (connection refused): start the system or "
                      "correct its address in the iut.json",
                      url));
        return;
    case CALL_RESOLVE:
        add_fault(
            t, "environment",
            xasprintf("the host of %s has no address: correct it in the iut.json", url));
        return;
    case CALL_TIMEOUT:
        add_fault(
            t, "environment",
            xasprintf("%s accepts a connection but does not answer: is this the right "
                      "port, and is the system up?",
                      url));
        return;
    case CALL_NOT_HTTP:
        add_fault(
            t, "environment",
            xasprintf("what answers at %s does not speak HTTP: correct the port (or "
                      "http/https) in the iut.json",
                      url));
        return;
    case CALL_TLS:
        add_fault(
            t, "environment",
            xasprintf("no trusted TLS connection to %s could be made (%s): give the "
                      "authority's certificate as \"caFile\" in the iut.json",
                      url, d));
        return;
    default:
        add_fault(
            t, "environment",
            xasprintf("%s broke off without an answer (%s)", url, *d ? d : s->word));
    }
}

/* ---- a koppelpunt under test ---- */

static void token_said(void *arg, const struct said *s)
{
    struct lane *l = arg;
    struct trial *t = l->t;
    char *url = trial_token_url(t);
    const char *token = json_string_value(json_object_get(s->answer, "access_token"));
    const char *id = t->main_reader->client->id;
    if (s->outcome != CALL_ANSWERED)
        no_answer(t, url, s);
    else if (s->status == 400 || s->status == 401 || s->status == 403)
        add_fault(
            t, "configuration",
            xasprintf("the token endpoint %s refused client \"%s\" (%d): load the "
                      "provisioning file into the system, or correct \"provisioning\"",
                      url, id, s->status));
    else if (s->status != 200 || !token)
        add_fault(
            t, "configuration",
            xasprintf("the token endpoint %s answered %d without an access_token: this "
                      "is no koppelpunt, or \"tokenUrl\" is wrong",
                      url, s->status));
    free(url);
    lane_next(l);
}

/* In a profile with keys the first fetch shows whether ours is known. */
static void key_said(void *arg, const struct said *s)
{
    struct lane *l = arg;
    struct trial *t = l->t;
    if (s->outcome != CALL_ANSWERED)
        no_answer(t, t->koppelpunt_url, s);
    else if (s->status == 401)
        add_fault(
            t, "configuration",
            xasprintf("%s refused the key of client \"%s\" (401): load the provisioning "
                      "file into the system, or correct \"provisioning\"",
                      t->koppelpunt_url, t->main_reader->client->id));
    lane_next(l);
}

static void check_clock(struct trial *t, const struct said *s)
{
    when_t theirs;
    const char *date = s->response ? http_fields_get(&s->response->fields, "Date") : NULL;
    if (!date || when_parse_http(date, &theirs))
        return;
    double off = (double)(theirs - wire_wall(t->wire)) / (double)NS_PER_S;
    if (fabs(off) > CLOCK_TOLERANCE)
        add_fault(t, "environment",
                  xasprintf("the clock of the system is %.0f s %s ours: set both by NTP",
                            fabs(off), off > 0 ? "ahead of" : "behind"));
}

static void health_said(void *arg, const struct said *s)
{
    struct lane *l = arg;
    struct trial *t = l->t;
    const char *url = t->koppelpunt_url;
    if (s->outcome != CALL_ANSWERED) {
        no_answer(t, url, s);
    } else if (s->status != 200) {
        add_fault(
            t, "configuration",
            xasprintf("gezondheid at %s answered %d instead of 200: is baseUrl right "
                      "(without the version in its path)?",
                      url, s->status));
    } else if (!json_is_object(s->answer)) {
        add_fault(
            t, "configuration",
            xasprintf("gezondheid at %s answered 200 but no JSON object: what is there "
                      "is no koppelpunt",
                      url));
    } else {
        check_clock(t, s);
        struct client *c = t->main_reader->client;
        if (!trial_has_tokens(t)) {
            struct ask a = {.op = OP_OPHALEN,
                            .client = c,
                            .patient = true,
                            .timeout_ns = 10 * (uint64_t)NS_PER_S};
            trial_ask(l, &a, key_said, l);
            return;
        }
        json_t *m = json_pack("{ss,ss}", "clientId", c->id, "clientSecret", c->secret);
        struct ask a = {.op = OP_TOKEN,
                        .message = m,
                        .client = c,
                        .timeout_ns = 10 * (uint64_t)NS_PER_S,
                        .patient = true};
        trial_ask(l, &a, token_said, l);
        json_decref(m);
        return;
    }
    lane_next(l);
}

static void check_koppelpunt(struct lane *l, const json_t *step)
{
    struct ask a = {
        .op = OP_GEZONDHEID, .timeout_ns = 10 * (uint64_t)NS_PER_S, .patient = true};
    (void)step;
    trial_ask(l, &a, health_said, l);
}

/* ---- an overstapsysteem under test ---- */

static bool it_fetched(struct lane *l, uint64_t base)
{
    (void)base;
    return l->t->fetch_requests > 0;
}

static void fetch_awaited(struct lane *l, bool met)
{
    struct trial *t = l->t;
    if (!met && t->token_requests)
        add_fault(
            t, "configuration",
            xasprintf("the system asked for a token at %s but not for aanmeldstatussen: "
                      "are its client_id and secret those of the provisioning?",
                      t->koppelpunt_url));
    else if (!met)
        add_fault(
            t, "configuration",
            xasprintf("the system did not call the koppelpunt at %s within its interval: "
                      "does it use KOPPELPUNT_URL, and can it reach this address?",
                      t->koppelpunt_url));
    lane_next(l);
}

static void await_fetch(struct lane *l)
{
    struct trial *t = l->t;
    snprintf(t->waits_for, sizeof t->waits_for, "the system's first fetch");
    trial_wait(l, it_fetched, 0, (uint64_t)((3 * t->interval + 5) * (double)NS_PER_S),
               fetch_awaited);
}

static void observer_said(void *arg, const struct observed *o)
{
    struct lane *l = arg;
    struct trial *t = l->t;
    const char *url = t->main_reader->observer ? t->main_reader->observer : "the command";
    /* One that we start was told where to have its observer, and took connections there.
     */
    bool own = t->c.iut->start && !t->c.iut->observer_url && t->main_reader->observer;
    if (!o->answered && own)
        add_fault(
            t, "system",
            xasprintf("the observer of the system, at %s, gave no HTTP answer (%s); "
                      "see %s/stderr.txt",
                      url, o->detail, t->c.dir));
    else if (!o->answered)
        add_fault(t, "environment",
                  xasprintf("the observer at %s did not answer (%s): start it or correct "
                            "\"observer\" in the iut.json",
                            url, o->detail));
    else if (o->status == 401 || o->status == 403)
        add_fault(
            t, "configuration",
            xasprintf("the observer at %s refused us (%d): give \"observerToken\" in the "
                      "iut.json",
                      url, o->status));
    else if (o->status != 200 || !json_is_array(json_object_get(o->body, "aanmeldingen")))
        add_fault(
            t, "configuration",
            xasprintf("the observer at %s answered waarnemingen with %d and no list "
                      "\"aanmeldingen\": is this the observer?",
                      url, o->status));
    await_fetch(l);
}

static void check_overstapsysteem(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    (void)step;
    if (observer_present(t, t->main_reader))
        observer_ask(l, t->main_reader, "waarnemingen",
                     json_pack("{ss}", "school", "99XX99"), 10 * (uint64_t)NS_PER_S,
                     observer_said, l);
    else
        await_fetch(l);
}

static const struct verb_key no_keys[] = {{NULL, KEY_ANY, false, NULL}};

const struct verb preflight_verbs[] = {
    {"preflight", "koppelpunt", true, KEY_ANY, check_koppelpunt,
     "(internal) can the koppelpunt be reached with our credentials", no_keys},
    {"preflight", "overstapsysteem", true, KEY_ANY, check_overstapsysteem,
     "(internal) is there an observer, and does the system reach us", no_keys},
    {NULL, NULL, false, KEY_ANY, NULL, NULL, NULL},
};

struct scenario *preflight_scenario(const char *role)
{
    struct scenario *s = xcalloc(1, sizeof *s);
    s->file = xstrdup("(preflight)");
    s->family = xstrdup("");
    s->name = xstrdup("preflight");
    s->root = json_pack("{ss,s{ss,ss},ss,s[],s[],s{},s[{ss}]}", "scenario", "preflight",
                        "title", "nl", "Vooronderzoek", "en", "Preflight", "role", role,
                        "proves", "needs", "given", "steps", "preflight", role);
    s->role = json_string_value(json_object_get(s->root, "role"));
    s->title = json_object_get(s->root, "title");
    s->proves = json_object_get(s->root, "proves");
    s->needs = json_object_get(s->root, "needs");
    s->given = json_object_get(s->root, "given");
    s->steps = json_object_get(s->root, "steps");
    return s;
}

void preflight_collect(const struct trial *t, json_t *faults)
{
    if (t->end_outcome && t->end_why && json_array_size(faults) == 0)
        json_array_append_new(faults,
                              json_pack("{ss,ss}", "blame",
                                        t->end_blame ? t->end_blame : "environment",
                                        "text", t->end_why));
}
