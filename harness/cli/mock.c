/* koppelproef mock: a role that stands by itself until Ctrl-C. */
#include "harness/cli/mock.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "mocks/koppelpunt.h"
#include "mocks/null_role.h"

/* A stand may be that large (CONTRACT.md 5). */
#define BODY_MAX ((size_t)32 << 20)

const struct cli_option cli_mock_options[] = {
    {"listen", 0, "HOST:PORT",
     "where to listen; port 0 takes any free one\n(default: " MOCK_LISTEN ")"},
    {"profile", 'p', "NAME", "the form on the wire (default: proef-1)"},
    {"state", 0, "DIR", "keep what was taken in (default: nothing is kept)"},
    {"seed", 's', "N", "for clients, persons and ids (default: 1)"},
    {"journal", 0, "FILE", "journal every exchange"},
    {"mutant", 0, "NAME", "with this defect (mocks/mutants.h)"},
    {"scout", 0, NULL, "say on standard error which mutants would differ here"},
    {"clients", 0, "FILE", "koppelpunt: the provisioning file"},
    {"tls-cert", 0, "FILE", "koppelpunt: speak https with this certificate (PEM)"},
    {"tls-key", 0, "FILE", "koppelpunt: its key (PEM)"},
    {"client-ca", 0, "FILE",
     "koppelpunt: the strict level, with client certificates\nof this authority (PEM)"},
    {"pupils", 0, "N", "koppelpunt: begin with N synthetic aanmeldingen"},
    {"overload", 0, "N",
     "koppelpunt: more than N requests of one client in a\nsecond are answered 429 "
     "(default: no bound)"},
    {"cursor-seconds", 0, "S",
     "koppelpunt: how long a cursor is held\n(default: for ever)"},
    {"token-seconds", 0, "S", "koppelpunt: how long a token lives (default: 900)"},
    {"notification-scale", 0, "X",
     "koppelpunt: factor on the gaps between notifications\n(default: 1)"},
    {"koppelpunt", 0, "URL", "overstapsysteem: the koppelpunt (needed)"},
    {"token-url", 0, "URL",
     "overstapsysteem: the token endpoint\n(default: by the profile)"},
    {"client-id", 0, "ID", "overstapsysteem: who it is (default: intergrip)"},
    {"client-secret", 0, "S", "overstapsysteem: (default: by the seed)"},
    {"ca", 0, "FILE", "overstapsysteem: the only trust anchor for https"},
    {"interval", 0, "SECONDS",
     "overstapsysteem: from fetch to fetch; 0: only when told\n(default: 10)"},
    {"limit", 0, "N", "overstapsysteem: page size to ask for"},
    {"notifications", 0, NULL, "overstapsysteem: subscribe on notifications"},
    {NULL, 0, NULL, NULL},
};

/* What only one role has: an option for the other one is a mistake worth a word. */
static const char *const only_for[2][10] = {
    {"clients", "tls-cert", "tls-key", "client-ca", "pupils", "cursor-seconds",
     "token-seconds", "overload", "notification-scale"},
    {"koppelpunt", "token-url", "client-id", "client-secret", "ca", "interval", "limit",
     "notifications"},
};

static const struct {
    const char *variable, *listen;
    int (*make)(struct mock *m, struct err *e);
    void (*talk)(const struct mock *m);
} roles[2] = {
    {"KOPPELPUNT_LISTEN", MOCK_LISTEN, mock_koppelpunt, mock_koppelpunt_talk},
    {"WAARNEMER_LISTEN", MOCK_LISTEN, mock_overstapsysteem, mock_overstapsysteem_talk},
};

struct moment mock_now(const struct mock *m)
{
    return (struct moment){.mono = wire_now(m->wire), .wall = wire_wall(m->wire)};
}

char *mock_token_url(const struct profile *p, const char *url)
{
    struct http_request req;
    json_t *nobody = json_object();
    size_t n = strlen(url);
    while (n && url[n - 1] == '/')
        n--;
    profile_ask(p, OP_TOKEN, nobody, NULL, &req);
    char *whole = xasprintf("%.*s%s", (int)n, url, req.target);
    http_request_done(&req);
    json_decref(nobody);
    return whole;
}

/* ---- options ---- */

/* One that does nothing sensible. */
static bool is_null(const struct mock *m)
{
    return m->mutant && m->mutant->kind == MUTANT_NULL;
}

static int check_role_options(const struct mock *m, size_t role, struct err *e)
{
    size_t other = 1 - role;
    for (size_t i = 0; only_for[other][i]; i++)
        if (cli_value(m->args, only_for[other][i]))
            return err_set(e, E_INVALID, "--%s is for a%s %s, not for a%s %s",
                           only_for[other][i], other ? "n" : "", cli_roles[other],
                           role ? "n" : "", cli_roles[role]);
    return 0;
}

/* "HOST:PORT", "[::1]:PORT". */
static int read_listen(struct mock *m, size_t role, struct err *e)
{
    const char *v =
        cli_value_or(m->args, "listen", roles[role].variable, roles[role].listen);
    const char *colon = strrchr(v, ':');
    const char *from = v, *to = colon;
    if (colon && *v == '[' && colon > v + 1 && colon[-1] == ']') {
        from++;
        to--;
    }
    char *end = NULL;
    bool digits = colon && colon[1] >= '0' && colon[1] <= '9';
    long port = digits ? strtol(colon + 1, &end, 10) : -1;
    if (port < 0 || port > 65535 || *end || to <= from ||
        (size_t)(to - from) >= sizeof m->address)
        return err_set(e, E_INVALID, "\"%s\" is no HOST:PORT to listen on, such as %s", v,
                       roles[role].listen);
    snprintf(m->address, sizeof m->address, "%.*s", (int)(to - from), from);
    m->port = (int)port;
    return 0;
}

