/*
 * Credentials in text, found by their form: values of client_secret, access_token and
 * their like in forms, queries and JSON, "Bearer ..." and "Basic ...", and JSON Web
 * Tokens. What they are replaced by depends on the credential alone, so that a token in a
 * token response and in a later Authorization field show as the same.
 */
#ifndef WIRE_SECRETS_H
#define WIRE_SECRETS_H

#include "harness/base/domain.h"

/* true when there may be something to replace: cheap, no false negatives. */
bool secrets_possible(const char *s, size_t n);
/* Appends s with its credentials as "secret~" and ten hex digits. */
void secrets_add(const struct mask *m, struct buf *out, const char *s, size_t n);
/* The value of an Authorization or Proxy-Authorization field: the scheme stays. */
void secrets_add_authorization(const struct mask *m, struct buf *out, const char *s);
/* Whether a form field or JSON member of that name holds a credential. */
bool secrets_named(const char *name, size_t n);
/* A credential itself. */
void secrets_add_value(const struct mask *m, struct buf *out, const char *s, size_t n);

#endif
