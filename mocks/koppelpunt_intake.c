/*
 * Taking in: a batch of statusmeldingen or a stand, all or nothing. Every fault of
 * meaning is collected with its canonical pointer, beside those of form that the profile
 * found. No value of a request gets into an answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "mocks/koppelpunt_role.h"

#define AHEAD_NS    (300 * NS_PER_S) /* KP-INT-12 */
#define USE_CONTENT 0x636f6e74656e74U
#define RETRY_AFTER 1.0
#define AUGUST_2023 ((when_t)1690848000 * NS_PER_S) /* KP-ORD-06 */

/* One message while it is looked at. */
struct look {
    struct koppelpunt *k;
    const struct client *from; /* NULL: the laboratory itself, any source */
    when_t now;
    struct rejection *why;
    struct map *form; /* the places that the profile found fault with; NULL: none */
    bool foreign;     /* an instelling that is not the sender's: 403 for the whole */
};

/* Did the profile find fault with this very place? Then meaning is not judged. */
static bool form_fault(const struct look *l, const char *pointer)
{
    return l->form && map_get(l->form, pointer);
}

static void fault(struct look *l, const char *place, const char *key, const char *reden)
{
    char pointer[120];
    snprintf(pointer, sizeof pointer, "%s/%s", place, key);
    if (!form_fault(l, pointer))
        rejection_add(l->why, PROBLEM_INVALID, pointer, reden);
}

