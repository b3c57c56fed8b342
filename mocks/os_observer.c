#include "mocks/os_observer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"

#define SCHOOL_MAX 40 /* characters */
#define ANSWER_MAX ((size_t)1 << 30)

/* ---- replies ---- */

static void make_reply(struct http_reply *reply, int status, char *body, size_t body_n,
                       uint64_t retry_after)
{
    http_reply_init(reply);
    reply->response.status = status;
    http_fields_add(&reply->response.fields, "Cache-Control", "no-store");
    if (body)
        http_fields_add(&reply->response.fields, "Content-Type",
                        status < 400 ? "application/json" : "application/problem+json");
    if (retry_after > 0) {
        char seconds[24];
        snprintf(seconds, sizeof(seconds), "%llu", (unsigned long long)retry_after);
        http_fields_add(&reply->response.fields, "Retry-After", seconds);
    }
    http_response_body(&reply->response, body, body_n);
}

void os_observer_reply(struct outbox *out, uint64_t ticket, int status, char *body,
                       size_t body_n, uint64_t retry_after)
{
    struct http_reply reply;
    make_reply(&reply, status, body, body_n, retry_after);
    outbox_reply(out, ticket, &reply);
}

void os_observer_refuse(struct outbox *out, uint64_t ticket, int status, const char *why,
                        uint64_t retry_after)
{
    struct buf b;
    size_t n;
    buf_init(&b, 4096);
    buf_addf(&b, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"",
             http_status_text(status), status);
    buf_add_json(&b, why, strlen(why));
    buf_adds(&b, "\"}");
    char *body = buf_take(&b, &n);
    os_observer_reply(out, ticket, status, body, n, retry_after);
}

/* ---- reading what is asked; none of the sentences repeats the input ---- */

static const char *read_school(const json_t *in, const char **school)
{
    const char *s = json_string_value(json_object_get(in, "school"));
    if (!s)
        return "school is missing or no text";
    size_t characters = 0;
    for (const char *p = s; *p; p++)
        characters += (*p & 0xC0) != 0x80; /* UTF-8: not a continuation byte */
    if (characters > SCHOOL_MAX)
        return "school is longer than 40 characters";
    *school = s;
    return NULL;
}

static const char *read_bsn(const json_t *value, uint32_t *bsn)
{
    if (!json_is_string(value) ||
        !bsn_valid(json_string_value(value), json_string_length(value)))
        return "a bsn is missing or no burgerservicenummer";
    *bsn = (uint32_t)strtoul(json_string_value(value), NULL, 10);
    return NULL;
}

static bool read_course(const json_t *value, const char **code, const char **name)
{
    *code = json_string_value(json_object_get(value, "code"));
    *name = json_string_value(json_object_get(value, "naam"));
    return *code && **code && *name && **name;
}

static const char *read_own(const json_t *in, struct os_own *out)
{
    const char *why = read_bsn(json_object_get(in, "bsn"), &out->bsn);
    if (why)
        return why;
    if (!read_course(json_object_get(in, "instelling"), &out->instelling,
                     &out->instelling_naam))
        return "an instelling is missing or lacks its code or naam";
    if (!read_course(json_object_get(in, "opleiding"), &out->opleiding,
                     &out->opleiding_naam))
        return "an opleiding is missing or lacks its code or naam";
    const char *status = json_string_value(json_object_get(in, "status"));
    out->status = status ? status_by_name(status) : STATUS_NONE;
    if (out->status == STATUS_NONE)
        return "a status is missing or unknown";
    const json_t *begin = json_object_get(in, "statusBegin");
    if (!json_is_string(begin) ||
        when_parse(json_string_value(begin), json_string_length(begin), &out->begin))
        return "a statusBegin is missing or no moment in UTC";
    return NULL;
}

/* ---- the operations ---- */

struct asked {
    struct os_store *store;
    const struct os_mutate *mutate;
    const json_t *in;
    struct outbox *out;
    uint64_t ticket;
};

struct answer {
    struct buf b;
    bool with_bsn;
    size_t n;
};

static void add_text(struct buf *b, const char *key, const char *value)
{
    buf_addf(b, "\"%s\":\"", key);
    buf_add_json(b, value, strlen(value));
    buf_addc(b, '"');
}

static void add_course(struct buf *b, const char *key, const char *code, const char *name)
{
    buf_addf(b, "\"%s\":{", key);
    add_text(b, "code", code);
    buf_addc(b, ',');
    add_text(b, "naam", name);
    buf_adds(b, "},");
}

static void add_shown(void *arg, const struct os_own *s)
{
    struct answer *a = arg;
    char begin[32];
    buf_adds(&a->b, a->n++ ? ",{" : "{");
    if (a->with_bsn)
        buf_addf(&a->b, "\"bsn\":\"%09lu\",", (unsigned long)s->bsn);
    add_course(&a->b, "instelling", s->instelling, s->instelling_naam);
    add_course(&a->b, "opleiding", s->opleiding, s->opleiding_naam);
    buf_addf(&a->b, "\"status\":\"%s\",\"statusBegin\":\"%s\"}", status_name(s->status),
             when_format(s->begin, begin));
}

