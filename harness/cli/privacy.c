#include "harness/cli/privacy.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/domain.h"
#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "harness/wire/journal.h"

#define TEXT_MAX ((size_t)1 << 30)

struct privacy {
    struct map *planted;  /* ROLE/SCENARIO -> map of its texts */
    struct map *all;      /* the texts of all scenarios */
    struct map *reported; /* texts of scenarios in which a leak was judged: then they are
                             what the evidence is about */
    char seed[24];        /* may have nine digits, and stands on every page */
};

/* What is being looked at, and what was found. */
struct look {
    const struct privacy *p;
    const struct map *canaries; /* that may not be here; NULL: any may */
    bool numbers_too;           /* JSON numbers are the peers' */
    bool page;                  /* HTML */
    const char *found;          /* what kind of thing */
};

/* ---- what was planted, what was judged ---- */

static int note_canary(void *arg, json_t *event)
{
    struct privacy *p = arg;
    const char *kind = json_text(event, "kind"), *text = json_text(event, "text");
    const char *scenario = json_text(event, "scenario");
    if (!kind || strcmp(kind, "canary") || !text || !*text || !scenario)
        return 0;
    struct map *own = map_get(p->planted, scenario);
    if (!own)
        map_put(p->planted, scenario, own = map_new());
    map_put(own, text, p);
    map_put(p->all, text, p);
    return 0;
}

/* The scenario of a finding has no role before it. */
static bool is_of(const char *key, const char *scenario)
{
    const char *slash = strchr(key, '/');
    return slash && !strcmp(slash + 1, scenario);
}

/* A finding that shows a text of a scenario: of that scenario all may be shown. */
static void note_finding(struct privacy *p, const json_t *finding)
{
    const char *seen = json_text(finding, "seen");
    const char *scenario = json_text(finding, "scenario");
    for (struct map_item *i = map_first(p->planted); i && seen && scenario;
         i = map_next(i)) {
        const struct map *own = map_value(i);
        if (!is_of(map_key(i), scenario) || !map_get(own, seen))
            continue;
        for (struct map_item *k = map_first(own); k; k = map_next(k))
            map_put(p->reported, map_key(k), p);
    }
}

static void note_reported(struct privacy *p, const json_t *result)
{
    const json_t *list = json_object_get(result, "requirements");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *findings = json_object_get(json_array_get(list, i), "findings");
        for (size_t k = 0; k < json_array_size(findings); k++)
            note_finding(p, json_array_get(findings, k));
    }
}

int privacy_open(const char *journal, const json_t *result, struct privacy **out,
                 struct err *e)
{
    struct privacy *p = xcalloc(1, sizeof *p);
    p->planted = map_new();
    p->all = map_new();
    p->reported = map_new();
    snprintf(p->seed, sizeof p->seed, "%lld",
             (long long)json_integer_value(json_object_get(result, "seed")));
    int rc = journal_read(journal, note_canary, p, NULL, e);
    note_reported(p, result);
    if (rc)
        privacy_free(p);
    else
        *out = p;
    return rc;
}

static void free_map(void *m)
{
    map_free(m, NULL);
}

void privacy_free(struct privacy *p)
{
    if (!p)
        return;
    map_free(p->planted, free_map);
    map_free(p->all, NULL);
    map_free(p->reported, NULL);
    free(p);
}

/* ---- texts and values ---- */

/* A page's curl line begins with test numbers in the place of those that are masked:
 * BSN1='9999...', its quotes as HTML has them. */
static bool stands_in(const char *s, size_t at)
{
    static const char *const before[] = {"='", "=&#39;"};
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        size_t n = strlen(before[i]);
        if (at > n && !memcmp(s + at - n, before[i], n) && !memcmp(s + at, "99990", 5))
            return s[at - n - 1] >= '0' && s[at - n - 1] <= '9';
    }
    return false;
}

static bool number_in(const struct look *l, const char *s, size_t n)
{
    const char *seed = l->p->seed;
    for (size_t at = 0; mask_find(s, n, &at); at += 9)
        if ((strlen(seed) != 9 || memcmp(s + at, seed, 9)) &&
            !(l->page && stands_in(s, at)))
            return true;
    return false;
}

static bool canary_in(const struct look *l, const char *s, size_t n)
{
    for (struct map_item *i = l->canaries ? map_first(l->canaries) : NULL; i;
         i = map_next(i)) {
        const char *text = map_key(i);
        if (memmem(s, n, text, strlen(text)) && !map_get(l->p->reported, text))
            return true;
    }
    return false;
}

static bool bad_text(struct look *l, const char *s, size_t n)
{
    if (number_in(l, s, n))
        l->found = "the number of a person that is not masked";
    else if (canary_in(l, s, n))
        l->found = "a text that was planted and may be found nowhere";
    return l->found != NULL;
}

