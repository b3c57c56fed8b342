/*
 * What the tests of the profile room share.
 */
#ifndef TEST_PROFILE_T_H
#define TEST_PROFILE_T_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/profile/profile.h"
#include "harness/profile/schema.h"

#define FIXTURES SOURCE_DIR "/fixtures"
#define CASES    SOURCE_DIR "/tests/cases/profile"

/* Loads or fails the test with the sentence. */
static inline struct profile *load(const char *dir, const char *name)
{
    struct profile *p = NULL;
    struct err e = {0};
    if (profile_load(dir, name, &p, &e) != 0) {
        char *sentence = err_sentence(&e);
        print_error("%s\n", sentence);
        free(sentence);
        fail();
    }
    return p;
}

/* JSON written with ' for ". */
static inline json_t *js(const char *text)
{
    char *copy = xstrdup(text);
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_t *v = json_loads(copy, JSON_DECODE_ANY, NULL);
    if (!v)
        fail_msg("no JSON: %s", copy);
    free(copy);
    return v;
}

static inline void assert_json(const json_t *have, const char *want)
{
    json_t *w = js(want);
    if (!json_equal(have, w)) {
        char *a = json_dumps(have, JSON_ENCODE_ANY), *b = json_dumps(w, JSON_ENCODE_ANY);
        print_error("have %s\nwant %s\n", a, b);
        free(a);
        free(b);
        fail();
    }
    json_decref(w);
}

/* Steals the reference. */
static inline void assert_json_new(json_t *have, const char *want)
{
    assert_json(have, want);
    json_decref(have);
}

static inline void body(struct http_request *r, const char *text)
{
    http_request_body(r, xstrdup(text), strlen(text));
}

static inline json_t *body_json(const struct http_response *r)
{
    json_t *v = json_loadb(r->body, r->body_n, JSON_DECODE_ANY, NULL);
    assert_non_null(v);
    return v;
}

static inline void assert_field(const struct http_fields *f, const char *name,
                                const char *want)
{
    const char *have = http_fields_get(f, name);
    if (!have)
        fail_msg("no field %s", name);
    else
        assert_string_equal(have, want);
}

/* The operations' canonical requests and answers, complete ones. */
#define MELDING                                                                          \
    "{'meldingId':'1b4e28ba-2fa1-4d8e-9c35-8f6f0d2c7a10','ketenid':'25LH:90001234',"     \
    "'caketenid':'2b4e28ba-2fa1-4d8e-9c35-8f6f0d2c7a11','bsn':'999990019',"              \
    "'instellingserkenningscode':'25LH','opleidingcode':'25655','leertrajectmbo':'BOL'," \
    "'startmoment':'2023-08-01','status':'RECEIVED','begindatum':'2023-05-02T08:15:30Z'" \
    ","                                                                                  \
    "'statussource':'SIS','identificatie':'DIGID'}"
#define STAND_ENTRY                                                                      \
    "{'ketenid':'25LH:90001235','onderwijsnummer':'101000012',"                          \
    "'instellingserkenningscode':'25LH','opleidingcode':'5512','leertrajectmbo':'VAVO'," \
    "'status':'ENROLLED','begindatum':'2023-05-02T08:15:30.125Z','statussource':'SIS',"  \
    "'identificatie':'FYSIEK'}"
#define ENTRY                                                                            \
    "{'volgnummer':7,'aanmeldId':'5f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c11',"                \
    "'bsn':'999990019','status':'RECEIVED','statusBegin':'2023-05-02T08:15:30Z',"        \
    "'instelling':{'code':'25LH','naam':'ROC Midden Nederland'},"                        \
    "'opleiding':{'code':'25655','naam':'Mbo-Verpleegkundige'}}"
#define LAPSED                                                                           \
    "{'volgnummer':9,'aanmeldId':'5f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c11','vervallen':"    \
    "true}"

struct sample {
    enum op op;
    const char *request, *answer;
};
static const struct sample samples[] __attribute__((unused)) = {
    {OP_INDIENEN, "{'statusmeldingen':[" MELDING "]}", "{'aangenomen':1,'dubbel':0}"},
    {OP_STAND,
     "{'instellingserkenningscode':'25LH','peildatum':'2023-05-03T02:00:00Z',"
     "'aanmeldingen':[" STAND_ENTRY "]}",
     "{'gewijzigd':1,'vervallen':2,'gelijk':3}"},
    {OP_OPHALEN, "{'sinds':'a b&c=d/%','limiet':10}",
     "{'aanmeldstatussen':[" ENTRY "," LAPSED "],'volgende':'x','meer':true}"},
    {OP_ZOEKEN, "{'bsns':['999990019','000000012']}", "{'aanmeldstatussen':[" ENTRY "]}"},
    {OP_TOKEN, "{'clientId':'sis-25LH','clientSecret':'a:b+c %é','scope':'x y'}",
     "{'access_token':'tok','token_type':'Bearer','expires_in':900}"},
    {OP_GEZONDHEID, "{}", "{'status':'ok'}"},
};

#endif
