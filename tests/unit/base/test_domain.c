#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/digest.h"
#include "harness/base/domain.h"
#include "harness/base/mem.h"

/* Synthetic numbers: a BSN of the test range, one with leading zeros, an onderwijsnummer.
 */
#define BSN   "999990019"
#define BSN2  "123456782"
#define ZEROS "000000012"
#define OWN   "100000004"

static void statuses_have_names_and_a_rank(void **state)
{
    (void)state;
    for (enum status s = STATUS_REJECTED; s < STATUS_COUNT; s++)
        assert_int_equal(status_by_name(status_name(s)), s);
    assert_true(STATUS_REJECTED < STATUS_WITHDRAWN &&
                STATUS_WITHDRAWN < STATUS_SUBMITTED &&
                STATUS_SUBMITTED < STATUS_RECEIVED && STATUS_RECEIVED < STATUS_OFFERED &&
                STATUS_OFFERED < STATUS_ENROLLED);
    assert_string_equal(status_name(STATUS_NONE), "");
    assert_string_equal(status_name(STATUS_COUNT), "");
    assert_int_equal(status_by_name(""), STATUS_NONE);
    assert_int_equal(status_by_name("enrolled"), STATUS_NONE);
    assert_int_equal(status_by_name(NULL), STATUS_NONE);
}

static void numbers_pass_their_own_test_only(void **state)
{
    (void)state;
    assert_true(bsn_valid(BSN, 9));
    assert_true(bsn_valid(BSN2, 9));
    assert_true(bsn_valid(ZEROS, 9));
    assert_false(bsn_valid("000000000", 9));
    assert_false(onderwijsnummer_valid("000000000", 9));
    assert_false(bsn_valid("999990018", 9));
    assert_false(bsn_valid(BSN, 8));
    assert_false(bsn_valid("9999900190", 10));
    assert_false(bsn_valid("99999001a", 9));
    assert_true(onderwijsnummer_valid(OWN, 9));
    assert_false(onderwijsnummer_valid(BSN, 9));
    assert_false(bsn_valid(OWN, 9));
}

/* One digit wrong or two neighbours changed: never valid (the point of the elfproef). */
static void single_mistakes_are_found(void **state)
{
    (void)state;
    for (int i = 0; i < 9; i++)
        for (char c = '0'; c <= '9'; c++) {
            char s[] = BSN2;

            if (s[i] == c)
                continue;
            s[i] = c;
            assert_false(bsn_valid(s, 9));
        }
}

static void masked(const char *in, const char *wanted)
{
    struct mask m;
    char *s;

    mask_init(&m, 1);
    s = mask_text(&m, in);
    assert_int_equal(strcmp(in, s) != 0, mask_needed(in, strlen(in)));
    /* In `wanted`, @, # and $ stand for the masks of the three numbers. */
    for (char *at = s; *wanted; wanted++) {
        const char *number = *wanted == '@' ? BSN : *wanted == '#' ? BSN2 : OWN;
        char mask[16], tag[11];

        if (!strchr("@#$", *wanted)) {
            assert_int_equal(*at, *wanted);
            at++;
            continue;
        }
        mask_tag(&m, number, 9, tag);
        snprintf(mask, sizeof mask, "%s~%s", *wanted == '$' ? "own" : "bsn", tag);
        assert_memory_equal(at, mask, 14);
        at += 14;
        if (!wanted[1])
            assert_int_equal(*at, '\0');
    }
    free(s);
}

static void numbers_are_masked_where_they_stand_free(void **state)
{
    (void)state;
    masked(BSN, "@");
    masked("{\"bsn\":\"" BSN "\",\"own\":\"" OWN "\"}", "{\"bsn\":\"@\",\"own\":\"$\"}");
    masked("/v1/x/" BSN "?a=" BSN2, "/v1/x/@?a=#");
    masked(BSN " " BSN "," BSN2 ";" OWN, "@ @,#;$");
    masked("x" BSN "y", "x@y");
    masked("x." BSN, "x.@");
    masked(BSN ".5", "@.5");
    masked("-" BSN, "-@");
}

static void other_numbers_stay(void **state)
{
    (void)state;
    masked("", "");
    masked("999990018", "999990018");
    masked("000000000", "000000000");
    masked("1" BSN, "1" BSN);
    masked(BSN "0", BSN "0");
    masked("99999001", "99999001");
    masked("2023-05-02T08:15:30." BSN2 "Z", "2023-05-02T08:15:30." BSN2 "Z");
    masked("0." BSN2, "0." BSN2);
    masked("1683015330" BSN, "1683015330" BSN);
}

static void escapes_before_a_number_do_not_hide_it(void **state)
{
    (void)state;
    masked("?q=%22" BSN "%22", "?q=%22@%22");
    masked("%C3" BSN, "%C3@");
    masked("%2C" BSN, "%2C@");
    masked("\\u0022" BSN, "\\u0022@");
    masked("\\u00e9" BSN, "\\u00e9@");
    masked("\\n" BSN, "\\n@");
    masked("100%" BSN, "100%@"); /* no escape, or one that ends inside: rather masked */
    masked("%2" BSN, "%2" BSN);  /* %29 and eight digits */
}

static void digests_and_uuids_are_no_numbers(void **state)
{
    (void)state;
    masked("5f0c1d2e-0000-4000-8000-a" BSN2 "bc", "5f0c1d2e-0000-4000-8000-a" BSN2 "bc");
    masked("5f0c1d2e-0000-4000-8000-" BSN2 "abc", "5f0c1d2e-0000-4000-8000-" BSN2 "abc");
    masked("5f0c1d2e-0000-4000-800x-a" BSN2 "bc", "5f0c1d2e-0000-4000-800x-a#bc");
    masked("0123456789abcdef01234a" BSN2 "f0123456789abcdef0123456789abcdef",
           "0123456789abcdef01234a" BSN2 "f0123456789abcdef0123456789abcdef");
    masked("abcdef" BSN2 "abcdef", "abcdef#abcdef");
}

