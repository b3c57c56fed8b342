#include "harness/cli/trying.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/wire/process.h"

#define LINE_GAP                                                                         \
    (5 * (uint64_t)NS_PER_S) /* between progress lines without a terminal                \
                              */

/* Folders of rounds that are kept because something was wrong. */
#define KEPT_ROUNDS 20

static bool has_rounds(const struct trying *t)
{
    return t->repeat || t->for_seconds > 0;
}

/* ---- while it runs ---- */

/* How much of a line fits on the terminal: one that wraps could not be rewritten. Not in
 * the middle of a character. */
static int fitting(const char *line)
{
    struct winsize w;
    int columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &w) || !w.ws_col ? 80 : w.ws_col;
    int n = (int)strlen(line);
    if (n >= columns)
        n = columns - 1;
    while (n > 0 && ((unsigned char)line[n] & 0xC0) == 0x80)
        n--;
    return n;
}

/* "round 3 of 50, 1 not clean: ", or nothing. */
static char *round_words(const struct trying *t)
{
    char of[32] = "", unclean[48] = "";
    if (!has_rounds(t))
        return xstrdup("");
    if (t->repeat)
        snprintf(of, sizeof of, " of %u", t->repeat);
    if (t->unclean)
        snprintf(unclean, sizeof unclean, " (%u not clean)", t->unclean);
    return xasprintf("round %u%s%s: ", t->round, of, unclean);
}

static void stop_early(void *arg)
{
    struct trying *t = arg;
    runner_interrupt(t->runner);
}

static void progress(void *arg, size_t done, size_t total, const char *waiting_for)
{
    struct trying *t = arg;
    uint64_t now = wire_now(t->wire);
    bool waits = waiting_for && *waiting_for;
    if (journal_failed(t->journal, NULL) && !t->journal_lost) {
        t->journal_lost = true; /* what is not journalled is not worth doing */
        wire_timer(t->wire, now, stop_early, t);
    }
    if (t->quiet || (!t->terminal && now < t->next_line && done < total))
        return;
    t->next_line = now + LINE_GAP;
    char *round = round_words(t);
    char *line = xasprintf("%s%zu of %zu%s%s", round, done, total,
                           waits ? ", waiting for " : "", waits ? waiting_for : "");
    free(round);
    if (t->terminal)
        fprintf(stderr, "\r\033[K%.*s", fitting(line), line);
    else
        fprintf(stderr, "%s\n", line);
    fflush(stderr);
    free(line);
    t->shown = true;
}

static void progress_end(const struct trying *t)
{
    if (t->terminal && t->shown)
        fputs("\r\033[K", stderr);
}

/* A hang-up is an interrupt too: nobody is left to read what comes. */
static void on_signal(void *arg, int signum)
{
    struct trying *t = arg;
    (void)signum;
    if (t->runner)
        runner_interrupt(t->runner);
}

bool trying_signals(int how)
{
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigpending(&pending);
    pthread_sigmask(how, &set, NULL);
    return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
           sigismember(&pending, SIGHUP);
}

static int open_all(struct trying *t, struct err *e)
{
    struct mask mask;
    int rc = wire_real_new(&t->wire, e);
    if (rc)
        return rc;
    rc = cli_folder(t->out, wire_wall(t->wire), &t->folder, e);
    if (!rc)
        rc = cli_folder_lock(t->folder, true, &t->lock, e);
    if (rc)
        return rc;
    char *path = xasprintf("%s/journal.jsonl", t->folder);
    mask_init(&mask, t->seed);
    rc = journal_open(path, &mask, wire_now(t->wire), &t->journal, e);
    free(path);
    return rc;
}

/* Judges the round that is over. Its folders go when it was clean: what there is to see
 * is in the journal, and that of many rounds is large enough. Those of the first stay. */
static int round_over(struct trying *t, struct err *e)
{
    char *path = xasprintf("%s/journal.jsonl", t->folder);
    int rc = judging_read(t->judging, path, e);
    free(path);
    if (rc)
        return rc;
    bool clean = judging_round_over(t->judging);
    t->unclean += !clean;
    if (t->round > 1 && (clean || t->unclean > KEPT_ROUNDS)) {
        struct err busy = {0}; /* what could not be removed is in nobody's way */
        char *folder = runner_round_dir(t->folder, t->round);
        file_rmtree(folder, &busy);
        free(folder);
    }
    return 0;
}

