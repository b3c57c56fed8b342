/* The koppelpunt that stands by itself: its clients, and what it begins with. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/mock.h"
#include "mocks/koppelpunt.h"
#include "mocks/sources.h"

#define PUPILS_MAX 800000
#define BATCH      500
#define PEM_MAX    (1u << 20)

static int write_all(int fd, const char *text, const char *where, struct err *e)
{
    for (size_t n = strlen(text); n;) {
        ssize_t done = write(fd, text, n);
        if (done < 0 && errno != EINTR)
            return err_set(e, E_ENV, "can't write %s: %s", where, strerror(errno));
        if (done > 0) {
            text += done;
            n -= (size_t)done;
        }
    }
    return 0;
}

/* Into the state folder in one step, so that a kill leaves the whole file or none. */
static int keep_clients(const struct mock *m, const char *text, struct err *e)
{
    char *draft = xasprintf("%s/.clients.json", m->state);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int rc = fd < 0 ? err_set(e, E_ENV, "can't write %s: %s", draft, strerror(errno))
                    : write_all(fd, text, draft, e);
    if (fd >= 0)
        close(fd);
    if (!rc && rename(draft, m->clients_file))
        rc = err_set(e, E_ENV, "can't write %s: %s", m->clients_file, strerror(errno));
    free(draft);
    return rc;
}

/* Clients of our own, from the seed. With a state folder they are kept in it, for whoever
 * wants to change them and send SIGHUP; else in memory, so that a kill leaves no secret
 * behind. */
static int make_clients(struct mock *m, struct err *e)
{
    struct tables *tables = NULL;
    double token_seconds = 900;
    int rc =
        cli_number(m->args, "token-seconds", NULL, 1, 86400, true, &token_seconds, e);
    if (!rc)
        rc = cli_load_tables(&tables, e);
    if (rc)
        return rc;
    m->provisioning = runner_provisioning(tables, m->seed, wire_wall(m->wire));
    tables_free(tables);
    json_object_set_new(m->provisioning, "tokenSeconds",
                        json_integer((json_int_t)token_seconds));
    char *text = json_dumps(m->provisioning, JSON_INDENT(1));
    if (m->state) {
        m->clients_file = xasprintf("%s/clients.json", m->state);
        rc = keep_clients(m, text, e);
    } else {
        m->memory = memfd_create("clients.json", MFD_CLOEXEC);
        m->clients_file = xasprintf("/proc/self/fd/%d", m->memory);
        rc = m->memory < 0 ? err_set(e, E_ENV, "no memory file: %s", strerror(errno))
                           : write_all(m->memory, text, m->clients_file, e);
    }
    free(text);
    m->clients_made = true;
    return rc;
}

/* --clients, the environment, those of an earlier start in the state folder, or new ones.
 */
static int find_clients(struct mock *m, struct err *e)
{
    const char *told = cli_value_or(m->args, "clients", "IUT_CLIENTS_FILE", NULL);
    char *kept = m->state ? xasprintf("%s/clients.json", m->state) : NULL;
    struct stat st;
    m->clients_file = told                       ? xstrdup(told)
                      : kept && !stat(kept, &st) ? xstrdup(kept)
                                                 : NULL;
    free(kept);
    if (!m->clients_file)
        return make_clients(m, e);
    if (cli_value(m->args, "token-seconds"))
        return err_set(e, E_INVALID,
                       "--token-seconds is for clients made here: write "
                       "\"tokenSeconds\" into %s instead",
                       m->clients_file);
    return file_read_json(m->clients_file, &m->provisioning, e) ? E_INVALID : 0;
}

static int read_numbers(struct mock *m, struct koppelpunt_config *c, struct err *e)
{
    double pupils = 0, overload = 0;
    int rc = cli_number(m->args, "cursor-seconds", "KOPPELPUNT_CURSOR_SECONDS", 0, 1e9,
                        false, &c->cursor_seconds, e);
    if (!rc)
        rc = cli_number(m->args, "pupils", NULL, 0, PUPILS_MAX, true, &pupils, e);
    if (!rc)
        rc = cli_number(m->args, "overload", NULL, 0, 1e6, true, &overload, e);
    if (!rc)
        rc = cli_number(m->args, "notification-scale", "KOPPELPUNT_NOTIFICATIE_SCHAAL",
                        1e-6, 1000, false, &c->notification_scale, e);
    c->overload = (int)overload;
    m->pupils = (size_t)pupils;
    return rc;
}

/* A PEM file, named by an option or the environment; absent: *out stays NULL. */
static int read_pem(const struct mock *m, const char *option, const char *variable,
                    char **out, struct err *e)
{
    const char *path = cli_value_or(m->args, option, variable, NULL);
    size_t n;
    int rc = path ? file_read(path, PEM_MAX, out, &n, e) : 0;
    if (!rc && path && !strstr(*out, "-----BEGIN "))
        rc =
            err_set(e, E_INVALID, "%s holds nothing in PEM form, for --%s", path, option);
    return rc;
}

