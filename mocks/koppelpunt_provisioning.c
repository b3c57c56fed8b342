/* The provisioning file: checked as a whole before anything of it counts. */
#include <stdio.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "mocks/koppelpunt_clients.h"

/* No aansluitdatum lies before it (deck D8; CONTRACT.md 3). */
#define FIRST_AANSLUITDATUM "2023-05-01T00:00:00Z"
#define MAX_TOKEN_SECONDS   86400

static const char *const soorten[SOORT_COUNT] = {"sis", "cambo", "overstapsysteem"};

enum soort soort_by_name(const char *name)
{
    for (int i = 0; i < SOORT_COUNT; i++)
        if (name && !strcmp(name, soorten[i]))
            return (enum soort)i;
    return SOORT_COUNT;
}

static int at(struct err *e, const char *pointer, const char *key, const char *text)
{
    char full[300];
    snprintf(full, sizeof full, "%s%s%s", pointer, key ? "/" : "", key ? key : "");
    int rc = err_set(e, E_INVALID, "%s", text);
    err_at(e, NULL, 0, 0, full);
    return rc;
}

/* Only these keys. */
static int only(const json_t *o, const char *const *keys, size_t n, const char *pointer,
                struct err *e)
{
    const char *key;
    json_t *v;
    if (!json_is_object(o))
        return at(e, pointer, NULL, "this must be an object");
    void *iter;
    json_t *mutable_o = (json_t *)(uintptr_t)o; /* jansson 2.14 iterates over non-const */
    for (iter = json_object_iter(mutable_o); iter;
         iter = json_object_iter_next(mutable_o, iter)) {
        key = json_object_iter_key(iter);
        v = json_object_iter_value(iter);
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known |= !strcmp(key, keys[i]);
        if (known && !json_is_null(v))
            continue;
        if (known)
            return at(e, pointer, key, "null is not allowed: leave an optional key out");
        const char *near = word_nearest(key, keys, n);
        char text[200];
        snprintf(text, sizeof text, "unknown key%s%s%s", near ? "; did you mean '" : "",
                 near ? near : "", near ? "'?" : "");
        return at(e, pointer, key, text);
    }
    return 0;
}

/* A string of 1 to `max` bytes. */
static int need_text(const json_t *o, const char *key, size_t max, const char *pointer,
                     struct err *e)
{
    const json_t *v = json_object_get(o, key);
    if (!v)
        return at(e, pointer, key, "this key is missing");
    if (!json_is_string(v) || json_string_length(v) == 0 || json_string_length(v) > max)
        return at(e, pointer, key, "this must be a text that is not empty nor too long");
    return 0;
}

static bool is_brin(const char *s)
{
    return s && strlen(s) == 4 && strspn(s, "0123456789") == 2 && s[2] >= 'A' &&
           s[2] <= 'Z' && s[3] >= 'A' && s[3] <= 'Z';
}

static int check_brins(const json_t *client, bool sis, const char *pointer, struct err *e)
{
    const json_t *brins = json_object_get(client, "brins");
    if (!sis)
        return brins ? at(e, pointer, "brins", "only a sis has brins") : 0;
    if (!json_is_array(brins) || json_array_size(brins) == 0)
        return at(e, pointer, "brins", "a sis needs a list of at least one BRIN");
    for (size_t i = 0; i < json_array_size(brins); i++) {
        char key[40];
        snprintf(key, sizeof key, "brins/%zu", i);
        if (!is_brin(json_string_value(json_array_get(brins, i))))
            return at(e, pointer, key, "a BRIN is two digits and two capitals");
    }
    return 0;
}

static int check_aansluitdatum(const json_t *client, bool reader, const char *pointer,
                               struct err *e)
{
    const json_t *v = json_object_get(client, "aansluitdatum");
    const char *s = json_string_value(v);
    when_t when, first;
    if (!v)
        return 0;
    if (!reader)
        return at(e, pointer, "aansluitdatum",
                  "only an overstapsysteem has an aansluitdatum");
    if (!s || when_parse(s, strlen(s), &when))
        return at(e, pointer, "aansluitdatum",
                  "this must be a UTC time such as " FIRST_AANSLUITDATUM);
    if (when_parse(FIRST_AANSLUITDATUM, strlen(FIRST_AANSLUITDATUM), &first) ||
        when < first)
        return at(e, pointer, "aansluitdatum",
                  "no aansluitdatum lies before " FIRST_AANSLUITDATUM);
    return 0;
}

static bool is_oin(const json_t *v)
{
    const char *s = json_string_value(v);
    return s && strlen(s) == 20 &&
           strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 20;
}

