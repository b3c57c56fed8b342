#include "mocks/mutants.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/mem.h"

const struct mutant *mutant_find(const char *name)
{
    const struct mutant *const tables[] = {koppelpunt_mutants, overstapsysteem_mutants};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        for (const struct mutant *m = tables[i]; m->name; m++)
            if (strcmp(m->name, name) == 0)
                return m;
    return NULL;
}

/* Said by this process already. A process plays one mutant, whatever roles it holds. */
static bool said;

void mutant_hit(void)
{
    if (!said)
        fputs("koppelproef: " MUTANT_EFFECT "\n", stderr);
    said = true;
}

bool mutant_is(int played, int which)
{
    if (played != which)
        return false;
    mutant_hit();
    return true;
}
