/* koppelproef completion: what a shell offers after a tab, from the tables that --help is
 * made of. Names of scenarios and the like are asked of the binary when they are wanted,
 * so that a script which is installed stays true. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"

/* What the words of a usage line stand for: kinds of `koppelproef list`, or files. A word
 * in small letters stands for itself. */
static const struct {
    const char *word, *kinds;
    bool files;
} meanings[] = {
    {"SELECT", "scenarios requirements", true},
    {"SCENARIO", "scenarios", false},
    {"ID", "requirements", false},
    {"CHECK", "checks", false},
    {"MUTANT", "mutants", false},
    {"NAME", "", false},
    {"N", "", false},
};
/* Options whose values are names that `koppelproef list` knows. */
static const struct {
    const char *option, *kinds;
} named_values[] = {{"profile", "profiles"}, {"mutant", "mutants"}};

/* What may stand in a place. */
struct offer {
    struct buf words, kinds; /* separated by spaces */
    bool files;
};

static void add(struct buf *b, const char *text, size_t n)
{
    if (n && b->n)
        (void)buf_addc(b, ' ');
    (void)buf_add(b, text, n);
}

static bool is_small(const char *word, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz-", word[i]))
            return false;
    return n > 0;
}

static void offer_word(struct offer *o, const char *word, size_t n)
{
    if (is_small(word, n)) {
        add(&o->words, word, n);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
        if (strlen(meanings[i].word) == n && !strncmp(meanings[i].word, word, n)) {
            add(&o->kinds, meanings[i].kinds, strlen(meanings[i].kinds));
            o->files = o->files || meanings[i].files;
            return;
        }
    }
    o->files = true; /* FILE, DIR, FOLDER, JOURNAL, PATH, RUN, ... */
}

/* "text|json", "ID|SCENARIO" */
static void offer_words(struct offer *o, const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        size_t one = strcspn(text + at, "|");
        one = one < n - at ? one : n - at;
        offer_word(o, text + at, one);
        at += one + 1;
    }
}

static void offer_begin(struct offer *o)
{
    o->files = false;
    buf_init(&o->words, 4096);
    buf_init(&o->kinds, 4096);
}

static void offer_done(struct offer *o)
{
    buf_done(&o->words);
    buf_done(&o->kinds);
}

static const char *text_of(const struct buf *b)
{
    return b->n ? b->p : "";
}

static void of_option(struct offer *o, const struct cli_option *option)
{
    offer_begin(o);
    for (size_t i = 0; i < ARRAY_LEN(named_values); i++) {
        if (!strcmp(named_values[i].option, option->name)) {
            add(&o->kinds, named_values[i].kinds, strlen(named_values[i].kinds));
            return;
        }
    }
    if (!strcmp(option->name, "role"))
        (void)buf_adds(&o->words, "koppelpunt overstapsysteem");
    else
        offer_words(o, option->argument, strlen(option->argument));
}

/* Operands are the words of the usage line, without options and their values. */
static void of_operands(struct offer *o, const struct cli_command *c)
{
    bool value = false;
    offer_begin(o);
    for (const char *at = c->usage; *at; at += strcspn(at, " \n")) {
        at += strspn(at, " \n");
        const char *word = at + strspn(at, "[");
        size_t n = strcspn(word, "]. \n");
        if (value)
            value = false;
        else if (word[0] == '-')
            value = word[n] != ']';
        else if (n && strncmp(word, "OPTION", n) != 0)
            offer_words(o, word, n);
    }
}

/* ---- the shells ---- */

/* For between single quotes of a shell; line ends become spaces. */
static void quoted(FILE *f, const char *text)
{
    putc('\'', f);
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", f);
        else
            putc(*text == '\n' ? ' ' : *text, f);
    }
    putc('\'', f);
}

