/*
 * libmicrohttpd on libuv: its epoll descriptor is watched by the loop, and the daemon
 * runs when that has something, or when its own time-outs are due.
 */
#include "harness/wire/server.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/base/mem.h"

#define BACKLOG           4096
#define CONNECTION_MEMORY ((size_t)64 * 1024) /* also the limit of the header fields */
#define CONNECTION_IDLE_S 75u
#define TURNS             8 /* of the daemon, before the rest of the loop gets its turn */
#define MAX_BODY_DEFAULT  ((size_t)64 << 20)
#define NEVER             UINT64_MAX

/* ---- driving the daemon ---- */

static void listener_finish(struct wire_listener *l);
static void listener_timer_fired(uv_timer_t *h);

/* Runs the daemon not later than `at`. */
static void listener_arm(struct wire_listener *l, uint64_t at)
{
    if (at >= l->armed)
        return;
    l->armed = at;
    uv_timer_start(&l->timer, listener_timer_fired, real_delay_ms(l->real, at), 0);
}

void listener_wake(struct wire_listener *l)
{
    listener_arm(l, 0);
}

/* Runs the daemon until it has nothing to do at once, and sees to its next time-out. The
 * time-outs move with every request: the timer is only touched when it must fire earlier.
 */
static void listener_turn(struct wire_listener *l)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;
    bool timed = true;
    l->running = true;
    for (int i = 0; i < TURNS && timed && !ms && !l->closing; i++) {
        MHD_run(l->daemon);
        timed = MHD_get_timeout(l->daemon, &ms) == MHD_YES;
    }
    l->running = false;
    if (l->closing) {
        listener_finish(l);
        return;
    }
    if (timed)
        listener_arm(l, when_monotonic() + ms * NS_PER_MS);
}

static void listener_timer_fired(uv_timer_t *h)
{
    struct wire_listener *l = h->data;
    l->armed = NEVER;
    listener_turn(l);
}

static void listener_ready(uv_poll_t *h, int status, int events)
{
    (void)status;
    (void)events;
    listener_turn(h->data);
}

static void ignore_log(void *arg, const char *fmt, va_list ap)
{
    (void)arg;
    (void)fmt;
    (void)ap;
}

/* The target is taken raw by inbound_begin: libmicrohttpd need not unescape its copy. */
static size_t no_unescape(void *arg, struct MHD_Connection *c, char *s)
{
    (void)arg;
    (void)c;
    return strlen(s);
}

/* ---- opening ---- */

/* Opens a listening socket. Returns the descriptor, or E_* with the sentence. */
static int socket_listen(const char *host, int port, struct err *e)
{
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *a = NULL;
    const int rc = getaddrinfo(host, service, &hints, &a);
    if (rc)
        return err_set(e, E_ENV, "cannot listen on %s: %s", host, gai_strerror(rc));
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, BACKLOG)) {
        err_set(e, E_ENV, "cannot listen on %s:%d: %s", host, port, strerror(errno));
        if (fd >= 0)
            close(fd);
        fd = E_ENV;
    }
    freeaddrinfo(a);
    return fd;
}

static int port_of(int fd)
{
    struct sockaddr_storage a = {0};
    socklen_t n = sizeof a;
    getsockname(fd, (struct sockaddr *)&a, &n);
    return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port
                                         : ((struct sockaddr_in *)&a)->sin_port);
}

/* The URL under which a program on this machine reaches the listener. */
static char *url_of(const struct listen *l, int port)
{
    const char *host = l->host;
    if (strcmp(host, "0.0.0.0") == 0)
        host = "127.0.0.1";
    else if (strcmp(host, "::") == 0)
        host = "::1";
    const char *scheme = l->tls_cert ? "https" : "http";
    return xasprintf(strchr(host, ':') ? "%s://[%s]:%d" : "%s://%s:%d", scheme, host,
                     port);
}

/* Half of our descriptors: the other half is for calls, files and other listeners. */
static unsigned connection_limit(void)
{
    struct rlimit have;
    if (getrlimit(RLIMIT_NOFILE, &have) || have.rlim_cur < 128)
        return 64;
    return have.rlim_cur > 65536 ? 32768u : (unsigned)(have.rlim_cur / 2);
}

