/* Who may ask what, and when (KP-TOE-*): what is wrong whatever the scenario expected. */
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/checks_list.h"
#include "harness/judge/words.h"

/* Clocks and reloads are not sharper than this (CONTRACT.md 3). */
#define SLACK (1 * (uint64_t)NS_PER_S)

static bool reads(const struct seen_exchange *x)
{
    return is(x->op, "aanmeldstatussen.ophalen") || is(x->op, "aanmeldstatussen.zoeken");
}

static bool writes(const struct seen_exchange *x)
{
    return is(x->op, "statusmeldingen.indienen") || is(x->op, "standen.indienen");
}

/* Sent with a token that nobody handed out, or with none: never let in. */
void check_no_token(struct look *l, const struct seen_exchange *x)
{
    if (!of_koppelpunt(x) || !(reads(x) || writes(x)) || x->manipulated ||
        !(is(x->token, "none") || is(x->token, "invalid")))
        return;
    if (x->status / 100 == 2 && x->proper)
        look_bad(l, x->seq, 0, json_integer(401), json_integer(x->status),
                 "%s was let in with %s token", x->op,
                 is(x->token, "none") ? "no" : "an invalid");
    else if (x->status == 401 && x->proper)
        look_good(l, x->seq);
}

/* A source reads nothing and a reader sends nothing. */
void check_other_kind(struct look *l, const struct seen_exchange *x)
{
    if (!of_koppelpunt(x) || !x->from || x->manipulated ||
        (x->token && !is(x->token, "own")))
        return;
    bool source = !strncmp(x->from, "sis", 3) || is(x->from, "cambo");
    bool reader = !strncmp(x->from, "overstapsysteem", 15);
    if (!(source && reads(x)) && !(reader && writes(x)))
        return;
    if (x->status / 100 == 2 && x->proper)
        look_bad(l, x->seq, 0, json_integer(403), json_integer(x->status),
                 "%s was let in to %s, which is not for its kind", x->from, x->op);
    else if (x->status == 403 && x->proper)
        look_good(l, x->seq);
}

/* What is known of a client at a moment; NULL: nothing. */
static const struct client_view *client_at(const struct history *h, const char *name,
                                           uint64_t t)
{
    const struct client_view *found = NULL;
    uint32_t id = name ? names_find(h->texts, name, strlen(name)) : 0;
    for (size_t i = 0; id && i < h->n_clients; i++)
        if (h->clients[i].name == id && h->clients[i].t <= t)
            found = &h->clients[i];
    return found;
}

static bool own_read(const struct seen_exchange *x)
{
    return of_koppelpunt(x) && reads(x) && !x->manipulated &&
           (!x->token || is(x->token, "own"));
}

/* True when the system has read the provisioning again since `t`, long enough ago. */
static bool reloaded_since(const struct history *h, uint64_t t, uint64_t now)
{
    for (size_t i = 0; i < h->n_moments; i++) {
        const struct moment_event *m = &h->moments[i];
        bool read = m->kind == MOMENT_RELOADED || m->kind == MOMENT_STARTED;
        if (read && m->t >= t && m->t + SLACK < now)
            return true;
    }
    return false;
}

/* The system had it so from its beginning, or has read it since. */
static bool in_force(const struct history *h, const struct client_view *c, uint64_t now)
{
    for (size_t i = 0; i < h->n_clients; i++)
        if (h->clients[i].name == c->name)
            return &h->clients[i] == c || reloaded_since(h, c->t, now);
    return false;
}

void check_before_date(struct look *l, const struct seen_exchange *x)
{
    const struct history *h = l->h;
    const struct client_view *c = own_read(x) ? client_at(h, x->from, x->began) : NULL;
    if (!c || !c->connects || !h->trial->has_wall || !in_force(h, c, x->began))
        return;
    when_t began = trial_wall(h->trial, x->began), ended = trial_wall(h->trial, x->ended);
    char date[32];
    when_format(c->from, date);
    if (ended + (when_t)SLACK < c->from) {
        if (x->status / 100 == 2)
            look_bad(l, x->seq, 0, json_integer(403), json_integer(x->status),
                     "%s was served before its aansluitdatum %s", x->from, date);
        else if (x->status == 403 && x->proper)
            look_good(l, x->seq);
    } else if (began > c->from + (when_t)SLACK &&
               is(json_string_value(json_object_get(x->answer, "code")),
                  "nog-niet-aangesloten")) {
        look_bad(l, x->seq, 0, json_integer(200), json_integer(x->status),
                 "%s was still refused after its aansluitdatum %s", x->from, date);
    }
}

void check_withdrawn(struct look *l, const struct seen_exchange *x)
{
    if (!of_koppelpunt(x) || !(reads(x) || writes(x)) || x->manipulated)
        return;
    const struct client_view *c = client_at(l->h, x->from, x->began);
    if (!c || !c->withdrawn || (x->token && !is(x->token, "own")) ||
        !in_force(l->h, c, x->began))
        return;
    if (x->status / 100 == 2)
        look_bad(l, x->seq, 0, json_string("401 or 403"), json_integer(x->status),
                 "%s was served although it was withdrawn", x->from);
    else if ((x->status == 401 || x->status == 403) && x->proper)
        look_good(l, x->seq);
}