static bool bad_value(struct look *l, json_t *v)
{
    if (json_is_string(v))
        return bad_text(l, json_string_value(v), json_string_length(v));
    if (l->numbers_too && json_is_integer(v)) {
        char text[32];
        int n = snprintf(text, sizeof text, "%lld", (long long)json_integer_value(v));
        return bad_text(l, text, (size_t)n);
    }
    for (size_t i = 0; i < json_array_size(v); i++)
        if (bad_value(l, json_array_get(v, i)))
            return true;
    for (void *i = json_object_iter(v); i; i = json_object_iter_next(v, i)) {
        const char *key = json_object_iter_key(i);
        if (bad_text(l, key, strlen(key)) || bad_value(l, json_object_iter_value(i)))
            return true;
    }
    return false;
}

/* ---- a journal ---- */

struct lines {
    struct privacy *p;
    const char *shown;
    struct err *e;
    uint64_t number;
    int rc;
};

/* What a source sends is where a canary is planted. */
static bool sent_by_source(const json_t *event)
{
    const char *from = json_text(event, "from");
    return from && (!strncmp(from, "sis", 3) || !strncmp(from, "cambo", 5));
}

static bool bad_member(struct look *l, const json_t *event, const char *key, json_t *v,
                       const struct map *canaries)
{
    bool sent = !strcmp(key, "request") || !strcmp(key, "message");
    l->canaries = sent && sent_by_source(event) ? NULL : canaries;
    l->numbers_too = !strcmp(key, "message") || !strcmp(key, "answer");
    return bad_value(l, v);
}

static int check_line(void *arg, json_t *event)
{
    struct lines *f = arg;
    struct look l = {.p = f->p};
    const char *kind = json_text(event, "kind"), *scenario = json_text(event, "scenario");
    const struct map *canaries = scenario ? map_get(f->p->planted, scenario) : f->p->all;
    f->number++;
    if (!strcmp(kind, "canary"))
        canaries = NULL;
    for (void *i = json_object_iter(event); i; i = json_object_iter_next(event, i)) {
        const char *key = json_object_iter_key(i);
        if (!bad_member(&l, event, key, json_object_iter_value(i), canaries))
            continue;
        f->rc = err_set(f->e, E_INVALID, "%s holds %s, in its %s", kind, l.found, key);
        err_at(f->e, f->shown, (int)f->number, 0, NULL);
        return 1;
    }
    return 0;
}

static int check_journal(struct privacy *p, const char *path, const char *shown,
                         struct err *e)
{
    struct lines f = {.p = p, .shown = shown, .e = e};
    int rc = journal_read(path, check_line, &f, NULL, e);
    return f.rc ? f.rc : rc;
}

/* ---- other files ---- */

static bool ends_with(const char *s, const char *tail)
{
    size_t n = strlen(s), k = strlen(tail);
    return n >= k && !strcmp(s + n - k, tail);
}

/* Pages of a scenario and the archive show the exchanges: what a source sent too. */
static bool shows_exchanges(const char *shown)
{
    return !strncmp(shown, "scenarios/", 10) || ends_with(shown, ".har");
}

static int check_json(struct look *l, const char *path, const char *shown, struct err *e)
{
    json_t *root = NULL;
    int rc = file_read_json(path, &root, e);
    const char *key;
    json_t *value;
    if (!rc && json_is_object(root))
        json_object_foreach (root, key, value)
            if (!l->found && bad_value(l, value)) {
                rc = err_set(e, E_INVALID, "it holds %s, in its %s", l->found, key);
                err_at(e, shown, 0, 0, NULL);
            }
    json_decref(root);
    return rc;
}

static int check_text(struct look *l, const char *path, const char *shown, struct err *e)
{
    char *text = NULL;
    size_t n = 0;
    int line = 1, rc = file_read(path, TEXT_MAX, &text, &n, e);
    for (char *at = text; !rc && at < text + n; line++) {
        char *end = memchr(at, '\n', (size_t)(text + n - at));
        size_t length = end ? (size_t)(end - at) : (size_t)(text + n - at);
        if (bad_text(l, at, length)) {
            rc = err_set(e, E_INVALID, "it holds %s", l->found);
            err_at(e, shown, line, 0, NULL);
        }
        at += length + 1;
    }
    free(text);
    return rc;
}

int privacy_check(struct privacy *p, const char *path, const char *shown, struct err *e)
{
    struct look l = {.p = p, .canaries = shows_exchanges(shown) ? NULL : p->all};
    l.page = ends_with(shown, ".html");
    if (ends_with(shown, ".jsonl"))
        return check_journal(p, path, shown, e);
    if (ends_with(shown, ".json") || ends_with(shown, ".har"))
        return check_json(&l, path, shown, e);
    return check_text(&l, path, shown, e);
}
