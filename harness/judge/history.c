/* Journal lines into the small records that the checks read. */
#include "harness/judge/history.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mem.h"
#include "harness/judge/checks.h"
#include "harness/judge/words.h"

static uint64_t count(const json_t *o, const char *key)
{
    json_int_t v = json_integer_value(json_object_get(o, key));
    return v > 0 ? (uint64_t)v : 0;
}

static bool moment_of(const char *s, when_t *out)
{
    return s && when_parse(s, strlen(s), out) == 0;
}

struct history *history_new(struct trial_view *t, const json_t *start)
{
    struct history *h = xcalloc(1, sizeof *h);
    const char *key = text(start, "scenario");
    size_t role = strlen(t->role);
    h->trial = t;
    h->key = xstrdup(key);
    bool prefixed = strncmp(key, t->role, role) == 0 && key[role] == '/';
    h->name = xstrdup(prefixed ? key + role + 1 : key);
    const json_t *crowd = json_object_get(start, "crowd");
    json_int_t size = json_integer_value(json_object_get(crowd, "aanmeldingen"));
    json_int_t of = json_integer_value(json_object_get(crowd, "of"));
    h->crowd = size > 0 ? (uint64_t)size : 0;
    h->crowd_of = of > size && size > 0 ? (uint64_t)of : 0;
    h->proves = json_incref(json_object_get(start, "proves"));
    h->title = json_incref(json_object_get(start, "title"));
    h->began = h->ended = count(start, "t");
    h->interval = count(start, "interval");
    if (!h->interval)
        h->interval = t->interval;
    h->texts = names_new();
    h->codes = names_new();
    h->failed_steps = names_new();
    h->ours = names_new();
    h->chain = json_array();
    h->tallies = xcalloc(checks_count(), sizeof *h->tallies);
    return h;
}

void history_free(struct history *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->n_canaries; i++) {
        free(h->canaries[i].text);
        free(h->canaries[i].what);
    }
    for (size_t i = 0; i < h->n_lost; i++)
        free(h->lost[i].body);
    free(h->lost);
    for (size_t i = 0; i < checks_count(); i++)
        tally_done(&h->tallies[i]);
    free(h->tallies);
    free(h->canaries);
    free(h->writes);
    free(h->meldingen);
    free(h->requests);
    free(h->entries);
    free(h->moments);
    free(h->audits);
    free(h->clients);
    names_free(h->texts);
    names_free(h->codes);
    names_free(h->failed_steps);
    names_free(h->ours);
    json_decref(h->proves);
    json_decref(h->title);
    free(h->name);
    free(h->key);
    json_decref(h->chain);
    free(h->outcome);
    free(h->why);
    free(h->blame);
    free(h->capability);
    free(h);
}

/* ---- exchanges ---- */

const char *message_field(const json_t *message, const char *name, size_t nth)
{
    const json_t *fields = json_object_get(message, "fields");
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *f = json_array_get(fields, i);
        const char *n = json_string_value(json_array_get(f, 0));
        if (n && strcasecmp(n, name) == 0 && nth-- == 0)
            return json_string_value(json_array_get(f, 1));
    }
    return NULL;
}

/* A success that only a koppelpunt gives: an empty object, a page of HTML or another
 * service's answer is none. What anybody can say (gezondheid) proves nothing. */
static bool proper_success(const struct seen_exchange *x)
{
    static const struct {
        const char *op, *key;
        json_type type;
    } needs[] = {
        {"token", "access_token", JSON_STRING},
        {"statusmeldingen.indienen", "aangenomen", JSON_INTEGER},
        {"statusmeldingen.indienen", "dubbel", JSON_INTEGER},
        {"standen.indienen", "gewijzigd", JSON_INTEGER},
        {"standen.indienen", "vervallen", JSON_INTEGER},
        {"aanmeldstatussen.ophalen", "aanmeldstatussen", JSON_ARRAY},
        {"aanmeldstatussen.ophalen", "volgende", JSON_STRING},
        {"aanmeldstatussen.zoeken", "aanmeldstatussen", JSON_ARRAY},
        {"openapi", "openapi", JSON_STRING},
        {"openapi", "paths", JSON_OBJECT},
    };
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
        if (strcmp(x->op, needs[i].op))
            continue;
        const json_t *v = json_object_get(x->answer, needs[i].key);
        known = v && json_typeof(v) == needs[i].type &&
                !(json_is_string(v) && !*json_string_value(v));
        if (!known)
            return false;
    }
    return known;
}

