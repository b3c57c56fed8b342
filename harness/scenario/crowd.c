/* A crowd: many aanmeldingen at once, for the volume family. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

#define BATCH 500
/* Its persons and ketenids are not those of named ones (population.c); in the end they
 * come again. */
#define CROWD_MAX 500000
#define FIRST     50000000
#define KETENIDS  40000000

struct crowd {
    struct trial *t;
    struct lane lane; /* only to ask with */
    size_t total, at, open;
    enum status status;
    bool failed;
    void (*next)(struct trial *t);
};

static json_t *crowd_melding(struct crowd *c, size_t n, const struct instelling *i,
                             struct rng *r)
{
    char bsn[10], id[37], ketenid[16];
    const struct tables *tb = c->t->tables;
    n += c->t->c.generation * c->total;
    population_crowd(c->t->c.population, n % CROWD_MAX, bsn);
    rng_uuid(r, id);
    snprintf(ketenid, sizeof ketenid, "%s:%08zu", i->code, FIRST + n % KETENIDS);
    const char *opleiding;
    do
        opleiding = tb->opleidingen[rng_below(r, tb->n_opleidingen)].code;
    while (strlen(opleiding) != 5);
    return json_pack("{ss,ss,ss,ss,ss,ss,ss,ss,ss,ss}", "meldingId", id, "ketenid",
                     ketenid, "bsn", bsn, "instellingserkenningscode", i->code,
                     "opleidingcode", opleiding, "leertrajectmbo", "BOL", "status",
                     status_name(c->status), "begindatum", "2023-05-02T08:00:00Z",
                     "statussource", "SIS", "identificatie", "DIGID");
}

/* The next batch: all of one instelling, as a SIS may only send for its own. */
static json_t *crowd_batch(struct crowd *c, const struct instelling **of)
{
    struct rng r;
    char key[32];
    size_t batch = c->at / BATCH;
    snprintf(key, sizeof key, "crowd-%zu", batch);
    rng_init(&r, c->t->seed, c->t->c.drawn_as, key);
    *of = &c->t->tables->instellingen[batch % c->t->tables->n_instellingen];
    json_t *list = json_array();
    for (size_t k = 0; k < BATCH && c->at < c->total; k++, c->at++)
        json_array_append_new(list, crowd_melding(c, c->at, *of, &r));
    return json_pack("{so}", "statusmeldingen", list);
}

static void crowd_next(struct crowd *c);

static void crowd_said(void *arg, const struct said *s)
{
    struct crowd *c = arg;
    c->open--;
    c->failed = c->failed || strcmp(s->word, "ok");
    crowd_next(c);
}

/* All is there, or it failed by the doing of `blame`. */
static void crowd_done(struct crowd *c, const char *blame, const char *why)
{
    struct trial *t = c->t;
    void (*next)(struct trial *) = c->next;
    free(c);
    if (blame)
        trial_end_soon(t, "aborted", blame, why);
    else
        next(t);
}

static void crowd_next(struct crowd *c)
{
    struct trial *t = c->t;
    while (!c->failed && c->open < 2 && c->at < c->total) {
        const struct instelling *i;
        json_t *m = crowd_batch(c, &i);
        struct client *sis = trial_client_of_sis(t, i->code);
        struct ask a = {.op = OP_INDIENEN,
                        .message = m,
                        .client = sis,
                        .patient = true,
                        .persistent = true};
        c->open += sis != NULL;
        if (sis)
            trial_ask(&c->lane, &a, crowd_said, c);
        json_decref(m);
    }
    if (!c->open)
        crowd_done(c, c->failed ? "system" : NULL,
                   "a batch of correct statusmeldingen was not accepted");
}

/* Into the koppelpunt that we play: a batch a turn, so that other conversations on the
 * loop are not held up. */
static void crowd_preload(void *arg)
{
    struct crowd *c = arg;
    struct trial *t = c->t;
    struct err e = {0};
    const struct instelling *i;
    t->waiting--;
    json_t *m = crowd_batch(c, &i);
    struct moment now = {.mono = wire_now(t->wire), .wall = wire_wall(t->wire)};
    int rc = koppelpunt_preload(t->koppelpunt_role, json_object_get(m, "statusmeldingen"),
                                now, &e);
    json_decref(m);
    if (rc || c->at >= c->total || t->end_outcome) {
        crowd_done(c, rc ? "harness" : NULL, e.text);
        return;
    }
    t->waiting++;
    wire_timer(t->wire, wire_now(t->wire), crowd_preload, c);
}

void crowd_begin(struct trial *t, void (*next)(struct trial *))
{
    const json_t *wish = json_object_get(t->c.scenario->given, "crowd");
    if (!wish) {
        next(t);
        return;
    }
    struct crowd *c = xcalloc(1, sizeof *c);
    c->t = t;
    c->lane.t = t;
    c->next = next;
    c->total = (size_t)json_integer_value(json_object_get(wish, "aanmeldingen"));
    c->status = status_by_name(json_string_value(json_object_get(wish, "status")));
    snprintf(t->waits_for, sizeof t->waits_for, "a crowd of %zu aanmeldingen", c->total);
    if (t->koppelpunt_tested) {
        crowd_next(c);
        return;
    }
    t->waiting++;
    wire_timer(t->wire, wire_now(t->wire), crowd_preload, c);
}
