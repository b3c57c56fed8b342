/* What schools see: the observer is asked again and again until it shows what it must, or
 * for as long as it must go on showing it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/scenario/trial.h"

#define LOOK_GAP     (60 * (uint64_t)NS_PER_MS)
#define LOOK_TIMEOUT (10 * (uint64_t)NS_PER_S)

struct look {
    struct lane *l;
    struct reader *r;
    json_t *question;
    /* Why what was shown is not what is expected; NULL: it is. Caller frees. */
    char *(*compare)(struct look *k, const json_t *shown);
    uint64_t began, deadline, keep_until;
    bool was_right; /* has been right at least once: now it must stay so */
    bool at_once;   /* what was shown once can't be taken back: the first look decides */
    json_t *shown;  /* the last answer */
    const char *what;
    const char *proves; /* what a breach is about, when that is one thing by itself */
};

static void look_once(struct look *k);

static void look_free(struct look *k)
{
    json_decref(k->question);
    json_decref(k->shown);
    free(k);
}

/* ---- comparing ---- */

static bool entry_is(const json_t *entry, const struct application *a)
{
    const char *i = json_text(json_object_get(entry, "instelling"), "code");
    const char *o = json_text(json_object_get(entry, "opleiding"), "code");
    return i && o && !strcmp(i, a->a.instelling) && !strcmp(o, a->a.opleiding);
}

static bool status_allowed(const json_t *want, const char *shown)
{
    if (json_is_array(want)) {
        for (size_t i = 0; i < json_array_size(want); i++)
            if (status_allowed(json_array_get(want, i), shown))
                return true;
        return false;
    }
    if (!shown)
        return json_is_null(want);
    return json_is_string(want) && !strcmp(json_string_value(want), shown);
}

/* How many of the named applications share instelling and opleiding with `a`. */
static size_t alike(const struct lane *l, json_t *sees, const struct application *a)
{
    const char *name;
    json_t *want;
    size_t n = 0;
    json_object_foreach (sees, name, want) {
        struct application *b = lane_application(l, name);
        n += !json_is_null(want) && !strcmp(a->a.instelling, b->a.instelling) &&
             !strcmp(a->a.opleiding, b->a.opleiding);
    }
    return n;
}

/* One expected aanmelding against all that is shown. */
static char *compare_one(struct look *k, json_t *sees, const char *name,
                         const json_t *want, const json_t *list)
{
    struct application *a = lane_application(k->l, name);
    size_t n = 0, right = 0;
    const char *last = NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        if (!entry_is(entry, a))
            continue;
        last = json_text(entry, "status");
        n++;
        right += last && status_allowed(want, last);
    }
    size_t wanted = alike(k->l, sees, a);
    if (n == 0)
        return status_allowed(want, NULL)
                   ? NULL
                   : xasprintf("aanmelding %s (%s, %s) is not shown", name,
                               a->a.instelling, a->a.opleiding);
    if (!right)
        return json_is_null(want) && wanted
                   ? NULL
                   : xasprintf("aanmelding %s (%s, %s) is shown as %s", name,
                               a->a.instelling, a->a.opleiding, last ? last : "<undef>");
    if (n > (wanted ? wanted : 1))
        return xasprintf("aanmelding %s (%s, %s) is shown %zu times", name,
                         a->a.instelling, a->a.opleiding, n);
    return NULL;
}

/* Something that nobody reported for this pupil. */
static char *compare_extra(struct look *k, const struct pupil *p, const json_t *list)
{
    struct trial *t = k->l->t;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        bool known = false;
        for (struct map_item *m = map_first(t->applications); m && !known;
             m = map_next(m)) {
            const struct application *a = map_value(m);
            known = a->a.person == p->person && entry_is(entry, a);
        }
        if (!known) {
            const char *code = json_text(json_object_get(entry, "instelling"), "code");
            const char *opl = json_text(json_object_get(entry, "opleiding"), "code");
            return xasprintf("an aanmelding (%s, %s) is shown that no source reports now",
                             code ? code : "<undef>", opl ? opl : "<undef>");
        }
    }
    return NULL;
}

/* A school knows the number of its own pupil, so that is no secret to it. */
static const char *const allowed[] = {"instelling", "opleiding", "status", "statusBegin",
                                      "bsn"};

/* The begin of a status that a source reported, when it is shown at all (CONTRACT.md 7).
 */
