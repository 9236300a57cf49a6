#ifndef MOCK_ITA_AICC_REASON_H
#define MOCK_ITA_AICC_REASON_H

/* Why a CEC call ended, as reasonCode of a query and releaseReason of a callback say it
 * (agent-api.md, sections 7 and 10). Pure. */

#include "mock_ita/telephony/call.h"

enum mock_aicc_reason {
    MOCK_AICC_CALLED_HUNG_UP = 0,
    MOCK_AICC_CALLER_HUNG_UP = 1, /* or the platform, on his behalf */
    MOCK_AICC_CALLER_FAILED = 2,
    MOCK_AICC_CALLED_FAILED = 3,
    MOCK_AICC_CALLER_NO_ANSWER = 4,
    MOCK_AICC_CALLED_NO_ANSWER = 5,
};

/* Of a call that has ended. */
enum mock_aicc_reason mock_aicc_reason_of(const struct mock_call *call);

#endif
