/* Nothing that may not be there: canaries, other people's numbers, and numbers in the
 * places that end up in logs (KP-LEV-02, KP-TOE-05). */
#include <stdio.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/judge/checks_list.h"

/* ---- canaries ---- */

/* Part of a longer word is no find: "Anna" is not in "Annastraat". */
static bool is_word(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c >= 0x80;
}

static bool holds(const char *s, size_t n, const char *what)
{
    size_t len = strlen(what);
    const char *end = s + n;
    for (const char *p = s; (p = memmem(p, (size_t)(end - p), what, len)); p++) {
        bool before =
            p > s && is_word((unsigned char)p[-1]) && is_word((unsigned char)*what);
        bool after = p + len < end && is_word((unsigned char)p[len]) &&
                     is_word((unsigned char)what[len - 1]);
        if (!before && !after)
            return true;
    }
    return false;
}

static const struct canary *canary_in(const struct history *h, const char *s, size_t n)
{
    for (size_t i = 0; s && i < h->n_canaries; i++)
        if (holds(s, n, h->canaries[i].text))
            return &h->canaries[i];
    return NULL;
}

/* In the strings and keys of a value, so that escapes can't hide one. */
static const struct canary *canary_within(const struct history *h, json_t *v)
{
    const struct canary *c = NULL;
    if (json_is_string(v))
        return canary_in(h, json_string_value(v), json_string_length(v));
    for (size_t i = 0; !c && i < json_array_size(v); i++)
        c = canary_within(h, json_array_get(v, i));
    for (void *i = json_object_iter(v); !c && i; i = json_object_iter_next(v, i)) {
        const char *key = json_object_iter_key(i);
        c = canary_in(h, key, strlen(key));
        if (!c)
            c = canary_within(h, json_object_iter_value(i));
    }
    return c;
}

static const struct canary *canary_in_body(const struct history *h,
                                           const struct seen_exchange *x)
{
    const struct canary *c = canary_in(h, x->body, x->body_n);
    if (c || !x->body || !memchr(x->body, '\\', x->body_n))
        return c;
    json_t *body = json_loadb(x->body, x->body_n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    c = canary_within(h, body);
    json_decref(body);
    return c;
}

static const struct canary *canary_in_fields(const struct history *h,
                                             const struct seen_exchange *x)
{
    const json_t *fields = json_object_get(x->response, "fields");
    const struct canary *c = NULL;
    for (size_t i = 0; !c && i < json_array_size(fields); i++) {
        const char *v = json_string_value(json_array_get(json_array_get(fields, i), 1));
        c = v ? canary_in(h, v, strlen(v)) : NULL;
    }
    return c;
}

/* ---- numbers ---- */

#define MASK_LENGTH 14 /* "bsn~" and ten hex digits */

/* The next mask in a text, or NULL. */
static const char *next_mask(const char *s, const char *end)
{
    for (; s && s < end && (s = memchr(s, '~', (size_t)(end - s))); s++)
        if (end - s >= MASK_LENGTH - 3 && mask_present(s - 3, MASK_LENGTH))
            return s - 3;
    return NULL;
}

/* The mask of a person whom this trial knows. A nine-digit number of another kind may
 * pass the elfproef by accident: it is masked too, but it is nobody's. */
static bool number_in(const struct history *h, const char *s, size_t n, char out[32])
{
    const char *end = s + n;
    /* The "~" of a mask is never among the first three bytes. */
    for (const char *m = n > 3 ? next_mask(s + 3, end) : NULL; m;
         m = next_mask(m + MASK_LENGTH, end))
        if (names_find(h->trial->numbers, m, MASK_LENGTH)) {
            memcpy(out, m, MASK_LENGTH);
            out[MASK_LENGTH] = 0;
            return true;
        }
    return false;
}

static bool number_in_fields(const struct history *h, const json_t *message, char out[32],
                             const char **name)
{
    const json_t *fields = json_object_get(message, "fields");
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *f = json_array_get(fields, i);
        const char *v = json_string_value(json_array_get(f, 1));
        if (v && number_in(h, v, strlen(v), out)) {
            *name = json_string_value(json_array_get(f, 0));
            return true;
        }
    }
    return false;
}

/* A search answers about the numbers that were asked for and nobody else. */
static bool asked_for(const struct seen_exchange *x, const char *bsn)
{
    const json_t *bsns = json_object_get(x->message, "bsns");
    for (size_t i = 0; i < json_array_size(bsns); i++) {
        const char *s = json_string_value(json_array_get(bsns, i));
        if (s && !strcmp(s, bsn))
            return true;
    }
    return false;
}

/* A known number in an answer where none belongs: anywhere but in an entry's own bsn. */
static bool stray_number(const struct history *h, const struct seen_exchange *x,
                         char out[32])
{
    const json_t *entries = exchange_entries(x);
    if (x->status / 100 != 2 || !x->body)
        return false;
    if (x->op && !strcmp(x->op, "openapi"))
        return false; /* its examples hold numbers that a person of ours may happen to
                         have */
    size_t allowed = 0, found = 0;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const char *bsn =
            json_string_value(json_object_get(json_array_get(entries, i), "bsn"));
        if (!bsn)
            continue;
        if (names_find(h->trial->numbers, bsn, strlen(bsn)))
            allowed++;
        if (!strcmp(x->op, "aanmeldstatussen.zoeken") && !asked_for(x, bsn)) {
            snprintf(out, 32, "%s", bsn);
            return true;
        }
    }
    if (x->cut)
        return false;
    const char *end = x->body + x->body_n;
    for (const char *m = x->body_n > 3 ? next_mask(x->body + 3, end) : NULL; m;
         m = next_mask(m + MASK_LENGTH, end))
        if (names_find(h->trial->numbers, m, MASK_LENGTH) && ++found > allowed) {
            memcpy(out, m, MASK_LENGTH);
            out[MASK_LENGTH] = 0;
            return true;
        }
    return false;
}

