/* Calls as such: a party asks one operation, perhaps with a wrong token or in a wrong
 * form, and the answer is looked at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

#define AGAIN_GAP (100 * (uint64_t)NS_PER_MS)

struct asked {
    struct lane *l;
    struct client *client;
    uint64_t began, deadline;
    json_t *pages; /* "to the end": the entries of all pages so far */
    char *cursor;  /* where it goes on */
};

/* ---- what is asked ---- */

/* A number for a search: a pupil's, one that nobody has, or one that fails the test. */
static json_t *number_for(struct lane *l, const char *word)
{
    char bsn[10];
    struct pupil *p = lane_pupil(l, word);
    if (p)
        return json_string(p->person->bsn);
    population_crowd(l->t->c.population, 899999, bsn); /* nobody's in this trial */
    if (!strcmp(word, "failing")) {
        do
            bsn[8] = (char)('0' + (bsn[8] - '0' + 1) % 10);
        while (bsn_valid(bsn, 9) || onderwijsnummer_valid(bsn, 9));
    }
    return json_string(strcmp(word, "malformed") ? bsn : "12345");
}

static json_t *fetch_message(struct lane *l, const json_t *step, const struct client *c)
{
    json_t *m = json_object();
    const json_t *limit = json_object_get(step, "limit");
    const char *cursor = json_text(step, "cursor");
    char key[96];
    snprintf(key, sizeof key, "%s %s", cursor ? cursor : "", c ? c->actor : "");
    if (json_is_integer(limit))
        json_object_set(m, "limiet", (json_t *)(uintptr_t)limit);
    if (map_get(l->t->cursors, key))
        json_object_set(m, "sinds", map_get(l->t->cursors, key));
    else if (cursor && !strcmp(cursor, "invented"))
        json_object_set_new(m, "sinds", json_string("this-is-no-cursor-of-yours"));
    return m;
}

static json_t *message_for(struct lane *l, const json_t *step, enum op op,
                           const struct client *c)
{
    if (op == OP_OPHALEN)
        return fetch_message(l, step, c);
    if (op == OP_ZOEKEN) {
        const json_t *who = json_object_get(step, "numbers of");
        json_t *list = json_array();
        for (size_t i = 0; i < json_array_size(who); i++)
            json_array_append_new(
                list, number_for(l, json_string_value(json_array_get(who, i))));
        const json_t *many = json_object_get(step, "count");
        for (json_int_t i = 0; i < json_integer_value(many); i++) {
            char bsn[10];
            population_crowd(l->t->c.population, (size_t)i, bsn);
            json_array_append_new(list, json_string(bsn));
        }
        return json_pack("{so}", "bsns", list);
    }
    if (op == OP_TOKEN) {
        const char *secret = json_text(step, "secret"), *scope = json_text(step, "scope");
        return json_pack("{ss,ss,ss*}", "clientId", c ? c->id : "nobody", "clientSecret",
                         secret || !c ? "wrong-secret" : c->secret, "scope", scope);
    }
    const char *name = json_text(step, "application");
    struct application *a = name ? lane_application(l, name) : NULL;
    if (!a && map_first(l->t->applications))
        a = map_value(map_first(l->t->applications));
    if (op == OP_INDIENEN && a) {
        struct aanmelding now = a->a;
        char id[37];
        if (now.status == STATUS_NONE)
            now.status = STATUS_RECEIVED;
        if (!now.begin)
            now.begin = a->clock;
        rng_uuid(&a->ids, id);
        json_t *one = sources_melding(&now, "SIS", id);
        json_t *list = json_pack("[o]", one);
        json_int_t count = json_integer_value(json_object_get(step, "count"));
        for (json_int_t i = 1; i < count; i++) {
            json_t *more = json_deep_copy(one);
            rng_uuid(&a->ids, id);
            json_object_set_new(more, "meldingId", json_string(id));
            json_array_append_new(list, more);
        }
        return json_pack("{so}", "statusmeldingen", list);
    }
    if (op == OP_STAND && a) {
        struct aanmelding now = a->a;
        if (now.status == STATUS_NONE)
            now.status = STATUS_RECEIVED;
        return json_pack("{ss,ss,s[o]}", "instellingserkenningscode", now.instelling,
                         "peildatum", "2023-05-03T00:00:00Z", "aanmeldingen",
                         sources_stand_entry(&now));
    }
    return json_object();
}

