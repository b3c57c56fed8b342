/* What a page of the feed, or the answer to a search, may hold (KP-LEV-*). What needs
 * more than one page is in feed_walk.c. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/checks_list.h"
#include "harness/judge/words.h"

#define LIMIET_DEFAULT 500 /* CONTRACT.md 6 */
#define LIMIET_MAX     1000

static bool one_of(const char *s, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(s, *list))
            return true;
    return false;
}

/* Where a fault of the schema is, in the contract's own words. */
static const char *place(const json_t *fault)
{
    const char *canonical = text(fault, "canonical");
    const char *p = canonical ? canonical : text(fault, "pointer");
    return p ? p : "";
}

static bool unknown_key(const json_t *fault)
{
    const char *why = text(fault, "reden");
    return why && !strcmp(why, "onbekend-veld");
}

/* The entry that "/aanmeldstatussen/3/naam" is in, and its last key. */
static const json_t *entry_at(const json_t *entries, const char *pointer,
                              const char **key)
{
    static const char list[] = "/aanmeldstatussen/";
    const char *last = strrchr(pointer, '/');
    *key = last ? last + 1 : pointer;
    if (strncmp(pointer, list, sizeof list - 1))
        return NULL;
    return json_array_get(entries, strtoul(pointer + sizeof list - 1, NULL, 10));
}

static bool lapsed(const json_t *entry)
{
    return json_is_true(json_object_get(entry, "vervallen"));
}

/* ---- KP-LEV-01 and KP-LEV-09 ---- */

static const char *const feed_keys[] = {"volgnummer", "aanmeldId",   "bsn",
                                        "status",     "statusBegin", "instelling",
                                        "opleiding",  "vervallen",   NULL};
static const char *const lapsed_keys[] = {"volgnummer", "aanmeldId", "vervallen", NULL};

/* A key that a lapsed entry may not have, but a live one may: KP-LEV-09's business. */
static bool only_when_live(const json_t *entry, const char *key)
{
    return lapsed(entry) && one_of(key, feed_keys) && !one_of(key, lapsed_keys);
}

void check_keys(struct look *l, const struct seen_exchange *x)
{
    const json_t *entries = of_koppelpunt(x) ? exchange_entries(x) : NULL;
    if (!entries)
        return;
    for (size_t i = 0; i < json_array_size(x->faults); i++) {
        const json_t *f = json_array_get(x->faults, i);
        const char *key = "";
        const json_t *e = entry_at(entries, place(f), &key);
        if (!unknown_key(f) || only_when_live(e, key))
            continue;
        look_bad(l, x->seq, 0, json_string("the agreed keys only"), json_string(place(f)),
                 "an answer to %s has a key that is not agreed: %s", x->op, place(f));
        return;
    }
    if (json_array_size(entries))
        look_good(l, x->seq);
}

void check_lapsed_entries(struct look *l, const struct seen_exchange *x)
{
    const json_t *entries = of_koppelpunt(x) ? exchange_entries(x) : NULL;
    bool any = false;
    for (size_t i = 0; i < json_array_size(x->faults) && entries; i++) {
        const json_t *f = json_array_get(x->faults, i);
        const char *key;
        const json_t *e = entry_at(entries, place(f), &key);
        if (!unknown_key(f) || !lapsed(e))
            continue;
        look_bad(l, x->seq, 0, json_string("volgnummer, aanmeldId, vervallen"),
                 json_string(key), "a lapsed aanmelding still carries %s", key);
        return;
    }
    for (size_t i = 0; i < json_array_size(entries); i++) {
        json_t *e = json_array_get(entries, i);
        any = any || lapsed(e);
        for (void *k = json_object_iter(e); k && lapsed(e);
             k = json_object_iter_next(e, k)) {
            const char *key = json_object_iter_key(k);
            if (one_of(key, lapsed_keys))
                continue;
            look_bad(l, x->seq, 0, json_string("volgnummer, aanmeldId, vervallen"),
                     json_string(key), "a lapsed aanmelding still carries %s", key);
            return;
        }
    }
    if (any)
        look_good(l, x->seq);
}