static const char *text(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static uint32_t number(const char *digits)
{
    uint32_t v = 0;
    for (; *digits >= '0' && *digits <= '9'; digits++)
        v = v * 10 + (uint32_t)(*digits - '0');
    return v;
}

/* 32 hex digits; where the hyphens stand was checked by the schema. */
static bool read_uuid(const char *s, uint8_t out[16])
{
    size_t n = 0;
    memset(out, 0, 16);
    for (; *s; s++) {
        bool digit = *s >= '0' && *s <= '9';
        int letter = *s | 0x20;
        if (*s == '-')
            continue;
        if (n == 32 || (!digit && (letter < 'a' || letter > 'f')))
            return false;
        out[n / 2] = (uint8_t)(out[n / 2] << 4 | (digit ? *s - '0' : letter - 'a' + 10));
        n++;
    }
    return n == 32;
}

/* ---- what each field must mean ---- */

static bool bsn_passes(const struct look *l, const char *bsn)
{
    size_t n = strlen(bsn);
    return bsn_valid(bsn, n) || kp_is(l->k, KP_NO_ELFPROEF) ||
           (onderwijsnummer_valid(bsn, n) && kp_is(l->k, KP_ONDERWIJSNUMMER_AS_BSN));
}

/* Exactly one of bsn and onderwijsnummer, and it passes its own test (KP-INT-05). */
static void look_person(struct look *l, const json_t *o, const char *place,
                        struct melding *m)
{
    const char *bsn = text(o, "bsn"), *own = text(o, "onderwijsnummer");
    if (bsn && own && !kp_is(l->k, KP_BOTH_NUMBERS)) {
        fault(l, place, "bsn", "niet-samen");
        fault(l, place, "onderwijsnummer", "niet-samen");
    } else if (!bsn && !own) {
        char other[120];
        snprintf(other, sizeof other, "%s/onderwijsnummer", place);
        if (!form_fault(l, other))
            fault(l, place, "bsn", "verplicht");
    }
    if (bsn && !bsn_passes(l, bsn))
        fault(l, place, "bsn", "elfproef");
    if (own && !onderwijsnummer_valid(own, strlen(own)))
        fault(l, place, "onderwijsnummer", "elfproef");
    m->is_bsn = bsn;
    m->person = number(bsn ? bsn : own ? own : "");
}

/* May this sender speak for the instelling (KP-INT-06), and is it known (KP-INT-11)? */
static void look_instelling(struct look *l, const char *code, const char *place,
                            uint16_t *out)
{
    if (!code)
        return;
    bool formed = strlen(code) == 4 && strspn(code, "0123456789") == 2 &&
                  strspn(code + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
    if (l->from && l->from->soort == SOORT_SIS && formed && !client_owns(l->from, code) &&
        !kp_is(l->k, KP_FOREIGN_BRIN))
        l->foreign = true;
    *out = codes_find(&l->k->clients->instellingen, code);
    if (*out == NO_CODE && formed && kp_is(l->k, KP_UNKNOWN_INSTELLING))
        *out = codes_intern(&l->k->clients->instellingen, code);
    if (*out == NO_CODE)
        fault(l, place, "instellingserkenningscode", "onbekende-instelling");
}

static void look_opleiding(struct look *l, const json_t *o, const char *place,
                           struct melding *m)
{
    const char *code = text(o, "opleidingcode");
    if (!code)
        return;
    m->opleiding = codes_find(&l->k->clients->opleidingen, code);
    if (m->opleiding == NO_CODE && kp_is(l->k, KP_UNKNOWN_OPLEIDING))
        m->opleiding = codes_intern(&l->k->clients->opleidingen, code);
    if (m->opleiding == NO_CODE)
        fault(l, place, "opleidingcode", "onbekende-opleiding");
}

/* A ketenid begins with the BRIN of its instelling. */
static void look_keys(struct look *l, const json_t *o, const char *place,
                      struct melding *m)
{
    const char *keten = text(o, "ketenid"), *code = text(o, "instellingserkenningscode");
    const char *ca = text(o, "caketenid");
    if (keten && code && strlen(keten) > 5) {
        if ((strlen(code) != 4 || strncmp(keten, code, 4)) &&
            !kp_is(l->k, KP_FOREIGN_KETENID))
            fault(l, place, "ketenid", "andere-instelling");
        m->keten = number(keten + 5);
    }
    m->has_ca = ca && !kp_is(l->k, KP_CAKETENID_IGNORED);
    if (ca && !read_uuid(ca, m->ca))
        fault(l, place, "caketenid", "ongeldig");
}

static bool too_far_ahead(const struct look *l, when_t t)
{
    if (t > l->now + AHEAD_NS)
        return !kp_is(l->k, KP_FUTURE);
    return t > l->now && kp_is(l->k, KP_CLOCK_TOO_STRICT);
}

/* A moment that is not more than five minutes ahead (KP-INT-12). */
static void look_time(struct look *l, const json_t *o, const char *place, const char *key,
                      when_t *out)
{
    const char *s = text(o, key);
    if (!s)
        return;
    if (when_parse(s, strlen(s), out))
        fault(l, place, key, "geen-tijdstip");
    else if (too_far_ahead(l, *out))
        fault(l, place, key, "in-de-toekomst");
}

/* CAMBO sends SUBMITTED and WITHDRAWN, a SIS all but SUBMITTED (KP-INT-07). */
static bool own_status(enum soort soort, enum status s)
{
    return soort == SOORT_CAMBO ? s == STATUS_SUBMITTED || s == STATUS_WITHDRAWN
                                : s != STATUS_SUBMITTED;
}

static void look_status(struct look *l, const json_t *o, const char *place,
                        struct melding *m)
{
    const char *status = text(o, "status"), *source = text(o, "statussource");
    const char *identificatie = text(o, "identificatie");
    m->status = status ? status_by_name(status) : STATUS_NONE;
    if (!l->from)
        return;
    bool cambo = l->from->soort == SOORT_CAMBO;
    if (source && strcmp(source, cambo ? "CAMBO" : "SIS") && !kp_is(l->k, KP_ANY_SOURCE))
        fault(l, place, "statussource", "andere-bron");
    if (m->status != STATUS_NONE && !own_status(l->from->soort, m->status) &&
        !kp_is(l->k, KP_ANY_STATUS))
        fault(l, place, "status", "status-van-andere-bron");
    /* Nobody gets further than SUBMITTED unidentified (KP-INT-08). */
    if (identificatie && !strcmp(identificatie, "GEEN") && m->status != STATUS_NONE &&
        m->status != STATUS_SUBMITTED && !kp_is(l->k, KP_UNIDENTIFIED) &&
        !(m->status == STATUS_WITHDRAWN && kp_is(l->k, KP_UNIDENTIFIED_WITHDRAWN)))
        fault(l, place, "identificatie",
              kp_is(l->k, KP_UNIDENTIFIED_OTHER_REASON) ? "ongeldig"
                                                        : "identificatie-ontbreekt");
    if (m->status == STATUS_OFFERED && m->begin >= AUGUST_2023 &&
        kp_is(l->k, KP_OFFERED_ENDS))
        fault(l, place, "status", "niet-meer-geldig");
}

/* A digest of all values of a melding, so that the same content in another spelling is
 * the same: times as moments, UUIDs as numbers, keys in no order. */
static void digest(const struct koppelpunt *k, const json_t *o, struct melding *m)
{
    static const char *const plain[] = {"ketenid",       "instellingserkenningscode",
                                        "opleidingcode", "leertrajectmbo",
                                        "startmoment",   "status",
                                        "statussource",  "identificatie"};
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
        const char *v = text(o, plain[i]);
        buf_addf(&b, "%s\n", v ? v : "");
    }
    buf_addc(&b, m->is_bsn ? 'B' : 'O');
    buf_add(&b, &m->person, sizeof m->person);
    buf_add(&b, &m->begin, sizeof m->begin);
    buf_addc(&b, m->has_ca ? 'C' : '-');
    buf_add(&b, m->ca, sizeof m->ca);
    uint64_t half[2] = {siphash(&k->key, USE_CONTENT, b.p, b.n) | 1, /* never all zero */
                        siphash(&k->key, USE_CONTENT + 1, b.p, b.n)};
    memcpy(m->content, half, sizeof m->content);
    buf_done(&b);
}

static void look_melding(struct look *l, const json_t *o, const char *place,
                         bool in_stand, struct melding *m)
{
    *m = (struct melding){0};
    if (form_fault(l, place))
        return; /* no message at all */
    look_person(l, o, place, m);
    look_instelling(l, text(o, "instellingserkenningscode"), place, &m->instelling);
    look_opleiding(l, o, place, m);
    look_keys(l, o, place, m);
    look_time(l, o, place, "begindatum", &m->begin);
    look_status(l, o, place, m);
    const char *id = text(o, "meldingId");
    if (in_stand)
        return;
    if (id && !read_uuid(id, m->id))
        fault(l, place, "meldingId", "ongeldig");
    digest(l->k, o, m);
}

static struct melding *look_list(struct look *l, const json_t *list, const char *name,
                                 bool in_stand)
{
    size_t n = json_array_size(list);
    struct melding *v = xcalloc(n + 1, sizeof *v);
    for (size_t i = 0; i < n; i++) {
        char place[60];
        snprintf(place, sizeof place, "/%s/%zu", name, i);
        look_melding(l, json_array_get(list, i), place, in_stand, &v[i]);
    }
    return v;
}

/* ---- the batch as a whole ---- */

/* A mutant that takes what it does not know for nothing: true when there was no other
 * fault. */
static bool only_unknown_fields(struct look *l)
{
    for (size_t i = 0; i < json_array_size(l->why->fouten); i++)
        if (strcmp(text(json_array_get(l->why->fouten, i), "reden"), "onbekend-veld"))
            return false;
    return l->why->readable && (kp_is(l->k, KP_UNKNOWN_FIELD_IGNORED) ||
                                kp_is(l->k, KP_UNKNOWN_FIELD_SERVED));
}

/* The message as far as it could be read; NULL: nothing can be said of its meaning. */
static json_t *read_body(struct look *l, enum op op, const struct http_request *req)
{
    json_t *canonical = NULL;
    if (!profile_read(l->k->profile, op, req, &canonical, l->why))
        return canonical;
    if (only_unknown_fields(l)) {
        canonical = json_incref(l->why->readable);
        rejection_done(l->why);
        kp_keep_text(l->k, req);
        return canonical;
    }
    l->form = map_new();
    for (size_t i = 0; i < json_array_size(l->why->fouten); i++)
        map_put(l->form, text(json_array_get(l->why->fouten, i), "pointer"), l);
    return json_incref(l->why->readable);
}

static void look_done(struct look *l, struct melding *v, json_t *body)
{
    map_free(l->form, NULL);
    free(v);
    json_decref(body);
}

/* 403 goes before what the senders may know nothing of. */
static bool acceptable(struct look *l)
{
    if (l->why->problem == PROBLEM_NONE || l->why->problem == PROBLEM_INVALID)
        if (l->foreign && !l->form) {
            rejection_done(l->why);
            rejection_init(l->why);
            l->why->problem = PROBLEM_FORBIDDEN;
        }
    return l->why->problem == PROBLEM_NONE;
}

static bool unavailable(struct rejection *why)
{
    why->problem = PROBLEM_UNAVAILABLE;
    why->retry_after = RETRY_AFTER;
    return false;
}

/* Meldingen already taken in, and those twice in this batch, are moved out: *n becomes
 * the number of new ones. False when an id comes with another content. */
static bool only_new(const struct koppelpunt *k, struct melding *v, size_t *n)
{
    struct map *seen = map_new();
    size_t to = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < *n; i++) {
        char key[33];
        for (size_t j = 0; j < 32; j++)
            key[j] = "0123456789abcdef"[v[i].id[j / 2] >> (j % 2 ? 0 : 4) & 15];
        key[32] = 0;
        const struct melding *before = map_get(seen, key);
        enum known known =
            before
                ? memcmp(before->content, v[i].content, 16) ? MELDING_OTHER : MELDING_SAME
                : store_known(k->store, &v[i]);
        if ((known == MELDING_SAME && kp_is(k, KP_REPEAT_COUNTS)) ||
            (known == MELDING_OTHER && kp_is(k, KP_CONFLICT_OVERWRITES)))
            known = MELDING_NEW;
        ok = known != MELDING_OTHER || kp_is(k, KP_CONFLICT_IGNORED);
        if (known != MELDING_NEW)
            continue;
        v[to] = v[i];
        map_put(seen, key, &v[to++]);
    }
    map_free(seen, NULL);
    *n = to;
    return ok;
}

