#include "mocks/os_mutate.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mem.h"
#include "harness/base/when.h"
#include "harness/profile/profile.h"
#include "mocks/os_mutants.h"
#include "mocks/population.h"

struct os_mutate {
    int mutant;
    struct tables *tables; /* only for the one that knows regions */
};

int os_mutate_new(int mutant, struct os_mutate **out, struct err *e)
{
    struct os_mutate *m = xcalloc(1, sizeof(*m));
    m->mutant = mutant;
    int rc = 0;
    if (mutant == OS_ONLY_OWN_REGION || mutant == MUTANT_SCOUT)
        rc = tables_load(profile_dir(), &m->tables, e);
    if (rc)
        os_mutate_free(m);
    else
        *out = m;
    return rc;
}

void os_mutate_free(struct os_mutate *m)
{
    if (!m)
        return;
    tables_free(m->tables);
    free(m);
}

uint64_t os_mutate_delay(const struct os_mutate *m)
{
    return mutant_is(m->mutant, OS_SLOW_OBSERVER) ? 300 * (uint64_t)NS_PER_MS : 0;
}

bool os_mutate_knows(const struct os_mutate *m, const char *path)
{
    return strcmp(path, "/ophalen") != 0 || !mutant_is(m->mutant, OS_NO_OPHALEN);
}

/* ---- what is told ---- */

static bool other_region(const struct os_mutate *m, const char *school,
                         const json_t *entry)
{
    const char *code =
        json_string_value(json_object_get(json_object_get(entry, "instelling"), "code"));
    const struct instelling *i = tables_instelling(m->tables, code);
    const struct school *s = tables_school(m->tables, school);
    return i && s && i->region != s->region;
}

static void drop_other_regions(const struct os_mutate *m, const char *school,
                               json_t *list)
{
    for (size_t i = json_array_size(list); i-- > 0;)
        if (other_region(m, school, json_array_get(list, i)))
            json_array_remove(list, i);
}

static void reverse(json_t *list)
{
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n; i++) {
        json_array_insert(list, i, json_array_get(list, n - 1));
        json_array_remove(list, n);
    }
}

/* "2023-05-02T10:00:00.5Z" -> "2023-05-02T10:00:00.500000000Z" */
static void nine_digits(json_t *entry)
{
    char text[40];
    const char *begin = json_string_value(json_object_get(entry, "statusBegin"));
    const char *dot = strchr(begin, '.');
    int whole = (int)strcspn(begin, ".Z");
    int digits = dot ? (int)strspn(dot + 1, "0123456789") : 0;
    snprintf(text, sizeof(text), "%.*s.%.*s%.*sZ", whole, begin, digits,
             dot ? dot + 1 : "", 9 - digits, "000000000");
    json_object_set_new(entry, "statusBegin", json_string(text));
}

static void no_names(json_t *entry)
{
    json_object_set_new(json_object_get(entry, "instelling"), "naam", json_string(""));
    json_object_set_new(json_object_get(entry, "opleiding"), "naam", json_string(""));
}

static void encode_twice(json_t *named)
{
    const char *name = json_string_value(json_object_get(named, "naam"));
    char *own = mutant_encoded_twice(name ? name : "");
    if (name)
        json_object_set_new(named, "naam", json_string(own));
    free(own);
}

static void summer_time(json_t *entry)
{
    const char *begin = json_string_value(json_object_get(entry, "statusBegin"));
    char text[32];
    when_t t;
    if (begin && !when_parse(begin, strlen(begin), &t))
        json_object_set_new(entry, "statusBegin",
                            json_string(when_format(t + 7200 * NS_PER_S, text)));
}

/* One parent of them all: what no school may be told (D7). */
static void with_parent(json_t *entry)
{
    json_object_set_new(entry, "ouder", json_string("A. Voorbeeld"));
}

/* One mutant's change of an answer. */
static void change(const struct os_mutate *m, int mutant, const char *school,
                   json_t *answer)
{
    json_t *list = json_object_get(answer, "aanmeldingen"), *entry;
    size_t i;
    if (mutant == OS_ONLY_OWN_REGION)
        drop_other_regions(m, school, list);
    else if (mutant == OS_REVERSED)
        reverse(list);
    else if (mutant == OS_ANSWER_WITH_MORE)
        json_object_set_new(answer, "aantal",
                            json_integer((json_int_t)json_array_size(list)));
    json_array_foreach (list, i, entry) {
        if (mutant == OS_NINE_DIGITS)
            nine_digits(entry);
        else if (mutant == OS_NO_NAMES)
            no_names(entry);
        else if (mutant == OS_SHOWS_MORE)
            with_parent(entry);
        else if (mutant == OS_SHOWS_LOCAL_TIME)
            summer_time(entry);
        else if (mutant == OS_NAMES_ENCODED_TWICE) {
            encode_twice(json_object_get(entry, "instelling"));
            encode_twice(json_object_get(entry, "opleiding"));
        }
    }
}

static const int telling[] = {
    OS_ONLY_OWN_REGION, OS_REVERSED,   OS_ANSWER_WITH_MORE,    OS_NINE_DIGITS,
    OS_NO_NAMES,        OS_SHOWS_MORE, OS_NAMES_ENCODED_TWICE, OS_SHOWS_LOCAL_TIME};

void os_mutate_answer(const struct os_mutate *m, const char *school, char **body,
                      size_t *n)
{
    for (size_t i = 0; i < ARRAY_LEN(telling); i++) {
        if (m->mutant != telling[i] && m->mutant != MUTANT_SCOUT)
            continue;
        json_t *before = json_loadb(*body, *n, 0, NULL), *answer = json_deep_copy(before);
        change(m, telling[i], school, answer);
        if (!json_equal(answer, before) && mutant_is(m->mutant, telling[i])) {
            free(*body);
            *body =
                json_dumps(answer, JSON_INDENT(m->mutant == OS_ANSWER_WITH_MORE ? 2 : 0));
            *n = strlen(*body);
        }
        json_decref(before);
        json_decref(answer);
    }
}