static char *begin_wrong(struct look *k, const struct pupil *p, const json_t *entry)
{
    const struct trial *t = k->l->t;
    const char *status = json_text(entry, "status"),
               *at = json_text(entry, "statusBegin");
    char key[64];
    when_t begin;
    if (!at || !status)
        return NULL;
    if (when_parse(at, strlen(at), &begin))
        return xasprintf("%s is shown with \"%s\" as begin, which is no moment", status,
                         at);
    snprintf(key, sizeof key, "%s %lld", status, (long long)begin);
    for (struct map_item *m = map_first(t->applications); m; m = map_next(m)) {
        const struct application *a = map_value(m);
        if (a->a.person == p->person && json_object_get(a->begins, key))
            return NULL;
    }
    return xasprintf("%s is shown with begin %s, which no source reported", status, at);
}

/* Status, begin, instelling and opleiding as they were delivered (OS-VER-11), and nothing
 * that no school may see (OS-INZ-04): each by itself, whatever else the step is about. */
static char *compare_keys(struct look *k, const struct pupil *p, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const char *at = json_text(json_object_get(entry, "instelling"), "naam");
        const char *of = json_text(json_object_get(entry, "opleiding"), "naam");
        if (!at || !*at || !of || !*of) {
            k->proves = "OS-VER-11";
            return xasprintf("an aanmelding is shown without the name of its %s",
                             at && *at ? "opleiding" : "instelling");
        }
        char *why = trial_names_wrong(k->l->t, entry);
        why = why ? why : begin_wrong(k, p, entry);
        if (why) {
            k->proves = "OS-VER-11";
            return why;
        }
        const char *key;
        json_t *value;
        json_object_foreach (json_array_get(list, i), key, value) {
            bool ok = false;
            for (size_t n = 0; n < ARRAY_LEN(allowed); n++)
                ok = ok || !strcmp(key, allowed[n]);
            if (ok)
                continue;
            k->proves = "OS-INZ-04";
            return xasprintf("\"%s\" is shown, which no school may see", key);
        }
    }
    return NULL;
}

/* A pupil by name, or the pupil of an aanmelding (for "each" of these). NULL: neither. */
static struct pupil *pupil_of(const struct lane *l, const char *word)
{
    struct pupil *p = lane_pupil(l, word);
    const struct application *a = p ? NULL : lane_application(l, word);
    return a ? map_get(l->t->pupils, a->a.pupil) : p;
}

static char *compare_sees(struct look *k, const json_t *shown)
{
    const json_t *step = lane_step(k->l);
    const json_t *list = json_object_get(shown, "aanmeldingen");
    const char *of = json_text(step, "of");
    struct pupil *p = pupil_of(k->l, of ? of : json_text(step, "school"));
    if (!json_is_array(list))
        return xstrdup("the observer's answer has no list aanmeldingen");
    json_t *sees = json_object_get(step, "sees"), *want;
    const char *name;
    json_object_foreach (sees, name, want) {
        char *why = compare_one(k, sees, name, want, list);
        if (why)
            return why;
    }
    char *why = compare_extra(k, p, list);
    /* What our own reader shows of a koppelpunt's faults is for the judge to say. */
    if (!why && json_is_true(json_object_get(step, "nothing more")) &&
        !k->l->t->koppelpunt_tested)
        why = compare_keys(k, p, list);
    return why;
}

static char *compare_nothing(struct look *k, const json_t *shown)
{
    const json_t *list = json_object_get(shown, "aanmeldingen");
    (void)k;
    if (!json_is_array(list))
        return xstrdup("the observer's answer has no list aanmeldingen");
    if (json_array_size(list) == 0)
        return NULL;
    return xstrdup("a school sees an aanmelding of a pupil who is not its own");
}

static char *compare_only(struct look *k, const json_t *shown)
{
    const json_t *step = lane_step(k->l);
    const json_t *names = json_object_get(step, "sees only");
    const json_t *list = json_object_get(shown, "aanmeldingen");
    if (!json_is_array(list))
        return xstrdup("the observer's answer has no list aanmeldingen");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *bsn = json_text(json_array_get(list, i), "bsn");
        bool own = false;
        for (size_t n = 0; bsn && n < json_array_size(names); n++) {
            struct pupil *p =
                lane_pupil(k->l, json_string_value(json_array_get(names, n)));
            own = own || !strcmp(p->person->bsn, bsn);
        }
        if (!own)
            return xstrdup(bsn ? "the list of a school holds a pupil who is not its own"
                               : "an entry in the list of a school has no bsn");
    }
    return NULL;
}

/* ---- looking ---- */