/* What a school sees: of one of its pupils, or of all. */
static const char *waarnemingen(struct asked *q)
{
    const char *school = NULL;
    const json_t *value = json_object_get(q->in, "bsn");
    uint32_t bsn = 0;
    const char *why = read_school(q->in, &school);
    if (!why && value)
        why = read_bsn(value, &bsn);
    if (why)
        return why;
    struct answer a = {.with_bsn = !value};
    buf_init(&a.b, ANSWER_MAX);
    buf_adds(&a.b, "{\"aanmeldingen\":[");
    os_view_show(os_store_view(q->store), school, value ? &bsn : NULL, add_shown, &a);
    buf_adds(&a.b, "]}");
    if (a.b.full) {
        buf_done(&a.b);
        os_observer_refuse(q->out, q->ticket, 500, "the answer is too large", 0);
        return NULL;
    }
    size_t n;
    char *body = buf_take(&a.b, &n);
    os_mutate_answer(q->mutate, school, &body, &n);
    struct http_reply reply;
    make_reply(&reply, 200, body, n, 0);
    reply.delay_ns = os_mutate_delay(q->mutate);
    outbox_reply(q->out, q->ticket, &reply);
    return NULL;
}

/* Saved before the 204. */
static void saved(struct asked *q, int rc)
{
    if (rc)
        os_observer_refuse(q->out, q->ticket, 500, "it could not be saved", 0);
    else
        os_observer_reply(q->out, q->ticket, 204, NULL, 0, 0);
}

static const char *leerlingen(struct asked *q)
{
    const char *school = NULL;
    const json_t *list = json_object_get(q->in, "bsns");
    const char *why = read_school(q->in, &school);
    if (!why && !json_is_array(list))
        why = "bsns is missing or no list";
    if (why)
        return why;
    size_t n = json_array_size(list);
    uint32_t *bsns = xcalloc(n + 1, sizeof(*bsns));
    for (size_t i = 0; !why && i < n; i++)
        why = read_bsn(json_array_get(list, i), &bsns[i]);
    if (!why)
        saved(q, os_store_pupils(q->store, school, bsns, n, NULL));
    free(bsns);
    return why;
}

static const char *eigen_aanmeldingen(struct asked *q)
{
    const json_t *list = json_object_get(q->in, "aanmeldingen");
    const char *why = NULL;
    if (!json_is_array(list))
        return "aanmeldingen is missing or no list";
    size_t n = json_array_size(list);
    struct os_own *own = xcalloc(n + 1, sizeof(*own));
    for (size_t i = 0; !why && i < n; i++)
        why = read_own(json_array_get(list, i), &own[i]);
    if (!why)
        saved(q, os_store_own(q->store, own, n, NULL));
    free(own);
    return why;
}

static const struct {
    const char *path;
    /* Replies and returns NULL, or returns why the input is wrong. NULL: fetch. */
    const char *(*run)(struct asked *q);
} operations[] = {
    {"/waarnemingen", waarnemingen},
    {"/leerlingen", leerlingen},
    {"/eigen-aanmeldingen", eigen_aanmeldingen},
    {"/ophalen", NULL},
};

static void run(struct asked *q, const struct http_request *req,
                const char *(*operation)(struct asked *q))
{
    if (req->body_n == SIZE_MAX) {
        os_observer_refuse(q->out, q->ticket, 413, "the body is too large", 0);
        return;
    }
    json_t *in = json_loadb(req->body ? req->body : "", req->body ? req->body_n : 0,
                            JSON_REJECT_DUPLICATES, NULL);
    const char *why = "the body is no JSON object";
    q->in = in;
    if (json_is_object(in))
        why = operation(q);
    if (why)
        os_observer_refuse(q->out, q->ticket, 400, why, 0);
    json_decref(in);
}

void os_observer_request(struct os_store *store, struct os_fetch *fetch,
                         const struct os_mutate *mutate, uint64_t ticket,
                         const struct http_request *req, struct moment now,
                         struct outbox *out)
{
    struct asked q = {.store = store, .mutate = mutate, .out = out, .ticket = ticket};
    size_t n = strcspn(req->target, "?");
    for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
        if (strlen(operations[i].path) != n ||
            strncmp(req->target, operations[i].path, n) ||
            !os_mutate_knows(mutate, operations[i].path))
            continue;
        if (strcmp(req->method, "POST") != 0) {
            struct http_reply reply;
            http_reply_init(&reply);
            reply.response.status = 405;
            http_fields_add(&reply.response.fields, "Allow", "POST");
            outbox_reply(out, ticket, &reply);
        } else if (operations[i].run) {
            run(&q, req, operations[i].run);
        } else {
            os_fetch_ask(fetch, ticket, now, out);
        }
        return;
    }
    os_observer_refuse(out, ticket, 404, "there is no such operation", 0);
}