static int read_mutant(struct mock *m, size_t role, struct err *e)
{
    const char *name = cli_value(m->args, "mutant");
    if (cli_value(m->args, "scout")) {
        if (name)
            return err_set(e, E_INVALID, "--scout is of a mock without a --mutant");
        mutant_scout(role ? overstapsysteem_mutants : koppelpunt_mutants);
        m->plays = MUTANT_SCOUT;
        return 0;
    }
    if (!name)
        return 0;
    m->mutant = mutant_find(name);
    if (!m->mutant || strcmp(m->mutant->role, cli_roles[role]) != 0)
        return err_set(e, E_INVALID, "\"%s\" is no mutant of a%s %s", name,
                       role ? "n" : "", cli_roles[role]);
    m->plays = m->mutant->which;
    return 0;
}

static bool is_loopback(const char *host)
{
    return !strncmp(host, "127.", 4) || !strcmp(host, "::1") ||
           !strcmp(host, "localhost");
}

static int read_options(struct mock *m, size_t role, struct err *e)
{
    int rc = check_role_options(m, role, e);
    if (!rc)
        rc = read_listen(m, role, e);
    if (!rc)
        rc = read_mutant(m, role, e);
    m->seed = is_loopback(m->address) ? MOCK_SEED : rng_fresh_seed();
    m->state = cli_value_or(m->args, "state", "IUT_STATE_DIR", NULL);
    if (!rc)
        rc = cli_seed(m->args, &m->seed, e);
    if (!rc)
        rc = cli_load_profile(
            cli_value_or(m->args, "profile", "KOPPELPROEF_PROFILE", "proef-1"),
            &m->profile, e);
    return rc;
}

/* ---- life ---- */

static void on_signal(void *arg, int signum)
{
    struct mock *m = arg;
    struct err e = {0};
    if (signum != SIGHUP) {
        wire_stop(m->wire);
        return;
    }
    if (host_reload(m->host, &e)) {
        cli_fail(&e);
        cli_say("what was in force before stays in force");
    } else {
        puts("read again");
        fflush(stdout);
    }
}

/* Who calls a koppelpunt, for the journal. */
static const char *who(void *arg, const struct http_request *req)
{
    struct mock *m = arg;
    const char *id = koppelpunt_client_of(m->role, req);
    return id ? id : "client";
}

static int open_journal(struct mock *m, struct err *e)
{
    const char *path = cli_value(m->args, "journal");
    struct mask mask;
    if (!path)
        return 0;
    mask_init(&mask, m->seed);
    return journal_open(path, &mask, wire_now(m->wire), &m->journal, e);
}

static int listen_to(struct mock *m, size_t role, struct err *e)
{
    struct host_config c = {.wire = m->wire,
                            .journal = m->journal,
                            .actor = cli_roles[role],
                            .peer = role ? "koppelpunt" : "",
                            .profile = m->profile,
                            .who = role || is_null(m) ? NULL : who,
                            .arg = m};
    struct listen l = {.host = m->address,
                       .port = m->port,
                       .max_body = BODY_MAX,
                       .tls_cert = m->tls_cert,
                       .tls_key = m->tls_key,
                       .tls_client_ca = m->tls_client_ca,
                       .old_tls = m->old_tls};
    m->host = host_new(&c, m->role);
    struct err why = {0};
    if (host_listen(m->host, &l, &why))
        return err_set(e, E_ENV,
                       "%s; choose another place with --listen (port 0 takes any)",
                       why.text);
    return 0;
}

static int make(struct mock *m, size_t role, struct err *e)
{
    int rc = read_options(m, role, e);
    if (!rc)
        rc = wire_real_new(&m->wire, e);
    if (!rc && is_null(m))
        m->role = null_role_new(cli_roles[role], (enum null_kind)m->mutant->which);
    else if (!rc)
        rc = roles[role].make(m, e);
    if (!rc)
        rc = open_journal(m, e);
    if (!rc)
        rc = listen_to(m, role, e);
    return rc;
}

static int stand(struct mock *m, size_t role)
{
    struct err e = {0};
    wire_real_on_signal(m->wire, on_signal, m);
    if (!is_null(m))
        roles[role].talk(m);
    cli_flush(EXIT_CONFORM); /* nobody has to listen to it */
    wire_run(m->wire);
    if (m->journal && journal_failed(m->journal, &e))
        return cli_fail(&e);
    return EXIT_CONFORM;
}

static void mock_done(struct mock *m)
{
    if (m->host)
        host_free(m->host);
    else if (m->role)
        m->role->ops->free(m->role);
    if (m->journal)
        journal_close(m->journal);
    wire_free(m->wire);
    profile_free(m->profile);
    json_decref(m->provisioning);
    if (m->memory >= 0)
        close(m->memory);
    char *texts[] = {m->tls_cert,     m->tls_key,   m->tls_client_ca,
                     m->clients_file, m->url,       m->token_url,
                     m->notify_url,   m->client_id, m->client_secret};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
}

int cmd_mock(const struct cli_args *a)
{
    struct mock m = {.args = a, .memory = -1};
    struct err e = {0};
    size_t role = 0;
    int rc = cli_operands(a, 1, 1, &e);
    if (!rc)
        rc = cli_word("what mock is to be", a->operand[0], cli_roles,
                      ARRAY_LEN(cli_roles), &role, &e);
    if (!rc)
        rc = make(&m, role, &e);
    int code = rc ? cli_fail(&e) : stand(&m, role);
    mock_done(&m);
    return code;
}
