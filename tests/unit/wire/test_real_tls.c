#include "tests/unit/wire/caller.h"

#include <unistd.h>

#include "harness/wire/pki.h"

static void answer_ok(void *arg, struct inbound *in, const struct http_request *q)
{
    (void)q;
    struct http_reply r;
    http_reply_init(&r);
    r.response.status = 200;
    http_response_body(&r.response, xstrdup("veilig"), 6);
    wire_reply(arg, in, &r);
}

static void tls_kinds(void **state)
{
    struct wire *w = *state;
    static const struct {
        enum pki_kind kind;
        enum call_outcome want;
        const char *host;
    } cases[] = {
        {PKI_GOOD, CALL_ANSWERED, "127.0.0.1"},   {PKI_GOOD, CALL_ANSWERED, "localhost"},
        {PKI_EXPIRED, CALL_TLS, "127.0.0.1"},     {PKI_WRONG_HOST, CALL_TLS, "127.0.0.1"},
        {PKI_SELF_SIGNED, CALL_TLS, "127.0.0.1"}, {PKI_UNTRUSTED, CALL_TLS, "127.0.0.1"},
    };
    char ca_path[] = "/tmp/koppelproef-ca-XXXXXX";
    const int fd = mkstemp(ca_path);
    assert_true(fd >= 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *ca, *cert, *key, url[64];
        assert_int_equal(pki_make(cases[i].kind, wire_wall(w), &ca, &cert, &key, NULL),
                         0);
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, ca, strlen(ca), 0), strlen(ca));
        const struct listen spec = {.host = "127.0.0.1",
                                    .tls_cert = cert,
                                    .tls_key = key,
                                    .on_request = answer_ok,
                                    .arg = w};
        struct wire_listener *l;
        assert_int_equal(wire_listen(w, &spec, &l, NULL), 0);
        const char *own = wire_listener_url(w, l);
        assert_int_equal(strncmp(own, "https://127.0.0.1:", 18), 0);
        snprintf(url, sizeof url, "https://%s%s", cases[i].host, strrchr(own, ':'));
        struct seen s = {0};
        const struct call call = {.ca_file = ca_path, .fresh = true};
        const enum call_outcome o = get(w, &s, &call, url, NULL);
        if (o != cases[i].want)
            fail_msg("kind %d at %s: %s: %s", (int)cases[i].kind, url,
                     call_outcome_name(o), s.detail);
        if (o == CALL_ANSWERED)
            assert_string_equal(s.response.body, "veilig");
        seen_done(&s);
        wire_listener_close(w, l);
        free(ca);
        free(cert);
        free(key);
    }
    close(fd);
    unlink(ca_path);
}

/* Plain text where TLS is expected, and the other way round. */
static void tls_mixed_up(void **state)
{
    struct wire *w = *state;
    struct peer p;
    struct seen s = {0};
    /* The end of a ClientHello looks like nothing to the peer: it answers at the close.
     */
    peer_open(&p, w, NULL, PEER_KEEP);
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%d", p.port);
    const struct call spec = {.fresh = true, .timeout_ns = 40 * NS_PER_MS};
    assert_int_equal(get(w, &s, &spec, url, NULL), CALL_TIMEOUT);
    seen_done(&s);
    peer_done(&p);

    char *ca, *cert, *key;
    assert_int_equal(pki_make(PKI_GOOD, wire_wall(w), &ca, &cert, &key, NULL), 0);
    const struct listen tls = {.host = "127.0.0.1",
                               .tls_cert = cert,
                               .tls_key = key,
                               .on_request = answer_ok,
                               .arg = w};
    const struct listen plain = {.host = "127.0.0.1", .on_request = answer_ok, .arg = w};
    struct wire_listener *a, *b;
    assert_int_equal(wire_listen(w, &tls, &a, NULL), 0);
    assert_int_equal(wire_listen(w, &plain, &b, NULL), 0);
    snprintf(url, sizeof url, "http://127.0.0.1%s",
             strrchr(wire_listener_url(w, a), ':'));
    const enum call_outcome o = get(w, &s, &spec, url, NULL);
    assert_true(o == CALL_RESET || o == CALL_NOT_HTTP);
    seen_done(&s);
    snprintf(url, sizeof url, "https://127.0.0.1%s",
             strrchr(wire_listener_url(w, b), ':'));
    const struct call patient = {.fresh = true, .timeout_ns = 5000 * NS_PER_MS};
    assert_int_equal(get(w, &s, &patient, url, NULL), CALL_TLS);
    seen_done(&s);
    wire_listener_close(w, a);
    wire_listener_close(w, b);
    free(ca);
    free(cert);
    free(key);
}

