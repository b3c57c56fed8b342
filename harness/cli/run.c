/* koppelproef run: scenarios against systems, judged and reported. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "harness/wire/process.h"

#define LINE_GAP                                                                         \
    (5 * (uint64_t)NS_PER_S) /* between progress lines without a terminal                \
                              */
#define JOBS_MAX 64

const struct cli_option cli_run_options[] = {
    {"iut", 'i', "FILE", "the system under test (iut.json)"},
    {"profile", 'p', "NAME", "the form on the wire (default: proef-1)"},
    {"out", 'o', "DIR", "where journal and reports go\n(default: build/run/TIME)"},
    {"seed", 's', "N", "for everything that is drawn (default: a fresh one)"},
    {"lang", 'l', "nl|en", "language of the report (default: from LANG)"},
    {"jobs", 'j', "N", "conversations at the same time (default: 4)"},
    {"role", 'r', "ROLE", "only this role: koppelpunt or overstapsysteem"},
    {"patience", 0, "SECONDS",
     "how long to wait for what a koppelpunt must show\n(default: 60)"},
    {"waivers", 'w', "FILE", "known deviations that were agreed upon"},
    {"baseline", 'b', "FILE", "result.json of an earlier run: only what is worse counts"},
    {"quiet", 'q', NULL, "no progress and no report on the terminal"},
    {NULL, 0, NULL, NULL},
};

/* All that one run needs, from its options to its result. */
struct run {
    const struct cli_args *args;
    const char *role, *profile_name;
    enum lang lang;
    uint64_t seed;
    double jobs, patience;
    bool quiet;

    struct profile *profile;
    struct tables *tables;
    struct requirements *requirements;
    struct cli_exceptions exceptions;
    struct cli_selection selection;
    struct iut *iut[2]; /* by index in cli_roles; NULL: not tried */
    struct scenario **scenarios[2];
    size_t n_scenarios[2];

    json_t *digests, *options; /* as the journal tells them */
    char *folder;
    struct wire *wire;
    struct journal *journal;
    struct runner *runner;
    when_t began_wall;
    uint64_t began, ended;

    bool terminal, shown, journal_lost;
    uint64_t next_line;
};

/* ---- what is asked ---- */

static int read_options(struct run *r, struct err *e)
{
    const struct cli_args *a = r->args;
    int rc = cli_role(a, &r->role, e);
    r->profile_name = cli_value_or(a, "profile", NULL, "proef-1");
    r->quiet = cli_value(a, "quiet") != NULL;
    r->seed = rng_fresh_seed();
    if (!rc)
        rc = cli_lang(a, &r->lang, e);
    if (!rc)
        rc = cli_seed(a, &r->seed, e);
    if (!rc)
        rc = cli_number(a, "jobs", NULL, 1, JOBS_MAX, true, &r->jobs, e);
    if (!rc)
        rc = cli_number(a, "patience", NULL, 0.1, 86400, false, &r->patience, e);
    return rc;
}

/* The options by which the same can be done again. */
static json_t *options_of(const struct run *r)
{
    json_t *select = json_array(), *o = json_object();
    for (size_t i = 0; i < r->args->n_operands; i++)
        json_array_append_new(select, json_string(r->args->operand[i]));
    json_object_set_new(o, "select", select);
    json_object_set_new(o, "profile", json_string(r->profile_name));
    if (r->role)
        json_object_set_new(o, "role", json_string(r->role));
    if (r->jobs > 0)
        json_object_set_new(o, "jobs", json_integer((json_int_t)r->jobs));
    if (r->patience > 0)
        json_object_set_new(o, "patience", json_real(r->patience));
    return o;
}

static int read_files(struct run *r, struct err *e)
{
    int rc = cli_load_profile(r->profile_name, &r->profile, e);
    if (!rc)
        rc = cli_load_tables(&r->tables, e);
    if (!rc)
        rc = cli_load_requirements(&r->requirements, e);
    if (!rc)
        rc = cli_load_exceptions(r->args, r->requirements, &r->exceptions, e);
    if (!rc)
        rc = cli_digests(r->profile_name, &r->digests, e);
    return rc;
}

