/*
 * A status on its way: what a source sent, what a page gave to an overstapsysteem, what
 * its school was shown. The same small records whichever role is under test.
 */
#ifndef JUDGE_RELAY_H
#define JUDGE_RELAY_H

#include "harness/judge/history.h"

/* What one message, entry or line of an answer says. Numbers are of the history's texts
 * and codes. */
struct saying {
    uint32_t key;   /* ketenid; of an entry its aanmeldId; of an answer 0 */
    uint32_t other; /* caketenid of a message, or 0 */
    uint32_t bsn;   /* 0: none, or a person whom this conversation does not know */
    uint16_t instelling, opleiding;
    uint8_t status; /* enum status */
    bool lapsed;
    when_t begin;
};

enum relay_kind {
    RELAY_NONE,
    RELAY_SENT,  /* to the koppelpunt: statusmeldingen or a stand */
    RELAY_PAGE,  /* a fetch of an overstapsysteem, or an attempt */
    RELAY_SHOWN, /* an answer of an observer to a school */
};

struct relayed {
    enum relay_kind kind;
    uint64_t seq, began, ended;
    const struct saying *v;
    size_t n;
    /* sent */
    enum fate fate;
    bool stand, fault; /* fault: also of a page */
    uint16_t instelling;
    when_t peildatum;
    /* page, shown */
    uint32_t reader; /* the overstapsysteem, as in `from` */
    bool audit;      /* the reader is the judge's own (page) */
    bool whole;      /* it got over, and is of the contract (page) */
    bool full, meer; /* asked without a cursor; there is more (page) */
    uint32_t school; /* shown */
    uint32_t asked;  /* the person asked about; 0: all that the school has (shown) */
};

struct relay;
struct relay *relay_new(struct history *h);
void relay_free(struct relay *r);
/* What an exchange, that is in the history already, says. Its list is valid until the
 * next call. */
void relay_read(struct relay *r, const struct seen_exchange *x, struct relayed *out);
/* Any other event: which pupils a school has. */
void relay_event(struct relay *r, const char *kind, const json_t *event);

/* The overstapsysteem whose observer is asked (koppelpunt under test), or that is under
 * test; 0: none yet. */
uint32_t relay_reader(const struct relay *r);
/* Is this person now one of the school's pupils? */
bool relay_belongs(const struct relay *r, uint32_t school, uint32_t bsn);
/* All of them; valid until the next event. */
const uint32_t *relay_pupils(const struct relay *r, uint32_t school, size_t *n);

/* One number for what is said about an aanmelding, whoever says it. */
uint64_t saying_content(const struct saying *s);

#endif
