/* The sub-command validate, by its output and exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"

#define MAIN SOURCE_DIR "/tests/cases/schema-files/main.json"

/* In place of the binary's: with it the table of all sub-commands and main() come in. */
void cli_say(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
}

static char folder[] = "/tmp/test-validate-XXXXXX";

static char *write_instance(const char *name, const char *text)
{
    char *path = xasprintf("%s/%s", folder, name);

    assert_int_equal(file_write(path, text, strlen(text), NULL), 0);
    return path;
}

/* A stream (1 or 2) into a file while a command runs. */
static int redirect(int fd, const char *path)
{
    int saved = dup(fd);

    assert_non_null(freopen(path, "w", fd == 1 ? stdout : stderr));
    return saved;
}

static void restore(int fd, int saved)
{
    fflush(fd == 1 ? stdout : stderr);
    assert_int_equal(dup2(saved, fd), fd);
    close(saved);
}

/* Runs `validate` with arguments up to NULL; *out and *said: what it wrote. */
static int validate(char **out, char **said, ...)
{
    char *argv[12] = {xstrdup("validate")};
    char *one = xasprintf("%s/out", folder), *two = xasprintf("%s/said", folder);
    int argc = 1, rc, saved_out, saved_err;
    const char *arg;
    va_list ap;

    va_start(ap, said);
    while ((arg = va_arg(ap, const char *)))
        argv[argc++] = xstrdup(arg);
    va_end(ap);
    saved_out = redirect(1, one);
    saved_err = redirect(2, two);
    rc = cmd_validate(argc, argv);
    restore(1, saved_out);
    restore(2, saved_err);
    assert_int_equal(file_read(one, 1 << 20, out, NULL, NULL), 0);
    assert_int_equal(file_read(two, 1 << 20, said, NULL, NULL), 0);
    while (argc > 0)
        free(argv[--argc]);
    free(one);
    free(two);
    return rc;
}

static void test_valid(void **state)
{
    char *good = write_instance("good.json", "{\"number\": \"123456782\"}\n");
    char *out, *said;

    (void)state;
    assert_int_equal(validate(&out, &said, MAIN, good, good, NULL), 0);
    assert_string_equal(out, "");
    assert_string_equal(said, "");
    free(out);
    free(said);
    free(good);
}

static void test_invalid(void **state)
{
    char *bad = write_instance("bad.json", "{\"number\": \"12\",\n \"kode\": 1,\n"
                                           "  \"code\": \"x\"}");
    char *want = xasprintf("%s:2:10: /kode: is not a known field here, did you mean "
                           "\"code\"?\n%s:3:11: /code: does not match the pattern "
                           "^[0-9]{2}[A-Z]{2}$\n",
                           bad, bad);
    char *out, *said;

    (void)state;
    assert_int_equal(validate(&out, &said, MAIN, bad, NULL), 1);
    assert_string_equal(out, want);
    assert_string_equal(said, "");
    free(want);
    free(out);
    free(said);
    free(bad);
}

static void test_json(void **state)
{
    char *good = write_instance("good.json", "{}"),
         *bad = write_instance("bad.json", "[]");
    char *broken = write_instance("broken.json", "{\n\"a\": 1,\n}");
    char *out, *said;
    json_t *report, *entry;

    (void)state;
    assert_int_equal(
        validate(&out, &said, "--format", "json", MAIN, good, bad, broken, NULL), 2);
    report = json_loads(out, 0, NULL);
    assert_int_equal(json_array_size(report), 3);
    entry = json_array_get(report, 0);
    assert_string_equal(json_string_value(json_object_get(entry, "file")), good);
    assert_true(json_is_true(json_object_get(entry, "valid")));
    assert_int_equal(json_array_size(json_object_get(entry, "faults")), 0);
    entry = json_array_get(json_object_get(json_array_get(report, 1), "faults"), 0);
    assert_string_equal(json_string_value(json_object_get(entry, "reden")),
                        "verkeerd-type");
    assert_string_equal(json_string_value(json_object_get(entry, "pointer")), "");
    assert_int_equal(json_integer_value(json_object_get(entry, "line")), 1);
    entry = json_array_get(report, 2);
    assert_true(json_is_false(json_object_get(entry, "valid")));
    entry = json_object_get(entry, "error");
    assert_int_equal(json_integer_value(json_object_get(entry, "line")), 3);
    assert_non_null(strstr(said, "broken.json:3:"));
    json_decref(report);
    free(out);
    free(said);
    free(good);
    free(bad);
    free(broken);
}

/* What cannot be read weighs more than what is invalid, in any order. */
static void test_unusable(void **state)
{
    char *bad = write_instance("bad.json", "[]");
    char *twice =
        write_instance("twice.json", "{\"code\": \"25LH\", \"code\": \"25LH\"}");
    char *out, *said;

    (void)state;
    assert_int_equal(validate(&out, &said, MAIN, twice, bad, NULL), 2);
    assert_non_null(strstr(said, "twice.json:1:"));
    assert_non_null(strstr(out, "bad.json:1:1: \"\": must be an object"));
    free(out);
    free(said);
    assert_int_equal(validate(&out, &said, MAIN, "/tmp/nothing-here.json", NULL), 2);
    assert_non_null(strstr(said, "nothing-here"));
    free(out);
    free(said);
    assert_int_equal(validate(&out, &said,
                              SOURCE_DIR "/tests/cases/schema-files/broken.json", bad,
                              NULL),
                     2);
    assert_non_null(
        strstr(said, "parts/broken.json:5:22: unknown keyword \"minLenght\""));
    assert_string_equal(out, "");
    free(out);
    free(said);
    free(bad);
    free(twice);
}

static void test_formats(void **state)
{
    char *schema = write_instance("schema.json", "{\"format\": \"date\"}");
    char *bad = write_instance("bad.json", "\"2023-02-30\"");
    char *out, *said;

    (void)state;
    assert_int_equal(validate(&out, &said, schema, bad, NULL), 1);
    free(out);
    free(said);
    assert_int_equal(validate(&out, &said, schema, bad, "--formats", "annotation", NULL),
                     0);
    free(out);
    free(said);
    free(schema);
    free(bad);
}

static void test_arguments(void **state)
{
    char *out, *said;

    (void)state;
    assert_int_equal(validate(&out, &said, MAIN, NULL), 2);
    assert_non_null(strstr(said, "at least one instance"));
    free(out);
    free(said);
    assert_int_equal(validate(&out, &said, "--format", "xml", MAIN, MAIN, NULL), 2);
    assert_non_null(strstr(said, "text or json"));
    free(out);
    free(said);
    assert_int_equal(validate(&out, &said, "--formats=x", MAIN, MAIN, NULL), 2);
    assert_non_null(strstr(said, "assert or annotation"));
    free(out);
    free(said);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return file_rmtree(folder, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),   cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_json),    cmocka_unit_test(test_unusable),
        cmocka_unit_test(test_formats), cmocka_unit_test(test_arguments),
    };

    mem_install();
    return cmocka_run_group_tests_name("validate", tests, make_folder, remove_folder);
}
