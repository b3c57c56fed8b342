#include "mocks/sources.h"

#include "harness/base/when.h"

/* The members that a melding and an entry of a stand have in common. */
static void put_common(json_t *m, const struct aanmelding *a, const char *source)
{
    json_object_set_new(m, "ketenid", json_string(a->ketenid));
    if (a->caketenid[0])
        json_object_set_new(m, "caketenid", json_string(a->caketenid));
    if (a->with_onderwijsnummer)
        json_object_set_new(m, "onderwijsnummer",
                            json_string(a->person->onderwijsnummer));
    else
        json_object_set_new(m, "bsn", json_string(a->person->bsn));
    json_object_set_new(m, "instellingserkenningscode", json_string(a->instelling));
    json_object_set_new(m, "opleidingcode", json_string(a->opleiding));
    json_object_set_new(m, "leertrajectmbo", json_string(a->leertraject));
    if (a->startmoment[0])
        json_object_set_new(m, "startmoment", json_string(a->startmoment));
    json_object_set_new(m, "status", json_string(status_name(a->status)));
    /* Sources send no fraction of a second or exactly three digits: the contract's fine
     * print. */
    when_t rest = a->begin % NS_PER_MS;
    char begin[32];
    when_format(a->begin - (rest < 0 ? rest + NS_PER_MS : rest), begin);
    json_object_set_new(m, "begindatum", json_string(begin));
    json_object_set_new(m, "statussource", json_string(source));
    json_object_set_new(m, "identificatie", json_string(a->identificatie));
}

json_t *sources_melding(const struct aanmelding *a, const char *source,
                        const char *meldingId)
{
    json_t *m = json_object();
    json_object_set_new(m, "meldingId", json_string(meldingId));
    put_common(m, a, source);
    return m;
}

json_t *sources_stand_entry(const struct aanmelding *a)
{
    json_t *m = json_object();
    put_common(m, a, "SIS"); /* only a SIS hands in standen */
    return m;
}
