/*
 * Mutants at the observer: what a school is told otherwise than the view says. Of the
 * reference every function here leaves things as they are.
 */
#ifndef MOCKS_OS_MUTATE_H
#define MOCKS_OS_MUTATE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

struct os_mutate;
/* `mutant`: enum os_mutant. 0, or E_* when a table that this mutant needs can't be read.
 */
int os_mutate_new(int mutant, struct os_mutate **out, struct err *e);
void os_mutate_free(struct os_mutate *m);

/* An answer to /waarnemingen, as JSON text: replaced where this mutant says otherwise. */
void os_mutate_answer(const struct os_mutate *m, const char *school, char **body,
                      size_t *n);
/* How long it waits before it gives that answer. */
uint64_t os_mutate_delay(const struct os_mutate *m);
/* Does it know this operation of the observer? */
bool os_mutate_knows(const struct os_mutate *m, const char *path);

#endif
