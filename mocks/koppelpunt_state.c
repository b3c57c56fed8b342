/*
 * What survives: an append log of everything taken in, replayed at the start. A record
 * holds what the store needs and nothing else of a message; values that only tell a
 * repeat from another content are there as their digest.
 */
#include <stdlib.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "mocks/koppelpunt_role.h"

#define USE_EPOCH  0x65706f6368U
#define MAX_RECORD ((size_t)256 << 20)

static void put_hex(struct buf *b, const uint8_t *p, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        buf_addc(b, hex[p[i] >> 4]);
        buf_addc(b, hex[p[i] & 15]);
    }
}

static bool read_hex(const json_t *v, uint8_t *out, size_t n)
{
    const char *s = json_string_value(v);
    if (!s || json_string_length(v) != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        const char two[3] = {s[2 * i], s[2 * i + 1], 0};
        char *end;
        out[i] = (uint8_t)strtoul(two, &end, 16);
        if (*end)
            return false;
    }
    return true;
}

/* ---- writing ---- */
static void put_melding(const struct koppelpunt *k, struct buf *b,
                        const struct melding *m, bool in_stand)
{
    buf_adds(b, "[\"");
    if (!in_stand) {
        put_hex(b, m->id, 16);
        buf_adds(b, "\",\"");
        put_hex(b, m->content, 16);
        buf_adds(b, "\",\"");
    }
    buf_addf(b, "%s\",%u,\"", k->clients->instellingen.v[m->instelling].code,
             (unsigned)m->keten);
    if (m->has_ca)
        put_hex(b, m->ca, 16);
    buf_addf(b, "\",%u,%d,\"", (unsigned)m->person, m->is_bsn);
    buf_addf(b, "%s\",\"%s\",%lld]", k->clients->opleidingen.v[m->opleiding].code,
             status_name(m->status), (long long)m->begin);
}

static void put_list(const struct koppelpunt *k, struct buf *b, const struct melding *v,
                     size_t n, bool in_stand)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_addc(b, ',');
        put_melding(k, b, &v[i], in_stand);
    }
}

/* A mutant that writes one record late. */
static int append_late(struct koppelpunt *k, struct buf *b, struct err *e)
{
    int rc =
        k->unwritten.n ? applog_append(k->log, k->unwritten.p, k->unwritten.n, e) : 0;
    buf_done(&k->unwritten);
    k->unwritten = *b;
    return rc;
}

static int append(struct koppelpunt *k, struct buf *b, struct err *e)
{
    if (k->mutant == KP_FORGETS_LAST)
        return append_late(k, b, e);
    int rc = b->full ? err_set(e, E_ENV, "a record is too large to be kept")
                     : applog_append(k->log, b->p, b->n, e);
    buf_done(b);
    return rc;
}

int state_meldingen(struct koppelpunt *k, const struct melding *v, size_t n,
                    struct err *e)
{
    struct buf b;
    if (!k->log || n == 0)
        return 0;
    buf_init(&b, MAX_RECORD);
    buf_adds(&b, "{\"meldingen\":[");
    put_list(k, &b, v, n, false);
    buf_adds(&b, "]}");
    return append(k, &b, e);
}

int state_stand(struct koppelpunt *k, uint16_t instelling, when_t peildatum,
                const struct melding *v, size_t n, struct err *e)
{
    struct buf b;
    if (!k->log)
        return 0;
    buf_init(&b, MAX_RECORD);
    buf_addf(&b, "{\"stand\":\"%s\",\"peildatum\":%lld,\"aanmeldingen\":[",
             k->clients->instellingen.v[instelling].code, (long long)peildatum);
    put_list(k, &b, v, n, true);
    buf_adds(&b, "]}");
    return append(k, &b, e);
}

int state_deal(struct koppelpunt *k, struct err *e)
{
    static const char record[] = "{\"deal\":true}";
    return k->log ? applog_append(k->log, record, sizeof record - 1, e) : 0;
}

int state_generation(struct koppelpunt *k, struct err *e)
{
    struct buf b;
    if (!k->log)
        return 0;
    buf_init(&b, MAX_RECORD);
    buf_addf(&b, "{\"generation\":%u}", (unsigned)k->generation);
    return append(k, &b, e);
}

int state_record(struct koppelpunt *k, const json_t *record, struct err *e)
{
    struct buf b;
    char *text = json_dumps(record, JSON_COMPACT);
    buf_init(&b, MAX_RECORD);
    buf_adds(&b, text);
    free(text);
    return append(k, &b, e);
}

static int write_head(struct koppelpunt *k, struct err *e)
{
    struct buf b;
    buf_init(&b, MAX_RECORD);
    buf_addf(&b, "{\"koppelpunt\":1,\"seed\":%lld,\"shuffle\":%lld,\"epoch\":%u}",
             (long long)k->seed, (long long)k->shuffle, (unsigned)k->epoch);
    return append(k, &b, e);
}

/* ---- reading ---- */
/* Everything that only exists once it is known which state this is. `again`: when it was
 * taken up again; 0: it is new. */
static void begin(struct koppelpunt *k, when_t again)
{
    k->store = store_new(&k->key, k->shuffle);
    store_mutate(k->store, k->mutant, again);
}

static void make_key(struct koppelpunt *k)
{
    struct rng r;
    rng_init(&r, k->seed, "koppelpunt", "key");
    k->key = (struct sip_key){{rng_next(&r), rng_next(&r)}};
}

