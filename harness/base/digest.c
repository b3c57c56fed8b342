/*
 * SHA-256 and HMAC by OpenSSL; the only file that includes it. Masks use its older
 * interface, which needs no look-up of the algorithm and so takes a fifth of the time:
 * every line of a journal holds several.
 */
#define OPENSSL_API_COMPAT 0x10101000L
#include "harness/base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/domain.h"
#include "harness/base/mem.h"

struct digest {
    SHA256_CTX ctx;
};

/* SHA-256 can only fail when OpenSSL is broken or memory is out. */
static void must(int ok)
{
    if (ok != 1) {
        fputs("koppelproef: OpenSSL can't compute SHA-256\n", stderr);
        abort();
    }
}

static void hex(const unsigned char *p, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
    out[2 * n] = '\0';
}

size_t digest_named(const char *name, const void *p, size_t n,
                    unsigned char out[DIGEST_MAX])
{
    unsigned int got = 0;
    const EVP_MD *md = EVP_get_digestbyname(name);
    if (!md || EVP_MD_get_size(md) > DIGEST_MAX ||
        EVP_Digest(p, n, out, &got, md, NULL) != 1)
        return 0;
    return got;
}

void digest_hex(const void *p, size_t n, char out[65])
{
    unsigned char md[32];

    must(EVP_Digest(p ? p : "", n, md, NULL, EVP_sha256(), NULL));
    hex(md, sizeof md, out);
}

struct digest *digest_new(void)
{
    struct digest *d = xcalloc(1, sizeof *d);

    must(SHA256_Init(&d->ctx));
    return d;
}

void digest_add(struct digest *d, const void *p, size_t n)
{
    if (n > 0)
        must(SHA256_Update(&d->ctx, p, n));
}

void digest_so_far(const struct digest *d, char out[65])
{
    SHA256_CTX copy = d->ctx;
    unsigned char md[32];

    must(SHA256_Final(md, &copy));
    hex(md, sizeof md, out);
}

void digest_free(struct digest *d)
{
    free(d);
}

void digest_end(struct digest *d, char out[65])
{
    digest_so_far(d, out);
    free(d);
}

int digest_file(const char *path, char out[65], uint64_t *size, struct err *e)
{
    char chunk[65536];
    int fd = open(path, O_RDONLY | O_CLOEXEC), why;
    ssize_t got;

    if (fd < 0)
        return err_set(e, errno == ENOENT ? E_NOTFOUND : E_ENV, "can't read %s: %s", path,
                       strerror(errno));
    struct digest *d = digest_new();
    uint64_t n = 0;
    while ((got = read(fd, chunk, sizeof chunk)) > 0 || (got < 0 && errno == EINTR)) {
        digest_add(d, chunk, got > 0 ? (size_t)got : 0);
        n += got > 0 ? (uint64_t)got : 0;
    }
    why = errno;
    close(fd);
    digest_end(d, out);
    if (got < 0)
        return err_set(e, E_ENV, "can't read %s: %s", path, strerror(why));
    if (size)
        *size = n;
    return 0;
}

void mask_init(struct mask *m, uint64_t seed)
{
    char text[64];

    snprintf(text, sizeof text, "koppelproef mask %llu", (unsigned long long)seed);
    must(EVP_Digest(text, strlen(text), m->key, NULL, EVP_sha256(), NULL));
}

/* HMAC (RFC 2104) with a key of 32 bytes, which is less than the block of 64. */
void mask_tag(const struct mask *m, const void *p, size_t n, char out[11])
{
    unsigned char pad[64], md[SHA256_DIGEST_LENGTH];
    SHA256_CTX ctx;

    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] = 0x36 ^ (i < sizeof m->key ? m->key[i] : 0);
    must(SHA256_Init(&ctx));
    must(SHA256_Update(&ctx, pad, sizeof pad));
    must(SHA256_Update(&ctx, p, n));
    must(SHA256_Final(md, &ctx));
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] ^= 0x36 ^ 0x5C;
    must(SHA256_Init(&ctx));
    must(SHA256_Update(&ctx, pad, sizeof pad));
    must(SHA256_Update(&ctx, md, sizeof md));
    must(SHA256_Final(md, &ctx));
    hex(md, 5, out);
}
