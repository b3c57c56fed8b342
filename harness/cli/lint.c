/* koppelproef lint: are scenarios, iut.json, profiles and requirements what they must be?
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "harness/profile/schema.h"

#define FILE_MAX ((size_t)64 << 20)

struct lint {
    struct tables *tables;
    struct requirements *requirements;
    struct map *names; /* of scenarios -> the file, owned */
    size_t files, faults;
    struct err *e; /* what keeps us from linting at all */
};

/* A file under inspection. */
struct subject {
    struct lint *l;
    const char *path;
    json_t *root;
    struct json_places *places;
};

static void fault_at(struct subject *s, const char *pointer, const char *text)
{
    int line = 1, column = 1;
    json_places_find(s->places, pointer, &line, &column);
    printf("%s:%d:%d: %s%s%s%s\n", s->path, line, column, text, *pointer ? " (at " : "",
           pointer, *pointer ? ")" : "");
    s->l->faults++;
}

/* A fault found by a reader of its own, which may know the place or only the pointer. */
static void fault_err(struct subject *s, const struct err *e)
{
    if (e->line > 0) {
        printf("%s:%d:%d: %s%s%s%s\n", e->file[0] ? e->file : s->path, e->line, e->column,
               e->text, e->pointer[0] ? " (at " : "", e->pointer,
               e->pointer[0] ? ")" : "");
        s->l->faults++;
    } else {
        fault_at(s, e->pointer, e->text);
    }
}

/* All faults against a schema of the fixtures; true when there are none. */
static bool against_schema(struct subject *s, const char *name)
{
    struct err e = {0};
    struct schema *schema = NULL;
    char *path = xasprintf("%s/schemas/%s", profile_dir(), name);
    json_t *faults = json_array();
    int rc = schema_load(path, &schema, &e);
    free(path);
    if (rc)
        fault_err(s, &e);
    else
        schema_valid(schema, s->root, faults, 0);
    size_t n = json_array_size(faults);
    for (size_t i = 0; i < n; i++) {
        const json_t *f = json_array_get(faults, i);
        fault_at(s, json_string_value(json_object_get(f, "pointer")),
                 json_string_value(json_object_get(f, "text")));
    }
    json_decref(faults);
    schema_free(schema);
    return !rc && !n;
}

/* ---- scenarios ---- */

static void check_id(struct subject *s, const char *role, const json_t *id,
                     const char *pointer)
{
    const char *word = json_string_value(id);
    if (!word)
        return;
    const struct requirement *q = requirements_find(s->l->requirements, word);
    size_t n = requirements_count(s->l->requirements);
    char text[300], near[120];
    if (!q) {
        const char **ids = xcalloc(n + 1, sizeof *ids);
        for (size_t i = 0; i < n; i++)
            ids[i] = requirements_at(s->l->requirements, i)->id;
        cli_suggestion(near, sizeof near, word, ids, n);
        free(ids);
        snprintf(text, sizeof text, "there is no requirement %s%s", word, near);
        fault_at(s, pointer, text);
    } else if (strcmp(role, "both") && strcmp(q->role, "keten") &&
               strcmp(q->role, role)) {
        snprintf(text, sizeof text,
                 "%s is asked of %s, which is not under test here (role %s)", word,
                 q->role, role);
        fault_at(s, pointer, text);
    }
}

static void add_index(struct buf *pointer, size_t i)
{
    char index[24];
    snprintf(index, sizeof index, "%zu", i);
    json_pointer_add(pointer, index);
}

static void cut_back(struct buf *b, size_t n)
{
    b->n = n;
    if (b->p)
        b->p[n] = 0;
}

/* Every "proves" anywhere in the file. */
static void check_proves(struct subject *s, const char *role, json_t *v,
                         struct buf *pointer)
{
    size_t n = pointer->n;
    const char *key;
    json_t *member;
    for (size_t i = 0; i < json_array_size(v); i++) {
        add_index(pointer, i);
        check_proves(s, role, json_array_get(v, i), pointer);
        cut_back(pointer, n);
    }
    json_object_foreach (v, key, member) {
        bool ids = !strcmp(key, "proves") && json_is_array(member);
        json_pointer_add(pointer, key);
        size_t inner = pointer->n;
        for (size_t i = 0; ids && i < json_array_size(member); i++) {
            add_index(pointer, i);
            check_id(s, role, json_array_get(member, i), pointer->p);
            cut_back(pointer, inner);
        }
        if (!ids)
            check_proves(s, role, member, pointer);
        cut_back(pointer, n);
    }
}

static void check_name(struct subject *s, const char *name)
{
    char text[400];
    const char *other = map_get(s->l->names, name);
    if (!other) {
        map_put(s->l->names, name, xstrdup(s->path));
    } else if (strcmp(other, s->path)) {
        snprintf(text, sizeof text, "the name \"%s\" is used by %s already", name, other);
        fault_at(s, "/scenario", text);
    }
}