/* Keeps first, then counts. */
static bool accept(struct koppelpunt *k, const struct melding *v, size_t n,
                   struct moment now, struct rejection *why)
{
    if (now.mono < k->memory.full_until && kp_is(k, KP_OVERLOAD_LOSES))
        return true;
    if (!store_room(k->store, n) || state_meldingen(k, v, n, NULL))
        return unavailable(why);
    for (size_t i = 0; i < n; i++)
        store_melding(k->store, &v[i]);
    return true;
}

/* Is there nothing wrong with the i-th melding of a batch that is refused? */
static bool is_good(const struct look *l, const struct melding *m, size_t i)
{
    bool good = m->status != STATUS_NONE && m->begin;
    char place[60];
    int len = snprintf(place, sizeof place, "/statusmeldingen/%zu", i);
    for (size_t f = 0; f < json_array_size(l->why->fouten); f++) {
        const char *at = text(json_array_get(l->why->fouten, f), "pointer");
        good = good && (strncmp(at, place, (size_t)len) || !strchr("/", at[len]));
    }
    return good;
}

/* A mutant that refuses a batch and keeps what was good in it. */
static void accept_good_ones(struct koppelpunt *k, const struct look *l,
                             const struct melding *v, size_t n, struct moment now)
{
    for (size_t i = 0; i < n && l->why->problem == PROBLEM_INVALID; i++) {
        struct melding one = v[i];
        size_t left = 1;
        if (is_good(l, &one, i) && kp_is(k, KP_BAD_BATCH_HALF) &&
            only_new(k, &one, &left) && left)
            accept(k, &one, 1, now, l->why);
    }
}

