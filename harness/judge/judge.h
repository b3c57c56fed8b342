/*
 * The judge: requirements as data, checks as functions over the journal, verdicts that
 * only get worse, the plan compared with what was judged, and exit codes. Nothing here
 * knows the wire's form, and no verdict is computed anywhere else: a result can be
 * rebuilt from a journal on another machine.
 */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/base/err.h"

/* Ascending badness: a verdict only ever moves down this list, and keeps its first reason
 * at each step. */
enum verdict {
    VERDICT_NONE, /* nothing said yet: becomes not-observed */
    VERDICT_PASS,
    VERDICT_NOT_APPLICABLE, /* the system's own capability statement says so */
    VERDICT_WARN,           /* a SHOULD broken */
    VERDICT_NOT_OBSERVED,
    VERDICT_INCONCLUSIVE,
    VERDICT_FLAKY, /* a MUST broken in some rounds and not in others */
    VERDICT_FAIL,  /* a MUST broken */
    VERDICT_ERROR  /* of the harness or the environment */
};
const char *verdict_name(enum verdict v); /* "pass", "not-applicable", ... */

/* Exit codes (README). judge_exit_of gives the one of highest concern from a set. */
enum exit_code {
    EXIT_CONFORM = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_ENVIRONMENT = 3,
    EXIT_INCOMPLETE = 4,
    EXIT_HARNESS = 5,
    EXIT_RELIABILITY = 6, /* flaky, or less was shown than was required */
    EXIT_WAIVER = 8,      /* a waiver is expired or stale */
    EXIT_INTERRUPTED = 130,
};

/* fixtures/requirements.json, checked while read. */
struct requirement {
    char *id, *role, *source; /* role: "koppelpunt", "overstapsysteem", "keten" */
    char level;               /* 'M' or 'S' */
    char *nl, *en;
    bool everywhere;  /* judged by a check over every exchange of that role's trial: then
                         it is planned in every run of that role */
    char *capability; /* optional capability it hangs on ("strict", "notificaties");
                         not declared: not-applicable. NULL: none */
};
struct requirements;
int requirements_load(const char *path, struct requirements **out, struct err *e);
void requirements_free(struct requirements *r);
size_t requirements_count(const struct requirements *r);
const struct requirement *requirements_at(const struct requirements *r, size_t i);
const struct requirement *requirements_find(const struct requirements *r, const char *id);

/* Judges a journal. *result is result.json's content (see harness/judge/result.md),
 * without the members that only the run knows (out folder). 0, or E_INVALID when the
 * journal can't be read (a torn last line alone is fine: the run was interrupted). */
int judge_journal(const char *journal_path, const struct requirements *r, json_t **result,
                  struct err *e);

/* What a programme agreed to live with, and what it demands. It changes no verdict, only
 * what the exit code counts and what the headline says (result.md). */
struct exceptions {
    /* As in fixtures/schemas/waivers.json, their requirements known; NULL: none. */
    const json_t *waivers;
    /* The result of an earlier run, that baseline_check accepts; NULL: none. */
    const json_t *baseline;
    const char *baseline_digest; /* SHA-256 of its file */
    /* The share of rounds that must be shown to be clean, and how surely; 0: none is
     * required, and 0.95. */
    double promised, confidence;
};
/* As judge_journal, with exceptions (may be NULL). E_INVALID too when the baseline is of
 * another trial, or waivers can't be dated because the journal has no date. */
int judge_journal_with(const char *journal_path, const struct requirements *r,
                       const struct exceptions *x, json_t **result, struct err *e);
/* The same in parts, for a journal that still grows: between rounds. Everything that was
 * given is borrowed until judging_free. */
struct judging;
struct judging *judging_new(const struct requirements *r, const struct exceptions *x);
void judging_free(struct judging *j); /* NULL is fine */
/* Reads the lines that were not read yet. */
int judging_read(struct judging *j, const char *journal_path, struct err *e);
/* The round that was read is over. Whether it was clean: no MUST failed in it, and
 * nothing kept that from being seen. */
bool judging_round_over(struct judging *j);
/* The result of all that was read; once. */
int judging_result(struct judging *j, const char *journal_path, json_t **result,
                   struct err *e);
/* For a run whose journal could not be written to its end: adds the exit code that it
 * ended with, which the journal can't tell, and `lost`. */
void result_lost(json_t *result, int exit_code, const char *why);
/* Is this a result that can be a baseline? 0 or E_INVALID with what is wrong. */
int baseline_check(const json_t *baseline, struct err *e);
/* Is it of the same profile and the same roles under test? 0 or E_INVALID. */
int baseline_fits(const json_t *baseline, const char *profile, const char *const *roles,
                  size_t n_roles, struct err *e);

/* ---- two results beside each other (compare.c) ---- */

/* What became of a requirement, or of what one check said in one scenario. */
enum change {
    CHANGE_NONE,
    CHANGE_NEW_FAIL,    /* a MUST is broken (also: in some rounds) that was not */
    CHANGE_DISAPPEARED, /* it was judged, and is not there or not applicable */
    CHANGE_UNSEEN,      /* pass -> not-observed */
    CHANGE_OTHER,       /* another verdict otherwise */
    CHANGE_FINDINGS,    /* the same verdict, from other findings */
    CHANGE_APPEARED,    /* it was not there, and does not fail */
    CHANGE_FIXED,       /* it passes, and something was wrong with it or not seen */
    CHANGE_COUNT
};
const char *change_name(enum change c); /* "new-fail", "not-observed", ... */
/* VERDICT_NONE: it is or was not there. */
enum change change_of(enum verdict was, enum verdict now);
enum verdict verdict_by_name(const char *name); /* VERDICT_NONE when unknown */

/* Are both, that baseline_check accepts, of the same profile and roles? 0 or E_INVALID.
 */
int results_fit(const json_t *before, const json_t *after, struct err *e);
/* {"same": bool, "verdict": {"was","now"}, "exitCode": {"was","now"}, "counts": {name of
 * a change: n}, "requirements": [{"id","change","was","verdict","reason","findings":
 * [{"scenario","check","change","was","verdict","reason"}]}]}: what changed, worst first;
 * was, verdict and reason where there is one. */
json_t *results_compare(const json_t *before, const json_t *after);

/* The checks, for `explain` and `list`: name, requirement, what it looks at. */
struct check_info {
    const char *name, *requirement, *looks_at;
};
const struct check_info *judge_check(size_t i); /* NULL behind the last one */

#endif
