/*
 * Inside the profile room: what a loaded profile is made of. The canonical side (which
 * messages and fields exist, of which kind) is a table in profile_model.c; where they
 * stand on the wire comes from the profile's file.
 */
#ifndef PROFILE_DATA_H
#define PROFILE_DATA_H

#include "harness/base/buf.h"
#include "harness/profile/profile.h"
#include "harness/profile/schema.h"

#define MAX_BODY   ((size_t)256 << 20) /* of anything that is written here */
#define MAX_FAULTS 1000                /* the contract's own maximum for one answer */

/* ---- the canonical side ---- */
enum kind {
    KIND_TEXT,
    KIND_TIME,   /* when_format() text */
    KIND_NUMBER, /* an integer */
    KIND_FLAG,
    KIND_CODE,   /* text, translated by the code table `of` */
    KIND_TEXTS,  /* an array of text */
    KIND_OBJECT, /* of message `of` */
    KIND_LIST,   /* an array of message `of` */
};
struct model_field {
    const char *name;
    enum kind kind;
    bool optional;
    const char *of;
};
struct model {
    const char *name;
    const struct model_field *fields;
    size_t n;
};
extern const struct model profile_models[];
extern const size_t profile_models_n;

struct model_codes {
    const char *name;
    const char *const *values; /* NULL-terminated */
};
extern const struct model_codes profile_model_codes[];
extern const size_t profile_model_codes_n;

/* What the operations speak of; NULL: no mapping (RFC 6749's own names, or a document).
 */
struct model_op {
    const char *name;
    const char *request, *response; /* messages */
    bool outgoing;                  /* the koppelpunt's own call: it has no path here */
};
extern const struct model_op profile_model_ops[OP_COUNT];

struct model_problem {
    const char *name; /* in the profile's file */
    const char *code; /* the contract's */
    int status;
};
extern const struct model_problem profile_model_problems[PROBLEM_COUNT];

/* ---- the wire's side ---- */
struct code {
    char *canonical, *wire;
};
struct codes {
    const char *name;
    struct code *v;
    size_t n;
};

struct shape;
struct mapped {
    const struct model_field *field;
    char **at; /* keys from the message down; none: the fields stand in the parent */
    size_t depth;
    const struct shape *of;
    const struct codes *codes;
};
struct shape {
    const struct model *model;
    struct mapped *v;
    size_t n;
};

enum body_form { BODY_NONE, BODY_JSON, BODY_FORM };
enum auth_mode { AUTH_BEARER, AUTH_API_KEY };
enum paging_mode { PAGING_CURSOR, PAGING_PAGES };

struct operation {
    const char *name;
    char *method, *path, *scope; /* path NULL: a call to somewhere else */
    size_t path_n;
    bool with_id; /* behind the path stands one segment more: an id */
    char *media;  /* of the request's body */
    enum body_form body;
    const struct shape *request, *response; /* NULL: passed on as it is */
    struct schema *request_schema, *response_schema;
    int status;
    size_t limit;
    struct http_fields fields; /* general ones, own ones and Content-Type */
    char *document;            /* openapi: the text to answer with */
    size_t document_n;
};

/* A text with slots: what profile_page_* writes. */
enum slot {
    SLOT_END,
    SLOT_VOLGNUMMER,
    SLOT_AANMELD_ID,
    SLOT_BSN,
    SLOT_STATUS,
    SLOT_STATUS_BEGIN,
    SLOT_INSTELLING,
    SLOT_INSTELLING_NAAM,
    SLOT_OPLEIDING,
    SLOT_OPLEIDING_NAAM,
    SLOT_ENTRIES,
    SLOT_VOLGENDE,
    SLOT_MEER,
    SLOT_NUMBER,
    SLOT_COUNT
};
struct piece {
    char *text; /* literal that goes before the slot */
    size_t n;
    enum slot slot;
};
struct text_plan {
    struct piece v[SLOT_COUNT + 1];
    size_t n;
};

/* Where the fields of a page stand, so that nobody looks them up by name. */
struct page_fields {
    const struct mapped *volgnummer, *aanmeld_id, *vervallen, *bsn, *status,
        *status_begin, *instelling, *opleiding;  /* of an entry */
    const struct mapped *list, *volgende, *meer; /* of the page */
};

struct problem_data {
    char *code; /* on the wire */
    char *head; /* {"type":..,"title":..,"status":..,"detail":.. without the brace */
    size_t head_n;
};

struct profile {
    char *name;
    json_t *data; /* the file itself */
    char *schemas_dir;
    struct operation ops[OP_COUNT];
    struct shape *shapes; /* one per profile_models[] */
    struct codes *codes;  /* one per profile_model_codes[] */
    char *status_wire[STATUS_COUNT];
    size_t status_wire_n[STATUS_COUNT];
    struct codes reden; /* optional table of fault codes */
    struct problem_data problems[PROBLEM_COUNT];
    struct schema *problem_schema;
    const struct shape *problem, *fout;
    struct http_fields general, problem_fields;
    struct http_fields over_tls; /* of every answer over TLS besides */
    char *request_id, *media, *media_problem, *realm, *type_prefix;
    enum auth_mode auth;
    char *auth_field; /* "Authorization", or that of the key */
    enum paging_mode paging;
    char *key_sinds, *key_limiet;
    char *key_pagina;     /* pages: query key of the page number */
    struct mapped number; /* pages: where the number stands in an answer */
    int page_default, page_max;
    struct text_plan entry, lapsed, frame[OP_COUNT];
    struct page_fields page_fields;
    json_t *openapi;
};

