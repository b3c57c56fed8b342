/* Reading a journal for the reports: scenes, and what findings point at. */
#include "harness/report/tape.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/report/tape_row.h"
#include "harness/wire/journal.h"

#define ROWS_MAX      1200  /* per scenario */
#define ROWS_FIRST    300   /* of them those from its beginning */
#define POLLING       3     /* calls that may come in turns */
#define MELDINGEN     10000 /* counted in one message */
#define PLACES_MAX    2000
#define SCENES_MAX    5000
#define WITNESSES_MAX 5000

static bool is(const char *a, const char *b)
{
    return a && !strcmp(a, b);
}

static uint64_t number(const json_t *o, const char *key)
{
    json_int_t v = json_integer_value(json_object_get(o, key));
    return v > 0 ? (uint64_t)v : 0;
}

/* ---- what findings point at ---- */

#define SEQ_MAX (1u << 30)

/* Asked of every line: cheaper than to look it up. */
static bool wanted(const struct tape *t, uint64_t seq)
{
    return seq < t->wanted_end && t->wanted[seq / 8] >> (seq % 8) & 1;
}

static void want(struct tape *t, json_int_t seq)
{
    char key[24];
    snprintf(key, sizeof key, "%lld", (long long)seq);
    if (seq <= 0 || seq >= SEQ_MAX || map_get(t->witnesses, key) ||
        map_count(t->witnesses) >= WITNESSES_MAX)
        return;
    map_put(t->witnesses, key, xcalloc(1, sizeof(struct witness)));
    if ((uint64_t)seq >= t->wanted_end) {
        uint64_t end = ((uint64_t)seq / 8 + 1) * 16; /* in bits: twice as many */
        t->wanted = xrealloc(t->wanted, end / 8);
        memset(t->wanted + t->wanted_end / 8, 0, (end - t->wanted_end) / 8);
        t->wanted_end = end;
    }
    t->wanted[seq / 8] |= (unsigned char)(1u << (seq % 8));
}

static void want_all(struct tape *t, const json_t *result)
{
    const json_t *list = json_object_get(result, "requirements");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *found = json_object_get(json_array_get(list, i), "findings");
        for (size_t k = 0; k < json_array_size(found); k++) {
            const json_t *seqs = json_object_get(json_array_get(found, k), "seqs");
            for (size_t s = 0; s < json_array_size(seqs); s++)
                want(t, json_integer_value(json_array_get(seqs, s)));
        }
    }
}

const struct witness *tape_witness(const struct tape *t, uint64_t seq)
{
    char key[24];
    snprintf(key, sizeof key, "%llu", (unsigned long long)seq);
    const struct witness *w = map_get(t->witnesses, key);
    return w && w->event ? w : NULL;
}

/* An expectation was settled by the last exchange of its step. */
static void keep(struct tape *t, const struct scene *s, json_t *event)
{
    uint64_t seq = number(event, "seq");
    char key[24];
    if (!wanted(t, seq))
        return;
    snprintf(key, sizeof key, "%llu", (unsigned long long)seq);
    struct witness *w = map_get(t->witnesses, key);
    if (!w || w->event)
        return;
    w->event = json_incref(event);
    if (is(json_text(event, "kind"), "exchange"))
        w->exchange = json_incref(event);
    else if (s && s->exchange && json_same(s->step, json_object_get(event, "step")))
        w->exchange = json_incref(s->exchange);
}

/* ---- scenes ---- */

static void row_done(struct row *r)
{
    free(r->who);
    free(r->what);
    free(r->note);
    free(r->outcome);
    free(r->fault);
}

static void scene_free(void *p)
{
    struct scene *s = p;
    for (size_t i = 0; i < s->n; i++)
        row_done(&s->rows[i]);
    free(s->rows);
    free(s->role);
    free(s->name);
    free(s->outcome);
    free(s->why);
    flow_notes_free(s->notes);
    json_decref(s->title);
    json_decref(s->exchange);
    json_decref(s->step);
    free(s);
}

/* The round in which its scenario was at its worst, as the result says. */
static uint64_t round_of(const struct tape *t, const struct scene *s)
{
    for (size_t i = 0; i < json_array_size(t->scenarios); i++) {
        const json_t *o = json_array_get(t->scenarios, i);
        if (is(json_text(o, "name"), s->name) && is(json_text(o, "role"), s->role) &&
            number(o, "round"))
            return number(o, "round");
    }
    return 1;
}

