/*
 * What the fuzz targets share. Each is one function over bytes; beyond crashes it looks
 * for what its parser promises, and calls must() on each promise.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(promise)                                                                    \
    do {                                                                                 \
        if (!(promise)) {                                                                \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #promise);        \
            abort();                                                                     \
        }                                                                                \
    } while (0)

/* A file in memory with these bytes, for parsers that want a path. */
struct fuzz_file {
    int fd;
    char path[40];
};

static inline struct fuzz_file fuzz_file(const uint8_t *data, size_t size)
{
    struct fuzz_file f;
    f.fd = memfd_create("fuzz", MFD_CLOEXEC);
    must(f.fd >= 0 && write(f.fd, data, size) == (ssize_t)size);
    snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

#endif
