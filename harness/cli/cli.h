/*
 * The command line: one table of sub-commands, from which parsing, --help and "did you
 * mean" follow. Only this room includes this header. Every wrong input ends in one
 * sentence on standard error, "koppelproef: ...", and an exit code of judge.h.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/judge/judge.h"
#include "harness/profile/profile.h"
#include "harness/report/report.h"
#include "harness/scenario/runner.h"
#include "mocks/population.h"

#define CLI_OPTIONS_MAX 40

struct cli_option {
    const char *name;     /* "out"; a table ends with NULL */
    char letter;          /* 'o'; 0: none */
    const char *argument; /* "DIR"; NULL: a switch */
    const char *help;
};

struct cli_args;

struct cli_command {
    const char *name;
    const char *summary;
    const char *usage; /* what follows the name; lines after the first are kept */
    const char *more;  /* paragraphs below the options, or NULL */
    const struct cli_option *options;
    int (*run)(const struct cli_args *a); /* returns the exit code */
    /* One that reads its arguments by itself (argv[0] is its own name); the table still
     * knows its options. */
    int (*run_argv)(int argc, char **argv);
};
/* All sub-commands; ends with name NULL. */
extern const struct cli_command cli_commands[];
/* The way in, after mem_install(). Returns the exit code. */
int cli_main(int argc, char **argv);

/* What was given to a sub-command. */
struct cli_args {
    const struct cli_command *command;
    const char *value[CLI_OPTIONS_MAX]; /* by index in the options; "" for a switch */
    char **operand;
    size_t n_operands;
};

/* Reads options and operands in any order, "--" ends the options; the operands are moved
 * to the front of argv. `argv` holds what comes after the sub-command's name. 0, or
 * E_INVALID with the sentence. *help is set when --help or -h was among them. */
int cli_parse(const struct cli_command *c, int argc, char **argv, struct cli_args *out,
              bool *help, struct err *e);
/* The value of an option; NULL when it was not given. */
const char *cli_value(const struct cli_args *a, const char *name);
/* The option, else the environment variable (NULL: none), else `otherwise`. */
const char *cli_value_or(const struct cli_args *a, const char *name, const char *variable,
                         const char *otherwise);
/* A number between the bounds; what is absent leaves *out. `variable` as above. */
int cli_number(const struct cli_args *a, const char *name, const char *variable,
               double min, double max, bool whole, double *out, struct err *e);
/* --seed: below 2^53, as it must be exact in JSON. What is absent leaves *out. */
int cli_seed(const struct cli_args *a, uint64_t *out, struct err *e);
/* One of `words`: 0 with its index, or E_INVALID with a suggestion. `what` is how the
 * sentence begins: "--role". */
int cli_word(const char *what, const char *word, const char *const *words, size_t n,
             size_t *index, struct err *e);
/* E_INVALID when there are other than min to max operands. */
int cli_operands(const struct cli_args *a, size_t min, size_t max, struct err *e);

void cli_help(FILE *f);                                 /* all sub-commands */
void cli_help_of(FILE *f, const struct cli_command *c); /* one */

/* ---- sentences and exit codes (support.c) ---- */

/* "koppelproef: ..." on standard error. */
void cli_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Says the error and returns its exit code. */
int cli_fail(const struct err *e);
/* Writes out what standard output still holds. The exit code, or a worse one when that is
 * lost; a reader that had enough (`| head`) is no loss. */
int cli_flush(int exit_code);
/* The exit code of an E_*. */
int cli_exit_of(int rc);
/* Of two exit codes the one of higher concern (README). */
int cli_worse(int a, int b);
/* "; did you mean "x"?" or "": into out, which is returned. */
const char *cli_suggestion(char *out, size_t n, const char *word,
                           const char *const *words, size_t n_words);

/* --lang, else LC_ALL, LC_MESSAGES, LANG (the first that is set): nl* is Dutch. */
int cli_lang(const struct cli_args *a, enum lang *out, struct err *e);
/* May this stream be coloured: a terminal, and nobody said NO_COLOR. */
bool cli_colour(FILE *f);
/* Our own binary, to start it again. The caller frees. */
char *cli_binary(void);
/* A path as it was given, without slashes at its end. The caller frees. */
char *cli_path(const char *path);
/* A path that holds whatever the working directory is. The caller frees. */
char *cli_absolute(const char *path);

/* ---- what most sub-commands need (support.c) ---- */
int cli_load_profile(const char *name, struct profile **out, struct err *e);
int cli_load_tables(struct tables **out, struct err *e);
int cli_load_requirements(struct requirements **out, struct err *e);
/* The role of --role; NULL when it was not given. */
int cli_role(const struct cli_args *a, const char **out, struct err *e);
extern const char *const cli_roles[2]; /* "koppelpunt", "overstapsysteem" */
/* iut.json, and that it speaks the profile. */
int cli_load_iut(const char *path, const char *profile, struct iut **out, struct err *e);

/* ---- what `run` is to do (select.c) ---- */

/* A scenario and the roles under test with which it is to be run (index in cli_roles). */
struct cli_selected {
    struct scenario *scenario;
    bool role[2];
};
struct cli_selection {
    struct cli_selected *v;
    size_t n;
    struct scenarios *owned; /* where they were read */
    size_t n_owned;
    char *nothing; /* why nothing was selected, when that is so */
};
/* Resolves selectors: families, names, requirement ids, files and folders; none: all. */
int cli_select(char *const *selector, size_t n, const struct tables *t,
               const struct requirements *r, struct cli_selection *out, struct err *e);
void cli_selection_done(struct cli_selection *s);