int provisioning_check_client(const json_t *client, const char *pointer, struct err *e)
{
    static const char *const keys[] = {"clientId", "clientSecret",  "soort",      "oin",
                                       "brins",    "aansluitdatum", "ingetrokken"};
    int rc = only(client, keys, ARRAY_LEN(keys), pointer, e);
    if (!rc)
        rc = need_text(client, "clientId", 200, pointer, e);
    if (!rc)
        rc = need_text(client, "clientSecret", 500, pointer, e);
    if (rc)
        return rc;
    enum soort soort = soort_by_name(json_string_value(json_object_get(client, "soort")));
    if (soort == SOORT_COUNT)
        return at(e, pointer, "soort", "this must be sis, cambo or overstapsysteem");
    const json_t *oin = json_object_get(client, "oin");
    if (oin && !is_oin(oin))
        return at(e, pointer, "oin", "an OIN has 20 digits or capitals");
    const json_t *ingetrokken = json_object_get(client, "ingetrokken");
    if (ingetrokken && !json_is_boolean(ingetrokken))
        return at(e, pointer, "ingetrokken", "this must be true or false");
    rc = check_brins(client, soort == SOORT_SIS, pointer, e);
    return rc ? rc
              : check_aansluitdatum(client, soort == SOORT_OVERSTAPSYSTEEM, pointer, e);
}

/* Refuses a key that an earlier element of the list has too. */
static int unique(struct map *seen, const char *value, const char *pointer,
                  const char *key, struct err *e)
{
    return map_put(seen, value, seen) ? at(e, pointer, key, "this stands there twice")
                                      : 0;
}

static int check_clients(const json_t *clients, struct err *e)
{
    if (!json_is_array(clients))
        return at(e, "/clients", NULL, "a list of clients is missing");
    struct map *seen = map_new();
    int rc = 0;
    for (size_t i = 0; !rc && i < json_array_size(clients); i++) {
        char pointer[40];
        const json_t *c = json_array_get(clients, i);
        snprintf(pointer, sizeof pointer, "/clients/%zu", i);
        rc = provisioning_check_client(c, pointer, e);
        if (!rc)
            rc = unique(seen, json_string_value(json_object_get(c, "clientId")), pointer,
                        "clientId", e);
    }
    map_free(seen, NULL);
    return rc;
}

/* A BRIN, or an opleidingcode: digits, for a RIO code with a letter among them. */
static bool is_code(const char *s, bool instelling)
{
    return instelling ? is_brin(s)
                      : strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(s);
}

static int check_codes(const json_t *root, const char *name, struct err *e)
{
    static const char *const keys[] = {"code", "naam"};
    const json_t *list = json_object_get(root, name);
    char pointer[60];
    snprintf(pointer, sizeof pointer, "/%s", name);
    if (!json_is_array(list))
        return at(e, pointer, NULL, "a list of {code, naam} is missing");
    if (json_array_size(list) >= NO_CODE / 2)
        return at(e, pointer, NULL, "this list is too long");
    struct map *seen = map_new();
    int rc = 0;
    for (size_t i = 0; !rc && i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        snprintf(pointer, sizeof pointer, "/%s/%zu", name, i);
        rc = only(o, keys, ARRAY_LEN(keys), pointer, e);
        if (!rc)
            rc = need_text(o, "code", 20, pointer, e);
        if (!rc)
            rc = need_text(o, "naam", 300, pointer, e);
        if (!rc && !is_code(json_string_value(json_object_get(o, "code")),
                            !strcmp(name, "instellingen")))
            rc = at(e, pointer, "code", "this is not a code of its kind");
        if (!rc)
            rc = unique(seen, json_string_value(json_object_get(o, "code")), pointer,
                        "code", e);
    }
    map_free(seen, NULL);
    return rc;
}

int provisioning_check(const json_t *root, struct err *e)
{
    static const char *const keys[] = {"clients", "instellingen", "opleidingen",
                                       "tokenSeconds"};
    int rc = only(root, keys, ARRAY_LEN(keys), "", e);
    if (!rc)
        rc = check_clients(json_object_get(root, "clients"), e);
    if (!rc)
        rc = check_codes(root, "instellingen", e);
    if (!rc)
        rc = check_codes(root, "opleidingen", e);
    const json_t *seconds = json_object_get(root, "tokenSeconds");
    if (!rc && seconds &&
        (!json_is_integer(seconds) || json_integer_value(seconds) < 1 ||
         json_integer_value(seconds) > MAX_TOKEN_SECONDS))
        rc = at(e, "/tokenSeconds", NULL, "this must be a whole number from 1 to 86400");
    return rc;
}
