/* koppelproef verify: verdicts and reports of a run, made anew from its journal. */
#include "harness/cli/verify.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/cli/bundle.h"
#include "harness/wire/journal.h"

const struct cli_option cli_verify_options[] = {
    {"lang", 'l', "nl|en", "language of what is said (default: from LANG)"},
    {"quiet", 'q', NULL, "only what is wrong, on standard error"},
    {NULL, 0, NULL, NULL},
};

/* ---- the journal ---- */

static int keep_first(void *arg, json_t *event)
{
    *(json_t **)arg = json_incref(event);
    return 1;
}

/* Whether it is a journal of ours at all. */
static int begins_as_ours(const struct verifying *v, struct err *e)
{
    json_t *first = NULL;
    struct err why = {0};
    int rc = journal_read(v->journal, keep_first, &first, NULL, &why);
    const char *kind = json_text(first, "kind");
    if (rc == E_NOTFOUND)
        rc = err_set(e, E_INVALID,
                     "%s holds no journal.jsonl, so it is not the folder of a run",
                     v->shown);
    else if (rc == E_ENV)
        rc = err_set(e, rc, "%s", why.text);
    else if (rc || !kind || strcmp(kind, "run"))
        rc =
            err_set(e, E_INVALID,
                    "%s is no journal of koppelproef: its first line is no \"run\" event",
                    v->journal);
    json_decref(first);
    return rc;
}

/* What the journal holds against what result.json says it was made of. */
static void compare_evidence(struct verifying *v)
{
    const json_t *now = json_at(v->result, "/evidence/journal");
    const json_t *then = json_at(v->given, "/evidence/journal");
    const char *sum = json_text(now, "sha256"), *was = json_text(then, "sha256");
    long long lines = json_integer_value(json_object_get(now, "lines"));
    long long before = json_integer_value(json_object_get(then, "lines"));
    if (v->torn)
        verify_say(
            v, false, "", "%s",
            verify_in(v, "de laatste regel is niet af", "its last line is not whole"));
    if (!was || !strcmp(was, sum)) {
        verify_say(v, false, "journal.jsonl",
                   verify_in(v, "heel: %lld regels, sha256 %.16s...",
                             "whole: %lld lines, sha256 %.16s..."),
                   lines, sum);
        return;
    }
    v->wrong++;
    if (lines < before)
        verify_say(
            v, true, "journal.jsonl",
            verify_in(v,
                      "afgekapt: result.json is gemaakt van %lld regels, hier zijn "
                      "er %lld",
                      "cut off: result.json was made of %lld lines, here are %lld"),
            before, lines);
    else if (lines > before)
        verify_say(v, true, "journal.jsonl",
                   verify_in(v,
                             "langer geworden: result.json is gemaakt van %lld regels, "
                             "hier zijn er %lld",
                             "has grown: result.json was made of %lld lines, here are "
                             "%lld"),
                   before, lines);
    else
        verify_say(v, true, "journal.jsonl",
                   verify_in(v, "de laatste regel (%lld) is veranderd",
                             "its last line (%lld) was changed"),
                   lines);
}

/* Only a chain shows that nothing in it was changed. */
static void check_chains(struct verifying *v)
{
    if (json_is_true(json_at(v->result, "/evidence/journal/chained")))
        return;
    v->wrong++;
    verify_say(v, true, "journal.jsonl", "%s",
               verify_in(v, "heeft geen ketens: of het veranderd is, is niet te zien",
                         "has no chains: whether it was changed can't be seen"));
}

static bool ended(const struct verifying *v)
{
    const json_t *codes = json_object_get(v->result, "exitCodes");
    for (size_t i = 0; i < json_array_size(codes); i++)
        if (json_integer_value(json_array_get(codes, i)) == EXIT_INTERRUPTED)
            return false;
    return true;
}

/* ---- by what it was made ---- */

static void compare_digests(struct verifying *v)
{
    static const struct {
        const char *member, *nl, *en;
    } rows[] = {
        {"binary", "gemaakt door een andere bouw van koppelproef dan deze",
         "made by another build of koppelproef than this one"},
        {"profile", "gemaakt met een ander profiel dan het onze van die naam",
         "made with another profile than ours of that name"},
        {"requirements", "gemaakt met andere eisen dan de onze",
         "made with other requirements than ours"},
        {"tables", "gemaakt met andere tabellen dan de onze",
         "made with other tables than ours"},
    };
    const json_t *then = json_at(v->result, "/evidence/digests");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *was = json_text(then, rows[i].member);
        const char *is = json_text(v->digests, rows[i].member);
        if (was && is && !strcmp(was, is))
            continue;
        v->other = true;
        v->other_data = v->other_data || i > 0;
        verify_say(v, false, rows[i].member,
                   verify_in(v, "%s (sha256 %.12s tegen %.12s)",
                             "%s (sha256 %.12s against %.12s)"),
                   verify_in(v, rows[i].nl, rows[i].en), was ? was : "?", is ? is : "?");
    }
}

static void own_digests(struct verifying *v)
{
    const char *profile = json_text(v->result, "profile");
    struct err unknown = {0};
    if (!profile || strchr(profile, '/') || cli_digests(profile, &v->digests, &unknown))
        v->digests = json_object(); /* then it is another profile */
}

/* ---- the whole ---- */

/* result.json as it stands; what can't be read differs. */
static int read_given(struct verifying *v, struct err *e)
{
    struct err why = {0};
    char *path = xasprintf("%s/result.json", v->folder);
    int rc = file_read_json(path, &v->given, &why);
    if (rc == E_ENV)
        rc = err_set(e, rc, "%s", why.text);
    else if (rc && rc != E_NOTFOUND) {
        char *sentence = err_sentence(&why);
        verify_say(v, true, "result.json", "%s", sentence);
        free(sentence);
        rc = 0;
    } else {
        rc = 0;
    }
    free(path);
    return rc;
}

