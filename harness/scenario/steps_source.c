/* What the sources do: a SIS or CAMBO reports, a SIS changes something silently or
 * delivers a stand, a parent objects. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

#define HOUR (3600 * NS_PER_S)

/* A begindatum: a date-time, "same" as the last, "+10m" or "-1h" from now, or, when the
 * step names none, an hour after the one before. */
static when_t begin_of(struct trial *t, struct application *a, const json_t *report,
                       const json_t *step)
{
    const char *s = json_text(report, "began");
    when_t at = 0;
    uint64_t ns;
    if (!s)
        s = json_text(step, "began");
    if (!s) {
        at = a->clock;
    } else if (!strcmp(s, "same")) {
        at = a->a.begin;
    } else if ((*s == '+' || *s == '-') && !when_parse_duration(s + 1, &ns)) {
        at = wire_wall(t->wire) / NS_PER_S * NS_PER_S + (*s == '+' ? 1 : -1) * (when_t)ns;
    } else {
        when_parse(s, strlen(s), &at);
    }
    if (at + HOUR > a->clock)
        a->clock = at + HOUR;
    return at;
}

/* ---- a report under way ---- */

struct report {
    struct lane *l;
    const char *source; /* "SIS" or "CAMBO" */
    struct client *client;
    json_t *batch;      /* canonical statusmeldingen */
    json_t *wrong;      /* [{"at": index, "pointer", "requirement", "doc"}] */
    const char *answer; /* of the distortions, or NULL */
    int times;
};

static void report_send(struct report *r);

static void report_free(struct report *r)
{
    json_decref(r->batch);
    json_decref(r->wrong);
    free(r);
}

static bool word_in(const json_t *words, const char *word)
{
    if (json_is_string(words))
        return !strcmp(json_string_value(words), word);
    for (size_t i = 0; i < json_array_size(words); i++)
        if (!strcmp(json_string_value(json_array_get(words, i)), word))
            return true;
    return false;
}

/* True when the refusal names a fault at this canonical place. */
static bool fault_named(const struct trial *t, const json_t *answer, const char *pointer)
{
    const json_t *fouten = json_object_get(answer, "fouten");
    bool found = false;
    for (size_t i = 0; i < json_array_size(fouten) && !found; i++) {
        const char *wire = json_text(json_array_get(fouten, i), "pointer");
        struct buf b;
        buf_init(&b, 1024);
        if (wire)
            profile_canonical_pointer(t->profile, OP_INDIENEN, wire, &b);
        found = wire && !strcmp(b.p ? b.p : "", pointer);
        buf_done(&b);
    }
    return found;
}

/* The first place of a distortion that the refusal does not name, as a sentence; NULL
 * when all are named (KP-INT-04: every fault). */
static char *fault_missing(const struct report *r, const json_t *answer)
{
    char pointer[200];
    for (size_t i = 0; i < json_array_size(r->wrong); i++) {
        const json_t *w = json_array_get(r->wrong, i);
        if (!*json_text(w, "pointer"))
            continue;
        snprintf(pointer, sizeof pointer, "/statusmeldingen/%lld%s",
                 (long long)json_integer_value(json_object_get(w, "at")),
                 json_text(w, "pointer"));
        if (!fault_named(r->l->t, answer, pointer))
            return xasprintf("the refusal does not name the fault at %s (%s)", pointer,
                             json_text(w, "doc"));
    }
    return NULL;
}

/* KP-INT-08 asks for the code identificatie-ontbreekt, of the problem or of the fault. */
static bool code_given(const json_t *answer, const char *code)
{
    const char *whole = json_text(answer, "code");
    if (whole && !strcmp(whole, code))
        return true;
    const json_t *fouten = json_object_get(answer, "fouten");
    for (size_t i = 0; i < json_array_size(fouten); i++) {
        const char *reden = json_text(json_array_get(fouten, i), "reden");
        if (reden && !strcmp(reden, code))
            return true;
    }
    return false;
}

