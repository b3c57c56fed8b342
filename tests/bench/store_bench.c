/*
 * The koppelpunt without a wire: memory per aanmelding and time per page of 500, with
 * more and more aanmeldingen. Arguments: the numbers of aanmeldingen. One line each:
 * "aanmeldingen bytes-per-aanmelding microseconds-per-page taking-in-microseconds".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "mocks/koppelpunt.h"
#include "mocks/outbox.h"

#define BATCH  500
#define ROUNDS 3 /* of reading everything; the best counts */

static const char provisioning[] =
    "{\"clients\":[{\"clientId\":\"reader\",\"clientSecret\":\"secret\","
    "\"soort\":\"overstapsysteem\",\"oin\":\"00000099000000002000\","
    "\"aansluitdatum\":\"2023-05-01T00:00:00Z\"}],"
    "\"instellingen\":[{\"code\":\"25LH\",\"naam\":\"ROC Midden Nederland\"}],"
    "\"opleidingen\":[{\"code\":\"25655\",\"naam\":\"Mbo-Verpleegkundige\"}],"
    "\"tokenSeconds\":3600}";

struct bench {
    struct profile *profile;
    struct role *role;
    struct moment now;
    char *token;
};

/* Processor time, so that others on the machine don't count. */
static uint64_t spent_so_far(void)
{
    return (uint64_t)clock() * (1000000000u / CLOCKS_PER_SEC);
}

static void end(const struct err *e)
{
    fprintf(stderr, "store_bench: %s\n", e->text);
    exit(3);
}

/* The n-th of some numbers that pass the elfproef. */
static void bsn_of(size_t n, char out[10])
{
    int sum = 0;
    n = 10000000 + n * 10; /* the last digit before the check digit is free to choose */
    do {
        snprintf(out, 10, "%08zu", n++);
        sum = 0;
        for (int i = 0; i < 8; i++)
            sum += (9 - i) * (out[i] - '0');
    } while (sum % 11 == 10);
    out[8] = (char)('0' + sum % 11);
    out[9] = '\0';
}

static json_t *melding(size_t n)
{
    char id[37], keten[14], bsn[10];
    snprintf(id, sizeof id, "%08zx-0000-4000-8000-000000000000", n);
    snprintf(keten, sizeof keten, "25LH:%08zu", n);
    bsn_of(n, bsn);
    return json_pack("{ss,ss,ss,ss,ss,ss,ss,ss,ss,ss}", "meldingId", id, "ketenid", keten,
                     "bsn", bsn, "instellingserkenningscode", "25LH", "opleidingcode",
                     "25655", "leertrajectmbo", "BOL", "status", "RECEIVED", "begindatum",
                     "2023-05-02T08:00:00Z", "statussource", "SIS", "identificatie",
                     "DIGID");
}

/* Asks the role, and understands the answer unless `answer` is NULL. */
static void ask(struct bench *b, enum op op, const json_t *message, json_t **answer,
                struct http_response *out)
{
    struct http_request req;
    struct http_reply reply;
    struct outbox box;
    uint64_t ticket;
    json_t *faults = NULL;
    outbox_init(&box);
    profile_ask(b->profile, op, message, b->token, &req);
    b->role->ops->request(b->role, 1, &req, b->now, &box);
    bool there = outbox_take_reply(&box, &ticket, &reply);
    if (!there || reply.response.status != 200) {
        fprintf(stderr, "store_bench: %d %s\n", there ? reply.response.status : 0,
                there && reply.response.body ? reply.response.body : "no answer");
        exit(1);
    }
    if (answer) {
        profile_understand(b->profile, op, &reply.response, answer, &faults);
        json_decref(faults);
    }
    *out = reply.response;
    http_request_done(&req);
    outbox_done(&box);
}

/* The text of a string member, found without reading the whole page: what is measured is
 * the koppelpunt's time. Entries come first, so it is looked for from the end. */
