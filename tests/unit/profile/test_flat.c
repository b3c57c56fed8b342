/*
 * Messages read the quick way are what the slow way reads, and everything that is odd is
 * left to it: on messages of all operations of all profiles, as they should be and with
 * things done to them.
 */
#include "tests/unit/profile/t.h"
#include "harness/base/rng.h"
#include "harness/profile/profile_data.h"

static const struct {
    const char *dir, *name;
} profiles[] = {
    {FIXTURES, "proef-1"}, {FIXTURES, "proef-2"}, {CASES "/anders", "anders"}};

/* Canonical messages with everything in them. */
static const struct {
    enum op op;
    bool response;
    const char *text;
} messages[] = {
    {OP_OPHALEN, true,
     "{'aanmeldstatussen':[{'volgnummer':7,'aanmeldId':'5f0c1d5e-7a33-4a8b-9a52-"
     "3a1f6b0e9c11','bsn':'999990019','status':'RECEIVED','statusBegin':"
     "'2023-05-02T08:15:30Z','instelling':{'code':'25LH','naam':'ROC Midden'},"
     "'opleiding':{'code':'25655','naam':'Financi\\u00eble beroepen'}},"
     "{'volgnummer':9,'aanmeldId':'6f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c12','vervallen':"
     "true},"
     "{'volgnummer':12,'aanmeldId':'7f0c1d5e-7a33-4a8b-9a52-3a1f6b0e9c13','bsn':"
     "'000000012','status':'ENROLLED','statusBegin':'2023-05-02T08:15:30.125Z',"
     "'instelling':{'code':'27YU','naam':'ROC van Twente'},'opleiding':{'code':'5512',"
     "'naam':'Vavo'}}],'volgende':'c2Vpbj05','meer':true}"},
    {OP_OPHALEN, true, "{'aanmeldstatussen':[],'volgende':'x','meer':false}"},
    {OP_ZOEKEN, true,
     "{'aanmeldstatussen':[{'volgnummer':7,'aanmeldId':'5f0c1d5e-7a33-4a8b-9a52-"
     "3a1f6b0e9c11','bsn':'999990019','status':'WITHDRAWN','statusBegin':"
     "'2023-05-02T08:15:30Z','instelling':{'code':'25LH','naam':'ROC Midden'},"
     "'opleiding':{'code':'25655','naam':'Verpleegkundige'}}]}"},
    {OP_INDIENEN, true, "{'aangenomen':3,'dubbel':0}"},
    {OP_STAND, true, "{'gewijzigd':1,'vervallen':2,'gelijk':3}"},
    {OP_ZOEKEN, false, "{'bsns':['999990019','000000012']}"},
    {OP_INDIENEN, false,
     "{'statusmeldingen':[{'meldingId':'1b4e28ba-2fa1-4d8e-9c35-8f6f0d2c7a10',"
     "'ketenid':'25LH:00000001','caketenid':'2b4e28ba-2fa1-4d8e-9c35-8f6f0d2c7a10',"
     "'bsn':'999990019','instellingserkenningscode':'25LH','opleidingcode':'25655',"
     "'leertrajectmbo':'BOL','startmoment':'2023-08-01','status':'RECEIVED','begindatum':"
     "'2023-05-02T08:15:30Z','statussource':'SIS','identificatie':'DIGID'},"
     "{'meldingId':'1b4e28ba-2fa1-4d8e-9c35-8f6f0d2c7a11','ketenid':'25LH:00000002',"
     "'onderwijsnummer':'999990020','instellingserkenningscode':'25LH','opleidingcode':"
     "'5512','leertrajectmbo':'VAVO','status':'OFFERED','begindatum':"
     "'2023-05-02T08:15:30.500Z','statussource':'SIS','identificatie':'FYSIEK'}]}"},
    {OP_STAND, false,
     "{'instellingserkenningscode':'25LH','peildatum':'2023-06-01T00:00:00Z',"
     "'aanmeldingen':[{'ketenid':'25LH:00000001','bsn':'999990019',"
     "'instellingserkenningscode':'25LH','opleidingcode':'25655','leertrajectmbo':'BBL',"
     "'status':'ENROLLED','begindatum':'2023-05-02T08:15:30Z','statussource':'SIS',"
     "'identificatie':'DIGID'}]}"},
};

/* The message on the wire. */
static char *wire_text(const struct profile *p, size_t i)
{
    json_t *canonical = js(messages[i].text), *wire = NULL;
    if (messages[i].response && messages[i].op == OP_OPHALEN)
        wire = paging_answer(p, NULL, canonical);
    else
        wire = map_write(messages[i].response ? p->ops[messages[i].op].response
                                              : p->ops[messages[i].op].request,
                         canonical);
    char *text = json_dumps(wire, JSON_COMPACT);
    json_decref(wire);
    json_decref(canonical);
    return text;
}

