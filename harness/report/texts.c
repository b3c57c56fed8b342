/* The words of the reports, Dutch and English side by side. */
#include "harness/report/texts.h"

#include <string.h>

#include "harness/base/mem.h"

static const char *const texts[TEXT_COUNT][2] = {
    [TEXT_RESULT] = {"Uitslag", "Result"},
    [TEXT_WHY] = {"Waarom", "Why"},
    [TEXT_WHERE] = {"Waar", "Where"},
    [TEXT_SCENARIO] = {"scenario", "scenario"},
    [TEXT_STEP] = {"stap", "step"},
    [TEXT_RELIABILITY] = {"Betrouwbaarheid", "Reliability"},
    [TEXT_ROUND] = {"ronde", "round"},
    [TEXT_LINES] = {"journaalregel", "journal line"},
    [TEXT_EXPECTED] = {"Verwacht", "Expected"},
    [TEXT_SEEN] = {"Gezien", "Seen"},
    [TEXT_BLAME] = {"Ligt aan", "Due to"},
    [TEXT_DO] = {"Te doen", "To do"},
    [TEXT_MORE] = {"bevindingen meer in result.json", "more findings in result.json"},
    [TEXT_COUNTS] = {"eisen beoordeeld", "requirements judged"},
    [TEXT_UNCOVERED] = {"Door geen scenario beoordeeld", "Judged by no scenario"},
    [TEXT_FILES] = {"Bestanden", "Files"},
    [TEXT_EMPTY] = {"Er is niets beoordeeld.", "Nothing was judged."},
    [TEXT_EXIT] = {"Afsluitcode", "Exit code"},
    [TEXT_SELF_TEST] =
        {"Dit is het verslag van een zelftest tegen een proefprofiel, geen "
         "certificaat.",
         "This is the report of a self-test against a trial profile, no "
         "certificate."},
    [TEXT_UNDECLARED] = {"niet opgegeven", "not declared"},
    [TEXT_WAIVED] = {"Ontheven", "Waived"},
    [TEXT_UNTIL] = {"tot en met", "until"},
    [TEXT_UNTIL_GONE] = {"VERLOPEN na", "EXPIRED after"},
    [TEXT_WITH] = {"met", "with"},
    [TEXT_WAIVER] = {"ontheffing", "waiver"},
    [TEXT_WAIVERS] = {"ontheffingen", "waivers"},
    [TEXT_OF_WAIVED] = {"daarvan met ontheffing", "of these waived"},
    [TEXT_DO_WAIVED] = {"Er is een ontheffing: herstel dit voordat die verloopt.",
                        "It is waived: mend this before the waiver expires."},
    [TEXT_DO_EXPIRED] = {"De ontheffing is verlopen: herstel dit, of spreek een nieuwe "
                         "datum af.",
                         "The waiver has expired: mend this, or agree on a new date."},
    [TEXT_EXPIRED] = {"verlopen; haal haar weg of spreek een nieuwe datum af",
                      "expired; take it out or agree on a new date"},
    [TEXT_STALE] = {"niet meer nodig, want de eis is gehaald; haal haar weg",
                    "not needed any more, as the requirement passes; take it out"},
    [TEXT_UNUSED] = {"in deze proef niet gebruikt", "not used in this run"},
    [TEXT_BASELINE] = {"Nulmeting", "Baseline"},
    [TEXT_KNOWN] = {"bekend: dat was toen ook zo", "known: it was so then"},
    [TEXT_NEW] = {"nieuw", "new"},
    [TEXT_NOTHING_NEW] = {"niets nieuws sinds de nulmeting",
                          "nothing new since the baseline"},
    [TEXT_N_NEW] = {"nieuw", "new"},
    [TEXT_N_GONE] = {"verdwenen", "disappeared"},
    [TEXT_N_FIXED] = {"hersteld", "fixed"},
    [TEXT_N_KNOWN] = {"bekend", "known"},
};

const char *text_of(enum text t, enum lang lang)
{
    return texts[t][lang];
}

struct word {
    const char *key, *text[2];
};

static const char *word(const struct word *words, size_t n, const char *key,
                        enum lang lang)
{
    for (size_t i = 0; key && i < n; i++)
        if (!strcmp(words[i].key, key))
            return words[i].text[lang];
    return key ? key : "";
}

const char *text_verdict(const char *verdict, enum lang lang)
{
    static const struct word words[] = {
        {"pass", {"goed", "pass"}},
        {"fail", {"FOUT", "FAIL"}},
        {"flaky", {"WISSELEND", "FLAKY"}},
        {"warn", {"let op", "warn"}},
        {"not-applicable", {"n.v.t.", "n/a"}},
        {"not-observed", {"niet gezien", "not seen"}},
        {"inconclusive", {"onbeslist", "undecided"}},
        {"error", {"STORING", "ERROR"}},
    };
    return word(words, ARRAY_LEN(words), verdict, lang);
}

