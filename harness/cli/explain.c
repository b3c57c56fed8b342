/* koppelproef explain: what a requirement asks, or what a scenario does. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "harness/cli/selftest.h"
#include "harness/scenario/doc.h"

const struct cli_option cli_explain_options[] = {
    {"lang", 'l', "nl|en", "language (default: from LANG)"},
    {NULL, 0, NULL, NULL},
};

struct explain {
    struct tables *tables;
    struct requirements *requirements;
    struct scenarios scenarios;
    enum lang lang;
};

/* The words of this page, Dutch and English. */
enum word {
    MUST,
    SHOULD,
    ROLE,
    SOURCE,
    EVERYWHERE,
    CAPABILITY,
    CHECKS,
    PROVEN,
    UNPROVEN,
    GIVEN,
    STEPS,
    PROVES,
    NEEDS,
    FILE_AT,
    MUTANTS,
    NO_MUTANT
};
static const char *const words[][2] = {
    [MUST] = {"verplicht (MUST)", "MUST"},
    [SHOULD] = {"dringend gewenst (SHOULD)", "SHOULD"},
    [ROLE] = {"rol", "role"},
    [SOURCE] = {"bron", "source"},
    [EVERYWHERE] = {"Wordt beoordeeld over al het verkeer van elke proef van deze rol.",
                    "Judged over all traffic of every trial of this role."},
    [CAPABILITY] = {"Hangt aan de capability", "Hangs on the capability"},
    [CHECKS] = {"Controles", "Checks"},
    [PROVEN] = {"Scenario's die dit bewijzen", "Scenarios that prove it"},
    [UNPROVEN] = {"Geen scenario van deze editie bewijst dit.",
                  "No scenario of this edition proves it."},
    [GIVEN] = {"Gegeven", "Given"},
    [STEPS] = {"Stappen", "Steps"},
    [PROVES] = {"Bewijst", "Proves"},
    [NEEDS] = {"Vraagt van het systeem", "Asks of the system"},
    [FILE_AT] = {"Bestand", "File"},
    [MUTANTS] = {"Mutanten die dit moeten laten falen", "Mutants that must make it fail"},
    [NO_MUTANT] = {"Geen mutant laat dit falen.", "No mutant makes it fail."},
};

static const char *say(const struct explain *x, enum word w)
{
    return words[w][x->lang == LANG_NL ? 0 : 1];
}

static const char *in_lang(const struct explain *x, const json_t *texts)
{
    const char *s =
        json_string_value(json_object_get(texts, x->lang == LANG_NL ? "nl" : "en"));
    return s ? s : "";
}

/* ---- a requirement ---- */

/* By which defects its checks have been seen to fail (`koppelproef selftest`). */
static void explain_mutants(const struct explain *x, const struct requirement *q)
{
    const struct mutant *m;
    size_t told = 0;
    for (size_t i = 0; (m = mutant_at(i)); i++) {
        if (!tried_states(m, q->id))
            continue;
        if (!told++)
            printf("\n%s:\n", say(x, MUTANTS));
        printf("  %s: %s\n", m->name, x->lang == LANG_NL ? m->nl : m->en);
    }
    if (!told)
        printf("\n%s\n", say(x, NO_MUTANT));
}

static void explain_requirement(const struct explain *x, const struct requirement *q)
{
    size_t told = 0;
    const struct check_info *check;
    printf("%s  %s\n\n%s\n\n", q->id, say(x, q->level == 'M' ? MUST : SHOULD),
           x->lang == LANG_NL ? q->nl : q->en);
    printf("%s: %s   %s: %s\n", say(x, ROLE), q->role, say(x, SOURCE), q->source);
    if (q->capability)
        printf("%s %s.\n", say(x, CAPABILITY), q->capability);
    if (q->everywhere)
        printf("%s\n", say(x, EVERYWHERE));
    for (size_t i = 0; (check = judge_check(i)); i++) {
        if (strcmp(check->requirement, q->id))
            continue;
        if (!told++)
            printf("\n%s:\n", say(x, CHECKS));
        printf("  %s: %s\n", check->name, check->looks_at);
    }
    told = 0;
    for (size_t i = 0; i < x->scenarios.n; i++) {
        const struct scenario *s = x->scenarios.v[i];
        if (!scenario_proves(s, q->id))
            continue;
        if (!told++)
            printf("\n%s:\n", say(x, PROVEN));
        printf("  %s/%s: %s\n", s->family, s->name, in_lang(x, s->title));
    }
    if (!told && !q->everywhere)
        printf("\n%s\n", say(x, UNPROVEN));
    explain_mutants(x, q);
}

/* ---- a scenario ---- */

