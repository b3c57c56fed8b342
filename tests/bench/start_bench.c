/*
 * From starting a server to its first answer. Usage: start_bench TIMES HOST:PORT TARGET
 * COMMAND...; the command must listen there. Prints the median in milliseconds.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/when.h"

#define GIVE_UP (10 * NS_PER_S)

/* True when a 200 came back. */
static bool answers(const struct sockaddr_in *a, const char *target)
{
    char request[300], reply[16];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int n =
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target);
    bool good = connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 &&
                write(fd, request, (size_t)n) == n &&
                read(fd, reply, sizeof reply) >= 12 && memcmp(reply + 9, "200", 3) == 0;
    close(fd);
    return good;
}

static double once(const struct sockaddr_in *a, const char *target, char **command)
{
    uint64_t began = when_monotonic(), ended = 0;
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout))
            execvp(command[0], command);
        _exit(127);
    }
    while (!ended && when_monotonic() - began < GIVE_UP) {
        if (answers(a, target))
            ended = when_monotonic();
        else
            usleep(200);
    }
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    if (!ended) {
        fprintf(stderr, "start_bench: no answer\n");
        exit(1);
    }
    return (double)(ended - began) / 1e6;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    double took[101];
    char host[64] = "";
    int port = 0, times = argc > 4 ? (int)strtol(argv[1], NULL, 10) : 0;
    struct sockaddr_in a = {.sin_family = AF_INET};
    if (times < 1 || times > 101 || sscanf(argv[2], "%63[^:]:%d", host, &port) != 2)
        return 2;
    a.sin_port = htons((uint16_t)port);
    inet_pton(AF_INET, host, &a.sin_addr);
    for (int i = 0; i < times; i++)
        took[i] = once(&a, argv[3], argv + 4);
    qsort(took, (size_t)times, sizeof *took, by_size);
    printf("%.1f\n", took[times / 2]);
    return 0;
}
