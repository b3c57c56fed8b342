/* JSON Schema: the keywords, and the walk that turns a document into nodes. */
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/profile/schema_impl.h"

#define DRAFT "https://json-schema.org/draft/2020-12/schema"

/* How a keyword's value is written, and so how it is read. */
enum shape {
    ANY,     /* an annotation of any type */
    TEXT,    /* an annotation: a string */
    BOOLEAN, /* an annotation: true or false */
    LIST,    /* an annotation: an array */
    SCHEMA,
    SCHEMAS, /* a non-empty array of schemas */
    MAP,     /* an object of schemas */
    NUMBER,
    COUNT,
    FLAG,
    OTHER, /* by its own function */
};

enum group { NONE, NUMBERS, STRINGS, ARRAYS, OBJECTS, LOGIC };

struct keyword {
    const char *name;
    enum shape shape;
    enum group group;
    size_t offset; /* of the field in the group's struct */
    int (*read)(struct schema *s, struct node *n, const char *keyword, const json_t *v,
                struct err *e);
};

#define IN(group, field) offsetof(struct group, field)

/* X(name, shape, group, offset, function) */
#define KEYWORDS(X)                                                                      \
    X("$schema", OTHER, NONE, 0, read_schema)                                            \
    X("$vocabulary", OTHER, NONE, 0, read_vocabulary)                                    \
    X("$id", TEXT, NONE, 0, NULL)                                                        \
    X("$anchor", OTHER, NONE, 0, read_anchor)                                            \
    X("$dynamicAnchor", OTHER, NONE, 0, read_anchor)                                     \
    X("$ref", OTHER, NONE, 0, read_ref)                                                  \
    X("$dynamicRef", OTHER, NONE, 0, read_ref)                                           \
    X("$defs", MAP, NONE, 0, NULL)                                                       \
    X("$comment", TEXT, NONE, 0, NULL)                                                   \
    X("allOf", SCHEMAS, LOGIC, IN(logic, all), NULL)                                     \
    X("anyOf", SCHEMAS, LOGIC, IN(logic, any), NULL)                                     \
    X("oneOf", SCHEMAS, LOGIC, IN(logic, one), NULL)                                     \
    X("not", SCHEMA, LOGIC, IN(logic, not_), NULL)                                       \
    X("if", SCHEMA, LOGIC, IN(logic, if_), NULL)                                         \
    X("then", SCHEMA, LOGIC, IN(logic, then_), NULL)                                     \
    X("else", SCHEMA, LOGIC, IN(logic, else_), NULL)                                     \
    X("dependentSchemas", MAP, LOGIC, IN(logic, dependent_schemas), NULL)                \
    X("prefixItems", SCHEMAS, ARRAYS, IN(arrays, prefix), NULL)                          \
    X("items", SCHEMA, ARRAYS, IN(arrays, items), NULL)                                  \
    X("contains", SCHEMA, ARRAYS, IN(arrays, contains), NULL)                            \
    X("properties", MAP, OBJECTS, IN(objects, properties), NULL)                         \
    X("patternProperties", MAP, OBJECTS, IN(objects, pattern_properties), NULL)          \
    X("additionalProperties", SCHEMA, OBJECTS, IN(objects, additional), NULL)            \
    X("propertyNames", SCHEMA, OBJECTS, IN(objects, names), NULL)                        \
    X("unevaluatedItems", SCHEMA, ARRAYS, IN(arrays, unevaluated), NULL)                 \
    X("unevaluatedProperties", SCHEMA, OBJECTS, IN(objects, unevaluated), NULL)          \
    X("type", OTHER, NONE, 0, read_type)                                                 \
    X("enum", OTHER, NONE, 0, read_enum)                                                 \
    X("const", OTHER, NONE, 0, read_const)                                               \
    X("multipleOf", NUMBER, NUMBERS, IN(numbers, multiple_of), NULL)                     \
    X("maximum", NUMBER, NUMBERS, IN(numbers, maximum), NULL)                            \
    X("exclusiveMaximum", NUMBER, NUMBERS, IN(numbers, exclusive_maximum), NULL)         \
    X("minimum", NUMBER, NUMBERS, IN(numbers, minimum), NULL)                            \
    X("exclusiveMinimum", NUMBER, NUMBERS, IN(numbers, exclusive_minimum), NULL)         \
    X("maxLength", COUNT, STRINGS, IN(strings, max), NULL)                               \
    X("minLength", COUNT, STRINGS, IN(strings, min), NULL)                               \
    X("pattern", OTHER, NONE, 0, read_pattern)                                           \
    X("maxItems", COUNT, ARRAYS, IN(arrays, max), NULL)                                  \
    X("minItems", COUNT, ARRAYS, IN(arrays, min), NULL)                                  \
    X("uniqueItems", FLAG, ARRAYS, IN(arrays, unique), NULL)                             \
    X("maxContains", COUNT, ARRAYS, IN(arrays, max_contains), NULL)                      \
    X("minContains", COUNT, ARRAYS, IN(arrays, min_contains), NULL)                      \
    X("maxProperties", COUNT, OBJECTS, IN(objects, max), NULL)                           \
    X("minProperties", COUNT, OBJECTS, IN(objects, min), NULL)                           \
    X("required", OTHER, NONE, 0, read_required)                                         \
    X("dependentRequired", OTHER, NONE, 0, read_dependent_required)                      \
    X("format", OTHER, NONE, 0, read_format)                                             \
    X("title", TEXT, NONE, 0, NULL)                                                      \
    X("description", TEXT, NONE, 0, NULL)                                                \
    X("default", ANY, NONE, 0, NULL)                                                     \
    X("examples", LIST, NONE, 0, NULL)                                                   \
    X("deprecated", BOOLEAN, NONE, 0, NULL)                                              \
    X("readOnly", BOOLEAN, NONE, 0, NULL)                                                \
    X("writeOnly", BOOLEAN, NONE, 0, NULL)                                               \
    X("contentEncoding", TEXT, NONE, 0, NULL)                                            \
    X("contentMediaType", TEXT, NONE, 0, NULL)                                           \
    X("contentSchema", SCHEMA, NONE, 0, NULL)

