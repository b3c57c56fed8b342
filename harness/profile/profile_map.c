/*
 * Canonical message <-> wire: fields, code values and pointers. Everything it does
 * follows from the shapes that profile.c made out of the profile's file.
 */
#include "harness/profile/profile_data.h"

#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"

const struct shape *shape_of(const struct profile *p, const char *model)
{
    for (size_t i = 0; model && i < profile_models_n; i++)
        if (!strcmp(p->shapes[i].model->name, model))
            return &p->shapes[i];
    return NULL;
}

const char *code_wire(const struct codes *c, const char *canonical)
{
    for (size_t i = 0; c && i < c->n; i++)
        if (!strcmp(c->v[i].canonical, canonical))
            return c->v[i].wire;
    return NULL;
}

const char *code_canonical(const struct codes *c, const char *wire)
{
    for (size_t i = 0; c && i < c->n; i++)
        if (!strcmp(c->v[i].wire, wire))
            return c->v[i].canonical;
    return NULL;
}

static const struct mapped *find(const struct shape *s, const char *name, size_t n)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *have = s->v[i].field->name;
        if (!strncmp(have, name, n) && !have[n])
            return &s->v[i];
    }
    return NULL;
}

const struct mapped *shape_field(const struct shape *s, const char *name)
{
    return find(s, name, strlen(name));
}

/* ---- writing ---- */

static void write_into(const struct shape *s, const json_t *canonical, json_t *wire);

/* The object that holds the field's last key, made where it is not there. */
static json_t *parent_for(const struct mapped *f, json_t *wire)
{
    for (size_t i = 0; i + 1 < f->depth; i++) {
        json_t *next = json_object_get(wire, f->at[i]);
        if (!next) {
            next = json_object();
            json_object_set_new(wire, f->at[i], next);
        }
        wire = next;
    }
    return wire;
}

static json_t *write_list(const struct mapped *f, const json_t *list)
{
    json_t *out = json_array();
    size_t i;
    json_t *v;
    json_array_foreach (list, i, v)
        json_array_append_new(out,
                              json_is_object(v) ? map_write(f->of, v) : json_incref(v));
    return out;
}

static json_t *write_value(const struct mapped *f, json_t *v)
{
    const char *code = NULL;
    switch (f->field->kind) {
    case KIND_CODE:
        if (json_is_string(v))
            code = code_wire(f->codes, json_string_value(v));
        return code ? json_string(code) : json_incref(v);
    case KIND_OBJECT:
        return json_is_object(v) ? map_write(f->of, v) : json_incref(v);
    case KIND_LIST:
        return json_is_array(v) ? write_list(f, v) : json_incref(v);
    default:
        return json_incref(v);
    }
}

static void write_into(const struct shape *s, const json_t *canonical, json_t *wire)
{
    const char *key;
    json_t *v;
    json_object_foreach ((json_t *)(uintptr_t)canonical, key, v) {
        const struct mapped *f = find(s, key, strlen(key));
        if (!f)
            json_object_set(wire, key, v);
        else if (!f->depth && json_is_object(v))
            write_into(f->of, v, wire);
        else if (!f->depth)
            json_object_set(wire, key, v);
        else
            json_object_set_new(parent_for(f, wire), f->at[f->depth - 1],
                                write_value(f, v));
    }
}

json_t *map_write(const struct shape *s, const json_t *canonical)
{
    if (!s || !json_is_object(canonical))
        return json_incref((json_t *)(uintptr_t)canonical);
    json_t *wire = json_object();
    write_into(s, canonical, wire);
    return wire;
}

/* ---- reading ---- */

/* What stands at the field's place; NULL when absent. */
static json_t *value_at(const struct mapped *f, const json_t *wire)
{
    json_t *v = (json_t *)(uintptr_t)wire;
    for (size_t i = 0; v && i < f->depth; i++)
        v = json_object_get(v, f->at[i]);
    return v;
}

/* A time in another zone is a fault (map_check_times), and still the moment that it is:
 * one wrong form must not hide all else that a message says. */
static json_t *read_time(json_t *v)
{
    when_t t;
    char text[32];
    if (!json_is_string(v) ||
        when_parse_offset(json_string_value(v), json_string_length(v), &t) != 0)
        return NULL;
    return json_string(when_format(t, text));
}

