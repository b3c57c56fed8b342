/*
 * Persons. The numbers of a kind are never listed: numbers_nth() finds the n-th one of a
 * range by counting, digit by digit, how many ways there are to end it.
 */
#include "mocks/population.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"

#define ELF        11
#define DIGITS     9
#define REST_BSN   0      /* elfproef */
#define REST_OWN   5      /* onderwijsnummer */
#define CROWD      900000 /* BSNs in 99xxxxxxx that are not in 9999xxxxx */
#define CROWD_KEPT 500000 /* named persons of a wide population come after these */
#define KETENIDS   1000000

struct population {
    uint64_t seed;
    bool wide;
    /* ways[k][r]: endings of k digits whose weighted sum is r modulo 11. */
    uint32_t ways[DIGITS + 1][ELF];
    struct map *persons;  /* "scenario\nname" -> struct person */
    struct map *numbers;  /* every BSN and onderwijsnummer given out -> the population */
    struct map *ketens;   /* "scenario\nname" -> char[16] without BRIN */
    struct map *ketenids; /* every number of a ketenid given out -> the population */
};

/* 9p1 + 8p2 + ... + 2p8 - p9; -1 is 10 modulo 11. */
static const unsigned weights[DIGITS] = {9, 8, 7, 6, 5, 4, 3, 2, 10};

static void count_ways(struct population *p)
{
    p->ways[0][0] = 1;
    for (unsigned k = 1; k <= DIGITS; k++)
        for (unsigned r = 0; r < ELF; r++)
            for (unsigned d = 0; d < 10; d++)
                p->ways[k][(r + weights[DIGITS - k] * d) % ELF] += p->ways[k - 1][r];
}

/* What the digits after `prefix` must add up to, for the sum of all to leave `rest`. */
static unsigned wanted(const char *prefix, unsigned rest)
{
    unsigned sum = 0;
    for (size_t i = 0; prefix[i]; i++)
        sum += weights[i] * (unsigned)(prefix[i] - '0');
    return (rest + ELF - sum % ELF) % ELF;
}

/* How many numbers begin with `prefix` and leave `rest`. */
static size_t numbers_count(const struct population *p, const char *prefix, unsigned rest)
{
    return p->ways[DIGITS - strlen(prefix)][wanted(prefix, rest)];
}

/* The n-th of them, in ascending order, n < numbers_count(). */
static void numbers_nth(const struct population *p, const char *prefix, unsigned rest,
                        size_t n, char out[10])
{
    unsigned want = wanted(prefix, rest);
    size_t at = strlen(prefix);
    memcpy(out, prefix, at);
    for (; at < DIGITS; at++) {
        for (unsigned d = 0; d < 10; d++) {
            unsigned left = (want + ELF - weights[at] * d % ELF) % ELF;
            size_t ways = p->ways[DIGITS - at - 1][left];
            if (n < ways) {
                out[at] = (char)('0' + d);
                want = left;
                break;
            }
            n -= ways;
        }
    }
    out[DIGITS] = '\0';
}

struct population *population_new(uint64_t seed, bool wide)
{
    struct population *p = xcalloc(1, sizeof *p);
    p->seed = seed;
    p->wide = wide;
    p->persons = map_new();
    p->numbers = map_new();
    p->ketens = map_new();
    p->ketenids = map_new();
    count_ways(p);
    return p;
}

void population_free(struct population *p)
{
    if (!p)
        return;
    map_free(p->persons, free);
    map_free(p->numbers, NULL);
    map_free(p->ketens, free);
    map_free(p->ketenids, NULL);
    free(p);
}

/* ---- numbers ---- */

/* A range to draw from: the numbers from..to-1 of those that begin with prefix. */
struct range {
    const char *prefix;
    size_t from, to; /* to 0: all */
};
/* Tried in this order: the next one only when a range has no number left. */
static const struct range narrow[] = {{"9999", 0, 0}, {"99", CROWD_KEPT, CROWD}};
static const struct range wide[] = {{"99", CROWD_KEPT, CROWD}, {"9999", 0, 0}};
/* 000000000 is the 0th of each and no BSN. */
static const struct range zeros[] = {{"0000000", 1, 0}, {"00000", 1, 0}, {"000", 1, 0}};

