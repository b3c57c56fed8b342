/* koppelproef replay: what failed in an earlier run, done again and compared. */
#include "harness/cli/replay.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"

#define TIMES_MAX 1000

const struct cli_option cli_replay_options[] = {
    {"iut", 'i', "FILE", "the system to try (default: as in that run)"},
    {"times", 'n', "N", "again until it came back, at most N times (default: 1)"},
    {"shrink", 0, NULL, "the fewest steps of one scenario that still fail"},
    {"within", 0, "DURATION", "how long to shrink (default: 5m)"},
    {"out", 'o', "DIR",
     "where journal and reports go (default: build/run/TIME);\nwith --shrink: the "
     "scenario file (default: in that folder)"},
    {"seed", 's', "N", "persons other than those of that run"},
    {"patience", 0, "SECONDS",
     "how long to wait for what a koppelpunt must show\n(default: as in that run)"},
    {"format", 'f', "text|json", "how the outcome is told (default: text)"},
    {"lang", 'l', "nl|en", "language of outcome and report (default: from LANG)"},
    {"quiet", 'q', NULL, "no progress on the terminal"},
    {NULL, 0, NULL, NULL},
};

/* ---- what is asked ---- */

static int read_options(struct replay *r, struct err *e)
{
    static const char *const formats[] = {"text", "json"};
    const struct cli_args *a = r->args;
    const char *format = cli_value(a, "format"), *within = cli_value(a, "within");
    size_t index = 0;
    int rc = cli_operands(a, 1, SIZE_MAX, e);
    r->times = 1;
    r->within = 300 * (uint64_t)NS_PER_S;
    r->quiet = cli_value(a, "quiet") != NULL;
    r->shrink = cli_value(a, "shrink") != NULL;
    if (!rc)
        rc = cli_lang(a, &r->lang, e);
    if (!rc && format)
        rc = cli_word("--format", format, formats, ARRAY_LEN(formats), &index, e);
    r->json = index == 1;
    if (!rc)
        rc = cli_number(a, "times", NULL, 1, TIMES_MAX, true, &r->times, e);
    if (!rc)
        rc = cli_number(a, "patience", NULL, 0.1, 86400, false, &r->patience, e);
    if (!rc && within && (when_parse_duration(within, &r->within) || !r->within))
        rc = err_set(e, E_INVALID, "--within is a duration such as 90s or 5m, not \"%s\"",
                     within);
    if (!rc && r->shrink && r->times > 1)
        rc = err_set(e, E_INVALID,
                     "--shrink looks by itself whether a failure comes "
                     "back: leave --times out");
    return rc;
}

/* A system that keeps running knows who was in that run: with the same persons it would
 * see repeats. Said, and others are drawn, unless a seed was asked for. */
static int choose_seed(struct replay *r, struct err *e)
{
    const json_t *seed = json_object_get(recorded_run(&r->recorded), "seed");
    bool runs = false;
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++)
        runs = runs || (r->iut[k] && !r->iut[k]->start);
    r->seed = (uint64_t)json_integer_value(seed);
    if (runs && !cli_value(r->args, "seed")) {
        r->seed = rng_fresh_seed();
        cli_say("the system keeps running and knows the persons of that run: others are "
                "drawn, with seed %llu (--seed %llu has the same ones)",
                (unsigned long long)r->seed,
                (unsigned long long)json_integer_value(seed));
    }
    return cli_seed(r->args, &r->seed, e);
}

/* The system of --iut in its role, the others as they were. */
static int read_systems(struct replay *r, struct err *e)
{
    const char *file = cli_value(r->args, "iut");
    struct iut *told = NULL;
    int rc = file ? cli_load_iut(file, r->profile_name, &told, e) : 0;
    for (size_t i = 0; i < r->recorded.n && !rc; i++) {
        struct recorded_scenario *s = &r->recorded.v[i];
        if (!s->wanted)
            continue;
        s->wanted = !told || !strcmp(told->role, cli_roles[s->role]);
        if (s->wanted && told)
            r->iut[s->role] = told;
        else if (s->wanted && !r->iut[s->role])
            rc = recorded_iut(&r->recorded, s->role, &r->iut[s->role], e);
    }
    if (told && told != r->iut[0] && told != r->iut[1]) {
        if (!rc)
            rc = err_set(e, E_INVALID,
                         "this is a%s %s, and none of the scenarios to be replayed tries "
                         "one",
                         told->role[0] == 'o' ? "n" : "", told->role);
        err_at(e, file, 0, 0, NULL);
        iut_free(told);
    }
    return rc;
}

