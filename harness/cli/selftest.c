/* koppelproef selftest: is every check able to fail, for its own reason, and for no
 * other? */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/selftest.h"

#define FOLDER   "build/selftest"
#define JOBS_MAX 16
/* With fewer mutants than this to try, going ahead with a scout saves nothing. */
#define FEW 3

const struct cli_option cli_selftest_options[] = {
    {"jobs", 'j', "N", "processors to keep busy (default: 2)"},
    {"role", 'r', "ROLE", "only those of this role: koppelpunt or\noverstapsysteem"},
    {"profile", 'p', "NAME", "the form on the wire (default: proef-1)"},
    {"seed", 's', "N", "for everything that is drawn (default: a fresh one)"},
    {"out", 'o', "DIR", "where each mutant's run goes (default: " FOLDER ")"},
    {"whole", 'w', NULL,
     "try each mutant in all scenarios, also where the\nreference never came by it"},
    {NULL, 0, NULL, NULL},
};

struct selftest {
    const struct cli_args *args;
    const char *role, *profile;
    double jobs;
    bool whole;
    bool tokens; /* the profile has them */
    uint64_t seed;
    char *folder;
    const struct mutant **v; /* the selected ones */
    struct mutant *own;      /* one of them, otherwise in this profile; or NULL */
    char *own_reds;
    size_t n, ended;
    struct scouted scouted[2]; /* by index in cli_roles */
    char *refused;             /* why nothing can be said */
    size_t held, spared;       /* conversations */
    struct score score;
    json_t *told; /* for selftest.json */
};

/* ---- which ---- */

static size_t count_all(void)
{
    size_t n = 0;
    while (mutant_at(n))
        n++;
    return n;
}

static int unknown(const char *word, struct err *e)
{
    size_t n = count_all();
    const char **names = xcalloc(n, sizeof *names);
    char near[120];
    for (size_t i = 0; i < n; i++)
        names[i] = mutant_at(i)->name;
    cli_suggestion(near, sizeof near, word, names, n);
    free(names);
    return err_set(e, E_INVALID, "there is no mutant \"%s\"%s%s", word, near,
                   *near ? "" : "; see `koppelproef list mutants`");
}

static bool is_named(const struct cli_args *a, const char *name)
{
    for (size_t i = 0; i < a->n_operands; i++)
        if (!strcmp(a->operand[i], name))
            return true;
    return false;
}

/* Is it a mutant at all in this profile? */
static bool means_something(const struct selftest *s, const struct mutant *m)
{
    return s->tokens || !mutant_of_tokens(m);
}

/* As it is in this profile. */
static const struct mutant *here(struct selftest *s, const struct mutant *m)
{
    const char *red = s->tokens ? NULL : mutant_red_of_tokens(m);
    const char *at = red ? strstr(m->reds, red) : NULL;
    if (!at)
        return m;
    struct mutant *own = xmalloc(sizeof *own);
    *own = *m;
    own->reds = s->own_reds =
        xasprintf("%.*s%s", (int)(at - m->reds), m->reds, at + strlen(red));
    s->own = own;
    return own;
}

static int check_named(const struct selftest *s, const char *name, struct err *e)
{
    const struct mutant *m = mutant_find(name);
    if (!m)
        return unknown(name, e);
    if (!means_something(s, m))
        return err_set(e, E_INVALID, "%s is about tokens, which profile %s does not have",
                       name, s->profile);
    return 0;
}

static int select_mutants(struct selftest *s, struct err *e)
{
    const struct cli_args *a = s->args;
    const struct mutant *m;
    int rc = 0;
    for (size_t i = 0; i < a->n_operands && !rc; i++)
        rc = check_named(s, a->operand[i], e);
    if (rc)
        return rc;
    s->v = xcalloc(count_all() + 1, sizeof *s->v);
    for (size_t i = 0; (m = mutant_at(i)); i++)
        if ((!s->role || !strcmp(s->role, m->role)) &&
            (!a->n_operands || is_named(a, m->name)) && means_something(s, m))
            s->v[s->n++] = here(s, m);
    return s->n ? 0
                : err_set(e, E_INVALID, "none of the mutants named is one of a%s %s",
                          s->role[0] == 'o' ? "n" : "", s->role);
}

