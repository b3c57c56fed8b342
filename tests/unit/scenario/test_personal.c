/* What an aanmeldId tells about a person: the number in some coat, and nothing by
 * accident. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/base/rng.h"
#include "harness/scenario/trial.h"

#define BSN "999990019"

/* All of them of 999990019, by md5sum, sha1sum, sha256sum, sha512sum, base64 and xxd. */
static const struct {
    const char *id, *why;
} telling[] = {
    {"a-999990019-b", "holds a personal number"},
    {"MjVMSDo5OTk5OTAwMTk=", "another coding"},
    {"OTk5OTkwMDE5Pz4", "another coding"},
    {"393939393930303139", "another coding"},
    {"31eab5921ffd56c890338b3e5764a823", "md5"},
    {"x_Meq1kh/9VsiQM4s+V2SoIw==", "md5"},
    {"1039fcbb1b58ac124e8d4ed8995f57bc334c98e8", "sha1"},
    {"x_EDn8uxtYrBJOjU7YmV9XvDNMmOg=", "sha1"},
    {"b554d7c7f2357ba2ac037a697ff379a104ccb6599f65be83aa0f938c3c105cf2", "sha256"},
    {"x_tVTXx/I1e6KsA3ppf/N5oQTMtlmfZb6Dqg+TjDwQXPI=", "sha256"},
    {"b1e3ffff6d28b4b73b53370e16663827c563e34b548a810d70979811b1ea5c6e1ad43efd400dcdf24b8"
     "e74a39ad17f32abc8a14b8e5c9c3256be124e1c96cc74",
     "sha512"},
    {"x_seP//"
     "20otLc7UzcOFmY4J8Vj40tUioENcJeYEbHqXG4a1D79QA3N8kuOdKOa0X8yq8ihS45cnDJWvhJOHJbMdA="
     "=",
     "sha512"},
    {"B554D7C7F2357BA2", "sha256"},
    {"31eab592-1ffd-36c8-8033-8b3e5764a823", "md5"},
};

static void tells(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(telling); i++) {
        char *why = trial_id_tells(telling[i].id, BSN);
        if (!why || !strstr(why, telling[i].why))
            fail_msg("%s: %s", telling[i].id, why ? why : "nothing");
        free(why);
    }
}

static void tells_nothing(void **state)
{
    static const char *const ids[] = {
        "",         "1",        "25LH:90001234", "5f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c11",
        "c2Vpbj05", "99999001", "\xc3\xa9%&?",   "999990020"};
    struct rng r;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        assert_null(trial_id_tells(ids[i], BSN));
    rng_init(&r, 1, "ids", "uuid");
    for (int i = 0; i < 2000; i++) {
        char id[37];
        rng_uuid(&r, id);
        assert_null(trial_id_tells(id, BSN));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tells),
                                       cmocka_unit_test(tells_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
