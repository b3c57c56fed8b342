/* The overstapsysteem that stands by itself: where it fetches, and as whom. */
#include "mocks/overstapsysteem.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/mock.h"

#define INTERVAL 10.0 /* seconds from fetch to fetch, for who watches it */

/* The secret that a mock koppelpunt with this seed has for the client. */
static int find_secret(struct mock *m, struct err *e)
{
    const char *told =
        cli_value_or(m->args, "client-secret", "KOPPELPUNT_CLIENT_SECRET", NULL);
    if (told) {
        m->client_secret = xstrdup(told);
        return 0;
    }
    struct tables *tables = NULL;
    int rc = cli_load_tables(&tables, e);
    if (rc)
        return rc;
    json_t *p = runner_provisioning(tables, m->seed, wire_wall(m->wire));
    const json_t *clients = json_object_get(p, "clients");
    for (size_t i = 0; i < json_array_size(clients) && !m->client_secret; i++) {
        const json_t *c = json_array_get(clients, i);
        if (!strcmp(json_string_value(json_object_get(c, "clientId")), m->client_id))
            m->client_secret =
                xstrdup(json_string_value(json_object_get(c, "clientSecret")));
    }
    json_decref(p);
    tables_free(tables);
    return m->client_secret
               ? 0
               : err_set(e, E_INVALID,
                         "the secret of client \"%s\" is not known: give it with "
                         "--client-secret",
                         m->client_id);
}

static int read_aansluitdatum(struct overstapsysteem_config *c, struct err *e)
{
    const char *v = getenv("KOPPELPUNT_AANSLUITDATUM");
    if (!v || !*v)
        return 0;
    c->has_aansluitdatum = true;
    return when_parse_offset(v, strlen(v), &c->aansluitdatum)
               ? err_set(e, E_INVALID,
                         "KOPPELPUNT_AANSLUITDATUM must be a moment such as "
                         "2023-05-01T00:00:00Z, not \"%s\"",
                         v)
               : 0;
}

static int check_url(const char *what, const char *url, struct err *e)
{
    bool http = !strncmp(url, "http://", 7) || !strncmp(url, "https://", 8);
    return http && strstr(url, "://")[3]
               ? 0
               : err_set(e, E_INVALID,
                         "%s must begin with http:// or https://, not \"%s\"", what, url);
}

static int read_numbers(struct mock *m, struct overstapsysteem_config *c, struct err *e)
{
    double limit = 0;
    m->interval = INTERVAL;
    int rc = cli_number(m->args, "interval", "OPHAALINTERVAL_SECONDS", 0, 1e6, false,
                        &m->interval, e);
    if (!rc)
        rc = cli_number(m->args, "limit", NULL, 1, 1000, true, &limit, e);
    c->interval_ns = (uint64_t)(m->interval * (double)NS_PER_S);
    c->limiet = (int)limit;
    return rc;
}

/* Its own listener is also where notifications come. */
static int notifications(struct mock *m, struct overstapsysteem_config *c, struct err *e)
{
    bool six = strchr(m->address, ':') != NULL;
    if (!cli_value(m->args, "notifications"))
        return 0;
    if (!m->port)
        return err_set(e, E_INVALID,
                       "--notifications needs a port that is known: give one with "
                       "--listen");
    m->notify_url = xasprintf("http://%s%s%s:%d", six ? "[" : "", m->address,
                              six ? "]" : "", m->port);
    c->notify_url = m->notify_url;
    return 0;
}

int mock_overstapsysteem(struct mock *m, struct err *e)
{
    const struct cli_args *a = m->args;
    struct overstapsysteem_config c = {
        .profile = m->profile, .state_dir = m->state, .seed = m->seed};
    c.mutant = m->plays;
    const char *url = cli_value_or(a, "koppelpunt", "KOPPELPUNT_URL", NULL);
    if (!url)
        return err_set(e, E_INVALID,
                       "say where the koppelpunt is: --koppelpunt URL (what "
                       "`koppelproef mock koppelpunt` prints on its first line)");
    const char *token_url = cli_value_or(a, "token-url", "KOPPELPUNT_TOKEN_URL", NULL);
    m->url = xstrdup(url);
    m->token_url = token_url ? xstrdup(token_url) : mock_token_url(m->profile, url);
    m->client_id =
        xstrdup(cli_value_or(a, "client-id", "KOPPELPUNT_CLIENT_ID", "intergrip"));
    int rc = check_url("the koppelpunt's URL", m->url, e);
    if (!rc)
        rc = check_url("the token endpoint's URL", m->token_url, e);
    if (!rc)
        rc = read_numbers(m, &c, e);
    if (!rc)
        rc = read_aansluitdatum(&c, e);
    if (!rc)
        rc = find_secret(m, e);
    if (!rc && m->state)
        rc = file_mkdirs(m->state, e);
    if (rc)
        return rc;
    c.url = m->url;
    c.token_url = m->token_url;
    c.client_id = m->client_id;
    c.client_secret = m->client_secret;
    rc = notifications(m, &c, e);
    if (rc)
        return rc;
    c.ca_file = cli_value_or(a, "ca", "KOPPELPUNT_CA_FILE", NULL);
    return overstapsysteem_new(&c, mock_now(m), &m->role, e);
}
