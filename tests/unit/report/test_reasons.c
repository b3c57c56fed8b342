/* Reasons in Dutch: the English of the table is what the sources say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/base/map.h"
#include "harness/base/mem.h"
#include "harness/report/texts.h"

static void is(const char *reason, const char *want)
{
    char *seen = text_reason(reason, LANG_NL);
    if (!want != !seen || (want && strcmp(want, seen)))
        fail_msg("\"%s\":\n  expected %s\n  is       %s", reason, want ? want : "<undef>",
                 seen ? seen : "<undef>");
    free(seen);
}

static void sentences(void **state)
{
    (void)state;
    is("the volgnummer does not rise", "het volgnummer stijgt niet");
    is("the capability \"strict\" is not declared",
       "de mogelijkheid \"strict\" is niet opgegeven");
    is("aanmelding a (25LH, 25655) is shown as RECEIVED",
       "aanmelding a (25LH, 25655) wordt getoond als RECEIVED");
    is("the volgnummer does not rise (and 12 times more)",
       "het volgnummer stijgt niet (en nog 12 keer)");
    is("it was right, but did not stay so: aanmelding a (25LH, 25655) is not shown",
       "het was goed, maar bleef niet zo: aanmelding a (25LH, 25655) wordt niet getoond");
    is("a correct statusmelding of sis:25LH: the answer should be ok and is invalid "
       "(400)",
       "een juiste statusmelding van sis:25LH: het antwoord moet ok zijn en is invalid "
       "(400)");
    is("a correct statusmelding of sis:25LH: aangenomen should be 1 and is 0",
       "een juiste statusmelding van sis:25LH: aangenomen moet 1 zijn en is 0");
    is("a batch with a time that is not in UTC: the refusal does not name the fault at "
       "/a/0/begindatum (a time that is not in UTC)",
       "een bundel met een tijd die niet in UTC is: de weigering noemt de fout op "
       "/a/0/begindatum niet (een tijd die niet in UTC is)");
    is("what may not be passed on (adres) was found in the body of a response to x (and "
       "3 "
       "times more)",
       "wat niet mag worden doorgegeven (adres) staat in de inhoud van een antwoord op x "
       "(en nog 3 keer)");
    is("aanmeldstatussen.ophalen was let in with an invalid token",
       "aanmeldstatussen.ophalen werd toegelaten met een ongeldig toegangsbewijs");
}

/* No half sentences: what has no Dutch stays whole. */
static void others(void **state)
{
    (void)state;
    is("", NULL);
    is("a sentence that nobody wrote", NULL);
    is("the volgnummer does not rise at all", NULL);
    is("not the volgnummer does not rise", NULL);
    is("it was right, but did not stay so: nobody wrote this", NULL);
    is("nobody wrote this: the volgnummer does not rise", NULL);
    is("nobody wrote this (and 2 times more)", NULL);
    char *deep = xstrdup("the volgnummer does not rise");
    for (int i = 0; i < 20; i++) {
        char *more = xasprintf("it was right, but did not stay so: %s", deep);
        free(deep);
        deep = more;
    }
    is(deep, NULL);
    free(deep);
    char *same = text_reason("the volgnummer does not rise", LANG_EN);
    assert_string_equal(same, "the volgnummer does not rise");
    free(same);
}

/* ---- against the sources ---- */

/* One literal, or several behind each other, with * for each conversion. Moves *s on. */
static char *literal(const char **s)
{
    struct buf b;
    const char *p = *s;
    buf_init(&b, 1u << 20);
    buf_adds(&b, "");
    while (*p == '"') {
        for (p++; *p && *p != '"'; p++) {
            if (*p == '\\' && p[1]) {
                buf_addc(&b, *++p);
            } else if (*p == '%' && p[1] == '%') {
                buf_addc(&b, *p++);
            } else if (*p == '%') {
                p += 1 + strcspn(p + 1, "diuxXfgsczp");
                if (!b.n || b.p[b.n - 1] != '*')
                    buf_addc(&b, '*');
                /* %zu and the like: the letter behind a length */
                while (strchr("zl", *p) && strchr("diuxX", p[1]) && p[1])
                    p++;
            } else {
                buf_addc(&b, *p);
            }
        }
        const char *next = *p ? p + 1 : p;
        next += strspn(next, " \n\t");
        if (*next != '"') {
            p += *p != 0;
            break;
        }
        p = next;
    }
    *s = p;
    return buf_take(&b, NULL);
}

static void read_source(struct map *said, const char *path)
{
    char *text = NULL;
    size_t n;
    assert_int_equal(file_read(path, 4u << 20, &text, &n, NULL), 0);
    for (const char *s = text; *s;) {
        if (s[0] == '/' && s[1] == '*') {
            s = strstr(s + 2, "*/") + 2;
        } else if (s[0] == '\'') {
            s += s[1] == '\\' ? 4 : 3;
        } else if (*s == '"') {
            char *t = literal(&s);
            map_put(said, t, said);
            free(t);
        } else {
            s++;
        }
    }
    free(text);
}

