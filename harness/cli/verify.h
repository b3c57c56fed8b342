/*
 * Does what stands in the folder of a run follow from its journal? What `verify` asks of
 * a folder or a bundle, and `bundle` before it packs one.
 */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "harness/base/map.h"
#include "harness/cli/cli.h"

struct verifying {
    const char *folder, *shown; /* where it is, and as the user named it */
    enum lang lang;
    bool quiet;  /* only what is wrong, on standard error */
    bool silent; /* nothing */
    bool bundle; /* unpacked from one: what else it holds is looked at elsewhere */

    /* What comes of it. */
    json_t *given;    /* result.json as it stands there; NULL: there is none */
    json_t *result;   /* the one that follows from the journal */
    json_t *digests;  /* of this binary and its data */
    struct map *ours; /* path below the folder -> state: what follows from the journal */
    bool torn;
    size_t wrong; /* files that differ or are missing */
    size_t pages; /* of these the pages of scenarios */
    bool other;   /* binary or data are not those of the run */
    bool other_data;

    /* Its own. */
    struct requirements *requirements;
    struct tables *tables;
    struct cli_exceptions exceptions;
    char *journal;
    char *made[2]; /* the reports made anew, by enum lang; NULL: not yet */
    json_t *known;
    struct map *foreign;
};

/* How a file relates to the journal. */
enum verify_state { VERIFY_SAME = 1, VERIFY_DIFFERS, VERIFY_MISSING };

/* Judges the journal anew, makes the reports anew, compares, and says what it found. 0
 * when all could be compared (see `wrong`), else E_*: E_INVALID with `edited` when the
 * journal is one and is not as it was written. */
int verify_folder(struct verifying *v, bool *edited, struct err *e);
void verify_done(struct verifying *v);
/* Says whether it matches, and gives the exit code. */
int verify_conclude(const struct verifying *v);

/* ---- verify_files.c ---- */

/* Compares all files of the folder with those that follow from v->result; says what
 * differs. */
int verify_files(struct verifying *v, struct err *e);
/* One line about a file: its name, and what is to be said of it. */
void verify_say(const struct verifying *v, bool wrong, const char *file, const char *fmt,
                ...) __attribute__((format(printf, 4, 5)));
/* The one or the other by v->lang. */
const char *verify_in(const struct verifying *v, const char *nl, const char *en)
    __attribute__((format_arg(2), format_arg(3)));

#endif