/* ---- what came ---- */

/* A handshake that is refused may also look like a connection that is lost: with TLS 1.3
 * the server judges the client's certificate after the client has begun to speak. */
static bool word_fits(const json_t *want, const char *word)
{
    if (!strcmp(word, "reset") || !strcmp(word, "truncated"))
        word = "tls";
    if (json_is_string(want))
        return !strcmp(json_string_value(want), word);
    for (size_t i = 0; i < json_array_size(want); i++)
        if (!strcmp(json_string_value(json_array_get(want, i)), word))
            return true;
    return false;
}

/* The entries of the answer that are of a scenario's application. */
static const char *status_in(const json_t *answer, const struct application *a)
{
    const json_t *list = json_object_get(answer, "aanmeldstatussen");
    const char *status = NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *e = json_array_get(list, i);
        const char *bsn = json_text(e, "bsn");
        const char *code = json_text(json_object_get(e, "instelling"), "code");
        const char *opl = json_text(json_object_get(e, "opleiding"), "code");
        if (bsn && code && opl && !strcmp(bsn, a->a.person->bsn) &&
            !strcmp(code, a->a.instelling) && !strcmp(opl, a->a.opleiding))
            status = json_text(e, "status");
    }
    return status;
}

/* Entries of this conversation's own persons: a system that keeps running holds others.
 */
static bool own_entry(struct trial *t, const json_t *entry)
{
    const char *bsn = json_text(entry, "bsn");
    for (struct map_item *p = map_first(t->pupils); bsn && p; p = map_next(p))
        if (!strcmp(((const struct pupil *)map_value(p))->person->bsn, bsn))
            return true;
    return false;
}

static size_t own_entries(struct trial *t, const json_t *list)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        n += own_entry(t, json_array_get(list, i));
    return n;
}

/* The names are those of the provisioning, and an aanmeldId tells nothing (CONTRACT.md
 * 6). *proves: what it is about. */
static char *entries_wrong(struct trial *t, const json_t *list, const char **proves)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *e = json_array_get(list, i);
        const char *id = json_text(e, "aanmeldId");
        if (!own_entry(t, e))
            continue;
        char *why = id ? trial_id_tells(id, json_text(e, "bsn")) : NULL;
        *proves = why ? "KP-LEV-13" : "KP-LEV-03";
        why = why ? why : trial_names_wrong(t, e);
        if (why)
            return why;
    }
    *proves = NULL;
    return NULL;
}

static char *holds_wrong(struct lane *l, const json_t *step, const json_t *answer)
{
    const char *name;
    json_t *want;
    json_object_foreach (json_object_get(step, "holds"), name, want) {
        struct application *a = lane_application(l, name);
        const char *is = status_in(answer, a);
        if (json_is_null(want) ? is != NULL : !is || strcmp(is, json_string_value(want)))
            return xasprintf("the answer should hold aanmelding %s as %s and holds %s",
                             name,
                             json_is_null(want) ? "nothing" : json_string_value(want),
                             is ? is : "<undef>");
    }
    const json_t *list = json_object_get(answer, "aanmeldstatussen");
    const json_t *entries = json_object_get(step, "entries");
    size_t own = own_entries(l->t, list);
    if (json_is_integer(entries) && own != (size_t)json_integer_value(entries))
        return xasprintf(
            "the answer should hold %lld entries of these pupils and holds %zu",
            (long long)json_integer_value(entries), own);
    const json_t *most = json_object_get(step, "at most");
    if (json_is_integer(most) && json_array_size(list) > (size_t)json_integer_value(most))
        return xasprintf("the answer may hold at most %lld entries and holds %zu",
                         (long long)json_integer_value(most), json_array_size(list));
    return NULL;
}

