/* koppelproef list: what there is, as text or JSON. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/list.h"
#include "harness/cli/selftest.h"
#include "harness/scenario/doc.h"

const struct cli_option cli_list_options[] = {
    {"role", 'r', "ROLE", "scenarios, requirements, mutants: only of this role"},
    {"format", 'f', "text|json|names", "default: text; names: one on each line"},
    {"lang", 'l', "nl|en", "language (default: from LANG)"},
    {"run", 0, "DIR",
     "requirements: the run whose scores are shown\n(default: " CLI_LATEST_RUN ")"},
    {NULL, 0, NULL, NULL},
};

/* Each kind is gathered as a JSON array, and printed from it one element at a time. */
struct kind {
    const char *name;
    int (*gather)(const struct listing *l, json_t *out, struct err *e);
    void (*print)(const struct listing *l, const json_t *all);
};

const char *list_text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

const char *list_in_lang(const struct listing *l, const json_t *texts)
{
    return list_text(texts, l->lang == LANG_NL ? "nl" : "en");
}

void list_words(const char *before, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        printf("%s%s", i ? " " : before, json_string_value(json_array_get(list, i)));
}

/* ---- scenarios ---- */

int list_load_scenarios(struct scenarios *out, struct err *e)
{
    struct tables *tables = NULL;
    int rc = cli_load_tables(&tables, e);
    if (!rc)
        rc = scenarios_load(profile_scenarios_dir(), tables, out, e);
    tables_free(tables);
    return rc;
}

static json_t *or_empty(const json_t *list)
{
    return list ? json_deep_copy(list) : json_array();
}

static int gather_scenarios(const struct listing *l, json_t *out, struct err *e)
{
    struct scenarios all = {0};
    int rc = list_load_scenarios(&all, e);
    for (size_t i = 0; i < all.n && !rc; i++) {
        const struct scenario *s = all.v[i];
        if (l->role && !scenario_for(s, l->role))
            continue;
        json_array_append_new(
            out, json_pack("{ss,ss,ss,so,so,so}", "name", s->name, "family", s->family,
                           "role", s->role, "title", json_deep_copy(s->title), "proves",
                           or_empty(s->proves), "needs", or_empty(s->needs)));
    }
    scenarios_done(&all);
    return rc;
}

static void print_scenarios(const struct listing *l, const json_t *all)
{
    const char *family = NULL;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *s = json_array_get(all, i);
        if (!family || strcmp(family, list_text(s, "family"))) {
            family = list_text(s, "family");
            printf("%s%s\n", i ? "\n" : "", family);
        }
        printf("  %-40s %s\n", list_text(s, "name"),
               list_in_lang(l, json_object_get(s, "title")));
        printf("  %-40s %s:", "", list_text(s, "role"));
        list_words(" ", json_object_get(s, "proves"));
        list_words("; needs ", json_object_get(s, "needs"));
        putchar('\n');
    }
}

/* ---- mutants ---- */

static int gather_mutants(const struct listing *l, json_t *out, struct err *e)
{
    const struct mutant *m;
    (void)e;
    for (size_t i = 0; (m = mutant_at(i)); i++)
        if (!l->role || !strcmp(l->role, m->role))
            json_array_append_new(
                out, json_pack("{ss,ss,ss,so,s{ss,ss}}", "name", m->name, "role", m->role,
                               "kind", mutant_kind_name(m->kind), "reds",
                               tried_expected(m), "text", "nl", m->nl, "en", m->en));
    return 0;
}

static void print_mutants(const struct listing *l, const json_t *all)
{
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *m = json_array_get(all, i), *reds = json_object_get(m, "reds");
        printf("%-30s %s\n", list_text(m, "name"),
               list_in_lang(l, json_object_get(m, "text")));
        printf("%-30s %s", "", list_text(m, "kind"));
        list_words(": ", reds);
        putchar('\n');
    }
}

/* ---- profiles ---- */

static json_t *profile_of(const char *name)
{
    json_t *root = NULL;
    char *path = xasprintf("%s/profiles/%s.json", profile_dir(), name);
    int rc = file_read_json(path, &root, NULL);
    json_t *one =
        json_pack("{ss,ss,ss}", "name", name, "title", rc ? "" : list_text(root, "title"),
                  "version", rc ? "" : list_text(root, "version"));
    json_decref(root);
    free(path);
    return one;
}

static int gather_profiles(const struct listing *l, json_t *out, struct err *e)
{
    char **names = NULL;
    (void)l;
    int rc = profile_list(profile_dir(), &names, e);
    for (size_t i = 0; !rc && names[i]; i++) {
        json_array_append_new(out, profile_of(names[i]));
        free(names[i]);
    }
    free(names);
    return rc;
}

static void print_profiles(const struct listing *l, const json_t *all)
{
    (void)l;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *p = json_array_get(all, i);
        printf("%-12s %s %s\n", list_text(p, "name"), list_text(p, "version"),
               list_text(p, "title"));
    }
}

/* ---- steps ---- */

static json_t *keys_of(size_t verb)
{
    json_t *keys = json_array();
    struct doc_key k;
    for (size_t i = 0; doc_key_at(verb, i, &k); i++) {
        json_t *one = json_pack("{ss,ss,sb}", "name", k.name, "type", k.type, "required",
                                k.required);
        if (k.words) {
            json_t *words = json_array();
            for (size_t w = 0; k.words[w]; w++)
                json_array_append_new(words, json_string(k.words[w]));
            json_object_set_new(one, "words", words);
        }
        json_array_append_new(keys, one);
    }
    return keys;
}

