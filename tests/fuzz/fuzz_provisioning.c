/* The provisioning file. A refused one says why. */
#include "tests/fuzz/fuzz.h"

#include "mocks/koppelpunt_clients.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct clients *c = NULL;
    struct err e = {0};
    struct rng rng;
    rng_init(&rng, 1, "fuzz", "tokens");
    struct fuzz_file f = fuzz_file(data, size);
    int rc = clients_new(f.path, &rng, &c, &e);
    must(rc == 0 ? c != NULL : e.set && e.text[0] && e.file[0]);
    if (c)
        must(clients_reload(c, &e) == 0);
    clients_free(c);
    close(f.fd);
    return 0;
}