static json_t *read_number(json_t *v)
{
    if (json_is_integer(v))
        return json_incref(v);
    /* JSON knows one kind of number: 7.0 is the integer 7. */
    double d = json_is_real(v) ? json_real_value(v) : 0.5, exact = 9007199254740991.0;
    if (d < -exact || d > exact || (double)(json_int_t)d != d)
        return NULL;
    return json_integer((json_int_t)d);
}

/* An unknown code is passed on as text, but never as one that the contract knows. */
static json_t *read_code(const struct mapped *f, json_t *v)
{
    if (!json_is_string(v))
        return NULL;
    const char *wire = json_string_value(v);
    const char *code = code_canonical(f->codes, wire);
    if (code)
        return json_string(code);
    return code_wire(f->codes, wire) ? json_sprintf("?%s", wire) : json_incref(v);
}

static json_t *read_list(const struct mapped *f, json_t *v, bool places)
{
    if (!json_is_array(v))
        return NULL;
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(v); i++) {
        json_t *item = json_array_get(v, i);
        if (f->field->kind == KIND_TEXTS) {
            if (json_is_string(item))
                json_array_append(out, item);
            else if (places)
                json_array_append_new(out, json_string(""));
        } else if (json_is_object(item)) {
            json_array_append_new(out, map_read(f->of, item, places));
        } else if (places) {
            json_array_append_new(out, json_object());
        }
    }
    return out;
}

/* A new reference, or NULL when the value is not of the field's kind. */
static json_t *read_value(const struct mapped *f, json_t *v, bool places)
{
    switch (f->field->kind) {
    case KIND_TEXT:
        return json_is_string(v) ? json_incref(v) : NULL;
    case KIND_TIME:
        return read_time(v);
    case KIND_NUMBER:
        return read_number(v);
    case KIND_FLAG:
        return json_is_boolean(v) ? json_incref(v) : NULL;
    case KIND_CODE:
        return read_code(f, v);
    case KIND_TEXTS:
    case KIND_LIST:
        return read_list(f, v, places);
    case KIND_OBJECT:
        return json_is_object(v) ? map_read(f->of, v, places) : NULL;
    }
    return NULL;
}

json_t *map_read(const struct shape *s, const json_t *wire, bool places)
{
    if (!s)
        return json_deep_copy(wire);
    json_t *out = json_object();
    for (size_t i = 0; i < s->n; i++) {
        const struct mapped *f = &s->v[i];
        json_t *v = value_at(f, wire);
        json_t *read = v ? read_value(f, v, places) : NULL;
        /* An object without a place of its own is there when one of its fields is. */
        if (read && !f->depth && !json_object_size(read)) {
            json_decref(read);
            read = NULL;
        }
        if (read)
            json_object_set_new(out, f->field->name, read);
    }
    return out;
}

bool map_complete(const struct shape *s, const json_t *canonical)
{
    for (size_t i = 0; s && i < s->n; i++)
        if (!s->v[i].field->optional && !json_object_get(canonical, s->v[i].field->name))
            return false;
    return true;
}

/* ---- times ---- */

static bool has_fault_at(const json_t *faults, const char *pointer)
{
    size_t i;
    json_t *f;
    json_array_foreach (faults, i, f) {
        const char *have = json_string_value(json_object_get(f, "pointer"));
        if (have && !strcmp(have, pointer))
            return true;
    }
    return false;
}

static void check_time(const json_t *v, const struct buf *pointer, json_t *faults)
{
    when_t t;
    if (!json_is_string(v) ||
        when_parse(json_string_value(v), json_string_length(v), &t) == 0 ||
        json_array_size(faults) >= MAX_FAULTS || has_fault_at(faults, pointer->p))
        return;
    json_array_append_new(faults,
                          json_pack("{s:s, s:s, s:s, s:s}", "pointer", pointer->p,
                                    "keyword", "format", "reden", "ongeldige-vorm",
                                    "text", "is not an existing moment in UTC"));
}

static void times_below(const struct shape *s, const json_t *wire, struct buf *pointer,
                        json_t *faults);

