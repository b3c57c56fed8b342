#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/mem.h"
#include "harness/wire/process.h"

struct seen {
    struct wire *w;
    int calls, status, signal;
    bool in_start;
    char *output;
};

static void on_exit_seen(void *arg, int status, int signum, const char *output)
{
    struct seen *s = arg;
    assert_false(s->in_start);
    s->calls++;
    s->status = status;
    s->signal = signum;
    s->output = xstrdup(output);
    wire_stop(s->w);
}

static int setup(void **state)
{
    struct wire *w;
    assert_int_equal(wire_real_new(&w, NULL), 0);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    wire_free(*state);
    return 0;
}

static struct process *start(struct seen *s, struct wire *w,
                             const struct process_spec *spec)
{
    struct process *p = NULL;
    struct err e = {0};
    *s = (struct seen){.w = w, .in_start = true};
    if (process_start(w, spec, on_exit_seen, s, &p, &e))
        fail_msg("%s", e.text);
    s->in_start = false;
    return p;
}

/* Runs `sh -c script` with captured output. */
static struct seen shell(struct wire *w, const char *script, struct process_spec spec)
{
    char sh[] = "sh", c[] = "-c", *text = xstrdup(script);
    char *argv[] = {sh, c, text, NULL};
    struct seen s;
    spec.argv = argv;
    spec.capture = true;
    start(&s, w, &spec);
    free(text);
    wire_run(w);
    assert_int_equal(s.calls, 1);
    assert_non_null(s.output);
    return s;
}

static void output_and_status(void **state)
{
    struct wire *w = *state;
    struct seen s = shell(w, "echo hallo; exit 7", (struct process_spec){0});
    assert_int_equal(s.status, 7);
    assert_int_equal(s.signal, 0);
    assert_string_equal(s.output, "hallo\n");
    free(s.output);
    s = shell(w, "kill -9 $$", (struct process_spec){0});
    assert_int_equal(s.status, -1);
    assert_int_equal(s.signal, SIGKILL);
    assert_string_equal(s.output, "");
    free(s.output);
    s = shell(w, "cat; pwd",
              (struct process_spec){.stdin_text = "van hier\n", .cwd = "/"});
    assert_string_equal(s.output, "van hier\n/\n");
    free(s.output);
    s = shell(w, "cat; readlink /proc/self/fd/0", (struct process_spec){0});
    assert_string_equal(s.output, "/dev/null\n");
    free(s.output);
    /* a background child that keeps the pipe open is not waited for */
    s = shell(w, "sleep 30 & echo $!", (struct process_spec){0});
    const long left = strtol(s.output, NULL, 10);
    assert_true(left > 1);
    kill((pid_t)left, SIGKILL);
    free(s.output);
    s = shell(w, "head -c 3000000 /dev/zero | tr '\\0' x", (struct process_spec){0});
    assert_int_equal(strlen(s.output),
                     1 << 20); /* the maximum, and it ended all the same */
    assert_int_equal(s.status, 0);
    free(s.output);
}

static void environment(void **state)
{
    struct wire *w = *state;
    const int open_for_all = dup(0);
    setenv("KP_KEPT", "oud", 1);
    setenv("KP_CHANGED", "oud", 1);
    char changed[] = "KP_CHANGED=nieuw", added[] = "KP_ADDED=a=b";
    char *env[] = {changed, added, NULL};
    struct seen s = shell(w,
                          "echo $KP_KEPT $KP_CHANGED $KP_ADDED [$KOPPELPROEF_PARENT]; "
                          "ls /proc/self/fd | wc -l",
                          (struct process_spec){.env_extra = env});
    /* no descriptor of ours reaches it: 0, 1, 2 and the folder that ls reads */
    assert_string_equal(s.output, "oud nieuw a=b []\n4\n");
    assert_int_equal(close(open_for_all), 0);
    free(s.output);
}

static void files(void **state)
{
    struct wire *w = *state;
    char dir[] = "/tmp/koppelproef-process-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *out = xasprintf("%s/out", dir), *script = xasprintf("%s/run.sh", dir);
    FILE *f = fopen(script, "w");
    assert_non_null(f);
    fputs("#!/bin/sh\necho uit\necho fout >&2\n", f);
    fclose(f);
    assert_int_equal(chmod(script, 0700), 0);
    char name[] = "./run.sh";
    char *argv[] = {name, NULL};
    const struct process_spec spec = {
        .argv = argv, .cwd = dir, .stdout_path = out, .stderr_path = out};
    for (int i = 0; i < 2; i++) { /* appended to */
        struct seen s;
        start(&s, w, &spec);
        wire_run(w);
        assert_int_equal(s.status, 0);
        assert_null(s.output);
    }
    char text[64] = "";
    f = fopen(out, "r");
    assert_int_equal(fread(text, 1, sizeof text - 1, f), 18);
    fclose(f);
    assert_string_equal(text, "uit\nfout\nuit\nfout\n");
    unlink(out);
    unlink(script);
    rmdir(dir);
    free(out);
    free(script);
}

