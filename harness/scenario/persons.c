/* The pupils, schools and aanmeldingen of a scenario's "given", and who they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

/* 2 May 2023, the first working day after the date on which overstapsystemen may connect
 * (D8): where a scenario names no time, its first report began here. */
#define FIRST_BEGIN 1683014400LL

static struct person_wish wish_of(const json_t *pupil)
{
    struct person_wish w = {
        .age = (int)json_integer_value(json_object_get(pupil, "age")),
        .leading_zeros = json_is_true(json_object_get(pupil, "leading zeros")),
    };
    return w;
}

static void add_pupil(struct trial *t, const char *name, const json_t *wish, int region)
{
    struct pupil *p = xcalloc(1, sizeof *p);
    const char *school = json_text(wish, "school");
    const json_t *in = json_object_get(wish, "region");
    if (json_is_integer(in))
        region = (int)json_integer_value(in);
    struct person_wish pw = wish_of(wish);
    p->name = xstrdup(name);
    p->person = population_person(t->c.population, t->c.drawn_as, name, &pw);
    if (!school || !strcmp(school, "own"))
        school = tables_school_in(t->tables, region ? region : 19, 0)->code;
    snprintf(p->school, sizeof p->school, "%s", school);
    map_put(t->pupils, name, p);
    json_t *set = map_get(t->school_sets, school);
    if (!set) {
        set = json_array();
        map_put(t->school_sets, school, set);
    }
    json_array_append_new(set, json_string(name));
}

static const char *pick_opleiding(struct trial *t, const char *name)
{
    struct rng r;
    rng_init(&r, t->seed, name, "opleiding");
    for (;;) {
        size_t i = (size_t)rng_below(&r, t->tables->n_opleidingen);
        if (strlen(t->tables->opleidingen[i].code) == 5)
            return t->tables->opleidingen[i].code;
    }
}

/* An instelling that has its seat in a next region: some teach in two. */
static const char *elsewhere(const struct tables *t, int region)
{
    const struct instelling *own = tables_instelling_in(t, region, 0), *i = own;
    for (int n = 0; n < 39 && (i == own || i->region == region); n++)
        i = tables_instelling_in(t, (region + n) % 39 + 1, 0);
    return i->code;
}

static const char *pick_instelling(struct trial *t, const char *wish, int region)
{
    if (!wish || !strcmp(wish, "own"))
        return tables_instelling_in(t->tables, region ? region : 19, 0)->code;
    if (!strcmp(wish, "other"))
        return elsewhere(t->tables, region ? region : 19);
    return wish;
}

static void add_application(struct trial *t, const char *name, const json_t *wish,
                            const char *scope, int region)
{
    struct application *a = xcalloc(1, sizeof *a);
    char key[128];
    const char *pupil = json_text(wish, "pupil");
    snprintf(key, sizeof key, "%s%s", pupil, scope);
    struct pupil *p = map_get(t->pupils, key);
    if (!p)
        p = map_get(t->pupils, pupil);
    a->a.name = xstrdup(name);
    a->a.pupil = xstrdup(p->name);
    a->a.person = p->person;
    snprintf(a->a.instelling, sizeof a->a.instelling, "%s",
             pick_instelling(t, json_text(wish, "instelling"), region));
    const char *opleiding = json_text(wish, "opleiding");
    snprintf(a->a.opleiding, sizeof a->a.opleiding, "%s",
             opleiding ? opleiding : pick_opleiding(t, name));
    const char *traject = json_text(wish, "leertraject");
    snprintf(a->a.leertraject, sizeof a->a.leertraject, "%s", traject ? traject : "BOL");
    const char *start = json_text(wish, "start");
    snprintf(a->a.startmoment, sizeof a->a.startmoment, "%s", start ? start : "");
    const char *number = json_text(wish, "number");
    a->a.with_onderwijsnummer = number && !strcmp(number, "onderwijsnummer");
    const char *via = json_text(wish, "via");
    const char *identified = json_text(wish, "identified");
    bool cambo = via && !strcmp(via, "CAMBO");
    snprintf(a->a.identificatie, sizeof a->a.identificatie, "%s",
             identified ? identified
             : cambo    ? "DIGID"
                        : "FYSIEK");
    char *actor = xasprintf("%s/%s", t->c.iut->role, t->c.drawn_as);
    rng_init(&a->ids, t->seed, actor, name);
    free(actor);
    if (cambo)
        rng_uuid(&a->ids, a->a.caketenid);
    const char *same = json_text(wish, "same ketenid as");
    struct application *other = same ? map_get(t->applications, same) : NULL;
    if (other)
        snprintf(a->a.ketenid, sizeof a->a.ketenid, "%s", other->a.ketenid);
    else
        population_ketenid(t->c.population, t->c.drawn_as, name, a->a.instelling,
                           a->a.ketenid);
    const char *chain = json_text(wish, "same CAMBO aanmelding as");
    other = chain ? map_get(t->applications, chain) : NULL;
    if (other)
        snprintf(a->a.caketenid, sizeof a->a.caketenid, "%s", other->a.caketenid);
    a->clock = FIRST_BEGIN * NS_PER_S;
    map_put(t->applications, name, a);
}

