/* Which calls a filter lets through. */

#include "tests/test.h"

#include "base/mem.h"
#include "gateway/model/call_filter.h"

static struct call_record some_call(void)
{
    return (struct call_record){.state = CALL_ENDED,
                                .outcome = CALL_OUTCOME_ACCEPTED,
                                .caller = STR("13800000001"),
                                .called = STR("057100000002"),
                                .tel_x = STR("+8657100000099"),
                                .code = STR("0"),
                                .reason_code = 16};
}

static bool finds(const char *text, const char *home_country)
{
    const struct call_record call = some_call();
    struct call_filter filter;
    call_filter_init(&filter);
    assert_status(call_filter_set_number(&filter, str_of(text), str_of(home_country), NULL), OK);
    return call_filter_fits(&filter, &call);
}

TEST(without_conditions_every_call_fits)
{
    UNUSED(state);
    const struct call_record call = some_call(), empty = {.reason_code = -1};
    struct call_filter filter;
    call_filter_init(&filter);
    assert_true(call_filter_fits(&filter, &call));
    assert_true(call_filter_fits(&filter, &empty));
}

TEST(a_number_is_found_on_either_leg_and_as_x_however_it_is_written)
{
    UNUSED(state);
    static const char *const good[] = {"13800000001",  "+8613800000001", "008613800000001",
                                       "057100000002", "+8657100000002", "057100000099"};
    static const char *const bad[] = {"13800000002", "13900000001", "10001", "10099"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        if (!finds(good[i], "86"))
            fail_msg("%s is not found", good[i]);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (finds(bad[i], "86"))
            fail_msg("%s is found", bad[i]);
    assert_false(finds("+8613800000001", "49"));
}

TEST(what_is_no_number_is_refused)
{
    UNUSED(state);
    struct call_filter filter;
    struct fault fault;
    call_filter_init(&filter);
    assert_true(call_filter_set_number(&filter, STR("12x"), STR("86"), &fault) != OK);
    assert_false(filter.has_number);
}

TEST(every_condition_must_hold)
{
    UNUSED(state);
    const struct call_record call = some_call();
    struct call_filter filter;
    call_filter_init(&filter);
    filter.state = CALL_ENDED;
    filter.outcome = CALL_OUTCOME_ACCEPTED;
    filter.code = STR("0");
    filter.cause = 16;
    assert_true(call_filter_fits(&filter, &call));
    struct call_filter other = filter;
    other.state = CALL_WAITING;
    assert_false(call_filter_fits(&other, &call));
    other = filter;
    other.outcome = CALL_OUTCOME_NONE;
    assert_false(call_filter_fits(&other, &call));
    other = filter;
    other.code = STR("90106003");
    assert_false(call_filter_fits(&other, &call));
    other = filter;
    other.cause = 0;
    assert_false(call_filter_fits(&other, &call));
}

TEST(a_call_is_found_by_its_callid_or_its_trace)
{
    UNUSED(state);
    struct call_record call = some_call(), empty = {.reason_code = -1};
    struct call_filter filter;
    call.call_id = STR("FAKE-CALL-1");
    memset(call.trace.id, 0xab, sizeof(call.trace.id));
    call_filter_init(&filter);
    filter.id = STR("FAKE-CALL-1");
    assert_true(call_filter_fits(&filter, &call));
    assert_false(call_filter_fits(&filter, &empty));
    filter.id = STR("abababababababababababababababab");
    assert_true(call_filter_fits(&filter, &call));
    filter.id = STR("abababababababababababababababac");
    assert_false(call_filter_fits(&filter, &call));
    filter.id = STR("FAKE-CALL");
    assert_false(call_filter_fits(&filter, &call));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_conditions_every_call_fits),
        cmocka_unit_test(a_number_is_found_on_either_leg_and_as_x_however_it_is_written),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(every_condition_must_hold),
        cmocka_unit_test(a_call_is_found_by_its_callid_or_its_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