static int gather_steps(const struct listing *l, json_t *out, struct err *e)
{
    struct doc_verb v;
    (void)l;
    (void)e;
    for (size_t i = 0; doc_verb_at(i, &v); i++) {
        char *form = !strcmp(v.actor, v.verb) ? xasprintf("{\"%s\": ...}", v.actor)
                     : v.by_value
                         ? xasprintf("{\"%s\": \"%s\"}", v.actor, v.verb)
                         : xasprintf("{\"%s\": ..., \"%s\": ...}", v.actor, v.verb);
        json_array_append_new(out,
                              json_pack("{ss,ss,ss,ss?,ss,so}", "actor", v.actor, "verb",
                                        v.verb, "form", form, "subject", v.subject, "doc",
                                        v.doc, "keys", keys_of(i)));
        free(form);
    }
    return 0;
}

static void print_steps(const struct listing *l, const json_t *all)
{
    (void)l;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *v = json_array_get(all, i), *keys = json_object_get(v, "keys");
        printf("%s%s\n    %s\n", i ? "\n" : "", list_text(v, "form"),
               list_text(v, "doc"));
        if (*list_text(v, "subject") &&
            strcmp(list_text(v, "actor"), list_text(v, "verb")) != 0)
            printf("    %-22s %s\n", list_text(v, "actor"), list_text(v, "subject"));
        for (size_t k = 0; k < json_array_size(keys); k++) {
            const json_t *key = json_array_get(keys, k);
            const json_t *words = json_object_get(key, "words");
            printf("    %-22s %s", list_text(key, "name"),
                   words ? "" : list_text(key, "type"));
            list_words("one of: ", words);
            printf("%s\n",
                   json_is_true(json_object_get(key, "required")) ? " (needed)" : "");
        }
    }
}

/* ---- checks and distortions ---- */

static int gather_checks(const struct listing *l, json_t *out, struct err *e)
{
    const struct check_info *c;
    (void)l;
    (void)e;
    for (size_t i = 0; (c = judge_check(i)); i++)
        json_array_append_new(out, json_pack("{ss,ss,ss}", "name", c->name, "requirement",
                                             c->requirement, "looksAt", c->looks_at));
    return 0;
}

static void print_checks(const struct listing *l, const json_t *all)
{
    (void)l;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *c = json_array_get(all, i);
        printf("%-10s %-28s %s\n", list_text(c, "requirement"), list_text(c, "name"),
               list_text(c, "looksAt"));
    }
}

static int gather_distortions(const struct listing *l, json_t *out, struct err *e)
{
    struct doc_distortion d;
    (void)l;
    (void)e;
    for (size_t i = 0; doc_distortion_at(i, &d); i++)
        json_array_append_new(out, json_pack("{ss,ss?,ss?,ss?}", "name", d.name, "answer",
                                             d.answer, "requirement", d.requirement,
                                             "doc", d.doc));
    return 0;
}

static void print_distortions(const struct listing *l, const json_t *all)
{
    (void)l;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *d = json_array_get(all, i);
        printf("%-32s %-10s %-10s %s\n", list_text(d, "name"),
               list_text(d, "requirement"), list_text(d, "answer"), list_text(d, "doc"));
    }
}

/* ---- which ---- */

static const struct kind kinds[] = {
    {"scenarios", gather_scenarios, print_scenarios},
    {"requirements", list_gather_requirements, list_print_requirements},
    {"mutants", gather_mutants, print_mutants},
    {"profiles", gather_profiles, print_profiles},
    {"steps", gather_steps, print_steps},
    {"checks", gather_checks, print_checks},
    {"distortions", gather_distortions, print_distortions},
};

static int find_kind(const struct cli_args *a, size_t *index, struct err *e)
{
    const char *names[ARRAY_LEN(kinds)];
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        names[i] = kinds[i].name;
    return cli_word("what to list", a->operand[0], names, ARRAY_LEN(kinds), index, e);
}

/* What each is called on a command line; a step has only its form. */
static void print_names(const json_t *all)
{
    static const char *const keys[] = {"id", "name", "form"};
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *name = "";
        for (size_t k = 0; k < ARRAY_LEN(keys) && !*name; k++)
            name = list_text(json_array_get(all, i), keys[k]);
        puts(name);
    }
}

int cmd_list(const struct cli_args *a)
{
    static const char *const formats[] = {"text", "json", "names"};
    struct listing l = {0};
    struct err e = {0};
    size_t kind = 0, format = 0;
    json_t *all = json_array();
    int rc = cli_operands(a, 1, 1, &e);
    if (!rc)
        rc = find_kind(a, &kind, &e);
    if (!rc)
        rc = cli_word("--format", cli_value_or(a, "format", NULL, "text"), formats,
                      ARRAY_LEN(formats), &format, &e);
    if (!rc)
        rc = cli_role(a, &l.role, &e);
    if (!rc)
        rc = cli_lang(a, &l.lang, &e);
    l.run = cli_value(a, "run");
    if (!rc)
        rc = kinds[kind].gather(&l, all, &e);
    if (!rc && format == 1) {
        json_dumpf(all, stdout, JSON_INDENT(1));
        putchar('\n');
    } else if (!rc && format == 2) {
        print_names(all);
    } else if (!rc) {
        kinds[kind].print(&l, all);
    }
    json_decref(all);
    return rc ? cli_fail(&e) : EXIT_CONFORM;
}
