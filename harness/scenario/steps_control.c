/* The few control words: together, for each, fault and wait. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

/* ---- together, for each ---- */

static void below(const struct lane *l, char *out, size_t n, const char *more)
{
    lane_pointer(l, out, n);
    size_t used = strlen(out);
    snprintf(out + used, n - used, "%s", more);
}

/* Each element is a lane of its own: one step, or an array of steps. */
static void together(struct lane *l, const json_t *step)
{
    json_t *lanes = json_object_get(step, "together");
    char pointer[200], more[32];
    size_t n = json_array_size(lanes);
    for (size_t i = 0; i < n; i++) {
        json_t *one = json_array_get(lanes, i);
        snprintf(more, sizeof more, "/together/%zu", i);
        below(l, pointer, sizeof pointer, more);
        lane_spawn(l, json_is_array(one) ? one : trial_wrap(l->t, one), pointer, "", "");
    }
    if (n == 0)
        lane_next(l);
}

static void item_add(struct lane_item **v, size_t *n, const char *scope, const char *each)
{
    *v = xrealloc(*v, (*n + 1) * sizeof **v);
    snprintf((*v)[*n].scope, sizeof(*v)[*n].scope, "%s", scope);
    snprintf((*v)[*n].each, sizeof(*v)[*n].each, "%s", each);
    (*n)++;
}

static bool region_present(struct trial *t, const char *scope)
{
    for (struct map_item *p = map_first(t->pupils); p; p = map_next(p)) {
        const char *at = strchr(map_key(p), '@');
        if (at && !strcmp(at, scope))
            return true;
    }
    return false;
}

/* What "for each" runs over. */
static size_t items_of(struct trial *t, const char *what, struct lane_item **v)
{
    size_t n = 0;
    char scope[16];
    *v = NULL;
    if (!strcmp(what, "region")) {
        for (size_t i = 0; i < t->tables->n_regions; i++) {
            snprintf(scope, sizeof scope, "@%d", t->tables->regions[i].number);
            if (region_present(t, scope))
                item_add(v, &n, scope, scope + 1);
        }
        return n;
    }
    const struct map *m = !strcmp(what, "pupil")         ? t->pupils
                          : !strcmp(what, "application") ? t->applications
                                                         : t->readers;
    for (struct map_item *p = map_first(m); p; p = map_next(p))
        item_add(v, &n, "", map_key(p));
    return n;
}

static void for_each(struct lane *l, const json_t *step)
{
    struct lane_item *v;
    json_t *steps = json_object_get(step, "steps");
    size_t n = items_of(l->t, json_text(step, "for each"), &v);
    char pointer[200];
    below(l, pointer, sizeof pointer, "/steps");
    if (n == 0)
        lane_next(l);
    else if (json_is_true(json_object_get(step, "together")))
        for (size_t i = 0; i < n; i++)
            lane_spawn(l, steps, pointer, v[i].scope, v[i].each);
    else
        lane_spawn_sequence(l, steps, pointer, v, n);
    free(v);
}

/* ---- faults ---- */

/* Changes to an answer that a fault of kind "empty", "unknown status", "unknown key" and
 * the like makes; in canonical words. A page without entries is left alone, so that the
 * fault waits for one that it can do something with. */
static void edit_empty(void *arg, json_t *page)
{
    (void)arg;
    json_object_set_new(page, "aanmeldstatussen", json_array());
    json_object_set_new(page, "meer", json_false());
}

static void edit_entries(json_t *page, const char *key, json_t *value)
{
    json_t *list = json_object_get(page, "aanmeldstatussen");
    for (size_t i = 0; i < json_array_size(list); i++)
        json_object_set(json_array_get(list, i), key, value);
    json_decref(value);
}

/* The first entry only: the others on its page must come through (OS-VER-04). */
static void edit_unknown_status(void *arg, json_t *page)
{
    (void)arg;
    json_t *first = json_array_get(json_object_get(page, "aanmeldstatussen"), 0);
    if (first && !json_is_true(json_object_get(first, "vervallen")))
        json_object_set_new(first, "status", json_string("WACHTLIJST"));
}

