/*
 * Reading what came back to a raw request: how many HTTP responses it holds, one after
 * the other, by their framing (RFC 9112 section 6). A pure function over bytes.
 */
#ifndef WIRE_TCP_PARSE_H
#define WIRE_TCP_PARSE_H

#include <stddef.h>

/* The number of final responses (interim ones, 1xx, are not counted). *status is that of
 * the first, 0 when there is none. A "response" in the body of another is not one. */
int tcp_count_responses(const char *p, size_t n, int *status);

#endif
