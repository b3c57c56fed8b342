#include "harness/judge/relay.h"
#include "harness/judge/words.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

/* The pupils that a school has. */
struct school {
    uint32_t name, generation;
    uint32_t *pupils;
    size_t n, cap;
};

struct relay {
    struct history *h;
    bool koppelpunt; /* under test: then the history holds all that is sent and read */
    uint32_t reader;
    struct school *schools;
    size_t n_schools, cap_schools;
    struct lookup *by_school; /* its name -> school + 1 */
    struct lookup *pupils;    /* school, person -> generation of its set */
    struct saying *v;
    size_t n, cap;
};

struct relay *relay_new(struct history *h)
{
    struct relay *r = xcalloc(1, sizeof *r);
    r->h = h;
    r->koppelpunt = !strcmp(h->trial->role, "koppelpunt");
    r->by_school = lookup_new();
    r->pupils = lookup_new();
    return r;
}

void relay_free(struct relay *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n_schools; i++)
        free(r->schools[i].pupils);
    free(r->schools);
    lookup_free(r->by_school);
    lookup_free(r->pupils);
    free(r->v);
    free(r);
}

static uint32_t known(const struct names *n, const char *s)
{
    return s ? names_find(n, s, strlen(s)) : 0;
}

static struct saying *add(struct relay *r)
{
    list_add(r->v, r->n, r->cap);
    r->v[r->n - 1] = (struct saying){0};
    return &r->v[r->n - 1];
}

static void moment(const char *s, when_t *out)
{
    if (s)
        when_parse(s, strlen(s), out);
}

static uint8_t status_of(const json_t *o)
{
    const char *s = text(o, "status");
    return (uint8_t)(s ? status_by_name(s) : STATUS_NONE);
}

/* ---- the koppelpunt under test: as it is in the history ---- */

static void from_meldingen(struct relay *r, const struct write *w)
{
    for (size_t i = w->first; i < w->first + w->n; i++) {
        const struct melding *m = &r->h->meldingen[i];
        *add(r) = (struct saying){.key = m->ketenid,
                                  .other = m->caketenid,
                                  .bsn = m->bsn,
                                  .instelling = m->instelling,
                                  .opleiding = m->opleiding,
                                  .status = m->status,
                                  .begin = m->begin};
    }
}

static void from_entries(struct relay *r, const struct request *q)
{
    for (size_t i = q->first; i < q->first + q->n; i++) {
        const struct entry *e = &r->h->entries[i];
        *add(r) = (struct saying){.key = e->id,
                                  .bsn = e->bsn,
                                  .instelling = e->instelling,
                                  .opleiding = e->opleiding,
                                  .status = e->status,
                                  .lapsed = e->lapsed,
                                  .begin = e->begin};
    }
}

static bool kept_write(struct relay *r, const struct seen_exchange *x,
                       struct relayed *out)
{
    const struct history *h = r->h;
    const struct write *w = h->n_writes ? &h->writes[h->n_writes - 1] : NULL;
    if (!w || w->seq != x->seq)
        return false;
    out->fate = w->fate;
    out->stand = w->stand;
    out->instelling = w->instelling;
    out->peildatum = w->peildatum;
    from_meldingen(r, w);
    return true;
}

static bool kept_page(struct relay *r, const struct seen_exchange *x, struct relayed *out)
{
    const struct history *h = r->h;
    const struct request *q = h->n_requests ? &h->requests[h->n_requests - 1] : NULL;
    if (!q || q->seq != x->seq || !x->at_client)
        return false;
    out->reader = q->from;
    out->whole = q->whole;
    out->full = !q->has_sinds;
    out->meer = q->meer;
    from_entries(r, q);
    return true;
}

/* ---- the overstapsysteem under test: what our koppelpunt took in and gave ---- */

static void read_write(struct relay *r, const struct seen_exchange *x,
                       struct relayed *out)
{
    struct history *h = r->h;
    const json_t *list =
        json_object_get(x->message, out->stand ? "aanmeldingen" : "statusmeldingen");
    out->fate = !x->answered           ? FATE_UNKNOWN
                : x->status / 100 == 2 ? FATE_ACCEPTED
                                       : FATE_REFUSED;
    out->instelling =
        (uint16_t)names_id(h->codes, text(x->message, "instellingserkenningscode"));
    moment(text(x->message, "peildatum"), &out->peildatum);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        struct saying *s = add(r);
        s->key = known(h->texts, text(m, "ketenid"));
        s->other = names_id(h->texts, text(m, "caketenid"));
        s->bsn = known(h->texts, text(m, "bsn"));
        s->instelling =
            (uint16_t)names_id(h->codes, text(m, "instellingserkenningscode"));
        s->opleiding = (uint16_t)names_id(h->codes, text(m, "opleidingcode"));
        s->status = status_of(m);
        moment(text(m, "begindatum"), &s->begin);
    }
}

static void read_said(struct relay *r, const json_t *o, struct saying *s)
{
    s->instelling =
        (uint16_t)names_id(r->h->codes, text(json_object_get(o, "instelling"), "code"));
    s->opleiding =
        (uint16_t)names_id(r->h->codes, text(json_object_get(o, "opleiding"), "code"));
    s->status = status_of(o);
    moment(text(o, "statusBegin"), &s->begin);
}

/* Whom neither a source nor a school of this conversation knows is left out: of a full
 * state of hundreds of thousands that is nearly everybody. */