/* ---- --waivers, --baseline, --require-reliability (exceptions.c) ---- */

struct cli_exceptions {
    json_t *waivers, *baseline;
    char digest[65];
    struct exceptions view; /* on the above */
};
/* The option of all commands that judge. */
#define CLI_RELIABILITY_OPTION                                                           \
    {                                                                                    \
        "require-reliability", 0, "P[@C]",                                               \
            "exit 6 unless with confidence C (default: 0.95) at least a\n"               \
            "share P of rounds is shown to be clean"                                     \
    }
/* Reads and checks the files that were named, and --require-reliability. What is wrong
 * has its place in the file. */
int cli_load_exceptions(const struct cli_args *a, const struct requirements *r,
                        struct cli_exceptions *out, struct err *e);
/* Those that a result.json was made with: it holds its waivers, and what it takes of the
 * baseline. */
int cli_exceptions_of(const json_t *result, const struct requirements *r,
                      struct cli_exceptions *out, struct err *e);
void cli_exceptions_done(struct cli_exceptions *x);

/* ---- by what a run is made and judged (digests.c) ---- */

/* {"binary","profile","requirements","tables"}: SHA-256 of our own binary, of
 * requirements.json, and of what sha256sum prints for the files of the profile (its own
 * and its schemas, sorted) and of the tables, in the folder of the fixtures. */
int cli_digests(const char *profile, json_t **out, struct err *e);
/* The same without the binary, of another folder than that of the fixtures. */
int cli_data_digests(const char *dir, const char *profile, json_t **out, struct err *e);
/* The files of which these are, relative to that folder. The caller frees each and the
 * array. */
int cli_data_files(const char *dir, const char *profile, char ***out, size_t *n,
                   struct err *e);

/* ---- the folder of a run (folder.c) ---- */

/* Makes it: `told` (NULL: build/run/<wall>) and the link build/run/latest. Absolute path,
 * the caller frees. */
int cli_folder(const char *told, when_t wall, char **out, struct err *e);

/* A run holds its folder until all of it is written; the lock goes with the process. Who
 * reads a folder holds it too, shared. */
struct folder_lock {
    int fd_plus_one; /* 0: none */
};
/* `path` is a folder, or a file in one. E_INVALID when somebody is writing there. */
int cli_folder_lock(const char *path, bool writing, struct folder_lock *out,
                    struct err *e);
void cli_folder_unlock(struct folder_lock *l);

/* ---- GitHub Actions (github.c) ---- */

#define CLI_GITHUB_OPTION                                                                \
    {                                                                                    \
        "github", 0, NULL, "annotations for GitHub Actions, and its job summary"         \
    }
/* Annotations on standard output, at the steps of the scenarios that are in the workspace
 * ($GITHUB_WORKSPACE, else the working directory), and the Markdown report behind what is
 * in $GITHUB_STEP_SUMMARY, when that is set. */
int cli_github(const char *journal, const json_t *result, enum lang lang, struct err *e);
/* The console's report; with `github` so that nothing in it is taken for a command. */
void cli_console(const json_t *result, const char *out_dir, enum lang lang, bool github);

/* A new empty folder of our own, in TMPDIR or /tmp. The caller removes and frees it. 0 or
 * E_ENV. */
int cli_temporary(char **out, struct err *e);

/* ---- reports (judge.c) ---- */

/* result.json and junit.xml into a folder. */
int cli_write_reports(const char *folder, const json_t *result, enum lang lang,
                      struct err *e);

/* What a report is made of (report.c). */
struct cli_rendering {
    const char *folder, *journal; /* where to, and of what */
    const json_t *result, *known; /* known: cli_known */
    enum lang lang;
};
/* The i-th format's file ("junit.xml"; of html its first page); NULL behind the last. */
const char *cli_format_file(size_t i);
/* Writes it, of html all pages, into the folder. */
int cli_format_write(const struct cli_rendering *r, size_t i, struct err *e);
/* Of `koppelproef selftest`, beside a report: which mutants were killed. */
#define CLI_SELFTEST_FILE "selftest.json"
/* What no journal tells: names of instellingen and regions, and the mutants; those that a
 * selftest.json in the report's folder proves, when it is of the same profile and version
 * as the result. The caller decrefs. */
json_t *cli_known(const struct tables *t, const char *folder, const json_t *result);

/* report.html and its further pages into the folder of a run (report.c). */
int cli_write_pages(const char *folder, const json_t *result, const struct tables *t,
                    enum lang lang, struct err *e);

/* ---- the sub-commands ---- */
int cmd_run(const struct cli_args *a);
int cmd_mock(const struct cli_args *a);
int cmd_preflight(const struct cli_args *a);
int cmd_provision(const struct cli_args *a);
int cmd_list(const struct cli_args *a);
int cmd_explain(const struct cli_args *a);
int cmd_lint(const struct cli_args *a);
int cmd_judge(const struct cli_args *a);
int cmd_report(const struct cli_args *a);
int cmd_verify(const struct cli_args *a);
int cmd_bundle(const struct cli_args *a);
int cmd_diff(const struct cli_args *a);
int cmd_replay(const struct cli_args *a);
int cmd_selftest(const struct cli_args *a);
int cmd_validate(int argc, char **argv);
int cmd_manual(const struct cli_args *a);
int cmd_completion(const struct cli_args *a);

extern const struct cli_option cli_run_options[], cli_mock_options[],
    cli_preflight_options[], cli_provision_options[], cli_list_options[],
    cli_explain_options[], cli_judge_options[], cli_report_options[],
    cli_selftest_options[], cli_verify_options[], cli_bundle_options[],
    cli_diff_options[], cli_replay_options[];

#endif