/* ---- profile_map.c ---- */
const struct shape *shape_of(const struct profile *p, const char *model);
/* The field of a name; NULL: the model has none. */
const struct mapped *shape_field(const struct shape *s, const char *name);
const char *code_wire(const struct codes *c, const char *canonical); /* NULL: unknown */
const char *code_canonical(const struct codes *c, const char *wire); /* NULL: unknown */
/* Canonical to wire. Keys that the model does not know, and values of another type, are
 * passed on as they are: scenarios send them on purpose. */
json_t *map_write(const struct shape *s, const json_t *canonical);
/* Wire to canonical: what is there and of the right type. Elements of a list that are no
 * objects are left out, or stand as {} when `places` asks to keep the numbering. */
json_t *map_read(const struct shape *s, const json_t *wire, bool places);
/* All fields that are not optional are there (of the message itself, not of its parts).
 */
bool map_complete(const struct shape *s, const json_t *canonical);
/* Adds a fault for each time that is no real moment (30 February), unless its place has
 * one already. */
void map_check_times(const struct shape *s, const json_t *wire, json_t *faults);
void map_pointer_to_wire(const struct shape *s, const char *canonical, struct buf *out);
void map_pointer_to_canonical(const struct shape *s, const char *wire, struct buf *out);

/* ---- profile_flat.c ---- */
/* From the message at *i to the place of a field; false when nothing is there. */
bool flat_place(const struct flat *f, const struct mapped *m, uint32_t *i);
/* Lays a body flat; false when it is not for this reader or the schema finds a fault. */
bool flat_valid(struct flat *f, const struct schema *schema, const char *body, size_t n);
/* As map_read; NULL when anything in it is odd. */
json_t *flat_message(const struct flat *f, const struct shape *s);
/* The canonical message of a request's body, and of a response (with the client's cursor,
 * and complete): NULL where that is to be asked of the slow way. */
json_t *flat_request(const struct operation *o, const char *body, size_t n);
json_t *flat_response(const struct profile *p, enum op op,
                      const struct http_response *resp);
/* As paging_number. */
json_int_t flat_number(const struct profile *p, const struct flat *f);

/* ---- profile_paging.c ---- */
void paging_ask(const struct profile *p, const json_t *canonical, struct buf *target);
/* The query as a canonical message. 0, or E_INVALID with *why filled. */
int paging_read(const struct profile *p, const struct http_request *req,
                json_t **canonical, struct rejection *why);
/* The number of the page that a request asks for; 1 where there are no numbers. */
int paging_page(const struct profile *p, const struct http_request *req);
/* Steals `number`; does nothing in the mode `cursor`. */
void paging_put_number(const struct profile *p, json_t *wire, json_t *number);
json_t *paging_answer(const struct profile *p, const struct http_request *req,
                      const json_t *canonical);
/* The number that a page says it has; 1 when it says none. */
json_int_t paging_number(const struct profile *p, const json_t *wire);
/* What the client is to go on with, made of a page's number, its `volgende` and whether
 * there is more; the caller frees. */
char *paging_cursor(const struct profile *p, json_int_t number, const char *volgende,
                    bool meer);
/* Puts that in the place of what the page said. */
void paging_understood(const struct profile *p, json_int_t number, json_t *canonical);

/* ---- profile_page.c ---- */
/* Makes the plans of a loaded profile. 0 or E_INVALID. */
int page_plan(struct profile *p, struct err *e);
void page_plan_free(struct profile *p);

/* ---- profile_page_read.c ---- */
void page_fields_find(struct profile *p);

/* ---- profile_server.c ---- */
/* Everything of an answer but the body: fields and the echoed X-Request-Id. */
void answer_fields(const struct profile *p, const struct http_fields *ready,
                   const struct http_request *req, struct http_response *out);

/* ---- openapi.c ---- */
int openapi_make(struct profile *p, struct err *e);

/* ---- profile_form.c ---- */
/* application/x-www-form-urlencoded in place: '+' and %XX. False on bad escapes or NUL.
 */
bool form_decode(char *s);
/* A query value: %XX only (RFC 3986). Writes at most cap - 1 bytes. */
bool query_decode(const char *s, size_t n, char *out, size_t cap);
/* The form of the token endpoint into {"name":"value"}; a name given twice is an error:
 * *twice is set to it (owned by the object's key). False when unreadable. */
bool form_read(const char *body, size_t n, json_t **out, bool *twice);
bool basic_read(const char *authorization, char **id, char **secret);

#endif