/* In a koppelpunt that keeps running an instelling may have aanmeldingen of earlier
 * conversations too: they lapse with the same stand. */
static bool more_may_lapse(const struct trial *t, const char *key)
{
    return !t->c.iut->start && !strcmp(key, "vervallen");
}

static char *counts_differ(const struct trial *t, const json_t *step,
                           const json_t *answer)
{
    const char *key;
    json_t *want;
    json_object_foreach (json_object_get(step, "counts"), key, want) {
        const json_t *is = json_object_get(answer, key);
        json_int_t more = json_integer_value(is) - json_integer_value(want);
        if (json_is_integer(is) && (more == 0 || (more > 0 && more_may_lapse(t, key))))
            continue;
        char *number = json_is_integer(is)
                           ? xasprintf("%lld", (long long)json_integer_value(is))
                           : NULL;
        char *why =
            xasprintf("%s should be %lld and is %s", key,
                      (long long)json_integer_value(want), number ? number : "<undef>");
        free(number);
        return why;
    }
    return NULL;
}

static json_t *seen_of(const struct said *s)
{
    json_t *seen = json_pack("{ss,si}", "answer", s->word, "tries", s->tries);
    if (s->answer)
        json_object_set_new(seen, "body", json_deep_copy(s->answer));
    else if (s->detail && *s->detail)
        json_object_set_new(seen, "detail", json_string(s->detail));
    return seen;
}

/* Compares one answer with what the step expects and writes the expectation. Returns
 * whether the conversation can go on. */
static bool settle(struct lane *l, const struct said *s, const json_t *want_words,
                   const char *want_word, char *fault, const char *what, bool implicit)
{
    struct trial *t = l->t;
    bool unknown = s->outcome != CALL_ANSWERED;
    bool right = want_words ? word_in(want_words, s->word) : !strcmp(s->word, want_word);
    char *why = NULL;
    if (unknown)
        why = xasprintf("no answer from the koppelpunt after %d tries: %s (%s)", s->tries,
                        s->word, s->detail ? s->detail : "");
    else if (!right)
        why = xasprintf(
            "%s: the answer should be %s%s and is %s (%d)", what,
            want_words && !json_is_string(want_words) ? "one of several, such as " : "",
            want_words ? json_string_value(json_is_array(want_words)
                                               ? json_array_get(want_words, 0)
                                               : want_words)
                       : want_word,
            s->word, s->status);
    else if (fault)
        why = xasprintf("%s: %s", what, fault);
    struct outcome o = {
        .met = !why,
        .what = what,
        .why = why,
        .blame = t->koppelpunt_tested ? "system" : "harness",
        .expected = json_pack("{sO*}", "answer", want_words),
        .seen = seen_of(s),
        .proves = implicit && t->koppelpunt_tested ? "KP-INT-01" : NULL,
        .began = s->began,
    };
    if (!want_words)
        json_object_set_new(o.expected, "answer", json_string(want_word));
    bool ok = !why;
    /* In a trial of an overstapsysteem a good answer of our own koppelpunt proves
     * nothing. */
    if (t->koppelpunt_tested || !ok)
        lane_expect(l, &o);
    else {
        json_decref(o.expected);
        json_decref(o.seen);
    }
    free(why);
    free(fault);
    return ok;
}

/* CAMBO tells the named parent of an applicant under 18 once, with the consequences and
 * the way to stop the inschrijving (D7). The aanmelding has gone on already. */
static void confirm_to_parents(const struct report *r)
{
    for (size_t i = 0; i < json_array_size(r->batch); i++) {
        const json_t *m = json_array_get(r->batch, i);
        struct application *a = lane_application(r->l, json_text(m, "~application"));
        if (a->confirmed || a->a.status != STATUS_SUBMITTED || !trial_minor(a))
            continue;
        a->confirmed = true;
        trial_event(r->l->t, "confirmation",
                    json_pack("{ss,ss,sb,sb}", "application", a->a.name, "to", "ouder",
                              "consequences", 1, "wayToStop", 1));
    }
}

