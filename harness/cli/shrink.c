/* koppelproef replay --shrink: the fewest steps of a scenario that still fail. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/replay.h"
#include "harness/scenario/doc.h"
#include "harness/scenario/reduce.h"

#define NAME_MAX_LENGTH 60 /* fixtures/schemas/scenario.json */
#define SUFFIX          "-shrunk"
#define LINE_WIDTH      110 /* of what is written on one line in a scenario file */

struct shrink {
    struct replay *r;
    const struct recorded_scenario *of;
    const char *requirement, *check, *verdict; /* what has to fail again */
    struct iut
        *reference; /* NULL: it fails the whole scenario too, so it tells nothing */
    uint64_t until;
    double patience; /* in a try: a fraction of the run's */
    bool flaky, interrupted, quiet;
    size_t tries;
    char *folder;
};

/* What one trial of a candidate showed. */
enum shown {
    SHOWN_FAILS, /* as it has to */
    SHOWN_RIGHT, /* to its end, and nothing was wrong */
    SHOWN_ELSE,
    SHOWN_NOTHING, /* it was interrupted, or could not be done */
};

/* ---- one trial ---- */

static bool text_is(const json_t *o, const char *member, const char *text)
{
    const char *s = json_text(o, member);
    return s && !strcmp(s, text);
}

static enum shown look(const struct shrink *s, const struct trying *t, const char *name)
{
    const char *role = cli_roles[s->of->role];
    json_t *findings = findings_of(t->result, role, name);
    enum shown shown = SHOWN_RIGHT;
    for (size_t i = 0; i < json_array_size(findings) && shown != SHOWN_FAILS; i++) {
        const json_t *f = json_array_get(findings, i);
        shown = SHOWN_ELSE;
        if (text_is(f, "requirement", s->requirement) && text_is(f, "check", s->check) &&
            text_is(f, "verdict", s->verdict) && text_is(f, "blame", "system"))
            shown = SHOWN_FAILS;
    }
    json_decref(findings);
    return shown;
}

/* Tries it with fresh processes; the folder is kept when it is the last word. */
static enum shown try_it(struct shrink *s, struct scenario *scenario,
                         const struct iut *iut, const char *folder, bool last)
{
    struct trying t;
    enum shown shown = SHOWN_NOTHING;
    char *out = folder ? xstrdup(folder) : xasprintf("%s/try", s->folder);
    replay_trying(s->r, &t);
    t.iut[s->of->role] = iut;
    t.scenarios[s->of->role] = &scenario;
    t.n_scenarios[s->of->role] = 1;
    t.options = s->r->options;
    t.out = out;
    t.quiet = true;
    t.until = last ? 0 : s->until;
    t.patience = last ? s->r->patience : s->patience;
    t.signals_blocked = true;
    if (!iut->start) /* it knows who was drawn for an earlier try */
        t.seed = rng_fresh_seed();
    int code = trying_run(&t);
    if (t.interrupted && (last || when_monotonic() < s->until))
        s->interrupted = true;
    if (t.result && !t.interrupted && code != EXIT_ENVIRONMENT)
        shown = look(s, &t, scenario->name);
    if (last)
        trying_report(&t, false, code);
    trying_done(&t);
    if (!last)
        file_rmtree(out, NULL);
    free(out);
    return shown;
}

static bool stopped(struct shrink *s)
{
    s->interrupted = s->interrupted || trying_signals(SIG_BLOCK);
    return s->interrupted;
}

static bool time_is_up(struct shrink *s)
{
    return stopped(s) || when_monotonic() >= s->until;
}

/* ---- the question ---- */

