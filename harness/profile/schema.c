/* JSON Schema: documents and the resources in them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/profile/schema_impl.h"

void *list_grow(void *list_pointer, size_t *n, size_t size)
{
    char *v;

    memcpy(&v, list_pointer, sizeof v);
    if ((*n & (*n - 1)) == 0) /* at each power of two */
        v = xrealloc(v, (*n ? *n * 2 : 1) * size);
    memcpy(list_pointer, &v, sizeof v);
    return memset(v + (*n)++ * size, 0, size);
}

void *schema_keep(struct schema *s, size_t size)
{
    void **place = list_grow(&s->kept, &s->n_kept, sizeof *place);

    return *place = xcalloc(1, size);
}

int schema_err(const struct node *n, const char *keyword, struct err *e, const char *fmt,
               ...)
{
    const struct document *d = n->resource->document;
    struct buf pointer;
    char *text;
    va_list ap;

    va_start(ap, fmt);
    text = xvasprintf(fmt, ap);
    va_end(ap);
    buf_init(&pointer, 1 << 20);
    node_pointer(n, &pointer);
    if (*keyword)
        json_pointer_add(&pointer, keyword);
    err_set(e, E_INVALID, "%s", text);
    err_at(e, d->path ? d->path : d->uri, 0, 0, pointer.n ? pointer.p : "");
    buf_done(&pointer);
    free(text);
    return E_INVALID;
}

static int new_resource(struct schema *s, struct node *n, struct document *d, char *uri,
                        struct err *e)
{
    struct resource *r = xcalloc(1, sizeof *r);
    struct resource **place = list_grow(&s->resources, &s->n_resources, sizeof *place);

    *place = r;
    r->uri = uri;
    r->index = s->n_resources - 1;
    r->document = d;
    r->root = n;
    r->anchors = map_new();
    n->resource = r;
    if (map_get(s->by_uri, uri))
        return schema_err(n, "", e, "%s names two schemas", uri);
    map_put(s->by_uri, uri, r);
    return 0;
}

int schema_identify(struct schema *s, struct node *n, struct document *d, struct err *e)
{
    const json_t *id = json_is_object(n->json) ? json_object_get(n->json, "$id") : NULL;
    const char *text = json_string_value(id), *hash;
    const char *base = n->parent ? n->parent->resource->uri : d->uri;
    char *uri;
    int rc;

    if (n->parent)
        n->resource = n->parent->resource;
    if (!id)
        return n->parent ? 0 : new_resource(s, n, d, xstrdup(d->uri), e);
    hash = text ? strchr(text, '#') : NULL;
    uri = uri_resolve(base, text ? text : "");
    if (hash)
        uri[strcspn(uri, "#")] = '\0';
    rc = new_resource(s, n, d, uri, e);
    if (!text)
        return schema_err(n, "$id", e, "must be a string");
    if (hash && hash[1])
        return schema_err(n, "$id", e, "must not have a fragment: use $anchor");
    /* The place where the document was got is another name of it. */
    if (rc == 0 && !n->parent && !map_get(s->by_uri, d->uri))
        map_put(s->by_uri, d->uri, n->resource);
    return rc;
}

int schema_add(struct schema *s, json_t *json, const char *uri, const char *path,
               struct document **out, struct err *e)
{
    struct document *d = xcalloc(1, sizeof *d);
    struct document **place = list_grow(&s->documents, &s->n_documents, sizeof *place);
    struct spot spot = {.document = d, .keyword = "", .index = SIZE_MAX, .container = d};
    int rc;

    *place = d;
    d->json = json;
    d->uri = xstrndup(uri, strcspn(uri, "#"));
    d->path = xstrdup(path);
    rc = schema_walk(s, json, &spot, &d->root, e);
    if (rc == 0)
        *out = d;
    return rc;
}

int schema_add_file(struct schema *s, const char *path, const char *uri,
                    struct document **out, struct err *e)
{
    json_t *json;
    int rc = file_read_json(path, &json, e);

    return rc ? rc : schema_add(s, json, uri, path, out, e);
}

static struct schema *schema_new(unsigned flags)
{
    struct schema *s = xcalloc(1, sizeof *s);

    s->flags = flags;
    s->by_uri = map_new();
    s->places = map_new();
    return s;
}

void schema_free(struct schema *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n_nodes; i++)
        free(s->nodes[i]);
    for (size_t i = 0; i < s->n_resources; i++) {
        map_free(s->resources[i]->anchors, NULL);
        free(s->resources[i]->dynamics);
        free(s->resources[i]->uri);
        free(s->resources[i]);
    }
    for (size_t i = 0; i < s->n_documents; i++) {
        json_decref(s->documents[i]->json);
        free(s->documents[i]->uri);
        free(s->documents[i]->path);
        free(s->documents[i]);
    }
    for (size_t i = 0; i < s->n_regexes; i++)
        regex_free(s->regexes[i]);
    for (size_t i = 0; i < s->n_kept; i++)
        free(s->kept[i]);
    map_free(s->by_uri, NULL);
    map_free(s->places, NULL);
    free(s->nodes);
    free(s->resources);
    free(s->documents);
    free(s->regexes);
    free(s->kept);
    free(s);
}

int schema_compile_as(const json_t *root, const char *base_uri, const json_t *others,
                      unsigned flags, struct schema **out, struct err *e)
{
    struct schema *s = schema_new(flags);
    struct document *d;
    int rc = schema_add(s, json_deep_copy(root), base_uri ? base_uri : "", NULL, &d, e);

    for (size_t i = 0; rc == 0 && i < json_array_size(others); i++) {
        char name[40];

        snprintf(name, sizeof name, "other:%zu", i);
        rc = schema_add(s, json_deep_copy(json_array_get(others, i)), name, NULL, &d, e);
    }
    if (rc == 0)
        rc = schema_bind(s, e);
    if (rc)
        schema_free(s);
    else
        *out = s;
    return rc;
}

int schema_compile(const json_t *root, const char *base_uri, const json_t *others,
                   struct schema **out, struct err *e)
{
    return schema_compile_as(root, base_uri, others, 0, out, e);
}

/* Adds line and column to an error that knows its file and pointer. */
static void find_line(struct err *e)
{
    struct json_places *places;
    int line, column;
    char *text;
    size_t n;

    if (!e || !e->file[0] || e->line || file_read(e->file, SIZE_MAX / 2, &text, &n, NULL))
        return;
    places = json_places_new(text, n);
    json_places_find(places, e->pointer, &line, &column);
    err_at(e, NULL, line, column, NULL);
    json_places_free(places);
    free(text);
}

int schema_load_as(const char *path, unsigned flags, struct schema **out, struct err *e)
{
    struct schema *s = schema_new(flags);
    struct document *d;
    char *uri = uri_of_path(path);
    int rc = schema_add_file(s, path, uri, &d, e);

    if (rc == 0)
        rc = schema_bind(s, e);
    if (rc) {
        find_line(e);
        schema_free(s);
    } else {
        *out = s;
    }
    free(uri);
    return rc;
}

int schema_load(const char *path, struct schema **out, struct err *e)
{
    return schema_load_as(path, 0, out, e);
}
