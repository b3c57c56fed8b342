#include "harness/wire/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/digest.h"
#include "harness/base/mem.h"
#include "harness/wire/memo.h"
#include "harness/wire/secrets.h"

enum {
    BODY_WHOLE = 32 << 10, /* larger bodies are cut */
    BODY_CUT = 1 << 10,
};

struct journal {
    char *path;
    int fd;
    uint64_t now0, seq;
    struct mask mask;
    struct buf line;         /* the line being written */
    struct buf plain, clean; /* a string on its way: without secrets, without numbers */
    struct memo *texts, *fields; /* how they were written last */
    struct digest *chain;        /* over all lines until now */
    struct err failed;
};

int journal_open(const char *path, const struct mask *mask, uint64_t now0,
                 struct journal **out, struct err *e)
{
    struct stat st;
    struct journal *j;
    int fd;

    if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
        return err_set(e, E_INVALID,
                       "the journal %s exists already: a journal is never written over, "
                       "choose another folder or remove it",
                       path);
    /* Devices and pipes may exist (/dev/stdout); a regular file may not. */
    fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_CREAT | O_EXCL, 0644);
    if (fd < 0)
        return err_set(e, E_ENV, "can't create the journal %s: %s", path,
                       strerror(errno));
    j = xcalloc(1, sizeof *j);
    j->path = xstrdup(path);
    j->fd = fd;
    j->now0 = now0;
    j->mask = *mask;
    buf_init(&j->line, SIZE_MAX);
    buf_init(&j->plain, SIZE_MAX);
    buf_init(&j->clean, SIZE_MAX);
    j->texts = memo_new();
    j->fields = memo_new();
    j->chain = digest_new();
    *out = j;
    return 0;
}

void journal_close(struct journal *j)
{
    if (!j)
        return;
    close(j->fd);
    free(j->path);
    buf_done(&j->line);
    buf_done(&j->plain);
    buf_done(&j->clean);
    memo_free(j->texts);
    memo_free(j->fields);
    digest_free(j->chain);
    free(j);
}

int journal_failed(const struct journal *j, struct err *e)
{
    if (!j->failed.set)
        return 0;
    return err_set(e, j->failed.code, "%s", j->failed.text);
}

/* ---- pieces of a line ---- */

static void add_u64(struct buf *b, uint64_t v)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    buf_add(b, digits + at, sizeof digits - at);
}

/* Adds ,"name": - or without the comma behind an opening brace. */
static void add_name(struct buf *b, const char *name)
{
    if (b->p[b->n - 1] != '{')
        buf_addc(b, ',');
    buf_addc(b, '"');
    buf_adds(b, name);
    buf_add(b, "\":", 2);
}

/* A JSON string without numbers of persons, from text without secrets. */
static void add_numberless(struct journal *j, const char *s, size_t n)
{
    buf_addc(&j->line, '"');
    if (mask_needed(s, n)) {
        buf_reset(&j->clean);
        mask_add(&j->mask, &j->clean, s, n);
        buf_add_json(&j->line, j->clean.p, j->clean.n);
    } else {
        buf_add_json(&j->line, s, n);
    }
    buf_addc(&j->line, '"');
}

/* A JSON string without secrets and numbers: everything that is not ours goes this way.
 */
static void add_text(struct journal *j, const char *s, size_t n)
{
    if (secrets_possible(s, n)) {
        buf_reset(&j->plain);
        secrets_add(&j->mask, &j->plain, s, n);
        s = j->plain.p;
        n = j->plain.n;
    }
    add_numberless(j, s, n);
}

/* The same for a text that comes again and again. */
static void add_usual_text(struct journal *j, const char *s, size_t n)
{
    size_t made_n, before = j->line.n;
    const char *made = memo_get(j->texts, s, n, &made_n);

    if (made) {
        buf_add(&j->line, made, made_n);
        return;
    }
    add_text(j, s, n);
    memo_put(j->texts, s, n, j->line.p + before, j->line.n - before);
}

static void add_member(struct journal *j, const char *name, const char *text)
{
    if (!text)
        return;
    add_name(&j->line, name);
    add_usual_text(j, text, strlen(text));
}

static void add_member_u64(struct journal *j, const char *name, uint64_t v)
{
    add_name(&j->line, name);
    add_u64(&j->line, v);
}

static uint64_t since(const struct journal *j, uint64_t now)
{
    return now > j->now0 ? now - j->now0 : 0;
}

/* ---- JSON values ---- */

/* Whether numbers of persons may hide in JSON numbers: in a peer's message yes, in our
 * own events no (a duration in nanoseconds may well have nine digits). */
enum origin { OURS, PEERS };

static void add_value(struct journal *j, const json_t *v, enum origin origin);

static void add_integer(struct journal *j, json_int_t v, enum origin origin)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, v);

    if (origin == PEERS && mask_needed(text, (size_t)n))
        add_numberless(j, text, (size_t)n);
    else
        buf_add(&j->line, text, (size_t)n);
}