static int read_files(struct replay *r, struct err *e)
{
    int rc = cli_load_requirements(&r->requirements, e);
    if (!rc)
        rc = recorded_read(r->args->operand[0], r->requirements, &r->recorded, e);
    if (!rc) {
        const char *profile = json_text(recorded_run(&r->recorded), "profile");
        r->profile_name = profile ? profile : "proef-1";
        rc = cli_load_profile(r->profile_name, &r->profile, e);
    }
    if (!rc)
        rc = cli_load_tables(&r->tables, e);
    if (!rc)
        rc = cli_digests(r->profile_name, &r->digests, e);
    return rc;
}

static int say_nothing(const struct replay *r)
{
    const struct cli_args *a = r->args;
    if (a->n_operands > 1)
        cli_say("nothing to replay: %s%s has no finding in a scenario of that run",
                a->operand[1], a->n_operands > 2 ? " (and so on)" : "");
    else
        cli_say("nothing to replay: each scenario that began in that run passed");
    return EXIT_INCOMPLETE;
}

/* What makes this another trial than that one. */
static void say_changes(const struct replay *r)
{
    struct scenarios today = {0};
    struct err unread = {0};
    char *text = recorded_changes(&r->recorded, r->digests);
    if (text)
        cli_say("%s", text);
    free(text);
    if (!scenarios_load(profile_scenarios_dir(), r->tables, &today, &unread))
        for (size_t i = 0; i < r->recorded.n; i++)
            for (size_t k = 0; r->recorded.v[i].scenario && k < today.n; k++) {
                char was[65], is[65];
                if (strcmp(r->recorded.v[i].name, today.v[k]->name))
                    continue;
                scenario_digest(r->recorded.v[i].scenario, was);
                scenario_digest(today.v[k], is);
                if (strcmp(was, is))
                    cli_say("the scenario %s has changed since; it is done as it was "
                            "then",
                            today.v[k]->name);
            }
    scenarios_done(&today);
}

/* ---- one time ---- */

json_t *replay_options(const struct replay *r)
{
    const json_t *run = recorded_run(&r->recorded);
    json_t *select = json_array();
    for (size_t i = 0; i < r->recorded.n; i++)
        if (r->recorded.v[i].wanted)
            json_array_append_new(select, json_string(r->recorded.v[i].name));
    json_t *o =
        json_pack("{so,ss,s{sO*,sO*}}", "select", select, "profile", r->profile_name,
                  "replayOf", "planDigest", json_object_get(run, "planDigest"), "seed",
                  json_object_get(run, "seed"));
    json_t *jobs = json_object_get(json_object_get(run, "options"), "jobs");
    if (jobs)
        json_object_set(o, "jobs", jobs);
    if (r->patience > 0)
        json_object_set_new(o, "patience", json_real(r->patience));
    return o;
}

void replay_trying(const struct replay *r, struct trying *t)
{
    const json_t *run = recorded_run(&r->recorded);
    const json_t *jobs = json_object_get(json_object_get(run, "options"), "jobs");
    *t = (struct trying){.profile_name = r->profile_name,
                         .profile = r->profile,
                         .tables = r->tables,
                         .requirements = r->requirements,
                         .digests = r->digests,
                         .seed = r->seed,
                         .jobs = (double)json_integer_value(jobs),
                         .patience = r->patience,
                         .lang = r->lang,
                         .quiet = r->quiet};
}

/* Whether the conversation went as far as it did then. */
static bool ended(const struct recorded_scenario *s, const struct recorded *now)
{
    for (size_t i = 0; i < now->n; i++) {
        const char *outcome = now->v[i].outcome;
        if (now->v[i].role != s->role || strcmp(now->v[i].name, s->name))
            continue;
        return outcome && (!strcmp(outcome, "completed") ||
                           (s->outcome && !strcmp(outcome, s->outcome)));
    }
    return false;
}

/* Compares what was done with what it was; keeps the outcome of each scenario. */
static int compare(struct replay *r, const struct trying *t, size_t times, struct err *e)
{
    struct recorded now = {0};
    int rc = recorded_read(t->folder, r->requirements, &now, e);
    for (size_t i = 0; i < r->recorded.n && !rc; i++) {
        struct recorded_scenario *s = &r->recorded.v[i];
        enum again all = AGAIN_OTHER;
        if (!s->wanted)
            continue;
        json_t *found = findings_of(t->result, cli_roles[s->role], s->name);
        json_t *list = compare_findings(s->findings, found, ended(s, &now), &all);
        json_t *o =
            json_pack("{ss,ss,ss,si,so}", "scenario", s->name, "role", cli_roles[s->role],
                      "again", again_name(all), "times", (int)times, "findings", list);
        json_object_set_new(r->outcomes, json_text(s->plan, "scenario"), o);
        json_decref(found);
        if (all == AGAIN_SAME)
            s->wanted = false; /* it came back: that is known now */
    }
    recorded_done(&now);
    return rc;
}

