/* An overstapsysteem under virtual time: when it asks, what it asks, and what it does
 * with each kind of answer. The requirement that a test is about stands before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/mocks/os_fake.h"

#define MS NS_PER_MS

static void some_feed(struct fake *f, int n)
{
    static const char *const bsns[] = {LOTTE, "000000012", "999990007"};
    for (int i = 0; i < n; i++) {
        char id[16];
        snprintf(id, sizeof(id), "id%d", i);
        feed_add(f, id, bsns[i % 3], "RECEIVED", DAY1);
    }
}

static void lotte(struct fake *f)
{
    pupils(f, "{\"school\":\"02QZ00\",\"bsns\":[\"" LOTTE "\"]}");
}

#define SEES_LOTTE(status, day) LOTTE " 25655 " status " " day "; "

/* ---- pages and the cursor ---- */

/* OS-OPH-01, OS-OPH-03, OS-OPH-12 */
static void follows_the_pages_to_the_end(void **state)
{
    struct fake *f = *state;
    f->page = 2;
    some_feed(f, 5);
    fake_start(f);
    fake_until(f, 0);
    assert_int_equal(asked(f, OP_OPHALEN), 3);
    assert_string_equal(nth(f, OP_OPHALEN, 0)->target, "/v1/aanmeldstatussen");
    assert_string_equal(nth(f, OP_OPHALEN, 1)->target, "/v1/aanmeldstatussen?sinds=c1.2");
    assert_string_equal(nth(f, OP_OPHALEN, 2)->target, "/v1/aanmeldstatussen?sinds=c1.4");
    fake_until(f, SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 4);
    assert_string_equal(nth(f, OP_OPHALEN, 3)->target, "/v1/aanmeldstatussen?sinds=c1.5");
}

static void asks_for_its_page_size(void **state)
{
    struct fake *f = *state;
    f->config.limiet = 3;
    some_feed(f, 4);
    fake_start(f);
    fake_until(f, 0);
    assert_string_equal(nth(f, OP_OPHALEN, 0)->target, "/v1/aanmeldstatussen?limiet=3");
    assert_string_equal(nth(f, OP_OPHALEN, 1)->target,
                        "/v1/aanmeldstatussen?sinds=c1.3&limiet=3");
}

/* A page may be empty while there is more: only `meer` counts. */
static void empty_pages_in_between(void **state)
{
    struct fake *f = *state;
    set_instead(f,
                (struct instead){.op = OP_OPHALEN,
                                 .count = 1,
                                 .status = 200,
                                 .type = "application/json",
                                 .body = "{\"aanmeldstatussen\":[],\"volgende\":\"c1.0\","
                                         "\"meer\":true}"});
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    fake_start(f);
    lotte(f);
    fake_until(f, 0);
    assert_int_equal(asked(f, OP_OPHALEN), 2);
    assert_string_equal(sees(f, "02QZ00"), SEES_LOTTE("RECEIVED", DAY1));
}

static void a_cursor_that_stands_still(void **state)
{
    struct fake *f = *state;
    feed_add(f, "a", LOTTE, "RECEIVED", DAY1);
    fake_start(f);
    fake_until(f, 0);
    set_instead(f,
                (struct instead){.op = OP_OPHALEN,
                                 .count = 1,
                                 .status = 200,
                                 .type = "application/json",
                                 .body = "{\"aanmeldstatussen\":[],\"volgende\":\"c1.1\","
                                         "\"meer\":true}"});
    fake_forget(f);
    fake_until(f, SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 1); /* a failure, not a loop */
    fake_until(f, 3 * SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 2);
}

/* A feed of nothing but empty pages that promise more is left after a while. */
static void empty_pages_without_end(void **state)
{
    struct fake *f = *state;
    char bodies[2][80];
    for (int i = 0; i < 2; i++)
        snprintf(bodies[i], sizeof(bodies[i]),
                 "{\"aanmeldstatussen\":[],\"volgende\":\"c1.%d\",\"meer\":true}", i);
    for (int i = 0; i < 2000; i++) { /* two cursors in turn */
        if (i % 10 == 0)
            f->n_instead = 0;
        set_instead(f, (struct instead){.op = OP_OPHALEN,
                                        .count = 1,
                                        .status = 200,
                                        .type = "application/json",
                                        .body = bodies[i % 2],
                                        .delay = 1000});
        if (i == 0)
            fake_start(f);
        else if (i % 10 == 9)
            fake_until(f, (uint64_t)(i + 1) * 1000 - 1);
    }
    assert_int_equal(asked(f, OP_OPHALEN), 1000);
}

