/* What a fetch makes of each kind of answer. */
#include <stdio.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/os_fetch_parts.h"
#include "mocks/os_page.h"

/* A run of so many empty pages that all promise more will not end. */
#define EMPTY_MAX 1000
/* A token that does not say how long it lives is trusted this long. */
#define TOKEN_UNTOLD 60

static void take_token(struct os_fetch *f, const struct http_response *resp,
                       struct moment now, struct outbox *out)
{
    json_t *message = NULL, *faults = NULL;
    bool usable = resp->status == 200 &&
                  profile_understand(f->profile, OP_TOKEN, resp, &message, &faults);
    const char *token = NULL, *type = NULL;
    double lifetime = TOKEN_UNTOLD;
    if (usable) {
        const json_t *expires = json_object_get(message, "expires_in");
        token = json_string_value(json_object_get(message, "access_token"));
        type = json_string_value(json_object_get(message, "token_type"));
        if (expires)
            lifetime = json_number_value(expires);
    }
    if (token && *token && type && strcasecmp(type, "Bearer") == 0 && lifetime > 0) {
        if (lifetime > 1e6)
            lifetime = 1e6;
        /* Given up shortly before its end, counted from when it was asked for. */
        double margin = lifetime / 10 < 5 ? lifetime / 10 : 5;
        if (mutant_is(f->mutant, OS_RENEWS_EARLY))
            margin = lifetime / 2;
        f->token = xstrdup(token);
        f->token_until = f->asked + (uint64_t)((lifetime - margin) * (double)SECOND);
        f->token_untried = true;
        fetch_ask_page(f, now, out);
    } else {
        fetch_fail(f, resp, "the token endpoint gave no token", now, out);
    }
    json_decref(message);
    json_decref(faults);
}

static void take_page(struct os_fetch *f, const struct http_response *resp,
                      struct moment now, struct outbox *out)
{
    struct os_reading r;
    const struct os_view *view = os_store_view(f->store);
    const char *sent = os_view_cursor(view);
    const char *why = os_page_read(f->profile, fetch_manner(f), resp, &r);
    if (why) {
        fetch_fail(f, resp, why, now, out);
        return;
    }
    bool ends = r.page.ends;
    r.page.begins = f->begins;
    f->empty = r.page.listed ? 0 : f->empty + 1;
    if (fetch_mutate_page(f, &r, now, out))
        return;
    if (!ends && sent && strcmp(sent, r.page.cursor) == 0) {
        why = "the page promises more and its cursor stands still";
    } else if (!ends && f->empty >= EMPTY_MAX) {
        why = "there is no end to the empty pages";
    } else if (os_view_would_empty(view, &r.page) &&
               !mutant_is(f->mutant, OS_BELIEVES_EMPTY)) {
        /* Not believed (OS-OPH-13): what is held stands, and is asked for anew. */
        (void)os_store_restart(f->store, NULL);
        why = "the full state is empty, while aanmeldingen are held";
    } else if (os_store_page(f->store, &r.page, NULL)) {
        why = "the page could not be kept";
    }
    os_reading_done(&r);
    f->token_untried = false;
    if (why)
        fetch_fail(f, resp, why, now, out);
    else if (ends)
        fetch_succeed(f, now, out);
    else
        fetch_ask_next(f, now, out);
}

/* 401: one new token per fetch, and none when this one is as new as can be (OS-OPH-06).
 */
static void token_refused(struct os_fetch *f, const struct http_response *resp,
                          struct moment now, struct outbox *out)
{
    fetch_drop_token(f);
    if (!f->by_key && (f->renewed || f->token_untried) &&
        mutant_is(f->mutant, OS_TOKEN_AGAIN_AND_AGAIN)) {
        fetch_ask_token(f, now, out);
        return;
    }
    if (f->by_key || f->renewed || f->token_untried || fetch_wait_of(f, resp, now) > 0) {
        fetch_fail(f, resp, "the koppelpunt refuses the token", now, out);
        return;
    }
    f->renewed = true;
    fetch_ask_token(f, now, out);
}

/* The cursor is not held any more: from the start again, once per fetch (OS-OPH-04). What
 * is shown stands until the full state is complete. */
static void cursor_refused(struct os_fetch *f, const struct http_response *resp,
                           struct moment now, struct outbox *out)
{
    if (mutant_is(f->mutant, OS_KEEPS_CURSOR_AT_410)) {
        fetch_fail(f, resp, "the koppelpunt refuses the cursor", now, out);
        return;
    }
    bool again = !f->begins && !f->restarted && fetch_wait_of(f, resp, now) == 0;
    if (os_store_restart(f->store, NULL) == 0 && again) {
        f->restarted = true;
        fetch_ask_next(f, now, out);
    } else {
        fetch_fail(f, resp, "the koppelpunt refuses the cursor", now, out);
    }
}

static void page_refused(struct os_fetch *f, const struct http_response *resp,
                         struct moment now, struct outbox *out)
{
    json_t *problem = NULL, *faults = NULL;
    (void)profile_understand(f->profile, OP_OPHALEN, resp, &problem, &faults);
    const char *code = json_string_value(json_object_get(problem, "code"));
    char why[64];
    snprintf(why, sizeof(why), "the koppelpunt answered %d", resp->status);
    if (resp->status == 410 ||
        (resp->status == 400 && code && strcmp(code, "ongeldige-cursor") == 0))
        cursor_refused(f, resp, now, out);
    else if (resp->status == 401)
        token_refused(f, resp, now, out);
    else if (resp->status == 403 && code && strcmp(code, "nog-niet-aangesloten") == 0)
        fetch_wait_for_date(f, resp, problem, now, out);
    else
        fetch_fail(f, resp, why, now, out);
    json_decref(problem);
    json_decref(faults);
}

void os_fetch_answer(struct os_fetch *f, uint64_t id, const struct call_result *res,
                     struct moment now, struct outbox *out)
{
    if (f->state == IDLE || id != f->last_id)
        return;
    if (fetch_mutate_answer(f, res, now, out))
        return;
    if (res->outcome != CALL_ANSWERED) {
        char why[64];
        snprintf(why, sizeof(why), "the koppelpunt can't be read: %s",
                 call_outcome_name(res->outcome));
        /* What broke off may have said how long to wait. */
        fetch_fail(f, res->response.status >= 300 ? &res->response : NULL, why, now, out);
    } else if (f->state == WANTS_TOKEN) {
        take_token(f, &res->response, now, out);
    } else if (res->response.status == 200) {
        take_page(f, &res->response, now, out);
    } else {
        page_refused(f, &res->response, now, out); /* a redirect too: never followed */
    }
}
