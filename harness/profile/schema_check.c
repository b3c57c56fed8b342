/*
 * JSON Schema: checking an instance. The valid path allocates nothing, but for matching
 * patterns (once per call), propertyNames, uniqueItems of longer arrays and unevaluated*
 * of more than SEEN_SMALL members.
 *
 * Without a list of faults the check stops at the first one; anyOf, oneOf, not, if and
 * contains try their schemas that way.
 */
#include <stdlib.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/profile/schema_impl.h"

/* Nested applications of schemas: jansson's 2,048 levels of JSON below a schema that
 * needs two for each. The stack is watched as well, should frames be larger than usual.
 */
#define DEPTH_MAX 5000
#define STACK_MAX ((size_t)6 << 20)
/* Applications of schemas in one call; only a schema that multiplies itself gets there.
 */
#define STEPS_MAX 200000000u

#define SEEN_SMALL 128

/* Which members or elements of one value were evaluated (core 11): kept only below an
 * unevaluatedProperties or unevaluatedItems, NULL elsewhere. */
struct seen {
    uint64_t *bits;
    size_t words;
    uint64_t small[SEEN_SMALL / 64];
};

static void seen_init(struct seen *s, size_t n)
{
    s->words = (n + 63) / 64;
    s->bits = s->small;
    if (n > SEEN_SMALL)
        s->bits = xcalloc(s->words, sizeof *s->bits);
    else
        memset(s->small, 0, sizeof s->small);
}

static void seen_done(struct seen *s)
{
    if (s->bits != s->small)
        free(s->bits);
}

static void seen_add(struct seen *s, size_t i)
{
    s->bits[i / 64] |= (uint64_t)1 << (i % 64);
}

static bool seen_has(const struct seen *s, size_t i)
{
    return s->bits[i / 64] >> (i % 64) & 1;
}

static void seen_merge(struct seen *to, const struct seen *from)
{
    for (size_t i = 0; i < to->words; i++)
        to->bits[i] |= from->bits[i];
}

static bool check(struct run *r, const struct node *n, json_t *v, const struct at *at,
                  struct seen *seen);

/* Only whether it is valid. */
static bool quick(struct run *r, const struct node *n, json_t *v, const struct at *at,
                  struct seen *seen)
{
    struct faults *faults = r->faults;
    bool ok;

    r->faults = NULL;
    ok = check(r, n, v, at, seen);
    r->faults = faults;
    return ok;
}

/* As quick(), and what it evaluated counts only when it is valid. */
static bool quick_branch(struct run *r, const struct node *n, json_t *v,
                         const struct at *at, struct seen *seen)
{
    struct seen own;
    bool ok;

    if (!seen)
        return quick(r, n, v, at, NULL);
    seen_init(&own, seen->words * 64);
    ok = quick(r, n, v, at, &own);
    if (ok)
        seen_merge(seen, &own);
    seen_done(&own);
    return ok;
}

static bool matches(struct run *r, const struct regex *re, const char *s, size_t n)
{
    enum regex_verdict verdict = regex_match(re, &r->room, s, n);

    if (verdict == REGEX_STUCK)
        r->broken = "a pattern takes too many steps on this text";
    return verdict == REGEX_YES;
}

static bool check_value(struct run *r, const struct node *n, const json_t *v,
                        const struct at *at)
{
    if (n->constant && !json_same(n->constant, v))
        return fault_value(r, n, at);
    if (n->texts.v) {
        if (json_is_string(v) &&
            table_slot(&n->texts, json_string_value(v), json_string_length(v))->name)
            return true;
        return fault_value(r, n, at);
    }
    if (n->values) {
        for (size_t i = 0; i < json_array_size(n->values); i++)
            if (json_same(json_array_get(n->values, i), v))
                return true;
        return fault_value(r, n, at);
    }
    return true;
}

static size_t code_points(const char *s, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)s[i] & 0xC0) != 0x80;
    return count;
}

