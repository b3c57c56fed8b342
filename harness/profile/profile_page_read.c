/*
 * The quick way to read pages of the feed: laid flat, checked by the schema, and taken
 * from there entry by entry, without jansson. It is for pages that are as they should be;
 * of all others profile_understand says what is wrong.
 */
#include "harness/profile/profile_data.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

/* The string of a field of the message at i; NULL when there is none. */
static const char *text_at(const struct flat *f, const struct mapped *m, uint32_t i)
{
    return flat_place(f, m, &i) && f->v[i].type == FLAT_STRING ? flat_text(f, i) : NULL;
}

static bool read_flag(const struct flat *f, const struct mapped *m, uint32_t i, bool *out)
{
    if (!flat_place(f, m, &i) ||
        (f->v[i].type != FLAT_TRUE && f->v[i].type != FLAT_FALSE))
        return false;
    *out = f->v[i].type == FLAT_TRUE;
    return true;
}

/* An instelling or an opleiding. */
static bool read_course(const struct flat *f, const struct mapped *m, uint32_t i,
                        const char **code, const char **name)
{
    if (!flat_place(f, m, &i) || f->v[i].type != FLAT_OBJECT)
        return false;
    *code = text_at(f, shape_field(m->of, "code"), i);
    *name = text_at(f, shape_field(m->of, "naam"), i);
    return *code && **code && *name;
}

static enum status status_of(const struct profile *p, const char *wire)
{
    for (enum status s = STATUS_NONE + 1; wire && s < STATUS_COUNT; s++)
        if (p->status_wire[s] && !strcmp(p->status_wire[s], wire))
            return s;
    return STATUS_NONE;
}

static bool read_begin(const struct flat *f, const struct mapped *m, uint32_t i,
                       when_t *out)
{
    return flat_place(f, m, &i) && f->v[i].type == FLAT_STRING &&
           when_parse(flat_text(f, i), f->v[i].u.string.n, out) == 0;
}

static bool read_entry(const struct profile *p, const struct flat *f, uint32_t i,
                       struct read_entry *e)
{
    const struct page_fields *at = &p->page_fields;
    uint32_t number = i, lapsed = i;
    if (!flat_place(f, at->volgnummer, &number) || f->v[number].type != FLAT_INTEGER)
        return false;
    e->volgnummer = f->v[number].u.integer;
    e->aanmeld_id = text_at(f, at->aanmeld_id, i);
    if (e->volgnummer < 0 || !e->aanmeld_id || !*e->aanmeld_id)
        return false;
    if (flat_place(f, at->vervallen, &lapsed))
        return (e->vervallen = f->v[lapsed].type == FLAT_TRUE);
    e->bsn = text_at(f, at->bsn, i);
    e->status = status_of(p, text_at(f, at->status, i));
    return e->bsn && e->status != STATUS_NONE &&
           read_begin(f, at->status_begin, i, &e->status_begin) &&
           read_course(f, at->instelling, i, &e->instelling, &e->instelling_naam) &&
           read_course(f, at->opleiding, i, &e->opleiding, &e->opleiding_naam);
}

static bool read_page(const struct profile *p, struct read_page *pg)
{
    const struct page_fields *at = &p->page_fields;
    const struct flat *f = &pg->flat;
    const char *volgende = text_at(f, at->volgende, 0);
    uint32_t list = 0;
    size_t n = 0;
    if (!volgende || !*volgende || !read_flag(f, at->meer, 0, &pg->meer) ||
        !flat_place(f, at->list, &list) || f->v[list].type != FLAT_ARRAY)
        return false;
    pg->n = f->v[list].u.count;
    pg->entries = xcalloc(pg->n + 1, sizeof *pg->entries);
    for (uint32_t i = list + 1; i < f->v[list].next; i = f->v[i].next)
        if (!read_entry(p, f, i, &pg->entries[n++]))
            return false;
    pg->volgende = paging_cursor(p, flat_number(p, f), volgende, pg->meer);
    return true;
}

bool profile_page_read(const struct profile *p, const struct http_response *resp,
                       struct read_page *out)
{
    const struct operation *o = &p->ops[OP_OPHALEN];
    const char *type = http_fields_get(&resp->fields, "Content-Type");
    struct read_page pg = {0};
    bool ok = resp->status == o->status && type && http_media_is(type, p->media) &&
              flat_valid(&pg.flat, o->response_schema, resp->body, resp->body_n) &&
              read_page(p, &pg);
    if (ok)
        *out = pg;
    else
        profile_page_done(&pg);
    return ok;
}

void profile_page_done(struct read_page *pg)
{
    flat_done(&pg->flat);
    free(pg->entries);
    free(pg->volgende);
    *pg = (struct read_page){0};
}

void page_fields_find(struct profile *p)
{
    const struct shape *entry = shape_of(p, "aanmeldstatus");
    const struct shape *page = p->ops[OP_OPHALEN].response;
    p->page_fields = (struct page_fields){
        .volgnummer = shape_field(entry, "volgnummer"),
        .aanmeld_id = shape_field(entry, "aanmeldId"),
        .vervallen = shape_field(entry, "vervallen"),
        .bsn = shape_field(entry, "bsn"),
        .status = shape_field(entry, "status"),
        .status_begin = shape_field(entry, "statusBegin"),
        .instelling = shape_field(entry, "instelling"),
        .opleiding = shape_field(entry, "opleiding"),
        .list = shape_field(page, "aanmeldstatussen"),
        .volgende = shape_field(page, "volgende"),
        .meer = shape_field(page, "meer"),
    };
}
