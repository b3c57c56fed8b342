/* Every journal of tests/cases/judge with what the judge must say of it (want.json):
 *   not_pass {id: verdict}  exactly these requirements have another verdict than pass
 *   pass [id]               at least these passed
 *   passes n                so many passed
 *   reason {id: text}       its reason holds this text
 *   verdict, exitCodes      of the whole
 *   error text              the journal is refused with this text
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "harness/judge/judge.h"

#define CASES SOURCE_DIR "/tests/cases/judge"

/* Over all cases: which checks found something wrong, which requirements passed. */
struct coverage {
    struct map *broken, *passed;
};

struct run {
    const char *name;
    const json_t *want, *result;
    int faults;
};

static void wrong(struct run *r, const char *what, const char *id, const char *expected,
                  const char *seen)
{
    print_error("%s: %s %s: expected %s, is %s\n", r->name, what, id,
                expected ? expected : "<undef>", seen ? seen : "<undef>");
    r->faults++;
}

static const json_t *requirement(const struct run *r, const char *id)
{
    const json_t *list = json_object_get(r->result, "requirements");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *q = json_array_get(list, i);
        if (!strcmp(json_string_value(json_object_get(q, "id")), id))
            return q;
    }
    return NULL;
}

static const char *member(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static void check_not_pass(struct run *r)
{
    json_t *want = json_object_get(r->want, "not_pass");
    const json_t *list = json_object_get(r->result, "requirements");
    if (!want)
        return;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *q = json_array_get(list, i);
        const char *expected = member(want, member(q, "id"));
        const char *seen = member(q, "verdict");
        if (strcmp(seen, expected ? expected : "pass"))
            wrong(r, member(q, "reason"), member(q, "id"), expected ? expected : "pass",
                  seen);
    }
    for (void *i = json_object_iter(want); i; i = json_object_iter_next(want, i))
        if (!requirement(r, json_object_iter_key(i)))
            wrong(r, "verdict of", json_object_iter_key(i),
                  json_string_value(json_object_iter_value(i)), NULL);
}

static void check_pass(struct run *r)
{
    const json_t *want = json_object_get(r->want, "pass");
    for (size_t i = 0; i < json_array_size(want); i++) {
        const char *id = json_string_value(json_array_get(want, i));
        const json_t *q = requirement(r, id);
        if (!q || strcmp(member(q, "verdict"), "pass"))
            wrong(r, "verdict of", id, "pass", q ? member(q, "verdict") : NULL);
    }
    const json_t *n = json_object_get(r->want, "passes");
    const json_t *counts = json_object_get(r->result, "counts");
    if (n && json_integer_value(n) != json_integer_value(json_object_get(counts, "pass")))
        wrong(r, "number of", "passes", "as wanted", "another");
}

static void check_reasons(struct run *r)
{
    json_t *want = json_object_get(r->want, "reason");
    for (void *i = json_object_iter(want); i; i = json_object_iter_next(want, i)) {
        const char *text = json_string_value(json_object_iter_value(i));
        const json_t *q = requirement(r, json_object_iter_key(i));
        const char *reason = q ? member(q, "reason") : NULL;
        if (!reason || !strstr(reason, text))
            wrong(r, "reason of", json_object_iter_key(i), text, reason);
    }
}

static void check_whole(struct run *r)
{
    static const char *const keys[] = {"verdict", "exitCodes", "uncovered"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const json_t *want = json_object_get(r->want, keys[i]);
        const json_t *seen = json_object_get(r->result, keys[i]);
        char *a = want ? json_dumps(want, JSON_ENCODE_ANY) : NULL;
        char *b = seen ? json_dumps(seen, JSON_ENCODE_ANY) : NULL;
        if (want && !json_same(want, seen))
            wrong(r, "the result's", keys[i], a, b);
        free(a);
        free(b);
    }
}

static void check_error(struct run *r, int rc, const struct err *e)
{
    const char *want = member(r->want, "error");
    char *sentence = rc ? err_sentence(e) : NULL;
    if ((want != NULL) != (rc != 0) || (want && !strstr(sentence, want)))
        wrong(r, "error", "", want, sentence);
    free(sentence);
}

static void cover(struct coverage *c, const json_t *result)
{
    const json_t *list = json_object_get(result, "requirements");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *q = json_array_get(list, i), *f = json_object_get(q, "findings");
        if (!strcmp(member(q, "verdict"), "pass"))
            map_put(c->passed, member(q, "id"), c);
        for (size_t k = 0; k < json_array_size(f); k++)
            map_put(c->broken, member(json_array_get(f, k), "check"), c);
    }
}

/* A check that never failed, or whose requirement never passed, proves nothing. */
static int uncovered(const struct coverage *c)
{
    const struct check_info *check;
    int faults = 0;
    for (size_t i = 0; (check = judge_check(i)); i++) {
        bool broken = map_get(c->broken, check->name);
        if (broken && map_get(c->passed, check->requirement))
            continue;
        print_error("check %s: no case in which it %s\n", check->name,
                    broken ? "passes" : "fails");
        faults++;
    }
    return faults;
}

static int one_case(const struct requirements *q, const char *name, struct coverage *c)
{
    char *journal = xasprintf("%s/%s/journal.jsonl", CASES, name);
    char *path = xasprintf("%s/%s/want.json", CASES, name);
    json_t *want = NULL, *result = NULL;
    struct err e = {0};
    struct run r = {.name = name};
    assert_int_equal(file_read_json(path, &want, &e), 0);
    int rc = judge_journal(journal, q, &result, &e);
    r.want = want;
    r.result = result;
    check_error(&r, rc, &e);
    if (!rc) {
        cover(c, result);
        check_not_pass(&r);
        check_pass(&r);
        check_reasons(&r);
        check_whole(&r);
    }
    json_decref(want);
    json_decref(result);
    free(journal);
    free(path);
    return r.faults;
}

static void all_cases(void **state)
{
    struct requirements *q = NULL;
    struct err e = {0};
    char **names;
    size_t n;
    int faults = 0;
    struct coverage c = {.broken = map_new(), .passed = map_new()};
    (void)state;
    assert_int_equal(requirements_load(SOURCE_DIR "/fixtures/requirements.json", &q, &e),
                     0);
    assert_int_equal(file_list(CASES, &names, &n, &e), 0);
    assert_true(n >= 200);
    for (size_t i = 0; i < n; i++) {
        faults += one_case(q, names[i], &c);
        free(names[i]);
    }
    faults += uncovered(&c);
    free(names);
    requirements_free(q);
    map_free(c.broken, NULL);
    map_free(c.passed, NULL);
    assert_int_equal(faults, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_cases)};
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