/* Ends with everything closed that could still write, so that the journal is whole. */
static int go(struct trying *t, struct err *e)
{
    char digest[65];
    struct err full = {0};
    struct runner_config c = {.wire = t->wire,
                              .journal = t->journal,
                              .profile = t->profile,
                              .tables = t->tables,
                              .seed = t->seed,
                              .run_dir = t->folder,
                              .jobs = (int)t->jobs,
                              .patience = t->patience,
                              .digests = t->digests,
                              .options = t->options,
                              .repeat = t->repeat,
                              .for_seconds = t->for_seconds,
                              .whole = t->whole,
                              .progress = progress,
                              .arg = t};
    t->terminal = isatty(STDERR_FILENO);
    t->runner = runner_new(&c);
    for (size_t k = 0; k < ARRAY_LEN(cli_roles); k++)
        if (t->n_scenarios[k])
            runner_add(t->runner, t->iut[k], t->scenarios[k], t->n_scenarios[k]);
    int rc = runner_plan_digest(t->runner, digest, e);
    if (!rc && !t->quiet)
        fprintf(stderr, "seed %llu, plan %.12s\n", (unsigned long long)t->seed, digest);
    wire_real_on_signal(t->wire, on_signal, t);
    if (t->until)
        wire_timer(t->wire, t->until, stop_early, t);
    if (t->signals_blocked)
        trying_signals(SIG_UNBLOCK);
    while (!rc) {
        t->round++;
        rc = runner_run(t->runner, e);
        if (!rc && has_rounds(t))
            rc = round_over(t, e);
        if (!runner_more(t->runner))
            break;
    }
    if (t->signals_blocked)
        trying_signals(SIG_BLOCK);
    progress_end(t);
    process_kill_all();
    if (!rc)
        rc = journal_failed(t->journal, e);
    else if (journal_failed(t->journal, &full))
        cli_say("%s", full.text);
    return rc;
}

static void close_all(struct trying *t)
{
    struct runner *runner = t->runner;
    t->runner = NULL; /* a signal that comes now finds nothing to interrupt */
    runner_free(runner);
    if (t->journal)
        journal_close(t->journal);
    t->journal = NULL;
    wire_free(t->wire);
    t->wire = NULL;
}

/* ---- afterwards ---- */

/* Only what signal-safety(7) allows. */
static void leave(int signum)
{
    static const char said[] =
        "koppelproef: interrupted; the journal is whole, and `koppelproef judge` and "
        "`koppelproef report` make the rest from it\n";
    ssize_t n = write(STDERR_FILENO, said, sizeof said - 1);
    (void)n;
    (void)signum;
    _exit(EXIT_INTERRUPTED);
}

/* What follows the run may be broken off at any moment: each file is there whole or not
 * at all. `handler`: SIG_DFL when that is over. */
static void on_signals(void (*handler)(int))
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction a = {.sa_handler = handler};
    sigemptyset(&a.sa_mask);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaction(signals[i], &a, NULL);
}

/* Judges what the journal holds. `before`: what went wrong in the run itself, else 0 or
 * EXIT_INTERRUPTED. */
static int judge(struct trying *t, int before, const char *why)
{
    struct err e = {0};
    char *path = xasprintf("%s/journal.jsonl", t->folder);
    int rc = judging_read(t->judging, path, &e);
    if (!rc)
        rc = judging_result(t->judging, path, &t->result, &e);
    free(path);
    if (rc)
        return cli_worse(before, cli_fail(&e));
    if (before && t->journal_lost)
        result_lost(t->result, before, why);
    return cli_worse(before,
                     (int)json_integer_value(json_object_get(t->result, "exitCode")));
}

/* So that who reads the journal knows it too. */
static void tell_failure(struct trying *t, int code, const char *why)
{
    journal_event(t->journal, wire_now(t->wire), "end", NULL,
                  json_pack("{ss,si,ss}", "reason", "failed", "exit", code, "text", why));
    t->journal_lost = t->journal_lost || journal_failed(t->journal, NULL);
}

int trying_run(struct trying *t)
{
    struct err e = {0};
    int rc = open_all(t, &e);
    if (rc)
        return cli_fail(&e);
    t->judging = judging_new(t->requirements, t->exceptions);
    rc = go(t, &e);
    t->journal_lost = t->journal_lost || journal_failed(t->journal, NULL);
    t->interrupted = runner_interrupted(t->runner) && !t->journal_lost;
    int before = rc ? cli_fail(&e) : t->interrupted ? EXIT_INTERRUPTED : EXIT_CONFORM;
    if (rc)
        tell_failure(t, before, e.text);
    close_all(t);
    on_signals(leave);
    return judge(t, before, e.text);
}

static int told(const struct trying *t, struct err *e)
{
    char *journal = xasprintf("%s/journal.jsonl", t->folder);
    int rc = cli_github(journal, t->result, t->lang, e);
    free(journal);
    return rc;
}

int trying_report(struct trying *t, bool console, int code)
{
    struct err e = {0};
    if (!t->result)
        return code;
    int written = cli_write_reports(t->folder, t->result, t->lang, &e) ? cli_fail(&e)
                                                                       : EXIT_CONFORM;
    if (written == EXIT_CONFORM &&
        cli_write_pages(t->folder, t->result, t->tables, t->lang, &e))
        written = cli_fail(&e);
    if (console)
        cli_console(t->result, t->folder, t->lang, t->github);
    if (t->github && told(t, &e))
        written = cli_worse(written, cli_fail(&e));
    return cli_worse(code, written);
}

void trying_done(struct trying *t)
{
    close_all(t);
    on_signals(SIG_DFL);
    cli_folder_unlock(&t->lock);
    judging_free(t->judging);
    json_decref(t->result);
    free(t->folder);
    t->judging = NULL;
    t->result = NULL;
    t->folder = NULL;
}