static void add_all(struct trial *t, const json_t *from, const char *scope, int region)
{
    const char *name;
    json_t *wish;
    char key[128];
    json_object_foreach (json_object_get(from, "pupils"), name, wish) {
        snprintf(key, sizeof key, "%s%s", name, scope);
        add_pupil(t, key, wish, region);
    }
    json_object_foreach (json_object_get(from, "applications"), name, wish) {
        snprintf(key, sizeof key, "%s%s", name, scope);
        add_application(t, key, wish, scope, region);
    }
}

/* Whether "regions" (absent or "all": every one) names this region. */
static bool region_wanted(const json_t *regions, int number)
{
    if (!json_is_array(regions))
        return true;
    for (size_t k = 0; k < json_array_size(regions); k++)
        if (json_integer_value(json_array_get(regions, k)) == number)
            return true;
    return false;
}

void setup_persons(struct trial *t)
{
    const json_t *given = t->c.scenario->given;
    const json_t *per = json_object_get(given, "per region");
    const json_t *regions = json_object_get(given, "regions");
    t->pupils = map_new();
    t->applications = map_new();
    t->school_sets = map_new();
    add_all(t, given, "", 0);
    for (size_t i = 0; per && i < t->tables->n_regions; i++) {
        int number = t->tables->regions[i].number;
        char scope[16];
        snprintf(scope, sizeof scope, "@%d", number);
        if (region_wanted(regions, number))
            add_all(t, per, scope, number);
    }
}

static void plan_pupils(struct population *p, const char *as, const json_t *pupils,
                        const char *scope, struct digest *d)
{
    const char *name;
    json_t *wish;
    char key[128];
    json_object_foreach ((json_t *)(uintptr_t)pupils, name, wish) {
        struct person_wish w = wish_of(wish);
        snprintf(key, sizeof key, "%s%s", name, scope);
        const struct person *person = population_person(p, as, key, &w);
        digest_add(d, person->bsn, strlen(person->bsn));
    }
}

void setup_plan_persons(struct population *p, const struct tables *t,
                        const struct scenario *s, const char *as, struct digest *d)
{
    char scope[16];
    const json_t *per = json_object_get(s->given, "per region");
    plan_pupils(p, as, json_object_get(s->given, "pupils"), "", d);
    for (size_t i = 0; per && i < t->n_regions; i++) {
        snprintf(scope, sizeof scope, "@%d", t->regions[i].number);
        if (region_wanted(json_object_get(s->given, "regions"), t->regions[i].number))
            plan_pupils(p, as, json_object_get(per, "pupils"), scope, d);
    }
}
