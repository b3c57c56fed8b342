#include "mocks/mutants.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/mem.h"

const struct mutant *mutant_at(size_t i)
{
    const struct mutant *const tables[] = {koppelpunt_mutants, overstapsysteem_mutants};
    for (size_t t = 0; t < ARRAY_LEN(tables); t++)
        for (const struct mutant *m = tables[t]; m->name; m++)
            if (i-- == 0)
                return m;
    return NULL;
}

const struct mutant *mutant_find(const char *name)
{
    const struct mutant *m;
    for (size_t i = 0; (m = mutant_at(i)); i++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

bool mutant_of_tokens(const struct mutant *m)
{
    static const char *const names[] = {"kp-any-token",       "kp-token-for-ever",
                                        "kp-scope-unchecked", "kp-token-unbound",
                                        "os-renews-early",    "os-token-per-request",
                                        "os-token-per-fetch", "os-token-again-and-again"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], m->name) == 0)
            return true;
    return false;
}

const char *mutant_red_of_tokens(const struct mutant *m)
{
    /* A scope that may not be asked for is the only invalid input of KP-TOE-02. */
    return strcmp(m->name, "kp-invalid-is-422") == 0 ? "KP-TOE-02" : NULL;
}

const char *mutant_kind_name(enum mutant_kind kind)
{
    static const char *const names[] = {
        [MUTANT_DEFECT] = "defect", [MUTANT_UNUSUAL] = "unusual", [MUTANT_NULL] = "null"};
    return names[kind];
}

char *mutant_encoded_twice(const char *text)
{
    char *out = xmalloc(2 * strlen(text) + 1), *to = out;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c < 0x80) {
            *to++ = (char)*c;
        } else {
            *to++ = (char)(0xC0 | *c >> 6);
            *to++ = (char)(0x80 | (*c & 0x3F));
        }
    }
    *to = '\0';
    return out;
}

/* Said by this process already. A process plays one mutant, whatever roles it holds. */
static bool said;

void mutant_hit(void)
{
    if (!said)
        fputs("koppelproef: " MUTANT_EFFECT "\n", stderr);
    said = true;
}

/* Of a scout: what it looks for, and what it has named already. */
static const struct mutant *scouted;
static bool named[256];

void mutant_scout(const struct mutant *table)
{
    scouted = table;
    memset(named, 0, sizeof named);
}

static void name(int which)
{
    assert(which > 0 && which < (int)ARRAY_LEN(named));
    if (named[which])
        return;
    named[which] = true;
    for (const struct mutant *m = scouted; m && m->name; m++)
        if (m->which == which)
            fprintf(stderr, "koppelproef: " MUTANT_REACHED "%s\n", m->name);
}

bool mutant_asked(int played, int which)
{
    if (played == MUTANT_SCOUT)
        name(which);
    else if (played == which)
        mutant_hit();
    return played == which;
}
