/* Who is at the other end of TLS: libmicrohttpd hands out GnuTLS's session, and what it
 * was shown in it. */
#include <gnutls/x509.h>
#include <string.h>

#include "harness/base/digest.h"
#include "harness/wire/server.h"

#define SERIAL_NUMBER "2.5.4.5" /* X.520; where a Dutch certificate has its OIN */

static void read_serial(const gnutls_datum_t *der, struct http_peer *out)
{
    gnutls_x509_crt_t crt;
    size_t n = sizeof out->serial;
    if (gnutls_x509_crt_init(&crt))
        return;
    if (gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) ||
        gnutls_x509_crt_get_dn_by_oid(crt, SERIAL_NUMBER, 0, 0, out->serial, &n))
        out->serial[0] = 0;
    gnutls_x509_crt_deinit(crt);
}

void tls_peer_read(struct MHD_Connection *c, struct http_peer *out)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    gnutls_session_t session = info ? info->tls_session : NULL;
    unsigned status = 0, n = 0;
    memset(out, 0, sizeof *out);
    out->old_tls = session && gnutls_protocol_get_version(session) < GNUTLS_TLS1_2;
    const gnutls_datum_t *chain =
        session ? gnutls_certificate_get_peers(session, &n) : NULL;
    if (!chain || n == 0)
        return;
    /* Chain, period and purpose, by the authority that the listener was given. */
    out->verified = !gnutls_certificate_verify_peers2(session, &status) && status == 0;
    digest_hex(chain[0].data, chain[0].size, out->digest);
    read_serial(&chain[0], out);
}
