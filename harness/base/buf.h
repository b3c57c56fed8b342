/*
 * A growable byte buffer with a stated maximum. p is always NUL-terminated once
 * something was added (the NUL is not counted in n).
 * When an addition would pass `max`, nothing is added, `full` is set and stays set
 * until buf_reset: callers may add many times and look once.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *p; /* NULL while empty and never grown */
    size_t n, cap, max;
    bool full;
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);  /* frees; b may be used again after buf_init */
void buf_reset(struct buf *b); /* empties, keeps the allocation */
int buf_add(struct buf *b, const void *p, size_t n); /* 0 or E_TOOBIG */
int buf_adds(struct buf *b, const char *s);
int buf_addc(struct buf *b, char c);
int buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds `s` as the inside of a JSON string (no quotes), escaping what RFC 8259 section 7
 * asks for; bytes that are not UTF-8 become U+FFFD. */
int buf_add_json(struct buf *b, const char *s, size_t n);
/* Adds `s` escaped for XML text and attributes; characters that XML 1.0 forbids are
 * replaced by U+FFFD. */
int buf_add_xml(struct buf *b, const char *s);
/* The length of the UTF-8 character at s, of n bytes (RFC 3629 section 4: nothing
 * overlong, no surrogates); 0 when it is none. n > 0. */
size_t utf8_length(const char *s, size_t n);
/* Hands the bytes out (never NULL, NUL-terminated); the caller frees; b is empty. */
char *buf_take(struct buf *b, size_t *n);

#endif
