/* Reading an archive. The first byte says whether the rest is one as it stands, or what
 * is packed in one: a mutated gzip stream seldom gets past its check sums. */
#include "tests/fuzz/fuzz.h"

#include <zlib.h>

#include "harness/base/tarball.h"

static const struct tarball_limits limits = {1 << 20, 50, 300};

struct seen {
    uint64_t files, bytes;
};

static int see(void *arg, struct tarball_entry *t, struct err *e)
{
    struct seen *s = arg;
    const char *name = tarball_name(t);
    (void)e;
    must(*name && *name != '/' && strcmp(name, "..") && strncmp(name, "../", 3));
    must(!strstr(name, "/../") && !strstr(name, "//") && strlen(name) < 300);
    s->files++;
    s->bytes += tarball_size(t);
    return 0;
}

static size_t packed(const uint8_t *data, size_t size, uint8_t *out, size_t cap)
{
    z_stream z = {0};
    must(deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) ==
         Z_OK);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)size;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    must(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return cap - z.avail_out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    struct seen s = {0};
    bool repacked = true, pack = size > 0 && data[0] == 'p';
    size_t cap = size + 1000;
    uint8_t *out = malloc(cap);
    size_t n = pack ? packed(data + 1, size - 1, out, cap) : 0;
    struct fuzz_file f =
        pack ? fuzz_file(out, n) : fuzz_file(data + (size > 0), size - (size > 0));
    int rc = tarball_read(f.path, &limits, see, &s, &repacked, &e);
    must(rc == 0 || e.set);
    must(s.files <= limits.files);
    /* What was read whole is in the one form that there is. */
    must(rc || (s.bytes < limits.bytes && (!pack || !repacked)));
    close(f.fd);
    free(out);
    return 0;
}
