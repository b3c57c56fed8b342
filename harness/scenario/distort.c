/* Named ways in which a statusmelding is wrong, so that a scenario can ask for them
 * without knowing a field. Each says where the koppelpunt must see the fault. */
#include <stdio.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

static void set(json_t *m, const char *key, const char *value)
{
    json_object_set_new(m, key, json_string(value));
}

static void failing_number(struct trial *t, struct application *a, json_t *m)
{
    char bsn[10];
    (void)t;
    /* Another last digit: the sum can't be divisible by 11 any more, nor leave 5. */
    snprintf(bsn, sizeof bsn, "%s", a->a.person->bsn);
    do
        bsn[8] = (char)('0' + (bsn[8] - '0' + 1) % 10);
    while (bsn_valid(bsn, 9) || onderwijsnummer_valid(bsn, 9));
    json_object_del(m, "onderwijsnummer");
    set(m, "bsn", bsn);
}

/* A number as a system has it that keeps numbers as integers. */
static void without_zero(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    const char *bsn = a->a.person->bsn;
    json_object_del(m, "onderwijsnummer");
    set(m, "bsn", *bsn == '0' ? bsn + 1 : bsn);
}

static void number_as_integer(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    json_object_del(m, "onderwijsnummer");
    json_object_set_new(m, "bsn", json_integer(strtol(a->a.person->bsn, NULL, 10)));
}

static void onderwijsnummer_as_bsn(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    json_object_del(m, "onderwijsnummer");
    set(m, "bsn", a->a.person->onderwijsnummer);
}

static void bsn_as_onderwijsnummer(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    json_object_del(m, "bsn");
    set(m, "onderwijsnummer", a->a.person->bsn);
}

static void both_numbers(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    set(m, "bsn", a->a.person->bsn);
    set(m, "onderwijsnummer", a->a.person->onderwijsnummer);
}

static void no_number(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    json_object_del(m, "bsn");
    json_object_del(m, "onderwijsnummer");
}

/* Another instelling than the sender's, with a ketenid that fits it: 403. */
static void foreign_instelling(struct trial *t, struct application *a, json_t *m)
{
    const struct instelling *other = &t->tables->instellingen[0];
    char ketenid[16];
    if (!strcmp(other->code, a->a.instelling))
        other = &t->tables->instellingen[1];
    snprintf(ketenid, sizeof ketenid, "%s%s", other->code, a->a.ketenid + 4);
    set(m, "instellingserkenningscode", other->code);
    set(m, "ketenid", ketenid);
}

static void foreign_ketenid(struct trial *t, struct application *a, json_t *m)
{
    char ketenid[16];
    const struct instelling *other = &t->tables->instellingen[0];
    if (!strcmp(other->code, a->a.instelling))
        other = &t->tables->instellingen[1];
    snprintf(ketenid, sizeof ketenid, "%s%s", other->code, a->a.ketenid + 4);
    set(m, "ketenid", ketenid);
}

static void status_of_cambo(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    set(m, "status", status_name(STATUS_SUBMITTED));
}

static void status_of_sis(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    set(m, "status", status_name(STATUS_ENROLLED));
}

static void wrong_source(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    const char *is = json_string_value(json_object_get(m, "statussource"));
    set(m, "statussource", is && !strcmp(is, "SIS") ? "CAMBO" : "SIS");
}

static void unidentified(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    set(m, "identificatie", "GEEN");
}

static void unknown_opleiding(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    set(m, "opleidingcode", "99999");
}

static void unknown_instelling(struct trial *t, struct application *a, json_t *m)
{
    char ketenid[16];
    (void)t;
    snprintf(ketenid, sizeof ketenid, "99ZZ%s", a->a.ketenid + 4);
    set(m, "instellingserkenningscode", "99ZZ");
    set(m, "ketenid", ketenid);
}

static void unknown_status(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    set(m, "status", "ONBEKEND");
}

static void future(struct trial *t, struct application *a, json_t *m)
{
    char at[32];
    (void)a;
    when_t later = wire_wall(t->wire) / NS_PER_S * NS_PER_S + 600 * NS_PER_S;
    set(m, "begindatum", when_format(later, at));
}

static void local_time(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    set(m, "begindatum", "2023-05-02T10:00:00+02:00");
}

/* A source sends three digits or none (CONTRACT.md 2). */
static void odd_fraction(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    set(m, "begindatum", "2023-05-02T08:15:30.5Z");
}

static void no_status(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    json_object_del(m, "status");
}

static void no_ketenid(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    json_object_del(m, "ketenid");
}

static void null_start(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    json_object_set_new(m, "startmoment", json_null());
}

static void bad_id(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    set(m, "meldingId", "not-a-uuid");
}

static void bad_traject(struct trial *t, struct application *a, json_t *m)
{
    (void)t;
    (void)a;
    set(m, "leertrajectmbo", "VMBO");
}

/* What must never be on this interface (KP-INT-09, D7, D9). Each plants a canary: a text
 * that must be found nowhere afterwards. */
static void plant(struct trial *t, json_t *m, const char *key, const char *canary)
{
    set(m, key, canary);
    trial_event(t, "canary", json_pack("{ss,ss}", "what", key, "text", canary));
}

static void with_parent(struct trial *t, struct application *a, json_t *m)
{
    plant(t, m, "ouder", a->a.person->parent);
}

