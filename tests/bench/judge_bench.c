/* Judging a long journal: judge_bench FOLDER EXCHANGES [PER_SCENARIO] writes one there,
 * judges it in this process and prints "exchanges seconds MiB" (of processor time). Half
 * of the exchanges are pages of two aanmeldingen, a quarter meldingen, a quarter tokens,
 * in scenarios of a thousand: about what a run of everything holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "harness/base/digest.h"
#include "harness/base/err.h"
#include "harness/base/mem.h"
#include "harness/judge/judge.h"
#include "harness/wire/journal.h"

#define PER_SCENARIO 1000

static const char common[] =
    "[\"Date\",\"Mon, 23 Nov 2026 17:21:08 GMT\"],[\"API-Version\",\"1.0.0\"],"
    "[\"Cache-Control\",\"no-store\"],[\"X-Content-Type-Options\",\"nosniff\"],"
    "[\"X-Frame-Options\",\"DENY\"],"
    "[\"Content-Security-Policy\",\"frame-ancestors 'none'\"],"
    "[\"Content-Type\",\"application/json\"]";

struct bench {
    FILE *f;
    unsigned long seq, n, per_scenario;
    unsigned long long t;
    char scenario[60];
};

/* The text of a JSON value as the text in a JSON string. */
static void put_escaped(FILE *f, const char *s)
{
    for (; *s; s++) {
        if (*s == '"')
            fputc('\\', f);
        fputc(*s, f);
    }
}

static void put_exchange(struct bench *b, const char *from, const char *op,
                         const char *method, const char *target, int status,
                         const char *request, const char *message, const char *answer)
{
    b->t += 1000000;
    fprintf(b->f,
            "{\"seq\":%lu,\"t\":%llu,\"kind\":\"exchange\",\"scenario\":\"%s\","
            "\"from\":\"%s\",\"to\":\"koppelpunt\",\"side\":\"client\",\"op\":\"%s\","
            "\"url\":\"http://127.0.0.1:61000\",\"began\":%llu,\"ended\":%llu,"
            "\"outcome\":\"answered\",\"request\":{\"method\":\"%s\",\"target\":\"%s\","
            "\"fields\":[[\"Accept\",\"application/json, application/problem+json\"],"
            "[\"Authorization\",\"Bearer secret~30ddf8b175\"],"
            "[\"Content-Type\",\"application/json\"],"
            "[\"X-Request-Id\",\"kp-%lu-x\"]],\"body\":\"",
            ++b->seq, b->t, b->scenario, from, op, b->t - 900000, b->t, method, target,
            b->n);
    put_escaped(b->f, request);
    fprintf(b->f,
            "\"},\"response\":{\"status\":%d,\"fields\":[%s,[\"X-Request-Id\","
            "\"kp-%lu-x\"],[\"Content-Length\",\"%lu\"]],\"body\":\"",
            status, common, b->n, 100 + b->n % 400);
    put_escaped(b->f, answer);
    fprintf(b->f,
            "\"},\"message\":%s,\"answer\":%s,\"faults\":[],\"step\":\"/steps/%lu\"}\n",
            message, answer, b->n % 9);
    b->n++;
}

static void put_page(struct bench *b)
{
    unsigned long n = b->n;
    char *message = xasprintf("{\"sinds\":\"0100%060lx\",\"limiet\":500}", n);
    char *answer = xasprintf(
        "{\"aanmeldstatussen\":[{\"volgnummer\":%lu,\"aanmeldId\":\"30340be4-f47a-415d-"
        "bbce-%012lx\",\"bsn\":\"bsn~%010lx\",\"status\":\"RECEIVED\",\"statusBegin\":"
        "\"2023-05-02T08:00:00Z\",\"instelling\":{\"code\":\"25LH\",\"naam\":\"ROC "
        "Midden "
        "Nederland\"},\"opleiding\":{\"code\":\"25655\",\"naam\":\"Mbo-Verpleegkundige\"}"
        "}"
        ",{\"volgnummer\":%lu,\"aanmeldId\":\"1e1e4e47-48e5-48c1-8409-%012lx\",\"bsn\":"
        "\"bsn~%010lx\",\"status\":\"OFFERED\",\"statusBegin\":\"2023-05-02T08:00:00Z\","
        "\"instelling\":{\"code\":\"25PZ\",\"naam\":\"ROC van "
        "Amsterdam\"},\"opleiding\":{"
        "\"code\":\"25604\",\"naam\":\"Software "
        "developer\"}}],\"volgende\":\"0100%060lx\","
        "\"meer\":false}",
        2 * n + 1, n % b->per_scenario, n % 5000, 2 * n + 2, n % b->per_scenario,
        n % 5000, n + 1);
    put_exchange(b, "overstapsysteem:intergrip", "aanmeldstatussen.ophalen", "GET",
                 "/v1/aanmeldstatussen", 200, "", message, answer);
    free(message);
    free(answer);
}

