/* koppelproef preflight: the iut.json and the roads, before anything is tried. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "harness/wire/process.h"

const struct cli_option cli_preflight_options[] = {
    {"iut", 'i', "FILE", "the system under test (iut.json)"},
    {"profile", 'p', "NAME", "the form on the wire (default: proef-1)"},
    {NULL, 0, NULL, NULL},
};

struct preflight {
    struct profile *profile;
    struct tables *tables;
    struct iut *iut;
    struct wire *wire;
    struct journal *journal;
    struct runner *runner;
    char *folder; /* NULL: none was made */
    size_t faults;
    bool interrupted;
};

static void fault(void *arg, const char *blame, const char *text)
{
    struct preflight *p = arg;
    p->faults++;
    fprintf(stderr, "koppelproef: %s: %s\n", blame, text);
}

static void on_signal(void *arg, int signum)
{
    struct preflight *p = arg;
    (void)signum;
    p->interrupted = true;
    if (p->runner)
        runner_interrupt(p->runner);
}

static int open_all(struct preflight *p, uint64_t seed, struct err *e)
{
    struct mask mask;
    int rc = wire_real_new(&p->wire, e);
    if (!rc)
        rc = cli_temporary(&p->folder, e);
    if (rc)
        return rc;
    char *path = xasprintf("%s/journal.jsonl", p->folder);
    mask_init(&mask, seed);
    rc = journal_open(path, &mask, wire_now(p->wire), &p->journal, e);
    free(path);
    return rc;
}

static int try_roads(struct preflight *p, uint64_t seed, struct err *e)
{
    struct runner_config c = {.wire = p->wire,
                              .journal = p->journal,
                              .profile = p->profile,
                              .tables = p->tables,
                              .seed = seed,
                              .run_dir = p->folder};
    p->runner = runner_new(&c);
    runner_add(p->runner, p->iut, NULL, 0);
    wire_real_on_signal(p->wire, on_signal, p);
    int rc = runner_preflight(p->runner, fault, p, e);
    process_kill_all();
    return rc;
}

static void say_ok(const struct preflight *p, const char *file)
{
    const struct iut *i = p->iut;
    printf("ok: %s describes %s %s, a%s %s\n", file, i->name, i->version,
           i->role[0] == 'o' ? "n" : "", i->role);
    printf("ok: profile %s\n", profile_name(p->profile));
}

static void say_roads_ok(const struct preflight *p)
{
    const struct iut *i = p->iut;
    if (i->start)
        puts("ok: the system starts and is ready within 10 s");
    if (i->role[0] == 'k') {
        puts("ok: gezondheid answers 200, and its clock is right");
        puts("ok: the token endpoint accepts the credentials");
        return;
    }
    if (iut_has(i, "observer"))
        puts("ok: the observer answers");
    puts("ok: the system fetches from our koppelpunt");
}

static void preflight_done(struct preflight *p, bool keep)
{
    struct runner *runner = p->runner;
    p->runner = NULL;
    runner_free(runner);
    if (p->journal)
        journal_close(p->journal);
    wire_free(p->wire);
    iut_free(p->iut);
    tables_free(p->tables);
    profile_free(p->profile);
    if (p->folder && keep)
        fprintf(stderr, "koppelproef: what was exchanged is in %s\n", p->folder);
    else if (p->folder)
        file_rmtree(p->folder, NULL);
    free(p->folder);
}

int cmd_preflight(const struct cli_args *a)
{
    struct preflight p = {0};
    struct err e = {0};
    const char *file = cli_value(a, "iut");
    const char *profile = cli_value_or(a, "profile", NULL, "proef-1");
    uint64_t seed = rng_fresh_seed();
    int rc = cli_operands(a, 0, 0, &e);
    if (!rc && !file)
        rc = err_set(&e, E_INVALID,
                     "preflight needs --iut FILE: the description of the system");
    if (!rc)
        rc = cli_load_profile(profile, &p.profile, &e);
    if (!rc)
        rc = cli_load_iut(file, profile, &p.iut, &e);
    if (!rc)
        rc = cli_load_tables(&p.tables, &e);
    if (!rc)
        say_ok(&p, file);
    if (!rc)
        rc = open_all(&p, seed, &e);
    if (!rc)
        rc = try_roads(&p, seed, &e);
    if (e.set)
        cli_fail(&e);
    else if (!rc && !p.interrupted)
        say_roads_ok(&p);
    preflight_done(&p, p.faults > 0);
    return p.interrupted ? EXIT_INTERRUPTED : cli_exit_of(rc);
}