static enum reduce_answer ask(void *arg, const json_t *candidate)
{
    struct shrink *s = arg;
    struct scenario *scenario = NULL;
    const struct iut *iut = s->r->iut[s->of->role];
    enum shown shown = SHOWN_FAILS;
    if (time_is_up(s))
        return REDUCE_STOP;
    if (scenario_from(candidate, "", s->of->scenario->family, s->r->tables, &scenario,
                      NULL))
        return REDUCE_LOSES;
    s->tries++;
    /* What the reference fails too asks what no system can do: that is another failure.
     */
    if (s->reference && try_it(s, scenario, s->reference, NULL, false) != SHOWN_RIGHT)
        shown = SHOWN_ELSE;
    /* Twice: what fails by chance alone would lead to steps that hardly ever fail. */
    for (int i = 0; i < 2 && shown == SHOWN_FAILS; i++)
        shown = try_it(s, scenario, iut, NULL, false);
    scenario_free(scenario);
    if (time_is_up(s))
        return REDUCE_STOP; /* what this try showed may be its being cut short */
    if (!s->quiet && shown == SHOWN_FAILS)
        fprintf(stderr, "try %zu: %zu steps still fail\n", s->tries,
                reduce_steps(json_object_get(candidate, "steps")));
    return shown == SHOWN_FAILS ? REDUCE_KEEPS : REDUCE_LOSES;
}

/* ---- what it begins with ---- */

/* The finding that is meant: the first failure by the system, of what was named. */
static bool find_failure(struct shrink *s, const struct recorded_scenario *of)
{
    const struct cli_args *a = s->r->args;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < json_array_size(of->findings); i++) {
            const json_t *f = json_array_get(of->findings, i);
            bool named = pass == 1;
            for (size_t k = 1; k < a->n_operands; k++)
                named = named || text_is(f, "requirement", a->operand[k]) ||
                        text_is(f, "check", a->operand[k]);
            if (!named || !text_is(f, "blame", "system") ||
                (!text_is(f, "verdict", "fail") && !text_is(f, "verdict", "warn")))
                continue;
            s->of = of;
            s->requirement = json_text(f, "requirement");
            s->check = json_text(f, "check");
            s->verdict = json_text(f, "verdict");
            return true;
        }
    return false;
}

/* The scenario as it is to be tried: under another name, with the same persons, and only
 * about what fails. */
static json_t *begin_with(const struct shrink *s)
{
    const struct scenario *of = s->of->scenario;
    json_t *root = json_deep_copy(of->root);
    char *name =
        xasprintf("%.*s%s", (int)(NAME_MAX_LENGTH - strlen(SUFFIX)), of->name, SUFFIX);
    char *nl = xasprintf("Ingekort: %s", json_text(of->title, "nl"));
    char *en = xasprintf("Shrunk: %s", json_text(of->title, "en"));
    uint64_t seed = scenario_seed(of, s->r->seed);
    json_object_set_new(root, "scenario", json_string(name));
    json_object_set_new(root, "title", json_pack("{ss,ss}", "nl", nl, "en", en));
    json_object_del(root, "story");
    json_object_set_new(root, "role", json_string(cli_roles[s->of->role]));
    json_object_set_new(root, "proves", json_pack("[s]", s->requirement));
    json_object_set_new(
        root, "drawn",
        json_pack("{ss,sI}", "as", of->drawn_as, "seed", (json_int_t)seed));
    free(en);
    free(nl);
    free(name);
    return root;
}

/* Whether the whole fails, each time, and passes on the reference. 0, or an exit code. */
static int begin(struct shrink *s, const json_t *root)
{
    struct scenario *whole = NULL;
    struct err e = {0};
    const struct iut *iut = s->r->iut[s->of->role];
    size_t failed = 0, n = 0;
    int rc = scenario_from(root, "", s->of->scenario->family, s->r->tables, &whole, &e);
    if (rc)
        return cli_fail(&e);
    for (; n < 2 && !time_is_up(s); n++)
        failed += try_it(s, whole, iut, NULL, false) == SHOWN_FAILS;
    s->flaky = failed < 2;
    char *binary = cli_binary();
    s->reference = iut_reference(cli_roles[s->of->role], binary);
    free(binary);
    if (failed && try_it(s, whole, s->reference, NULL, false) != SHOWN_RIGHT &&
        !time_is_up(s)) {
        cli_say("the bundled %s fails this scenario too: what is left may ask for what "
                "no system can do",
                cli_roles[s->of->role]);
        iut_free(s->reference);
        s->reference = NULL;
    }
    scenario_free(whole);
    if (s->interrupted)
        return EXIT_INTERRUPTED;
    if (!failed) {
        cli_say("%s by %s did not fail again in %zu tries of %s: there is nothing to "
                "shrink",
                s->requirement, s->check, n, s->of->name);
        return EXIT_RELIABILITY;
    }
    if (s->flaky)
        cli_say("%s by %s fails sometimes (1 of 2)", s->requirement, s->check);
    return EXIT_CONFORM;
}