/* What the slow way makes of it; NULL unless it finds nothing wrong. */
static json_t *slowly(const struct profile *p, size_t i, const char *text, size_t n)
{
    const struct operation *o = &p->ops[messages[i].op];
    bool response = messages[i].response;
    const struct shape *shape = response ? o->response : o->request;
    json_t *wire = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    json_t *faults = json_array(), *out = NULL;
    if (wire && schema_valid(response ? o->response_schema : o->request_schema, wire,
                             faults, 0)) {
        map_check_times(shape, wire, faults);
        if (!json_array_size(faults))
            out = map_read(shape, wire, !response);
    }
    if (out && response && messages[i].op == OP_OPHALEN)
        paging_understood(p, paging_number(p, wire), out);
    json_decref(faults);
    json_decref(wire);
    return out;
}

static json_t *quickly(const struct profile *p, size_t i, const char *text, size_t n)
{
    struct http_response resp;
    if (!messages[i].response)
        return flat_request(&p->ops[messages[i].op], text, n);
    http_response_init(&resp);
    resp.status = p->ops[messages[i].op].status;
    http_response_body(&resp, xmemdup(text, n), n);
    json_t *out = flat_response(p, messages[i].op, &resp);
    http_response_done(&resp);
    return out;
}

/* The canonical message of a page read without jansson; NULL: it was not for that. */
static json_t *page_of(const struct profile *p, const char *text, size_t n)
{
    struct http_response resp;
    struct read_page pg;
    char when[32];
    http_response_init(&resp);
    resp.status = p->ops[OP_OPHALEN].status;
    http_fields_add(&resp.fields, "Content-Type", p->media);
    http_response_body(&resp, xmemdup(text, n), n);
    bool ok = profile_page_read(p, &resp, &pg);
    http_response_done(&resp);
    if (!ok)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < pg.n; i++) {
        const struct read_entry *e = &pg.entries[i];
        json_t *o = json_pack("{s:I,s:s}", "volgnummer", (json_int_t)e->volgnummer,
                              "aanmeldId", e->aanmeld_id);
        json_t *rest =
            e->vervallen
                ? json_pack("{s:b}", "vervallen", 1)
                : json_pack("{s:s,s:s,s:s,s:{s:s,s:s},s:{s:s,s:s}}", "bsn", e->bsn,
                            "status", status_name(e->status), "statusBegin",
                            when_format(e->status_begin, when), "instelling", "code",
                            e->instelling, "naam", e->instelling_naam, "opleiding",
                            "code", e->opleiding, "naam", e->opleiding_naam);
        json_object_update(o, rest);
        json_decref(rest);
        json_array_append_new(list, o);
    }
    json_t *out = json_pack("{s:o,s:s,s:b}", "aanmeldstatussen", list, "volgende",
                            pg.volgende, "meer", pg.meer);
    profile_page_done(&pg);
    return out;
}

static void assert_equal(const json_t *have, const json_t *want, const char *text,
                         size_t n)
{
    if (json_equal(have, want))
        return;
    char *a = json_dumps(have, 0), *b = want ? json_dumps(want, 0) : xstrdup("a fault");
    print_error("of %.*s\nhave %s\nwant %s\n", (int)n, text, a, b);
    free(a);
    free(b);
    fail();
}

/* Both ways; returns whether the quick one took it. */
static bool compare(const struct profile *p, size_t i, const char *text, size_t n)
{
    json_t *want = slowly(p, i, text, n), *have = quickly(p, i, text, n);
    bool taken = have != NULL;
    if (have)
        assert_equal(have, want, text, n);
    json_decref(have);
    have = messages[i].op == OP_OPHALEN ? page_of(p, text, n) : NULL;
    if (have)
        assert_equal(have, want, text, n);
    assert_true(!have || taken);
    json_decref(have);
    json_decref(want);
    return taken;
}

static void good_messages_are_read_quickly(void **state)
{
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(profiles); k++) {
        struct profile *p = load(profiles[k].dir, profiles[k].name);
        for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
            char *text = wire_text(p, i);
            if (!compare(p, i, text, strlen(text)))
                fail_msg("%s: left to the slow way: %s", profiles[k].name, text);
            json_t *page = messages[i].op == OP_OPHALEN ? page_of(p, text, strlen(text))
                                                        : json_null();
            if (!page)
                fail_msg("%s: no quick page: %s", profiles[k].name, text);
            json_decref(page);
            free(text);
        }
        profile_free(p);
    }
}

