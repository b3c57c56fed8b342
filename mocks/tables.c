/* The code tables of mocks/population.h: read once, looked up by code and by region. */
#include <jansson.h>
#include <stdlib.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "mocks/population.h"

struct list {
    const void **v;
    size_t n;
};
/* What tables_load hands out is the first member of this. */
struct indexed {
    struct tables t;
    struct map *instellingen, *opleidingen, *schools; /* by code */
    int top;                                          /* highest region number */
    struct list *instellingen_in, *schools_in;        /* by region number, 0..top */
};

static void list_add(struct list *l, const void *item)
{
    l->v = xrealloc(l->v, (l->n + 1) * sizeof *l->v);
    l->v[l->n++] = item;
}

/* Reads `dir`/`key`.json: an object whose member `key` is a non-empty array. */
static int read_rows(const char *dir, const char *key, char **path, json_t **root,
                     json_t **rows, struct err *e)
{
    char *p = xasprintf("%s/%s.json", dir, key);
    json_t *doc = NULL;
    int rc = file_read_json(p, &doc, e);
    if (rc == 0 && json_array_size(json_object_get(doc, key)) == 0) {
        rc = err_set(e, E_INVALID, "there is no list \"%s\" in it, or it is empty", key);
        err_at(e, p, 0, 0, NULL);
    }
    if (rc < 0) {
        json_decref(doc);
        free(p);
        return rc;
    }
    *path = p;
    *root = doc;
    *rows = json_object_get(doc, key);
    return 0;
}

/* A fault in row i of the table `key`. */
static int bad_row(struct err *e, const char *path, const char *key, size_t i,
                   const char *what)
{
    char *pointer = xasprintf("/%s/%zu", key, i);
    err_set(e, E_INVALID, "%s", what);
    err_at(e, path, 0, 0, pointer);
    free(pointer);
    return E_INVALID;
}

static bool known_region(const struct tables *t, int number)
{
    for (size_t i = 0; i < t->n_regions; i++)
        if (t->regions[i].number == number)
            return true;
    return false;
}

static int load_regions(struct indexed *x, const char *dir, struct err *e)
{
    const char *key = "regions";
    char *path = NULL;
    json_t *root = NULL, *rows = NULL, *row;
    int rc = read_rows(dir, key, &path, &root, &rows, e);
    if (rc < 0)
        return rc;
    x->t.regions = xcalloc(json_array_size(rows), sizeof *x->t.regions);
    size_t i;
    json_array_foreach (rows, i, row) {
        int number;
        const char *name;
        if (json_unpack(row, "{s:i,s:s}", "number", &number, "name", &name) < 0) {
            rc = bad_row(e, path, key, i, "a region needs \"number\" and \"name\"");
            goto out;
        }
        if (number < 1 || number > 999 || known_region(&x->t, number)) {
            rc = bad_row(e, path, key, i, "this number is given twice or out of range");
            goto out;
        }
        x->t.regions[x->t.n_regions++] =
            (struct region){.number = number, .name = xstrdup(name)};
        x->top = number > x->top ? number : x->top;
    }
    x->instellingen_in = xcalloc((size_t)x->top + 1, sizeof *x->instellingen_in);
    x->schools_in = xcalloc((size_t)x->top + 1, sizeof *x->schools_in);
out:
    json_decref(root);
    free(path);
    return rc;
}

/* The further regions of each instelling, after all main seats: so a region's own
 * instellingen come first. */
static int load_further_regions(struct indexed *x, const json_t *rows, const char *path,
                                struct err *e)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const struct instelling *it = &x->t.instellingen[i];
        const json_t *regions = json_object_get(json_array_get(rows, i), "regions");
        for (size_t k = 0; k < json_array_size(regions); k++) {
            int number = (int)json_integer_value(json_array_get(regions, k));
            if (!known_region(&x->t, number))
                return bad_row(e, path, "instellingen", i,
                               "one of \"regions\" is unknown");
            if (number != it->region)
                list_add(&x->instellingen_in[number], it);
        }
    }
    return 0;
}

static int load_instellingen(struct indexed *x, const char *dir, struct err *e)
{
    const char *key = "instellingen";
    char *path = NULL;
    json_t *root = NULL, *rows = NULL, *row;
    int rc = read_rows(dir, key, &path, &root, &rows, e);
    if (rc < 0)
        return rc;
    x->t.instellingen = xcalloc(json_array_size(rows), sizeof *x->t.instellingen);
    size_t i;
    json_array_foreach (rows, i, row) {
        const char *code, *name;
        int region;
        if (json_unpack(row, "{s:s,s:s,s:i}", "code", &code, "name", &name, "region",
                        &region) < 0) {
            rc = bad_row(e, path, key, i,
                         "an instelling needs \"code\", \"name\" and \"region\"");
            goto out;
        }
        if (map_get(x->instellingen, code) || !known_region(&x->t, region)) {
            rc =
                bad_row(e, path, key, i, "its code is given twice or its region unknown");
            goto out;
        }
        struct instelling *it = &x->t.instellingen[x->t.n_instellingen++];
        *it = (struct instelling){
            .code = xstrdup(code), .name = xstrdup(name), .region = region};
        map_put(x->instellingen, code, it);
        list_add(&x->instellingen_in[region], it);
    }
    rc = load_further_regions(x, rows, path, e);
out:
    json_decref(root);
    free(path);
    return rc;
}

