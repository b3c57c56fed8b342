/*
 * The system under test as its owner describes it: one file, iut.json. What it says is
 * checked when it is read; whether it is true is preflight's business.
 */
#ifndef SCENARIO_IUT_H
#define SCENARIO_IUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/base/err.h"

struct iut {
    char *file; /* where it was read; commands run in its folder */
    char *folder;
    char *role; /* "koppelpunt" or "overstapsysteem" */
    char *name, *version;
    char *go_live;                    /* YYYY-MM-DD, or NULL: not told */
    char **start;                     /* argv, or NULL: it is running already */
    char *base_url, *token_url;       /* koppelpunt that runs already */
    char *koppelpunt_listen;          /* overstapsysteem that runs already: host:port */
    char *observer_url;               /* or NULL */
    char **observer_command;          /* or NULL: started per question */
    char *observer_token;             /* bearer for the observer, or NULL */
    char *provisioning;               /* path, or NULL */
    char *ca_file;                    /* trust anchor for https, or NULL */
    char **stop, **reload, **restart; /* commands for a running system, or NULL */
    json_t *capabilities;             /* array of strings */
    json_t *profiles;                 /* array of strings */
    double interval_seconds;          /* ophaalintervalSeconds; 0: not told */
    double full_state_seconds;        /* volledigeStandSeconds; 0: no promise */
    int overload_connections, overload_requests; /* overloadAt; 0: not told */
    json_t *content; /* the iut.json without credentials; NULL: bundled */
};

/* Reads and checks; unknown keys are refused with a suggestion. E_INVALID with file,
 * line, column and pointer. */
int iut_load(const char *path, struct iut **out, struct err *e);
/* From its content, as the journal has it; `file` is where it was read, to which paths
 * are relative, and need not be there any more. */
int iut_from(const json_t *content, const char *file, struct iut **out, struct err *e);
/* The bundled reference implementation of a role: `binary mock ROLE`. */
struct iut *iut_reference(const char *role, const char *binary);
void iut_free(struct iut *i);
bool iut_has(const struct iut *i, const char *capability);
bool iut_speaks(const struct iut *i, const char *profile);

#endif