/* A URL may have a path of its own in front. */
static void addresses(void **state)
{
    struct fake *f = *state;
    f->config.url = "https://kp.example/proef/";
    f->config.token_url = "https://auth.example:8443/x/token?a=b";
    some_feed(f, 1);
    fake_start(f);
    fake_until(f, 0);
    assert_string_equal(f->seen[0].url, "https://auth.example:8443");
    assert_string_equal(f->seen[0].target, "/x/token?a=b");
    assert_string_equal(f->seen[1].url, "https://kp.example");
    assert_string_equal(f->seen[1].target, "/proef/v1/aanmeldstatussen");
    struct role *r = NULL;
    struct err e = {0};
    f->config.state_dir = NULL;
    f->config.url = "kp.example";
    assert_int_equal(overstapsysteem_new(&f->config, fake_now(f), &r, &e), E_INVALID);
    assert_null(r);
}

/* ---- by itself ---- */

/* OS-OPH-02: start to start, also when somebody asked in between. */
static void fetches_by_itself(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 2500 * MS);
    assert_int_equal(asked(f, OP_OPHALEN), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(nth(f, OP_OPHALEN, i)->at, i * SECOND);
    uint64_t ticket = observe(f, "POST", "/ophalen", NULL);
    fake_until(f, 3499 * MS);
    assert_int_equal(status_of(f, ticket), 200);
    assert_int_equal(asked(f, OP_OPHALEN), 4);
    fake_until(f, 3500 * MS);
    assert_int_equal(nth(f, OP_OPHALEN, 4)->at, 3500 * MS);
}

static void a_slow_fetch_counts_from_its_start(void **state)
{
    struct fake *f = *state;
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .delay = 700 * MS});
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .delay = 1700 * MS});
    fake_start(f);
    fake_until(f, 10 * SECOND);
    assert_int_equal(nth(f, OP_OPHALEN, 1)->at, SECOND);
    assert_int_equal(nth(f, OP_OPHALEN, 2)->at, 2700 * MS);
    assert_int_equal(nth(f, OP_OPHALEN, 3)->at, 3700 * MS);
}

static void without_interval_only_when_told(void **state)
{
    struct fake *f = *state;
    f->config.interval_ns = 0;
    fake_start(f);
    fake_until(f, 3600 * SECOND);
    assert_int_equal(f->n, 0);
    uint64_t ticket = observe(f, "POST", "/ophalen", "{}");
    fake_until(f, 7200 * SECOND);
    assert_int_equal(status_of(f, ticket), 200);
    assert_int_equal(asked(f, OP_OPHALEN), 1);
}

/* OS-OPH-14 */
static void nothing_before_the_aansluitdatum(void **state)
{
    struct fake *f = *state;
    f->config.has_aansluitdatum = true;
    f->config.aansluitdatum = EPOCH + 2500 * MS;
    fake_start(f);
    fake_until(f, 2000 * MS);
    uint64_t ticket = observe(f, "POST", "/ophalen", NULL);
    assert_int_equal(status_of(f, ticket), 503);
    assert_string_equal(reply_to(f, ticket)->retry_after, "");
    fake_until(f, 2499 * MS);
    assert_int_equal(f->n, 0);
    fake_until(f, 2500 * MS);
    assert_int_equal(asked(f, OP_OPHALEN), 1);
    fake_until(f, 3500 * MS);
    assert_int_equal(asked(f, OP_OPHALEN), 2);
}

/* The koppelpunt knows another date: once per interval, no growing gap, and then at once.
 */
