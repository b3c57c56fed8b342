/* An unmet expectation names the message behind it: the last one with a status that
 * should have been shown, and the answer that showed something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "harness/base/mem.h"
#include "harness/judge/reported.h"

static void tell(struct reported *r, int seq, const char *kind, json_t *event)
{
    json_object_set_new(event, "seq", json_integer(seq));
    reported_event(r, kind, event);
    json_decref(event);
}

static void reports(struct reported *r, int seq, const char *name, const char *status)
{
    tell(r, seq, "truth",
         json_pack("{ss,ss,ss,ss}", "application", name, "source", "sis:25LH", "status",
                   status, "begin", "2023-05-02T10:00:00Z"));
}

static void reason(const struct reported *r, const char *why, const char *sees,
                   const char *want, uint64_t line, uint64_t shown)
{
    json_t *expected = json_loads(sees, 0, NULL);
    uint64_t seqs[2];
    assert_non_null(expected);
    char *out = reported_reason(r, why, expected, seqs);
    assert_string_equal(out, want);
    assert_int_equal(seqs[0], line);
    assert_int_equal(seqs[1], shown);
    free(out);
    json_decref(expected);
}

static void the_message_behind_it(void **state)
{
    static const char why[] = "aanmelding a (25LH, 25655) is shown as RECEIVED";
    (void)state;
    struct reported *r = reported_new();
    reports(r, 3, "a", "ENROLLED");
    reports(r, 5, "b", "ENROLLED");
    reports(r, 7, "a", "ENROLLED");
    reports(r, 9, "a", "RECEIVED");
    tell(r, 11, "exchange", json_pack("{ss}", "op", "waarnemer.waarnemingen"));
    tell(r, 12, "exchange", json_pack("{ss}", "op", "aanmeldstatussen.ophalen"));
    reason(r, why, "{\"sees\": {\"a\": \"ENROLLED\"}}",
           "aanmelding a (25LH, 25655) is shown as RECEIVED, but sis:25LH reported "
           "ENROLLED with begin 2023-05-02T10:00:00Z (journal line 7)",
           7, 11);
    reason(r, why, "{\"sees\": {\"a\": [\"OFFERED\", \"RECEIVED\"]}}",
           "aanmelding a (25LH, 25655) is shown as RECEIVED, but sis:25LH reported "
           "RECEIVED with begin 2023-05-02T10:00:00Z (journal line 9)",
           9, 11);
    /* Nobody reported that, or it is about something else. */
    reason(r, why, "{\"sees\": {\"a\": null}}", why, 0, 0);
    reason(r, why, "{\"sees\": {\"a\": \"WITHDRAWN\"}}", why, 0, 0);
    reason(r, why, "{\"answer\": \"ok\"}", why, 0, 0);
    reason(r, "the answer should be ok", "{\"sees\": {\"a\": \"ENROLLED\"}}",
           "the answer should be ok", 0, 0);
    reported_free(r);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_message_behind_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