/* A refusal that says in its body what it is (RFC 9457). */
static bool proper_refusal(const struct seen_exchange *x)
{
    if (!x->body || x->cut || x->body[strspn(x->body, " \t\r\n")] != '{')
        return false;
    json_t *problem = json_loadb(x->body, x->body_n, 0, NULL);
    bool ok = json_integer_value(json_object_get(problem, "status")) == x->status &&
              json_is_string(json_object_get(problem, "title"));
    json_decref(problem);
    return ok;
}

void exchange_read(const json_t *event, struct seen_exchange *x)
{
    const char *op = text(event, "op");
    *x = (struct seen_exchange){
        .event = event,
        .seq = count(event, "seq"),
        .began = count(event, "began"),
        .ended = count(event, "ended"),
        .from = text(event, "from"),
        .to = text(event, "to"),
        .op = op ? op : "",
        .outcome = text(event, "outcome"),
        .fault = text(event, "fault"),
        .url = text(event, "url"),
        .token = text(event, "token"),
        .manipulated = text(event, "manipulated"),
        .at_client = is(text(event, "side"), "client"),
        .request = json_object_get(event, "request"),
        .response = json_object_get(event, "response"),
        .message = json_object_get(event, "message"),
        .answer = json_object_get(event, "answer"),
        .faults = json_object_get(event, "faults"),
    };
    const json_t *body = json_object_get(x->response, "body");
    x->method = text(x->request, "method");
    x->target = text(x->request, "target");
    x->answered = is(x->outcome, "answered");
    x->status = (int)count(x->response, "status");
    x->body = json_string_value(body);
    x->body_n = json_string_length(body);
    x->cut = json_object_get(x->response, "bytes") != NULL;
    x->raw = json_is_true(json_object_get(event, "raw")) || !x->request || !x->method;
    x->proper = x->answered && (x->status / 100 == 2 ? proper_success(x)
                                : x->status >= 400   ? proper_refusal(x)
                                                     : false);
}

const json_t *exchange_entries(const struct seen_exchange *x)
{
    if (x->status != 200 || (strcmp(x->op, "aanmeldstatussen.ophalen") &&
                             strcmp(x->op, "aanmeldstatussen.zoeken")))
        return NULL;
    const json_t *list = json_object_get(x->answer, "aanmeldstatussen");
    return json_is_array(list) ? list : NULL;
}

/* ---- what is sent in ---- */

/* Whether the koppelpunt took it in, as far as the answer says: a lost answer and a
 * failure of the server leave it open. */
static enum fate fate_of(const struct seen_exchange *x)
{
    static const char *const never[] = {"refused", "resolve", "tls"};
    if (!x->answered) {
        for (size_t i = 0; i < ARRAY_LEN(never); i++)
            if (is(x->outcome, never[i]))
                return FATE_REFUSED;
        return FATE_UNKNOWN;
    }
    bool plain = !x->manipulated && (!x->token || is(x->token, "own"));
    if (x->status / 100 == 2)
        return plain ? FATE_ACCEPTED : FATE_UNKNOWN;
    return x->status >= 500 && x->status != 503 ? FATE_UNKNOWN : FATE_REFUSED;
}

/* A number's mask, remembered as one of a person of this trial. */
static uint32_t number_of(struct history *h, const char *s)
{
    if (s && mask_present(s, strlen(s)))
        names_id(h->trial->numbers, s);
    return names_id(h->texts, s);
}

static void add_melding(struct history *h, const json_t *m)
{
    list_add(h->meldingen, h->n_meldingen, h->cap_meldingen);
    struct melding *out = &h->meldingen[h->n_meldingen - 1];
    const char *status = text(m, "status");
    number_of(h, text(m, "onderwijsnummer"));
    *out = (struct melding){
        .id = names_id(h->texts, text(m, "meldingId")),
        .ketenid = names_id(h->texts, text(m, "ketenid")),
        .caketenid = names_id(h->texts, text(m, "caketenid")),
        .bsn = number_of(h, text(m, "bsn")),
        .instelling = (uint16_t)names_id(h->codes, text(m, "instellingserkenningscode")),
        .opleiding = (uint16_t)names_id(h->codes, text(m, "opleidingcode")),
        .status = (uint8_t)(status ? status_by_name(status) : STATUS_NONE),
        .cambo = is(text(m, "statussource"), "CAMBO"),
    };
    moment_of(text(m, "begindatum"), &out->begin);
}

