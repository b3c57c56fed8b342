/* One conversation from its preamble to its end. */
#include "harness/scenario/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"

/* How long a koppelpunt has to show what it accepted (KP-LEV-08), seconds. */
#define KOPPELPUNT_PATIENCE 60.0
/* Fetch interval of a system that we start, unless the scenario says otherwise: short, so
 * that a trial takes seconds, long enough for a slow start of a runtime. */
#define INTERVAL 0.5

static void trial_over(struct trial *t);
static void prepare_schools(struct trial *t);

void trial_event(struct trial *t, const char *kind, json_t *event)
{
    journal_event(t->journal, wire_now(t->wire), kind, t->c.name, event);
}

bool trial_minor(const struct application *app)
{
    char begin[32], of_age[16];
    int year = (int)strtol(app->a.person->birth, NULL, 10);
    snprintf(of_age, sizeof of_age, "%04d%s", year + 18, app->a.person->birth + 4);
    return strncmp(when_format(app->a.begin, begin), of_age, 10) < 0;
}

void trial_truth(struct trial *t, struct application *app, const char *source,
                 bool silent)
{
    char begin[32], key[64];
    const struct aanmelding *a = &app->a;
    snprintf(key, sizeof key, "%s %lld", status_name(a->status), (long long)a->begin);
    if (!app->begins)
        app->begins = json_object();
    json_object_set_new(app->begins, key, json_true());
    trial_event(t, "truth",
                json_pack("{ss,ss,ss,ss,ss,ss,ss,ss,sb,sb}", "source", source,
                          "application", a->name, "ketenid", a->ketenid, "bsn",
                          a->person->bsn, "instelling", a->instelling, "opleiding",
                          a->opleiding, "status",
                          a->deleted ? "" : status_name(a->status), "begin",
                          when_format(a->begin, begin), "silent", silent, "minor",
                          trial_minor(app)));
}

char *trial_names_wrong(const struct trial *t, const json_t *entry)
{
    const json_t *at = json_object_get(entry, "instelling");
    const json_t *of = json_object_get(entry, "opleiding");
    const char *code = json_text(at, "code"), *opl = json_text(of, "code");
    const char *name = json_text(at, "naam"), *opl_name = json_text(of, "naam");
    const struct instelling *i = code ? tables_instelling(t->tables, code) : NULL;
    const struct opleiding *o = opl ? tables_opleiding(t->tables, opl) : NULL;
    if (i && name && strcmp(i->name, name))
        return xasprintf("instelling %s is called \"%s\" and should be \"%s\"", code,
                         name, i->name);
    if (o && opl_name && strcmp(o->name, opl_name))
        return xasprintf("opleiding %s is called \"%s\" and should be \"%s\"", opl,
                         opl_name, o->name);
    return NULL;
}

json_t *trial_wrap(struct trial *t, json_t *step)
{
    if (!t->wrapped)
        t->wrapped = json_array();
    json_t *one = json_pack("[O]", step);
    json_array_append_new(t->wrapped, one);
    return one;
}

static json_t *own_proves(const struct trial *t)
{
    json_t *out = json_array();
    const json_t *ids = t->c.scenario->proves;
    const char *prefix = t->koppelpunt_tested ? "KP-" : "OS-";
    for (size_t i = 0; i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        if (!strncmp(id, prefix, 3) || !strncmp(id, "KT-", 3))
            json_array_append_new(out, json_string(id));
    }
    return out;
}

struct trial *trial_new(const struct trial_config *c)
{
    struct trial *t = xcalloc(1, sizeof *t);
    t->c = *c;
    t->wire = c->run->wire;
    t->journal = c->run->journal;
    t->profile = c->run->profile;
    t->tables = c->run->tables;
    /* A system that keeps running knows who was drawn for an earlier run. */
    t->seed = c->iut->start ? scenario_seed(c->scenario, c->run->seed) : c->run->seed;
    t->koppelpunt_tested = !strcmp(c->iut->role, "koppelpunt");
    t->ca_file = xstrdup(c->iut->ca_file);
    t->strict = scenario_needs(c->scenario, "strict");
    t->interval = c->iut->interval_seconds;
    uint64_t ns;
    const char *wish = json_string_value(json_object_get(c->scenario->given, "interval"));
    if (c->iut->start || t->interval <= 0)
        t->interval = wish && !when_parse_duration(wish, &ns)
                          ? (double)ns / (double)NS_PER_S
                          : INTERVAL;
    double patience = c->run->patience > 0 ? c->run->patience : KOPPELPUNT_PATIENCE;
    /* A system that fetches shows a change one interval later; while it backs off, its
     * gap may be 8 intervals (CONTRACT.md 7). */
    double spare = patience < 5 ? patience : 5;
    t->patience = t->koppelpunt_tested ? patience : 10 * t->interval + spare;
    snprintf(t->waits_for, sizeof t->waits_for, "start");
    return t;
}

