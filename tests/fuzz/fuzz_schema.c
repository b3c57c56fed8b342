/*
 * Fuzzes the JSON Schema compiler and checker: the first line is a schema, the rest an
 * instance. Beyond crashes it looks for disagreement: a check that stops at the first
 * fault and one that collects them must come to the same verdict, and only an invalid
 * instance has faults, each with all its members.
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined ... && ./fuzz_schema corpus/
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/profile/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_faults(const json_t *faults, bool valid)
{
    static const char *const members[] = {"pointer", "keyword", "schema", "reden",
                                          "text"};
    const json_t *fault;
    size_t i;

    if (valid != (json_array_size(faults) == 0))
        abort();
    json_array_foreach (faults, i, fault)
        for (size_t k = 0; k < sizeof members / sizeof members[0]; k++)
            if (!json_is_string(json_object_get(fault, members[k])))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *line = size ? memchr(text, '\n', size) : NULL;
    size_t first = line ? (size_t)(line - text) : size;
    int flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES;
    json_t *root, *instance, *faults;
    struct schema *s = NULL;
    struct err e = {0};
    bool valid;

    if (size > 8192)
        return 0;
    root = json_loadb(text, first, (size_t)flags, NULL);
    if (root && schema_compile(root, "fuzz:schema", NULL, &s, &e) && !e.text[0])
        abort();
    instance = line ? json_loadb(line + 1, size - first - 1, (size_t)flags, NULL) : NULL;
    if (s && instance) {
        faults = json_array();
        valid = schema_valid(s, instance, faults, 100);
        check_faults(faults, valid);
        if (schema_valid(s, instance, NULL, 0) != valid)
            abort();
        json_decref(faults);
    }
    schema_free(s);
    json_decref(root);
    json_decref(instance);
    return 0;
}
