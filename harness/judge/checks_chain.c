/* Invariants of the whole chain (KT-02 to KT-07): identification, the named parent,
 * consent, the support question, and numbers that add up. They look at what the
 * laboratory's own sources did as much as at what the koppelpunt let through. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/domain.h"
#include "harness/base/mem.h"
#include "harness/base/when.h"
#include "harness/judge/checks_list.h"
#include "harness/judge/words.h"

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

/* What the chain says of each aanmelding: places in it, + 1. */
struct of_application {
    uint32_t confirmations;
    uint32_t lacking;   /* a confirmation that lacks something */
    uint32_t submitted; /* the first time, by an applicant under 18 */
    uint32_t stands;    /* the objection that stands in the end */
};

struct of_chain {
    struct names *names; /* of aanmeldingen */
    struct of_application *v;
};

static bool submitted_by_minor(const json_t *e)
{
    return is(text(e, "kind"), "truth") && is(text(e, "source"), "cambo") &&
           is(text(e, "status"), status_name(STATUS_SUBMITTED)) &&
           json_is_true(json_object_get(e, "minor"));
}

static void read_event(struct of_application *a, const json_t *e, uint32_t place)
{
    if (is(text(e, "kind"), "objection"))
        a->stands = is(text(e, "phase"), "stands") ? place : 0;
    if (submitted_by_minor(e) && !a->submitted) /* sent again, it is still the same */
        a->submitted = place;
    if (!is(text(e, "kind"), "confirmation"))
        return;
    a->confirmations++;
    if (!json_is_true(json_object_get(e, "consequences")) ||
        !json_is_true(json_object_get(e, "wayToStop")))
        a->lacking = place;
}

static struct of_application *of_application(const struct of_chain *c, const json_t *e)
{
    const char *s = text(e, "application");
    return &c->v[s ? names_find(c->names, s, strlen(s)) : 0];
}

static void read_chain(struct of_chain *c, const json_t *chain)
{
    c->names = names_new();
    for (size_t i = 0; i < json_array_size(chain); i++)
        names_id(c->names, text(json_array_get(chain, i), "application"));
    c->v = xcalloc(names_count(c->names) + 1, sizeof *c->v);
    for (size_t i = 0; i < json_array_size(chain); i++) {
        const json_t *e = json_array_get(chain, i);
        if (text(e, "application"))
            read_event(of_application(c, e), e, (uint32_t)i + 1);
    }
}

static void chain_done(struct of_chain *c)
{
    names_free(c->names);
    free(c->v);
}

/* KT-03: one confirmation to the named parent of every applicant under 18 (D7). */
void check_confirmations(struct look *l)
{
    const json_t *chain = l->h->chain;
    struct of_chain c;
    read_chain(&c, chain);
    for (size_t i = 0; i < json_array_size(chain); i++) {
        const json_t *e = json_array_get(chain, i);
        const struct of_application *a = of_application(&c, e);
        if (a->submitted != i + 1)
            continue;
        const char *application = text(e, "application");
        if (a->confirmations != 1)
            look_bad(
                l, seq_of(e), 0, json_integer(1), json_integer(a->confirmations),
                "the named parent of aanmelding %s, whose applicant is under 18, got "
                "%zu confirmations",
                application, (size_t)a->confirmations);
        else if (a->lacking)
            look_bad(
                l, seq_of(e), seq_of(json_array_get(chain, a->lacking - 1)), NULL, NULL,
                "the confirmation of aanmelding %s lacks the consequences or the way "
                "to stop the inschrijving",
                application);
        else
            look_good(l, seq_of(e));
    }
    chain_done(&c);
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
    struct of_chain c;
    read_chain(&c, chain);
    for (size_t i = 0; i < json_array_size(chain); i++) {
        const json_t *e = json_array_get(chain, i);
        uint32_t place = of_application(&c, e)->stands;
        const json_t *stands = place ? json_array_get(chain, place - 1) : NULL;
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
    chain_done(&c);
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
