/* The children of `selftest`: each is `koppelproef run` with one mutant as the system
 * under test, in a folder of its own. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/selftest.h"
#include "harness/wire/process.h"

/* Conversations at the same time: within a child, and of all children for each job. Most
 * of their time is waiting. */
#define CONVERSATIONS 24
#define PER_JOB       60
#define CHILDREN_MAX  64
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
    const struct attempt *attempt; /* NULL: free */
    char *folder;
    size_t weight; /* conversations at the same time */
    struct process *process;
    struct wire_timer *deadline;
    uint64_t began;
};

struct pool {
    const struct pool_config *c;
    struct wire *wire;
    char *binary;
    struct child children[CHILDREN_MAX];
    bool *begun; /* of c->v */
    size_t running, weight;
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
    json_array_append_new(words, json_string(m ? "--mutant" : "--scout"));
    if (m)
        json_array_append_new(words, json_string(m->name));
    return words;
}

/* The reference's iut.json with this mutant in its place. */
static json_t *iut_of(const struct pool *p, const struct attempt *a)
{
    struct iut *i = iut_reference(a->role, p->binary);
    char *name = a->mutant ? xasprintf("mutant %s", a->mutant->name)
                           : xasprintf("%s that scouts", i->name);
    json_t *out = json_pack("{ss,ss,ss,so,sO,sO}", "role", a->role, "name", name,
                            "version", i->version, "start", start_of(i, a->mutant),
                            "capabilities", i->capabilities, "profiles", i->profiles);
    json_t *at = json_object();
    if (i->overload_connections > 0)
        json_object_set_new(at, "connections", json_integer(i->overload_connections));
    if (i->overload_requests > 0)
        json_object_set_new(at, "requests", json_integer(i->overload_requests));
    if (json_object_size(at))
        json_object_set(out, "overloadAt", at);
    if (strcmp(a->role, "overstapsysteem") == 0)
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
    json_t *iut = iut_of(c->pool, c->attempt);
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
    const struct attempt *a = c->attempt;
    struct tried t = {.mutant = a->mutant, .exit_code = status};
    (void)signum;
    (void)output;
    wire_timer_cancel(p->wire, c->deadline);
    t.seconds = (double)(wire_now(p->wire) - c->began) / (double)NS_PER_S;
    if (!p->interrupted) {
        tried_read(c->folder, a->role, &t);
        p->c->ended(p->c->arg, a, c->folder, &t);
    }
    tried_done(&t);
    free(c->folder);
    p->weight -= c->weight;
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

/* The words of a command line, which are its own. */
struct words {
    char **v;
    size_t n;
};

static void say(struct words *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct words *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    w->v = xrealloc(w->v, (w->n + 2) * sizeof *w->v);
    w->v[w->n++] = xvasprintf(fmt, ap);
    w->v[w->n] = NULL;
    va_end(ap);
}

static struct words command_of(const struct child *c)
{
    const struct pool *p = c->pool;
    const struct attempt *a = c->attempt;
    bool patient = !a->mutant || a->mutant->kind == MUTANT_UNUSUAL;
    struct words w = {0};
    say(&w, "%s", p->binary);
    say(&w, "run");
    say(&w, "--quiet");
    say(&w, "--lang=en");
    say(&w, "--patience=%s", patient ? PATIENCE_UNUSUAL : PATIENCE_DEFECT);
    say(&w, "--jobs=%zu", c->weight);
    say(&w, "--volume=%s", CROWD);
    say(&w, "--iut=%s/iut.json", c->folder);
    say(&w, "--out=%s", c->folder);
    say(&w, "--seed=%llu", (unsigned long long)p->c->seed);
    say(&w, "--profile=%s", p->c->profile);
    for (size_t i = 0; i < json_array_size(a->scenarios); i++)
        say(&w, "%s", json_string_value(json_array_get(a->scenarios, i)));
    return w;
}

static int launch(struct child *c, struct err *e)
{
    char *out = xasprintf("%s/stdout.txt", c->folder);
    char *errors = xasprintf("%s/stderr.txt", c->folder);
    struct words w = command_of(c);
    struct process_spec s = {.argv = w.v, .stdout_path = out, .stderr_path = errors};
    int rc = process_start(c->pool->wire, &s, child_over, c, &c->process, e);
    for (size_t i = 0; i < w.n; i++)
        free(w.v[i]);
    free(w.v);
    free(out);
    free(errors);
    return rc;
}

static int child_start(struct child *c, struct pool *p, const struct attempt *a,
                       size_t weight)
{
    c->pool = p;
    c->attempt = a;
    c->weight = weight;
    c->folder = a->mutant ? xasprintf("%s/%s", p->c->folder, a->mutant->name)
                          : xasprintf("%s/scout-%s", p->c->folder, a->role);
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
    p->weight += weight;
    return 0;
}

/* ---- all of them ---- */

static struct child *free_child(struct pool *p)
{
    for (size_t i = 0; i < CHILDREN_MAX; i++)
        if (!p->children[i].attempt)
            return &p->children[i];
    return NULL;
}

static size_t weight_of(const struct attempt *a)
{
    size_t n = a->scenarios ? json_array_size(a->scenarios) : CONVERSATIONS;
    return n < CONVERSATIONS ? n : CONVERSATIONS;
}

/* The first ones that there is room for, in their order. */
static void start_more(struct pool *p)
{
    size_t room = (size_t)p->c->jobs * PER_JOB;
    for (size_t i = 0; i < p->c->n && !p->rc && !p->interrupted; i++) {
        size_t weight = weight_of(&p->c->v[i]);
        struct child *c = free_child(p);
        if (p->begun[i] || p->weight + weight > room || !c)
            continue;
        p->begun[i] = true;
        p->rc = child_start(c, p, &p->c->v[i], weight);
    }
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
    for (size_t i = 0; i < CHILDREN_MAX; i++)
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
    p.begun = xcalloc(c->n + 1, sizeof *p.begun);
    wire_real_on_signal(p.wire, on_signal, &p);
    wire_timer(p.wire, wire_now(p.wire), begin, &p);
    rc = wire_run(p.wire);
    process_kill_all();
    wire_free(p.wire);
    for (size_t i = 0; i < CHILDREN_MAX; i++)
        free(p.children[i].folder);
    free(p.begun);
    free(p.binary);
    *interrupted = p.interrupted;
    return rc ? rc : p.rc;
}
