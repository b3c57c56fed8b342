/* JSON for reading: what is short stands on one line. */
#include <stdint.h>
#include <string.h>

#include "harness/report/page.h"

#define WIDTH 72       /* of a value on one line, in bytes */
#define DEEP  32       /* levels below which nothing is broken into lines */
#define LIMIT 20000000 /* bytes laid out */

static void lay(struct buf *out, const json_t *v, size_t depth);

static void new_line(struct buf *out, size_t depth)
{
    buf_addc(out, '\n');
    for (size_t i = 0; i < depth; i++)
        buf_adds(out, "  ");
}

static void lay_members(struct buf *out, const json_t *v, size_t depth)
{
    const char *key;
    json_t *member;
    size_t i = 0;
    json_object_foreach ((json_t *)(uintptr_t)v, key, member) {
        buf_adds(out, i++ ? "," : "");
        new_line(out, depth);
        buf_addc(out, '"');
        buf_add_json(out, key, strlen(key));
        buf_adds(out, "\": ");
        lay(out, member, depth);
    }
}

static void lay_items(struct buf *out, const json_t *v, size_t depth)
{
    for (size_t i = 0; i < json_array_size(v); i++) {
        buf_adds(out, i ? "," : "");
        new_line(out, depth);
        lay(out, json_array_get(v, i), depth);
    }
}

static int add(const char *text, size_t n, void *arg)
{
    return buf_add(arg, text, n);
}

static void lay(struct buf *out, const json_t *v, size_t depth)
{
    const size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);
    bool many = json_object_size(v) + json_array_size(v) > 0;
    char line[WIDTH];
    if (out->full)
        return;
    if (!many || depth >= DEEP || json_dumpb(v, line, sizeof line, flags) <= WIDTH) {
        json_dump_callback(v, add, out, flags);
        return;
    }
    bool object = json_is_object(v);
    buf_addc(out, object ? '{' : '[');
    if (object)
        lay_members(out, v, depth + 1);
    else
        lay_items(out, v, depth + 1);
    new_line(out, depth);
    buf_addc(out, object ? '}' : ']');
}

void say_json(struct page *p, const json_t *v, size_t max)
{
    struct buf b;
    if (json_is_string(v) || !v) {
        say_cut(p, v ? json_string_value(v) : "–", max);
        return;
    }
    buf_init(&b, LIMIT);
    lay(&b, v, 0);
    say_cut(p, b.p ? b.p : "–", max);
    buf_done(&b);
}