const char *trial_waits_for(const struct trial *t)
{
    return t->waits_for;
}

/* ---- beginning ---- */

/* What the scenario needs that this system does not declare; NULL: nothing. */
static const char *undeclared(const struct trial *t)
{
    const json_t *needs = t->c.scenario->needs;
    for (size_t i = 0; i < json_array_size(needs); i++) {
        const char *need = json_string_value(json_array_get(needs, i));
        bool kp =
            !strcmp(need, "reload") || !strcmp(need, "zoeken") || !strcmp(need, "stand");
        bool os = !strcmp(need, "ophalen") || !strcmp(need, "eigen-aanmeldingen") ||
                  !strcmp(need, "observer");
        if ((kp && !t->koppelpunt_tested) || (os && t->koppelpunt_tested))
            continue; /* played by us */
        if (!strcmp(need, "tokens"))
            continue; /* the profile's, not the system's: the runner has seen to it */
        if (!strcmp(need, "start") ? !t->c.iut->start : !iut_has(t->c.iut, need))
            return need;
    }
    return NULL;
}

static void start_event(struct trial *t)
{
    const struct scenario *sc = t->c.scenario;
    json_t *e = json_pack("{ss,so,sO,ss}", "phase", "start", "proves", own_proves(t),
                          "title", sc->title, "family", sc->family);
    json_object_set_new(e, "role", json_string(t->c.iut->role));
    /* "given" may ask for another one than the run's. */
    json_object_set_new(e, "interval",
                        json_integer((json_int_t)(t->interval * (double)NS_PER_S)));
    json_t *crowd = json_object_get(sc->given, "crowd");
    if (crowd)
        json_object_set(e, "crowd", crowd);
    trial_event(t, "scenario", e);
}

static void end_later(void *arg)
{
    struct trial *t = arg;
    t->waiting--;
    trial_over(t);
}

static void end_with(struct trial *t, const char *outcome, const char *blame,
                     const char *why)
{
    if (!t->end_outcome) {
        t->end_outcome = outcome;
        t->end_blame = xstrdup(blame);
        t->end_why = xstrdup(why);
    }
}

void trial_end_soon(struct trial *t, const char *outcome, const char *blame,
                    const char *why)
{
    end_with(t, outcome, blame, why);
    t->waiting++;
    wire_timer(t->wire, wire_now(t->wire), end_later, t);
}

static void steps_done(struct lane *l)
{
    struct trial *t = l->t;
    lane_root_free(l);
    t->root = NULL;
    if (t->koppelpunt_tested && !t->end_outcome)
        audit_begin(t, trial_over);
    else
        trial_over(t);
}

static void begin_steps(struct trial *t)
{
    t->root = lane_root(t, steps_done);
}

/* What a koppelpunt under test must take in comes once it is up; the one that we play has
 * its crowd before the system begins. */
static void crowd_then_steps(struct trial *t)
{
    if (t->koppelpunt_tested)
        crowd_begin(t, begin_steps);
    else
        begin_steps(t);
}

/* ---- the schools' pupils ---- */

struct schools {
    struct trial *t;
    struct lane lane; /* only to ask with */
    char pointer[16];
    struct map_item *at;
};

static void school_next(struct schools *s);

static void school_told(void *arg, const struct observed *o)
{
    struct schools *s = arg;
    struct trial *t = s->t;
    /* 404: an operation that it does not have; then nothing about schools can be seen,
     * which shows at the first step that wants to. */
    if (o->answered && (o->status / 100 == 2 || o->status == 404)) {
        school_next(s);
        return;
    }
    char *why =
        xasprintf("the observer did not take the pupils of a school (leerlingen): %s",
                  o->answered ? "it did not answer 204" : o->detail);
    trial_end_soon(t, "aborted", t->koppelpunt_tested ? "harness" : "system", why);
    free(why);
    free(s);
}

