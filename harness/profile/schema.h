/*
 * JSON Schema 2020-12 (https://json-schema.org/draft/2020-12), the keywords listed in the
 * README's table. A schema with a keyword outside that list is refused at load, so that
 * nobody can believe in a check that is not there. Remote references are only resolved
 * within the set of documents that were loaded together (the draft's own meta-schemas are
 * always among them); nothing is ever fetched. References that lead round in a circle at
 * one place of the instance are refused at load; those that only show while checking, and
 * instances and patterns beyond a fixed amount of work, make the instance invalid
 * ("te-zwaar").
 */
#ifndef PROFILE_SCHEMA_H
#define PROFILE_SCHEMA_H

#include <jansson.h>

#include "harness/base/err.h"

struct schema;

/* Compiles. `root` is borrowed and copied. `base_uri` names the document when it has no
 * $id (a path will do). Further documents that may be referred to by $id: `others`
 * (array of objects, may be NULL). Errors: E_INVALID with pointer. */
int schema_compile(const json_t *root, const char *base_uri, const json_t *others,
                   struct schema **out, struct err *e);
/* Reads, then compiles; relative $refs to files beside it are loaded too. Errors have
 * file, line, column. */
int schema_load(const char *path, struct schema **out, struct err *e);
void schema_free(struct schema *s);

/* `format` is asserted unless this flag is given: then it is an annotation, as in the
 * draft's own meta-schema, and any format name is accepted. */
#define SCHEMA_FORMAT_ANNOTATION 1u
int schema_compile_as(const json_t *root, const char *base_uri, const json_t *others,
                      unsigned flags, struct schema **out, struct err *e);
int schema_load_as(const char *path, unsigned flags, struct schema **out, struct err *e);

/* Validates. Returns true when valid. Otherwise, when `faults` is not NULL, appends
 * {"pointer": where in the instance, "keyword": which keyword, "schema": pointer in the
 * schema, "reden": a stable Dutch kebab-case code, "text": an English sentence} for every
 * fault found, in document order, at most `max` of them (0: 1000). For an absent property
 * `pointer` is the place where it should be; for an extra one the place where it is. A
 * list over its maximum is one fault, and when no alternative of anyOf or oneOf fits that
 * is one fault too, or those of the only alternative that can have been meant. A text
 * never holds a value of the instance.
 *
 *   reden               keywords
 *   verplicht           required dependentRequired, anyOf and oneOf of required fields
 *   onbekend-veld       additionalProperties unevaluatedProperties, properties: false
 *   verkeerd-type       type, anyOf and oneOf of types
 *   onbekende-waarde    enum const, anyOf and oneOf of values
 *   ongeldige-vorm      pattern format
 *   verkeerde-lengte    minLength maxLength
 *   buiten-bereik       minimum maximum exclusiveMinimum exclusiveMaximum multipleOf
 *   te-veel             maxItems maxContains maxProperties, items: false
 *   te-weinig           minItems contains minContains minProperties
 *   dubbel              uniqueItems
 *   niet-toegestaan     not, other anyOf and oneOf, the schema false
 *   te-zwaar            the check was given up, see above */
bool schema_valid(const struct schema *s, const json_t *instance, json_t *faults,
                  size_t max);

/* Whether an instance that is laid flat (base/flat.h) is valid. The first two are what
 * schema_valid says of the same instance, SCHEMA_UNSURE where that takes what only it
 * has: ask it. Much faster for schemas of plain keywords. */
enum schema_says { SCHEMA_INVALID, SCHEMA_VALID, SCHEMA_UNSURE };
struct flat;
enum schema_says schema_says_flat(const struct schema *s, const struct flat *instance);

/* The keywords that are supported, NULL-terminated: for the README's table. */
extern const char *const schema_keywords[];

#endif