static int judge(struct verifying *v, bool *edited, struct err *e)
{
    int rc = cli_exceptions_of(v->given, v->requirements, &v->exceptions, e);
    if (rc)
        err_at(e, "result.json", 0, 0, NULL);
    else
        rc = judge_journal_with(v->journal, v->requirements, &v->exceptions.view,
                                &v->result, e);
    *edited = rc == E_INVALID;
    const json_t *lost = json_object_get(v->given, "lost");
    const char *why = json_text(lost, "text");
    if (!rc && why) /* the run knew what its journal can't tell */
        result_lost(v->result, (int)json_integer_value(json_object_get(lost, "exit")),
                    why);
    return rc;
}

static void say_exceptions(const struct verifying *v)
{
    size_t n = json_array_size(v->exceptions.waivers);
    if (n)
        verify_say(v, false, "",
                   verify_in(v, "met %zu ontheffing(en), als in result.json",
                             "with %zu waiver(s), as in result.json"),
                   n);
    if (v->exceptions.baseline)
        verify_say(v, false, "",
                   verify_in(v, "tegen de nulmeting in result.json (sha256 %.12s)",
                             "against the baseline in result.json (sha256 %.12s)"),
                   v->exceptions.digest);
}

int verify_folder(struct verifying *v, bool *edited, struct err *e)
{
    v->ours = map_new();
    v->foreign = map_new();
    v->journal = xasprintf("%s/journal.jsonl", v->folder);
    *edited = false;
    int rc = begins_as_ours(v, e);
    if (!rc)
        rc = cli_load_requirements(&v->requirements, e);
    if (!rc)
        rc = cli_load_tables(&v->tables, e);
    if (!rc)
        rc = read_given(v, e);
    if (!rc)
        rc = judge(v, edited, e);
    if (rc)
        return rc;
    own_digests(v);
    compare_evidence(v);
    check_chains(v);
    compare_digests(v);
    say_exceptions(v);
    if (!v->given && !ended(v))
        verify_say(
            v, true, "", "%s",
            verify_in(v,
                      "het journaal heeft geen einde: de proef is afgebroken. "
                      "`koppelproef report MAP --format json,junit,html` oordeelt "
                      "over wat er is",
                      "the journal has no end: the run was killed. `koppelproef "
                      "report RUN --format json,junit,html` judges what is there"));
    return verify_files(v, e);
}

void verify_done(struct verifying *v)
{
    for (size_t i = 0; i < ARRAY_LEN(v->made); i++) {
        if (v->made[i])
            file_rmtree(v->made[i], NULL);
        free(v->made[i]);
    }
    map_free(v->ours, NULL);
    map_free(v->foreign, NULL);
    json_decref(v->given);
    json_decref(v->result);
    json_decref(v->digests);
    json_decref(v->known);
    cli_exceptions_done(&v->exceptions);
    requirements_free(v->requirements);
    tables_free(v->tables);
    free(v->journal);
}

/* 0: all is the same. 1: something is not, and that is not our doing. 4: something is
 * not, and it may be because this koppelproef is another. */
int verify_conclude(const struct verifying *v)
{
    const char *verdict = json_text(v->result, "verdict");
    long long code = json_integer_value(json_object_get(v->result, "exitCode"));
    if (!v->wrong) {
        if (!v->quiet)
            printf(
                verify_in(v, "Klopt: %s (afsluitcode %lld) volgt uit het journaal.\n",
                          "It matches: %s (exit code %lld) follows from the journal.\n"),
                verdict, code);
        return EXIT_CONFORM;
    }
    if (!v->quiet)
        printf(verify_in(v, "Klopt niet: volgens het journaal %s (afsluitcode %lld).\n",
                         "It does not match: by the journal %s (exit code %lld).\n"),
               verdict, code);
    if (v->other && !v->quiet)
        puts(
            verify_in(v,
                      "Het verschil kan van ons zijn: probeer het met de koppelproef van "
                      "de proef.",
                      "The difference may be ours: try the koppelproef of the run."));
    return v->other ? EXIT_INCOMPLETE : EXIT_FAILED;
}

static int of_folder(const char *given, enum lang lang, bool quiet)
{
    struct verifying v = {.folder = given, .shown = given, .lang = lang, .quiet = quiet};
    struct folder_lock lock = {0};
    struct err e = {0};
    bool edited = false;
    int code, rc = cli_folder_lock(given, false, &lock, &e);
    if (!rc)
        rc = verify_folder(&v, &edited, &e);
    code = rc ? cli_fail(&e) : verify_conclude(&v);
    if (edited)
        code = EXIT_FAILED;
    verify_done(&v);
    cli_folder_unlock(&lock);
    return code;
}

int cmd_verify(const struct cli_args *a)
{
    struct err e = {0};
    struct stat st;
    enum lang lang = LANG_EN;
    bool quiet = cli_value(a, "quiet") != NULL;
    int rc = cli_operands(a, 1, 1, &e);
    if (!rc)
        rc = cli_lang(a, &lang, &e);
    if (rc)
        return cli_fail(&e);
    char *given = cli_path(a->operand[0]);
    int code;
    if (stat(given, &st)) {
        cli_say("there is no %s", given);
        code = EXIT_USAGE;
    } else if (!S_ISDIR(st.st_mode)) {
        code = bundle_verify(given, lang, quiet);
    } else {
        code = of_folder(given, lang, quiet);
    }
    free(given);
    return code;
}
