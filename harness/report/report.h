/*
 * Reports: projections of a result (harness/judge/result.md). They compute no verdict.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"

enum lang { LANG_NL, LANG_EN };

/* The table of verdicts and what to do next, for a terminal or a log. `out_dir` is shown
 * as the place of the files. Colour only when asked. */
void report_console(FILE *f, const json_t *result, const char *out_dir, enum lang lang,
                    bool colour);
/* What came of `koppelproef replay`, for a terminal: its JSON in words. */
void report_replay(FILE *f, const json_t *outcome, enum lang lang);
/* JUnit XML (the Jenkins/surefire schema): one testsuite per role, one testcase per
 * requirement; not-applicable, not-observed and inconclusive are <skipped>, except that
 * what blocks conformity also shows in the suite's properties; error is <error>. */
int report_junit(const char *path, const json_t *result, enum lang lang, struct err *e);
int report_json(const char *path, const json_t *result, struct err *e);
/* report.html in `lang`, report.nl.html or report.en.html in the other language, and
 * scenarios/ROLE-NAME.html (and .nl.html or .en.html) for each scenario. No script,
 * nothing from the network, the first page below 1 MiB. `known` (may be NULL) is what
 * stands in no journal: {"instellingen": {BRIN: {"name", "region"}}, "regions": {"1":
 * name, ...}, "mutants": {id of a requirement: [names of those that turn it red]},
 * "proven": true when a selftest saw them do so; false: they are stated to}. */
int report_html(const char *dir, const json_t *result, const char *journal_path,
                const json_t *known, enum lang lang, struct err *e);
/* GitHub's Markdown, for a job summary or a merge request. */
int report_markdown(const char *path, const json_t *result, enum lang lang,
                    struct err *e);
/* The same text into a buffer with room for 900 KiB. */
int report_markdown_text(struct buf *out, const json_t *result, enum lang lang,
                         struct err *e);
/* Where a scenario's step (a JSON pointer, "" is the whole) stands, relative to the
 * workspace; false when it stands nowhere there. The caller frees *file. */
typedef bool report_place_fn(void *arg, const char *role, const char *scenario,
                             const char *step, char **file, int *line);
/* Workflow commands of GitHub Actions: an error for each requirement that blocks
 * conformity, a warning for each SHOULD that was broken; at most 10 of each, the others
 * are named in a line. Not for what is waived or was known. `place` may be NULL. */
void report_github(FILE *f, const json_t *result, enum lang lang, report_place_fn *place,
                   void *arg);
/* TAP 14: a test per requirement; what blocks conformity is not ok. */
int report_tap(const char *path, const json_t *result, enum lang lang, struct err *e);
/* Common Test Report Format (ctrf.io). */
int report_ctrf(const char *path, const json_t *result, enum lang lang, struct err *e);
/* RFC 4180, a row per requirement. No cell can be taken for a formula. */
int report_csv(const char *path, const json_t *result, enum lang lang, struct err *e);
/* HTTP Archive 1.2 of all exchanges in a journal, masked as they are there. */
int report_har(const char *path, const char *journal_path, struct err *e);

#endif
