#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/sources.h"

static const struct person lotte = {.bsn = "999990019", .onderwijsnummer = "101000000"};

static struct aanmelding example(void)
{
    struct aanmelding a = {.person = &lotte,
                           .ketenid = "25LH:90001234",
                           .instelling = "25LH",
                           .opleiding = "25655",
                           .leertraject = "BOL",
                           .status = STATUS_RECEIVED,
                           .identificatie = "DIGID"};
    assert_int_equal(when_parse("2023-05-02T08:15:30Z", 20, &a.begin), 0);
    return a;
}

static const char *text(const json_t *m, const char *key)
{
    return json_string_value(json_object_get(m, key));
}

static void a_melding_holds_the_contracts_fields_and_no_more(void **state)
{
    (void)state;
    struct aanmelding a = example();
    json_t *m = sources_melding(&a, "SIS", "c9b1a8a2-0000-4000-8000-000000000001");
    json_t *want = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "meldingId",
        "c9b1a8a2-0000-4000-8000-000000000001", "ketenid", "25LH:90001234", "bsn",
        "999990019", "instellingserkenningscode", "25LH", "opleidingcode", "25655",
        "leertrajectmbo", "BOL", "status", "RECEIVED", "begindatum",
        "2023-05-02T08:15:30Z", "statussource", "SIS", "identificatie", "DIGID");
    assert_true(json_equal(m, want));
    json_decref(m);
    json_decref(want);
}

static void optional_fields_appear_when_set(void **state)
{
    (void)state;
    struct aanmelding a = example();
    memcpy(a.caketenid, "5f0c2b1e-9d3a-4c5e-8f10-aabbccddeeff", 37);
    memcpy(a.startmoment, "2023-08-01", 11);
    a.status = STATUS_SUBMITTED;
    json_t *m = sources_melding(&a, "CAMBO", "id");
    assert_string_equal(text(m, "caketenid"), "5f0c2b1e-9d3a-4c5e-8f10-aabbccddeeff");
    assert_string_equal(text(m, "startmoment"), "2023-08-01");
    assert_string_equal(text(m, "statussource"), "CAMBO");
    assert_string_equal(text(m, "status"), "SUBMITTED");
    assert_int_equal(json_object_size(m), 12);
    json_decref(m);
}

static void a_person_without_bsn_has_an_onderwijsnummer(void **state)
{
    (void)state;
    struct aanmelding a = example();
    a.with_onderwijsnummer = true;
    json_t *m = sources_melding(&a, "SIS", "id");
    assert_null(json_object_get(m, "bsn"));
    assert_string_equal(text(m, "onderwijsnummer"), "101000000");
    json_decref(m);
}

static void a_begindatum_has_no_fraction_or_three_digits(void **state)
{
    (void)state;
    static const struct {
        when_t more;
        const char *want;
    } cases[] = {
        {0, "2023-05-02T08:15:30Z"},
        {250 * NS_PER_MS, "2023-05-02T08:15:30.250Z"},
        {250 * NS_PER_MS + 999999, "2023-05-02T08:15:30.250Z"},
        {999, "2023-05-02T08:15:30Z"},
        {-1, "2023-05-02T08:15:29.999Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct aanmelding a = example();
        a.begin += cases[i].more;
        json_t *m = sources_stand_entry(&a);
        assert_string_equal(text(m, "begindatum"), cases[i].want);
        json_decref(m);
    }
    struct aanmelding a = example(); /* before 1970 too */
    a.begin = -1;
    json_t *m = sources_stand_entry(&a);
    assert_string_equal(text(m, "begindatum"), "1969-12-31T23:59:59.999Z");
    json_decref(m);
}

static void a_stand_entry_is_a_melding_of_the_sis_without_its_id(void **state)
{
    (void)state;
    struct aanmelding a = example();
    json_t *entry = sources_stand_entry(&a), *m = sources_melding(&a, "SIS", "id");
    assert_int_equal(json_object_del(m, "meldingId"), 0);
    assert_true(json_equal(entry, m));
    json_decref(entry);
    json_decref(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_melding_holds_the_contracts_fields_and_no_more),
        cmocka_unit_test(optional_fields_appear_when_set),
        cmocka_unit_test(a_person_without_bsn_has_an_onderwijsnummer),
        cmocka_unit_test(a_begindatum_has_no_fraction_or_three_digits),
        cmocka_unit_test(a_stand_entry_is_a_melding_of_the_sis_without_its_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
