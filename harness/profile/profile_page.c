/*
 * The quick way to write pages. What the mapping would make of an entry is worked out
 * once, at load, by sending a sample with a mark in every field through it; the text that
 * comes out, cut at the marks, is the plan. So the quick way can't differ from the slow
 * one.
 */
#include "harness/profile/profile_data.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

struct page {
    const struct profile *p;
    enum op op;
    size_t entries;
    struct buf out;
};

/* ---- plans ---- */

/* A text that nothing else holds; `bare`: the quotes are part of the mark, because the
 * value is no string. */
struct mark {
    enum slot slot;
    const char *text;
    bool bare;
};
static const struct mark marks[] = {
    {SLOT_VOLGNUMMER, "@@volgnummer@@", true},
    {SLOT_AANMELD_ID, "@@aanmeldId@@", false},
    {SLOT_BSN, "@@bsn@@", false},
    {SLOT_STATUS, "@@status@@", false},
    {SLOT_STATUS_BEGIN, "@@statusBegin@@", false},
    {SLOT_INSTELLING, "@@instelling@@", false},
    {SLOT_INSTELLING_NAAM, "@@instellingNaam@@", false},
    {SLOT_OPLEIDING, "@@opleiding@@", false},
    {SLOT_OPLEIDING_NAAM, "@@opleidingNaam@@", false},
    {SLOT_ENTRIES, "@@entries@@", true},
    {SLOT_VOLGENDE, "@@volgende@@", false},
    {SLOT_MEER, "@@meer@@", true},
    {SLOT_NUMBER, "@@number@@", true},
};

/* The first mark in the text, or NULL. */
static const struct mark *first_mark(const char *text, const char **at)
{
    const char *found = strstr(text, "@@");
    *at = found;
    for (size_t i = 0; found && i < ARRAY_LEN(marks); i++)
        if (!strncmp(found, marks[i].text, strlen(marks[i].text)))
            return &marks[i];
    return NULL;
}

static void cut(struct text_plan *plan, const char *text)
{
    const char *at;
    const struct mark *m;
    while ((m = first_mark(text, &at)) && plan->n + 1 < ARRAY_LEN(plan->v)) {
        struct piece *piece = &plan->v[plan->n++];
        piece->n = (size_t)(at - text) - m->bare;
        piece->text = xmemdup(text, piece->n);
        piece->slot = m->slot;
        text = at + strlen(m->text) + m->bare;
    }
    struct piece *last = &plan->v[plan->n++];
    last->n = strlen(text);
    last->text = xmemdup(text, last->n);
    last->slot = SLOT_END;
}

/* Steals `sample`. A page of the feed may have a number beside what the model knows. */
static void plan(const struct profile *p, struct text_plan *out, const struct shape *s,
                 json_t *sample)
{
    json_t *wire = map_write(s, sample);
    if (out == &p->frame[OP_OPHALEN])
        paging_put_number(p, wire, json_string("@@number@@"));
    char *text = json_dumps(wire, JSON_COMPACT);
    cut(out, text);
    free(text);
    json_decref(wire);
    json_decref(sample);
}

int page_plan(struct profile *p, struct err *e)
{
    const struct shape *s = shape_of(p, "aanmeldstatus");
    page_fields_find(p);
    plan(p, &p->entry, s,
         json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s}}", "volgnummer",
                   "@@volgnummer@@", "aanmeldId", "@@aanmeldId@@", "bsn", "@@bsn@@",
                   "status", "@@status@@", "statusBegin", "@@statusBegin@@", "instelling",
                   "code", "@@instelling@@", "naam", "@@instellingNaam@@", "opleiding",
                   "code", "@@opleiding@@", "naam", "@@opleidingNaam@@"));
    plan(p, &p->lapsed, s,
         json_pack("{s:s, s:s, s:b}", "volgnummer", "@@volgnummer@@", "aanmeldId",
                   "@@aanmeldId@@", "vervallen", 1));
    plan(p, &p->frame[OP_OPHALEN], p->ops[OP_OPHALEN].response,
         json_pack("{s:[s], s:s, s:s}", "aanmeldstatussen", "@@entries@@", "volgende",
                   "@@volgende@@", "meer", "@@meer@@"));
    plan(p, &p->frame[OP_ZOEKEN], p->ops[OP_ZOEKEN].response,
         json_pack("{s:[s]}", "aanmeldstatussen", "@@entries@@"));
    /* The writer begins with the list: it is the first field that the samples have. */
    if (p->frame[OP_OPHALEN].v[0].slot != SLOT_ENTRIES ||
        p->frame[OP_ZOEKEN].v[0].slot != SLOT_ENTRIES)
        return err_set(e, E_HARNESS, "the list of a page does not come first");
    return 0;
}