static void bash_offer(FILE *f, const struct offer *o)
{
    fputs("words=", f);
    quoted(f, text_of(&o->words));
    fputs(" kinds=", f);
    quoted(f, text_of(&o->kinds));
    fprintf(f, " files=%s ;;\n", o->files ? "yes" : "");
}

static void bash_command(FILE *f, const struct cli_command *c)
{
    struct offer o;
    for (const struct cli_option *p = c->options; p->name; p++) {
        if (!p->argument)
            continue;
        of_option(&o, p);
        fprintf(f, "    %s:--%s", c->name, p->name);
        if (p->letter)
            fprintf(f, " | %s:-%c", c->name, p->letter);
        fputs(") ", f);
        bash_offer(f, &o);
        offer_done(&o);
    }
    fprintf(f, "    %s:*)\n        options='", c->name);
    for (const struct cli_option *p = c->options; p->name; p++)
        fprintf(f, "--%s ", p->name);
    fputs("--help' ", f);
    of_operands(&o, c);
    bash_offer(f, &o);
    offer_done(&o);
}

static void bash(FILE *f)
{
    fputs("# bash completion for koppelproef; `koppelproef completion bash` made it.\n"
          "_koppelproef()\n{\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local words='' kinds='' files='' options='' kind\n"
          "    [ \"$cur\" = = ] && cur=''\n"
          "    [ \"$prev\" = = ] && prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    [ \"$COMP_CWORD\" = 1 ] && prev='command'\n"
          "    case ${COMP_WORDS[1]}:$prev in\n    *:command) words='",
          f);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        fprintf(f, "%s ", c->name);
    fputs("help' options='--help --version' ;;\n", f);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        bash_command(f, c);
    fputs("    esac\n"
          "    case $cur in -*) words=$options kinds='' files='' ;; esac\n"
          "    for kind in $kinds; do\n"
          "        words+=\" $(\"${COMP_WORDS[0]}\" list \"$kind\" --format names "
          "2>/dev/null)\"\n"
          "    done\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
          "    if [ -n \"$files\" ]; then\n"
          "        mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- "
          "\"$cur\")\n"
          "        compopt -o filenames 2>/dev/null\n"
          "    fi\n"
          "}\n"
          "complete -F _koppelproef koppelproef\n",
          f);
}

/* What zsh does at a place, as the action of an _arguments line: files, words, and the
 * names of a kind after "@". The space before keeps _arguments from adding options. */
static void zsh_action(FILE *f, const struct offer *o)
{
    const char *kinds = text_of(&o->kinds);
    fprintf(f, " _koppelproef_offer %s %s", o->files ? "@files" : "", text_of(&o->words));
    for (size_t n; *kinds; kinds += n + (kinds[n] != 0)) {
        n = strcspn(kinds, " ");
        fprintf(f, " @%.*s", (int)n, kinds);
    }
}

/* Within "[...]" of an _arguments line. */
static void zsh_text(FILE *f, const char *text)
{
    for (; *text; text++) {
        if (strchr("[]:\\", *text))
            putc('\\', f);
        if (*text == '\'')
            fputs("'\\''", f);
        else
            putc(*text == '\n' ? ' ' : *text, f);
    }
}

static void zsh_command(FILE *f, const struct cli_command *c)
{
    struct offer o;
    fprintf(f, "    %s) _arguments \\\n", c->name);
    for (const struct cli_option *p = c->options; p->name; p++) {
        if (p->letter)
            fprintf(f, "        '(-%c --%s)'{-%c,--%s%s}'[", p->letter, p->name,
                    p->letter, p->name, p->argument ? "=" : "");
        else
            fprintf(f, "        '--%s%s[", p->name, p->argument ? "=" : "");
        zsh_text(f, p->help);
        putc(']', f);
        if (p->argument) {
            of_option(&o, p);
            fputs(":value:", f);
            zsh_action(f, &o);
            offer_done(&o);
        }
        fputs("' \\\n", f);
    }
    fputs("        '(- *)'{-h,--help}'[this text]' \\\n        '*:operand:", f);
    of_operands(&o, c);
    zsh_action(f, &o);
    offer_done(&o);
    fputs("' ;;\n", f);
}