void check_canaries(struct look *l, const struct seen_exchange *x)
{
    char number[32] = "";
    if (!x->at_client || !x->to || strcmp(x->to, "koppelpunt") || !x->response)
        return;
    const struct canary *c = canary_in_body(l->h, x);
    const char *where = "body";
    if (!c) {
        c = canary_in_fields(l->h, x);
        where = "header fields";
    }
    if (c)
        look_bad(l, x->seq, 0, json_string("nowhere"), json_string(c->text),
                 "what may not be passed on (%s) was found in the %s of a response to %s",
                 c->what ? c->what : "planted text", where, asked(x));
    else if (stray_number(l->h, x, number))
        look_bad(l, x->seq, 0, json_string("only the numbers that belong there"),
                 json_string(number),
                 "a response to %s holds a person's number where none belongs", asked(x));
    else if (x->proper && (l->h->n_canaries || exchange_entries(x)))
        look_good(l, x->seq);
}

/* ---- KP-TOE-05 ---- */

static void number_in_response(struct look *l, const struct seen_exchange *x)
{
    char number[32];
    const char *name = "?";
    if (!x->response)
        return;
    if (number_in_fields(l->h, x->response, number, &name)) {
        look_bad(l, x->seq, 0, json_string("no personal number"), json_string(number),
                 "a personal number stands in the header field %s of a response to %s",
                 name, asked(x));
        return;
    }
    const char *volgende = json_string_value(json_object_get(x->answer, "volgende"));
    if (x->status >= 400 && x->body && number_in(l->h, x->body, x->body_n, number))
        look_bad(l, x->seq, 0, json_string("no personal number"), json_string(number),
                 "a personal number stands in the error %d to %s", x->status, asked(x));
    else if (volgende && number_in(l->h, volgende, strlen(volgende), number))
        look_bad(l, x->seq, 0, json_string("no personal number"), json_string(number),
                 "a personal number stands in the cursor, which goes into a URI");
    else if (x->proper && strcmp(x->op, "token") && strcmp(x->op, "openapi"))
        look_good(l, x->seq);
}

/* What the koppelpunt itself asks for (notifications). */
static void number_in_notification(struct look *l, const struct seen_exchange *x)
{
    char number[32];
    const char *name = "?";
    if (x->target && number_in(l->h, x->target, strlen(x->target), number))
        look_bad(l, x->seq, 0, json_string("no personal number"), json_string(number),
                 "a personal number stands in a URI that the koppelpunt asked for");
    else if (number_in_fields(l->h, x->request, number, &name))
        look_bad(l, x->seq, 0, json_string("no personal number"), json_string(number),
                 "a personal number stands in the header field %s of a request of the "
                 "koppelpunt",
                 name);
}

void check_numbers(struct look *l, const struct seen_exchange *x)
{
    if (x->at_client && x->to && !strcmp(x->to, "koppelpunt"))
        number_in_response(l, x);
    else if (!x->at_client && x->from && !strcmp(x->from, "koppelpunt"))
        number_in_notification(l, x);
}

/* KP-NOT-01: the event of the contract and nothing more, and nobody's number in it. */
void check_thin(struct look *l, const struct seen_exchange *x)
{
    char number[32];
    const json_t *body = json_object_get(x->request, "body");
    const char *text = json_string_value(body);
    const json_t *fault = json_array_get(x->faults, 0);
    if (x->at_client || !x->from || strcmp(x->from, "koppelpunt") ||
        strcmp(x->op, "notificaties.melden"))
        return;
    size_t n = text ? strlen(text) : 0;
    const struct canary *c = canary_in(l->h, text, n);
    if (text && number_in(l->h, text, n, number)) {
        look_bad(l, x->seq, 0, json_string("nothing personal"), json_string(number),
                 "a notification holds the number of a person");
    } else if (c) {
        look_bad(l, x->seq, 0, json_string("nothing personal"), json_string(c->text),
                 "a notification holds %s", c->what);
    } else if (fault) {
        const char *reden = json_string_value(json_object_get(fault, "reden"));
        const char *pointer = json_string_value(json_object_get(fault, "wire"));
        look_bad(l, x->seq, 0, json_string("a CloudEvent with totVolgnummer"),
                 json_incref((json_t *)(uintptr_t)x->faults),
                 "a notification is not as the contract has it: %s%s%s",
                 reden ? reden : "unreadable", pointer && *pointer ? " at " : "",
                 pointer ? pointer : "");
    } else {
        look_good(l, x->seq);
    }
}

/* ---- the overstapsysteem ---- */

/* The overstapsystemen that the laboratory plays are known by their own calls. */
void check_number_in_uri(struct look *l, const struct seen_exchange *x)
{
    char number[32];
    if (x->at_client || !x->from || strncmp(x->from, "overstapsysteem", 15) ||
        !x->target || names_find(l->h->ours, x->from, strlen(x->from)))
        return;
    if (number_in(l->h, x->target, strlen(x->target), number))
        look_bad(
            l, x->seq, 0, json_string("no personal number"), json_string(number),
            "the overstapsysteem put a personal number into a URI that it asked for");
    else if (!strcmp(x->op, "aanmeldstatussen.ophalen") && x->status == 200)
        look_good(l, x->seq);
}
