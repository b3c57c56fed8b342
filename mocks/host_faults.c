#include "mocks/host_faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

struct last {
    enum op op;
    char *from;
    struct http_response response;
    json_t *first; /* the entries of the first page that had any; NULL: none yet */
};

/* ---- the list ---- */

void host_fault_unref(struct fault *f)
{
    if (!f || --f->refs > 0)
        return;
    free((void *)(uintptr_t)f->f.id);
    free((void *)(uintptr_t)f->f.from);
    free((void *)(uintptr_t)f->f.body);
    free((void *)(uintptr_t)f->f.content_type);
    free((void *)(uintptr_t)f->f.location);
    free(f);
}

struct fault *host_faults_take(struct faults *fs, const char *id)
{
    for (size_t i = 0; i < fs->n; i++) {
        struct fault *f = fs->v[i];
        if (id && strcmp(f->f.id, id) != 0)
            continue;
        memmove(&fs->v[i], &fs->v[i + 1], (fs->n - i - 1) * sizeof *fs->v);
        fs->n--;
        f->cleared = true;
        return f;
    }
    return NULL;
}

struct fault *host_faults_set(struct faults *fs, const struct host_fault *f)
{
    struct fault *new = xcalloc(1, sizeof *new);
    new->f = *f;
    new->f.id = xstrdup(f->id ? f->id : "fault");
    new->f.from = xstrdup(f->from);
    new->f.body = xstrdup(f->body);
    new->f.content_type = xstrdup(f->content_type);
    new->f.location = xstrdup(f->location);
    new->f.nth = f->nth > 1 ? f->nth : 1;
    new->refs = 1;
    host_fault_unref(host_faults_take(fs, new->f.id));
    fs->v = xrealloc(fs->v, (fs->n + 1) * sizeof *fs->v);
    fs->v[fs->n++] = new;
    return new;
}

void host_faults_done(struct faults *fs)
{
    for (struct fault *f; (f = host_faults_take(fs, NULL));)
        host_fault_unref(f);
    for (size_t i = 0; i < fs->n_last; i++) {
        free(fs->last[i].from);
        json_decref(fs->last[i].first);
        http_response_done(&fs->last[i].response);
    }
    free(fs->v);
    free(fs->last);
    *fs = (struct faults){0};
}

/* ---- which one ---- */

static struct last *last_of(const struct faults *fs, enum op op, const char *from)
{
    for (size_t i = 0; i < fs->n_last; i++)
        if (fs->last[i].op == op && strcmp(fs->last[i].from, from) == 0)
            return &fs->last[i];
    return NULL;
}

/* Is there nothing yet of what this fault is to answer once more? */
static bool too_soon(const struct faults *fs, const struct host_fault *f, enum op op,
                     const char *from)
{
    const struct last *last = last_of(fs, op, from);
    return (f->replay_last && !last) || (f->old_page && (!last || !last->first));
}

struct fault *host_faults_meet(struct faults *fs, enum op op, const char *from)
{
    struct fault *met = NULL;
    for (size_t i = 0; i < fs->n; i++) {
        struct fault *f = fs->v[i];
        if (f->f.op != OP_NONE && f->f.op != op)
            continue;
        if (f->f.from && strcmp(f->f.from, from) != 0)
            continue;
        long turn = f->matched + 1;
        bool now = turn >= f->f.nth && (f->f.count <= 0 || turn < f->f.nth + f->f.count);
        if (now && (met || too_soon(fs, &f->f, op, from)))
            continue;
        f->matched = turn;
        if (now)
            met = f;
    }
    if (met)
        met->refs++;
    return met;
}

void host_fault_miss(struct fault *f)
{
    f->matched--;
}