static bool check_string(struct run *r, const struct node *n, const char *s, size_t size,
                         const struct at *at)
{
    const struct strings *k = n->strings;
    bool ok = true;

    if (k->min > 0 || k->max < SIZE_MAX) {
        size_t length = code_points(s, size);

        if (length < k->min)
            ok = fault_limit(r, n, at, "minLength", "verkeerde-lengte",
                             "must have at least %zu character%s, has %zu", k->min,
                             k->min == 1 ? "" : "s", length);
        else if (length > k->max)
            ok = fault_limit(r, n, at, "maxLength", "verkeerde-lengte",
                             "must have at most %zu character%s, has %zu", k->max,
                             k->max == 1 ? "" : "s", length);
    }
    if (run_on(r, ok) && k->pattern && !matches(r, k->pattern, s, size))
        ok = fault_limit(r, n, at, "pattern", "ongeldige-vorm",
                         "does not match the pattern %.*s",
                         text_cut(k->pattern_text, 300), k->pattern_text);
    if (run_on(r, ok) && k->format && !k->format->ok(s, size))
        ok = fault_limit(r, n, at, "format", "ongeldige-vorm", "is not a valid %s",
                         k->format->name);
    return ok;
}

/* ---- arrays ---- */

static bool check_contains(struct run *r, const struct node *n, json_t *v,
                           const struct at *at, struct seen *seen)
{
    const struct arrays *k = n->array;
    size_t size = json_array_size(v), count = 0;
    struct at here = {.up = at};

    for (here.index = 0; here.index < size; here.index++) {
        if (!quick(r, k->contains, json_array_get(v, here.index), &here, NULL))
            continue;
        count++;
        if (seen)
            seen_add(seen, here.index);
        else if (count > k->max_contains ||
                 (count >= k->min_contains && k->max_contains == SIZE_MAX))
            break;
    }
    if (count < k->min_contains)
        return fault_limit(
            r, n, at, k->min_contains == 1 ? "contains" : "minContains", "te-weinig",
            "must have at least %zu of the items that are asked for, has %zu",
            k->min_contains, count);
    if (count > k->max_contains)
        return fault_limit(r, n, at, "maxContains", "te-veel",
                           "must have at most %zu of the items that are counted",
                           k->max_contains);
    return true;
}

static bool check_unique(struct run *r, const struct node *n, json_t *v,
                         const struct at *at)
{
    struct at here = {.up = at};
    struct uniques *u;
    size_t earlier;

    if (all_unique(v))
        return true;
    if (!r->faults)
        return false;
    u = uniques_new(v);
    while (uniques_next(u, &here.index, &earlier))
        fault_limit(r, n, &here, "uniqueItems", "dubbel", "is the same as item %zu",
                    earlier);
    uniques_free(u);
    return false;
}

static bool check_array(struct run *r, const struct node *n, json_t *v,
                        const struct at *at, struct seen *seen)
{
    const struct arrays *k = n->array;
    size_t size = json_array_size(v);
    struct at here = {.up = at};
    bool ok = true;

    if (size < k->min)
        ok = fault_limit(r, n, at, "minItems", "te-weinig",
                         "must have at least %zu item%s, has %zu", k->min,
                         k->min == 1 ? "" : "s", size);
    if (size > k->max) /* a list that is too long is one fault, whatever is in it */
        return fault_limit(r, n, at, "maxItems", "te-veel",
                           "must have at most %zu item%s, has %zu", k->max,
                           k->max == 1 ? "" : "s", size);
    for (here.index = 0; here.index < size && run_on(r, ok); here.index++) {
        bool first = here.index < k->prefix.n;
        const struct node *item = first ? k->prefix.v[here.index] : k->items;

        if (!item)
            break;
        if (!check(r, item, json_array_get(v, here.index), &here, NULL))
            ok = false;
        if (seen)
            seen_add(seen, here.index);
        if (!first && item->fixed < 0)
            break; /* one fault for all that are too many */
    }
    if (run_on(r, ok) && k->contains)
        ok = check_contains(r, n, v, at, seen) && ok;
    if (run_on(r, ok) && k->unique)
        ok = check_unique(r, n, v, at) && ok;
    return ok;
}

