/*
 * A journal as the checks see it: per trial what holds for all of it, per scenario the
 * messages, pages and events as small typed records. Whole exchanges are only there while
 * their line is read (struct seen_exchange), so that a journal of millions of lines fits.
 */
#ifndef JUDGE_HISTORY_H
#define JUDGE_HISTORY_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/base/domain.h"
#include "harness/base/when.h"
#include "harness/judge/names.h"

/* One role's trial: from its `run` line to its `end` line. */
struct trial_view {
    char *role;
    json_t *run; /* the `run` event */
    when_t wall; /* UTC at t = 0; only when has_wall */
    bool has_wall;
    uint64_t interval; /* of the overstapsysteem under test; 0: not known */
    uint64_t patience; /* how long a koppelpunt may take to show what it accepted */
    char *preflight, *preflight_blame; /* the first fault that keeps it from running */
    bool grounded;                     /* in this round, by such a fault */
    char *end;     /* "finished", "interrupted", "failed", "round" (another one follows);
                      NULL:     no `end` line */
    int exit;      /* of a run that failed */
    uint64_t last; /* t of the last line */
    struct names *numbers; /* masks of persons that the sources or the schools know */
};

/* Who must appear nowhere: texts that were planted. */
struct canary {
    char *text, *what;
};

enum fate { FATE_REFUSED, FATE_UNKNOWN, FATE_ACCEPTED };

/* One status of one aanmelding, as a source sent it. */
struct melding {
    uint32_t id, ketenid, caketenid;
    uint32_t bsn; /* its mask; 0: a person without one */
    uint16_t instelling, opleiding;
    uint8_t status; /* enum status */
    bool cambo;
    when_t begin;
};

/* A batch of statusmeldingen or a stand, sent to the koppelpunt under test. */
struct write {
    uint64_t seq, began, ended;
    enum fate fate;
    bool stand;
    uint16_t instelling; /* of a stand */
    when_t peildatum;
    uint32_t step;   /* which step sent it */
    size_t first, n; /* its meldingen */
};

/* One entry of a page. */
struct entry {
    uint64_t volgnummer;
    uint32_t id, bsn;
    uint16_t instelling, opleiding;
    uint8_t status;
    bool lapsed;
    when_t begin;
};

enum request_kind { REQUEST_FETCH, REQUEST_TOKEN };

/* A request of an overstapsysteem to the koppelpunt: a page or a token. */
struct request {
    uint64_t seq, began, ended;
    enum request_kind kind;
    uint32_t from;
    uint32_t sinds, volgende;
    uint32_t token; /* the Authorization it carried */
    int limiet, status;
    bool at_server; /* captured where it arrived: perhaps from the system under test */
    bool has_sinds, meer;
    bool answered;      /* the whole answer went over */
    bool whole;         /* a page of the contract, or a token */
    bool fault;         /* we put a fault into it */
    double retry_after; /* seconds from `ended`; < 0: none */
    bool retry_date;
    double expires;  /* of a token */
    size_t first, n; /* entries */
};

enum moment_kind {
    MOMENT_STARTED, /* the system under test began a new life */
    MOMENT_GONE,    /* stopped, killed, exited */
    MOMENT_RELOADED,
    MOMENT_FAULT_SET,
    MOMENT_FAULT_GONE,
    MOMENT_DISTURBED, /* our koppelpunt went down, came back, changed */
    MOMENT_ASKED,     /* the observer was told to fetch; `until` is when it answered */
};
struct moment_event {
    enum moment_kind kind;
    uint64_t seq, t, until;
    uint32_t who; /* whom the observer speaks for; which fault */
    int status;   /* of the observer's answer; 0: none came */
};

struct audit {
    uint32_t reader;
    uint64_t seq, began, ended;
    bool complete;
};

/* A client as it was provisioned from `t` on. */
struct client_view {
    uint64_t t;
    uint32_t name;            /* as in `from` */
    char soort;               /* 's'is, 'c'ambo, 'o'verstapsysteem */
    bool connects, withdrawn; /* has an aansluitdatum; ingetrokken */
    when_t from;
};

/* A page that did not arrive whole: what it held. */
struct lost_page {
    size_t request;
    char *body;
};

struct history {
    struct trial_view *trial;
    char *name; /* without the role before it */
    char *key;  /* as in the journal */
    json_t *proves, *title;
    uint64_t began, ended;
    uint64_t interval; /* of the overstapsysteem in this scenario; 0: not known */
    char *outcome;     /* NULL: it never ended */
    char *why, *blame, *capability;
    uint64_t peak; /* bytes of memory that the system held at most; 0: not known */
    uint64_t crowd, crowd_of;  /* aanmeldingen; and the full size, 0: it was full */
    size_t met, unmet, unseen; /* expectations */
    size_t real;         /* times that the system did something only a real one does */
    struct names *texts; /* ids, cursors, masks, actors */
    struct names *codes; /* instellingen and opleidingen */
    struct names *failed_steps; /* whose expectation was not met */
    struct names *ours;         /* actors that the laboratory plays */

    struct write *writes;
    size_t n_writes, cap_writes;
    struct melding *meldingen;
    size_t n_meldingen, cap_meldingen;
    struct request *requests;
    size_t n_requests, cap_requests;
    struct entry *entries;
    size_t n_entries, cap_entries;
    struct moment_event *moments;
    size_t n_moments, cap_moments;
    struct audit *audits;
    size_t n_audits, cap_audits;
    struct client_view *clients;
    size_t n_clients, cap_clients;
    struct canary *canaries;
    size_t n_canaries, cap_canaries;
    struct lost_page *lost;
    size_t n_lost, cap_lost;
    json_t *chain; /* events of kind truth, confirmation, objection, consent, question */
    struct tally *tallies; /* one per check; checks.h */
    struct stale *stale;   /* what was measured of it; staleness.h. NULL: nothing */
};

struct history *history_new(struct trial_view *t, const json_t *start);
void history_free(struct history *h);

/* An exchange while its line is read. Everything is borrowed from the event. */
struct seen_exchange {
    const json_t *event;
    uint64_t seq, began, ended;
    const char *from, *to, *op, *outcome, *fault, *url, *method, *target;
    const char *token;       /* "own", "none", "invalid", "expired", "foreign" */
    const char *manipulated; /* how it is wrong on purpose, or NULL */
    bool at_client, answered;
    int status; /* 0: no response */
    const json_t *request, *response, *message, *answer, *faults;
    const char *body; /* of the response; NULL: none */
    size_t body_n;
    bool cut;    /* the journal holds only the beginning of the body */
    bool proper; /* the response is one of the contract: see exchange_proper */
    bool raw;    /* broken on purpose below HTTP: the general rules don't hold */
};
void exchange_read(const json_t *event, struct seen_exchange *x);
/* The n-th value (from 0) of a header field in a request or response, or NULL. */
const char *message_field(const json_t *message, const char *name, size_t nth);
/* Entries of a page or of a search; NULL when the answer is neither. */
const json_t *exchange_entries(const struct seen_exchange *x);

/* Adds one event of a scenario. */
void history_exchange(struct history *h, const struct seen_exchange *x);
void history_event(struct history *h, const char *kind, const json_t *event);

/* The moment on the wall's clock of a `t`. */
static inline when_t trial_wall(const struct trial_view *v, uint64_t t)
{
    return v->wall + (when_t)t;
}
/* From the system under test, seen where it arrived at our koppelpunt. */
bool request_of_system(const struct history *h, const struct request *r);

#endif