static int load_opleidingen(struct indexed *x, const char *dir, struct err *e)
{
    const char *key = "opleidingen";
    char *path = NULL;
    json_t *root = NULL, *rows = NULL, *row;
    int rc = read_rows(dir, key, &path, &root, &rows, e);
    if (rc < 0)
        return rc;
    x->t.opleidingen = xcalloc(json_array_size(rows), sizeof *x->t.opleidingen);
    size_t i;
    json_array_foreach (rows, i, row) {
        const char *code, *name;
        int level;
        if (json_unpack(row, "{s:s,s:s,s:i}", "code", &code, "name", &name, "level",
                        &level) < 0) {
            rc = bad_row(e, path, key, i,
                         "an opleiding needs \"code\", \"name\" and \"level\"");
            goto out;
        }
        if (map_get(x->opleidingen, code) || level < 0 || level > 4) {
            rc = bad_row(e, path, key, i, "its code is given twice or its level not 0-4");
            goto out;
        }
        struct opleiding *o = &x->t.opleidingen[x->t.n_opleidingen++];
        *o = (struct opleiding){
            .code = xstrdup(code), .name = xstrdup(name), .level = level};
        map_put(x->opleidingen, code, o);
    }
out:
    json_decref(root);
    free(path);
    return rc;
}

static int load_schools(struct indexed *x, const char *dir, struct err *e)
{
    const char *key = "schools";
    char *path = NULL;
    json_t *root = NULL, *rows = NULL, *row;
    int rc = read_rows(dir, key, &path, &root, &rows, e);
    if (rc < 0)
        return rc;
    x->t.schools = xcalloc(json_array_size(rows), sizeof *x->t.schools);
    size_t i;
    json_array_foreach (rows, i, row) {
        const char *code, *name, *kind;
        int region;
        if (json_unpack(row, "{s:s,s:s,s:i,s:s}", "code", &code, "name", &name, "region",
                        &region, "kind", &kind) < 0) {
            rc = bad_row(e, path, key, i,
                         "a school needs \"code\", \"name\", \"region\" and \"kind\"");
            goto out;
        }
        if (map_get(x->schools, code) || !known_region(&x->t, region)) {
            rc =
                bad_row(e, path, key, i, "its code is given twice or its region unknown");
            goto out;
        }
        struct school *s = &x->t.schools[x->t.n_schools++];
        *s = (struct school){.code = xstrdup(code),
                             .name = xstrdup(name),
                             .region = region,
                             .kind = xstrdup(kind)};
        map_put(x->schools, code, s);
        list_add(&x->schools_in[region], s);
    }
out:
    json_decref(root);
    free(path);
    return rc;
}

/* Each region can play its part: it has an instelling and a school. */
static int check_regions(const struct indexed *x, const char *dir, struct err *e)
{
    for (size_t i = 0; i < x->t.n_regions; i++) {
        int number = x->t.regions[i].number;
        if (x->instellingen_in[number].n > 0 && x->schools_in[number].n > 0)
            continue;
        err_set(e, E_INVALID, "region %d (%s) has no instelling or no school", number,
                x->t.regions[i].name);
        err_at(e, dir, 0, 0, NULL);
        return E_INVALID;
    }
    return 0;
}

int tables_load(const char *dir, struct tables **out, struct err *e)
{
    static int (*const loaders[])(struct indexed *, const char *, struct err *) = {
        load_regions, load_instellingen, load_opleidingen, load_schools};
    struct indexed *x = xcalloc(1, sizeof *x);
    x->instellingen = map_new();
    x->opleidingen = map_new();
    x->schools = map_new();
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(loaders) && rc == 0; i++)
        rc = loaders[i](x, dir, e);
    if (rc == 0)
        rc = check_regions(x, dir, e);
    if (rc < 0)
        tables_free(&x->t);
    else
        *out = &x->t;
    return rc;
}

void tables_free(struct tables *t)
{
    if (!t)
        return;
    struct indexed *x = (struct indexed *)t;
    for (int r = 0; x->instellingen_in && r <= x->top; r++) {
        free(x->instellingen_in[r].v);
        free(x->schools_in[r].v);
    }
    free(x->instellingen_in);
    free(x->schools_in);
    map_free(x->instellingen, NULL);
    map_free(x->opleidingen, NULL);
    map_free(x->schools, NULL);
    for (size_t i = 0; i < t->n_regions; i++)
        free(t->regions[i].name);
    for (size_t i = 0; i < t->n_instellingen; i++) {
        free(t->instellingen[i].code);
        free(t->instellingen[i].name);
    }
    for (size_t i = 0; i < t->n_opleidingen; i++) {
        free(t->opleidingen[i].code);
        free(t->opleidingen[i].name);
    }
    for (size_t i = 0; i < t->n_schools; i++) {
        free(t->schools[i].code);
        free(t->schools[i].name);
        free(t->schools[i].kind);
    }
    free(t->regions);
    free(t->instellingen);
    free(t->opleidingen);
    free(t->schools);
    free(x);
}

const struct instelling *tables_instelling(const struct tables *t, const char *code)
{
    return map_get(((const struct indexed *)t)->instellingen, code);
}

const struct opleiding *tables_opleiding(const struct tables *t, const char *code)
{
    return map_get(((const struct indexed *)t)->opleidingen, code);
}

const struct school *tables_school(const struct tables *t, const char *code)
{
    return map_get(((const struct indexed *)t)->schools, code);
}

/* The n-th of a region's list, wrapping; NULL for a region that does not exist. */
static const void *nth_in(const struct indexed *x, const struct list *in, int region,
                          size_t n)
{
    if (region < 0 || region > x->top || in[region].n == 0)
        return NULL;
    return in[region].v[n % in[region].n];
}

const struct instelling *tables_instelling_in(const struct tables *t, int region,
                                              size_t n)
{
    const struct indexed *x = (const struct indexed *)t;
    return nth_in(x, x->instellingen_in, region, n);
}

const struct school *tables_school_in(const struct tables *t, int region, size_t n)
{
    const struct indexed *x = (const struct indexed *)t;
    return nth_in(x, x->schools_in, region, n);
}