static void add_write(struct history *h, const struct seen_exchange *x, bool stand)
{
    const json_t *list =
        json_object_get(x->message, stand ? "aanmeldingen" : "statusmeldingen");
    struct write w = {
        .seq = x->seq,
        .began = x->began,
        .ended = x->ended,
        .fate = fate_of(x),
        .stand = stand,
        .instelling =
            (uint16_t)names_id(h->codes, text(x->message, "instellingserkenningscode")),
        .step = names_id(h->texts, text(x->event, "step")),
        .first = h->n_meldingen,
    };
    moment_of(text(x->message, "peildatum"), &w.peildatum);
    for (size_t i = 0; i < json_array_size(list); i++)
        add_melding(h, json_array_get(list, i));
    w.n = h->n_meldingen - w.first;
    list_add(h->writes, h->n_writes, h->cap_writes);
    h->writes[h->n_writes - 1] = w;
}

/* ---- what is fetched ---- */

static void add_entry(struct history *h, const json_t *v)
{
    const json_t *vn = json_object_get(v, "volgnummer");
    const char *status = text(v, "status");
    if (!json_is_integer(vn) || json_integer_value(vn) < 0 || !text(v, "aanmeldId"))
        return; /* its faults are KP-LEV-01's and KP-ORD-05's; it can't be followed */
    list_add(h->entries, h->n_entries, h->cap_entries);
    struct entry *e = &h->entries[h->n_entries - 1];
    *e = (struct entry){
        .volgnummer = (uint64_t)json_integer_value(vn),
        .id = names_id(h->texts, text(v, "aanmeldId")),
        .bsn = names_id(h->texts, text(v, "bsn")),
        .instelling =
            (uint16_t)names_id(h->codes, text(json_object_get(v, "instelling"), "code")),
        .opleiding =
            (uint16_t)names_id(h->codes, text(json_object_get(v, "opleiding"), "code")),
        .status = (uint8_t)(status ? status_by_name(status) : STATUS_NONE),
        .lapsed = json_is_true(json_object_get(v, "vervallen")),
    };
    moment_of(text(v, "statusBegin"), &e->begin);
}

/* Retry-After in seconds from the moment of the answer; < 0 when it has none. */
static double retry_after(const struct history *h, const struct seen_exchange *x,
                          bool *date)
{
    const char *s = message_field(x->response, "Retry-After", 0);
    when_t at;
    if (!s)
        return -1;
    if (*s && strspn(s, "0123456789") == strlen(s))
        return strtod(s, NULL);
    if (when_parse_http(s, &at) || !h->trial->has_wall)
        return -1;
    *date = true;
    double wait = (double)(at - trial_wall(h->trial, x->ended)) / (double)NS_PER_S;
    return wait > 0 ? wait : 0;
}

static void add_request(struct history *h, const struct seen_exchange *x,
                        enum request_kind kind)
{
    const json_t *sinds = json_object_get(x->message, "sinds");
    const json_t *limiet = json_object_get(x->message, "limiet");
    struct request r = {
        .seq = x->seq,
        .began = x->began,
        .ended = x->ended,
        .kind = kind,
        .from = names_id(h->texts, x->from),
        .sinds = names_id(h->texts, json_string_value(sinds)),
        .volgende = names_id(h->texts, text(x->answer, "volgende")),
        .token = names_id(h->texts, message_field(x->request, "Authorization", 0)),
        .limiet = json_is_integer(limiet) ? (int)json_integer_value(limiet)
                  : json_string_value(limiet)
                      ? (int)strtol(json_string_value(limiet), NULL, 10)
                      : -1,
        .status = x->status,
        .at_server = !x->at_client,
        .has_sinds = sinds != NULL,
        .meer = json_is_true(json_object_get(x->answer, "meer")),
        .answered = x->answered,
        .whole = x->answered && x->status == 200 && proper_success(x),
        .fault = x->fault != NULL,
        .expires = json_number_value(json_object_get(x->answer, "expires_in")),
        .first = h->n_entries,
    };
    r.retry_after = retry_after(h, x, &r.retry_date);
    const json_t *list =
        kind == REQUEST_FETCH && x->at_client ? exchange_entries(x) : NULL;
    for (size_t i = 0; i < json_array_size(list); i++)
        add_entry(h, json_array_get(list, i));
    r.n = h->n_entries - r.first;
    list_add(h->requests, h->n_requests, h->cap_requests);
    h->requests[h->n_requests - 1] = r;
    if (r.at_server && kind == REQUEST_FETCH && !r.answered && r.status == 200 &&
        x->body) {
        list_add(h->lost, h->n_lost, h->cap_lost);
        h->lost[h->n_lost - 1] =
            (struct lost_page){.request = h->n_requests - 1, .body = xstrdup(x->body)};
    }
}

