/*
 * May this leave the house? Numbers of persons that were not masked, and planted texts
 * (canaries) outside what they were planted in and what was judged about them.
 */
#ifndef CLI_PRIVACY_H
#define CLI_PRIVACY_H

#include "harness/cli/cli.h"

struct privacy;
/* Of a run: its journal says what was planted, its result what was judged. */
int privacy_open(const char *journal, const json_t *result, struct privacy **out,
                 struct err *e);
void privacy_free(struct privacy *p); /* NULL is fine */
/* 0, or E_INVALID with file, line and kind of what was found; never the thing itself.
 * `shown` is the file's name. How it is read depends on its name: .jsonl line by line,
 * .json and .har in their strings and keys, all else as it stands. */
int privacy_check(struct privacy *p, const char *path, const char *shown, struct err *e);

#endif