/* A list of steps, with the steps within them below. */
static void tell_steps(const json_t *steps, int depth)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        const json_t *inner = json_object_get(step, "steps");
        if (json_is_array(step)) { /* a lane of its own */
            printf("%*s-\n", 2 + 3 * depth, "");
            tell_steps(step, depth + 1);
            continue;
        }
        char *sentence = doc_step(step);
        printf("%*s%zu. %s\n", 2 + 3 * depth, "", i + 1, sentence);
        free(sentence);
        if (json_is_array(json_object_get(step, "together")))
            tell_steps(json_object_get(step, "together"), depth + 1);
        tell_steps(inner, depth + 1);
    }
}

static void tell_words(const char *what, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        printf("%s%s%s", i ? ", " : what, i ? "" : ": ",
               json_string_value(json_array_get(list, i)));
    if (json_array_size(list))
        putchar('\n');
}

/* "lotte: school 02QZ00, age 16" for each member of one kind of "given". */
static void tell_members(const char *kind, json_t *members)
{
    const char *name, *key;
    json_t *member, *v;
    if (!json_is_object(members)) {
        char *text = json_dumps(members, JSON_COMPACT | JSON_ENCODE_ANY);
        printf("  %s %s\n", kind, text);
        free(text);
        return;
    }
    json_object_foreach (members, name, member) {
        size_t n = 0;
        printf("  %s %s", kind, name);
        if (!json_is_object(member)) {
            char *text = json_dumps(member, JSON_COMPACT | JSON_ENCODE_ANY);
            printf(": %s", text);
            free(text);
        }
        json_object_foreach (member, key, v) {
            char *text = json_is_string(v)
                             ? xstrdup(json_string_value(v))
                             : json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
            printf("%s%s %s", n++ ? ", " : ": ", key, text);
            free(text);
        }
        putchar('\n');
    }
}

static void explain_scenario(const struct explain *x, const struct scenario *s)
{
    const char *kind;
    json_t *members;
    const char *story = in_lang(x, json_object_get(s->root, "story"));
    printf("%s/%s: %s\n", s->family, s->name, in_lang(x, s->title));
    if (*story)
        printf("\n%s\n", story);
    printf("\n%s: %s\n", say(x, ROLE), s->role);
    tell_words(say(x, PROVES), s->proves);
    tell_words(say(x, NEEDS), s->needs);
    printf("%s: %s\n", say(x, FILE_AT), s->file);
    if (json_object_size(s->given))
        printf("\n%s:\n", say(x, GIVEN));
    json_object_foreach (json_object_get(s->root, "given"), kind, members)
        tell_members(kind, members);
    printf("\n%s:\n", say(x, STEPS));
    tell_steps(s->steps, 0);
}

/* ---- which ---- */

static bool is_file(const char *word)
{
    struct stat st;
    return !stat(word, &st) && S_ISREG(st.st_mode);
}

static const struct scenario *find_scenario(const struct explain *x, const char *name)
{
    const char *slash = strrchr(name, '/');
    for (size_t i = 0; i < x->scenarios.n; i++)
        if (!strcmp(x->scenarios.v[i]->name, slash ? slash + 1 : name))
            return x->scenarios.v[i];
    return NULL;
}

static int unknown(const struct explain *x, const char *word, struct err *e)
{
    size_t n = 0;
    const char **all =
        xcalloc(x->scenarios.n + requirements_count(x->requirements) + 1, sizeof *all);
    char near[200];
    for (size_t i = 0; i < x->scenarios.n; i++)
        all[n++] = x->scenarios.v[i]->name;
    for (size_t i = 0; i < requirements_count(x->requirements); i++)
        all[n++] = requirements_at(x->requirements, i)->id;
    cli_suggestion(near, sizeof near, word, all, n);
    free(all);
    return err_set(e, E_INVALID, "\"%s\" is no requirement and no scenario%s%s", word,
                   near, *near ? "" : "; see `koppelproef list requirements`");
}

int cmd_explain(const struct cli_args *a)
{
    struct explain x = {0};
    struct err e = {0};
    int rc = cli_operands(a, 1, 1, &e);
    if (!rc)
        rc = cli_lang(a, &x.lang, &e);
    if (!rc)
        rc = cli_load_requirements(&x.requirements, &e);
    if (!rc)
        rc = cli_load_tables(&x.tables, &e);
    /* A file of one's own, or one of the bundled scenarios. */
    bool file = !rc && is_file(a->operand[0]);
    if (!rc)
        rc = scenarios_load(file ? a->operand[0] : profile_scenarios_dir(), x.tables,
                            &x.scenarios, &e);
    const struct requirement *q =
        rc ? NULL : requirements_find(x.requirements, a->operand[0]);
    const struct scenario *s = rc     ? NULL
                               : file ? x.scenarios.v[0]
                                      : find_scenario(&x, a->operand[0]);
    if (q)
        explain_requirement(&x, q);
    else if (s)
        explain_scenario(&x, s);
    else if (!rc)
        rc = unknown(&x, a->operand[0], &e);
    scenarios_done(&x.scenarios);
    tables_free(x.tables);
    requirements_free(x.requirements);
    return rc ? cli_fail(&e) : EXIT_CONFORM;
}
