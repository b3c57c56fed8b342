/*
 * Other programs as separate processes, on the real door. A child gets a process group of
 * its own and dies with us (PR_SET_PDEATHSIG, set by process_exec_main between fork and
 * exec), so that nothing is left behind even when we are killed.
 */
#ifndef WIRE_PROCESS_H
#define WIRE_PROCESS_H

#include "harness/wire/wire.h"

struct process;

struct process_spec {
    char *const *argv;      /* argv[0] looked up in PATH when it has no slash */
    char *const *env_extra; /* "NAME=value"; added to (and replacing) our environment */
    const char *cwd;
    const char *stdout_path, *stderr_path; /* appended to; NULL: /dev/null */
    const char *stdin_text; /* written to its standard input, then closed; NULL: empty */
    bool takes_all; /* what is left of its group when it ends is killed: a server that a
                       script left behind would hold its port and its memory */
    bool capture;   /* collect standard output (at most 1 MiB) instead of stdout_path */
};
/* status: exit status, or -1 when it ended by `signal`. output: captured text or NULL. */
typedef void process_exit_cb(void *arg, int status, int signal, const char *output);

/* 0 or E_ENV with one sentence. The callback comes exactly once. */
int process_start(struct wire *real, const struct process_spec *s, process_exit_cb *cb,
                  void *arg, struct process **out, struct err *e);
int process_pid(const struct process *p);
/* The most memory that it ever held until now, resident, with all its children: bytes,
 * the sum of what each held at most. 0 when it is gone. */
uint64_t process_peak_memory(const struct process *p);
/* Sends a signal to its whole process group. */
void process_signal(struct process *p, int signum);
/* SIGTERM, then SIGKILL after grace_ns. The exit callback tells when it is gone. */
void process_stop(struct process *p, uint64_t grace_ns);
/* At our own end, from outside the loop: SIGKILL to every group still alive, and reap. */
void process_kill_all(void);

/* The hidden sub-command `koppelproef __exec DIR CMD ARG...`: sets the death signal and
 * process group, then execs. Returns an exit code when it could not. */
int process_exec_main(int argc, char **argv);

/* A TCP port on `host` that is free now, from outside the kernel's range of ephemeral
 * ports so that no outgoing connection of ours can take it meanwhile, and held against
 * other laboratories on this machine until it is released. 0 when none. */
int process_free_port(const char *host);
void process_release_port(int port); /* not held: nothing happens */

#endif
