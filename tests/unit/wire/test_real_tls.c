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

int main(int argc, char **argv)
{
    mem_install();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tls_kinds, setup, teardown),
        cmocka_unit_test_setup_teardown(tls_mixed_up, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
