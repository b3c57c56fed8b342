#include "harness/base/rng.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "harness/base/when.h"

/* splitmix64 by Sebastiano Vigna, public domain. */
static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15U);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

/* Mixes a string and its length in, so that ("ab","c") and ("a","bc") differ. */
static uint64_t absorb(uint64_t h, const char *s)
{
    size_t n = strlen(s);

    for (size_t i = 0; i < n; i++) {
        h ^= (unsigned char)s[i];
        h = splitmix(&h);
    }
    h ^= (uint64_t)n + 0x100;
    return splitmix(&h);
}

void rng_init(struct rng *r, uint64_t seed, const char *actor, const char *purpose)
{
    uint64_t h = absorb(absorb(splitmix(&seed), actor), purpose);

    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&h);
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

/* xoshiro256** 1.0 by David Blackman and Sebastiano Vigna, public domain. */
uint64_t rng_next(struct rng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    /* 2^64 mod n: numbers below it would make the small remainders more likely. */
    uint64_t skip = n ? (0 - n) % n : 0, x;

    if (n <= 1)
        return 0;
    do
        x = rng_next(r);
    while (x < skip);
    return x % n;
}

void rng_uuid(struct rng *r, char out[37])
{
    uint64_t a = rng_next(r), b = rng_next(r);

    a = (a & 0xFFFFFFFFFFFF0FFFU) | 0x4000U;
    b = (b & 0x3FFFFFFFFFFFFFFFU) | 0x8000000000000000U;
    snprintf(out, 37, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(a >> 32),
             (unsigned)(a >> 16 & 0xFFFF), (unsigned)(a & 0xFFFF), (unsigned)(b >> 48),
             (unsigned long long)(b & 0xFFFFFFFFFFFFU));
}

uint64_t rng_fresh_seed(void)
{
    uint64_t seed = 0;
    ssize_t n;

    do
        n = getrandom(&seed, sizeof seed, 0);
    while (n < 0 && errno == EINTR);
    if (n !=
        (ssize_t)sizeof seed) /* a kernel without getrandom: any varying value will do */
        seed = (uint64_t)when_wall() ^ when_monotonic() << 20;
    return seed >> 11;
}
