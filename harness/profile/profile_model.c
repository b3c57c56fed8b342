/*
 * The canonical side of the contract as tables: messages, fields, codes, operations and
 * problems. Every profile must say where each of these stands on its wire.
 */
#include "harness/profile/profile_data.h"

#include <string.h>

#include "harness/base/mem.h"

/* What a statusmelding and an aanmelding in a stand have in common. */
#define AANMELDING_FIELDS                                                                \
    {"ketenid", KIND_TEXT, false, NULL}, {"caketenid", KIND_TEXT, true, NULL},           \
        {"bsn", KIND_TEXT, true, NULL}, {"onderwijsnummer", KIND_TEXT, true, NULL},      \
        {"instellingserkenningscode", KIND_TEXT, false, NULL},                           \
        {"opleidingcode", KIND_TEXT, false, NULL},                                       \
        {"leertrajectmbo", KIND_CODE, false, "leertrajectmbo"},                          \
        {"startmoment", KIND_TEXT, true, NULL}, {"status", KIND_CODE, false, "status"},  \
        {"begindatum", KIND_TIME, false, NULL},                                          \
        {"statussource", KIND_CODE, false, "statussource"},                              \
    {                                                                                    \
        "identificatie", KIND_CODE, false, "identificatie"                               \
    }

static const struct model_field statusmeldingen[] = {
    {"statusmeldingen", KIND_LIST, false, "statusmelding"},
};
static const struct model_field statusmelding[] = {
    {"meldingId", KIND_TEXT, false, NULL},
    AANMELDING_FIELDS,
};
static const struct model_field statusmeldingen_verwerkt[] = {
    {"aangenomen", KIND_NUMBER, false, NULL},
    {"dubbel", KIND_NUMBER, false, NULL},
};
static const struct model_field stand[] = {
    {"instellingserkenningscode", KIND_TEXT, false, NULL},
    {"peildatum", KIND_TIME, false, NULL},
    {"aanmeldingen", KIND_LIST, false, "stand-aanmelding"},
};
static const struct model_field stand_aanmelding[] = {
    AANMELDING_FIELDS,
};
static const struct model_field stand_verwerkt[] = {
    {"gewijzigd", KIND_NUMBER, false, NULL},
    {"vervallen", KIND_NUMBER, false, NULL},
    {"gelijk", KIND_NUMBER, false, NULL},
};
static const struct model_field aanmeldstatussen[] = {
    {"aanmeldstatussen", KIND_LIST, false, "aanmeldstatus"},
    {"volgende", KIND_TEXT, false, NULL},
    {"meer", KIND_FLAG, false, NULL},
};
static const struct model_field aanmeldstatus[] = {
    {"volgnummer", KIND_NUMBER, false, NULL},
    {"aanmeldId", KIND_TEXT, false, NULL},
    {"vervallen", KIND_FLAG, true, NULL},
    {"bsn", KIND_TEXT, true, NULL},
    {"status", KIND_CODE, true, "status"},
    {"statusBegin", KIND_TIME, true, NULL},
    {"instelling", KIND_OBJECT, true, "instelling"},
    {"opleiding", KIND_OBJECT, true, "opleiding"},
};
static const struct model_field code_naam[] = {
    {"code", KIND_TEXT, false, NULL},
    {"naam", KIND_TEXT, false, NULL},
};
static const struct model_field zoekopdracht[] = {
    {"bsns", KIND_TEXTS, false, NULL},
};
static const struct model_field zoekresultaat[] = {
    {"aanmeldstatussen", KIND_LIST, false, "aanmeldstatus"},
};
static const struct model_field abonnement_aanvraag[] = {
    {"callbackUrl", KIND_TEXT, false, NULL},
};
static const struct model_field abonnement[] = {
    {"abonnementId", KIND_TEXT, false, NULL},
    {"callbackUrl", KIND_TEXT, false, NULL},
};
/* A CloudEvent (https://github.com/cloudevents/spec, 1.0): its attributes, and our data.
 */
static const struct model_field notificatie[] = {
    {"specversion", KIND_TEXT, false, NULL},
    {"id", KIND_TEXT, false, NULL},
    {"source", KIND_TEXT, false, NULL},
    {"type", KIND_CODE, false, "notificatietype"},
    {"time", KIND_TIME, true, NULL},
    {"datacontenttype", KIND_TEXT, true, NULL},
    {"totVolgnummer", KIND_NUMBER, false, NULL},
};
/* Beside RFC 9457's own members, whose names are fixed. */
static const struct model_field problem[] = {
    {"fouten", KIND_LIST, true, "fout"},
    {"aansluitdatum", KIND_TIME, true, NULL},
};
static const struct model_field fout[] = {
    {"pointer", KIND_TEXT, false, NULL},
    {"reden", KIND_TEXT, false, NULL},
};

#define MODEL(name, table)                                                               \
    {                                                                                    \
        name, table, ARRAY_LEN(table)                                                    \
    }
const struct model profile_models[] = {
    MODEL("statusmeldingen", statusmeldingen),
    MODEL("statusmelding", statusmelding),
    MODEL("statusmeldingen-verwerkt", statusmeldingen_verwerkt),
    MODEL("stand", stand),
    MODEL("stand-aanmelding", stand_aanmelding),
    MODEL("stand-verwerkt", stand_verwerkt),
    MODEL("aanmeldstatussen", aanmeldstatussen),
    MODEL("aanmeldstatus", aanmeldstatus),
    MODEL("instelling", code_naam),
    MODEL("opleiding", code_naam),
    MODEL("zoekopdracht", zoekopdracht),
    MODEL("zoekresultaat", zoekresultaat),
    MODEL("abonnement-aanvraag", abonnement_aanvraag),
    MODEL("abonnement", abonnement),
    MODEL("notificatie", notificatie),
    MODEL("problem", problem),
    MODEL("fout", fout),
};
const size_t profile_models_n = ARRAY_LEN(profile_models);