static struct MHD_Daemon *daemon_start(struct wire_listener *l, const struct listen *spec,
                                       int fd)
{
    union {
        const char *text;
        void *p;
    } cert = {spec->tls_cert}, key = {spec->tls_key}, trust = {spec->tls_client_ca},
      versions = {spec->old_tls ? "NORMAL:+VERS-TLS1.1:%COMPAT"
                                : "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"};
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, connection_limit(), NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_IDLE_S, NULL},
        {spec->tls_cert ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, cert.p},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, key.p},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, versions.p},
        {spec->tls_client_ca ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, trust.p},
        {MHD_OPTION_END, 0, NULL},
    };
    /* TURBO: no shutdown() before close(), without which a reset can't be sent, and fewer
     * system calls. */
    const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO |
                           MHD_USE_ERROR_LOG | (spec->tls_cert ? MHD_USE_TLS : 0u);
    return MHD_start_daemon(
        flags, 0, NULL, NULL, inbound_access, l, MHD_OPTION_EXTERNAL_LOGGER, ignore_log,
        NULL, MHD_OPTION_URI_LOG_CALLBACK, inbound_begin, l, MHD_OPTION_UNESCAPE_CALLBACK,
        no_unescape, NULL, MHD_OPTION_NOTIFY_COMPLETED, inbound_completed, l,
        MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

int server_listen(struct wire *w, const struct listen *spec, struct wire_listener **out,
                  struct err *e)
{
    struct real *r = real_of(w);
    assert(!spec->tls_cert == !spec->tls_key);
    const int fd = socket_listen(spec->host, spec->port, e);
    if (fd < 0)
        return fd;
    struct wire_listener *l = xcalloc(1, sizeof *l);
    l->real = r;
    l->armed = NEVER;
    l->tls = spec->tls_cert != NULL;
    l->max_body = spec->max_body ? spec->max_body : MAX_BODY_DEFAULT;
    l->on_request = spec->on_request;
    l->arg = spec->arg;
    l->url = url_of(spec, port_of(fd));
    l->daemon = daemon_start(l, spec, fd);
    if (!l->daemon) {
        free(l->url);
        free(l);
        close(fd);
        return err_set(e, E_ENV, "cannot start a server on %s:%d%s", spec->host,
                       spec->port, spec->tls_cert ? " (is the certificate right?)" : "");
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    uv_poll_init(&r->loop, &l->poll, info->epoll_fd);
    uv_timer_init(&r->loop, &l->timer);
    l->poll.data = l->timer.data = l;
    l->open_handles = 2;
    uv_poll_start(&l->poll, UV_READABLE, listener_ready);
    l->next = r->listeners;
    if (l->next)
        l->next->prev = l;
    r->listeners = l;
    *out = l;
    return 0;
}

const char *server_url(struct wire_listener *l)
{
    return l->url;
}

/* ---- closing ---- */

static void listener_handle_closed(uv_handle_t *h)
{
    struct wire_listener *l = h->data;
    if (--l->open_handles == 0)
        free(l);
}

/* Ends the daemon: not while it is on the stack. */
static void listener_finish(struct wire_listener *l)
{
    uv_close((uv_handle_t *)&l->poll, listener_handle_closed);
    uv_close((uv_handle_t *)&l->timer, listener_handle_closed);
    inbound_end_all(l);
    MHD_stop_daemon(l->daemon);
    while (l->inbounds)
        inbound_free(l->inbounds);
    for (struct inbound *in; (in = l->spare);) {
        l->spare = in->next;
        buf_done(&in->body);
        free(in);
    }
    free(l->url);
}

void server_close(struct wire *w, struct wire_listener *l)
{
    struct real *r = real_of(w);
    if (l->closing)
        return;
    l->closing = true;
    if (l->prev)
        l->prev->next = l->next;
    else
        r->listeners = l->next;
    if (l->next)
        l->next->prev = l->prev;
    if (!l->running)
        listener_finish(l);
}

void server_free_orphans(struct real *r)
{
    while (r->orphans)
        inbound_free(r->orphans);
}
