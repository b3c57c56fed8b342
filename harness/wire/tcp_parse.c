#include "harness/wire/tcp_parse.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Bytes not read yet. */
struct rest {
    const char *p;
    size_t n;
};

static void skip(struct rest *r, size_t n)
{
    if (n > r->n)
        n = r->n;
    r->p += n;
    r->n -= n;
}

/* Takes the next line without its line end. False when none is complete. */
static bool take_line(struct rest *r, struct rest *line)
{
    const char *nl = r->n ? memchr(r->p, '\n', r->n) : NULL;
    if (!nl)
        return false;
    *line = (struct rest){r->p, (size_t)(nl - r->p)};
    if (line->n && line->p[line->n - 1] == '\r')
        line->n--;
    skip(r, (size_t)(nl - r->p) + 1);
    return true;
}

/* The status when a status line starts here, else 0. */
static int status_here(const struct rest *r)
{
    if (r->n < 12 || memcmp(r->p, "HTTP/", 5) != 0 || r->p[8] != ' ')
        return 0;
    int status = 0;
    for (int i = 9; i < 12; i++) {
        if (!isdigit((unsigned char)r->p[i]))
            return 0;
        status = status * 10 + (r->p[i] - '0');
    }
    return status;
}

static bool field_is(const struct rest *line, const char *name, struct rest *value)
{
    const size_t n = strlen(name);
    if (line->n <= n || line->p[n] != ':' || strncasecmp(line->p, name, n) != 0)
        return false;
    *value = (struct rest){line->p + n + 1, line->n - n - 1};
    while (value->n && (*value->p == ' ' || *value->p == '\t'))
        skip(value, 1);
    return true;
}

/* A number at the start of a line; stops at the first other character. */
static size_t number_of(const struct rest *r, int base)
{
    size_t v = 0;
    for (size_t i = 0; i < r->n && v < (size_t)1 << 40; i++) {
        const char c = r->p[i];
        const int d = isdigit((unsigned char)c)   ? c - '0'
                      : isalpha((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                                  : base;
        if (d >= base)
            break;
        v = v * (size_t)base + (size_t)d;
    }
    return v;
}

static void skip_chunks(struct rest *r)
{
    for (struct rest line; take_line(r, &line);) {
        const size_t n = number_of(&line, 16);
        if (!n) {
            while (take_line(r, &line) && line.n)
                continue;
            return;
        }
        skip(r, n);
        take_line(r, &line);
    }
}

/* Skips one response, its status line first. */
static void skip_response(struct rest *r, int status)
{
    struct rest line, value;
    size_t length = 0;
    bool chunked = false, measured = false;
    bool line_there;
    while ((line_there = take_line(r, &line)) && line.n) {
        if (field_is(&line, "Content-Length", &value)) {
            length = number_of(&value, 10);
            measured = true;
        } else if (field_is(&line, "Transfer-Encoding", &value)) {
            chunked = value.n >= 7 && strncasecmp(value.p, "chunked", 7) == 0;
        }
    }
    if (!line_there)
        skip(r, r->n); /* its header section broke off: there is nothing behind it */
    else if (status < 200 || status == 204 || status == 304)
        return;
    else if (chunked)
        skip_chunks(r);
    else if (!measured)
        skip(r, r->n); /* until close */
    else
        skip(r, length);
}

int tcp_count_responses(const char *p, size_t n, int *status)
{
    struct rest r = {p, n};
    int count = 0, first = 0;
    for (int s; (s = status_here(&r)) != 0;) {
        if (s >= 200) {
            if (!count)
                first = s;
            count++;
        }
        skip_response(&r, s);
    }
    *status = first;
    return count;
}