static void edit_unknown_key(void *arg, json_t *page)
{
    (void)arg;
    edit_entries(page, "nieuwVeld", json_string("iets nieuws"));
    if (json_array_size(json_object_get(page, "aanmeldstatussen")))
        json_object_set_new(page, "nieuwVeld", json_true());
}

static void edit_wrong_schema(void *arg, json_t *page)
{
    (void)arg;
    json_t *list = json_object_get(page, "aanmeldstatussen");
    for (size_t i = 0; i < json_array_size(list); i++)
        json_object_del(json_array_get(list, i), "statusBegin");
    if (json_array_size(list))
        json_object_set_new(page, "meer", json_string("nee"));
}

static void edit_without_number(void *arg, json_t *page)
{
    (void)arg;
    json_t *list = json_object_get(page, "aanmeldstatussen");
    for (size_t i = 0; i < json_array_size(list); i++)
        json_object_del(json_array_get(list, i), "bsn");
}

static const char maintenance[] =
    "<!doctype html><html lang=nl><title>Onderhoud</title><h1>Wij zijn zo "
    "terug</h1></html>";

struct fault_kind {
    const char *name;
    enum http_cut cut;
    void (*edit)(void *, json_t *);
    bool html, replay, old_page, duplicate, redirect;
    enum call_cut own; /* on a call of ours, when the koppelpunt is under test */
    bool own_twice;
    bool on_own, on_served;
};
static const struct fault_kind fault_kinds[] = {
    {.name = "status", .on_served = true},
    {.name = "delay", .on_served = true},
    {.name = "reset", .cut = CUT_RESET, .on_served = true},
    {.name = "truncate", .cut = CUT_TRUNCATE, .on_served = true},
    {.name = "silent", .cut = CUT_SILENT, .on_served = true},
    {.name = "maintenance page", .html = true, .on_served = true},
    {.name = "empty list", .edit = edit_empty, .on_served = true},
    {.name = "wrong schema", .edit = edit_wrong_schema, .on_served = true},
    {.name = "unknown status", .edit = edit_unknown_status, .on_served = true},
    {.name = "unknown key", .edit = edit_unknown_key, .on_served = true},
    {.name = "without number", .edit = edit_without_number, .on_served = true},
    {.name = "same page again", .replay = true, .on_served = true},
    {.name = "old page", .old_page = true, .on_served = true},
    {.name = "redirect elsewhere", .redirect = true, .on_served = true},
    {.name = "lost reply", .own = CALL_DROP_REPLY, .on_own = true},
    {.name = "duplicate",
     .duplicate = true,
     .own_twice = true,
     .on_own = true,
     .on_served = true},
};

static const struct fault_kind *fault_kind(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(fault_kinds); i++)
        if (!strcmp(fault_kinds[i].name, name))
            return &fault_kinds[i];
    return NULL;
}

static int number_or(const json_t *f, const char *key, int otherwise)
{
    const json_t *v = json_object_get(f, key);
    return json_is_integer(v) ? (int)json_integer_value(v) : otherwise;
}

static double seconds_of(const struct trial *t, const char *s)
{
    uint64_t ns;
    if (!s)
        return -1;
    if (strstr(s, "interval"))
        return strtod(s, NULL) * t->interval;
    return when_parse_duration(s, &ns) ? -1 : (double)ns / (double)NS_PER_S;
}

/* Another host (of the loopback, so that clients that compare hosts and not ports see
 * one): it only counts who comes, and whether a token was brought along. */
static void elsewhere(void *arg, struct inbound *in, const struct http_request *req)
{
    struct trial *t = arg;
    struct http_reply reply;
    http_reply_init(&reply);
    t->elsewhere_hits++;
    t->elsewhere_with_token += profile_bearer(t->profile, req) != NULL;
    reply.response.status = 404;
    wire_reply(t->wire, in, &reply);
    trial_event(t, "trouble",
                json_pack("{ss,ss}", "blame", "scenario", "text",
                          "the other host was asked something"));
}

