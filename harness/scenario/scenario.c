#include "harness/scenario/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/buf.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "harness/profile/schema.h"
#include "harness/scenario/verbs.h"

/* The outer form (fixtures/schemas/scenario.json); the steps are checked by their verbs.
 */
static int check_form(const json_t *root, struct buf *pointer, struct err *e)
{
    char *path = xasprintf("%s/schemas/scenario.json", profile_dir());
    struct schema *schema = NULL;
    int rc = schema_load(path, &schema, e);
    free(path);
    if (rc)
        return rc;
    json_t *faults = json_array();
    if (!schema_valid(schema, root, faults, 1)) {
        const json_t *f = json_array_get(faults, 0);
        buf_adds(pointer, json_string_value(json_object_get(f, "pointer")));
        rc = err_set(e, E_INVALID, "%s", json_string_value(json_object_get(f, "text")));
    }
    json_decref(faults);
    schema_free(schema);
    return rc;
}

static int bad_name(struct buf *pointer, const char *at, const char *name, struct err *e,
                    const char *what)
{
    buf_adds(pointer, at);
    json_pointer_add(pointer, name);
    return err_set(e, E_INVALID, "%s", what);
}

/* The pupils that applications name must exist, and codes must be in the tables. */
static int check_persons(const json_t *given, const json_t *also, const char *at,
                         const struct tables *tables, struct buf *pointer, struct err *e)
{
    const char *name;
    json_t *v;
    char text[200];
    json_object_foreach (json_object_get(given, "pupils"), name, v) {
        const char *school = json_string_value(json_object_get(v, "school"));
        if (school && strcmp(school, "own") && !tables_school(tables, school)) {
            snprintf(text, sizeof text, "school %s is not in fixtures/schools.json",
                     school);
            buf_adds(pointer, at);
            buf_adds(pointer, "/pupils");
            return bad_name(pointer, "", name, e, text);
        }
    }
    json_object_foreach (json_object_get(given, "applications"), name, v) {
        const char *pupil = json_string_value(json_object_get(v, "pupil"));
        const char *inst = json_string_value(json_object_get(v, "instelling"));
        const char *opl = json_string_value(json_object_get(v, "opleiding"));
        const char *fault = NULL;
        if (!pupil || (!json_object_get(json_object_get(given, "pupils"), pupil) &&
                       !json_object_get(json_object_get(also, "pupils"), pupil))) {
            snprintf(text, sizeof text, "there is no pupil \"%s\"", pupil ? pupil : "");
            fault = text;
        } else if (inst && strcmp(inst, "own") && strcmp(inst, "other") &&
                   !tables_instelling(tables, inst)) {
            snprintf(text, sizeof text,
                     "instelling %s is not in fixtures/instellingen.json", inst);
            fault = text;
        } else if (opl && !tables_opleiding(tables, opl)) {
            snprintf(text, sizeof text,
                     "opleiding %s is not in fixtures/opleidingen.json", opl);
            fault = text;
        }
        if (fault) {
            buf_adds(pointer, at);
            buf_adds(pointer, "/applications");
            return bad_name(pointer, "", name, e, fault);
        }
    }
    return 0;
}

static int check_all(struct scenario *s, const struct tables *tables, struct buf *pointer,
                     struct err *e)
{
    int rc = check_form(s->root, pointer, e);
    if (rc)
        return rc;
    const json_t *per = json_object_get(s->given, "per region");
    rc = check_persons(s->given, per, "/given", tables, pointer, e);
    if (!rc)
        rc = check_persons(per, s->given, "/given/per region", tables, pointer, e);
    if (rc)
        return rc;
    struct checking c = {.given = s->given, .tables = tables, .pointer = pointer, .e = e};
    buf_adds(pointer, "/steps");
    return check_steps(&c, s->steps);
}

static char *family_of(const char *path)
{
    const char *end = strrchr(path, '/');
    const char *begin = end;
    while (begin && begin > path && begin[-1] != '/')
        begin--;
    return begin && begin < end ? xstrndup(begin, (size_t)(end - begin)) : xstrdup("");
}

/* Takes the root. */
static struct scenario *scenario_new(json_t *root, const char *file, const char *family)
{
    struct scenario *s = xcalloc(1, sizeof *s);
    const json_t *drawn = json_object_get(root, "drawn");
    const char *as = json_text(drawn, "as");
    const json_t *seed = json_object_get(drawn, "seed");
    s->file = xstrdup(file);
    s->family = xstrdup(family);
    s->root = root;
    s->name = xstrdup(json_text(root, "scenario"));
    s->role = json_text(root, "role");
    s->title = json_object_get(root, "title");
    s->proves = json_object_get(root, "proves");
    s->needs = json_object_get(root, "needs");
    s->given = json_object_get(root, "given");
    s->steps = json_object_get(root, "steps");
    s->drawn_as = as ? as : s->name;
    s->own_seed = json_is_integer(seed);
    s->seed = (uint64_t)json_integer_value(seed);
    return s;
}

