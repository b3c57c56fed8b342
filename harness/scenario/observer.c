/* Asking an overstapsysteem what it shows: by HTTP or by a command that reads one JSON
 * line and writes one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/scenario/trial.h"
#include "harness/wire/process.h"

struct question {
    struct trial *t;
    struct reader *r;
    char operation[32];
    char *line; /* for a command */
    struct http_request req;
    char pointer[200];
    uint64_t began;
    observed_cb *cb;
    void *arg;
    struct process *process;
    struct pending pending;
    struct wire_call *call; /* under way, or NULL */
};

static const char *const *command_of(const struct question *q)
{
    return q->r->under_test ? (const char *const *)q->t->c.iut->observer_command : NULL;
}

bool observer_present(const struct trial *t, const struct reader *r)
{
    if (!r->under_test)
        return true;
    return iut_has(t->c.iut, "observer") && (r->observer || t->c.iut->observer_command);
}

/* The trial is aborted: no more waiting. */
static void question_hurry(struct pending *p)
{
    struct question *q =
        (struct question *)(void *)((char *)p - offsetof(struct question, pending));
    wire_call_cancel(q->t->wire, q->call);
}

static void question_free(struct question *q)
{
    trial_settled(&q->pending);
    http_request_done(&q->req);
    free(q->line);
    free(q);
}

static void record(struct question *q, const struct call_result *r)
{
    char op[64], to[64];
    snprintf(op, sizeof op, "waarnemer.%s", q->operation);
    snprintf(to, sizeof to, "overstapsysteem:%s", q->r->name);
    struct exchange x = {
        .scenario = q->t->c.name,
        .from = "school",
        .to = to,
        .side = "client",
        .operation = op,
        .url = q->r->observer,
        .began = r->began,
        .ended = r->ended,
        .outcome = call_outcome_name(r->outcome),
        .request = &q->req,
        .response = r->outcome == CALL_ANSWERED ? &r->response : NULL,
        .step = q->pointer,
    };
    journal_exchange(q->t->journal, &x);
}

static void tell(struct question *q, bool answered, int status, const char *body,
                 size_t n, const char *detail)
{
    json_t *json =
        body ? json_loadb(body, n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL) : NULL;
    struct observed o = {
        .answered = answered, .status = status, .body = json, .detail = detail};
    q->cb(q->arg, &o);
    json_decref(json);
    question_free(q);
}

static void came(void *arg, const struct call_result *r)
{
    struct question *q = arg;
    q->call = NULL;
    q->t->waiting--;
    record(q, r);
    tell(q, r->outcome == CALL_ANSWERED, r->response.status, r->response.body,
         r->response.body_n, r->detail[0] ? r->detail : call_outcome_name(r->outcome));
}

/* What a command said counts as an exchange too, so that the judge sees it. */
static void command_ended(void *arg, int status, int signum, const char *output)
{
    struct question *q = arg;
    q->t->waiting--;
    struct call_result r = {
        .outcome = CALL_ANSWERED, .began = q->began, .ended = wire_now(q->t->wire)};
    bool ok = status == 0 && signum == 0 && output && *output;
    http_response_init(&r.response);
    r.response.status = ok ? 200 : 500;
    if (output)
        http_response_body(&r.response, xstrdup(output), strlen(output));
    record(q, &r);
    tell(q, ok, ok ? 200 : 0, output, output ? strlen(output) : 0,
         "the observer's command ended without an answer");
    http_response_done(&r.response);
}

static void begin(void *arg)
{
    struct question *q = arg;
    struct trial *t = q->t;
    t->waiting--;
    if (command_of(q)) {
        struct err e = {0};
        struct process_spec spec = {.argv = t->c.iut->observer_command,
                                    .cwd = t->c.iut->folder,
                                    .stdin_text = q->line,
                                    .capture = true};
        t->waiting++;
        if (process_start(t->wire, &spec, command_ended, q, &q->process, &e)) {
            t->waiting--;
            tell(q, false, 0, NULL, 0, e.text);
        }
        return;
    }
    struct call c = {.url = q->r->observer,
                     .pool = q->r->name,
                     .request = &q->req,
                     .timeout_ns = q->began, /* the time-out until the call begins */
                     .fresh = true};
    q->began = wire_now(t->wire);
    t->waiting++;
    q->call = wire_call(t->wire, &c, came, q);
}

void observer_ask(struct lane *l, struct reader *r, const char *operation, json_t *body,
                  uint64_t timeout_ns, observed_cb *cb, void *arg)
{
    struct trial *t = l->t;
    struct question *q = xcalloc(1, sizeof *q);
    char target[64];
    q->t = t;
    q->r = r;
    q->cb = cb;
    q->arg = arg;
    q->began = timeout_ns;
    snprintf(q->operation, sizeof q->operation, "%s", operation);
    snprintf(target, sizeof target, "/%s", operation);
    lane_pointer(l, q->pointer, sizeof q->pointer);
    http_request_init(&q->req);
    http_request_line(&q->req, "POST", target);
    http_fields_add(&q->req.fields, "Content-Type", "application/json");
    if (r->under_test && t->c.iut->observer_token) {
        char *bearer = xasprintf("Bearer %s", t->c.iut->observer_token);
        http_fields_add(&q->req.fields, "Authorization", bearer);
        free(bearer);
    }
    char *text = json_dumps(body, JSON_COMPACT);
    json_object_set_new(body, "operatie", json_string(operation));
    char *with = json_dumps(body, JSON_COMPACT);
    q->line = xasprintf("%s\n", with);
    free(with);
    http_request_body(&q->req, text, strlen(text));
    json_decref(body);
    trial_pending(t, &q->pending, question_hurry);
    t->waiting++;
    wire_timer(t->wire, wire_now(t->wire), begin, q);
}
