/* The circuit breaker, the limits, and what is remembered by name. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "upstream/circuit.h"
#include "upstream/ledger.h"
#include "upstream/limit.h"

static const struct circuit_rule RULE = {.failures_max = 3, .open_ms = 1000};

static void fail_times(struct circuit *circuit, int times, int64_t now_ms)
{
    for (int i = 0; i < times; i++)
        circuit_failed(circuit, &RULE, circuit_enter(circuit, &RULE, now_ms), now_ms);
}

static void opens_after_failures_in_a_row(void **state)
{
    (void)state;
    struct circuit circuit = {0};
    fail_times(&circuit, 2, 0);
    assert_int_equal(circuit_enter(&circuit, &RULE, 0), CIRCUIT_PASSED);
    circuit_succeeded(&circuit);
    fail_times(&circuit, 2, 0);
    assert_int_equal(circuit_enter(&circuit, &RULE, 0), CIRCUIT_PASSED);
    circuit_failed(&circuit, &RULE, CIRCUIT_PASSED, 0);
    assert_int_equal(circuit_enter(&circuit, &RULE, 999), CIRCUIT_HELD);
}

static void tells_for_how_long_it_is_open(void **state)
{
    (void)state;
    struct circuit circuit = {0};
    fail_times(&circuit, 2, 0);
    assert_int_equal(circuit_held_ms(&circuit, &RULE, 0), 0);
    fail_times(&circuit, 1, 0);
    assert_int_equal(circuit_held_ms(&circuit, &RULE, 400), 600);
    assert_int_equal(circuit_held_ms(&circuit, &RULE, 1000), 0);
}

static void lets_one_probe_through(void **state)
{
    (void)state;
    struct circuit circuit = {0};
    fail_times(&circuit, 3, 0);
    assert_int_equal(circuit_enter(&circuit, &RULE, 1000), CIRCUIT_PROBE);
    assert_int_equal(circuit_enter(&circuit, &RULE, 5000), CIRCUIT_HELD);
    circuit_succeeded(&circuit);
    assert_int_equal(circuit_enter(&circuit, &RULE, 5000), CIRCUIT_PASSED);
}

static void opens_again_when_the_probe_fails(void **state)
{
    (void)state;
    struct circuit circuit = {0};
    fail_times(&circuit, 3, 0);
    fail_times(&circuit, 1, 1000);
    assert_int_equal(circuit_enter(&circuit, &RULE, 1999), CIRCUIT_HELD);
    assert_int_equal(circuit_enter(&circuit, &RULE, 2000), CIRCUIT_PROBE);
}

static void takes_another_probe_when_the_first_told_nothing(void **state)
{
    (void)state;
    struct circuit circuit = {0};
    fail_times(&circuit, 3, 0);
    circuit_left(&circuit, circuit_enter(&circuit, &RULE, 1000));
    assert_int_equal(circuit_enter(&circuit, &RULE, 1000), CIRCUIT_PROBE);
}

static void a_straggler_neither_prolongs_nor_ends_the_probe(void **state)
{
    (void)state;
    struct circuit circuit = {0};
    fail_times(&circuit, 3, 0);
    assert_int_equal(circuit_enter(&circuit, &RULE, 1000), CIRCUIT_PROBE);
    circuit_failed(&circuit, &RULE, CIRCUIT_PASSED, 1500);
    circuit_left(&circuit, CIRCUIT_PASSED);
    assert_int_equal(circuit_enter(&circuit, &RULE, 1500), CIRCUIT_HELD);
    circuit_left(&circuit, CIRCUIT_PROBE);
    assert_int_equal(circuit_enter(&circuit, &RULE, 1500), CIRCUIT_PROBE);
}

static void limits_what_is_in_flight(void **state)
{
    (void)state;
    struct limit limit = {0};
    assert_true(limit_enter(&limit, 2));
    assert_true(limit_enter(&limit, 2));
    assert_false(limit_enter(&limit, 2));
    limit_leave(&limit);
    assert_true(limit_enter(&limit, 2));
}

static void no_limit_is_no_limit(void **state)
{
    (void)state;
    struct limit limit = {0};
    for (int i = 0; i < 1000; i++) {
        assert_true(limit_enter(&limit, 0));
        assert_true(limit_take(&limit, 0, 0));
    }
}

static void limits_calls_per_second(void **state)
{
    (void)state;
    struct limit limit = {0};
    for (int i = 0; i < 10; i++)
        assert_true(limit_take(&limit, 10, 5000));
    assert_false(limit_take(&limit, 10, 5000));
    assert_false(limit_take(&limit, 10, 5099));
    assert_true(limit_take(&limit, 10, 5100));
    assert_false(limit_take(&limit, 10, 5100));
}

static void saves_no_more_than_a_second(void **state)
{
    (void)state;
    struct limit limit = {0};
    assert_true(limit_take(&limit, 2, 0));
    for (int i = 0; i < 2; i++)
        assert_true(limit_take(&limit, 2, INT64_MAX - 1));
    assert_false(limit_take(&limit, 2, INT64_MAX - 1));
}

static void a_fractional_refill_adds_up(void **state)
{
    (void)state;
    struct limit limit = {0};
    int taken = 0;
    for (int64_t now_ms = 1; now_ms <= 10 * 1000; now_ms++)
        taken += limit_take(&limit, 3, now_ms);
    assert_in_range(taken, 32, 33); /* a second's worth at once, then 3 per second */
}