static const char *elsewhere_url(struct trial *t)
{
    struct err e = {0};
    struct listen l = {
        .host = "127.0.0.2", .max_body = 1 << 20, .on_request = elsewhere, .arg = t};
    if (!t->elsewhere && wire_listen(t->wire, &l, &t->elsewhere, &e))
        return NULL;
    return wire_listener_url(t->wire, t->elsewhere);
}

static void fault_on_own(struct trial *t, const json_t *f, const struct fault_kind *k,
                         const char *id, enum op op)
{
    struct own_fault *o = &t->faults[t->n_faults++ % ARRAY_LEN(t->faults)];
    const char *from = json_text(f, "from");
    memset(o, 0, sizeof *o);
    snprintf(o->id, sizeof o->id, "%s", id);
    snprintf(o->from, sizeof o->from, "%s", from ? from : "");
    o->op = op;
    o->nth = number_or(f, "nth", 1);
    o->count = number_or(f, "count", 1);
    o->cut = k->own;
    o->twice = k->own_twice;
    if (t->n_faults > ARRAY_LEN(t->faults))
        t->n_faults = ARRAY_LEN(t->faults);
}

static void fault_on_served(struct trial *t, const json_t *f, const struct fault_kind *k,
                            const char *id, enum op op)
{
    const char *from = json_text(f, "from");
    char *where = NULL;
    if (k->redirect) {
        const char *base = elsewhere_url(t);
        where = xasprintf("%s/elsewhere", base ? base : "http://127.0.0.1:9");
    }
    double delay = seconds_of(t, json_text(f, "delay"));
    struct host_fault h = {
        .id = id,
        .op = op,
        .from = from && !strcmp(from, "overstapsysteem") ? t->main_reader->client->actor
                                                         : from,
        .nth = number_or(f, "nth", 1),
        .count = number_or(f, "count", 1),
        .after = json_text(f, "phase") && !strcmp(json_text(f, "phase"), "after"),
        .status = k->redirect ? 307
                  : k->html   ? 200
                              : number_or(f, "status", 0),
        .retry_after = seconds_of(t, json_text(f, "retry after")),
        .retry_after_date = json_is_true(json_object_get(f, "as date")),
        .delay_ns = delay > 0 ? (uint64_t)(delay * (double)NS_PER_S) : 0,
        .cut = k->cut,
        .body = k->html ? maintenance : NULL,
        .content_type = k->html ? "text/html" : NULL,
        .location = where,
        .replay_last = k->replay,
        .old_page = k->old_page,
        .duplicate = k->duplicate,
        .edit = k->edit,
    };
    host_fault_set(t->koppelpunt, &h);
    free(where);
}

static void fault(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    json_t *f = json_object_get(step, "fault");
    char id[16];
    if (!json_is_object(f)) { /* {"fault": "none"} */
        if (t->koppelpunt)
            host_fault_clear(t->koppelpunt, NULL);
        t->n_faults = 0;
        trial_event(t, "fault", json_pack("{ss,ss}", "id", "all", "phase", "cleared"));
        lane_next(l);
        return;
    }
    const struct fault_kind *k = fault_kind(json_text(f, "kind"));
    enum op op = op_by_name(json_text(f, "on"));
    snprintf(id, sizeof id, "f%d", ++t->fault_number);
    if (t->koppelpunt && k->on_served) {
        fault_on_served(t, f, k, id, op); /* the host journals it */
    } else if (k->on_own) {
        trial_event(t, "fault",
                    json_pack("{ss,ss,ss,ss,sO}", "id", id, "phase", "set", "on",
                              op_name(op), "what", k->name, "fault", f));
        fault_on_own(t, f, k, id, op);
    }
    lane_next(l);
}

