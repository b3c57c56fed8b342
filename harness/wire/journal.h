/*
 * The journal: the only truth about a run. JSON lines, appended as things happen, one
 * write(2) per line, so that after kill -9 every line but perhaps the last is whole.
 * Personal numbers are masked here, at capture, in every string of every line (mask_add);
 * credentials too: "Authorization: Basic ..." and bearer tokens, client_secret and
 * access_token values become "secret~" and ten hex digits of their HMAC, so that "the
 * same token again" stays visible.
 *
 * Every line: {"seq":N,"t":NS,"kind":"...", ...}. seq counts from 1; t is monotonic
 * nanoseconds since the journal was opened. `scenario` is present on all that belongs to
 * a scenario. The kinds are listed, with their members, in harness/wire/journal-kinds.md.
 */
#ifndef WIRE_JOURNAL_H
#define WIRE_JOURNAL_H

#include <jansson.h>

#include "harness/base/domain.h"
#include "harness/wire/wire.h"

/*
 * The last member of every line is `chain`: the first 16 hex digits of the SHA-256 over
 * all bytes before the line (of the first line: over none), so that
 * `head -n N-1 journal.jsonl | sha256sum` tells what line N must say.
 */
#define JOURNAL_CHAIN ",\"chain\":\""
enum { JOURNAL_CHAIN_DIGITS = 16 };

struct journal;

/* Creates the file (it must not exist). now0: wire_now at t = 0. */
int journal_open(const char *path, const struct mask *mask, uint64_t now0,
                 struct journal **out, struct err *e);
void journal_close(struct journal *j);
/* The first write error met (disk full ...): 0 or E_ENV with the sentence. Later writes
 * are dropped; the run must end with exit 3. */
int journal_failed(const struct journal *j, struct err *e);

/* Writes one event; takes the reference to `event` (an object without seq, t). */
void journal_event(struct journal *j, uint64_t now, const char *kind,
                   const char *scenario, json_t *event);

struct exchange {
    const char *scenario;  /* NULL: none */
    const char *from, *to; /* actors: "sis:25LH", "cambo", "overstapsysteem:intergrip",
                              "koppelpunt", "waarnemer" */
    const char *side;      /* where it was captured: "client" or "server" */
    const char *operation; /* canonical name ("aanmeldstatussen.ophalen") or "" */
    const char *url;       /* client side: the base URL; NULL otherwise */
    uint64_t began,
        ended;           /* monotonic ns; written as t is: since the journal was opened */
    const char *outcome; /* call_outcome_name(), or "answered" on the server's side */
    const struct http_request *request;
    const struct http_response *response; /* NULL: none came */
    const char *fault; /* id of the fault that we put into it, or NULL */
    json_t *message;   /* canonical request, borrowed, may be NULL */
    json_t *answer;    /* canonical response, borrowed, may be NULL */
    json_t *faults; /* schema faults of the peer's message [{pointer,reden}], borrowed */
    const char *step; /* JSON pointer of the scenario's step it belongs to, or NULL */
    json_t *extra;    /* further members, merged in; borrowed, may be NULL */
};
/* Bodies over 32 KiB are cut to their first 1 KiB, with "bytes" and "sha256" of the
 * whole. Written without jansson for the fields: a few microseconds per exchange. */
void journal_exchange(struct journal *j, const struct exchange *x);

/* ---- reading ---- */
/* Calls `line` for each event in order, without its chain, which is not looked at; stops
 * when it returns non-zero. A torn last line
 * is reported through *torn, any other unreadable line is E_INVALID with file and line.
 * The event is borrowed (incref to keep). */
typedef int journal_line_cb(void *arg, json_t *event);
int journal_read(const char *path, journal_line_cb *line, void *arg, bool *torn,
                 struct err *e);
/* What was read, to be compared with what was written. */
struct journal_sum {
    char sha256[65]; /* of the whole file */
    uint64_t lines,  /* events */
        bytes;
    bool chained; /* its lines have chains: all were looked at */
};
/* As journal_read; a line whose chain is wrong is E_INVALID too. The sum (may be NULL) is
 * of what was read, also after an error. */
int journal_read_sum(const char *path, journal_line_cb *line, void *arg, bool *torn,
                     struct journal_sum *sum, struct err *e);
/* The same of a journal that still grows: each time all whole lines that have come since.
 * `sum` (may be NULL) holds its SHA-256 when the reader is closed. */
struct journal_reader;
int journal_reader_open(const char *path, journal_line_cb *line, void *arg,
                        struct journal_sum *sum, struct journal_reader **out,
                        struct err *e);
int journal_reader_go(struct journal_reader *r, bool *torn, struct err *e);
void journal_reader_close(struct journal_reader *r); /* NULL is fine */

#endif
