/* By what a run is made and judged: digests over the binary and its data. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"

static const char *const tables[] = {"instellingen.json", "opleidingen.json",
                                     "regions.json", "schools.json"};

/* Adds the line that sha256sum prints for a file below the fixtures. */
static int add_line(const char *dir, struct buf *lines, const char *name, struct err *e)
{
    char digest[65];
    char *path = xasprintf("%s/%s", dir, name);
    int rc = digest_file(path, digest, NULL, e);
    if (!rc)
        buf_addf(lines, "%s  %s\n", digest, name);
    free(path);
    return rc;
}

static int of_tables(const char *dir, struct buf *lines, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(tables) && !rc; i++)
        rc = add_line(dir, lines, tables[i], e);
    return rc;
}

static bool is_json(const char *name)
{
    size_t n = strlen(name);
    return n > 5 && !strcmp(name + n - 5, ".json");
}

/* The profile's own file and every schema in its folder. */
static int profile_files(const char *dir, const char *profile, char ***out, size_t *n,
                         struct err *e)
{
    char **names = NULL, **files = NULL;
    size_t count = 0, k = 0;
    json_t *data = NULL;
    char *path = xasprintf("%s/profiles/%s.json", dir, profile);
    int rc = file_read_json(path, &data, e);
    const char *schemas = json_text(data, "schemas");
    char *folder = xasprintf("%s/schemas/%s", dir, schemas ? schemas : profile);
    if (!rc)
        rc = file_list(folder, &names, &count, e);
    if (!rc) {
        files = xcalloc(count + 1, sizeof *files);
        files[k++] = xasprintf("profiles/%s.json", profile);
        for (size_t i = 0; i < count; i++)
            if (is_json(names[i]))
                files[k++] =
                    xasprintf("schemas/%s/%s", schemas ? schemas : profile, names[i]);
        *out = files;
        *n = k;
    }
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    free(folder);
    free(path);
    json_decref(data);
    return rc;
}

static int of_profile(const char *dir, const char *profile, struct buf *lines,
                      struct err *e)
{
    char **files = NULL;
    size_t n = 0;
    int rc = profile_files(dir, profile, &files, &n, e);
    for (size_t i = 0; i < n; i++) {
        if (!rc)
            rc = add_line(dir, lines, files[i], e);
        free(files[i]);
    }
    free(files);
    return rc;
}

static void set(json_t *o, const char *name, const char *digest)
{
    json_object_set_new(o, name, json_string(digest));
}

/* All but the binary's. */
static int of_data(const char *dir, const char *profile, json_t *o, struct err *e)
{
    char digest[65] = "";
    struct buf lines;
    char *path = xasprintf("%s/requirements.json", dir);
    buf_init(&lines, SIZE_MAX);
    int rc = of_profile(dir, profile, &lines, e);
    digest_hex(lines.p, lines.n, digest);
    set(o, "profile", digest);
    if (!rc)
        rc = digest_file(path, digest, NULL, e);
    set(o, "requirements", digest);
    buf_reset(&lines);
    if (!rc)
        rc = of_tables(dir, &lines, e);
    digest_hex(lines.p, lines.n, digest);
    set(o, "tables", digest);
    buf_done(&lines);
    free(path);
    return rc;
}

int cli_data_digests(const char *dir, const char *profile, json_t **out, struct err *e)
{
    json_t *o = json_object();
    int rc = of_data(dir, profile, o, e);
    if (rc)
        json_decref(o);
    else
        *out = o;
    return rc;
}

int cli_digests(const char *profile, json_t **out, struct err *e)
{
    char digest[65] = "";
    json_t *o = json_object();
    int rc = digest_file("/proc/self/exe", digest, NULL, e);
    set(o, "binary", digest);
    if (!rc)
        rc = of_data(profile_dir(), profile, o, e);
    if (rc)
        json_decref(o);
    else
        *out = o;
    return rc;
}

int cli_data_files(const char *dir, const char *profile, char ***out, size_t *n,
                   struct err *e)
{
    char **files = NULL;
    size_t k = 0;
    int rc = profile_files(dir, profile, &files, &k, e);
    if (rc)
        return rc;
    files = xrealloc(files, (k + ARRAY_LEN(tables) + 1) * sizeof *files);
    files[k++] = xstrdup("requirements.json");
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        files[k++] = xstrdup(tables[i]);
    *out = files;
    *n = k;
    return 0;
}
