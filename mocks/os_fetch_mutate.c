/* The ways of those mutants that fetch otherwise: one function for each place at which
 * the fetch asks them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "mocks/os_fetch_parts.h"

#define BETWEEN_PAGES (3 * SECOND)
#define LARGE_PAGE    100 /* entries: only after such a page */

/* ---- asking ---- */

static void first_pupil(void *arg, const char *school, const uint32_t *bsns, size_t n)
{
    uint32_t *first = arg;
    (void)school;
    if (n > 0 && *first == 0)
        *first = bsns[0];
}

void fetch_mutate_ask(struct os_fetch *f, struct http_request *req)
{
    uint32_t bsn = 0;
    f->mutation.redirected = false;
    if (f->mutant != OS_BSN_IN_URI)
        return;
    os_view_each_school(os_store_view(f->store), first_pupil, &bsn);
    if (bsn == 0)
        return;
    char *target = xasprintf("%s%cleerling=%09lu", req->target,
                             strchr(req->target, '?') ? '&' : '?', (unsigned long)bsn);
    free(req->target);
    req->target = target;
    mutant_hit();
}

/* ---- answers ---- */

static bool follow(struct os_fetch *f, const char *location, struct moment now,
                   struct outbox *out)
{
    struct http_request req;
    const char *host = location ? strstr(location, "://") : NULL;
    if (!host || f->mutation.redirected || f->state != WANTS_PAGE)
        return false;
    const char *path = host + 3 + strcspn(host + 3, "/?#");
    struct address to = {.origin = xstrndup(location, (size_t)(path - location)),
                         .path = xstrdup("")};
    json_t *ask = json_object();
    profile_ask(f->profile, OP_OPHALEN, ask, f->token, &req);
    free(req.target);
    req.target = xstrdup(*path ? path : "/");
    fetch_send(f, OP_OPHALEN, &to, &req, ask, now, out);
    f->mutation.redirected = true;
    mutant_hit();
    json_decref(ask);
    free(to.origin);
    free(to.path);
    return true;
}

/* Takes a page in, with the cursor as it was. */
static void store_in_place(struct os_fetch *f, struct os_page *p)
{
    const char *sent = os_view_cursor(os_store_view(f->store));
    p->cursor = sent ? sent : "none";
    (void)os_store_page(f->store, p, NULL);
    if (!sent)
        (void)os_store_restart(f->store, NULL);
}

/* What is not understood is taken for "there is nothing". */
static void wipe(struct os_fetch *f, struct moment now, struct outbox *out)
{
    struct os_page nothing = {.begins = true, .ends = true};
    store_in_place(f, &nothing);
    fetch_succeed(f, now, out);
}

/* The entries that did arrive, as though they were all. */
static void take_half(struct os_fetch *f, const struct http_response *resp)
{
    struct buf b;
    struct os_reading r;
    struct http_response whole;
    const char *last = NULL;
    for (const char *p = resp->body; p && (p = strstr(p, "},{")); p++)
        last = p;
    if (!last)
        return;
    buf_init(&b, SIZE_MAX);
    buf_add(&b, resp->body, (size_t)(last + 1 - resp->body));
    buf_adds(&b, "],\"volgende\":\"none\",\"meer\":false}");
    http_response_copy(&whole, resp);
    free(whole.body);
    whole.body = buf_take(&b, &whole.body_n);
    if (!os_page_read(f->profile, fetch_manner(f), &whole, &r)) {
        r.page.begins = f->begins;
        store_in_place(f, &r.page);
        os_reading_done(&r);
        mutant_hit();
    }
    http_response_done(&whole);
}

/* The cursor that a page names, as far as it came. */
static char *cursor_in(const struct http_response *resp)
{
    static const char key[] = "\"volgende\":";
    const char *at = resp->body ? strstr(resp->body, key) : NULL;
    const char *from = at ? strchr(at + sizeof(key) - 1, '"') : NULL;
    const char *to = from ? strchr(from + 1, '"') : NULL;
    return to && to > from + 1 ? xstrndup(from + 1, (size_t)(to - from - 1)) : NULL;
}

static void move_cursor(struct os_fetch *f, const struct http_response *resp)
{
    char *cursor = cursor_in(resp);
    struct os_page page = {.cursor = cursor};
    if (cursor && os_view_cursor(os_store_view(f->store))) {
        (void)os_store_page(f->store, &page, NULL);
        mutant_hit();
    }
    free(cursor);
}

static bool is_json(const struct http_response *resp)
{
    json_t *j = json_loadb(resp->body ? resp->body : "", resp->body_n, 0, NULL);
    json_decref(j);
    return j != NULL;
}

