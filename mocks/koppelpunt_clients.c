#include "mocks/koppelpunt_clients.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"

#define DEFAULT_TOKEN_SECONDS 900
/* Ended tokens are remembered this long, so that who used one can still be named. */
#define REMEMBER_NS (3600ULL * NS_PER_S)

/* ---- codes ---- */
uint16_t codes_intern(struct codes *c, const char *code)
{
    uintptr_t at = (uintptr_t)map_get(c->index, code);
    if (at)
        return (uint16_t)(at - 1);
    if (c->n == NO_CODE - 1)
        return 0; /* the check of the file keeps us far from here */
    if (c->n == c->cap) {
        c->cap = c->cap ? 2 * c->cap : 64;
        c->v = xrealloc(c->v, c->cap * sizeof *c->v);
    }
    c->v[c->n] = (struct code){.code = xstrdup(code), .name = xstrdup(code)};
    map_put(c->index, code, (void *)(c->n + 1));
    return (uint16_t)c->n++;
}

uint16_t codes_find(const struct codes *c, const char *code)
{
    uintptr_t at = (uintptr_t)map_get(c->index, code);
    return at && c->v[at - 1].known ? (uint16_t)(at - 1) : NO_CODE;
}

static void codes_done(struct codes *c)
{
    for (size_t i = 0; i < c->n; i++) {
        free(c->v[i].code);
        free(c->v[i].name);
    }
    free(c->v);
    map_free(c->index, NULL);
}

static void codes_load(struct codes *c, const json_t *list)
{
    for (size_t i = 0; i < c->n; i++)
        c->v[i].known = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        /* Interning may move the table: first the index, then the address. */
        uint16_t at = codes_intern(c, json_string_value(json_object_get(o, "code")));
        struct code *to = &c->v[at];
        free(to->name);
        to->name = xstrdup(json_string_value(json_object_get(o, "naam")));
        to->known = true;
    }
}

/* ---- clients ---- */
static void client_clear(struct client *c)
{
    for (size_t i = 0; i < c->n_brins; i++)
        free(c->brins[i]);
    free(c->brins);
    free(c->secret);
    free(c->oin);
    free(c->id);
}

static void client_free(void *p)
{
    client_clear(p);
    free(p);
}

/* From a checked record. */
static void client_load(struct client *c, const json_t *o)
{
    const json_t *brins = json_object_get(o, "brins");
    const char *connects = json_string_value(json_object_get(o, "aansluitdatum"));
    client_clear(c);
    *c = (struct client){
        .id = xstrdup(json_string_value(json_object_get(o, "clientId"))),
        .secret = xstrdup(json_string_value(json_object_get(o, "clientSecret"))),
        .oin = xstrdup(json_string_value(json_object_get(o, "oin"))),
        .soort = soort_by_name(json_string_value(json_object_get(o, "soort"))),
        .n_brins = json_array_size(brins),
        .ingetrokken = json_is_true(json_object_get(o, "ingetrokken")),
    };
    c->brins = xcalloc(c->n_brins + 1, sizeof *c->brins);
    for (size_t i = 0; i < c->n_brins; i++)
        c->brins[i] = xstrdup(json_string_value(json_array_get(brins, i)));
    c->connects = connects && !when_parse(connects, strlen(connects), &c->aansluitdatum);
}

static void load(struct clients *c, const json_t *root)
{
    const json_t *list = json_object_get(root, "clients");
    const json_t *seconds = json_object_get(root, "tokenSeconds");
    for (struct map_item *i = map_first(c->by_id); i; i = map_next(i))
        ((struct client *)map_value(i))->gone = true;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        const char *id = json_string_value(json_object_get(o, "clientId"));
        struct client *to = map_get(c->by_id, id);
        if (!to) {
            to = xcalloc(1, sizeof *to);
            map_put(c->by_id, id, to);
        }
        client_load(to, o);
    }
    codes_load(&c->instellingen, json_object_get(root, "instellingen"));
    codes_load(&c->opleidingen, json_object_get(root, "opleidingen"));
    c->token_seconds =
        seconds ? (uint64_t)json_integer_value(seconds) : DEFAULT_TOKEN_SECONDS;
}

int clients_reload(struct clients *c, struct err *e)
{
    json_t *root = NULL;
    int rc = file_read_json(c->file, &root, e);
    if (rc)
        return rc;
    rc = provisioning_check(root, e);
    if (rc)
        err_at(e, c->file, 0, 0, NULL);
    else
        load(c, root);
    json_decref(root);
    return rc;
}

int clients_new(const char *file, const struct rng *rng, struct clients **out,
                struct err *e)
{
    struct clients *c = xcalloc(1, sizeof *c);
    c->file = xstrdup(file);
    c->rng = *rng;
    c->by_id = map_new();
    c->tokens = map_new();
    c->instellingen.index = map_new();
    c->opleidingen.index = map_new();
    int rc = clients_reload(c, e);
    if (rc) {
        clients_free(c);
        return rc;
    }
    *out = c;
    return 0;
}