static void zsh(FILE *f)
{
    fputs("#compdef koppelproef\n"
          "# zsh completion for koppelproef; `koppelproef completion zsh` made it.\n"
          "_koppelproef_offer()\n{\n"
          "    local what; local -a names\n"
          "    for what in $@; do\n"
          "        case $what in\n"
          "        @files) _files ;;\n"
          "        @*) names+=(${(f)\"$(koppelproef list ${what#@} --format names "
          "2>/dev/null)\"}) ;;\n"
          "        *) names+=($what) ;;\n"
          "        esac\n"
          "    done\n"
          "    compadd -a names\n}\n"
          "_koppelproef()\n{\n"
          "    local -a commands\n    commands=(\n",
          f);
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        char *line = xasprintf("%s:%s", c->name, c->summary);
        fputs("        ", f);
        quoted(f, line);
        putc('\n', f);
        free(line);
    }
    fputs("    )\n"
          "    if (( CURRENT == 2 )); then\n"
          "        _describe command commands\n        return\n    fi\n"
          "    local command=$words[2]\n"
          "    shift words\n    (( CURRENT-- ))\n"
          "    case $command in\n",
          f);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        zsh_command(f, c);
    fputs("    esac\n}\n"
          "if [ \"$funcstack[1]\" = _koppelproef ]; then\n"
          "    _koppelproef \"$@\"\nelse\n    compdef _koppelproef koppelproef\nfi\n",
          f);
}

static void fish_names(FILE *f, const struct offer *o)
{
    const char *kinds = text_of(&o->kinds);
    if (o->words.n || o->kinds.n)
        fprintf(f, " -a '%s", text_of(&o->words));
    for (size_t n; *kinds; kinds += n + (kinds[n] != 0)) {
        n = strcspn(kinds, " ");
        fprintf(f, " (koppelproef list %.*s --format names 2>/dev/null)", (int)n, kinds);
    }
    if (o->words.n || o->kinds.n)
        putc('\'', f);
    fputs(o->files ? " -F" : " -f", f);
}

static void fish_command(FILE *f, const struct cli_command *c)
{
    struct offer o;
    fprintf(f, "complete -c koppelproef -n __fish_use_subcommand -f -a %s -d ", c->name);
    quoted(f, c->summary);
    putc('\n', f);
    for (const struct cli_option *p = c->options; p->name; p++) {
        fprintf(f, "complete -c koppelproef -n '__fish_seen_subcommand_from %s' -l %s",
                c->name, p->name);
        if (p->letter)
            fprintf(f, " -s %c", p->letter);
        if (p->argument) {
            of_option(&o, p);
            fputs(" -r", f);
            fish_names(f, &o);
            offer_done(&o);
        }
        fputs(" -d ", f);
        quoted(f, p->help);
        putc('\n', f);
    }
    of_operands(&o, c);
    fprintf(f, "complete -c koppelproef -n '__fish_seen_subcommand_from %s'", c->name);
    fish_names(f, &o);
    putc('\n', f);
    offer_done(&o);
}

static void fish(FILE *f)
{
    fputs("# fish completion for koppelproef; `koppelproef completion fish` made it.\n"
          "complete -c koppelproef -f\n",
          f);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        fish_command(f, c);
}

int cmd_completion(const struct cli_args *a)
{
    static const char *const names[] = {"bash", "zsh", "fish"};
    static void (*const shells[])(FILE * f) = {bash, zsh, fish};
    struct err e = {0};
    size_t which = 0;
    int rc = cli_operands(a, 1, 1, &e);
    if (!rc)
        rc = cli_word("the shell", a->operand[0], names, ARRAY_LEN(names), &which, &e);
    if (rc)
        return cli_fail(&e);
    shells[which](stdout);
    return EXIT_CONFORM;
}