static char *code_wrong(const json_t *step, const json_t *answer)
{
    const char *want = json_text(step, "code"), *is = json_text(answer, "code");
    if (!want || (is && !strcmp(want, is)))
        return NULL;
    const json_t *fouten = json_object_get(answer, "fouten");
    for (size_t i = 0; i < json_array_size(fouten); i++) {
        const char *reden = json_text(json_array_get(fouten, i), "reden");
        if (reden && !strcmp(reden, want))
            return NULL;
    }
    return xasprintf("the code should be %s and is %s", want, is ? is : "<undef>");
}

static void ask_once(struct asked *k);

static void ask_again(void *arg)
{
    struct asked *k = arg;
    k->l->t->waiting--;
    ask_once(k);
}

/* A party's cursors: "first", the first that it was ever given, and "last". */
static void remember_cursor(struct trial *t, const struct client *c, const json_t *answer)
{
    char key[96];
    json_t *cursor = json_object_get(answer, "volgende");
    if (!cursor)
        return;
    snprintf(key, sizeof key, "first %s", c->actor);
    if (!map_get(t->cursors, key))
        map_put(t->cursors, key, json_incref(cursor));
    snprintf(key, sizeof key, "last %s", c->actor);
    json_decref(map_put(t->cursors, key, json_incref(cursor)));
}

/* With "to the end": true when another page is to be read first. What has come so far is
 * gathered in k->pages. */
static bool goes_on(struct asked *k, const struct said *s)
{
    const json_t *step = lane_step(k->l);
    const char *cursor = json_text(s->answer, "volgende");
    if (!json_is_true(json_object_get(step, "to the end")) || s->status != 200)
        return false;
    if (!k->pages)
        k->pages = json_array();
    json_array_extend(k->pages, json_object_get(s->answer, "aanmeldstatussen"));
    if (!json_is_true(json_object_get(s->answer, "meer")) || !cursor)
        return false;
    char *next = xstrdup(cursor);
    free(k->cursor);
    k->cursor = next;
    return true;
}

/* "forbidden or unauthenticated"; the caller frees. */
static char *wanted_words(const json_t *want)
{
    struct buf b;
    if (!json_is_array(want))
        return xstrdup(want ? json_string_value(want) : "ok");
    buf_init(&b, 400);
    for (size_t i = 0; i < json_array_size(want); i++)
        buf_addf(&b, "%s%s", i ? " or " : "", json_string_value(json_array_get(want, i)));
    return buf_take(&b, NULL);
}

/* A server may answer early and close while a body that is too large is still being sent;
 * then its answer can be lost on the way (RFC 9112 section 9.6), and nobody can tell. */
static bool lost_while_sending(const json_t *step, const struct said *s)
{
    const char *form = json_text(step, "form");
    return form && !strcmp(form, "oversized") && s->outcome == CALL_RESET;
}

/* The refusal that was to be seen was only due until the client's aansluitdatum, and that
 * has come meanwhile: the system was late, or the machine. */
static bool too_late_to_be_refused(struct asked *k)
{
    const char *code = json_text(lane_step(k->l), "code");
    when_t at;
    return k->client && code && !strcmp(code, "nog-niet-aangesloten") &&
           trial_connects(k->l->t, k->client, &at) && at <= wire_wall(k->l->t->wire);
}

