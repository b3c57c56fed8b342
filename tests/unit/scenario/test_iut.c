/* Reading an iut.json: what a vendor can get wrong, and the sentence for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mem.h"
#include "harness/scenario/iut.h"

static int load_text(const char *text, struct iut **out, struct err *e)
{
    char path[] = "/tmp/koppelproef-test-XXXXXX.json";
    int fd = mkstemps(path, 5);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (long)strlen(text));
    close(fd);
    int rc = iut_load(path, out, e);
    unlink(path);
    return rc;
}

/* The least files of the README, one of each kind. */
static const char *const least[] = {
    "{\"role\":\"koppelpunt\",\"name\":\"V\",\"version\":\"4.2\",\"start\":[\"./"
    "start.sh\"],"
    "\"capabilities\":[\"reload\",\"restart\"]}",
    "{\"role\":\"overstapsysteem\",\"name\":\"V\",\"version\":\"1.0\","
    "\"start\":[\"node\",\"server.mjs\"],\"capabilities\":[\"observer\",\"ophalen\","
    "\"eigen-aanmeldingen\",\"restart\"]}",
    "{\"role\":\"koppelpunt\",\"name\":\"V\",\"version\":\"4.2\","
    "\"baseUrl\":\"https://test.example/\",\"tokenUrl\":\"https://test.example/oauth2/"
    "token\","
    "\"provisioning\":\"provisioning.json\",\"capabilities\":[]}",
    "{\"role\":\"overstapsysteem\",\"name\":\"V\",\"version\":\"1.0\","
    "\"koppelpuntListen\":\"0.0.0.0:8443\",\"observer\":\"http://127.0.0.1:9000\","
    "\"provisioning\":\"provisioning.json\",\"capabilities\":[\"observer\"]}",
};

static void the_least_files_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(least); i++) {
        struct iut *iut = NULL;
        struct err e = {0};
        if (load_text(least[i], &iut, &e))
            fail_msg("%s", e.text);
        assert_true(iut_speaks(iut, "proef-1"));
        assert_false(iut_speaks(iut, "proef-2"));
        assert_int_equal(iut_has(iut, "restart"), i < 2);
        if (iut->base_url) /* no slash at the end; relative paths are beside the file */
            assert_string_equal(iut->base_url, "https://test.example");
        if (iut->provisioning)
            assert_string_equal(iut->provisioning, "/tmp/provisioning.json");
        iut_free(iut);
    }
}

static void what_may_be_told_holds_no_credentials(void **state)
{
    (void)state;
    struct iut *iut = NULL;
    struct err e = {0};
    if (load_text("{\"role\":\"koppelpunt\",\"name\":\"V @ W\",\"version\":\"1\","
                  "\"baseUrl\":\"https://me:hush@test.example/a@b\","
                  "\"tokenUrl\":\"https://test.example/x@y\",\"observerToken\":\"hush\","
                  "\"provisioning\":\"p.json\"}",
                  &iut, &e))
        fail_msg("%s", e.text);
    char *told = json_dumps(iut->content, JSON_COMPACT);
    assert_null(strstr(told, "hush"));
    assert_non_null(strstr(told, "\"name\":\"V @ W\""));
    assert_non_null(strstr(told, "\"https://secret~@test.example/a@b\""));
    assert_non_null(strstr(told, "\"https://test.example/x@y\""));
    assert_non_null(strstr(told, "\"observerToken\":\"secret~\""));
    assert_non_null(strstr(told, "\"provisioning\":\"p.json\""));
    assert_string_equal(iut->base_url, "https://me:hush@test.example/a@b");
    free(told);
    iut_free(iut);
}

static void everything_it_may_hold(void **state)
{
    (void)state;
    struct iut *iut = NULL;
    struct err e = {0};
    if (load_text("{\"role\":\"overstapsysteem\",\"name\":\"V\",\"version\":\"1\","
                  "\"koppelpuntListen\":\"127.0.0.1:0\",\"observer\":{\"command\":[\"./"
                  "o\",\"-x\"]},"
                  "\"observerToken\":\"t\",\"provisioning\":\"/abs/p.json\","
                  "\"profiles\":[\"proef-2\"],\"ophaalintervalSeconds\":2.5,"
                  "\"volledigeStandSeconds\":60,\"goLive\":\"2027-05-01\",\"commands\":{"
                  "\"restart\":[\"./r\"]},"
                  "\"stop\":[\"./s\"],\"overloadAt\":{\"connections\":9}}",
                  &iut, &e))
        fail_msg("%s", e.text);
    assert_string_equal(iut->observer_command[1], "-x");
    assert_string_equal(iut->observer_token, "t");
    assert_string_equal(iut->provisioning, "/abs/p.json");
    assert_true(iut_speaks(iut, "proef-2") && !iut_speaks(iut, "proef-1"));
    assert_true(iut->interval_seconds > 2.4 && iut->interval_seconds < 2.6);
    assert_true(iut->full_state_seconds > 59);
    assert_string_equal(iut->go_live, "2027-05-01");
    assert_string_equal(iut->restart[0], "./r");
    assert_string_equal(iut->stop[0], "./s");
    assert_int_equal(iut->overload_connections, 9);
    iut_free(iut);
}

