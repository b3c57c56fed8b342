/* Reading a journal. Every line that is handed on is an object. */
#include "tests/fuzz/fuzz.h"

#include "harness/wire/journal.h"

static int line(void *arg, json_t *event)
{
    must(json_is_object(event));
    ++*(size_t *)arg;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    size_t lines = 0, newlines = 0;
    bool torn = false;
    struct fuzz_file f = fuzz_file(data, size);
    struct journal_sum sum;
    int rc = journal_read_sum(f.path, line, &lines, &torn, &sum, &e);
    for (size_t i = 0; i < size; i++)
        newlines += data[i] == '\n';
    must(rc == 0 || (e.set && e.line > 0));
    must(lines <= newlines + 1);
    must(!torn || rc == 0);
    must(sum.lines == lines && sum.bytes <= size && (rc || sum.bytes == size));
    close(f.fd);
    return 0;
}
