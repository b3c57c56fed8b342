#include "harness/report/lines.h"

#include <stdbool.h>
#include <string.h>

size_t lines_columns(const char *s, size_t n)
{
    size_t c = 0;
    for (size_t i = 0; i < n; i++)
        c += ((unsigned char)s[i] & 0xC0) != 0x80;
    return c;
}

void lines_spaces(FILE *f, size_t n)
{
    while (n-- > 0)
        fputc(' ', f);
}

/* A peer's text may hold anything: no control character reaches the terminal. */
static void put(FILE *f, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        fputc(c < 0x20 || c == 0x7f ? '?' : c, f);
    }
}

void lines_wrapped(FILE *f, const char *s, size_t at, size_t indent)
{
    bool first = true;
    while (*s) {
        size_t n = strcspn(s, " \n"), wide = lines_columns(s, n);
        if (!first && at + 1 + wide > LINES_WIDTH) {
            fputc('\n', f);
            lines_spaces(f, indent);
            at = indent;
        } else if (!first) {
            fputc(' ', f);
            at++;
        }
        put(f, s, n);
        at += wide;
        s += n;
        s += strspn(s, " \n");
        first = false;
    }
    fputc('\n', f);
}

void lines_cut(FILE *f, const char *s, size_t room)
{
    size_t n = strlen(s);
    if (lines_columns(s, n) <= room) {
        put(f, s, n);
    } else {
        size_t at = 0;
        for (size_t c = 0; c < room - 3; c++)
            for (at++; ((unsigned char)s[at] & 0xC0) == 0x80;)
                at++;
        put(f, s, at);
        fputs("...", f);
    }
}