static void cannot_start(void **state)
{
    struct wire *w = *state;
    char missing[] = "koppelproef-no-such-program", sh[] = "sh";
    char *argv[] = {missing, NULL}, *good[] = {sh, NULL};
    struct process *p = NULL;
    struct err e = {0};
    struct seen s = {.w = w};
    struct process_spec spec = {.argv = argv};
    assert_int_equal(process_start(w, &spec, on_exit_seen, &s, &p, &e), E_ENV);
    assert_non_null(strstr(e.text, "koppelproef-no-such-program"));
    err_clear(&e);
    spec = (struct process_spec){.argv = good, .stdout_path = "/no/such/dir/x"};
    assert_int_equal(process_start(w, &spec, on_exit_seen, &s, &p, &e), E_ENV);
    assert_non_null(strstr(e.text, "/no/such/dir/x"));
    assert_null(p);
    assert_int_equal(wire_run(w), 0);
    assert_int_equal(s.calls, 0);
    /* a folder that is not there shows in the exit status */
    spec = (struct process_spec){.argv = good, .cwd = "/no/such/dir"};
    start(&s, w, &spec);
    wire_run(w);
    assert_int_equal(s.status, 126);
}

/* Is there such a process (a zombie counts)? Of its group there may be zombies that are
 * not ours to reap. */
static bool lives(int pid)
{
    return kill(pid, 0) == 0 || errno != ESRCH;
}

/* Waits for something that another process brings about: bounded, by the pipe it holds.
 */
static void wait_eof(int fd)
{
    char b[64];
    ssize_t n;
    while ((n = read(fd, b, sizeof b)) > 0 || (n < 0 && errno == EINTR))
        continue;
}

static void stop_gently(void **state)
{
    struct wire *w = *state;
    struct seen s;
    char sh[] = "sh", c[] = "-c",
         text[] = "trap 'exit 3' TERM; while :; do sleep 0.01; done";
    char *argv[] = {sh, c, text, NULL};
    const struct process_spec spec = {.argv = argv};
    struct process *p = start(&s, w, &spec);
    assert_true(process_pid(p) > 1);
    assert_int_equal(getpgid(process_pid(p)), process_pid(p));
    process_stop(p, 30 * NS_PER_S);
    wire_run(w);
    assert_int_equal(s.calls, 1);
    assert_true(s.status == 3 || s.signal == SIGTERM); /* the trap may not be set yet */
}

static void stop_hard(void **state)
{
    struct wire *w = *state;
    struct seen s;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    char sh[] = "sh", c[] = "-c",
         text[] = "trap '' TERM; sleep 1000 & sleep 1000; sleep 1000";
    char *argv[] = {sh, c, text, NULL};
    const struct process_spec spec = {.argv = argv};
    struct process *p = start(&s, w, &spec);
    close(fds[1]);
    close(fds[0]);
    const int pid = process_pid(p);
    process_stop(p, 50 * NS_PER_MS);
    wire_run(w);
    assert_int_equal(s.calls, 1);
    assert_true(s.signal == SIGKILL || s.signal == SIGTERM);
    (void)pid;
}

/* SIGKILL goes to the whole group: also to what the program started. */
static void signal_reaches_group(void **state)
{
    struct wire *w = *state;
    struct seen s;
    int fds[2];
    assert_int_equal(pipe(fds), 0); /* inherited by all: end of file when all are gone */
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), fds[1]);
    char sh[] = "sh", c[] = "-c";
    char *text = xasprintf("exec 9>%s; sleep 1000 & echo . >&9; wait", path);
    char *argv[] = {sh, c, text, NULL};
    const struct process_spec spec = {.argv = argv};
    struct process *p = start(&s, w, &spec);
    char b;
    assert_int_equal(read(fds[0], &b, 1), 1); /* both run now */
    close(fds[1]);
    process_signal(p, SIGKILL);
    wire_run(w);
    assert_int_equal(s.signal, SIGKILL);
    wait_eof(fds[0]); /* hangs, and so fails, when the sleeper lives on */
    close(fds[0]);
    free(text);
}

/* A script that ends and leaves a server behind. */
static void end_reaches_group(void **state)
{
    struct wire *w = *state;
    struct seen s;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), fds[1]);
    char sh[] = "sh", c[] = "-c";
    char *text = xasprintf("exec 9>%s; sleep 1000 & exit 4", path);
    char *argv[] = {sh, c, text, NULL};
    const struct process_spec spec = {.argv = argv, .takes_all = true};
    start(&s, w, &spec);
    wire_run(w);
    close(fds[1]);
    assert_int_equal(s.status, 4);
    wait_eof(fds[0]); /* hangs, and so fails, when the sleeper lives on */
    close(fds[0]);
    free(text);
}

