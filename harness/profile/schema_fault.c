/*
 * JSON Schema: faults and their words. A text never holds a value of the instance, which
 * may be a personal number; it names what the schema asks for.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/profile/schema_impl.h"

#define SPARE       1000
#define TEXT_MAX    2000
#define POINTER_MAX (1 << 20)

static size_t depth_of(const struct at *at)
{
    size_t depth = 0;

    for (; at; at = at->up)
        depth++;
    return depth;
}

static void pointer_of(const struct at *at, struct buf *out)
{
    size_t depth = depth_of(at);
    const struct at **chain = xmalloc((depth + 1) * sizeof *chain);

    for (size_t i = depth; i > 0; at = at->up)
        chain[--i] = at;
    for (size_t i = 0; i < depth; i++) {
        if (chain[i]->key)
            json_pointer_add(out, chain[i]->key);
        else
            buf_addf(out, "/%zu", chain[i]->index);
    }
    free(chain);
}

static void fault_free(struct fault *f)
{
    free(f->path);
    free(f->pointer);
    free(f->text);
}

void faults_done(struct faults *f)
{
    for (size_t i = 0; i < f->n; i++)
        fault_free(&f->v[i]);
    free(f->v);
    f->v = NULL;
    f->n = 0;
}

static int in_order(const void *left, const void *right)
{
    const struct fault *a = left, *b = right;

    for (size_t i = 0; i < a->depth && i < b->depth; i++)
        if (a->path[i] != b->path[i])
            return a->path[i] < b->path[i] ? -1 : 1;
    if (a->depth != b->depth)
        return a->depth < b->depth ? -1 : 1;
    return (a->serial > b->serial) - (a->serial < b->serial);
}

/* How many faults a list keeps: what will be written, and room for what is said twice. */
static size_t kept(const struct faults *list)
{
    return list->max + SPARE;
}

/* Keeps the first faults in document order, once there are twice as many. */
static void cut(struct faults *list)
{
    if (list->n < 2 * kept(list))
        return;
    qsort(list->v, list->n, sizeof *list->v, in_order);
    while (list->n > kept(list))
        fault_free(&list->v[--list->n]);
    list->last = list->v[list->n - 1].path;
    list->last_depth = list->v[list->n - 1].depth;
}

/* Whether a fault stands behind all that will be written. */
static bool too_late(const struct faults *list, const struct fault *f)
{
    struct fault last = {.path = list->last, .depth = list->last_depth};

    return list->last && in_order(f, &last) > 0;
}

/* Adds a fault; text is taken over. Always false, the result of a check that failed. */
static bool add(struct run *r, const struct node *n, const struct at *at,
                const char *keyword, const char *reden, const char *missing, char *text)
{
    struct faults *list = r->faults;
    struct fault f = {.depth = depth_of(at),
                      .node = n,
                      .keyword = keyword,
                      .reden = reden,
                      .missing = missing,
                      .text = text};
    struct buf pointer;

    f.path = xmalloc((f.depth + 1) * sizeof *f.path);
    f.serial = ++list->serial;
    for (const struct at *i = at; i; i = i->up)
        f.path[--f.depth] = i->index;
    f.depth = depth_of(at);
    if (r->broken || too_late(list, &f)) {
        fault_free(&f);
        return false;
    }
    buf_init(&pointer, POINTER_MAX);
    pointer_of(at, &pointer);
    if (missing)
        json_pointer_add(&pointer, missing);
    f.pointer = buf_take(&pointer, NULL);
    *(struct fault *)list_grow(&list->v, &list->n, sizeof f) = f;
    cut(list);
    return false;
}

/* ---- the words ---- */

int text_cut(const char *s, int max)
{
    int n = (int)strnlen(s, (size_t)max + 1);

    if (n <= max)
        return n;
    for (n = max; n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80; n--)
        ;
    return n;
}

