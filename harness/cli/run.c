/* koppelproef run: scenarios against systems, judged and reported. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/cli/trying.h"

#define JOBS_MAX   64
#define VOLUME_MAX 800000 /* as the form of scenarios has it */
#define ROUNDS_MAX 1000000
#define TIME_MAX   (1000 * 3600 * (uint64_t)NS_PER_S)

const struct cli_option cli_run_options[] = {
    {"iut", 'i', "FILE", "the system under test (iut.json)"},
    {"profile", 'p', "NAME", "the form on the wire (default: proef-1)"},
    {"out", 'o', "DIR", "where journal and reports go\n(default: build/run/TIME)"},
    {"seed", 's', "N", "for everything that is drawn (default: a fresh one)"},
    {"lang", 'l', "nl|en", "language of the report (default: from LANG)"},
    {"jobs", 'j', "N", "conversations at the same time\n(default: 8, with --iut 4)"},
    {"role", 'r', "ROLE", "only this role: koppelpunt or overstapsysteem"},
    {"volume", 0, "N",
     "at most so many aanmeldingen in a crowd\n(default: as the scenario says; the full "
     "size\nis not proven by a smaller one)"},
    {"patience", 0, "SECONDS",
     "how long to wait for what a koppelpunt must show\n(default: 60)"},
    {"repeat", 'n', "N", "N rounds, one after the other"},
    {"for", 0, "TIME", "rounds until TIME has gone by: 90s, 10m, 8h"},
    {"waivers", 'w', "FILE", "known deviations that were agreed upon"},
    {"baseline", 'b', "FILE", "result.json of an earlier run: only what is worse counts"},
    CLI_RELIABILITY_OPTION,
    CLI_GITHUB_OPTION,
    {"quiet", 'q', NULL, "no progress and no report on the terminal"},
    {NULL, 0, NULL, NULL},
};

/* Of our own references, which are light; the runner's own default leaves room for
 * systems that take more to start. */
#define JOBS_BUNDLED 8

/* All that one run needs, from its options to its result. */
struct run {
    const struct cli_args *args;
    const char *role, *profile_name;
    enum lang lang;
    uint64_t seed;
    double jobs, patience, volume, repeat, for_seconds; /* 0: not said */
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
};

/* ---- what is asked ---- */

static int read_rounds(struct run *r, struct err *e)
{
    const char *time = cli_value(r->args, "for");
    uint64_t ns = 0;
    int rc = cli_number(r->args, "repeat", NULL, 1, ROUNDS_MAX, true, &r->repeat, e);
    if (rc || !time)
        return rc;
    if (r->repeat > 0)
        return err_set(e, E_INVALID,
                       "--repeat and --for both say how many rounds there are: leave one "
                       "of them out");
    if (when_parse_duration(time, &ns) || !ns || ns > TIME_MAX)
        return err_set(e, E_INVALID,
                       "--for must be a time such as 90s, 10m or 8h, at most 1000h, not "
                       "\"%s\"",
                       time);
    r->for_seconds = (double)ns / (double)NS_PER_S;
    return 0;
}

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
        rc = cli_number(a, "volume", NULL, 1, VOLUME_MAX, true, &r->volume, e);
    if (!rc)
        rc = cli_number(a, "patience", NULL, 0.1, 86400, false, &r->patience, e);
    if (!rc)
        rc = read_rounds(r, e);
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
    if (r->volume > 0)
        json_object_set_new(o, "volume", json_integer((json_int_t)r->volume));
    if (r->patience > 0)
        json_object_set_new(o, "patience", json_real(r->patience));
    if (r->repeat > 0)
        json_object_set_new(o, "repeat", json_integer((json_int_t)r->repeat));
    if (r->for_seconds > 0)
        json_object_set_new(o, "for", json_real(r->for_seconds));
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
            if (r->selection.v[i].role[k]) {
                struct scenario *s = r->selection.v[i].scenario;
                if (r->volume > 0)
                    (void)scenario_limit_crowd(s, (size_t)r->volume);
                r->scenarios[k][r->n_scenarios[k]++] = s;
            }
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

static void run_done(struct run *r)
{
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
}

static int run_and_judge(struct run *r)
{
    r->options = options_of(r);
    struct trying t = {.profile_name = r->profile_name,
                       .profile = r->profile,
                       .tables = r->tables,
                       .requirements = r->requirements,
                       .exceptions = &r->exceptions.view,
                       .digests = r->digests,
                       .options = r->options,
                       .seed = r->seed,
                       .jobs = r->jobs < 1 && !cli_value(r->args, "iut") ? JOBS_BUNDLED
                                                                         : r->jobs,
                       .patience = r->patience,
                       .repeat = (unsigned)r->repeat,
                       .for_seconds = r->for_seconds,
                       .whole = r->args->n_operands == 0,
                       .out = cli_value(r->args, "out"),
                       .lang = r->lang,
                       .github = cli_value(r->args, "github") != NULL,
                       .quiet = r->quiet};
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++) {
        t.iut[k] = r->iut[k];
        t.scenarios[k] = r->scenarios[k];
        t.n_scenarios[k] = r->n_scenarios[k];
    }
    int code = trying_report(&t, !r->quiet, trying_run(&t));
    trying_done(&t);
    return code;
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
