/* The audit: at the end of a conversation with a koppelpunt under test the whole state is
 * read once more, without a cursor, by a reader that stood outside the conversation. The
 * judge compares it with what follows from what was accepted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

#define PAGES_MAX 20000
#define SETTLE    (300 * (uint64_t)NS_PER_MS)
#define ROUNDS    8

struct audit {
    struct trial *t;
    struct lane lane;
    void (*next)(struct trial *t);
    char *cursor;
    size_t pages, entries, previous;
    char digest[65], previous_digest[65];
    struct digest *d;
    int round;
};

static void read_page(struct audit *a);

static void audit_event(struct audit *a, const char *phase, bool complete)
{
    trial_event(a->t, "audit",
                json_pack("{ss,ss,sb}", "reader", "overstapsysteem:audit", "phase", phase,
                          "complete", complete));
}

static void audit_end(struct audit *a)
{
    struct trial *t = a->t;
    void (*next)(struct trial *) = a->next;
    char unused[65];
    if (a->d)
        digest_end(a->d, unused);
    free(a->cursor);
    free(a);
    next(t);
}

static void round_begin(void *arg)
{
    struct audit *a = arg;
    a->t->waiting--;
    free(a->cursor);
    a->cursor = NULL;
    a->pages = 0;
    a->d = digest_new();
    audit_event(a, "start", false);
    read_page(a);
}

/* Reads again until two readings are the same, so that a koppelpunt that is still at work
 * is not blamed for what it would have shown a moment later. */
static void round_end(struct audit *a)
{
    struct trial *t = a->t;
    audit_event(a, "end", true);
    digest_end(a->d, a->digest);
    a->d = NULL;
    bool settled = !strcmp(a->digest, a->previous_digest);
    memcpy(a->previous_digest, a->digest, sizeof a->digest);
    if (settled || ++a->round >= ROUNDS) {
        audit_end(a);
        return;
    }
    t->waiting++;
    wire_timer(t->wire, wire_now(t->wire) + SETTLE * (uint64_t)a->round, round_begin, a);
}

static void add_entries(struct audit *a, const json_t *answer)
{
    char *text = json_dumps(json_object_get(answer, "aanmeldstatussen"),
                            JSON_COMPACT | JSON_SORT_KEYS);
    if (text)
        digest_add(a->d, text, strlen(text));
    free(text);
}

static void page_came(void *arg, const struct said *s)
{
    struct audit *a = arg;
    const char *cursor = json_string_value(json_object_get(s->answer, "volgende"));
    bool more = json_is_true(json_object_get(s->answer, "meer"));
    if (strcmp(s->word, "ok") || !s->answer || (more && !cursor) ||
        a->pages > PAGES_MAX) {
        /* That it can't be read is a finding of the judge's: an audit without an end. */
        audit_event(a, "end", false);
        audit_end(a);
        return;
    }
    add_entries(a, s->answer);
    if (!more) {
        round_end(a);
        return;
    }
    char *next = xstrdup(cursor);
    free(a->cursor);
    a->cursor = next;
    read_page(a);
}

static void read_page(struct audit *a)
{
    struct trial *t = a->t;
    json_t *m = json_object();
    if (a->cursor)
        json_object_set_new(m, "sinds", json_string(a->cursor));
    a->pages++;
    struct ask ask = {.op = OP_OPHALEN,
                      .message = m,
                      .client = t->main_reader->client,
                      .patient = true,
                      .persistent = true,
                      .reader = "overstapsysteem:audit"};
    trial_ask(&a->lane, &ask, page_came, a);
    json_decref(m);
}

void audit_begin(struct trial *t, void (*next)(struct trial *t))
{
    bool sent = false;
    for (struct map_item *i = map_first(t->applications); i && !sent; i = map_next(i))
        sent = ((const struct application *)map_value(i))->was_sent;
    if (!sent) {
        next(t);
        return;
    }
    struct audit *a = xcalloc(1, sizeof *a);
    a->t = t;
    a->lane.t = t;
    a->next = next;
    snprintf(t->waits_for, sizeof t->waits_for, "the audit");
    t->waiting++;
    wire_timer(t->wire, wire_now(t->wire), round_begin, a);
}
