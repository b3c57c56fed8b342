#include "harness/scenario/sut.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/wire/process.h"

#define READY_WITHIN (10 * (uint64_t)NS_PER_S) /* CONTRACT.md 9: ready within 10 s */
#define READY_POLL   (15 * (uint64_t)NS_PER_MS)
#define STOP_GRACE   (5 * (uint64_t)NS_PER_S)

struct sut {
    struct sut_config c;
    char *dir, *scenario;
    char *clients_file;
    char *url, *observer;
    char **env;
    int port; /* that we gave it; 0: none */
    struct process *process;
    bool exited, stopping, killing;
    int exit_status, exit_signal;
    uint64_t peak; /* memory of this life, when it was told to go; 0: not known */
    /* The one piece of work under way. */
    sut_cb *cb;
    void *arg;
    bool restart_after_stop;
    uint64_t ready_deadline;
    uint64_t began, took; /* the first start */
    struct wire_timer *timer;
    struct wire_call *probe;
    bool freeing;
    struct process *command;
};

static void event(struct sut *s, const char *phase, json_t *more)
{
    json_t *e = more ? more : json_object();
    json_object_set_new(e, "phase", json_string(phase));
    journal_event(s->c.journal, wire_now(s->c.wire), "system", s->scenario, e);
}

static void done(struct sut *s, bool ok, const char *blame, const char *text)
{
    sut_cb *cb = s->cb;
    wire_timer_cancel(s->c.wire, s->timer);
    s->timer = NULL;
    s->cb = NULL;
    if (cb)
        cb(s->arg, ok, blame, text);
}

static void begin(struct sut *s, sut_cb *cb, void *arg)
{
    s->cb = cb;
    s->arg = arg;
}

/* ---- environment ---- */

struct env {
    char **v;
    size_t n;
};

static void env_set(struct env *e, const char *name, char *value)
{
    if (value) {
        e->v = xrealloc(e->v, (e->n + 2) * sizeof *e->v);
        e->v[e->n++] = xasprintf("%s=%s", name, value);
        e->v[e->n] = NULL;
    }
    free(value);
}

static bool is_koppelpunt(const struct sut *s)
{
    return !strcmp(s->c.iut->role, "koppelpunt");
}

/* The variables of CONTRACT.md 9. */
static void make_env(struct sut *s)
{
    struct env e = {0};
    const struct sut_config *c = &s->c;
    env_set(&e, "IUT_STATE_DIR", xasprintf("%s/state", s->dir));
    env_set(&e, "KOPPELPROEF_PROFILE", xstrdup(profile_name(c->profile)));
    if (is_koppelpunt(s)) {
        s->port = process_free_port("127.0.0.1");
        s->url =
            xasprintf("%s://127.0.0.1:%d", c->tls_cert_file ? "https" : "http", s->port);
        env_set(&e, "KOPPELPUNT_TLS_CERT_FILE", xstrdup(c->tls_cert_file));
        env_set(&e, "KOPPELPUNT_TLS_KEY_FILE", xstrdup(c->tls_key_file));
        env_set(&e, "KOPPELPUNT_CLIENT_CA_FILE", xstrdup(c->client_ca_file));
        env_set(&e, "KOPPELPUNT_LISTEN", xasprintf("127.0.0.1:%d", s->port));
        env_set(&e, "IUT_CLIENTS_FILE", xstrdup(s->clients_file));
        if (c->cursor_seconds >= 0)
            env_set(&e, "KOPPELPUNT_CURSOR_SECONDS", xasprintf("%g", c->cursor_seconds));
        env_set(&e, "KOPPELPUNT_NOTIFICATIE_SCHAAL",
                xasprintf("%g", c->notification_scale));
    } else {
        char at[32];
        s->port = process_free_port("127.0.0.1");
        s->observer = c->iut->observer_url ? xstrdup(c->iut->observer_url)
                                           : xasprintf("http://127.0.0.1:%d", s->port);
        env_set(&e, "WAARNEMER_LISTEN", xasprintf("127.0.0.1:%d", s->port));
        env_set(&e, "KOPPELPUNT_URL", xstrdup(c->koppelpunt_url));
        env_set(&e, "KOPPELPUNT_TOKEN_URL", xstrdup(c->token_url));
        env_set(&e, "KOPPELPUNT_CLIENT_ID", xstrdup(c->client_id));
        env_set(&e, "KOPPELPUNT_CLIENT_SECRET", xstrdup(c->client_secret));
        env_set(&e, "KOPPELPUNT_CA_FILE", xstrdup(c->ca_file));
        env_set(&e, "OPHAALINTERVAL_SECONDS", xasprintf("%g", c->interval_seconds));
        env_set(&e, "KOPPELPUNT_AANSLUITDATUM",
                xstrdup(when_format(c->aansluitdatum, at)));
    }
    s->env = e.v;
}

