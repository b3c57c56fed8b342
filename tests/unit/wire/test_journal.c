#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/wire/journal.h"

/* Synthetic: two BSNs and an onderwijsnummer. */
#define BSN  "999990019"
#define BSN2 "123456782"
#define OWN  "100000004"

/* A journal in a folder of its own. */
struct bench {
    char folder[64], *path;
    struct mask mask;
    struct journal *j;
    json_t *lines; /* what was read back */
    char *text;    /* the same as it stands in the file */
};

static int make_bench(void **state)
{
    struct bench *b = xcalloc(1, sizeof *b);

    snprintf(b->folder, sizeof b->folder, "/tmp/koppelproef-journal-XXXXXX");
    if (!mkdtemp(b->folder))
        return -1;
    b->path = xasprintf("%s/journal.jsonl", b->folder);
    mask_init(&b->mask, 7);
    b->lines = json_array();
    *state = b;
    return journal_open(b->path, &b->mask, 1000, &b->j, NULL);
}

static int remove_bench(void **state)
{
    struct bench *b = *state;
    int rc = file_rmtree(b->folder, NULL);

    journal_close(b->j);
    json_decref(b->lines);
    free(b->path);
    free(b->text);
    free(b);
    return rc;
}

static int collect(void *arg, json_t *event)
{
    return json_array_append(arg, event);
}

static char *read_text(struct bench *b)
{
    char *text = NULL;
    size_t n;

    assert_int_equal(file_read(b->path, 1 << 26, &text, &n, NULL), 0);
    return text;
}

static char *without_chains(char *text)
{
    char *to = text;

    for (char *from = text; *from;) {
        if (strncmp(from, JOURNAL_CHAIN, strlen(JOURNAL_CHAIN)) == 0)
            from += strlen(JOURNAL_CHAIN) + JOURNAL_CHAIN_DIGITS + 1;
        *to++ = *from++;
    }
    *to = '\0';
    return text;
}

/* Reads all back into b->lines, and without its chains into b->text. */
static void read_back(struct bench *b)
{
    struct err e = {0};
    struct journal_sum sum;
    bool torn = true;

    json_array_clear(b->lines);
    free(b->text);
    b->text = NULL;
    if (journal_read_sum(b->path, collect, b->lines, &torn, &sum, &e))
        fail_msg("%s", e.text);
    assert_false(torn);
    assert_int_equal(sum.chained, sum.lines > 0);
    b->text = without_chains(read_text(b));
}

static const char *text_at(struct bench *b, size_t line, const char *pointer)
{
    const char *s = json_string_value(json_at(json_array_get(b->lines, line), pointer));

    if (!s)
        fail_msg("no text at %s in %s", pointer, b->text);
    return s;
}

static char *mask_of(struct bench *b, const char *prefix, const char *value)
{
    char tag[11];

    mask_tag(&b->mask, value, strlen(value), tag);
    return xasprintf("%s~%s", prefix, tag);
}

/* The text with @ and # for the masks of BSN and BSN2, $ for OWN's, and ! for that of
 * `secret`. */
static void assert_masked(struct bench *b, const char *got, const char *wanted,
                          const char *secret)
{
    struct buf w;

    buf_init(&w, 10000);
    buf_adds(&w, "");
    for (; *wanted; wanted++) {
        char *mask = NULL;

        if (*wanted == '@')
            mask = mask_of(b, "bsn", BSN);
        else if (*wanted == '#')
            mask = mask_of(b, "bsn", BSN2);
        else if (*wanted == '$')
            mask = mask_of(b, "own", OWN);
        else if (*wanted == '!')
            mask = mask_of(b, "secret", secret);
        if (mask)
            buf_adds(&w, mask);
        else
            buf_addc(&w, *wanted);
        free(mask);
    }
    assert_string_equal(got, w.p);
    buf_done(&w);
}

