#include "mock_ita/scenario/script.h"

enum {
    A_RINGS_MS = 2000,
    B_RINGS_MS = 5000,
    TALK_MS = 30000,
    NO_ANSWER_MS = 30000, /* a network gives up about then */
    BUSY_MS = 1000,
    REJECTED_MS = 3000,
};

#define A_ANSWERS .a_rings_ms = A_RINGS_MS, .a_answers = true

struct mock_call_script mock_call_script_of(enum mock_outcome outcome)
{
    static const struct mock_call_script scripts[] = {
        [MOCK_OUTCOME_ANSWERED] = {A_ANSWERS, .b_rings_ms = B_RINGS_MS, .b_answers = true,
                                   .talk_ms = TALK_MS, .release_cause = 16, .push_count = 1},
        [MOCK_OUTCOME_A_NO_ANSWER] = {.a_rings_ms = NO_ANSWER_MS,
                                      .release_cause = 18,
                                      .push_count = 1},
        [MOCK_OUTCOME_B_BUSY] = {A_ANSWERS, .b_rings_ms = BUSY_MS, .release_cause = 17,
                                 .push_count = 1},
        [MOCK_OUTCOME_B_NO_ANSWER] = {A_ANSWERS, .b_rings_ms = NO_ANSWER_MS, .release_cause = 19,
                                      .push_count = 1},
        [MOCK_OUTCOME_B_REJECTED] = {A_ANSWERS, .b_rings_ms = REJECTED_MS, .release_cause = 21,
                                     .push_count = 1},
    };
    struct mock_call_script script = scripts[outcome];
    script.connection_count = 1;
    return script;
}

struct mock_script mock_script_ordinary(void)
{
    return (struct mock_script){.call = mock_call_script_of(MOCK_OUTCOME_ANSWERED)};
}

const char *mock_fault_text(enum mock_fault fault)
{
    static const char *const texts[] = {
#define X(name, text) [MOCK_FAULT_##name] = text,
        MOCK_FAULT_MAP(X)
#undef X
    };
    return texts[fault];
}
