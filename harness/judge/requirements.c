/* fixtures/requirements.json: read and checked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "harness/judge/judge.h"

struct requirements {
    struct requirement *v;
    size_t n;
    struct map *by_id;
};

static const char *const KEYS[] = {"id",         "role", "level", "source",
                                   "everywhere", "nl",   "en",    "capability"};

/* Where in the file the fault is, as a pointer. */
static int fault(struct err *e, size_t i, const char *key, const char *text)
{
    char pointer[80];
    snprintf(pointer, sizeof pointer, "/requirements/%zu/%s", i, key);
    err_set(e, E_INVALID, "%s", text);
    err_at(e, NULL, 0, 0, pointer);
    return E_INVALID;
}

static bool known_key(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(KEYS); i++)
        if (!strcmp(KEYS[i], key))
            return true;
    return false;
}

/* "D4 O" from ["D4", "O"]; NULL when it is no array of texts with at least one. */
static char *join(const json_t *list)
{
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *tag = json_string_value(json_array_get(list, i));
        if (!tag || !*tag) {
            buf_done(&b);
            return NULL;
        }
        buf_addf(&b, "%s%s", i ? " " : "", tag);
    }
    if (!b.n) {
        buf_done(&b);
        return NULL;
    }
    return buf_take(&b, NULL);
}

static bool known_role(const char *role)
{
    return role && (!strcmp(role, "koppelpunt") || !strcmp(role, "overstapsysteem") ||
                    !strcmp(role, "keten"));
}

static int read_one(json_t *o, size_t i, struct requirement *q, struct err *e)
{
    static const struct {
        const char *key;
        size_t at;
    } texts[] = {
        {"id", offsetof(struct requirement, id)},
        {"role", offsetof(struct requirement, role)},
        {"nl", offsetof(struct requirement, nl)},
        {"en", offsetof(struct requirement, en)},
    };
    for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it))
        if (!known_key(json_object_iter_key(it)))
            return fault(e, i, json_object_iter_key(it), "a key that is not known here");
    for (size_t k = 0; k < ARRAY_LEN(texts); k++) {
        const char *s = json_string_value(json_object_get(o, texts[k].key));
        if (!s || !*s)
            return fault(e, i, texts[k].key, "a text is missing here");
        *(char **)(void *)((char *)q + texts[k].at) = xstrdup(s);
    }
    if (!known_role(q->role))
        return fault(e, i, "role", "not koppelpunt, overstapsysteem or keten");
    const char *level = json_string_value(json_object_get(o, "level"));
    if (!level || (strcmp(level, "M") && strcmp(level, "S")))
        return fault(e, i, "level", "not M or S");
    q->level = level[0];
    q->source = join(json_object_get(o, "source"));
    if (!q->source)
        return fault(e, i, "source", "no list of source tags");
    if (!json_is_boolean(json_object_get(o, "everywhere")))
        return fault(e, i, "everywhere", "not true or false");
    q->everywhere = json_is_true(json_object_get(o, "everywhere"));
    const json_t *capability = json_object_get(o, "capability");
    if (!json_is_null(capability) && !json_is_string(capability))
        return fault(e, i, "capability", "not null or the name of a capability");
    q->capability = xstrdup(json_string_value(capability));
    return 0;
}

int requirements_load(const char *path, struct requirements **out, struct err *e)
{
    json_t *root = NULL;
    struct err why = {0};
    int rc = file_read_json(path, &root, e);
    if (rc)
        return rc;
    const json_t *list = json_object_get(root, "requirements");
    struct requirements *r = xcalloc(1, sizeof *r);
    r->by_id = map_new();
    r->v = xcalloc(json_array_size(list) + 1, sizeof *r->v);
    if (!json_array_size(list))
        rc = err_set(&why, E_INVALID, "there are no requirements in it");
    while (!rc && r->n < json_array_size(list)) {
        size_t i = r->n++;
        rc = read_one(json_array_get(list, i), i, &r->v[i], &why);
        if (!rc && map_put(r->by_id, r->v[i].id, &r->v[i]))
            rc = fault(&why, i, "id", "this id is there twice");
    }
    json_decref(root);
    if (rc) {
        err_set(e, rc, "%s", why.text);
        err_at(e, path, 0, 0, why.pointer);
        requirements_free(r);
        return rc;
    }
    *out = r;
    return 0;
}

void requirements_free(struct requirements *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n; i++) {
        free(r->v[i].id);
        free(r->v[i].role);
        free(r->v[i].source);
        free(r->v[i].nl);
        free(r->v[i].en);
        free(r->v[i].capability);
    }
    free(r->v);
    map_free(r->by_id, NULL);
    free(r);
}

size_t requirements_count(const struct requirements *r)
{
    return r->n;
}

const struct requirement *requirements_at(const struct requirements *r, size_t i)
{
    return i < r->n ? &r->v[i] : NULL;
}

const struct requirement *requirements_find(const struct requirements *r, const char *id)
{
    return map_get(r->by_id, id);
}