#define NAME(name, shape, group, offset, read) name,
const char *const schema_keywords[] = {KEYWORDS(NAME) NULL};
#define N_KEYWORDS (ARRAY_LEN(schema_keywords) - 1)

/* Keywords of other drafts and dialects, with what stands for them here. */
static const struct {
    const char *name, *instead;
} strangers[] = {
    {"definitions", "$defs"},
    {"dependencies", "dependentRequired or dependentSchemas"},
    {"additionalItems", "items beside prefixItems"},
    {"id", "$id"},
    {"$recursiveRef", "$dynamicRef"},
    {"$recursiveAnchor", "$dynamicAnchor"},
    {"nullable", "\"null\" in type"},
    {"example", "examples"},
};

/* The group's struct of a node, made at first use with every limit wide open. */
static void *group_of(struct schema *s, struct node *n, enum group g)
{
    switch (g) {
    case NUMBERS:
        if (!n->numbers)
            n->numbers = schema_keep(s, sizeof *n->numbers);
        return n->numbers;
    case STRINGS:
        if (!n->strings) {
            n->strings = schema_keep(s, sizeof *n->strings);
            n->strings->max = SIZE_MAX;
        }
        return n->strings;
    case ARRAYS:
        if (!n->array) {
            n->array = schema_keep(s, sizeof *n->array);
            n->array->max = n->array->max_contains = SIZE_MAX;
            n->array->min_contains = 1;
        }
        return n->array;
    case OBJECTS:
        if (!n->object) {
            n->object = schema_keep(s, sizeof *n->object);
            n->object->max = SIZE_MAX;
        }
        return n->object;
    case LOGIC:
        if (!n->logic)
            n->logic = schema_keep(s, sizeof *n->logic);
        return n->logic;
    case NONE:
        break;
    }
    return NULL;
}