static void exchange_of(struct bench *b, const struct http_request *request,
                        const struct http_response *response)
{
    struct exchange x = {.scenario = "s",
                         .from = "sis:25LH",
                         .to = "koppelpunt",
                         .side = "client",
                         .operation = "x",
                         .url = "http://127.0.0.1:1",
                         .began = 2000,
                         .ended = 4500,
                         .outcome = "answered",
                         .request = request,
                         .response = response};

    journal_exchange(b->j, &x);
}

/* ---- form ---- */

static void events_are_numbered_and_timed(void **state)
{
    struct bench *b = *state;

    journal_event(b->j, 1000, "run", NULL,
                  json_pack("{s:s,s:i}", "role", "x", "seed", 5));
    journal_event(b->j, 3500, "step", "late", json_pack("{s:[i,b,n,f]}", "v", 1, 1, 0.1));
    journal_event(b->j, 10, "end", NULL, json_object()); /* before t = 0 can't be */
    read_back(b);
    assert_string_equal(b->text,
                        "{\"seq\":1,\"t\":0,\"kind\":\"run\",\"role\":\"x\",\"seed\":5}\n"
                        "{\"seq\":2,\"t\":2500,\"kind\":\"step\",\"scenario\":\"late\","
                        "\"v\":[1,true,null,0.1]}\n"
                        "{\"seq\":3,\"t\":0,\"kind\":\"end\"}\n");
    assert_int_equal(journal_failed(b->j, NULL), 0);
}

static void own_members_win_over_the_events(void **state)
{
    struct bench *b = *state;

    journal_event(
        b->j, 1000, "run", NULL,
        json_pack("{s:i,s:i,s:s,s:s}", "seq", 9, "t", 9, "kind", "x", "scenario", "y"));
    read_back(b);
    assert_string_equal(b->text,
                        "{\"seq\":1,\"t\":0,\"kind\":\"run\",\"scenario\":\"y\"}\n");
}

static void an_exchange_holds_all_that_crossed(void **state)
{
    struct bench *b = *state;
    struct http_request q;
    struct http_response r;
    json_t *message = json_pack("{s:{s:s}}", "a", "b", "c"),
           *extra = json_pack("{s:i}", "z", 1);
    json_t *faults = json_pack("[{s:s,s:s}]", "pointer", "/a", "reden", "x");
    struct exchange x = {.scenario = "s",
                         .from = "a",
                         .to = "b",
                         .side = "server",
                         .operation = "op",
                         .began = 1500,
                         .ended = 2000,
                         .outcome = "answered",
                         .request = &q,
                         .response = &r,
                         .fault = "f1",
                         .message = message,
                         .answer = message,
                         .faults = faults,
                         .step = "/steps/0",
                         .extra = extra};

    http_request_init(&q);
    http_response_init(&r);
    http_request_line(&q, "POST", "/v1/a?b=\"");
    http_fields_add(&q.fields, "A", "1");
    http_fields_add(&q.fields, "a", "\xFF");
    http_request_body(&q, xmemdup("x\0\n", 3), 3);
    r.status = 200;
    journal_exchange(b->j, &x);
    x = (struct exchange){.from = "a",
                          .to = "b",
                          .side = "client",
                          .operation = "",
                          .began = 1000,
                          .ended = 1000,
                          .outcome = "refused",
                          .request = &q};
    http_request_body(&q, NULL, 0);
    journal_exchange(b->j, &x);
    read_back(b);
    assert_string_equal(
        b->text,
        "{\"seq\":1,\"t\":1000,\"kind\":\"exchange\",\"scenario\":\"s\",\"from\":\"a\","
        "\"to\":\"b\",\"side\":\"server\",\"op\":\"op\",\"began\":500,\"ended\":1000,"
        "\"outcome\":\"answered\",\"request\":{\"method\":\"POST\",\"target\":\"/v1/"
        "a?b=\\\"\","
        "\"fields\":[[\"A\",\"1\"],[\"a\",\"\xEF\xBF\xBD\"]],\"body\":\"x\\u0000\\n\"},"
        "\"response\":{\"status\":200,\"fields\":[]},\"fault\":\"f1\","
        "\"message\":{\"a\":{\"b\":\"c\"}},\"answer\":{\"a\":{\"b\":\"c\"}},"
        "\"faults\":[{\"pointer\":\"/a\",\"reden\":\"x\"}],\"step\":\"/steps/"
        "0\",\"z\":1}\n"
        "{\"seq\":2,\"t\":0,\"kind\":\"exchange\",\"from\":\"a\",\"to\":\"b\","
        "\"side\":\"client\",\"op\":\"\",\"began\":0,\"ended\":0,\"outcome\":\"refused\","
        "\"request\":{\"method\":\"POST\",\"target\":\"/v1/a?b=\\\"\",\"fields\":[[\"A\","
        "\"1\"],[\"a\",\"\xEF\xBF\xBD\"]]}}\n");
    http_request_done(&q);
    json_decref(message);
    json_decref(extra);
    json_decref(faults);
}