/* The finding is written; what follows makes no sense without what was refused. */
static void refused(struct lane *l, const char *why)
{
    if (l->t->koppelpunt_tested)
        lane_unreached(l, why);
    else
        lane_stop(l, "harness", why);
}

static void report_said(void *arg, const struct said *s)
{
    struct report *r = arg;
    struct lane *l = r->l;
    const json_t *step = lane_step(l);
    const json_t *answer = json_object_get(step, "answer");
    bool implicit = !answer && !r->answer && !json_object_get(step, "counts") &&
                    !json_object_get(step, "proves");
    char *fault = NULL;
    if (s->answer && r->answer && !strcmp(r->answer, "invalid")) {
        fault = fault_missing(r, s->answer);
        const char *code = json_text(step, "code");
        if (!fault && code && !code_given(s->answer, code))
            fault = xasprintf("the code %s is not given", code);
    } else if (s->answer) {
        fault = counts_differ(l->t, step, s->answer);
    }
    char *what = r->answer ? xasprintf("a batch with %s",
                                       json_text(json_array_get(r->wrong, 0), "doc"))
                           : xasprintf("a correct statusmelding of %s", r->client->actor);
    bool ok = settle(l, s, answer, r->answer ? r->answer : "ok", fault, what, implicit);
    free(what);
    if (ok && !r->answer && !strcmp(r->source, "CAMBO"))
        confirm_to_parents(r);
    if (ok && --r->times > 0) {
        report_send(r);
        return;
    }
    report_free(r);
    if (!ok && implicit)
        refused(l, "a correct statusmelding was not answered as it should be, so what "
                   "follows was not tried");
    else
        lane_next(l);
}

/* Sends the batch; each time with meldingIds of its own unless the step repeats. */
static void report_send(struct report *r)
{
    struct trial *t = r->l->t;
    const json_t *step = lane_step(r->l);
    bool same = json_is_true(json_object_get(step, "again")) ||
                json_is_true(json_object_get(step, "same id"));
    for (size_t i = 0; !same && i < json_array_size(r->batch); i++) {
        json_t *m = json_array_get(r->batch, i);
        struct application *a =
            lane_application(r->l, json_string_value(json_object_get(m, "~application")));
        char id[37];
        rng_uuid(&a->ids, id);
        if (strcmp(json_text(m, "meldingId"), "not-a-uuid"))
            json_object_set_new(m, "meldingId", json_string(id));
    }
    json_t *clean = json_deep_copy(r->batch);
    for (size_t i = 0; i < json_array_size(clean); i++) {
        json_t *m = json_array_get(clean, i);
        struct application *a =
            lane_application(r->l, json_string_value(json_object_get(m, "~application")));
        json_object_del(m, "~application");
        json_decref(a->last);
        a->last = json_deep_copy(m);
        a->was_sent = true;
    }
    json_t *message = json_pack("{so}", "statusmeldingen", clean);
    struct ask ask = {.op = OP_INDIENEN,
                      .message = message,
                      .client = r->client,
                      .patient = true,
                      .persistent = true,
                      .use_faults = true};
    trial_ask(r->l, &ask, report_said, r);
    json_decref(message);
    (void)t;
}

