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

/* A cursor is opaque: that of a variant holds whatever needs an escape somewhere. */
#define ODD_PREFIX "a+b/c=d&e%20\"\\ \xc3\xb3~"

static const char *own_cursor(const struct koppelpunt *k, const char *sinds)
{
    size_t n = sizeof ODD_PREFIX - 1;
    bool odd = !strncmp(sinds, ODD_PREFIX, n);
    return odd && (k->odd_cursors || kp_is(k, KP_ODD_CURSORS)) ? sinds + n : sinds;
}

/* Where a reader is; false with *why filled when its cursor can't be served. */
static bool read_cursor(const struct koppelpunt *k, const struct fetch_query *q,
                        when_t now, struct store_reader *at, struct rejection *why)
{
    struct cursor c;
    const struct store_reader all = {0, store_last(k->store)}, no = {all.snapshot, 0};
    if (!q->has_sinds) {
        *at = all;
        return true;
    }
    if (!cursor_read(&k->key, own_cursor(k, q->sinds), &c)) {
        if (kp_is(k, KP_ANY_CURSOR)) {
            *at = no;
            return true;
        }
        if (kp_is(k, KP_CURSOR_IS_410)) {
            why->problem = PROBLEM_GONE;
            return false;
        }
        rejection_add(why, PROBLEM_CURSOR_INVALID, "/sinds", "ongeldige-cursor");
        return false;
    }
    /* Of another state, taken back, too old, or from a future that was lost. */
    if (c.epoch != k->epoch || c.generation != k->generation ||
        c.position > store_last(k->store) || c.snapshot > store_last(k->store) ||
        (k->cursor_seconds >= 0 &&
         (double)(now - c.issued) > k->cursor_seconds * (double)NS_PER_S)) {
        *at = kp_is(k, KP_OLD_CURSOR_SERVED) ? all : no;
        if (at->snapshot || kp_is(k, KP_OLD_CURSOR_NOW))
            return true;
        why->problem = PROBLEM_GONE;
        return false;
    }
    *at = (struct store_reader){c.position, c.snapshot};
    return true;
}

static size_t page_size(struct koppelpunt *k, int limiet)
{
    bool asked = limiet > 0 && !kp_is(k, KP_LIMIET_IGNORED);
    size_t n = asked ? (size_t)limiet : DEFAULT_LIMIET;
    if (k->page_max && n > k->page_max) {
        n = k->page_max;
        (void)kp_is(k, KP_PAGES_OF_3);
    }
    if (n > k->page_cap) {
        k->page_cap = n;
        k->page = xrealloc(k->page, n * sizeof *k->page);
    }
    return n;
}

/* ---- mutants of a page ---- */

/* Where a mutant lets a reader begin that has no cursor. */
static void begin_elsewhere(struct koppelpunt *k, const struct client *from,
                            struct store_reader *at)
{
    if (kp_is(k, KP_FULL_STATE_LAPSED))
        at->snapshot = 0;
    if (kp_plays(k, KP_NEWCOMER_CHANGES_ONLY) &&
        kp_new_reader(&k->memory, from->id) > 2 && kp_is(k, KP_NEWCOMER_CHANGES_ONLY))
        *at = (struct store_reader){store_last(k->store), 0};
    if (store_last(k->store) && kp_is(k, KP_RENUMBERS)) {
        store_renumber(k->store);
        at->snapshot = store_last(k->store);
    }
}

/* Leaves out what is of the country's other half. The new n. */
static size_t drop_half(struct koppelpunt *k, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n; i++)
        if (k->page[i].vervallen ||
            *k->clients->instellingen.v[k->page[i].instelling].code != '0' ||
            !kp_is(k, KP_HALF_THE_COUNTRY))
            k->page[to++] = k->page[i];
    return to;
}

/* Ends a full state with what it began with. The new n. */
static size_t end_at_snapshot(struct koppelpunt *k, const struct store_reader *began,
                              struct store_reader *at, size_t n, bool *meer)
{
    while (began->snapshot && n && k->page[n - 1].volgnummer > began->snapshot &&
           kp_is(k, KP_SNAPSHOT_GAP)) {
        *meer = false;
        *at = (struct store_reader){store_last(k->store), 0};
        n--;
    }
    return n;
}