/* The scene of an event: "role/name", made at first use. */
static struct scene *scene_of(struct tape *t, const json_t *event)
{
    const char *key = json_text(event, "scenario");
    struct scene *s = key ? map_get(t->scenes, key) : NULL;
    if (s || !key || map_count(t->scenes) >= SCENES_MAX)
        return s;
    const char *slash = strchr(key, '/');
    s = xcalloc(1, sizeof *s);
    s->role = slash ? xstrndup(key, (size_t)(slash - key)) : xstrdup("");
    s->name = xstrdup(slash ? slash + 1 : key);
    s->began = number(event, "t");
    s->round = round_of(t, s);
    map_put(t->scenes, key, s);
    return s;
}

const struct scene *tape_scene(const struct tape *t, const char *role, const char *name)
{
    char *key = xasprintf("%s/%s", role, name);
    const struct scene *s = map_get(t->scenes, key);
    free(key);
    return s;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool same_call(const struct row *a, const struct row *b)
{
    return a->kind == ROW_CALL && b->kind == ROW_CALL && a->from == b->from &&
           a->to == b->to && a->status == b->status && same_text(a->who, b->who) &&
           same_text(a->what, b->what) && same_text(a->note, b->note) &&
           same_text(a->outcome, b->outcome) && same_text(a->fault, b->fault);
}

/* A long scene keeps its beginning and its end: where something goes wrong. */
static void make_room(struct scene *s)
{
    size_t half = (ROWS_MAX - ROWS_FIRST) / 2;
    for (size_t i = ROWS_FIRST; i < ROWS_FIRST + half; i++)
        row_done(&s->rows[i]);
    memmove(&s->rows[ROWS_FIRST], &s->rows[ROWS_FIRST + half],
            (s->n - ROWS_FIRST - half) * sizeof *s->rows);
    s->n -= half;
    s->gap = ROWS_FIRST;
    s->dropped += half;
}

/* Looking again and again, until there is something to see. */
static bool is_poll(const struct row *r)
{
    static const char *const polls[] = {"aanmeldstatussen.ophalen",
                                        "waarnemer.waarnemingen", "waarnemer.ophalen"};
    for (size_t i = 0; r->kind == ROW_CALL && i < ARRAY_LEN(polls); i++)
        if (!strcmp(r->what, polls[i]))
            return true;
    return false;
}

/* The row that this one repeats: the one before it, or with several who poll in turns one
 * before that. What a finding points at keeps a row of its own. */
static struct row *repeated(const struct tape *t, struct scene *s, const struct row *r)
{
    if (wanted(t, r->seq))
        return NULL;
    for (size_t back = 1; back <= POLLING && back <= s->n; back++) {
        struct row *other = &s->rows[s->n - back];
        if (other->alone || (back > 1 && !(is_poll(r) && is_poll(other + 1))))
            return NULL;
        if (same_call(other, r))
            return other;
    }
    return NULL;
}

/* Takes the contents of *r. */
static void add(const struct tape *t, struct scene *s, struct row *r)
{
    struct row *other = repeated(t, s, r);
    if (other) {
        other->last_seq = r->seq;
        other->t = r->t;
        other->times++;
        row_done(r);
        return;
    }
    r->alone = wanted(t, r->seq);
    if (s->n == ROWS_MAX)
        make_room(s);
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 32;
        s->rows = xrealloc(s->rows, s->cap * sizeof *s->rows);
    }
    r->times = 1;
    r->last_seq = r->seq;
    s->rows[s->n++] = *r;
}

static void scene_phase(struct scene *s, const json_t *event)
{
    if (is(json_text(event, "phase"), "start")) {
        s->began = number(event, "t");
        if (!s->title)
            s->title = json_incref(json_object_get(event, "title"));
        return;
    }
    s->ended = number(event, "t");
    free(s->outcome);
    free(s->why);
    s->outcome = xstrdup(json_text(event, "outcome"));
    s->why = xstrdup(json_text(event, "why"));
}

/* ---- sums ---- */

