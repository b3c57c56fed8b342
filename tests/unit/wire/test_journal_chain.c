/* Chains: a line that was changed, put in or taken out is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/wire/journal.h"

/* A journal in a folder of its own. */
struct bench {
    char folder[64], *path;
    struct journal *j;
    json_t *lines; /* what was read back */
    char *text;    /* as it stands in the file */
};

static int make_bench(void **state)
{
    struct bench *b = xcalloc(1, sizeof *b);
    struct mask mask;

    snprintf(b->folder, sizeof b->folder, "/tmp/koppelproef-chain-XXXXXX");
    if (!mkdtemp(b->folder))
        return -1;
    b->path = xasprintf("%s/journal.jsonl", b->folder);
    mask_init(&mask, 7);
    b->lines = json_array();
    *state = b;
    return journal_open(b->path, &mask, 1000, &b->j, NULL);
}

static int remove_bench(void **state)
{
    struct bench *b = *state;
    int rc = file_rmtree(b->folder, NULL);

    journal_close(b->j);
    json_decref(b->lines);
    free(b->path);
    free(b->text);
    free(b);
    return rc;
}

static int collect(void *arg, json_t *event)
{
    return json_array_append(arg, event);
}

static void write_file(struct bench *b, const char *text)
{
    assert_int_equal(file_write(b->path, text, strlen(text), NULL), 0);
    json_array_clear(b->lines);
}

#define LINE1 "{\"seq\":1,\"t\":0,\"kind\":\"a\"}\n"
#define LINE2 "{\"seq\":2,\"t\":0,\"kind\":\"b\"}\n"

/* Four lines as a run writes them; their beginnings in at[]. */
static void write_chained(struct bench *b, char *at[5])
{
    for (int i = 0; i < 4; i++)
        journal_event(b->j, 1000, "x", NULL,
                      json_pack("{s:s, s:i}", "v", "short", "n", i));
    size_t n;
    assert_int_equal(file_read(b->path, 1 << 20, &b->text, &n, NULL), 0);
    assert_int_equal(journal_read(b->path, collect, b->lines, NULL, NULL), 0);
    at[0] = b->text;
    for (int i = 1; i < 5; i++)
        at[i] = strchr(at[i - 1], '\n') + 1;
}

static void each_line_holds_the_digest_of_those_before(void **state)
{
    struct bench *b = *state;
    struct journal_sum sum;
    char *at[5], wanted[65];

    write_chained(b, at);
    for (int i = 0; i < 4; i++) {
        char *chain = strstr(at[i], "\"chain\":\"");

        digest_hex(b->text, (size_t)(at[i] - b->text), wanted);
        assert_true(chain && chain < at[i + 1]);
        assert_memory_equal(chain + 9, wanted, 16);
        assert_memory_equal(chain + 9 + 16, "\"}\n", 3);
        assert_null(json_object_get(json_array_get(b->lines, (size_t)i), "chain"));
    }
    assert_int_equal(journal_read_sum(b->path, collect, b->lines, NULL, &sum, NULL), 0);
    digest_hex(b->text, strlen(b->text), wanted);
    assert_string_equal(sum.sha256, wanted);
    assert_int_equal(sum.lines, 4);
    assert_int_equal(sum.bytes, strlen(b->text));
    assert_true(sum.chained);
}

/* What was done to the four lines: which of them stand, or which byte of the second. */
static const struct edit {
    const char *lines; /* "134": the second was taken out */
    const char *from, *to;
    int line; /* at which it is seen */
    const char *text;
} edits[] = {
    {"1234", NULL, NULL, 0, NULL},
    {"123", NULL, NULL, 0, NULL}, /* cut off: the same as a run that was killed */
    {"134", NULL, NULL, 2, "does not follow from line 1"},
    {"234", NULL, NULL, 1, "were taken out"},
    {"1324", NULL, NULL, 2, "does not follow from line 1"},
    {"11234", NULL, NULL, 2, "does not follow from line 1"},
    {"12334", NULL, NULL, 4, "does not follow from line 3"},
    {"1234", "\"n\":1", "\"n\":7", 3, "line 2, which was changed"},
    {"1234", "short", "shorter", 3, "line 2, which was changed"},
    {"1234", "\"chain\"", "\"chaim\"", 2, "no chain"},
    {"1234", "\"}\n", "x\"}\n", 2, "no chain"},
    {"1234", ",\"chain\"", " ,\"chain\"", 3, "line 2, which was changed"},
};