/* "a string", "a number or null": the kinds of a mask in words. */
static void kinds_in_words(unsigned kinds, struct buf *out)
{
    static const struct {
        unsigned mask;
        const char *name;
    } words[] = {
        {KIND_STRING, "a string"},       {KIND_INTEGER | KIND_FRACTION, "a number"},
        {KIND_INTEGER, "an integer"},    {KIND_FRACTION, "a number with a fraction"},
        {KIND_BOOLEAN, "true or false"}, {KIND_ARRAY, "an array"},
        {KIND_OBJECT, "an object"},      {KIND_NULL, "null"},
    };
    bool any = false;

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if ((kinds & words[i].mask) != words[i].mask)
            continue;
        kinds &= ~words[i].mask;
        buf_addf(out, "%s%s", any ? " or " : "", words[i].name);
        any = true;
    }
}

bool fault_type(struct run *r, const struct node *n, const json_t *v, const struct at *at)
{
    struct buf text;

    if (!r->faults)
        return false;
    buf_init(&text, TEXT_MAX);
    buf_adds(&text, "must be ");
    kinds_in_words(n->types, &text);
    buf_adds(&text, ", is ");
    kinds_in_words(kind_of(v), &text);
    return add(r, n, at, "type", "verkeerd-type", NULL, buf_take(&text, NULL));
}

/* The values that a node allows by enum or const, shortened after eight. */
static void add_values(const struct node *n, struct buf *out, size_t *count)
{
    size_t size = n->constant ? 1 : json_array_size(n->values);

    for (size_t i = 0; i < size; i++, (*count)++) {
        const json_t *v = n->constant ? n->constant : json_array_get(n->values, i);
        char *text;

        if (*count >= 8) {
            buf_adds(out, ", ...");
            return;
        }
        text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
        buf_addf(out, "%s%.*s%s", *count ? ", " : "", text_cut(text, 60), text,
                 strlen(text) > 60 ? "..." : "");
        free(text);
    }
}

bool fault_value(struct run *r, const struct node *n, const struct at *at)
{
    struct buf text;
    size_t count = 0;

    if (!r->faults)
        return false;
    buf_init(&text, TEXT_MAX);
    buf_adds(&text, n->constant || json_array_size(n->values) == 1 ? "must be "
                                                                   : "must be one of ");
    add_values(n, &text, &count);
    return add(r, n, at, n->constant ? "const" : "enum", "onbekende-waarde", NULL,
               buf_take(&text, NULL));
}

bool fault_limit(struct run *r, const struct node *n, const struct at *at,
                 const char *keyword, const char *reden, const char *fmt, ...)
{
    va_list ap;
    char *text;

    if (!r->faults)
        return false;
    va_start(ap, fmt);
    text = xvasprintf(fmt, ap);
    va_end(ap);
    return add(r, n, at, keyword, reden, NULL, text);
}

bool fault_missing(struct run *r, const struct node *n, const struct at *at,
                   const char *keyword, const char *name, const char *because)
{
    if (!r->faults)
        return false;
    return add(
        r, n, at, keyword, "verplicht", name,
        because ? xasprintf("\"%s\" is required where \"%s\" is present", name, because)
                : xasprintf("\"%s\" is required", name));
}

/* The known field that an unknown one may be a slip for, or NULL. */
static const char *known_field(const struct node *n, const char *key)
{
    json_t *properties =
        n && n->object ? (json_t *)(uintptr_t)n->object->properties : NULL;
    size_t count = 0;
    const char **names, *name;
    json_t *v;

    if (!properties)
        return NULL;
    names = xmalloc((json_object_size(properties) + 1) * sizeof *names);
    json_object_foreach (properties, name, v)
        names[count++] = name;
    name = word_nearest(key, names, count);
    free(names);
    return name;
}

/* The schema false: what that means depends on the keyword that it is the value of. */
bool fault_false(struct run *r, const struct node *n, const struct at *at)
{
    static const char *const fields[] = {"additionalProperties", "unevaluatedProperties",
                                         "properties", "patternProperties",
                                         "propertyNames"};
    static const char *const elements[] = {"items", "unevaluatedItems", "prefixItems"};

    if (!r->faults)
        return false;
    for (size_t i = 0; at && i < ARRAY_LEN(fields); i++) {
        if (strcmp(n->keyword, fields[i]) == 0 && at->key) {
            const char *near = i < 2 ? known_field(n->parent, at->key) : NULL;
            char *text =
                near ? xasprintf("is not a known field here, did you mean \"%s\"?", near)
                     : xstrdup("is not a known field here");

            return add(r, n, at, fields[i], "onbekend-veld", NULL, text);
        }
    }
    for (size_t i = 0; at && i < ARRAY_LEN(elements); i++)
        if (strcmp(n->keyword, elements[i]) == 0)
            return add(r, n, at, elements[i], "te-veel", NULL,
                       xstrdup("is an item too many"));
    return add(r, n, at, *n->keyword ? n->keyword : "false", "niet-toegestaan", NULL,
               xstrdup("nothing is allowed here"));
}