static void came(void *arg, const struct said *s)
{
    struct asked *k = arg;
    struct lane *l = k->l;
    struct trial *t = l->t;
    const json_t *step = lane_step(l);
    const json_t *want = json_object_get(step, "answer");
    const char *proves = NULL;
    char *why = NULL;
    if (goes_on(k, s)) {
        ask_once(k);
        return;
    }
    bool fits = want ? word_fits(want, s->word) : !strcmp(s->word, "ok");
    char *wanted = wanted_words(want);
    if (!fits)
        why = xasprintf("the answer should be %s and is %s (%d)", wanted, s->word,
                        s->status);
    else if (s->outcome == CALL_ANSWERED) {
        why = code_wrong(step, s->answer);
        json_t *all = k->pages ? json_pack("{sO}", "aanmeldstatussen", k->pages) : NULL;
        if (!why && s->status / 100 == 2)
            why = holds_wrong(l, step, all ? all : s->answer);
        json_decref(all);
    }
    free(wanted);
    if (fits && s->status == 200 && k->client)
        remember_cursor(t, k->client, s->answer);
    if (why && wire_now(t->wire) < k->deadline && !t->end_outcome) {
        free(why);
        json_decref(k->pages);
        k->pages = NULL;
        free(k->cursor);
        k->cursor = NULL;
        t->waiting++;
        wire_timer(t->wire, wire_now(t->wire) + AGAIN_GAP, ask_again, k);
        return;
    }
    /* No other answer can be expected by asking again. */
    bool looks = json_object_get(step, "holds") || json_object_get(step, "entries");
    if (!why && looks && t->koppelpunt_tested && s->status / 100 == 2)
        why = entries_wrong(
            t, k->pages ? k->pages : json_object_get(s->answer, "aanmeldstatussen"),
            &proves);
    json_t *seen = json_pack("{ss,si}", "answer", s->word, "status", s->status);
    if (json_text(s->answer, "code"))
        json_object_set(seen, "code", json_object_get(s->answer, "code"));
    if (s->outcome != CALL_ANSWERED && s->detail)
        json_object_set_new(seen, "detail", json_string(s->detail));
    bool lost = why && (lost_while_sending(step, s) || too_late_to_be_refused(k));
    struct outcome o = {.met = lost ? -1 : !why,
                        .what = "the answer to a call",
                        .why = why,
                        .blame = t->koppelpunt_tested ? "system" : "harness",
                        .expected = json_deep_copy(step),
                        .seen = seen,
                        .began = k->began,
                        .within = k->deadline > k->began ? k->deadline - k->began : 0,
                        .proves = proves};
    lane_expect(l, &o);
    free(why);
    json_decref(k->pages);
    free(k->cursor);
    free(k);
    lane_next(l);
}

static void ask_once(struct asked *k)
{
    struct lane *l = k->l;
    const json_t *step = lane_step(l);
    enum op op = op_by_name(json_text(step, "asks"));
    const char *token = json_text(step, "token");
    struct ask a = {.op = op,
                    .client = k->client,
                    .manipulate = json_text(step, "form"),
                    .certificate = json_text(step, "certificate"),
                    .old_tls = json_text(step, "tls") != NULL,
                    .request_id = json_text(step, "request id"),
                    .patient = true,
                    .persistent = true};
    if (token && !strncmp(token, "of ", 3))
        a.token_of = trial_client(l->t, token + 3);
    else if (token)
        a.token = !strcmp(token, "none")      ? TOKEN_NONE
                  : !strcmp(token, "invalid") ? TOKEN_INVALID
                                              : TOKEN_OLD;
    json_t *m = message_for(l, step, op, k->client);
    if (k->cursor)
        json_object_set_new(m, "sinds", json_string(k->cursor));
    a.message = m;
    trial_ask(l, &a, came, k);
    json_decref(m);
}

static void client_asks(struct lane *l, const json_t *step)
{
    const char *token = json_text(step, "token");
    bool about_tokens = op_by_name(json_text(step, "asks")) == OP_TOKEN ||
                        (token && !strcmp(token, "expired"));
    if (about_tokens && !trial_has_tokens(l->t)) {
        lane_next(l); /* nothing to see: this profile has keys instead of tokens */
        return;
    }
    struct asked *k = xcalloc(1, sizeof *k);
    k->l = l;
    k->client = trial_client(l->t, json_text(step, "client"));
    if (!k->client && strcmp(json_text(step, "client"), "nobody")) {
        const char *name = json_text(step, "client");
        struct application *a =
            strncmp(name, "sis of ", 7) ? NULL : lane_application(l, name + 7);
        k->client = a ? trial_client_of_sis(l->t, a->a.instelling) : NULL;
    }
    k->began = wire_now(l->t->wire);
    k->deadline = k->began + lane_duration(l, "within", 0);
    ask_once(k);
}

