/*
 * JSON Schema: every case of tests/cases/schema, in the form of the official test suite
 * ([{description, schema, tests: [{description, data, valid}]}]) with four additions:
 *   "others"   documents that may be referred to
 *   "formats"  "annotation": `format` is not asserted
 *   "refused"  instead of tests: the pointer at which loading must fail, with "says", a
 *              part of the message
 *   "faults"   in a test: the faults that must be found, each "pointer keyword reden"
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/flat.h"
#include "harness/base/mem.h"
#include "harness/profile/schema.h"

#define CASES SOURCE_DIR "/tests/cases/schema"

static unsigned wrong, done, laid_flat, sure;

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

/* What is said of the same instance laid flat may be unsure, and is never wrong. */
static void check_flat(const char *file, const struct schema *s, const char *what,
                       const json_t *data, bool valid)
{
    char *text = json_dumps(data, JSON_ENCODE_ANY);
    struct flat f;
    flat_init(&f);
    if (flat_read(&f, text, strlen(text))) {
        enum schema_says says = schema_says_flat(s, &f);
        laid_flat++;
        sure += says != SCHEMA_UNSURE;
        if (says != SCHEMA_UNSURE && (says == SCHEMA_VALID) != valid)
            complain("%s: %s: %s when laid flat", file, what,
                     valid ? "is called invalid" : "is called valid");
    }
    flat_done(&f);
    free(text);
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
    check_flat(file, s, what, data, valid);
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
    wrong = done = laid_flat = sure = 0;
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
    /* Most of what the contract's schemas are made of: else nothing is gained. */
    if (laid_flat < done / 3 || sure < laid_flat / 3)
        fail_msg("of %u cases %u can be laid flat, and of %u it is sure", done, laid_flat,
                 sure);
    assert_int_equal(wrong, 0);
}

static struct schema *compile(const char *text)
{
    json_error_t why;
    json_t *json = json_loads(text, JSON_DECODE_ANY, &why);
    struct schema *s = NULL;
    struct err e = {0};

    if (!json)
        fail_msg("%s", why.text);
    if (schema_compile(json, "test:schema", NULL, &s, &e))
        fail_msg("%s", e.text);
    json_decref(json);
    return s;
}

static json_t *parse(const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);

    assert_non_null(json);
    return json;
}

/* The n-th fault's word, "" when there are fewer. */
static const char *fault(const json_t *faults, size_t n, const char *key)
{
    return text_of(json_array_get(faults, n), key);
}

/* Every supported keyword stands in some case, as a member's name. */
static void test_keywords_have_cases(void **state)
{
    struct buf all;
    char **names;
    size_t n;

    (void)state;
    buf_init(&all, 1 << 24);
    assert_int_equal(file_list(CASES, &names, &n, NULL), 0);
    for (size_t i = 0; i < n; i++) {
        char *path = xasprintf("%s/%s", CASES, names[i]), *text;
        size_t size;

        assert_int_equal(file_read(path, 1 << 24, &text, &size, NULL), 0);
        buf_add(&all, text, size);
        free(text);
        free(path);
        free(names[i]);
    }
    free(names);
    for (n = 0; schema_keywords[n]; n++) {
        char *member = xasprintf("\"%s\":", schema_keywords[n]);

        if (!strstr(all.p, member))
            fail_msg("no case has %s", member);
        free(member);
    }
    assert_true(n > 50);
    buf_done(&all);
}

static void test_texts(void **state)
{
    struct schema *s =
        compile("{\"properties\":{\"status\":{\"enum\":[\"A\",\"B\"]},\"bsn\":{\"type\":"
                "\"string\"},"
                "\"n\":{\"minimum\":1.5},\"x\":{\"type\":[\"integer\",\"null\"]}},"
                "\"required\":[\"status\"],\"additionalProperties\":false,"
                "\"anyOf\":[{\"required\":[\"a\",\"b\"]},{\"required\":[\"c\"]}]}");
    json_t *v = parse("{\"statos\":\"A\",\"bsn\":123456782,\"n\":1,\"x\":\"y\"}");
    json_t *f = json_array();

    (void)state;
    assert_false(schema_valid(s, v, f, 0));
    assert_string_equal(fault(f, 0, "text"), "\"status\" is required");
    assert_string_equal(fault(f, 0, "pointer"), "/status");
    assert_string_equal(fault(f, 0, "schema"), "/required");
    assert_string_equal(fault(f, 1, "text"), "needs one of \"a\" and \"b\", \"c\"");
    assert_string_equal(fault(f, 2, "text"),
                        "is not a known field here, did you mean \"status\"?");
    assert_string_equal(fault(f, 3, "text"), "must be a string, is an integer");
    assert_string_equal(fault(f, 3, "schema"), "/properties/bsn/type");
    assert_string_equal(fault(f, 4, "text"), "must be at least 1.5");
    assert_string_equal(fault(f, 5, "text"), "must be an integer or null, is a string");
    assert_int_equal(json_array_size(f), 6);
    json_decref(f);
    json_decref(v);
    schema_free(s);
}

