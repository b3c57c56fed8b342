#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/wire/journal.h"
#include "harness/wire/journal_parse.h"

#define READ_BUFFER (256u << 10)

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

static int read_lines(FILE *f, const char *path, journal_line_cb *line, void *arg,
                      bool *torn, struct err *e)
{
    struct line_parser *parser = line_parser_new();
    char *text = NULL;
    size_t cap = 0;
    int number = 0, rc = 0;
    ssize_t n;

    while (rc == 0 && (n = getline(&text, &cap, f)) >= 0) {
        bool whole = n > 0 && text[n - 1] == '\n';
        struct err why = {0};
        json_t *event;

        number++;
        rc = parse_line(parser, text, (size_t)n - whole, &event, &why);
        if (rc == 0) {
            int stop = line(arg, event);

            json_decref(event);
            if (stop)
                break;
        } else if (!whole) { /* only the last line can lack its newline */
            *torn = true;
            rc = 0;
        } else {
            err_set(e, rc, "%s", why.text);
            err_at(e, path, number, why.column, NULL);
        }
    }
    if (rc == 0 && ferror(f))
        rc = err_set(e, E_ENV, "can't read the journal %s: %s", path, strerror(errno));
    line_parser_free(parser);
    free(text);
    return rc;
}

int journal_read(const char *path, journal_line_cb *line, void *arg, bool *torn,
                 struct err *e)
{
    FILE *f = fopen(path, "re");
    bool ignored;
    int rc;

    if (!f)
        return err_set(e, errno == ENOENT ? E_NOTFOUND : E_ENV,
                       "can't read the journal %s: %s", path, strerror(errno));
    if (!torn)
        torn = &ignored;
    *torn = false;
    setvbuf(f, NULL, _IOFBF, READ_BUFFER);
    rc = read_lines(f, path, line, arg, torn, e);
    fclose(f);
    return rc;
}
