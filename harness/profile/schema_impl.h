/*
 * The inside of the JSON Schema compiler, shared by schema*.c only. A schema document
 * becomes a graph of nodes, one for every subschema, with its keywords turned into
 * tables; checking walks that graph and the instance together and looks nothing up by
 * name but the instance's own keys.
 */
#ifndef PROFILE_SCHEMA_IMPL_H
#define PROFILE_SCHEMA_IMPL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/map.h"
#include "harness/profile/schema.h"

/* What an instance is; "integer" is KIND_INTEGER, "number" both number kinds. */
enum kind {
    KIND_NULL = 1,
    KIND_BOOLEAN = 2,
    KIND_INTEGER = 4, /* a number without a fraction: 1 and 1.0 */
    KIND_FRACTION = 8,
    KIND_STRING = 16,
    KIND_ARRAY = 32,
    KIND_OBJECT = 64,
};
enum kind kind_of(const json_t *v);

struct node;
struct regex;
struct regex_room;

struct nodes {
    const struct node **v;
    size_t n;
};

/* numbers and their limits; NULL: no such keyword */
struct numbers {
    const json_t *multiple_of, *minimum, *exclusive_minimum, *maximum, *exclusive_maximum;
};

struct format {
    const char *name;
    bool (*ok)(const char *s, size_t n); /* NULL: known, but cannot be asserted */
};
const struct format *format_by_name(const char *name);

struct strings {
    size_t min, max; /* in code points */
    struct regex *pattern;
    const char *pattern_text;
    const struct format *format;
};

struct arrays {
    struct nodes prefix;
    const struct node *items, *contains, *unevaluated;
    size_t min, max, min_contains, max_contains;
    bool unique;
};

/* One slot of a table of names: a property (from properties, from required or both), or
 * a value of enum. */
struct slot {
    const char *name; /* NULL: free */
    size_t n;
    uint32_t hash;
    bool required;
    const struct node *node; /* NULL: only required, or of enum */
};

struct table {
    struct slot *v; /* mask + 1 of them, at least one free; NULL: no table */
    size_t mask;
};

static inline uint32_t name_hash(const char *s, size_t n)
{
    uint32_t h = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 16777619u;
    return h;
}

/* The slot of a name, or the free one where it belongs. */
static inline struct slot *table_slot(const struct table *t, const char *s, size_t n)
{
    uint32_t h = name_hash(s, n);
    size_t i = h & t->mask;

    while (t->v[i].name &&
           (t->v[i].hash != h || t->v[i].n != n || memcmp(t->v[i].name, s, n) != 0))
        i = (i + 1) & t->mask;
    return &t->v[i];
}

struct pattern_prop {
    struct regex *regex;
    const struct node *node;
};

struct dependent {
    const char *name;
    const struct node *node;
};

struct objects {
    struct table names_known;
    size_t required;              /* how many of them are */
    const json_t *required_names; /* in the schema's order */
    const json_t *properties, *pattern_properties, *dependent_required;
    struct pattern_prop *patterns;
    size_t n_patterns;
    const struct node *additional, *names, *unevaluated;
    size_t min, max;
};

/* what applies to the same place of the instance */
struct logic {
    const struct node *ref;
    const struct node *dynamic_ref;
    const char *dynamic_name; /* not NULL: look the anchor up in the dynamic scope */
    struct nodes all, any, one;
    const struct node *not_, *if_, *then_, *else_;
    const json_t *dependent_schemas;
    struct dependent *dependents;
    size_t n_dependents;
};

struct anchor {
    const char *name;
    const struct node *node;
};

/* A schema resource (core 4.3.5): what one URI names. */
struct resource {
    char *uri; /* without fragment */
    struct node *root;
    struct document *document;
    size_t index;
    struct map *anchors;     /* $anchor and $dynamicAnchor: name to node */
    struct anchor *dynamics; /* the latter again */
    size_t n_dynamics;
};

struct document {
    json_t *json; /* our copy */
    char *uri;    /* where it was got */
    char *path;   /* its file, NULL when there is none */
    struct node *root;
};

struct node {
    const struct node *parent; /* the schema it stands in, NULL at a document's root */
    const char *keyword;       /* by which keyword of parent, "" at the root */
    const char *name;          /* and under which name of that keyword, or NULL */
    size_t index;              /* or which element, SIZE_MAX: none */
    const json_t *json;
    struct resource *resource;
    int fixed;      /* the schemas true (1) and false (-1) */
    unsigned types; /* KIND_* mask; 0: any */
    const json_t *constant, *values;
    struct table texts; /* the values of a long enum of strings */
    struct numbers *numbers;
    struct strings *strings;
    struct arrays *array;
    struct objects *object;
    struct logic *logic;
    int mark; /* for the search for endless references */
};

struct schema {
    unsigned flags;
    struct document **documents;
    size_t n_documents;
    struct resource **resources;
    size_t n_resources;
    struct map *by_uri; /* URI to resource */
    struct map *places; /* where a subschema stands in its JSON (place_key) to its node */
    struct node **nodes;
    size_t n_nodes;
    struct regex **regexes;
    size_t n_regexes;
    void **kept; /* other memory that lives as long as the schema */
    size_t n_kept;
    bool dynamic; /* some $dynamicRef needs the dynamic scope */
};

/* Zeroed memory that lives as long as s. */
void *schema_keep(struct schema *s, size_t size);
/* Makes room for one more element of a list; returns its place. */
void *list_grow(void *list_pointer, size_t *n, size_t size);

/* ---- schema_keyword.c ---- */
/* Where a subschema stands: document, then as in struct node, and what holds it. */
struct spot {
    struct document *document;
    const struct node *parent;
    const char *keyword, *name;
    size_t index;
    const void *container;
};
/* Makes the node of a schema and those below it. */
int schema_walk(struct schema *s, const json_t *json, const struct spot *spot,
                struct node **out, struct err *e);

