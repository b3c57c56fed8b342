/* Archives: the same files give the same bytes, and no byte can be changed unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/base/tarball.h"

struct bench {
    char folder[64], *path;
    char *bytes; /* of the archive */
    size_t n;
};

static const struct tarball_limits wide = {1 << 30, 1000, 2000};

static int make_bench(void **state)
{
    struct bench *b = xcalloc(1, sizeof *b);

    snprintf(b->folder, sizeof b->folder, "/tmp/koppelproef-tarball-XXXXXX");
    if (!mkdtemp(b->folder))
        return -1;
    b->path = xasprintf("%s/a.tar.gz", b->folder);
    *state = b;
    return 0;
}

static int remove_bench(void **state)
{
    struct bench *b = *state;
    int rc = file_rmtree(b->folder, NULL);

    free(b->path);
    free(b->bytes);
    free(b);
    return rc;
}

/* Three files: a text, nothing, and more than a chunk. */
static char big[200000];

static void write_one(struct bench *b)
{
    struct tarball_writer *w = NULL;
    struct err e = {0};
    char *file = xasprintf("%s/big", b->folder);

    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)(i * i / 7);
    assert_int_equal(file_write(file, big, sizeof big, NULL), 0);
    if (tarball_create(b->path, &w, &e) || tarball_add(w, "a.txt", "hello", 5, &e) ||
        tarball_add(w, "folder/empty", "", 0, &e) ||
        tarball_add_file(w, "folder/big", file, &e) || tarball_finish(w, &e))
        fail_msg("%s", e.text);
    free(b->bytes);
    b->bytes = NULL;
    assert_int_equal(file_read(b->path, 1 << 24, &b->bytes, &b->n, NULL), 0);
    assert_int_equal(unlink(file), 0);
    free(file);
}

/* Names, sizes and the digests of all entries, in one text. */
struct seen {
    struct bench *b;
    char text[2000];
    bool save, repacked;
    int stop;
};

static int see(void *arg, struct tarball_entry *t, struct err *e)
{
    struct seen *s = arg;
    char *path = xasprintf("%s/out", s->b->folder), digest[65] = "";
    size_t n = strlen(s->text);
    int rc = s->save ? tarball_save(t, path, digest, e) : 0;

    snprintf(s->text + n, sizeof s->text - n, "%s %d %.8s\n", tarball_name(t),
             (int)tarball_size(t), digest);
    unlink(path);
    free(path);
    return rc ? rc : s->stop;
}

static int read_it(struct bench *b, const struct tarball_limits *l, struct seen *s,
                   struct err *e)
{
    *s = (struct seen){.b = b, .save = true};
    return tarball_read(b->path, l, see, s, &s->repacked, e);
}

static void files_come_back(void **state)
{
    struct bench *b = *state;
    struct err e = {0};
    struct seen s;
    char sum[65], *wanted;

    write_one(b);
    assert_int_equal(read_it(b, &wide, &s, &e), 0);
    digest_hex(big, sizeof big, sum);
    wanted = xasprintf(
        "a.txt 5 2cf24dba\nfolder/empty 0 e3b0c442\nfolder/big 200000 %.8s\n", sum);
    assert_string_equal(s.text, wanted);
    assert_false(s.repacked);
    free(wanted);
    s = (struct seen){.b = b};
    assert_int_equal(tarball_read(b->path, &wide, see, &s, NULL, &e), 0);
    assert_non_null(strstr(s.text, "folder/big 200000"));
    s = (struct seen){.b = b, .stop = -77};
    assert_int_equal(tarball_read(b->path, &wide, see, &s, NULL, &e), -77);
    assert_string_equal(s.text, "a.txt 5 \n");
}

static void the_same_files_give_the_same_bytes(void **state)
{
    struct bench *b = *state;
    char *first;
    size_t n;

    write_one(b);
    first = xmemdup(b->bytes, b->n);
    n = b->n;
    write_one(b);
    assert_int_equal(b->n, n);
    assert_memory_equal(b->bytes, first, n);
    free(first);
}

/* Each byte in turn (of the middle a sample): either it is refused, or another file came
 * out, or at least it is not what we would have packed. */
static void a_changed_byte_is_seen(void **state)
{
    struct bench *b = *state;
    struct seen good, s;
    size_t step = 1, tried = 0;

    write_one(b);
    assert_int_equal(read_it(b, &wide, &good, NULL), 0);
    for (size_t i = 0; i < b->n; i += step, tried++) {
        struct err e = {0};

        step = i > 400 && i + 400 < b->n ? 397 : 1;
        b->bytes[i] ^= 0x10;
        assert_int_equal(file_write(b->path, b->bytes, b->n, NULL), 0);
        int rc = read_it(b, &wide, &s, &e);
        if (!rc && strcmp(s.text, good.text) == 0 && !s.repacked)
            fail_msg("byte %zu of %zu", i, b->n);
        if (rc)
            assert_true(e.set && strstr(e.text, b->path));
        b->bytes[i] ^= 0x10;
    }
    assert_true(tried > 500);
}