/* The entries of a page; NULL when there are none. */
static json_t *entries_of(const struct profile *p, const struct http_response *r)
{
    json_t *page = NULL, *faults = NULL, *list = NULL;
    if (p && profile_understand(p, OP_OPHALEN, r, &page, &faults))
        list = json_incref(json_object_get(page, "aanmeldstatussen"));
    json_decref(page);
    json_decref(faults);
    if (json_array_size(list))
        return list;
    json_decref(list);
    return NULL;
}

void host_faults_remember(struct faults *fs, const struct fault_scene *s,
                          const struct http_response *r)
{
    if (r->status < 200 || r->status > 299)
        return;
    struct last *last = last_of(fs, s->op, s->from);
    if (!last) {
        fs->last = xrealloc(fs->last, (fs->n_last + 1) * sizeof *fs->last);
        last = &fs->last[fs->n_last++];
        *last = (struct last){.op = s->op, .from = xstrdup(s->from)};
    } else {
        http_response_done(&last->response);
    }
    http_response_copy(&last->response, r);
    if (s->op == OP_OPHALEN && !last->first)
        last->first = entries_of(s->profile, r);
}

/* ---- what it does ---- */

bool host_fault_answers(const struct fault *f)
{
    if (f->f.edit || f->f.old_page || f->f.duplicate)
        return false;
    /* The door can only break off an answer that there is, so a truncation by itself
     * needs the role's. */
    return f->f.status || f->f.body || f->f.location || f->f.replay_last ||
           f->f.cut == CUT_RESET || f->f.cut == CUT_SILENT;
}

/* Puts *new in the place of *r. */
static void replace(struct http_response *r, struct http_response *new)
{
    http_response_done(r);
    *r = *new;
    http_response_init(new);
}

/* The same answer once more, as if made for this request: only X-Request-Id is of now. */
static void replay(const struct http_response *last, const struct http_request *req,
                   struct http_response *r)
{
    struct http_response again;
    http_response_copy(&again, last);
    const char *id = http_fields_get(&req->fields, "X-Request-Id");
    if (id && http_fields_get(&again.fields, "X-Request-Id"))
        http_fields_set(&again.fields, "X-Request-Id", id);
    else
        http_fields_remove(&again.fields, "X-Request-Id");
    replace(r, &again);
}

/* Reads the answer, lets the fault change its meaning and writes it again. False when
 * there was nothing to change: then its turn has not come. */
static bool edit(const struct faults *fs, const struct fault *f,
                 const struct fault_scene *s, struct http_response *r)
{
    if (!s->profile || s->op == OP_NONE || f->cleared || r->status < 200 ||
        r->status > 299)
        return false;
    json_t *canonical = NULL, *faults = NULL;
    bool usable = profile_understand(s->profile, s->op, r, &canonical, &faults);
    if (usable) {
        struct http_response changed;
        http_response_init(&changed);
        json_t *before = json_deep_copy(canonical);
        if (f->f.old_page)
            json_object_set(canonical, "aanmeldstatussen",
                            last_of(fs, s->op, s->from)->first);
        else
            f->f.edit(f->f.edit_arg, canonical);
        usable = !json_equal(before, canonical);
        json_decref(before);
        if (usable) {
            profile_answer(s->profile, s->op, s->req, canonical, &changed);
            replace(r, &changed);
        }
    }
    json_decref(canonical);
    json_decref(faults);
    return usable;
}

static enum problem problem_of(int status)
{
    for (int p = PROBLEM_NONE + 1; p < PROBLEM_COUNT; p++)
        if (problem_status((enum problem)p) == status)
            return (enum problem)p;
    return PROBLEM_NONE;
}

/* An answer of that status as the contract has it: with a problem where it knows one. */
static void refuse(const struct host_fault *f, const struct fault_scene *s,
                   struct http_response *r)
{
    struct http_response new;
    http_response_init(&new);
    enum problem problem = problem_of(f->status);
    if (s->profile && problem != PROBLEM_NONE) {
        struct rejection why;
        rejection_init(&why);
        why.problem = problem;
        why.retry_after = f->retry_after > 0 ? f->retry_after : 0;
        profile_refuse(s->profile, s->req, &why, &new);
        rejection_done(&why);
    }
    new.status = f->status;
    replace(r, &new);
}