static int read_schema(struct schema *s, struct node *n, const char *keyword,
                       const json_t *v, struct err *e)
{
    const char *text = json_string_value(v);

    (void)s;
    if (text && (strcmp(text, DRAFT) == 0 || strcmp(text, DRAFT "#") == 0))
        return 0;
    return schema_err(n, keyword, e, "only draft 2020-12 (%s) is known here", DRAFT);
}

static int read_vocabulary(struct schema *s, struct node *n, const char *keyword,
                           const json_t *v, struct err *e)
{
    (void)s;
    return json_is_object(v) ? 0 : schema_err(n, keyword, e, "must be an object");
}

static int read_anchor(struct schema *s, struct node *n, const char *keyword,
                       const json_t *v, struct err *e)
{
    struct resource *r = n->resource;
    const struct node *former;
    const char *name = json_string_value(v);
    const char *word =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-.";

    (void)s;
    if (!name || !*name || name[strspn(name, word)] || strchr("0123456789-.", *name))
        return schema_err(n, keyword, e,
                          "must be a name of letters, digits, '-', '_' and '.' that "
                          "begins with a letter or '_'");
    former = map_put(r->anchors, name, n);
    if (former && former != n)
        return schema_err(n, keyword, e, "the anchor \"%s\" stands here twice", name);
    if (strcmp(keyword, "$dynamicAnchor") == 0) {
        struct anchor *a = list_grow(&r->dynamics, &r->n_dynamics, sizeof *a);

        a->name = name;
        a->node = n;
    }
    return 0;
}

/* Only the form; schema_bind() finds the target once all documents are in. */
static int read_ref(struct schema *s, struct node *n, const char *keyword,
                    const json_t *v, struct err *e)
{
    if (!json_is_string(v))
        return schema_err(n, keyword, e, "must be a string");
    group_of(s, n, LOGIC);
    return 0;
}

static unsigned type_mask(const json_t *v)
{
    static const struct {
        const char *name;
        unsigned mask;
    } types[] = {
        {"null", KIND_NULL},       {"boolean", KIND_BOOLEAN},
        {"integer", KIND_INTEGER}, {"number", KIND_INTEGER | KIND_FRACTION},
        {"string", KIND_STRING},   {"array", KIND_ARRAY},
        {"object", KIND_OBJECT},
    };

    for (size_t i = 0; json_is_string(v) && i < ARRAY_LEN(types); i++)
        if (strcmp(json_string_value(v), types[i].name) == 0)
            return types[i].mask;
    return 0;
}

static int read_type(struct schema *s, struct node *n, const char *keyword,
                     const json_t *v, struct err *e)
{
    size_t size = json_is_array(v) ? json_array_size(v) : 1;

    (void)s;
    for (size_t i = 0; i < size; i++) {
        unsigned mask = type_mask(json_is_array(v) ? json_array_get(v, i) : v);

        if (!mask || !(json_is_string(v) || all_unique(v)))
            return schema_err(n, keyword, e,
                              "must be null, boolean, integer, number, string, array, "
                              "object or an array of some of these, each once");
        n->types |= mask;
    }
    return size ? 0 : schema_err(n, keyword, e, "must name at least one type");
}

static int read_enum(struct schema *s, struct node *n, const char *keyword,
                     const json_t *v, struct err *e)
{
    size_t size = json_array_size(v), room = 1;

    if (!json_is_array(v))
        return schema_err(n, keyword, e, "must be an array");
    n->values = v;
    for (size_t i = 0; i < size; i++)
        if (!json_is_string(json_array_get(v, i)))
            size = 0;
    if (size <= 4)
        return 0;
    while (room < 2 * size)
        room *= 2;
    n->texts.v = schema_keep(s, room * sizeof *n->texts.v);
    n->texts.mask = room - 1;
    for (size_t i = 0; i < size; i++) {
        const json_t *value = json_array_get(v, i);
        const char *text = json_string_value(value);
        size_t len = json_string_length(value);
        struct slot *slot = table_slot(&n->texts, text, len);

        *slot = (struct slot){.name = text, .n = len, .hash = name_hash(text, len)};
    }
    return 0;
}