static void look_over(struct look *k, int met, const char *why)
{
    struct lane *l = k->l;
    struct trial *t = l->t;
    json_t *step = json_deep_copy(lane_step(l));
    json_object_del(step, "within");
    json_object_del(step, "for");
    struct outcome o = {
        .met = met,
        .what = k->what,
        .why = why,
        /* Cut short, it is nobody's configuration that is to blame. */
        .blame = met < 0 && !t->end_outcome ? "configuration" : "system",
        .expected = step,
        .seen = json_incref(k->shown),
        .began = k->began,
        .within = k->deadline - k->began,
        .proves = met == 0 ? k->proves : NULL,
    };
    lane_expect(l, &o);
    look_free(k);
    if (met == 0) {
        lane_unreached(l,
                       "what had to be seen was not seen, so what follows was not tried");
        return;
    }
    lane_next(l);
}

static void look_again(void *arg)
{
    struct look *k = arg;
    k->l->t->waiting--;
    look_once(k);
}

/* A time that the scenario itself states is a bound. The general patience is none: what
 * is right in the end was only waited for. */
static bool too_late(const struct look *k, uint64_t now)
{
    return json_object_get(lane_step(k->l), "within") && now > k->deadline;
}

static void looked(void *arg, const struct observed *o)
{
    struct look *k = arg;
    struct trial *t = k->l->t;
    uint64_t now = wire_now(t->wire);
    char *why;
    k->proves = NULL;
    json_decref(k->shown);
    k->shown = json_incref((json_t *)(uintptr_t)o->body);
    if (o->answered && o->status == 404) {
        look_over(k, -1, "the observer does not have the operation waarnemingen");
        return;
    }
    if (!o->answered)
        why = xasprintf("the observer did not answer: %s", o->detail);
    else if (o->status != 200)
        why = xasprintf("the observer answered %d", o->status);
    else
        why = k->compare(k, o->body);
    bool right = !why;
    if (right && !k->was_right && too_late(k, now)) {
        char *sentence = xasprintf("it was right only after %.1f s",
                                   (double)(now - k->began) / (double)NS_PER_S);
        look_over(k, 0, sentence);
        free(sentence);
        return;
    }
    if (right && !k->was_right) {
        k->was_right = true;
        k->keep_until = now + lane_duration(k->l, "for", 0);
    }
    if (right && now >= k->keep_until) {
        look_over(k, 1, NULL);
    } else if (t->end_outcome) {
        look_over(k, -1, "the conversation was ended");
    } else if (!right && (k->was_right || now >= k->deadline ||
                          (k->at_once && o->answered && o->status == 200))) {
        char *sentence = k->was_right
                             ? xasprintf("it was right, but did not stay so: %s", why)
                             : xstrdup(why);
        look_over(k, 0, sentence);
        free(sentence);
    } else {
        t->waiting++;
        wire_timer(t->wire, now + LOOK_GAP, look_again, k);
    }
    free(why);
}

static void ask_observer(struct look *k)
{
    observer_ask(k->l, k->r, "waarnemingen", json_deep_copy(k->question), LOOK_TIMEOUT,
                 looked, k);
}

static void refreshed(void *arg, const struct observed *o)
{
    (void)o;
    ask_observer(arg);
}

/* An overstapsysteem that we play fetches when it is told to: the koppelpunt under test
 * is what is looked at. */
static void look_once(struct look *k)
{
    if (k->r->under_test)
        ask_observer(k);
    else
        observer_ask(k->l, k->r, "ophalen", json_object(), 40 * (uint64_t)NS_PER_S,
                     refreshed, k);
}

static void look_begin(struct lane *l, json_t *question, const char *what,
                       char *(*compare)(struct look *, const json_t *))
{
    struct trial *t = l->t;
    struct look *k = xcalloc(1, sizeof *k);
    k->l = l;
    k->r = lane_reader(l);
    k->question = question;
    k->compare = compare;
    k->what = what;
    k->began = wire_now(t->wire);
    k->deadline = k->began + lane_duration(l, "within", t->patience);
    k->at_once = compare != compare_sees && !json_object_get(lane_step(l), "within");
    if (!observer_present(t, k->r)) {
        look_over(k, -1,
                  "no observer: what the system shows can't be seen (declare and give "
                  "one in the iut.json)");
        return;
    }
    look_once(k);
}

/* "school": a school's code, or a pupil's name for that pupil's school. */
static const char *school_of(struct lane *l, const char *word)
{
    const struct pupil *p = pupil_of(l, word);
    return p ? p->school : word;
}

