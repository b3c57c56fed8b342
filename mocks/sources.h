/*
 * The sources: each instelling's SIS, which holds the truth of its aanmeldingen, and
 * CAMBO, where applicants log in with DigiD. They make canonical messages; sending is the
 * scenario's business.
 */
#ifndef MOCKS_SOURCES_H
#define MOCKS_SOURCES_H

#include <jansson.h>

#include "harness/base/domain.h"
#include "mocks/population.h"

/* One aanmelding as its SIS holds it. Strings are owned. */
struct aanmelding {
    char *name;  /* in the scenario */
    char *pupil; /* in the scenario */
    const struct person *person;
    char ketenid[16];
    char caketenid[37]; /* "" when not made in CAMBO */
    char instelling[8], opleiding[16];
    char leertraject[8];
    char startmoment[11];      /* "" when none */
    bool with_onderwijsnummer; /* a person without a BSN */
    enum status status;        /* NONE until the first */
    when_t begin;
    char identificatie[8]; /* DIGID, FYSIEK, GEEN */
    bool deleted;          /* removed in the SIS */
};

/* A statusmelding for what `a` holds now. `source` "SIS" or "CAMBO". */
json_t *sources_melding(const struct aanmelding *a, const char *source,
                        const char *meldingId);
/* An entry of a stand. */
json_t *sources_stand_entry(const struct aanmelding *a);

#endif
