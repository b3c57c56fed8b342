/*
 * Serving: pages of the change feed, and searching. Nothing here goes through jansson but
 * the body of a search: a page is a few microseconds and a memory copy per entry.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/feed.h"
#include "mocks/koppelpunt_role.h"

#define DEFAULT_LIMIET 500

static void add_entry(const struct koppelpunt *k, struct page *pg,
                      const struct store_entry *e)
{
    struct entry out = {.volgnummer = e->volgnummer, .vervallen = e->vervallen};
    store_aanmeld_id(k->store, e->aanmelding, out.aanmeld_id);
    if (!e->vervallen) {
        const struct code *instelling = &k->clients->instellingen.v[e->instelling];
        const struct code *opleiding = &k->clients->opleidingen.v[e->opleiding];
        uint32_t bsn = e->bsn;
        for (int i = 8; i >= 0; i--, bsn /= 10)
            out.bsn[i] = (char)('0' + bsn % 10);
        out.status = e->status;
        out.status_begin = e->status_begin;
        out.instelling = instelling->code;
        out.instelling_naam = instelling->name;
        out.opleiding = opleiding->code;
        out.opleiding_naam = opleiding->name;
    }
    profile_page_add(pg, &out);
}

/* Where a reader is; false with *why filled when its cursor can't be served. */
static bool read_cursor(const struct koppelpunt *k, const struct fetch_query *q,
                        when_t now, struct store_reader *at, struct rejection *why)
{
    struct cursor c;
    if (!q->has_sinds) {
        *at = (struct store_reader){0, store_last(k->store)};
        return true;
    }
    if (!cursor_read(&k->key, q->sinds, &c)) {
        rejection_add(why, PROBLEM_CURSOR_INVALID, "/sinds", "ongeldige-cursor");
        return false;
    }
    /* Of another state, taken back, too old, or from a future that was lost. */
    if (c.epoch != k->epoch || c.generation != k->generation ||
        c.position > store_last(k->store) || c.snapshot > store_last(k->store) ||
        (k->cursor_seconds >= 0 &&
         (double)(now - c.issued) > k->cursor_seconds * (double)NS_PER_S)) {
        why->problem = PROBLEM_GONE;
        return false;
    }
    *at = (struct store_reader){c.position, c.snapshot};
    return true;
}

static size_t page_size(struct koppelpunt *k, int limiet)
{
    size_t n = limiet > 0 ? (size_t)limiet : DEFAULT_LIMIET;
    if (k->page_max && n > k->page_max)
        n = k->page_max;
    if (n > k->page_cap) {
        k->page_cap = n;
        k->page = xrealloc(k->page, n * sizeof *k->page);
    }
    return n;
}

bool serve_changes(struct koppelpunt *k, const struct client *from,
                   const struct http_request *req, struct moment now,
                   struct http_response *out, struct rejection *why)
{
    struct fetch_query q;
    struct store_reader at;
    bool meer;
    (void)from; /* every overstapsysteem gets the same (KP-LEV-11) */
    if (profile_fetch_query(k->profile, req->target, &q, why))
        return false;
    if (store_undealt(k->store)) {
        if (state_deal(k, NULL)) {
            why->problem = PROBLEM_UNAVAILABLE;
            why->retry_after = 1;
            return false;
        }
        store_deal(k->store);
    }
    if (!read_cursor(k, &q, now.wall, &at, why))
        return false;
    size_t max = page_size(k, q.limiet);
    size_t n = store_read(k->store, &at, max, k->page, &meer);
    struct page *pg = profile_page_new(k->profile, OP_OPHALEN);
    for (size_t i = 0; i < n; i++)
        add_entry(k, pg, &k->page[i]);
    char volgende[CURSOR_TEXT + 1];
    cursor_write(&k->key,
                 &(struct cursor){.position = at.position,
                                  .snapshot = at.snapshot,
                                  .epoch = k->epoch,
                                  .generation = k->generation,
                                  .issued = now.wall},
                 volgende);
    profile_page_answer(pg, req, volgende, meer, out);
    return true;
}

/* ---- searching ---- */
struct found {
    struct store_entry *v;
    size_t n, cap;
};

static void collect(void *arg, const struct store_entry *e)
{
    struct found *f = arg;
    if (f->n == f->cap) {
        f->cap = f->cap ? 2 * f->cap : 16;
        f->v = xrealloc(f->v, f->cap * sizeof *f->v);
    }
    f->v[f->n++] = *e;
}

static int by_volgnummer(const void *pa, const void *pb)
{
    const struct store_entry *a = pa, *b = pb;
    return a->volgnummer < b->volgnummer ? -1 : a->volgnummer > b->volgnummer;
}

static bool look_bsns(const json_t *bsns, struct rejection *why)
{
    for (size_t i = 0; i < json_array_size(bsns); i++) {
        const char *s = json_string_value(json_array_get(bsns, i));
        char pointer[40];
        snprintf(pointer, sizeof pointer, "/bsns/%zu", i);
        if (s && strlen(s) == 9 && !bsn_valid(s, 9))
            rejection_add(why, PROBLEM_INVALID, pointer, "elfproef");
    }
    return why->problem == PROBLEM_NONE;
}

/* A number given twice counts once. */
static bool asked_before(const json_t *bsns, size_t i)
{
    const char *s = json_string_value(json_array_get(bsns, i));
    for (size_t j = 0; j < i; j++)
        if (!strcmp(s, json_string_value(json_array_get(bsns, j))))
            return true;
    return false;
}

bool serve_search(struct koppelpunt *k, const struct client *from,
                  const struct http_request *req, struct moment now,
                  struct http_response *out, struct rejection *why)
{
    json_t *body = NULL;
    struct found found = {0};
    (void)from;
    (void)now;
    if (profile_read(k->profile, OP_ZOEKEN, req, &body, why)) {
        look_bsns(json_object_get(why->readable, "bsns"), why);
        return false;
    }
    const json_t *bsns = json_object_get(body, "bsns");
    bool ok = look_bsns(bsns, why);
    for (size_t i = 0; ok && i < json_array_size(bsns); i++)
        if (!asked_before(bsns, i))
            store_search(
                k->store,
                (uint32_t)strtoul(json_string_value(json_array_get(bsns, i)), NULL, 10),
                collect, &found);
    if (ok) {
        struct page *pg = profile_page_new(k->profile, OP_ZOEKEN);
        if (found.n > 1)
            qsort(found.v, found.n, sizeof *found.v, by_volgnummer);
        for (size_t i = 0; i < found.n; i++)
            add_entry(k, pg, &found.v[i]);
        profile_page_answer(pg, req, NULL, false, out);
    }
    free(found.v);
    json_decref(body);
    return ok;
}
