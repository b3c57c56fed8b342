/* What a bundle holds, and the statement about it. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/bundle.h"
#include "harness/cli/privacy.h"
#include "harness/wire/journal.h"

#define STATEMENT "https://in-toto.io/Statement/v1"
#define PREDICATE "https://in-toto.io/attestation/test-result/v0.1"

/* ---- its files ---- */

static struct bundle_item *item(struct bundle *b, char *name)
{
    if (b->n == b->cap) {
        b->cap = b->cap ? 2 * b->cap : 64;
        b->v = xrealloc(b->v, b->cap * sizeof *b->v);
    }
    b->v[b->n] = (struct bundle_item){.name = name};
    return &b->v[b->n++];
}

static int add_file(struct bundle *b, char *name, char *path, bool data, struct err *e)
{
    struct bundle_item *i = item(b, name);
    i->path = path;
    i->data = data;
    return digest_file(path, i->digest, NULL, e);
}

static int add_reports(struct bundle *b, const struct verifying *v, struct err *e)
{
    int rc = add_file(b, xstrdup("journal.jsonl"), xstrdup(v->journal), false, e);
    for (struct map_item *i = map_first(v->ours); i && !rc; i = map_next(i))
        if ((uintptr_t)map_value(i) == VERIFY_SAME)
            rc = add_file(b, xstrdup(map_key(i)),
                          xasprintf("%s/%s", v->folder, map_key(i)), false, e);
    return rc;
}

static int add_data(struct bundle *b, const struct verifying *v, const char *data,
                    struct err *e)
{
    char **files = NULL;
    size_t n = 0;
    int rc = cli_data_files(data, json_text(v->result, "profile"), &files, &n, e);
    for (size_t i = 0; i < n; i++) {
        if (!rc)
            rc = add_file(b, xasprintf("inputs/%s", files[i]),
                          xasprintf("%s/%s", data, files[i]), true, e);
        free(files[i]);
    }
    free(files);
    return rc;
}

/* The scenarios as the journal holds them. */
static int add_scenarios(void *arg, json_t *event)
{
    struct bundle *b = arg;
    const char *kind = json_text(event, "kind");
    const json_t *planned = json_object_get(event, "planned");
    for (size_t i = 0; !strcmp(kind, "run") && i < json_array_size(planned); i++) {
        const json_t *p = json_array_get(planned, i);
        const char *name = json_text(p, "scenario");
        char *dump = json_dumps(json_object_get(p, "text"), JSON_INDENT(1));
        if (name && dump) {
            struct bundle_item *s = item(b, xasprintf("inputs/scenarios/%s.json", name));
            s->text = xasprintf("%s\n", dump);
            s->n = strlen(s->text);
            digest_hex(s->text, s->n, s->digest);
        }
        free(dump);
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const struct bundle_item *one = a, *other = b;
    return strcmp(one->name, other->name);
}

int bundle_gather(struct bundle *b, const struct verifying *v, const char *data,
                  struct err *e)
{
    int rc = add_reports(b, v, e);
    if (!rc)
        rc = add_data(b, v, data, e);
    if (!rc)
        rc = journal_read(v->journal, add_scenarios, b, NULL, e);
    if (!rc && b->n)
        qsort(b->v, b->n, sizeof *b->v, by_name);
    for (size_t i = 1; i < b->n && !rc; i++)
        if (!strcmp(b->v[i - 1].name, b->v[i].name))
            rc = err_set(e, E_INVALID, "the journal plans %s twice", b->v[i].name);
    return rc;
}

void bundle_done(struct bundle *b)
{
    for (size_t i = 0; i < b->n; i++) {
        free(b->v[i].name);
        free(b->v[i].path);
        free(b->v[i].text);
    }
    free(b->v);
}

int bundle_private(const struct bundle *b, const struct verifying *v, struct err *e)
{
    struct privacy *p = NULL;
    int rc = privacy_open(v->journal, v->result, &p, e);
    for (size_t i = 0; i < b->n && !rc; i++)
        if (b->v[i].path && !b->v[i].data)
            rc = privacy_check(p, b->v[i].path, b->v[i].name, e);
    privacy_free(p);
    return rc;
}

/* ---- the statement ---- */

static json_t *descriptor(const char *name, const char *digest)
{
    return json_pack("{ss,s{ss}}", "name", name, "digest", "sha256", digest);
}

/* What the journal is of: there is no other place in a statement for the system under
 * test, whose bytes nobody here has seen. */
static json_t *annotations(const json_t *result)
{
    static const char *const copied[] = {
        "koppelproef", "verdict", "exitCode", "profile", "seed", "planDigest", "started"};
    const json_t *list = json_object_get(result, "systems");
    json_t *o = json_object(), *systems = json_array();
    for (size_t i = 0; i < ARRAY_LEN(copied); i++)
        if (json_object_get(result, copied[i]))
            json_object_set(o, copied[i], json_object_get(result, copied[i]));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *s = json_array_get(list, i);
        json_array_append_new(
            systems, json_pack("{ss*,ss*,ss*}", "role", json_text(s, "role"), "name",
                               json_text(s, "name"), "version", json_text(s, "version")));
    }
    json_object_set_new(o, "systems", systems);
    return o;
}