static int read_const(struct schema *s, struct node *n, const char *keyword,
                      const json_t *v, struct err *e)
{
    (void)s, (void)keyword, (void)e;
    n->constant = v;
    return 0;
}

/* Compiles a pattern that the schema will free. NULL with the error set. */
static struct regex *pattern_of(struct schema *s, const struct node *n,
                                const char *keyword, const char *text, size_t size,
                                struct err *e)
{
    char why[200];
    struct regex *re = regex_new(text, size, why, sizeof why);
    struct regex **place;

    if (!re) {
        schema_err(n, keyword, e, "\"%s\" is not a usable pattern: %s", text, why);
        return NULL;
    }
    place = list_grow(&s->regexes, &s->n_regexes, sizeof *place);
    return *place = re;
}

static int read_pattern(struct schema *s, struct node *n, const char *keyword,
                        const json_t *v, struct err *e)
{
    struct strings *strings = group_of(s, n, STRINGS);

    if (!json_is_string(v))
        return schema_err(n, keyword, e, "must be a string");
    strings->pattern_text = json_string_value(v);
    strings->pattern =
        pattern_of(s, n, keyword, json_string_value(v), json_string_length(v), e);
    return strings->pattern ? 0 : E_INVALID;
}

static int read_format(struct schema *s, struct node *n, const char *keyword,
                       const json_t *v, struct err *e)
{
    const struct format *f;

    if (!json_is_string(v))
        return schema_err(n, keyword, e, "must be a string");
    if (s->flags & SCHEMA_FORMAT_ANNOTATION)
        return 0;
    f = format_by_name(json_string_value(v));
    if (!f || !f->ok)
        return schema_err(n, keyword, e,
                          "the format \"%s\" is not one that can be checked",
                          json_string_value(v));
    ((struct strings *)group_of(s, n, STRINGS))->format = f;
    return 0;
}

static bool is_name_list(const json_t *v)
{
    size_t size = json_array_size(v);

    for (size_t i = 0; i < size; i++)
        if (!json_is_string(json_array_get(v, i)))
            return false;
    return json_is_array(v) && all_unique(v);
}

static int read_required(struct schema *s, struct node *n, const char *keyword,
                         const json_t *v, struct err *e)
{
    if (!is_name_list(v))
        return schema_err(n, keyword, e, "must be an array of different strings");
    ((struct objects *)group_of(s, n, OBJECTS))->required_names = v;
    return 0;
}

static int read_dependent_required(struct schema *s, struct node *n, const char *keyword,
                                   const json_t *v, struct err *e)
{
    void *it = json_object_iter((json_t *)(uintptr_t)v);

    if (!json_is_object(v))
        return schema_err(n, keyword, e, "must be an object");
    for (; it; it = json_object_iter_next((json_t *)(uintptr_t)v, it))
        if (!is_name_list(json_object_iter_value(it)))
            return schema_err(n, keyword, e,
                              "\"%s\" must be an array of different strings",
                              json_object_iter_key(it));
    ((struct objects *)group_of(s, n, OBJECTS))->dependent_required = v;
    return 0;
}

#define ROW(name, shape, group, offset, read) {name, shape, group, offset, read},
static const struct keyword keywords[] = {KEYWORDS(ROW)};

static const struct keyword *keyword_find(const char *name)
{
    for (size_t i = 0; i < N_KEYWORDS; i++)
        if (strcmp(name, keywords[i].name) == 0)
            return &keywords[i];
    return NULL;
}

