/*
 * SHA-256, as 64 lower-case hex digits; and what others use.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

void digest_hex(const void *p, size_t n, char out[65]);
/* Of a file's bytes; *size (may be NULL): how many. */
int digest_file(const char *path, char out[65], uint64_t *size, struct err *e);

#define DIGEST_MAX 64 /* bytes */
/* By its name ("md5", "sha1", "sha512"): how many bytes, 0 when it is not to be had. */
size_t digest_named(const char *name, const void *p, size_t n,
                    unsigned char out[DIGEST_MAX]);

struct digest; /* incremental */
struct digest *digest_new(void);
void digest_add(struct digest *d, const void *p, size_t n);
/* Of what was added until now; more may follow. */
void digest_so_far(const struct digest *d, char out[65]);
void digest_end(struct digest *d, char out[65]); /* frees d */
void digest_free(struct digest *d);              /* without an end; NULL is fine */

#endif