/* ---- objects ---- */

static bool check_name(struct run *r, const struct node *n, const struct at *here)
{
    json_t *name = json_stringn_nocheck(here->key, here->key_n);
    bool ok = check(r, n, name, here, NULL);

    json_decref(name);
    return ok;
}

/* One member against properties, patternProperties, additionalProperties. */
static bool check_member(struct run *r, const struct node *n, json_t *value,
                         const struct at *here, const struct slot *slot,
                         struct seen *seen)
{
    const struct objects *k = n->object;
    bool known = slot && slot->node, ok = true;

    if (known)
        ok = check(r, slot->node, value, here, NULL);
    for (size_t i = 0; i < k->n_patterns && run_on(r, ok); i++) {
        if (!matches(r, k->patterns[i].regex, here->key, here->key_n))
            continue;
        known = true;
        ok = check(r, k->patterns[i].node, value, here, NULL) && ok;
    }
    if (!known && k->additional && run_on(r, ok)) {
        known = true;
        ok = check(r, k->additional, value, here, NULL);
    }
    if (known && seen)
        seen_add(seen, here->index);
    return ok;
}

static bool check_required(struct run *r, const struct node *n, json_t *v,
                           const struct at *at)
{
    const json_t *names = n->object->required_names;

    for (size_t i = 0; i < json_array_size(names) && r->faults; i++) {
        const char *name = json_string_value(json_array_get(names, i));

        if (!json_object_get(v, name))
            fault_missing(r, n, at, "required", name, NULL);
    }
    return false;
}

static bool check_dependent(struct run *r, const struct node *n, json_t *v,
                            const struct at *at)
{
    json_t *all = (json_t *)(uintptr_t)n->object->dependent_required;
    const char *key;
    json_t *names;
    bool ok = true;

    json_object_foreach (all, key, names) {
        if (!json_object_get(v, key))
            continue;
        for (size_t i = 0; i < json_array_size(names) && run_on(r, ok); i++) {
            const char *name = json_string_value(json_array_get(names, i));

            if (!json_object_get(v, name))
                ok = fault_missing(r, n, at, "dependentRequired", name, key);
        }
    }
    return ok;
}

static bool check_object(struct run *r, const struct node *n, json_t *v,
                         const struct at *at, struct seen *seen)
{
    const struct objects *k = n->object;
    size_t size = json_object_size(v), required = 0;
    struct at here = {.up = at};
    bool ok = true;

    if (size < k->min)
        ok = fault_limit(r, n, at, "minProperties", "te-weinig",
                         "must have at least %zu field%s, has %zu", k->min,
                         k->min == 1 ? "" : "s", size);
    if (size > k->max)
        ok = fault_limit(r, n, at, "maxProperties", "te-veel",
                         "must have at most %zu field%s, has %zu", k->max,
                         k->max == 1 ? "" : "s", size);
    for (void *it = json_object_iter(v); it && run_on(r, ok);
         it = json_object_iter_next(v, it), here.index++) {
        const struct slot *slot = NULL;

        here.key = json_object_iter_key(it);
        here.key_n = json_object_iter_key_len(it);
        if (k->names_known.v) {
            slot = table_slot(&k->names_known, here.key, here.key_n);
            required += slot->required;
        }
        if (k->names && !check_name(r, k->names, &here))
            ok = false;
        if (run_on(r, ok) &&
            !check_member(r, n, json_object_iter_value(it), &here, slot, seen))
            ok = false;
    }
    if (run_on(r, ok) && required < k->required)
        ok = check_required(r, n, v, at);
    if (run_on(r, ok) && k->dependent_required)
        ok = check_dependent(r, n, v, at) && ok;
    return ok;
}

/* ---- what applies to the same place ---- */

