/* The table of sub-commands, and the way to them. */
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"

static const struct cli_option no_options[] = {{NULL, 0, NULL, NULL}};

static const struct cli_option validate_options[] = {
    {"format", 0, "text|json", "how faults are written (default: text)"},
    {"formats", 0, "assert|annotation", "whether the keyword \"format\" is checked"},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cli_commands[] = {
    {"run", "try a system with scenarios, judge it and report",
     "[SELECT...] [--iut FILE] [OPTION...]",
     "SELECT is a family of scenarios, a scenario's name, the id of a requirement (all\n"
     "scenarios that prove it), or a scenario file or folder. Nothing selects all.\n"
     "Without --iut the bundled reference implementations of both roles are tried.\n"
     "\n"
     "The folder gets journal.jsonl (all that crossed the wire), report.html, "
     "result.json\n"
     "and junit.xml; build/run/latest points at the last one.\n"
     "\n"
     "Exit status: 0 conform, 1 a MUST failed, 2 usage or configuration, 3 environment,\n"
     "4 incomplete or nothing selected, 5 fault of the harness, 6 flaky, or less\n"
     "reliability was shown than is required, 8 a waiver is expired or stale,\n"
     "130 interrupted.",
     cli_run_options, cmd_run, NULL},
    {"mock", "be a koppelpunt or an overstapsysteem until Ctrl-C",
     "koppelpunt|overstapsysteem [OPTION...]",
     "Options override the environment: IUT_STATE_DIR, IUT_CLIENTS_FILE,\n"
     "KOPPELPUNT_LISTEN, KOPPELPUNT_CURSOR_SECONDS, KOPPELPUNT_URL,\n"
     "KOPPELPUNT_TOKEN_URL, KOPPELPUNT_CLIENT_ID, KOPPELPUNT_CLIENT_SECRET,\n"
     "KOPPELPUNT_CA_FILE, KOPPELPUNT_AANSLUITDATUM, OPHAALINTERVAL_SECONDS,\n"
     "WAARNEMER_LISTEN, KOPPELPROEF_PROFILE.\n"
     "\n"
     "Without a clients file the koppelpunt makes its own clients from the seed, and "
     "the\n"
     "overstapsysteem with the same seed is one of them: two terminals, no options.\n"
     "SIGHUP makes a koppelpunt read its clients file again.",
     cli_mock_options, cmd_mock, NULL},
    {"preflight", "check an iut.json and every road to and from the system",
     "--iut FILE [--profile NAME]",
     "Exit status: 0 all is well, 2 the configuration must be mended, 3 the environment.",
     cli_preflight_options, cmd_preflight, NULL},
    {"provision", "write the clients that a running system has to know",
     "[--out FILE] [--seed N]",
     "Load the file into the system, and name it as \"provisioning\" in the iut.json. "
     "It\n"
     "holds secrets: only you can read it.",
     cli_provision_options, cmd_provision, NULL},
    {"list",
     "list scenarios, requirements, mutants, profiles, steps, checks, distortions",
     "scenarios|requirements|mutants|profiles|steps|checks|distortions [OPTION...]", NULL,
     cli_list_options, cmd_list, NULL},
    {"explain", "tell what a requirement asks or what a scenario does",
     "ID|SCENARIO [--lang nl|en]", NULL, cli_explain_options, cmd_explain, NULL},
    {"lint", "check scenarios, iut.json, profiles and requirements", "[PATH...]",
     "Without PATH all bundled scenarios, profiles and requirements are checked. Each "
     "fault\n"
     "is one line, FILE:LINE:COLUMN: text. Exit status: 0 no faults, 2 faults.",
     no_options, cmd_lint, NULL},
    {"judge", "judge the journal of an earlier run again", "FOLDER|JOURNAL [OPTION...]",
     "Verdicts follow from the journal alone: on another machine, without the system.\n"
     "The exit status is that of the run.",
     cli_judge_options, cmd_judge, NULL},
    {"report", "make the reports of an earlier run again, also in other formats",
     "FOLDER|JOURNAL [OPTION...]",
     "Formats: html (report.html and a page per scenario), json, junit, markdown, tap,\n"
     "ctrf, csv, and har: all that crossed the wire, masked. They follow from the "
     "journal\n"
     "alone.",
     cli_report_options, cmd_report, NULL},
    {"verify", "tell whether a run's results follow from its journal",
     "FOLDER|BUNDLE [OPTION...]",
     "Judges the journal anew, makes every report anew, and compares: result.json "
     "member\n"
     "by member, reports byte for byte; of a bundle its statement and digests before "
     "that.\n"
     "\n"
     "Exit status: 0 all is the same; 1 something differs, is missing, or the journal "
     "was\n"
     "edited; 4 something differs, and this koppelproef or its data are not those of "
     "the\n"
     "run; 2 it is no run; 3 environment.",
     cli_verify_options, cmd_verify, NULL},
    {"bundle", "pack a run into one file that can be handed on", "FOLDER [OPTION...]",
     "The file holds journal, result.json, reports, scenarios, profile, requirements and "
     "an\n"
     "in-toto statement with a test result. It is refused when the run does not verify, "
     "and\n"
     "when it holds the number of a person that is not masked or a planted text. What "
     "the\n"
     "system itself wrote is left out. The same run gives the same bytes.\n"
     "\n"
     "Exit status: 0 made, 2 refused, 3 environment.",
     cli_bundle_options, cmd_bundle, NULL},
    {"diff", "tell what changed between two runs", "RUN RUN [OPTION...]",
     "RUN is the folder of a run, a result.json or a bundle; of the same profile and "
     "roles.\n"
     "A change is named by requirement, and below it by scenario and check.\n"
     "\n"
     "Exit status: 0 nothing changed, 1 something did, 2 they can't be compared.",
     cli_diff_options, cmd_diff, NULL},
    {"replay", "do again what failed in an earlier run, and tell what came of it",
     "FOLDER|JOURNAL|BUNDLE [SCENARIO|REQUIREMENT|CHECK...] [OPTION...]",
     "Tries the scenarios that did not pass, or of these the ones that are named or "
     "have\n"
     "such a finding, again: the same texts, persons, order and faults, as the journal "
     "has\n"
     "them, and tells of each finding whether it came back (same), is gone, or "
     "something\n"
     "else is wrong (other). With --iut another system, such as a mended one.\n"
     "\n"
     "--shrink takes steps out of the first failing scenario as long as the same check "
     "of\n"
     "the same requirement fails, and passes on the bundled reference implementation; "
     "what\n"
     "is left is written as a scenario file.\n"
     "\n"
     "The exit status is that of the run that it is: 0 nothing fails any more, 1 a MUST\n"
     "failed, 4 also when there is nothing to replay.",
     cli_replay_options, cmd_replay, NULL},
    {"selftest", "try every check on systems with a known defect",
     "[MUTANT...] [OPTION...]",
     "Each mutant (`koppelproef list mutants`) is the system under test of a run. A "
     "defect\n"
     "must turn exactly the stated requirements red (of the whole chain, KT-*, at least\n"
     "what it states); what is correct but unusual must turn none red; of what does\n"
     "nothing none may pass. The reference goes first, to see in which scenarios each\n"
     "defect could do otherwise: it is tried in those.\n"
     "The folder gets each run, and selftest.json.\n"
     "\n"
     "Exit status: 0 all is so, 1 it is not, 2 usage, 3 environment, 130 interrupted.",
     cli_selftest_options, cmd_selftest, NULL},
    {"validate", "check JSON against a JSON Schema",
     "[--format text|json] [--formats assert|annotation] SCHEMA INSTANCE...",
     "An INSTANCE of - is standard input. Exit status: 0 all valid, 1 some invalid,\n"
     "2 the schema cannot be used or an instance cannot be read.",
     validate_options, NULL, cmd_validate},
    {"completion", "print a shell's completion script", "bash|zsh|fish",
     "For bash: source <(koppelproef completion bash). `make install` puts all three in\n"
     "their places.",
     no_options, cmd_completion, NULL},
    {"manual", "print the manual page, as scdoc source", "",
     "koppelproef manual | scdoc | man -l -    shows it; `make install` installs it.",
     no_options, cmd_manual, NULL},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};

static const struct cli_command *command_find(const char *name)
{
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (!strcmp(c->name, name))
            return c;
    return NULL;
}

static int unknown(const char *word, const char *kind)
{
    const char *names[ARRAY_LEN(cli_commands) + 2];
    size_t n = 0;
    char near[120];
    for (const struct cli_command *c = cli_commands; c->name; c++)
        names[n++] = c->name;
    names[n++] = "--help";
    names[n++] = "--version";
    cli_suggestion(near, sizeof near, word, names, n);
    cli_say("%s \"%s\" is not known%s%s", kind, word, near,
            *near ? "" : "; `koppelproef --help` lists them");
    return EXIT_USAGE;
}

/* `koppelproef help [COMMAND]`. */
static int help(int argc, char **argv)
{
    const struct cli_command *c = argc > 0 ? command_find(argv[0]) : NULL;
    if (argc > 0 && !c)
        return unknown(argv[0], "the command");
    if (c)
        cli_help_of(stdout, c);
    else
        cli_help(stdout);
    return EXIT_CONFORM;
}

static int run(const struct cli_command *c, int argc, char **argv)
{
    struct cli_args args;
    struct err e = {0};
    bool asks_help = false;
    char **copy = xcalloc((size_t)argc + 1, sizeof *copy);
    for (int i = 0; i < argc; i++)
        copy[i] = argv[i];
    int rc = cli_parse(c, argc - 1, copy + 1, &args, &asks_help, &e);
    if (asks_help) {
        cli_help_of(stdout, c);
        rc = EXIT_CONFORM;
    } else if (rc) {
        rc = cli_fail(&e);
    } else {
        rc = c->run_argv ? c->run_argv(argc, argv) : c->run(&args);
    }
    free(copy);
    return cli_flush(rc);
}

int cli_main(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : NULL;
    if (!first) {
        cli_help(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(first, "help"))
        return help(argc - 2, argv + 2);
    if (!strcmp(first, "--help") || !strcmp(first, "-h"))
        return help(0, NULL);
    if (!strcmp(first, "--version")) {
        printf("koppelproef %s\n", KOPPELPROEF_VERSION);
        return EXIT_CONFORM;
    }
    const struct cli_command *c = command_find(first);
    if (!c)
        return unknown(first, first[0] == '-' ? "the option" : "the command");
    return run(c, argc - 1, argv + 1);
}
