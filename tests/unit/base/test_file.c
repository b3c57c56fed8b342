#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"

static char *in(void **state, const char *name)
{
    return xasprintf("%s/%s", (const char *)*state, name);
}

static int make_folder(void **state)
{
    char path[] = "/tmp/koppelproef-file-XXXXXX";

    if (!mkdtemp(path))
        return -1;
    *state = xstrdup(path);
    return 0;
}

static int remove_folder(void **state)
{
    int rc = file_rmtree(*state, NULL);

    free(*state);
    return rc;
}

static void what_is_written_is_read(void **state)
{
    char *path = in(state, "a"), *text = NULL;
    size_t n = 0;
    struct err e = {0};

    assert_int_equal(file_write(path, "a\0b", 3, &e), 0);
    assert_int_equal(file_read(path, 3, &text, &n, &e), 0);
    assert_int_equal(n, 3);
    assert_memory_equal(text, "a\0b", 4);
    free(text);
    assert_int_equal(file_write(path, NULL, 0, &e), 0); /* replaces */
    assert_int_equal(file_read(path, 0, &text, &n, &e), 0);
    assert_int_equal(n, 0);
    assert_string_equal(text, "");
    free(text);
    assert_false(e.set);
    free(path);
}

static void writing_leaves_no_temporary_file(void **state)
{
    char *path = in(state, "a"), *below = in(state, "a/b"), **names = NULL;
    size_t n = 0;
    struct err e = {0};

    assert_int_equal(file_write(path, "x", 1, &e), 0);
    assert_int_equal(file_write(below, "x", 1, &e), E_ENV); /* a is no folder */
    assert_non_null(strstr(e.text, below));
    assert_int_equal(file_list(*state, &names, &n, NULL), 0);
    assert_int_equal(n, 1);
    assert_string_equal(names[0], "a");
    free(names[0]);
    free(names);
    free(path);
    free(below);
}

