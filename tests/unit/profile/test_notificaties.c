/* What is different about notifications on the wire: an id in a path, an answer without a
 * body, and a message to an address outside the profile; in both profiles. */
#include "tests/unit/profile/t.h"

#define EVENT                                                                            \
    "{'specversion':'1.0','id':'e1','source':'urn:nld:oin:x','type':"                    \
    "'aanmeldstatussen-gewijzigd','time':'2023-05-02T08:15:30Z','datacontenttype':"      \
    "'application/json','totVolgnummer':7}"

static const char *const names[] = {"proef-1", "proef-2"};

static int read_as(const struct profile *p, enum op op, const struct http_request *req,
                   json_t **out)
{
    struct rejection why;
    rejection_init(&why);
    int rc = profile_read(p, op, req, out, &why);
    int status = rc ? problem_status(why.problem) : 0;
    rejection_done(&why);
    return status;
}

static void ids_in_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct profile *p = load(FIXTURES, names[i]);
        struct http_request req;
        struct rejection why;
        json_t *ask = js("{'abonnementId':'a/b c?d'}"), *got = NULL;
        profile_ask(p, OP_OPZEGGEN, ask, "t", &req);
        assert_string_equal(req.method, "DELETE");
        assert_null(req.body);
        rejection_init(&why);
        assert_int_equal(profile_route(p, "DELETE", req.target, &why), OP_OPZEGGEN);
        assert_int_equal(read_as(p, OP_OPZEGGEN, &req, &got), 0);
        assert_true(json_equal(got, ask));
        rejection_done(&why);
        json_decref(got);
        json_decref(ask);
        http_request_done(&req);
        profile_free(p);
    }
}

static void nothing_to_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct profile *p = load(FIXTURES, names[i]);
        struct http_response resp;
        json_t *got = NULL, *faults = NULL;
        profile_answer(p, OP_OPZEGGEN, NULL, NULL, &resp);
        assert_int_equal(resp.status, 204);
        assert_null(resp.body);
        assert_null(http_fields_get(&resp.fields, "Content-Type"));
        assert_non_null(http_fields_get(&resp.fields, "API-Version"));
        assert_true(profile_understand(p, OP_OPZEGGEN, &resp, &got, &faults));
        assert_int_equal(json_array_size(faults), 0);
        json_decref(got);
        json_decref(faults);
        resp.status = 200;
        assert_true(profile_understand(p, OP_OPZEGGEN, &resp, &got, &faults));
        assert_int_equal(json_array_size(faults), 1);
        json_decref(got);
        json_decref(faults);
        http_response_done(&resp);
        profile_free(p);
    }
}

static void events(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct profile *p = load(FIXTURES, names[i]);
        struct http_request req;
        json_t *event = js(EVENT), *got = NULL;
        profile_ask(p, OP_MELDEN, event, NULL, &req);
        assert_string_equal(req.method, "POST");
        assert_string_equal(http_fields_get(&req.fields, "Content-Type"),
                            "application/cloudevents+json");
        assert_int_equal(read_as(p, OP_MELDEN, &req, &got), 0);
        assert_true(json_equal(got, event));
        json_decref(got);
        got = NULL;
        http_fields_set(&req.fields, "Content-Type", "application/json");
        assert_int_equal(read_as(p, OP_MELDEN, &req, &got), 415);
        http_request_done(&req);

        /* more than it may say, and less than it must */
        json_t *more = js("{'specversion':'1.0','id':'e','source':'s','type':"
                          "'aanmeldstatussen-gewijzigd','totVolgnummer':7,"
                          "'aanmeldstatussen':[]}");
        profile_ask(p, OP_MELDEN, more, NULL, &req);
        assert_int_equal(read_as(p, OP_MELDEN, &req, &got), 400);
        http_request_done(&req);
        json_object_del(more, "aanmeldstatussen");
        json_object_del(more, "totVolgnummer");
        profile_ask(p, OP_MELDEN, more, NULL, &req);
        assert_int_equal(read_as(p, OP_MELDEN, &req, &got), 400);
        http_request_done(&req);
        json_decref(more);
        json_decref(event);
        profile_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_in_paths),
        cmocka_unit_test(nothing_to_say),
        cmocka_unit_test(events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
