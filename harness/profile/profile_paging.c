/*
 * The query and the pages of aanmeldstatussen.ophalen, in the modes that a profile may
 * name:
 *
 * cursor  the cursor that the server gave stands in one query parameter;
 * pages   the server's cursor is a snapshot token, with a page number beside it in the
 * query and in the answer. For the client the two together are the cursor, written
 *         "NUMBER@TOKEN"; the server's role sees the token alone.
 */
#include "harness/profile/profile_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

#define NUMBER_DIGITS 9

/* ---- asking ---- */

static void add_parameter(struct buf *target, char *separator, const char *key,
                          const char *value, size_t n)
{
    char *text = xstrndup(value, n), *encoded = http_percent_encode(text);
    buf_addf(target, "%c%s=%s", *separator, key, encoded);
    *separator = '&';
    free(encoded);
    free(text);
}

/* The length of the page number before the '@' of a client's cursor; 0: there is none. */
static size_t number_length(const struct profile *p, const char *cursor)
{
    size_t n = p->paging == PAGING_PAGES ? strspn(cursor, "0123456789") : 0;
    return n <= NUMBER_DIGITS && cursor[n] == '@' ? n : 0;
}

void paging_ask(const struct profile *p, const json_t *canonical, struct buf *target)
{
    const char *sinds = json_string_value(json_object_get(canonical, "sinds"));
    const json_t *limiet = json_object_get(canonical, "limiet");
    char separator = '?', text[32];
    if (sinds) {
        size_t n = number_length(p, sinds);
        const char *token = sinds + (n ? n + 1 : 0);
        add_parameter(target, &separator, p->key_sinds, token, strlen(token));
        if (n)
            add_parameter(target, &separator, p->key_pagina, sinds, n);
    }
    /* A limiet of another type is sent as it is: wrong on purpose. */
    if (json_is_integer(limiet)) {
        (void)snprintf(text, sizeof text, "%lld", (long long)json_integer_value(limiet));
        add_parameter(target, &separator, p->key_limiet, text, strlen(text));
    } else if (json_is_string(limiet)) {
        add_parameter(target, &separator, p->key_limiet, json_string_value(limiet),
                      json_string_length(limiet));
    }
}

/* ---- reading the query ---- */

/* A whole number from 1 to `max` in decimal digits; 0 when it is not. */
static int read_number(const char *s, size_t n, int max)
{
    int value = 0;
    if (!n || n > NUMBER_DIGITS)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return 0;
        value = value * 10 + (s[i] - '0');
    }
    return value <= max ? value : 0;
}

static bool key_is(const char *s, size_t n, const char *key)
{
    return key && n == strlen(key) && !memcmp(s, key, n);
}

struct reading {
    const struct profile *p;
    struct fetch_query *q;
    int page; /* -1: absent */
    struct rejection *why;
};

static void read_page(struct reading *r, const char *value, size_t n)
{
    char pointer[300];
    (void)snprintf(pointer, sizeof pointer, "/%s", r->p->key_pagina);
    if (r->page != -1)
        rejection_add(r->why, PROBLEM_INVALID, pointer, "dubbel");
    else if ((r->page = read_number(value, n, 999999999)) == 0)
        rejection_add(r->why, PROBLEM_INVALID, pointer, "buiten-bereik");
}

/* One "name=value" of the query. */
static void read_parameter(struct reading *r, const char *s, size_t n)
{
    const struct profile *p = r->p;
    struct fetch_query *q = r->q;
    const char *equals = memchr(s, '=', n);
    size_t key_n = equals ? (size_t)(equals - s) : n;
    const char *value = equals ? equals + 1 : s + n;
    size_t value_n = (size_t)(s + n - value);
    if (key_is(s, key_n, p->key_limiet)) {
        if (q->limiet != -1)
            rejection_add(r->why, PROBLEM_INVALID, "/limiet", "dubbel");
        else if ((q->limiet = read_number(value, value_n, p->page_max)) == 0)
            rejection_add(r->why, PROBLEM_INVALID, "/limiet", "buiten-bereik");
    } else if (key_is(s, key_n, p->key_sinds)) {
        if (q->has_sinds)
            rejection_add(r->why, PROBLEM_INVALID, "/sinds", "dubbel");
        else if (!value_n || !query_decode(value, value_n, q->sinds, sizeof q->sinds))
            rejection_add(r->why, PROBLEM_CURSOR_INVALID, "/sinds", "ongeldige-cursor");
        q->has_sinds = true;
    } else if (key_is(s, key_n, p->key_pagina)) {
        read_page(r, value, value_n);
    }
}

