#include "tests/unit/wire/peer.h"

#include <signal.h>

static int setup(void **state)
{
    struct wire *w;
    assert_int_equal(wire_real_new(&w, NULL), 0);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    wire_free(*state);
    return 0;
}

struct order {
    struct wire *w;
    char seen[16];
    size_t n;
    uint64_t at[16];
    struct wire_timer *victim;
};

static void tick(struct order *o, char c)
{
    o->at[o->n] = wire_now(o->w);
    o->seen[o->n++] = c;
}

static void tick_a(void *arg)
{
    tick(arg, 'a');
}

static void tick_b(void *arg)
{
    struct order *o = arg;
    tick(o, 'b');
    wire_timer_cancel(o->w, o->victim);
    wire_timer(o->w, 0, tick_a, o); /* past: at once, but not from inside */
    tick(o, '.');
}

static void timers(void **state)
{
    struct wire *w = *state;
    struct order o = {.w = w};
    const uint64_t now = wire_now(w);
    const uint64_t late = now + 7 * NS_PER_MS + 300000;
    wire_timer(w, late, tick_a, &o);
    wire_timer(w, now + 2 * NS_PER_MS, tick_b, &o);
    o.victim = wire_timer(w, now + 4 * NS_PER_MS, tick_a, &o);
    wire_timer_cancel(w, NULL);
    assert_int_equal(o.n, 0);
    assert_int_equal(wire_run(w), 0); /* ends: nothing is left to do */
    assert_string_equal(o.seen, "b.aa");
    assert_true(o.at[3] >= late); /* never early */
    assert_true(wire_wall(w) > 0);
    wire_timer(w, wire_now(w) + 60 * (uint64_t)NS_PER_S, tick_a, &o); /* freed unfired */
}

static void stop_now(void *arg)
{
    wire_stop(arg);
}

static void stopping(void **state)
{
    struct wire *w = *state;
    struct order o = {.w = w};
    wire_timer(w, wire_now(w) + 20 * NS_PER_MS, tick_a, &o);
    wire_timer(w, 0, stop_now, w);
    wire_run(w);
    assert_int_equal(o.n, 0);
    wire_stop(w); /* before it runs: the next run ends at once */
    wire_run(w);
    assert_int_equal(o.n, 0);
    wire_run(w);
    assert_int_equal(o.n, 1);
    wire_stop(w); /* and one that is only followed by wire_free */
}

static void on_signal(void *arg, int signum)
{
    struct order *o = arg;
    tick(o, signum == SIGHUP ? 'h' : signum == SIGTERM ? 't' : 'i');
    wire_stop(o->w);
}

static void signals(void **state)
{
    struct wire *w = *state;
    struct order o = {.w = w};
    wire_real_on_signal(w, on_signal, &o);
    static const int numbers[] = {SIGHUP, SIGTERM, SIGINT};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        raise(numbers[i]);
        wire_run(w);
    }
    assert_string_equal(o.seen, "hti");
}

int main(int argc, char **argv)
{
    mem_install();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(timers, setup, teardown),
        cmocka_unit_test_setup_teardown(stopping, setup, teardown),
        cmocka_unit_test_setup_teardown(signals, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
