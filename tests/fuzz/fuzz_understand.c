/*
 * What a client understands of a response: the first byte chooses profile and operation,
 * the second the status, the rest is the body. An answer that can be used is there.
 */
#include "tests/fuzz/fuzz.h"

#include "harness/profile/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct profile *profiles[2];
    static const int statuses[] = {200, 202, 400, 401, 403, 410, 503, 302};
    struct http_response r;
    json_t *canonical = NULL, *faults = NULL;
    struct err e = {0};
    if (!profiles[0]) {
        must(profile_load(profile_dir(), "proef-1", &profiles[0], &e) == 0);
        must(profile_load(profile_dir(), "proef-2", &profiles[1], &e) == 0);
    }
    if (size < 2)
        return 0;
    enum op op = (enum op)(1 + (data[0] >> 1) % (OP_COUNT - 1));
    http_response_init(&r);
    r.status = statuses[data[1] % ARRAY_LEN(statuses)];
    http_fields_add(&r.fields, "Content-Type",
                    r.status < 300 ? "application/json" : "application/problem+json");
    http_response_body(&r, xmemdup(data + 2, size - 2), size - 2);
    bool usable = profile_understand(profiles[data[0] % 2], op, &r, &canonical, &faults);
    must(!usable || canonical);
    must(json_is_array(faults));
    json_decref(canonical);
    json_decref(faults);
    http_response_done(&r);
    return 0;
}