static void read_room(struct map *said, const char *room)
{
    char *dir = xasprintf("%s/harness/%s", SOURCE_DIR, room), **names;
    size_t n;
    assert_int_equal(file_list(dir, &names, &n, NULL), 0);
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(names[i]);
        char *path = xasprintf("%s/%s", dir, names[i]);
        if (len > 2 && !strcmp(names[i] + len - 2, ".c"))
            read_source(said, path);
        free(path);
        free(names[i]);
    }
    free(names);
    free(dir);
}

/* A row with ** where the source has two conversions in a row. */
static char *collapsed(const char *en)
{
    char *out = xstrdup(en), *o = out;
    for (const char *s = en; *s; s++)
        if (*s != '*' || o == out || o[-1] != '*')
            *o++ = *s;
    *o = 0;
    return out;
}

static void as_in_the_sources(void **state)
{
    struct map *said = map_new();
    const struct text_reason_row *rows;
    size_t n = text_reason_rows(&rows), missing = 0;
    (void)state;
    read_room(said, "judge");
    read_room(said, "scenario");
    read_source(said, SOURCE_DIR "/mocks/host_faults.c"); /* what a fault does */
    assert_true(map_count(said) > 500 && n > 60);
    for (size_t i = 0; i < n; i++) {
        char *en = collapsed(rows[i].en);
        if (!map_get(said, en)) {
            print_error("not in the sources: %s\n", en);
            missing++;
        }
        free(en);
    }
    map_free(said, NULL);
    assert_int_equal(missing, 0);
}

/* The other way round: what the judge says to people, it can say in Dutch. Sentences of
 * other use are named here. */
static void all_of_the_judge(void **state)
{
    static const char *const files[] = {"checks.c",
                                        "checks_access.c",
                                        "checks_backoff.c",
                                        "checks_chain.c",
                                        "checks_client.c",
                                        "checks_feed.c",
                                        "checks_privacy.c",
                                        "checks_wire.c",
                                        "feed_walk.c",
                                        "history.c",
                                        "oracle.c",
                                        "oracle_state.c",
                                        "verdicts.c",
                                        "staleness_tell.c",
                                        "relay.c",
                                        "../scenario/distort.c",
                                        "../../mocks/host_faults.c"};
    static const char *const others[] = {
        /* beside a verdict: of what exchange, and what is expected in short */
        "BSN as onderwijsnummer",
        "SUBMITTED from a SIS", /* names in a scenario */
        "onderwijsnummer as BSN",
        "without its zero",
        "integer as number",
        "Retry-After * s*",
        " as a date", /* nobody's language */
        "an unknown path",
        "2023-08-01 or later",
        "* s later",
        "* of * later",
        "volgnummer, aanmeldId, vervallen",
        "99 in 100 within 5 s",
        "fault of ours", /* a key of result.json */
    };
    struct map *said = map_new(), *known = map_new();
    const struct text_reason_row *rows;
    size_t n = text_reason_rows(&rows), missing = 0;
    (void)state;
    for (size_t i = 0; i < n; i++) {
        char *en = collapsed(rows[i].en);
        map_put(known, en, known);
        free(en);
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        map_put(known, others[i], known);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char *path = xasprintf("%s/harness/judge/%s", SOURCE_DIR, files[i]);
        read_source(said, path);
        free(path);
    }
    for (struct map_item *i = map_first(said); i; i = map_next(i)) {
        const char *s = map_key(i);
        size_t words = 0;
        for (const char *c = s; *c; c++)
            words += *c == ' ' && islower((unsigned char)c[1]);
        if (words >= 2 && !map_get(known, s)) {
            print_error("without Dutch: %s\n", s);
            missing++;
        }
    }
    map_free(said, NULL);
    map_free(known, NULL);
    assert_int_equal(missing, 0);
}

/* Each part that is filled in is used in the Dutch, unless it is said otherwise. */
static void parts(void **state)
{
    const struct text_reason_row *rows;
    size_t n = text_reason_rows(&rows);
    (void)state;
    for (size_t i = 0; i < n; i++) {
        char *en = collapsed(rows[i].en);
        char holes = 0, highest = 0;
        for (const char *s = en; *s; s++)
            holes = (char)(holes + (*s == '*'));
        for (const char *s = rows[i].nl; *s; s++)
            if ((*s == '$' || *s == '!') && isdigit((unsigned char)s[1]) &&
                s[1] - '0' > highest)
                highest = (char)(s[1] - '0');
        if (highest > holes)
            fail_msg("more parts than there are: %s", rows[i].nl);
        free(en);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences),
        cmocka_unit_test(others),
        cmocka_unit_test(as_in_the_sources),
        cmocka_unit_test(all_of_the_judge),
        cmocka_unit_test(parts),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