static char *after_last(const char *body, size_t n, const char *before)
{
    size_t length = strlen(before);
    for (size_t i = n - length; i > 0; i--)
        if (memcmp(body + i, before, length) == 0)
            return xstrndup(body + i + length, strcspn(body + i + length, "\""));
    return xstrdup("");
}

/* Reads everything once. Returns the nanoseconds spent in the koppelpunt. */
static uint64_t read_all(struct bench *b, size_t *pages)
{
    uint64_t spent = 0;
    char *sinds = NULL;
    bool more = true;
    *pages = 0;
    while (more) {
        struct http_response r;
        json_t *message = json_pack("{ss*,si}", "sinds", sinds, "limiet", BATCH);
        uint64_t began = spent_so_far();
        ask(b, OP_OPHALEN, message, NULL, &r);
        spent += spent_so_far() - began;
        ++*pages;
        json_decref(message);
        free(sinds);
        sinds = after_last(r.body, r.body_n, "\"volgende\":\"");
        more =
            strstr(r.body + (r.body_n > 40 ? r.body_n - 40 : 0), "\"meer\":true") != NULL;
        http_response_done(&r);
    }
    free(sinds);
    return spent;
}

static void begin(struct bench *b, const char *clients)
{
    struct err e = {0};
    struct http_response r;
    json_t *answer = NULL;
    const struct koppelpunt_config c = {
        .profile = b->profile, .clients_file = clients, .cursor_seconds = -1, .seed = 1};
    b->now = (struct moment){.mono = when_monotonic(), .wall = when_wall()};
    if (koppelpunt_new(&c, b->now, &b->role, &e))
        end(&e);
    json_t *login = json_pack("{ss,ss}", "clientId", "reader", "clientSecret", "secret");
    b->token = NULL;
    ask(b, OP_TOKEN, login, &answer, &r);
    b->token = xstrdup(json_string_value(json_object_get(answer, "access_token")));
    json_decref(answer);
    json_decref(login);
    http_response_done(&r);
}

static uint64_t take_in(struct bench *b, size_t n)
{
    uint64_t spent = 0;
    for (size_t at = 0; at < n; at += BATCH) {
        struct err e = {0};
        json_t *list = json_array();
        for (size_t i = at; i < at + BATCH && i < n; i++)
            json_array_append_new(list, melding(i));
        uint64_t began = spent_so_far();
        if (koppelpunt_preload(b->role, list, b->now, &e))
            end(&e);
        spent += spent_so_far() - began;
        json_decref(list);
    }
    return spent;
}

static void measure(struct bench *b, const char *clients, size_t n)
{
    size_t bytes, count, pages = 0;
    uint64_t best = UINT64_MAX;
    begin(b, clients);
    uint64_t in = take_in(b, n);
    koppelpunt_figures(b->role, &bytes, &count);
    if (count != n)
        end(&(struct err){.text = "not all of them were taken in"});
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t spent = read_all(b, &pages);
        if (spent < best)
            best = spent;
    }
    if (pages < n / BATCH)
        end(&(struct err){.text = "not all of them were served"});
    printf("%zu %.0f %.1f %.2f\n", n, (double)bytes / (double)n,
           (double)best / 1e3 / (double)pages, (double)in / 1e3 / (double)n);
    fflush(stdout);
    b->role->ops->free(b->role);
    free(b->token);
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    struct err e = {0};
    char clients[] = "/tmp/store_bench.XXXXXX";
    mem_install();
    int fd = mkstemp(clients);
    if (fd < 0 || file_write(clients, provisioning, strlen(provisioning), &e) ||
        profile_load(profile_dir(), "proef-1", &b.profile, &e))
        end(&e);
    for (int i = 1; i < argc; i++)
        measure(&b, clients, strtoul(argv[i], NULL, 10));
    profile_free(b.profile);
    remove(clients);
    return 0;
}