static const struct node *dynamic_target(const struct run *r, const struct logic *k)
{
    /* Core 8.2.3.2: the outermost resource of the dynamic scope that has the anchor. */
    for (size_t i = 0; i < r->n_scope; i++)
        for (size_t a = 0; a < r->scope[i]->n_dynamics; a++)
            if (strcmp(r->scope[i]->dynamics[a].name, k->dynamic_name) == 0)
                return r->scope[i]->dynamics[a].node;
    return k->dynamic_ref;
}

static bool check_any(struct run *r, const struct node *n, json_t *v, const struct at *at,
                      struct seen *seen)
{
    const struct nodes *list = &n->logic->any;
    bool ok = false;

    for (size_t i = 0; i < list->n && (!ok || seen); i++)
        if (quick_branch(r, list->v[i], v, at, seen))
            ok = true;
    return ok || fault_choice(r, n, v, at, seen, "anyOf", list);
}

static bool check_one(struct run *r, const struct node *n, json_t *v, const struct at *at,
                      struct seen *seen)
{
    const struct nodes *list = &n->logic->one;
    size_t fitting = 0, first = 0;

    for (size_t i = 0; i < list->n && fitting < 2; i++) {
        if (quick_branch(r, list->v[i], v, at, seen) && fitting++ == 0)
            first = i;
    }
    if (fitting == 1)
        return true;
    if (fitting > 1)
        return fault_many(r, n, v, at, first);
    return fault_choice(r, n, v, at, seen, "oneOf", list);
}

static bool check_logic(struct run *r, const struct node *n, json_t *v,
                        const struct at *at, struct seen *seen)
{
    const struct logic *k = n->logic;
    const struct node *next;
    bool ok = true;

    if (k->ref)
        ok = check(r, k->ref, v, at, seen);
    if (run_on(r, ok) && k->dynamic_ref) {
        next = k->dynamic_name ? dynamic_target(r, k) : k->dynamic_ref;
        ok = check(r, next, v, at, seen) && ok;
    }
    for (size_t i = 0; i < k->all.n && run_on(r, ok); i++)
        ok = check(r, k->all.v[i], v, at, seen) && ok;
    if (run_on(r, ok) && k->any.n)
        ok = check_any(r, n, v, at, seen) && ok;
    if (run_on(r, ok) && k->one.n)
        ok = check_one(r, n, v, at, seen) && ok;
    if (run_on(r, ok) && k->not_ && quick(r, k->not_, v, at, NULL))
        ok =
            fault_limit(r, n, at, "not", "niet-toegestaan", "has what is ruled out here");
    if (run_on(r, ok) && k->if_) {
        next = quick_branch(r, k->if_, v, at, seen) ? k->then_ : k->else_;
        if (next)
            ok = check(r, next, v, at, seen) && ok;
    }
    for (size_t i = 0; i < k->n_dependents && json_is_object(v) && run_on(r, ok); i++)
        if (json_object_get(v, k->dependents[i].name))
            ok = check(r, k->dependents[i].node, v, at, seen) && ok;
    return ok;
}

/* ---- one schema ---- */

static bool check_rules(struct run *r, const struct node *n, json_t *v, enum kind kind,
                        const struct at *at, struct seen *seen)
{
    bool ok = true;

    if (n->numbers && (kind & (KIND_INTEGER | KIND_FRACTION)))
        ok = check_number(r, n, v, at);
    else if (n->strings && kind == KIND_STRING)
        ok = check_string(r, n, json_string_value(v), json_string_length(v), at);
    else if (n->array && kind == KIND_ARRAY)
        ok = check_array(r, n, v, at, seen);
    else if (n->object && kind == KIND_OBJECT)
        ok = check_object(r, n, v, at, seen);
    if (run_on(r, ok) && n->logic)
        ok = check_logic(r, n, v, at, seen) && ok;
    return ok;
}