static void add_real(struct journal *j, const json_t *v)
{
    /* 15 digits where they say it all, so that 0.1 stays 0.1. */
    char *text = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    double back = text ? strtod(text, NULL) : 0, real = json_real_value(v);

    if (back < real || back > real) {
        free(text);
        text = json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    }
    buf_adds(&j->line, text ? text : "null");
    free(text);
}

static void add_string(struct journal *j, const char *key, const json_t *v)
{
    const char *s = json_string_value(v);
    size_t n = json_string_length(v);

    if (key && n > 0 && secrets_named(key, strlen(key))) {
        buf_addc(&j->line, '"');
        secrets_add_value(&j->mask, &j->line, s, n);
        buf_addc(&j->line, '"');
    } else {
        add_text(j, s, n);
    }
}

static void add_object_member(struct journal *j, const char *key, const json_t *v,
                              enum origin origin)
{
    if (j->line.p[j->line.n - 1] != '{')
        buf_addc(&j->line, ',');
    add_numberless(j, key, strlen(key));
    buf_addc(&j->line, ':');
    if (json_is_string(v))
        add_string(j, key, v);
    else
        add_value(j, v, origin);
}

static void add_object(struct journal *j, const json_t *v, enum origin origin)
{
    union { /* jansson iterates objects that are not const only; this one stays as it is
             */
        const json_t *in;
        json_t *out;
    } object = {.in = v};

    buf_addc(&j->line, '{');
    for (void *i = json_object_iter(object.out); i;
         i = json_object_iter_next(object.out, i))
        add_object_member(j, json_object_iter_key(i), json_object_iter_value(i), origin);
    buf_addc(&j->line, '}');
}

static void add_value(struct journal *j, const json_t *v, enum origin origin)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        add_object(j, v, origin);
        break;
    case JSON_ARRAY:
        buf_addc(&j->line, '[');
        for (size_t i = 0; i < json_array_size(v); i++) {
            if (i > 0)
                buf_addc(&j->line, ',');
            add_value(j, json_array_get(v, i), origin);
        }
        buf_addc(&j->line, ']');
        break;
    case JSON_STRING:
        add_string(j, NULL, v);
        break;
    case JSON_INTEGER:
        add_integer(j, json_integer_value(v), origin);
        break;
    case JSON_REAL:
        add_real(j, v);
        break;
    case JSON_TRUE:
        buf_adds(&j->line, "true");
        break;
    case JSON_FALSE:
        buf_adds(&j->line, "false");
        break;
    case JSON_NULL:
        buf_adds(&j->line, "null");
        break;
    }
}

/* ---- lines ---- */

static void begin_line(struct journal *j, uint64_t t, const char *kind,
                       const char *scenario)
{
    buf_reset(&j->line);
    buf_addc(&j->line, '{');
    add_member_u64(j, "seq", ++j->seq);
    add_member_u64(j, "t", t);
    add_member(j, "kind", kind);
    add_member(j, "scenario", scenario);
}

/* Takes back what a full disk has left of a line, so that the lines that stand are whole.
 * On a pipe or device it can't be done, and the line stays torn. */
static void take_back(int fd, size_t written)
{
    off_t end = lseek(fd, 0, SEEK_END);

    if (end >= (off_t)written && ftruncate(fd, end - (off_t)written))
        return;
}

/* So that a line that was changed, taken out or put in later is seen at the next one. */
static void add_chain(struct journal *j)
{
    char sum[65];

    digest_so_far(j->chain, sum);
    buf_adds(&j->line, JOURNAL_CHAIN);
    buf_add(&j->line, sum, JOURNAL_CHAIN_DIGITS);
    buf_add(&j->line, "\"}\n", 3);
    digest_add(j->chain, j->line.p, j->line.n);
}

/* One write(2), unless the kernel takes only a part. */
static void end_line(struct journal *j)
{
    size_t written = 0;

    add_chain(j);
    while (written < j->line.n) {
        ssize_t done = write(j->fd, j->line.p + written, j->line.n - written);

        if (done > 0) {
            written += (size_t)done;
        } else if (done == 0 || errno != EINTR) {
            err_set(&j->failed, E_ENV, "can't write the journal %s: %s", j->path,
                    done == 0 ? "nothing was written" : strerror(errno));
            take_back(j->fd, written);
            break;
        }
    }
    if (j->line.cap > 4 * BODY_WHOLE) /* don't keep what one giant line needed */
        buf_done(&j->line);
}

/* Members that every line has already. */
static bool reserved(const char *key, bool scenario)
{
    return strcmp(key, "seq") == 0 || strcmp(key, "t") == 0 || strcmp(key, "kind") == 0 ||
           strcmp(key, "chain") == 0 || (scenario && strcmp(key, "scenario") == 0);
}

static void add_members(struct journal *j, json_t *object, bool scenario)
{
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i))
        if (!reserved(json_object_iter_key(i), scenario))
            add_object_member(j, json_object_iter_key(i), json_object_iter_value(i),
                              OURS);
}