static bool read_melding(struct koppelpunt *k, const json_t *v, bool in_stand,
                         struct melding *m)
{
    size_t i = 0;
    *m = (struct melding){0};
    if (!in_stand && (!read_hex(json_array_get(v, 0), m->id, 16) ||
                      !read_hex(json_array_get(v, 1), m->content, 16)))
        return false;
    i = in_stand ? 0 : 2;
    const char *instelling = json_string_value(json_array_get(v, i));
    const json_t *ca = json_array_get(v, i + 2);
    const char *opleiding = json_string_value(json_array_get(v, i + 5));
    const char *status = json_string_value(json_array_get(v, i + 6));
    m->has_ca = json_string_length(ca) > 0;
    if (!instelling || !opleiding || !status || (m->has_ca && !read_hex(ca, m->ca, 16)) ||
        !json_is_integer(json_array_get(v, i + 7)))
        return false;
    m->instelling = codes_intern(&k->clients->instellingen, instelling);
    m->keten = (uint32_t)json_integer_value(json_array_get(v, i + 1));
    m->person = (uint32_t)json_integer_value(json_array_get(v, i + 3));
    m->is_bsn = json_integer_value(json_array_get(v, i + 4)) == 1;
    m->opleiding = codes_intern(&k->clients->opleidingen, opleiding);
    m->status = status_by_name(status);
    m->begin = (when_t)json_integer_value(json_array_get(v, i + 7));
    return m->status != STATUS_NONE;
}

/* The list's meldingen; NULL when one can't be read. */
static struct melding *read_list(struct koppelpunt *k, const json_t *list, bool in_stand)
{
    size_t n = json_array_size(list);
    struct melding *v = xcalloc(n + 1, sizeof *v);
    for (size_t i = 0; i < n; i++) {
        if (read_melding(k, json_array_get(list, i), in_stand, &v[i]))
            continue;
        free(v);
        return NULL;
    }
    return v;
}

static bool replay_meldingen(struct koppelpunt *k, const json_t *list)
{
    struct melding *v = read_list(k, list, false);
    for (size_t i = 0; v && i < json_array_size(list); i++)
        store_melding(k->store, &v[i]);
    bool read = v != NULL;
    free(v);
    return read;
}

static bool replay_stand(struct koppelpunt *k, const json_t *o)
{
    const json_t *list = json_object_get(o, "aanmeldingen");
    const char *code = json_string_value(json_object_get(o, "stand"));
    struct melding *v = read_list(k, list, true);
    struct stand_counts ignored;
    if (v)
        store_stand(k->store, codes_intern(&k->clients->instellingen, code),
                    (when_t)json_integer_value(json_object_get(o, "peildatum")), v,
                    json_array_size(list), &ignored);
    bool read = v != NULL;
    free(v);
    return read;
}

static bool replay_head(struct koppelpunt *k, const json_t *o)
{
    if (k->store || json_integer_value(json_object_get(o, "koppelpunt")) != 1)
        return false;
    k->seed = (uint64_t)json_integer_value(json_object_get(o, "seed"));
    k->shuffle = (uint64_t)json_integer_value(json_object_get(o, "shuffle"));
    k->epoch = (uint32_t)json_integer_value(json_object_get(o, "epoch"));
    make_key(k);
    begin(k, k->began);
    return true;
}

static bool replay_one(struct koppelpunt *k, const json_t *o)
{
    if (json_object_get(o, "koppelpunt"))
        return replay_head(k, o);
    if (!k->store)
        return false;
    if (json_object_get(o, "meldingen"))
        return replay_meldingen(k, json_object_get(o, "meldingen"));
    if (json_is_string(json_object_get(o, "stand")))
        return replay_stand(k, o);
    if (notify_is_record(o))
        return notify_replay(k, o);
    if (json_object_get(o, "deal")) {
        store_deal(k->store);
        return true;
    }
    if (json_object_get(o, "generation")) {
        k->generation = (uint32_t)json_integer_value(json_object_get(o, "generation"));
        return true;
    }
    return false;
}

static int replay(void *arg, const char *p, size_t n, struct err *e)
{
    json_t *o = json_loadb(p, n, JSON_REJECT_DUPLICATES, NULL);
    bool ok = o && replay_one(arg, o);
    json_decref(o);
    return ok ? 0 : err_set(e, E_ENV, "the kept state holds a record that can't be read");
}

int state_open(struct koppelpunt *k, const char *dir, when_t now, struct err *e)
{
    int rc = 0;
    k->began = now;
    if (dir) {
        rc = file_mkdirs(dir, e);
        if (rc)
            return rc;
        char *path = xasprintf("%s/koppelpunt.log", dir);
        rc = applog_open(path, false, replay, k, &k->log, e);
        free(path);
    }
    if (k->store)
        (void)kp_is(k, KP_FORGETS_LAST); /* what was written last is not there */
    if (rc || k->store)
        return rc;
    make_key(k);
    k->epoch = (uint32_t)siphash(&k->key, USE_EPOCH, &now, sizeof now);
    begin(k, 0);
    return k->log ? write_head(k, e) : 0;
}

void state_close(struct koppelpunt *k)
{
    if (k->log && k->unwritten.n)
        applog_append(k->log, k->unwritten.p, k->unwritten.n, NULL);
    buf_done(&k->unwritten);
    applog_close(k->log);
}
