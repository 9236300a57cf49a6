#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/mem.h"
#include "mock_ita/telephony/policy.h"

#define NOW_MS INT64_C(1893553445100) /* a tenth into a second */

static struct mock_policy *policy;

static int set_up(void **state)
{
    (void)state;
    policy = mock_policy_create();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_policy_destroy(policy);
    return 0;
}

static enum status forbid(enum mock_forbidden list, const char *pattern)
{
    struct fault fault;
    return mock_policy_forbid(policy, list, str_of(pattern), &fault);
}

static enum mock_code check(const char *tel_a, const char *tel_b)
{
    return mock_policy_check_numbers(policy, str_of(tel_a), str_of(tel_b));
}

static enum mock_code call_at(size_t running, int64_t now_ms)
{
    enum mock_code code =
        mock_policy_check_call(policy, STR("13800000001"), STR("13800000002"), running, now_ms);
    if (code == MOCK_OK)
        mock_policy_count_call(policy, now_ms);
    return code;
}

static void forbids_nothing_and_limits_nothing_at_first(void **state)
{
    (void)state;
    assert_int_equal(check("13800000001", "13800000002"), MOCK_OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(call_at(1000000, NOW_MS), MOCK_OK);
    assert_null(mock_policy_pattern(policy, MOCK_FORBIDDEN_CALLER, 0).ptr);
    mock_policy_destroy(NULL);
}

static void tells_callers_and_callees_apart(void **state)
{
    (void)state;
    assert_int_equal(forbid(MOCK_FORBIDDEN_CALLER, "13800000001"), OK);
    assert_int_equal(forbid(MOCK_FORBIDDEN_CALLEE, "13800000002"), OK);
    assert_int_equal(forbid(MOCK_FORBIDDEN_POLICY, "13800000003"), OK);
    assert_int_equal(check("13800000001", "13800000009"), MOCK_CALLER_FORBID);
    assert_int_equal(check("13800000009", "13800000001"), MOCK_OK);
    assert_int_equal(check("13800000009", "13800000002"), MOCK_CALLEE_FORBID);
    assert_int_equal(check("13800000002", "13800000009"), MOCK_OK);
    assert_int_equal(check("13800000003", "13800000009"), MOCK_POLICY_FORBID);
    assert_int_equal(check("13800000009", "13800000003"), MOCK_POLICY_FORBID);
    assert_int_equal(check("13800000001", "13800000002"), MOCK_CALLER_FORBID);
}

static void matches_numbers_by_pattern(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *number;
        bool fits;
    } cases[] = {
        {"138*", "13800000001", true},
        {"138*", "138", true},
        {"138*", "13900000001", false},
        {"*0001", "13800000001", true},
        {"*0001", "13800000002", false},
        {"138*01", "13800000001", true},
        {"138*01", "13801", true},
        {"138*01", "1381", false},
        {"*01*01*", "0101", true},
        {"*01*01*", "01", false},
        {"1380000000?", "13800000001", true},
        {"1380000000?", "1380000000", false},
        {"?*", "1", true},
        {"*", "+8613800000001", true},
        {"+86*", "+8613800000001", true},
        {"+86*", "8613800000001", false},
        {"13800000001", "138000000011", false},
        {"13800000001", "1380000000", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(forbid(MOCK_FORBIDDEN_CALLER, cases[i].pattern), OK);
        if ((check(cases[i].number, "999") == MOCK_CALLER_FORBID) != cases[i].fits)
            fail_msg("%s and %s", cases[i].pattern, cases[i].number);
        mock_policy_reset(policy);
    }
}

static void refuses_patterns_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "138-0000", "1 38", "86+138", "tel", "138.*", "1234567890123456789012345"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(forbid(MOCK_FORBIDDEN_POLICY, bad[i]), ERR_INVALID);
    assert_int_equal(forbid(MOCK_FORBIDDEN_POLICY, "123456789012345678901234"), OK);
    assert_int_equal(forbid(MOCK_FORBIDDEN_POLICY, "123456789012345678901234"), ERR_EXISTS);
    assert_int_equal(forbid(MOCK_FORBIDDEN_CALLER, "123456789012345678901234"), OK);
}

static void takes_patterns_off_again(void **state)
{
    (void)state;
    struct fault fault;
    assert_int_equal(forbid(MOCK_FORBIDDEN_CALLEE, "138*"), OK);
    assert_int_equal(forbid(MOCK_FORBIDDEN_CALLEE, "139*"), OK);
    assert_int_equal(mock_policy_permit(policy, MOCK_FORBIDDEN_CALLEE, STR("138*"), &fault), OK);
    assert_int_equal(mock_policy_permit(policy, MOCK_FORBIDDEN_CALLEE, STR("138*"), &fault),
                     ERR_NOT_FOUND);
    assert_int_equal(mock_policy_permit(policy, MOCK_FORBIDDEN_CALLER, STR("139*"), &fault),
                     ERR_NOT_FOUND);
    assert_int_equal(check("1", "13800000001"), MOCK_OK);
    assert_int_equal(check("1", "13900000001"), MOCK_CALLEE_FORBID);
    assert_true(str_is(mock_policy_pattern(policy, MOCK_FORBIDDEN_CALLEE, 0), STR("139*")));
    assert_null(mock_policy_pattern(policy, MOCK_FORBIDDEN_CALLEE, 1).ptr);
}

