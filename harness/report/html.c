/* Writing the pages of the HTML report, in both languages. */
#include "harness/report/html.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"

#define FRONT_MAX ((1u << 20) - 1)
#define PAGE_MAX  (4u << 20)

static int write_page(struct page *p, const char *dir, const char *name, struct err *e)
{
    char *path = xasprintf("%s/%s", dir, name);
    int rc = p->b.full ? err_set(e, E_TOOBIG, "the page %s would become too large", name)
                       : file_write(path, p->b.p, p->b.n, e);
    free(path);
    return rc;
}

static int write_front(const char *dir, const struct html *h, struct page *p,
                       struct err *e)
{
    char *name = xasprintf("report%s.html", p->tail);
    buf_init(&p->b, FRONT_MAX);
    p->root = "";
    html_front(p, h);
    int rc = write_page(p, dir, name, e);
    buf_done(&p->b);
    free(name);
    return rc;
}

static int write_scenarios(const char *dir, const struct html *h, struct page *p,
                           struct err *e)
{
    const json_t *list = json_object_get(h->result, "scenarios");
    char *folder = xasprintf("%s/scenarios", dir);
    int rc = file_mkdirs(folder, e);
    p->root = "../";
    buf_init(&p->b, PAGE_MAX);
    for (size_t i = 0; i < json_array_size(list) && !rc; i++) {
        const json_t *s = json_array_get(list, i);
        char *name = page_of(p, member(s, "role"), member(s, "name"));
        buf_reset(&p->b);
        html_scenario(p, h, s, tape_scene(h->tape, member(s, "role"), member(s, "name")));
        rc = write_page(p, folder, name, e);
        free(name);
    }
    buf_done(&p->b);
    free(folder);
    return rc;
}

/* The pages of a language that has the plain names now: of an earlier time, when the
 * other one had them. */
static void remove_stale(const char *dir, const json_t *result, const char *tail)
{
    const json_t *list = json_object_get(result, "scenarios");
    struct page p = {.tail = tail};
    char *path = xasprintf("%s/report%s.html", dir, tail);
    unlink(path);
    free(path);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *s = json_array_get(list, i);
        char *name = page_of(&p, member(s, "role"), member(s, "name"));
        path = xasprintf("%s/scenarios/%s", dir, name);
        unlink(path);
        free(path);
        free(name);
    }
}

int report_html(const char *dir, const json_t *result, const char *journal_path,
                const json_t *known, enum lang lang, struct err *e)
{
    static const char *const tails[] = {[LANG_NL] = ".nl", [LANG_EN] = ".en"};
    struct tape *tape = NULL;
    int rc = tape_read(journal_path, result, &tape, e);
    struct html h = {.result = result, .known = known, .tape = tape, .dir = dir};
    for (int k = 0; k < 2 && !rc; k++) {
        enum lang now = k == 0 ? lang : lang == LANG_NL ? LANG_EN : LANG_NL;
        struct page p = {.lang = now, .tail = k == 0 ? "" : tails[now]};
        rc = write_front(dir, &h, &p, e);
        if (!rc)
            rc = write_scenarios(dir, &h, &p, e);
    }
    if (!rc)
        remove_stale(dir, result, tails[lang]);
    tape_free(tape);
    return rc;
}
