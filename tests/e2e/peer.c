/*
 * A peer that is no koppelpunt, for tests of what the laboratory says about it:
 *
 *     peer closed|silent|nothttp|always200
 *
 * As an overstapsysteem that is started it takes the port of WAARNEMER_LISTEN. It prints
 * "ready PORT" and goes on until it is killed. Closed: the port is taken but
 * nothing listens. Silent: connections are accepted and nothing is ever said. nothttp: a
 * greeting that is no HTTP. always200: every request is answered 200 with an empty
 * object.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int bound(int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const char *told = getenv("WAARNEMER_LISTEN");
    if (told && strchr(told, ':'))
        a.sin_port = htons((uint16_t)strtoul(strrchr(told, ':') + 1, NULL, 10));
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) ||
        getsockname(fd, (struct sockaddr *)&a, &n))
        return -1;
    *port = ntohs(a.sin_port);
    return fd;
}

static void say(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) < 0)
        return; /* the other side is gone, which is its right */
}

/* Reads until the empty line; enough for requests whose body may be left unread. */
static void read_head(int fd)
{
    char head[65536];
    size_t n = 0;
    ssize_t got;
    while (n < sizeof head - 1 && (got = read(fd, head + n, sizeof head - 1 - n)) > 0) {
        n += (size_t)got;
        head[n] = 0;
        if (strstr(head, "\r\n\r\n"))
            return;
    }
}

static void serve(int fd, const char *how)
{
    char rest[4096];
    if (!strcmp(how, "silent"))
        return; /* left open */
    if (!strcmp(how, "nothttp")) {
        say(fd, "220 mail.example ESMTP\r\n");
    } else {
        read_head(fd);
        say(fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                "Content-Length: 2\r\nConnection: close\r\n\r\n{}");
    }
    shutdown(fd, SHUT_WR);
    while (read(fd, rest, sizeof rest) > 0) /* no reset before it was read */
        continue;
    close(fd);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    int port = 0, fd = bound(&port);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing is left behind when a test is killed */
    signal(SIGPIPE, SIG_IGN);
    if (fd < 0 || (strcmp(how, "closed") && listen(fd, 64)))
        return 1;
    printf("ready %d\n", port);
    fflush(stdout);
    if (!strcmp(how, "closed"))
        pause();
    for (;;) {
        int one = accept(fd, NULL, NULL);
        if (one >= 0)
            serve(one, how);
    }
}