/* The systems to be tried: the one of --iut, or our own in the role that --role allows.
 */
static int read_systems(struct run *r, struct err *e)
{
    const char *file = cli_value(r->args, "iut");
    struct iut *told = NULL;
    int rc = file ? cli_load_iut(file, r->profile_name, &told, e) : 0;
    if (rc)
        return rc;
    if (told && r->role && strcmp(r->role, told->role)) {
        rc =
            err_set(e, E_INVALID, "--role %s, but the system is a%s %s: leave --role out",
                    r->role, told->role[0] == 'o' ? "n" : "", told->role);
        err_at(e, file, 0, 0, NULL);
        iut_free(told);
        return rc;
    }
    char *binary = cli_binary();
    for (size_t k = 0; k < ARRAY_LEN(cli_roles) && !rc; k++) {
        if (told && !strcmp(told->role, cli_roles[k]))
            r->iut[k] = told;
        else if (!told && (!r->role || !strcmp(r->role, cli_roles[k])))
            r->iut[k] = iut_reference(cli_roles[k], binary);
        if (r->iut[k] && !iut_speaks(r->iut[k], r->profile_name))
            rc = err_set(
                e, E_INVALID,
                "the bundled %s does not speak profile %s: give a system with --iut",
                cli_roles[k], r->profile_name);
    }
    free(binary);
    return rc;
}

/* Deals the selected scenarios out over the roles that are tried. Returns their number.
 */
static size_t deal(struct run *r)
{
    size_t all = 0;
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++) {
        r->scenarios[k] = xcalloc(r->selection.n + 1, sizeof *r->scenarios[k]);
        for (size_t i = 0; i < r->selection.n && r->iut[k]; i++)
            if (r->selection.v[i].role[k])
                r->scenarios[k][r->n_scenarios[k]++] = r->selection.v[i].scenario;
        all += r->n_scenarios[k];
    }
    return all;
}

static int say_nothing_selected(const struct run *r)
{
    const char *role = NULL;
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++)
        if (r->iut[k] && !r->iut[1 - k])
            role = cli_roles[k];
    if (r->selection.n && role)
        cli_say("nothing to run: none of the %zu selected scenarios tries a%s %s",
                r->selection.n, role[0] == 'o' ? "n" : "", role);
    else
        cli_say("nothing to run: %s",
                r->selection.nothing ? r->selection.nothing : "there are no scenarios");
    return EXIT_INCOMPLETE;
}

/* Better said before the run than after it. */
static int baseline_suits(const struct run *r, struct err *e)
{
    const char *roles[2];
    size_t n = 0;
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++)
        if (r->n_scenarios[k])
            roles[n++] = cli_roles[k];
    int rc = r->exceptions.baseline
                 ? baseline_fits(r->exceptions.baseline, r->profile_name, roles, n, e)
                 : 0;
    if (rc)
        err_at(e, cli_value(r->args, "baseline"), 0, 0, NULL);
    return rc;
}

/* ---- while it runs ---- */

/* How much of a line fits on the terminal: one that wraps could not be rewritten. Not in
 * the middle of a character. */
static int fitting(const char *line)
{
    struct winsize w;
    int columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &w) || !w.ws_col ? 80 : w.ws_col;
    int n = (int)strlen(line);
    if (n >= columns)
        n = columns - 1;
    while (n > 0 && ((unsigned char)line[n] & 0xC0) == 0x80)
        n--;
    return n;
}

static void stop_early(void *arg)
{
    struct run *r = arg;
    runner_interrupt(r->runner);
}