static void plan_done(struct text_plan *pl)
{
    for (size_t i = 0; i < pl->n; i++)
        free(pl->v[i].text);
}

void page_plan_free(struct profile *p)
{
    plan_done(&p->entry);
    plan_done(&p->lapsed);
    for (enum op op = 0; op < OP_COUNT; op++)
        plan_done(&p->frame[op]);
}

/* ---- writing ---- */

/* Text that may need escaping; most does not. */
static void add_text(struct buf *b, const char *s)
{
    size_t n = 0;
    if (!s)
        return;
    for (; s[n]; n++)
        if ((unsigned char)s[n] < ' ' || (unsigned char)s[n] >= 0x7f || s[n] == '"' ||
            s[n] == '\\') {
            buf_add_json(b, s, strlen(s));
            return;
        }
    buf_add(b, s, n);
}

static void add_number(struct buf *b, uint64_t v)
{
    char text[20];
    size_t at = sizeof text;
    do
        text[--at] = (char)('0' + v % 10);
    while (v /= 10);
    buf_add(b, text + at, sizeof text - at);
}

static void add_slot(const struct page *pg, struct buf *b, enum slot slot,
                     const struct entry *e)
{
    char when[32];
    switch (slot) {
    case SLOT_VOLGNUMMER:
        add_number(b, e->volgnummer);
        break;
    case SLOT_AANMELD_ID:
        add_text(b, e->aanmeld_id);
        break;
    case SLOT_BSN:
        add_text(b, e->bsn);
        break;
    case SLOT_STATUS:
        if (e->status > STATUS_NONE && e->status < STATUS_COUNT)
            buf_add(b, pg->p->status_wire[e->status], pg->p->status_wire_n[e->status]);
        break;
    case SLOT_STATUS_BEGIN:
        buf_adds(b, when_format(e->status_begin, when));
        break;
    case SLOT_INSTELLING:
        add_text(b, e->instelling);
        break;
    case SLOT_INSTELLING_NAAM:
        add_text(b, e->instelling_naam);
        break;
    case SLOT_OPLEIDING:
        add_text(b, e->opleiding);
        break;
    case SLOT_OPLEIDING_NAAM:
        add_text(b, e->opleiding_naam);
        break;
    default:
        break;
    }
}

struct page *profile_page_new(const struct profile *p, enum op op)
{
    struct page *pg = xcalloc(1, sizeof *pg);
    const struct piece *first = &p->frame[op].v[0];
    pg->p = p;
    pg->op = op;
    buf_init(&pg->out, MAX_BODY);
    buf_add(&pg->out, first->text, first->n);
    return pg;
}

void profile_page_add(struct page *pg, const struct entry *e)
{
    const struct text_plan *pl = e->vervallen ? &pg->p->lapsed : &pg->p->entry;
    if (pg->entries++)
        buf_addc(&pg->out, ',');
    for (size_t i = 0; i < pl->n; i++) {
        buf_add(&pg->out, pl->v[i].text, pl->v[i].n);
        add_slot(pg, &pg->out, pl->v[i].slot, e);
    }
}

void profile_page_answer(struct page *pg, const struct http_request *req,
                         const char *volgende, bool meer, struct http_response *out)
{
    const struct text_plan *frame = &pg->p->frame[pg->op];
    const struct operation *o = &pg->p->ops[pg->op];
    size_t n;
    for (size_t i = 1; i < frame->n; i++) {
        buf_add(&pg->out, frame->v[i].text, frame->v[i].n);
        if (frame->v[i].slot == SLOT_VOLGENDE)
            add_text(&pg->out, volgende);
        else if (frame->v[i].slot == SLOT_MEER)
            buf_adds(&pg->out, meer ? "true" : "false");
        else if (frame->v[i].slot == SLOT_NUMBER)
            add_number(&pg->out, (uint64_t)paging_page(pg->p, req));
    }
    answer_fields(pg->p, &o->fields, req, out);
    out->status = o->status;
    char *body = buf_take(&pg->out, &n);
    http_response_body(out, body, n);
    buf_done(&pg->out);
    free(pg);
}