static void school_next(struct schools *s)
{
    struct trial *t = s->t;
    if (!s->at) {
        free(s);
        crowd_then_steps(t);
        return;
    }
    const char *school = map_key(s->at);
    const json_t *names = map_value(s->at);
    json_t *bsns = json_array();
    for (size_t i = 0; i < json_array_size(names); i++) {
        struct pupil *p = map_get(t->pupils, json_string_value(json_array_get(names, i)));
        json_array_append_new(bsns, json_string(p->person->bsn));
    }
    s->at = map_next(s->at);
    trial_event(t, "school", json_pack("{ss,sO}", "school", school, "pupils", bsns));
    observer_ask(&s->lane, t->main_reader, "leerlingen",
                 json_pack("{ss,so}", "school", school, "bsns", bsns),
                 10 * (uint64_t)NS_PER_S, school_told, s);
}

static void prepare_schools(struct trial *t)
{
    if (!observer_present(t, t->main_reader)) {
        crowd_then_steps(t);
        return;
    }
    struct schools *s = xcalloc(1, sizeof *s);
    s->t = t;
    s->lane.t = t;
    s->lane.pointer = s->pointer;
    snprintf(s->pointer, sizeof s->pointer, "/given/schools");
    s->at = map_first(t->school_sets);
    school_next(s);
}

/* ---- the systems ---- */

static void system_ready(void *arg, bool ok, const char *blame, const char *text)
{
    struct trial *t = arg;
    struct err e = {0};
    if (t->end_outcome) {
        trial_end_soon(t, t->end_outcome, t->end_blame, t->end_why);
        return;
    }
    if (!ok) {
        trial_end_soon(t, "aborted", blame, text);
        return;
    }
    if (t->koppelpunt_tested) {
        const char *name = "intergrip";
        for (size_t i = 0; !trial_client(t, name) && i < t->n_clients; i++)
            if (!strcmp(t->client_list[i]->soort, "overstapsysteem"))
                name = t->client_list[i]->id;
        t->main_reader = setup_reader(t, name, &e);
        if (!t->main_reader) {
            trial_end_soon(t, "aborted", "harness", e.text);
            return;
        }
    } else {
        t->main_reader->observer = sut_observer_url(t->sut);
    }
    prepare_schools(t);
}

static struct client *first_overstapsysteem(struct trial *t)
{
    struct client *c = trial_client(t, "overstapsysteem:intergrip");
    for (size_t i = 0; !c && i < t->n_clients; i++)
        if (!strcmp(t->client_list[i]->soort, "overstapsysteem"))
            c = t->client_list[i];
    return c;
}

static void start_system(struct trial *t)
{
    if (t->end_outcome) { /* interrupted meanwhile */
        trial_end_soon(t, t->end_outcome, t->end_blame, t->end_why);
        return;
    }
    struct sut_config sc = {
        .wire = t->wire,
        .journal = t->journal,
        .scenario = t->c.name,
        .iut = t->c.iut,
        .profile = t->profile,
        .dir = t->c.dir,
        .provisioning = t->provisioning,
        .interval_seconds = t->interval,
        .cursor_seconds = -1,
        .notification_scale = NOTIFICATION_SCALE,
        .ca_file = t->ca_file,
    };
    char *token_url = NULL;
    uint64_t ns;
    struct err e = {0};
    if (t->strict && setup_strict(t, &sc, &e)) {
        trial_end_soon(t, "aborted", "harness", e.text);
        return;
    }
    const char *cursors =
        json_string_value(json_object_get(t->c.scenario->given, "cursors"));
    if (cursors && !when_parse_duration(cursors, &ns))
        sc.cursor_seconds = (double)ns / (double)NS_PER_S;
    if (!t->koppelpunt_tested) {
        struct client *c = first_overstapsysteem(t);
        const json_t *record = provisioning_client(t->provisioning, c->id);
        const char *at = json_string_value(json_object_get(record, "aansluitdatum"));
        token_url = trial_token_url(t);
        sc.koppelpunt_url = t->koppelpunt_url;
        sc.token_url = token_url;
        sc.client_id = c->id;
        sc.client_secret = c->secret;
        if (at)
            when_parse(at, strlen(at), &sc.aansluitdatum);
        struct reader *r = xcalloc(1, sizeof *r);
        r->name = xstrdup(c->id);
        r->client = c;
        r->under_test = true;
        map_put(t->readers, r->name, r);
        t->main_reader = r;
    }
    t->sut = sut_new(&sc);
    free(token_url);
    if (t->koppelpunt_tested)
        t->koppelpunt_url = xstrdup(sut_url(t->sut));
    sut_start(t->sut, system_ready, t);
}

