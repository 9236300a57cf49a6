#include "tests/test.h"

#include "gateway/health.h"

static void assert_only(const struct health *health, enum health_check failed, const char *words)
{
    assert_false(health->is_ready);
    for (enum health_check i = 0; i < HEALTH_CHECKS; i++)
        assert_string_equal(health->reasons[i], i == failed ? words : "");
}

TEST(is_ready_when_nothing_is_wrong)
{
    UNUSED(state);
    struct health health;
    health_judge(&(struct health_facts){.writing_us = 5000000, .longest_turn_us = 2000000},
                 &health);
    assert_true(health.is_ready);
    for (enum health_check i = 0; i < HEALTH_CHECKS; i++)
        assert_string_equal(health.reasons[i], "");
}

TEST(each_check_fails_alone_and_says_why)
{
    UNUSED(state);
    struct health health;
    health_judge(&(struct health_facts){.is_draining = true}, &health);
    assert_only(&health, HEALTH_SERVING, "it is stopping");
    health_judge(&(struct health_facts){.is_write_failing = true}, &health);
    assert_only(&health, HEALTH_DATABASE, "the last write failed");
    health_judge(&(struct health_facts){.writing_us = 7900000}, &health);
    assert_only(&health, HEALTH_DATABASE, "a write has been under way for 7 s");
    health_judge(&(struct health_facts){.longest_turn_us = 2001000}, &health);
    assert_only(&health, HEALTH_LOOP, "it has lately stood still for 2001 ms");
}

TEST(a_time_of_any_length_fits)
{
    UNUSED(state);
    struct health health;
    health_judge(&(struct health_facts){.writing_us = INT64_MAX, .longest_turn_us = INT64_MAX},
                 &health);
    assert_string_equal(health.reasons[HEALTH_DATABASE],
                        "a write has been under way for 9223372036854 s");
    assert_string_equal(health.reasons[HEALTH_LOOP],
                        "it has lately stood still for 9223372036854775 ms");
}

TEST(several_may_fail_at_once)
{
    UNUSED(state);
    struct health health;
    health_judge(&(struct health_facts){.is_draining = true, .longest_turn_us = 3000000}, &health);
    assert_false(health.is_ready);
    assert_string_not_equal(health.reasons[HEALTH_SERVING], "");
    assert_string_not_equal(health.reasons[HEALTH_LOOP], "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_ready_when_nothing_is_wrong),
        cmocka_unit_test(each_check_fails_alone_and_says_why),
        cmocka_unit_test(a_time_of_any_length_fits),
        cmocka_unit_test(several_may_fail_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