static void write_edited(struct bench *b, const struct edit *x, char *at[5])
{
    struct buf out;

    buf_init(&out, 10000);
    for (const char *k = x->lines; *k; k++) {
        char *from = at[*k - '1'], *to = at[*k - '0'];
        char *line = xstrndup(from, (size_t)(to - from));
        char *hit = x->from && *k == '2' ? strstr(line, x->from) : NULL;

        if (hit)
            buf_addf(&out, "%.*s%s%s", (int)(hit - line), line, x->to,
                     hit + strlen(x->from));
        else
            buf_adds(&out, line);
        free(line);
    }
    assert_int_equal(file_write(b->path, out.p, out.n, NULL), 0);
    buf_done(&out);
}

static void an_edited_journal_is_refused(void **state)
{
    struct bench *b = *state;
    char *at[5];

    write_chained(b, at);
    for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
        const struct edit *x = &edits[i];
        struct journal_sum sum;
        struct err e = {0};
        bool torn;

        write_edited(b, x, at);
        json_array_clear(b->lines);
        int rc = journal_read_sum(b->path, collect, b->lines, &torn, &sum, &e);
        assert_int_equal(rc, x->line ? E_INVALID : 0);
        assert_int_equal(e.line, x->line);
        assert_false(torn);
        if (x->text && !strstr(e.text, x->text))
            fail_msg("edit %zu: %s", i, e.text);
        /* who doesn't ask is not told */
        assert_int_equal(journal_read(b->path, collect, b->lines, &torn, NULL), 0);
    }
}

static void a_torn_line_is_no_edit(void **state)
{
    struct bench *b = *state;
    struct journal_sum sum;
    char *at[5];
    bool torn;

    write_chained(b, at);
    for (char *end = at[4] - 1; end > at[3]; end--) {
        size_t whole = end == at[4] - 1 ? 4 : 3;

        assert_int_equal(file_write(b->path, b->text, (size_t)(end - b->text), NULL), 0);
        assert_int_equal(journal_read_sum(b->path, collect, b->lines, &torn, &sum, NULL),
                         0);
        assert_int_equal(torn, whole == 3);
        assert_int_equal(sum.lines, whole);
        assert_int_equal(sum.bytes, end - b->text);
    }
}

/* One made by hand has no chains; putting such lines before others is an edit. */
static void a_journal_without_chains_is_read(void **state)
{
    struct bench *b = *state;
    struct journal_sum sum;
    struct err e = {0};

    write_file(b, LINE1 LINE2);
    assert_int_equal(journal_read_sum(b->path, collect, b->lines, NULL, &sum, NULL), 0);
    assert_false(sum.chained);
    assert_int_equal(sum.lines, 2);
    write_file(b, LINE1 "{\"seq\":2,\"kind\":\"x\",\"chain\":\"0123456789abcdef\"}\n");
    assert_int_equal(journal_read_sum(b->path, collect, b->lines, NULL, &sum, &e),
                     E_INVALID);
    assert_int_equal(e.line, 2);
}

int main(void)
{
#define WITH_BENCH(f) cmocka_unit_test_setup_teardown(f, make_bench, remove_bench)
    const struct CMUnitTest tests[] = {
        WITH_BENCH(each_line_holds_the_digest_of_those_before),
        WITH_BENCH(an_edited_journal_is_refused),
        WITH_BENCH(a_torn_line_is_no_edit),
        WITH_BENCH(a_journal_without_chains_is_read),
    };

    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
