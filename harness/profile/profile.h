/*
 * The profile: the only room that knows the wire. It turns canonical messages into HTTP
 * and back, from data (fixtures/profiles/NAME.json and the schemas it names).
 *
 * A canonical message is a json_t object with the contract's own words:
 *   statusmeldingen.indienen    {"statusmeldingen":[melding...]}   ->
 * {"aangenomen":n,"dubbel":m} melding: meldingId ketenid [caketenid] bsn|onderwijsnummer
 * instellingserkenningscode opleidingcode leertrajectmbo [startmoment] status begindatum
 * statussource identificatie standen.indienen
 * {"instellingserkenningscode","peildatum","aanmeldingen":[..]}
 *                                                   ->
 * {"gewijzigd":n,"vervallen":m,"gelijk":k} aanmeldstatussen.ophalen
 * {["sinds"],["limiet"]}
 *        -> {"aanmeldstatussen":[entry...],"volgende":s,"meer":b}
 *     entry: volgnummer aanmeldId and either "vervallen":true or
 *     bsn status statusBegin instelling{code,naam} opleiding{code,naam}
 *   aanmeldstatussen.zoeken     {"bsns":[..]} -> {"aanmeldstatussen":[entry...]}
 *   token                       {"clientId","clientSecret",["scope"]}
 *        -> {"access_token","token_type","expires_in"}
 *   openapi, gezondheid         {} -> the document
 *   notificaties.abonneren      {"callbackUrl"} -> {"abonnementId","callbackUrl"}
 *   notificaties.opzeggen       {"abonnementId"} -> {}
 *   notificaties.melden         {"specversion":"1.0","id","source","type","time",
 *                                "datacontenttype","totVolgnummer"} -> any 2xx; `type` is
 *     "aanmeldstatussen-gewijzigd"; profile_ask leaves its target for the caller to fill
 * in Status values are the names of base/domain.h; times are when_format() text.
 */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include <jansson.h>

#include "harness/base/buf.h"
#include "harness/base/domain.h"
#include "harness/base/err.h"
#include "harness/base/flat.h"
#include "harness/base/when.h"
#include "harness/wire/http.h"

enum op {
    OP_NONE,
    OP_TOKEN,
    OP_INDIENEN,   /* statusmeldingen.indienen */
    OP_STAND,      /* standen.indienen */
    OP_OPHALEN,    /* aanmeldstatussen.ophalen */
    OP_ZOEKEN,     /* aanmeldstatussen.zoeken */
    OP_OPENAPI,    /* openapi */
    OP_GEZONDHEID, /* gezondheid */
    OP_ABONNEREN,  /* notificaties.abonneren */
    OP_OPZEGGEN,   /* notificaties.opzeggen */
    OP_MELDEN,     /* notificaties.melden: the koppelpunt's own call, to a callback */
    OP_COUNT
};
const char *op_name(enum op op); /* "statusmeldingen.indienen" */
enum op op_by_name(const char *name);

struct profile;

/* Loads NAME ("proef-1") from `dir` (the fixtures folder, e.g. profile_dir()), with all
 * schemas it names. Every operation and every canonical field must be mapped: what is
 * missing is refused with its name. */
int profile_load(const char *dir, const char *name, struct profile **out, struct err *e);
void profile_free(struct profile *p);
const char *profile_name(const struct profile *p);
/* Names of the profiles in dir, NULL-terminated; the caller frees each and the array. */
int profile_list(const char *dir, char ***names, struct err *e);