static void token_free(struct token *t)
{
    free(t->text);
    free(t);
}

void clients_free(struct clients *c)
{
    if (!c)
        return;
    map_free(c->by_id, client_free);
    codes_done(&c->instellingen);
    codes_done(&c->opleidingen);
    map_free(c->tokens, NULL);
    while (c->oldest) {
        struct token *t = c->oldest;
        c->oldest = t->next;
        token_free(t);
    }
    free(c->file);
    free(c);
}

/* The record that a client would have in the file. */
static json_t *client_record(const struct client *c)
{
    static const char *const soorten[SOORT_COUNT] = {"sis", "cambo", "overstapsysteem"};
    char when[32];
    json_t *o = json_pack("{ss,ss,ss,sb}", "clientId", c->id, "clientSecret", c->secret,
                          "soort", soorten[c->soort], "ingetrokken", c->ingetrokken);
    if (c->oin)
        json_object_set_new(o, "oin", json_string(c->oin));
    if (c->soort == SOORT_SIS) {
        json_t *brins = json_array();
        for (size_t i = 0; i < c->n_brins; i++)
            json_array_append_new(brins, json_string(c->brins[i]));
        json_object_set_new(o, "brins", brins);
    }
    if (c->connects)
        json_object_set_new(o, "aansluitdatum",
                            json_string(when_format(c->aansluitdatum, when)));
    return o;
}

int clients_change(struct clients *c, const char *id, const json_t *changes,
                   struct err *e)
{
    struct client *to = map_get(c->by_id, id);
    if (!to || to->gone)
        return err_set(e, E_NOTFOUND, "there is no client '%s'", id);
    json_t *record = client_record(to);
    json_t *from =
        (json_t *)(uintptr_t)changes; /* jansson 2.14 iterates over non-const */
    for (void *i = json_object_iter(from); i; i = json_object_iter_next(from, i)) {
        const char *key = json_object_iter_key(i);
        json_t *value = json_object_iter_value(i);
        if (json_is_null(value))
            json_object_del(record, key);
        else
            json_object_set(record, key, value);
    }
    int rc = provisioning_check_client(record, "", e);
    const char *new_id = json_string_value(json_object_get(record, "clientId"));
    if (!rc && strcmp(new_id, id))
        rc = err_set(e, E_INVALID, "the clientId of '%s' can't be changed", id);
    if (!rc)
        client_load(to, record);
    json_decref(record);
    return rc;
}

/* Equality in a time that only depends on what was offered. */
static bool same_secret(const char *offered, const char *secret)
{
    size_t n = strlen(secret);
    unsigned char different = 0;
    for (size_t i = 0; offered[i]; i++)
        different |= (unsigned char)(offered[i] ^ secret[n ? i % n : 0]);
    return !different && strlen(offered) == n && n > 0;
}

struct client *clients_login(const struct clients *c, const char *id, const char *secret)
{
    struct client *who = map_get(c->by_id, id);
    bool known = who && !who->gone;
    bool right = same_secret(secret, known ? who->secret : "no such client");
    return known && right ? who : NULL;
}

struct client *clients_by_key(const struct clients *c, const char *key)
{
    struct client *found = NULL;
    for (struct map_item *i = map_first(c->by_id); i; i = map_next(i)) {
        struct client *who = map_value(i);
        if (same_secret(key, who->secret) && !who->gone)
            found = who;
    }
    return found;
}

bool client_owns(const struct client *c, const char *brin)
{
    for (size_t i = 0; i < c->n_brins; i++)
        if (!strcmp(c->brins[i], brin))
            return true;
    return false;
}

/* ---- tokens ---- */
/* Forgets what ended long ago. */
static void forget(struct clients *c, uint64_t now)
{
    while (c->oldest && c->oldest->expires + REMEMBER_NS < now) {
        struct token *t = c->oldest;
        c->oldest = t->next;
        if (!c->oldest)
            c->newest = NULL;
        map_take(c->tokens, t->text);
        token_free(t);
    }
}

const struct token *clients_token(struct clients *c, struct client *who,
                                  const char *certificate, uint64_t now)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    forget(c, now);
    struct token *t = xcalloc(1, sizeof *t);
    char text[44]; /* 43 letters of 6 bits: 256 bits */
    for (size_t i = 0; i + 1 < sizeof text; i++)
        text[i] = letters[rng_below(&c->rng, 64)];
    text[sizeof text - 1] = 0;
    t->text = xstrdup(text);
    t->client = who;
    (void)snprintf(t->bound, sizeof t->bound, "%s", certificate);
    t->expires = now + c->token_seconds * NS_PER_S;
    map_put(c->tokens, text, t);
    if (c->newest)
        c->newest->next = t;
    else
        c->oldest = t;
    c->newest = t;
    return t;
}

const struct token *clients_find_token(const struct clients *c, const char *text)
{
    return map_get(c->tokens, text);
}

void clients_end_tokens(struct clients *c)
{
    for (struct token *t = c->oldest; t; t = t->next)
        t->ended = true;
}
