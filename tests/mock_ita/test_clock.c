#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "mock_ita/clock.h"

enum { HOUR_MS = 3600 * 1000, SOON_MS = 60 * 1000 };

/* Nothing in here takes a minute. */
static void assert_ahead(const struct mock_clock *clock, int64_t ahead_ms)
{
    int64_t is_ms = mock_clock_now_ms(clock) - clock_wall_ms();
    assert_true(is_ms > ahead_ms - SOON_MS && is_ms < ahead_ms + SOON_MS);
}

static void follows_the_system_at_first(void **state)
{
    (void)state;
    struct mock_clock clock = {0};
    assert_ahead(&clock, 0);
}

static void is_moved_on_while_it_runs(void **state)
{
    (void)state;
    struct mock_clock clock = {0};
    assert_true(mock_clock_advance(&clock, HOUR_MS));
    assert_ahead(&clock, HOUR_MS);
    assert_false(clock.is_frozen);
}

static void stands_and_is_moved_on_exactly(void **state)
{
    (void)state;
    struct mock_clock clock = {0};
    mock_clock_freeze(&clock);
    int64_t at_ms = mock_clock_now_ms(&clock);
    while (clock_wall_ms() == at_ms)
        continue;
    assert_true(mock_clock_now_ms(&clock) == at_ms);
    assert_true(mock_clock_advance(&clock, HOUR_MS));
    assert_true(mock_clock_now_ms(&clock) == at_ms + HOUR_MS);
    mock_clock_freeze(&clock);
    assert_true(mock_clock_now_ms(&clock) == at_ms + HOUR_MS);
}

static void runs_on_from_where_it_stood(void **state)
{
    (void)state;
    struct mock_clock clock = {0};
    mock_clock_freeze(&clock);
    assert_true(mock_clock_advance(&clock, HOUR_MS));
    mock_clock_resume(&clock);
    assert_ahead(&clock, HOUR_MS);
    mock_clock_resume(&clock);
    assert_ahead(&clock, HOUR_MS);
    mock_clock_reset(&clock);
    assert_ahead(&clock, 0);
}

static void goes_neither_back_nor_past_its_end(void **state)
{
    (void)state;
    struct mock_clock clock = {0};
    mock_clock_freeze(&clock);
    int64_t at_ms = mock_clock_now_ms(&clock);
    assert_false(mock_clock_advance(&clock, -1));
    assert_false(mock_clock_advance(&clock, INT64_MAX));
    assert_false(mock_clock_advance(&clock, MOCK_CLOCK_END_MS - at_ms + 1));
    assert_true(mock_clock_now_ms(&clock) == at_ms);
    assert_true(mock_clock_advance(&clock, MOCK_CLOCK_END_MS - at_ms));
    assert_true(mock_clock_now_ms(&clock) == MOCK_CLOCK_END_MS);
    assert_true(mock_clock_advance(&clock, 0));
    assert_false(mock_clock_advance(&clock, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_system_at_first),
        cmocka_unit_test(is_moved_on_while_it_runs),
        cmocka_unit_test(stands_and_is_moved_on_exactly),
        cmocka_unit_test(runs_on_from_where_it_stood),
        cmocka_unit_test(goes_neither_back_nor_past_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
