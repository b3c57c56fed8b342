/* Reading options by the table, and the help that follows from it. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"

/* The largest whole number up to which every one is exact in JSON. */
#define SEED_MAX 9007199254740991ULL

static const struct cli_option help_option = {"help", 'h', NULL, "this text"};

static size_t option_count(const struct cli_command *c)
{
    size_t n = 0;
    while (c->options[n].name)
        n++;
    return n;
}

/* The index of an option by its long name or letter; option_count() when unknown. */
static size_t option_index(const struct cli_command *c, const char *name, size_t n,
                           char letter)
{
    size_t i = 0;
    for (; c->options[i].name; i++)
        if (name
                ? strlen(c->options[i].name) == n && !strncmp(c->options[i].name, name, n)
                : letter && c->options[i].letter == letter)
            break;
    return i;
}

static int unknown(const struct cli_command *c, const char *word, size_t n, struct err *e)
{
    char *dashed[CLI_OPTIONS_MAX + 1], *given = xstrndup(word, n), near[120];
    size_t count = option_count(c);
    for (size_t i = 0; i < count; i++)
        dashed[i] = xasprintf("--%s", c->options[i].name);
    dashed[count] = xstrdup("--help");
    cli_suggestion(near, sizeof near, given, (const char *const *)dashed, count + 1);
    int rc = err_set(e, E_INVALID, "%s has no option %s%s%s%s%s", c->name, given, near,
                     *near ? "" : "; see `koppelproef ", *near ? "" : c->name,
                     *near ? "" : " --help`");
    for (size_t i = 0; i <= count; i++)
        free(dashed[i]);
    free(given);
    return rc;
}

/* What is being read. */
struct reading {
    const struct cli_command *c;
    int argc, at;
    char **argv;
    struct cli_args *out;
};

/* Gives option i its value: the text after "=", or the next argument. */
static int take_value(struct reading *r, size_t i, const char *attached, struct err *e)
{
    const struct cli_option *o = &r->c->options[i];
    if (!o->argument && attached)
        return err_set(e, E_INVALID, "--%s takes no value", o->name);
    if (o->argument && !attached) {
        if (r->at + 1 >= r->argc)
            return err_set(e, E_INVALID, "--%s needs a value: --%s %s", o->name, o->name,
                           o->argument);
        attached = r->argv[++r->at];
    }
    if (r->out->value[i])
        return err_set(e, E_INVALID, "--%s is given twice", o->name);
    r->out->value[i] = attached ? attached : "";
    return 0;
}

static int read_option(struct reading *r, bool *help, struct err *e)
{
    const char *word = r->argv[r->at];
    bool is_long = word[1] == '-';
    size_t n = is_long ? strcspn(word, "=") : strlen(word);
    if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
        *help = true;
        return 0;
    }
    size_t i = is_long ? option_index(r->c, word + 2, n - 2, 0)
                       : option_index(r->c, NULL, 0, word[1]);
    if (!r->c->options[i].name)
        return unknown(r->c, word, n, e);
    if (is_long)
        return take_value(r, i, word[n] ? word + n + 1 : NULL, e);
    return take_value(r, i, word[2] ? word + 2 : NULL, e); /* -oDIR */
}

int cli_parse(const struct cli_command *c, int argc, char **argv, struct cli_args *out,
              bool *help, struct err *e)
{
    struct reading r = {.c = c, .argc = argc, .argv = argv, .out = out};
    bool only_operands = false;
    assert(option_count(c) < CLI_OPTIONS_MAX);
    *out = (struct cli_args){.command = c, .operand = argv};
    for (r.at = 0; r.at < argc; r.at++) {
        const char *word = argv[r.at];
        if (!only_operands && !strcmp(word, "--")) {
            only_operands = true;
        } else if (only_operands || word[0] != '-' || !word[1]) {
            argv[out->n_operands++] = argv[r.at];
        } else {
            int rc = read_option(&r, help, e);
            if (rc)
                return rc;
        }
    }
    return 0;
}

/* ---- values ---- */

const char *cli_value(const struct cli_args *a, const char *name)
{
    return a->value[option_index(a->command, name, strlen(name), 0)];
}

const char *cli_value_or(const struct cli_args *a, const char *name, const char *variable,
                         const char *otherwise)
{
    const char *v = name ? cli_value(a, name) : NULL;
    if (!v && variable)
        v = getenv(variable);
    return v && *v ? v : otherwise;
}

