/* The sentences of judge and engine in Dutch, found by their English words as gettext
 * does. `*` stands for what was filled in; in the Dutch $1 puts the first of these there,
 * !1 its own translation. tests/unit/report/test_reasons.c holds the English against the
 * sources, so that a sentence that changes there can't lose its Dutch unnoticed. */
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/report/texts.h"

#define HOLES_MAX  8
#define DEPTH_MAX  4
#define REASON_MAX (64u << 10)

static const struct text_reason_row rows[] = {
    {"* (and * times more)", "!1 (en nog $2 keer)"},
    {"it was right, but did not stay so: *", "het was goed, maar bleef niet zo: !1"},
    {"failed in * of * rounds, first in round *: *",
     "mislukt in $1 van $2 rondes, voor het eerst in ronde $3: !4"},
    /* not reached, not declared */
    {"the capability \"*\" is not declared", "de mogelijkheid \"$1\" is niet opgegeven"},
    {"the iut.json does not declare the capability \"*\"",
     "de mogelijkheid \"$1\" staat niet in iut.json"},
    {"this can only be set up with a system that we start (\"start\" in the iut.json)",
     "dit kan alleen bij een systeem dat wij starten (\"start\" in iut.json)"},
    {"nothing was seen in this run by which it could be judged",
     "in deze proef was niets te zien waarnaar dit te beoordelen is"},
    {"it could not be observed", "het kon niet worden waargenomen"},
    {"the scenario did not run to its end", "het scenario is niet tot het einde gegaan"},
    {"the run ended in the middle of this scenario",
     "de proef eindigde midden in dit scenario"},
    {"the run ended before this scenario began",
     "de proef eindigde voordat dit scenario begon"},
    {"the scenario ran to its end, but nothing in it settled this requirement",
     "het scenario ging tot het einde, maar niets erin besliste over deze eis"},
    {"the koppelpunt gave no answer of the contract in this scenario, so that nothing is "
     "proven by it",
     "het koppelpunt gaf in dit scenario geen antwoord volgens het contract; het bewijst "
     "dus niets"},
    {"the overstapsysteem fetched nothing in this scenario, so that nothing is proven by "
     "it",
     "het overstapsysteem haalde in dit scenario niets op; het bewijst dus niets"},
    {"it was right with * aanmeldingen, and was not tried with the full *",
     "het ging goed met $1 aanmeldingen, en is niet geprobeerd met het volle aantal van "
     "$2"},
    {"what had to be seen was not seen, so what follows was not tried",
     "wat te zien moest zijn, was niet te zien; wat volgt is niet geprobeerd"},
    {"a correct statusmelding was not answered as it should be, so what follows was not "
     "tried",
     "een juiste statusmelding is niet aangenomen; wat volgt is niet geprobeerd"},
    {"a correct stand was not answered as it should be, so what follows was not tried",
     "een juiste stand is niet aangenomen; wat volgt is niet geprobeerd"},
    {"the conversation was ended", "het gesprek is beëindigd"},
    {"the run was interrupted", "de proef is afgebroken"},
    {"the system under test ended by itself",
     "het systeem dat wordt beproefd, is uit zichzelf gestopt"},
    /* preflight and starting */
    {"nothing listens at * (connection refused): start the system or correct its address "
     "in the iut.json",
     "op $1 luistert niets (verbinding geweigerd): start het systeem of verbeter het "
     "adres "
     "in iut.json"},
    {"the host of * has no address: correct it in the iut.json",
     "de host van $1 heeft geen adres: verbeter dit in iut.json"},
    {"* accepts a connection but does not answer: is this the right port, and is the "
     "system up?",
     "$1 neemt een verbinding aan maar antwoordt niet: is dit de goede poort, en werkt "
     "het "
     "systeem?"},
    {"what answers at * does not speak HTTP: correct the port (or http/https) in the "
     "iut.json",
     "wat op $1 antwoordt, spreekt geen HTTP: verbeter de poort (of http/https) in "
     "iut.json"},
    {"the token endpoint * refused client \"*\" (*): load the provisioning file into the "
     "system, or correct \"provisioning\"",
     "het tokenadres $1 weigerde client \"$2\" ($3): laad het provisioning-bestand in "
     "het "
     "systeem, of verbeter \"provisioning\""},
    {"the token endpoint * answered * without an access_token: this is no koppelpunt, or "
     "\"tokenUrl\" is wrong",
     "het tokenadres $1 antwoordde $2 zonder access_token: dit is geen koppelpunt, of "
     "\"tokenUrl\" klopt niet"},
    {"the clock of the system is * s * ours: set both by NTP",
     "de klok van het systeem loopt $1 s uit de pas met de onze: zet beide gelijk met "
     "NTP"},
    {"the system did not call the koppelpunt at * within its interval: does it use "
     "KOPPELPUNT_URL, and can it reach this address?",
     "het systeem riep het koppelpunt op $1 niet aan binnen zijn interval: gebruikt het "
     "KOPPELPUNT_URL, en kan het dit adres bereiken?"},
    {"the observer at * did not answer (*): start it or correct \"observer\" in the "
     "iut.json",
     "de waarnemer op $1 antwoordde niet ($2): start hem of verbeter \"observer\" in "
     "iut.json"},
    {"the observer at * answered waarnemingen with * and no list \"aanmeldingen\": is "
     "this "
     "the observer?",
     "de waarnemer op $1 antwoordde op waarnemingen met $2 en zonder lijst "
     "\"aanmeldingen\": is dit de waarnemer?"},
    {"the system ended (* *) before it was ready; see */stderr.txt",
     "het systeem stopte ($1 $2) voordat het gereed was; zie $3/stderr.txt"},
    {"the koppelpunt did not answer 200 on gezondheid at * within 10 s; see */stderr.txt",
     "het koppelpunt antwoordde niet binnen 10 s met 200 op gezondheid op $1; zie "
     "$2/stderr.txt"},
    {"no observer: what the system shows can't be seen (declare and give one in the "
     "iut.json)",
     "geen waarnemer: wat het systeem toont, is niet te zien (geef er een op in "
     "iut.json)"},
    {"the observer did not answer: *", "de waarnemer antwoordde niet: $1"},
    {"the observer answered *", "de waarnemer antwoordde $1"},
    /* what a school sees */
    {"aanmelding * (*, *) is not shown", "aanmelding $1 ($2, $3) wordt niet getoond"},
    {"aanmelding * (*, *) is shown as *", "aanmelding $1 ($2, $3) wordt getoond als $4"},
    {"aanmelding * (*, *) is shown * times",
     "aanmelding $1 ($2, $3) wordt $4 keer getoond"},
    {"an aanmelding (*, *) is shown that no source reports now",
     "er wordt een aanmelding ($1, $2) getoond die geen bron nu meldt"},
    {"an aanmelding is shown without the name of its *",
     "een aanmelding wordt getoond zonder de naam van haar $1"},
    {"\"*\" is shown, which no school may see",
     "\"$1\" wordt getoond, en dat mag geen school zien"},
    {"a school sees an aanmelding of a pupil who is not its own",
     "een school ziet een aanmelding van een leerling van een andere school"},
    {"the list of a school holds a pupil who is not its own",
     "in de lijst van een school staat een leerling van een andere school"},
    /* fetching */
    {"the system did not bring a fetch to its end in time",
     "het systeem bracht geen ophaalronde op tijd tot een einde"},
    {"the system asked for nothing in time", "het systeem vroeg niet op tijd iets op"},
    {"the system did not ask (often enough) in time to meet the fault",
     "het systeem vroeg niet (vaak genoeg) op tijd om de storing te treffen"},
    {"the overstapsysteem did not finish fetching in time",
     "het overstapsysteem was niet op tijd klaar met ophalen"},
    {"the fetch that was asked for (ophalen) answered *",
     "het gevraagde ophalen werd beantwoord met $1"},
    {"the overstapsysteem asked for aanmeldstatussen when it should not have",
     "het overstapsysteem vroeg om aanmeldstatussen terwijl dat niet mocht"},
    {"it fetched nothing by itself for * s, its interval is * s",
     "het haalde $1 s lang uit zichzelf niets op; zijn interval is $2 s"},
    {"asked to wait * s, it came back after * s",
     "gevraagd om $1 s te wachten, kwam het na $2 s terug"},
    {"while the koppelpunt failed it made * requests in * s",
     "terwijl het koppelpunt faalde, deed het $1 verzoeken in $2 s"},
    {"after a further failure it came back sooner (* s) than before (* s)",
     "na een volgende fout kwam het eerder terug ($1 s) dan de vorige keer ($2 s)"},
    {"aanmelding * at * is * for its source since journal line *; that was *, and * s "
     "later its school is not shown so (D10)",
     "aanmelding $1 bij $2 is volgens de bron $3 sinds journaalregel $4; dat was !5, en "
     "$6 "
     "s later ziet de school het nog niet (D10)"},
    {"accepted by the koppelpunt", "door het koppelpunt aangenomen"},
    {"delivered to the overstapsysteem", "aan het overstapsysteem geleverd"},
    {"ready to be fetched by the overstapsysteem",
     "door het overstapsysteem op te halen"},
    {"it asked for a new token * times while it held a good one",
     "het vroeg $1 keer een nieuw toegangsbewijs terwijl het een geldig had"},
    {"within one fetch it asked for a second token after a second 401",
     "binnen één ronde vroeg het na een tweede 401 nog een toegangsbewijs"},
    {"after a restart it fetched everything again instead of going on",
     "na een herstart haalde het alles opnieuw op in plaats van verder te gaan"},
    {"* of * times it fetched everything again instead of going on",
     "$1 van de $2 keer haalde het alles opnieuw op in plaats van verder te gaan"},
    {"after 410 it came back with the same cursor",
     "na 410 kwam het terug met dezelfde leespositie"},
    {"it went on behind a page that never arrived whole",
     "het ging verder na een pagina die nooit heel is aangekomen"},
    {"there was more after this page, but it was not asked for",
     "na deze pagina was er meer, maar daar is niet om gevraagd"},
    {"the overstapsysteem put a personal number into a URI that it asked for",
     "het overstapsysteem zette een persoonsnummer in een adres dat het opvroeg"},
    /* answers of a koppelpunt */
    {"*: the answer should be ** and is * (*)",
     "!1: het antwoord moet $2 zijn en is $3 ($4)"},
    {"the answer should be * and is * (*)", "het antwoord moet $1 zijn en is $2 ($3)"},
    {"the code should be * and is *", "de code moet $1 zijn en is $2"},
    {"no answer from the koppelpunt after * tries: * (*)",
     "geen antwoord van het koppelpunt na $1 pogingen: $2 ($3)"},
    {"the answer should hold aanmelding * as * and holds *",
     "het antwoord moet aanmelding $1 bevatten als $2, en bevat $3"},
    {"the answer should hold * entries of these pupils and holds *",
     "het antwoord moet $1 regels van deze leerlingen bevatten, en bevat er $2"},
    {"the answer may hold at most * entries and holds *",
     "het antwoord mag ten hoogste $1 regels bevatten, en bevat er $2"},
    {"the response * to * has no API-Version",
     "het antwoord $1 op $2 heeft geen API-Version"},
    {"the X-Request-Id of a request did not come back in its response",
     "de X-Request-Id van een verzoek kwam niet terug in het antwoord"},
    {"the error * to * is no application/problem+json",
     "de fout $1 op $2 is geen application/problem+json"},
    {"the response * to * lacks *: *", "het antwoord $1 op $2 mist $3: $4"},
    {"the problem * to * lacks *", "de foutmelding $1 op $2 mist $3"},
    {"a 400 to * names no fault in fouten", "een 400 op $1 noemt geen fout in fouten"},
    {"invalid input of * was answered 422, not 400",
     "onjuiste invoer van $1 is beantwoord met 422, niet met 400"},
    {"a time in the answer to * has not the agreed form (*)",
     "een tijd in het antwoord op $1 heeft niet de afgesproken vorm ($2)"},
    {"an aanmeldId holds a personal number", "een aanmeldId bevat een persoonsnummer"},
    {"a personal number stands in the header field * of a response to *",
     "in het kopveld $1 van een antwoord op $2 staat een persoonsnummer"},
    {"a personal number stands in the error * to *",
     "in de fout $1 op $2 staat een persoonsnummer"},
    {"a personal number stands in the cursor, which goes into a URI",
     "in de leespositie staat een persoonsnummer, en die komt in een adres"},
    {"a notification holds the number of a person",
     "een notificatie bevat het nummer van een persoon"},
    {"a full reading holds an aanmelding twice",
     "wie alles leest, krijgt een aanmelding tweemaal"},
    {"an unchanged status came twice under two volgnummers",
     "een ongewijzigde status kwam tweemaal, onder twee volgnummers"},
    {"there was a change, and no notification came",
     "er was een wijziging, en er kwam geen notificatie"},
    {"one aanmelding was delivered under * different aanmeldIds",
     "één aanmelding is geleverd onder $1 verschillende aanmeldId's"},
    {"an answer to * has a key that is not agreed: *",
     "een antwoord op $1 heeft een veld dat niet is afgesproken: $2"},
    {"an aanmelding in an answer to * lacks *",
     "een aanmelding in een antwoord op $1 mist $2"},
    {"an aanmelding of a person without a burgerservicenummer was delivered",
     "een aanmelding van iemand zonder burgerservicenummer is geleverd"},
    {"an aanmelding that is only SUBMITTED was delivered",
     "een aanmelding die nog SUBMITTED is, is geleverd"},
    {"a page holds more entries than were asked for",
     "een pagina bevat meer regels dan gevraagd"},
    {"the volgnummer does not rise", "het volgnummer stijgt niet"},
    {"a status that was sent again unchanged made a change in the feed",
     "een status die ongewijzigd opnieuw is gemeld, gaf een wijziging in de stroom"},
    {"an accepted aanmelding is not in the feed",
     "een aangenomen aanmelding staat niet in de stroom"},
    {"the feed does not show the status that follows from what was accepted",
     "de stroom toont niet de status die volgt uit wat is aangenomen"},
    {"a response to * holds a person's number where none belongs",
     "een antwoord op $1 bevat een persoonsnummer waar dat niet hoort"},
    /* A sentence about something, and what it is about: last, as they fit most. */
    {"*: *", "!1: !2"},
    {"* should be * and is **", "$1 moet $2 zijn en is $3"},
    {"a correct statusmelding of *", "een juiste statusmelding van $1"},
    {"a correct stand", "een juiste stand"},
    {"what the school sees of its pupil", "wat de school van haar leerling ziet"},
    {"a school sees nothing of a pupil of another school",
     "een school ziet niets van een leerling van een andere school"},
    {"a school's list holds its own pupils only",
     "in de lijst van een school staan alleen haar eigen leerlingen"},
    {"the answer to a call", "het antwoord op een verzoek"},
    {"something that must happen", "iets wat moet gebeuren"},
    {"DigiD is down: an applicant waits to log in",
     "DigiD ligt eruit: een aanmelder wacht op inloggen"},
};