static void told_that_it_is_early(void **state)
{
    struct fake *f = *state;
    struct instead early = {
        .op = OP_OPHALEN,
        .count = 6,
        .status = 403,
        .type = "application/problem+json",
        .body = "{\"type\":\"urn:x:nog-niet-aangesloten\",\"title\":\"t\",\"status\":403,"
                "\"detail\":\"d\",\"aansluitdatum\":\"2023-05-01T00:00:05.500Z\"}"};
    set_instead(f, early);
    fake_start(f);
    fake_until(f, 1500 * MS);
    /* Also when somebody wants more. */
    assert_int_equal(status_of(f, observe(f, "POST", "/ophalen", NULL)), 503);
    fake_until(f, 5700 * MS);
    uint64_t ticket = observe(f, "POST", "/ophalen", NULL);
    fake_until(f, 5700 * MS);
    assert_int_equal(status_of(f, ticket), 200);
    fake_until(f, 20 * SECOND);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(nth(f, OP_OPHALEN, i)->at, i * SECOND);
    assert_int_equal(nth(f, OP_OPHALEN, 6)->at, 5500 * MS);
    assert_int_equal(nth(f, OP_OPHALEN, 7)->at, 5700 * MS);
    assert_int_equal(nth(f, OP_OPHALEN, 8)->at, 6700 * MS);
    assert_int_equal(asked(f, OP_TOKEN), 1);
}

/* To be early is not to fail: the gaps begin again. */
static void early_between_failures(void **state)
{
    struct fake *f = *state;
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 2, .status = 500});
    set_instead(f, (struct instead){
                       .op = OP_OPHALEN,
                       .count = 1,
                       .status = 403,
                       .type = "application/problem+json",
                       .body = "{\"type\":\"urn:x:nog-niet-aangesloten\",\"title\":\"t\","
                               "\"status\":403,\"detail\":\"d\"}"});
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 500});
    fake_start(f);
    fake_until(f, 20 * SECOND);
    static const uint64_t at[] = {0, 2, 6, 7, 9, 10};
    for (size_t i = 0; i < ARRAY_LEN(at); i++)
        assert_int_equal(nth(f, OP_OPHALEN, i)->at, at[i] * SECOND);
}

/* ---- failing ---- */

/* OS-OPH-05, OS-OPH-07: 2, 4, 8, 8 intervals; after success one again. */
static void gaps_grow(void **state)
{
    struct fake *f = *state;
    static const enum call_outcome outcomes[] = {CALL_REFUSED, CALL_RESET, CALL_TRUNCATED,
                                                 CALL_TLS, CALL_NOT_HTTP};
    static const uint64_t at[] = {0, 2, 6, 14, 22, 30, 31, 32};
    fake_start(f); /* the token request comes first and succeeds */
    fake_forget(f);
    for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
        set_instead(
            f, (struct instead){.op = OP_OPHALEN, .count = 1, .outcome = outcomes[i]});
    fake_until(f, 32 * SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), ARRAY_LEN(at));
    for (size_t i = 0; i < ARRAY_LEN(at); i++)
        assert_int_equal(nth(f, OP_OPHALEN, i)->at, at[i] * SECOND);
    /* All is forgotten after a success. */
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 500});
    fake_until(f, 36 * SECOND);
    assert_int_equal(nth(f, OP_OPHALEN, 8)->at, 33 * SECOND);
    assert_int_equal(nth(f, OP_OPHALEN, 9)->at, 35 * SECOND);
}

static void gaps_grow_for_every_failing_status(void **state)
{
    struct fake *f = *state;
    static const int statuses[] = {500, 502, 503, 429, 400, 403, 404, 301, 307, 204, 206};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        fake_start(f);
        fake_until(f, fake_time(f));
        fake_forget(f);
        uint64_t start = fake_time(f);
        set_instead(f,
                    (struct instead){.op = OP_OPHALEN,
                                     .count = 2,
                                     .status = statuses[i],
                                     .field = "Location",
                                     .value = "http://evil.example/v1/aanmeldstatussen"});
        fake_until(f, start + 7 * SECOND);
        /* one good one before, then the failing ones at 1 s and 3 s, then at 7 s */
        assert_int_equal(asked(f, OP_OPHALEN), 3);
        assert_int_equal(nth(f, OP_OPHALEN, 0)->at, start + 1 * SECOND);
        assert_int_equal(nth(f, OP_OPHALEN, 1)->at, start + 3 * SECOND);
        assert_int_equal(nth(f, OP_OPHALEN, 2)->at, start + 7 * SECOND);
        for (size_t k = 0; k < f->n; k++) /* OS-OPH-10 */
            assert_string_equal(f->seen[k].url, "http://kp");
        fake_kill(f);
        f->n_instead = 0;
    }
}

