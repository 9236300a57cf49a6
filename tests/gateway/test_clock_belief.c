#include "tests/test.h"

#include "gateway/clock_belief.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)
#define NOON INT64_C(1795305600000)

static struct clock_belief belief;

static int begin(void **state)
{
    UNUSED(state);
    clock_belief_init(&belief, NOON, 5 * HOUR);
    return 0;
}

/* Hours after the beginning, with a clock that is so far ahead. */
static int64_t ask(int64_t hours, int64_t ahead_ms)
{
    return clock_belief_ms(&belief, NOON + hours * HOUR + ahead_ms, (5 + hours) * HOUR) - NOON -
           hours * HOUR;
}

TEST(a_clock_that_is_corrected_is_followed)
{
    UNUSED(state);
    for (int64_t hours = 0; hours < 100; hours++)
        assert_int_equal(ask(hours, hours * HOUR / 2), hours * HOUR / 2);
}

TEST(a_clock_that_was_set_is_believed_after_a_day)
{
    UNUSED(state);
    for (int64_t hours = 1; hours < 25; hours++)
        assert_int_equal(ask(hours, YEAR), 0);
    assert_int_equal(ask(25, YEAR), YEAR);
    assert_int_equal(ask(26, YEAR + 1), YEAR + 1);
}

TEST(a_clock_that_is_right_again_was_never_believed)
{
    UNUSED(state);
    for (int64_t hours = 1; hours < 20; hours++)
        assert_int_equal(ask(hours, YEAR), 0);
    assert_int_equal(ask(20, 7), 7);
    assert_int_equal(ask(30, YEAR), 7); /* the day begins anew */
    assert_int_equal(ask(53, YEAR), 7);
    assert_int_equal(ask(54, YEAR), YEAR);
}

TEST(a_clock_that_is_set_again_begins_its_day_anew)
{
    UNUSED(state);
    assert_int_equal(ask(1, YEAR), 0);
    assert_int_equal(ask(20, -YEAR), 0);
    assert_int_equal(ask(43, -YEAR), 0);
    assert_int_equal(ask(44, -YEAR), -YEAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_clock_that_is_corrected_is_followed, begin),
        cmocka_unit_test_setup(a_clock_that_was_set_is_believed_after_a_day, begin),
        cmocka_unit_test_setup(a_clock_that_is_right_again_was_never_believed, begin),
        cmocka_unit_test_setup(a_clock_that_is_set_again_begins_its_day_anew, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