static void a_cut_archive_is_seen(void **state)
{
    struct bench *b = *state;
    struct seen s;

    write_one(b);
    for (size_t n = 0; n<b->n; n += n + 300> b->n || n < 100 ? 1 : 331) {
        struct err e = {0};

        assert_int_equal(file_write(b->path, b->bytes, n, NULL), 0);
        assert_int_equal(read_it(b, &wide, &s, &e), E_INVALID);
        assert_non_null(strstr(e.text, n < 10 ? "no gzip" : "cut off"));
    }
    struct err e = {0};
    b->bytes = xrealloc(b->bytes, b->n + 1);
    b->bytes[b->n] = 'x';
    assert_int_equal(file_write(b->path, b->bytes, b->n + 1, NULL), 0);
    assert_int_equal(read_it(b, &wide, &s, &e), E_INVALID);
    assert_non_null(strstr(e.text, "goes on behind its end"));
}

static void limits_hold(void **state)
{
    struct bench *b = *state;
    struct tarball_limits l = {100000, 1000, 2000};
    struct err e = {0};
    struct seen s;

    write_one(b);
    assert_int_equal(read_it(b, &l, &s, &e), E_TOOBIG);
    assert_non_null(strstr(e.text, "more than 100000 bytes"));
    err_clear(&e);
    l = (struct tarball_limits){1 << 30, 2, 2000};
    assert_int_equal(read_it(b, &l, &s, &e), E_TOOBIG);
    assert_non_null(strstr(e.text, "more than 2 files"));
}

/* A few KB that would become 100 MB. */
static void a_bomb_does_not_go_off(void **state)
{
    struct bench *b = *state;
    struct tarball_limits l = {1 << 30, 1000, 200};
    struct tarball_writer *w = NULL;
    char *zeros = xcalloc(1, 100 << 20);
    struct err e = {0};
    struct seen s;

    assert_int_equal(tarball_create(b->path, &w, &e), 0);
    assert_int_equal(tarball_add(w, "zeros", zeros, 100 << 20, &e), 0);
    assert_int_equal(tarball_finish(w, &e), 0);
    free(zeros);
    assert_int_equal(read_it(b, &l, &s, &e), E_TOOBIG);
    assert_non_null(strstr(e.text, "would unpack to more than"));
}

static void names_stay_below(void **state)
{
    static const char *const bad[] = {"",     "/a",   "..",  "../a", "a/../b",
                                      "a/..", "a//b", "./a", "a/.",  "a/"};
    struct bench *b = *state;
    struct tarball_writer *w = NULL;
    struct err e = {0};
    struct seen s;
    char name[300];

    assert_int_equal(tarball_create(b->path, &w, &e), 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(tarball_add(w, bad[i], "x", 1, NULL), E_TOOBIG);
    memset(name, 'n', sizeof name);
    name[101] = 0;
    assert_int_equal(tarball_add(w, name, "x", 1, NULL), E_TOOBIG);
    name[50] = '/'; /* a prefix of 50, a name of 50 */
    assert_int_equal(tarball_add(w, name, "x", 1, NULL), 0);
    assert_int_equal(tarball_add(w, "..a/b..", "x", 1, NULL), 0);
    assert_int_equal(tarball_finish(w, &e), 0);
    assert_int_equal(read_it(b, &wide, &s, &e), 0);
    assert_memory_equal(s.text, name, 101);
    assert_non_null(strstr(s.text, "..a/b.. 1 "));
}

static void nothing_is_left_of_what_was_dropped(void **state)
{
    struct bench *b = *state;
    struct tarball_writer *w = NULL;
    char **names = NULL;
    size_t n = 0;
    struct err e = {0};

    assert_int_equal(tarball_create(b->path, &w, NULL), 0);
    assert_int_equal(tarball_add(w, "a", "x", 1, NULL), 0);
    tarball_drop(w);
    tarball_drop(NULL);
    assert_int_equal(file_list(b->folder, &names, &n, NULL), 0);
    assert_int_equal(n, 0);
    free(names);
    assert_int_equal(tarball_create("/nowhere/a.tar.gz", &w, &e), E_ENV);
    err_clear(&e);
    assert_int_equal(tarball_read("/nowhere/a.tar.gz", &wide, see, NULL, NULL, &e),
                     E_NOTFOUND);
}

int main(void)
{
#define WITH_BENCH(f) cmocka_unit_test_setup_teardown(f, make_bench, remove_bench)
    const struct CMUnitTest tests[] = {
        WITH_BENCH(files_come_back),
        WITH_BENCH(the_same_files_give_the_same_bytes),
        WITH_BENCH(a_changed_byte_is_seen),
        WITH_BENCH(a_cut_archive_is_seen),
        WITH_BENCH(limits_hold),
        WITH_BENCH(a_bomb_does_not_go_off),
        WITH_BENCH(names_stay_below),
        WITH_BENCH(nothing_is_left_of_what_was_dropped),
    };

    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