struct named {
    struct ledger_entry entry;
    int value;
};

static void remembers_by_name(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_init(&ledger, sizeof(struct named));
    struct named *a = CONTAINER_OF(ledger_hold(&ledger, STR("a")), struct named, entry);
    assert_int_equal(a->value, 0);
    a->value = 7;
    ledger_release(&a->entry);
    assert_ptr_equal(ledger_hold(&ledger, STR("a")), &a->entry);
    assert_int_equal(a->value, 7);
    assert_ptr_not_equal(ledger_hold(&ledger, STR("ab")), &a->entry);
    ledger_finish(&ledger);
}

static void forgets_the_oldest_that_nobody_uses(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_init(&ledger, sizeof(struct named));
    for (int i = 0; i < LEDGER_MAX + 100; i++) {
        char text[16];
        struct buf name;
        buf_init_fixed(&name, text, sizeof(text));
        buf_append_i64(&name, i);
        struct named *named =
            CONTAINER_OF(ledger_hold(&ledger, buf_str(&name)), struct named, entry);
        named->value = i + 1;
        if (i != 0)
            ledger_release(&named->entry);
    }
    assert_int_equal(HASH_COUNT(ledger.entries), LEDGER_MAX);
    struct named *kept = CONTAINER_OF(ledger_hold(&ledger, STR("0")), struct named, entry);
    assert_int_equal(kept->value, 1);
    struct named *forgotten = CONTAINER_OF(ledger_hold(&ledger, STR("1")), struct named, entry);
    assert_int_equal(forgotten->value, 0);
    ledger_finish(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_after_failures_in_a_row),
        cmocka_unit_test(tells_for_how_long_it_is_open),
        cmocka_unit_test(lets_one_probe_through),
        cmocka_unit_test(opens_again_when_the_probe_fails),
        cmocka_unit_test(takes_another_probe_when_the_first_told_nothing),
        cmocka_unit_test(a_straggler_neither_prolongs_nor_ends_the_probe),
        cmocka_unit_test(limits_what_is_in_flight),
        cmocka_unit_test(no_limit_is_no_limit),
        cmocka_unit_test(limits_calls_per_second),
        cmocka_unit_test(saves_no_more_than_a_second),
        cmocka_unit_test(a_fractional_refill_adds_up),
        cmocka_unit_test(remembers_by_name),
        cmocka_unit_test(forgets_the_oldest_that_nobody_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
