/* What a programme agreed to live with: the files of --waivers and --baseline; and what
 * it demands, by --require-reliability. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "harness/profile/schema.h"

#define WAIVERS_MAX  (1u << 20)
#define BASELINE_MAX (64u << 20)

/* ---- waivers ---- */

/* The first fault against the schema becomes the error. */
static int against_schema(const json_t *list, char *pointer, size_t n, struct err *e)
{
    struct schema *schema = NULL;
    char *path = xasprintf("%s/schemas/waivers.json", profile_dir());
    json_t *faults = json_array();
    int rc = schema_load(path, &schema, e);
    if (!rc && !schema_valid(schema, list, faults, 1)) {
        const json_t *f = json_array_get(faults, 0);
        snprintf(pointer, n, "%s", json_text(f, "pointer"));
        rc = err_set(e, E_INVALID, "%s", json_text(f, "text"));
    }
    schema_free(schema);
    json_decref(faults);
    free(path);
    return rc;
}

static int unknown_requirement(const char *id, const struct requirements *r,
                               struct err *e)
{
    size_t n = requirements_count(r);
    const char **ids = xcalloc(n + 1, sizeof *ids);
    char near[120];
    for (size_t i = 0; i < n; i++)
        ids[i] = requirements_at(r, i)->id;
    cli_suggestion(near, sizeof near, id, ids, n);
    free(ids);
    return err_set(e, E_INVALID, "there is no requirement \"%s\"%s", id, near);
}

/* What the schema can't say: the requirement exists, and has no two waivers for the same.
 */
static int by_meaning(const json_t *list, const struct requirements *r, char *pointer,
                      size_t n, struct err *e)
{
    struct map *seen = map_new();
    int rc = 0;
    for (size_t i = 0; i < json_array_size(list) && !rc; i++) {
        const json_t *o = json_array_get(list, i);
        const char *id = json_text(o, "requirement");
        const char *system = json_text(o, "system"), *scenario = json_text(o, "scenario");
        char *key =
            xasprintf("%s\n%s\n%s", id, system ? system : "", scenario ? scenario : "");
        snprintf(pointer, n, "/%zu/requirement", i);
        if (!requirements_find(r, id))
            rc = unknown_requirement(id, r, e);
        else if (map_put(seen, key, seen))
            rc = err_set(e, E_INVALID, "%s has a waiver already%s", id,
                         system || scenario ? " for the same system and scenario" : "");
        free(key);
    }
    map_free(seen, NULL);
    return rc;
}

static int load_waivers(const char *path, const struct requirements *r, json_t **out,
                        struct err *e)
{
    char *text = NULL, pointer[300] = "";
    size_t n = 0;
    json_t *list = NULL;
    int line = 0, column = 0, rc = file_read(path, WAIVERS_MAX, &text, &n, e);
    if (!rc)
        rc = file_read_json(path, &list, e);
    if (!rc) {
        rc = against_schema(list, pointer, sizeof pointer, e);
        if (!rc)
            rc = by_meaning(list, r, pointer, sizeof pointer, e);
        if (rc) {
            struct json_places *places = json_places_new(text, n);
            json_places_find(places, pointer, &line, &column);
            json_places_free(places);
            err_at(e, path, line, column, pointer);
        }
    }
    free(text);
    if (rc)
        json_decref(list);
    else
        *out = list;
    return rc;
}

/* ---- the baseline ---- */

static int load_baseline(const char *path, struct cli_exceptions *x, struct err *e)
{
    char *text = NULL;
    size_t n = 0;
    json_t *baseline = NULL;
    int rc = file_read(path, BASELINE_MAX, &text, &n, e);
    if (!rc)
        rc = file_read_json(path, &baseline, e);
    if (!rc)
        rc = baseline_check(baseline, e);
    if (!rc)
        digest_hex(text, n, x->digest);
    else
        err_at(e, path, 0, 0, NULL);
    free(text);
    if (rc)
        json_decref(baseline);
    else
        x->baseline = baseline;
    return rc;
}

/* ---- the reliability that is required ---- */

