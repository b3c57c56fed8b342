/* From an event to a row: who, to whom, what, in words short enough for a picture. */
#include "harness/report/tape_row.h"

#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"

#define TEXT_MAX 200 /* bytes of a text that we show */
#define SHOWN    2   /* statuses named; the rest is counted */

static uint64_t number(const json_t *o, const char *key)
{
    json_int_t v = json_integer_value(json_object_get(o, key));
    return v > 0 ? (uint64_t)v : 0;
}

/* A copy, cut between two characters. */
static char *copy(const char *s)
{
    size_t n = s ? strlen(s) : 0;
    if (n <= TEXT_MAX)
        return xstrdup(s);
    for (n = TEXT_MAX; n && ((unsigned char)s[n] & 0xC0) == 0x80;)
        n--;
    return xasprintf("%.*s...", (int)n, s);
}

static enum party party(const char *actor)
{
    static const struct {
        const char *name;
        enum party party;
    } rows[] = {{"sis", PARTY_SIS},
                {"cambo", PARTY_CAMBO},
                {"koppelpunt", PARTY_KOPPELPUNT},
                {"overstapsysteem", PARTY_OVERSTAPSYSTEEM},
                {"school", PARTY_SCHOOL},
                {"digid", PARTY_DIGID},
                {"ouder", PARTY_PARENT},
                {"waarnemer", PARTY_SCHOOL}};
    size_t n = actor ? strcspn(actor, ":") : 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (n == strlen(rows[i].name) && !strncmp(actor, rows[i].name, n))
            return rows[i].party;
    return PARTY_OTHER;
}

/* "RECEIVED, OFFERED +4": the statuses in a list of messages or entries. */
static char *statuses(const json_t *list)
{
    struct buf b;
    size_t n = json_array_size(list);
    if (!n)
        return NULL;
    buf_init(&b, 200);
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        const char *status = json_text(json_array_get(list, i), "status");
        buf_addf(&b, "%s%.20s", i ? ", " : "", status ? status : "?");
    }
    if (n > SHOWN)
        buf_addf(&b, " +%zu", n - SHOWN);
    return buf_take(&b, NULL);
}

/* What a call was about: the statuses that it carried, there or back. */
static char *about(const json_t *x)
{
    static const struct {
        const char *op, *side, *list;
    } rows[] = {{"statusmeldingen.indienen", "message", "statusmeldingen"},
                {"standen.indienen", "message", "aanmeldingen"},
                {"aanmeldstatussen.ophalen", "answer", "aanmeldstatussen"},
                {"aanmeldstatussen.zoeken", "answer", "aanmeldstatussen"}};
    const char *op = json_text(x, "op");
    for (size_t i = 0; op && i < ARRAY_LEN(rows); i++)
        if (!strcmp(op, rows[i].op))
            return statuses(
                json_object_get(json_object_get(x, rows[i].side), rows[i].list));
    if (!op || strcmp(op, "waarnemer.waarnemingen"))
        return NULL;
    const char *body = json_text(json_object_get(x, "response"), "body");
    json_t *shown = body ? json_loads(body, 0, NULL) : NULL;
    char *note = statuses(json_object_get(shown, "aanmeldingen"));
    json_decref(shown);
    return note;
}

/* A call of the school is captured at both ends when we play both: once is enough. */
static bool read_call(const json_t *x, struct row *r)
{
    const char *from = json_text(x, "from"), *op = json_text(x, "op");
    const char *outcome = json_text(x, "outcome");
    const char *target = json_text(json_object_get(x, "request"), "target");
    if (!from || !strcmp(from, "waarnemer"))
        return false;
    r->kind = ROW_CALL;
    r->from = party(from);
    r->to = party(json_text(x, "to"));
    r->who = copy(from);
    r->what = copy(op && *op ? op : target ? target : "?");
    r->note = about(x);
    r->began = number(x, "began");
    r->status = (int)number(json_object_get(x, "response"), "status");
    if (outcome && strcmp(outcome, "answered"))
        r->outcome = copy(outcome);
    r->fault = copy(json_text(x, "fault"));
    return true;
}

