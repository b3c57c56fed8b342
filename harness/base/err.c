#include "harness/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/buf.h"

/* Cuts after the last whole UTF-8 character that fits, and keeps it to one line. */
static void copy_line(char *to, size_t size, const char *from)
{
    size_t n = strlen(from);

    if (n >= size) {
        n = size - 1;
        while (n > 0 && ((unsigned char)from[n] & 0xC0) == 0x80)
            n--;
    }
    for (size_t i = 0; i < n; i++)
        to[i] = from[i] == '\n' || from[i] == '\r' ? ' ' : from[i];
    to[n] = '\0';
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
    char text[2 * sizeof e->text];
    va_list ap;

    if (!e || e->set)
        return code;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    err_clear(e);
    e->set = true;
    e->code = code;
    copy_line(e->text, sizeof e->text, text);
    return code;
}

void err_at(struct err *e, const char *file, int line, int column, const char *pointer)
{
    if (!e)
        return;
    if (file && !e->file[0])
        copy_line(e->file, sizeof e->file, file);
    if (line > 0 && e->line == 0) {
        e->line = line;
        e->column = column > 0 ? column : 0;
    }
    if (pointer && !e->pointer[0])
        copy_line(e->pointer, sizeof e->pointer, pointer);
}

char *err_sentence(const struct err *e)
{
    struct buf b;

    buf_init(&b, 4096);
    if (e->file[0]) {
        buf_adds(&b, e->file);
        if (e->line > 0)
            buf_addf(&b, ":%d", e->line);
        if (e->line > 0 && e->column > 0)
            buf_addf(&b, ":%d", e->column);
        buf_adds(&b, ": ");
    } else if (e->line > 0) {
        buf_addf(&b, "line %d", e->line);
        if (e->column > 0)
            buf_addf(&b, ", column %d", e->column);
        buf_adds(&b, ": ");
    }
    buf_adds(&b, e->text);
    if (e->pointer[0])
        buf_addf(&b, " (at %s)", e->pointer);
    return buf_take(&b, NULL);
}

void err_clear(struct err *e)
{
    if (e)
        *e = (struct err){0};
}
