/*
 * Certificates for trials: a key and a certificate of a server on this machine, and the
 * certificate of the authority that its peer is told to trust. Each kind but the first is
 * wrong in exactly one way. Not for anything but trials.
 */
#ifndef WIRE_PKI_H
#define WIRE_PKI_H

#include "harness/base/err.h"
#include "harness/base/when.h"

enum pki_kind {
    PKI_GOOD,       /* signed by the authority; for 127.0.0.1, ::1 and localhost */
    PKI_EXPIRED,    /* as good, but it ended an hour ago */
    PKI_WRONG_HOST, /* as good, but for another host only */
    PKI_SELF_SIGNED,
    PKI_UNTRUSTED, /* as good, but signed by another authority */
};

/* "good", "expired", "wrong-host", "self-signed", "untrusted"; anything else is good. */
enum pki_kind pki_kind_by_name(const char *name);

/* One authority, from which certificates of all kinds can be had, so that a peer that
 * trusts it meets exactly one fault at a time. `now`: wall time. 0 or E_HARNESS. */
struct pki_authority;
int pki_authority_new(when_t now, struct pki_authority **out, struct err *e);
const char *pki_authority_pem(const struct pki_authority *a); /* its certificate */
void pki_authority_free(struct pki_authority *a);
/* A new key and certificate; PEM texts that the caller frees. 0 or E_HARNESS. */
int pki_issue(const struct pki_authority *a, enum pki_kind kind, when_t now,
              char **cert_pem, char **key_pem, struct err *e);

/* The same for a client: `oin` is its subject's serialNumber (Digikoppeling PKI001). */
int pki_issue_client(const struct pki_authority *a, enum pki_kind kind, const char *name,
                     const char *oin, when_t now, char **cert_pem, char **key_pem,
                     struct err *e);

/* Makes new keys (EC P-256) each time. The three are PEM texts that the caller frees.
 * `now`: wall time, for the period of validity. 0 or E_HARNESS. */
int pki_make(enum pki_kind kind, when_t now, char **ca_pem, char **cert_pem,
             char **key_pem, struct err *e);

#endif