void journal_event(struct journal *j, uint64_t now, const char *kind,
                   const char *scenario, json_t *event)
{
    if (!j->failed.set) {
        begin_line(j, since(j, now), kind, scenario);
        add_members(j, event, scenario != NULL);
        end_line(j);
    }
    json_decref(event);
}

/* ---- exchanges ---- */

static bool is_credential(const char *field)
{
    return strcasecmp(field, "Authorization") == 0 ||
           strcasecmp(field, "Proxy-Authorization") == 0;
}

/* ["name","value"] */
static void add_field(struct journal *j, const char *name, size_t name_n,
                      const char *value, size_t value_n)
{
    buf_addc(&j->line, '[');
    add_text(j, name, name_n);
    buf_addc(&j->line, ',');
    if (is_credential(name)) {
        buf_reset(&j->plain);
        buf_adds(&j->plain, ""); /* so that p is not NULL */
        secrets_add_authorization(&j->mask, &j->plain, value);
        add_numberless(j, j->plain.p, j->plain.n);
    } else {
        add_text(j, value, value_n);
    }
    buf_addc(&j->line, ']');
}

/* Most fields are the same in every exchange. */
static void add_usual_field(struct journal *j, const struct http_field *f)
{
    size_t name_n = strlen(f->name), value_n = strlen(f->value), before = j->line.n;
    size_t n = name_n + 1 + value_n, made_n;
    char key[MEMO_KEY_MAX];
    const char *made = NULL;

    if (n <= sizeof key) { /* name and value with the NUL between them */
        memcpy(key, f->name, name_n + 1);
        memcpy(key + name_n + 1, f->value, value_n);
        made = memo_get(j->fields, key, n, &made_n);
    }
    if (made) {
        buf_add(&j->line, made, made_n);
        return;
    }
    add_field(j, f->name, name_n, f->value, value_n);
    if (n <= sizeof key)
        memo_put(j->fields, key, n, j->line.p + before, j->line.n - before);
}

static void add_fields(struct journal *j, const struct http_fields *f)
{
    add_name(&j->line, "fields");
    buf_addc(&j->line, '[');
    for (size_t i = 0; i < f->n; i++) {
        if (i > 0)
            buf_addc(&j->line, ',');
        add_usual_field(j, &f->v[i]);
    }
    buf_addc(&j->line, ']');
}

static bool inside_number(const char *s, size_t at)
{
    return s[at - 1] >= '0' && s[at - 1] <= '9' && s[at] >= '0' && s[at] <= '9';
}

/* Where to cut a large body: not inside a number, which could no longer be seen to be one
 * of a person, and not inside a UTF-8 character. */
static size_t cut_at(const char *s)
{
    size_t at = BODY_CUT;

    while (at > 0 && (inside_number(s, at) || ((unsigned char)s[at] & 0xC0) == 0x80))
        at--;
    return at;
}

static void add_body(struct journal *j, const char *body, size_t n)
{
    if (!body)
        return;
    add_name(&j->line, "body");
    if (n <= BODY_WHOLE) {
        add_text(j, body, n);
    } else {
        char sum[65];

        add_text(j, body, cut_at(body));
        digest_hex(body, n, sum);
        add_member_u64(j, "bytes", n);
        add_name(&j->line, "sha256");
        buf_addc(&j->line, '"');
        buf_add(&j->line, sum, 64);
        buf_addc(&j->line, '"');
    }
}

static void add_request(struct journal *j, const struct http_request *r)
{
    add_name(&j->line, "request");
    buf_addc(&j->line, '{');
    add_member(j, "method", r->method);
    add_member(j, "target", r->target);
    add_fields(j, &r->fields);
    add_body(j, r->body, r->body_n);
    buf_addc(&j->line, '}');
}

static void add_response(struct journal *j, const struct http_response *r)
{
    add_name(&j->line, "response");
    buf_addc(&j->line, '{');
    add_member_u64(j, "status", r->status > 0 ? (uint64_t)r->status : 0);
    add_fields(j, &r->fields);
    add_body(j, r->body, r->body_n);
    buf_addc(&j->line, '}');
}

static void add_json(struct journal *j, const char *name, const json_t *v)
{
    if (!v)
        return;
    add_name(&j->line, name);
    add_value(j, v, PEERS);
}

void journal_exchange(struct journal *j, const struct exchange *x)
{
    if (j->failed.set)
        return;
    begin_line(j, since(j, x->ended), "exchange", x->scenario);
    add_member(j, "from", x->from);
    add_member(j, "to", x->to);
    add_member(j, "side", x->side);
    add_member(j, "op", x->operation);
    add_member(j, "url", x->url);
    add_member_u64(j, "began", since(j, x->began));
    add_member_u64(j, "ended", since(j, x->ended));
    add_member(j, "outcome", x->outcome);
    if (x->request)
        add_request(j, x->request);
    if (x->response)
        add_response(j, x->response);
    add_member(j, "fault", x->fault);
    add_json(j, "message", x->message);
    add_json(j, "answer", x->answer);
    add_json(j, "faults", x->faults);
    add_member(j, "step", x->step);
    if (x->extra)
        add_members(j, x->extra, x->scenario != NULL);
    end_line(j);
}