static void large_bodies_are_cut(void **state)
{
    struct bench *b = *state;
    size_t n = (32 << 10) + 1;
    char *body = xmalloc(n + 1), sum[65];
    struct http_response r;
    json_t *got;

    memset(body, 'x', n);
    memcpy(body + 1020, BSN, 9); /* across the cut */
    memcpy(body + 100, BSN2, 9);
    digest_hex(body, n, sum);
    http_response_init(&r);
    http_response_body(&r, body, n);
    exchange_of(b, NULL, &r);
    http_response_body(&r, xmemdup(r.body, n - 1), n - 1);
    exchange_of(b, NULL, &r);
    http_response_done(&r);
    read_back(b);
    got = json_at(json_array_get(b->lines, 0), "/response");
    assert_int_equal(json_integer_value(json_object_get(got, "bytes")), n);
    assert_string_equal(text_at(b, 0, "/response/sha256"), sum);
    assert_int_equal(strlen(text_at(b, 0, "/response/body")), 1020 - 9 + 14);
    assert_null(strstr(b->text, "99999"));
    got = json_at(json_array_get(b->lines, 1), "/response");
    assert_null(json_object_get(got, "bytes"));
    assert_int_equal(strlen(text_at(b, 1, "/response/body")), n - 1 + 10);
}

/* ---- masks ---- */

static void numbers_are_masked_everywhere(void **state)
{
    struct bench *b = *state;
    struct http_request q;
    struct http_response r;
    json_t *message = json_pack("{s:s,s:[{s:s}],s:s,s:I}", "bsn", BSN, "list", "own", OWN,
                                BSN, "as key", "number", (json_int_t)123456782);
    struct exchange x = {.scenario = "about " BSN,
                         .from = BSN,
                         .to = "b",
                         .side = "client",
                         .operation = "x",
                         .url = "http://h/" BSN,
                         .outcome = "answered",
                         .request = &q,
                         .response = &r,
                         .message = message,
                         .extra = message};

    http_request_init(&q);
    http_response_init(&r);
    http_request_line(&q, "GET", "/v1/p/" BSN "?a=" BSN2 "&o=" OWN);
    http_fields_add(&q.fields, "X-" BSN, "v=" BSN ";" BSN2);
    http_request_body(&q, xstrdup("{\"bsn\":\"" BSN "\"}"), 19);
    http_fields_add(&r.fields, "Location", "/p/" OWN);
    http_response_body(&r, xstrdup("\"" OWN "\\n" BSN), 21);
    x.extra = NULL;
    journal_exchange(b->j, &x);
    journal_event(b->j, 1000, "truth", BSN, json_pack("{s:s}", "text", "see " BSN "."));
    read_back(b);
    assert_masked(b, text_at(b, 0, "/scenario"), "about @", "");
    assert_masked(b, text_at(b, 0, "/from"), "@", "");
    assert_masked(b, text_at(b, 0, "/url"), "http://h/@", "");
    assert_masked(b, text_at(b, 0, "/request/target"), "/v1/p/@?a=#&o=$", "");
    assert_masked(b, text_at(b, 0, "/request/fields/0/0"), "X-@", "");
    assert_masked(b, text_at(b, 0, "/request/fields/0/1"), "v=@;#", "");
    assert_masked(b, text_at(b, 0, "/request/body"), "{\"bsn\":\"@\"}", "");
    assert_masked(b, text_at(b, 0, "/response/fields/0/1"), "/p/$", "");
    assert_masked(b, text_at(b, 0, "/response/body"), "\"$\\n@", "");
    assert_masked(b, text_at(b, 0, "/message/bsn"), "@", "");
    assert_masked(b, text_at(b, 0, "/message/list/0/own"), "$", "");
    assert_masked(b, text_at(b, 0, "/message/number"), "#", "");
    assert_masked(b, text_at(b, 1, "/scenario"), "@", "");
    assert_masked(b, text_at(b, 1, "/text"), "see @.", "");
    assert_null(strstr(b->text, BSN));
    assert_null(strstr(b->text, BSN2));
    assert_null(strstr(b->text, OWN));
    json_decref(message);
    http_request_done(&q);
    http_response_done(&r);
}