/* ---- alternatives ---- */

/* What was learned of the alternatives that all failed. */
struct verdicts {
    size_t depth;      /* of the place that they apply to */
    bool only_missing; /* all of them only miss fields of this very object */
    bool only_types;   /* all of them want another type here */
    bool only_values;  /* all of them want another value here */
    size_t plausible;  /* how many are of the right type and kind */
    unsigned types;
    struct faults found; /* those of the last plausible one */
};

/* Whether a fault shows that an alternative was never meant: another type or value for
 * the whole, or another fixed value for one of its fields, which tells kinds apart. */
static bool is_another(const struct fault *f, size_t depth)
{
    bool value = strcmp(f->keyword, "const") == 0 || strcmp(f->keyword, "enum") == 0;

    if (f->depth == depth)
        return value || strcmp(f->keyword, "type") == 0;
    return f->depth == depth + 1 && strcmp(f->keyword, "const") == 0;
}

static void try_alternative(struct run *r, const struct node *n, json_t *v,
                            const struct at *at, struct seen *seen, struct verdicts *out)
{
    struct faults *outer = r->faults, mine = {.max = outer->max};
    bool another = false, missing = true, types = true, values = true;

    r->faults = &mine;
    check_node(r, n, v, at, seen);
    r->faults = outer;
    for (size_t i = 0; i < mine.n; i++) {
        const struct fault *f = &mine.v[i];
        bool here = f->depth == out->depth;

        another = another || is_another(f, out->depth);
        missing = missing && here && f->missing;
        types = types && here && strcmp(f->keyword, "type") == 0;
        values = values && here &&
                 (strcmp(f->keyword, "const") == 0 || strcmp(f->keyword, "enum") == 0);
        if (types)
            out->types |= f->node->types;
    }
    out->only_missing = out->only_missing && missing && mine.n;
    out->only_types = out->only_types && types && mine.n;
    out->only_values = out->only_values && values && mine.n;
    if (another || mine.n == 0) {
        faults_done(&mine);
    } else {
        out->plausible++;
        faults_done(&out->found);
        out->found = mine;
    }
}

/* "a" and "b": the fields that an alternative requires. */
static bool add_required(const struct node *n, struct buf *out)
{
    const json_t *names = n->object ? n->object->required_names : NULL;

    for (size_t i = 0; i < json_array_size(names); i++)
        buf_addf(out, "%s\"%s\"", i ? " and " : "",
                 json_string_value(json_array_get(names, i)));
    return json_array_size(names) > 0;
}

/* Moves the faults of the only plausible alternative into the list. */
static void move_faults(struct faults *to, struct faults *from)
{
    for (size_t i = 0; i < from->n; i++) {
        struct fault f = from->v[i];

        f.serial = ++to->serial;
        if (too_late(to, &f)) {
            fault_free(&f);
            continue;
        }
        *(struct fault *)list_grow(&to->v, &to->n, sizeof f) = f;
        cut(to);
    }
    free(from->v);
    *from = (struct faults){0};
}

