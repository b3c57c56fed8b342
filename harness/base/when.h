/*
 * Moments and durations. A moment (`when_t`) is nanoseconds since 1970-01-01T00:00:00Z,
 * signed 64 bit (1678 to 2262). Monotonic time is a plain uint64_t in nanoseconds and
 * never mixes with it.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t when_t;

#define NS_PER_S  1000000000LL
#define NS_PER_MS 1000000LL

/* RFC 3339 date-time with offset Z only, as the contract asks (NL API Design Rules
 * /core/date-time): YYYY-MM-DDThh:mm:ss[.d{1,9}]Z, upper case T and Z, a real calendar
 * date, seconds 00-59. Returns 0 or E_INVALID. `n` bytes, need not be terminated. */
int when_parse(const char *s, size_t n, when_t *out);
/* As above, but any numeric offset is accepted too and taken into account. */
int when_parse_offset(const char *s, size_t n, when_t *out);
/* A full date YYYY-MM-DD: the moment it begins in UTC. */
int when_parse_date(const char *s, size_t n, when_t *out);
/* Writes the shortest of: no fraction, 3 digits, 9 digits. Returns out. */
char *when_format(when_t t, char out[32]);
/* IMF-fixdate (RFC 9110 section 5.6.7), e.g. "Sun, 06 Nov 1994 08:49:37 GMT". */
char *when_format_http(when_t t, char out[32]);
int when_parse_http(const char *s, when_t *out);

/* "250ms", "30s", "5m", "2h"; also a decimal fraction ("1.5s"). Nanoseconds; 0 or
 * E_INVALID. */
int when_parse_duration(const char *s, uint64_t *ns);

when_t when_wall(void);        /* CLOCK_REALTIME; only the doors call this */
uint64_t when_monotonic(void); /* CLOCK_MONOTONIC; only the doors call this */

#endif
