/* Reading a scenario. A refused one says why and where. */
#include "tests/fuzz/fuzz.h"

#include "harness/profile/profile.h"
#include "harness/scenario/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tables *tables;
    struct scenario *s = NULL;
    struct err e = {0};
    if (!tables)
        must(tables_load(profile_dir(), &tables, &e) == 0);
    struct fuzz_file f = fuzz_file(data, size);
    int rc = scenario_load(f.path, tables, &s, &e);
    must(rc == 0 ? s && s->name && json_is_array(s->steps)
                 : e.set && e.text[0] && e.file[0]);
    scenario_free(s);
    close(f.fd);
    return 0;
}