/* A share between 0 and 1, both left out: `end` is behind it. False: it is none. */
static bool share(const char *s, char **end, double *out)
{
    if (!(*s >= '0' && *s <= '9') && *s != '.')
        return false; /* no sign, no inf */
    *out = strtod(s, end);
    return strspn(s, "0123456789.") == (size_t)(*end - s) && *out > 0 && *out < 1;
}

static int read_reliability(const char *said, struct exceptions *x, struct err *e)
{
    char *end = NULL;
    bool ok = share(said, &end, &x->promised);
    x->confidence = 0.95;
    if (ok && *end == '@')
        ok = share(end + 1, &end, &x->confidence);
    if (ok && !*end)
        return 0;
    return err_set(
        e, E_INVALID,
        "--require-reliability must be a share of rounds and a confidence, both "
        "between 0 and 1, such as 0.99@0.95, not \"%s\"",
        said);
}

/* ---- those of the command line ---- */

static void make_view(struct cli_exceptions *x)
{
    x->view = (struct exceptions){
        .waivers = x->waivers, .baseline = x->baseline, .baseline_digest = x->digest};
}

int cli_load_exceptions(const struct cli_args *a, const struct requirements *r,
                        struct cli_exceptions *out, struct err *e)
{
    const char *waivers = cli_value(a, "waivers"), *baseline = cli_value(a, "baseline");
    const char *reliability = cli_value(a, "require-reliability");
    int rc = waivers ? load_waivers(waivers, r, &out->waivers, e) : 0;
    if (!rc && baseline)
        rc = load_baseline(baseline, out, e);
    make_view(out);
    if (!rc && reliability)
        rc = read_reliability(reliability, &out->view, e);
    return rc;
}

/* ---- those that a result names ---- */

static int waivers_of(const json_t *result, const struct requirements *r,
                      struct cli_exceptions *x, struct err *e)
{
    const json_t *named = json_object_get(result, "waivers");
    char pointer[300] = "";
    if (!named)
        return 0;
    json_t *list = json_deep_copy(named);
    for (size_t i = 0; i < json_array_size(list); i++)
        json_object_del(json_array_get(list, i), "state");
    int rc = against_schema(list, pointer, sizeof pointer, e);
    if (!rc)
        rc = by_meaning(list, r, pointer, sizeof pointer, e);
    if (rc)
        json_decref(list);
    else
        x->waivers = list;
    return rc;
}

static int baseline_of(const json_t *result, struct cli_exceptions *x, struct err *e)
{
    const json_t *named = json_object_get(result, "baseline");
    json_t *of = json_object_get(named, "of");
    const char *digest = json_text(named, "digest");
    int rc = named ? baseline_check(of, e) : 0;
    if (!rc && named) {
        x->baseline = json_incref(of);
        snprintf(x->digest, sizeof x->digest, "%s", digest ? digest : "");
    }
    return rc;
}

/* --require-reliability, as reliability.trials tells it. */
static int promise_of(const json_t *result, struct cli_exceptions *x, struct err *e)
{
    const json_t *trials = json_at(result, "/reliability/trials");
    double promised = json_number_value(json_object_get(trials, "promised"));
    double confidence = json_number_value(json_object_get(trials, "confidence"));
    if (promised <= 0) /* none */
        return 0;
    if (promised >= 1 || confidence <= 0 || confidence >= 1)
        return err_set(e, E_INVALID,
                       "the reliability that was required is no share between 0 and 1");
    x->view.promised = promised;
    x->view.confidence = confidence;
    return 0;
}

int cli_exceptions_of(const json_t *result, const struct requirements *r,
                      struct cli_exceptions *out, struct err *e)
{
    int rc = waivers_of(result, r, out, e);
    if (!rc)
        rc = baseline_of(result, out, e);
    make_view(out);
    return rc ? rc : promise_of(result, out, e);
}

/* ---- all ---- */

void cli_exceptions_done(struct cli_exceptions *x)
{
    json_decref(x->waivers);
    json_decref(x->baseline);
}