/* ---- what is left ---- */

static bool scalar(const json_t *v)
{
    return !json_is_object(v) && !json_is_array(v);
}

/* A step on a line, as people write them. */
static void add_json(struct buf *b, const json_t *v, int depth, bool line)
{
    const char *key, *comma = "";
    json_t *member;
    bool object = json_is_object(v);
    char *text = line ? json_dumps(v, JSON_ENCODE_ANY) : NULL;
    if (text && (scalar(v) || (size_t)depth * 2 + strlen(text) <= LINE_WIDTH)) {
        buf_adds(b, text);
        free(text);
        return;
    }
    free(text);
    buf_addc(b, object ? '{' : '[');
    if (object)
        json_object_foreach ((json_t *)(uintptr_t)v, key, member) {
            json_t *quoted = json_string(key);
            char *k = json_dumps(quoted, JSON_ENCODE_ANY);
            buf_addf(b, "%s\n%*s%s: ", comma, depth * 2 + 2, "", k);
            add_json(b, member, depth + 1, true);
            free(k);
            json_decref(quoted);
            comma = ",";
        }
    for (size_t i = 0; i < json_array_size(v); i++, comma = ",") {
        buf_addf(b, "%s\n%*s", comma, depth * 2 + 2, "");
        add_json(b, json_array_get(v, i), depth + 1, true);
    }
    buf_addf(b, "\n%*s%c", depth * 2, "", object ? '}' : ']');
}

static int write_scenario(const char *path, const json_t *root, struct err *e)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    add_json(&b, root, 0, false);
    buf_addc(&b, '\n');
    int rc = file_write(path, b.p, b.n, e);
    buf_done(&b);
    return rc;
}

static void say_steps(const json_t *steps, int depth)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        if (json_is_array(step)) {
            say_steps(step, depth);
            continue;
        }
        char *text = doc_step(step);
        printf("%*s%s\n", depth * 2, "", text);
        free(text);
        say_steps(json_object_get(step, "together"), depth + 1);
        say_steps(json_object_get(step, "steps"), depth + 1);
    }
}

static void say_text(const struct shrink *s, const struct reduced *left, const char *path,
                     bool came_back, size_t times)
{
    bool nl = s->r->lang == LANG_NL;
    say_steps(json_object_get(left->scenario, "steps"), 1);
    printf("%s: %s\n", nl ? "Bestanden" : "Files", s->folder);
    if (!left->whole)
        printf(nl ? "niet ten einde gezocht: %s\n" : "not searched to the end: %s\n",
               s->interrupted ? (nl ? "onderbroken" : "it was interrupted")
               : nl           ? "de tijd was om (--within)"
                              : "the time was up (--within)");
    if (!came_back && !s->interrupted)
        printf(nl ? "%s faalde niet opnieuw toen het bestand %zu keer gedraaid werd\n"
                  : "%s did not fail again when the file was run %zu times\n",
               s->requirement, times);
    else if (times > 1 && came_back)
        printf(nl ? "%s faalt soms: toen het bestand gedraaid werd pas in keer %zu\n"
                  : "%s fails sometimes: when the file was run, only in time %zu\n",
               s->requirement, times);
    printf(nl ? "ingekort van %zu stappen naar %zu in %zu pogingen: %s\n"
              : "shrunk from %zu steps to %zu in %zu tries: %s\n",
           left->from, left->steps, s->tries, path);
}

