/*
 * Reading a page of the feed with a client's caution: all of it is understood before any
 * of it is taken in, and what is merely new (a key, a status) is no reason to stop.
 */
#ifndef MOCKS_OS_PAGE_H
#define MOCKS_OS_PAGE_H

#include "harness/profile/profile.h"
#include "mocks/os_view.h"

struct os_reading {
    struct os_page page; /* borrows from the rest */
    struct os_item *items;
    json_t *message;        /* read the slow way, or NULL */
    struct read_page plain; /* or the quick way */
};

/* How pages are read: mutant is enum os_mutant, lenient as in overstapsysteem_config. */
struct os_manner {
    int mutant;
    bool lenient;
};

/* Reads a 200. Entries of persons without a BSN are listed but left out of the items.
 * Returns NULL, or a sentence on why the page can't be used: it is no page of the
 * contract, or an entry of it is faulty. Then the whole page is refused, so that the
 * cursor stays in front of it and nothing is missing once it is repaired. */
const char *os_page_read(const struct profile *p, struct os_manner how,
                         const struct http_response *resp, struct os_reading *out);
void os_reading_done(struct os_reading *r);

#endif