int cli_number(const struct cli_args *a, const char *name, const char *variable,
               double min, double max, bool whole, double *out, struct err *e)
{
    const char *v = cli_value(a, name);
    bool given = v != NULL;
    if (!given)
        v = cli_value_or(a, NULL, variable, NULL);
    if (!v)
        return 0;
    char *end;
    double number = strtod(v, &end);
    bool digits = *v && strspn(v, "0123456789.") == strlen(v); /* no inf, no 0x */
    if (!digits || *end || number < min || number > max ||
        (whole && floor(number) != number))
        return err_set(e, E_INVALID, "%s%s must be a %s from %g to %.16g, not \"%s\"",
                       given ? "--" : "", given ? name : variable,
                       whole ? "whole number" : "number", min, max, v);
    *out = number;
    return 0;
}

int cli_seed(const struct cli_args *a, uint64_t *out, struct err *e)
{
    const char *v = cli_value(a, "seed");
    if (!v)
        return 0;
    char *end = NULL;
    unsigned long long n = v[0] >= '0' && v[0] <= '9' ? strtoull(v, &end, 10) : 0;
    if (!end || *end || n > SEED_MAX)
        return err_set(e, E_INVALID,
                       "--seed must be a whole number below 2^53, not \"%s\"", v);
    *out = n;
    return 0;
}

int cli_word(const char *what, const char *word, const char *const *words, size_t n,
             size_t *index, struct err *e)
{
    char near[120];
    struct buf all;
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(words[i], word)) {
            *index = i;
            return 0;
        }
    }
    if (*cli_suggestion(near, sizeof near, word, words, n))
        return err_set(e, E_INVALID, "%s cannot be \"%s\"%s", what, word, near);
    buf_init(&all, 400);
    for (size_t i = 0; i < n; i++)
        buf_addf(&all, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", words[i]);
    int rc = err_set(e, E_INVALID, "%s cannot be \"%s\"; it is %s", what, word,
                     all.p ? all.p : "");
    buf_done(&all);
    return rc;
}

int cli_operands(const struct cli_args *a, size_t min, size_t max, struct err *e)
{
    const char *name = a->command->name;
    size_t first = strcspn(a->command->usage, "\n");
    if (a->n_operands < min)
        return err_set(e, E_INVALID, "%s needs more: koppelproef %s %.*s", name, name,
                       (int)first, a->command->usage);
    if (a->n_operands > max)
        return err_set(e, E_INVALID,
                       "%s does not know what to do with \"%s\"; see "
                       "`koppelproef %s --help`",
                       name, a->operand[max], name);
    return 0;
}

/* ---- help ---- */

static void help_option_line(FILE *f, const struct cli_option *o)
{
    char left[80];
    const char *text = o->help;
    snprintf(left, sizeof left, "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
             o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
             o->argument ? " " : "", o->argument ? o->argument : "");
    fprintf(f, "  %-30s", left);
    if (strlen(left) >= 30)
        fprintf(f, "\n%*s", 32, "");
    for (size_t n; *text; text += n + (text[n] != 0)) {
        n = strcspn(text, "\n");
        fprintf(f, "%s%.*s\n", text == o->help ? "" : "                                ",
                (int)n, text);
    }
}

void cli_help_of(FILE *f, const struct cli_command *c)
{
    fprintf(f, "usage: koppelproef %s %s\n\n%s: %s.\n\n", c->name, c->usage, c->name,
            c->summary);
    for (const struct cli_option *o = c->options; o->name; o++)
        help_option_line(f, o);
    help_option_line(f, &help_option);
    if (c->more)
        fprintf(f, "\n%s\n", c->more);
}

void cli_help(FILE *f)
{
    fputs("usage: koppelproef COMMAND [ARGUMENT...]\n\n"
          "koppelproef tries implementations of the MBO-koppelpunt: it plays every role\n"
          "around the one under test, over real HTTP, and judges what it saw.\n\n",
          f);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        fprintf(f, "  %-11s %s\n", c->name, c->summary);
    fputs(
        "\n  --help      this text; `koppelproef COMMAND --help` for one command\n"
        "  --version   the version\n\n"
        "To begin with: `koppelproef run` tries the bundled reference implementations.\n",
        f);
}
