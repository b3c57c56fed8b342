/* The children of `selftest`: each is `koppelproef run` with one mutant as the system
 * under test, in a folder of its own. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/selftest.h"
#include "harness/wire/process.h"

/* Conversations at the same time within a child: nearly all of their time is waiting. */
#define CONVERSATIONS "8"
/* Seconds to wait for what must be shown. On loopback it comes within one, and what a
 * defect keeps back does not come later; what is unusual may ask us to wait. */
#define PATIENCE_DEFECT  "4"
#define PATIENCE_UNUSUAL "30"
/* The crowd that a defect shows in as well as in the full one, at a fiftieth of the time.
 */
#define CROWD "6000"
/* What a mutant promises for OS-VER-10: many times what the reference needs, and not the
 * minute that would be waited otherwise for one which never gets there. */
#define FULL_STATE_SECONDS 25
/* One that takes longer than this hangs. */
#define CHILD_WITHIN (180 * (uint64_t)NS_PER_S)
#define STOP_GRACE   (5 * (uint64_t)NS_PER_S)

struct child {
    struct pool *pool;
    const struct mutant *mutant;
    char *folder;
    struct process *process;
    struct wire_timer *deadline;
    uint64_t began;
};

struct pool {
    const struct pool_config *c;
    struct wire *wire;
    char *binary;
    struct child *children; /* c->jobs of them; mutant NULL: free */
    size_t next, running;
    bool interrupted;
    int rc;
    struct err *e;
};

static void start_more(struct pool *p);

/* ---- the system under test ---- */

static json_t *start_of(const struct iut *i, const struct mutant *m)
{
    json_t *words = json_array();
    for (size_t k = 0; i->start[k]; k++)
        json_array_append_new(words, json_string(i->start[k]));
    json_array_append_new(words, json_string("--mutant"));
    json_array_append_new(words, json_string(m->name));
    return words;
}

/* The reference's iut.json with this mutant in its place. */
static json_t *iut_of(const struct pool *p, const struct mutant *m)
{
    struct iut *i = iut_reference(m->role, p->binary);
    char *name = xasprintf("mutant %s", m->name);
    json_t *out = json_pack("{ss,ss,ss,so,sO,sO}", "role", m->role, "name", name,
                            "version", i->version, "start", start_of(i, m),
                            "capabilities", i->capabilities, "profiles", i->profiles);
    json_t *at = json_object();
    if (i->overload_connections > 0)
        json_object_set_new(at, "connections", json_integer(i->overload_connections));
    if (i->overload_requests > 0)
        json_object_set_new(at, "requests", json_integer(i->overload_requests));
    if (json_object_size(at))
        json_object_set(out, "overloadAt", at);
    if (strcmp(m->role, "overstapsysteem") == 0)
        json_object_set_new(out, "volledigeStandSeconds",
                            json_integer(FULL_STATE_SECONDS));
    json_decref(at);
    free(name);
    iut_free(i);
    return out;
}

/* Its folder, empty but for the iut.json. */
static int prepare(struct child *c, struct err *e)
{
    int rc = file_rmtree(c->folder, e);
    if (!rc)
        rc = file_mkdirs(c->folder, e);
    if (rc)
        return rc;
    json_t *iut = iut_of(c->pool, c->mutant);
    char *path = xasprintf("%s/iut.json", c->folder);
    char *text = json_dumps(iut, JSON_INDENT(1));
    rc = file_write(path, text, strlen(text), e);
    free(text);
    free(path);
    json_decref(iut);
    return rc;
}

/* ---- one child ---- */

static void child_over(void *arg, int status, int signum, const char *output)
{
    struct child *c = arg;
    struct pool *p = c->pool;
    struct tried t = {.mutant = c->mutant, .exit_code = status};
    (void)signum;
    (void)output;
    wire_timer_cancel(p->wire, c->deadline);
    t.seconds = (double)(wire_now(p->wire) - c->began) / (double)NS_PER_S;
    if (!p->interrupted) {
        tried_read(c->folder, &t);
        p->c->ended(p->c->arg, &t);
    }
    tried_done(&t);
    free(c->folder);
    *c = (struct child){0};
    p->running--;
    start_more(p);
}

