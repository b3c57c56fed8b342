/* JSON Schema: URIs, and the references that they stand for. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/profile/schema_impl.h"

#define URI_MAX (1 << 20)

/* The parts of a URI reference (RFC 3986 appendix B); n is 0 and p NULL when absent. */
struct part {
    const char *p;
    size_t n;
};

struct uri {
    struct part scheme, authority, path, query, fragment;
};

static struct uri uri_split(const char *s)
{
    struct uri u = {.path = {s, 0}};
    size_t n = strcspn(s, ":/?#");

    if (s[n] == ':' && n > 0) {
        u.scheme = (struct part){s, n};
        s += n + 1;
    }
    if (s[0] == '/' && s[1] == '/') {
        u.authority = (struct part){s + 2, strcspn(s + 2, "/?#")};
        s = u.authority.p + u.authority.n;
    }
    u.path = (struct part){s, strcspn(s, "?#")};
    s += u.path.n;
    if (*s == '?') {
        u.query = (struct part){s + 1, strcspn(s + 1, "#")};
        s = u.query.p + u.query.n;
    }
    if (*s == '#')
        u.fragment = (struct part){s + 1, strlen(s + 1)};
    return u;
}

/* RFC 3986 section 5.2.4, on a path in memory of its own. */
static void remove_dots(char *path)
{
    size_t to = 0, n = strlen(path);
    bool rooted = path[0] == '/';

    for (size_t from = 0; from <= n;) {
        size_t len = strcspn(path + from, "/");
        bool last = from + len >= n;

        if (len == 2 && memcmp(path + from, "..", 2) == 0) {
            size_t floor = rooted ? 1 : 0;

            if (to > floor) {
                for (to--; to > floor && path[to - 1] != '/'; to--)
                    ;
            }
        } else if (!(len == 1 && path[from] == '.')) {
            memmove(path + to, path + from, len);
            to += len;
            if (!last)
                path[to++] = '/';
        }
        from += len + 1;
    }
    path[to] = '\0';
}

char *uri_resolve(const char *base, const char *ref)
{
    struct uri b = uri_split(base), r = uri_split(ref), t = r;
    struct buf path, out;
    char *text;

    buf_init(&path, URI_MAX);
    buf_init(&out, URI_MAX);
    buf_add(&path, r.path.p, r.path.n);
    if (!r.scheme.p) {
        t.scheme = b.scheme;
        if (!r.authority.p) {
            t.authority = b.authority;
            if (r.path.n == 0) {
                buf_reset(&path);
                buf_add(&path, b.path.p, b.path.n);
                if (!r.query.p)
                    t.query = b.query;
            } else if (r.path.p[0] != '/') {
                size_t keep = b.path.n;

                while (keep > 0 && b.path.p[keep - 1] != '/')
                    keep--;
                buf_reset(&path);
                if (b.authority.p && b.path.n == 0)
                    buf_addc(&path, '/');
                buf_add(&path, b.path.p, keep);
                buf_add(&path, r.path.p, r.path.n);
            }
        }
    }
    if (t.scheme.p)
        buf_addf(&out, "%.*s:", (int)t.scheme.n, t.scheme.p);
    if (t.authority.p)
        buf_addf(&out, "//%.*s", (int)t.authority.n, t.authority.p);
    text = buf_take(&path, NULL);
    remove_dots(text);
    buf_adds(&out, text);
    free(text);
    if (t.query.p)
        buf_addf(&out, "?%.*s", (int)t.query.n, t.query.p);
    if (r.fragment.p)
        buf_addf(&out, "#%.*s", (int)r.fragment.n, r.fragment.p);
    buf_done(&path);
    return buf_take(&out, NULL);
}

char *uri_of_path(const char *path)
{
    char *absolute = realpath(path, NULL);
    const char *s = absolute ? absolute : path;
    struct buf out;

    buf_init(&out, URI_MAX);
    buf_adds(&out, "file://");
    for (; *s; s++) {
        if (strchr("%?#", *s))
            buf_addf(&out, "%%%02X", (unsigned)(unsigned char)*s);
        else
            buf_addc(&out, *s);
    }
    free(absolute);
    return buf_take(&out, NULL);
}