size_t text_reason_rows(const struct text_reason_row **out)
{
    *out = rows;
    return ARRAY_LEN(rows);
}

struct hole {
    const char *s;
    size_t n;
};

/* Fills the holes of a pattern; each takes as little as it can, the last one all. Returns
 * their number, or -1 when the words differ. */
static int match(const char *pattern, const char *s, size_t n, struct hole *holes)
{
    const char *end = s + n;
    int found = 0;
    while (*pattern) {
        if (*pattern != '*') {
            size_t len = strcspn(pattern, "*");
            if ((size_t)(end - s) < len || memcmp(s, pattern, len))
                return -1;
            s += len;
            pattern += len;
            continue;
        }
        pattern += strspn(pattern, "*");
        size_t len = strcspn(pattern, "*");
        const char *next = end;
        if (len && !pattern[len]) /* the last words stand at the end */
            next = (size_t)(end - s) >= len ? end - len : NULL;
        else if (len)
            next = memmem(s, (size_t)(end - s), pattern, len);
        if (!next || found == HOLES_MAX)
            return -1;
        holes[found++] = (struct hole){.s = s, .n = (size_t)(next - s)};
        s = next;
    }
    return s == end ? found : -1;
}

static bool translate(struct buf *out, const char *s, size_t n, int depth);

