/*
 * JSON laid flat: all values of a text in one array, in the order in which they stand
 * there, and their strings in one copy of the text. Most of the cost of reading JSON is
 * in making a tree of it; what is looked through once needs none.
 *
 * Only plain JSON is taken: objects and arrays, strings of valid UTF-8 without U+0000,
 * whole numbers of up to 18 digits, true, false and null. What jansson would refuse (a
 * key twice among it) is not taken, and neither is what is rare: fractions and exponents,
 * more than FLAT_DEPTH levels, more than FLAT_MEMBERS members of one object. Those are
 * for jansson. What is taken, means what jansson's tree of it means.
 */
#ifndef BASE_FLAT_H
#define BASE_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLAT_DEPTH   32
#define FLAT_MEMBERS 64

enum flat_type {
    FLAT_NULL,
    FLAT_FALSE,
    FLAT_TRUE,
    FLAT_INTEGER,
    FLAT_STRING,
    FLAT_ARRAY,
    FLAT_OBJECT
};

struct flat_value {
    enum flat_type type;
    uint32_t next; /* index of what stands behind this value and all in it */
    union {
        int64_t integer;
        struct {
            uint32_t at, n; /* where in the text, and how many bytes */
        } string;
        uint32_t count; /* elements of an array, members of an object */
    } u;
};

/* One may serve many texts, one after another: it keeps its memory. */
struct flat {
    struct flat_value
        *v; /* v[0] is the whole. The elements of an array follow it, each
               with all that is in it; of an object key, value, key, value */
    size_t n, cap;
    char *text; /* every string in it is decoded and ends with a NUL */
    size_t text_cap;
};

void flat_init(struct flat *f);
void flat_done(struct flat *f);

/* Reads a text of n bytes. False: it is none for this reader, and f holds nothing. */
bool flat_read(struct flat *f, const char *s, size_t n);

/* The string of a value of that type (a key too). */
static inline const char *flat_text(const struct flat *f, uint32_t i)
{
    return f->text + f->v[i].u.string.at;
}

/* Index of the value of a member; 0 when v[object] is no object or has none of that name.
 */
uint32_t flat_get(const struct flat *f, uint32_t object, const char *key, size_t n);

#endif
