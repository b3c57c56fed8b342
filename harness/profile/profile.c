/*
 * Loading a profile: its file against fixtures/schemas/profile.json, then every canonical
 * name against the model, then the schemas it names. What is missing is refused by name.
 */
#include "harness/profile/profile_data.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"

/* ---- the file ---- */

/* Refuses the file for its first schema fault, with line and column. */
static int refuse_fault(const char *path, const json_t *faults, struct err *e)
{
    const json_t *f = json_array_get(faults, 0);
    const char *pointer = json_string_value(json_object_get(f, "pointer"));
    const char *text = json_string_value(json_object_get(f, "text"));
    char *source = NULL;
    size_t n = 0;
    int line = 0, column = 0;
    if (file_read(path, MAX_BODY, &source, &n, NULL) == 0) {
        struct json_places *places = json_places_new(source, n);
        json_places_find(places, pointer ? pointer : "", &line, &column);
        json_places_free(places);
    }
    free(source);
    err_set(e, E_INVALID, "the profile breaks its schema: %s", text ? text : "invalid");
    err_at(e, path, line, column, pointer);
    return E_INVALID;
}

/* The schema of profile files: in `dir`, or our own where a folder of tests has none. */
static int load_meta(const char *dir, struct schema **out, struct err *e)
{
    char *path = xasprintf("%s/schemas/profile.json", dir);
    if (access(path, R_OK) != 0) {
        free(path);
        path = xasprintf("%s/schemas/profile.json", profile_dir());
    }
    int r = schema_load(path, out, e);
    free(path);
    return r;
}

static int load_file(const char *dir, const char *path, json_t **out, struct err *e)
{
    struct schema *meta = NULL;
    json_t *data = NULL, *faults = json_array();
    int r = load_meta(dir, &meta, e);
    if (r == 0)
        r = file_read_json(path, &data, e);
    if (r == 0 && !schema_valid(meta, data, faults, 1))
        r = refuse_fault(path, faults, e);
    if (r == 0)
        *out = json_incref(data);
    json_decref(data);
    json_decref(faults);
    schema_free(meta);
    return r;
}