/* Undoes percent-encoding in place. */
static void percent_decode(char *s)
{
    char *to = s;

    for (; *s; s++) {
        unsigned v;

        if (*s == '%' && strspn(s + 1, "0123456789abcdefABCDEF") >= 2 &&
            sscanf(s + 1, "%2x", &v) == 1 && v) {
            *to++ = (char)v;
            s += 2;
        } else {
            *to++ = *s;
        }
    }
    *to = '\0';
}

void node_pointer(const struct node *n, struct buf *out)
{
    const struct node **chain;
    size_t depth = 0;

    for (const struct node *i = n; i->parent; i = i->parent)
        depth++;
    chain = xmalloc((depth + 1) * sizeof *chain);
    for (size_t i = depth; n->parent; n = n->parent)
        chain[--i] = n;
    for (size_t i = 0; i < depth; i++) {
        json_pointer_add(out, chain[i]->keyword);
        if (chain[i]->name)
            json_pointer_add(out, chain[i]->name);
        if (chain[i]->index != SIZE_MAX)
            buf_addf(out, "/%zu", chain[i]->index);
    }
    free(chain);
}

void place_key(char *out, size_t size, const void *container, const char *token)
{
    snprintf(out, size, "%p/%s", container, token);
}

static void pointer_unescape(char *s)
{
    char *to = s;

    for (; *s; s++) {
        if (*s == '~' && (s[1] == '0' || s[1] == '1'))
            *to++ = *++s == '0' ? '~' : '/';
        else
            *to++ = *s;
    }
    *to = '\0';
}

static const json_t *member_of(const json_t *v, const char *token)
{
    if (json_is_object(v))
        return json_object_get(v, token);
    if (json_is_array(v) && *token && strspn(token, "0123456789") == strlen(token))
        return json_array_get(v, strtoul(token, NULL, 10));
    return NULL;
}

/* The subschema at a JSON pointer (not "") within a resource, or NULL. */
static struct node *node_by_pointer(const struct schema *s, const struct resource *r,
                                    const char *pointer)
{
    const json_t *at = r->root->json, *container = NULL;
    char *text = xstrdup(pointer), *token = text, *key;
    struct node *n = NULL;

    for (char *next = text; next && at;) {
        token = next + 1;
        next = strchr(token, '/');
        if (next)
            *next = '\0';
        pointer_unescape(token);
        container = at;
        at = member_of(at, token);
    }
    if (at) {
        size_t size = strlen(token) + 40;

        key = xmalloc(size);
        place_key(key, size, container, token);
        n = map_get(s->places, key);
        free(key);
    }
    free(text);
    return n;
}

/* A file beside the one in which n stands, when ref is a relative path. */
static int load_beside(struct schema *s, const struct node *n, const char *keyword,
                       const char *ref, const char *uri, struct resource **out,
                       struct err *e)
{
    struct uri parts = uri_split(ref);
    const char *from = n->resource->document->path;
    struct document *d;
    char *name, *path;
    int rc;

    if (!from || parts.scheme.p || parts.authority.p || parts.path.n == 0 ||
        parts.path.p[0] == '/')
        return schema_err(n, keyword, e, "no document is known as %s", uri);
    name = xstrndup(parts.path.p, parts.path.n);
    percent_decode(name);
    path = file_beside(from, name);
    rc = schema_add_file(s, path, uri, &d, e);
    if (rc == 0)
        *out = d->root->resource;
    free(path);
    free(name);
    return rc;
}

static int find_resource(struct schema *s, const struct node *n, const char *keyword,
                         const char *ref, const char *uri, struct resource **out,
                         struct err *e)
{
    struct document *d;
    int rc;

    *out = map_get(s->by_uri, uri);
    if (*out)
        return 0;
    if (!meta_text(uri))
        return load_beside(s, n, keyword, ref, uri, out, e);
    rc = schema_add(s, json_loads(meta_text(uri), 0, NULL), uri, NULL, &d, e);
    if (rc == 0)
        *out = d->root->resource;
    return rc;
}

/* The node that a reference means. *anchor gets its fragment when that is a plain name;
 * the caller frees. */