/* During the own back-off somebody may ask. */
static void asking_during_back_off(void **state)
{
    struct fake *f = *state;
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 2, .status = 500});
    fake_start(f);
    fake_until(f, 500 * MS);
    uint64_t first = observe(f, "POST", "/ophalen", NULL);
    fake_until(f, 600 * MS);
    assert_int_equal(status_of(f, first), 503);
    assert_string_equal(reply_to(f, first)->retry_after, "");
    uint64_t second = observe(f, "POST", "/ophalen", NULL);
    fake_until(f, 700 * MS);
    assert_int_equal(status_of(f, second), 200);
}

/* A silent request is given up in time: within max(2 s, 4 intervals), 30 s at most. */
static void silence(void **state)
{
    struct fake *f = *state;
    static const uint64_t intervals[] = {100 * MS, 500 * MS, SECOND, 5 * SECOND,
                                         60 * SECOND};
    static const uint64_t most[] = {2 * SECOND, 2 * SECOND, 4 * SECOND, 20 * SECOND,
                                    30 * SECOND};
    for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
        f->config.interval_ns = intervals[i];
        fake_forget(f);
        set_instead(
            f, (struct instead){.op = OP_OPHALEN, .count = 1, .outcome = CALL_TIMEOUT});
        uint64_t start = fake_time(f);
        fake_start(f);
        fake_until(f, start);
        assert_true(f->seen[1].timeout < most[i]);
        assert_true(f->seen[1].timeout > most[i] * 8 / 10);
        fake_until(f, start + 10 * intervals[i] + 2 * SECOND);
        assert_true(asked(f, OP_OPHALEN) >= 2); /* and goes on */
        fake_kill(f);
    }
}

/* OS-OPH-05: Retry-After in seconds on any failing answer, to the nanosecond. */
static void retry_after_seconds(void **state)
{
    struct fake *f = *state;
    static const int statuses[] = {503, 429, 500, 401, 403, 404, 410, 302, 400};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        uint64_t start = fake_time(f);
        fake_start(f);
        fake_until(f, start);
        fake_forget(f);
        set_instead(f, (struct instead){.op = OP_OPHALEN,
                                        .count = 1,
                                        .status = statuses[i],
                                        .field = "Retry-After",
                                        .value = "17"});
        fake_until(f, start + 2500 * MS);
        assert_int_equal(f->n, 1); /* at 1 s */
        uint64_t ticket = observe(f, "POST", "/ophalen", NULL);
        assert_int_equal(status_of(f, ticket), 503);                 /* at once */
        assert_string_equal(reply_to(f, ticket)->retry_after, "16"); /* 15.5 s, up */
        fake_until(f, start + 18 * SECOND - 1);
        assert_int_equal(f->n, 1);
        fake_until(f, start + 18 * SECOND);
        assert_true(f->n >= 2);
        ticket = observe(f, "POST", "/ophalen", NULL);
        fake_until(f, start + 18 * SECOND);
        assert_int_equal(status_of(f, ticket), 200);
        fake_kill(f);
    }
}

static void retry_after_date(void **state)
{
    struct fake *f = *state;
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .status = 503,
                                    .delay = 250 * MS,
                                    .field = "Retry-After",
                                    .value = "Mon, 01 May 2023 00:01:40 GMT"});
    fake_start(f);
    fake_until(f, 100 * SECOND - 1);
    assert_int_equal(asked(f, OP_OPHALEN), 1);
    fake_until(f, 100 * SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 2);
}

