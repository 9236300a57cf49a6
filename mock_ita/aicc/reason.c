#include "mock_ita/aicc/reason.h"

/* Q.850 causes of a leg that rang in vain (q850.md). */
enum { CAUSE_NO_RESPONSE = 18, CAUSE_NO_ANSWER = 19 };

enum mock_aicc_reason mock_aicc_reason_of(const struct mock_call *call)
{
    bool rang_in_vain =
        call->release_cause == CAUSE_NO_RESPONSE || call->release_cause == CAUSE_NO_ANSWER;
    if (call->ended_by == MOCK_END_PLATFORM)
        return MOCK_AICC_CALLER_HUNG_UP;
    if (call->legs[MOCK_SIDE_A].answered_ms == 0)
        return rang_in_vain ? MOCK_AICC_CALLER_NO_ANSWER : MOCK_AICC_CALLER_FAILED;
    if (call->ended_by == MOCK_END_A)
        return MOCK_AICC_CALLER_HUNG_UP;
    if (call->legs[MOCK_SIDE_B].answered_ms == 0)
        return rang_in_vain ? MOCK_AICC_CALLED_NO_ANSWER : MOCK_AICC_CALLED_FAILED;
    return MOCK_AICC_CALLED_HUNG_UP;
}