bool fault_choice(struct run *r, const struct node *n, json_t *v, const struct at *at,
                  struct seen *seen, const char *keyword,
                  const struct nodes *alternatives)
{
    struct verdicts all = {.depth = depth_of(at),
                           .only_missing = true,
                           .only_types = true,
                           .only_values = true};
    const char *reden = "niet-toegestaan";
    bool named = true;
    struct buf text;

    if (!r->faults)
        return false;
    for (size_t i = 0; i < alternatives->n && !r->broken; i++)
        try_alternative(r, alternatives->v[i], v, at, seen, &all);
    if (all.plausible == 1 && !(all.only_missing && alternatives->n > 1)) {
        move_faults(r->faults, &all.found);
        return false;
    }
    faults_done(&all.found);
    buf_init(&text, TEXT_MAX);
    if (all.only_missing) {
        reden = "verplicht";
        buf_adds(&text, alternatives->n == 1 ? "needs " : "needs one of ");
        for (size_t i = 0; i < alternatives->n; i++) {
            if (i)
                buf_adds(&text, ", ");
            named = add_required(alternatives->v[i], &text) && named;
        }
    } else if (all.only_types) {
        reden = "verkeerd-type";
        buf_adds(&text, "must be ");
        kinds_in_words(all.types, &text);
    } else if (all.only_values) {
        size_t count = 0;

        reden = "onbekende-waarde";
        buf_adds(&text, "must be one of ");
        for (size_t i = 0; i < alternatives->n && count < 8; i++) {
            const struct node *one = alternatives->v[i];

            named = named && (one->constant || one->values);
            add_values(one, &text, &count);
        }
    }
    if (!text.n || !named) {
        buf_reset(&text);
        buf_addf(&text, "fits none of the %zu alternatives", alternatives->n);
    }
    return add(r, n, at, keyword, reden, NULL, buf_take(&text, NULL));
}

bool fault_many(struct run *r, const struct node *n, json_t *v, const struct at *at,
                size_t first)
{
    const struct nodes *list = &n->logic->one;
    struct faults *outer = r->faults;
    bool named = true;
    size_t fitting = 0;
    struct buf text;

    if (!outer)
        return false;
    buf_init(&text, TEXT_MAX);
    buf_adds(&text, "only one may be present of ");
    r->faults = NULL;
    for (size_t i = first; i < list->n; i++) {
        if (!check_node(r, list->v[i], v, at, NULL))
            continue;
        if (fitting++)
            buf_adds(&text, ", ");
        named = add_required(list->v[i], &text) && named;
    }
    r->faults = outer;
    if (!named) {
        buf_reset(&text);
        buf_addf(&text, "fits %zu of the %zu alternatives, must fit exactly one", fitting,
                 list->n);
    }
    return add(r, n, at, "oneOf", "niet-toegestaan", NULL, buf_take(&text, NULL));
}

/* ---- writing ---- */

/* The same keyword of the same schema may be reached by several ways; two schemas may ask
 * for the same field. Each is said once. */
static bool said_before(const struct faults *list, size_t i)
{
    const struct fault *f = &list->v[i];

    for (size_t k = i; k-- > 0;) {
        const struct fault *g = &list->v[k];

        if (g->depth != f->depth ||
            (f->depth && memcmp(g->path, f->path, f->depth * sizeof *f->path) != 0))
            return false;
        if (strcmp(f->pointer, g->pointer) == 0 && strcmp(f->keyword, g->keyword) == 0 &&
            (f->node == g->node || strcmp(f->text, g->text) == 0))
            return true;
    }
    return false;
}

/* Where a keyword stands: a pointer, behind the URI when it is another document. */
static char *schema_place(const struct schema *s, const struct fault *f)
{
    struct buf out;

    buf_init(&out, POINTER_MAX);
    if (f->node->resource->document != s->documents[0])
        buf_addf(&out, "%s#", f->node->resource->document->root->resource->uri);
    node_pointer(f->node, &out);
    if (!f->node->fixed && *f->keyword)
        json_pointer_add(&out, f->keyword);
    return buf_take(&out, NULL);
}

void faults_write(struct faults *f, const struct schema *s, json_t *out, size_t max)
{
    size_t written = 0;

    if (f->n == 0)
        return;
    qsort(f->v, f->n, sizeof *f->v, in_order);
    for (size_t i = 0; i < f->n && written < max; i++) {
        const struct fault *one = &f->v[i];
        char *place;

        if (said_before(f, i))
            continue;
        place = schema_place(s, one);
        json_array_append_new(out,
                              json_pack("{s:s, s:s, s:s, s:s, s:s}", "pointer",
                                        one->pointer, "keyword", one->keyword, "schema",
                                        place, "reden", one->reden, "text", one->text));
        free(place);
        written++;
    }
}
