/*
 * Seeded random streams (xoshiro256** seeded through splitmix64, by Blackman and Vigna).
 * A stream is derived from (seed, actor, purpose), never from the order of calls, so that
 * adding an actor never changes what another one draws.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t s[4];
};

void rng_init(struct rng *r, uint64_t seed, const char *actor, const char *purpose);
uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n); /* uniform in [0, n), n >= 1, unbiased */
/* A version 4 UUID (RFC 9562 section 5.4), lower case, 36 characters and NUL. */
void rng_uuid(struct rng *r, char out[37]);
/* A fresh seed from the kernel (getrandom), below 2^53 so that it is exact in JSON. */
uint64_t rng_fresh_seed(void);

#endif
