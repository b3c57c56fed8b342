/* How to talk to a mock: command lines that work when they are pasted into a shell. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/cli/mock.h"

#define LINE_MAX 20000
/* Stands for a token that the shell fills in. */
#define TOKEN "$TOKEN"

/* A word of the shell. Where the token is to be filled in double quotes, else single. */
static void add_word(struct buf *b, const char *s)
{
    bool filled = strstr(s, TOKEN) != NULL;
    buf_addc(b, filled ? '"' : '\'');
    for (; *s; s++) {
        if (!filled && *s == '\'')
            buf_adds(b, "'\\''");
        else
            buf_addc(b, *s);
    }
    buf_addc(b, filled ? '"' : '\'');
}

/* The curl command for a request as the profile writes it. Accept is left out: anything
 * may come. */
static void add_curl(struct buf *b, const char *url, const struct http_request *req)
{
    bool has_body = req->body != NULL;
    char *whole = xasprintf("%s%s", url, req->target);
    buf_adds(b, "curl -s ");
    add_word(b, whole);
    if (strcmp(req->method, has_body ? "POST" : "GET"))
        buf_addf(b, " -X %s", req->method);
    for (size_t i = 0; i < req->fields.n; i++) {
        const struct http_field *f = &req->fields.v[i];
        if (!strcmp(f->name, "Accept"))
            continue;
        char *field = xasprintf("%s: %s", f->name, f->value);
        buf_adds(b, " -H ");
        add_word(b, field);
        free(field);
    }
    if (has_body) {
        buf_adds(b, " -d ");
        add_word(b, req->body);
    }
    free(whole);
}

/* One line: get a token as this client, then ask. A profile without tokens: ask. */
static char *line(const struct mock *m, const json_t *client, enum op op,
                  const json_t *message)
{
    const char *secret = json_string_value(json_object_get(client, "clientSecret"));
    bool tokens = profile_scope(m->profile, op) != NULL;
    const char *url = host_url(m->host);
    struct http_request req;
    struct buf b;
    buf_init(&b, LINE_MAX);
    if (tokens) {
        profile_ask(m->profile, OP_TOKEN, client, NULL, &req);
        buf_adds(&b, "TOKEN=$(");
        add_curl(&b, url, &req);
        http_request_done(&req);
        buf_adds(&b, " | sed 's/.*\"access_token\" *: *\"\\([^\"]*\\)\".*/\\1/') && ");
    }
    profile_ask(m->profile, op, message, tokens ? TOKEN : secret, &req);
    add_curl(&b, url, &req);
    http_request_done(&req);
    return buf_take(&b, NULL);
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* The first client of a soort that may do something; NULL when there is none. */
static const json_t *client_of(const struct mock *m, const char *soort)
{
    const json_t *all = json_object_get(m->provisioning, "clients");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *c = json_array_get(all, i);
        if (!strcmp(text_of(c, "soort"), soort) &&
            !json_is_true(json_object_get(c, "ingetrokken")))
            return c;
    }
    return NULL;
}

static void say_line(const char *what, char *command)
{
    printf("%s:\n\n  %s\n\n", what, command);
    free(command);
}

/* A statusmelding that this SIS may send: of the first synthetic person, now. */
static json_t *example(const struct mock *m, const json_t *sis)
{
    const char *brin =
        json_string_value(json_array_get(json_object_get(sis, "brins"), 0));
    const json_t *opl =
        json_array_get(json_object_get(m->provisioning, "opleidingen"), 0);
    struct population *p = population_new(m->seed, true);
    char bsn[10], at[32], ketenid[24], id[37];
    struct rng rng;
    when_t now = wire_wall(m->wire);
    population_crowd(p, 0, bsn);
    population_free(p);
    rng_init(&rng, (uint64_t)now, "mock", "example");
    rng_uuid(&rng, id);
    when_format(now - now % NS_PER_S, at);
    snprintf(ketenid, sizeof ketenid, "%s:90000001", brin ? brin : "");
    return json_pack("{s[{ss,ss,ss,ss,ss,ss,ss,ss,ss,ss}]}", "statusmeldingen",
                     "meldingId", id, "ketenid", ketenid, "bsn", bsn,
                     "instellingserkenningscode", brin ? brin : "", "opleidingcode",
                     text_of(opl, "code"), "leertrajectmbo", "BOL", "status", "RECEIVED",
                     "begindatum", at, "statussource", "SIS", "identificatie", "DIGID");
}

