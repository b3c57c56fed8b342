/*
 * Synthetic persons and the real code tables. Everything is derived from (seed, name), so
 * the same seed gives the same persons whatever else is in a run. Numbers come from the
 * range 9999xxxxx; when `wide` is set (a crowd, or a system that keeps running between
 * trials) from 99xxxxxxx. No real person has one of the first; of the others that is the
 * best that is known.
 */
#ifndef MOCKS_POPULATION_H
#define MOCKS_POPULATION_H

#include <stdbool.h>

#include "harness/base/err.h"
#include "harness/base/map.h"
#include "harness/base/rng.h"
#include "harness/base/when.h"

struct region {
    int number; /* RMC region 1..39 */
    char *name;
};
struct instelling {
    char *code, *name; /* BRIN, name */
    int region;
};
struct opleiding {
    char *code, *name;
    int level; /* 1..4; 0 for vavo */
};
struct school {
    char *code; /* BRIN and vestiging, "02QZ00" */
    char *name;
    int region;
    char *kind; /* vmbo, havo, pro, vso, vavo */
};
struct tables {
    struct region *regions;
    size_t n_regions;
    struct instelling *instellingen;
    size_t n_instellingen;
    struct opleiding *opleidingen;
    size_t n_opleidingen;
    struct school *schools;
    size_t n_schools;
};
/* Reads fixtures/{regions,instellingen,opleidingen,schools}.json from `dir`. */
int tables_load(const char *dir, struct tables **out, struct err *e);
void tables_free(struct tables *t);
const struct instelling *tables_instelling(const struct tables *t, const char *code);
const struct opleiding *tables_opleiding(const struct tables *t, const char *code);
const struct school *tables_school(const struct tables *t, const char *code);
/* One of region `number` (the n-th, wrapping); every region has at least one of each. */
const struct instelling *tables_instelling_in(const struct tables *t, int region,
                                              size_t n);
const struct school *tables_school_in(const struct tables *t, int region, size_t n);

struct population;
struct population *population_new(uint64_t seed, bool wide);
void population_free(struct population *p);

struct person {
    char bsn[10];
    char onderwijsnummer[10];
    char first[32], last[48]; /* invented; also used as privacy canaries */
    char parent[80];          /* the named parent (D7) */
    char birth[11];           /* YYYY-MM-DD */
};
struct person_wish {
    int age;            /* on 2023-08-01; 0: 15-18 */
    bool leading_zeros; /* a number such as 0000000xx: the contract's fine print */
};
/* The person of that name: the same each time for one (seed, scenario, name); no two
 * names of a population share a number (a clash is resolved by drawing on). Owned by p.
 */
const struct person *population_person(struct population *p, const char *scenario,
                                       const char *name, const struct person_wish *wish);
/* Whether there are numbers for so many more persons, and as many ketenids. */
bool population_room(const struct population *p, size_t persons, size_t ketenids);
/* How many have been drawn so far. */
void population_drawn(const struct population *p, size_t *persons, size_t *ketenids);
/* The n-th of a crowd: distinct numbers for n in [0, 900000). No memory is kept. */
void population_crowd(const struct population *p, size_t n, char bsn[10]);
/* A ketenid for an instelling: "25LH:90001234", distinct per (scenario, name). */
void population_ketenid(struct population *p, const char *scenario, const char *name,
                        const char *brin, char out[16]);

#endif