/* Does something to a text, in place: swaps a byte, or takes the word `odd` in. */
static size_t harm(struct rng *r, char *text, size_t n, size_t room)
{
    static const char *const odd[] = {"null",
                                      "1.5",
                                      "-1",
                                      "0",
                                      "true",
                                      "[]",
                                      "{}",
                                      "\"\"",
                                      "\"a\"",
                                      "\"x\":1,",
                                      "2023-02-30T00:00:00Z",
                                      "2023-05-02T08:15:30+02:00",
                                      "\\u0031",
                                      "\"IN\"",
                                      " "};
    static const char bytes[] = "09aZ\"\\,:{}[]-. \n\xC3";
    size_t at = rng_below(r, n), len = 1 + rng_below(r, 6);
    const char *word = odd[rng_below(r, ARRAY_LEN(odd))];
    size_t word_n = strlen(word);
    if (rng_below(r, 2)) {
        text[at] = bytes[rng_below(r, sizeof bytes - 1)];
        return n;
    }
    if (at + len > n || n - len + word_n > room)
        return n;
    memmove(text + at + word_n, text + at + len, n - at - len);
    memcpy(text + at, word, word_n);
    return n - len + word_n;
}

/* A member of some object dropped, doubled or given another one's value, which leaves it
 * JSON. */
static json_t *harm_tree(struct rng *r, json_t *v)
{
    while (json_is_object(v) || json_is_array(v)) {
        size_t n = json_is_object(v) ? json_object_size(v) : json_array_size(v);
        if (!n)
            return v;
        size_t k = rng_below(r, n);
        void *it = json_is_object(v) ? json_object_iter(v) : NULL;
        for (size_t i = 0; it && i < k; i++)
            it = json_object_iter_next(v, it);
        json_t *next = it ? json_object_iter_value(it) : json_array_get(v, k);
        if (it &&
            (rng_below(r, 3) == 0 || !(json_is_object(next) || json_is_array(next)))) {
            static const char *const values[] = {
                "null", "1.5", "0", "\"\"", "\"ab\"", "[1]", "true", "false", "\"AO\""};
            json_t *other = json_loads(values[rng_below(r, ARRAY_LEN(values))],
                                       JSON_DECODE_ANY, NULL);
            if (rng_below(r, 3) == 0)
                json_object_del(v, json_object_iter_key(it));
            else
                json_object_set(v, rng_below(r, 2) ? json_object_iter_key(it) : "extra",
                                other);
            json_decref(other);
            return v;
        }
        v = next;
    }
    return v;
}

static void harmed_messages_are_read_as_slowly(void **state)
{
    struct rng r;
    (void)state;
    rng_init(&r, 1, "profile", "flat");
    for (size_t k = 0; k < ARRAY_LEN(profiles); k++) {
        struct profile *p = load(profiles[k].dir, profiles[k].name);
        size_t taken = 0, left = 0;
        for (int round = 0; round < 6000; round++) {
            size_t i = (size_t)round % ARRAY_LEN(messages);
            char *whole = wire_text(p, i), text[4096];
            size_t n = strlen(whole);
            assert_true(n < sizeof text - 100);
            memcpy(text, whole, n);
            if (round % 3) {
                for (uint64_t times = 1 + rng_below(&r, 2); times > 0; times--)
                    n = harm(&r, text, n, sizeof text);
            } else {
                json_t *tree = json_loadb(whole, n, 0, NULL);
                harm_tree(&r, tree);
                char *harmed = json_dumps(tree, rng_below(&r, 2) ? JSON_INDENT(2) : 0);
                n = strlen(harmed);
                memcpy(text, harmed, n);
                free(harmed);
                json_decref(tree);
            }
            if (compare(p, i, text, n))
                taken++;
            else
                left++;
            free(whole);
        }
        assert_true(taken > 100 && left > 1000);
        profile_free(p);
    }
}

/* The whole way in: what is odd is still read, and its faults are named. */
static void odd_answers_are_still_understood(void **state)
{
    struct profile *p = load(FIXTURES, "proef-1");
    struct http_response resp;
    json_t *canonical = NULL, *faults = NULL;
    struct read_page pg;
    char *text = wire_text(p, 1);
    (void)state;
    http_response_init(&resp);
    resp.status = 200;
    http_fields_add(&resp.fields, "Content-Type", "text/plain");
    http_response_body(&resp, text, strlen(text));
    assert_false(profile_page_read(p, &resp, &pg)); /* for its media type alone */
    assert_true(profile_understand(p, OP_OPHALEN, &resp, &canonical, &faults));
    assert_int_equal(json_array_size(faults), 1);
    json_decref(canonical);
    json_decref(faults);
    http_response_done(&resp);
    http_response_init(&resp);
    resp.status = 206;
    http_fields_add(&resp.fields, "Content-Type", "application/json");
    text = wire_text(p, 0);
    http_response_body(&resp, text, strlen(text));
    assert_false(profile_page_read(p, &resp, &pg));
    assert_true(profile_understand(p, OP_OPHALEN, &resp, &canonical, &faults));
    assert_int_equal(json_array_size(faults), 1);
    json_decref(canonical);
    json_decref(faults);
    http_response_done(&resp);
    profile_free(p);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_messages_are_read_quickly),
        cmocka_unit_test(harmed_messages_are_read_as_slowly),
        cmocka_unit_test(odd_answers_are_still_understood),
    };
    return cmocka_run_group_tests_name("profile_flat", tests, NULL, NULL);
}
