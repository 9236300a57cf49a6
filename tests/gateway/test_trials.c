/* The calls of the day of a trial tenant. */

#include "tests/test.h"

#include "gateway/trials.h"

/* 2026-11-22T12:00:00Z */
#define NOON INT64_C(1795348800000)
#define HOUR INT64_C(3600000)

static struct trials *trials_of(struct tenant tenant)
{
    struct trials *trials = trials_create();
    tenant.id = 1;
    trials_set(trials, &tenant);
    return trials;
}

static struct trials *used_up(void)
{
    struct trials *trials = trials_of((struct tenant){.is_trial = true});
    for (int i = 0; i < TRIAL_CALLS_A_DAY; i++)
        assert_true(trials_begin(trials, 1, NOON + i, 0));
    return trials;
}

TEST(ten_calls_a_day_and_no_more)
{
    UNUSED(state);
    struct trials *trials = used_up();
    assert_false(trials_begin(trials, 1, NOON + HOUR, 0));
    assert_true(trials_begin(trials, 1, NOON + 12 * HOUR, 0));
    trials_destroy(trials);
}

TEST(the_day_is_of_the_tenants_zone)
{
    UNUSED(state);
    struct trials *trials = used_up();
    assert_false(trials_begin(trials, 1, NOON + 4 * HOUR - 1, 8 * 3600));
    assert_true(trials_begin(trials, 1, NOON + 4 * HOUR, 8 * 3600));
    trials_destroy(trials);
}

TEST(what_was_not_placed_does_not_count)
{
    UNUSED(state);
    struct trials *trials = used_up();
    trials_give_back(trials, 1, NOON + 3);
    trials_give_back(trials, 1, NOON + 3);
    assert_true(trials_begin(trials, 1, NOON + HOUR, 0));
    assert_false(trials_begin(trials, 1, NOON + HOUR, 0));
    trials_destroy(trials);
}

TEST(calls_from_before_a_restart_count)
{
    UNUSED(state);
    struct tenant tenant = {.is_trial = true, .trial_call_count = 9};
    for (size_t i = 0; i < tenant.trial_call_count; i++)
        tenant.trial_calls_ms[i] = NOON - HOUR;
    struct trials *trials = trials_of(tenant);
    assert_true(trials_begin(trials, 1, NOON, 0));
    assert_false(trials_begin(trials, 1, NOON, 0));
    trials_destroy(trials);
}

TEST(a_reload_forgets_nothing_and_the_end_of_the_trial_all)
{
    UNUSED(state);
    struct trials *trials = used_up();
    trials_set(trials, &(struct tenant){.id = 1, .is_trial = true});
    assert_false(trials_begin(trials, 1, NOON + HOUR, 0));
    trials_set(trials, &(struct tenant){.id = 1});
    assert_true(trials_begin(trials, 1, NOON + HOUR, 0));
    trials_destroy(trials);
}

TEST(others_have_no_limit)
{
    UNUSED(state);
    struct trials *trials = used_up();
    for (int i = 0; i < 2 * TRIAL_CALLS_A_DAY; i++)
        assert_true(trials_begin(trials, 2, NOON, 0));
    trials_give_back(trials, 2, NOON);
    trials_destroy(trials);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_calls_a_day_and_no_more),
        cmocka_unit_test(the_day_is_of_the_tenants_zone),
        cmocka_unit_test(what_was_not_placed_does_not_count),
        cmocka_unit_test(calls_from_before_a_restart_count),
        cmocka_unit_test(a_reload_forgets_nothing_and_the_end_of_the_trial_all),
        cmocka_unit_test(others_have_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
