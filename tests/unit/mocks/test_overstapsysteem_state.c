/* What an overstapsysteem keeps: after a kill at any moment the view and the place in the
 * feed belong together, and nothing is fetched twice for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>

#include "mocks/os_store.h"
#include "tests/unit/mocks/os_fake.h"

#define OWN                                                                              \
    "{\"aanmeldingen\":[{\"bsn\":\"" LOTTE                                               \
    "\",\"instelling\":{\"code\":\"04EM\",\"naam\":"                                     \
    "\"R\"},\"opleiding\":{\"code\":\"25100\",\"naam\":\"V\"},\"status\":\"RECEIVED\","  \
    "\"statusBegin\":\"" DAY1 "\"}]}"

static void some_feed(struct fake *f, int n)
{
    for (int i = 0; i < n; i++) {
        char id[16], day[32];
        snprintf(id, sizeof(id), "id%d", i % 7);
        snprintf(day, sizeof(day), "2023-04-%02dT08:00:00Z", 1 + i * 11 % 29);
        if (i % 5 == 4)
            feed_lapse(f, id);
        else
            feed_add(f, id, LOTTE, i % 2 ? "RECEIVED" : "OFFERED", day);
    }
}

static void lotte(struct fake *f)
{
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\"]}");
}

static char *log_path(const struct fake *f)
{
    return xasprintf("%s/overstapsysteem.log", f->dir);
}

static off_t log_size(const struct fake *f)
{
    struct stat st;
    char *path = log_path(f);
    int rc = stat(path, &st);
    free(path);
    return rc == 0 ? st.st_size : -1;
}

/* OS-OPH-03 */
static void goes_on_after_a_restart(void **state)
{
    struct fake *f = *state;
    some_feed(f, 12);
    fake_start(f);
    lotte(f);
    assert_int_equal(status_of(f, observe(f, "POST", "/eigen-aanmeldingen", OWN)), 204);
    fake_until(f, 0);
    char *before = xstrdup(sees(f, "02QZ00"));
    assert_non_null(strstr(before, "25100 RECEIVED"));
    fake_kill(f);
    fake_forget(f);
    fake_start(f);
    assert_string_equal(sees(f, "02QZ00"), before); /* before anything was fetched */
    fake_until(f, 0);
    assert_int_equal(asked(f, OP_TOKEN), 1);
    assert_int_equal(asked(f, OP_OPHALEN), 1);
    assert_string_equal(nth(f, OP_OPHALEN, 0)->target,
                        "/v1/aanmeldstatussen?sinds=c1.12");
    assert_string_equal(sees(f, "02QZ00"), before);
    free(before);
}

/* OS-OPH-07, OS-OPH-08: killed between any two pages, also of a second full state. */
static void killed_between_pages(void **state)
{
    struct fake *f = *state;
    f->page = 1;
    some_feed(f, 12);
    fake_start(f);
    lotte(f);
    fake_until(f, 0);
    char *want = xstrdup(sees(f, "02QZ00"));
    feed_add(f, "gone", LOTTE, "ENROLLED", DAY1);
    fake_until(f, SECOND);
    assert_string_not_equal(sees(f, "02QZ00"), want);
    json_array_remove(f->feed, 12);
    f->epoch = 2; /* "gone" is gone, and was not said to be */
    fake_forget(f);
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 100, .delay = 1000});
    fake_until(f, 2 * SECOND);
    for (int i = 0; i < 13; i++) { /* one page each time, then the end */
        fake_until(f, fake_time(f) + 1500);
        fake_kill(f);
        fake_start(f);
    }
    fake_until(f, fake_time(f) + 20000);
    assert_string_equal(sees(f, "02QZ00"), want);
    /* None but the 410 and the first page without a cursor: every page was asked once,
     * or again when its answer was lost with the kill. */
    size_t full = 0;
    for (size_t i = 0; i < f->n; i++)
        full += strcmp(f->seen[i].target, "/v1/aanmeldstatussen") == 0;
    assert_in_range(full, 1, 2);
    free(want);
}

static void copy_log(struct fake *f, const char *bytes, size_t n)
{
    char *path = log_path(f);
    assert_int_equal(file_write(path, bytes, n, NULL), 0);
    free(path);
}

/* A log cut at any byte: what is left is a state that was true once, and the rest of the
 * feed completes it. */
