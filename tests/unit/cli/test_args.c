/* Options read by a table: any order, both forms, and each mistake in one sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/cli/cli.h"

static const struct cli_option options[] = {
    {"out", 'o', "DIR", "a folder"}, {"seed", 's', "N", "a seed"},
    {"jobs", 'j', "N", "how many"},  {"quiet", 'q', NULL, "no words"},
    {NULL, 0, NULL, NULL},
};
static const struct cli_command command = {
    .name = "trial", .summary = "try", .usage = "A [B]", .options = options};

#define WORDS_MAX 12

/* A command line as it lies in memory, and what was read from it. */
struct line {
    char text[200];
    char *word[WORDS_MAX + 1];
    int n;
    struct cli_args args;
    bool help;
    struct err e;
    int rc;
};

static void read_line(struct line *l, const char *text)
{
    memset(l, 0, sizeof *l);
    assert_true(strlen(text) < sizeof l->text);
    memcpy(l->text, text, strlen(text) + 1);
    for (char *at = l->text; *at && l->n < WORDS_MAX;) {
        size_t n = strcspn(at, " ");
        l->word[l->n++] = at;
        at += n;
        if (*at)
            *at++ = 0;
    }
    l->rc = cli_parse(&command, l->n, l->word, &l->args, &l->help, &l->e);
}

static void any_order_and_both_forms(void **state)
{
    (void)state;
    static const char *const same[] = {"a --out=x -q b --seed 7",
                                       "--out x --quiet a b -s7", "-o x a -s 7 -q b"};
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        struct line l;
        read_line(&l, same[i]);
        assert_int_equal(l.rc, 0);
        assert_string_equal(cli_value(&l.args, "out"), "x");
        assert_string_equal(cli_value(&l.args, "seed"), "7");
        assert_non_null(cli_value(&l.args, "quiet"));
        assert_null(cli_value(&l.args, "jobs"));
        assert_int_equal(l.args.n_operands, 2);
        assert_string_equal(l.args.operand[0], "a");
        assert_string_equal(l.args.operand[1], "b");
        assert_false(l.help);
    }
}

static void dashes_end_the_options(void **state)
{
    (void)state;
    struct line l;
    read_line(&l, "-q -- --out -x");
    assert_int_equal(l.rc, 0);
    assert_int_equal(l.args.n_operands, 2);
    assert_string_equal(l.args.operand[0], "--out");
    assert_string_equal(l.args.operand[1], "-x");
    read_line(&l, "-");
    assert_int_equal(l.args.n_operands, 1);
}

static void help_is_seen_anywhere(void **state)
{
    (void)state;
    struct line l;
    read_line(&l, "a --out x --help");
    assert_true(l.help);
    read_line(&l, "-h");
    assert_true(l.help);
    read_line(&l, "-- --help");
    assert_false(l.help);
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says;
    } wrong[] = {
        {"--otu x", "did you mean \"--out\""},
        {"--otu=x", "trial has no option --otu;"},
        {"--trombone", "koppelproef trial --help"},
        {"--hlep", "did you mean \"--help\""},
        {"-z", "trial has no option -z"},
        {"--out", "--out needs a value: --out DIR"},
        {"-o", "--out needs a value"},
        {"--quiet=1", "--quiet takes no value"},
        {"-qq", "--quiet takes no value"},
        {"--out a -o b", "--out is given twice"},
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct line l;
        read_line(&l, wrong[i].line);
        assert_int_equal(l.rc, E_INVALID);
        if (!strstr(l.e.text, wrong[i].says))
            fail_msg("%s: \"%s\" lacks \"%s\"", wrong[i].line, l.e.text, wrong[i].says);
    }
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool whole;
        double want; /* < 0: refused */
    } cases[] = {
        {"", true, 4},
        {"--jobs 1", true, 1},
        {"--jobs 64", true, 64},
        {"--jobs 65", true, -1},
        {"--jobs 0", true, -1},
        {"--jobs 1.5", true, -1},
        {"--jobs 1.5", false, 1.5},
        {"--jobs .5", false, -1},
        {"--jobs -1", false, -1},
        {"--jobs 0x10", true, -1},
        {"--jobs inf", false, -1},
        {"--jobs nan", false, -1},
        {"--jobs 2x", true, -1},
        {"--jobs=", true, -1},
        {"--jobs 1e1", true, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct line l;
        double out = 4;
        read_line(&l, cases[i].line);
        int rc = cli_number(&l.args, "jobs", NULL, 1, 64, cases[i].whole, &out, &l.e);
        if (cases[i].want < 0) {
            assert_int_equal(rc, E_INVALID);
            assert_true(out == 4); /* written on success only */
            assert_non_null(strstr(l.e.text, "--jobs"));
        } else {
            assert_int_equal(rc, 0);
            assert_true(out == cases[i].want);
        }
    }
}

