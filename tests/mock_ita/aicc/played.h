#ifndef TESTS_MOCK_ITA_AICC_PLAYED_H
#define TESTS_MOCK_ITA_AICC_PLAYED_H

/* A CEC call that both answer, played for so many steps. */

#include "tests/test.h"

#include "mock_ita/telephony/call.h"

#define NOW_MS INT64_C(1893553445000) /* 2030-01-02T03:04:05Z, 11:04:05 in Shanghai */

static const struct mock_cec cec = {
    .call_data = {"a b", 3}, .caller_present = {"057100000001", 12}, .work_no = {"101", 3}};

static inline struct mock_call call_with(struct mock_call_script script, int steps)
{
    struct mock_call call = {
        .run = 1,
        .number = 7,
        .call_id = STR("mock-fa4e0001-0000000007"),
        .tel_a = STR("13800000001"),
        .tel_b = STR("13900000001"),
        .accepted_ms = NOW_MS,
        .cec = &cec,
        .script = script,
    };
    mock_call_begin(&call, NOW_MS);
    for (int i = 0; i < steps; i++)
        assert_true(mock_call_next(&call));
    return call;
}

static inline struct mock_call call_after(int steps)
{
    return call_with(mock_call_script_of(MOCK_OUTCOME_ANSWERED), steps);
}

#endif
