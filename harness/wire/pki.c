#include "harness/wire/pki.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

#define HOUR_S   3600L
#define DAY_S    (24 * HOUR_S)
#define OWN_NAME "koppelproef proefserver"

/* What is to be made. */
struct wish {
    const char *name;  /* common name */
    const char *san;   /* of a server */
    const char *oin;   /* of a client; without both it is an authority */
    long from_s, to_s; /* validity, from now */
    X509 *issuer;      /* NULL: itself */
    EVP_PKEY *issuer_key;
};

static int add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    const int ok = ext && X509_add_ext(x, ext, -1);
    X509_EXTENSION_free(ext);
    return ok;
}

static int add_extensions(X509 *x, X509 *issuer, const struct wish *w)
{
    if (!add_extension(x, issuer, NID_subject_key_identifier, "hash"))
        return 0;
    if (!w->san && !w->oin)
        return add_extension(x, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
               add_extension(x, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    return add_extension(x, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x, issuer, NID_key_usage, "critical,digitalSignature") &&
           add_extension(x, issuer, NID_ext_key_usage,
                         w->oin ? "clientAuth" : "serverAuth") &&
           (w->oin || add_extension(x, issuer, NID_subject_alt_name, w->san));
}

static int set_serial(X509 *x)
{
    BIGNUM *bn = BN_new();
    const int ok = bn && BN_rand(bn, 120, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
                   BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x));
    BN_free(bn);
    return ok;
}

/* Makes one certificate for `key`; NULL when OpenSSL can't. */
static X509 *certificate(const struct wish *w, EVP_PKEY *key, when_t now)
{
    time_t t = (time_t)(now / NS_PER_S);
    X509 *x = X509_new();
    X509_NAME *name = x ? X509_get_subject_name(x) : NULL;
    X509 *issuer = w->issuer ? w->issuer : x;
    const unsigned char *cn = (const unsigned char *)w->name;
    if (x && X509_set_version(x, X509_VERSION_3) && set_serial(x) &&
        X509_time_adj_ex(X509_getm_notBefore(x), 0, w->from_s, &t) &&
        X509_time_adj_ex(X509_getm_notAfter(x), 0, w->to_s, &t) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, cn, -1, -1, 0) &&
        (!w->oin ||
         X509_NAME_add_entry_by_txt(name, "serialNumber", MBSTRING_ASC,
                                    (const unsigned char *)w->oin, -1, -1, 0)) &&
        X509_set_issuer_name(x, X509_get_subject_name(issuer)) &&
        X509_set_pubkey(x, key) && add_extensions(x, issuer, w) &&
        X509_sign(x, w->issuer_key ? w->issuer_key : key, EVP_sha256()))
        return x;
    X509_free(x);
    return NULL;
}

static char *bio_text(BIO *b)
{
    char *p;
    const long n = BIO_get_mem_data(b, &p);
    return xstrndup(p, (size_t)n);
}

static char *cert_text(X509 *x)
{
    BIO *b = BIO_new(BIO_s_mem());
    char *s = b && PEM_write_bio_X509(b, x) ? bio_text(b) : NULL;
    BIO_free(b);
    return s;
}

static char *key_text(EVP_PKEY *key)
{
    BIO *b = BIO_new(BIO_s_mem());
    char *s = b && PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL)
                  ? bio_text(b)
                  : NULL;
    BIO_free(b);
    return s;
}

struct pki_authority {
    X509 *ca, *other;
    EVP_PKEY *key, *other_key; /* the other one is trusted by nobody */
    char *pem;
};

void pki_authority_free(struct pki_authority *a)
{
    if (!a)
        return;
    X509_free(a->ca);
    X509_free(a->other);
    EVP_PKEY_free(a->key);
    EVP_PKEY_free(a->other_key);
    free(a->pem);
    free(a);
}

int pki_authority_new(when_t now, struct pki_authority **out, struct err *e)
{
    struct pki_authority *a = xcalloc(1, sizeof *a);
    struct wish w = {
        "koppelproef proefautoriteit", NULL, NULL, -30 * DAY_S, 3650 * DAY_S, NULL, NULL};
    a->key = EVP_EC_gen("P-256");
    a->other_key = EVP_EC_gen("P-256");
    a->ca = a->key ? certificate(&w, a->key, now) : NULL;
    w.name = "een andere autoriteit";
    a->other = a->other_key ? certificate(&w, a->other_key, now) : NULL;
    a->pem = a->ca ? cert_text(a->ca) : NULL;
    if (!a->pem || !a->other) {
        pki_authority_free(a);
        return err_set(e, E_HARNESS, "OpenSSL could not make a certificate authority");
    }
    *out = a;
    return 0;
}

const char *pki_authority_pem(const struct pki_authority *a)
{
    return a->pem;
}

static const char *const kind_names[] = {"good", "expired", "wrong-host", "self-signed",
                                         "untrusted"};

enum pki_kind pki_kind_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kind_names); i++)
        if (!strcmp(kind_names[i], name))
            return (enum pki_kind)i;
    return PKI_GOOD;
}

/* In which one way a certificate of a kind differs from a good one. */
static struct wish wish_for(const struct pki_authority *a, enum pki_kind kind)
{
    static const char own[] = "IP:127.0.0.1,IP:::1,DNS:localhost";
    static const char other[] = "DNS:elders.example,IP:192.0.2.1";
    struct wish w = {OWN_NAME, own, NULL, -DAY_S, 30 * DAY_S, a->ca, a->key};
    switch (kind) {
    case PKI_GOOD:
        break;
    case PKI_EXPIRED:
        w.to_s = -HOUR_S;
        break;
    case PKI_WRONG_HOST:
        w.san = other;
        break;
    case PKI_SELF_SIGNED:
        w.issuer = NULL;
        w.issuer_key = NULL;
        break;
    case PKI_UNTRUSTED:
        w.issuer = a->other;
        w.issuer_key = a->other_key;
        break;
    }
    return w;
}

static int issue(const struct wish *wanted, when_t now, char **cert_pem, char **key_pem,
                 struct err *e)
{
    const struct wish w = *wanted;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = key ? certificate(&w, key, now) : NULL;
    char *cert = x ? cert_text(x) : NULL, *secret = x ? key_text(key) : NULL;
    X509_free(x);
    EVP_PKEY_free(key);
    if (!cert || !secret) {
        free(cert);
        free(secret);
        return err_set(e, E_HARNESS, "OpenSSL could not make a certificate");
    }
    *cert_pem = cert;
    *key_pem = secret;
    return 0;
}

int pki_issue(const struct pki_authority *a, enum pki_kind kind, when_t now,
              char **cert_pem, char **key_pem, struct err *e)
{
    struct wish w = wish_for(a, kind);
    return issue(&w, now, cert_pem, key_pem, e);
}

int pki_issue_client(const struct pki_authority *a, enum pki_kind kind, const char *name,
                     const char *oin, when_t now, char **cert_pem, char **key_pem,
                     struct err *e)
{
    struct wish w = wish_for(a, kind);
    w.san = NULL;
    w.name = name;
    w.oin = oin;
    return issue(&w, now, cert_pem, key_pem, e);
}

int pki_make(enum pki_kind kind, when_t now, char **ca_pem, char **cert_pem,
             char **key_pem, struct err *e)
{
    struct pki_authority *a;
    int rc = pki_authority_new(now, &a, e);
    if (rc)
        return rc;
    rc = pki_issue(a, kind, now, cert_pem, key_pem, e);
    if (!rc)
        *ca_pem = xstrdup(a->pem);
    pki_authority_free(a);
    return rc;
}
