/* Invariants of the whole chain (KT-02 to KT-07): identification, the named parent,
 * consent, the support question, and numbers that add up. They look at what the
 * laboratory's own sources did as much as at what the koppelpunt let through. */
#include <string.h>

#include "harness/base/domain.h"
#include "harness/base/when.h"
#include "harness/judge/checks_list.h"

static const char *text(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static bool is(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static uint64_t seq_of(const json_t *e)
{
    return (uint64_t)json_integer_value(json_object_get(e, "seq"));
}

static bool accepted_batch(const struct seen_exchange *x)
{
    return is(x->op, "statusmeldingen.indienen") && x->answered && x->status / 100 == 2 &&
           json_is_array(json_object_get(x->message, "statusmeldingen"));
}

/* KT-02: nobody gets beyond SUBMITTED without identification (D4). */
void check_identified(struct look *l, const struct seen_exchange *x)
{
    const json_t *list = json_object_get(x->message, "statusmeldingen");
    if (!accepted_batch(x))
        return;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *m = json_array_get(list, i);
        if (is(text(m, "status"), status_name(STATUS_SUBMITTED)))
            continue;
        if (is(text(m, "identificatie"), "GEEN"))
            look_bad(l, x->seq, 0, json_string("DIGID or FYSIEK"), json_string("GEEN"),
                     "a %s of somebody who was not identified was accepted",
                     text(m, "status"));
        else
            look_good(l, x->seq);
    }
}

/* KT-07: what was sent is taken in, as new or as known already (D3). */
void check_counts(struct look *l, const struct seen_exchange *x)
{
    if (!accepted_batch(x) ||
        !json_is_integer(json_object_get(x->answer, "aangenomen")) ||
        !json_is_integer(json_object_get(x->answer, "dubbel")))
        return;
    json_int_t sent =
        (json_int_t)json_array_size(json_object_get(x->message, "statusmeldingen"));
    json_int_t in = json_integer_value(json_object_get(x->answer, "aangenomen"));
    json_int_t known = json_integer_value(json_object_get(x->answer, "dubbel"));
    if (in + known == sent)
        look_good(l, x->seq);
    else
        look_bad(l, x->seq, 0, json_integer(sent), json_integer(in + known),
                 "of %lld statusmeldingen %lld were taken in and %lld known already",
                 (long long)sent, (long long)in, (long long)known);
}

/* How many confirmations an aanmelding brought, and the first that lacks something. */
static size_t confirmations(const json_t *chain, const char *application,
                            const json_t **lacking)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(chain); i++) {
        const json_t *e = json_array_get(chain, i);
        if (!is(text(e, "kind"), "confirmation") ||
            !is(text(e, "application"), application))
            continue;
        n++;
        if (!json_is_true(json_object_get(e, "consequences")) ||
            !json_is_true(json_object_get(e, "wayToStop")))
            *lacking = e;
    }
    return n;
}

static bool submitted_by_minor(const json_t *e)
{
    return is(text(e, "kind"), "truth") && is(text(e, "source"), "cambo") &&
           is(text(e, "status"), status_name(STATUS_SUBMITTED)) &&
           json_is_true(json_object_get(e, "minor"));
}

/* Sent again, an aanmelding is still the one that was confirmed. */
static bool first_of(const json_t *chain, size_t at)
{
    const char *application = text(json_array_get(chain, at), "application");
    for (size_t i = 0; i < at; i++) {
        const json_t *e = json_array_get(chain, i);
        if (submitted_by_minor(e) && is(text(e, "application"), application))
            return false;
    }
    return true;
}

/* KT-03: one confirmation to the named parent of every applicant under 18 (D7). */
void check_confirmations(struct look *l)
{
    const json_t *chain = l->h->chain;
    for (size_t i = 0; i < json_array_size(chain); i++) {
        const json_t *e = json_array_get(chain, i), *lacking = NULL;
        if (!submitted_by_minor(e) || !first_of(chain, i))
            continue;
        const char *application = text(e, "application");
        size_t n = confirmations(chain, application, &lacking);
        if (n != 1)
            look_bad(
                l, seq_of(e), 0, json_integer(1), json_integer((json_int_t)n),
                "the named parent of aanmelding %s, whose applicant is under 18, got "
                "%zu confirmations",
                application, n);
        else if (lacking)
            look_bad(
                l, seq_of(e), seq_of(lacking), NULL, NULL,
                "the confirmation of aanmelding %s lacks the consequences or the way "
                "to stop the inschrijving",
                application);
        else
            look_good(l, seq_of(e));
    }
}

/* The objection to this aanmelding that stands in the end, or NULL. */
static const json_t *standing_objection(const json_t *chain, const char *application)
{
    const json_t *stands = NULL;
    for (size_t i = 0; i < json_array_size(chain); i++) {
        const json_t *e = json_array_get(chain, i);
        if (is(text(e, "kind"), "objection") && is(text(e, "application"), application))
            stands = is(text(e, "phase"), "stands") ? e : NULL;
    }
    return stands;
}

static bool begin_of(const json_t *e, when_t *t)
{
    const char *s = text(e, "begin");
    return s && when_parse(s, strlen(s), t) == 0;
}

/* KT-04: after an objection that stands no ENROLLED that began later (D7). */
void check_objections(struct look *l)
{
    const json_t *chain = l->h->chain;
    when_t objected, began;
    for (size_t i = 0; i < json_array_size(chain); i++) {
        const json_t *e = json_array_get(chain, i);
        const json_t *stands = standing_objection(chain, text(e, "application"));
        if (!stands || !begin_of(stands, &objected))
            continue;
        if (e == stands)
            look_good(l, seq_of(e));
        else if (is(text(e, "kind"), "truth") && begin_of(e, &began) &&
                 began > objected && is(text(e, "status"), status_name(STATUS_ENROLLED)))
            look_bad(l, seq_of(e), seq_of(stands), NULL, json_string(text(e, "begin")),
                     "aanmelding %s became ENROLLED after an objection that stands",
                     text(e, "application"));
    }
}

/* KT-06: the support question is asked from 1 August on, not before (D7). That its answer
 * stays in the SIS is for the check on canaries. */
void check_question(struct look *l)
{
    const json_t *chain = l->h->chain;
    for (size_t i = 0; i < json_array_size(chain); i++) {
        const json_t *e = json_array_get(chain, i);
        const char *on = text(e, "on");
        if (!is(text(e, "kind"), "question") || !on || strlen(on) < 10)
            continue;
        if (strncmp(on, "2023-08-01", 10) < 0)
            look_bad(l, seq_of(e), 0, json_string("2023-08-01 or later"), json_string(on),
                     "the question about extra support was asked on %s", on);
        else
            look_good(l, seq_of(e));
    }
}
