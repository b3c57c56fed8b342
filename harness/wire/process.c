#include "harness/wire/process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/wire/process_exec.h"
#include "harness/wire/real.h"

#define CAPTURE_MAX ((size_t)1 << 20)

struct process {
    struct real *real;
    struct process *prev, *next;
    struct process *prev_alive, *next_alive;
    uv_process_t uv;
    uv_pipe_t in, out;
    bool in_open, out_open;
    uv_write_t write;
    char *stdin_text;
    struct buf output;
    bool capture, takes_all;
    struct wire_timer *kill_timer;
    int pid;
    bool exited;
    bool stopping;
    int handles; /* of libuv, still open */
    int leash;   /* our end of the pipe to its keeper: see process_exec.c */
    process_exit_cb *cb;
    void *arg;
    char piece[16 * 1024];
};

/* Every process group that we have running, for process_kill_all, which is called when
 * there is nothing left but the wish to leave nothing behind. The one list in this room
 * that belongs to the process and not to a door. */
static struct process *alive;

/* ---- life ---- */

static void alive_add(struct process *p)
{
    p->next_alive = alive;
    if (alive)
        alive->prev_alive = p;
    alive = p;
}

static void alive_remove(struct process *p)
{
    if (p->prev_alive)
        p->prev_alive->next_alive = p->next_alive;
    else if (alive == p)
        alive = p->next_alive;
    if (p->next_alive)
        p->next_alive->prev_alive = p->prev_alive;
    p->prev_alive = p->next_alive = NULL;
}

static void process_memory_free(struct process *p)
{
    buf_done(&p->output);
    free(p->stdin_text);
    free(p);
}

static void handle_closed(uv_handle_t *h)
{
    struct process *p = h->data;
    if (--p->handles == 0)
        process_memory_free(p);
}

static void close_in(struct process *p)
{
    if (p->in_open)
        uv_close((uv_handle_t *)&p->in, handle_closed);
    p->in_open = false;
}

static void close_out(struct process *p)
{
    if (p->out_open)
        uv_close((uv_handle_t *)&p->out, handle_closed);
    p->out_open = false;
}

/* Lets go of the loop; the memory follows when libuv is done. */
static void process_drop(struct process *p)
{
    wire_timer_cancel(&p->real->wire, p->kill_timer);
    p->kill_timer = NULL;
    alive_remove(p);
    if (p->prev)
        p->prev->next = p->next;
    else
        p->real->processes = p->next;
    if (p->next)
        p->next->prev = p->prev;
    if (p->leash >= 0)
        close(p->leash);
    if (!p->handles) { /* libuv never heard of it */
        process_memory_free(p);
        return;
    }
    close_in(p);
    close_out(p);
    uv_close((uv_handle_t *)&p->uv, handle_closed);
}

/* ---- output ---- */

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *b)
{
    (void)hint;
    struct process *p = h->data;
    *b = uv_buf_init(p->piece, sizeof p->piece);
}

static void keep_output(struct process *p, const char *s, size_t n)
{
    const size_t room = CAPTURE_MAX - p->output.n;
    buf_add(&p->output, s, n < room ? n : room);
}

static void on_output(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct process *p = s->data;
    if (n < 0)
        close_out(p);
    else if (n > 0)
        keep_output(p, b->base, (size_t)n);
}

/* What the process wrote just before it ended is in the pipe already. A grandchild may
 * hold the pipe open: its end of file is not waited for. */
static void read_rest(struct process *p)
{
    uv_os_fd_t fd;
    if (!p->out_open || uv_fileno((uv_handle_t *)&p->out, &fd))
        return;
    for (ssize_t n; (n = read(fd, p->piece, sizeof p->piece)) > 0;)
        keep_output(p, p->piece, (size_t)n);
}

static void on_exit_status(uv_process_t *h, int64_t status, int signum)
{
    struct process *p = h->data;
    p->exited = true;
    read_rest(p);
    if (p->stopping || p->takes_all)
        kill(-p->pid, SIGKILL); /* what is left of its group */
    if (write(p->leash, "", 1) < 0)
        errno = 0; /* the keeper is gone: nothing to let go of */
    process_exit_cb *cb = p->cb;
    void *arg = p->arg;
    const char *output = p->capture ? (p->output.n ? p->output.p : "") : NULL;
    process_drop(p);
    cb(arg, signum ? -1 : (int)status, signum, output); /* p is freed later on the loop */
}