static int read_options(struct selftest *s, struct err *e)
{
    const struct cli_args *a = s->args;
    struct profile *profile = NULL;
    s->jobs = 2;
    s->seed = rng_fresh_seed();
    s->profile = cli_value_or(a, "profile", NULL, "proef-1");
    s->whole = cli_value(a, "whole") != NULL;
    int rc = cli_role(a, &s->role, e);
    if (!rc)
        rc = cli_number(a, "jobs", NULL, 1, JOBS_MAX, true, &s->jobs, e);
    if (!rc)
        rc = cli_seed(a, &s->seed, e);
    if (!rc)
        rc = cli_load_profile(s->profile, &profile, e);
    s->tokens = !rc && profile_scope(profile, OP_OPHALEN);
    profile_free(profile);
    return rc;
}

static int make_folder(struct selftest *s, struct err *e)
{
    const char *told = cli_value_or(s->args, "out", NULL, FOLDER);
    int rc = file_mkdirs(told, e);
    if (!rc)
        s->folder = cli_absolute(told);
    return rc;
}

/* ---- as they end ---- */

static size_t role_index(const char *role)
{
    return strcmp(role, cli_roles[0]) ? 1 : 0;
}

static void tell_json(struct selftest *s, const struct tried *t, enum tried_verdict v)
{
    json_t *one = json_pack(
        "{ss,ss,ss,so,sO,ss,sb,sI,sI,sI,si,sf}", "name", t->mutant->name, "role",
        t->mutant->role, "kind", mutant_kind_name(t->mutant->kind), "expected",
        tried_expected(t->mutant), "reds", t->reds, "verdict", tried_name(v), "effect",
        t->effect, "passed", (json_int_t)t->passed, "unseen", (json_int_t)t->unseen,
        "conversations", (json_int_t)t->conversations, "exitCode", t->exit_code,
        "seconds", t->seconds);
    if (json_array_size(t->errors))
        json_object_set(one, "errors", t->errors);
    json_array_append_new(s->told, one);
}

static void print_reds(const struct tried *t)
{
    for (size_t i = 0; i < json_array_size(t->reds) && i < 8; i++)
        printf(" %s", json_string_value(json_array_get(t->reds, i)));
    if (json_array_size(t->reds) > 8)
        printf(" and %zu more", json_array_size(t->reds) - 8);
}

static void ended(void *arg, const struct attempt *a, const char *folder,
                  const struct tried *t)
{
    struct selftest *s = arg;
    const struct scouted *known = &s->scouted[role_index(a->role)];
    enum tried_verdict v = tried_judge(t);
    const char *missed = scouted_missed(known, t);
    (void)folder;
    score_add(&s->score, t->mutant, v);
    tell_json(s, t, v);
    s->held += t->conversations;
    if (a->scenarios)
        s->spared += known->all - json_array_size(a->scenarios);
    printf("%3zu/%zu %-30s %-18s", ++s->ended, s->n, t->mutant->name, tried_name(v));
    print_reds(t);
    putchar('\n');
    if (!tried_well(v)) {
        char *why = tried_why(t);
        printf("        %s\n", why);
        free(why);
    }
    if (missed)
        printf("        it differed in %s, where the scout did not come by it\n", missed);
    fflush(stdout);
}

static void scout_ended(void *arg, const struct attempt *a, const char *folder,
                        const struct tried *t)
{
    struct selftest *s = arg;
    char *why = scouted_read(folder, a->role, t, &s->scouted[role_index(a->role)]);
    if (!s->refused)
        s->refused = why;
    else
        free(why);
}

/* ---- the two passes ---- */

static int run_all(struct selftest *s, const struct attempt *v, size_t n, bool scouts,
                   bool *interrupted, struct err *e)
{
    struct pool_config c = {.v = v,
                            .n = n,
                            .folder = s->folder,
                            .profile = s->profile,
                            .seed = s->seed,
                            .jobs = (int)s->jobs,
                            .ended = scouts ? scout_ended : ended,
                            .arg = s};
    return n ? pool_run(&c, interrupted, e) : 0;
}

/* First the reference, where that spares more than it costs. */
static int scout(struct selftest *s, bool *interrupted, struct err *e)
{
    struct attempt v[2];
    size_t n = 0;
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++) {
        size_t defects = 0;
        for (size_t i = 0; i < s->n; i++)
            defects += s->v[i]->kind == MUTANT_DEFECT && role_index(s->v[i]->role) == k;
        if (defects >= FEW)
            v[n++] = (struct attempt){.role = cli_roles[k]};
    }
    int rc = run_all(s, v, n, true, interrupted, e);
    if (!rc && !*interrupted && s->refused)
        rc = err_set(e, E_HARNESS, "%s", s->refused);
    return rc;
}

