/* The strict level (CONTRACT.md 11): one authority in a trial, from which the koppelpunt
 * that we start has its certificate, and each client one with its OIN. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"
#include "harness/wire/pki.h"

static int write_pem(const char *path, const char *pem, struct err *e)
{
    return file_write(path, pem, strlen(pem), e);
}

static int write_pair(const char *cert_file, const char *key_file, char *cert, char *key,
                      struct err *e)
{
    int rc = write_pem(cert_file, cert, e);
    if (!rc)
        rc = write_pem(key_file, key, e);
    free(cert);
    free(key);
    return rc;
}

int setup_authority(struct trial *t, struct err *e)
{
    if (t->authority)
        return 0;
    int rc = pki_authority_new(wire_wall(t->wire), &t->authority, e);
    char *path = xasprintf("%s/ca.pem", t->c.dir);
    if (!rc)
        rc = write_pem(path, pki_authority_pem(t->authority), e);
    free(t->ca_file);
    t->ca_file = path;
    return rc;
}

int setup_strict(struct trial *t, struct sut_config *sc, struct err *e)
{
    char *cert = NULL, *key = NULL;
    char *folder = xasprintf("%s/tls", t->c.dir);
    int rc = setup_authority(t, e);
    if (!rc)
        rc = file_mkdirs(folder, e);
    if (!rc)
        rc = pki_issue(t->authority, PKI_GOOD, wire_wall(t->wire), &cert, &key, e);
    if (!rc) {
        sc->tls_cert_file = xasprintf("%s/koppelpunt.pem", folder);
        sc->tls_key_file = xasprintf("%s/koppelpunt.key", folder);
        sc->client_ca_file = xstrdup(t->ca_file);
        sc->ca_file = t->ca_file;
        rc = write_pair(sc->tls_cert_file, sc->tls_key_file, cert, key, e);
    }
    if (!rc)
        rc = trial_certificate(t, t->client_list[0], "own", &sc->own_cert_file,
                               &sc->own_key_file, e);
    free(folder);
    return rc;
}

int trial_certificate(struct trial *t, const struct client *c, const char *kind,
                      char **cert_file, char **key_file, struct err *e)
{
    const json_t *record = provisioning_client(t->provisioning, c->id);
    const char *oin = json_text(record, "oin");
    char *cert_at = xasprintf("%s/tls/%s-%s.pem", t->c.dir, c->id, kind);
    char *key_at = xasprintf("%s/tls/%s-%s.key", t->c.dir, c->id, kind);
    int rc = 0;
    if (access(key_at, R_OK)) {
        char *cert, *key;
        rc = pki_issue_client(t->authority, pki_kind_by_name(kind), c->id, oin ? oin : "",
                              wire_wall(t->wire), &cert, &key, e);
        if (!rc)
            rc = write_pair(cert_at, key_at, cert, key, e);
    }
    if (rc) {
        free(cert_at);
        free(key_at);
        return rc;
    }
    *cert_file = cert_at;
    *key_file = key_at;
    return 0;
}