/* One element of "reports" into the batch. */
static void report_add(struct report *r, const json_t *element,
                       struct application *subject)
{
    struct lane *l = r->l;
    struct trial *t = l->t;
    const json_t *step = lane_step(l);
    const json_t *object = json_is_object(element) ? element : NULL;
    const char *status =
        object ? json_text(element, "status") : json_string_value(element);
    const char *other = json_text(object, "application");
    struct application *a = other ? lane_application(l, other) : subject;
    const char *wrong = json_text(object, "distorted");
    if (!wrong)
        wrong = json_text(step, "distorted");
    const struct distortion *d = distortion_find(wrong);
    struct aanmelding before = a->a;
    when_t clock = a->clock;
    const char *opleiding = json_text(object, "opleiding");
    if (!opleiding)
        opleiding = json_text(step, "opleiding");
    if (opleiding)
        snprintf(a->a.opleiding, sizeof a->a.opleiding, "%s", opleiding);
    const char *person = json_text(step, "person");
    struct pupil *now = person ? lane_pupil(l, person) : NULL;
    if (now)
        a->a.person = now->person;
    if (status)
        a->a.status = status_by_name(status);
    a->a.begin = begin_of(t, a, object, step);
    json_t *m = sources_melding(&a->a, r->source, "");
    if (d) {
        d->apply(t, a, m);
        json_array_append_new(r->wrong, json_pack("{sI,ss,ss,ss}", "at",
                                                  (json_int_t)json_array_size(r->batch),
                                                  "pointer", d->pointer, "requirement",
                                                  d->requirement, "doc", d->doc));
        if (!r->answer || !strcmp(d->answer, "forbidden"))
            r->answer = d->answer;
        a->a = before; /* what is refused was never so */
        a->clock = clock;
    } else if (!json_object_get(step, "answer") ||
               word_in(json_object_get(step, "answer"), "ok")) {
        trial_truth(t, a, !strcmp(r->source, "SIS") ? r->client->actor : "cambo", false);
    } else {
        a->a = before;
    }
    if (json_is_true(json_object_get(step, "same id")) && a->last)
        json_object_set(m, "meldingId", json_object_get(a->last, "meldingId"));
    char key[160];
    snprintf(key, sizeof key, "%s", a->a.name);
    json_object_set_new(m, "~application", json_string(key));
    json_array_append_new(r->batch, m);
}

/* A UUID in capitals is the same UUID (RFC 9562 section 4). */
static void in_capitals(json_t *m, const char *key)
{
    char out[40];
    const char *s = json_text(m, key);
    size_t n = 0;
    for (; s && s[n] && n + 1 < sizeof out; n++)
        out[n] = (char)toupper((unsigned char)s[n]);
    out[n] = 0;
    if (s)
        json_object_set_new(m, key, json_string(out));
}

/* The same message again: letter for letter, or with its UUIDs in capitals. */
static void report_again(struct report *r, struct application *a)
{
    json_t *m = json_deep_copy(a->last);
    if (json_is_true(json_object_get(lane_step(r->l), "capitals"))) {
        in_capitals(m, "meldingId");
        in_capitals(m, "caketenid");
    }
    json_object_set_new(m, "~application", json_string(a->a.name));
    json_array_append_new(r->batch, m);
}

void source_reports(struct lane *l, const json_t *step, const char *source,
                    struct application *a)
{
    struct report *r = xcalloc(1, sizeof *r);
    const char *as = json_text(step, "as");
    r->l = l;
    r->source = source;
    r->client = as                       ? trial_client(l->t, as)
                : !strcmp(source, "SIS") ? trial_client_of_sis(l->t, a->a.instelling)
                                         : trial_client(l->t, "cambo");
    if (!r->client && as)
        r->client = trial_client_of_sis(l->t, as);
    r->batch = json_array();
    r->wrong = json_array();
    r->times = (int)json_integer_value(json_object_get(step, "times"));
    const json_t *reports = json_object_get(step, "reports");
    if (json_is_true(json_object_get(step, "again")) && a->last)
        report_again(r, a);
    else if (json_is_array(reports))
        for (size_t i = 0; i < json_array_size(reports); i++)
            report_add(r, json_array_get(reports, i), a);
    else
        report_add(r, reports, a);
    if (!r->client) {
        report_free(r);
        lane_stop(l, "configuration", "the provisioning has no client for this source");
        return;
    }
    report_send(r);
}

