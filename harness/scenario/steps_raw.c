/* Bytes that are no proper HTTP request: a koppelpunt refuses them cleanly and stays up
 * (KP-ROB-05). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"
#include "harness/wire/tcp.h"

/* Requests that are broken in ways that no HTTP library would send. A clean refusal is
 * one of these statuses, or closing (CONTRACT.md 2). */
struct raw {
    const char *name, *bytes;
    size_t repeat, trickle;
    bool half_close, may_succeed;
};
static const struct raw raws[] = {
    {"nonsense", "\x16\x03\x01\x02\x7f\x01\xff\x01\xfc\r\n\r\n", 0, 0, true, false},
    {"no version", "GET %s\r\n\r\n", 0, 0, false, false},
    {"two lengths",
     "POST %s HTTP/1.1\r\nHost: koppelpunt\r\nContent-Type: application/json\r\n"
     "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
     0, 0, true, false},
    {"length and chunked",
     "POST %s HTTP/1.1\r\nHost: koppelpunt\r\nContent-Type: application/json\r\n"
     "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
     "GET /smuggled HTTP/1.1\r\nHost: koppelpunt\r\n\r\n",
     0, 0, true, true},
    {"bad chunk",
     "POST %s HTTP/1.1\r\nHost: koppelpunt\r\nContent-Type: application/json\r\n"
     "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
     0, 0, true, false},
    {"half a request",
     "POST %s HTTP/1.1\r\nHost: koppelpunt\r\nContent-Type: application/json\r\n"
     "Content-Length: 400\r\n\r\n{\"statusmeldingen\":[",
     0, 0, true, false},
    {"trickling",
     "GET %s HTTP/1.1\r\nHost: koppelpunt\r\nX-Slow: 1\r\nConnection: close\r\n\r\n", 0,
     7, false, true},
    {"huge header",
     "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 8000,
     0, true, false},
};

static const char *const raw_words[] = {
    "nonsense",           "no version",  "two lengths",
    "length and chunked", "bad chunk",   "half a request",
    "trickling",          "huge header", NULL};

/* The template with its "%s" replaced by the operation's target. */
static char *fill(const char *template, const char *target)
{
    const char *at = strstr(template, "%s");
    return at ? xasprintf("%.*s%s%s", (int)(at - template), template, target, at + 2)
              : xstrdup(template);
}

static bool clean_refusal(int status)
{
    static const int clean[] = {400, 404, 405, 408, 411, 413, 414, 415,
                                417, 426, 429, 431, 501, 503, 505, 401};
    for (size_t i = 0; i < ARRAY_LEN(clean); i++)
        if (clean[i] == status)
            return true;
    return false;
}

struct rawed {
    struct lane *l;
    const struct raw *raw;
};

static void raw_came(void *arg, const struct tcp_result *r)
{
    struct rawed *k = arg;
    struct lane *l = k->l;
    struct trial *t = l->t;
    char *why = NULL;
    t->waiting--;
    bool refused = r->outcome == CALL_REFUSED;
    bool fine = r->status == 0 || clean_refusal(r->status) ||
                (k->raw->may_succeed && r->status / 100 == 2);
    if (refused)
        why = xstrdup("no connection could be made: the service is down");
    else if (r->outcome == CALL_TIMEOUT)
        why = xstrdup("the broken request got no answer and was not closed in time");
    else if (!fine)
        why = xasprintf("a broken request was answered %d instead of being refused",
                        r->status);
    else if (!strcmp(k->raw->name, "length and chunked") && r->responses > 1)
        why = xstrdup("a request that was smuggled inside another was answered");
    struct outcome o = {.met = !why,
                        .what = "a clean refusal of a broken request",
                        .why = why,
                        .blame = t->koppelpunt_tested ? "system" : "harness",
                        .expected = json_pack("{ss}", "refused", k->raw->name),
                        .seen = json_pack("{si,ss,si}", "status", r->status, "outcome",
                                          call_outcome_name(r->outcome), "responses",
                                          r->responses)};
    lane_expect(l, &o);
    free(why);
    free(k);
    lane_next(l);
}

static void client_sends_raw(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    struct rawed *k = xcalloc(1, sizeof *k);
    const char *name = json_text(step, "sends raw");
    struct http_request req;
    char host[128];
    int port = 80;
    for (size_t i = 0; i < ARRAY_LEN(raws); i++)
        if (!strcmp(raws[i].name, name))
            k->raw = &raws[i];
    k->l = l;
    const char *authority = strstr(t->koppelpunt_url, "://") + 3;
    const char *colon = strrchr(authority, ':');
    snprintf(host, sizeof host, "%.*s", (int)(colon ? colon - authority : 127),
             authority);
    if (colon)
        port = (int)strtol(colon + 1, NULL, 10);
    http_request_init(&req);
    profile_ask(t->profile, strstr(k->raw->bytes, "POST") ? OP_INDIENEN : OP_GEZONDHEID,
                NULL, NULL, &req);
    char *bytes = k->raw->repeat ? xasprintf("GET %s HTTP/1.1\r\nHost: koppelpunt\r\n%s",
                                             req.target, k->raw->bytes)
                                 : fill(k->raw->bytes, req.target);
    struct tcp_call c = {.host = host,
                         .port = port,
                         .bytes = bytes,
                         .n = strlen(bytes),
                         .repeat = k->raw->repeat,
                         .trickle = k->raw->trickle,
                         .trickle_gap_ns = 20 * (uint64_t)NS_PER_MS,
                         .half_close = k->raw->half_close,
                         .timeout_ns = 35 * (uint64_t)NS_PER_S};
    t->waiting++;
    tcp_call(t->wire, &c, raw_came, k);
    free(bytes);
    http_request_done(&req);
}

static const struct verb_key raw_keys[] = {{"sends raw", KEY_WORD, true, raw_words},
                                           {"proves", KEY_IDS, false, NULL},
                                           {NULL, KEY_ANY, false, NULL}};

const struct verb raw_verbs[] = {
    {"client", "sends raw", false, KEY_ANY, client_sends_raw,
     "bytes that are no proper HTTP request; a clean refusal is expected", raw_keys},
    {NULL, NULL, false, KEY_ANY, NULL, NULL, NULL},
};