/* The Dutch of a row, filled in; false when a part of it has none. */
static bool fill(struct buf *out, const char *nl, const struct hole *holes, int n,
                 int depth)
{
    for (; *nl; nl++) {
        int k =
            (*nl == '$' || *nl == '!') && nl[1] >= '1' && nl[1] <= '9' ? nl[1] - '1' : -1;
        if (k < 0) {
            buf_addc(out, *nl);
            continue;
        }
        if (k >= n)
            return false;
        if (*nl == '$')
            buf_add(out, holes[k].s, holes[k].n);
        else if (!translate(out, holes[k].s, holes[k].n, depth + 1))
            return false;
        nl++;
    }
    return true;
}

static bool translate(struct buf *out, const char *s, size_t n, int depth)
{
    struct hole holes[HOLES_MAX];
    size_t before = out->n;
    for (size_t i = 0; i < ARRAY_LEN(rows) && depth < DEPTH_MAX; i++) {
        int found = match(rows[i].en, s, n, holes);
        if (found < 0)
            continue;
        if (fill(out, rows[i].nl, holes, found, depth))
            return true;
        out->n = before;
    }
    return false;
}

char *text_reason(const char *reason, enum lang lang)
{
    struct buf b;
    if (lang == LANG_EN)
        return xstrdup(reason);
    buf_init(&b, REASON_MAX);
    if (*reason && translate(&b, reason, strlen(reason), 0) && !b.full)
        return buf_take(&b, NULL);
    buf_done(&b);
    return NULL;
}
