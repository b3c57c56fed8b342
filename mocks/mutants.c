#include "mocks/mutants.h"

#include <string.h>

#include "harness/base/mem.h"

/* Stands in where a program is linked without the koppelpunt's table. */
__attribute__((weak)) const struct mutant koppelpunt_mutants[] = {
    {NULL, NULL, MUTANT_DEFECT, 0, NULL, NULL, NULL},
};

const struct mutant *mutant_find(const char *name)
{
    const struct mutant *const tables[] = {koppelpunt_mutants, overstapsysteem_mutants};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        for (const struct mutant *m = tables[i]; m->name; m++)
            if (strcmp(m->name, name) == 0)
                return m;
    return NULL;
}