static void progress(void *arg, size_t done, size_t total, const char *waiting_for)
{
    struct run *r = arg;
    uint64_t now = wire_now(r->wire);
    bool waits = waiting_for && *waiting_for;
    if (journal_failed(r->journal, NULL) && !r->journal_lost) {
        r->journal_lost = true; /* what is not journalled is not worth doing */
        wire_timer(r->wire, now, stop_early, r);
    }
    if (r->quiet || (!r->terminal && now < r->next_line && done < total))
        return;
    r->next_line = now + LINE_GAP;
    char *line = xasprintf("%zu of %zu%s%s", done, total, waits ? ", waiting for " : "",
                           waits ? waiting_for : "");
    if (r->terminal)
        fprintf(stderr, "\r\033[K%.*s", fitting(line), line);
    else
        fprintf(stderr, "%s\n", line);
    fflush(stderr);
    free(line);
    r->shown = true;
}

static void progress_end(const struct run *r)
{
    if (r->terminal && r->shown)
        fputs("\r\033[K", stderr);
}

/* A hang-up is an interrupt too: nobody is left to read what comes. */
static void on_signal(void *arg, int signum)
{
    struct run *r = arg;
    (void)signum;
    if (r->runner)
        runner_interrupt(r->runner);
}

static int open_all(struct run *r, struct err *e)
{
    struct mask mask;
    r->options = options_of(r);
    int rc = wire_real_new(&r->wire, e);
    if (rc)
        return rc;
    r->began_wall = wire_wall(r->wire);
    r->began = wire_now(r->wire);
    rc = cli_folder(cli_value(r->args, "out"), r->began_wall, &r->folder, e);
    if (rc)
        return rc;
    char *path = xasprintf("%s/journal.jsonl", r->folder);
    mask_init(&mask, r->seed);
    rc = journal_open(path, &mask, r->began, &r->journal, e);
    free(path);
    return rc;
}

/* Ends with everything closed that could still write, so that the journal is whole. */
static int go(struct run *r, struct err *e)
{
    char digest[65];
    struct err full = {0};
    struct runner_config c = {.wire = r->wire,
                              .journal = r->journal,
                              .profile = r->profile,
                              .tables = r->tables,
                              .seed = r->seed,
                              .run_dir = r->folder,
                              .jobs = (int)r->jobs,
                              .patience = r->patience,
                              .digests = r->digests,
                              .options = r->options,
                              .whole = r->args->n_operands == 0,
                              .progress = progress,
                              .arg = r};
    r->terminal = isatty(STDERR_FILENO);
    r->runner = runner_new(&c);
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++)
        if (r->n_scenarios[k])
            runner_add(r->runner, r->iut[k], r->scenarios[k], r->n_scenarios[k]);
    int rc = runner_plan_digest(r->runner, digest, e);
    if (!rc && !r->quiet)
        fprintf(stderr, "seed %llu, plan %.12s\n", (unsigned long long)r->seed, digest);
    wire_real_on_signal(r->wire, on_signal, r);
    if (!rc)
        rc = runner_run(r->runner, e);
    progress_end(r);
    r->ended = wire_now(r->wire);
    process_kill_all();
    if (!rc)
        rc = journal_failed(r->journal, e);
    else if (journal_failed(r->journal, &full))
        cli_say("%s", full.text);
    return rc;
}

static void close_all(struct run *r)
{
    struct runner *runner = r->runner;
    r->runner = NULL; /* a signal that comes now finds nothing to interrupt */
    runner_free(runner);
    if (r->journal)
        journal_close(r->journal);
    r->journal = NULL;
    wire_free(r->wire);
    r->wire = NULL;
}

/* ---- afterwards ---- */

/* Adds an exit code that the judge can't know of: it reads a journal, not our errors. A
 * journal that broke off by itself looks interrupted to it; that was nobody's wish. */
