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
    if (f->mutant == OS_MUTANT_NONE)
        return;
    os_view_each_school(os_store_view(f->store), first_pupil, &bsn);
    if (bsn == 0 || !mutant_is(f->mutant, OS_BSN_IN_URI))
        return;
    char *target = xasprintf("%s%cleerling=%09lu", req->target,
                             strchr(req->target, '?') ? '&' : '?', (unsigned long)bsn);
    free(req->target);
    req->target = target;
}

/* ---- answers ---- */

static bool follow(struct os_fetch *f, const char *location, struct moment now,
                   struct outbox *out)
{
    struct http_request req;
    const char *host = location ? strstr(location, "://") : NULL;
    if (!host || f->mutation.redirected || f->state != WANTS_PAGE ||
        !mutant_is(f->mutant, OS_FOLLOWS_REDIRECT))
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

/* What is left open in JSON that broke off behind an element of a list. */
static void close_all(struct buf *b)
{
    char open[32] = {0};
    size_t n = 0;
    bool text = false;
    for (size_t i = 0; i < b->n; i++) {
        char c = b->p[i];
        if (text && c == '\\')
            i++;
        else if (c == '"')
            text = !text;
        else if (!text && (c == '{' || c == '[') && n < sizeof(open))
            open[n++] = c;
        else if (!text && (c == '}' || c == ']') && n > 0)
            n--;
    }
    while (n-- > 0)
        buf_addc(b, open[n] == '{' ? '}' : ']');
}

/* A page that broke off, up to its last whole entry and said to be the last one. False
 * when not even that came. */
static bool mend(const struct os_fetch *f, const struct http_response *resp,
                 struct http_response *whole)
{
    struct buf b;
    struct http_request nothing;
    json_t *page = NULL, *faults = NULL;
    const char *last = NULL;
    for (const char *p = resp->body; p && (p = strstr(p, "},{")); p++)
        last = p;
    if (!last)
        return false;
    buf_init(&b, SIZE_MAX);
    buf_add(&b, resp->body, (size_t)(last + 1 - resp->body));
    close_all(&b);
    http_response_copy(whole, resp);
    free(whole->body);
    whole->body = buf_take(&b, &whole->body_n);
    (void)profile_understand(f->profile, OP_OPHALEN, whole, &page, &faults);
    if (page) {
        http_request_init(&nothing);
        http_response_done(whole);
        json_object_set_new(page, "volgende", json_string("none"));
        json_object_set_new(page, "meer", json_false());
        profile_answer(f->profile, OP_OPHALEN, &nothing, page, whole);
    }
    json_decref(page);
    json_decref(faults);
    return true;
}

/* The entries that did arrive, as though they were all. */
static void take_half(struct os_fetch *f, const struct http_response *resp)
{
    struct os_reading r;
    struct http_response whole;
    if (!mend(f, resp, &whole))
        return;
    if (!os_page_read(f->profile, fetch_manner(f), &whole, &r)) {
        r.page.begins = f->begins;
        if (mutant_is(f->mutant, OS_TAKES_HALF_A_PAGE))
            store_in_place(f, &r.page);
        os_reading_done(&r);
    }
    http_response_done(&whole);
}

static void move_cursor(struct os_fetch *f, const struct http_response *resp)
{
    json_t *page = NULL, *faults = NULL;
    (void)profile_understand(f->profile, OP_OPHALEN, resp, &page, &faults);
    struct os_page empty = {.cursor =
                                json_string_value(json_object_get(page, "volgende"))};
    if (empty.cursor && *empty.cursor && os_view_cursor(os_store_view(f->store)) &&
        mutant_is(f->mutant, OS_CURSOR_FIRST))
        (void)os_store_page(f->store, &empty, NULL);
    json_decref(page);
    json_decref(faults);
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
    if (f->mutant == OS_MUTANT_NONE)
        return false;
    if (answered && resp->status >= 301 && resp->status <= 308)
        return follow(f, http_fields_get(&resp->fields, "Location"), now, out);
    if (res->outcome == CALL_TRUNCATED && resp->status == 200 && f->state == WANTS_PAGE)
        take_half(f, resp);
    if (!unusable(f, res))
        return false;
    move_cursor(f, resp);
    if (answered && mutant_is(f->mutant, is_json(resp) ? OS_BELIEVES_WRONG_FORM
                                                       : OS_BELIEVES_MAINTENANCE)) {
        wipe(f, now, out);
        return true;
    }
    return false;
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
    if (mutant_is(f->mutant, OS_FIRST_PAGE_ONLY)) {
        r->page.ends = true;
        store_in_place(f, &r->page);
        os_reading_done(r);
        fetch_succeed(f, now, out);
        return true;
    }
    if (mutant_is(f->mutant, OS_ONE_PAGE_PER_FETCH)) {
        (void)os_store_page(f->store, &r->page, NULL);
        os_reading_done(r);
        fetch_succeed(f, now, out);
        return true;
    }
    if (r->page.listed >= LARGE_PAGE && mutant_is(f->mutant, OS_SLOW_PAGES)) {
        (void)os_store_page(f->store, &r->page, NULL);
        os_reading_done(r);
        f->mutation.pausing = true;
        f->next_at = now.mono + BETWEEN_PAGES;
        outbox_wake(out, f->next_at);
        return true;
    }
    if (mutant_is(f->mutant, OS_LOSES_BROKEN_RUN)) {
        put_off(f, r);
        fetch_ask_next(f, now, out);
        return true;
    }
    return false;
}

/* ---- after a failure ---- */

void fetch_mutate_gap(struct os_fetch *f, struct moment now)
{
    uint64_t wish = f->next_at;
    fetch_mutate_drop(f);
    if (f->interval == 0)
        return;
    if (mutant_is(f->mutant, OS_GIVES_UP)) {
        f->mutation.gave_up = true;
        f->next_at = UINT64_MAX;
        return;
    }
    if (mutant_is(f->mutant, OS_SHRINKING_GAPS)) /* 8, 4 and then 2 intervals */
        wish = f->asked + 16 * f->interval / (f->gap / f->interval);
    else if (mutant_is(f->mutant, OS_STORMS))
        wish = now.mono + f->interval / 20;
    else if (mutant_is(f->mutant, OS_EVEN_GAPS))
        wish = f->asked + f->interval;
    else
        return;
    f->next_at = wish > f->hold_until ? wish : f->hold_until;
}
