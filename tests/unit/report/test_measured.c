/* What was measured of a system, in a sentence of either language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/report/texts.h"

static const char figures[] =
    "{\"reliability\":{\"operations\":["
    "{\"role\":\"koppelpunt\",\"calls\":100,\"ok\":90,\"provoked\":7},"
    "{\"role\":\"overstapsysteem\",\"calls\":5,\"ok\":5,\"provoked\":0},"
    "{\"role\":\"koppelpunt\",\"calls\":20,\"ok\":20,\"provoked\":0}],"
    "\"availability\":[{\"role\":\"koppelpunt\",\"down\":[{\"cause\":\"own\"},"
    "{\"cause\":\"killed by us\"},{\"cause\":\"own\"}]}],"
    "\"freshness\":[{\"role\":\"koppelpunt\",\"p50\":12.34,\"p99\":null,"
    "\"what\":{\"nl\":\"van a tot b\",\"en\":\"from a to b\"}}],"
    "\"staleness\":[{\"role\":\"koppelpunt\",\"stale\":0.1234,"
    "\"causes\":{\"system\":0.02,\"silent\":0.1034}}]}}";

static void says(const char *role, enum lang lang, const char *want)
{
    json_t *result = json_loads(figures, 0, NULL);
    assert_non_null(result);
    char *said = text_measured(result, role, lang);
    if (want)
        assert_string_equal(said, want);
    else
        assert_null(said);
    free(said);
    json_decref(result);
}

static void in_both_languages(void **state)
{
    (void)state;
    says("koppelpunt", LANG_EN,
         "120 calls, 3 failed by themselves and 7 by the trial; 2 times down by itself; "
         "from a to b p50 12.3 ms; what was shown was stale for 12.3 % of the time, by "
         "the system itself 2.0 %.");
    says("koppelpunt", LANG_NL,
         "120 verzoeken, waarvan 3 uit zichzelf mislukt en 7 door de proef; 2 keer uit "
         "zichzelf weg; van a tot b p50 12,3 ms; te zien was 12,3 % van de tijd "
         "verouderd, door het systeem zelf 2,0 %.");
}

/* What was not measured is not told. */
static void only_what_there_is(void **state)
{
    (void)state;
    says("overstapsysteem", LANG_EN,
         "5 calls, 0 failed by themselves and 0 by the trial.");
    says("keten", LANG_EN, NULL);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_both_languages),
        cmocka_unit_test(only_what_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