static void keeps_so_many_patterns_and_no_more(void **state)
{
    (void)state;
    char pattern[24];
    for (int i = 0; i < MOCK_FORBIDDEN_MAX; i++) {
        snprintf(pattern, sizeof(pattern), "1380000%04d", i);
        assert_int_equal(forbid(MOCK_FORBIDDEN_CALLER, pattern), OK);
    }
    assert_int_equal(forbid(MOCK_FORBIDDEN_CALLER, "139*"), ERR_EXHAUSTED);
    assert_int_equal(check("13900000001", "1"), MOCK_OK);
}

static void lets_so_many_calls_through_in_a_second_of_the_clock(void **state)
{
    (void)state;
    mock_policy_set_limits(policy, &(struct mock_limits){.per_second = 2,
                                                         .balance = MOCK_UNLIMITED,
                                                         .running_max = MOCK_UNLIMITED});
    assert_int_equal(call_at(0, NOW_MS), MOCK_OK);
    assert_int_equal(call_at(0, NOW_MS + 899), MOCK_OK);
    assert_int_equal(call_at(0, NOW_MS + 899), MOCK_TOO_MANY_REQUESTS);
    assert_int_equal(call_at(0, NOW_MS + 900), MOCK_OK);
    assert_int_equal(call_at(0, NOW_MS + 900), MOCK_OK);
    assert_int_equal(call_at(0, NOW_MS + 1000), MOCK_TOO_MANY_REQUESTS);
    /* A clock that is set back begins another second. */
    assert_int_equal(call_at(0, NOW_MS - 60000), MOCK_OK);
}

static void uses_up_its_balance(void **state)
{
    (void)state;
    mock_policy_set_limits(policy, &(struct mock_limits){.per_second = MOCK_UNLIMITED,
                                                         .balance = 2,
                                                         .running_max = MOCK_UNLIMITED});
    assert_int_equal(call_at(0, NOW_MS), MOCK_OK);
    assert_int_equal(mock_policy_limits(policy)->balance, 1);
    assert_int_equal(call_at(0, NOW_MS), MOCK_OK);
    assert_int_equal(call_at(0, NOW_MS), MOCK_INSUFFICIENT_BALANCE);
    assert_int_equal(mock_policy_limits(policy)->balance, 0);
    mock_policy_reset(policy);
    assert_int_equal(mock_policy_limits(policy)->balance, MOCK_UNLIMITED);
}

static void restricts_the_calls_that_run_at_once(void **state)
{
    (void)state;
    mock_policy_set_limits(policy, &(struct mock_limits){.per_second = MOCK_UNLIMITED,
                                                         .balance = MOCK_UNLIMITED,
                                                         .running_max = 3});
    assert_int_equal(call_at(2, NOW_MS), MOCK_OK);
    assert_int_equal(call_at(3, NOW_MS), MOCK_REQUEST_RESTRICTION);
}

static void looks_at_its_rules_in_the_order_of_its_table(void **state)
{
    (void)state;
    struct mock_limits limits = {.per_second = 0, .balance = 0, .running_max = 0};
    assert_int_equal(forbid(MOCK_FORBIDDEN_CALLER, "138*"), OK);
    mock_policy_set_limits(policy, &limits);
    assert_int_equal(call_at(0, NOW_MS), MOCK_TOO_MANY_REQUESTS);
    limits.per_second = MOCK_UNLIMITED;
    mock_policy_set_limits(policy, &limits);
    assert_int_equal(call_at(0, NOW_MS), MOCK_INSUFFICIENT_BALANCE);
    limits.balance = MOCK_UNLIMITED;
    mock_policy_set_limits(policy, &limits);
    assert_int_equal(call_at(0, NOW_MS), MOCK_REQUEST_RESTRICTION);
    limits.running_max = MOCK_UNLIMITED;
    mock_policy_set_limits(policy, &limits);
    assert_int_equal(call_at(0, NOW_MS), MOCK_CALLER_FORBID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forbids_nothing_and_limits_nothing_at_first, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(tells_callers_and_callees_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(matches_numbers_by_pattern, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_patterns_that_are_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_patterns_off_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_so_many_patterns_and_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lets_so_many_calls_through_in_a_second_of_the_clock, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(uses_up_its_balance, set_up, tear_down),
        cmocka_unit_test_setup_teardown(restricts_the_calls_that_run_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(looks_at_its_rules_in_the_order_of_its_table, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
