/* A bundle that came from somewhere: unpacked with care, held against its statement. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/base/tarball.h"
#include "harness/cli/bundle.h"

#define STATEMENT_MAX (16u << 20)

/* A journal packs ten to thirty times; each of its lines holds some that can't be. */
static const struct tarball_limits limits = {(uint64_t)8 << 30, 50000, 200};

struct unpacking {
    const char *path;
    char *folder; /* where to */
    struct verifying *v;
    json_t *statement;
    struct map *listed; /* name -> digest, by the statement */
    struct map *seen;   /* name -> anything */
    const char *only;   /* besides the statement; NULL: all */
};

/* ---- unpacking ---- */

static int read_statement(struct unpacking *u, const char *path, struct err *e)
{
    struct err why = {0};
    if (file_read_json(path, &u->statement, &why))
        return err_set(e, E_INVALID, "the statement.json of %s can't be read: %s",
                       u->path, why.text);
    const json_t *list = json_object_get(u->statement, "subject");
    if (!json_is_array(list))
        return err_set(e, E_INVALID, "the statement.json of %s names no files", u->path);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *s = json_array_get(list, i);
        const char *name = json_text(s, "name");
        const char *digest = json_text(json_object_get(s, "digest"), "sha256");
        if (!name || !digest || map_put(u->listed, name, (void *)(uintptr_t)digest))
            return err_set(e, E_INVALID,
                           "the statement.json of %s names a file twice, or without its "
                           "digest",
                           u->path);
    }
    return 0;
}

static int save(struct unpacking *u, struct tarball_entry *t, const char *name,
                char digest[65], struct err *e)
{
    char *path = xasprintf("%s/%s", u->folder, name);
    char *folder = file_beside(path, "");
    int rc = file_mkdirs(folder, e);
    if (!rc)
        rc = tarball_save(t, path, digest, e);
    if (!rc && !strcmp(name, "statement.json"))
        rc = read_statement(u, path, e);
    free(folder);
    free(path);
    return rc;
}

static int on_entry(void *arg, struct tarball_entry *t, struct err *e)
{
    struct unpacking *u = arg;
    const char *name = tarball_name(t);
    bool first = !u->statement;
    char digest[65];
    if (first != !strcmp(name, "statement.json") ||
        (first && tarball_size(t) > STATEMENT_MAX))
        return err_set(e, E_INVALID,
                       "%s is no bundle of koppelproef: it does not begin with one "
                       "statement.json",
                       u->path);
    const char *wanted = first ? "" : map_get(u->listed, name);
    if (!wanted)
        return err_set(e, E_INVALID, "%s holds %s, which its statement does not name",
                       u->path, name);
    if (map_put(u->seen, name, u))
        return err_set(e, E_INVALID, "%s holds %s twice", u->path, name);
    if (!first && u->only && strcmp(name, u->only))
        return 0;
    int rc = save(u, t, name, digest, e);
    if (!rc && !first && strcmp(digest, wanted))
        return err_set(e, E_INVALID,
                       "%s holds another %s than its statement says: it was changed",
                       u->path, name);
    return rc;
}

static int all_there(const struct unpacking *u, struct err *e)
{
    for (struct map_item *i = map_first(u->listed); i; i = map_next(i))
        if (!map_get(u->seen, map_key(i)))
            return err_set(e, E_INVALID, "%s lacks %s, which its statement names",
                           u->path, map_key(i));
    if (!u->statement)
        return err_set(e, E_INVALID, "%s is empty", u->path);
    return 0;
}

static int unpack(struct unpacking *u, bool *repacked, struct err *e)
{
    int rc = cli_temporary(&u->folder, e);
    if (rc)
        return rc;
    rc = tarball_read(u->path, &limits, on_entry, u, repacked, e);
    return rc ? rc : all_there(u, e);
}

/* ---- what it says ---- */

/* Whether the inputs are those of which the journal has the digests. */
static int check_inputs(struct unpacking *u, const char *inputs, struct err *e)
{
    json_t *is = NULL, *was = json_at(u->v->result, "/evidence/digests"), *value;
    const char *profile = json_text(u->v->result, "profile"), *key;
    int rc = profile && !strchr(profile, '/')
                 ? cli_data_digests(inputs, profile, &is, e)
                 : err_set(e, E_INVALID, "the journal names no profile");
    json_object_foreach (is, key, value)
        if (!json_same(value, json_object_get(was, key))) {
            u->v->wrong++;
            verify_say(u->v, true, "inputs/",
                       verify_in(u->v, "%s: niet wat de proef gebruikte",
                                 "%s: not what the run used"),
                       key);
        }
    json_decref(is);
    return rc;
}