/* What a program holds, and what its children hold; also when it is small again. */
static void memory_at_its_most(void **state)
{
    struct wire *w = *state;
    struct seen s;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), fds[1]);
    char sh[] = "sh", c[] = "-c";
    char *text = xasprintf("exec 9>%s; printf . >&9; read x <%s; ", path, "/dev/null");
    char *alone = xasprintf("%s sleep 1000; :", text);
    char *both = xasprintf("%s (x=$(head -c 30000000 /dev/zero | tr '\\0' x); x=; "
                           "printf . >&9; sleep 1000; :) & wait",
                           text);
    uint64_t peak[2];
    for (int i = 0; i < 2; i++) {
        char *argv[] = {sh, c, i ? both : alone, NULL};
        const struct process_spec spec = {.argv = argv};
        struct process *p = start(&s, w, &spec);
        char b;
        for (int k = 0; k <= i; k++)
            assert_int_equal(read(fds[0], &b, 1), 1);
        peak[i] = process_peak_memory(p);
        process_signal(p, SIGKILL);
        wire_run(w);
    }
    assert_in_range(peak[0], 100 << 10, 20 << 20);
    assert_in_range(peak[1], 30000000, 300 << 20);
    close(fds[0]);
    close(fds[1]);
    free(text);
    free(alone);
    free(both);
}

static void kill_all(void **state)
{
    struct wire *w = *state;
    struct seen s[3];
    char sleeper[] = "sleep", n[] = "1000";
    char *argv[] = {sleeper, n, NULL};
    const struct process_spec spec = {.argv = argv};
    int pids[3];
    for (int i = 0; i < 3; i++)
        pids[i] = process_pid(start(&s[i], w, &spec));
    process_kill_all();
    for (int i = 0; i < 3; i++) {
        assert_false(lives(pids[i]));
        assert_int_equal(s[i].calls, 0);
    }
    process_kill_all(); /* nothing left: harmless */
}

/* The door goes first: what runs is ended, without a callback. */
static void free_with_processes(void **state)
{
    (void)state;
    struct wire *w;
    assert_int_equal(wire_real_new(&w, NULL), 0);
    struct seen s;
    char sleeper[] = "sleep", n[] = "1000";
    char *argv[] = {sleeper, n, NULL};
    const struct process_spec spec = {.argv = argv, .capture = true, .stdin_text = "x"};
    struct process *p = start(&s, w, &spec);
    const int pid = process_pid(p);
    process_stop(p, 60 * NS_PER_S);
    wire_free(w);
    assert_false(lives(pid));
    assert_int_equal(s.calls, 0);
}

/* We are killed: the program and what it started go too. */
static void dies_with_us(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    const pid_t us = fork();
    assert_true(us >= 0);
    if (us == 0) {
        struct wire *w;
        struct process *p;
        char sh[] = "sh", c[] = "-c";
        char *text = xasprintf("exec 9>/proc/%d/fd/%d; sleep 1000 & echo . >&9; wait",
                               (int)getpid(), fds[1]);
        char *argv[] = {sh, c, text, NULL};
        const struct process_spec spec = {.argv = argv};
        if (wire_real_new(&w, NULL) || process_start(w, &spec, NULL, NULL, &p, NULL))
            _exit(1);
        for (;;)
            pause();
    }
    close(fds[1]);
    char b;
    assert_int_equal(read(fds[0], &b, 1), 1);
    kill(us, SIGKILL);
    waitpid(us, NULL, 0);
    wait_eof(fds[0]);
    close(fds[0]);
}

static void ports(void **state)
{
    (void)state;
    const int a = process_free_port("127.0.0.1"), b = process_free_port("127.0.0.1");
    assert_true(a > 1024 && a < 65536);
    assert_int_not_equal(a, b);
    int low, high;
    FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%d %d", &low, &high), 2);
    fclose(f);
    assert_true(a < low || a > high);
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)a)};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    close(fd);
    /* Held against others: they can't have the name until it is released. */
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const int n =
        snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "koppelproef-port-%d", a);
    const socklen_t size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
    const int other = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(other, (struct sockaddr *)&name, size), -1);
    process_release_port(a);
    assert_int_equal(bind(other, (struct sockaddr *)&name, size), 0);
    close(other);
    process_release_port(b);
    assert_int_equal(process_free_port("not an address"), 0);
}

int main(int argc, char **argv)
{
    mem_install();
    /* process_start runs this very program with __exec in front */
    if (argc > 1 && strcmp(argv[1], "__exec") == 0)
        return process_exec_main(argc, argv);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(output_and_status, setup, teardown),
        cmocka_unit_test_setup_teardown(environment, setup, teardown),
        cmocka_unit_test_setup_teardown(files, setup, teardown),
        cmocka_unit_test_setup_teardown(cannot_start, setup, teardown),
        cmocka_unit_test_setup_teardown(stop_gently, setup, teardown),
        cmocka_unit_test_setup_teardown(stop_hard, setup, teardown),
        cmocka_unit_test_setup_teardown(signal_reaches_group, setup, teardown),
        cmocka_unit_test_setup_teardown(end_reaches_group, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_at_its_most, setup, teardown),
        cmocka_unit_test_setup_teardown(kill_all, setup, teardown),
        cmocka_unit_test(free_with_processes),
        cmocka_unit_test(dies_with_us),
        cmocka_unit_test(ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