/* Draws a number that nobody in the population has, from the first range with room. */
static void draw_number(struct population *p, struct rng *rng, const struct range *ranges,
                        size_t n_ranges, unsigned rest, char out[10])
{
    for (size_t i = 0; i < n_ranges; i++) {
        const struct range *r = &ranges[i];
        size_t to = r->to ? r->to : numbers_count(p, r->prefix, rest);
        size_t n = to - r->from, first = (size_t)rng_below(rng, n);
        for (size_t k = 0; k < n; k++) {
            numbers_nth(p, r->prefix, rest, r->from + (first + k) % n, out);
            if (!map_get(p->numbers, out)) {
                map_put(p->numbers, out, p);
                return;
            }
        }
    }
    /* Over 400,000 named persons were asked for, which no run comes near: from here on
     * numbers are shared. */
}

/* Those of the first range of a wide population; the others are few. */
bool population_room(const struct population *p, size_t persons, size_t ketenids)
{
    return map_count(p->persons) + persons <= CROWD - CROWD_KEPT &&
           map_count(p->ketens) + ketenids <= KETENIDS;
}

void population_drawn(const struct population *p, size_t *persons, size_t *ketenids)
{
    *persons = map_count(p->persons);
    *ketenids = map_count(p->ketens);
}

void population_crowd(const struct population *p, size_t n, char bsn[10])
{
    /* Ascending, so that those that begin with 9999 come after the first 900,000. */
    numbers_nth(p, "99", REST_BSN, n % CROWD, bsn);
}

/* ---- names ---- */

/* Invented, and plain ASCII: they are also canaries, to be found again in any encoding of
 * what a system sends. No last name is a word that an honest answer could hold. */
static const char *const firsts[] = {
    "Abelien", "Bodewin",  "Cleoline",  "Dagobert", "Eefkelien", "Fokkedien", "Gijsbrand",
    "Hiltine", "Ilonka",   "Jorrit",    "Katelijn", "Lubbert",   "Machteld",  "Norbertje",
    "Odilia",  "Pieterke", "Quirina",   "Roelfien", "Sjoukje",   "Tjalling",  "Udolf",
    "Veerle",  "Wubbo",    "Xandrine",  "Yfke",     "Zwaantina", "Aldert",    "Brechtje",
    "Douwine", "Evertine", "Femkelien", "Geertruda"};
static const char *const heads[] = {"Appel",   "Bever", "Distel",   "Eiken",   "Fazant",
                                    "Ganzen",  "Haver", "Ijsvogel", "Kievit",  "Linden",
                                    "Meander", "Notel", "Otter",    "Pluvier", "Reiger",
                                    "Spreeuw", "Tarwe", "Uilen",    "Vlier",   "Wulpen"};
static const char *const tails[] = {
    "aarde",  "berkum",  "dijkstra", "enkamp",  "gaarden", "hornik",
    "ingen",  "krammer", "loverd",   "moerink", "nesse",   "oevering",
    "plasma", "ruigten", "stroet",   "velding", "wierden", "zijlker"};
static const char *const links[] = {"Quast",  "Zwerm", "Kolder",
                                    "Wessem", "Drost", "Ypelaar"};

static const char *pick(struct rng *rng, const char *const *words, size_t n)
{
    return words[rng_below(rng, n)];
}

static void last_name(struct rng *rng, char *out, size_t n)
{
    const char *head = pick(rng, heads, ARRAY_LEN(heads));
    const char *tail = pick(rng, tails, ARRAY_LEN(tails));
    const char *link = pick(rng, links, ARRAY_LEN(links));
    snprintf(out, n, "%s%s-%s", head, tail, link);
}