static void read_page(struct relay *r, const struct seen_exchange *x, struct relayed *out)
{
    struct history *h = r->h;
    const json_t *list = exchange_entries(x);
    out->reader = names_id(h->texts, x->from);
    out->whole = x->answered && list != NULL;
    out->full = json_object_get(x->message, "sinds") == NULL;
    out->meer = json_is_true(json_object_get(x->answer, "meer"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        bool lapsed = json_is_true(json_object_get(o, "vervallen"));
        uint32_t bsn = known(h->texts, text(o, "bsn"));
        uint32_t key = lapsed || !bsn ? known(h->texts, text(o, "aanmeldId"))
                                      : names_id(h->texts, text(o, "aanmeldId"));
        if (!key)
            continue;
        struct saying *s = add(r);
        s->key = key;
        s->bsn = bsn;
        s->lapsed = lapsed;
        read_said(r, o, s);
    }
}

/* ---- what a school was shown ---- */

static void read_shown(struct relay *r, const struct seen_exchange *x,
                       struct relayed *out)
{
    const char *asked = text(x->request, "body");
    json_t *question = asked ? json_loads(asked, 0, NULL) : NULL;
    json_t *answer = json_loadb(x->body, x->body_n, 0, NULL);
    const json_t *list = json_object_get(answer, "aanmeldingen");
    out->kind =
        json_is_object(question) && json_is_array(list) ? RELAY_SHOWN : RELAY_NONE;
    out->reader = names_id(r->h->texts, x->to);
    out->school = names_id(r->h->texts, text(question, "school"));
    out->asked = known(r->h->texts, text(question, "bsn"));
    if (text(question, "bsn") && !out->asked)
        out->kind = RELAY_NONE; /* somebody whom nobody knows */
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        struct saying *s = add(r);
        s->bsn = out->asked ? out->asked : known(r->h->texts, text(o, "bsn"));
        read_said(r, o, s);
    }
    json_decref(question);
    json_decref(answer);
}

/* ---- the whole ---- */

static void to_koppelpunt(struct relay *r, const struct seen_exchange *x,
                          struct relayed *out)
{
    out->stand = is(x->op, "standen.indienen");
    if (out->stand || is(x->op, "statusmeldingen.indienen")) {
        if (r->koppelpunt ? !kept_write(r, x, out) : x->at_client)
            return;
        if (!r->koppelpunt)
            read_write(r, x, out);
        out->kind = RELAY_SENT;
    } else if (is(x->op, "aanmeldstatussen.ophalen") && x->from &&
               !strncmp(x->from, "overstapsysteem", 15)) {
        if (r->koppelpunt
                ? !kept_page(r, x, out)
                : x->at_client || names_find(r->h->ours, x->from, strlen(x->from)))
            return; /* of others it is a reader of ours, beside the one under test */
        if (!r->koppelpunt)
            read_page(r, x, out);
        if (!r->koppelpunt && !r->reader)
            r->reader = out->reader;
        out->audit = is(x->from, "overstapsysteem:audit");
        out->kind = RELAY_PAGE;
    }
}

void relay_read(struct relay *r, const struct seen_exchange *x, struct relayed *out)
{
    *out = (struct relayed){
        .seq = x->seq, .began = x->began, .ended = x->ended, .fault = x->fault != NULL};
    r->n = 0;
    if (x->at_client && !r->reader && !strncmp(x->op, "waarnemer.", 10))
        r->reader = names_id(r->h->texts, x->to);
    if (is(x->to, "koppelpunt"))
        to_koppelpunt(r, x, out);
    else if (x->at_client && is(x->op, "waarnemer.waarnemingen") && x->answered &&
             x->status == 200 && x->body && !x->cut)
        read_shown(r, x, out);
    out->v = r->v;
    out->n = r->n;
}

/* ---- the pupils ---- */

void relay_event(struct relay *r, const char *kind, const json_t *e)
{
    const json_t *pupils = json_object_get(e, "pupils");
    uint32_t name = names_id(r->h->texts, text(e, "school"));
    if (!is(kind, "school") || !name)
        return;
    uint32_t *place = lookup_at(r->by_school, name);
    if (!*place) {
        list_add(r->schools, r->n_schools, r->cap_schools);
        r->schools[r->n_schools - 1] = (struct school){.name = name};
        *place = (uint32_t)r->n_schools;
    }
    struct school *s = &r->schools[*place - 1];
    s->generation++;
    s->n = 0;
    for (size_t i = 0; i < json_array_size(pupils); i++) {
        uint32_t bsn =
            names_id(r->h->texts, json_string_value(json_array_get(pupils, i)));
        if (!bsn)
            continue;
        list_add(s->pupils, s->n, s->cap);
        s->pupils[s->n - 1] = bsn;
        *lookup_at(r->pupils, (uint64_t)name << 32 | bsn) = s->generation;
    }
}

static const struct school *school_of(const struct relay *r, uint32_t name)
{
    uint32_t at = lookup_get(r->by_school, name);
    return at ? &r->schools[at - 1] : NULL;
}

bool relay_belongs(const struct relay *r, uint32_t school, uint32_t bsn)
{
    const struct school *s = school_of(r, school);
    return s && lookup_get(r->pupils, (uint64_t)school << 32 | bsn) == s->generation;
}

const uint32_t *relay_pupils(const struct relay *r, uint32_t school, size_t *n)
{
    const struct school *s = school_of(r, school);
    *n = s ? s->n : 0;
    return s ? s->pupils : NULL;
}

uint32_t relay_reader(const struct relay *r)
{
    return r->reader;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t x = a * 0x9e3779b97f4a7c15u + b;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

uint64_t saying_content(const struct saying *s)
{
    uint64_t who = (uint64_t)s->bsn << 32 | (uint64_t)s->instelling << 16 | s->opleiding;
    return mix(mix(who, s->status), (uint64_t)s->begin);
}