/* Takes the root. The error has its pointer. */
static int make(json_t *root, const char *file, const char *family,
                const struct tables *tables, struct scenario **out, struct err *e)
{
    struct scenario *s = scenario_new(root, file, family);
    struct buf pointer;
    buf_init(&pointer, 1000);
    int rc = check_all(s, tables, &pointer, e);
    if (rc) {
        err_at(e, NULL, 0, 0, pointer.p ? pointer.p : "");
        scenario_free(s);
    } else {
        *out = s;
    }
    buf_done(&pointer);
    return rc;
}

int scenario_from(const json_t *root, const char *file, const char *family,
                  const struct tables *tables, struct scenario **out, struct err *e)
{
    int rc = make(json_deep_copy(root), file, family, tables, out, e);
    if (rc)
        err_at(e, file, 0, 0, NULL);
    return rc;
}

int scenario_load(const char *path, const struct tables *tables, struct scenario **out,
                  struct err *e)
{
    char *text = NULL;
    size_t n = 0;
    json_t *root = NULL;
    struct err fault = {0};
    int rc = file_read(path, 4u << 20, &text, &n, e);
    if (!rc)
        rc = file_read_json(path, &root, e);
    if (rc) {
        free(text);
        return E_INVALID;
    }
    char *family = family_of(path);
    rc = make(root, path, family, tables, out, &fault);
    if (rc) {
        struct json_places *places = json_places_new(text, n);
        int line = 0, column = 0;
        json_places_find(places, fault.pointer, &line, &column);
        err_set(e, rc, "%s", fault.text);
        err_at(e, *fault.file ? fault.file : NULL, fault.line, fault.column, NULL);
        err_at(e, path, line, column, fault.pointer);
        json_places_free(places);
    }
    free(family);
    free(text);
    return rc;
}

void scenario_free(struct scenario *s)
{
    if (!s)
        return;
    free(s->file);
    free(s->name);
    free(s->family);
    json_decref(s->root);
    free(s);
}

uint64_t scenario_seed(const struct scenario *s, uint64_t run_seed)
{
    return s->own_seed ? s->seed : run_seed;
}

bool scenario_limit_crowd(struct scenario *s, size_t most)
{
    json_t *crowd = json_object_get(s->given, "crowd");
    json_t *full = json_object_get(crowd, "aanmeldingen");
    if (!crowd || json_integer_value(full) <= (json_int_t)most)
        return false;
    if (!json_object_get(crowd, "of"))
        json_object_set(crowd, "of", full);
    json_object_set_new(crowd, "aanmeldingen", json_integer((json_int_t)most));
    return true;
}

void scenario_digest(const struct scenario *s, char out[65])
{
    char *text = json_dumps(s->root, JSON_COMPACT | JSON_SORT_KEYS);
    digest_hex(text, strlen(text), out);
    free(text);
}

bool scenario_for(const struct scenario *s, const char *role)
{
    return !strcmp(s->role, "both") || !strcmp(s->role, role);
}

bool scenario_needs(const struct scenario *s, const char *capability)
{
    for (size_t i = 0; i < json_array_size(s->needs); i++)
        if (!strcmp(json_string_value(json_array_get(s->needs, i)), capability))
            return true;
    return false;
}

bool scenario_proves(const struct scenario *s, const char *requirement)
{
    for (size_t i = 0; i < json_array_size(s->proves); i++)
        if (!strcmp(json_string_value(json_array_get(s->proves, i)), requirement))
            return true;
    return false;
}

static int add(const char *path, const struct tables *tables, struct scenarios *out,
               struct err *e)
{
    struct scenario *s;
    int rc = scenario_load(path, tables, &s, e);
    if (rc)
        return rc;
    for (size_t i = 0; i < out->n; i++) {
        if (strcmp(out->v[i]->name, s->name))
            continue;
        rc = err_set(e, E_INVALID, "the name \"%s\" is used by %s already", s->name,
                     out->v[i]->file);
        err_at(e, path, 0, 0, "/scenario");
        scenario_free(s);
        return rc;
    }
    out->v = xrealloc(out->v, (out->n + 1) * sizeof *out->v);
    out->v[out->n++] = s;
    return 0;
}

static int load(const char *path, const struct tables *tables, struct scenarios *out,
                struct err *e)
{
    struct stat st;
    if (stat(path, &st))
        return err_set(e, E_INVALID, "there is no scenario file or folder %s", path);
    if (!S_ISDIR(st.st_mode))
        return add(path, tables, out, e);
    char **names;
    size_t n;
    int rc = file_list(path, &names, &n, e);
    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++) {
        char *below = xasprintf("%s/%s", path, names[i]);
        size_t len = strlen(below);
        if (!rc && !stat(below, &st) &&
            (S_ISDIR(st.st_mode) || (len > 5 && !strcmp(below + len - 5, ".json"))))
            rc = load(below, tables, out, e);
        free(below);
        free(names[i]);
    }
    free(names);
    return rc;
}

int scenarios_load(const char *path, const struct tables *tables, struct scenarios *out,
                   struct err *e)
{
    return load(path, tables, out, e);
}

void scenarios_done(struct scenarios *s)
{
    for (size_t i = 0; i < s->n; i++)
        scenario_free(s->v[i]);
    free(s->v);
    s->v = NULL;
    s->n = 0;
}
