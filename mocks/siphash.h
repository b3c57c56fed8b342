/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012; the reference is in the public domain): a
 * keyed hash. Used for tables that foreign values go into, for aanmeldIds that tell
 * nothing, and for knowing our own cursors again.
 */
#ifndef MOCKS_SIPHASH_H
#define MOCKS_SIPHASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct sip_key {
    uint64_t k[2];
};

static inline uint64_t sip_rotl(uint64_t x, int b)
{
    return x << b | x >> (64 - b);
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = sip_rotl(v[1], 13) ^ v[0];
    v[0] = sip_rotl(v[0], 32);
    v[2] += v[3];
    v[3] = sip_rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = sip_rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = sip_rotl(v[1], 17) ^ v[2];
    v[2] = sip_rotl(v[2], 32);
}

/* `use` separates the purposes that one key serves. */
static inline uint64_t siphash(const struct sip_key *key, uint64_t use, const void *p,
                               size_t n)
{
    const unsigned char *in = p;
    uint64_t k0 = key->k[0] ^ use * 0x9E3779B97F4A7C15U, k1 = key->k[1], m;
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575U, k1 ^ 0x646f72616e646f6dU,
                     k0 ^ 0x6c7967656e657261U, k1 ^ 0x7465646279746573U};
    size_t whole = n & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8) {
        memcpy(&m, in + i, 8);
        v[3] ^= m;
        sip_round(v);
        sip_round(v);
        v[0] ^= m;
    }
    m = (uint64_t)n << 56;
    for (size_t i = whole; i < n; i++)
        m |= (uint64_t)in[i] << 8 * (i - whole);
    v[3] ^= m;
    sip_round(v);
    sip_round(v);
    v[0] ^= m;
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
