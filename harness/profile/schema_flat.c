/*
 * JSON Schema: checking an instance that is laid flat (base/flat.h), without jansson. It
 * has three answers: what schema_check.c would find valid, what it would find invalid,
 * and what it had better be asked about. It finds no faults: it is for the many messages
 * that have none.
 */
#include "harness/base/flat.h"
#include "harness/profile/schema_impl.h"

/* Well within what schema_check.c allows itself. */
#define DEPTH_MAX 400
#define STEPS_MAX 50000000u

struct flat_run {
    const struct flat *f;
    struct regex_room *room;
    unsigned depth;
    uint64_t steps;
};

static enum schema_says check(struct flat_run *r, const struct node *n, uint32_t i);

static enum schema_says said(bool valid)
{
    return valid ? SCHEMA_VALID : SCHEMA_INVALID;
}

static enum kind kind_of_flat(const struct flat_value *v)
{
    static const enum kind kinds[] = {
        [FLAT_NULL] = KIND_NULL,     [FLAT_FALSE] = KIND_BOOLEAN,
        [FLAT_TRUE] = KIND_BOOLEAN,  [FLAT_INTEGER] = KIND_INTEGER,
        [FLAT_STRING] = KIND_STRING, [FLAT_ARRAY] = KIND_ARRAY,
        [FLAT_OBJECT] = KIND_OBJECT,
    };
    return kinds[v->type];
}

/* ---- values ---- */

static enum schema_says same(const struct flat_run *r, const json_t *want, uint32_t i)
{
    const struct flat_value *v = &r->f->v[i];
    if (!(kind_of(want) & kind_of_flat(v)))
        return SCHEMA_INVALID;
    switch (json_typeof(want)) {
    case JSON_STRING:
        return said(json_string_length(want) == v->u.string.n &&
                    !memcmp(json_string_value(want), flat_text(r->f, i), v->u.string.n));
    case JSON_INTEGER:
        return said(json_integer_value(want) == v->u.integer);
    case JSON_TRUE:
        return said(v->type == FLAT_TRUE);
    case JSON_FALSE:
        return said(v->type == FLAT_FALSE);
    case JSON_NULL:
        return SCHEMA_VALID;
    default:
        return SCHEMA_UNSURE;
    }
}

static enum schema_says check_value(const struct flat_run *r, const struct node *n,
                                    uint32_t i)
{
    enum schema_says s = n->constant ? same(r, n->constant, i) : SCHEMA_VALID;
    if (s != SCHEMA_VALID || !n->values)
        return s;
    if (n->texts.v) {
        const struct flat_value *v = &r->f->v[i];
        return said(v->type == FLAT_STRING &&
                    table_slot(&n->texts, flat_text(r->f, i), v->u.string.n)->name);
    }
    s = SCHEMA_INVALID;
    for (size_t k = 0; s == SCHEMA_INVALID && k < json_array_size(n->values); k++)
        s = same(r, json_array_get(n->values, k), i);
    return s;
}

static enum schema_says check_integer(const struct node *n, int64_t v)
{
    const struct numbers *k = n->numbers;
    const json_t *limits[] = {k->minimum, k->exclusive_minimum, k->maximum,
                              k->exclusive_maximum};
    int64_t limit[4] = {0};
    if (k->multiple_of)
        return SCHEMA_UNSURE;
    for (int i = 0; i < 4; i++) {
        if (limits[i] && !json_is_integer(limits[i]))
            return SCHEMA_UNSURE;
        limit[i] = json_integer_value(limits[i]);
    }
    return said(
        (!k->minimum || v >= limit[0]) && (!k->exclusive_minimum || v > limit[1]) &&
        (!k->maximum || v <= limit[2]) && (!k->exclusive_maximum || v < limit[3]));
}

static enum schema_says check_string(struct flat_run *r, const struct node *n, uint32_t i)
{
    const struct strings *k = n->strings;
    const char *s = flat_text(r->f, i);
    size_t size = r->f->v[i].u.string.n, length = 0;
    if (k->min > 0 || k->max < SIZE_MAX)
        for (size_t c = 0; c < size; c++)
            length += ((unsigned char)s[c] & 0xC0) != 0x80;
    if (length < k->min || length > k->max)
        return SCHEMA_INVALID;
    if (k->pattern) {
        enum regex_verdict verdict = regex_match(k->pattern, &r->room, s, size);
        if (verdict != REGEX_YES)
            return verdict == REGEX_NO ? SCHEMA_INVALID : SCHEMA_UNSURE;
    }
    if (k->format && !k->format->ok)
        return SCHEMA_UNSURE;
    return said(!k->format || k->format->ok(s, size));
}

/* ---- what holds others ---- */

static enum schema_says check_array(struct flat_run *r, const struct node *n, uint32_t i)
{
    const struct arrays *k = n->array;
    const struct flat_value *v = &r->f->v[i];
    enum schema_says s = SCHEMA_VALID;
    if (k->prefix.n || k->contains || k->unevaluated || k->unique)
        return SCHEMA_UNSURE;
    if (v->u.count < k->min || v->u.count > k->max)
        return SCHEMA_INVALID;
    if (k->items)
        for (uint32_t e = i + 1; s == SCHEMA_VALID && e < v->next; e = r->f->v[e].next)
            s = check(r, k->items, e);
    return s;
}