/* Through links, so that the devices themselves are out of reach of any mistake. */
static void devices_are_written_to_and_not_replaced(void **state)
{
    char *null = in(state, "null"), *full = in(state, "full");
    struct err e = {0};
    struct stat st;

    assert_int_equal(symlink("/dev/null", null), 0);
    assert_int_equal(symlink("/dev/full", full), 0);
    assert_int_equal(file_write(null, "x", 1, &e), 0);
    assert_int_equal(lstat(null, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(file_write(full, "x", 1, &e), E_ENV);
    assert_non_null(strstr(e.text, "No space left"));
    free(null);
    free(full);
}

static void reading_errors_name_the_file(void **state)
{
    char *path = in(state, "none"), *big = in(state, "big"), *text = (char *)state;
    size_t n = 42;
    struct err e = {0};

    assert_int_equal(file_read(path, 10, &text, &n, &e), E_NOTFOUND);
    assert_non_null(strstr(e.text, path));
    assert_ptr_equal(text, state);
    assert_int_equal(n, 42);
    err_clear(&e);
    assert_int_equal(file_write(big, "12345", 5, NULL), 0);
    assert_int_equal(file_read(big, 4, &text, &n, &e), E_TOOBIG);
    assert_non_null(strstr(e.text, "4 bytes"));
    err_clear(&e);
    assert_int_equal(file_read(*state, 4, &text, &n, &e), E_ENV); /* a folder */
    free(path);
    free(big);
}

static void folders_are_made_and_removed(void **state)
{
    char *deep = in(state, "x/y/z"), *file = in(state, "x/y/z/f"), *top = in(state, "x");
    char *link = in(state, "x/link"), *keep = in(state, "keep"),
         *kept = in(state, "keep/f");
    struct err e = {0};

    assert_int_equal(file_mkdirs(deep, &e), 0);
    assert_int_equal(file_mkdirs(deep, &e), 0);
    assert_int_equal(file_mkdirs(keep, &e), 0);
    assert_int_equal(file_write(file, "x", 1, &e), 0);
    assert_int_equal(file_write(kept, "x", 1, &e), 0);
    assert_int_equal(symlink(keep, link), 0);
    assert_int_equal(file_mkdirs(file, &e), E_ENV); /* a file stands there */
    err_clear(&e);
    assert_int_equal(file_rmtree(top, &e), 0);
    assert_int_equal(access(top, F_OK), -1);
    assert_int_equal(access(kept, F_OK), 0); /* the link was not followed */
    assert_int_equal(file_rmtree(top, &e), 0);
    assert_false(e.set);
    free(deep);
    free(file);
    free(top);
    free(link);
    free(keep);
    free(kept);
}

static void paths_are_taken_beside_a_file(void **state)
{
    static const char *const rows[][3] = {
        {"a/b.json", "c.json", "a/c.json"}, {"b.json", "c.json", "c.json"},
        {"/b.json", "c.json", "/c.json"},   {"a/b.json", "/c.json", "/c.json"},
        {"a/b/c", "../d", "a/b/../d"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *s = file_beside(rows[i][0], rows[i][1]);

        assert_string_equal(s, rows[i][2]);
        free(s);
    }
}

static void lists_are_sorted_and_without_dot_files(void **state)
{
    static const char *const names[] = {"b", ".hidden", "a", "C"};
    static const char *const wanted[] = {"C", "a", "b"};
    char **found = NULL, *none = in(state, "none");
    size_t n = 0;
    struct err e = {0};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *path = in(state, names[i]);

        assert_int_equal(file_write(path, "", 0, NULL), 0);
        free(path);
    }
    assert_int_equal(file_list(*state, &found, &n, &e), 0);
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(found[i], wanted[i]);
        free(found[i]);
    }
    free(found);
    assert_int_equal(file_list(none, &found, &n, &e), E_NOTFOUND);
    free(none);
}

static void json_faults_have_line_and_column(void **state)
{
    static const struct {
        const char *text;
        int line, column;
        const char *says;
    } rows[] = {
        {"{\n  \"a\": 1,\n  \"b\": }", 3, 8, "unexpected token"},
        {"{\"a\":1,\"a\":2}", 1, 10, "duplicate"},
        {"{} x", 1, 4, "end of file expected"},
        {"[\"\xFF\"]", 1, 2, "decode byte 0xff"},
        {"", 1, 1, ""},
        {"[1,\n2", 2, 1, "expected near end of file"},
    };
    char *path = in(state, "a.json");

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_t *json = (json_t *)state;
        struct err e = {0};

        assert_int_equal(file_write(path, rows[i].text, strlen(rows[i].text), NULL), 0);
        assert_int_equal(file_read_json(path, &json, &e), E_INVALID);
        assert_ptr_equal(json, state);
        assert_string_equal(e.file, path);
        assert_int_equal(e.line, rows[i].line);
        assert_int_equal(e.column, rows[i].column);
        if (!strcasestr(e.text, rows[i].says))
            fail_msg("\"%s\" does not say \"%s\"", e.text, rows[i].says);
    }
    free(path);
}

static void good_json_is_read(void **state)
{
    char *path = in(state, "a.json");
    json_t *json = NULL;

    assert_int_equal(file_write(path, "{\"b\":1,\"a\":[]}\n", 15, NULL), 0);
    assert_int_equal(file_read_json(path, &json, NULL), 0);
    assert_int_equal(json_integer_value(json_object_get(json, "b")), 1);
    json_decref(json);
    free(path);
}

int main(void)
{
#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_is_written_is_read),
        IN_FOLDER(writing_leaves_no_temporary_file),
        IN_FOLDER(devices_are_written_to_and_not_replaced),
        IN_FOLDER(reading_errors_name_the_file),
        IN_FOLDER(folders_are_made_and_removed),
        cmocka_unit_test(paths_are_taken_beside_a_file),
        IN_FOLDER(lists_are_sorted_and_without_dot_files),
        IN_FOLDER(json_faults_have_line_and_column),
        IN_FOLDER(good_json_is_read),
    };

    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