/* Also gives the page number, -1 when there is none. */
static int read_query(const struct profile *p, const char *target, struct fetch_query *q,
                      int *page, struct rejection *why)
{
    const char *at = strchr(target, '?');
    struct reading r = {p, q, -1, why};
    q->has_sinds = false;
    q->sinds[0] = '\0';
    q->limiet = -1;
    for (at = at ? at + 1 : ""; *at;) {
        size_t n = strcspn(at, "&");
        read_parameter(&r, at, n);
        at += n + (at[n] == '&');
    }
    *page = r.page;
    return why->problem == PROBLEM_NONE ? 0 : E_INVALID;
}

int profile_fetch_query(const struct profile *p, const char *target,
                        struct fetch_query *q, struct rejection *why)
{
    int page;
    return read_query(p, target, q, &page, why);
}

int paging_read(const struct profile *p, const struct http_request *req,
                json_t **canonical, struct rejection *why)
{
    struct fetch_query q;
    int page, r = read_query(p, req->target, &q, &page, why);
    if (r != 0)
        return r;
    json_t *c = json_object(), *sinds = NULL;
    if (q.has_sinds)
        sinds = page > 0 ? json_sprintf("%d@%s", page, q.sinds) : json_string(q.sinds);
    if (q.has_sinds && !sinds) { /* no UTF-8 */
        rejection_add(why, PROBLEM_CURSOR_INVALID, "/sinds", "ongeldige-cursor");
        json_decref(c);
        return E_INVALID;
    }
    if (sinds)
        json_object_set_new(c, "sinds", sinds);
    if (q.limiet >= 0)
        json_object_set_new(c, "limiet", json_integer(q.limiet));
    *canonical = c;
    return 0;
}

/* ---- answering ---- */

int paging_page(const struct profile *p, const struct http_request *req)
{
    struct fetch_query q;
    struct rejection why;
    int page = -1;
    if (p->paging != PAGING_PAGES || !req || !req->target)
        return 1;
    rejection_init(&why);
    (void)read_query(p, req->target, &q, &page, &why);
    rejection_done(&why);
    return page > 0 ? page : 1;
}

void paging_put_number(const struct profile *p, json_t *wire, json_t *number)
{
    for (size_t i = 0; p->paging == PAGING_PAGES && i < p->number.depth; i++) {
        bool last = i + 1 == p->number.depth;
        json_t *next = json_object_get(wire, p->number.at[i]);
        if (last)
            json_object_set(wire, p->number.at[i], number);
        else if (!next)
            json_object_set_new(wire, p->number.at[i], next = json_object());
        wire = next;
    }
    json_decref(number);
}

json_t *paging_answer(const struct profile *p, const struct http_request *req,
                      const json_t *canonical)
{
    const struct shape *s = p->ops[OP_OPHALEN].response;
    const char *volgende = json_string_value(json_object_get(canonical, "volgende"));
    size_t n = volgende ? number_length(p, volgende) : 0;
    if (p->paging != PAGING_PAGES)
        return map_write(s, canonical);
    /* An answer that was understood, changed and written again has a client's cursor. */
    json_t *own = json_copy((json_t *)(uintptr_t)canonical);
    if (n)
        json_object_set_new(own, "volgende", json_string(volgende + n + 1));
    json_t *wire = map_write(s, own);
    paging_put_number(p, wire, json_integer(paging_page(p, req)));
    json_decref(own);
    return wire;
}

/* ---- understanding ---- */

json_int_t paging_number(const struct profile *p, const json_t *wire)
{
    for (size_t i = 0; i < p->number.depth; i++)
        wire = json_object_get(wire, p->number.at[i]);
    return json_is_integer(wire) ? json_integer_value(wire) : 1;
}

char *paging_cursor(const struct profile *p, json_int_t number, const char *volgende,
                    bool meer)
{
    if (p->paging != PAGING_PAGES)
        return xstrdup(volgende);
    /* After the last page the changes since this one begin. */
    return xasprintf("%lld@%s", meer ? (long long)number + 1 : 1, volgende);
}

void paging_understood(const struct profile *p, json_int_t number, json_t *canonical)
{
    const char *volgende = json_string_value(json_object_get(canonical, "volgende"));
    bool meer = json_is_true(json_object_get(canonical, "meer"));
    if (p->paging != PAGING_PAGES || !volgende)
        return;
    char *cursor = paging_cursor(p, number, volgende, meer);
    json_object_set_new(canonical, "volgende", json_string(cursor));
    free(cursor);
}
