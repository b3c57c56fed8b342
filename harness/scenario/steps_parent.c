/* The named parent and the law's questions around an aanmelding (D7): explicit consent,
 * an objection that is taken back, and the question about extra support. */
#include <stdio.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/scenario/trial.h"

/* Explicit consent goes its own way: whatever the answer, the aanmelding goes on. */
static void parent_consents(struct lane *l, const json_t *step)
{
    struct application *a = lane_application(l, json_text(step, "to"));
    trial_event(l->t, "consent",
                json_pack("{ss,ss}", "application", a->a.name, "answer",
                          json_text(step, "consent")));
    lane_next(l);
}

static void parent_takes_back(struct lane *l, const json_t *step)
{
    struct application *a = lane_application(l, json_text(step, "takes back"));
    trial_event(l->t, "objection",
                json_pack("{ss,ss}", "application", a->a.name, "phase", "withdrawn"));
    lane_next(l);
}

/* From 1 August 2023 the instelling asks before an inschrijving whether support is
 * needed. Before that day it does not ask, whatever the scenario wishes. The answer is
 * planted as a canary: it must be found nowhere outside the SIS. */
static void sis_asks(struct lane *l, const json_t *step)
{
    struct application *a = lane_application(l, json_text(step, "sis"));
    const char *on = json_text(step, "asks about support");
    if (strncmp(on, "2023-08-01", 10) >= 0) {
        char canary[80];
        trial_event(l->t, "question",
                    json_pack("{ss,ss}", "application", a->a.name, "on", on));
        snprintf(canary, sizeof canary, "Ondersteuning-antwoord-%s", a->a.ketenid + 5);
        trial_event(l->t, "canary",
                    json_pack("{ss,ss}", "what", "extraOndersteuning", "text", canary));
    }
    lane_next(l);
}

static const char *const answers[] = {"given", "refused", "not answered", NULL};
static const struct verb_key consent_keys[] = {{"consent", KEY_WORD, true, answers},
                                               {"to", KEY_APPLICATION, true, NULL},
                                               {NULL, KEY_ANY, false, NULL}};
static const struct verb_key back_keys[] = {{"takes back", KEY_APPLICATION, true, NULL},
                                            {NULL, KEY_ANY, false, NULL}};
static const struct verb_key ask_keys[] = {{"asks about support", KEY_TIME, true, NULL},
                                           {NULL, KEY_ANY, false, NULL}};

const struct verb parent_verbs[] = {
    {"ouder", "consent", false, KEY_PUPIL, parent_consents,
     "the named parent answers the separate question for explicit consent, or does not "
     "(D7)",
     consent_keys},
    {"ouder", "takes back", false, KEY_PUPIL, parent_takes_back,
     "the named parent's objection to this aanmelding no longer stands", back_keys},
    {"sis", "asks about support", false, KEY_APPLICATION, sis_asks,
     "the instelling asks about extra support, from 1 August 2023 on (D7)", ask_keys},
    {NULL, NULL, false, KEY_ANY, NULL, NULL, NULL},
};