static void put_melding(struct bench *b)
{
    char *message = xasprintf(
        "{\"statusmeldingen\":[{\"meldingId\":\"2296ecf9-bca6-4cf6-8b0f-%012lx\","
        "\"ketenid\":\"25LH:%lu\",\"bsn\":\"bsn~%010lx\",\"instellingserkenningscode\":"
        "\"25LH\",\"opleidingcode\":\"25655\",\"leertrajectmbo\":\"BOL\",\"status\":"
        "\"RECEIVED\",\"begindatum\":\"2023-05-02T08:00:00Z\",\"statussource\":\"SIS\","
        "\"identificatie\":\"FYSIEK\"}]}",
        b->n, b->n % b->per_scenario, b->n % 5000);
    put_exchange(b, "sis:25LH", "statusmeldingen.indienen", "POST", "/v1/statusmeldingen",
                 202, message, message, "{\"aangenomen\":1,\"dubbel\":0}");
    free(message);
}

static void put_token(struct bench *b)
{
    put_exchange(b, "overstapsysteem:intergrip", "token", "POST", "/oauth2/token", 200,
                 "grant_type=client_credentials",
                 "{\"clientId\":\"intergrip\",\"clientSecret\":\"secret~90eaeba69e\"}",
                 "{\"access_token\":\"secret~349d103f6b\",\"token_type\":\"Bearer\","
                 "\"expires_in\":900}");
}

static void put_scenario(struct bench *b, unsigned long n)
{
    snprintf(b->scenario, sizeof b->scenario, "koppelpunt/long-%lu", b->seq);
    fprintf(
        b->f,
        "{\"seq\":%lu,\"t\":%llu,\"kind\":\"scenario\",\"scenario\":\"%s\",\"phase\":"
        "\"start\",\"proves\":[\"KP-API-01\"],\"title\":{\"nl\":\"l\",\"en\":\"l\"}}\n",
        ++b->seq, b->t, b->scenario);
    for (unsigned long i = 0; i < n; i++)
        (i % 2 ? put_page : i % 4 ? put_melding : put_token)(b);
    fprintf(b->f,
            "{\"seq\":%lu,\"t\":%llu,\"kind\":\"scenario\",\"scenario\":\"%s\",\"phase\":"
            "\"end\",\"outcome\":\"completed\"}\n",
            ++b->seq, b->t, b->scenario);
}

static void put_all(struct bench *b, unsigned long exchanges)
{
    fprintf(b->f,
            "{\"seq\":%lu,\"t\":0,\"kind\":\"run\",\"version\":\"0\",\"role\":"
            "\"koppelpunt\",\"profile\":\"proef-1\",\"seed\":1,\"planDigest\":\"00\","
            "\"wall\":\"2023-05-10T10:00:00Z\",\"iut\":{\"name\":\"x\",\"version\":"
            "\"1\",\"capabilities\":[]},\"planned\":[]}\n",
            ++b->seq);
    while (b->n < exchanges)
        put_scenario(b, exchanges - b->n < b->per_scenario ? exchanges - b->n
                                                           : b->per_scenario);
    fprintf(b->f,
            "{\"seq\":%lu,\"t\":%llu,\"kind\":\"end\",\"role\":\"koppelpunt\","
            "\"reason\":\"finished\"}\n",
            ++b->seq, b->t);
}

/* The lines with their chains, as a run writes them. */
static void chain_all(const char *from, FILE *to)
{
    FILE *f = fopen(from, "re");
    struct digest *d = digest_new();
    char *line = NULL, *chained, sum[65];
    size_t cap = 0;
    ssize_t n;
    while (f && (n = getline(&line, &cap, f)) > 2) {
        digest_so_far(d, sum);
        chained = xasprintf("%.*s" JOURNAL_CHAIN "%.*s\"}\n", (int)n - 2, line,
                            JOURNAL_CHAIN_DIGITS, sum);
        digest_add(d, chained, strlen(chained));
        fputs(chained, to);
        free(chained);
    }
    free(line);
    digest_free(d);
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    struct requirements *r = NULL;
    struct err e = {0};
    struct rusage usage;
    json_t *result = NULL;
    mem_install();
    if (argc != 3 && argc != 4)
        return 2;
    char *bare = xasprintf("%s/bare.jsonl", argv[1]);
    char *path = xasprintf("%s/judge.jsonl", argv[1]);
    struct bench b = {.f = fopen(bare, "we"),
                      .per_scenario =
                          argc > 3 ? strtoul(argv[3], NULL, 10) : PER_SCENARIO};
    FILE *chained = fopen(path, "we");
    if (!b.f || !chained)
        return 3;
    put_all(&b, strtoul(argv[2], NULL, 10));
    if (fclose(b.f))
        return 3;
    chain_all(bare, chained);
    remove(bare);
    free(bare);
    if (fclose(chained))
        return 3;
    int rc = requirements_load(SOURCE_DIR "/fixtures/requirements.json", &r, &e);
    clock_t began = clock();
    if (!rc)
        rc = judge_journal(path, r, &result, &e);
    double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    if (rc)
        fprintf(stderr, "%s\n", e.text);
    getrusage(RUSAGE_SELF, &usage);
    if (!rc)
        printf("%lu %.2f %ld\n", b.n, seconds, usage.ru_maxrss / 1024);
    json_decref(result);
    requirements_free(r);
    remove(path);
    free(path);
    return rc ? 1 : 0;
}