static void what_is_no_number_of_a_person_stays(void **state)
{
    static const char *const rows[] = {
        "2023-05-02T08:15:30." BSN2 "Z",       "1" BSN, BSN "1", "0." BSN, "999990018",
        "5f0c1d2e-0000-4000-8000-a" BSN2 "bc",
    };
    struct bench *b = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        journal_event(b->j, 1000, "x", NULL, json_pack("{s:s}", "v", rows[i]));
    /* Durations of ours are numbers that may look like one. */
    journal_event(b->j, 1000 + 123456782, "x", NULL,
                  json_pack("{s:I}", "took", (json_int_t)123456782));
    read_back(b);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(text_at(b, i, "/v"), rows[i]);
    assert_non_null(strstr(b->text, "\"t\":123456782,"));
    assert_non_null(strstr(b->text, "\"took\":123456782}"));
}

/* ---- secrets ---- */

static void authorization_keeps_its_scheme_only(void **state)
{
    static const char *const rows[][3] = {
        {"Basic c2lzLTI1TEg6Z2VoZWlt", "Basic !", "c2lzLTI1TEg6Z2VoZWlt"},
        {"Bearer tok123", "Bearer !", "tok123"},
        {"bearer  tok123 ", "bearer  !", "tok123"},
        {"DPoP abc def", "DPoP !", "abc def"},
        {"justatoken", "!", "justatoken"},
        {"Bearer", "Bearer", ""},
        {"Bearer ", "Bearer ", ""},
        {"", "", ""},
        {"Bearer " BSN, "Bearer !", BSN},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_request q;

        http_request_init(&q);
        http_request_line(&q, "GET", "/");
        http_fields_add(&q.fields, i % 2 ? "authorization" : "Authorization", rows[i][0]);
        exchange_of(b, &q, NULL);
        http_request_done(&q);
    }
    read_back(b);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_masked(b, text_at(b, i, "/request/fields/0/1"), rows[i][1], rows[i][2]);
}

