/*
 * Systems that do nothing sensible, in place of either role: nothing may pass with them
 * (MUTANT_NULL in mocks/mutants.h).
 */
#ifndef MOCKS_NULL_ROLE_H
#define MOCKS_NULL_ROLE_H

#include "mocks/role.h"

enum null_kind {
    NULL_SILENT = 1000, /* takes requests and never answers; apart from the mutants */
    NULL_EMPTY,         /* always 200 {} */
    NULL_ECHO,          /* 200 with what was asked */
    NULL_REPLAY,        /* 200 with what the request before this one asked */
};

/* `name`: "koppelpunt" or "overstapsysteem"; a constant. Never calls anybody. */
struct role *null_role_new(const char *name, enum null_kind kind);

#endif
