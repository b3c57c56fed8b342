/*
 * Findings become verdicts. A pair (scenario, requirement) is planned or not; findings
 * only make it worse; what was planned and never judged is not-observed. Nothing else
 * computes a verdict. Each round of a run has verdicts of its own, which are then added
 * to those of the run.
 */
#ifndef JUDGE_VERDICTS_H
#define JUDGE_VERDICTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/base/map.h"
#include "harness/judge/judge.h"

/* Findings kept per pair; further ones only count. */
#define FINDINGS_MAX 20
/* Rounds that are named one by one, of a requirement or scenario. */
#define ROUNDS_NAMED 20

struct finding {
    enum verdict verdict;
    const char *check; /* name of the check, or "expectation" */
    char *reason;
    const char *blame; /* "system", "configuration", "environment", "harness" or NULL */
    uint64_t seqs[3];
    size_t n_seqs;
    char *step;
    json_t *expected, *seen;
    bool quiet; /* nothing went wrong, it only was not to be seen: its blame asks for no
                   exit code of its own */
    unsigned round; /* in which it was found; 0: the run has none */
};

/* How something went from round to round. */
struct by_round {
    uint8_t *v; /* enum verdict, as it was in each */
    size_t n, cap;
    size_t failed;                    /* rounds in which a MUST of it failed, */
    uint32_t failed_in[ROUNDS_NAMED]; /* the first of them, counted from 1 */
    size_t held;                      /* rounds in which it was judged and did not fail */
};

struct pair {
    const struct requirement *requirement;
    struct scenario_result *scenario;
    bool planned;
    enum verdict verdict;
    bool failed;              /* a MUST: also when something is worse than that */
    size_t passes;            /* findings that passed */
    char *reason, *blame;     /* of the verdict; the first at that level */
    struct finding *findings; /* all but plain passes */
    size_t n_findings, more;
    struct pair *next; /* of the same requirement */
};

struct scenario_result {
    char *name, *role;
    json_t *title, *proves;
    char *outcome, *why, *blame;
    double seconds; /* of all rounds */
    uint64_t peak;  /* bytes that the system held at most; 0: not known */
    struct pair **pairs;
    size_t n_pairs;
    struct by_round rounds;
};

struct requirement_result {
    const struct requirement *requirement;
    struct pair *pairs, *last;
    bool planned; /* in every run of its role, or by a scenario */
    struct by_round rounds;
};

struct verdicts;
struct verdicts *verdicts_new(const struct requirements *r);
void verdicts_free(struct verdicts *v);

/* The scenario of that name in the trial of `role`, made at first use. */
struct scenario_result *verdicts_scenario(struct verdicts *v, const char *role,
                                          const char *name);
/* The pair, made at first use; NULL when the requirement does not exist or is not judged
 * in a trial of that role. */
struct pair *verdicts_pair(struct verdicts *v, struct scenario_result *s, const char *id);
void verdicts_plan(struct verdicts *v, struct scenario_result *s, const char *id);
/* Plans what every run of the role judges. */
void verdicts_plan_role(struct verdicts *v, const char *role);

/* A finding that passed; `reason` is kept when it is the pair's first. */
void pair_pass(struct pair *p, const char *reason);
/* The passes of a scenario in which nothing was proven are taken back. */
void pair_unearned(struct pair *p);
/* Any other finding; takes the contents of *f. */
void pair_add(struct pair *p, struct finding *f);
/* What a broken rule is: fail or warn by the level of the requirement. */
enum verdict broken(const struct requirement *q);

size_t verdicts_scenarios(const struct verdicts *v, struct scenario_result ***out);
const struct requirement_result *verdicts_requirement(const struct verdicts *v, size_t i);

/* Closes the books: what was planned and has no verdict becomes not-observed. */
void verdicts_close(struct verdicts *v);
/* A round that was cut off: what it did not get to is taken out. */
void verdicts_cut(struct verdicts *v);
/* Adds the verdicts of a round; its findings, titles and outcomes are moved. */
void verdicts_fold(struct verdicts *v, struct verdicts *round, unsigned number);
/* Failed in some rounds, and held in others. */
bool flaky(const struct by_round *r);
/* The verdict of a requirement and the pair that decides it (NULL: none). */
enum verdict requirement_verdict(const struct requirement_result *r,
                                 const struct pair **decides);
enum verdict scenario_verdict(const struct scenario_result *s, const char **reason);

/* Which exit codes apply, as a set, and their order of concern. */
struct concerns {
    bool interrupted, harness, configuration, environment, failed, reliability, waiver,
        incomplete;
};
/* What a finding counts for. Trouble that isn't the system's is never excused. */
void concerns_add(struct concerns *c, enum verdict v, const char *blame, bool quiet,
                  bool excused);
/* Appends the codes to `list`, highest concern first; returns the first. */
int concerns_codes(const struct concerns *c, json_t *list);

#endif