static json_t *subjects(const struct bundle *b, const json_t *result)
{
    json_t *list = json_array();
    for (size_t i = 0; i < b->n; i++) {
        json_t *o = descriptor(b->v[i].name, b->v[i].digest);
        if (!strcmp(b->v[i].name, "journal.jsonl"))
            json_object_set_new(o, "annotations", annotations(result));
        json_array_append_new(list, o);
    }
    return list;
}

/* By what the run was made: as the journal says. */
static json_t *configuration(const json_t *result)
{
    json_t *list = json_array(), *value;
    json_t *digests = json_at(result, "/evidence/digests");
    const char *key, *role;
    json_t *of_role;
    json_object_foreach (digests, key, value) {
        if (json_is_string(value))
            json_array_append_new(list, descriptor(key, json_string_value(value)));
        json_object_foreach (value, role, of_role) {
            char *name = xasprintf("%s of the %s", key, role);
            if (json_is_string(of_role))
                json_array_append_new(list, descriptor(name, json_string_value(of_role)));
            free(name);
        }
    }
    return list;
}

static json_t *tests(const json_t *result, const char *const verdicts[])
{
    const json_t *list = json_object_get(result, "requirements");
    json_t *out = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        const char *verdict = json_text(r, "verdict");
        for (size_t k = 0; verdicts[k]; k++)
            if (verdict && !strcmp(verdict, verdicts[k]))
                json_array_append_new(out, json_string(json_text(r, "id")));
    }
    return out;
}

/* Only what is conform has passed; what was not observed has not. */
static const char *summary(const json_t *result, const json_t *warned)
{
    const char *verdict = json_text(result, "verdict");
    if (!strcmp(verdict, "conform") && !json_array_size(warned))
        return "PASSED";
    return !strncmp(verdict, "conform", strlen("conform")) ? "WARNED" : "FAILED";
}

json_t *bundle_statement(const struct bundle *b, const struct verifying *v)
{
    static const char *const passed[] = {"pass", NULL}, *const warned[] = {"warn", NULL},
                             *const failed[] = {"fail", "flaky", "error", NULL};
    json_t *warnings = tests(v->result, warned);
    return json_pack("{ss,so,ss,s{ss,so,so,so,so}}", "_type", STATEMENT, "subject",
                     subjects(b, v->result), "predicateType", PREDICATE, "predicate",
                     "result", summary(v->result, warnings), "configuration",
                     configuration(v->result), "passedTests", tests(v->result, passed),
                     "warnedTests", warnings, "failedTests", tests(v->result, failed));
}