static void secrets_in_text_are_masked(void **state)
{
    static const char *const rows[][3] = {
        {"grant_type=client_credentials&client_secret=gehe%2Fim%21+x&scope=a",
         "grant_type=client_credentials&client_secret=!&scope=a", "gehe/im! x"},
        {"client_secret=abc", "client_secret=!", "abc"},
        {"/cb?access_token=abc frag", "/cb?access_token=! frag", "abc"},
        {"{\"access_token\":\"abc\",\"token_type\":\"Bearer\",\"expires_in\":900}",
         "{\"access_token\":\"!\",\"token_type\":\"Bearer\",\"expires_in\":900}", "abc"},
        {"{ \"access_token\" :\n \"a\\/b\\\"c\\u0041\" }",
         "{ \"access_token\" :\n \"!\" }", "a/b\"cA"},
        {"{\"access_token\":\"broken off", "{\"access_token\":\"!", "broken off"},
        {"{\"clientSecret\":\"abc\"}", "{\"clientSecret\":\"!\"}", "abc"},
        {"{\"clientAssertion\":\"abc\"}", "{\"clientAssertion\":\"!\"}", "abc"},
        {"{\"accessToken\":\"abc\"}", "{\"accessToken\":\"!\"}", "abc"},
        {"password=abc", "password=!", "abc"},
        {"id_token=abc;x", "id_token=!;x", "abc"},
        {"client_assertion=eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl&x=1",
         "client_assertion=!&x=1", "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl"},
        {"token eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl was refused",
         "token ! was refused", "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl"},
        {"you sent Authorization: Bearer abcdefgh12345678!", NULL, "abcdefgh12345678"},
        {"Basic c2lzLTI1TEg6Z2VoZWlt==, else", "Basic !, else", "c2lzLTI1TEg6Z2VoZWlt=="},
        /* and what is none */
        {"Bearer realm=\"koppelpunt0123456\", error=\"invalid_token\"",
         "Bearer realm=\"koppelpunt0123456\", error=\"invalid_token\"", ""},
        {"Bearer authentication-required", "Bearer authentication-required", ""},
        {"{\"access_token\":\"\",\"x\":1}", "{\"access_token\":\"\",\"x\":1}", ""},
        {"{\"access_token\":null}", "{\"access_token\":null}", ""},
        {"{\"access_token\":123}", "{\"access_token\":123}", ""},
        {"client_secret=&a=b", "client_secret=&a=b", ""},
        {"client_secret is required", "client_secret is required", ""},
        {"/oauth2/token", "/oauth2/token", ""},
        {"client_assertion_type=urn%3Aietf", "client_assertion_type=urn%3Aietf", ""},
        {"my_access_token=x", "my_access_token=x", ""},
        {"eyJhbGciOiJFUzI1NiJ9.eyJpc3M", "eyJhbGciOiJFUzI1NiJ9.eyJpc3M", ""},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct http_request q;
        struct http_response r;

        http_request_init(&q);
        http_response_init(&r);
        http_request_line(&q, "POST", rows[i][0]);
        http_fields_add(&q.fields, "X", rows[i][0]);
        http_response_body(&r, xstrdup(rows[i][0]), strlen(rows[i][0]));
        exchange_of(b, &q, &r);
        http_request_done(&q);
        http_response_done(&r);
    }
    read_back(b);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *wanted = rows[i][1];

        if (!wanted) { /* one that has a '!' of its own */
            assert_null(strstr(text_at(b, i, "/response/body"), rows[i][2]));
            assert_non_null(strstr(text_at(b, i, "/response/body"), "Bearer secret~"));
            continue;
        }
        assert_masked(b, text_at(b, i, "/request/target"), wanted, rows[i][2]);
        assert_masked(b, text_at(b, i, "/request/fields/0/1"), wanted, rows[i][2]);
        assert_masked(b, text_at(b, i, "/response/body"), wanted, rows[i][2]);
    }
}

static void secrets_in_messages_are_masked(void **state)
{
    struct bench *b = *state;

    journal_event(b->j, 1000, "x", NULL,
                  json_pack("{s:s,s:{s:s,s:s},s:s}", "client_secret", "abc", "in",
                            "access_token", "abc", "token_type", "Bearer", "password",
                            ""));
    read_back(b);
    assert_masked(b, text_at(b, 0, "/client_secret"), "!", "abc");
    assert_masked(b, text_at(b, 0, "/in/access_token"), "!", "abc");
    assert_string_equal(text_at(b, 0, "/in/token_type"), "Bearer");
    assert_string_equal(text_at(b, 0, "/password"), "");
}