/* ---- waiting for what happens ---- */

static bool fetch_done(struct lane *l, uint64_t base)
{
    return l->t->fetch_runs_done >= base;
}

static bool fault_hit(struct lane *l, uint64_t base)
{
    return l->t->fault_hits >= base;
}

static bool requests_came(struct lane *l, uint64_t base)
{
    return l->t->fetch_requests >= base;
}

static bool never(struct lane *l, uint64_t base)
{
    (void)l;
    (void)base;
    return false;
}

static char *why_late(const char *what)
{
    if (!strcmp(what, "fetch"))
        return xstrdup("the system did not bring a fetch to its end in time");
    if (!strcmp(what, "request"))
        return xstrdup("the system asked for nothing in time");
    return xstrdup("the system did not ask (often enough) in time to meet the fault");
}

/* That it came says something only where the step names what it proves. */
static void wait_over(struct lane *l, bool met)
{
    const char *what = json_text(lane_step(l), "wait");
    bool told = !met || json_object_get(lane_step(l), "proves");
    if (told && !l->t->end_outcome) {
        char *why = met ? NULL : why_late(what);
        struct outcome o = {.met = met,
                            .what = "something that must happen",
                            .why = why,
                            .expected = json_string(what),
                            .seen = met ? json_string(what) : NULL,
                            .within = lane_duration(l, "within", l->t->patience)};
        lane_expect(l, &o);
        free(why);
    }
    lane_next(l);
}

static void moment_over(struct lane *l, bool met)
{
    (void)met;
    lane_next(l);
}

/* Until a moment that is known: a connecting date, the end of the tokens handed out. */
static uint64_t until_moment(struct lane *l, const char *what)
{
    struct trial *t = l->t;
    if (!strcmp(what, "token expiry") && !trial_has_tokens(t))
        return 0;
    if (!strcmp(what, "token expiry")) {
        double life = json_number_value(json_object_get(t->provisioning, "tokenSeconds"));
        return (uint64_t)((life + 0.3) * (double)NS_PER_S);
    }
    const char *which = json_text(lane_step(l), "of");
    struct client *c = which ? trial_client(t, which) : t->main_reader->client;
    when_t moment;
    when_t left = trial_connects(t, c, &moment) ? moment - wire_wall(t->wire) : 0;
    return left > 0 ? (uint64_t)left : 0;
}

static void wait_for(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    const char *what = json_text(step, "wait");
    uint64_t times = (uint64_t)number_or(step, "times", 1);
    uint64_t within = lane_duration(l, "within", t->patience);
    if (!strcmp(what, "fetch"))
        trial_wait(l, fetch_done, t->fetch_runs_done + times, within, wait_over);
    else if (!strcmp(what, "request"))
        trial_wait(l, requests_came, t->fetch_requests + times, within, wait_over);
    else if (!strcmp(what, "fault"))
        trial_wait(l, fault_hit, times, within, wait_over);
    else
        trial_wait(l, never, 0, until_moment(l, what), moment_over);
}

/* ---- the other host ---- */

static void elsewhere_expect(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    (void)step;
    struct outcome o = {.met = t->elsewhere_with_token == 0,
                        .what = "the other host is not shown the token",
                        .why = t->elsewhere_with_token
                                   ? "the token was carried to another host on a redirect"
                                   : NULL,
                        .expected = json_integer(0),
                        .seen = json_integer((json_int_t)t->elsewhere_with_token)};
    lane_expect(l, &o);
    lane_next(l);
}

static const char *const each_words[] = {"region", "pupil", "application",
                                         "overstapsysteem", NULL};
static const char *const wait_words[] = {"fetch",        "request",       "fault",
                                         "token expiry", "aansluitdatum", NULL};

static const struct verb_key together_keys[] = {{"together", KEY_STEPS, true, NULL},
                                                {NULL, KEY_ANY, false, NULL}};