/* ---- schema.c ---- */
/* Takes a document in: walks it and makes its nodes. json is taken over. */
int schema_add(struct schema *s, json_t *json, const char *uri, const char *path,
               struct document **out, struct err *e);
/* Reads a file and takes it in under uri. */
int schema_add_file(struct schema *s, const char *path, const char *uri,
                    struct document **out, struct err *e);
/* Gives a new node its resource: its own when it has $id or is a document's root. */
int schema_identify(struct schema *s, struct node *n, struct document *d, struct err *e);
/* Sets an error at a keyword of a node ("" for the node itself). Returns E_INVALID. */
int schema_err(const struct node *n, const char *keyword, struct err *e, const char *fmt,
               ...) __attribute__((format(printf, 4, 5)));

/* ---- schema_ref.c ---- */
/* RFC 3986 section 5.2; the fragment is kept. The caller frees. */
char *uri_resolve(const char *base, const char *ref);
/* "file://" and the absolute path. The caller frees. */
char *uri_of_path(const char *path);
void node_pointer(const struct node *n, struct buf *out);
/* Names where a subschema stands: the container's address and the key in it. */
void place_key(char *out, size_t size, const void *container, const char *token);
/* Binds every reference to its node, then refuses references that never end. */
int schema_bind(struct schema *s, struct err *e);

/* ---- schema_meta.c ---- */
/* The text of one of the draft's own meta-schemas, or NULL. */
const char *meta_text(const char *uri);

/* ---- schema_regex.c ---- */
/* Compiles an ECMA-262 pattern (with its u flag). NULL with `why` filled. */
struct regex *regex_new(const char *pattern, size_t n, char *why, size_t size);
void regex_free(struct regex *re);
enum regex_verdict { REGEX_NO, REGEX_YES, REGEX_STUCK };
/* Searches s for a match. *room holds what a match needs; it is made at the first. */
enum regex_verdict regex_match(const struct regex *re, struct regex_room **room,
                               const char *s, size_t n);
void regex_room_free(struct regex_room *room);
bool regex_is_valid(const char *pattern, size_t n);

/* ---- schema_check.c ---- */
/* Where the check stands in the instance. NULL is its root. */
struct at {
    const struct at *up;
    const char *key; /* NULL: an array's element */
    size_t key_n;
    size_t index; /* which member or element */
};

struct run {
    struct regex_room *room;
    struct faults *faults; /* NULL: only whether it is valid, stop at the first fault */
    const char *broken;    /* why the check could not go on; then it is invalid */
    unsigned depth;
    const char *stack; /* where it began */
    uint64_t steps;
    const struct resource **scope; /* the dynamic scope, outermost first */
    size_t n_scope;
    bool *entered; /* by resource index */
};

/* Whether to go on after a fault: only when faults are collected. */
static inline bool run_on(const struct run *r, bool ok)
{
    return (ok || r->faults) && !r->broken;
}

/* Checks one schema; with r->faults it visits all of the value. `seen` may be NULL. */
struct seen;
bool check_node(struct run *r, const struct node *n, json_t *v, const struct at *at,
                struct seen *seen);

/* ---- schema_number.c ---- */
int number_compare(const json_t *a, const json_t *b);
bool number_is_multiple(const json_t *v, const json_t *of);
bool check_number(struct run *r, const struct node *n, const json_t *v,
                  const struct at *at);
/* Reads a count of the schema (2 or 2.0); false when it is none. */
bool number_count(const json_t *v, size_t *out);
/* Walks over the elements that equal an earlier one. */
struct uniques;
struct uniques *uniques_new(const json_t *array);
void uniques_free(struct uniques *u);
bool uniques_next(struct uniques *u, size_t *index, size_t *earlier);
/* Whether all elements differ, without memory of its own for short arrays. */
bool all_unique(const json_t *array);

/* ---- schema_fault.c ---- */
struct fault {
    size_t *path; /* the indices from the root, for the order */
    size_t depth, serial;
    char *pointer, *text;
    const struct node *node;
    const char *keyword, *reden;
    const char *missing; /* an absent property's name, else NULL */
};

struct faults {
    struct fault *v;
    size_t n, max, serial;
    size_t *last; /* once the list was cut: the place of the last one kept */
    size_t last_depth;
};
void faults_done(struct faults *f);
/* How many of the first `max` bytes of s end with a whole character. */
int text_cut(const char *s, int max);
/* Sorts in document order, drops what is said twice, writes at most max. */
void faults_write(struct faults *f, const struct schema *s, json_t *out, size_t max);

/* Each returns false, and does nothing more when r collects no faults. */
bool fault_type(struct run *r, const struct node *n, const json_t *v,
                const struct at *at);
bool fault_value(struct run *r, const struct node *n, const struct at *at);
bool fault_limit(struct run *r, const struct node *n, const struct at *at,
                 const char *keyword, const char *reden, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
bool fault_missing(struct run *r, const struct node *n, const struct at *at,
                   const char *keyword, const char *name, const char *because);
bool fault_false(struct run *r, const struct node *n, const struct at *at);
/* None of the alternatives of anyOf or oneOf fits: says what that means. What any of them
 * looked at counts as seen, lest a field be called unknown for its wrong value. */
bool fault_choice(struct run *r, const struct node *n, json_t *v, const struct at *at,
                  struct seen *seen, const char *keyword,
                  const struct nodes *alternatives);
/* More than one of oneOf fits, the first of them is `first`. */
bool fault_many(struct run *r, const struct node *n, json_t *v, const struct at *at,
                size_t first);

#endif