/* A text is part of problem documents and reports: no value of the instance in it. */
static void test_texts_hold_no_values(void **state)
{
    struct schema *s = compile(
        "{\"items\":{\"anyOf\":[{\"const\":\"a\"},{\"pattern\":\"^b\",\"maxLength\":2,"
        "\"enum\":[\"x\"],\"format\":\"uuid\"}],\"not\":{\"minLength\":1},"
        "\"oneOf\":[true,true]},\"uniqueItems\":true}");
    json_t *v = parse("[\"123456782\",\"123456782\",123456782]");
    json_t *f = json_array();
    char *text;

    (void)state;
    assert_false(schema_valid(s, v, f, 0));
    assert_true(json_array_size(f) > 4);
    text = json_dumps(f, 0);
    assert_null(strstr(text, "123456782"));
    free(text);
    json_decref(f);
    json_decref(v);
    schema_free(s);
}

static void test_faults_are_bounded(void **state)
{
    struct schema *s = compile("{\"allOf\":[{\"items\":{\"maximum\":0}},"
                               "{\"items\":{\"multipleOf\":3}}]}");
    json_t *v = json_array(), *f = json_array();

    (void)state;
    for (int i = 0; i < 5000; i++)
        json_array_append_new(v, json_integer(i % 2 ? 4 : 0));
    assert_false(schema_valid(s, v, f, 4));
    assert_int_equal(json_array_size(f), 4);
    /* by place, not by the order in which the two lists were gone through */
    assert_string_equal(fault(f, 0, "pointer"), "/1");
    assert_string_equal(fault(f, 0, "keyword"), "maximum");
    assert_string_equal(fault(f, 2, "pointer"), "/3");
    json_array_clear(f);
    assert_false(schema_valid(s, v, f, 0));
    assert_int_equal(json_array_size(f), 1000);
    assert_false(schema_valid(s, v, NULL, 0));
    json_decref(f);
    json_decref(v);
    schema_free(s);
}

/* `depth` objects or arrays, one in the other, around `core`. */
static json_t *nested(const char *key, size_t depth, json_t *core)
{
    for (size_t i = 0; i < depth; i++) {
        json_t *outer = key ? json_object() : json_array();

        if (key)
            json_object_set_new(outer, key, core);
        else
            json_array_append_new(outer, core);
        core = outer;
    }
    return core;
}

static void test_deep_instances(void **state)
{
    struct schema *s =
        compile("{\"type\":[\"array\",\"string\"],\"anyOf\":[{\"type\":\"string\"},"
                "{\"items\":{\"$ref\":\"#\"}}],\"allOf\":[{\"$ref\":\"#/$defs/a\"}],"
                "\"$defs\":{\"a\":{\"maxItems\":1}}}");
    struct schema *plain =
        compile("{\"type\":[\"array\",\"string\"],\"items\":{\"$ref\":\"#\"}}");
    json_t *good = nested(NULL, 2040, json_string("a")), *f = json_array();
    json_t *bad = nested(NULL, 2040, json_integer(1));
    json_t *half = nested(NULL, 1000, json_string("a"));

    (void)state;
    assert_true(schema_valid(plain, good, f, 0));
    assert_true(schema_valid(s, half, f, 0));
    assert_int_equal(json_array_size(f), 0);
    assert_false(schema_valid(plain, bad, f, 0));
    assert_int_equal(json_array_size(f), 1);
    assert_int_equal(strlen(fault(f, 0, "pointer")), 2040 * 2);
    assert_string_equal(fault(f, 0, "reden"), "verkeerd-type");
    assert_false(schema_valid(s, bad, NULL, 0));
    /* more than the limit is said, not passed over */
    json_array_clear(f);
    assert_false(schema_valid(s, good, f, 0));
    assert_int_equal(json_array_size(f), 1);
    assert_string_equal(fault(f, 0, "reden"), "te-zwaar");
    json_decref(f);
    json_decref(half);
    json_decref(good);
    json_decref(bad);
    schema_free(s);
    schema_free(plain);
}

static void test_deep_schema_by_its_meta_schema(void **state)
{
    struct schema *s =
        compile("{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}");
    json_t *good = nested("not", 900, json_true()),
           *bad = nested("not", 900, json_null());
    json_t *f = json_array();

    (void)state;
    assert_true(schema_valid(s, good, f, 0));
    assert_false(schema_valid(s, bad, f, 0));
    assert_string_equal(fault(f, 0, "keyword"), "type");
    json_decref(f);
    json_decref(good);
    json_decref(bad);
    schema_free(s);
}

/* Where a $dynamicRef leads is only known while checking: a loop is found there. */
static void test_endless_dynamic_reference(void **state)
{
    struct schema *s =
        compile("{\"$id\":\"http://x.test/"
                "a\",\"$dynamicAnchor\":\"n\",\"anyOf\":[{\"$ref\":\"b\"}],"
                "\"$defs\":{\"b\":{\"$id\":\"b\",\"$dynamicRef\":\"#n\",\"$defs\":{\"n\":"
                "{\"$dynamicAnchor\":\"n\"}}}}}");
    json_t *f = json_array(), *v = json_integer(1);

    (void)state;
    assert_false(schema_valid(s, v, NULL, 0));
    assert_false(schema_valid(s, v, f, 0));
    assert_int_equal(json_array_size(f), 1);
    assert_string_equal(fault(f, 0, "reden"), "te-zwaar");
    json_decref(f);
    json_decref(v);
    schema_free(s);
}