static void school_sees(struct lane *l, const json_t *step)
{
    const char *school = json_text(step, "school"), *of = json_text(step, "of");
    struct pupil *p = pupil_of(l, of ? of : school);
    if (!p) {
        lane_stop(l, "harness",
                  "a school \"sees\" aanmeldingen \"of\" a pupil, and the step "
                  "names none");
        return;
    }
    look_begin(
        l, json_pack("{ss,ss}", "school", school_of(l, school), "bsn", p->person->bsn),
        "what the school sees of its pupil", compare_sees);
}

static void school_sees_nothing(struct lane *l, const json_t *step)
{
    struct pupil *p = lane_pupil(l, json_text(step, "sees nothing of"));
    look_begin(l,
               json_pack("{ss,ss}", "school", school_of(l, json_text(step, "school")),
                         "bsn", p->person->bsn),
               "a school sees nothing of a pupil of another school", compare_nothing);
}

static void school_sees_only(struct lane *l, const json_t *step)
{
    look_begin(l, json_pack("{ss}", "school", school_of(l, json_text(step, "school"))),
               "a school's list holds its own pupils only", compare_only);
}

static void has_told(void *arg, const struct observed *o)
{
    struct lane *l = arg;
    bool right = o->answered && o->status / 100 == 2;
    if (!right) {
        struct outcome out = {
            .met = o->answered && o->status == 404 ? -1 : 0,
            .what = "the observer takes the pupils of a school",
            .why = "the observer did not take the pupils of a school (leerlingen)",
            .expected = json_integer(204),
            .seen = json_integer(o->answered ? o->status : 0),
        };
        lane_expect(l, &out);
    }
    lane_next(l);
}

static void school_has(struct lane *l, const json_t *step)
{
    const char *school = school_of(l, json_text(step, "school"));
    const json_t *names = json_object_get(step, "has");
    struct reader *r = lane_reader(l);
    json_t *bsns = json_array();
    for (size_t i = 0; i < json_array_size(names); i++)
        json_array_append_new(
            bsns,
            json_string(
                lane_pupil(l, json_string_value(json_array_get(names, i)))->person->bsn));
    trial_event(l->t, "school", json_pack("{ss,sO}", "school", school, "pupils", bsns));
    if (!observer_present(l->t, r)) {
        json_decref(bsns);
        lane_next(l);
        return;
    }
    observer_ask(l, r, "leerlingen", json_pack("{ss,so}", "school", school, "bsns", bsns),
                 LOOK_TIMEOUT, has_told, l);
}

static const struct verb_key sees_keys[] = {
    {"sees", KEY_SEES, true, NULL},        {"of", KEY_PUPIL, false, NULL},
    {"within", KEY_DURATION, false, NULL}, {"for", KEY_DURATION, false, NULL},
    {"which", KEY_TEXT, false, NULL},      {"nothing more", KEY_BOOL, false, NULL},
    {"proves", KEY_IDS, false, NULL},      {NULL, KEY_ANY, false, NULL}};
static const struct verb_key nothing_keys[] = {
    {"sees nothing of", KEY_PUPIL, true, NULL}, {"within", KEY_DURATION, false, NULL},
    {"for", KEY_DURATION, false, NULL},         {"which", KEY_TEXT, false, NULL},
    {"proves", KEY_IDS, false, NULL},           {NULL, KEY_ANY, false, NULL}};
static const struct verb_key only_keys[] = {
    {"sees only", KEY_PUPILS, true, NULL}, {"within", KEY_DURATION, false, NULL},
    {"for", KEY_DURATION, false, NULL},    {"which", KEY_TEXT, false, NULL},
    {"proves", KEY_IDS, false, NULL},      {NULL, KEY_ANY, false, NULL}};
static const struct verb_key has_keys[] = {{"has", KEY_PUPILS, true, NULL},
                                           {"which", KEY_TEXT, false, NULL},
                                           {"proves", KEY_IDS, false, NULL},
                                           {NULL, KEY_ANY, false, NULL}};

const struct verb school_verbs[] = {
    {"school", "sees", false, KEY_SCHOOL, school_sees,
     "the school of this pupil (or the named school, \"of\" a pupil) sees these "
     "aanmeldingen "
     "with these statuses; null: not shown; a list: any of these",
     sees_keys},
    {"school", "sees nothing of", false, KEY_SCHOOL, school_sees_nothing,
     "this school sees no aanmelding of that pupil", nothing_keys},
    {"school", "sees only", false, KEY_SCHOOL, school_sees_only,
     "all that this school sees belongs to these pupils", only_keys},
    {"school", "has", false, KEY_SCHOOL, school_has,
     "from now on these are the pupils of this school", has_keys},
    {NULL, NULL, false, KEY_ANY, NULL, NULL, NULL},
};
