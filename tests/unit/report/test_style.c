/* The colours of the pages: text can be read on every ground that it stands on, in light,
 * dark and print (WCAG 2.2, 1.4.3 and 1.4.11, with its own formula of contrast). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mem.h"
#include "harness/report/page.h"

struct colour {
    double r, g, b; /* 0 to 255 */
};

/* What stands on what. `veil` of a third colour may lie on the ground. */
static const struct {
    const char *front, *ground, *veil;
    double opacity, least;
} pairs[] = {
    {"fg", "bg", NULL, 0, 4.5},
    {"fg", "card", NULL, 0, 4.5},
    {"fg", "hot", NULL, 0, 4.5},
    {"fg", "bg", "warn", 0.18, 4.5}, /* a fault's band */
    {"fg", "bg", "skip", 0.25, 4.5}, /* the system's band */
    {"mute", "bg", NULL, 0, 4.5},
    {"mute", "card", NULL, 0, 4.5},
    {"mute", "hot", NULL, 0, 4.5}, /* the time of a row that a finding points at */
    {"good", "bg", NULL, 0, 4.5},
    {"good", "card", NULL, 0, 4.5},
    {"bad", "bg", NULL, 0, 4.5},
    {"bad", "card", NULL, 0, 4.5},
    {"bad", "hot", NULL, 0, 4.5},
    {"warn", "bg", NULL, 0, 4.5},
    {"warn", "card", NULL, 0, 4.5},
    {"skip", "bg", NULL, 0, 4.5},
    {"skip", "card", NULL, 0, 4.5},
    {"blue", "bg", NULL, 0, 4.5},
    {"blue", "card", NULL, 0, 4.5},
    /* What is drawn, and must be seen, but not read; also as the ground of a pattern in
     * the colour of the page. */
    {"a", "bg", NULL, 0, 3},
    {"b", "bg", NULL, 0, 3},
    {"c", "bg", NULL, 0, 3},
    {"e", "bg", NULL, 0, 3},
};
/* Only edges of what is told by words too. */
static const char *const decoration[] = {"line"};

static char *style(void)
{
    struct buf b;
    buf_init(&b, 1u << 20);
    for (size_t i = 0; page_style[i]; i++)
        buf_adds(&b, page_style[i]);
    return buf_take(&b, NULL);
}

/* The value of --name behind the n-th ":root{"; a scheme that doesn't say takes the
 * first.
 */
static struct colour colour(const char *text, size_t nth, const char *name)
{
    char wanted[32];
    const char *at = text;
    unsigned r, g, b;
    snprintf(wanted, sizeof wanted, "--%s:#", name);
    for (size_t i = 0; i <= nth; i++) {
        at = strstr(i ? at + 1 : at, ":root{");
        assert_non_null(at);
    }
    const char *end = strchr(at, '}'), *found = strstr(at, wanted);
    if (!found || found > end) {
        assert_true(nth > 0);
        return colour(text, 0, name);
    }
    found += strlen(wanted);
    if (strspn(found, "0123456789abcdef") >= 6) {
        assert_int_equal(sscanf(found, "%2x%2x%2x", &r, &g, &b), 3);
    } else {
        assert_int_equal(sscanf(found, "%1x%1x%1x", &r, &g, &b), 3);
        r *= 17, g *= 17, b *= 17;
    }
    return (struct colour){r, g, b};
}

static double linear(double v)
{
    v /= 255;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double luminance(struct colour c)
{
    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

static double contrast(struct colour a, struct colour b)
{
    double x = luminance(a), y = luminance(b);
    return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

static struct colour veiled(struct colour ground, struct colour veil, double opacity)
{
    return (struct colour){ground.r + (veil.r - ground.r) * opacity,
                           ground.g + (veil.g - ground.g) * opacity,
                           ground.b + (veil.b - ground.b) * opacity};
}

static void test_the_formula(void **state)
{
    (void)state;
    struct colour black = {0, 0, 0}, white = {255, 255, 255}, grey = {118, 118, 118};
    assert_true(fabs(contrast(black, white) - 21) < 1e-9);
    assert_true(contrast(grey, white) > 4.5 && contrast(grey, white) < 4.6);
}

static void test_what_stands_on_what(void **state)
{
    static const char *const schemes[] = {"light", "dark", "print"};
    char *text = style();
    (void)state;
    for (size_t scheme = 0; scheme < ARRAY_LEN(schemes); scheme++)
        for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
            struct colour ground = colour(text, scheme, pairs[i].ground);
            if (pairs[i].veil)
                ground =
                    veiled(ground, colour(text, scheme, pairs[i].veil), pairs[i].opacity);
            double seen = contrast(colour(text, scheme, pairs[i].front), ground);
            if (seen < pairs[i].least)
                fail_msg("%s: %s on %s%s%s has %.2f, not %.1f", schemes[scheme],
                         pairs[i].front, pairs[i].ground, pairs[i].veil ? " under " : "",
                         pairs[i].veil ? pairs[i].veil : "", seen, pairs[i].least);
        }
    free(text);
}

/* No colour beside those that are looked at here. */
static void test_all_are_looked_at(void **state)
{
    char *text = style();
    (void)state;
    for (const char *s = text; (s = strstr(s, "--")); s += 2) {
        size_t n = strspn(s + 2, "abcdefghijklmnopqrstuvwxyz");
        bool known = n == 0;
        for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
            const char *const names[] = {pairs[i].front, pairs[i].ground};
            for (size_t k = 0; k < ARRAY_LEN(names); k++)
                known = known || (strlen(names[k]) == n && !strncmp(names[k], s + 2, n));
        }
        for (size_t i = 0; i < ARRAY_LEN(decoration); i++)
            known = known ||
                    (strlen(decoration[i]) == n && !strncmp(decoration[i], s + 2, n));
        if (!known)
            fail_msg("--%.*s is in no pair", (int)n, s + 2);
    }
    for (const char *s = text; (s = strchr(s, '#')); s++)
        if (strspn(s + 1, "0123456789abcdef") >= 3 && s[-1] != ':')
            fail_msg("a colour without a name: %.20s", s - 10);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_formula),
        cmocka_unit_test(test_what_stands_on_what),
        cmocka_unit_test(test_all_are_looked_at),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