/* At most 24 h; shorter than the own gap: the gap; nonsense: no matter. */
static void retry_after_bounds(void **state)
{
    struct fake *f = *state;
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .status = 503,
                                    .field = "Retry-After",
                                    .value = "1"});
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .status = 503,
                                    .field = "Retry-After",
                                    .value = "soon"});
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .status = 503,
                                    .field = "Retry-After",
                                    .value = "0"});
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .status = 503,
                                    .field = "Retry-After",
                                    .value = "999999999"});
    fake_start(f);
    fake_until(f, 14 * SECOND);
    static const uint64_t at[] = {0, 2, 6, 14};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(nth(f, OP_OPHALEN, i)->at, at[i] * SECOND);
    fake_until(f, (14 + 24 * 3600) * SECOND - 1);
    assert_int_equal(asked(f, OP_OPHALEN), 4);
    fake_until(f, (14 + 24 * 3600) * SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 5);
}

/* After a wait that was asked for, the own gaps don't shrink below it; nor do they grow
 * beyond 8 intervals. Also when only the head of the answer came through. */
static void retry_after_and_the_gaps(void **state)
{
    struct fake *f = *state;
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .outcome = CALL_TRUNCATED,
                                    .status = 503,
                                    .field = "Retry-After",
                                    .value = "3"});
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 500});
    set_instead(f, (struct instead){.op = OP_OPHALEN,
                                    .count = 1,
                                    .status = 503,
                                    .field = "Retry-After",
                                    .value = "20"});
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 500});
    fake_start(f);
    fake_until(f, 40 * SECOND);
    static const uint64_t at[] = {0, 3, 9, 29, 37, 38};
    for (size_t i = 0; i < ARRAY_LEN(at); i++)
        assert_int_equal(nth(f, OP_OPHALEN, i)->at, at[i] * SECOND);
}

/* On the token endpoint too, and over a restart. */
static void retry_after_at_the_token_endpoint(void **state)
{
    struct fake *f = *state;
    set_instead(f, (struct instead){.op = OP_TOKEN,
                                    .count = 1,
                                    .status = 429,
                                    .field = "Retry-After",
                                    .value = "30"});
    fake_start(f);
    fake_until(f, 10 * SECOND);
    fake_kill(f);
    fake_start(f);
    uint64_t ticket = observe(f, "POST", "/ophalen", NULL);
    assert_string_equal(reply_to(f, ticket)->retry_after, "20");
    fake_until(f, 30 * SECOND - 1);
    assert_int_equal(f->n, 1);
    fake_until(f, 30 * SECOND);
    assert_int_equal(asked(f, OP_OPHALEN), 1);
}

/* ---- the token ---- */

/* OS-OPH-06 */
static void keeps_its_token(void **state)
{
    struct fake *f = *state;
    f->token_seconds = 20;
    fake_start(f);
    fake_until(f, 17 * SECOND);
    assert_int_equal(f->tokens, 1);
    fake_until(f, 18 * SECOND); /* a tenth before its end */
    assert_int_equal(f->tokens, 2);
    fake_until(f, 35 * SECOND);
    assert_int_equal(f->tokens, 2);
    for (size_t i = 0; i < asked(f, OP_OPHALEN); i++) /* none was refused */
        assert_int_equal(nth(f, OP_OPHALEN, i)->at, i * SECOND);
}

static void one_new_token_after_a_401(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 500 * MS);
    f->token[0] = 'x'; /* ended by the koppelpunt */
    uint64_t ticket = observe(f, "POST", "/ophalen", NULL);
    fake_until(f, 600 * MS);
    assert_int_equal(status_of(f, ticket), 200);
    assert_int_equal(f->tokens, 2);
    assert_int_equal(asked(f, OP_OPHALEN), 3);
}

/* A fetch that keeps getting 401 asks at most one new token; so does each later one. */
static void not_a_storm_of_tokens(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 0);
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1000, .status = 401});
    fake_forget(f);
    fake_until(f, SECOND);
    assert_int_equal(asked(f, OP_TOKEN), 1);
    assert_int_equal(asked(f, OP_OPHALEN), 2);
    fake_until(f, 3 * SECOND);
    assert_int_equal(asked(f, OP_TOKEN), 2);
    assert_int_equal(asked(f, OP_OPHALEN), 3);
    fake_until(f, 15 * SECOND); /* 7, 15 */
    assert_int_equal(asked(f, OP_TOKEN), 4);
    assert_int_equal(asked(f, OP_OPHALEN), 5);
}