/* A folder with an authority's certificate and files made on the way. */
struct office {
    char dir[40], ca[60], cert[60], key[60];
    struct pki_authority *authority;
};

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void office_open(struct office *o, struct wire *w)
{
    snprintf(o->dir, sizeof o->dir, "/tmp/koppelproef-tls-XXXXXX");
    assert_non_null(mkdtemp(o->dir));
    snprintf(o->ca, sizeof o->ca, "%s/ca", o->dir);
    snprintf(o->cert, sizeof o->cert, "%s/cert", o->dir);
    snprintf(o->key, sizeof o->key, "%s/key", o->dir);
    assert_int_equal(pki_authority_new(wire_wall(w), &o->authority, NULL), 0);
    put(o->ca, pki_authority_pem(o->authority));
}

static void office_close(struct office *o)
{
    pki_authority_free(o->authority);
    unlink(o->ca);
    unlink(o->cert);
    unlink(o->key);
    rmdir(o->dir);
}

static struct wire_listener *office_listen(struct office *o, struct wire *w, bool old_tls,
                                           wire_request_cb *cb)
{
    char *cert, *key;
    struct wire_listener *l;
    assert_int_equal(pki_issue(o->authority, PKI_GOOD, wire_wall(w), &cert, &key, NULL),
                     0);
    const struct listen spec = {.host = "127.0.0.1",
                                .tls_cert = cert,
                                .tls_key = key,
                                .tls_client_ca = pki_authority_pem(o->authority),
                                .old_tls = old_tls,
                                .on_request = cb,
                                .arg = w};
    assert_int_equal(wire_listen(w, &spec, &l, NULL), 0);
    free(cert);
    free(key);
    return l;
}

static void answer_peer(void *arg, struct inbound *in, const struct http_request *q)
{
    char text[160];
    struct http_reply r;
    http_reply_init(&r);
    r.response.status = 200;
    assert_non_null(q->peer);
    snprintf(text, sizeof text, "%s %s %zu%s", q->peer->verified ? "verified" : "no",
             q->peer->serial, strlen(q->peer->digest), q->peer->old_tls ? " old" : "");
    http_response_body(&r.response, xstrdup(text), strlen(text));
    wire_reply(arg, in, &r);
}

/* What the door says of a client's certificate; NULL: none is shown. */
static void client_kinds(void **state)
{
    static const struct {
        const char *kind, *want;
    } cases[] = {{"good", "verified 00000099000000002000 64"},
                 {"expired", "no 00000099000000002000 64"},
                 {"untrusted", "no 00000099000000002000 64"},
                 {"self-signed", "no 00000099000000002000 64"},
                 {NULL, "no  0"}};
    struct wire *w = *state;
    struct office o;
    office_open(&o, w);
    struct wire_listener *l = office_listen(&o, w, false, answer_peer);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct seen s = {0};
        struct call call = {.ca_file = o.ca, .fresh = true};
        if (cases[i].kind) {
            char *cert, *key;
            assert_int_equal(pki_issue_client(o.authority,
                                              pki_kind_by_name(cases[i].kind),
                                              "intergrip", "00000099000000002000",
                                              wire_wall(w), &cert, &key, NULL),
                             0);
            put(o.cert, cert);
            put(o.key, key);
            free(cert);
            free(key);
            call.cert_file = o.cert;
            call.key_file = o.key;
        }
        assert_int_equal(get(w, &s, &call, wire_listener_url(w, l), NULL), CALL_ANSWERED);
        assert_string_equal(s.response.body, cases[i].want);
        seen_done(&s);
    }
    wire_listener_close(w, l);
    office_close(&o);
}

/* TLS 1.1 is refused, unless the listener is a careless one. */
static void old_versions(void **state)
{
    struct wire *w = *state;
    struct office o;
    office_open(&o, w);
    for (int careless = 0; careless < 2; careless++) {
        struct wire_listener *l = office_listen(&o, w, careless, answer_peer);
        const struct call call = {.ca_file = o.ca, .fresh = true, .old_tls = true};
        struct seen s = {0};
        const enum call_outcome out = get(w, &s, &call, wire_listener_url(w, l), NULL);
        if (careless) {
            assert_int_equal(out, CALL_ANSWERED);
            assert_string_equal(s.response.body, "no  0 old");
        } else {
            assert_int_equal(out, CALL_TLS);
        }
        seen_done(&s);
        wire_listener_close(w, l);
    }
    office_close(&o);
}

int main(int argc, char **argv)
{
    mem_install();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tls_kinds, setup, teardown),
        cmocka_unit_test_setup_teardown(tls_mixed_up, setup, teardown),
        cmocka_unit_test_setup_teardown(client_kinds, setup, teardown),
        cmocka_unit_test_setup_teardown(old_versions, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