/* A pattern that would take for ever makes the instance invalid, also below a not. */
static void test_stuck_pattern(void **state)
{
    struct schema *s = compile("{\"not\":{\"pattern\":\"^(a+)+$\"}}");
    json_t *v =
        json_string("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
    json_t *f = json_array();

    (void)state;
    assert_false(schema_valid(s, v, f, 0));
    assert_string_equal(fault(f, 0, "reden"), "te-zwaar");
    json_decref(f);
    json_decref(v);
    schema_free(s);
}

/* Quadratic time would show here. */
static void test_unique_items_of_a_long_list(void **state)
{
    struct schema *s = compile("{\"uniqueItems\":true}");
    json_t *v = json_array(), *f = json_array();

    (void)state;
    for (int i = 0; i < 100000; i++)
        json_array_append_new(v, i % 2 ? json_integer(i) : json_sprintf("%d", i));
    assert_true(schema_valid(s, v, f, 0));
    json_array_append_new(v, json_real(99999.0));
    assert_false(schema_valid(s, v, f, 0));
    assert_string_equal(fault(f, 0, "pointer"), "/100000");
    assert_string_equal(fault(f, 0, "text"), "is the same as item 99999");
    json_decref(f);
    json_decref(v);
    schema_free(s);
}

#define FILES SOURCE_DIR "/tests/cases/schema-files/"

static void test_load_with_files_beside(void **state)
{
    struct schema *s;
    struct err e = {0};
    json_t *good = parse("{\"number\":\"123456782\",\"code\":\"25LH\"}"),
           *f = json_array();
    json_t *bad = parse("{\"number\":\"12345678x0\",\"code\":\"x\"}");

    (void)state;
    assert_int_equal(schema_load(FILES "main.json", &s, &e), 0);
    assert_true(schema_valid(s, good, f, 0));
    assert_false(schema_valid(s, bad, f, 0));
    assert_int_equal(json_array_size(f), 3);
    /* places in another document are told by its URI */
    assert_non_null(strstr(fault(f, 1, "schema"), "common.json#/$defs/digits/pattern"));
    assert_string_equal(fault(f, 0, "schema"),
                        "https://schemas.example/number#/maxLength");
    assert_string_equal(fault(f, 2, "pointer"), "/code");
    json_decref(f);
    json_decref(good);
    json_decref(bad);
    schema_free(s);
}

static void test_load_says_where(void **state)
{
    struct schema *s = NULL;
    struct err e = {0};

    (void)state;
    assert_int_equal(schema_load(FILES "broken.json", &s, &e), E_INVALID);
    assert_string_equal(e.file, FILES "parts/broken.json");
    assert_int_equal(e.line, 5);
    assert_int_equal(e.column, 22);
    assert_string_equal(e.pointer, "/$defs/x/minLenght");
    err_clear(&e);
    assert_int_equal(schema_load(FILES "missing.json", &s, &e), E_NOTFOUND);
    assert_non_null(strstr(e.text, "parts/none.json"));
    err_clear(&e);
    assert_true(schema_load(FILES "absent.json", &s, &e) < 0);
    assert_null(s);
    assert_int_equal(schema_load(FILES "absent.json", &s, NULL), E_NOTFOUND);
}

/* The schema keeps no hold of what it was made from. */
static void test_root_is_copied(void **state)
{
    json_t *root = parse("{\"properties\":{\"a\":{\"enum\":[\"x\",{\"y\":1}]}}}");
    json_t *v = parse("{\"a\":{\"y\":1}}"), *w = parse("{\"a\":2}");
    struct schema *s;

    (void)state;
    assert_int_equal(schema_compile(root, NULL, NULL, &s, NULL), 0);
    json_object_clear(json_object_get(json_object_get(root, "properties"), "a"));
    json_decref(root);
    assert_true(schema_valid(s, v, NULL, 0));
    assert_false(schema_valid(s, w, NULL, 0));
    json_decref(v);
    json_decref(w);
    schema_free(s);
    schema_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_keywords_have_cases),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_texts_hold_no_values),
        cmocka_unit_test(test_faults_are_bounded),
        cmocka_unit_test(test_deep_instances),
        cmocka_unit_test(test_deep_schema_by_its_meta_schema),
        cmocka_unit_test(test_endless_dynamic_reference),
        cmocka_unit_test(test_stuck_pattern),
        cmocka_unit_test(test_unique_items_of_a_long_list),
        cmocka_unit_test(test_load_with_files_beside),
        cmocka_unit_test(test_load_says_where),
        cmocka_unit_test(test_root_is_copied),
    };

    mem_install();
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
