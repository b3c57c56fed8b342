/*
 * JSON laid flat: what is taken is what jansson takes, and nothing lies outside the text.
 */
#include "tests/fuzz/fuzz.h"

#include <jansson.h>

#include "harness/base/flat.h"

/* Goes through all values, and counts them. */
static uint32_t walk(const struct flat *f, uint32_t i, const json_t *same)
{
    const struct flat_value *v = &f->v[i];
    uint32_t at = i + 1, count = 0;
    must(v->next > i && v->next <= f->n);
    switch (v->type) {
    case FLAT_STRING:
        must(json_is_string(same) && json_string_length(same) == v->u.string.n &&
             !memcmp(json_string_value(same), flat_text(f, i), v->u.string.n + 1));
        break;
    case FLAT_INTEGER:
        must(json_is_integer(same) && json_integer_value(same) == v->u.integer);
        break;
    case FLAT_ARRAY:
        while (at < v->next)
            at = walk(f, at, json_array_get(same, count++));
        must(json_is_array(same) && count == json_array_size(same));
        break;
    case FLAT_OBJECT:
        for (; at < v->next; count++)
            at = walk(f, at + 1, json_object_get(same, flat_text(f, at)));
        must(json_is_object(same) && count == json_object_size(same));
        break;
    case FLAT_NULL:
        must(json_is_null(same));
        break;
    case FLAT_FALSE:
    case FLAT_TRUE:
        must(v->type == FLAT_TRUE ? json_is_true(same) : json_is_false(same));
        break;
    }
    must(at == v->next);
    return v->next;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct flat f;
    if (!flat_read(&f, (const char *)data, size))
        return 0;
    json_t *same = json_loadb((const char *)data, size,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    must(same && walk(&f, 0, same) == f.n);
    json_decref(same);
    return 0;
}
