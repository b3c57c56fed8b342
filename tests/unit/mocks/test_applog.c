/* The append log: what was acknowledged is there again, what was torn is not. */
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
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "mocks/applog.h"

static char dir[64], path[80];

static int setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/koppelproef-applog-XXXXXX");
    if (!mkdtemp(dir))
        return 1;
    snprintf(path, sizeof path, "%s/log", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    return file_rmtree(dir, NULL);
}

static int collect(void *arg, const char *p, size_t n, struct err *e)
{
    struct buf *b = arg;
    (void)e;
    buf_add(b, p, n);
    buf_addc(b, '|');
    return 0;
}

/* Opens; the records that came back, joined with '|'. */
static struct applog *reopen(struct buf *b)
{
    struct applog *l = NULL;
    struct err e = {0};
    buf_init(b, 1 << 20);
    buf_adds(b, "");
    assert_int_equal(applog_open(path, false, collect, b, &l, &e), 0);
    return l;
}

static void assert_records(const char *expected)
{
    struct buf b;
    applog_close(reopen(&b));
    assert_string_equal(b.p ? b.p : "", expected);
    buf_done(&b);
}

static void append(struct applog *l, const char *s)
{
    assert_int_equal(applog_append(l, s, strlen(s), NULL), 0);
}

static uint64_t file_size(void)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return (uint64_t)st.st_size;
}

static void records_come_back_in_order(void **state)
{
    (void)state;
    struct buf b;
    struct applog *l = reopen(&b);
    append(l, "{\"a\":1}");
    append(l, "");
    append(l, "{\"b\":2}");
    assert_int_equal(applog_size(l), file_size());
    applog_close(l);
    buf_done(&b);
    assert_records("{\"a\":1}||{\"b\":2}|");
    l = reopen(&b);
    append(l, "c");
    applog_close(l);
    buf_done(&b);
    assert_records("{\"a\":1}||{\"b\":2}|c|");
}

static void a_torn_end_is_dropped_wherever_it_tore(void **state)
{
    (void)state;
    struct buf b;
    struct applog *l = reopen(&b);
    append(l, "first");
    uint64_t whole = file_size();
    append(l, "second");
    uint64_t both = file_size();
    applog_close(l);
    buf_done(&b);
    char *bytes;
    size_t n;
    assert_int_equal(file_read(path, 1 << 20, &bytes, &n, NULL), 0);
    for (uint64_t cut = whole; cut < both; cut++) {
        assert_int_equal(file_write(path, bytes, cut, NULL), 0);
        assert_records("first|");
        assert_int_equal(file_size(), whole);
        /* And it goes on behind the last whole one. */
        l = reopen(&b);
        append(l, "third");
        applog_close(l);
        buf_done(&b);
        assert_records("first|third|");
    }
    /* All bytes there, but not the right ones. */
    bytes[n - 2] ^= 1;
    assert_int_equal(file_write(path, bytes, n, NULL), 0);
    assert_records("first|");
    free(bytes);
}

static void damage_before_the_end_is_refused(void **state)
{
    (void)state;
    struct buf b;
    struct applog *l = reopen(&b);
    append(l, "first");
    append(l, "second");
    applog_close(l);
    buf_done(&b);
    char *bytes;
    size_t n;
    assert_int_equal(file_read(path, 1 << 20, &bytes, &n, NULL), 0);
    bytes[18] ^= 1; /* in the first payload */
    assert_int_equal(file_write(path, bytes, n, NULL), 0);
    free(bytes);
    struct err e = {0};
    buf_init(&b, 1 << 20);
    assert_int_equal(applog_open(path, false, collect, &b, &l, &e), E_ENV);
    assert_non_null(strstr(e.text, "damaged at byte 0"));
    assert_int_equal(file_size(), n); /* nothing was thrown away */
    buf_done(&b);
}

static int refuse(void *arg, const char *p, size_t n, struct err *e)
{
    (void)arg;
    (void)p;
    (void)n;
    return err_set(e, E_INVALID, "not mine");
}

static void a_record_may_be_refused(void **state)
{
    (void)state;
    struct buf b;
    struct applog *l = reopen(&b);
    append(l, "first");
    applog_close(l);
    buf_done(&b);
    struct err e = {0};
    assert_int_equal(applog_open(path, false, refuse, NULL, &l, &e), E_INVALID);
    assert_string_equal(e.text, "not mine");
    assert_string_equal(e.file, path);
}

static void one_process_at_a_time(void **state)
{
    (void)state;
    struct buf b;
    struct applog *l = reopen(&b), *other = NULL;
    struct err e = {0};
    assert_int_equal(applog_open(path, false, collect, &b, &other, &e), E_ENV);
    assert_non_null(strstr(e.text, "in use"));
    assert_null(other);
    applog_close(l);
    buf_done(&b);
    assert_records("");
}

/* A disk that is full, by the limit on a file's size. */
static void a_failed_write_leaves_nothing(void **state)
{
    (void)state;
    struct buf b;
    struct applog *l = reopen(&b);
    struct rlimit old, small;
    struct err e = {0};
    append(l, "first");
    uint64_t size = file_size();
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = size + 10; /* room for a part of it */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int rc = applog_append(l, "second", 6, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(rc, E_ENV);
    assert_true(e.set);
    assert_int_equal(file_size(), size);
    append(l, "third"); /* there is room again */
    applog_close(l);
    buf_done(&b);
    assert_records("first|third|");
}

static void an_absent_folder_is_an_error(void **state)
{
    (void)state;
    struct applog *l = NULL;
    struct err e = {0};
    snprintf(path, sizeof path, "%s/absent/log", dir);
    assert_int_equal(applog_open(path, false, refuse, NULL, &l, &e), E_ENV);
    assert_non_null(strstr(e.text, path));
}

static void it_can_sync(void **state)
{
    (void)state;
    struct applog *l = NULL;
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(applog_open(path, true, collect, &b, &l, NULL), 0);
    append(l, "first");
    applog_close(l);
    buf_done(&b);
    assert_records("first|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_come_back_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_torn_end_is_dropped_wherever_it_tore, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(damage_before_the_end_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_record_may_be_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(one_process_at_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_write_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(an_absent_folder_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(it_can_sync, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