struct sut *sut_new(const struct sut_config *c)
{
    struct sut *s = xcalloc(1, sizeof *s);
    s->c = *c;
    s->dir = xstrdup(c->dir);
    s->scenario = xstrdup(c->scenario);
    s->clients_file = xasprintf("%s/clients.json", s->dir);
    if (c->iut->start) {
        make_env(s);
    } else if (is_koppelpunt(s)) {
        struct env e = {0}; /* for the command that reloads */
        env_set(&e, "IUT_CLIENTS_FILE", xstrdup(s->clients_file));
        s->env = e.v;
        s->url = xstrdup(c->iut->base_url);
    } else {
        s->observer = xstrdup(c->iut->observer_url);
    }
    return s;
}

/* ---- ready? ---- */

static void probe(void *arg);

static void probe_again(struct sut *s)
{
    s->timer = wire_timer(s->c.wire, wire_now(s->c.wire) + READY_POLL, probe, s);
}

static void not_ready(struct sut *s)
{
    char *text;
    if (s->exited)
        text =
            xasprintf("the system ended (%s %d) before it was ready; see %s/stderr.txt",
                      s->exit_signal ? "signal" : "status",
                      s->exit_signal ? s->exit_signal : s->exit_status, s->dir);
    else
        text =
            is_koppelpunt(s)
                ? xasprintf(
                      "the koppelpunt did not answer 200 on gezondheid at %s within "
                      "10 s; see %s/stderr.txt",
                      s->url, s->dir)
                : xasprintf("the observer at %s accepted no connection within 10 s; see "
                            "%s/stderr.txt",
                            s->observer, s->dir);
    done(s, false, "system", text);
    free(text);
}

static void probed(void *arg, const struct call_result *r)
{
    struct sut *s = arg;
    s->probe = NULL;
    if (s->freeing)
        return;
    bool ready = is_koppelpunt(s)
                     ? r->outcome == CALL_ANSWERED && r->response.status == 200
                     : r->outcome != CALL_REFUSED;
    if (ready && !s->exited) {
        event(s, "ready", NULL);
        if (!s->took && s->began)
            s->took = wire_now(s->c.wire) - s->began;
        done(s, true, NULL, NULL);
    } else if (s->exited || wire_now(s->c.wire) > s->ready_deadline) {
        not_ready(s);
    } else {
        probe_again(s);
    }
}

static void probe(void *arg)
{
    struct sut *s = arg;
    s->timer = NULL;
    if (s->exited) {
        not_ready(s);
        return;
    }
    struct http_request req;
    http_request_init(&req);
    if (is_koppelpunt(s))
        profile_ask(s->c.profile, OP_GEZONDHEID, NULL, NULL, &req);
    else
        http_request_line(&req, "GET", "/");
    struct call c = {.url = is_koppelpunt(s) ? s->url : s->observer,
                     .pool = "ready",
                     .request = &req,
                     .timeout_ns = 2 * (uint64_t)NS_PER_S,
                     .ca_file = s->c.ca_file,
                     .cert_file = s->c.own_cert_file,
                     .key_file = s->c.own_key_file,
                     .fresh = true};
    s->probe = wire_call(s->c.wire, &c, probed, s);
    http_request_done(&req);
}

