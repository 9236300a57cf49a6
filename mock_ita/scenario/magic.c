#include "mock_ita/scenario/magic.h"

#include "base/mem.h"

enum { REFUSAL_DIGITS = 5 }; /* '9' and the last four digits of the code */

static const struct {
    const char *suffix; /* of telB; no suffix ends another one */
    enum mock_outcome outcome;
    int push_count;
    struct mock_answer answer;
} stories[] = {
    {"0017", MOCK_OUTCOME_B_BUSY, 1, {0}},
    {"0018", MOCK_OUTCOME_A_NO_ANSWER, 1, {0}},
    {"0019", MOCK_OUTCOME_B_NO_ANSWER, 1, {0}},
    {"0021", MOCK_OUTCOME_B_REJECTED, 1, {0}},
    {"80001", MOCK_OUTCOME_ANSWERED, 0, {0}},
    {"80002", MOCK_OUTCOME_ANSWERED, 2, {0}},
    {"80003", MOCK_OUTCOME_ANSWERED, 1, {.is_after_cdr = true}},
    {"80004", MOCK_OUTCOME_ANSWERED, 1, {.fault = MOCK_FAULT_STALLED}},
    {"80005", MOCK_OUTCOME_ANSWERED, 1, {.status = 500}},
    {"80006", MOCK_OUTCOME_ANSWERED, 1, {.fault = MOCK_FAULT_CLOSED}},
};

bool mock_magic_find(struct str tel_b, struct mock_script *out)
{
    *out = mock_script_ordinary();
    if (tel_b.len >= REFUSAL_DIGITS && tel_b.ptr[tel_b.len - REFUSAL_DIGITS] == '9') {
        enum mock_code code = mock_code_of_last_four(str_slice(tel_b, tel_b.len - 4, 4));
        if (code != MOCK_OK) {
            out->answer.refusal = code;
            return true;
        }
    }
    for (size_t i = 0; i < COUNT_OF(stories); i++) {
        if (!str_ends(tel_b, str_of(stories[i].suffix)))
            continue;
        out->answer = stories[i].answer;
        out->call = mock_call_script_of(stories[i].outcome);
        out->call.push_count = stories[i].push_count;
        return true;
    }
    return false;
}

struct mock_script mock_magic_script(struct str tel_b)
{
    struct mock_script script;
    (void)mock_magic_find(tel_b, &script);
    return script;
}