static void the_same_token_shows_as_the_same(void **state)
{
    struct bench *b = *state;
    const char *body = "{\"access_token\":\"tok123\"}";
    struct http_request q;
    struct http_response r;

    http_request_init(&q);
    http_response_init(&r);
    http_request_line(&q, "GET", "/");
    http_fields_add(&q.fields, "Authorization", "Bearer tok123");
    http_response_body(&r, xstrdup(body), strlen(body));
    exchange_of(b, &q, &r);
    read_back(b);
    assert_memory_equal(strstr(text_at(b, 0, "/request/fields/0/1"), "secret~"),
                        strstr(text_at(b, 0, "/response/body"), "secret~"), 17);
    http_request_done(&q);
    http_response_done(&r);
}

/* ---- files ---- */

static void an_existing_journal_is_never_written_over(void **state)
{
    struct bench *b = *state;
    struct journal *other = NULL;
    struct err e = {0};

    assert_int_equal(journal_open(b->path, &b->mask, 0, &other, &e), E_INVALID);
    assert_null(other);
    assert_non_null(strstr(e.text, b->path));
    assert_non_null(strstr(e.text, "exists already"));
    err_clear(&e);
    assert_int_equal(journal_open("/nowhere/x", &b->mask, 0, &other, &e), E_ENV);
    assert_non_null(strstr(e.text, "No such file"));
    err_clear(&e);
    assert_int_equal(journal_open(b->folder, &b->mask, 0, &other, &e), E_ENV);
    journal_close(NULL);
}

static void a_full_disk_is_reported(void **state)
{
    struct bench *b = *state;
    struct journal *j = NULL;
    struct err e = {0};

    assert_int_equal(journal_open("/dev/full", &b->mask, 0, &j, &e), 0);
    assert_int_equal(journal_failed(j, &e), 0);
    journal_event(j, 1, "x", NULL, json_object());
    assert_int_equal(journal_failed(j, &e), E_ENV);
    assert_non_null(strstr(e.text, "/dev/full"));
    assert_non_null(strstr(e.text, "No space left on device"));
    journal_event(j, 1, "x", NULL, json_object()); /* dropped */
    assert_int_equal(journal_failed(j, NULL), E_ENV);
    journal_close(j);
}

/* A limit on the size of the file cuts a line in the middle: it is taken back. */
static void a_line_that_did_not_fit_is_taken_back(void **state)
{
    struct bench *b = *state;
    struct rlimit was, small;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct err e = {0};

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small = (struct rlimit){100, was.rlim_max};
    journal_event(b->j, 1000, "x", NULL, json_pack("{s:s}", "v", "short"));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    journal_event(b->j, 1000, "x", NULL,
                  json_pack("{s:s}", "v",
                            "long long long long long long long long long long "
                            "long long long long long long long long long"));
    journal_event(b->j, 1000, "x", NULL, json_pack("{s:s}", "v", "short"));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(journal_failed(b->j, &e), E_ENV);
    assert_non_null(strstr(e.text, "File too large"));
    read_back(b);
    assert_int_equal(json_array_size(b->lines), 1);
}

