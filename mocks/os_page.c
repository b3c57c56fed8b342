#include "mocks/os_page.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/os_mutants.h"

/* Faults that do not stop a client, by the schema's keyword: a key that is new, a status
 * that is new, more entries than agreed. What is absent is looked at below, because only
 * the bsn may be. */
static bool tolerable(const json_t *fault, int mutant)
{
    static const char *const keywords[] = {
        "additionalProperties", "unevaluatedProperties", "required", "enum", "maxItems"};
    const char *keyword = json_string_value(json_object_get(fault, "keyword"));
    if (keyword && strstr(keyword, "Properties") && mutant_is(mutant, OS_STOPS_AT_KEY))
        return false;
    if (keyword && strcmp(keyword, "enum") == 0 && mutant_is(mutant, OS_STOPS_AT_STATUS))
        return false;
    for (size_t i = 0; keyword && i < ARRAY_LEN(keywords); i++)
        if (strcmp(keyword, keywords[i]) == 0)
            return true;
    return false;
}

/* Nine digits as a number. */
static bool read_bsn(const char *s, uint32_t *out)
{
    uint32_t n = 0;
    if (strlen(s) != 9 || strspn(s, "0123456789") != 9)
        return false;
    for (int i = 0; i < 9; i++)
        n = 10 * n + (uint32_t)(s[i] - '0');
    *out = n;
    return true;
}

static bool read_course(const json_t *o, bool lenient, const char **code,
                        const char **name)
{
    *code = json_string_value(json_object_get(o, "code"));
    *name = json_string_value(json_object_get(o, "naam"));
    if (lenient && !*name)
        *name = "";
    return *code && **code && *name;
}

static bool read_begin(const json_t *v, when_t *out)
{
    const char *s = json_string_value(v);
    return s && when_parse(s, json_string_length(v), out) == 0;
}

enum what { FAULTY, SKIP, TAKE };

static enum what read_item(const json_t *entry, bool lenient, struct os_item *it)
{
    const json_t *volgnummer = json_object_get(entry, "volgnummer");
    const json_t *vervallen = json_object_get(entry, "vervallen");
    const json_t *bsn = json_object_get(entry, "bsn");
    it->id = json_string_value(json_object_get(entry, "aanmeldId"));
    if (!json_is_integer(volgnummer) || json_integer_value(volgnummer) < 0 || !it->id ||
        !*it->id || (vervallen && !json_is_boolean(vervallen)))
        return FAULTY;
    it->volgnummer = json_integer_value(volgnummer);
    it->vervallen = json_is_true(vervallen);
    if (it->vervallen)
        return TAKE;
    const char *status = json_string_value(json_object_get(entry, "status"));
    if (!status || !read_begin(json_object_get(entry, "statusBegin"), &it->begin) ||
        !read_course(json_object_get(entry, "instelling"), lenient, &it->instelling,
                     &it->instelling_naam) ||
        !read_course(json_object_get(entry, "opleiding"), lenient, &it->opleiding,
                     &it->opleiding_naam))
        return FAULTY;
    it->status = status_by_name(status);
    if (!bsn)
        return SKIP;
    return json_is_string(bsn) && read_bsn(json_string_value(bsn), &it->bsn) ? TAKE
                                                                             : FAULTY;
}

static const char *read_page(struct os_reading *r, bool lenient)
{
    const json_t *list = json_object_get(r->message, "aanmeldstatussen");
    const json_t *meer = json_object_get(r->message, "meer");
    struct os_page *p = &r->page;
    p->cursor = json_string_value(json_object_get(r->message, "volgende"));
    if (!json_is_array(list) || !json_is_boolean(meer) || !p->cursor || !*p->cursor)
        return "the page lacks a part";
    p->ends = !json_is_true(meer);
    p->listed = json_array_size(list);
    p->items = r->items = xcalloc(p->listed + 1, sizeof(*r->items));
    for (size_t i = 0; i < p->listed; i++)
        switch (read_item(json_array_get(list, i), lenient, &r->items[p->n])) {
        case TAKE:
            p->n++;
            break;
        case SKIP:
            break;
        case FAULTY:
            if (lenient)
                break;
            return "an entry of the page is faulty";
        }
    return NULL;
}

/* A page of which nothing is odd: in the end the same as read_page() makes of it. */
static bool take_plain(const struct profile *p, const struct http_response *resp,
                       struct os_reading *out)
{
    struct os_reading r = {0};
    if (!profile_page_read(p, resp, &r.plain))
        return false;
    size_t n = r.plain.n;
    bool ok = true;
    r.items = xcalloc(n + 1, sizeof(*r.items));
    for (size_t i = 0; ok && i < n; i++) {
        const struct read_entry *e = &r.plain.entries[i];
        r.items[i] = (struct os_item){.volgnummer = e->volgnummer,
                                      .id = e->aanmeld_id,
                                      .vervallen = e->vervallen,
                                      .status = e->status,
                                      .begin = e->status_begin,
                                      .instelling = e->instelling,
                                      .instelling_naam = e->instelling_naam,
                                      .opleiding = e->opleiding,
                                      .opleiding_naam = e->opleiding_naam};
        ok = e->vervallen || read_bsn(e->bsn, &r.items[i].bsn);
    }
    r.page = (struct os_page){.ends = !r.plain.meer,
                              .cursor = r.plain.volgende,
                              .listed = n,
                              .items = r.items,
                              .n = n};
    if (ok)
        *out = r;
    else
        os_reading_done(&r);
    return ok;
}

const char *os_page_read(const struct profile *p, struct os_manner how,
                         const struct http_response *resp, struct os_reading *out)
{
    json_t *faults = NULL;
    struct os_reading r = {0};
    const char *why = NULL;
    if (take_plain(p, resp, out))
        return NULL;
    bool usable = profile_understand(p, OP_OPHALEN, resp, &r.message, &faults);
    for (size_t i = 0; usable && i < json_array_size(faults); i++)
        usable = how.lenient || tolerable(json_array_get(faults, i), how.mutant);
    if (!usable)
        why = "the answer is no page of the contract";
    if (!why)
        why = read_page(&r, how.lenient);
    json_decref(faults);
    if (why)
        os_reading_done(&r);
    else
        *out = r;
    return why;
}

void os_reading_done(struct os_reading *r)
{
    free(r->items);
    json_decref(r->message);
    profile_page_done(&r->plain);
    *r = (struct os_reading){0};
}
