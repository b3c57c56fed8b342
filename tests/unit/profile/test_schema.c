/*
 * JSON Schema: every case of tests/cases/schema, in the form of the official test suite
 * ([{description, schema, tests: [{description, data, valid}]}]) with four additions:
 *   "others"   documents that may be referred to
 *   "formats"  "annotation": `format` is not asserted
 *   "refused"  instead of tests: the pointer at which loading must fail, with "says", a
 *              part of the message
 *   "faults"   in a test: the faults that must be found, each "pointer keyword reden"
 * With KOPPELPROEF_SCHEMA_SUITE set to a copy of the official suite that runs as well.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/profile/schema.h"

#define CASES SOURCE_DIR "/tests/cases/schema"

static unsigned wrong, done;

__attribute__((format(printf, 1, 2))) static void complain(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    wrong++;
}

static const char *text_of(const json_t *v, const char *key)
{
    const char *s = json_string_value(json_object_get(v, key));

    return s ? s : "";
}

static void check_refused(const char *file, const json_t *group)
{
    const char *pointer = json_string_value(json_object_get(group, "refused"));
    const char *says = text_of(group, "says"), *what = text_of(group, "description");
    struct schema *s = NULL;
    struct err e = {0};
    int rc = schema_compile(json_object_get(group, "schema"), "test:schema",
                            json_object_get(group, "others"), &s, &e);

    done++;
    if (rc != E_INVALID) {
        complain("%s: %s: was not refused", file, what);
        schema_free(s);
    } else if (strcmp(e.pointer, pointer) != 0) {
        complain("%s: %s: refused at \"%s\": %s", file, what, e.pointer, e.text);
    } else if (!strstr(e.text, says)) {
        complain("%s: %s: says \"%s\"", file, what, e.text);
    }
}

/* Faults as "pointer keyword reden" lines. */
static void compare_faults(const char *file, const char *what, const json_t *want,
                           const json_t *got)
{
    struct buf left, right;
    size_t i;
    json_t *f;

    buf_init(&left, 1 << 20);
    buf_init(&right, 1 << 20);
    json_array_foreach (want, i, f)
        buf_addf(&left, "%s\n", json_string_value(f));
    json_array_foreach (got, i, f)
        buf_addf(&right, "%s %s %s\n", text_of(f, "pointer"), text_of(f, "keyword"),
                 text_of(f, "reden"));
    if (left.n != right.n || (left.n && memcmp(left.p, right.p, left.n) != 0))
        complain("%s: %s: faults\n%sare not\n%s", file, what, right.n ? right.p : "",
                 left.n ? left.p : "");
    buf_done(&left);
    buf_done(&right);
}

static void check_instance(const char *file, const struct schema *s, const char *group,
                           const json_t *test)
{
    const json_t *data = json_object_get(test, "data"), *want;
    bool valid = json_is_true(json_object_get(test, "valid"));
    json_t *faults = json_array();
    char *what = xasprintf("%s: %s", group, text_of(test, "description"));
    bool quick = schema_valid(s, data, NULL, 0);
    bool full = schema_valid(s, data, faults, 0);

    done++;
    if (quick != valid)
        complain("%s: %s: %s", file, what,
                 quick ? "is called valid" : "is called invalid");
    if (full != quick || full != (json_array_size(faults) == 0))
        complain("%s: %s: %s with %zu faults", file, what, full ? "valid" : "invalid",
                 json_array_size(faults));
    want = json_object_get(test, "faults");
    if (want)
        compare_faults(file, what, want, faults);
    free(what);
    json_decref(faults);
}

static void check_group(const char *file, const json_t *group, unsigned flags,
                        const json_t *others)
{
    struct schema *s;
    struct err e = {0};
    const json_t *test;
    size_t i;

    if (strcmp(text_of(group, "formats"), "annotation") == 0)
        flags |= SCHEMA_FORMAT_ANNOTATION;
    if (schema_compile_as(json_object_get(group, "schema"), "test:schema", others, flags,
                          &s, &e)) {
        char *sentence = err_sentence(&e);

        complain("%s: %s: %s", file, text_of(group, "description"), sentence);
        free(sentence);
        return;
    }
    json_array_foreach (json_object_get(group, "tests"), i, test)
        check_instance(file, s, text_of(group, "description"), test);
    schema_free(s);
}

static void test_cases(void **state)
{
    struct err e = {0};
    char **names;
    size_t n;

    (void)state;
    wrong = done = 0;
    assert_int_equal(file_list(CASES, &names, &n, &e), 0);
    for (size_t i = 0; i < n; i++) {
        char *path = xasprintf("%s/%s", CASES, names[i]);
        json_t *groups, *group;
        size_t k;

        if (file_read_json(path, &groups, &e))
            fail_msg("%s:%d: %s", path, e.line, e.text);
        json_array_foreach (groups, k, group) {
            if (json_object_get(group, "refused"))
                check_refused(names[i], group);
            else
                check_group(names[i], group, 0, json_object_get(group, "others"));
        }
        json_decref(groups);
        free(path);
        free(names[i]);
    }
    free(names);
    assert_true(done > 100);
    assert_int_equal(wrong, 0);
}
