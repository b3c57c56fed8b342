/* koppelproef manual: the manual page, from the tables that --help is made of. */
#include <ctype.h>
#include <string.h>

#include "harness/cli/cli.h"

/* The environment that every command, or `mock` as a system under test, looks at. */
static const struct {
    const char *name, *text;
} variables[] = {
    {"LC_ALL, LC_MESSAGES, LANG",
     "The first that is set gives the language of what is reported: Dutch when it begins "
     "with nl, otherwise English."},
    {"NO_COLOR", "When it is set, nothing on a terminal is coloured."},
    {"KOPPELPROEF_PROFILE", "The profile of a system that is started for a trial."},
};

static const struct {
    const char *name, *text;
} files[] = {
    {"build/run/latest", "A link to the folder of the last run without --out."},
    {"journal.jsonl",
     "In that folder: all that crossed the wire, a line at a time. Persons' "
     "numbers and secrets are masked. Everything else is made from it."},
    {"report.html", "The report, with a page per scenario beside it in scenarios/."},
    {"result.json, junit.xml", "The verdicts, for machines."},
    {"iut.json", "Describes the system under test; the README says how."},
};

/* ---- scdoc's markup ---- */

/* Text with nothing in it that scdoc would take for markup. Lines are joined. */
static void plain(FILE *f, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ispunct((unsigned char)text[i]))
            putc('\\', f);
        putc(text[i] == '\n' ? ' ' : text[i], f);
    }
}

static void word(FILE *f, char mark, const char *text)
{
    putc(mark, f);
    plain(f, text, strlen(text));
    putc(mark, f);
}

/* Paragraphs are parted by empty lines, as in --help. */
static void paragraphs(FILE *f, const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t n = end ? (size_t)(end - text) : strlen(text);
        plain(f, text, n);
        fputs("\n\n", f);
        text += n + (end ? 2 : 0);
    }
}

static void option(FILE *f, const struct cli_option *o)
{
    char dashed[80];
    if (o->letter) {
        snprintf(dashed, sizeof dashed, "-%c", o->letter);
        word(f, '*', dashed);
        fputs(", ", f);
    }
    snprintf(dashed, sizeof dashed, "--%s", o->name);
    word(f, '*', dashed);
    if (o->argument) {
        putc(' ', f);
        word(f, '_', o->argument);
    }
    fputs("\n\t", f);
    plain(f, o->help, strlen(o->help));
    fputs("\n\n", f);
}

static void command(FILE *f, const struct cli_command *c)
{
    fputs("## ", f);
    fputs(c->name, f);
    fputs("\n\n", f);
    word(f, '*', "koppelproef");
    putc(' ', f);
    word(f, '*', c->name);
    putc(' ', f);
    plain(f, c->usage, strlen(c->usage));
    fputs("\n\n", f);
    putc(toupper((unsigned char)c->summary[0]), f);
    plain(f, c->summary + 1, strlen(c->summary) - 1);
    fputs(".\n\n", f);
    for (const struct cli_option *o = c->options; o->name; o++)
        option(f, o);
    if (c->more)
        paragraphs(f, c->more);
}

static void term(FILE *f, const char *name, const char *text)
{
    word(f, '*', name);
    fputs("\n\t", f);
    plain(f, text, strlen(text));
    fputs("\n\n", f);
}

int cmd_manual(const struct cli_args *a)
{
    FILE *f = stdout;
    struct err e = {0};
    if (cli_operands(a, 0, 0, &e))
        return cli_fail(&e);
    fprintf(f,
            "koppelproef(1) \"koppelproef %s\" \"User commands\"\n\n# NAME\n\n"
            "koppelproef - conformance laboratory for the MBO-koppelpunt\n\n"
            "# SYNOPSIS\n\n*koppelproef* _COMMAND_ [_ARGUMENT_...]\n\n"
            "# DESCRIPTION\n\n",
            KOPPELPROEF_VERSION);
    paragraphs(f, "koppelproef tries implementations of the Dutch MBO-koppelpunt, and of "
                  "the overstapsystemen that read from it. It plays every other party "
                  "over real HTTP, journals everything that crosses the wire, judges it "
                  "against numbered requirements and says who is to blame.\n\n"
                  "Without an iut.json it tries its own reference implementations.");
    fputs("# COMMANDS\n\n", f);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        command(f, c);
    fputs("# ENVIRONMENT\n\n", f);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        term(f, variables[i].name, variables[i].text);
    fputs("# FILES\n\n", f);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        term(f, files[i].name, files[i].text);
    return EXIT_CONFORM;
}
