/* Which scenarios a mutant has to be tried in. */
#include <string.h>

#include "harness/cli/selftest.h"

void scouted_done(struct scouted *s)
{
    json_decref(s->reached);
    *s = (struct scouted){0};
}

/* What is correct but unusual must be conform, and of a null system nothing may pass:
 * that is said of a whole run. */
json_t *scouted_choose(const struct scouted *s, const struct mutant *m)
{
    if (!s->reached || m->kind != MUTANT_DEFECT)
        return NULL;
    json_t *list = json_object_get(s->reached, m->name);
    return list ? json_copy(list) : json_array();
}

const char *scouted_missed(const struct scouted *s, const struct tried *t)
{
    const json_t *known = json_object_get(s->reached, t->mutant->name);
    if (!s->reached || t->mutant->kind != MUTANT_DEFECT)
        return NULL;
    for (size_t i = 0; i < json_array_size(t->where); i++) {
        const char *name = json_string_value(json_array_get(t->where, i));
        bool found = !strcmp(name, TRIED_PREFLIGHT);
        for (size_t k = 0; k < json_array_size(known) && !found; k++)
            found = !strcmp(name, json_string_value(json_array_get(known, k)));
        if (!found)
            return name;
    }
    return NULL;
}