/* ---- problems (RFC 9457) ---- */
/* The problems of the contract: status and code (the last part of `type`). */
enum problem {
    PROBLEM_NONE,
    PROBLEM_INVALID,         /* 400 ongeldige-invoer, with fouten */
    PROBLEM_CURSOR_INVALID,  /* 400 ongeldige-cursor */
    PROBLEM_UNAUTHENTICATED, /* 401 niet-aangemeld + WWW-Authenticate */
    PROBLEM_FORBIDDEN,       /* 403 niet-toegestaan */
    PROBLEM_NOT_CONNECTED,   /* 403 nog-niet-aangesloten, with aansluitdatum */
    PROBLEM_WITHDRAWN,       /* 403 ingetrokken */
    PROBLEM_NOT_FOUND,       /* 404 niet-gevonden */
    PROBLEM_METHOD,          /* 405 methode-niet-toegestaan + Allow */
    PROBLEM_NOT_ACCEPTABLE,  /* 406 */
    PROBLEM_CONFLICT,        /* 409 melding-afwijkend */
    PROBLEM_GONE,            /* 410 cursor-verlopen */
    PROBLEM_TOO_LARGE,       /* 413 */
    PROBLEM_MEDIA_TYPE,      /* 415 */
    PROBLEM_TOO_MANY,        /* 429 + Retry-After */
    PROBLEM_UNAVAILABLE,     /* 503 + Retry-After */
    PROBLEM_INTERNAL,        /* 500 */
    PROBLEM_COUNT
};
int problem_status(enum problem p);

/* What is wrong with a message: a list of [{"pointer","reden"}] and the problem. */
struct rejection {
    enum problem problem;
    const char *oauth_error; /* token endpoint: RFC 6749 section 5.2's error, or NULL */
    json_t *fouten;          /* owned; NULL when none */
    char allow[64];          /* for 405 */
    double retry_after;      /* seconds, for 429 and 503 */
    when_t aansluitdatum;    /* for NOT_CONNECTED */
    /* profile_read: the message as far as it could be read although it breaks the schema
     * (list elements keep their index), so that a server can name its own faults too;
     * owned, NULL when unreadable. Any field may be absent. */
    json_t *readable;
};
void rejection_init(struct rejection *r);
void rejection_done(struct rejection *r);
/* Adds one fault at a canonical pointer; it is translated to the wire when written (query
 * parameters: "/sinds", "/limiet"). The first problem stays; a NULL pointer adds no
 * fault. Faults that profile_read found have a member "wire" too: where it is on the
 * wire. */
void rejection_add(struct rejection *r, enum problem problem,
                   const char *canonical_pointer, const char *reden);

/* ---- the server's side ---- */
/* Which operation a request is. On failure OP_NONE and *why filled (404, 405 + Allow).
 * No allocation on the way of a known operation. */
enum op profile_route(const struct profile *p, const char *method, const char *target,
                      struct rejection *why);
/* Query of aanmeldstatussen.ophalen, without jansson. 0, or E_INVALID with *why filled.
 * sinds is the cursor as this server gave it (profile_read gives the client's, which in a
 * profile with page numbers holds the number too). limiet is -1 when absent. sinds is
 * percent-decoded; has_sinds tells "absent". */
struct fetch_query {
    bool has_sinds;
    char sinds[512];
    int limiet;
};
int profile_fetch_query(const struct profile *p, const char *target,
                        struct fetch_query *q, struct rejection *why);
/* Reads a request's body into a canonical message (new reference): content type, content
 * encoding, size, JSON, schema. 0, or E_INVALID with *why filled (415, 413, 400 ...).
 * For OP_TOKEN it reads Basic authentication and the form. */
int profile_read(const struct profile *p, enum op op, const struct http_request *req,
                 json_t **canonical, struct rejection *why);
/* The bearer token of a request (borrowed, after "Bearer "), or NULL. */
const char *profile_bearer(const struct profile *p, const struct http_request *req);
/* The scope that an operation needs; NULL when it needs no token, and everywhere in a
 * profile that has keys instead of tokens (profile_bearer then gives the key, and the
 * clientSecret is what profile_ask is given as token). */
const char *profile_scope(const struct profile *p, enum op op);
/* True when the Accept field allows what the operation answers with. */
bool profile_acceptable(const struct profile *p, enum op op,
                        const struct http_request *req);

/* The answer to a successful call: status, body, content type and the general fields
 * (API-Version, Cache-Control, ..., X-Request-Id echoed by the contract's rule). */
void profile_answer(const struct profile *p, enum op op, const struct http_request *req,
                    const json_t *canonical, struct http_response *out);
/* A refusal, likewise. */
void profile_refuse(const struct profile *p, const struct http_request *req,
                    const struct rejection *why, struct http_response *out);
/* The OpenAPI 3.1 document of this profile (borrowed). */
const json_t *profile_openapi(const struct profile *p);

