/* What is measured of the journals in tests/cases/measure, whose figures were worked out
 * on paper: want.json holds the members of "reliability" that matter. In a list, {"7": x}
 * says what its eighth is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/judge/judge.h"

#define CASES SOURCE_DIR "/tests/cases/measure"

/* ---- comparing ---- */

static int differs(const char *where, const json_t *want, const json_t *seen);

static int differs_list(const char *where, const json_t *want, const json_t *seen)
{
    int faults = 0;
    if (json_array_size(want) != json_array_size(seen)) {
        print_error("%s: %zu expected, there are %zu\n", where, json_array_size(want),
                    json_array_size(seen));
        return 1;
    }
    for (size_t i = 0; i < json_array_size(want); i++) {
        char *at = xasprintf("%s/%zu", where, i);
        faults += differs(at, json_array_get(want, i), json_array_get(seen, i));
        free(at);
    }
    return faults;
}

static int differs_object(const char *where, json_t *want, const json_t *seen)
{
    const char *key;
    json_t *v;
    int faults = 0;
    /* What is told by name is told whole. */
    bool whole = strstr(where, "/causes") || strstr(where, "/failures") ||
                 strstr(where, "/longest") || strstr(where, "/stale/");
    if (whole && json_object_size(want) != json_object_size(seen)) {
        print_error("%s: %zu members expected, there are %zu\n", where,
                    json_object_size(want), json_object_size(seen));
        faults++;
    }
    json_object_foreach (want, key, v) {
        char *at = xasprintf("%s/%s", where, key);
        faults +=
            differs(at, v,
                    json_is_array(seen) ? json_array_get(seen, strtoul(key, NULL, 10))
                                        : json_object_get(seen, key));
        free(at);
    }
    return faults;
}

static int differs(const char *where, const json_t *want, const json_t *seen)
{
    if (json_is_array(want))
        return differs_list(where, want, seen);
    if (json_is_object(want))
        return differs_object(where, (json_t *)(uintptr_t)want, seen);
    bool same = json_is_number(want)
                    ? json_is_number(seen) &&
                          fabs(json_number_value(want) - json_number_value(seen)) < 1e-9
                    : json_equal(want, seen);
    if (same)
        return 0;
    char *a = json_dumps(want, JSON_ENCODE_ANY);
    char *b = seen ? json_dumps(seen, JSON_ENCODE_ANY) : NULL;
    print_error("%s: expected %s, is %s\n", where, a, b ? b : "<undef>");
    free(a);
    free(b);
    return 1;
}

/* ---- the cases ---- */

static json_t *measured(const char *journal)
{
    struct requirements *r = NULL;
    struct err e = {0};
    json_t *result = NULL;
    assert_int_equal(requirements_load(SOURCE_DIR "/fixtures/requirements.json", &r, &e),
                     0);
    if (judge_journal(journal, r, &result, &e))
        fail_msg("%s: %s", journal, e.text);
    json_t *out = json_incref(json_object_get(result, "reliability"));
    json_object_del(out, "trials"); /* of rounds: tested elsewhere */
    json_decref(result);
    requirements_free(r);
    return out;
}

struct cases {
    char **names;
    size_t n;
};

static struct cases all_cases(void)
{
    struct cases c = {0};
    struct err e = {0};
    assert_int_equal(file_list(CASES, &c.names, &c.n, &e), 0);
    assert_true(c.n > 0);
    return c;
}

static void cases_done(struct cases *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->names[i]);
    free(c->names);
}

static void worked_out(void **state)
{
    (void)state;
    struct cases c = all_cases();
    int faults = 0;
    for (size_t i = 0; i < c.n; i++) {
        char *journal = xasprintf("%s/%s/journal.jsonl", CASES, c.names[i]);
        char *path = xasprintf("%s/%s/want.json", CASES, c.names[i]);
        json_t *want = NULL, *seen = measured(journal);
        assert_int_equal(file_read_json(path, &want, NULL), 0);
        assert_true(json_object_size(want) > 0);
        faults += differs(c.names[i], want, seen);
        json_decref(want);
        json_decref(seen);
        free(journal);
        free(path);
    }
    cases_done(&c);
    assert_int_equal(faults, 0);
}

/* ---- properties ---- */

/* Lines that tell nothing of what is measured, between all others. */
static void put_noise(FILE *f, const char *line)
{
    static const char *const kinds[] = {
        "\"kind\":\"step\",\"phase\":\"end\",\"step\":\"/steps/8\"",
        "\"kind\":\"consent\",\"application\":\"z\",\"answer\":true",
        "\"kind\":\"something-new\",\"phase\":\"stopped\"",
        "\"kind\":\"trouble\",\"blame\":\"scenario\",\"text\":\"DigiD is down\"",
    };
    const char *scenario = strstr(line, "\"scenario\":\"");
    const char *t = strstr(line, "\"t\":");
    if (!scenario || !t || strstr(line, "\"kind\":\"run\"") ||
        strstr(line, "\"phase\":\"end\",\"outcome\""))
        return;
    int n = (int)strcspn(scenario + 12, "\"") + 13, of_t = (int)strcspn(t, ",");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        fprintf(f, "{\"seq\":%d,%.*s,%s,%.*s}\n", 1, of_t, t, kinds[i], n, scenario);
}

static void noise_changes_nothing(void **state)
{
    (void)state;
    struct cases c = all_cases();
    int faults = 0;
    for (size_t i = 0; i < c.n; i++) {
        char *journal = xasprintf("%s/%s/journal.jsonl", CASES, c.names[i]);
        char noisy[] = "/tmp/test_measure.XXXXXX", *text = NULL;
        int fd = mkstemp(noisy);
        size_t n;
        assert_true(fd >= 0);
        assert_int_equal(file_read(journal, 1u << 20, &text, &n, NULL), 0);
        FILE *f = fdopen(fd, "w");
        for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
            *end = 0;
            fprintf(f, "%s\n", line);
            put_noise(f, line);
        }
        assert_int_equal(fclose(f), 0);
        json_t *a = measured(journal), *b = measured(noisy);
        if (!json_equal(a, b)) {
            char *was = json_dumps(a, 0), *is = json_dumps(b, 0);
            print_error("%s: %s\n is not\n%s\n", c.names[i], was, is);
            free(was);
            free(is);
            faults++;
        }
        remove(noisy);
        json_decref(a);
        json_decref(b);
        free(text);
        free(journal);
    }
    cases_done(&c);
    assert_int_equal(faults, 0);
}

static void nobody_is_named(void **state)
{
    (void)state;
    struct cases c = all_cases();
    for (size_t i = 0; i < c.n; i++) {
        char *journal = xasprintf("%s/%s/journal.jsonl", CASES, c.names[i]);
        json_t *seen = measured(journal);
        char *text = json_dumps(seen, 0);
        assert_null(strstr(text, "bsn~"));
        assert_null(strstr(text, "25LH:"));
        free(text);
        json_decref(seen);
        free(journal);
    }
    cases_done(&c);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_out),
        cmocka_unit_test(noise_changes_nothing),
        cmocka_unit_test(nobody_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