static void sis_reports(struct lane *l, const json_t *step)
{
    source_reports(l, step, "SIS", lane_application(l, json_text(step, "sis")));
}

/* ---- silent changes and standen (D10) ---- */

static void sis_silently(struct lane *l, const json_t *step)
{
    struct application *a = lane_application(l, json_text(step, "sis"));
    const char *what = json_text(step, "silently");
    const char *opleiding = json_text(step, "opleiding");
    if (!strcmp(what, "deleted"))
        a->a.deleted = true;
    else
        a->a.status = status_by_name(what);
    if (opleiding)
        snprintf(a->a.opleiding, sizeof a->a.opleiding, "%s", opleiding);
    a->a.begin = begin_of(l->t, a, NULL, step);
    char source[32];
    snprintf(source, sizeof source, "sis:%s", a->a.instelling);
    trial_truth(l->t, a, source, true);
    lane_next(l);
}

static void stand_said(void *arg, const struct said *s)
{
    struct lane *l = arg;
    const json_t *step = lane_step(l);
    const json_t *answer = json_object_get(step, "answer");
    bool implicit = !answer && !json_object_get(step, "proves");
    char *fault = s->answer && !answer ? counts_differ(l->t, step, s->answer) : NULL;
    bool ok = settle(l, s, answer, "ok", fault, "a correct stand", false);
    if (!ok && implicit)
        refused(l, "a correct stand was not answered as it should be, so what follows "
                   "was not tried");
    else
        lane_next(l);
}

static bool left_out(const json_t *step, const struct application *a)
{
    return word_in(json_object_get(step, "leaves out"), a->a.name);
}

/* As the SIS has it now, or as the step says that it was. */
static json_t *stand_entry(const json_t *step, const struct application *x)
{
    const char *status = json_text(json_object_get(step, "with"), x->a.name);
    const char *began = json_text(step, "began");
    struct aanmelding then = x->a;
    if (status)
        then.status = status_by_name(status);
    if (status && began)
        when_parse(began, strlen(began), &then.begin);
    return sources_stand_entry(&then);
}

static void sis_stand(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    const char *subject = json_text(step, "sis");
    const struct application *a = lane_application(l, subject);
    const char *brin = a ? a->a.instelling : subject;
    const char *wish = json_text(step, "as of");
    when_t at = wire_wall(t->wire) / NS_PER_S * NS_PER_S;
    uint64_t ns;
    if (wish && (*wish == '+' || *wish == '-') && !when_parse_duration(wish + 1, &ns))
        at += (*wish == '+' ? 1 : -1) * (when_t)ns;
    else if (wish)
        when_parse(wish, strlen(wish), &at);
    json_t *entries = json_array();
    for (struct map_item *i = map_first(t->applications); i; i = map_next(i)) {
        const struct application *x = map_value(i);
        if (strcmp(x->a.instelling, brin) || x->a.deleted || x->a.status == STATUS_NONE ||
            x->a.status == STATUS_SUBMITTED || left_out(step, x))
            continue;
        json_array_append_new(entries, stand_entry(step, x));
    }
    if (json_is_true(json_object_get(step, "twice the same")) && json_array_size(entries))
        json_array_append_new(entries, json_deep_copy(json_array_get(entries, 0)));
    char peildatum[32];
    json_t *m = json_pack("{ss,ss,so}", "instellingserkenningscode", brin, "peildatum",
                          when_format(at, peildatum), "aanmeldingen", entries);
    struct client *c = trial_client_of_sis(t, brin);
    const char *as = json_text(step, "as");
    struct ask ask = {.op = OP_STAND,
                      .message = m,
                      .client = as ? trial_client_of_sis(t, as) : c,
                      .patient = true,
                      .persistent = true,
                      .use_faults = true};
    trial_ask(l, &ask, stand_said, l);
    json_decref(m);
}

/* ---- the named parent (D7) ---- */