static void say_clients(const struct mock *m)
{
    const json_t *all = json_object_get(m->provisioning, "clients");
    size_t sis = 0;
    if (!m->clients_made) {
        printf("Its %zu clients are those of %s.\n", json_array_size(all),
               m->clients_file);
        return;
    }
    puts("Clients (id and secret):\n");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *c = json_array_get(all, i);
        bool is_sis = !strcmp(text_of(c, "soort"), "sis");
        sis += is_sis;
        if (!is_sis || sis == 1)
            printf("  %-22s %s\n", text_of(c, "clientId"), text_of(c, "clientSecret"));
    }
    if (m->state)
        printf("  and %zu more of soort sis, see %s\n", sis - 1, m->clients_file);
    else
        printf("  and %zu more of soort sis: `koppelproef provision --seed %llu` shows "
               "all\n",
               sis - 1, (unsigned long long)m->seed);
}

void mock_koppelpunt_talk(const struct mock *m)
{
    const json_t *reader = client_of(m, "overstapsysteem"), *sis = client_of(m, "sis");
    printf("koppelpunt at %s, profile %s\n\n", host_url(m->host),
           profile_name(m->profile));
    if (reader) {
        json_t *ten = json_pack("{si}", "limiet", 10);
        say_line("Fetch aanmeldstatussen", line(m, reader, OP_OPHALEN, ten));
        json_decref(ten);
    }
    if (sis) {
        json_t *batch = example(m, sis);
        say_line("Send a statusmelding", line(m, sis, OP_INDIENEN, batch));
        json_decref(batch);
    }
    say_clients(m);
    if (m->pupils)
        printf("\nIt begins with %zu synthetic aanmeldingen.", m->pupils);
    printf("\n%s Ctrl-C stops it, SIGHUP makes it read its clients again.\n",
           m->state ? "What it takes in is kept."
                    : "Nothing is kept (--state DIR keeps it).");
}

static void say_post(const struct mock *m, const char *operation, json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);
    printf("  curl -s '%s/%s' -H 'Content-Type: application/json' -d '%s'\n",
           host_url(m->host), operation, text);
    free(text);
    json_decref(body);
}

void mock_overstapsysteem_talk(const struct mock *m)
{
    struct population *p = population_new(m->seed, true);
    json_t *bsns = json_array();
    for (size_t n = 0; n < 3; n++) {
        char bsn[10];
        population_crowd(p, n, bsn);
        json_array_append_new(bsns, json_string(bsn));
    }
    population_free(p);
    printf("overstapsysteem %s, profile %s, observer at %s\nIt fetches from %s",
           m->client_id, profile_name(m->profile), host_url(m->host), m->url);
    if (m->interval > 0)
        printf(" every %g s.\n\n", m->interval);
    else
        printf(" when it is told to.\n\n");
    puts("Say which pupils a school has (these three are the first of a koppelpunt with\n"
         "--pupils), fetch now, and see what the school sees:\n");
    say_post(m, "leerlingen", json_pack("{ss,so}", "school", "02QZ00", "bsns", bsns));
    say_post(m, "ophalen", json_object());
    say_post(m, "waarnemingen", json_pack("{ss}", "school", "02QZ00"));
    printf("\n%s Ctrl-C stops it.\n", m->state
                                          ? "What it fetches is kept."
                                          : "Nothing is kept (--state DIR keeps it).");
}