static void with_support(struct trial *t, struct application *a, json_t *m)
{
    char canary[80];
    snprintf(canary, sizeof canary, "Ondersteuning-kanarie-%s", a->a.ketenid + 5);
    plant(t, m, "extraOndersteuning", canary);
}

static void with_gender(struct trial *t, struct application *a, json_t *m)
{
    char canary[80];
    snprintf(canary, sizeof canary, "Geslacht-kanarie-%s", a->a.ketenid + 5);
    plant(t, m, "geslacht", canary);
}

static void with_address(struct trial *t, struct application *a, json_t *m)
{
    char canary[80];
    snprintf(canary, sizeof canary, "Kanariestraat %s", a->a.ketenid + 5);
    plant(t, m, "adres", canary);
}

static void with_name(struct trial *t, struct application *a, json_t *m)
{
    char canary[120];
    snprintf(canary, sizeof canary, "%s %s", a->a.person->first, a->a.person->last);
    plant(t, m, "naam", canary);
}

static void with_grade(struct trial *t, struct application *a, json_t *m)
{
    char canary[80];
    snprintf(canary, sizeof canary, "Cijfer-kanarie-%s", a->a.ketenid + 5);
    plant(t, m, "cijfers", canary);
}

const struct distortion distortions[] = {
    {"failing number", "/bsn", "invalid", "KP-INT-05", failing_number,
     "a number that fails the elfproef"},
    {"without its zero", "/bsn", "invalid", "KP-INT-05", without_zero,
     "a BSN without its first zero"},
    {"integer as number", "/bsn", "invalid", "KP-INT-05", number_as_integer,
     "a BSN that is a JSON number"},
    {"onderwijsnummer as BSN", "/bsn", "invalid", "KP-INT-05", onderwijsnummer_as_bsn,
     "an onderwijsnummer in the place of a BSN"},
    {"BSN as onderwijsnummer", "/onderwijsnummer", "invalid", "KP-INT-05",
     bsn_as_onderwijsnummer, "a BSN in the place of an onderwijsnummer"},
    {"both numbers", "", "invalid", "KP-INT-05", both_numbers,
     "a BSN and an onderwijsnummer together"},
    {"no number", "", "invalid", "KP-INT-05", no_number,
     "neither BSN nor onderwijsnummer"},
    {"foreign instelling", "", "forbidden", "KP-INT-06", foreign_instelling,
     "a SIS that sends for another instelling"},
    {"foreign ketenid", "/ketenid", "invalid", "KP-INT-06", foreign_ketenid,
     "a ketenid of another BRIN than the instelling"},
    {"SUBMITTED from a SIS", "/status", "invalid", "KP-INT-07", status_of_cambo,
     "a SIS that sends what only CAMBO may"},
    {"ENROLLED from CAMBO", "/status", "invalid", "KP-INT-07", status_of_sis,
     "CAMBO that sends what only a SIS may"},
    {"wrong source", "/statussource", "invalid", "KP-INT-07", wrong_source,
     "a statussource that is not the sender's"},
    {"unidentified", "/identificatie", "invalid", "KP-INT-08", unidentified,
     "a status beyond SUBMITTED of a person who was not identified"},
    {"unknown opleiding", "/opleidingcode", "invalid", "KP-INT-11", unknown_opleiding,
     "an opleiding that is not in the tables"},
    {"unknown instelling", "/instellingserkenningscode", "invalid", "KP-INT-11",
     unknown_instelling, "an instelling that is not in the tables (from CAMBO)"},
    {"unknown status", "/status", "invalid", "KP-INT-04", unknown_status,
     "a status that does not exist"},
    {"future", "/begindatum", "invalid", "KP-INT-12", future,
     "a begindatum ten minutes ahead"},
    {"local time", "/begindatum", "invalid", "KP-API-13", local_time,
     "a time that is not in UTC"},
    {"odd fraction", "/begindatum", "invalid", "KP-API-13", odd_fraction,
     "a time with one digit behind the seconds"},
    {"no status", "/status", "invalid", "KP-INT-04", no_status, "no status at all"},
    {"no ketenid", "/ketenid", "invalid", "KP-INT-04", no_ketenid, "no ketenid"},
    {"null start", "/startmoment", "invalid", "KP-INT-04", null_start,
     "an optional field that is null instead of absent"},
    {"bad id", "/meldingId", "invalid", "KP-INT-04", bad_id,
     "a meldingId that is no UUID"},
    {"unknown leertraject", "/leertrajectmbo", "invalid", "KP-INT-04", bad_traject,
     "a leertraject that does not exist"},
    {"parent", "/ouder", "invalid", "KP-INT-09", with_parent, "the named parent"},
    {"support", "/extraOndersteuning", "invalid", "KP-INT-09", with_support,
     "the answer to the extra-support question"},
    {"gender", "/geslacht", "invalid", "KP-INT-09", with_gender, "the gender"},
    {"address", "/adres", "invalid", "KP-INT-09", with_address, "an address"},
    {"name", "/naam", "invalid", "KP-INT-09", with_name, "the pupil's name"},
    {"grade", "/cijfers", "invalid", "KP-INT-09", with_grade, "grades"},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

const struct distortion *distortion_find(const char *name)
{
    for (const struct distortion *d = distortions; name && d->name; d++)
        if (!strcmp(d->name, name))
            return d;
    return NULL;
}