/* Counts the statuses of a message per instelling and statussource (D3). */
static void count(struct tape *t, const json_t *x)
{
    const json_t *message = json_object_get(x, "message");
    const json_t *list = json_object_get(message, "statusmeldingen");
    json_int_t status =
        json_integer_value(json_object_get(json_object_get(x, "response"), "status"));
    for (size_t i = 0; i < json_array_size(list) && i < MELDINGEN; i++) {
        const json_t *m = json_array_get(list, i);
        const char *code = json_text(m, "instellingserkenningscode");
        const char *source = json_text(m, "statussource");
        struct place *p = code ? map_get(t->places, code) : NULL;
        if (!code || strlen(code) > 12 || (!p && map_count(t->places) >= PLACES_MAX))
            continue;
        if (!p)
            map_put(t->places, code, p = xcalloc(1, sizeof *p));
        if (status < 200 || status > 299)
            p->refused++;
        else if (is(source, "CAMBO"))
            p->cambo++;
        else
            p->sis++;
    }
}

/* What of a message counts in the flow: it was sent as it stands here, and accepted. */
static void note(struct scene *s, const json_t *x)
{
    static const char *const lists[][2] = {
        {"statusmeldingen.indienen", "statusmeldingen"},
        {"standen.indienen", "aanmeldingen"}};
    const json_t *message = json_object_get(x, "message"), *list = NULL;
    uint64_t status = number(json_object_get(x, "response"), "status");
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (is(json_text(x, "op"), lists[i][0]))
            list = json_object_get(message, lists[i][1]);
    if (!json_array_size(list) || status < 200 || status > 299 ||
        json_object_get(x, "manipulated"))
        return;
    if (!s->notes)
        s->notes = flow_notes_new();
    for (size_t i = 0; i < json_array_size(list); i++)
        flow_note(s->notes, json_array_get(list, i),
                  json_text(message, "instellingserkenningscode"));
}

static void notes_done(struct tape *t, struct scene *s)
{
    if (s->notes)
        flow_count(&t->flow, s->notes);
    flow_notes_free(s->notes);
    s->notes = NULL;
}

/* ---- the whole ---- */

static int each(void *arg, json_t *event)
{
    struct tape *t = arg;
    const char *kind = json_text(event, "kind");
    struct scene *s = scene_of(t, event);
    struct row r = {0};
    t->lines++;
    if (is(kind, "run") && number(event, "round") > 1) {
        t->round = number(event, "round");
    } else if (is(kind, "run")) {
        bool whole = json_is_true(json_object_get(event, "whole"));
        t->whole = whole && (t->whole || !t->runs);
        t->runs++;
    }
    if (is(kind, "exchange")) {
        count(t, event);
        if (!t->token_target && is(json_text(event, "op"), "token"))
            t->token_target =
                xstrdup(json_text(json_object_get(event, "request"), "target"));
    }
    keep(t, s, event);
    if (!s)
        return 0;
    bool shown = s->round == t->round;
    if (shown && is(kind, "scenario")) {
        scene_phase(s, event);
        if (is(json_text(event, "phase"), "end"))
            notes_done(t, s);
    }
    if (is(kind, "exchange")) {
        if (shown)
            note(s, event);
        json_decref(s->exchange);
        json_decref(s->step);
        s->exchange = json_incref(event);
        s->step = json_incref(json_object_get(event, "step"));
    }
    if (shown && row_read(event, &r))
        add(t, s, &r);
    return 0;
}

static void witness_free(void *p)
{
    struct witness *w = p;
    json_decref(w->event);
    json_decref(w->exchange);
    free(w);
}

void tape_free(struct tape *t)
{
    if (!t)
        return;
    map_free(t->scenes, scene_free);
    map_free(t->witnesses, witness_free);
    map_free(t->places, free);
    free(t->token_target);
    free(t->wanted);
    free(t);
}

int tape_read(const char *journal, const json_t *result, struct tape **out, struct err *e)
{
    struct tape *t = xcalloc(1, sizeof *t);
    t->scenes = map_new();
    t->witnesses = map_new();
    t->places = map_new();
    t->scenarios = json_object_get(result, "scenarios");
    t->round = 1;
    want_all(t, result);
    int rc = journal_read(journal, each, t, &t->torn, e);
    for (struct map_item *i = map_first(t->scenes); i; i = map_next(i))
        notes_done(t, map_value(i)); /* of those that never ended */
    if (rc)
        tape_free(t);
    else
        *out = t;
    return rc;
}