static void add_moment(struct history *h, struct moment_event m)
{
    list_add(h->moments, h->n_moments, h->cap_moments);
    h->moments[h->n_moments - 1] = m;
}

/* The operations that go into a history, and how. */
static void history_to_koppelpunt(struct history *h, const struct seen_exchange *x)
{
    bool reader = x->from && strncmp(x->from, "overstapsysteem", 15) == 0;
    bool stand = is(x->op, "standen.indienen");
    if (x->at_client && (stand || is(x->op, "statusmeldingen.indienen")))
        add_write(h, x, stand);
    else if (is(x->op, "aanmeldstatussen.ophalen") && (x->at_client || reader))
        add_request(h, x, REQUEST_FETCH);
    else if (is(x->op, "token") && (x->at_client || reader))
        add_request(h, x, REQUEST_TOKEN);
    if (x->at_client && reader)
        names_id(h->ours, x->from);
    if (x->at_client && x->proper && is(h->trial->role, "koppelpunt"))
        h->real++;
    const json_t *bsns = json_object_get(x->message, "bsns");
    for (size_t i = 0; i < json_array_size(bsns); i++)
        number_of(h, json_string_value(json_array_get(bsns, i)));
}

void history_exchange(struct history *h, const struct seen_exchange *x)
{
    if (is(x->to, "koppelpunt"))
        history_to_koppelpunt(h, x);
    else if (x->at_client && is(x->op, "waarnemer.ophalen"))
        add_moment(h, (struct moment_event){.kind = MOMENT_ASKED,
                                            .seq = x->seq,
                                            .t = x->began,
                                            .until = x->ended,
                                            .who = names_id(h->texts, x->to),
                                            .status = x->status});
}

bool request_of_system(const struct history *h, const struct request *r)
{
    const char *from = names_at(h->texts, r->from);
    return r->at_server && !names_find(h->ours, from, strlen(from));
}

/* ---- other events ---- */

static void on_scenario(struct history *h, const json_t *e)
{
    if (!is(text(e, "phase"), "end"))
        return;
    h->ended = count(e, "t");
    h->outcome = xstrdup(text(e, "outcome"));
    h->why = xstrdup(text(e, "why"));
    h->blame = xstrdup(text(e, "blame"));
    h->capability = xstrdup(text(e, "capability"));
}

static void on_expectation(struct history *h, const json_t *e)
{
    const json_t *met = json_object_get(e, "met");
    if (json_is_true(met)) {
        h->met++;
    } else if (json_is_false(met)) {
        h->unmet++;
        names_id(h->failed_steps, text(e, "step"));
    } else {
        h->unseen++;
    }
}

static void on_system(struct history *h, const json_t *e)
{
    static const struct {
        const char *phase;
        enum moment_kind kind;
    } phases[] = {{"started", MOMENT_STARTED}, {"stopping", MOMENT_GONE},
                  {"stopped", MOMENT_GONE},    {"killed", MOMENT_GONE},
                  {"exited", MOMENT_GONE},     {"reloaded", MOMENT_RELOADED}};
    h->peak = count(e, "peak") > h->peak ? count(e, "peak") : h->peak;
    for (size_t i = 0; i < ARRAY_LEN(phases); i++)
        if (is(text(e, "phase"), phases[i].phase))
            add_moment(h, (struct moment_event){.kind = phases[i].kind,
                                                .seq = count(e, "seq"),
                                                .t = count(e, "t")});
}