static void compare_statement(struct unpacking *u, const struct bundle *b)
{
    struct verifying *v = u->v;
    json_t *anew = bundle_statement(b, v);
    const json_t *here = NULL, *there = NULL;
    struct buf pointer;
    buf_init(&pointer, 4096);
    buf_adds(&pointer, "");
    if (json_difference(u->statement, anew, &pointer, &here, &there)) {
        v->wrong++;
        verify_say(v, true, "statement.json",
                   verify_in(v, "verschilt bij %s van wat uit het journaal volgt",
                             "differs at %s from what follows from the journal"),
                   pointer.n ? pointer.p : "/");
    } else {
        verify_say(v, false, "statement.json",
                   verify_in(v, "gelijk: %zu bestanden, %s", "same: %zu files, %s"), b->n,
                   json_string_value(json_at(anew, "/predicate/result")));
    }
    buf_done(&pointer);
    json_decref(anew);
}

static void check_private(struct unpacking *u, const struct bundle *b)
{
    struct err e = {0};
    if (!bundle_private(b, u->v, &e))
        return;
    char *sentence = err_sentence(&e);
    u->v->wrong++;
    verify_say(u->v, true, "", "%s", sentence);
    free(sentence);
}

static int check_all(struct unpacking *u, bool *edited, struct err *e)
{
    struct bundle b = {0};
    char *inputs = xasprintf("%s/inputs", u->folder);
    int rc = verify_folder(u->v, edited, e);
    if (!rc)
        rc = check_inputs(u, inputs, e);
    if (!rc)
        rc = bundle_gather(&b, u->v, inputs, e);
    if (!rc) {
        compare_statement(u, &b);
        check_private(u, &b);
    }
    bundle_done(&b);
    free(inputs);
    return rc;
}

bool bundle_looks_like(const char *path)
{
    unsigned char magic[2] = {0};
    FILE *f = fopen(path, "re");
    bool yes = f && fread(magic, 1, 2, f) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
    if (f)
        fclose(f);
    return yes;
}

static void unpacking_done(struct unpacking *u)
{
    if (u->folder)
        file_rmtree(u->folder, NULL);
    free(u->folder);
    json_decref(u->statement);
    map_free(u->listed, NULL);
    map_free(u->seen, NULL);
}

int bundle_file(const char *path, const char *name, bundle_use *use, void *arg,
                struct err *e)
{
    struct unpacking u = {
        .path = path, .listed = map_new(), .seen = map_new(), .only = name};
    int rc = unpack(&u, NULL, e);
    if (!rc) {
        char *file = xasprintf("%s/%s", u.folder, name);
        rc = use(arg, file, e);
        free(file);
    }
    unpacking_done(&u);
    return rc;
}

static int read_json(void *arg, const char *file, struct err *e)
{
    return file_read_json(file, arg, e);
}

int bundle_result(const char *path, json_t **out, struct err *e)
{
    return bundle_file(path, "result.json", read_json, out, e);
}

/* What was changed underway does not match (1); what never was a bundle can't (2). */
int bundle_verify(const char *path, enum lang lang, bool quiet)
{
    struct verifying v = {.shown = path, .lang = lang, .quiet = quiet, .bundle = true};
    struct unpacking u = {.path = path, .v = &v, .listed = map_new(), .seen = map_new()};
    struct err e = {0};
    bool repacked = false, edited = false, gzip = bundle_looks_like(path);
    int code, rc = gzip ? unpack(&u, &repacked, &e)
                        : err_set(&e, E_INVALID,
                                  "%s is neither the folder of a run nor a bundle", path);
    bool unpacked = !rc;
    if (!rc && repacked)
        verify_say(&v, false, "", "%s",
                   verify_in(&v, "anders ingepakt dan door ons; de inhoud telt",
                             "packed otherwise than by us; its contents count"));
    v.folder = u.folder;
    if (!rc)
        rc = check_all(&u, &edited, &e);
    code = rc ? cli_fail(&e) : verify_conclude(&v);
    if (code == EXIT_USAGE && u.statement)
        code = EXIT_FAILED;
    if (unpacked)
        verify_done(&v);
    unpacking_done(&u);
    return code;
}
