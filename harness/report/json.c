/* result.json: the result as it is. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/report/report.h"

int report_json(const char *path, const json_t *result, struct err *e)
{
    char *dump = json_dumps(result, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    if (!dump)
        return err_set(e, E_HARNESS, "the result can't be written as JSON");
    char *text = xasprintf("%s\n", dump);
    int rc = file_write(path, text, strlen(text), e);
    free(dump);
    free(text);
    return rc;
}