/* check_rules(), then the members or elements that nothing evaluated. */
static __attribute__((noinline)) bool
check_unevaluated(struct run *r, const struct node *n, json_t *v, enum kind kind,
                  const struct at *at, struct seen *outer)
{
    size_t size = kind == KIND_ARRAY ? json_array_size(v) : json_object_size(v);
    void *it = kind == KIND_ARRAY ? NULL : json_object_iter(v);
    struct at here = {.up = at};
    struct seen own;
    bool ok;

    seen_init(&own, size);
    ok = check_rules(r, n, v, kind, at, &own);
    for (; here.index < size && run_on(r, ok); here.index++) {
        const struct node *rest = it ? n->object->unevaluated : n->array->unevaluated;
        json_t *value = it ? json_object_iter_value(it) : json_array_get(v, here.index);

        if (it) {
            here.key = json_object_iter_key(it);
            here.key_n = json_object_iter_key_len(it);
            it = json_object_iter_next(v, it);
        }
        if (seen_has(&own, here.index))
            continue;
        ok = check(r, rest, value, &here, NULL) && ok;
        seen_add(&own, here.index);
    }
    if (outer)
        seen_merge(outer, &own);
    seen_done(&own);
    return ok;
}

/* Core 7.1: a resource is in the dynamic scope while one of its schemas is applied. One
 * that is in it already changes nothing, as the outermost counts. */
static bool enter(struct run *r, const struct node *n)
{
    if (!r->entered || r->entered[n->resource->index])
        return false;
    r->entered[n->resource->index] = true;
    r->scope[r->n_scope++] = n->resource;
    return true;
}

/* Whether the check may go one schema deeper. */
static bool has_room(struct run *r)
{
    const char *here = __builtin_frame_address(0);
    size_t used = here < r->stack ? (size_t)(r->stack - here) : (size_t)(here - r->stack);

    if (r->depth >= DEPTH_MAX || used > STACK_MAX)
        r->broken = "is nested too deeply to be checked";
    else if (r->steps >= STEPS_MAX)
        r->broken = "takes too many steps to be checked";
    return !r->broken;
}

static bool check(struct run *r, const struct node *n, json_t *v, const struct at *at,
                  struct seen *seen)
{
    enum kind kind;
    bool ok, entered;

    if (n->fixed)
        return n->fixed > 0 || fault_false(r, n, at);
    if (r->broken)
        return false;
    if (!has_room(r))
        return false;
    kind = kind_of(v);
    if (n->types && !(n->types & kind))
        return fault_type(r, n, v, at);
    r->depth++;
    r->steps++;
    entered = enter(r, n);
    ok = !(n->constant || n->values) || check_value(r, n, v, at);
    if (run_on(r, ok)) {
        if ((kind == KIND_ARRAY && n->array && n->array->unevaluated) ||
            (kind == KIND_OBJECT && n->object && n->object->unevaluated))
            ok = check_unevaluated(r, n, v, kind, at, seen) && ok;
        else
            ok = check_rules(r, n, v, kind, at, seen) && ok;
    }
    if (entered)
        r->entered[r->scope[--r->n_scope]->index] = false;
    r->depth--;
    return ok && !r->broken;
}

bool check_node(struct run *r, const struct node *n, json_t *v, const struct at *at,
                struct seen *seen)
{
    return check(r, n, v, at, seen);
}

bool schema_valid(const struct schema *s, const json_t *instance, json_t *out, size_t max)
{
    struct faults faults = {.max = max ? max : 1000};
    struct run r = {.faults = out ? &faults : NULL, .stack = __builtin_frame_address(0)};
    json_t *v = (json_t *)(uintptr_t)instance; /* jansson's look-ups take no const */
    bool ok;

    if (s->dynamic) {
        r.scope = xcalloc(s->n_resources, sizeof(struct resource *));
        r.entered = xcalloc(s->n_resources, sizeof *r.entered);
    }
    ok = check(&r, s->documents[0]->root, v, NULL, NULL) && !r.broken;
    if (r.broken && out) {
        const char *why = r.broken;

        r.broken = NULL;
        fault_limit(&r, s->documents[0]->root, NULL, "", "te-zwaar", "%s", why);
    }
    if (out && !ok)
        faults_write(&faults, s, out, faults.max);
    faults_done(&faults);
    regex_room_free(r.room);
    free(r.scope);
    free(r.entered);
    return ok;
}