/* ---- starting and stopping ---- */

static void launch(struct sut *s);

static void exited(void *arg, int status, int signum, const char *output)
{
    struct sut *s = arg;
    (void)output;
    s->process = NULL;
    s->exited = true;
    s->exit_status = status;
    s->exit_signal = signum;
    if (s->freeing)
        return;
    json_t *e = json_pack("{si,si}", "status", status, "signal", signum);
    if (s->peak)
        json_object_set_new(e, "peak", json_integer((json_int_t)s->peak));
    event(s, s->killing ? "killed" : s->stopping ? "stopped" : "exited", e);
    s->peak = 0;
    if (!s->stopping)
        return; /* by itself: whoever waits for it to be ready sees s->exited */
    s->stopping = s->killing = false;
    if (s->restart_after_stop) {
        s->restart_after_stop = false;
        launch(s);
    } else {
        done(s, true, NULL, NULL);
    }
}

static void launch(struct sut *s)
{
    struct err e = {0};
    char *out = xasprintf("%s/stdout.txt", s->dir);
    char *errors = xasprintf("%s/stderr.txt", s->dir);
    struct process_spec spec = {.argv = s->c.iut->start,
                                .env_extra = s->env,
                                .cwd = s->c.iut->folder,
                                .stdout_path = out,
                                .stderr_path = errors,
                                .takes_all = true};
    s->exited = false;
    int rc = process_start(s->c.wire, &spec, exited, s, &s->process, &e);
    free(out);
    free(errors);
    if (rc) {
        s->exited = true;
        done(s, false, "configuration", e.text);
        return;
    }
    event(s, "started", json_pack("{si}", "pid", process_pid(s->process)));
    if (!s->began)
        s->began = wire_now(s->c.wire);
    s->ready_deadline = wire_now(s->c.wire) + READY_WITHIN;
    probe_again(s);
}

static int write_provisioning(struct sut *s, const json_t *provisioning, struct err *e)
{
    char *text = json_dumps(provisioning, JSON_INDENT(1));
    int rc = file_write(s->clients_file, text, strlen(text), e);
    free(text);
    return rc;
}

static void start_later(void *arg)
{
    struct sut *s = arg;
    s->timer = NULL;
    struct err e = {0};
    char *state = xasprintf("%s/state", s->dir);
    int rc = file_mkdirs(state, &e);
    free(state);
    if (!rc && is_koppelpunt(s))
        rc = write_provisioning(s, s->c.provisioning, &e);
    if (rc)
        done(s, false, "environment", e.text);
    else
        launch(s);
}

static void nothing_to_do(void *arg)
{
    struct sut *s = arg;
    s->timer = NULL;
    done(s, true, NULL, NULL);
}

void sut_start(struct sut *s, sut_cb *cb, void *arg)
{
    begin(s, cb, arg);
    s->timer = wire_timer(s->c.wire, wire_now(s->c.wire),
                          s->c.iut->start ? start_later : nothing_to_do, s);
}

void sut_stop(struct sut *s, bool kill, sut_cb *cb, void *arg)
{
    begin(s, cb, arg);
    if (!s->process) {
        s->timer = wire_timer(s->c.wire, wire_now(s->c.wire), nothing_to_do, s);
        return;
    }
    s->stopping = true;
    s->killing = kill;
    s->peak = process_peak_memory(s->process);
    if (kill) {
        process_signal(s->process, SIGKILL);
    } else {
        /* From here on it need not do anything, however long it takes to end. */
        event(s, "stopping", json_object());
        process_stop(s->process, STOP_GRACE);
    }
}

void sut_kill(struct sut *s)
{
    if (!s->process)
        return;
    s->killing = true;
    s->restart_after_stop = false;
    s->peak = process_peak_memory(s->process);
    process_signal(s->process, SIGKILL);
}

