#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/digest.h"
#include "harness/base/mem.h"
#include "harness/wire/journal.h"
#include "harness/wire/journal_parse.h"

#define READ_BUFFER (256u << 10)
/* ,"chain":"0123456789abcdef"} */
#define CHAIN_N (sizeof JOURNAL_CHAIN - 1 + JOURNAL_CHAIN_DIGITS + 2)

struct journal_reader {
    FILE *f;
    char *path;
    journal_line_cb *line;
    void *arg;
    struct journal_sum *sum; /* NULL: chains are not looked at */
    struct digest *so_far;
    struct line_parser *parser;
    uint64_t number;
    bool torn;
};

/* Parses one line (without its newline) into an event. */
static int parse_line(struct line_parser *p, const char *text, size_t n, json_t **out,
                      struct err *e)
{
    json_error_t why = {0};
    json_t *event = line_parse(p, text, n);
    /* A NUL in a peer's body is journalled as \u0000, which jansson must be told to
     * allow. */
    if (!event)
        event = json_loadb(text, n, JSON_ALLOW_NUL, &why);

    if (!event) {
        err_set(e, E_INVALID, "this line of the journal is no JSON: %s", why.text);
        err_at(e, NULL, 0, why.column, NULL);
        return E_INVALID;
    }
    if (!json_is_string(json_object_get(event, "kind")) ||
        !json_is_integer(json_object_get(event, "seq"))) {
        json_decref(event);
        return err_set(e, E_INVALID,
                       "this line is no journal event: it lacks seq or kind");
    }
    *out = event;
    return 0;
}

/* Where the digits of the chain stand in a line of n bytes without its newline; NULL: it
 * has none. */
static char *chain_in(char *text, size_t n)
{
    size_t name = sizeof JOURNAL_CHAIN - 1;
    char *at = n > CHAIN_N ? text + (n - CHAIN_N) : NULL;

    if (!at || memcmp(at, JOURNAL_CHAIN, name) || memcmp(text + n - 2, "\"}", 2))
        return NULL;
    at += name;
    return strspn(at, "0123456789abcdef") >= JOURNAL_CHAIN_DIGITS ? at : NULL;
}

/* The first line decides whether a journal has chains: one made by hand has none. */
static void check_chain(struct journal_reader *r, const char *chain, struct err *why)
{
    char sum[65];

    if (r->number == 1)
        r->sum->chained = chain != NULL;
    digest_so_far(r->so_far, sum);
    if (chain ? memcmp(chain, sum, JOURNAL_CHAIN_DIGITS) == 0 : !r->sum->chained)
        return;
    if (!chain)
        err_set(why, E_INVALID,
                "the journal was edited: this line has no chain to the ones before it");
    else if (r->number == 1)
        err_set(why, E_INVALID,
                "the journal was edited: lines before this one were taken out");
    else
        err_set(why, E_INVALID,
                "the journal was edited: this line does not follow from line %llu, which "
                "was changed, or lines were put in or taken out here",
                (unsigned long long)r->number - 1);
}

static void add_sum(struct journal_reader *r, const char *text, size_t n)
{
    digest_add(r->so_far, text, n);
    r->sum->bytes += n;
}

/* One line with its newline, if it has one. *stop: the caller has had enough. */
static int read_line(struct journal_reader *r, char *text, size_t n, bool *stop,
                     struct err *e)
{
    bool whole = n > 0 && text[n - 1] == '\n';
    size_t bare = n - whole;
    char *chain = chain_in(text, bare);
    struct err why = {0}, broken = {0};
    json_t *event = NULL;

    r->number++;
    if (r->sum) {
        check_chain(r, chain, &broken);
        add_sum(r, text, n);
    }
    if (chain) { /* it is no part of the event */
        bare -= CHAIN_N - 1;
        text[bare - 1] = '}';
    }
    if (parse_line(r->parser, text, bare, &event, &why) && !whole) {
        r->torn = true; /* only the last line can lack its newline */
        return 0;
    }
    if (!why.set)
        why = broken;
    if (why.set) {
        err_set(e, why.code, "%s", why.text);
        err_at(e, r->path, (int)r->number, why.column, NULL);
    } else {
        *stop = r->line(r->arg, event) != 0;
        if (r->sum)
            r->sum->lines++;
    }
    json_decref(event);
    return why.code;
}

static int read_lines(struct journal_reader *r, struct err *e)
{
    char *text = NULL;
    size_t cap = 0;
    bool stop = false;
    int rc = 0;
    ssize_t n;

    while (rc == 0 && !stop && (n = getline(&text, &cap, r->f)) >= 0)
        rc = read_line(r, text, (size_t)n, &stop, e);
    if (rc == 0 && ferror(r->f))
        rc = err_set(e, E_ENV, "can't read the journal %s: %s", r->path, strerror(errno));
    free(text);
    return rc;
}

int journal_reader_open(const char *path, journal_line_cb *line, void *arg,
                        struct journal_sum *sum, struct journal_reader **out,
                        struct err *e)
{
    FILE *f = fopen(path, "re");

    if (!f)
        return err_set(e, errno == ENOENT ? E_NOTFOUND : E_ENV,
                       "can't read the journal %s: %s", path, strerror(errno));
    setvbuf(f, NULL, _IOFBF, READ_BUFFER);
    if (sum)
        *sum = (struct journal_sum){0};
    struct journal_reader *r = xcalloc(1, sizeof *r);
    *r = (struct journal_reader){.f = f,
                                 .path = xstrdup(path),
                                 .line = line,
                                 .arg = arg,
                                 .sum = sum,
                                 .so_far = digest_new(),
                                 .parser = line_parser_new()};
    *out = r;
    return 0;
}

int journal_reader_go(struct journal_reader *r, bool *torn, struct err *e)
{
    clearerr(r->f); /* there may be more behind what was its end */
    r->torn = false;
    int rc = read_lines(r, e);
    if (torn)
        *torn = r->torn;
    return rc;
}

void journal_reader_close(struct journal_reader *r)
{
    if (!r)
        return;
    if (r->sum)
        digest_so_far(r->so_far, r->sum->sha256);
    line_parser_free(r->parser);
    digest_free(r->so_far);
    fclose(r->f);
    free(r->path);
    free(r);
}

int journal_read_sum(const char *path, journal_line_cb *line, void *arg, bool *torn,
                     struct journal_sum *sum, struct err *e)
{
    struct journal_reader *r = NULL;
    int rc = journal_reader_open(path, line, arg, sum, &r, e);
    if (!rc)
        rc = journal_reader_go(r, torn, e);
    journal_reader_close(r);
    return rc;
}

int journal_read(const char *path, journal_line_cb *line, void *arg, bool *torn,
                 struct err *e)
{
    return journal_read_sum(path, line, arg, torn, NULL, e);
}