static void draw_names(struct rng *rng, struct person *who)
{
    char other[48];
    snprintf(who->first, sizeof who->first, "%s", pick(rng, firsts, ARRAY_LEN(firsts)));
    last_name(rng, who->last, sizeof who->last);
    last_name(rng, other, sizeof other);
    /* Half of the parents have another last name than the pupil. */
    snprintf(who->parent, sizeof who->parent, "%s %s",
             pick(rng, firsts, ARRAY_LEN(firsts)), rng_below(rng, 2) ? other : who->last);
}

/* ---- persons ---- */

/* Born on a day that makes somebody of `age` on 2023-08-01. */
static void draw_birth(struct rng *rng, int age, char out[11])
{
    char text[32];
    when_t first = 0, last = 0;
    snprintf(text, sizeof text, "%04d-08-02", 2022 - age);
    when_parse_date(text, 10, &first);
    snprintf(text, sizeof text, "%04d-08-01", 2023 - age);
    when_parse_date(text, 10, &last);
    when_t day = 86400 * NS_PER_S;
    uint64_t days = (uint64_t)((last - first) / day) + 1;
    when_format(first + (when_t)rng_below(rng, days) * day, text);
    memcpy(out, text, 10);
    out[10] = '\0';
}

/* The stream for one purpose and one name: adding a purpose changes nothing else. */
static void stream(const struct population *p, struct rng *rng, const char *scenario,
                   const char *name, const char *what)
{
    char *purpose = xasprintf("person %s: %s", what, name);
    rng_init(rng, p->seed, scenario, purpose);
    free(purpose);
}

static char *key_of(const char *scenario, const char *name)
{
    return xasprintf("%s\n%s", scenario ? scenario : "", name);
}

static struct person *draw_person(struct population *p, const char *scenario,
                                  const char *name, const struct person_wish *wish)
{
    struct person *who = xcalloc(1, sizeof *who);
    struct rng rng;
    const struct range *usual = p->wide ? wide : narrow;
    stream(p, &rng, scenario, name, "bsn");
    if (wish && wish->leading_zeros)
        draw_number(p, &rng, zeros, ARRAY_LEN(zeros), REST_BSN, who->bsn);
    else
        draw_number(p, &rng, usual, ARRAY_LEN(narrow), REST_BSN, who->bsn);
    stream(p, &rng, scenario, name, "onderwijsnummer");
    draw_number(p, &rng, usual, ARRAY_LEN(narrow), REST_OWN, who->onderwijsnummer);
    stream(p, &rng, scenario, name, "names");
    draw_names(&rng, who);
    stream(p, &rng, scenario, name, "birth");
    int age = (int)rng_below(&rng, 4) + 15;
    draw_birth(&rng, wish && wish->age > 0 ? wish->age : age, who->birth);
    return who;
}

const struct person *population_person(struct population *p, const char *scenario,
                                       const char *name, const struct person_wish *wish)
{
    scenario = scenario ? scenario : "";
    char *key = key_of(scenario, name);
    struct person *who = map_get(p->persons, key);
    if (!who) {
        who = draw_person(p, scenario, name, wish);
        map_put(p->persons, key, who);
    }
    free(key);
    return who;
}

/* "90" and six digits, as the national series of the real ones. */
static char *draw_ketenid(struct population *p, const char *scenario, const char *name)
{
    char *digits = xcalloc(1, 16);
    struct rng rng;
    stream(p, &rng, scenario, name, "ketenid");
    uint64_t first = rng_below(&rng, KETENIDS);
    for (uint64_t k = 0; k < KETENIDS; k++) {
        snprintf(digits, 16, "90%06u", (unsigned)((first + k) % KETENIDS));
        if (!map_get(p->ketenids, digits))
            break;
    }
    map_put(p->ketenids, digits, p);
    return digits;
}

void population_ketenid(struct population *p, const char *scenario, const char *name,
                        const char *brin, char out[16])
{
    scenario = scenario ? scenario : "";
    char *key = key_of(scenario, name);
    char *digits = map_get(p->ketens, key);
    if (!digits) {
        digits = draw_ketenid(p, scenario, name);
        map_put(p->ketens, key, digits);
    }
    free(key);
    snprintf(out, 16, "%.4s:%.8s", brin, digits);
}