static void a_log_cut_anywhere(void **state)
{
    struct fake *f = *state;
    char *bytes = NULL, *path = log_path(f);
    size_t n = 0;
    f->page = 3;
    some_feed(f, 9);
    fake_start(f);
    lotte(f);
    fake_until(f, 0);
    some_feed(f, 9);
    fake_until(f, SECOND);
    char *want = xstrdup(sees(f, "02QZ00"));
    fake_kill(f);
    assert_int_equal(file_read(path, 1 << 20, &bytes, &n, NULL), 0);
    for (size_t cut = 0; cut <= n; cut += 3) {
        copy_log(f, bytes, cut);
        fake_forget(f);
        fake_start(f);
        lotte(f);
        fake_until(f, fake_time(f));
        assert_string_equal(sees(f, "02QZ00"), want);
        fake_kill(f);
    }
    free(want);
    free(bytes);
    free(path);
}

/* A quiet koppelpunt leaves the disk alone; so does one that says nothing new. */
static void a_quiet_night(void **state)
{
    struct fake *f = *state;
    some_feed(f, 3);
    fake_start(f);
    fake_until(f, 0);
    off_t size = log_size(f);
    fake_until(f, 600 * SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 601);
    assert_int_equal(log_size(f), size);
}

/* A log that is much larger than what it says is written anew at the next start. */
static void compaction(void **state)
{
    struct fake *f = *state;
    struct os_store *s = NULL;
    struct err e = {0};
    char name[4096];
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(os_store_open(f->dir, 0, &s, &e), 0);
    uint32_t bsn = 999990019;
    assert_int_equal(os_store_pupils(s, "02QZ00", &bsn, 1, &e), 0);
    for (int i = 0; i < 2000; i++) {
        struct os_item it = {.volgnummer = i + 1,
                             .id = i % 2 ? "a" : "b",
                             .bsn = bsn,
                             .status = STATUS_RECEIVED,
                             .begin = i % 50,
                             .instelling = "25LH",
                             .instelling_naam = name,
                             .opleiding = "25655",
                             .opleiding_naam = "Vpk"};
        struct os_page p = {.begins = i == 0,
                            .ends = i != 1999,
                            .cursor = "c",
                            .listed = 1,
                            .items = &it,
                            .n = 1};
        assert_int_equal(os_store_page(s, &p, &e), 0);
    }
    struct os_own own = {.bsn = bsn,
                         .instelling = "04EM",
                         .instelling_naam = "R",
                         .opleiding = "25100",
                         .opleiding_naam = "V",
                         .status = STATUS_OFFERED,
                         .begin = 0};
    assert_int_equal(os_store_own(s, &own, 1, &e), 0);
    assert_int_equal(os_store_hold(s, 12345, &e), 0);
    os_store_close(s);
    off_t large = log_size(f);
    for (int turn = 0; turn < 2; turn++) { /* the new log can be read too */
        assert_int_equal(os_store_open(f->dir, 0, &s, &e), 0);
        assert_true(log_size(f) < large / 100);
        assert_int_equal(os_view_count(os_store_view(s)), 2);
        assert_string_equal(os_view_cursor(os_store_view(s)), "c");
        assert_int_equal(os_store_held(s), 12345);
        os_store_close(s);
    }
    /* And what it says is shown. */
    f->config.interval_ns = 0;
    fake_start(f);
    assert_string_equal(sees(f, "02QZ00"),
                        LOTTE " 25100 OFFERED 1970-01-01T00:00:00Z; " LOTTE
                              " 25655 RECEIVED 1970-01-01T00:00:00.000000048Z; " LOTTE
                              " 25655 RECEIVED 1970-01-01T00:00:00.000000049Z; ");
}

static void a_folder_that_can_not_be_used(void **state)
{
    struct fake *f = *state;
    struct role *r = NULL;
    struct err e = {0};
    char *path = log_path(f);
    copy_log(f, "rubbish", 7); /* a torn record: dropped */
    fake_start(f);
    fake_kill(f);
    copy_log(f, "00000001 00000000 x\n", 20); /* a bad record, and the last: dropped */
    fake_start(f);
    fake_until(f, 0);
    fake_kill(f);
    f->config.state_dir = path; /* a file is no folder */
    assert_int_equal(overstapsysteem_new(&f->config, fake_now(f), &r, &e), E_ENV);
    assert_true(e.set);
    free(path);
}

/* Nothing is kept without a folder: a restart begins with a full state. */
static void without_a_folder(void **state)
{
    struct fake *f = *state;
    f->config.state_dir = NULL;
    some_feed(f, 3);
    for (int i = 0; i < 2; i++) {
        fake_forget(f);
        fake_start(f);
        lotte(f);
        fake_until(f, 0);
        assert_string_equal(nth(f, OP_OPHALEN, 0)->target, "/v1/aanmeldstatussen");
        assert_string_not_equal(sees(f, "02QZ00"), "");
        fake_kill(f);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        T(goes_on_after_a_restart),
        T(killed_between_pages),
        T(a_log_cut_anywhere),
        T(a_quiet_night),
        T(compaction),
        T(a_folder_that_can_not_be_used),
        T(without_a_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
