/*
 * Messages that are as they should be, read without a tree of their JSON: laid flat,
 * checked by the schema, and mapped from there. Everything that is odd in any way is left
 * to the slow way (profile_read.c, profile_client.c), which says what is wrong with it.
 * What is read here, is what the slow way would have read.
 */
#include "harness/profile/profile_data.h"

#include <string.h>

#include "harness/base/mem.h"

bool flat_place(const struct flat *f, const struct mapped *m, uint32_t *i)
{
    uint32_t at = *i;
    for (size_t d = 0; d < m->depth; d++)
        if (!(at = flat_get(f, at, m->at[d], strlen(m->at[d]))))
            return false;
    *i = at;
    return true;
}

/* A mapping under way; odd: it met what is not for it, and its result is worth nothing.
 */
struct mapping {
    const struct flat *f;
    bool odd;
};

static json_t *map_message(struct mapping *m, const struct shape *s, uint32_t i);

static json_t *odd(struct mapping *m)
{
    m->odd = true;
    return NULL;
}

static json_t *map_text(struct mapping *m, const struct mapped *to, uint32_t i)
{
    const struct flat_value *v = &m->f->v[i];
    const char *s = flat_text(m->f, i), *code;
    char text[32];
    when_t t;
    if (v->type != FLAT_STRING)
        return odd(m);
    switch (to->field->kind) {
    case KIND_TIME:
        if (when_parse(s, v->u.string.n, &t) != 0)
            return odd(m);
        return json_string_nocheck(when_format(t, text));
    case KIND_CODE:
        code = code_canonical(to->codes, s);
        return code ? json_string_nocheck(code) : odd(m);
    default:
        return json_stringn_nocheck(s, v->u.string.n);
    }
}

static json_t *map_list(struct mapping *m, const struct mapped *to, uint32_t i)
{
    const struct flat_value *v = &m->f->v[i];
    bool texts = to->field->kind == KIND_TEXTS;
    if (v->type != FLAT_ARRAY)
        return odd(m);
    json_t *out = json_array();
    for (uint32_t e = i + 1; !m->odd && e < v->next; e = m->f->v[e].next) {
        const struct flat_value *item = &m->f->v[e];
        if (item->type != (texts ? FLAT_STRING : FLAT_OBJECT))
            m->odd = true;
        else if (texts)
            json_array_append_new(
                out, json_stringn_nocheck(flat_text(m->f, e), item->u.string.n));
        else
            json_array_append_new(out, map_message(m, to->of, e));
    }
    return out;
}

static json_t *map_value(struct mapping *m, const struct mapped *to, uint32_t i)
{
    const struct flat_value *v = &m->f->v[i];
    switch (to->field->kind) {
    case KIND_TEXT:
    case KIND_TIME:
    case KIND_CODE:
        return map_text(m, to, i);
    case KIND_NUMBER:
        return v->type == FLAT_INTEGER ? json_integer(v->u.integer) : odd(m);
    case KIND_FLAG:
        if (v->type != FLAT_TRUE && v->type != FLAT_FALSE)
            return odd(m);
        return json_boolean(v->type == FLAT_TRUE);
    case KIND_TEXTS:
    case KIND_LIST:
        return map_list(m, to, i);
    case KIND_OBJECT:
        return v->type == FLAT_OBJECT ? map_message(m, to->of, i) : odd(m);
    }
    return odd(m);
}

static json_t *map_message(struct mapping *m, const struct shape *s, uint32_t i)
{
    json_t *out = json_object();
    for (size_t k = 0; !m->odd && k < s->n; k++) {
        uint32_t at = i;
        json_t *read =
            flat_place(m->f, &s->v[k], &at) ? map_value(m, &s->v[k], at) : NULL;
        /* As map_read: an object without a place of its own. */
        if (read && !s->v[k].depth && !json_object_size(read)) {
            json_decref(read);
            read = NULL;
        }
        if (read)
            json_object_set_new_nocheck(out, s->v[k].field->name, read);
    }
    return out;
}

json_t *flat_message(const struct flat *f, const struct shape *s)
{
    struct mapping m = {.f = f};
    if (!s || f->v[0].type != FLAT_OBJECT)
        return NULL;
    json_t *out = map_message(&m, s, 0);
    if (m.odd) {
        json_decref(out);
        out = NULL;
    }
    return out;
}

bool flat_valid(struct flat *f, const struct schema *schema, const char *body, size_t n)
{
    return schema && flat_read(f, body, n) && schema_says_flat(schema, f) == SCHEMA_VALID;
}

json_t *flat_request(const struct operation *o, const char *body, size_t n)
{
    struct flat f;
    flat_init(&f);
    json_t *message =
        flat_valid(&f, o->request_schema, body, n) ? flat_message(&f, o->request) : NULL;
    flat_done(&f);
    return message;
}

json_t *flat_response(const struct profile *p, enum op op,
                      const struct http_response *resp)
{
    const struct operation *o = &p->ops[op];
    struct flat f;
    flat_init(&f);
    json_t *message = NULL;
    if (resp->status == o->status &&
        flat_valid(&f, o->response_schema, resp->body, resp->body_n))
        message = flat_message(&f, o->response);
    if (message && op == OP_OPHALEN)
        paging_understood(p, flat_number(p, &f), message);
    if (message && !map_complete(o->response, message)) {
        json_decref(message);
        message = NULL;
    }
    flat_done(&f);
    return message;
}

json_int_t flat_number(const struct profile *p, const struct flat *f)
{
    uint32_t i = 0;
    if (p->paging != PAGING_PAGES || !flat_place(f, &p->number, &i) ||
        f->v[i].type != FLAT_INTEGER)
        return 1;
    return f->v[i].u.integer;
}
