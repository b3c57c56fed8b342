/* The parties of a conversation: clients, overstapsystemen and the koppelpunt when we
 * play it, all from the scenario's "given". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"
#include "harness/wire/pki.h"

static const json_t *given(const struct trial *t, const char *key)
{
    return json_object_get(t->c.scenario->given, key);
}

/* ---- the koppelpunt, when we play it ---- */

/* Which party sent a request, from its credentials. */
static const char *who(void *arg, const struct http_request *req)
{
    struct trial *t = arg;
    const char *id = koppelpunt_client_of(t->koppelpunt_role, req);
    struct client *c = id ? map_get(t->clients, id) : NULL;
    if (c)
        return c->actor;
    const char *basic = http_fields_get(&req->fields, "Authorization");
    if (!basic || strncasecmp(basic, "Basic ", 6))
        return "nobody";
    size_t n;
    char *pair = http_base64_decode(basic + 6, &n);
    char *colon = pair ? strchr(pair, ':') : NULL;
    if (colon)
        *colon = 0;
    c = colon ? map_get(t->clients, pair) : NULL;
    free(pair);
    return c ? c->actor : "nobody";
}

/* Keeps count of what the system under test fetched. */
static void seen(void *arg, const struct exchange *x)
{
    struct trial *t = arg;
    struct client *c = t->main_reader ? t->main_reader->client : NULL;
    if (!c || t->koppelpunt_tested || strcmp(x->from, c->actor))
        return;
    if (!strcmp(x->operation, op_name(OP_TOKEN)))
        t->token_requests++;
    if (x->fault)
        t->fault_hits++;
    if (!strcmp(x->operation, op_name(OP_OPHALEN))) {
        t->fetch_requests++;
        t->last_fetch_begin = x->began;
        json_t *answer = json_incref(x->answer), *faults = NULL;
        if (!answer && x->response && x->response->status == 200 && !x->fault)
            profile_understand(t->profile, OP_OPHALEN, x->response, &answer, &faults);
        t->served_entries += json_array_size(json_object_get(answer, "aanmeldstatussen"));
        if (!x->fault && json_is_false(json_object_get(answer, "meer"))) {
            t->fetch_runs_done++;
            t->last_run_began = x->began;
        }
        json_decref(answer);
        json_decref(faults);
    }
    trial_happened(t);
}

static struct moment moment(struct trial *t)
{
    struct moment m = {.mono = wire_now(t->wire), .wall = wire_wall(t->wire)};
    return m;
}

/* A certificate of this kind for the koppelpunt that we play. All kinds of one trial come
 * from one authority, whose certificate the system was given as its only trust anchor. */
static int make_tls(struct trial *t, const char *kind, char **cert, char **key,
                    struct err *e)
{
    int rc = setup_authority(t, e);
    return rc ? rc
              : pki_issue(t->authority, pki_kind_by_name(kind), wire_wall(t->wire), cert,
                          key, e);
}

/* "host:port" into its parts. */
static int listen_address(const char *s, char *host, size_t n, int *port, struct err *e)
{
    const char *colon = strrchr(s, ':');
    char *end = NULL;
    long p = colon ? strtol(colon + 1, &end, 10) : -1;
    if (!colon || colon == s || (size_t)(colon - s) >= n || p < 0 || p > 65535 || *end)
        return err_set(e, E_INVALID, "\"%s\" is no host:port", s);
    snprintf(host, n, "%.*s", (int)(colon - s), s);
    *port = (int)p;
    return 0;
}

static int new_koppelpunt_role(struct trial *t, struct err *e)
{
    return koppelpunt_new(&t->koppelpunt_config, moment(t), &t->koppelpunt_role, e);
}

static struct host *new_koppelpunt_host(struct trial *t)
{
    struct host_config hc = {.wire = t->wire,
                             .journal = t->journal,
                             .scenario = t->c.name,
                             .actor = "koppelpunt",
                             .peer = "",
                             .profile = t->profile,
                             .canonical = true,
                             .who = who,
                             .seen = seen,
                             .arg = t};
    return host_new(&hc, t->koppelpunt_role);
}

static int listen_koppelpunt(struct trial *t, const char *certificate, const char *host,
                             int port, struct err *e)
{
    char *cert = NULL, *key = NULL;
    int rc = certificate ? make_tls(t, certificate, &cert, &key, e) : 0;
    struct listen l = {.host = host,
                       .port = port,
                       .tls_cert = cert,
                       .tls_key = key,
                       .max_body = 32u << 20};
    if (!rc)
        rc = host_listen(t->koppelpunt, &l, e);
    free(cert);
    free(key);
    return rc;
}

/* The role again from its log, on the same port, with this certificate (NULL: none). */
static int koppelpunt_again(struct trial *t, const char *certificate, struct err *e)
{
    char *url = xstrdup(host_url(t->koppelpunt));
    char host[128];
    int port = 0;
    int rc = listen_address(strstr(url, "://") + 3, host, sizeof host, &port, e);
    host_free(t->koppelpunt);
    t->koppelpunt = NULL;
    if (!rc)
        rc = new_koppelpunt_role(t, e);
    if (!rc) {
        t->koppelpunt = new_koppelpunt_host(t);
        rc = listen_koppelpunt(t, certificate, host, port, e);
    }
    free(url);
    return rc;
}

int setup_koppelpunt_again(struct trial *t, struct err *e)
{
    return koppelpunt_again(t, t->authority ? "good" : NULL, e);
}

