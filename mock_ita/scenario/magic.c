#include "mock_ita/scenario/magic.h"

#include "base/mem.h"

enum {
    A_RINGS_MS = 2000,
    B_RINGS_MS = 5000,
    TALK_MS = 30000,
    NO_ANSWER_MS = 30000, /* a network gives up about then */
    BUSY_MS = 1000,
    REJECTED_MS = 3000,
    REFUSAL_DIGITS = 5, /* '9' and the last four digits of the code */
};

#define A_RINGS .a_rings_ms = A_RINGS_MS, .a_answers = true
#define B_FAILS(cause, rings)                                                                      \
    .call = {A_RINGS, .b_rings_ms = (rings), .release_cause = (cause), .push_count = 1}
#define GOES_WELL(pushes)                                                                          \
    .call = {A_RINGS,                                                                              \
             .b_rings_ms = B_RINGS_MS,                                                             \
             .b_answers = true,                                                                    \
             .talk_ms = TALK_MS,                                                                   \
             .release_cause = 16,                                                                  \
             .push_count = (pushes)}

static const struct {
    const char *suffix; /* of telB; no suffix ends another one */
    struct mock_script script;
} stories[] = {
    {"0017", {B_FAILS(17, BUSY_MS)}},
    {"0018", {.call = {.a_rings_ms = NO_ANSWER_MS, .release_cause = 18, .push_count = 1}}},
    {"0019", {B_FAILS(19, NO_ANSWER_MS)}},
    {"0021", {B_FAILS(21, REJECTED_MS)}},
    {"80001", {GOES_WELL(0)}},
    {"80002", {GOES_WELL(2)}},
    {"80003", {GOES_WELL(1), .answer.is_after_cdr = true}},
    {"80004", {GOES_WELL(1), .answer.fault = MOCK_FAULT_STALLED}},
    {"80005", {GOES_WELL(1), .answer.status = 500}},
    {"80006", {GOES_WELL(1), .answer.fault = MOCK_FAULT_CLOSED}},
};

struct mock_script mock_magic_script(struct str tel_b)
{
    if (tel_b.len >= REFUSAL_DIGITS && tel_b.ptr[tel_b.len - REFUSAL_DIGITS] == '9') {
        enum mock_code code = mock_code_of_last_four(str_slice(tel_b, tel_b.len - 4, 4));
        if (code != MOCK_OK)
            return (struct mock_script){.answer.refusal = code};
    }
    for (size_t i = 0; i < COUNT_OF(stories); i++)
        if (str_ends(tel_b, str_of(stories[i].suffix)))
            return stories[i].script;
    return (struct mock_script){GOES_WELL(1)};
}
