/* koppelproef list: what there is, as text or JSON. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/cli.h"
#include "harness/cli/selftest.h"
#include "harness/scenario/doc.h"

const struct cli_option cli_list_options[] = {
    {"role", 'r', "ROLE", "scenarios, requirements, mutants: only of this role"},
    {"format", 'f', "text|json|names", "default: text; names: one on each line"},
    {"lang", 'l', "nl|en", "language (default: from LANG)"},
    {NULL, 0, NULL, NULL},
};

struct listing {
    const char *role; /* NULL: all */
    enum lang lang;
};

/* Each kind is gathered as a JSON array, and printed from it one element at a time. */
struct kind {
    const char *name;
    int (*gather)(const struct listing *l, json_t *out, struct err *e);
    void (*print)(const struct listing *l, const json_t *all);
};

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static const char *in_lang(const struct listing *l, const json_t *texts)
{
    return text_of(texts, l->lang == LANG_NL ? "nl" : "en");
}

static void print_words(const char *before, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        printf("%s%s", i ? " " : before, json_string_value(json_array_get(list, i)));
}

/* ---- scenarios ---- */

static int load_scenarios(struct scenarios *out, struct err *e)
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
    int rc = load_scenarios(&all, e);
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
        if (!family || strcmp(family, text_of(s, "family"))) {
            family = text_of(s, "family");
            printf("%s%s\n", i ? "\n" : "", family);
        }
        printf("  %-40s %s\n", text_of(s, "name"),
               in_lang(l, json_object_get(s, "title")));
        printf("  %-40s %s:", "", text_of(s, "role"));
        print_words(" ", json_object_get(s, "proves"));
        print_words("; needs ", json_object_get(s, "needs"));
        putchar('\n');
    }
}

/* ---- requirements ---- */

static json_t *provers(const struct scenarios *all, const char *id)
{
    json_t *names = json_array();
    for (size_t i = 0; i < all->n; i++)
        if (scenario_proves(all->v[i], id))
            json_array_append_new(names, json_string(all->v[i]->name));
    return names;
}

/* How many mutants must turn it red. */
static size_t count_mutants(const char *id)
{
    const struct mutant *m;
    size_t n = 0;
    for (size_t i = 0; (m = mutant_at(i)); i++)
        n += tried_states(m, id);
    return n;
}

static int gather_requirements(const struct listing *l, json_t *out, struct err *e)
{
    struct scenarios all = {0};
    struct requirements *r = NULL;
    int rc = cli_load_requirements(&r, e);
    if (!rc)
        rc = load_scenarios(&all, e);
    for (size_t i = 0; !rc && i < requirements_count(r); i++) {
        const struct requirement *q = requirements_at(r, i);
        char level[2] = {q->level, 0};
        if (l->role && strcmp(q->role, l->role) && strcmp(q->role, "keten"))
            continue;
        json_array_append_new(
            out, json_pack("{ss,ss,ss,ss,s{ss,ss},sb,ss?,so,sI}", "id", q->id, "level",
                           level, "role", q->role, "source", q->source, "text", "nl",
                           q->nl, "en", q->en, "everywhere", q->everywhere, "capability",
                           q->capability, "scenarios", provers(&all, q->id), "mutants",
                           (json_int_t)count_mutants(q->id)));
    }
    scenarios_done(&all);
    requirements_free(r);
    return rc;
}

static void print_requirements(const struct listing *l, const json_t *all)
{
    size_t unproven = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *q = json_array_get(all, i);
        bool everywhere = json_is_true(json_object_get(q, "everywhere"));
        size_t n = json_array_size(json_object_get(q, "scenarios"));
        printf("%-10s %s  %s\n", text_of(q, "id"), text_of(q, "level"),
               in_lang(l, json_object_get(q, "text")));
        print_words("              ", json_object_get(q, "scenarios"));
        if (everywhere)
            printf("%s(every exchange of any run)", n ? " " : "              ");
        if (!n && !everywhere)
            printf("              (no scenario)");
        printf("; mutants: %" JSON_INTEGER_FORMAT "\n",
               json_integer_value(json_object_get(q, "mutants")));
        unproven += !n && !everywhere;
    }
    printf("\n%zu requirements; %zu of them proven by no scenario%s",
           json_array_size(all), unproven, unproven ? ":" : "\n");
    for (size_t i = 0; i < json_array_size(all) && unproven; i++) {
        const json_t *q = json_array_get(all, i);
        if (!json_array_size(json_object_get(q, "scenarios")) &&
            !json_is_true(json_object_get(q, "everywhere")))
            printf(" %s", text_of(q, "id"));
    }
    if (unproven)
        putchar('\n');
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
        printf("%-30s %s\n", text_of(m, "name"), in_lang(l, json_object_get(m, "text")));
        printf("%-30s %s", "", text_of(m, "kind"));
        print_words(": ", reds);
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
        json_pack("{ss,ss,ss}", "name", name, "title", rc ? "" : text_of(root, "title"),
                  "version", rc ? "" : text_of(root, "version"));
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
        printf("%-12s %s %s\n", text_of(p, "name"), text_of(p, "version"),
               text_of(p, "title"));
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
        printf("%s%s\n    %s\n", i ? "\n" : "", text_of(v, "form"), text_of(v, "doc"));
        if (*text_of(v, "subject") &&
            strcmp(text_of(v, "actor"), text_of(v, "verb")) != 0)
            printf("    %-22s %s\n", text_of(v, "actor"), text_of(v, "subject"));
        for (size_t k = 0; k < json_array_size(keys); k++) {
            const json_t *key = json_array_get(keys, k);
            const json_t *words = json_object_get(key, "words");
            printf("    %-22s %s", text_of(key, "name"),
                   words ? "" : text_of(key, "type"));
            print_words("one of: ", words);
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
        printf("%-10s %-28s %s\n", text_of(c, "requirement"), text_of(c, "name"),
               text_of(c, "looksAt"));
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
        printf("%-32s %-10s %-10s %s\n", text_of(d, "name"), text_of(d, "requirement"),
               text_of(d, "answer"), text_of(d, "doc"));
    }
}

/* ---- which ---- */

static const struct kind kinds[] = {
    {"scenarios", gather_scenarios, print_scenarios},
    {"requirements", gather_requirements, print_requirements},
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
            name = text_of(json_array_get(all, i), keys[k]);
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