bool intake_meldingen(struct koppelpunt *k, const struct client *from,
                      const struct http_request *req, struct moment now,
                      struct http_response *out, struct rejection *why)
{
    struct look l = {.k = k, .from = from, .now = now.wall, .why = why};
    json_t *body = read_body(&l, OP_INDIENEN, req);
    const json_t *list = json_object_get(body, "statusmeldingen");
    size_t n = json_array_size(list), all = n;
    struct melding *v = look_list(&l, list, "statusmeldingen", false);
    bool ok = acceptable(&l);
    if (!ok && k->mutant != KP_MUTANT_NONE)
        accept_good_ones(k, &l, v, n, now);
    if (ok && !only_new(k, v, &n)) {
        why->problem = PROBLEM_CONFLICT;
        ok = false;
    }
    ok = ok && accept(k, v, n, now, why);
    if (ok) {
        json_t *answer = json_pack("{sI,sI}", "aangenomen", (json_int_t)n, "dubbel",
                                   (json_int_t)(all - n));
        profile_answer(k->profile, OP_INDIENEN, req, answer, out);
        json_decref(answer);
    }
    look_done(&l, v, body);
    return ok;
}

/* What only concerns a stand: its instelling is that of every entry, and no ketenid
 * stands there twice. */
static void look_stand(struct look *l, const json_t *body, uint16_t *instelling,
                       when_t *peildatum)
{
    const char *code = text(body, "instellingserkenningscode");
    const json_t *list = json_object_get(body, "aanmeldingen");
    struct map *seen = map_new();
    look_instelling(l, code, "", instelling);
    look_time(l, body, "", "peildatum", peildatum);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        const char *keten = text(o, "ketenid");
        const char *own = text(o, "instellingserkenningscode");
        char place[60];
        snprintf(place, sizeof place, "/aanmeldingen/%zu", i);
        if (keten && map_put(seen, keten, seen))
            fault(l, place, "ketenid", "dubbel");
        if (code && own && strcmp(code, own))
            fault(l, place, "instellingserkenningscode", "andere-instelling");
    }
    map_free(seen, NULL);
}

