#include "harness/judge/calls.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/samples.h"
#include "harness/judge/words.h"

#define KINDS   20
#define PENDING 4096 /* failures that wait for an expectation */

struct kind {
    char *name;
    size_t n;
};

/* An operation, called by one side. */
struct row {
    char *op;
    bool system;
    size_t calls, ok, provoked, unknown;
    struct kind kinds[KINDS];
    struct samples success, failure;
};

struct calls {
    struct row *rows;
    size_t n, cap;
    size_t last; /* where the last one was found */
};

/* A failure that an expectation may still say was meant. */
struct failure {
    uint32_t step;
    size_t row;
};

struct calls_open {
    struct calls *calls;
    const struct history *h;
    struct failure *failures;
    size_t n_failures, cap_failures;
    size_t lives;      /* times that the system was started */
    bool down;         /* stopped by us, and not ready again */
    bool disturbed;    /* we put a fault somewhere, or changed our koppelpunt */
    struct names *had; /* who got a token */
};

static bool begins(const char *s, const char *with)
{
    return s && strncmp(s, with, strlen(with)) == 0;
}

/* ---- whose call ---- */

enum side_of_call call_side(const struct history *h, const struct seen_exchange *x)
{
    bool koppelpunt = is(h->trial->role, "koppelpunt");
    if (x->at_client)
        return is(x->to, "koppelpunt") == koppelpunt &&
                       (koppelpunt || begins(x->to, "overstapsysteem") ||
                        is(x->from, "koppelpunt"))
                   ? CALL_LABORATORY
                   : CALL_NONE;
    if (koppelpunt)
        return is(x->from, "koppelpunt") ? CALL_SYSTEM : CALL_NONE;
    if (!is(x->to, "koppelpunt") || begins(x->from, "sis:") || is(x->from, "cambo") ||
        (x->from && names_find(h->ours, x->from, strlen(x->from))))
        return CALL_NONE;
    return CALL_SYSTEM;
}

bool call_well(const struct seen_exchange *x)
{
    return x->answered && x->status >= 200 && x->status < 300;
}

/* ---- whose doing ---- */

/* An answer of ours that blames the one who asked: then it failed by itself. */
static bool blames_caller(const struct calls_open *o, const struct seen_exchange *x)
{
    static const int blaming[] = {400, 405, 406, 409, 413, 415, 422};
    for (size_t i = 0; i < ARRAY_LEN(blaming); i++)
        if (x->status == blaming[i])
            return true;
    if (o->disturbed) /* we may have sent it elsewhere, or forgotten its token */
        return false;
    if (x->status == 404)
        return !begins(x->op, "notificaties."); /* we may not offer them */
    if (x->status == 401) /* a token of ours ended, or it never had one */
        return !x->from || !names_find(o->had, x->from, strlen(x->from));
    return false;
}

/* It called us, and was not served: that is our doing, unless it asked wrongly or went
 * away. */
static bool provoked_of_system(const struct calls_open *o, const struct seen_exchange *x)
{
    if (x->fault || is(o->h->trial->role, "koppelpunt"))
        return true;
    return x->answered ? !blames_caller(o, x) : is(x->outcome, "silent");
}

/* We called it in a way, or at a time, that could not go well. */
static bool provoked_by_us(const struct calls_open *o, const struct seen_exchange *x)
{
    if (x->fault || x->manipulated || x->raw || (x->token && !is(x->token, "own")) ||
        o->down)
        return true;
    if (x->status == 401)
        return o->lives > 1; /* tokens may end at a restart (CONTRACT.md, section 8) */
    return x->status == 503 && o->disturbed && is(x->op, "waarnemer.ophalen");
}

/* ---- counting ---- */

static uint64_t took(const struct seen_exchange *x)
{
    return x->ended > x->began ? x->ended - x->began : 0;
}

static size_t row_of(struct calls *c, const char *op, bool system)
{
    for (size_t k = 0; k < c->n; k++) {
        size_t i = (c->last + k) % c->n;
        if (c->rows[i].system == system && !strcmp(c->rows[i].op, op))
            return c->last = i;
    }
    list_add(c->rows, c->n, c->cap);
    c->rows[c->n - 1] = (struct row){.op = xstrdup(op), .system = system};
    return c->last = c->n - 1;
}

static void count_kind(struct row *r, const struct seen_exchange *x)
{
    const char *name = x->outcome && *x->outcome ? x->outcome : "unknown";
    if (x->answered)
        name = x->status >= 500   ? "5xx"
               : x->status >= 400 ? "4xx"
               : x->status >= 300 ? "3xx"
                                  : "other";
    for (size_t i = 0; i < KINDS; i++) {
        struct kind *k = &r->kinds[i];
        if (!k->name)
            k->name = xstrdup(name);
        if (!strcmp(k->name, name) || i == KINDS - 1) {
            k->n++;
            return;
        }
    }
}