static int refuse_unknown(const struct node *n, const char *name, struct err *e)
{
    const char *near;

    for (size_t i = 0; i < ARRAY_LEN(strangers); i++)
        if (strcmp(name, strangers[i].name) == 0)
            return schema_err(n, name, e,
                              "\"%s\" is not a keyword of draft 2020-12: use %s", name,
                              strangers[i].instead);
    near = word_nearest(name, schema_keywords, N_KEYWORDS);
    if (near)
        return schema_err(n, name, e, "unknown keyword \"%s\", did you mean \"%s\"?",
                          name, near);
    return schema_err(n, name, e, "unknown keyword \"%s\"", name);
}

static int read_subschemas(struct schema *s, struct node *n, const struct keyword *k,
                           const json_t *v, struct err *e)
{
    struct spot spot = {n->resource->document, n, k->name, NULL, SIZE_MAX, n->json};
    struct nodes list = {.n = json_array_size(v)};
    struct node *sub;
    void *it;
    int rc;

    if (k->shape == SCHEMA) {
        rc = schema_walk(s, v, &spot, &sub, e);
        if (rc == 0 && k->group)
            *(const struct node **)((char *)group_of(s, n, k->group) + k->offset) = sub;
        return rc;
    }
    spot.container = v;
    if (k->shape == SCHEMAS) {
        if (list.n == 0)
            return schema_err(n, k->name, e, "must be an array of at least one schema");
        list.v = schema_keep(s, list.n * sizeof(struct node *));
        for (spot.index = 0; spot.index < list.n; spot.index++) {
            rc = schema_walk(s, json_array_get(v, spot.index), &spot, &sub, e);
            if (rc)
                return rc;
            list.v[spot.index] = sub;
        }
        *(struct nodes *)(void *)((char *)group_of(s, n, k->group) + k->offset) = list;
        return 0;
    }
    if (!json_is_object(v))
        return schema_err(n, k->name, e, "must be an object of schemas");
    it = json_object_iter((json_t *)(uintptr_t)v);
    for (; it; it = json_object_iter_next((json_t *)(uintptr_t)v, it)) {
        spot.name = json_object_iter_key(it);
        rc = schema_walk(s, json_object_iter_value(it), &spot, &sub, e);
        if (rc)
            return rc;
    }
    if (k->group)
        *(const json_t **)((char *)group_of(s, n, k->group) + k->offset) = v;
    return 0;
}

static int read_keyword(struct schema *s, struct node *n, const struct keyword *k,
                        const json_t *v, struct err *e)
{
    char *field = k->group ? (char *)group_of(s, n, k->group) + k->offset : NULL;

    switch (k->shape) {
    case ANY:
        return 0;
    case TEXT:
        return json_is_string(v) ? 0 : schema_err(n, k->name, e, "must be a string");
    case FLAG:
    case BOOLEAN:
        if (!json_is_boolean(v))
            return schema_err(n, k->name, e, "must be true or false");
        if (field)
            *(bool *)field = json_is_true(v);
        return 0;
    case LIST:
        return json_is_array(v) ? 0 : schema_err(n, k->name, e, "must be an array");
    case NUMBER:
        if (!json_is_number(v))
            return schema_err(n, k->name, e, "must be a number");
        if (k->offset == IN(numbers, multiple_of) && json_number_value(v) <= 0)
            return schema_err(n, k->name, e, "must be more than 0");
        *(const json_t **)(void *)field = v;
        return 0;
    case COUNT:
        return number_count(v, (size_t *)(void *)field)
                   ? 0
                   : schema_err(n, k->name, e, "must be an integer of at least 0");
    case SCHEMA:
    case SCHEMAS:
    case MAP:
        return read_subschemas(s, n, k, v, e);
    case OTHER:
        return k->read(s, n, k->name, v, e);
    }
    return 0;
}

static struct node *node_at(const struct schema *s, const void *container,
                            const char *name)
{
    size_t size = strlen(name) + 40;
    char *key = xmalloc(size);
    struct node *n;

    place_key(key, size, container, name);
    n = map_get(s->places, key);
    free(key);
    return n;
}

