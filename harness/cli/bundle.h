/*
 * A run in one file: journal, result, reports, by what they were made, and an in-toto
 * statement about them.
 */
#ifndef CLI_BUNDLE_H
#define CLI_BUNDLE_H

#include "harness/cli/verify.h"

/* One file of it, from a file or from a text. */
struct bundle_item {
    char *name, *path, *text; /* path or text */
    size_t n;                 /* of the text */
    char digest[65];
    bool data; /* published: of no run */
};
struct bundle {
    struct bundle_item *v; /* sorted by name, without the statement */
    size_t n, cap;
};

/* What belongs into the bundle of a run that was verified. `data`: the folder that holds
 * profile, requirements and tables. */
int bundle_gather(struct bundle *b, const struct verifying *v, const char *data,
                  struct err *e);
void bundle_done(struct bundle *b);
/* The statement about it (in-toto Statement v1, test result v0.1). */
json_t *bundle_statement(const struct bundle *b, const struct verifying *v);
/* Whether nothing in it is anybody's: see privacy.h. */
int bundle_private(const struct bundle *b, const struct verifying *v, struct err *e);

/* `koppelproef verify` of such a file (bundle_check.c). The exit code. */
int bundle_verify(const char *path, enum lang lang, bool quiet);
/* Whether a file is packed as one: it begins as gzip does. */
bool bundle_looks_like(const char *path);
/* Only that file of it, which must be as its statement says. It is there, unpacked, as
 * long as `use` takes, whose answer is given. */
typedef int bundle_use(void *arg, const char *file, struct err *e);
int bundle_file(const char *path, const char *name, bundle_use *use, void *arg,
                struct err *e);
/* Its result.json. */
int bundle_result(const char *path, json_t **out, struct err *e);

#endif
