#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "harness/base/rng.h"

/* The reference implementation, prng.di.unimi.it/xoshiro256starstar.c, from {1, 2, 3, 4}.
 */
static void is_xoshiro256starstar(void **state)
{
    static const uint64_t wanted[] = {11520U, 0U, 1509978240U, 1215971899390074240U};
    struct rng r = {{1, 2, 3, 4}};

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_true(rng_next(&r) == wanted[i]);
}

static void streams_depend_on_seed_actor_and_purpose_alone(void **state)
{
    struct rng a, same, others[5];

    (void)state;
    rng_init(&a, 7, "sis:25LH", "ids");
    rng_init(&same, 7, "sis:25LH", "ids");
    rng_init(&others[0], 8, "sis:25LH", "ids");
    rng_init(&others[1], 7, "sis:25LJ", "ids");
    rng_init(&others[2], 7, "sis:25LH", "times");
    rng_init(&others[3], 7, "sis:25L", "Hids");
    rng_init(&others[4], 7, "", "sis:25LHids");
    for (int i = 0; i < 4; i++)
        assert_true(rng_next(&a) == rng_next(&same));
    for (int i = 0; i < 5; i++)
        assert_memory_not_equal(&a, &others[i], sizeof a);
    rng_init(&a, 7, "sis:25LH", "ids");
    for (int i = 0; i < 5; i++)
        assert_memory_not_equal(&a, &others[i], sizeof a);
}

static void below_is_even_and_in_bounds(void **state)
{
    struct rng r;
    int seen[6] = {0};

    (void)state;
    rng_init(&r, 1, "a", "b");
    for (int i = 0; i < 60000; i++) {
        uint64_t x = rng_below(&r, 6);

        assert_true(x < 6);
        seen[x]++;
    }
    for (int i = 0; i < 6; i++) /* 10000 +- 6 standard deviations */
        assert_in_range(seen[i], 9450, 10550);
    assert_true(rng_below(&r, 1) == 0);
    for (int i = 0; i < 100; i++)
        assert_true(rng_below(&r, 1ULL << 63 | 1) <= 1ULL << 63);
}

static void uuids_are_version_4(void **state)
{
    struct rng r;
    char one[37], two[37];

    (void)state;
    rng_init(&r, 1, "a", "b");
    rng_uuid(&r, one);
    for (int i = 0; i < 200; i++) {
        rng_uuid(&r, two);
        assert_int_equal(strlen(two), 36);
        assert_int_equal(strspn(two, "0123456789abcdef-"), 36);
        for (int k = 0; k < 36; k++)
            assert_int_equal(two[k] == '-', k == 8 || k == 13 || k == 18 || k == 23);
        assert_int_equal(two[14], '4');
        assert_non_null(strchr("89ab", two[19]));
        assert_string_not_equal(one, two);
    }
}

static void fresh_seeds_differ_and_fit_in_json(void **state)
{
    uint64_t a = rng_fresh_seed(), b = rng_fresh_seed();

    (void)state;
    assert_true(a != b);
    assert_true(a < 1ULL << 53 && b < 1ULL << 53);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_xoshiro256starstar),
        cmocka_unit_test(streams_depend_on_seed_actor_and_purpose_alone),
        cmocka_unit_test(below_is_even_and_in_bounds),
        cmocka_unit_test(uuids_are_version_4),
        cmocka_unit_test(fresh_seeds_differ_and_fit_in_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
