#include "tests/mock_ita/aicc/played.h"

#include "base/mem.h"
#include "mock_ita/aicc/reason.h"

static struct mock_call_script script_of(enum mock_outcome outcome, bool a_hangs_up, int cause)
{
    struct mock_call_script script = mock_call_script_of(outcome);
    script.a_hangs_up = a_hangs_up;
    if (cause != 0)
        script.release_cause = cause;
    return script;
}

TEST(follows_from_who_ended_the_call_and_how_far_it_had_come)
{
    UNUSED(state);
    static const struct {
        enum mock_outcome outcome;
        bool a_hangs_up;
        int cause, steps;
        enum mock_aicc_reason reason;
    } cases[] = {
        {MOCK_OUTCOME_ANSWERED, false, 0, 3, MOCK_AICC_CALLED_HUNG_UP},
        {MOCK_OUTCOME_ANSWERED, true, 0, 3, MOCK_AICC_CALLER_HUNG_UP},
        {MOCK_OUTCOME_A_NO_ANSWER, false, 0, 1, MOCK_AICC_CALLER_NO_ANSWER},
        {MOCK_OUTCOME_A_NO_ANSWER, false, 21, 1, MOCK_AICC_CALLER_FAILED},
        {MOCK_OUTCOME_B_NO_ANSWER, false, 0, 2, MOCK_AICC_CALLED_NO_ANSWER},
        {MOCK_OUTCOME_B_BUSY, false, 0, 2, MOCK_AICC_CALLED_FAILED},
        {MOCK_OUTCOME_B_REJECTED, false, 0, 2, MOCK_AICC_CALLED_FAILED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mock_call call = call_with(
            script_of(cases[i].outcome, cases[i].a_hangs_up, cases[i].cause), cases[i].steps);
        assert_int_equal(call.state, MOCK_CALL_ENDED);
        assert_int_equal(mock_aicc_reason_of(&call), cases[i].reason);
    }
}

TEST(the_caller_has_hung_up_when_the_platform_did_or_he_gave_up)
{
    UNUSED(state);
    for (int steps = 0; steps < 3; steps++) {
        struct mock_call call = call_after(steps);
        assert_true(mock_call_apply(&call, MOCK_EVENT_RELEASED, 0, NOW_MS));
        assert_int_equal(mock_aicc_reason_of(&call), MOCK_AICC_CALLER_HUNG_UP);
    }
    struct mock_call call = call_after(1);
    assert_true(mock_call_apply(&call, MOCK_EVENT_A_ENDS, 0, NOW_MS));
    assert_int_equal(mock_aicc_reason_of(&call), MOCK_AICC_CALLER_HUNG_UP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_from_who_ended_the_call_and_how_far_it_had_come),
        cmocka_unit_test(the_caller_has_hung_up_when_the_platform_did_or_he_gave_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