/* ---- commands of a system that its owner keeps running ---- */

static void command_ended(void *arg, int status, int signum, const char *output)
{
    struct sut *s = arg;
    (void)output;
    s->command = NULL;
    if (s->freeing)
        return;
    if (status == 0 && signum == 0) {
        s->ready_deadline = wire_now(s->c.wire) + READY_WITHIN;
        s->exited = false;
        probe_again(s);
        return;
    }
    char *text = xasprintf("the command of the iut.json ended with status %d", status);
    done(s, false, "configuration", text);
    free(text);
}

static void run_command(struct sut *s, char **argv)
{
    struct err e = {0};
    char *errors = xasprintf("%s/commands.txt", s->dir);
    struct process_spec spec = {.argv = argv,
                                .env_extra = s->env,
                                .cwd = s->c.iut->folder,
                                .stdout_path = errors,
                                .stderr_path = errors};
    if (process_start(s->c.wire, &spec, command_ended, s, &s->command, &e))
        done(s, false, "configuration", e.text);
    free(errors);
}

void sut_restart(struct sut *s, bool kill, sut_cb *cb, void *arg)
{
    if (!s->c.iut->start) {
        begin(s, cb, arg);
        if (s->c.iut->restart)
            run_command(s, s->c.iut->restart);
        else
            s->timer = wire_timer(s->c.wire, wire_now(s->c.wire), nothing_to_do, s);
        return;
    }
    s->restart_after_stop = s->process != NULL;
    if (s->restart_after_stop) {
        sut_stop(s, kill, cb, arg);
    } else {
        begin(s, cb, arg);
        launch(s);
    }
}

void sut_reload(struct sut *s, const json_t *provisioning, sut_cb *cb, void *arg)
{
    struct err e = {0};
    begin(s, cb, arg);
    if (write_provisioning(s, provisioning, &e)) {
        done(s, false, "environment", e.text);
        return;
    }
    event(s, "reloaded", NULL);
    if (s->c.iut->reload) {
        run_command(s, s->c.iut->reload);
        return;
    }
    if (s->process)
        process_signal(s->process, SIGHUP);
    s->timer = wire_timer(s->c.wire, wire_now(s->c.wire), nothing_to_do, s);
}

const char *sut_url(const struct sut *s)
{
    return s->url;
}

const char *sut_observer_url(const struct sut *s)
{
    return s->observer;
}

uint64_t sut_start_took(const struct sut *s)
{
    return s ? s->took : 0;
}

bool sut_exited(const struct sut *s)
{
    return s->exited;
}

bool sut_hung_up(const struct sut *s)
{
    return s->exited && s->exit_signal == SIGHUP;
}

static void free_last(void *arg)
{
    struct sut *s = arg;
    process_release_port(s->port);
    for (size_t i = 0; s->env && s->env[i]; i++)
        free(s->env[i]);
    free(s->env);
    free(s->dir);
    free(s->scenario);
    free(s->clients_file);
    free(s->url);
    free(s->observer);
    free(s->c.tls_cert_file);
    free(s->c.tls_key_file);
    free(s->c.client_ca_file);
    free(s->c.own_cert_file);
    free(s->c.own_key_file);
    free(s);
}

/* The callbacks of a process and a probe come once more after this; the memory goes when
 * the last of them has come. */
static void free_when_quiet(void *arg)
{
    struct sut *s = arg;
    if (s->process || s->probe || s->command)
        s->timer =
            wire_timer(s->c.wire, wire_now(s->c.wire) + READY_POLL, free_when_quiet, s);
    else
        free_last(s);
}

void sut_free(struct sut *s)
{
    if (!s)
        return;
    s->freeing = true;
    s->cb = NULL;
    wire_timer_cancel(s->c.wire, s->timer);
    wire_call_cancel(s->c.wire, s->probe);
    if (s->process)
        process_signal(s->process, SIGKILL);
    if (s->command)
        process_signal(s->command, SIGKILL);
    free_when_quiet(s);
}