/* An empty page goes before every page but the first, with a cursor of its own: where the
 * next request begins is the same. */
static bool empty_between(struct koppelpunt *k, const struct store_reader *began,
                          struct store_reader *at, size_t n)
{
    if (!n || !began->position || k->memory.pages++ % 2)
        return false;
    *at = *began;
    return true;
}

/* What a mutant makes of a page of n entries that began at `began`. The new n. */
static size_t repage(struct koppelpunt *k, const struct store_reader *began,
                     struct store_reader *at, size_t n, bool *meer)
{
    if (*meer && began->snapshot && n >= 2 && kp_is(k, KP_FULL_STATE_DOUBLES))
        at->position = k->page[n - 1].volgnummer - 1;
    if (kp_plays(k, KP_EMPTY_PAGES) && n && k->memory.pages++ % 2 == 0 &&
        kp_is(k, KP_EMPTY_PAGES)) {
        *at = *began;
        *meer = true;
        return 0;
    }
    return drop_half(k, end_at_snapshot(k, began, at, n, meer));
}

/* A mutant that serves as much as it can when more is asked for than it may. */
static bool unbounded(const struct koppelpunt *k, struct fetch_query *q,
                      struct rejection *why)
{
    const json_t *only = json_array_get(why->fouten, 0);
    const char *at = json_string_value(json_object_get(only, "pointer"));
    if (!at || strcmp(at, "/limiet") || json_array_size(why->fouten) > 1 ||
        !kp_is(k, KP_LIMIET_UNBOUNDED))
        return false;
    rejection_done(why);
    *q = (struct fetch_query){.limiet = 1000};
    return true;
}

bool serve_changes(struct koppelpunt *k, const struct client *from,
                   const struct http_request *req, struct moment now,
                   struct http_response *out, struct rejection *why)
{
    struct fetch_query q;
    struct store_reader at;
    bool meer;
    /* Every overstapsysteem gets the same (KP-LEV-11): `from` is only for mutants. */
    if (profile_fetch_query(k->profile, req->target, &q, why) && !unbounded(k, &q, why))
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
    if (!q.has_sinds && k->mutant != KP_MUTANT_NONE)
        begin_elsewhere(k, from, &at);
    const struct store_reader began = at;
    size_t max = page_size(k, q.limiet);
    size_t n = store_read(k->store, &at, max, k->page, &meer);
    if (k->empty_pages && empty_between(k, &began, &at, n)) {
        n = 0;
        meer = true;
    } else if (k->mutant != KP_MUTANT_NONE)
        n = repage(k, &began, &at, n, &meer);
    struct page *pg = profile_page_new(k->profile, OP_OPHALEN);
    for (size_t i = 0; i < n; i++)
        add_entry(k, pg, &k->page[i]);
    char volgende[CURSOR_TEXT + sizeof ODD_PREFIX] = ODD_PREFIX;
    bool odd = k->odd_cursors || kp_is(k, KP_ODD_CURSORS);
    char *cursor = volgende + (odd ? sizeof ODD_PREFIX - 1 : 0);
    cursor_write(&k->key,
                 &(struct cursor){.position = at.position,
                                  .snapshot = at.snapshot,
                                  .epoch = k->epoch,
                                  .generation = k->generation,
                                  .issued = now.wall},
                 cursor);
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
    if (ok && found.n == 0 && kp_is(k, KP_SEARCH_NOT_FOUND)) {
        why->problem = PROBLEM_NOT_FOUND;
        ok = false;
    }
    if (ok) {
        struct page *pg = profile_page_new(k->profile, OP_ZOEKEN);
        if (found.n > 1)
            qsort(found.v, found.n, sizeof *found.v, by_volgnummer);
        size_t first = found.n > 1 && kp_is(k, KP_SEARCH_NEWEST_ONLY) ? found.n - 1 : 0;
        for (size_t i = first; i < found.n; i++)
            add_entry(k, pg, &found.v[i]);
        profile_page_answer(pg, req, NULL, false, out);
    }
    free(found.v);
    json_decref(body);
    return ok;
}
