/*
 * `koppelproef list`: list.c has the command and most kinds of things, and
 * list_requirements.c the requirements, with what can be judged and what was.
 */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "harness/cli/cli.h"

/* The folder of the last run, when it went to the usual place (folder.c). */
#define CLI_LATEST_RUN "build/run/latest"

struct listing {
    const char *role; /* NULL: all */
    enum lang lang;
    const char *run; /* the folder that was named; NULL: none */
};

/* "" where there is none. Borrowed. */
const char *list_text(const json_t *o, const char *key);
const char *list_in_lang(const struct listing *l, const json_t *texts);
/* The words of a list, `before` the first of them. */
void list_words(const char *before, const json_t *list);
int list_load_scenarios(struct scenarios *out, struct err *e);

/* ---- list_requirements.c ---- */
int list_gather_requirements(const struct listing *l, json_t *out, struct err *e);
void list_print_requirements(const struct listing *l, const json_t *all);

#endif