static void too_long(void *arg)
{
    struct child *c = arg;
    c->deadline = NULL;
    process_stop(c->process, STOP_GRACE);
}

static int launch(struct child *c, struct err *e)
{
    struct pool *p = c->pool;
    char *iut = xasprintf("%s/iut.json", c->folder);
    char *out = xasprintf("%s/stdout.txt", c->folder);
    char *errors = xasprintf("%s/stderr.txt", c->folder);
    char *seed = xasprintf("%llu", (unsigned long long)p->c->seed);
    char *profile = xstrdup(p->c->profile);
    char defect[] = "--patience=" PATIENCE_DEFECT, odd[] = "--patience=" PATIENCE_UNUSUAL;
    char *patience = c->mutant->kind == MUTANT_UNUSUAL ? odd : defect;
    char binary[] = "run", quiet[] = "--quiet", jobs[] = "--jobs=" CONVERSATIONS,
         lang[] = "--lang=en", volume[] = "--volume=" CROWD, at_iut[] = "--iut",
         at_out[] = "--out", at_seed[] = "--seed", at_profile[] = "--profile";
    char *argv[] = {p->binary, binary,     quiet,   patience, jobs,      lang,
                    volume,    at_iut,     iut,     at_out,   c->folder, at_seed,
                    seed,      at_profile, profile, NULL};
    struct process_spec s = {.argv = argv, .stdout_path = out, .stderr_path = errors};
    int rc = process_start(p->wire, &s, child_over, c, &c->process, e);
    char *texts[] = {iut, out, errors, seed, profile};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    return rc;
}

static int child_start(struct child *c, struct pool *p, const struct mutant *m)
{
    c->pool = p;
    c->mutant = m;
    c->folder = xasprintf("%s/%s", p->c->folder, m->name);
    c->began = wire_now(p->wire);
    int rc = prepare(c, p->e);
    if (!rc)
        rc = launch(c, p->e);
    if (rc) {
        free(c->folder);
        *c = (struct child){0};
        return rc;
    }
    c->deadline = wire_timer(p->wire, c->began + CHILD_WITHIN, too_long, c);
    p->running++;
    return 0;
}

/* ---- all of them ---- */

static void start_more(struct pool *p)
{
    for (int i = 0; i < p->c->jobs && !p->rc && !p->interrupted; i++)
        if (!p->children[i].mutant && p->next < p->c->n)
            p->rc = child_start(&p->children[i], p, p->c->v[p->next++]);
    if (!p->running)
        wire_stop(p->wire);
}

/* Once: each child ends its own run. Twice: at once. */
static void on_signal(void *arg, int signum)
{
    struct pool *p = arg;
    (void)signum;
    if (p->interrupted) {
        wire_stop(p->wire);
        return;
    }
    p->interrupted = true;
    for (int i = 0; i < p->c->jobs; i++)
        if (p->children[i].process)
            process_stop(p->children[i].process, STOP_GRACE);
    if (!p->running)
        wire_stop(p->wire);
}

static void begin(void *arg)
{
    start_more(arg);
}

int pool_run(const struct pool_config *c, bool *interrupted, struct err *e)
{
    struct pool p = {.c = c, .e = e};
    int rc = wire_real_new(&p.wire, e);
    if (rc)
        return rc;
    p.binary = cli_binary();
    p.children = xcalloc((size_t)c->jobs, sizeof *p.children);
    wire_real_on_signal(p.wire, on_signal, &p);
    wire_timer(p.wire, wire_now(p.wire), begin, &p);
    rc = wire_run(p.wire);
    process_kill_all();
    wire_free(p.wire);
    for (int i = 0; i < c->jobs; i++)
        free(p.children[i].folder);
    free(p.children);
    free(p.binary);
    *interrupted = p.interrupted;
    return rc ? rc : p.rc;
}