/* Against a slow and simple reading of the rule, on texts full of near misses. */
static void the_scan_agrees_with_a_simple_one(void **state)
{
    static const char *const pieces[] = {BSN, BSN2, OWN,     "1",  "999990018", " ", "x",
                                         ".", "-",  "12345", "\"", "T08:15:30."};
    uint64_t x = 88172645463325252U;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char s[120] = "";
        size_t n = 0;
        bool simple = false;

        for (int k = 0; k < 6; k++) {
            const char *piece;

            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            piece = pieces[x % (sizeof pieces / sizeof pieces[0])];
            memcpy(s + n, piece, strlen(piece) + 1);
            n += strlen(piece);
        }
        for (size_t i = 0; i + 9 <= n; i++) {
            bool left = i > 0 && s[i - 1] >= '0' && s[i - 1] <= '9';
            bool right = s[i + 9] >= '0' && s[i + 9] <= '9';
            bool part = i > 1 && s[i - 1] == '.' && s[i - 2] >= '0' && s[i - 2] <= '9';

            if (!left && !right && !part &&
                (bsn_valid(s + i, 9) || onderwijsnummer_valid(s + i, 9)))
                simple = true;
        }
        if (simple != mask_needed(s, n))
            fail_msg("%s", s);
    }
}

static void the_same_number_gives_the_same_mask_within_a_run(void **state)
{
    struct mask a, b;
    char one[11], two[11], other[11];

    (void)state;
    mask_init(&a, 1);
    mask_init(&b, 2);
    mask_tag(&a, BSN, 9, one);
    mask_tag(&a, BSN, 9, two);
    assert_string_equal(one, two);
    mask_tag(&a, BSN2, 9, two);
    assert_string_not_equal(one, two);
    mask_tag(&b, BSN, 9, other);
    assert_string_not_equal(one, other);
}

static void masks_are_seen(void **state)
{
    struct mask m;
    char *s;

    (void)state;
    mask_init(&m, 3);
    s = mask_text(&m, "see " OWN);
    assert_true(mask_present(s, strlen(s)));
    assert_false(mask_needed(s, strlen(s)));
    free(s);
    assert_false(mask_present(BSN, 9));
    assert_false(mask_present("bsn~012345678", 13));
    assert_false(mask_present("bsn~012345678g", 14));
    assert_true(mask_present("xbsn~0123456789", 15));
}

/* RFC 4231 section 4.2 (its key of 20 bytes, padded with zeros as HMAC does anyway). */
static void what_was_masked_holds_no_number(void **state)
{
    static const struct {
        const char *text;
        int at; /* -1: none */
    } rows[] = {
        {"bsn~123456782b is masked", -1},
        {"own~a123456782", -1},
        {"secret~123456782f", -1},
        {"~123456782", 1},
        {"~123456782x", 1},
        {"~123456782bc", 1},
        {"~ab123456782", 3},
        {"bsn~123456782b, 123456782", 16},
        {"123456782", 0},
        {"123456783", -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t at = 0;
        bool found = mask_find(rows[i].text, strlen(rows[i].text), &at);

        if (found != (rows[i].at >= 0) || (found && at != (size_t)rows[i].at))
            fail_msg("%s: %zu", rows[i].text, at);
    }
}

static void the_tag_is_hmac_sha256(void **state)
{
    struct mask m = {{0}};
    char tag[11];

    (void)state;
    memset(m.key, 0x0b, 20);
    mask_tag(&m, "Hi There", 8, tag);
    assert_string_equal(tag, "b0344c61d8");
}

/* FIPS 180-4 examples. */
static void digests_are_sha256(void **state)
{
    struct digest *d = digest_new();
    char out[65];

    (void)state;
    digest_hex("abc", 3, out);
    assert_string_equal(
        out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_add(d, "a", 1);
    digest_add(d, NULL, 0);
    digest_add(d, "bc", 2);
    digest_end(d, out);
    assert_string_equal(
        out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_hex(NULL, 0, out);
    assert_string_equal(
        out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void a_file_has_a_digest(void **state)
{
    char path[] = "/tmp/koppelproef-test-XXXXXX", out[65] = "";
    int fd = mkstemp(path);
    uint64_t size = 0;
    struct err e = {0};

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "abc", 3), 3);
    close(fd);
    assert_int_equal(digest_file(path, out, &size, &e), 0);
    unlink(path);
    assert_int_equal(size, 3);
    assert_string_equal(
        out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(digest_file(path, out, &size, &e), E_NOTFOUND);
    assert_non_null(strstr(e.text, path));
    err_clear(&e);
    assert_int_equal(digest_file("/tmp", out, NULL, &e), E_ENV);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_have_names_and_a_rank),
        cmocka_unit_test(numbers_pass_their_own_test_only),
        cmocka_unit_test(single_mistakes_are_found),
        cmocka_unit_test(numbers_are_masked_where_they_stand_free),
        cmocka_unit_test(other_numbers_stay),
        cmocka_unit_test(escapes_before_a_number_do_not_hide_it),
        cmocka_unit_test(digests_and_uuids_are_no_numbers),
        cmocka_unit_test(the_scan_agrees_with_a_simple_one),
        cmocka_unit_test(the_same_number_gives_the_same_mask_within_a_run),
        cmocka_unit_test(masks_are_seen),
        cmocka_unit_test(what_was_masked_holds_no_number),
        cmocka_unit_test(the_tag_is_hmac_sha256),
        cmocka_unit_test(digests_are_sha256),
        cmocka_unit_test(a_file_has_a_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