/* ---- environment and look-up ---- */

/* Ours, with `extra` added or replacing, and the parent's number. The caller frees with
 * env_free. */
static char **env_make(char *const *extra)
{
    extern char **environ;
    size_t n = 0, extra_n = 0, to = 0;
    while (environ[n])
        n++;
    while (extra && extra[extra_n])
        extra_n++;
    char **env = xcalloc(n + extra_n + 2, sizeof *env);
    for (size_t i = 0; i < n; i++) {
        bool replaced = false;
        for (size_t k = 0; k < extra_n && !replaced; k++) {
            const size_t name_n = strcspn(extra[k], "=");
            replaced =
                strncmp(environ[i], extra[k], name_n) == 0 && environ[i][name_n] == '=';
        }
        if (!replaced)
            env[to++] = xstrdup(environ[i]);
    }
    for (size_t k = 0; k < extra_n; k++)
        env[to++] = xstrdup(extra[k]);
    env[to] = xasprintf(PROCESS_PARENT_ENV "=%d", (int)getpid());
    return env;
}

static void env_free(char **env)
{
    for (char **v = env; v && *v; v++)
        free(*v);
    free(env);
}

static const char *env_value(char *const *env, const char *name)
{
    const size_t n = strlen(name);
    for (; *env; env++)
        if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
            return *env + n + 1;
    return NULL;
}

/* Is there a program of that name to run? Asked beforehand, because the child can only
 * tell by its exit status. */
static bool program_exists(const char *name, const char *cwd, char *const *env)
{
    if (strchr(name, '/')) {
        char *path = name[0] == '/' ? xstrdup(name) : xasprintf("%s/%s", cwd, name);
        const bool found = access(path, X_OK) == 0;
        free(path);
        return found;
    }
    const char *dirs = env_value(env, "PATH");
    if (!dirs)
        dirs = "/bin:/usr/bin"; /* what execvp does */
    for (bool found = false;; dirs++) {
        const size_t n = strcspn(dirs, ":");
        char *path =
            n ? xasprintf("%.*s/%s", (int)n, dirs, name) : xasprintf("%s/%s", cwd, name);
        found = access(path, X_OK) == 0;
        free(path);
        dirs += n;
        if (found || !*dirs)
            return found;
    }
}

/* ---- starting ---- */

static void on_stdin_written(uv_write_t *q, int status)
{
    (void)status;
    close_in(q->data);
}

/* Opens a file to append to as one of the child's descriptors. */
static int append_to(const char *path, uv_stdio_container_t *to, int *fd, struct err *e)
{
    if (!path)
        return 0; /* libuv gives /dev/null */
    *fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (*fd < 0)
        return err_set(e, E_ENV, "cannot write to %s: %s", path, strerror(errno));
    to->flags = UV_INHERIT_FD;
    to->data.fd = *fd;
    return 0;
}

static void pipe_open(struct process *p, uv_pipe_t *pipe, uv_stdio_container_t *to,
                      uv_stdio_flags direction)
{
    uv_pipe_init(&p->real->loop, pipe, 0);
    pipe->data = p;
    p->handles++;
    to->flags = (uv_stdio_flags)(UV_CREATE_PIPE | direction);
    to->data.stream = (uv_stream_t *)pipe;
}

/* The words of `/proc/self/exe __exec DIR CMD ARG...`, borrowed but for the array. */
static char **exec_words(const struct process_spec *s, char *name, char *verb, char *cwd)
{
    size_t n = 0;
    while (s->argv[n])
        n++;
    char **words = xcalloc(n + 4, sizeof *words);
    words[0] = name;
    words[1] = verb;
    words[2] = cwd;
    memcpy(words + 3, s->argv, n * sizeof *words);
    return words;
}

static int process_spawn(struct process *p, const struct process_spec *s, char **env,
                         struct err *e)
{
    char name[] = "koppelproef", verb[] = "__exec", self[] = "/proc/self/exe";
    char cwd[PATH_MAX];
    uv_stdio_container_t io[4] = {{.flags = UV_IGNORE}};
    int out = -1, error = -1, leash[2] = {-1, -1};
    char **words = NULL;
    int rc = E_ENV;

