/*
 * The child's side of process_start, between fork and the program's own exec. The death
 * signal reaches only the direct child; a start script's own children would live on when
 * we are killed. So there is a keeper too: a process outside the group that holds one end
 * of a pipe, the leash. A byte on it means "let go"; its end without a byte means that we
 * are gone, and the keeper kills the group.
 */
#include "harness/wire/process_exec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/mem.h"
#include "harness/wire/process.h"

#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND  127

/* The ports tried lie below the kernel's usual range of ephemeral ports, or above it. */
#define PORT_FIRST 10000
#define PORT_LAST  65535

/* Waits on the leash. Never returns. */
static void keeper_main(pid_t group)
{
    setsid();
    close_range(0, PROCESS_LEASH_FD - 1, 0);
    close_range(PROCESS_LEASH_FD + 1, UINT_MAX, 0);
    char byte;
    ssize_t n;
    while ((n = read(PROCESS_LEASH_FD, &byte, 1)) < 0 && errno == EINTR)
        continue;
    if (n == 0)
        kill(-group, SIGKILL);
    _exit(0);
}

/* Forks twice, so that the program does not find a child that it never made. */
static void keeper_start(void)
{
    if (fcntl(PROCESS_LEASH_FD, F_GETFD) < 0)
        return;
    const pid_t group = getpid();
    const pid_t between = fork();
    if (between == 0) {
        const pid_t keeper = fork();
        if (keeper == 0)
            keeper_main(group);
        _exit(0);
    }
    if (between > 0)
        waitpid(between, NULL, 0);
}

/* Dies with its parent, also when that died before the death signal was set. */
static void die_with_parent(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const char *parent = getenv(PROCESS_PARENT_ENV);
    if (parent && strtol(parent, NULL, 10) != (long)getppid())
        _exit(EXIT_CANNOT_RUN);
    unsetenv(PROCESS_PARENT_ENV);
}

int process_exec_main(int argc, char **argv)
{
    /* Called with or without the program's own name in front. */
    if (argc > 1 && strcmp(argv[1], "__exec") == 0) {
        argc--;
        argv++;
    }
    if (argc < 3) {
        fprintf(stderr, "koppelproef __exec DIR CMD ARG...\n");
        return 2;
    }
    die_with_parent();
    setpgid(0, 0); /* fails when it leads a session already: then it has its own group */
    keeper_start();
    close_range(3, UINT_MAX, 0); /* the leash, and what others left open for us */
    if (chdir(argv[1])) {
        fprintf(stderr, "koppelproef: cannot go to %s: %s\n", argv[1], strerror(errno));
        return EXIT_CANNOT_RUN;
    }
    execvp(argv[2], argv + 2);
    fprintf(stderr, "koppelproef: cannot start %s: %s\n", argv[2], strerror(errno));
    return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

/* ---- ports ---- */

static void ephemeral_range(int *low, int *high)
{
    *low = 32768;
    *high = 60999;
    FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    if (!f)
        return;
    int l, h;
    if (fscanf(f, "%d %d", &l, &h) == 2) {
        *low = l;
        *high = h;
    }
    fclose(f);
}

static bool port_is_free(const struct sockaddr *a, socklen_t n)
{
    const int fd = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    const bool is_free = bind(fd, a, n) == 0;
    close(fd);
    return is_free;
}

/* Between our look at a port and the child's bind another laboratory on this machine
 * could hand out the same one. So each port is held by an abstract socket of its name,
 * which goes with the process: whoever can't have the name takes another port. */
struct held_port {
    int port, fd;
    struct held_port *next;
};
static struct held_port *held_ports;

static bool hold_port(int port)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    const int n =
        snprintf(a.sun_path + 1, sizeof a.sun_path - 1, "koppelproef-port-%d", port);
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    const socklen_t size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
    if (bind(fd, (const struct sockaddr *)&a, size)) {
        close(fd);
        return false;
    }
    struct held_port *h = xcalloc(1, sizeof *h);
    *h = (struct held_port){port, fd, held_ports};
    held_ports = h;
    return true;
}

void process_release_port(int port)
{
    for (struct held_port **p = &held_ports; *p; p = &(*p)->next) {
        struct held_port *h = *p;
        if (h->port != port)
            continue;
        *p = h->next;
        close(h->fd);
        free(h);
        return;
    }
}

int process_free_port(const char *host)
{
    /* Two in a row must differ although neither is in use yet, and two processes should
     * not begin at the same port. */
    static unsigned turn;
    int low, high;
    ephemeral_range(&low, &high);
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM};
    struct addrinfo *a = NULL;
    if (getaddrinfo(host, NULL, &hints, &a))
        return 0;
    const unsigned count = PORT_LAST - PORT_FIRST + 1;
    const unsigned first = (unsigned)getpid() * 7919u % count;
    int found = 0;
    for (unsigned i = 0; i < count && !found; i++) {
        const int port = PORT_FIRST + (int)((first + turn++) % count);
        if (port >= low && port <= high)
            continue;
        /* The port is at the same place in both families' addresses. */
        ((struct sockaddr_in *)a->ai_addr)->sin_port = htons((uint16_t)port);
        if (!hold_port(port))
            continue;
        if (port_is_free(a->ai_addr, a->ai_addrlen))
            found = port;
        else
            process_release_port(port);
    }
    freeaddrinfo(a);
    return found;
}