static int find_target(struct schema *s, const struct node *n, const char *keyword,
                       const char *ref, struct node **out, char **anchor, struct err *e)
{
    char *uri = uri_resolve(n->resource->uri, ref), *fragment = strchr(uri, '#');
    struct resource *r;
    int rc;

    if (fragment) {
        *fragment++ = '\0';
        percent_decode(fragment);
    }
    rc = find_resource(s, n, keyword, ref, uri, &r, e);
    if (rc == 0) {
        if (!fragment || !*fragment)
            *out = r->root;
        else if (*fragment == '/')
            *out = node_by_pointer(s, r, fragment);
        else
            *out = map_get(r->anchors, fragment);
        if (!*out)
            rc = schema_err(n, keyword, e, "\"%s\" does not lead to a schema", ref);
        else if (fragment && *fragment && *fragment != '/')
            *anchor = xstrdup(fragment);
    }
    free(uri);
    return rc;
}

static int bind_node(struct schema *s, struct node *n, struct err *e)
{
    const json_t *ref = json_object_get(n->json, "$ref");
    const json_t *dynamic = json_object_get(n->json, "$dynamicRef");
    struct node *target = NULL;
    char *anchor = NULL;
    int rc = 0;

    if (ref) {
        rc = find_target(s, n, "$ref", json_string_value(ref), &target, &anchor, e);
        n->logic->ref = target;
        free(anchor);
        anchor = NULL;
    }
    if (dynamic && rc == 0) {
        const char *name;

        rc = find_target(s, n, "$dynamicRef", json_string_value(dynamic), &target,
                         &anchor, e);
        n->logic->dynamic_ref = target;
        name = rc ? NULL
                  : json_string_value(json_object_get(target->json, "$dynamicAnchor"));
        /* Core 8.2.3.2: it is only dynamic when it first leads to a $dynamicAnchor. */
        if (anchor && name && strcmp(name, anchor) == 0) {
            n->logic->dynamic_name = name;
            s->dynamic = true;
        }
        free(anchor);
    }
    return rc;
}

/* The schemas that apply to the same place as n, one after another; NULL at the end. A
 * $dynamicRef is left out: where it leads is only known while checking, which has a limit
 * of its own. */
static const struct node *next_in_place(const struct node *n, size_t i)
{
    const struct logic *l = n->logic;
    const struct node *single[] = {NULL, NULL, NULL, NULL, NULL, NULL};
    const struct nodes *lists[] = {NULL, NULL, NULL};

    if (!l)
        return NULL;
    single[0] = l->ref;
    single[1] = l->dynamic_name ? NULL : l->dynamic_ref;
    single[2] = l->not_;
    single[3] = l->if_;
    single[4] = l->then_;
    single[5] = l->else_;
    for (size_t k = 0; k < ARRAY_LEN(single); k++)
        if (single[k] && i-- == 0)
            return single[k];
    lists[0] = &l->all;
    lists[1] = &l->any;
    lists[2] = &l->one;
    for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
        if (i < lists[k]->n)
            return lists[k]->v[i];
        i -= lists[k]->n;
    }
    return i < l->n_dependents ? l->dependents[i].node : NULL;
}

/* Refuses schemas that would apply themselves to the same place for ever. A walk in depth
 * with its own stack; mark is 1 while a node is on it, 2 when done. */
static int refuse_loops(struct schema *s, struct err *e)
{
    struct {
        struct node *node;
        size_t next;
    } *stack = xcalloc(s->n_nodes + 1, sizeof *stack);
    int rc = 0;

    for (size_t i = 0; i < s->n_nodes && rc == 0; i++) {
        size_t depth = 0;

        if (s->nodes[i]->mark)
            continue;
        stack[depth++].node = s->nodes[i];
        stack[0].next = 0;
        s->nodes[i]->mark = 1;
        while (depth > 0 && rc == 0) {
            struct node *top = stack[depth - 1].node, *next;

            next = (struct node *)(uintptr_t)next_in_place(top, stack[depth - 1].next++);
            if (!next) {
                top->mark = 2;
                depth--;
            } else if (next->mark == 1) {
                rc = schema_err(top, "", e, "this schema applies itself without end");
            } else if (!next->mark) {
                next->mark = 1;
                stack[depth].node = next;
                stack[depth++].next = 0;
            }
        }
    }
    free(stack);
    return rc;
}

int schema_bind(struct schema *s, struct err *e)
{
    /* Documents that are loaded on the way add nodes at the end. */
    for (size_t i = 0; i < s->n_nodes; i++) {
        int rc = s->nodes[i]->logic ? bind_node(s, s->nodes[i], e) : 0;

        if (rc)
            return rc;
    }
    return refuse_loops(s, e);
}