static void lint_scenario(struct subject *s)
{
    struct err e = {0};
    struct scenario *scenario = NULL;
    struct buf pointer;
    if (!against_schema(s, "scenario.json"))
        return;
    if (scenario_load(s->path, s->l->tables, &scenario, &e))
        fault_err(s, &e);
    else
        scenario_free(scenario);
    check_name(s, json_string_value(json_object_get(s->root, "scenario")));
    buf_init(&pointer, 4096);
    buf_adds(&pointer, "");
    check_proves(s, json_string_value(json_object_get(s->root, "role")), s->root,
                 &pointer);
    buf_done(&pointer);
}

/* ---- the others ---- */

static void lint_requirements(struct subject *s)
{
    struct err e = {0};
    struct requirements *r = NULL;
    if (!against_schema(s, "requirements.json"))
        return;
    if (requirements_load(s->path, &r, &e))
        fault_err(s, &e);
    requirements_free(r);
}

/* DIR/profiles/NAME.json is loaded as NAME from DIR, with its schemas. */
static void lint_profile(struct subject *s)
{
    struct err e = {0};
    struct profile *p = NULL;
    if (!against_schema(s, "profile.json"))
        return;
    char *dir = file_beside(s->path, "..");
    const char *slash = strrchr(s->path, '/');
    char *name = xstrdup(slash ? slash + 1 : s->path);
    name[strlen(name) - strlen(".json")] = 0;
    if (profile_load(dir, name, &p, &e))
        fault_err(s, &e);
    profile_free(p);
    free(name);
    free(dir);
}

static void lint_iut(struct subject *s)
{
    struct err e = {0};
    struct iut *i = NULL;
    if (iut_load(s->path, &i, &e))
        fault_err(s, &e);
    iut_free(i);
}

/* By which key a file shows what it is; the first that fits. */
static const struct {
    const char *key;
    void (*lint)(struct subject *s);
} kinds[] = {
    {"scenario", lint_scenario},
    {"steps", lint_scenario},
    {"requirements", lint_requirements},
    {"operations", lint_profile},
    {"start", lint_iut},
    {"baseUrl", lint_iut},
    {"koppelpuntListen", lint_iut},
    {"capabilities", lint_iut},
    {"version", lint_iut},
    {"role", lint_iut},
};

/* In a folder there may be JSON that is none of our business; a file that is named is. */
static void lint_root(struct subject *s, bool told)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (json_object_get(s->root, kinds[i].key)) {
            kinds[i].lint(s);
            return;
        }
    }
    if (told)
        fault_at(s, "", "this is no scenario, iut.json, profile or list of requirements");
    else
        s->l->files--;
}

/* 0, or what keeps us from reading it. */
static int lint_file(struct lint *l, const char *path, bool told)
{
    struct err e = {0};
    struct subject s = {.l = l, .path = path};
    char *text = NULL;
    size_t n = 0;
    int rc = file_read(path, FILE_MAX, &text, &n, l->e);
    if (rc)
        return rc;
    l->files++;
    s.places = json_places_new(text, n);
    if (file_read_json(path, &s.root, &e))
        fault_err(&s, &e);
    else
        lint_root(&s, told);
    json_decref(s.root);
    json_places_free(s.places);
    free(text);
    return 0;
}

static int lint_path(struct lint *l, const char *path, bool told)
{
    struct stat st;
    size_t n = 0, length = strlen(path);
    char **names = NULL;
    if (stat(path, &st))
        return err_set(l->e, E_INVALID, "there is no file or folder %s", path);
    if (!S_ISDIR(st.st_mode)) {
        bool json = length > 5 && !strcmp(path + length - 5, ".json");
        return told || json ? lint_file(l, path, told) : 0;
    }
    int rc = file_list(path, &names, &n, l->e);
    for (size_t i = 0; i < n; i++) {
        char *below = xasprintf("%s/%s", path, names[i]);
        if (!rc)
            rc = lint_path(l, below, false);
        free(below);
        free(names[i]);
    }
    free(names);
    return rc;
}

/* All that is bundled. */
static int lint_bundled(struct lint *l)
{
    char *profiles = xasprintf("%s/profiles", profile_dir());
    char *requirements = xasprintf("%s/requirements.json", profile_dir());
    int rc = lint_path(l, requirements, true);
    if (!rc)
        rc = lint_path(l, profiles, true);
    if (!rc)
        rc = lint_path(l, profile_scenarios_dir(), true);
    free(profiles);
    free(requirements);
    return rc;
}

int cmd_lint(const struct cli_args *a)
{
    struct err e = {0};
    struct lint l = {.names = map_new(), .e = &e};
    int rc = cli_load_tables(&l.tables, &e);
    if (!rc)
        rc = cli_load_requirements(&l.requirements, &e);
    for (size_t i = 0; i < a->n_operands && !rc; i++) {
        char *path = cli_path(a->operand[i]);
        rc = lint_path(&l, path, true);
        free(path);
    }
    if (!a->n_operands && !rc)
        rc = lint_bundled(&l);
    tables_free(l.tables);
    requirements_free(l.requirements);
    map_free(l.names, free);
    if (rc)
        return cli_fail(&e);
    if (!l.files) {
        cli_say("nothing to check: there is no .json file there");
        return EXIT_USAGE;
    }
    printf("%zu file%s, %zu fault%s\n", l.files, l.files == 1 ? "" : "s", l.faults,
           l.faults == 1 ? "" : "s");
    return l.faults ? EXIT_USAGE : EXIT_CONFORM;
}
