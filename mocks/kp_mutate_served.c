/* Mutants about what is served: entries of the feed and of searches, and their page. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "mocks/koppelpunt_role.h"

static bool is_lapsed(const json_t *entry)
{
    return json_is_true(json_object_get(entry, "vervallen"));
}

/* ---- one entry ---- */
struct served {
    const struct koppelpunt *k;
    size_t i; /* its place on the page */
};

static void add_traject(const struct served *s, json_t *entry)
{
    (void)s;
    if (!is_lapsed(entry))
        json_object_set_new(entry, "leertrajectmbo", json_string("BOL"));
}

static void add_kept(const struct served *s, json_t *entry)
{
    if (!is_lapsed(entry) && s->k->memory.kept)
        json_object_set_new(entry, "ouder", json_string(s->k->memory.kept));
}

static void drop_opleiding_name(const struct served *s, json_t *entry)
{
    (void)s;
    json_object_del(json_object_get(entry, "opleiding"), "naam");
}

static void drop_instelling_name(const struct served *s, json_t *entry)
{
    (void)s;
    json_object_del(json_object_get(entry, "instelling"), "naam");
}

static void encode_twice(const struct served *s, json_t *entry)
{
    static const char *const of[] = {"instelling", "opleiding"};
    (void)s;
    for (size_t i = 0; i < ARRAY_LEN(of); i++) {
        json_t *named = json_object_get(entry, of[i]);
        const char *name = json_string_value(json_object_get(named, "naam"));
        char *own = mutant_encoded_twice(name ? name : "");
        if (name)
            json_object_set_new(named, "naam", json_string(own));
        free(own);
    }
}

/* The page that was just written: its entries are still in k->page. */
static void add_bsn(const struct served *s, json_t *entry)
{
    if (is_lapsed(entry) && s->i < s->k->page_cap)
        json_object_set_new(entry, "bsn", json_sprintf("%09u", s->k->page[s->i].bsn));
}

static void thousandfold(const struct served *s, json_t *entry)
{
    json_int_t n = json_integer_value(json_object_get(entry, "volgnummer"));
    (void)s;
    json_object_set_new(entry, "volgnummer", json_integer(1000 * n));
}

static void capital_id(const struct served *s, json_t *entry)
{
    const char *id = json_string_value(json_object_get(entry, "aanmeldId"));
    char *own = xstrdup(id ? id : "");
    (void)s;
    for (char *c = own; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    json_object_set_new(entry, "aanmeldId", json_string(own));
    free(own);
}

/* statusBegin with that many digits behind its seconds, and this zone. */
static void end_time(json_t *entry, int digits, const char *zone)
{
    const char *s = json_string_value(json_object_get(entry, "statusBegin"));
    char fraction[10] = "000000000";
    if (!s || strlen(s) < 20)
        return;
    for (int i = 0; i < 9 && s[19] == '.' && s[20 + i] >= '0' && s[20 + i] <= '9'; i++)
        fraction[i] = s[20 + i];
    json_object_set_new(
        entry, "statusBegin",
        json_sprintf("%.19s%s%.*s%s", s, digits ? "." : "", digits, fraction, zone));
}

static void local_time(const struct served *s, json_t *entry)
{
    const char *utc = json_string_value(json_object_get(entry, "statusBegin"));
    char text[32];
    when_t t;
    (void)s;
    if (!utc || when_parse(utc, strlen(utc), &t))
        return;
    json_object_set_new(entry, "statusBegin",
                        json_string(when_format(t + 7200 * NS_PER_S, text)));
    end_time(entry, 3, "+02:00");
}

static void three_digits(const struct served *s, json_t *entry)
{
    (void)s;
    end_time(entry, 3, "Z");
}

static void nine_digits(const struct served *s, json_t *entry)
{
    (void)s;
    end_time(entry, 9, "Z");
}

/* ---- the page ---- */

/* In falling volgnummer. */
static void unordered(json_t *body)
{
    json_t *list = json_object_get(body, "aanmeldstatussen"), *back = json_array();
    for (size_t i = json_array_size(list); i-- > 0;)
        json_array_append(back, json_array_get(list, i));
    json_object_set_new(body, "aanmeldstatussen", back);
}

static void meer_never(json_t *body)
{
    if (json_object_get(body, "meer"))
        json_object_set_new(body, "meer", json_false());
}

static const struct {
    enum kp_mutant mutant;
    void (*entry)(const struct served *s, json_t *entry);
    void (*page)(json_t *body);
} edits[] = {
    {KP_UNKNOWN_FIELD_SERVED, add_kept, NULL},
    {KP_PAGE_UNORDERED, NULL, unordered},
    {KP_EXTRA_KEY, add_traject, NULL},
    {KP_NO_OPLEIDING_NAME, drop_opleiding_name, NULL},
    {KP_NO_INSTELLING_NAME, drop_instelling_name, NULL},
    {KP_NAMES_ENCODED_TWICE, encode_twice, NULL},
    {KP_MEER_NEVER, NULL, meer_never},
    {KP_LAPSED_KEEPS_BSN, add_bsn, NULL},
    {KP_LOCAL_TIME, local_time, NULL},
    {KP_GAPS_OF_1000, thousandfold, NULL},
    {KP_CAPITAL_IDS, capital_id, NULL},
    {KP_THREE_DIGITS, three_digits, NULL},
    {KP_NINE_DIGITS, nine_digits, NULL},
};

/* The page as this row has it. */
static json_t *edited(const struct koppelpunt *k, const json_t *body, size_t row)
{
    json_t *copy = json_deep_copy(body);
    const json_t *list = json_object_get(copy, "aanmeldstatussen");
    for (size_t i = 0; edits[row].entry && i < json_array_size(list); i++)
        edits[row].entry(&(struct served){k, i}, json_array_get(list, i));
    if (edits[row].page)
        edits[row].page(copy);
    return copy;
}

bool kp_mutate_served(const struct koppelpunt *k, json_t *body)
{
    bool changed = false;
    for (size_t e = 0; e < ARRAY_LEN(edits); e++) {
        if (!kp_plays(k, edits[e].mutant))
            continue;
        json_t *other = edited(k, body, e);
        if (!json_equal(body, other) && kp_is(k, edits[e].mutant)) {
            json_object_update(body, other);
            changed = true;
        }
        json_decref(other);
    }
    return changed;
}
