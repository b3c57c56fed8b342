#include "harness/wire/pki.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "harness/base/mem.h"

#define HOUR_S   3600L
#define DAY_S    (24 * HOUR_S)
#define OWN_NAME "koppelproef proefserver"

/* What is to be made. */
struct wish {
    const char *name;   /* common name */
    const char *san;    /* NULL: an authority */
    long from_s, to_s;  /* validity, from now */
    X509 *issuer;       /* NULL: itself */
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

static int add_extensions(X509 *x, X509 *issuer, const char *san)
{
    if (!add_extension(x, issuer, NID_subject_key_identifier, "hash"))
        return 0;
    if (!san)
        return add_extension(x, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
               add_extension(x, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    return add_extension(x, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x, issuer, NID_key_usage, "critical,digitalSignature") &&
           add_extension(x, issuer, NID_ext_key_usage, "serverAuth") &&
           add_extension(x, issuer, NID_subject_alt_name, san);
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
        X509_set_issuer_name(x, X509_get_subject_name(issuer)) &&
        X509_set_pubkey(x, key) && add_extensions(x, issuer, w->san) &&
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
    char *s = b && PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL) ? bio_text(b)
                                                                              : NULL;
    BIO_free(b);
    return s;
}

int pki_make(enum pki_kind kind, when_t now, char **ca_pem, char **cert_pem, char **key_pem,
             struct err *e)
{
    static const char own[] = "IP:127.0.0.1,IP:::1,DNS:localhost";
    static const char other[] = "DNS:elders.example,IP:192.0.2.1";
    EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *other_key = EVP_EC_gen("P-256"),
             *key = EVP_EC_gen("P-256");
    X509 *ca = NULL, *other_ca = NULL, *cert = NULL;
    char *texts[3] = {NULL, NULL, NULL};
    int rc = E_HARNESS;
    if (!ca_key || !other_key || !key)
        goto out;

    struct wish w = {"koppelproef proefautoriteit", NULL, -30 * DAY_S, 3650 * DAY_S, NULL,
                     NULL};
    ca = certificate(&w, ca_key, now);
    w.name = "een andere autoriteit";
    other_ca = certificate(&w, other_key, now);

    w = (struct wish){OWN_NAME, own, -DAY_S, 30 * DAY_S, ca, ca_key};
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
        w.issuer = other_ca;
        w.issuer_key = other_key;
        break;
    }
    cert = ca && other_ca ? certificate(&w, key, now) : NULL;
    if (!cert)
        goto out;
    texts[0] = cert_text(ca);
    texts[1] = cert_text(cert);
    texts[2] = key_text(key);
    if (texts[0] && texts[1] && texts[2]) {
        *ca_pem = texts[0];
        *cert_pem = texts[1];
        *key_pem = texts[2];
        rc = 0;
    }
out:
    if (rc) {
        for (int i = 0; i < 3; i++)
            free(texts[i]);
        err_set(e, E_HARNESS, "OpenSSL cannot make a certificate");
    }
    X509_free(ca);
    X509_free(other_ca);
    X509_free(cert);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(other_key);
    EVP_PKEY_free(key);
    return rc;
}