static bool read_truth(const json_t *o, struct row *r)
{
    const char *application = json_text(o, "application");
    const char *status = json_text(o, "status");
    r->kind = ROW_TRUTH;
    r->who = copy(json_text(o, "source"));
    r->from = r->to = party(r->who);
    if (r->from == PARTY_CAMBO && status && !strcmp(status, "SUBMITTED"))
        r->from = PARTY_APPLICANT; /* it is the applicant who applies */
    r->what = copy(status ? status : "?");
    r->note = copy(application);
    return true;
}

static bool read_fault(const json_t *o, struct row *r)
{
    const char *phase = json_text(o, "phase");
    r->kind = ROW_FAULT;
    r->status = !phase || !strcmp(phase, "set") ? 1 : strcmp(phase, "hit") ? 3 : 2;
    r->what = copy(json_text(o, "what"));
    r->note = copy(json_text(o, "on"));
    r->fault = copy(json_text(o, "id"));
    return true;
}

static bool read_expectation(const json_t *o, struct row *r)
{
    const json_t *met = json_object_get(o, "met");
    r->kind = ROW_EXPECT;
    r->status = json_is_true(met) ? 1 : json_is_false(met) ? 0 : -1;
    r->what = copy(json_text(o, "what"));
    r->outcome = copy(json_text(o, "why"));
    return true;
}

static bool read_system(const json_t *o, struct row *r)
{
    r->kind = ROW_SYSTEM;
    r->what = copy(json_text(o, "phase"));
    r->note = copy(json_text(o, "text"));
    return true;
}

static bool begins(const char *s, const char *with)
{
    return s && !strncmp(s, with, strlen(with));
}

static bool read_event(struct row *r, enum party from, enum party to, const char *what)
{
    r->kind = ROW_EVENT;
    r->from = from;
    r->to = to;
    r->what = copy(what);
    return true;
}

/* Steps are seen by what they do; that DigiD fails is only seen here. */
static bool read_step(const json_t *o, struct row *r)
{
    const char *text = json_text(o, "text");
    return begins(text, "digid ") &&
           read_event(r, PARTY_DIGID, PARTY_DIGID,
                      begins(text, "digid fails") ? "fails" : "recovers");
}

static bool read_confirmation(const json_t *o, struct row *r)
{
    r->note = copy(json_text(o, "application"));
    return read_event(r, PARTY_CAMBO, PARTY_PARENT, "confirmation");
}

static bool read_objection(const json_t *o, struct row *r)
{
    const char *phase = json_text(o, "phase");
    r->note = copy(json_text(o, "application"));
    return read_event(r, PARTY_PARENT, PARTY_SIS, phase ? phase : "stands");
}

static bool read_trouble(const json_t *o, struct row *r)
{
    if (begins(json_text(o, "text"), "DigiD is down"))
        return read_event(r, PARTY_APPLICANT, PARTY_DIGID, "waits");
    r->kind = ROW_TROUBLE;
    r->what = copy(json_text(o, "text"));
    return true;
}

bool row_read(const json_t *event, struct row *r)
{
    static const struct {
        const char *kind;
        bool (*read)(const json_t *o, struct row *r);
    } rows[] = {{"exchange", read_call},
                {"truth", read_truth},
                {"fault", read_fault},
                {"system", read_system},
                {"expectation", read_expectation},
                {"step", read_step},
                {"confirmation", read_confirmation},
                {"objection", read_objection},
                {"trouble", read_trouble}};
    const char *kind = json_text(event, "kind");
    r->seq = number(event, "seq");
    r->began = r->t = number(event, "t");
    for (size_t i = 0; kind && i < ARRAY_LEN(rows); i++)
        if (!strcmp(rows[i].kind, kind))
            return rows[i].read(event, r);
    return false;
}