static size_t deal(const struct replay *r, struct scenario **v[2], size_t n[2])
{
    size_t all = 0;
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++) {
        v[k] = xcalloc(r->recorded.n + 1, sizeof *v[k]);
        n[k] = 0;
        for (size_t i = 0; i < r->recorded.n; i++)
            if (r->recorded.v[i].wanted && r->recorded.v[i].role == k)
                v[k][n[k]++] = r->recorded.v[i].scenario;
        all += n[k];
    }
    return all;
}

/* Once more what has not come back yet. *more: whether there is any need to go on. */
static int once(struct replay *r, size_t number, bool *more)
{
    struct scenario **v[2];
    struct trying t;
    struct err e = {0};
    char *out = NULL;
    const char *told = cli_value(r->args, "out");
    replay_trying(r, &t);
    t.options = r->options;
    if (told)
        out = r->times > 1 ? xasprintf("%s/%zu", told, number) : xstrdup(told);
    t.out = out;
    deal(r, v, t.n_scenarios);
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++) {
        t.scenarios[k] = v[k];
        t.iut[k] = r->iut[k];
    }
    int code = trying_report(&t, false, trying_run(&t));
    if (t.result && compare(r, &t, number, &e))
        code = cli_worse(code, cli_fail(&e));
    *more = t.result && !t.interrupted;
    if (t.folder)
        json_array_append_new(r->folders, json_string(t.folder));
    trying_done(&t);
    free(out);
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++)
        free(v[k]);
    return code;
}

/* ---- what came of it ---- */

static json_t *outcome_of(const struct replay *r, size_t done, int code)
{
    const char *key;
    json_t *o, *list = json_array();
    json_int_t n[AGAIN_COUNT] = {0};
    json_object_foreach (r->outcomes, key, o) {
        json_array_append(list, o);
        for (size_t a = 0; a < AGAIN_COUNT; a++)
            n[a] += !strcmp(json_text(o, "again"), again_name((enum again)a));
    }
    return json_pack("{ss,si,sI,si,si,sI,sI,sI,sI,sO,so}", "journal", r->recorded.journal,
                     "exitCode", code, "seed", (json_int_t)r->seed, "times", (int)done,
                     "atMost", (int)r->times, "replayed",
                     (json_int_t)json_object_size(r->outcomes), "same", n[AGAIN_SAME],
                     "gone", n[AGAIN_GONE], "other", n[AGAIN_OTHER], "folders",
                     r->folders, "scenarios", list);
}

static void say_outcome(const struct replay *r, const json_t *outcome)
{
    char *text = r->json ? json_dumps(outcome, JSON_INDENT(1)) : NULL;
    if (text)
        printf("%s\n", text);
    else if (json_object_size(r->outcomes))
        report_replay(stdout, outcome, r->lang);
    free(text);
}

static int replay(struct replay *r)
{
    int code = EXIT_CONFORM;
    bool more = true;
    size_t done = 0;
    r->options = replay_options(r);
    r->outcomes = json_object();
    r->folders = json_array();
    while (more && done < (size_t)r->times) {
        size_t left = 0;
        code = cli_worse(code, once(r, ++done, &more));
        for (size_t i = 0; i < r->recorded.n; i++)
            left += r->recorded.v[i].wanted;
        more = more && left > 0;
    }
    json_t *outcome = outcome_of(r, done, code);
    say_outcome(r, outcome);
    json_decref(outcome);
    return code;
}

static void replay_done(struct replay *r)
{
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++)
        iut_free(r->iut[k]);
    recorded_done(&r->recorded);
    requirements_free(r->requirements);
    tables_free(r->tables);
    profile_free(r->profile);
    json_decref(r->digests);
    json_decref(r->options);
    json_decref(r->outcomes);
    json_decref(r->folders);
}

int cmd_replay(const struct cli_args *a)
{
    struct replay r = {.args = a};
    struct err e = {0};
    size_t n = 0;
    int code, rc = read_options(&r, &e);
    if (!rc)
        rc = read_files(&r, &e);
    if (!rc)
        rc = recorded_select(&r.recorded, a->operand + 1, a->n_operands - 1,
                             r.requirements, &n, &e);
    if (!rc && n)
        rc = read_systems(&r, &e);
    if (!rc && n)
        rc = recorded_load(&r.recorded, r.tables, &e);
    if (!rc && n)
        rc = choose_seed(&r, &e);
    if (!rc && n && !(r.patience > 0)) {
        const json_t *patience = json_object_get(recorded_run(&r.recorded), "patience");
        r.patience = (double)json_integer_value(patience) / (double)NS_PER_S;
    }
    if (rc) {
        code = cli_fail(&e);
    } else if (!n) {
        code = say_nothing(&r);
    } else {
        say_changes(&r);
        code = r.shrink ? shrink(&r) : replay(&r);
    }
    replay_done(&r);
    return code;
}
