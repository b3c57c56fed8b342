/* Steps that wait for something to happen, and work that need not be waited for any more
 * when a trial is aborted. */
#include <stdlib.h>

#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

struct waiter {
    struct lane *l;
    bool (*ready)(struct lane *l, uint64_t base);
    void (*done)(struct lane *l, bool met);
    uint64_t base;
    struct wire_timer *deadline;
    struct waiter *next;
};

static void waiter_end(struct waiter *w, bool met)
{
    struct trial *t = w->l->t;
    for (struct waiter **p = &t->waiters; *p; p = &(*p)->next) {
        if (*p == w) {
            *p = w->next;
            break;
        }
    }
    t->waiting--;
    wire_timer_cancel(t->wire, w->deadline);
    w->done(w->l, met);
    free(w);
}

static void waiter_late(void *arg)
{
    struct waiter *w = arg;
    w->deadline = NULL;
    waiter_end(w, w->ready(w->l, w->base));
}

void trial_wait(struct lane *l, bool (*ready)(struct lane *l, uint64_t base),
                uint64_t base, uint64_t within, void (*done)(struct lane *l, bool met))
{
    struct trial *t = l->t;
    struct waiter *w = xcalloc(1, sizeof *w);
    w->l = l;
    w->ready = ready;
    w->done = done;
    w->base = base;
    w->next = t->waiters;
    t->waiters = w;
    t->waiting++;
    w->deadline = wire_timer(t->wire, wire_now(t->wire) + within, waiter_late, w);
}

void trial_happened(struct trial *t)
{
    for (struct waiter *w = t->waiters; w;) {
        struct waiter *next = w->next;
        if (t->end_outcome || w->ready(w->l, w->base)) {
            waiter_end(w, !t->end_outcome);
            /* done() may have changed the list. */
            next = t->waiters;
        }
        w = next;
    }
}

void trial_pending(struct trial *t, struct pending *p, void (*hurry)(struct pending *p))
{
    trial_settled(p);
    p->hurry = hurry;
    p->next = t->pending;
    p->at = &t->pending;
    if (p->next)
        p->next->at = &p->next;
    t->pending = p;
}

void trial_settled(struct pending *p)
{
    if (!p->at)
        return;
    *p->at = p->next;
    if (p->next)
        p->next->at = p->at;
    p->at = NULL;
}
