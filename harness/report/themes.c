#include "harness/report/themes.h"

#include <string.h>

#include "harness/base/mem.h"

static const struct theme themes[] = {
    {"KP-INT-",
     {"Meldingen aannemen", "Taking in messages"},
     {"Meldingen kunnen verkeerd, dubbel of ten onrechte worden aangenomen, of "
      "zoekraken.",
      "Messages may be taken in wrongly, twice or without right, or get lost."}},
    {"KP-ORD-",
     {"De volgorde van statussen", "The order of statuses"},
     {"Scholen kunnen een oude of verkeerde status te zien krijgen.",
      "Schools may get to see an old or wrong status."}},
    {"KP-LEV-",
     {"Leveren aan overstapsystemen", "Delivery to overstapsystemen"},
     {"Overstapsystemen kunnen aanmeldingen missen, of gegevens krijgen die niet mogen "
      "worden doorgegeven.",
      "Overstapsystemen may miss aanmeldingen, or get data that may not be passed on."}},
    {"KP-TOE-",
     {"Toegang", "Access"},
     {"Wie er niet bij mag, kan bij gegevens van leerlingen; of wie er wel bij mag, "
      "wordt "
      "geweigerd.",
      "Who may not, might get at data of pupils; or who may, is refused."}},
    {"KP-API-",
     {"Afspraken over de vorm van berichten", "Agreements on the form of messages"},
     {"Andere systemen kunnen een antwoord verkeerd begrijpen.",
      "Other systems may take an answer the wrong way."}},
    {"KP-ROB-",
     {"Storing en drukte", "Failure and rush"},
     {"Bij een storing of grote drukte kunnen meldingen zoekraken of valt het systeem "
      "uit.",
      "In a failure or a rush messages may get lost, or the system goes down."}},
    {"KP-STA-",
     {"Herstel van wat niet was gemeld", "Mending what was not reported"},
     {"Wijzigingen die een instelling niet heeft gemeld, blijven verkeerd staan.",
      "Changes that an instelling did not report stay wrong."}},
    {"KP-NOT-",
     {"Seintjes bij wijzigingen", "Signals of changes"},
     {"Overstapsystemen horen te laat, te vaak of te veel.",
      "Overstapsystemen are told too late, too often or too much."}},
    {"KP-OUD-",
     {"Bezwaar van een ouder", "Objection of a parent"},
     {"Het bezwaar van een ouder komt niet goed over.",
      "A parent's objection does not come across well."}},
    {"OS-OPH-",
     {"Ophalen bij het koppelpunt", "Fetching from the koppelpunt"},
     {"Wijzigingen kunnen worden gemist, of het koppelpunt wordt overbelast.",
      "Changes may be missed, or the koppelpunt is overloaded."}},
    {"OS-VER-",
     {"Verwerken en tonen", "Processing and showing"},
     {"Scholen kunnen een verkeerde of oude status zien, of aanmeldingen dubbel of niet.",
      "Schools may see a wrong or old status, or aanmeldingen twice or not at all."}},
    {"OS-INZ-",
     {"Wie ziet wat", "Who sees what"},
     {"Een school kan te veel zien, of eigen leerlingen missen.",
      "A school may see too much, or miss pupils of its own."}},
    {"OS-DIG-",
     {"Uitval van DigiD", "Outage of DigiD"},
     {"Als DigiD uitvalt, kunnen statussen verloren gaan of worden verzonnen.",
      "When DigiD is down, statuses may get lost or be made up."}},
    {"OS-OUD-",
     {"Bezwaar van een ouder", "Objection of a parent"},
     {"Het bezwaar van een ouder komt niet goed over.",
      "A parent's objection does not come across well."}},
    {"OS-STA-",
     {"Herstel van wat niet was gemeld", "Mending what was not reported"},
     {"Wijzigingen die een instelling niet heeft gemeld, blijven verkeerd staan.",
      "Changes that an instelling did not report stay wrong."}},
    {"OS-NOT-",
     {"Seintjes bij wijzigingen", "Signals of changes"},
     {"Als een seintje zoekraakt, mist een school een status.",
      "When a signal gets lost, a school misses a status."}},
    {"KT-",
     {"De hele keten", "The whole chain"},
     {"Wat een instelling meldt, komt niet goed bij de school aan.",
      "What an instelling reports does not reach the school well."}},
    {"", {"Overig", "Other"}, {"", ""}},
};

const struct theme *theme_of(const char *id)
{
    size_t i = 0;
    while (strncmp(id, themes[i].prefix, strlen(themes[i].prefix)))
        i++;
    return &themes[i];
}