/* An objection comes to the instelling, which then reports that this aanmelding does not
 * lead to an inschrijving: REJECTED (KP-OUD-01). Nothing about the parent may
 * be found afterwards. */
static void ouder_objects(struct lane *l, const json_t *step)
{
    struct application *a = lane_application(l, json_text(step, "objects"));
    trial_event(l->t, "canary",
                json_pack("{ss,ss}", "what", "ouder", "text", a->a.person->parent));
    struct report *r = xcalloc(1, sizeof *r);
    json_t *rejected = json_string(status_name(STATUS_REJECTED));
    r->l = l;
    r->source = "SIS";
    r->client = trial_client_of_sis(l->t, a->a.instelling);
    r->batch = json_array();
    r->wrong = json_array();
    report_add(r, rejected, a);
    json_decref(rejected);
    trial_event(l->t, "objection",
                json_pack("{ss,ss,ss}", "application", a->a.name, "phase", "stands",
                          "begin", json_text(json_array_get(r->batch, 0), "begindatum")));
    report_send(r);
}

const struct verb_key source_report_keys[] = {
    {"reports", KEY_REPORTS, true, NULL}, {"began", KEY_TIME, false, NULL},
    {"distorted", KEY_TEXT, false, NULL}, {"opleiding", KEY_TEXT, false, NULL},
    {"person", KEY_PUPIL, false, NULL},   {"again", KEY_BOOL, false, NULL},
    {"capitals", KEY_BOOL, false, NULL},  {"same id", KEY_BOOL, false, NULL},
    {"times", KEY_COUNT, false, NULL},    {"as", KEY_TEXT, false, NULL},
    {"answer", KEY_ANSWER, false, NULL},  {"code", KEY_TEXT, false, NULL},
    {"counts", KEY_OBJECT, false, NULL},  {"proves", KEY_IDS, false, NULL},
    {NULL, KEY_ANY, false, NULL}};
static const struct verb_key silent_keys[] = {{"silently", KEY_TEXT, true, NULL},
                                              {"began", KEY_TIME, false, NULL},
                                              {"opleiding", KEY_TEXT, false, NULL},
                                              {NULL, KEY_ANY, false, NULL}};
static const char *const stand_words[] = {"stand", NULL};
static const struct verb_key stand_keys[] = {{"delivers", KEY_WORD, true, stand_words},
                                             {"as of", KEY_TIME, false, NULL},
                                             {"leaves out", KEY_ANY, false, NULL},
                                             {"with", KEY_SEES, false, NULL},
                                             {"began", KEY_TIME, false, NULL},
                                             {"twice the same", KEY_BOOL, false, NULL},
                                             {"as", KEY_TEXT, false, NULL},
                                             {"answer", KEY_ANSWER, false, NULL},
                                             {"counts", KEY_OBJECT, false, NULL},
                                             {"proves", KEY_IDS, false, NULL},
                                             {NULL, KEY_ANY, false, NULL}};
static const struct verb_key ouder_keys[] = {{"objects", KEY_APPLICATION, true, NULL},
                                             {"began", KEY_TIME, false, NULL},
                                             {"proves", KEY_IDS, false, NULL},
                                             {NULL, KEY_ANY, false, NULL}};

const struct verb source_verbs[] = {
    {"sis", "reports", false, KEY_APPLICATION, sis_reports,
     "the SIS of the application's instelling sends a statusmelding (or a batch of them)",
     source_report_keys},
    {"sis", "silently", false, KEY_APPLICATION, sis_silently,
     "something changes in the SIS and no message is sent (D10)", silent_keys},
    {"sis", "delivers", false, KEY_ANY, sis_stand,
     "the SIS (of an application, or by its BRIN) delivers a full stand", stand_keys},
    {"ouder", "objects", false, KEY_PUPIL, ouder_objects,
     "the named parent of a pupil objects; the SIS reports REJECTED (D7)", ouder_keys},
    {NULL, NULL, false, KEY_ANY, NULL, NULL, NULL},
};