static void times_of_field(const struct mapped *f, const json_t *v, struct buf *pointer,
                           json_t *faults)
{
    size_t i;
    json_t *item;
    switch (f->field->kind) {
    case KIND_TIME:
        check_time(v, pointer, faults);
        break;
    case KIND_OBJECT:
        times_below(f->of, v, pointer, faults);
        break;
    case KIND_LIST:
        json_array_foreach (v, i, item) {
            size_t n = pointer->n;
            buf_addf(pointer, "/%zu", i);
            times_below(f->of, item, pointer, faults);
            pointer->n = n;
        }
        break;
    default:
        break;
    }
}

static void times_below(const struct shape *s, const json_t *wire, struct buf *pointer,
                        json_t *faults)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct mapped *f = &s->v[i];
        json_t *v = value_at(f, wire);
        size_t n = pointer->n;
        if (!v)
            continue;
        for (size_t d = 0; d < f->depth; d++)
            json_pointer_add(pointer, f->at[d]);
        times_of_field(f, v, pointer, faults);
        pointer->n = n;
    }
}

void map_check_times(const struct shape *s, const json_t *wire, json_t *faults)
{
    if (!s || !json_is_object(wire))
        return;
    struct buf pointer;
    buf_init(&pointer, 4096);
    times_below(s, wire, &pointer, faults);
    buf_done(&pointer);
}

/* ---- pointers (RFC 6901) ---- */

/* The token after the '/' that `at` points to. */
static size_t token_length(const char *at)
{
    return strcspn(at + 1, "/");
}

/* Whether a token, which may hold ~0 and ~1, is this key. */
static bool token_is(const char *token, size_t n, const char *key)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++, k++) {
        char c = token[i];
        if (c == '~' && i + 1 < n)
            c = token[++i] == '1' ? '/' : '~';
        if (key[k] != c || !c)
            return false;
    }
    return !key[k];
}

/* After a list's place comes an index; copies it. Returns what is left. */
static const char *copy_index(const char *at, struct buf *out)
{
    if (*at != '/')
        return at;
    size_t n = token_length(at) + 1;
    buf_add(out, at, n);
    return at + n;
}

void map_pointer_to_wire(const struct shape *s, const char *canonical, struct buf *out)
{
    const char *at = canonical;
    while (s && *at == '/') {
        size_t n = token_length(at);
        const struct mapped *f = find(s, at + 1, n);
        if (!f)
            break;
        for (size_t i = 0; i < f->depth; i++)
            json_pointer_add(out, f->at[i]);
        at += n + 1;
        if (f->field->kind == KIND_LIST)
            at = copy_index(at, out);
        s = f->of;
    }
    buf_adds(out, at);
}

/* How many bytes of `wire` name the field's place; 0 when they don't. */
static size_t matches(const struct mapped *f, const char *wire)
{
    const char *at = wire;
    for (size_t i = 0; i < f->depth; i++) {
        if (*at != '/' || !token_is(at + 1, token_length(at), f->at[i]))
            return 0;
        at += token_length(at) + 1;
    }
    return (size_t)(at - wire);
}

/* The field that a wire pointer leads to; *via is the inlined object it stands in. */
static const struct mapped *field_at(const struct shape *s, const char *wire, size_t *n,
                                     const struct mapped **via)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct mapped *f = &s->v[i];
        size_t inner;
        const struct mapped *none;
        if (f->depth && (*n = matches(f, wire)) > 0) {
            *via = NULL;
            return f;
        }
        const struct mapped *g = f->depth ? NULL : field_at(f->of, wire, &inner, &none);
        if (g) {
            *n = inner;
            *via = f;
            return g;
        }
    }
    return NULL;
}

void map_pointer_to_canonical(const struct shape *s, const char *wire, struct buf *out)
{
    const char *at = wire;
    while (s && *at == '/') {
        size_t n = 0;
        const struct mapped *via = NULL;
        const struct mapped *f = field_at(s, at, &n, &via);
        if (!f)
            break;
        if (via)
            json_pointer_add(out, via->field->name);
        json_pointer_add(out, f->field->name);
        at += n;
        if (f->field->kind == KIND_LIST)
            at = copy_index(at, out);
        s = f->of;
    }
    buf_adds(out, at);
}