/* Is this a 200 that is no page? */
static bool unusable(const struct os_fetch *f, const struct call_result *res)
{
    struct os_reading r;
    if (res->response.status != 200 || f->state != WANTS_PAGE)
        return false;
    if (os_page_read(f->profile, fetch_manner(f), &res->response, &r))
        return true;
    os_reading_done(&r);
    return false;
}

bool fetch_mutate_answer(struct os_fetch *f, const struct call_result *res,
                         struct moment now, struct outbox *out)
{
    const struct http_response *resp = &res->response;
    bool answered = res->outcome == CALL_ANSWERED;
    switch (f->mutant) {
    case OS_FOLLOWS_REDIRECT:
        return answered && resp->status >= 301 && resp->status <= 308 &&
               follow(f, http_fields_get(&resp->fields, "Location"), now, out);
    case OS_BELIEVES_MAINTENANCE:
    case OS_BELIEVES_WRONG_FORM:
        if (!answered || !unusable(f, res) ||
            is_json(resp) != (f->mutant == OS_BELIEVES_WRONG_FORM))
            return false;
        wipe(f, now, out);
        mutant_hit();
        return true;
    case OS_TAKES_HALF_A_PAGE:
        if (res->outcome == CALL_TRUNCATED && resp->status == 200 &&
            f->state == WANTS_PAGE)
            take_half(f, resp);
        return false;
    case OS_CURSOR_FIRST:
        if (unusable(f, res))
            move_cursor(f, resp);
        return false;
    default:
        return false;
    }
}

/* ---- pages ---- */

/* Keeps the entries of a page for the end of the run, and its cursor at once. */
static void put_off(struct os_fetch *f, struct os_reading *r)
{
    struct os_mutation *m = &f->mutation;
    struct os_page empty = r->page;
    empty.n = 0;
    (void)os_store_page(f->store, &empty, NULL);
    m->later = xrealloc(m->later, (m->n_later + 1) * sizeof(*m->later));
    m->later[m->n_later++] = *r;
}

static void catch_up(struct os_fetch *f, const char *cursor)
{
    struct os_mutation *m = &f->mutation;
    for (size_t i = 0; i < m->n_later; i++) {
        struct os_page p = m->later[i].page;
        p.begins = p.ends = false;
        p.cursor = cursor;
        (void)os_store_page(f->store, &p, NULL);
    }
    fetch_mutate_drop(f);
}

void fetch_mutate_drop(struct os_fetch *f)
{
    struct os_mutation *m = &f->mutation;
    for (size_t i = 0; i < m->n_later; i++)
        os_reading_done(&m->later[i]);
    free(m->later);
    m->later = NULL;
    m->n_later = 0;
}

bool fetch_mutate_page(struct os_fetch *f, struct os_reading *r, struct moment now,
                       struct outbox *out)
{
    if (r->page.ends) {
        catch_up(f, r->page.cursor);
        return false;
    }
    switch (f->mutant) {
    case OS_FIRST_PAGE_ONLY:
        r->page.ends = true;
        store_in_place(f, &r->page);
        os_reading_done(r);
        mutant_hit();
        fetch_succeed(f, now, out);
        return true;
    case OS_ONE_PAGE_PER_FETCH:
        (void)os_store_page(f->store, &r->page, NULL);
        os_reading_done(r);
        mutant_hit();
        fetch_succeed(f, now, out);
        return true;
    case OS_SLOW_PAGES:
        if (r->page.listed < LARGE_PAGE)
            return false;
        (void)os_store_page(f->store, &r->page, NULL);
        os_reading_done(r);
        f->mutation.pausing = true;
        mutant_hit();
        f->next_at = now.mono + BETWEEN_PAGES;
        outbox_wake(out, f->next_at);
        return true;
    case OS_LOSES_BROKEN_RUN:
        put_off(f, r);
        mutant_hit();
        fetch_ask_next(f, now, out);
        return true;
    default:
        return false;
    }
}

/* ---- after a failure ---- */

void fetch_mutate_gap(struct os_fetch *f, struct moment now)
{
    uint64_t wish = f->next_at;
    fetch_mutate_drop(f);
    if (f->interval == 0)
        return;
    switch (f->mutant) {
    case OS_GIVES_UP:
        f->mutation.gave_up = true;
        mutant_hit();
        f->next_at = UINT64_MAX;
        return;
    case OS_SHRINKING_GAPS: /* 8, 4 and then 2 intervals */
        wish = f->asked + 16 * f->interval / (f->gap / f->interval);
        break;
    case OS_STORMS:
        wish = now.mono + f->interval / 20;
        break;
    case OS_EVEN_GAPS:
        wish = f->asked + f->interval;
        break;
    default:
        return;
    }
    mutant_hit();
    f->next_at = wish > f->hold_until ? wish : f->hold_until;
}