int setup_certificate(struct trial *t, const char *kind, struct err *e)
{
    return koppelpunt_again(t, kind, e);
}

void setup_host_koppelpunt(struct trial *t, struct err *e)
{
    struct koppelpunt_config *kc = &t->koppelpunt_config;
    char *clients = xasprintf("%s/clients.json", t->c.dir);
    char *dump = json_dumps(t->provisioning, JSON_INDENT(1));
    char host[128] = "127.0.0.1";
    int port = 0;
    uint64_t ns;
    t->koppelpunt_state = xasprintf("%s/koppelpunt", t->c.dir);
    int rc = file_mkdirs(t->koppelpunt_state, e);
    if (!rc)
        rc = file_write(clients, dump, strlen(dump), e);
    *kc = (struct koppelpunt_config){
        .profile = t->profile,
        .clients_file = clients, /* kept until setup_done */
        .state_dir = t->koppelpunt_state,
        .cursor_seconds = -1,
        .seed = t->seed,
        .notification_scale = trial_has_notifications(t) ? NOTIFICATION_SCALE : 0,
        .page_max = (int)json_integer_value(given(t, "page")),
        .shuffle = json_is_true(given(t, "shuffle")) ? t->seed | 1 : 0,
        .empty_pages = json_is_true(given(t, "empty pages")),
        .odd_cursors = json_is_true(given(t, "odd cursors")),
    };
    const json_t *cursors = given(t, "cursors");
    if (cursors && !when_parse_duration(json_string_value(cursors), &ns))
        kc->cursor_seconds = (double)ns / (double)NS_PER_S;
    if (!rc && t->c.iut->koppelpunt_listen)
        rc = listen_address(t->c.iut->koppelpunt_listen, host, sizeof host, &port, e);
    if (!rc)
        rc = new_koppelpunt_role(t, e);
    if (!rc) {
        t->koppelpunt = new_koppelpunt_host(t);
        rc = listen_koppelpunt(t, json_string_value(given(t, "certificate")), host, port,
                               e);
    }
    if (!rc)
        t->koppelpunt_url = xstrdup(host_url(t->koppelpunt));
    free(dump);
}

/* ---- overstapsystemen that we play ---- */

struct reader *setup_reader(struct trial *t, const char *name, struct err *e)
{
    struct client *c = trial_client(t, name);
    struct role *role = NULL;
    if (!c || strcmp(c->soort, "overstapsysteem")) {
        err_set(e, E_INVALID, "the provisioning has no overstapsysteem \"%s\"", name);
        return NULL;
    }
    char *token_url = trial_token_url(t);
    struct overstapsysteem_config oc = {.profile = t->profile,
                                        .url = t->koppelpunt_url,
                                        .token_url = token_url,
                                        .client_id = c->id,
                                        .client_secret = c->secret,
                                        .ca_file = t->ca_file,
                                        .seed = t->seed,
                                        .lenient = t->koppelpunt_tested};
    int rc = overstapsysteem_new(&oc, moment(t), &role, e);
    free(token_url);
    if (rc)
        return NULL;
    struct reader *r = xcalloc(1, sizeof *r);
    char *actor = xasprintf("overstapsysteem:%s", name);
    struct host_config hc = {.wire = t->wire,
                             .journal = t->journal,
                             .scenario = t->c.name,
                             .actor = actor,
                             .peer = "koppelpunt",
                             .profile = t->profile,
                             .canonical = true};
    r->name = xstrdup(name);
    r->client = c;
    r->host = host_new(&hc, role);
    free(actor);
    struct listen l = {.host = "127.0.0.1", .max_body = 64u << 20};
    rc = host_listen(r->host, &l, e);
    if (rc) {
        host_free(r->host);
        free(r->name);
        free(r);
        return NULL;
    }
    r->observer = host_url(r->host);
    map_put(t->readers, name, r);
    return r;
}

void setup_parties(struct trial *t)
{
    t->readers = map_new();
    t->cursors = map_new();
    setup_clients(t);
    setup_persons(t);
}

/* ---- the end ---- */

static void free_pupil(void *v)
{
    struct pupil *p = v;
    free(p->name);
    free(p);
}

static void free_application(void *v)
{
    struct application *a = v;
    free(a->a.name);
    free(a->a.pupil);
    free(a->sent_by);
    json_decref(a->last);
    json_decref(a->begins);
    free(a);
}

static void free_reader(void *v)
{
    struct reader *r = v;
    host_free(r->host);
    free(r->name);
    free(r);
}

static void free_json(void *v)
{
    json_decref(v);
}

/* clients_file is the one string of the role's configuration that is ours. */
static char *clients_file_of(struct trial *t)
{
    char *path;
    memcpy(&path, &t->koppelpunt_config.clients_file, sizeof path);
    return path;
}

void setup_done(struct trial *t)
{
    receivers_free(t);
    map_free(t->readers, free_reader);
    host_free(t->koppelpunt);
    free(clients_file_of(t));
    for (size_t i = 0; i < t->n_clients; i++)
        trial_client_free(t->client_list[i]);
    free(t->client_list);
    map_free(t->clients, NULL);
    map_free(t->pupils, free_pupil);
    map_free(t->applications, free_application);
    map_free(t->school_sets, free_json);
    map_free(t->cursors, free_json);
    json_decref(t->provisioning);
    free(t->koppelpunt_state);
    pki_authority_free(t->authority);
}