static void failed(struct calls_open *o, size_t at, const struct seen_exchange *x)
{
    struct row *r = &o->calls->rows[at];
    const char *step = json_string_value(json_object_get(x->event, "step"));
    bool provoked = r->system ? provoked_of_system(o, x) : provoked_by_us(o, x);
    count_kind(r, x);
    r->unknown += !x->answered;
    r->provoked += provoked;
    samples_add(&r->failure, took(x));
    if (provoked || r->system || !step || o->n_failures == PENDING)
        return;
    list_add(o->failures, o->n_failures, o->cap_failures);
    o->failures[o->n_failures - 1] =
        (struct failure){.step = names_id(o->h->texts, step), .row = at};
}

void calls_exchange(struct calls_open *o, const struct seen_exchange *x)
{
    enum side_of_call side = call_side(o->h, x);
    if (side == CALL_NONE)
        return;
    size_t at = row_of(o->calls, *x->op ? x->op : "unknown", side == CALL_SYSTEM);
    struct row *r = &o->calls->rows[at];
    r->calls++;
    if (side == CALL_SYSTEM && call_well(x) && is(x->op, "token"))
        names_id(o->had, x->from);
    if (!call_well(x)) {
        failed(o, at, x);
        return;
    }
    r->ok++;
    samples_add(&r->success, took(x));
}

/* ---- events ---- */

/* A refusal, or one of several, was what the step expected. */
static bool refusal_expected(const json_t *e)
{
    const json_t *expected = json_object_get(e, "expected");
    const json_t *answer = json_object_get(expected, "answer");
    if (!json_is_true(json_object_get(e, "met")))
        return false;
    if (json_is_string(expected))
        answer = expected;
    return json_is_array(answer) ||
           (json_is_string(answer) && !is(json_string_value(answer), "ok"));
}

static void on_expectation(struct calls_open *o, const json_t *e)
{
    const char *s = json_string_value(json_object_get(e, "step"));
    uint32_t step = s ? names_find(o->h->texts, s, strlen(s)) : 0;
    bool meant = refusal_expected(e);
    size_t kept = 0;
    for (size_t i = 0; i < o->n_failures; i++) {
        if (o->failures[i].step != step)
            o->failures[kept++] = o->failures[i];
        else
            o->calls->rows[o->failures[i].row].provoked += meant;
    }
    o->n_failures = kept;
}

static void on_system(struct calls_open *o, const char *phase)
{
    if (is(phase, "started"))
        o->lives++;
    if (is(phase, "stopped") || is(phase, "killed"))
        o->down = true;
    if (is(phase, "ready"))
        o->down = false;
}

void calls_event(struct calls_open *o, const char *kind, const json_t *e)
{
    const char *phase = json_string_value(json_object_get(e, "phase"));
    if (is(kind, "expectation"))
        on_expectation(o, e);
    else if (is(kind, "system"))
        on_system(o, phase);
    else if (is(kind, "fault") ||
             (is(kind, "step") &&
              begins(json_string_value(json_object_get(e, "text")), "koppelpunt")))
        o->disturbed = true;
}

/* ---- life ---- */

struct calls *calls_new(void)
{
    return xcalloc(1, sizeof(struct calls));
}

void calls_free(struct calls *c)
{
    for (size_t i = 0; c && i < c->n; i++) {
        struct row *r = &c->rows[i];
        for (size_t k = 0; k < KINDS; k++)
            free(r->kinds[k].name);
        samples_done(&r->success);
        samples_done(&r->failure);
        free(r->op);
    }
    if (c)
        free(c->rows);
    free(c);
}

struct calls_open *calls_open_new(struct calls *c, const struct history *h)
{
    struct calls_open *o = xcalloc(1, sizeof *o);
    o->calls = c;
    o->h = h;
    o->had = names_new();
    return o;
}

void calls_open_free(struct calls_open *o)
{
    if (!o)
        return;
    names_free(o->had);
    free(o->failures);
    free(o);
}

/* ---- telling ---- */

static int by_name(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->op, y->op);
    return order ? order : x->system - y->system;
}

void calls_json(struct calls *c, const char *role, json_t *list)
{
    if (c->n)
        qsort(c->rows, c->n, sizeof *c->rows, by_name);
    for (size_t i = 0; i < c->n; i++) {
        struct row *r = &c->rows[i];
        json_t *kinds = json_object();
        for (size_t k = 0; k < KINDS && r->kinds[k].name; k++)
            json_object_set_new(kinds, r->kinds[k].name,
                                json_integer((json_int_t)r->kinds[k].n));
        json_array_append_new(
            list, json_pack("{ss,ss,ss,sI,sI,so,sI,sI,so,so}", "role", role, "op", r->op,
                            "by", r->system ? "system" : "laboratory", "calls",
                            (json_int_t)r->calls, "ok", (json_int_t)r->ok, "failures",
                            kinds, "provoked", (json_int_t)r->provoked, "unknown",
                            (json_int_t)r->unknown, "success", samples_json(&r->success),
                            "failure", samples_json(&r->failure)));
    }
}
