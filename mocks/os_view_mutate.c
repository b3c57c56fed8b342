/* What the mutants make of the order of statuses, and of what is shown. */
#include "mocks/os_view_parts.h"

/* Empty readings in a row after which one mutant shows nothing any more. */
#define QUIET 7
#define BURST (2 * (when_t)NS_PER_S)

static bool is_final(enum status s)
{
    return s == STATUS_ENROLLED || s == STATUS_REJECTED || s == STATUS_WITHDRAWN;
}

static when_t second_of(when_t t)
{
    return t - t % NS_PER_S;
}

/* Times as text: "…30.5Z" comes before "…30Z". */
static int text_order(when_t a, when_t b)
{
    bool bare_a = a % NS_PER_S == 0, bare_b = b % NS_PER_S == 0;
    if (second_of(a) == second_of(b) && bare_a != bare_b)
        return bare_a ? 1 : -1;
    return (a > b) - (a < b);
}

/* Would the reference hold this mark alone, because it comes behind all others in both
 * ways? */
static bool stands_alone(const struct view_entry *e, const struct os_mark *m)
{
    for (unsigned i = 0; i < e->n_marks; i++) {
        const struct os_mark *o = &view_marks(e)[i];
        if (m->volgnummer < o->volgnummer ||
            view_later(m->begin, m->status, o->begin, o->status) < 0)
            return false;
    }
    return true;
}

static when_t between(when_t a, when_t b)
{
    return a > b ? a - b : b - a;
}

/* What is shown once more than it is. */
static void mark_again(const struct os_view *v, struct view_entry *e,
                       const struct os_mark *now, const struct os_mark *m)
{
    bool again = now->status != STATUS_NONE && m->status == now->status;
    bool newer = m->volgnummer > now->volgnummer;
    if (e->n_marks && m->volgnummer == now->volgnummer &&
        mutant_is(v->mutant, OS_DOUBLES_SAME_PAGE))
        e->copies++;
    if (again && newer && m->begin != now->begin &&
        between(m->begin, now->begin) <= BURST && mutant_is(v->mutant, OS_BURSTS_DOUBLE))
        e->copies++;
    if (newer)
        e->hidden = again; /* looked at when it is shown */
}

bool view_mutate_mark(const struct os_view *v, struct view_entry *e, struct os_mark *m)
{
    static const struct os_mark nothing = {.volgnummer = -1};
    if (v->mutant == OS_MUTANT_NONE)
        return true;
    struct os_mark now = e->n_marks ? view_marks(e)[0] : nothing;
    int as_text = e->n_marks ? text_order(m->begin, now.begin) : 0;
    mark_again(v, e, &now, m);
    if (m->status == STATUS_NONE && mutant_is(v->mutant, OS_UNKNOWN_IS_RECEIVED))
        m->status = STATUS_RECEIVED;
    if (m->status == STATUS_NONE && mutant_is(v->mutant, OS_UNKNOWN_HIDDEN))
        view_clear_marks(e);
    if (is_final(now.status) && mutant_is(v->mutant, OS_FINAL_STICKS))
        return false;
    if (m->status < now.status && mutant_is(v->mutant, OS_NEVER_DOWN))
        return false;
    bool misread = m->begin != now.begin && (as_text < 0) != (m->begin < now.begin);
    if (e->n_marks && misread && mutant_is(v->mutant, OS_TEXT_TIMES)) {
        if (as_text < 0)
            return false;
        view_clear_marks(e);
    }
    if (stands_alone(e, m))
        return true;
    if (mutant_is(v->mutant, OS_LAST_ARRIVAL_WINS) ||
        (m->begin == now.begin && mutant_is(v->mutant, OS_NO_RANK)) ||
        (m->status == STATUS_ENROLLED && now.status == STATUS_REJECTED &&
         mutant_is(v->mutant, OS_ENROLLED_BEATS_REJECTED)))
        view_clear_marks(e);
    return true;
}

/* Is the person enrolled at that instelling? */
static bool enrolled_at(const struct view_person *p, const struct view_label *instelling)
{
    for (const struct view_entry *o = p->entries; o; o = o->of_person)
        if (o->instelling == instelling && o->n_marks &&
            view_marks(o)->status == STATUS_ENROLLED)
            return true;
    return false;
}

/* Is there a newer aanmelding of this person for the same opleiding? */
static bool newer_for(const struct view_person *p, const struct view_entry *e)
{
    for (const struct view_entry *o = p->entries; o; o = o->of_person)
        if (o->opleiding == e->opleiding && o->top > e->top)
            return true;
    return false;
}

bool view_mutate_shows(const struct os_view *v, const struct view_person *p,
                       const struct view_entry *e)
{
    if (v->mutant == OS_MUTANT_NONE)
        return true;
    bool hidden =
        (e->bsn < 100000000 && mutant_is(v->mutant, OS_LOSES_LEADING_ZEROS)) ||
        (e != p->entries && mutant_is(v->mutant, OS_ONE_PER_PERSON)) ||
        (newer_for(p, e) && mutant_is(v->mutant, OS_ONE_PER_OPLEIDING)) ||
        (e->n_marks && view_marks(e)->status == STATUS_WITHDRAWN &&
         enrolled_at(p, e->instelling) && mutant_is(v->mutant, OS_SWITCH_OVERWRITES)) ||
        (e->hidden && mutant_is(v->mutant, OS_RESEND_HIDES)) ||
        (v->quiet >= QUIET && mutant_is(v->mutant, OS_FORGETS_WHEN_QUIET));
    return !hidden;
}