static void add_concern(json_t *result, int code, bool interrupted)
{
    json_t *codes = json_object_get(result, "exitCodes"), *merged = json_array();
    bool placed = false;
    for (size_t i = 0; i < json_array_size(codes); i++) {
        int other = (int)json_integer_value(json_array_get(codes, i));
        if (!placed && cli_worse(code, other) == code) {
            json_array_append_new(merged, json_integer(code));
            placed = true;
        }
        bool stale = other == code || other == EXIT_CONFORM ||
                     (other == EXIT_INTERRUPTED && !interrupted);
        if (!stale)
            json_array_append_new(merged, json_integer(other));
    }
    if (!placed)
        json_array_append_new(merged, json_integer(code));
    json_object_set_new(result, "exitCode", json_incref(json_array_get(merged, 0)));
    json_object_set_new(result, "exitCodes", merged);
    if (!interrupted)
        json_object_set_new(result, "verdict", json_string("error"));
}

/* What only the run knows, or knows even when the journal says nothing. */
static void complete(const struct run *r, json_t *result)
{
    char wall[32];
    double seconds = (double)(r->ended - r->began) / (double)NS_PER_S;
    when_format(r->began_wall - r->began_wall % NS_PER_S, wall);
    json_object_set_new(result, "seconds", json_real(seconds));
    json_object_set_new(result, "started", json_string(wall));
    json_object_set_new(result, "seed", json_integer((json_int_t)r->seed));
    if (!json_object_get(result, "profile"))
        json_object_set_new(result, "profile", json_string(r->profile_name));
}

/* Judges what the journal holds, writes the reports, and gives the exit code. `before`:
 * what went wrong in the run itself, else 0 or EXIT_INTERRUPTED. */
static int judge(const struct run *r, int before)
{
    struct err e = {0};
    json_t *result = NULL;
    char *path = xasprintf("%s/journal.jsonl", r->folder);
    int rc = judge_journal_with(path, r->requirements, &r->exceptions.view, &result, &e);
    free(path);
    if (rc)
        return cli_worse(before, cli_fail(&e));
    complete(r, result);
    if (before)
        add_concern(result, before, before == EXIT_INTERRUPTED);
    int code = (int)json_integer_value(json_object_get(result, "exitCode"));
    int written =
        cli_write_reports(r->folder, result, r->lang, &e) ? cli_fail(&e) : EXIT_CONFORM;
    if (written == EXIT_CONFORM &&
        cli_write_pages(r->folder, result, r->tables, r->lang, &e))
        written = cli_fail(&e);
    if (!r->quiet)
        report_console(stdout, result, r->folder, r->lang, cli_colour(stdout));
    json_decref(result);
    return cli_worse(code, written);
}

static void run_done(struct run *r)
{
    close_all(r);
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++) {
        iut_free(r->iut[k]);
        free(r->scenarios[k]);
    }
    cli_selection_done(&r->selection);
    cli_exceptions_done(&r->exceptions);
    requirements_free(r->requirements);
    tables_free(r->tables);
    profile_free(r->profile);
    json_decref(r->digests);
    json_decref(r->options);
    free(r->folder);
}

/* Runs and judges; whatever ended the run early, what was journalled is judged. */
static int run_and_judge(struct run *r)
{
    struct err e = {0};
    int rc = open_all(r, &e);
    if (rc)
        return cli_fail(&e);
    rc = go(r, &e);
    bool interrupted = runner_interrupted(r->runner) && !r->journal_lost;
    int before = rc ? cli_fail(&e) : interrupted ? EXIT_INTERRUPTED : EXIT_CONFORM;
    close_all(r);
    return judge(r, before);
}

int cmd_run(const struct cli_args *a)
{
    struct run r = {.args = a};
    struct err e = {0};
    int code, rc = read_options(&r, &e);
    if (!rc)
        rc = read_files(&r, &e);
    if (!rc)
        rc = read_systems(&r, &e);
    if (!rc)
        rc = cli_select(a->operand, a->n_operands, r.tables, r.requirements, &r.selection,
                        &e);
    if (rc)
        code = cli_fail(&e);
    else if (!deal(&r))
        code = say_nothing_selected(&r);
    else if (baseline_suits(&r, &e))
        code = cli_fail(&e);
    else
        code = run_and_judge(&r);
    run_done(&r);
    return code;
}