struct bad {
    const char *text, *pointer, *says;
    int line;
};
static const struct bad bads[] = {
    {"{\"rol\":\"koppelpunt\"}", "/rol", "did you mean \"role\"", 1},
    {"{\"role\":\"koppelpunten\"}", "/role", "must be \"koppelpunt\"", 1},
    {"{\"role\":\"koppelpunt\",\"name\":\"V\"}", "", "name and version", 1},
    {"{\"role\":\"koppelpunt\",\"name\":\"V\",\"version\":\"1\"}", "", "how to reach", 1},
    {"{\"role\":\"koppelpunt\",\"name\":\"V\",\"version\":\"1\",\n\"baseUrl\":"
     "\"localhost:80\"}",
     "/baseUrl", "http://", 2},
    {"{\"role\":\"koppelpunt\",\"name\":\"V\",\"version\":\"1\",\n\"baseUrl\":\"http://"
     "h\"}",
     "", "provisioning", 1},
    {"{\"role\":\"koppelpunt\",\"name\":\"V\",\"version\":\"1\",\"start\":[\"x\"],\n"
     "\"capabilities\":[\"restart\",\n\"reloaded\"]}",
     "/capabilities/1", "did you mean \"reload\"", 3},
    {"{\"role\":\"koppelpunt\",\"name\":\"V\",\"version\":\"1\",\"start\":[]}", "/start",
     "list of words", 1},
    {"{\"role\":\"koppelpunt\",\"name\":\"V\",\"version\":\"1\",\"start\":[\"x\"],"
     "\"baseUrl\":\"http://h\",\"provisioning\":\"p\"}",
     "", "not both", 1},
    {"{\"role\":\"overstapsysteem\",\"name\":\"V\",\"version\":\"1\","
     "\"ophaalintervalSeconds\":0}",
     "/ophaalintervalSeconds", "above 0", 1},
    {"{\"role\":\"overstapsysteem\",\"name\":\"V\",\"version\":\"1\","
     "\"goLive\":\"2027-02-29\"}",
     "/goLive", "a date that exists", 1},
    {"{\"role\":\"overstapsysteem\",\"name\":\"V\",\"version\":\"1\",\"goLive\":"
     "20270501}",
     "/goLive", "a date that exists", 1},
    {"{\"role\":\"overstapsysteem\",\"name\":\"V\",\"version\":\"1\",\"observer\":7}",
     "/observer", "address", 1},
    {"[]", "", "one JSON object", 1},
    {"{\"role\":\n}", "", "", 2},
};

static void every_fault_has_its_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bads); i++) {
        struct iut *iut = NULL;
        struct err e = {0};
        int rc = load_text(bads[i].text, &iut, &e);
        if (rc != E_INVALID || strcmp(e.pointer, bads[i].pointer) ||
            e.line != bads[i].line || !strstr(e.text, bads[i].says))
            fail_msg("case %zu: rc %d, %d, %s: %s", i, rc, e.line, e.pointer, e.text);
    }
}

static void a_file_that_is_not_there(void **state)
{
    (void)state;
    struct iut *iut = NULL;
    struct err e = {0};
    assert_int_equal(iut_load("/tmp/there/is/no/iut.json", &iut, &e), E_INVALID);
    assert_true(e.set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_files_are_read),
        cmocka_unit_test(everything_it_may_hold),
        cmocka_unit_test(what_may_be_told_holds_no_credentials),
        cmocka_unit_test(every_fault_has_its_sentence),
        cmocka_unit_test(a_file_that_is_not_there),
    };
    mem_install();
    return cmocka_run_group_tests_name("iut", tests, NULL, NULL);
}