static int by_size(const void *pa, const void *pb)
{
    const struct attempt *a = pa, *b = pb;
    size_t na = a->scenarios ? json_array_size(a->scenarios) : SIZE_MAX;
    size_t nb = b->scenarios ? json_array_size(b->scenarios) : SIZE_MAX;
    if (na != nb)
        return na > nb ? -1 : 1;
    return strcmp(a->mutant->name, b->mutant->name);
}

/* Then the mutants, the longest runs first. One that the reference never came by has
 * nothing to be tried in. */
static int try_mutants(struct selftest *s, bool *interrupted, struct err *e)
{
    struct attempt *v = xcalloc(s->n, sizeof *v);
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct mutant *m = s->v[i];
        struct attempt a = {.mutant = m, .role = m->role};
        if (!s->whole)
            a.scenarios = scouted_choose(&s->scouted[role_index(m->role)], m);
        if (a.scenarios && !json_array_size(a.scenarios)) {
            struct tried t = {.mutant = m,
                              .reds = json_array(),
                              .errors = json_array(),
                              .where = json_array(),
                              .judged = true};
            ended(s, &a, s->folder, &t);
            tried_done(&t);
            json_decref(a.scenarios);
            continue;
        }
        v[n++] = a;
    }
    qsort(v, n, sizeof *v, by_size);
    int rc = run_all(s, v, n, false, interrupted, e);
    for (size_t i = 0; i < n; i++)
        json_decref(v[i].scenarios);
    free(v);
    return rc;
}

/* ---- afterwards ---- */

static int write_json(const struct selftest *s, struct err *e)
{
    const size_t *n = s->score.n;
    json_t *all = json_pack(
        "{ss,ss,sI,s{sI,sI,sI,sI,sI,sI,sI,sI},sO}", "koppelproef", KOPPELPROEF_VERSION,
        "profile", s->profile, "seed", (json_int_t)s->seed, "counts", "killed",
        (json_int_t)n[TRIED_KILLED], "forAnotherReason",
        (json_int_t)n[TRIED_OTHER_REASON], "survived", (json_int_t)n[TRIED_SURVIVED],
        "void", (json_int_t)n[TRIED_VOID], "green", (json_int_t)n[TRIED_GREEN], "blamed",
        (json_int_t)n[TRIED_BLAMED], "nothing", (json_int_t)n[TRIED_NOTHING], "scored",
        (json_int_t)n[TRIED_SCORED], "mutants", s->told);
    char *text = json_dumps(all, JSON_INDENT(1));
    char *path = xasprintf("%s/selftest.json", s->folder);
    int rc = file_write(path, text, strlen(text), e);
    free(path);
    free(text);
    json_decref(all);
    return rc;
}

static int report(const struct selftest *s, bool interrupted, struct err *e)
{
    char *others = score_others(&s->score), *line = score_line(&s->score);
    int code = score_well(&s->score, s->n) ? EXIT_CONFORM : EXIT_FAILED;
    int written = write_json(s, e) ? cli_fail(e) : EXIT_CONFORM;
    printf("conversations %zu; spared, because the mutant can't differ there: %zu\n",
           s->held, s->spared);
    printf("%s\n%s\n", others, line);
    free(others);
    free(line);
    if (interrupted)
        code = EXIT_INTERRUPTED;
    return cli_worse(code, written);
}

static void selftest_done(struct selftest *s)
{
    for (size_t k = 0; k < ARRAY_LEN(s->scouted); k++)
        scouted_done(&s->scouted[k]);
    json_decref(s->told);
    free(s->refused);
    free(s->own);
    free(s->own_reds);
    free(s->folder);
    free(s->v);
}

int cmd_selftest(const struct cli_args *a)
{
    struct selftest s = {.args = a, .told = json_array()};
    struct err e = {0};
    bool interrupted = false;
    int rc = read_options(&s, &e);
    if (!rc)
        rc = select_mutants(&s, &e);
    if (!rc)
        rc = make_folder(&s, &e);
    if (!rc)
        printf("seed %llu\n", (unsigned long long)s.seed);
    fflush(stdout);
    if (!rc)
        rc = scout(&s, &interrupted, &e);
    if (!rc && !interrupted)
        rc = try_mutants(&s, &interrupted, &e);
    int code = rc ? cli_fail(&e) : report(&s, interrupted, &e);
    selftest_done(&s);
    return code;
}