static void whole_lines_survive_a_kill(void **state)
{
    struct bench *b = *state;
    struct stat st = {0};
    struct err e = {0};
    bool torn;
    int status;
    pid_t child;

    journal_close(b->j);
    b->j = NULL;
    assert_int_equal(unlink(b->path), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct journal *j;

        if (journal_open(b->path, &b->mask, 0, &j, NULL))
            _exit(1);
        for (uint64_t i = 0;; i++)
            journal_event(j, i, "x", NULL, json_pack("{s:s}", "text", "as it happens"));
    }
    while (st.st_size < 200000) {
        assert_int_equal(waitpid(child, &status, WNOHANG), 0);
        if (stat(b->path, &st))
            st.st_size = 0;
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(journal_read(b->path, collect, b->lines, &torn, &e), 0);
    assert_true(json_array_size(b->lines) > 2000);
    for (size_t i = 0; i < json_array_size(b->lines); i++)
        assert_int_equal(
            json_integer_value(json_object_get(json_array_get(b->lines, i), "seq")),
            i + 1);
}

/* ---- reading ---- */

static void write_file(struct bench *b, const char *text)
{
    assert_int_equal(file_write(b->path, text, strlen(text), NULL), 0);
    json_array_clear(b->lines);
}

#define LINE1 "{\"seq\":1,\"t\":0,\"kind\":\"a\"}\n"
#define LINE2 "{\"seq\":2,\"t\":0,\"kind\":\"b\"}\n"

static void a_torn_last_line_is_reported(void **state)
{
    static const struct {
        const char *text;
        size_t lines;
        bool torn;
    } rows[] = {
        {"", 0, false},
        {LINE1, 1, false},
        {LINE1 LINE2, 2, false},
        {LINE1 "{\"seq\":2,\"t", 1, true},
        {LINE1 "{", 1, true},
        {"{\"seq\":1", 0, true},
        {LINE1 "{\"seq\":2,\"t\":0,\"kind\":\"b\"}", 2,
         false}, /* only the newline lacks */
    };
    struct bench *b = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = {0};
        bool torn = !rows[i].torn;

        write_file(b, rows[i].text);
        assert_int_equal(journal_read(b->path, collect, b->lines, &torn, &e), 0);
        assert_int_equal(torn, rows[i].torn);
        assert_int_equal(json_array_size(b->lines), rows[i].lines);
    }
}

static void any_other_unreadable_line_is_an_error(void **state)
{
    static const char *const rows[] = {
        LINE1 "{\"seq\":2,\n" LINE2,
        LINE1 "\n" LINE2,
        LINE1 "[]\n",
        LINE1 "{\"seq\":2}\n",
        LINE1 "{\"kind\":\"x\"}\n",
        LINE1 "{\"seq\":2,\"kind\":3}\n",
        LINE1 "{} {}\n",
    };
    struct bench *b = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = {0};
        bool torn;

        write_file(b, rows[i]);
        assert_int_equal(journal_read(b->path, collect, b->lines, &torn, &e), E_INVALID);
        assert_string_equal(e.file, b->path);
        assert_int_equal(e.line, 2);
        assert_int_equal(json_array_size(b->lines), 1);
    }
}

static int stop_at_once(void *arg, json_t *event)
{
    ++*(int *)arg;
    return event ? 1 : 0;
}

static void reading_stops_when_told(void **state)
{
    struct bench *b = *state;
    struct err e = {0};
    int seen = 0;

    write_file(b, LINE1 LINE2 "broken\n");
    assert_int_equal(journal_read(b->path, stop_at_once, &seen, NULL, &e), 0);
    assert_int_equal(seen, 1);
    assert_int_equal(journal_read("/nowhere/x", stop_at_once, &seen, NULL, &e),
                     E_NOTFOUND);
}

int main(void)
{
#define WITH_BENCH(f) cmocka_unit_test_setup_teardown(f, make_bench, remove_bench)
    const struct CMUnitTest tests[] = {
        WITH_BENCH(events_are_numbered_and_timed),
        WITH_BENCH(own_members_win_over_the_events),
        WITH_BENCH(an_exchange_holds_all_that_crossed),
        WITH_BENCH(large_bodies_are_cut),
        WITH_BENCH(numbers_are_masked_everywhere),
        WITH_BENCH(what_is_no_number_of_a_person_stays),
        WITH_BENCH(authorization_keeps_its_scheme_only),
        WITH_BENCH(secrets_in_text_are_masked),
        WITH_BENCH(secrets_in_messages_are_masked),
        WITH_BENCH(the_same_token_shows_as_the_same),
        WITH_BENCH(an_existing_journal_is_never_written_over),
        WITH_BENCH(a_full_disk_is_reported),
        WITH_BENCH(a_line_that_did_not_fit_is_taken_back),
        WITH_BENCH(whole_lines_survive_a_kill),
        WITH_BENCH(a_torn_last_line_is_reported),
        WITH_BENCH(any_other_unreadable_line_is_an_error),
        WITH_BENCH(reading_stops_when_told),
    };

    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
