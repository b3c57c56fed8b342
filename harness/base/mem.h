/*
 * Memory. Every function here either succeeds or ends the process: there are no
 * out-of-memory branches anywhere else. jansson is put on the same footing by
 * mem_install(), so that a NULL from jansson means bad input only.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Call once, first thing in main(). */
void mem_install(void);

void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s); /* NULL gives NULL */
char *xstrndup(const char *s, size_t n);
char *xmemdup(const void *p, size_t n); /* adds a NUL after the n bytes */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