/* The quick way for pages, without jansson. */
struct entry {
    uint64_t volgnummer;
    char aanmeld_id[37];
    bool vervallen; /* then nothing below is written */
    char bsn[10];
    enum status status;
    when_t status_begin;
    const char *instelling, *instelling_naam; /* code and name */
    const char *opleiding, *opleiding_naam;
};
struct page; /* being written */
struct page *profile_page_new(const struct profile *p,
                              enum op op); /* OPHALEN or ZOEKEN */
void profile_page_add(struct page *pg, const struct entry *e);
/* Finishes: as profile_answer. `volgende` may be NULL for ZOEKEN. Frees pg. */
void profile_page_answer(struct page *pg, const struct http_request *req,
                         const char *volgende, bool meer, struct http_response *out);

/* ---- the client's side ---- */
/* Writes the request for an operation. `token` may be NULL. `base` of the target is the
 * profile's own path. */
void profile_ask(const struct profile *p, enum op op, const json_t *canonical,
                 const char *token, struct http_request *out);
/* Reads a response: *canonical is a new reference, or NULL when the body is no message of
 * the contract (for a failure status: the problem {"status","code","title","detail",
 * "fouten",["aansluitdatum"],["error"]} when it is readable). *faults gets (new
 * reference, maybe an empty array) [{"pointer","reden","text"}]: where the response's
 * body breaks the schema or its content type is wrong; "pointer" is the place on the
 * wire, "canonical" (where there is one) what that means. Unknown keys are a fault but do
 * not stop reading, values of a wrong type are left out; an unknown status value is
 * passed on as text. Returns true when *canonical can be used: all that the message
 * itself must have is there. */
bool profile_understand(const struct profile *p, enum op op,
                        const struct http_response *resp, json_t **canonical,
                        json_t **faults);

/* The quick way to read a page of aanmeldstatussen.ophalen, without jansson. Strings live
 * as long as the page. */
struct read_entry {
    int64_t volgnummer;
    const char *aanmeld_id;
    bool vervallen; /* then nothing below is filled in */
    const char *bsn;
    enum status status;
    when_t status_begin;
    const char *instelling, *instelling_naam; /* code and name */
    const char *opleiding, *opleiding_naam;
};
struct read_page {
    struct read_entry *entries;
    size_t n;
    char *volgende;
    bool meer;
    struct flat flat; /* what the strings stand in */
};
/* True only for a page of which profile_understand finds no fault, and then they say the
 * same. False says nothing yet: ask it, with the same response. */
bool profile_page_read(const struct profile *p, const struct http_response *resp,
                       struct read_page *out);
void profile_page_done(struct read_page *pg);

/* The word for an answer, for scenarios: "ok" (2xx), "invalid" (400), "unauthenticated"
 * (401), "forbidden" (403), "not-found" (404), "method-not-allowed", "not-acceptable",
 * "conflict", "gone", "too-large", "unsupported-media-type", "too-many", "unavailable",
 * "redirect", "server-error", "other". */
const char *profile_answer_word(int status);

/* A request that is wrong on purpose, made from a right one, so that scenarios need no
 * wire words. `how` is one of profile_manipulations[]: "unknown-path", "trailing-slash",
 * "wrong-method", "wrong-content-type", "wrong-charset", "content-encoding",
 * "not-acceptable", "malformed-json", "duplicate-key", "oversized", "deep", "empty-body",
 * "extra-query-key". 0 or E_NOTFOUND. */
int profile_manipulate(const struct profile *p, enum op op, const char *how,
                       struct http_request *req);
extern const char *const profile_manipulations[];

/* Wire pointer of a canonical pointer in the request of `op` (what `fouten` will name).
 */
void profile_wire_pointer(const struct profile *p, enum op op, const char *canonical,
                          struct buf *out);
/* And back: what a foreign `fouten` pointer means canonically. */
void profile_canonical_pointer(const struct profile *p, enum op op, const char *wire,
                               struct buf *out);

/* Where fixtures live: $KOPPELPROEF_FIXTURES, else beside the binary (../fixtures or
 * ../share/koppelproef/fixtures), else the source tree it was built in. Static string. */
const char *profile_dir(void);
/* Likewise for the scenarios folder. */
const char *profile_scenarios_dir(void);

#endif
