/*
 * A compact hash table from fixed-size keys to fixed-size values, for millions of
 * entries: open addressing, nothing per entry but key and value. Entries are never
 * removed. A value of all zero bytes means "empty" and may not be stored.
 */
#ifndef MOCKS_TABLE_H
#define MOCKS_TABLE_H

#include <stddef.h>

#include "mocks/siphash.h"

struct table {
    struct sip_key key;
    unsigned char *v;
    size_t key_n, value_n, n, cap;
};
void table_init(struct table *t, const struct sip_key *key, size_t key_n, size_t value_n);
void table_done(struct table *t);
/* The value, not aligned; NULL when absent. Good until the next put. */
const void *table_get(const struct table *t, const void *key);
/* Sets, replacing. */
void table_put(struct table *t, const void *key, const void *value);
size_t table_bytes(const struct table *t);

#endif
