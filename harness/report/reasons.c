/* The sentences of judge and engine in Dutch, found by their English words as gettext
 * does. `*` stands for what was filled in; in the Dutch $1 puts the first of these there,
 * !1 its own translation. tests/unit/report/test_reasons.c holds the English against the
 * sources, so that a sentence that changes there can't lose its Dutch unnoticed. */
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/report/texts.h"

#define HOLES_MAX  8
#define DEPTH_MAX  4
#define REASON_MAX (64u << 10)

struct hole {
    const char *s;
    size_t n;
};

/* Fills the holes of a pattern; each takes as little as it can, the last one all. Returns
 * their number, or -1 when the words differ. */
static int match(const char *pattern, const char *s, size_t n, struct hole *holes)
{
    const char *end = s + n;
    int found = 0;
    while (*pattern) {
        if (*pattern != '*') {
            size_t len = strcspn(pattern, "*");
            if ((size_t)(end - s) < len || memcmp(s, pattern, len))
                return -1;
            s += len;
            pattern += len;
            continue;
        }
        pattern += strspn(pattern, "*");
        size_t len = strcspn(pattern, "*");
        const char *next = end;
        if (len && !pattern[len]) /* the last words stand at the end */
            next = (size_t)(end - s) >= len ? end - len : NULL;
        else if (len)
            next = memmem(s, (size_t)(end - s), pattern, len);
        if (!next || found == HOLES_MAX)
            return -1;
        holes[found++] = (struct hole){.s = s, .n = (size_t)(next - s)};
        s = next;
    }
    return s == end ? found : -1;
}

static bool translate(struct buf *out, const char *s, size_t n, int depth);

/* The Dutch of a row, filled in; false when a part of it has none. */
static bool fill(struct buf *out, const char *nl, const struct hole *holes, int n,
                 int depth)
{
    for (; *nl; nl++) {
        int k =
            (*nl == '$' || *nl == '!') && nl[1] >= '1' && nl[1] <= '9' ? nl[1] - '1' : -1;
        if (k < 0) {
            buf_addc(out, *nl);
            continue;
        }
        if (k >= n)
            return false;
        if (*nl == '$')
            buf_add(out, holes[k].s, holes[k].n);
        else if (!translate(out, holes[k].s, holes[k].n, depth + 1))
            return false;
        nl++;
    }
    return true;
}

static bool translate(struct buf *out, const char *s, size_t n, int depth)
{
    struct hole holes[HOLES_MAX];
    size_t before = out->n;
    const struct text_reason_row *rows;
    size_t n_rows = text_reason_rows(&rows);
    for (size_t i = 0; i < n_rows && depth < DEPTH_MAX; i++) {
        int found = match(rows[i].en, s, n, holes);
        if (found < 0)
            continue;
        if (fill(out, rows[i].nl, holes, found, depth))
            return true;
        out->n = before;
    }
    return false;
}

char *text_reason(const char *reason, enum lang lang)
{
    struct buf b;
    if (lang == LANG_EN)
        return xstrdup(reason);
    buf_init(&b, REASON_MAX);
    if (*reason && translate(&b, reason, strlen(reason), 0) && !b.full)
        return buf_take(&b, NULL);
    buf_done(&b);
    return NULL;
}