static void on_fault(struct history *h, const json_t *e)
{
    const char *phase = text(e, "phase");
    if (is(phase, "set") || is(phase, "cleared"))
        add_moment(h, (struct moment_event){.kind = is(phase, "set") ? MOMENT_FAULT_SET
                                                                     : MOMENT_FAULT_GONE,
                                            .seq = count(e, "seq"),
                                            .t = count(e, "t"),
                                            .who = names_id(h->texts, text(e, "id"))});
}

/* What the scenario does to the koppelpunt that we play: around it, gaps are not the
 * overstapsysteem's own. */
static void on_step(struct history *h, const json_t *e)
{
    const char *said = text(e, "text");
    if (is(text(e, "phase"), "start") && said && !strncmp(said, "koppelpunt", 10))
        add_moment(h, (struct moment_event){.kind = MOMENT_DISTURBED,
                                            .seq = count(e, "seq"),
                                            .t = count(e, "t")});
}

static void on_canary(struct history *h, const json_t *e)
{
    if (!text(e, "text") || !*text(e, "text"))
        return;
    list_add(h->canaries, h->n_canaries, h->cap_canaries);
    h->canaries[h->n_canaries - 1] = (struct canary){.text = xstrdup(text(e, "text")),
                                                     .what = xstrdup(text(e, "what"))};
}

static void on_client(struct history *h, const json_t *e)
{
    const char *soort = text(e, "soort");
    struct client_view c = {.t = count(e, "t"),
                            .name = names_id(h->texts, text(e, "name")),
                            .soort = soort ? soort[0] : 0,
                            .withdrawn = json_is_true(json_object_get(e, "ingetrokken"))};
    c.connects = moment_of(text(e, "aansluitdatum"), &c.from);
    if (is(text(e, "state"), "connected")) {
        c.connects = true;
        c.from = trial_wall(h->trial, c.t);
    } else if (text(e, "state")) { /* what it had stays */
        for (size_t i = 0; i < h->n_clients; i++)
            if (h->clients[i].name == c.name) {
                c.connects = h->clients[i].connects;
                c.from = h->clients[i].from;
            }
    }
    list_add(h->clients, h->n_clients, h->cap_clients);
    h->clients[h->n_clients - 1] = c;
}

static void on_audit(struct history *h, const json_t *e)
{
    uint32_t reader = names_id(h->texts, text(e, "reader"));
    if (is(text(e, "phase"), "start")) {
        list_add(h->audits, h->n_audits, h->cap_audits);
        h->audits[h->n_audits - 1] = (struct audit){
            .reader = reader, .seq = count(e, "seq"), .began = count(e, "t")};
        return;
    }
    for (size_t i = h->n_audits; i-- > 0;) {
        struct audit *a = &h->audits[i];
        if (a->reader != reader || a->ended)
            continue;
        a->ended = count(e, "t");
        a->complete = json_is_true(json_object_get(e, "complete"));
        return;
    }
}

static void on_chain(struct history *h, const json_t *e)
{
    json_array_append(h->chain, (json_t *)(uintptr_t)e);
}

static void on_truth(struct history *h, const json_t *e)
{
    on_chain(h, e);
    number_of(h, text(e, "bsn"));
}

static void on_school(struct history *h, const json_t *e)
{
    const json_t *pupils = json_object_get(e, "pupils");
    for (size_t i = 0; i < json_array_size(pupils); i++)
        number_of(h, json_string_value(json_array_get(pupils, i)));
}

void history_event(struct history *h, const char *kind, const json_t *event)
{
    static const struct {
        const char *kind;
        void (*add)(struct history *h, const json_t *e);
    } kinds[] = {
        {"step", on_step},
        {"scenario", on_scenario},
        {"expectation", on_expectation},
        {"system", on_system},
        {"fault", on_fault},
        {"canary", on_canary},
        {"confirmation", on_chain},
        {"objection", on_chain},
        {"consent", on_chain},
        {"question", on_chain},
        {"client", on_client},
        {"audit", on_audit},
        {"truth", on_truth},
        {"school", on_school},
    };
    h->ended = count(event, "t");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (is(kind, kinds[i].kind))
            kinds[i].add(h, event);
}
