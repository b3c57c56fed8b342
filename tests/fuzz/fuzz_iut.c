/* Reading an iut.json. A refused one says why and where. */
#include "tests/fuzz/fuzz.h"

#include "harness/scenario/iut.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iut *i = NULL;
    struct err e = {0};
    struct fuzz_file f = fuzz_file(data, size);
    int rc = iut_load(f.path, &i, &e);
    must(rc == 0 ? i && i->role && i->name && json_is_array(i->capabilities)
                 : e.set && e.text[0] && e.file[0]);
    iut_free(i);
    close(f.fd);
    return 0;
}