/* ---- KP-LEV-03 ---- */

static const char *lacks(const json_t *entry)
{
    static const struct {
        const char *object, *key, *words;
    } needs[] = {{"instelling", "code", "the code of its instelling"},
                 {"instelling", "naam", "the name of its instelling"},
                 {"opleiding", "code", "the code of its opleiding"},
                 {"opleiding", "naam", "the name of its opleiding"}};
    for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
        const char *v = text(json_object_get(entry, needs[i].object), needs[i].key);
        if (!v || !*v)
            return needs[i].words;
    }
    return NULL;
}

void check_opleiding(struct look *l, const struct seen_exchange *x)
{
    const json_t *entries = of_koppelpunt(x) ? exchange_entries(x) : NULL;
    bool any = false;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *e = json_array_get(entries, i);
        const char *missing = lapsed(e) ? NULL : lacks(e);
        if (missing) {
            look_bad(l, x->seq, 0, json_string("instelling and opleiding, code and name"),
                     json_deep_copy(e), "an aanmelding in an answer to %s lacks %s",
                     x->op, missing);
            return;
        }
        any = any || !lapsed(e);
    }
    if (any)
        look_good(l, x->seq);
}

/* ---- KP-LEV-04 ---- */

static long limiet_of(const struct seen_exchange *x)
{
    const json_t *v = json_object_get(x->message, "limiet");
    if (json_is_integer(v))
        return (long)json_integer_value(v);
    return json_is_string(v) ? strtol(json_string_value(v), NULL, 10) : LIMIET_DEFAULT;
}

void check_paging(struct look *l, const struct seen_exchange *x)
{
    const json_t *entries = exchange_entries(x);
    if (!of_koppelpunt(x) || !entries || strcmp(x->op, "aanmeldstatussen.ophalen") ||
        x->manipulated)
        return;
    long limiet = limiet_of(x);
    const char *next = text(x->answer, "volgende"), *sinds = text(x->message, "sinds");
    const json_t *meer = json_object_get(x->answer, "meer");
    if (limiet > LIMIET_MAX || limiet < 1)
        look_bad(l, x->seq, 0, json_integer(400), json_integer(x->status),
                 "a page of %ld entries was asked for and given; 1 to %d are allowed",
                 limiet, LIMIET_MAX);
    else if (json_array_size(entries) > (size_t)limiet)
        look_bad(l, x->seq, 0, json_integer(limiet),
                 json_integer((json_int_t)json_array_size(entries)),
                 "a page holds more entries than were asked for");
    else if (!next || !*next)
        look_bad(l, x->seq, 0, json_string("a text that is not empty"),
                 json_string(next ? next : "<undef>"),
                 "a page does not say where to go on");
    else if (!json_is_boolean(meer))
        look_bad(l, x->seq, 0, json_string("true or false"), json_string("<undef>"),
                 "a page does not say whether there is more");
    else if (json_is_true(meer) && sinds && !strcmp(sinds, next))
        look_bad(l, x->seq, 0, json_string("another cursor"), json_string(next),
                 "there is more, but the next page would be the same one again");
    else
        look_good(l, x->seq);
}

/* ---- KP-LEV-12 ---- */

void check_deliverable(struct look *l, const struct seen_exchange *x)
{
    const json_t *entries = of_koppelpunt(x) ? exchange_entries(x) : NULL;
    bool any = false;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *e = json_array_get(entries, i);
        const char *bsn = text(e, "bsn"), *status = text(e, "status");
        if (lapsed(e))
            continue;
        any = true;
        if (status && !strcmp(status, status_name(STATUS_SUBMITTED)))
            look_bad(l, x->seq, 0, json_string("not delivered"), json_string(status),
                     "an aanmelding that is only SUBMITTED was delivered");
        else if (!bsn || !*bsn || !strncmp(bsn, "own~", 4))
            look_bad(
                l, x->seq, 0, json_string("not delivered"),
                json_string(bsn && *bsn ? bsn : "<undef>"),
                "an aanmelding of a person without a burgerservicenummer was delivered");
        else
            continue;
        return;
    }
    if (any)
        look_good(l, x->seq);
}