/* ---- a client is withdrawn ---- */

static void reloaded(void *arg, bool ok, const char *blame, const char *why)
{
    struct lane *l = arg;
    if (ok)
        lane_next(l);
    else
        lane_stop(l, blame, why);
}

static const char *const states[] = {"withdrawn", "admitted", "connected", NULL};

static void client_becomes(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    struct client *c = trial_client(t, json_text(step, "client"));
    json_t *record = c ? provisioning_client(t->provisioning, c->id) : NULL;
    const char *state = json_text(step, "becomes");
    char now[32];
    if (!record) {
        lane_stop(l, "configuration", "the provisioning does not know this client");
        return;
    }
    if (!strcmp(state, "connected"))
        json_object_set_new(
            record, "aansluitdatum",
            json_string(when_format(wire_wall(t->wire) / NS_PER_S * NS_PER_S, now)));
    else
        json_object_set_new(record, "ingetrokken",
                            json_boolean(!strcmp(state, "withdrawn")));
    trial_event(t, "client",
                json_pack("{ss,ss,sb,ss}", "name", c->actor, "soort", c->soort,
                          "ingetrokken", !strcmp(state, "withdrawn"), "state", state));
    if (t->koppelpunt_tested) {
        sut_reload(t->sut, t->provisioning, reloaded, l);
        return;
    }
    struct err e = {0};
    if (koppelpunt_set_client(t->koppelpunt_role, c->id, record, &e))
        lane_stop(l, "harness", e.text);
    else
        lane_next(l);
}

static const char *const tls_words[] = {"1.1", NULL};
static const char *const cursors[] = {"first", "last", "invented", NULL};

static const struct verb_key ask_keys[] = {
    {"asks", KEY_OP, true, NULL},
    {"token", KEY_TEXT, false, NULL},
    {"form", KEY_WORD, false, profile_manipulations},
    {"certificate", KEY_TEXT, false, NULL},
    {"tls", KEY_WORD, false, tls_words},
    {"request id", KEY_TEXT, false, NULL},
    {"application", KEY_APPLICATION, false, NULL},
    {"limit", KEY_ANY, false, NULL},
    {"cursor", KEY_WORD, false, cursors},
    {"to the end", KEY_BOOL, false, NULL},
    {"numbers of", KEY_ANY, false, NULL},
    {"count", KEY_COUNT, false, NULL},
    {"secret", KEY_TEXT, false, NULL},
    {"scope", KEY_TEXT, false, NULL},
    {"answer", KEY_ANSWER, false, NULL},
    {"code", KEY_TEXT, false, NULL},
    {"holds", KEY_SEES, false, NULL},
    {"entries", KEY_COUNT, false, NULL},
    {"at most", KEY_COUNT, false, NULL},
    {"within", KEY_DURATION, false, NULL},
    {"proves", KEY_IDS, false, NULL},
    {NULL, KEY_ANY, false, NULL}};
static const struct verb_key becomes_keys[] = {{"becomes", KEY_WORD, true, states},
                                               {NULL, KEY_ANY, false, NULL}};
const struct verb client_verbs[] = {
    {"client", "asks", false, KEY_ANY, client_asks,
     "a party (a client's name, \"cambo\", \"sis of\" an application, \"nobody\") calls "
     "an "
     "operation of the koppelpunt and looks at the answer",
     ask_keys},
    {"client", "becomes", false, KEY_ANY, client_becomes,
     "the provisioning of a client changes: withdrawn, admitted, connected",
     becomes_keys},
    {NULL, NULL, false, KEY_ANY, NULL, NULL, NULL},
};
