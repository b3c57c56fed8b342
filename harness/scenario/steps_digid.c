/* CAMBO reports once its applicant could log in with DigiD; DigiD fails, for everybody or
 * for some (as in most real outages), and recovers. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

static bool can_log_in(const struct trial *t, const struct application *a)
{
    if (!t->digid_down)
        return true;
    for (size_t i = 0; i < t->n_digid_out; i++)
        if (t->digid_out[i] == a)
            return false;
    return t->n_digid_out > 0;
}

/* While DigiD is down nobody can log in: the applicant waits, and what was to be reported
 * comes with the wave afterwards (D4, D5). */
static void cambo_reports(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    struct application *a = lane_application(l, json_text(step, "cambo"));
    if (can_log_in(t, a)) {
        source_reports(l, step, "CAMBO", a);
        return;
    }
    t->held = xrealloc(t->held, (t->n_held + 1) * sizeof *t->held);
    struct held *h = &t->held[t->n_held++];
    h->steps = trial_wrap(t, json_array_get(l->steps, l->at));
    h->item = l->item;
    lane_pointer(l, h->pointer, sizeof h->pointer);
    trial_event(t, "trouble",
                json_pack("{ss,ss}", "blame", "scenario", "text",
                          "DigiD is down: an applicant waits to log in"));
    lane_next(l);
}

static void digid_fails(struct lane *l, const json_t *step)
{
    struct trial *t = l->t;
    const json_t *out = json_object_get(step, "only for");
    t->digid_down = true;
    t->n_digid_out = json_array_size(out);
    t->digid_out = xrealloc(t->digid_out, (t->n_digid_out + 1) * sizeof(void *));
    for (size_t i = 0; i < t->n_digid_out; i++)
        t->digid_out[i] = lane_application(l, json_string_value(json_array_get(out, i)));
    lane_next(l);
}

/* Who waited comes at once: this lane goes on when all of them were let in. */
static void digid_recovers(struct lane *l)
{
    struct trial *t = l->t;
    size_t n = t->n_held;
    t->digid_down = false;
    t->n_held = 0;
    for (size_t i = 0; i < n; i++) {
        struct held *h = &t->held[i];
        lane_spawn(l, h->steps, h->pointer, h->item.scope, h->item.each);
    }
    if (n == 0)
        lane_next(l);
}

static void digid_changes(struct lane *l, const json_t *step)
{
    if (!strcmp(json_text(step, "digid"), "fails"))
        digid_fails(l, step);
    else
        digid_recovers(l);
}

static const char *const digid_words[] = {"fails", "recovers", NULL};
static const struct verb_key digid_keys[] = {{"digid", KEY_WORD, true, digid_words},
                                             {"only for", KEY_APPLICATIONS, false, NULL},
                                             {NULL, KEY_ANY, false, NULL}};

const struct verb digid_verbs[] = {
    {"cambo", "reports", false, KEY_APPLICATION, cambo_reports,
     "CAMBO sends a statusmelding, once the applicant could log in with DigiD",
     source_report_keys},
    {"digid", "digid", true, KEY_ANY, digid_changes,
     "DigiD \"fails\" (\"only for\" some applicants) or \"recovers\"; what CAMBO held "
     "back "
     "then comes as one wave",
     digid_keys},
    {NULL, NULL, false, KEY_ANY, NULL, NULL, NULL},
};