/* Each fetch may do so again; and a token that served a page counts as an old one. */
static void a_401_in_several_fetches(void **state)
{
    struct fake *f = *state;
    f->page = 1;
    some_feed(f, 3);
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1});
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 401});
    fake_start(f);
    fake_until(f, 0);
    assert_int_equal(f->tokens, 2);
    assert_int_equal(asked(f, OP_OPHALEN), 4); /* three pages, one of them twice */
    for (int i = 1; i <= 2; i++) {
        fake_forget(f);
        set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 401});
        fake_until(f, (uint64_t)i * SECOND);
        assert_int_equal(f->tokens, 2 + i);
        assert_int_equal(asked(f, OP_OPHALEN), 2);
    }
}

static void one_new_token_per_run(void **state)
{
    struct fake *f = *state;
    fake_start(f);
    fake_until(f, 0);
    f->page = 1;
    some_feed(f, 9);
    for (int i = 0; i < 2; i++) { /* refused, then a good page, and again */
        set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1, .status = 401});
        set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 1});
    }
    fake_forget(f);
    fake_until(f, SECOND);
    assert_int_equal(asked(f, OP_TOKEN), 1);
    assert_int_equal(asked(f, OP_OPHALEN), 3);
    fake_until(f, 3 * SECOND);
    assert_string_equal(nth(f, OP_OPHALEN, 3)->target, "/v1/aanmeldstatussen?sinds=c1.1");
}

static void a_token_that_ends_within_a_run(void **state)
{
    struct fake *f = *state;
    f->token_seconds = 10;
    f->page = 1;
    some_feed(f, 30);
    set_instead(f, (struct instead){.op = OP_OPHALEN, .count = 100, .delay = SECOND});
    fake_start(f);
    fake_until(f, 30 * SECOND - 1);
    assert_int_equal(asked(f, OP_OPHALEN), 30); /* all of one run, none of them refused */
    assert_int_equal(f->tokens, 4);
}

static void bad_tokens(void **state)
{
    struct fake *f = *state;
    static const char *const bodies[] = {
        "{\"access_token\":\"\",\"token_type\":\"Bearer\",\"expires_in\":900}",
        "{\"access_token\":\"x\",\"token_type\":\"mac\",\"expires_in\":900}",
        "{\"access_token\":\"x\",\"token_type\":\"Bearer\",\"expires_in\":0}",
        "{\"token_type\":\"Bearer\",\"expires_in\":900}",
        "[]",
        "<html>"};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        fake_forget(f);
        set_instead(f, (struct instead){.op = OP_TOKEN,
                                        .count = 1,
                                        .status = 200,
                                        .type = "application/json",
                                        .body = bodies[i]});
        uint64_t start = fake_time(f);
        fake_start(f);
        fake_until(f, start + 2 * SECOND);
        assert_int_equal(asked(f, OP_TOKEN), 2);
        assert_int_equal(nth(f, OP_TOKEN, 1)->at, start + 2 * SECOND);
        assert_int_equal(asked(f, OP_OPHALEN), 1);
        fake_kill(f);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        T(follows_the_pages_to_the_end),
        T(asks_for_its_page_size),
        T(empty_pages_in_between),
        T(a_cursor_that_stands_still),
        T(empty_pages_without_end),
        T(addresses),
        T(fetches_by_itself),
        T(a_slow_fetch_counts_from_its_start),
        T(without_interval_only_when_told),
        T(nothing_before_the_aansluitdatum),
        T(told_that_it_is_early),
        T(early_between_failures),
        T(gaps_grow),
        T(gaps_grow_for_every_failing_status),
        T(asking_during_back_off),
        T(silence),
        T(retry_after_seconds),
        T(retry_after_date),
        T(retry_after_bounds),
        T(retry_after_and_the_gaps),
        T(retry_after_at_the_token_endpoint),
        T(keeps_its_token),
        T(one_new_token_after_a_401),
        T(not_a_storm_of_tokens),
        T(a_401_in_several_fetches),
        T(one_new_token_per_run),
        T(a_token_that_ends_within_a_run),
        T(bad_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