static void say_json(const struct shrink *s, const struct reduced *left, const char *path,
                     bool came_back, size_t times, int code)
{
    json_t *out = json_pack(
        "{ss,ss,ss,ss,sI,sI,sI,sb,sb,sb,sb,sI,ss,ss,si}", "scenario", s->of->name, "role",
        cli_roles[s->of->role], "requirement", s->requirement, "check", s->check, "from",
        (json_int_t)left->from, "steps", (json_int_t)left->steps, "tries",
        (json_int_t)s->tries, "whole", left->whole, "interrupted", s->interrupted,
        "flaky", s->flaky, "failsAgain", came_back, "times", (json_int_t)times, "file",
        path, "folder", s->folder, "exitCode", code);
    char *text = json_dumps(out, JSON_INDENT(1));
    printf("%s\n", text);
    free(text);
    json_decref(out);
}

/* Writes it, and runs it once more from the file as anybody would. */
static int finish(struct shrink *s, const struct reduced *left)
{
    struct err e = {0};
    struct scenario *again = NULL;
    const char *told = cli_value(s->r->args, "out");
    char *path =
        told ? cli_absolute(told)
             : xasprintf("%s/%s.json", s->folder, json_text(left->scenario, "scenario"));
    int code = EXIT_CONFORM, rc = write_scenario(path, left->scenario, &e);
    if (!rc)
        rc = scenario_load(path, s->r->tables, &again, &e);
    if (rc) {
        code = cli_fail(&e);
    } else {
        /* A failure that comes and goes may need more than one time. */
        const struct iut *iut = s->r->iut[s->of->role];
        size_t most = s->flaky ? 10 : 3, times = 0;
        bool back = false;
        while (times < most && !back && !stopped(s)) {
            char *folder = times ? xasprintf("%s/again-%zu", s->folder, times + 1)
                                 : xstrdup(s->folder);
            back = try_it(s, again, iut, folder, true) == SHOWN_FAILS;
            times++;
            free(folder);
        }
        code = s->interrupted ? EXIT_INTERRUPTED : back ? EXIT_FAILED : EXIT_RELIABILITY;
        if (s->r->json)
            say_json(s, left, path, back, times, code);
        else
            say_text(s, left, path, back, times);
    }
    scenario_free(again);
    free(path);
    return code;
}

/* The tries wait for what a system has to show as long as it took at most in that run,
 * and something more: a failure that is a wait would cost a minute each time. */
static double short_patience(const struct shrink *s)
{
    const json_t *took =
        json_object_get(s->r->recorded.took, json_text(s->of->plan, "scenario"));
    double seconds = 1 + 4 * (double)json_integer_value(took) / (double)NS_PER_S;
    return seconds < s->r->patience ? seconds : s->r->patience;
}

static int say_no_failure(const struct shrink *s)
{
    cli_say("nothing to shrink: no MUST or SHOULD that the system broke is among what is "
            "to be replayed");
    (void)s;
    return EXIT_INCOMPLETE;
}

int shrink(struct replay *r)
{
    struct shrink s = {.r = r, .quiet = r->quiet, .until = when_monotonic() + r->within};
    struct reduced left = {0};
    struct err e = {0};
    json_t *root = NULL;
    for (size_t i = 0; i < r->recorded.n && !s.of; i++)
        if (r->recorded.v[i].wanted)
            find_failure(&s, &r->recorded.v[i]);
    if (!s.of)
        return say_no_failure(&s);
    if (cli_folder(NULL, when_wall(), &s.folder, &e))
        return cli_fail(&e);
    trying_signals(SIG_BLOCK);
    s.patience = short_patience(&s);
    r->options = replay_options(r);
    if (!r->json)
        printf("%s: %s %s, %s\n", s.of->name, s.requirement, s.check, s.folder);
    root = begin_with(&s);
    int code = begin(&s, root);
    if (code == EXIT_CONFORM) {
        reduce_scenario(root, r->tables, ask, &s, &left);
        code = finish(&s, &left);
    }
    json_decref(left.scenario);
    json_decref(root);
    iut_free(s.reference);
    free(s.folder);
    return code;
}