    snprintf(cwd, sizeof cwd, "%s", s->cwd && s->cwd[0] ? s->cwd : ".");
    if (!program_exists(s->argv[0], cwd, env)) {
        err_set(e, E_ENV, "cannot start %s: no such program", s->argv[0]);
        goto out;
    }
    if ((!s->capture && append_to(s->stdout_path, &io[1], &out, e)) ||
        append_to(s->stderr_path, &io[2], &error, e))
        goto out;
    if (pipe2(leash, O_CLOEXEC)) {
        err_set(e, E_ENV, "cannot start %s: %s", s->argv[0], strerror(errno));
        goto out;
    }
    p->leash = leash[1];
    io[PROCESS_LEASH_FD].flags = UV_INHERIT_FD;
    io[PROCESS_LEASH_FD].data.fd = leash[0];
    if (s->stdin_text) {
        pipe_open(p, &p->in, &io[0], UV_READABLE_PIPE);
        p->in_open = true;
    }
    if (s->capture) {
        pipe_open(p, &p->out, &io[1], UV_WRITABLE_PIPE);
        p->out_open = true;
    }
    words = exec_words(s, name, verb, cwd);
    const uv_process_options_t options = {
        .exit_cb = on_exit_status,
        .file = self,
        .args = words,
        .env = env,
        .flags = UV_PROCESS_DETACHED, /* a session, so a process group, of its own */
        .stdio_count = ARRAY_LEN(io),
        .stdio = io,
    };
    p->handles++;
    const int failed = uv_spawn(&p->real->loop, &p->uv, &options);
    if (failed) {
        err_set(e, E_ENV, "cannot start %s: %s", s->argv[0], uv_strerror(failed));
        goto out;
    }
    p->pid = p->uv.pid;
    rc = 0;
out:
    free(words);
    if (out >= 0)
        close(out);
    if (error >= 0)
        close(error);
    if (leash[0] >= 0)
        close(leash[0]);
    return rc;
}

int process_start(struct wire *w, const struct process_spec *s, process_exit_cb *cb,
                  void *arg, struct process **out, struct err *e)
{
    assert(real_is(w));
    struct real *r = real_of(w);
    struct process *p = xcalloc(1, sizeof *p);
    p->real = r;
    p->cb = cb;
    p->arg = arg;
    p->capture = s->capture;
    p->takes_all = s->takes_all;
    buf_init(&p->output, CAPTURE_MAX);
    p->uv.data = p;
    p->leash = -1;
    p->next = r->processes;
    if (p->next)
        p->next->prev = p;
    r->processes = p;

    char **env = env_make(s->env_extra);
    const int rc = process_spawn(p, s, env, e);
    env_free(env);
    if (rc) {
        process_drop(p);
        return rc;
    }
    alive_add(p);
    if (p->in_open) {
        p->stdin_text = xstrdup(s->stdin_text);
        const uv_buf_t b = uv_buf_init(p->stdin_text, (unsigned)strlen(p->stdin_text));
        p->write.data = p;
        if (uv_write(&p->write, (uv_stream_t *)&p->in, &b, 1, on_stdin_written))
            close_in(p);
    }
    if (p->out_open)
        uv_read_start((uv_stream_t *)&p->out, on_alloc, on_output);
    *out = p;
    return 0;
}

int process_pid(const struct process *p)
{
    return p->pid;
}

/* ---- ending ---- */

void process_signal(struct process *p, int signum)
{
    if (!p->exited && kill(-p->pid, signum) && errno == ESRCH)
        kill(p->pid, signum);
}

static void kill_now(void *arg)
{
    struct process *p = arg;
    p->kill_timer = NULL;
    process_signal(p, SIGKILL);
}

void process_stop(struct process *p, uint64_t grace_ns)
{
    struct wire *w = &p->real->wire;
    p->stopping = true;
    process_signal(p, SIGTERM);
    if (!p->kill_timer && !p->exited)
        p->kill_timer = wire_timer(w, wire_now(w) + grace_ns, kill_now, p);
}

void process_kill_all(void)
{
    for (struct process *p = alive; p; p = p->next_alive)
        process_signal(p, SIGKILL);
    for (struct process *p; (p = alive);) {
        alive_remove(p);
        p->exited = true;
        while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
}

void process_free_all(struct real *r)
{
    while (r->processes) {
        struct process *p = r->processes;
        if (!p->exited) {
            process_signal(p, SIGKILL);
            waitpid(p->pid, NULL, 0);
        }
        process_drop(p);
    }
}