static int read_tls(struct mock *m, struct err *e)
{
    int rc = read_pem(m, "tls-cert", "KOPPELPUNT_TLS_CERT_FILE", &m->tls_cert, e);
    if (!rc)
        rc = read_pem(m, "tls-key", "KOPPELPUNT_TLS_KEY_FILE", &m->tls_key, e);
    if (!rc)
        rc = read_pem(m, "client-ca", "KOPPELPUNT_CLIENT_CA_FILE", &m->tls_client_ca, e);
    if (!rc && !m->tls_cert != !m->tls_key)
        rc = err_set(e, E_INVALID, "--tls-cert and --tls-key need one another");
    if (!rc && m->tls_client_ca && !m->tls_cert)
        rc = err_set(e, E_INVALID, "--client-ca needs --tls-cert and --tls-key");
    return rc;
}

int mock_koppelpunt(struct mock *m, struct err *e)
{
    struct koppelpunt_config c = {.profile = m->profile,
                                  .state_dir = m->state,
                                  .cursor_seconds = -1,
                                  .notification_scale = 1,
                                  .seed = m->seed,
                                  .mutant = m->plays};
    int rc = read_numbers(m, &c, e);
    if (!rc)
        rc = read_tls(m, e);
    c.strict = m->tls_client_ca != NULL;
    if (!rc && m->state)
        rc = file_mkdirs(m->state, e);
    if (!rc)
        rc = find_clients(m, e);
    if (rc)
        return rc;
    c.clients_file = m->clients_file;
    rc = koppelpunt_new(&c, mock_now(m), &m->role, e);
    if (rc)
        return rc;
    m->old_tls = koppelpunt_takes_old_tls(m->role);
    return m->pupils ? mock_preload(m, e) : 0;
}

/* ---- what it begins with ---- */

static const char *code_at(const struct mock *m, const char *list, size_t n)
{
    const json_t *all = json_object_get(m->provisioning, list);
    const json_t *one = json_array_get(all, n % json_array_size(all));
    return json_string_value(json_object_get(one, "code"));
}

/* The n-th aanmelding; the same one for the same seed, so that a second start with what
 * was kept takes in nothing twice. */
static json_t *melding(const struct mock *m, const struct population *p, size_t n)
{
    static const enum status statuses[] = {STATUS_RECEIVED, STATUS_OFFERED,
                                           STATUS_ENROLLED, STATUS_REJECTED,
                                           STATUS_WITHDRAWN};
    struct aanmelding a = {.status = statuses[n % ARRAY_LEN(statuses)]};
    struct person who = {.bsn = ""};
    struct rng rng;
    char name[32], id[37];
    const char *first = "2023-05-01T08:00:00Z";
    snprintf(name, sizeof name, "pupil %zu", n);
    rng_init(&rng, m->seed, "mock", name);
    rng_uuid(&rng, id);
    population_crowd(p, n, who.bsn);
    a.person = &who;
    snprintf(a.instelling, sizeof a.instelling, "%s",
             code_at(m, "instellingen", rng_below(&rng, 1u << 20)));
    snprintf(a.opleiding, sizeof a.opleiding, "%s",
             code_at(m, "opleidingen", rng_below(&rng, 1u << 20)));
    snprintf(a.ketenid, sizeof a.ketenid, "%.4s:%08zu", a.instelling, 50000000 + n);
    /* Of the codes those of four digits are vavo. */
    snprintf(a.leertraject, sizeof a.leertraject, "%s",
             strlen(a.opleiding) == 4 ? "VAVO"
             : rng_below(&rng, 2)     ? "BOL"
                                      : "BBL");
    snprintf(a.identificatie, sizeof a.identificatie, "DIGID");
    when_parse(first, strlen(first), &a.begin);
    a.begin += (when_t)rng_below(&rng, 90 * 86400) * NS_PER_S;
    return sources_melding(&a, "SIS", id);
}

int mock_preload(struct mock *m, struct err *e)
{
    struct population *p = population_new(m->seed, true);
    int rc = 0;
    if (!code_at(m, "instellingen", 0) || !code_at(m, "opleidingen", 0))
        rc = err_set(e, E_INVALID, "--pupils needs instellingen and opleidingen in %s",
                     m->clients_file);
    for (size_t at = 0; at < m->pupils && !rc; at += BATCH) {
        json_t *list = json_array();
        for (size_t n = at; n < at + BATCH && n < m->pupils; n++)
            json_array_append_new(list, melding(m, p, n));
        rc = koppelpunt_preload(m->role, list, mock_now(m), e);
        json_decref(list);
    }
    population_free(p);
    return rc;
}