static enum schema_says check_object(struct flat_run *r, const struct node *n, uint32_t i)
{
    const struct objects *k = n->object;
    const struct flat_value *v = &r->f->v[i];
    enum schema_says s = SCHEMA_VALID;
    size_t required = 0;
    if (k->n_patterns || k->names || k->unevaluated || k->dependent_required)
        return SCHEMA_UNSURE;
    if (v->u.count < k->min || v->u.count > k->max)
        return SCHEMA_INVALID;
    for (uint32_t key = i + 1; s == SCHEMA_VALID && key < v->next;
         key = r->f->v[key + 1].next) {
        const struct node *of = k->additional;
        if (k->names_known.v) {
            const struct slot *slot = table_slot(&k->names_known, flat_text(r->f, key),
                                                 r->f->v[key].u.string.n);
            required += slot->required;
            of = slot->node ? slot->node : of;
        }
        if (of)
            s = check(r, of, key + 1);
    }
    return s == SCHEMA_VALID && required < k->required ? SCHEMA_INVALID : s;
}

/* ---- what applies to the same place ---- */

/* How many of the list it fits: 0, 1, or 2 for more. False when that is unsure. */
static bool count_fitting(struct flat_run *r, const struct nodes *list, uint32_t i,
                          size_t *fitting)
{
    *fitting = 0;
    for (size_t k = 0; k < list->n && *fitting < 2; k++) {
        enum schema_says s = check(r, list->v[k], i);
        if (s == SCHEMA_UNSURE)
            return false;
        *fitting += s == SCHEMA_VALID;
    }
    return true;
}

static enum schema_says check_choice(struct flat_run *r, const struct logic *k,
                                     uint32_t i)
{
    size_t any = 1, one = 1;
    if ((k->any.n && !count_fitting(r, &k->any, i, &any)) ||
        (k->one.n && !count_fitting(r, &k->one, i, &one)))
        return SCHEMA_UNSURE;
    return said(any > 0 && one == 1);
}

static enum schema_says check_logic(struct flat_run *r, const struct node *n, uint32_t i)
{
    const struct logic *k = n->logic;
    enum schema_says s = SCHEMA_VALID, other;
    if (k->dynamic_ref || k->n_dependents)
        return SCHEMA_UNSURE;
    if (k->ref)
        s = check(r, k->ref, i);
    for (size_t a = 0; s == SCHEMA_VALID && a < k->all.n; a++)
        s = check(r, k->all.v[a], i);
    if (s == SCHEMA_VALID)
        s = check_choice(r, k, i);
    if (s == SCHEMA_VALID && k->not_) {
        other = check(r, k->not_, i);
        s = other == SCHEMA_UNSURE ? other : said(other == SCHEMA_INVALID);
    }
    if (s == SCHEMA_VALID && k->if_) {
        other = check(r, k->if_, i);
        if (other == SCHEMA_UNSURE)
            return other;
        const struct node *next = other == SCHEMA_VALID ? k->then_ : k->else_;
        s = next ? check(r, next, i) : s;
    }
    return s;
}

/* ---- one schema ---- */

static enum schema_says check_rules(struct flat_run *r, const struct node *n, uint32_t i)
{
    const struct flat_value *v = &r->f->v[i];
    enum schema_says s = SCHEMA_VALID;
    if (n->numbers && v->type == FLAT_INTEGER)
        s = check_integer(n, v->u.integer);
    else if (n->strings && v->type == FLAT_STRING)
        s = check_string(r, n, i);
    else if (n->array && v->type == FLAT_ARRAY)
        s = check_array(r, n, i);
    else if (n->object && v->type == FLAT_OBJECT)
        s = check_object(r, n, i);
    return s == SCHEMA_VALID && n->logic ? check_logic(r, n, i) : s;
}

static enum schema_says check(struct flat_run *r, const struct node *n, uint32_t i)
{
    enum schema_says s = SCHEMA_VALID;
    if (n->fixed)
        return said(n->fixed > 0);
    if (r->depth >= DEPTH_MAX || ++r->steps > STEPS_MAX)
        return SCHEMA_UNSURE;
    if (n->types && !(n->types & kind_of_flat(&r->f->v[i])))
        return SCHEMA_INVALID;
    if (n->constant || n->values)
        s = check_value(r, n, i);
    if (s != SCHEMA_VALID)
        return s;
    r->depth++;
    s = check_rules(r, n, i);
    r->depth--;
    return s;
}

enum schema_says schema_says_flat(const struct schema *s, const struct flat *instance)
{
    struct flat_run r = {.f = instance};
    if (!instance->n || s->dynamic)
        return SCHEMA_UNSURE;
    enum schema_says says = check(&r, s->documents[0]->root, 0);
    regex_room_free(r.room);
    return says;
}