static const char *const status_values[] = {
    "REJECTED", "WITHDRAWN", "SUBMITTED", "RECEIVED", "OFFERED", "ENROLLED", NULL};
static const char *const leertraject_values[] = {"BBL", "BOL", "EX",   "NFO",
                                                 "ODT", "OVO", "VAVO", NULL};
static const char *const source_values[] = {"CAMBO", "SIS", NULL};
static const char *const identificatie_values[] = {"DIGID", "FYSIEK", "GEEN", NULL};
static const char *const notificatie_values[] = {"aanmeldstatussen-gewijzigd", NULL};

const struct model_codes profile_model_codes[] = {
    {"status", status_values},
    {"leertrajectmbo", leertraject_values},
    {"statussource", source_values},
    {"identificatie", identificatie_values},
    {"notificatietype", notificatie_values},
};
const size_t profile_model_codes_n = ARRAY_LEN(profile_model_codes);

const struct model_op profile_model_ops[OP_COUNT] = {
    [OP_NONE] = {"", NULL, NULL, false},
    [OP_TOKEN] = {"token", NULL, NULL, false},
    [OP_INDIENEN] = {"statusmeldingen.indienen", "statusmeldingen",
                     "statusmeldingen-verwerkt", false},
    [OP_STAND] = {"standen.indienen", "stand", "stand-verwerkt", false},
    [OP_OPHALEN] = {"aanmeldstatussen.ophalen", NULL, "aanmeldstatussen", false},
    [OP_ZOEKEN] = {"aanmeldstatussen.zoeken", "zoekopdracht", "zoekresultaat", false},
    [OP_OPENAPI] = {"openapi", NULL, NULL, false},
    [OP_GEZONDHEID] = {"gezondheid", NULL, NULL, false},
    [OP_ABONNEREN] = {"notificaties.abonneren", "abonnement-aanvraag", "abonnement",
                      false},
    [OP_OPZEGGEN] = {"notificaties.opzeggen", NULL, NULL, false},
    [OP_MELDEN] = {"notificaties.melden", "notificatie", NULL, true},
};

const struct model_problem profile_model_problems[PROBLEM_COUNT] = {
    [PROBLEM_NONE] = {"", "", 0},
    [PROBLEM_INVALID] = {"invalid", "ongeldige-invoer", 400},
    [PROBLEM_CURSOR_INVALID] = {"cursor-invalid", "ongeldige-cursor", 400},
    [PROBLEM_UNAUTHENTICATED] = {"unauthenticated", "niet-aangemeld", 401},
    [PROBLEM_FORBIDDEN] = {"forbidden", "niet-toegestaan", 403},
    [PROBLEM_NOT_CONNECTED] = {"not-connected", "nog-niet-aangesloten", 403},
    [PROBLEM_WITHDRAWN] = {"withdrawn", "ingetrokken", 403},
    [PROBLEM_NOT_FOUND] = {"not-found", "niet-gevonden", 404},
    [PROBLEM_METHOD] = {"method", "methode-niet-toegestaan", 405},
    [PROBLEM_NOT_ACCEPTABLE] = {"not-acceptable", "niet-acceptabel", 406},
    [PROBLEM_CONFLICT] = {"conflict", "melding-afwijkend", 409},
    [PROBLEM_GONE] = {"gone", "cursor-verlopen", 410},
    [PROBLEM_TOO_LARGE] = {"too-large", "te-groot", 413},
    [PROBLEM_MEDIA_TYPE] = {"media-type", "mediatype-niet-ondersteund", 415},
    [PROBLEM_TOO_MANY] = {"too-many", "te-veel-verzoeken", 429},
    [PROBLEM_UNAVAILABLE] = {"unavailable", "niet-beschikbaar", 503},
    [PROBLEM_INTERNAL] = {"internal", "interne-fout", 500},
};

const char *op_name(enum op op)
{
    return op > OP_NONE && op < OP_COUNT ? profile_model_ops[op].name : "";
}

enum op op_by_name(const char *name)
{
    for (enum op op = OP_NONE + 1; name && op < OP_COUNT; op++)
        if (!strcmp(profile_model_ops[op].name, name))
            return op;
    return OP_NONE;
}

int problem_status(enum problem p)
{
    return p > PROBLEM_NONE && p < PROBLEM_COUNT ? profile_model_problems[p].status : 0;
}

static const struct {
    int status;
    const char *word;
} words[] = {
    {400, "invalid"},
    {401, "unauthenticated"},
    {403, "forbidden"},
    {404, "not-found"},
    {405, "method-not-allowed"},
    {406, "not-acceptable"},
    {409, "conflict"},
    {410, "gone"},
    {413, "too-large"},
    {415, "unsupported-media-type"},
    {429, "too-many"},
    {503, "unavailable"},
};

const char *profile_answer_word(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (words[i].status == status)
            return words[i].word;
    switch (status / 100) {
    case 2:
        return "ok";
    case 3:
        return "redirect";
    case 5:
        return "server-error";
    default:
        return "other";
    }
}