static const struct verb_key each_keys[] = {{"for each", KEY_WORD, true, each_words},
                                            {"together", KEY_BOOL, false, NULL},
                                            {"steps", KEY_STEPS, true, NULL},
                                            {NULL, KEY_ANY, false, NULL}};
static const struct verb_key fault_keys[] = {{"fault", KEY_FAULT, true, NULL},
                                             {NULL, KEY_ANY, false, NULL}};
static const struct verb_key wait_keys[] = {
    {"wait", KEY_WORD, true, wait_words}, {"of", KEY_TEXT, false, NULL},
    {"times", KEY_COUNT, false, NULL},    {"within", KEY_DURATION, false, NULL},
    {"proves", KEY_IDS, false, NULL},     {NULL, KEY_ANY, false, NULL}};
static const struct verb_key elsewhere_keys[] = {{"proves", KEY_IDS, false, NULL},
                                                 {NULL, KEY_ANY, false, NULL}};

const struct verb control_verbs[] = {
    {"together", "together", false, KEY_STEPS, together,
     "these steps (or lists of steps) go on at the same time", together_keys},
    {"for each", "for each", false, KEY_ANY, for_each,
     "the steps for each region, pupil, application or overstapsysteem; with "
     "\"together\" all "
     "at the same time",
     each_keys},
    {"fault", "fault", false, KEY_FAULT, fault,
     "something goes wrong on an operation: kind, nth, count, phase; \"none\" ends all "
     "faults",
     fault_keys},
    {"wait", "wait", false, KEY_ANY, wait_for,
     "until the system fetched, a request came, a fault hit, or a known moment came",
     wait_keys},
    {"elsewhere", "gets no token", true, KEY_ANY, elsewhere_expect,
     "the other host of a redirect was never shown a token", elsewhere_keys},
    {NULL, NULL, false, KEY_ANY, NULL, NULL, NULL},
};

/* ---- checking a fault at load ---- */

static const char *const fault_members[] = {"on",      "kind",       "from",   "nth",
                                            "count",   "phase",      "status", "delay",
                                            "as date", "retry after"};

int fault_check(const json_t *f, char *pointer, size_t n, struct err *e)
{
    const char *key;
    json_t *value;
    if (json_is_string(f) && !strcmp(json_string_value(f), "none"))
        return 0;
    if (!json_is_object(f))
        return err_set(e, E_INVALID,
                       "a fault is {\"on\": operation, \"kind\": ...} or \"none\"");
    json_object_foreach ((json_t *)(uintptr_t)f, key, value) {
        bool known = false;
        for (size_t i = 0; i < ARRAY_LEN(fault_members); i++)
            known = known || !strcmp(key, fault_members[i]);
        if (!known) {
            const char *near = word_nearest(key, fault_members, ARRAY_LEN(fault_members));
            snprintf(pointer, n, "/%s", key);
            return err_set(e, E_INVALID, "a fault has no \"%s\"%s%s%s", key,
                           near ? "; did you mean \"" : "", near ? near : "",
                           near ? "\"?" : "");
        }
    }
    const char *kind = json_text(f, "kind"), *on = json_text(f, "on");
    if (!on || op_by_name(on) == OP_NONE) {
        snprintf(pointer, n, "/on");
        return err_set(e, E_INVALID,
                       "\"on\" must name an operation, such as "
                       "\"aanmeldstatussen.ophalen\"");
    }
    if (!kind || !fault_kind(kind)) {
        const char *names[ARRAY_LEN(fault_kinds)];
        for (size_t i = 0; i < ARRAY_LEN(fault_kinds); i++)
            names[i] = fault_kinds[i].name;
        const char *near = kind ? word_nearest(kind, names, ARRAY_LEN(names)) : NULL;
        snprintf(pointer, n, "/kind");
        return err_set(e, E_INVALID, "there is no fault of kind \"%s\"%s%s%s",
                       kind ? kind : "<undef>", near ? "; did you mean \"" : "",
                       near ? near : "", near ? "\"?" : "");
    }
    return 0;
}
