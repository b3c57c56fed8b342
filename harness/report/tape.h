/*
 * A journal as the reports show it: per scenario what was said between whom, in order and
 * in few words; sums over the run; and the journal lines that findings point at, whole.
 * Read in one pass; what grows with a run is bounded here.
 */
#ifndef REPORT_TAPE_H
#define REPORT_TAPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/map.h"
#include "harness/report/flow.h"

enum party {
    PARTY_APPLICANT,
    PARTY_PARENT,
    PARTY_DIGID,
    PARTY_CAMBO,
    PARTY_SIS,
    PARTY_KOPPELPUNT,
    PARTY_OVERSTAPSYSTEEM,
    PARTY_SCHOOL,
    PARTY_OTHER,
    PARTY_COUNT
};

enum row_kind {
    ROW_CALL,   /* a request with its answer */
    ROW_TRUTH,  /* a source changed what it holds */
    ROW_EVENT,  /* between people, or with DigiD: no call that we see */
    ROW_FAULT,  /* a fault was set, hit or ended */
    ROW_SYSTEM, /* the system under test started, stopped, ... */
    ROW_EXPECT, /* an expectation was settled */
    ROW_TROUBLE /* something that is not the system's doing */
};

/* One line of a conversation. Equal calls that follow each other are one row, also when
 * two parties poll in turns. */
struct row {
    enum row_kind kind;
    enum party from, to; /* of a call or event; of a truth: who holds it */
    uint64_t seq, last_seq, began, t;
    size_t times;
    int status;    /* of a call: HTTP, 0 when no answer came. Of an expectation: 1 met, 0
                      not,    -1 could not be observed. Of a fault: 1 set, 2 hit, 3 ended */
    char *who;     /* "sis:25LH" */
    char *what;    /* operation; status; what was expected; phase */
    char *note;    /* what it was about; NULL: nothing to add */
    char *outcome; /* of a call without an answer: "timeout"; of an expectation: why */
    bool alone;    /* a finding points at it */
    char *fault;   /* id of the fault that we put into it, or NULL */
};

/* Of a run with rounds: as it went in the round in which it was at its worst. */
struct scene {
    char *role, *name;
    uint64_t round; /* from 1 */
    json_t *title;  /* {"nl","en"} or NULL */
    char *outcome, *why;
    uint64_t began, ended;
    struct row *rows;
    size_t n, cap;
    size_t gap, dropped;      /* behind row `gap` as many rows were left out */
    struct flow_notes *notes; /* until its end */
    json_t *exchange, *step;  /* the last exchange and its step, while reading */
};

/* What a finding points at: the event, and the exchange behind it (perhaps the same). */
struct witness {
    json_t *event, *exchange;
};

/* Statuses that sources sent for an instelling, by statussource; accepted or not. */
struct place {
    size_t sis, cambo, refused;
};

struct tape {
    struct map *scenes;    /* "role/name" -> struct scene */
    struct map *witnesses; /* "seq" -> struct witness; has all seqs of the findings */
    unsigned char *wanted; /* a bit for each seq below wanted_end that findings have */
    uint64_t wanted_end;
    struct map *places;      /* BRIN -> struct place */
    const json_t *scenarios; /* of the result, while reading */
    uint64_t round;          /* that is being read, from 1 */
    struct flow flow;
    char *token_target; /* of the first request for a token, or NULL */
    size_t lines, runs; /* runs: one for each role tried */
    bool whole;         /* nothing was selected, in none of them */
    bool torn;
};

/* Reads what a result of this journal needs. */
int tape_read(const char *journal, const json_t *result, struct tape **out,
              struct err *e);
void tape_free(struct tape *t);

const struct scene *tape_scene(const struct tape *t, const char *role, const char *name);
/* NULL when the journal has no such line. */
const struct witness *tape_witness(const struct tape *t, uint64_t seq);

#endif