bool intake_stand(struct koppelpunt *k, const struct client *from,
                  const struct http_request *req, struct moment now,
                  struct http_response *out, struct rejection *why)
{
    struct look l = {.k = k, .from = from, .now = now.wall, .why = why};
    uint16_t instelling = NO_CODE;
    when_t peildatum = 0;
    json_t *body = read_body(&l, OP_STAND, req);
    const json_t *list = json_object_get(body, "aanmeldingen");
    size_t n = json_array_size(list);
    struct melding *v = look_list(&l, list, "aanmeldingen", true);
    struct stand_counts counts;
    look_stand(&l, body, &instelling, &peildatum);
    bool ok = acceptable(&l);
    if (ok &&
        (!store_room(k->store, n) || (!kp_is(k, KP_STAND_FORGOTTEN) &&
                                      state_stand(k, instelling, peildatum, v, n, NULL))))
        ok = unavailable(why);
    if (ok) {
        store_stand(k->store, instelling, peildatum, v, n, &counts);
        json_t *answer = json_pack(
            "{sI,sI,sI}", "gewijzigd", (json_int_t)counts.gewijzigd, "vervallen",
            (json_int_t)counts.vervallen, "gelijk", (json_int_t)counts.gelijk);
        profile_answer(k->profile, OP_STAND, req, answer, out);
        json_decref(answer);
    }
    look_done(&l, v, body);
    return ok;
}

/* ---- the laboratory's crowd ---- */
#define PRELOAD_BATCH 5000

int koppelpunt_preload(struct role *r, const json_t *statusmeldingen, struct moment now,
                       struct err *e)
{
    struct koppelpunt *k = (struct koppelpunt *)r;
    const json_t *list = json_is_object(statusmeldingen)
                             ? json_object_get(statusmeldingen, "statusmeldingen")
                             : statusmeldingen;
    size_t all = json_array_size(list);
    struct rejection why;
    rejection_init(&why);
    struct look l = {.k = k, .now = now.wall, .why = &why};
    struct melding *v = look_list(&l, list, "statusmeldingen", false);
    int rc = 0;
    if (why.problem != PROBLEM_NONE) {
        rc = err_set(e, E_INVALID, "a melding to preload is wrong: %s",
                     text(json_array_get(why.fouten, 0), "reden"));
        err_at(e, NULL, 0, 0, text(json_array_get(why.fouten, 0), "pointer"));
    }
    for (size_t at = 0; !rc && at < all; at += PRELOAD_BATCH) {
        size_t n = all - at < PRELOAD_BATCH ? all - at : PRELOAD_BATCH;
        if (!only_new(k, v + at, &n))
            rc = err_set(e, E_INVALID,
                         "a melding to preload has an id with other content");
        else if (!store_room(k->store, n))
            rc = err_set(e, E_TOOBIG, "the store is full");
        else
            rc = state_meldingen(k, v + at, n, e);
        for (size_t i = 0; !rc && i < n; i++)
            store_melding(k->store, &v[at + i]);
    }
    free(v);
    rejection_done(&why);
    return rc;
}