const char *text_overall(const char *verdict, enum lang lang)
{
    static const struct word words[] = {
        {"conform", {"CONFORM", "CONFORM"}},
        {"conform with waivers", {"CONFORM met ontheffingen", "CONFORM with waivers"}},
        {"not conform", {"NIET CONFORM", "NOT CONFORM"}},
        {"incomplete",
         {"ONVOLLEDIG: niet alles kon worden beoordeeld",
          "INCOMPLETE: not everything could be judged"}},
        {"error",
         {"STORING: het ligt niet (alleen) aan het systeem",
          "ERROR: it is not (only) the system"}},
        {"interrupted",
         {"AFGEBROKEN: wat er staat, is alles wat is gezien",
          "INTERRUPTED: what is here is all that was seen"}},
    };
    return word(words, ARRAY_LEN(words), verdict, lang);
}

const char *text_blame(const char *blame, enum lang lang)
{
    static const struct word words[] = {
        {"system", {"het systeem", "the system under test"}},
        {"configuration",
         {"de instellingen van de proef", "the configuration of the trial"}},
        {"environment", {"de omgeving", "the environment"}},
        {"harness", {"koppelproef zelf", "koppelproef itself"}},
    };
    return word(words, ARRAY_LEN(words), blame, lang);
}

const char *text_role(const char *role, enum lang lang)
{
    static const struct word words[] = {
        {"koppelpunt", {"Koppelpunt", "Koppelpunt"}},
        {"overstapsysteem", {"Overstapsysteem", "Overstapsysteem"}},
        {"keten", {"De hele keten", "The whole chain"}},
    };
    return word(words, ARRAY_LEN(words), role, lang);
}

/* The first row that fits; an empty blame fits any. */
const char *text_advice(const char *verdict, const char *blame, enum lang lang)
{
    static const struct {
        const char *verdict, *blame, *text[2];
    } rows[] = {
        {"fail",
         "",
         {"Herstel dit in het systeem en draai de genoemde scenario's opnieuw.",
          "Mend this in the system and run the scenarios named again."}},
        {"flaky",
         "",
         {"Het gaat soms goed en soms fout. Zoek in de genoemde rondes wat er anders "
          "was, "
          "herstel dit in het systeem en draai opnieuw met --repeat.",
          "It goes well at times, and wrong at others. Look in the rounds named for what "
          "was different, mend it in the system and run again with --repeat."}},
        {"warn",
         "",
         {"Geen belemmering, wel aanbevolen: herstel dit in het systeem.",
          "No obstacle, but advised: mend this in the system."}},
        {"not-observed",
         "system",
         {"Zorg dat het systeem zover komt dat dit te zien is, en draai opnieuw.",
          "See that the system gets as far as showing this, and run again."}},
        {"not-observed",
         "configuration",
         {"Pas iut.json aan (mogelijkheden, adressen, toegang) en draai opnieuw.",
          "Change iut.json (capabilities, addresses, credentials) and run again."}},
        {"not-observed",
         "environment",
         {"Herstel de omgeving (netwerk, poorten, certificaten, klok) en draai opnieuw.",
          "Mend the environment (network, ports, certificates, clock) and run again."}},
        {"not-observed",
         "harness",
         {"Geen actie: koppelproef kon dit hier niet beoordelen. Meld het aan de makers.",
          "Nothing to do: koppelproef could not judge this here. Tell its makers."}},
        {"not-observed",
         "",
         {"Draai de scenario's die dit aantonen, tot het einde.",
          "Run the scenarios that prove this, to their end."}},
        {"inconclusive",
         "",
         {"Draai opnieuw, met meer geduld.", "Run again, with more patience."}},
        {"not-applicable",
         "",
         {"Geen actie: het systeem biedt dit niet aan, en dat mag.",
          "Nothing to do: the system does not offer this, and need not."}},
        {"error",
         "environment",
         {"Herstel de omgeving (netwerk, poorten, certificaten, klok) en draai opnieuw.",
          "Mend the environment (network, ports, certificates, clock) and run again."}},
        {"error",
         "",
         {"Dit is een fout van koppelproef: meld hem aan de makers, met het journaal.",
          "This is a fault of koppelproef: tell its makers, with the journal."}},
    };
    for (size_t i = 0; verdict && i < ARRAY_LEN(rows); i++)
        if (!strcmp(rows[i].verdict, verdict) &&
            (!*rows[i].blame || (blame && !strcmp(rows[i].blame, blame))))
            return rows[i].text[lang];
    return "";
}