static void options_before_the_environment(void **state)
{
    (void)state;
    struct line l;
    double out = 4;
    setenv("TRIAL_JOBS", "9", 1);
    read_line(&l, "");
    assert_int_equal(cli_number(&l.args, "jobs", "TRIAL_JOBS", 1, 64, true, &out, NULL),
                     0);
    assert_true(out == 9);
    assert_string_equal(cli_value_or(&l.args, "out", "TRIAL_JOBS", "else"), "9");
    read_line(&l, "--jobs 3 --out x");
    assert_int_equal(cli_number(&l.args, "jobs", "TRIAL_JOBS", 1, 64, true, &out, NULL),
                     0);
    assert_true(out == 3);
    assert_string_equal(cli_value_or(&l.args, "out", "TRIAL_JOBS", "else"), "x");
    setenv("TRIAL_JOBS", "many", 1);
    read_line(&l, "");
    assert_int_equal(cli_number(&l.args, "jobs", "TRIAL_JOBS", 1, 64, true, &out, &l.e),
                     E_INVALID);
    assert_non_null(strstr(l.e.text, "TRIAL_JOBS must be"));
    setenv("TRIAL_JOBS", "", 1); /* empty is as absent */
    assert_string_equal(cli_value_or(&l.args, "out", "TRIAL_JOBS", "else"), "else");
    unsetenv("TRIAL_JOBS");
}

static void seeds(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int rc;
        uint64_t want;
    } cases[] = {
        {"", 0, 5},
        {"--seed 0", 0, 0},
        {"--seed 9007199254740991", 0, 9007199254740991ULL},
        {"--seed 9007199254740992", E_INVALID, 5},
        {"--seed 99999999999999999999999", E_INVALID, 5},
        {"--seed -1", E_INVALID, 5},
        {"--seed +1", E_INVALID, 5},
        {"--seed 1.0", E_INVALID, 5},
        {"--seed=", E_INVALID, 5},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct line l;
        uint64_t seed = 5;
        read_line(&l, cases[i].line);
        assert_int_equal(l.rc, 0);
        assert_int_equal(cli_seed(&l.args, &seed, &l.e), cases[i].rc);
        assert_true(seed == cases[i].want);
    }
}

static void operands(void **state)
{
    (void)state;
    struct line l;
    read_line(&l, "a b c");
    assert_int_equal(cli_operands(&l.args, 1, 3, &l.e), 0);
    assert_int_equal(cli_operands(&l.args, 1, 2, &l.e), E_INVALID);
    assert_non_null(strstr(l.e.text, "\"c\""));
    err_clear(&l.e);
    assert_int_equal(cli_operands(&l.args, 4, 5, &l.e), E_INVALID);
    assert_non_null(strstr(l.e.text, "koppelproef trial A [B]"));
}

static void the_highest_concern(void **state)
{
    (void)state;
    /* Koppelvlak section 5. */
    static const int order[] = {130, 5, 2, 3, 1, 6, 8, 4, 7, 0};
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        for (size_t k = i; k < ARRAY_LEN(order); k++) {
            assert_int_equal(cli_worse(order[i], order[k]), order[i]);
            assert_int_equal(cli_worse(order[k], order[i]), order[i]);
        }
    assert_int_equal(cli_exit_of(0), 0);
    assert_int_equal(cli_exit_of(E_INVALID), 2);
    assert_int_equal(cli_exit_of(E_NOTFOUND), 2);
    assert_int_equal(cli_exit_of(E_ENV), 3);
    assert_int_equal(cli_exit_of(E_HARNESS), 5);
}

/* Every option of every sub-command can be told apart, and has its line of help. */
static void the_table_is_sound(void **state)
{
    (void)state;
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        assert_true((c->run != NULL) != (c->run_argv != NULL));
        assert_true(c->summary && *c->summary && c->usage);
        for (const struct cli_option *o = c->options; o->name; o++) {
            assert_true(o->help && *o->help);
            assert_string_not_equal(o->name, "help");
            assert_int_not_equal(o->letter, 'h');
            for (const struct cli_option *p = o + 1; p->name; p++) {
                assert_string_not_equal(o->name, p->name);
                if (o->letter)
                    assert_int_not_equal(o->letter, p->letter);
            }
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_and_both_forms),
        cmocka_unit_test(dashes_end_the_options),
        cmocka_unit_test(help_is_seen_anywhere),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(numbers),
        cmocka_unit_test(options_before_the_environment),
        cmocka_unit_test(seeds),
        cmocka_unit_test(operands),
        cmocka_unit_test(the_highest_concern),
        cmocka_unit_test(the_table_is_sound),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