static void put_retry_after(const struct host_fault *f, when_t wall,
                            struct http_response *r)
{
    http_fields_remove(&r->fields, "Retry-After");
    if (f->retry_after < 0)
        return;
    char text[32];
    /* Whole seconds only (RFC 9110 section 10.2.3): never earlier than was asked for. */
    when_t wait = (when_t)(f->retry_after * (double)NS_PER_S);
    if (f->retry_after_date)
        when_format_http((wall + wait + NS_PER_S - 1) / NS_PER_S * NS_PER_S, text);
    else
        snprintf(text, sizeof text, "%lld", (wait + NS_PER_S - 1) / NS_PER_S);
    http_fields_set(&r->fields, "Retry-After", text);
}

bool host_fault_apply(const struct faults *fs, const struct fault *fault,
                      const struct fault_scene *s, struct http_reply *reply)
{
    const struct host_fault *f = &fault->f;
    struct http_response *r = &reply->response;
    if (too_soon(fs, f, s->op, s->from) ||
        ((f->edit || f->old_page) && !edit(fs, fault, s, r)))
        return false;
    if (f->replay_last)
        replay(&last_of(fs, s->op, s->from)->response, s->req, r);
    if (f->status) {
        if (f->body || f->location)
            r->status = f->status;
        else
            refuse(f, s, r);
        put_retry_after(f, s->wall, r);
    }
    if (f->body)
        http_response_body(r, xstrdup(f->body), strlen(f->body));
    if (f->content_type)
        http_fields_set(&r->fields, "Content-Type", f->content_type);
    if (f->location)
        http_fields_set(&r->fields, "Location", f->location);
    if (f->location && !f->status)
        r->status = 307;
    if (r->status == 0)
        r->status = 200;
    if (f->cut != CUT_NONE)
        reply->cut = f->cut;
    return true;
}

/* ---- for the journal ---- */

static void say(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* One more thing that the fault does. */
static void say(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = xvasprintf(fmt, ap);
    va_end(ap);
    if (b->n > 0)
        buf_adds(b, ", ");
    buf_adds(b, text);
    free(text);
}

static void describe(const struct host_fault *f, struct buf *b)
{
    static const char *const cuts[] = {NULL, "reset", "truncate", "silent"};
    if (f->delay_ns)
        say(b, "delay %.3f s", (double)f->delay_ns / (double)NS_PER_S);
    if (f->status)
        say(b, "status %d", f->status);
    if (f->status && f->retry_after >= 0)
        say(b, "Retry-After %g s%s", f->retry_after,
            f->retry_after_date ? " as a date" : "");
    if (f->cut != CUT_NONE)
        say(b, "%s", cuts[f->cut]);
    if (f->body)
        say(b, "another body (%zu bytes)", strlen(f->body));
    if (f->content_type)
        say(b, "%s", f->content_type);
    if (f->location)
        say(b, "redirect to %s", f->location);
    if (f->replay_last)
        say(b, "the last answer again");
    if (f->old_page)
        say(b, "an old page again");
    if (f->duplicate)
        say(b, "handled twice");
    if (f->edit)
        say(b, "another content");
    say(b, "%s", f->after ? "after the side effect" : "before the handler");
}

json_t *host_fault_event(const struct fault *f, const char *phase)
{
    struct buf what;
    buf_init(&what, 1024);
    describe(&f->f, &what);
    json_t *event = json_pack("{s:s,s:s,s:s,s:s}", "id", f->f.id, "phase", phase, "on",
                              f->f.op == OP_NONE ? "" : op_name(f->f.op), "what",
                              what.p ? what.p : "");
    if (f->f.from)
        json_object_set_new(event, "from", json_string(f->f.from));
    buf_done(&what);
    return event;
}