static struct slot *table_put(struct table *t, const char *name)
{
    size_t n = strlen(name);
    struct slot *slot = table_slot(t, name, n);

    slot->name = name;
    slot->n = n;
    slot->hash = name_hash(name, n);
    return slot;
}

/* Builds an object's tables, once all its keywords were read. */
static int finish_object(struct schema *s, struct node *n, struct err *e)
{
    struct objects *o = n->object;
    json_t *properties = (json_t *)(uintptr_t)o->properties;
    json_t *patterns = (json_t *)(uintptr_t)o->pattern_properties;
    size_t count = json_object_size(properties) + json_array_size(o->required_names);
    size_t room = 2;
    const char *name;
    json_t *v;

    if (count) {
        while (room < 2 * count)
            room *= 2;
        o->names_known.v = schema_keep(s, room * sizeof *o->names_known.v);
        o->names_known.mask = room - 1;
    }
    json_object_foreach (properties, name, v)
        table_put(&o->names_known, name)->node = node_at(s, properties, name);
    o->required = json_array_size(o->required_names);
    for (size_t i = 0; i < o->required; i++) {
        name = json_string_value(json_array_get(o->required_names, i));
        table_put(&o->names_known, name)->required = true;
    }
    if (!patterns)
        return 0;
    o->patterns = schema_keep(s, (json_object_size(patterns) + 1) * sizeof *o->patterns);
    json_object_foreach (patterns, name, v) {
        struct pattern_prop *p = &o->patterns[o->n_patterns++];

        p->node = node_at(s, patterns, name);
        p->regex = pattern_of(s, n, "patternProperties", name, strlen(name), e);
        if (!p->regex)
            return E_INVALID;
    }
    return 0;
}

static void finish_logic(struct schema *s, struct node *n)
{
    struct logic *l = n->logic;
    json_t *schemas = (json_t *)(uintptr_t)l->dependent_schemas;
    const char *name;
    json_t *v;

    if (!schemas)
        return;
    l->dependents =
        schema_keep(s, (json_object_size(schemas) + 1) * sizeof *l->dependents);
    json_object_foreach (schemas, name, v)
        l->dependents[l->n_dependents++] =
            (struct dependent){name, node_at(s, schemas, name)};
}

int schema_walk(struct schema *s, const json_t *json, const struct spot *spot,
                struct node **out, struct err *e)
{
    struct node *n = xcalloc(1, sizeof *n);
    struct node **place = list_grow(&s->nodes, &s->n_nodes, sizeof *place);
    json_t *members = (json_t *)(uintptr_t)json;
    char index[24], *key;
    const char *token = spot->name ? spot->name : spot->keyword, *name;
    size_t size;
    json_t *v;
    int rc;

    *place = *out = n;
    n->parent = spot->parent;
    n->keyword = spot->keyword;
    n->name = spot->name;
    n->index = spot->index;
    n->json = json;
    if (n->index != SIZE_MAX) {
        snprintf(index, sizeof index, "%zu", n->index);
        token = index;
    }
    size = strlen(token) + 40;
    key = xmalloc(size);
    place_key(key, size, spot->container, token);
    map_put(s->places, key, n);
    free(key);

    rc = schema_identify(s, n, spot->document, e);
    if (rc)
        return rc;
    if (json_is_boolean(json)) {
        n->fixed = json_is_true(json) ? 1 : -1;
        return 0;
    }
    if (!json_is_object(json))
        return schema_err(n, "", e, "a schema must be an object, true or false");
    json_object_foreach (members, name, v) {
        const struct keyword *k = keyword_find(name);

        rc = k ? read_keyword(s, n, k, v, e) : refuse_unknown(n, name, e);
        if (rc)
            return rc;
    }
    if (n->logic)
        finish_logic(s, n);
    return n->object ? finish_object(s, n, e) : 0;
}
