/*
 * The requests of the overstapsysteem under test in the order in which it made them, and
 * what else happened around them. Shared by the checks on its behaviour.
 */
#ifndef JUDGE_CLIENT_VIEW_H
#define JUDGE_CLIENT_VIEW_H

#include "harness/judge/checks.h"

struct client_log {
    struct history *h;
    const struct request **v;
    size_t n;
    uint64_t interval; /* 0: not known */
};
void client_log_init(struct client_log *c, struct history *h);
void client_log_done(struct client_log *c);

/* Longer than two of its intervals, and a second for slow machines. */
uint64_t client_patience(const struct client_log *c);
/* Between these moments it was started, stopped or reloaded, or our koppelpunt changed.
 */
bool client_disturbed(const struct client_log *c, uint64_t from, uint64_t to);
/* The first of such moments from `from` on, or the end of the scenario. */
uint64_t client_quiet_until(const struct client_log *c, uint64_t from);
/* It began a new life between these moments. */
bool client_restarted(const struct client_log *c, uint64_t from, uint64_t to);
/* Its observer was being asked to fetch at some time between these moments. */
bool client_asked(const struct client_log *c, uint64_t from, uint64_t to);
/* A page that it got whole and that was not tampered with. */
bool client_good_page(const struct request *r);
/* It got no usable answer: a failure of the server or of the connection. */
bool client_failed(const struct request *r);

#endif