static const char *text_of(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

/* ---- codes ---- */

static void codes_done(struct codes *c)
{
    for (size_t i = 0; i < c->n; i++) {
        free(c->v[i].canonical);
        free(c->v[i].wire);
    }
    free(c->v);
    *c = (struct codes){0};
}

static void codes_fill(struct codes *c, const json_t *table)
{
    const char *key;
    json_t *v;
    c->v = xcalloc(json_object_size(table) + 1, sizeof *c->v);
    json_object_foreach ((json_t *)(uintptr_t)table, key, v) {
        c->v[c->n].canonical = xstrdup(key);
        c->v[c->n++].wire = xstrdup(json_string_value(v));
    }
}

static int check_codes(const struct model_codes *m, const json_t *table, struct err *e)
{
    const char *key;
    json_t *v;
    size_t n = 0;
    for (; m->values[n]; n++)
        if (!json_object_get(table, m->values[n]))
            return err_set(e, E_INVALID, "code table '%s' does not map the code '%s'",
                           m->name, m->values[n]);
    json_object_foreach ((json_t *)(uintptr_t)table, key, v) {
        bool known = false;
        const char *other;
        json_t *w;
        for (size_t i = 0; i < n; i++)
            known = known || !strcmp(m->values[i], key);
        if (!known)
            return err_set(e, E_INVALID, "code table '%s' maps '%s', which is no code",
                           m->name, key);
        json_object_foreach ((json_t *)(uintptr_t)table, other, w)
            if (strcmp(other, key) && !strcmp(json_string_value(v), json_string_value(w)))
                return err_set(e, E_INVALID, "code table '%s' writes '%s' and '%s' alike",
                               m->name, key, other);
    }
    return 0;
}

static int load_codes(struct profile *p, struct err *e)
{
    const json_t *all = json_object_get(p->data, "codes");
    p->codes = xcalloc(profile_model_codes_n, sizeof *p->codes);
    for (size_t i = 0; i < profile_model_codes_n; i++) {
        const struct model_codes *m = &profile_model_codes[i];
        const json_t *table = json_object_get(all, m->name);
        if (!table)
            return err_set(e, E_INVALID, "the code table '%s' is missing", m->name);
        int r = check_codes(m, table, e);
        if (r != 0)
            return r;
        p->codes[i].name = m->name;
        codes_fill(&p->codes[i], table);
    }
    codes_fill(&p->reden, json_object_get(all, "reden"));
    for (enum status s = STATUS_NONE + 1; s < STATUS_COUNT; s++) {
        struct buf b;
        buf_init(&b, 1000);
        const char *wire = code_wire(&p->codes[0], status_name(s));
        buf_add_json(&b, wire, strlen(wire));
        p->status_wire[s] = buf_take(&b, &p->status_wire_n[s]);
    }
    return 0;
}

/* ---- messages ---- */

static const struct codes *codes_of(const struct profile *p, const char *name)
{
    for (size_t i = 0; i < profile_model_codes_n; i++)
        if (!strcmp(profile_model_codes[i].name, name))
            return &p->codes[i];
    return NULL;
}

/* Splits "gegevens/lijst" into its keys. */
static int split_path(const char *path, struct mapped *f, struct err *e)
{
    const char *at = path;
    while (*at) {
        size_t n = strcspn(at, "/");
        if (!n || (at[n] && !at[n + 1]))
            return err_set(e, E_INVALID, "'%s' is no path of keys", path);
        f->at = xrealloc(f->at, (f->depth + 1) * sizeof *f->at);
        f->at[f->depth++] = xstrndup(at, n);
        at += n + (at[n] == '/');
    }
    return 0;
}

static int load_field(struct profile *p, const struct shape *s, struct mapped *f,
                      const json_t *table, struct err *e)
{
    const char *message = s->model->name;
    const char *path = text_of(table, f->field->name);
    if (!path)
        return err_set(e, E_INVALID, "message '%s' does not map the field '%s'", message,
                       f->field->name);
    if (!*path && f->field->kind != KIND_OBJECT)
        return err_set(e, E_INVALID, "message '%s' gives the field '%s' no place",
                       message, f->field->name);
    int r = split_path(path, f, e);
    if (f->field->kind == KIND_CODE)
        f->codes = codes_of(p, f->field->of);
    else if (f->field->of)
        f->of = shape_of(p, f->field->of);
    return r;
}

/* Fields that the model does not know, and two fields at one place. */
static int check_message(const struct shape *s, const json_t *table, struct err *e)
{
    const char *key, *other, *names[32];
    json_t *v, *w;
    size_t n = 0;
    for (; n < s->n && n < ARRAY_LEN(names); n++)
        names[n] = s->v[n].field->name;
    json_object_foreach ((json_t *)(uintptr_t)table, key, v) {
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known = known || !strcmp(names[i], key);
        if (!known) {
            const char *near = word_nearest(key, names, n);
            return err_set(e, E_INVALID, "message '%s' maps '%s', which is no field%s%s",
                           s->model->name, key, near ? "; did you mean " : "",
                           near ? near : "");
        }
        json_object_foreach ((json_t *)(uintptr_t)table, other, w)
            if (strcmp(other, key) && *json_string_value(v) &&
                !strcmp(json_string_value(v), json_string_value(w)))
                return err_set(e, E_INVALID,
                               "message '%s' puts '%s' and '%s' at one place",
                               s->model->name, key, other);
    }
    return 0;
}

static int load_messages(struct profile *p, struct err *e)
{
    const json_t *all = json_object_get(p->data, "messages");
    p->shapes = xcalloc(profile_models_n, sizeof *p->shapes);
    for (size_t i = 0; i < profile_models_n; i++)
        p->shapes[i].model = &profile_models[i];
    for (size_t i = 0; i < profile_models_n; i++) {
        struct shape *s = &p->shapes[i];
        const json_t *table = json_object_get(all, s->model->name);
        if (!table)
            return err_set(e, E_INVALID, "the message '%s' is missing", s->model->name);
        s->v = xcalloc(s->model->n, sizeof *s->v);
        s->n = s->model->n;
        for (size_t k = 0; k < s->n; k++) {
            s->v[k].field = &s->model->fields[k];
            int r = load_field(p, s, &s->v[k], table, e);
            if (r != 0)
                return r;
        }
        int r = check_message(s, table, e);
        if (r != 0)
            return r;
    }
    return 0;
}

/* ---- operations ---- */

static void add_fields(struct http_fields *f, const json_t *list)
{
    size_t i;
    json_t *v;
    json_array_foreach (list, i, v)
        http_fields_set(f, json_string_value(json_array_get(v, 0)),
                        json_string_value(json_array_get(v, 1)));
}

static int load_schema(const struct profile *p, const char *file, struct schema **out,
                       struct err *e)
{
    char *path = xasprintf("%s/%s", p->schemas_dir, file);
    int r = schema_load(path, out, e);
    free(path);
    return r;
}

/* "/v1/abonnementen/{abonnementId}" is kept up to its brace. */
static void load_path(struct operation *o, const char *path)
{
    o->path_n = path ? strcspn(path, "{") : 0;
    o->with_id = path && path[o->path_n];
    o->path = path ? xstrndup(path, o->path_n) : NULL;
}

/* What is absent that this operation must have. */
static int check_operation(const struct operation *o, const json_t *d,
                           const struct model_op *m, struct err *e)
{
    if (!o->path != m->outgoing)
        return err_set(e, E_INVALID, "operation '%s' must have %s path", o->name,
                       m->outgoing ? "no" : "a");
    if (o->with_id != (strcmp(m->name, "notificaties.opzeggen") == 0))
        return err_set(e, E_INVALID, "operation '%s' must have %s id in its path",
                       o->name, o->with_id ? "no" : "an");
    if (!text_of(d, "response") && o->status != 204 && !m->outgoing)
        return err_set(e, E_INVALID, "operation '%s' names no response", o->name);
    return 0;
}

static int load_operation(struct profile *p, struct operation *o, const json_t *d,
                          const struct model_op *m, struct err *e)
{
    const char *body = text_of(d, "body"), *request = text_of(d, "request");
    const char *media = text_of(d, "media"), *response = text_of(d, "response");
    o->name = m->name;
    o->method = xstrdup(text_of(d, "method"));
    load_path(o, text_of(d, "path"));
    o->media = xstrdup(media ? media : p->media);
    o->scope = xstrdup(text_of(d, "scope"));
    o->body = !body ? BODY_NONE : !strcmp(body, "form") ? BODY_FORM : BODY_JSON;
    o->request = shape_of(p, m->request);
    o->response = shape_of(p, m->response);
    o->status = (int)json_integer_value(json_object_get(d, "status"));
    o->limit = (size_t)json_integer_value(json_object_get(d, "limit"));
    http_fields_copy(&o->fields, &p->general);
    add_fields(&o->fields, json_object_get(d, "fields"));
    if (response)
        http_fields_set(&o->fields, "Content-Type", p->media);
    if (o->body != BODY_NONE && (!request || !o->limit))
        return err_set(e, E_INVALID, "operation '%s' has a body but no %s", o->name,
                       request ? "limit" : "request schema");
    if (m->request && o->body != BODY_JSON)
        return err_set(e, E_INVALID, "operation '%s' must have a JSON body", o->name);
    int r = check_operation(o, d, m, e);
    if (r == 0 && request)
        r = load_schema(p, request, &o->request_schema, e);
    return r || !response ? r : load_schema(p, response, &o->response_schema, e);
}

static int load_operations(struct profile *p, struct err *e)
{
    json_t *all = json_object_get(p->data, "operations");
    const char *key;
    json_t *v;
    json_object_foreach (all, key, v)
        if (op_by_name(key) == OP_NONE)
            return err_set(e, E_INVALID, "'%s' is no operation of the contract", key);
    for (enum op op = OP_NONE + 1; op < OP_COUNT; op++) {
        const json_t *d = json_object_get(all, op_name(op));
        if (!d && op == OP_TOKEN && p->auth == AUTH_API_KEY)
            continue;
        if (!d)
            return err_set(e, E_INVALID, "the operation '%s' is missing", op_name(op));
        int r = load_operation(p, &p->ops[op], d, &profile_model_ops[op], e);
        if (r != 0)
            return r;
        for (enum op q = OP_NONE + 1; q < op; q++)
            if (p->ops[q].path && p->ops[op].path &&
                !strcmp(p->ops[q].path, p->ops[op].path) &&
                !strcmp(p->ops[q].method, p->ops[op].method))
                return err_set(e, E_INVALID, "'%s' and '%s' have the same address",
                               op_name(q), op_name(op));
    }
    return 0;
}

/* ---- general, problems ---- */

static int load_pages(struct profile *p, const json_t *paging, struct err *e)
{
    const char *number = text_of(paging, "nummer");
    p->key_pagina = xstrdup(text_of(paging, "pagina"));
    if (!p->key_pagina || !number || !*number)
        return err_set(e, E_INVALID, "paging 'pages' does not map '%s'",
                       p->key_pagina ? "nummer" : "pagina");
    return split_path(number, &p->number, e);
}

static int load_general(struct profile *p, struct err *e)
{
    const json_t *d = p->data, *auth = json_object_get(d, "authentication");
    const json_t *paging = json_object_get(d, "paging");
    add_fields(&p->general, json_object_get(d, "fields"));
    add_fields(&p->over_tls, json_object_get(d, "fieldsOverTls"));
    p->request_id = xstrdup(text_of(d, "requestId"));
    p->media = xstrdup(text_of(json_object_get(d, "media"), "message"));
    p->media_problem = xstrdup(text_of(json_object_get(d, "media"), "problem"));
    http_fields_copy(&p->problem_fields, &p->general);
    http_fields_set(&p->problem_fields, "Content-Type", p->media_problem);
    p->realm = xstrdup(text_of(auth, "realm"));
    p->auth = strcmp(text_of(auth, "mode"), "api-key") ? AUTH_BEARER : AUTH_API_KEY;
    p->auth_field =
        xstrdup(p->auth == AUTH_BEARER ? "Authorization" : text_of(auth, "field"));
    if (!p->auth_field)
        return err_set(e, E_INVALID, "authentication 'api-key' names no header field");
    if (p->auth == AUTH_BEARER && !json_object_get(auth, "scopes"))
        return err_set(e, E_INVALID, "authentication 'bearer' names no scopes");
    p->paging = strcmp(text_of(paging, "mode"), "pages") ? PAGING_CURSOR : PAGING_PAGES;
    p->key_sinds = xstrdup(text_of(paging, "sinds"));
    p->key_limiet = xstrdup(text_of(paging, "limiet"));
    p->page_default = (int)json_integer_value(json_object_get(paging, "default"));
    p->page_max = (int)json_integer_value(json_object_get(paging, "maximum"));
    if (!p->key_sinds)
        return err_set(e, E_INVALID, "paging does not map the query key 'sinds'");
    return p->paging == PAGING_PAGES ? load_pages(p, paging, e) : 0;
}

/* The part of a problem document that never changes. */
static void make_head(struct problem_data *d, const char *prefix, const json_t *texts,
                      int status)
{
    struct buf b;
    const char *title = text_of(texts, "title"), *detail = text_of(texts, "detail");
    buf_init(&b, MAX_BODY);
    buf_adds(&b, "{\"type\":\"");
    buf_add_json(&b, prefix, strlen(prefix));
    buf_add_json(&b, d->code, strlen(d->code));
    buf_adds(&b, "\",\"title\":\"");
    buf_add_json(&b, title, strlen(title));
    buf_addf(&b, "\",\"status\":%d,\"detail\":\"", status);
    buf_add_json(&b, detail, strlen(detail));
    buf_adds(&b, "\"");
    d->head = buf_take(&b, &d->head_n);
}

static int load_problems(struct profile *p, struct err *e)
{
    const json_t *d = json_object_get(p->data, "problems");
    const json_t *list = json_object_get(d, "list");
    p->type_prefix = xstrdup(text_of(d, "type"));
    p->problem = shape_of(p, "problem");
    p->fout = shape_of(p, "fout");
    for (enum problem i = PROBLEM_NONE + 1; i < PROBLEM_COUNT; i++) {
        const struct model_problem *m = &profile_model_problems[i];
        const json_t *texts = json_object_get(list, m->name);
        if (!texts)
            return err_set(e, E_INVALID, "the problem '%s' is missing", m->name);
        p->problems[i].code = xstrdup(text_of(texts, "code"));
        make_head(&p->problems[i], p->type_prefix, texts, m->status);
    }
    for (size_t i = 0; i < p->problem->n + p->fout->n; i++) {
        const struct mapped *f =
            i < p->problem->n ? &p->problem->v[i] : &p->fout->v[i - p->problem->n];
        if (f->depth != 1) /* RFC 9457 section 3.2: extension members, not paths */
            return err_set(e, E_INVALID, "a problem's field '%s' must be one key",
                           f->field->name);
    }
    return load_schema(p, text_of(d, "schema"), &p->problem_schema, e);
}

/* ---- the whole ---- */

/* In the order in which they need each other. */
static int (*const parts[])(struct profile *p, struct err *e) = {
    load_general,    load_codes, load_messages, load_problems,
    load_operations, page_plan,  openapi_make};

int profile_load(const char *dir, const char *name, struct profile **out, struct err *e)
{
    if (!*name || strchr(name, '/') || name[0] == '.')
        return err_set(e, E_INVALID, "'%s' is no name of a profile", name);
    struct profile *p = xcalloc(1, sizeof *p);
    char *path = xasprintf("%s/profiles/%s.json", dir, name);
    p->name = xstrdup(name);
    int r = load_file(dir, path, &p->data, e);
    if (r == 0 && strcmp(text_of(p->data, "profile"), name))
        r = err_set(e, E_INVALID, "the profile calls itself '%s'",
                    text_of(p->data, "profile"));
    if (r == 0)
        p->schemas_dir = xasprintf("%s/schemas/%s", dir, text_of(p->data, "schemas"));
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(parts); i++)
        r = parts[i](p, e);
    if (r == 0) {
        *out = p;
    } else {
        err_at(e, path, 0, 0, NULL);
        profile_free(p);
    }
    free(path);
    return r;
}

