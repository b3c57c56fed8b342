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

static void show_twice(struct view_entry *e)
{
    e->copies++;
    mutant_hit();
}

bool view_mutate_mark(const struct os_view *v, struct view_entry *e, struct os_mark *m)
{
    static const struct os_mark nothing = {.volgnummer = -1};
    struct os_mark now = e->n_marks ? view_marks(e)[0] : nothing;
    bool again = now.status != STATUS_NONE && m->status == now.status;
    bool newer = m->volgnummer > now.volgnummer;
    switch (v->mutant) {
    case OS_DOUBLES_SAME_PAGE:
        if (e->n_marks && m->volgnummer == now.volgnummer)
            show_twice(e);
        return true;
    case OS_BURSTS_DOUBLE:
        if (again && newer && m->begin != now.begin && m->begin - now.begin <= BURST &&
            now.begin - m->begin <= BURST)
            show_twice(e);
        return true;
    case OS_RESEND_HIDES:
        if (newer)
            e->hidden = again;
        return true;
    case OS_UNKNOWN_IS_RECEIVED:
        if (m->status == STATUS_NONE && mutant_is(v->mutant, OS_UNKNOWN_IS_RECEIVED))
            m->status = STATUS_RECEIVED;
        return true;
    case OS_UNKNOWN_HIDDEN:
        if (m->status == STATUS_NONE && mutant_is(v->mutant, OS_UNKNOWN_HIDDEN))
            view_clear_marks(e);
        return true;
    case OS_LAST_ARRIVAL_WINS:
        if (m->begin < now.begin)
            mutant_hit();
        view_clear_marks(e);
        return true;
    case OS_NO_RANK:
        if (m->begin == now.begin && m->status < now.status)
            mutant_hit();
        if (m->begin == now.begin)
            view_clear_marks(e);
        return true;
    case OS_TEXT_TIMES:
        if (!e->n_marks || m->begin == now.begin)
            return true;
        if ((text_order(m->begin, now.begin) < 0) != (m->begin < now.begin))
            mutant_hit();
        if (text_order(m->begin, now.begin) < 0)
            return false;
        view_clear_marks(e);
        return true;
    case OS_FINAL_STICKS:
        return !is_final(now.status) || !mutant_is(v->mutant, OS_FINAL_STICKS);
    case OS_NEVER_DOWN:
        return m->status >= now.status || !mutant_is(v->mutant, OS_NEVER_DOWN);
    case OS_ENROLLED_BEATS_REJECTED:
        if (m->status == STATUS_ENROLLED && now.status == STATUS_REJECTED &&
            mutant_is(v->mutant, OS_ENROLLED_BEATS_REJECTED))
            view_clear_marks(e);
        return true;
    default:
        return true;
    }
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
    bool hidden = false;
    switch (v->mutant) {
    case OS_LOSES_LEADING_ZEROS:
        hidden = e->bsn < 100000000;
        break;
    case OS_ONE_PER_PERSON:
        hidden = e != p->entries;
        break;
    case OS_ONE_PER_OPLEIDING:
        hidden = newer_for(p, e);
        break;
    case OS_SWITCH_OVERWRITES:
        hidden = e->n_marks && view_marks(e)->status == STATUS_WITHDRAWN &&
                 enrolled_at(p, e->instelling);
        break;
    case OS_RESEND_HIDES:
        hidden = e->hidden;
        break;
    case OS_FORGETS_WHEN_QUIET:
        hidden = v->quiet >= QUIET;
        break;
    default:
        break;
    }
    if (hidden)
        mutant_hit();
    return !hidden;
}