/* A running system's provisioning must know the parties of the scenario. */
static const char *missing_party(struct trial *t, char *out, size_t n)
{
    for (struct map_item *i = map_first(t->applications); i; i = map_next(i)) {
        const struct application *a = map_value(i);
        if (trial_client_of_sis(t, a->a.instelling))
            continue;
        snprintf(out, n,
                 "the provisioning file has no client for the SIS of %s; make it anew "
                 "with `koppelproef provision`",
                 a->a.instelling);
        return out;
    }
    return first_overstapsysteem(t) ? NULL
                                    : "the provisioning file has no overstapsysteem";
}

void trial_start(struct trial *t)
{
    struct err e = {0};
    char text[200];
    start_event(t);
    const char *need = undeclared(t);
    if (need) {
        char *why =
            !strcmp(need, "start")
                ? xstrdup("this can only be set up with a system that we start "
                          "(\"start\" in the iut.json)")
                : xasprintf("the iut.json does not declare the capability \"%s\"", need);
        trial_end_soon(t, "skipped", "not-declared", why);
        free(why);
        return;
    }
    if (file_mkdirs(t->c.dir, &e)) {
        trial_end_soon(t, "aborted", "environment", e.text);
        return;
    }
    setup_parties(t);
    const char *missing = missing_party(t, text, sizeof text);
    if (missing) {
        trial_end_soon(t, "aborted", "configuration", missing);
        return;
    }
    if (!t->koppelpunt_tested) {
        setup_host_koppelpunt(t, &e);
        if (e.set) {
            trial_end_soon(t, "aborted", "environment", e.text);
            return;
        }
        crowd_begin(t, start_system);
        return;
    }
    start_system(t);
}

/* ---- ending ---- */

static void end_event(struct trial *t)
{
    const char *outcome = t->end_outcome ? t->end_outcome : "completed";
    json_t *e = json_pack("{ss,ss,ss*,ss*}", "phase", "end", "outcome", outcome, "why",
                          t->end_why, "blame", t->end_blame);
    const char *need = undeclared(t);
    if (need && !strcmp(outcome, "skipped"))
        json_object_set_new(e, "capability", json_string(need));
    trial_event(t, "scenario", e);
}

static void system_gone(void *arg, bool ok, const char *blame, const char *text)
{
    struct trial *t = arg;
    (void)ok;
    (void)blame;
    (void)text;
    end_event(t);
    t->finished = true;
    t->c.ended(t->c.arg, t);
}

/* A system that ended by itself in mid-conversation did so on its own account. */
static void notice_exit(struct trial *t)
{
    if (t->sut && sut_exited(t->sut) && !t->end_outcome && t->c.iut->start)
        end_with(t, "aborted", "system",
                 sut_hung_up(t->sut)
                     ? "the system under test ended at SIGHUP, which asks for a reload; "
                       "a script of \"start\" ends with exec"
                     : "the system under test ended by itself");
}

static void trial_over(struct trial *t)
{
    notice_exit(t);
    snprintf(t->waits_for, sizeof t->waits_for, "the system to stop");
    if (t->sut && t->c.iut->start)
        sut_stop(t->sut, false, system_gone, t);
    else
        system_gone(t, true, NULL, NULL);
}

void trial_abort(struct trial *t, const char *blame, const char *why)
{
    end_with(t, "aborted", blame, why);
    trial_happened(t);
    for (struct pending *p = t->pending, *next; p; p = next) {
        next = p->next;
        p->hurry(p);
    }
    if (t->sut)
        sut_kill(t->sut);
}

void trial_free(struct trial *t)
{
    if (!t)
        return;
    sut_free(t->sut);
    if (t->clients)
        setup_done(t);
    wire_listener_close(t->wire, t->elsewhere);
    json_decref(t->wrapped);
    free(t->held);
    free(t->digid_out);
    free(t->koppelpunt_url);
    free(t->ca_file);
    free(t->end_why);
    free(t->end_blame);
    free(t);
}
