#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "gateway/model/call.h"

/* 2026-11-22T12:00:00Z */
#define NOON INT64_C(1795348800000)

static void serials_ascend_and_never_repeat_within_a_millisecond(void **state)
{
    (void)state;
    struct call_serial serial = {0, 3};
    int64_t last = 0;
    for (int i = 0; i < 2000; i++) {
        int64_t next = call_serial_next(&serial, NOON);
        assert_true(next > last);
        assert_int_equal(next >> 8 & 15, 3);
        last = next;
    }
    /* 256 to a millisecond: it has run ahead of the clock by seven. */
    assert_int_equal(call_serial_ms(last), NOON + 7);
}

static void returns_to_the_clock_when_that_has_caught_up(void **state)
{
    (void)state;
    struct call_serial serial = {0, 0};
    for (int i = 0; i < 2000; i++)
        call_serial_next(&serial, NOON);
    assert_int_equal(call_serial_next(&serial, NOON + 100), call_serial_at(NOON + 100));
}

static void a_clock_that_steps_back_repeats_nothing(void **state)
{
    (void)state;
    struct call_serial serial = {0, 1};
    int64_t before = call_serial_next(&serial, NOON);
    int64_t after = call_serial_next(&serial, NOON - 3600000);
    assert_int_equal(after, before + 1);
    assert_true(call_serial_next(&serial, 0) > after);
}

static void goes_on_behind_the_highest_stored(void **state)
{
    (void)state;
    /* Made by node 9 while this node's clock is behind. */
    struct call_serial other = {0, 9};
    int64_t stored = call_serial_next(&other, NOON);
    struct call_serial serial = {stored, 2};
    int64_t next = call_serial_next(&serial, NOON - 5000);
    assert_true(next > stored);
    assert_int_equal(next >> 8 & 15, 2);
    assert_true(call_serial_next(&serial, NOON - 5000) > next);
}

static void two_nodes_never_make_the_same(void **state)
{
    (void)state;
    struct call_serial a = {0, 0}, b = {0, 15};
    for (int i = 0; i < 1000; i++) {
        int64_t serial = call_serial_next(&a, NOON + i / 300);
        assert_int_not_equal(serial >> 8 & 15, call_serial_next(&b, NOON + i / 300) >> 8 & 15);
    }
}

static void stays_within_53_bits_and_positive(void **state)
{
    (void)state;
    struct call_serial early = {0, 0};
    assert_true(call_serial_next(&early, 0) > 0); /* a clock that was never set */
    struct call_serial late = {0, 15};
    /* 2093-01-01T00:00:00Z */
    assert_true(call_serial_next(&late, INT64_C(3881520000000)) < INT64_C(1) << 53);
    assert_true(call_serial_at(INT64_MAX) < INT64_C(1) << 53);
}

static void tells_the_time_it_was_made(void **state)
{
    (void)state;
    struct call_serial serial = {0, 7};
    assert_int_equal(call_serial_ms(call_serial_next(&serial, NOON)), NOON);
    assert_int_equal(call_serial_ms(call_serial_at(NOON)), NOON);
    assert_true(call_serial_at(NOON) <= serial.last);
    assert_true(serial.last < call_serial_at(NOON + 1));
    assert_int_equal(call_serial_at(0), 0);
}

static int marks_of(int64_t apart)
{
    enum { CALLS = 1024 * 100 };
    int marks = 0;
    for (int64_t i = 0; i < CALLS; i++)
        marks += call_serial_is_mark(call_serial_at(NOON) + i * apart) ? 1 : 0;
    return marks;
}

/* Each serial of a millisecond, and calls that come each so many milliseconds. */
static void one_call_in_a_thousand_is_a_mark_whatever_the_rhythm(void **state)
{
    (void)state;
    static const int64_t every_ms[] = {1, 2, 5, 10, 64, 100, 256, 864, 1000, 1024, 3000, 60000};
    assert_in_range(marks_of(1), 60, 140);
    for (size_t i = 0; i < COUNT_OF(every_ms); i++)
        assert_in_range(marks_of(every_ms[i] * 4096), 60, 140);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serials_ascend_and_never_repeat_within_a_millisecond),
        cmocka_unit_test(returns_to_the_clock_when_that_has_caught_up),
        cmocka_unit_test(a_clock_that_steps_back_repeats_nothing),
        cmocka_unit_test(goes_on_behind_the_highest_stored),
        cmocka_unit_test(two_nodes_never_make_the_same),
        cmocka_unit_test(stays_within_53_bits_and_positive),
        cmocka_unit_test(tells_the_time_it_was_made),
        cmocka_unit_test(one_call_in_a_thousand_is_a_mark_whatever_the_rhythm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