static void operation_done(struct operation *o)
{
    free(o->method);
    free(o->path);
    free(o->scope);
    free(o->media);
    free(o->document);
    schema_free(o->request_schema);
    schema_free(o->response_schema);
    http_fields_done(&o->fields);
}

static void mapped_done(struct mapped *f)
{
    for (size_t d = 0; d < f->depth; d++)
        free(f->at[d]);
    free(f->at);
}

static void shapes_free(struct profile *p)
{
    for (size_t i = 0; p->shapes && i < profile_models_n; i++) {
        for (size_t k = 0; k < p->shapes[i].n; k++)
            mapped_done(&p->shapes[i].v[k]);
        free(p->shapes[i].v);
    }
    free(p->shapes);
}

void profile_free(struct profile *p)
{
    if (!p)
        return;
    page_plan_free(p);
    for (enum op op = 0; op < OP_COUNT; op++)
        operation_done(&p->ops[op]);
    shapes_free(p);
    for (size_t i = 0; p->codes && i < profile_model_codes_n; i++)
        codes_done(&p->codes[i]);
    free(p->codes);
    codes_done(&p->reden);
    for (size_t i = 0; i < STATUS_COUNT; i++)
        free(p->status_wire[i]);
    for (size_t i = 0; i < PROBLEM_COUNT; i++) {
        free(p->problems[i].code);
        free(p->problems[i].head);
    }
    schema_free(p->problem_schema);
    http_fields_done(&p->general);
    http_fields_done(&p->over_tls);
    http_fields_done(&p->problem_fields);
    mapped_done(&p->number);
    char *texts[] = {p->key_pagina, p->name,          p->schemas_dir, p->request_id,
                     p->media,      p->media_problem, p->realm,       p->type_prefix,
                     p->auth_field, p->key_sinds,     p->key_limiet};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    json_decref(p->openapi);
    json_decref(p->data);
    free(p);
}

const char *profile_name(const struct profile *p)
{
    return p->name;
}

const json_t *profile_openapi(const struct profile *p)
{
    return p->openapi;
}

int profile_list(const char *dir, char ***names, struct err *e)
{
    size_t n = 0, kept = 0;
    char **all = NULL, *path = xasprintf("%s/profiles", dir);
    int r = file_list(path, &all, &n, e);
    free(path);
    if (r != 0)
        return r;
    all = xrealloc(all, (n + 1) * sizeof *all);
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(all[i]);
        if (len > 5 && !strcmp(all[i] + len - 5, ".json")) {
            all[i][len - 5] = '\0';
            all[kept++] = all[i];
        } else {
            free(all[i]);
        }
    }
    all[kept] = NULL;
    *names = all;
    return 0;
}
